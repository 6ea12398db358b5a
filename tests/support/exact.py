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
    if abs(x) < 1000:
        return mp.erfc(x)
    return _erfcx(x) * mp.exp(-mp.fmul(x, x, exact=True)) if x > 0 else mpf(2)  # mpmath fails for larger arguments


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


def _round(x: Any) -> Any:
    whole = mp.floor(x + mpf(0.5))
    return whole - 1 if whole - x == mpf(0.5) and whole % 2 else whole


def _truncated(x: Any) -> Any:
    return mp.sign(x) * mp.floor(abs(x))


def _fmod(x: Any, y: Any) -> Any:
    remainder = _fraction(abs(x)) % _fraction(abs(y))
    return mp.sign(x) * mpf(remainder.numerator) / remainder.denominator


def _truncated_quotient(x: Any, y: Any) -> Any:
    return mp.sign(x) * mp.sign(y) * _quotient(abs(x), abs(y))


def _with_digits(more: int, function: Function) -> Function:
    """Return the function computed with more digits, for formulas that cancel."""

    def computed(*operands: Any) -> Any:
        with mp.workdps(mp.dps + more):
            return function(*operands)

    return computed


def _erfcx(x: Any) -> Any:
    if x < 1000:
        return mp.exp(mp.fmul(x, x, exact=True)) * mp.erfc(x)
    return mp.hyp2f0(1, mpf(0.5), -1 / x**2) / (x * mp.sqrt(mp.pi))  # DLMF 7.12.1


def _erfcx_slope(x: Any) -> Any:
    if x < 1000:
        with mp.workdps(mp.dps + 40):
            return 2 * x * _erfcx(x) - 2 / mp.sqrt(mp.pi)
    return -mp.hyp2f0(1, mpf(1.5), -1 / x**2) / (x * x * mp.sqrt(mp.pi))


def _normal_density(x: Any) -> Any:
    return mp.exp(-mp.fmul(x, x, exact=True) / 2) / mp.sqrt(2 * mp.pi)


def _ndtr(x: Any) -> Any:
    return _erfc(-x / mp.sqrt(2)) / 2


def _log_ndtr(x: Any) -> Any:
    if x < -1000:  # DLMF 7.12.1
        return mp.log(_erfcx(-x / mp.sqrt(2)) / 2) - x * x / 2
    return mp.log(_ndtr(x)) if x < 0 else mp.log1p(-_ndtr(-x))


def _log_ndtr_slope(x: Any) -> Any:
    return mp.sqrt(2 / mp.pi) / _erfcx(-x / mp.sqrt(2)) if x < 0 else _normal_density(x) / _ndtr(x)


def _ndtri(p: Any) -> Any:
    """Invert the normal distribution function by Newton's method on its logarithm."""
    if not 0 < p < 1:
        return mp.nan
    if p > 0.5:
        return -_ndtri(mp.fsub(1, p, exact=True))
    x = mp.sqrt(2) * mp.erfinv(2 * p - 1) if p > 1e-3 else -mp.sqrt(-2 * mp.log(p))
    for _ in range(50):
        step = (_log_ndtr(x) - mp.log(p)) / _log_ndtr_slope(x)
        x -= step
        if abs(step) < mpf(10) ** -50:
            break
    return x


def _erfinv(x: Any) -> Any:
    if abs(x) < 0.5:
        return mp.erfinv(x)
    return -mp.sign(x) * _ndtri(mp.fsub(1, abs(x), exact=True) / 2) / mp.sqrt(2)


def _entr(x: Any) -> Any:
    return -x * mp.log(x) if x else mpf(0)


def _sinc(x: Any) -> Any:
    return mp.sinpi(x) / (mp.pi * x) if x else mpf(1)


def _sinc_slope(x: Any) -> Any:
    if abs(x) < 1e-10:
        return -(mp.pi**2) * x / 3
    with mp.workdps(mp.dps + 40):
        return (mp.cospi(x) - mp.sinpi(x) / (mp.pi * x)) / x


def _log_gamma(x: Any) -> Any:
    return mp.re(mp.loggamma(x))


