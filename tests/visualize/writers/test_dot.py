"""The DOT source."""

from __future__ import annotations

from sample_graphs import product_plus_tanh

from autograd import Value
from visualize import draw


def test_the_graph_runs_from_left_to_right_with_operands_in_order() -> None:
    drawing = draw(product_plus_tanh())
    assert (drawing.graph_attr["rankdir"], drawing.graph_attr["ordering"]) == ("LR", "in")


def test_edges_are_listed_in_the_order_of_operands() -> None:
    a, b = Value(2.0, "a"), Value(3.0, "b")
    assert [line.strip() for line in draw(a - b).source.splitlines() if "->" in line] == ["n0 -> n2:a:w", "n1 -> n2:b:w"]
    swapped = draw((a - b) * (b - a)).source.splitlines()
    assert [line.strip() for line in swapped if "-> n3" in line] == ["n1 -> n3:a:w", "n0 -> n3:b:w"]
