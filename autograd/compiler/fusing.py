"""Fusing: turn chains of sums of products in a graph into ``dot`` nodes.

Results stay bit for bit equal: ``b + w1 * x1 + w2 * x2`` and ``dot([w1, w2], [x1, x2], b)`` perform the same operations in
the same order. Fusing must not change the order in which ``backward`` adds the contributions to a gradient either; ``fuse``
checks this.

Compiled by Cython; ``value.py`` explains how.
"""

# Type checkers read the uncompiled branches.
# mypy: always-false=compiled
from __future__ import annotations

try:
    import cython
except ImportError:
    from autograd.base import _cython as cython

from autograd import ops
from autograd.compiler import kinds

if cython.compiled:
    from cython.cimports.autograd.base.int_arrays import Ints
    from cython.cimports.autograd.compiler.graph import Graph
else:
    from autograd.base.int_arrays import Ints
    from autograd.compiler.graph import Graph

CONSTANT = cython.declare(cython.int, kinds.CONSTANT)
FUSED = cython.declare(cython.int, kinds.FUSED)
ADD = cython.declare(cython.int, ops.add.code)
SUB = cython.declare(cython.int, ops.sub.code)
MUL = cython.declare(cython.int, ops.mul.code)
DOT = cython.declare(cython.int, ops.dot.code)

MAX_PASSES = 8  # the last pass fuses nothing. Two or three are enough for all but contrived graphs


def fuse(graph: Graph) -> int:
    """Turn sums of products into dots, unless this would change the last bits of a gradient.

    A dot sends the contributions of all its products at once. If this changes the order of the contributions to an operand,
    then the operations that send them are kept as they are, and the next pass fuses only the others. Therefore the cost is
    proportional to the size of the graph.

    Returns:
        The number of passes.
    """
    original: _Operations = _Operations(graph)
    kept: Ints = Ints(graph.rows.size)  # whether no dot absorbs the node
    count: cython.int = 0
    while True:
        count += 1
        if count == MAX_PASSES:
            kept = Ints(graph.rows.size, 1)
        fusing: _FusingPass = _FusingPass(graph, kept)
        fusing.run()
        if not fusing.n_changed:
            return count
        touched: Ints = _touched(graph, fusing.changed)
        now: _Contributions = _Contributions(graph, touched)
        fused: _Operations = _Operations(graph)
        original.restore(graph)
        before: _Contributions = _Contributions(graph, touched)
        disordered: Ints = before.differences(now, touched)
        fused.restore(graph)
        if not _keep_senders(graph, fusing.changed, disordered, kept):
            return count
        original.restore(graph)


@cython.cfunc
def _touched(graph: Graph, changed: Ints) -> Ints:
    """Return for each node whether a changed node sends it a contribution."""
    touched: Ints = Ints(graph.rows.size)
    i: cython.int
    k: cython.int
    for i in range(changed.size):
        if changed.items[i]:
            for k in range(graph.n_gradients(i)):
                touched.items[graph.operands.items[graph.starts.items[i] + k]] = 1
    return touched


@cython.cfunc
def _keep_senders(graph: Graph, changed: Ints, disordered: Ints, kept: Ints) -> cython.bint:
    """Add the nodes whose contributions came in another order to ``kept``. Return whether there are any."""
    found: cython.bint = False
    i: cython.int
    k: cython.int
    edge: cython.int
    for i in range(changed.size):
        if changed.items[i]:
            edge = graph.edge_starts.items[i]
            for k in range(graph.n_gradients(i)):
                if disordered.items[graph.operands.items[graph.starts.items[i] + k]]:
                    found = True
                    if graph.edge_nodes.items[edge + k] >= 0:
                        kept.items[graph.edge_nodes.items[edge + k]] = 1
    return found


