"""Nested structures of numbers ("pytrees"): a number, a NumPy array, or containers of them, nested to any depth.

The containers are lists, tuples, named tuples, dicts, and instances of dataclasses and of attrs classes.

Functions accept and return these structures. ``flatten`` turns a structure into a flat list of numbers and a ``Structure``.
``Structure.unflatten`` restores the structure with other numbers. Both use ``walk`` and ``rebuild``, as does ``compile``.

    tree        the structure without its numbers, as nested tuples. It can be hashed and compared
    leaf        a number or an array
"""

from __future__ import annotations

import sys
from math import prod

from autograd.base.real import is_real, refusal
from autograd.shared import refuse_other_value
from autograd.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any, TypeAlias

    import numpy as np

    # A leaf is NUMBER or ("array", shape). A branch is (kind, child, ...), where a child of a dict is (key, child).
    Tree: TypeAlias = Any
    Path: TypeAlias = tuple[Any, ...]  # keys and indices

NUMBER = "number"
_NUMBERS = "numbers"
_LISTS = (list, tuple)


def walk(thing: Any, name: str, leaf: Callable[[Any, str], Tree], floats: Callable[[list[float]], None] | None = None) -> Tree:
    """Return the tree of a structure. Call ``leaf(item, name)`` for each item that is not a container.

    A field of a dataclass or attrs class with ``metadata={"static": True}`` is not searched. It belongs to the tree, like the
    class.

    Call ``floats(items)`` instead for a list that contains only floats, if it is given. This is faster.

    >>> walk([1.0, {"a": 2.0}], "x", lambda item, name: name)
    (<class 'list'>, 'x[0]', (<class 'dict'>, ('a', "x[1]['a']")))
    """
    if type(thing) is float or type(thing) is Value:  # the most frequent cases
        return leaf(thing, name)
    if floats is not None and type(thing) is list and set(map(type, thing)) == {float}:
        floats(thing)
        return list, *[NUMBER] * len(thing)
    if isinstance(thing, _LISTS):
        return type(thing), *[walk(item, f"{name}[{i}]", leaf, floats) for i, item in enumerate(thing)]
    if isinstance(thing, dict):
        kind: Any = dict if type(thing) is dict else _DictKind(thing)
        return kind, *[(key, walk(item, f"{name}[{key!r}]", leaf, floats)) for key, item in thing.items()]
    if (fields := _fields(thing)) is not None:
        kind = _RecordKind(type(thing), {field: getattr(thing, field) for field, static in fields if static})
        searched = [(field, getattr(thing, field)) for field, static in fields if not static]
        return kind, *[(field, walk(item, f"{name}.{field}", leaf, floats)) for field, item in searched]
    return leaf(thing, name)


def rebuild(tree: Tree, make_leaf: Callable[[Tree], Any]) -> Any:
    """Build a structure from its tree. Call ``make_leaf(leaf)`` for each leaf, in order.

    >>> rebuild((list, NUMBER, (dict, ("a", ("array", (3,))))), lambda leaf: leaf)
    ['number', {'a': ('array', (3,))}]
    """
    if type(tree) is str or isinstance(tree[0], str):
        return make_leaf(tree)
    kind: Any
    kind, *children = tree
    if kind is dict or type(kind) in _KINDS:
        items = {key: rebuild(child, make_leaf) for key, child in children}
        return items if kind is dict else kind.fill(items)
    # Leaves are made here, because a call of this function for each of them would double the time.
    parts = [
        make_leaf(child) if type(child) is str or type(child[0]) is str else rebuild(child, make_leaf) for child in children
    ]
    if kind is list:
        return parts
    return kind(*parts) if kind is not tuple and hasattr(kind, "_fields") else kind(parts)


