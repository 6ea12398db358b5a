"""Numbers with hundreds of digits that the rows of the table can compute with.

``gradcheck`` evaluates each row a second time in high precision, with mpmath. It uses the row's own ``forward`` and rules:
they are written with operators, other rows and functions of ``libm``, and all of these accept the class ``Exact``.

An exact number is an ``mpf`` of mpmath, or the float ``0.0`` or ``-0.0``, because an ``mpf`` has no negative zero. The
functions of this file return the result of IEEE-754 where mpmath raises an error, such as for 1 / 0.
"""

from __future__ import annotations

import contextlib
import math
import threading
from collections.abc import Iterator
from typing import Any, TypeAlias

import mpmath

from autograd import ops
from autograd.base.real import Libm, libm

Number: TypeAlias = Any  # an mpf, or a zero of type float

PRECISION = 320  # bits
MORE_PRECISION = 2400  # bits, before a derivative is called wrong

CONTEXT = mpmath.MPContext()  # our own, because users may change the precision of mpmath.mp
CONTEXT.prec = PRECISION
mpf = CONTEXT.mpf
INF, NAN, ZERO, ONE = CONTEXT.inf, CONTEXT.nan, mpf(0), mpf(1)
isfinite = CONTEXT.isfinite
UNIT = 2.0**-53  # the largest relative rounding error of a float operation
RULE_BOUND = 32 * UNIT  # relative error of a right rule, whose constants and coefficients are floats
HUGE = 10**5  # exp(HUGE) is beyond every float, and quick to compute

_lock = threading.RLock()


class NotExactError(Exception):
    """A formula calls a function that has no exact version."""


@contextlib.contextmanager
def more_precision() -> Iterator[None]:
    """Compute with ``MORE_PRECISION``. The precision is shared by all threads, so that other threads may wait."""
    with _lock:
        before, CONTEXT.prec = CONTEXT.prec, MORE_PRECISION
        try:
            yield
        finally:
            CONTEXT.prec = before


# ---- arithmetic with IEEE-754 results ---------------------------------------------------------------------------------


def is_negative(x: Number) -> bool:
    """Return whether ``x`` is negative or -0.0."""
    return bool(x < 0) or (type(x) is float and math.copysign(1.0, x) < 0)


def negate(x: Number) -> Number:
    """Return ``-x``."""
    return -x if x else -0.0 if not is_negative(x) else ZERO


def subtract(x: Number, y: Number) -> Number:
    """Return ``x - y``."""
    return x - y if y else x + negate(y)


def multiply(x: Number, y: Number) -> Number:
    """Return ``x * y``."""
    product = x * y
    return product or _zero(is_negative(x) != is_negative(y))


def divide(x: Number, y: Number) -> Number:
    """Return ``x / y``; infinity or nan if ``y`` is 0."""
    is_below = is_negative(x) != is_negative(y)
    if not y:
        return NAN if not x or CONTEXT.isnan(x) else -INF if is_below else INF
    if CONTEXT.isinf(x) and CONTEXT.isinf(y):
        return NAN
    quotient = mpf(x) / y
    return quotient or _zero(is_below)


def _zero(is_below: bool) -> Number:
    return -0.0 if is_below else ZERO


def total(terms: Any) -> Number:
    """Return the sum of the terms, rounded once."""
    return CONTEXT.fsum(terms)


def dot(weights: Any, inputs: Any, bias: Number) -> Number:
    """Return ``bias + weights[0] * inputs[0] + ...``."""
    return CONTEXT.fdot(zip(weights, inputs, strict=True)) + bias


# ---- the functions of libm ---------------------------------------------------------------------------------------------


def _odd(function: Any) -> Any:
    """Return the function with ``f(0) = 0`` of the same sign."""
    return lambda x: function(x) if x else x


def _or_nan(function: Any) -> Any:
    """Return the function with nan for any operand that is nan."""
    return lambda *operands: NAN if any(x != x for x in operands) else function(*operands)


def _inside(low: float, high: float, function: Any) -> Any:
    """Return the function with nan outside of the interval."""
    return lambda x: function(x) if low <= x <= high else NAN


def _exp(x: Number) -> Number:
    return INF if x > HUGE else ZERO if x < -(HUGE**2) else CONTEXT.exp(x)


def _log(x: Number) -> Number:
    return NAN if not x >= 0 else CONTEXT.log(x) if x else -INF


def _log1p(x: Number) -> Number:
    if abs(x) > 2.0**-60:
        with CONTEXT.workprec(CONTEXT.prec + 64):  # 1 + x keeps all digits of x
            found = _log(1 + x)
        return +found
    # A series, because 1 + x needs too many digits if x is 1e-20000.
    found, power, k = ZERO, x, 1
    while CONTEXT.mag(power) > CONTEXT.mag(x) - CONTEXT.prec - 4:
        found += power / (k if k % 2 else -k)
        power, k = power * x, k + 1
    return found


