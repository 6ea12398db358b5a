"""Verdicts that ``gradcheck`` once got wrong: right gradients called WRONG, faults that passed, and misleading reasons."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest
from faults import black_box, engine_gradient, stated_gradient
from truth import OPERATIONS, true_derivatives

import nn
from autograd import Value, gradcheck, no_grad, primitive
from autograd.strategies import Expression

# ---- right gradients ----------------------------------------------------------------------------------------------------


def cross_entropy(logits: list[Any], target: int) -> Any:
    return nn.cross_entropy([logits], [target])


RIGHT = [
    # The floats next to 0 and -8 have different spacings, so moved inputs resonate with rounding inside the function.
    Expression("lambda a, b, c: logsumexp([a, b, c])", 0.0, -8.0, -8.0),
    *(Expression(f"lambda x: softmax([{', '.join(['x'] * k)}])[0]", 0.75) for k in range(2, 10)),
    # The function changes by less than its rounding, or in steps of it.
    *(Expression("lambda a: log(1 + exp(a))", a) for a in (-40.0, -38.77640067865786, -36.7, -33.624002409508755, -20.0, 0.0)),
    *(Expression("lambda x: 1 + exp(-36 + 3 * sin(x))", x) for x in (-1.985532078797576, 0.5552594366288863, 1.5)),
    *(Expression("lambda x: 1 + 1e-16 * sin(x)", x) for x in (-4.309147515161012, 0.0, 2.5)),
    Expression("lambda a, b, c: cross_entropy([a, b, c], 2)", 9.6, -17.06, -1.18, cross_entropy=cross_entropy),
    Expression("lambda a, b, c: cross_entropy([a, b, c], 0)", 36.0, 0.0, -15.0, cross_entropy=cross_entropy),
    # Cancellation leaves few digits of the gradient, or none.
    Expression("lambda a, b, c: (a * a + b * b + c * c) / 3 - ((a + b + c) / 3) ** 2", 100.0, 100.1, 99.95),
    Expression("lambda a, b, c: (a * a + b * b + c * c) / 3 - ((a + b + c) / 3) ** 2", 100.0, 100.000001, 100.000002),
    # The period is shorter than a step relative to the argument; a jump.
    *(Expression("lambda x: sin(3.141592653589793 * x)", x) for x in (1.0, 8.0, 1e6, 123456.789)),
    Expression("lambda x: sin(x)", 8.9e11),
    *(Expression("lambda x: x % 1", x) for x in (2.0, -3.0, 0.25, 1173.3923034126708)),
    # At the limits of floats, and 6e-11 from a kink.
    Expression("lambda x, y: hypot(x, y)", 9.016860340732647e-248, 2.0812474159298974e-258),
    Expression("lambda x, y: x / y", 4.840840424328433e-16, 2.3662026148482074e153),
    Expression("lambda x, y: atan2(x, y)", 4.840840424328433e-16, 2.3662026134036697e153),
    Expression("lambda x, y: minimum(x, y)", 1.0, 1.0000000000582077),
    Expression("lambda x, y: maximum(x, y)", 1.0, 1.0000000000582077),
    Expression("lambda x: tanh(x)", 16.729373271405272),
    Expression("lambda x: erf(x)", 14.958615658363016),
    # A rule whose constant pi is a float: cos(pi * x) is exactly 0 here.
    *(Expression("lambda x: sinc(x)", x) for x in (18.5, 1000.5)),
]


@pytest.mark.parametrize("f", RIGHT, ids=repr)
def test_a_right_gradient_passes(f: Expression) -> None:
    truths = true_derivatives(f.on(OPERATIONS), f.inputs)
    assert all(truth is not None and truth.accepts(g) for truth, g in zip(truths, engine_gradient(f, f.inputs), strict=True))
    report = gradcheck(f, f.inputs)
    assert report, str(report)


@pytest.mark.parametrize("f", RIGHT, ids=repr)
def test_a_right_gradient_of_a_black_box_is_not_wrong(f: Expression) -> None:
    report = gradcheck(black_box(f), f.inputs, gradient=stated_gradient(f))
    assert all(entry.verdict != "WRONG" for entry in report.entries), str(report)


def test_a_gradient_without_digits_is_rounded_not_wrong() -> None:
    """The derivatives are about 1e-7, and each is the difference of two numbers of 67, whose rounding is 1e-14."""

    def variance(a: Any, b: Any, c: Any) -> Any:
        a, b, c = a * 1e6, b * 1e6, c * 1e6
        return (a * a + b * b + c * c) / 3 - ((a + b + c) / 3) ** 2

    report = gradcheck(variance, (100.0, 100.0 + 1e-13, 100.0))
    assert report, str(report)
    assert "rounded" in {entry.verdict for entry in report.entries}, str(report)


# ---- faults -------------------------------------------------------------------------------------------------------------


def lost_data(x: Any) -> Any:
    return x.data if isinstance(x, Value) else x


def lost_detach(x: Any) -> Any:
    return x.detach() if isinstance(x, Value) else x


def lost_in_no_grad(x: Any) -> Any:
    with no_grad():
        return x * 1.0


PERIODIC = ["lambda x: x * 0 + sin(3.141592653589793 * lost(x))", "lambda x: x * 0 + lost(x) % 1", "lambda x: x * sin(lost(x))"]


@pytest.mark.parametrize("lost", [lost_data, lost_detach, lost_in_no_grad])
@pytest.mark.parametrize("code", PERIODIC)
@pytest.mark.parametrize("x", [1.0, 8.0, 64.25, 1e6])
def test_a_gradient_lost_in_a_periodic_function_is_wrong(code: str, x: float, lost: Callable[[Any], Any]) -> None:
    report = gradcheck(Expression(code, x, lost=lost), x)
    assert [entry.verdict for entry in report.entries] == ["WRONG"], str(report)


TINY_LOSSES = [
    ("lambda a, b, c: cross_entropy([lost(a), b, c], 1)", -16.8, 30.9, -4.7),
    ("lambda a, b: logsumexp([lost(a), b])", -0.0012254871526834726, 19.61730093591379),
    ("lambda a, b: softmax([lost(a), b])[1]", -8.25, 20.0),
    ("lambda a, b: norm([lost(a), b])", -0.000413690025960982, 12.28729968747652),
    ("lambda a, b: exp(lost(a)) * b + 1e9", -12.5, 1.5),
    ("lambda a, b: a * b + 1e-9 * sin(lost(a))", 2.5, 1.5),
]


@pytest.mark.parametrize(("code", "a", "others"), [(code, a, others) for code, a, *others in TINY_LOSSES])
def test_a_tiny_gradient_that_is_lost_through_data_is_wrong(code: str, a: float, others: list[float]) -> None:
    """The slope that is lost is smaller than the rounding of f over the distance at which the floats are moved."""
    f = Expression(code, a, *others, lost=lost_data, cross_entropy=cross_entropy)
    report = gradcheck(f, f.inputs)
    assert report.entries[0].verdict == "WRONG", str(report)
    assert all(report.entries[1:]), str(report)


@pytest.mark.parametrize("fault", ["sign", "factor 2", "zero", "1 %", "1e-4", "1e-8"])
@pytest.mark.parametrize("f", [f for f in RIGHT if len(f.inputs) == 1 and "softmax" not in f.code], ids=repr)
def test_a_wrong_gradient_where_the_function_hardly_changes_is_wrong(f: Expression, fault: str) -> None:
    """Differences of floats cannot see these gradients, but the exact values of the function can."""
    report = gradcheck(f, f.inputs, gradient=stated_gradient(f, fault))
    assert not report, str(report)


# ---- wrong rules --------------------------------------------------------------------------------------------------------


@primitive(lambda out, x: 1.0001 * out * (1 - out))
def logistic(x: float) -> float:
    return 1 / (1 + math.exp(-x))


def test_a_wrong_rule_is_named_with_its_point_and_both_numbers() -> None:
    for f in (logistic, lambda x: 3 * logistic(x * x) + x):
        report = gradcheck(f, 0.7)
        assert not report
        assert "logistic at " in report.entries[0].why, str(report)
        with pytest.raises(AssertionError, match="logistic at "):
            report.raise_if_wrong()


def test_a_wrong_first_derivative_of_a_primitive() -> None:
    """github.com/HIPS/autograd, tests/test_tests.py, test_check_vjp_1st_order_fail: 2.001 instead of 2."""

    @primitive(lambda out, x: 2.001)
    def foo(x: float) -> float:
        return x * 2.0

    report = gradcheck(foo, 1.0)
    assert [entry.verdict for entry in report.entries] == ["WRONG"]
    assert "foo at 1" in report.entries[0].why, str(report)


def test_a_wrong_second_derivative_of_a_primitive() -> None:
    """test_check_vjp_2nd_order_fail: the first derivative is right, but its own rule is 1.001 instead of 1."""

    @primitive(lambda out, x: 1.001)
    def bar(x: float) -> float:
        return x

    @primitive(lambda out, x: 2 * bar(x))
    def foo(x: float) -> float:
        return x * x

    assert gradcheck(foo, 1.0)
    report = gradcheck(foo, 1.0, order=2)
    assert [entry.verdict for entry in report.entries] == ["agrees", "WRONG"], str(report)


# ---- reasons ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("factor", [0.9, 1.1, 3.0, 0.25])
def test_a_constant_factor_is_not_reported_as_the_gradient_of_another_point(factor: float) -> None:
    report = gradcheck(lambda x: x**3, 2.0, gradient=lambda x: factor * 3 * x**2)
    assert not report
    assert "another point" not in str(report)


def test_swapped_inputs_are_not_claimed_if_no_input_is_swapped() -> None:
    f = Expression("lambda a, b, c: logsumexp([a, b, c])", 0.0, -8.0, -8.0)
    for fault in ("sign", "factor 2", "1 %"):
        report = gradcheck(f, f.inputs, gradient=stated_gradient(f, fault, 1))
        assert [entry.verdict == "WRONG" for entry in report.entries] == [False, True, False], str(report)
        assert "swapped" not in str(report)
