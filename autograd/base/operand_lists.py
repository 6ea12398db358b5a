"""The operands of a node with any number of them: ``Terms`` for ``sum`` and ``take``, ``Rows`` for the dots of a layer.

A node of one or two operands keeps them in its own fields, see ``value.py``. The functions that fill these classes are in
``nodes/sums.py``.

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
    """The operands of a ``sum``, each exactly a Value or a float."""

    __slots__ = (
        "items",
        "partials",  # by each of them: an array of C, or a list
    )

    if not cython.compiled and TYPE_CHECKING:  # as in Value
        items: tuple[Any, ...]
        partials: list[float]


@cython.final
@cython.no_gc
@cython.freelist(1024)
@cython.cclass
class Rows:
    """What the ``dot``s of a layer have in common: the same inputs, with a row of weights each.

    It has the numbers of all of them as they were when recorded, once; from these the table gives the partials.
    """

    __slots__ = (
        "fixed_inputs",  # whether there is no Value among the inputs
        "inputs",  # each exactly a Value or a float
        "numbers",  # of the inputs, then of the weights, row after row: an array of C, or a list
        "only_leaves",  # whether no weight is a computed node
        "only_values",  # whether all weights are Values
        "walk",  # the number of the last walk that came to the inputs, see walk.py
        "weights",  # a tuple of rows, with weights each exactly a Value or a float
    )

    if cython.compiled:

        def __dealloc__(self) -> None:
            PyMem_Free(self.numbers)  # type: ignore[name-defined]  # only compiled

    if not cython.compiled and TYPE_CHECKING:  # as in Value
        fixed_inputs: bool
        inputs: tuple[Any, ...]
        numbers: list[float]
        only_leaves: bool
        only_values: bool
        walk: int
        weights: tuple[tuple[Any, ...], ...]
