"""Whether a stated derivative is that of a function of one number: a verdict, and what it rests on.

No single estimate is believed. Large steps may straddle a kink or miss an oscillation, small ones drown in rounding; so
estimates from many starting steps are compared with what was stated and with each other.

The thresholds below are tuned, not derived: on random compositions of the table's rows, at points all over their domains,
with right derivatives and with planted wrong ones. In doubt they say inconclusive. A right derivative was called WRONG about
once in 5,000: where it is itself the rest of a cancellation (the second derivative of ``cbrt(x) - cbrt(x)`` comes out as
1e-18), or where stairs are so fine that among floats they are a slope (``floor(x)`` at 1e20).
"""

from __future__ import annotations

import math

from autograd.checking.ridders import Estimate, Samples, bend, central, one_sided, starting_steps

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

AGREES = "agrees"  # with the numerical derivative, to the digits reported
ONE_SIDED = "one-sided"  # no derivative here, but the stated one is (or lies between) those from the left and the right
NEGLIGIBLE = "negligible"  # both are 0 as far as can be seen: in relation to rounding, or to how f bends nearby
WRONG = "WRONG"
INCONCLUSIVE = "inconclusive"  # the numerical derivative is worth nothing

TINY = 1e-6  # where f is flat for less than this part of x, it may be so by rounding alone


class Finding:
    """A verdict and its grounds.

    Attributes:
        verdict: ``"agrees"``, ``"one-sided"``, ``"negligible"``, ``"WRONG"`` or ``"inconclusive"``.
        numeric: the numerical derivative; nan if there is none.
        error: how far off that may be.
        step: a step whose central difference shows it.
        why: what there is to say about it, or "".
    """

    def __init__(self, verdict: str, estimate: Estimate | None = None, why: str = "") -> None:
        self.verdict = verdict
        self.numeric = estimate.value if estimate else math.nan
        self.error = estimate.error if estimate else math.inf
        self.step = estimate.step if estimate else math.nan
        self.why = why


def judge(f: Callable[[float], float], x: float, stated: float) -> Finding:
    """Compare ``stated`` with the derivative of ``f`` at ``x``.

    >>> judge(lambda x: x * x, 3.0, 6.0).verdict, judge(lambda x: x * x, 3.0, -6.0).verdict
    ('agrees', 'WRONG')
    >>> judge(abs, 0.0, 0.0).why
    'a kink: the derivative is -1 from the left and 1 from the right'
    """
    if not math.isfinite(x):
        return Finding(INCONCLUSIVE, why=f"there are no numbers around {x}")
    samples = Samples(f, x)
    if not math.isfinite(samples.at(0.0)):
        return Finding(INCONCLUSIVE, why=f"f is {samples.at(0.0)} at this point")
    estimates: list[Estimate] = []
    for count, start in enumerate(starting_steps(x)):
        estimate = central(samples, start)
        if estimate is not None:
            estimates.append(estimate)
        if count in (1, 3) and _is_plain(samples, estimates, stated, everywhere=count == 3):
            return _agreed(min(estimates, key=_error), stated)
    return _weigh(samples, estimates, stated)


def _is_plain(samples: Samples, estimates: list[Estimate], stated: float, everywhere: bool) -> bool:
    """Whether the usual steps leave no doubt; then the others are not tried."""
    if len(estimates) < 2:
        return False
    if everywhere and stated == 0 and all(estimate.spread == 0 for estimate in estimates):
        return True
    sharp = [estimate for estimate in estimates if estimate.tells(0.0, digits=8)]
    return (
        len(sharp) >= 2
        and all(estimate.allows(stated) for estimate in estimates if estimate.tells(stated))
        and not _is_bent(samples, min(sharp, key=lambda estimate: estimate.step))
    )


def _is_bent(samples: Samples, estimate: Estimate) -> bool:
    """Whether the slopes left and right of x do not come nearer to each other as they should: by half with each h."""
    return bend(samples, estimate.reach / 64) > bend(samples, estimate.reach) / 8


