"""A live progress bar in a terminal or a notebook."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec


def is_watched() -> bool:
    """Whether somebody can see a bar move: in a terminal, and in a notebook that has what it takes to show one."""
    if sys.stdout is not None and sys.stdout.isatty():
        return True
    return "ipykernel" in sys.modules and find_spec("ipywidgets") is not None


@contextmanager
def progress_bar(total: int, show: bool | None) -> Iterator[Callable[[int, float], None]]:
    """Within the block, the yielded function takes how many epochs are done and the latest loss.

    ``show`` is True, False, or None for "if ``is_watched()``".
    """
    if show is None:
        show = is_watched()
    if not show:
        yield lambda done, loss: None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn  # takes 60 ms

    columns = TextColumn("epoch"), MofNCompleteColumn(), BarColumn(), TextColumn("{task.description}"), TimeRemainingColumn()
    with Progress(*columns) as progress:
        task = progress.add_task("", total=total)
        yield lambda done, loss: progress.update(task, completed=done, description=f"loss {loss:.4g}")