@cython.final
@cython.cclass
class _Operations:
    """A copy of the operations of a graph, to restore them."""

    rows: Ints
    starts: Ints
    counts: Ints
    edge_starts: Ints

    def __init__(self, graph: Graph) -> None:
        self.rows, self.starts, self.counts = graph.rows.copy(), graph.starts.copy(), graph.counts.copy()
        self.edge_starts = graph.edge_starts.copy()

    @cython.cfunc
    def restore(self, graph: Graph) -> None:
        """Restore the operations. Constants that were added later stay."""
        i: cython.Py_ssize_t
        for i in range(self.rows.size):
            graph.rows.items[i] = self.rows.items[i]
            graph.starts.items[i] = self.starts.items[i]
            graph.counts.items[i] = self.counts.items[i]
            graph.edge_starts.items[i] = self.edge_starts.items[i]


@cython.final
@cython.cclass
class _Contributions:
    """The contributions to the gradients of some nodes, in the order of a backward pass.

    Those to node i are the edges (``nodes[k]``, ``positions[k]``) for k from ``starts[i]`` to ``starts[i + 1] - 1``.
    """

    starts: Ints
    nodes: Ints
    positions: Ints

    def __init__(self, graph: Graph, wanted: Ints) -> None:
        n: cython.int = graph.rows.size
        self.starts = Ints(n + 1)
        i: cython.int
        for i in range(graph.backward_order.size):
            self._count(graph, graph.backward_order.items[i], wanted)
        for i in range(n):
            self.starts.items[i + 1] += self.starts.items[i]
        self.nodes = Ints(self.starts.items[n])
        self.positions = Ints(self.starts.items[n])
        next_free: Ints = self.starts.copy()
        for i in range(graph.backward_order.size):
            self._add(graph, graph.backward_order.items[i], wanted, next_free)

    @cython.cfunc
    def _count(self, graph: Graph, i: cython.int, wanted: Ints) -> None:
        """Count the contributions that node i sends to each wanted node."""
        k: cython.int
        edge: cython.int = graph.edge_starts.items[i]
        for k in range(graph.n_gradients(i)):
            x: cython.int = graph.operands.items[graph.starts.items[i] + k]
            if wanted.items[x] and graph.rows.items[x] != CONSTANT and (edge < 0 or graph.edge_nodes.items[edge + k] >= 0):
                self.starts.items[x + 1] += 1

    @cython.cfunc
    def _add(self, graph: Graph, i: cython.int, wanted: Ints, next_free: Ints) -> None:
        """Store the contributions that node i sends."""
        k: cython.int
        edge: cython.int = graph.edge_starts.items[i]
        for k in range(graph.n_gradients(i)):
            x: cython.int = graph.operands.items[graph.starts.items[i] + k]
            if wanted.items[x] and graph.rows.items[x] != CONSTANT and (edge < 0 or graph.edge_nodes.items[edge + k] >= 0):
                at: cython.int = next_free.items[x]
                self.nodes.items[at] = i if edge < 0 else graph.edge_nodes.items[edge + k]
                self.positions.items[at] = k if edge < 0 else graph.edge_positions.items[edge + k]
                next_free.items[x] = at + 1

    @cython.cfunc
    def differences(self, other: _Contributions, wanted: Ints) -> Ints:
        """Return for each wanted node whether its contributions have another order. Two may be added in either order."""
        result: Ints = Ints(wanted.size)
        i: cython.int
        for i in range(wanted.size):
            first: cython.int = self.starts.items[i]
            count: cython.int = self.starts.items[i + 1] - first
            if wanted.items[i] and count > 2:
                start: cython.int = other.starts.items[i]
                result.items[i] = not (
                    other.starts.items[i + 1] - start == count
                    and self.nodes.equal(first, other.nodes, start, count)
                    and self.positions.equal(first, other.positions, start, count)
                )
        return result