def _weigh(samples: Samples, estimates: list[Estimate], stated: float) -> Finding:
    """The verdict on all there is."""
    telling = _telling(samples, estimates, stated)
    if not math.isfinite(stated):
        return _not_finite(samples, telling, stated)
    limit = _limit(telling)
    right_ones = [e for e in telling if e.allows(stated) and not (limit and _are_consistent(e, limit))]
    if limit is not None and limit.allows(stated):
        trusted: Estimate | None = limit
    else:  # unless the finest ones are so rough that a coarse one outweighs them
        is_rough = limit is not None and limit.spread > 16
        sharp = [e for e in right_ones if is_rough and limit and e.error < 1e-3 * limit.error]
        trusted = min(sharp, key=_error, default=None)
    if trusted is not None and not _is_bent(samples, trusted) and not _has_jump(samples, telling):
        return _agreed(trusted, stated)
    beside = _beside(samples, telling, stated)
    if beside is not None:
        return beside
    if trusted is not None:
        return _agreed(trusted, stated)
    if limit is None:
        return _nothing_tells(samples, estimates, stated)
    return _against(samples, estimates, telling, right_ones, limit, stated)


def _against(
    samples: Samples,
    estimates: list[Estimate],
    telling: list[Estimate],
    right_ones: list[Estimate],
    limit: Estimate,
    stated: float,
) -> Finding:
    """The verdict where the best estimate is against what was stated."""
    if any(not math.isfinite(value) for step, value in samples.known.items() if abs(step) < limit.step):
        return Finding(INCONCLUSIVE, limit, f"nearer than {limit.step:.1g} f has points without a value")
    near_kink = _has_kink_nearby(samples, stated)
    seconds = [estimate for estimate in telling if estimate is not limit and _are_consistent(limit, estimate)]
    if seconds and not near_kink and _is_settled(limit, samples, estimates):
        return Finding(WRONG, limit)
    if right_ones:
        coarse = min(right_ones, key=_error)
        why = (
            f"the slope is {limit.value:.6g} over a distance of {limit.step:.1g} and {coarse.value:.6g} over {coarse.step:.1g}"
        )
        return Finding(INCONCLUSIVE, coarse, why)
    finer = [estimate for estimate in telling if estimate.step < limit.step and estimate.allows(stated)]
    if finer and limit.error > 1e-3 * abs(limit.value):  # it is sharp only in relation to slopes further away
        return _agreed(min(finer, key=_error), stated)
    if any(e.spread == 0 and e.tells(limit.value) and e.allows(stated) for e in estimates):
        return Finding(INCONCLUSIVE, limit, "next to x f is flat, which may be rounding, or the tread of a narrow stair")
    if near_kink:
        return Finding(INCONCLUSIVE, limit, "f has a kink so near that it looks as if it were here")
    is_certain = seconds or all(_are_consistent(limit, estimate) for estimate in estimates)
    if is_certain:
        return Finding(WRONG, limit)
    return Finding(INCONCLUSIVE, limit, "the differences at other steps contradict this")


def _is_settled(limit: Estimate, samples: Samples, estimates: list[Estimate]) -> bool:
    """Whether it is so sharp and so near that no estimate from further away is nearer to the truth.

    ``abs`` at 1 looks flat by steps of 1e6. A staircase, which looks like a slope, has flat treads when looked at closely.
    """
    is_sharp = limit.error <= 1e-6 * abs(limit.value)
    is_stair = any(estimate.spread == 0 and estimate.step < limit.step for estimate in estimates)
    return is_sharp and limit.step <= abs(samples.x) and not is_stair


