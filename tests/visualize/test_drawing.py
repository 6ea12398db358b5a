"""``draw`` and ``Drawing``: arguments, copies, notebooks, and writing files."""

from __future__ import annotations

import copy
import os
import pickle
import random
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import graphviz
import pytest
from programs import HAS_DOT
from reading_svg import read
from sample_graphs import product_plus_tanh, square
from work_counts import assert_proportional

import autograd
import visualize
from autograd import Value, sum  # noqa: A004 - autograd's sum
from nn import MLP
from visualize import Drawing, RenderingError, draw, explore
from visualize.writers.formats import FORMATS, SCENE_FORMATS

needs_dot = pytest.mark.skipif(not HAS_DOT, reason="Graphviz is not installed")


def test_a_drawing_is_a_digraph() -> None:
    drawing = draw(product_plus_tanh())
    assert isinstance(drawing, graphviz.Digraph)
    assert isinstance(drawing, Drawing)


@pytest.mark.parametrize("make", [copy.copy, copy.deepcopy, Drawing.copy, lambda d: pickle.loads(pickle.dumps(d))])
def test_a_copy_draws_the_same_picture(make: Callable[[Drawing], Drawing], only_own_layout: None) -> None:
    drawing = draw(product_plus_tanh())
    copied = make(drawing)
    assert (copied.source, copied.pipe("svg")) == (drawing.source, drawing.pipe("svg"))


# ---- arguments ----


@pytest.mark.parametrize("bad", ["gif", "webp", "", "jpg", None, 3])
def test_an_unknown_format_raises_an_error_that_lists_the_formats(bad: object) -> None:
    with pytest.raises(ValueError, match=rf"format must be one of svg, png, pdf, dot, gv, not {bad!r}"):
        draw(Value(1.0), bad)


def test_formats_may_be_in_capitals() -> None:
    assert draw(Value(1.0), "PNG").format == "png"


@pytest.mark.parametrize(("bad", "named"), [(3.0, "float (3.0)"), ([], "an empty list"), ([1.0], "list ([1.0])")])
def test_anything_but_a_value_is_rejected_with_a_remedy(bad: object, named: str) -> None:
    with pytest.raises(TypeError) as refused:
        draw(bad)
    assert str(refused.value) == (
        f"value must be a Value, a list of Values, a function or a model, not {named}; draw the result of a computation, or a "
        "function with its arguments, as in draw(f, 2.0, 3.0)"
    )


@pytest.mark.parametrize("bad", ["yes", 2, [True]])
def test_expand_must_be_true_false_or_none(bad: object) -> None:
    with pytest.raises(ValueError, match=r"expand must be True, False or None \(expand sums of few terms\), not "):
        draw(Value(1.0), expand=bad)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"directon": "TB"}, "did you mean 'direction'?"),
        ({"max_nodes": 9}, "graphs of any size are drawn, folded; see fold"),
        ({"filename": "y.svg"}, "the result writes a file with .write('y.svg')"),
        ({"title": "t"}, "a picture has no title; explore(y, title=...) makes a page with one"),
        ({"rankdir": "LR"}, "use direction='LR'"),
        ({"xyz": 9}, "the arguments are value, format, model, inputs,"),
    ],
)
def test_an_unknown_argument_raises_an_error_that_names_the_right_one(options: dict[str, Any], message: str) -> None:
    message = f"draw() got an unexpected keyword argument {next(iter(options))!r}; {message}"
    with pytest.raises(TypeError, match=re.escape(message)):
        draw(Value(1.0), **options)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"digits": 0}, "digits must be an integer from 1 to 17, not 0"),
        ({"digits": True}, "digits must be an integer from 1 to 17, not True"),
        ({"direction": "tb"}, "direction must be one of LR, RL, TB, BT, not 'tb'; did you mean 'TB'?"),
        ({"partials": 1}, "partials must be True or False, not 1"),
        ({"engine": "neato"}, "engine must be 'dot' or None (our own layout), not 'neato'"),
        ({"fold": ["layer 1"]}, "fold must name groups of the picture, not 'layer 1'; this graph has no groups"),
        ({"highlight": ["y"]}, "highlight must list nodes of the graph, not 'y'"),
        ({"highlight": "y"}, "highlight must list nodes of the graph, not 'y'"),
        ({"highlight": [Value(2.0)]}, "highlight must list nodes of the graph, not Value(2.0)"),
    ],
)
def test_an_invalid_argument_raises_an_error_with_the_choices(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        draw(Value(1.0, "x"), **options)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([],), "value must be a Value, a list of Values, a function or a model, not an empty list; draw"),
        (([Value(1.0), 2],), "value must be a list of Values, but item 1 is 2; omit it, or write a number as Value(2.0)"),
        ((Value(1.0), "y.svg"), "format must be a format, not the file name 'y.svg'; write draw(y).write('y.svg')"),
    ],
)
def test_what_cannot_be_drawn_is_named_with_a_remedy(arguments: Any, message: str) -> None:
    with pytest.raises((TypeError, ValueError), match=re.escape(message)):
        draw(*arguments)


