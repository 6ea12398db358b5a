"""The cost of inspecting a graph is proportional to its size. See ``work_counts``."""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Callable
from typing import Any

import pytest
from work_counts import assert_proportional

import autograd
from autograd import Value, backward_steps, dot, explain, find_mistakes, leaves, node_names, stale_nodes

Graph = tuple[Value, Value]  # a result, and an input


def chain(n: int) -> Graph:
    x = Value(0.5)
    y = x
    for _ in range(n):
        y = (y * 1.25).sin()
    return y, x


def shared(n: int) -> Graph:
    x = Value(0.5)
    y = x
    for _ in range(n):
        y = y + x * x
    return y, x


def wide_sum(n: int) -> Graph:
    xs = [Value(1.0 + i) for i in range(n)]
    return autograd.sum([x * y for x, y in itertools.pairwise(xs)]), xs[0]


def wide_dot(n: int) -> Graph:
    weights = [Value(1.0 + i) for i in range(n)]
    return dot(weights, [0.5] * n, Value(0.1)).relu(), weights[0]


GRAPHS = [chain, shared, wide_sum, wide_dot]


def watched(graph: Callable[[int], Graph], n: int) -> None:
    with warnings.catch_warnings(), find_mistakes():
        warnings.simplefilter("ignore")
        y, _ = graph(n)
        y.backward()


def anomalies(graph: Callable[[int], Graph], n: int) -> None:
    with autograd.detect_anomaly():
        y, _ = graph(n)
        y.backward()


USES: dict[str, Callable[[Value, Value], object]] = {
    "backward_steps": lambda y, x: [str(step) for step in backward_steps(y)],
    "explain": lambda y, x: str(explain(y, x)),
    "node_names": lambda y, x: node_names(y),
    "stale_nodes": lambda y, x: stale_nodes(y),
    "leaves": lambda y, x: leaves(y),
}


@pytest.mark.parametrize("graph", GRAPHS)
@pytest.mark.parametrize("use", USES)
def test_the_work_is_proportional_to_the_number_of_nodes(graph: Callable[[int], Graph], use: str) -> None:
    def make(n: int) -> Callable[[], object]:
        y, x = graph(n)
        y.backward()
        return lambda: USES[use](y, x)

    assert_proportional(make, 16)


@pytest.mark.parametrize("graph", GRAPHS)
@pytest.mark.parametrize("watch", [watched, anomalies])
def test_the_work_to_watch_a_computation_is_proportional_to_its_number_of_operands(
    graph: Callable[[int], Graph], watch: Callable[[Any, int], None]
) -> None:
    assert_proportional(lambda n: lambda: watch(graph, n), 32)
