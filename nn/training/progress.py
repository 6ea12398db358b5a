"""The progress of a training run: a line in a terminal, or a bar in a notebook, which is updated in place."""

import math
import shutil
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from html import escape
from importlib import import_module
from typing import Any

from nn.training.training import Training

INTERVAL = 0.1  # seconds between two updates: a smooth display, at no cost for short training runs
BAR = 10  # characters of the bar in a wide terminal
WIDE = 60  # columns of a terminal with room for a bar

Show = Callable[[float], None]  # takes the number of completed epochs; 2.5 means half of the third epoch


class Bar:
    """The state of a training run as text and, for a notebook, as HTML, which follows the theme of the page."""

    def __init__(self, training: Training, start: float) -> None:
        self._training, self._start, self._first = training, start, training.epoch
        self.done: float = training.epoch

    def line(self, width: int) -> str:
        """Return one line of fewer than ``width`` characters. The epoch and the loss come first, because they fit anywhere."""
        total = self._training.epochs
        parts = [f"epoch {math.floor(self.done)}/{total}", numbers_of(self._training.latest), self.remaining()]
        if width >= WIDE:
            filled = round(BAR * self.done / total)
            parts.insert(1, f"[{'#' * filled}{'.' * (BAR - filled)}]")  # characters of any encoding
        text = "  ".join(part for part in parts if part)
        # The last columns stay free: for the cursor, and for the ^C that a terminal writes after Ctrl-C.
        return text if len(text) < width - 3 else f"{text[: max(width - 7, 0)]}..."

    def remaining(self) -> str:
        """Return the estimated remaining time, or ``""`` if it is unknown or the run is complete."""
        done, left = self.done - self._first, self._training.epochs - self.done
        seconds = (time.perf_counter() - self._start) * left / done if done else 0.0
        return f"{seconds // 60:.0f}:{seconds % 60:02.0f}" if seconds >= 1 else ""

    def __repr__(self) -> str:
        return self.line(120)

    def _repr_html_(self) -> str:
        text = "  ".join(part for part in (numbers_of(self._training.latest), self.remaining()) if part)
        epochs = f"epoch {math.floor(self.done)}/{self._training.epochs}"
        return f'<progress max="{self._training.epochs}" value="{self.done:.4g}">{epochs}</progress> {epochs}  {escape(text)}'


class AboveLine:
    """A stream whose text appears above the line of the progress, as the output of callbacks does."""

    def __init__(self, stream: Any, erase: Callable[[], None]) -> None:
        self._stream, self._erase = stream, erase

    def write(self, text: str) -> int:
        """Replace the line by the text."""
        self._erase()
        return int(self._stream.write(text))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def in_notebook() -> bool:
    """Return whether the output is a notebook: whether this code runs in a kernel of Jupyter."""
    ipython = sys.modules.get("IPython")
    return hasattr(ipython and ipython.get_ipython(), "kernel")


@contextmanager
def progress_bar(training: Training, show: bool | None) -> Iterator[Show]:
    """Yield a function that shows the completed epochs, the latest losses and metrics, and the remaining time.

    Args:
        training: The training run to show.
        show: Whether to show the bar. None means: if the output is a terminal or a notebook.
    """
    interactive = in_notebook() or (sys.stdout is not None and sys.stdout.isatty())
    if not (interactive if show is None else show):
        yield lambda done: None
        return
    bar = Bar(training, time.perf_counter())
    with _notebook(bar) if in_notebook() else _terminal(bar) as draw:
        updated = -math.inf

        def update(done: float) -> None:
            nonlocal updated
            bar.done = done
            if time.perf_counter() - updated >= INTERVAL:
                draw()
                updated = time.perf_counter()

        try:
            yield update
        finally:  # also after Ctrl-C
            bar.done = training.epoch
            draw()


@contextmanager
def _notebook(bar: Bar) -> Iterator[Callable[[], None]]:
    handle = import_module("IPython.display").display(bar, display_id=True)
    yield lambda: handle.update(bar)


@contextmanager
def _terminal(bar: Bar) -> Iterator[Callable[[], None]]:
    out, shown = sys.stdout, 0

    def write(text: str) -> None:
        nonlocal shown
        out.write(f"\r{' ' * (shown + 2)}\r{text}")  # the spaces hide the previous line, and the ^C that may follow it
        out.flush()
        shown = len(text)

    def erase() -> None:
        if shown:
            write("")

    with redirect_stdout(AboveLine(out, erase)), redirect_stderr(AboveLine(sys.stderr, erase)):
        try:
            yield lambda: write(bar.line(shutil.get_terminal_size().columns))
        finally:
            out.write("\n")
            out.flush()


def numbers_of(row: Mapping[str, Any]) -> str:
    """Return losses and metrics as text. A metric of the training rows is omitted if it is known for validation rows."""
    numbers = {name: n for name, n in row.items() if isinstance(n, int | float) and name not in ("epoch", "lr", "seconds")}
    return "  ".join(f"{name} {n:.4g}" for name, n in numbers.items() if name == "loss" or f"val_{name}" not in numbers)
