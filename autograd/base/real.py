"""Real numbers: the Python objects accepted as numbers, and floating-point arithmetic that never raises.

Python's floats raise an exception where IEEE-754 defines a result: ``1 / 0``, ``math.log(0)``, ``math.exp(710)``. Compiled
code, NumPy and PyTorch return that result. This file makes the uncompiled package do the same:

- ``as_float``    converts any accepted object to a float, or raises a ``TypeError`` that suggests a remedy;
- ``libm``        the functions of the ``math`` module, with IEEE-754 results;
- ``evaluate``    evaluates a formula on floats, with IEEE-754 results;
- ``pick``        "a if condition else b" in such a formula.
"""

from __future__ import annotations

import math
import sys

TYPE_CHECKING = False  # importing `typing` would take a tenth of the whole import; type checkers know this name
if TYPE_CHECKING:
    from collections.abc import Callable
    from fractions import Fraction
    from typing import Any

INF: float = math.inf
NAN: float = math.nan

# The remedy for each type that users pass by mistake. The keys are names of types, which avoids importing the types.
REMEDIES = {
    "complex": "use its .real part, or separate Values for the real and imaginary parts",
    "str": "convert it first: float(text)",
    "bytes": "convert it first: float(text)",
    "NoneType": "pass a number, for example 0.0",
    "list": "create one Value per element: [Value(x) for x in numbers]",
    "tuple": "create one Value per element: [Value(x) for x in numbers]",
    "dict": "use one of its values",
    "set": "create one Value per element: [Value(x) for x in numbers]",
    "generator": "convert it to a list: list(...)",
    "range": "convert it to a list: list(...)",
    "ndarray": "create one Value per element: [Value(x) for x in array], or use one element: array[i]",
    "Series": "create one Value per element: [Value(x) for x in series]",
    "Condition": "use where(condition, 1.0, 0.0)",
    "Decimal": "convert it first: float(number)",
    "Value": "use v.data, which is its number; v.detach() is a new leaf with that number",
    "Tensor": "create one Value per element: [Value(x) for x in tensor.tolist()]",
    "ArrayImpl": "create one Value per element: [Value(x) for x in array.tolist()]",  # an array of JAX
    "DataFrame": "use one of its numbers, or frame.to_numpy() for an array",
    "Index": "create one Value per element: [Value(x) for x in index]",
    "complex128": "use its .real part",
    "complex64": "use its .real part",
}

# The same where an array or a list is accepted.
ARRAYS = {
    "set": "convert it to a list, which has an order: list(...)",
    "frozenset": "convert it to a list, which has an order: list(...)",
    "range": "convert it to a list: list(...)",
    "map": "convert it to a list: list(...)",
    "zip": "convert it to a list: list(...)",
    "Series": "pass an array: series.to_numpy()",
    "Index": "pass an array: index.to_numpy()",
    "DataFrame": "pass an array: frame.to_numpy(), or one for each column: frame['name'].to_numpy()",
    "Tensor": "pass an array: tensor.detach().numpy()",
    "ArrayImpl": "pass an array: np.asarray(array)",
    "array": "pass an array of NumPy: np.asarray(array)",
    "memoryview": "pass an array: np.asarray(view)",
    "bytearray": "pass an array: np.frombuffer(buffer)",
}

# Types of several numbers. A function of one number suggests to apply it to each of them.
_SEVERAL = ("list", "tuple", "set", "range", "generator", "map", "zip", "ndarray", "Series", "Index", "Tensor", "ArrayImpl")
_ARRAYS = {"ndarray": "array", "Tensor": "tensor", "ArrayImpl": "array"}

# An operator raises an error with the remedy for operands of these types. For any other unknown type, it returns
# NotImplemented, because the other object, such as an array, may implement the operation.
NEVER_OPERANDS = (complex, str, bytes, type(None), list, tuple, dict, set)


