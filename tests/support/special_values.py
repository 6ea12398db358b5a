"""The derivatives that a row of the table may have at any point, found with mpmath from the definition of its value.

``allowed(name, operands, orders)`` differentiates the first entry of ``EXACT[name]`` numerically. No derivative rule is used,
neither ours nor the ones in ``EXACT``. A new row is covered as soon as it is in ``EXACT``.

The values on each side of the point are known to thousands of bits, and the steps are so small (relative to the point, to
its reciprocal and to 1) that a one-sided difference is a one-sided derivative to 50 digits. Where the derivatives from all
sides agree, that number is the only right one. Where they do not, or do not exist, the point is special:

    a pole, an edge     the number that the one existing side tends to, an infinity, or nan
    a kink              a number between the sides, an infinity, or nan
    a jump              the same, or 0, the stated derivative of a function with steps
    an infinity         the limit, seen at 1e290 and 1e300, or nan
    elsewhere           nan
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import Any

from exact import EXACT
from mpmath import mp, mpc, mpf

STEP = 200  # a step is 2**-200 times the scale of the operand
NOISE = 380  # the mean of the derivatives from both sides is exact to this many bits, relative to f / scale**order
LIMITS = (1e290, 1e300)


class Truth:
    """What is known about a derivative at a point.

    Attributes:
        sides: The derivative from each side where it exists, as numbers of mpmath; an infinity where it is unbounded.
        missing: Whether the function is not defined on some side.
        noise: The error of the numbers in ``sides``.
        jumps: Whether the value itself is different on different sides.
        size: The size of a derivative that is no result of cancellation: the value divided by the operands.
    """

    def __init__(self, sides: list[Any], missing: bool, noise: Any, jumps: bool, size: Any) -> None:
        self.sides, self.missing, self.noise, self.jumps, self.size = sides, missing, noise, jumps, size

    @property
    def is_smooth(self) -> bool:
        """Whether the derivatives from all sides exist and are equal."""
        if self.missing or not all(mp.isfinite(side) for side in self.sides):
            return False
        spread = max(self.sides) - min(self.sides)
        return bool(spread <= max(mpf(10) ** -20 * max(map(abs, self.sides)), self.noise * mpf(2) ** (NOISE - 100)))

    @property
    def mean(self) -> Any:
        """The derivative at a smooth point: the errors of opposite sides cancel."""
        return mp.fsum(self.sides) / len(self.sides)

    def allows(self, found: float, rtol: float) -> bool:
        """Return whether ``found`` is a right answer."""
        if self.is_smooth and not self.jumps:
            return is_close(found, self.mean, rtol, self.noise + self.size * mpf(2) ** -49)
        if not math.isfinite(found) or (self.jumps and found == 0.0):
            return True
        finite = [side for side in self.sides if mp.isfinite(side)]
        if not finite or len(finite) < len(self.sides):
            return False
        slack = rtol * max(map(abs, finite)) + mpf(2) ** -1022
        return bool(min(finite) - slack <= found <= max(finite) + slack)

    def __repr__(self) -> str:
        numbers = [mp.nstr(side, 17) for side in ([self.mean] if self.is_smooth else self.sides)]
        return f"{'smooth' if self.is_smooth else 'missing sides' if self.missing else 'special'}: {', '.join(numbers)}"


def is_close(found: float, exact: Any, rtol: float, atol: Any = 0) -> bool:
    """Compare a float with an exact number; beyond the range of float it is an infinity or nan, below it nearly 0."""
    if abs(exact) >= mpf(2) ** 1024 * (1 - rtol):
        return math.isnan(found) or (abs(found) > 1e308 and (found > 0) == (exact > 0))
    return bool(math.isfinite(found) and abs(found - exact) <= rtol * abs(exact) + atol + mpf(2) ** -1021)


def _value(name: str, operands: tuple[Any, ...]) -> Any:
    """Return the value, or nan where it is not a real number."""
    return _cached_value(name, operands, mp.prec)


@lru_cache(maxsize=2048)
def _cached_value(name: str, operands: tuple[Any, ...], precision: int) -> Any:
    try:
        value = EXACT[name][0](*operands)
    except (ZeroDivisionError, ValueError, OverflowError):
        return mp.nan
    if isinstance(value, mpc):
        value = value.real if value.imag == 0 else mp.nan
    return value if mp.isfinite(value) else mp.nan


def _scales(operands: tuple[float, ...]) -> list[Any]:
    """Return a length for each operand on which no function of the table bends much."""
    exponents = [math.frexp(x)[1] for x in operands]
    largest = (len(operands) > 1) * max(0, *exponents)  # pow bends on a length of x / y
    smallest = -max(map(abs, exponents)) - 100
    return [mpf(2) ** ((smallest if x == 0 else -abs(e)) - largest) for x, e in zip(operands, exponents, strict=True)]


def _side(name: str, operands: tuple[float, ...], orders: tuple[int, ...], steps: tuple[Any, ...]) -> tuple[Any, Any]:
    """Return a one-sided difference quotient, and the largest value in it."""
    total, largest = mpf(0), mpf(0)
    for ks in itertools.product(*(range(order + 1) for order in orders)):
        # The first point is one step away, because the value at the point itself may belong to neither side.
        point = tuple(mpf(x) + (k + 1) * h if n else mpf(x) for x, k, n, h in zip(operands, ks, orders, steps, strict=True))
        value = _value(name, point)
        weight = math.prod((-1) ** (n - k) * math.comb(n, k) for n, k in zip(orders, ks, strict=True))
        total, largest = total + weight * value, max(largest, abs(value)) if value == value else largest
    for n, h in zip(orders, steps, strict=True):
        total /= h**n
    return total, largest


@cache
def truth(name: str, operands: tuple[float, ...], orders: tuple[int, ...]) -> Truth:
    """Return what is known about the derivative of these orders at finite operands."""
    extreme = max([abs(math.frexp(x)[1]) for x in operands if x], default=0)
    scales = _scales(operands)
    digits = max(3 * (STEP + 40 - int(mp.log(scale, 2))) for scale in scales)
    with mp.workprec(NOISE + 100 + digits + extreme):
        sides, missing, noise = [], False, mpf(0)
        for signs in _signs(orders):
            quotients = []
            for shift in (STEP, STEP + 40):
                steps = tuple(sign * scale * mpf(2) ** -shift for sign, scale in zip(signs, scales, strict=True))
                quotient, largest = _side(name, operands, orders, steps)
                quotients.append(quotient)
            size = largest
            for n, scale in zip(orders, scales, strict=True):
                size /= scale**n
            noise = max(noise, size * mpf(2) ** -NOISE)
            if mp.isnan(quotients[0]):
                missing = True
                continue
            coarse, fine = quotients
            converges = abs(fine - coarse) <= max(mpf(2) ** -60 * abs(fine), mpf(2) ** -450 * largest)
            vanishes = abs(fine) < abs(coarse) / 2
            sides.append(mpf(0) if vanishes else fine if converges else mp.sign(fine) * mp.inf)
        if 0.0 in operands and extreme < 100:
            noise = max(noise, mpf(2) ** -NOISE)
        coarse_spread, fine_spread = (_spread(name, operands, scales, shift) for shift in (STEP, STEP + 40))
        return Truth(sides, missing, noise, fine_spread > coarse_spread / 2 > 0, _size(name, operands, orders))


def _size(name: str, operands: tuple[float, ...], orders: tuple[int, ...]) -> Any:
    """Return the value divided by the operands; 0 for one operand, which has no excuse for cancellation."""
    lengths = [abs(mpf(x)) or max(abs(mpf(other)) for other in operands) for x in operands]
    if len(operands) == 1 or 0 in lengths:
        return mpf(0)
    value = abs(_value(name, tuple(map(mpf, operands))))
    return value / mp.fprod(length**order for length, order in zip(lengths, orders, strict=True)) if value == value else mpf(0)


def _spread(name: str, operands: tuple[float, ...], scales: list[Any], shift: int) -> Any:
    """Return the difference between the largest and the smallest value next to the point."""
    near = [
        _value(
            name,
            tuple(mpf(x) + sign * scale * mpf(2) ** -shift for x, sign, scale in zip(operands, signs, scales, strict=True)),
        )
        for signs in itertools.product((1, -1), repeat=len(operands))
    ]
    return max(near) - min(near)


def _signs(orders: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
    """Yield each combination of sides; an operand that is not differentiated is not moved."""
    return itertools.product(*((1, -1) if order else (1,) for order in orders))


def allowed_at_infinity(name: str, operands: tuple[float, ...], orders: tuple[int, ...], found: float, rtol: float) -> bool:
    """Return whether ``found`` is nan or the limit of the derivative as the infinite operands grow."""
    if math.isnan(found):
        return True
    near, far = (
        truth(name, tuple(math.copysign(size, x) if math.isinf(x) else x for x in operands), orders) for size in LIMITS
    )
    if not near.is_smooth or not far.is_smooth:
        return math.isinf(found) or far.allows(found, rtol)
    if is_close(found, far.mean, rtol, far.noise) and is_close(found, near.mean, rtol, near.noise):
        return True
    if abs(far.mean) < abs(near.mean):
        return bool(abs(found) <= abs(far.mean))
    return math.isinf(found) and (found > 0) == (far.mean > 0)
