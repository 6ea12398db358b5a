"""The signatures of functions that the user passes."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def accepts(function: Any, count: int) -> bool:
    """Return whether the function can be called with ``count`` positional arguments."""
    import inspect  # slow to import

    try:
        inspect.signature(function).bind(*range(count))
    except TypeError:
        return False
    except ValueError:  # some functions written in C have no signature
        return True
    return True