def as_float(number: Any, role: str = "the data of a Value", several: str = "") -> float:
    """Return ``number`` as a float.

    Args:
        number: An int, bool, float, ``fractions.Fraction`` or other ``numbers.Real``, or a NumPy scalar of a real dtype.
        role: A description of the number for the error message.
        several: See ``refusal``.

    Raises:
        TypeError: If ``number`` has any other type (complex, str, None, list, array, Decimal, Value, ...).
        OverflowError: If ``number`` is an int or Fraction beyond the range of float.

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
                f"{role} must be in the range of float (at most 1.8e308 in magnitude), not an {type(number).__name__} of about "
                f"2**{_exponent(number)}; scale it down first"
            ) from None
    raise TypeError(refusal(number, f"{role} must be a real number", several))


def refusal(number: Any, rule: str, several: str = "", accepts_arrays: bool = False) -> str:
    """Return an error message for ``number``: the rule, its type, its value (shortened), and a remedy.

    Args:
        number: The object.
        rule: The rule that it breaks.
        several: The remedy for a list, an array, or another object that contains several numbers.
        accepts_arrays: Whether arrays and lists are accepted.
    """
    kind = type(number).__name__
    shown = "" if number is None else f" ({_shortened(number)})"
    remedy = REMEDIES.get(kind, "convert it to a float first")
    if is_real(number):
        remedy = "convert it to a Value, such as Value(2.0), before using it in the computation"
    elif kind in _ARRAYS and set(number.shape) <= ({1} if not accepts_arrays else set()):
        remedy = f"use its number: {_ARRAYS[kind]}.item()"
    elif accepts_arrays and kind in ARRAYS:
        remedy = ARRAYS[kind]
    elif accepts_arrays and hasattr(number, "__array__"):  # of pandas, xarray and others
        remedy = "pass an array: np.asarray(...)"
    elif several and kind in _SEVERAL:
        remedy = several
    elif isinstance(number, list | tuple | dict) and any(type(item).__name__ == "Value" for item in number):
        remedy = "use one of its elements"
    elif callable(number) and not isinstance(number, type):
        remedy = "call it and use the result"
    return f"{rule}, not {kind}{shown}; {remedy}"


def is_real(number: Any) -> bool:
    """Return whether ``number`` is a real number of Python or NumPy, or of a type registered with ``numbers.Real``."""
    if isinstance(number, int | float):
        return True
    numpy = sys.modules.get("numpy")  # a NumPy scalar can only exist if NumPy is already imported
    if numpy is not None and isinstance(number, numpy.generic):
        return number.dtype.kind in "biuf"
    numbers = sys.modules.get("numbers")  # the same holds for Fraction and other registered types
    return numbers is not None and isinstance(number, numbers.Real)


def same_number(a: float, b: float) -> bool:
    """Return whether two floats are equal, where nan equals nan and 0.0 equals -0.0."""
    return a == b or (a != a and b != b)


def _shortened(number: Any, limit: int = 40) -> str:
    text = " ".join(repr(number).split())
    return text if len(text) <= limit else text[: limit - 3] + "..."


def _exponent(number: int | Fraction) -> int:
    numerator, denominator = number.as_integer_ratio()
    return abs(numerator).bit_length() - denominator.bit_length()


class Libm:
    """A function of the C library, with IEEE-754 results.

    Attributes:
        function: The corresponding function of the ``math`` module.
        poles: Arguments at which the result is infinite. At other arguments outside the domain it is nan.
        sign_of_overflow: A function of the arguments that returns a number with the sign of an overflowing result.
        c_name: The name of the function in C.
    """

    __slots__ = ("c_name", "function", "poles", "sign_of_overflow")

    def __init__(
        self,
        function: Callable[..., float],
        poles: dict[Any, float] | None = None,
        sign_of_overflow: Callable[..., float] = lambda *_: 1.0,
        c_name: str = "",
    ) -> None:
        self.function: Callable[..., float] = function
        self.poles: dict[Any, float] = poles or {}
        self.sign_of_overflow: Callable[..., float] = sign_of_overflow
        self.c_name: str = c_name or function.__name__

    def __call__(self, *numbers: Any) -> Any:
        """Return the value for floats, and an expression for symbols."""
        if type(numbers[0]) is not float and hasattr(numbers[0], "_call_libm"):
            return numbers[0]._call_libm(self, numbers)
        try:
            return self.function(*numbers)
        except ValueError:  # outside the domain
            return self.poles.get(numbers if len(numbers) > 1 else numbers[0], NAN)
        except OverflowError:
            return math.copysign(INF, self.sign_of_overflow(*numbers))


def _pow(base: float, exponent: float) -> float:
    """Return C's ``pow``. ``math.pow`` raises an error in two cases that C defines: poles at 0, roots of negative numbers."""
    try:
        return math.pow(base, exponent)
    except ValueError:
        return math.copysign(INF, _odd_power_sign(base, exponent)) if base == 0 else NAN


def _odd_power_sign(base: float, exponent: float) -> float:
    odd = math.fmod(exponent, 2.0) in (1.0, -1.0)
    return math.copysign(1.0, base) if odd else 1.0


