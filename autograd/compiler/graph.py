"""The graph of a trace: numbered operations, without the Values themselves.

The graph is stored in columns: one array per property, with one item per node. The operands of all nodes are in one array.

    rows            the code of the operation's row in the table, or one of ``kinds.py``
    starts, counts  where the operands of a node begin in ``operands``, and their number
    operands        indices of nodes; operands come before their users. A dot has the left operands, the right operands and the
                    bias, a take has the items and the index
    numbers         for an input, a parameter or a constant: its index among the inputs, parameters or constants
    cuts            whether the node blocks gradients, for example a detached value
    edges           for each item of ``operands``, its position in ``operands`` before fusing; -1 for a constant added by fusing

An edge leads from a node to an operand. In the backward pass it carries a contribution to the operand's gradient. A fused node
has the edges of the nodes that became part of it.

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
from autograd.compiler import kinds

if cython.compiled:
    from cython.cimports.autograd.base._capi import bits_of
    from cython.cimports.autograd.base.int_arrays import Ints
    from cython.cimports.autograd.compiler.snapshot import Snapshot
else:
    from autograd.base._cython import bits_of
    from autograd.base.int_arrays import Ints
    from autograd.compiler.snapshot import Snapshot

TYPE_CHECKING = False
if TYPE_CHECKING:
    from autograd.value import Value

INPUT = cython.declare(cython.int, kinds.INPUT)
PARAMETER = cython.declare(cython.int, kinds.PARAMETER)
CONSTANT = cython.declare(cython.int, kinds.CONSTANT)
SUM = cython.declare(cython.int, ops.sum.code)
DOT = cython.declare(cython.int, ops.dot.code)
TAKE = cython.declare(cython.int, ops.take.code)
GATE = cython.declare(cython.int, ops.gate.code)


@cython.final
@cython.cclass
class Graph:
    """The nodes that the results of a trace depend on.

    Args:
        trace: The snapshot of the trace.

    Attributes:
        rows, starts, counts, operands, numbers, cuts, edges: See the top of this file.
        constants: The constants.
        parameters: The Values that the function read, in order of use.
        results: The index of each result.
        backward_order: The nodes that gradients reach, in the order in which ``backward`` visits them.
    """

    __slots__ = (  # their C types are in graph.pxd
        "_constant_nodes", "backward_order", "constants", "counts", "cuts", "edges", "numbers", "operands", "parameters",
        "results", "rows", "starts",
    )  # fmt: skip

    def __init__(self, trace: Snapshot) -> None:
        self.rows, self.starts, self.counts, self.numbers, self.cuts = Ints(), Ints(), Ints(), Ints(), Ints()
        self.operands, self.edges, self.results = Ints(), Ints(), Ints()
        self.constants: list[float] = []
        self.parameters: list[Value] = []
        self._constant_nodes: dict[int, int] = {}  # by the bits of the number
        self._add_nodes(trace)
        self.backward_order: Ints = self._find_backward_order()
        self._sort_parameters()

    @cython.cfunc
    def _add_nodes(self, trace: Snapshot) -> None:
        n: cython.int = trace.rows.size
        needed: Ints = _needed(trace)
        places: Ints = Ints(n + len(trace.constants), -1)  # the index in this graph of each node and constant of the trace
        i: cython.int
        k: cython.int
        row: cython.int
        start: cython.Py_ssize_t
        for i in range(n):
            if not needed.items[i]:
                continue
            row = trace.rows.items[i]
            start = self.operands.size
            if row == CONSTANT:
                places.items[i] = self.constant(trace.constants[trace.numbers.items[i]])
            elif row == INPUT:
                places.items[i] = self.add(row, trace.numbers.items[i], 0, start)
            elif row == PARAMETER:
                places.items[i] = self.add(row, len(self.parameters), 0, start)
                self.parameters.append(trace.parameters[trace.numbers.items[i]])
            else:
                if row == SUM:
                    row = DOT
                    self._add_sum(trace, i, places)
                else:
                    self._add_operands(trace, i, places)
                places.items[i] = self.add(row, 0, trace.cuts.items[i], start)
        self.edges.resize(self.operands.size)
        for k in range(self.operands.size):
            self.edges.items[k] = k
        for k in range(trace.results.size):
            self.results.append(self._operand(trace, trace.results.items[k], places))

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _operand(self, trace: Snapshot, operand: cython.int, places: Ints) -> cython.int:
        """Return the index of the node for an operand of the trace."""
        if operand >= 0:
            return places.items[operand]
        place: cython.int = trace.rows.size - 1 - operand
        if places.items[place] < 0:  # the first use of a constant
            places.items[place] = self.constant(trace.constants[-1 - operand])
        return places.items[place]

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _add_operands(self, trace: Snapshot, i: cython.int, places: Ints) -> cython.int:
        """Add the operands of a node of the trace."""
        k: cython.int
        first: cython.int = trace.starts.items[i]
        last: cython.int = trace.starts.items[i + 1]
        shift: cython.int = self.operands.size - first
        self.operands.resize(last + shift)
        for k in range(first, last):
            self.operands.items[k + shift] = self._operand(trace, trace.operands.items[k], places)
        return 0

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _add_sum(self, trace: Snapshot, i: cython.int, places: Ints) -> cython.int:
        """Add the operands of a sum. It is bit for bit equal to a dot whose left operands are 1, and whose bias is 0."""
        k: cython.int
        first: cython.int = trace.starts.items[i]
        last: cython.int = trace.starts.items[i + 1]
        for k in range(first, last):
            self._operand(trace, trace.operands.items[k], places)
        one: cython.int = self.constant(1.0)
        zero: cython.int = self.constant(0.0)
        for _ in range(first, last):
            self.operands.append(one)
        for k in range(first, last):
            self.operands.append(self._operand(trace, trace.operands.items[k], places))
        self.operands.append(zero)
        return 0

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def add(self, row: cython.int, number: cython.int, cut: cython.int, start: cython.Py_ssize_t) -> cython.int:
        """Add a node, whose operands were appended from ``start`` on. Return its index."""
        self.rows.append(row)
        self.numbers.append(number)
        self.cuts.append(cut)
        self.starts.append(start)
        self.counts.append(self.operands.size - start)
        return self.rows.size - 1

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def constant(self, x: cython.double) -> cython.int:
        """Return the index of the node for a plain number. Numbers that are equal bit for bit share a node."""
        index = self._constant_nodes.get(bits_of(x))
        if index is None:
            self.constants.append(x)
            index = self._constant_nodes[bits_of(x)] = self.add(CONSTANT, len(self.constants) - 1, 0, self.operands.size)
        return index

    @cython.cfunc
    @cython.exceptval(-2, check=False)
    def find_constant(self, x: cython.double) -> cython.int:
        """Return the index of the node for a plain number, or -1 if there is none."""
        return self._constant_nodes.get(bits_of(x), -1)

    @cython.cfunc
    @cython.exceptval(check=False)
    def n_gradients(self, i: cython.int) -> cython.int:
        """Return the number of operands that may receive a gradient.

        They come first. The condition of a gate and the index of a take are not among them.
        """
        if self.cuts.items[i]:
            return 0
        row: cython.int = self.rows.items[i]
        return 1 if row == GATE else self.counts.items[i] - 1 if row == TAKE else self.counts.items[i]

    @cython.cfunc
    def _sort_parameters(self) -> None:
        """Number the parameters in order of use. This makes the weights of a neuron adjacent."""
        parameters: list = []
        met: Ints = Ints(self.rows.size)
        used: Ints = self.operands.copy()
        used.extend(self.results, 0, self.results.size)
        i: cython.int
        k: cython.Py_ssize_t
        for k in range(used.size):
            i = used.items[k]
            if self.rows.items[i] == PARAMETER and not met.items[i]:
                met.items[i] = 1
                parameters.append(self.parameters[self.numbers.items[i]])
                self.numbers.items[i] = len(parameters) - 1
        self.parameters = parameters

    @cython.cfunc
    def _find_backward_order(self) -> Ints:
        """Return the nodes that gradients reach, in the order in which ``backward`` visits them: depth first, from the result.

        This is not the reverse of the order of the nodes, because ``backward`` skips nodes that no gradient reaches.
        """
        order: Ints = Ints()
        met: Ints = Ints(self.rows.size)  # 1 while a node waits for its operands, 2 when it is in ``order``
        waiting: Ints = Ints()
        i: cython.int
        k: cython.int
        x: cython.int
        if self.results.size:
            waiting.append(self.results.items[0])
        while waiting.size:
            i = waiting.items[waiting.size - 1]
            if met.items[i] == 0:
                met.items[i] = 1
                for k in range(self.n_gradients(i) - 1, -1, -1):
                    x = self.operands.items[self.starts.items[i] + k]
                    if met.items[x] == 0:
                        waiting.append(x)
            else:
                waiting.resize(waiting.size - 1)
                if met.items[i] == 1:
                    met.items[i] = 2
                    order.append(i)
        reverse: Ints = Ints(order.size)
        for k in range(order.size):
            reverse.items[k] = order.items[order.size - 1 - k]
        return reverse

    def operands_of(self, i: int) -> list[int]:
        """Return the operands of a node."""
        start: cython.int = self.starts.items[i]
        return [self.operands.items[k] for k in range(start, start + self.counts.items[i])]


@cython.cfunc
def _needed(trace: Snapshot) -> Ints:
    """Return for each node whether a result depends on it. Operands of parameters computed before the call are not needed."""
    needed: Ints = Ints(trace.rows.size)
    i: cython.int
    k: cython.int
    for i in range(trace.results.size):
        if trace.results.items[i] >= 0:
            needed.items[trace.results.items[i]] = 1
    for i in range(trace.rows.size - 1, -1, -1):
        if needed.items[i]:
            for k in range(trace.starts.items[i], trace.starts.items[i + 1]):
                if trace.operands.items[k] >= 0:
                    needed.items[trace.operands.items[k]] = 1
    return needed
