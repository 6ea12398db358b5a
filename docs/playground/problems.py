"""Errors of a program, as the playground shows them: with the line of the program, and with the names of missing libraries."""

from __future__ import annotations

import builtins
import sys
import traceback
from typing import Any

NAME = "your code"  # the name of the file in tracebacks
MAX_CALLS = 4
OURS = {"autograd", "nn", "visualize", *sys.stdlib_module_names}
TITLES = {
    "numpy": "NumPy", "scipy": "SciPy", "sympy": "SymPy", "torch": "PyTorch", "jax": "JAX", "hypothesis": "Hypothesis",
    "sklearn": "scikit-learn",
}  # fmt: skip
WHAT_WORKS = (
    "Graphs, derivatives, checks, pictures, models and training work here. For everything else, install the package "
    "on your computer."
)


def describe(problem: BaseException, after_skipped: bool = False) -> dict[str, Any]:
    """Return the text of an error, the line of the program that raised it, and the calls that led to this line.

    Args:
        problem: The error.
        after_skipped: Whether a part of the program was skipped. A name may then be missing for this reason.
    """
    if isinstance(problem, SyntaxError) and problem.filename == NAME:
        text = f"{type(problem).__name__}: {problem.msg}"
        return {"text": text, "line": problem.lineno, "source": problem.text or "", "calls": []}
    frames = [frame for frame in traceback.extract_tb(problem.__traceback__) if frame.filename == NAME]
    calls = [f"line {frame.lineno}, in {frame.name.replace('<module>', 'the program')}" for frame in frames[:-1]]
    if len(calls) > MAX_CALLS:
        calls[MAX_CALLS - 1 : -1] = [f"{len(calls) - MAX_CALLS:,} more calls"]
    text = "".join(traceback.format_exception_only(problem)).strip().removeprefix(f"{type(problem).__module__}.")
    if library := absent_library(problem):
        text = f"{type(problem).__name__}: {absent(library)}"
    if isinstance(problem, NameError) and problem.name and not hasattr(builtins, problem.name) and not after_skipped:
        text += f'\nTo use {problem.name} as an input, start with {problem.name} = Value(2.0, label="{problem.name}").'
    return {
        "text": text,
        "line": frames[-1].lineno if frames else None,
        "source": (frames[-1].line or "") if frames else "",
        "calls": calls,
    }


def absent_library(problem: BaseException | None) -> str:
    """Return the library that the playground does not have and whose import led to an error, or ""."""
    while isinstance(problem, ImportError):
        name = (problem.name or "").partition(".")[0]
        if isinstance(problem, ModuleNotFoundError) and name and name not in OURS:
            return name
        problem = problem.__cause__ or problem.__context__
    return ""


def absent(library: str) -> str:
    """Return the sentences about a library that the playground does not have."""
    features = " compile(), arrays and saved files need it." if library == "numpy" else ""
    return f"{TITLES.get(library, library)} is not part of the playground.{features} {WHAT_WORKS}"


def enumerate_lines(lines: list[int]) -> str:
    """Return line numbers as text.

    >>> enumerate_lines([3]), enumerate_lines([3, 9, 12]), enumerate_lines(list(range(9)))
    ('line 3', 'lines 3, 9 and 12', 'lines 0, 1, 2, 3 and 5 more')
    """
    *others, last = map(str, lines) if len(lines) < 6 else [*map(str, lines[:4]), f"{len(lines) - 4} more"]
    return f"lines {', '.join(others)} and {last}" if others else f"line {last}"
