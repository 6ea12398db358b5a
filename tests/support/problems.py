"""Standard problems of unconstrained minimisation, with their published starting points and minima.

J. J. More, B. S. Garbow, K. E. Hillstrom, "Testing Unconstrained Optimization Software", ACM Transactions on
Mathematical Software 7 (1981), pages 17-41. Problem numbers are from this paper. The function to minimise is the sum
of the squares of the residuals. ``m`` is the module whose functions are used: autograd or mpmath.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

Residuals = Callable[[Any, Any], list[Any]]


class Problem(NamedTuple):
    """A test problem. ``minima`` are as printed, to six digits; a method started at ``start`` may end in any of them."""

    number: int
    residuals: Residuals
    start: list[float]
    minima: tuple[float, ...]

    def f(self, x: Any, m: Any) -> Any:
        return sum(r * r for r in self.residuals(x, m))


PROBLEMS: dict[str, Problem] = {}


def problem(number: int, start: list[float], *minima: float) -> Callable[[Residuals], Residuals]:
    def add(residuals: Residuals) -> Residuals:
        PROBLEMS[residuals.__name__] = Problem(number, residuals, start, minima)
        return residuals

    return add


BARD = [0.14, 0.18, 0.22, 0.25, 0.29, 0.32, 0.35, 0.39, 0.37, 0.58, 0.73, 0.96, 1.34, 2.10, 4.39]
GAUSS = [0.0009, 0.0044, 0.0175, 0.0540, 0.1295, 0.2420, 0.3521, 0.3989, 0.3521, 0.2420, 0.1295, 0.0540, 0.0175, 0.0044, 0.0009]
KOWALIK_Y = [0.1957, 0.1947, 0.1735, 0.1600, 0.0844, 0.0627, 0.0456, 0.0342, 0.0323, 0.0235, 0.0246]
KOWALIK_U = [4.0, 2.0, 1.0, 0.5, 0.25, 0.167, 0.125, 0.1, 0.0833, 0.0714, 0.0625]


@problem(1, [-1.2, 1.0], 0.0)
def rosenbrock(x: Any, m: Any) -> list[Any]:
    return [10 * (x[1] - x[0] ** 2), 1 - x[0]]


@problem(2, [0.5, -2.0], 0.0, 48.9842)
def freudenstein_and_roth(x: Any, m: Any) -> list[Any]:
    return [-13 + x[0] + ((5 - x[1]) * x[1] - 2) * x[1], -29 + x[0] + ((x[1] + 1) * x[1] - 14) * x[1]]


@problem(3, [0.0, 1.0], 0.0)
def powell_badly_scaled(x: Any, m: Any) -> list[Any]:
    return [10_000 * x[0] * x[1] - 1, m.exp(-x[0]) + m.exp(-x[1]) - 1.0001]


@problem(4, [1.0, 1.0], 0.0)
def brown_badly_scaled(x: Any, m: Any) -> list[Any]:
    return [x[0] - 1e6, x[1] - 2e-6, x[0] * x[1] - 2]


@problem(5, [1.0, 1.0], 0.0)
def beale(x: Any, m: Any) -> list[Any]:
    return [y - x[0] * (1 - x[1] ** i) for i, y in enumerate([1.5, 2.25, 2.625], 1)]


@problem(6, [0.3, 0.4], 124.362)
def jennrich_and_sampson(x: Any, m: Any) -> list[Any]:
    return [2 + 2 * i - (m.exp(i * x[0]) + m.exp(i * x[1])) for i in range(1, 11)]


@problem(7, [-1.0, 0.0, 0.0], 0.0)
def helical_valley(x: Any, m: Any) -> list[Any]:
    turns = m.atan2(x[1], x[0]) / (2 * 3.141592653589793)
    return [10 * (x[2] - 10 * turns), 10 * (m.sqrt(x[0] ** 2 + x[1] ** 2) - 1), x[2]]


@problem(8, [1.0, 1.0, 1.0], 8.21487e-3)
def bard(x: Any, m: Any) -> list[Any]:
    return [y - (x[0] + u / ((16 - u) * x[1] + min(u, 16 - u) * x[2])) for u, y in enumerate(BARD, 1)]


@problem(9, [0.4, 1.0, 0.0], 1.12793e-8)
def gaussian(x: Any, m: Any) -> list[Any]:
    return [x[0] * m.exp(-x[1] * ((8 - i) / 2 - x[2]) ** 2 / 2) - y for i, y in enumerate(GAUSS, 1)]


@problem(12, [0.0, 10.0, 20.0], 0.0)
def box_in_three_dimensions(x: Any, m: Any) -> list[Any]:
    times = [0.1 * i for i in range(1, 11)]
    return [m.exp(-t * x[0]) - m.exp(-t * x[1]) - x[2] * (m.exp(-t) - m.exp(-10 * t)) for t in times]


@problem(13, [3.0, -1.0, 0.0, 1.0], 0.0)
def powell_singular(x: Any, m: Any) -> list[Any]:
    return [x[0] + 10 * x[1], m.sqrt(5.0) * (x[2] - x[3]), (x[1] - 2 * x[2]) ** 2, m.sqrt(10.0) * (x[0] - x[3]) ** 2]


@problem(14, [-3.0, -1.0, -3.0, -1.0], 0.0)
def wood(x: Any, m: Any) -> list[Any]:
    a, b, c, d = x
    return [
        10 * (b - a**2), 1 - a, m.sqrt(90.0) * (d - c**2), 1 - c, m.sqrt(10.0) * (b + d - 2), (b - d) / m.sqrt(10.0),
    ]  # fmt: skip


@problem(15, [0.25, 0.39, 0.415, 0.39], 3.07505e-4)
def kowalik_and_osborne(x: Any, m: Any) -> list[Any]:
    pairs = zip(KOWALIK_Y, KOWALIK_U, strict=True)
    return [y - x[0] * (u**2 + u * x[1]) / (u**2 + u * x[2] + x[3]) for y, u in pairs]


@problem(16, [25.0, 5.0, -5.0, -1.0], 85822.2)
def brown_and_dennis(x: Any, m: Any) -> list[Any]:
    times = [i / 5 for i in range(1, 21)]
    return [(x[0] + t * x[1] - m.exp(t)) ** 2 + (x[2] + x[3] * m.sin(t) - m.cos(t)) ** 2 for t in times]


@problem(18, [1.0, 2.0, 1.0, 1.0, 1.0, 1.0], 0.0, 5.65565e-3)
def biggs_exp6(x: Any, m: Any) -> list[Any]:
    times = [0.1 * i for i in range(1, 14)]
    return [
        x[2] * m.exp(-t * x[0]) - x[3] * m.exp(-t * x[1]) + x[5] * m.exp(-t * x[4])
        - (m.exp(-t) - 5 * m.exp(-10 * t) + 3 * m.exp(-4 * t))
        for t in times
    ]  # fmt: skip


@problem(20, [0.0] * 6, 2.28767e-3)
def watson(x: Any, m: Any) -> list[Any]:
    def residual(t: float) -> Any:
        slope = sum(j * x[j] * t ** (j - 1) for j in range(1, 6))
        return slope - sum(x[j] * t**j for j in range(6)) ** 2 - 1

    return [*(residual(i / 29) for i in range(1, 30)), x[0], x[1] - x[0] ** 2 - 1]


@problem(23, [1.0, 2.0, 3.0, 4.0], 2.24997e-5)
def penalty_1(x: Any, m: Any) -> list[Any]:
    return [*(m.sqrt(1e-5) * (item - 1) for item in x), sum(item**2 for item in x) - 0.25]


@problem(25, [1 - j / 10 for j in range(1, 11)], 0.0)
def variably_dimensioned(x: Any, m: Any) -> list[Any]:
    total = sum(j * (item - 1) for j, item in enumerate(x, 1))
    return [*(item - 1 for item in x), total, total**2]


@problem(30, [-1.0] * 10, 0.0)
def broyden_tridiagonal(x: Any, m: Any) -> list[Any]:
    padded = [0.0, *x, 0.0]
    return [(3 - 2 * b) * b - a - 2 * c + 1 for a, b, c in zip(padded, x, padded[2:], strict=False)]
