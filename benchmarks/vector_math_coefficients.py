"""Compute the coefficients in ``autograd/replay/_vector_math.h``, and print them as C.

Each polynomial interpolates a function at the Chebyshev points of an interval (L. N. Trefethen, Approximation Theory and
Approximation Practice, 2013, chapter 2), computed with 60 digits by mpmath. Its error is at most a few times the smallest
possible error of its degree. The degree is as high as needed for an error below the rounding error of a float. A test
compares the header with this script.

    python benchmarks/vector_math_coefficients.py
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mpmath import mp, mpf

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    Function = Callable[[Any], Any]

DIGITS = 60
ERF_LIMIT = mpf("0.875")  # where one formula replaces the other
ERF_SHIFT = mpf("0.3125")  # near the middle of the interval of x*x, where terms are then small
ERF_MIDDLE = 2  # t = (x - 2) / (x + 2) turns erfc(x) * exp(x*x) into a function that a polynomial approximates well


def _exp(r: Any) -> Any:
    return (mp.exp(r) - 1 - r) / r**2 if abs(r) > 1e-15 else mpf(1) / 2 + r / 6


def _tanh(z: Any) -> Any:
    h = mp.sqrt(z)
    return (mp.tanh(h) / h - 1) / z


def _log(z: Any) -> Any:
    s = mp.sqrt(z)
    return (2 * mp.atanh(s) / s - 2) / z


def _log_after_two_terms(z: Any) -> Any:
    return (_log(z) - mpf(2) / 3) / z


def _sin(z: Any) -> Any:
    r = mp.sqrt(z)
    return (mp.sin(r) / r - 1) / z


def _cos(z: Any) -> Any:
    return (mp.cos(mp.sqrt(z)) - 1 + z / 2) / z**2


def _erf(u: Any) -> Any:
    x = mp.sqrt(u + ERF_SHIFT)
    return mp.erf(x) / x - 1


def _erfc(t: Any) -> Any:
    x = ERF_MIDDLE * (1 + t) / (1 - t)
    return 2 * mp.erfc(x) * mp.exp(x * x) - 1


def _place(x: Any) -> Any:
    return (mpf(x) - ERF_MIDDLE) / (mpf(x) + ERF_MIDDLE)


HALF_LN_2 = mpf("0.34657359028")
LARGEST_S = (mp.sqrt(2) - 1) / (mp.sqrt(2) + 1)
ERFC_LOW, ERFC_HIGH = _place(ERF_LIMIT), _place(3)  # beyond, erfc(x) is so small that a larger error is harmless
QUARTER_TURN = mpf("0.78539816340")

# Name of the C macro, meaning, function, ends of the interval, degree
POLYNOMIALS: list[tuple[str, str, Function, Any, Any, int]] = [
    ("EXP", "(exp(r) - 1 - r) / r**2, for abs(r) <= log(2) / 2", _exp, -HALF_LN_2, HALF_LN_2, 10),
    ("TANH", "(tanh(h) / h - 1) / z, z = h*h, for abs(h) <= log(2) / 4", _tanh, 0, (HALF_LN_2 / 2) ** 2, 5),
    ("LOG", "(log((1 + s) / (1 - s)) / s - 2) / z, z = s*s", _log, 0, LARGEST_S**2, 7),
    ("LOG_TAIL", "(log((1 + s) / (1 - s)) / s - 2 - 2/3 * z) / z**2, z = s*s", _log_after_two_terms, 0, LARGEST_S**2, 8),
    ("SIN", "(sin(r) / r - 1) / z, z = r*r, for abs(r) <= pi / 4", _sin, 0, QUARTER_TURN**2, 6),
    ("COS", "(cos(r) - 1 + z / 2) / z**2, z = r*r", _cos, 0, QUARTER_TURN**2, 6),
    ("ERF", "erf(x) / x - 1, u = x*x - 0.3125, for abs(x) <= 0.875", _erf, -ERF_SHIFT, ERF_LIMIT**2 - ERF_SHIFT, 11),
    ("ERFC", "2 * erfc(x) * exp(x*x) - 1, t = (x - 2) / (x + 2), x from 0.875 to 3", _erfc, ERFC_LOW, ERFC_HIGH, 13),
]

# Constants that are split into parts. The first parts have so few bits that their product with a whole number is exact.
SPLITS: list[tuple[str, Any, list[int]]] = [
    ("LN_2", lambda: mp.ln(2), [42, 53]),
    ("HALF_PI", lambda: mp.pi / 2, [33, 33, 33, 53]),
    ("TWO_THIRDS", lambda: mpf(2) / 3, [53, 53]),
]


def interpolate(function: Function, low: Any, high: Any, degree: int) -> list[Any]:
    """Return the coefficients of the interpolating polynomial, from the constant on."""
    middle, half = (mpf(low) + high) / 2, (mpf(high) - low) / 2
    points = [middle + half * mp.cos(mp.pi * (k + mpf(1) / 2) / (degree + 1)) for k in range(degree + 1)]
    # Newton's divided differences, then nested multiplication
    differences = [function(point) for point in points]
    for step in range(1, degree + 1):
        for k in range(degree, step - 1, -1):
            differences[k] = (differences[k] - differences[k - 1]) / (points[k] - points[k - step])
    coefficients = [mpf(0)]
    for k in range(degree, -1, -1):
        shifted = [mpf(0), *coefficients]
        coefficients = [s - points[k] * c for s, c in zip(shifted, [*coefficients, mpf(0)], strict=True)]
        coefficients[0] += differences[k]
    return coefficients[: degree + 1]


def split(number: Any, sizes: list[int]) -> list[float]:
    """Return floats with these numbers of bits, whose sum is about ``number``."""
    parts = []
    for bits in sizes:
        with mp.workprec(bits):
            part = float(+number)
        parts.append(part)
        number -= part
    return parts


def largest_error(function: Function, coefficients: list[float], low: Any, high: Any) -> float:
    """Return the largest error of the polynomial at 200 points of the interval, without rounding errors of its evaluation."""
    points = [mpf(low) + (mpf(high) - low) * (k + mpf(1) / 2) / 200 for k in range(200)]
    return float(max(abs(function(x) - mp.fsum(mpf(c) * x**k for k, c in enumerate(coefficients))) for x in points))


def header_lines() -> list[str]:
    """Return the lines of C that define all constants."""
    lines = []
    with mp.workdps(DIGITS):
        for name, meaning, function, low, high, degree in POLYNOMIALS:
            coefficients = [float(c) for c in interpolate(function, low, high, degree)]
            error = largest_error(function, coefficients, low, high)
            lines.append(f"/* {meaning}. Error {error:.1e} */")
            lines += [f"#define {name}_{k} {coefficient!r}" for k, coefficient in enumerate(coefficients)]
        for name, number, sizes in SPLITS:
            parts = split(number(), sizes)
            lines += [f"#define {name}_{'ABCD'[k]} {part!r}" for k, part in enumerate(parts)]
    return lines


if __name__ == "__main__":
    print("\n".join(header_lines()))
