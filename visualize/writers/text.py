"""Write boxes as a tree for the terminal: the result on top, and the operands of each node below it."""

from __future__ import annotations

import re
import shutil
import textwrap
import unicodedata
from collections import deque
from typing import TYPE_CHECKING

from visualize.boxes.style import number, one_line, printable

if TYPE_CHECKING:
    from visualize.boxes.boxes import Box
    from visualize.boxes.style import Look

MAX_OPERANDS = 4  # of a formula
MAX_DEPTH_SHARE = 0.5  # of the width, for the branches of the tree; deeper branches start again at the left


def to_text(boxes: list[Box], caption: str, look: Look, width: int | None = None) -> str:
    """Return the picture as text.

    A node that several others use is written once; later lines refer to it. Branches that are deeper than half of the width
    continue at the left margin below the tree. All characters are printable.

    Args:
        boxes: The boxes, each after its operands.
        caption: Text below the tree.
        look: Number of digits.
        width: Maximum length of a line, at least 20. By default, the width of the terminal.

    Raises:
        ValueError: If ``width`` is not a positive integer.

    Example:
        >>> from visualize.boxes.boxes import Box
        >>> from visualize.boxes.style import Look
        >>> x, y = Box("input", "x", "", 3.0, None), Box("output", "y", "*", 9.0, None, operands=[0, 0])
        >>> print(to_text([x, y], "", Look(), 40))
        y = x * x = 9
        |- x = 3
        `- x (see above)
    """
    if width is not None and (not isinstance(width, int) or isinstance(width, bool) or width < 1):
        raise ValueError(f"width must be a positive integer or None (the width of the terminal), not {width!r:.40}")
    width = max(20, width or shutil.get_terminal_size().columns)
    lines: list[str] = []
    done: set[int] = set()
    used = {operand for box in boxes for operand in box.operands}
    later = deque(i for i in range(len(boxes)) if i not in used)
    while later:
        root = later.popleft()
        if root in done:
            continue
        stack: list[tuple[int, str, str, str]] = [(root, "", "", "")]  # box, start of its line, of those below, note
        while stack:
            i, start, below, note = stack.pop()
            box = boxes[i]
            known = i in done and bool(box.operands or box.kind != "constant")
            deep = len(below) > width * MAX_DEPTH_SHARE and bool(box.operands) and not known
            text = f"{_name(box)} (see {'above' if known else 'below'})" if known or deep else _line(box, boxes, look)
            lines += _fitted(start + text + note, below, width)
            if deep:
                later.append(i)
            elif not known:
                done.add(i)
                for position, operand in reversed(list(enumerate(box.operands))):
                    last = position == len(box.operands) - 1
                    mark = f"  <- {box.step}" if position == box.marked else ""
                    stack.append((operand, below + ("`- " if last else "|- "), below + ("   " if last else "|  "), mark))
    caption_lines = textwrap.wrap(printable(caption), width)
    return "\n".join([*lines, *caption_lines])


def _name(box: Box) -> str:
    return one_line(box.name) or box.op or "a number"


def _formula(box: Box, boxes: list[Box], look: Look) -> str:
    """Return the operation with its operands, ``a * b`` or ``tanh(x)``; of many operands, only the operation."""
    names = [one_line(boxes[k].name) or number(boxes[k].data or 0.0, look.digits) for k in box.operands]
    names = [f"[{name}]" if boxes[k].kind == "folded" else name for k, name in zip(box.operands, names, strict=True)]
    nameless = any(not (boxes[k].name or boxes[k].kind == "constant") for k in box.operands)
    if not box.op or nameless or not 0 < len(names) <= MAX_OPERANDS:
        return box.op
    if len(names) > 1 and not box.op.isidentifier():
        return f" {box.op} ".join(names)
    return f"-{names[0]}" if box.op == "neg" else f"{box.op}({', '.join(names)})"


def _line(box: Box, boxes: list[Box], look: Look) -> str:
    """Return the line of a box: its name, operation, numbers and marks."""
    parts = [part for part in (one_line(box.name), _formula(box, boxes, look)) if part]
    if box.kind == "folded":
        parts = [f"[{one_line(box.name)}]"]
    if box.data is not None:
        parts.append(number(box.data, look.digits))
    text = " = ".join(parts)
    facts = [*box.counts]
    if box.shows_grad:
        grad = "-" if box.grad is None else number(box.grad, look.digits)
        facts.append(f"grad {'norm ' * (box.kind == 'folded')}{grad}")
    return ", ".join([text, *facts]) + "".join(f" ({printable(mark)})" for mark in box.marks)


def _fitted(text: str, below: str, width: int) -> list[str]:
    """Return a line, wrapped at spaces if it is too wide, so that numbers stay whole. Only longer words are broken."""
    if _columns(text) <= width:
        return [text.rstrip()]
    lines, current, used = [], "", 0  # ``used`` columns of the current line
    margin = below + "  "
    indent = _columns(margin)
    for word in re.findall(r"\s*\S+", text):
        new_line = used + _columns(word) > width and len(current) > len(margin)
        if new_line:
            lines.append(current.rstrip())
            current, used = margin, indent
        for character in word.lstrip() if new_line else word:
            size = _columns(character)
            if used + size > width and len(current) > len(margin):
                lines.append(current.rstrip())
                current, used = margin, indent
            current, used = current + character, used + size
    return [*lines, current.rstrip()]


def _columns(text: str) -> int:
    """Return the width of a text in a terminal: wide characters count twice."""
    return len(text) + sum(unicodedata.east_asian_width(character) in "WF" for character in text)
