"""Every row at special values, differentiated up to third order, against mpmath (see ``special_values.py``).

The right answer, an infinity or nan: a plausible number where nothing is known would be believed.
"""

from __future__ import annotations

import itertools
import math
import os
from typing import Any

import numpy as np
import pytest
from replayed import same
from special_values import allowed_at_infinity, truth

import autograd
import nn
from autograd import Value, gradients
from autograd.ops import TABLE, Operation

INF, NAN = math.inf, math.nan
MAX = 1.7976931348623157e308
ROWS = [row for row in TABLE if not row.variadic]
# The second operands of these rows are options. A derivative with respect to an option is not a use of these rows, and is only
# compared to first order, away from ties. At a tie it is a convention.
OPTIONS = {
    "leaky_relu": (0.01, -0.5), "elu": (1.0, 0.3), "hardshrink": (0.5, 3.0), "softshrink": (0.5, 3.0), "clamp_min": (0.0, -3.0),
    "clamp_max": (0.0, 3.0),
}  # fmt: skip
# The references of these rows need thousands of digits, so only some of the points are compared. `make thorough` takes all.
SLOW = {"pow": 8, "beta": 8, "betaln": 8, "polygamma": 4, "digamma": 5, "lgamma": 2, "ndtri": 3}
UNARY = [row for row in ROWS if len(row.partials) == 1]
BINARY = [row for row in ROWS if len(row.partials) == 2 and row.name not in OPTIONS]
# 0, subnormals, very small and large numbers, neighbours of 1 and of the edge 0.5, integers and half integers, saturation.
POINTS = sorted(
    sign * size
    for sign in (-1.0, 1.0)
    for size in (
        0.0, 5e-324, 1e-310, 1e-300, 1e-160, 1e-20, 1e-8, 0.3, 0.5, 1 - 2**-53, 1.0, 1 + 2**-52, 1.5, 2.0, 2.5, 3.0, 10.0,
        19.5, 37.5, 40.0, 100.0, 355.0, 709.0, 745.0, 1e4, 1e8, 2.0**52, 1e16, 1e155, 1e200, 1e300, MAX, INF,
    )
)  # fmt: skip
PAIRS = [
    *itertools.product([sign * size for sign in (-1.0, 1.0) for size in (0.0, 1e-300, 0.5, 1.0, 3.0, INF)], repeat=2),
    (5e-324, 2.0), (2.0, 5e-324), (5e-324, 5e-324), (1e-160, 1e-160), (1e-200, 1e-200), (1.7e308, 1.7e308), (1.7e308, -1e308),
    (1 + 2**-52, 1.0), (2.5, 0.5), (-2.5, 0.5), (7.0, 3.5), (2.0, 0.5), (-8.0, 3.0), (1e-300, 2.0), (1e155, 2.0),
    (10.0, -300.0), (1.0, 1e16), (0.0, 2.5), (0.0, 4.0), (0.3, 0.7), (1e-160, 3.0), (3.0, 1e-160), (1e-20, 1.0), (0.5, -1e-20),
    (1e300, -1e300), (1e300, 0.5), (NAN, 1.0), (1.0, NAN), (NAN, NAN), (0.0, NAN), (NAN, 0.0),
]  # fmt: skip
RTOL = {1: 1e-12, 2: 1e-9, 3: 1e-9}
# The operands whose partial derivative does not depend on them: it is a number even where the value is nan.
LINEAR = {
    "add": (0, 1), "sub": (0, 1), "mul": (0, 1), "div": (0,), "neg": (0,), "gate": (0, 1), "degrees": (0,), "radians": (0,),
    "xlogy": (0,), "leaky_relu": (1,), "elu": (1,),
}  # fmt: skip


def derivatives(row: Operation, operands: tuple[float, ...]) -> dict[tuple[int, ...], float]:
    """Return our derivatives of orders 1 to 3, by the number of times each operand was differentiated by."""
    inputs = [Value(x) for x in operands]
    graphs: dict[tuple[int, ...], Any] = {(0,) * len(operands): getattr(autograd, row.name)(*inputs)}
    for total in range(1, 4):
        for orders in [orders for orders in graphs if sum(orders) == total - 1]:
            found = gradients(graphs[orders], inputs, create_graph=True)
            for i, derivative in enumerate(found):
                key = tuple(order + (j == i) for j, order in enumerate(orders))
                # A mixed derivative is found in every order of differentiation, and only the first is kept.
                graphs.setdefault(key, derivative)
    return {orders: node.data for orders, node in graphs.items() if sum(orders)}