def _change(function: Function, slopes: tuple[Function, Function], x: Any, y: Any) -> Any:
    """Return f(x + y) - f(x), with two terms of a Taylor series if y is too small for a difference of 60 digits."""
    if y < x * mpf(10) ** -22 and mp.dps < 80:
        return y * (slopes[0](x) + y / 2 * slopes[1](x))
    with mp.workdps(mp.dps + 10 - min(0, int(mp.log10(y / x)))):
        return function(x + y) - function(x)


def _log_beta(x: Any, y: Any) -> Any:
    low, high = min(x, y), max(x, y)
    if low <= 0:  # outside of the domain
        return mp.nan
    with mp.workdps(mp.dps + 10):
        return _log_gamma(low) - _change(_log_gamma, (lambda t: mp.psi(0, t), lambda t: mp.psi(1, t)), high, low)


def _log_beta_slope(x: Any, y: Any) -> Any:
    return -_change(lambda t: mp.psi(0, t), (lambda t: mp.psi(1, t), lambda t: mp.psi(2, t)), x, y)


def _polygamma(n: Any, x: Any) -> Any:
    return mp.psi(int(n), x) if n == int(n) and 0 <= n <= 171 else mp.nan


def _tanhshrink(x: Any) -> Any:
    if abs(x) < 1e-10:
        return x**3 / 3 - 2 * x**5 / 15 + 17 * x**7 / 315  # Taylor series
    with mp.workdps(mp.dps + 40):
        return x - mp.tanh(x)


def _one(*_: Any) -> Any:
    return mpf(1)


def _zero(*_: Any) -> Any:
    return mpf(0)


