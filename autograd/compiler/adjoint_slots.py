"""Slots of adjoints: adjoints that are never needed at the same time share memory.

The adjoint of a node is needed from its first contribution until the node has passed it on. The layout gives each wide adjoint
a separate slot, with one number per lane. Most of these slots would be used for a few instructions only, and a long program
would read and write all of them from the level 2 or 3 cache. This pass renumbers the slots in the order of the instructions: an
adjoint gets a slot that is free, if there is one. No number changes, because the first contribution overwrites the slot.

A sum of two numbers sends its adjoint to both operands unchanged. If an instruction is the last use of the adjoint and the
first contribution to the operand, the operand takes over the slot, and the instruction is removed.

Compiled by Cython; ``value.py`` explains how.
"""

# Type checkers read the uncompiled branches.
# mypy: always-false=compiled
from __future__ import annotations

try:
    import cython
except ImportError:
    from autograd.base import _cython as cython

from autograd import ops

if cython.compiled:
    from cython.cimports.autograd.base.int_arrays import Ints
    from cython.cimports.autograd.compiler.layout import Layout
    from cython.cimports.autograd.replay._instructions import (  # isort: skip
        BINARY_BACK_X, BINARY_BACK_Y, CLEAR, DOT_BACK, LAYER_BACK, NEURON_BACK, TAKE_BACK,
    )  # fmt: skip
else:
    from autograd.base.int_arrays import Ints
    from autograd.compiler.layout import Layout
    from autograd.replay.instructions import (  # isort: skip
        BINARY_BACK_X, BINARY_BACK_Y, CLEAR, DOT_BACK, LAYER_BACK, NEURON_BACK, TAKE_BACK,
    )  # fmt: skip

ADD = cython.declare(cython.int, ops.add.code)
SUB = cython.declare(cython.int, ops.sub.code)
REMOVED = cython.declare(cython.int, -1)  # the kind of an instruction that is removed at the end


def share_slots(code: Ints, targets: Ints, layout: Layout, root: int) -> None:
    """Renumber the wide adjoints in the instructions, the targets and the layout.

    Args:
        code: The instructions of the backward pass per block, in their final order.
        targets: The targets that they refer to.
        layout: The layout, which is changed.
        root: The node of the result, whose adjoint is set before the first instruction.
    """
    sharing: _Sharing = _Sharing(code, targets, layout)
    sharing.run(root)


