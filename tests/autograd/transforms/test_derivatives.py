"""The transforms: arguments and results, nesting, and errors."""

from __future__ import annotations

import itertools
import math
from collections import OrderedDict, defaultdict, namedtuple
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from on_engine import assume_smooth, run, tolerances
from on_engine import gradient as backward_gradient

import autograd
from autograd import ChangedLeafError, Value, grad, gradients, hessian, hvp, jacobian, jvp, no_grad, value_and_grad, vjp
from autograd.inspection.watching import Watcher
from autograd.strategies.drawing import Expression, expressions


def rosenbrock(x: Any) -> Any:
    return autograd.sum([100 * (b - a**2) ** 2 + (1 - a) ** 2 for a, b in itertools.pairwise(x)])


def rosenbrock_hessian(x: Any) -> Any:
    """Derived by hand."""
    second = np.zeros((len(x), len(x)))
    for i in range(len(x) - 1):
        second[i, i] += 1200 * x[i] ** 2 - 400 * x[i + 1] + 2
        second[i + 1, i + 1] += 200
        second[i, i + 1] = second[i + 1, i] = -400 * x[i]
    return second


# ---- structures ----

Point = namedtuple("Point", "x y")


@pytest.mark.parametrize(
    ("f", "arguments", "wanted"),
    [
        (lambda x: x * x, (3.0,), 6.0),
        (lambda x: x * x, (3,), 6.0),
        (lambda x: x * x, (np.float32(3),), 6.0),
        (lambda x: x[0] * x[1], ([3.0, 4.0],), [4.0, 3.0]),
        (lambda x: x[0] * x[1], ((3.0, 4.0),), (4.0, 3.0)),
        (lambda p: p.x * p.y, (Point(3.0, 4.0),), Point(4.0, 3.0)),
        (lambda p: p["a"] * p["b"][1][0], ({"a": 3.0, "b": [1.0, (4.0,)]},), {"a": 4.0, "b": [0.0, (3.0,)]}),
        (lambda x: autograd.sum([]) + x, (1.0,), 1.0),
        (lambda x, y: x * y, (3.0, 4.0), 4.0),
    ],
)
def test_the_gradient_has_the_structure_of_the_argument(f: Callable[..., Any], arguments: Any, wanted: Any) -> None:
    found = grad(f)(*arguments)
    assert found == wanted
    assert type(found) is type(wanted)


def test_dicts_keep_their_type() -> None:
    point = OrderedDict(b=3.0, a=4.0)
    found = grad(lambda p: p["a"] * p["b"])(point)
    assert found == OrderedDict(b=4.0, a=3.0)
    counts = grad(lambda p: p["a"] ** 2)(defaultdict(float, a=3.0))
    assert (counts["a"], counts["other"]) == (6.0, 0.0)
    assert point == OrderedDict(b=3.0, a=4.0)


def test_argnums_may_be_a_list_or_a_numpy_integer() -> None:
    assert grad(lambda x, y: x * y, [1, 0])(2.0, 3.0) == (2.0, 3.0)
    assert grad(lambda x, y: x * y, np.int64(-1))(2.0, 3.0) == 2.0  # type: ignore[arg-type]


def test_the_third_argument_of_gradients_is_create_graph() -> None:
    x = Value(2.0)
    assert isinstance(gradients(x * x, x, True), Value)
    assert type(gradients(x * x, x, False)) is float


def test_derivatives_with_respect_to_arrays_are_arrays() -> None:
    x = np.array([[1.0, 2.0], [3.0, 4.0]])
    value, gradient = value_and_grad(lambda x: np.sum(np.exp(x) * x))(x)
    assert type(value) is float
    assert value == pytest.approx(float(np.sum(np.exp(x) * x)))
    assert gradient.dtype == float
    np.testing.assert_allclose(gradient, np.exp(x) * (x + 1), rtol=1e-15)


def test_integer_arrays_and_arrays_without_axes() -> None:
    assert grad(lambda x: (x * x).sum())(np.array([1, 2])).tolist() == [2.0, 4.0]
    found = grad(lambda x: x * x)(np.array(3.0))
    assert (found.shape, float(found)) == ((), 6.0)


