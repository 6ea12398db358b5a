"""Count how ``gradcheck`` judges right gradients and planted faults on random pairs of a function and a point."""

from __future__ import annotations

import random
import time
import traceback
from collections import Counter, defaultdict
from collections.abc import Sequence

from faults import (
    LOST,
    black_box,
    engine_gradient,
    lose_gradient,
    rows_of,
    stated_gradient,
    with_wrong_copy,
    wrong_rule,
)
from on_engine import near_a_kink
from pairs import Pair
from truth import OPERATIONS, Truth, true_derivatives, true_second_derivatives
from wrong_gradients import WRONG_GRADIENTS

from autograd import GradcheckReport, Value, gradcheck, hessian
from autograd.strategies import Expression

MAX_SAMPLES = 30  # recorded for each question
RULE_ERRORS = [10.0**-k for k in range(1, 9)]

# The questions that are counted. The name states the failure. A planted fault is missed if the report passes.
WRONG = "right gradient called WRONG"
UNPASSED = "right gradient does not pass"
BLACK_BOX_WRONG = "right gradient of a black box called WRONG"
BLACK_BOX_UNPASSED = "right gradient of a black box does not pass"
HESSIAN_WRONG = "right Hessian called WRONG"
HESSIAN_UNPASSED = "right Hessian does not pass"
ENGINE = "gradient of the engine is not right"
PASSES = "gradient of the engine that is not right passes"
RAISES = "an exception instead of a report"
COPY = "wrong rule of a custom operation not named"
ROW = "wrong rule of a row not named"


def missed(fault: str) -> str:
    """Return the question whether this fault is missed."""
    return f"missed: {fault}"


class Tally:
    """For each question, the number of cases, the number of failures, and some failures as text.

    Attributes:
        cases, failures: Numbers by question.
        samples: Failures by question.
        seconds, entries: Time spent in ``gradcheck`` on right gradients, and the number of derivatives checked there.
    """

    def __init__(self) -> None:
        self.cases: Counter[str] = Counter()
        self.failures: Counter[str] = Counter()
        self.samples: dict[str, list[str]] = defaultdict(list)
        self.seconds = 0.0
        self.entries = 0

    def add(self, question: str, failed: bool, sample: object) -> None:
        """Count one case."""
        self.cases[question] += 1
        self.failures[question] += failed
        if failed and len(self.samples[question]) < MAX_SAMPLES:
            self.samples[question].append(str(sample))

    def merge(self, other: Tally) -> None:
        """Add the counts of another tally."""
        self.cases.update(other.cases)
        self.failures.update(other.failures)
        for question, samples in other.samples.items():
            self.samples[question] = (self.samples[question] + samples)[:MAX_SAMPLES]
        self.seconds += other.seconds
        self.entries += other.entries

    def rate(self, *questions: str) -> float:
        """Return the fraction of failures."""
        cases = sum(self.cases[question] for question in questions)
        return sum(self.failures[question] for question in questions) / max(1, cases)


def count_verdicts(pairs: Sequence[Pair], seed: int, tally: Tally | None = None) -> Tally:
    """Check the right gradient of each pair, a wrong gradient, a lost gradient and two wrong rules.

    As a black box, which takes longer, every second pair is checked, and the Hessian of every fourth pair.
    """
    tally = Tally() if tally is None else tally
    rng = random.Random(seed)
    for k, (_, f) in enumerate(pairs):
        truths = [truth for truth in true_derivatives(f.on(OPERATIONS), f.inputs) if truth is not None]
        if len(truths) < len(f.inputs):
            continue  # no derivative here
        if is_right(engine_gradient(f, f.inputs), truths):
            for count, interval in INTERVALS.items():
                if k // 2 % interval:  # pairs from difficult families and ordinary pairs alternate
                    continue
                try:
                    count(tally, f, truths, rng)
                except Exception:  # noqa: BLE001 - any exception is a failure, and the other pairs are counted too
                    tally.add(RAISES, True, f"{f}: {traceback.format_exc(limit=-2)}")
                else:
                    tally.add(RAISES, False, f)
        else:
            tally.add(ENGINE, True, f)
            tally.add(PASSES, bool(gradcheck(f, f.inputs)), f)
    return tally


def is_right(gradient: Sequence[float], truths: Sequence[Truth]) -> bool:
    """Return whether all derivatives are right, up to rounding."""
    return all(truth.accepts(stated) for truth, stated in zip(truths, gradient, strict=True))