def _rounded(rounding: Callable[[float], int]) -> Callable[[float], float]:
    """Return C's version of a rounding function: it returns floats, keeps -0.0, and accepts inf and nan."""

    def function(number: float) -> float:
        return math.copysign(rounding(number), number) if math.isfinite(number) else number

    return function


class libm:  # noqa: N801 - used like a module
    """The mathematical functions of the C library, by their C names."""

    exp: Libm = Libm(math.exp)
    expm1: Libm = Libm(math.expm1)
    exp2: Libm = Libm(math.exp2)
    log: Libm = Libm(math.log, poles={0.0: -INF})
    log1p: Libm = Libm(math.log1p, poles={-1.0: -INF})
    log2: Libm = Libm(math.log2, poles={0.0: -INF})
    log10: Libm = Libm(math.log10, poles={0.0: -INF})
    sqrt: Libm = Libm(math.sqrt)
    cbrt: Libm = Libm(math.cbrt)
    sin: Libm = Libm(math.sin)
    cos: Libm = Libm(math.cos)
    tan: Libm = Libm(math.tan)
    asin: Libm = Libm(math.asin)
    acos: Libm = Libm(math.acos)
    atan: Libm = Libm(math.atan)
    atan2: Libm = Libm(math.atan2)
    sinh: Libm = Libm(math.sinh, sign_of_overflow=lambda x: x)
    cosh: Libm = Libm(math.cosh)
    tanh: Libm = Libm(math.tanh)
    asinh: Libm = Libm(math.asinh)
    acosh: Libm = Libm(math.acosh)
    atanh: Libm = Libm(math.atanh, poles={1.0: INF, -1.0: -INF})
    erf: Libm = Libm(math.erf)
    erfc: Libm = Libm(math.erfc)
    hypot: Libm = Libm(lambda x, y: abs(complex(x, y)), c_name="hypot")  # C's hypot; math.hypot differs in the last bit
    fmod: Libm = Libm(math.fmod)
    pow: Libm = Libm(_pow, sign_of_overflow=_odd_power_sign, c_name="pow")
    fabs: Libm = Libm(math.fabs)
    floor: Libm = Libm(_rounded(math.floor), c_name="floor")
    ceil: Libm = Libm(_rounded(math.ceil), c_name="ceil")
    trunc: Libm = Libm(_rounded(math.trunc), c_name="trunc")
    rint: Libm = Libm(_rounded(round), c_name="rint")  # to the nearest whole number, halves to the even one
    copysign: Libm = Libm(math.copysign)


def pick(condition: Any, x: Any, y: Any) -> Any:
    """Return ``x if condition else y``; the condition may be symbolic. Both ``x`` and ``y`` are computed."""
    return condition._pick(x, y) if hasattr(condition, "_pick") else (x if condition else y)


class Ieee(float):
    """A float whose division follows IEEE-754: ``Ieee(1) / 0`` is inf. See ``evaluate``."""

    __slots__ = ()

    def __truediv__(self, other: Any) -> Any:
        return Ieee(_divide(self, other)) if isinstance(other, int | float) else NotImplemented

    def __rtruediv__(self, other: Any) -> Any:
        return Ieee(_divide(other, self)) if isinstance(other, int | float) else NotImplemented

    def _apply(self, operation: Any, operands: tuple[Any, ...]) -> Ieee:
        return Ieee(operation.forward(*(Ieee(operand) for operand in operands)))


def _ieee_method(name: str) -> Callable[..., Any]:
    """Return the method of float with this name, with an ``Ieee`` as its result."""
    inherited = getattr(float, name)

    def method(*operands: Any) -> Any:
        result = inherited(*operands)
        return result if result is NotImplemented else Ieee(result)

    return method


for _name in ("__add__", "__radd__", "__sub__", "__rsub__", "__mul__", "__rmul__", "__neg__"):
    setattr(Ieee, _name, _ieee_method(_name))


def _divide(numerator: float, denominator: float) -> float:
    if denominator != 0:
        return float(numerator) / float(denominator)
    if numerator == 0 or math.isnan(numerator):
        return NAN
    return math.copysign(INF, numerator) * math.copysign(1.0, denominator)


def evaluate(formula: Callable[..., float], *numbers: float) -> float:
    """Return ``formula(*numbers)`` with IEEE-754 results.

    The formula is first evaluated on plain floats, which are faster. If Python raises ZeroDivisionError, the formula is
    evaluated again on ``Ieee`` numbers.

    >>> evaluate(lambda x: 1 / x, -0.0)
    -inf
    """
    try:
        return formula(*numbers)
    except ZeroDivisionError:
        return float(formula(*(Ieee(number) for number in numbers)))