def test_argnums_selects_arguments_and_the_others_are_passed_unchanged() -> None:
    def f(x: Any, name: str, y: Any, *, scale: float) -> Any:
        assert name == "name"
        assert scale == 10.0
        return scale * x * y**2

    assert grad(f)(2.0, "name", 3.0, scale=10.0) == 90.0
    assert grad(f, 2)(2.0, "name", 3.0, scale=10.0) == 120.0
    assert grad(f, -1)(2.0, "name", 3.0, scale=10.0) == 120.0
    assert grad(f, (2, 0))(2.0, "name", 3.0, scale=10.0) == (120.0, 90.0)


def test_a_jacobian_has_the_outputs_outside_and_the_inputs_inside() -> None:
    def f(x: Any) -> Any:
        return {"a": [x[0] * x[1], 5.0], "b": x[1] ** 2}

    assert jacobian(f)((2.0, 3.0)) == {"a": [(3.0, 2.0), (0.0, 0.0)], "b": (0.0, 6.0)}
    matrix = np.arange(6.0).reshape(2, 3)
    np.testing.assert_array_equal(jacobian(lambda x: matrix @ x)(np.ones(3)), matrix)
    np.testing.assert_array_equal(jacobian(lambda x: matrix.T @ x)(np.ones(2)), matrix.T)  # more outputs than inputs: forward
    assert jacobian(lambda X: X * 2)(np.ones((2, 3))).shape == (2, 3, 2, 3)
    assert jacobian(lambda x: x[0] * np.array([1.0, 2.0]))([3.0, 4.0])[0].tolist() == [1.0, 2.0]
    assert jacobian(lambda x, y: [x * y, x], (0, 1))(2.0, 3.0) == [(3.0, 2.0), (1.0, 0.0)]


def test_a_hessian_has_the_structure_of_the_argument_twice() -> None:
    x = np.array([0.5, -1.0, 2.0, 1.5])
    np.testing.assert_allclose(hessian(rosenbrock)(x), rosenbrock_hessian(x), rtol=1e-14)
    assert hessian(lambda x: x["a"] ** 2 * x["b"])({"a": 2.0, "b": 3.0}) == {
        "a": {"a": 6.0, "b": 4.0},
        "b": {"a": 4.0, "b": 0.0},
    }
    assert hessian(lambda x, y: x**2 * y, (0, 1))(2.0, 3.0) == ((6.0, 4.0), (4.0, 0.0))
    assert hessian(lambda x: 2 * x)(1.0) == 0.0


def test_a_hessian_calls_the_function_once() -> None:
    calls = []

    def f(x: Any) -> Any:
        calls.append(1)
        return rosenbrock(x)

    hessian(f)([0.5, -1.0, 2.0])
    assert len(calls) == 1


def test_hvp_is_the_hessian_times_the_vector() -> None:
    x, v = np.array([0.5, -1.0, 2.0, 1.5]), np.array([1.0, 2.0, -3.0, 0.5])
    np.testing.assert_allclose(hvp(rosenbrock)(x, v), rosenbrock_hessian(x) @ v, rtol=1e-13)
    assert hvp(lambda x, c: c * x**3)(2.0, 10.0, 5.0) == 5.0 * 6 * 2.0 * 10.0


def test_jvp_and_vjp_are_the_jacobian_times_a_vector_from_either_side() -> None:
    def f(x: Any, y: Any) -> Any:
        return [x[0] * y, x[1].exp() if isinstance(x[1], Value) else math.exp(x[1]), x[0] - x[1]]

    matrix = np.array([[3.0, 0.0, 2.0], [0.0, math.e, 0.0], [1.0, -1.0, 0.0]])
    value, along = jvp(f, ([2.0, 1.0], 3.0), ([1.0, 10.0], 100.0))
    assert value == [6.0, math.e, 1.0]
    np.testing.assert_allclose(along, matrix @ [1.0, 10.0, 100.0])
    value, pull_back = vjp(f, [2.0, 1.0], 3.0)
    assert value == [6.0, math.e, 1.0]
    for u in ([1.0, 2.0, 3.0], [0.0, 0.0, 1.0]):  # any number of times
        x_bar, y_bar = pull_back(u)
        np.testing.assert_allclose([*x_bar, y_bar], np.array(u) @ matrix)


# ---- nesting ----


def test_an_inner_derivative_sees_the_variable_of_an_outer_one() -> None:
    assert grad(lambda x: x * grad(lambda y: x * y * y)(2.0))(3.0) == 24.0  # d/dx of x * (2 * x * 2)


