"""Write the page: the facts about a graph, the code of its operations and the scripts, in one HTML file."""

from __future__ import annotations

import html
import json
import math
import re
import tempfile
import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING, Any

from autograd import Value, javascript_rows
from visualize.scene import describe

if TYPE_CHECKING:
    import os
    from collections.abc import Sequence

    from visualize.facts import Node, Scene

FOLDER = Path(__file__).parent
SCRIPTS = (
    "graph", "boxes", "steps", "layout", "text", "drawing", "view", "canvas", "camera", "editing", "panel", "search", "controls",
)  # fmt: skip
LEAF, PLAIN = 0, 1  # in place of the operation: a leaf, and a plain number, which has no gradient
KINDS = ("constant", "input", "parameter", "target")
HEIGHT = 640  # pixels, in a notebook


class Page:
    """A page about a computation graph. It displays itself in a notebook.

    Attributes:
        html: The whole page.

    Example:
        >>> page = explore(Value(2.0, label="x") ** 2)
        >>> page.html.startswith("<!doctype html>")
        True
    """

    def __init__(self, html: str) -> None:
        self.html: str = html

    def write(self, path: str | os.PathLike[str]) -> Path:
        """Write the page to a file, and return the path.

        Raises:
            ValueError: If the suffix is not .html or .htm.
        """
        path = Path(path)
        if path.suffix.lower() not in (".html", ".htm"):
            raise ValueError(f"the suffix of {path.name!r} must be .html or .htm, not {path.suffix!r}; use draw() for pictures")
        path.write_text(self.html, encoding="utf-8")
        return path

    def show(self) -> Path:
        """Write the page to a temporary file, open it in the browser, and return its path."""
        path = Path(tempfile.mkdtemp(prefix="autograd-")) / "graph.html"
        self.write(path)
        webbrowser.open(path.as_uri())
        return path

    def _repr_html_(self) -> str:
        """Return the page in a frame of its own, so that its style and scripts do not meet those of a notebook."""
        title = re.search("<title>(.*?)</title>", self.html, re.DOTALL)
        return (
            f'<iframe srcdoc="{html.escape(self.html)}" title="{title[1] if title else ""}" sandbox="allow-scripts" '
            f'style="width: 100%; height: {HEIGHT}px; border: 0" loading="lazy"></iframe>'
        )

    def __repr__(self) -> str:
        return f'<page of {len(self.html) / 1000:.0f} kB: page.show() opens it in the browser, page.write("graph.html") writes it>'


def explore(
    roots: Value | Sequence[Value], path: str | os.PathLike[str] | None = None, *, model: Any = None, inputs: Any = None,
    names: Any = None, targets: Any = None, title: str | None = None,
) -> Page:  # fmt: skip
    """Make a page that plays backpropagation through the graph of ``roots``, forward and then backward, step by step.

    The page is one HTML file, which needs no network. A reader can step, search, unfold groups, see the paths behind each
    gradient, and edit numbers: values and gradients are then computed again in the page.

    Args:
        roots: The result, or several. With several, gradients are those of their sum.
        path: File to write, ``"page.html"``.
        model, inputs, names, targets: Names of the nodes, see ``draw``.
        title: Title of the page.

    Returns:
        The page. As the last line of a notebook cell, it is displayed.

    Raises:
        TypeError: If ``roots`` is not a Value or several, or another argument has the wrong form.
        ValueError: If ``roots`` is empty, or ``path`` does not end in .html.

    Example:
        >>> a, b = Value(2.0, label="a"), Value(-3.0, label="b")
        >>> explore(a * b + 10.0)  # doctest: +ELLIPSIS
        <page of ... kB: page.show() opens it in the browser, page.write("graph.html") writes it>
    """
    found = [roots] if isinstance(roots, Value) else list(roots) if isinstance(roots, list | tuple) else None
    if found is None or not all(isinstance(root, Value) for root in found):
        raise TypeError(
            f"roots must be a Value or a list of Values, not {type(roots).__name__} ({roots!r:.40}); pass the result of a model "
            "or function"
        )
    if not found:
        raise ValueError("roots must contain at least one Value, not []; pass the result of a model or function")
    page = Page(page_html(describe(found, model, inputs, names, targets), title))
    if path is not None:
        page.write(path)
    return page


def page_html(scene: Scene, title: str | None = None) -> str:
    """Return the page about a scene.

    Args:
        scene: The facts about the graph.
        title: Title of the page. By default, it names the results.
    """
    operations = {node.op for node in scene.nodes if node.operands}
    rows = sorted(filter(_has_javascript, operations))
    texts = {
        "TITLE": html.escape(title or f"Backpropagation from {', '.join(scene.nodes[i].name for i in scene.roots)}"),
        "CSS": _read("page.css"),
        "GRAPH": json.dumps(_graph(scene, rows), ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c"),
        "ROWS": javascript_rows(rows),
        "JS": "\n".join(f"// ---- {name}.js ----\n{_read(name + '.js')}" for name in SCRIPTS),
    }
    # One substitution: a label may contain a mark of the template.
    return re.sub("@@([A-Z]+)@@", lambda mark: texts[mark[1]], _read("page.html"))


def _read(name: str) -> str:
    return (FOLDER / name).read_text(encoding="utf-8").strip()


def _has_javascript(operation: str) -> bool:
    try:
        javascript_rows([operation])
    except ValueError:
        return False
    return True


def _graph(scene: Scene, rows: list[str]) -> dict[str, Any]:
    """Return the data of the page. ``graph.js`` describes the format of a node."""
    return {
        "roots": scene.roots,
        "groups": [[group.title, -1 if group.parent is None else group.parent] for group in scene.groups],
        "stale": sum(node.stale for node in scene.nodes),
        "nodes": [_node(node, rows) for node in scene.nodes],
    }


def _node(node: Node, rows: list[str]) -> list[Any]:
    group = -1 if node.group is None else node.group
    if not node.operands:
        kind = node.kind if node.kind in KINDS else "input"  # the result of a graph may itself be a leaf
        return [PLAIN if node.op == "const" else LEAF, _number(node.data), node.name, group, KINDS.index(kind)]
    if node.op in rows:
        return [node.op, node.operands, node.name, group]
    return [node.op, node.operands, node.name, group, [_number(node.data), [_number(partial) for partial in node.partials]]]


def _number(x: float | None) -> float | str | None:
    """Return a number as JSON. JSON has no nan and no infinities: the page converts these texts."""
    if x is None or math.isfinite(x):
        return x
    return "NaN" if math.isnan(x) else "Infinity" if x > 0 else "-Infinity"
