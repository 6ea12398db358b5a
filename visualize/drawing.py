"""``draw``, and the ``Drawing`` that it returns."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import os
import tempfile
import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING, Any

import graphviz

from visualize import dot
from visualize.arguments import check_look, find_highlighted, find_subject, refuse_unknown
from visualize.boxes import make_boxes
from visualize.folding import folded_groups
from visualize.formats import FORMATS, NO_DOT, SCENE_FORMATS, Picture, RenderingError, check_format, make_animated_svg
from visualize.scene import describe
from visualize.steps import show_steps
from visualize.style import Look
from visualize.text import to_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from visualize.boxes import Box
    from visualize.facts import Scene

_ARGUMENTS = (
    "format", "model", "inputs", "names", "targets", "expand", "fold", "steps", "partials", "direction", "highlight", "digits",
    "engine",
)  # fmt: skip


def draw(
    value: Any, *arguments: Any, format: str = "svg", model: Any = None, inputs: Any = None, names: Any = None,
    targets: Any = None, expand: bool | None = None, fold: Any = None, steps: int | None = None, partials: bool = False,
    direction: str = "LR", highlight: Any = None, digits: int = 5, engine: str | None = None, **unknown: Any,
) -> Drawing:  # fmt: skip
    """Draw the computation graph of ``value``: name, operation, data and gradient of every Value in it.

    The picture shows the numbers at the time of drawing. Gradients are shown after ``backward``, and the caption says of what
    they are the gradients. Numbers that are stale, because the data of a leaf was changed, are marked. Edges arrive in the
    order of the operands, the first on top. Names such as ``v2`` are the same as in ``explain`` and ``backward_steps``.

    Args:
        value: Result whose graph is drawn, or a list of results; or a function, as in ``draw(f, 2.0, 3.0)``, which is called
            with the other arguments. Or a model alone: its layers and weights are drawn.
        arguments: Arguments of the function.
        format: Default format of ``.render()`` and ``.pipe()``: svg, png, pdf, dot or gv.
        model: Model whose parameters are named, ``W1[2,0]``, and whose layers, neurons and rows can be folded.
        inputs, targets: Values or numbers to name: a dict by name, or a list.
        names: Dict of further names and their Values.
        expand: Whether ``sum`` and ``dot`` are expanded into ``*`` and ``+``. By default, they are expanded if they have at
            most 4 terms.
        fold: What is folded into one box. None: graphs of more than 40 nodes are folded until they fit. True, False:
            everything or nothing. A list of titles: only these. A dict, such as ``{"layer 1": False}``: these as given.
        steps: Show the gradients during backpropagation instead of the current gradients: after this number of the
            contributions that ``autograd.backward_steps(value)`` yields. The edge of the last contribution is red.
        partials: Whether to show the local derivatives at the edges.
        direction: ``"LR"``, ``"RL"``, ``"TB"`` or ``"BT"``: from left to right, ..., from bottom to top.
        highlight: Values or names to highlight, such as ``explain(y, x).paths[0].nodes``.
        digits: Number of significant digits.
        engine: ``"dot"``: use the layout of Graphviz, if it is installed. By default, our own layout is used.

    Returns:
        A ``graphviz.Digraph`` that displays itself in a notebook. ``.show()`` opens it in a browser, ``.write("picture.png")``
        writes a file, and ``.to_text()`` returns a tree for the terminal.

    Raises:
        TypeError: If there is nothing to draw, or an argument has an unknown name or a wrong type.
        ValueError: If an argument is invalid. The message lists the choices.

    Example:
        >>> from autograd import Value
        >>> x = Value(3.0, label="x")
        >>> y = x * x
        >>> y.backward()
        >>> print(draw(y).source.count("n0 -> n1"))
        2
        >>> print(draw(y).to_text())
        v2 = x * x = 9, grad 1
        |- x = 3, grad 6
        `- x (see above)
        gradients of v2
    """
    refuse_unknown("draw", unknown, _ARGUMENTS)
    if len(arguments) == 1 and not callable(value):  # draw(y, "png")
        format, arguments = arguments[0], ()
    format = check_format(format)
    if arguments and not callable(value):
        raise TypeError(f"draw() takes one value, not {1 + len(arguments)}; draw several results as draw([a, b])")
    if expand not in (True, False, None):
        raise ValueError(f"expand must be True, False or None (expand sums of few terms), not {expand!r:.40}")
    if steps is not None and (not isinstance(steps, int) or isinstance(steps, bool) or steps < 0):
        raise ValueError(f"steps must be a non-negative integer or None, not {steps!r:.40}")
    if engine not in (None, "dot"):
        raise ValueError(f"engine must be 'dot' or None (our own layout), not {engine!r:.40}")
    look = check_look(digits, partials, direction)
    subject = find_subject(value, arguments, model)
    scene = describe(subject.roots, subject.model, inputs, names, targets)
    highlighted = find_highlighted(scene, highlight)
    step = show_steps(scene, subject.roots, steps, look) if steps is not None else None
    boxes = make_boxes(scene, folded_groups(scene, fold), expand, highlighted, step)
    drawing = Drawing(picture=boxes, caption=scene.caption, look=look, scene=scene, layout=engine, format=format)
    dot.add_boxes(drawing, boxes, scene.caption, look)
    return drawing


class Drawing(graphviz.Digraph):
    """A ``graphviz.Digraph`` that can be displayed and written even if the programs of Graphviz are missing.

    Later changes, such as ``drawing.attr(rankdir="TB")``, appear only if Graphviz draws the picture: ``draw(y, engine="dot")``.

    Args:
        picture: Boxes of the picture, made by ``draw``.
        caption: Text below the picture.
        look: Options of the appearance.
        scene: The facts about the graph.
        layout: ``"dot"`` for the layout of Graphviz, None for our own.
        args, kwargs: See ``graphviz.Digraph``.

    Example:
        >>> from autograd import Value
        >>> drawing = draw(Value(2.0, label="x") * 3.0, engine="dot")
        >>> drawing.attr(splines="ortho")
        >>> print(drawing.source.count("splines=ortho"))
        1
    """

    def __init__(
        self, *args: Any, picture: list[Box] | None = None, caption: str = "", look: Look | None = None,
        scene: Scene | None = None, layout: str | None = None, **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(*args, **kwargs)
        self.picture: list[Box] = picture or []
        self.caption: str = caption
        self.look: Look = look or Look()
        self.scene: Scene | None = scene
        self.layout: str | None = layout

    def __repr__(self) -> str:
        """Return how to see the picture: a terminal shows this text, and a notebook shows the picture."""
        count = len(self.picture)
        return (
            f"<Drawing of {count:,} box{'es' * (count != 1)}: .show() opens it in a browser, .write('picture.svg') writes a "
            "file, print(drawing.to_text()) prints it>"
        )

    def to_text(self, width: int | None = None) -> str:
        """Return the graph as a tree for a terminal, with the result on top.

        Args:
            width: Maximum length of a line. By default, the width of the terminal.

        Example:
            >>> from autograd import Value
            >>> print(draw(Value(2.0, label="x") * 3.0).to_text(width=40))
            v2 = x * 3 = 6
            |- x = 2
            `- 3
            no gradients yet: v2.backward() computes
            them
        """
        return to_text(self.picture, self.caption, self.look, width)

    def show(self) -> Path:
        """Open the picture in the browser, and return the path of the file that the browser shows."""
        handle, name = tempfile.mkstemp(".svg", "drawing-")
        os.close(handle)
        path = self.write(name)
        webbrowser.open(path.as_uri())
        return path

    def save(
        self, filename: str | os.PathLike[str] | None = None, directory: str | os.PathLike[str] | None = None,
        *, skip_existing: bool | None = False,
    ) -> str:  # fmt: skip
        """Write a file in the format of its suffix; without a known suffix, write the DOT source.

        Args:
            filename, directory, skip_existing: See ``graphviz.Digraph.save``.

        Example:
            >>> from autograd import Value
            >>> import tempfile
            >>> with tempfile.TemporaryDirectory() as folder:
            ...     print(Path(draw(Value(2.0)).save("x.svg", folder)).read_text(encoding="utf-8")[:5])
            <?xml
        """
        path = self._path_of_picture(filename, directory)
        if path is None:
            return super().save(filename=filename, directory=directory, skip_existing=skip_existing)
        if skip_existing and path.exists():
            return os.fspath(path)
        return os.fspath(self.write(path))

    def render(
        self, filename: str | os.PathLike[str] | None = None, directory: str | os.PathLike[str] | None = None, **kwargs: Any
    ) -> str:
        """Write the picture. ``render("y.png")`` writes ``y.png``; otherwise see ``graphviz.Digraph.render``.

        Args:
            filename: File to write. If its suffix is not the format of a picture, it is the name of the source, as in
                Graphviz: ``render("y")`` writes ``y`` and ``y.svg``.
            directory, kwargs: See ``graphviz.Digraph.render``.
        """
        path = self._path_of_picture(filename, directory) if not {"outfile", "format"} & kwargs.keys() else None
        if path is None:
            return super().render(filename=filename, directory=directory, **kwargs)
        return os.fspath(self.write(path))

    def _path_of_picture(self, filename: Any, directory: Any) -> Path | None:
        """Return the path if its suffix is a format of pictures."""
        suffix = Path(filename).suffix[1:].lower() if filename else ""
        if suffix not in FORMATS or suffix in ("dot", "gv"):
            return None
        return Path(directory or "", filename)

    def write(self, path: str | os.PathLike[str], *, animate: bool = False) -> Path:
        """Write the picture to a file, in the format of the suffix: .svg, .png, .pdf, .dot, .gv, .html, .gif or .apng.

        The page of ``explore``, .html, and moving pictures, .gif, .apng and .svg with ``animate=True``, play the forward and
        the backward pass. The file is replaced only when the new file is complete. After an error, the file has its previous
        content.

        Args:
            path: File to write. Its folder must exist.
            animate: Whether an .svg moves.

        Returns:
            The path.

        Raises:
            ValueError: If the suffix is not one of the formats, or a moving picture has several results or more than 40 nodes.
            FileNotFoundError: If the folder does not exist.
            visualize.RenderingError: For PNG, PDF, GIF and APNG, if no program or library that writes the format is available.

        Example:
            >>> from autograd import Value
            >>> import tempfile
            >>> with tempfile.TemporaryDirectory() as folder:
            ...     print(draw(Value(2.0)).write(f"{folder}/x.dot").name)
            x.dot
        """
        path = Path(path)
        format = check_format(path.suffix[1:], f"the suffix of {path.name!r}", (*FORMATS, *SCENE_FORMATS))
        if animate and format != "svg":
            raise ValueError(f"the suffix of {path.name!r} must be .svg with animate=True; .gif and .apng always move")
        make = make_animated_svg if animate else SCENE_FORMATS.get(format)
        if make is not None and self.scene is None:
            raise ValueError("a page or a moving picture needs a graph; make the drawing with draw(y)")
        return _write_whole(path, make(self.scene) if make is not None and self.scene is not None else self.pipe(format))

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
            >>> from autograd import Value
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
            picture = Picture(self.picture, self.source, self.encoding, self.engine, run_graphviz, self.caption, self.look)
            data = FORMATS[format](dataclasses.replace(picture, prefers_graphviz=self.layout == "dot"))
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
        own = {"picture": self.picture, "caption": self.caption, "look": self.look, "scene": self.scene, "layout": self.layout}
        return super()._copy_kwargs(**kwargs) | own


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
