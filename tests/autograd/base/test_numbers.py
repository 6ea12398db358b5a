"""The behavior of numbers: one test per row of the design's table, in the same order.

``RESULTS`` lists expressions with their results, ``ERRORS`` expressions with their errors. A result is a float or a tuple
``(value, gradient, gradient, ...)``. Results are compared bit for bit, except that all nans are equal.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

import autograd
from autograd import Value, no_grad

INF, NAN = math.inf, math.nan


def at(function: Callable[..., Any], *numbers: float) -> tuple[float, ...]:
    """Return the value of a function and its gradient with respect to each operand, computed by ``backward``."""
    operands = [Value(number) for number in numbers]
    node = function(*operands)
    node.backward()
    return (node.data, *(operand.grad for operand in operands))


def every(functions: str, *numbers: float) -> list[tuple[float, ...]]:
    return [at(getattr(autograd, name), *numbers) for name in functions.split()]


RESULTS: list[tuple[str, Callable[[], Any], Any]] = [
    ("int becomes float", lambda: Value(3).data, 3.0),
    ("bool becomes float", lambda: Value(True).data, 1.0),
    ("Fraction becomes float", lambda: Value(Fraction(1, 3)).data, 1 / 3),
    ("any NumPy real scalar becomes float",
     lambda: [Value(t(2)).data for t in (np.float16, np.longdouble, np.int8)], [2.0] * 3),
    ("NumPy bool becomes float", lambda: Value(np.bool_(True)).data, 1.0),
    ("log(0)", lambda: at(autograd.log, 0.0), (-INF, INF)),
    ("log(-1)", lambda: at(autograd.log, -1.0), (NAN, NAN)),
    ("log2, log10 at 0", lambda: every("log2 log10", 0.0), [(-INF, INF)] * 2),
    ("log2, log10 at -1", lambda: every("log2 log10", -1.0), [(NAN, NAN)] * 2),
    ("log1p(-1)", lambda: at(autograd.log1p, -1.0), (-INF, INF)),
    ("sqrt(-1), asin(2), acos(2), acosh(0), atanh(2)",
     lambda: [*every("sqrt", -1.0), *every("asin acos", 2.0), *every("acosh", 0.0), *every("atanh", 2.0)], [(NAN, NAN)] * 5),
    ("sqrt(0)", lambda: at(autograd.sqrt, 0.0), (0.0, INF)),
    ("cbrt(0)", lambda: at(autograd.cbrt, 0.0), (0.0, INF)),
    ("1 / 0", lambda: at(lambda x: 1 / x, 0.0), (INF, -INF)),
    ("1 / -0", lambda: (1 / Value(-0.0)).data, -INF),
    ("0 / 0", lambda: (Value(0.0) / 0).data, NAN),
    ("0 // 0, 0 % 0", lambda: [(Value(0.0) // 0).data, (Value(0.0) % 0).data], [NAN, NAN]),
    ("exp(710)", lambda: at(autograd.exp, 710.0), (INF, INF)),
    ("sinh(-711)", lambda: at(autograd.sinh, -711.0), (-INF, INF)),
    ("x ** 0", lambda: at(lambda x: x**0, 7.0), (1.0, 0.0)),
    ("x ** 0 with both recorded", lambda: at(autograd.pow, 7.0, 0.0), (1.0, 0.0, math.log(7.0))),
    ("0 ** 0", lambda: at(autograd.pow, 0.0, 0.0), (1.0, 0.0, 0.0)),
    ("inf ** 0", lambda: at(lambda x: x**0, INF), (1.0, 0.0)),
    ("(-3) ** 2", lambda: at(lambda x: x**2, -3.0), (9.0, -6.0)),
    ("(-3) ** -3", lambda: at(lambda x: x**-3, -3.0), (-1 / 27, -1 / 27)),
    ("0 ** 1, 0 ** 2", lambda: [at(lambda x: x**1, 0.0), at(lambda x: x**2, 0.0)], [(0.0, 1.0), (0.0, 0.0)]),
    ("0 ** y, y > 0", lambda: at(lambda y: 0**y, 2.0), (0.0, 0.0)),
    ("0 ** y, y = 0", lambda: at(lambda y: 0**y, 0.0), (1.0, 0.0)),
    ("0 ** -1", lambda: at(lambda x: x**-1, 0.0), (INF, -INF)),
    ("(-1) ** 0.5", lambda: at(lambda x: x**0.5, -1.0), (NAN, NAN)),
    ("relu, abs, sign at 0", lambda: every("relu abs sign", 0.0), [(0.0, 0.0)] * 3),
    ("relu, abs, sign at nan", lambda: [v for v, *_ in every("relu abs sign", NAN)], [NAN] * 3),
    ("maximum, minimum at a tie", lambda: every("maximum minimum", 2.0, 2.0), [(2.0, 0.5, 0.5)] * 2),
    ("maximum(x, x)", lambda: at(lambda x: autograd.maximum(x, x), 2.0), (2.0, 1.0)),
    ("minimum(x, x)", lambda: at(lambda x: autograd.minimum(x, x), 2.0), (2.0, 1.0)),
    ("maximum with nan",
     lambda: [autograd.maximum(NAN, 1.0), autograd.maximum(1.0, NAN), autograd.minimum(1.0, NAN)], [NAN] * 3),
    ("tanh(+-1000)", lambda: [*every("tanh", 1000.0), *every("tanh", -1000.0)], [(1.0, 0.0), (-1.0, 0.0)]),
    ("sigmoid(+-1000)", lambda: [*every("sigmoid", 1000.0), *every("sigmoid", -1000.0)], [(1.0, 0.0), (0.0, 0.0)]),
    ("softplus(+-1000)", lambda: [*every("softplus", 1000.0), *every("softplus", -1000.0)], [(1000.0, 1.0), (0.0, 0.0)]),
    ("softmax([1000, -1000])", lambda: at(lambda x, y: autograd.softmax([x, y])[0], 1000.0, -1000.0), (1.0, 0.0, 0.0)),
    ("logsumexp([1000, -1000])", lambda: at(lambda x, y: autograd.logsumexp([x, y]), 1000.0, -1000.0), (1000.0, 1.0, 0.0)),
    ("logsumexp([-1000, -1000])",
     lambda: at(lambda x, y: autograd.logsumexp([x, y]), -1000.0, -1000.0), (-1000 + math.log(2), 0.5, 0.5)),
    ("sigmoid'(-40)", lambda: at(autograd.sigmoid, -40.0)[1], 4.248354255291589e-18),
    ("expm1'(-40)", lambda: at(autograd.expm1, -40.0)[1], math.exp(-40.0)),
    ("where(x > 0, sqrt(x), 0) at 0", lambda: at(lambda x: autograd.where(x > 0, autograd.sqrt(x), 0), 0.0), (0.0, 0.0)),
    ("where(x > 0, log(x), x) at -1", lambda: at(lambda x: autograd.where(x > 0, autograd.log(x), x), -1.0), (-1.0, 1.0)),
    # To 15 digits: rounded to floats, the ratio of 3e200 and 4e200 is not exactly 3 : 4.
    ("hypot(3e200, 4e200)", lambda: [float(f"{n:.15g}") for n in at(autograd.hypot, 3e200, 4e200)], [5e200, 0.6, 0.8]),
    ("hypot(0, 0)", lambda: at(autograd.hypot, 0.0, 0.0), (0.0, 0.0, 0.0)),
    ("atan2(0, 0)", lambda: at(autograd.atan2, 0.0, 0.0), (0.0, 0.0, 0.0)),
    ("comparison is by value",
     lambda: [Value(2) < 3, Value(2) == Value(2), operator.ge(2, Value(2)), Value(1) != 1, Value(1) > Value(1)],
     [True, True, True, False, False]),
    ("comparison with nan", lambda: [Value(NAN) == Value(NAN), Value(NAN) != NAN, Value(NAN) < 1], [False, True, False]),
    ("comparison with other numbers",
     lambda: [Value(0.5) == Fraction(1, 2), np.float32(1) < Value(2), Value(1) == np.bool_(True)],
     [True, True, True]),
    ("comparison with other types",
     lambda: [Value(1) == "1", Value(1) == None, Value(1) != [1]], [False, False, True]),  # noqa: E711 - tested here
    ("comparison with ints beyond 2**53 is exact",
     lambda: [Value(2.0**53) == 2**53 + 1, Value(2.0**53) < 2**53 + 1], [False, True]),
    ("bool()", lambda: [bool(Value(0.0)), bool(Value(-0.0)), bool(Value(0.1)), bool(Value(NAN))], [False, False, True, True]),
    ("round()", lambda: [round(Value(n)).data for n in (2.5, 3.5, -2.7, -0.2)], [2.0, 4.0, -3.0, -0.0]),
    ("round() to digits",
     lambda: [round(Value(2.567), 2).data, round(Value(1234.0), -2).data, round(Value(2.5), 0).data], [2.57, 1200.0, 2.0]),
    ("round(), floor(), ceil(), trunc() of math are the operations",
     lambda: [f(Value(-2.7)).op for f in (round, math.floor, math.ceil, math.trunc)], ["round", "floor", "ceil", "trunc"]),
    ("round() and derivatives", lambda: [at(round, 2.7), at(math.trunc, 2.7), at(lambda v: round(v, 1), 2.7)],
     [(3.0, 0.0), (2.0, 0.0), (2.7, 0.0)]),
    ("round() inside no_grad()", lambda: inside_no_grad(lambda v: [round(v).data, math.floor(v).data, int(v)]), [2.0, 2.0, 2]),
    ("format()", lambda: [f"{Value(2.567):.2f}", f"{Value(2.5)}", f"{Value(1e6):,}", f"{Value(2.5):>6}"],
     ["2.57", "2.5", "1,000,000.0", "   2.5"]),
    ("hash is by identity", lambda: len({Value(1.0), Value(1.0)}), 2),
    ("float, int, math.exp inside no_grad()",
     lambda: inside_no_grad(lambda v: [float(v), int(v), math.exp(v)]), [2.5, 2, math.exp(2.5)]),
    ("storing in a float array inside no_grad()",
     lambda: inside_no_grad(lambda v: np.array([v, v], dtype=float).tolist()), [2.5, 2.5]),
    ("p += 1 rebinds the name", lambda: rebinding(), (3.0, 2.0, "+")),
    ("assigning to p.data updates a leaf", lambda: updated(), 5.0),
    ("np.float64(2) * v", lambda: at(lambda v: np.float64(2) * v, 3.0), (6.0, 2.0)),
    ("v * np.array", lambda: kinds(Value(3.0) * np.array([1.0, 2.0])), [Value, Value]),
    ("np.array * v", lambda: kinds(np.array([1.0, 2.0]) * Value(3.0)), [Value, Value]),
    ("np.exp(v)", lambda: at(np.exp, 0.0), (1.0, 1.0)),
    ("np.exp(object array)", lambda: kinds(np.exp(np.array([Value(0.0), Value(1.0)]))), [Value, Value]),
    ("object @ object", lambda: at(lambda x, y: np.array([x, y]) @ np.array([y, x]), 3.0, 4.0), (24.0, 8.0, 6.0)),
    ("object @ float, float @ object",
     lambda: at(lambda x, y: np.array([x, y]) @ np.array([1.0, 2.0]) + np.array([1.0, 2.0]) @ np.array([x, y]), 3.0, 4.0),
     (22.0, 2.0, 4.0)),
]  # fmt: skip

NOT_AN_INT, NOT_A_FLOAT = (
    f"cannot convert a Value to {kind} implicitly, because its gradient would be silently lost; use v.data for the number, "
    f"[v.data for v in values] for a plot, {instead}, f'{{v:.2f}}' for text, np.array(values, dtype=object) for arrays, "
    "or work inside `with autograd.no_grad():`"
    for kind, instead in (("int", "round(v) for a rounded Value"), ("float", "autograd.exp(v) instead of math.exp(v)"))
)
MUST = "the data of a Value must be a real number, not"
ERRORS: list[tuple[str, Callable[[], Any], type[Exception], str]] = [
    ("complex", lambda: Value(1j), TypeError,
     f"{MUST} complex (1j); use its .real part, or separate Values for the real and imaginary parts"),
    ("str", lambda: Value("1.5"), TypeError, f"{MUST} str ('1.5'); convert it first: float(text)"),
    ("None", lambda: Value(None), TypeError, f"{MUST} NoneType; pass a number, for example 0.0"),
    ("list", lambda: Value([1.0]), TypeError,
     f"{MUST} list ([1.0]); create one Value per element: [Value(x) for x in numbers]"),
    ("ndarray", lambda: Value(np.array([1.0])), TypeError,
     f"{MUST} ndarray (array([1.])); use its number: array.item()"),
    ("round() to too many digits", lambda: round(Value(1.0), 23), ValueError,
     "ndigits must be from -22 to 22, not 23; use round(v.data, 23) for the number"),
    ("round() to a fraction of a digit", lambda: round(Value(1.0), 1.5), TypeError,  # type: ignore[call-overload]
     "'float' object cannot be interpreted as an integer"),
    ("Decimal", lambda: Value(Decimal("1.5")), TypeError, f"{MUST} Decimal (Decimal('1.5')); convert it first: float(number)"),
    ("Value", lambda: Value(Value(1.0)), TypeError,
     f"{MUST} Value (Value(1.0)); use v.data, which is its number; v.detach() is a new leaf with that number"),
    ("float(v)", lambda: float(Value(1.0)), TypeError, NOT_A_FLOAT),
    ("int(v)", lambda: int(Value(1.0)), TypeError, NOT_AN_INT),
    ("math.exp(v)", lambda: math.exp(Value(1.0)), TypeError, NOT_A_FLOAT),
    ("np.array of floats from Values", lambda: np.array([Value(1.0)], dtype=float), TypeError, NOT_A_FLOAT),
    ("storing v in a float array", lambda: np.zeros(2).__setitem__(0, Value(1.0)), TypeError, NOT_A_FLOAT),
    ("assigning to .data of an interior node", lambda: setattr(Value(1.0) * 2, "data", 3.0), AttributeError,
     ("the data of a Value computed by '*' is read-only, because it follows from the operands; update the leaves and compute "
     "it again, or create a new leaf with v.detach()")),
]  # fmt: skip


def inside_no_grad(function: Callable[[Value], Any]) -> Any:
    with no_grad():
        return function(Value(2.5))


def rebinding() -> tuple[float, float, str]:
    p = old = Value(2.0)
    p += 1
    return p.data, old.data, p.op


def updated() -> float:
    p = Value(2.0)
    p.data = 5
    return p.data


def kinds(array: Any) -> list[type]:
    assert array.dtype == object
    return [type(item) for item in array]


def comparable(thing: Any) -> Any:
    """Replace floats by strings that are equal if the floats are equal bit for bit, or both nan."""
    if isinstance(thing, list | tuple):
        return [comparable(item) for item in thing]
    return float.hex(thing + 0.0) if type(thing) is float else thing


@pytest.mark.parametrize(("expression", "expected"), [row[1:] for row in RESULTS], ids=[row[0] for row in RESULTS])
def test_result(expression: Callable[[], Any], expected: Any) -> None:
    assert comparable(expression()) == comparable(expected)


@pytest.mark.parametrize(("expression", "error", "text"), [row[1:] for row in ERRORS], ids=[row[0] for row in ERRORS])
def test_error_message(expression: Callable[[], Any], error: type[Exception], text: str) -> None:
    with pytest.raises(error) as caught:
        expression()
    assert str(caught.value) == text


def test_value_is_no_array_for_numpy() -> None:
    """``__array_priority__`` would break ``array * v``, and ``__array__`` would copy the number silently."""
    hooks = ("", "_priority", "_interface")
    assert not any(hasattr(Value, f"__array{hook}__") for hook in hooks)


def test_an_integer_beyond_the_largest_float_raises_an_error() -> None:
    text = (
        "the data of a Value must be in the range of float (at most 1.8e308 in magnitude), not an int of about 2**1328; "
        "scale it down first"
    )
    with pytest.raises(OverflowError) as caught:
        Value(10**400)
    assert str(caught.value) == text


ROUNDING: dict[str, tuple[Callable[[Any], Any], Callable[[Any], Any]]] = {
    "round": (round, np.round), "floor": (math.floor, np.floor), "ceil": (math.ceil, np.ceil), "trunc": (math.trunc, np.trunc),
    "digits": (lambda x: round(x, 2), lambda x: np.round(x, 2)), "tens": (lambda x: round(x, -1), lambda x: np.round(x, -1)),
    "product": (lambda x: round(x * 3, 3) * x, lambda x: np.round(x * 3, 3) * x),
}  # fmt: skip


@pytest.mark.parametrize(("f", "of_numpy"), ROUNDING.values(), ids=ROUNDING)
def test_rounding_is_that_of_numpy_and_is_compiled(f: Callable[[Any], Any], of_numpy: Callable[[Any], Any]) -> None:
    X = np.array([1.115, 2.675, -0.285, 1e10, 0.5, 1.5, -2.5, 1234.5, -0.0, NAN, math.inf])
    found = [f(Value(x)).data for x in X]
    assert np.array_equal(found, of_numpy(X), equal_nan=True)
    assert np.array_equal(autograd.compile(f)(X), found, equal_nan=True)
    assert np.array_equal(autograd.compile(autograd.grad(f))(X), [autograd.grad(f)(x) for x in X], equal_nan=True)
