"""Facts about the SVG of our own layout."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

from reading_svg import SVG

from autograd import Value, dot
from visualize.picture import make_picture
from visualize.svg import to_svg
from visualize.units import box_size


def svg(value: Value) -> ET.Element:
    """The SVG of ``value``, parsed."""
    return ET.fromstring(to_svg(make_picture(value, None, 1_000)))


def ends(root: ET.Element) -> dict[str, list[float]]:
    """By title, the heights at which edges of that title arrive, in the order of the file."""
    found: dict[str, list[float]] = {}
    for edge in root.iter(f"{SVG}g"):
        if edge.get("class") == "edge":
            head = edge.findall(f"{SVG}path")[1].get("d") or ""
            found.setdefault(edge.findtext(f"{SVG}title") or "", []).append(float(re.findall(r"M[\d.-]+,([\d.-]+)", head)[0]))
    return found


def test_the_two_edges_of_x_times_x_arrive_at_different_heights() -> None:
    x = Value(3.0)
    first, second = ends(svg(x * x))["n0->n1"]
    assert first < second


def test_swapped_operands_arrive_in_their_order() -> None:
    a, b = Value(1.0, "a"), Value(2.0, "b")
    arrive = ends(svg((a - b) * (b - a)))  # n0 = a, n1 = b, n2 = a - b, n3 = b - a
    assert arrive["n0->n2"] < arrive["n1->n2"]
    assert arrive["n1->n3"] < arrive["n0->n3"]


def test_it_holds_no_identifiers_that_could_clash_in_a_notebook_of_several() -> None:
    root = svg(dot([Value(1.0)], [Value(2.0)], 0.5).tanh())
    assert not [element for element in root.iter() if element.get("id")]


def test_texts_fit_into_their_boxes() -> None:
    """By the widths of Helvetica's digits and letters, as far as these labels have them."""
    helvetica = {" ": 0.278, "-": 0.333, ".": 0.278, "t": 0.278, "r": 0.333, "+": 0.584}
    for box in make_picture(Value(-1.2345e-300) * -1.2345e-7, None, 10):
        for what in (f"data {box.data:.5g}", f"grad {box.grad}") if box.grad is not None else (f"{box.data:.5g}",):
            assert sum(helvetica.get(c, 0.556) for c in what) * 11 <= box_size(box)[0]


def test_everything_is_inside_the_view() -> None:
    root = svg(dot([Value(1.0, "w")], [Value(2.0, "x")], Value(0.5, "b")))
    left, top, width, height = map(float, (root.get("viewBox") or "").split())
    for rect in root.iter(f"{SVG}rect"):
        x, y, w, h = (float(rect.get(name) or 0) for name in ("x", "y", "width", "height"))
        assert left <= x
        assert top <= y
        assert x + w <= left + width + 0.1
        assert y + h <= top + height + 0.1
