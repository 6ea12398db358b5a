"""Tasks: the parts into which the rows of one step are split, as they are sent to workers.

The leaves of the sum over rows depend on the number of rows only; see ``replay/job.py``. A task is a subtree of leaves: a power
of two of them. Therefore the sum has the same bits for any number of tasks and workers.

Compiled code is not needed here: a step has at most 64 tasks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from autograd.replay.job import count_leaves, leaf_start

if TYPE_CHECKING:
    from collections.abc import Sequence

MAX_TASKS = 16  # by default; more tasks balance the load better, but each costs time


class Packed(NamedTuple):
    """An array of 0 and 1, of which eight are sent per byte."""

    bits: bytes
    shape: tuple[int, ...]

    @classmethod
    def pack(cls, array: np.ndarray) -> Packed:
        """Pack an array of bools."""
        return cls(np.packbits(array, axis=None).tobytes(), array.shape)

    def unpack(self) -> np.ndarray:
        """Return the array, as floats.

        >>> Packed.pack(np.array([[True, False, True]])).unpack()
        array([[1., 0., 1.]])
        """
        size = int(np.prod(self.shape))
        bits = np.unpackbits(np.frombuffer(self.bits, dtype=np.uint8), count=size)
        return bits.reshape(self.shape).astype(np.float64)


class Kept(NamedTuple):
    """The name of an array of rows that a worker keeps from step to step."""

    session: bytes
    part: tuple[int, ...]  # number of the array, first row, end


class Task(NamedTuple):
    """One part of a step.

    Attributes:
        program: The token of the program.
        arrays: The arrays of this task's rows, or the names of those that the worker keeps.
        scalars: The numbers that are the same in all rows.
        parameters: The parameters, as the bytes of floats.
        seed: Adjoint of the result in each row.
        rows: Number of rows of the whole table.
        first, count: The leaves.
        sums: Whether to return the sums of the leaves; otherwise the results in each row.
    """

    program: bytes
    arrays: list[np.ndarray | Packed | Kept]
    scalars: list[float]
    parameters: bytes
    seed: float
    rows: int
    first: int
    count: int
    sums: bool


def subtrees(rows: int, tasks: int) -> list[tuple[int, int, slice]]:
    """Split the leaves of a table into at most ``tasks`` subtrees: the first leaf, the number of leaves, and their rows.

    >>> subtrees(1000, 2)
    [(0, 2, slice(0, 496, None)), (2, 2, slice(496, 1000, None))]
    """
    leaves = count_leaves(rows)
    count = leaves
    while count > 1 and 2 * (leaves // count) <= tasks:
        count //= 2
    starts = [leaf_start(rows, leaves, i) for i in range(0, leaves + 1, max(count, 1))]
    return [(i * count, count, slice(starts[i], starts[i + 1])) for i in range(len(starts) - 1)]


def sum_tree(parts: Sequence[np.ndarray]) -> np.ndarray:
    """Return the sum of the sums of subtrees, in order. Neighbors are added until one is left.

    >>> sum_tree([np.array([1.0]), np.array([2.0]), np.array([4.0]), np.array([8.0])])
    array([15.])
    """
    while len(parts) > 1:
        parts = [left + right for left, right in zip(parts[::2], parts[1::2], strict=True)]
    return parts[0]
