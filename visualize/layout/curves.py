"""The paths of edges, arrowheads and outlines, in the notation of the attribute ``d`` of SVG."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from visualize.layout.geometry import Point

ARROW = 6.0
CORNER = 5.0  # radius where an edge turns
AHEAD = {"LR": (1.0, 0.0), "RL": (-1.0, 0.0), "TB": (0.0, 1.0), "BT": (0.0, -1.0)}


def edge_path(points: list[Point], direction: str = "LR") -> str:
    """Return a curve through the points of an edge, which has the direction of the picture at each point.

    Example:
        >>> edge_path([(0.0, 0.0), (10.0, 0.0), (30.0, 20.0), (46.0, 20.0)])
        'M0.0,0.0L10.0,0.0C20.0,0.0 20.0,20.0 30.0,20.0L40.0,20.0'
    """
    dx, dy = AHEAD[direction]
    x, y = points[-1]
    points = [*points[:-1], (x - ARROW * dx, y - ARROW * dy)]
    points = _simplified([(round(x, 1), round(y, 1)) for x, y in points])
    path = [f"M{points[0][0]:.1f},{points[0][1]:.1f}"]
    for i, (a, b) in enumerate(pairwise(points)):
        if a[0] != b[0] and a[1] != b[1]:
            mx, my = ((a[0] + b[0]) / 2, None) if dx else (None, (a[1] + b[1]) / 2)
            first = (mx, a[1]) if mx is not None else (a[0], my)
            second = (mx, b[1]) if mx is not None else (b[0], my)
            path.append(f"C{first[0]:.1f},{first[1]:.1f} {second[0]:.1f},{second[1]:.1f} {b[0]:.1f},{b[1]:.1f}")
        else:
            after = points[i + 2] if i + 2 < len(points) else None
            path.append(_line(a, b, after))
    return "".join(path)


def _simplified(points: list[Point]) -> list[Point]:
    """Return the points without those in the middle of a straight line."""
    kept = points[:1]
    for i, point in enumerate(points[1:], 1):
        after = points[i + 1] if i + 1 < len(points) else None
        before = kept[-1]
        straight = after is not None and (
            (before[0] == point[0] == after[0] and (point[1] - before[1]) * (after[1] - point[1]) >= 0)
            or (before[1] == point[1] == after[1] and (point[0] - before[0]) * (after[0] - point[0]) >= 0)
        )
        if not straight and point != before:
            kept.append(point)
    return kept if len(kept) > 1 else [*kept, points[-1]]


def _line(a: Point, b: Point, after: Point | None) -> str:
    """Return a straight line from a to b, with a round corner at b if the edge turns there."""
    turns = after is not None and (after[0] == b[0]) != (after[1] == b[1]) and (a[0] == b[0]) != (after[0] == b[0])
    if not turns or after is None:
        return f"L{b[0]:.1f},{b[1]:.1f}"
    start, end = _towards(b, a), _towards(b, after)
    return f"L{start[0]:.1f},{start[1]:.1f}Q{b[0]:.1f},{b[1]:.1f} {end[0]:.1f},{end[1]:.1f}"


def _towards(a: Point, b: Point) -> Point:
    length = abs(b[0] - a[0]) + abs(b[1] - a[1])
    share = min(CORNER / length, 0.5)
    return a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share


def arrow_head(points: list[Point], direction: str = "LR", large: bool = False) -> str:
    """Return a triangle at the last point.

    Example:
        >>> arrow_head([(0.0, 5.0), (20.0, 5.0)])
        'M20.0,5.0L14.0,2.5L14.0,7.5z'
    """
    (x, y), (dx, dy) = points[-1], AHEAD[direction]
    length, half = (ARROW + 2, 4.0) if large else (ARROW, 2.5)
    left = x - length * dx + half * dy, y - length * dy - half * dx
    right = x - length * dx - half * dy, y - length * dy + half * dx
    return f"M{x:.1f},{y:.1f}L{left[0]:.1f},{left[1]:.1f}L{right[0]:.1f},{right[1]:.1f}z"


def outline_path(kind: str, x: float, y: float, width: float, height: float) -> str:
    """Return the outline of a box. Kinds differ in shape, so that they are distinct without color.

    Inputs are round, parameters have cut corners, targets point to the right, and all others are rectangles.

    Example:
        >>> outline_path("operation", 0.0, 0.0, 20.0, 10.0)
        'M0.0,0.0h20.0v10.0h-20.0z'
    """
    if kind == "input":
        r = 8.0
        sides = f"h{width - 2 * r:.1f}", f"v{height - 2 * r:.1f}", f"h{2 * r - width:.1f}", f"v{2 * r - height:.1f}"
        turns = (f"a{r:g},{r:g} 0 0 1 {dx:g},{dy:g}" for dx, dy in ((r, r), (-r, r), (-r, -r), (r, -r)))
        return f"M{x + r:.1f},{y:.1f}" + "".join(side + turn for side, turn in zip(sides, turns, strict=True)) + "z"
    if kind == "parameter":
        c = 6.0
        return (
            f"M{x + c:.1f},{y:.1f}h{width - 2 * c:.1f}l{c:g},{c:g}v{height - 2 * c:.1f}l{-c:g},{c:g}"
            f"h{2 * c - width:.1f}l{-c:g},{-c:g}v{2 * c - height:.1f}z"
        )
    if kind == "target":
        return f"M{x:.1f},{y:.1f}h{width - 7:.1f}l7,{height / 2:.1f}l-7,{height / 2:.1f}h{7 - width:.1f}z"
    return f"M{x:.1f},{y:.1f}h{width:.1f}v{height:.1f}h{-width:.1f}z"
