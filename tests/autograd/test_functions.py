"""Compositions of the table's operations: values, gradients, limits and errors."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from mpmath import mp, mpf

import autograd
from autograd import (
    Value,
    clip,
    count_nodes,
    elu,
    gelu,
    leaky_relu,
    log_softmax,
    logsumexp,
    mean,
    norm,
    prod,
    reciprocal,
    silu,
    softmax,
    square,
    topological_order,
    var,
    where,
)

moderate = st.floats(-20, 20)
lists = st.lists(moderate, min_size=1, max_size=8)


def exactly(function: Callable[..., Any]) -> Callable[..., float]:
    return lambda *numbers: float(function(*map(mpf, numbers)))


# ---- functions of one number ----

ONE: dict[str, tuple[Callable[..., Any], Callable[..., Any]]] = {
    "square": (square, lambda x: x * x),
    "reciprocal": (reciprocal, lambda x: 1 / x),
    "leaky_relu": (leaky_relu, lambda x: x if x > 0 else mpf(0.01) * x),
    "elu": (elu, lambda x: x if x > 0 else mp.expm1(x)),
    "silu": (silu, lambda x: x / (1 + mp.exp(-x))),
    "gelu": (gelu, lambda x: x * mp.ncdf(x)),
    "clip": (lambda x: clip(x, -2.0, 3.0), lambda x: min(max(x, mpf(-2)), mpf(3))),
}
one = pytest.mark.parametrize("name", ONE)


@one
@given(x=moderate.filter(lambda x: abs(x) > 1e-3 and abs(x + 2) > 1e-3 and abs(x - 3) > 1e-3))
def test_functions_of_one_number_have_exact_values_and_derivatives(name: str, x: float) -> None:
    function, exact = ONE[name]
    v = Value(x)
    out = function(v)
    out.backward()
    assert out.data == pytest.approx(float(exact(mpf(x))), rel=1e-13, abs=1e-300)
    slope = float(mp.diff(exact, mpf(x), h=mpf(10) ** -20))
    # gelu' and silu' are sums that cross zero. Near these zeros the last digits are lost by cancellation.
    assert v.grad == pytest.approx(slope, rel=1e-12, abs=1e-15)


@one
@given(x=moderate.filter(bool))
def test_functions_of_one_number_return_floats_for_floats_and_are_methods(name: str, x: float) -> None:
    function, _ = ONE[name]
    out = function(x)
    assert type(out) is float
    assert out == function(Value(x)).data
    method = getattr(Value(x), name)
    assert (method(-2.0, 3.0) if name == "clip" else method()).data == out


LIMITS: list[tuple[str, Callable[[Value], Value], float, float, float]] = [
    ("silu(1000)", silu, 1000.0, 1000.0, 1.0),
    ("silu(-1000)", silu, -1000.0, -0.0, 0.0),
    ("gelu(1000)", gelu, 1000.0, 1000.0, 1.0),
    ("gelu(-1000)", gelu, -1000.0, -0.0, 0.0),
    ("elu(1000)", elu, 1000.0, 1000.0, 1.0),
    ("elu(-1000)", elu, -1000.0, -1.0, 0.0),
    ("elu(-1e-20) keeps its digits", elu, -1e-20, -1e-20, 1.0),
    ("elu(-1000, alpha=2)", lambda x: elu(x, 2.0), -1000.0, -2.0, 0.0),
    ("leaky_relu(-1000)", leaky_relu, -1000.0, -10.0, 0.01),
    ("leaky_relu(1000, 0.2)", lambda x: leaky_relu(x, 0.2), 1000.0, 1000.0, 1.0),
    ("leaky_relu(0) has the slope of the left", leaky_relu, 0.0, 0.0, 0.01),
    ("square(-1e200)", square, -1e200, math.inf, -2e200),
    ("reciprocal(1e-200)", reciprocal, 1e-200, 1e200, -math.inf),
    ("clip at a bound passes the gradient", lambda x: clip(x, 0.0, 1.0), 1.0, 1.0, 1.0),
    ("clip outside stops the gradient", lambda x: clip(x, 0.0, 1.0), 1.5, 1.0, 0.0),
    ("clip without bounds", clip, 7.0, 7.0, 1.0),
    ("clip with one bound", lambda x: clip(x, low=8.0), 7.0, 8.0, 0.0),
]


@pytest.mark.parametrize(("function", "x", "value", "slope"), [row[1:] for row in LIMITS], ids=[row[0] for row in LIMITS])
def test_limits(function: Callable[[Value], Value], x: float, value: float, slope: float) -> None:
    v = Value(x)
    out = function(v)
    out.backward()
    assert (out.data, v.grad) == (value, slope)


def test_gelu_is_accurate_for_large_negative_numbers() -> None:
    exact = mpf(-20) * mp.ncdf(-20)
    assert gelu(-20.0) == pytest.approx(float(exact), rel=1e-12)


# ---- where ----


def test_where_selects_by_its_condition() -> None:
    x, y = Value(1.0), Value(2.0)
    taken, other = where(x < y, x, y), where(x > y, x, y)
    assert (taken.data, other.data) == (1.0, 2.0)
    taken.backward()
    assert (x.grad, y.grad) == (1.0, 0.0)


@pytest.mark.parametrize("broken", [lambda x: x.sqrt(), lambda x: x.log(), lambda x: 1 / (x - x), lambda x: x * math.inf])
def test_no_gradient_flows_from_the_branch_not_selected(broken: Callable[[Value], Value]) -> None:
    """Its gradient would be nan or inf. Because 0 * inf is nan, it must not even be multiplied by 0."""
    x = Value(-1.0)
    out = where(x > 0, broken(x), x * 3) + where(x < 0, x, broken(x))
    out.backward()
    assert (out.data, x.grad) == (-4.0, 4.0)


def test_where_of_the_same_value_twice() -> None:
    x = Value(3.0)
    where(True, x, x).backward()
    assert x.grad == 1.0


BOTH_WAYS: dict[str, Callable[[Any], Any]] = {
    "gate first": lambda y: where(False, y, 1.0) + y,
    "gate last": lambda y: y + where(False, y, 1.0),
    "gate above": lambda y: where(False, y.sin().cos(), 1.0) + y,
    "gate below": lambda y: where(False, y, 1.0) + (y.tanh() * 0 + y).sin() * 0 + y,
    "infinite adjoint": lambda y: where(False, y, 0.0) / 5e-324 + y,
}


@pytest.mark.parametrize("way", BOTH_WAYS)
def test_a_value_behind_a_closed_gate_receives_gradients_by_another_path(way: str) -> None:
    x = Value(2.0)
    y = x * x
    root = BOTH_WAYS[way](y)
    for passes in (1, 2):
        root.backward()
        assert (x.grad, y.grad) == (4.0 * passes, 1.0)
        assert count_nodes(root) == len({id(node) for node in topological_order(root)})


@given(x=st.floats(), y=st.floats(), condition=st.booleans())
@example(x=-0.0, y=1.0, condition=True)
@example(x=1.0, y=-0.0, condition=False)
def test_where_returns_the_selected_number_bit_for_bit(x: float, y: float, condition: bool) -> None:
    assert float.hex(where(condition, x, y)) == float.hex(x if condition else y)
    assert float.hex(where(condition, Value(x), Value(y)).data) == float.hex(x if condition else y)


# ---- functions of a sequence ----


def exact_softmax(i: int) -> Callable[..., Any]:
    return lambda *xs: mp.exp(xs[i]) / mp.fsum(map(mp.exp, xs))


def exact_var(*xs: Any) -> Any:
    middle = mp.fsum(xs) / len(xs)
    return mp.fsum((x - middle) ** 2 for x in xs) / len(xs)


MANY: dict[str, tuple[Callable[..., Any], Callable[..., Any]]] = {
    "mean": (mean, lambda *xs: mp.fsum(xs) / len(xs)),
    "var": (var, exact_var),
    "prod": (prod, lambda *xs: mp.fprod(xs)),
    "norm": (norm, lambda *xs: mp.sqrt(mp.fsum(x * x for x in xs))),
    "logsumexp": (logsumexp, lambda *xs: mp.log(mp.fsum(map(mp.exp, xs)))),
    "softmax": (lambda xs: softmax(xs)[0], exact_softmax(0)),
    "last of softmax": (lambda xs: softmax(xs)[-1], exact_softmax(-1)),
    "log_softmax": (lambda xs: log_softmax(xs)[0], lambda *xs: xs[0] - mp.log(mp.fsum(map(mp.exp, xs)))),
}
many = pytest.mark.parametrize("name", MANY)


@many
@given(numbers=st.lists(moderate.filter(lambda x: abs(x) > 1e-3), min_size=1, max_size=6))
def test_functions_of_a_sequence_have_exact_values_and_gradients(name: str, numbers: list[float]) -> None:
    function, exact = MANY[name]
    xs = [Value(x) for x in numbers]
    out = function(xs)
    assert out.data == pytest.approx(float(exact(*map(mpf, numbers))), rel=1e-12, abs=1e-14)
    out.backward()
    for i, x in enumerate(xs):
        order = tuple(int(i == j) for j in range(len(xs)))
        slope = mp.diff(exact, tuple(map(mpf, numbers)), order, h=mpf(10) ** -15)
        assert x.grad == pytest.approx(float(slope), rel=1e-12, abs=1e-13 * (1 + abs(out.data)))


@many
@given(numbers=lists)
def test_functions_of_a_sequence_return_floats_for_floats(name: str, numbers: list[float]) -> None:
    function, _ = MANY[name]
    assert type(function(numbers)) is float
    assert function(numbers) == function([Value(x) for x in numbers]).data == function(x for x in numbers)
    assert function(np.array(numbers)) == function(numbers)


@given(numbers=st.lists(moderate, min_size=2, max_size=8), ddof=st.integers(0, 1))
def test_mean_and_var_equal_mean_and_var_of_numpy(numbers: list[float], ddof: int) -> None:
    assert mean(numbers) == pytest.approx(np.mean(numbers), rel=1e-12, abs=1e-12)
    assert var(numbers, ddof=ddof) == pytest.approx(np.var(numbers, ddof=ddof), rel=1e-12, abs=1e-12)


def test_var_does_not_suffer_from_cancellation() -> None:
    """The mean of squares minus the square of the mean would be 0 or negative here."""
    assert var([1e9 + 1, 1e9 + 2, 1e9 + 3]) == pytest.approx(2 / 3, rel=1e-12)


@given(numbers=lists)
def test_softmax_sums_to_one(numbers: list[float]) -> None:
    assert math.fsum(softmax(numbers)) == pytest.approx(1.0, rel=1e-14)


@given(numbers=st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=6))
def test_softmax_logsumexp_and_log_softmax_never_overflow(numbers: list[float]) -> None:
    xs = [Value(x) for x in numbers]
    total = logsumexp(xs)
    total.backward()
    assert max(numbers) <= total.data <= max(numbers) + math.log(len(numbers)) + 1e-9
    assert all(0 <= p.data <= 1 for p in softmax(xs))
    assert all(0 <= x.grad <= 1 for x in xs)
    assert all(p.data <= 0 for p in log_softmax(xs))


def test_softmax_at_its_limits() -> None:
    assert softmax([1000.0, -1000.0]) == [1.0, 0.0]
    assert softmax([-1000.0, -1000.0]) == [0.5, 0.5]
    assert log_softmax([1000.0, -1000.0]) == [0.0, -2000.0]
    assert logsumexp([-math.inf, 3.0]) == 3.0
    assert logsumexp([-math.inf, -math.inf]) == -math.inf
    assert logsumexp([math.inf, 3.0]) == math.inf


def test_log_softmax_has_the_right_gradient_where_softmax_underflows() -> None:
    x, y = Value(0.0), Value(1000.0)
    log_softmax([x, y])[0].backward()
    assert (x.grad, y.grad) == (1.0, -1.0)


def test_prod_of_numbers_with_zeros_has_the_right_gradients() -> None:
    xs = [Value(0.0), Value(2.0), Value(3.0)]
    prod(xs).backward()
    assert [x.grad for x in xs] == [6.0, 0.0, 0.0]


def test_norm_at_zero_and_at_the_largest_numbers() -> None:
    xs = [Value(0.0), Value(0.0), Value(0.0)]
    norm(xs).backward()
    assert [x.grad for x in xs] == [0.0, 0.0, 0.0]
    assert norm([3e200, 4e200]) == pytest.approx(5e200, rel=1e-15)
    assert norm([3e-200, 4e-200]) == pytest.approx(5e-200, rel=1e-15)


def test_functions_of_an_empty_sequence() -> None:
    assert (prod([]), norm([]), autograd.sum([]), autograd.dot([], [])) == (1.0, 0.0, 0.0, 0.0)
    assert autograd.dot([], [], 2.5) == 2.5


# ---- comparison with PyTorch ----


@given(numbers=st.lists(moderate.filter(lambda x: abs(x) > 1e-3), min_size=2, max_size=6))
def test_gradients_equal_gradients_of_pytorch(numbers: list[float]) -> None:
    torch = pytest.importorskip("torch")
    f = torch.nn.functional
    pairs: list[tuple[Callable[..., Any], Callable[..., Any]]] = [
        (lambda v: autograd.sum(map(elu, v)), lambda t: f.elu(t).sum()),
        (lambda v: autograd.sum(map(silu, v)), lambda t: f.silu(t).sum()),
        (lambda v: autograd.sum(map(gelu, v)), lambda t: f.gelu(t).sum()),
        (lambda v: autograd.sum(map(leaky_relu, v)), lambda t: f.leaky_relu(t).sum()),
        (lambda v: autograd.sum([clip(x, -2.0, 3.0) for x in v]), lambda t: t.clamp(-2.0, 3.0).sum()),
        (lambda v: var(v, ddof=1), lambda t: t.var()),
        (mean, lambda t: t.mean()),
        (prod, lambda t: t.prod()),
        (norm, lambda t: t.norm()),
        (logsumexp, lambda t: t.logsumexp(0)),
        (lambda v: log_softmax(v)[1], lambda t: t.log_softmax(0)[1]),
        (lambda v: autograd.dot(softmax(v), numbers), lambda t: t.softmax(0) @ torch.tensor(numbers, dtype=torch.float64)),
    ]
    for ours, theirs in pairs:
        values = [Value(x) for x in numbers]
        out = ours(values)
        out.backward()
        tensor = torch.tensor(numbers, dtype=torch.float64, requires_grad=True)
        expected = theirs(tensor)
        expected.backward()
        size = abs(expected.item())
        assert out.data == pytest.approx(expected.item(), rel=1e-12, abs=1e-12)
        assert [v.grad for v in values] == pytest.approx(tensor.grad.tolist(), rel=1e-11, abs=1e-12 * (1 + size))


@pytest.mark.parametrize(("x", "gradient"), [(0.0, 1.0), (1.0, 1.0), (0.5, 1.0), (-0.1, 0.0), (1.1, 0.0)])
def test_clip_passes_the_gradient_inside_and_at_the_bounds(x: float, gradient: float) -> None:
    v = Value(x)
    autograd.clip(v, 0.0, 1.0).backward()
    assert v.grad == gradient


@pytest.mark.parametrize(
    "numbers",
    [
        (1e16, 1e16),
        (1e8, 1e8 - 1),
        (36.0, 0.0),
        (20.0, 0.0),
        (0.0, 20.0),
        (0.0, -8.0, -8.0),
        (3.0, 3.0, 3.0 - 1e-9),
        (700.0, -700.0),
    ],
)
def test_log_softmax_and_logsumexp_keep_all_digits(numbers: tuple[float, ...]) -> None:
    with mp.workdps(400):
        exact = [mpf(x) for x in numbers]
        total = mp.log(mp.fsum(map(mp.exp, exact)))
        wanted = [float(x - total) for x in exact]
        shares = [float(mp.exp(x - total)) for x in exact]
    xs = [Value(x) for x in numbers]
    assert log_softmax(numbers) == pytest.approx(wanted, rel=4e-16, abs=0.0)
    assert [y.data for y in log_softmax(xs)] == log_softmax(numbers)
    assert logsumexp(numbers) == pytest.approx(float(total), rel=4e-16, abs=0.0)
    assert autograd.gradients(logsumexp(xs), xs) == pytest.approx(shares, rel=1e-14, abs=0.0)
    assert autograd.gradients(log_softmax(xs)[0], xs)[1:] == pytest.approx([-share for share in shares[1:]], rel=1e-14, abs=0.0)


def test_softmax_of_numbers_and_of_values_is_the_same_at_infinity() -> None:
    for numbers in ([-math.inf, -math.inf], [math.inf, 1.0], [math.nan, 1.0], [-math.inf, 0.0]):
        for function in (softmax, log_softmax, lambda items: [logsumexp(items)]):
            by_values = [y.data for y in function([Value(x) for x in numbers])]
            assert function(numbers) == pytest.approx(by_values, rel=0.0, nan_ok=True)


def test_leaky_relu_of_nan_has_the_derivative_nan() -> None:
    assert math.isnan(leaky_relu(math.nan))
    for derivative in (autograd.grad(leaky_relu), autograd.grad(autograd.grad(leaky_relu))):
        assert math.isnan(derivative(math.nan))
        assert math.isnan(autograd.compile(derivative)(math.nan))


def test_the_norm_squared_has_no_silent_zero_as_second_derivative() -> None:
    for f in (lambda p: norm(p) ** 2, lambda p: autograd.hypot(p[0], p[1]) ** 2):
        assert autograd.grad(f)([0.0, 0.0]) == [0.0, 0.0]
        assert all(
            math.isnan(entry) or entry == 2.0 for i, row in enumerate(autograd.hessian(f)([0.0, 0.0])) for entry in [row[i]]
        )
