"""Wrap a layered layout that is too wide: cut it between columns, and place the pieces (bands) below each other.

An edge from one band to the next leaves the band on the right, runs back below it in a separate lane, and enters the next
band from the left. Lanes are nested, so that edges that do not cross elsewhere do not cross there.
"""

from __future__ import annotations

from dataclasses import dataclass, field

LANE = 7.0  # distance of lanes
SIDE = 10.0  # between a band and its first lane


@dataclass(slots=True)
class Bands:
    """Where the columns of a layout go.

    Attributes:
        band: Number of the band of each rank.
        dx, dy: Shift of each rank.
        lanes: For each vertex whose edges continue in the next band: the x of its lane on the right, the y of its lane below,
            and the x of its lane on the left.
        width, height: Size of all bands.
    """

    band: list[int]
    dx: list[float]
    dy: list[float]
    lanes: dict[int, tuple[float, float, float]] = field(default_factory=dict)
    width: float = 0.0
    height: float = 0.0


def wrap(
    borders: list[tuple[float, float]],
    extents: list[tuple[float, float]],
    crossing: list[list[tuple[float, int]]],
    max_width: float,
) -> Bands:
    """Cut a layout into bands of at most ``max_width``, if its columns allow it.

    Args:
        borders: Left and right border of the column of each rank; the highest rank is leftmost.
        extents: Top and bottom of each column.
        crossing: For each rank, the vertices with edges to the next column, with the height at which these leave.
        max_width: Maximum width, including lanes.

    Example:
        >>> borders, extents = [(260.0, 360.0), (130.0, 230.0), (0.0, 100.0)], [(0.0, 5.0)] * 3
        >>> bands = wrap(borders, extents, [[], [(2.5, 1)], [(2.5, 0)]], 320.0)
        >>> bands.band, bands.width, bands.lanes
        ([1, 0, 0], 257.0, {1: (257.0, 15.0, 7.0)})
    """
    count = len(borders)
    total = borders[0][1]
    if total <= max_width:
        height = max(bottom for _, bottom in extents)
        return Bands([0] * count, [0.0] * count, [0.0] * count, {}, total, height)
    most = max(map(len, crossing))
    room = max_width - 2 * (SIDE + LANE * min(most, 6))
    number = _cut(borders, room)[0] + 1  # of bands
    low, high = total / number, room
    for _ in range(20):  # the narrowest bands of the same number, so that all have about the same width
        middle = (low + high) / 2
        low, high = (low, middle) if _cut(borders, middle)[0] + 1 <= number else (middle, high)
    band = _cut(borders, high)
    bands = Bands(band, [0.0] * count, [0.0] * count)
    cuts = [rank for rank in range(1, count) if band[rank] != band[rank - 1]]
    lead = SIDE + LANE * max((len(crossing[rank]) for rank in cuts), default=0)
    top = 0.0
    for number in range(max(band) + 1):
        ranks = [rank for rank in range(count) if band[rank] == number]
        left, upper = borders[ranks[-1]][0], min(extents[rank][0] for rank in ranks)
        for rank in ranks:
            bands.dx[rank], bands.dy[rank] = lead - left, top - upper
        right = borders[ranks[0]][1] + lead - left
        bottom = top + max(extents[rank][1] for rank in ranks) - upper
        leaving = sorted(crossing[ranks[0]]) if ranks[0] in cuts else []
        for i, (_, vertex) in enumerate(leaving):
            inner = len(leaving) - 1 - i  # the topmost edge has the outermost lane
            bands.lanes[vertex] = (right + SIDE + LANE * inner, bottom + SIDE + LANE * inner, lead - SIDE - LANE * i)
        bands.width = max(bands.width, right + (SIDE + LANE * (len(leaving) - 1) if leaving else 0.0))
        bands.height = bottom
        top = bottom + 2 * SIDE + LANE * max(len(leaving) - 1, 0) + SIDE
    return bands


def _cut(borders: list[tuple[float, float]], limit: float) -> list[int]:
    """Return the band of each rank, if each band takes as many columns as fit."""
    band, left = [0] * len(borders), 0.0
    for rank in reversed(range(len(borders))):
        if rank + 1 == len(borders):
            left = borders[rank][0]
            continue
        band[rank] = band[rank + 1]
        if borders[rank][1] - left > limit:
            band[rank] += 1
            left = borders[rank][0]
    return band
