"""How far a float is from the exact number, in units of its last place."""

from __future__ import annotations

import math
import sys
from typing import Any

import mpmath

MAX_FLOAT = sys.float_info.max


def ulps(computed: float, exact: Any) -> float:
    """The distance between a float and a number of mpmath, in units in the last place of the latter.

    A correctly rounded result is at most 0.5 away. Beyond the largest float the unit is the last one below it, and inf
    stands for the first number that does not fit any more.
    """
    exact = mpmath.mpf(exact)
    if mpmath.isnan(exact):
        return 0.0 if math.isnan(computed) else math.inf
    if math.isnan(computed):
        return math.inf
    clamped = min(max(exact, -(mpmath.mpf(2) ** 1024)), mpmath.mpf(2) ** 1024)
    number = mpmath.mpf(2) ** 1024 * (1 if computed > 0 else -1) if math.isinf(computed) else mpmath.mpf(computed)
    unit = math.ulp(min(float(abs(clamped)), MAX_FLOAT))
    return float(abs(number - clamped) / unit)
