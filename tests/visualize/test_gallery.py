"""The pictures of the gallery fit a screen, are true, and are the same in every run."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest
from gallery_graphs import GALLERY
from reading_svg import SVG, read

from autograd import topological_order
from visualize import draw
from visualize.boxes.style import number

DOCS = Path(__file__).parents[2] / "docs" / "gallery"


def drawn(name: str, **options: Any) -> Any:
    """Return the root, and its picture after ``backward``."""
    root, more = GALLERY[name]()
    root.backward()
    return root, draw(root, **(more | options))


def view(svg: str) -> tuple[float, float]:
    """Return the width in pixels, and pixels per unit."""
    root = ET.fromstring(svg)
    width = float(root.get("width") or 0)
    return width, width / float((root.get("viewBox") or "").split()[2])


@pytest.mark.parametrize("partials", [False, True])
@pytest.mark.parametrize("name", GALLERY)
def test_a_picture_is_at_most_1400_pixels_wide_and_its_text_at_least_9_high(name: str, partials: bool) -> None:
    svg = drawn(name, partials=partials)[1].pipe("svg", encoding="utf-8")
    width, scale = view(svg)
    sizes = [float(size) for size in re.findall(r'font-size="([\d.]+)"', svg)]
    assert width <= 1_400
    assert min(sizes) * scale >= 9


@pytest.mark.parametrize("name", GALLERY)
def test_every_number_in_the_picture_is_the_number_of_the_engine(name: str) -> None:
    root, drawing = drawn(name, fold=False, expand=False)
    picture = read(drawing.pipe("svg"))
    for value in topological_order(root):
        index = drawing.scene.index(value)
        (box,) = [i for i, box in enumerate(drawing.picture) if box.nodes == [index]]
        facts = picture.tooltips[f"n{box}"].splitlines()
        assert f"data: {value.data!r}" in facts
        assert f"grad: {value.grad!r}" in facts
        texts = picture.texts[f"n{box}"]
        assert f"data {number(value.data)}" in texts
        assert f"grad {number(value.grad)}" in texts


@pytest.mark.parametrize("name", GALLERY)
def test_the_numbers_of_the_local_derivatives_are_the_partials(name: str) -> None:
    root, drawing = drawn(name, fold=False, expand=False, partials=True)
    shown = [text[1:] for text in read(drawing.pipe("svg")).other_texts if text.startswith("\N{MULTIPLICATION SIGN}")]
    wanted = [
        number(partial)
        for value in topological_order(root)
        if len(value.operands) <= 2
        for partial in value.partials
        if partial is not None
    ]
    assert sorted(shown) == sorted(wanted)


def labels(svg: str) -> list[tuple[float, float, float, float]]:
    """Return the rectangles of the labels of edges and of plain numbers, with the narrowest width that a font may have."""
    found = []
    for text in ET.fromstring(svg).iter(f"{SVG}text"):
        if "sa-d" in (text.get("class") or "") or "sa-hm" in (text.get("class") or ""):
            x, y, width = float(text.get("x") or 0), float(text.get("y") or 0), 0.56 * 10 * len(text.text or "")
            left = x - width if text.get("text-anchor") == "end" else x
            found.append((left, y - 8, left + width, y))
    for group in ET.fromstring(svg).iter(f"{SVG}g"):
        for text in group.iter(f"{SVG}text") if group.get("class") == "node constant" else ():
            x, y, width = float(text.get("x") or 0), float(text.get("y") or 0), 0.5 * 11 * len(text.text or "")
            found.append((x - width / 2, y - 8, x + width / 2, y))
    return found


@pytest.mark.parametrize("steps", [None, 2])
@pytest.mark.parametrize("direction", ["LR", "RL", "TB", "BT"])
@pytest.mark.parametrize("name", GALLERY)
def test_labels_of_edges_do_not_collide(name: str, direction: str, steps: int | None) -> None:
    root, options = GALLERY[name]()
    svg = draw(root, **(options | {"partials": True, "direction": direction, "steps": steps})).pipe("svg", encoding="utf-8")
    rectangles = labels(svg)
    for i, (left, top, right, bottom) in enumerate(rectangles):
        for other in rectangles[:i]:
            assert right <= other[0] or other[2] <= left or bottom <= other[1] or other[3] <= top


@pytest.mark.parametrize("name", ["micrograd", "small_network", "softmax_cross_entropy", "lattice"])
def test_the_marked_edge_begins_at_its_operand_and_ends_at_its_node(name: str) -> None:
    root, options = GALLERY[name]()
    for steps in range(1, 60, 4):
        try:
            drawing = draw(root, **options, steps=steps, expand=False)
        except ValueError:
            break
        svg = ET.fromstring(drawing.pipe("svg"))
        boxes = {}
        for group in svg.iter(f"{SVG}g"):
            if (group.get("class") or "").startswith("node") and group.find(f"{SVG}path") is not None:
                name = (group.findtext(f"{SVG}title") or "").partition("\n")[0]
                path = group.find(f"{SVG}path").get("d") or ""  # type: ignore[union-attr]
                boxes[name] = path
        (edge,) = [path for path in svg.iter(f"{SVG}path") if path.get("class") == "sa-em"]
        (start, end) = read(ET.tostring(svg)).marked[0]
        points = re.findall(r"(-?[\d.]+),(-?[\d.]+)", edge.get("d") or "")
        assert float(points[0][0]) == pytest.approx(right_side(boxes[start]), abs=0.11)
        assert float(points[-1][0]) + 6 == pytest.approx(left_side(boxes[end]), abs=0.11)


def left_side(outline: str) -> float:
    """Return the smallest x of an outline; a corner may be cut or round."""
    x = float(re.findall(r"M(-?[\d.]+)", outline)[0])
    return x - (6.0 if "l6,6" in outline else 8.0 if "a8,8" in outline else 0.0)


def right_side(outline: str) -> float:
    """Return the largest x of an outline."""
    width = float(re.findall(r"h(-?[\d.]+)", outline)[0])
    more = {"l6,6": 12.0, "a8,8": 16.0, "l7,": 7.0}
    return left_side(outline) + width + next((size for corner, size in more.items() if corner in outline), 0.0)


@pytest.mark.parametrize("name", GALLERY)
def test_the_same_graph_has_the_same_bytes(name: str) -> None:
    assert drawn(name)[1].pipe("svg") == drawn(name)[1].pipe("svg")


def test_the_iris_row_has_at_most_twelve_boxes() -> None:
    assert len(drawn("iris_row")[1].picture) <= 12


def without_titles(svg: str) -> str:
    """Return an SVG without its tooltips: their last digits depend on the mathematical library of the platform."""
    return re.sub("<title>.*?</title>", "", svg, flags=re.DOTALL)


@pytest.mark.parametrize("name", GALLERY)
def test_the_gallery_in_the_documentation_is_current(name: str) -> None:
    written = (DOCS / f"{name}.svg").read_text(encoding="utf-8")
    assert without_titles(written) == without_titles(drawn(name)[1].pipe("svg", encoding="utf-8"))


def test_kinds_differ_in_shape() -> None:
    root, options = GALLERY["small_network"]()
    svg = ET.fromstring(draw(root, **options).pipe("svg"))
    shapes: dict[str, set[str]] = {}
    for group in svg.iter(f"{SVG}g"):
        kind = (group.get("class") or "").removeprefix("node ")
        outlines = [path.get("d") or "" for path in group.findall(f"{SVG}path") if path.get("fill") != "none"]
        if (group.get("class") or "").startswith("node"):
            dashed = "dashed" if "stroke-dasharray" in ET.tostring(group, encoding="unicode") else ""
            double = str(len(group.findall(f"{SVG}path")))
            shapes.setdefault(kind, set()).add("".join(re.findall(r"[a-zA-Z]", "".join(outlines))) + dashed + double)
    forms = [frozenset(found) for found in shapes.values()]
    assert len(set(forms)) == len(shapes) == 7  # input, parameter, target, constant, operation, product, output


@pytest.mark.parametrize("name", GALLERY)
def test_every_output_of_the_same_graph_is_the_same(name: str, tmp_path: Path) -> None:
    def outputs() -> list[object]:
        drawing = drawn(name)[1]
        files = [drawing.write(tmp_path / f"y{suffix}") for suffix in (".html", ".dot")]
        if name in ("five_nodes", "neuron", "nan_and_inf"):
            files.append(drawing.write(tmp_path / "moving.svg", animate=True))
        return [drawing.to_text(80), drawing.caption, *(path.read_bytes() for path in files)]

    assert outputs() == outputs()


@pytest.mark.parametrize("name", GALLERY)
def test_the_tooltip_lists_the_local_derivatives_that_have_no_label(name: str) -> None:
    root, drawing = drawn(name, fold=False, expand=False)
    picture = read(drawing.pipe("svg"))
    for value in topological_order(root):
        if len(value.operands) > 2 and value.op != "dot":  # a dot has another order of operands
            (box,) = [i for i, box in enumerate(drawing.picture) if box.nodes == [drawing.scene.index(value)]]
            (line,) = [line for line in picture.tooltips[f"n{box}"].splitlines() if line.startswith("local derivatives: ")]
            assert line.removeprefix("local derivatives: ").split(", ")[:16] == [repr(x) for x in value.partials[:16]]
