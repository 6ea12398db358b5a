"""Nested structures of numbers are flattened and restored."""

from __future__ import annotations

import copy
from collections import OrderedDict, defaultdict, namedtuple
from typing import Any

import numpy as np
import pytest

from autograd import Value
from autograd.transforms.pytrees import NUMBER, Structure, flatten, flatten_arguments, format_path, paths, rebuild, walk

Pair = namedtuple("Pair", ["first", "second"])
NESTED = {"w": [1.0, (2.0, 3)], "x": np.array([[4.0], [5.0]]), "p": Pair(6.0, {}), "s": np.array(7.0)}


class Rows(list[Any]):
    pass


def test_flatten_lists_the_numbers_in_order_and_unflatten_restores_the_structure() -> None:
    numbers, structure = flatten(NESTED, "x")
    assert numbers == [1.0, 2.0, 3, 4.0, 5.0, 6.0, 7.0]
    restored = structure.unflatten([10.0 * number for number in numbers])
    assert restored["w"] == [10.0, (20.0, 30.0)]
    assert restored["x"].tolist() == [[40.0], [50.0]]
    assert restored["p"] == Pair(60.0, {})
    assert restored["s"].shape == ()
    assert structure.size == len(numbers) == len(list(paths(NESTED, ())))


DEFAULTS: dict[str, Any] = defaultdict(list, {"a": 1.0})


@pytest.mark.parametrize("thing", [OrderedDict(b=1.0, a=2.0), DEFAULTS, Rows([1.0, [2.0]]), Pair(1.0, 2.0)])
def test_the_types_of_containers_are_kept(thing: Any) -> None:
    before = copy.deepcopy(thing)
    numbers, structure = flatten(thing, "x")
    restored = structure.unflatten(numbers)
    assert (type(restored), restored) == (type(thing), thing)
    assert thing == before
    if isinstance(thing, defaultdict):
        assert restored["new"] == []


def test_trees_are_equal_if_the_structures_are() -> None:
    def tree(thing: Any) -> Any:
        return flatten(thing, "x")[1].tree

    assert tree(NESTED) == tree(copy.deepcopy(NESTED))
    assert tree(OrderedDict(a=1.0)) == tree(OrderedDict(a=5.0))
    different: list[Any] = [1.0, [1.0], (1.0,), Pair(1.0, 2.0), Rows([1.0]), [[1.0]], [], np.ones(1), np.array(1.0)]
    different += [{"a": 1.0}, {"b": 1.0}, OrderedDict(a=1.0)]
    assert len({tree(thing) for thing in different}) == len(different)


def test_an_error_states_the_position() -> None:
    message = r"x\['w'\]\[1\] must be a number, a Value, a NumPy array, or a list, tuple or dict of them, not NoneType"
    with pytest.raises(TypeError, match=message):
        flatten({"w": [1.0, None]}, "x")
    with pytest.raises(TypeError, match=r"argument 2\[1\] must be a real number or a Value"):
        flatten_arguments({2: np.array([1.0, "a"], dtype=object)})


def test_flatten_arguments_returns_a_tuple_of_them() -> None:
    numbers, structure = flatten_arguments({0: [1.0], 3: Value(2.0)})
    assert structure.unflatten(numbers) == ([1.0], numbers[1])
    assert structure.outline() == "([number], number)"
    assert Structure(NUMBER).is_number


def test_a_path_is_written_as_indices() -> None:
    assert format_path((0, "w", 1)) == "[0]['w'][1]"


def test_walk_and_rebuild_are_inverse() -> None:
    leaves: list[Any] = []

    def leaf(item: Any, _: str) -> str:
        leaves.append(item)
        return NUMBER

    tree = walk([1.0, {"a": (2.0,)}], "x", leaf)
    rest = iter(leaves)
    assert rebuild(tree, lambda _: next(rest)) == [1.0, {"a": (2.0,)}]
