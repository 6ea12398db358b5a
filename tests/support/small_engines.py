"""Small engines in the shape of well-known ones, with their faults. ``check_engine`` has to find exactly these.

The code is our own. ``MicrogradValue`` has closures as in Karpathy's micrograd (2020). ``MicrogptValue`` stores local gradients
in a tuple, as in his microgpt (2026). ``SoundValue`` has no fault that we know of; the planted engines derive from it.
"""

from __future__ import annotations

import math
import numbers
from collections.abc import Callable
from typing import Any


class MicrogradValue:
    """Each operation stores a function that adds to the gradients of its operands. The nodes are sorted recursively."""

    def __init__(self, data: Any, children: tuple[MicrogradValue, ...] = ()) -> None:
        self.data = data
        self.grad: Any = 0
        self._prev = set(children)
        self._backward: Callable[[], None] = lambda: None

    def __add__(self, other: Any) -> Any:
        other = other if isinstance(other, MicrogradValue) else MicrogradValue(other)
        out = MicrogradValue(self.data + other.data, (self, other))

        def propagate() -> None:
            self.grad += out.grad
            other.grad += out.grad

        out._backward = propagate
        return out

    def __mul__(self, other: Any) -> Any:
        other = other if isinstance(other, MicrogradValue) else MicrogradValue(other)
        out = MicrogradValue(self.data * other.data, (self, other))

        def propagate() -> None:
            self.grad += other.data * out.grad
            other.grad += self.data * out.grad

        out._backward = propagate
        return out

    def __pow__(self, exponent: Any) -> Any:
        assert isinstance(exponent, int | float), "only powers with a number as the exponent"
        return self._unary(self.data**exponent, lambda: exponent * self.data ** (exponent - 1))

    def relu(self) -> Any:
        return self._unary(max(self.data, 0), lambda: self.data > 0)

    def tanh(self) -> Any:
        t = (math.exp(2 * self.data) - 1) / (math.exp(2 * self.data) + 1)
        return self._unary(t, lambda: 1 - t**2)

    def exp(self) -> Any:
        out = math.exp(self.data)
        return self._unary(out, lambda: out)

    def _unary(self, data: Any, local: Callable[[], Any]) -> MicrogradValue:
        out = MicrogradValue(data, (self,))

        def propagate() -> None:
            self.grad += local() * out.grad

        out._backward = propagate
        return out

    def __neg__(self) -> Any:
        return self * -1

    def __radd__(self, other: Any) -> Any:
        return self + other

    def __sub__(self, other: Any) -> Any:
        return self + (-other)

    def __rsub__(self, other: Any) -> Any:
        return other + (-self)

    def __rmul__(self, other: Any) -> Any:
        return self * other

    def __truediv__(self, other: Any) -> Any:
        return self * other**-1

    def __rtruediv__(self, other: Any) -> Any:
        return other * self**-1

    def backward(self) -> None:
        order: list[MicrogradValue] = []
        visited = set()

        def visit(node: MicrogradValue) -> None:
            if node not in visited:
                visited.add(node)
                for child in node._prev:
                    visit(child)
                order.append(node)

        visit(self)
        self.grad = 1
        for node in reversed(order):
            node._backward()


