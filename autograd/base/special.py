"""Values of special functions that the C library lacks, as formulas in the vocabulary of the table of operations.

The formulas use operators, functions of ``libm`` and ``pick``, so they run on floats and are translated to C and Python like
the other rows. Polynomials and their source are in ``coefficients.py``. The series and reflection formulas are from the
NIST Digital Library of Mathematical Functions (DLMF, https://dlmf.nist.gov); each function names its formulas.

Both arguments of ``pick`` are computed. Therefore arguments of ``log``, ``sin`` and divisions are replaced with a harmless
number where the result is not used.
"""

from __future__ import annotations

import math

from autograd.base import coefficients as table
from autograd.base.real import INF, NAN, libm, pick

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

PI = 3.141592653589793
SQRT_PI = 1.772453850905516
LOG_PI = 1.1447298858494002
HALF_LOG_TWO_PI = 0.9189385332046727
SQRT_TWO_PI = 2.5066282746310002
EXP_MINUS_8 = 0.00033546262790251185

# B(2k) / (2k (2k - 1)), B(2k) / (2k) and B(2k) / (2k)! for the Bernoulli numbers B, from the highest index to k = 1.
STIRLING = (43867 / 244188, -3617 / 122400, 1 / 156, -691 / 360360, 1 / 1188, -1 / 1680, 1 / 1260, -1 / 360, 1 / 12)
STIRLING_SLOPE = (
    -174611 / 6600, 43867 / 14364, -3617 / 8160, 1 / 12, -691 / 32760, 1 / 132, -1 / 240, 1 / 252, -1 / 120, 1 / 12,
)  # fmt: skip
EULER_MACLAURIN = (
    5.5090028283602295e-18, -2.174868698558062e-16, 8.586062056277845e-15, -3.3896802963225827e-13, 1.3382536530684679e-11,
    -5.284190138687493e-10, 2.08767569878681e-08, -8.267195767195768e-07, 3.306878306878307e-05, -0.001388888888888889, 1 / 12,
)  # fmt: skip

# The zeros of digamma(1 + u), j0 and j1, each as a sum of two floats, because u - zero must be accurate near the zero.
DIGAMMA_ZERO = (0.46163214496836236, -1.5522348162858677e-17)
J0_ZEROS = ((2.404825557695773, -1.176691651530894e-16), (5.520078110286311, 8.088597146146722e-17))
J1_ZEROS = ((3.8317059702075125, -1.5269184090088067e-16), (7.015586669815619, -9.414165653410389e-17))

# The power series of i0 and i1 in x * x / 4 (DLMF 10.25.2); up to x = 8 all omitted terms are below 1e-19.
I0_SERIES = tuple([1 / math.factorial(k) ** 2 for k in range(24, -1, -1)])
I1_SERIES = tuple([1 / math.factorial(k) ** 2 / (k + 1) for k in range(24, -1, -1)])

# The power series of derivatives that are 0 / 0 at x = 0, in x * x.
SINC_SLOPE = tuple([(-1) ** k * 2 * k * PI ** (2 * k) / math.factorial(2 * k + 1) for k in range(14, 0, -1)])
I1_SLOPE = tuple([(k + 0.5) / 4**k / (math.factorial(k) * math.factorial(k + 1)) for k in range(12, -1, -1)])
J1_SLOPE = tuple([(-1) ** k * slope for k, slope in zip(range(12, -1, -1), I1_SLOPE, strict=True)])


def horner(t: Any, coefficients: Sequence[float]) -> Any:
    """Return the polynomial with these coefficients, from the highest power to the constant."""
    total: Any = coefficients[0]
    for coefficient in coefficients[1:]:
        total = total * t + coefficient
    return total


def polynomial(u: Any, entry: table.Polynomial) -> Any:
    """Return a polynomial of ``coefficients.py`` at ``u``."""
    middle, factor, coefficients = entry
    return horner((u - middle) * factor, coefficients)


def to_nearest(x: Any) -> Any:
    """Return ``x`` minus the nearest whole number, which is exact. Sines of ``pi * x`` need it to be accurate."""
    return x - libm.rint(x)


def sinc_slope(x: Any) -> Any:
    """Return the derivative of sinc for ``x`` from -0.5 to 0.5."""
    return x * horner(x * x, SINC_SLOPE)


def tanhshrink_near_0(x: Any) -> Any:
    """Return x - tanh(x) for ``x`` from -1.2 to 1.2."""
    return x * x * x * polynomial(x * x, table.TANHSHRINK)


# ---- the gamma function and its logarithmic derivatives ----------------------------------------------------------


