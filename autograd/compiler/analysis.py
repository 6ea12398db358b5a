"""Properties of graph nodes that lowering needs for one program.

    wide        the value differs from row to row; all other nodes are scalars
    wanted      a leaf whose gradient is requested
    active      a node on a path from the result to a wanted leaf; backward computes its adjoint
    exposed     a partial that may be infinite is on a path from the node to a wanted leaf
    guarded     an active node that the gradient may not reach in every row, because each path passes a gate, a take or
                another row that blocks. Another row only matters for the nodes between it and the last partial that may be
                infinite. Below that, multiplying by an adjoint of 0 gives 0

An operation that is applied twice to the same operands is computed once, and an operation that does not change its operand is
not computed (see ``identities.py``). The adjoints stay separate, because adding them first would change the last bits of the
gradients.

Compiled by Cython; ``value.py`` explains how.
"""

# Type checkers read the uncompiled branches.
# mypy: always-false=compiled
from __future__ import annotations

from math import isfinite

try:
    import cython
except ImportError:
    from autograd.base import _cython as cython

from autograd import ops
from autograd.compiler import kinds

if cython.compiled:
    from cython.cimports.autograd.base.int_arrays import Ints
    from cython.cimports.autograd.compiler.graph import Graph
    from cython.cimports.autograd.compiler.identities import Identities
else:
    from autograd.base.int_arrays import Ints
    from autograd.compiler.graph import Graph
    from autograd.compiler.identities import Identities

INPUT = cython.declare(cython.int, kinds.INPUT)
PARAMETER = cython.declare(cython.int, kinds.PARAMETER)
CONSTANT = cython.declare(cython.int, kinds.CONSTANT)
TAKE = cython.declare(cython.int, ops.take.code)
GATE = cython.declare(cython.int, ops.gate.code)

# For each row of the table, whether its partials are finite, and whether it may block gradients.
_TAME = cython.declare(Ints, Ints(len(ops.ROWS)))
_BLOCKS = cython.declare(Ints, Ints(len(ops.ROWS)))
for _row in ops.TAME:
    _TAME.items[_row.code] = 1
for _row in ops.ROWS:
    _BLOCKS.items[_row.code] = bool(_row.blocks)

# What guards a node.
BY_ROW = cython.declare(cython.int, 1)
BY_GATE = cython.declare(cython.int, 2)

HASH_FACTOR = cython.declare(cython.uint, 0x9E3779B1)
HASH_MASK = cython.declare(cython.uint, 0xFFFFFFFF)