class TupleValue:
    """A node with its operands and its local gradients in tuples. Subclasses implement ``backward``."""

    def __init__(self, data: Any, operands: tuple[Any, ...] = (), local: tuple[float, ...] = ()) -> None:
        self.data = data
        self.grad = 0.0
        self.operands = operands
        self.local = local

    def node(self, data: Any, operands: tuple[Any, ...], local: tuple[float, ...]) -> Any:
        """Create the result of an operation."""
        return type(self)(data, operands, local)

    def convert(self, other: Any) -> Any:
        """Turn an operand into a node."""
        return other if isinstance(other, TupleValue) else type(self)(other)

    def __add__(self, other: Any) -> Any:
        other = self.convert(other)
        return self.node(self.data + other.data, (self, other), (1.0, 1.0))

    def __mul__(self, other: Any) -> Any:
        other = self.convert(other)
        return self.node(self.data * other.data, (self, other), (other.data, self.data))

    def __pow__(self, exponent: Any) -> Any:
        return self.node(self.data**exponent, (self,), (exponent * self.data ** (exponent - 1),))

    def __neg__(self) -> Any:
        return self * -1

    def __radd__(self, other: Any) -> Any:
        return self + other

    def __sub__(self, other: Any) -> Any:
        return self + (-other)

    def __rsub__(self, other: Any) -> Any:
        return other + (-self)

    def __rmul__(self, other: Any) -> Any:
        return self * other

    def __truediv__(self, other: Any) -> Any:
        return self * other**-1

    def __rtruediv__(self, other: Any) -> Any:
        return other * self**-1

    def exp(self) -> Any:
        out = math.exp(self.data)
        return self.node(out, (self,), (out,))

    def log(self) -> Any:
        return self.node(math.log(self.data), (self,), (1 / self.data,))

    def relu(self) -> Any:
        return self.node(max(0, self.data), (self,), (float(self.data > 0),))


class MicrogptValue(TupleValue):
    """The nodes are sorted recursively, and all of them keep their gradients from pass to pass."""

    def backward(self) -> None:
        order: list[MicrogptValue] = []
        visited = set()

        def visit(node: MicrogptValue) -> None:
            if node not in visited:
                visited.add(node)
                for operand in node.operands:
                    visit(operand)
                order.append(node)

        visit(self)
        self.grad = 1
        for node in reversed(order):
            for operand, local in zip(node.operands, node.local, strict=True):
                operand.grad += local * node.grad


class SoundValue(TupleValue):
    """An engine that passes all traps. The gradients of a pass are kept apart from those of the leaves."""

    def __init__(self, data: Any, operands: tuple[Any, ...] = (), local: tuple[float, ...] = ()) -> None:
        if not isinstance(data, numbers.Real):
            raise TypeError(f"data must be a real number, not {data!r}")
        super().__init__(float(data), operands, local)

    def __pow__(self, exponent: Any) -> Any:
        if not isinstance(exponent, SoundValue):
            return super().__pow__(float(exponent))
        out = self.data**exponent.data
        local = exponent.data * self.data ** (exponent.data - 1), out * math.log(self.data)
        return self.node(out, (self, exponent), local)

    def __rpow__(self, base: Any) -> Any:
        return self.convert(base) ** self

    def __truediv__(self, other: Any) -> Any:
        return self * self.convert(other) ** -1

    def __rtruediv__(self, other: Any) -> Any:
        return self.convert(other) / self

    def exp(self) -> Any:
        out = math.inf if self.data > 700 else math.exp(self.data)
        return self.node(out, (self,), (out,))

    def log(self) -> Any:
        if self.data == 0:
            return self.node(-math.inf, (self,), (math.inf,))
        return super().log()

    def tanh(self) -> Any:
        out = math.tanh(self.data)
        return self.node(out, (self,), (1 - out * out,))

    def order(self) -> list[Any]:
        """Return the nodes, each after its operands."""
        order, visited, stack = [], {self}, [(self, iter(self.operands))]
        while stack:
            node, rest = stack[-1]
            for operand in rest:
                if operand not in visited:
                    visited.add(operand)
                    stack.append((operand, iter(operand.operands)))
                    break
            else:
                order.append(node)
                stack.pop()
        return order

    def backward(self) -> None:
        adjoints = {self: 1.0}
        for node in reversed(self.order()):
            adjoint = adjoints[node]
            node.grad = adjoint if node.operands else node.grad + adjoint
            for operand, local in zip(node.operands, node.local, strict=True):
                adjoints[operand] = adjoints.get(operand, 0.0) + local * adjoint


def torch_leaf(number: Any) -> Any:
    """Create a tensor without axes that collects its gradient."""
    import torch

    return torch.tensor(number, dtype=torch.float64, requires_grad=True)
