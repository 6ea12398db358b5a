"""Write the page: the facts about a graph, the code of its operations and the scripts, in one HTML file."""

from __future__ import annotations

import html
import json
import math
import os
import re
import tempfile
import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING, Any

from autograd import javascript_rows
from autograd.shared import OtherNames, file_to_write, suggesting, write_atomically
from visualize.arguments import REMEDIES, find_subject
from visualize.boxes.style import printable
from visualize.scene.folding import folded_groups
from visualize.scene.scene import describe

if TYPE_CHECKING:
    from visualize.scene.facts import Node, Scene

FOLDER = Path(__file__).parent
COMMENT = re.compile(r"^ *//.*\n", re.MULTILINE)  # a line that is a comment in JavaScript
SCRIPTS = (
    "graph", "boxes", "marks", "steps", "bands", "layout", "text", "sizes", "drawing", "view", "canvas", "camera", "editing",
    "panel", "search", "controls",
)  # fmt: skip
LEAF, PLAIN = 0, 1  # in place of the operation: a leaf, and a plain number, which has no gradient
KINDS = ("constant", "input", "parameter", "target")
HEIGHT = 640  # pixels, in a notebook
COMPARISON_CSS = """:root { color-scheme: light dark; }
body { margin: 16px; font: 15px/1.4 "Helvetica Neue", "Segoe UI", "Liberation Sans", sans-serif; overflow-wrap: anywhere; }
h1, h2 { font-size: 18px; margin: 0 0 8px; }
figure { margin: 0 0 16px; overflow-x: auto; }
main > div { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 480px), 1fr)); gap: 16px; }
iframe { width: 100%; height: 560px; border: 1px solid; box-sizing: border-box; }
"""


_OPTIONS = dict.fromkeys(("title", "fold", "model"), "it is an argument of explore(y, ...)")
_WRITE = "use page.write('graph.html')"
_PAGE_REMEDIES = {
    **dict.fromkeys(("save", "to_file", "render", "export"), _WRITE),
    **dict.fromkeys(("to_html", "text", "source"), f"use page.html for the text, or {_WRITE.removeprefix('use ')} for a file"),
    **dict.fromkeys(("open", "view", "display", "launch"), "use page.show()"),
    **dict.fromkeys(("svg", "to_svg", "to_text", "pipe"), "draw(y) makes pictures and text"),
}


class Page(OtherNames):
    """A page about a computation graph. It displays itself in a notebook.

    Attributes:
        html: The whole page.

    Example:
        >>> from autograd import Value
        >>> page = explore(Value(2.0, label="x") ** 2)
        >>> page.html.startswith("<!doctype html>")
        True
    """

    _remedies = _PAGE_REMEDIES

    def __init__(self, html: str) -> None:
        self.html: str = html

    @suggesting("explore(y).write('y.html')", _OPTIONS)
    def write(self, path: str | os.PathLike[str]) -> Path:
        """Write the page to a file, and return the path.

        Raises:
            ValueError: If the suffix is not .html or .htm.
            FileNotFoundError: If the folder does not exist.
        """
        path = file_to_write(path, "explore(y).write('y.html')")
        if path.suffix.lower() not in (".html", ".htm"):
            raise ValueError(f"the suffix of {path.name!r} must be .html or .htm, not {path.suffix!r}; use draw() for pictures")
        return write_whole(path, self.html.encode())

    def show(self) -> Path:
        """Write the page to a temporary file, open it in the browser, and return its path."""
        path = Path(tempfile.mkdtemp(prefix="autograd-")) / "graph.html"
        self.write(path)
        webbrowser.open(path.as_uri())
        return path

    def _repr_html_(self) -> str:
        """Return the page in a separate frame, so that its style and scripts do not affect the notebook."""
        title = re.search("<title>(.*?)</title>", self.html, re.DOTALL)
        return (
            f'<iframe srcdoc="{html.escape(self.html)}" title="{title[1] if title else ""}" sandbox="allow-scripts" '
            f'style="width: 100%; height: {HEIGHT}px; border: 0" loading="lazy"></iframe>'
        )

    def __repr__(self) -> str:
        return f'<page of {len(self.html) / 1000:.0f} kB: .show() opens it in a browser, .write("page.html") writes a file>'


