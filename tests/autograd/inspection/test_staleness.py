"""``stale_nodes``: nodes that no longer follow from their leaves."""

from __future__ import annotations

import math

import pytest

from autograd import Value, affine, dot, primitive, stale_nodes, sum, where  # noqa: A004 - autograd's sum


def test_nothing_is_stale_before_a_change() -> None:
    x = Value(0.5)
    y = dot([x, 2.0], [x.exp(), x], 1.0) + sum([x, x.log(), 3.0]) / x
    assert stale_nodes(y) == []


def test_all_nodes_above_a_changed_leaf_are_stale() -> None:
    x, z = Value(3.0), Value(4.0)
    a, b = x * x, z.tanh()
    y = a + b
    x.data = 5.0
    assert [id(node) for node in stale_nodes(y)] == [id(a), id(y)]
    x.data = 3.0
    assert stale_nodes(y) == []


def test_a_change_that_changes_no_number_and_no_partial_is_not_stale() -> None:
    x = Value(-3.0)
    y = x.relu() * 2
    x.data = -4.0
    assert stale_nodes(y) == []


def test_a_partial_derivative_alone_makes_a_node_stale() -> None:
    x, w = Value(0.0), Value(2.0)
    y = x * w + 1
    w.data = 3.0
    assert [node.op for node in stale_nodes(y)] == ["*"]


def test_rows_sums_gates_and_own_operations_are_recomputed() -> None:
    @primitive(lambda out, x: 2 * x)
    def squared(x: float) -> float:
        return x * x

    w, x = Value(2.0), Value(3.0)
    nodes = [*affine([[w, 1.0]], [x, w], [0.5]), sum([x, w, 1.0]), squared(x), where(False, x, 1.0), x % 2.0]
    for node in nodes:
        assert stale_nodes(node) == []
    x.data = 4.0
    assert all(stale_nodes(node) for node in nodes[:3])
    assert stale_nodes(nodes[4])


def test_the_sign_of_zero_is_followed_to_the_derivatives_that_depend_on_it() -> None:
    x = Value(-0.0)
    product = x * 2
    y = product.log()
    x.data = 0.0
    assert product.partials == (2.0, None)
    assert [node.op for node in stale_nodes(y)] == ["log"]  # its partial derivative is -inf, and would be inf


def test_nan_equals_nan() -> None:
    x = Value(math.nan)
    y = x * 2
    x.data = math.nan
    assert stale_nodes(y) == []


def test_a_root_that_is_not_a_value_is_rejected() -> None:
    with pytest.raises(TypeError, match="the root of a graph must be a Value"):
        stale_nodes(1.0)  # type: ignore[arg-type]
