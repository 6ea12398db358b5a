"""Layers: neurons with the same inputs, grouped four at a time.

A group reads each input from memory once for four neurons. Wide layers spend most of their time on these reads. Each number is
still computed by the same operations, and the contributions to each gradient are still added in the same order: four neurons
are grouped only if no instruction between them uses their adjoints.

Compiled by Cython; ``value.py`` explains how.
"""

# Type checkers read the uncompiled branches.
# mypy: always-false=compiled
from __future__ import annotations

try:
    import cython
except ImportError:
    from autograd.base import _cython as cython

from autograd.replay import instructions, program

if cython.compiled:
    from cython.cimports.autograd.base.int_arrays import Ints
    from cython.cimports.autograd.compiler.layout import Layout
else:
    from autograd.base.int_arrays import Ints
    from autograd.compiler.layout import Layout

NEURON = cython.declare(cython.int, instructions.NEURON)
NEURON_BACK = cython.declare(cython.int, instructions.NEURON_BACK)
LAYER = cython.declare(cython.int, instructions.LAYER)
LAYER_BACK = cython.declare(cython.int, instructions.LAYER_BACK)
UNARY_BACK = cython.declare(cython.int, instructions.UNARY_BACK)
BINARY_BACK_X = cython.declare(cython.int, instructions.BINARY_BACK_X)
BINARY_BACK_Y = cython.declare(cython.int, instructions.BINARY_BACK_Y)
LAYER_SIZE = cython.declare(cython.int, program.LAYER_SIZE)


