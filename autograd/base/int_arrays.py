"""``Ints``, a growing array of integers: the columns in which ``compile`` stores a graph.

A column takes 4 bytes per item, and reading an item takes one instruction. Loops read and write ``items`` directly, without
a check of the bounds. An index must therefore be in ``range(size)``.

Compiled by Cython; ``value.py`` explains how.
"""

# Type checkers read the uncompiled branches.
# mypy: always-false=compiled
from __future__ import annotations

from array import array

try:
    import cython
except ImportError:
    from autograd.base import _cython as cython

if cython.compiled:
    from cython.cimports.cpython.array import array as c_array
    from cython.cimports.cpython.array import clone
    from cython.cimports.cpython.bytes import PyBytes_FromStringAndSize
    from cython.cimports.cpython.mem import PyMem_Free, PyMem_Realloc
    from cython.cimports.libc.string import memcmp, memcpy

_EMPTY = array("i")


@cython.final
@cython.cclass
class Ints:
    """A growing array of C integers, or a list in the Python backend.

    Args:
        size: Number of items.
        number: The value of each item.

    Raises:
        MemoryError: If there is not enough memory.
    """

    __slots__ = ("capacity", "items", "size")  # their C types are in int_arrays.pxd

    def __init__(self, size: cython.Py_ssize_t = 0, number: cython.int = 0) -> None:
        self.size = self.capacity = 0
        if not cython.compiled:
            self.items = [number] * size
            self.size = size
            return
        self.resize(size)
        i: cython.Py_ssize_t
        for i in range(size):
            self.items[i] = number

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def resize(self, size: cython.Py_ssize_t) -> cython.int:
        """Change the size. New items have any value."""
        if not cython.compiled:
            self.items[size:] = [0] * (size - self.size)
        elif size > self.capacity:
            capacity: cython.Py_ssize_t = max(16, size, self.capacity + self.capacity // 2)
            items: cython.p_int = cython.cast(
                cython.p_int,
                PyMem_Realloc(self.items, capacity * cython.sizeof(cython.int)),  # type: ignore[name-defined]  # only compiled
            )
            if items == cython.NULL:
                raise MemoryError
            self.items = items
            self.capacity = capacity
        self.size = size
        return 0

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def append(self, number: cython.int) -> cython.int:
        """Add an item at the end."""
        if not cython.compiled:
            self.items.append(number)
            self.size += 1
            return 0
        if self.size == self.capacity:
            self.resize(self.size + 1)
        else:
            self.size += 1
        self.items[self.size - 1] = number
        return 0

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def append_8(
        self, a: cython.int, b: cython.int, c: cython.int, d: cython.int, e: cython.int, f: cython.int, g: cython.int,
        h: cython.int,
    ) -> cython.int:  # fmt: skip
        """Add eight items at the end, such as an instruction."""
        end: cython.Py_ssize_t = self.size
        self.resize(end + 8)
        self.items[end] = a
        self.items[end + 1] = b
        self.items[end + 2] = c
        self.items[end + 3] = d
        self.items[end + 4] = e
        self.items[end + 5] = f
        self.items[end + 6] = g
        self.items[end + 7] = h
        return 0

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def extend(self, other: Ints, start: cython.Py_ssize_t, count: cython.Py_ssize_t) -> cython.int:
        """Add ``count`` items of another array, or of this one, from index ``start``."""
        end: cython.Py_ssize_t = self.size
        if not cython.compiled:
            self.items += other.items[start : start + count]
            self.size += count
            return 0
        self.resize(end + count)
        if count:
            memcpy(self.items + end, other.items + start, count * cython.sizeof(cython.int))  # type: ignore[name-defined]
        return 0

    @cython.cfunc
    @cython.exceptval(check=False)
    def equal(self, start: cython.Py_ssize_t, other: Ints, first: cython.Py_ssize_t, count: cython.Py_ssize_t) -> cython.bint:
        """Return whether ``count`` items from ``start`` equal ``count`` items of another array from ``first``."""
        if not cython.compiled:
            return self.items[start : start + count] == other.items[first : first + count]
        return count == 0 or memcmp(self.items + start, other.items + first, count * cython.sizeof(cython.int)) == 0  # type: ignore[name-defined]

    @cython.cfunc
    @cython.exceptval(check=False)
    def first_of_run(self, start: cython.Py_ssize_t, count: cython.Py_ssize_t, step: cython.int) -> cython.int:
        """Return the first of ``count`` items from ``start`` if each is ``step`` larger than the one before.

        Otherwise return -1 if all items are negative, and -2 if not.
        """
        first: cython.int = self.items[start]
        is_run: cython.bint = first >= 0
        any_positive: cython.bint = is_run
        i: cython.Py_ssize_t
        for i in range(1, count):
            item: cython.int = self.items[start + i]
            is_run = is_run and item == first + i * step
            any_positive = any_positive or item >= 0
        return first if is_run else -2 if any_positive else -1

    @cython.cfunc
    def copy(self) -> Ints:
        """Return a copy."""
        new: Ints = Ints()
        new.extend(self, 0, self.size)
        return new

    @cython.cfunc
    def key(self, start: cython.Py_ssize_t, count: cython.Py_ssize_t) -> object:
        """Return a key for a dict. Equal items have equal keys."""
        if not cython.compiled:
            return tuple(self.items[start : start + count])
        first: cython.p_char = cython.cast(cython.p_char, self.items + start)
        return PyBytes_FromStringAndSize(first, count * cython.sizeof(cython.int))  # type: ignore[name-defined]

    def to_array(self) -> array[int]:
        """Return the items as an array of Python's module ``array``."""
        if not cython.compiled:
            return array("i", self.items)
        result: c_array = clone(_EMPTY, self.size, False)  # type: ignore[name-defined]  # only compiled
        if self.size:
            memcpy(result.data.as_voidptr, self.items, self.size * cython.sizeof(cython.int))  # type: ignore[name-defined]
        return result

    def tolist(self) -> list[int]:
        """Return the items as a list.

        >>> Ints(3, -1).tolist()
        [-1, -1, -1]
        """
        return self.to_array().tolist()

    def __len__(self) -> int:
        return self.size

    def __dealloc__(self) -> None:
        PyMem_Free(self.items)  # type: ignore[name-defined]  # only compiled


def ints(numbers: list) -> Ints:
    """Return an array of these integers.

    >>> len(ints([1, 2]))
    2
    """
    result: Ints = Ints()
    for number in numbers:
        result.append(number)
    return result
