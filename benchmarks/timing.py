"""Time several implementations of the same computation side by side.

The implementations take turns, so that a slow moment of the machine affects all of them. Medians and quartiles are reported.
Ratios, unlike times, can be compared with a run on another machine.
"""

from __future__ import annotations

import gc
import math
import os
import statistics
import time
from collections.abc import Callable, Mapping, Sequence

Seconds = dict[str, list[float]]  # seconds per call of each implementation, one entry per round


def pin_to_one_core() -> None:
    """Run on one core, if the system supports it, and set libraries that are loaded afterwards to one thread."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[name] = "1"
    os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"


def let_numpy_choose() -> None:
    """Remove settings that slow down NumPy's matrix products. Must be called before NumPy is imported."""
    for name in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"):
        os.environ.pop(name, None)


def side_by_side(functions: Mapping[str, Callable[[], object]], rounds: int = 9, turn: float = 0.3) -> Seconds:
    """Return the seconds per call of each function, one entry per round.

    In its turn, a function is first called once without measuring, so that the caches hold its data and not the data of the
    previous function. Then it is called repeatedly for ``turn`` seconds, at least once. One entry is the mean of these calls.
    """
    seconds: Seconds = {name: [] for name in functions}
    gc.collect()
    gc.freeze()  # a function that triggers Python's garbage collector then pays only for objects that it created
    try:
        for _ in range(rounds):
            for name, function in functions.items():
                gc.collect()
                function()
                calls = 0
                start = now = time.perf_counter()
                while now - start < turn or not calls:
                    function()
                    calls += 1
                    now = time.perf_counter()
                seconds[name].append((now - start) / calls)
    finally:
        gc.unfreeze()
    return seconds


def ratio(seconds: Seconds, slow: str, fast: str) -> float:
    """Return the time of ``slow`` divided by the time of ``fast``: the median over rounds, or nan without a measurement.

    The ratio of the medians would be less reliable, because the machine may be slower in one round than in another.
    """
    if slow not in seconds or fast not in seconds:
        return math.nan
    return statistics.median(a / b for a, b in zip(seconds[slow], seconds[fast]))


def quartiles(times: Sequence[float]) -> tuple[float, float]:
    """Return the first and the third quartile. For a single time, both are that time."""
    low, _, high = statistics.quantiles(times, n=4) if len(times) > 1 else (times[0],) * 3
    return low, high


def duration(seconds: float) -> str:
    """Format a time with three digits and a suitable unit: ``"12.3 us"``."""
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("us", 1e-6)):
        if seconds >= size:
            return f"{digits(seconds / size)} {unit}"
    return f"{digits(seconds * 1e9)} ns"


def digits(number: float) -> str:
    """Format a number with three digits, or with all digits before the point: ``"0.0123"``, ``"12,345"``."""
    if not number or not math.isfinite(number):
        return str(number)
    return f"{number:,.{max(0, 2 - math.floor(math.log10(abs(number)))):d}f}"
