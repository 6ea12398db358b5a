"""``draw``, and what it returns."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import graphviz

from autograd import Value
from visualize import dot, rendering
from visualize.picture import make_picture

if TYPE_CHECKING:
    from collections.abc import Callable

    from visualize.picture import Box


def draw(
    value: Value, format: str = "svg", *, expand: bool | None = None, max_nodes: int = 1_000, steps: int | None = None
) -> Drawing:
    """Draw the computation graph of ``value``: label, operation, data and gradient of every Value in it.

    The picture shows the numbers of the moment in which it is drawn; call ``backward`` before. Edges go from left to
    right and arrive in the order of the operands, the first on top.

    Args:
        value: the result whose graph is drawn.
        format: what ``.render()`` and ``.pipe()`` make unless told otherwise: svg, png, pdf, dot or gv.
        expand: whether ``sum`` and ``dot`` are shown as the ``*`` and ``+`` that they are short for. By default, those
            of at most 4 terms are.
        max_nodes: the greatest number of boxes.
        steps: show, in place of the gradients that the Values have, what they are during backpropagation, after so many of
            the contributions that ``autograd.backward_steps(value)`` goes through; the edge of the last one is red.

    Returns:
        A ``graphviz.Digraph`` that shows itself in a notebook, and has ``.write("picture.png")`` beside the usual
        ``.source``, ``.save``, ``.render`` and ``.pipe``.

    Raises:
        TypeError: if ``value`` is not a Value.
        ValueError: if ``format``, ``expand``, ``max_nodes`` or ``steps`` is none of the above.
        autograd.GraphTooLargeError: if the graph has more nodes than ``max_nodes``.

    >>> x = Value(3.0, label="x")
    >>> y = x * x
    >>> y.backward()
    >>> print(draw(y).source.count("n0 -> n1"))
    2
    """
    format = rendering.check_format(format)
    if not isinstance(value, Value):
        raise TypeError(
            f"draw() shows the graph of one Value, not of {type(value).__name__} ({value!r:.40}); of several outputs draw one, "
            "as in draw(outputs[0]); of a model or a function draw what it returns"
        )
    if expand not in (True, False, None):
        raise ValueError(f"expand must be True, False or None (the default: sums of few terms), not {expand!r}")
    if not isinstance(max_nodes, int) or max_nodes < 1:
        raise ValueError(f"max_nodes must be a whole number, 1 or more, not {max_nodes!r}")
    if steps is not None and (not isinstance(steps, int) or isinstance(steps, bool) or steps < 0):
        raise ValueError(f"steps must be a whole number, 0 or more, or None, not {steps!r:.40}")
    drawing = Drawing(picture=make_picture(value, expand, max_nodes, steps), format=format)
    dot.fill(drawing, drawing.picture)
    return drawing


class Drawing(graphviz.Digraph):
    """A ``graphviz.Digraph`` that can also be shown and written where the programs of Graphviz are missing.

    Changes made to it as to any Digraph (``drawing.attr(rankdir="TB")``) show where Graphviz does the drawing; our own
    layout, used in its absence and for large graphs, shows the graph as it was.
    """

    def __init__(self, *args: Any, picture: list[Box] | None = None, **kwargs: Any) -> None:
        """As for ``graphviz.Digraph``; ``picture`` is what our own layout shows. Made by ``draw``."""
        super().__init__(*args, **kwargs)
        self.picture = picture or []

    def write(self, path: str | os.PathLike[str]) -> Path:
        """Write the picture to a file, in the format that its suffix says: .svg, .png, .pdf, .dot or .gv.

        The file appears when it is complete: after an error, what was there before is still there.

        Raises:
            ValueError: if the suffix is none of these.
            FileNotFoundError: if the folder does not exist.
            visualize.RenderingError: for PNG and PDF, if there is nothing to make them with.
        """
        path = Path(path)
        return _write_whole(path, self.pipe(rendering.check_format(path.suffix[1:])))

    def pipe(
        self,
        format: str | None = None,
        renderer: str | None = None,
        formatter: str | None = None,
        neato_no_op: bool | int | None = None,
        quiet: bool = False,
        *,
        engine: str | None = None,
        encoding: str | None = None,
    ) -> Any:
        """The picture as bytes; with ``encoding``, as text. Parameters as of ``graphviz.Digraph.pipe``."""

        def run_graphviz(format: str) -> bytes:
            return super(Drawing, self).pipe(
                format, renderer=renderer, formatter=formatter, neato_no_op=neato_no_op, quiet=quiet, engine=engine
            )

        format = (format or self.format).lower()
        if format not in rendering.FORMATS or not self.picture or renderer or formatter or neato_no_op is not None or engine:
            data = run_graphviz(format)  # what only Graphviz can do
        elif format in ("dot", "gv"):
            data = self.source.encode(self.encoding)
        elif format == "svg":
            data = rendering.svg(self.picture, self.source, self.engine, run_graphviz)
        else:
            data = rendering.png_or_pdf(self.picture, format, run_graphviz)
        return data if encoding is None else data.decode(encoding)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None, **_: Any) -> dict[str, Any]:
        """What a notebook shows: SVG unless it asks for something else. What cannot be made is left out."""
        formats = {"image/svg+xml": "svg", "image/png": "png", "image/jpeg": "jpeg"}
        wanted = set(include or ["image/svg+xml"]) - set(exclude or [])
        bundle: dict[str, Any] = {}
        for mimetype in formats.keys() & wanted:
            # Only SVG is always possible. For the others a notebook that asks for all it knows must not get an error.
            with contextlib.suppress(rendering.RenderingError, *rendering.NO_DOT):
                bundle[mimetype] = self.pipe(
                    formats[mimetype], quiet=True, encoding="utf-8" if mimetype == "image/svg+xml" else None
                )
        return bundle

    def _repr_svg_(self) -> str:
        """For front ends that do not know ``_repr_mimebundle_``."""
        return self.pipe("svg", quiet=True, encoding="utf-8")

    @property
    def _render(self) -> Callable[..., str]:
        # What graphviz calls, once it has saved the source and settled all names, to make the picture file from it.
        return self._render_saved

    def _render_saved(
        self, engine: str, format: str, filepath: str, *, outfile: Any = None, raise_if_result_exists: bool = False,
        overwrite_filepath: bool = False, **options: Any,
    ) -> str:  # fmt: skip
        path = Path(outfile or f"{filepath}.{format}")
        if raise_if_result_exists and path.exists():
            raise graphviz.FileExistsError(f"output file exists: {os.fspath(path)!r}")
        if not overwrite_filepath and path.resolve() == Path(filepath).resolve():
            raise ValueError(
                f"{os.fspath(path)!r} is where the source is saved; name another outfile, or pass overwrite_source=True"
            )
        options = {name: option for name, option in options.items() if option is not None}
        return os.fspath(_write_whole(path, self.pipe(format, engine=None if engine == self.engine else engine, **options)))

    def _copy_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        return super()._copy_kwargs(**kwargs) | {"picture": self.picture}


def _write_whole(path: Path, data: bytes) -> Path:
    """Write a file by writing another beside it and renaming that, so that no half of it is ever seen."""
    if not path.parent.is_dir():
        raise FileNotFoundError(f"cannot write {str(path)!r}: there is no folder {str(path.parent)!r}; make it first")
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.unfinished")
    try:
        unfinished.write_bytes(data)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
    return path
