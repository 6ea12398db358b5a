"""The check of one function with its shadow: collect the evidence for each derivative, and decide."""

from __future__ import annotations

import functools
import math
import random
from collections.abc import Callable, Sequence
from typing import TypeAlias

from autograd.base.real import same_number
from autograd.checking.causes import hidden_uses, kinks, lost_digits, overflow, wrong_kernels, wrong_rules, wrong_second_rules
from autograd.checking.checked_function import CheckedFunction
from autograd.checking.exact import CONTEXT, RULE_BOUND, Number, isfinite, more_precision
from autograd.checking.noise import noise_level
from autograd.checking.slopes import SMOOTH, Slope
from autograd.checking.tape import Tape
from autograd.checking.truth import Truth, scale
from autograd.checking.verdicts import INCONCLUSIVE, Evidence, Finding, decide, is_settled

# The gradient by the rules, its mass and the size of the results; the gradient by the saved partials and its mass.
Sweeps: TypeAlias = tuple[list[Number], list[float], float, list[float], list[float]]

MANY = 20  # inputs; with more, one random direction is checked first


class ShadowCheck:
    """The evidence for the derivatives of a function that accepts Values.

    Args:
        function: The function.
        values: Its outputs at the inputs.
        rtol, atol: See ``gradcheck``.

    Attributes:
        notes: Remarks for the report.
    """

    def __init__(self, function: CheckedFunction, values: list[float], rtol: float | None, atol: float | None) -> None:
        self.function: CheckedFunction = function
        self.values: list[float] = values
        self.rtol: float | None = rtol
        self.atol: float | None = atol
        self.notes: list[str] = []
        self._truth = Truth(function.record, function.light_run, function.numbers)
        self._tape: Tape = self._truth.tape
        self._sweeps: dict[tuple[int, int, int], Sweeps] = {}
        self._refined: set[str] = set()

    def computes(self, values: list[float]) -> bool:
        """Return whether the function computes the same from Values as from floats, with recorded operations."""
        found = [self._tape.float_of(root) for root in self._tape.results]
        return any(type(root) is int for root in self._tape.results) and all(map(same_number, found, values))

    # ---- first derivatives ----

    def first_order(self, output: int, stated: Sequence[float]) -> list[Finding]:
        """Return the findings for the derivatives of an output with respect to all inputs."""
        size = range(len(stated))
        why = [self._undefined(output, self.function.numbers[i]) for i in size]
        if len(stated) > MANY and not any(why) and self._is_right_along_a_direction(output):
            self.notes.append(f"all {len(stated)} inputs were moved at once, in a random direction")
            slopes = [Slope(SMOOTH, rule, rule) for rule in self._sweep(self._tape, output)[0]]
            return [self._decide(functools.partial(self._evidence, output, i, stated[i], slopes[i])) for i in size]
        return [Finding(INCONCLUSIVE, why=why[i]) if why[i] else self._first_order(output, i, stated[i]) for i in size]

    def _undefined(self, output: int, x: float) -> str:
        """Return the reason if no derivative can be found, else ""."""
        value = self.values[output]
        if not math.isfinite(x):
            return f"no finite numbers are near {x}"
        if not math.isfinite(value):
            return f"f is {value} at this point"
        return "" if isfinite(self._tape.outputs()[output]) else "f is not finite at this point, computed exactly"

    def _is_right_along_a_direction(self, output: int) -> bool:
        """Return whether the rules agree with the truth along a random direction of all inputs."""
        generator = random.Random(0)
        sizes = [scale(x) * generator.uniform(0.5, 1.0) * generator.choice((-1, 1)) for x in self.function.numbers]
        rules, masses, size, _, _ = self._sweep(self._tape, output)
        rule = CONTEXT.fdot(zip(rules, sizes, strict=True))
        mass = sum(mass * abs(size) for mass, size in zip(masses, sizes, strict=True))
        slope = self._truth.slope(output, dict(enumerate(sizes)), 1.0, rule, mass, RULE_BOUND * mass, size)
        return slope.kind == SMOOTH and bool(abs(slope.value - rule) <= RULE_BOUND * mass)

    def _first_order(self, output: int, i: int, stated: float) -> Finding:
        return self._decide(lambda: self._evidence(output, i, stated, self._slope(output, i)))

    def _slope(self, output: int, i: int) -> Slope:
        """Return the true derivative with respect to an input."""
        rules, masses, size, _, _ = self._sweep(self._tape, output)
        unit = scale(self.function.numbers[i])
        return self._truth.slope(output, {i: 1.0}, unit, rules[i], masses[i], RULE_BOUND * masses[i], size)

    def _evidence(self, output: int, i: int, stated: float, slope: Slope) -> Evidence:
        rules, masses, _, saved, saved_masses = self._sweep(self._tape, output)
        causes = self._causes(self._tape, {i}, functools.partial(wrong_rules, self._tape, {i}))
        is_ours = self.function.stated_gradient is None
        noise = functools.partial(self._noise, output, i)
        return Evidence(
            stated, slope, rules[i], masses[i], saved[i], saved_masses[i], len(self._tape.steps), causes,
            noise=None if is_ours else noise, rtol=self.rtol, atol=self.atol,
        )  # fmt: skip

    def _noise(self, output: int, i: int) -> float:
        """Return the noise of a gradient that is not ours, as a function of input i.

        The part of it that is proportional to our gradient is no noise, even if it differs at neighboring floats.
        """
        numbers = self.function.numbers

        def both(x: float) -> tuple[float, float]:
            moved = [*numbers[:i], x, *numbers[i + 1 :]]
            return self.function.gradient(moved)[output][i], self.function.our_gradient(moved, output)[i]

        stated, ours = both(numbers[i])
        factor = stated / ours if ours and math.isfinite(stated / ours) else 0.0

        def irregular(x: float) -> float:
            stated, ours = both(x)
            return stated - factor * ours

        return noise_level(irregular, numbers[i])

    # ---- second derivatives ----

    def second_order(self, i: int, j: int, stated: float) -> Finding:
        """Return the finding for the derivative of the derivative with respect to input i, with respect to input j."""
        numbers = self.function.numbers
        why = self._undefined(0, numbers[i]) or self._undefined(0, numbers[j])
        return Finding(INCONCLUSIVE, why=why) if why else self._decide(lambda: self._second_evidence(i, j, stated))

    def _second_evidence(self, i: int, j: int, stated: float) -> Evidence:
        tape = self._gradient_tape
        rules, masses, _, saved, saved_masses = self._sweep(tape, i)
        size = self._sweep(self._tape, 0)[2]
        guess = rules[j] if math.isfinite(stated) else CONTEXT.nan  # nan is right where no second derivative exists
        slope = self._truth.second(0, i, j, guess, RULE_BOUND * masses[j], size)

        def rule() -> str:
            return wrong_rules(self._tape, {i, j}) or wrong_second_rules(self._tape, {i, j})

        return Evidence(
            stated, slope, rules[j], masses[j], saved[j], saved_masses[j], len(tape.steps), self._causes(tape, {j}, rule),
            order=2, rtol=self.rtol, atol=self.atol,
        )  # fmt: skip

    @functools.cached_property
    def _gradient_tape(self) -> Tape:
        return self.function.record_gradient()

    # ---- both orders ----

    def _decide(self, evidence: Callable[[], Evidence]) -> Finding:
        """Return the verdict. It is not WRONG or inconclusive for want of digits."""
        found = evidence()
        finding = decide(found)
        if is_settled(finding, found):
            return finding
        with more_precision():
            for name in {"_truth", "_gradient_tape"} & self.__dict__.keys() - self._refined:
                self._refined.add(name)
                getattr(self, name).refine()
            return decide(evidence())

    def _sweep(self, tape: Tape, output: int) -> Sweeps:
        key = CONTEXT.prec, id(tape), output
        if key not in self._sweeps:
            self._sweeps[key] = *tape.sweep_rules(output), *tape.sweep_saved(output)
        return self._sweeps[key]

    def _causes(self, tape: Tape, inputs: set[int], rule: Callable[[], str]) -> dict[str, Callable[[], str]]:
        """Return the functions that name the operation to blame. They are slow, and called only when needed."""
        return {
            "rule": rule,
            "kink": functools.partial(kinks, self._tape, inputs),
            "hidden": functools.partial(hidden_uses, self._tape, inputs),
            "kernel": functools.partial(wrong_kernels, tape, inputs),
            "digits": functools.partial(lost_digits, tape, inputs),
            "overflow": functools.partial(overflow, tape, inputs),
        }
