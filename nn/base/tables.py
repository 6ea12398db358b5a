"""Tables as text and as HTML: how models, data sets and results show themselves in a terminal and in a notebook."""

from collections.abc import Iterable, Sequence
from html import escape
from typing import Any, NamedTuple, TypeVar

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
    """Return a table as HTML. It sets no colours, so it follows the light or dark theme of the page.

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


class Part(NamedTuple):
    """A row of a Summary.

    Attributes:
        name: Path of the module in the model.
        module: The module's repr, or ``Sequential`` for a Sequential.
        shape: Number of inputs and outputs, such as ``2 -> 16``; empty if the module accepts any number of inputs.
        parameters: Number of parameters, including parameters of nested modules.
    """

    name: str
    module: str
    shape: str
    parameters: int


class Summary(list[Part]):
    """A list of the modules of a model, followed by the model itself. Printing it shows a table.

    Attributes:
        problems: A line for each layer that needs another number of inputs than the layer before it returns.

    >>> from nn import MLP
    >>> MLP(2, [16, 1]).summary()[0]
    Part(name='layers.0', module="Layer(2, 16, activation='tanh')", shape='2 -> 16', parameters=48)
    """

    def __init__(self, parts: Iterable[Part] = (), problems: Iterable[str] = ()) -> None:
        super().__init__(parts)
        self.problems: list[str] = list(problems)

    def __repr__(self) -> str:
        return "\n".join([text_table(self._table(), left=2), *(f"! {problem}" for problem in self.problems)])

    def _repr_html_(self) -> str:
        """Return the table for Jupyter."""
        return html_table(self._table()) + "".join(f"<p>! {escape(problem)}</p>" for problem in self.problems)

    def _table(self) -> list[tuple[str, ...]]:
        return [Part._fields, *[(*part[:3], f"{part.parameters:,}") for part in self]]


def _row(tag: str, cells: Iterable[Any]) -> str:
    return f"<tr>{''.join(f'<{tag}>{escape(_text(cell))}</{tag}>' for cell in cells)}</tr>"


def _text(cell: Any) -> str:
    if not isinstance(cell, float):
        return str(cell)
    return f"{cell:.0f}" if 1e4 <= abs(cell) < 1e9 else f"{cell:.4g}"  # such as an identifier of five digits
