"""The moons step written with scalars: for any class with operators, with ``nn.MLP``, and compiled from either."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

from moons_problem import L2, Problem, Step

import autograd
import nn

Score = Callable[[Any], Any]  # point -> output of the network


def loops_model(problem: Problem, Value: Callable[[float], Any]) -> tuple[list[Any], Score]:  # noqa: N803 - a class
    """Return the parameters, and the network written with ``+`` and ``*`` in Python loops, as in micrograd."""
    layers = [([[Value(w) for w in row] for row in weights], [Value(b) for b in biases]) for weights, biases in problem.layers]
    parameters = [p for weights, biases in layers for row in (*weights, biases) for p in row]

    def score(point: Any) -> Any:
        activations = point
        for depth, (weights, biases) in enumerate(layers):
            sums = []
            for row, bias in zip(weights, biases):
                total = bias
                for w, x in zip(row, activations):
                    total = total + w * x
                sums.append(total if depth == len(layers) - 1 else total.relu())
            activations = sums
        return activations[0]

    return parameters, score


def mlp_model(problem: Problem, activation: str = "relu") -> tuple[list[Any], Score]:
    """Return the parameters and the network with ``nn.MLP``, in which a neuron is one ``dot`` node."""
    model = nn.MLP(2, problem.sizes[1:], activation=activation)
    parameters = [
        p for layer in model.layers for p in (*(w for n in layer.neurons for w in n.weights), *(n.bias for n in layer.neurons))
    ]
    set_to(parameters, problem.numbers)
    return parameters, lambda point: model(point)[0]


def set_to(parameters: list[Any], numbers: Sequence[float]) -> None:
    """Set the parameters, and set their gradients to 0."""
    for p, number in zip(parameters, numbers):
        p.data, p.grad = number, 0.0


def scalar_step(parameters: list[Any], loss: Callable[[], Any]) -> Step:
    """Return the step of a training loop with scalars: zero the gradients, compute the loss of all points, ``backward``."""

    def run() -> Any:
        for p in parameters:
            p.grad = 0.0
        value = loss()
        value.backward()
        return value.data

    return Step(run, functools.partial(set_to, parameters), lambda: [p.grad for p in parameters])


def loops_step(problem: Problem, Value: Callable[[float], Any]) -> Step:  # noqa: N803 - a class
    """Return the step with operators in loops, for any class that has these operators."""
    parameters, score = loops_model(problem, Value)

    def loss() -> Any:
        losses = [(1 + -label * score([Value(x) for x in point])).relu() for point, label in zip(problem.X, problem.y)]
        return sum(losses) * (1.0 / len(losses)) + L2 * sum(p * p for p in parameters)

    return scalar_step(parameters, loss)


def mlp_step(problem: Problem) -> Step:
    """Return the step with ``nn.MLP``, ``autograd.sum`` and ``autograd.dot``."""
    parameters, score = mlp_model(problem)

    def loss() -> Any:
        losses = [(1 + -label * score(point)).relu() for point, label in zip(problem.X, problem.y)]
        return autograd.sum(losses) * (1.0 / len(losses)) + L2 * autograd.dot(parameters, parameters)

    return scalar_step(parameters, loss)


def row_loss(parameters: list[Any], score: Score) -> Callable[[Any, Any], Any]:
    """Return the loss of one point, to be compiled. The mean over the points is the loss of all points."""
    return lambda x, t: (1 + -t * score(x)).relu() + L2 * autograd.dot(parameters, parameters)


def compiled_step(problem: Problem, parameters: list[Any], score: Score, zeroing: bool = False, **options: Any) -> Step:
    """Return the step recorded once and replayed. Each call reads the parameters and adds to their gradients.

    With ``zeroing``, each call first sets the gradients to 0, one attribute of a Python object at a time.
    """
    import numpy as np

    X, y = np.array(problem.X), np.array(problem.y, dtype=float)
    step = autograd.compile(row_loss(parameters, score), **options)

    def run() -> Any:
        if zeroing:
            for p in parameters:
                p.grad = 0.0
        return step.backward(X, y, reduce="mean")

    return Step(run, functools.partial(set_to, parameters), lambda: [p.grad for p in parameters])
