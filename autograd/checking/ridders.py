"""The derivative of a function of one number from its values alone, and how far it can be trusted.

A central difference ``(f(x + h) - f(x - h)) / 2h`` has two errors: one that shrinks with h, and rounding, which grows as
h shrinks. C. J. F. Ridders (Advances in Engineering Software 4(2), 1982) halves h again and again, extrapolates to
h = 0 by Neville's scheme, and takes the entry of that tableau that differs least from its neighbours; the difference is
the estimate of its error. From a wrong first step this fails without a word: too large for ``sin(1e4)``, across the edge
of the domain for ``log(0.001)``. So many first steps are tried here, and ``judge.py`` compares what they say.

Names used throughout
    h, step     how far from x; always a power of two, so that x + h is exact as a rule
    start       the step that a tableau begins with
    side        +1 or -1: right or left of x
"""

from __future__ import annotations

import math

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

LEVELS = 8  # how many steps there are in a tableau, each half of the one before
SAFETY = 10.0  # by how much neighbours in a tableau may understate the error
ROUNDING = 4.0  # the error of a value of f in units of its last place, if it is a simple one


class Samples:
    """A function near a point; each value is computed once.

    Attributes:
        f: the function, of a float, returning one. What raises ArithmeticError or ValueError there counts as nan.
        x: the point.
    """

    def __init__(self, f: Callable[[float], float], x: float) -> None:
        self.f = f
        self.x = x
        self.known: dict[float, float] = {}

    def at(self, step: float) -> float:
        """The value at ``x + step``."""
        if step not in self.known:
            try:
                self.known[step] = self.f(self.x + step)
            except (ArithmeticError, ValueError):
                self.known[step] = math.nan
        return self.known[step]

    def usable_steps(self, start: float, sides: tuple[int, ...], reach: int) -> list[float]:
        """From ``start`` downwards, those steps at which there are values: at ``side * h``, ..., ``side * h * reach``."""
        usable: list[float] = []
        for level in range(LEVELS):
            h = math.ldexp(start, -level)
            offsets = [side * multiple * h for side in sides for multiple in range(1, reach + 1)]
            if h == 0 or not all(abs(self.x + offset - self.x - offset) <= abs(offset) / 64 for offset in offsets):
                break  # lost when added to x (or so large that the sum is infinite)
            if all(math.isfinite(self.at(offset)) for offset in offsets):
                usable.append(h)
            else:
                usable.clear()  # it is beyond the edge of the domain: begin again, nearer
        return usable


class Estimate:
    """What one tableau says.

    Attributes:
        value: the derivative.
        error: how far off that may be.
        step: the smallest step that went into it.
        reach: the largest one in the tableau.
        slope: how steep f is at all, on either side: a derivative of 0 is to be seen in relation to that.
        spread: how much the values of f differ, in units of their last place: 0 if f is flat here.
    """

    def __init__(self, value: float, error: float, step: float, reach: float, slope: float, spread: float) -> None:
        self.value = value
        self.error = error
        self.step = step
        self.reach = reach
        self.slope = slope
        self.spread = spread

    def tells(self, number: float, digits: int = 3) -> bool:
        """Whether it is good for something, ``number`` being what it is to be compared with."""
        size = max(abs(self.value), abs(number))
        return self.error <= 10.0**-digits * size or self.error <= 10.0 ** -(digits + 2) * self.slope

    def allows(self, number: float) -> bool:
        """Whether ``number`` is the derivative, as far as this can tell."""
        return abs(number - self.value) <= self.error


def starting_steps(x: float) -> Iterator[float]:
    """Powers of two to begin with: near the size of x and near 1, which suit most functions; then from small to large."""
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
    """The derivative by central differences, or None if f has too few values there."""
    steps = samples.usable_steps(start, (-1, 1), 1)
    here = samples.at(0.0)
    rises = [(samples.at(h), samples.at(-h)) for h in steps]
    differences = [(right - left) / h / 2 for h, (right, left) in zip(steps, rises, strict=True)]
    slopes = [max(abs(right - here), abs(left - here)) / h for h, (right, left) in zip(steps, rises, strict=True)]
    return _extrapolate(steps, differences, slopes, [(here, *pair) for pair in rises], samples.x, order=2)


def one_sided(samples: Samples, start: float, side: int) -> Estimate | None:
    """The slope next to x on one side, from points strictly on that side; so a jump at x does not matter."""
    steps = samples.usable_steps(start, (side,), 2)
    pairs = [(samples.at(2 * side * h), samples.at(side * h)) for h in steps]
    differences = [(far - near) / h * side for h, (far, near) in zip(steps, pairs, strict=True)]
    return _extrapolate(steps, differences, [abs(d) for d in differences], pairs, samples.x, order=1)


def _extrapolate(
    steps: list[float], differences: list[float], slopes: list[float], values: list[Any], x: float, order: int
) -> Estimate | None:
    """Neville's tableau of differences whose error is a series in ``h**order``; its best entry."""
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
            # f may round as x does; and next to 0 a derivative itself is no sharper than the smallest float.
            rounding = ROUNDING * (unit / h + abs(row[m]) * (math.ulp(x) / h + math.ulp(1.0)) + math.ulp(0.0))
            error = SAFETY * (apart + rounding)
            raw, coarse = abs(row[m] - row[0]), abs(row[m] - differences[k - m])
            if raw > coarse / 2.0**m + rounding:  # the differences do not come nearer with h: it looks good by accident
                error += raw
            if math.isfinite(error) and (best is None or error < best.error):
                best = Estimate(row[m], error, h, steps[0], slopes[k - m], (max(used) - min(used)) / unit)
        above = row
    return best


def bend(samples: Samples, h: float) -> float:
    """How much the slopes left and right of x differ at this distance, less what rounding may do to that."""
    left, here, right = samples.at(-h), samples.at(0.0), samples.at(h)
    noise = 2 * ROUNDING * math.ulp(max(abs(left), abs(here), abs(right)))
    return max(0.0, abs((right - here) - (here - left)) - noise) / h
