"""In each row, compiled functions and the functions on Values have bit-for-bit equal results and gradients.

The only exception is the last bit of a gradient. Where a gate (see ``where``) is closed, ``backward`` skips its operands.
Contributions to a node that is used several times may then be added in another order than in a row where the gate is
open, but a program has one order for all rows. The same holds for ``norm``, which sorts its operands by size.
"""

from __future__ import annotations

import math
import random
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from replayed import (
    BINARY,
    GATED,
    SMOOTH,
    SPECIAL,
    UNARY,
    assert_same_as_eager,
    bits,
    eager,
    random_function,
    random_number,
    same,
)  # fmt: skip

import autograd
from autograd import Value, ops
from autograd.ops import Operation
from autograd.strategies.drawing import numbers as floats_between

INF, NAN = math.inf, math.nan


def for_each(rows: list[Operation]) -> Any:
    return pytest.mark.parametrize("row", rows, ids=lambda row: row.name)


@for_each(UNARY)
def test_every_operation_of_one_operand_equals_eager(row: Operation) -> None:
    function = getattr(autograd, row.name)
    assert_same_as_eager(function, [SPECIAL])
    assert_same_as_eager(lambda x, y: function(x) * y, [SPECIAL, 2.0])  # a gradient that is not 1
    for x in SPECIAL:
        assert_same_as_eager(function, [x])

    @given(st.lists(floats_between(*row.domain[0]), min_size=1, max_size=20))
    def check(numbers: list[float]) -> None:
        assert_same_as_eager(function, [numbers])

    check()


@for_each(BINARY)
def test_every_operation_of_two_wide_or_scalar_operands_equals_eager(row: Operation) -> None:
    function = getattr(autograd, row.name)
    pairs = [(x, y) for x in SPECIAL for y in SPECIAL]
    left, right = [x for x, _ in pairs], [y for _, y in pairs]
    assert_same_as_eager(function, [left, right])
    assert_same_as_eager(lambda x, y: function(x, y) * -3.0, [left, right])
    assert_same_as_eager(lambda x: function(x, x), [SPECIAL])
    for y in (0.0, -0.0, 2.0, -3.0, INF, NAN):
        parameter = Value(y)
        assert_same_as_eager(lambda x, p=parameter: function(x, p), [SPECIAL], [parameter])
        assert_same_as_eager(lambda x, p=parameter: function(p, x), [SPECIAL], [parameter])
        assert_same_as_eager(lambda x, y=y: function(x, y), [SPECIAL])
        assert_same_as_eager(lambda x, y=y: function(y, x), [SPECIAL])
        assert_same_as_eager(function, [2.0, y])

    @given(st.lists(st.tuples(*[floats_between(low, high) for low, high in row.domain]), min_size=1, max_size=20))
    def check(points: list[tuple[float, float]]) -> None:
        assert_same_as_eager(function, [[x for x, _ in points], [y for _, y in points]])

    check()


w, b = Value(0.5, label="w"), Value(-0.25, label="b")
COMPOSED: dict[str, Any] = {
    "sum": lambda x, y: autograd.sum([x, y, x, 2.0, w]),
    "sum of nothing and one": lambda x, y: autograd.sum([]) + autograd.sum([x]),
    "dot": lambda x, y: autograd.dot([w, b], [x, y], b),
    "dot of wide by wide": lambda x, y: autograd.dot([x, y], [y, x], x),
    "dot with numbers": lambda x, y: autograd.dot([0.5, w, x], [x, 2.0, 3.0]),
    "dot of one with itself": lambda x, y: autograd.dot([x, x], [x, x], w),
    "dot of nothing": lambda x, y: autograd.dot([], [], w) * x,
    "affine": lambda x, y: autograd.sum(autograd.affine([[w, b], [b, 1.0], [x, y]], [x, y], [0.0, w, b])),
    "where": lambda x, y: autograd.where(x > y, x.sin(), y.exp()),
    "where between the same": lambda x, y: autograd.where(x > y, x, x),
    "where of a number": lambda x, y: autograd.where(x >= 0, 1.0, y),
    "take": lambda x, y: autograd.take([x, y, w, 3.0], autograd.where(x > y, 0.0, 2.0)) * x,
    "detach": lambda x, y: x.detach() * x + y.detach(),
    "logsumexp": lambda x, y: autograd.logsumexp([x, w]),
    "mean and var": lambda x, y: autograd.mean([x, w, b]) * autograd.var([y, 1.0, w]),
    "prod": lambda x, y: autograd.prod([x, y, w]),
    "silu and gelu": lambda x, y: x.silu() + autograd.gelu(y),
    "leaky_relu": lambda x, y: autograd.leaky_relu(x * 1.0) + autograd.elu(y * 1.0),
    "clip": lambda x, y: autograd.clip(x * 1.0, -1.0, 1.0),
    "square and reciprocal": lambda x, y: autograd.square(x) + autograd.reciprocal(y),
    "powers": lambda x, y: x**2 + x**3 - 2.0**y + x**0.5 + x**-1 + w**x,
    "reflected": lambda x, y: 1.0 - x + 2.0 / y + (3.0 % x) + (-y) // 2.0,
    "the argument": lambda x, y: x,
    "a parameter": lambda x, y: w,
    "a constant": lambda x, y: 3.0,
    "minus zero": lambda x, y: -(x * 0.0),
    "a chain of sums of products": lambda x, y: b + w * x + 0.5 * y - x * y + 1.0,
    "the same sum twice": lambda x, y: (w * x + b * y + 1.0) * (w * x + b * y + 1.0).tanh(),
}


