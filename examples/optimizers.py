"""Adaptive learning rates: every optimizer on a problem whose two inputs have very different scales.

    python examples/optimizers.py

By a made-up law, the change in ice cream sales is 2 * temperature + 0.01 * pressure. The temperature differs from its mean by
up to 10 degrees, and the air pressure by up to 1,000 pascals. One linear neuron must find the two weights. Its loss is
10,000 times as steep along the second weight as along the first, so a rate small enough for the second hardly moves the first.
Adagrad, RMSprop and Adam divide each gradient by its usual size, which gives each weight a separate rate.

For each optimizer, the best of many rates is shown. The last line is the other remedy: inputs of the same scale.
"""

from __future__ import annotations

import random
import warnings
from collections.abc import Callable
from typing import Any

from nn import SGD, Adagrad, Adam, AdamW, Neuron, Optimizer, RMSprop, column_statistics, fit, standardize

EPOCHS = 200
RATES = [digit * 10.0**exponent for exponent in range(-7, 1) for digit in (1, 2, 5)]
OPTIMIZERS: dict[str, Callable[..., Optimizer]] = {
    "SGD": SGD,
    "SGD, momentum 0.9": lambda parameters, lr: SGD(parameters, lr, momentum=0.9),
    "Adagrad": Adagrad,
    "RMSprop": RMSprop,
    "Adam": Adam,
    "AdamW": AdamW,  # its weight decay keeps the weights a little too small
}


def weather() -> tuple[list[list[float]], list[float]]:
    """Return the temperature and pressure of 40 days, and the change in sales."""
    rng = random.Random(0)
    X = [[rng.uniform(-10, 10), rng.uniform(-1000, 1000)] for _ in range(40)]
    return X, [2 * temperature + 0.01 * pressure for temperature, pressure in X]


def train(make: Callable[..., Optimizer], lr: float, X: Any, y: list[float]) -> tuple[float, Neuron]:
    """Return the loss of the last epoch, infinite if training diverged, and the neuron."""
    model = Neuron(2, seed=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # from rates that are much too large
        history = fit(model, X, y, loss="mse", optimizer=make(model.parameters(), lr=lr), epochs=EPOCHS)
    return history.losses[-1] if history.stopped == "epochs" else float("inf"), model


def best(make: Callable[..., Optimizer], X: Any, y: list[float]) -> tuple[float, Neuron, float]:
    """Return the loss, the neuron and the rate for the rate with the smallest final loss."""
    return min(((*train(make, lr, X, y), lr) for lr in RATES), key=lambda result: result[0])


def main() -> None:
    """Print a table."""
    X, y = weather()
    print(f"optimizer             best rate   loss after {EPOCHS} epochs   weights")
    for name, make in OPTIMIZERS.items():
        loss, model, lr = best(make, X, y)
        print(f"{name:20} {lr:10.0e} {loss:20.1e}          {model.weights[0].data:.3f}, {model.weights[1].data:.5f}")
    loss, _, lr = best(SGD, standardize(X, *column_statistics(X)), y)
    print(f"{'SGD, standardized':20} {lr:10.0e} {loss:20.1e}")


if __name__ == "__main__":
    main()
