"""The graph of a trace: numbered operations, without the Values themselves.

Terms
    graph node  an operation, and the indices of the graph nodes that are its operands. Operands come first
    edge        from a graph node to an operand. In the backward pass, an edge carries a contribution to the operand's gradient
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from autograd import ops
from autograd.nodes.parts import row_and_operands
from autograd.value import Value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from autograd.compiler.tracer import Trace

    Edge = tuple[int, int]  # the index of the graph node before fusing, and the position of the operand

INPUT, PARAMETER, CONSTANT = -1, -2, -3  # stored as ``row`` of leaves
ADD, SUB, MUL, DIV, POW = ops.add.code, ops.sub.code, ops.mul.code, ops.div.code, ops.pow.code
SUM, DOT, TAKE, GATE = ops.sum.code, ops.dot.code, ops.take.code, ops.gate.code


class GraphNode:
    """One operation or leaf of a graph.

    Attributes:
        row: The code of the operation's row in the table; INPUT, PARAMETER or CONSTANT for a leaf.
        operands: Indices of graph nodes. For a dot: the left operands, the right operands, the bias. For a take: the items,
            the index.
        cut: Whether the node blocks gradients, for example a detached value.
        number: The value of a constant; the index of an input or a parameter.
        edges: For a fused node, one edge per operand, or None for a constant added by fusing. For any other node, None: its
            edges start at the node itself, see ``Graph.edges``.
    """

    __slots__ = ("cut", "edges", "number", "operands", "row")

    def __init__(
        self, row: int, operands: tuple[int, ...] = (), edges: list[Edge | None] | None = None, cut: bool = False,
        number: float = 0.0,
    ) -> None:  # fmt: skip
        self.row: int = row
        self.operands: tuple[int, ...] = operands
        self.edges: list[Edge | None] | None = edges
        self.cut: bool = cut
        self.number: float = number


class Graph:
    """The graph nodes that the results of a trace depend on.

    Attributes:
        nodes: The graph nodes, operands first. An entry becomes None when its node is fused into another node.
        parameters: The Values that the function read, in order of use.
        results: The index of each result.
        backward_order: The nodes that gradients reach, in the order in which ``backward`` visits them.
    """

    def __init__(self, trace: Trace) -> None:
        self.nodes: list[GraphNode | None] = []
        self.parameters: list[Value] = []
        self._constants: dict[bytes, int] = {}
        self._constant_nodes: set[int] = set()
        indices: dict[int, int] = {}  # by the id of the Value
        inputs = {id(value): i for i, value in enumerate(trace.inputs)}
        for value in _needed(trace):
            key = id(value)
            if key in trace.created:
                indices[key] = self.constant(value.data)
                continue
            if key in inputs:
                node = GraphNode(INPUT, number=inputs[key])
            elif key in trace.nodes:
                node = self._operation(value, indices)
            else:
                node = GraphNode(PARAMETER, number=len(self.parameters))
                self.parameters.append(value)
            indices[key] = len(self.nodes)
            self.nodes.append(node)
        self.results: list[int] = [indices[id(x)] if isinstance(x, Value) else self.constant(float(x)) for x in trace.results]
        self.backward_order: list[int] = self._find_backward_order()
        self._sort_parameters()

    def _operation(self, value: Value, indices: dict[int, int]) -> GraphNode:
        row, cut, found = row_and_operands(value)
        operands = [indices[id(x)] if isinstance(x, Value) else self.constant(x) for x in found]
        if row == SUM:  # bit for bit equal to a dot whose left operands are 1
            row, operands = DOT, [self.constant(1.0)] * len(operands) + [*operands, self.constant(0.0)]
        return GraphNode(row, tuple(operands), cut=cut)

    def _sort_parameters(self) -> None:
        """Number the parameters in order of use. This makes the weights of a neuron adjacent."""
        used = [x for node in self.nodes if node is not None for x in node.operands]
        parameters = []
        for i in dict.fromkeys(used + self.results):
            node = self.nodes[i]
            if node is not None and node.row == PARAMETER:
                parameters.append(self.parameters[int(node.number)])
                node.number = len(parameters) - 1
        self.parameters = parameters

    def _find_backward_order(self) -> list[int]:
        """Return the nodes that gradients reach, in the order in which ``backward`` visits them: depth first, from the result.

        This is not the reverse of ``nodes``, because ``backward`` skips nodes that no gradient reaches.
        """
        order: list[int] = []
        met = [0] * len(self.nodes)  # 1 while a node waits for its operands, 2 when it is in ``order``
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
        """Return the operands that may receive a gradient: all except the condition of a gate and the index of a take."""
        node = self.nodes[i]
        if node is None or node.cut:
            return ()
        return node.operands[:-1] if node.row == TAKE else node.operands[:1] if node.row == GATE else node.operands

    def constant(self, x: float) -> int:
        """Return the index of the node for a plain number. Numbers that are equal bit for bit share a node."""
        bits = struct.pack("d", x)
        if bits not in self._constants:
            self._constants[bits] = len(self.nodes)
            self._constant_nodes.add(len(self.nodes))
            self.nodes.append(GraphNode(CONSTANT, number=x))
        return self._constants[bits]

    def find_constant(self, x: float) -> int | None:
        """Return the index of the node for a plain number, or None if there is none."""
        return self._constants.get(struct.pack("d", x))

    def is_constant(self, i: int, x: float) -> bool:
        """Return whether node i is the constant ``x``."""
        return self.find_constant(x) == i

    def edges_in_order(self) -> Iterator[tuple[int, Edge]]:
        """Yield each operand that is not a constant, and the edge to it, in the order of a backward pass."""
        for i in self.backward_order:
            for operand, edge in zip(self.gradient_operands(i), self.edges(i), strict=False):
                if edge is not None and operand not in self._constant_nodes:
                    yield operand, edge

    def edges(self, i: int) -> list[Edge | None]:
        """Return one edge for each operand of a node."""
        node = self.nodes[i]
        if node is None:
            return []
        return [(i, k) for k in range(len(node.operands))] if node.edges is None else node.edges


def _needed(trace: Trace) -> list[Value]:
    """Return the Values that the results depend on, except operands of parameters that were computed before the call."""
    wanted = {id(x) for x in trace.results}
    for value in reversed(trace.order):
        if id(value) in wanted and id(value) in trace.nodes:
            wanted.update([id(x) for x in row_and_operands(value)[2]])
    return [value for value in trace.order if id(value) in wanted]
