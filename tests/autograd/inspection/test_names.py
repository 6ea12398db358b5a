"""``node_names``: unique names that do not depend on the tool that asks."""

from __future__ import annotations

import re

import pytest

from autograd import Value, backward_steps, explain, node_names, topological_order, where


def test_labels_are_names_and_other_nodes_are_numbered() -> None:
    x = Value(3.0, "x")
    y = x * x + 2 * x
    assert list(node_names(y).values()) == ["x", "v2", "v3", "v4"]


def test_repeated_and_generated_names_are_made_unique() -> None:
    a, b, c = Value(1.0, "x"), Value(2.0, "x"), Value(3.0, "v4")
    names = list(node_names(a * b + c).values())
    assert len(set(names)) == len(names) == 5
    assert {"x", "x_2", "v4"} <= set(names)


@pytest.mark.parametrize("blank", ["", " ", "\n\t"])
def test_a_blank_label_is_no_label(blank: str) -> None:
    assert list(node_names(Value(1.0, blank) * 2).values()) == ["v1", "v2"]


def test_nodes_behind_a_closed_gate_have_names_and_do_not_change_the_other_ones() -> None:
    x, z = Value(2.0, "x"), Value(5.0, "z")
    y = where(False, z.exp(), x * x) + 1
    names = node_names(y)
    assert set(names) == set(topological_order(y))
    for step in backward_steps(y):
        assert step.names == (names[y], names[step.node], names[step.operand])
    shown = re.findall(r"^  (\w+) = ", str(explain(y, x)), re.MULTILINE)
    assert set(shown) <= set(names.values())


def test_several_results_share_their_nodes() -> None:
    x = Value(2.0, "x")
    h = x.tanh()
    first, second = h * 2, h * 3
    names = node_names(first, second)
    assert names[first] == node_names(first)[first]
    assert len(set(names.values())) == 4


def test_a_root_that_is_not_a_value_is_rejected() -> None:
    with pytest.raises(TypeError, match=r"the root of a graph must be a Value, not float \(1.0\)"):
        node_names(Value(1.0), 1.0)  # type: ignore[arg-type]
