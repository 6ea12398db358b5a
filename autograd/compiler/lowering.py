"""From steps to a program: the second half of what ``compile`` does once, after recording.

    wide        a step whose value differs from row to row; all others are scalars
    wanted      a leaf whose gradient is asked for
    active      a step that a gradient reaches on its way to a wanted leaf
    guarded     an active step that a gradient may fail to reach in some rows, as all ways to it lead through gates
    place       the offset of a number among the values, or among the adjoints

Values that are computed twice by the same operation from the same operands are computed once; their adjoints stay apart,
because adding them up first would change bits.
"""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING

from autograd.compiler.dot_runs import runs_backward, runs_forward, side_by_side
from autograd.compiler.graph import CONSTANT, DOT, GATE, INPUT, PARAMETER, TAKE, Graph, Step
from autograd.compiler.layer_groups import group_backward, group_forward
from autograd.replay import instructions
from autograd.replay.program import Program

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

BLOCK = 768 * 1024  # bytes that the numbers of a block should fit into, so that they stay in the second cache
MOST_LANES = 248


def lower(
    graph: Graph, is_wide: Sequence[bool], gradients: Iterable[int] | None, of_parameters: bool, names: list[str]
) -> Program:
    """The program for a graph.

    Args:
        graph: fused or not.
        is_wide: of each input, whether it differs from row to row.
        gradients: the inputs whose gradients are wanted, or None if there is to be no backward pass at all.
        of_parameters: whether those of the parameters are wanted.
        names: of the parameters.
    """
    return _Lowering(graph, is_wide, gradients, of_parameters).program(names)


