"""``Training``: all that a training is at the end of an epoch, so that it can be looked at, stopped, saved and gone on with."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from autograd import Value
from nn.choices import Generator
from nn.history import History


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
        history: the History so far.
        stopped: None, or why it ends after this epoch.
        batch: the number of the latest batch in its epoch.
        good: the numbers of the parameters, as of the latest step from a loss that was finite.
    """

    def __init__(
        self,
        model: Any,
        parameters: list[Value],
        optimizer: Any,
        schedule: Any,
        generator: Generator,
        callbacks: Sequence[Any],
        epochs: int,
    ) -> None:
        self.model = model
        self.parameters = parameters
        self.optimizer = optimizer
        self.schedule = schedule
        self.generator = generator
        self.callbacks = callbacks
        self.epochs = epochs
        self.history = History()
        self.stopped: str | None = None
        self.good = [parameter.data for parameter in parameters]
        self.batch = 0
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
            raise TypeError(f"the reason to stop must be text, not {type(reason).__name__} ({reason!r:.40})")
        self.stopped = self.stopped or reason  # of several reasons the first

    def seconds(self) -> float:
        """How long the training has taken so far."""
        return time.perf_counter() - self._began

    def put_back(self, numbers: Sequence[float]) -> None:
        """Set the parameters to these numbers."""
        for parameter, number in zip(self.parameters, numbers, strict=True):
            parameter.data = number

    def finish(self) -> None:
        """What is left to do at the end."""
        for callback in self.callbacks:
            if hasattr(callback, "finish"):
                callback.finish(self)
        self.history.stopped = self.stopped or "epochs"
        self.history.seconds = self.seconds()
