"""``draw``, and the ``Drawing`` that it returns."""

from __future__ import annotations

import contextlib
import functools
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import graphviz

from autograd import Value
from visualize import dot
from visualize.boxes import make_boxes
from visualize.formats import FORMATS, NO_DOT, Picture, RenderingError, check_format

if TYPE_CHECKING:
    from collections.abc import Callable

    from visualize.boxes import Box


def draw(
    value: Value, format: str = "svg", *, expand: bool | None = None, max_nodes: int = 1_000, steps: int | None = None
) -> Drawing:
    """Draw the computation graph of ``value``: label, operation, data and gradient of every Value in it.

    The picture shows the numbers at the time of drawing, so call ``backward`` first. Edges go from left to right and arrive
    in the order of the operands, the first on top.

    Args:
        value: Result whose graph is drawn.
        format: Default format of ``.render()`` and ``.pipe()``: svg, png, pdf, dot or gv.
        expand: Whether ``sum`` and ``dot`` are expanded into ``*`` and ``+``. By default, they are expanded if they have at
            most 4 terms.
        max_nodes: Maximum number of boxes.
        steps: Show the gradients during backpropagation instead of the current gradients: after this number of the
            contributions that ``autograd.backward_steps(value)`` yields. The edge of the last contribution is red.

    Returns:
        A ``graphviz.Digraph`` that displays itself in a notebook. It has ``.write("picture.png")`` in addition to the usual
        ``.source``, ``.save``, ``.render`` and ``.pipe``.

    Raises:
        TypeError: If ``value`` is not a Value.
        ValueError: If ``format``, ``expand``, ``max_nodes`` or ``steps`` is invalid.
        autograd.GraphTooLargeError: If the picture would have more than ``max_nodes`` boxes, or too many edges.

    Example:
        >>> x = Value(3.0, label="x")
        >>> y = x * x
        >>> y.backward()
        >>> print(draw(y).source.count("n0 -> n1"))
        2
    """
    format = check_format(format)
    if not isinstance(value, Value):
        raise TypeError(
            f"value must be a Value, not {type(value).__name__} ({value!r:.40}); draw one of several outputs, as in "
            "draw(outputs[0]), or the result of a model or function"
        )
    if expand not in (True, False, None):
        raise ValueError(f"expand must be True, False or None (expand sums of few terms), not {expand!r:.40}")
    if not isinstance(max_nodes, int) or max_nodes < 1:
        raise ValueError(f"max_nodes must be a positive integer, not {max_nodes!r:.40}")
    if steps is not None and (not isinstance(steps, int) or isinstance(steps, bool) or steps < 0):
        raise ValueError(f"steps must be a non-negative integer or None, not {steps!r:.40}")
    boxes = make_boxes(value, expand, max_nodes, steps)
    drawing = Drawing(picture=boxes, format=format)
    dot.add_boxes(drawing, boxes)
    return drawing


