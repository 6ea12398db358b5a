"""The moons step, the problem of several benchmarks: two moons, an MLP, hinge loss with L2; loss and all gradients."""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

L2 = 1e-4


@dataclass(frozen=True)
class Step:
    """One implementation of the loss and all gradients.

    Attributes:
        run: The function that is timed. Returns the loss.
        load: Sets the parameters, in the order of ``Problem.numbers``, and sets accumulated gradients to 0.
        gradients: Returns the gradients, in the same order.
    """

    run: Callable[[], Any]
    load: Callable[[Sequence[float]], None]
    gradients: Callable[[], list[float]]


class Problem:
    """Points with labels +1 and -1, and the initial parameters.

    Args:
        points: Number of points.
        widths: Widths of the hidden layers.

    Attributes:
        X, y: Points and labels.
        sizes: Number of inputs, and widths of all layers.
        layers: Pairs ``(weights, biases)``. The weights are a list of rows, one per neuron.
        numbers: All parameters as one list: for each layer, first the weights, then the biases.
    """

    def __init__(self, points: int = 100, widths: tuple[int, ...] = (16, 16)) -> None:
        self.X, self.y = moons(points)
        self.sizes = [2, *widths, 1]
        rng = random.Random(0)
        self.layers = [
            ([[rng.uniform(-1, 1) / math.sqrt(inputs) for _ in range(inputs)] for _ in range(outputs)], [0.1] * outputs)
            for inputs, outputs in itertools.pairwise(self.sizes)
        ]
        self.numbers = [number for weights, biases in self.layers for row in (*weights, biases) for number in row]


def moons(points: int, noise: float = 0.1) -> tuple[list[list[float]], list[int]]:
    """Return points on two interleaving half circles, with labels +1 and -1."""
    rng = random.Random(0)
    X, y = [], []
    for i in range(points):
        angle = math.pi * (i // 2) / max(1, points // 2 - 1)
        upper = i % 2 == 0
        x = [math.cos(angle), math.sin(angle)] if upper else [1 - math.cos(angle), 0.5 - math.sin(angle)]
        X.append([coordinate + rng.gauss(0, noise) for coordinate in x])
        y.append(1 if upper else -1)
    return X, y


def load_all(factories: dict[str, Callable[[], Step]]) -> dict[str, Step]:
    """Return the steps whose packages are installed, and print the reason for each other one."""
    steps = {}
    for name, factory in factories.items():
        try:
            steps[name] = factory()
        except (ImportError, OSError) as error:
            print(f"without {name}: {error}")
    return steps


def assert_all_agree(steps: dict[str, Step], numbers: Sequence[float], tolerance: float = 1e-9) -> float:
    """Check that all steps compute the same loss and gradients, and return the loss at ``numbers``.

    They are compared at two sets of parameters, because a step that ignores new parameters would pass at one.

    Raises:
        AssertionError: If a step differs from the first by more than ``tolerance``, relative to the largest gradient.
    """
    reference = next(iter(steps.values()))
    loss = math.nan
    for parameters in ([0.9 * number + 0.01 for number in numbers], numbers):  # the steps keep the second set
        reference.load(parameters)
        loss = float(reference.run())
        gradients = reference.gradients()
        scale = max(map(abs, gradients))
        for name, step in steps.items():
            step.load(parameters)
            found_loss = float(step.run())
            assert math.isclose(found_loss, loss, rel_tol=tolerance), f"{name}: loss {found_loss!r}, not {loss!r}"
            found = step.gradients()
            assert len(found) == len(gradients), f"{name}: {len(found)} gradients, not {len(gradients)}"
            worst = max(abs(a - b) for a, b in zip(found, gradients)) / scale
            assert worst <= tolerance, f"{name}: a gradient differs by {worst:.1g}"
            step.load(parameters)
    return loss
