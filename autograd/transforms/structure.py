"""Numbers in structures: a number, a NumPy array, or lists, tuples and dicts of such, however nested.

Functions to be differentiated take and return such structures. Here they are taken apart into one flat list of numbers,
and put together again: around other numbers (``build``), or two into one for Jacobians (``build_matrix``).
"""

from __future__ import annotations

import sys

from autograd.base.real import is_real, refusal
from autograd.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any, TypeAlias

    Path: TypeAlias = tuple[Any, ...]  # keys and indices


class Structure:
    """What is left of a structure when its numbers are taken out.

    Attributes:
        make: puts the children together; None for a single number or an array.
        children: structures, in the order of their numbers.
        shape: of the array; ``()`` for a single number or an array without axes.
        is_array: whether it is an array.
        size: how many numbers there are in it.
        start: how many numbers there are before it in the whole.
    """

    def __init__(
        self,
        start: int,
        make: Callable[[list[Any]], Any] | None = None,
        children: list[Structure] | None = None,
        shape: tuple[int, ...] = (),
        is_array: bool = False,
    ) -> None:
        self.start = start
        self.make = make
        self.children = children or []
        self.shape = shape
        self.is_array = is_array
        self.size = 1
        if make is not None:
            self.size = sum(child.size for child in self.children)
        for length in shape:
            self.size *= length

    def rebuild(self, make_leaf: Callable[[Structure], Any]) -> Any:
        """The structure with ``make_leaf(leaf)`` in the place of each number and each array."""
        if self.make is None:
            return make_leaf(self)
        return self.make([child.rebuild(make_leaf) for child in self.children])

    def build(self, numbers: list[Any]) -> Any:
        """The structure with these numbers or Values in it."""
        return self.rebuild(lambda leaf: _leaf(numbers[leaf.start : leaf.start + leaf.size], leaf.shape, leaf.is_array))

    def build_matrix(self, columns: Structure, matrix: list[list[Any]]) -> Any:
        """This structure, in which each number is a structure like ``columns``: row i of the matrix is for number i.

        Where an array meets an array, the result is one array with the axes of both.
        """

        def block(row: Structure, column: Structure) -> Any:
            rows = matrix[row.start : row.start + row.size]
            numbers = [number for numbers in rows for number in numbers[column.start : column.start + column.size]]
            return _leaf(numbers, row.shape + column.shape, row.is_array or column.is_array)

        return self.rebuild(lambda row: columns.rebuild(lambda column: block(row, column)))

    def outline(self) -> str:
        """How it is arranged, for error messages: ``{w: [number, number], b: array of shape (3,)}``."""
        outline = self.rebuild(lambda leaf: f"array of shape {leaf.shape}" if leaf.is_array else "number")
        return outline if isinstance(outline, str) else repr(outline).replace("'", "")


def take_apart(thing: Any, name: str) -> tuple[list[Any], Structure]:
    """The numbers and Values in ``thing``, in order, and how they were arranged; ``name`` is for the error message.

    Raises:
        TypeError: if something in it is neither a number, a Value nor one of the containers; names where it is.

    >>> numbers, structure = take_apart({"w": [1.0, 2.0], "b": 3.0}, "the argument")
    >>> numbers, structure.build([10.0, 20.0, 30.0])
    ([1.0, 2.0, 3.0], {'w': [10.0, 20.0], 'b': 30.0})
    """
    numbers: list[Any] = []
    return numbers, _take_apart(thing, name, numbers)


def take_arguments_apart(arguments: dict[int, Any]) -> tuple[list[Any], Structure]:
    """The same for some arguments of a function, by position: the structure is a tuple of them."""
    numbers: list[Any] = []
    children = [_take_apart(thing, f"argument {position}", numbers) for position, thing in arguments.items()]
    return numbers, Structure(0, tuple, children)


def _take_apart(thing: Any, name: str, numbers: list[Any]) -> Structure:
    start = len(numbers)
    if isinstance(thing, Value) or is_real(thing):
        numbers.append(thing)
        return Structure(start)
    numpy = sys.modules.get("numpy")  # an array can only exist if NumPy is already imported
    if numpy is not None and isinstance(thing, numpy.ndarray):
        numbers += (_checked(number, f"{name}[{i}]") for i, number in enumerate(thing.ravel().tolist()))
        return Structure(start, shape=thing.shape, is_array=True)
    if isinstance(thing, dict):
        keys = list(thing)
        children = [_take_apart(thing[key], f"{name}[{key!r}]", numbers) for key in keys]
        like = None if type(thing) is dict else _dictionary({}, thing)  # an OrderedDict, for example
        return Structure(start, lambda parts: _dictionary(dict(zip(keys, parts, strict=True)), like), children)
    if isinstance(thing, list | tuple):
        children = [_take_apart(item, f"{name}[{i}]", numbers) for i, item in enumerate(thing)]
        kind: Any = type(thing)
        is_named = hasattr(kind, "_fields")
        return Structure(start, lambda parts: kind(*parts) if is_named else kind(parts), children)
    raise TypeError(refusal(thing, f"{name} must be a number, a Value, a NumPy array, or a list, tuple or dict of such"))


def _dictionary(items: dict[Any, Any], like: dict[Any, Any] | None) -> dict[Any, Any]:
    """The items in a dict of the same type as another with these keys."""
    if like is None:
        return items
    import copy  # takes long to import, and is seldom needed

    same = copy.copy(like)
    same.update(items)
    return same


def paths(thing: Any, path: Path) -> Iterator[Path]:
    """Where each number is, in the order in which ``take_apart`` finds them, each behind the given beginning.

    >>> list(paths({"w": [1.0, 2.0], "b": 3.0}, (0,)))
    [(0, 'w', 0), (0, 'w', 1), (0, 'b')]
    """
    if isinstance(thing, dict):
        for key, item in thing.items():
            yield from paths(item, (*path, key))
    elif isinstance(thing, list | tuple):
        for i, item in enumerate(thing):
            yield from paths(item, (*path, i))
    elif getattr(thing, "shape", ()):
        for i, item in enumerate(thing.tolist() if hasattr(thing, "tolist") else thing):
            yield from paths(item, (*path, i))
    else:
        yield path


def in_words(path: Path) -> str:
    """A path as Python's indices: ``['w'][0]``."""
    return "".join(f"[{key!r}]" for key in path)


def _checked(number: Any, name: str) -> Any:
    if isinstance(number, Value) or is_real(number):
        return number
    raise TypeError(refusal(number, f"{name} must be a real number or a Value"))


def _leaf(numbers: list[Any], shape: tuple[int, ...], is_array: bool) -> Any:
    if not is_array:
        return numbers[0]
    import numpy as np

    if not any(isinstance(number, Value) for number in numbers):
        return np.array(numbers, dtype=float).reshape(shape)
    array = np.empty(len(numbers), dtype=object)
    array[:] = numbers
    return array.reshape(shape)
