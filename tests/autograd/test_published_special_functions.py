"""Derivatives of the special functions at special values: facts from the tests and bug reports of other libraries."""

from __future__ import annotations

import math
from typing import Any

import pytest
from mpmath import mp
from ulps import ulps

import autograd
from autograd import Value, grad, gradcheck, gradients


def partials(name: str, *point: float) -> list[float]:
    inputs = [Value(x) for x in point]
    return gradients(getattr(autograd, name)(*inputs), inputs)


@pytest.mark.parametrize(
    ("issue", "name", "x", "derivative"),
    [
        (39796, "selu", -700.0, 1.7334290832552396e-304),  # was 0: expm1(x) + 1
        (39797, "i0", 1e-300, 5e-301),  # was 0
        (15709, "entr", 0.0, math.inf),  # was nan
    ],
)
def test_a_derivative_is_not_lost(issue: int, name: str, x: float, derivative: float) -> None:
    """github.com/jax-ml/jax, issues by number."""
    found = grad(getattr(autograd, name))(x)
    assert found == derivative or ulps(found, derivative) <= 4


def test_xlogy_at_zero() -> None:
    """github.com/jax-ml/jax/issues/15598, testGradOfXlogyAtZero: the derivative with respect to x is log(y), not 0."""
    assert autograd.xlogy(0.0, 0.0) == 0.0
    assert partials("xlogy", 0.0, 3.0) == pytest.approx([math.log(3.0), 0.0], rel=1e-15)
    assert gradcheck(autograd.xlogy, (0.0, 3.0), order=2)


@pytest.mark.parametrize("x", [1e-8, 0.0, -1.0, 2.5])
def test_mish_to_third_order(x: float) -> None:
    """github.com/jax-ml/jax, tests/nn_test.py: testMishGrad and testMishGradZero."""
    f: Any = autograd.mish
    for order in (1, 2, 3):
        f = grad(f)
        with mp.workdps(200):
            wanted = mp.diff(lambda t: t * mp.tanh(mp.log1p(mp.exp(t))), mp.mpf(x), order, h=mp.mpf(10) ** -40)
        assert f(x) == pytest.approx(float(wanted), rel=1e-12, abs=1e-15)
    assert gradcheck(autograd.mish, x, order=2)


def test_mish_of_large_numbers_and_nan() -> None:
    """testMishGradNan, testMishValue."""
    assert math.isnan(grad(autograd.mish)(math.nan))
    assert autograd.mish(1e3) == 1e3


@pytest.mark.parametrize(("x", "derivative"), [(1.0, 1.0), (-1.0, 0.0), (0.0, 0.0), (6.0, 0.0), (7.0, 0.0)])
def test_relu6(x: float, derivative: float) -> None:
    """testRelu6Grad: the derivative at both kinks is 0."""
    assert grad(autograd.relu6)(x) == derivative
    assert gradcheck(autograd.relu6, x)


@pytest.mark.parametrize(
    ("x", "value"),
    [(0.0, -math.inf), (1.0, -0.4586751453870819), (100.0, 0.0), (1e-5, math.log(1e-5)), (-1.0, math.nan), (math.inf, 0.0)],
)
def test_log1mexp_of_special_values(x: float, value: float) -> None:
    """testLog1mExp."""
    assert autograd.log1mexp(x) == pytest.approx(value, rel=1e-5, abs=1e-40, nan_ok=True)


@pytest.mark.parametrize("x", [1e-2, 1e-1, 1.0, 10.0, 100.0])
def test_log1mexp_to_second_order(x: float) -> None:
    """testLog1mExpGrad."""
    assert gradcheck(autograd.log1mexp, x, order=2)


def test_betaln_over_a_wide_range() -> None:
    """github.com/jax-ml/jax/issues/13267: betaln(x, 1) is -log(x), with derivative -1 / x."""
    for exponent in range(0, 31, 3):
        x = 10.0**exponent
        assert autograd.betaln(x, 1.0) == pytest.approx(-math.log(x), rel=1e-14, abs=1e-15)
        assert partials("betaln", x, 1.0)[0] == pytest.approx(-1 / x, rel=1e-13)


@pytest.mark.parametrize("x", [0.0, 1e-200, 1e-8, 0.5, 1.0, 2.5])
def test_sinc_near_its_removable_singularity(x: float) -> None:
    """github.com/jax-ml/jax, tests/lax_numpy_test.py, testSincGradArrayInput, and HIPS autograd's test_sinc."""
    assert math.isfinite(grad(autograd.sinc)(x))
    assert gradcheck(autograd.sinc, x, order=2)


# github.com/HIPS/autograd, tests/test_systematic.py: test_logaddexp, test_deg2rad, test_degrees, ...
@pytest.mark.parametrize("name", ["degrees", "radians"])
def test_angles(name: str) -> None:
    for x in (-1.9, 0.3, 1.2):
        assert gradcheck(getattr(autograd, name), x, order=2)


@pytest.mark.parametrize("point", [(0.3, -1.2), (1.0, 1.0), (800.0, -800.0), (0.0, 0.0)])
def test_logaddexp(point: tuple[float, float]) -> None:
    assert gradcheck(autograd.logaddexp, point, order=2)
