"""Derivatives at special values: facts from the test suites and bug reports of other libraries, restated for this one.

The numbers are published in the places named at each table. Derivatives without a published number are compared with mpmath,
which differentiates the exact value numerically.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import mpmath
import numpy as np
import pytest
from exact import EXACT
from ulps import ulps

import autograd
from autograd import grad, gradcheck, hessian, logsumexp, norm, relu, softmax, softplus, where

# ---- bug reports: finite derivatives that were returned as 0, inf or nan ------------------------------------------------

# github.com/jax-ml/jax, issues by number. The derivatives are finite, normal and representable.
REPORTED = [
    (39794, "expm1", -40.0, 4.248354255291589e-18),  # was 0: expm1(x) + 1
    (39795, "elu", -40.0, 4.248354255291589e-18),
    (39798, "silu", -709.0, -8.614807714413836e-306),
    (39799, "sqrt", 5e-324, 2.2494568972715982e161),  # was inf
    (40342, "sigmoid", 40.0, 4.248354255291589e-18),  # was 0: out * (1 - out)
    (40343, "tanh", 20.0, 1.6993417021166355e-17),  # was 0: 1 - out * out
    (40343, "tanh", -20.0, 1.6993417021166355e-17),
    (40382, "exp2", 1024.0000000000002, 1.2460659279419801e308),  # was inf, because the value is
    (40385, "sigmoid", 37.42994775023705, 5.551115123125775e-17),
    (40634, "asinh", 1e200, 1e-200),  # was 0: 1 / sqrt(1 + x * x) overflows
    (40634, "acosh", 1e200, 1e-200),
]


@pytest.mark.parametrize(("issue", "name", "x", "derivative"), REPORTED, ids=str)
def test_a_finite_derivative_is_not_lost(issue: int, name: str, x: float, derivative: float) -> None:
    assert ulps(grad(getattr(autograd, name))(x), derivative) <= 4


def test_the_second_derivative_of_softplus_is_not_lost() -> None:
    """github.com/jax-ml/jax/issues/40387: was 0."""
    assert grad(grad(softplus))(37.42994775023705) == pytest.approx(5.551115123125775e-17, rel=1e-15, abs=0)


def test_no_component_of_the_gradient_of_softmax_is_lost() -> None:
    """github.com/jax-ml/jax/issues/40386: the first component was 0, because 1 - p was rounded."""
    gradient = grad(lambda logits: softmax(logits)[0])([37.42994775023705, 0.0])
    assert gradient == pytest.approx([5.551115123125775e-17, -5.551115123125775e-17], rel=1e-15, abs=0)


def test_the_gradient_of_a_squared_norm_at_zero_is_zero() -> None:
    """github.com/jax-ml/jax/issues/21723, github.com/HIPS/autograd/issues/183, 586 and 617: was nan."""
    squared: Callable[[Any], Any] = lambda x: norm(x) ** 2  # noqa: E731
    assert grad(squared)([0.0, 0.0]) == [0.0, 0.0]
    assert grad(lambda x: autograd.exp(-squared(x)))([0.0, 0.0]) == [0.0, 0.0]
    second = np.array(hessian(squared)([0.0, 0.0]))
    assert np.isnan(second).all() or (second == 2 * np.eye(2)).all(), second


def test_the_largest_of_equal_logits_does_not_make_the_gradient_nan() -> None:
    """github.com/jax-ml/jax/issues/13529: the maximum that is subtracted is a constant and receives no gradient."""
    assert grad(lambda x: logsumexp(x))([0.0, 0.0, 0.0, 0.0]) == [0.25] * 4
    assert grad(lambda x: logsumexp(x))([-1e4, 0.0]) == [0.0, 1.0]


def test_an_argument_that_is_not_selected_contributes_nothing() -> None:
    """github.com/jax-ml/jax/issues/19490 and github.com/HIPS/autograd/issues/396."""
    assert grad(lambda x: where(x > 0, x.log(), 0.0))(-1.0) == 0.0
    assert grad(lambda x: where(x < 1000, softmax([x, 0.0])[0], 0.0))(10_000.0) == 0.0


# ---- tables of special values -------------------------------------------------------------------------------------------

# github.com/jax-ml/jax, tests/lax_autodiff_test.py, LAX_GRAD_SPECIAL_VALUE_TESTS: to second order.
SPECIAL = {
    "sinh": [0.0],
    "cosh": [0.0],
    "tanh": [0.0, 1000.0],
    "sin": [0.0, math.pi, math.pi / 2, math.pi / 4],
    "cos": [0.0, math.pi, math.pi / 2, math.pi / 4],
    "tan": [0.0],
    "asin": [0.0],
    "acos": [0.0],
    "atan": [0.0, 1000.0],
    "erf": [0.0, 10.0],
    "erfc": [0.0, 10.0],
}


def exact_derivative(name: str, x: float, order: int) -> Any:
    """Return the derivative of an operation by numerical differentiation with 200 digits."""
    with mpmath.workdps(200):
        return mpmath.diff(EXACT[name][0], mpmath.mpf(x), order, h=mpmath.mpf(10) ** -40)


def derivative(f: Callable[[Any], Any], order: int) -> Callable[[float], float]:
    for _ in range(order):
        f = grad(f)
    return f


@pytest.mark.parametrize(("name", "x"), [(name, x) for name, xs in SPECIAL.items() for x in xs])
def test_derivatives_at_special_values_match_mpmath(name: str, x: float) -> None:
    f = getattr(autograd, name)
    for order in (1, 2, 3):
        assert derivative(f, order)(x) == pytest.approx(float(exact_derivative(name, x, order)), rel=1e-13, abs=1e-300)
    assert gradcheck(f, x, order=2)


@pytest.mark.parametrize(("name", "x", "orders"), [("softplus", 1e-8, 4), ("softplus", 0.0, 4), ("sigmoid", 0.0, 4)])
def test_high_orders_match_mpmath(name: str, x: float, orders: int) -> None:
    """github.com/jax-ml/jax, tests/nn_test.py: softplus at 1e-8, where its even derivatives nearly vanish, to order 4."""
    for order in range(1, orders + 1):
        wanted = float(exact_derivative(name, x, order))
        assert derivative(getattr(autograd, name), order)(x) == pytest.approx(wanted, rel=1e-13, abs=1e-16)


@pytest.mark.parametrize(
    ("x", "first", "second"), [(math.inf, 1.0, 0.0), (-math.inf, 0.0, 0.0), (math.nan, math.nan, math.nan), (89.0, 1.0, None)]
)
def test_softplus_at_infinity_and_nan(x: float, first: float, second: float | None) -> None:
    """github.com/jax-ml/jax, tests/nn_test.py: testSoftplusGradInf, ...NegInf, ...Nan, testSoftplusValue."""
    assert grad(softplus)(x) == pytest.approx(first, nan_ok=True)
    if second is not None:
        assert grad(grad(softplus))(x) == pytest.approx(second, nan_ok=True)
    assert softplus(89.0) == 89.0


@pytest.mark.parametrize("x", [1.0, -1.0])
def test_relu_beside_its_kink(x: float) -> None:
    """github.com/jax-ml/jax, tests/nn_test.py: testReluGrad, to order 3."""
    assert [derivative(relu, order)(x) for order in (1, 2, 3)] == [float(x > 0), 0.0, 0.0]
    assert gradcheck(relu, x, order=2)


def test_the_derivative_of_relu_at_zero_is_zero() -> None:
    """D. Bertoin et al., "Numerical influence of ReLU'(0) on backpropagation", NeurIPS 2021; testReluGradAtZero of JAX."""
    assert grad(relu)(0.0) == 0.0


def test_elu_is_the_identity_for_large_arguments() -> None:
    """github.com/jax-ml/jax, tests/nn_test.py: testEluGrad and testEluValue, to order 4."""
    assert autograd.elu(1e4) == 1e4
    assert [derivative(autograd.elu, order)(1e4) for order in (1, 2, 3, 4)] == [1.0, 0.0, 0.0, 0.0]


def test_softmax_to_second_order() -> None:
    """github.com/jax-ml/jax, tests/nn_test.py: testSoftmaxGrad."""
    for k in range(4):
        assert gradcheck(lambda logits, k=k: softmax(logits)[k], [5.5, 1.3, -4.2, 0.9], order=2)


def test_the_sixth_derivative_of_a_reciprocal() -> None:
    """github.com/jax-ml/jax/issues/3136: 6! / 4**7."""
    assert derivative(lambda x: 1 / x, 6)(4.0) == 0.0439453125


def test_a_remainder_to_second_order() -> None:
    """github.com/jax-ml/jax, tests/lax_autodiff_test.py: testRemainder. The points are not multiples of the divisor."""
    for x in (-8.7, -2.3, 0.4, 7.9):
        for y in (-4.6, -0.7, 0.3, 2.9):
            assert gradcheck(lambda x, y: x % y, (x, y), order=2)


def test_a_detached_factor_is_a_constant() -> None:
    """github.com/jax-ml/jax, tests/lax_autodiff_test.py: testStopGradient."""

    def f(x: Any) -> Any:
        return autograd.sin(x) * autograd.cos(x.detach())

    assert grad(f)(3.14) == pytest.approx(math.cos(3.14) ** 2, rel=1e-15)
    assert grad(grad(f))(3.14) == pytest.approx(-math.sin(3.14) * math.cos(3.14), rel=1e-15)


# ---- the systematic tests of HIPS autograd ------------------------------------------------------------------------------

# github.com/HIPS/autograd, tests/test_systematic.py and tests/test_scalar_ops.py: NumPy's functions and their ranges.
UNARY = {
    "sin": (-2.0, 2.0), "cos": (-2.0, 2.0), "tan": (-1.1, 1.1), "sinh": (-2.0, 2.0), "cosh": (-2.0, 2.0), "tanh": (-2.0, 2.0),
    "arccosh": (1.1, 4.0), "arcsinh": (-0.9, 0.9), "arctanh": (-0.9, 0.9), "abs": (0.1, 4.0), "fabs": (-2.0, 2.0),
    "ceil": (-1.5, 1.5), "floor": (-1.5, 1.5), "exp": (-2.0, 2.0), "exp2": (-2.0, 2.0), "expm1": (-2.0, 2.0),
    "log": (0.2, 2.0), "log10": (0.2, 2.0), "log1p": (0.2, 2.0), "log2": (0.2, 2.0), "sqrt": (1.0, 3.0), "square": (-2.0, 2.0),
}  # fmt: skip
BINARY = {
    "add": ((-2.0, 2.0), (-2.0, 2.0)), "subtract": ((-2.0, 2.0), (-2.0, 2.0)), "multiply": ((-2.0, 2.0), (-2.0, 2.0)),
    "true_divide": ((-2.0, 2.0), (0.3, 2.0)), "remainder": ((-0.9, 0.9), (0.7, 1.9)), "mod": ((-2.0, 2.0), (-2.0, -0.3)),
    "power": ((0.7, 2.0), (-2.0, 2.0)), "maximum": ((-2.0, 2.0), (-2.0, 2.0)), "minimum": ((-2.0, 2.0), (-2.0, 2.0)),
}  # fmt: skip


def within(low: float, high: float, fraction: float) -> float:
    return low + fraction * (high - low)


@pytest.mark.parametrize("name", UNARY)
def test_numpy_functions_of_a_value_to_second_order(name: str) -> None:
    for fraction in (0.07, 0.35, 0.61, 0.93):
        report = gradcheck(lambda x: getattr(np, name)(x), within(*UNARY[name], fraction), order=2)
        assert report, str(report)


@pytest.mark.parametrize("name", BINARY)
def test_numpy_functions_of_two_values_to_second_order(name: str) -> None:
    one, two = BINARY[name]
    for first, second in ((0.07, 0.81), (0.35, 0.2), (0.61, 0.55), (0.93, 0.43)):
        report = gradcheck(lambda x, y: getattr(np, name)(x, y), (within(*one, first), within(*two, second)), order=2)
        assert report, str(report)


# ---- the graph tests of HIPS autograd: github.com/HIPS/autograd, tests/test_graphs.py -----------------------------------


def test_fan_out_to_third_order() -> None:
    def f(x: Any) -> Any:
        return np.sin(np.sin(x) + np.sin(x))

    for g in (f, grad(f), grad(grad(f))):
        assert gradcheck(g, 0.7, order=2)


@pytest.mark.parametrize("argument_numbers", [(0, 1, 0), (1, 0, 1)])
def test_third_derivatives_with_respect_to_alternating_arguments(argument_numbers: tuple[int, ...]) -> None:
    f: Callable[..., Any] = lambda x, y: np.sin(np.sin(x) + np.sin(y))  # noqa: E731
    for argument in argument_numbers:
        assert gradcheck(f, (0.4, -1.1))
        f = grad(f, argument)
    assert gradcheck(f, (0.4, -1.1))


def test_the_derivative_of_a_constant_and_of_the_identity() -> None:
    assert grad(lambda x: x)(2.0) == 1.0
    assert grad(grad(lambda x: x))(2.0) == 0.0


@pytest.mark.parametrize("product", [lambda x, y: x * y, lambda x, y: y * x])
def test_a_function_that_differentiates_with_respect_to_another_variable(product: Callable[[Any, Any], Any]) -> None:
    """test_enclosing_scope_ref: x times the derivative of x * y with respect to y is x squared."""

    def f(x: Any) -> Any:
        return x * grad(lambda y: product(x, y))(2.0)

    assert grad(f)(1.0) == 2.0
    assert gradcheck(f, 1.0, order=2)


def test_a_node_whose_adjoint_is_used_while_it_still_grows() -> None:
    """test_mutating_outgrad: a + b is an operand of a later sum that contains b again."""

    def f(a: Any) -> Any:
        b = a + 1.0
        return (a + b) + (b + 1.5)

    assert grad(f)(0.3) == 3.0
    assert gradcheck(f, 0.3, order=2)


def test_a_hessian_vector_product() -> None:
    """test_hess_vector_prod: the gradient of sin(v . grad(f)(x)) with respect to x and to v."""
    weights = [0.5, -1.2, 0.8]

    def f(x: Any) -> Any:
        return np.sin(autograd.dot(x, weights))

    def vector_product(x: Any, v: Any) -> Any:
        return np.sin(autograd.dot(v, grad(f)(x)))

    report = gradcheck(vector_product, ([0.3, -0.4, 1.1], [1.0, 0.2, -0.7]))
    assert report, str(report)
