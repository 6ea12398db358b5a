"""``Value``: construction, ``repr`` and operators."""

from __future__ import annotations

import datetime
import inspect
import math
import operator
import re
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

# Objects that are not accepted, and the end of the error message.
INVALID_OPERANDS: list[tuple[Any, str]] = [
    (1 + 2j, "not complex ((1+2j)); use its .real part, or separate Values for the real and imaginary parts"),
    ("1.5", "not str ('1.5'); convert it first: float(text)"),
    (b"1", "not bytes (b'1'); convert it first: float(text)"),
    (None, "not NoneType; pass a number, for example 0.0"),
    ([1.0], "not list ([1.0]); create one Value per element: [Value(x) for x in numbers]"),
    ((1.0,), "not tuple ((1.0,)); create one Value per element: [Value(x) for x in numbers]"),
    ({"x": 1}, "not dict ({'x': 1}); use one of its values"),
    ({1}, "not set ({1}); create one Value per element: [Value(x) for x in numbers]"),
    (Decimal("1.5"), "not Decimal (Decimal('1.5')); convert it first: float(number)"),
    (np.complex128(1j), f"not complex128 ({np.complex128(1j)!r}); use its .real part"),  # NumPy 1 and 2 write it differently
    (np.str_("a"), f"not str_ ({np.str_('a')!r}); convert it to a float first"),
]
INVALID_DATA: list[tuple[Any, str]] = [
    (np.array([1.0, 2.0]), ("not ndarray (array([1., 2.])); create one Value per element: [Value(x) for x in array], or "
     "use one element: array[i]")),
    (np.array(1.0), "not ndarray (array(1.)); use its number: array.item()"),
    (np.array([[1.0]]), "not ndarray (array([[1.]])); use its number: array.item()"),
    (Value(1.0), "not Value (Value(1.0)); use v.data, which is its number; v.detach() is a new leaf with that number"),
    (datetime.date(2020, 1, 1), "not date (datetime.date(2020, 1, 1)); convert it to a float first"),
    (np.timedelta64(3, "ns"), f"not timedelta64 ({np.timedelta64(3, 'ns')!r}); convert it to a float first"),
    (np.datetime64("2020"), f"not datetime64 ({np.datetime64('2020')!r}); convert it to a float first"),
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


@pytest.mark.parametrize(("thing", "text"), INVALID_OPERANDS + INVALID_DATA, ids=lambda a: named(a)[:24])
def test_other_types_are_not_accepted_as_data(thing: Any, text: str) -> None:
    for assign in (lambda: Value(thing), lambda: setattr(Value(1.0), "data", thing)):
        with pytest.raises(TypeError) as caught:
            assign()
        assert str(caught.value).startswith("the data of a Value must be a real number, ")
        assert text in str(caught.value)


OPERATORS = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv,
    "**": operator.pow, "%": operator.mod, "//": operator.floordiv,
}  # fmt: skip


@pytest.mark.parametrize(("thing", "text"), INVALID_OPERANDS, ids=lambda a: named(a)[:24])
@pytest.mark.parametrize("symbol", OPERATORS)
def test_other_types_are_not_accepted_as_operands(symbol: str, thing: Any, text: str) -> None:
    apply = OPERATORS[symbol]
    with pytest.raises(TypeError) as caught:
        apply(Value(1.0), thing)
    assert str(caught.value).startswith(f"an operand of {symbol} must be a real number or a Value, ")
    each = f"apply it to each element: [v {symbol} x for x in xs]"
    assert text.replace("create one Value per element: [Value(x) for x in numbers]", each) in str(caught.value)
    if symbol == "%" and isinstance(thing, str | bytes):
        return  # text % v is string formatting
    with pytest.raises(TypeError, match="must be a real number or a Value, not "):
        apply(thing, Value(1.0))


def test_operands_of_unknown_types_may_implement_the_operation() -> None:
    """The operator returns NotImplemented. If the other object does not implement it either, Python raises its own error."""

    class Knows:
        def __radd__(self, other: Any) -> str:
            return "mine"

    assert Value(1.0) + Knows() == "mine"
    with pytest.raises(TypeError, match=r"unsupported operand type\(s\) for \+: '.*Value' and 'object'"):
        Value(1.0) + object()


def test_torch_tensors_are_not_accepted_as_data() -> None:
    torch = pytest.importorskip("torch")
    with pytest.raises(TypeError, match=r"not Tensor \(tensor\(1\.\)\); use its number: tensor.item\(\)$"):
        Value(torch.tensor(1.0))


# ---- repr and attributes ----


@pytest.mark.parametrize(("value", "text"), [
    (Value(6.0), "Value(6.0)"),
    (Value(6.0, label="x"), "Value(6.0, label='x')"),
    (Value(2.0) * Value(3.0), "Value(6.0, grad=0.0, op='*')"),
    (Value(2.0).tanh(), "Value(0.9640275800758169, grad=0.0, op='tanh')"),
    ((Value(2.0) ** 2).operands[1], "Value(2.0, op='const')"),
    (Value(math.nan), "Value(nan)"),
    (Value(-0.0), "Value(-0.0)"),
])  # fmt: skip
def test_repr_shows_everything_that_differs_from_the_default(value: Value, text: str) -> None:
    assert repr(value) == str(value) == text


def test_repr_shows_the_gradient_of_a_leaf_after_backward() -> None:
    x = Value(3.0, label="x")
    y = x * x
    y.label = "y"
    y.backward()
    assert repr(x) == "Value(3.0, grad=6.0, label='x')"
    assert repr(y) == "Value(9.0, grad=1.0, op='*', label='y')"


