"""What a picture shows, whoever draws it, and what ``draw`` refuses."""

from __future__ import annotations

import copy
import pickle
import re
from collections.abc import Callable

import graphviz
import pytest
from reading_svg import Picture

from autograd import GraphTooLargeError, Value, backward_steps, dot, exp, sum, tanh  # noqa: A004 - no test here needs Python's sum
from visualize import Drawing, draw

Shown = Callable[..., Picture]


def example() -> Value:
    """a * b + tanh(c), differentiated."""
    a, b, c = Value(2.0, "a"), Value(-3.0, "b"), Value(0.0, "c")
    y = a * b + tanh(c)
    y.label = "y"
    y.backward()
    return y


def test_shows_label_op_data_and_gradient_of_every_node(shown: Shown) -> None:
    assert sorted(shown(example()).texts.values()) == [
        ["*", "data -6", "grad 1"],
        ["a", "data 2", "grad -3"],
        ["b", "data -3", "grad 2"],
        ["c", "data 0", "grad 1"],
        ["tanh", "data 0", "grad 1"],
        ["y", "+", "data -6", "grad 1"],
    ]


def test_an_edge_goes_from_each_operand_to_what_is_computed_from_it(shown: Shown) -> None:
    picture = shown(example())
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


def test_a_plain_number_is_shown_without_gradient_and_one_box_each_time(shown: Shown) -> None:
    picture = shown((Value(3.0, "x") * 2) ** 2)
    assert [texts for texts in picture.texts.values() if texts == ["2"]] == [["2"], ["2"]]


def test_a_single_leaf_is_one_box_without_edges(shown: Shown) -> None:
    picture = shown(Value(1.5, "x"))
    assert list(picture.texts.values()) == [["x", "data 1.5", "grad 0"]]
    assert picture.edges == []


def test_a_constant_as_root_is_a_plain_number(shown: Shown) -> None:
    constant = (Value(3.0) * 2).operands[1]
    assert shown(constant).all_texts() == ["2"]


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (float("nan"), "nan"),
        (float("inf"), "inf"),
        (float("-inf"), "-inf"),
        (-0.0, "-0"),
        (24.70408163265306, "24.704"),
        (1 / 3e7, "3.3333e-08"),
        (123456789.0, "1.2346e+08"),
        (1.7976931348623157e308, "1.7977e+308"),
    ],
)
def test_numbers_have_five_digits_and_all_of_them_in_the_hint(shown: Shown, number: float, text: str) -> None:
    picture = shown(Value(number, "x"))
    name = picture.node("x", f"data {text}")
    assert f"data: {number!r}" in picture.hints[name].splitlines()


@pytest.mark.parametrize(
    "label",
    [
        '<w & "x">',
        "<b>bold</b>",
        "&lt;",
        "{a|b}",
        "<a>port",
        "it's",
        "a\\b",
        "\\N \\G \\l",
        "ends with \\",
        "größe Δ 重み 🙂",
        "node",
        "a:b:c",
        "]]>",
        "%s {0}",
    ],
)
def test_a_label_is_shown_as_it_is(shown: Shown, label: str) -> None:
    picture = shown(Value(1.0, label) * 2)
    assert f"label: {label}" in picture.hints[picture.node(label, "data 1")].splitlines()


@pytest.mark.parametrize(
    ("label", "text"),
    [
        ("first\nsecond\tthird", "first second third"),
        ("bell\a null\0", "bell\ufffd null\ufffd"),
        ("half \ud800 a pair", "half \ufffd a pair"),
        ("w" * 1000, "w" * 31 + "…"),
    ],
)
def test_a_label_that_cannot_be_shown_is_adapted(shown: Shown, label: str, text: str) -> None:
    assert shown(Value(1.0, label)).node(text)


@pytest.mark.parametrize("label", ["", " ", "\n"])
def test_a_blank_label_shows_nothing(shown: Shown, label: str) -> None:
    assert shown(Value(1.0, label)).all_texts() == ["data 1", "grad 0"]


def neuron(terms: int) -> Value:
    """dot(w, x, b) = 1 * 10 + 2 * 10 + ... + 0.5, differentiated."""
    w = [Value(i + 1.0, f"w{i}") for i in range(terms)]
    x = [Value(10.0, f"x{i}") for i in range(terms)]
    y = dot(w, x, Value(0.5, "b"))
    y.backward(2.0)
    return y


def test_a_dot_of_few_terms_shows_its_products_with_the_gradients_they_would_have(shown: Shown) -> None:
    picture = shown(neuron(2))
    name = picture.node
    first, second, total = name("*", "data 10"), name("*", "data 20"), name("+", "data 30.5")
    assert picture.texts[first][-1] == picture.texts[second][-1] == picture.texts[total][-1] == "grad 2"
    into_first, into_second = [name("w0"), name("x0")], [name("w1"), name("x1")]
    wanted = {first: into_first, second: into_second, total: [first, second, name("b")]}
    assert sorted(picture.edges) == sorted((operand, user) for user, operands in wanted.items() for operand in operands)
    assert picture.groups == 1  # the frame that says: this is one node


