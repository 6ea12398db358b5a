"""Where to try a function of floats: Hypothesis strategies that reach every part of an interval."""

from __future__ import annotations

import math

from hypothesis import strategies as st

MIN_EXPONENT, MAX_EXPONENT = -1022, 1023  # of normal floats


def floats_between(low: float, high: float) -> st.SearchStrategy[float]:
    """Normal floats strictly between two numbers, which may be infinite.

    Four ways to choose one, as no single way reaches all of what matters: Hypothesis' own favourites, sizes evenly
    distributed over all exponents, numbers as people write them, and numbers very close to the ends, to 0 and to 1.
    """
    inside = (lambda x: low < x < high) if math.isfinite(low) or math.isfinite(high) else math.isfinite
    own = st.floats(low, high, exclude_min=True, exclude_max=True, allow_nan=False, allow_subnormal=False)
    signs = st.sampled_from([s for s in (-1.0, 1.0) if inside(s * 0.75) or inside(s * 1.5)])
    fractions = st.floats(1.0, 2.0, exclude_max=True)
    any_size = st.builds(_times_power, signs, fractions, st.integers(MIN_EXPONENT, MAX_EXPONENT)).filter(inside)
    everyday = st.floats(max(low, -40.0), min(high, 40.0), allow_subnormal=False).filter(inside)
    ends = st.sampled_from([end for end in (low, high, 0.0, 1.0, -1.0) if math.isfinite(end)])
    close = st.builds(_beside, ends, st.sampled_from([-1.0, 1.0]), fractions, st.integers(-52, -1)).filter(inside)
    return st.one_of(everyday, own, any_size, close)


def _times_power(sign: float, fraction: float, exponent: int) -> float:
    return sign * math.ldexp(fraction, exponent)


def _beside(end: float, sign: float, fraction: float, exponent: int) -> float:
    return end + sign * math.ldexp(fraction, exponent)
