"""The cost of recording, lowering and exporting is proportional to the size of the graph. See ``work_counts``."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from work_counts import assert_proportional

import autograd
from autograd import Value, derivative_program, dot, explain, take, to_python, where
from autograd.compiler.arguments import Arguments
from autograd.compiler.fusing import fuse
from autograd.compiler.graph import Graph
from autograd.compiler.tracer import Trace, Tracer

SIZE = 32
W = [Value(random.Random(i).uniform(0.5, 1.5)) for i in range(4 * SIZE + 90)]


def shared_squares(x: Any, n: int) -> Any:
    total = x
    for _ in range(n):
        total = total + W[0] * W[0]
    return total


def different_squares(x: Any, n: int) -> Any:
    total = x
    for w in W[:n]:
        total = total + w * w
    return total


def squares_and_products(x: Any, n: int) -> Any:
    total = different_squares(x, n)
    for i in range(n):
        total = total + W[i] * x + W[i + 1] * W[i]
    return total


def long_sum(x: Any, n: int) -> Any:
    total = x
    for w in W[:n]:
        total = total + w - x
    return total


def sum_of_products(x: Any, n: int) -> Any:
    return autograd.sum([W[0] * W[i] * x for i in range(n)])


def layer(x: Any, n: int) -> Any:
    inputs = [W[i] * x for i in range(4)]
    return autograd.sum([dot(W[i : i + 4], inputs).tanh() for i in range(n)])


def waiting_neurons(x: Any, n: int) -> Any:
    """Three neurons wait for a fourth one during many other operations."""
    inputs = [W[i] * x for i in range(30)]
    neurons = [dot(W[30 * i : 30 * i + 30], inputs) for i in range(3)]
    for w in W[:n]:
        x = x.sin() * w
    return x + neurons[0] + neurons[1] + neurons[2]


def takes_and_gates(x: Any, n: int) -> Any:
    total = x
    for i in range(n):
        total = where(total > W[i], take([total, x, W[i]], 0.0 * x), total + 0.5)
    return total


SHAPES = [
    shared_squares, different_squares, squares_and_products, long_sum, sum_of_products, layer, waiting_neurons, takes_and_gates,
]  # fmt: skip


def replay(f: Any) -> None:
    """Use the check, a replay on rows, a gradient, and the printed program."""
    compiled, rows = autograd.compile(f), np.array([1.5, 2.5])
    compiled.value_and_grad(rows)
    str(compiled.program(rows))


def export(f: Any) -> None:
    """Use the exports of Python source."""
    x = Value(1.5)
    y = f(x)
    str(to_python(y))
    str(derivative_program(y, x))


def explained(f: Any) -> None:
    """Use ``explain``."""
    x = Value(1.5)
    str(explain(f(x), x))


USES: dict[str, Callable[[Any], object]] = {
    "replay": replay,
    "backward": lambda f: autograd.compile(f, check=False).backward(1.5),
    "grad": lambda f: autograd.compile(autograd.grad(f), check=False).program(1.5),
    "export": export,
    "explain": explained,
}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("use", USES)
def test_the_work_is_proportional_to_the_number_of_nodes(shape: Any, use: str) -> None:
    assert_proportional(lambda n: lambda: USES[use](lambda x: shape(x, n)), SIZE)


def test_the_work_is_proportional_to_the_number_of_inputs() -> None:
    squares = lambda xs: autograd.sum([x * x for x in xs])  # noqa: E731
    assert_proportional(lambda n: lambda: autograd.compile(squares).value_and_grad([1.5] * n), SIZE)
    named = lambda **xs: autograd.sum(list(xs.values()))  # noqa: E731
    assert_proportional(lambda n: lambda: autograd.compile(named)(**{f"x{i}": 1.5 for i in range(n)}), SIZE)
    inputs = [w * 2.0 for w in W]
    assert_proportional(lambda n: lambda: derivative_program(autograd.sum(inputs[:n]), inputs[:n]), SIZE)


def test_the_work_to_find_a_difference_is_proportional_to_the_number_of_nodes() -> None:
    def fails(n: int) -> None:
        factors = iter([1.0, 2.0, 3.0])
        with pytest.raises(autograd.RecordingError):
            autograd.compile(lambda x: long_sum(x, n) * next(factors))(1.5)

    assert_proportional(lambda n: lambda: fails(n), SIZE)


@pytest.mark.parametrize("shape", SHAPES)
def test_few_passes_fuse_all_sums(shape: Any) -> None:
    assert fuse(Graph(Trace(lambda x: shape(x, SIZE), Arguments((1.5,)), Tracer()).snapshot)) <= 3
