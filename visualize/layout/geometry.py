"""Compute the sizes and positions of boxes, edges, labels and frames.

The layout moves clusters. A cluster is a single box, or the products of an expanded ``dot`` together with their sum. Boxes
inside a cluster have fixed positions relative to each other. All positions are for a picture from left to right; ``Geometry``
turns them into the direction of the picture at the end.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import (
    fsum,  # rounds the same in all versions of Python
    inf,
)
from typing import TYPE_CHECKING, NamedTuple

from visualize.boxes.style import LINE, PAD, SMALL, Look, cell_widths, constant_text, edge_labels, header, rows, text_width
from visualize.layout.layout import Node, place

if TYPE_CHECKING:
    from visualize.boxes.boxes import Box

    Point = tuple[float, float]
    Rectangle = tuple[float, float, float, float]  # left, top, width, height

MAX_WIDTH = 1_530.0  # a wider picture is wrapped
CLUSTER_PAD = 10.0
CLUSTER_HEAD = 17.0  # height of the cluster's title
CLUSTER_GAP = 36.0  # between the products and their sum
PRODUCT_GAP = 8.0
BIAS_LANE = 16.0  # room below the products for the edge from the bias to the sum
STUB = 14.0  # of an edge beyond its label
NUMBER_GAP = 18.0  # between a plain number and the box that uses it
LABELED_HEIGHT = 56.0  # minimum for two labeled edges


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
        whole: Marked and highlighted edges, each from its operand.
        frames: Rectangle of the frame around each expanded ``dot``.
    """

    width: float
    height: float
    boxes: dict[int, Rectangle] = field(default_factory=dict)
    edges: list[Edge] = field(default_factory=list)
    whole: list[Edge] = field(default_factory=list)
    frames: list[Rectangle] = field(default_factory=list)

    def turn(self, direction: str) -> Geometry:
        """Return the same picture in another direction: the layout from left to right, mirrored or with exchanged axes."""
        if direction == "LR":
            return self

        def point(at: Point) -> Point:
            x = at[0] if direction in ("LR", "TB") else self.width - at[0]
            return (x, at[1]) if direction in ("LR", "RL") else (at[1], x)

        def rectangle(at: Rectangle) -> Rectangle:
            (x0, y0), (x1, y1) = point(at[:2]), point((at[0] + at[2], at[1] + at[3]))
            return min(x0, x1), min(y0, y1), abs(x1 - x0), abs(y1 - y0)

        def edges(old: list[Edge]) -> list[Edge]:
            return [edge._replace(points=list(map(point, edge.points))) for edge in old]

        size = (self.width, self.height) if direction == "RL" else (self.height, self.width)
        boxes = {i: rectangle(box) for i, box in self.boxes.items()}
        return Geometry(*size, boxes, edges(self.edges), edges(self.whole), list(map(rectangle, self.frames)))


def arrange(boxes: list[Box], look: Look | None = None) -> Geometry:
    """Return the positions of all boxes and edges.

    Example:
        >>> from visualize.boxes.boxes import Box
        >>> x, square = Box("input", "x", "", 3.0, 0.0), Box("output", "", "*", 9.0, 1.0, operands=[0, 0])
        >>> [rectangle[:2] for rectangle in arrange([x, square]).boxes.values()]  # doctest: +ELLIPSIS
        [(0.0, 0.0), (90..., 0.0)]
    """
    look = look or Look()
    level = look.direction in ("LR", "RL")
    sizes = [box_size(box, look) for box in boxes]
    maker = _Clusters(boxes, look, sizes if level else [(height, width) for width, height in sizes])
    clusters = maker.make()
    owner = {i: k for k, cluster in enumerate(clusters) for i in cluster.corners}
    nodes = [
        Node(c.width, c.height, c.out_port, [(owner[edge.operand], edge.points[0][1]) for edge in c.edges_in]) for c in clusters
    ]
    wanted = [(k, p) for k, c in enumerate(clusters) for p, edge in enumerate(c.edges_in) if _is_marked(boxes, edge)]
    used = {operand for node in nodes for operand, _ in node.operands}
    layout = place(nodes, [k for k in range(len(nodes)) if k not in used], MAX_WIDTH if level else inf, wanted)
    geometry = Geometry(layout.width, layout.height)
    for k, (cluster, x, y, routes) in enumerate(zip(clusters, layout.x, layout.y, layout.routes, strict=True)):
        if any(boxes[i].products for i in cluster.corners):
            geometry.frames.append((x, y, cluster.width + CLUSTER_PAD, cluster.height))
        for p, (edge, route) in enumerate(zip(cluster.edges_in, routes, strict=True)):
            geometry.edges.append(edge._replace(points=route + edge.moved(x, y)[1:]))
            if (k, p) in layout.whole:
                geometry.whole.append(edge._replace(points=layout.whole[k, p] + edge.moved(x, y)[1:]))
        inside = [edge._replace(points=edge.moved(x, y)) for edge in cluster.edges_inside]
        geometry.edges += inside
        geometry.whole += [edge for edge in inside if _is_marked(boxes, edge)]
        geometry.boxes |= {i: (x + dx, y + dy, *maker.sizes[i]) for i, (dx, dy) in cluster.corners.items()}
    return geometry.turn(look.direction)


def _is_marked(boxes: list[Box], edge: Edge) -> bool:
    box = boxes[edge.box]
    return box.marked == edge.position or (box.highlighted and boxes[edge.operand].highlighted)


