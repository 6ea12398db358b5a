"""Differences of plain floats: right derivatives are never called WRONG, wrong ones are found, and noise is measured."""

from __future__ import annotations

import math
import struct
from collections import Counter
from collections.abc import Callable
from typing import Any

import mpmath
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from autograd.checking.differences import measure
from autograd.checking.float_verdicts import decide
from autograd.checking.noise import noise_level

Function = Callable[[float], float]


def verdict(f: Function, x: float, stated: float, stated_noise: float = 0.0) -> str:
    return decide(measure(f, x), stated, stated_noise)[0]


def single(number: float) -> float:
    """Round to 32 bits."""
    return float(struct.unpack("f", struct.pack("f", number))[0])


def relu(x: float) -> float:
    return max(x, 0.0)


def logistic(x: float) -> float:
    return 1 / (1 + math.exp(-x))


# ---- right and wrong derivatives ----


DIFFICULT: list[tuple[Function, float, float]] = [
    (math.log, 0.001, 1000.0),  # a step of 0.001 leaves the domain
    (lambda x: x**3, 1e5, 3e10),  # rounding of 1e15
    (math.sin, 1e4, math.cos(1e4)),  # a step proportional to x is longer than the period
    (math.exp, 30.0, math.exp(30.0)),
    (math.exp, 1e-300, 1.0),
    (math.sqrt, 1e-300, 0.5 / math.sqrt(1e-300)),
    (math.log, 1e300, 1e-300),
    (lambda x: x * x, 1e150, 2e150),
    (lambda x: 1e16 + x, 1.0, 1.0),  # only long steps can measure it
    (lambda x: math.sin(1e8 * x), 1.0, 1e8 * math.cos(1e8)),  # only short steps can measure it
    (lambda x: math.sin(1e30 * x), 0.0, 1e30),
    (math.asin, 1 - 1e-6, 1 / math.sqrt(1 - (1 - 1e-6) ** 2)),
    (relu, 1e-9, 1.0),  # next to a kink
    (relu, -1e-9, 0.0),
    (relu, -5.0, 0.0),
    (lambda x: 100 + relu(x - 5), 3.0, 0.0),
    (lambda x: max(1.0, x), 1 - 2.0**-10, 0.0),
    (lambda x: 5.0, 1.0, 0.0),
    (lambda x: x * x, 0.0, 0.0),
    (lambda x: x**3, 0.0, 0.0),
    (math.cos, 0.0, 0.0),
    (lambda x: 1e6 + x * x, 1e-3, 2e-3),
    (lambda x: 1 / (x - 1), 1.001, -1e6),  # a pole nearby
    (lambda x: x % 1, 0.3, 1.0),
    (lambda x: x % 1, 3 - 1e-9, 1.0),  # a jump nearby
    (lambda x: math.sin(math.pi * x), 1000.0, math.pi),
    (lambda x: (1e8 + math.sin(x)) - 1e8, 0.5, math.cos(0.5)),  # rounding inside f
    (lambda x: x + math.log(1 + x), 1e-10, 2 - 1e-10),  # the rounding is longer than the steps at which f first changes
    (lambda x: math.log(math.exp(x) + 2 * math.exp(-8)), 0.0, 1 / (1 + 2 * math.exp(-8))),
    (lambda x: round(math.sin(x), 7), 0.5, math.cos(0.5)),
    (lambda x: single(math.sin(single(x))), 0.7, math.cos(0.7)),
    (lambda x: single(single(x) * single(x) + 100), 3.0, 6.0),
    (lambda x: 1e-300 * math.sin(x), 0.5, 1e-300 * math.cos(0.5)),
    (lambda x: 1e300 * math.sin(x), 0.5, 1e300 * math.cos(0.5)),
]


@pytest.mark.parametrize(("f", "x", "derivative"), DIFFICULT)
def test_difficult_points(f: Function, x: float, derivative: float) -> None:
    assert verdict(f, x, derivative, abs(derivative) * 1e-16) in ("agrees", "rounded")
    for wrong in (-derivative, 2 * derivative, 1.01 * derivative) if derivative else (1.0, -1e-3):
        assert verdict(f, x, wrong, abs(wrong) * 1e-16) == "WRONG", wrong
    assert verdict(f, x, 0.0) in (("WRONG", "inconclusive") if derivative else ("agrees",))


