"""Compute the sizes and positions of boxes, edges and frames.

The layout moves clusters. A cluster is a single box, or the products of an expanded ``dot`` together with their sum. Boxes
inside a cluster have fixed positions relative to each other.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from visualize.layout import Node, place
from visualize.style import LINE, PAD, cell_widths, constant_text, header, rows, text_width

if TYPE_CHECKING:
    from visualize.boxes import Box

    Point = tuple[float, float]
    Rectangle = tuple[float, float, float, float]  # left, top, width, height

CLUSTER_PAD = 10.0
CLUSTER_HEAD = 17.0  # height of the cluster's title
CLUSTER_GAP = 36.0  # between the products and their sum
PRODUCT_GAP = 8.0
BIAS_LANE = 16.0  # room below the products for the edge from the bias to the sum


class Edge(NamedTuple):
    """An edge, or its part inside a cluster: from box ``operand`` to operand number ``position`` of box ``box``."""

    operand: int
    box: int
    position: int
    points: list[Point]

    def moved(self, x: float, y: float) -> list[Point]:
        """Return the points, shifted by ``x`` and ``y``."""
        return [(x + dx, y + dy) for dx, dy in self.points]


@dataclass(slots=True)
class Cluster:
    """Boxes with fixed positions relative to each other.

    Attributes:
        width, height: Size of the cluster.
        out_port: Height at which edges leave on the right, from the top.
        corners: Top left corner of each box inside, by index of the box.
        edges_in: Edges from outside, in order: the part from the left border to a box inside.
        edges_inside: Edges between boxes inside.
    """

    width: float
    height: float
    out_port: float
    corners: dict[int, Point]
    edges_in: list[Edge]
    edges_inside: list[Edge]


@dataclass(slots=True)
class Geometry:
    """Sizes and positions of everything in a picture.

    Attributes:
        width, height: Size of the picture, without margins and caption.
        boxes: Rectangle of each box, by index.
        edges: All edges.
        frames: Rectangle of the frame around each expanded ``dot``.
    """

    width: float
    height: float
    boxes: dict[int, Rectangle] = field(default_factory=dict)
    edges: list[Edge] = field(default_factory=list)
    frames: list[Rectangle] = field(default_factory=list)


def arrange(boxes: list[Box]) -> Geometry:
    """Return the positions of all boxes and edges.

    Example:
        >>> from visualize.boxes import Box
        >>> x, square = Box("leaf", "x", "", 3.0, 0.0), Box("computed", "", "*", 9.0, 1.0, [0, 0])
        >>> [rectangle[:2] for rectangle in arrange([x, square]).boxes.values()]  # doctest: +ELLIPSIS
        [(0.0, 0.0), (90.8..., 0.0)]
    """
    sizes = [box_size(box) for box in boxes]
    clusters = _make_clusters(boxes, sizes)
    owner = {i: k for k, cluster in enumerate(clusters) for i in cluster.corners}
    nodes = [
        Node(c.width, c.height, c.out_port, [(owner[edge.operand], edge.points[0][1]) for edge in c.edges_in]) for c in clusters
    ]
    layout = place(nodes)
    geometry = Geometry(layout.width, layout.height)
    for cluster, x, y, routes in zip(clusters, layout.x, layout.y, layout.routes, strict=True):
        if len(cluster.corners) > 1:
            geometry.frames.append((x, y, cluster.width + CLUSTER_PAD, cluster.height))
        for edge, route in zip(cluster.edges_in, routes, strict=True):
            geometry.edges.append(edge._replace(points=route + edge.moved(x, y)[1:]))
        geometry.edges += [edge._replace(points=edge.moved(x, y)) for edge in cluster.edges_inside]
        geometry.boxes |= {i: (x + dx, y + dy, *sizes[i]) for i, (dx, dy) in cluster.corners.items()}
    return geometry


def box_size(box: Box) -> Point:
    """Return the width and height of a box.

    Example:
        >>> from visualize.boxes import Box
        >>> box_size(Box("constant", "", "", 2.0, None))[1]
        18.0
    """
    if box.kind == "constant":
        return text_width(constant_text(box)) + 6.0, LINE + 4.0
    top = header(box)
    below = [text_width(f"{name} {text}") for name, text in rows(box)]
    width = max(*below, sum(cell_widths(top))) + 2 * PAD
    return width, LINE * len(below) + PAD + (LINE + PAD if top else 0.0)


def _make_clusters(boxes: list[Box], sizes: list[Point]) -> list[Cluster]:
    """Return the clusters, each after the clusters that its edges come from."""
    in_cluster = {i for box in boxes for i in box.products}
    return [
        _expanded_dot(boxes, sizes, i) if box.products else _single_box(box, sizes[i], i)
        for i, box in enumerate(boxes)
        if i not in in_cluster
    ]


def _in_ports(height: float, count: int) -> list[float]:
    """Return the heights at which ``count`` edges arrive at a box: spread over its left side, the first operand on top."""
    return [height * (position + 1) / (count + 1) for position in range(count)]


def _single_box(box: Box, size: Point, i: int) -> Cluster:
    ports = _in_ports(size[1], len(box.operands))
    edges_in = [Edge(operand, i, k, [(0.0, y)]) for k, (operand, y) in enumerate(zip(box.operands, ports, strict=True))]
    return Cluster(*size, size[1] / 2, {i: (0.0, 0.0)}, edges_in, [])


def _expanded_dot(boxes: list[Box], sizes: list[Point], i: int) -> Cluster:
    """Return the cluster of the sum with index ``i``: its products in a column on the left, the sum on the right."""
    box = boxes[i]
    column = max(sizes[j][0] for j in box.products)
    corners: dict[int, Point] = {}
    edges_in = []
    y = CLUSTER_HEAD
    for j in box.products:
        corners[j] = (CLUSTER_PAD, y)
        for k, (operand, port) in enumerate(zip(boxes[j].operands, _in_ports(sizes[j][1], 2), strict=True)):
            edges_in.append(Edge(operand, j, k, [(0.0, y + port), (CLUSTER_PAD, y + port)]))
        y += sizes[j][1] + PRODUCT_GAP
    bottom = y - PRODUCT_GAP
    sum_x = CLUSTER_PAD + column + CLUSTER_GAP
    sum_y = max(CLUSTER_HEAD, (CLUSTER_HEAD + bottom - sizes[i][1]) / 2)
    corners[i] = (sum_x, sum_y)
    bottom = max(bottom, sum_y + sizes[i][1])
    inside = []
    for k, (operand, port) in enumerate(zip(box.operands, _in_ports(sizes[i][1], len(box.operands)), strict=True)):
        end = (sum_x, sum_y + port)
        if operand in corners:
            x, y = corners[operand]
            inside.append(Edge(operand, i, k, [(x + sizes[operand][0], y + sizes[operand][1] / 2), end]))
        else:
            lane = bottom + BIAS_LANE / 2
            edges_in.append(Edge(operand, i, k, [(0.0, lane), (CLUSTER_PAD + column, lane), end]))
            bottom += BIAS_LANE
    width = sum_x + sizes[i][0]  # without the padding on the right, because edges leave from the sum, not from the frame
    return Cluster(width, bottom + CLUSTER_PAD, sum_y + sizes[i][1] / 2, corners, edges_in, inside)
