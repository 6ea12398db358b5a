"""Errors for attributes that do not exist. Each states a remedy."""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import ClassVar


class OtherNames:
    """Base class of objects that state a remedy for attributes of other libraries.

    >>> class Table(OtherNames):
    ...     _remedies = {"data": "use table.X"}
    >>> Table().data
    Traceback (most recent call last):
        ...
    AttributeError: 'Table' object has no attribute 'data'; use table.X
    """

    # Names that other libraries use, or that methods of other objects have, and the advice that follows the error.
    _remedies: ClassVar[Mapping[str, str]] = {}

    def _instead_of(self, name: str) -> str:
        """Return the remedy for an attribute that does not exist, after a semicolon, or ``""``."""
        return f"; {self._remedies[name]}" if name in self._remedies else ""

    if not TYPE_CHECKING:  # type checkers would accept every name

        def __getattr__(self, name: str) -> None:
            """Raise the error for an attribute that does not exist, with a remedy."""
            if hasattr(type(self), name):
                object.__getattribute__(self, name)  # a property that raised an AttributeError raises it again
            remedy = self._instead_of(name)
            text = f"{type(self).__name__!r} object has no attribute {name!r}{remedy}"
            # With a name and an object, Python adds the name of an attribute that is spelled in a similar way.
            raise AttributeError(text, name=None, obj=None) if remedy else AttributeError(text, name=name, obj=self)


def missing_name(module: str, name: str, remedy: str) -> Exception:
    """Return the error for a name that a module does not have. The function ``__getattr__`` of the module raises it.

    It is an ImportError in ``from module import name``, where Python would replace the text of an AttributeError.

    Args:
        module: The name of the module.
        name: The name that it does not have.
        remedy: The advice that follows the error, after a semicolon, or ``""``.
    """
    from opcode import opname  # only for an error

    frame = sys._getframe(2)
    if frame.f_lasti >= 0 and opname[frame.f_code.co_code[frame.f_lasti]] == "IMPORT_FROM":
        return ImportError(f"cannot import name {name!r} from {module!r}{remedy}", name=module)
    # With a name and an object, Python adds the name of an attribute that is spelled in a similar way.
    return AttributeError(f"module {module!r} has no attribute {name!r}{remedy}", name=None, obj=None)
