"""Operand lists of nodes with any number of operands: ``Terms`` for ``sum`` and ``take``, ``Rows`` for the dots of a layer.

A node with one or two operands stores them in its own fields, see ``value.py``. ``nodes/sums.py`` fills these classes.

Compiled by Cython; ``value.py`` explains how.
"""

# Type checkers read the uncompiled branches.
# mypy: always-false=compiled
from __future__ import annotations

try:
    import cython
except ImportError:
    from autograd.base import _cython as cython

if cython.compiled:
    from cython.cimports.cpython.mem import PyMem_Free

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


@cython.final
@cython.no_gc
@cython.freelist(4096)
@cython.cclass
class Terms:
    """The operands of a ``sum``. The type of each is exactly Value or float."""

    __slots__ = (
        "items",
        "partials",  # one per item: a C array, or a list
    )

    if not cython.compiled and TYPE_CHECKING:  # as for Value
        items: tuple[Any, ...]
        partials: list[float]


@cython.final
@cython.no_gc
@cython.freelist(1024)
@cython.cclass
class Rows:
    """The operands of all ``dot``s of a layer: the inputs that they share, and one row of weights per dot.

    The operands' numbers at the time of recording are stored once. The partials are computed from them by the table.
    """

    __slots__ = (
        "fixed_inputs",  # whether no input is a Value
        "inputs",  # the type of each is exactly Value or float
        "numbers",  # of the inputs, then of the weights row by row: a C array, or a list
        "only_leaves",  # whether no weight is a computed node
        "only_values",  # whether all weights are Values
        "traversal",  # the number of the last traversal that visited the inputs, see topology.py
        "weights",  # a tuple of rows; the type of each weight is exactly Value or float
    )

    if cython.compiled:

        def __dealloc__(self) -> None:
            PyMem_Free(self.numbers)  # type: ignore[name-defined]  # only compiled

    if not cython.compiled and TYPE_CHECKING:  # as for Value
        fixed_inputs: bool
        inputs: tuple[Any, ...]
        numbers: list[float]
        only_leaves: bool
        only_values: bool
        traversal: int
        weights: tuple[tuple[Any, ...], ...]
