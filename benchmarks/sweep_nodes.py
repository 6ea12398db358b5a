"""Cost by number of nodes: a chain in eager mode up to ten million nodes, and programs by number of nodes and of lanes.

    python benchmarks/sweep_nodes.py

The only peer is plain Python. The others either recurse or have no scalar nodes.
"""

from __future__ import annotations

import itertools
import os
import random
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

from moons_problem import Problem
from moons_scalar import mlp_model, row_loss
from plain_value import Value as PlainValue
from report import Report
from timing import digits, duration, side_by_side

import autograd

NODES = [10**3, 10**4, 10**5, 10**6, 10**7]
PROGRAMS = [10**3, 10**4, 10**5, 10**6, 10**7]
RECORDING = 1_500  # maximum number of bytes per node that recording needs
LANES = [1, 2, 4, 8, 16, 32, 64, 100, 104, 256, 1024, 4096]


def phases(Value: Callable[[float], Any], nodes: int) -> list[float]:  # noqa: N803 - a class
    """Return the nanoseconds per node to build a chain, to backpropagate and to free it: medians of several runs."""
    runs: list[tuple[float, ...]] = []
    for _ in range(max(3, min(30, 300_000 // nodes))):
        x = Value(1 - 1e-9)
        times = [time.perf_counter()]
        y = x
        for _ in range(nodes // 2):
            y = y * x + 0.001
        times.append(time.perf_counter())
        y.backward()
        times.append(time.perf_counter())
        del y
        times.append(time.perf_counter())
        runs.append(tuple(1e9 * (after - before) / nodes for before, after in itertools.pairwise(times)))
    return [statistics.median(run[phase] for run in runs) for phase in range(3)]


def chain_loss(nodes: int) -> Callable[[Any], Any]:
    """Return a function of one number that is recorded as ``nodes`` operations."""

    def loss(x: Any) -> Any:
        y = 0.3 * x  # from here, numbers and derivatives neither grow nor vanish; subnormal numbers would be slow
        for _ in range(nodes // 2):
            y = (x - y).relu()
        return y

    return loss


def main() -> int:
    """Print the tables, and whether the cost is linear."""
    report = Report("sweep_nodes", "Cost by number of nodes and of lanes")
    rows: list[list[str]] = []
    curves: dict[str, dict[int, float]] = {}
    values: dict[str, Callable[[float], Any]] = {"plain Python": PlainValue, "Value": autograd.Value}
    for name, Value in values.items():  # noqa: N806 - a class
        nodes = [100, 1000] if report.quick else NODES if name == "Value" else NODES[:-1]
        found = {n: phases(Value, n) for n in nodes}
        rows += [[name, f"{n:,}", *map(digits, times), digits(sum(times))] for n, times in found.items()]
        curves[name] = {n: sum(times) for n, times in found.items()}
    report.say("Eager: a chain `y = y * x + 0.001` in a Python loop; nanoseconds per node.\n")
    report.table(["", "nodes", "build", "backward", "free", "total"], rows)
    report.lines(curves, "nodes", "ns per node, total", "a chain: build, backward, free")
    if not report.quick:
        growth = curves["Value"][10**7] / curves["Value"][10**6]
        report.target("cost per node for 10 million nodes, relative to a million", growth, 1.5, at_most="times")
    by_lanes(report)
    by_nodes(report)
    return report.finish()


def by_lanes(report: Report) -> None:
    """Time the moons program, replayed for an increasing number of rows."""
    import numpy as np

    problem = Problem(8 if report.quick else max(LANES))
    parameters, score = mlp_model(problem)
    X, y = np.array(problem.X), np.array(problem.y, dtype=float)
    step = autograd.compile(row_loss(parameters, score), threads=1)
    program = step.program(X, y)
    counts = [1, 8] if report.quick else LANES
    functions = {str(n): (lambda X=X[:n], y=y[:n]: step.backward(X, y, reduce="mean")) for n in counts}
    seconds = side_by_side(functions, 1 if report.quick else 5, 0.0 if report.quick else 0.05)
    medians = {n: statistics.median(seconds[str(n)]) for n in counts}
    report.say(f"\nReplay by lanes: the loss of the moons step, {len(program):,} instructions, {program.nbytes:,} bytes.\n")
    report.table(["lanes", "per call", "per lane"], [[f"{n:,}", duration(t), duration(t / n)] for n, t in medians.items()])
    curve = {n: 1e6 * median / n for n, median in medians.items()}
    report.lines({"the moons step": curve}, "lanes", "us per lane", "replay: cost per row, by number of rows")


def by_nodes(report: Report) -> None:
    """Time recording and replaying programs with an increasing number of instructions, for 64 rows."""
    import numpy as np

    rng = random.Random(0)
    X = np.array([rng.uniform(0.9, 1.1) for _ in range(64)])
    rows, costs = [], {}
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_AVPHYS_PAGES") if hasattr(os, "sysconf") else 0
    for nodes in [100, 1000] if report.quick else PROGRAMS:
        if nodes > 10**6 and RECORDING * nodes > memory:
            report.say(f"{nodes:,} nodes are skipped: recording them needs {RECORDING * nodes:,} bytes of memory.\n")
            continue
        step = autograd.compile(chain_loss(nodes), threads=1)
        start = time.perf_counter()
        step.backward(X, reduce="mean")
        recording = time.perf_counter() - start
        (times,) = side_by_side({"": lambda: step.backward(X, reduce="mean")}, 1 if report.quick else 3, 0.05).values()  # noqa: B023
        replay = statistics.median(times)
        each = costs[nodes] = 1e9 * replay / nodes / len(X)
        instructions = f"{len(step.program(X)):,}"
        rows.append([f"{nodes:,}", instructions, duration(recording), duration(replay), digits(each)])
    report.say("Replay by nodes: a chain `y = (x - y).relu()` for 64 rows, forward and backward.\n")
    report.table(["nodes", "instructions", "first call", "per call", "ns per node and lane"], rows)
    if 10**7 in costs:
        growth = costs[10**7] / costs[10**4]
        report.target("replay cost per node for 10 million nodes, relative to 10,000", growth, 1.5, at_most="times")


if __name__ == "__main__":
    sys.exit(main())
