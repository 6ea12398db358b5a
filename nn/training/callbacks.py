"""Callbacks: functions that ``fit`` calls after each epoch with the ``Training``.

Any function of one argument is a callback. If a callback object has a method ``finish(training)``, it is called once at the
end. If it has ``state_dict()`` and ``load_state_dict(state)``, its state is saved in checkpoints.

>>> from nn import Neuron, fit
>>> def stop_at_a_tenth(training):
...     if training.history["loss"][-1] < 0.1:
...         training.stop("good enough")
>>> fit(Neuron(1, seed=0), [[0.0], [1.0]], [1.0, 3.0], loss="mse", lr=0.1, callbacks=[stop_at_a_tenth]).stopped
'good enough'
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias

from attrs import field

from nn.base.checks import boolean, describe, file_path, non_negative_float, positive_int
from nn.base.options import Configurable, option
from nn.training.history import History, direction

if TYPE_CHECKING:
    from nn.training.training import Training

Callback: TypeAlias = "Callable[[Training], object]"


def min_or_max(mode: Any, name: str) -> str:
    """Return ``mode`` if it is ``"min"`` or ``"max"``."""
    if mode not in ("min", "max"):
        raise ValueError(f"unknown {name}: {mode!r} (must be 'min', if lower is better, or 'max')")
    return str(mode)


def epochs_to_wait(number: Any, name: str) -> int:
    """Return ``number`` if it is a positive integer, and not the name of a column."""
    if isinstance(number, str):
        raise TypeError(f"{name} must be an integer, not {describe(number)}; write monitor={number!r} for a column")
    return positive_int(number, name)


def best_only(value: Any, name: str) -> bool:
    """Return ``value`` if it is True or False, and not the name of a column."""
    if isinstance(value, str):
        raise TypeError(f"{name} must be True or False, not {describe(value)}; write monitor={value!r} for a column")
    return boolean(value, name)


class Monitor(Configurable):
    """Base class of callbacks that wait for an improvement in a column of the History.

    Args:
        monitor: Name of the column. By default, ``"val_loss"``, or ``"loss"`` without validation rows.
        mode: ``"min"`` if lower numbers are better, ``"max"`` if higher numbers are better. It is known for losses and for the
            metrics of nn, and required for any other column.
    """

    keeps_weights: ClassVar[bool] = False
    monitor: str | None = field(default=None, kw_only=True)
    mode: str | None = option(min_or_max, default=None, kw_only=True, optional=True)
    state: dict[str, Any] = field(factory=dict, init=False)

    def column(self, history: History) -> list[Any]:
        """Return the monitored column.

        Raises:
            KeyError: If it does not exist. The message lists the valid names.
        """
        return history[self.monitor or history.monitor]

    def direction(self, history: History) -> str:
        """Return ``"min"`` or ``"max"``.

        Raises:
            ValueError: If there is no ``mode`` for a column that is neither a loss nor a metric of nn.
        """
        return direction(self.monitor or history.monitor, self.mode)

    def improves(self, training: Training, min_delta: float = 0.0) -> bool:
        """Return whether the latest epoch is the best so far, and store it in the state. The first epoch always is.

        Args:
            training: The training run.
            min_delta: Minimum difference from the best number that counts as an improvement.

        Raises:
            KeyError: If the column does not exist.
            ValueError: If the column needs a ``mode``.
            TypeError: If the column does not contain numbers.
        """
        number = self.column(training.history)[-1]
        if not isinstance(number, int | float):
            raise TypeError(f"monitor must be a column of numbers, but {self.monitor!r} has {describe(number)}")
        score = -number if self.direction(training.history) == "max" else number
        if training.epoch == 1 or not self.state:  # a custom callback may call this for the first time in a later epoch
            self.state = {"best": math.inf, "waited": 0}
        if score < self.state["best"] - min_delta:
            kept = {"weights": training.numbers()} if self.keeps_weights else {}
            self.state = {"best": score, "waited": 0, **kept}  # in one assignment, because Ctrl-C may interrupt at any time
            return True
        self.state["waited"] += 1
        return False

    def state_dict(self) -> dict[str, Any]:
        """Return the best number so far, and the number of epochs since then."""
        return dict(self.state)

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Restore the state returned by ``state_dict``."""
        self.state = dict(state)


