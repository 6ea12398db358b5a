"""Moving pictures: each step shows the numbers of the engine; SVG, GIF and APNG agree on the steps."""

from __future__ import annotations

import io
import math
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from page_graphs import hostile, micrograd, network

from autograd import Value, backward_steps, maximum, where
from visualize import RenderingError, draw
from visualize.scene.scene import describe
from visualize.writers.animation import Film

SVG = "{http://www.w3.org/2000/svg}"


def product() -> Value:
    a, b, c = Value(2.0, label="a"), Value(-3.0, label="b"), Value(10.0, label="c")
    d = a * b
    d.label = "d"
    y = d + c
    y.label = "y"
    return y


def texts(svg: str) -> list[str]:
    return ["".join(element.itertext()).replace("\u200b", "") for element in ElementTree.fromstring(svg).iter(f"{SVG}text")]


def test_each_step_shows_the_rule_with_its_numbers() -> None:
    film = Film(describe([product()]))
    rules = [texts(film.still(step))[-1] for step in range(film.last + 1)]
    assert rules[1:3] == ["d = a \u00b7 b = 2 \u00b7 (\u22123) = \u22126", "y = d + c = (\u22126) + 10 = 4"]
    assert rules[4] == "\u2202y/\u2202d += \u2202y/\u2202y \u00b7 \u2202y/\u2202d = 1 \u00b7 1 = 1"
    assert rules[-1] == "\u2202y/\u2202b += \u2202y/\u2202d \u00b7 \u2202d/\u2202b = 1 \u00b7 2 = 2"


def blocked() -> Value:
    """Paths that pass no gradient: a closed gate, a dead relu, the smaller operand of a maximum."""
    x = Value(-1.0, label="x")
    return where(x > 0, x * 2, x * 3) + x.relu() * 5 + maximum(x * x, x)


@pytest.mark.parametrize("graph", [micrograd, blocked, product])
def test_gradients_are_those_of_backward_steps(graph: Callable[[], Value]) -> None:
    film, steps = Film(describe([graph()])), list(backward_steps(graph()))
    assert [(step.amount, step.gradient) for step in film.contributions] == [(s.contribution, s.gradient) for s in steps]


def test_a_number_appears_when_it_is_known() -> None:
    film = Film(describe([product()]))
    assert "\u22126" not in texts(film.still(0))
    assert "\u22126" in texts(film.still(1))
    assert texts(film.still(film.seed)).count("1") == 1
    assert texts(film.still(0)).count("\u2013") == 5
    assert texts(film.still(film.last)).count("\u2013") == 0


def test_an_animated_svg_is_small_and_has_no_script(tmp_path: Path) -> None:
    path = draw(product()).write(tmp_path / "y.svg", animate=True)
    svg = path.read_text(encoding="utf-8")
    assert len(svg) < 12_500
    assert ElementTree.fromstring(svg).tag == f"{SVG}svg"
    assert "script" not in svg
    assert "prefers-reduced-motion" in svg
    assert svg == Film(describe([product()])).animated()


def test_the_picture_in_the_documentation_is_current() -> None:
    picture = Path(__file__).parents[3] / "examples" / "animated_graph.svg"
    assert picture.read_text(encoding="utf-8") == Film(describe([product()])).animated()


def test_hostile_labels_are_text() -> None:
    root = ElementTree.fromstring(Film(describe([hostile()])).animated())
    allowed = {"svg", "title", "style", "rect", "path", "text", "tspan", "circle", "g"}
    assert {element.tag.removeprefix(SVG) for element in root.iter()} == allowed


@pytest.mark.parametrize("suffix", ["gif", "apng"])
def test_frames_are_the_steps(tmp_path: Path, suffix: str) -> None:
    image = pytest.importorskip("PIL.Image")
    pytest.importorskip("vl_convert")
    picture = image.open(io.BytesIO(draw(product()).write(tmp_path / f"y.{suffix}").read_bytes()))
    assert picture.n_frames == Film(describe([product()])).last + 1
    assert picture.size[0] >= 600


@pytest.mark.parametrize("graph", [blocked, product])
def test_only_the_areas_that_change_are_drawn_again(graph: Callable[[], Value], monkeypatch: pytest.MonkeyPatch) -> None:
    image, chops = pytest.importorskip("PIL.Image"), pytest.importorskip("PIL.ImageChops")
    converter = pytest.importorskip("vl_convert")
    convert, pixels = converter.svg_to_png, []

    def svg_to_png(svg: str) -> Any:
        png = convert(svg)
        pixels.append(image.open(io.BytesIO(png)).size)
        return png

    film = Film(describe([graph()]))
    monkeypatch.setattr(converter, "svg_to_png", svg_to_png)
    picture = image.open(io.BytesIO(film.frames("apng")))
    drawn = sum(width * height for width, height in pixels) / math.prod(picture.size)
    assert drawn < 1 + 0.5 * film.last
    for step in range(1, film.last + 1, 5):
        picture.seek(step)
        whole = image.open(io.BytesIO(convert(film.still(step)))).convert("RGB")
        difference = chops.difference(picture.convert("RGB"), whole).convert("L").histogram()
        assert not any(difference[64:])  # an edge may be blurred otherwise where it begins
        assert sum(difference[16:]) < 100


def test_without_pillow_there_is_a_remedy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "PIL", None)
    with pytest.raises(RenderingError, match=r"run `pip install scalar-autograd\[render\]`"):
        draw(product()).write(tmp_path / "y.gif")


def test_large_graphs_and_several_results_are_errors(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"at most 40 nodes, not 1\d\d; write a page"):
        draw(network()[0]).write(tmp_path / "y.svg", animate=True)
    x = Value(2.0)
    with pytest.raises(ValueError, match="must have one result, not 2"):
        draw([x * x, x + x]).write(tmp_path / "y.svg", animate=True)
    with pytest.raises(ValueError, match=r"must be .svg with animate=True"):
        draw(x * x).write(tmp_path / "y.png", animate=True)


def test_every_class_that_moves_has_a_rule() -> None:
    svg = Film(describe([micrograd()])).animated()
    used = set(re.findall(r'<g class="(s\d+(?:e\d+)?)"', svg))
    assert used
    assert used == set(re.findall(r"@keyframes (s\d\w*)\{", svg))
