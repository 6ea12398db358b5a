"""Functions whose first call ``cost_per_node.py`` measures: a small one, and four models written with scalars."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import numpy as np
from microgpt_scalar import load_example, tokens_of
from moons_problem import L2, Problem
from moons_scalar import loops_model

import autograd
import nn
from autograd import Value

ROWS = np.ones(8)
# Milliseconds.
LIMITS = {"small function": 0.1, "moons": 3.0, "microgpt": 15.0, "LSTM of 57,000 nodes": 100.0, "MLP 256": 100.0}

Case = tuple[Callable[..., Any], tuple[Any, ...]]


def moons() -> Case:
    """Return the loss of one point and the penalty, written with loops."""
    parameters, score = loops_model(Problem(100), Value)

    def loss(point: Any, label: Any) -> Any:
        return (1 + -label * score(point)).relu() + L2 * sum(p * p for p in parameters)

    return loss, (np.ones((8, 2)), ROWS)


def microgpt() -> Case:
    """Return the loss of the transformer of the example for one document."""
    model: Any = load_example().GPT(random.Random(0))
    return model.loss, ([float(token) for token in tokens_of("sophia")],)


def lstm(steps: int = 20, hidden: int = 18) -> Case:
    """Return a recurrent network written with loops."""
    draw = random.Random(0)

    def parameters(*shape: int) -> Any:
        return [parameters(*shape[1:]) for _ in range(shape[0])] if shape else Value(draw.uniform(-0.5, 0.5))

    of_input, of_state, biases = parameters(4, hidden), parameters(4, hidden, hidden), parameters(4, hidden)

    def loss(x: Any) -> Any:
        state, cell = [0.0] * hidden, [0.0] * hidden
        for _ in range(steps):
            gates: list[list[Any]] = []
            for k in range(4):
                sums = [b + w * x for b, w in zip(biases[k], of_input[k])]
                for j, row in enumerate(of_state[k]):
                    for w, h in zip(row, state):
                        sums[j] = sums[j] + w * h
                gates.append([autograd.tanh(z) if k == 3 else autograd.sigmoid(z) for z in sums])
            forget, add, out, new = gates
            cell = [f * c + a * n for f, c, a, n in zip(forget, cell, add, new)]
            state = [o * autograd.tanh(c) for o, c in zip(out, cell)]
        return sum(h * h for h in state)

    return loss, (ROWS,)


def mlp() -> Case:
    """Return the squared error of a network with 66,817 parameters."""
    model = nn.MLP(2, [256, 256, 1])
    return lambda x, y, target: (model([x, y])[0] - target) ** 2, (ROWS, ROWS, ROWS)


CASES: dict[str, Callable[[], Case]] = {
    "small function": lambda: (lambda x, y: (x * y).sin() + x, (1.0, 2.0)),
    "moons": moons,
    "microgpt": microgpt,
    "LSTM of 57,000 nodes": lstm,
    "MLP 256": mlp,
}
