"""The problem that all ways of the moons step solve: two moons, an MLP, hinge loss with L2; loss and all gradients."""

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
    """One way of computing the loss and all gradients.

    ``run`` is what is timed, and returns the loss. ``load`` sets the parameters to new numbers, and gradients that are
    added up to 0; ``gradients`` reads them; both in the order of ``Problem.numbers``.
    """

    run: Callable[[], Any]
    load: Callable[[Sequence[float]], None]
    gradients: Callable[[], list[float]]


class Problem:
    """Points with labels +1 and -1, and the weights that everybody starts from.

    Args:
        points: how many.
        widths: of the hidden layers.

    ``layers`` is a list of ``(weights, biases)``, the weights as a list of rows, one a neuron; ``numbers`` has them all in
    one list: of each layer, first the weights, then the biases.
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
    """Two interleaving half circles with labels +1 and -1."""
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
    """The steps of those whose packages are installed; tells of the others."""
    steps = {}
    for name, factory in factories.items():
        try:
            steps[name] = factory()
        except (ImportError, OSError) as problem:
            print(f"without {name}: {problem}")
    return steps


def assert_all_agree(steps: dict[str, Step], numbers: Sequence[float], tolerance: float = 1e-9) -> float:
    """All compute the same loss and gradients, at the first parameters and at others. Returns the first loss.

    Two places, because a way that has frozen the parameters in its code would pass at one.

    Raises:
        AssertionError: naming the way that differs from the first by more than ``tolerance``, relative to the largest gradient.
    """
    first = math.nan
    reference = next(iter(steps.values()))
    for place in ([0.9 * number + 0.01 for number in numbers], numbers):  # they are left at the latter
        reference.load(place)
        loss = float(reference.run())
        gradients = reference.gradients()
        scale = max(map(abs, gradients))
        for name, step in steps.items():
            step.load(place)
            own = float(step.run())
            assert math.isclose(own, loss, rel_tol=tolerance), f"{name}: loss {own!r}, not {loss!r}"
            found = step.gradients()
            assert len(found) == len(gradients), f"{name}: {len(found)} gradients, not {len(gradients)}"
            worst = max(abs(a - b) for a, b in zip(found, gradients)) / scale
            assert worst <= tolerance, f"{name}: a gradient differs by {worst:.1g}"
            step.load(place)
        first = loss
    return first
