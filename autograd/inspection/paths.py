"""The paths from one node of a graph down to another, those with the largest products first.

The chain rule states that dy/dx is the sum, over all paths from y down to x, of the product of the partial derivatives
along the path. A graph of 3 * n nodes may have 2**n paths, so they are never all listed.

Finding the largest ones is cheap because of Bellman's principle. First, the largest product from each node down to x is
computed. Following these products from y gives the best path. Every other path deviates from a path already found: at
some node, it takes an edge that is not the best one. The next best path starts with the best of these deviations
(E. L. Lawler, Management Science 18, 1972). A deviation that is not followed represents all paths that start with it, so
the contribution of all paths not listed is a sum over these deviations.

Products are compared by their logarithms, because a product of many factors may overflow.
"""

from __future__ import annotations

import itertools
import math
from array import array
from bisect import insort

from autograd.base.real import INF, NAN
from autograd.inspection.backward_steps import gradient_edges, nodes_with_gradient
from autograd.inspection.watching import describe
from autograd.topology import topological_order
from autograd.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any, TypeAlias

    # The start of a path, as a linked list so that paths can share it: the start before the last step, the node of the
    # last step, the position of the operand, and the partial derivative with respect to it.
    Prefix: TypeAlias = tuple[Any, Value, int, float] | None
    # A path that is not complete yet: minus the logarithm of the best path with this prefix, so that the best deviation
    # sorts first; a unique number; the prefix; its logarithm; its product; the index of the node that it leads to.
    Deviation: TypeAlias = tuple[float, int, Prefix, float, float, int]

MAX_NAMES = 7  # of the nodes of a longer path, `repr` shows only the first six and the last one
UNREACHABLE = NAN  # the logarithm for a node without a path to x


class Path:
    """One path from y down to x.

    Attributes:
        nodes: The nodes of the path, from y to x.
        positions: For each step, the index of the next node in ``operands`` of the current one.
        partials: For each step, the partial derivative, saved when the current node was recorded.
        product: Product of all partial derivatives, the contribution of this path to dy/dx.

    Example:
        >>> from autograd import Value, explain
        >>> x = Value(3.0)
        >>> path = explain((2 * x) * 5, x).paths[0]
        >>> path.positions, path.partials, path.product
        ((0, 1), (5.0, 2.0), 10.0)
    """

    __slots__ = ("nodes", "partials", "positions", "product")

    def __init__(self, nodes: tuple[Value, ...], positions: tuple[int, ...], partials: tuple[float, ...]) -> None:
        self.nodes: tuple[Value, ...] = nodes
        self.positions: tuple[int, ...] = positions
        self.partials: tuple[float, ...] = partials
        self.product: float = math.prod(partials, start=1.0)  # in the order in which backward multiplies

    def __repr__(self) -> str:
        names = [describe(node) for node in self.nodes]
        names[MAX_NAMES - 1 : -1] = ["..."] if len(names) > MAX_NAMES else names[MAX_NAMES - 1 : -1]
        return f"<path {' -> '.join(names)}, product {self.product!r}>"


