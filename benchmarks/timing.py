"""Times several ways of doing the same thing side by side.

The ways take turns, so that a slow moment of the machine meets all of them; medians and quartiles are reported, and
ratios rather than times are what a run on another machine can be compared by.
"""

from __future__ import annotations

import gc
import math
import os
import statistics
import time
from collections.abc import Callable, Mapping, Sequence

Seconds = dict[str, list[float]]  # of one call of each way, once a round


def pin_to_one_core() -> None:
    """Stay on one core, where the system can do that; libraries that are loaded afterwards start no more threads."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[name] = "1"
    os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"


def let_numpy_choose() -> None:
    """Take away settings that make NumPy's matrix products slower than they are by themselves; before it is imported."""
    for name in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"):
        os.environ.pop(name, None)


def side_by_side(ways: Mapping[str, Callable[[], object]], rounds: int = 9, turn: float = 0.3) -> Seconds:
    """Seconds per call of each way, once a round.

    In its turn a way is called once unmeasured, so that it finds its own data in the caches rather than its
    neighbour's, and then again and again for ``turn`` seconds, at least once; the mean of those calls is one repeat.
    """
    seconds: Seconds = {name: [] for name in ways}
    gc.collect()
    gc.freeze()  # So that Python's garbage collector, when a way sets it off, looks only at what that way has made.
    try:
        for _ in range(rounds):
            for name, way in ways.items():
                gc.collect()
                way()
                calls = 0
                start = now = time.perf_counter()
                while now - start < turn or not calls:
                    way()
                    calls += 1
                    now = time.perf_counter()
                seconds[name].append((now - start) / calls)
    finally:
        gc.unfreeze()
    return seconds


def ratio(seconds: Seconds, slow: str, fast: str) -> float:
    """How many times as long ``slow`` takes as ``fast``: the median of the rounds; nan if one of them was not measured.

    Not the ratio of the medians: within a round the machine is the same for both, in another it may be busy for both.
    """
    if slow not in seconds or fast not in seconds:
        return math.nan
    return statistics.median(a / b for a, b in zip(seconds[slow], seconds[fast]))


def quartiles(times: Sequence[float]) -> tuple[float, float]:
    """The first and the third quartile; of a single time, that time."""
    low, _, high = statistics.quantiles(times, n=4) if len(times) > 1 else (times[0],) * 3
    return low, high


def duration(seconds: float) -> str:
    """Three digits, in the unit that suits: ``"12.3 us"``."""
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("us", 1e-6)):
        if seconds >= size:
            return f"{digits(seconds / size)} {unit}"
    return f"{digits(seconds * 1e9)} ns"


def digits(number: float) -> str:
    """Three digits, or all before the point: ``"0.0123"``, ``"12,345"``."""
    if not number or not math.isfinite(number):
        return str(number)
    return f"{number:,.{max(0, 2 - math.floor(math.log10(abs(number)))):d}f}"