def test_a_dot_of_many_terms_is_one_box_unless_asked(shown: Shown) -> None:
    picture = shown(neuron(5))
    assert len(picture.texts) == 12
    assert [end for _, end in picture.edges] == [picture.node("dot")] * 11
    assert len(shown(neuron(5), expand=True).texts) == 17
    assert shown(neuron(4), expand=False).groups == 0


def test_a_bias_of_zero_that_nobody_wrote_is_not_shown(shown: Shown) -> None:
    assert len(shown(dot([Value(1.0)], [2.0])).texts) == 4  # w, 2, w * 2, +


def test_a_bias_that_is_a_number_is_shown(shown: Shown) -> None:
    assert shown(dot([Value(1.0)], [2.0], 0.25)).node("0.25")


def test_a_dot_without_terms_is_shown(shown: Shown) -> None:
    assert shown(dot([], [], Value(1.0, "b"))).edges == [("n0", "n1")]


def test_a_sum_of_few_terms_is_a_plus_and_a_larger_one_a_sum(shown: Shown) -> None:
    assert shown(sum([Value(1.0), 2.0, Value(3.0)])).node("+", "data 6")
    assert shown(sum([Value(1.0)] * 5)).node("sum", "data 5")


def test_drawing_changes_nothing() -> None:
    y = example()
    before = pickle.dumps(y)
    draw(y).pipe("svg")
    assert pickle.dumps(y) == before


def test_shows_the_numbers_of_the_moment_it_was_drawn() -> None:
    x = Value(3.0, "x")
    drawing = draw(x)
    x.data = 4.0
    assert "data 3" in drawing.source


# ---- the source ----


def test_is_a_digraph_from_left_to_right_with_operands_in_order() -> None:
    drawing = draw(example())
    assert isinstance(drawing, graphviz.Digraph)
    assert isinstance(drawing, Drawing)
    assert (drawing.graph_attr["rankdir"], drawing.graph_attr["ordering"]) == ("LR", "in")


def test_edges_are_listed_in_the_order_of_operands() -> None:
    a, b = Value(2.0, "a"), Value(3.0, "b")
    assert [line.strip() for line in draw(a - b).source.splitlines() if "->" in line] == ["n0 -> n2:a:w", "n1 -> n2:b:w"]
    swapped = draw((a - b) * (b - a)).source.splitlines()
    assert [line.strip() for line in swapped if "-> n3" in line] == ["n1 -> n3:a:w", "n0 -> n3:b:w"]


def test_leaves_constants_computed_nodes_and_root_look_different() -> None:
    x = Value(2.0, "x")
    lines = draw(exp(x * 3)).source.splitlines()
    styles = [re.findall(r"(?:color|shape|style|penwidth)=\S+", line) for line in lines if re.match(r"\tn\d+ \[", line)]
    assert len(styles) == len(set(map(tuple, styles))) == 4


@pytest.mark.parametrize("make", [copy.copy, copy.deepcopy, Drawing.copy, lambda d: pickle.loads(pickle.dumps(d))])
def test_a_copy_draws_the_same(make: Callable[[Drawing], Drawing], only_own_layout: None) -> None:
    drawing = draw(example())
    copied = make(drawing)
    assert (copied.source, copied.pipe("svg")) == (drawing.source, drawing.pipe("svg"))


# ---- large graphs ----


def chain(length: int) -> Value:
    """A chain of ``length`` nodes."""
    y = Value(1.0)
    for _ in range(length - 1):
        y = tanh(y)
    return y


def test_a_chain_at_the_limit_is_drawn(shown: Shown) -> None:
    picture = shown(chain(1_000))
    assert (len(picture.texts), len(picture.edges)) == (1_000, 999)


def test_a_graph_beyond_the_limit_is_refused_with_both_numbers_and_the_way_out() -> None:
    message = (
        r"the graph has 1,001 nodes, and draw takes at most 1,000; draw a Value further down, such as one of its "
        r"\.operands, or raise draw\(\.\.\., max_nodes=\.\.\.\)"
    )
    with pytest.raises(GraphTooLargeError, match=message):
        draw(chain(1_001))


def test_a_very_deep_graph_is_refused_without_recursion(compiled: bool) -> None:
    with pytest.raises(GraphTooLargeError, match="nodes, and draw takes at most 1,000"):
        draw(chain(10_000_000 if compiled else 100_000))


def test_max_nodes_raises_the_limit() -> None:
    assert len(draw(chain(3_000), max_nodes=3_000).picture) == 3_000


