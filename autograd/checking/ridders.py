"""Numerical derivatives of a function of one number, with an estimate of their error.

A central difference ``(f(x + h) - f(x - h)) / 2h`` has two errors: a truncation error, which decreases with h, and a rounding
error, which increases as h decreases. The method of C. J. F. Ridders (Advances in Engineering Software 4(2), 1982) halves h
repeatedly and extrapolates to h = 0 with Neville's scheme. It chooses the entry of the tableau that differs least from its
neighbours, and that difference is the error estimate. A bad initial step makes the method fail silently: too large for
``sin(1e4)``, beyond the edge of the domain for ``log(0.001)``. Therefore ``verdicts.py`` compares the results of many initial
steps.

Names used in this file
    h, step     distance from x; always a power of two, so that x + h is usually exact
    start       initial step of a tableau
    side        +1 or -1: right or left of x
"""

from __future__ import annotations

import math

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

LEVELS = 8  # steps per tableau, each half of the previous one
SAFETY = 10.0  # factor by which the differences between neighbours in a tableau may underestimate the error
ROUNDING = 4.0  # rounding error of a simple f, in units in the last place


class Samples:
    """Values of a function near a point, each computed once.

    Args:
        f: The function, from float to float. Where it raises ArithmeticError or ValueError, its value is nan.
        x: The point.

    Attributes:
        known: The values computed so far, by step.
    """

    def __init__(self, f: Callable[[float], float], x: float) -> None:
        self.f: Callable[[float], float] = f
        self.x: float = x
        self.known: dict[float, float] = {}

    def at(self, step: float) -> float:
        """Return the value at ``x + step``."""
        if step not in self.known:
            try:
                self.known[step] = self.f(self.x + step)
            except (ArithmeticError, ValueError):
                self.known[step] = math.nan
        return self.known[step]

    def usable_steps(self, start: float, sides: tuple[int, ...], reach: int) -> list[float]:
        """Return the steps h, from ``start`` downwards, where f is finite at ``side * h``, ..., ``side * h * reach``."""
        usable: list[float] = []
        for level in range(LEVELS):
            h = math.ldexp(start, -level)
            offsets = [side * multiple * h for side in sides for multiple in range(1, reach + 1)]
            if h == 0 or not all(abs(self.x + offset - self.x - offset) <= abs(offset) / 64 for offset in offsets):
                break  # x + h rounds to x, or overflows
            if all(math.isfinite(self.at(offset)) for offset in offsets):
                usable.append(h)
            else:
                usable.clear()  # beyond the edge of the domain: restart with smaller steps
        return usable


class Estimate:
    """The best derivative estimate of one tableau.

    Attributes:
        value: The estimated derivative.
        error: Bound on its error.
        step: Smallest step used.
        reach: Largest step of the tableau.
        slope: Largest absolute slope of f on either side. A derivative of 0 is judged in relation to it.
        spread: Difference between the largest and smallest value of f, in units in the last place; 0 where f is flat.
    """

    def __init__(self, value: float, error: float, step: float, reach: float, slope: float, spread: float) -> None:
        self.value: float = value
        self.error: float = error
        self.step: float = step
        self.reach: float = reach
        self.slope: float = slope
        self.spread: float = spread

    def is_informative(self, number: float, digits: int = 3) -> bool:
        """Return whether the error is small enough to compare the estimate with ``number`` to ``digits`` digits."""
        size = max(abs(self.value), abs(number))
        return self.error <= 10.0**-digits * size or self.error <= 10.0 ** -(digits + 2) * self.slope

    def allows(self, number: float) -> bool:
        """Return whether ``number`` is the derivative to within the error."""
        return abs(number - self.value) <= self.error


def starting_steps(x: float) -> Iterator[float]:
    """Yield initial steps: near the size of x and near 1, which suit most functions, then from small to large."""
    size = math.ldexp(1.0, math.frexp(x)[1] - 1) if x else 1.0
    small, large = sorted((size, 1.0))
    first = [scale * 2.0**exponent for exponent in (-2, -8) for scale in sorted({small, large})]
    yield from first
    low, high = math.frexp(small)[1] - (63 if x == 0 else 39), math.frexp(large)[1] + 23
    stride = max(6, (high - low) // 30)
    for exponent in range(low, min(high, 1023), stride):
        if exponent > -1074 and (step := math.ldexp(1.0, exponent)) not in first:
            yield step


def central(samples: Samples, start: float) -> Estimate | None:
    """Estimate the derivative by central differences. Return None if f has too few finite values near x."""
    steps = samples.usable_steps(start, (-1, 1), 1)
    here = samples.at(0.0)
    pairs = [(samples.at(h), samples.at(-h)) for h in steps]
    differences = [(right - left) / h / 2 for h, (right, left) in zip(steps, pairs, strict=True)]
    slopes = [max(abs(right - here), abs(left - here)) / h for h, (right, left) in zip(steps, pairs, strict=True)]
    return _extrapolate(steps, differences, slopes, [(here, *pair) for pair in pairs], samples.x, order=2)


def one_sided(samples: Samples, start: float, side: int) -> Estimate | None:
    """Estimate the slope on one side of x. All points are strictly on that side, so a jump at x has no influence."""
    steps = samples.usable_steps(start, (side,), 2)
    pairs = [(samples.at(2 * side * h), samples.at(side * h)) for h in steps]
    differences = [(far - near) / h * side for h, (far, near) in zip(steps, pairs, strict=True)]
    return _extrapolate(steps, differences, [abs(d) for d in differences], pairs, samples.x, order=1)


def _extrapolate(
    steps: list[float], differences: list[float], slopes: list[float], values: list[Any], x: float, order: int
) -> Estimate | None:
    """Return the best entry of Neville's tableau of differences, whose error is a power series in ``h**order``."""
    best: Estimate | None = None
    above: list[float] = []
    for k, (h, difference) in enumerate(zip(steps, differences, strict=True)):
        row = [difference]
        for m in range(k):
            row.append(row[m] + (row[m] - above[m]) / (2.0 ** (order * (m + 1)) - 1))
        for m in range(1, k):
            used = [value for level in values[k - m : k + 1] for value in level]
            unit = math.ulp(max(map(abs, used)))
            apart = max(abs(row[m] - row[m - 1]), abs(row[m] - above[m - 1]), abs(row[m] - above[m]))
            # f may round its argument as well. Near 0, a derivative is no more precise than the smallest float.
            rounding = ROUNDING * (unit / h + abs(row[m]) * (math.ulp(x) / h + math.ulp(1.0)) + math.ulp(0.0))
            error = SAFETY * (apart + rounding)
            raw, coarse = abs(row[m] - row[0]), abs(row[m] - differences[k - m])
            if raw > coarse / 2.0**m + rounding:  # the differences do not converge with h: the entry agrees by accident
                error += raw
            if math.isfinite(error) and (best is None or error < best.error):
                best = Estimate(row[m], error, h, steps[0], slopes[k - m], (max(used) - min(used)) / unit)
        above = row
    return best


def slope_change(samples: Samples, h: float) -> float:
    """Return the difference between the slopes left and right of x at distance h, less possible rounding errors."""
    left, here, right = samples.at(-h), samples.at(0.0), samples.at(h)
    noise = 2 * ROUNDING * math.ulp(max(abs(left), abs(here), abs(right)))
    return max(0.0, abs((right - here) - (here - left)) - noise) / h
