"""One engine per trap of ``check_engine``: ``SoundValue`` with one mistake, such as students make.

``PLANTED`` maps the name of a trap to its engine, and ``ALSO_FAILS`` to further traps that the same mistake must fail.
"""

from __future__ import annotations

import math
from typing import Any

from small_engines import SoundValue


class WrongNegation(SoundValue):
    def __neg__(self) -> Any:
        return self.node(-self.data, (self,), (1.0,))

    def __sub__(self, other: Any) -> Any:
        return self + self.convert(other) * -1

    def __rsub__(self, other: Any) -> Any:
        return self * -1 + other


class WrongReflection(SoundValue):
    def __rsub__(self, other: Any) -> Any:
        return self - other


class CutsAtZero(SoundValue):
    def __radd__(self, other: Any) -> Any:
        return self.convert(self.data) if other == 0 else self + other


class PowerByLogarithm(SoundValue):
    def __pow__(self, exponent: Any) -> Any:
        return super().__pow__(exponent) if isinstance(exponent, SoundValue) else self._power(exponent)

    def _power(self, exponent: float) -> Any:
        out = math.exp(math.log(self.data) * exponent)
        return self.node(out, (self,), (exponent * out / self.data,))


class ConstantExponent(SoundValue):
    def __pow__(self, exponent: Any) -> Any:
        return super().__pow__(exponent.data if isinstance(exponent, SoundValue) else exponent)

    def __rpow__(self, base: Any) -> Any:
        out = base**self.data
        return self.node(out, (self,), (out * math.log(base),))


class SwappedPower(SoundValue):
    def __rpow__(self, base: Any) -> Any:
        return self**base


class LeakyRelu(SoundValue):
    def relu(self) -> Any:
        return self.node(max(0.0, self.data), (self,), (float(self.data != 0),))


class AssignsInDifferences(SoundValue):
    def __sub__(self, other: Any) -> Any:
        return self.node(0.0, (self,), (-1.0,)) if self is other else super().__sub__(other)


class BreadthFirst(SoundValue):
    """Orders the nodes by the shortest path from the root, not by the longest one."""

    def order(self) -> list[Any]:
        found: dict[Any, None] = {self: None}
        waiting = [self]
        for node in waiting:
            new = [operand for operand in node.operands if operand not in found]
            found.update(dict.fromkeys(new))
            waiting += new
        order = list(found)[::-1]
        return sorted(order, key=lambda node: bool(node.operands))  # the leaves first


class BreadthFirstIfLarge(BreadthFirst):
    """Fails only in graphs with shared results and more nodes than a fixed test usually has."""

    def order(self) -> list[Any]:
        return BreadthFirst.order(self) if 10 <= len(SoundValue.order(self)) < 30 else SoundValue.order(self)


class FollowsPaths(SoundValue):
    def backward(self) -> None:
        stack = [(self, 1.0)]
        while stack:
            node, adjoint = stack.pop()
            node.grad += adjoint
            stack += [(operand, local * adjoint) for operand, local in zip(node.operands, node.local, strict=True)]


class ResetsSometimes(SoundValue):
    """Resets interior nodes only if ``self.is_new()``."""

    def is_new(self) -> bool:
        """Whether backward was not called on this root before."""
        return self.grad == 0

    def backward(self) -> None:
        order = self.order()
        if self.is_new():
            for node in order:
                node.grad = 0.0 if node.operands else node.grad
        self.grad = 1.0
        for node in reversed(order):
            for operand, local in zip(node.operands, node.local, strict=True):
                operand.grad += local * node.grad


class ResetsOldRoots(ResetsSometimes):
    def is_new(self) -> bool:
        return self.grad != 0


class Recursive(SoundValue):
    def order(self) -> list[Any]:
        order: list[Any] = []
        visited = set()

        def visit(node: Any) -> None:
            if node not in visited:
                visited.add(node)
                for operand in node.operands:
                    visit(operand)
                order.append(node)

        visit(self)
        return order


class ListOfVisited(SoundValue):
    def order(self) -> list[Any]:
        order: list[Any] = []
        stack = [self]
        while stack:
            node = stack[-1]
            waiting = [operand for operand in node.operands if operand not in order]
            stack += waiting
            if not waiting:
                stack.pop()
                order += [node] if node not in order else []
        return order


class GradientsWithoutGraph(SoundValue):
    def backward(self) -> None:
        super().backward()
        for node in self.order():
            node.grad = node.grad if isinstance(node.grad, SoundValue) else type(self)(node.grad)


class PythonNumbersOnly(SoundValue):
    def convert(self, other: Any) -> Any:
        if not isinstance(other, int | float | SoundValue):
            raise TypeError(f"unsupported operand: {other!r}")
        return super().convert(other)


class ExpRaises(SoundValue):
    def exp(self) -> Any:
        return self.node(math.exp(self.data), (self,), (math.exp(self.data),))


class TanhOverflows(SoundValue):
    def tanh(self) -> Any:
        out = 1 - 2 / (math.exp(2 * self.data) + 1)
        return self.node(out, (self,), (1 - out * out,))


class LogRaises(SoundValue):
    def log(self) -> Any:
        return self.node(math.log(self.data), (self,), (1 / self.data,))


class ReluPassesZero(SoundValue):
    def relu(self) -> Any:
        return self.node(max(0.0, self.data), (self,), (float(self.data >= 0),))


class AcceptsEverything(SoundValue):
    def __init__(self, data: Any, operands: tuple[Any, ...] = (), local: tuple[float, ...] = ()) -> None:
        super().__init__(0.0, operands, local)
        self.data = data if isinstance(data, str) else float(data)


class Prints(SoundValue):
    def backward(self) -> None:
        print("backward of", self.data)
        super().backward()


PLANTED = {
    "operators": WrongNegation,
    "reflected operators": WrongReflection,
    "sum": CutsAtZero,
    "powers": PowerByLogarithm,
    "x ** y": ConstantExponent,
    "2 ** x": SwappedPower,
    "functions": LeakyRelu,
    "node used twice": AssignsInDifferences,
    "diamond": BreadthFirst,
    "random graphs": BreadthFirstIfLarge,
    "shared nodes": FollowsPaths,
    "second backward": ResetsSometimes,
    "two roots": ResetsOldRoots,
    "deep graph": Recursive,
    "cost per node": ListOfVisited,
    "second order": GradientsWithoutGraph,
    "NumPy scalars": PythonNumbersOnly,
    "exp(1000)": ExpRaises,
    "large arguments": TanhOverflows,
    "log(0)": LogRaises,
    "relu(0)": ReluPassesZero,
    "wrong data": AcceptsEverything,
    "no output": Prints,
}
ALSO_FAILS = {"diamond": ["random graphs"]}