@pytest.mark.parametrize(("f", "x", "derivative"), DIFFICULT)
def test_the_error_of_a_measurement_is_a_bound(f: Function, x: float, derivative: float) -> None:
    found = measure(f, x)
    assert found.kind == "smooth"
    assert abs(found.value - derivative) <= found.error + 1e-15 * abs(derivative)
    assert found.error <= 1e-3 * max(abs(derivative), found.slope, 1e-3)


def test_the_error_is_small_even_at_a_zero_of_the_function() -> None:
    """Near a zero, values of 64 bits have few bits, because the first ones cancel. They are not values of 32 bits."""
    constant = math.tanh(0.5)
    functions: list[tuple[Function, Callable[[mpmath.mpf], mpmath.mpf], float]] = [
        (lambda x: math.tanh(x) - constant, mpmath.tanh, 0.5),
        (lambda x: math.sin(x) + math.sin(-0.3), mpmath.sin, 0.3),
        (lambda x: math.exp(x) - math.exp(3.0), mpmath.exp, 3.0),
        (lambda x: math.log(x) - math.log(1e-5), mpmath.log, 1e-5),
        (lambda x: math.sqrt(1 - 1e20 * x * x) - math.sqrt(0.75), lambda x: mpmath.sqrt(1 - 1e20 * x * x), 5e-11),
    ]
    for f, exact, x in functions:
        derivative = float(mpmath.diff(exact, mpmath.mpf(x), h=x * 1e-8))
        found = measure(f, x)
        assert found.error <= 1e-10 * abs(derivative)
        assert abs(found.value - derivative) <= found.error + 1e-15 * abs(derivative)
        assert decide(found, derivative * (1 + 1e-8))[0] == "WRONG"


def exact_cbrt(x: mpmath.mpf) -> mpmath.mpf:
    return mpmath.sign(x) * mpmath.cbrt(abs(x))


def exact_logistic(x: mpmath.mpf) -> mpmath.mpf:
    return 1 / (1 + mpmath.exp(-x))


SMOOTH = {
    math.exp: mpmath.exp, math.sin: mpmath.sin, math.tanh: mpmath.tanh, math.atan: mpmath.atan, math.asinh: mpmath.asinh,
    math.erf: mpmath.erf, math.expm1: mpmath.expm1, math.cosh: mpmath.cosh, math.cbrt: exact_cbrt, logistic: exact_logistic,
}  # fmt: skip
FAULTS = {"sign": -1.0, "factor 2": 2.0, "zero": 0.0, "1 %": 1.01, "1e-4": 1.0001}


POINTS = st.floats(-20, 20).filter(lambda x: x == 0 or abs(x) > 1e-9)


@given(st.sampled_from(list(SMOOTH)), POINTS, st.floats(-3, 3), st.floats(-300, 290))  # exp(20) * 1e300 overflows
@example(math.tanh, 20.0, 0.0, 0.0)  # saturated
@example(math.cbrt, 0.0, 0.0, 0.0)  # an infinite slope
@example(math.sin, math.pi / 2, 0.0, 0.0)
@example(math.sin, 0.0, 0.0, -112.05613828381266)  # values near the smallest float
@example(math.tanh, -7.0, 1.0, 0.0)  # the rounding of tanh is larger than the rounding of the sum
def test_smooth_functions_of_any_scale(f: Function, x: float, offset: float, exponent: float) -> None:
    """The oracle is mpmath. A fault may pass if it is smaller than the error, which is then reported."""
    scale = 10.0**exponent
    with mpmath.workdps(50):
        derivative = float(scale * mpmath.diff(SMOOTH[f], mpmath.mpf(x))) if f is not math.cbrt or x else math.inf

    def g(t: float) -> float:
        return scale * (f(t) + offset)

    found = measure(g, x)
    assert decide(found, derivative, abs(derivative) * 1e-15)[0] in ("agrees", "rounded", "one-sided")
    for name, factor in FAULTS.items():
        if math.isfinite(derivative) and derivative and abs(factor - 1) * abs(derivative) > 10 * found.error:
            assert decide(found, factor * derivative)[0] in ("WRONG", "inconclusive" if found.flat and not factor else ""), name


