"""The verdict on a stated derivative, from a measurement in floating-point arithmetic."""

from __future__ import annotations

import math

from autograd.checking.differences import measure
from autograd.checking.noise import noise_level

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    from autograd.checking.differences import Measurement

    Checked: TypeAlias = tuple[str, str, Measurement]

AGREES, ONE_SIDED, ROUNDED, WRONG, INCONCLUSIVE = "agrees", "one-sided", "rounded", "WRONG", "inconclusive"
PRECISE = 1e-3  # largest relative error of a measured derivative that confirms a stated one
RELATIVE = 2.0**-40  # a stated derivative has this relative error at least
DOUBT = 3.0  # a derivative is WRONG if it differs by this multiple of the possible error


def check(g: Callable[[float], float], x: float, stated: float, partial: Callable[[float], float]) -> Checked:
    """Return the verdict on ``stated``, the derivative of ``g`` at ``x``, its reason, and the measurement.

    Args:
        g: The function.
        x: The point.
        stated: The stated derivative there.
        partial: The stated derivative as a function of the same input. It is called only if its own noise matters.

    >>> check(math.sin, 0.5, math.cos(0.5), math.cos)[:2]
    ('agrees', '')
    """
    found = measure(g, x)
    verdict, why = decide(found, stated)
    if verdict in (WRONG, INCONCLUSIVE) and found.kind == "smooth" and math.isfinite(stated):
        verdict, why = decide(found, stated, noise_level(partial, x))
    return verdict, why, found


def decide(found: Measurement, stated: float, stated_noise: float = 0.0) -> tuple[str, str]:
    """Return the verdict on a stated derivative, and its reason.

    Args:
        found: The measurement.
        stated: The stated derivative.
        stated_noise: ``noise_level`` of the stated derivative as a function of the same input.

    >>> decide(measure(lambda x: x * x, 3.0), 6.0), decide(measure(lambda x: x * x, 3.0), -6.0)
    (('agrees', ''), ('WRONG', ''))
    >>> decide(measure(abs, 0.0), 0.0)
    ('one-sided', 'a kink: the derivative is -1 from the left and 1 from the right')
    """
    if found.kind == "none":
        return INCONCLUSIVE, found.why
    if not math.isfinite(stated):
        return _decide_not_finite(found, stated)
    smooth = found.kind == "smooth"
    sides = [slope for slope in (found.left, found.right) if not math.isnan(slope)]
    apart = max(min(sides) - stated, stated - max(sides), 0.0)  # distance from the slopes and the numbers between them
    size = max(abs(number) for number in (stated, *sides) if math.isfinite(number))
    slack = found.error + RELATIVE * size + min(16 * stated_noise, math.inf if smooth else PRECISE * size)
    is_small = found.error <= PRECISE * found.slope
    is_precise = slack <= PRECISE * max(abs(stated), abs(found.value)) or (stated == 0 and (is_small or found.value == 0))
    is_flat = found.flat > 0 and (stated == 0 or found.value == 0)
    zero = f"both are 0 in relation to the slopes nearby ({found.slope:.1g})"
    hidden = f"f changes by less than its noise of {found.noise:.1g}; nothing contradicts {stated:.3g}"
    noisy = f"the stated derivative has a noise of {stated_noise:.1g}"
    stairs = f"f looks constant within {found.flat:.1g}, which may be rounding"
    steep = found.kind == "infinite" or (found.kind == "jump" and abs(stated) > 1e6 * (1 + found.slope))
    # These two need many values of f.
    fitting = [pair for pair in (found.over_stairs if apart > slack else []) if abs(pair[0] - stated) <= pair[1] + slack]
    is_unstable = apart > DOUBT * slack and not fitting and not found.is_stable
    # The first row that holds gives the verdict.
    table = [
        (apart <= slack and not smooth, ONE_SIDED, _where(found)),
        (steep, INCONCLUSIVE, f"{_where(found)}; a slope of {stated:.6g} cannot be excluded"),
        (apart <= slack and (is_precise or stated == found.value), AGREES, ""),
        (apart <= slack, ROUNDED, zero if is_small else hidden if found.error > slack / 2 else noisy),
        (is_flat, INCONCLUSIVE, stairs),
        (
            _fits_another(found, stated, slack),
            INCONCLUSIVE,
            "the slopes over short and long steps differ, and one of them fits",
        ),
        (bool(fitting), INCONCLUSIVE, f"f has stairs, which may be rounding; its slope over them is {_most_precise(fitting)}"),
        (apart <= DOUBT * slack, INCONCLUSIVE, f"the difference is hardly larger than the possible error, {slack:.1g}"),
        (
            is_unstable or (smooth and found.support < 2),
            INCONCLUSIVE,
            "differences at other steps do not confirm this estimate",
        ),
        (True, WRONG, "" if smooth else _where(found)),
    ]
    return next((verdict, why) for holds, verdict, why in table if holds)


def _decide_not_finite(found: Measurement, stated: float) -> tuple[str, str]:
    """Return the verdict on a stated derivative that is infinite or nan."""
    if stated in (found.left, found.right):
        return (AGREES if found.left == found.right else ONE_SIDED), _where(found)
    if found.kind == "smooth" and found.error <= PRECISE * abs(found.value) and found.support >= 2 and not found.others:
        return WRONG, f"the stated derivative is {stated}, but f has a finite derivative"
    return INCONCLUSIVE, f"the stated derivative is {stated}, and the differences do not converge"


def _fits_another(found: Measurement, stated: float, slack: float) -> bool:
    """Return whether estimates from longer steps, which contradict the finer ones, agree with the stated derivative."""
    return sum(abs(value - stated) <= error + slack for value, error in found.others) >= 2


def _most_precise(slopes: list[tuple[float, float]]) -> str:
    """Describe the slope with the smallest error."""
    value, error = min(slopes, key=lambda pair: pair[1], default=(math.nan, math.inf))
    return f"{value:.2g} within {error:.1g}"


def _where(found: Measurement) -> str:
    """Describe the slopes on both sides."""
    left, right = found.left, found.right
    if math.isnan(left) or math.isnan(right):
        side, slope = ("right", right) if math.isnan(left) else ("left", left)
        return f"f is defined only on the {side}, where the derivative is {slope:.6g}"
    slopes = f"{left:.6g} from the left and {right:.6g} from the right"
    names = {"jump": "a jump; the slopes are", "infinite": "f is infinitely steep: the derivative is"}
    return f"{names.get(found.kind, 'a kink: the derivative is')} {slopes}"
