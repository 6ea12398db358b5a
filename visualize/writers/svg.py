"""Write boxes as SVG, at the positions of our own layout.

Groups and titles are named as in the SVG that Graphviz writes: class ``node`` or ``edge``, title ``n3`` or ``n3->n5``. All
colors are attributes, so that every viewer shows them; a style sheet changes them on a dark page.
"""

from __future__ import annotations

import math
from html import escape
from typing import TYPE_CHECKING, NamedTuple

from autograd.shared import counted
from visualize.boxes.colors import LIGHT, dark_rules
from visualize.boxes.style import (
    CLUSTER_TITLE,
    FONT,
    FONT_SIZE,
    LINE,
    PAD,
    SMALL,
    Look,
    cell_widths,
    constant_text,
    edge_labels,
    header,
    node_name,
    number,
    one_line,
    printable,
    rows,
    text_width,
    tooltip,
)
from visualize.layout.curves import arrow_head, edge_path, outline_path
from visualize.layout.geometry import arrange

if TYPE_CHECKING:
    from visualize.boxes.boxes import Box
    from visualize.layout.geometry import Edge, Rectangle

MARGIN = 12.0
MAX_PIXELS = 1_400.0  # width of a picture
SCALE = 1.25  # of a picture that is not that wide


def to_svg(boxes: list[Box], caption: str = "", look: Look | None = None) -> str:
    """Return the picture as the text of an SVG file.

    Example:
        >>> from visualize.boxes.boxes import Box
        >>> x, square = Box("input", "x", "", 3.0, 0.0), Box("output", "", "*", 9.0, 1.0, operands=[0, 0])
        >>> to_svg([x, square]).count('class="edge"')
        2
    """
    look = look or Look()
    geometry = arrange(boxes, look)
    lines = _wrapped(printable(caption), max(geometry.width, 420.0))
    width = max([geometry.width, *map(text_width, lines)]) + 2 * MARGIN
    height = geometry.height + 2 * MARGIN + LINE * len(lines) + (PAD if lines else 0.0)
    bottom = geometry.height + MARGIN + PAD
    size = whole_size(width, height, min(SCALE, MAX_PIXELS / width), -MARGIN)
    marked = [edge for edge in geometry.whole if edge.position == boxes[edge.box].marked]
    whole = [edge for edge in geometry.whole if edge.position != boxes[edge.box].marked]
    return "\n".join(
        [
            '<?xml version="1.0" encoding="UTF-8"?>',
            (
                f'<svg xmlns="http://www.w3.org/2000/svg" {size.attributes} class="sa" role="img" '
                f'aria-label="{escape(description(boxes, caption))}" '
                f'font-family="{FONT},Helvetica,sans-serif" font-size="{FONT_SIZE}" fill="{LIGHT.text}">'
            ),
            f"<style>{dark_rules()}</style>",
            size.background,
            *[_cluster(frame, look) for frame in geometry.frames],
            *[_edge(edge, look) for edge in geometry.edges if edge.position != boxes[edge.box].marked],
            *[_edge(edge, look, "highlight") for edge in whole],
            *[_edge(edge, look, "mark") for edge in marked],
            *[_node(boxes[i], i, rectangle, look) for i, rectangle in geometry.boxes.items()],
            *[_labels(edge, boxes[edge.box], look) for edge in geometry.edges],
            *[_text(line, 0.0, bottom + LINE * i + LINE / 2, "start") for i, line in enumerate(lines)],
            "</svg>\n",
        ]
    )


class Size(NamedTuple):
    """The size of a picture: attributes of its root element, and the rectangle behind everything."""

    attributes: str
    background: str


def whole_size(width: float, height: float, scale: float, start: float = 0.0) -> Size:
    """Return the size of a picture in whole pixels. Otherwise, its edges would be half transparent in a PNG.

    Args:
        width, height: Least size, in units of the picture.
        scale: Pixels per unit.
        start: Left and upper edge, in units of the picture.

    Example:
        >>> print(whole_size(10.1, 5.0, 1.25).attributes)
        width="13" height="7" viewBox="0 0 10.4 5.6"
    """
    columns, lines = (math.ceil(round(length * scale, 3)) for length in (width, height))
    view = f"{columns / scale:.7g}", f"{lines / scale:.7g}"
    place = f' x="{start:g}" y="{start:g}"' if start else ""
    return Size(
        f'width="{columns}" height="{lines}" viewBox="{start:g} {start:g} {view[0]} {view[1]}"',
        f'<rect class="sa-bg"{place} width="{view[0]}" height="{view[1]}" fill="{LIGHT.background}"/>',
    )


def description(boxes: list[Box], caption: str) -> str:
    """Return what the picture shows, for readers who do not see it.

    Example:
        >>> from visualize.boxes.boxes import Box
        >>> description([Box("input", "x", "", 3.0, 1.0, is_root=True)], "gradients of x")
        'computation graph of x = 3, 1 box; gradients of x'
    """
    roots = [box for box in boxes if box.is_root]
    results = ", ".join(one_line(box.name) + ("" if box.data is None else f" = {number(box.data)}") for box in roots)
    count = counted(len(boxes), "box")
    return "; ".join(filter(None, [f"computation graph of {results or 'numbers'}, {count}", printable(caption)]))


def _wrapped(text: str, width: float) -> list[str]:
    lines: list[str] = []
    for word in text.split():
        if lines and text_width(f"{lines[-1]} {word}") <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines


