"""The true slopes of a checked function, from its values alone.

The truth is the slope of the tape: exact values, where only the exact number of an input moves and the floats stay at x. This
is the whole truth if the function uses the input in recorded operations only. Two light runs with moved floats test that: if
the function performs the same operations with the same constants, it does nothing else with the input.

Otherwise it reads the number of an input (``x.data``), or branches on it. Then shadow runs with moved floats, at several
distances, are compared with the slope of the tape:

    the finer the distance, the nearer the slope            structure between the distances: the tape is right
    a kink or a jump at the finest distances                a branch of Python at x
    coarse slopes that agree, but not with the tape         the input is used as a constant, without a gradient

A gradient that is lost may be tiny in relation to f, and to rounding errors of its plain numbers. Therefore the tape of a moved
run is also evaluated at x itself. If the result differs, numbers that are not recorded are the reason. The difference is
proportional to the distance if a gradient is lost, and irregular if it is a rounding error.
"""

from __future__ import annotations

import functools
import itertools
import math
import random
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from autograd.checking import slopes
from autograd.checking.exact import CONTEXT, MORE_PRECISION, Number, isfinite
from autograd.checking.slopes import FAINT, INFINITE, JUMP, KINK, LOST, NONE, SMOOTH, Slope, local_slope, second_slope, shown
from autograd.checking.tape import Tape

LIGHT = -20  # exponent of the distance of the light runs, relative to x
FAINT_DISTANCES = (-28, LIGHT, -14, -8)  # at which the effect of numbers that are not recorded is measured
FACTORS = (1.0, 0.8125, 0.625)  # of these distances; not powers of two, to which rounding errors may be proportional
DISTANCES = (-48, -40, -34, -28, LIGHT, -14, -8, -3)  # exponents of the distances of runs with moved floats
FAINT_WHY = f"f changes by less than {MORE_PRECISION} bits can show, so only the rules were compared"
PLAIN = "f returns a plain number that it computes without Values, so that no gradient can be found; return a Value"
UNSEEN = "f uses the number of an input as a constant"

Direction = Mapping[int, float]  # the inputs that move, and the ratio of each step to the distance


def scale(x: float) -> float:
    """Return the power of two below ``abs(x)``, or 1 for 0: the size of a step."""
    return math.ldexp(1.0, math.frexp(x)[1] - 1) if x else 1.0


