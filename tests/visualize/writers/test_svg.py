"""The SVG of our own layout."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

import pytest
from reading_svg import SVG

from autograd import Value, dot
from nn import MLP
from visualize import diff, draw
from visualize.writers.svg import to_svg


def svg(value: Value) -> ET.Element:
    """Return the parsed SVG of ``value``."""
    return ET.fromstring(to_svg(draw(value).picture))


def arrivals(root: ET.Element) -> dict[str, list[float]]:
    """Return the heights at which edges arrive, by title of the edge, in the order of the file."""
    found: dict[str, list[float]] = {}
    for edge in root.iter(f"{SVG}g"):
        if edge.get("class") == "edge":
            head = edge.findall(f"{SVG}path")[1].get("d") or ""
            found.setdefault(edge.findtext(f"{SVG}title") or "", []).append(float(re.findall(r"M[\d.-]+,([\d.-]+)", head)[0]))
    return found


def test_the_two_edges_of_x_times_x_arrive_at_different_heights() -> None:
    x = Value(3.0)
    first, second = arrivals(svg(x * x))["n0->n1"]
    assert first < second


def test_swapped_operands_arrive_in_their_order() -> None:
    a, b = Value(1.0, "a"), Value(2.0, "b")
    height = arrivals(svg((a - b) * (b - a)))  # n0 = a, n1 = b, n2 = a - b, n3 = b - a
    assert height["n0->n2"] < height["n1->n2"]
    assert height["n1->n3"] < height["n0->n3"]


def test_there_are_no_identifiers_that_could_clash_in_a_notebook_with_several_pictures() -> None:
    root = svg(dot([Value(1.0)], [Value(2.0)], 0.5).tanh())
    assert not [element for element in root.iter() if element.get("id")]


def test_everything_is_inside_the_view_box() -> None:
    root = svg(dot([Value(1.0, "w")], [Value(2.0, "x")], Value(0.5, "b")))
    left, top, width, height = map(float, (root.get("viewBox") or "").split())
    for rect in root.iter(f"{SVG}rect"):
        x, y, w, h = (float(rect.get(name) or 0) for name in ("x", "y", "width", "height"))
        assert left <= x
        assert top <= y
        assert x + w <= left + width + 0.1
        assert y + h <= top + height + 0.1


@pytest.mark.parametrize("direction", ["LR", "TB"])
def test_a_reader_who_does_not_see_the_picture_hears_its_content(direction: str) -> None:
    x = Value(3.0, "x")
    y = x * x
    y.label = 'y <"b">'
    y.backward()
    label = ET.fromstring(draw(y, direction=direction).pipe("svg")).get("aria-label")
    assert label == 'computation graph of y <"b"> = 9, 2 boxes; gradients of y <"b">'
    assert (
        ET.fromstring(diff(x * 2.0, x * 3.0).pipe("svg")).get("aria-label", "").startswith("two computation graphs; first dif")
    )
    network = ET.fromstring(draw(MLP(2, [3, 1])).pipe("svg"))
    assert network.get("aria-label") == "network with 2 inputs and 4 neurons: layer 1, layer 2"