def test_a_value_used_as_variable_and_as_constant_is_not_confused() -> None:
    assert grad(lambda x: grad(lambda y: x * y)(x))(3.0) == 1.0  # d/dy of x * y is x for every y
    x = Value(3.0)
    found = grad(lambda y: x * y)(x)
    assert found.data == 3.0
    found.backward()
    assert x.grad == 1.0


def test_the_jacobian_of_a_gradient_is_the_hessian() -> None:
    x = [0.5, -1.0, 2.0]
    assert jacobian(grad(rosenbrock))(x) == hessian(rosenbrock)(x)


def test_results_are_values_if_requested_or_if_an_argument_is_a_value() -> None:
    x = Value(2.0)
    for found in (grad(lambda x: x**3)(x), grad(lambda x: x**3, create_graph=True)(2.0)):
        assert isinstance(found, Value)
    value, gradient = value_and_grad(lambda x: x**3)(x)
    (value + gradient).backward()
    assert x.grad == 12.0 + 12.0
    assert isinstance(jacobian(lambda x: [x], create_graph=True)(1.0)[0], Value)
    assert all(isinstance(v, Value) for v in jvp(lambda x: x * x, (x,), (1.0,)))
    assert all(isinstance(v, Value) for v in vjp(lambda x: x * x, x)[1](1.0))
    assert type(grad(lambda x: x**3)(2.0)) is float


def test_captured_parameters_are_constants_unless_the_graph_is_created() -> None:
    w = Value(5.0)
    assert type(grad(lambda x: w * x * x)(3.0)) is float
    penalty = grad(lambda x: w * x * x, create_graph=True)(3.0) ** 2
    penalty.backward()
    assert w.grad == 2 * (2 * 5.0 * 3.0) * (2 * 3.0)


def test_no_transform_changes_the_gradient_of_a_leaf() -> None:
    w = Value(5.0)
    w.grad = 7.0

    def f(x: Any) -> Any:
        return (w * x).tanh()

    for transform in (grad(f), grad(grad(f)), jacobian(f), hessian(f)):
        transform(1.0)
    jvp(f, (1.0,), (1.0,))
    vjp(f, 1.0)[1](1.0)
    gradients(f(Value(1.0)), w)
    assert w.grad == 7.0


def test_transforms_record_inside_no_grad() -> None:
    with no_grad():
        assert grad(lambda x: x * x)(3.0) == 6.0
        assert hessian(lambda x: x**3)(3.0) == 18.0
        assert (Value(1.0) + 1).operands == ()
    assert (Value(1.0) + 1).operands != ()


def test_an_exception_in_the_function_restores_the_state() -> None:
    def broken(x: Any) -> Any:
        raise KeyError("mine")

    with no_grad(), pytest.raises(KeyError, match="mine"):
        grad(broken)(1.0)
    assert type(grad(lambda x: x * x)(3.0)) is float  # a Value would mean that the state was not restored


# ---- existing graphs ----


def test_gradients_with_respect_to_leaves_and_computed_values() -> None:
    x, y = Value(2.0), Value(3.0)
    product = x * y
    out = product.exp() * x
    e = math.exp(6.0)
    assert gradients(out, {"x": x, "p": product, "y": [y]}) == {"x": 3 * 2 * e + e, "p": 2 * e, "y": [4 * e]}
    assert gradients(out, x, seed=10.0) == pytest.approx(10 * 7 * e)
    assert gradients(x, [x, y]) == [1.0, 0.0]
    assert gradients(out, [x, x]) == [7 * e, 7 * e]


@given(expressions())
def test_all_ways_to_compute_a_gradient_agree(expression: Expression) -> None:
    inputs = list(expression.inputs)
    result, wanted = backward_gradient(expression)
    assume_smooth(result)
    allowed = tolerances(expression, wanted)
    values, output = run(expression)
    assert gradients(output, values) == wanted  # bit for bit, because it is the same sweep
    recorded = [value.data for value in gradients(output, values, create_graph=True)]
    forward = [jvp(expression, inputs, unit)[1] for unit in np.eye(len(inputs)).tolist()]
    for i, tolerance in enumerate(allowed):
        assert recorded[i] == pytest.approx(wanted[i], abs=tolerance, rel=0)
        assert forward[i] == pytest.approx(wanted[i], abs=tolerance, rel=0)