@pytest.mark.parametrize("bad", [3, 2.5])
def test_highlight_must_list_values_or_names(bad: Any) -> None:
    with pytest.raises(TypeError, match=re.escape(f"highlight must list Values or names, not {type(bad).__name__} ({bad})")):
        draw(Value(1.0, "x"), highlight=bad)


@pytest.mark.parametrize("bad", [-1, 1.5, True, "2"])
def test_steps_must_be_a_non_negative_integer(bad: object) -> None:
    with pytest.raises(ValueError, match=re.escape(f"steps must be a non-negative integer or None, not {bad!r}")):
        draw(product_plus_tanh(), steps=bad)  # type: ignore[arg-type]


# ---- notebooks ----


@pytest.mark.parametrize("include", [None, ["image/svg+xml"], ["image/png", "image/jpeg", "image/svg+xml", "text/html"]])
def test_a_notebook_always_shows_svg(only_own_layout: None, no_converter: None, include: list[str] | None) -> None:
    drawing = draw(square())
    bundle = drawing._repr_mimebundle_(include=include)
    assert bundle == {"image/svg+xml": drawing._repr_svg_()}
    assert len(read(drawing._repr_svg_()).edges) == 2


def test_a_notebook_can_exclude_every_format() -> None:
    assert draw(square())._repr_mimebundle_(exclude=["image/svg+xml"]) == {}


def test_a_notebook_gets_png_if_it_can_be_made(only_own_layout: None) -> None:
    pytest.importorskip("vl_convert")
    assert draw(square())._repr_mimebundle_(include=["image/png"])["image/png"].startswith(b"\x89PNG")


# ---- files ----


def test_write_takes_a_string(tmp_path: Path, only_own_layout: None) -> None:
    assert draw(square()).write(str(tmp_path / "y.svg")).exists()


def test_the_docstring_of_write_lists_every_suffix() -> None:
    assert set(re.findall(r" \.(\w+)", (Drawing.write.__doc__ or "").splitlines()[0])) == {*FORMATS, *SCENE_FORMATS}


