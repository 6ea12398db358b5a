"""Real numbers: which Python objects count as one, and arithmetic on them that never raises.

Python's own floats raise an exception where IEEE-754 defines a result: ``1 / 0``, ``math.log(0)``, ``math.exp(710)``.
Compiled code does not, nor do NumPy and PyTorch. This file closes the gap for the uncompiled package:

- ``as_float``    turns any accepted object into a float, or raises a ``TypeError`` that names the way out;
- ``libm``        the functions of the ``math`` module, following IEEE-754;
- ``evaluate``    calls a formula on floats, again under IEEE-754.
"""

from __future__ import annotations

import math
import sys

TYPE_CHECKING = False  # `typing` would take a tenth of the whole import; type checkers know this name
if TYPE_CHECKING:
    from collections.abc import Callable
    from fractions import Fraction
    from typing import Any

INF = math.inf
NAN = math.nan

# What to do instead, for the types people really pass. Looked up by name, so that nothing needs to be imported.
WAY_OUT = {
    "complex": "use its .real part, or one Value each for the real and the imaginary part",
    "str": "convert it first: float(text)",
    "bytes": "convert it first: float(text)",
    "NoneType": "give a number, for example 0.0",
    "list": "make one Value an element: [Value(x) for x in numbers]",
    "tuple": "make one Value an element: [Value(x) for x in numbers]",
    "dict": "take one of its values",
    "set": "make one Value an element: [Value(x) for x in numbers]",
    "generator": "make a list of it: list(...)",
    "range": "make a list of it: list(...)",
    "ndarray": "take one element (array[i]), or apply it to each: np.vectorize(f, otypes=[object])(array)",
    "Decimal": "convert it first: float(number)",
    "Value": "use it as it is; v.data is its number, v.detach() a copy without history",
    "Tensor": "take its number: tensor.item()",
    "complex128": "use its .real part",
    "complex64": "use its .real part",
}

# Operands of these types are refused with the message above. For any other unknown type an operator returns
# NotImplemented instead, because the other object (an array, say) may know what to do.
NEVER_OPERANDS = (complex, str, bytes, type(None), list, tuple, dict, set)


def as_float(number: Any, role: str = "the data of a Value") -> float:
    """Return ``number`` as a float.

    Accepted: int, bool, float, ``fractions.Fraction`` and every other ``numbers.Real``, NumPy scalars of any real
    dtype. ``role`` says in the error message what the number was wanted for.

    Raises:
        TypeError: for anything else (complex, str, None, list, array, Decimal, a Value, ...).
        OverflowError: for an int or Fraction beyond the range of a float.

    >>> as_float(True)
    1.0
    >>> as_float("1.5")
    Traceback (most recent call last):
        ...
    TypeError: the data of a Value must be a real number, not str ('1.5'); convert it first: float(text)
    """
    if is_real(number):
        try:
            return float(number)
        except OverflowError:
            raise OverflowError(
                f"{role} must fit a float (at most 1.8e308 in size), not this {type(number).__name__} "
                f"of about 2**{_magnitude(number)}; scale it down first"
            ) from None
    raise TypeError(refusal(number, f"{role} must be a real number"))


def refusal(number: Any, rule: str) -> str:
    """The message that refuses ``number``: the rule, the type, the value (shortened), the way out."""
    kind = type(number).__name__
    shown = "" if number is None else f" ({_shortened(number)})"
    way_out = WAY_OUT.get(kind, "convert it to a float first")
    if is_real(number):
        way_out = "make it a Value, as in Value(2.0), before anything is computed from it"
    elif isinstance(number, list | tuple | dict) and any(type(item).__name__ == "Value" for item in number):
        way_out = "take one of its elements"
    elif callable(number) and not isinstance(number, type):
        way_out = "call it, and take what it returns"
    return f"{rule}, not {kind}{shown}; {way_out}"


def is_real(number: Any) -> bool:
    """Whether ``number`` is a real number of Python, the ``numbers`` tower or NumPy."""
    if isinstance(number, int | float):
        return True
    numpy = sys.modules.get("numpy")  # a NumPy scalar can only exist if NumPy is already imported
    if numpy is not None and isinstance(number, numpy.generic):
        return number.dtype.kind in "biuf"
    numbers = sys.modules.get("numbers")  # likewise for Fraction and other registered types
    return numbers is not None and isinstance(number, numbers.Real)


def _shortened(number: Any, limit: int = 40) -> str:
    text = " ".join(repr(number).split())
    return text if len(text) <= limit else text[: limit - 3] + "..."


def _magnitude(number: int | Fraction) -> int:
    numerator, denominator = number.as_integer_ratio()
    return abs(numerator).bit_length() - denominator.bit_length()


