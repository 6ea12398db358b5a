"""The decision table of ``gradcheck``: the first row whose condition holds is the verdict.

A row compares four numbers of one derivative. Their differences separate three causes of a wrong gradient:

    stated    the derivative under check, a float
    saved     a second sweep with the partials that the engine saved, in floats
    rules     the sweep with the rules of the table, exact
    true      the slope of exact values of the function, which no rule has touched

    rules against true      a wrong rule, or a use of an input that is not recorded
    stated against saved    a wrong sweep
    saved against rules     rounding: the rules are right, but digits cancel

The bounds follow from the arithmetic: a float operation has a relative error of at most ``UNIT``, and the ``mass`` of a
derivative is the sum of the absolute contributions of all paths.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any

from autograd.checking.exact import RULE_BOUND, UNIT, Number, from_float, isfinite
from autograd.checking.slopes import EDGE, FAINT, INFINITE, JUMP, KINK, NONE, SMOOTH, Slope
from autograd.checking.truth import UNSEEN

AGREES = "agrees"  # equal to the true derivative, to the digits reported
ONE_SIDED = "one-sided"  # no derivative exists, but the stated number is a one-sided derivative or between the two
ROUNDED = "rounded"  # the rules are right, but rounding leaves fewer than half of the digits
WRONG = "WRONG"
INCONCLUSIVE = "inconclusive"  # the truth is not known well enough to decide

FEW_DIGITS = 8  # half of the digits of a float
TINY = 2.0**-1060  # absolute error of numbers that underflow
MAX_NOISE = 2.0**-20  # of a gradient that this package did not compute, relative to its contributions
OTHERS = 2.0**-40  # relative error of derivatives that this package did not compute


class Finding:
    """A verdict and its reasons.

    Args:
        verdict: One of the verdicts above.
        numeric: The true derivative, or nan.
        error: Bound on its error.
        why: An explanation, or "".
        step: A step whose central difference shows the derivative, or nan.
    """

    def __init__(
        self, verdict: str, numeric: float = math.nan, error: float = math.inf, why: str = "", step: float = math.nan
    ) -> None:
        self.verdict: str = verdict
        self.numeric: float = numeric
        self.error: float = error
        self.why: str = why
        self.step: float = step


class Evidence:
    """Everything that is known about one derivative.

    Args:
        stated: The derivative under check.
        noise: For a derivative that this package did not compute, a function that measures its noise; otherwise None.
        slope: The true slope.
        rules, mass: The sweep with the rules of the table, and its mass.
        saved, saved_mass: The sweep with the saved partials, and its mass.
        steps: Number of operations.
        order: 1 or 2.
        causes: Functions that name the operation to blame, by the name of the cause.
        rtol, atol: Tolerances that replace the bounds, or None.
    """

    def __init__(
        self, stated: float, slope: Slope, rules: Number, mass: float, saved: float, saved_mass: float, steps: int,
        causes: dict[str, Callable[[], str]], *, noise: Callable[[], float] | None = None, order: int = 1,
        rtol: float | None = None, atol: float | None = None,
    ) -> None:  # fmt: skip
        self.number: float = stated
        self.stated: Number = from_float(stated)
        self.slope: Slope = slope
        self.true: Number = slope.value
        self.rules: Number = rules
        self.mass: float = mass
        self.saved: float = saved
        self.causes: dict[str, Callable[[], str]] = {name: functools.cache(find) for name, find in causes.items()}
        self.is_ours: bool = noise is None
        self.noise: Callable[[], float] = noise or (lambda: 0.0)
        self.order: int = order
        self.has_tolerances: bool = rtol is not None or atol is not None
        self.rule_bound: Number = RULE_BOUND * mass + 10 * slope.error + TINY
        self.sweep_bound: float = 2 * (8 + min(steps, 1000)) * UNIT * saved_mass + TINY  # of two sweeps in floats
        self.rounding: Number = abs(saved - rules) if math.isfinite(saved) and isfinite(rules) else 0.0
        if self.has_tolerances:
            self.bound: Number = (rtol or 0.0) * max(abs(slope.left), abs(slope.right)) + (atol or 0.0)
        elif self.is_ours:
            self.bound = self.sweep_bound + self.rounding + self.rule_bound
        else:
            size = max(abs(slope.left), abs(slope.right))
            self.bound = 4 * (self.sweep_bound + self.rounding) + OTHERS * size + self.rule_bound

    @functools.cached_property
    def digits(self) -> int:
        """Number of correct digits of the stated derivative. If all contributions cancel, they are its measure.

        Where the rules agree with the true slope, they have more digits than differences, which are not exactly 0.
        """
        exact = self.rules if isfinite(self.rules) and abs(self.rules - self.true) <= self.slope.error else self.true
        if self.number == float(exact):
            return 16
        apart = abs(self.stated - exact)
        if apart <= self.slope.error:  # such as 0, where the differences of x * relu(x) approach 0
            return 16
        size = max(abs(exact), abs(self.stated))
        if not exact or size < UNIT * self.mass:
            size = max(size, self.mass)
        return max(0, min(16, math.floor(-math.log10(float(apart / size)))))

    @property
    def is_between(self) -> bool:
        """Whether the stated number is one of the one-sided derivatives, or between them."""
        low, high = sorted((self.slope.left, self.slope.right))
        apart = max(low - self.stated, self.stated - high)
        if apart <= self.bound or self.has_tolerances:
            return bool(apart <= self.bound)
        # Noise is limited to the rounding of 32-bit numbers. A larger change is a kink nearby, as of hardswish at 3.
        most = MAX_NOISE * max(float(abs(self.true)), self.mass)
        return bool(apart <= self.bound + most and apart <= self.bound + 16 * self.noise())  # measuring noise takes long

    def is_within(self, one: Number, other: Number, bound: Number) -> bool:
        """Return whether two numbers differ by at most the bound; false if one is nan."""
        return bool(abs(one - other) <= bound)

    def cause(self, *names: str) -> str:
        """Return the description of the first of these causes that names an operation, or ""."""
        return next((text for name in names if (text := self.causes[name]())), "")


def _wrong_rule(e: Evidence) -> str:
    if text := e.cause("rule"):
        return text
    if ways := e.cause("hidden"):
        return f"f depends on this input through {ways}, where no gradient passes"
    if e.slope.why == UNSEEN:
        return f"{UNSEEN}: it looks like .data is read, or a Value is converted to a float"
    if e.cause("kink"):
        return _kink(e)
    return "every rule is right, so f depends on this input in a way that is not recorded"


def _kink(e: Evidence) -> str:
    return (
        f"f has a derivative here, but is made of operations at a kink, where a derivative is a convention: {e.cause('kink')}"
    )


def _is_infinite(e: Evidence) -> bool:
    """Return whether the stated derivative and the true slope are infinite, with the same sign on each side of the point."""
    sides = [side for side in (e.slope.left, e.slope.right) if side == side]
    return e.slope.kind == INFINITE and math.isinf(e.number) and all((side > 0) == (e.number > 0) for side in sides)


def _rounded(e: Evidence) -> str:
    left = f"{e.digits} digit{'s' * (e.digits != 1)}" if e.digits else "no digit"
    place = e.cause("digits")
    return f"the rules are right, but rounding leaves {left}" + (f": {place}" if place else "")


Condition = Callable[[Evidence], Any]
Reason = Callable[[Evidence], str]

# fmt: off
TABLE: list[tuple[str, Condition, Reason]] = [
    # The derivative is not a finite number.
    (AGREES, lambda e: _is_infinite(e) and e.slope.left == e.slope.left and e.slope.right == e.slope.right,
        lambda e: e.slope.why),
    (ONE_SIDED, _is_infinite, lambda e: e.slope.why),
    (ONE_SIDED, lambda e: e.order == 2 and ((math.isnan(e.number) and e.slope.kind in (KINK, JUMP, INFINITE))
        or (math.isinf(e.number) and e.slope.kind == JUMP)),
        lambda e: f"{e.number}, and f has no second derivative: {e.slope.why}"),
    (INCONCLUSIVE, lambda e: not math.isfinite(e.number) and e.slope.kind == SMOOTH and e.is_ours and e.cause("overflow"),
        lambda e: f"the stated derivative is {e.number}, because floats overflow: {e.cause('overflow')}"),
    (INCONCLUSIVE, lambda e: math.isnan(e.number) and e.order == 2 and e.cause("kink"),
        lambda e: f"the stated derivative is nan, because f consists of operations at a kink: {e.cause('kink')}"),
    (WRONG, lambda e: not math.isfinite(e.number) and e.slope.kind == SMOOTH and abs(e.true) < 1e308,
        lambda e: f"the stated derivative is {e.number}, but f has a finite derivative"),
    (INCONCLUSIVE, lambda e: not math.isfinite(e.number),
        lambda e: f"the stated derivative is {e.number}" + (f": {e.slope.why}" if e.slope.why else "")),
    # The truth is not known.
    (INCONCLUSIVE, lambda e: e.slope.kind in (NONE, INFINITE), lambda e: e.slope.why),
    (AGREES, lambda e: e.slope.kind == FAINT and e.is_ours and e.is_within(e.stated, e.rules, e.sweep_bound + e.rule_bound),
        lambda e: e.slope.why),
    (INCONCLUSIVE, lambda e: e.slope.kind == FAINT, lambda e: e.slope.why),
    # The caller gave tolerances.
    (WRONG, lambda e: e.has_tolerances and not e.is_between, lambda e: "the difference exceeds rtol and atol"),
    (AGREES, lambda e: e.has_tolerances and e.slope.kind == SMOOTH, lambda e: ""),
    # f is not smooth.
    (ONE_SIDED, lambda e: e.slope.kind in (KINK, JUMP, EDGE) and e.is_between, lambda e: e.slope.why),
    (WRONG, lambda e: e.slope.kind in (KINK, JUMP, EDGE), lambda e: e.slope.why),
    # The derivative was computed elsewhere, so only the truth can be compared.
    (WRONG, lambda e: not e.is_ours and not e.is_between, lambda e: ""),
    (AGREES, lambda e: not e.is_ours, lambda e: ""),
    # The three causes.
    (INCONCLUSIVE, lambda e: not isfinite(e.rules) or not math.isfinite(e.mass),
        lambda e: "the rules give no finite number for the exact operands"),
    (INCONCLUSIVE, lambda e: not e.is_within(e.rules, e.true, e.rule_bound) and e.order == 1 and not e.cause("rule", "hidden")
        and e.slope.why != UNSEEN and e.cause("kink"), _kink),
    (WRONG, lambda e: not e.is_within(e.rules, e.true, e.rule_bound), _wrong_rule),
    (WRONG, lambda e: not e.is_within(e.stated, e.saved, e.sweep_bound),
        lambda e: "the rules and the saved partials are right, but the backward pass does not add them up correctly"),
    (WRONG, lambda e: e.rounding > 4 * e.sweep_bound and e.cause("kernel"), lambda e: e.cause("kernel")),
    (ROUNDED, lambda e: e.digits < FEW_DIGITS, _rounded),
    (AGREES, lambda e: True, lambda e: ""),
]
# fmt: on


def decide(evidence: Evidence) -> Finding:
    """Return the verdict of the first row of the table that applies."""
    for verdict, condition, reason in TABLE:
        if condition(evidence):
            return Finding(verdict, *_numeric(evidence), reason(evidence))
    raise AssertionError("the last row of the table always applies")


def _numeric(e: Evidence) -> tuple[float, float]:
    """Return the true derivative that is closest to the stated one, and the bound on its error, as floats."""
    if _is_infinite(e):
        return e.number, math.inf
    if e.slope.kind in (NONE, INFINITE) or not isfinite(e.true):
        return float(e.true), math.inf
    left, right = e.slope.left, e.slope.right
    number = float(e.true if left == right else min((left, right), key=lambda side: abs(side - e.stated)))
    return number, float(e.slope.error) + math.ulp(number) / 2


def is_settled(finding: Finding, evidence: Evidence) -> bool:
    """Return whether more digits could not change the verdict."""
    is_clear = evidence.slope.kind == SMOOTH and evidence.is_within(evidence.rules, evidence.true, evidence.rule_bound)
    return finding.verdict not in (WRONG, INCONCLUSIVE) or is_clear
