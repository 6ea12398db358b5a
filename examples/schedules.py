"""Rates of learning: too large, too small, and decayed; as a table, and as a picture if matplotlib is installed.

    python examples/schedules.py [PICTURE.svg]        (default: out/schedules.svg)

A line is fitted to noisy points, two at a time. A large rate comes near quickly, and then jumps about, as every two points
have another opinion of the best line; a small one would settle, but takes very long to get there. A rate that decays does
both, be it by a small step after each epoch or by a large one after every tenth.
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
# By name: the rate at first, and how it changes.
RATES: dict[str, tuple[float, Callable[[Optimizer], Schedule] | None]] = {
    "too large": (LARGE, None),
    "too small": (SMALL, None),
    "exponential decay": (LARGE, lambda optimizer: ExponentialLR(optimizer, gamma=0.9)),
    "step decay": (LARGE, lambda optimizer: StepLR(optimizer, step_size=10, gamma=0.2)),
}


def points() -> tuple[list[list[float]], list[float]]:
    """Forty points around the line 3 x + 1."""
    rng = random.Random(0)
    X = [[rng.uniform(-1, 1)] for _ in range(40)]
    return X, [3 * x + 1 + rng.gauss(0, 0.5) for (x,) in X]


def train(lr: float, make: Callable[[Optimizer], Schedule] | None) -> tuple[list[float], list[float]]:
    """The loss over all points after each epoch, and the rate in it."""
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


def picture(courses: dict[str, tuple[list[float], list[float]]]) -> Any:
    """The losses above, and the rates below, as a matplotlib Figure."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 6), layout="constrained")
    above, below = figure.subplots(2, 1, sharex=True, height_ratios=(2, 1))
    for name, (losses, rates) in courses.items():
        above.plot(range(1, EPOCHS + 1), losses, label=name)
        below.plot(range(1, EPOCHS + 1), rates)
    above.set(ylabel="mean squared error", yscale="log", title="A rate too large, too small, and decayed")
    below.set(ylabel="learning rate", yscale="log", xlabel="epoch")
    above.yaxis.set_major_formatter("{x:g}")  # 0.1, not a power of ten
    above.yaxis.set_minor_formatter("{x:g}")
    above.legend()
    return figure


def main() -> None:
    """Print the table, and write the picture."""
    courses = {name: train(*rate) for name, rate in RATES.items()}
    shown = (1, 5, 10, 20, 30, 40)
    print("loss after epoch   " + "".join(f"{epoch:8}" for epoch in shown))
    for name, (losses, _) in courses.items():
        print(f"{name:19}" + "".join(f"{losses[epoch - 1]:8.3f}" for epoch in shown))
    path = Path(sys.argv[1] if len(sys.argv) > 1 else "out/schedules.svg")
    try:
        figure = picture(courses)
    except ImportError:
        print("The picture needs matplotlib: pip install scalar-autograd[plots]")
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path)
    print(f"The picture is in {path}")


if __name__ == "__main__":
    main()
