"""Read and write data and gradients of many Values at once. Optimizers use these functions, because a step uses all parameters.

Arrays are NumPy's, or where NumPy is not installed, those of Python's module ``array``.

A Python loop takes about 50 ns per Value; these functions take 1 or 2 ns. They do not copy the list. No other Python code runs
between the check of the items and their last use.

Compiled by Cython; ``value.py`` explains how.
"""

# Type checkers read the uncompiled branches.
# mypy: always-false=compiled
from __future__ import annotations

import sys
from contextlib import suppress

try:
    import cython
except ImportError:
    from autograd.base import _cython as cython

from autograd.base import modes
from autograd.base.modes import refuse_if_tracing
from autograd.base.real import as_float

if cython.compiled:
    from cython.cimports.autograd.base import modes
    from cython.cimports.autograd.base._capi import LEAF, has_type, have_same_items, items_of, numbers_of
    from cython.cimports.autograd.base._node import data_at, grad_at, set_data_at, set_grad_at
    from cython.cimports.autograd.value import Value
else:
    from autograd.base._cython import (
        LEAF,
        data_at,
        grad_at,
        has_type,
        have_same_items,
        items_of,
        numbers_of,
        set_data_at,
        set_grad_at,
    )
    from autograd.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    import numpy as np

    Leaves = tuple[Value, ...]
else:
    Leaves = tuple