@given(expressions())
def test_second_derivatives_are_symmetric_and_hvp_is_a_column(expression: Expression) -> None:
    inputs = list(expression.inputs)
    _, result = run(expression)
    assume_smooth(result)

    def f(x: list[Any]) -> Any:
        return expression(*x)

    second = np.array(hessian(f)(inputs))
    assume(np.isfinite(second).all() and abs(second).max(initial=0) < 1e6)
    scale = max(1.0, abs(second).max(initial=0))
    np.testing.assert_allclose(second, second.T, atol=1e-6 * scale)
    for i, unit in enumerate(np.eye(len(inputs)).tolist()):
        np.testing.assert_allclose(hvp(f)(inputs, unit), second[:, i], atol=1e-6 * scale)


@pytest.mark.parametrize(
    "compute",
    [
        lambda x, w: x * w,
        lambda x, w: (x * 1.0 + 1) * w,
        lambda x, w: autograd.sum([x, w]) ** 2,
        lambda x, w: autograd.dot([x], [w]),
        lambda x, w: autograd.dot([x], [2.0], w),
        lambda x, w: w.exp() * x,
    ],
)
def test_the_error_shows_a_leaf_changed_after_it_was_used(compute: Callable[..., Any]) -> None:
    x, w = Value(2.0), Value(3.0, label="w")
    y = compute(x, w)
    gradients(y, x, create_graph=True)
    w.data = 4.0
    before = gradients(y, x)  # uses saved partials
    with pytest.raises(ChangedLeafError, match=r"was computed before the data of .*Value\(4.0, label='w'\).* was changed"):
        gradients(y, [x, w], create_graph=True)
    w.data = 3.0
    assert gradients(y, x) == before == gradients(y, x, create_graph=True).data


def test_gradients_within_a_differentiated_function_can_be_differentiated() -> None:
    def slope(x: Any) -> Any:
        return gradients(x**3, x)

    assert grad(slope)(2.0) == 12.0


def test_a_product_can_be_differentiated_with_respect_to_values_in_the_vector() -> None:
    v = Value(1.0)
    _, along = jvp(lambda x: x * x, (3.0,), (v,))
    assert gradients(along, v) == 6.0
    _, pull_back = vjp(lambda x: x * x, 3.0)
    assert gradients(pull_back(v)[0], v) == 6.0
    assert grad(lambda t: pull_back(t)[0])(1.0) == 6.0


@pytest.mark.parametrize(("outputs", "inputs", "passes"), [(2, 5, 2), (3, 3, 3), (5, 2, 0)])
def test_a_jacobian_sweeps_in_the_cheaper_direction(outputs: int, inputs: int, passes: int) -> None:
    class Counter(Watcher):
        passes = 0

        def before_backward(self, root: Value, seed: float, adds: bool) -> None:
            self.passes += 1

    with Counter() as counter:
        found = jacobian(lambda x: [i * autograd.sum(x) for i in range(1, outputs + 1)])([1.0] * inputs)
    assert found == [[float(i)] * inputs for i in range(1, outputs + 1)]
    assert counter.passes == passes


# ---- with SciPy ----


def test_scipy_minimizes_with_our_derivatives() -> None:
    optimize = pytest.importorskip("scipy.optimize")
    start = np.array([0.5, 1.5, 0.8, 1.2])
    options: list[dict[str, Any]] = [
        {"method": "BFGS"},
        {"method": "trust-exact", "hess": hessian(rosenbrock)},
        {"method": "Newton-CG", "hessp": hvp(rosenbrock), "options": {"xtol": 1e-10}},
    ]
    for more in options:
        found = optimize.minimize(value_and_grad(rosenbrock), start, jac=True, **more)
        np.testing.assert_allclose(found.x, 1.0, atol=1e-5)


# ---- error messages ----

