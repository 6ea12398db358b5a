"""The error of a float in units in the last place."""

from __future__ import annotations

import math
import sys
from typing import Any

import mpmath

MAX_FLOAT = sys.float_info.max


def ulps(computed: float, exact: Any, size: float = 0.0) -> float:
    """Return the distance between a float and an mpmath number, in units in the last place of the mpmath number.

    The error of a correctly rounded result is at most 0.5. Beyond the largest float, the unit of the largest float
    applies, and inf counts as 2**1024, the first power of two that does not fit. If ``size`` is larger than the exact
    number, the unit is that of ``size``.
    """
    exact = mpmath.mpf(exact)
    if mpmath.isnan(exact):
        return 0.0 if math.isnan(computed) else math.inf
    if math.isnan(computed):
        return math.inf
    clamped = min(max(exact, -(mpmath.mpf(2) ** 1024)), mpmath.mpf(2) ** 1024)
    number = mpmath.mpf(2) ** 1024 * (1 if computed > 0 else -1) if math.isinf(computed) else mpmath.mpf(computed)
    unit = math.ulp(min(max(float(abs(clamped)), size), MAX_FLOAT))
    return float(abs(number - clamped) / unit)
