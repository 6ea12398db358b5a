"""``Training``: all that a training is at the end of an epoch, so that it can be looked at, stopped, saved and gone on with."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from autograd import Value, read_data, write_data
from nn.checkpoint import load_checkpoint, save_checkpoint
from nn.choices import Generator, get_state, is_generator, set_state, shown
from nn.history import History
from nn.state import all_or_nothing

if TYPE_CHECKING:
    import numpy as np


@dataclass(eq=False, repr=False)
class Training:
    """A training that is going on, as a callback of ``fit`` gets it.

    Attributes:
        model: what is trained.
        parameters: its parameters.
        optimizer: what changes them.
        schedule: what changes the learning rate, or None.
        generator: of the random numbers that shuffle the rows.
        callbacks: what is called after each epoch.
        epochs: how many epochs there are to be, at most.
        settings: what must be the same when a training is gone on with.
        history: the History so far.
        stopped: None, or why it ends after this epoch.
        batch: the number of the latest batch in its epoch.
        good: the numbers of the parameters, as of the latest step from a loss that was finite.

    >>> from nn import Neuron, fit
    >>> def tell(training):
    ...     print(training.epoch, round(training.latest["loss"], 3), round(training.model.bias.data, 3))
    >>> history = fit(Neuron(1, seed=0), [[0.0], [1.0]], [1.0, 3.0], loss="mse", lr=0.1, epochs=2, callbacks=[tell])
    1 2.132 0.281
    2 1.164 0.487
    """

    model: Any
    parameters: list[Value]
    optimizer: Any
    schedule: Any
    generator: Generator
    callbacks: list[Any]
    epochs: int
    settings: dict[str, Any]
    history: History = field(default_factory=History)
    stopped: str | None = None
    batch: int = 0

    def __post_init__(self) -> None:
        self.good = self.numbers()
        self.settings["generators"] = {name: type(rng).__name__ for name, rng in self._generators().items()}
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
        save_checkpoint(
            path, **self._parts(), generators={name: get_state(rng) for name, rng in self._generators().items()},
            history=self.history.columns, stopped=self.stopped, seconds=self.seconds(), settings=self.settings,
        )  # fmt: skip

    def load(self, path: str | os.PathLike[str]) -> None:
        """Go on from a file that ``save`` wrote, for a model and options that were the same.

        Raises:
            ValueError, TypeError: if the file is no such or was written by another training; the message says what differs,
                and nothing is changed.
        """
        state = load_checkpoint(path)
        try:
            for name, mine in self.settings.items():
                if (theirs := state["settings"].get(name)) != mine:
                    raise ValueError(f"it has the {name} {theirs!r}, and this {mine!r}")
            parts = self._parts()
            with all_or_nothing(parts):
                for name, part in parts.items():
                    part.load_state_dict(state[name])
                for name, rng in self._generators().items():
                    set_state(rng, state["generators"][name])
        except KeyError as problem:
            raise ValueError(f"{path} is no checkpoint of a training: it holds no {problem}") from None
        except (ValueError, TypeError) as problem:
            raise type(problem)(
                f"{path} is of another training: {problem}; give another file, or delete this one to begin anew"
            ) from None
        self.history.columns, self.stopped = state["history"], state["stopped"]
        self._began = time.perf_counter() - state["seconds"]
        self.good = self.numbers()

    def _parts(self) -> dict[str, Any]:
        """What has a state of its own."""
        callbacks = {f"callback {i}": callback for i, callback in enumerate(self.callbacks)}
        parts = {"model": self.model, "optimizer": self.optimizer, "schedule": self.schedule, **callbacks}
        return {name: part for name, part in parts.items() if hasattr(part, "state_dict")}

    def _generators(self) -> dict[str, Any]:
        """The generators of random numbers: that of the shuffling, and those in the attributes of modules, as of Dropout."""
        modules = self.model.named_modules() if hasattr(self.model, "named_modules") else []
        found = {f"{name}.{key}": thing for name, module in modules for key, thing in vars(module).items()}
        return {"shuffling": self.generator, **{name: thing for name, thing in found.items() if is_generator(thing)}}
