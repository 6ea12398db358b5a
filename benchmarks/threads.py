"""What a second thread gains, beside what a second process gains on the same machine.

    python benchmarks/threads.py

Two logical cores may be one physical one, or share a memory that is too slow for two: so two processes that have nothing
to do with each other, each on a core of its own, show what there is to be gained.
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
PROCESSES = "1 process", "2 processes, together"


def the_step(points: int, **options: Any) -> Any:
    """The moons step, compiled, for so many points through two layers of WIDTH."""
    problem = Problem(points, (WIDTH, WIDTH))
    return compiled_step(problem, *mlp_model(problem), **options)


def work(core: str, points: str) -> None:
    """The process for one core: runs steps for a turn for each line that it is sent, and answers with seconds a step."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {int(core)})
    step = the_step(int(points), threads=1)
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
    """Such a process."""

    def __init__(self, core: int, points: int) -> None:
        command = [sys.executable, __file__, "--work", str(core), str(points)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.answer()

    def start(self) -> None:
        """Have it run for a turn."""
        assert self._process.stdin is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()

    def answer(self) -> float:
        """What it found."""
        assert self._process.stdout is not None
        return float(self._process.stdout.readline() or "nan")

    def stop(self) -> None:
        """End it."""
        self._process.communicate()


def measure(steps: dict[str, Any], cores: list[int], points: int, rounds: int, turn: float) -> dict[str, list[float]]:
    """Steps a second: of the threads, of one process, and of two at the same time together; once a round each."""
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
    report = Report("threads", f"Two threads beside two processes: the moons step, {POINTS:,} points", one_core=False)
    cores = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else list(range(os.cpu_count() or 1))
    if len(cores) < 2:
        report.say("There is only one core here.")
        return report.finish()
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, cores[:2])
    points, rounds, turn = (50, 1, 0.0) if report.quick else (POINTS, 7, TURN)
    steps = {"1 thread": the_step(points, threads=1), "2 threads": the_step(points, threads=2)}
    assert_all_agree(steps, Problem(points, (WIDTH, WIDTH)).numbers, tolerance=0.0)
    report.say("The loss and all gradients are the same bits with one thread and with two.\n")
    rates = measure(steps, cores, points, rounds, turn)
    rows, gains = [], {}
    for name, rate in rates.items():
        alone = rates[PROCESSES[0] if name in PROCESSES else "1 thread"]
        # Of each round by itself, as the machine may be slower in one than in another.
        gains[name] = statistics.median(many / single for many, single in zip(rate, alone))
        median = statistics.median(rate)
        low, high = quartiles(rate)
        rows.append([name, f"{median:,.1f}", f"{low:,.1f} .. {high:,.1f}", duration(1 / median), f"{gains[name]:.2f}x"])
    report.table(["", "steps a second", "quartiles", "a step", "gain"], rows)
    report.aim("two threads gain, of what two processes gain", gains["2 threads"] / gains[PROCESSES[1]], 0.9)
    return report.finish()


if __name__ == "__main__":
    if sys.argv[1:2] == ["--work"]:
        work(*sys.argv[2:])
    else:
        sys.exit(main())
