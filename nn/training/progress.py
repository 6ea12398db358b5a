"""A live progress bar in a terminal or a notebook."""

import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Any

from nn.training.training import Training

INTERVAL = 0.1  # seconds between two updates: a smooth display, at no cost for short training runs

Show = Callable[[float], None]  # takes the number of completed epochs; 2.5 means half of the third epoch


def is_interactive() -> bool:
    """Return whether the output is a terminal, or a notebook with the widgets that a progress bar needs."""
    in_notebook = "ipykernel" in sys.modules and find_spec("ipywidgets") is not None
    return in_notebook or (sys.stdout is not None and sys.stdout.isatty())


@contextmanager
def progress_bar(training: Training, show: bool | None) -> Iterator[Show]:
    """Yield a function that shows the completed epochs, the remaining time, and the latest losses and metrics.

    Args:
        training: The training run to show.
        show: Whether to show the bar. None means: if the output is interactive.
    """
    if not (is_interactive() if show is None else show):
        yield lambda done: None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn  # takes 60 ms
    from rich.table import Column

    numbers = TextColumn("{task.description}", table_column=Column(ratio=1, no_wrap=True))  # uses all available space
    columns = TextColumn("epoch"), MofNCompleteColumn(), BarColumn(16), numbers, TimeRemainingColumn()
    with Progress(*columns, expand=True) as progress:
        task = progress.add_task("", total=training.epochs, completed=training.epoch)
        updated = 0.0

        def update(done: float) -> None:
            nonlocal updated
            if time.perf_counter() - updated >= INTERVAL:
                progress.update(task, completed=done, description=_text(training.latest))
                updated = time.perf_counter()

        yield update
        progress.update(task, completed=training.epoch, description=_text(training.latest))


def _text(row: Mapping[str, Any]) -> str:
    """Return losses and metrics as text. A metric of the training rows is omitted if it is known for validation rows."""
    numbers = {name: n for name, n in row.items() if isinstance(n, int | float) and name not in ("epoch", "lr", "seconds")}
    return "  ".join(f"{name} {n:.4g}" for name, n in numbers.items() if name == "loss" or f"val_{name}" not in numbers)
