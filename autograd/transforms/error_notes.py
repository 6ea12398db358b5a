"""Notes on errors that other libraries raise when they meet Values or lists of Values in a function to be differentiated."""

from __future__ import annotations

import re

from autograd.ops import TABLE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

# The first part of the messages of NumPy if an array of Values is passed to code for floats.
_CAST = re.compile(r"Cannot cast ufunc '(\w+)' input.* from dtype\('O'\)")  # numpy.linalg
_UNSUPPORTED = re.compile(r"ufunc '(\w+)' not supported for the input types")  # numpy.fft, scipy.special and others
_PREDICATES = ("isnan", "isfinite", "isinf", "signbit")


def add_note(problem: Exception, arguments: Iterable[tuple[str, Any]] = ()) -> None:
    """Add a note to an error of an operation on a list, if an argument is a list or tuple, or to an error of NumPy.

    >>> try:
    ...     [1.0] ** 2
    ... except TypeError as problem:
    ...     add_note(problem, [("argument 0", [1.0])])
    ...     print(problem.__notes__[0])
    argument 0 is a list, on which Python has no arithmetic; pass an array to compute with each number: np.array(...)
    """
    note = _note(str(problem), arguments) if isinstance(problem, TypeError) else ""
    if note and note not in getattr(problem, "__notes__", ()):  # a derivative of a derivative calls this for each
        problem.add_note(note)


def _note(text: str, arguments: Iterable[tuple[str, Any]]) -> str:
    if "'list'" in text or "'tuple'" in text or "not list" in text or "not tuple" in text:
        for name, thing in arguments:
            if isinstance(thing, list | tuple):
                found = f"{name} is a {type(thing).__name__}, on which Python has no arithmetic"
                return f"{found}; pass an array to compute with each number: np.array(...)"
    own = "compute it with operations on Values, or check your own gradient with gradcheck(f, x, gradient=...)"
    if _CAST.search(text):
        return f"NumPy's linear algebra does not accept Values; {own}"
    if found_name := _UNSUPPORTED.search(text):
        name = found_name[1]
        if name in _PREDICATES:
            return f"{name} of an array does not accept Values; use np.{name}(autograd.read_data(list(array)))"
        ours = f"use autograd.{name}" if any(row.name == name for row in TABLE) else own
        return f"{name} of an array does not accept Values; {ours}"
    return ""
