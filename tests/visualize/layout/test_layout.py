"""The layered layout: no overlap, operands in order, edges that avoid nodes."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest

from visualize.layout import layout
from visualize.layout.layout import Layout, Node, place, ranks


def random_nodes(seed: int) -> list[Node]:
    """Return a random graph. Its last node uses all nodes that no other node uses."""
    rng = random.Random(seed)
    nodes: list[Node] = []
    unused: set[int] = set()
    for i in range(rng.randint(1, 60)):
        width, height = rng.uniform(10, 90), rng.uniform(10, 60)
        count = rng.randint(0, min(i, 4))
        operands = [rng.randrange(i) for _ in range(count)]
        unused = unused - set(operands) | {i}
        nodes.append(Node(width, height, height / 2, [(o, height * (k + 1) / (count + 1)) for k, o in enumerate(operands)]))
    last = sorted(unused)
    nodes.append(Node(50.0, 40.0, 20.0, [(o, 40.0 * (k + 1) / (len(last) + 1)) for k, o in enumerate(last)]))
    return nodes


def rectangles(nodes: list[Node], found: Layout) -> list[tuple[float, float, float, float]]:
    """Return left, top, right and bottom of each node."""
    return [(x, y, x + node.width, y + node.height) for node, x, y in zip(nodes, found.x, found.y, strict=True)]


@pytest.mark.parametrize("seed", range(20))
def test_nodes_do_not_overlap_and_are_inside_the_layout(seed: int) -> None:
    nodes = random_nodes(seed)
    found = place(nodes)
    placed = rectangles(nodes, found)
    for i, (left, top, right, bottom) in enumerate(placed):
        assert min(left, top) >= -1e-9
        assert right <= found.width + 1e-9
        assert bottom <= found.height + 1e-9
        for other in placed[:i]:
            assert right <= other[0] or other[2] <= left or bottom <= other[1] + 1e-9 or other[3] <= top + 1e-9


@pytest.mark.parametrize("seed", range(20))
def test_operands_are_to_the_left_of_their_results(seed: int) -> None:
    nodes = random_nodes(seed)
    placed = rectangles(nodes, place(nodes))
    for i, node in enumerate(nodes):
        assert all(placed[operand][2] < placed[i][0] for operand, _ in node.operands)


@pytest.mark.parametrize("seed", range(20))
def test_edges_climb_only_between_columns_and_so_cross_no_node(seed: int) -> None:
    nodes = random_nodes(seed)
    found = place(nodes)
    placed = rectangles(nodes, found)
    for routes in found.routes:
        for route in routes:
            for (x0, y0), (x1, y1) in pairwise(route):
                assert x0 <= x1 + 1e-9
                for left, top, right, bottom in placed:
                    outside = x1 <= left + 1e-9 or right <= x0 + 1e-9
                    level_and_clear = y0 == y1 and not top + 1e-9 < y0 < bottom - 1e-9
                    assert outside or level_and_clear


def test_edges_end_at_their_ports_in_the_order_of_operands() -> None:
    nodes = random_nodes(3)
    found = place(nodes)
    for i, node in enumerate(nodes):
        ends = [route[-1] for route in found.routes[i]]
        assert ends == [(found.x[i], found.y[i] + port) for _, port in node.operands]
        assert ends == sorted(ends)


def test_ranks_count_the_edges_on_the_longest_path_to_the_root() -> None:
    assert ranks([[], [0], [1], [0, 2]]) == [3, 2, 1, 0]


def test_with_too_many_dummies_long_edges_are_straight(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layout, "MAX_DUMMIES", 0)
    nodes = random_nodes(5)
    assert all(len(route) <= 4 for routes in place(nodes).routes for route in routes)


def test_a_deep_and_a_wide_graph_are_laid_out_without_recursion() -> None:
    deep = [Node(10.0, 10.0, 5.0, [(i - 1, 5.0)] if i else []) for i in range(20_000)]
    assert len(place(deep).x) == 20_000
    wide = [Node(10.0, 10.0, 5.0, []) for _ in range(20_000)]
    assert len(place([*wide, Node(10.0, 10.0, 5.0, [(i, 5.0) for i in range(20_000)])]).x) == 20_001


@pytest.mark.parametrize("seed", range(20))
def test_a_wrapped_layout_is_narrow_and_its_nodes_do_not_overlap(seed: int) -> None:
    nodes = random_nodes(seed)
    widest = place(nodes).width
    found = place(nodes, max_width=max(500.0, widest / 3))
    placed = rectangles(nodes, found)
    assert found.width < max(500.0, widest / 3) + 400.0  # a column cannot be cut, and each edge needs its lane
    for i, (left, top, right, bottom) in enumerate(placed):
        assert min(left, top) >= -1e-9
        assert bottom <= found.height + 1e-9
        for other in placed[:i]:
            assert right <= other[0] or other[2] <= left or bottom <= other[1] + 1e-9 or other[3] <= top + 1e-9


@pytest.mark.parametrize("seed", range(20))
def test_edges_of_a_wrapped_layout_cross_no_node_on_their_way_around(seed: int) -> None:
    nodes = random_nodes(seed)
    found = place(nodes, max_width=500.0)
    placed = rectangles(nodes, found)
    for routes in found.routes:
        for route in routes:
            for (x0, y0), (x1, y1) in pairwise(route):
                if x0 == x1 or x1 < x0:  # vertical, or back below a band
                    for left, top, right, bottom in placed:
                        beside = max(x0, x1) <= left + 1e-9 or right <= min(x0, x1) + 1e-9
                        above_or_below = max(y0, y1) <= top + 1e-9 or bottom <= min(y0, y1) + 1e-9
                        assert beside or above_or_below


@pytest.mark.parametrize("max_width", [float("inf"), 500.0])
@pytest.mark.parametrize("seed", range(10))
def test_a_whole_route_begins_at_its_operand_and_ends_like_the_part(seed: int, max_width: float) -> None:
    nodes = random_nodes(seed)
    edges = [(i, k) for i, node in enumerate(nodes) for k in range(len(node.operands))]
    found = place(nodes, max_width=max_width, whole=edges)
    for i, k in edges:
        operand, port = nodes[i].operands[k]
        route = found.whole[i, k]
        assert route[0] == (found.x[operand] + nodes[operand].width, found.y[operand] + nodes[operand].out_port)
        assert route[-1] == (found.x[i], found.y[i] + port)
        assert route[-len(found.routes[i][k]) + 1 :] == found.routes[i][k][1:]
