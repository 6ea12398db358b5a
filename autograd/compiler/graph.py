"""A recorded graph as a list of steps, and chains of sums of products fused into ``dot``: the first half of ``compile``.

    step        an operation and the numbers of the steps that are its operands, which come first
    edge        from a step to one of its operands; backward, a contribution to the gradient of that operand

Fusing changes no bit. ``b + w1 * x1 + w2 * x2`` and ``dot([w1, w2], [x1, x2], b)`` compute the same in the same order; and
the contributions to each gradient must also be added in the order in which ``backward`` adds them, which is made sure of.
"""

from __future__ import annotations

import struct
from collections import defaultdict
from typing import TYPE_CHECKING

from autograd import ops
from autograd.nodes.parts import row_and_operands
from autograd.value import Value

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    Edge = tuple[int, int]  # the step it came from before fusing, and which of the operands there

INPUT, PARAMETER, CONSTANT = -1, -2, -3  # the rows of leaves
ADD, SUB, MUL = ops.add.code, ops.sub.code, ops.mul.code
SUM, DOT, TAKE, GATE = ops.sum.code, ops.dot.code, ops.take.code, ops.gate.code


class Step:
    """One step of a graph.

    Attributes:
        row: the number of its row in the table, or one of the three for leaves.
        operands: numbers of steps. Of a dot all left ones, all right ones, and the bias; of a take the items and the index.
        cut: whether no gradient passes, as for what was computed within ``no_grad``.
        number: of a constant the number; of an input or a parameter, which one it is.
        edges: of a fused step, one for each operand, None where it is a constant that fusing brought in; of any other step
            None: its own, see ``Graph.edges``.
    """

    __slots__ = ("cut", "edges", "number", "operands", "row")

    def __init__(
        self, row: int, operands: tuple[int, ...] = (), edges: list[Edge | None] | None = None, cut: bool = False,
        number: float = 0.0,
    ) -> None:  # fmt: skip
        self.row = row
        self.operands = operands
        self.edges = edges
        self.cut = cut
        self.number = number


class Graph:
    """The steps that some results need.

    Args:
        order: the nodes, operands first, in the order in which ``backward`` goes through them from the end.
        results: Values and floats.
        inputs: the leaves that stand for the arguments.
        recorded: the ids of the nodes that were recorded with them; whatever else there is is a parameter.
    """

    def __init__(
        self, order: Sequence[Value], results: Sequence[Value | float], inputs: list[Value], recorded: set[int]
    ) -> None:
        self.steps: list[Step | None] = []
        self.parameters: list[Value] = []
        self._constants: dict[bytes, int] = {}
        self._constant_steps: set[int] = set()
        numbers: dict[int, int] = {}
        inputs_by_id = {id(node): i for i, node in enumerate(inputs)}
        for node in _needed(order, results, recorded):
            key = id(node)
            if key in inputs_by_id:
                step = Step(INPUT, number=inputs_by_id[key])
            elif key not in recorded:
                step = Step(PARAMETER, number=len(self.parameters))
                self.parameters.append(node)
            else:
                row, cut, found = row_and_operands(node)
                operands = [numbers[id(x)] if isinstance(x, Value) else self.constant(x) for x in found]
                if row == SUM:  # a dot whose left operands are 1 gives the same bits
                    row, operands = DOT, [self.constant(1.0)] * len(operands) + [*operands, self.constant(0.0)]
                step = Step(row, tuple(operands), cut=cut)
            numbers[key] = len(self.steps)
            self.steps.append(step)
        self.results = [numbers[id(x)] if isinstance(x, Value) else self.constant(float(x)) for x in results]
        self.backward_order = self._backward_order()

    def _backward_order(self) -> list[int]:
        """The steps that gradients reach, in the order in which ``backward`` serves them: depth first, from the end.

        It is not that of ``steps`` reversed, because ``backward`` does not enter what no gradient reaches.
        """
        order: list[int] = []
        met = [0] * len(self.steps)  # 1 while a step waits for its operands, 2 when it is in order
        waiting = self.results[:1]
        while waiting:
            i = waiting[-1]
            if met[i] == 0:
                met[i] = 1
                waiting += [x for x in reversed(self.gradient_operands(i)) if met[x] == 0]
            else:
                waiting.pop()
                if met[i] == 1:
                    met[i] = 2
                    order.append(i)
        return order[::-1]

    def gradient_operands(self, i: int) -> tuple[int, ...]:
        """The operands that a gradient may pass to: not the one that opens a gate or says which item."""
        step = self.steps[i]
        if step is None or step.cut:
            return ()
        return step.operands[:-1] if step.row == TAKE else step.operands[:1] if step.row == GATE else step.operands

    def constant(self, x: float) -> int:
        """The step for a plain number: one for all that have the same bits."""
        bits = struct.pack("d", x)
        if bits not in self._constants:
            self._constants[bits] = len(self.steps)
            self._constant_steps.add(len(self.steps))
            self.steps.append(Step(CONSTANT, number=x))
        return self._constants[bits]

    def is_constant(self, i: int, x: float) -> bool:
        """Whether step i is this number."""
        return self._constants.get(struct.pack("d", x)) == i

    def edges_in_order(self) -> Iterator[tuple[int, Edge]]:
        """Each operand that is no constant, and the edge to it, as a backward pass meets them."""
        for i in self.backward_order:
            for operand, edge in zip(self.gradient_operands(i), self.edges(i), strict=False):
                if edge is not None and operand not in self._constant_steps:
                    yield operand, edge

    def edges(self, i: int) -> list[Edge | None]:
        """One for each operand of a step."""
        step = self.steps[i]
        if step is None:
            return []
        return [(i, k) for k in range(len(step.operands))] if step.edges is None else step.edges