def is_right(row: Operation, operands: tuple[float, ...], orders: tuple[int, ...], found: float) -> bool:
    rtol = RTOL[sum(orders)]
    linear = [orders[i] for i in LINEAR.get(row.name, ())]
    if any(order > 1 for order in linear):
        return found == 0.0
    if any(map(math.isnan, operands)):
        return math.isnan(found) or any(linear) or not math.isnan(row(*operands))
    if math.isnan(row(*operands)):
        return not math.isfinite(found) or any(linear)
    if any(map(math.isinf, operands)):
        return allowed_at_infinity(row.name, operands, orders, found, rtol)
    if truth(row.name, operands, orders).allows(found, rtol):
        return True
    return not math.isfinite(found) and is_unknown(row, operands, orders)


def is_unknown(row: Operation, operands: tuple[float, ...], orders: tuple[int, ...]) -> bool:
    """Return whether nan is allowed: behind a kink, or where intermediate results are out of range."""
    if truth(row.name, operands, orders).size > 1e300:
        return True
    if len(operands) > 1 and any(x and not 1e-100 ** (4 - sum(orders)) < abs(x) < 1e100 ** (4 - sum(orders)) for x in operands):
        return True
    lower = [tuple(map(min, orders, limit)) for limit in itertools.product(range(3), repeat=len(orders)) if any(limit)]
    return any(not truth(row.name, operands, few).is_smooth for few in lower if 0 < sum(few) < sum(orders))


def wrong(row: Operation, points: list[tuple[float, ...]]) -> list[str]:
    """Return a line for each wrong derivative."""
    lines = []
    if row.name in ("mod", "floor_div", "fmod"):  # a quotient of more than 53 bits is not the quotient of two exact numbers
        points = [(x, y) for x, y in points if not math.inf > abs(x) > 1e15 * abs(y) > 0]
    if row.name == "ndtr":  # the third derivative is 0 at 1 and -1
        points = [(x,) for (x,) in points if not 0 < abs(abs(x) - 1) < 1e-15]
    if row.name == "copysign":  # mpmath has no -0
        points = [(x, y) for x, y in points if y]
    if row.name == "pow":  # in IEEE-754, a fractional power of -inf is that of inf; 0**0 is 1 by convention
        points = [(x, y) for x, y in points if x != -math.inf and (x or y not in (0.0, 1.0))]
    if row.name == "betaln":  # infinite on a whole line, where only the limit is known: see test_named_points
        points = [(x, y) for x, y in points if x and y]
    for operands in points:
        for orders, found in derivatives(row, operands).items():
            if row.name in OPTIONS and orders[1] and (orders != (0, 1) or abs(operands[0]) == abs(operands[1])):
                continue
            if not is_right(row, operands, orders, found):
                finite = all(map(math.isfinite, operands))
                expected = truth(row.name, operands, orders) if finite else "a limit or nan"
                lines.append(f"{row.name}{operands} order {orders}: {found!r}, not {expected}")
    return lines


def points_for(row: Operation, points: list[tuple[float, ...]]) -> list[tuple[float, ...]]:
    return points if os.environ.get("HYPOTHESIS_PROFILE") == "thorough" else points[:: SLOW.get(row.name, 1)]


@pytest.mark.parametrize("row", UNARY, ids=lambda row: row.name)
def test_functions_of_one_number_are_right_or_nan(row: Operation) -> None:
    problems = wrong(row, points_for(row, [(x,) for x in [*POINTS, NAN]]))
    assert not problems, "\n".join(problems)


@pytest.mark.parametrize("row", BINARY, ids=lambda row: row.name)
def test_functions_of_two_numbers_are_right_or_nan(row: Operation) -> None:
    problems = wrong(row, points_for(row, PAIRS))
    assert not problems, "\n".join(problems)