@given(
    st.floats(-500, 500).filter(lambda x: x == 0 or abs(x) > 1e-30),
    st.sampled_from([math.sin, math.atan, lambda x: x * x, logistic, lambda x: math.sqrt(1 + x * x)]),
)
@example(0.0, math.sin)  # values below the smallest 32-bit number are 0
@example(0.003467151429504156, lambda x: math.sqrt(1 + x * x))  # f is large far from x, with large rounding errors
def test_32_bit_functions_have_32_bit_noise(x: float, f: Function) -> None:
    x = single(x)
    exact = float(mpmath.diff(lambda t: _exact(f, t), mpmath.mpf(x)))
    found = measure(lambda t: single(f(single(t))), x)
    assert decide(found, single(exact), noise_level(lambda t: single(exact), x))[0] != "WRONG"
    if abs(exact) > 1e-3 * (1 + abs(f(x))):  # smaller slopes may hide in the rounding of 32-bit numbers
        for factor in (-1.0, 2.0, 0.0):
            assert decide(found, factor * exact)[0] in ("WRONG", "inconclusive")


def _exact(f: Function, t: mpmath.mpf) -> mpmath.mpf:
    if f in (math.sin, math.atan):
        return getattr(mpmath, f.__name__)(t)
    if f is logistic:
        return 1 / (1 + mpmath.exp(-t))
    return mpmath.mpf(t) ** 2 if f(2.0) == 4 else mpmath.sqrt(1 + mpmath.mpf(t) ** 2)


# ---- stairs from rounding, and oscillations ----

CANCELLING: list[Callable[[Any, Any], Any]] = [  # of a module, math or mpmath, and a tiny x
    lambda m, x: (1 - m.cos(x)) / (x * x), lambda m, x: (m.exp(x) - 1) / x, lambda m, x: (m.exp(x) - 1 - x) / (x * x),
    lambda m, x: (x - m.sin(x)) / x**3, lambda m, x: m.log(1 + x) / x, lambda m, x: (m.sqrt(1 + x) - 1) / x,
    lambda m, x: (m.tan(x) - m.sin(x)) / x**3, lambda m, x: (m.tanh(x) - x) / x**3, lambda m, x: ((1 + x) - 1) / x,
    lambda m, x: m.log(1 - m.cos(x)), lambda m, x: m.log(m.cos(x)) / (x * x), lambda m, x: m.exp(m.log(1 + x) / x),
    lambda m, x: m.sqrt(1 / (x * x) - 1) - 1 / x, lambda m, x: 1 / m.tanh(x) - 1 / x, lambda m, x: m.acos(1 - x * x) / x,
    lambda m, x: 1 / (m.exp(x) - 1) - 1 / x, lambda m, x: m.exp((1 - m.cos(x)) / (x * x)) * x,
]  # fmt: skip


@pytest.mark.parametrize("f", CANCELLING)
def test_the_slope_of_a_rounded_part_is_not_the_derivative(f: Callable[[Any, Any], Any]) -> None:
    """Finer steps lie within one stair of a rounded inner function, and agree on a slope that is not the derivative."""
    verdicts: Counter[str] = Counter()
    for x in (sign * digit * 10.0**-exponent for exponent in range(1, 13) for digit in (1, 2.7, 5.3) for sign in (-1, 1)):
        try:
            f(math, x)
        except (ArithmeticError, ValueError):
            continue
        with mpmath.workdps(80):
            exact = mpmath.diff(lambda t: f(mpmath, t), mpmath.mpf(x), h=x * mpmath.mpf("1e-25"))
        if isinstance(exact, mpmath.mpf):
            found, derivative = measure(lambda t: f(math, t), x), float(exact)
            verdicts[decide(found, derivative, 1e-16 * abs(derivative))[0]] += 1
            faults = [-derivative, 2 * derivative, 1e3 * (abs(derivative) + abs(found.value))] if derivative else []
            verdicts.update(f"fault {decide(found, fault)[0]}" for fault in faults)
    assert verdicts["WRONG"] == 0
    assert verdicts["agrees"] + verdicts["rounded"] >= 10
    assert verdicts["fault WRONG"] >= 0.3 * sum(verdicts[name] for name in verdicts if name.startswith("fault"))


def test_beside_a_stair_the_function_may_be_undefined() -> None:
    """The cosine of a smaller x is 1, whose logarithm is undefined."""
    x = 1.9693644155670666e-08
    assert decide(measure(lambda x: math.log(1 - math.cos(x)), x), 2 / x)[0] == "inconclusive"


def test_the_reason_names_the_slope_over_the_stairs() -> None:
    found, why = decide(measure(lambda x: (1 - math.cos(x)) / (x * x), 1e-5), -1e-5 / 12)
    assert (found, why) == ("inconclusive", "f has stairs, which may be rounding; its slope over them is -8.3e-07 within 8e-05")


