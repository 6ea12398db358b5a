"""Runs: dots of scalars whose operands are adjacent in memory.

A program without wide numbers executes each instruction once, and spends most of its time reading the offsets of the operands
of each ``dot``. If the operands are adjacent, only the offset of the first one is read, and several gradients are computed at
once. Therefore the operands of large dots are laid out side by side, and these dots become runs. Each number is still
computed by the same operations.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from autograd.compiler.graph import DOT as DOT_ROW
from autograd.replay.instructions import DOT, DOT_BACK, RUN, RUN_BACK

if TYPE_CHECKING:
    from array import array
    from collections.abc import Sequence

    from autograd.compiler.graph import GraphNode

    Instruction = list[int]

MIN_TERMS = 4  # a shorter dot would not become faster


def side_by_side(nodes: Sequence[GraphNode | None], wide: Sequence[bool]) -> list[int]:
    """Return the indices of all nodes in layout order: the operands of dots first, beginning with the largest dot."""
    dots = [node for i, node in enumerate(nodes) if node is not None and node.row == DOT_ROW and not wide[i]]
    dots = [node for node in dots if len(node.operands) >= 2 * MIN_TERMS]
    dots.sort(key=lambda node: -len(node.operands))
    found: dict[int, None] = {}
    for node in dots:
        count = len(node.operands) // 2
        found.update(dict.fromkeys(node.operands[count:-1]))
        found.update(dict.fromkeys(node.operands[:count]))
    found.update(dict.fromkeys(i for i, node in enumerate(nodes) if node is not None))
    return list(found)


def runs_forward(code: list[Instruction], terms: array[int]) -> list[Instruction]:
    """Return the instructions, with each DOT whose operands are adjacent replaced by a RUN."""
    return [_run(instruction, terms) if instruction[0] == DOT else instruction for instruction in code]


def _run(dot: Instruction, terms: array[int]) -> Instruction:
    _, row, out, bias, count, first = dot
    w, x = _start(terms, first, count, 1), _start(terms, first + count, count, 1)
    return dot if count < MIN_TERMS or w < 0 or x < 0 else [RUN, row, out, bias, count, w, x]


def runs_backward(code: list[Instruction], terms: array[int], targets: array[int]) -> list[Instruction]:
    """Return the instructions, with each DOT_BACK whose operands and targets are adjacent replaced by a RUN_BACK."""
    return [_run_back(instruction, terms, targets) if instruction[0] == DOT_BACK else instruction for instruction in code]


def _run_back(dot: Instruction, terms: array[int], targets: array[int]) -> Instruction:
    _, _, to_bias, sender, count, first, to = dot
    w, x = _start(terms, first, count, 1), _start(terms, first + count, count, 1)
    to_w, to_x = _targets(targets, to, count), _targets(targets, to + count, count)
    if count < MIN_TERMS or w < 0 or x < 0 or to_w is None or to_x is None:
        return dot
    return [RUN_BACK, to_bias, sender, count, w, x, to_w, to_x]


def _targets(targets: array[int], first: int, count: int) -> int | None:
    """Return the first target, -1 if all gradients are discarded, or None if the targets are not adjacent."""
    if all(target < 0 for target in targets[first : first + count]):
        return -1
    start = _start(targets, first, count, 2)
    return start if start >= 0 else None


def _start(offsets: array[int], first: int, count: int, step: int) -> int:
    """Return the first of ``count`` offsets if they are ``step`` apart, otherwise -1."""
    start = offsets[first] if count else -1
    return start if offsets[first : first + count].tolist() == list(range(start, start + step * count, step)) else -1
