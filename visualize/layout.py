"""Where boxes and edges go: a layered layout in plain Python, for when Graphviz is not there or would take too long.

Boxes stand in columns, each left of all the boxes that use it, the root at the right (longest-path layering). Where an
edge passes through a column it gets a place there as if it were a thin box, so that it crosses none (K. Sugiyama and
others, IEEE Transactions on Systems, Man and Cybernetics 11, 1981). Everything is a loop: depth does not matter.

Names used throughout
    item    a box, or a group of boxes that stay together
    rank    the number of columns between an item and the root's column
    cell    a place in a column: an item (cells 0 to n-1), or an edge passing through (cells from n)
    out     an edge to the next column: (cell, offset of its end from the top of that cell)
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise

BOX_GAP = 14.0  # between boxes of a column
EDGE_GAP = 9.0  # between an edge that passes through and its neighbours
COLUMN_GAP = (38.0, 240.0)  # between columns: the least, and the greatest, for edges that go far up or down
MOST_PASSES = 50_000  # beyond that, long edges are drawn straight, behind the boxes: better than no picture
SWEEPS = 6


@dataclass(slots=True)
class Item:
    """What is to be placed.

    Attributes:
        width, height: its size.
        exit: where edges leave on the right, measured from the top.
        inputs: for each operand in order, its index and where the edge arrives on the left, measured from the top.
    """

    width: float
    height: float
    exit: float
    inputs: list[tuple[int, float]]


@dataclass(slots=True)
class Layout:
    """Where everything is: the top left corner of each item, and for each of its inputs the points the edge goes through.

    Edges from one item to several share their way as far as they can, and only the first of them has all its points:
    each other begins where it leaves the way of those before.
    """

    x: list[float]
    y: list[float]
    width: float
    height: float
    routes: list[list[list[tuple[float, float]]]]


@dataclass(slots=True)
class _Cell:
    rank: int
    width: float = 0.0
    height: float = 0.0
    exit: float = 0.0
    is_item: bool = False
    outs: list[tuple[int, float]] = field(default_factory=list)
    ins: list[tuple[int, float]] = field(default_factory=list)  # the other end of outs: (cell, offset in this one)
    y: float = 0.0  # of the top


def ranks(operands: list[list[int]]) -> list[int]:
    """For each item, given its operands' indices (all smaller than its own), the most edges between it and the root.

    >>> ranks([[], [0], [0, 1]])
    [2, 1, 0]
    """
    found = [0] * len(operands)
    for user in reversed(range(len(operands))):
        for operand in operands[user]:
            found[operand] = max(found[operand], found[user] + 1)
    return found


def place(items: list[Item]) -> Layout:
    """Lay out ``items``, each of which comes after its operands; the last is the root.

    >>> x = Item(10.0, 10.0, 5.0, [])
    >>> square = Item(10.0, 10.0, 5.0, [(0, 2.0), (0, 8.0)])
    >>> layout = place([x, square])
    >>> layout.x, layout.y, layout.width
    ([0.0, 48.6], [0.0, 0.0], 58.6)
    """
    cells, paths = _make_cells(items)
    columns = _order(cells, len(items))
    _set_heights(cells, columns)
    borders = _set_borders(cells, columns)
    x = [(sum(borders[cells[i].rank]) - item.width) / 2 for i, item in enumerate(items)]
    routes: list[list[list[tuple[float, float]]]] = []
    for i, item in enumerate(items):
        routes.append([])
        for (operand, arrives), path in zip(item.inputs, paths[i], strict=True):
            start = x[operand] + items[operand].width if path[0] == operand else borders[cells[path[0]].rank][1]
            end = (x[i], cells[i].y + arrives)
            routes[i].append(_route(cells, borders, path, start, [(borders[cells[i].rank][0], end[1]), end]))
    height = max(cell.y + cell.height for cell in cells)
    return Layout(x, [cell.y for cell in cells[: len(items)]], borders[0][1], height, routes)


def _make_cells(items: list[Item]) -> tuple[list[_Cell], list[list[list[int]]]]:
    """All cells, and for each input of each item the cells its edge passes through, from where it leaves another's way."""
    rank = ranks([[operand for operand, _ in item.inputs] for item in items])
    cells = [_Cell(rank[i], item.width, item.height, item.exit, True) for i, item in enumerate(items)]
    farthest = list(rank)  # the least rank among the users of each item
    for i, item in enumerate(items):
        for operand, _ in item.inputs:
            farthest[operand] = min(farthest[operand], rank[i])
    bend = sum(map(int.__sub__, rank, farthest)) <= MOST_PASSES
    trunks = [[i] for i in range(len(items))]  # all edges from one item share their way, and leave it one by one
    shown = [1] * len(items)  # how much of it is part of an earlier edge
    paths: list[list[list[int]]] = []
    for i, item in enumerate(items):
        paths.append([])
        for operand, arrives in item.inputs:
            trunk = trunks[operand]
            length = rank[operand] - rank[i] if bend else 1
            while len(trunk) < length:
                cells.append(_Cell(rank[operand] - len(trunk)))
                _connect(cells, trunk[-1], len(cells) - 1, 0.0)
                trunk.append(len(cells) - 1)
            _connect(cells, trunk[length - 1], i, arrives)
            paths[-1].append(trunk[min(shown[operand], length) - 1 : length])
            shown[operand] = max(shown[operand], length)
    return cells, paths


