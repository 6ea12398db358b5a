"""Learning rates: too large, too small, and decaying. Prints a table, and writes a plot if matplotlib is installed.

    python examples/schedules.py [PLOT.svg]           (default: out/schedules.svg)

A line is fitted to noisy points, two points per step. A large rate approaches the line quickly and then jumps around it,
because every two points have a different best line. A small rate would settle, but takes very long. A decaying
rate is quick at first and settles later, whether it takes a small step after each epoch or a large one after every tenth.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from autograd import no_grad
from nn import SGD, ExponentialLR, Neuron, Optimizer, Schedule, StepLR, fit, mse_loss

EPOCHS = 40
LARGE, SMALL = 0.3, 0.002
# Name -> initial rate, and the schedule that changes it.
RATES: dict[str, tuple[float, Callable[[Optimizer], Schedule] | None]] = {
    "too large": (LARGE, None),
    "too small": (SMALL, None),
    "exponential decay": (LARGE, lambda optimizer: ExponentialLR(optimizer, gamma=0.9)),
    "step decay": (LARGE, lambda optimizer: StepLR(optimizer, step_size=10, gamma=0.2)),
}


def points() -> tuple[list[list[float]], list[float]]:
    """Return forty points around the line 3 x + 1."""
    rng = random.Random(0)
    X = [[rng.uniform(-1, 1)] for _ in range(40)]
    return X, [3 * x + 1 + rng.gauss(0, 0.5) for (x,) in X]


def train(lr: float, make: Callable[[Optimizer], Schedule] | None) -> tuple[list[float], list[float]]:
    """Return the loss of all points after each epoch, and the rate in each epoch."""
    X, y = points()
    model = Neuron(1, seed=0)
    optimizer = SGD(model.parameters(), lr)
    schedule = make(optimizer) if make else None
    order = random.Random(1)
    losses, rates = [], []
    for _ in range(EPOCHS):
        rates.append(optimizer.lr)
        fit(model, X, y, loss="mse", optimizer=optimizer, epochs=1, batch_size=2, seed=order)
        with no_grad():
            losses.append(float(mse_loss([model(row) for row in X], y)))
        if schedule:
            schedule.step()
    return losses, rates


def plot(runs: dict[str, tuple[list[float], list[float]]]) -> Any:
    """Return a matplotlib Figure with the losses on top and the rates below."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 6), layout="constrained")
    top, bottom = figure.subplots(2, 1, sharex=True, height_ratios=(2, 1))
    for name, (losses, rates) in runs.items():
        top.plot(range(1, EPOCHS + 1), losses, label=name)
        bottom.plot(range(1, EPOCHS + 1), rates)
    top.set(ylabel="mean squared error", yscale="log", title="Learning rates: too large, too small, and decaying")
    bottom.set(ylabel="learning rate", yscale="log", xlabel="epoch")
    top.yaxis.set_major_formatter("{x:g}")  # 0.1, not a power of ten
    top.yaxis.set_minor_formatter("{x:g}")
    top.legend()
    return figure


def main() -> None:
    """Print the table, and write the plot."""
    runs = {name: train(*rate) for name, rate in RATES.items()}
    epochs = (1, 5, 10, 20, 30, 40)
    print("loss after epoch   " + "".join(f"{epoch:8}" for epoch in epochs))
    for name, (losses, _) in runs.items():
        print(f"{name:19}" + "".join(f"{losses[epoch - 1]:8.3f}" for epoch in epochs))
    path = Path(sys.argv[1] if len(sys.argv) > 1 else "out/schedules.svg")
    try:
        figure = plot(runs)
    except ImportError:
        print("The plot needs matplotlib: pip install scalar-autograd[plots]")
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path)
    print(f"Plot written to {path}")


if __name__ == "__main__":
    main()
