"""``Contents``: a search of a module is repeated only after a change, and every change is noticed."""

from __future__ import annotations

import copy
import pickle
import sys
import threading
from collections import UserList
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

import nn
from autograd import Value
from nn import MLP, Module
from nn.base import contents


class Holder(Module):
    """A module with the given attributes."""

    def __init__(self, **attributes: Any) -> None:
        vars(self).update(attributes)


@pytest.fixture
def searches(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Return a list to which each searched container is added."""
    found: list[Any] = []
    collect = contents.Contents._collect

    def counted(self: Any, container: Any, *more: Any) -> None:
        found.append(container)
        collect(self, container, *more)

    monkeypatch.setattr(contents.Contents, "_collect", counted)
    return found


def test_a_search_is_not_repeated_without_a_change(searches: list[Any]) -> None:
    model = MLP(2, [4, 1])
    first = model.parameters()
    assert searches[0] is model
    count = len(searches)
    model.zero_grad()
    nn.SGD(model.parameters(), lr=0.1).zero_grad()
    first[0].data = 7.0
    first[0].grad = 1.0
    assert model.parameters() == first
    assert model.parameters() is not first  # callers may change their list
    assert model.modules()[1] is model.layers[0]
    model.train()
    assert len(searches) == count


def hide(module: Any) -> None:
    module._w = module.w
    del module.w


def changes() -> dict[str, Callable[[Any], Any]]:
    return {
        "assign": lambda m: setattr(m, "w", Value(9.0)),
        "equal number": lambda m: setattr(m, "w", Value(m.w.data)),
        "new attribute": lambda m: setattr(m, "other", Value(9.0)),
        "delete": lambda m: delattr(m, "w"),
        "hide": hide,
        "item": lambda m: m.items.__setitem__(0, Value(9.0)),
        "append": lambda m: m.items.append(Value(9.0)),
        "append to an empty list": lambda m: m.empty.append(Value(9.0)),
        "append to data": lambda m: m.data[1]["a"].append(Value(9.0)),
        "key": lambda m: m.named.update(b=Value(9.0)),
        "rename": lambda m: m.named.update(c=m.named.pop("a")),
        "tuple": lambda m: m.pair[0].append(Value(9.0)),
        "inner": lambda m: setattr(m.inner, "w", Value(9.0)),
        "list in the inner module": lambda m: m.inner.more.pop(),
        "array": lambda m: m.array.__setitem__(0, Value(9.0)),
        "dict": lambda m: vars(m).update(w=Value(9.0)),
        "plain number": lambda m: setattr(m, "w", 1.0),
        "replace a container": lambda m: setattr(m, "items", list(m.items)[:1]),
        "subclass": lambda m: m.special.append(Value(9.0)),
    }


class Special(list[Any]):
    """A list with its own methods."""


@pytest.mark.parametrize("change", changes())
@pytest.mark.parametrize("inside", [False, True])
def test_every_change_is_noticed(change: str, inside: bool) -> None:
    module = Holder(
        w=Value(1.0), items=[Value(2.0), Value(3.0)], empty=[], data=[1.0, {"a": [2.0]}], named={"a": Value(4.0)},
        pair=([Value(5.0)], 1.0), inner=Holder(w=Value(6.0), more=[Value(7.0)]), special=Special(),
    )  # fmt: skip
    if change == "array":
        module.array = np.array([Value(8.0)], dtype=object)  # type: ignore[attr-defined]
    outer = Holder(first=Value(0.0), inner=module) if inside else module
    before = outer.parameters()
    assert [id(p) for p in outer.parameters()] == [id(p) for p in before]
    changes()[change](module)
    wanted = [parameter for _, parameter in outer.named_parameters()]
    assert [id(p) for p in outer.parameters()] == list(map(id, wanted))
    assert change in ("rename", "replace a container") or list(map(id, before)) != list(map(id, wanted))
    for parameter in wanted:
        parameter.grad = 1.0
    outer.zero_grad()
    assert [parameter.grad for parameter in wanted] == [0.0] * len(wanted)


def test_the_search_of_a_module_does_not_repeat_the_search_of_the_modules_around_it(searches: list[Any]) -> None:
    model = MLP(2, [4, 1])
    for _ in range(2):  # the first search of a layer adds an attribute to it
        model.parameters()
        model.layers[0].parameters()
    count = len(searches)
    for _ in range(3):
        model.parameters()
        model.layers[0].parameters()
    assert len(searches) == count


def test_copies_and_pickles_have_their_own_parameters() -> None:
    model = MLP(2, [4, 1])
    parameters = model.parameters()
    for other in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        assert other.parameters() == parameters
        assert {id(p) for p in other.parameters()}.isdisjoint(map(id, parameters))
        assert other.modules()[0] is other
    assert len(pickle.dumps(model)) < len(pickle.dumps(MLP(2, [4, 1]))) + 100
    shallow = copy.copy(model)
    shallow.extra = Value(1.0)  # type: ignore[attr-defined]
    assert len(shallow.parameters()) == len(parameters) + 1
    assert len(model.parameters()) == len(parameters)
    assert model.modules()[0] is model


def test_other_sequences_are_not_searched() -> None:
    assert Holder(items=UserList([Value(1.0)])).parameters() == []


def test_an_interrupted_search_is_not_kept() -> None:
    model: Any = Holder(w=Value(1.0))
    deep: Any = [Value(5.0)]
    for _ in range(5000):
        deep = [deep]
    model.deep = deep
    for _ in range(3):
        with pytest.raises(RecursionError):
            model.parameters()
    model.deep = [Value(5.0)]
    assert [p.data for p in model.parameters()] == [1.0, 5.0]


def test_threads_do_not_see_a_part_of_a_search() -> None:
    def count(model: Module, barrier: threading.Barrier) -> list[int]:
        barrier.wait()
        return [len(model.parameters()) for _ in range(3)]

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(4) as pool:
            for _ in range(20):
                model, barrier = MLP(8, [16, 8, 1]), threading.Barrier(4)
                for found in [pool.submit(count, model, barrier) for _ in range(4)]:
                    assert set(found.result()) == {len(model.named_parameters())}
    finally:
        sys.setswitchinterval(interval)


def test_copies_of_a_module_search_on_their_own() -> None:
    model = Holder(w=Value(1.0), items=[Value(2.0)])
    model.parameters()
    twin: Any
    for twin in (copy.copy(model), copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        twin.other = Value(3.0)
        assert [p.data for p in twin.parameters()] == [1.0, 2.0, 3.0]
    assert [p.data for p in model.parameters()] == [1.0, 2.0]
