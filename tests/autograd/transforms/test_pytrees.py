"""Nested structures of numbers are flattened and restored."""

from __future__ import annotations

import copy
from collections import OrderedDict, defaultdict, namedtuple
from dataclasses import InitVar, dataclass, field
from typing import Any, ClassVar

import attrs
import numpy as np
import pytest

import autograd
from autograd import Value, grad, gradcheck, hessian, jacobian, value_and_grad
from autograd.transforms.pytrees import (
    NUMBER,
    Structure,
    flatten,
    flatten_arguments,
    follow,
    format_path,
    map_leaves,
    paths,
    rebuild,
    walk,
)

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
    message = (
        r"x\['w'\]\[1\] must be a number, a Value, a NumPy array, or a list, tuple, dict or dataclass of them, not NoneType"
    )
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


# ---- dataclasses and attrs classes ----


@dataclass
class Line:
    slope: Any
    intercept: Any
    name: str = field(default="line", metadata={"static": True})
    unit: ClassVar[str] = "m"
    scale: InitVar[float] = 1.0

    def __post_init__(self, scale: float) -> None:
        if isinstance(self.slope, Value):
            raise TypeError("this class rejects Values")


@dataclass(frozen=True, slots=True)
class Frozen:
    slope: Any
    intercept: Any


@attrs.define
class Defined:
    slope: Any
    intercept: Any


@attrs.frozen
class FrozenAttrs:
    slope: Any
    intercept: Any
    name: str = attrs.field(default="line", metadata={"static": True})


RECORDS = [Line, Frozen, Defined, FrozenAttrs, Pair]


def value_at(line: Any) -> Any:
    slope, intercept = (line.first, line.second) if isinstance(line, Pair) else (line.slope, line.intercept)
    return slope[0] * slope[1] + intercept**2


@pytest.mark.parametrize("kind", RECORDS)
def test_derivatives_with_respect_to_a_record_are_records(kind: Any) -> None:
    line = kind([2.0, 3.0], 4.0)
    gradient = kind([3.0, 2.0], 8.0)
    assert grad(value_at)(line) == gradient
    assert value_and_grad(value_at)(line) == (22.0, gradient)
    assert jacobian(lambda x: {"a": value_at(x)})(line) == {"a": gradient}
    second = hessian(value_at)(line)
    last = second.second if kind is Pair else second.intercept
    assert last == kind([0.0, 0.0], 2.0)
    assert line == kind([2.0, 3.0], 4.0)


@pytest.mark.parametrize("kind", RECORDS)
def test_a_record_is_compiled_and_checked(kind: Any) -> None:
    rows = kind([np.array([1.0, 2.0]), 3.0], np.array([0.0, 1.0]))
    assert autograd.compile(value_at)(rows).tolist() == [3.0, 7.0]
    gradient = autograd.compile(grad(value_at))(rows)
    slope, intercept = (gradient.first, gradient.second) if kind is Pair else (gradient.slope, gradient.intercept)
    assert (slope[1].tolist(), intercept.tolist(), type(gradient)) == ([1.0, 2.0], [0.0, 2.0], kind)
    assert gradcheck(value_at, kind([2.0, 3.0], 4.0)).passed
    wrong = gradcheck(value_at, kind([2.0, 3.0], 4.0), gradient=lambda line: kind([3.0, 2.0], 0.0))
    assert [entry.by for entry in wrong.entries if not entry] == ["line[1]" if kind is Pair else "line.intercept"]


def test_a_function_may_return_a_record() -> None:
    assert jacobian(lambda x: Frozen(x * x, [x]))(3.0) == Frozen(6.0, [1.0])


def test_a_static_field_is_kept_and_belongs_to_the_structure() -> None:
    numbers, structure = flatten(Line(1.0, 2.0, "a"), "x")
    assert numbers == [1.0, 2.0]
    assert structure.unflatten([3.0, 4.0]) == Line(3.0, 4.0, "a")
    assert structure.tree == flatten(Line(5.0, 6.0, "a"), "x")[1].tree
    assert structure.tree != flatten(Line(1.0, 2.0, "b"), "x")[1].tree
    assert structure.tree != flatten(Frozen(1.0, 2.0), "x")[1].tree
    assert structure.outline() == "Line(slope=number, intercept=number, name=a)"


def test_a_compiled_function_is_recorded_again_for_another_static_field() -> None:
    f = autograd.compile(lambda line: line.slope * (2.0 if line.name == "double" else 1.0))
    assert [f(Line(3.0, 0.0, name)) for name in ("double", "single", "double")] == [6.0, 3.0, 6.0]


def test_a_field_that_is_not_a_number_is_named() -> None:
    with pytest.raises(TypeError) as caught:
        grad(lambda line: line.slope)(Frozen(1.0, "text"))
    assert str(caught.value) == (
        "argument 0.intercept must be a number, a Value, a NumPy array, or a list, tuple, dict or dataclass of them, not str "
        "('text'); convert it first: float(text), or exclude the field: dataclasses.field(metadata={\"static\": True})"
    )


def test_paths_of_fields_are_written_with_a_dot() -> None:
    line = Line({"w": [1.0]}, Frozen(2.0, np.array([3.0, 4.0])))
    found = list(paths(line, ()))
    assert [format_path(path) for path in found] == [
        ".slope['w'][0]", ".intercept.slope", ".intercept.intercept[0]", ".intercept.intercept[1]",
    ]  # fmt: skip
    assert [follow(line, path) for path in found] == [1.0, 2.0, 3.0, 4.0]
    assert flatten(line, "x")[0] == [1.0, 2.0, 3.0, 4.0]


def test_map_leaves_keeps_the_structure() -> None:
    assert map_leaves(lambda x: -x, Line([1.0], {"a": 2.0})) == Line([-1.0], {"a": -2.0})