@cython.final
@cython.cclass
class _FusingPass:
    """One pass over a graph, from the results to the leaves. Sums become dots and absorb products, except ``kept`` nodes.

    Attributes:
        changed: For each node, whether it has become a dot, or a dot with other operands.
        n_changed: The number of these nodes.
    """

    graph: Graph
    kept: Ints
    done: Ints  # whether the node is a sum in a chain that has too few products
    uses: Ints
    changed: Ints
    n_changed: cython.int
    chain: Ints  # the sums below a root
    terms: Ints  # the terms of a chain, the last one first
    factors: Ints  # their factors, 1 or -1
    term_nodes: Ints  # the edges to them
    term_positions: Ints
    bias: cython.int
    bias_node: cython.int
    bias_position: cython.int

    def __init__(self, graph: Graph, kept: Ints) -> None:
        n: cython.Py_ssize_t = graph.rows.size
        self.graph = graph
        self.kept = kept
        self.done, self.uses, self.changed, self.n_changed = Ints(n), Ints(n), Ints(n), 0
        self.chain, self.terms, self.factors, self.term_nodes, self.term_positions = Ints(), Ints(), Ints(), Ints(), Ints()
        i: cython.Py_ssize_t
        k: cython.int
        for i in range(n):
            for k in range(graph.counts.items[i]):
                self.uses.items[graph.operands.items[graph.starts.items[i] + k]] += 1
        for i in range(graph.results.size):
            self.uses.items[graph.results.items[i]] += 2  # a node with two or more uses is never fused away

    @cython.cfunc
    def run(self) -> None:
        """Run the pass."""
        graph: Graph = self.graph
        i: cython.int
        for i in range(self.uses.size - 1, -1, -1):
            if graph.cuts.items[i]:
                continue
            row: cython.int = graph.rows.items[i]
            if row == DOT:
                self._add_products(i)
            elif row in (ADD, SUB) and not self.kept.items[i] and not self.done.items[i]:
                self._make_dot(i)

    @cython.cfunc
    @cython.exceptval(check=False)
    def _alone(self, i: cython.int, row: cython.int) -> cython.bint:
        """Return whether node i has this row, is used only once, and may be absorbed."""
        graph: Graph = self.graph
        return graph.rows.items[i] == row and self.uses.items[i] == 1 and not graph.cuts.items[i] and not self.kept.items[i]

    @cython.cfunc
    @cython.exceptval(check=False)
    def _alone_sum(self, i: cython.int) -> cython.bint:
        return self._alone(i, ADD) or self._alone(i, SUB)

    @cython.cfunc
    def _add_products(self, i: cython.int) -> None:
        """Absorb products into a sum, which is a dot with weights 1. A product that is used only here becomes two operands."""
        graph: Graph = self.graph
        start: cython.int = graph.starts.items[i]
        count: cython.int = graph.counts.items[i] // 2
        one: cython.int = graph.find_constant(1.0)
        found: cython.bint = False
        k: cython.int
        for k in range(count):
            if graph.operands.items[start + k] == one and self._alone(graph.operands.items[start + count + k], MUL):
                found = True
        if not found:
            return
        graph.starts.items[i] = graph.operands.size
        graph.edge_starts.items[i] = graph.edge_nodes.size
        graph.operands.extend(graph.operands, start, 2 * count + 1)
        for k in range(2 * count + 1):
            graph.edge_nodes.append(i)
            graph.edge_positions.append(k)
        for k in range(count):
            product: cython.int = graph.operands.items[start + count + k]
            if graph.operands.items[start + k] == one and self._alone(product, MUL):
                self._set_operand(i, k, product, 0)
                self._set_operand(i, count + k, product, 1)
                graph.rows.items[product] = FUSED
                graph.counts.items[product] = 0
        self.changed.items[i] = 1
        self.n_changed += 1

    @cython.cfunc
    def _set_operand(self, i: cython.int, k: cython.int, product: cython.int, position: cython.int) -> None:
        """Make an operand of a product, which has not been absorbed yet, operand k of dot i."""
        graph: Graph = self.graph
        edge: cython.int = graph.edge_starts.items[i] + k
        graph.operands.items[graph.starts.items[i] + k] = graph.operands.items[graph.starts.items[product] + position]
        graph.edge_nodes.items[edge] = product
        graph.edge_positions.items[edge] = position

    @cython.cfunc
    def _make_dot(self, root: cython.int) -> None:
        """Turn the chain of sums that ends at ``root`` into one dot, if the chain contains at least two products."""
        graph: Graph = self.graph
        self._find_terms(root)
        m: cython.int = self.terms.size
        products: cython.int = 0
        j: cython.int
        k: cython.int
        for k in range(m):
            products += self._is_product(k)
        if products < 2:
            for k in range(self.chain.size):
                self.done.items[self.chain.items[k]] = 1  # their chains are parts of this one
            return
        start: cython.int = graph.operands.size
        edge: cython.int = graph.edge_nodes.size
        graph.operands.resize(start + 2 * m + 1)
        graph.edge_nodes.resize(edge + 2 * m + 1)
        graph.edge_positions.resize(edge + 2 * m + 1)
        graph.starts.items[root], graph.edge_starts.items[root] = start, edge
        for k in range(m):
            j = m - 1 - k
            x: cython.int = self.terms.items[j]
            if self._is_product(j):
                self._set_operand(root, k, x, 0)
                self._set_operand(root, m + k, x, 1)
            else:
                self._set_edge(start + k, edge + k, graph.constant(self.factors.items[j]), -1, 0)
                node: cython.int = self.term_nodes.items[j]
                self._set_edge(start + m + k, edge + m + k, x, node, self.term_positions.items[j])
        self._set_edge(start + 2 * m, edge + 2 * m, self.bias, self.bias_node, self.bias_position)
        self._absorb()
        graph.rows.items[root] = DOT
        graph.counts.items[root] = 2 * m + 1
        self.changed.items[root] = 1
        self.n_changed += 1

    @cython.cfunc
    def _set_edge(self, at: cython.int, edge: cython.int, x: cython.int, node: cython.int, position: cython.int) -> None:
        self.graph.operands.items[at] = x
        self.graph.edge_nodes.items[edge] = node
        self.graph.edge_positions.items[edge] = position

    @cython.cfunc
    def _absorb(self) -> None:
        """Remove the products and sums of the chain from the graph."""
        graph: Graph = self.graph
        k: cython.int
        for k in range(self.terms.size):
            if self._is_product(k):
                self.chain.append(self.terms.items[k])
        for k in range(self.chain.size):
            graph.rows.items[self.chain.items[k]] = FUSED
            graph.counts.items[self.chain.items[k]] = 0

    @cython.cfunc
    @cython.exceptval(check=False)
    def _is_product(self, k: cython.int) -> cython.bint:
        """Return whether term k is a product that the dot may absorb."""
        return self.factors.items[k] == 1 and self._alone(self.terms.items[k], MUL)

    @cython.cfunc
    def _add_term(self, x: cython.int, factor: cython.int, node: cython.int, position: cython.int) -> None:
        self.terms.append(x)
        self.factors.append(factor)
        self.term_nodes.append(node)
        self.term_positions.append(position)

    @cython.cfunc
    def _find_terms(self, root: cython.int) -> None:
        """Find the nodes of the chain below ``root``, the terms with their factors, and the first operand: the bias."""
        graph: Graph = self.graph
        for column in (self.chain, self.terms, self.factors, self.term_nodes, self.term_positions):
            cython.cast(Ints, column).resize(0)
        at: cython.int = root
        while True:
            x: cython.int = graph.operands.items[graph.starts.items[at]]
            y: cython.int = graph.operands.items[graph.starts.items[at] + 1]
            factor: cython.int = 1 if graph.rows.items[at] == ADD else -1
            if self._alone_sum(x):
                self._add_term(y, factor, at, 1)
                at = x
            elif factor == 1 and self._alone_sum(y):
                self._add_term(x, 1, at, 0)
                at = y
            else:
                break
            self.chain.append(at)
        self.bias, self.bias_node, self.bias_position = x, at, 0
        if self._alone(x, MUL) and factor == 1 and not self._alone(y, MUL):
            self._add_term(x, 1, at, 0)
            self.bias, self.bias_position = y, 1
            return
        self._add_term(y, factor, at, 1)
        if self._alone(x, MUL):
            self._add_term(x, 1, at, 0)
            self.bias, self.bias_node = graph.constant(-0.0), -1  # -0.0 + x is x, bit for bit
