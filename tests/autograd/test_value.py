"""``Value``: what it is made from, how it shows itself, its operators, its gradients."""

from __future__ import annotations

import datetime
import inspect
import math
import operator
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import Value

# ---- construction ----

NUMPY_TYPES = (
    np.bool_, np.int8, np.int16, np.int32, np.int64, np.uint8, np.uint16, np.uint32, np.uint64,
    np.float16, np.float32, np.float64, np.longdouble,
)  # fmt: skip
ACCEPTED: list[Any] = [3, -7, True, False, 2.5, Fraction(1, 4), *(t(1) for t in NUMPY_TYPES)]

# What is refused, and how the message names it.
REFUSED: list[tuple[Any, str]] = [
    (1 + 2j, "not complex ((1+2j)); use its .real part, or separate Values for the real and imaginary parts"),
    ("1.5", "not str ('1.5'); convert it first: float(text)"),
    (b"1", "not bytes (b'1'); convert it first: float(text)"),
    (None, "not NoneType; give a number, for example 0.0"),
    ([1.0], "not list ([1.0]); create one Value per element: [Value(x) for x in numbers]"),
    ((1.0,), "not tuple ((1.0,)); create one Value per element: [Value(x) for x in numbers]"),
    ({"x": 1}, "not dict ({'x': 1}); use one of its values"),
    ({1}, "not set ({1}); create one Value per element: [Value(x) for x in numbers]"),
    (Decimal("1.5"), "not Decimal (Decimal('1.5')); convert it first: float(number)"),
    (np.complex128(1j), "not complex128 (np.complex128(1j)); use its .real part"),
    (np.str_("a"), "not str_ (np.str_('a')); convert it to a float first"),
]
REFUSED_AS_DATA: list[tuple[Any, str]] = [
    (np.array([1.0, 2.0]), ("not ndarray (array([1., 2.])); use one element (array[i]), or map over all: "
     "np.vectorize(f, otypes=[object])(array)")),
    (np.array(1.0), "not ndarray (array(1.)); use one element (array[i])"),
    (Value(1.0), "not Value (Value(1.0)); use it directly; v.data is its number, and v.detach() a new leaf with that number"),
    (datetime.date(2020, 1, 1), "not date (datetime.date(2020, 1, 1)); convert it to a float first"),
    (np.timedelta64(3, "ns"), "not timedelta64 (np.timedelta64(3,'ns')); convert it to a float first"),
    (np.datetime64("2020"), "not datetime64 (np.datetime64('2020')); convert it to a float first"),
    (list(range(100)), "not list ([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11...); create one Value per element"),
]  # fmt: skip


def named(thing: Any) -> str:
    return f"{type(thing).__name__}-{str(thing)[:12]}"


@pytest.mark.parametrize("number", ACCEPTED, ids=named)
def test_real_numbers_are_converted_to_float(number: Any) -> None:
    x = Value(number)
    assert (type(x.data), x.data) == (float, float(number))


@pytest.mark.parametrize("number", ACCEPTED, ids=named)
def test_real_numbers_are_operands_on_either_side(number: Any) -> None:
    x = Value(3.0)
    assert [(x * number).data, (number * x).data, (x + number).data] == [3.0 * float(number)] * 2 + [3.0 + float(number)]
    assert type(number * x) is type(number / x) is type(number**x) is Value


@pytest.mark.parametrize(("thing", "text"), REFUSED + REFUSED_AS_DATA, ids=lambda a: named(a)[:24])
def test_anything_else_is_refused_as_data(thing: Any, text: str) -> None:
    for refuse in (lambda: Value(thing), lambda: setattr(Value(1.0), "data", thing)):
        with pytest.raises(TypeError) as caught:
            refuse()
        assert str(caught.value).startswith("the data of a Value must be a real number, ")
        assert text in str(caught.value)


OPERATORS = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv,
    "**": operator.pow, "%": operator.mod, "//": operator.floordiv,
}  # fmt: skip


@pytest.mark.parametrize(("thing", "text"), REFUSED, ids=lambda a: named(a)[:24])
@pytest.mark.parametrize("symbol", OPERATORS)
def test_anything_else_is_refused_as_an_operand(symbol: str, thing: Any, text: str) -> None:
    apply = OPERATORS[symbol]
    with pytest.raises(TypeError) as caught:
        apply(Value(1.0), thing)
    assert str(caught.value).startswith(f"an operand of {symbol} must be a real number or a Value, ")
    assert text in str(caught.value)
    if symbol == "%" and isinstance(thing, str | bytes):
        return  # text % v is Python's old way to format
    with pytest.raises(TypeError, match="must be a real number or a Value, not "):
        apply(thing, Value(1.0))


def test_operands_of_unknown_types_may_know_better() -> None:
    """NotImplemented gives the other object its turn; if that does not help either, Python's own error names both."""

    class Knows:
        def __radd__(self, other: Any) -> str:
            return "mine"

    assert Value(1.0) + Knows() == "mine"
    with pytest.raises(TypeError, match=r"unsupported operand type\(s\) for \+: '.*Value' and 'object'"):
        Value(1.0) + object()


def test_torch_tensors_are_refused_as_data() -> None:
    torch = pytest.importorskip("torch")
    with pytest.raises(TypeError, match=r"not Tensor \(tensor\(1\.\)\); use its number: tensor.item\(\)$"):
        Value(torch.tensor(1.0))


