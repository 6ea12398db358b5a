"""The exact truth that verdicts are tested against: correct itself, and not too lenient."""

from __future__ import annotations

import math
import random

import pytest
from exact import EXACT
from mpmath import mp
from pairs import ROWS, draw_pairs, operation
from truth import OPERATIONS, Truth, true_derivatives, true_second_derivatives

from autograd.ops import Operation
from autograd.strategies import Expression


def truth_of(code: str, *inputs: float) -> list[Truth | None]:
    f = Expression(code, *inputs)
    return true_derivatives(f.on(OPERATIONS), f.inputs)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_differences_of_exact_values_match_the_textbook_derivative(row: Operation) -> None:
    """The derivatives in ``exact.py`` are formulas; the truth uses only the values there."""
    rng = random.Random(row.name)
    compared = 0
    while compared < 5:
        f = operation(rng, row)
        found = true_derivatives(f.on(OPERATIONS), f.inputs)
        for truth, formula in zip(found, EXACT[row.name][1:], strict=True):
            if truth is None or truth.low != truth.high:
                continue  # at a kink, a jump or a pole
            wanted = formula(*map(mp.mpf, f.inputs))
            assert abs(truth.low - wanted) <= mp.mpf(10) ** -50 * max(1, abs(wanted)), (f, truth, wanted)
            compared += 1


def test_one_sided_derivatives_at_kinks_and_jumps() -> None:
    for code, x, low, high in (
        ("lambda x: relu(x)", 0.0, 0, 1),
        ("lambda x: abs(x) + 2 * x", 0.0, 1, 3),
        ("lambda x: maximum(x, 3 - x)", 1.5, -1, 1),
        ("lambda x: x % 1", 2.0, 1, 1),
        ("lambda x: floor(x)", 2.0, 0, 0),
        ("lambda x: sign(x)", 0.0, 0, 0),
        ("lambda x: x * x", 0.0, 0, 0),
        ("lambda x: abs(x) ** 1.5", 0.0, 0, 0),
    ):
        [truth] = truth_of(code, x)
        assert truth is not None
        assert abs(truth.low - low) < 1e-40, code
        assert abs(truth.high - high) < 1e-40, code


@pytest.mark.parametrize("code", ["lambda x: sqrt(x)", "lambda x: sqrt(abs(x))", "lambda x: log(x)", "lambda x: 1 / x"])
def test_infinite_slopes_and_edges_of_domains_have_no_derivative(code: str) -> None:
    assert truth_of(code, 0.0) == [None]


def test_the_rounding_of_a_well_conditioned_gradient_is_a_few_units_in_the_last_place() -> None:
    [truth] = truth_of("lambda x: exp(sin(x))", 0.7)
    assert truth is not None
    right = float(truth.low)
    assert truth.accepts(right)
    assert truth.accepts(math.nextafter(right, math.inf))
    for error in (1e-13, 1e-8, 1e-2, -1.0, -2.0):
        assert not truth.accepts(right * (1 + error))
    assert not truth.accepts(math.nan)
    assert not truth.accepts(math.inf)


def test_the_rounding_of_a_gradient_with_cancellation_is_the_rounding_of_its_terms() -> None:
    """The derivative is a difference of two numbers near 100, with an error of about 1e-14 each."""
    code = "lambda a, b: (a * a + b * b) / 2 - ((a + b) / 2) ** 2"
    truth, _ = truth_of(code, 100.0, 100.0 + 1e-6)
    assert truth is not None
    right = float(truth.low)  # -5e-7
    assert truth.accepts(right + 1e-14)
    assert not truth.accepts(right * 1.01)


def test_the_rounding_of_contributions_that_cancel_counts() -> None:
    """The derivative of x / (x + 1) is 1 / (x + 1) - x / (x + 1)**2: at 1e8, the two terms agree to 8 digits."""
    [truth] = truth_of("lambda x: x / (x + 1)", 1e8)
    assert truth is not None
    right = float(truth.low)  # 1e-16, a difference of two numbers near 1e-8
    assert truth.accepts(right * (1 + 1e-8))
    assert not truth.accepts(right * (1 + 1e-5))


def test_a_derivative_that_vanishes_is_exactly_zero() -> None:
    [truth] = truth_of("lambda x: square(relu(x))", 0.0)
    assert truth is not None
    assert truth.accepts(0.0)
    assert not truth.accepts(1e-98)


def test_pairs_are_determined_by_the_seed_and_half_of_them_are_ordinary() -> None:
    first, second = draw_pairs(3, 120), draw_pairs(3, 120)
    assert [(a, b) for a, b in zip(first, second, strict=True) if a != b and a.family != "default_expressions"] == []
    assert first != draw_pairs(4, 120)
    ordinary = {"operation", "function", "composition"}
    assert sum(pair.family in ordinary for pair in first) == 60
    assert len({pair.family for pair in first}) == 3 + 9


def test_second_derivatives_are_exact_and_undefined_at_kinks() -> None:
    f = Expression("lambda x, y: x * x * exp(y) + relu(x - 2)", 1.5, 0.25)
    found = true_second_derivatives(f.on(OPERATIONS), f.inputs)
    power = math.exp(0.25)
    for row, wanted in zip(found, [[2 * power, 3 * power], [3 * power, 2.25 * power]], strict=True):
        for truth, number in zip(row, wanted, strict=True):
            assert truth is not None
            assert truth.accepts(number)
            assert not truth.accepts(number * (1 + 1e-8))
    assert true_second_derivatives(f.on(OPERATIONS), [2.0, 0.25])[0][0] is None
