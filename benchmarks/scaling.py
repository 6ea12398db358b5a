"""A step on workers: bytes and time, and the cost model of docs/how-to/scaling.md compared with measured steps.

    python benchmarks/scaling.py

    T = rows * t * ceil(K / W) / K + f + 2 * lat + K * (16 * P / bw + task)

with P parameters, W workers and K tasks. ``t`` is the time of a row, and ``f`` the time of a step without rows in this process.
``task`` is the time that a task costs here: pickling, queues, its answer. ``16 * P`` bytes are the parameters and the gradient.
``lat`` is the latency of the network and ``bw`` its bandwidth. On one machine, ``lat`` is 0 and ``bw`` the speed of pickling.
"""

from __future__ import annotations

import functools
import math
import multiprocessing
import os
import pickle
import statistics
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import numpy as np
from report import Report
from timing import duration, side_by_side

import autograd
import nn
from autograd import Sharded
from autograd.distribution.tasks import subtrees

TASKS = 16
WORKERS = 2
NETWORK = {"lat": 1e-3, "bw": 1e9 / 8 * 10, "task": 1e-3}  # 10 Gbit/s, and a task of a distributed executor


class Problem:
    """A network with two hidden layers, and a table of rows."""

    def __init__(self, width: int, rows: int) -> None:
        self.model = nn.MLP(2, [width, width, 1], activation="tanh", seed=0)
        self.parameters = self.model.parameters()
        rng = np.random.default_rng(0)
        self.X, self.y = rng.normal(size=(rows, 2)), rng.normal(size=rows)

    def loss(self, row: Any, target: Any) -> Any:
        """Return the squared error of a row."""
        [output] = self.model(list(row))
        return (output - target) ** 2


def median(step: Callable[[], object], report: Report) -> float:
    """Return the median seconds of a call."""
    [seconds] = side_by_side({"": step}, *((1, 0.0) if report.quick else (9, 0.1))).values()
    return statistics.median(seconds)


@contextmanager
def executors() -> Iterator[dict[str, Any]]:
    """Yield the executors to measure by name: those that are installed."""
    found: dict[str, Any] = {
        "threads": functools.partial(ThreadPoolExecutor, WORKERS),
        "processes": functools.partial(ProcessPoolExecutor, WORKERS, mp_context=multiprocessing.get_context("spawn")),
    }
    try:
        from distributed import Client, LocalCluster
    except ImportError:
        yield found
        return
    options = {
        "n_workers": WORKERS,
        "threads_per_worker": 1,
        "dashboard_address": None,
        "silence_logs": 60,
        "host": "127.0.0.1",
    }
    with LocalCluster(**options) as cluster, Client(cluster) as client:
        yield {**found, "dask": client.get_executor(pure=False)}


def predict(numbers: dict[str, float], rows: float, workers: int, tasks: int) -> float:
    """Return the seconds of a step by the cost model."""
    share = math.ceil(tasks / workers) / tasks
    each = 16 * numbers["P"] / numbers["bw"] + numbers["task"]
    return rows * numbers["t"] * share + numbers["f"] + 2 * numbers["lat"] + tasks * each


def break_even(numbers: dict[str, float], workers: int, tasks: int) -> float:
    """Return the number of rows from which a step on workers is faster than a step on one core of this process."""
    share = math.ceil(tasks / workers) / tasks
    overhead = predict(numbers, 0, workers, tasks) - numbers["f"]
    return overhead / (numbers["t"] * (1 - share))


def measure(width: int, rows: list[int], report: Report) -> dict[str, float]:
    """Measure the steps of one network, and print them next to the predictions. Return ``P``, ``t`` and ``f``."""
    problem = Problem(width, max(rows))
    count = len(problem.parameters)
    local = {n: autograd.compile(problem.loss, threads=n) for n in (1, WORKERS)}
    one = {n: median(lambda n=n: local[1].backward(problem.X[:n], problem.y[:n]), report) for n in (8, *rows)}  # type: ignore[misc]
    data = np.zeros(count).tobytes()
    numbers = {"P": count, "f": one[8], "lat": 0.0}
    numbers["t"] = (one[max(rows)] - one[8]) / (max(rows) - 8)
    numbers["bw"] = 16 * count / max(1e-9, 2 * median(lambda: pickle.loads(pickle.dumps(data)), report))
    lines = []
    with executors() as found:
        for name, executor in found.items():
            steps, sent, received = {}, 0.0, 0.0
            for n in rows:
                with Sharded(problem.loss, problem.X[:n], problem.y[:n], executor=executor, tasks=TASKS) as sharded:
                    sharded.backward()
                    sharded.backward()
                    before = sharded.stats
                    sharded.backward()
                    sent, received = (sharded.stats[key] - before[key] for key in ("bytes sent", "bytes received"))
                    steps[n] = median(sharded.backward, report)
            small, tasks = min(rows), {n: len(subtrees(n, TASKS)) for n in rows}
            numbers["task"] = 0.0
            numbers["task"] = max(0.0, steps[small] - predict(numbers, small, WORKERS, tasks[small])) / tasks[small]
            for n in rows:
                threads = median(lambda n=n: local[WORKERS].backward(problem.X[:n], problem.y[:n]), report)  # type: ignore[misc]
                predicted = predict(numbers, n, WORKERS, tasks[n])
                cells = [f"{count:,}", f"{n:,}", name, duration(one[n]), duration(threads), duration(steps[n])]
                lines.append([*cells, f"{predicted / steps[n]:.2f}", f"{sent:,.0f}", f"{received:,.0f}"])
    columns = ["parameters", "rows", "executor", "1 thread", f"{WORKERS} threads", f"{WORKERS} workers"]
    report.table([*columns, "model / measured", "bytes sent", "bytes received"], lines)
    return numbers


def main() -> int:
    """Measure networks of three sizes, and read the cost model for clusters."""
    report = Report("scaling", f"A step on {WORKERS} workers, {TASKS} tasks", one_core=False)
    found = []
    for width, rows in [(16, [2_000, 20_000, 200_000]), (64, [2_000, 20_000]), (256, [2_000, 8_000])]:
        found.append(measure(width, [300, 600] if report.quick else rows, report))
        if report.quick:
            break
    lines = []
    for numbers in found:
        cluster = {**numbers, **NETWORK}
        for machines, workers in ((10, 10), (10, 64), (100, 64)):
            tasks = 64
            rows = 1_000_000
            ratio = (rows * numbers["t"] + numbers["f"]) / predict(cluster, rows, workers, tasks)
            overhead = predict(cluster, 0, workers, tasks) - numbers["f"]
            cells = [f"{numbers['P']:,.0f}", str(machines), str(workers), f"{break_even(cluster, workers, tasks):,.0f}"]
            lines.append([*cells, duration(overhead), f"{ratio:.1f}x"])
    report.say("\nThe cost model with 64 tasks, 1 ms of latency, 10 Gbit/s, and 1 ms per task:\n")
    report.table(["parameters", "machines", "workers", "faster from rows", "overhead", "speedup at 1,000,000 rows"], lines)
    return report.finish()


if __name__ == "__main__":
    os.environ.setdefault("PYTHONWARNINGS", "ignore")
    sys.exit(main())