def _count_right(tally: Tally, f: Expression, _truths: Sequence[Truth], _rng: random.Random) -> None:
    start = time.perf_counter()
    report = gradcheck(f, f.inputs)
    tally.seconds += time.perf_counter() - start
    tally.entries += len(report.entries)
    tally.add(ENGINE, False, f)
    tally.add(WRONG, has_wrong(report), f"{f}: {report!r}")
    tally.add(UNPASSED, not report, f"{f}: {report!r}")


def _count_black_box(tally: Tally, f: Expression, _truths: Sequence[Truth], _rng: random.Random) -> None:
    report = gradcheck(black_box(f), f.inputs, gradient=stated_gradient(f))
    tally.add(BLACK_BOX_WRONG, has_wrong(report), f"{f}: {report!r}")
    tally.add(BLACK_BOX_UNPASSED, not report, f"{f}: {report!r}")


def _count_right_hessian(tally: Tally, f: Expression, _truths: Sequence[Truth], _rng: random.Random) -> None:
    truths = true_second_derivatives(f.on(OPERATIONS), f.inputs)
    stated = hessian(lambda inputs: f(*inputs))(list(f.inputs))
    pairs = [pair for row in zip(truths, stated, strict=True) for pair in zip(*row, strict=True)]
    if all(truth is not None and truth.accepts(number) for truth, number in pairs):
        report = gradcheck(f, f.inputs, order=2)
        tally.add(HESSIAN_WRONG, has_wrong(report), f"{f}: {report!r}")
        tally.add(HESSIAN_UNPASSED, not report, f"{f}: {report!r}")


def has_wrong(report: GradcheckReport) -> bool:
    """Return whether an entry of the report is WRONG."""
    return any(entry.verdict == "WRONG" for entry in report.entries)


def _count_wrong_gradient(tally: Tally, f: Expression, truths: Sequence[Truth], rng: random.Random) -> None:
    fault, i = rng.choice(list(WRONG_GRADIENTS)), rng.randrange(len(truths))
    wrong = WRONG_GRADIENTS[fault](engine_gradient(f, f.inputs), i)
    if not is_right(wrong, truths):  # otherwise the change is 0 or less than the rounding of the gradient
        report = gradcheck(f, f.inputs, gradient=stated_gradient(f, fault, i))
        tally.add(missed(fault), bool(report), f"{f}, entry {i}: {report!r}")


def _count_lost_gradient(tally: Tally, f: Expression, truths: Sequence[Truth], rng: random.Random) -> None:
    how = rng.choice(list(LOST))
    broken = lose_gradient(f, how, rng)
    if not is_right(engine_gradient(broken, f.inputs), truths):
        report = gradcheck(broken, broken.inputs)
        tally.add(missed(how), bool(report), f"{broken}: {report!r}")


def _count_wrong_rule(tally: Tally, f: Expression, truths: Sequence[Truth], rng: random.Random) -> None:
    rows = rows_of(f)
    if not rows or near_a_kink(f(*map(Value, f.inputs))):
        return  # at a tie of maximum(x, x), any rule between 0 and 1 is right
    row = rng.choice(rows)
    index, error = rng.randrange(len(row.partials)), rng.choice(RULE_ERRORS)
    broken = with_wrong_copy(f, row, index, error)
    if is_right(engine_gradient(broken, f.inputs), truths):
        return  # the derivative does not depend on this rule, or less than its rounding
    fault = f"off by {error:.0e}, operand {index}"
    report = gradcheck(broken, f.inputs)
    tally.add(COPY, not names_rule(report, f"wrong_{row.name}"), f"{f}, {row.name} {fault}: {report!r}")
    with wrong_rule(row, index, error):
        report = gradcheck(f, f.inputs)
    tally.add(ROW, not names_rule(report, row.name, row.symbol), f"{f}, {row.name} {fault}: {report!r}")


def names_rule(report: GradcheckReport, name: str, symbol: str = "") -> bool:
    """Return whether an entry is WRONG for a reason that names a row: "tanh at 0.7: its partial", "2 * 3: its partial"."""
    starts = [f"{name} at ", *([f" {symbol} "] if symbol and not symbol.isidentifier() else [])]
    wrong = [entry.why for entry in report.entries if entry.verdict == "WRONG"]
    return any(start in why and "its partial" in why for why in wrong for start in starts)


INTERVALS = {
    _count_right: 1,
    _count_wrong_gradient: 1,
    _count_lost_gradient: 1,
    _count_wrong_rule: 1,
    _count_black_box: 2,
    _count_right_hessian: 4,
}
