"""Which loss for which problem: each loss is best at the problem it was made for.

    python examples/losses.py

1. Regression with outliers: one tenth of the targets are far off. Outliers bend a line fitted by the squared error, but not
   by the absolute error or the Huber loss.
2. Two overlapping classes. Hinge loss and cross-entropy find the same boundary, but only cross-entropy gives probabilities.
3. Three classes, one of them rare. Class weights find more of the rare class. Label smoothing makes a model less confident.
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


def train(model: Any, X: Rows, y: list[Any], loss: str | Callable[..., Any], epochs: int = 400) -> Any:
    """Train a model with all rows in one batch, and return it."""
    fit(model, X, y, loss=loss, lr=0.2, epochs=epochs)
    return model


def line_with_outliers(loss: str) -> tuple[float, float]:
    """Return the fitted slope and intercept for y = 2 x + 1, where every tenth y is 20 too large."""
    rng = random.Random(0)
    X = [[rng.uniform(-1, 1)] for _ in range(100)]
    y = [2 * x + 1 + rng.gauss(0, 0.1) + (20 if i % 10 == 0 else 0) for i, (x,) in enumerate(X)]
    line = train(Neuron(1, seed=0), X, y, loss)
    return line.weights[0].data, line.bias.data


def two_classes(loss: str) -> tuple[float, list[float]]:
    """Return the fitted boundary, and the sigmoid of the output where the true probability is 0.1, 0.5 and 0.9."""
    rng = random.Random(0)
    X = [[rng.uniform(-3, 3)] for _ in range(1000)]
    positive = [rng.random() < sigmoid(2 * x - 1) for (x,) in X]
    y = [1 if is_positive else 0 if loss == "binary_cross_entropy" else -1 for is_positive in positive]
    neuron = train(Neuron(1, seed=0), X, y, loss)
    inputs = [(1 + math.log(p / (1 - p))) / 2 for p in (0.1, 0.5, 0.9)]
    return -neuron.bias.data / neuron.weights[0].data, [sigmoid(neuron([x])).data for x in inputs]


def rare_class(loss: Callable[..., Any]) -> tuple[float, float, float]:
    """Return the recall of the rare class, the recall of the other classes, and the mean confidence of the model."""
    rng = random.Random(0)
    centers = [(-1.0, 0.0), (1.0, 0.0), (0.0, 1.0)]
    y = [2 if i % 20 == 0 else i % 2 for i in range(400)]
    X = [[rng.gauss(center, 0.5) for center in centers[k]] for k in y]
    model = train(Linear(2, 3, seed=0), X, y, loss)
    probabilities = [[p.data for p in softmax(model(row))] for row in X]
    correct = [(k, k == p.index(max(p))) for k, p in zip(y, probabilities, strict=True)]
    rare, others = [is_right for k, is_right in correct if k == 2], [is_right for k, is_right in correct if k != 2]
    return mean(rare), mean(others), mean(max(p) for p in probabilities)


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
        boundary, probabilities = two_classes(loss)
        print(f"   {loss:22} {boundary:10.2f}  " + ", ".join(f"{p:.2f}" for p in probabilities))
    print("3. A rare class              recall  other recall  confidence")
    for name, function in RARE.items():
        recall, others, confidence = rare_class(function)
        print(f"   {name:23} {recall:8.0%} {others:13.0%} {confidence:11.0%}")


if __name__ == "__main__":
    main()
