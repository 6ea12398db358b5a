"""Lowering: turn a graph into a ``Program``. This is the last pass of ``compile``. It has four steps.

Steps
    analyze     find the nodes that are wide, active, ...           analysis.py
    lay out     choose the offset of each number                    layout.py
    emit        write one instruction per node, forward and back    this file
    group       merge instructions that run faster together         layer_groups.py, dot_runs.py
"""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING

from autograd.compiler.analysis import Analysis
from autograd.compiler.dot_runs import runs_backward, runs_forward
from autograd.compiler.graph import DOT, TAKE
from autograd.compiler.layer_groups import group_backward, group_forward
from autograd.compiler.layout import Layout
from autograd.replay import instructions
from autograd.replay.program import Program

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from autograd.compiler.graph import Graph, GraphNode

    Instruction = list[int]


def lower(
    graph: Graph, is_wide: Sequence[bool], gradients: Iterable[int] | None, of_parameters: bool, names: list[str]
) -> Program:
    """Return the program for a graph.

    Args:
        graph: The graph, fused or not.
        is_wide: For each input, whether it differs from row to row.
        gradients: The inputs whose gradients are requested; None for a program without a backward pass.
        of_parameters: Whether the gradients of the parameters are requested.
        names: The names of the parameters.
    """
    analysis = Analysis(graph, is_wide, gradients, of_parameters)
    layout = Layout(analysis)
    emitter = _Emitter(analysis, layout)
    code, sections = _pack(emitter.sections())
    root = graph.results[0] if analysis.backward else -1
    return Program(
        code=code,
        sections=sections,
        terms=emitter.terms,
        targets=emitter.targets,
        constants=layout.constants,
        n_parameters=len(graph.parameters),
        n_scalar_inputs=len(layout.scalar_inputs),
        n_wide_inputs=len(layout.wide_inputs),
        outputs=[emitter.value(i) for i in graph.results],
        root=emitter.value(root) if root >= 0 else -1,
        root_adjoint=layout.adjoint.get(root, -1),
        n_scalar_gradients=layout.n_scalar_gradients,
        input_adjoints=layout.input_adjoints,
        lanes=layout.lanes,
        work=emitter.work(),
        n_values=layout.n_values,
        n_adjoints=layout.n_adjoints,
        wide_values=layout.wide_values,
        wide_adjoints=layout.wide_adjoints,
        names=names,
        inputs=layout.scalar_inputs + layout.wide_inputs,
    )


def _pack(sections: list[list[Instruction]]) -> tuple[array[int], list[int]]:
    """Return the instructions, each padded to 8 numbers, and the index where each section starts."""
    code = array("i")
    starts = [0]
    for section in sections:
        for instruction in section:
            code.extend(instruction + [0] * (8 - len(instruction)))
        starts.append(starts[-1] + len(section))
    return code, starts


