"""Decide whether a stated derivative of a function of one number is right. ``judge`` returns the verdict and its reasons.

No single numerical estimate is trusted. Large steps may straddle a kink or miss an oscillation, and small steps suffer from
rounding. Therefore estimates from many initial steps are compared with the stated derivative and with each other:

    judge                       collect estimates, and stop early if the first estimates are conclusive
    _decide                     choose the estimates that can be trusted
    _check_sides                at a kink, a jump or the edge of the domain: compare with the one-sided slopes
    _decide_contradiction       the best estimate contradicts the stated derivative: WRONG or inconclusive

The verdict WRONG comes from ``_decide_contradiction``; from ``_compare_with_sides`` if the derivative is outside the one-sided
slopes; and from ``_decide_not_finite`` if it is infinite or nan where f has a derivative.

The thresholds are tuned, not derived. They were tuned on random compositions of the operations, at points in all parts of
their domains, with correct derivatives and with planted errors. When in doubt, the verdict is inconclusive. About 1 in 5,000
correct derivatives was called WRONG: if the derivative itself is a rounding error (the second derivative of
``cbrt(x) - cbrt(x)`` evaluates to 1e-18), or if a staircase is so fine that it looks like a slope (``floor(x)`` at 1e20).
"""

from __future__ import annotations

import math

from autograd.checking.ridders import Estimate, Samples, central, one_sided, slope_change, starting_steps

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from autograd.checking.differences import Measurement

AGREES = "agrees"  # equal to the numerical derivative, to the digits reported
ONE_SIDED = "one-sided"  # no derivative exists, but the stated number is a one-sided derivative or between the two
NEGLIGIBLE = "negligible"  # both are 0 to within rounding, or in relation to the slopes nearby
WRONG = "WRONG"
INCONCLUSIVE = "inconclusive"  # the numerical derivative is not reliable enough to decide

TINY = 1e-6  # if f is constant only within this fraction of x, the reason may be rounding


class Finding:
    """A verdict and its reasons.

    Args:
        verdict: ``"agrees"``, ``"one-sided"``, ``"negligible"``, ``"WRONG"`` or ``"inconclusive"``.
        estimate: The numerical derivative, or None.
        why: An explanation, or "".

    Attributes:
        numeric: The numerical derivative, or nan.
        error: Bound on its error.
        step: A step whose central difference shows the numerical derivative.
    """

    def __init__(self, verdict: str, estimate: Estimate | Measurement | None = None, why: str = "") -> None:
        self.verdict: str = verdict
        self.numeric: float = estimate.value if estimate else math.nan
        self.error: float = estimate.error if estimate else math.inf
        self.step: float = estimate.step if estimate else math.nan
        self.why: str = why


# ---- the verdict -----------------------------------------------------------------------------------------------------


def judge(f: Callable[[float], float], x: float, stated: float) -> Finding:
    """Compare ``stated`` with the derivative of ``f`` at ``x``.

    >>> judge(lambda x: x * x, 3.0, 6.0).verdict, judge(lambda x: x * x, 3.0, -6.0).verdict
    ('agrees', 'WRONG')
    >>> judge(abs, 0.0, 0.0).why
    'a kink: the derivative is -1 from the left and 1 from the right'
    """
    if not math.isfinite(x):
        return Finding(INCONCLUSIVE, why=f"no finite numbers are near {x}")
    samples = Samples(f, x)
    if not math.isfinite(samples.at(0.0)):
        return Finding(INCONCLUSIVE, why=f"f is {samples.at(0.0)} at this point")
    estimates: list[Estimate] = []
    for count, start in enumerate(starting_steps(x)):
        estimate = central(samples, start)
        if estimate is not None:
            estimates.append(estimate)
        if count in (1, 3) and _is_clear(samples, estimates, stated, is_last=count == 3):
            return _agreement(min(estimates, key=_error), stated)
    return _decide(samples, estimates, stated)


def _is_clear(samples: Samples, estimates: list[Estimate], stated: float, is_last: bool) -> bool:
    """Return whether the first estimates confirm ``stated`` beyond doubt. If they do, no other steps are tried."""
    if len(estimates) < 2:
        return False
    if is_last and stated == 0 and all(estimate.spread == 0 for estimate in estimates):
        return True
    precise = [estimate for estimate in estimates if estimate.is_informative(0.0, digits=8)]
    return (
        len(precise) >= 2
        and all(estimate.allows(stated) for estimate in estimates if estimate.is_informative(stated))
        and not _has_kink(samples, min(precise, key=lambda estimate: estimate.step))
    )


