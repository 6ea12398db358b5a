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
        fused: _Operations = _Operations(graph)
        original.restore(graph)
        contributions: _Contributions = _Contributions(graph, touched)
        fused.restore(graph)
        edges: Ints = contributions.disordered_edges(graph, fusing.changed)
        if not edges.size:
            return count
        original.restore(graph)
        _keep_senders(graph, edges, kept)


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
def _keep_senders(graph: Graph, edges: Ints, kept: Ints) -> None:
    """Add the nodes from which these edges lead to ``kept``. The graph is not fused."""
    is_wanted: Ints = Ints(graph.operands.size)
    i: cython.int
    k: cython.int
    for k in range(edges.size):
        is_wanted.items[edges.items[k]] = 1
    for i in range(kept.size):
        for k in range(graph.starts.items[i], graph.starts.items[i] + graph.counts.items[i]):
            if is_wanted.items[k]:
                kept.items[i] = 1


@cython.final
@cython.cclass
class _Operations:
    """A copy of the operations of a graph, to restore them."""

    rows: Ints
    starts: Ints
    counts: Ints

    def __init__(self, graph: Graph) -> None:
        self.rows, self.starts, self.counts = graph.rows.copy(), graph.starts.copy(), graph.counts.copy()

    @cython.cfunc
    def restore(self, graph: Graph) -> None:
        """Restore the operations. Constants that were added later stay."""
        i: cython.Py_ssize_t
        for i in range(self.rows.size):
            graph.rows.items[i] = self.rows.items[i]
            graph.starts.items[i] = self.starts.items[i]
            graph.counts.items[i] = self.counts.items[i]


