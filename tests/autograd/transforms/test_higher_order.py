"""Derivatives of every operation up to third order, compared with mpmath's numerical derivatives."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from typing import Any

import pytest
from exact import EXACT
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st
from mpmath import mp, mpf

import autograd
from autograd import Value, grad, gradients, hessian, jvp
from autograd.ops import TABLE, Operation

# Points where a derivative jumps: at these operands, at equal operands, or at integers.
KINKS: dict[str, Callable[..., float]] = {
    "abs": lambda x: x,
    "sign": lambda x: x,
    "relu": lambda x: x,
    "cbrt": lambda x: x,
    "maximum": lambda x, y: x - y,
    "minimum": lambda x, y: x - y,
    "hypot": math.hypot,
    "atan2": lambda y, x: math.hypot(x, y) if x > 0 else y,
    "floor": lambda x: x - round(x),
    "ceil": lambda x: x - round(x),
    "mod": lambda x, y: y and x / y - round(x / y),
    "floor_div": lambda x, y: y and x / y - round(x / y),
    "div": lambda x, y: y,
    "gate": lambda x, y: y,
    "trunc": lambda x: x - round(x),
    "round": lambda x: x - 0.5 - round(x - 0.5),
    "fmod": lambda x, y: y and x / y - round(x / y),
    "copysign": lambda x, y: x * y,
    "heaviside": lambda x, y: x,
    "softsign": lambda x: x,
    "hardtanh": lambda x: abs(x) - 1,
    "relu6": lambda x: 3 - abs(x - 3),
    "hardsigmoid": lambda x: abs(x) - 3,
    "hardswish": lambda x: abs(x) - 3,
    "selu": lambda x: x,
    "leaky_relu": lambda x, slope: x,
    "hardshrink": lambda x, threshold: abs(x) - threshold,
    "softshrink": lambda x, threshold: min(abs(abs(x) - threshold), abs(x) if threshold < 0 else math.inf),  # jumps at 0
    "elu": lambda x, alpha: x,
    "clamp_min": lambda x, low: x - low,
    "clamp_max": lambda x, high: x - high,
    "less": lambda x, y: x - y,
    "less_equal": lambda x, y: x - y,
    "equal": lambda x, y: x - y,
}


def derivative(function: Callable[..., Any], orders: tuple[int, ...]) -> Callable[..., Any]:
    """Differentiate ``function`` the given number of times with respect to each argument."""
    for position, order in enumerate(orders):
        for _ in range(order):
            function = grad(function, position)
    return function


def differentiated(function: Callable[..., Any], operands: tuple[float, ...], orders: tuple[int, ...]) -> float:
    """Return the derivative of these orders of a function of mpmath."""
    with mp.workdps(60):
        point: Any = tuple(map(mpf, operands))
        if not any(orders):
            return float(function(*point))
        return float(mp.diff(function, *((point, orders) if len(orders) > 1 else (point[0], orders[0]))))


def operands_for(row: Operation) -> st.SearchStrategy[tuple[float, ...]]:
    """Return a strategy for operands inside the domain, away from points where derivatives are unbounded."""
    return st.tuples(*(st.floats(max(low, -4.0) + 0.05, min(high, 4.0) - 0.05) for low, high in row.domain))


# The order of polygamma must be a whole number: see test_special_functions.py.
ROWS = [row for row in TABLE if not row.variadic and row.name != "polygamma"]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_every_row_is_right_to_third_order(row: Operation) -> None:
    function, (_, *partials) = getattr(autograd, row.name), EXACT[row.name]

    @settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
    @given(operands_for(row))  # Hypothesis 6.100 draws many multiples for fmod and floor_div, where they jump
    def check(operands: tuple[float, ...]) -> None:
        operands = tuple(round(x, 3) for x in operands)
        assume(row.name not in KINKS or abs(KINKS[row.name](*operands)) > 0.05)
        for orders in itertools.product(range(4), repeat=len(operands)):
            if 0 < sum(orders) <= 3:
                # The reference is already a derivative with respect to this operand, so its order is lower by one.
                first = next(i for i, order in enumerate(orders) if order)
                rest = tuple(order - (i == first) for i, order in enumerate(orders))
                found = derivative(function, orders)(*operands)
                wanted = differentiated(partials[first], operands, rest)
                assert found == pytest.approx(wanted, rel=1e-9, abs=1e-9), (orders, operands)

    check()


@given(st.lists(st.floats(-3, 3), min_size=2, max_size=8), st.floats(-3, 3))
def test_sum_and_dot_are_right_to_third_order(numbers: list[float], bias: float) -> None:
    half = len(numbers) // 2
    w, x = numbers[:half], numbers[half : 2 * half]

    def f(w: list[Any], x: list[Any], b: Any) -> Any:
        return autograd.dot(w, x, b) ** 2 * autograd.sum([b, *x])

    def plain(w: list[Any], x: list[Any], b: Any) -> Any:
        total, others = b, b
        for one, other in zip(w, x, strict=True):
            total, others = total + one * other, others + other
        return total * total * others

    def third(f: Callable[..., Any]) -> Any:
        return grad(lambda b: grad(lambda x: grad(f)(w, x, b)[0])(x)[-1])(bias)

    assert third(f) == pytest.approx(third(plain), rel=1e-12, abs=1e-12)


def test_the_kink_policy_holds_in_higher_order() -> None:
    assert [grad(grad(f))(0.0) for f in (autograd.relu, lambda x: x**2, lambda x: x**3)] == [0.0, 2.0, 0.0]
    # Where the first derivative is the mean of two slopes, the second derivative does not exist.
    for kink in (autograd.abs, lambda x: abs(x) ** 2, lambda x: autograd.maximum(x, -x) ** 2):
        assert grad(kink)(0.0) == 0.0
        assert not math.isfinite(grad(grad(kink))(0.0))
    assert grad(grad(lambda x: (-x) ** 3))(3.0) == -18.0  # a constant exponent never evaluates the log of its base
    assert math.isnan(grad(grad(lambda x: autograd.maximum(x, x) * x))(3.0))


def test_second_derivatives_of_saturated_functions_are_accurate() -> None:
    tail = math.exp(-40.0)
    assert grad(grad(autograd.sigmoid))(-40.0) == pytest.approx(tail, rel=1e-14)
    assert grad(grad(autograd.tanh))(20.0) == pytest.approx(-8 * tail, rel=1e-14)
    assert grad(grad(autograd.expm1))(-40.0) == pytest.approx(tail, rel=1e-15)


def test_nodes_behind_a_closed_gate_have_no_second_derivative() -> None:
    def f(x: Any) -> Any:
        return autograd.where(x > 0, x.sqrt(), x * x)

    assert [grad(f)(x) for x in (4.0, 0.0, -1.0)] == [0.25, 0.0, -2.0]
    assert [grad(grad(f))(x) for x in (4.0, 0.0, -1.0)] == [-0.25 * 4**-1.5, 2.0, 2.0]


@example(3.0)
@given(st.floats(0.5, 3.0))
def test_all_combinations_of_modes_return_the_same_derivative(x: float) -> None:
    def f(x: Any) -> Any:
        return autograd.exp(x.sin() * x) / (1 + x * x)

    def forward(f: Callable[[Any], Any]) -> Callable[[Any], Any]:
        return lambda x: jvp(f, (x,), (1.0,))[1]

    wanted = grad(grad(grad(f)))(x)
    for ways in itertools.product([grad, forward], repeat=3):
        derived: Any = f
        for way in ways:
            derived = way(derived)
        assert derived(x) == pytest.approx(wanted, rel=1e-10, abs=1e-10)


def test_the_graph_of_a_second_derivative_grows_linearly() -> None:
    def nodes_of_second_derivative(length: int) -> int:
        x = Value(0.3)
        y = x
        for _ in range(length):
            y = (y * x).sin() + 0.1 / y
        first = gradients(y, x, create_graph=True)
        return autograd.count_nodes(gradients(first, x, create_graph=True))

    small, large = nodes_of_second_derivative(100), nodes_of_second_derivative(200)
    assert large < 2.1 * small


def test_a_derivative_of_high_order() -> None:
    function: Any = autograd.exp
    for _ in range(8):
        function = grad(function)
    assert function(1.0) == pytest.approx(math.e, rel=1e-14)


@pytest.mark.parametrize("place", [0, 1, 2])
def test_the_hessian_of_norm_is_right_on_an_axis(place: int) -> None:
    """The Hessian is (I - x x' / |x|**2) / |x|, also if elements of x are 0."""
    x = [0.0, 0.0, 0.0]
    x[place] = -2.0
    expected = [[0.5 if i == j != place else 0.0 for j in range(3)] for i in range(3)]
    assert hessian(autograd.norm)(x) == expected


@pytest.mark.parametrize("x", [3.7e-259, -3.7e-259])
def test_the_second_derivative_of_a_zeroth_power_is_zero_even_at_a_pole(x: float) -> None:
    assert grad(grad(lambda x: x**0.0))(x) == 0.0
    assert grad(grad(grad(lambda x: x**1.0)))(x) == 0.0
    assert grad(grad(lambda x, y: x**y), 1)(3.7e-259, 0.0) == 1 / 3.7e-259


def test_the_note_on_a_list_is_added_once() -> None:
    with pytest.raises(TypeError, match="unsupported operand") as caught:
        hessian(lambda x: x**3)([2.0])
    assert [note.partition(",")[0] for note in caught.value.__notes__] == ["argument 0 is a list"]