@suggesting("explore(y)", REMEDIES)
def explore(
    value: Any, *arguments: Any, model: Any = None, inputs: Any = None, names: Any = None, targets: Any = None,
    fold: Any = None, title: str | None = None,
) -> Page:  # fmt: skip
    """Make a page that plays backpropagation through a graph: forward, and then backward, one contribution per step.

    The page is one HTML file, which needs no network. A reader can step, search, unfold groups, see the paths behind each
    gradient, and edit numbers. Values and gradients are then computed again in the page.

    Args:
        value: Result, or a list of results: gradients are then derivatives of the sum. Or a function, as in
            ``explore(f, 2.0, 3.0)``, which is called with the other arguments.
        arguments: Arguments of the function.
        model, inputs, names, targets, fold: Names of the nodes, and the groups that are folded at first. See ``draw``.
        title: Title of the page.

    Returns:
        The page. As the last line of a notebook cell, it is displayed. ``.write("page.html")`` writes a file.

    Raises:
        TypeError: If ``value`` is not a Value, a list of Values or a function, or another argument has the wrong form or an
            unknown name.
        ValueError: If ``fold`` names a group that does not exist.

    Example:
        >>> from autograd import Value
        >>> a, b = Value(2.0, label="a"), Value(-3.0, label="b")
        >>> explore(a * b + 10.0)  # doctest: +ELLIPSIS
        <page of ... kB: .show() opens it in a browser, .write("page.html") writes a file>
    """
    if title is not None and not isinstance(title, str):
        raise TypeError(f"title must be a string or None, not {type(title).__name__} ({title!r:.40})")
    subject = find_subject(value, arguments, model)
    return Page(page_html(describe(subject.roots, subject.model, inputs, names, targets), title, fold))


def page_html(
    scene: Scene, title: str | None = None, fold: Any = None, different: int | None = None, *, is_widget: bool = False
) -> str:
    """Return the page about a scene.

    Args:
        scene: The facts about the graph.
        fold: Groups that are folded at first, see ``draw``.
        title: Title of the page. By default, it names the results.
        different: Index of a node to mark: the first one that differs from another graph.
        is_widget: Whether the page listens to a notebook, which sends new numbers.
    """
    scripts = (*SCRIPTS, "messages") if is_widget else SCRIPTS
    graph = graph_data(scene, fold) | {"different": different}
    texts = {
        "TITLE": html.escape(printable(title or f"Backpropagation from {', '.join(scene.nodes[i].name for i in scene.roots)}")),
        "CSS": _read("page.css"),
        "GRAPH": json.dumps(graph, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c"),
        "ROWS": javascript_rows(_rows(scene)),
        # Comments stay in the sources: each page would hold 14 kB of them.
        "JS": "\n".join(f"// ---- {name}.js ----\n{COMMENT.sub('', _read(name + '.js'))}" for name in scripts),
    }
    # One substitution: a label may contain a mark of the template.
    page = re.sub("@@([A-Z]+)@@", lambda mark: texts[mark[1]], _read("page.html"))
    return re.sub("[\ud800-\udfff]", "\N{REPLACEMENT CHARACTER}", page)  # halves of a character, which UTF-8 does not have


def comparison_html(caption: str, svg: str, sides: list[tuple[str, Scene, int | None]], fold: Any = None) -> str:
    """Return the page about a comparison: the picture of both graphs, and a page about each, side by side.

    Args:
        caption: The first difference.
        svg: The picture, an SVG file.
        sides: Title and facts of each graph, and the index of the node that differs, or None.
        fold: See ``page_html``.
    """
    frames = [
        f'<section><h2>{html.escape(title)}</h2><iframe title="{html.escape(title)}" sandbox="allow-scripts" '
        f'srcdoc="{html.escape(page_html(scene, title.capitalize(), fold, different))}"></iframe></section>'
        for title, scene, different in sides
    ]
    return (
        '<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n<link rel="icon" href="data:,">\n'
        f"<title>Comparison of two graphs</title>\n<style>\n{COMPARISON_CSS}</style>\n"
        f"<header><h1>Comparison of two graphs</h1>\n<p><bdi>{html.escape(caption)}</bdi></p></header>\n"
        f"<main><figure>{svg[svg.index('<svg') :]}</figure>\n<div>{''.join(frames)}</div></main>\n</html>\n"
    )


def write_whole(path: Path, data: bytes) -> Path:
    """Write a file with ``write_atomically``, and return its path, which ``file_to_write`` has checked."""
    write_atomically({path: data})
    return path


def _read(name: str) -> str:
    return (FOLDER / name).read_text(encoding="utf-8").strip()


def _has_javascript(operation: str) -> bool:
    try:
        javascript_rows([operation])
    except ValueError:
        return False
    return True


def _rows(scene: Scene) -> list[str]:
    """Return the operations of the graph that have JavaScript."""
    return sorted(filter(_has_javascript, {node.op for node in scene.nodes if node.operands}))


def graph_data(scene: Scene, fold: Any) -> dict[str, Any]:
    """Return the data of the page. ``graph.js`` describes the format of nodes, ``boxes.js`` the format of groups."""
    opened, rows = _opened(scene, fold), _rows(scene)
    return {
        "roots": scene.roots,
        "groups": [
            [group.title, -1 if group.parent is None else group.parent, group.kind, int(i in opened)]
            for i, group in enumerate(scene.groups)
        ],
        "stale": sum(node.stale for node in scene.nodes),
        "nodes": [_node(node, rows) for node in scene.nodes],
    }


def _opened(scene: Scene, fold: Any) -> set[int]:
    """Return the groups that are unfolded at first: those around a folded group or a node, from the outside."""
    opened = set()
    for node, box in zip(scene.nodes, folded_groups(scene, fold), strict=True):
        group = node.group if box is None else scene.groups[box].parent
        while group is not None:
            opened.add(group)
            group = scene.groups[group].parent
    return opened


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
