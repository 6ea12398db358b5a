"""The cost of a picture is proportional to the size of the graph or the model. See ``work_counts``."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from work_counts import assert_proportional, work

import autograd
from autograd import Value, dot
from nn import MLP, Linear, Sequential, mse_loss
from visualize import diff, draw, explore
from visualize.scene.scene import describe


def chain(n: int) -> Value:
    y = Value(0.5, "x")
    for i in range(n):
        y = y.sin() if i % 2 else y.tanh()
    return y


def wide_sum(n: int) -> Value:
    xs = [Value(1.0 + i, f"x{i}") for i in range(n)]
    return autograd.sum([x * y for x, y in itertools.pairwise(xs)])


def shared(n: int) -> Value:
    x = Value(0.5)
    y = x
    for i in range(n // 2):
        y = y * x + 0.1 * i
    return y


def layers(n: int) -> Value:
    row = [Value(0.5), Value(0.25)]
    for i in range(n // 4):
        row = [dot([Value(0.1 * i), Value(0.2)], row, 0.1).sigmoid() for _ in row]
    return row[0]


FORMATS: dict[str, Callable[[Value, Path], object]] = {
    "svg": lambda y, folder: draw(y, fold=False).write(folder / "graph.svg"),
    "text": lambda y, folder: draw(y).to_text(),
    "page": lambda y, folder: explore(y).write(folder / "graph.html"),
}


@pytest.mark.parametrize("graph", [chain, wide_sum, shared, layers])
@pytest.mark.parametrize("form", FORMATS)
def test_the_work_to_draw_a_graph_is_proportional_to_its_number_of_nodes(
    graph: Callable[[int], Value], form: str, tmp_path: Path
) -> None:
    def make(n: int) -> Callable[[], object]:
        y = graph(n)
        y.backward()
        return lambda: FORMATS[form](y, tmp_path)

    assert_proportional(make, 12, tolerance=1.25)


def test_a_folded_chain_costs_few_instructions_per_node() -> None:
    def drawn(n: int) -> int:
        y = Value(1.0, "x")
        for _ in range(n):
            y = y + 1.0
        y.backward()
        return work(lambda: draw(y), "visualize")  # the engine is not counted: its cost depends on the backend

    drawn(300)
    assert (drawn(1200) - drawn(300)) / 900 < 3_000  # 50 to 80 microseconds a node


def test_the_work_to_name_the_inputs_of_rows_is_proportional_to_their_number() -> None:
    model = MLP(2, [1], seed=0)

    def make(n: int) -> Callable[[], object]:
        rows, targets = [[0.5, float(i)] for i in range(n)], [float(i % 3) for i in range(n)]
        loss = mse_loss([model(row) for row in rows], targets)
        return lambda: draw(loss, model=model, inputs=rows, targets=targets)

    assert_proportional(make, 12, tolerance=1.25)


def rows_that_begin_alike(n: int) -> Callable[[], object]:
    rows, model = [[0.0, 0.0, float(i)] for i in range(n)], Linear(3, 1, seed=0)
    roots = [model(row)[0] for row in rows]
    return lambda: describe(roots, model=model, inputs=rows)


def equal_numbers_without_layers(n: int) -> Callable[[], object]:
    x, numbers = Value(1.0), [0.5] * n
    y = autograd.sum([x * number for number in numbers])
    return lambda: describe(y, inputs=numbers)


def equal_targets_of_which_none_is_found(n: int) -> Callable[[], object]:
    x = Value(1.0)
    y = autograd.sum([x - 0.5 for _ in range(n)])
    return lambda: describe(y, targets=[0.25] * n)


@pytest.mark.filterwarnings("ignore:targets must be in the graph")
@pytest.mark.parametrize("make", [rows_that_begin_alike, equal_numbers_without_layers, equal_targets_of_which_none_is_found])
def test_the_work_to_name_equal_numbers_is_proportional_to_their_number(make: Callable[[int], Callable[[], object]]) -> None:
    assert_proportional(make, 50)


def test_the_work_to_compare_two_graphs_is_proportional_to_their_number_of_nodes() -> None:
    def make(n: int) -> Callable[[], object]:
        first, second = shared(n), shared(n)
        return lambda: diff(first, second)

    assert_proportional(make, 16)


@pytest.mark.parametrize(
    "make_model",
    [
        lambda n: MLP(2, [n, 1], seed=0),
        lambda n: MLP(n, [2, 1], seed=0),
        lambda n: Sequential(*(Linear(2, 2, seed=0) for _ in range(n))),
    ],
)
def test_the_work_to_draw_a_model_is_proportional_to_its_number_of_parameters(make_model: Callable[[int], Any]) -> None:
    def make(n: int) -> Callable[[], object]:
        model = make_model(n)
        return lambda: str(draw(model))

    assert_proportional(make, 8)
