"""Texts of boxes: numbers and labels, drawn by each renderer in turn; and outlines."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from reading_svg import Picture

from autograd import Value, dot, exp
from visualize import draw

Shown = Callable[..., Picture]


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
def test_numbers_have_five_digits_in_the_box_and_all_digits_in_the_tooltip(shown: Shown, number: float, text: str) -> None:
    picture = shown(Value(number, "x"))
    name = picture.node("x", f"data {text}")
    assert f"data: {number!r}" in picture.tooltips[name].splitlines()


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
def test_a_label_with_special_characters_is_shown_unchanged(shown: Shown, label: str) -> None:
    picture = shown(Value(1.0, label) * 2)
    assert f"label: {label}" in picture.tooltips[picture.node(label, "data 1")].splitlines()


@pytest.mark.parametrize(
    ("label", "text"),
    [
        ("first\nsecond\tthird", "first second third"),
        ("bell\a null\0", "bell\ufffd null\ufffd"),
        ("half \ud800 a pair", "half \ufffd a pair"),
        ("w" * 1000, "w" * 31 + "…"),
    ],
)
def test_a_label_with_forbidden_characters_or_too_many_is_adapted(shown: Shown, label: str, text: str) -> None:
    assert shown(Value(1.0, label)).node(text)


@pytest.mark.parametrize("label", ["", " ", "\n"])
def test_a_blank_label_is_no_label(shown: Shown, label: str) -> None:
    assert shown(Value(1.0, label)).all_texts() == ["data 1", "v1"]


def test_leaves_constants_computed_nodes_and_the_root_look_different() -> None:
    x = Value(2.0, "x")
    lines = draw(exp(x * 3)).source.splitlines()
    styles = [re.findall(r"(?:color|shape|style|penwidth)=\S+", line) for line in lines if re.match(r"\tn\d+ \[", line)]
    assert len(styles) == len(set(map(tuple, styles))) == 4


def test_the_kinds_differ_in_more_than_color_in_dot_too() -> None:
    w, x, t = Value(2.0, "w"), Value(1.0, "x"), Value(3.0, "t")
    drawing = draw(dot([w], [x], 1.0).tanh() - t, model={"w": w}, targets=[t])
    styles = {}
    for i, box in enumerate(drawing.picture):
        (line,) = [line for line in drawing.source.splitlines() if line.strip().startswith(f"n{i} [")]
        styles[box.kind] = tuple(re.findall(r"(?:shape|style|penwidth)=(?:\"[^\"]*\"|\S+)", line))
    assert len(set(styles.values())) == len(styles) == 7