@cython.final
@cython.cclass
class Analysis:
    """The properties of all nodes of a graph.

    Args:
        graph: The graph, fused or not.
        is_wide: For each input, whether it differs from row to row.
        gradients: The inputs whose gradients are requested; None for a program without a backward pass.
        of_parameters: Whether the gradients of the parameters are requested.

    Attributes:
        backward: Whether there is a backward pass.
        same: For each node, the first node with the same value.
        needed: For each node, whether its value is computed. Identities make some nodes superfluous.
        wide, active: For each node, whether it has this property. See the top of this file.
        guarded: For each node, BY_GATE, BY_ROW or, if it is not guarded, 0.
    """

    __slots__ = (  # their C types are in analysis.pxd
        "active", "backward", "gradients", "graph", "guarded", "is_wide_input", "needed", "of_parameters", "same", "wide",
    )  # fmt: skip

    def __init__(self, graph: Graph, is_wide: Ints, gradients: Ints | None, of_parameters: cython.bint) -> None:
        n: cython.Py_ssize_t = graph.rows.size
        self.graph = graph
        self.is_wide_input = is_wide
        self.backward = gradients is not None
        self.gradients = Ints() if gradients is None else gradients
        self.of_parameters = of_parameters
        self.wide, self.same = Ints(n), Ints(n)
        self._find_wide_and_same()
        self.needed = Ints(n, self.backward)  # a backward pass may use all values
        self._find_needed()
        self.active, self.guarded = Ints(n), Ints(n, BY_GATE)
        if self.backward:
            self._find_active(self._leads_to_wanted())

    @cython.cfunc
    def _find_wide_and_same(self) -> None:
        graph: Graph = self.graph
        identities: Identities = Identities(graph, self.same, self.backward)
        known: _Known = _Known(graph, self.same)
        i: cython.int
        k: cython.int
        same: cython.int
        for i in range(graph.rows.size):
            self.same.items[i] = i
            start: cython.int = graph.starts.items[i]
            count: cython.int = graph.counts.items[i]
            if graph.rows.items[i] == INPUT:
                self.wide.items[i] = self.is_wide_input.items[graph.numbers.items[i]]
            elif count:
                same = -1
                if count == 2:
                    x: cython.int = self.same.items[graph.operands.items[start]]
                    y: cython.int = self.same.items[graph.operands.items[start + 1]]
                    same = identities.find(graph.rows.items[i], x, y)
                if same >= 0:
                    self.wide.items[i] = self.wide.items[same]
                else:
                    same = known.find_or_add(i)
                    for k in range(start, start + count):
                        if self.wide.items[graph.operands.items[k]]:
                            self.wide.items[i] = 1
                            break
                self.same.items[i] = same

    @cython.cfunc
    def _find_needed(self) -> None:
        graph: Graph = self.graph
        i: cython.int
        k: cython.int
        for i in range(graph.results.size):
            self.needed.items[self.same.items[graph.results.items[i]]] = 1
        for i in range(graph.rows.size - 1, -1, -1):
            if self.needed.items[i]:
                for k in range(graph.starts.items[i], graph.starts.items[i] + graph.counts.items[i]):
                    self.needed.items[self.same.items[graph.operands.items[k]]] = 1

    @cython.cfunc
    def _leads_to_wanted(self) -> Ints:
        """Return for each node whether it depends on a wanted leaf."""
        graph: Graph = self.graph
        wanted: Ints = Ints(self.is_wide_input.size)
        leads: Ints = Ints(graph.rows.size)
        i: cython.int
        k: cython.int
        for i in range(self.gradients.size):
            wanted.items[self.gradients.items[i]] = 1
        for i in range(graph.rows.size):
            if graph.rows.items[i] == PARAMETER:
                leads.items[i] = self.of_parameters
            elif graph.rows.items[i] == INPUT:
                leads.items[i] = wanted.items[graph.numbers.items[i]]
            else:
                for k in range(graph.starts.items[i], graph.starts.items[i] + graph.n_gradients(i)):
                    if leads.items[graph.operands.items[k]]:
                        leads.items[i] = 1
                        break
        return leads

    @cython.cfunc
    def _is_exposed(self, leads: Ints) -> Ints:
        """Return for each node whether a partial that may be infinite or nan is on a path from it to a wanted leaf.

        Inputs and parameters are assumed to be finite.
        """
        graph: Graph = self.graph
        wild: Ints = self._is_wild()
        exposed: Ints = Ints(graph.rows.size)
        i: cython.int
        k: cython.int
        x: cython.int
        for i in range(graph.rows.size):
            for k in range(graph.starts.items[i], graph.starts.items[i] + graph.n_gradients(i)):
                x = graph.operands.items[k]
                if leads.items[x] and (exposed.items[x] or wild.items[i]):
                    exposed.items[i] = 1
                    break
        return exposed

    @cython.cfunc
    def _is_wild(self) -> Ints:
        """Return for each node whether its value or its partials may be infinite or nan."""
        graph: Graph = self.graph
        wild: Ints = Ints(graph.rows.size)
        i: cython.int
        k: cython.int
        for i in range(graph.rows.size):
            if graph.rows.items[i] == CONSTANT:
                wild.items[i] = not isfinite(graph.constants[graph.numbers.items[i]])
            elif graph.rows.items[i] >= 0:
                wild.items[i] = not _TAME.items[graph.rows.items[i]]
                for k in range(graph.starts.items[i], graph.starts.items[i] + graph.counts.items[i]):
                    wild.items[i] |= wild.items[graph.operands.items[k]]
        return wild

    @cython.cfunc
    def _find_active(self, leads: Ints) -> None:
        graph: Graph = self.graph
        exposed: Ints = self._is_exposed(leads)
        root: cython.int = graph.results.items[0]
        i: cython.int
        j: cython.int
        k: cython.int
        x: cython.int
        self.active.items[root], self.guarded.items[root] = leads.items[root], 0
        for j in range(graph.backward_order.size):
            i = graph.backward_order.items[j]
            if self.active.items[i]:
                row: cython.int = graph.rows.items[i]
                for k in range(graph.starts.items[i], graph.starts.items[i] + graph.n_gradients(i)):
                    x = graph.operands.items[k]
                    if leads.items[x]:
                        self.active.items[x] = 1
                        guard: cython.int = BY_GATE if row in (GATE, TAKE) else max(self.guarded.items[i], _BLOCKS.items[row])
                        if guard == BY_ROW and not exposed.items[x]:
                            guard = 0
                        self.guarded.items[x] = min(self.guarded.items[x], guard)


@cython.final
@cython.cclass
class _Known:
    """A hash table of operations, to find operations on the same operands.

    Attributes:
        graph: The graph.
        same: For each node met so far, the first node with the same value.
        slots: In each slot, a node, or -1. Nodes with equal hashes are in consecutive slots.
        mask: The number of slots, which is a power of two, minus 1.
    """

    graph: Graph
    same: Ints
    slots: Ints
    mask: cython.uint

    def __init__(self, graph: Graph, same: Ints) -> None:
        size: cython.uint = 64
        while size < 2 * graph.rows.size:
            size *= 2
        self.graph, self.same, self.slots, self.mask = graph, same, Ints(size, -1), size - 1

    @cython.cfunc
    @cython.exceptval(check=False)
    def find_or_add(self, i: cython.int) -> cython.int:
        """Return the first node that applies the same operation to the same operands: a node in the table, or i."""
        slot: cython.uint = self._hash(i) & self.mask
        while self.slots.items[slot] >= 0:
            if self._equal(i, self.slots.items[slot]):
                return self.slots.items[slot]
            slot = (slot + 1) & self.mask
        self.slots.items[slot] = i
        return i

    @cython.cfunc
    @cython.exceptval(check=False)
    def _hash(self, i: cython.int) -> cython.uint:
        graph: Graph = self.graph
        k: cython.int
        h: cython.uint = graph.rows.items[i]
        for k in range(graph.starts.items[i], graph.starts.items[i] + graph.counts.items[i]):
            operand: cython.uint = self.same.items[graph.operands.items[k]]
            h = (h ^ operand) * HASH_FACTOR & HASH_MASK
            h ^= h >> 15
        return h

    @cython.cfunc
    @cython.exceptval(check=False)
    def _equal(self, i: cython.int, j: cython.int) -> cython.bint:
        graph: Graph = self.graph
        count: cython.int = graph.counts.items[i]
        if graph.rows.items[i] != graph.rows.items[j] or count != graph.counts.items[j]:
            return False
        k: cython.int
        first: cython.int = graph.starts.items[i]
        second: cython.int = graph.starts.items[j]
        for k in range(count):
            x: cython.int = graph.operands.items[first + k]
            if self.same.items[x] != self.same.items[graph.operands.items[second + k]]:
                return False
        return True