def _join_numbers(tree: Tree) -> Tree:
    """Return the tree with each list of numbers as one leaf ``("numbers", (length,))``."""
    if type(tree) is str or isinstance(tree[0], str):
        return tree
    kind: Any
    kind, *children = tree
    if kind is list and children.count(NUMBER) == len(children):
        return _NUMBERS, (len(children),)
    if kind is dict or type(kind) in _KINDS:
        return kind, *[(key, _join_numbers(child)) for key, child in children]
    return kind, *map(_join_numbers, children)


def _stack(tree: Tree) -> Tree:
    """Return the tree with each leaf as an array, and each list of arrays of the same shape as one array."""
    if type(tree) is str or isinstance(tree[0], str):
        return "array", () if tree == NUMBER else tree[1]
    kind: Any
    kind, *children = tree
    if kind is dict or type(kind) in _KINDS:
        return kind, *[(key, _stack(child)) for key, child in children]
    stacked = [_stack(child) for child in children]
    if kind is list and stacked and stacked[0][0] == "array" and stacked.count(stacked[0]) == len(stacked):
        return "array", (len(stacked), *stacked[0][1])
    return kind, *stacked


def map_leaves(function: Callable[[Any], Any], thing: Any) -> Any:
    """Build the structure of ``thing`` with ``function(item)`` in place of each item that is not a container.

    >>> map_leaves(str, [1.0, {"a": None}])
    ['1.0', {'a': 'None'}]
    """
    results: list[Any] = []

    def leaf(item: Any, _: str) -> Tree:
        results.append(function(item))
        return NUMBER

    tree = walk(thing, "", leaf)
    found = iter(results)
    return rebuild(tree, lambda _: next(found))


class _DictKind:
    """A subclass of dict, such as OrderedDict, as the kind of a branch."""

    def __init__(self, thing: dict[Any, Any]) -> None:
        import copy  # slow to import, and rarely needed

        self._empty = copy.copy(thing)  # keeps, for example, the default_factory of a defaultdict
        self._empty.clear()

    def fill(self, items: dict[Any, Any]) -> dict[Any, Any]:
        """Return a dict of this kind with these items."""
        import copy

        filled = copy.copy(self._empty)
        filled.update(items)
        return filled

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _DictKind) and type(self._empty) is type(other._empty)

    def __hash__(self) -> int:
        return hash(type(self._empty))


class Field(str):
    """The name of a field of a dataclass or attrs class, as a key in a path."""

    __slots__ = ()


def _fields(thing: Any) -> list[tuple[Field, bool]] | None:
    """Return the fields of an instance of a dataclass or attrs class, and whether each is static; None for other objects."""
    kind = type(thing)
    if hasattr(kind, "__dataclass_fields__"):
        found = sys.modules["dataclasses"].fields(kind)
    elif hasattr(kind, "__attrs_attrs__"):
        found = kind.__attrs_attrs__
    else:
        return None
    return [(Field(field.name), bool(field.metadata.get("static"))) for field in found]


class _RecordKind:
    """A dataclass or attrs class with the values of its static fields, as the kind of a branch."""

    def __init__(self, kind: type, static: dict[str, Any]) -> None:
        self._kind = kind
        self._static = static

    def fill(self, items: dict[Any, Any]) -> Any:
        """Return an instance with these fields. Its ``__init__`` is not called, because it may reject or convert Values."""
        filled: Any = object.__new__(self._kind)
        for field, item in (self._static | items).items():
            object.__setattr__(filled, field, item)  # a frozen class has no other way
        return filled

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _RecordKind) and (self._kind, self._static) == (other._kind, other._static)

    def __hash__(self) -> int:
        return hash(self._kind)


_KINDS = (_DictKind, _RecordKind)  # of branches whose children have keys; dict is another


# ---- structures of real numbers and Values ------------------------------------------------------------------------