def _is_rough(samples: Samples, estimate: Estimate, slope: float) -> bool:
    """Whether f goes up and down between the points that the estimate is made from, as a sine with too long steps."""
    h = max(estimate.step / 1024, 2 * math.ulp(samples.x))
    slopes = [abs(samples.at(i * h) - samples.at(0.0)) / abs(i * h) for i in (-7, -3, -1, 1, 3, 7)]
    neighbours = max(abs(samples.at(i * math.ulp(samples.x)) - samples.at(0.0)) for i in (-5, -2, 2, 5))
    if estimate.step > 1e4 * math.ulp(samples.x) and neighbours > 0.01 * estimate.reach * max(abs(estimate.value), slope):
        return True
    return max(slopes) > 10 * max(abs(estimate.value), slope) + 100 * estimate.error


def _agreed(estimate: Estimate, stated: float) -> Finding:
    if stated == 0 or estimate.error <= 1e-3 * max(abs(stated), abs(estimate.value)):
        return Finding(AGREES, estimate)
    return Finding(NEGLIGIBLE, estimate, f"next to the slopes nearby ({estimate.slope:.1g}) both are as good as 0")


def _limit(telling: list[Estimate]) -> Estimate | None:
    """What the finest estimate says, as sharply as a coarser one that is consistent with it does."""
    limit: Estimate | None = None
    for estimate in sorted(telling, key=lambda estimate: estimate.step):
        if limit is None or (_are_consistent(limit, estimate) and estimate.error < limit.error):
            limit = estimate
    return limit


def _are_consistent(one: Estimate, other: Estimate) -> bool:
    return abs(one.value - other.value) <= one.error + other.error


def _error(estimate: Estimate) -> float:
    return estimate.error


def _telling(samples: Samples, estimates: list[Estimate], stated: float) -> list[Estimate]:
    """The estimates that are good for something: in relation to what was stated where f is flat, else to each other."""
    scale = max([0.0, *(abs(estimate.value) for estimate in estimates if estimate.tells(0.0))])
    sizes = [max(scale, abs(stated)) if e.spread <= 16 and math.isfinite(stated) else scale for e in estimates]
    telling = [e for e, size in zip(estimates, sizes, strict=True) if e.tells(size) and not _is_rough(samples, e, e.slope)]
    if any(estimate.spread for estimate in telling):
        telling = [e for e in telling if e.spread or e.step > TINY * abs(samples.x)]
    return telling


def _not_finite(samples: Samples, telling: list[Estimate], stated: float) -> Finding:
    best = _limit(telling)
    if best is not None and abs(best.value) < 1e100 and bend(samples, best.step / 1024) <= 1000 * abs(best.value) + best.error:
        return Finding(WRONG, best, f"{stated} was stated where f has a derivative")
    return Finding(INCONCLUSIVE, why=f"the stated derivative is {stated}, and differences do not converge")


def _beside(samples: Samples, telling: list[Estimate], stated: float) -> Finding | None:
    """The verdict where f has a kink, a jump or the edge of its domain; None where it has nothing of the kind."""
    found = [[one_sided(samples, start, side) for start in starting_steps(samples.x)] for side in (-1, 1)]
    sides = [[estimate for estimate in estimates if estimate is not None] for estimates in found]
    scale = max([0.0, *(abs(e.value) for estimates in sides for e in estimates if e.tells(0.0))])
    left, right = (_slope(samples, estimates, scale) for estimates in sides)
    if left is None or right is None:
        only, name = (left, "left") if right is None else (right, "right")
        if only is None or telling or not _has_edge(samples):
            return None
        near, far = (abs(samples.at(h if only is right else -h) - samples.at(0.0)) for h in (only.step / 64, only.step))
        if near > far / 4 and near > 16 * math.ulp(max(near, abs(samples.at(0.0)))):
            return None  # a slope that begins somewhere else
        return _between(only, only, stated, f"f is defined only on the {name}, where the derivative is {only.value:.6g}")
    if stated and not any(side.tells(max(scale, abs(stated))) for side in (left, right)):
        return None
    slopes = f"{left.value:.6g} from the left and {right.value:.6g} from the right"
    if _has_jump(samples, telling):
        finding = _between(left, right, stated, f"a jump; beside it the slopes are {slopes}")
        return finding if finding.verdict == ONE_SIDED else Finding(INCONCLUSIVE, left, finding.why)
    steepest = max(abs(left.value), abs(right.value))
    apart = abs(right.value - left.value)
    if apart <= 10 * (left.error + right.error) or apart <= 1e-4 * steepest:
        return None
    if _is_rough(samples, left, steepest) or _is_rough(samples, right, steepest):
        return None
    return _between(left, right, stated, f"a kink: the derivative is {slopes}")


