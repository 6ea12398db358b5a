"""Hidden rows of the table: parts of derivatives that have a rule of their own, so that derivative programs are small."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest
from replayed import same

import autograd
from autograd import Value, ops

PARTS = (ops.gaussian, ops.limited, ops.over_radius, ops.inverse_radius, ops.over_square, ops.sech_squared)
HIDDEN = (*PARTS, ops.graft, ops.cover, ops.still)
INF, NAN = math.inf, math.nan


@pytest.mark.parametrize("row", HIDDEN, ids=lambda row: row.name)
def test_hidden_rows_are_not_public(row: ops.Operation) -> None:
    assert row not in ops.TABLE
    assert row.name not in dir(autograd)
    assert not hasattr(Value, row.name)


@pytest.mark.parametrize("row", PARTS, ids=lambda row: row.name)
@pytest.mark.parametrize("point", [(0.3, -0.7), (-2.5, -1.0), (12.0, -0.5), (1e-8, 3.0)])
def test_partials_are_right(row: ops.Operation, point: tuple[float, float]) -> None:
    operands = point[: len(row.partials)]
    report = autograd.gradcheck(lambda *values: row(*values), operands, order=2)
    assert report.passed, report


@pytest.mark.parametrize(("function", "point", "sizes"), [
    (autograd.log, (1.1,), (4, 7)),
    (autograd.erf, (1.1,), (3, 6)),
    (autograd.ndtr, (1.1,), (3, 6)),
    (autograd.hypot, (1.1, 0.7), (4, 18)),
    (autograd.atan2, (1.1, 0.7), (5, 34)),
    (lambda x: x**2, (1.1,), (2, 4)),
    (lambda x, y: autograd.log(1 + autograd.exp(-autograd.hypot(x, y))) * autograd.erf(x * y), (1.1, 0.7), (23, 72)),
])  # fmt: skip
def test_derivative_programs_are_small(function: Callable[..., Any], point: tuple[float, ...], sizes: tuple[int, int]) -> None:
    everything = tuple(range(len(point)))
    gradient, hessian = autograd.grad(function, everything), autograd.hessian(function, everything)
    programs = [autograd.compile(derivative).program(*point) for derivative in (gradient, hessian)]
    assert tuple(map(len, programs)) <= sizes
    assert not any("gate" in program.counts() for program in programs)


@pytest.mark.parametrize("function", [
    autograd.log, autograd.log1p, autograd.log2, autograd.log10, autograd.logit, autograd.log1mexp, autograd.atanh,
    autograd.erf, autograd.erfc, autograd.ndtr, autograd.digamma, autograd.floor, autograd.sign,
    lambda x: x**1, lambda x: x**2, lambda x: x**3,
    lambda x: autograd.hypot(x, 2.0), lambda x: autograd.atan2(x, 2.0), lambda x: x % 1.5, lambda x: autograd.fmod(x, 1.5),
])  # fmt: skip
def test_compiled_derivatives_equal_eager_ones_at_special_points(function: Callable[..., Any]) -> None:
    for _ in range(3):
        function = autograd.grad(function)
        compiled = autograd.compile(function)
        for x in (0.3, -0.3, 0.0, -0.0, 1.0, -1.0, 45.0, -45.0, 1e300, INF, -INF, NAN):
            assert same(compiled(x), function(x)), (x, compiled(x), function(x))


def test_a_derivative_outside_of_the_domain_is_nan_at_every_order() -> None:
    for function in (autograd.log, autograd.log1p, lambda x: x**0.5):
        derivative: Any = function
        for _ in range(4):
            derivative = autograd.grad(derivative)
            assert math.isnan(autograd.compile(derivative)(-2.0))


def test_third_derivatives_of_atan2_do_not_cancel_near_an_axis() -> None:
    def derivative(x: float, y: float) -> tuple[float, float]:
        third = autograd.grad(autograd.grad(autograd.grad(autograd.atan2, 0), 1), 1)
        return third(x, y), autograd.compile(third)(x, y)

    for y in (1e-3, 1e-10, 1e-100):  # of atan2(y, x), the derivative by y, x and x at (1, y) is about -6 y
        exact = 2 * (y * y * y - 3 * y) / (1 + y * y) ** 3
        assert derivative(1.0, y) == pytest.approx((exact, exact), rel=1e-12, abs=0.0)


def test_second_derivatives_of_hypot_do_not_underflow() -> None:
    second = autograd.grad(autograd.grad(autograd.hypot))
    assert second(1e-100, 1e-300) == pytest.approx(1e-300, rel=1e-12, abs=0.0)


@pytest.mark.parametrize("y", [1.0, 2.0, 3.0])
def test_derivatives_of_pow_are_nan_at_nan_in_compiled_functions(y: float) -> None:
    function: Callable[..., Any] = lambda x, y: x**y  # noqa: E731
    for _ in range(4):
        function = autograd.grad(function)
        assert same(autograd.compile(function)(NAN, y), function(NAN, y))
