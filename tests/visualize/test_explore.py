"""``explore`` and ``draw(y).write("y.html")``: one file, complete in itself. No browser is needed here."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path
from typing import Any

import pytest
from page_graphs import GRAPHS, HOSTILE, hostile, lattice, micrograd, network, not_finite

import visualize
from autograd import Value
from nn import MLP
from visualize import Page, draw, explore
from visualize.page.explore import FOLDER, SCRIPTS


def data_of(html: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(
        re.findall(r'<script type="application/json" id="data">(.*?)</script>', html, re.DOTALL)[0]
    )
    return found


def test_draw_writes_the_same_page(tmp_path: Path) -> None:
    assert draw(micrograd()).write(tmp_path / "y.html").read_text(encoding="utf-8") == explore(micrograd()).html


@pytest.mark.parametrize("graph", GRAPHS.values(), ids=GRAPHS)
def test_the_same_graph_gives_the_same_bytes_and_no_address(graph: Any) -> None:
    html = explore(graph()).html
    assert html == explore(graph()).html
    assert re.findall(r"(?:https?:)?//[a-z][\w.]+\.[a-z]+", html.replace("http://www.w3.org/2000/svg", "")) == []
    assert re.findall(r"\b(?:fetch|XMLHttpRequest|import|@import|url)\(", html) == []


def test_labels_are_data_and_never_markup() -> None:
    html = explore(hostile()).html
    assert html.count("<script") == 2
    assert {node[2] for node in data_of(html)["nodes"]} >= {label for label in HOSTILE if label.strip()}


def test_numbers_that_json_does_not_have_are_text() -> None:
    nodes = data_of(explore(not_finite()).html)["nodes"]
    assert {node[2]: node[1] for node in nodes if node[0] == 0} == {"x": 0.0, "big": "Infinity"}
    numbers = [Value(x) for x in (math.nan, -math.inf, 0.1, 5e-324)]
    assert [node[1] for node in data_of(explore(numbers).html)["nodes"]] == ["NaN", "-Infinity", 0.1, 5e-324]


def test_a_function_is_called_and_shown() -> None:
    nodes = data_of(explore(lambda a, b: a * b, 2.0, 3.0).html)["nodes"]
    assert sorted(node[2] for node in nodes) == ["a", "b", "v3"]


def test_a_large_network_is_folded_at_first_and_fold_chooses() -> None:
    loss, model = network()
    groups = data_of(explore(loss, model=model).html)["groups"]
    assert sorted(group[0] for group in groups if group[1] == -1) == ["layer 1", "layer 2", "loss"]
    assert not any(group[3] for group in groups)
    assert all(group[3] for group in data_of(explore(loss, model=model, fold=False).html)["groups"])


def test_a_page_of_20000_nodes_is_written() -> None:
    html = explore(lattice(20_000)).html
    assert len(data_of(html)["nodes"]) >= 16_000
    assert len(html) < 1_500_000


def test_every_script_is_in_the_page_and_small_enough_to_read() -> None:
    assert {path.stem for path in FOLDER.glob("*.js")} == {*SCRIPTS, "training", "widget", "messages"}  # of other pages
    html = explore(Value(1.0)).html
    for name in SCRIPTS:
        text = (FOLDER / f"{name}.js").read_text(encoding="utf-8")
        code = "".join(line for line in text.strip().splitlines(keepends=True) if not line.lstrip().startswith("//"))
        assert code in html
        assert len(text.splitlines()) <= 350


def test_no_script_states_a_derivative() -> None:
    """Only the generated rows use functions whose derivatives they would need."""
    for name in SCRIPTS:
        text = (FOLDER / f"{name}.js").read_text(encoding="utf-8")
        assert re.findall(r"Math\.(?:exp|log|tanh|sin|cos|sqrt|cbrt|atan)\(", text) in ([], ["Math.exp("], ["Math.sqrt("])


def test_page_displays_itself() -> None:
    page = explore(hostile())
    assert isinstance(page, Page)
    html = page._repr_html_()
    assert html.startswith("<iframe srcdoc=")
    assert html.count("<") == 2
    assert re.fullmatch(r'<page of \d+ kB: .show\(\) opens it in a browser, .write\("page.html"\) writes a file>', repr(page))


def test_show_opens_the_browser(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    monkeypatch.setattr("webbrowser.open", opened.append)
    path = explore(Value(2.0)).show()
    assert opened == [path.as_uri()]
    assert path.read_text(encoding="utf-8").startswith("<!doctype html>")


@pytest.mark.parametrize(
    ("value", "message"), [(3.0, "value must be a Value"), ([], "value must be a Value"), ("y", "value must be a Value")]
)
def test_nothing_to_show_is_an_error(value: Any, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        explore(value)


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        (
            (),
            {"steps": 2},
            "unexpected keyword argument 'steps'; the page plays all steps; draw(y, steps=n) draws",
        ),
        ((), {"titel": "x"}, "explore() got an unexpected keyword argument 'titel'; did you mean 'title'?"),
        ((), {"title": 3}, "title must be a string or None, not int (3)"),
        ((2.0,), {}, "value must be alone or a function, not followed by 2.0; pass several results as [a, b]"),
    ],
)
def test_a_wrong_argument_is_an_error_that_names_the_right_one(
    arguments: tuple[Any, ...], options: dict[str, Any], message: str
) -> None:
    with pytest.raises(TypeError, match=re.escape(message)):
        explore(Value(1.0) * 2, *arguments, **options)


def test_a_model_needs_its_input() -> None:
    with pytest.raises(TypeError, match="a model must be followed by its input"):
        explore(MLP(2, [1]))


def test_a_missing_folder_is_an_error_that_names_it(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"the folder .*missing' does not exist; create it first"):
        explore(Value(1.0)).write(tmp_path / "missing" / "y.html")


def test_a_wrong_suffix_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"must be \.html or \.htm"):
        explore(Value(1.0)).write(tmp_path / "y.png")


def test_explore_is_public() -> None:
    assert {"explore", "Page"} <= set(visualize.__all__)
