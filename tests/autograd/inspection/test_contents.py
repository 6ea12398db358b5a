"""Leaves, the size of a graph, and labels."""

from __future__ import annotations

from typing import Any

import pytest

from autograd import GraphTooLargeError, Value, dot, label, leaves
from autograd.inspection.contents import check_size


def test_leaves_are_the_values_that_were_not_computed() -> None:
    x, y, z = Value(1.0), Value(2.0), Value(3.0)
    found = leaves(dot([x, y], [y, 4.0], z).tanh() + x)
    assert {id(leaf) for leaf in found} == {id(x), id(y), id(z)}
    assert len(found) == 3


def test_label_sets_several_labels() -> None:
    a, b = Value(1.0), Value(2.0)
    label(a=a, total=a + b)
    assert (a.label, b.label) == ("a", None)


def test_check_size_raises_an_error_for_a_large_graph() -> None:
    x = Value(2.0)
    top = (x * 3) * (x + 1)
    check_size(top, 4, "draw()", "draw a part of it")
    with pytest.raises(GraphTooLargeError) as caught:
        check_size(top, 3, "draw()", "draw a part of it")
    assert str(caught.value) == "the graph has 4 nodes, and draw() takes at most 3; draw a part of it"
    assert isinstance(caught.value, ValueError)


def test_label_accepts_only_values() -> None:
    with pytest.raises(TypeError, match=r"^a must be a Value, not float \(1\.0\); convert it first: a = Value\(\.\.\.\)$"):
        label(a=1.0)


def test_leaves_are_in_the_order_of_the_formula() -> None:
    x, y, w = Value(1.0, "x"), Value(1.0, "y"), Value(1.0, "w")
    for formula in (x * y + w * x, (x + y) * w, (x + y) * (x + w), x + (y * x + w)):
        assert leaves(formula) == [x, y, w]
        assert [leaf.label for leaf in leaves(formula)] == ["x", "y", "w"]


def test_label_needs_names() -> None:
    a: Any = Value(1.0)
    with pytest.raises(TypeError, match=r"^label\(\) takes Values by the names they are to have; write label\(a=a\)$"):
        label(a, "a")
