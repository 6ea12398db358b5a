"""Verdicts of ``gradcheck`` on random functions and points: a sample of the pairs in ``benchmarks/gradient_checkers.py``.

The truth comes from exact values (``tests/support/truth.py``), so a gradient counts as right or wrong independently of the
engine and of ``gradcheck``.
"""

from __future__ import annotations

import pytest
import verdict_counts as questions
from faults import LOST, engine_gradient
from hypothesis import assume, given
from pairs import draw_pairs
from truth import OPERATIONS, true_derivatives
from verdict_counts import Tally, count_verdicts, is_right
from wrong_gradients import WRONG_GRADIENTS

from autograd import gradcheck, strategies
from autograd.strategies import Expression

PAIRS = 240
pytestmark = pytest.mark.xdist_group("verdicts on random pairs")  # the tests share one tally


@pytest.fixture(scope="module")
def tally() -> Tally:
    return count_verdicts(draw_pairs(16, PAIRS), 16)


def failures(tally: Tally, *names: str) -> str:
    return "\n".join(sample for name in names for sample in tally.samples[name])


@pytest.mark.parametrize(
    "question",
    [
        questions.WRONG,
        questions.UNPASSED,
        questions.HESSIAN_WRONG,
        questions.HESSIAN_UNPASSED,
        questions.BLACK_BOX_WRONG,
        questions.ENGINE,
        questions.RAISES,
    ],
)
def test_no_right_derivative_fails(tally: Tally, question: str) -> None:
    assert tally.cases[question] > PAIRS / 6
    assert tally.failures[question] == 0, failures(tally, question)


def test_planted_faults_are_found(tally: Tally) -> None:
    """Faults only a little larger than the rounding of the gradient may be missed. The benchmark has a large sample."""
    faults = [questions.missed(fault) for fault in (*WRONG_GRADIENTS, *LOST)]
    assert all(tally.cases[question] >= 5 for question in faults)
    assert tally.rate(*faults) <= 0.003, failures(tally, *faults)


@pytest.mark.parametrize("question", [questions.COPY, questions.ROW])
def test_a_wrong_rule_is_named(tally: Tally, question: str) -> None:
    assert tally.cases[question] > PAIRS / 4
    assert tally.rate(question) <= 0.01, failures(tally, question)


@given(strategies.expressions())
def test_the_right_gradient_of_a_random_expression_passes(f: Expression) -> None:
    truths = [truth for truth in true_derivatives(f.on(OPERATIONS), f.inputs) if truth is not None]
    assume(len(truths) == len(f.inputs))  # otherwise the function is infinitely steep
    assume(is_right(engine_gradient(f, f.inputs), truths))  # at several kinks, conventions may add up to another number
    report = gradcheck(f, f.inputs)
    assert report, str(report)
