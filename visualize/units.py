"""What the layout moves as one: a single box, or the products of an expanded ``dot`` together with their sum."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from visualize.layout import Item
from visualize.style import FONT_SIZE, header, number, rows

if TYPE_CHECKING:
    from visualize.picture import Box

    Point = tuple[float, float]

LINE = 14.0  # the height of a line of text
PAD = 7.0  # between text and frame
GROUP_PAD = 10.0
GROUP_HEAD = 17.0  # the line of the group's title
GROUP_GAP = 36.0  # between the products and their sum
PRODUCT_GAP = 8.0
BIAS_LANE = 16.0  # below the products: the way of the added number to the sum


class Way(NamedTuple):
    """An edge, or what of it is inside a unit: from box ``operand`` to box ``box``, whose ``position``-th operand it is."""

    operand: int
    box: int
    position: int
    points: list[Point]


@dataclass(slots=True)
class Unit:
    """Boxes with fixed places relative to each other.

    Attributes:
        width, height: the size of all.
        exit: where edges leave on the right, measured from the top.
        places: for each box inside, its index and its top left corner.
        ways_in: for each edge from outside, in order, the way from the left border to a box inside.
        inner: the edges inside.
    """

    width: float
    height: float
    exit: float
    places: dict[int, Point]
    ways_in: list[Way]
    inner: list[Way]


def box_size(box: Box) -> Point:
    """Width and height of a box.

    >>> from visualize.picture import Box
    >>> box_size(Box("constant", "", "", 2.0, None))[1]
    18.0
    """
    if box.kind == "constant":
        return text_width(constant_text(box)) + 6.0, LINE + 4.0
    top = header(box)
    below = [text_width(f"{what} {text}") for what, text in rows(box)]
    width = max(*below, sum(cell_widths(top))) + 2 * PAD
    return width, LINE * len(below) + PAD + (LINE + PAD if top else 0.0)


def cell_widths(top: list[str]) -> list[float]:
    """The widths of the cells of a header, which is in bold, without the padding at both ends."""
    return [text_width(text) * 1.08 + (2 * PAD if i else 0.0) for i, text in enumerate(top)]


def constant_text(box: Box) -> str:
    """What is shown of a plain number.

    >>> from visualize.picture import Box
    >>> constant_text(Box("constant", "", "", 2.0, None))
    '2'
    """
    return " = ".join([*header(box), number(box.data)])


def text_width(text: str) -> float:
    """About how wide a text is in Helvetica: rather too much than too little."""
    ems = sum(1.0 if unicodedata.east_asian_width(c) in "WF" else 0.72 if c.isupper() or c in "mw@%&" else 0.56 for c in text)
    return ems * FONT_SIZE


def make_units(picture: list[Box]) -> list[Unit]:
    """The units of a picture, each after those it has edges from."""
    in_group = {i for box in picture for i in box.products}
    sizes = [box_size(box) for box in picture]
    return [
        _group(picture, sizes, i) if box.products else _single(box, sizes[i], i)
        for i, box in enumerate(picture)
        if i not in in_group
    ]


def to_items(units: list[Unit]) -> list[Item]:
    """The units as the layout wants them."""
    owner = {i: k for k, unit in enumerate(units) for i in unit.places}
    return [
        Item(unit.width, unit.height, unit.exit, [(owner[way.operand], way.points[0][1]) for way in unit.ways_in])
        for unit in units
    ]


def _arrivals(height: float, count: int) -> list[float]:
    """Where ``count`` edges arrive at a box: spread over its left side, the first operand on top."""
    return [height * (position + 1) / (count + 1) for position in range(count)]


def _single(box: Box, size: Point, i: int) -> Unit:
    arrivals = _arrivals(size[1], len(box.operands))
    ways_in = [Way(operand, i, k, [(0.0, y)]) for k, (operand, y) in enumerate(zip(box.operands, arrivals, strict=True))]
    return Unit(*size, size[1] / 2, {i: (0.0, 0.0)}, ways_in, [])


def _group(picture: list[Box], sizes: list[Point], i: int) -> Unit:
    box = picture[i]
    column = max(sizes[j][0] for j in box.products)
    places: dict[int, Point] = {}
    ways_in = []
    y = GROUP_HEAD
    for j in box.products:
        places[j] = (GROUP_PAD, y)
        for k, (operand, level) in enumerate(zip(picture[j].operands, _arrivals(sizes[j][1], 2), strict=True)):
            ways_in.append(Way(operand, j, k, [(0.0, y + level), (GROUP_PAD, y + level)]))
        y += sizes[j][1] + PRODUCT_GAP
    bottom = y - PRODUCT_GAP
    sum_x = GROUP_PAD + column + GROUP_GAP
    sum_y = max(GROUP_HEAD, (GROUP_HEAD + bottom - sizes[i][1]) / 2)
    places[i] = (sum_x, sum_y)
    bottom = max(bottom, sum_y + sizes[i][1])
    inner = []
    for k, (operand, level) in enumerate(zip(box.operands, _arrivals(sizes[i][1], len(box.operands)), strict=True)):
        end = (sum_x, sum_y + level)
        if operand in places:
            x, y = places[operand]
            inner.append(Way(operand, i, k, [(x + sizes[operand][0], y + sizes[operand][1] / 2), end]))
        else:
            lane = bottom + BIAS_LANE / 2
            ways_in.append(Way(operand, i, k, [(0.0, lane), (GROUP_PAD + column, lane), end]))
            bottom += BIAS_LANE
    width = sum_x + sizes[i][0]  # the frame is wider, but edges shall leave from the sum
    return Unit(width, bottom + GROUP_PAD, sum_y + sizes[i][1] / 2, places, ways_in, inner)