def stirling(x: Any) -> Any:
    """Return lgamma(x) - ((x - 1/2) log(x) - x + log(2 pi) / 2) for ``x`` from 8 (DLMF 5.11.1)."""
    z = 1 / x
    return z * horner(z * z, STIRLING)


def stirling_slope_change(x: Any, y: Any) -> Any:
    """Return s(x) - s(x + y) without cancellation, where s(x) is log(x) - digamma(x), for ``x`` from 8."""
    u, v = 1 / x, 1 / (x + y)
    value, slope = STIRLING_SLOPE[0], 0.0  # of a polynomial at v * v, and its divided difference between u * u and v * v
    for coefficient in (*STIRLING_SLOPE[1:], 0.0):
        slope = slope * (u * u) + value
        value = value * (v * v) + coefficient
    return y * u * v * (0.5 + (u + v) * slope)


def lgamma(x: Any) -> Any:
    """Return log(abs(gamma(x))): polynomials to 8.5, then Stirling's series; for negative ``x`` the reflection DLMF 5.5.3."""
    size = libm.fabs(x)
    near_0, reflected = size < 0.5, x <= -0.5
    step = pick(near_0, x, size - 1)
    near_1 = step * polynomial(step, table.LGAMMA_NEAR_1)
    from_2 = size - 2
    near_2 = from_2 * polynomial(from_2, table.LGAMMA_NEAR_2)
    middle = from_2 * pick(size < 4.5, polynomial(size, table.LGAMMA_TO_4_5), polynomial(size, table.LGAMMA_TO_8_5))
    log_size = libm.log(size)
    large = (size - 0.5) * (log_size - 1) + (HALF_LOG_TWO_PI - 0.5) + stirling(pick(size < 8, 8.0, size))
    of_size = pick(size < 1.5, near_1, pick(size < 2.5, near_2, pick(size < 8.5, middle, large)))
    is_fraction = x > -4503599627370496.0  # all smaller floats are whole numbers, where the result is inf
    product = pick(reflected & is_fraction, size * libm.fabs(libm.sin(PI * to_nearest(pick(is_fraction, x, 0.5)))), 1.0)
    negative = pick(is_fraction, LOG_PI - libm.log(product) - of_size, INF)
    return pick(reflected, negative, pick(near_0, near_1 - log_size, of_size))


def _quotient(x: Any, y: Any) -> tuple[Any, Any]:
    """Return x / (x + y) as a float, and the relative error of that float, for positive numbers.

    The sum and the product have exact errors (T. J. Dekker, Numerische Mathematik 18, 1971).
    """
    total = x + y
    part = total - x
    lost = (x - (total - part)) + (y - part)
    quotient = x / total
    product = quotient * total
    head, tail = _split(quotient)
    total_head, total_tail = _split(total)
    error = head * total_head - product + head * total_tail + tail * total_head + tail * total_tail
    return quotient, (x - product - error - quotient * lost) / x


def _split(x: Any) -> tuple[Any, Any]:
    """Return x as a head of 26 bits and a tail."""
    shifted = 134217729.0 * x  # 2**27 + 1
    head = shifted - (shifted - x)
    return head, x - head


def beta(a: Any, b: Any) -> Any:
    """Return the beta function for positive ``a <= b`` (DLMF 5.12.1).

    The exponential of betaln would have the absolute error of betaln as its relative error. Therefore the large factors of
    Stirling's formula (DLMF 5.11.1) are powers here, and only small numbers are exponents.
    """
    return pick(a < 8, _beta_to_8(pick(a < 8, a, 1.0), b), _beta_from_8(pick(a < 8, 8.0, a), pick(b < 8, 8.0, b)))


def _beta_to_8(a: Any, b: Any) -> Any:
    """Return beta for ``a`` below 8. Eight steps of the recurrence lead from gamma(a + 8) to gamma(a), and from b + 8 to b."""
    is_small = b < 8
    next_a, next_b = a + 8, pick(is_small, b + 8, b)
    above, below = 1.0, a
    for k in range(8):
        above = above * pick(is_small, (a + b + k) / (b + k), 1.0)
        below = below * (a + k) if k else below
    root = libm.pow(next_b, -0.5 * a)  # its square may underflow before the result does
    c = pick(next_b > 1e60, 1e60, next_b)  # beyond, the rest of the formula does not change
    ratio, error = _quotient(c, a)
    lost = a - (next_a - 8) + pick(is_small, (b - (c - 8)) * libm.log(ratio), 0.0)  # by rounding a + 8 and b + 8
    small = stirling(next_a) + stirling(c) - stirling(a + c) + (a + c) * error + lost
    power = libm.pow(ratio, c) * libm.pow(ratio, a - 0.5) * libm.pow(next_a, a) * libm.pow(next_a, 7.5)
    return SQRT_TWO_PI * EXP_MINUS_8 * libm.exp(small) * power * above * root / below * root


