"""One training step on two moons: 100 points, MLP(2, [16, 16, 1]), hinge loss with L2, all points at once.

The network is written with ``+`` and ``*`` in Python loops, as in micrograd, and is the same code for every ``Value``:
65,614 nodes a step. Besides, the same step through ``nn.MLP``, in which a neuron is one ``dot`` node and a layer two calls
of compiled code.

    python benchmarks/moons.py            (needs the extra `bench`)
"""

from __future__ import annotations

import itertools
import math
import random
import sys
from collections.abc import Callable
from typing import Any

from plain_value import Value as PlainValue
from timing import check, describe_machine, pin_to_one_core, ratio, side_by_side, table

import autograd
import nn

SIZES = [2, 16, 16, 1]
RATE, L2 = 0.05, 1e-4


def moons(points: int = 100, noise: float = 0.1, seed: int = 0) -> tuple[list[list[float]], list[int]]:
    """Two interleaving half circles with labels +1 and -1."""
    rng = random.Random(seed)
    X, y = [], []
    for i in range(points):
        angle = math.pi * (i // 2) / (points // 2 - 1)
        upper = i % 2 == 0
        x = [math.cos(angle), math.sin(angle)] if upper else [1 - math.cos(angle), 0.5 - math.sin(angle)]
        X.append([coordinate + rng.gauss(0, noise) for coordinate in x])
        y.append(1 if upper else -1)
    return X, y


def initial_weights(seed: int = 0) -> list[list[tuple[list[float], float]]]:
    """The same starting point for everybody: a list of layers of (weights, bias)."""
    rng = random.Random(seed)
    return [
        [([rng.uniform(-1, 1) / math.sqrt(inputs) for _ in range(inputs)], 0.0) for _ in range(outputs)]
        for inputs, outputs in itertools.pairwise(SIZES)
    ]


def loop_step(Value: Callable[[float], Any]) -> Callable[[], float]:  # noqa: N803 - a class
    """A training step written with operators in loops, for any class that has them."""
    X, y = moons()
    layers = [[([Value(w) for w in weights], Value(bias)) for weights, bias in layer] for layer in initial_weights()]
    parameters = [p for layer in layers for weights, bias in layer for p in (*weights, bias)]

    def step() -> float:
        for p in parameters:
            p.grad = 0.0
        losses = []
        for point, label in zip(X, y):
            activations = [Value(x) for x in point]
            for depth, layer in enumerate(layers):
                sums = []
                for weights, bias in layer:
                    total = bias
                    for w, x in zip(weights, activations):
                        total = total + w * x
                    sums.append(total if depth == len(layers) - 1 else total.relu())
                activations = sums
            losses.append((1 + -label * activations[0]).relu())
        loss = sum(losses) * (1.0 / len(losses)) + L2 * sum(p * p for p in parameters)
        loss.backward()
        for p in parameters:
            p.data -= RATE * p.grad
        return loss.data

    return step


def mlp_step() -> Callable[[], float]:
    """The same training step through ``nn.MLP``."""
    X, y = moons()
    model = nn.MLP(2, [16, 16, 1], activation="relu")
    for layer, start in zip(model.layers, initial_weights()):
        for neuron, (weights, bias) in zip(layer.neurons, start):
            for parameter, number in zip((*neuron.weights, neuron.bias), (*weights, bias)):
                parameter.data = number
    parameters = model.parameters()

    def step() -> float:
        for p in parameters:
            p.grad = 0.0
        losses = [(1 + -label * model(point)[0]).relu() for point, label in zip(X, y)]
        loss = autograd.sum(losses) * (1.0 / len(losses)) + L2 * autograd.dot(parameters, parameters)
        loss.backward()
        for p in parameters:
            p.data -= RATE * p.grad
        return loss.data

    return step


def main() -> int:
    """Run all, print the table and whether each aim is reached."""
    pin_to_one_core()
    steps: dict[str, Callable[[], float]] = {}
    try:
        from micrograd.engine import Value as MicrogradValue
    except ImportError:
        print("micrograd is not installed: pip install scalar-autograd[bench]")
    else:
        steps["micrograd"] = loop_step(MicrogradValue)
    steps["plain Python"] = loop_step(PlainValue)
    steps["Value, loops"] = loop_step(autograd.Value)
    steps["Value, nn.MLP"] = mlp_step()
    first = {name: [step() for _ in range(3)] for name, step in steps.items()}
    reference = first["plain Python"]
    for name, losses in first.items():
        assert all(math.isclose(a, b, rel_tol=1e-12) for a, b in zip(losses, reference)), (name, losses, reference)
    print(f"{describe_machine()}; core: {autograd.backend()}\nlosses of the first three steps, all alike: {reference}\n")
    seconds = side_by_side(steps)
    print(table(seconds, baseline="plain Python"), "\n")
    reached = [check("loops against plain Python", ratio(seconds, "plain Python", "Value, loops"), 30)]
    if "micrograd" in seconds:
        reached.append(check("loops against micrograd", ratio(seconds, "micrograd", "Value, loops"), 250))
    reached.append(check("nn.MLP against plain Python", ratio(seconds, "plain Python", "Value, nn.MLP"), 200))
    if "micrograd" in seconds:
        reached.append(check("nn.MLP against micrograd", ratio(seconds, "micrograd", "Value, nn.MLP"), 1500))
    return 0 if all(reached) else 1


if __name__ == "__main__":
    sys.exit(main())
