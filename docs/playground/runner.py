"""Run the code of the playground, and report its results.

The page (``playground.js``) sends code to a worker (``worker.js``), which calls ``run``. Each result is passed to a function as
a JSON text, as soon as it exists. It is an object with ``kind`` and ``text``:

==========  ===========================================================================================
``text``    printed text, or the repr of an expression
``note``    a remark of the playground
``html``    a fragment of HTML; ``svg``, a picture; ``latex``, a formula; ``page``, a whole page
``warning``  with the ``line`` of the user's code, if it is known
``error``   with ``line``, ``source`` (the text of the line) and ``calls`` (the calls that led to it)
==========  ===========================================================================================

The code runs as in a notebook: every expression statement shows its value. If it is divided into cells by lines that start with
``# %%``, only the last cell shows its output. This file also runs in CPython, where the tests call it.
"""

from __future__ import annotations
import __future__ as future

import ast
import contextlib
import io
import json
import linecache
import time
import warnings
import webbrowser
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlparse

from playground import problems, results
from playground.problems import NAME

MAX_TEXT = 100_000  # characters of printed text
INTERVAL = 0.05  # seconds between two messages with printed text


def run(source: str, view: str, emit: Callable[[str], object]) -> None:
    """Run a program and emit its results.

    Args:
        source: The program.
        view: ``"output"`` for the output of the program, or a key of ``results.VIEWS`` for a view of its last Value instead.
        emit: Receives each result, as a JSON text.
    """
    Session(source, view, emit).run()


