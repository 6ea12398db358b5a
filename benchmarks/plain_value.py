"""Two ``Value`` classes in plain Python, peers for the benchmarks: the fastest one that we can write, and one as in microgpt.

The first has slots, and per node a tuple of operands and a tuple of local derivatives, both created when the node is recorded.
Its topological order is iterative, and its backward pass is one loop of multiply-adds. It has only the operations that the
benchmarks need.
"""

from __future__ import annotations

import math
from typing import Any


class Value:
    """A number with operands and local derivatives."""

    __slots__ = ("data", "grad", "local", "operands")

    def __init__(self, data: float, operands: tuple[Value, ...] = (), local: tuple[float, ...] = ()) -> None:
        self.data = data
        self.grad = 0.0
        self.operands = operands
        self.local = local

    def __add__(self, other: Any) -> Value:
        if other.__class__ is Value:
            return Value(self.data + other.data, (self, other), (1.0, 1.0))
        return Value(self.data + other, (self,), (1.0,))

    __radd__ = __add__

    def __sub__(self, other: Any) -> Value:
        if other.__class__ is Value:
            return Value(self.data - other.data, (self, other), (1.0, -1.0))
        return Value(self.data - other, (self,), (1.0,))

    def __mul__(self, other: Any) -> Value:
        if other.__class__ is Value:
            return Value(self.data * other.data, (self, other), (other.data, self.data))
        return Value(self.data * other, (self,), (other,))

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> Value:
        if other.__class__ is Value:
            out = self.data / other.data
            return Value(out, (self, other), (1.0 / other.data, -out / other.data))
        return Value(self.data / other, (self,), (1.0 / other,))

    def __pow__(self, exponent: float) -> Value:
        return Value(self.data**exponent, (self,), (exponent * self.data ** (exponent - 1.0),))

    def __neg__(self) -> Value:
        return Value(-self.data, (self,), (-1.0,))

    def relu(self) -> Value:
        """Return the maximum of the number and 0."""
        return Value(self.data, (self,), (1.0,)) if self.data > 0 else Value(0.0, (self,), (0.0,))

    def exp(self) -> Value:
        """Return the exponential."""
        out = math.exp(self.data)
        return Value(out, (self,), (out,))

    def log(self) -> Value:
        """Return the natural logarithm."""
        return Value(math.log(self.data), (self,), (1.0 / self.data,))

    def backward(self) -> None:
        """Accumulate in ``.grad`` the derivative of this node with respect to every node it depends on."""
        order, seen, stack = [], {self}, [(self, iter(self.operands))]
        while stack:
            node, rest = stack[-1]
            for operand in rest:
                if operand not in seen:
                    seen.add(operand)
                    if operand.operands:
                        stack.append((operand, iter(operand.operands)))
                        break
            else:
                order.append(node)
                stack.pop()
        self.grad = 1.0
        for node in reversed(order):
            adjoint = node.grad
            for operand, local in zip(node.operands, node.local):
                operand.grad += adjoint * local


class MicrogptValue:
    """A ``Value`` with the same nodes as the widely known one in Karpathy's microgpt (2026). The code is our own.

    A number used as an operand becomes a node. A difference is a sum with a product by -1, and a quotient is a product with a
    power. The topological order is computed recursively.
    """

    __slots__ = ("data", "grad", "local", "operands")

    def __init__(self, data: float, operands: tuple[MicrogptValue, ...] = (), local: tuple[float, ...] = ()) -> None:
        self.data = data
        self.grad = 0.0
        self.operands = operands
        self.local = local

    def __add__(self, other: Any) -> Any:
        other = other if isinstance(other, MicrogptValue) else MicrogptValue(other)
        return MicrogptValue(self.data + other.data, (self, other), (1.0, 1.0))

    def __mul__(self, other: Any) -> Any:
        other = other if isinstance(other, MicrogptValue) else MicrogptValue(other)
        return MicrogptValue(self.data * other.data, (self, other), (other.data, self.data))

    def __pow__(self, exponent: float) -> MicrogptValue:
        return MicrogptValue(self.data**exponent, (self,), (exponent * self.data ** (exponent - 1),))

    def __neg__(self) -> Any:
        return self * -1.0

    def __radd__(self, other: Any) -> Any:
        return self + other

    def __rmul__(self, other: Any) -> Any:
        return self * other

    def __sub__(self, other: Any) -> Any:
        return self + (-other)

    def __truediv__(self, other: Any) -> Any:
        return self * other**-1

    def relu(self) -> MicrogptValue:
        """Return the maximum of the number and 0."""
        return MicrogptValue(max(0.0, self.data), (self,), (float(self.data > 0),))

    def exp(self) -> MicrogptValue:
        """Return the exponential."""
        return MicrogptValue(math.exp(self.data), (self,), (math.exp(self.data),))

    def log(self) -> MicrogptValue:
        """Return the natural logarithm."""
        return MicrogptValue(math.log(self.data), (self,), (1.0 / self.data,))

    def backward(self) -> None:
        """Accumulate in ``.grad`` the derivative of this node with respect to every node it depends on."""
        order, seen = [], set()

        def visit(node: MicrogptValue) -> None:
            if node not in seen:
                seen.add(node)
                for operand in node.operands:
                    visit(operand)
                order.append(node)

        visit(self)
        self.grad = 1.0
        for node in reversed(order):
            for operand, local in zip(node.operands, node.local):
                operand.grad += local * node.grad