OSCILLATING: list[tuple[Function, list[float]]] = [  # functions of x != 0, and possible derivatives at 0
    (lambda x: x * x * math.sin(1 / x), [0.0]),
    (lambda x: x * x * math.cos(1 / x), [0.0]),
    (lambda x: x**3 * math.sin(1 / x), [0.0]),
    (lambda x: x * x * math.sin(1 / x / x), [0.0]),
    (lambda x: x * x * math.sin(1e5 / x), [0.0]),
    (lambda x: x * x * math.sin(3 / x) + x, [1.0]),
    (lambda x: abs(x) ** 1.5 * math.sin(1 / x), [0.0]),
    (lambda x: x * x * math.sin(math.log(abs(x))), [0.0]),
    (lambda x: x * math.sin(1 / x), [0.5, 1.0]),  # no derivative exists
    (lambda x: x * math.sin(math.log(abs(x))), [0.0, 0.5, 1.0]),
]


@pytest.mark.parametrize(("f", "derivatives"), OSCILLATING)
@pytest.mark.parametrize("x", [0.0, 0.3, 1.0, -3.7, 1e3])
@pytest.mark.parametrize("scale", [1e-9, 1.0, 1e6])
def test_oscillations_that_agree_by_accident_prove_nothing(
    f: Function, derivatives: list[float], x: float, scale: float
) -> None:
    found = measure(lambda t: scale * f(t - x) if t != x else 0.0, x)
    assert "WRONG" not in [decide(found, scale * derivative)[0] for derivative in derivatives]


# ---- kinks, jumps, edges ----


@pytest.mark.parametrize(
    ("f", "x", "kind", "left", "right"),
    [
        (abs, 0.0, "kink", -1.0, 1.0),
        (relu, 0.0, "kink", 0.0, 1.0),
        (lambda x: 1e6 + relu(x), 0.0, "kink", 0.0, 1.0),
        (lambda x: abs(x - 3) + x * x, 3.0, "kink", 5.0, 7.0),
        (lambda x: max(x, 3 - x), 1.5, "kink", -1.0, 1.0),
        (math.floor, 2.0, "jump", 0.0, 0.0),
        (lambda x: x % 3, 6.0, "jump", 1.0, 1.0),
        (lambda x: math.copysign(1, x) + x, 0.0, "jump", 1.0, 1.0),
        (lambda x: float((x > -0.5) - (x < -0.5)), -0.5, "jump", 0.0, 0.0),  # the spacing of floats changes at x
        (math.cbrt, 0.0, "infinite", math.inf, math.inf),
        (math.sqrt, 0.0, "infinite", math.nan, math.inf),
        (lambda x: math.sqrt(relu(x)), 0.0, "infinite", 0.0, math.inf),
        (lambda x: math.sqrt(x) ** 2, 0.0, "kink", math.nan, 1.0),
        (lambda x: 4 * x + 0 * math.sqrt(-x), 0.0, "kink", 4.0, math.nan),
    ],
)
def test_at_special_points_the_slopes_on_both_sides_are_measured(
    f: Function, x: float, kind: str, left: float, right: float
) -> None:
    found = measure(f, x)
    assert found.kind == kind
    assert found.left == pytest.approx(left, abs=1e-6, nan_ok=True)
    assert found.right == pytest.approx(right, abs=1e-6, nan_ok=True)


@pytest.mark.parametrize(("stated", "expected"), [(-1.0, "one-sided"), (0.3, "one-sided"), (1.1, "WRONG"), (-1.0001, "WRONG")])
def test_at_a_kink_any_number_between_the_slopes_passes(stated: float, expected: str) -> None:
    assert verdict(abs, 0.0, stated) == expected
    assert verdict(lambda x: abs(x - 3) + x * x, 3.0, stated + 6) == expected


def test_the_reason_names_the_slopes() -> None:
    assert decide(measure(relu, 0.0), 0.5) == ("one-sided", "a kink: the derivative is 0 from the left and 1 from the right")
    assert decide(measure(math.floor, 2.0), 0.0)[1] == "a jump; the slopes are 0 from the left and 0 from the right"
    edge = decide(measure(lambda x: 4 * x + 0 * math.sqrt(-x), 0.0), 4.0)
    assert edge == ("one-sided", "f is defined only on the left, where the derivative is 4")


def test_a_jump_is_not_noise() -> None:
    assert measure(lambda x: x % 3, 6.0).noise < 1e-14


