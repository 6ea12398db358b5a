"""The slope of a function at a point, from its exact values around the point.

The values have hundreds of digits, so the steps can be so small that a difference quotient is the derivative to all digits of
a float. Three steps, each 256 times smaller than the one before, then tell a smooth function from one that is not:

    the slopes on both sides approach the same number               smooth
    they approach different numbers                                 a kink
    they do not converge, but the slopes strictly left and right do  a jump
    they grow                                                       an infinite slope
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograd.checking.exact import CONTEXT, PRECISION, ZERO, Number, isfinite, mpf

RATIO = 256  # of a step and the next smaller one
SHRINKS = 0.75  # two differences converge if the second is smaller by this factor

SMOOTH, KINK, JUMP, EDGE, INFINITE, FAINT, NONE = "smooth", "kink", "jump", "edge", "infinite", "faint", "none"
LOST = "the changes of f are lost in rounding"


class Slope:
    """The slopes of a function left and right of a point.

    Attributes:
        kind: ``"smooth"``, ``"kink"``, ``"jump"``, ``"edge"`` (defined on one side only), ``"infinite"``, ``"faint"`` (too
            small to be measured) or ``"none"`` (not known).
        left, right: The slopes. They are equal if the function is smooth, or defined on one side only. Of an infinite slope,
            they are large numbers with its sign, and nan on a side where the function is not defined.
        error: Bound on their error.
        why: A description of the point if the function is not smooth there, or "".
    """

    def __init__(self, kind: str, left: Number, right: Number, error: Number = ZERO, why: str = "") -> None:
        self.kind = kind
        self.left = left
        self.right = right
        self.error = error
        self.why = why

    @property
    def value(self) -> Number:
        """The mean of both slopes."""
        return (self.left + self.right) / 2

    def __repr__(self) -> str:
        return f"{self.kind}: {shown(self.left)}, {shown(self.right)}"


def shown(number: Number) -> str:
    """Return a number with six digits."""
    return f"{float(number):.6g}"


def first_step(size: Number) -> Number:
    """Return the largest step of a first derivative for numbers of this size, in the current precision."""
    return CONTEXT.ldexp(mpf(size), -120 if CONTEXT.prec == PRECISION else -1500)


def longer_step(size: Number) -> Number:
    """Return a longer step, in ``MORE_PRECISION``, if the change of the function over the shorter step is lost."""
    return CONTEXT.ldexp(mpf(size), -120)


def second_step(size: Number) -> Number:
    """Return the largest step of a second derivative, whose differences lose twice as many digits."""
    return CONTEXT.ldexp(mpf(size), -80 if CONTEXT.prec == PRECISION else -600)


def local_slope(
    f: Callable[[Number], Number], h: Number, guess: Number = None, tolerance: Number = ZERO, size: Number = 0.0
) -> Slope:
    """Return the slope of ``f`` at 0.

    Args:
        f: Maps a distance from the point to an exact value.
        h: The largest step.
        guess: The expected slope. If it is confirmed to ``tolerance``, no other steps are tried.
        tolerance: See ``guess``.
        size: Size of the intermediate results of ``f``, which are rounded to the precision.
    """
    here = f(ZERO)
    right, left = [(f(h) - here) / h], [(here - f(-h)) / h]
    if guess is not None and isfinite(guess) and abs(right[0] - left[0]) <= 1e-9 * max(abs(right[0]), abs(left[0])):
        middle = (right[0] + left[0]) / 2
        if abs(middle - guess) <= tolerance:
            return Slope(SMOOTH, middle, middle)
    steps = [h, h / RATIO, h / RATIO**2]
    right += [(f(step) - here) / step for step in steps[1:]]
    left += [(here - f(-step)) / step for step in steps[1:]]
    noise = rounding([here, f(h), f(-h), size]) / steps[2]
    finite = [all(map(isfinite, side)) for side in (left, right)]
    if not any(finite):
        return Slope(NONE, CONTEXT.nan, CONTEXT.nan, why="f has no finite values next to this point")
    if not all(finite):
        return _edge(right if finite[1] else left, "right" if finite[1] else "left", noise)
    middle = [(a + b) / 2 for a, b in zip(left, right, strict=True)]
    apart = [a - b for a, b in zip(left, right, strict=True)]
    if converges(left, noise) and converges(right, noise):
        if abs(apart[2]) <= SHRINKS * abs(apart[1]) + noise:
            error = abs(middle[2] - middle[1]) + noise
            if guess and error > max(1e-15 * abs(middle[2]), tolerance):
                return Slope(NONE, middle[2], middle[2], error, LOST)
            return Slope(SMOOTH, middle[2], middle[2], error)
        error = max(abs(right[2] - right[1]), abs(left[2] - left[1])) + noise
        why = f"a kink: the derivative is {shown(left[2])} from the left and {shown(right[2])} from the right"
        return Slope(KINK, left[2], right[2], error, why)
    beside = [_beside(f, steps, side) for side in (-1, 1)]
    if all(abs(near - far) <= 1e-6 * max(abs(near), abs(far)) + RATIO * noise for near, far in beside):
        (low, _), (high, _) = beside
        error = max(abs(near - far) for near, far in beside) + noise
        why = f"a jump; the slopes are {shown(low)} from the left and {shown(high)} from the right"
        return Slope(JUMP, low, high, error, why)
    return _steep([max(abs(a), abs(b)) for a, b in zip(left, right, strict=True)], left[2], right[2])


def _beside(f: Callable[[Number], Number], steps: list[Number], side: int) -> tuple[Number, Number]:
    """Return two slopes strictly on one side of the point: a near one and one further away."""
    far, middle, near = (f(side * step) for step in steps)
    return (middle - near) / (steps[1] - steps[2]) * side, (far - middle) / (steps[0] - steps[1]) * side


def _edge(slopes: list[Number], side: str, noise: Number) -> Slope:
    if not converges(slopes, noise):
        slope = _steep(list(map(abs, slopes)), *((slopes[2], CONTEXT.nan) if side == "left" else (CONTEXT.nan, slopes[2])))
        slope.why += f"; f is defined only on the {side}"
        return slope
    why = f"f is defined only on the {side}, where the derivative is {shown(slopes[2])}"
    return Slope(EDGE, slopes[2], slopes[2], abs(slopes[2] - slopes[1]) + noise, why)


def _steep(sizes: list[Number], left: Number, right: Number, order: int = 1) -> Slope:
    """Return the slope where differences do not converge. An oscillation of fixed height grows as fast as the step shrinks.

    For second differences, it grows as fast as the square of the step shrinks.
    """
    if sizes[0] < sizes[1] < sizes[2] < 0.8 * RATIO**order * sizes[1]:
        return Slope(INFINITE, left, right, CONTEXT.inf, "the slope of f is infinite at this point")
    return Slope(NONE, left, right, CONTEXT.inf, "the differences do not converge: f is too rough at this point")


def converges(slopes: list[Number], noise: Number) -> bool:
    """Return whether three slopes from decreasing steps approach a limit."""
    first, second = abs(slopes[1] - slopes[0]), abs(slopes[2] - slopes[1])
    return bool(second <= SHRINKS * first + noise)


def rounding(values: list[Number]) -> Number:
    """Return a bound on the rounding error of a difference of these values, in the current precision.

    The bound leaves room for intermediate results inside a custom operation, which may be 2**12 times as large.
    """
    return max([abs(value) for value in values if isfinite(value)], default=ZERO) * CONTEXT.ldexp(1, 20 - CONTEXT.prec)


# ---- second derivatives ------------------------------------------------------------------------------------------------


def second_slope(
    f: Callable[..., Number], h: Number, k: Number | None, guess: Number | None, tolerance: Number, size: float = 0.0
) -> Slope:
    """Return the second derivative of ``f`` at 0, as a Slope.

    Args:
        f: Maps one distance from the point, or two, to an exact value.
        h: The largest step.
        k: The step of the second distance of a mixed derivative; None for the second derivative along one distance.
        guess, tolerance, size: See ``local_slope``. If the guess is None, the difference over a smaller step is used.
    """
    difference: Any = _second if k is None else _mixed
    steps = [(h / RATIO**level, None if k is None else k / RATIO**level) for level in range(3)]
    found = [difference(f, *steps[0])]
    if guess is None:
        guess = difference(f, *steps[1])
        tolerance = 1e-9 * abs(guess)
    if isfinite(guess) and abs(found[0] - guess) <= tolerance:
        return Slope(SMOOTH, found[0], found[0])
    found += [difference(f, *step) for step in steps[1:]]
    noise = 4 * rounding([size, f(h) if k is None else f(h, k)]) / (h * (h if k is None else k)) * RATIO**4
    if not all(map(isfinite, found)):
        return Slope(NONE, found[2], found[2], why="f has no finite values next to this point")
    if k is None:
        sides = [[_second_beside(f, side * step) for step, _ in steps] for side in (-1, 1)]
    else:  # strictly inside the four quadrants, close to either axis: a kink may be along a diagonal
        quadrants = [(s * a, t * b) for s in (-1, 1) for t in (-1, 1) for a, b in ((1, 2.0**-20), (2.0**-20, 1))]
        sides = [[_mixed_beside(f, a * h / RATIO**level, b * k / RATIO**level) for level in range(3)] for a, b in quadrants]
    each_converges = all(isfinite(side[2]) and converges(side, noise * 2**20) for side in sides)
    apart = [max(side[level] for side in sides) - min(side[level] for side in sides) for level in range(3)]
    is_jump = not converges(found, noise)  # of the first derivative
    if not is_jump and each_converges and apart[2] <= SHRINKS * apart[1] + noise * 2**20:
        return Slope(SMOOTH, found[2], found[2], abs(found[2] - found[1]) + noise)
    if not each_converges:  # the differences may still be 0, because f is symmetric
        return _steep([max(abs(side[level]) for side in sides) for level in range(3)], found[2], found[2], order=2)
    low, high = min(side[2] for side in sides), max(side[2] for side in sides)
    error = max(abs(side[2] - side[1]) for side in sides) + noise
    why = f"a kink: the second derivative is {shown(low)} on one side and {shown(high)} on another"
    return Slope(JUMP if is_jump else KINK, low, high, error, why)


def _second(f: Callable[..., Number], h: Number, _: None) -> Number:
    return (f(h) - 2 * f(ZERO) + f(-h)) / h**2


def _mixed(f: Callable[..., Number], h: Number, k: Number) -> Number:
    return (f(h, k) - f(h, -k) - f(-h, k) + f(-h, -k)) / (4 * h * k)


def _second_beside(f: Callable[..., Number], h: Number) -> Number:
    return (f(h) - 2 * f(2 * h) + f(3 * h)) / h**2


def _mixed_beside(f: Callable[..., Number], h: Number, k: Number) -> Number:
    return (f(2 * h, 2 * k) - f(2 * h, k) - f(h, 2 * k) + f(h, k)) / (h * k)
