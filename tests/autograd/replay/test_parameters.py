"""Compiled functions use the current data of parameters, no matter which function wrote it."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import nn
from autograd import Value, compile, write_data  # noqa: A004

ROWS = np.linspace(-1.0, 1.0, 300)
Pair = tuple[Value, Value]


def line(p: Value, q: Value, x: Any) -> Any:
    return p * x + q


def assign(pair: Pair, number: float) -> None:
    pair[0].data = number


def assign_the_other(pair: Pair, number: float) -> None:
    pair[1].data = number


def initialize_again(pair: Pair, number: float) -> None:
    pair[0].__init__(number)  # type: ignore[misc]


def write_both(pair: Pair, number: float) -> None:
    write_data(pair, [number, -number])


def write_one_number(pair: Pair, number: float) -> None:
    write_data(pair, number)


def write_with_an_error(pair: Pair, number: float) -> None:
    with pytest.raises(AttributeError, match="is for leaves"):
        write_data([*pair, pair[0] * 2], [number, number, number])


def step(pair: Pair, number: float) -> None:
    pair[0].grad, pair[1].grad = number, 1.0
    nn.SGD(list(pair), lr=0.5).step()
    pair[0].grad = pair[1].grad = 0.0


def write_nothing(pair: Pair, number: float) -> None:
    Value(number)


WRITES: list[Callable[[Pair, float], None]] = [
    assign, assign_the_other, initialize_again, write_both, write_one_number, write_with_an_error, step, write_nothing,
]  # fmt: skip
CALLS: dict[str, Callable[[Any], Any]] = {
    "one number": lambda compiled: compiled(2.0),
    "rows": lambda compiled: compiled(ROWS).tolist(),
    "backward": lambda compiled: compiled.backward(ROWS),
}


@given(st.lists(st.tuples(st.sampled_from(WRITES), st.integers(-8, 8).map(float), st.sampled_from([*CALLS])), max_size=12))
def test_compiled_functions_use_the_current_data(actions: list[tuple[Callable[[Pair, float], None], float, str]]) -> None:
    """The same calls of a function that is compiled once, with one thread or two, and of one that is compiled for each call."""
    pair = Value(0.5), Value(-1.0)
    kept = [compile(lambda x: line(*pair, x), threads=threads) for threads in (1, 2)]
    for write, number, call in actions:
        write(pair, number)
        expected = CALLS[call](compile(lambda x: line(*pair, x)))
        assert [CALLS[call](compiled) for compiled in kept] == [expected, expected]


def test_two_functions_share_parameters() -> None:
    p, q = Value(2.0), Value(3.0)
    product, ratio = compile(lambda x: p * q * x), compile(lambda x: p / q * x)
    assert (product(1.0), ratio(3.0)) == (6.0, 2.0)
    p.data = 4.0
    assert (product(1.0), ratio(3.0)) == (12.0, 4.0)
    assert (product(1.0), ratio(3.0)) == (12.0, 4.0)


def test_a_program_reads_numbers_that_are_no_values_in_each_call() -> None:
    program = compile(line).program(1.0, 1.0, 1.0)
    assert program.run(2.0, 3.0, 4.0).tolist() == [11.0]
    assert pickle.loads(pickle.dumps(program)).run(2.0, 3.0, 5.0).tolist() == [13.0]
    p = Value(2.0)
    doubled = compile(lambda x: p * x).program(1.0)
    numbers = np.array([3.0])
    assert doubled.run(2.0, parameters=numbers).tolist() == [6.0]
    numbers[0] = 5.0
    assert doubled.run(2.0, parameters=numbers).tolist() == [10.0]
    assert doubled.run(2.0, parameters=[p]).tolist() == [4.0]
    p.data = 7.0
    assert doubled.run(2.0, parameters=[p]).tolist() == [14.0]


@pytest.mark.parametrize("threads", [1, 2])
def test_gradients_pass_through_parameters_that_are_computed(threads: int) -> None:
    # The first call checks which parameters are leaves, and later calls remember it.
    p, q = Value(2.0), Value(3.0)
    square = p * p
    compiled = compile(lambda x: line(square, q, x), threads=threads)
    for _ in range(3):
        compiled.backward(ROWS + 2.0)
    expected = compile(lambda x: line(p * p, q, x))
    gradients = p.grad, q.grad
    p.grad = q.grad = 0.0
    for _ in range(3):
        expected.backward(ROWS + 2.0)
    assert gradients == pytest.approx((p.grad, q.grad)) == (3 * 2 * 2.0 * 2.0, 3.0)
