"""Lowering: turn a graph into a ``Program``. This is the last pass of ``compile``. It has five steps.

Steps
    analyze     find the nodes that are wide, active, ...           analysis.py
    lay out     choose the offset of each number                    layout.py
    emit        write one instruction per node, forward and back    this file
    group       merge instructions that run faster together         layer_groups.py, dot_runs.py
    share       let adjoints use the same memory one by one         adjoint_slots.py

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
from autograd.compiler.adjoint_slots import share_slots
from autograd.compiler.dot_runs import runs_backward, runs_forward
from autograd.compiler.layer_groups import group_backward, group_forward
from autograd.errors import GraphTooLargeError
from autograd.replay.program import Program

if cython.compiled:
    from cython.cimports.autograd.base.int_arrays import Ints
    from cython.cimports.autograd.compiler.analysis import Analysis
    from cython.cimports.autograd.compiler.graph import Graph
    from cython.cimports.autograd.compiler.layout import Layout
    from cython.cimports.autograd.replay._instructions import (  # isort: skip
        BINARY, BINARY_BACK_X, BINARY_BACK_Y, BROADCAST, CLEAR, DOT, DOT_BACK, NEURON,
        NEURON_BACK, REDUCE, TAKE, TAKE_BACK, UNARY, UNARY_BACK,
    )  # fmt: skip
else:
    from autograd.base.int_arrays import Ints
    from autograd.compiler.analysis import Analysis
    from autograd.compiler.graph import Graph
    from autograd.compiler.layout import Layout
    from autograd.replay.instructions import (  # isort: skip
        BINARY, BINARY_BACK_X, BINARY_BACK_Y, BROADCAST, CLEAR, DOT, DOT_BACK, NEURON,
        NEURON_BACK, REDUCE, TAKE, TAKE_BACK, UNARY, UNARY_BACK,
    )  # fmt: skip

from autograd.base.int_arrays import ints

ADD_ROW = cython.declare(cython.int, ops.add.code)
SUB_ROW = cython.declare(cython.int, ops.sub.code)
MUL_ROW = cython.declare(cython.int, ops.mul.code)
NEG_ROW = cython.declare(cython.int, ops.neg.code)
DOT_ROW = cython.declare(cython.int, ops.dot.code)
TAKE_ROW = cython.declare(cython.int, ops.take.code)

MAX_SIZE = 2**26  # of a graph. An operation and its operands take at most 32 integers each, and at most 32 offsets


def lower(graph: Graph, is_wide: list, gradients: list | None, of_parameters: bool, names: list) -> Program:
    """Return the program for a graph.

    Args:
        graph: The graph, fused or not.
        is_wide: For each input, whether it differs from row to row.
        gradients: The inputs whose gradients are requested; None for a program without a backward pass.
        of_parameters: Whether the gradients of the parameters are requested.
        names: The names of the parameters.

    Raises:
        GraphTooLargeError: If the offsets might not fit into 32 bits.
    """
    size: cython.Py_ssize_t = graph.rows.size + graph.operands.size
    if size > MAX_SIZE:
        raise GraphTooLargeError(
            f"the recorded function has {size:,} operations and operands, and compile takes at most {MAX_SIZE:,}; "
            "compile parts of it"
        )
    analysis: Analysis = Analysis(graph, ints(is_wide), None if gradients is None else ints(gradients), of_parameters)
    layout: Layout = Layout(analysis)
    emitter: _Emitter = _Emitter(analysis, layout)
    sections: list[Ints] = emitter.sections()
    code: Ints = Ints()
    starts: list[int] = [0]
    while sections:
        section: Ints = sections.pop(0)
        code.extend(section, 0, section.size)
        starts.append(code.size // 8)
    root: cython.int = graph.results.items[0] if analysis.backward else -1
    return Program(
        code=code.to_array(),
        sections=starts,
        terms=emitter.terms.to_array(),
        targets=emitter.targets.to_array(),
        constants=layout.constants,
        n_parameters=len(graph.parameters),
        n_scalar_inputs=len(layout.scalar_inputs),
        n_wide_inputs=len(layout.wide_inputs),
        outputs=[emitter.value(i) for i in graph.results.tolist()],
        root=emitter.value(root) if root >= 0 else -1,
        root_adjoint=layout.adjoint.items[root] if root >= 0 else -1,
        n_scalar_gradients=layout.n_scalar_gradients,
        input_adjoints=layout.input_adjoints.tolist(),
        lanes=layout.lanes,
        work=emitter.work(),
        n_values=layout.n_values,
        n_adjoints=layout.n_adjoints,
        wide_values=layout.wide_values,
        wide_adjoints=layout.wide_adjoints,
        names=names,
        inputs=layout.scalar_inputs.tolist() + layout.wide_inputs.tolist(),
    )


@cython.final
@cython.cclass
class _Emitter:
    """Writes the instructions of a program.

    Attributes:
        terms, targets: The offsets and targets that instructions with many operands refer to.
        term_starts: For each dot that was emitted, where its operands begin in ``terms``.
        is_met: For each adjoint, whether it has received a contribution.
        readers: For each node, the number of times that it is an operand or a result. Not counted if no node is wide.
    """

    analysis: Analysis
    layout: Layout
    graph: Graph
    wide: Ints
    active: Ints
    terms: Ints
    targets: Ints
    term_starts: Ints
    is_met: Ints
    readers: Ints

    def __init__(self, analysis: Analysis, layout: Layout) -> None:
        self.analysis, self.layout, self.graph = analysis, layout, analysis.graph
        self.wide, self.active = analysis.wide, analysis.active
        self.terms, self.targets = Ints(), Ints()
        self.term_starts = Ints(self.graph.rows.size)
        self.is_met = Ints(layout.slot(layout.n_adjoints) + 1)
        self.readers = Ints(self.graph.rows.size)
        if layout.wides.size:  # `_may_keep` reads the counts of wide operands only
            self._count_readers()

    @cython.cfunc
    def sections(self) -> list:
        """Return five lists: forward once, copies to lanes, forward per block, backward per block, backward once."""
        layout: Layout = self.layout
        once: Ints = Ints()
        broadcast: Ints = Ints()
        each: Ints = Ints()
        back_each: Ints = Ints()
        back_once: Ints = Ints()
        i: cython.int
        j: cython.int
        for j in range(layout.scalars.size):
            self._forward(layout.scalars.items[j], once)
        once = runs_forward(once, self.terms)
        for j in range(layout.broadcast.size):
            i = layout.broadcast.items[j]
            _emit(broadcast, BROADCAST, 0, layout.broadcast_value.items[i], self.value(i), 0, 0, 0)
        for j in range(layout.wides.size):
            self._forward(layout.wides.items[j], each)
        each = group_forward(each, self.terms)
        if self.analysis.backward:
            self._backward(back_each, back_once)
        back_each = group_backward(back_each, self.terms, self.targets, layout)
        back_once = runs_backward(back_once, self.terms, self.targets)
        if self.analysis.backward:
            share_slots(back_each, self.targets, layout, self.graph.results.items[0])
        return [once, broadcast, each, back_each, back_once]

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _count_readers(self) -> cython.int:
        """Count the operations that read each value, and the results."""
        graph: Graph = self.graph
        i: cython.int
        k: cython.int
        for i in range(graph.rows.size):
            if graph.rows.items[i] >= 0:
                for k in range(graph.starts.items[i], graph.starts.items[i] + graph.counts.items[i]):
                    self.readers.items[self.analysis.same.items[graph.operands.items[k]]] += 1
        for k in range(graph.results.size):
            self.readers.items[self.analysis.same.items[graph.results.items[k]]] += 1
        return 0

    @cython.cfunc
    def work(self) -> object:
        """Return the number of loop steps per row."""
        total: cython.Py_ssize_t = 0
        j: cython.int
        for j in range(self.layout.wides.size):
            i: cython.int = self.layout.wides.items[j]
            steps: cython.int = self.graph.counts.items[i] // 2 if self.graph.rows.items[i] == DOT_ROW else 1
            total += 3 * steps if self.active.items[i] else steps
        return total

    # ---- offsets ----

    @cython.cfunc
    @cython.exceptval(check=False)
    def value(self, i: cython.int) -> cython.int:
        """Return the offset of the value of node i."""
        return self.layout.value.items[self.analysis.same.items[i]]

    @cython.cfunc
    @cython.exceptval(check=False)
    def _operand(self, i: cython.int, x: cython.int) -> cython.int:
        """Return the offset of node x as an operand of the elementwise operation i. In lanes, a scalar has copies."""
        if not self.wide.items[i] or self.wide.items[x]:
            return self.value(x)
        place: cython.int = self.layout.broadcast_value.items[x]
        return place if place >= 0 else self.layout.broadcast_value.items[self.analysis.same.items[x]]

    @cython.cfunc
    @cython.exceptval(check=False)
    def _target(self, i: cython.int, broadcast: cython.bint) -> cython.int:
        """Return the target of a contribution to the gradient of node i, or -1 to discard it.

        The target is twice the offset of the adjoint, plus 1 to overwrite the adjoint.
        """
        if not self.active.items[i]:
            return -1
        place: cython.int = self.layout.broadcast_adjoint.items[i] if broadcast else self.layout.adjoint.items[i]
        return 2 * place if place < self.layout.wide_adjoints else 2 * place + self._is_first(place)

    @cython.cfunc
    @cython.exceptval(check=False)
    def _is_first(self, place: cython.int) -> cython.bint:
        """Return whether the adjoint at this offset has received no contribution yet, and store that it has received one."""
        slot: cython.int = self.layout.slot(place)
        first: cython.bint = not self.is_met.items[slot]
        self.is_met.items[slot] = 1
        return first

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _add_values(self, first: cython.int, last: cython.int) -> cython.int:
        """Append the offsets of the operands from ``first`` to ``last - 1`` to the terms."""
        k: cython.int
        shift: cython.int = self.terms.size - first
        self.terms.resize(last + shift)
        for k in range(first, last):
            self.terms.items[k + shift] = self.value(self.graph.operands.items[k])
        return 0

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _add_targets(self, first: cython.int, last: cython.int) -> cython.int:
        """Append the targets of the operands from ``first`` to ``last - 1`` to the targets."""
        k: cython.int
        shift: cython.int = self.targets.size - first
        self.targets.resize(last + shift)
        for k in range(first, last):
            self.targets.items[k + shift] = self._target(self.graph.operands.items[k], False)
        return 0

    @cython.cfunc
    @cython.exceptval(check=False)
    def _may_keep(self, i: cython.int, x: cython.int) -> cython.bint:
        """Return whether a unary operation i may replace the value of its operand x with the partial.

        The gradient must need the partial, and nothing else may read the value, not even the rules of x.
        """
        analysis: Analysis = self.analysis
        if not (analysis.active.items[i] and analysis.active.items[x] and self.wide.items[x]):
            return False
        row: cython.int = self.graph.rows.items[x]
        return row in (ADD_ROW, SUB_ROW, MUL_ROW, NEG_ROW, DOT_ROW) and self.readers.items[analysis.same.items[x]] == 1

    # ---- forward ----

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _forward(self, i: cython.int, code: Ints) -> cython.int:
        """Append the instruction that computes node i."""
        graph: Graph = self.graph
        row: cython.int = graph.rows.items[i]
        start: cython.int = graph.starts.items[i]
        count: cython.int = graph.counts.items[i]
        out: cython.int = self.value(i)
        size: cython.int = self.terms.size
        last: cython.int = graph.operands.items[start + count - 1]
        if row == DOT_ROW:
            count = count // 2
            if self._is_neuron(i) == 2:
                self._add_values(start + count, start + 2 * count)
                self._add_values(start, start + count)
            else:
                self._add_values(start, start + 2 * count)
            self.term_starts.items[i] = _merge(self.terms, size)
            kind: cython.int = NEURON if self._is_neuron(i) else DOT
            _emit(code, kind, row, out, self.value(last), count, self.term_starts.items[i], 0)
        elif row == TAKE_ROW:
            self._add_values(start, start + count - 1)
            _emit(code, TAKE, row, out, self.value(last), count - 1, _merge(self.terms, size), 0)
        elif count == 1:
            _emit(code, UNARY, row, out, self._operand(i, last), self._may_keep(i, last), 0, 0)
        else:
            _emit(code, BINARY, row, out, self._operand(i, graph.operands.items[start]), self._operand(i, last), 0, 0)
        return 0

    @cython.cfunc
    @cython.exceptval(check=False)
    def _is_neuron(self, i: cython.int) -> cython.int:
        """Return whether a dot has a scalar bias, one side of scalars and one of wide numbers; 2 if these are on the left."""
        graph: Graph = self.graph
        start: cython.int = graph.starts.items[i]
        count: cython.int = graph.counts.items[i] // 2
        if not count or self.wide.items[graph.operands.items[start + 2 * count]]:
            return 0
        left: cython.bint = self.wide.items[graph.operands.items[start]]
        k: cython.int
        for k in range(start, start + count):
            is_wide: cython.bint = self.wide.items[graph.operands.items[k]]
            other: cython.bint = self.wide.items[graph.operands.items[k + count]]
            if is_wide != left or other == left:
                return 0
        return 2 if left else 1

    # ---- backward ----

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _backward(self, each: Ints, once: Ints) -> cython.int:
        """Append the instructions of the backward pass: for wide nodes to ``each``, for scalars to ``once``."""
        graph: Graph = self.graph
        layout: Layout = self.layout
        i: cython.int
        j: cython.int
        for j in range(graph.backward_order.size):
            i = graph.backward_order.items[j]
            if self.active.items[i] and self._sends(i):
                code: Ints = each if self.wide.items[i] else once
                if graph.rows.items[i] == DOT_ROW:
                    self._dot_back(i, code)
                elif graph.rows.items[i] == TAKE_ROW:
                    self._take_back(i, code)
                else:
                    self._operation_back(i, code)
        for j in range(layout.broadcast_back.size):
            i = layout.broadcast_back.items[j]
            place: cython.int = layout.broadcast_adjoint.items[i]
            if self.is_met.items[layout.slot(place)]:
                _emit(each, REDUCE, 0, 2 * layout.adjoint.items[i], place, 0, 0, 0)
        return 0

    @cython.cfunc
    @cython.exceptval(check=False)
    def _sends(self, i: cython.int) -> cython.bint:
        """Return whether an operand of node i has an adjoint."""
        k: cython.int
        start: cython.int = self.graph.starts.items[i]
        for k in range(start, start + self.graph.n_gradients(i)):  # noqa: SIM110 - any() would create a generator
            if self.active.items[self.graph.operands.items[k]]:
                return True
        return False

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _operation_back(self, i: cython.int, code: Ints) -> cython.int:
        graph: Graph = self.graph
        start: cython.int = graph.starts.items[i]
        count: cython.int = graph.counts.items[i]
        first: cython.int = self._operand(i, graph.operands.items[start])
        last: cython.int = graph.operands.items[start + count - 1]
        second: cython.int = self._operand(i, last) if count == 2 else self._may_keep(i, last)
        # A difference sends to its second operand first. Then the first one may take over the adjoint, see adjoint_slots.py.
        is_reversed: cython.bint = graph.rows.items[i] == SUB_ROW and graph.operands.items[start] != last
        gradients: cython.int = graph.n_gradients(i)
        j: cython.int
        for j in range(gradients):
            k: cython.int = gradients - 1 - j if is_reversed else j
            x: cython.int = graph.operands.items[start + k]
            if self.active.items[x]:
                kind: cython.int = UNARY_BACK if count == 1 else BINARY_BACK_Y if k else BINARY_BACK_X
                target: cython.int = self._target(x, self.wide.items[i] and not self.wide.items[x])
                _emit(code, kind, graph.rows.items[i], target, self.layout.adjoint.items[i], self.value(i), first, second)
                if graph.rows.items[i] == MUL_ROW:
                    code.items[code.size - 1] = self.wide.items[i] and not self.analysis.guarded.items[i]
        return 0

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _dot_back(self, i: cython.int, code: Ints) -> cython.int:
        start: cython.int = self.graph.starts.items[i]
        count: cython.int = self.graph.counts.items[i] // 2
        neuron: cython.int = self._is_neuron(i)
        size: cython.int = self.targets.size
        if neuron == 2:
            self._add_targets(start + count, start + 2 * count)
            self._add_targets(start, start + count)
        else:
            self._add_targets(start, start + 2 * count)
        bias: cython.int = self._target(self.graph.operands.items[start + 2 * count], False)
        unguarded: cython.bint = self.wide.items[i] and not self.analysis.guarded.items[i]
        kind: cython.int = NEURON_BACK if neuron and unguarded else DOT_BACK
        terms: cython.int = self.term_starts.items[self.analysis.same.items[i]]
        _emit(code, kind, DOT_ROW, bias, self.layout.adjoint.items[i], count, terms, _merge(self.targets, size))
        return 0

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _take_back(self, i: cython.int, code: Ints) -> cython.int:
        start: cython.int = self.graph.starts.items[i]
        count: cython.int = self.graph.counts.items[i] - 1
        size: cython.int = self.targets.size
        k: cython.int
        for k in range(start, start + count):
            x: cython.int = self.graph.operands.items[k]
            if self.active.items[x] and self.wide.items[x] and self._is_first(self.layout.adjoint.items[x]):
                _emit(code, CLEAR, 0, 2 * self.layout.adjoint.items[x], 0, 0, 0, 0)
        self._add_targets(start, start + count)
        index: cython.int = self.value(self.graph.operands.items[start + count])
        _emit(code, TAKE_BACK, TAKE_ROW, index, self.layout.adjoint.items[i], count, 0, _merge(self.targets, size))
        return 0


@cython.cfunc
@cython.exceptval(-1, check=False)
def _emit(
    code: Ints, kind: cython.int, row: cython.int, p: cython.int, q: cython.int, r: cython.int, s: cython.int, t: cython.int
) -> cython.int:
    """Append an instruction. ``replay/instructions.py`` describes its operands."""
    return code.append_8(kind, row, p, q, r, s, t, 0)


@cython.cfunc
@cython.exceptval(-1, check=False)
def _merge(pool: Ints, size: cython.int) -> cython.int:
    """Remove the items appended since the pool had this size if equal items precede them. Return the index of the first."""
    count: cython.int = pool.size - size
    if count <= size and pool.equal(size - count, pool, size, count):
        pool.resize(size)
        return size - count
    return size
