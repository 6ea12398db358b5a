"""``diff``: the first node that differs."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import Value
from visualize import diff, draw


def test_equal_graphs_are_equal_whatever_their_names() -> None:
    a, b = Value(2.0, "a"), Value(2.0, "other")
    assert diff(a * a + 1, b * b + 1).caption == "the graphs are equal"
    nan = Value(float("nan"))
    assert diff(nan + 1, nan + 1).caption == "the graphs are equal"


def marked(drawing: Any) -> list[str]:
    """Return the names of the marked boxes."""
    return [box.name for box in drawing.picture if "first difference" in box.marks]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda x: (x * x) - 1, "v3 = v2 + 1.0 = 10.0 on the left, and v3 = v2 - 1.0 = 8.0 on the right"),
        (lambda x: (x * x) + 2, "v3 = v2 + 1.0 = 10.0 on the left, and v3 = v2 + 2.0 = 11.0 on the right"),
        (lambda x: (x * x + 1).tanh(), "nothing more on the left, and v4 = tanh(v3) = 0.9999999958776927 on the right"),
        (lambda x: 1 + x * x, "v3 = v2 + 1.0 = 10.0 on the left, and v3 = 1.0 + v2 = 10.0 on the right"),
    ],
)
def test_the_first_difference_is_stated_and_marked(change: Callable[[Value], Value], message: str) -> None:
    x = Value(3.0, "x")
    drawing = diff(x * x + 1, change(x))
    assert drawing.caption == f"first difference: {message}"
    assert set(marked(drawing)) <= {"v3", "v4"}
    assert marked(drawing)


def test_gradients_are_compared_last() -> None:
    x, z = Value(3.0, "x"), Value(3.0, "x")
    y1, y2 = x * x, z * z
    y1.backward()
    y2.backward(2.0)
    assert diff(y1, y2).caption == "first difference: the gradient of v2 is 1.0 on the left, and of v2 2.0 on the right"


@given(st.lists(st.integers(0, 2), min_size=1, max_size=20), st.integers(0, 19))
def test_a_change_at_one_place_is_found_there(program: list[int], place: int) -> None:
    place %= len(program)

    def run(changed: bool) -> Value:
        y = Value(1.25, "x")
        for i, kind in enumerate(program):
            y = (y.sin() if kind == 0 else y + 0.5 if kind == 1 else y * y) if not (changed and i == place) else y - 0.25
        return y

    drawing = diff(run(False), run(True), fold=False)
    assert marked(drawing) == [f"v{place + 2}"] * 2


def test_the_picture_shows_both_graphs_and_fits_a_screen() -> None:
    x = Value(3.0, "x")
    y1, y2 = x, x
    for _ in range(30):
        y1, y2 = y1.sin(), y2.cos()
    svg = diff(y1, y2).pipe("svg", encoding="utf-8")
    assert svg.count("<svg") == 3
    assert int(re.findall(r'width="(\d+)"', svg)[0]) <= 1_400


def test_the_page_has_the_picture_and_a_page_per_graph_and_no_markup_of_labels(tmp_path: Path) -> None:
    x = Value(3.0, "<script>alert(1)</script>")
    drawing = diff(x * x + 1, x * x - 1)
    page = drawing.write(tmp_path / "d.html").read_text(encoding="utf-8")
    assert html.escape(drawing.caption) in page
    frames = re.findall(r'<iframe title="(left|right)" sandbox="allow-scripts" srcdoc="([^"]*)">', page)
    assert [title for title, _ in frames] == ["left", "right"]
    assert all(html.unescape(text).startswith("<!doctype html>") for _, text in frames)
    assert "<script" not in page  # except in the frames, where it is escaped
    assert page.count('class="sa"') == 3


def test_wrong_arguments_raise_errors() -> None:
    with pytest.raises(TypeError, match=r"y2 must be a Value, not float \(1.0\); compare two results"):
        diff(Value(1.0), 1.0)  # type: ignore[arg-type]
    other: Any = type("Value", (), {"__module__": "engine"})()
    for show, values in ((diff, (other, other)), (draw, (other,))):
        with pytest.raises(TypeError, match=r" Value.*, not engine\.Value \(.*\); record the expression with autograd\.Value"):
            show(*values)
    with pytest.raises(TypeError, match=r"diff\(\) got an unexpected keyword argument 'folds'; did you mean 'fold'"):
        diff(Value(1.0), Value(1.0), folds=True)  # type: ignore[call-arg]


def test_the_digits_show_that_the_results_differ() -> None:
    x = Value(3.0, "x")
    y1, y2 = (x * 2).tanh() + x, (x * 3).tanh() + x  # 3.999988 and 4.0
    assert {"data 3.99999", "data 4"} <= set(re.findall(">(data [^<]*)<", diff(y1, y2).pipe("svg", encoding="utf-8")))
    assert "= 3.99999\n" in diff(y1, y2).to_text(60)
    assert "data 3.99999" not in diff(y1, y1).pipe("svg", encoding="utf-8")
    nan = Value(float("nan"))
    assert diff(nan + 1, nan + 1).look.digits == 5


def test_missing_gradients_are_not_stated_twice() -> None:
    x = Value(3.0, "x")
    y1, y2 = x * 2, x * 3
    assert "no gradients" not in diff(y1, y2).to_text(100) + diff(y1, y2).pipe("svg", encoding="utf-8")
    y1.backward()
    assert diff(y1, y2).to_text(200).count("no gradients yet") == 1  # only on the right
    assert diff(y1, y2).to_text(200).count("gradients of v2") == 1
