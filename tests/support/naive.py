"""A naive differentiator to compare with. It does not use ``autograd``'s rules.

``naive`` evaluates an expression with dual numbers of mpmath: forward mode, one input at a time, with the derivatives of
``exact.py`` in 60 digits. It shares neither algorithm nor arithmetic with the engine.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from exact import EXACT
from mpmath import mpf

from autograd.strategies.drawing import Expression


class Dual:
    """A number and its derivative with respect to one input."""

    def __init__(self, value: Any, slope: Any = 0) -> None:
        self.value = mpf(value)
        self.slope = mpf(slope)


def _dual(x: Any) -> Dual:
    return x if isinstance(x, Dual) else Dual(x)


def _rule(value: Callable[..., Any], *slopes: Callable[..., Any]) -> Callable[..., Dual]:
    def apply(*operands: Any) -> Dual:
        duals = [_dual(x) for x in operands]
        numbers = [x.value for x in duals]
        pairs = zip(slopes, duals, strict=True)
        return Dual(value(*numbers), sum((f(*numbers) * x.slope for f, x in pairs if x.slope), mpf(0)))

    return apply


def _sum(terms: list[Any]) -> Dual:
    duals = [_dual(x) for x in terms]
    return Dual(sum((x.value for x in duals), mpf(0)), sum((x.slope for x in duals), mpf(0)))


def _dot(weights: list[Any], inputs: list[Any], bias: Any) -> Dual:
    products = [NAIVE["mul"](w, x) for w, x in zip(weights, inputs, strict=True)]
    return _sum([bias, *products])


NAIVE: dict[str, Callable[..., Dual]] = {
    **{name: _rule(*functions) for name, functions in EXACT.items()},
    "square": lambda x: NAIVE["mul"](x, x),
    "sum": _sum,
    "dot": _dot,
}

for _name, _row in {"add": "add", "sub": "sub", "mul": "mul", "truediv": "div", "pow": "pow"}.items():
    setattr(Dual, f"__{_name}__", lambda x, y, rule=NAIVE[_row]: rule(x, y))
    setattr(Dual, f"__r{_name}__", lambda y, x, rule=NAIVE[_row]: rule(x, y))
setattr(Dual, "__neg__", NAIVE["neg"])  # noqa: B010 - consistent with the lines above


def naive(expression: Expression) -> tuple[Any, list[Any]]:
    """Return the value and its derivative with respect to each input."""
    duals = [
        expression.on(NAIVE)(*(Dual(x, int(i == j)) for j, x in enumerate(expression.inputs)))
        for i in range(len(expression.inputs))
    ]
    return duals[0].value, [dual.slope for dual in duals]
