"""Which loss for which problem: each does best at what it was made for.

    python examples/losses.py

1. Numbers to predict, a tenth of which are far off. The squared error is bent by these, the absolute and Huber's are not.
2. Two classes that overlap. The hinge and the cross-entropy part them alike, but only the cross-entropy gives probabilities.
3. Three classes, one of them rare. Class weights find more of it. Label smoothing makes a model less sure of itself.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from functools import partial
from statistics import fmean as mean
from typing import Any

from autograd import sigmoid, softmax
from nn import LOSSES, Linear, Neuron, cross_entropy, fit

Rows = list[list[float]]


def trained(model: Any, X: Rows, y: list[Any], loss: str | Callable[..., Any], epochs: int = 400) -> Any:
    """The model after training, all rows a step."""
    fit(model, X, y, loss=loss, lr=0.2, epochs=epochs)
    return model


def line_with_outliers(loss: str) -> tuple[float, float]:
    """The slope and the intercept that are found for y = 2 x + 1, where each tenth y is 20 too large."""
    rng = random.Random(0)
    X = [[rng.uniform(-1, 1)] for _ in range(100)]
    y = [2 * x + 1 + rng.gauss(0, 0.1) + (20 if i % 10 == 0 else 0) for i, (x,) in enumerate(X)]
    line = trained(Neuron(1, seed=0), X, y, loss)
    return line.weights[0].data, line.bias.data


def two_classes(loss: str) -> tuple[float, list[float]]:
    """Where the boundary is found, and what the sigmoid of the output is where the true probability is 0.1, 0.5 and 0.9."""
    rng = random.Random(0)
    X = [[rng.uniform(-3, 3)] for _ in range(1000)]
    yes = [rng.random() < sigmoid(2 * x - 1) for (x,) in X]
    y = [1 if answer else 0 if loss == "binary_cross_entropy" else -1 for answer in yes]
    neuron = trained(Neuron(1, seed=0), X, y, loss)
    places = [(1 + math.log(p / (1 - p))) / 2 for p in (0.1, 0.5, 0.9)]
    return -neuron.bias.data / neuron.weights[0].data, [sigmoid(neuron([x])).data for x in places]


def rare_class(loss: Callable[..., Any]) -> tuple[float, float, float]:
    """The share found of the rare class, that of the others, and how sure the model is of its answers on average."""
    rng = random.Random(0)
    centres = [(-1.0, 0.0), (1.0, 0.0), (0.0, 1.0)]
    y = [2 if i % 20 == 0 else i % 2 for i in range(400)]
    X = [[rng.gauss(centre, 0.5) for centre in centres[k]] for k in y]
    model = trained(Linear(2, 3, seed=0), X, y, loss)
    chances = [[p.data for p in softmax(model(row))] for row in X]
    right = [(k, k == p.index(max(p))) for k, p in zip(y, chances, strict=True)]
    rare, others = [r for k, r in right if k == 2], [r for k, r in right if k != 2]
    return mean(rare), mean(others), mean(max(p) for p in chances)


RARE: dict[str, Callable[..., Any]] = {
    "cross_entropy": LOSSES["cross_entropy"],
    "class_weights": partial(cross_entropy, class_weights=[1.0, 1.0, 10.0]),
    "label_smoothing": partial(cross_entropy, label_smoothing=0.2),
}


def main() -> None:
    """Print the three tables."""
    print("1. A line with outliers       slope  intercept  (true: 2 and 1)")
    for loss in ("mse", "mae", "huber"):
        slope, intercept = line_with_outliers(loss)
        print(f"   {loss:25} {slope:7.2f} {intercept:10.2f}")
    print("2. Two classes             boundary  sigmoid of the output  (true: 0.5; 0.1, 0.5, 0.9)")
    for loss in ("hinge", "binary_cross_entropy"):
        boundary, chances = two_classes(loss)
        print(f"   {loss:22} {boundary:10.2f}  " + ", ".join(f"{p:.2f}" for p in chances))
    print("3. A rare class            found of it  of the others  how sure")
    for name, function in RARE.items():
        found, others, sure = rare_class(function)
        print(f"   {name:23} {found:11.0%} {others:14.0%} {sure:9.0%}")


if __name__ == "__main__":
    main()
