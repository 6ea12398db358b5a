"""Identities: operations whose result is known without computing it, for example ``x ** 1.0``, which is x bit for bit.

Derivatives of powers and conditions contain many of them. Only values are replaced. In the backward pass, such an operation
sends contributions to its operands like any other, because its derivative may differ: it is nan where x is nan.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from autograd import ops
from autograd.compiler.graph import ADD, DIV, GATE, MUL, POW, SUB

if TYPE_CHECKING:
    from collections.abc import Sequence

    from autograd.compiler.graph import Graph

# For each operation and each of its operands, the number that leaves the other operand unchanged.
_NEUTRAL = {
    (ADD, 0): -0.0, (ADD, 1): -0.0, (SUB, 1): 0.0, (MUL, 0): 1.0, (MUL, 1): 1.0, (DIV, 1): 1.0, (POW, 1): 1.0, (GATE, 1): 1.0,
}  # fmt: skip


_COMPARISONS = frozenset([ops.less.code, ops.less_equal.code, ops.equal.code])


class Identities:
    """The identities of a graph.

    Args:
        graph: The graph.
        same: For each node met so far, the first node with the same value.
        backward: Whether the program has a backward pass.
    """

    def __init__(self, graph: Graph, same: Sequence[int], backward: bool) -> None:
        self._nodes = graph.nodes
        self._same = same
        self._backward = backward
        self._neutral = {place: index for place, x in _NEUTRAL.items() if (index := graph.find_constant(x)) is not None}
        self._zero, self._one = graph.find_constant(0.0), graph.find_constant(1.0)

    def find(self, row: int, x: int, y: int) -> int | None:
        """Return the node that has the same value as an operation on nodes x and y, or None."""
        if self._neutral.get((row, 1)) == y:
            return x
        if self._neutral.get((row, 0)) == x:
            return y
        if self._backward:  # below, the node may depend on the row, and the result does not
            return None
        if row == POW and y == self._zero:
            return self._one
        return self._selected(x, y) if row == ADD else None

    def _selected(self, x: int, y: int) -> int | None:
        """Return the node that ``where`` selects on both sides: ``where(c, z, z)`` is z if c is 1.0 or 0.0."""
        first, second = self._nodes[x], self._nodes[y]
        if first is None or second is None or first.row != GATE or second.row != GATE:
            return None
        (z, condition), (other, opposite) = [[self._same[i] for i in gate.operands] for gate in (first, second)]
        comparison, negation = self._nodes[condition], self._nodes[opposite]
        if z != other or comparison is None or comparison.row not in _COMPARISONS or negation is None or negation.row != SUB:
            return None
        return z if [self._same[i] for i in negation.operands] == [self._one, condition] else None
