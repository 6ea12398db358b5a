"""The arguments of a compiled function: arrays of rows and plain numbers, taken out of whatever structure holds them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from autograd.base.real import as_float, is_real, refusal
from autograd.value import Value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any


class Arguments:
    """The numbers in some arguments.

    Attributes:
        signature: how they are arranged: equal for calls that the same program can serve.
        arrays: of floats, of shape (rows, numbers in a row), one after the other in memory.
        scalars: the plain numbers.
        rows: how many rows all arrays have; -1 if there is no array.
        has_values: whether there is a Value among the arguments.

    Raises:
        TypeError: for what is neither a number, an array of numbers, nor a list, tuple or dict of such; names where it is.
        ValueError: if two arrays have not the same number of rows.
    """

    def __init__(self, arguments: tuple[Any, ...]) -> None:
        self.arrays: list[np.ndarray] = []
        self.scalars: list[float] = []
        self.rows = -1
        self.has_values = False
        self._first = ""
        self.signature = tuple([self._read(thing, f"argument {i}") for i, thing in enumerate(arguments)])

    def _read(self, thing: Any, name: str) -> Any:
        if type(thing) is float:
            self.scalars.append(thing)
            return "number"
        if isinstance(thing, np.ndarray) and thing.ndim:
            return self._read_array(thing, name)
        if isinstance(thing, Value):
            self.has_values = True
            return "number"
        if isinstance(thing, list | tuple):
            return type(thing), *[self._read(item, f"{name}[{i}]") for i, item in enumerate(thing)]
        if isinstance(thing, dict):
            return "dict", *[(key, self._read(item, f"{name}[{key!r}]")) for key, item in thing.items()]
        if isinstance(thing, np.ndarray):
            thing = thing[()]
        if not is_real(thing):
            raise TypeError(refusal(thing, f"{name} must be a number, an array of rows, or a list, tuple or dict of such"))
        self.scalars.append(as_float(thing, name))
        return "number"

    def _read_array(self, array: np.ndarray, name: str) -> Any:
        if isinstance(array, np.matrix | np.ma.MaskedArray):
            raise TypeError(f"{name} must be a plain array, not a {type(array).__name__}; convert it first: np.asarray(array)")
        of_values = array.dtype == object and any(isinstance(item, Value) for item in array.flat)
        if array.dtype.kind not in "biuf" and not of_values:
            raise TypeError(
                f"{name} must be an array of real numbers, not of {array.dtype}; convert it first: array.astype(float)"
            )
        if self.rows >= 0 and len(array) != self.rows:
            raise ValueError(
                f"all arrays must have the same number of rows, but {self._first} has {self.rows} and {name} has {len(array)}; "
                "a number that is the same in all rows can be given as a float, a row of numbers as a list"
            )
        self.rows, self._first = len(array), self._first or name
        if of_values:
            self.has_values = True
            return "array", array.shape[1:]
        size = array.size // len(array) if len(array) else int(np.prod(array.shape[1:]))
        self.arrays.append(np.ascontiguousarray(array, dtype=np.float64).reshape(len(array), size))
        return "array", array.shape[1:]


def rearrange(thing: Any, of_array: Callable[[np.ndarray], Any], of_number: Callable[[Any], Any]) -> Any:
    """The same lists, tuples and dicts, with ``of_array(array)`` for each array of rows and ``of_number(x)`` for each number.

    >>> rearrange([np.zeros((5, 2)), {"s": 3.0}], np.shape, lambda x: -x)
    [(5, 2), {'s': -3.0}]
    """
    if isinstance(thing, np.ndarray) and thing.ndim:
        return of_array(thing)
    if isinstance(thing, dict):
        return {key: rearrange(item, of_array, of_number) for key, item in thing.items()}
    if isinstance(thing, list | tuple):
        items = [rearrange(item, of_array, of_number) for item in thing]
        return type(thing)(*items) if hasattr(thing, "_fields") else type(thing)(items)
    return of_number(thing)


def replace(thing: Any, leaf: Callable[[bool], Value]) -> Any:
    """The same structure with ``leaf(is_wide)`` for each number; an array becomes what it is in one row.

    >>> replace([np.zeros((5, 2)), 3.0], lambda is_wide: Value(1.0 if is_wide else 2.0))
    [array([Value(1.0), Value(1.0)], dtype=object), Value(2.0)]
    """

    def row_of(array: np.ndarray) -> Any:
        row = np.empty(array.shape[1:], dtype=object)
        for index in np.ndindex(row.shape):
            row[index] = leaf(True)
        return row if row.ndim else row[()]

    return rearrange(thing, row_of, lambda _: leaf(False))


def in_rows(thing: Any, rows: int) -> Any:
    """The same structure in which each plain number is an array, with an element for each row."""
    return rearrange(thing, lambda array: array, lambda x: np.full(rows, float(x)))


def arranged_like(thing: Any, numbers: Iterator[np.ndarray]) -> Any:
    """The same structure with the next of the numbers in the place of each number, each given as an array of all rows."""

    def of_array(array: np.ndarray) -> np.ndarray:
        size = int(np.prod(array.shape[1:]))
        if not size:
            return np.zeros(array.shape)
        return np.stack([next(numbers) for _ in range(size)], axis=1).reshape(array.shape)

    return rearrange(thing, of_array, lambda _: float(next(numbers)[0]))


def first_row(arguments: tuple[Any, ...]) -> Iterator[float]:
    """The numbers of the first row, in the order of ``replace``: something to record with. 1.0 where there are no rows."""
    return _row(arguments, 0)


def _row(things: Iterable[Any], i: int) -> Iterator[Any]:
    for thing in things:
        if isinstance(thing, np.ndarray) and thing.ndim:
            row = thing[i] if len(thing) else np.ones(thing.shape[1:])
            yield from np.asarray(row, dtype=object if thing.dtype == object else float).ravel().tolist()
        elif isinstance(thing, dict):
            yield from _row(thing.values(), i)
        elif isinstance(thing, list | tuple):
            yield from _row(thing, i)
        else:
            yield thing if isinstance(thing, Value) else float(thing)


def rows_of(arguments: tuple[Any, ...], rows: int) -> Iterator[tuple[Any, ...]]:
    """The arguments as Values, as the function is given them, row by row; once if there are no arrays among them.

    >>> list(rows_of((np.array([1.0, 2.0]), [3.0]), 2))
    [(Value(1.0), [Value(3.0)]), (Value(2.0), [Value(3.0)])]
    """
    for i in range(rows) if rows >= 0 else [0]:
        numbers = _row(arguments, i)
        yield tuple([replace(thing, lambda _: _as_value(next(numbers))) for thing in arguments])  # noqa: B023 - used at once


def _as_value(number: Any) -> Value:
    return number if isinstance(number, Value) else Value(number)