class Libm:
    """One function of the C library, following IEEE-754.

    ``poles`` lists the arguments at which the true result is infinite; elsewhere outside its domain it is nan.
    ``c_name`` is what compiled code calls.
    """

    __slots__ = ("c_name", "function", "poles", "sign_of_overflow")

    def __init__(
        self,
        function: Callable[..., float],
        poles: dict[Any, float] | None = None,
        sign_of_overflow: Callable[..., float] = lambda *_: 1.0,
        c_name: str = "",
    ) -> None:
        self.function = function
        self.poles = poles or {}
        self.sign_of_overflow = sign_of_overflow
        self.c_name = c_name or function.__name__

    def __call__(self, *numbers: Any) -> Any:
        """The value at these floats; of symbols, the call written down."""
        if type(numbers[0]) is not float and hasattr(numbers[0], "_call_libm"):
            return numbers[0]._call_libm(self, numbers)
        try:
            return self.function(*numbers)
        except ValueError:  # outside the domain
            return self.poles.get(numbers if len(numbers) > 1 else numbers[0], NAN)
        except OverflowError:
            return math.copysign(INF, self.sign_of_overflow(*numbers))


def _pow(base: float, exponent: float) -> float:
    """C's ``pow``. ``math.pow`` refuses exactly two cases that C defines: a pole at zero, and the root of a negative."""
    try:
        return math.pow(base, exponent)
    except ValueError:
        return math.copysign(INF, _odd_power_sign(base, exponent)) if base == 0 else NAN


def _odd_power_sign(base: float, exponent: float) -> float:
    odd = math.fmod(exponent, 2.0) in (1.0, -1.0)
    return math.copysign(1.0, base) if odd else 1.0


def _rounded(rounding: Callable[[float], int]) -> Callable[[float], float]:
    """``math.floor`` and ``math.ceil`` return ints and refuse inf and nan; C's return floats and keep -0.0."""

    def function(number: float) -> float:
        return math.copysign(rounding(number), number) if math.isfinite(number) else number

    return function


class libm:  # noqa: N801 - reads like the module it stands for
    """The C library's mathematics, by its C names."""

    exp = Libm(math.exp)
    expm1 = Libm(math.expm1)
    exp2 = Libm(math.exp2)
    log = Libm(math.log, poles={0.0: -INF})
    log1p = Libm(math.log1p, poles={-1.0: -INF})
    log2 = Libm(math.log2, poles={0.0: -INF})
    log10 = Libm(math.log10, poles={0.0: -INF})
    sqrt = Libm(math.sqrt)
    cbrt = Libm(math.cbrt)
    sin = Libm(math.sin)
    cos = Libm(math.cos)
    tan = Libm(math.tan)
    asin = Libm(math.asin)
    acos = Libm(math.acos)
    atan = Libm(math.atan)
    atan2 = Libm(math.atan2)
    sinh = Libm(math.sinh, sign_of_overflow=lambda x: x)
    cosh = Libm(math.cosh)
    tanh = Libm(math.tanh)
    asinh = Libm(math.asinh)
    acosh = Libm(math.acosh)
    atanh = Libm(math.atanh, poles={1.0: INF, -1.0: -INF})
    erf = Libm(math.erf)
    erfc = Libm(math.erfc)
    hypot = Libm(lambda x, y: abs(complex(x, y)), c_name="hypot")  # C's; math.hypot differs in the last bit
    fmod = Libm(math.fmod)
    pow = Libm(_pow, sign_of_overflow=_odd_power_sign, c_name="pow")
    fabs = Libm(math.fabs)
    floor = Libm(_rounded(math.floor), c_name="floor")
    ceil = Libm(_rounded(math.ceil), c_name="ceil")
    copysign = Libm(math.copysign)


class Ieee(float):
    """A float whose division follows IEEE-754: ``Ieee(1) / 0`` is inf. ``evaluate`` says when it is needed."""

    __slots__ = ()

    def __truediv__(self, other: Any) -> Any:
        return Ieee(_divide(self, other)) if isinstance(other, int | float) else NotImplemented

    def __rtruediv__(self, other: Any) -> Any:
        return Ieee(_divide(other, self)) if isinstance(other, int | float) else NotImplemented

    def _apply(self, operation: Any, operands: tuple[Any, ...]) -> Ieee:
        return Ieee(operation.forward(*(Ieee(operand) for operand in operands)))


def _stays_ieee(name: str) -> Callable[..., Any]:
    inherited = getattr(float, name)

    def method(*operands: Any) -> Any:
        result = inherited(*operands)
        return result if result is NotImplemented else Ieee(result)

    return method


for _name in ("__add__", "__radd__", "__sub__", "__rsub__", "__mul__", "__rmul__", "__neg__"):
    setattr(Ieee, _name, _stays_ieee(_name))


def _divide(numerator: float, denominator: float) -> float:
    if denominator != 0:
        return float(numerator) / float(denominator)
    if numerator == 0 or math.isnan(numerator):
        return NAN
    return math.copysign(INF, numerator) * math.copysign(1.0, denominator)


def evaluate(formula: Callable[..., float], *numbers: float) -> float:
    """``formula(*numbers)`` under IEEE-754.

    Plain floats are tried first because they are quick; only where Python raises is the formula evaluated again
    on ``Ieee`` numbers.

    >>> evaluate(lambda x: 1 / x, -0.0)
    -inf
    """
    try:
        return formula(*numbers)
    except ZeroDivisionError:
        return float(formula(*(Ieee(number) for number in numbers)))
