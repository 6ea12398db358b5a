"""Times several ways of doing the same thing side by side.

The ways take turns, so that a slow moment of the machine meets all of them; medians and quartiles are reported, and
ratios rather than times are what a run on another machine can be compared by.
"""

from __future__ import annotations

import gc
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable, Mapping


def pin_to_one_core() -> None:
    """Stay on one core, where the system can do that."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def describe_machine() -> str:
    """One line: Python, processor, system."""
    processor = platform.processor() or platform.machine()
    try:
        with open("/proc/cpuinfo") as file:
            processor = next(line.split(":")[1].strip() for line in file if line.startswith("model name"))
    except (OSError, StopIteration):
        pass
    return f"Python {platform.python_version()}, {processor}, {platform.system()}"


def side_by_side(ways: Mapping[str, Callable[[], object]], rounds: int = 9, turn: float = 0.3) -> dict[str, list[float]]:
    """Seconds per call of each way, once a round.

    In its turn a way is called once unmeasured, so that it finds its own data in the caches rather than its
    neighbour's, and then again and again for ``turn`` seconds, at least once; the mean of those calls is one repeat.
    """
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, way in ways.items():
            gc.collect()
            way()
            calls = 0
            start = now = time.perf_counter()
            while now - start < turn:
                way()
                calls += 1
                now = time.perf_counter()
            seconds[name].append((now - start) / calls)
    return seconds


def table(seconds: dict[str, list[float]], baseline: str) -> str:
    """Median, quartiles, number of repeats, and how many times as fast as ``baseline`` each way is."""
    reference = statistics.median(seconds[baseline])
    width = max(map(len, seconds))
    lines = [f"{'':{width}}  {'median':>10}  {'quartiles':>21}  repeats  {'speed':>8}"]
    for name, times in seconds.items():
        low, _, high = statistics.quantiles(times, n=4) if len(times) > 1 else (times[0],) * 3
        median = statistics.median(times)
        lines.append(
            f"{name:{width}}  {median * 1e3:7.2f} ms  {low * 1e3:7.2f} .. {high * 1e3:7.2f} ms  {len(times):7}  "
            f"{reference / median:7.1f}x"
        )
    return "\n".join(lines)


def ratio(seconds: dict[str, list[float]], slow: str, fast: str) -> float:
    """How many times as long ``slow`` takes as ``fast``, by medians."""
    return statistics.median(seconds[slow]) / statistics.median(seconds[fast])


def check(name: str, measured: float, wanted: float) -> bool:
    """Print one line on whether a ratio is reached."""
    reached = measured >= wanted
    print(f"{'reached' if reached else 'MISSED ':8} {name}: {measured:.1f}x (wanted: {wanted:g}x)", file=sys.stdout)
    return reached
