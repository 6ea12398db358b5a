"""Dots of numbers that lie side by side: what ``compile`` does to a program where all numbers are scalars.

Such a program is one pass over its instructions, and most of that is reading where the operands of each ``dot`` lie. If they
lie one after the other, where the first lies is enough, and the gradients of several are computed at once. So the operands of
large dots are laid out side by side, and those dots become runs. Each number is still computed by the same operations.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from autograd.compiler.graph import DOT as DOT_ROW
from autograd.replay.instructions import DOT, DOT_BACK, RUN, RUN_BACK

if TYPE_CHECKING:
    from array import array
    from collections.abc import Sequence

    from autograd.compiler.graph import Step

    Instruction = list[int]

FEWEST = 4  # terms for which it is worth while


def side_by_side(steps: Sequence[Step | None], wide: Sequence[bool]) -> list[int]:
    """The numbers of all steps in the order in which they should lie: first the operands of dots, of the largest first."""
    dots = [step for i, step in enumerate(steps) if step is not None and step.row == DOT_ROW and not wide[i]]
    dots = [step for step in dots if len(step.operands) >= 2 * FEWEST]
    dots.sort(key=lambda step: -len(step.operands))
    found: dict[int, None] = {}
    for step in dots:
        count = len(step.operands) // 2
        found.update(dict.fromkeys(step.operands[count:-1]))
        found.update(dict.fromkeys(step.operands[:count]))
    found.update(dict.fromkeys(i for i, step in enumerate(steps) if step is not None))
    return list(found)


def runs_forward(code: list[Instruction], terms: array[int]) -> list[Instruction]:
    """The same instructions, with a RUN for each dot of numbers that lie side by side."""
    return [_run(instruction, terms) if instruction[0] == DOT else instruction for instruction in code]


def _run(dot: Instruction, terms: array[int]) -> Instruction:
    _, row, out, bias, count, first = dot
    w, x = _start(terms, first, count, 1), _start(terms, first + count, count, 1)
    return dot if count < FEWEST or w < 0 or x < 0 else [RUN, row, out, bias, count, w, x]


def runs_backward(code: list[Instruction], terms: array[int], targets: array[int]) -> list[Instruction]:
    """The same instructions, with a RUN_BACK for each whose gradients also go to places side by side."""
    return [_run_back(instruction, terms, targets) if instruction[0] == DOT_BACK else instruction for instruction in code]


def _run_back(dot: Instruction, terms: array[int], targets: array[int]) -> Instruction:
    _, _, to_bias, sender, count, first, to = dot
    w, x = _start(terms, first, count, 1), _start(terms, first + count, count, 1)
    to_w, to_x = _targets(targets, to, count), _targets(targets, to + count, count)
    if count < FEWEST or w < 0 or x < 0 or to_w is None or to_x is None:
        return dot
    return [RUN_BACK, to_bias, sender, count, w, x, to_w, to_x]


def _targets(targets: array[int], first: int, count: int) -> int | None:
    """The target of the first, or -1 if there are none; None if they lie in any other way."""
    if all(target < 0 for target in targets[first : first + count]):
        return -1
    start = _start(targets, first, count, 2)
    return start if start >= 0 else None


def _start(places: array[int], first: int, count: int, step: int) -> int:
    """The first of these places, if each is a step after the one before; else -1."""
    start = places[first] if count else -1
    return start if places[first : first + count].tolist() == list(range(start, start + step * count, step)) else -1