@pytest.mark.parametrize("name", OPTIONS)
def test_functions_with_an_option_are_right_or_nan(name: str) -> None:
    row = next(row for row in ROWS if row.name == name)
    problems = wrong(row, [(x, option) for i, option in enumerate(OPTIONS[name]) for x in [*POINTS[i::2], 0.0, 0.5, 3.0, NAN]])
    assert not problems, "\n".join(problems)


def test_mixed_derivatives_with_respect_to_a_bound_are_nan_at_a_tie() -> None:
    for function in (autograd.clamp_min, autograd.clamp_max):
        assert math.isnan(autograd.hessian(lambda p, f=function: f(*p))([0.5, 0.5])[0][1])


def test_named_points() -> None:
    def hypot(p: Any) -> Any:
        return autograd.hypot(*p)

    def power(p: Any) -> Any:
        return autograd.pow(*p)

    assert gradients_at(hypot, [1.7e308, 1.7e308]) == pytest.approx([0.5**0.5, 0.5**0.5])
    assert gradients_at(hypot, [5e-324, 5e-324]) == pytest.approx([0.5**0.5, 0.5**0.5])
    for x, y in ((1e-300, 2.0), (1e155, 2.0), (1e-200, 2.5), (1e200, 1.7), (3.0, 2.5)):
        mixed = x ** (y - 1.0) * (1.0 + y * math.log(x))
        (_, above), (below, _) = autograd.hessian(power)([x, y])
        assert [above, below] == pytest.approx([mixed, mixed], rel=1e-12, abs=0.0)
    for point in ([0.0, 0.0], [0.0, 1.0]):  # x**y is no smooth function here
        assert not math.isfinite(autograd.hessian(power)(point)[0][1])
    for y in (0.5, 3.0):  # digamma(y) - digamma(x + y) approaches 0 as x does
        assert gradients_at(lambda p: autograd.betaln(*p), [0.0, y]) == [-INF, 0.0]
    assert autograd.grad(autograd.cbrt)(INF) == 0.0
    assert autograd.grad(autograd.grad(autograd.cbrt))(1e-300) == -INF
    second = autograd.grad(autograd.grad(autograd.tanh))
    assert [second(1e-20), second(-1e-20)] == pytest.approx([-2e-20, 2e-20], rel=1e-12, abs=0.0)


def gradients_at(f: Any, point: list[float]) -> Any:
    return autograd.grad(f)(point)


COMPILED = [row for row in UNARY if row.name != "neg"]


@pytest.mark.parametrize("row", COMPILED, ids=lambda row: row.name)
def test_compiled_derivatives_equal_eager_ones(row: Operation) -> None:
    derivative: Any = getattr(autograd, row.name)
    points = [*POINTS, NAN]
    for _ in range(2):
        derivative = autograd.grad(derivative)
        found = autograd.compile(derivative)(np.array(points))
        assert same(found, [derivative(x) for x in points]), row.name


# ---- compositions, activations and losses --------------------------------------------------------------------------


def of_a_number(function: Any, **options: float) -> Any:
    return lambda x: function(x, **options)


# Functions of one number. Not in this list: polynomials such as `mean` and `fma`, whose derivatives are constants.
COMPOSED: dict[str, Any] = {
    **{name: function for name, function in nn.ACTIVATIONS.items() if name != "linear"},
    "clip": of_a_number(autograd.clip, low=-1.0, high=2.0),
    "clip below": of_a_number(autograd.clip, low=-1.0),
    "clip above": of_a_number(autograd.clip, high=2.0),
    "leaky_relu with slope": of_a_number(autograd.leaky_relu, slope=0.3),
    "elu with alpha": of_a_number(autograd.elu, alpha=0.3),
    "celu with alpha": of_a_number(autograd.celu, alpha=0.3),
    "softshrink with threshold": of_a_number(autograd.softshrink, threshold=2.0),
    "hardshrink with threshold": of_a_number(autograd.hardshrink, threshold=2.0),
    **{
        f"{name}, {'first' if is_first else 'last'}": lambda x, f=f, is_first=is_first: f([x, 0.3] if is_first else [0.3, x])
        for name, f in {
            "std": autograd.std, "norm": autograd.norm, "logsumexp": autograd.logsumexp, "entropy": autograd.entropy,
            "softmax": lambda items: autograd.softmax(items)[0], "log_softmax": lambda items: autograd.log_softmax(items)[1],
        }.items()
        for is_first in (True, False)
    },
    **{
        f"{name} of {target}": lambda x, loss=loss, target=target: loss([[x]], [target])
        for name, loss in nn.LOSSES.items()
        if name not in ("mse", "cross_entropy")  # mse is a polynomial
        for target in (1.0, -1.0 if name == "hinge" else 0.0)
    },
    **{
        f"binary_cross_entropy of a probability and {target}":
            lambda x, target=target: nn.binary_cross_entropy([[x]], [target], from_logits=False)
        for target in (0.0, 0.5, 1.0)
    },
    "cross_entropy": lambda x: nn.cross_entropy([[x, 0.3]], [1]),
    "cross_entropy, smoothed": lambda x: nn.cross_entropy([[0.3, x]], [1], label_smoothing=0.1, class_weights=[1.0, 2.0]),
}  # fmt: skip


