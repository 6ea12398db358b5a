"""Python versions of the names that ``update_rules.py`` takes from Cython and from C. The C versions are in ``_arrays.h``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

compiled = False


def writable_floats(array: np.ndarray, count: int) -> Any:
    """Return ``array``, which must have the shape (count,)."""
    if array.shape != (count,):
        size = array.size
        raise ValueError(
            f"the array must have {count} numbers, one per parameter, not {size}; create a new optimizer for other parameters"
        )
    return array


def all_indices(count: int) -> tuple[Any]:
    """Return one index that stands for all elements, as ``range(count)`` gives all of them to a loop in C."""
    return (slice(count),)


def sqrt(numbers: Any) -> Any:
    """Return the square root of a number, or of each element of an array."""
    return numbers**0.5