class Truth:
    """The slopes of the outputs of a function.

    Args:
        run: Runs the function on floats, and returns a tape.
        light_run: Runs the function on floats, and returns its operations and constants; see ``shadow.light_run``.
        floats: The inputs.

    Attributes:
        tape: The tape of the run at the inputs.
    """

    def __init__(
        self, run: Callable[[Sequence[float]], Tape], light_run: Callable[[Sequence[float]], list[Any]], floats: Sequence[float]
    ) -> None:
        self.run = run
        self.light_run = light_run
        self.floats: list[float] = list(floats)
        self.tape: Tape = run(floats)
        self._here = self.tape.outputs()
        self._near: dict[tuple[int, tuple[tuple[int, Number], ...]], list[Number]] = {}
        self._moved: dict[tuple[int, tuple[tuple[int, float], ...], float], tuple[Tape, list[Number]] | None] = {}
        self._changes: dict[tuple[tuple[tuple[int, float], ...], int], bool] = {}

    def refine(self) -> None:
        """Compute the tape again, with the current precision. Other results are stored with their precision."""
        self.tape.refine()
        self._here = self.tape.outputs()

    def slope(
        self, output: int, direction: Direction, unit: float, guess: Number, mass: float, tolerance: float, size: float
    ) -> Slope:
        """Return the slope of an output along a direction.

        Args:
            output: Index of the output.
            direction: The inputs that move.
            unit: The size of the inputs, to which all distances are relative.
            guess: The expected slope.
            mass: The sum of the absolute contributions to it.
            tolerance: The difference from the guess that rounding explains.
            size: See ``Tape.sweep_rules``.
        """

        def along(t: Number) -> Number:
            return self._at({i: t * part for i, part in direction.items()})[output]

        def slope_over(h: Number, is_longest: bool = False) -> Slope:
            slope = local_slope(along, h, guess, tolerance, size)
            if slope.kind != SMOOTH:
                return slope
            few_digits = slope.value != 0 and slope.error > 1e-9 * abs(slope.value)
            is_lost = abs(slope.value) <= slope.error and self._loses_changes(direction, h)
            if is_lost or (few_digits and not is_longest):  # measured again with more digits, and then over a longer step
                return Slope(NONE, slope.left, slope.right, CONTEXT.inf, LOST)
            return slope

        slope = slope_over(slopes.first_step(unit))
        if slope.why == LOST and CONTEXT.prec == MORE_PRECISION:  # such as at 5e-324, where f changes little in relation to f
            slope = slope_over(slopes.longer_step(unit), is_longest=True)
        if slope.why == LOST and CONTEXT.prec == MORE_PRECISION:
            slope = Slope(FAINT, guess, guess, slope.error, FAINT_WHY)
        if slope.kind in (NONE, FAINT, JUMP, INFINITE):
            return slope
        is_hidden = self._computes_number(output, direction, unit)
        if is_hidden or (self.uses_numbers and self.changes(direction, unit, LIGHT)):
            found = _Comparison(self, output, direction, unit, slope, mass).decide()
            return Slope(NONE, slope.left, slope.right, CONTEXT.inf, PLAIN) if is_hidden and found is slope else found
        return slope

    def _computes_number(self, output: int, direction: Direction, unit: float) -> bool:
        """Return whether the function returns a plain number that it computes, instead of a Value or a literal number.

        Two calls return the same object for a literal, such as 0.0 in ``max(x, 0.0)``, but not for the result of an operation.
        """
        if type(self.tape.results[output]) is int:  # the position of a Value
            return False
        place = output - len(self.tape.results)
        here = self.light_run(self.floats)[place]
        runs = (self._run(self.light_run, direction, side * unit * 2.0**e) for e in DISTANCES for side in (1, -1))
        others = [run[place] for run in runs if run is not None]
        return any(type(x) is not tuple and (x != here or (x is not here and type(x) is not int)) for x in others)

    def second(self, output: int, i: int, j: int, guess: Number, tolerance: float, size: float) -> Slope:
        """Return the second derivative of an output with respect to two inputs."""
        slope = self._second(self.tape, output, i, j, guess, tolerance, size)
        if slope.kind == SMOOTH and guess and slope.error > max(1e-9 * abs(slope.value), tolerance):
            is_last = CONTEXT.prec == MORE_PRECISION
            return Slope(FAINT if is_last else NONE, guess, guess, CONTEXT.inf, FAINT_WHY if is_last else LOST)
        return (slope.kind == SMOOTH and self._second_branch(output, i, j, slope, size)) or slope

    def _second(
        self, tape: Tape, output: int, i: int, j: int, guess: Number | None, tolerance: float, size: float
    ) -> Slope:  # fmt: skip
        """Return the second derivative of an output of a tape at its own inputs."""
        h, k = (slopes.second_step(scale(float(tape.inputs[index]))) for index in (i, j))

        def at(steps: dict[int, Number]) -> Number:
            if tape is self.tape:
                return self._at(steps)[output]
            return tape.evaluate([x + steps[index] if index in steps else x for index, x in enumerate(tape.inputs)])[output]

        if i == j:
            return second_slope(lambda t: at({i: t}), h, None, guess, tolerance, size)
        return second_slope(lambda s, t: at({i: s, j: t}), h, k, guess, tolerance, size)

    def _second_branch(self, output: int, i: int, j: int, slope: Slope, size: float) -> Slope | None:
        """Return the second derivatives at a kink that only moved floats reveal: a branch of Python at the inputs."""
        directions: list[Direction] = [{index: scale(self.floats[index])} for index in {i, j}]
        if not any(self.changes(direction, 1.0, LIGHT) for direction in directions):
            return None
        found = [slope.value]
        for direction, side in itertools.product(directions, (-1.0, 1.0)):
            near, far = (self._second_moved(output, i, j, direction, side * 2.0**e, size) for e in (-40, -28))
            if near is None or far is None or not abs(near - far) <= 1e-4 * max(abs(near), abs(slope.value)):
                return None
            found.append(near)
        low, high = min(found), max(found)
        if high - low <= 1e-2 * max(abs(low), abs(high)):
            return None
        why = f"a kink: the second derivative is {shown(low)} on one side and {shown(high)} on another"
        return Slope(KINK, low, high, 1e-6 * max(abs(low), abs(high)), why)

    def _second_moved(self, output: int, i: int, j: int, direction: Direction, t: float, size: float) -> Number | None:
        """Return the second derivative at moved floats, or None if it is not known."""
        found = self._moved_run(direction, t)
        if found is None:
            return None
        slope = self._second(found[0], output, i, j, None, 0.0, size)
        return slope.value if slope.kind == SMOOTH else None

    @functools.cached_property
    def uses_numbers(self) -> bool:
        """Whether the function does anything with its inputs that is not recorded. All inputs move at once, unequally."""
        generator = random.Random(0)
        return self.changes({i: scale(x) * generator.uniform(0.5, 1.0) for i, x in enumerate(self.floats)}, 1.0, LIGHT)

    def changes(self, direction: Direction, unit: float, exponent: int) -> bool:
        """Return whether the operations or constants change if the floats move by a distance, in either direction."""
        key = tuple(direction.items()), exponent
        if key not in self._changes:
            runs = (self._run(self.light_run, direction, side * unit * 2.0**exponent) for side in (1, -1))
            self._changes[key] = any(seen != self._signature for seen in runs)
        return self._changes[key]

    @functools.cached_property
    def _signature(self) -> list[Any]:
        return self.tape.signature()

    def moved(self, direction: Direction, t: float) -> list[Number] | None:
        """Return the exact outputs with moved floats, or None if the function raises an error there."""
        found = self._moved_run(direction, t)
        return None if found is None else found[1]

    def unrecorded(self, output: int, direction: Direction, t: float) -> Number:
        """Return the change of an output by numbers that are not recorded if the floats move; nan if it is not known.

        The tape of the run with moved floats contains these numbers as constants. It is evaluated at the inputs themselves.
        """
        found = self._moved_run(direction, t)
        return CONTEXT.nan if found is None else found[0].evaluate(self.tape.inputs)[output] - self._here[output]

    def _moved_run(self, direction: Direction, t: float) -> tuple[Tape, list[Number]] | None:
        """Return the tape of a run with moved floats, and its outputs."""
        key = CONTEXT.prec, tuple(direction.items()), t
        if key not in self._moved:
            tape: Tape | None = self._run(self.run, direction, t)
            self._moved[key] = None if tape is None else (tape, tape.outputs())
        return self._moved[key]

    def _at(self, steps: dict[int, Number]) -> list[Number]:
        """Return the outputs of the tape with moved exact inputs."""
        if not any(steps.values()):
            return self._here
        key = CONTEXT.prec, tuple(steps.items())
        if key not in self._near:
            self._near[key] = self.tape.evaluate(self._moved_inputs(steps))
        return self._near[key]

    def _moved_inputs(self, steps: dict[int, Number]) -> list[Number]:
        return [number + steps[i] if i in steps else number for i, number in enumerate(self.tape.inputs)]

    def _loses_changes(self, direction: Direction, h: Number) -> bool:
        """Return whether a slope of 0 may be due to the precision: an operation loses a change proportional to the step."""
        near, far = (
            self.tape.lost_changes(self._moved_inputs({i: step * part for i, part in direction.items()}))
            for step in (h / slopes.RATIO, h)
        )
        return any(place in near and abs(near[place]) * slopes.RATIO * 16 > abs(change) for place, change in far.items())

    def _run(self, run: Callable[[Sequence[float]], Any], direction: Direction, t: float) -> Any:
        """Return the result of a run with moved floats, or None if the function raises an error there."""
        floats = list(self.floats)
        for i, step in direction.items():
            floats[i] += t * step
        try:
            return run(floats)
        except Exception:  # noqa: BLE001 - the function may raise anything at a point that the user did not choose
            return None


