"""A tape: the recorded operations of a function, with exact numbers.

A tape can be evaluated again for other exact inputs, without calling the function and with unchanged floats. It can be swept
backward for the gradient, with two kinds of partial derivatives:

    rules    the rules of the table, applied to the exact numbers
    saved    the partials that the engine saved when it recorded the node, which are floats

An operation that cannot be evaluated exactly is opaque: near the point it is replaced by its tangent, whose slope is the stated
partial if differences of floats confirm it.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from autograd import ops
from autograd.base.real import evaluate as evaluate_floats
from autograd.checking import exact
from autograd.checking.differences import Measurement, measure
from autograd.checking.exact import ONE, ZERO, Number, from_float
from autograd.checking.slopes import rounding
from autograd.nodes.parts import partials_of
from autograd.value import Value

SUM, DOT, GATE = ops.sum.code, ops.dot.code, ops.gate.code
DETACH, NO_GRAD, GATED = "detach()", "no_grad()", "a closed gate"
OWN_ROWS = ops.take.code + 1  # take is the last row of ops.py; rows with larger codes are custom operations
# A contribution may underflow in floats. Its absolute error, the smallest float, is a rounding error of this mass.
UNDERFLOW = 2.0**-1021
_PLAIN: dict[int, Callable[..., Number]] = {
    ops.add.code: lambda x, y: x + y, ops.sub.code: exact.subtract, ops.mul.code: exact.multiply, ops.div.code: exact.divide,
    ops.neg.code: exact.negate,
}  # fmt: skip


class Step:
    """One recorded operation.

    Attributes:
        code: Index of the row, or -1 for a copy of a number that gradients cannot see.
        operands: One item per operand: its position on the tape, or an exact number if it is a constant.
        number: The exact result.
        node: The node; it holds the float result and the saved partials.
        floats: The data of the operands when the node was recorded.
        hidden_by: The reason if no gradient passes: ``DETACH``, ``NO_GRAD`` or ``GATED``; otherwise "".
    """

    __slots__ = ("__dict__", "code", "floats", "hidden_by", "node", "number", "operands")

    def __init__(self, node: Value, code: int, operands: tuple[Any, ...], floats: tuple[float, ...], hidden_by: str) -> None:
        self.node: Value = node
        self.code: int = code
        self.operands: tuple[Any, ...] = operands
        self.floats: tuple[float, ...] = floats
        self.hidden_by: str = hidden_by
        self.number: Number = ZERO  # set when it is computed

    @property
    def row(self) -> ops.Operation:
        """The row of the table."""
        return ops.ROWS[self.code]

    @functools.cached_property
    def saved(self) -> tuple[float | None, ...]:
        """The partials that the engine saved, None for constants."""
        return partials_of(self.node)

    def differentiable(self) -> list[int]:
        """Return the indices of the operands that a gradient reaches."""
        if self.hidden_by:
            return []
        return [i for i, x in enumerate(self.operands) if type(x) is int and not (self.code == GATE and i == 1)]

    # ---- the value ----

    def compute(self, numbers: Sequence[Number]) -> Number:
        """Return the result for these exact operands."""
        code = self.code
        if (plain := _PLAIN.get(code)) is not None:
            return plain(*numbers)
        if code == DOT:
            size = len(numbers) // 2
            return exact.dot(numbers[:size], numbers[size:-1], numbers[-1])
        if code == SUM:
            return exact.total(numbers)
        if code < 0:
            return numbers[0]
        try:
            return exact.value(self.row, list(numbers))
        except exact.NotExactError:
            return self.tangent(numbers)

    @property
    def is_opaque(self) -> bool:
        """Whether the operation is replaced by its tangent, because it cannot be evaluated exactly."""
        return "slopes" in self.__dict__  # compute() found a function without an exact version

    @functools.cached_property
    def measured(self) -> dict[int, Measurement]:
        """The partials of an opaque operation, measured by differences of floats."""
        return {i: measure(functools.partial(self._moved, i), self.floats[i]) for i in self.differentiable()}

    def _moved(self, i: int, number: float) -> float:
        return evaluate_floats(self.row.forward, *self.floats[:i], number, *self.floats[i + 1 :])

    @functools.cached_property
    def slopes(self) -> dict[int, tuple[Number, Number]]:
        """The slopes left and right of the tangent of an opaque operation: the stated partials, except those that are wrong."""
        found = {}
        for i, measured in self.measured.items():
            saved, sides = self.saved[i] or 0.0, (measured.left, measured.right)
            is_known = measured.kind in ("smooth", "kink", "jump") and all(map(math.isfinite, sides))
            left, right = (side if is_known and abs(side - saved) > measured.error else saved for side in sides)
            found[i] = from_float(left), from_float(right)
        return found

    def tangent(self, numbers: Sequence[Number]) -> Number:
        """Return the value of the tangent of an opaque operation."""
        changes = {i: numbers[i] - from_float(self.floats[i]) for i in self.slopes}
        return from_float(self.node.data) + exact.total([self.slopes[i][by > 0] * by for i, by in changes.items()])

    # ---- the partial derivatives ----

    def partial(self, i: int, numbers: Sequence[Number], out: Number) -> Number:
        """Return the rule of the table for operand ``i``, for these exact operands and result."""
        if self.code in (DOT, SUM):
            size = len(numbers) // 2
            return ONE if self.code == SUM or i == 2 * size else numbers[i + size if i < size else i - size]
        rule = self.row.partials[i]
        if not callable(rule):
            return ONE if rule == 1.0 else from_float(rule)
        try:
            return exact.evaluate(rule, [out, *numbers])
        except exact.NotExactError:
            return from_float(evaluate_floats(rule, float(out), *map(float, numbers)))


def contradicts(measured: Measurement, stated: float | None) -> bool:
    """Return whether a measured partial shows that the stated one is wrong: both sides have the same slope, and another."""
    is_one_slope = measured.kind in ("smooth", "jump") and abs(measured.left - measured.right) <= measured.error
    return is_one_slope and not abs(measured.value - (stated or 0.0)) <= measured.error


class Tape:
    """A recorded run of a function.

    Attributes:
        inputs: The exact numbers of the inputs.
        steps: The operations, in order. Step k has position ``len(inputs) + k``.
        results: The results of the function: a position or a constant each.
    """

    def __init__(self, inputs: list[Number], steps: list[Step], results: list[Any]) -> None:
        self.inputs = inputs
        self.steps = steps
        self.results = results

    def outputs(self) -> list[Number]:
        """Return the exact results at the point itself."""
        return self._look_up(self.results, [*self.inputs, *[step.number for step in self.steps]])

    def float_of(self, item: Any) -> float:
        """Return the float result of a step, the float of an input, or a constant."""
        if type(item) is not int:
            return float(item)
        return float(self.inputs[item]) if item < len(self.inputs) else self.steps[item - len(self.inputs)].node.data

    @staticmethod
    def _look_up(items: Sequence[Any], numbers: list[Number]) -> list[Number]:
        return [numbers[x] if type(x) is int else x for x in items]

    def numbers_of(self, step: Step) -> list[Number]:
        """Return the exact operands of a step at the point itself."""
        count, inputs, steps = len(self.inputs), self.inputs, self.steps
        return [x if type(x) is not int else inputs[x] if x < count else steps[x - count].number for x in step.operands]

    def evaluate(self, inputs: Sequence[Number]) -> list[Number]:
        """Return the results for other exact inputs. The floats, and everything that depends on them, stay the same."""
        numbers: list[Number] = list(inputs)
        changed = [new is not old for new, old in zip(inputs, self.inputs, strict=True)]
        for step in self.steps:
            if any(type(x) is int and changed[x] for x in step.operands):
                numbers.append(step.compute([numbers[x] if type(x) is int else x for x in step.operands]))
                changed.append(True)
            else:
                numbers.append(step.number)
                changed.append(False)
        return self._look_up(self.results, numbers)

    def lost_changes(self, inputs: Sequence[Number]) -> dict[int, Number]:
        """Return the steps whose result hardly changes with other inputs, although its rules say that it should.

        Their change is too small for the precision. The value of an item is the change that the rules predict.
        """
        before = [*self.inputs, *[step.number for step in self.steps]]
        after: list[Number] = list(inputs)
        lost: dict[int, Number] = {}
        for place, step in enumerate(self.steps):
            moved = [i for i, x in enumerate(step.operands) if type(x) is int and after[x] != before[x]]
            after.append(step.compute([after[x] if type(x) is int else x for x in step.operands]) if moved else step.number)
            if moved and abs(after[-1] - step.number) <= rounding([step.number]):
                numbers, operands = self.numbers_of(step), step.operands
                parts = [step.partial(i, numbers, step.number) * (after[operands[i]] - before[operands[i]])
                         for i in step.differentiable() if i in moved]  # fmt: skip
                if abs(total := sum(parts)) > 1e-3 * sum(map(abs, parts)):
                    lost[place] = total
        return lost

    def refine(self) -> None:
        """Compute all numbers again, with the current precision."""
        for step in self.steps:
            step.number = step.compute(self.numbers_of(step))

    def sweep_rules(self, output: int) -> tuple[list[Number], list[float], float]:
        """Return the exact gradient of an output by the rules of the table, its mass, and the size of the results.

        The size is the sum of the absolute results of all steps, each times its mass: in exact arithmetic with rounding, the
        output has an error of this size times the precision.

        The mass of a derivative is the sum of the absolute contributions of all paths, as a float. A partial of 0 contributes
        0, even if the adjoint is infinite.
        """
        adjoints: list[Number] = [ZERO] * (len(self.inputs) + len(self.steps))
        masses, size = [0.0] * len(adjoints), 0.0
        for place, step in self._backward(output, adjoints, masses, ONE):
            numbers = self.numbers_of(step)
            size += masses[place] * abs(float(step.number))
            for i in step.differentiable():
                partial = step.partial(i, numbers, step.number)
                operand = step.operands[i]
                if partial:
                    adjoints[operand] += adjoints[place] * partial if partial is not ONE else adjoints[place]
                    masses[operand] += masses[place] * (abs(float(partial)) + UNDERFLOW) + UNDERFLOW
                elif step.code not in (DOT, SUM) and callable(step.row.partials[i]) and math.isfinite(masses[place]):
                    masses[operand] += masses[place] * UNDERFLOW  # a float rule may underflow
        return adjoints[: len(self.inputs)], masses[: len(self.inputs)], size

    def sweep_saved(self, output: int) -> tuple[list[float], list[float]]:
        """Return the gradient of an output by the partials that the engine saved, and its mass, both in floats."""
        adjoints = [0.0] * (len(self.inputs) + len(self.steps))
        masses = [0.0] * len(adjoints)
        for place, step in self._backward(output, adjoints, masses, 1.0):
            for i in step.differentiable():
                partial = step.saved[i]
                if partial:
                    operand = step.operands[i]
                    adjoints[operand] += adjoints[place] * partial
                    masses[operand] += masses[place] * (abs(partial) + UNDERFLOW) + UNDERFLOW
        return adjoints[: len(self.inputs)], masses[: len(self.inputs)]

    def _backward(self, output: int, adjoints: list[Any], masses: list[float], one: Any) -> Iterator[tuple[int, Step]]:
        """Yield the steps that a gradient reaches, with their positions, from the last one. Set the adjoint of the output."""
        count, root = len(self.inputs), self.results[output]
        if type(root) is int:
            adjoints[root], masses[root] = one, 1.0
        for place in range(len(adjoints) - 1, count - 1, -1):
            if masses[place]:
                yield place, self.steps[place - count]

    def active(self, inputs: set[int]) -> list[Step]:
        """Return the steps that depend on one of these inputs and that a result depends on, also through hidden ones."""
        count = len(self.inputs)
        needed = {x for x in self.results if type(x) is int}
        for place in range(count + len(self.steps) - 1, count - 1, -1):
            if place in needed:
                needed.update(x for x in self.steps[place - count].operands if type(x) is int)
        reached, found = set(inputs), []
        for place, step in enumerate(self.steps, count):
            if place in needed and not reached.isdisjoint(x for x in step.operands if type(x) is int):
                reached.add(place)
                found.append(step)
        return found

    def signature(self) -> list[Any]:
        """Return the operations and constants of the function, but not the numbers that depend on the inputs."""
        steps: list[Any] = [(step.code, step.hidden_by, *map(in_signature, step.operands)) for step in self.steps]
        return [*steps, *map(in_signature, self.results)]


def in_signature(item: Any) -> Any:
    """Return a position as a tuple, or a constant as a float, so that position 0 is not equal to the constant 0.0."""
    return (item,) if type(item) is int else float(item)