def group_forward(code: Ints, terms: Ints) -> Ints:
    """Return the instructions, with every four neurons of the same inputs replaced by a LAYER, in place of the first."""
    members: dict[object, Ints] = {}
    at: cython.int
    for at in range(0, code.size, 8):
        if code.items[at] == NEURON:
            count: cython.int = code.items[at + 4]
            key: object = terms.key(code.items[at + 5] + count, count)
            if key not in members:
                members[key] = Ints()
            cython.cast(Ints, members[key]).append(at)
    layers: Ints = Ints(code.size // 8, -1)  # where the terms of a layer begin; -2 for its other neurons
    i: cython.int
    k: cython.int
    places: Ints
    for places in members.values():
        for k in range(0, places.size - LAYER_SIZE + 1, LAYER_SIZE):
            layers.items[places.items[k] // 8] = _add_layer(code, places, k, terms)
            for i in range(k + 1, k + LAYER_SIZE):
                layers.items[places.items[i] // 8] = -2
    result: Ints = Ints()
    for at in range(0, code.size, 8):
        start: cython.int = layers.items[at // 8]
        if start == -1:
            result.extend(code, at, 8)
        elif start >= 0:
            _emit_layer(result, LAYER, code.items[at + 4], start, 0)
    return result


@cython.cfunc
@cython.exceptval(-1, check=False)
def _add_layer(code: Ints, places: Ints, k: cython.int, terms: Ints) -> cython.int:
    """Append the terms of the layer of four neurons, from ``places.items[k]`` on. Return where they begin."""
    start: cython.int = terms.size
    count: cython.int = code.items[places.items[k] + 4]
    column: cython.int
    i: cython.int
    for column in range(2, 4):  # the results, the biases
        for i in range(k, k + LAYER_SIZE):
            terms.append(code.items[places.items[i] + column])
    for i in range(k, k + LAYER_SIZE):
        terms.extend(terms, code.items[places.items[i] + 5], count)
    terms.extend(terms, code.items[places.items[k] + 5] + count, count)
    return start


@cython.cfunc
@cython.exceptval(-1, check=False)
def _emit_layer(code: Ints, kind: cython.int, count: cython.int, terms: cython.int, targets: cython.int) -> cython.int:
    at: cython.Py_ssize_t = code.size
    code.resize(at + 8)
    i: cython.int
    for i in range(8):
        code.items[at + i] = 0
    code.items[at], code.items[at + 4], code.items[at + 5], code.items[at + 6] = kind, count, terms, targets
    return 0


def group_backward(code: Ints, terms: Ints, targets: Ints, layout: Layout) -> Ints:
    """Return the instructions, with every four neurons that can be grouped replaced by a LAYER_BACK, in place of the last."""
    grouping: _Grouping = _Grouping(code, terms, targets, layout)
    grouping.run()
    return grouping.result


@cython.final
@cython.cclass
class _Grouping:
    """The state of ``group_backward``.

    Attributes:
        waiting: The positions of neurons with the same inputs, which may move to a later position.
        used: For each adjoint, the number of the group whose waiting neurons read it or add to it.
        group: The number of the group that is waiting.
        met: For each value, the position of the last neuron that has it among its inputs, plus 1.
    """

    code: Ints
    terms: Ints
    targets: Ints
    layout: Layout
    result: Ints
    waiting: Ints
    used: Ints
    group: cython.int
    met: Ints

    def __init__(self, code: Ints, terms: Ints, targets: Ints, layout: Layout) -> None:
        self.code, self.terms, self.targets, self.layout = code, terms, targets, layout
        self.result, self.waiting = Ints(), Ints()
        self.used = Ints(layout.slot(layout.n_adjoints) + 1)
        self.group = 1
        self.met = Ints((layout.n_values - layout.wide_values) // layout.lanes + 1)

    @cython.cfunc
    def run(self) -> None:
        """Group the neurons."""
        at: cython.int
        for at in range(0, self.code.size, 8):
            if self.waiting.size and not self._may_pass(at):
                self._flush()
            if self.code.items[at] != NEURON_BACK or (not self.waiting.size and self._repeats_an_input(at)):
                self.result.extend(self.code, at, 8)
                continue
            self._use_adjoints(at)
            self.waiting.append(at)
            if self.waiting.size == LAYER_SIZE:
                self._add_layer()
        self._flush()

    @cython.cfunc
    def _flush(self) -> None:
        """Append the waiting neurons as they are."""
        k: cython.int
        for k in range(self.waiting.size):
            self.result.extend(self.code, self.waiting.items[k], 8)
        self.waiting.resize(0)
        self.group += 1

    @cython.cfunc
    @cython.exceptval(check=False)
    def _repeats_an_input(self, at: cython.int) -> cython.bint:
        """Return whether two inputs are the same. A group would add the contributions to it in another order."""
        count: cython.int = self.code.items[at + 4]
        k: cython.int
        for k in range(self.code.items[at + 5] + count, self.code.items[at + 5] + 2 * count):
            i: cython.int = (self.terms.items[k] - self.layout.wide_values) // self.layout.lanes  # the inputs are wide
            if self.met.items[i] == at + 1:
                return True
            self.met.items[i] = at + 1
        return False

    @cython.cfunc
    @cython.exceptval(check=False)
    def _may_pass(self, at: cython.int) -> cython.bint:
        """Return whether waiting neurons may be delayed past this instruction.

        They may if it is a neuron with the same inputs, or if it uses none of their adjoints.
        """
        code: Ints = self.code
        kind: cython.int = code.items[at]
        if kind == NEURON_BACK:
            first: cython.int = self.waiting.items[0]
            count: cython.int = code.items[first + 4]
            inputs: cython.int = code.items[first + 5] + count
            return (
                code.items[at + 4] == count
                and self.terms.equal(code.items[at + 5] + count, self.terms, inputs, count)
                and not self._is_used(code.items[at + 3])
            )
        is_elementwise: cython.bint = kind in (UNARY_BACK, BINARY_BACK_X, BINARY_BACK_Y)
        return is_elementwise and not self._is_used(code.items[at + 2] >> 1) and not self._is_used(code.items[at + 3])

    @cython.cfunc
    @cython.exceptval(check=False)
    def _is_used(self, place: cython.int) -> cython.bint:
        """Return whether a waiting neuron uses the adjoint at this offset."""
        return self.used.items[self.layout.slot(place)] == self.group

    @cython.cfunc
    @cython.exceptval(check=False)
    def _use_adjoints(self, at: cython.int) -> cython.void:
        """Mark the adjoints that a neuron reads or adds to."""
        code: Ints = self.code
        k: cython.int
        self.used.items[self.layout.slot(code.items[at + 3])] = self.group
        if code.items[at + 2] >= 0:
            self.used.items[self.layout.slot(code.items[at + 2] >> 1)] = self.group
        for k in range(code.items[at + 6], code.items[at + 6] + 2 * code.items[at + 4]):
            if self.targets.items[k] >= 0:
                self.used.items[self.layout.slot(self.targets.items[k] >> 1)] = self.group

    @cython.cfunc
    def _add_layer(self) -> None:
        """Append the layer of the waiting neurons. The inputs have the targets of the first neuron."""
        code: Ints = self.code
        terms: Ints = self.terms
        targets: Ints = self.targets
        start: cython.int = terms.size
        first: cython.int = targets.size
        at: cython.int = self.waiting.items[0]
        count: cython.int = code.items[at + 4]
        k: cython.int
        for _ in range(2 * LAYER_SIZE):
            terms.append(0)
        for k in range(LAYER_SIZE):
            terms.extend(terms, code.items[self.waiting.items[k] + 5], count)
        terms.extend(terms, code.items[at + 5] + count, count)
        for k in range(LAYER_SIZE):
            targets.append(code.items[self.waiting.items[k] + 3])
        for k in range(LAYER_SIZE):
            targets.append(code.items[self.waiting.items[k] + 2])
        for k in range(LAYER_SIZE):
            targets.extend(targets, code.items[self.waiting.items[k] + 6], count)
        targets.extend(targets, code.items[at + 6] + count, count)
        _emit_layer(self.result, LAYER_BACK, count, start, first)
        self.waiting.resize(0)
        self.group += 1
