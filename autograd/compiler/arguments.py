"""The arguments of a compiled function: their arrays of rows, their plain numbers, and their structure."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

import numpy as np

from autograd.base.real import as_float, is_real, refusal
from autograd.replay.rows import FLOATS, as_table, check_array
from autograd.shared import refuse_other_value
from autograd.transforms.pytrees import NUMBER, Structure, rebuild, walk
from autograd.value import Value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import Any

    from autograd.transforms.pytrees import Tree


_LEAVES = (np.ndarray, float)  # the most frequent types


@functools.cache
def _names_of_positions(count: int) -> list[str]:
    return [f"argument {i}" for i in range(count)]


class Arguments:
    """The numbers in the arguments of one call.

    Args:
        arguments: The arguments.
        keys: The position or name of each argument, for error messages.
        by_row: Whether the first axis of an array is the rows. Otherwise an array is an array of plain numbers.

    Attributes:
        given: The arguments themselves.
        names: The name of each argument, for error messages.
        signature: The tree of each argument, without the number of rows. Calls with equal signatures share a recording.
        arrays: The arrays, as floats of shape (rows, numbers per row), contiguous in memory.
        scalars: The plain numbers, as floats.
        rows: The number of rows of all arrays; -1 if there is no array of rows.
        has_values: Whether an argument contains a Value.

    Raises:
        TypeError: If an argument contains anything except numbers, arrays of numbers, lists, tuples and dicts. The message
            states the position.
        ValueError: If two arrays have different numbers of rows.
    """

    def __init__(self, arguments: tuple[Any, ...], keys: Sequence[int | str] | None = None, by_row: bool = True) -> None:
        self.given = arguments
        self.by_row = by_row
        self.names = _names_of_positions(len(arguments)) if keys is None else [f"argument {key!r}" for key in keys]
        self.arrays: list[np.ndarray] = []
        self.scalars: list[float] = []
        self.rows: int = -1
        self.has_values: bool = False
        self._first = ""
        add_leaf = self._add_leaf
        self.signature: tuple[Tree, ...] = tuple(
            [
                add_leaf(thing, name) if type(thing) in _LEAVES else walk(thing, name, add_leaf, self.scalars.extend)
                for thing, name in zip(arguments, self.names, strict=True)
            ]
        )

    def _add_leaf(self, item: Any, name: str) -> Tree:
        if type(item) is float:
            self.scalars.append(item)
            return NUMBER
        if isinstance(item, np.ndarray) and item.ndim:
            return self._add_array(item, name)
        if isinstance(item, Value):
            self.has_values = True
            return NUMBER
        if isinstance(item, np.ndarray):
            item = item[()]
        if not is_real(item):
            rule = f"{name} must be a number, an array of rows, or a list, tuple or dict of them"
            refuse_other_value(item, rule)
            message = refusal(item, rule, accepts_arrays=True)
            if item is None or isinstance(item, str):
                message += f"; if it is an option, {static_remedy(name)}"
            raise TypeError(message)
        self.scalars.append(as_float(item, name))
        return NUMBER

    def _add_array(self, array: np.ndarray, name: str) -> Tree:
        of_values = False
        if array.dtype is not FLOATS or type(array) is not np.ndarray:
            of_values = array.dtype.kind == "O" and any(isinstance(item, Value) for item in array.flat)
            if not of_values:
                check_array(array, name)
        if not self.by_row:
            self.has_values |= of_values
            if not of_values:
                self.scalars += (array if array.dtype is FLOATS else array.astype(float)).ravel().tolist()
            return "array", array.shape
        if self.rows >= 0 and len(array) != self.rows:
            raise ValueError(
                f"all arrays must have the same number of rows, but {self._first} has {self.rows} and {name} has {len(array)}; "
                "pass a number shared by all rows as a float, and a vector shared by all rows as a list"
            )
        self.rows, self._first, shape = len(array), self._first or name, array.shape[1:]
        if of_values:
            self.has_values = True
        else:
            self.arrays.append(as_table(array))
        return "array", shape

    def inputs(self) -> list[range]:
        """Return, for each argument, the indices of its numbers in a flattened row."""
        found: list[range] = []
        for tree in self.signature:
            start = found[-1].stop if found else 0
            found.append(range(start, start + Structure(tree).size))
        return found

    def broadcast(self, positions: tuple[int, ...]) -> Arguments:
        """Return the arguments with each plain number at ``positions`` replaced by an array with one element per row."""
        if not self.scalars or self.rows < 0:
            return self

        def column(leaf: Any) -> np.ndarray:
            return leaf if is_array(leaf) else np.full(self.rows, float(leaf))

        rest = iter(self._leaves())
        return Arguments(
            tuple(
                [
                    rebuild(tree, lambda _: column(next(rest))) if i in positions else rebuild(tree, lambda _: next(rest))
                    for i, tree in enumerate(self.signature)
                ]
            )
        )

    def row(self, i: int, make_value: Callable[[Any, bool], Any]) -> tuple[Any, ...]:
        """Return the arguments as the function receives them for row i.

        Args:
            i: Index of the row. If the arrays have no rows, each of their numbers is 1.0.
            make_value: Called with each number or Value, and with whether it may differ from row to row.
        """

        def of_array(array: np.ndarray) -> Any:
            numbers = array
            if self.by_row:
                numbers = array[i] if len(array) else np.ones(array.shape[1:])
            numbers = np.asarray(numbers, dtype=object if array.dtype == object else float)
            row = np.empty(numbers.shape, dtype=object)
            row.reshape(-1)[:] = [make_value(number, self.by_row) for number in numbers.ravel().tolist()]
            return row if row.ndim else row[()]

        made = iter([of_array(leaf) if is_array(leaf) else make_value(leaf, False) for leaf in self._leaves()])
        return tuple([rebuild(tree, lambda _: next(made)) for tree in self.signature])

    def as_values(self) -> Iterator[tuple[Any, ...]]:
        """Yield the arguments of each row, with each number as a Value. Without arrays, yield them once.

        >>> list(Arguments((np.array([1.0, 2.0]), [3.0])).as_values())
        [(Value(1.0), [Value(3.0)]), (Value(2.0), [Value(3.0)])]
        """
        for i in range(self.rows) if self.rows >= 0 else [0]:
            yield self.row(i, lambda number, _: number if isinstance(number, Value) else Value(number))

    def _leaves(self) -> list[Any]:
        """Return the numbers, Values and arrays, in order."""
        leaves: list[Any] = []

        def add(item: Any, _: str) -> Tree:
            leaves.append(item[()] if isinstance(item, np.ndarray) and not item.ndim else item)
            return NUMBER

        for thing in self.given:
            walk(thing, "", add)
        return leaves


def static_remedy(name: str) -> str:
    """Return the advice to make an argument static.

    >>> static_remedy("argument 1"), static_remedy("argument 'mode'")
    ('make it static: compile(f, static_argnums=1)', "make it static: compile(f, static_argnames='mode')")
    """
    key = name.removeprefix("argument ")
    if "[" in key:
        return "pass it as a separate argument and make that static: compile(f, static_argnums=...)"
    return f"make it static: compile(f, {'static_argnums' if key.isdecimal() else 'static_argnames'}={key})"


def is_array(leaf: Any) -> bool:
    """Return whether a leaf is an array of rows."""
    return isinstance(leaf, np.ndarray) and leaf.ndim > 0