class _Comparison:
    """The slope of the tape, compared with the slopes of runs with moved floats. A distance is given by its exponent."""

    def __init__(self, truth: Truth, output: int, direction: Direction, unit: float, slope: Slope, mass: float) -> None:
        self.truth = truth
        self.output = output
        self.direction = direction
        self.unit = unit
        self.slope = slope
        self.size = max(abs(slope.left), abs(slope.right), 1e-4 * mass if math.isfinite(mass) else 0.0)
        self.here = truth.tape.outputs()[output]
        self.known: dict[int, tuple[Number, Number] | None] = {}

    def sides(self, distance: int) -> tuple[Number, Number] | None:
        """Return the slopes left and right, over a distance, or None if there is no finite value."""
        if distance not in self.known:
            self.known[distance] = self._sides(self.unit * 2.0**distance)
        return self.known[distance]

    def _sides(self, step: float) -> tuple[Number, Number] | None:
        if not step:  # it underflows
            return None
        after, before = (self.truth.moved(self.direction, t) for t in (step, -step))
        if after is None or before is None:
            return None
        found = (self.here - before[self.output]) / step, (after[self.output] - self.here) / step
        return found if all(map(isfinite, found)) else None

    def changes(self, distance: int) -> bool:
        """Return whether the slopes over a distance can differ from the slopes of the tape."""
        return self.truth.changes(self.direction, self.unit, distance)

    def apart(self, distance: int) -> Number:
        """Return the difference between the slopes over a distance and the slopes of the tape."""
        sides = self.sides(distance)
        if sides is None:
            return CONTEXT.inf
        if self.slope.kind == SMOOTH:
            return abs(sum(sides) / 2 - self.slope.value)
        return max(abs(sides[0] - self.slope.left), abs(sides[1] - self.slope.right))

    def decide(self) -> Slope:
        """Return the true slope."""
        if all(self.sides(e) is None for e in DISTANCES):  # no float near x can be tried, such as near 5e-324
            return self.slope
        coarsest = next((e for e in (LIGHT, -28, -34, -40) if self.sides(e) is not None and self.changes(e)), LIGHT)
        noise = abs(self.here) / self.unit * 2.0 ** (6 - 53 - coarsest)  # of parts that are computed in floats
        if self.apart(coarsest) <= (1e-7 if self.slope.kind == SMOOTH else 1e-4) * self.size + noise:
            return (self._uses_constants(coarsest) and (self._branch() or self._faintly_lost())) or self.slope
        return self._branch() or self._lost() or self._structure()

    def _uses_constants(self, distance: int) -> bool:
        """Return whether numbers that are not recorded change f over a distance."""
        changes = [self.truth.unrecorded(self.output, self.direction, side * self.unit * 2.0**distance) for side in (1, -1)]
        return any(abs(change) > CONTEXT.ldexp(abs(self.here), 32 - CONTEXT.prec) for change in changes)

    def _branch(self) -> Slope | None:
        """Return the slopes at a kink or jump that only moved floats reveal: a branch of Python at x."""
        fine, coarse = self.sides(-48), self.sides(-28)
        if fine is None or coarse is None:
            return None
        steepest = max(*map(abs, coarse), self.size)
        of_tape = self.slope.left, self.slope.right
        jumps = [abs(a) > 2.0**15 * max(abs(b), steepest * 2.0**-30) for a, b in zip(fine, coarse, strict=True)]
        if any(jumps) and not all(jumps):  # the slope on the other side continues the tape
            other = jumps.index(False)
            beside: tuple[Number, Number] | None = None
            if abs(coarse[other] - of_tape[other]) <= 1e-2 * self.size:
                beside = of_tape
            elif abs(fine[other] - coarse[other]) <= 1e-2 * abs(coarse[other]):  # the input is a constant on both sides
                beside = self._beside_jump()
            if beside is not None:
                why = f"a jump; the slopes are {shown(beside[0])} from the left and {shown(beside[1])} from the right"
                return Slope(JUMP, *beside, self.slope.error if beside is of_tape else 1e-2 * max(map(abs, beside)), why)
        persists = all(abs(a - b) <= 1e-2 * steepest for a, b in zip(fine, coarse, strict=True))
        if not persists or abs(coarse[0] - coarse[1]) <= 0.05 * steepest:
            return None
        why = f"a kink: the derivative is {shown(coarse[0])} from the left and {shown(coarse[1])} from the right"
        return Slope(KINK, *coarse, 1e-6 * steepest, why)

    def _beside_jump(self) -> tuple[Number, Number] | None:
        """Return the slopes strictly left and right of a jump, or None if they are not the same over two distances."""
        found = []
        for distance in (-34, -28):
            t = self.unit * 2.0**distance
            values = [self.truth.moved(self.direction, by * t) for by in (-2, -1, 1, 2)]
            far_left, left, right, far_right = (CONTEXT.nan if v is None else v[self.output] for v in values)
            found.append(((left - far_left) / t, (far_right - right) / t))
        near, far = found
        is_steady = all(abs(a - b) <= 1e-2 * max(abs(a), abs(b)) for a, b in zip(near, far, strict=True))
        return near if is_steady else None

    def _lost(self) -> Slope | None:
        """Return the slope over two neighbouring distances if they agree with each other, but not with the tape."""
        changing = [e for e in DISTANCES if self.sides(e) is not None and self.changes(e)]
        for position, (fine, coarse) in enumerate(itertools.pairwise(changing)):
            one, other = (sum(self.sides(e) or ()) / 2 for e in (fine, coarse))
            apart = abs(one - self.slope.value)
            is_straight = all(abs(a - b) <= 0.25 * apart for a, b in filter(None, map(self.sides, (fine, coarse))))
            if not is_straight or abs(one - other) > 0.02 * apart:
                continue
            if any(self.apart(e) <= apart / 64 for e in changing[:position]):
                return None
            return Slope(SMOOTH, one, one, abs(one - other), UNSEEN)
        return None

    def _faintly_lost(self) -> Slope | None:
        """Return the true slope if numbers that are not recorded change f by a tiny amount, proportional to the distance."""
        if self.slope.kind != SMOOTH:
            return None
        for distances in itertools.pairwise(FAINT_DISTANCES):
            found: list[Number] = []
            for t in (side * factor * self.unit * 2.0**e for e in distances for factor in FACTORS for side in (1, -1)):
                change = self.truth.unrecorded(self.output, self.direction, t) / t if t else CONTEXT.nan
                if not isfinite(change) or abs(change - (found or [change])[0]) > 0.02 * abs(change):
                    break
                found.append(change)
            else:
                lost = sum(found) / len(found)
                value, error = self.slope.value + lost, max(abs(change - lost) for change in found)
                return Slope(SMOOTH, value, value, self.slope.error + error, UNSEEN) if lost else None
        return None

    def _structure(self) -> Slope:
        """Return the slope of the tape if finer distances are nearer to it."""
        known = [e for e in DISTANCES if self.sides(e) is not None and e <= LIGHT]
        for fine, coarse in itertools.pairwise(known):
            if self.apart(fine) <= self.apart(coarse) / 64 or not self.changes(fine):
                return self.slope
        means = [shown(sum(self.sides(e) or (CONTEXT.nan,)) / 2) for e in (-28, LIGHT)]
        why = (
            f"the slope is {shown(self.slope.value)} at this point, {means[0]} over a distance of "
            f"{self.unit * 2.0**-28:.1g} and {means[1]} over {self.unit * 2.0**LIGHT:.1g}"
        )
        return Slope(NONE, self.slope.left, self.slope.right, CONTEXT.inf, why)