class EarlyStopping(Monitor):
    """Stop training if there is no improvement for ``patience`` epochs.

    When training ends, for any reason, the weights of the best epoch are restored.

    Args:
        patience: Number of epochs to wait for an improvement.
        min_delta: Minimum difference from the best number that counts as an improvement.
        monitor, mode: See ``Monitor``.

    >>> EarlyStopping(5, monitor="val_accuracy")
    EarlyStopping(patience=5, monitor='val_accuracy')
    """

    keeps_weights: ClassVar[bool] = True
    patience: int = option(epochs_to_wait, default=10)
    min_delta: float = option(non_negative_float, default=0.0)

    def __call__(self, training: Training) -> None:
        """Compare the latest epoch with the best one, and stop training after ``patience`` epochs without improvement."""
        if not self.improves(training, self.min_delta) and self.state["waited"] >= self.patience:
            training.stop("patience")

    def finish(self, training: Training) -> None:
        """Restore the best weights."""
        if training.epoch and "weights" in self.state:
            training.put_back(self.state["weights"])


class ModelCheckpoint(Monitor):
    """Save a checkpoint after each best epoch. ``load_checkpoint(path, model=model)`` loads the weights.

    To resume an interrupted training run, use ``fit(..., checkpoint=path)`` instead.

    Args:
        path: The file, in the format of ``save_checkpoint``.
        save_best_only: If False, the file is written after each epoch.
        monitor, mode: See ``Monitor``.

    >>> from pathlib import Path
    >>> from tempfile import mkdtemp
    >>> from nn import Neuron, fit, load_checkpoint
    >>> path, model = Path(mkdtemp()) / "best.npz", Neuron(1, seed=0)
    >>> history = fit(model, [[0.0], [1.0]], [1.0, 3.0], loss="mse", epochs=9, callbacks=[ModelCheckpoint(path)])
    >>> other = Neuron(1)
    >>> load_checkpoint(path, model=other)["history"]["loss"] == history["loss"]
    True
    """

    path: str | os.PathLike[str] = option(file_path)
    save_best_only: bool = option(best_only, default=True)

    def __call__(self, training: Training) -> None:
        """Save a checkpoint if the latest epoch is the best one, or every epoch is saved."""
        if self.improves(training) or not self.save_best_only:
            training.save(self.path)


class CSVLogger(Configurable):
    """Write one line per epoch to a CSV file: the epoch and the numbers in the History, with full precision.

    Args:
        path: The file, which is overwritten. Missing folders are created.

    >>> from pathlib import Path
    >>> from tempfile import mkdtemp
    >>> from nn import Neuron, fit
    >>> path = Path(mkdtemp()) / "log.csv"
    >>> history = fit(Neuron(1, seed=0), [[0.0], [1.0]], [1.0, 3.0], loss="mse", epochs=2, callbacks=[CSVLogger(path)])
    >>> path.read_text().splitlines()[0]
    'epoch,loss,lr,seconds'
    """

    path: str | os.PathLike[str] = option(file_path)
    started: Training | None = field(default=None, init=False)

    def __call__(self, training: Training) -> None:
        """Write the latest epoch. The first call writes all epochs, because some may come from a checkpoint."""
        import csv

        history, started = training.history, self.started is training
        os.makedirs(os.path.dirname(self.path) or ".", exist_ok=True)
        with open(self.path, "a" if started else "w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, history.row(-1))
            if not started:
                writer.writeheader()
            writer.writerows(history.row(i) for i in range(len(history) - 1 if started else 0, len(history)))
        self.started = training


def stop_at_limits(training: Training) -> None:
    """Stop training if one of the limits of ``fit`` is reached, or the optimizer has converged on the only batch."""
    losses = training.history.losses
    if training.batch == 1 and getattr(training.optimizer, "converged", False):
        training.stop("converged")
    if training.gradient_norm < (training.tolerance or 0.0):
        training.stop("tolerance")
    if len(losses) > 1 and abs(losses[-1] - losses[-2]) < (training.loss_tolerance or 0.0):
        training.stop("loss_tolerance")
    if training.history["seconds"][-1] >= (training.max_seconds or math.inf):
        training.stop("max_seconds")


def check_monitors(callbacks: Sequence[Callback], measured: Iterable[str]) -> None:
    """Raise a KeyError if a callback monitors a column that the History will not have.

    Args:
        callbacks: The callbacks of ``fit``.
        measured: Names of the metrics and the validation loss.
    """
    history = History({name: [] for name in ("loss", *measured, "lr", "seconds")})
    for callback in callbacks:
        if isinstance(callback, Monitor):
            callback.column(history)
            callback.direction(history)