def test_plain_numbers_and_products_count_as_well() -> None:
    y = Value(1.0)
    for _ in range(8):
        y = y * 2
    with pytest.raises(GraphTooLargeError, match="the picture would have 11 boxes or more, and draw takes at most 10;"):
        draw(y, max_nodes=10)
    with pytest.raises(GraphTooLargeError, match="the picture would have 20 boxes or more, and draw takes at most 16;"):
        draw(neuron(6), expand=True, max_nodes=16)


def test_a_graph_of_few_nodes_and_many_edges_is_refused() -> None:
    with pytest.raises(GraphTooLargeError, match="the picture would have 100,000 edges or more, and draw takes at most 4,000;"):
        draw(sum([Value(1.0)] * 100_000))


# ---- bad arguments ----


@pytest.mark.parametrize("bad", ["gif", "", "jpg", None, 3])
def test_an_unknown_format_is_named_with_those_that_exist(bad: object) -> None:
    with pytest.raises(ValueError, match=rf"unknown format: {bad!r} \(must be one of svg, png, pdf, dot, gv\)"):
        draw(Value(1.0), bad)  # type: ignore[arg-type]


def test_formats_may_be_in_capitals() -> None:
    assert draw(Value(1.0), "PNG").format == "png"


@pytest.mark.parametrize(
    ("bad", "named"), [(3.0, "float (3.0)"), (None, "NoneType (None)"), ([Value(1.0)], "list ([Value(1.0)])")]
)
def test_what_is_no_value_is_refused_with_the_way_out(bad: object, named: str) -> None:
    with pytest.raises(TypeError) as refused:
        draw(bad)  # type: ignore[arg-type]
    assert str(refused.value) == (
        f"draw() shows the graph of one Value, not of {named}; of several outputs draw one, as in draw(outputs[0]); "
        "of a model or a function draw what it returns"
    )


@pytest.mark.parametrize("bad", ["yes", 2, [True]])
def test_expand_must_be_one_of_three(bad: object) -> None:
    with pytest.raises(ValueError, match=r"expand must be True, False or None \(the default: sums of few terms\), not "):
        draw(Value(1.0), expand=bad)  # type: ignore[arg-type]


@pytest.mark.parametrize("bad", [0, -1, 1.5, None, "9"])
def test_max_nodes_must_be_a_positive_whole_number(bad: object) -> None:
    with pytest.raises(ValueError, match=f"max_nodes must be a whole number, 1 or more, not {bad!r}"):
        draw(Value(1.0), max_nodes=bad)  # type: ignore[arg-type]


# ---- the steps of backpropagation ----


def test_after_some_steps_the_gradients_are_those_so_far_and_the_last_edge_is_red(shown: Shown) -> None:
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
    assert picture.others == ["dy/dx += dy/dv2 * dv2/dx = 1.0 * 3.0 = 3.0, now 5.0"]
    assert x.grad == 0.0


def test_before_the_first_step_only_the_root_has_a_gradient(shown: Shown) -> None:
    picture = shown(example(), steps=0)
    assert [texts[-1] for texts in picture.texts.values()].count("grad 0") == 5
    assert "grad 1" in picture.texts[picture.node("y")]
    assert (picture.marked, picture.others) == ([], [])


@pytest.mark.parametrize("expand", [True, False])
def test_the_marked_edge_is_that_of_the_step_in_expanded_sums_too(shown: Shown, expand: bool) -> None:
    w, x, b = Value(2.0, "w"), Value(3.0, "x"), Value(5.0, "b")
    y = dot([w, 4.0], [x, b], w) + sum([w, x, b, 1.0])
    y.label = "y"
    for number, step in enumerate(backward_steps(y), 1):
        picture = shown(y, expand=expand, steps=number)
        ((start, end),) = picture.marked
        assert start == picture.node(step.names[2])
        assert f"grad {step.gradient:.5g}" in picture.texts[start]
        if expand and step.node.op == "dot" and step.position < 4:  # a product of the operand and what is its derivative
            assert picture.texts[end][:2] == ["*", f"data {step.operand.data * step.partial:.5g}"]
        else:
            assert end == picture.node(step.names[1])


def test_the_last_step_shows_what_backward_finds(shown: Shown) -> None:
    y = example()
    picture = shown(y, steps=len(list(backward_steps(y))))
    named = {text[0]: text[-1] for text in picture.texts.values()}
    assert {name: named[name] for name in "abc"} == {"a": "grad -3", "b": "grad 2", "c": "grad 1"}


@pytest.mark.parametrize("bad", [-1, 1.5, True, "2"])
def test_steps_must_be_a_count(bad: object) -> None:
    with pytest.raises(ValueError, match=re.escape(f"steps must be a whole number, 0 or more, or None, not {bad!r}")):
        draw(example(), steps=bad)  # type: ignore[arg-type]


def test_more_steps_than_there_are_is_an_error_that_says_how_many() -> None:
    with pytest.raises(ValueError, match="steps = 6, but backpropagation from here has only 5 contributions"):
        draw(example(), steps=6)
