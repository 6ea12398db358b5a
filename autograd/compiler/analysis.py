"""Properties of graph nodes that lowering needs for one program.

    wide        the value differs from row to row; all other nodes are scalars
    wanted      a leaf whose gradient is requested
    active      a node on a path from the result to a wanted leaf; backward computes its adjoint
    guarded     an active node that the gradient may not reach in every row, because each path passes a gate, a take or
                another row that blocks. The latter only matters if a partial on the way to the leaves may be infinite

An operation that is applied twice to the same operands is computed once, and an operation that does not change its operand is
not computed (see ``identities.py``). The adjoints stay separate, because adding them first would change the last bits of the
gradients.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from autograd import ops
from autograd.compiler.graph import GATE, INPUT, PARAMETER, TAKE
from autograd.compiler.identities import Identities

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from autograd.compiler.graph import Graph, GraphNode

_TAME = frozenset([row.code for row in ops.TAME])


class Analysis:
    """The properties of all nodes of a graph.

    Args:
        graph: The graph, fused or not.
        is_wide: For each input, whether it differs from row to row.
        gradients: The inputs whose gradients are requested; None for a program without a backward pass.
        of_parameters: Whether the gradients of the parameters are requested.

    Attributes:
        backward: Whether there is a backward pass.
        same: For each node, the first node with the same value.
        needed: For each node, whether its value is computed. Identities make some nodes superfluous.
        wide, active, guarded: For each node, whether it has this property. See the top of this file.
    """

    def __init__(self, graph: Graph, is_wide: Sequence[bool], gradients: Iterable[int] | None, of_parameters: bool) -> None:
        self.graph = graph
        self.nodes: list[GraphNode | None] = graph.nodes
        self.is_wide_input = is_wide
        self.backward: bool = gradients is not None
        self.gradients: list[int] = list(gradients or ())
        self.of_parameters = of_parameters
        self.wide: list[bool] = [False] * len(self.nodes)
        self.same: list[int] = list(range(len(self.nodes)))
        self._find_wide_and_same()
        self.needed: list[bool] = [self.backward] * len(self.nodes)  # a backward pass may use all values
        self._find_needed()
        self.active: list[bool] = [False] * len(self.nodes)
        self.guarded: list[bool] = [True] * len(self.nodes)
        if self.backward:
            self._find_active(self._leads_to_wanted())

    def node(self, i: int) -> GraphNode:
        """Return node i, which was not fused away."""
        node = self.nodes[i]
        assert node is not None
        return node

    def _find_wide_and_same(self) -> None:
        identities = Identities(self.graph, self.same, self.backward)
        known: dict[tuple[int, ...], int] = {}
        for i, node in enumerate(self.nodes):
            if node is None:
                continue
            if node.row == INPUT:
                self.wide[i] = self.is_wide_input[int(node.number)]
            elif node.operands:
                key = (node.row, *[self.same[x] for x in node.operands])
                same = identities.find(*key) if len(key) == 3 else None
                self.same[i] = known.setdefault(key, i) if same is None else same
                self.wide[i] = self.wide[same] if same is not None else any(self.wide[x] for x in node.operands)

    def _find_needed(self) -> None:
        for result in self.graph.results:
            self.needed[self.same[result]] = True
        for i in range(len(self.nodes) - 1, -1, -1):
            node = self.nodes[i]
            if node is not None and self.needed[i]:
                for x in node.operands:
                    self.needed[self.same[x]] = True

    def _leads_to_wanted(self) -> list[bool]:
        leads = [False] * len(self.nodes)
        wanted_inputs = set(self.gradients)
        for i, node in enumerate(self.nodes):
            if node is None:
                continue
            if node.row == PARAMETER:
                leads[i] = self.of_parameters
            elif node.row == INPUT:
                leads[i] = int(node.number) in wanted_inputs
            else:
                leads[i] = any(leads[x] for x in self.graph.gradient_operands(i))
        return leads

    def _is_exposed(self, leads: list[bool]) -> list[bool]:
        """Return for each node whether a partial that may be infinite is on a path from it to a wanted leaf."""
        exposed = [False] * len(self.nodes)
        for i, node in enumerate(self.nodes):
            below = [x for x in self.graph.gradient_operands(i) if leads[x]]
            if node is not None and below:
                exposed[i] = node.row not in _TAME or any(exposed[x] for x in below)
        return exposed

    def _find_active(self, leads: list[bool]) -> None:
        root, exposed = self.graph.results[0], self._is_exposed(leads)
        self.active[root], self.guarded[root] = leads[root], False
        for i in self.graph.backward_order:
            node = self.nodes[i]
            if node is not None and self.active[i]:
                for x in self.graph.gradient_operands(i):
                    if leads[x]:
                        self.active[x] = True
                        blocks = node.row in (GATE, TAKE) or (exposed[x] and ops.ROWS[node.row].blocks)
                        if not blocks and not self.guarded[i]:
                            self.guarded[x] = False