@pytest.mark.parametrize("name", COMPOSED)
def test_compositions_equal_eager(name: str) -> None:
    pairs = [(x, y) for x in SPECIAL for y in SPECIAL]
    assert_same_as_eager(COMPOSED[name], [[x for x, _ in pairs], [y for _, y in pairs]], [w, b])
    assert_same_as_eager(COMPOSED[name], [SPECIAL, 0.75], [w, b])
    assert_same_as_eager(COMPOSED[name], [0.75, SPECIAL], [w, b])
    assert_same_as_eager(COMPOSED[name], [0.75, -1.5], [w, b])


@pytest.mark.parametrize("function", [autograd.softmax, autograd.log_softmax, lambda items: [autograd.logsumexp(items)]])
def test_softmax_of_rows_equals_eager(function: Any) -> None:
    rows = np.array([[x, y, z] for x in SPECIAL for y in (0.0, 1000.0, NAN, -INF) for z in (-2.0, INF)])
    found = autograd.compile(lambda row: function(list(row)))(rows)
    for i, row in enumerate(rows):
        assert same([column[i] for column in found], [v.data for v in function([Value(x) for x in row])])


def test_norm_starts_with_the_largest_operand_of_each_row() -> None:
    rows = np.array(
        [[3.0, 4.0, 0.0], [0.0, 0.0, 0.0], [0.0, 0.0, -2.0], [1e200, 1e200, 0.0], [INF, NAN, 1.0], [0.1, -0.7, 0.2]]
    )
    values, gradients = autograd.compile(lambda row: autograd.norm(list(row))).value_and_grad(rows)
    for i, row in enumerate(rows):
        wanted = eager(lambda *row: autograd.norm(list(row)), row.tolist())
        assert bits(values[i]) == bits(wanted[0])
        assert gradients[i] == pytest.approx(wanted[1:], rel=1e-15, nan_ok=True)


def inputs_for(rng: random.Random) -> list[Any]:
    count = rng.choice([1, 2, 5, 8, 9, 17, 30])
    wide = [[random_number(rng) for _ in range(count)] for _ in range(2)]
    return [*wide, random_number(rng)]


@given(st.integers(0, 2**32))
@example(1613613)  # a comparison with the dot of a nan that the parameters determine
def test_random_functions_equal_eager(seed: int) -> None:
    rng = random.Random(seed)
    f = random_function(rng, 5, SMOOTH)
    p, q = Value(random_number(rng)), Value(random_number(rng))
    assert_same_as_eager(lambda x, y, s: f(x, y, s, p, q), inputs_for(rng), [p, q])


@given(st.integers(0, 2**32))
@example(116407)  # the operand of detach is a number
def test_values_of_random_functions_with_branches_equal_eager(seed: int) -> None:
    rng = random.Random(seed)
    f = random_function(rng, 5, GATED)
    p, q = Value(random_number(rng)), Value(random_number(rng))
    assert_same_as_eager(lambda x, y, s: f(x, y, s, p, q), inputs_for(rng), [p, q], gradients=False)


