"""A page as a widget of a notebook: its numbers follow the graph. It needs anywidget, the extra ``widget``."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from autograd.shared import counted, suggesting
from visualize.arguments import REMEDIES, find_subject
from visualize.page.explore import FOLDER, HEIGHT, graph_data, page_html
from visualize.scene.scene import describe

if TYPE_CHECKING:
    from collections.abc import Callable


@suggesting("widget(y)", REMEDIES)
def widget(
    value: Any, *arguments: Any, model: Any = None, inputs: Any = None, names: Any = None, targets: Any = None,
    fold: Any = None, title: str | None = None,
) -> Any:  # fmt: skip
    """Make the page of ``explore`` as a widget, which runs in Jupyter, JupyterLab, VS Code and marimo.

    The widget has the method ``refresh``. ``refresh()`` shows the current numbers of the leaves: the page keeps its step and
    its folded groups, and computes values and gradients again. ``refresh(loss)`` shows another graph, such as the next one of
    a training loop.

    Args:
        value, arguments, model, inputs, names, targets, fold, title: See ``explore``.

    Raises:
        ImportError: If anywidget is not installed.
        TypeError, ValueError: See ``explore``.

    Example:
        >>> from autograd import Value
        >>> a = Value(2.0, label="a")
        >>> view = widget(a * a)  # doctest: +SKIP
        >>> view  # as the last line of a cell: displays the page  # doctest: +SKIP
        <widget of a graph with 2 nodes: display it in a notebook, .refresh() shows new numbers>
        >>> a.data = 3.0
        >>> view.refresh()  # doctest: +SKIP
    """
    options = {"model": model, "inputs": inputs, "names": names, "targets": targets}
    made = _widget_class()()
    made.follow(functools.partial(_page_of, options=options, fold=fold, title=title), value, arguments)
    return made


def _page_of(value: Any, arguments: tuple[Any, ...], options: dict[str, Any], fold: Any, title: str | None) -> tuple[Any, ...]:
    """Return the results, a function that returns the page, the data of the page without its numbers, and the numbers."""
    subject = find_subject(value, arguments, options["model"])
    scene = describe(subject.roots, **(options | {"model": subject.model}))
    data = graph_data(scene, fold)
    # The number of a leaf, the numbers that Python computed for a custom operation, or None: the page computes the others.
    both = list(zip(scene.nodes, data["nodes"], strict=True))
    places = [1 if not node.operands else 4 if len(item) > 4 else None for node, item in both]
    numbers = [None if place is None else item.pop(place) for place, (_, item) in zip(places, both, strict=True)]
    del data["stale"]  # the page computes all numbers again
    return subject.roots, lambda: page_html(scene, title, fold, is_widget=True), data, numbers


@functools.cache
def _widget_class() -> Callable[[], Any]:
    try:
        import anywidget
        import traitlets
    except ImportError:
        raise ImportError(
            "widget() needs anywidget: pip install 'scalar-autograd[widget]'; explore() shows the same page without it"
        ) from None

    class GraphWidget(anywidget.AnyWidget):
        """The page of a graph. ``widget`` makes it."""

        _esm = (FOLDER / "widget.js").read_text(encoding="utf-8")
        html = traitlets.Unicode().tag(sync=True)
        numbers: Any = traitlets.List().tag(sync=True)
        height = traitlets.Int(HEIGHT).tag(sync=True)

        def follow(self, page_of: Callable[..., tuple[Any, ...]], value: Any, arguments: tuple[Any, ...]) -> None:
            """Show a graph for the first time. ``page_of`` reads a graph."""
            self._page_of, self._roots, self._data = page_of, value, None
            self.refresh(value, *arguments)

        def refresh(self, value: Any = None, *arguments: Any) -> None:
            """Show the current numbers of the graph, or another graph.

            Args:
                value, arguments: The graph. See ``explore``. By default, the same graph is shown again.
            """
            self._roots, page, data, numbers = self._page_of(self._roots if value is None else value, arguments)
            with self.hold_sync():
                if data != self._data:  # another graph
                    self._data = data
                    self.html = page()
                self.numbers = numbers

        def __repr__(self) -> str:
            """Return what it is, without the whole page."""
            count = len(self.numbers)
            return f"<widget of a graph with {counted(count, 'node')}: display it in a notebook, .refresh() shows new numbers>"

    return GraphWidget
