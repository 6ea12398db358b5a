"""The check of a function that accepts no Values: its derivatives are measured with differences of floats.

One measurement takes more than 100 calls of the function. Many inputs are therefore first moved at once, in random directions.
The slope along a direction is the sum of the derivatives times the components of the direction. If it agrees, the difference
and its error bound the error of each derivative. Derivatives for which this bound is too large, because they are small, are
checked again among themselves. If the slope does not agree, each half of the inputs is checked.
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence

from autograd.checking.checked_function import CheckedFunction
from autograd.checking.differences import Measurement, measure
from autograd.checking.float_verdicts import check, decide
from autograd.checking.truth import scale
from autograd.checking.verdicts import AGREES, INCONCLUSIVE, ROUNDED, WRONG, Finding

MANY = 20  # inputs; with more, random directions are checked first
FEW = 8  # inputs that are always checked one by one
DIRECTIONS = 3  # that must agree: in one, two faults may cancel
SMALLEST = 0.5  # component of a direction, relative to the size of the input; the largest is 1
TIGHT = 4.0  # largest relative error of a derivative that a direction confirms, in units of the square root of an ulp


class MeasuredCheck:
    """The findings for the derivatives of a function that accepts no Values.

    Args:
        function: The function.
        rtol, atol: See ``gradcheck``.

    Attributes:
        confirmed: Number of derivatives that were confirmed along random directions.
    """

    def __init__(self, function: CheckedFunction, rtol: float | None, atol: float | None) -> None:
        self.function: CheckedFunction = function
        self.rtol: float | None = rtol
        self.atol: float | None = atol
        self.confirmed: int = 0
        self._values: dict[tuple[int, ...], dict[float, list[float]]] = {}  # by the inputs that move, and their distance

    def first_order(self, output: int, stated: Sequence[float]) -> list[Finding]:
        """Return the findings for the derivatives of an output with respect to all inputs."""
        confirmed: dict[int, Finding] = {}
        if len(stated) > MANY and self.rtol is None and self.atol is None:
            finite = [i for i, x in enumerate(self.function.numbers) if math.isfinite(x) and math.isfinite(stated[i])]
            self._confirm(output, stated, finite, confirmed)
        self.confirmed += len(confirmed)
        return [confirmed.get(i) or self._one_by_one(output, i, number) for i, number in enumerate(stated)]

    @property
    def notes(self) -> list[str]:
        """Remarks for the report."""
        verb = "derivative was" if self.confirmed == 1 else "derivatives were"
        text = f"{self.confirmed:,} {verb} confirmed by moving many inputs at once, in {DIRECTIONS} random directions"
        return [text] if self.confirmed else []

    def _confirm(self, output: int, stated: Sequence[float], inputs: list[int], confirmed: dict[int, Finding]) -> None:
        """Add findings for those of the inputs whose derivatives agree along random directions of these inputs."""
        if len(inputs) <= FEW:
            return
        error, is_zero = 0.0, not any(stated[i] for i in inputs)
        for k in range(DIRECTIONS):
            generator = random.Random(k)
            sizes = [
                scale(self.function.numbers[i]) * generator.uniform(SMALLEST, 1) * generator.choice((-1, 1)) for i in inputs
            ]
            expected = math.fsum(stated[i] * size for i, size in zip(inputs, sizes, strict=True))
            found = self._along(output, inputs, sizes, k)
            verdict, _ = decide(found, expected)
            is_right = verdict == AGREES or (verdict == ROUNDED and not is_zero)
            if not is_right or found.kind != "smooth" or found.flat:
                self._confirm(output, stated, inputs[: len(inputs) // 2], confirmed)
                self._confirm(output, stated, inputs[len(inputs) // 2 :], confirmed)
                return
            error = max(error, found.error + abs(found.value - expected))
        tight = TIGHT * math.sqrt(found.samples.unit if found.samples else 0.0)
        rest = []
        for i in inputs:
            bound = error / (SMALLEST * scale(self.function.numbers[i]))
            if is_zero or bound <= tight * abs(stated[i]):
                confirmed[i] = Finding(AGREES, stated[i], bound)
            else:
                rest.append(i)
        if len(rest) < len(inputs):
            self._confirm(output, stated, rest, confirmed)

    def _along(self, output: int, inputs: list[int], sizes: list[float], k: int) -> Measurement:
        """Measure the slope of an output along a direction of some inputs."""
        numbers = list(self.function.numbers)
        known = self._values.setdefault((k, *inputs), {})

        def along(t: float) -> float:  # the point is t = 1, whose neighborhood has the spacing of an ordinary number
            if t not in known:
                for i, size in zip(inputs, sizes, strict=True):
                    numbers[i] = self.function.numbers[i] + (t - 1.0) * size
                known[t] = self.function.value(numbers)
            return known[t][output]

        return measure(along, 1.0)

    def _one_by_one(self, output: int, i: int, stated: float) -> Finding:
        numbers = list(self.function.numbers)
        x = numbers[i]
        if not math.isfinite(x):
            return Finding(INCONCLUSIVE, why=f"no finite numbers are near {x}")

        def at(number: float) -> list[float]:
            return [*numbers[:i], number, *numbers[i + 1 :]]

        verdict, why, found = check(
            lambda number: self.function.value(at(number))[output],
            x,
            stated,
            lambda number: self.function.gradient(at(number))[output][i],
        )
        if (self.rtol is not None or self.atol is not None) and math.isfinite(found.value):
            bound = (self.atol or 0.0) + (self.rtol or 0.0) * abs(found.value) + found.error
            verdict, why = (
                (AGREES, "") if abs(stated - found.value) <= bound else (WRONG, "the difference exceeds rtol and atol")
            )
        return Finding(verdict, found.value, found.error, why, found.step)
