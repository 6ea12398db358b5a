"""Gradient checkers on random functions and points: false alarms and missed faults of ``gradcheck`` and of other libraries.

The tests use the same pairs, planted faults and exact derivatives (``tests/support``).
"""

from __future__ import annotations

import os
import random
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

from report import Report
from timing import digits, pin_to_one_core

sys.path.append(str(Path(__file__).parent.parent / "tests" / "support"))

import verdict_counts as questions
from faults import LOST, black_box, engine_gradient, lose_gradient, stated_gradient
from pairs import Pair, draw_pairs
from peer_checkers import PEERS, Checker, Result
from truth import OPERATIONS, true_derivatives
from verdict_counts import Tally, count_verdicts, is_right
from wrong_gradients import WRONG_GRADIENTS

from autograd import gradcheck
from autograd.strategies import Expression

CHUNK = 100  # pairs per task of a process
# Columns of the comparison. A checker whose tolerance is absolute misses every fault of a small gradient.
COLUMNS = {
    "sign, factor 2, zero, swapped": ["sign", "factor 2", "zero", "swapped"],
    "1 %": ["1 %"],
    "1e-4": ["1e-4"],
    "1e-8": ["1e-8"],
    "lost": ["lost"],
}


# ---- gradcheck on all pairs ---------------------------------------------------------------------------------------------


def count_chunk(seed: int, size: int) -> Tally:
    """Draw the pairs of one chunk, and check them."""
    return count_verdicts(draw_pairs(seed, size), seed)


def count_all(pairs: int) -> Tally:
    """Check all pairs, in as many processes as there are cores. The counts do not depend on the number of processes."""
    sizes = [min(CHUNK, pairs - start) for start in range(0, pairs, CHUNK)]
    tally = Tally()
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        for part in pool.map(count_chunk, range(len(sizes)), sizes):
            tally.merge(part)
    return tally


def add_counts(report: Report, tally: Tally) -> None:
    """Add the table of all questions, the failures, and the targets."""
    rows = [
        [question, f"{tally.cases[question]:,}", f"{tally.failures[question]:,}", percent(tally.rate(question))]
        for question in sorted(tally.cases)
    ]
    report.table(["", "cases", "failures", ""], rows)
    for question, samples in sorted(tally.samples.items()):
        report.say(f"First failures of `{question}`:\n")
        report.say("\n".join(f"- `{sample[:500]}`" for sample in samples[:3]) + "\n")
    missed = [questions.missed(fault) for fault in (*WRONG_GRADIENTS, *LOST)]
    for name, failed, most in (
        ("exceptions instead of reports", [questions.RAISES], 0.0),
        ("right gradients called WRONG", [questions.WRONG], 0.0),
        ("right gradients that do not pass", [questions.UNPASSED], 0.1),
        ("right Hessians called WRONG", [questions.HESSIAN_WRONG], 0.0),
        ("planted faults missed", missed, 0.3),
        ("wrong rules not named", [questions.COPY, questions.ROW], 1.0),
        ("right gradients of black boxes called WRONG", [questions.BLACK_BOX_WRONG], 0.2),
    ):
        report.target(name, 100 * tally.rate(*failed), most, at_most="%")
    report.say()


def percent(rate: float) -> str:
    """Format a fraction as a percentage with three digits."""
    return f"{digits(100 * rate) if rate else 0} %"


# ---- compared with other libraries --------------------------------------------------------------------------------------


def our_checker(f: Expression, fault: str | None, i: int) -> Result:
    """``gradcheck`` on functions of Values."""
    stated = None if fault is None else stated_gradient(f, fault, i)
    return Result(engine_gradient(f, f.inputs), bool(gradcheck(f, f.inputs, gradient=stated)))


def our_black_box_checker(f: Expression, fault: str | None, i: int) -> Result:
    """``gradcheck`` on functions of floats."""
    if "lost" in f.code:
        raise ValueError("a gradient of a function of floats is stated and cannot be lost inside the function")
    report = gradcheck(black_box(f), f.inputs, gradient=stated_gradient(f, fault, i))
    return Result(engine_gradient(f, f.inputs), bool(report))


def compare(report: Report, pairs: Sequence[Pair]) -> None:
    """Add the table of all checkers on the same pairs."""
    checkers: dict[str, Checker] = {"gradcheck": our_checker, "gradcheck, black box": our_black_box_checker}
    for name, make in PEERS.items():
        try:
            checkers[name] = make()
        except ImportError as problem:
            report.say(f"{name} is skipped: {problem}\n")
    truths = [true_derivatives(f.on(OPERATIONS), f.inputs) for _, f in pairs]
    usable = [(f, found) for (_, f), found in zip(pairs, truths) if None not in found]
    rows = []
    for name, checker in checkers.items():
        tally = Tally()
        for k, (f, found) in enumerate(usable):
            count_checker(tally, checker, f, found, random.Random(k))
        cells = [share(tally, [questions.missed(fault) for fault in faults]) for faults in COLUMNS.values()]
        milliseconds = f"{digits(1000 * tally.seconds / max(1, tally.cases[questions.UNPASSED]))}"
        rows.append([name, f"{tally.cases[questions.UNPASSED]:,}", share(tally, [questions.UNPASSED]), *cells, milliseconds])
    report.table(["", "pairs", "right, does not pass", *COLUMNS, "ms per pair"], rows)


def share(tally: Tally, names: Sequence[str]) -> str:
    """Return ``"3 of 100"``, or ``"-"`` if there is no case."""
    cases = sum(tally.cases[name] for name in names)
    return f"{sum(tally.failures[name] for name in names):,} of {cases:,}" if cases else "-"


def count_checker(tally: Tally, checker: Checker, f: Expression, truths: Sequence[Any], rng: random.Random) -> None:
    """Check a right gradient, a wrong one and a lost one. Skip functions that the library cannot compute."""
    fault, i, how = rng.choice(list(WRONG_GRADIENTS)), rng.randrange(len(truths)), rng.choice(list(LOST))
    start = time.perf_counter()
    try:
        gradient, passed = checker(f, None, 0)
    except Exception:  # noqa: BLE001 - the library lacks a function; each has its own exceptions
        return
    if not is_right(gradient, truths):
        return
    tally.seconds += time.perf_counter() - start
    tally.add(questions.UNPASSED, not passed, f)
    if not is_right(WRONG_GRADIENTS[fault](gradient, i), truths):
        tally.add(questions.missed(fault), checker(f, fault, i).passed, f)
    broken = lose_gradient(f, how, rng)
    try:
        gradient, passed = checker(broken, None, 0)
    except Exception:  # noqa: BLE001 - also refused because nothing differentiable is left
        return
    if not is_right(gradient, truths):
        tally.add(questions.missed("lost"), passed, broken)


def main() -> int:
    """Count the verdicts of gradcheck, and compare it with other checkers."""
    title = "Gradient checkers: false alarms and missed faults"
    report = Report("gradient_checkers", title, one_core=False, pairs=20_000, peer_pairs=2_000)
    pairs, peer_pairs = (20, 6) if report.quick else (report.counts["pairs"], report.counts["peer_pairs"])
    report.say(f"`gradcheck` on {pairs:,} pairs of a function and a point, half of them from difficult families:\n")
    tally = count_all(pairs)
    add_counts(report, tally)
    pin_to_one_core()
    report.say(f"All checkers on {peer_pairs:,} pairs, if the library has the functions; faults that pass:\n")
    compare(report, draw_pairs(1_000_000, peer_pairs))
    return report.finish()


if __name__ == "__main__":
    sys.exit(main())