def orders_at(f: Any, x: float) -> list[float]:
    """Return the value and three derivatives."""
    found = []
    for _ in range(4):
        result = f(x)
        found.append(result.data if isinstance(result, Value) else result)
        f = autograd.grad(f)
    return found


@pytest.mark.parametrize("name", COMPOSED)
def test_compositions_are_nan_at_nan_at_every_order(name: str) -> None:
    f = COMPOSED[name]
    assert all(map(math.isnan, orders_at(f, NAN))), orders_at(f, NAN)
    for order in range(3):
        assert math.isnan(autograd.compile(f)(np.array([NAN]))[0]), order
        f = autograd.grad(f)


@pytest.mark.parametrize("x", [-0.5, 1.5, -INF, INF])
@pytest.mark.parametrize("target", [0.0, 0.5, 1.0])
def test_a_loss_of_a_number_that_is_no_probability_has_no_derivatives(x: float, target: float) -> None:
    found = orders_at(COMPOSED[f"binary_cross_entropy of a probability and {target}"], x)
    assert all(map(math.isnan, found)), found


# The limits of value and slope at -inf and inf. They follow from the formulas in the literature.
LIMITS: dict[str, tuple[float, float, float, float]] = {
    "clip": (-1.0, 0.0, 2.0, 0.0), "clip below": (-1.0, 0.0, INF, 1.0), "clip above": (-INF, 1.0, 2.0, 0.0),
    "leaky_relu": (-INF, 0.01, INF, 1.0), "elu": (-1.0, 0.0, INF, 1.0), "celu": (-1.0, 0.0, INF, 1.0),
    "softshrink": (-INF, 1.0, INF, 1.0), "hardshrink": (-INF, 1.0, INF, 1.0), "hardtanh": (-1.0, 0.0, 1.0, 0.0),
    "relu": (0.0, 0.0, INF, 1.0), "relu6": (0.0, 0.0, 6.0, 0.0), "hardsigmoid": (0.0, 0.0, 1.0, 0.0),
    "hardswish": (0.0, 0.0, INF, 1.0), "tanh": (-1.0, 0.0, 1.0, 0.0), "sigmoid": (0.0, 0.0, 1.0, 0.0),
    "softplus": (0.0, 0.0, INF, 1.0), "log_sigmoid": (-INF, 1.0, 0.0, 0.0), "softsign": (-1.0, 0.0, 1.0, 0.0),
    "tanhshrink": (-INF, 1.0, INF, 1.0), "selu": (-1.7580993408473766, 0.0, INF, 1.0507009873554805),
    "silu": (0.0, 0.0, INF, 1.0), "gelu": (0.0, 0.0, INF, 1.0), "mish": (0.0, 0.0, INF, 1.0),
}  # fmt: skip


@pytest.mark.parametrize("name", LIMITS)
def test_activations_at_infinity_are_their_limits_or_nan(name: str) -> None:
    low, low_slope, high, high_slope = LIMITS[name]
    for x, value, slope in ((-INF, low, low_slope), (INF, high, high_slope)):
        found, first, second, third = orders_at(COMPOSED[name], x)
        is_product = name in ("silu", "gelu", "mish")  # 0 * inf at -inf
        assert found == value or (is_product and math.isnan(found))
        assert first == slope or (is_product and math.isnan(first))
        assert all(number == 0.0 or math.isnan(number) for number in (second, third))
