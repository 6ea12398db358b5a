"""The DOT source."""

from __future__ import annotations

import re

from sample_graphs import product_plus_tanh

from autograd import Value
from nn import MLP
from visualize import draw


def test_the_graph_runs_from_left_to_right_with_operands_in_order() -> None:
    drawing = draw(product_plus_tanh())
    assert (drawing.graph_attr["rankdir"], drawing.graph_attr["ordering"]) == ("LR", "in")


def test_edges_are_listed_in_the_order_of_operands() -> None:
    a, b = Value(2.0, "a"), Value(3.0, "b")
    assert [line.strip() for line in draw(a - b).source.splitlines() if "->" in line] == ["n0 -> n2:a:w", "n1 -> n2:b:w"]
    swapped = draw((a - b) * (b - a)).source.splitlines()
    assert [line.strip() for line in swapped if "-> n3" in line] == ["n1 -> n3:a:w", "n0 -> n3:b:w"]


def test_kinds_differ_in_shape_and_not_only_in_color() -> None:
    model, x, t = MLP(1, [2, 2], seed=0), Value(2.0, "x"), Value(1.0, "t")
    first, second = model([x])
    loss = (first - t) * second
    drawing = draw(loss, model=model, targets=[t], fold={"layer 2": True, "layer 1": False})
    forms: dict[str, set[str]] = {}
    for i, box in enumerate(drawing.picture):
        (line,) = [line for line in drawing.source.splitlines() if line.startswith(f"\tn{i} [")]
        forms.setdefault(box.kind, set()).add(str(re.findall("(?:shape|style|penwidth)=\\S+?[ \\]]", line)))
    assert {"input", "parameter", "target", "operation", "output", "folded"} <= forms.keys()
    assert all(len(found) == 1 for found in forms.values())
    assert len(set.union(*forms.values())) == len(forms)
