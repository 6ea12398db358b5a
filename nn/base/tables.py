"""Tables as text and as HTML: how models, data sets and results show themselves in a terminal and in a notebook."""

from collections.abc import Iterable, Sequence
from html import escape
from typing import Any, TypeVar

Item = TypeVar("Item")
Cells = Sequence[Sequence[Any]]  # the first row contains the names of the columns


def text_table(cells: Cells, left: int = 0) -> str:
    """Return a table as text. The first ``left`` columns are aligned to the left, all others to the right.

    >>> print(text_table([("name", "n"), ("a", 10), ("bc", 2.5)], left=1))
    name    n
    a      10
    bc    2.5
    """
    columns = [[_text(cell) for cell in column] for column in zip(*cells, strict=True)]
    widths = [max(map(len, column)) for column in columns]
    aligned = [
        [cell.ljust(width) if i < left else cell.rjust(width) for cell in column]
        for i, (column, width) in enumerate(zip(columns, widths, strict=True))
    ]
    return "\n".join("  ".join(row) for row in zip(*aligned, strict=True))


def html_table(cells: Cells, caption: str = "") -> str:
    """Return a table as HTML. It has no colours of its own, so it follows the light or dark theme of the page.

    >>> html_table([("n",), (0.123456,)], "a & b")
    '<table><caption>a &amp; b</caption><tr><th>n</th></tr><tr><td>0.1235</td></tr></table>'
    """
    head, *body = cells
    rows = _row("th", head) + "".join(_row("td", row) for row in body)
    return f"<table>{caption and f'<caption>{escape(caption)}</caption>'}{rows}</table>"


def shortened(items: Sequence[Item], most: int) -> list[Item | None]:
    """Return the items, or if there are more than ``most``, the first and the last ones with None between them.

    >>> shortened("abcdefg", 4)
    ['a', 'b', None, 'f', 'g']
    """
    half = most // 2
    return list(items) if len(items) <= most else [*items[:half], None, *items[-half:]]


def _row(tag: str, cells: Iterable[Any]) -> str:
    return f"<tr>{''.join(f'<{tag}>{escape(_text(cell))}</{tag}>' for cell in cells)}</tr>"


def _text(cell: Any) -> str:
    return f"{cell:.4g}" if isinstance(cell, float) else str(cell)
