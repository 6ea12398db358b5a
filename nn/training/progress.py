"""A live progress bar in a terminal or a notebook."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Any

from nn.base.checks import switch
from nn.training.training import Training

INTERVAL = 0.1  # seconds between two updates: often enough to watch, and costs a quick training nothing

Show = Callable[[float], None]  # takes how many epochs are done: 2.5 are two, and half of the third


def is_watched() -> bool:
    """Whether somebody can see a bar move: in a terminal, and in a notebook that has what it takes to show one."""
    in_notebook = "ipykernel" in sys.modules and find_spec("ipywidgets") is not None
    return in_notebook or (sys.stdout is not None and sys.stdout.isatty())


@contextmanager
def progress_bar(training: Training, show: bool | None) -> Iterator[Show]:
    """Within the block, the yielded function shows the epochs done, the time left, and the latest losses and metrics.

    ``show`` is True, False, or None for "if ``is_watched()``".
    """
    if not (is_watched() if show is None else switch(show, "progress")):
        yield lambda done: None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn  # takes 60 ms
    from rich.table import Column

    numbers = TextColumn("{task.description}", table_column=Column(ratio=1, no_wrap=True))  # as much room as there is
    columns = TextColumn("epoch"), MofNCompleteColumn(), BarColumn(16), numbers, TimeRemainingColumn()
    with Progress(*columns, expand=True) as progress:
        task = progress.add_task("", total=training.epochs, completed=training.epoch)
        shown = 0.0

        def update(done: float) -> None:
            nonlocal shown
            if time.perf_counter() - shown >= INTERVAL:
                progress.update(task, completed=done, description=_text(training.latest))
                shown = time.perf_counter()

        yield update
        progress.update(task, completed=training.epoch, description=_text(training.latest))


def _text(numbers: Mapping[str, Any]) -> str:
    """Losses and metrics; of a metric that there is for validation rows, only that."""
    shown = {name: n for name, n in numbers.items() if isinstance(n, int | float) and name not in ("epoch", "lr", "seconds")}
    return "  ".join(f"{name} {n:.4g}" for name, n in shown.items() if name == "loss" or f"val_{name}" not in shown)