class Paths:
    """All paths from ``y`` down to ``x``.

    Attributes:
        nodes: The nodes that the gradient of y reaches, each after its operands.
        indices: The index of each node in ``nodes``, by ``id``.
        count: The number of paths.
        best: The ``limit`` most important paths, those whose product is nan or infinite first, then the largest products.
        rest: The sum of the products of all other paths.
        blocked: The number of further paths, which pass no gradient because a node on them has not selected an operand.
        blockers: These nodes, each after its operands.
    """

    def __init__(self, y: Value, x: Value, limit: int) -> None:
        self.nodes: list[Value] = nodes_with_gradient(y)
        self.indices: dict[int, int] = {id(node): index for index, node in enumerate(self.nodes)}
        self.count: int = 0
        self.best: list[Path] = []
        self.rest: float = 0.0
        self.blocked: int = 0
        self.blockers: list[Value] = []
        if id(x) not in self.indices:
            return
        self._numbers: Iterator[int] = itertools.count(1)
        self._target: int = self.indices[id(x)]
        self._solve_subproblems()
        self._count_paths()
        self._search(limit)
        self._find_blocked(y, x)

    def edges(self, index: int) -> list[tuple[int, float, int]]:
        """Return the edges of a node that lead to x, as (position, partial derivative, index of the operand)."""
        if index == self._target:
            return []
        edges = [
            (position, partial, self.indices[id(operand)]) for position, operand, partial in gradient_edges(self.nodes[index])
        ]
        return [edge for edge in edges if not math.isnan(self._logarithms[edge[2]])]

    def _solve_subproblems(self) -> None:
        """Compute the logarithm of the best path to x and the derivative with respect to x, for each node from x upwards."""
        size = len(self.nodes)
        self._logarithms: array[float] = array("d", [UNREACHABLE]) * size
        self._derivatives: array[float] = array("d", [0.0]) * size
        self._logarithms[self._target] = 0.0
        self._derivatives[self._target] = 1.0
        for index in range(self._target + 1, size):
            edges = self.edges(index)
            if edges:
                self._logarithms[index] = max([_log_product(_log_size(p), self._logarithms[below]) for _, p, below in edges])
                self._derivatives[index] = _sum([p * self._derivatives[below] for _, p, below in edges])

    def _count_paths(self) -> None:
        """Count the paths from y down: the paths to a node are the paths to all its users together."""
        counts = {len(self.nodes) - 1: 1}  # only of nodes still to be visited, because the numbers may be huge
        for index in range(len(self.nodes) - 1, self._target, -1):
            count = counts.pop(index, 0)
            if count:
                for _, _, below in self.edges(index):
                    counts[below] = counts.get(below, 0) + count
        self.count = counts[self._target]

    def _find_blocked(self, y: Value, x: Value) -> None:
        """Count the paths in the whole graph, whether they pass a gradient or not, if a node blocks one of them."""
        order = topological_order(y)
        start = next(i for i, node in enumerate(order) if node is x)
        below: dict[int, list[int]] = {id(x): []}  # of each node above x: its operands that depend on x
        for node in order[start + 1 :]:
            operands = [id(operand) for operand in node.operands if id(operand) in below]
            if not operands:
                continue
            below[id(node)] = operands
            if sum(id(operand) in below for _, operand, _ in gradient_edges(node)) < len(operands):
                self.blockers.append(node)
        if not self.blockers:
            return
        counts = {id(y): 1}
        for node in reversed(order[start + 1 :]):
            count = counts.pop(id(node), 0)
            for operand in below.get(id(node), ()) if count else ():
                counts[operand] = counts.get(operand, 0) + count
        self.blocked = counts[id(x)] - self.count

    def _search(self, limit: int) -> None:
        """Find the best paths, each by the best deviation from the earlier ones, and sum the deviations not followed."""
        deviations: list[Deviation] = [(0.0, 0, None, 0.0, 1.0, len(self.nodes) - 1)]  # at most one per path still wanted
        dropped = array("d")  # for each other deviation, the contribution of all paths that start with it
        while deviations and len(self.best) < limit:
            self._complete(deviations.pop(0), deviations, limit - len(self.best) - 1, dropped)
        self.best.sort(key=lambda path: -_size(path.product))
        self.rest = _sum(dropped)

    def _complete(self, start: Deviation, deviations: list[Deviation], wanted: int, dropped: array[float]) -> None:
        """Complete one path by following the best edges, and keep the best deviations from it."""
        _, _, prefix, logarithm, product, index = start
        while index != self._target:
            node = self.nodes[index]
            steps = []
            for position, partial, below in self.edges(index):
                longer = _log_product(logarithm, _log_size(partial))
                bound = -_log_product(longer, self._logarithms[below])
                extended = (prefix, node, position, partial)
                steps.append((bound, next(self._numbers), extended, longer, product * partial, below))
            best = min(steps)
            for step in steps:
                if step is not best:
                    insort(deviations, step)
            while len(deviations) > wanted:
                *_, product_of_prefix, below = deviations.pop()
                dropped.append(product_of_prefix * self._derivatives[below])
            _, _, prefix, logarithm, product, index = best
        self.best.append(_path(prefix, self.nodes[self._target]))


def _path(prefix: Prefix, end: Value) -> Path:
    nodes, positions, partials = [end], [], []
    while prefix is not None:
        prefix, node, position, partial = prefix
        nodes.append(node)
        positions.append(position)
        partials.append(partial)
    return Path(tuple(reversed(nodes)), tuple(reversed(positions)), tuple(reversed(partials)))


def _size(number: float) -> float:
    """Return the absolute value. A nan counts as infinity, because it makes the whole derivative nan."""
    return INF if math.isnan(number) else math.fabs(number)


def _log_size(factor: float) -> float:
    size = _size(factor)
    return math.log(size) if size else -INF


def _log_product(log_a: float, log_b: float) -> float:
    """Return the logarithm of a product. It is infinite if one factor is, because inf * 0 is nan."""
    return INF if INF in (log_a, log_b) else log_a + log_b


def _sum(numbers: Sequence[float]) -> float:
    """Return the sum, correctly rounded unless a partial sum overflows or is nan."""
    try:
        return math.fsum(numbers)
    except (OverflowError, ValueError):  # a partial sum overflows, or inf - inf
        return float(sum(numbers))