class _Emitter:
    """Writes the instructions of a program.

    Attributes:
        terms, targets: The offsets and targets that instructions with many operands refer to.
    """

    def __init__(self, analysis: Analysis, layout: Layout) -> None:
        self.analysis = analysis
        self.layout = layout
        self.graph = analysis.graph
        self.wide, self.active = analysis.wide, analysis.active
        self.terms: array[int] = array("i")
        self.targets: array[int] = array("i")
        self._made: dict[int, Instruction] = {}  # by node
        self._met: set[int] = set()  # wide adjoints that have received a contribution

    def sections(self) -> list[list[Instruction]]:
        """Return five lists: forward once, copies to lanes, forward per block, backward per block, backward once."""
        once = runs_forward([self._forward(i) for i in self.layout.scalars], self.terms)
        broadcast = [[instructions.BROADCAST, 0, place, self.value(i)] for i, place in self.layout.broadcast_value.items()]
        each = group_forward([self._forward(i) for i in self.layout.wides], self.terms)
        back_each: list[Instruction] = []
        back_once: list[Instruction] = []
        if self.analysis.backward:
            self._backward(back_each, back_once)
        back_each = group_backward(back_each, self.terms, self.targets)
        return [once, broadcast, each, back_each, runs_backward(back_once, self.terms, self.targets)]

    def work(self) -> int:
        """Return the number of loop steps per row."""
        total = 0
        for i in self.layout.wides:
            node = self.analysis.node(i)
            total += (len(node.operands) // 2 if node.row == DOT else 1) * (3 if self.active[i] else 1)
        return total

    # ---- offsets ----

    def value(self, i: int) -> int:
        """Return the offset of the value of node i."""
        return self.layout.value[self.analysis.same[i]]

    def _lane_value(self, i: int) -> int:
        """Return the offset of node i as an operand of a wide operation."""
        if self.wide[i]:
            return self.value(i)
        broadcast = self.layout.broadcast_value
        return broadcast[i] if i in broadcast else broadcast[self.analysis.same[i]]

    def _target(self, i: int, broadcast: bool = False) -> int:
        """Return the target of a contribution to the gradient of node i, or -1 to discard it.

        The target is twice the offset of the adjoint, plus 1 to overwrite the adjoint.
        """
        if not self.active[i]:
            return -1
        place = self.layout.broadcast_adjoint[i] if broadcast else self.layout.adjoint[i]
        if place < self.layout.wide_adjoints:
            return 2 * place
        first = place not in self._met
        self._met.add(place)
        return 2 * place + first

    @staticmethod
    def _put(pool: array[int], numbers: list[int]) -> int:
        """Append the numbers to the pool, unless they are already at its end, and return the index of the first."""
        start = len(pool) - len(numbers)
        if start >= 0 and pool[start:].tolist() == numbers:
            return start
        pool.extend(numbers)
        return len(pool) - len(numbers)

    # ---- forward ----

    def _forward(self, i: int) -> Instruction:
        if i not in self._made:
            self._made[i] = self._instruction(i)
        return self._made[i]

    def _instruction(self, i: int) -> Instruction:
        node = self.analysis.node(i)
        out = self.value(i)
        if node.row == DOT:
            count = len(node.operands) // 2
            neuron, swapped = self._is_neuron(node)
            places = [self.value(x) for x in node.operands[:-1]]
            if swapped:
                places = places[count:] + places[:count]
            kind = instructions.NEURON if neuron else instructions.DOT
            return [kind, node.row, out, self.value(node.operands[-1]), count, self._put(self.terms, places)]
        if node.row == TAKE:
            *items, index = [self.value(x) for x in node.operands]
            return [instructions.TAKE, node.row, out, index, len(items), self._put(self.terms, items)]
        place = self._lane_value if self.wide[i] else self.value
        operands = [place(x) for x in node.operands]
        return [instructions.UNARY if len(operands) == 1 else instructions.BINARY, node.row, out, *operands]

    def _is_neuron(self, node: GraphNode) -> tuple[bool, bool]:
        """Return whether a dot has a scalar bias, one side of scalars and one of wide numbers; and whether to swap sides."""
        count = len(node.operands) // 2
        left, right = ([self.wide[x] for x in node.operands[k : k + count]] for k in (0, count))
        if self.wide[node.operands[-1]] or not count:
            return False, False
        if not any(left) and all(right):
            return True, False
        return (True, True) if all(left) and not any(right) else (False, False)

    # ---- backward ----

    def _backward(self, each: list[Instruction], once: list[Instruction]) -> None:
        """Append the instructions of the backward pass: for wide nodes to ``each``, for scalars to ``once``."""
        for i in self.graph.backward_order:
            node = self.analysis.nodes[i]
            if node is not None and self.active[i] and any(self.active[x] for x in self.graph.gradient_operands(i)):
                code = each if self.wide[i] else once
                if node.row == DOT:
                    code.append(self._dot_back(i, node))
                elif node.row == TAKE:
                    self._take_back(i, node, code)
                else:
                    self._operation_back(i, node, code)
        for i, place in self.layout.broadcast_adjoint.items():
            if place in self._met:
                each.append([instructions.REDUCE, 0, 2 * self.layout.adjoint[i], place])

    def _operation_back(self, i: int, node: GraphNode, code: list[Instruction]) -> None:
        place = self._lane_value if self.wide[i] else self.value
        operands = [place(x) for x in node.operands]
        kinds = [instructions.UNARY_BACK] if len(operands) == 1 else [instructions.BINARY_BACK_X, instructions.BINARY_BACK_Y]
        for kind, x in zip(kinds, self.graph.gradient_operands(i), strict=False):
            if self.active[x]:
                target = self._target(x, self.wide[i] and not self.wide[x])
                code.append([kind, node.row, target, self.layout.adjoint[i], self.value(i), *operands])

    def _dot_back(self, i: int, node: GraphNode) -> Instruction:
        count = len(node.operands) // 2
        neuron, swapped = self._is_neuron(node)
        forward = self._forward(self.analysis.same[i])
        sides = [node.operands[:count], node.operands[count:-1]]
        targets = [self._target(x) for side in (reversed(sides) if swapped else sides) for x in side]
        bias = self._target(node.operands[-1])
        unguarded = self.wide[i] and not self.analysis.guarded[i]
        kind = instructions.NEURON_BACK if neuron and unguarded else instructions.DOT_BACK
        return [kind, node.row, bias, self.layout.adjoint[i], count, forward[5], self._put(self.targets, targets)]

    def _take_back(self, i: int, node: GraphNode, code: list[Instruction]) -> None:
        *items, index = node.operands
        adjoint = self.layout.adjoint
        for x in items:
            if self.active[x] and self.wide[x] and adjoint[x] not in self._met:
                self._met.add(adjoint[x])
                code.append([instructions.CLEAR, 0, 2 * adjoint[x]])
        targets = self._put(self.targets, [self._target(x) for x in items])
        code.append([instructions.TAKE_BACK, node.row, self.value(index), adjoint[i], len(items), 0, targets])
