"""Penalties against overfitting: their effect on the weights, and on rows outside the training set.

    python examples/regularization.py

Only the first 3 of 20 inputs affect the target, and there are only 25 noisy rows. Without a penalty, the other 17 weights
learn the noise. L1 makes these weights nearly zero, and so shows which inputs matter. L2 shrinks all weights and makes none
zero. Both give a better model for 500 new rows.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from statistics import fmean as mean
from typing import NamedTuple

from autograd import Value
from nn import Neuron, fit, l1_penalty, l2_penalty, mse_loss

N_INPUTS, TRUE_WEIGHTS = 20, [2.0, -1.5, 1.0]
PENALTIES: dict[str, Callable[[Neuron], Value]] = {
    "none": lambda model: l1_penalty(model, 0.0),
    "L1": lambda model: l1_penalty(model, 0.4),
    "L2": lambda model: l2_penalty(model, 0.1),
}

Data = tuple[list[list[float]], list[float]]


class Result(NamedTuple):
    """Result of a training run.

    Attributes:
        train_loss: Loss of the training rows.
        held_out_loss: Loss of the new rows.
        relevant: Mean absolute weight of the 3 inputs that matter.
        irrelevant: Mean absolute weight of the other inputs.
        nearly_zero: Number of weights of the other inputs that are nearly zero.
    """

    train_loss: float
    held_out_loss: float
    relevant: float
    irrelevant: float
    nearly_zero: int


def make_rows(count: int, rng: random.Random) -> Data:
    """Return random rows, and targets 2 x0 - 1.5 x1 + x2 plus noise of deviation 1.5: the expected loss is at least 2.25."""
    X = [[rng.gauss(0, 1) for _ in range(N_INPUTS)] for _ in range(count)]
    return X, [sum(w * x for w, x in zip(TRUE_WEIGHTS, row, strict=False)) + rng.gauss(0, 1.5) for row in X]


def train(penalty: str, seed: int) -> Result:
    """Train a linear neuron for 1,000 steps of gradient descent."""
    rng = random.Random(seed)
    (X, y), (X_new, y_new) = make_rows(25, rng), make_rows(500, rng)
    model = Neuron(N_INPUTS, seed=seed)
    fit(model, X, y, loss="mse", lr=0.05, epochs=1000, penalty=lambda: PENALTIES[penalty](model))
    sizes = [abs(weight.data) for weight in model.weights]
    train_loss, held_out_loss = (mse_loss([model(row) for row in X], y).data for X, y in ((X, y), (X_new, y_new)))
    return Result(train_loss, held_out_loss, mean(sizes[:3]), mean(sizes[3:]), sum(size < 0.03 for size in sizes[3:]))


def main() -> None:
    """Print a table."""
    print("             loss of rows       mean |weight| of inputs   irrelevant weights")
    print("penalty    training        new     relevant   irrelevant          nearly zero")
    for penalty in PENALTIES:
        result = train(penalty, seed=0)
        print(
            f"{penalty:7} {result.train_loss:11.2f} {result.held_out_loss:10.2f} {result.relevant:12.2f} "
            f"{result.irrelevant:12.2f} {result.nearly_zero:14} of {N_INPUTS - 3}"
        )


if __name__ == "__main__":
    main()