class Structure:
    """A tree, and the position of each leaf in the flat list of numbers.

    Attributes:
        tree: See ``walk``.
        leaves: The leaves, in the order of their numbers.
        size: Number of numbers.
        is_number: Whether the structure is a single number.
        has_arrays: Whether the structure contains arrays.
    """

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self.is_number: bool = tree == NUMBER
        self.leaves: list[Leaf] = []
        self.size: int = 0
        rebuild(tree, self._add_leaf)
        self.has_arrays: bool = any(leaf.is_array for leaf in self.leaves)
        self._joined: Tree = None
        self._stacked: Structure | None = None

    def _add_leaf(self, leaf: Tree) -> None:
        self.leaves.append(Leaf(self.size, leaf))
        self.size += self.leaves[-1].size

    def rebuild(self, make_leaf: Callable[[Leaf], Any]) -> Any:
        """Build the structure with ``make_leaf(leaf)`` in place of each number and each array."""
        leaves = iter(self.leaves)
        return rebuild(self.tree, lambda _: make_leaf(next(leaves)))

    def unflatten(self, numbers: list[Any]) -> Any:
        """Build the structure with these numbers or Values. A list of numbers is a slice, which is fast."""
        if self._joined is None:
            self._joined = _join_numbers(self.tree)
        end = 0

        def fill(leaf: Tree) -> Any:
            nonlocal end
            start = end
            if leaf == NUMBER:
                end += 1
                return numbers[start]
            kind, shape = leaf
            end += prod(shape)
            return numbers[start:end] if kind == _NUMBERS else _fill(numbers[start:end], shape)

        return rebuild(self._joined, fill)

    def stacked(self) -> Structure:
        """Return this structure with arrays as its leaves. A number is an array of shape ().

        A list of arrays of the same shape is one array.

        >>> Structure((tuple, NUMBER, (list, (list, NUMBER, NUMBER), (list, NUMBER, NUMBER)))).stacked().outline()
        '(array of shape (), array of shape (2, 2))'
        """
        if self._stacked is None:
            self._stacked = Structure(_stack(self.tree))
        return self._stacked

    def unflatten_matrix(self, row: Leaf, matrix: list[list[Any]]) -> Any:
        """Build this structure from the matrix rows that belong to a leaf of another structure.

        For each array in this structure, if that leaf is also an array, the result is one array with the axes of both.
        """

        def block(column: Leaf) -> Any:
            if not row.is_array and not column.is_array:
                return matrix[row.start][column.start]
            numbers = [number for numbers in row.of(matrix) for number in column.of(numbers)]
            return _fill(numbers, row.shape + column.shape)

        return self.rebuild(block)

    def outline(self, lead: tuple[int, ...] = ()) -> str:
        """Return a description for error messages: ``{w: [number, number], b: array of shape (3,)}``.

        Args:
            lead: The first axes of all arrays.
        """
        outline = self.rebuild(lambda leaf: f"array of shape {lead + leaf.shape}" if leaf.is_array else "number")
        return outline if isinstance(outline, str) else repr(outline).replace("'", "")


class Leaf:
    """A number or an array in a structure.

    Attributes:
        start: Index of the leaf's first number in the flat list.
        size: Number of numbers.
        shape: Shape of the array; ``()`` for a number.
        is_array: Whether the leaf is an array. An array may also have the shape ``()``.
    """

    def __init__(self, start: int, leaf: Tree) -> None:
        self.start = start
        self.is_array: bool = leaf != NUMBER
        self.shape: tuple[int, ...] = leaf[1] if self.is_array else ()
        self.size: int = 1
        for length in self.shape:
            self.size *= length

    def of(self, numbers: list[Any]) -> list[Any]:
        """Return the part of a flat list that belongs to this leaf."""
        return numbers[self.start : self.start + self.size]


