"""Reading and writing the numbers of many Values at once: for optimizers, whose every step goes through all parameters.

A loop of Python takes some 50 ns for each Value that it reads; these take 1 or 2.

Compiled by Cython, like ``value.py``, which explains the names.
"""

# Type checkers, also those of users, are to read what runs uncompiled.
# mypy: always-false=compiled
from __future__ import annotations

try:
    import cython
except ImportError:
    from autograd import _cython as cython

from autograd.real import as_float
from autograd.value import refuse_if_tracing

if cython.compiled:
    from cython.cimports.autograd._capi import LEAF, has_type, item_of, numbers_of
    from cython.cimports.autograd.value import Value
else:
    from autograd._cython import LEAF, has_type, item_of, numbers_of
    from autograd.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    import numpy as np


def read_data(values: Sequence[Value]) -> np.ndarray:
    """The ``data`` of each Value, in an array of shape (len(values),).

    Raises:
        TypeError: if it is not a list or tuple of Values; the message names the first item that is none.

    >>> from autograd import Value, read_data
    >>> read_data([Value(1.0), Value(2.5)])
    array([1. , 2.5])
    """
    refuse_if_tracing("its data is read")
    return _read(_checked(values, "read_data"), False)


def read_grads(values: Sequence[Value]) -> np.ndarray:
    """The ``grad`` of each Value, in an array of shape (len(values),).

    Raises:
        TypeError: as ``read_data``.

    >>> from autograd import Value, read_grads
    >>> x, y = Value(3.0), Value(5.0)
    >>> (x * y).backward()
    >>> read_grads([x, y])
    array([5., 3.])
    """
    refuse_if_tracing("a gradient is read")
    return _read(_checked(values, "read_grads"), True)


def write_data(values: Sequence[Value], numbers: Any) -> None:
    """Set the ``data`` of each Value to one of the numbers.

    Args:
        values: a list or tuple of leaves.
        numbers: as many numbers, a list or an array of shape (len(values),); or one number for all.

    Raises:
        TypeError: as ``read_data``; if the numbers are no numbers.
        ValueError: if there are not as many numbers as Values.
        AttributeError: if a Value was computed from others; after an error no Value is changed.

    >>> from autograd import Value, write_data
    >>> x, y = Value(1.0), Value(2.0)
    >>> write_data([x, y], [0.5, 0.25])
    >>> x, y
    (Value(0.5), Value(0.25))
    """
    refuse_if_tracing("data is assigned to")
    items = _checked(values, "write_data")
    i: cython.Py_ssize_t
    for i in range(len(items)):
        if cython.cast(Value, item_of(items, i))._kind != LEAF:
            raise AttributeError(
                f"write_data() changes leaves, but item {i} is {items[i]!r}, whose data follows from its operands; "
                "update the leaves below it and compute it again"
            )
    _write(items, numbers, False, "write_data")


def write_grads(values: Sequence[Value], numbers: Any) -> None:
    """Set the ``grad`` of each Value to one of the numbers: ``write_grads(parameters, 0.0)`` before each ``backward``.

    Args:
        values: a list or tuple of Values.
        numbers: as for ``write_data``.

    Raises:
        TypeError, ValueError: as ``write_data``; after an error no Value is changed.

    >>> from autograd import Value, write_grads
    >>> x = Value(1.0)
    >>> (3 * x).backward()
    >>> write_grads([x], 0.0)
    >>> x.grad
    0.0
    """
    refuse_if_tracing("a gradient is assigned to")
    _write(_checked(values, "write_grads"), numbers, True, "write_grads")


@cython.cfunc
def _checked(values: object, name: str) -> tuple:
    """The Values as a tuple."""
    if not isinstance(values, (list, tuple)):
        raise TypeError(f"{name}() takes a list or tuple of Values, not {type(values).__name__} ({values!r:.40})")
    items: tuple = tuple(values)
    i: cython.Py_ssize_t
    for i in range(len(items)):
        if not has_type(item_of(items, i), Value):
            raise TypeError(f"{name}() takes Values, but item {i} is {type(items[i]).__name__} ({items[i]!r:.40})")
    return items


@cython.cfunc
def _read(items: tuple, grads: cython.bint) -> object:
    import numpy as np

    array = np.empty(len(items))
    numbers: cython.p_double = numbers_of(array)
    i: cython.Py_ssize_t
    for i in range(len(items)):
        value: Value = cython.cast(Value, item_of(items, i))
        numbers[i] = value._grad if grads else value._data
    return array


@cython.cfunc
@cython.exceptval(-1, check=False)
def _write(items: tuple, numbers: object, grads: cython.bint, name: str) -> cython.int:
    i: cython.Py_ssize_t
    number: cython.double
    if not hasattr(numbers, "__len__"):  # one for all
        number = as_float(numbers, f"what {name}() writes")
        for i in range(len(items)):
            _set(cython.cast(Value, item_of(items, i)), number, grads)
        return 0
    array = _as_array(numbers, name)
    if array.shape != (len(items),):
        raise ValueError(f"{name}() needs one number a Value: {len(items)} in a row, not an array of shape {array.shape}")
    source: cython.p_double = numbers_of(array)
    for i in range(len(items)):
        _set(cython.cast(Value, item_of(items, i)), source[i], grads)
    return 0


@cython.cfunc
@cython.inline
@cython.exceptval(-1, check=False)
def _set(value: Value, number: cython.double, grads: cython.bint) -> cython.int:
    if grads:
        value._grad = number
    else:
        value._data = number
    return 0


def _as_array(numbers: Any, name: str) -> np.ndarray:
    """As floats one after the other, of what ``Value(...)`` would take each for itself."""
    import numpy as np

    if isinstance(numbers, np.ndarray) and numbers.dtype.kind in "biuf":
        return np.ascontiguousarray(numbers, dtype=np.float64)
    items = numbers.tolist() if isinstance(numbers, np.ndarray) else numbers
    if not isinstance(items, (list, tuple)):
        raise TypeError(f"{name}() takes numbers, a list or an array, not {type(numbers).__name__} ({numbers!r:.40})")
    return np.array([as_float(number, f"item {i} of what {name}() writes") for i, number in enumerate(items)], dtype=np.float64)