SELU_SCALE, SELU_ALPHA = mpf("1.0507009873554804934193349852946"), mpf("1.6732632423543772848170429916717")

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
    "trunc": (_truncated, _zero),
    "round": (_round, _zero),
    "fmod": (_fmod, _one, lambda x, y: -_truncated_quotient(x, y)),
    "copysign": (
        lambda x, y: abs(x) * (-1 if y < 0 else 1),
        lambda x, y: mp.sign(x) * (-1 if y < 0 else 1),
        _zero,
    ),
    "heaviside": (lambda x, y: y if x == 0 else mpf(int(x > 0)), _zero, lambda x, y: mpf(int(x == 0))),
    "degrees": (lambda x: 180 * x / mp.pi, lambda x: 180 / mp.pi),
    "radians": (lambda x: x * mp.pi / 180, lambda x: mp.pi / 180),
    "rsqrt": (lambda x: 1 / mp.sqrt(x), lambda x: -1 / (2 * x * mp.sqrt(x))),
    "log1mexp": (lambda x: mp.log(-mp.expm1(-x)) if x < 1 else mp.log1p(-mp.exp(-x)), lambda x: -mp.exp(-x) / mp.expm1(-x)),
    "logit": (_with_digits(340, lambda x: mp.log(x / (1 - x))), lambda x: 1 / (x * mp.fsub(1, x, exact=True))),
    "logaddexp": (
        lambda x, y: max(x, y) + mp.log1p(mp.exp(-abs(mp.fsub(x, y, exact=True)))),
        lambda x, y: _sigmoid(mp.fsub(x, y, exact=True)),
        lambda x, y: _sigmoid(mp.fsub(y, x, exact=True)),
    ),
    "xlogy": (lambda x, y: x * mp.log(y) if x else mpf(0) if y >= 0 else mp.nan, lambda x, y: mp.log(y), lambda x, y: x / y),
    "entr": (_entr, lambda x: -1 - mp.log(x)),
    "sinc": (_sinc, _sinc_slope),
    "log_sigmoid": (lambda x: -_softplus(-x), lambda x: _sigmoid(-x)),
    "softsign": (lambda x: x / (1 + abs(x)), lambda x: 1 / (1 + abs(x)) ** 2),
    "hardtanh": (lambda x: max(mpf(-1), min(mpf(1), x)), lambda x: mpf(int(abs(x) < 1))),
    "relu6": (lambda x: max(mpf(0), min(mpf(6), x)), lambda x: mpf(int(0 < x < 6))),
    "hardsigmoid": (lambda x: max(mpf(0), min(mpf(1), (x + 3) / 6)), lambda x: mpf(int(abs(x) < 3)) / 6),
    "hardswish": (
        lambda x: x * max(mpf(0), min(mpf(1), (x + 3) / 6)),
        lambda x: mpf(int(x >= 3)) if abs(x) >= 3 else x / 3 + mpf(0.5),
    ),
    "selu": (
        lambda x: SELU_SCALE * (x if x > 0 else SELU_ALPHA * mp.expm1(x)),
        lambda x: SELU_SCALE * (1 if x > 0 else SELU_ALPHA * mp.exp(x)),
    ),
    "leaky_relu": (
        lambda x, slope: x if x > 0 else slope * x,
        lambda x, slope: mpf(1) if x > 0 else slope,
        lambda x, slope: mpf(0) if x > 0 else x,
    ),
    "hardshrink": (
        lambda x, threshold: x if abs(x) > threshold else mpf(0),
        lambda x, threshold: mpf(int(abs(x) > threshold or threshold == 0)),
        _zero,
    ),
    "softshrink": (
        lambda x, threshold: mp.fsub(x, threshold if x > 0 else -threshold, exact=True) if abs(x) > threshold else mpf(0),
        lambda x, threshold: mpf(int(abs(x) > threshold or threshold == 0)),
        lambda x, threshold: mpf(-1 if x > 0 else 1) if abs(x) > threshold else mpf(0),
    ),
    "elu": (
        lambda x, alpha: x if x > 0 else alpha * mp.expm1(x),
        lambda x, alpha: mpf(1) if x > 0 else alpha * mp.exp(x),
        lambda x, alpha: mpf(0) if x > 0 else mp.expm1(x),
    ),
    "clamp_min": (max, lambda x, low: mpf(int(x >= low)), lambda x, low: mpf(int(x < low))),
    "clamp_max": (min, lambda x, high: mpf(int(x <= high)), lambda x, high: mpf(int(x > high))),
    "tanhshrink": (_tanhshrink, lambda x: mp.tanh(x) ** 2),
    "erfcx": (_erfcx, _erfcx_slope),
    "erfinv": (_erfinv, lambda x: mp.sqrt(mp.pi) / 2 * mp.exp(_erfinv(x) ** 2)),
    "ndtr": (_ndtr, _normal_density),
    "ndtri": (_ndtri, lambda p: 1 / _normal_density(_ndtri(p))),
    "log_ndtr": (_log_ndtr, _log_ndtr_slope),
    "lgamma": (_log_gamma, lambda x: mp.psi(0, x)),
    "digamma": (lambda x: mp.psi(0, x), lambda x: mp.psi(1, x)),
    "polygamma": (
        lambda n, x: _polygamma(n, x) if n <= 170 else mp.nan,
        lambda n, x: mp.nan,
        lambda n, x: _polygamma(n + 1, x) if n == int(n) and 0 <= n <= 169 else mp.nan,
    ),
    "betaln": (_log_beta, _log_beta_slope, lambda x, y: _log_beta_slope(y, x)),
    "beta": (
        lambda x, y: mp.exp(_log_beta(x, y)),
        lambda x, y: mp.exp(_log_beta(x, y)) * _log_beta_slope(x, y),
        lambda x, y: mp.exp(_log_beta(x, y)) * _log_beta_slope(y, x),
    ),
    "i0": (lambda x: mp.besseli(0, x), lambda x: mp.besseli(1, x)),
    "i1": (lambda x: mp.besseli(1, x), lambda x: (mp.besseli(0, x) + mp.besseli(2, x)) / 2),
    "j0": (lambda x: mp.besselj(0, x), lambda x: -mp.besselj(1, x)),
    "j1": (lambda x: mp.besselj(1, x), lambda x: (mp.besselj(0, x) - mp.besselj(2, x)) / 2),
    "sum": (lambda x: x, _one),
    "dot": (lambda w, x: w * x, lambda w, x: x, lambda w, x: w),
}