def _slope(samples: Samples, estimates: list[Estimate], scale: float) -> Estimate | None:
    """The slope on one side, by the smallest steps that tell anything; that of a side that is flat throughout is 0."""
    near = abs(samples.x) or 1.0
    return _limit(
        [e for e in estimates if e.tells(scale, digits=2)] or [e for e in estimates if e.spread == 0 and e.reach <= near]
    )


def _has_jump(samples: Samples, telling: list[Estimate]) -> bool:
    """Whether f rises next to x by as much in a small step as in a large one, both smaller than those that tell anything."""
    here = samples.at(0.0)
    size = math.ldexp(1.0, math.frexp(samples.x)[1] - 1) if samples.x else 1.0
    for h in sorted({scale * part for scale in (size, max(size, 1.0)) for part in (2.0**-28, 2.0**-16)}):
        if any(estimate.step <= h for estimate in telling):
            break
        for side in (-1, 1):
            rises = [abs(samples.at(side * step) - here) for step in (h / 16, h, 16 * h, 64 * h)]
            if min(rises[:2]) > max(rises) / 4 and rises[0] > 16 * math.ulp(max(abs(here), rises[0])):
                return True
    return False


def _has_kink_nearby(samples: Samples, stated: float) -> bool:
    """Whether the slopes over a short way to the left and to the right are apart, and what was stated is between them."""
    h = math.ldexp(1.0, math.frexp(samples.x)[1] - 25) if samples.x else 2.0**-24
    here = samples.at(0.0)
    low, high = sorted([(here - samples.at(-h)) / h, (samples.at(h) - here) / h])
    error = 4 * math.ulp(here) / h
    return high - low > 0.1 * max(abs(low), abs(high)) + 2 * error and low - error <= stated <= high + error


def _has_edge(samples: Samples) -> bool:
    return any(math.isnan(value) for value in samples.known.values())


def _between(left: Estimate, right: Estimate, stated: float, why: str) -> Finding:
    low, high = sorted((left, right), key=lambda estimate: estimate.value)
    if low.value - low.error <= stated <= high.value + high.error:
        nearest = min((left, right), key=lambda estimate: abs(estimate.value - stated))
        return Finding(ONE_SIDED, nearest, why)
    return Finding(WRONG, low if stated < low.value else high, why)


def _nothing_tells(samples: Samples, estimates: list[Estimate], stated: float) -> Finding:
    here, x = abs(samples.at(0.0)), abs(samples.x)
    faint = [e for e in estimates if e.reach >= 2.0**-9 * x and (e.spread <= 16 or e.error * x <= 1e-9 * here)]
    if faint:
        best = min(faint, key=_error)
        if stated == 0 and all(estimate.spread == 0 for estimate in estimates):
            return Finding(AGREES, best)
        if best.allows(stated):
            return Finding(NEGLIGIBLE, best, f"f hardly changes within {best.reach:.1g}, and {stated:.3g} is as little")
    if not estimates:
        return Finding(INCONCLUSIVE, why="f has no values near enough to this point on both sides")
    return Finding(
        INCONCLUSIVE,
        min(estimates, key=_error),
        "the differences do not converge: f is too rough, or its changes are lost in rounding",
    )
