"""Place nodes and edges: a layered layout in plain Python.

Nodes are in columns, each node to the left of all nodes that use it, and the root on the right (longest-path layering). An
edge that passes through a column has a position in this column, like a thin node. Therefore it crosses no node (K. Sugiyama and
others, IEEE Transactions on Systems, Man and Cybernetics 11, 1981). No function is recursive, so graphs may have any depth.

Terms:
    node    a box, or a cluster of boxes that move together
    rank    number of columns between a node and the column of the root
    vertex  a position in a column: a node (vertices 0 to n-1), or a dummy where an edge passes through (vertices from n)
    port    the height at which an edge arrives at or leaves a vertex, from the top of the vertex
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from math import (
    fsum,  # rounds the same in all versions of Python
    inf,
)

from visualize.layout.bands import Bands, wrap

NODE_GAP = 14.0  # between nodes of a column
EDGE_GAP = 9.0  # between an edge that passes through a column and its neighbors
COLUMN_GAP = (38.0, 240.0)  # between columns: minimum, and maximum for edges that climb or descend far
MAX_DUMMIES = 50_000  # with more dummies, long edges are drawn straight, behind the nodes
SWEEPS = 6


@dataclass(slots=True)
class Node:
    """A node to place.

    Attributes:
        width, height: Size of the node.
        out_port: Height at which edges leave on the right, from the top.
        operands: For each operand in order, its index and the port at which its edge arrives on the left.
    """

    width: float
    height: float
    out_port: float
    operands: list[tuple[int, float]]


@dataclass(slots=True)
class Layout:
    """Positions of all nodes and edges.

    Edges from one node to several nodes share their route as far as possible. Only the first of these edges has all points.
    Each other edge begins where it leaves the shared route.

    Attributes:
        x, y: Top left corner of each node.
        width, height: Size of the whole layout.
        routes: For each node and each of its operands, the points on the edge.
        whole: The same for the edges in ``place(..., whole=...)``, with all points.
    """

    x: list[float]
    y: list[float]
    width: float
    height: float
    routes: list[list[list[tuple[float, float]]]]
    whole: dict[tuple[int, int], list[tuple[float, float]]] = field(default_factory=dict)


@dataclass(slots=True)
class _Vertex:
    rank: int
    width: float = 0.0
    height: float = 0.0
    out_port: float = 0.0
    is_node: bool = False
    outs: list[tuple[int, float]] = field(default_factory=list)  # edges to the next column: (vertex, port there)
    ins: list[tuple[int, float]] = field(default_factory=list)  # edges from the previous column: (vertex, port here)
    y: float = 0.0  # of the top


def ranks(operands: list[list[int]]) -> list[int]:
    """Return the rank of each node: the maximum number of edges between it and the root.

    Args:
        operands: For each node, the indices of its operands, all smaller than its own index.

    Example:
        >>> ranks([[], [0], [0, 1]])
        [2, 1, 0]
    """
    found = [0] * len(operands)
    for user in reversed(range(len(operands))):
        for operand in operands[user]:
            found[operand] = max(found[operand], found[user] + 1)
    return found


def place(
    nodes: list[Node], roots: list[int] | None = None, max_width: float = inf, whole: list[tuple[int, int]] | None = None
) -> Layout:
    """Lay out ``nodes``.

    Args:
        nodes: The nodes, each after its operands.
        roots: Indices of the nodes that no node uses. By default, the last node.
        max_width: A wider layout is wrapped into bands, see ``bands``.
        whole: Edges, each as a node and the position of its operand, whose complete routes are wanted.

    Example:
        >>> x = Node(10.0, 10.0, 5.0, [])
        >>> square = Node(10.0, 10.0, 5.0, [(0, 2.0), (0, 8.0)])
        >>> layout = place([x, square])
        >>> layout.x, layout.y, layout.width
        ([0.0, 48.6], [0.0, 0.0], 58.6)
    """
    vertices, paths, trunks = _make_vertices(nodes)
    columns = _order(vertices, [len(nodes) - 1] if roots is None else roots)
    _set_heights(vertices, columns)
    borders = _set_borders(vertices, columns)
    bands = _wrap(vertices, columns, borders, max_width)
    borders = [(left + dx, right + dx) for (left, right), dx in zip(borders, bands.dx, strict=True)]
    for vertex in vertices:
        vertex.y += bands.dy[vertex.rank]
    x = [(fsum(borders[vertices[i].rank]) - node.width) / 2 for i, node in enumerate(nodes)]

    def route(i: int, operand: int, port: float, path: list[int]) -> list[tuple[float, float]]:
        start = x[operand] + nodes[operand].width if path[0] == operand else borders[vertices[path[0]].rank][1]
        end = (x[i], vertices[i].y + port)
        last = [(borders[vertices[i].rank][0], end[1]), end]
        return _route(vertices, borders, bands, path, start, last, vertices[i].rank)

    routes = [
        [route(i, operand, port, path) for (operand, port), path in zip(node.operands, paths[i], strict=True)]
        for i, node in enumerate(nodes)
    ]
    layout = Layout(x, [vertex.y for vertex in vertices[: len(nodes)]], bands.width, bands.height, routes)
    for i, position in whole or ():
        operand, port = nodes[i].operands[position]
        length = max(1, trunks[operand].index(paths[i][position][-1]) + 1)
        layout.whole[i, position] = route(i, operand, port, trunks[operand][:length])
    return layout


def _wrap(vertices: list[_Vertex], columns: list[list[int]], borders: list[tuple[float, float]], max_width: float) -> Bands:
    extents = [
        (min(vertices[i].y for i in column), max(vertices[i].y + vertices[i].height for i in column)) for column in columns
    ]
    crossing = [[(vertices[i].y + vertices[i].out_port, i) for i in column if vertices[i].outs] for column in columns]
    return wrap(borders, extents, crossing, max_width)


def _make_vertices(nodes: list[Node]) -> tuple[list[_Vertex], list[list[list[int]]], list[list[int]]]:
    """Return all vertices, the path of each edge, and the shared route (trunk) of all edges from each node.

    There is one path per operand of each node: the vertices that the edge passes through, from the point where it leaves the
    route shared with earlier edges.
    """
    rank = ranks([[operand for operand, _ in node.operands] for node in nodes])
    vertices = [_Vertex(rank[i], node.width, node.height, node.out_port, True) for i, node in enumerate(nodes)]
    farthest = list(rank)  # minimum rank among the users of each node
    for i, node in enumerate(nodes):
        for operand, _ in node.operands:
            farthest[operand] = min(farthest[operand], rank[i])
    bend = sum(map(int.__sub__, rank, farthest)) <= MAX_DUMMIES
    trunks = [[i] for i in range(len(nodes))]  # the route shared by all edges from a node, which leave it one by one
    drawn = [1] * len(nodes)  # number of vertices of the trunk that are part of an earlier edge
    paths: list[list[list[int]]] = []
    for i, node in enumerate(nodes):
        paths.append([])
        for operand, port in node.operands:
            trunk = trunks[operand]
            length = rank[operand] - rank[i] if bend else 1
            while len(trunk) < length:
                vertices.append(_Vertex(rank[operand] - len(trunk)))
                _connect(vertices, trunk[-1], len(vertices) - 1, 0.0)
                trunk.append(len(vertices) - 1)
            _connect(vertices, trunk[length - 1], i, port)
            paths[-1].append(trunk[min(drawn[operand], length) - 1 : length])
            drawn[operand] = max(drawn[operand], length)
    return vertices, paths, trunks


def _connect(vertices: list[_Vertex], start: int, end: int, port: float) -> None:
    vertices[start].outs.append((end, port))
    vertices[end].ins.append((start, port))


def _order(vertices: list[_Vertex], roots: list[int]) -> list[list[int]]:
    """Return the vertices of each rank from top to bottom: by the position of their users, then by the order of operands."""
    seen: dict[int, int] = {}  # vertex -> its number in a depth-first search, which preserves the order of operands
    stack = roots[::-1]
    while stack:
        i = stack.pop()
        if i not in seen:
            seen[i] = len(seen)
            stack += [start for start, _ in reversed(vertices[i].ins) if start not in seen]
    columns: list[list[int]] = [[] for _ in range(max(vertex.rank for vertex in vertices) + 1)]
    for i in seen:
        columns[vertices[i].rank].append(i)
    position: dict[int, float] = {}
    for column in columns:
        target = {}
        for i in column:
            target[i] = _mean([position[end] + port / max(vertices[end].height, 1.0) for end, port in vertices[i].outs])
        column.sort(key=lambda i: (target[i], seen[i]))
        position.update((i, float(row)) for row, i in enumerate(column))
    return columns


def _set_heights(vertices: list[_Vertex], columns: list[list[int]]) -> None:
    """Set ``y`` of every vertex: as level with its neighbors as the order allows."""
    for sweep in range(SWEEPS):
        for column in columns if sweep % 2 == 0 else reversed(columns):
            targets = []
            for i in column:
                # Align out port with out port. Aligning it with the port of arrival would make a chain climb at every step.
                level = [(end, vertices[end].y + vertices[end].out_port - vertices[i].out_port) for end, _ in vertices[i].outs]
                if sweep:  # in the first sweep, the columns on the left do not have heights yet
                    computed = [start for start, _ in vertices[i].ins if vertices[start].ins]  # leaves follow, see _stack
                    level += [
                        (start, vertices[start].y + vertices[start].out_port - vertices[i].out_port) for start in computed
                    ]
                # An edge that passes through several columns should be straight.
                straight = [y for other, y in level if not vertices[i].is_node and not vertices[other].is_node]
                targets.append(_mean([y for _, y in level] + 4 * straight))
            _stack(vertices, column, targets)
    top = min(vertex.y for vertex in vertices)
    for vertex in vertices:
        vertex.y -= top


def _stack(vertices: list[_Vertex], column: list[int], targets: list[float]) -> None:
    """Place the vertices of a column as near to their targets as possible without overlap.

    The weighted sum of squared distances is minimal. With the heights and gaps above each vertex subtracted, this is isotonic
    regression, solved by pooling adjacent violators (M. Ayer and others, Annals of Mathematical Statistics 26, 1955).
    """
    offsets = [0.0]
    for above, below in pairwise(column):
        both = vertices[above].is_node and vertices[below].is_node
        offsets.append(offsets[-1] + vertices[above].height + (NODE_GAP if both else EDGE_GAP))
    pools: list[tuple[float, float, int]] = []  # neighbors that move together: sum of targets, sum of weights, count
    for i, target, offset in zip(column, targets, offsets, strict=True):
        # A leaf yields to computed vertices; otherwise each number added to a chain would push the chain aside.
        weight = 1.0 if vertices[i].ins else 1e-6
        total, weights, count = weight * (target - offset), weight, 1
        while pools and pools[-1][0] * weights >= total * pools[-1][1]:
            other_total, other_weights, other_count = pools.pop()
            total, weights, count = total + other_total, weights + other_weights, count + other_count
        pools.append((total, weights, count))
    levels = [total / weights for total, weights, count in pools for _ in range(count)]
    for i, level, offset in zip(column, levels, offsets, strict=True):
        vertices[i].y = level + offset


def _set_borders(vertices: list[_Vertex], columns: list[list[int]]) -> list[tuple[float, float]]:
    """Return the left and right border of the column of each rank; the highest rank is leftmost."""
    borders = [(0.0, 0.0)] * len(columns)
    left = 0.0
    for rank in reversed(range(len(columns))):
        right = left + max(vertices[i].width for i in columns[rank])
        borders[rank] = (left, right)
        climbs = [
            abs(vertices[end].y + port - vertices[i].y - vertices[i].out_port)
            for i in columns[rank]
            for end, port in vertices[i].outs
        ]
        left = right + min(COLUMN_GAP[0] + 0.2 * max(climbs, default=0.0), COLUMN_GAP[1])
    return borders


def _route(
    vertices: list[_Vertex],
    borders: list[tuple[float, float]],
    bands: Bands,
    path: list[int],
    start: float,
    last: list[tuple[float, float]],
    last_rank: int,
) -> list[tuple[float, float]]:
    """Return the points on one edge: it is level within columns, and climbs or descends only between them."""
    level = vertices[path[0]].y + vertices[path[0]].out_port
    points = [(start, level), (borders[vertices[path[0]].rank][1], level)]
    for before, i in pairwise(path):
        if bands.band[vertices[before].rank] != bands.band[vertices[i].rank]:
            points += _around(bands, before, points[-1][1], vertices[i].y)
        points += [(border, vertices[i].y) for border in borders[vertices[i].rank]]
    if bands.band[vertices[path[-1]].rank] != bands.band[last_rank]:
        points += _around(bands, path[-1], points[-1][1], last[0][1])
    points += last
    return [point for i, point in enumerate(points) if i == 0 or point != points[i - 1]]


def _around(bands: Bands, vertex: int, start: float, end: float) -> list[tuple[float, float]]:
    """Return the points of the lane of a vertex, from the end of one band to the start of the next."""
    right, below, left = bands.lanes[vertex]
    return [(right, start), (right, below), (left, below), (left, end)]


def _mean(numbers: list[float]) -> float:
    return fsum(numbers) / len(numbers) if numbers else 0.0
