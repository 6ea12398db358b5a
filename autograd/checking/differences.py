"""Numerical derivatives of a function of one float, from differences of its values. Their error is measured, not assumed.

A difference quotient has two errors. The truncation error decreases with the step h; the error from the noise of f, such as
rounding, increases as 1/h. ``measure`` measures the noise (``noise.py``) and scans the steps from fine to coarse. A coarser
estimate may sharpen a finer one, but it never outweighs a finer one that is reliable: near x, f may have a kink or an
oscillation that long steps do not see.

Names used in this file
    h, step     distance from x
    side        +1 or -1: right or left of x
    row         the estimates of one step h, from the values at h, h/2 and h/4
"""

from __future__ import annotations

import functools
import itertools
import math

from autograd.checking.noise import (
    Samples,
    distances,
    flat_part,
    largest_nearby,
    largest_rounding,
    measured_noise,
    rounding_unit,
    stairs,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

RATIO = 2.0  # ratio of the steps within a row
SAFETY = 3.0  # the largest error of a value, in units of the measured noise (a standard deviation)
SINGLE = 2.0**-22  # more than the distance of two numbers of single precision, relative to their size
DENSE = 2.0**-10  # stairs on both sides within this distance, relative to x or 1, may be rounding, however high they are
OTHER_STEPS = (0.59, 0.71, 0.83, 0.94)  # relative to the step of an estimate that they must confirm
FINER_STEPS = (0.047, 0.061, 0.083)
INFORMATIVE = 0.05  # largest relative error of an estimate that coarser ones may not outweigh


class Measurement:
    """The measured derivative of a function at a point.

    Attributes:
        value: The derivative. The mean of the one-sided slopes at a kink, a jump or an edge; nan if nothing is known.
        error: Bound on the error of ``value``, or of the slopes.
        kind: ``"smooth"``, ``"kink"``, ``"jump"``, ``"infinite"`` (slope), or ``"none"`` (nothing is known).
        left, right: Slopes on either side. One is nan where f is defined on the other side only.
        noise: Size of the irregular part of the values of f, such as rounding.
        step: A step whose difference quotient shows the derivative, or nan.
        slope: Largest slope nearby, in relation to which a derivative of 0 is judged.
        support: Number of steps whose estimates agree.
        others: Precise estimates from coarser steps that contradict ``value``, as pairs ``(value, error)``.
        flat: Distance within which f is constant or unknown, although it changes beyond, perhaps by rounding; else 0.
        why: The reason if ``kind`` is ``"none"``, else "".
        samples: The values of f that were computed.
    """

    def __init__(self, kind: str, value: float = math.nan, error: float = math.inf, why: str = "") -> None:
        self.kind: str = kind
        self.value: float = value
        self.error: float = error
        self.left: float = value
        self.right: float = value
        self.noise: float = 0.0
        self.step: float = math.nan
        self.slope: float = 0.0
        self.support: int = 0
        self.others: list[tuple[float, float]] = []
        self.flat: float = 0.0
        self.why: str = why
        self.samples: Samples | None = None

    @functools.cached_property
    def over_stairs(self) -> list[tuple[float, float]]:
        """The slopes of f over stairs that may be rounding inside f, as pairs ``(value, error)``. Measured when used."""
        return [] if self.samples is None else _over_stairs(self.samples, self.value, self.noise)

    @functools.cached_property
    def is_stable(self) -> bool:
        """Whether estimates from other steps confirm ``value``. Measured when used."""
        return self.kind != "smooth" or self.samples is None or _is_stable(self.samples, self)

    def __repr__(self) -> str:
        return f"{self.kind}: {self.value:.9g} within {self.error:.2g}, left {self.left:.6g}, right {self.right:.6g}"


# ---- one step ----------------------------------------------------------------------------------------------------------


class Row:
    """Estimates from the values at the distances h, h/2 and h/4 from x, on both sides or on one.

    Attributes:
        h: The largest of the three steps.
        noise: Bound on the error of a value.
        value, error: The extrapolated derivative, and a bound on its error.
        slopes: Difference quotients of the three steps, h first.
        bends: Differences between the slopes right and left of x, of the three steps.
        slope: Largest slope on either side.
    """

    def __init__(self, h: float, noise: float, slopes: Sequence[float], bends: Sequence[float], order: int) -> None:
        self.h: float = h
        self.noise: float = noise
        self.slopes: Sequence[float] = slopes
        self.bends: Sequence[float] = bends
        self.slope: float = max(map(abs, [*slopes, *(bend / 2 for bend in bends)]))
        self.value, truncation = _extrapolate(slopes, order)
        rounding = 2 * noise / (h / RATIO**2)  # the weights of the slopes in the result add up to less than 2
        self.error: float = truncation + rounding + 4 * math.ulp(self.value) + math.ulp(0.0) * (1 + 1 / h)

    @property
    def is_informative(self) -> bool:
        """Return whether the error is small in relation to the slopes."""
        return self.error <= INFORMATIVE * self.slope

    def agrees(self, other: Row) -> bool:
        """Return whether the two estimates are equal to within their errors."""
        return abs(self.value - other.value) <= self.error + other.error

    def contradicts(self, coarser: Row) -> bool:
        """Return whether the estimates differ although this one is precise enough, so that ``coarser`` is not trusted."""
        return not self.agrees(coarser) and self.error <= INFORMATIVE * max(self.slope, coarser.slope)


def _extrapolate(slopes: Sequence[float], order: int) -> tuple[float, float]:
    """Extrapolate three difference quotients to h = 0 (Richardson). Return the result and a bound on its truncation error.

    The slopes have errors that are power series in ``h**order``: order 2 for central differences, 1 for one-sided ones. The
    result is more precise than its predecessors, so a fraction of their differences bounds its error. The fraction of the
    second difference counts where the first one is small by accident.
    """
    coarse, middle, fine = slopes
    weight = RATIO**order
    first = middle + (middle - coarse) / (weight - 1)
    second = fine + (fine - middle) / (weight - 1)
    third = second + (second - first) / (weight**2 - 1)
    if abs(fine - middle) <= abs(middle - coarse) / 2:
        return third, abs(second - first) / 8 + abs(fine - middle) / 1024
    return fine, abs(fine - middle) + abs(middle - coarse)  # no convergence


def _central_row(samples: Samples, h: float, noise: float) -> Row | None:
    """Return the row of central differences. None if x + h rounds to x, or f is not finite there."""
    slopes, bends, largest = [], [], 0.0
    here = samples.at(samples.x)
    for part in (h, h / RATIO, h / RATIO**2):
        step = abs(samples.x + math.copysign(part, samples.x) - samples.x)  # x + step and x - step are exact
        if step == 0:
            return None
        high, low = samples.at(samples.x + step), samples.at(samples.x - step)
        slopes.append((high - low) / step / 2 if abs(high) < 1e307 else (high / 2 - low / 2) / step)
        bends.append((high - here) / step - (here - low) / step)
        largest = max(largest, abs(high), abs(low))
    if not all(map(math.isfinite, [*slopes, *bends, largest])):
        return None
    return Row(h, SAFETY * max(noise, _rounding(samples, max(largest, abs(here)))), slopes, bends, 2)


def _rounding(samples: Samples, value: float) -> float:
    """Return the largest rounding error of a value of f."""
    return max(value * samples.unit, math.ulp(0.0)) / 2


def _side_row(samples: Samples, h: float, noise: float, side: int) -> Row | None:
    """Return the row of slopes strictly on one side of x, so that a jump at x has no influence."""
    values, slopes = [], []
    points = [samples.x + side * h / RATIO**k for k in range(4)]
    for far, near in itertools.pairwise(points):
        if far == near or near == samples.x:
            return None
        values += [samples.at(far), samples.at(near)]
        slopes.append((values[-2] - values[-1]) / (far - near))
    if not all(map(math.isfinite, [*slopes, *values])):
        return None
    noise = SAFETY * max(noise, _rounding(samples, max(map(abs, values))))
    return Row(h, 8 * noise, slopes, [0.0] * 3, 1)  # each slope is over a part of h


# ---- all steps -----------------------------------------------------------------------------------------------------------


def measure(g: Callable[[float], float], x: float) -> Measurement:
    """Measure the derivative of ``g`` at ``x`` from values of ``g``.

    Where ``g`` raises ArithmeticError or ValueError, its value is nan.

    >>> measure(lambda x: x * x, 3.0).kind, abs(measure(lambda x: x * x, 3.0).value - 6) < 1e-9
    ('smooth', True)
    >>> found = measure(abs, 0.0)
    >>> found.kind, round(found.left, 6), round(found.right, 6)
    ('kink', -1.0, 1.0)
    """
    if not math.isfinite(x):
        return Measurement("none", why=f"no finite numbers are near {x}")
    samples = Samples(g, x)
    here = samples.at(x)
    if not math.isfinite(here):
        return Measurement("none", why=f"f is {here} at this point")
    noise = measured_noise(samples)
    flat, stair = flat_part(samples)
    samples.unit = rounding_unit(samples)
    if flat:
        noise = min(max(noise, stair / 4), stair)
    is_staircase = flat > 0 and stair > largest_rounding(samples)
    if is_staircase:  # f is constant near x; slopes beyond are kept in `others`
        others = _scan(samples, noise)[0]
        rows, noise = _scan(samples, 0.0, flat)[0], 0.0
    else:
        rows, others = _scan(samples, noise)
        coarse = [row.h for row in others if row.h <= samples.reach]  # beyond, larger values have larger rounding errors
        heights = [min(stairs(samples, h, noise, side) for side in (-1, 1)) for h in coarse]
        if (hidden := max((height for height in heights if height <= largest_rounding(samples)), default=0.0)) > noise:
            fine = _agreeing(rows)[1]
            rows, others = _scan(samples, noise := hidden)
            others += [fine] * 2 if fine else []  # in case the stairs are not rounding
    found = _classify(samples, rows, bool(others), noise)
    found.noise = max(noise, _rounding(samples, abs(here)))
    found.others = [(row.value, row.error) for row in others if row.error <= INFORMATIVE * abs(row.value)]
    found.samples = samples
    if not is_staircase and stair > 8 * math.ulp(here) and samples.unit == math.ulp(1.0):
        found.flat = flat
    if found.value == 0 and flat <= SINGLE * abs(x):
        found.flat = flat  # f may round its argument to single precision
    if math.ulp(x) >= 1:
        found.flat = math.ulp(x)  # f may change between two floats
    if flat and found.value == 0:  # changes may be lost in the rounding of numbers as large as 1
        found.error += min(8 * samples.unit / flat, math.sqrt(samples.unit))
    return found


def _scan(samples: Samples, noise: float, longest: float = math.inf) -> tuple[list[Row], list[Row]]:
    """Return the rows that agree with the finest informative ones, and the coarser rows that contradict them."""
    rows: list[Row] = []
    others: list[Row] = []
    best: Row | None = None
    worse, steepest, longest_flat = 0, 0.0, max(1.0, math.ldexp(abs(samples.x), -40))
    for h in distances(samples.x):
        row = _central_row(samples, h, noise) if h <= longest else None
        if row is None:
            continue
        if others or (best is not None and best.contradicts(row)):
            others.append(row)
            if len(others) == 8:
                break
            continue
        if row.is_informative:
            if row.slope < steepest / 4:
                break  # f has turned, or is saturated: it does not look the same from here
            steepest = max(steepest, row.slope)
        if h > longest_flat and not (row.is_informative and (h <= samples.reach or abs(row.value) > 4 * row.error)):
            continue  # f may be saturated, or change by less than its rounding
        rows.append(row)
        if best is None or not best.agrees(row) or row.error < best.error:
            best, worse = row, 0
        else:
            worse += 1
            if worse == 4 and best.error <= 1e-9 * best.slope:
                break
    return rows, others


def _agreeing(rows: Sequence[Row]) -> tuple[list[Row], Row | None]:
    """Return the rows, from fine to coarse, up to the first that contradicts a finer one, and the most precise of them."""
    best: Row | None = None
    for k, row in enumerate(rows):
        if best is not None and best.contradicts(row):
            return list(rows[:k]), best
        if best is None or row.error < best.error or not best.agrees(row):
            best = row
    return list(rows), best


# ---- doubts ------------------------------------------------------------------------------------------------------------


def _over_stairs(samples: Samples, value: float, noise: float) -> list[tuple[float, float]]:
    """Return the slopes of f over its stairs, with their errors, if f has stairs on both sides that may be rounding.

    Inside ``(1 - cos(x)) / x**2``, the cosine of a small x is rounded to a stair, on which f is a multiple of ``1 / x**2``. The
    steps within the stair agree on its slope. It has nothing to do with the derivative, which only longer steps can show.
    """
    steps = []
    for h in distances(samples.x):
        slope = (samples.at(samples.x + h) - samples.at(samples.x - h)) / h / 2
        if h <= samples.reach and not abs(slope - value) <= max(abs(slope), abs(value)) / 4 + SAFETY * noise / h:
            steps.append(h)
    steps = [*steps[:8], *steps[8 :: len(steps) // 8 + 1]]
    sides = [{h: stairs(samples, h, noise, side, value) for h in steps} for side in (-1, 1)]
    is_dense = all(any(side[h] > 0 for h in steps if h <= DENSE * samples.reach) for side in sides)
    found = []
    for longest in (abs(samples.x), samples.reach):  # beyond |x|, f may be different, for example because of a pole at 0
        stair = min(max((side[h] for h in steps if h <= longest), default=0.0) for side in sides)
        if 0 < stair < math.inf and (is_dense or stair <= largest_nearby(samples) / 2):
            best = _agreeing([row for row in _scan(samples, stair)[0] if row.h <= longest])[1]
            found += [(best.value, best.error)] if best else []
    return found


def _is_stable(samples: Samples, found: Measurement) -> bool:
    """Return whether rows of other steps confirm the estimate. Three slopes of an oscillation may agree by accident.

    The finer ones must also approach the same slope on both sides. The mean of both is 0 for any even function.
    """
    rows = [_central_row(samples, RATIO * found.step * factor, found.noise) for factor in (1.0, *OTHER_STEPS, *FINER_STEPS)]
    complete = [row for row in rows if row is not None]
    first, *others = complete
    if len(complete) < len(rows) or not all(abs(row.value - found.value) <= row.error + found.error for row in others):
        return False
    bend = abs(first.bends[0])
    return all(abs(row.bends[0]) <= bend / 2 + 4 * (row.noise + first.noise) / row.h for row in others[len(OTHER_STEPS) :])


# ---- kinks, jumps and edges ----------------------------------------------------------------------------------------------


def _classify(samples: Samples, rows: list[Row], is_contradicted: bool, noise: float) -> Measurement:
    """Return the measurement that follows from the rows."""
    kind = _kind(rows)
    if kind != "smooth":
        return _sides(samples, noise, kind)
    best = _agreeing(rows)[1]
    if best is None:
        return _edge(samples, noise)
    if not best.is_informative:
        best.error = max(best.error, 4 * best.noise)
        if not is_contradicted and noise > largest_rounding(samples):
            return Measurement(
                "none", why="the differences do not converge: f is too rough, or its changes are lost in rounding"
            )
    found = Measurement("smooth", best.value, best.error)
    found.step, found.slope = best.h / RATIO, best.slope
    found.support = sum(row.agrees(best) for row in rows if row.error <= 100 * best.error or row.is_informative)
    return found


def _kind(rows: list[Row]) -> str:
    """Return the kind of point that the growth of the slopes shows, at the two finest steps at which noise does not hide it."""
    kinds: list[str] = []
    for row in rows:
        visible = 4 * row.noise / (row.h / RATIO**2)
        bends, slopes = row.bends, row.slopes
        is_bent = abs(bends[2]) > visible
        if not is_bent and not abs(slopes[2] - slopes[1]) > visible:
            continue
        bend = _growth(bends) if is_bent else None
        slope = _growth(slopes) if abs(slopes[2] - slopes[1]) > visible else None
        fastest = max((growth for growth in (bend, slope) if growth is not None), key=min)
        # The exponent of 1/h: 1 at a jump, 0 at a kink, -1 where f is smooth, and in between where f is a power of |x|.
        if all(abs(growth - 1) < 0.15 for growth in fastest):
            kinds.append("jump")
        elif min(fastest) > 0.15:
            kinds.append("infinite")
        elif bend is not None and all(abs(growth) < 0.15 for growth in bend):
            kinds.append("kink")
        else:
            kinds.append("smooth")
        if len(kinds) == 2:
            break
    return kinds[0] if len(kinds) == 2 and kinds[0] == kinds[1] else "smooth"


def _growth(numbers: Sequence[float]) -> list[float]:
    """Return the exponents with which three numbers grow as h decreases."""
    sizes = [abs(number) or math.ulp(0.0) for number in numbers]
    ratios = [fine / coarse or math.ulp(0.0) for coarse, fine in itertools.pairwise(sizes)]
    return [math.log(ratio, RATIO) for ratio in ratios]


def _side(samples: Samples, noise: float, side: int) -> tuple[float, float, float]:
    """Return the slope on one side, its error and its step; an infinite slope if it grows as h decreases."""
    found = (_side_row(samples, h, noise, side) for h in distances(samples.x))
    rows, best = _agreeing([row for row in found if row is not None])
    if best is None:
        return math.nan, math.inf, math.nan
    if _kind(rows) in ("infinite", "jump"):
        return math.copysign(math.inf, rows[0].value), 0.0, best.h
    return best.value, best.error, best.h


def _sides(samples: Samples, noise: float, kind: str) -> Measurement:
    """Return the measurement at a kink, a jump or an infinite slope."""
    (left, left_error, step), (right, right_error, _) = (_side(samples, noise, side) for side in (-1, 1))
    if math.isinf(left) or math.isinf(right):
        kind = "infinite"
    elif kind == "infinite" or math.isnan(left + right):
        return Measurement("none", why="the differences do not converge")
    found = Measurement(kind, left / 2 + right / 2, max(left_error, right_error))
    found.left, found.right, found.step, found.support = left, right, step, 2
    found.slope = max(abs(left), abs(right))
    return found


def _edge(samples: Samples, noise: float) -> Measurement:
    """Return the measurement if f is defined on one side of x only."""
    for side in (-1, 1):
        beyond = samples.at(math.nextafter(samples.x, -side * math.inf))
        value, error, step = _side(samples, noise, side)
        if math.isnan(beyond) and not math.isnan(value):
            found = Measurement("infinite" if math.isinf(value) else "kink", value, error)
            found.left, found.right = (value, math.nan) if side < 0 else (math.nan, value)
            found.step, found.slope, found.support = step, abs(value), 2
            return found
    return Measurement("none", why="f has too few finite values near this point")
