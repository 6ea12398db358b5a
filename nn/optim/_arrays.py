"""Arrays of floats for optimizers: of NumPy, or without it, of Python's module ``array``.

Most functions are Python versions of the names that ``update_rules.py`` takes from Cython and from C. The C versions
are in ``_arrays.h``.
"""

from __future__ import annotations

import builtins
import math
import sys
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

compiled = False


def zeros(count: int) -> np.ndarray:
    """Return an array of ``count`` zeros."""
    try:
        import numpy as np
    except ImportError:
        from array import array

        return array("d", bytes(8 * count))  # type: ignore[return-value]  # one item is used at a time
    return np.zeros(count)


def quiet() -> AbstractContextManager[None]:
    """Return a context in which NumPy does not warn of inf and nan."""
    numpy = sys.modules.get("numpy")
    return numpy.errstate(all="ignore") if numpy else nullcontext()


def writable_floats(array: np.ndarray, count: int) -> Any:
    """Return ``array``, which must have the shape (count,)."""
    if getattr(array, "shape", (len(array),)) != (count,):
        size = len(array)
        raise ValueError(
            f"the array must have one number per parameter, here {count}, not {size}; create a new optimizer for others"
        )
    return array


def all_indices(count: int) -> Any:
    """Return one index that stands for all elements of NumPy's arrays, or the index of each element of Python's arrays."""
    return (slice(count),) if sys.modules.get("numpy") else builtins.range(count)


def sqrt(numbers: Any) -> Any:
    """Return the square root of a number, or of each element of an array."""
    return math.sqrt(numbers) if isinstance(numbers, float) else numbers**0.5


def larger(a: Any, b: Any) -> Any:
    """Return the larger of two numbers, or of each pair of elements of two arrays. If one is nan, the result is nan."""
    return (a if a > b or a != a else b) if isinstance(a, float) else sys.modules["numpy"].maximum(a, b)
