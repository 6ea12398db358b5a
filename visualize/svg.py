"""The picture as SVG, with positions from our own layout: what is shown where there is no Graphviz.

The groups and their titles are as in the SVG that Graphviz writes: class ``node`` or ``edge``, title ``n3`` or
``n3->n5``.
"""

from __future__ import annotations

from html import escape
from itertools import pairwise
from typing import TYPE_CHECKING

from visualize.dot import name
from visualize.layout import place
from visualize.style import (
    EDGE,
    FONT,
    FONT_SIZE,
    GROUP_FILL,
    GROUP_FRAME,
    GROUP_TITLE,
    INK,
    MARK,
    header,
    look,
    printable,
    rows,
    tooltip,
)  # fmt: skip
from visualize.units import GROUP_PAD, LINE, PAD, box_size, cell_widths, constant_text, make_units, text_width, to_items

if TYPE_CHECKING:
    from visualize.picture import Box
    from visualize.units import Point, Unit, Way

ARROW = 6.0
MARGIN = 12.0
CORNER = 6.0  # the radius of a rounded corner


def to_svg(picture: list[Box]) -> str:
    """The picture as the text of an SVG file.

    >>> from autograd import Value
    >>> from visualize.picture import make_picture
    >>> to_svg(make_picture(Value(2.0, label="x") * 3, None, 10)).count('class="edge"')
    2
    """
    units = make_units(picture)
    layout = place(to_items(units))
    groups, edges, nodes = [], [], []
    for unit, x, y, routes in zip(units, layout.x, layout.y, layout.routes, strict=True):
        if len(unit.places) > 1:
            groups.append(_group(unit, x, y))
        for way, route in zip(unit.ways_in, routes, strict=True):
            edges.append(_edge(picture, way, route + [(x + dx, y + dy) for dx, dy in way.points[1:]]))
        edges += [_edge(picture, way, [(x + dx, y + dy) for dx, dy in way.points]) for way in unit.inner]
        nodes += [_node(picture[i], i, x + dx, y + dy) for i, (dx, dy) in unit.places.items()]
    width, height = layout.width + 2 * MARGIN, layout.height + 2 * MARGIN
    caption = []
    if picture[-1].caption:
        text = printable(picture[-1].caption)
        caption.append(_text(text, 0.0, layout.height + MARGIN + LINE / 2, "start"))
        width, height = max(width, text_width(text) + 2 * MARGIN), height + LINE
    return "\n".join(
        [
            '<?xml version="1.0" encoding="UTF-8"?>',
            (
                f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}pt" height="{height:.0f}pt" '
                f'viewBox="{-MARGIN:g} {-MARGIN:g} {width:.1f} {height:.1f}" '
                f'font-family="{FONT},Helvetica,sans-serif" font-size="{FONT_SIZE}" fill="{INK}">'
            ),
            f'<rect x="{-MARGIN:g}" y="{-MARGIN:g}" width="{width:.1f}" height="{height:.1f}" fill="white"/>',
            *groups,
            *edges,
            *nodes,
            *caption,
            "</svg>\n",
        ]
    )


def _edge(picture: list[Box], way: Way, points: list[Point]) -> str:
    """A line through ``points``, level at each of them, with an arrow head at the last."""
    x, y = points[-1]
    points = [(round(x, 1), round(y, 1)) for x, y in (*points[:-1], (x - ARROW, y))]
    path = [f"M{points[0][0]:.1f},{points[0][1]:.1f}"]
    for (x0, y0), (x1, y1) in pairwise(points):
        middle = (x0 + x1) / 2
        if y0 != y1:
            path.append(f"C{middle:.1f},{y0:.1f} {middle:.1f},{y1:.1f} {x1:.1f},{y1:.1f}")
        elif path[-1][0] == "H":  # one stretch for all columns that it passes
            path[-1] = f"H{x1:.1f}"
        else:
            path.append(f"H{x1:.1f}")
    head = f"M{x:.1f},{y:.1f}l{-ARROW:g},-2.5v5z"
    is_marked = way.position == picture[way.box].marked
    color, thick = (MARK, ' stroke-width="2"') if is_marked else (EDGE, "")
    return (
        f'<g class="edge"><title>{name(way.operand)}-&gt;{name(way.box)}</title>'
        f'<path fill="none" stroke="{color}"{thick} d="{"".join(path)}"/><path fill="{color}" d="{head}"/></g>'
    )


def _node(box: Box, index: int, x: float, y: float) -> str:
    width, height = box_size(box)
    outline = look(box)
    parts = [f'<g class="node"><title>{name(index)}\n{escape(tooltip(box))}</title>']
    if box.kind == "constant":
        parts.append(_text(constant_text(box), x + width / 2, y + LINE - 1, "middle"))
        return "".join(parts) + "</g>"
    radius = CORNER if outline.rounded else 0.0
    dashes = ' stroke-dasharray="4 2"' if outline.dashed else ""
    frame = f'stroke="{outline.frame}" stroke-width="{outline.width:g}"{dashes}'
    parts.append(f'<rect {_place(x, y, width, height)} rx="{radius:g}" fill="{outline.fill}" {frame}/>')
    top = header(box)
    if top:
        line = y + LINE + PAD
        rule = f"M{x:.1f},{line:.1f}h{width:.1f}"
        widths = cell_widths(top)
        border = x + width - widths[-1]  # between label and operation
        if len(top) == 1:
            parts.append(_text(top[0], x + width / 2, y + LINE, "middle", bold=True))
        else:
            parts.append(_text(top[0], (x + border) / 2, y + LINE, "middle", bold=True))
            parts.append(_text(top[1], (border + x + width) / 2, y + LINE, "middle", bold=True))
            rule += f"M{border:.1f},{y:.1f}V{line:.1f}"
        parts.append(f'<path fill="none" stroke="{outline.frame}" stroke-width="0.7" d="{rule}"/>')
        y = line
    for i, (what, text) in enumerate(rows(box)):
        parts.append(_text(f"{what} {text}", x + PAD, y + LINE * (i + 1), "start"))
    return "".join(parts) + "</g>"


def _group(unit: Unit, x: float, y: float) -> str:
    """The frame around the products of an expanded ``dot`` and their sum."""
    frame = _place(x, y, unit.width + GROUP_PAD, unit.height)
    return (
        f'<g class="cluster"><rect {frame} rx="{CORNER:g}" fill="{GROUP_FILL}" stroke="{GROUP_FRAME}" stroke-dasharray="4 2"/>'
        f'<text x="{x + PAD:.1f}" y="{y + 12:.1f}" font-size="{FONT_SIZE - 2}" fill="{EDGE}">{GROUP_TITLE}</text></g>'
    )


def _place(x: float, y: float, width: float, height: float) -> str:
    return f'x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}"'


def _text(text: str, x: float, y: float, anchor: str, bold: bool = False) -> str:
    weight = ' font-weight="bold"' if bold else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{weight}>{escape(text)}</text>'
