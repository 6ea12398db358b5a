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
from typing import Any

from moons_problem import Problem, assert_all_agree
from moons_scalar import compiled_step, mlp_model
from report import Report
from timing import duration, quartiles, side_by_side

POINTS, WIDTH = 4096, 64
TURN = 0.3  # seconds
PROCESSES = "1 process", "2 processes"


def make_step(points: int, **options: Any) -> Any:
    """Return the compiled moons step for this number of points, with two hidden layers of WIDTH."""
    problem = Problem(points, (WIDTH, WIDTH))
    return compiled_step(problem, *mlp_model(problem), **options)


def work(core: str, points: str) -> None:
    """Run in a process on one core: for each line of input, run steps for one turn and print the seconds per step."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {int(core)})
    step = make_step(int(points), threads=1)
    step.run()
    print(0.0, flush=True)
    for _ in sys.stdin:
        calls = 0
        start = now = time.perf_counter()
        while now - start < TURN or not calls:
            step.run()
            calls += 1
            now = time.perf_counter()
        print((now - start) / calls, flush=True)


class Worker:
    """A process that runs ``work``."""

    def __init__(self, core: int, points: int) -> None:
        command = [sys.executable, __file__, "--work", str(core), str(points)]
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


def measure(steps: dict[str, Any], cores: list[int], points: int, rounds: int, turn: float) -> dict[str, list[float]]:
    """Return the steps per second of threads, of one process, and of two processes in total; one entry per round."""
    one, two = Worker(cores[0], points), Worker(cores[1], points)
    rates: dict[str, list[float]] = {name: [] for name in (*steps, *PROCESSES)}
    for _ in range(rounds):
        for name, (seconds,) in side_by_side({name: step.run for name, step in steps.items()}, 1, turn).items():
            rates[name].append(1 / seconds)
        one.start()
        rates[PROCESSES[0]].append(1 / one.answer())
        one.start()
        two.start()
        rates[PROCESSES[1]].append(1 / one.answer() + 1 / two.answer())
    one.stop()
    two.stop()
    return rates


def main() -> int:
    """Measure threads and processes."""
    report = Report("threads", f"Two threads compared with two processes: the moons step, {POINTS:,} points", one_core=False)
    cores = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else list(range(os.cpu_count() or 1))
    if len(cores) < 2:
        report.say("This machine has only one core.")
        return report.finish()
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, cores[:2])
    points, rounds, turn = (50, 1, 0.0) if report.quick else (POINTS, 7, TURN)
    steps = {"1 thread": make_step(points, threads=1), "2 threads": make_step(points, threads=2)}
    assert_all_agree(steps, Problem(points, (WIDTH, WIDTH)).numbers, tolerance=0.0)
    report.say("With one and with two threads, the loss and all gradients are bit-for-bit identical.\n")
    rates = measure(steps, cores, points, rounds, turn)
    rows, speedups = [], {}
    for name, rate in rates.items():
        alone = rates[PROCESSES[0] if name in PROCESSES else "1 thread"]
        # a ratio per round, because the machine may be slower in one round than in another
        speedups[name] = statistics.median(other / one for other, one in zip(rate, alone))
        median = statistics.median(rate)
        low, high = quartiles(rate)
        rows.append([name, f"{median:,.1f}", f"{low:,.1f} .. {high:,.1f}", duration(1 / median), f"{speedups[name]:.2f}x"])
    report.table(["", "steps per second", "quartiles", "per step", "speedup"], rows)
    report.target("speedup of two threads, relative to two processes", speedups["2 threads"] / speedups[PROCESSES[1]], 0.9)
    return report.finish()


if __name__ == "__main__":
    if sys.argv[1:2] == ["--work"]:
        work(*sys.argv[2:])
    else:
        sys.exit(main())