def flatten(thing: Any, name: str) -> tuple[list[Any], Structure]:
    """Return the numbers and Values in ``thing`` as a flat list, and their structure.

    Args:
        thing: A number, a Value, a NumPy array, or a list, tuple, dict or dataclass of them.
        name: Name of ``thing`` in error messages.

    Raises:
        TypeError: If ``thing`` contains anything else. The message states the position.

    >>> numbers, structure = flatten({"w": [1.0, 2.0], "b": 3.0}, "the argument")
    >>> numbers, structure.unflatten([10.0, 20.0, 30.0])
    ([1.0, 2.0, 3.0], {'w': [10.0, 20.0], 'b': 30.0})
    """
    numbers, tree = _flatten(thing, name)
    return numbers, Structure(tree)


def flatten_arguments(arguments: dict[int, Any]) -> tuple[list[Any], Structure]:
    """Flatten some arguments of a function, keyed by position. The structure is a tuple of these arguments."""
    flattened = [_flatten(thing, f"argument {position}") for position, thing in arguments.items()]
    return [number for numbers, _ in flattened for number in numbers], Structure((tuple, *[tree for _, tree in flattened]))


def _flatten(thing: Any, name: str) -> tuple[list[Any], Tree]:
    numbers: list[Any] = []

    def leaf(item: Any, name: str) -> Tree:
        if isinstance(item, Value) or is_real(item):
            numbers.append(item)
            return NUMBER
        numpy = sys.modules.get("numpy")  # an array can only exist if NumPy is already imported
        if numpy is not None and isinstance(item, numpy.ndarray):
            numbers.extend(_checked(number, f"{name}[{i}]") for i, number in enumerate(item.ravel().tolist()))
            return "array", item.shape
        rule = f"{name} must be a number, a Value, a NumPy array, or a list, tuple, dict or dataclass of them"
        remedy = "" if "." not in name else ', or exclude the field: dataclasses.field(metadata={"static": True})'
        refuse_other_value(item, rule)
        raise TypeError(refusal(item, rule, accepts_arrays=True) + remedy)

    tree = walk(thing, name, leaf)
    return numbers, tree


def paths(thing: Any, path: Path) -> Iterator[Path]:
    """Yield the path to each number, in the order of ``flatten``. Each path begins with ``path``.

    >>> list(paths({"w": [1.0, 2.0], "b": 3.0}, (0,)))
    [(0, 'w', 0), (0, 'w', 1), (0, 'b')]
    """
    if isinstance(thing, dict):
        for key, item in thing.items():
            yield from paths(item, (*path, key))
    elif isinstance(thing, list | tuple):
        for i, item in enumerate(thing):
            yield from paths(item, (*path, i))
    elif (fields := _fields(thing)) is not None:
        for field, static in fields:
            if not static:
                yield from paths(getattr(thing, field), (*path, field))
    elif getattr(thing, "shape", ()):
        for i, item in enumerate(thing.tolist() if hasattr(thing, "tolist") else thing):
            yield from paths(item, (*path, i))
    else:
        yield path


def format_path(path: Path) -> str:
    """Return a path as Python code: ``['w'][0]``, or ``.w[0]`` for a dataclass."""
    return "".join(f".{key}" if isinstance(key, Field) else f"[{key!r}]" for key in path)


def follow(thing: Any, path: Path) -> Any:
    """Return the item of a structure at a path.

    Raises:
        LookupError, TypeError, AttributeError: If the structure has no item there.
    """
    for key in path:
        thing = getattr(thing, key) if isinstance(key, Field) else thing[key]
    return thing


def _checked(number: Any, name: str) -> Any:
    if isinstance(number, Value) or is_real(number):
        return number
    rule = f"{name} must be a real number or a Value"
    refuse_other_value(number, rule)
    raise TypeError(refusal(number, rule))


def _fill(numbers: list[Any], shape: tuple[int, ...]) -> np.ndarray:
    """Return an array of these numbers, or of Values if one of them is a Value."""
    import numpy as np

    if not any(isinstance(number, Value) for number in numbers):
        return np.array(numbers, dtype=float).reshape(shape)
    array = np.empty(len(numbers), dtype=object)
    array[:] = numbers
    return array.reshape(shape)
