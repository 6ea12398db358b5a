"""Rows of the table compute with hundreds of digits, and return what IEEE-754 defines at zeros, infinities and nan."""

from __future__ import annotations

import itertools
import math
import threading
from typing import Any

import mpmath
import pytest
from exact import EXACT
from hypothesis import assume, given, settings

from autograd import ops, strategies
from autograd.base.real import libm
from autograd.checking import exact
from autograd.ops import TABLE, Operation

FEW = settings(max_examples=max(4, settings().max_examples // 80))  # per row; the table has more than 80
ROWS = [row for row in TABLE if not row.variadic]
STAIRS = {"mod", "floor_div", "fmod"}  # the quotient may have more digits than the precision
every_row = pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
HUGE, LARGE = mpmath.mpf("1e1000"), mpmath.mpf("1e400")
SPECIAL = [0.0, -0.0, 1.0, -1.0, 0.5, -2.0, 3.0, 5e-324, -1e-300, 1e300, math.inf, -math.inf, math.nan]


def number(x: float) -> Any:
    return exact.from_float(x)


@every_row
def test_a_row_has_the_digits_of_its_reference(row: Operation) -> None:
    @FEW
    @given(strategies.operands(row.name))
    def check(point: tuple[float, ...]) -> None:
        assume(row.name != "div" or point[1] != 0)
        assume(row.name not in STAIRS or abs(point[0]) < 1e40 * abs(point[1]))
        found = exact.value(row, [number(x) for x in point])
        expected = EXACT[row.name][0](*[mpmath.mpf(x) for x in point])
        if mpmath.isnan(expected):  # such as polygamma(1.5, 1)
            assert mpmath.isnan(found)
        elif abs(expected) > HUGE or 0 < abs(expected) < 1 / HUGE:  # beyond every float
            assert abs(found) > LARGE if abs(expected) > 1 else abs(found) < 1 / LARGE
            assert mpmath.sign(found) * mpmath.sign(expected) >= 0
        else:
            assert abs(found - expected) <= mpmath.mpf(10) ** -45 * abs(expected)

    check()


@every_row
def test_special_numbers_give_the_same_result_as_in_floats(row: Operation) -> None:
    for point in itertools.product(SPECIAL, repeat=len(row.partials)):
        found, expected = exact.value(row, [number(x) for x in point]), row(*point)
        if math.isnan(expected):
            assert mpmath.isnan(found) or row.name in STAIRS, point
        elif abs(expected) < 1e-300 or math.isinf(expected):  # an exact number neither underflows nor overflows
            assert float(found) == pytest.approx(expected, abs=1e-300) or abs(found) > 1e308, point
        else:
            assert float(found) == pytest.approx(expected, rel=1e-13), point


@pytest.mark.parametrize(
    ("row", "point", "result"),
    [
        (ops.div, (1.0, -0.0), -math.inf),
        (ops.div, (-1.0, -0.0), math.inf),
        (ops.pow, (-0.0, -3.0), -math.inf),
        (ops.pow, (-0.0, -2.0), math.inf),
        (ops.atan2, (-0.0, -1.0), -math.pi),
        (ops.atan2, (0.0, -1.0), math.pi),
    ],
)
def test_the_sign_of_zero_counts(row: Operation, point: tuple[float, ...], result: float) -> None:
    assert float(exact.value(row, [number(x) for x in point])) == result


@pytest.mark.parametrize(
    ("row", "point"),
    [
        (ops.mul, (-1.0, 0.0)),
        (ops.neg, (0.0,)),
        (ops.sin, (-0.0,)),
        (ops.ceil, (-0.5,)),
        (ops.atan2, (-0.0, 1.0)),
        (ops.sub, (-0.0, 0.0)),
        (ops.div, (0.0, -2.0)),
    ],
)
def test_a_result_may_be_negative_zero(row: Operation, point: tuple[float, ...]) -> None:
    found = exact.value(row, [number(x) for x in point])
    assert found == 0
    assert exact.is_negative(found)
    assert math.copysign(1.0, row(*point)) == -1.0


def test_log1p_of_a_tiny_number_is_quick_and_exact() -> None:
    tiny = mpmath.mpf("1e-20000")
    assert abs(exact.FUNCTIONS["log1p"](tiny) - (tiny - tiny**2 / 2)) <= tiny * mpmath.mpf(10) ** -60


def test_every_function_of_libm_has_an_exact_version() -> None:
    assert {name for name in vars(libm) if not name.startswith("_")} <= set(exact.FUNCTIONS)


def test_a_formula_with_another_function_is_not_exact() -> None:
    with pytest.raises(exact.NotExactError):
        exact.evaluate(lambda x: type(libm.exp)(math.exp)(x), [exact.ONE])


def test_more_precision_ends_with_the_block_in_every_thread() -> None:
    seen = []

    def work() -> None:
        with exact.more_precision(), exact.more_precision():
            seen.append(exact.CONTEXT.prec)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == [exact.MORE_PRECISION] * 4
    assert exact.CONTEXT.prec == exact.PRECISION


def test_the_precision_of_users_does_not_change() -> None:
    before = mpmath.mp.prec
    exact.value(ops.exp, [exact.ONE])
    assert mpmath.mp.prec == before