def _decide(samples: Samples, estimates: list[Estimate], stated: float) -> Finding:
    """Return the verdict based on all estimates."""
    informative = _informative_estimates(samples, estimates, stated)
    if not math.isfinite(stated):
        return _decide_not_finite(samples, informative, stated)
    best = _best_estimate(informative)
    agreeing = [e for e in informative if e.allows(stated) and not (best and _are_consistent(e, best))]
    if best is not None and best.allows(stated):
        trusted: Estimate | None = best
    else:  # trust a coarser estimate only if the best one is rough and the coarser one is far more precise
        is_rough = best is not None and best.spread > 16
        precise = [e for e in agreeing if is_rough and best and e.error < 1e-3 * best.error]
        trusted = min(precise, key=_error, default=None)
    if trusted is not None and not _has_kink(samples, trusted) and not _has_jump(samples, informative):
        return _agreement(trusted, stated)
    finding = _check_sides(samples, informative, stated)
    if finding is not None:
        return finding
    if trusted is not None:
        return _agreement(trusted, stated)
    if best is None:
        return _decide_without_information(samples, estimates, stated)
    return _decide_contradiction(samples, estimates, informative, agreeing, best, stated)


def _agreement(estimate: Estimate, stated: float) -> Finding:
    """Return the verdict for an estimate that allows the stated derivative."""
    if stated == 0 or estimate.error <= 1e-3 * max(abs(stated), abs(estimate.value)):
        return Finding(AGREES, estimate)
    return Finding(NEGLIGIBLE, estimate, f"both are 0 in relation to the slopes nearby ({estimate.slope:.1g})")


def _decide_contradiction(
    samples: Samples,
    estimates: list[Estimate],
    informative: list[Estimate],
    agreeing: list[Estimate],
    best: Estimate,
    stated: float,
) -> Finding:
    """Return the verdict if the best estimate contradicts the stated derivative: WRONG unless there is a reason to doubt."""
    if any(not math.isfinite(value) for step, value in samples.known.items() if abs(step) < best.step):
        return Finding(INCONCLUSIVE, best, f"f is not finite at some points closer than {best.step:.1g}")
    near_kink = _has_kink_nearby(samples, stated)
    confirming = [estimate for estimate in informative if estimate is not best and _are_consistent(best, estimate)]
    if confirming and not near_kink and _is_conclusive(best, samples, estimates):
        return Finding(WRONG, best)
    if agreeing:
        coarse = min(agreeing, key=_error)
        why = f"the slope is {best.value:.6g} over a distance of {best.step:.1g} and {coarse.value:.6g} over {coarse.step:.1g}"
        return Finding(INCONCLUSIVE, coarse, why)
    finer = [estimate for estimate in informative if estimate.step < best.step and estimate.allows(stated)]
    if finer and best.error > 1e-3 * abs(best.value):  # the best estimate is precise only in relation to distant slopes
        return _agreement(min(finer, key=_error), stated)
    if any(e.spread == 0 and e.is_informative(best.value) and e.allows(stated) for e in estimates):
        return Finding(INCONCLUSIVE, best, "f is constant near x, which may be due to rounding or a narrow step")
    if near_kink:
        return Finding(INCONCLUSIVE, best, "f has a kink too close to x to tell the two sides apart")
    if confirming or all(_are_consistent(best, estimate) for estimate in estimates):
        return Finding(WRONG, best)
    return Finding(INCONCLUSIVE, best, "differences at other steps contradict this estimate")


def _decide_not_finite(samples: Samples, informative: list[Estimate], stated: float) -> Finding:
    """Return the verdict for a stated derivative that is infinite or nan."""
    best = _best_estimate(informative)
    if (
        best is not None
        and abs(best.value) < 1e100
        and slope_change(samples, best.step / 1024) <= 1000 * abs(best.value) + best.error
    ):
        return Finding(WRONG, best, f"the stated derivative is {stated}, but f has a finite derivative")
    return Finding(INCONCLUSIVE, why=f"the stated derivative is {stated}, and the differences do not converge")