@given(st.integers(0, 2**32))
@example(16511)  # divided by 0
def test_gradients_of_random_functions_with_branches_differ_at_most_by_rounding(seed: int) -> None:
    rng = random.Random(seed)
    f = random_function(rng, 3, GATED, largest=12)
    columns = [[rng.gauss(0, 1) for _ in range(9)] for _ in range(3)]
    _, found = autograd.compile(f).value_and_grad(*map(np.array, columns), argnums=(0, 1, 2))
    for i, row in enumerate(zip(*columns, strict=True)):
        wanted = eager(f, row)[1:]
        size = max([abs(x) for x in wanted if math.isfinite(x)], default=0.0)
        if size < 1e6:  # otherwise terms may cancel
            assert finite_or_nan([g[i] for g in found]) == pytest.approx(
                finite_or_nan(wanted), rel=1e-9, abs=1e-9 * (1 + size), nan_ok=True
            )


def finite_or_nan(numbers: list[float]) -> list[float]:
    """Replace infinite numbers with nan: whether infinite terms cancel depends on their order."""
    return [x if math.isfinite(x) else NAN for x in numbers]


def loss(x: Any, y: Any) -> Any:
    hidden = [autograd.dot([w, b], [x, y], b).tanh(), (w * x).relu() + y, (x - y).sigmoid()]
    return (autograd.dot(hidden, [w, b, 0.5]) - y) ** 2


@pytest.mark.parametrize("lanes", [1, 2, 7, 8, 9, 15, 16, 17, 63, 64, 65, 127, 247, 248, 249, 495, 496, 497, 1000])
def test_any_number_of_rows_equals_eager(lanes: int) -> None:
    rng = np.random.default_rng(lanes)
    x, y = rng.normal(size=lanes), rng.normal(size=lanes)
    if lanes > 3:
        x[0], y[-1], x[lanes // 2] = NAN, INF, -0.0
    assert_same_as_eager(loss, [x, y])


def test_rows_at_the_edges_of_small_blocks_equal_eager(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("autograd.compiler.layout.BLOCK", 8)
    for lanes in range(1, 34):
        x = np.linspace(-2, 2, lanes)
        assert autograd.compile(loss).program(x, x).lanes == 8
        assert_same_as_eager(loss, [x, x[::-1]])


def tree(numbers: list[float]) -> float:
    """Sum the rows of a block in the documented order."""
    s = [-0.0] * 8
    for i, x in enumerate(numbers):
        s[i % 8] += x
    return ((s[0] + s[4]) + (s[2] + s[6])) + ((s[1] + s[5]) + (s[3] + s[7]))


@pytest.mark.parametrize("rows", [1, 5, 8, 100, 248, 249, 255, 256, 700, 1024])
def test_sums_over_rows_have_the_documented_order(rows: int) -> None:
    """Eight sums of every eighth row of a block are added as a tree, then blocks in order, then leaves as a binary tree.

    There are as many leaves as possible: a power of two, and at least 128 rows each. The number of blocks in a leaf is
    minimal. All blocks of a leaf except the last have the same size, a multiple of eight.
    """
    p = Value(0.3)
    compiled = autograd.compile(lambda x: (p * x).sin())
    x = np.random.default_rng(rows).normal(size=rows)
    lanes = compiled.program(x, gradient=True).lanes
    each = [eager(lambda p, x: (p * x).sin(), [0.3, number]) for number in x.tolist()]
    leaves = 2 ** max(0, math.floor(math.log2(rows / 128)))
    sums = []
    for leaf in range(leaves):
        first, last = (rows * i // leaves // 8 * 8 if i < leaves else rows for i in (leaf, leaf + 1))
        blocks = -(-(last - first) // lanes)
        block = -(-(last - first) // (8 * blocks)) * 8
        total = by_p = -0.0
        for i in range(first, last, block):
            total += tree([value for value, _, _ in each[i : min(i + block, last)]])
            by_p += tree([by for _, by, _ in each[i : min(i + block, last)]])
        sums.append((total, by_p))
    while len(sums) > 1:
        sums = [(a + c, b + d) for (a, b), (c, d) in zip(sums[::2], sums[1::2], strict=True)]
    ((total, by_p),) = sums
    assert bits(compiled.backward(x, reduce="sum")) == bits(total)
    assert bits(p.grad) == bits(by_p + 0.0)


def test_the_tests_cover_every_row_of_the_table() -> None:
    assert {row.name for row in (*UNARY, *BINARY)} | {"sum", "dot"} == {row.name for row in ops.TABLE}