def _beta_from_8(a: Any, b: Any) -> Any:
    """Return beta for ``a`` from 8."""
    a, b = pick(a > 540, 540.0, a), pick(b > 1e60, 1e60, b)  # beyond, the result is 0
    of_a, error_of_a = _quotient(a, b)
    of_b, error_of_b = _quotient(b, a)
    small = stirling(a) + stirling(b) - stirling(a + b) + (a - 0.5) * error_of_a + b * error_of_b
    return libm.pow(of_a, a - 0.5) * libm.pow(of_b, b) * libm.sqrt(2 * PI / b) * libm.exp(small)


def digamma(x: Any) -> Any:
    """Return the derivative of lgamma: polynomials up to 8, then DLMF 5.11.2; for negative ``x`` the reflection DLMF 5.5.4."""
    size = libm.fabs(x)
    step = pick(size < 1, size, size - 1)
    high, low = DIGAMMA_ZERO
    near_1 = (step - high - low) * polynomial(step, table.DIGAMMA_NEAR_1)
    z = 1 / pick(size < 1, 1.0, size)
    large = libm.log(pick(size < 1, 1.0, size)) - z / 2 - z * z * horner(z * z, STIRLING_SLOPE)
    middle = pick(size < 4, polynomial(size, table.DIGAMMA_TO_4), polynomial(size, table.DIGAMMA_TO_8))
    of_size = pick(size < 2, near_1, pick(size < 8, middle, large))
    of_next = pick(size < 1, near_1, of_size + z)  # digamma(1 + size)
    offset = to_nearest(x)
    tangent = libm.tan(PI * pick(offset == 0, 0.25, offset))
    negative = pick(offset == 0, NAN, of_next - PI / tangent)
    positive = pick(size < 1, near_1 - 1 / pick(x == 0, 1.0, size), of_size)
    return pick(x == 0, -1 / x, pick(x < 0, negative, positive))


def _hurwitz(s: Any, unit: Any, x: Any) -> Any:
    """Return unit**s times the Hurwitz zeta function of ``s`` and ``x > 0``: ten terms, then the Euler-Maclaurin formula."""
    end = x + 10
    z = 1 / end
    tail: Any = EULER_MACLAURIN[0]
    for j in range(len(EULER_MACLAURIN) - 1, 0, -1):  # DLMF 25.11.28
        tail = tail * (z * z * (s + (2 * j - 1)) * (s + 2 * j)) + EULER_MACLAURIN[-j]
    total = libm.pow(unit / end, s) * (end * (1 / (s - 1)) + 0.5 + z * s * tail)
    for k in range(9, -1, -1):  # the smallest term first
        total = total + libm.pow(unit / (x + k), s)
    return total


def _factorial(n: Any) -> Any:
    """Return n! for whole ``n`` from 1 to 170: a product up to 20, then Stirling's formula without overflow."""
    product: Any = 1.0
    for k in range(20, 1, -1):
        product = product * pick(n >= k, float(k), 1.0)
    m = pick(n > 20, n, 21.0)
    root = libm.pow(m, 0.5 * m + 0.25)
    return pick(n > 20, SQRT_TWO_PI * root * libm.exp(stirling(m) - m) * root, product)


def polygamma(n: Any, x: Any) -> Any:
    """Return derivative number ``n`` of digamma, for whole ``n`` from 1 to 170 (DLMF 5.15.1); nan for other ``n``.

    For negative ``x``, the sum over all terms (x + k)**-s from k = 0 is taken from the terms at d, d + 1, d - 1, d + 2, ...,
    where d is x minus the nearest whole number, by subtracting the terms below x.
    """
    valid = (n >= 1) & (n <= 170) & (libm.floor(n) == n)
    s = pick(valid, n + 1, 2.0)
    is_odd = libm.fmod(s, 2.0) == 1
    sign = pick(is_odd, -1.0, 1.0)
    d = to_nearest(x)
    unit = pick(x > 0, x, libm.fabs(d))  # all terms are divided by unit**-s, which may overflow or underflow
    first = _hurwitz(s, unit, pick(x > 0, x, 1 + d))
    part = pick(x > 0, 1.0, unit)
    others = sign * (_hurwitz(s, part, 1 - d) - _hurwitz(s, part, pick(x > 0, 1.0, 1 - x)))
    total = pick(x > 0, first, pick(is_odd, pick(d < 0, -1.0, 1.0), 1.0) + first + others)
    half = libm.pow(unit, -0.5 * s)
    result = pick(x == INF, 0.0, sign * (_factorial(s - 1) * half * total * half))
    two_sided_pole = (d == 0) & (x < 0) & is_odd
    return pick(valid, pick(two_sided_pole, NAN, result), NAN)


