"""Several pictures in one: side by side if they fit, otherwise below each other. ``diff`` uses them."""

from __future__ import annotations

import re
import unicodedata
from html import escape
from itertools import zip_longest
from typing import TYPE_CHECKING, NamedTuple

from visualize.boxes.colors import LIGHT, dark_rules
from visualize.boxes.style import FONT, printable
from visualize.writers.svg import MAX_PIXELS, to_svg, whole_size
from visualize.writers.text import to_text

if TYPE_CHECKING:
    from visualize.boxes.boxes import Box
    from visualize.boxes.style import Look
    from visualize.scene.facts import Scene

HEAD = 26.0  # height of a title or of the caption
SIZE = 14.0  # of their text
MIN_COLUMN = 38  # characters; narrower texts are below each other


class Panel(NamedTuple):
    """One of the pictures. ``different`` is the index of the node that differs from the other picture, or None."""

    title: str
    boxes: list[Box]
    caption: str
    scene: Scene | None = None
    different: int | None = None


def panels_svg(panels: list[Panel], caption: str, look: Look) -> str:
    """Return an SVG that contains the pictures, each with its title, and a caption below if it is not empty.

    Example:
        >>> from visualize.boxes.boxes import Box
        >>> from visualize.boxes.style import Look
        >>> panel = Panel("left", [Box("input", "x", "", 3.0, None)], "")
        >>> panels_svg([panel, panel], "equal", Look()).count("<svg")
        3
    """
    pictures = [to_svg(panel.boxes, panel.caption, look) for panel in panels]
    sizes = [tuple(map(int, re.findall(r'(?:width|height)="(\d+)"', svg)[:2])) for svg in pictures]
    in_row = sum(width for width, _ in sizes) <= MAX_PIXELS
    parts: list[str] = []
    x, y = 0.0, HEAD
    for panel, svg, (width, height) in zip(panels, pictures, sizes, strict=True):
        parts.append(_title(panel.title, x + 12, y - 8))
        parts.append(svg[svg.index("<svg") :].replace("<svg ", f'<svg x="{x:g}" y="{y:g}" ', 1).rstrip())
        x, y = (x + width, y) if in_row else (x, y + height + HEAD)
    total = max(x if in_row else max(width for width, _ in sizes), 8.0 * len(caption) + 24)
    end = HEAD + max(height for _, height in sizes) if in_row else y - HEAD  # of the pictures
    bottom = end + HEAD if caption else end
    size = whole_size(total, bottom, min(1.0, MAX_PIXELS / total))
    head = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<svg xmlns="http://www.w3.org/2000/svg" {size.attributes} class="sa" role="img" '
        f'aria-label="{escape(printable(f"two computation graphs; {caption}"))}" '
        f'font-family="{FONT},Helvetica,sans-serif" '
        f'font-size="{SIZE:g}" fill="{LIGHT.text}">\n<style>{dark_rules()}</style>\n'
        f"{size.background}"
    )
    return "\n".join([head, *parts, *([_title(caption, 12, end + 8)] if caption else []), "</svg>\n"])


def _title(text: str, x: float, y: float) -> str:
    return f'<text x="{x:g}" y="{y:g}" font-weight="bold">{escape(printable(text))}</text>'


def panels_text(panels: list[Panel], caption: str, look: Look, width: int) -> str:
    """Return the pictures as text: in columns if the terminal is wide enough, otherwise below each other.

    Example:
        >>> from visualize.boxes.boxes import Box
        >>> from visualize.boxes.style import Look
        >>> panels = [Panel(title, [Box("input", "x", "", 3.0, None)], "") for title in ("left", "right")]
        >>> print(panels_text(panels, "equal", Look(), 80))
        left                                   | right
        x = 3                                  | x = 3
        equal
    """
    column = (width - 3 * (len(panels) - 1)) // len(panels)
    in_row = column >= MIN_COLUMN
    texts = [f"{panel.title}\n{to_text(panel.boxes, panel.caption, look, column if in_row else width)}" for panel in panels]
    if not in_row:
        return "\n\n".join([*texts, printable(caption)])
    rows = zip_longest(*(text.splitlines() for text in texts), fillvalue="")
    lines = [" | ".join(_padded(cell, column) for cell in row).rstrip() for row in rows]
    return "\n".join([*(line.rstrip(" |") for line in lines), printable(caption)])


def _padded(text: str, width: int) -> str:
    wide = sum(unicodedata.east_asian_width(character) in "WF" for character in text)
    return text + " " * (width - len(text) - wide)
