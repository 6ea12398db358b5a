"""``Tape``, the list of nodes and leaves that a function created while it was recorded: the fast part of ``Tracer``.

Compiled by Cython; ``value.py`` explains how.
"""

# Type checkers read the uncompiled branches.
# mypy: always-false=compiled
from __future__ import annotations

try:
    import cython
except ImportError:
    from autograd.base import _cython as cython

from autograd.base import modes
from autograd.base.modes import NO_GRAD_DEPTH
from autograd.nodes.parts import unblock

if cython.compiled:
    from cython.cimports.autograd.base import modes
    from cython.cimports.autograd.base._capi import NODE, ROW, TERMS
    from cython.cimports.autograd.value import Value
    from cython.cimports.cpython.contextvars import get_value
else:
    from autograd.base._cython import NODE, ROW, TERMS, get_value
    from autograd.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn


@cython.cclass
class Tape:
    """The nodes and leaves that were created, in order.

    Attributes:
        nodes: The computed nodes.
        leaves: The leaves.
    """

    def __init__(self) -> None:
        self.nodes: list[Value] = []
        self.leaves: list[Value] = []

    def created(self, leaf: Value) -> None:
        """Store a leaf that the function created."""
        self.leaves.append(leaf)

    def recorded(self, node: Value) -> None:
        """Store a node that the function computed."""
        if modes.no_grad_was_used and get_value(NO_GRAD_DEPTH, 0):  # reading a ContextVar is slow
            self.refuse("it is used inside no_grad(), which gives plain numbers")
        if node._kind not in (NODE, TERMS, ROW):  # sums, dots and takes block no gradient
            unblock(node)
        self.nodes.append(node)

    def refuse(self, why: str) -> NoReturn:
        """Raise an error: see ``Tracer``."""
        raise NotImplementedError
