"""Layers: neurons with the same inputs, placed one after another.

A LAYER instruction precedes the neurons of a layer. The compiled kernel then works on several neurons at a time, so that it
reads each input and each weight from memory only once for many products. Wide layers spend most of their time on these reads.
Each number is still computed by the same operations, and the contributions to each gradient are still added in the same
order: neurons are grouped only if no instruction between them uses their adjoints.

A neuron joins a layer if its weights are contiguous, and so are the targets of their gradients. This is the rule: parameters
are laid out in the order in which the function first uses them.

Compiled by Cython; ``value.py`` explains how.
"""

# Type checkers read the uncompiled branches.
# mypy: always-false=compiled
from __future__ import annotations

try:
    import cython
except ImportError:
    from autograd.base import _cython as cython


if cython.compiled:
    from cython.cimports.autograd.base.int_arrays import Ints
    from cython.cimports.autograd.compiler.layout import Layout
    from cython.cimports.autograd.replay._instructions import (  # isort: skip
        BINARY_BACK_X, BINARY_BACK_Y, LAYER, LAYER_BACK, NEURON, NEURON_BACK, UNARY_BACK,
    )  # fmt: skip
else:
    from autograd.base.int_arrays import Ints
    from autograd.compiler.layout import Layout
    from autograd.replay.instructions import BINARY_BACK_X, BINARY_BACK_Y, LAYER, LAYER_BACK, NEURON, NEURON_BACK, UNARY_BACK


def group_forward(code: Ints, terms: Ints) -> Ints:
    """Return the instructions, with all neurons of the same inputs in place of the first, after a LAYER."""
    layers: dict[object, Ints] = {}  # the positions of the neurons, by inputs
    member_of: list = [None] * (code.size // 8)
    at: cython.int
    for at in range(0, code.size, 8):
        if code.items[at] == NEURON:
            count: cython.int = code.items[at + 4]
            code.items[at + 7] = terms.first_of_run(code.items[at + 5], count, 1)
            if code.items[at + 7] >= 0:
                key: object = terms.key(code.items[at + 5] + count, count)
                if key not in layers:
                    layers[key] = Ints()
                member_of[at // 8] = layers[key]
                cython.cast(Ints, layers[key]).append(at)
    result: Ints = Ints()
    for at in range(0, code.size, 8):
        if member_of[at // 8] is None:
            result.extend(code, at, 8)
            continue
        layer: Ints = member_of[at // 8]
        if layer.items[0] == at:
            _emit_layer(result, LAYER, code, layer)
    return result


@cython.cfunc
@cython.exceptval(-1, check=False)
def _emit_layer(result: Ints, kind: cython.int, code: Ints, neurons: Ints) -> cython.int:
    """Append the neurons at these positions. Precede two or more of them by a LAYER or LAYER_BACK."""
    k: cython.Py_ssize_t
    if neurons.size > 1:
        result.append_8(kind, 0, neurons.size, 0, 0, 0, 0, 0)
    for k in range(neurons.size):
        result.extend(code, neurons.items[k], 8)
    return 0


def group_backward(code: Ints, terms: Ints, targets: Ints, layout: Layout) -> Ints:
    """Return the instructions, with all neurons that can be grouped in place of the last, after a LAYER_BACK."""
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
            is_member: cython.bint = self._can_be_grouped(at)
            if self.waiting.size and not (self._fits(at) if is_member else self._may_pass(at)):
                self._flush()
            if is_member:
                self._use_adjoints(at)
                self.waiting.append(at)
            else:
                self.result.extend(self.code, at, 8)
        self._flush()

    @cython.cfunc
    def _flush(self) -> None:
        """Append the waiting neurons."""
        _emit_layer(self.result, LAYER_BACK, self.code, self.waiting)
        self.waiting.resize(0)
        self.group += 1

    @cython.cfunc
    @cython.exceptval(check=False)
    def _can_be_grouped(self, at: cython.int) -> cython.bint:
        """Return whether this is a neuron with contiguous weights and targets, whose inputs are all different.

        For equal inputs, a group would add the contributions in another order.
        """
        code: Ints = self.code
        if code.items[at] != NEURON_BACK:
            return False
        count: cython.int = code.items[at + 4]
        code.items[at + 7] = self.terms.first_of_run(code.items[at + 5], count, 1)
        if code.items[at + 7] < 0 or self.targets.first_of_run(code.items[at + 6], count, 2) == -2:
            return False
        k: cython.int
        for k in range(code.items[at + 5] + count, code.items[at + 5] + 2 * count):
            i: cython.int = (self.terms.items[k] - self.layout.wide_values) // self.layout.lanes  # the inputs are wide
            if self.met.items[i] == at + 1:
                return False
            self.met.items[i] = at + 1
        return True

    @cython.cfunc
    @cython.exceptval(check=False)
    def _fits(self, at: cython.int) -> cython.bint:
        """Return whether a neuron belongs to the layer of the waiting neurons.

        It has the same inputs, and adds to the same adjoints of the inputs, but to other adjoints of weights and bias.
        """
        code: Ints = self.code
        first: cython.int = self.waiting.items[0]
        count: cython.int = code.items[first + 4]
        if code.items[at + 4] != count or self._is_used(code.items[at + 3]):
            return False
        if not self.terms.equal(code.items[at + 5] + count, self.terms, code.items[first + 5] + count, count):
            return False
        to_weights: cython.int = self.targets.items[code.items[at + 6]]
        if (to_weights < 0) != (self.targets.items[code.items[first + 6]] < 0):
            return False
        if code.items[at + 2] >= 0 and self._is_used(code.items[at + 2] >> 1):
            return False
        k: cython.int
        for k in range(count if to_weights >= 0 else 0):  # a weight may be a weight or the bias of a waiting neuron
            if self._is_used((to_weights >> 1) + k):
                return False
        for k in range(count, 2 * count):  # nodes with the same value may have separate adjoints
            if self.targets.items[code.items[at + 6] + k] >> 1 != self.targets.items[code.items[first + 6] + k] >> 1:
                return False
        return True

    @cython.cfunc
    @cython.exceptval(check=False)
    def _may_pass(self, at: cython.int) -> cython.bint:
        """Return whether waiting neurons may be delayed past this instruction: it uses none of their adjoints."""
        code: Ints = self.code
        is_elementwise: cython.bint = code.items[at] in (UNARY_BACK, BINARY_BACK_X, BINARY_BACK_Y)
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