class Session:
    """One run of a program."""

    def __init__(self, source: str, view: str, emit: Callable[[str], object]) -> None:
        self.source = source
        self.view = view
        self.emit = emit
        self.shows = False  # whether the statement that runs now shows its output
        self.drawn = False
        self.skipped: list[int] = []  # lines of statements in earlier cells
        self.skipped_for = ""  # the library that was missing
        self.reported = False
        self.result = results.Result()
        self.printed = Printed(self.show)
        self.namespace: dict[str, Any] = {"__name__": "__main__", "display": self.display}

    def run(self) -> None:
        """Run the program, and show its result."""
        linecache.cache[NAME] = (len(self.source), None, self.source.splitlines(keepends=True), NAME)
        results.replace_what_needs_numpy()
        with self.redirected():
            if self.completes(self.run_program):
                self.completes(self.show_result)

    @contextlib.contextmanager
    def redirected(self) -> Iterator[None]:
        """Show printed text, warnings, and the files that the program opens in a browser."""
        open_file = webbrowser.open
        with contextlib.redirect_stdout(self.printed), contextlib.redirect_stderr(self.printed), warnings.catch_warnings():
            warnings.simplefilter("default")
            warnings.showwarning = self.warn  # type: ignore[assignment]  # with fewer names of arguments
            webbrowser.open = self.open_file  # type: ignore[assignment]
            try:
                yield
            finally:
                webbrowser.open = open_file
                self.printed.flush()

    def run_program(self) -> None:
        """Run the statements one by one. Expression statements of the last cell show their values."""
        tree = ast.parse(self.source, NAME)
        if statements := results.import_missing(tree, self.namespace):
            self.show("note", f"Imported for you: {statements}")
        last = max((number for number, line in enumerate(self.source.splitlines(), 1) if line.startswith("# %%")), default=0)
        flags = 0
        for node in tree.body:
            line = min([node.lineno, *(item.lineno for item in getattr(node, "decorator_list", []))])
            self.shows = self.view == "output" and line > last
            if self.shows:
                self.report_skipped()
            try:
                self.run_statement(node, flags)
            except Exception as problem:
                if line > last or not self.skip(line, problem):
                    raise
            flags |= future_flags(node)
        self.report_skipped()

    def skip(self, line: int, problem: Exception) -> bool:
        """Return whether a statement of an earlier cell is skipped: it needs a missing library or a skipped statement."""
        self.skipped_for = problems.absent_library(problem) or self.skipped_for
        if self.skipped_for:
            self.skipped.append(line)
        return bool(self.skipped_for)

    def report_skipped(self) -> None:
        """Say which statements of earlier cells were skipped, once."""
        if self.skipped and not self.reported:
            self.reported = True
            lines = problems.enumerate_lines(self.skipped)
            self.show("note", f"Skipped in earlier blocks: {lines}. {problems.absent(self.skipped_for)}")

    def run_statement(self, node: ast.stmt, flags: int) -> None:
        """Run one statement of the program."""
        if isinstance(node, ast.Expr):
            expression = ast.Expression(node.value)
            value = eval(compile(expression, NAME, "eval", flags, dont_inherit=True), self.namespace)
            self.result.show(value)
            if value is not None and self.shows:
                self.display(value)
        else:
            exec(compile(ast.Module([node], []), NAME, "exec", flags, dont_inherit=True), self.namespace)
            self.result.assign(node, self.namespace)
        self.printed.flush()

    def show_result(self) -> None:
        """Show the chosen view of the last Value; after the output of a program that ends in a Value, its graph."""
        self.shows = True
        if self.view == "output" and (self.drawn or not self.result.is_shown):
            return
        for item in self.result.view("draw" if self.view == "output" else self.view, self.namespace):
            if isinstance(item, results.Note):
                self.show("note", item)
            else:
                self.display(item)

    def completes(self, function: Callable[[], None]) -> bool:
        """Call a function, show its error, and return whether it succeeded."""
        try:
            function()
        except BaseException as problem:  # noqa: BLE001 - SystemExit and KeyboardInterrupt must not end the worker
            self.printed.flush()
            self.shows = True
            self.show("error", **problems.describe(problem, bool(self.skipped)))
            return False
        return True

    def display(self, *objects: Any) -> None:
        """Show objects as a notebook does."""
        for item in objects:
            self.printed.flush()
            for kind, text in results.views(item):
                self.drawn |= kind in ("svg", "page", "html")
                self.show(kind, text)

    def show(self, kind: str, text: str, **more: Any) -> None:
        """Emit one result, unless the output of this cell is hidden."""
        if self.shows or kind in ("note", "warning"):
            self.emit(json.dumps({"kind": kind, "text": text, **more}))

    def warn(self, message: Warning | str, category: type[Warning], filename: str, lineno: int, *_: Any) -> None:
        """Show a warning."""
        self.printed.flush()
        self.show("warning", f"{category.__name__}: {message}", line=lineno if filename == NAME else None)

    def open_file(self, url: str, *_: Any) -> bool:
        """Show a file in the output. ``draw(y).show()`` opens one in the browser."""
        path = Path(unquote(urlparse(url).path))
        kind = {".svg": "svg", ".html": "page"}.get(path.suffix, "note")
        self.printed.flush()
        self.drawn = True
        self.show(kind, f"{path} was written" if kind == "note" else path.read_text(encoding="utf-8"))
        return True


class Printed(io.StringIO):
    """Collects printed text, and passes it on in parts that are not too small and in total not too long."""

    def __init__(self, show: Callable[[str, str], None]) -> None:
        super().__init__()
        self.show = show
        self.rest = MAX_TEXT
        self.last = time.monotonic()

    def write(self, text: str) -> int:
        """Collect text."""
        super().write(text)
        if time.monotonic() - self.last > INTERVAL:
            self.flush()
        return len(text)

    def flush(self) -> None:
        """Pass on the text that was collected."""
        text, self.last = self.getvalue(), time.monotonic()
        self.seek(0)
        self.truncate()
        if text and self.rest > 0:
            self.show("text", text[: self.rest])
            self.rest -= len(text)
            if self.rest <= 0:
                self.show("note", f"The rest of the printed text is not shown: it has more than {MAX_TEXT:,} characters.")


def future_flags(node: ast.stmt) -> int:
    """Return the flags that a statement ``from __future__ import ...`` sets for the statements below."""
    if not isinstance(node, ast.ImportFrom) or node.module != "__future__":
        return 0
    return sum(getattr(future, alias.name).compiler_flag for alias in node.names)
