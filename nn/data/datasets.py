"""Data sets for experiments: Fisher's iris, and shapes in the plane that no straight line separates."""

import math
import os

from nn.base.checks import Seed, generator, non_negative_float, normal, positive_int, probability
from nn.base.names import suggesting
from nn.data.rows import Dataset

IRIS = os.path.join(os.path.dirname(__file__), "iris.csv")  # without pathlib, which takes long to import


@suggesting(remedies={"return_X_y": "write X, y = load_iris()"})
def load_iris() -> Dataset:
    """Return Fisher's iris data: 150 flowers of 3 species, with 4 lengths in cm each. ``iris.csv`` names the source.

    >>> iris = load_iris()
    >>> iris.X[0], iris.class_names[iris.y[0]]
    ([5.1, 3.5, 1.4, 0.2], 'setosa')
    """
    with open(IRIS, encoding="utf-8") as file:
        (*names, _), *rows = [line.rstrip().split(",") for line in file if not line.startswith("#")]
    classes = sorted({species for *_, species in rows})
    y = [classes.index(species) for *_, species in rows]
    return Dataset([list(map(float, lengths)) for *lengths, _ in rows], y, names, classes, {name: [] for name in names})


@suggesting()
def make_moons(n_samples: int = 200, noise: float = 0.1, seed: Seed = None) -> Dataset:
    """Return two interleaving half circles, as in scikit-learn's ``make_moons``.

    Args:
        n_samples: Number of points, at least 2. Half of them are in each class, and the points of class 0 come first.
        noise: Standard deviation of the normal noise that is added to each coordinate, non-negative.
        seed: An int results in the same noise each time, None in different noise.

    Raises:
        ValueError: If ``n_samples`` or ``noise`` is out of range.
        TypeError: If one of them is not a number.

    >>> moons = make_moons(4, noise=0.0)
    >>> [[round(x, 1) for x in row] for row in moons.X], moons.y
    ([[1.0, 0.0], [-1.0, 0.0], [0.0, 0.5], [2.0, 0.5]], [0, 0, 1, 1])
    """
    upper, lower = ([(math.cos(t), math.sin(t)) for t in _linspace(math.pi, n)] for n in _class_sizes(n_samples))
    return _dataset(noise, seed, upper=upper, lower=[(1 - x, 0.5 - y) for x, y in lower])


@suggesting()
def make_circles(n_samples: int = 200, noise: float = 0.05, seed: Seed = None, factor: float = 0.5) -> Dataset:
    """Return a circle of radius 1 and, inside it, a circle of radius ``factor``, in [0, 1).

    See ``make_moons`` for the other arguments and the errors.

    >>> [round(math.hypot(*row), 6) for row in make_circles(4, noise=0.0).X]
    [1.0, 1.0, 0.5, 0.5]
    """
    radius = probability(factor, "factor")
    angles = ([2 * math.pi * i / n for i in range(n)] for n in _class_sizes(n_samples))
    outer, inner = ([(math.cos(t), math.sin(t)) for t in around] for around in angles)
    return _dataset(noise, seed, outer=outer, inner=[(radius * x, radius * y) for x, y in inner])


@suggesting()
def make_spirals(n_samples: int = 194, noise: float = 0.0, seed: Seed = None) -> Dataset:
    """Return two intertwined spirals with three turns each, a problem designed to be hard for networks.

    They are the spirals of Lang & Witbrock (1988), Learning to tell two spirals apart. With 194 points, as in the paper,
    point i of a spiral has the angle i pi / 16 and the radius 6.5 (104 - i) / 104. See ``make_moons`` for the arguments.

    >>> spirals = make_spirals()
    >>> len(spirals.y), spirals.X[0], [round(x, 6) for x in spirals.X[96]]
    (194, [0.0, 6.5], [-0.0, 0.5])
    """
    turns = ([(6.5 * (1 - i / 104), i * math.pi / 16) for i in _linspace(96, n)] for n in _class_sizes(n_samples))
    first, second = ([(radius * math.sin(t), radius * math.cos(t)) for radius, t in turn] for turn in turns)
    return _dataset(noise, seed, first=first, second=[(-x, -y) for x, y in second])


@suggesting()
def make_xor(n_samples: int = 4, noise: float = 0.0, seed: Seed = None) -> Dataset:
    """Return the corners of a square, repeatedly. Opposite corners are in one class. See ``make_moons`` for the arguments.

    >>> tuple(make_xor())
    ([[0.0, 0.0], [1.0, 1.0], [0.0, 1.0], [1.0, 0.0]], [0, 0, 1, 1])
    """
    equal, different = ([i % 2 for i in range(n)] for n in _class_sizes(n_samples))
    return _dataset(noise, seed, equal=[(i, i) for i in equal], different=[(i, 1 - i) for i in different])


def _class_sizes(n_samples: int) -> tuple[int, int]:
    """Return the size of each of the two classes."""
    n = positive_int(n_samples, "n_samples", least=2)
    return n // 2, n - n // 2


def _linspace(end: float, n: int) -> list[float]:
    """Return ``n`` evenly spaced numbers from 0 to ``end``, both included."""
    return [end * i / max(n - 1, 1) for i in range(n)]


def _dataset(noise: float, seed: Seed, **classes: list[tuple[float, float]]) -> Dataset:
    deviation, rng = non_negative_float(noise, "noise"), generator(seed)
    X = [[x + deviation * normal(rng) for x in point] for points in classes.values() for point in points]
    y = [number for number, points in enumerate(classes.values()) for _ in points]
    return Dataset(X, y, ["x1", "x2"], list(classes), {"x1": [], "x2": []})