@cython.final
@cython.cclass
class _Sharing:
    """The state of ``share_slots``.

    Attributes:
        last: For each old slot, the position of the last instruction that uses it.
        new: For each old slot, its new slot, or -1.
        free: The new slots that are free, in a queue, so that the adjoints of a layer keep about the order of its neurons.
        n_taken: The number of slots taken from the queue.
        ended: The new slots that become free after the current instruction.
        n_slots: The number of new slots.
    """

    code: Ints
    targets: Ints
    layout: Layout
    last: Ints
    new: Ints
    free: Ints
    n_taken: cython.Py_ssize_t
    ended: Ints
    n_slots: cython.int

    def __init__(self, code: Ints, targets: Ints, layout: Layout) -> None:
        self.code, self.targets, self.layout = code, targets, layout
        count: cython.int = layout.slot(layout.n_adjoints) - layout.wide_adjoints
        self.last, self.new = Ints(count, -1), Ints(count, -1)
        self.free, self.ended = Ints(), Ints()
        self.n_taken = 0
        self.n_slots = 0

    @cython.cfunc
    def run(self, root: cython.int) -> None:
        """Find the last use of each slot, choose the new slots, and rename."""
        layout: Layout = self.layout
        inputs: Ints = layout.input_adjoints
        k: cython.int
        self._visit_all(False)
        for k in range(inputs.size):  # read after the last instruction
            self._meet(inputs.items[k], self.code.size, False)
        self._meet(layout.adjoint.items[root], -1, True)
        self._visit_all(True)
        for k in range(inputs.size):
            self._meet(inputs.items[k], self.code.size, True)
            inputs.items[k] = self._renamed(inputs.items[k])
        layout.adjoint.items[root] = self._renamed(layout.adjoint.items[root])
        layout.n_adjoints = layout.wide_adjoints + self.n_slots * layout.lanes
        self._rename_all()

    @cython.cfunc
    def _visit_all(self, is_choosing: cython.bint) -> None:
        """Visit all instructions. The neurons of a layer are one instruction, because they are computed together."""
        at: cython.int = 0
        k: cython.int
        while at < self.code.size:
            end: cython.int = at + 8
            if self.code.items[at] == LAYER_BACK:
                end += 8 * self.code.items[at + 2]
            for k in range(at, end, 8):
                self._visit(k, at, is_choosing)
            for k in range(self.ended.size):
                self.free.append(self.ended.items[k])
            self.ended.resize(0)
            at = end

    @cython.cfunc
    def _visit(self, at: cython.int, position: cython.int, is_choosing: cython.bint) -> None:
        """Meet the adjoints that an instruction uses: the adjoints that it adds to, then the adjoint that it reads."""
        code: Ints = self.code
        kind: cython.int = code.items[at]
        if kind == LAYER_BACK or (is_choosing and self._takes_over(at)):
            return
        count: cython.int = 0
        if kind in (DOT_BACK, NEURON_BACK):
            count = 2 * code.items[at + 4]
        elif kind == TAKE_BACK:
            count = code.items[at + 4]
        k: cython.int
        for k in range(code.items[at + 6], code.items[at + 6] + count):
            self._meet(self.targets.items[k] >> 1, position, is_choosing)
        if kind != TAKE_BACK:
            self._meet(code.items[at + 2] >> 1, position, is_choosing)
        if kind != CLEAR:
            self._meet(code.items[at + 3], position, is_choosing)

    @cython.cfunc
    @cython.exceptval(check=False)
    def _takes_over(self, at: cython.int) -> cython.bint:
        """Let the target of an instruction take over the slot of the sender, if possible. The instruction is then removed."""
        code: Ints = self.code
        kind: cython.int = code.items[at]
        row: cython.int = code.items[at + 1]
        target: cython.int = code.items[at + 2]
        sender: cython.int = code.items[at + 3]
        is_copy: cython.bint = row in (ADD, SUB) if kind == BINARY_BACK_X else row == ADD and kind == BINARY_BACK_Y
        if not is_copy or not target & 1 or target >> 1 < self.layout.wide_adjoints:
            return False
        slot: cython.int = self._slot(sender)
        if self.last.items[slot] != at:
            return False
        self.last.items[slot] = -2  # the slot is not free
        self.new.items[self._slot(target >> 1)] = self.new.items[slot]
        code.items[at] = REMOVED
        return True

    @cython.cfunc
    @cython.exceptval(check=False)
    def _slot(self, place: cython.int) -> cython.int:
        """Return the old slot of a wide adjoint."""
        return self.layout.slot(place) - self.layout.wide_adjoints

    @cython.cfunc
    def _meet(self, place: cython.int, position: cython.int, is_choosing: cython.bint) -> None:
        """Store that the instruction at this position uses an adjoint. When choosing, give the adjoint a slot."""
        if place < self.layout.wide_adjoints:
            return
        slot: cython.int = self._slot(place)
        if not is_choosing:
            self.last.items[slot] = position
            return
        if self.new.items[slot] < 0:
            if self.n_taken < self.free.size:
                self.new.items[slot] = self.free.items[self.n_taken]
                self.n_taken += 1
            else:
                self.new.items[slot] = self.n_slots
                self.n_slots += 1
        if self.last.items[slot] == position:
            self.last.items[slot] = -2  # an instruction may use an adjoint twice
            self.ended.append(self.new.items[slot])

    @cython.cfunc
    @cython.exceptval(check=False)
    def _renamed(self, place: cython.int) -> cython.int:
        """Return the new offset of an adjoint."""
        layout: Layout = self.layout
        if place < layout.wide_adjoints:
            return place
        return layout.wide_adjoints + self.new.items[self._slot(place)] * layout.lanes

    @cython.cfunc
    @cython.exceptval(check=False)
    def _renamed_target(self, target: cython.int) -> cython.int:
        """Return the target with the new offset."""
        return target if target < 0 else 2 * self._renamed(target >> 1) + (target & 1)

    @cython.cfunc
    def _rename_all(self) -> None:
        """Write the new offsets into the instructions and the targets, and remove the marked instructions."""
        code: Ints = self.code
        size: cython.int = 0
        at: cython.int
        k: cython.int
        for k in range(self.targets.size):
            self.targets.items[k] = self._renamed_target(self.targets.items[k])
        for at in range(0, code.size, 8):
            kind: cython.int = code.items[at]
            if kind == REMOVED:
                continue
            for k in range(8):
                code.items[size + k] = code.items[at + k]
            if kind not in (LAYER_BACK, TAKE_BACK):
                code.items[size + 2] = self._renamed_target(code.items[size + 2])
            if kind not in (LAYER_BACK, CLEAR):
                code.items[size + 3] = self._renamed(code.items[size + 3])
            size += 8
        code.resize(size)
