"""The report of a benchmark: tables, plots and targets, printed and, with ``--save``, written to ``results/``."""

from __future__ import annotations

import argparse
import importlib
import math
import os
import platform
import statistics
import subprocess
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from timing import Seconds, digits, duration, let_numpy_choose, pin_to_one_core, quartiles, ratio

MAX_LOAD = 1.8  # load average of a quiet machine; the benchmark itself adds 1
RESULTS = Path(__file__).parent / "results"
PEERS = ["numpy", "micrograd", "torch", "jax", "casadi", "drjit", "pytensor", "xad", "scikit-learn"]


def peer(module: str) -> Any:
    """Import a module to compare with. If it raises ImportError, the benchmark skips the implementation."""
    return importlib.import_module(module)


def cpu() -> str:
    """Return the name of the processor."""
    try:
        with open("/proc/cpuinfo") as file:
            return next(line.split(":")[1].strip() for line in file if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


def describe_machine() -> str:
    """Return one line: processor, system, Python, backend of autograd, and the versions of the peers."""
    import autograd
    from autograd.replay.executor import Executor

    found = []
    for name in PEERS:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            found.append(f"no {name}")
    try:
        found.append(subprocess.run(["cc", "--version"], capture_output=True, text=True, check=True).stdout.splitlines()[0])
    except (OSError, subprocess.CalledProcessError):
        found.append("no C compiler")
    machine = f"{cpu()} ({os.cpu_count()} logical cores, {platform.machine()}), {platform.system()}"
    lanes = Executor(autograd.compile(lambda x: x * x).program(2.0)).use_vectors(8)  # the width that this processor supports
    backend = autograd.backend() + (f", vectors of {lanes} numbers" if lanes > 1 else "")
    return f"{machine}, Python {platform.python_version()}, backend: {backend}; {', '.join(found)}"


class Report:
    """A report. Creating it reads the arguments and prepares the process, so a benchmark does this first.

    Args:
        name: Name of the files in ``results/``.
        title: Heading of the report.
        one_core: Whether the process runs on one core only.
        **counts: Options of this benchmark, with their defaults: ``pairs=500`` adds ``--pairs``. ``counts`` has the result.
    """

    def __init__(self, name: str, title: str, one_core: bool = True, **counts: int) -> None:
        parser = argparse.ArgumentParser(description=title)
        parser.add_argument("--quick", action="store_true", help="check that all implementations agree, and measure each once")
        parser.add_argument("--save", action="store_true", help=f"write {name}.md and its plots to results/")
        for count, default in counts.items():
            text = f"default {default:,}"
            parser.add_argument(f"--{count.replace('_', '-')}", type=int, default=default, help=text, metavar="N")
        options = parser.parse_args()
        self.counts: dict[str, int] = {count: getattr(options, count) for count in counts}
        self.name, self.quick, self._save = name, options.quick, options.save and not options.quick
        self._page: list[str] = []
        self._missed = self._plots = 0
        let_numpy_choose()
        if one_core:
            pin_to_one_core()
        self.say(f"# {title}\n\n{describe_machine()}{'; one core' if one_core else ''}\n")
        load = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
        if load > MAX_LOAD and not self.quick:
            self.say(f"Other processes are using this machine (load average {load:.1f}): expect a wide spread.\n")

    def say(self, text: str = "") -> None:
        """Print a line, and add it to the page."""
        print(text, flush=True)
        self._page.append(text)

    def table(self, heading: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Add a Markdown table. The first column is aligned to the left, and all others to the right."""
        widths = [max(map(len, column)) for column in zip(heading, *rows)]

        def line(cells: Sequence[str]) -> str:
            return "| " + " | ".join([cells[0].ljust(widths[0]), *(c.rjust(w) for c, w in zip(cells[1:], widths[1:]))]) + " |"

        rule = "|" + "|".join(["-" * (widths[0] + 2), *("-" * (w + 1) + ":" for w in widths[1:])]) + "|"
        self.say("\n".join([line(heading), rule, *map(line, rows)]) + "\n")

    def times(self, seconds: Seconds, baseline: str) -> None:
        """Add a table of medians, quartiles, number of repeats, and speed relative to ``baseline`` (see ``ratio``)."""
        rows = []
        for name, times in seconds.items():
            low, high = map(duration, quartiles(times))
            speed = f"{digits(ratio(seconds, baseline, name))}x"
            rows.append([name, duration(statistics.median(times)), f"{low} .. {high}", str(len(times)), speed])
        self.table(["", "median", "quartiles", "repeats", "speed"], rows)

    def target(self, name: str, measured: float, wanted: float, stretch: bool = False, at_most: str = "") -> None:
        """Add a line on whether a target is reached.

        Args:
            name: Name of the target.
            measured: Measured ratio, or nan if it was not measured.
            wanted: Target: ``measured`` must be at least this.
            stretch: Whether this is a stretch target, which never counts as missed.
            at_most: A unit. If given, ``measured`` has this unit and must be at most ``wanted``.
        """
        if self.quick:
            return
        unit, bound = (f" {at_most}", "at most") if at_most else ("x", "at least")
        rule = f"({'stretch target' if stretch else 'target'}: {bound} {digits(wanted)}{unit})"
        if math.isnan(measured):
            self.say(f"- not measured: {name} {rule}")
            return
        reached = measured <= wanted if at_most else measured >= wanted
        verdict = "reached" if reached else "short" if stretch else "MISSED"
        self._missed += verdict == "MISSED"
        self.say(f"- {verdict}: {name}: {digits(measured)}{unit} {rule}")

    def plot(self, draw: Callable[[Any], None], text: str, size: tuple[float, float] = (7.0, 4.0)) -> None:
        """With ``--save``, add a plot to the page. ``draw(axes)`` draws it, and ``text`` is its alternative text."""
        if not self._save:
            return
        self._plots += 1
        name = f"{self.name}{self._plots if self._plots > 1 else ''}.svg"
        matplotlib = peer("matplotlib")
        matplotlib.use("Agg")
        pyplot = peer("matplotlib.pyplot")
        # Texts as text elements and no date or random names: a small file, and the same file for the same numbers.
        with matplotlib.rc_context({"svg.fonttype": "none", "svg.hashsalt": self.name, "font.size": 9}):
            figure, axes = pyplot.subplots(figsize=size, layout="constrained")
            draw(axes)
            RESULTS.mkdir(exist_ok=True)
            figure.savefig(RESULTS / name, metadata={"Date": None})
            pyplot.close(figure)
        self._page.append(f"\n![{text}]({name})\n")

    def bars(self, seconds: Seconds, text: str) -> None:
        """Add a bar plot of medians and quartiles on a logarithmic scale."""

        def draw(axes: Any) -> None:
            medians = [statistics.median(times) for times in seconds.values()]
            ends = [quartiles(times) for times in seconds.values()]
            errors = [[m - low for m, (low, _) in zip(medians, ends)], [high - m for m, (_, high) in zip(medians, ends)]]
            colors = ["tab:orange" if name.startswith("Value") else "tab:gray" for name in seconds]
            axes.barh(list(seconds), medians, xerr=errors, color=colors)
            for row, (median, (_, high)) in enumerate(zip(medians, ends)):
                axes.text(max(median, high), row, f"  {duration(median)}", va="center")
            axes.invert_yaxis()
            axes.set(xscale="log", xlabel="seconds per step", xlim=(min(medians) / 2, max(medians) * 8), title=text)

        self.plot(draw, text, (7.0, 0.9 + 0.27 * len(seconds)))

    def lines(self, curves: Mapping[str, Mapping[int, float]], x: str, y: str, title: str) -> None:
        """Add a plot of curves on logarithmic scales. Each curve is a dict from x to y."""

        def draw(axes: Any) -> None:
            for name, points in curves.items():
                axes.plot(list(points), list(points.values()), marker=".", label=name)
            axes.set(xscale="log", yscale="log", xlabel=x, ylabel=y, title=title)
            axes.legend(fontsize=7)

        self.plot(draw, title)

    def finish(self) -> int:
        """Write the page, and return the exit status of the process: 1 if a target was missed, else 0."""
        if self._save:
            RESULTS.mkdir(exist_ok=True)
            (RESULTS / f"{self.name}.md").write_text("\n".join(self._page).rstrip() + "\n", encoding="utf-8")
        return 1 if self._missed else 0
