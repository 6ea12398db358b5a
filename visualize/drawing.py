"""``Drawing``: the picture that ``draw`` returns."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import os
import shutil
import tempfile
import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING, Any

import graphviz

from autograd.shared import OtherNames, counted, file_to_write, suggesting
from visualize.arguments import WRITE_REMEDIES
from visualize.boxes.style import Look
from visualize.page.explore import comparison_html, write_whole
from visualize.writers.formats import (
    FORMATS,
    NO_DOT,
    SCENE_FORMATS,
    Picture,
    RenderingError,
    check_format,
    make_animated_svg,
    make_page,
)
from visualize.writers.panels import Panel, panels_svg, panels_text
from visualize.writers.text import to_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from visualize.boxes.boxes import Box
    from visualize.scene.facts import Scene

_SEE = ".show() opens it in a browser, .write('picture.svg') writes a file"
DOT_SUFFIXES = {"dot", "gv", "xdot", "canon"}  # of sources; `save` keeps them, as Graphviz does


# Remedies for attributes that a drawing does not have, by name.
_REMEDIES = {
    "to_svg": "use drawing.svg for the text, or drawing.write('y.svg') for a file",
    **dict.fromkeys(("to_html", "html"), "use drawing.write('y.html'), or explore(y).html for the text"),
    **dict.fromkeys(("to_png", "png", "to_pdf", "pdf"), "use drawing.write('y.png') or drawing.pipe('png')"),
    **dict.fromkeys(("savefig", "to_file", "export", "write_png"), "use drawing.write('y.png')"),
    **dict.fromkeys(("to_dot", "dot"), "use drawing.source"),
    **dict.fromkeys(("open", "display", "plot"), "use drawing.show()"),
    **dict.fromkeys(("animate", "to_gif", "gif"), "use drawing.write('y.gif'), or drawing.write('y.svg', animate=True)"),
    **dict.fromkeys(("text", "to_string"), "use drawing.to_text()"),
}


class Drawing(graphviz.Digraph, OtherNames):
    """A ``graphviz.Digraph`` that can be displayed and written even if the programs of Graphviz are missing.

    Later changes, such as ``drawing.attr(rankdir="TB")``, appear only if Graphviz draws the picture: ``draw(y, engine="dot")``.

    Args:
        picture: Boxes of the picture, made by ``draw``.
        caption: Text below the picture.
        look: Options of the appearance.
        scene: The facts about the graph.
        layout: ``"dot"`` for the layout of Graphviz, None for our own.
        fold: The argument of ``draw``; a page starts with the same groups folded.
        svg: A finished picture, instead of ``picture``.
        panels: Several pictures to be shown together, instead of ``picture``.
        args, kwargs: See ``graphviz.Digraph``.

    Example:
        >>> from autograd import Value
        >>> from visualize import draw
        >>> drawing = draw(Value(2.0, label="x") * 3.0, engine="dot")
        >>> drawing.attr(splines="ortho")
        >>> print(drawing.source.count("splines=ortho"))
        1
    """

    _remedies = _REMEDIES

    def __init__(
        self, *args: Any, picture: list[Box] | None = None, caption: str = "", look: Look | None = None,
        scene: Scene | None = None, layout: str | None = None, svg: str = "", panels: list[Panel] | None = None,
        fold: Any = None, **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(*args, **kwargs)
        self.picture: list[Box] = picture or []
        self.caption: str = caption
        self.look: Look = look or Look()
        self.scene: Scene | None = scene
        self.layout: str | None = layout
        self._svg: str = svg
        self.panels: list[Panel] = panels or []
        self.fold: Any = fold

    def __repr__(self) -> str:
        """Return how to see the picture: a terminal shows this text, and a notebook shows the picture."""
        count = counted(len(self.picture), "box")
        return f"<Drawing of {count}: {_SEE}, print(drawing) prints it>"

    def __str__(self) -> str:
        """Return the graph as a tree, as ``to_text`` does, and how to see the picture. ``source`` is the text in DOT."""
        return f"{self.to_text()}\n({_SEE})"

    def to_text(self, width: int | None = None) -> str:
        """Return the graph as a tree for a terminal, with the result on top.

        Args:
            width: Maximum length of a line, at least 20. By default, the width of the terminal.

        Raises:
            ValueError: If ``width`` is not a positive integer.

        Example:
            >>> from autograd import Value
            >>> from visualize import draw
            >>> print(draw(Value(2.0, label="x") * 3.0).to_text(width=40))
            v2 = x * 3 = 6
            |- x = 2
            `- 3
            no gradients yet: v2.backward() computes
            them
        """
        if self.panels:
            return panels_text(self.panels, self.caption, self.look, width or shutil.get_terminal_size().columns)
        return to_text(self.picture, self.caption, self.look, width)

    @property
    def svg(self) -> str:
        """The picture as the text of an .svg file.

        Example:
            >>> from autograd import Value
            >>> from visualize import draw
            >>> draw(Value(2.0)).svg.startswith("<?xml")
            True
        """
        return self.pipe("svg", quiet=True, encoding="utf-8")

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
            >>> from visualize import draw
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
        """Return the path if its suffix is a format of pictures, also of one that ``write`` refuses, such as .jpg."""
        suffix = Path(filename).suffix[1:].lower() if filename else ""
        if suffix in DOT_SUFFIXES or suffix not in graphviz.FORMATS | FORMATS.keys() | SCENE_FORMATS.keys():
            return None  # the suffix is part of the name of a DOT file
        return Path(directory or "", filename)

    @suggesting("draw(y).write('y.png')", WRITE_REMEDIES)
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
            >>> from visualize import draw
            >>> import tempfile
            >>> with tempfile.TemporaryDirectory() as folder:
            ...     print(draw(Value(2.0)).write(f"{folder}/x.dot").name)
            x.dot
        """
        path = file_to_write(path, "draw(y).write('y.svg')")
        format = check_format(path.suffix[1:], f"the suffix of {path.name!r}", (*FORMATS, *SCENE_FORMATS))
        if animate and format != "svg":
            raise ValueError(f"the suffix of {path.name!r} must be .svg with animate=True; .gif, .apng and .html always move")
        make = make_animated_svg if animate else SCENE_FORMATS.get(format)
        if format == "html" and self.panels:
            sides = [(panel.title, panel.scene, panel.different) for panel in self.panels if panel.scene is not None]
            svg = panels_svg(self.panels, "", self.look)
            return write_whole(path, comparison_html(self.caption, svg, sides, self.fold).encode())
        if make is None:
            return write_whole(path, self.pipe(format))
        if self.scene is None:
            raise ValueError("a page or a moving picture needs a graph; make the drawing with draw(y)")
        return write_whole(path, make_page(self.scene, self.fold) if format == "html" else make(self.scene))

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
            >>> from visualize import draw
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
            by_graphviz = self.layout == "dot"
            picture = dataclasses.replace(picture, prefers_graphviz=by_graphviz, svg=self._svg, panels=self.panels)
            data = FORMATS[format](picture)
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
        return self.svg

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
        file_to_write(path, "draw(y).write('y.svg')")
        return os.fspath(write_whole(path, self.pipe(format, engine=None if engine == self.engine else engine, **options)))

    def _copy_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        own = {"picture": self.picture, "caption": self.caption, "look": self.look, "scene": self.scene, "layout": self.layout}
        own |= {"svg": self._svg, "panels": self.panels, "fold": self.fold}
        return super()._copy_kwargs(**kwargs) | own
