"""Identities: operations whose result is known without computing it, for example ``x ** 1.0``, which is x bit for bit.

Derivatives of powers and conditions contain many of them. Only values are replaced. In the backward pass, such an operation
sends contributions to its operands like any other, because its derivative may differ: it is nan where x is nan.

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
    from cython.cimports.autograd.compiler.graph import Graph
else:
    from autograd.base.int_arrays import Ints
    from autograd.compiler.graph import Graph

# The number that leaves the other operand unchanged: as the left operand, and as the right operand.
_NEUTRAL_LEFT = ((ops.add, -0.0), (ops.mul, 1.0))
_NEUTRAL_RIGHT = (
    (ops.add, -0.0), (ops.sub, 0.0), (ops.mul, 1.0), (ops.div, 1.0), (ops.pow, 1.0), (ops.gate, 1.0),
    (ops.cover, 1.0),
)  # fmt: skip

ADD = cython.declare(cython.int, ops.add.code)
DOT = cython.declare(cython.int, ops.dot.code)
SUB = cython.declare(cython.int, ops.sub.code)
POW = cython.declare(cython.int, ops.pow.code)
GATE = cython.declare(cython.int, ops.gate.code)
LESS = cython.declare(cython.int, ops.less.code)
LESS_EQUAL = cython.declare(cython.int, ops.less_equal.code)
EQUAL = cython.declare(cython.int, ops.equal.code)


@cython.final
@cython.cclass
class Identities:
    """The identities of a graph.

    Args:
        graph: The graph.
        same: For each node met so far, the first node with the same value.
        backward: Whether the program has a backward pass.
    """

    __slots__ = ("_backward", "_graph", "_left", "_one", "_right", "_same", "_zero")  # their C types are in identities.pxd

    def __init__(self, graph: Graph, same: Ints, backward: cython.bint) -> None:
        self._graph, self._same, self._backward = graph, same, backward
        self._left, self._right = Ints(len(ops.ROWS), -1), Ints(len(ops.ROWS), -1)  # by row, the neutral constant, or -1
        for row, number in _NEUTRAL_LEFT:
            self._left.items[row.code] = graph.find_constant(number)
        for row, number in _NEUTRAL_RIGHT:
            self._right.items[row.code] = graph.find_constant(number)
        self._zero, self._one = graph.find_constant(0.0), graph.find_constant(1.0)

    @cython.cfunc
    @cython.exceptval(check=False)
    def find(self, row: cython.int, x: cython.int, y: cython.int) -> cython.int:
        """Return the node that has the same value as an operation on nodes x and y, or -1."""
        if self._right.items[row] == y:
            return x
        if self._left.items[row] == x:
            return y
        if row == ADD and y == self._zero and self._is_sum_from_zero(x):
            return x
        if self._backward:  # below, the node may depend on the row, and the result does not
            return -1
        if row == POW and y == self._zero:
            return self._one
        return self._selected(x, y) if row == ADD else -1

    @cython.cfunc
    @cython.exceptval(check=False)
    def _is_sum_from_zero(self, x: cython.int) -> cython.bint:
        """Return whether a node is a dot with bias 0.0. It is never -0.0, so adding 0.0 does not change it."""
        graph: Graph = self._graph
        return graph.rows.items[x] == DOT and self._operand(x, graph.counts.items[x] - 1) == self._zero

    @cython.cfunc
    @cython.exceptval(check=False)
    def _selected(self, x: cython.int, y: cython.int) -> cython.int:
        """Return the node that ``where`` selects on both sides, or -1: ``where(c, z, z)`` is z if c is 1.0 or 0.0."""
        rows: Ints = self._graph.rows
        if rows.items[x] != GATE or rows.items[y] != GATE:
            return -1
        condition: cython.int = self._operand(x, 1)
        opposite: cython.int = self._operand(y, 1)
        comparison: cython.int = rows.items[condition]
        if (
            self._operand(x, 0) == self._operand(y, 0)
            and comparison in (LESS, LESS_EQUAL, EQUAL)
            and rows.items[opposite] == SUB
            and self._operand(opposite, 0) == self._one
            and self._operand(opposite, 1) == condition
        ):
            return self._operand(x, 0)
        return -1

    @cython.cfunc
    @cython.exceptval(check=False)
    def _operand(self, i: cython.int, k: cython.int) -> cython.int:
        """Return the first node with the same value as operand k of node i."""
        return self._same.items[self._graph.operands.items[self._graph.starts.items[i] + k]]
