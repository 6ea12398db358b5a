"""The shadow run computes each node exactly, sees what gradients cannot, and measures slopes without any rule."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable
from typing import Any

import mpmath
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd
from autograd import Value, gradcheck, no_grad, ops, primitive
from autograd.base.modes import WATCHERS
from autograd.checking import causes, exact
from autograd.checking.exact import mpf
from autograd.checking.shadow import light_run, record
from autograd.checking.slopes import first_step, local_slope, second_slope, second_step
from autograd.inspection.watching import Watcher


def tape_of(f: Callable[..., Any], *inputs: float) -> Any:
    return record(lambda values: [f(*values)], [Value(x) for x in inputs])


# ---- values ----


@given(st.floats(-3, 3), st.floats(0.1, 3))
def test_exact_values_and_gradients_equal_those_of_mpmath(x: float, y: float) -> None:
    tape = tape_of(lambda x, y: autograd.sin(x * y) / (1 + x * x) + autograd.log(y) ** 3, x, y)

    def f(x: Any, y: Any) -> Any:
        return mpmath.sin(x * y) / (1 + x * x) + mpmath.log(y) ** 3

    with mpmath.workprec(400):
        assert abs(tape.outputs()[0] - f(mpf(x), mpf(y))) < 1e-90
        moved = [mpf(x) + mpf(2) ** -70, mpf(y)]
        assert abs(tape.evaluate(moved)[0] - f(*moved)) < 1e-90
        gradient, mass, _ = tape.sweep_rules(0)
        for i, order in enumerate([(1, 0), (0, 1)]):
            assert abs(gradient[i] - mpmath.diff(f, (mpf(x), mpf(y)), order)) < 1e-40
            assert mass[i] >= abs(gradient[i]) * (1 - 1e-15)


def test_sums_and_dots_are_exact() -> None:
    tape = tape_of(lambda x, y: autograd.dot([x, 2.0], [y, 0.1], autograd.sum([x, 1e100, y, -1e100])), 0.1, 0.3)
    exactly = mpf(0.1) * mpf(0.3) + 2 * mpf(0.1) + mpf(0.1) + mpf(0.3)
    assert abs(tape.outputs()[0] - exactly) < 1e-60


def test_the_saved_sweep_equals_backward() -> None:
    x, y = Value(0.7), Value(-1.2)
    tape = record(lambda values: [autograd.tanh(values[0] * values[1]) + values[0]], [x, y])
    tape.steps[-1].node.backward()
    assert tape.sweep_saved(0)[0] == [x.grad, y.grad]


# ---- what gradients cannot see ----


def test_detached_numbers_and_numbers_within_no_grad_are_seen() -> None:
    def f(x: Value) -> Value:
        with no_grad():
            square = x * x
            assert not square.operands
            assert math.exp(square) > 0  # a Value is accepted where a float is expected, as without a watcher
            together = autograd.sum([x, autograd.dot([x], [x])])
        return square * x.detach() + together

    tape = tape_of(f, 3.0)
    moved = tape.evaluate([mpf(3) + mpf(2) ** -100])[0] - tape.outputs()[0]
    assert float(moved * 2**100) == pytest.approx(27 + 7)
    assert tape.sweep_rules(0)[0] == [0]
    assert {step.hidden_by for step in tape.steps} == {"", "detach()", "no_grad()"}


def test_other_watchers_see_nothing_within_no_grad() -> None:
    seen = []

    class Log(Watcher):
        def recorded(self, node: Value) -> None:
            seen.append(node.op)

    x = Value(2.0)
    with Log():
        with no_grad():
            x * x
            autograd.exp(x)
        x.detach()
        autograd.neg(x)
        tape_of(lambda x: x * x, 1.0)
    assert seen == ["neg"]
    assert WATCHERS.get() == ()


def test_watchers_are_restored_after_an_error() -> None:
    with pytest.raises(ZeroDivisionError):
        tape_of(lambda x: 1 / 0, 1.0)
    assert WATCHERS.get() == ()


def test_a_light_run_lists_operations_and_constants() -> None:
    def run(f: Callable[[Value], Any], x: float) -> list[Any]:
        return light_run(lambda values: [f(values[0])], [Value(x)])

    def smooth(x: Value) -> Value:
        return autograd.sin(x) * 2 + 1

    assert run(smooth, 1.0) == run(smooth, 2.0) == record(lambda v: [smooth(v[0])], [Value(1.0)]).signature()
    for f in (lambda x: x * x.data, lambda x: x if x > 1.5 else x * x, lambda x: x + Value(x.data), lambda x: x.data):
        assert run(f, 1.0) != run(f, 2.0)
    assert run(lambda x: x.detach(), 1.0) == run(lambda x: x.detach(), 2.0)  # the tape has its exact number


# ---- custom operations ----


def custom(forward: Callable[[float], float]) -> Any:
    return primitive(lambda out, x: out * (1 - out))(forward)


@pytest.mark.parametrize("forward", [lambda x: 1 / (1 + math.exp(-x)), lambda x: autograd.sigmoid(x)], ids=["math", "ours"])
def test_a_custom_operation_is_computed_exactly(forward: Callable[[float], float]) -> None:
    tape = tape_of(custom(forward), 0.7)
    with mpmath.workprec(400):
        assert abs(tape.outputs()[0] - 1 / (1 + mpmath.exp(-mpf(0.7)))) < 1e-90
        out = tape.outputs()[0]
        assert abs(tape.sweep_rules(0)[0][0] - out * (1 - out)) < 1e-90
    assert not tape.steps[0].is_opaque


@pytest.mark.parametrize("factor", [1.0, 1.01])
def test_an_opaque_operation_is_replaced_by_its_tangent(factor: float) -> None:
    """The slope is the stated partial, or the measured one if differences contradict it."""
    operation = primitive(lambda out, x: factor * autograd.cos(x))(lambda x: math.sin(float(x)))
    tape = tape_of(operation, 0.7)
    assert tape.steps[0].is_opaque
    moved = tape.evaluate([mpf(0.7) + mpf(2) ** -100])[0] - tape.outputs()[0]
    assert float(moved * 2**100) == pytest.approx(math.cos(0.7), rel=1e-15 if factor == 1 else 1e-9)


def stable_logistic(x: float) -> float:
    small = math.exp(-abs(x))
    return small / (1 + small) if x < 0 else 1 / (1 + small)


def hard_tanh(x: float) -> float:
    return -1.0 if x < -1 else 1.0 if x > 1 else x


@pytest.mark.parametrize(
    ("forward", "rule", "x", "verdict"),
    [
        (stable_logistic, lambda out, x: out * (1 - out), 0.0, "agrees"),  # one branch alone has a kink at 0
        (stable_logistic, lambda out, x: 1.01 * out * (1 - out), 0.0, "WRONG"),
        (hard_tanh, lambda out, x: 0.0, 1.0, "one-sided"),  # one branch alone is smooth at 1
        (hard_tanh, lambda out, x: 0.5, 1.0, "one-sided"),
        (hard_tanh, lambda out, x: 1.01, 1.0, "WRONG"),
        (hard_tanh, lambda out, x: 0.99, 0.5, "WRONG"),
    ],
)
def test_a_custom_operation_at_a_branch(
    forward: Callable[[float], float], rule: Callable[..., float], x: float, verdict: str
) -> None:
    report = gradcheck(primitive(rule)(forward), x)
    assert [entry.verdict for entry in report.entries] == [verdict], str(report)


@pytest.mark.parametrize(("error", "verdict"), [(0.0, "agrees"), (1e-7, "WRONG")])
def test_a_formula_of_table_functions_is_evaluated_exactly(error: float, verdict: str) -> None:
    """tanh(-18) differs from -1 by a few units in the last place, so differences of floats show no digit of its slope."""
    operation = primitive(lambda out, x: (1 + error) * ops.tanh.partials[0](out, x))(lambda x: ops.tanh.forward(x))
    report = gradcheck(operation, -18.182642005872896)
    assert [entry.verdict for entry in report.entries] == [verdict], str(report)


# ---- slopes ----


@pytest.mark.parametrize("name", ["softplus", "tanhshrink", "log1p", "expm1", "log_sigmoid", "log1mexp", "log_ndtr"])
@pytest.mark.parametrize("x", [0.00046, 19.5, -19.5])
def test_rows_are_smooth_in_either_precision(name: str, x: float) -> None:
    """Rounding inside of the formula, such as of 1 + exp(-19.5), must not look like a kink."""
    if name in ("log1p", "log1mexp") and x < 0:
        return
    tape = tape_of(getattr(autograd, name), x)
    for context in (contextlib.nullcontext(), exact.more_precision()):
        with context:
            tape.refine()
            slope = causes._slope(tape.steps[0], 0, tape.inputs)
            assert slope.kind == "smooth", slope.why
            assert abs(slope.value / tape.sweep_rules(0)[0][0] - 1) < 1e-15


@pytest.mark.parametrize(
    ("f", "kind", "left", "right"),
    [
        (lambda t: exact.CONTEXT.exp(t), "smooth", 1, 1),
        (lambda t: t**3, "smooth", 0, 0),
        (lambda t: 1 + t * t, "smooth", 0, 0),
        (lambda t: 5 + 0 * t, "smooth", 0, 0),
        (lambda t: abs(t) + 2 * t, "kink", 1, 3),
        (lambda t: abs(t) ** 1.1, "smooth", 0, 0),
        (lambda t: 3 * t + (t > 0), "jump", 3, 3),
        (lambda t: 3 * t + (t == 0), "jump", 3, 3),
        (lambda t: t if t >= 0 else mpmath.nan, "edge", 1, 1),
        (lambda t: -2 * t if t <= 0 else mpmath.inf, "edge", -2, -2),
    ],
)
def test_the_kind_of_a_slope(f: Any, kind: str, left: float, right: float) -> None:
    slope = local_slope(lambda t: mpf(f(mpf(t))), first_step(1))
    assert slope.kind == kind
    assert (float(slope.left), float(slope.right)) == pytest.approx((left, right), abs=1e-9)


@pytest.mark.parametrize(
    "f",
    [
        lambda t: exact.CONTEXT.sqrt(abs(t)),
        lambda t: exact.FUNCTIONS["cbrt"](t),
        lambda t: t * exact.CONTEXT.log(abs(t)) if t else exact.ZERO,
        lambda t: exact.CONTEXT.sqrt(t) if t >= 0 else exact.NAN,
    ],
)
def test_an_infinite_slope(f: Any) -> None:
    assert local_slope(f, first_step(1)).kind == "infinite"


def test_an_oscillation_has_no_slope() -> None:
    assert local_slope(lambda t: exact.CONTEXT.sin(t * mpf(10) ** 300 + 1), first_step(1)).kind == "none"


@pytest.mark.parametrize(
    ("f", "kind", "low", "high"),
    [
        (lambda s, t: s * s * t + 3 * s * t, "smooth", 3, 3),
        (lambda s, t: max(s, t), "jump", 0, 0),
        (lambda s, t: abs(s) * abs(t) + 2 * max(s, t), "jump", -1, 1),
    ],
)
def test_mixed_second_derivatives(f: Any, kind: str, low: float, high: float) -> None:
    slope = second_slope(lambda s, t: mpf(f(mpf(s), mpf(t))), second_step(1), second_step(1), mpf(7), 0.0)
    assert slope.kind == kind
    assert (float(slope.left), float(slope.right)) == pytest.approx((low, high))


def test_second_derivatives_along_one_input() -> None:
    step = second_step(1)
    assert float(second_slope(lambda t: mpf(t) ** 3 + mpf(t) ** 2, step, None, mpf(7), 0.0).value) == pytest.approx(2)
    kink = second_slope(lambda t: mpf(t) * abs(mpf(t)) + abs(mpf(t)), step, None, mpf(7), 0.0)
    assert kink.kind == "jump"  # of the first derivative
    assert (float(kink.left), float(kink.right)) == pytest.approx((-2, 2))
