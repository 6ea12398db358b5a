"""Small pictures of curves and points for the pages of the tutorial, as SVG, without any other package.

Texts and axes have the color of the text of the page. The other colors are readable on white and on black.
"""

from __future__ import annotations

import html
import itertools
import math
from collections.abc import Callable, Iterable, Sequence

WIDTH, HEIGHT, LEFT, BELOW, ABOVE, RIGHT = 480, 290, 44, 34, 24, 12  # pixels
COLORS = ("#2b7bba", "#d1622b", "#3f9142", "#a45bb5")
LOOK = (  # the variables are those of the theme of the documentation; elsewhere, the colors are inherited
    "max-width: 100%; height: auto; font: 13px sans-serif; fill: currentColor; "
    "color: var(--pst-color-text-base, inherit); background: var(--pst-color-background, transparent)"
)
Point = tuple[float, float]


class Figure:
    """Curves and points in a plane with axes. As the last line of a cell, it is displayed.

    Args:
        title: What the picture shows, in words, for readers who cannot see it.
        x, y: The ends of each axis.
        labels: The names of both axes.
        legend: The corner with the names of curves and points, "left" or "right".

    >>> figure = Figure("a parabola", x=(-1, 1), y=(0, 1)).curve(lambda x: x * x, "x * x").points([(0.5, 0.25)])
    >>> figure._repr_html_().startswith('<svg class="graph" role="img" aria-label="a parabola"')
    True
    """

    def __init__(
        self, title: str, x: Point, y: Point, labels: tuple[str, str] = ("x", "y"), legend: str = "left"
    ) -> None:  # fmt: skip
        self.title, self.x, self.y, self.labels, self.legend = title, x, y, labels, legend
        self.parts: list[str] = []
        self.names: list[tuple[str, str]] = []
        self.colors = itertools.cycle(COLORS)

    def curve(self, f: Callable[[float], float], name: str = "", dashed: bool = False) -> Figure:
        """Add the graph of a function."""
        low, high = self.x
        xs = [low + (high - low) * i / 200 for i in range(201)]
        return self.line([(x, f(x)) for x in xs], name, dashed)

    def line(self, points: Iterable[Point], name: str = "", dashed: bool = False) -> Figure:
        """Add a line through points. Parts outside of the axes are not drawn."""
        color = next(self.colors)
        dash = ' stroke-dasharray="6 4"' if dashed else ""
        places = " ".join(f"{self._right(x):.1f},{self._down(y):.1f}" for x, y in points if math.isfinite(y))
        self.parts.append(f'<polyline points="{places}" fill="none" stroke="{color}" stroke-width="2.2"{dash}/>')
        return self._named(name, color)

    def points(self, points: Sequence[Point], name: str = "", texts: Sequence[str] = ()) -> Figure:
        """Add points, with a text beside each of them."""
        color = next(self.colors)
        for i, (x, y) in enumerate(points):
            place = self._right(x), self._down(y)
            self.parts.append(f'<circle cx="{place[0]:.1f}" cy="{place[1]:.1f}" r="4.5" fill="{color}"/>')
            self.parts += [_text(place[0] + 8, place[1] - 7, texts[i])] if texts else []
        return self._named(name, color)

    def _named(self, name: str, color: str) -> Figure:
        self.names += [(name, color)] if name else []
        return self

    def _right(self, x: float) -> float:
        low, high = self.x
        return LEFT + (x - low) / (high - low) * (WIDTH - LEFT - RIGHT)

    def _down(self, y: float) -> float:
        low, high = self.y
        part = (min(max(y, low - (high - low)), high + (high - low)) - low) / (high - low)
        return HEIGHT - BELOW - part * (HEIGHT - BELOW - ABOVE)

    def _repr_html_(self) -> str:
        """Return the picture as SVG for the page."""
        width, height = WIDTH - LEFT - RIGHT, HEIGHT - ABOVE - BELOW
        inner = f'x="{LEFT}" y="{ABOVE}" width="{width}" height="{height}"'
        texts = [_text(self._right(x), HEIGHT - BELOW + 16, f"{x:g}", "middle") for x in _ticks(*self.x)]
        texts += [_text(LEFT - 6, self._down(y) + 4, f"{y:g}", "end") for y in _ticks(*self.y)]
        texts += [_text(WIDTH - RIGHT, HEIGHT - 4, self.labels[0], "end"), _text(LEFT, 16, self.labels[1], "middle")]
        left = WIDTH - RIGHT - 180 if self.legend == "right" else LEFT + 10
        for i, (name, color) in enumerate(self.names):
            texts.append(f'<rect x="{left}" y="{ABOVE + 12 + 17 * i}" width="14" height="4" fill="{color}"/>')
            texts.append(_text(left + 20, ABOVE + 18 + 17 * i, name))
        return (
            f'<svg class="graph" role="img" aria-label="{html.escape(self.title)}" viewBox="0 0 {WIDTH} {HEIGHT}" '
            f'width="{WIDTH}" style="{LOOK}"><rect {inner} fill="none" stroke="currentColor" opacity="0.4"/>{"".join(texts)}'
            f'<svg {inner} viewBox="{LEFT} {ABOVE} {width} {height}">{"".join(self.parts)}</svg></svg>'
        )


def _text(x: float, y: float, text: str, anchor: str = "start") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{html.escape(text)}</text>'


def _ticks(low: float, high: float) -> list[float]:
    """Return about five round numbers in an interval."""
    rough = (high - low) / 5
    size = 10.0 ** math.floor(math.log10(rough))
    step = next(size * factor for factor in (1, 2, 5, 10) if size * factor >= rough)
    return [round(i * step, 10) for i in range(math.ceil(low / step), math.floor(high / step) + 1)]
