"""NumPy together with Values: object arrays of Values, and NumPy's scalars as operands on either side."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy import special

import autograd
from autograd import Value, no_grad
from autograd.ops import TABLE

SCALARS = (
    np.bool_, np.int8, np.int16, np.int32, np.int64, np.uint8, np.uint16, np.uint32, np.uint64,
    np.float16, np.float32, np.float64, np.longdouble,
)  # fmt: skip

# NumPy's functions of one argument, which call the method with the same name; each with a point in its domain.
UNARY = {
    "absolute": -0.5, "arccos": 0.5, "arccosh": 1.5, "arcsin": 0.5, "arcsinh": 0.5, "arctan": 0.5, "arctanh": 0.5,
    "cbrt": 0.5, "ceil": 0.5, "cos": 0.5, "cosh": 0.5, "exp": 0.5, "exp2": 0.5, "expm1": 0.5, "fabs": -0.5,
    "floor": 0.5, "log": 0.5, "log10": 0.5, "log1p": 0.5, "log2": 0.5, "negative": 0.5, "positive": 0.5,
    "reciprocal": 0.5, "sin": 0.5, "sinh": 0.5, "sqrt": 0.5, "square": 0.5, "tan": 0.5, "tanh": 0.5,
}  # fmt: skip
# Functions of two arguments: the first, the second, or both may be Values.
BINARY = ["add", "subtract", "multiply", "divide", "true_divide", "power", "remainder", "mod", "floor_divide"]
# Functions of two arguments. In an array of Values, NumPy looks up the method on the first argument, which must be a Value.
FIRST = ["arctan2", "fmod", "hypot"]
COMPARISONS = ["equal", "not_equal", "less", "less_equal", "greater", "greater_equal"]


def values(*numbers: float) -> Any:
    return np.array([Value(x) for x in numbers])


def data(array: Any) -> list[float]:
    assert array.dtype == object
    assert all(type(item) is Value for item in array.flat)
    return [item.data for item in array.flat]


def slope(function: Callable[[Any], Any], x: float, step: float = 1e-6) -> float:
    return float((function(x + step) - function(x - step)) / (2 * step))


@pytest.mark.parametrize("name", UNARY)
def test_functions_of_one_argument_apply_to_values_and_object_arrays(name: str) -> None:
    function, x = getattr(np, name), UNARY[name]
    array = values(x, x)
    result = function(array)
    assert data(result) == pytest.approx([float(function(x))] * 2, rel=1e-14)
    assert type(function(Value(x))) is Value
    result[0].backward()
    assert (array[0].grad, array[1].grad) == (pytest.approx(slope(function, x), rel=1e-8, abs=1e-8), 0.0)


@pytest.mark.parametrize("name", BINARY)
def test_functions_of_two_arguments_apply_on_either_side(name: str) -> None:
    function = getattr(np, name)
    x, y = values(5.5, 2.25), np.array([2.0, 3.5])
    numbers = np.array([5.5, 2.25])
    for left, right, a, b in ((x, y, numbers, y), (y, x, y, numbers), (x, x, numbers, numbers)):
        assert data(function(left, right)) == pytest.approx(function(a, b).tolist(), rel=1e-14)
    function(x, y)[0].backward()
    if name != "floor_divide":
        assert x[0].grad == pytest.approx(slope(lambda t: function(t, 2.0), 5.5), rel=1e-8)


@pytest.mark.parametrize("name", FIRST)
def test_functions_implemented_by_a_method_need_a_value_as_first_argument(name: str) -> None:
    function, numbers = getattr(np, name), np.array([5.5, 2.25])
    for right in (np.array([2.0, 3.5]), values(2.0, 3.5)):
        assert data(function(values(5.5, 2.25), right)) == pytest.approx(function(numbers, [2.0, 3.5]).tolist(), rel=1e-15)


@pytest.mark.parametrize("name", COMPARISONS)
def test_comparisons_return_arrays_of_bools(name: str) -> None:
    function = getattr(np, name)
    expected = function([1.0, 2.0, 3.0], 2.0).tolist()
    for right in (2.0, Value(2.0), np.full(3, 2.0), values(2.0, 2.0, 2.0)):
        assert function(values(1.0, 2.0, 3.0), right).tolist() == expected
    assert (values(1.0, 2.0, 3.0) < Value(2.0)).dtype == bool


OPERATORS = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv,
    "**": operator.pow, "%": operator.mod, "//": operator.floordiv,
}  # fmt: skip


@pytest.mark.parametrize("symbol", OPERATORS)
def test_operators_between_a_value_and_an_array(symbol: str) -> None:
    apply = OPERATORS[symbol]
    for numbers in (np.array([[1.5, 2.0], [3.0, 4.5]]), np.array([[1, 2], [3, 4]])):
        forward, reflected = apply(Value(2.5), numbers), apply(numbers, Value(2.5))
        assert forward.shape == reflected.shape == (2, 2)
        assert data(forward) == pytest.approx(apply(2.5, numbers).ravel().tolist(), rel=1e-15)
        assert data(reflected) == pytest.approx(apply(numbers, 2.5).ravel().tolist(), rel=1e-15)


@pytest.mark.parametrize("symbol", OPERATORS)
def test_an_array_without_axes_is_a_number(symbol: str) -> None:
    apply = OPERATORS[symbol]
    for result in (apply(Value(5.0), np.array(2.0)), apply(np.array(5.0), Value(2.0))):
        assert type(result) is Value
        assert result.data == apply(5.0, 2.0)


@pytest.mark.parametrize("dtype", SCALARS)
@pytest.mark.parametrize("symbol", OPERATORS)
def test_scalars_of_every_real_type_are_operands_on_either_side(symbol: str, dtype: Any) -> None:
    one, apply = dtype(1), OPERATORS[symbol]
    for result, expected in ((apply(Value(2.5), one), apply(2.5, 1.0)), (apply(one, Value(2.5)), apply(1.0, 2.5))):
        assert type(result) is Value
        assert result.data == expected


@pytest.mark.parametrize("dtype", SCALARS)
def test_scalars_of_every_real_type_are_data_exponents_and_comparable(dtype: Any) -> None:
    one = dtype(1)
    x = Value(3.0)
    (x**one).backward()
    assert x.grad == 1.0
    assert type(Value(one).data) is float
    assert (Value(1.0) == one, one == Value(1.0), Value(0.5) < one, one > Value(0.5)) == (True, True, True, True)


def test_matrix_products() -> None:
    weights, x = values(1.0, 2.0, 3.0, 4.0).reshape(2, 2), values(5.0, 6.0)
    out = weights @ x
    assert data(out) == [17.0, 39.0]
    (out[0] * 1.0 + out[1] * 10.0).backward()
    assert [w.grad for w in weights.flat] == [5.0, 6.0, 50.0, 60.0]
    assert [v.grad for v in x] == [31.0, 42.0]
    assert data(weights @ np.eye(2)) == data(np.eye(2) @ weights) == [1.0, 2.0, 3.0, 4.0]


REDUCTIONS: dict[str, tuple[Callable[[Any], Any], list[float]]] = {
    "dot": (lambda v: np.dot(v, v), [2.0, 4.0, 8.0]),
    "dot with numbers": (lambda v: np.dot(np.array([1.0, 2.0, 3.0]), v), [1.0, 2.0, 3.0]),
    "sum": (np.sum, [1.0, 1.0, 1.0]),
    "mean": (np.mean, [1 / 3, 1 / 3, 1 / 3]),
    "prod": (np.prod, [8.0, 4.0, 2.0]),
    "einsum": (lambda v: np.einsum("i,i->", v, v), [2.0, 4.0, 8.0]),
    "einsum of a matrix": (lambda v: np.einsum("ij,j->i", np.ones((2, 3)), v)[0], [1.0, 1.0, 1.0]),
    "inner": (lambda v: np.inner(v, v), [2.0, 4.0, 8.0]),
    "trace of outer": (lambda v: np.trace(np.outer(v, v)), [2.0, 4.0, 8.0]),
    "linalg.norm": (lambda v: np.linalg.norm(v), [1 / 21**0.5, 2 / 21**0.5, 4 / 21**0.5]),
    "cumsum": (lambda v: np.cumsum(v)[1], [1.0, 1.0, 0.0]),
    "max": (np.max, [0.0, 0.0, 1.0]),
    "sort": (lambda v: np.sort(v)[0], [1.0, 0.0, 0.0]),
    "where": (lambda v: np.where(v > 1.5, v, 0.0).sum(), [0.0, 1.0, 1.0]),
    "maximum": (lambda v: np.maximum(v, 1.5)[2], [0.0, 0.0, 1.0]),
    "vectorize": (lambda v: np.vectorize(lambda x: x * x / x, otypes=[object])(v).sum(), [1.0, 1.0, 1.0]),
}


@pytest.mark.parametrize("name", REDUCTIONS)
def test_numpy_functions_of_object_arrays_have_the_right_gradient(name: str) -> None:
    function, expected = REDUCTIONS[name]
    array = values(1.0, 2.0, 4.0)
    result = function(array)
    assert type(result) is Value
    assert result.data == pytest.approx(float(function(np.array([1.0, 2.0, 4.0]))), rel=1e-15)
    result.backward()
    assert [x.grad for x in array] == pytest.approx(expected, rel=1e-14)


def test_a_list_of_values_becomes_an_object_array() -> None:
    assert np.array([Value(1.0), Value(2.0)]).dtype == object
    assert np.array([[Value(1.0)], [Value(2.0)]]).shape == (2, 1)


def test_arrays_of_values_are_converted_to_floats_only_inside_no_grad() -> None:
    array = values(1.0, 2.0)
    with pytest.raises(TypeError, match=r"^cannot convert a Value to float implicitly"):
        array.astype(float)
    with no_grad():
        assert array.astype(float).tolist() == [1.0, 2.0]


def test_in_place_operators_on_object_arrays() -> None:
    array = values(1.0, 2.0)
    x = array[0]
    array *= 3
    array += np.array([1.0, 1.0])
    array[0].backward()
    assert (data(array), x.grad) == ([4.0, 7.0], 3.0)


def test_mean_variance_and_deviation_of_an_array_of_values() -> None:
    numbers = [1.0, 4.0, 4.5, -2.0]
    values = [Value(x) for x in numbers]
    array = np.array(values, dtype=object)
    assert np.var(array).data == pytest.approx(np.var(numbers), rel=1e-15)
    deviation = np.std(array)
    assert deviation.data == pytest.approx(np.std(numbers), rel=1e-15)
    deviation.backward()
    wanted = (np.array(numbers) - np.mean(numbers)) / (4 * np.std(numbers))
    assert [v.grad for v in values] == pytest.approx(wanted, rel=1e-14)


@pytest.mark.parametrize(
    "function",
    [
        lambda v: v**2, lambda v: v**0.5, lambda v: 1.0 / v, lambda v: v // 1.0, lambda v: v % 1.0, abs, np.sqrt, np.cbrt,
        np.log, np.log1p, np.arcsin, np.arctanh, np.tanh, np.exp, lambda v: np.hypot(v, 0.0), lambda v: np.arctan2(v, 0.0),
        np.vectorize(autograd.elu, otypes=[object]), np.vectorize(autograd.relu, otypes=[object]),
    ],
)  # fmt: skip
@pytest.mark.parametrize("number", [0.0, -0.0, 5e-324, 1.0, 1e-200])
def test_derivatives_leave_no_floating_point_flag(function: Any, number: float) -> None:
    """NumPy checks the flags after each loop over objects, and would warn of an infinite derivative."""
    with np.errstate(all="raise"):
        function(values(number, number))


def test_a_backward_pass_leaves_no_floating_point_flag() -> None:
    gradient = np.vectorize(autograd.grad(lambda x: 0.0 * x.sqrt()), otypes=[float])
    with np.errstate(all="raise"):
        assert np.isnan(gradient(np.array([0.0, 4.0]))).tolist() == [True, False]


# ---- a Value itself as an argument: NumPy calls its methods __array_ufunc__ and __array_function__ ----------------

numpy: Any = np  # without the type hints, which do not know Value
NAMES = {name: row for row in TABLE if not row.variadic for name in (row.name, *row.aliases)}
NAMES |= {
    "absolute": NAMES["abs"], "subtract": NAMES["sub"], "multiply": NAMES["mul"], "divide": NAMES["div"],
    "negative": NAMES["neg"], "power": NAMES["pow"], "float_power": NAMES["pow"], "remainder": NAMES["mod"],
    "floor_divide": NAMES["floor_div"],
}  # fmt: skip
OF_THE_TABLE = sorted(
    name
    for name in NAMES
    if isinstance(getattr(np, name, None), np.ufunc) and NAMES[name].name not in ("less", "less_equal", "equal")
)


def points(name: str) -> list[float]:
    """Return two points in the domain, one of them for the second argument."""
    return [1.5, 2.25] if name in ("acosh", "arccosh") else [0.75, 0.5]


def gradients(function: Callable[..., Any], *operands: Any) -> list[Any]:
    """Return the value, its type, and the gradients with respect to the operands that are Values."""
    operands = tuple(Value(x.data) if type(x) is Value else x for x in operands)
    result = function(*operands)
    result = result.item() if isinstance(result, np.ndarray) else result
    result.backward()
    return [type(result), result.data, result.op, *(x.grad for x in operands if type(x) is Value)]


def test_the_table_has_the_functions_of_numpy() -> None:
    assert {"arctan2", "hypot", "logaddexp", "rint", "deg2rad", "rad2deg", "heaviside", "copysign", "sign"} <= set(OF_THE_TABLE)
    assert len(OF_THE_TABLE) > 50  # NumPy 1 has fewer aliases


@pytest.mark.parametrize("name", OF_THE_TABLE)
def test_each_function_of_a_value_is_its_row(name: str) -> None:
    ufunc, row = getattr(np, name), getattr(autograd, NAMES[name].name)
    x, y = points(name)
    cases: list[tuple[Any, ...]] = [(Value(x),)]
    if ufunc.nin == 2:
        cases = [(Value(x), Value(y)), (Value(x), y), (x, Value(y)), (numpy.float32(x), Value(y)), (Value(x), numpy.array(y))]
        cases += [(1, Value(y)), (Value(x), numpy.int64(2)), (numpy.longdouble(x), Value(y))]
    for operands in cases:
        numbers = [operand if type(operand) is Value else float(operand) for operand in operands]
        expected = gradients(row, *numbers)
        assert gradients(ufunc, *operands) == expected
        assert gradients(lambda *inputs, ufunc=ufunc: ufunc(*inputs, dtype=object), *operands) == expected
        assert expected[1] == pytest.approx(float(ufunc(*(getattr(item, "data", item) for item in numbers))), rel=1e-14)


@pytest.mark.parametrize("name", [name for name in OF_THE_TABLE if getattr(np, name).nin == 2])
def test_each_function_of_a_value_and_an_array_is_elementwise(name: str) -> None:
    ufunc, row = getattr(np, name), getattr(autograd, NAMES[name].name)
    numbers, y = numpy.array([[0.75, 2.0], [3.0, 4.5]]), Value(0.5)
    for array in (numbers, numpy.array([Value(x) for x in numbers.flat]).reshape(2, 2)):
        for result, reverse in ((ufunc(array, y), False), (ufunc(y, array), True)):
            assert result.shape == (2, 2)
            assert data(result) == [row(*((0.5, x) if reverse else (x, 0.5))) for x in numbers.flat]
            assert [node.op for node in result.flat] == [NAMES[name].symbol] * 4


def test_keywords_and_methods_of_ufuncs() -> None:
    x, out = Value(2.0), values(0.0, 0.0)
    assert numpy.hypot([3.0, 4.0], x, out=out) is out
    assert data(out) == [math.hypot(3.0, 2.0), math.hypot(4.0, 2.0)]
    assert numpy.arctan2([3.0, 4.0], x, out=out, where=[True, False]) is out
    assert data(out) == [math.atan2(3.0, 2.0), math.hypot(4.0, 2.0)]
    assert data(numpy.hypot.outer([3.0, 4.0], x)) == [math.hypot(3.0, 2.0), math.hypot(4.0, 2.0)]
    numpy.add.at(out, [0, 0], x)
    out *= x
    assert out[0].data == 2 * (math.atan2(3.0, 2.0) + 2.0 + 2.0)
    numbers = numpy.array([1.0, 2.0])
    with pytest.raises(TypeError, match="Cannot cast ufunc 'multiply' output"):
        numbers *= x
    assert data(numpy.add.accumulate(values(1.0, 2.0))) == [1.0, 3.0]
    assert (numpy.multiply.reduce(values(3.0, 2.0)).data, numpy.maximum.reduce(values(3.0, 2.0)).data) == (6.0, 3.0)


@pytest.mark.parametrize("number", [0.0, 1.0, -1.5, math.inf, -math.inf, math.nan])
def test_questions_about_a_value_are_answered_for_its_number(number: float) -> None:
    for function in (numpy.isnan, numpy.isfinite, numpy.isinf, numpy.signbit):
        answer = function(Value(number))
        assert (type(answer), answer) == (numpy.bool_, function(number))
    for name in COMPARISONS:
        for left, right in ((numpy.float64(number), Value(1.0)), (Value(1.0), numpy.array(number))):
            numbers = [x.data if type(x) is Value else x for x in (left, right)]
            assert getattr(np, name)(left, right) == getattr(np, name)(*numbers)


def test_allclose_and_isclose() -> None:
    x = Value(0.1) + 0.2
    assert numpy.allclose(x, 0.3) is True
    assert numpy.allclose(0.3, b=Value(0.4)) is False
    assert numpy.allclose(Value(1.0), Value(1.1), atol=Value(0.2)) is True
    assert numpy.isclose([0.3, 0.4], x).tolist() == [True, False]


def test_sinc_i0_and_logaddexp2() -> None:
    for name in ("sinc", "i0"):
        for x in (0.0, 0.75):
            assert gradients(getattr(np, name), Value(x)) == gradients(getattr(autograd, name), Value(x))
        assert getattr(np, name)(x=Value(0.75)).data == getattr(autograd, name)(0.75)
    for x, y in ((0.75, 0.5), (-1.0, -1.0), (1e16, 1e16), (2000.0, -2000.0)):
        first, second = Value(x), Value(y)
        result = numpy.logaddexp2(first, second)
        assert result.data == pytest.approx(float(numpy.logaddexp2(x, y)), rel=1e-15)
        result.backward()
        weight = 1 / (1 + 2 ** (y - x))
        assert (first.grad, second.grad) == pytest.approx((weight, 1 - weight))


def test_other_functions_of_numpy_work_as_without_the_methods() -> None:
    x, y = Value(1.0), Value(2.0)
    assert numpy.where([True, False], x, y).tolist() == [x, y]
    assert numpy.where([True, False], x, y)[1] is y
    assert numpy.stack([x, y])[0] is x
    assert numpy.full(2, x)[1] is x
    assert numpy.sum([x, y]).data == 3.0
    with pytest.raises(TypeError, match="ufunc 'frexp' not supported"):
        numpy.frexp(x)


class Other:
    """A class with the same protocols, such as an array of another library."""

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> str:
        return f"ufunc {ufunc.__name__}"

    def __array_function__(self, function: Any, types: Any, arguments: Any, options: Any) -> str:
        return f"function {function.__name__}"


def test_a_class_with_the_same_protocols_is_called_too() -> None:
    for result in (numpy.multiply(Value(1.0), Other()), numpy.multiply(Other(), Value(1.0))):
        assert result == "ufunc multiply"
    assert numpy.allclose(Value(1.0), Other()) == "function allclose"


def test_a_ufunc_of_another_package_is_not_mistaken_for_numpys() -> None:
    with pytest.raises(TypeError, match="not supported for the input types"):
        special.exp2(Value(1.0))


def test_numbers_on_the_left_are_recorded_by_compile() -> None:
    f = autograd.compile(lambda x: autograd.where(numpy.float64(1.0) < x, numpy.arctan2(1.0, x), numpy.hypot(1.0, x)))
    assert f(numpy.array([0.5, 2.0])).tolist() == [math.hypot(1.0, 0.5), math.atan2(1.0, 2.0)]


def test_deviation_of_equal_values() -> None:
    """NumPy's formula has the derivative 0 / 0. Autograd's is defined."""
    array = values(2.0, 2.0)
    numpy.std(array).backward()
    assert all(math.isnan(x.grad) for x in array)
    other = values(2.0, 2.0)
    autograd.std(other).backward()
    assert [x.grad for x in other] == [0.0, 0.0]


def test_what_numpy_does_not_ask_the_values_in_arrays_about() -> None:
    """The table in docs/reference/numbers-and-numpy.md. If NumPy changes one of these, the table can become shorter."""
    array = values(1.0, 2.0)
    assert [type(x) for x in numpy.sign(array)] == [int, int]
    assert 1.5 in [x for x in numpy.maximum(array, 1.5) if type(x) is float]
    for name in ("arctan2", "hypot", "fmod"):
        with pytest.raises(AttributeError, match=f"'float' object has no attribute '{name}'"):
            getattr(numpy, name)(1.0, array)
    for name in ("logaddexp", "copysign", "heaviside", "float_power", "allclose"):
        with pytest.raises(TypeError, match="not supported for the input types"):
            getattr(numpy, name)(1.0, array)
    for name in ("isnan", "isfinite", "i0"):
        with pytest.raises(TypeError, match=r"not supported for the input types|cannot convert a Value to float implicitly"):
            getattr(numpy, name)(array)