@cython.final
@cython.cclass
class _Contributions:
    """The contributions to the gradients of the wanted nodes, in the order of a backward pass.

    The contributions to node i are ``edges``, from ``starts[i]`` to ``starts[i + 1] - 1``.
    """

    wanted: Ints
    starts: Ints
    edges: Ints

    def __init__(self, graph: Graph, wanted: Ints) -> None:
        self.wanted, self.starts, self.edges = wanted, Ints(wanted.size + 1), Ints()
        i: cython.int
        j: cython.int
        k: cython.int
        for j in range(graph.backward_order.size):
            i = graph.backward_order.items[j]
            for k in range(graph.starts.items[i], graph.starts.items[i] + graph.n_gradients(i)):
                if self._is_wanted(graph, k):
                    self.starts.items[graph.operands.items[k] + 1] += 1
        for i in range(wanted.size):
            self.starts.items[i + 1] += self.starts.items[i]
        self.edges.resize(self.starts.items[wanted.size])
        free: Ints = self.starts.copy()  # where the next contribution to each node is stored
        for j in range(graph.backward_order.size):
            i = graph.backward_order.items[j]
            for k in range(graph.starts.items[i], graph.starts.items[i] + graph.n_gradients(i)):
                if self._is_wanted(graph, k):
                    self.edges.items[free.items[graph.operands.items[k]]] = graph.edges.items[k]
                    free.items[graph.operands.items[k]] += 1

    @cython.cfunc
    @cython.exceptval(check=False)
    def _is_wanted(self, graph: Graph, k: cython.int) -> cython.bint:
        """Return whether operand k is wanted and not a constant."""
        x: cython.int = graph.operands.items[k]
        return self.wanted.items[x] and graph.rows.items[x] != CONSTANT and graph.edges.items[k] >= 0

    @cython.cfunc
    def disordered_edges(self, graph: Graph, changed: Ints) -> Ints:
        """Return the edges from changed nodes to nodes that receive their contributions in another order in this graph."""
        disordered: Ints = self._disordered(graph)
        edges: Ints = Ints()
        i: cython.int
        k: cython.int
        for i in range(changed.size):
            if changed.items[i]:
                for k in range(graph.starts.items[i], graph.starts.items[i] + graph.n_gradients(i)):
                    if disordered.items[graph.operands.items[k]] and graph.edges.items[k] >= 0:
                        edges.append(graph.edges.items[k])
        return edges

    @cython.cfunc
    def _disordered(self, graph: Graph) -> Ints:
        """Return for each node whether it receives three or more contributions, and in another order in this graph.

        Two contributions may be added in either order: x + y equals y + x.
        """
        disordered: Ints = Ints(self.wanted.size)
        place: Ints = self.starts.copy()  # of the next contribution to each node
        i: cython.int
        j: cython.int
        k: cython.int
        x: cython.int
        for j in range(graph.backward_order.size):
            i = graph.backward_order.items[j]
            for k in range(graph.starts.items[i], graph.starts.items[i] + graph.n_gradients(i)):
                if self._is_wanted(graph, k):
                    x = graph.operands.items[k]
                    if place.items[x] == self.starts.items[x + 1] or self.edges.items[place.items[x]] != graph.edges.items[k]:
                        disordered.items[x] = 1
                    else:
                        place.items[x] += 1
        for x in range(self.wanted.size):
            count: cython.int = self.starts.items[x + 1] - self.starts.items[x]
            if count <= 2:
                disordered.items[x] = 0
            elif place.items[x] < self.starts.items[x + 1]:
                disordered.items[x] = 1
        return disordered


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
    term_nodes: Ints  # the sums that have them as operands, and the position of the operand
    term_positions: Ints
    bias_node: cython.int  # the sum that has the bias as an operand; -1 if the bias is -0.0
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
        new: cython.int = graph.operands.size
        graph.operands.extend(graph.operands, start, 2 * count + 1)
        graph.edges.extend(graph.edges, start, 2 * count + 1)
        graph.starts.items[i] = new
        for k in range(count):
            product: cython.int = graph.operands.items[start + count + k]
            if graph.operands.items[start + k] == one and self._alone(product, MUL):
                self._copy_operand(new + k, product, 0)
                self._copy_operand(new + count + k, product, 1)
                graph.rows.items[product] = FUSED
                graph.counts.items[product] = 0
        self.changed.items[i] = 1
        self.n_changed += 1

    @cython.cfunc
    def _copy_operand(self, k: cython.int, i: cython.int, position: cython.int) -> None:
        """Store an operand of node i, and its edge, as operand k."""
        graph: Graph = self.graph
        start: cython.int = graph.starts.items[i]
        graph.operands.items[k] = graph.operands.items[start + position]
        graph.edges.items[k] = graph.edges.items[start + position]

    @cython.cfunc
    def _set_constant(self, k: cython.int, number: cython.double) -> None:
        """Store a constant as operand k. It needs no edge."""
        node: cython.int = self.graph.constant(number)
        self.graph.operands.items[k] = node
        self.graph.edges.items[k] = -1

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
        graph.operands.resize(start + 2 * m + 1)
        graph.edges.resize(start + 2 * m + 1)
        for k in range(m):
            j = m - 1 - k
            if self._is_product(j):
                self._copy_operand(start + k, self.terms.items[j], 0)
                self._copy_operand(start + m + k, self.terms.items[j], 1)
            else:
                self._set_constant(start + k, self.factors.items[j])
                self._copy_operand(start + m + k, self.term_nodes.items[j], self.term_positions.items[j])
        if self.bias_node >= 0:
            self._copy_operand(start + 2 * m, self.bias_node, self.bias_position)
        else:
            self._set_constant(start + 2 * m, -0.0)  # -0.0 + x is x, bit for bit
        self._absorb()
        graph.rows.items[root] = DOT
        graph.starts.items[root] = start
        graph.counts.items[root] = 2 * m + 1
        self.changed.items[root] = 1
        self.n_changed += 1

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
        self.bias_node, self.bias_position = at, 0
        if self._alone(x, MUL) and factor == 1 and not self._alone(y, MUL):
            self._add_term(x, 1, at, 0)
            self.bias_position = 1
            return
        self._add_term(y, factor, at, 1)
        if self._alone(x, MUL):
            self._add_term(x, 1, at, 0)
            self.bias_node = -1
            graph.constant(-0.0)
