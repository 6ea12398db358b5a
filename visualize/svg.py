"""Write boxes as SVG, at the positions of our own layout. This picture is shown if Graphviz is missing.

Groups and titles are named as in the SVG that Graphviz writes: class ``node`` or ``edge``, title ``n3`` or ``n3->n5``.
"""

from __future__ import annotations

from html import escape
from itertools import pairwise
from typing import TYPE_CHECKING

from visualize.geometry import arrange
from visualize.style import (
    CLUSTER_FILL,
    CLUSTER_FRAME,
    CLUSTER_TITLE,
    EDGE,
    FONT,
    FONT_SIZE,
    HIGHLIGHT,
    LINE,
    PAD,
    TEXT,
    cell_widths,
    constant_text,
    header,
    node_name,
    outline,
    printable,
    rows,
    text_width,
    tooltip,
)

if TYPE_CHECKING:
    from visualize.boxes import Box
    from visualize.geometry import Edge, Rectangle

ARROW = 6.0
MARGIN = 12.0
CORNER = 6.0  # radius of a rounded corner


def to_svg(boxes: list[Box]) -> str:
    """Return the picture as the text of an SVG file.

    Example:
        >>> from autograd import Value
        >>> from visualize.boxes import make_boxes
        >>> to_svg(make_boxes(Value(2.0, label="x") * 3, None, 10)).count('class="edge"')
        2
    """
    geometry = arrange(boxes)
    width, height = geometry.width + 2 * MARGIN, geometry.height + 2 * MARGIN
    caption = []
    if boxes[-1].caption:
        text = printable(boxes[-1].caption)
        caption.append(_text(text, 0.0, geometry.height + MARGIN + LINE / 2, "start"))
        width, height = max(width, text_width(text) + 2 * MARGIN), height + LINE
    return "\n".join(
        [
            '<?xml version="1.0" encoding="UTF-8"?>',
            (
                f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}pt" height="{height:.0f}pt" '
                f'viewBox="{-MARGIN:g} {-MARGIN:g} {width:.1f} {height:.1f}" '
                f'font-family="{FONT},Helvetica,sans-serif" font-size="{FONT_SIZE}" fill="{TEXT}">'
            ),
            f'<rect x="{-MARGIN:g}" y="{-MARGIN:g}" width="{width:.1f}" height="{height:.1f}" fill="white"/>',
            *[_cluster(frame) for frame in geometry.frames],
            *[_edge(edge, edge.position == boxes[edge.box].marked) for edge in geometry.edges],
            *[_node(boxes[i], i, rectangle) for i, rectangle in geometry.boxes.items()],
            *caption,
            "</svg>\n",
        ]
    )


def _cluster(rectangle: Rectangle) -> str:
    """Return the frame around the products of an expanded ``dot`` and their sum."""
    x, y, _, _ = rectangle
    return (
        f'<g class="cluster"><rect {_attributes(rectangle)} rx="{CORNER:g}" fill="{CLUSTER_FILL}" stroke="{CLUSTER_FRAME}" '
        f'stroke-dasharray="4 2"/>'
        f'<text x="{x + PAD:.1f}" y="{y + 12:.1f}" font-size="{FONT_SIZE - 2}" fill="{EDGE}">{CLUSTER_TITLE}</text></g>'
    )


def _edge(edge: Edge, marked: bool) -> str:
    """Return a curve through the points of an edge, horizontal at each of them, with an arrowhead at the last."""
    x, y = edge.points[-1]
    points = [(round(x, 1), round(y, 1)) for x, y in (*edge.points[:-1], (x - ARROW, y))]
    path = [f"M{points[0][0]:.1f},{points[0][1]:.1f}"]
    for (x0, y0), (x1, y1) in pairwise(points):
        middle = (x0 + x1) / 2
        if y0 != y1:
            path.append(f"C{middle:.1f},{y0:.1f} {middle:.1f},{y1:.1f} {x1:.1f},{y1:.1f}")
        elif path[-1][0] == "H":  # one segment for all columns that it crosses
            path[-1] = f"H{x1:.1f}"
        else:
            path.append(f"H{x1:.1f}")
    head = f"M{x:.1f},{y:.1f}l{-ARROW:g},-2.5v5z"
    color, width = (HIGHLIGHT, ' stroke-width="2"') if marked else (EDGE, "")
    return (
        f'<g class="edge"><title>{node_name(edge.operand)}-&gt;{node_name(edge.box)}</title>'
        f'<path fill="none" stroke="{color}"{width} d="{"".join(path)}"/><path fill="{color}" d="{head}"/></g>'
    )


def _node(box: Box, index: int, rectangle: Rectangle) -> str:
    x, y, width, _ = rectangle
    line = outline(box)
    parts = [f'<g class="node"><title>{node_name(index)}\n{escape(tooltip(box))}</title>']
    if box.kind == "constant":
        parts.append(_text(constant_text(box), x + width / 2, y + LINE - 1, "middle"))
        return "".join(parts) + "</g>"
    radius = CORNER if line.rounded else 0.0
    dashes = ' stroke-dasharray="4 2"' if line.dashed else ""
    frame = f'stroke="{line.frame}" stroke-width="{line.width:g}"{dashes}'
    parts.append(f'<rect {_attributes(rectangle)} rx="{radius:g}" fill="{line.fill}" {frame}/>')
    top = header(box)
    if top:
        bottom = y + LINE + PAD
        rules = f"M{x:.1f},{bottom:.1f}h{width:.1f}"
        border = x + width - cell_widths(top)[-1]  # between label and operation
        if len(top) == 1:
            parts.append(_text(top[0], x + width / 2, y + LINE, "middle", bold=True))
        else:
            parts.append(_text(top[0], (x + border) / 2, y + LINE, "middle", bold=True))
            parts.append(_text(top[1], (border + x + width) / 2, y + LINE, "middle", bold=True))
            rules += f"M{border:.1f},{y:.1f}V{bottom:.1f}"
        parts.append(f'<path fill="none" stroke="{line.frame}" stroke-width="0.7" d="{rules}"/>')
        y = bottom
    for i, (name, text) in enumerate(rows(box)):
        parts.append(_text(f"{name} {text}", x + PAD, y + LINE * (i + 1), "start"))
    return "".join(parts) + "</g>"


def _attributes(rectangle: Rectangle) -> str:
    x, y, width, height = rectangle
    return f'x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}"'


def _text(text: str, x: float, y: float, anchor: str, bold: bool = False) -> str:
    weight = ' font-weight="bold"' if bold else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{weight}>{escape(text)}</text>'
