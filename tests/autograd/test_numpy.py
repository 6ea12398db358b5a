"""NumPy together with Values: object arrays of Values, and NumPy's scalars as operands on either side."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd
from autograd import Value, no_grad

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
# Functions of two arguments whose first must be a Value: NumPy looks up the method on the first argument.
FIRST = ["arctan2", "hypot"]
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
def test_derivatives_leave_no_floating_point_flag(function: Any, number: float, compiled: bool) -> None:
    """NumPy checks the flags after each loop over objects, and would warn of an infinite derivative."""
    if not compiled:
        pytest.skip("Python's own arithmetic leaves flags, which Python cannot clear")
    with np.errstate(all="raise"):
        function(values(number, number))


def test_a_backward_pass_leaves_no_floating_point_flag(compiled: bool) -> None:
    if not compiled:
        pytest.skip("as above")
    gradient = np.vectorize(autograd.grad(lambda x: 0.0 * x.sqrt()), otypes=[float])
    with np.errstate(all="raise"):
        assert np.isnan(gradient(np.array([0.0, 4.0]))).tolist() == [True, False]
