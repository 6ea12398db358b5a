"""Snapshots of traces: equal functions have equal snapshots, and different functions do not."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd
from autograd import Value, ops
from autograd.compiler.arguments import Arguments
from autograd.compiler.kinds import CONSTANT, INPUT, PARAMETER
from autograd.compiler.purity import are_equal, first_difference
from autograd.compiler.tracer import Trace, Tracer

w, b = Value(2.0), Value(2.0)
items = [Value(0.5), Value(1.5)]


def trace(f: Callable[..., Any]) -> Trace:
    return Trace(f, Arguments((np.array([[1.0, 2.0]]), 3.0)), Tracer())


FUNCTIONS: dict[str, Callable[[Any, Any], Any]] = {
    "product": lambda x, y: x[0] * x[1],
    "sum": lambda x, y: x[0] + x[1],
    "swapped": lambda x, y: x[1] * x[0],
    "other input": lambda x, y: x[0] * y,
    "parameter": lambda x, y: w * x[0],
    "equal parameter": lambda x, y: b * x[0],
    "constant": lambda x, y: x[0] * 2.0,
    "constant left": lambda x, y: 2.0 * x[0],
    "new leaf": lambda x, y: Value(2.0) * x[0],
    "zero": lambda x, y: x[0] * 0.0,
    "negative zero": lambda x, y: x[0] * -0.0,
    "nan": lambda x, y: x[0] * math.nan,
    "detached": lambda x, y: (x[0] * x[1]).detach(),
    "take": lambda x, y: autograd.take(items, y),
    "take two": lambda x, y: autograd.take([items[1], items[0]], y),
    "dot": lambda x, y: autograd.dot(items, list(x)),
    "dot with bias": lambda x, y: autograd.dot(items, list(x), y),
    "layer": lambda x, y: autograd.sum(autograd.affine([items, items[::-1]], list(x), [1.0, w])),
    "two results": lambda x, y: (x[0] * x[1], y),
    "two results, swapped": lambda x, y: (y, x[0] * x[1]),
    "a list": lambda x, y: [x[0] * x[1], y],
    "a number": lambda x, y: 1.0,
    "another number": lambda x, y: 2.0,
    "a leaf": lambda x, y: w,
    "unused": lambda x, y: (x[1] * y, x[0] * x[1])[1],
}
SAME = {("product", "unused")}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_only_equal_functions_have_equal_traces(name: str) -> None:
    one = trace(FUNCTIONS[name])
    for other, f in FUNCTIONS.items():
        two = trace(f)
        expected = name == other or (name, other) in SAME or (other, name) in SAME
        assert are_equal(one, two) == expected
        assert (first_difference(one, two) is None) == expected


def test_the_rows_and_operands_of_a_snapshot() -> None:
    snapshot = trace(lambda x, y: w * x[0] + Value(5.0) * 7.0).snapshot
    rows = snapshot.rows.tolist()
    assert sorted(rows) == sorted([PARAMETER, INPUT, ops.mul.code, CONSTANT, ops.mul.code, ops.add.code])
    assert snapshot.parameters == [w]
    assert snapshot.constants == [5.0, 7.0]
    assert snapshot.starts.tolist()[-1] == 6
    assert snapshot.operands.tolist()[-2:] == [i for i, row in enumerate(rows) if row == ops.mul.code]
    assert snapshot.results.tolist() == [len(rows) - 1]


def test_a_value_created_by_the_first_call_and_kept_is_a_parameter() -> None:
    cache: list[Value] = []

    def f(x: Any) -> Any:
        if not cache:
            cache.append(Value(3.0))
        return cache[0] * x

    compiled = autograd.compile(f)
    assert compiled(2.0) == 6.0
    cache[0].data = 4.0
    assert compiled(2.0) == 8.0


def test_a_value_computed_by_the_first_call_and_kept_is_a_difference() -> None:
    cache: list[Value] = []

    def f(x: Any) -> Any:
        if not cache:
            cache.append(w * 3.0)
        return cache[0] * x

    with pytest.raises(autograd.RecordingError, match="a Value computed before it"):
        autograd.compile(f)(2.0)


def test_equal_leaves_that_are_created_in_another_order_are_no_difference() -> None:
    turn = iter([0, 1])

    def f(x: Any) -> Any:
        pair = [Value(2.0), Value(2.0)]
        return pair[0] * x + pair[1] * x + pair[next(turn)] * x

    assert autograd.compile(f)(1.5) == 9.0
