"""The paths from one node of a graph down to another, those with the largest products first.

The chain rule adds up, over all paths from y down to x, the product of the partial derivatives along each. There may be
2**n paths in a graph of 3 * n nodes, so they are never all listed. What makes the best ones cheap to find is Bellman's
principle: once it is known for every node how much the best path from there to x multiplies, the best path of all is found
by following these, and each other path leaves one already found at some node, by an edge that is not the best. So the
next best path begins with the best such detour (E. L. Lawler, Management Science 18, 1972). The detours not taken stand
for all paths not listed, each for those that begin with it; so what those contribute together is a sum over detours.

How much a path multiplies is kept as a logarithm, as a product of many factors may overflow.
"""

from __future__ import annotations

import itertools
import math
from array import array
from bisect import insort

from autograd.base.real import INF, NAN
from autograd.inspection.stepping import passed_on, reached
from autograd.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any, TypeAlias

    # A path as far as it is known, as a linked list so that detours share it: the path before, the node, which of its
    # operands comes next, and the partial by that.
    Beginning: TypeAlias = tuple[Any, Value, int, float] | None
    # Minus the logarithm of the best path with this beginning, so that the best detour is the least; a number that is
    # different for each; the beginning; its logarithm; its product; the place of the node where it goes on.
    Detour: TypeAlias = tuple[float, int, Beginning, float, float, int]

IMPOSSIBLE = NAN  # the logarithm for a node from which no path leads to x


class Path:
    """One path from y down to x.

    Attributes:
        nodes: y first and x last.
        positions: for each step, which of the node's ``operands`` comes next, from 0.
        partials: for each step, the derivative of the node by that operand, as saved when it was recorded.
        product: of all partials, what this path contributes to the derivative of y by x.
    """

    __slots__ = ("nodes", "partials", "positions", "product")

    def __init__(self, nodes: tuple[Value, ...], positions: tuple[int, ...], partials: tuple[float, ...]) -> None:
        self.nodes = nodes
        self.positions = positions
        self.partials = partials
        self.product = math.prod(partials, start=1.0)  # in the order in which backward multiplies

    def __repr__(self) -> str:
        return f"<path of {len(self.partials)} steps, product {self.product!r}>"


class Paths:
    """All paths from ``y`` down to ``x``.

    Attributes:
        order: the nodes that a gradient of y reaches, operands first.
        places: the place of each in the order, from 0, by ``id``.
        count: how many paths there are.
        best: the ``limit`` most important ones; those whose product is nan or infinite come first.
        rest: what the other ones contribute together.
    """

    def __init__(self, y: Value, x: Value, limit: int) -> None:
        self.order = reached(y)
        self.places = {id(node): place for place, node in enumerate(self.order)}
        self.count = 0
        self.best: list[Path] = []
        self.rest = 0.0
        if id(x) not in self.places:
            return
        self._numbers = itertools.count(1)
        self._target = self.places[id(x)]
        self._look_ahead()
        self._count_paths()
        self._search(limit)

    def edges(self, place: int) -> list[tuple[int, float, int]]:
        """The steps down from a node that lead on to x: the position of the operand, the partial, the operand's place."""
        if place == self._target:
            return []
        steps = [(i, partial, self.places[id(operand)]) for i, (operand, partial) in passed_on(self.order[place])]
        return [step for step in steps if not math.isnan(self._logarithms[step[2]])]

    def _look_ahead(self) -> None:
        """For each node, from x upwards: the logarithm of the best path from there to x, and the derivative by x."""
        size = len(self.order)
        self._logarithms = array("d", [IMPOSSIBLE]) * size
        self._derivatives = array("d", [0.0]) * size
        self._logarithms[self._target] = 0.0
        self._derivatives[self._target] = 1.0
        for place in range(self._target + 1, size):
            edges = self.edges(place)
            if edges:
                self._logarithms[place] = max([_plus(_logarithm(p), self._logarithms[below]) for _, p, below in edges])
                self._derivatives[place] = _total([p * self._derivatives[below] for _, p, below in edges])

    def _count_paths(self) -> None:
        """From y down: there are as many ways to a node as to all of its users together."""
        ways = {len(self.order) - 1: 1}  # only of nodes whose turn is yet to come, as the numbers may be huge
        for place in range(len(self.order) - 1, self._target, -1):
            so_far = ways.pop(place, 0)
            if so_far:
                for _, _, below in self.edges(place):
                    ways[below] = ways.get(below, 0) + so_far
        self.count = ways[self._target]

    def _search(self, limit: int) -> None:
        """Find the best paths, each by the best detour from those before, and add up the detours not taken."""
        detours: list[Detour] = [(0.0, 0, None, 0.0, 1.0, len(self.order) - 1)]  # never more than there are paths wanted
        left_out = array("d")  # what the paths contribute that begin with each of the other detours
        while detours and len(self.best) < limit:
            self._follow(detours.pop(0), detours, limit - len(self.best) - 1, left_out)
        self.best.sort(key=lambda path: -_size(path.product))
        self.rest = _total(left_out)

    def _follow(self, detour: Detour, detours: list[Detour], wanted: int, left_out: array[float]) -> None:
        """Complete one path by the best steps; of the detours that it could have made, keep the best."""
        _, _, beginning, logarithm, product, place = detour
        while place != self._target:
            node = self.order[place]
            steps = []
            for position, partial, below in self.edges(place):
                longer = _plus(logarithm, _logarithm(partial))
                bound = -_plus(longer, self._logarithms[below])
                further = (beginning, node, position, partial)
                steps.append((bound, next(self._numbers), further, longer, product * partial, below))
            best = min(steps)
            for step in steps:
                if step is not best:
                    insort(detours, step)
            while len(detours) > wanted:
                *_, dropped, start = detours.pop()
                left_out.append(dropped * self._derivatives[start])
            _, _, beginning, logarithm, product, place = best
        self.best.append(_path(beginning, self.order[self._target]))


def _path(beginning: Beginning, end: Value) -> Path:
    nodes, positions, partials = [end], [], []
    while beginning is not None:
        beginning, node, position, partial = beginning
        nodes.append(node)
        positions.append(position)
        partials.append(partial)
    return Path(tuple(reversed(nodes)), tuple(reversed(positions)), tuple(reversed(partials)))


def _size(number: float) -> float:
    """How much a factor or product matters: nan, which makes the whole derivative nan, as much as infinity."""
    return INF if math.isnan(number) else math.fabs(number)


def _logarithm(factor: float) -> float:
    size = _size(factor)
    return math.log(size) if size else -INF


def _plus(one: float, other: float) -> float:
    """The logarithm of a product: infinite where a factor is, as inf * 0 is nan."""
    return INF if INF in (one, other) else one + other


def _total(numbers: Sequence[float]) -> float:
    """The sum, rounded once where it can be."""
    try:
        return math.fsum(numbers)
    except (OverflowError, ValueError):  # too large on the way, or inf - inf
        return float(sum(numbers))
