"""A step on workers: wall times and bytes, next to the cost model of docs/how-to/scaling.md.

    python benchmarks/scaling.py

    T = rows * t * ceil(K / W) / K + f + 2 * lat + K * (16 * P / bw + task)

with P parameters, W workers and K tasks. Each number of the model is measured apart from the steps that it predicts:

- ``t`` is the time of a row: two threads of this process, one per worker, compute a step, so both cores are busy;
- ``f`` is the time of a step of 8 rows in this process;
- ``task`` and ``bw`` are measured by K calls of ``bytes`` on the same executor, with 8 bytes, and with as many bytes as the
  gradient of the largest network. ``16 * P`` bytes are the parameters, which are sent, and the gradient, which is returned;
- ``lat`` is the latency of the network, 0 on one machine.

A step and the times that predict it are measured in turns. So another process that slows them down does not change their ratio.
"""

from __future__ import annotations

import math
import multiprocessing
import os
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor, wait
from contextlib import ExitStack, contextmanager, suppress
from typing import Any

import numpy as np
from report import Report, peer
from timing import digits, duration, side_by_side

import autograd
import nn
from autograd import Sharded
from autograd.compiler.compiled import Compiled
from autograd.distribution.tasks import subtrees

TASKS = 16
WORKERS = 2
LARGE = 8 * 66_817  # bytes of the parameters of the largest network
NETWORKS = [(16, (2_000, 20_000, 100_000)), (64, (2_000, 20_000)), (256, (2_000, 8_000))]
# 10 Gbit/s, and the time per task of processes and of a distributed executor
CLUSTERS = [{"lat": 1e-3, "bw": 1e9 / 8 * 10, "task": task} for task in (1e-4, 3e-3)]


class Problem:
    """A network with two hidden layers, and a table of rows."""

    def __init__(self, width: int, rows: int) -> None:
        self.model = nn.MLP(2, [width, width, 1], activation="tanh", seed=0)
        rng = np.random.default_rng(0)
        self.X, self.y = rng.normal(size=(rows, 2)), rng.normal(size=rows)

    def loss(self, row: Any, target: Any) -> Any:
        """Return the squared error of a row."""
        [output] = self.model(list(row))
        return (output - target) ** 2


@contextmanager
def executors(quick: bool) -> Iterator[dict[str, Executor]]:
    """Yield the executors to measure by name: those that are installed. With ``quick``, only threads."""
    with ExitStack() as stack:
        found: dict[str, Executor] = {"threads": stack.enter_context(ThreadPoolExecutor(WORKERS))}
        if not quick:
            context = multiprocessing.get_context("spawn")
            found["processes"] = stack.enter_context(ProcessPoolExecutor(WORKERS, mp_context=context))
            with suppress(ImportError):
                found["dask"] = stack.enter_context(dask())
        yield found


@contextmanager
def dask() -> Iterator[Executor]:
    """Yield an executor of a dask cluster on the loopback interface."""
    distributed = peer("distributed")
    options = {"n_workers": WORKERS, "threads_per_worker": 1, "dashboard_address": None, "silence_logs": 50}
    with distributed.LocalCluster(**options, host="127.0.0.1") as cluster, distributed.Client(cluster) as client:
        yield client.get_executor(pure=False)


def calls_of(executor: Executor, size: int) -> Callable[[], object]:
    """Return a function that calls ``bytes`` ``TASKS`` times on the workers, with an argument and a result of this size."""
    data = os.urandom(size)
    return lambda: wait([executor.submit(bytes, data) for _ in range(TASKS)])


def bytes_per_step(loss: Compiled, X: np.ndarray, y: np.ndarray) -> int:
    """Return the number of bytes that a step sends and receives, after the rows were sent."""
    with ThreadPoolExecutor(1) as pool, Sharded(loss, X, y, executor=pool, tasks=TASKS) as sharded:
        sharded.backward()
        before = sharded.stats
        sharded.backward()
        return sum(sharded.stats[f"bytes {way}"] - before[f"bytes {way}"] for way in ("sent", "received"))


def processor_time(function: Callable[[], object]) -> float:
    """Return the seconds that this process computes in a call. Other processes do not change them."""
    times = []
    for _ in range(9):
        start = time.process_time()
        function()
        times.append(time.process_time() - start)
    return statistics.median(times)


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


