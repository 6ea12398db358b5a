"""Penalties against overfitting: what they do to the weights, and to rows that were not trained on.

    python examples/regularization.py

Of 20 inputs only the first 3 tell something about the target, and there are just 25 rows, with noise. Without a penalty the
other 17 weights learn the noise. L1 drives them to nearly zero and so tells which inputs matter; L2 shrinks all weights,
and drives none to zero. Either makes a better model for 500 rows that it has not seen.
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
    """What came of a training: the losses, the mean size of the 3 weights that matter, and how many others are nearly zero."""

    train_loss: float
    held_out_loss: float
    relevant: float
    irrelevant: float
    nearly_zero: int


def rows(count: int, rng: random.Random) -> Data:
    """Rows of numbers, and targets: 2 x0 - 1.5 x1 + x2, with noise of deviation 1.5: no model can have a loss below 2.25."""
    X = [[rng.gauss(0, 1) for _ in range(N_INPUTS)] for _ in range(count)]
    return X, [sum(w * x for w, x in zip(TRUE_WEIGHTS, row, strict=False)) + rng.gauss(0, 1.5) for row in X]


def train(penalty: str, seed: int) -> Result:
    """A linear neuron after 1,000 steps of gradient descent."""
    rng = random.Random(seed)
    (X, y), (X_new, y_new) = rows(25, rng), rows(500, rng)
    model = Neuron(N_INPUTS, seed=seed)
    fit(model, X, y, loss="mse", lr=0.05, epochs=1000, penalty=lambda: PENALTIES[penalty](model))
    sizes = [abs(weight.data) for weight in model.weights]
    trained_on, held_out = (mse_loss([model(row) for row in X], y).data for X, y in ((X, y), (X_new, y_new)))
    return Result(trained_on, held_out, mean(sizes[:3]), mean(sizes[3:]), sum(size < 0.03 for size in sizes[3:]))


def main() -> None:
    """Print a table."""
    print("         loss of rows            mean |weight| of inputs           of the latter")
    print("penalty  trained on   held out   that matter   that do not   are nearly zero")
    for penalty in PENALTIES:
        result = train(penalty, seed=0)
        print(
            f"{penalty:7} {result.train_loss:11.2f} {result.held_out_loss:10.2f} {result.relevant:13.2f} "
            f"{result.irrelevant:13.2f} {result.nearly_zero:11} of {N_INPUTS - 3}"
        )


if __name__ == "__main__":
    main()