# ---- the normal distribution --------------------------------------------------------------------------------------


def erfinv_near_0(x: Any) -> Any:
    """Return erfinv(x) for ``x`` from -0.75 to 0.75."""
    return x * polynomial(x * x, table.ERFINV)


def normal_tail(p: Any) -> Any:
    """Return the number that a standard normal variable exceeds with probability ``p``, for ``p`` from 0 to 1/8."""
    r = libm.sqrt(-libm.log(p))
    ratio = pick(r < 4, polynomial(r, table.NORMAL_TAIL_TO_4),
        pick(r < 11, polynomial(r, table.NORMAL_TAIL_TO_11), polynomial(r, table.NORMAL_TAIL_TO_28)))  # fmt: skip
    return pick(p == 0, INF, r * ratio)


def erfc_ratio(x: Any) -> Any:
    """Return -f(x) / f'(x), where f is erfcx, for ``x`` from 1: a quotient of repeated integrals of erfc (DLMF 7.18.7)."""
    z = 1 / pick(x < 1, 1.0, x)
    return pick(x < 4, polynomial(x, table.ERFC_RATIO_TO_4), x * polynomial(z * z, table.ERFC_RATIO_FROM_4))


# ---- Bessel functions ---------------------------------------------------------------------------------------------


def _large_bessel_i(size: Any, entry: table.Polynomial) -> Any:
    """Return a modified Bessel function for ``size`` from 8. exp(size) alone would overflow before the result does."""
    root = libm.exp(0.5 * size)
    bounded = pick(size < 8, 8.0, size)
    return pick(size > 1000, INF, root / libm.sqrt(bounded) * polynomial(1 / bounded, entry) * root)


def i0(x: Any) -> Any:
    """Return the modified Bessel function of the first kind of order 0: its power series up to 8."""
    size = libm.fabs(x)
    return pick(size < 8, horner(0.25 * x * x, I0_SERIES), _large_bessel_i(size, table.I0_FROM_8))


def i1(x: Any) -> Any:
    """Return the modified Bessel function of the first kind of order 1: its power series up to 8."""
    size = libm.fabs(x)
    large = _large_bessel_i(size, table.I1_FROM_8)
    return pick(size < 8, 0.5 * x * horner(0.25 * x * x, I1_SERIES), libm.copysign(large, x))


def _from_zero(size: Any, zero: tuple[float, float]) -> Any:
    """Return size**2 - zero**2, accurate near the zero."""
    high, low = zero
    return (size - high - low) * (size + high)


def _hankel(x: Any, p: table.Polynomial, q: table.Polynomial) -> tuple[Any, Any, Any]:
    """Return P + Q, P - Q and sqrt(pi x) of Hankel's expansion (DLMF 10.17.3), for ``x`` from 8."""
    z = 1 / x
    even, odd = polynomial(z * z, p), z * polynomial(z * z, q)
    return even + odd, even - odd, SQRT_PI * libm.sqrt(x)


def j0(x: Any) -> Any:
    """Return the Bessel function of the first kind of order 0."""
    size = libm.fabs(x)
    to_4 = _from_zero(size, J0_ZEROS[0]) * polynomial(x * x, table.J0_TO_4)
    to_8 = _from_zero(size, J0_ZEROS[1]) * polynomial(x * x, table.J0_TO_8)
    plus, minus, root = _hankel(pick(size < 8, 8.0, size), table.J0_P, table.J0_Q)
    return pick(size < 4, to_4, pick(size < 8, to_8, (libm.cos(x) * plus + libm.sin(size) * minus) / root))


def j1(x: Any) -> Any:
    """Return the Bessel function of the first kind of order 1."""
    size = libm.fabs(x)
    to_5_5 = _from_zero(size, J1_ZEROS[0]) * polynomial(x * x, table.J1_TO_5_5)
    to_8 = _from_zero(size, J1_ZEROS[1]) * polynomial(x * x, table.J1_TO_8)
    plus, minus, root = _hankel(pick(size < 8, 8.0, size), table.J1_P, table.J1_Q)
    large = (libm.sin(size) * plus - libm.cos(x) * minus) / root
    return pick(size < 8, x * pick(size < 5.5, to_5_5, to_8), pick(x < 0, -large, large))


def i1_slope(x: Any) -> Any:
    """Return the derivative of i1 for ``x`` from -1 to 1."""
    return horner(x * x, I1_SLOPE)


def j1_slope(x: Any) -> Any:
    """Return the derivative of j1 for ``x`` from -1 to 1."""
    return horner(x * x, J1_SLOPE)
