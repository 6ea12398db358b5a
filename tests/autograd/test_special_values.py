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
from autograd import Value, gradients
from autograd.ops import TABLE, Operation

INF, NAN = math.inf, math.nan
MAX = 1.7976931348623157e308
# At special values, the references of these rows take too long, or do not exist: see test_special_functions.py.
ELSEWHERE = {row.name for row in TABLE if row.exact is not None} - {"logaddexp", "ndtr", "log_ndtr"}
ROWS = [row for row in TABLE if not row.variadic and row.name not in ELSEWHERE]
UNARY = [row for row in ROWS if len(row.partials) == 1]
BINARY = [row for row in ROWS if len(row.partials) == 2]
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
    "xlogy": (0,), "add": (0, 1), "sub": (0, 1), "mul": (0, 1), "div": (0,), "neg": (0,), "gate": (0, 1), "degrees": (0,), "radians": (0,),
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
    for operands in points:
        for orders, found in derivatives(row, operands).items():
            if not is_right(row, operands, orders, found):
                finite = all(map(math.isfinite, operands))
                expected = truth(row.name, operands, orders) if finite else "a limit or nan"
                lines.append(f"{row.name}{operands} order {orders}: {found!r}, not {expected}")
    return lines


@pytest.mark.parametrize("row", UNARY, ids=lambda row: row.name)
def test_functions_of_one_number_are_right_or_nan(row: Operation) -> None:
    problems = wrong(row, [(x,) for x in [*POINTS, NAN]])
    assert not problems, "\n".join(problems)


@pytest.mark.parametrize("row", BINARY, ids=lambda row: row.name)
def test_functions_of_two_numbers_are_right_or_nan(row: Operation) -> None:
    # The references of pow need thousands of digits. `make thorough` takes all pairs.
    few = row.name == "pow" and os.environ.get("HYPOTHESIS_PROFILE") != "thorough"
    problems = wrong(row, PAIRS[::8] if few else PAIRS)
    assert not problems, "\n".join(problems)


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