ERRORS: list[tuple[Callable[[], Any], type[Exception], str]] = [
    (lambda: grad(3.0), TypeError,  # type: ignore[arg-type]
     "grad takes a function to differentiate, not float (3.0); pass the function itself, not its result"),
    (lambda: grad(lambda x: x)("a"), TypeError,
     ("argument 0 must be a number, a Value, a NumPy array, or a list, tuple, dict or dataclass of them, not str ('a'); "
     "convert it first: float(text)")),
    (lambda: grad(lambda x: x["w"][0])({"w": [1.0, None]}), TypeError,
     ("argument 0['w'][1] must be a number, a Value, a NumPy array, or a list, tuple, dict or dataclass of them, not NoneType; "
     "pass a number, for example 0.0")),
    (lambda: grad(lambda *xs: xs[0], 1)(2.0), ValueError,
     ("argnums = 1, but <lambda> was called with 1 positional argument; pass the arguments to "
     "differentiate by position")),
    *((lambda transform=transform: transform(lambda x: x, 3), ValueError,
       (f"argnums = 3, but <lambda> takes 1 positional argument; {transform.__name__}(f) returns a function that takes the "
        f"arguments: {transform.__name__}(f)(x)"))
      for transform in (grad, value_and_grad, jacobian, hessian)),
    (lambda: grad(lambda x: x, "x")(2.0), TypeError,  # type: ignore[arg-type]
     ("argnums must be the position of an argument or a tuple of positions, not 'x'; grad(f) returns a function that takes "
     "the arguments: grad(f)(x)")),
    (lambda: hessian(lambda x: x, [1.0, 2.0]), TypeError,  # type: ignore[list-item]
     ("argnums must be the position of an argument or a tuple of positions, not [1.0, 2.0]; hessian(f) returns a function that "
     "takes the arguments: hessian(f)(x)")),
    (lambda: jacobian(lambda x: x, True), TypeError,
     ("argnums must be the position of an argument or a tuple of positions, not True; jacobian(f) returns a function that "
     "takes the arguments: jacobian(f)(x)")),
    (lambda: grad(lambda x, y: x, (1, -1))(2.0, 3.0), ValueError,
     "argnums must not contain an argument twice, but argument 1 occurs twice in (1, -1)"),
    (lambda: grad(lambda x: x, ()), ValueError, "argnums must contain at least one position, not ()"),
    (lambda: hessian(Value(2.0) * 2), TypeError,  # type: ignore[arg-type]
     ("hessian takes a function to differentiate, not Value (Value(4.0, grad=0.0, op='*')); pass the function itself, not its "
     "result; gradients(y, x) computes the derivative of a Value")),
    (lambda: jvp(2.0, (1.0,), (1.0,)), TypeError,  # type: ignore[arg-type]
     "jvp takes a function to differentiate, not float (2.0); pass the function itself, not its result"),
    (lambda: jacobian(lambda x: None)(2.0), TypeError, "<lambda> must return the Value to differentiate, not None"),
    (lambda: jacobian(lambda x: (x for _ in "ab"))(2.0), TypeError, "convert it to a list: list(...)"),
    (lambda: grad(lambda x: 2.0, unused="error")(2.0), ValueError,
     ("the output does not depend on argument 0, Value(2.0); omit it, or pass unused='zero' for a derivative of 0.0")),
    (lambda: grad(lambda x: [x, x])(2.0), TypeError,
     ("<lambda> must return one Value to be differentiated by grad, not list; add the outputs, or use autograd.jacobian for "
     "several")),
    (lambda: grad(lambda x: None)(2.0), TypeError,
     "<lambda> must return the Value to differentiate, not None"),
    (lambda: jacobian(lambda x: [1.0, 2.0], unused="error")(2.0), ValueError,
     ("the output does not depend on argument 0, Value(2.0); omit it, or pass unused='zero' for a derivative of 0.0")),
    (lambda: jvp(lambda x: x, 2.0, (1.0,)), TypeError,  # type: ignore[arg-type]
     "primals must be a tuple with one item per argument of the function, not float (2.0); for one argument write (x,)"),
    (lambda: jvp(lambda x: x, (2.0,), ([1.0],)), ValueError,
     "vectors must have the same structure as primals: (number,), not ([number],)"),
    (lambda: hvp(rosenbrock)([1.0, 2.0], [1.0]), ValueError,
     "the vector must have the same structure as x: [number, number], not [number]"),
    (lambda: gradients(2.0, Value(1.0)), TypeError,  # type: ignore[arg-type]
     ("the output of gradients() must be a Value, not float (2.0); convert it to a Value, such as Value(2.0), before using "
     "it in the computation")),
    (lambda: gradients([Value(2.0)], Value(2.0)), TypeError,  # type: ignore[arg-type]
     "the output of gradients() must be a Value, not list ([Value(2.0)]); use one of its elements"),
    (lambda: gradients(abs, Value(2.0)), TypeError,  # type: ignore[arg-type]
     ("the output of gradients() must be a Value, not builtin_function_or_method (<built-in function abs>); call it and use "
     "the result")),
    (lambda: gradients(Value(2.0), Value(2.0), 2.0), TypeError,  # type: ignore[arg-type]
     "create_graph must be True or False, not 2.0; pass a factor as seed=..."),
    (lambda: gradients(Value(2.0), [1.0]), TypeError,
     ("the inputs of gradients() must be Values from which the output was computed, but number 0 is 1.0; convert a plain "
     "number to a Value before it is used, or use grad()")),
    (lambda: gradients(Value(2.0), Value(1.0), unused="error"), ValueError,
     ("the output does not depend on inputs, Value(1.0); omit it, or pass unused='zero' for a derivative "
     "of 0.0")),
    (lambda: grad(lambda x: x[0] * 1, unused="error")([1.0, 5.0]), ValueError,
     ("the output does not depend on argument 0[1], Value(5.0); omit it, or pass unused='zero' for a derivative "
     "of 0.0")),
    (lambda: gradients(Value(2.0), {"w": [Value(1.0)]}, unused="error"), ValueError,
     ("the output does not depend on inputs['w'][0], Value(1.0); omit it, or pass unused='zero' for a derivative "
     "of 0.0")),
    (lambda: grad(lambda x: x, unused="ignore"), ValueError, "unused must be 'zero' or 'error', not 'ignore'"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "error", "text"), ERRORS, ids=[text[:50] for _, _, text in ERRORS])
