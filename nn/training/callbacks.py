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
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import field
from pathlib import Path
from typing import Annotated, Any, TypeAlias

from nn.base.checks import Count, FilePath, NotNegative, Switch, shown
from nn.base.options import Declared
from nn.training.history import History
from nn.training.training import Training

Callback = Callable[[Training], object]


def less_or_more(mode: Any, name: str) -> str:
    """``mode``, if it is one."""
    if mode not in ("min", "max"):
        raise ValueError(f"unknown {name}: {mode!r} (must be 'min', if less is better, or 'max')")
    return str(mode)


Mode: TypeAlias = Annotated[str, less_or_more]


class Monitor(Declared):
    """Watches a column of the History: what callbacks share that wait for something better.

    Args:
        monitor: the column; None for ``"val_loss"``, or ``"loss"`` if there are no validation rows.
        mode: ``"min"`` if less is better, ``"max"`` if more is.
    """

    keeps_weights = False
    min_delta = 0.0
    monitor: str | None = field(default=None, kw_only=True)
    mode: Mode = field(default="min", kw_only=True)
    state: dict[str, Any] = field(default_factory=dict, init=False)

    def column(self, history: History) -> list[Any]:
        """What it watches.

        Raises:
            KeyError: if there is no such column; the message lists those that there are.
        """
        return history[self.monitor or history.monitor]

    def improves(self, training: Training) -> bool:
        """Whether the latest epoch is the best so far, which is then kept in the state; the first always is.

        Raises:
            KeyError: if there is no such column.
            TypeError: if it is not one of numbers.
        """
        number = self.column(training.history)[-1]
        if not isinstance(number, int | float):
            raise TypeError(f"monitor must be a column of numbers, but {self.monitor!r} has {shown(number)}")
        score = -number if self.mode == "max" else number
        if training.epoch == 1 or not self.state:  # a callback of one's own may begin to ask later
            self.state = {"best": math.inf, "waited": 0}
        if score < self.state["best"] - self.min_delta:
            kept = {"weights": training.numbers()} if self.keeps_weights else {}
            self.state = {"best": score, "waited": 0, **kept}  # at once: Ctrl-C can come at any moment
            return True
        self.state["waited"] += 1
        return False

    def state_dict(self) -> dict[str, Any]:
        """The best so far, and for how many epochs nothing was better."""
        return dict(self.state)

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from where ``state_dict`` was called."""
        self.state = dict(state)


class EarlyStopping(Monitor):
    """Stops when there was nothing better for ``patience`` epochs.

    However the training ends, the weights of its best epoch are put back.

    Args:
        patience: how many epochs to wait for something better.
        min_delta: by how much it must be better than the best before.
        monitor, mode: as for ``Monitor``.

    >>> EarlyStopping(5, monitor="val_accuracy", mode="max")
    EarlyStopping(patience=5, monitor='val_accuracy', mode='max')
    """

    keeps_weights = True
    patience: Count = 10
    min_delta: NotNegative = 0.0

    def __call__(self, training: Training) -> None:
        """Look at the latest epoch."""
        if not self.improves(training) and self.state["waited"] >= self.patience:
            training.stop("patience")

    def finish(self, training: Training) -> None:
        """Put the best weights back."""
        if training.epoch and "weights" in self.state:
            training.put_back(self.state["weights"])


class ModelCheckpoint(Monitor):
    """Writes the training to a file after its best epochs: ``load_checkpoint(path, model=model)`` gives a model the weights.

    To go on with a training that was stopped, use ``fit(..., checkpoint=path)``.

    Args:
        path: the file, as ``save_checkpoint`` writes it.
        save_best_only: False to write it after each epoch.
        monitor, mode: as for ``Monitor``.

    >>> from tempfile import mkdtemp
    >>> from nn import Neuron, fit, load_checkpoint
    >>> path, model = Path(mkdtemp()) / "best.npz", Neuron(1, seed=0)
    >>> history = fit(model, [[0.0], [1.0]], [1.0, 3.0], loss="mse", epochs=9, callbacks=[ModelCheckpoint(path)])
    >>> other = Neuron(1)
    >>> load_checkpoint(path, model=other)["history"]["loss"] == history["loss"]
    True
    """

    path: FilePath
    save_best_only: Switch = True

    def __call__(self, training: Training) -> None:
        """Write the file, if it is time."""
        if self.improves(training) or not self.save_best_only:
            training.save(self.path)


class CSVLogger(Declared):
    """Writes a line an epoch to a CSV file: its number and the numbers in the History, with every digit.

    Args:
        path: the file, which is made anew; folders that are missing are made.

    >>> from tempfile import mkdtemp
    >>> from nn import Neuron, fit
    >>> path = Path(mkdtemp()) / "log.csv"
    >>> history = fit(Neuron(1, seed=0), [[0.0], [1.0]], [1.0, 3.0], loss="mse", epochs=2, callbacks=[CSVLogger(path)])
    >>> path.read_text().splitlines()[0]
    'epoch,loss,lr,seconds'
    """

    path: FilePath
    begun: Training | None = field(default=None, init=False)

    def __call__(self, training: Training) -> None:
        """Write the latest epoch; in the first call all that there are, as some may come from a checkpoint."""
        history, begun, path = training.history, self.begun is training, Path(self.path)
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a" if begun else "w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, history.row(-1))
            if not begun:
                writer.writeheader()
            writer.writerows(history.row(i) for i in range(len(history) - 1 if begun else 0, len(history)))
        self.begun = training


def check_monitors(callbacks: Sequence[Callback], measured: Iterable[str]) -> None:
    """Raise a KeyError if one monitors no column of the History, which has these ones besides the usual; before training."""
    history = History({name: [] for name in ("loss", *measured, "lr", "seconds")})
    for callback in callbacks:
        if isinstance(callback, Monitor):
            callback.column(history)
