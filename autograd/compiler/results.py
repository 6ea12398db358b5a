"""The results of a compiled function: from a table of numbers to the structure that the function returns, or to given arrays.

table    array of shape (numbers, rows) that the executor fills; (numbers, 1) if the function is called once
out      arrays of the caller, into which the results are written
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from autograd.replay.rows import FLOATS
from autograd.transforms.pytrees import Structure, walk

if TYPE_CHECKING:
    from typing import Any

    from autograd.transforms.pytrees import Leaf, Tree


_OTHER_ARRAYS = (np.matrix, np.ma.MaskedArray)  # assignments to them mean something else


class Out:
    """The arrays into which the results of one call are written.

    Args:
        out: The arrays, in the structure of the results. A list of numbers, and a list of lists of the same length, is one
            array.
        structure: The structure of the results.
        rows: The number of rows; -1 if the function is called once.

    Raises:
        TypeError: If ``out`` contains anything except arrays of float64.
        ValueError: If its structure or the shape of an array is wrong, or an array is not writable.
    """

    def __init__(self, out: Any, structure: Structure, rows: int) -> None:
        self._arrays: list[np.ndarray] = []
        self._rows = rows
        self._stacked = structure.stacked()
        self._is_written = False
        self._lead: tuple[int, ...] = () if rows < 0 else (rows,)
        if walk(out, "out", self._add) != self._stacked.tree:
            wanted, given = self._stacked, Structure(walk(out, "out", lambda array, _: ("array", array.shape)))
            raise ValueError(f"out must have the structure of the results, {wanted.outline(self._lead)}, not {given.outline()}")
        for i, array in enumerate(self._arrays):
            if any(np.may_share_memory(array, other) and np.shares_memory(array, other) for other in self._arrays[:i]):
                raise ValueError("the arrays in out must not share memory: each result needs its own; use np.empty(shape)")

    def _add(self, item: Any, name: str) -> Tree:
        if type(item) is not np.ndarray and (not isinstance(item, np.ndarray) or isinstance(item, _OTHER_ARRAYS)):
            raise TypeError(
                f"{name} must be an array of float64, not {type(item).__name__} ({item!r:.40}); use np.empty(shape)"
            )
        if item.dtype is not FLOATS and item.dtype != FLOATS:
            raise TypeError(f"{name} must be an array of float64, not of {item.dtype}; use np.empty(shape)")
        if not item.flags.writeable:
            raise ValueError(f"{name} must be writable, but this array is read-only; pass a copy: array.copy()")
        if any(step == 0 and size > 1 for step, size in zip(item.strides, item.shape, strict=True)):
            raise ValueError(f"{name} must have memory for each element, but this one repeats elements; use np.empty(shape)")
        self._arrays.append(item)
        shape = item.shape
        if self._rows >= 0:
            shape = shape[1:] if shape[:1] == self._lead else None
        return "array", shape

    def table(self, arguments: list[np.ndarray]) -> np.ndarray:
        """Return the table for the executor: if possible, the memory of the only array, otherwise new memory."""
        size = self._stacked.size
        if len(self._arrays) == 1 and (self._rows < 0 or size == 1) and self._arrays[0].flags.carray:
            array = self._arrays[0]
            self._is_written = not any(np.may_share_memory(array, argument) for argument in arguments)
            if self._is_written:
                return array.reshape(size, 1 if self._rows < 0 else self._rows)
        return empty_table(size, self._rows)

    def write(self, table: np.ndarray) -> None:
        """Copy the results from a table to the arrays."""
        if self._is_written:
            return
        for leaf, array in zip(self._stacked.leaves, self._arrays, strict=True):
            array[...] = of_point(leaf, table) if self._rows < 0 else of_rows(leaf, table)


def empty_table(size: int, rows: int) -> np.ndarray:
    """Return a table for this number of results."""
    return np.empty((size, 1 if rows < 0 else rows))


def restore(structure: Structure, table: np.ndarray, rows: int) -> Any:
    """Return the results in a table in their structure.

    For rows, every number and array becomes an array whose first axis is the rows. Arrays are views of the table.
    """
    if rows >= 0:
        return structure.rebuild(lambda leaf: of_rows(leaf, table))
    if structure.is_number:
        return table.item(0)
    if structure.has_arrays:
        return structure.rebuild(lambda leaf: of_point(leaf, table) if leaf.is_array else table.item(leaf.start))
    return structure.unflatten(table[:, 0].tolist())


def of_rows(leaf: Leaf, table: np.ndarray) -> np.ndarray:
    """Return the results that belong to one leaf, as an array whose first axis is the rows."""
    if leaf.is_array:
        return table[leaf.start : leaf.start + leaf.size].T.reshape(table.shape[1], *leaf.shape)
    row: np.ndarray = table[leaf.start]
    return row


def of_point(leaf: Leaf, table: np.ndarray) -> np.ndarray:
    """Return the results that belong to one leaf, as an array, if the function is called once."""
    return table[leaf.start : leaf.start + leaf.size].reshape(leaf.shape)