@pytest.mark.parametrize(("name", "suffix"), [("y.bmp", "bmp"), ("y.webp", "webp"), ("y", ""), ("y.", "")])
def test_an_unknown_suffix_raises_an_error_that_lists_the_formats(tmp_path: Path, name: str, suffix: str) -> None:
    message = rf"the suffix of '{re.escape(name)}' must be one of svg, png, pdf, dot, gv, html, gif, apng, not {suffix!r}"
    with pytest.raises(ValueError, match=message):
        draw(square()).write(tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_writing_to_a_missing_folder_raises_an_error_with_its_name(tmp_path: Path, only_own_layout: None) -> None:
    message = r"cannot write '.*y\.svg': the folder '.*missing' does not exist; create it first"
    with pytest.raises(FileNotFoundError, match=message):
        draw(square()).write(tmp_path / "missing" / "y.svg")


def test_a_failed_write_keeps_the_previous_file(
    tmp_path: Path, only_own_layout: None, no_converter: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = tmp_path / "y.png"
    old.write_text("old")
    with pytest.raises(RenderingError):
        draw(square()).write(old)

    def disk_full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", disk_full)
    with pytest.raises(OSError, match="No space left"):
        draw(square()).write(tmp_path / "y.svg")
    monkeypatch.undo()
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("y.png", "old")]


def test_writing_over_a_folder_fails_and_leaves_no_files_behind(tmp_path: Path, only_own_layout: None) -> None:
    (tmp_path / "y.svg").mkdir()
    with pytest.raises(OSError, match=r"y\.svg"):
        draw(square()).write(tmp_path / "y.svg")
    assert [path.name for path in tmp_path.iterdir()] == ["y.svg"]


@pytest.mark.parametrize("hidden", [pytest.param([], marks=needs_dot), ["only_own_layout"]])
def test_render_works_as_documented_by_graphviz(request: pytest.FixtureRequest, tmp_path: Path, hidden: list[str]) -> None:
    for name in hidden:
        request.getfixturevalue(name)
    drawing = draw(square())
    assert Path(drawing.render("y.gv", directory=tmp_path)) == tmp_path / "y.gv.svg"
    assert (tmp_path / "y.gv").read_text(encoding="utf-8") == drawing.source
    assert len(read((tmp_path / "y.gv.svg").read_bytes()).edges) == 2
    assert Path(drawing.render("z", directory=tmp_path, cleanup=True)) == tmp_path / "z.svg"
    assert Path(drawing.render(outfile=tmp_path / "new" / "v.svg", cleanup=True)) == tmp_path / "new" / "v.svg"
    assert sorted(path.name for path in tmp_path.rglob("*.*")) == ["v.svg", "y.gv", "y.gv.svg", "z.svg"]
    with pytest.raises(graphviz.FileExistsError):
        drawing.render("z", directory=tmp_path, raise_if_result_exists=True)


def test_save_writes_the_source(tmp_path: Path) -> None:
    drawing = draw(square())
    assert Path(drawing.save(tmp_path / "y.gv")).read_text(encoding="utf-8") == drawing.source


@pytest.mark.parametrize(
    ("name", "first"),
    [("y.svg", b"<?xml"), ("y.SVG", b"<?xml"), ("y.html", b"<!doctype"), ("y.gv", b"digraph"), ("y", b"digraph")],
)
def test_save_writes_the_format_of_the_suffix(tmp_path: Path, name: str, first: bytes) -> None:
    path = Path(draw(square()).save(name, tmp_path))
    assert path == tmp_path / name
    assert path.read_bytes().startswith(first)


@pytest.mark.parametrize("method", ["save", "render", "write"])
@pytest.mark.parametrize("name", ["y.jpg", "y.ps"])
def test_a_suffix_of_another_picture_is_refused_and_nothing_is_written(tmp_path: Path, method: str, name: str) -> None:
    with pytest.raises(ValueError, match=rf"the suffix of '{name}' must be one of svg, png, .*, not"):
        getattr(draw(square()), method)(str(tmp_path / name))
    assert not list(tmp_path.iterdir())


def test_the_page_of_a_drawing_starts_with_the_groups_that_the_drawing_folds(tmp_path: Path) -> None:
    model = MLP(2, [8, 1], seed=0)
    loss = model([0.5, -1.0])[0] ** 2
    for fold in (False, {"layer 1": False}, None):
        page = draw(loss, model=model, fold=fold).write(tmp_path / "y.html").read_text(encoding="utf-8")
        assert page == explore(loss, model=model, fold=fold).html
    assert explore(loss, model=model, fold=False).html != explore(loss, model=model).html


def test_render_writes_the_format_of_the_suffix(tmp_path: Path) -> None:
    pytest.importorskip("vl_convert")
    path = Path(draw(square()).render("p.png", directory=tmp_path))
    assert path.read_bytes().startswith(b"\x89PNG")
    assert [found.name for found in tmp_path.iterdir()] == ["p.png"]


def test_show_opens_a_file_in_the_browser(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    monkeypatch.setattr("webbrowser.open", opened.append)
    path = draw(square()).show()
    assert opened == [path.as_uri()]
    assert read(path.read_bytes()).generator == "own"
    path.unlink()


def test_a_drawing_in_a_terminal_says_how_to_see_it() -> None:
    text = repr(draw(square()))
    assert "2 boxes" in text
    assert all(word in text for word in (".show()", ".write('picture.svg')", "print(drawing)"))
    drawing = draw(square())
    tree, _, last = str(drawing).rpartition("\n")
    assert tree == drawing.to_text()
    assert last == "(.show() opens it in a browser, .write('picture.svg') writes a file)"


# ---- large graphs ----


def test_the_parameters_of_a_large_model_are_found_in_linear_time() -> None:
    def drawing(inputs: int) -> Callable[[], object]:
        model = MLP(inputs, [10], seed=0)
        root = sum(model([0.1] * inputs))
        return lambda: draw(root, model=model).pipe("svg")

    assert_proportional(drawing, 20, tolerance=1.2)


def lattice(size: int) -> Value:
    """Return the root of a graph in which each node uses two of the 50 nodes before it."""
    rng = random.Random(0)
    nodes = [Value(rng.uniform(-1, 1)) for _ in range(10)]
    while len(nodes) < size - 1:
        nodes.append(rng.choice([Value.__mul__, Value.__add__])(rng.choice(nodes[-50:]), rng.choice(nodes[-50:])))
    return sum(nodes[-200:]) * 1


def test_a_large_graph_is_drawn_in_linear_time() -> None:
    """``benchmarks/drawing.py`` measures the seconds for 20,000 nodes."""

    def drawing(size: int) -> Callable[[], object]:
        root = lattice(size)
        return lambda: draw(root).pipe("svg")

    assert_proportional(drawing, 500, tolerance=1.2)


def test_a_graph_of_20_000_nodes_is_folded_into_a_small_picture() -> None:
    assert len(draw(lattice(20_000)).pipe("svg")) < 100_000


@pytest.mark.parametrize("show", [draw, explore])
def test_a_second_value_raises_an_error_that_says_how_to_show_it(show: Callable[..., Any]) -> None:
    x = Value(3.0, "x")
    remedy = (
        r"draw\(\[y, x\]\) draws two results, draw\(y, highlight=x\) marks x, and explain\(y, x\) lists the paths from y to x$"
    )
    with pytest.raises(TypeError, match=remedy):
        show(x * x, x)
    with pytest.raises(TypeError, match=r"not followed by MLP.*; model=model names its parameters$"):
        show(x * x, MLP(2, [1]))


def test_svg_is_the_text_of_the_file(tmp_path: Path) -> None:
    for drawing in (draw(square()), draw(MLP(2, [1], seed=0))):
        assert drawing.svg == drawing.pipe("svg").decode() == drawing.write(tmp_path / "y.svg").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("name", "remedy"),
    [
        ("make_dot", "use draw(y)"),
        ("draw_graph", "use draw(y)"),
        ("view", "use draw(y)"),
        ("plot_model", "use draw(model)"),
        ("plot_loss", "use plot_losses(history)"),
        ("plot_accuracy", "use plot_metrics(history)"),
        ("animate", "use draw(y).write('y.png'), or 'y.gif'"),
        ("to_html", "use explore(y)"),
        ("plot_weight", "did you mean 'plot_weights'?"),
    ],
)
def test_a_function_of_another_library_gets_a_remedy(name: str, remedy: str) -> None:
    with pytest.raises(AttributeError) as caught:
        getattr(visualize, name)
    assert str(caught.value) == f"module 'visualize' has no attribute {name!r}; {remedy}"
    assert all(hasattr(visualize, function) for function in re.findall(r"(\w+)\(", remedy) if function != "write")


@pytest.mark.parametrize("path", [None, 3, ["y.svg"]])
def test_a_path_that_is_not_a_path_has_a_remedy(path: Any) -> None:
    rule = f"path must be a file path, not {type(path).__name__} ({path!r})"
    with pytest.raises(TypeError, match=re.escape(f"{rule}; write draw(y).write('y.svg')")):
        draw(square()).write(path)
    with pytest.raises(TypeError, match=re.escape(f"{rule}; write explore(y).write('y.html')")):
        explore(square()).write(path)
    with pytest.raises(TypeError, match=re.escape(f"{rule}; write program.to_c('model.c')")):
        autograd.compile(lambda x: x * x).program(2.0).to_c(path)
