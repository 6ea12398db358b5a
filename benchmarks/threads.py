"""Speedup from a second thread, compared with the speedup from a second process on the same machine.

    python benchmarks/threads.py

Two logical cores may be one physical core, or share a memory that is too slow for both. So two independent processes, each
on a separate core, show the maximum possible speedup.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from moons_problem import Problem
from moons_scalar import compiled_step, mlp_model
from report import Report
from timing import duration, quartiles, side_by_side
from workloads import gmm, heston
from workloads.workload import Implementation

TURN = 0.3  # seconds
PROCESSES = "1 process", "2 processes"

Factory = Callable[[int], Implementation]  # the argument is the number of threads


def moons(points: int, width: int) -> Factory:
    """Return a function that makes the moons step with two hidden layers of this width."""

    def make(threads: int) -> Implementation:
        problem = Problem(points, (width, width))
        step = compiled_step(problem, *mlp_model(problem), threads=threads)
        return Implementation(step.run, lambda loss: (loss, step.gradients()))

    return make


CASES: dict[str, Factory] = {
    "moons, 4,096 points, MLP 64": moons(4096, 64),
    "moons, 1,024 points, MLP 256": moons(1024, 256),
    "GMM d32 K25, 1,000 points": lambda threads: gmm.ours(*gmm.problem(1000, 32, 25), threads=threads),
    "Heston, 20,000 paths of 52 steps": lambda threads: heston.ours(*heston.problem(20_000, 52), threads=threads),
}
SMALL: dict[str, Factory] = {"moons": moons(300, 4), "GMM": lambda threads: gmm.ours(*gmm.problem(300, 2, 2), threads=threads)}


def work(core: str, name: str) -> None:
    """Run in a process on one core: for each line of input, run steps for one turn and print the seconds per step."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {int(core)})
    run = (CASES | SMALL)[name](1).run
    run()
    print(0.0, flush=True)
    for _ in sys.stdin:
        calls = 0
        start = now = time.perf_counter()
        while now - start < TURN or not calls:
            run()
            calls += 1
            now = time.perf_counter()
        print((now - start) / calls, flush=True)


class Worker:
    """A process that runs ``work``."""

    def __init__(self, core: int, name: str) -> None:
        command = [sys.executable, __file__, "--work", str(core), name]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.answer()

    def start(self) -> None:
        """Start a turn."""
        assert self._process.stdin is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()

    def answer(self) -> float:
        """Wait for the end of the turn, and return the seconds per step."""
        assert self._process.stdout is not None
        return float(self._process.stdout.readline() or "nan")

    def stop(self) -> None:
        """End the process."""
        self._process.communicate()


def measure(
    name: str, runs: dict[str, Callable[[], Any]], cores: list[int], rounds: int, turn: float
) -> dict[str, list[float]]:
    """Return the steps per second of threads, of one process, and of two processes in total; one entry per round."""
    one, two = Worker(cores[0], name), Worker(cores[1], name)
    rates: dict[str, list[float]] = {name: [] for name in (*runs, *PROCESSES)}
    for _ in range(rounds):
        for threads, (seconds,) in side_by_side(runs, 1, turn).items():
            rates[threads].append(1 / seconds)
        one.start()
        rates[PROCESSES[0]].append(1 / one.answer())
        one.start()
        two.start()
        rates[PROCESSES[1]].append(1 / one.answer() + 1 / two.answer())
    one.stop()
    two.stop()
    return rates


def assert_identical(first: Any, second: Any) -> None:
    """Raise AssertionError unless the value and the gradients of two runs are bit for bit the same."""
    for a, b in zip(first, second, strict=True):
        assert np.asarray(a, dtype=float).tobytes() == np.asarray(b, dtype=float).tobytes(), "the results of two threads differ"


def main() -> int:
    """Measure threads and processes."""
    report = Report("threads", "Two threads compared with two processes", one_core=False)
    cores = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else list(range(os.cpu_count() or 1))
    if len(cores) < 2:
        report.say("This machine has only one core.")
        return report.finish()
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, cores[:2])
    cases, rounds, turn = (SMALL, 1, 0.0) if report.quick else (CASES, 7, TURN)
    report.say("With one and with two threads, the value and all gradients are bit-for-bit identical.\n")
    for name, make in cases.items():
        ways = {"1 thread": make(1), "2 threads": make(2)}
        assert_identical(*(way.read(way.run()) for way in ways.values()))
        rates = measure(name, {title: way.run for title, way in ways.items()}, cores, rounds, turn)
        rows, speedups = [], {}
        for way, rate in rates.items():
            alone = rates[PROCESSES[0] if way in PROCESSES else "1 thread"]
            # a ratio per round, because the machine may be slower in one round than in another
            speedups[way] = statistics.median(other / one for other, one in zip(rate, alone, strict=True))
            median = statistics.median(rate)
            low, high = quartiles(rate)
            rows.append([way, f"{median:,.1f}", f"{low:,.1f} .. {high:,.1f}", duration(1 / median), f"{speedups[way]:.2f}x"])
        report.table([name, "steps per second", "quartiles", "per step", "speedup"], rows)
        relative = speedups["2 threads"] / speedups[PROCESSES[1]]
        report.target(f"{name}: speedup of two threads, relative to two processes", relative, 0.9)
    return report.finish()


if __name__ == "__main__":
    if sys.argv[1:2] == ["--work"]:
        work(*sys.argv[2:])
    else:
        sys.exit(main())
