"""A naive twin of the engine: nodes are Python objects, graphs are traversed recursively, visited nodes are in sets.

It shares only the table of operations with the engine. Recording, traversal, accumulation, zeroing and copying are
implemented separately. Both must agree bit for bit.
"""

from __future__ import annotations

from typing import Any

from autograd import ops
from autograd.ops import Operation


class Twin:
    """A number and its operands. An operand is a Twin, or a float for a constant."""

    def __init__(self, data: float, row: Operation | None = None, operands: tuple[Any, ...] = ()) -> None:
        self.data = data
        self.grad = 0.0
        self.row = row
        self.operands = operands
        self.partials = _partials(row, data, [number(x) for x in operands]) if row else []

    def order(self, visited: set[int], backward: bool = False) -> list[Twin]:
        """Return this node and every node it depends on, operands first.

        A backward pass omits the operands of a closed gate.
        """
        if id(self) in visited:
            return []
        visited.add(id(self))
        below: list[Twin] = []
        if not (backward and self.is_closed()):
            for operand in self.operands:
                if isinstance(operand, Twin):
                    below += operand.order(visited, backward)
        return [*below, self]

    def is_closed(self) -> bool:
        if self.row is not ops.gate:
            return False
        x = self.operands[0]  # for a constant it makes no difference; the engine treats a gate of the constant 0 as closed
        return (self.partials[0] if isinstance(x, Twin) else x) == 0.0

    def backward(self, seed: float) -> None:
        order = self.order(set(), backward=True)
        adjoints = {id(node): 0.0 for node in order}
        adjoints[id(self)] += seed
        reached = {id(self)}
        for node in reversed(order):
            if node.is_closed() or id(node) not in reached:
                continue
            for operand, partial in zip(node.operands, node.partials, strict=True):
                is_selected = partial != 0.0 or node.row is None or not node.row.blocks
                if isinstance(operand, Twin) and is_selected:  # otherwise 0 times an infinite adjoint would be nan
                    adjoints[id(operand)] += adjoints[id(node)] * partial
                    reached.add(id(operand))
        for node in order:
            if node.operands:
                node.grad = adjoints[id(node)]
            elif id(node) in reached:  # adding 0 to -0.0 would change its sign
                node.grad += adjoints[id(node)]

    def zero_grad(self) -> None:
        for node in self.order(set()):
            node.grad = 0.0

    def copy(self) -> Twin:
        """Return a copy of this node and of every node it depends on."""
        copies: dict[int, Twin] = {}
        for node in self.order(set()):
            copy = copies[id(node)] = Twin(node.data)
            copy.row, copy.partials, copy.grad = node.row, node.partials, node.grad
            copy.operands = tuple(copies[id(x)] if isinstance(x, Twin) else x for x in node.operands)
        return copies[id(self)]


def number(operand: Any) -> float:
    return operand.data if isinstance(operand, Twin) else operand


def record(row: Operation, *operands: Any) -> Twin:
    """Return the node of an operation. The terms of a ``sum`` or ``dot`` are in one flat list, the bias last."""
    numbers = [number(x) for x in operands]
    if row is ops.sum:
        data = 0.0
        for x in numbers:
            data += x
    elif row is ops.dot:
        half, data = len(numbers) // 2, numbers[-1]
        for w, x in zip(numbers[:half], numbers[half:-1], strict=True):
            data += w * x
    else:
        data = row(*numbers)
    return Twin(data, row, operands)


def _partials(row: Operation, data: float, numbers: list[float]) -> list[float]:
    if row is ops.sum:
        return [1.0] * len(numbers)
    if row is ops.dot:
        half = len(numbers) // 2
        return [*numbers[half:-1], *numbers[:half], 1.0]
    rules = [ops.partial1] if len(numbers) == 1 else [ops.partial2x, ops.partial2y]
    return [rule(row.code, data, *numbers) for rule in rules]