def _cluster(rectangle: Rectangle, look: Look) -> str:
    """Return the frame around the products of an expanded ``dot`` and their sum."""
    x, y, _, height = rectangle
    fill, frame = LIGHT.kinds["frame"]
    base = y + height - 4 if look.direction == "BT" else y + 12
    return (
        f'<g class="cluster"><rect class="sa-frame" {_attributes(rectangle)} rx="6" fill="{fill}" stroke="{frame}" '
        f'stroke-dasharray="4 2"/>{_text(CLUSTER_TITLE, x + PAD, base, "start", size=SMALL, color="m")}</g>'
    )


def _edge(edge: Edge, look: Look, kind: str = "") -> str:
    color, suffix, width = {
        "": (LIGHT.edge, "", 1.1), "mark": (LIGHT.mark, "m", 2.6), "highlight": (LIGHT.highlight, "h", 2.4)
    }[kind]  # fmt: skip
    title = f"<title>{node_name(edge.operand)}-&gt;{node_name(edge.box)}</title>"
    # The parts of an edge that are drawn again, highlighted, do not count as another edge.
    name = f'<g class="edge">{title}' if kind != "highlight" else "<g>"
    return (
        f'{name}<path class="sa-e{suffix}" fill="none" stroke="{color}" stroke-width="{width}" '
        f'd="{edge_path(edge.points, look.direction)}"/>'
        f'<path class="sa-h{suffix}" fill="{color}" d="{arrow_head(edge.points, look.direction, bool(kind))}"/></g>'
    )


def _labels(edge: Edge, box: Box, look: Look) -> str:
    text = edge_labels(box, look)[edge.position]
    if not text:
        return ""
    (x, y), now = edge.points[-1], edge.position == box.marked
    if look.direction == "LR":
        x, y, anchor = x - 9, y - 3, "end"
    elif look.direction == "RL":
        x, y, anchor = x + 9, y - 3, "start"
    else:
        x, y, anchor = x + 3, y - 10 if look.direction == "TB" else y + 16, "start"
    return _text(text, x, y, anchor, bold=now, size=SMALL, color="hm" if now else "d")


def _node(box: Box, index: int, rectangle: Rectangle, look: Look) -> str:
    x, y, width, height = rectangle
    parts = [f'<g class="node {box.kind}"><title>{node_name(index)}\n{escape(tooltip(box))}</title>']
    if box.kind == "constant":
        parts.append(_text(constant_text(box, look.digits), x + width / 2, y + LINE - 1, "middle"))
        return "".join(parts) + "</g>"
    fill, frame = LIGHT.kinds[box.kind]
    now = bool(box.step) and box.marked is None
    stroke = 2.4 if box.is_root or now or box.highlighted else 1.1
    kind, line = f"sa-{box.kind}", frame
    if now or box.highlighted:
        kind, line = f"sa-{box.kind} sa-e{'m' if now else 'h'}", LIGHT.mark if now else LIGHT.highlight
    dashes = ' stroke-dasharray="4 2"' if box.kind == "product" else ""
    for behind in (6.0, 3.0) if box.kind == "folded" else ():
        shifted = outline_path(box.kind, x + behind, y + behind, width, height)
        parts.append(f'<path class="{kind}" fill="{fill}" stroke="{line}" stroke-width="1" d="{shifted}"/>')
    outline = outline_path(box.kind, *rectangle)
    parts.append(f'<path class="{kind}" fill="{fill}" stroke="{line}" stroke-width="{stroke}"{dashes} d="{outline}"/>')
    if box.kind == "output":  # a second line, so that the result is recognized without its color
        inner = outline_path(box.kind, x + 3, y + 3, width - 6, height - 6)
        parts.append(f'<path class="sa-l-output" fill="none" stroke="{frame}" stroke-width="0.8" d="{inner}"/>')
    top = header(box)
    if top:
        parts.append(_header(box, top, rectangle))
        y += LINE + PAD
    for i, text in enumerate(rows(box, look.digits)):
        parts.append(_text(text, x + PAD, y + LINE * (i + 1), "start"))
    for i, text in enumerate(box.marks, len(rows(box, look.digits)) + 1):
        parts.append(_text(printable(text), x + PAD, y + LINE * i, "start", bold=True, size=SMALL, color="w"))
    return "".join(parts) + "</g>"


def _header(box: Box, top: list[str], rectangle: Rectangle) -> str:
    x, y, width, _ = rectangle
    bottom, border = y + LINE + PAD, x + width - cell_widths(top)[-1]  # between name and operation
    rules = f"M{x:.1f},{bottom:.1f}h{width:.1f}" + (f"M{border:.1f},{y:.1f}V{bottom:.1f}" if len(top) > 1 else "")
    centers = [x + width / 2] if len(top) == 1 else [(x + border) / 2, (border + x + width) / 2]
    texts = [_text(text, center, y + LINE, "middle", bold=True) for text, center in zip(top, centers, strict=True)]
    frame = LIGHT.kinds[box.kind][1]
    return f'<path class="sa-l-{box.kind}" fill="none" stroke="{frame}" stroke-width="0.7" d="{rules}"/>{"".join(texts)}'


def _attributes(rectangle: Rectangle) -> str:
    x, y, width, height = rectangle
    return f'x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}"'


_COLORS = {"t": LIGHT.text, "m": LIGHT.muted, "w": LIGHT.warning, "d": LIGHT.partial, "hm": LIGHT.mark}


def _text(text: str, x: float, y: float, anchor: str, bold: bool = False, size: float = FONT_SIZE, color: str = "t") -> str:
    more = ' font-weight="bold"' * bold + (f' font-size="{size}"' if size != FONT_SIZE else "")
    more += f' class="sa-{color}" fill="{_COLORS[color]}"' if color != "t" else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{more}>{escape(text)}</text>'
