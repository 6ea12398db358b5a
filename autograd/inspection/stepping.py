"""Backpropagation one contribution at a time, to look at."""

from __future__ import annotations

import itertools
from typing import NamedTuple

from autograd.base.real import as_float, refusal
from autograd.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Self

MOST_LINES = 50  # of steps printed at once


class Step(NamedTuple):
    """One contribution to one gradient; ``print`` shows it as a line.

    Attributes:
        node: the Value whose gradient is complete and is now passed on.
        operand: the Value that gets the contribution.
        position: which of ``node.operands`` it is, from 0.
        adjoint: the derivative of the root by ``node``.
        partial: the derivative of ``node`` by this operand, as saved when it was recorded.
        contribution: ``adjoint * partial``.
        gradient: the derivative of the root by ``operand`` as far as it is known, this contribution included.
        names: of the root, the node and the operand: their labels (``x_2`` for a second ``x``), or ``v1``, ``v2``, ... in the
            order of the graph.
    """

    node: Value
    operand: Value
    position: int
    adjoint: float
    partial: float
    contribution: float
    gradient: float
    names: tuple[str, str, str]

    def __str__(self) -> str:
        root, node, operand = self.names
        return (
            f"d{root}/d{operand} += d{root}/d{node} * d{node}/d{operand} "
            f"= {self.adjoint!r} * {self.partial!r} = {self.contribution!r}, now {self.gradient!r}"
        )


def backward_steps(root: Value, seed: float = 1.0) -> Steps:
    """Go through what ``root.backward(seed)`` does, one contribution at a time, in the same order.

    An iterator of ``Step``; ``print`` it, or a step.

    It only looks: no ``.grad`` changes, and one may stop anywhere. The last ``gradient`` of each operand is, to the
    bit, what ``backward`` adds to a leaf and shows at a computed node. Nothing passes a closed gate (``where``).

    Raises:
        TypeError: if ``root`` is not a Value or ``seed`` not a real number.

    >>> from autograd import Value, backward_steps
    >>> x = Value(3.0, label="x")
    >>> y = x * x + 2 * x
    >>> y.label = "y"
    >>> backward_steps(y)
    dy/dv2 += dy/dy * dy/dv2 = 1.0 * 1.0 = 1.0, now 1.0
    dy/dv3 += dy/dy * dy/dv3 = 1.0 * 1.0 = 1.0, now 1.0
    dy/dx += dy/dv3 * dv3/dx = 1.0 * 2.0 = 2.0, now 2.0
    dy/dx += dy/dv2 * dv2/dx = 1.0 * 3.0 = 3.0, now 5.0
    dy/dx += dy/dv2 * dv2/dx = 1.0 * 3.0 = 3.0, now 8.0
    """
    if not isinstance(root, Value):
        raise TypeError(refusal(root, "backward_steps() goes down from a Value"))
    return Steps(root, as_float(seed, "the seed of backward_steps()"))


class Steps:
    """The iterator over the steps of one backpropagation; ``print`` shows all of them, whichever were taken already."""

    def __init__(self, root: Value, seed: float) -> None:
        self._root = root
        self._seed = seed
        self._left = _steps(root, seed)

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Step:
        return next(self._left)

    def __repr__(self) -> str:
        steps = _steps(self._root, self._seed)
        lines = [str(step) for step in itertools.islice(steps, MOST_LINES)]
        more = sum(1 for _ in steps)
        lines += [f"and {more:,} more"] if more else []
        return "\n".join(lines) or f"<no steps: {self._root!r} was not computed from Values>"


def _steps(root: Value, seed: float) -> Iterator[Step]:
    order = reached(root)
    names = names_in(order)
    gradients = dict.fromkeys(names, 0.0)
    gradients[id(root)] = seed
    for node in reversed(order):
        adjoint = gradients[id(node)]
        for index, (operand, partial) in passed_on(node):
            contribution = adjoint * partial
            gradients[id(operand)] += contribution
            labels = names[id(root)], names[id(node)], names[id(operand)]
            yield Step(node, operand, index, adjoint, partial, contribution, gradients[id(operand)], labels)


def passed_on(node: Value) -> list[tuple[int, tuple[Value, float]]]:
    """The operands that get something from the node, each with its index and its partial."""
    partials = node.partials
    if node.op == "gate" and partials[0] == 0.0:
        return []
    pairs = enumerate(zip(node.operands, partials, strict=True))
    return [(index, (operand, partial)) for index, (operand, partial) in pairs if partial is not None]


def names_in(order: list[Value]) -> dict[int, str]:
    """What to call each node, by ``id``: by its label, or ``v1``, ``v2``, ... in this order; no two have the same name."""
    taken = {node.label for node in order}
    used: dict[str, int] = {}
    names = {}
    for place, node in enumerate(order, 1):
        name = node.label or f"v{place}"
        if name in used or (not node.label and name in taken):
            number = used.get(name, 1) + 1
            while f"{name}_{number}" in taken:
                number += 1
            used[name] = number
            name = f"{name}_{number}"
        used.setdefault(name, 1)
        names[id(node)] = name
    return names


def reached(root: Value) -> list[Value]:
    """The root and all nodes that a gradient reaches, operands first: as put in order by walk.py."""
    order: list[Value] = []
    waiting, met, done = [root], set(), set()
    while waiting:
        node = waiting[-1]
        if id(node) in met:
            waiting.pop()
            if id(node) not in done:
                done.add(id(node))
                order.append(node)
        else:
            met.add(id(node))
            operands = [operand for _, (operand, _) in passed_on(node)]
            waiting += [operand for operand in reversed(operands) if id(operand) not in met]
    return order
