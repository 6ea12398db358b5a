"""Run the code of the playground, and report what it shows.

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
import builtins
import contextlib
import io
import json
import linecache
import sys
import time
import traceback
import warnings
import webbrowser
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlparse

from playground import results

NAME = "your code"  # the name of the file in tracebacks
MAX_TEXT = 100_000  # characters of printed text
MAX_CALLS = 4
INTERVAL = 0.05  # seconds between two messages with printed text
TITLES = {"numpy": "NumPy", "scipy": "SciPy", "sympy": "SymPy", "torch": "PyTorch", "hypothesis": "Hypothesis", "jax": "JAX"}
WHAT_WORKS = (
    "Graphs, derivatives, checks, pictures, models, losses and optimizers work here. For everything else, install the package "
    "on your computer."
)


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
        if line := results.import_missing(tree, self.namespace):
            self.show("note", f"Imported for you: {line}")
        cells = [number for number, line in enumerate(self.source.splitlines(), 1) if line.startswith("# %%")]
        flags = 0
        skip_before = 0
        for node in tree.body:
            first = min([node.lineno, *(item.lineno for item in getattr(node, "decorator_list", []))])
            self.shows = self.view == "output" and (not cells or first > cells[-1])
            if first < skip_before:
                continue
            try:
                self.run_statement(node, flags)
            except ModuleNotFoundError as problem:  # the last cell may not need what an earlier cell imports
                following = [cell for cell in cells if cell > first]
                if not following or is_ours(problem.name):
                    raise
                skip_before = following[0]
                self.show("note", f"The earlier block at line {first} was not completed: {absent(problem.name)}")
            flags |= future_flags(node)

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
        """Call a function, show its error, and return whether there was none."""
        try:
            function()
        except BaseException as problem:  # noqa: BLE001 - SystemExit and KeyboardInterrupt must not end the worker
            self.printed.flush()
            self.shows = True
            self.show("error", **describe(problem))
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


def describe(problem: BaseException) -> dict[str, Any]:
    """Return the text of an error, and the line of the user's code that led to it."""
    if isinstance(problem, SyntaxError) and problem.filename == NAME:
        text = f"{type(problem).__name__}: {problem.msg}"
        return {"text": text, "line": problem.lineno, "source": problem.text or "", "calls": []}
    frames = [frame for frame in traceback.extract_tb(problem.__traceback__) if frame.filename == NAME]
    calls = [f"line {frame.lineno}, in {frame.name.replace('<module>', 'the program')}" for frame in frames[:-1]]
    if len(calls) > MAX_CALLS:
        calls[MAX_CALLS - 1 : -1] = [f"{len(calls) - MAX_CALLS:,} more calls"]
    text = "".join(traceback.format_exception_only(problem)).strip()
    module = f"{type(problem).__module__}."
    text = text.removeprefix(module)
    if isinstance(problem, ModuleNotFoundError) and not is_ours(problem.name):
        text = f"ModuleNotFoundError: {absent(problem.name)}"
    if isinstance(problem, NameError) and problem.name and not hasattr(builtins, problem.name):
        text += f'\nTo use {problem.name} as an input, start with {problem.name} = Value(2.0, label="{problem.name}").'
    return {
        "text": text,
        "line": frames[-1].lineno if frames else None,
        "source": (frames[-1].line or "") if frames else "",
        "calls": calls,
    }


def absent(module: str | None) -> str:
    """Return the sentences about a library that the playground does not have."""
    name = (module or "").partition(".")[0]
    features = " compile(), fit(), predict(), arrays and saved files need it." if name == "numpy" else ""
    return f"{TITLES.get(name, name)} is not part of the playground.{features} {WHAT_WORKS}"


def is_ours(module: str | None) -> bool:
    """Return whether a module that was not found would belong to a package of the playground; its name is then misspelt."""
    return module is None or module.partition(".")[0] in {"autograd", "nn", "visualize", *sys.stdlib_module_names}


def future_flags(node: ast.stmt) -> int:
    """Return the flags that a statement ``from __future__ import ...`` sets for the statements below."""
    if not isinstance(node, ast.ImportFrom) or node.module != "__future__":
        return 0
    return sum(getattr(future, alias.name).compiler_flag for alias in node.names)