class Drawing(graphviz.Digraph):
    """A ``graphviz.Digraph`` that can be displayed and written even if the programs of Graphviz are missing.

    Later changes, such as ``drawing.attr(rankdir="TB")``, appear only if Graphviz draws the picture. Our own layout, used for
    large graphs or if Graphviz is missing, shows the graph as ``draw`` created it.

    Args:
        picture: Boxes that our own layout shows, made by ``draw``.
        args, kwargs: See ``graphviz.Digraph``.

    Example:
        >>> drawing = draw(Value(2.0, label="x") * 3.0)
        >>> drawing.attr(rankdir="TB")  # from top to bottom
        >>> print(drawing.source.count("rankdir=TB"))
        1
    """

    def __init__(self, *args: Any, picture: list[Box] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.picture: list[Box] = picture or []

    def write(self, path: str | os.PathLike[str]) -> Path:
        """Write the picture to a file, in the format of the suffix: .svg, .png, .pdf, .dot or .gv.

        The file is replaced only when the new file is complete. After an error, the file has its previous content.

        Args:
            path: File to write. Its folder must exist.

        Returns:
            The path.

        Raises:
            ValueError: If the suffix is not one of the formats.
            FileNotFoundError: If the folder does not exist.
            visualize.RenderingError: For PNG and PDF, if no program or library that writes the format is available.

        Example:
            >>> import tempfile
            >>> with tempfile.TemporaryDirectory() as folder:
            ...     print(draw(Value(2.0)).write(f"{folder}/x.dot").name)
            x.dot
        """
        path = Path(path)
        return _write_whole(path, self.pipe(check_format(path.suffix[1:], f"the suffix of {path.name!r}")))

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
        """Return the picture as bytes, or as text if ``encoding`` is given.

        Graphviz must be installed for options of Graphviz, and for formats of Graphviz that are not in ``FORMATS``.

        Args:
            format: Format of the picture. By default, the format passed to ``draw``.
            renderer, formatter, neato_no_op, quiet, engine: See ``graphviz.Digraph.pipe``.
            encoding: Encoding of the text, such as ``"utf-8"``.

        Returns:
            Bytes, or a string.

        Raises:
            visualize.RenderingError: For PNG and PDF, if no program or library that writes the format is available.
            graphviz.ExecutableNotFound: If only Graphviz can write the picture, and Graphviz is not installed.

        Example:
            >>> draw(Value(2.0)).pipe("svg", encoding="utf-8").startswith("<?xml")
            True
        """
        run_graphviz = functools.partial(
            super().pipe, renderer=renderer, formatter=formatter, neato_no_op=neato_no_op, quiet=quiet, engine=engine
        )
        format = (format or self.format).lower()
        only_graphviz = renderer or formatter or neato_no_op is not None or engine or not self.picture
        if format not in FORMATS or only_graphviz:
            data = run_graphviz(format)
        else:
            data = FORMATS[format](Picture(self.picture, self.source, self.encoding, self.engine, run_graphviz))
        return data if encoding is None else data.decode(encoding)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None, **_: Any) -> dict[str, Any]:
        """Return the picture for a notebook: SVG, or the formats in ``include`` that can be written."""
        formats = {"image/svg+xml": "svg", "image/png": "png", "image/jpeg": "jpeg"}
        wanted = set(include or ["image/svg+xml"]) - set(exclude or [])
        bundle: dict[str, Any] = {}
        for mimetype in formats.keys() & wanted:
            # Only SVG can always be written. A notebook that requests all its formats must not receive an error for the others.
            with contextlib.suppress(RenderingError, *NO_DOT):
                bundle[mimetype] = self.pipe(
                    formats[mimetype], quiet=True, encoding="utf-8" if mimetype == "image/svg+xml" else None
                )
        return bundle

    def _repr_svg_(self) -> str:
        """Return SVG for front ends that do not support ``_repr_mimebundle_``."""
        return self.pipe("svg", quiet=True, encoding="utf-8")

    @property
    def _render(self) -> Callable[..., str]:
        # Digraph.render calls this after it has saved the source and checked all names, to write the picture file.
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
                f"outfile must not be the file of the source, {os.fspath(path)!r}; pass another file, or overwrite_source=True"
            )
        options = {name: option for name, option in options.items() if option is not None}
        return os.fspath(_write_whole(path, self.pipe(format, engine=None if engine == self.engine else engine, **options)))

    def _copy_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        return super()._copy_kwargs(**kwargs) | {"picture": self.picture}


def _write_whole(path: Path, data: bytes) -> Path:
    """Write a temporary file in the same folder, and rename it. Therefore ``path`` is never an incomplete file."""
    if not path.parent.is_dir():
        raise FileNotFoundError(f"cannot write {str(path)!r}: the folder {str(path.parent)!r} does not exist; create it first")
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.unfinished")
    try:
        unfinished.write_bytes(data)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
    return path
