"""Layers: neurons with the same inputs, grouped four at a time.

A group reads each input from memory once for four neurons. Wide layers spend most of their time on these reads. Each number is
still computed by the same operations, and the contributions to each gradient are still added in the same order: four neurons
are grouped only if no instruction between them uses their adjoints.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from autograd.replay import instructions
from autograd.replay.instructions import LAYER, LAYER_BACK, NEURON, NEURON_BACK
from autograd.replay.program import LAYER_SIZE

if TYPE_CHECKING:
    from array import array

    Instruction = list[int]

_ELEMENTWISE_BACK = (instructions.UNARY_BACK, instructions.BINARY_BACK_X, instructions.BINARY_BACK_Y)


def group_forward(code: list[Instruction], terms: array[int]) -> list[Instruction]:
    """Return the instructions, with every four neurons of the same inputs replaced by a LAYER, in place of the first."""
    members: dict[tuple[int, ...], list[int]] = {}
    for i, instruction in enumerate(code):
        if instruction[0] == NEURON:
            _, _, _, _, count, first = instruction
            members.setdefault(tuple(terms[first + count : first + 2 * count]), []).append(i)
    grouped: dict[int, Instruction] = {}
    grouped_away: set[int] = set()
    for inputs, places in members.items():
        for k in range(0, len(places) - LAYER_SIZE + 1, LAYER_SIZE):
            four = [code[i] for i in places[k : k + LAYER_SIZE]]
            outs, biases = [m[2] for m in four], [m[3] for m in four]
            weights = [w for m in four for w in terms[m[5] : m[5] + m[4]]]
            grouped[places[k]] = [LAYER, 0, 0, 0, len(inputs), len(terms)]
            terms.extend([*outs, *biases, *weights, *inputs])
            grouped_away.update(places[k : k + LAYER_SIZE])
    return [grouped.get(i, instruction) for i, instruction in enumerate(code) if i in grouped or i not in grouped_away]


def group_backward(code: list[Instruction], terms: array[int], targets: array[int]) -> list[Instruction]:
    """Return the instructions, with every four neurons that can be grouped replaced by a LAYER_BACK, in place of the last."""
    result: list[Instruction] = []
    waiting: list[Instruction] = []  # neurons with the same inputs, which may move to a later position
    used: set[int] = set()  # the offsets of the adjoints that they read or add to
    for instruction in code:
        if waiting and not _may_pass(instruction, waiting[0], used, terms):
            result += waiting
            waiting = []
        if instruction[0] != NEURON_BACK:
            result.append(instruction)
            continue
        inputs = _inputs(instruction, terms)
        if len(set(inputs)) < len(inputs):  # a group would add the contributions to a repeated input in another order
            result.append(instruction)
            continue
        used = _used_adjoints(instruction, targets).union(used if waiting else ())
        waiting.append(instruction)
        if len(waiting) == LAYER_SIZE:
            result.append(_layer_back(waiting, terms, targets))
            waiting = []
    return result + waiting


def _inputs(neuron: Instruction, terms: array[int]) -> array[int]:
    count, first = neuron[4], neuron[5]
    return terms[first + count : first + 2 * count]


def _may_pass(instruction: Instruction, waiting: Instruction, used: set[int], terms: array[int]) -> bool:
    """Return whether waiting neurons may be delayed past this instruction.

    They may if it is a neuron with the same inputs, or if it uses none of their adjoints.

    Args:
        instruction: The instruction.
        waiting: One of the neurons.
        used: The offsets of the adjoints that the neurons read or add to.
        terms: See ``Program``.
    """
    if instruction[0] == NEURON_BACK:
        same = instruction[4] == waiting[4] and _inputs(instruction, terms) == _inputs(waiting, terms)
        return same and instruction[3] not in used
    return instruction[0] in _ELEMENTWISE_BACK and used.isdisjoint((instruction[2] >> 1, instruction[3]))


def _used_adjoints(neuron: Instruction, targets: array[int]) -> set[int]:
    """Return the offsets of the adjoints that a neuron reads or adds to."""
    _, _, to_bias, adjoint, count, _, first = neuron
    return {adjoint, *[target >> 1 for target in (to_bias, *targets[first : first + 2 * count]) if target >= 0]}


def _layer_back(four: list[Instruction], terms: array[int], targets: array[int]) -> Instruction:
    count = four[0][4]
    start, first = len(terms), len(targets)
    weights = [w for m in four for w in terms[m[5] : m[5] + count]]
    terms.extend([0] * 2 * LAYER_SIZE + weights + _inputs(four[0], terms).tolist())
    to_weights = [target for m in four for target in targets[m[6] : m[6] + count]]
    to_inputs = targets[four[0][6] + count : four[0][6] + 2 * count].tolist()  # with the flags of the first neuron
    targets.extend([m[3] for m in four] + [m[2] for m in four] + to_weights + to_inputs)
    return [LAYER_BACK, 0, 0, 0, count, start, first]