def measure(
    problem: Problem, rows: int, found: dict[str, Executor], report: Report
) -> tuple[list[list[str]], dict[str, float]]:  # fmt: skip
    """Measure steps on each executor in turns with the times that predict them. Return the lines of a table, and P, t and f."""
    X, y, count = problem.X[:rows], problem.y[:rows], len(problem.model.parameters())
    one, busy = (autograd.compile(problem.loss, threads=threads) for threads in (1, WORKERS))
    functions: dict[str, Callable[[], object]] = {
        "f": lambda: one.backward(X[:8], y[:8]),
        "1 thread": lambda: one.backward(X, y),
        "threads": lambda: busy.backward(X, y),
    }
    with ExitStack() as stack:
        for name, executor in found.items():
            sharded = stack.enter_context(Sharded(one, X, y, executor=executor, tasks=TASKS))
            functions |= {f"{name}: small": calls_of(executor, 8), f"{name}: large": calls_of(executor, LARGE)}
            functions[f"{name}: step"] = sharded.backward
            for _ in range(3):  # all workers receive their rows
                sharded.backward()
        seconds = side_by_side(functions, *((1, 0.0) if report.quick else (9, 0.2)))
    sent = bytes_per_step(one, X, y)
    median = {name: statistics.median(times) for name, times in seconds.items()}
    lines, tasks = [], len(subtrees(rows, TASKS))
    for name in found:
        rounds = zip(*(seconds[key] for key in ("f", "threads", f"{name}: small", f"{name}: large")))
        predicted = [
            predict(
                {
                    "P": count, "f": f, "t": WORKERS * max(0.0, step - f) / rows, "lat": 0.0, "task": small / TASKS,
                    "bw": 2 * LARGE * TASKS / max(large - small, 1e-9),
                },
                rows, WORKERS, tasks,
            )
            for f, step, small, large in rounds
        ]  # fmt: skip
        ratio = statistics.median(a / b for a, b in zip(predicted, seconds[f"{name}: step"]))
        times = median["1 thread"], median["threads"], median[f"{name}: step"], statistics.median(predicted)
        cells = [f"{count:,}", f"{rows:,}", name, *map(duration, times), digits(ratio)]
        lines.append([*cells, duration(median[f"{name}: small"] / TASKS), f"{sent:,.0f}"])
    f, step = processor_time(functions["f"]), processor_time(functions["1 thread"])
    return lines, {"P": count, "f": f, "t": (step - f) / rows}


def read(found: list[dict[str, float]], report: Report) -> None:
    """Read the cost model for 10 and 100 machines."""
    lines = []
    for numbers in found:
        for network in CLUSTERS:
            cluster = {**numbers, **network}
            for machines, workers, tasks in ((10, 10, 16), (100, 64, 64)):
                ratio = (1e6 * numbers["t"] + numbers["f"]) / predict(cluster, 1e6, workers, tasks)
                overhead = predict(cluster, 0, workers, tasks) - numbers["f"]
                cells = [f"{numbers['P']:,.0f}", duration(network["task"]), str(machines), str(workers), str(tasks)]
                cells += [f"{break_even(cluster, workers, tasks):,.0f}", duration(overhead), f"{ratio:.1f}x"]
                lines.append(cells)
    report.say("The cost model with 1 ms of latency and 10 Gbit/s. At most 64 workers compute at the same time:\n")
    columns = ["parameters", "per task", "machines", "workers", "tasks", "faster from rows", "overhead"]
    report.table([*columns, "speedup at 1,000,000 rows"], lines)


def main() -> int:
    """Measure networks of three sizes, and read the cost model for clusters."""
    report = Report("scaling", f"A step on {WORKERS} workers, {TASKS} tasks: measured, and by the cost model", one_core=False)
    lines, numbers = [], []
    with executors(report.quick) as found:
        for width, sizes in [(16, (300, 600))] if report.quick else NETWORKS:
            problem = Problem(width, max(sizes))
            for rows in sizes:
                added, of_network = measure(problem, rows, found, report)
                lines += added
            numbers.append(of_network)  # of the most rows
    columns = ["parameters", "rows", "workers", "1 thread", f"{WORKERS} threads", "measured", "model"]
    report.table([*columns, "model / measured", "per task", "bytes per step"], lines)
    report.say("The processor time of a row and of a step without rows:\n")
    report.table(["parameters", "t", "f"], [[f"{n['P']:,.0f}", duration(n["t"]), duration(n["f"])] for n in numbers])
    read(numbers, report)
    return report.finish()


if __name__ == "__main__":
    os.environ.setdefault("PYTHONWARNINGS", "ignore")
    sys.exit(main())
