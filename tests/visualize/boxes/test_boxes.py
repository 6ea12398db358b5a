"""Content of a picture: which boxes and edges it has, drawn by each renderer in turn."""

from __future__ import annotations

import pickle
import re
from collections.abc import Callable

import pytest
from reading_svg import Picture
from sample_graphs import chain, neuron, product_plus_tanh

from autograd import Value, backward_steps, dot, exp, maximum, sum  # noqa: A004 - no test here needs Python's sum
from visualize import draw

Shown = Callable[..., Picture]


def test_every_node_shows_label_operation_data_and_gradient(shown: Shown) -> None:
    assert sorted(shown(product_plus_tanh()).texts.values()) == [
        ["a", "data 2", "grad -3"],
        ["b", "data -3", "grad 2"],
        ["c", "data 0", "grad 1"],
        ["v3", "*", "data -6", "grad 1"],
        ["v5", "tanh", "data 0", "grad 1"],
        ["y", "+", "data -6", "grad 1"],
    ]


def test_an_edge_goes_from_each_operand_to_its_result(shown: Shown) -> None:
    picture = shown(product_plus_tanh())
    name = picture.node
    assert sorted(picture.edges) == sorted(
        (name(operand), name(user)) for operand, user in [("a", "*"), ("b", "*"), ("c", "tanh"), ("*", "y"), ("tanh", "y")]
    )


def test_x_times_x_has_two_edges(shown: Shown) -> None:
    x = Value(3.0, "x")
    picture = shown(x * x)
    assert picture.edges == [(picture.node("x"), picture.node("*"))] * 2


def test_a_shared_node_is_one_box(shown: Shown) -> None:
    x = Value(3.0, "x")
    shared = exp(x)
    picture = shown(shared.sin() * shared.cos())
    assert len(picture.texts) == 5
    assert [start for start, _ in picture.edges].count(picture.node("exp")) == 2


def test_each_plain_number_is_a_box_without_gradient(shown: Shown) -> None:
    picture = shown((Value(3.0, "x") * 2) ** 2)
    assert [texts for texts in picture.texts.values() if texts == ["2"]] == [["2"], ["2"]]


def test_a_single_leaf_is_one_box_without_edges(shown: Shown) -> None:
    picture = shown(Value(1.5, "x"))
    assert list(picture.texts.values()) == [["x", "data 1.5"]]
    assert picture.edges == []


def test_a_constant_as_root_is_a_plain_number(shown: Shown) -> None:
    constant = (Value(3.0) * 2).operands[1]
    assert shown(constant).all_texts() == ["2"]


def test_drawing_does_not_change_the_graph() -> None:
    y = product_plus_tanh()
    before = pickle.dumps(y)
    draw(y).pipe("svg")
    assert pickle.dumps(y) == before


def test_a_picture_keeps_the_numbers_at_the_time_of_drawing() -> None:
    x = Value(3.0, "x")
    drawing = draw(x)
    x.data = 4.0
    assert "data 3" in drawing.source


# ---- sum and dot ----


def test_a_dot_of_few_terms_shows_its_products_with_the_gradient_of_the_sum(shown: Shown) -> None:
    picture = shown(neuron(2))
    name = picture.node
    first, second, total = name("*", "data 10"), name("*", "data 20"), name("+", "data 30.5")
    assert picture.texts[first][-1] == picture.texts[second][-1] == picture.texts[total][-1] == "grad 2"
    into_first, into_second = [name("w0"), name("x0")], [name("w1"), name("x1")]
    wanted = {first: into_first, second: into_second, total: [first, second, name("b")]}
    assert sorted(picture.edges) == sorted((operand, user) for user, operands in wanted.items() for operand in operands)
    assert picture.clusters == 1  # the frame labeled "one node"


def test_a_dot_of_many_terms_is_one_box_unless_expand_is_true(shown: Shown) -> None:
    picture = shown(neuron(5))
    assert len(picture.texts) == 12
    assert [end for _, end in picture.edges] == [picture.node("dot")] * 11
    assert len(shown(neuron(5), expand=True).texts) == 17
    assert shown(neuron(4), expand=False).clusters == 0


def test_the_default_bias_of_zero_is_not_shown(shown: Shown) -> None:
    assert len(shown(dot([Value(1.0)], [2.0])).texts) == 4  # w, 2, w * 2, +


def test_a_bias_that_is_a_number_is_shown(shown: Shown) -> None:
    assert shown(dot([Value(1.0)], [2.0], 0.25)).node("0.25")


def test_a_dot_without_terms_is_shown(shown: Shown) -> None:
    assert shown(dot([], [], Value(1.0, "b"))).edges == [("n0", "n1")]