class _Lowering:
    def __init__(self, graph: Graph, is_wide: Sequence[bool], gradients: Iterable[int] | None, of_parameters: bool) -> None:
        self.graph = graph
        self.steps = graph.steps
        self.is_wide_input = is_wide
        self.backward = gradients is not None
        self.gradients = list(gradients or ())
        self.of_parameters = of_parameters
        self.n_parameters = len(graph.parameters)
        self.wide = [False] * len(self.steps)
        self.same = list(range(len(self.steps)))  # the first step with the same value
        self._find_wide_and_same()
        self.active = [False] * len(self.steps)
        self.guarded = [True] * len(self.steps)
        if self.backward:
            self._find_active(self._leads_to_wanted())
        self.terms: array[int] = array("i")
        self.targets: array[int] = array("i")
        self._made: dict[int, list[int]] = {}  # by step
        self.work = 0

    # ---- what each step is ----

    def _find_wide_and_same(self) -> None:
        known: dict[tuple[int, ...], int] = {}
        for i, step in enumerate(self.steps):
            if step is None:
                continue
            if step.row == INPUT:
                self.wide[i] = self.is_wide_input[int(step.number)]
            elif step.operands:
                self.wide[i] = any(self.wide[x] for x in step.operands)
                self.same[i] = known.setdefault((step.row, *[self.same[x] for x in step.operands]), i)

    def _wanted(self, step: Step) -> bool:
        return (step.row == PARAMETER and self.of_parameters) or (step.row == INPUT and int(step.number) in self.gradients)

    def _leads_to_wanted(self) -> list[bool]:
        leads = [False] * len(self.steps)
        for i, step in enumerate(self.steps):
            if step is not None:
                leads[i] = self._wanted(step) or any(leads[x] for x in self.graph.gradient_operands(i))
        return leads

    def _find_active(self, leads: list[bool]) -> None:
        root = self.graph.results[0]
        self.active[root], self.guarded[root] = leads[root], False
        for i in self.graph.backward_order:
            step = self.steps[i]
            if step is not None and self.active[i]:
                for x in self.graph.gradient_operands(i):
                    if leads[x]:
                        self.active[x] = True
                        if step.row not in (GATE, TAKE) and not self.guarded[i]:
                            self.guarded[x] = False

    # ---- where the numbers lie ----

    def _lay_out(self) -> None:
        steps, same = self.steps, self.same
        leaves: dict[int, list[int]] = {CONSTANT: [], PARAMETER: [], INPUT: []}
        scalars: list[int] = []
        wides: list[int] = []
        for i, step in enumerate(steps):
            if step is None:
                continue
            if step.row in leaves:
                leaves[step.row].append(i)
            elif same[i] == i:
                (wides if self.wide[i] else scalars).append(i)
        by_place = side_by_side(steps, self.wide)
        self.constants = array("d", [self._step(i).number for i in leaves[CONSTANT]])
        input_steps = {int(self._step(i).number): i for i in leaves[INPUT]}
        self.scalar_inputs = [j for j, is_wide in enumerate(self.is_wide_input) if not is_wide]
        self.wide_inputs = [j for j, is_wide in enumerate(self.is_wide_input) if is_wide]
        self.scalar_steps, self.wide_steps = scalars, wides
        self.spread = self._find_spread()

        self.value: dict[int, int] = {i: place for place, i in enumerate(leaves[CONSTANT])}
        next_place = len(self.constants)
        self.value.update({i: next_place + int(self._step(i).number) for i in leaves[PARAMETER]})
        next_place += self.n_parameters
        self.value.update({input_steps[j]: next_place + k for k, j in enumerate(self.scalar_inputs) if j in input_steps})
        next_place += len(self.scalar_inputs)
        computed = set(scalars)
        self.value.update({i: next_place + k for k, i in enumerate([i for i in by_place if i in computed])})
        self.wide_values = _up(next_place + len(scalars))

        # Adjoints: first those that are asked for, then those of other scalars, then the wide ones.
        wanted = [(PARAMETER, k) for k in range(self.n_parameters if self.of_parameters else 0)]
        wanted += [(INPUT, j) for j in self.gradients if not self.is_wide_input[j]]
        self.n_found = len(wanted) if self.backward else 0
        places = {key: place for place, key in enumerate(wanted)}
        self.adjoint: dict[int, int] = {}
        active_wide = []
        next_place = len(wanted)
        for i in by_place:
            step = self._step(i)
            if not self.active[i]:
                continue
            if self.wide[i]:
                active_wide.append(i)
            elif (step.row, int(step.number)) in places and step.row in leaves:
                self.adjoint[i] = places[step.row, int(step.number)]
            else:
                self.adjoint[i] = next_place
                next_place += 1
        self.wide_adjoints = _up(next_place)

        spread_back = [i for i in self.spread if self.active[i]]
        n_values = len(self.wide_inputs) + len(self.spread) + len(wides)
        n_adjoints = len(active_wide) + len(spread_back)
        self.lanes = _lanes(8 * (n_values + n_adjoints))
        starts = [self.wide_values + k * self.lanes for k in range(n_values)]
        self.value.update({input_steps[j]: starts[k] for k, j in enumerate(self.wide_inputs) if j in input_steps})
        n = len(self.wide_inputs)
        self.spread_value = {i: starts[n + k] for k, i in enumerate(self.spread)}
        n += len(self.spread)
        self.value.update({i: starts[n + k] for k, i in enumerate(wides)})
        starts = [self.wide_adjoints + k * self.lanes for k in range(n_adjoints)]
        self.adjoint.update(zip(active_wide, starts, strict=False))
        self.spread_adjoint = dict(zip(spread_back, starts[len(active_wide) :], strict=True))
        self.n_values = self.wide_values + n_values * self.lanes
        self.n_adjoints = self.wide_adjoints + n_adjoints * self.lanes
        self.input_adjoints = [self.adjoint.get(input_steps.get(j, -1), -1) for j in self.gradients if self.is_wide_input[j]]

    def _find_spread(self) -> list[int]:
        """Scalars that meet a wide operand in an operation other than a dot: they are copied to all lanes first."""
        found: dict[int, None] = {}
        for i, step in enumerate(self.steps):
            if step is not None and self.wide[i] and step.row not in (DOT, TAKE):
                found.update((self.same[x], None) if not self.wide[x] else (x, None) for x in step.operands if not self.wide[x])
        for i, step in enumerate(self.steps):  # whose gradients are apart are copied apart
            if step is not None and self.wide[i] and step.row not in (DOT, TAKE):
                found.update((x, None) for x in step.operands if not self.wide[x] and self.active[x])
        return list(found)

    def _step(self, i: int) -> Step:
        step = self.steps[i]
        assert step is not None
        return step

    def _value(self, i: int) -> int:
        return self.value[self.same[i]]

    def _lane_value(self, i: int) -> int:
        """The place of an operand in an operation on lanes."""
        if self.wide[i]:
            return self._value(i)
        return self.spread_value[i] if i in self.spread_value else self.spread_value[self.same[i]]

    # ---- instructions ----

    def program(self, names: list[str]) -> Program:
        """All of it."""
        self._lay_out()
        once = runs_forward([self._forward(i) for i in self.scalar_steps], self.terms)
        spread = [[instructions.BROADCAST, 0, place, self._value(i)] for i, place in self.spread_value.items()]
        each = group_forward([self._forward(i) for i in self.wide_steps], self.terms)
        self.work = sum(self._size(i) for i in self.wide_steps)
        self.met: set[int] = set()  # adjoints of lanes that something was put to
        self.back_each: list[list[int]] = []
        self.back_once: list[list[int]] = []
        if self.backward:
            self._backward()
        back_each = group_backward(self.back_each, self.terms, self.targets)
        sections = [once, spread, each, back_each, runs_backward(self.back_once, self.terms, self.targets)]
        code = array("i")
        starts = [0]
        for section in sections:
            for instruction in section:
                code.extend(instruction + [0] * (8 - len(instruction)))
            starts.append(starts[-1] + len(section))
        root = self.graph.results[0] if self.backward else -1
        return Program(
            code=code,
            sections=starts,
            terms=self.terms,
            targets=self.targets,
            constants=self.constants,
            n_parameters=self.n_parameters,
            n_scalar_inputs=len(self.scalar_inputs),
            n_wide_inputs=len(self.wide_inputs),
            outputs=[self._value(i) for i in self.graph.results],
            root=self._value(root) if root >= 0 else -1,
            root_adjoint=self.adjoint.get(root, -1),
            n_scalar_gradients=self.n_found,
            input_adjoints=self.input_adjoints,
            lanes=self.lanes,
            work=self.work,
            n_values=self.n_values,
            n_adjoints=self.n_adjoints,
            wide_values=self.wide_values,
            wide_adjoints=self.wide_adjoints,
            names=names,
            inputs=self.scalar_inputs + self.wide_inputs,
        )

    def _size(self, i: int) -> int:
        step = self._step(i)
        return (len(step.operands) // 2 if step.row == DOT else 1) * (3 if self.active[i] else 1)

    def _is_neuron(self, step: Step) -> tuple[bool, bool]:
        """Whether a dot has scalars (and the bias) on one side, wide numbers on the other; and whether to swap these."""
        count = len(step.operands) // 2
        left, right = ([self.wide[x] for x in step.operands[k : k + count]] for k in (0, count))
        if self.wide[step.operands[-1]] or not count:
            return False, False
        if not any(left) and all(right):
            return True, False
        return (True, True) if all(left) and not any(right) else (False, False)

    def _forward(self, i: int) -> list[int]:
        if i not in self._made:
            self._made[i] = self._instruction(i)
        return self._made[i]

    def _instruction(self, i: int) -> list[int]:
        step = self._step(i)
        out = self._value(i)
        if step.row == DOT:
            count = len(step.operands) // 2
            neuron, swapped = self._is_neuron(step)
            places = [self._value(x) for x in step.operands[:-1]]
            if swapped:
                places = places[count:] + places[:count]
            kind = instructions.NEURON if neuron else instructions.DOT
            return [kind, step.row, out, self._value(step.operands[-1]), count, self._put(self.terms, places)]
        if step.row == TAKE:
            *items, index = [self._value(x) for x in step.operands]
            return [instructions.TAKE, step.row, out, index, len(items), self._put(self.terms, items)]
        place = self._lane_value if self.wide[i] else self._value
        operands = [place(x) for x in step.operands]
        return [instructions.UNARY if len(operands) == 1 else instructions.BINARY, step.row, out, *operands]

    @staticmethod
    def _put(pool: array[int], numbers: list[int]) -> int:
        """Add the numbers to the pool, unless the latest there are the same; returns where they begin."""
        start = len(pool) - len(numbers)
        if start >= 0 and pool[start:].tolist() == numbers:
            return start
        pool.extend(numbers)
        return len(pool) - len(numbers)

    def _backward(self) -> None:
        for i in self.graph.backward_order:
            step = self.steps[i]
            if step is not None and self.active[i] and any(self.active[x] for x in self.graph.gradient_operands(i)):
                code = self.back_each if self.wide[i] else self.back_once
                if step.row == DOT:
                    code.append(self._dot_back(i, step))
                elif step.row == TAKE:
                    self._take_back(i, step, code)
                else:
                    self._give(i, step, code)
        for i, place in self.spread_adjoint.items():
            if place in self.met:
                self.back_each.append([instructions.REDUCE, 0, 2 * self.adjoint[i], place])

    def _target(self, i: int, spread: bool = False) -> int:
        if not self.active[i]:
            return -1
        place = self.spread_adjoint[i] if spread else self.adjoint[i]
        if place < self.wide_adjoints:
            return 2 * place
        first = place not in self.met
        self.met.add(place)
        return 2 * place + first

    def _give(self, i: int, step: Step, code: list[list[int]]) -> None:
        place = self._lane_value if self.wide[i] else self._value
        operands = [place(x) for x in step.operands]
        kinds = [instructions.UNARY_BACK] if len(operands) == 1 else [instructions.BINARY_BACK_X, instructions.BINARY_BACK_Y]
        for kind, x in zip(kinds, self.graph.gradient_operands(i), strict=False):
            if self.active[x]:
                target = self._target(x, self.wide[i] and not self.wide[x])
                code.append([kind, step.row, target, self.adjoint[i], self._value(i), *operands])

    def _dot_back(self, i: int, step: Step) -> list[int]:
        count = len(step.operands) // 2
        neuron, swapped = self._is_neuron(step)
        forward = self._forward(self.same[i])
        sides = [step.operands[:count], step.operands[count:-1]]
        targets = [self._target(x) for side in (reversed(sides) if swapped else sides) for x in side]
        bias = self._target(step.operands[-1])
        kind = instructions.NEURON_BACK if neuron and self.wide[i] and not self.guarded[i] else instructions.DOT_BACK
        return [kind, step.row, bias, self.adjoint[i], count, forward[5], self._put(self.targets, targets)]

    def _take_back(self, i: int, step: Step, code: list[list[int]]) -> None:
        *items, index = step.operands
        for x in items:
            if self.active[x] and self.wide[x] and self.adjoint[x] not in self.met:
                self.met.add(self.adjoint[x])
                code.append([instructions.CLEAR, 0, 2 * self.adjoint[x]])
        targets = [self._target(x) for x in items]
        code.append(
            [
                instructions.TAKE_BACK,
                step.row,
                self._value(index),
                self.adjoint[i],
                len(items),
                0,
                self._put(self.targets, targets),
            ]
        )


def _up(place: int) -> int:
    """The next multiple of 8."""
    return -(-place // 8) * 8


def _lanes(bytes_a_lane: int) -> int:
    """How many lanes a block has: an odd multiple of 8, as numbers a power of two apart push each other out of the cache."""
    lanes = min(MOST_LANES, BLOCK // max(1, bytes_a_lane)) // 8
    return 8 * max(1, lanes - (lanes % 2 == 0))
