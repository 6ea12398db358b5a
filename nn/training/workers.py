"""The workers of ``fit(..., executor=)``: the rows of large batches and of validation are computed by them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from typing import Self

    from autograd import Sharded

MIN_WORK = 10_000_000  # loop steps of a batch; with fewer, a step in this process is faster


class Workers:
    """An executor that the training and the validation rows share. ``with`` yields None if there is no executor.

    Args:
        executor, deadline: See ``fit``.
    """

    def __init__(self, executor: Any, deadline: float | None) -> None:
        self.executor, self.deadline = executor, deadline
        self._sharded: list[Sharded] = []

    def share(self, replay: Any, *arrays: Any, reduce: str = "mean") -> Sharded:
        """Return a compiled function of the rows of these arrays, which are sent to the workers when they are first needed."""
        from autograd import Sharded

        executor = self._sharded[0] if self._sharded else self.executor
        self._sharded.append(Sharded(replay, *arrays, executor=executor, reduce=reduce, deadline=self.deadline))
        return self._sharded[-1]

    def __enter__(self) -> Self | None:
        return None if self.executor is None else self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Release the rows, and close the executor if it was created here."""
        for sharded in reversed(self._sharded):
            sharded.close()