def box_size(box: Box, look: Look | None = None) -> Point:
    """Return the width and height of a box.

    Example:
        >>> from visualize.boxes.boxes import Box
        >>> box_size(Box("constant", "", "", 2.0, None))[1]
        18.0
    """
    look = look or Look()
    if box.kind == "constant":
        return text_width(constant_text(box, look.digits)) + 6.0, LINE + 4.0
    top = header(box)
    below = [text_width(text) for text in (*rows(box, look.digits), *box.marks)]
    width = max(*below, fsum(cell_widths(top)), 24.0) + 2 * PAD
    height = LINE * len(below) + PAD + (LINE + PAD if top else 0.0)
    labels = [text_width(label, SMALL) for label in edge_labels(box, look) if label]
    if labels and len(box.operands) == 2:  # the labels must not collide
        if look.direction in ("LR", "RL"):
            height = max(height, LABELED_HEIGHT)
        else:
            width = max(width, 3 * (max(labels) + PAD))
    return width, height


class _Clusters:
    """Make the clusters. ``sizes`` are the sizes of the boxes, with exchanged axes if the picture is from top to bottom."""

    def __init__(self, boxes: list[Box], look: Look, sizes: list[Point]) -> None:
        self.boxes, self.look, self.sizes = boxes, look, sizes
        self.level = look.direction in ("LR", "RL")
        in_cluster = {i for box in boxes for i in box.products}
        # Plain numbers that stand at the port of the one box that uses them.
        self.attached = {
            k
            for i, box in enumerate(boxes)
            if self.level and len(box.operands) <= 2 and i not in in_cluster and not box.products and box.kind != "folded"
            for k in box.operands
            if boxes[k].kind == "constant"
        }
        self.stubs = [self._stub(box) for box in boxes]

    def make(self) -> list[Cluster]:
        """Return the clusters, each after the clusters that its edges come from."""
        in_cluster = {i for box in self.boxes for i in box.products}
        return [
            self._expanded_dot(i) if box.products else self._single_box(i)
            for i, box in enumerate(self.boxes)
            if i not in in_cluster and i not in self.attached
        ]

    def _stub(self, box: Box) -> float:
        """Return the length of the level part of the edges that arrive at a box: the room for their labels."""
        rooms = [text_width(label, SMALL) + STUB for label in edge_labels(box, self.look) if label]
        if not self.level:
            return SMALL + STUB if rooms else 0.0
        return max([0.0, *rooms, *(self.sizes[k][0] + NUMBER_GAP for k in box.operands if k in self.attached)])

    def _ports(self, i: int) -> list[float]:
        """Return the heights at which edges arrive at a box: spread over its left side, the first operand on top."""
        count = len(self.boxes[i].operands)
        return [self.sizes[i][1] * (position + 1) / (count + 1) for position in range(count)]

    def _single_box(self, i: int) -> Cluster:
        """Return the cluster of a box. Plain numbers among its operands stand at their ports."""
        (width, height), stub, ports = self.sizes[i], self.stubs[i], self._ports(i)
        corners = {i: (stub, 0.0)}
        edges_in, inside = [], []
        for k, (operand, y) in enumerate(zip(self.boxes[i].operands, ports, strict=True)):
            if operand in self.attached:
                w, h = self.sizes[operand]
                corners[operand] = (stub - NUMBER_GAP - w, y - h / 2)
                inside.append(Edge(operand, i, k, [(stub - NUMBER_GAP, y), (stub, y)]))
            else:
                edges_in.append(Edge(operand, i, k, [(0.0, y), (stub, y)] if stub else [(0.0, y)]))
        return Cluster(width + stub, height, height / 2, corners, edges_in, inside)

    def _expanded_dot(self, i: int) -> Cluster:
        """Return the cluster of the sum with index ``i``: its products in a column on the left, the sum on the right."""
        box, sizes = self.boxes[i], self.sizes
        left, head = (CLUSTER_PAD, CLUSTER_HEAD) if self.level else (CLUSTER_HEAD, CLUSTER_PAD)
        left += max(self.stubs[j] for j in box.products)
        column = max(sizes[j][0] for j in box.products)
        corners: dict[int, Point] = {}
        edges_in = []
        y = head
        for j in box.products:
            corners[j] = (left, y)
            for k, (operand, port) in enumerate(zip(self.boxes[j].operands, self._ports(j), strict=True)):
                edges_in.append(Edge(operand, j, k, [(0.0, y + port), (left, y + port)]))
            y += sizes[j][1] + PRODUCT_GAP
        bottom = y - PRODUCT_GAP
        sum_x = left + column + CLUSTER_GAP + self.stubs[i]
        sum_y = max(head, (head + bottom - sizes[i][1]) / 2)
        corners[i] = (sum_x, sum_y)
        bottom = max(bottom, sum_y + sizes[i][1])
        inside = []
        for k, (operand, port) in enumerate(zip(box.operands, self._ports(i), strict=True)):
            stub = [(sum_x - self.stubs[i], sum_y + port)] if self.stubs[i] else []
            end = [*stub, (sum_x, sum_y + port)]
            if operand in corners:
                x, y = corners[operand]
                inside.append(Edge(operand, i, k, [(x + sizes[operand][0], y + sizes[operand][1] / 2), *end]))
            else:
                lane = bottom + BIAS_LANE / 2
                edges_in.append(Edge(operand, i, k, [(0.0, lane), (left + column, lane), *end]))
                bottom += BIAS_LANE
        width = sum_x + sizes[i][0]  # without the padding on the right, because edges leave from the sum, not from the frame
        return Cluster(width, bottom + CLUSTER_PAD, sum_y + sizes[i][1] / 2, corners, edges_in, inside)