def _pow(x: Number, y: Number) -> Number:
    if not y or x == 1:
        return ONE
    if CONTEXT.isnan(x) or CONTEXT.isnan(y):
        return NAN
    if not x or CONTEXT.isinf(x) or CONTEXT.isinf(y):  # only signs, sizes and whether y is odd matter
        return mpf(libm.pow(_small(x), _small(y)))
    if y == CONTEXT.floor(y):
        if abs(y) < 2**16:
            return x ** int(y)
        power = _exp(y * CONTEXT.log(abs(x)))
        return -power if x < 0 and int(y) % 2 else power
    return _exp(y * CONTEXT.log(x)) if x > 0 else NAN


def _small(x: Number) -> float:
    """Return a float of the same kind: zero, infinite, an odd integer, and its relation to 1."""
    if abs(x) < 2**52 or not isfinite(x):
        return float(x) or math.copysign(5e-324 if x else 0.0, -1.0 if is_negative(x) else 1.0)
    return math.copysign(3.0 if x == CONTEXT.floor(x) and int(x) % 2 else 4.0, x)


def _fmod(x: Number, y: Number) -> Number:
    if not isfinite(x) or not y or CONTEXT.isnan(y):
        return NAN
    if CONTEXT.isinf(y) or not x:
        return x
    with CONTEXT.workprec(CONTEXT.prec + max(0, CONTEXT.mag(x) - CONTEXT.mag(y)) + 64):
        rest = abs(x) - abs(y) * CONTEXT.floor(abs(x / y))
        rest += abs(y) * ((rest < 0) - (rest >= abs(y)))
    return (-rest if x < 0 else +rest) if rest else _zero(is_negative(x))


def _atan2(y: Number, x: Number) -> Number:
    if CONTEXT.isinf(x) and CONTEXT.isinf(y):
        return CONTEXT.atan2(CONTEXT.sign(y), CONTEXT.sign(x))
    if y and x:
        return CONTEXT.atan2(y, x)
    if not y and not is_negative(x):
        return y
    angle = CONTEXT.pi if not y else CONTEXT.pi / 2
    return -angle if is_negative(y) else +angle


def _hypot(x: Number, y: Number) -> Number:
    return INF if CONTEXT.isinf(x) or CONTEXT.isinf(y) else CONTEXT.sqrt(mpf(x) * x + mpf(y) * y)


def _copysign(x: Number, y: Number) -> Number:
    return negate(x) if is_negative(x) != is_negative(y) else x


def _bounded(function: Any, limit: Number) -> Any:
    """Return a function that grows like exp(abs(x)), with its limit where it is beyond every float."""
    return lambda x: function(x) if abs(x) < HUGE else (limit if x > 0 else -limit if x < 0 else NAN)


# By the name in ``libm``.
FUNCTIONS: dict[str, Any] = {
    "exp": _exp, "exp2": lambda x: _pow(mpf(2), x), "expm1": _odd(lambda x: CONTEXT.expm1(x) if x < HUGE else INF),
    "log": _log, "log1p": _odd(_log1p), "log2": lambda x: _log(x) / CONTEXT.ln2, "log10": lambda x: _log(x) / CONTEXT.ln10,
    "sqrt": _odd(_inside(0.0, math.inf, CONTEXT.sqrt)),
    "cbrt": _odd(lambda x: CONTEXT.cbrt(x) if x > 0 else -CONTEXT.cbrt(-x)), "pow": _pow,
    "sin": _odd(lambda x: CONTEXT.sin(x) if isfinite(x) else NAN), "cos": lambda x: CONTEXT.cos(x) if isfinite(x) else NAN,
    "tan": _odd(lambda x: CONTEXT.tan(x) if isfinite(x) else NAN), "atan": _odd(CONTEXT.atan), "atan2": _atan2,
    "asin": _odd(_inside(-1.0, 1.0, CONTEXT.asin)), "acos": _inside(-1.0, 1.0, CONTEXT.acos),
    "sinh": _odd(_bounded(CONTEXT.sinh, INF)), "cosh": lambda x: _bounded(CONTEXT.cosh, INF)(abs(x)),
    "tanh": _odd(_bounded(CONTEXT.tanh, ONE)), "asinh": _odd(lambda x: CONTEXT.asinh(x) if x > 0 else -CONTEXT.asinh(-x)),
    "acosh": _inside(1.0, math.inf, CONTEXT.acosh),
    "atanh": _odd(_inside(-1.0, 1.0, lambda x: CONTEXT.atanh(x) if abs(x) < 1 else x * INF)),
    "erf": _odd(CONTEXT.erf), "erfc": lambda x: CONTEXT.erfc(x) if x < 1e4 else ZERO, "hypot": _hypot, "fmod": _fmod,
    "fabs": lambda x: negate(x) if is_negative(x) else x, "copysign": _copysign,
    "floor": _odd(lambda x: CONTEXT.floor(x) if isfinite(x) else x),
    "trunc": _odd(lambda x: (mpf(int(x)) or -0.0 * (x < 0)) if isfinite(x) else x),
    "rint": _odd(lambda x: (CONTEXT.nint(x) or -0.0 * (x < 0)) if isfinite(x) else x),
    "ceil": _odd(lambda x: (CONTEXT.ceil(x) or -0.0 * (x < 0)) if isfinite(x) else x),
}  # fmt: skip
FUNCTIONS.update({name: _or_nan(function) for name, function in FUNCTIONS.items() if name not in ("pow", "hypot", "copysign")})
_BY_LIBM: dict[int, Any] = {id(getattr(libm, name)): function for name, function in FUNCTIONS.items() if hasattr(libm, name)}


