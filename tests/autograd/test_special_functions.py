"""Special functions and activations: edges, higher orders, and comparisons with mpmath, SciPy and PyTorch.

``test_ops.py`` compares every row with mpmath on its domain; this file has the other cases.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mpmath import mp, mpf

import autograd
import nn
from autograd import Value, compile, grad, gradients, hessian, where  # noqa: A004 - autograd's compile

INF, NAN = math.inf, math.nan


def call(name: str, *operands: float) -> float:
    result: float = getattr(autograd, name)(*operands)
    return result


def slopes(name: str, *operands: float) -> list[float | None]:
    """Return the partial derivatives at a point."""
    values = [Value(x) for x in operands]
    node = getattr(autograd, name)(*values)
    return list(node.partials)


def bits(x: float) -> str:
    return float.hex(x)


# ---- edges ---------------------------------------------------------------------------------------------------------

EDGES: list[tuple[str, tuple[float, ...], float]] = [
    ("lgamma", (0.0,), INF), ("lgamma", (-1.0,), INF), ("lgamma", (INF,), INF), ("lgamma", (-INF,), INF),
    ("lgamma", (-1e20,), INF), ("lgamma", (1.0,), 0.0), ("lgamma", (2.0,), 0.0), ("lgamma", (1e306,), INF),
    ("digamma", (0.0,), -INF), ("digamma", (-0.0,), INF), ("digamma", (-1.0,), NAN), ("digamma", (INF,), INF),
    ("digamma", (-INF,), NAN),
    ("polygamma", (1.0, 0.0), INF), ("polygamma", (2.0, 0.0), -INF), ("polygamma", (1.0, -3.0), INF),
    ("polygamma", (2.0, -3.0), NAN), ("polygamma", (1.0, INF), 0.0), ("polygamma", (-1.0, 2.0), NAN),
    ("polygamma", (0.5, 2.0), NAN), ("polygamma", (171.0, 2.0), NAN), ("polygamma", (1.0, -INF), NAN),
    ("beta", (0.0, 1.0), INF), ("beta", (-1.0, 1.0), NAN), ("beta", (INF, 1.0), 0.0), ("beta", (INF, INF), 0.0),
    ("beta", (0.0, INF), NAN), ("betaln", (1.0, 1.0), 0.0), ("betaln", (0.0, 0.0), INF), ("betaln", (1.0, -0.5), NAN),
    ("erfinv", (0.0,), 0.0), ("erfinv", (-0.0,), -0.0), ("erfinv", (1.0,), INF), ("erfinv", (-1.0,), -INF),
    ("erfinv", (1.1,), NAN), ("erfinv", (-INF,), NAN),
    ("erfcx", (INF,), 0.0), ("erfcx", (-INF,), INF), ("erfcx", (0.0,), 1.0), ("erfcx", (-27.0,), INF),
    ("ndtr", (INF,), 1.0), ("ndtr", (-INF,), 0.0), ("ndtr", (0.0,), 0.5), ("ndtr", (-50.0,), 0.0),
    ("ndtri", (0.0,), -INF), ("ndtri", (1.0,), INF), ("ndtri", (0.5,), 0.0), ("ndtri", (-0.1,), NAN), ("ndtri", (1.1,), NAN),
    ("log_ndtr", (INF,), -0.0), ("log_ndtr", (-INF,), -INF), ("log_ndtr", (-1e200,), -INF),
    ("logit", (0.0,), -INF), ("logit", (1.0,), INF), ("logit", (0.5,), 0.0), ("logit", (-0.1,), NAN), ("logit", (1.1,), NAN),
    ("logaddexp", (-INF, -INF), -INF), ("logaddexp", (INF, -INF), INF), ("logaddexp", (INF, INF), INF),
    ("logaddexp", (-INF, 2.0), 2.0), ("logaddexp", (NAN, 1.0), NAN),
    ("log1mexp", (0.0,), -INF), ("log1mexp", (-1.0,), NAN), ("log1mexp", (INF,), -0.0),
    ("log_sigmoid", (INF,), -0.0), ("log_sigmoid", (-INF,), -INF),
    ("xlogy", (0.0, 0.0), 0.0), ("xlogy", (0.0, NAN), NAN), ("xlogy", (NAN, 0.0), NAN), ("xlogy", (2.0, 0.0), -INF),
    ("entr", (0.0,), 0.0), ("entr", (1.0,), -0.0), ("entr", (-1.0,), NAN), ("entr", (INF,), -INF),
    ("sinc", (0.0,), 1.0), ("sinc", (3.0,), 0.0), ("sinc", (INF,), NAN),
    ("i0", (INF,), INF), ("i0", (-INF,), INF), ("i1", (INF,), INF), ("i1", (-INF,), -INF), ("i1", (-0.0,), -0.0),
    ("i0", (713.0,), 6.705128e307), ("i0", (714.0,), INF),
    ("j0", (0.0,), 1.0), ("j1", (-0.0,), -0.0), ("j0", (INF,), NAN),
    ("rsqrt", (0.0,), INF), ("rsqrt", (-0.0,), -INF), ("rsqrt", (-1.0,), NAN), ("rsqrt", (INF,), 0.0),
    ("round", (0.5,), 0.0), ("round", (1.5,), 2.0), ("round", (-0.5,), -0.0), ("round", (INF,), INF),
    ("trunc", (-0.5,), -0.0), ("trunc", (-INF,), -INF), ("fmod", (-5.0, 3.0), -2.0), ("fmod", (1.0, 0.0), NAN),
    ("fmod", (INF, 2.0), NAN), ("fmod", (2.0, INF), 2.0), ("copysign", (3.0, -0.0), -3.0), ("copysign", (-3.0, INF), 3.0),
    ("heaviside", (0.0, 0.5), 0.5), ("heaviside", (-0.0, 0.5), 0.5), ("heaviside", (-INF, 0.5), 0.0),
    ("heaviside", (NAN, 0.5), NAN), ("softsign", (INF,), 1.0), ("softsign", (-INF,), -1.0), ("hardtanh", (-INF,), -1.0),
    ("hardswish", (INF,), INF), ("hardswish", (-INF,), 0.0), ("relu6", (INF,), 6.0), ("tanhshrink", (-INF,), -INF),
    ("degrees", (math.pi,), 180.0), ("radians", (180.0,), math.pi), ("selu", (-INF,), -1.7580993408473766),
]  # fmt: skip


@pytest.mark.parametrize(("name", "operands", "wanted"), EDGES, ids=[f"{n}{o}" for n, o, _ in EDGES])
def test_values_at_edges(name: str, operands: tuple[float, ...], wanted: float) -> None:
    found = call(name, *operands)
    if wanted == 0:
        assert found == 0
        assert name not in ("erfinv", "i1", "j1", "round", "trunc") or bits(found) == bits(wanted)  # the sign of zero
    elif math.isinf(wanted) or math.isnan(wanted):
        assert bits(found) == bits(wanted)
    else:
        assert found == pytest.approx(wanted, rel=1e-4 if name == "i0" else 1e-15)


SLOPES: list[tuple[str, tuple[float, ...], list[float]]] = [
    ("erfinv", (1.0,), [INF]), ("erfinv", (-1.0,), [INF]), ("ndtri", (0.0,), [INF]), ("ndtri", (1.0,), [INF]),
    ("logit", (0.0,), [INF]), ("logit", (1.0,), [INF]), ("entr", (0.0,), [INF]), ("log1mexp", (0.0,), [INF]),
    ("xlogy", (0.0, 2.0), [math.log(2.0), 0.0]), ("rsqrt", (0.0,), [-INF]), ("sinc", (0.0,), [0.0]), ("i1", (0.0,), [0.5]),
    ("j1", (0.0,), [0.5]), ("lgamma", (0.0,), [-INF]), ("lgamma", (-1.0,), [NAN]), ("digamma", (0.0,), [INF]),
    ("digamma", (-1.0,), [NAN]), ("copysign", (0.0, -1.0), [0.0, 0.0]), ("copysign", (2.0, -0.0), [-1.0, 0.0]),
    ("heaviside", (0.0, 0.5), [0.0, 1.0]), ("heaviside", (1.0, 0.5), [0.0, 0.0]), ("erfcx", (INF,), [0.0]),
    ("log_ndtr", (-1e100,), [1e100]), ("log_ndtr", (50.0,), [0.0]), ("softsign", (1e200,), [0.0]),
]  # fmt: skip


@pytest.mark.parametrize(("name", "operands", "wanted"), SLOPES, ids=[f"{n}{o}" for n, o, _ in SLOPES])
def test_derivatives_at_edges(name: str, operands: tuple[float, ...], wanted: list[float]) -> None:
    found = slopes(name, *operands)
    assert found == pytest.approx(wanted, rel=1e-14, abs=1e-300, nan_ok=True)


NAMES = [
    "rsqrt", "log1mexp", "logit", "entr", "sinc", "degrees", "radians", "log_sigmoid", "softsign", "hardtanh",
    "relu6", "hardsigmoid", "hardswish", "selu", "tanhshrink", "erfcx", "erfinv", "ndtr", "ndtri", "log_ndtr", "lgamma",
    "digamma", "i0", "i1", "j0", "j1",
]  # fmt: skip
STEPS = ("round", "trunc")
OUTSIDE = [
    ("rsqrt", -1.0), ("log1mexp", -1.0), ("logit", -0.5), ("logit", 1.5), ("entr", -1.0), ("erfinv", 1.5), ("erfinv", -1.5),
    ("ndtri", -0.5), ("ndtri", 1.5), ("digamma", -2.0),
]  # fmt: skip


@pytest.mark.parametrize(("name", "x"), [*[(name, NAN) for name in (*NAMES, *STEPS)], *OUTSIDE])
def test_derivatives_of_every_order_are_nan_outside_of_a_domain_and_at_nan(name: str, x: float) -> None:
    f = getattr(autograd, name)
    orders = [f(x), grad(f)(x), grad(grad(f))(x), grad(grad(grad(f)))(x)]
    constant = {"degrees", "radians"}  # the derivative is a number
    assert all(math.isnan(number) for number in (orders[:1] if name in constant else orders)), orders


# ---- higher orders and negative arguments --------------------------------------------------------------------------


@given(st.integers(0, 8), st.floats(0.05, 50.0))
def test_derivatives_of_polygamma_are_polygamma_of_the_next_order(n: int, x: float) -> None:
    f: Callable[..., Any] = lambda t: autograd.polygamma(n, t)  # noqa: E731
    for order in range(3):
        assert f(x) == pytest.approx(float(mp.psi(n + order, mpf(x))), rel=1e-13)
        f = grad(f)


def test_polygamma_has_no_derivative_with_respect_to_its_order() -> None:
    found = np.array(hessian(lambda n, x: autograd.polygamma(n, x), (0, 1))(2.0, 1.5), dtype=float)
    assert np.isnan(found[0, 0])
    assert found[1, 1] == pytest.approx(float(mp.psi(4, mpf(1.5))))


@given(st.floats(-30.0, -1e-3).filter(lambda x: abs(x - round(x)) > 1e-3))
def test_lgamma_and_its_derivatives_are_right_at_negative_numbers(x: float) -> None:
    f: Callable[..., Any] = autograd.lgamma
    for wanted in (mp.re(mp.loggamma(x)), *[mp.psi(n, mpf(x)) for n in range(3)]):
        size = 4 + abs(x - round(x)) ** -3.0  # terms of this size cancel
        assert f(x) == pytest.approx(float(wanted), rel=1e-13, abs=1e-14 * size)
        f = grad(f)


ORDERS: list[tuple[str, Callable[[Any], Any], list[float]]] = [
    ("sinc", lambda x: mp.sinc(mp.pi * x), [0.0, 0.3, 0.499, 0.501, 2.5, -3.0]),
    ("i0", lambda x: mp.besseli(0, x), [0.0, 0.3, -0.999, 1.001, 7.0, 9.0]),
    ("i1", lambda x: mp.besseli(1, x), [0.0, 0.3, -0.999, 1.001, 7.0, 9.0]),
    ("j0", lambda x: mp.besselj(0, x), [0.0, 0.3, -0.999, 1.001, 7.0, 9.0, 50.0]),
    ("j1", lambda x: mp.besselj(1, x), [0.0, 0.3, -0.999, 1.001, 7.0, 9.0, 50.0]),
    ("erfinv", mp.erfinv, [0.0, 0.1, -0.49, 0.51, 0.9, 0.99999]),
    ("erfcx", lambda x: mp.exp(x * x) * mp.erfc(x), [-5.0, 0.0, 0.99, 1.01, 3.9, 4.1, 30.0]),
    ("log_ndtr", lambda x: mp.log(mp.ncdf(x)), [-40.0, -4.0, -0.5, 0.0, 0.5, 5.0]),
    ("ndtri", lambda p: mp.sqrt(2) * mp.erfinv(2 * p - 1), [0.5, 0.3, 0.1, 0.99, 1e-5]),
    ("tanhshrink", lambda x: x - mp.tanh(x), [0.0, 1e-3, 1.19, 1.21, 5.0]),
    ("mish", lambda x: x * mp.tanh(mp.log1p(mp.exp(x))), [-20.0, -1.0, 0.0, 1.0, 30.0]),
    ("logit", lambda x: mp.log(x / (1 - x)), [1e-3, 0.24, 0.26, 0.5, 0.9]),
]


@pytest.mark.parametrize(("name", "exact", "points"), ORDERS, ids=[name for name, _, _ in ORDERS])
def test_derivatives_to_third_order_agree_with_mpmath(name: str, exact: Callable[[Any], Any], points: list[float]) -> None:
    """Including 0, and both sides of the points where the formulas change."""
    for x in points:
        f = getattr(autograd, name)
        for order in range(4):
            with mp.workdps(50):
                wanted = float(mp.diff(exact, mpf(x), order, h=mpf(10) ** -12))
            assert f(x) == pytest.approx(wanted, rel=1e-9, abs=1e-12), (x, order)
            f = grad(f)


# ---- PyTorch and SciPy ---------------------------------------------------------------------------------------------

SCIPY = [
    "gammaln", "digamma", "erfinv", "erfcx", "ndtr", "ndtri", "log_ndtr", "logit", "entr", "i0", "i1", "j0", "j1",
    "xlogy", "beta", "betaln",
]  # fmt: skip


@pytest.mark.parametrize("name", SCIPY)
def test_values_agree_with_scipy(name: str) -> None:
    scipy = pytest.importorskip("scipy.special")
    rng = np.random.default_rng(0)
    operands = 2 if name in ("xlogy", "beta", "betaln") else 1
    points = rng.uniform(0.01, 0.99 if name in ("erfinv", "ndtri", "logit") else 12.0, (200, operands))
    found = [getattr(Value(row[0]), name)(*row[1:]).data for row in points.tolist()]
    assert found == pytest.approx(getattr(scipy, name)(*points.T), rel=2e-13, abs=1e-14)


ACTIVATIONS = (
    "softsign", "hardtanh", "hardsigmoid", "hardswish", "selu", "celu", "mish", "relu6", "tanhshrink", "softshrink",
    "hardshrink", "log_sigmoid",
)  # fmt: skip


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activations_and_their_gradients_agree_with_pytorch_also_at_kinks(name: str) -> None:
    torch = pytest.importorskip("torch")
    function = getattr(torch.nn.functional, {"log_sigmoid": "logsigmoid"}.get(name, name))
    points = [-1e3, -6.0, -3.0, -2.5, -1.0, -0.75, -0.5, -0.25, -1e-9, 0.0, 1e-9, 0.25, 0.5, 0.75, 1.0, 2.5, 3.0, 6.0, 1e3]
    for x in points:
        tensor = torch.tensor(x, dtype=torch.float64, requires_grad=True)
        wanted = function(tensor)
        wanted.backward()
        value = Value(x)
        found = nn.ACTIVATIONS[name](value)
        found.backward()
        assert found.data == pytest.approx(wanted.item(), rel=1e-12, abs=1e-12)
        digits = 1e-7 if name == "hardsigmoid" else 1e-10  # PyTorch's 1 / 6 is a float of 32 bits
        assert value.grad == pytest.approx(tensor.grad.item(), rel=digits, abs=1e-12), x


@pytest.mark.parametrize(
    ("name", "option", "value"), [("celu", "alpha", 0.7), ("softshrink", "lambd", 1.25), ("hardshrink", "lambd", 1.25)]
)
def test_options_of_activations_agree_with_pytorch(name: str, option: str, value: float) -> None:
    torch = pytest.importorskip("torch")
    for x in (-3.0, -1.25, -0.5, 0.0, 0.5, 1.25, 3.0):
        tensor = torch.tensor(x, dtype=torch.float64, requires_grad=True)
        wanted = getattr(torch.nn.functional, name)(tensor, **{option: value})
        wanted.backward()
        v = Value(x)
        found = getattr(v, name)(value)
        found.backward()
        assert (found.data, v.grad) == pytest.approx((wanted.item(), tensor.grad.item()), rel=1e-6)  # of 32 bits


# ---- compositions --------------------------------------------------------------------------------------------------


@given(st.lists(st.floats(-100, 100), min_size=2, max_size=6), st.integers(0, 1))
def test_std_is_the_square_root_of_the_variance(numbers: list[float], ddof: int) -> None:
    assert autograd.std(numbers, ddof) == pytest.approx(float(np.std(numbers, ddof=ddof)), rel=1e-9, abs=1e-12)


def test_std_of_equal_values_has_the_gradient_zero() -> None:
    assert gradients(autograd.std([x := Value(3.0), y := Value(3.0)]), [x, y]) == [0.0, 0.0]
    x, y = Value(1.0), Value(4.0)
    assert gradients(autograd.std([x, y]), [x, y]) == [-0.5, 0.5]
    with pytest.raises(ValueError, match=r"autograd\.std\(\) needs at least 2 values, not 1"):
        autograd.std([1.0], ddof=1)


def test_the_entropy_counts_zero_probabilities_as_zero() -> None:
    assert autograd.entropy([0.0, 0.5, 0.5]) == pytest.approx(math.log(2.0))
    p = Value(0.25)
    assert gradients(autograd.entropy([p, 0.75]), [p]) == [-1 - math.log(0.25)]


def test_fma_is_one_node() -> None:
    x, y, z = Value(2.0), Value(3.0), Value(4.0)
    node = autograd.fma(x, y, z)
    assert (node.data, autograd.count_nodes(node)) == (10.0, 4)
    assert gradients(node, [x, y, z]) == [3.0, 2.0, 1.0]


# ---- compile, NumPy, round -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_first_and_second_derivatives_can_be_compiled(name: str) -> None:
    f = getattr(autograd, name)
    points = np.array([0.1, 0.3, 0.7, 0.9])
    for derivative in (grad(f), grad(grad(f))):
        assert compile(derivative)(points) == pytest.approx([derivative(x) for x in points.tolist()], rel=1e-12, abs=1e-300)


def test_numpy_functions_call_the_operations() -> None:
    x = np.array([Value(0.5), Value(1.75)], dtype=object)
    for name in ("degrees", "rad2deg", "radians", "deg2rad", "rint", "trunc"):
        found = getattr(np, name)(x)
        assert [v.data for v in found] == list(getattr(np, name)(np.array([0.5, 1.75])))
        assert all(isinstance(v, Value) and v.operands for v in found)
    assert math.trunc(Value(1.5)).data == 1.0
    assert round(Value(1.75), 1) == 1.8  # Python's round stays a float
    assert Value(1.75).round().data == 2.0


def test_a_gradient_does_not_pass_a_where_around_a_special_function() -> None:
    x = Value(-1.0)
    where(x > 0, x.log1mexp(), x * 2).backward()
    assert x.grad == 2.0