def test_error_message(call: Callable[[], Any], error: type[Exception], text: str) -> None:
    with pytest.raises(error) as caught:
        call()
    assert str(caught.value) == text or (text.startswith("convert ") and str(caught.value).endswith(text))


@pytest.mark.parametrize(
    "transformed",
    [
        lambda f: grad(f, unused="error"),
        lambda f: value_and_grad(f, unused="error"),
        lambda f: jacobian(f, unused="error"),
        lambda f: hessian(f, unused="error"),
        lambda f: lambda x: hvp(f, unused="error")(x, x),
        lambda f: lambda x: jvp(f, (x,), (x,), unused="error"),
        lambda f: lambda x: vjp(f, x, unused="error"),
    ],
)
def test_every_transform_reports_an_unused_input_if_requested(transformed: Any) -> None:
    x = {"w": [1.0, 2.0], "b": np.array([3.0, 4.0])}
    transformed(lambda x: x["w"][0] * x["w"][1] + x["b"][0] * x["b"][1])(x)
    with pytest.raises(ValueError, match=r"^the output does not depend on argument 0\['b'\]\[1\], Value\(4.0"):
        transformed(lambda x: x["w"][0] * x["w"][1] + x["b"][0])(x)


def test_linear_functions_use_their_inputs_although_their_hessian_is_zero() -> None:
    assert hessian(lambda x: x[0] + 2 * x[1], unused="error")([1.0, 2.0]) == [[0.0, 0.0], [0.0, 0.0]]


def test_a_number_is_a_constant_with_derivatives_0() -> None:
    assert grad(lambda x: max(x, 0.0))(-1.0) == 0.0
    assert grad(lambda x: max(x, 0.0), create_graph=True)(-1.0).data == 0.0
    assert value_and_grad(lambda x, y: 3, (0, 1))(-1.0, 2.0) == (3.0, (0.0, 0.0))
    assert value_and_grad(lambda x: np.float64(3.0))([1.0, 2.0]) == (3.0, [0.0, 0.0])
    assert jacobian(lambda x: [1.0, x * 2, 3])(2.0) == [0.0, 2.0, 0.0]
    assert jacobian(lambda x: [1.0, 2.0, 3.0])([2.0]) == [[0.0], [0.0], [0.0]]
    assert hessian(lambda x: max(x[0], 0.0))([-1.0, 2.0]) == [[0.0, 0.0], [0.0, 0.0]]
    assert hvp(lambda x: 1.0)([2.0], [1.0]) == [0.0]
    assert jvp(lambda x: 1.0, (2.0,), (1.0,)) == (1.0, 0.0)
    value, pull_back = vjp(lambda x: [1.0, 2.0], 2.0)
    assert (value, pull_back([1.0, 1.0])) == ([1.0, 2.0], (0.0,))
    assert grad(grad(lambda x: max(x, 0.0)))(-1.0) == 0.0