# ---- what it shows ----


@pytest.mark.parametrize(("value", "text"), [
    (Value(6.0), "Value(6.0)"),
    (Value(6.0, label="x"), "Value(6.0, label='x')"),
    (Value(2.0) * Value(3.0), "Value(6.0, grad=0.0, op='*')"),
    (Value(2.0).tanh(), "Value(0.9640275800758169, grad=0.0, op='tanh')"),
    ((Value(2.0) ** 2).operands[1], "Value(2.0, op='const')"),
    (Value(math.nan), "Value(nan)"),
    (Value(-0.0), "Value(-0.0)"),
])  # fmt: skip
def test_repr_is_one_line_with_what_is_not_default(value: Value, text: str) -> None:
    assert repr(value) == str(value) == text


def test_repr_shows_the_gradient_of_a_leaf_once_there_is_one() -> None:
    x = Value(3.0, label="x")
    y = x * x
    y.label = "y"
    y.backward()
    assert repr(x) == "Value(3.0, grad=6.0, label='x')"
    assert repr(y) == "Value(9.0, grad=1.0, op='*', label='y')"


def test_labels_are_text_or_none() -> None:
    x = Value(1.0, label="loss")
    x.label = None
    assert x.label is None
    with pytest.raises(TypeError) as caught:
        Value(1.0, label=7)
    assert str(caught.value) == "a label must be a string or None, not int (7); use str(...)"


def test_operands_are_in_order_and_plain_numbers_are_constants() -> None:
    x, y = Value(3.0), Value(4.0)
    assert (x - y).operands == (x, y)
    assert (x - y).operands[0] is x
    five, other = (5 - x).operands
    assert (five.data, five.op, other is x) == (5.0, "const", True)
    assert (x + x).operands[0] is (x + x).operands[1] is x
    assert [operand.data for operand in (x**2).operands] == [3.0, 2.0]
    assert [operand.data for operand in (2**x).operands] == [2.0, 3.0]
    assert x.operands == ()


def test_op_and_operands_are_read_only() -> None:
    node = Value(1.0) + 2
    for name in ("op", "operands", "partials"):
        with pytest.raises(AttributeError):
            setattr(node, name, None)
    with pytest.raises(AttributeError):
        node.colour = "red"  # type: ignore[attr-defined]


# ---- operators ----

floats = st.floats(allow_nan=False, allow_infinity=False)
small = st.floats(-50.0, 50.0)


@pytest.mark.parametrize("symbol", [s for s in OPERATORS if s != "**"])
@given(x=floats, y=floats)
def test_operators_give_what_python_gives(symbol: str, x: float, y: float) -> None:
    """On either side a Value or a number, to the bit; where Python raises, an infinity or nan."""
    apply = OPERATORS[symbol]
    try:
        expected = apply(x, y)
    except ZeroDivisionError:
        expected = None
    for left, right in ((Value(x), Value(y)), (Value(x), y), (x, Value(y))):
        result = apply(left, right)
        assert type(result) is Value
        assert result.op == symbol
        if expected is None:
            assert not math.isfinite(result.data)
        else:
            assert float.hex(result.data) == float.hex(expected)


@given(x=st.floats(1e-3, 50.0), y=small)
def test_powers_give_what_python_gives(x: float, y: float) -> None:
    assert (Value(x) ** Value(y)).data == (Value(x) ** y).data == (x ** Value(y)).data == x**y


@given(x=floats)
def test_unary_operators_give_what_python_gives(x: float) -> None:
    v = Value(x)
    assert [(-v).data, abs(v).data, (+v).data] == [-x, abs(x), x]
    assert [math.floor(v).data, math.ceil(v).data] == [float(math.floor(x)), float(math.ceil(x))]


@given(x=small, y=small.filter(bool))
def test_divmod_is_quotient_and_remainder(x: float, y: float) -> None:
    for quotient, remainder in (divmod(Value(x), y), divmod(x, Value(y)), divmod(Value(x), Value(y))):
        assert (quotient.data, remainder.data) == divmod(x, y)


def test_pow_with_a_modulus_is_refused() -> None:
    with pytest.raises(TypeError) as caught:
        pow(Value(2.0), 3, 5)
    assert str(caught.value) == "pow() with a modulus is for ints only; use (x ** y) % modulus"


@pytest.mark.parametrize("symbol", OPERATORS)
def test_in_place_operators_make_a_new_value(symbol: str) -> None:
    in_place: Callable[..., Any] = getattr(operator, {"+": "iadd", "-": "isub", "*": "imul", "/": "itruediv", "**": "ipow",
                                                      "%": "imod", "//": "ifloordiv"}[symbol])  # fmt: skip
    x = Value(7.0)
    y = in_place(x, 2)
    assert y is not x
    assert (x.data, y.operands[0] is x, y.data) == (7.0, True, OPERATORS[symbol](7.0, 2))


def test_a_value_cannot_be_derived_from() -> None:
    with pytest.raises(TypeError, match=r"^type 'autograd\.value\.Value' is not an acceptable base type$"):
        type("Mine", (Value,), {})


def test_how_a_value_is_made_can_be_asked_for() -> None:
    assert list(inspect.signature(Value).parameters) == ["data", "label"]
    assert Value.__doc__ is not None
    assert Value.__doc__.startswith("A number that records the operations it is used in")