def _decide_without_information(samples: Samples, estimates: list[Estimate], stated: float) -> Finding:
    """Return the verdict if no estimate is informative."""
    here, x = abs(samples.at(0.0)), abs(samples.x)
    faint = [e for e in estimates if e.reach >= 2.0**-9 * x and (e.spread <= 16 or e.error * x <= 1e-9 * here)]
    if faint:
        best = min(faint, key=_error)
        if stated == 0 and all(estimate.spread == 0 for estimate in estimates):
            return Finding(AGREES, best)
        if best.allows(stated):
            why = f"f is nearly constant within {best.reach:.1g}, and {stated:.3g} is too small to be measured"
            return Finding(NEGLIGIBLE, best, why)
    if not estimates:
        return Finding(INCONCLUSIVE, why="f has too few finite values near this point")
    why = "the differences do not converge: f is too rough, or its changes are lost in rounding"
    return Finding(INCONCLUSIVE, min(estimates, key=_error), why)


# ---- kinks, jumps and edges of the domain ------------------------------------------------------------------------------


def _check_sides(samples: Samples, informative: list[Estimate], stated: float) -> Finding | None:
    """Return the verdict at a kink, a jump or the edge of the domain, or None if x is none of these."""
    found = [[one_sided(samples, start, side) for start in starting_steps(samples.x)] for side in (-1, 1)]
    sides = [[estimate for estimate in estimates if estimate is not None] for estimates in found]
    scale = max([0.0, *(abs(e.value) for estimates in sides for e in estimates if e.is_informative(0.0))])
    left, right = (_slope(samples, estimates, scale) for estimates in sides)
    if left is None or right is None:
        return None if informative else _check_edge(samples, left, right, stated)
    if stated and not any(side.is_informative(max(scale, abs(stated))) for side in (left, right)):
        return None
    slopes = f"{left.value:.6g} from the left and {right.value:.6g} from the right"
    if _has_jump(samples, informative):
        finding = _compare_with_sides(left, right, stated, f"a jump; the slopes are {slopes}")
        return finding if finding.verdict == ONE_SIDED else Finding(INCONCLUSIVE, left, finding.why)
    steepest = max(abs(left.value), abs(right.value))
    apart = abs(right.value - left.value)
    if apart <= 10 * (left.error + right.error) or apart <= 1e-4 * steepest:
        return None
    if _is_erratic(samples, left, steepest) or _is_erratic(samples, right, steepest):
        return None
    return _compare_with_sides(left, right, stated, f"a kink: the derivative is {slopes}")


def _check_edge(samples: Samples, left: Estimate | None, right: Estimate | None, stated: float) -> Finding | None:
    """Return the verdict if f is defined on one side of x only, or None if x is not at the edge of the domain."""
    only, name = (left, "left") if right is None else (right, "right")
    if only is None or not any(math.isnan(value) for value in samples.known.values()):
        return None
    near, far = (abs(samples.at(h if only is right else -h) - samples.at(0.0)) for h in (only.step / 64, only.step))
    if near > far / 4 and near > 16 * math.ulp(max(near, abs(samples.at(0.0)))):
        return None  # the slope does not begin at x
    why = f"f is defined only on the {name}, where the derivative is {only.value:.6g}"
    return _compare_with_sides(only, only, stated, why)


def _compare_with_sides(left: Estimate, right: Estimate, stated: float, why: str) -> Finding:
    """Return ``"one-sided"`` if the stated derivative is one of the slopes or lies between them, else ``"WRONG"``."""
    low, high = sorted((left, right), key=lambda estimate: estimate.value)
    if low.value - low.error <= stated <= high.value + high.error:
        nearest = min((left, right), key=lambda estimate: abs(estimate.value - stated))
        return Finding(ONE_SIDED, nearest, why)
    return Finding(WRONG, low if stated < low.value else high, why)


def _slope(samples: Samples, estimates: list[Estimate], scale: float) -> Estimate | None:
    """Return the slope on one side, from the smallest informative steps. Where f is constant on that side, it is 0."""
    near = abs(samples.x) or 1.0
    informative = [e for e in estimates if e.is_informative(scale, digits=2)]
    return _best_estimate(informative or [e for e in estimates if e.spread == 0 and e.reach <= near])


