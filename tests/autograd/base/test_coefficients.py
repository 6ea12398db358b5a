"""The polynomials of the special functions are computed again, from their definitions, with mpmath."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from mpmath import mp, mpf

from autograd.base import coefficients, special

Function = Callable[[Any], Any]


def normal_tail(u: Any) -> Any:
    """Solve log(P(X > y)) = -u * u for a standard normal variable X by Newton's method."""
    y = mp.sqrt(2) * u - mpf(1) / 2
    for _ in range(100):
        probability = mp.erfc(y / mp.sqrt(2)) / 2
        density = mp.exp(-y * y / 2) / mp.sqrt(2 * mp.pi)
        step = (mp.log(probability) + u * u) * probability / density
        y += step
        if abs(step) < mpf(10) ** -50:
            return y
    raise AssertionError(f"no convergence at {u}")


def erfc_ratio(x: Any) -> Any:
    """Evaluate the continued fraction x + 1 / (x + (3/2) / (x + 2 / (x + ...))) from the end."""
    total = x
    for j in range(int(2000 / x) + 50, 1, -1):
        total = x + mpf(j) / 2 / total
    return total


def hankel(order: int, odd: bool) -> Function:
    def part(u: Any) -> Any:
        x = 1 / mp.sqrt(u)
        angle, scale = x - (2 * order + 1) * mp.pi / 4, mp.sqrt(mp.pi * x / 2)
        j, y = mp.besselj(order, x), mp.bessely(order, x)
        return scale * x * (y * mp.cos(angle) - j * mp.sin(angle)) if odd else scale * (j * mp.cos(angle) + y * mp.sin(angle))

    return part


def bessel_from_zero(order: int, index: int) -> Function:
    square = mp.besseljzero(order, index) ** 2
    return lambda u: mp.besselj(order, mp.sqrt(u)) / mp.sqrt(u) ** order / (u - square)


def large_bessel_i(order: int) -> Function:
    return lambda u: mp.besseli(order, 1 / u) * mp.exp(-1 / u) / mp.sqrt(u)


def log_gamma_from(whole: int) -> Function:
    """Return lgamma(whole + u) / u, by two terms of its series near u = 0."""
    return lambda u: (
        mp.loggamma(whole + u) / u if abs(u) > 1e-12 else mp.psi(0, whole) + mp.psi(1, whole) * u / 2
    )  # fmt: skip


with mp.workdps(60):
    ZERO = mp.findroot(lambda x: mp.psi(0, x), 1.4616)
    FUNCTIONS: dict[str, Function] = {
        "LGAMMA_NEAR_1": log_gamma_from(1),
        "LGAMMA_NEAR_2": log_gamma_from(2),
        "LGAMMA_TO_4_5": lambda u: mp.loggamma(u) / (u - 2),
        "LGAMMA_TO_8_5": lambda u: mp.loggamma(u) / (u - 2),
        "DIGAMMA_NEAR_1": lambda u: mp.psi(0, 1 + u) / (1 + u - ZERO),
        "DIGAMMA_TO_4": lambda u: mp.psi(0, u),
        "DIGAMMA_TO_8": lambda u: mp.psi(0, u),
        "ERFINV": lambda u: mp.erfinv(mp.sqrt(u)) / mp.sqrt(u),
        "NORMAL_TAIL_TO_4": lambda u: normal_tail(u) / u,
        "NORMAL_TAIL_TO_11": lambda u: normal_tail(u) / u,
        "NORMAL_TAIL_TO_28": lambda u: normal_tail(u) / u,
        "ERFC_RATIO_TO_4": erfc_ratio,
        "ERFC_RATIO_FROM_4": lambda u: erfc_ratio(1 / mp.sqrt(u)) * mp.sqrt(u),
        "TANHSHRINK": lambda u: (mp.sqrt(u) - mp.tanh(mp.sqrt(u))) / mp.sqrt(u) ** 3,
        "I0_FROM_8": large_bessel_i(0),
        "I1_FROM_8": large_bessel_i(1),
        "J0_TO_4": bessel_from_zero(0, 1),
        "J0_TO_8": bessel_from_zero(0, 2),
        "J1_TO_5_5": bessel_from_zero(1, 1),
        "J1_TO_8": bessel_from_zero(1, 2),
        "J0_P": hankel(0, odd=False),
        "J0_Q": hankel(0, odd=True),
        "J1_P": hankel(1, odd=False),
        "J1_Q": hankel(1, odd=True),
    }


def interpolated(function: Function, low: float, high: float, count: int) -> list[Any]:
    """Return the coefficients, highest power first, of the polynomial through ``function`` at ``count`` Chebyshev points."""
    middle, half = (mpf(low) + high) / 2, (mpf(high) - low) / 2
    angles = [mp.pi * (2 * k + 1) / (2 * count) for k in range(count)]
    values = [mp.re(function(middle + half * mp.cos(angle))) for angle in angles]
    total = [mpf(0)] * count
    before, power = [mpf(0)], [mpf(1)]  # the Chebyshev polynomials of degree n - 1 and n, lowest power first
    for n in range(count):
        weight = mp.fsum(y * mp.cos(n * angle) for y, angle in zip(values, angles, strict=True)) * (2 if n else 1) / count
        total = [x + weight * c for x, c in zip(total, power + [mpf(0)] * (count - len(power)), strict=True)]
        twice = [mpf(0), *[2 * c for c in power]] if n else [mpf(0), mpf(1)]
        before, power = power, [x - y for x, y in zip(twice, before + [mpf(0)] * (len(twice) - len(before)), strict=True)]
        if n == 0:
            before = [mpf(1)]
    return total[::-1]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_polynomial_interpolates_its_function_at_the_chebyshev_points(name: str) -> None:
    middle, factor, found = getattr(coefficients, name)
    with mp.workdps(60):
        wanted = interpolated(FUNCTIONS[name], middle - 1 / factor, middle + 1 / factor, len(found))
    assert found == tuple(map(float, wanted))


def test_every_polynomial_has_a_definition() -> None:
    assert {name for name in vars(coefficients) if name.isupper() and name != "TYPE_CHECKING"} == set(FUNCTIONS)


def test_the_zeros_are_sums_of_two_floats() -> None:
    with mp.workdps(60):
        zeros = {special.DIGAMMA_ZERO: ZERO - 1}
        zeros |= {special.J0_ZEROS[i]: mp.besseljzero(0, i + 1) for i in (0, 1)}
        zeros |= {special.J1_ZEROS[i]: mp.besseljzero(1, i + 1) for i in (0, 1)}
        for (high, low), zero in zeros.items():
            assert (high, low) == (float(zero), float(zero - float(zero)))


def test_the_bernoulli_numbers_of_the_series_are_right() -> None:
    with mp.workdps(60):
        for k, found in enumerate(reversed(special.STIRLING), 1):
            assert found == pytest.approx(float(mp.bernoulli(2 * k) / (2 * k * (2 * k - 1))), rel=1e-15)
        for k, found in enumerate(reversed(special.STIRLING_SLOPE), 1):
            assert found == pytest.approx(float(mp.bernoulli(2 * k) / (2 * k)), rel=1e-15)
        for k, found in enumerate(reversed(special.EULER_MACLAURIN), 1):
            assert found == pytest.approx(float(mp.bernoulli(2 * k) / mp.factorial(2 * k)), rel=1e-15)
