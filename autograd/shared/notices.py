"""Warnings at the line of user code that led to them, shown once per statement in interactive sessions.

Python shows a warning once per text and line. At the Python prompt, each statement is line 1 of the module ``__main__``, so a
warning would be shown once per session, and a repeated mistake would be silent.
"""

from __future__ import annotations

from autograd.shared.frames import users_frame

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType, FrameType
    from typing import Any

# The beginning of the names that Python, the `code` module and IPython give to typed statements, and a part of Jupyter's.
_TYPED = ("<stdin>", "<python-input", "<console>", "<input>", "<ipython-input")
_CELL = "ipykernel_"

# The latest typed statement that issued a warning, and the registry of the warnings that it has shown.
_latest: list[Any] = [None, {}]


def warn(message: str, category: type[Warning] = UserWarning) -> None:
    """Issue a warning that names the line outside these packages whose call led here.

    In a program, Python's filters show it once per text and line. In an interactive session, it is shown once per statement.

    Args:
        message: The text.
        category: The class of the warning.

    >>> import warnings
    >>> with warnings.catch_warnings(record=True) as caught:
    ...     warn("the sky is falling")
    >>> str(caught[0].message)
    'the sky is falling'
    """
    import warnings  # slow to import

    frame = users_frame()
    code = _typed_statement(frame)
    if code is None:
        registry = frame.f_globals.setdefault("__warningregistry__", {})
    else:
        if _latest[0] is not code:
            _latest[:] = [code, {}]
        registry = _latest[1]
    module = frame.f_globals.get("__name__") or "<string>"
    warnings.warn_explicit(message, category, frame.f_code.co_filename, frame.f_lineno, module, registry)


def _typed_statement(frame: FrameType | None) -> CodeType | None:
    """Return the code of the typed statement that is running, or None in a program. Each statement has its own code."""
    found = None
    while frame is not None:
        code = frame.f_code
        if code.co_name == "<module>" and (code.co_filename.startswith(_TYPED) or _CELL in code.co_filename):
            found = code
        frame = frame.f_back
    return found
