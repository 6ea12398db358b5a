"""A table of rows on workers: it splits each step into tasks, and joins their answers."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

import numpy as np

from autograd.distribution import worker
from autograd.distribution.coordinator import Coordinator, token_of
from autograd.distribution.tasks import MAX_TASKS, Kept, Packed, Task, subtrees, sum_tree
from autograd.nodes.bulk import read_data

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from autograd.replay.program import Program
    from autograd.value import Value


class Table:
    """Arrays of rows that workers keep from step to step. Each task of a step concerns consecutive rows.

    Args:
        coordinator: Sends the tasks.
        arrays: The arrays that workers keep: tables of floats with the same number of rows.
        max_tasks: Maximum number of tasks per step.
    """

    def __init__(self, coordinator: Coordinator, arrays: Sequence[np.ndarray] = (), max_tasks: int = MAX_TASKS) -> None:
        self.coordinator = coordinator
        self.arrays = list(arrays)
        self.max_tasks = max_tasks
        self._session = uuid.uuid4().bytes

    def close(self) -> None:
        """Release the rows in this process. Workers release them when they receive the rows of other tables."""
        worker.forget(self._session)

    def backward(
        self, program: Program, arrays: Sequence[np.ndarray], scalars: list[float], parameters: tuple[Value, ...], rows: int,
        seed: float,
    ) -> tuple[float, list[Any]]:  # fmt: skip
        """Return the result of ``Executor.run`` with ``add=True``, computed by workers. The bits are the same.

        Args:
            program: A program with a gradient.
            arrays: The arrays that follow the kept ones. They are sent with the tasks: an array of bools as bits.
            scalars, parameters, rows, seed: See ``Executor.run``.
        """
        answers = self._compute(program, arrays, scalars, parameters, rows, seed, sums=True)
        total = sum_tree([np.frombuffer(numbers) for numbers in answers])
        return program.executor.finish(total, scalars, parameters, rows, seed, True)

    def results(
        self, program: Program, arrays: Sequence[np.ndarray], scalars: list[float], parameters: tuple[Value, ...], rows: int
    ) -> np.ndarray:
        """Return the results in each row, as an array of shape (results, rows). For the arguments, see ``backward``."""
        answers = self._compute(program, arrays, scalars, parameters, rows, 1.0, sums=False)
        shape = len(program.outputs), -1
        return np.concatenate([np.frombuffer(numbers).reshape(shape) for numbers in answers], axis=1)

    def _compute(
        self, program: Program, arrays: Sequence[np.ndarray], scalars: list[float], parameters: tuple[Value, ...], rows: int,
        seed: float, *, sums: bool,
    ) -> list[bytes]:  # fmt: skip
        token, data, numbers = token_of(program)[0], {}, read_data(parameters).tobytes()
        tasks = []
        for first, count, part in subtrees(rows, self.max_tasks):
            kept = {Kept(self._session, (k, part.start, part.stop)): array[part] for k, array in enumerate(self.arrays)}
            data.update(kept)
            sent = [Packed.pack(array[part]) if array.dtype == bool else array[part] for array in arrays]
            tasks.append(Task(token, [*kept, *sent], scalars, numbers, seed, rows, first, count, sums))
        return self.coordinator.compute(program, tasks, data)


def backward_on_workers(
    executor: Any, deadline: float | None, program: Program, arrays: list[np.ndarray], *rest: Any
) -> tuple[float, list[Any]]:
    """Return the result of ``Table.backward`` for rows that workers do not keep.

    Args:
        executor, deadline: See ``Coordinator``.
        program, arrays, rest: The arguments of ``Table.backward``.
    """
    coordinator = Coordinator(executor, deadline)
    try:
        return Table(coordinator).backward(program, arrays, *rest)
    finally:
        coordinator.close()
