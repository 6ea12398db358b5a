"""Exact values and derivatives of every row of the operation table, computed with mpmath.

They deliberately do not use ``autograd``. The formulas are from textbooks and are evaluated with so many digits that
cancellation does not matter. Where even that is not enough (``1 - tanh(x)**2`` at 400), another closed form is used.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from mpmath import mp, mpf

mp.dps = 60

Function = Callable[..., Any]


def _power(x: Any, y: Any) -> Any:
    return mpf(1) if y == 0 else mp.power(x, y)


def _half_if_tied(wins: bool, ties: bool) -> Any:
    return mpf(0.5) if ties else mpf(int(wins))


def _sigmoid(x: Any) -> Any:
    return 1 / (1 + mp.exp(-x))


def _softplus(x: Any) -> Any:
    return mp.log1p(mp.exp(x)) if x < 0 else x + mp.log1p(mp.exp(-x))


def _modulo(x: Any, y: Any) -> Any:
    remainder = _fraction(x) % _fraction(y)
    return mpf(remainder.numerator) / remainder.denominator


def _quotient(x: Any, y: Any) -> Any:
    # Use fractions, because the integer part of a quotient of two floats can have two thousand bits.
    return mpf(_fraction(x) // _fraction(y))


def _fraction(x: Any) -> Fraction:
    """Return a number of mpmath, which is an integer times a power of 2, as an exact fraction."""
    sign, integer, exponent, _ = mpf(x)._mpf_
    return Fraction(-int(integer) if sign else int(integer)) * Fraction(2) ** int(exponent)


def _erfc(x: Any) -> Any:
    return mp.erfc(x) if abs(x) < 1000 else mpf(0 if x > 0 else 2)  # mpmath fails for larger arguments


def _one_minus_square(x: Any) -> Any:
    return mp.fsub(1, x * x, exact=True) if abs(x) < 1 else mp.nan


def _sum_of_squares(x: Any, y: Any) -> Any:
    return mp.fadd(mp.fmul(x, x, exact=True), mp.fmul(y, y, exact=True))


def _hypot(x: Any, y: Any) -> Any:
    return mp.sqrt(_sum_of_squares(x, y))


def _ratio(numerator: Any, denominator: Any) -> Any:
    return numerator / denominator if denominator else mpf(0)


def _gaussian(x: Any) -> Any:
    return 2 / mp.sqrt(mp.pi) * mp.exp(-mp.fmul(x, x, exact=True))


def _one(*_: Any) -> Any:
    return mpf(1)


def _zero(*_: Any) -> Any:
    return mpf(0)


# name: (value, derivative with respect to the first operand, with respect to the second)
EXACT: dict[str, tuple[Function, ...]] = {
    "add": (lambda x, y: mp.fadd(x, y, exact=True), _one, _one),
    "sub": (lambda x, y: mp.fsub(x, y, exact=True), _one, lambda x, y: mpf(-1)),
    "mul": (lambda x, y: x * y, lambda x, y: y, lambda x, y: x),
    "div": (lambda x, y: x / y, lambda x, y: 1 / y, lambda x, y: -x / y**2),
    "neg": (lambda x: -x, lambda x: mpf(-1)),
    "pow": (_power, lambda x, y: _ratio(y * mp.power(x, y), x), lambda x, y: mp.power(x, y) * mp.log(x)),
    "mod": (_modulo, _one, lambda x, y: -_quotient(x, y)),
    "floor_div": (_quotient, _zero, _zero),
    "exp": (mp.exp, mp.exp),
    "exp2": (lambda x: mp.power(2, x), lambda x: mp.ln2 * mp.power(2, x)),
    "expm1": (mp.expm1, mp.exp),
    "log": (mp.log, lambda x: 1 / x),
    "log1p": (mp.log1p, lambda x: 1 / (1 + x)),
    "log2": (lambda x: mp.log(x) / mp.ln2, lambda x: 1 / (x * mp.ln2)),
    "log10": (mp.log10, lambda x: 1 / (x * mp.ln10)),
    "sqrt": (mp.sqrt, lambda x: 1 / (2 * mp.sqrt(x))),
    "cbrt": (lambda x: mp.sign(x) * mp.cbrt(abs(x)), lambda x: 1 / (3 * mp.cbrt(abs(x)) ** 2)),
    "sin": (mp.sin, mp.cos),
    "cos": (mp.cos, lambda x: -mp.sin(x)),
    "tan": (mp.tan, lambda x: 1 / mp.cos(x) ** 2),
    "asin": (mp.asin, lambda x: 1 / mp.sqrt(_one_minus_square(x))),
    "acos": (mp.acos, lambda x: -1 / mp.sqrt(_one_minus_square(x))),
    "atan": (mp.atan, lambda x: 1 / _sum_of_squares(1, x)),
    "sinh": (mp.sinh, mp.cosh),
    "cosh": (mp.cosh, mp.sinh),
    "tanh": (mp.tanh, lambda x: mp.sech(x) ** 2),
    "asinh": (lambda x: mp.sign(x) * mp.asinh(abs(x)), lambda x: 1 / mp.sqrt(_sum_of_squares(1, x))),
    "acosh": (mp.acosh, lambda x: 1 / mp.sqrt((x - 1) * (x + 1))),
    "atanh": (mp.atanh, lambda x: 1 / _one_minus_square(x)),
    "hypot": (_hypot, lambda x, y: _ratio(x, _hypot(x, y)), lambda x, y: _ratio(y, _hypot(x, y))),
    "atan2": (mp.atan2, lambda y, x: _ratio(x, _sum_of_squares(x, y)), lambda y, x: -_ratio(y, _sum_of_squares(x, y))),
    "abs": (abs, mp.sign),
    "sign": (mp.sign, _zero),
    "floor": (mp.floor, _zero),
    "ceil": (mp.ceil, _zero),
    "maximum": (max, lambda x, y: _half_if_tied(x > y, x == y), lambda x, y: _half_if_tied(y > x, x == y)),
    "minimum": (min, lambda x, y: _half_if_tied(x < y, x == y), lambda x, y: _half_if_tied(y < x, x == y)),
    "gate": (lambda x, y: x if y else mpf(0), lambda x, y: mpf(int(y != 0)), _zero),
    "less": (lambda x, y: mpf(int(x < y)), _zero, _zero),
    "less_equal": (lambda x, y: mpf(int(x <= y)), _zero, _zero),
    "equal": (lambda x, y: mpf(int(x == y)), _zero, _zero),
    "relu": (lambda x: max(x, mpf(0)), lambda x: mpf(int(x > 0))),
    "sigmoid": (_sigmoid, lambda x: _sigmoid(x) * _sigmoid(-x)),
    "softplus": (_softplus, _sigmoid),
    "erf": (mp.erf, _gaussian),
    "erfc": (_erfc, lambda x: -_gaussian(x)),
    "sum": (lambda x: x, _one),
    "dot": (lambda w, x: w * x, lambda w, x: x, lambda w, x: w),
}