class LeafTuple(Leaves):
    """A tuple of leaves, which are checked once, when it is created.

    ``read_data``, ``write_data`` and the other functions for many Values do not check them again. For a large model, the check
    takes longer than reading or writing the numbers, because the type of a Value is not next to its numbers in memory.

    Args:
        values: A list or tuple of leaves.

    Raises:
        TypeError: If ``values`` is not a list or tuple of Values.
        AttributeError: If a Value is not a leaf.

    >>> from autograd import LeafTuple, Value, read_data
    >>> read_data(LeafTuple([Value(1.0), Value(2.5)]))
    array([1. , 2.5])
    """

    __slots__ = ()

    def __new__(cls, values: Sequence[Value]) -> LeafTuple:
        """Check the values."""
        _count(values, "LeafTuple")
        leaves = tuple(values)
        _read(leaves, len(leaves), cython.NULL, cython.NULL, True, "LeafTuple")
        return tuple.__new__(cls, leaves)

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle and copy through the check."""
        return type(self), (tuple(self),)


def read_data(values: Sequence[Value]) -> np.ndarray:
    """Return the ``data`` of each Value.

    Args:
        values: A list or tuple of Values.

    Returns:
        An array of shape (len(values),).

    Raises:
        TypeError: If ``values`` is not a list or tuple of Values. The message states the first item that is not a Value.

    >>> from autograd import Value, read_data
    >>> read_data([Value(1.0), Value(2.5)])
    array([1. , 2.5])
    """
    refuse_if_tracing("its data is read")
    count: cython.Py_ssize_t = _count(values, "read_data")
    data = _empty(count)
    _read(values, count, numbers_of(data), cython.NULL, False, "read_data")
    return data


def read_grads(values: Sequence[Value]) -> np.ndarray:
    """Return the ``grad`` of each Value.

    Args:
        values: A list or tuple of Values.

    Returns:
        An array of shape (len(values),).

    Raises:
        TypeError: If ``values`` is not a list or tuple of Values.

    >>> from autograd import Value, read_grads
    >>> x, y = Value(3.0), Value(5.0)
    >>> (x * y).backward()
    >>> read_grads([x, y])
    array([5., 3.])
    """
    refuse_if_tracing("a gradient is read")
    count: cython.Py_ssize_t = _count(values, "read_grads")
    grads = _empty(count)
    _read(values, count, cython.NULL, numbers_of(grads), False, "read_grads")
    return grads


def read_leaves(values: Sequence[Value]) -> tuple[np.ndarray, np.ndarray]:
    """Return the ``data`` and the ``grad`` of each leaf: the input of an optimizer step.

    Args:
        values: A list or tuple of leaves.

    Returns:
        Two arrays of shape (len(values),).

    Raises:
        TypeError: If ``values`` is not a list or tuple of Values.
        AttributeError: If a Value is not a leaf. ``write_data`` would reject it.

    >>> from autograd import Value, read_leaves
    >>> x, y = Value(3.0), Value(5.0)
    >>> (x * y).backward()
    >>> read_leaves([x, y])
    (array([3., 5.]), array([5., 3.]))
    """
    refuse_if_tracing("its data is read")
    count: cython.Py_ssize_t = _count(values, "read_leaves")
    data, grads = _empty(count), _empty(count)
    _read(values, count, numbers_of(data), numbers_of(grads), True, "read_leaves")
    return data, grads


def write_data(values: Sequence[Value], numbers: Any) -> None:
    """Set the ``data`` of each leaf. If an error is raised, no Value is changed.

    Args:
        values: A list or tuple of leaves.
        numbers: One number per Value, as a list or an array of shape (len(values),); or a single number for all.

    Raises:
        TypeError: If ``values`` is not a list or tuple of Values, or ``numbers`` contains anything but numbers.
        ValueError: If the number of numbers differs from the number of Values.
        AttributeError: If a Value is not a leaf.

    >>> from autograd import Value, write_data
    >>> x, y = Value(1.0), Value(2.0)
    >>> write_data([x, y], [0.5, 0.25])
    >>> x, y
    (Value(0.5), Value(0.25))
    """
    refuse_if_tracing("data is assigned to")
    _write(values, numbers, False, "write_data")


def write_grads(values: Sequence[Value], numbers: Any) -> None:
    """Set the ``grad`` of each Value. If an error is raised, no Value is changed.

    ``write_grads(parameters, 0.0)`` resets all gradients before ``backward``.

    Args:
        values: A list or tuple of Values.
        numbers: One number per Value, as a list or an array of shape (len(values),); or a single number for all.

    Raises:
        TypeError: If ``values`` is not a list or tuple of Values, or ``numbers`` contains anything but numbers.
        ValueError: If the number of numbers differs from the number of Values.

    >>> from autograd import Value, write_grads
    >>> x = Value(1.0)
    >>> (3 * x).backward()
    >>> write_grads([x], 0.0)
    >>> x.grad
    0.0
    """
    refuse_if_tracing("a gradient is assigned to")
    _write(values, numbers, True, "write_grads")


@cython.cfunc
@cython.exceptval(-1, check=False)
def _count(values: Any, name: str) -> cython.Py_ssize_t:
    """Return the number of Values, or raise TypeError if ``values`` is not a list or tuple."""
    if not isinstance(values, (list, tuple)):
        raise TypeError(f"{name}() takes a list or tuple of Values, not {type(values).__name__} ({values!r:.40})")
    return len(values)


@cython.cfunc
@cython.exceptval(-1, check=False)
def _check_length(values: Any, count: cython.Py_ssize_t, name: str) -> cython.int:
    """Raise ValueError if the length of the list has changed since its Values were counted."""
    if len(values) != count:
        raise ValueError(f"the list of Values must not change its length during {name}()")
    return 0


@cython.cfunc
@cython.inline
@cython.exceptval(check=False)
def _fits(item: cython.p_void, only_leaves: cython.bint) -> cython.bint:
    """Return whether the item is a Value and, if ``only_leaves``, a leaf."""
    return has_type(item, Value) and (not only_leaves or cython.cast(Value, item)._kind == LEAF)


@cython.cfunc
@cython.exceptval(-1, check=False)
def _refuse(values: Any, i: cython.Py_ssize_t, name: str) -> cython.int:
    """Raise the error for item ``i``."""
    item = values[i]
    if type(item) is not Value:
        raise TypeError(f"{name}() takes Values, but item {i} is {type(item).__name__} ({item!r:.40})")
    raise AttributeError(
        f"{name}() is for leaves, but item {i} is {item!r}, whose data is computed from its operands; "
        "update the leaves that it depends on and compute it again"
    )


@cython.cfunc
@cython.exceptval(-1, check=False)
def _read(
    values: Any, count: cython.Py_ssize_t, data: cython.p_double, grads: cython.p_double, only_leaves: cython.bint, name: str
) -> cython.int:
    """Read data and gradients into two arrays, either of which may be NULL."""
    _check_length(values, count, name)
    is_checked: cython.bint = type(values) is LeafTuple
    items: cython.pp_void = items_of(values)
    i: cython.Py_ssize_t
    for i in range(count):
        item: cython.p_void = items[i]
        if not is_checked and not _fits(item, only_leaves):
            return _refuse(values, i, name)
        if data is not cython.NULL:
            data[i] = data_at(item)
        if grads is not cython.NULL:
            grads[i] = grad_at(item)
    return 0


@cython.cfunc
@cython.exceptval(-1, check=False)
def _write(values: Any, numbers: object, grads: cython.bint, name: str) -> cython.int:
    """Write data, or gradients if ``grads`` is true."""
    count: cython.Py_ssize_t = _count(values, name)
    number: cython.double = 0.0
    source: cython.p_double = cython.NULL
    if hasattr(numbers, "__len__"):
        array = _as_array(numbers, name)
        shape = getattr(array, "shape", (len(array),))
        if shape != (count,):
            raise ValueError(f"{name}() needs one number per Value: an array of shape ({count},), not {shape}")
        source = numbers_of(array)
    else:  # a single number for all
        number = as_float(numbers, f"the number written by {name}()")
    if type(values) is LeafTuple:
        _write_checked(items_of(values), count, source, number, grads)
        modes.data_writes += not grads
        return 0
    replaced = _empty(count)  # restored after an error. Checking all Values first would read all of them twice
    old: cython.p_double = numbers_of(replaced)
    _check_length(values, count, name)
    items: cython.pp_void = items_of(values)
    i: cython.Py_ssize_t
    for i in range(count):
        item: cython.p_void = items[i]
        if not _fits(item, not grads):
            _restore(items, i, old, grads)
            modes.data_writes += not grads
            return _refuse(values, i, name)
        if source is not cython.NULL:
            number = source[i]
        if grads:
            old[i] = grad_at(item)
            set_grad_at(item, number)
        else:
            old[i] = data_at(item)
            set_data_at(item, number)
    modes.data_writes += not grads  # after the last write, because another thread may read some of the data before
    return 0


@cython.cfunc
@cython.exceptval(check=False)
def _write_checked(
    items: cython.pp_void, count: cython.Py_ssize_t, source: cython.p_double, number: cython.double, grads: cython.bint
) -> cython.void:
    """Write item i of ``source`` to Value i, or if ``source`` is NULL, ``number`` to all."""
    i: cython.Py_ssize_t
    if grads:
        for i in range(count):
            set_grad_at(items[i], number if source is cython.NULL else source[i])
    else:
        for i in range(count):
            set_data_at(items[i], number if source is cython.NULL else source[i])


@cython.cfunc
@cython.exceptval(check=False)
def _restore(items: cython.pp_void, count: cython.Py_ssize_t, old: cython.p_double, grads: cython.bint) -> cython.void:
    """Write the old numbers of the first Values again, from the last to the first, because one may occur twice."""
    i: cython.Py_ssize_t
    for i in range(count - 1, -1, -1):
        if grads:
            set_grad_at(items[i], old[i])
        else:
            set_data_at(items[i], old[i])


def _empty(count: int) -> np.ndarray:
    """Return an array for ``count`` floats: of NumPy, or without it, of Python's module ``array``."""
    numpy: Any = None
    with suppress(ImportError):
        import numpy
    if numpy is not None:  # compiled code also imports None, by which tests hide NumPy
        return numpy.empty(count)
    from array import array

    return array("d", bytes(8 * count))  # type: ignore[return-value]  # has what the callers use


