"""``Training``: all that a training is at the end of an epoch, so that it can be looked at, stopped, saved and gone on with."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from autograd import Value, read_data, write_data
from nn.base.checks import Generator, get_state, set_state, shown
from nn.training.batches import Penalty
from nn.training.checkpoint import load_checkpoint, save_checkpoint
from nn.training.history import History
from nn.training.prediction import generators_of

if TYPE_CHECKING:
    import numpy as np

MAY_CHANGE = ("tolerance", "loss_tolerance", "max_seconds")  # when a training is gone on with; all other settings may not


@dataclass(eq=False, repr=False)
class Training:
    """A training that is going on, as a callback of ``fit`` gets it.

    Attributes:
        model: what is trained.
        parameters: its parameters.
        optimizer: what changes them.
        schedules: what changes the learning rate, in this order.
        generator: of the random numbers that shuffle the rows.
        callbacks: what is called after each epoch.
        penalty: what is added to the loss of each batch, or None.
        epochs: how many epochs there are to be, at most.
        rows: the numbers of the rows in ``X`` that are trained on.
        settings: what else ``fit`` was told, by name: numbers, as ``"batch_size"`` or ``"clip_norm"``, if they were given, and
            names, as of the loss and the metrics.
        history: the History so far.
        stopped: None, or why it ends after this epoch.
        batch: the number of the latest batch in its epoch.
        good: the numbers of the parameters, as of the latest step from a loss that was finite.

    >>> from nn import Neuron, fit
    >>> def tell(training):
    ...     print(training, round(training.latest["loss"], 3), round(training.model.bias.data, 3))
    >>> history = fit(Neuron(1, seed=0), [[0.0], [1.0]], [1.0, 3.0], loss="mse", lr=0.1, epochs=2, callbacks=[tell])
    Training(Neuron(1), epoch 1 of 2) 2.132 0.281
    Training(Neuron(1), epoch 2 of 2) 1.164 0.487
    """

    model: Any
    parameters: list[Value]
    optimizer: Any
    schedules: list[Any]
    generator: Generator
    callbacks: list[Any]
    penalty: Penalty | None
    epochs: int
    rows: Sequence[int]
    settings: dict[str, Any]
    history: History = field(default_factory=History)
    stopped: str | None = None
    batch: int = 0

    def __post_init__(self) -> None:
        self.good = self.numbers()
        self._generators = {"shuffling": self.generator, **generators_of(self.model)}
        kinds = {name: type(getattr(rng, "bit_generator", rng)).__name__ for name, rng in self._generators.items()}
        self.settings["generators"] = kinds
        self._began = time.perf_counter()

    @property
    def epoch(self) -> int:
        """How many epochs are done."""
        return len(self.history)

    @property
    def latest(self) -> dict[str, Any]:
        """The row of the latest epoch in the history; empty before the first."""
        return self.history.row(-1) if self.epoch else {}

    def stop(self, reason: str = "callback") -> None:
        """Make this epoch the last; ``reason`` becomes ``history.stopped``.

        Raises:
            TypeError: if the reason is not text.
        """
        if not isinstance(reason, str):
            raise TypeError(f"the reason to stop must be text, not {shown(reason)}")
        self.stopped = self.stopped or reason  # of several reasons the first

    def seconds(self) -> float:
        """How long the training has taken so far."""
        return time.perf_counter() - self._began

    def numbers(self) -> np.ndarray:
        """Those of the parameters, in an array."""
        return read_data(self.parameters)

    def put_back(self, numbers: np.ndarray) -> None:
        """Set the parameters to what ``numbers()`` gave."""
        write_data(self.parameters, numbers)

    def finish(self) -> None:
        """What is left to do at the end."""
        self.history.trim()
        for callback in self.callbacks:
            if hasattr(callback, "finish"):
                callback.finish(self)
        self.history.stopped = self.stopped or "epochs"
        self.history.seconds = self.seconds()

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write all that is needed to go on from here with the same bits to a file, whole or not at all."""
        save_checkpoint(path, training=self, **self._parts(), history=self.history.columns)

    def load(self, path: str | os.PathLike[str]) -> None:
        """Go on from a file that ``save`` wrote, for a model and options that were the same.

        Raises:
            ValueError, TypeError: if the file is no such or was written by another training; the message says what differs,
                and nothing is changed.
        """
        self.history.columns = load_checkpoint(path, training=self, **self._parts())["history"]
        self.good = self.numbers()

    def state_dict(self) -> dict[str, Any]:
        """What the training itself remembers: not its parts and the history, which ``save`` writes beside it."""
        generators = {name: get_state(rng) for name, rng in self._generators.items()}
        return {"settings": self.settings, "generators": generators, "stopped": self.stopped, "seconds": self.seconds()}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from where ``state_dict`` was called.

        Raises:
            ValueError: if that was with other settings.
        """
        mine, theirs = self.settings, state.get("settings", {})
        for name in [name for name in {**theirs, **mine} if name not in MAY_CHANGE]:
            if theirs.get(name) != mine.get(name):
                what = f"it has the {name} {theirs.get(name)!r}, and this {mine.get(name)!r}"
                raise ValueError(f"{what}; give another file, or delete this one to begin anew")
        for name, rng in self._generators.items():
            set_state(rng, state["generators"][name])
        reason = state["stopped"]  # which holds no more, if its limit was changed
        self.stopped = None if reason in MAY_CHANGE and theirs.get(reason) != mine.get(reason) else reason
        self._began = time.perf_counter() - state["seconds"]

    def _parts(self) -> dict[str, Any]:
        """What has a state of its own."""
        parts = {"model": self.model, "optimizer": self.optimizer}
        parts |= {f"schedule {i}": schedule for i, schedule in enumerate(self.schedules)}
        parts |= {f"callback {i}": callback for i, callback in enumerate(self.callbacks)}
        return {name: part for name, part in parts.items() if hasattr(part, "load_state_dict")}

    def __repr__(self) -> str:
        return f"Training({self.model!r}, epoch {self.epoch} of {self.epochs})"
