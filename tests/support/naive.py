"""Random expressions, and a second, naive differentiator to compare with: nothing here uses ``autograd``'s rules.

An expression is a list of steps, each naming an operation and earlier steps; so sharing, diamonds and repeated
operands come up by themselves. ``naive`` evaluates it on dual numbers of mpmath - forward mode, one input at a time,
in 40 digits - which shares neither algorithm nor arithmetic with the engine.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st
from mpmath import mp, mpf


@dataclass(frozen=True)
class Step:
    """One operation on earlier results, or on constants where an operand is a float."""

    name: str
    operands: tuple[int | float, ...]


@dataclass(frozen=True)
class Expression:
    """Inputs and the steps that compute from them; operand ``i`` is input ``i``, or the result of a step after those."""

    inputs: tuple[float, ...]
    steps: tuple[Step, ...]

    def evaluate(self, operations: dict[str, Callable[..., Any]], inputs: list[Any]) -> list[Any]:
        """Every result in order, inputs first, computed with these operations on these inputs."""
        results = list(inputs)
        for step in self.steps:
            operands = [results[x] if isinstance(x, int) else x for x in step.operands]
            results.append(operations[step.name](*operands))
        return results


UNARY = ["neg", "tanh", "sin", "cos", "sigmoid", "square", "relu", "abs", "softplus", "atan"]
BINARY = ["add", "sub", "mul", "maximum", "minimum", "hypot"]
GUARDED = ["div", "log", "sqrt", "exp", "pow"]  # kept where they are finite: see NAIVE
COUNTS = {**dict.fromkeys(UNARY, 1), **dict.fromkeys(BINARY, 2), "div": 2, "log": 1, "sqrt": 1, "exp": 1, "pow": 1}


@st.composite
def expressions(draw: st.DrawFn, max_inputs: int = 4, max_steps: int = 25) -> Expression:
    """Random expressions in which every operation is finite, and smooth but for the kinks of relu, abs, maximum."""
    number = st.floats(-3, 3).map(lambda x: round(x, 3))
    inputs = draw(st.lists(number, min_size=1, max_size=max_inputs))
    steps: list[Step] = []
    for _ in range(draw(st.integers(1, max_steps))):
        count = len(inputs) + len(steps)
        earlier = st.integers(max(0, count - 5), count - 1) | st.integers(0, count - 1)  # deep as well as wide
        operand = earlier | number
        name = draw(st.sampled_from([*UNARY, *BINARY, *GUARDED, "sum", "dot"]))
        if name == "sum":
            operands = draw(st.lists(operand, min_size=1, max_size=5).map(tuple))
        elif name == "dot":
            terms = draw(st.integers(1, 4))
            operands = draw(st.tuples(*[operand] * (2 * terms + 1)))
        else:
            operands = draw(st.tuples(*[earlier] * COUNTS[name]))
            if COUNTS[name] == 2 and draw(st.booleans()):  # a constant on either side
                side = draw(st.integers(0, 1))
                operands = tuple(draw(number) if i == side else x for i, x in enumerate(operands))
        steps.append(Step(name, operands))
    return Expression(tuple(inputs), tuple(steps))


@dataclass(frozen=True)
class Dual:
    """A number and its derivative by one input."""

    value: Any
    slope: Any


def _dual(x: Any) -> Dual:
    return x if isinstance(x, Dual) else Dual(mpf(x), mpf(0))


def _rule(value: Callable[..., Any], *slopes: Callable[..., Any]) -> Callable[..., Dual]:
    def apply(*operands: Any) -> Dual:
        duals = [_dual(x) for x in operands]
        numbers = [x.value for x in duals]
        pairs = zip(slopes, duals, strict=True)
        return Dual(value(*numbers), sum((f(*numbers) * x.slope for f, x in pairs if x.slope), mpf(0)))

    return apply


def _share(x: Any, y: Any) -> Any:
    return mpf(1) if x > y else mpf(0) if x < y else mpf(0.5)


def _length(x: Any, y: Any) -> Any:
    return mp.sqrt(x * x + y * y)


def _dual_dot(*operands: Any) -> Dual:
    n = len(operands) // 2
    total = _dual(operands[-1])
    for w, x in zip(operands[:n], operands[n:-1], strict=True):
        total = NAIVE["add"](total, NAIVE["mul"](w, x))
    return total


def _dual_sum(*operands: Any) -> Dual:
    duals = [_dual(x) for x in operands]
    return Dual(sum((x.value for x in duals), mpf(0)), sum((x.slope for x in duals), mpf(0)))


NAIVE: dict[str, Callable[..., Dual]] = {
    "add": _rule(lambda x, y: x + y, lambda x, y: 1, lambda x, y: 1),
    "sub": _rule(lambda x, y: x - y, lambda x, y: 1, lambda x, y: -1),
    "mul": _rule(lambda x, y: x * y, lambda x, y: y, lambda x, y: x),
    "neg": _rule(lambda x: -x, lambda x: -1),
    "square": _rule(lambda x: x * x, lambda x: 2 * x),
    "tanh": _rule(mp.tanh, lambda x: mp.sech(x) ** 2),
    "sin": _rule(mp.sin, mp.cos),
    "cos": _rule(mp.cos, lambda x: -mp.sin(x)),
    "atan": _rule(mp.atan, lambda x: 1 / (1 + x * x)),
    "sigmoid": _rule(lambda x: 1 / (1 + mp.exp(-x)), lambda x: mp.exp(-x) / (1 + mp.exp(-x)) ** 2),
    "softplus": _rule(lambda x: mp.log1p(mp.exp(x)), lambda x: 1 / (1 + mp.exp(-x))),
    "relu": _rule(lambda x: max(x, mpf(0)), lambda x: int(x > 0)),
    "abs": _rule(abs, mp.sign),
    "maximum": _rule(max, _share, lambda x, y: _share(y, x)),
    "minimum": _rule(min, lambda x, y: _share(y, x), _share),
    "hypot": _rule(_length, lambda x, y: x and x / _length(x, y), lambda x, y: y and y / _length(x, y)),
    # The guarded ones: x / (1 + y*y), log(1 + x*x), sqrt(1 + x*x), exp(-x*x), (1 + x*x)**0.3.
    "div": _rule(lambda x, y: x / (1 + y * y), lambda x, y: 1 / (1 + y * y), lambda x, y: -2 * x * y / (1 + y * y) ** 2),
    "log": _rule(lambda x: mp.log(1 + x * x), lambda x: 2 * x / (1 + x * x)),
    "sqrt": _rule(lambda x: mp.sqrt(1 + x * x), lambda x: x / mp.sqrt(1 + x * x)),
    "exp": _rule(lambda x: mp.exp(-x * x), lambda x: -2 * x * mp.exp(-x * x)),
    "pow": _rule(lambda x: (1 + x * x) ** mpf(0.3), lambda x: 2 * x * mpf(0.3) * (1 + x * x) ** (mpf(0.3) - 1)),
    "sum": _dual_sum,
    "dot": _dual_dot,
}


def naive(expression: Expression) -> tuple[list[Any], list[Any]]:
    """All results, and the derivative of the last one by each input."""
    gradient, results = [], []
    for i in range(len(expression.inputs)):
        duals = [Dual(mpf(x), mpf(int(i == j))) for j, x in enumerate(expression.inputs)]
        results = expression.evaluate(NAIVE, duals)
        gradient.append(results[-1].slope)
    return [result.value for result in results], gradient