def _needed(order: Sequence[Value], results: Sequence[Value | float], recorded: set[int]) -> list[Value]:
    """Those that the results need, not counting what is below a parameter that was itself computed."""
    wanted = {id(x) for x in results}
    for node in reversed(order):
        if id(node) in wanted and id(node) in recorded:
            wanted.update([id(x) for x in row_and_operands(node)[2]])
    return [node for node in order if id(node) in wanted]


# ---- fusing --------------------------------------------------------------------------------------------------------


def fuse(graph: Graph) -> None:
    """Make dots of the sums of products in the graph, wherever that changes no bit."""
    original = list(graph.steps)
    refused: set[int] = set()
    while True:
        _Fusing(graph, refused).run()
        fused = [i for i, step in enumerate(original) if graph.steps[i] is not step and graph.steps[i] is not None]
        touched = {x for i in fused for x in graph.gradient_operands(i)}
        now = _contributions(graph, touched)
        fused_steps, graph.steps = graph.steps, original
        before = _contributions(graph, touched)
        graph.steps = fused_steps
        # Two contributions may come in either order: x + y is y + x.
        disordered = {x for x in touched if len(before[x]) > 2 and now[x] != before[x]}
        if not disordered:
            return
        refused.update([i for i in fused if not disordered.isdisjoint(graph.gradient_operands(i))])
        graph.steps[: len(original)] = original


def _contributions(graph: Graph, wanted: set[int]) -> dict[int, list[Edge]]:
    """What is added to the gradients of these steps, in order."""
    found: dict[int, list[Edge]] = defaultdict(list)
    if wanted:
        for operand, edge in graph.edges_in_order():
            if operand in wanted:
                found[operand].append(edge)
    return found


class _Fusing:
    """One go over a graph from the results down, in which each step not ``refused`` may become a dot."""

    def __init__(self, graph: Graph, refused: set[int]) -> None:
        self.graph = graph
        self.steps = graph.steps
        self.refused = refused
        self.uses = [0] * len(self.steps)
        for step in self.steps:
            for operand in step.operands if step is not None else ():
                self.uses[operand] += 1
        for result in graph.results:
            self.uses[result] += 2  # must stay

    def run(self) -> None:
        """Fuse."""
        for i in range(len(self.uses) - 1, -1, -1):
            step = self.steps[i]
            if step is None or step.cut or i in self.refused:
                continue
            if step.row == DOT:
                self._add_products(i, step)
            elif step.row in (ADD, SUB):
                self._make_dot(i)

    def _alone(self, i: int, *rows: int) -> bool:
        """Whether step i is of one of these rows, and used only here."""
        step = self.steps[i]
        return step is not None and step.row in rows and self.uses[i] == 1 and not step.cut

    def _add_products(self, i: int, dot: Step) -> None:
        """In a sum, which is a dot with weights of 1: a product, used only here, becomes two operands."""
        count = len(dot.operands) // 2
        operands, edges = list(dot.operands), [*self.graph.edges(i)]
        for k in range(count):
            product = operands[count + k]
            if self.graph.is_constant(operands[k], 1.0) and self._alone(product, MUL):
                operands[k], operands[count + k] = self._operands(product)
                edges[k], edges[count + k] = (product, 0), (product, 1)
                self.steps[product] = None
                self.steps[i] = Step(DOT, tuple(operands), edges)

    def _operands(self, i: int) -> tuple[int, ...]:
        step = self.steps[i]
        assert step is not None
        return step.operands

    def _make_dot(self, root: int) -> None:
        """Of a chain of sums that ends here: one dot, if there are two products or more in it."""
        chain, terms, bias = self._terms(root)
        products = [x for x, factor, _ in terms if factor == 1.0 and self._alone(x, MUL)]
        if len(products) < 2:
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
            self.steps[x] = None
        self.steps[root] = Step(DOT, (*left, *right, bias[0]), [*edges[0], *edges[1], bias[1]])

    def _terms(self, root: int) -> tuple[list[int], list[tuple[int, float, Edge]], tuple[int, Edge | None]]:
        """The steps between root and the end of the chain; what is added, in order, with its factor; what it begins with."""
        chain: list[int] = []
        terms: list[tuple[int, float, Edge]] = []
        at = root
        while True:
            x, y = self._operands(at)
            step = self.steps[at]
            assert step is not None
            adds = step.row == ADD
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
                first = self.graph.constant(-0.0), None  # adding to it changes no bit
        return chain, terms[::-1], first
