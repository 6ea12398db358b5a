"""The topological order of graphs."""

from __future__ import annotations

import gc
from typing import Any

import pytest

from autograd import Value, count_nodes, dot, grad, gradients, jvp, leaves, topological_order
from autograd import sum as add_up


def diamond() -> tuple[Value, Value, Value, Value]:
    x = Value(2.0)
    left, right = x * 3, x + 1
    return x, left, right, left * right


def test_a_node_used_twice_is_listed_once() -> None:
    x, left, right, top = diamond()
    order = topological_order(top)
    assert [order.count(node) for node in order] == [1, 1, 1, 1]
    assert order[0] is x
    assert order[3] is top
    assert {id(order[1]), id(order[2])} == {id(left), id(right)}


def test_plain_numbers_are_not_nodes() -> None:
    x = Value(2.0)
    assert count_nodes(x * 3 + 1) == 3
    assert count_nodes(add_up([x, 1.0, 2.0])) == 2
    assert count_nodes(dot([x, 1.0], [2.0, x], 5.0)) == 2


def test_a_leaf_is_its_own_graph() -> None:
    x = Value(2.0)
    assert topological_order(x) == leaves(x) == [x]
    assert count_nodes(x) == 1


def test_a_traversal_does_not_change_the_graph() -> None:
    x, *_, top = diamond()
    top.backward()
    before = [(node, repr(node)) for node in topological_order(top)]
    assert [(node, repr(node)) for node in topological_order(top)] == before
    top.backward()
    assert x.grad == 2 * (3 * 3 + 6)


@pytest.mark.parametrize(
    "walk",
    [
        topological_order,
        Value.backward,
        lambda top: grad(lambda x: x * top)(1.0),
        lambda top: [jvp(lambda x: [x * top, top], [1.0], [1.0])],
        lambda top: gradients(top, leaves(top)),
    ],
)
def test_a_traversal_within_a_traversal_finds_all_nodes(walk: Any) -> None:
    """A ``__del__`` may start a traversal, and the garbage collector may call it whenever a container is created."""
    x, *_, top = diamond()
    seen: list[Any] = []

    class Cycle:
        def __init__(self) -> None:
            self.me = self

        def __del__(self) -> None:
            seen.append((count_nodes(top), gradients(top, [x])))

    gradients(top, [x])  # so that the first result shows the same gradients of computed nodes as the others
    before = gc.get_threshold()
    found = []
    gc.collect()
    gc.freeze()  # collections skip all other objects, which may be millions
    try:
        for allocations in range(1, 60):
            gc.collect()
            gc.disable()
            Cycle()
            gc.set_threshold(allocations, 1000, 1000)
            gc.enable()
            found.append(repr(walk(top)))
            gc.set_threshold(*before)
    finally:
        gc.unfreeze()
        gc.set_threshold(*before)
        gc.enable()
    gc.collect()
    assert seen == [(4, [15.0])] * 59
    assert len(set(found)) == 1
    assert x.grad == (15.0 * 59 if walk is Value.backward else 0.0)


def test_the_order_includes_nodes_behind_a_closed_gate() -> None:
    """Pictures show these nodes, although no gradient reaches them."""
    from autograd import where

    x = Value(-1.0)
    assert "log" in [node.op for node in topological_order(where(x > 0, x.log(), 0.0))]


@pytest.mark.parametrize("function", [topological_order, leaves, count_nodes])
def test_the_root_of_a_graph_must_be_a_value(function: Any) -> None:
    with pytest.raises(TypeError) as caught:
        function([1.0])
    assert str(caught.value) == "the root of a graph must be a Value, not list ([1.0]); pass one result of a computation"
