"""``Training``: a training run, which can be inspected, stopped, saved and resumed after each epoch."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from attrs import field

from autograd import read_data, write_data
from nn.base.checks import describe, get_state, set_state
from nn.base.options import all_or_nothing
from nn.losses import cross_entropy, unwrapped
from nn.modules import Module
from nn.training.checkpoint import load_checkpoint, save_checkpoint
from nn.training.history import History
from nn.training.labels import check_outputs
from nn.training.metrics import threshold_of
from nn.training.options import FitOptions
from nn.training.prediction import first_outputs, generators_of

if TYPE_CHECKING:
    import numpy as np

MAY_CHANGE = ("tolerance", "loss_tolerance", "max_seconds")  # settings that may differ when a training run is resumed


class Training(FitOptions):
    """A training run, as passed to the callbacks of ``fit``. It also has the arguments of ``fit`` as attributes.

    Attributes:
        model: The model.
        parameters: The parameters of the model.
        trained: The parameters of the model that the optimizer updates. The others are in ``untrained``.
        optimizer: The optimizer.
        schedules: The schedules of the learning rate, in order.
        generator: The random number generator that shuffles the rows.
        callbacks: The callbacks, in order.
        penalty: The function that computes the penalty of each batch, or None.
        epochs: Maximum number of epochs.
        rows: Indices in ``X`` of the rows to train on.
        parts: Rows and targets: to train on, under ``""``; to validate on, if any, under ``"val_"``.
        weights: The weights of the rows in both parts, in the same order; empty if all rows have the same weight.
        class_names: The names of the classes, if the targets are text labels or classes of a Dataset.
        feature_names: The names of the columns, if ``X`` is a Dataset.
        threshold: With one output, the limit above which it means class 1; None if it is unknown. See ``Module``.
        settings: Other arguments of ``fit``, by name: numbers, such as ``"batch_size"`` and ``"clip_norm"``, if they were
            given, and the names of the loss, the metrics and other functions.
        history: The History so far.
        stopped: None, or the reason why training ends after this epoch.
        batch: Number of the latest batch in its epoch, from 1.
        gradient_norm: Largest norm of a gradient in this epoch, if there is a ``tolerance`` or ``clip_norm``; otherwise 0.0.
        good: The parameters at the latest batch with a finite loss.

    >>> from nn import Neuron, fit
    >>> def report(training):
    ...     print(training, round(training.latest["loss"], 3), round(training.model.bias.data, 3))
    >>> history = fit(Neuron(1, seed=0), [[0.0], [1.0]], [1.0, 3.0], loss="mse", lr=0.1, epochs=2, callbacks=[report])
    Training(Neuron(1), epoch 1 of 2) 2.132 0.281
    Training(Neuron(1), epoch 2 of 2) 1.164 0.487
    """

    history: History = field(factory=History, init=False)
    stopped: str | None = field(default=None, init=False)
    batch: int = field(default=0, init=False)
    gradient_norm: float = field(default=0.0, init=False)
    good: np.ndarray = field(init=False)

    def __attrs_post_init__(self) -> None:
        super().__attrs_post_init__()
        self.good = self.numbers()
        self._generators = {"shuffling": self.generator, **generators_of(self.model)}
        kinds = {name: type(getattr(rng, "bit_generator", rng)).__name__ for name, rng in self._generators.items()}
        self.settings["generators"] = kinds
        self._start = time.perf_counter()
        if self.class_names and unwrapped(self.loss)[0] is cross_entropy:
            outputs: list[Any] = []
            with suppress(Exception):  # fit runs the model later, and reports errors with more details
                outputs = first_outputs(self.model, self.parts[""][0])
            if len(outputs) > 1:
                check_outputs(self.model, len(outputs), self.class_names)
        self.threshold: float | None = threshold_of(self.model, self.parts[""][0], self.loss, self.parts[""][1])
        if isinstance(self.model, Module):
            self.model.trained_with = self.settings["loss"]
            self.model.class_names = self.class_names or self.model.class_names
            self.model.feature_names = self.feature_names or ()
            self.model.class_threshold = self.threshold

    @property
    def epoch(self) -> int:
        """Number of completed epochs."""
        return len(self.history)

    @property
    def latest(self) -> dict[str, Any]:
        """The History row of the latest epoch; empty before the first epoch is completed."""
        return self.history.row(-1) if self.epoch else {}

    def stop(self, reason: str = "callback") -> None:
        """End training after this epoch. ``reason`` becomes ``history.stopped``.

        Raises:
            TypeError: If ``reason`` is not a string.
        """
        if not isinstance(reason, str):
            raise TypeError(f"reason must be a string, not {describe(reason)}")
        self.stopped = self.stopped or reason  # the first reason counts

    def seconds(self) -> float:
        """Return the time since the start of training, in seconds, including the time before it was resumed."""
        return time.perf_counter() - self._start

    def numbers(self) -> np.ndarray:
        """Return the numbers in the parameters as an array."""
        return read_data(self.parameters)

    def put_back(self, numbers: np.ndarray) -> None:
        """Set the parameters to an array returned by ``numbers``."""
        write_data(self.parameters, numbers)

    def finish(self) -> None:
        """Complete the History and call the ``finish`` methods of callbacks."""
        self.history.trim()
        for callback in self.callbacks:
            if hasattr(callback, "finish"):
                callback.finish(self)
        self.history.stopped = self.stopped or "epochs"
        self.history.seconds = self.seconds()

    def save(self, path: str | os.PathLike[str]) -> None:
        """Save everything that is needed to resume training bit for bit. The file is written atomically."""
        save_checkpoint(path, training=self, **self._parts(), history=self.history.columns)

    def load(self, path: str | os.PathLike[str]) -> None:
        """Resume from a file written by ``save`` in a training run with the same model and options.

        Raises:
            ValueError, TypeError: If the file is not a checkpoint, or is from another training run. The message states the
                difference, and nothing is changed.
        """
        parts = {"training": self, **self._parts()}
        with all_or_nothing(parts):
            columns: Any = load_checkpoint(path, **parts).get("history")
            lists: list[Any] = list(columns.values()) if isinstance(columns, dict) and "loss" in columns else [None]
            if not all(isinstance(column, list) and len(column) == len(lists[0]) for column in lists):
                raise ValueError(f"{path} must have the history of a training run, not {describe(columns)}")
        self.history.columns = columns
        self.good = self.numbers()

    def state_dict(self) -> dict[str, Any]:
        """Return the state of the training run itself. ``save`` also saves the model, the optimizer and the History."""
        generators = {name: get_state(rng) for name, rng in self._generators.items()}
        return {"settings": self.settings, "generators": generators, "stopped": self.stopped, "seconds": self.seconds()}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Restore the state returned by ``state_dict``.

        Raises:
            ValueError: If the settings differ.
        """
        mine, saved = self.settings, state.get("settings", {})
        for name in [name for name in {**saved, **mine} if name not in MAY_CHANGE]:
            if saved.get(name) != mine.get(name):
                rule = f"{name} must be {saved.get(name)!r}, as in the checkpoint, not {mine.get(name)!r}"
                raise ValueError(f"{rule}; use another file, or delete this one to start over")
        for name, rng in self._generators.items():
            set_state(rng, state["generators"][name])
        reason = state["stopped"]  # not valid anymore if the limit has changed
        self.stopped = None if reason in MAY_CHANGE and saved.get(reason) != mine.get(reason) else reason
        self._start = time.perf_counter() - state["seconds"]

    def _parts(self) -> dict[str, Any]:
        """Return the objects that have a state, by name."""
        parts = {"model": self.model, "optimizer": self.optimizer}
        parts |= {f"schedule {i}": schedule for i, schedule in enumerate(self.schedules)}
        parts |= {f"callback {i}": callback for i, callback in enumerate(self.callbacks)}
        return {name: part for name, part in parts.items() if hasattr(part, "load_state_dict")}

    def __repr__(self) -> str:
        return f"Training({self.model!r}, epoch {self.epoch} of {self.epochs})"
