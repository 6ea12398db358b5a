"""Data sets to try things out on: Fisher's iris, and shapes in the plane that no straight line divides."""

from __future__ import annotations

import math
from pathlib import Path

from nn.base.checks import Seed, generator, normal, not_negative, positive_int, probability
from nn.data.rows import Dataset
from nn.data.tables import load_csv


def load_iris() -> Dataset:
    """Fisher's iris: 150 flowers, 4 lengths in cm each, 3 species with 50 flowers each; ``iris.csv`` names the source.

    >>> iris = load_iris()
    >>> iris.X[0], iris.class_names[iris.y[0]]
    ([5.1, 3.5, 1.4, 0.2], 'setosa')
    """
    return load_csv(Path(__file__).with_name("iris.csv"), target="species")


def make_moons(n_samples: int = 200, noise: float = 0.1, seed: Seed = None) -> Dataset:
    """Two half circles that reach into each other, as scikit-learn's ``make_moons`` has them.

    Args:
        n_samples: how many points, of which every class has half; those of class 0 come first.
        noise: the standard deviation of the normal noise that is added to each coordinate.
        seed: an int gives the same noise each time; None, another.

    Raises:
        ValueError: if there are fewer than 2 points, or the noise is negative.
        TypeError: if one of these is no number.

    >>> moons = make_moons(4, noise=0.0)
    >>> [[round(x, 1) for x in row] for row in moons.X], moons.y
    ([[1.0, 0.0], [-1.0, 0.0], [0.0, 0.5], [2.0, 0.5]], [0, 0, 1, 1])
    """
    upper, lower = ([(math.cos(t), math.sin(t)) for t in _evenly(math.pi, n)] for n in _shares(n_samples))
    return _dataset(noise, seed, upper=upper, lower=[(1 - x, 0.5 - y) for x, y in lower])


def make_circles(n_samples: int = 200, noise: float = 0.05, seed: Seed = None, factor: float = 0.5) -> Dataset:
    """A circle of radius 1 and, within it, one of radius ``factor``, below 1. The rest is as for ``make_moons``.

    >>> [round(math.hypot(*row), 6) for row in make_circles(4, noise=0.0).X]
    [1.0, 1.0, 0.5, 0.5]
    """
    radius = probability(factor, "factor")
    angles = ([2 * math.pi * i / n for i in range(n)] for n in _shares(n_samples))
    outer, inner = ([(math.cos(t), math.sin(t)) for t in around] for around in angles)
    return _dataset(noise, seed, outer=outer, inner=[(radius * x, radius * y) for x, y in inner])


def make_spirals(n_samples: int = 194, noise: float = 0.0, seed: Seed = None) -> Dataset:
    """Two spirals, one within the other, with three turns each: a problem made to be hard for networks.

    As Lang & Witbrock (1988), Learning to tell two spirals apart, have it: with the 194 points that they took, point i of
    a spiral is at the angle i pi / 16 and the radius 6.5 (104 - i) / 104. The rest is as for ``make_moons``.

    >>> spirals = make_spirals()
    >>> len(spirals.y), spirals.X[0], [round(x, 6) for x in spirals.X[96]]
    (194, [0.0, 6.5], [-0.0, 0.5])
    """
    turns = ([(6.5 * (1 - i / 104), i * math.pi / 16) for i in _evenly(96, n)] for n in _shares(n_samples))
    first, second = ([(radius * math.sin(t), radius * math.cos(t)) for radius, t in turn] for turn in turns)
    return _dataset(noise, seed, first=first, second=[(-x, -y) for x, y in second])


def make_xor(n_samples: int = 4, noise: float = 0.0, seed: Seed = None) -> Dataset:
    """The corners of a square, in turn, of which opposite ones are of one class. The rest is as for ``make_moons``.

    >>> make_xor()[:2]
    ([[0.0, 0.0], [1.0, 1.0], [0.0, 1.0], [1.0, 0.0]], [0, 0, 1, 1])
    """
    equal, different = ([i % 2 for i in range(n)] for n in _shares(n_samples))
    return _dataset(noise, seed, equal=[(i, i) for i in equal], different=[(i, 1 - i) for i in different])


def _shares(n_samples: int) -> tuple[int, int]:
    """How many points the two classes have."""
    n = positive_int(n_samples, "n_samples", least=2)
    return n // 2, n - n // 2


def _evenly(end: float, n: int) -> list[float]:
    """``n`` numbers from 0 to ``end``, both included."""
    return [end * i / max(n - 1, 1) for i in range(n)]


def _dataset(noise: float, seed: Seed, **classes: list[tuple[float, float]]) -> Dataset:
    deviation, rng = not_negative(noise, "noise"), generator(seed)
    X = [[x + deviation * normal(rng) for x in point] for points in classes.values() for point in points]
    y = [number for number, points in enumerate(classes.values()) for _ in points]
    return Dataset(X, y, ["x1", "x2"], list(classes), {"x1": [], "x2": []})
