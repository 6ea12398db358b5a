"""Callbacks: what ``fit`` calls after each epoch, with the ``Training`` that is going on.

Any function of one argument is one. Two more things are used of an object that has them: ``finish(training)``, called once
at the end; and ``state_dict()`` with ``load_state_dict(state)``, kept in a checkpoint.

>>> from nn import Neuron, fit
>>> def stop_at_a_tenth(training):
...     if training.history["loss"][-1] < 0.1:
...         training.stop("good enough")
>>> fit(Neuron(1, seed=0), [[0.0], [1.0]], [1.0, 3.0], loss="mse", lr=0.1, callbacks=[stop_at_a_tenth]).stopped
'good enough'
"""

from __future__ import annotations

import csv
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from nn.choices import not_negative, positive_int
from nn.training_state import Training

Callback = Callable[[Training], object]


class EarlyStopping:
    """Stops when there was nothing better for ``patience`` epochs, and puts the weights of the best epoch back.

    However the training ends, it is with the weights of its best epoch.

    Args:
        patience: how many epochs to wait for something better.
        min_delta: by how much it must be better than the best before.
        monitor: a column of the History; None for ``"val_loss"``, or ``"loss"`` if there are no validation rows.
        mode: ``"min"`` if less is better, ``"max"`` if more is.

    >>> EarlyStopping(5, monitor="val_accuracy", mode="max")
    EarlyStopping(5, monitor='val_accuracy', mode='max')
    """

    def __init__(self, patience: int = 10, min_delta: float = 0.0, monitor: str | None = None, mode: str = "min") -> None:
        self.patience = positive_int(patience, "patience")
        self.min_delta = not_negative(min_delta, "min_delta")
        self.monitor = monitor
        if mode not in ("min", "max"):
            raise ValueError(f"unknown mode: {mode!r} (must be 'min', if less is better, or 'max')")
        self.mode = mode
        self._state: dict[str, Any] = {"best": None, "waited": 0, "weights": []}

    def __call__(self, training: Training) -> None:
        """Look at the latest epoch."""
        name = self.monitor or training.history.monitor
        number = training.history[name][-1]
        if not isinstance(number, float):
            raise TypeError(f"monitor must be a column of numbers, but {name!r} holds {type(number).__name__} ({number!r:.40})")
        score = -number if self.mode == "max" else number
        state = self._state
        if len(training.history) == 1 or score < state["best"] - self.min_delta:  # the first of this training, or better
            self._state = {"best": score, "waited": 0, "weights": [p.data for p in training.parameters]}
            return
        state["waited"] += 1
        if state["waited"] >= self.patience:
            training.stop("patience")

    def finish(self, training: Training) -> None:
        """Put the best weights back."""
        if self._state["best"] is not None:
            training.put_back(self._state["weights"])

    def state_dict(self) -> dict[str, Any]:
        """The best so far, its weights, and since how many epochs nothing was better."""
        return dict(self._state)

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Take what ``state_dict`` gave."""
        self._state = dict(state)

    def __repr__(self) -> str:
        options = {"min_delta": (self.min_delta, 0.0), "monitor": (self.monitor, None), "mode": (self.mode, "min")}
        shown = [f"{name}={value!r}" for name, (value, default) in options.items() if value != default]
        return f"EarlyStopping({', '.join([str(self.patience), *shown])})"


class CSVLogger:
    """Writes a line an epoch to a CSV file: its number and the numbers in the History, with every digit.

    Args:
        path: the file, which is made anew; folders that are missing are made.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        self._begun: Training | None = None

    def __call__(self, training: Training) -> None:
        """Write the latest epoch; in the first call all that there are, as some may come from a checkpoint."""
        history, begun = training.history, self._begun is training
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("a" if begun else "w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, history.row(-1))
            if not begun:
                writer.writeheader()
            writer.writerows(history.row(i) for i in range(len(history) - 1 if begun else 0, len(history)))
        self._begun = training

    def __repr__(self) -> str:
        return f"CSVLogger({str(self.path)!r})"
