"""True derivatives of a function and the rounding error of its gradient, from exact values alone.

No derivative rule is used. The function runs on ``Number``s of 1,000 bits, and its derivatives are differences over a step of
2**-330. The rounding error is measured by stochastic arithmetic: the differences are taken again while each result, and each
contribution to the gradient, is multiplied by 1 + d, with a random d of at most one unit in the last place of a float. See
J. Vignes, "Discrete stochastic arithmetic for validating results of numerical software", Numerical Algorithms 37, 2004.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from composites import compose
from exact import EXACT
from mpmath import mp, mpc, mpf

BITS = 1000
STEP = mpf(2) ** -330
SAMPLES = 3  # of the rounding error
ULP = 2.0**-52
# A float gradient may differ from the truth by this multiple of the measured rounding error, which is a maximum of few samples.
MARGIN = 32
UNDERFLOW = 1e-190  # differences over STEP of numbers of BITS resolve no less
HUGE = mpf(2) ** 200  # far more than any second derivative, far less than the second difference at a kink
EXACT_OPERATIONS = {
    "neg", "abs", "sign", "floor", "ceil", "maximum", "minimum", "relu", "gate", "less", "less_equal", "equal", "mod", "where",
    "round", "trunc", "fmod", "copysign", "heaviside",
}  # fmt: skip


class Truth(NamedTuple):
    """The derivative with respect to one input.

    Attributes:
        low, high: The one-sided derivatives. They are equal unless there is a kink or a jump.
        rounding: Measured rounding error of a float gradient.
    """

    low: Any
    high: Any
    rounding: Any

    def accepts(self, stated: float) -> bool:
        """Return whether a float gradient is right: the truth, up to rounding; at a kink, anything between the slopes."""
        if not math.isfinite(stated):
            return False
        slack = MARGIN * self.rounding + 16 * ULP * max(abs(self.low), abs(self.high)) + UNDERFLOW
        return bool(self.low - slack <= stated <= self.high + slack)


class Number:
    """A number of 1,000 bits.

    Attributes:
        number: The number at the moved point.
        base: The number at the point itself. It is used only with noise, where it may differ from ``number``.
        noise: If set, the source of the perturbations by which results of operations are rounded.
    """

    noise: random.Random | None = None

    def __init__(self, number: Any, base: Any = None) -> None:
        self.number = number
        self.base = number if base is None else base


def _exact(x: Any) -> Any:
    return x.number if isinstance(x, Number) else mpf(x)


def _operation(name: str, function: Callable[..., Any]) -> Callable[..., Number]:
    def value(*numbers: Any) -> Any:
        try:
            found = function(*numbers)
        except (ZeroDivisionError, ValueError):
            return mp.nan
        return mp.nan if isinstance(found, mpc) else found  # complex outside of the domain

    def apply(*operands: Any) -> Number:
        numbers = [_exact(x) for x in operands]
        if Number.noise is None:
            return Number(value(*numbers))
        bases = [x.base if isinstance(x, Number) else number for x, number in zip(operands, numbers, strict=True)]
        # A move of an operand is a contribution to the derivative; its perturbation leaves the value at the point unchanged.
        factors = [_near_one() for _ in operands]
        moved = [base + (number - base) * by for number, base, by in zip(numbers, bases, factors, strict=True)]
        factor = mpf(1) if name in EXACT_OPERATIONS else _near_one()
        result = factor * value(*bases)
        return Number(result if moved == bases else factor * value(*moved), result)

    return apply


def _near_one() -> Any:
    assert Number.noise is not None
    return 1 + mpf(Number.noise.uniform(-ULP, ULP))


def _sum(terms: Sequence[Any]) -> Any:
    total = terms[0] if terms else Number(mpf(0))
    for term in terms[1:]:
        total = OPERATIONS["add"](total, term)
    return total


def _dot(weights: Sequence[Any], inputs: Sequence[Any], bias: Any) -> Any:
    return _sum([bias, *(OPERATIONS["mul"](w, x) for w, x in zip(weights, inputs, strict=True))])


# Values of the rows. These references compute with fractions of floats, which a moved input is not.
_VALUES = {name: functions[0] for name, functions in EXACT.items()} | {
    "mod": lambda x, y: x - y * mp.floor(x / y),
    "floor_div": lambda x, y: mp.floor(x / y),
    "fmod": lambda x, y: x - y * mp.sign(x) * mp.sign(y) * mp.floor(abs(x / y)),
}
OPERATIONS: dict[str, Callable[..., Any]] = {name: _operation(name, value) for name, value in _VALUES.items()}
OPERATIONS |= {"sum": _sum, "dot": _dot, "where": lambda condition, x, y: x if condition else y}
OPERATIONS["constant"] = lambda x: Number(mpf(float(_exact(x))))  # a moved input has the same float
OPERATIONS |= compose(OPERATIONS)

_SYMBOLS = {"add": "add", "sub": "sub", "mul": "mul", "truediv": "div", "pow": "pow", "mod": "mod", "floordiv": "floor_div"}
for _name, _row in _SYMBOLS.items():
    setattr(Number, f"__{_name}__", OPERATIONS[_row])
    setattr(Number, f"__r{_name}__", lambda y, x, operation=OPERATIONS[_row]: operation(x, y))
for _name in ("neg", "abs"):
    setattr(Number, f"__{_name}__", OPERATIONS[_name])
for _name in ("lt", "le", "gt", "ge", "eq", "ne"):
    setattr(Number, f"__{_name}__", lambda x, y, name=f"__{_name}__": getattr(_exact(x), name)(_exact(y)))


class _Slopes:
    """One-sided difference quotients of a function at a point."""

    def __init__(self, f: Callable[..., Any], inputs: Sequence[float], noise: int | None = None) -> None:
        self.f, self.inputs, self.noise = f, [mpf(x) for x in inputs], noise
        self.middle = self.value(0, mpf(0))

    def value(self, i: int, move: Any, j: int = -1, second_move: Any = 0) -> Any:
        Number.noise = None if self.noise is None else random.Random(self.noise)  # the same noise for every move
        moves = [move * (i == k) + second_move * (j == k) for k in range(len(self.inputs))]
        try:
            return _exact(self.f(*(Number(x + by, x) for x, by in zip(self.inputs, moves, strict=True))))
        finally:
            Number.noise = None

    def at(self, i: int, halvings: int = 0) -> tuple[Any, Any]:
        """Return the slopes to the left and to the right of input ``i``."""
        h = STEP * (abs(self.inputs[i]) or 1) / 2**halvings
        return (self.middle - self.value(i, -h)) / h, (self.value(i, h) - self.middle) / h

    def beside(self, i: int) -> tuple[Any, Any]:
        """Return the slopes strictly on the left and on the right, which exclude a jump at the point itself."""
        h = STEP * (abs(self.inputs[i]) or 1)
        left, right = (side * (self.value(i, side * h) - self.value(i, side * h / 2)) / (h / 2) for side in (-1, 1))
        return left, right

    def second(self, i: int, j: int) -> Any:
        """Return the second difference quotient with respect to inputs ``i`` and ``j``."""
        h, k = (STEP * (abs(self.inputs[n]) or 1) for n in (i, j))
        corners = [a * b * self.value(i, a * h, j, b * k) for a in (1, -1) for b in (1, -1)]
        return sum(corners) / (4 * h * k)


def _is_close(x: Any, y: Any) -> bool:
    return bool(abs(x - y) <= mpf(2) ** -200 * (abs(x) + abs(y)) + mpf(2) ** -600)


def _one_sided(slopes: _Slopes, i: int) -> tuple[Any, Any] | None:
    """Return the one-sided derivatives, or None where they are infinite or undefined."""
    left, right = slopes.at(i)
    if not (mp.isfinite(left) and mp.isfinite(right)):
        return None
    if _is_close(left, right) and abs(left) < HUGE:
        return (left + right) / 2, (left + right) / 2
    left2, right2 = slopes.at(i, halvings=1)
    growth = abs(right2 - left2) / abs(right - left) if left != right else mp.inf
    if growth < 1.1:
        left, right = 2 * left2 - left, 2 * right2 - right  # the error of a one-sided difference is halved with the step
        # The gap stays at a kink. It shrinks where the function is smooth.
        return (left, right) if growth > 0.9 else ((left + right) / 2, (left + right) / 2)
    left, right = slopes.beside(i)  # a jump, unless the slopes beside it are infinite, too
    return (left, right) if growth > 1.9 and max(abs(left), abs(right)) < HUGE else None


def true_derivatives(f: Callable[..., Any], inputs: Sequence[float]) -> list[Truth | None]:
    """Return the true derivative with respect to each input; None where the function has no finite one-sided derivatives.

    Args:
        f: A function of ``Number``s, such as ``Expression.on(OPERATIONS)``.
        inputs: The point.
    """
    with mp.workprec(BITS):
        exact, noisy = _slopes(f, inputs)
        return [_truth(exact, noisy, i) for i in range(len(inputs))]


def true_second_derivatives(f: Callable[..., Any], inputs: Sequence[float]) -> list[list[Truth | None]]:
    """Return the true Hessian. An entry is None where the second difference is huge, as at a kink."""
    size = range(len(inputs))
    with mp.workprec(BITS):
        exact, noisy = _slopes(f, inputs)
        found = {(i, j): _second_truth(exact, noisy, i, j) for i in size for j in range(i + 1)}
        return [[found[max(i, j), min(i, j)] for j in size] for i in size]


def _slopes(f: Callable[..., Any], inputs: Sequence[float]) -> tuple[_Slopes, list[_Slopes]]:
    return _Slopes(f, inputs), [_Slopes(f, inputs, noise) for noise in range(SAMPLES)]


def _second_truth(exact: _Slopes, noisy: Sequence[_Slopes], i: int, j: int) -> Truth | None:
    found = exact.second(i, j)
    if not mp.isfinite(found) or abs(found) > HUGE:
        return None
    return Truth(found, found, max(abs(slopes.second(i, j) - found) for slopes in noisy))


def _truth(exact: _Slopes, noisy: Sequence[_Slopes], i: int) -> Truth | None:
    sides = _one_sided(exact, i)
    if sides is None:
        return None
    perturbed = [_one_sided(slopes, i) for slopes in noisy]
    errors = [abs(x - y) for pair in perturbed if pair is not None for x, y in zip(pair, sides, strict=True)]
    rounding = max(errors, default=mpf(0)) if all(pair is not None for pair in perturbed) else mp.inf
    return Truth(min(sides), max(sides), rounding)