def test_a_sum_of_few_terms_is_a_plus_and_a_larger_one_a_sum(shown: Shown) -> None:
    assert shown(sum([Value(1.0), 2.0, Value(3.0)])).node("+", "data 6")
    assert shown(sum([Value(1.0)] * 5)).node("sum", "data 5")


# ---- large graphs ----


def test_a_graph_of_any_size_is_drawn_folded() -> None:
    drawing = draw(chain(30_000))
    assert len(drawing.picture) <= 40
    assert drawing.picture[-1].data == pytest.approx(chain(30_000).data)


def test_fold_false_shows_every_node(shown: Shown) -> None:
    picture = shown(chain(1_000), fold=False)
    assert (len(picture.texts), len(picture.edges)) == (1_000, 999)


def test_a_sum_of_many_terms_is_drawn_folded(shown: Shown) -> None:
    picture = shown(sum([Value(1.0) for _ in range(64)]))
    assert picture.node("64 terms")
    assert len(picture.texts) == 2


# ---- steps of backpropagation ----


def test_after_some_steps_the_gradients_are_partial_sums_and_the_last_edge_is_red(shown: Shown) -> None:
    x = Value(3.0, label="x")
    y = x * x + 2 * x
    y.label = "y"
    picture = shown(y, steps=4)
    assert sorted(map(tuple, picture.texts.values())) == [
        ("2",),
        ("v2", "*", "data 9", "grad 1"),
        ("v3", "*", "data 6", "grad 1"),
        ("x", "data 3", "grad 5"),
        ("y", "+", "data 15", "grad 1"),
    ]
    assert picture.marked == [(picture.node("x"), picture.node("v2"))]
    assert sorted(text.strip() for text in picture.other_texts) == [
        "+3",  # the contribution, at its edge
        "dy/dx += dy/dv2 * dv2/dx = 1.0 * 3.0 = 3.0, now 5.0",
    ]
    assert x.grad == 0.0


def test_before_the_first_step_only_the_root_has_a_gradient(shown: Shown) -> None:
    picture = shown(product_plus_tanh(), steps=0)
    assert [texts[-1] for texts in picture.texts.values()].count("grad -") == 5
    assert "grad 1" in picture.texts[picture.node("y")]
    assert (picture.marked, picture.other_texts) == ([], ["before the first of 5 contributions: dy = 1"])


@pytest.mark.parametrize("expand", [True, False])
def test_the_red_edge_is_the_edge_of_the_step_in_expanded_sums_too(shown: Shown, expand: bool) -> None:
    w, x, b = Value(2.0, "w"), Value(3.0, "x"), Value(5.0, "b")
    y = dot([w, 4.0], [x, b], w) + sum([w, x, b, 1.0])
    y.label = "y"
    for number, step in enumerate(backward_steps(y), 1):
        picture = shown(y, expand=expand, steps=number)
        ((start, end),) = picture.marked
        assert start == picture.node(step.names[2])
        assert f"grad {step.gradient:.5g}" in picture.texts[start]
        if expand and step.node.op == "dot" and step.position < 4:  # the product of the operand and its partial derivative
            assert picture.texts[end][:2] == ["*", f"data {step.operand.data * step.partial:.5g}"]
        else:
            assert end == picture.node(step.names[1])


def test_the_last_step_shows_the_gradients_that_backward_computes(shown: Shown) -> None:
    y = product_plus_tanh()
    picture = shown(y, steps=len(list(backward_steps(y))))
    named = {text[0]: text[-1] for text in picture.texts.values()}
    assert {name: named[name] for name in "abc"} == {"a": "grad -3", "b": "grad 2", "c": "grad 1"}


def test_too_many_steps_raise_an_error_with_the_number_of_contributions() -> None:
    message = re.escape("steps must be at most 5, the number of contributions to gradients here, not 6")
    with pytest.raises(ValueError, match=message):
        draw(product_plus_tanh(), steps=6)


@pytest.mark.parametrize(
    ("function", "labels"),
    [
        (lambda a: (a * -2).relu(), ["-2", "0"]),
        (lambda a: maximum(a, 3.0), ["0"]),
        (lambda a: maximum(a, Value(3.0)), ["0", "1"]),
        (lambda a: a * 0.0, ["0"]),
        (lambda a: a + 2, ["1"]),
    ],
)
def test_a_blocked_edge_has_the_derivative_0_and_its_tooltip_a_dash(
    function: Callable[[Value], Value], labels: list[str]
) -> None:
    y = function(Value(1.0, label="a"))
    svg = draw(y, partials=True).pipe("svg", encoding="utf-8")
    assert re.findall("\N{MULTIPLICATION SIGN}([-\\d.]+)", svg) == labels
    assert ("local derivatives: -" in svg) == (y.op in ("relu", "maximum"))
