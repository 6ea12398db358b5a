"""Derivatives of standard problems, whose values, derivatives and minima are published."""

from __future__ import annotations

import itertools
import math
from typing import Any

import mpmath
import numpy as np
import pytest
from problems import PROBLEMS, Problem

import autograd
from autograd import exp, grad, hessian, log, sin, value_and_grad

# ---- worked examples ----


def test_the_example_with_a_logarithm() -> None:
    """f = ln x1 + x1 x2 - sin x2 at (2, 5)."""

    def f(x: Any) -> Any:
        return log(x[0]) + x[0] * x[1] - sin(x[1])

    value, gradient = value_and_grad(f)([2.0, 5.0])
    assert value == pytest.approx(11.652071455223084, abs=1e-15)
    assert gradient == pytest.approx([5.5, 2 - math.cos(5.0)], rel=1e-15)
    assert gradient[1] == pytest.approx(1.7163378145, abs=1e-10)
    second = hessian(f)([2.0, 5.0])
    assert (second[0][0], second[1][1]) == pytest.approx((-0.25, -0.9589242747), abs=1e-10)
    assert (second[0][1], second[1][0]) == (1.0, 1.0)


def test_the_example_with_a_shared_quotient() -> None:
    """f = (sin(x1/x2) + x1/x2 - e^x2) (x1/x2 - e^x2) at (1.5, 0.5)."""

    def f(x: Any) -> Any:
        quotient, power = x[0] / x[1], exp(x[1])
        return (sin(quotient) + quotient - power) * (quotient - power)

    value, gradient = value_and_grad(f)([1.5, 0.5])
    assert value == pytest.approx(2.0166466694, abs=1e-10)
    assert gradient == pytest.approx([3.0118433, -13.7239615], abs=1e-7)


@pytest.mark.parametrize("n", [1, 2, 5, 20])
def test_speelpennings_product(n: int) -> None:
    """df/dx[i] is the product of the other variables, also if one is 0. The Hessian is similar."""

    def product(x: Any) -> Any:
        total = 1.0
        for item in x:
            total = total * item
        return total

    for start in ([1.0 + i / n for i in range(n)], [float(i) for i in range(n)]):
        others = [math.prod(start[:i] + start[i + 1 :]) for i in range(n)]
        assert grad(product)(start) == pytest.approx(others, rel=1e-13)
        second = hessian(product)(start)
        for i in range(n):
            for j in range(n):
                rest = [x for k, x in enumerate(start) if k not in (i, j)]
                assert second[i][j] == pytest.approx(0.0 if i == j else math.prod(rest), rel=1e-13)


# ---- Rosenbrock's function in n dimensions ----


def rosenbrock(x: Any) -> Any:
    return autograd.sum(100 * (b - a * a) ** 2 + (1 - a) ** 2 for a, b in itertools.pairwise(x))


@pytest.mark.parametrize("n", [2, 3, 10, 50])
def test_the_derivatives_of_rosenbrocks_function_match_its_formulas(n: int) -> None:
    x = np.array([math.sin(3.0 * i + 1) * 1.5 for i in range(n)])
    gradient, second = np.zeros(n), np.zeros((n, n))
    for i in range(n - 1):
        gradient[i] += -400 * x[i] * (x[i + 1] - x[i] ** 2) - 2 * (1 - x[i])
        gradient[i + 1] += 200 * (x[i + 1] - x[i] ** 2)
        second[i, i] += 1200 * x[i] ** 2 - 400 * x[i + 1] + 2
        second[i + 1, i + 1] += 200
        second[i, i + 1] = second[i + 1, i] = -400 * x[i]
    assert grad(rosenbrock)(x) == pytest.approx(gradient, rel=1e-12, abs=1e-11)
    assert hessian(rosenbrock)(x) == pytest.approx(second, rel=1e-12, abs=1e-11)


@pytest.mark.parametrize("n", [2, 10, 50])
def test_newtons_method_with_our_hessian_minimizes_rosenbrocks_function(n: int) -> None:
    """A step is halved until the function decreases. If the Hessian is not positive definite, its diagonal is increased."""
    x = np.zeros(n)
    second_derivative = hessian(rosenbrock)
    for _ in range(500):
        value, gradient = value_and_grad(rosenbrock)(x)
        if np.abs(gradient).max() < 1e-12:
            break
        matrix = second_derivative(x)
        lowest = np.linalg.eigvalsh(matrix)[0]
        step = np.linalg.solve(matrix + max(0.0, 1e-3 - 2 * lowest) * np.eye(n), gradient)
        length = 1.0
        while length > 1e-12 and value_and_grad(rosenbrock)(x - length * step)[0] > value:
            length /= 2
        x = x - length * step
    assert x == pytest.approx(np.ones(n), abs=1e-10)
    assert np.linalg.eigvalsh(second_derivative(x))[0] > 0


# ---- the problems of More, Garbow and Hillstrom ----

each_problem = pytest.mark.parametrize("problem", PROBLEMS.values(), ids=PROBLEMS.keys())


@each_problem
def test_value_and_derivatives_near_the_start_match_mpmath(problem: Problem) -> None:
    """mpmath differentiates numerically with forty digits, and uses none of our rules.

    The point is near the start, because the angle in the helical valley jumps at its start.
    """
    point = [x + 0.125 for x in problem.start]
    value, gradient = value_and_grad(lambda x: problem.f(x, autograd))(point)
    second = hessian(lambda x: problem.f(x, autograd))(point)
    n = len(point)
    with mpmath.workdps(40):

        def f(*x: Any) -> Any:
            return problem.f(x, mpmath)

        start = tuple(map(mpmath.mpf, point))
        orders = [tuple(int(i == k) for k in range(n)) for i in range(n)]
        exact = [float(mpmath.diff(f, start, order)) for order in orders]
        mixed = tuple(a + b for a, b in zip(orders[0], orders[-1], strict=True))
        corner = float(mpmath.diff(f, start, mixed))
        assert value == pytest.approx(float(f(*start)), rel=1e-12)
    assert gradient == pytest.approx(exact, rel=1e-9, abs=1e-12 * max(map(abs, exact)))
    assert second[0][-1] == pytest.approx(corner, rel=1e-9, abs=1e-12 * np.abs(second).max())


@each_problem
def test_the_published_minimum_is_reached_with_our_derivatives(problem: Problem) -> None:
    optimize = pytest.importorskip("scipy.optimize")

    def f(x: Any) -> Any:
        return problem.f(list(x), autograd)

    found = optimize.minimize(
        value_and_grad(f),
        problem.start,
        jac=True,
        hess=hessian(f),
        method="trust-exact",
        options={"gtol": 1e-9, "maxiter": 5000},
    )
    assert any(found.fun == pytest.approx(minimum, rel=1e-5, abs=1e-11) for minimum in problem.minima), found


def test_there_are_enough_problems() -> None:
    assert len(PROBLEMS) >= 10
    assert len({problem.number for problem in PROBLEMS.values()}) == len(PROBLEMS)
