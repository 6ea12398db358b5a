"""Arrays of rows as the executor reads them: floats in C order, aligned in memory."""

from __future__ import annotations

import numpy as np

FLOATS = np.dtype(np.float64)


def check_array(array: np.ndarray, name: str) -> None:
    """Raise a TypeError unless ``array`` is a plain array of real numbers.

    Args:
        array: Any array.
        name: The name of the argument, for the error message.
    """
    if type(array) is not np.ndarray and isinstance(array, np.matrix | np.ma.MaskedArray):
        masked = isinstance(array, np.ma.MaskedArray)
        remedy = "fill the masked elements first: array.filled(0.0)" if masked else "convert it first: np.asarray(array)"
        raise TypeError(f"{name} must be a plain array, not a {type(array).__name__}; {remedy}")
    if array.dtype.kind not in "biuf":
        raise TypeError(f"{name} must be an array of real numbers, not of {array.dtype}; convert it first: array.astype(float)")


def as_table(array: np.ndarray) -> np.ndarray:
    """Return an array of real numbers as a table of shape (rows, numbers per row), in C order and aligned in memory.

    The array may have any byte order, layout and alignment. It is copied only if necessary.

    >>> as_table(np.array([[[1], [2]], [[3], [4]]], dtype=">i4")).tolist()
    [[1.0, 2.0], [3.0, 4.0]]
    """
    flags = array.flags
    if array.dtype is not FLOATS or not (flags.c_contiguous and flags.aligned):
        array = np.require(array, FLOATS, ["C", "A"])
    if array.ndim != 2:
        rows = array.shape[0]
        array = array.reshape(rows, array.size // rows if rows else int(np.prod(array.shape[1:])))
    return array
