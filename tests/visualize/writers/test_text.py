"""Trees for the terminal."""

from __future__ import annotations

import random
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sample_graphs import chain, neuron, product_plus_tanh

from autograd import Value
from nn import MLP
from visualize import diff, draw


def columns(line: str) -> int:
    """Return the width of a line in a terminal."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in line)


def test_a_tree_has_every_number_once() -> None:
    assert draw(product_plus_tanh()).to_text(60).splitlines() == [
        "y = v3 + v5 = -6, grad 1",
        "|- v3 = a * b = -6, grad 1",
        "|  |- a = 2, grad -3",
        "|  `- b = -3, grad 2",
        "`- v5 = tanh(c) = 0, grad 1",
        "   `- c = 0, grad 1",
        "gradients of y",
    ]


def test_the_current_step_and_marks_are_in_the_text() -> None:
    assert "|  `- b = -3, grad 2  <- +2" in draw(product_plus_tanh(), steps=5).to_text(60).splitlines()
    assert "(dead)" in draw(Value(-1.0).relu()).to_text()


@given(st.integers(0, 10**6), st.integers(20, 100))
def test_no_line_is_wider_than_the_terminal(seed: int, width: int) -> None:
    rng = random.Random(seed)
    nodes = [Value(rng.uniform(-1e9, 1e9), rng.choice(["重み" * 9, "x", None, "a long label " * 3])) for _ in range(4)]
    for _ in range(20):
        nodes.append(rng.choice(nodes) * rng.choice(nodes))
    assert max(map(columns, draw(nodes[-1]).to_text(width).splitlines())) <= width


def test_a_deep_graph_continues_at_the_margin() -> None:
    text = draw(chain(200), fold=False).to_text(40)
    assert len([line for line in text.splitlines() if "tanh(" in line]) == 199
    assert "(see below)" in text


def test_folded_groups_have_their_counts() -> None:
    model = MLP(4, [16, 3], seed=0)
    text = draw(model([1.0, 2.0, 3.0, 4.0])[0] ** 2, model=model).to_text(80)
    assert "[layer 1], 32 operations, 80 parameters" in text


def test_two_graphs_are_in_columns_if_there_is_room() -> None:
    drawing = diff(neuron(2), neuron(3))
    assert drawing.to_text(120).splitlines()[0].split() == ["left", "|", "right"]
    assert drawing.to_text(50).splitlines()[0] == "left"


@pytest.mark.parametrize("label", ["\x1b[31mred", "a\nb", "\x07", "\u202eabc", "\x9b31m", "\x00"])
def test_nothing_reaches_the_terminal_but_printable_characters(label: str) -> None:
    y = Value(1.0, label) * 2
    y.label = label
    for text in (draw(y).to_text(), diff(y, y + 1).to_text(), repr(draw(y)), draw(y).caption):
        assert all(character.isprintable() or character == "\n" for character in text)
