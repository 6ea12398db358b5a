"""Fusing: turn chains of sums of products in a graph into ``dot`` nodes.

Results stay bit for bit equal: ``b + w1 * x1 + w2 * x2`` and ``dot([w1, w2], [x1, x2], b)`` perform the same operations in
the same order. Fusing must not change the order in which ``backward`` adds the contributions to a gradient either; ``fuse``
checks this.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from autograd.compiler.graph import ADD, DOT, MUL, SUB, GraphNode

if TYPE_CHECKING:
    from autograd.compiler.graph import Edge, Graph


MAX_PASSES = 8  # the last pass fuses nothing. Two or three are enough for all but contrived graphs


def fuse(graph: Graph) -> None:
    """Turn sums of products into dots, unless this would change the last bits of a gradient.

    A dot sends the contributions of all its products at once. If this changes the order of the contributions to an operand,
    then the operations that send them are kept as they are, and the next pass fuses only the others. Therefore the cost is
    proportional to the size of the graph.
    """
    original = list(graph.nodes)
    kept: set[int] = set()  # nodes that no dot absorbs
    for count in range(1, MAX_PASSES + 1):
        if count == MAX_PASSES:
            kept = set(range(len(original)))
        _FusingPass(graph, kept).run()
        fused = [i for i, node in enumerate(original) if graph.nodes[i] is not node and graph.nodes[i] is not None]
        sent = [pair for i in fused for pair in zip(graph.gradient_operands(i), graph.edges(i), strict=False)]
        touched = {x for x, _ in sent}
        now = _contributions(graph, touched)
        fused_nodes, graph.nodes = graph.nodes, original
        before = _contributions(graph, touched)
        graph.nodes = fused_nodes
        # Two contributions may be added in either order: x + y equals y + x.
        disordered = {x for x in touched if len(before[x]) > 2 and now[x] != before[x]}
        if not disordered:
            return
        kept.update([edge[0] for x, edge in sent if edge is not None and x in disordered])
        graph.nodes[: len(original)] = original


def _contributions(graph: Graph, wanted: set[int]) -> dict[int, list[Edge]]:
    """Return the contributions to the gradients of these nodes, in order."""
    found: dict[int, list[Edge]] = defaultdict(list)
    if wanted:
        for operand, edge in graph.edges_in_order():
            if operand in wanted:
                found[operand].append(edge)
    return found


class _FusingPass:
    """One pass over a graph, from the results to the leaves. Sums become dots and absorb products, except ``kept`` nodes."""

    def __init__(self, graph: Graph, kept: set[int]) -> None:
        self.graph = graph
        self.nodes = graph.nodes
        self.kept = kept
        self.done: set[int] = set()  # sums in a chain that has too few products
        self.uses = [0] * len(self.nodes)
        for node in self.nodes:
            for operand in node.operands if node is not None else ():
                self.uses[operand] += 1
        for result in graph.results:
            self.uses[result] += 2  # a node with two or more uses is never fused away

    def run(self) -> None:
        """Run the pass."""
        for i in range(len(self.uses) - 1, -1, -1):
            node = self.nodes[i]
            if node is None or node.cut:
                continue
            if node.row == DOT:
                self._add_products(i, node)
            elif node.row in (ADD, SUB) and i not in self.kept and i not in self.done:
                self._make_dot(i)

    def _alone(self, i: int, *rows: int) -> bool:
        """Return whether node i has one of these rows, is used only once, and may be absorbed."""
        node = self.nodes[i]
        return node is not None and node.row in rows and self.uses[i] == 1 and not node.cut and i not in self.kept

    def _add_products(self, i: int, dot: GraphNode) -> None:
        """Absorb products into a sum, which is a dot with weights 1. A product that is used only here becomes two operands."""
        count = len(dot.operands) // 2
        pairs = enumerate(zip(dot.operands[:count], dot.operands[count:], strict=False))
        products = [(k, y) for k, (x, y) in pairs if self.graph.is_constant(x, 1.0) and self._alone(y, MUL)]
        if not products:
            return
        operands, edges = list(dot.operands), [*self.graph.edges(i)]
        for k, product in products:
            operands[k], operands[count + k] = self._operands(product)
            edges[k], edges[count + k] = (product, 0), (product, 1)
            self.nodes[product] = None
        self.nodes[i] = GraphNode(DOT, tuple(operands), edges)

    def _operands(self, i: int) -> tuple[int, ...]:
        node = self.nodes[i]
        assert node is not None
        return node.operands

    def _make_dot(self, root: int) -> None:
        """Turn the chain of sums that ends at ``root`` into one dot, if the chain contains at least two products."""
        chain, terms, bias = self._terms(root)
        products = {x for x, factor, _ in terms if factor == 1.0 and self._alone(x, MUL)}
        if len(products) < 2:
            self.done.update(chain)  # their chains are parts of this one
            return
        left: list[int] = []
        right: list[int] = []
        edges: tuple[list[Edge | None], list[Edge | None]] = [], []
        for x, factor, edge in terms:
            is_product = x in products
            pair = self._operands(x) if is_product else (self.graph.constant(factor), x)
            left.append(pair[0])
            right.append(pair[1])
            edges[0].append((x, 0) if is_product else None)
            edges[1].append((x, 1) if is_product else edge)
        for x in (*chain, *products):
            self.nodes[x] = None
        self.nodes[root] = GraphNode(DOT, (*left, *right, bias[0]), [*edges[0], *edges[1], bias[1]])

    def _terms(self, root: int) -> tuple[list[int], list[tuple[int, float, Edge]], tuple[int, Edge | None]]:
        """Return the nodes of the chain below ``root``, the terms in order with their factors, and the first operand."""
        chain: list[int] = []
        terms: list[tuple[int, float, Edge]] = []
        at = root
        while True:
            x, y = self._operands(at)
            node = self.nodes[at]
            assert node is not None
            adds = node.row == ADD
            if self._alone(x, ADD, SUB):
                terms.append((y, 1.0 if adds else -1.0, (at, 1)))
                at = x
            elif adds and self._alone(y, ADD, SUB):
                terms.append((x, 1.0, (at, 0)))
                at = y
            else:
                break
            chain.append(at)
        first: tuple[int, Edge | None] = x, (at, 0)
        if self._alone(x, MUL) and adds and not self._alone(y, MUL):
            terms.append((x, 1.0, (at, 0)))
            first = y, (at, 1)
        else:
            terms.append((y, 1.0 if adds else -1.0, (at, 1)))
            if self._alone(x, MUL):
                terms.append((x, 1.0, (at, 0)))
                first = self.graph.constant(-0.0), None  # -0.0 + x is x, bit for bit
        return chain, terms[::-1], first
