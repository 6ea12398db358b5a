"""``gradcheck`` accepts right derivatives, detects and diagnoses wrong ones, and reports inconclusive cases."""

from __future__ import annotations

import contextlib
import io
import itertools
import math
import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

import autograd
from autograd import GradcheckReport, Value, gradcheck, no_grad, primitive, strategies
from autograd.checking.entry import Entry
from autograd.ops import TABLE, Operation

FEW = settings(max_examples=max(4, settings().max_examples // 80))  # per row; the table has more than 80
# The order of polygamma must be a whole number: see test_special_functions.py.
ROWS = [row for row in TABLE if not row.variadic and row.name != "polygamma"]
STAIRS = {"floor", "ceil", "trunc", "round", "mod", "fmod", "floor_div", "sinc"}  # sinc is 0 at all whole numbers
POLES = {"div", "mod", "fmod", "floor_div", "cbrt", "atan2"}  # derivatives overflow, or an operand must not be 0

every_row = pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)


def verdicts(report: GradcheckReport) -> list[str]:
    return [entry.verdict for entry in report.entries]


def judge(f: Any, x: float, stated: float) -> Entry:
    return gradcheck(f, x, gradient=lambda x: stated).entries[0]


def moderate(row: Operation) -> st.SearchStrategy[tuple[float, ...]]:
    """Points at which a derivative can be measured: not close to the edge of the domain, nor to 0 if 0 is a pole."""
    ends = [(max(low, -5.0), min(high, 5.0)) for low, high in row.domain]
    shrunk = [(low + 0.05 * (high - low), high - 0.05 * (high - low)) for low, high in ends]
    floats = [st.floats(low, high).map(lambda x: round(x, 3)) for low, high in shrunk]
    return st.tuples(*floats).filter(lambda point: row.name not in POLES or min(map(abs, point)) > 0.1)


# ---- right derivatives ----


@every_row
def test_first_and_second_derivatives_of_every_operation_pass(row: Operation) -> None:
    @FEW
    @given(moderate(row))
    def check(point: tuple[float, ...]) -> None:
        report = gradcheck(getattr(autograd, row.name), point, order=2)
        assert report, str(report)

    check()


@every_row
def test_a_right_derivative_is_never_wrong(row: Operation) -> None:
    """Staircases so fine that floats see a slope are excluded."""
    coarse = st.floats(-1000, 1000).filter(lambda x: x == 0 or abs(x) > 0.01)
    points = [coarse if row.name in STAIRS else strategies.numbers(low, high) for low, high in row.domain]

    @FEW
    @given(st.tuples(*points))
    @example((1.0, 1.0000000000582077)[: len(points)])  # 6e-11 from a kink of minimum and maximum
    def check(point: tuple[float, ...]) -> None:
        assume(row.name not in POLES or point[-1] != 0)
        report = gradcheck(getattr(autograd, row.name), point)
        assert "WRONG" not in verdicts(report), str(report)

    check()


@pytest.mark.parametrize(
    ("row", "point"),
    [
        ("div", (4.840840424328433e-16, 2.3662026148482074e153)),  # the derivative is 17 times the smallest float
        ("atan2", (4.840840424328433e-16, 2.3662026134036697e153)),
        ("div", (1.797693134862314e308, 1.0)),  # on one side, only distant points do not overflow
    ],
)
def test_a_right_derivative_at_the_limits_of_floats_is_not_wrong(row: str, point: tuple[float, ...]) -> None:
    report = gradcheck(getattr(autograd, row), point)
    assert "WRONG" not in verdicts(report), str(report)


@pytest.mark.parametrize(
    ("f", "x", "derivative"),
    [
        (math.log, 0.001, 1000.0),  # a step of 0.001 leaves the domain
        (lambda x: x**3, 1e5, 3e10),  # rounding of 1e15
        (math.sin, 1e4, math.cos(1e4)),  # a step proportional to x is longer than the period
        (math.exp, 30.0, math.exp(30.0)),
        (math.exp, 1e-300, 1.0),
        (math.sqrt, 1e-300, 0.5 / math.sqrt(1e-300)),
        (autograd.log, 1e300, 1e-300),
        (lambda x: x * x, 1e150, 2e150),
        (lambda x: 1e16 + x, 1.0, 1.0),  # only large steps can measure it
        (lambda x: math.sin(1e8 * x), 1.0, 1e8 * math.cos(1e8)),  # only small steps can measure it
        (math.asin, 1 - 1e-6, 1 / math.sqrt(1 - (1 - 1e-6) ** 2)),
        (lambda x: max(x, 0.0), 1e-9, 1.0),  # next to a kink
        (lambda x: max(x, 0.0), -1e-9, 0.0),
        (lambda x: max(1.0, x), 1 - 2.0**-10, 0.0),
        (lambda x: 5.0, 1.0, 0.0),
        (lambda x: x * x, 0.0, 0.0),
        (lambda x: x**3, 0.0, 0.0),
        (math.cos, 0.0, 0.0),
        (lambda x: 1e6 + x * x, 1e-3, 2e-3),
        (lambda x: 1 / (x - 1), 1.001, -1e6),  # a pole nearby
    ],
)
def test_difficult_points(f: Callable[[float], float], x: float, derivative: float) -> None:
    assert judge(f, x, derivative).verdict == "agrees"
    for wrong in (-derivative, 2 * derivative, 0.0) if derivative else (1.0, -1e-3):
        assert judge(f, x, wrong).verdict == "WRONG", wrong


def test_a_function_of_floats_that_looks_constant_is_not_called_flat() -> None:
    """Near 1e300, math.log is constant over 1e284. Differences of floats cannot tell a staircase from rounding."""
    assert judge(math.log, 1e300, 1e-300).verdict == "agrees"
    assert judge(math.log, 1e300, 0.0).verdict == "inconclusive"
    assert judge(math.log, 1e300, -1e-300).verdict == "WRONG"


def test_a_relative_error_of_1e_6_is_detected() -> None:
    for f, x, derivative in [(math.exp, 1.0, math.e), (math.log, 3.0, 1 / 3), (math.tanh, 0.4, 1 - math.tanh(0.4) ** 2)]:
        assert judge(f, x, derivative).verdict == "agrees"
        assert judge(f, x, derivative * (1 + 1e-6)).verdict == "WRONG"


@every_row
def test_a_wrong_derivative_of_an_operation_never_passes(row: Operation) -> None:
    """Except derivatives that are too small to be measured, or between the one-sided derivatives at a kink."""
    plain = getattr(autograd, row.name)

    @FEW
    @given(moderate(row), st.sampled_from([-1.0, 0.5, 1.001]))
    def check(point: tuple[float, ...], factor: float) -> None:
        values = [Value(x) for x in point]
        stated = autograd.gradients(plain(*values), values)
        report = gradcheck(plain, point, gradient=lambda *xs: [factor * d + (d == 0) for d in stated] if len(xs) > 1 else
                           factor * stated[0] + (stated[0] == 0))  # fmt: skip
        for entry in report.entries:
            assert not entry or entry.verdict in ("negligible", "one-sided"), str(report)
            assert entry.verdict != "one-sided" or entry.why.startswith(("a kink", "a jump"))
            if entry.verdict == "negligible":
                assert abs(entry.analytic) < 1e-6

    check()


# ---- kinks, jumps, edges ----


@pytest.mark.parametrize(
    ("f", "inputs", "why"),
    [
        (autograd.relu, 0.0, "a kink: the derivative is 0 from the left and 1 from the right"),
        (abs, 0.0, "a kink: the derivative is -1 from the left and 1 from the right"),
        (lambda x: 1e6 + autograd.relu(x), 0.0, "a kink: the derivative is 0 from the left and 1 from the right"),
        (lambda x: autograd.maximum(x, 3.0 - x), 1.5, "a kink: the derivative is -1 from the left and 1 from the right"),
        (autograd.floor, 2.0, "a jump; the slopes are 0 from the left and 0 from the right"),
        (autograd.sign, 0.0, "a jump; the slopes are 0 from the left and 0 from the right"),
        (lambda x: x % 3.0, 6.0, "a jump; the slopes are 1 from the left and 1 from the right"),
    ],
)
def test_at_a_kink_or_jump_the_one_sided_derivatives_are_compared(f: Any, inputs: float, why: str) -> None:
    report = gradcheck(f, inputs)
    (entry,) = report.entries
    assert report
    assert (entry.verdict, entry.why) == ("one-sided", why)
    assert why in str(report)


def test_a_tie_is_a_kink_for_each_operand() -> None:
    report = gradcheck(autograd.maximum, (2.0, 2.0))
    assert verdicts(report) == ["one-sided", "one-sided"]
    assert [entry.analytic for entry in report.entries] == [0.5, 0.5]


@pytest.mark.parametrize(("stated", "verdict"), [(-1.0, "one-sided"), (0.3, "one-sided"), (1.1, "WRONG"), (-1.0001, "WRONG")])
def test_at_a_kink_any_number_between_the_one_sided_derivatives_passes(stated: float, verdict: str) -> None:
    assert judge(abs, 0.0, stated).verdict == verdict
    assert judge(lambda x: abs(x - 3) + x * x, 3.0, stated + 6).verdict == verdict


def test_a_staircase_is_not_mistaken_for_a_slope() -> None:
    for x in (0.0, 2.0, 2.5, 1e4, 1e4 + 0.5):
        assert judge(math.floor, x, 0.0).verdict == ("agrees" if x % 1 else "one-sided")
        assert judge(math.floor, x, 1.0).verdict in ("WRONG", "inconclusive")


@pytest.mark.parametrize(("f", "name"), [(lambda x: math.pow(x, 2.0) + 3 * x + math.sqrt(x) ** 2, "right"),
                                         (lambda x: 4 * x + 0 * math.sqrt(-x), "left")])  # fmt: skip
def test_at_the_edge_of_the_domain_only_one_side_is_compared(f: Callable[[float], float], name: str) -> None:
    good, bad = judge(f, 0.0, 4.0), judge(f, 0.0, 3.0)
    assert (good.verdict, bad.verdict) == ("one-sided", "WRONG")
    assert good.why == f"f is defined only on the {name}, where the derivative is 4"


# ---- inconclusive ----


@pytest.mark.parametrize(
    ("f", "inputs", "why"),
    [
        (autograd.log, 0.0, "f is -inf at this point"),
        (autograd.log, -1.0, "f is nan at this point"),
        (lambda x: x * 0 + 1, math.inf, "no finite numbers are near inf"),
        (lambda x: autograd.sqrt(abs(x)), 0.0, "the stated derivative is nan: the slope of f is infinite at this point"),
        (lambda x: autograd.sqrt(autograd.relu(x)), 0.0, "the slope of f is infinite at this point"),
        (lambda x: autograd.relu(x) + 0 * x, 1e300 * 0 + math.nan, "no finite numbers are near nan"),
    ],
)
def test_an_inconclusive_report_is_false_and_gives_the_reason(f: Any, inputs: float, why: str) -> None:
    report = gradcheck(f, inputs)
    assert not report
    assert verdicts(report) == ["inconclusive"]
    assert report.entries[0].why.startswith(why)
    assert why in str(report)
    assert "1 inconclusive" in repr(report)


@pytest.mark.parametrize(
    ("ours", "plain", "verdict"),
    [
        (autograd.sqrt, math.sqrt, "one-sided"),
        (lambda x: autograd.sqrt(0.0 - x), lambda x: math.sqrt(-x), "one-sided"),
        (autograd.cbrt, math.cbrt, "agrees"),
        (lambda x: -autograd.cbrt(x), lambda x: -math.cbrt(x), "agrees"),
    ],
)
def test_an_infinite_slope_has_the_same_verdict_in_high_precision_and_in_floats(ours: Any, plain: Any, verdict: str) -> None:
    slope = autograd.grad(ours)(0.0)
    assert math.isinf(slope)
    for f, gradient in ((ours, None), (plain, lambda x: slope)):
        (entry,) = gradcheck(f, 0.0, gradient=gradient).entries
        assert (entry.verdict, entry.numeric) == (verdict, slope)
        (entry,) = gradcheck(f, 0.0, gradient=lambda x: -slope).entries
        assert entry.verdict in ("WRONG", "inconclusive")


def test_steps_across_a_kink_are_not_mistaken_for_a_derivative() -> None:
    """Over large steps the slope of relu is one half."""
    assert verdicts(gradcheck(lambda x: max(x, 0.0), 1e-9, gradient=lambda x: 0.5)) == ["WRONG"]
    assert verdicts(gradcheck(lambda x: max(x + 1e-9, 0.0), 0.0, gradient=lambda x: 0.5)) == ["WRONG"]


@pytest.mark.parametrize("x", [8.501344042169464, -9.919820880919081, 387.3823856503063])
def test_a_right_derivative_of_a_function_that_rounds_to_32_bits_is_not_wrong(x: float) -> None:
    """To some steps, the fine staircase of rounded values looks like a different slope."""
    assert "WRONG" not in verdicts(gradcheck(lambda x: float(np.float32(math.sin(x))), x, gradient=math.cos))
    points = [18.42841374423556, 28.701194902305186, 39.40268903324602]
    for number in points:
        assert "WRONG" not in verdicts(gradcheck(lambda x: round(x, 3), number, gradient=lambda x: 0.0))


@pytest.mark.parametrize("x", [-14.650734, -0.824514, -0.42299, 1.0, 1.66086])
@pytest.mark.parametrize(
    "f", [abs, math.asinh, math.cbrt if hasattr(math, "cbrt") else math.atan, lambda x: math.hypot(x, 0.3), lambda x: x * x]
)
def test_a_derivative_of_zero_is_wrong_even_if_f_looks_constant_from_afar(f: Any, x: float) -> None:
    """Over steps of a million, the slopes left and right of an even or slowly growing function cancel."""
    assert verdicts(gradcheck(f, x, gradient=lambda x: 0.0)) == ["WRONG"]


@pytest.mark.parametrize("x", [-0.9999999985912071, -0.9999999988238125, 0.9999999978810461])
@pytest.mark.parametrize(("f", "derivative"), [(math.asin, lambda x: 1 / math.sqrt((1 - x) * (1 + x)))])
def test_slopes_at_different_distances_are_not_mistaken_for_a_kink(f: Any, derivative: Any, x: float) -> None:
    """Near the edge of the domain, one side allows only small steps, and the other side small and large steps."""
    assert verdicts(gradcheck(f, x, gradient=derivative)) == ["agrees"]
    for factor in (0.0, 0.5):
        assert not gradcheck(f, x, gradient=lambda x, factor=factor: factor * derivative(x))


def test_a_derivative_too_small_for_differences_of_floats_agrees() -> None:
    (entry,) = gradcheck(autograd.tanh, 30.0).entries
    assert (entry.verdict, entry.digits) == ("agrees", 16)
    assert judge(autograd.tanh, 30.0, 2 * entry.analytic).verdict == "WRONG"
    assert judge(math.tanh, 30.0, 1e-3).verdict == "WRONG"


def test_a_random_function_is_detected() -> None:
    numbers = random.Random(0)
    report = gradcheck(lambda x: x * numbers.random(), 2.0)
    assert not report
    assert "f does not depend only on its arguments: two calls returned" in str(report)


def test_a_gradient_that_is_never_reset_to_zero_is_detected() -> None:
    x = Value(3.0)

    def gradient(number: float) -> float:
        x.data = number
        (x * x).backward()
        return x.grad

    report = gradcheck(lambda x: x * x, 3.0, gradient=gradient)
    assert not report
    assert "two calls of the gradient returned 6.0 and 12.0 for x; is it added" in str(report)


def test_noise_is_not_mistaken_for_a_derivative() -> None:
    noise = [math.sin(1e9 * k * k) for k in range(1000)]

    def f(x: float) -> float:
        return 1e-3 * noise[hash(x) % 1000]

    for stated in (0.0, 1e-3, 1.0):
        assert judge(f, 0.7, stated).verdict == "inconclusive"


# ---- planted mistakes ----


@pytest.mark.parametrize(
    ("f", "gradient", "inputs", "wrong", "diagnosis"),
    [
        (lambda x: math.cos(x), lambda x: math.sin(x), 0.7, [0], "the sign looks wrong (x)"),
        (lambda x, y: x * y * y, lambda x, y: (2 * x * y, y * y), (3.0, 2.0), [0, 1],
         "the derivatives with respect to x and y look swapped"),
        (lambda x, y, z: x - y / z, lambda x, y, z: (1.0, y / z**2, -1 / z), (1.0, 2.0, 3.0), [1, 2],
         "the derivatives with respect to y and z look swapped"),
        (lambda x: 0.5 * x * x, lambda x: 2 * x, 1.7, [0], "looks off by a factor of 2; is something counted twice"),
        (lambda x: x * x, lambda x: x, 1.7, [0], "looks off by a factor of 0.5; is one of two uses"),
        (lambda x: x**3, lambda x: x**2, 1.7, [0], "looks off by a factor of 0.333333 (x)"),
        (lambda x: x**3, lambda x: -2 * x**2, 1.7, [0], "looks off by a factor of -0.666667 (x)"),
        (lambda x: math.sin(math.pi * x), lambda x: math.cos(math.pi * x), 0.2, [0], "looks off by a factor of 1/pi"),
        (lambda x: math.log2(x), lambda x: 1 / x, 0.2, [0], "looks off by a factor of log(2)"),
        (lambda x: x**3, lambda x: 3 * x**2 * (1 + 1e-6), 1.7, [0], "nearly right, relative error 1e-06"),
        (lambda x, y: x * y, lambda x, y: (y, 0.0), (3.0, 2.0), [1], "the stated derivative is 0: it looks like"),
        (lambda x: sum(t**3 for t in x), lambda x: [3 * t * t if i != 3 else 2.9 * t for i, t in enumerate(x)],
         [1.0, 2.0, 3.0, 4.0, 5.0], [3], None),
        (lambda x: x**3, lambda x: 3 * 2.0**2, 3.1, [0], "the stated gradient does not change with the inputs"),  # stale
        (lambda x: x * x, lambda x: math.nan, 1.7, [0], None),
        (lambda x: x * x, lambda x: math.inf, 1.7, [0], None),
    ],
)  # fmt: skip
def test_a_mistake_is_detected_and_diagnosed(
    f: Any, gradient: Any, inputs: Any, wrong: list[int], diagnosis: str | None
) -> None:
    report = gradcheck(f, inputs, gradient=gradient)
    assert not report
    assert [i for i, entry in enumerate(report.entries) if entry.verdict == "WRONG"] == wrong
    assert all(entry for i, entry in enumerate(report.entries) if i not in wrong)
    if diagnosis is None:
        assert report.diagnosis == []
    else:
        assert any(guess.startswith(diagnosis) for guess in report.diagnosis), report.diagnosis
        assert diagnosis[1:] in str(report)


def test_one_derivative_that_fits_another_input_is_not_a_swap() -> None:
    report = gradcheck(lambda x, y: x * y * y, (3.0, 2.0), gradient=lambda x, y: (12.0, 5.123))
    assert verdicts(report) == ["WRONG", "WRONG"]
    assert not any("swapped" in guess for guess in report.diagnosis)


def test_a_gradient_that_is_wrong_in_one_region_is_detected_only_there() -> None:
    def gradient(x: float) -> float:
        return 2 * x if abs(x) < 1 else 2.0

    for x in (0.3, 0.99, -0.5):
        assert gradcheck(lambda x: x * x, x, gradient=gradient)
    for x in (1.01, 2.0, -3.0):
        assert not gradcheck(lambda x: x * x, x, gradient=gradient)


def test_a_right_gradient_of_a_straight_line_is_not_called_stale() -> None:
    report = gradcheck(lambda x, y: 3 * x + 2 * y, (1.0, 2.0), gradient=lambda x, y: (3.0, 5.0))
    assert report.diagnosis == ["looks off by a factor of 2.5 (y)"]


@pytest.mark.parametrize(
    ("partials", "why"),
    [
        ((lambda out, x, y: y, lambda out, x, y: x), ""),
        ((lambda out, x, y: x, lambda out, x, y: y), "product at 3, 2: its partial with respect to x is 3, differences say 2"),
        (
            (lambda out, x, y: y, lambda out, x, y: -x),
            "product at 3, 2: its partial with respect to y is -3, differences say 3",
        ),
    ],
)
def test_custom_operations_are_checked(partials: Any, why: str) -> None:
    def product(x: float, y: float) -> float:
        return x * y

    report = gradcheck(primitive(*partials)(product), (3.0, 2.0), order=1)
    assert bool(report) == (not why)
    assert why in str(report)


def test_a_mistake_in_the_second_derivative_is_detected_at_order_2() -> None:
    cube = primitive(lambda out, x: 3 * x * Value(x.data))(
        lambda x: x**3
    )  # the second x is a constant, detached from the graph
    assert gradcheck(cube, 2.0)
    report = gradcheck(cube, 2.0, order=2)
    assert verdicts(report) == ["agrees", "WRONG"]
    assert report.entries[1].by == "x, x"
    assert report.entries[1].why.endswith("at 2: its second derivative with respect to x and x is 6, differences say 12")


# ---- the report ----


def model(p: Any, scale: Any) -> Any:
    return scale * autograd.sin(p["w"][0] * p["w"][1]) + p["b"] ** 2


def test_an_entry_names_the_path_of_its_input() -> None:
    report = gradcheck(
        lambda p, scale: (scale * p["w"][0] * p["w"][1] + p["b"] * 2).sum(), ({"w": [1.0, 2.0], "b": np.ones((1, 2))}, 0.5)
    )
    names = ["p['w'][0]", "p['w'][1]", "p['b'][0][0]", "p['b'][0][1]", "scale"]
    assert [entry.by for entry in report.entries] == names
    assert report


def test_second_derivatives_are_listed_per_pair_of_inputs() -> None:
    report = gradcheck(model, ({"w": [1.0, 2.0], "b": 3.0}, 0.5), order=2)
    assert report
    assert [entry.numbers for entry in report.entries] == [(i,) for i in range(4)] + list(itertools.product(range(4), range(4)))
    exact = autograd.hessian(lambda v: model({"w": [v[0], v[1]], "b": v[2]}, v[3]))([1.0, 2.0, 3.0, 0.5])
    found = {entry.numbers: entry for entry in report.entries}
    for i, j in itertools.product(range(4), range(4)):
        assert found[i, j].analytic == exact[i][j]
        assert found[i, j].numeric == pytest.approx(exact[i][j], abs=1e-8)


def test_second_derivatives_are_not_transposed() -> None:
    """The Hessian of a wrong gradient is not symmetric, so it distinguishes rows from columns."""
    product = primitive(lambda out, x, y: 5 * y, lambda out, x, y: x)(lambda x, y: 5 * x * y)
    report = gradcheck(product, (2.0, 3.0), order=2)
    assert [(entry.numbers, entry.analytic, round(entry.numeric, 6)) for entry in report.entries][2:] == [
        ((0, 0), 0.0, 0.0), ((0, 1), 5.0, 5.0), ((1, 0), 1.0, 5.0), ((1, 1), 0.0, 0.0)
    ]  # fmt: skip


def test_attributes_of_an_entry() -> None:
    (entry,) = gradcheck(autograd.exp, 1.0).entries
    assert (entry.analytic, entry.difference) == (math.exp(1.0), entry.analytic - entry.numeric)
    assert entry.numeric == pytest.approx(math.e, rel=1e-11)
    assert 0 < entry.error < 1e-9
    assert entry.digits >= 9
    (wrong,) = gradcheck(math.exp, 1.0, gradient=lambda x: math.e * 1.01).entries
    assert wrong.digits == 2


TABLE_SHOWN = """\
gradcheck of divide: 2 derivatives, 1 WRONG
  input  analytic  numeric  difference  error  digits  verdict
  x      0.5       0.5      0           6e-17  15      agrees
  y      0.75      -0.75    1.5         6e-17  0       WRONG
The sign looks wrong (y).
To reproduce the entry for y:
    def along(t):
        return divide(3.0, t)
    h = {h!r}
    print(gradient(3.0, 2.0)[1], (along(2.0 + h) - along(2.0 - h)) / (2 * h))"""


def divide(x: Any, y: Any) -> Any:
    return x / y


def shown(report: GradcheckReport) -> str:
    """Return the expected table, with the step that was chosen for the reproduction."""
    step = float(str(report).partition("    h = ")[2].partition("\n")[0])
    assert 1e-7 < step < 0.1
    return TABLE_SHOWN.replace("{h!r}", repr(step))


def test_the_report_is_a_table() -> None:
    report = gradcheck(divide, (3.0, 2.0), gradient=lambda x, y: (1 / y, x / y**2))
    assert str(report) == shown(report)


def test_a_long_table_shows_all_failures() -> None:
    report = gradcheck(lambda x: sum(t * t for t in x), [1.0] * 50, gradient=lambda x: [2.0] * 40 + [-2.0] + [2.0] * 9)
    lines = str(report).splitlines()
    assert any("x[40]" in line and "WRONG" in line for line in lines)
    assert "  and 30 more" in lines
    assert lines[0] == "gradcheck of <lambda>: 50 derivatives, 1 WRONG"


def test_repr_has_at_most_200_characters() -> None:
    report = gradcheck(sum, [1.0] * 30, gradient=lambda x: [-1.0] * 10 + [0.7123] * 10 + [2.0] * 10)
    assert len(repr(report)) <= 200
    assert repr(report).startswith("<gradcheck of sum: 30 derivatives, 30 WRONG; the sign looks wrong")


def test_raise_if_wrong_raises_with_the_whole_report() -> None:
    gradcheck(divide, (3.0, 2.0)).raise_if_wrong()
    report = gradcheck(divide, (3.0, 2.0), gradient=lambda x, y: (1 / y, x / y**2))
    with pytest.raises(AssertionError) as caught:
        report.raise_if_wrong()
    assert shown(report) in str(caught.value)


@pytest.mark.parametrize(
    ("f", "gradient", "inputs", "order"),
    [
        (model, None, ({"w": [1.0, 2.0], "b": 3.0}, 0.5), 2),
        (lambda x: (x * x * x).sum(), None, (np.array([1.0, 2.0]),), 2),
        (lambda x: (x * x * x).sum(), lambda x: 3 * x * x, np.array([[1.0], [2.0]]), 1),
        (lambda p, q: p["a"] * q[0] ** 2, lambda p, q: ({"a": q[0] ** 2}, [2 * p["a"] * q[0]]), ({"a": 1.0}, [2.0]), 1),
    ],
)
def test_the_snippet_of_every_entry_reproduces_it(f: Any, gradient: Any, inputs: Any, order: int) -> None:
    report = gradcheck(f, inputs, order=order, gradient=gradient)
    assert report
    for entry in report.entries:
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            exec(entry.snippet, {"f": f, "model": f, "gradient": gradient})
        analytic, numeric = map(float, out.getvalue().replace("np.float64", "").replace("(", "").replace(")", "").split())
        assert analytic == entry.analytic
        assert numeric == pytest.approx(entry.numeric, rel=1e-2, abs=1e-2)


# ---- functions from other code ----


class TheirValue:
    """A minimal engine written by a user."""

    def __init__(self, data: float, parents: tuple[tuple[TheirValue, float], ...] = ()) -> None:
        self.data, self.parents, self.grad = data, parents, 0.0

    def __mul__(self, other: TheirValue) -> TheirValue:
        return TheirValue(self.data * other.data, ((self, other.data), (other, self.data)))

    def backward(self, gradient: float = 1.0, last_wins: bool = False) -> None:
        for parent, partial in self.parents:
            parent.grad = partial * gradient if last_wins else parent.grad + partial * gradient
            parent.backward(partial * gradient, last_wins)


@pytest.mark.parametrize("last_wins", [False, True])
def test_another_value_class(last_wins: bool) -> None:
    def gradient(x: float, y: float) -> list[float]:
        a, b = TheirValue(x), TheirValue(y)
        (a * a * b).backward(1.0, last_wins)
        return [a.grad, b.grad]

    report = gradcheck(lambda x, y: (TheirValue(x) * TheirValue(x) * TheirValue(y)).data, (3.0, 2.0), gradient=gradient)
    assert bool(report) == (not last_wins)
    if last_wins:  # x * x counts once
        assert [entry.verdict for entry in report.entries] == ["WRONG", "agrees"]
        assert report.diagnosis[0].startswith("looks off by a factor of 0.5; is one")


def test_pytorch_code() -> None:
    torch = pytest.importorskip("torch")

    def run(x: list[float]) -> tuple[Any, Any]:
        tensor = torch.tensor(x, dtype=torch.float64, requires_grad=True)
        return tensor, (torch.sin(tensor) * tensor).sum()

    def gradient(x: list[float]) -> Any:
        tensor, result = run(x)
        result.backward()
        return tensor.grad

    assert gradcheck(lambda x: run(x)[1].item(), [1.0, -2.0, 0.5], gradient=gradient)
    assert gradcheck(lambda x: run(x)[1].detach(), [1.0, -2.0, 0.5], gradient=lambda x: list(gradient(x)))
    assert not gradcheck(lambda x: run(x)[1].item(), [1.0, -2.0, 0.5], gradient=lambda x: 1.1 * gradient(x))


def test_32_bit_pytorch_agrees_to_fewer_digits() -> None:
    torch = pytest.importorskip("torch")

    def f(x: float) -> float:
        return float(torch.tanh(torch.tensor(x)))

    (entry,) = gradcheck(f, 0.3, gradient=lambda x: 1 - math.tanh(x) ** 2).entries
    assert entry.verdict != "WRONG"
    (entry,) = gradcheck(f, 0.3, gradient=lambda x: 1 + math.tanh(x) ** 2).entries
    assert not entry


def test_a_gradient_as_a_dict_in_another_order() -> None:
    assert gradcheck(lambda p: p["a"] * p["b"] ** 2, {"a": 3.0, "b": 2.0}, gradient=lambda p: {"b": 12.0, "a": 4.0})


def test_a_tuple_contains_the_arguments_and_any_other_object_is_one_argument() -> None:
    assert len(gradcheck(lambda x, y: x * y, (2.0, 3.0)).entries) == 2
    assert gradcheck(lambda x: x[0] * x[1], [2.0, 3.0])
    assert gradcheck(lambda x: x[0] * x[1], ((2.0, 3.0),))
    assert gradcheck(lambda x: x * x, 2)
    assert gradcheck(lambda x: x * x, Value(2.0))


def test_values_and_stored_gradients_do_not_change() -> None:
    x = Value(2.0)
    x.grad = 7.0
    with no_grad():
        assert gradcheck(lambda x: x.exp() * x, x, order=2)
    assert (x.data, x.grad) == (2.0, 7.0)


def test_errors_away_from_the_point_only_limit_the_steps() -> None:
    def f(x: float) -> float:
        if x > 1.01:
            raise ValueError("beyond the edge")
        return x * x if x > 0.99 else 1 / 0

    assert gradcheck(f, 1.0, gradient=lambda x: 2 * x)
    assert gradcheck(lambda x: x**0.5 * x, 1e-3, gradient=lambda x: 1.5 * x**0.5)  # complex for negative numbers


def test_the_gradient_of_a_function_of_one_number_may_be_in_a_tuple() -> None:
    assert gradcheck(math.sin, 1.0, gradient=lambda x: (math.cos(x),))
    assert gradcheck(math.sin, (1.0,), gradient=lambda x: [math.cos(x)])
    assert not gradcheck(math.sin, 1.0, gradient=lambda x: (math.sin(x),))


@pytest.mark.parametrize("order", [1, 2])
@pytest.mark.parametrize(
    ("f", "x", "verdict"),
    [
        (lambda x: max(x, 0.0), -1.0, "agrees"),
        (lambda x: max(x, 0.0), 1.0, "agrees"),
        (lambda x: max(0.0, x), 0.0, "one-sided"),
        (lambda x: 3, 1.0, "agrees"),
        (lambda x: x.data * 2, 1.0, "WRONG"),
        (lambda x: math.log(1 + math.exp(x.data)), -36.5, "inconclusive"),  # constant in floats, but only near this point
        (lambda x: 1 + 1e-16 * math.sin(x.data), 0.5, "inconclusive"),  # constant in floats
        (lambda x: max(x * 2 - 5, 0.0), 0.5, "agrees"),
    ],
)
def test_the_gradient_of_a_constant_result_is_zero(f: Any, x: float, verdict: str, order: int) -> None:
    report = gradcheck(f, x, order=order)
    assert report.entries[0].verdict == verdict, str(report)
    assert report.entries[0].analytic == autograd.grad(f)(x)


# ---- invalid arguments ----


check: Any = gradcheck  # for calls that type checkers reject


@pytest.mark.parametrize(
    ("call", "kind", "message"),
    [
        (lambda: check(3.0, 1.0), TypeError, r"f must be a function, not float \(3\.0\); pass the function itself"),
        (lambda: check(abs, 1.0, gradient=3.0), TypeError, "gradient must be a function, not float"),
        (lambda: check(abs, 1.0, order=3), ValueError, "order must be 1 or 2, not 3"),
        (lambda: check(abs, 1.0, order=True), ValueError, "order must be 1 or 2, not True"),
        (lambda: check(pow, 1.0, 2.0), TypeError, r"targets must be None unless f is a model, not a num.* one tuple"),
        (lambda: check(math.hypot, [1.0, "a"]), TypeError, r"argument 0\[1\] must be a number"),
        (lambda: check(lambda x, y: x * y, [1.0, 2.0]), TypeError, "cannot be called with 1 argument, .* a list is one"),
        (lambda: check(lambda x: x[0] * x[1], (1.0, 2.0)), TypeError, "cannot be called with 2 arguments, .* a tuple"),
        (lambda: check(abs, 1.0, order=2, gradient=abs), ValueError, "order must be 1 with gradient=, .*, not 2; check"),
        (lambda: check(abs, "1"), TypeError, "argument 0 must be a number, .* not str"),
        (lambda: check(abs, ({"a": ["1"]},)), TypeError, r"argument 0\['a'\]\[0\] must be a number"),
        (lambda: check(abs, ()), ValueError, "must contain at least one number"),
        (lambda: check(lambda x: None, 1.0), TypeError, "must return the Value to differentiate, not None"),
        (lambda: check(lambda x: [x, x], 1.0, gradient=abs), ValueError, r"gradient returned 1.0, without \[0\]"),
        (lambda: check(lambda x: "1", 1.0), TypeError, "must return a Value, or a structure of them, not str"),
        (lambda: check(lambda x: x**0.5, -1.0, gradient=abs), ValueError, "returned the complex number"),
        (lambda: check(abs, 1.0, gradient=lambda x: [1.0, 2.0]), TypeError, r"not list \(.*; return one number per arg"),
        (lambda: check(sum, [1.0, 2.0], gradient=lambda x: 1.0), ValueError, r"without argument 0\[0\]; .* its only argument"),
        (lambda: check(sum, [1.0, 2.0], gradient=lambda x: [1.0]), ValueError, r"without argument 0\[1\]"),
        (lambda: check(sum, [1.0], gradient=lambda x: [1.0, 1.0]), ValueError, "returned 2 numbers for 1 input"),
        (lambda: check(max, (1.0, 2.0), gradient=lambda x, y: 1.0), ValueError, "a tuple with one item per argument"),
        (lambda: check(abs, 1.0, gradient=lambda x: None), TypeError, "the gradient with respect to argument 0 must be a real"),
    ],
)  # fmt: skip
def test_misuse_raises_an_error(call: Callable[[], Any], kind: type[Exception], message: str) -> None:
    with pytest.raises(kind, match=message):
        call()


@example([0.0, 0.0])
@given(st.lists(st.floats(-3, 3).map(lambda x: round(x, 2)), min_size=2, max_size=4))
def test_compositions_pass(x: list[float]) -> None:
    def f(x: Any) -> Any:
        return autograd.logsumexp(x) * autograd.softmax(x)[0] + autograd.gelu(x[1]) - autograd.norm([1.0, *x]).tanh()

    report = gradcheck(f, x, order=2)
    assert report, str(report)


@pytest.mark.parametrize("shape", [(3,), (1, 3)])
def test_a_function_of_each_element_is_checked_with_one_derivative_per_element(shape: tuple[int, ...]) -> None:
    x = np.array([0.5, 1.0, -2.0]).reshape(shape)
    assert verdicts(gradcheck(np.sin, x, gradient=np.cos)) == ["agrees"] * 9
    wrong = gradcheck(np.sin, x, gradient=np.sin)
    assert [i for i, entry in enumerate(wrong.entries) if entry.verdict == "WRONG"] == [0, 4, 8]  # the diagonal
    assert gradcheck(lambda v: [v[0] * v[1], v[1]], [2.0, 3.0], gradient=lambda v: [[v[1], v[0]], [0.0, 1.0]])


@pytest.mark.parametrize(
    ("name", "remedy"),
    [
        ("ok", "use report.passed"), ("success", "use report.passed"), ("is_correct", "use report.passed"),
        ("errors", "use report.entries"), ("results", "use report.entries"), ("failed", "use not report.passed"),
        ("summary", r"use print\(report\)"), ("max_error", r"use max\(entry.error for entry in report.entries\)"),
    ],
)  # fmt: skip
def test_names_of_other_reports_have_a_remedy(name: str, remedy: str) -> None:
    report = gradcheck(lambda x: x * x, 3.0)
    with pytest.raises(AttributeError, match=f"'GradcheckReport' object has no attribute '{name}'; {remedy}"):
        getattr(report, name)
    assert not hasattr(report, "unknown")


def test_a_method_of_values_in_a_function_of_plain_numbers_has_a_remedy() -> None:
    with pytest.raises(AttributeError) as caught:
        gradcheck(lambda x: x.log(), 2.0, gradient=lambda x: 1 / x)
    assert str(caught.value) == (
        "with gradient=, <lambda> is called with plain numbers, and a float has no log; write autograd.log(x), which accepts "
        "both, or omit gradient= to check the derivative of this package"
    )
    with pytest.raises(AttributeError, match=r"a float has no data; write it for plain numbers, or omit gradient="):
        gradcheck(lambda x: x.data, 2.0, gradient=lambda x: 1.0)
    with pytest.raises(AttributeError, match=r"^'list' object has no attribute 'log'$"):
        gradcheck(lambda x: [x].log(), 2.0, gradient=lambda x: 1.0)  # type: ignore[attr-defined]


def test_the_snippet_imports_functions_of_other_libraries(capsys: pytest.CaptureFixture[str]) -> None:
    (entry,) = gradcheck(math.sin, 2.0, gradient=math.exp).entries
    assert entry.snippet.splitlines()[:3] == ["from math import sin", "from math import exp", "def along(t):"]
    exec(entry.snippet, {})
    assert capsys.readouterr().out.startswith(repr(math.exp(2.0)))
    (entry,) = gradcheck(autograd.sin, 2.0).entries
    exec(entry.snippet, {})
    assert entry.snippet.startswith("from autograd import sin\n")