def test_labels_are_strings_or_none() -> None:
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
def test_operators_return_the_same_numbers_as_python(symbol: str, x: float, y: float) -> None:
    """The results are equal bit for bit, with a Value or number on either side. Where Python raises, they are inf or nan."""
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
def test_powers_equal_powers_of_python(x: float, y: float) -> None:
    assert (Value(x) ** Value(y)).data == (Value(x) ** y).data == (x ** Value(y)).data == x**y


@given(x=floats)
def test_unary_operators_return_the_same_numbers_as_python(x: float) -> None:
    v = Value(x)
    assert [(-v).data, abs(v).data, (+v).data] == [-x, abs(x), x]
    assert [math.floor(v).data, math.ceil(v).data] == [float(math.floor(x)), float(math.ceil(x))]


@given(x=small, y=small.filter(bool))
def test_divmod_is_quotient_and_remainder(x: float, y: float) -> None:
    for quotient, remainder in (divmod(Value(x), y), divmod(x, Value(y)), divmod(Value(x), Value(y))):
        assert (quotient.data, remainder.data) == divmod(x, y)


def test_pow_with_a_modulus_raises_an_error() -> None:
    with pytest.raises(TypeError) as caught:
        pow(Value(2.0), 3, 5)
    assert str(caught.value) == "pow() with a modulus is for ints only; use (x ** y) % modulus"


@pytest.mark.parametrize("symbol", OPERATORS)
def test_in_place_operators_create_a_new_value(symbol: str) -> None:
    in_place: Callable[..., Any] = getattr(operator, {"+": "iadd", "-": "isub", "*": "imul", "/": "itruediv", "**": "ipow",
                                                      "%": "imod", "//": "ifloordiv"}[symbol])  # fmt: skip
    x = Value(7.0)
    y = in_place(x, 2)
    assert y is not x
    assert (x.data, y.operands[0] is x, y.data) == (7.0, True, OPERATORS[symbol](7.0, 2))


def test_value_cannot_be_subclassed() -> None:
    with pytest.raises(TypeError, match=r"^type 'autograd\.value\.Value' is not an acceptable base type$"):
        type("Mine", (Value,), {})


def test_value_has_a_signature_and_a_docstring() -> None:
    assert list(inspect.signature(Value).parameters) == ["data", "label"]
    assert Value.__doc__ is not None
    assert Value.__doc__.startswith("A number that records the operations it is used in")


@pytest.mark.parametrize(
    ("arguments", "options", "text"),
    [
        ((2.0,), {"name": "a"}, "Value() takes a number and a label, not name=; write Value(2.0, label='x')"),
        ((2.0, "a"), {"lable": "a"}, "Value() takes a number and a label, not lable=; write Value(2.0, label='x')"),
        ((), {}, "Value() must be called with its number; write Value(0.0)"),
        ((), {"label": "a"}, "Value() must be called with its number; write Value(0.0)"),
        ((3.0,), {"_children": (), "_op": "+"},
         "Value() takes a number and a label, not the operands of an operation (_children=)"),
        ((3.0, (), "+"), {}, "Value() takes a number and a label, not the operands of an operation (())"),
        ((2.0,), {"requires_grad": True}, "Value() takes a number and a label, not requires_grad=; omit it, because every "),
        ((2.0,), {"dtype": float}, "Value() takes a number and a label, not dtype=; omit it, because the number is always a"),
        ((2.0,), {"grad": 1.0}, "Value() takes a number and a label, not grad=; assign it later: x.grad = 1.0"),
        ((), {"value": 2.0}, "Value() takes a number and a label, not value=; write Value(2.0)"),
        (("3",), {}, "the data of a Value must be a real number, not str ('3'); convert it first: float(text)"),
        ((3.0, 4), {}, "a label must be a string or None, not int (4)"),
    ],
)  # fmt: skip
def test_the_constructor_names_the_class_and_a_remedy(arguments: Any, options: Any, text: str) -> None:
    for _ in range(3):  # the error that is replaced is released
        with pytest.raises(TypeError) as caught:
            Value(*arguments, **options)
        assert str(caught.value).startswith(text)


@pytest.mark.parametrize(
    ("label", "remedy"), [(("a",), "write one string, without a comma after it"), (["a"], "use str(...)"), (4, "use str(...)")]
)
def test_another_label_is_refused(label: Any, remedy: str) -> None:
    x = Value(2.0, "x")
    with pytest.raises(TypeError) as caught:
        x.label = label
    assert str(caught.value) == f"a label must be a string or None, not {type(label).__name__} ({label!r}); {remedy}"
    assert x.label == "x"


@pytest.mark.parametrize("symbol", OPERATORS)
def test_the_value_of_another_engine_is_refused(symbol: str) -> None:
    class Other:
        def accept(self, number: Any) -> str:
            return "a gradient is lost"

        __radd__ = __rsub__ = __rmul__ = __rtruediv__ = __rpow__ = __rmod__ = __rfloordiv__ = accept

    Other.__name__ = "Value"
    with pytest.raises(TypeError) as caught:
        OPERATORS[symbol](Value(3.0), Other())
    text = str(caught.value)
    assert text.startswith(f"an operand of {symbol} must be a real number or a Value of autograd, not tests.")
    assert text.endswith("; record the expression with autograd.Value")


def test_a_value_in_place_of_a_number_is_answered_with_its_data() -> None:
    a, b = Value(1.0), Value(2.0)
    remedy = "; use v.data, which is its number; v.detach() is a new leaf with that number"
    with pytest.raises(TypeError, match="^the data of a Value must be a real number, not Value .*" + re.escape(remedy)):
        a.data -= 0.01 * b
    with pytest.raises(TypeError, match=r"^the seed of backward\(\) must be a real number, not Value .*" + re.escape(remedy)):
        (a * b).backward(a)  # type: ignore[arg-type]
