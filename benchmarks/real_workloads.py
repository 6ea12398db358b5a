"""Gradients, Jacobians and Hessians from statistics, vision, finance and robotics, compared with other libraries.

    python benchmarks/real_workloads.py [--save] [--quick] [--rounds N]      (skips peers that are not installed)

Each implementation is written as users of its library write it: with scalars in ours, XAD and CasADi, and with arrays in
others. The modules in ``benchmarks/workloads/`` have the code and the publications.
"""

from __future__ import annotations

import functools
import statistics
import sys
import time
from collections.abc import Callable, Mapping
from typing import Any

from report import Report
from timing import Seconds, digits, duration, ratio, side_by_side
from workloads.arm import arm
from workloads.black_scholes import black_scholes_gradient, black_scholes_hessian
from workloads.bundle_adjustment import bundle_adjustment
from workloads.gmm import gmm
from workloads.heston import heston
from workloads.lstm import lstm
from workloads.rosenbrock50 import rosenbrock50
from workloads.workload import OURS, Workload, assert_results_agree

# Target: our speed relative to a peer, by workload and peer.
TARGETS = {
    ("GMM d2 K5", "JAX"): 1.0,
    ("GMM d10 K25", "JAX"): 1.0,
    ("GMM d32 K25", "JAX"): 1.0,
    ("Bundle adjustment", "JAX"): 1.0,
    ("LSTM l2 c100 b14", "PyTorch"): 1.0,
    ("Heston Monte Carlo", "JAX"): 1.0,
    ("Heston Monte Carlo", "PyTorch"): 1.0,
    ("Arm kinematics", "JAX"): 1.0,
    ("Arm kinematics", "CasADi, C"): 1.0,
    ("Black-Scholes Hessian", "JAX"): 1.0,
    ("Black-Scholes Hessian", "CasADi, C"): 1.0,
    ("Black-Scholes gradient", "JAX"): 0.65,
    ("Rosenbrock-50", "JAX"): 0.5,
    ("Rosenbrock-50", "CasADi"): 0.5,
}


def workloads(quick: bool) -> list[Callable[[], Workload]]:
    """Return functions that make the workloads: with the published sizes, or with small sizes."""
    if quick:
        return [
            functools.partial(gmm, 20, 2, 3), functools.partial(bundle_adjustment, 3, 20, 50), functools.partial(lstm, 2, 4, 3),
            functools.partial(heston, 50, 3), functools.partial(arm, 20), functools.partial(black_scholes_hessian, 20),
            functools.partial(black_scholes_gradient, 20), rosenbrock50,
        ]  # fmt: skip
    return [
        *(functools.partial(gmm, 1000, d, components) for d, components in ((2, 5), (10, 25), (32, 25))),
        functools.partial(bundle_adjustment, 49, 7776, 31_843), functools.partial(lstm, 2, 100, 14),
        functools.partial(heston, 20_000, 52), functools.partial(arm, 10_000),
        *(functools.partial(make, 100_000) for make in (black_scholes_hessian, black_scholes_gradient)), rosenbrock50,
    ]  # fmt: skip


def prepare(workload: Workload) -> tuple[dict[str, Callable[[], Any]], dict[str, float], dict[str, str]]:
    """Return the installed implementations, the seconds of their first call with recording and compiling, and why others miss.

    Raises:
        AssertionError: If two implementations have different results.
    """
    runs, first, results, missing = {}, {}, {}, {}
    for name, factory in workload.factories.items():
        start = time.perf_counter()
        try:
            implementation = factory()
            result = implementation.run()
        except (ImportError, OSError) as error:
            missing[name] = str(error).splitlines()[0]
            continue
        first[name] = time.perf_counter() - start
        runs[name], results[name] = implementation.run, implementation.read(result)
    assert_results_agree(workload.results, results)
    return runs, first, missing


def take_slow(runs: dict[str, Callable[[], Any]], limit: float = 1.0) -> Seconds:
    """Remove the implementations that take longer than ``limit`` seconds, and return the time of one call of each."""
    slow: Seconds = {}
    for name, run in list(runs.items()):
        start = time.perf_counter()
        run()
        elapsed = time.perf_counter() - start
        if elapsed > limit and name != OURS:
            slow[name] = [elapsed]
            del runs[name]
    return slow


def add_times(report: Report, seconds: Seconds, first: Mapping[str, float]) -> None:
    """Add the table of a workload, and a line that lists the libraries that are faster than ours."""
    rows = []
    for name, times in seconds.items():
        speed = "" if name == OURS else f"{digits(ratio(seconds, name, OURS))}x"
        row = [name, duration(statistics.median(times)), duration(min(times)), str(len(times)), duration(first[name]), speed]
        rows.append(row)
    report.table(["", "median", "least", "repeats", "first call", "ratio"], rows)
    faster = [name for name in seconds if not name.startswith(OURS) and ratio(seconds, name, OURS) < 1]
    if faster:
        report.say(f"Faster than ours: {', '.join(faster)}.\n")


def add_summary(report: Report, found: Mapping[str, Seconds]) -> None:
    """Add a table of all ratios, the targets, and a plot."""
    peers = list(dict.fromkeys(name for seconds in found.values() for name in seconds if not name.startswith(OURS)))
    report.say("## Summary\n\nOur time, and the time of others divided by ours. Under 1x, the other library is faster.\n")
    rows = []
    for workload, seconds in found.items():
        ratios = [f"{digits(ratio(seconds, name, OURS))}x" if name in seconds else "" for name in peers]
        rows.append([workload, duration(statistics.median(seconds[OURS])), *ratios])
    report.table(["", OURS, *peers], rows)
    for (workload, name), wanted in TARGETS.items():
        stretch = name == "CasADi, C"
        report.target(f"{workload} against {name}", ratio(found.get(workload, {}), name, OURS), wanted, stretch)

    def draw(axes: Any) -> None:
        axes.axvline(1.0, color="black", linewidth=0.8)
        for name in peers:
            places = [(ratio(found[workload], name, OURS), i) for i, workload in enumerate(found) if name in found[workload]]
            axes.plot(*zip(*places), "o", label=name)
        axes.set_yticks(range(len(found)), list(found))
        axes.invert_yaxis()
        axes.set(xscale="log", xlabel="time of the other library divided by ours (left of the line it is faster)")
        axes.grid(axis="x", alpha=0.3)
        axes.legend(fontsize=7, loc="center left", bbox_to_anchor=(1.0, 0.5))

    report.plot(draw, "the time of other libraries divided by ours, for each workload", (8.0, 3.6))


def main() -> int:
    """Check that all implementations agree, then measure."""
    report = Report("real_workloads", "Workloads from statistics, vision, finance and robotics", rounds=7)
    report.say("Every implementation runs on one thread in float64, and all agree on all results to 9 digits. The first call")
    report.say("includes tracing and compiling. The ratio is the time of a library divided by the time of ours.\n")
    found: dict[str, Seconds] = {}
    for make in workloads(report.quick):
        workload = make()
        runs, first, missing = prepare(workload)
        slow = {} if report.quick else take_slow(runs)
        rounds, turn = (1, 0.0) if report.quick else (report.counts["rounds"], 0.2)
        seconds = side_by_side(runs, rounds, turn) | slow
        found[workload.name] = seconds
        report.say(f"## {workload.name}\n\n{workload.text}.\n")
        add_times(report, seconds, first)
        for name, reason in missing.items():
            report.say(f"Without {name}: {reason}\n")
    add_summary(report, found)
    return report.finish()


if __name__ == "__main__":
    sys.exit(main())
