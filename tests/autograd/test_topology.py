"""The structure of graphs: order, leaves, size, labels."""

from __future__ import annotations

import gc
from typing import Any

import pytest

from autograd import GraphTooLargeError, Value, count_nodes, dot, grad, gradients, jvp, label, leaves, topological_order
from autograd import sum as add_up
from autograd.topology import check_size


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


def test_leaves_are_the_values_that_were_not_computed() -> None:
    x, y, z = Value(1.0), Value(2.0), Value(3.0)
    found = leaves(dot([x, y], [y, 4.0], z).tanh() + x)
    assert {id(leaf) for leaf in found} == {id(x), id(y), id(z)}
    assert len(found) == 3


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


def test_label_sets_several_labels() -> None:
    a, b = Value(1.0), Value(2.0)
    label(a=a, total=a + b)
    assert (a.label, b.label) == ("a", None)


@pytest.mark.parametrize("function", [topological_order, leaves, count_nodes])
def test_the_root_of_a_graph_must_be_a_value(function: Any) -> None:
    with pytest.raises(TypeError) as caught:
        function([1.0])
    assert str(caught.value) == "the root of a graph must be a Value, not list ([1.0])"


def test_check_size_raises_an_error_for_a_large_graph() -> None:
    *_, top = diamond()
    check_size(top, 4, "draw()", "draw a part of it")
    with pytest.raises(GraphTooLargeError) as caught:
        check_size(top, 3, "draw()", "draw a part of it")
    assert str(caught.value) == "the graph has 4 nodes, and draw() takes at most 3; draw a part of it"
    assert isinstance(caught.value, ValueError)


def test_label_accepts_only_values() -> None:
    with pytest.raises(TypeError, match=r"^a must be a Value, not float \(1\.0\); label\(\) names Values$"):
        label(a=1.0)


def test_leaves_are_in_the_order_of_the_formula() -> None:
    x, y, w = Value(1.0, "x"), Value(1.0, "y"), Value(1.0, "w")
    for formula in (x * y + w * x, (x + y) * w, (x + y) * (x + w), x + (y * x + w)):
        assert leaves(formula) == [x, y, w]
        assert [leaf.label for leaf in leaves(formula)] == ["x", "y", "w"]
