"""Programs with scalars only, whose dots use runs of adjacent numbers."""

from __future__ import annotations

import math
import random
from typing import Any

import pytest

from autograd import Value, compile, dot, sum, where  # noqa: A004 - of Values
from autograd.replay import instructions

ROWS, HIDDEN = 3, 6


def network(size: int) -> tuple[list[Value], Any]:
    """Return two layers with ``size`` inputs, whose result uses each hidden number several times."""
    rng = random.Random(size)
    weights = [[Value(rng.uniform(-1, 1)) for _ in range(size)] for _ in range(HIDDEN)]
    last = [[Value(rng.uniform(-1, 1)) for _ in range(HIDDEN)] for _ in range(ROWS)]
    bias = Value(0.1)

    def result(xs: list[Any]) -> Any:
        hidden = [dot(row, xs, bias).tanh() for row in weights]
        return sum([dot(row, hidden) for row in last]) * dot(hidden, hidden) + dot(weights[0], weights[1]) - bias

    return [p for row in (*weights, *last, [bias]) for p in row], result


def kinds(program: Any) -> set[int]:
    return set(program.code[::8])


def gradients(parameters: list[Value]) -> list[float]:
    found = [p.grad for p in parameters]
    for p in parameters:
        p.grad = 0.0
    return found


@pytest.mark.parametrize("size", [1, 3, 4, 5, 7, 8, 9, 16, 23])
def test_runs_are_bit_for_bit_equal_to_eager(size: int) -> None:
    parameters, function = network(size)
    replayed = compile(function)
    for seed in range(3):
        xs = [random.Random(seed).uniform(-2, 2) for _ in range(size)]
        value = replayed.backward(xs)
        found = gradients(parameters)
        expected = function(xs)
        expected.backward()
        assert (value, found) == (expected.data, gradients(parameters))
        leaves = [Value(x) for x in xs]
        function(leaves).backward()
        assert replayed.value_and_grad(xs) == (value, gradients(leaves))
        gradients(parameters)
    program = replayed.program([0.0] * size, gradient=True)
    assert {instructions.RUN, instructions.RUN_BACK} <= kinds(program)
    assert program.counts()["dot"] == HIDDEN + ROWS + 3


def test_runs_do_not_depend_on_the_vector_width() -> None:
    parameters, function = network(21)
    recorded = compile(function)
    xs = [random.Random(0).uniform(-2, 2) for _ in range(21)]
    recorded.backward(xs)
    expected = gradients(parameters)
    (recording,) = recorded._recordings.values()
    for width in (2, 4, 8):
        recording.replay("parameters").use_vectors(width)
        recorded.backward(xs)
        assert gradients(parameters) == expected


def test_no_gradient_passes_a_closed_gate_not_even_nan() -> None:
    weights = [Value(x) for x in (1.0, math.inf, -1.0, 2.0, 3.0)]
    step = compile(lambda xs: where(xs[0] > 0, dot(weights, xs), 0.0) + weights[0])
    step.backward([-1.0, math.inf, 1.0, 1.0, 1.0])
    assert gradients(weights) == [1.0, 0.0, 0.0, 0.0, 0.0]
    step.backward([1.0, 0.0, 1.0, 1.0, 1.0])
    assert gradients(weights) == [2.0, 0.0, 1.0, 1.0, 1.0]
    assert instructions.RUN_BACK in kinds(step.program([1.0] * 5, gradient=True))


def test_a_run_is_printed_as_a_dot() -> None:
    weights = [Value(1.0, label=f"w{i}") for i in range(4)]
    program = compile(lambda xs: dot(weights, xs)).program([1.0] * 4)
    assert "t1 = dot([w0, w1, w2, w3], [x0, x1, x2, x3], 0.0)" in str(program)


def test_a_parameter_returned_twice_is_one_parameter() -> None:
    w = Value(2.0)
    assert compile(lambda x: [w, x * 3.0, w])(1.0) == [2.0, 3.0, 2.0]


def penalized(size: int) -> tuple[list[Value], Any]:
    """Return parameters used neuron by neuron, and a penalty of all weights, then all biases, which is not a single run."""
    rng = random.Random(size)
    weights = [[Value(rng.uniform(-1, 1)) for _ in range(size)] for _ in range(5)]
    biases = [Value(rng.uniform(-1, 1)) for _ in range(5)]
    parameters = [p for row in (*weights, biases) for p in row]
    return (
        parameters,
        lambda xs: (
            sum([dot(row, xs, bias).tanh() for row, bias in zip(weights, biases, strict=True)])
            + 0.1 * dot(parameters, parameters)
        ),
    )


@pytest.mark.parametrize("size", [8, 17, 40])
def test_a_dot_of_several_runs_is_split(size: int) -> None:
    parameters, function = penalized(size)
    xs = [random.Random(0).uniform(-1, 1) for _ in range(size)]
    replayed = compile(function)
    value = replayed.backward(xs)
    found = gradients(parameters)
    expected = function(xs)
    expected.backward()
    assert (value, found) == (expected.data, gradients(parameters))
    program = replayed.program(xs, gradient=True)
    pieces = 10 if size > 8 else 1  # at 8, the ten runs have fewer than 8 terms on average
    assert str(program).count("dot([") == 5 + 1 + pieces


def test_discarded_gradients_of_a_split_dot() -> None:
    """The right operands are constants, and the left operands are two runs."""
    weights = [Value(0.5 * k) for k in range(40)]
    factors = [2.0 + 0.25 * k for k in range(40)]

    def function(x: Any) -> Any:
        return weights[0] * x + dot(weights[20:] + weights[:20], factors, weights[3])

    replayed = compile(function)
    value = replayed.backward(0.7)
    found = gradients(weights)
    expected = function(0.7)
    expected.backward()
    assert (value, found) == (expected.data, gradients(weights))
    assert instructions.RUN_BACK in kinds(replayed.program(0.7, gradient=True))


@pytest.mark.parametrize("order", [
    lambda ps: ps[20:] + ps[:20], lambda ps: ps[20:] + ps[:20] + ps[10:20], lambda ps: ps[:30] + ps[10:],
])  # fmt: skip
def test_a_sum_of_squares_of_several_runs(order: Any) -> None:
    """Each number contributes twice, or four times if it is in two runs. The additions have the order of a DOT_BACK."""
    rng = random.Random(1)
    weights = [Value(rng.uniform(-1, 1)) for _ in range(40)]
    replayed = compile(lambda x: dot(weights, [x] * 40).sin() + x * dot(order(weights), order(weights), 0.5))
    value = replayed.backward(0.3)
    found = gradients(weights)
    expected = dot(weights, [0.3] * 40).sin() + 0.3 * dot(order(weights), order(weights), 0.5)
    expected.backward()
    assert (value, found) == (expected.data, gradients(weights))
    assert instructions.RUN_BACK in kinds(replayed.program(0.3, gradient=True))