def _as_array(numbers: Any, name: str) -> np.ndarray:
    """Return the numbers as a contiguous array of floats. The same types are accepted as in ``Value(...)``."""
    numpy: Any = sys.modules.get("numpy")
    is_array = numpy is not None and isinstance(numbers, numpy.ndarray)
    if is_array and numbers.dtype.kind in "biuf":
        return numpy.require(numbers, numpy.float64, "CA")  # also if it was not aligned in memory
    items = numbers.tolist() if is_array or type(numbers).__module__ == "array" else numbers
    if not isinstance(items, (list, tuple)):
        raise TypeError(f"{name}() takes numbers, a list or an array, not {type(numbers).__name__} ({numbers!r:.40})")
    array = _empty(len(items))
    for i, number in enumerate(items):
        array[i] = as_float(number, f"item {i} written by {name}()")
    return array


def same_items(containers: list[Any], before: list[Any]) -> bool:
    """Return whether every list and dict still holds the same objects, compared by identity.

    Args:
        containers: Lists and dicts.
        before: For each container, a tuple of the objects that it held earlier: the items of a list, or the keys and values
            of a dict in turn.

    >>> items = [1.0, 2.0]
    >>> same_items([items], [tuple(items)])
    True
    """
    i: cython.Py_ssize_t
    for i in range(len(containers)):  # noqa: SIM110 - a generator is slower
        if not have_same_items(containers[i], before[i]):
            return False
    return True