def _has_kink(samples: Samples, estimate: Estimate) -> bool:
    """Return whether the slopes left and right of x approach each other more slowly than h, as they do at a kink."""
    return slope_change(samples, estimate.reach / 64) > slope_change(samples, estimate.reach) / 8


def _has_kink_nearby(samples: Samples, stated: float) -> bool:
    """Return whether the slopes at a small distance left and right of x differ, and ``stated`` lies between them."""
    h = math.ldexp(1.0, math.frexp(samples.x)[1] - 25) if samples.x else 2.0**-24
    here = samples.at(0.0)
    low, high = sorted([(here - samples.at(-h)) / h, (samples.at(h) - here) / h])
    error = 4 * math.ulp(here) / h
    return high - low > 0.1 * max(abs(low), abs(high)) + 2 * error and low - error <= stated <= high + error


def _has_jump(samples: Samples, informative: list[Estimate]) -> bool:
    """Return whether f changes as much over a small step as over a large one, both smaller than the informative steps."""
    here = samples.at(0.0)
    size = math.ldexp(1.0, math.frexp(samples.x)[1] - 1) if samples.x else 1.0
    for h in sorted({scale * part for scale in (size, max(size, 1.0)) for part in (2.0**-28, 2.0**-16)}):
        if any(estimate.step <= h for estimate in informative):
            break
        for side in (-1, 1):
            rises = [abs(samples.at(side * step) - here) for step in (h / 16, h, 16 * h, 64 * h)]
            if min(rises[:2]) > max(rises) / 4 and rises[0] > 16 * math.ulp(max(abs(here), rises[0])):
                return True
    return False


# ---- which estimates to trust ------------------------------------------------------------------------------------------


def _informative_estimates(samples: Samples, estimates: list[Estimate], stated: float) -> list[Estimate]:
    """Return the informative estimates: in relation to ``stated`` where f is nearly constant, else to each other."""
    scale = max([0.0, *(abs(estimate.value) for estimate in estimates if estimate.is_informative(0.0))])
    sizes = [max(scale, abs(stated)) if e.spread <= 16 and math.isfinite(stated) else scale for e in estimates]
    pairs = zip(estimates, sizes, strict=True)
    informative = [e for e, size in pairs if e.is_informative(size) and not _is_erratic(samples, e, e.slope)]
    if any(estimate.spread for estimate in informative):
        informative = [e for e in informative if e.spread or e.step > TINY * abs(samples.x)]
    return informative


def _best_estimate(informative: list[Estimate]) -> Estimate | None:
    """Return the estimate with the smallest steps, or a more precise one with larger steps that is consistent with it."""
    best: Estimate | None = None
    for estimate in sorted(informative, key=lambda estimate: estimate.step):
        if best is None or (_are_consistent(best, estimate) and estimate.error < best.error):
            best = estimate
    return best


def _are_consistent(one: Estimate, other: Estimate) -> bool:
    return abs(one.value - other.value) <= one.error + other.error


def _error(estimate: Estimate) -> float:
    return estimate.error


def _is_conclusive(best: Estimate, samples: Samples, estimates: list[Estimate]) -> bool:
    """Return whether the estimate is so precise and so close to x that no estimate from further away can refute it.

    ``abs`` at 1 looks constant over steps of 1e6. A staircase looks like a slope from afar, but has flat parts close to x.
    """
    is_precise = best.error <= 1e-6 * abs(best.value)
    is_staircase = any(estimate.spread == 0 and estimate.step < best.step for estimate in estimates)
    return is_precise and best.step <= abs(samples.x) and not is_staircase


def _is_erratic(samples: Samples, estimate: Estimate, slope: float) -> bool:
    """Return whether f oscillates between the points that the estimate uses, for example a sine over long steps."""
    h = max(estimate.step / 1024, 2 * math.ulp(samples.x))
    slopes = [abs(samples.at(i * h) - samples.at(0.0)) / abs(i * h) for i in (-7, -3, -1, 1, 3, 7)]
    neighbours = max(abs(samples.at(i * math.ulp(samples.x)) - samples.at(0.0)) for i in (-5, -2, 2, 5))
    if estimate.step > 1e4 * math.ulp(samples.x) and neighbours > 0.01 * estimate.reach * max(abs(estimate.value), slope):
        return True
    return max(slopes) > 10 * max(abs(estimate.value), slope) + 100 * estimate.error