def test_beyond_2_to_the_52_a_function_may_change_between_two_floats() -> None:
    assert verdict(math.floor, 1e16, 0.0) == "inconclusive"
    assert verdict(lambda x: x % 1, 1e16, 1.0) == "inconclusive"


@given(st.floats(-100, 100).map(lambda x: round(x, 2)), st.sampled_from([0.0, 2.0**-20, 1e-9]))
def test_a_staircase_is_not_mistaken_for_a_slope(x: float, offset: float) -> None:
    found = measure(math.floor, x + offset)
    assert decide(found, 0.0)[0] in ("agrees", "one-sided")
    assert decide(found, 1.0)[0] in ("WRONG", "inconclusive")


def test_an_infinite_derivative_is_confirmed_or_refuted() -> None:
    assert verdict(math.cbrt, 0.0, math.inf) == "agrees"
    assert verdict(math.sqrt, 0.0, math.inf) == "one-sided"
    assert verdict(math.cbrt, 1.0, math.inf) == verdict(math.cbrt, 1.0, math.nan) == "WRONG"


# ---- noise ----


@given(st.floats(-1e3, 1e3), st.integers(3, 9))
@example(0.0, 3)
def test_measured_noise_is_near_the_true_noise(x: float, digits: int) -> None:
    """Rounding to a multiple of a unit has a standard deviation of the unit divided by the square root of 12."""
    size = 10.0**-digits
    found = noise_level(lambda t: round((0.7 * t + math.sin(t) / 5) / size) * size, x)
    assert size / 60 < found < 3 * size


def test_noise_of_exact_functions_is_the_rounding_of_their_values() -> None:
    assert noise_level(lambda x: 2 * x, 1.0) <= 2**-50
    assert noise_level(lambda x: 1.0, 1.0) <= 2**-52
    assert 1e-9 < noise_level(lambda x: single(math.sin(single(x))), 0.7) < 1e-7


@pytest.mark.parametrize(
    ("f", "x", "why"),
    [
        (math.log, 0.0, "f is nan at this point"),
        (lambda x: x * 0 + 1, math.inf, "no finite numbers are near inf"),
        (math.sin, 1e300, "the differences do not converge"),
        (math.asin, 1 - 2.0**-53, "f has too few finite values near this point"),
        (lambda x: 1e-3 * math.sin(1e9 * (hash(x) % 1000) ** 2), 0.7, "the differences do not converge"),
    ],
)
def test_where_nothing_is_known_the_verdict_is_inconclusive(f: Function, x: float, why: str) -> None:
    for stated in (0.0, 1e-3, 1.0):
        found, reason = decide(measure(f, x), stated)
        assert found == "inconclusive"
        assert reason.startswith(why)


def test_a_derivative_hidden_in_the_noise_is_rounded_and_a_larger_one_is_wrong() -> None:
    assert verdict(lambda x: 1 + 1e-16 * math.sin(x), 0.5, 1e-16) == "rounded"
    assert verdict(math.tanh, 30.0, 1e-26) == "rounded"
    assert verdict(math.tanh, 30.0, 1e-3) == "WRONG"
    assert verdict(lambda x: math.log(1 + math.exp(x)), -38.0, math.exp(-38)) == "rounded"
    assert verdict(lambda x: math.log(math.cos(x * x)), -2.6e-9, 3.6e-26) == "rounded"


def test_a_stated_gradient_with_noise_is_not_wrong() -> None:
    """The rounding of the stated gradient is larger than the error of the measurement."""

    def stated(x: float) -> float:
        return (1e9 + math.cos(x)) - 1e9

    found = measure(math.sin, 0.7)
    assert decide(found, stated(0.7))[0] == "WRONG"
    assert decide(found, stated(0.7), noise_level(stated, 0.7))[0] == "agrees"


def test_coarse_steps_never_outweigh_fine_ones_that_agree() -> None:
    """From afar, the slope of relu is one half, and a fast oscillation is flat."""
    assert verdict(relu, 1e-9, 0.5) in ("WRONG", "inconclusive")
    assert verdict(lambda x: x + 0.01 * math.sin(1e5 * x), 1.0, 1 + 1e3 * math.cos(1e5)) == "agrees"
    assert verdict(lambda x: x + 0.01 * math.sin(1e5 * x), 1.0, 1.0) != "agrees"


def test_a_measurement_needs_few_values() -> None:
    calls = 0

    def f(x: float) -> float:
        nonlocal calls
        calls += 1
        return math.exp(x)

    measure(f, 1.0)
    assert calls < 150
