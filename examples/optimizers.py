"""Adaptive rates: every optimizer on a problem whose two inputs have very different scales.

    python examples/optimizers.py

How much more ice cream is sold than usual? By a made-up law, 2 * temperature + 0.01 * pressure, where the temperature is up
to 10 degrees away from its mean, and the air pressure up to 1,000 pascals. One linear neuron is to find the two weights. Its
loss is 10,000 times as steep along the second as along the first, so a rate that is small enough for the second hardly moves
the first. Adagrad, RMSprop and Adam divide each gradient by the size that it usually has: each weight gets a rate of its own.

For each optimizer the best of many rates is shown. The last line is the other cure: inputs of the same scale.
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
    """The temperature and the pressure of 40 days, and what was sold."""
    rng = random.Random(0)
    X = [[rng.uniform(-10, 10), rng.uniform(-1000, 1000)] for _ in range(40)]
    return X, [2 * temperature + 0.01 * pressure for temperature, pressure in X]


def train(make: Callable[..., Optimizer], lr: float, X: Any, y: list[float]) -> tuple[float, Neuron]:
    """The loss in the last epoch, and the neuron."""
    model = Neuron(2, seed=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # of a rate that is much too large
        history = fit(model, X, y, loss="mse", optimizer=make(model.parameters(), lr=lr), epochs=EPOCHS)
    return history.losses[-1] if history.stopped == "epochs" else float("inf"), model


def best(make: Callable[..., Optimizer], X: Any, y: list[float]) -> tuple[float, Neuron, float]:
    """Of all rates the one with the least loss at the end: the loss, the neuron, the rate."""
    return min(((*train(make, lr, X, y), lr) for lr in RATES), key=lambda found: found[0])


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