class Exact:
    """An exact number with operators, for the formulas of the table."""

    __slots__ = ("number",)

    def __init__(self, number: Number) -> None:
        self.number: Number = number

    # fmt: off
    def __add__(self, other: Any) -> Exact: return Exact(self.number + _number(other))
    def __radd__(self, other: Any) -> Exact: return Exact(_number(other) + self.number)
    def __sub__(self, other: Any) -> Exact: return Exact(subtract(self.number, _number(other)))
    def __rsub__(self, other: Any) -> Exact: return Exact(subtract(_number(other), self.number))
    def __mul__(self, other: Any) -> Exact: return Exact(multiply(self.number, _number(other)))
    def __rmul__(self, other: Any) -> Exact: return Exact(multiply(_number(other), self.number))
    def __truediv__(self, other: Any) -> Exact: return Exact(divide(self.number, _number(other)))
    def __rtruediv__(self, other: Any) -> Exact: return Exact(divide(_number(other), self.number))
    def __pow__(self, other: Any) -> Exact: return Exact(_pow(self.number, _number(other)))
    def __rpow__(self, other: Any) -> Exact: return Exact(_pow(_number(other), self.number))
    def __mod__(self, other: Any) -> Exact: return self._apply(ops.mod, (self, other))
    def __rmod__(self, other: Any) -> Exact: return self._apply(ops.mod, (other, self))
    def __floordiv__(self, other: Any) -> Exact: return self._apply(ops.floor_div, (self, other))
    def __rfloordiv__(self, other: Any) -> Exact: return self._apply(ops.floor_div, (other, self))
    def __neg__(self) -> Exact: return Exact(negate(self.number))
    def __abs__(self) -> Exact: return Exact(FUNCTIONS["fabs"](self.number))
    def __eq__(self, other: object) -> bool: return bool(self.number == _number(other))
    def __ne__(self, other: object) -> bool: return bool(self.number != _number(other))
    def __lt__(self, other: Any) -> bool: return bool(self.number < _number(other))
    def __le__(self, other: Any) -> bool: return bool(self.number <= _number(other))
    def __gt__(self, other: Any) -> bool: return bool(self.number > _number(other))
    def __ge__(self, other: Any) -> bool: return bool(self.number >= _number(other))
    def __bool__(self) -> bool: return bool(self.number)
    # fmt: on

    __hash__: None = None  # type: ignore[assignment]  # equal numbers of different classes have different hashes

    def _call_libm(self, function: Libm, numbers: tuple[Any, ...]) -> Exact:
        exact = _BY_LIBM.get(id(function))
        if exact is None:
            raise NotExactError(function.c_name)
        return Exact(exact(*map(_number, numbers)))

    def _apply(self, row: ops.Operation, operands: tuple[Any, ...]) -> Exact:
        return Exact(value(row, list(map(_number, operands))))

    def __repr__(self) -> str:
        return f"Exact({CONTEXT.nstr(self.number, 25)})"


def _number(thing: Any) -> Number:
    return thing.number if type(thing) is Exact else from_float(thing)


def from_float(number: Any) -> Number:
    """Return a float or int as an exact number."""
    return mpf(number) if number else number * 1.0


def value(row: ops.Operation, numbers: list[Number]) -> Number:
    """Return the value of a row of the table for exact numbers.

    Raises:
        NotExactError: If the row calls a function without an exact version, or mpmath cannot compute it.
    """
    if (exact := getattr(row, "exact", None)) is not None:  # forward is an approximation
        try:
            return mpf(exact(CONTEXT, *map(mpf, numbers)))
        except OverflowError as error:  # mpmath computes no erfc beyond 1e154
            raise NotExactError(row.name) from error
    return evaluate(row.forward, numbers)


def evaluate(formula: Any, numbers: Any) -> Number:
    """Return the value of a formula of the table for exact numbers.

    Raises:
        NotExactError: If the formula calls a function without an exact version.

    >>> evaluate(ops.div.forward, [ONE, -0.0])
    mpf('-inf')
    """
    if (function := _BY_LIBM.get(id(formula))) is not None:
        return function(*numbers)
    return _number(formula(*map(Exact, numbers)))