def _connect(cells: list[_Cell], start: int, end: int, arrives: float) -> None:
    cells[start].outs.append((end, arrives))
    cells[end].ins.append((start, arrives))


def _order(cells: list[_Cell], items: int) -> list[list[int]]:
    """The cells of each rank from top to bottom: where their users are, and then in the order of operands."""
    seen: dict[int, int] = {}  # in the order of a depth-first search, which keeps the order of operands
    stack = [items - 1]
    while stack:
        i = stack.pop()
        if i not in seen:
            seen[i] = len(seen)
            stack += [start for start, _ in reversed(cells[i].ins) if start not in seen]
    columns: list[list[int]] = [[] for _ in range(max(cell.rank for cell in cells) + 1)]
    for i in seen:
        columns[cells[i].rank].append(i)
    position: dict[int, float] = {}
    for column in columns:
        wish = {}
        for i in column:
            wish[i] = _mean([position[end] + arrives / max(cells[end].height, 1.0) for end, arrives in cells[i].outs])
        column.sort(key=lambda i: (wish[i], seen[i]))
        position.update((i, float(place)) for place, i in enumerate(column))
    return columns


def _set_heights(cells: list[_Cell], columns: list[list[int]]) -> None:
    """Set every ``y``: as level with the neighbours as the order allows."""
    for sweep in range(SWEEPS):
        for column in columns if sweep % 2 == 0 else reversed(columns):
            wishes = []
            for i in column:
                # Level is exit with exit: from exit to arrival, a chain would climb by the difference at every step.
                level = [(end, cells[end].y + cells[end].exit - cells[i].exit) for end, _ in cells[i].outs]
                if sweep:  # before that, the columns on the left have no heights yet
                    computed = [start for start, _ in cells[i].ins if cells[start].ins]  # leaves follow, as in _stack
                    level += [(start, cells[start].y + cells[start].exit - cells[i].exit) for start in computed]
                # An edge that passes through several columns should do so in a straight line.
                strong = [y for other, y in level if not cells[i].is_item and not cells[other].is_item]
                wishes.append(_mean([y for _, y in level] + 4 * strong))
            _stack(cells, column, wishes)
    top = min(cell.y for cell in cells)
    for cell in cells:
        cell.y -= top


def _stack(cells: list[_Cell], column: list[int], wishes: list[float]) -> None:
    """Put the cells of a column as near to their wishes as can be without overlap: the least weighted sum of squares.

    With the room that each cell needs subtracted, this is isotonic regression, solved by pooling neighbours that are
    in each other's way (M. Ayer and others, Annals of Mathematical Statistics 26, 1955).
    """
    room = [0.0]
    for above, below in pairwise(column):
        both = cells[above].is_item and cells[below].is_item
        room.append(room[-1] + cells[above].height + (BOX_GAP if both else EDGE_GAP))
    pools: list[tuple[float, float, int]] = []  # of neighbours that move as one: sum of wishes, of weights, their number
    for i, wish, needed in zip(column, wishes, room, strict=True):
        # What only hangs on its user gives way, or each number added to a chain would push the chain aside.
        weight = 1.0 if cells[i].ins else 1e-6
        total, weights, count = weight * (wish - needed), weight, 1
        while pools and pools[-1][0] * weights >= total * pools[-1][1]:
            more, heavier, others = pools.pop()
            total, weights, count = total + more, weights + heavier, count + others
        pools.append((total, weights, count))
    levels = [total / weights for total, weights, count in pools for _ in range(count)]
    for i, level, needed in zip(column, levels, room, strict=True):
        cells[i].y = level + needed


def _set_borders(cells: list[_Cell], columns: list[list[int]]) -> list[tuple[float, float]]:
    """The left and right border of each rank's column; the highest rank is the leftmost."""
    borders = [(0.0, 0.0)] * len(columns)
    left = 0.0
    for rank in reversed(range(len(columns))):
        right = left + max(cells[i].width for i in columns[rank])
        borders[rank] = (left, right)
        climbs = [
            abs(cells[end].y + arrives - cells[i].y - cells[i].exit) for i in columns[rank] for end, arrives in cells[i].outs
        ]
        left = right + min(COLUMN_GAP[0] + 0.2 * max(climbs, default=0.0), COLUMN_GAP[1])
    return borders


def _route(
    cells: list[_Cell], borders: list[tuple[float, float]], path: list[int], start: float, last: list[tuple[float, float]]
) -> list[tuple[float, float]]:
    """The points of one edge: level through columns, up or down only between them."""
    level = cells[path[0]].y + cells[path[0]].exit
    points = [(start, level), (borders[cells[path[0]].rank][1], level)]
    for i in path[1:]:
        points += [(border, cells[i].y) for border in borders[cells[i].rank]]
    points += last
    return [point for i, point in enumerate(points) if i == 0 or point != points[i - 1]]


def _mean(numbers: list[float]) -> float:
    return sum(numbers) / len(numbers) if numbers else 0.0
