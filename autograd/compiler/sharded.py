"""``Sharded``: a compiled function whose rows stay on the workers of an executor."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from autograd.base.modes import WATCHERS
from autograd.compiler import node_by_node
from autograd.compiler.compiled import Compiled
from autograd.compiler.entry import compile as _compile
from autograd.compiler.results import restore
from autograd.distribution.coordinator import Coordinator
from autograd.distribution.table import Table
from autograd.distribution.tasks import MAX_TASKS
from autograd.transforms.pytrees import NUMBER, rebuild, walk

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any, Self

    from autograd.compiler.static import Call
    from autograd.transforms.pytrees import Tree


class Sharded:
    """A function of rows whose gradient is computed by the workers of an executor, which keep the rows from step to step.

    ``executor`` is any ``concurrent.futures.Executor``: threads, processes, loky, dask, and others with its interface. The
    result and the gradient equal ``compile(f).backward(*arguments)`` in this process bit for bit, for any number of workers.
    The function itself is not sent to workers, only its recording. So it may be a lambda, and need not be picklable.

    Lost workers are replaced: if a worker dies or hangs, its part of the step is computed by another one. An executor that was
    passed as a function, such as ``functools.partial(ProcessPoolExecutor, 4)``, is created again if it breaks. It is closed at
    the end of the ``with`` block.

    Args:
        function: A function as for ``compile``, or a compiled function.
        arguments: The first arguments of the function, at least one array of rows among them. Their arrays must not be changed
            afterwards.
        executor: An executor; a function without arguments that creates one; or another ``Sharded``, to share its executor.
        reduce: ``"mean"`` or ``"sum"`` over the rows.
        deadline: Seconds without any answer after which the remaining tasks are submitted again. The second time, the executor
            is replaced. By default, 20 times the duration of the slowest step so far, and at least 60.
        tasks: Maximum number of tasks per step, rounded down to a power of two. Results do not depend on it. There are never
            more than 64.

    Raises:
        TypeError: If there is no array of rows, an argument contains a Value, or ``executor`` is not an executor.
        ValueError: If ``reduce`` is unknown, or ``deadline`` or ``tasks`` is not positive.

    Example:
        >>> from concurrent.futures import ThreadPoolExecutor
        >>> import numpy as np
        >>> from autograd import Sharded, Value
        >>> w = Value(0.0)
        >>> X = np.linspace(-1.0, 1.0, 1001)
        >>> with ThreadPoolExecutor(2) as pool, Sharded(lambda x, t: (w * x - t) ** 2, X, 3 * X, executor=pool) as loss:
        ...     for _ in range(100):
        ...         w.grad = 0.0
        ...         _ = loss.backward()
        ...         w.data -= w.grad
        >>> round(w.data, 6)
        3.0
    """

    def __init__(
        self, function: Callable[..., Any], *arguments: Any, executor: Any, reduce: str = "mean", deadline: float | None = None,
        tasks: int = MAX_TASKS,
    ) -> None:  # fmt: skip
        if reduce not in ("mean", "sum"):
            raise ValueError(f"unknown reduce: {reduce!r} (must be 'mean' or 'sum')")
        if isinstance(tasks, bool) or not isinstance(tasks, int) or tasks < 1:
            raise ValueError(f"tasks must be a positive integer, not {tasks!r}")
        self.compiled: Compiled = function if isinstance(function, Compiled) else _compile(function)
        self.reduce: str = reduce
        self._arguments = tuple([_with_arrays(argument, _as_floats) for argument in arguments])
        given = self.compiled._call(self._arguments, {}).given
        if not given.arrays or given.has_values:
            raise TypeError("Sharded() needs a function and at least one array of rows, and no Values among the arguments")
        self.rows: int = given.rows
        self._owner = executor if isinstance(executor, Sharded) else None
        self._coordinator = executor._coordinator if self._owner else Coordinator(executor, deadline)
        self._tasks = tasks
        self._table = Table(self._coordinator, given.arrays, tasks)
        self._is_closed = False

    @property
    def stats(self) -> dict[str, int]:
        """Number of tasks, of repeated ones by reason, and of bytes of rows, programs, parameters and gradients."""
        return dict(self._coordinator.stats)

    def backward(self, *more: Any, rows: Sequence[int] | np.ndarray | None = None) -> float:
        """Return the mean (or the sum) of the function over all rows, and add its gradient to the parameters' ``.grad``.

        Args:
            more: Arguments that follow the first ones and may differ in each step, such as random masks. They are sent with the
                tasks. An array of bools is sent as bits.
            rows: The indices of the rows of a batch, or a mask with one bool per row. ``more`` has arrays for the rows of the
                batch. By default, all rows. The rows of a batch are sent.

        Raises:
            autograd.WorkerError: If the executor does not accept tasks, a task was lost ten times, or no task had an answer
                within the deadline for the eighth time. The deadline doubles after every second time.
            RuntimeError: If this object is closed, or a worker has another version of autograd.
            TypeError: If ``rows`` are neither integers nor bools.
            IndexError: If there is no row with an index.
            ValueError: If the mean of no rows is requested, or a mask has another shape.
        """
        resident = self._arguments if rows is None else self._rows_of_arguments(self._indices(rows))
        call = self._call(resident, more)
        count = call.given.rows
        if self.reduce == "mean" and count == 0:
            raise ValueError("the mean of no rows is undefined; pass reduce='sum' to get 0.0")
        divisor = count if self.reduce == "mean" else 1
        if WATCHERS.get():
            return node_by_node.backward(call, divisor)
        if count == 0:
            return self.compiled.backward(*resident, *more, reduce="sum")
        recording = self.compiled._recording(call)
        table, arrays = self._table, call.given.arrays
        if rows is None:
            arrays = arrays[len(table.arrays) :]
        else:
            table = Table(self._coordinator, (), self._tasks)
        arrays = _as_bits(arrays, more)
        scalars, parameters = call.given.scalars, recording.parameters
        total, found = table.backward(recording.program("parameters"), arrays, scalars, parameters, count, 1.0 / divisor)
        for computed, gradient in found:  # parameters that were computed from other Values before the call
            computed.backward(gradient)
        return total / divisor

    def __call__(self, *more: Any) -> Any:
        """Return the results in each row, as the compiled function returns them. For ``more``, see ``backward``."""
        call = self._call(self._arguments, more)
        if WATCHERS.get() or not self.rows:
            return self.compiled(*self._arguments, *more)
        recording = self.compiled._recording(call)
        arrays = _as_bits(call.given.arrays[len(self._table.arrays) :], more)
        program = recording.program("values")
        results = self._table.results(program, arrays, call.given.scalars, recording.parameters, self.rows)
        return restore(recording.structure, results, self.rows)

    def close(self) -> None:
        """Release the rows, and close the executor if it was created here."""
        self._is_closed = True
        self._table.close()
        if self._owner is None:
            self._coordinator.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<Sharded {getattr(self.compiled.function, '__name__', self.compiled.function)}, {self.rows} rows>"

    def _call(self, resident: tuple[Any, ...], more: tuple[Any, ...]) -> Call:
        if self._is_closed or (self._owner is not None and self._owner._is_closed):
            raise RuntimeError("this Sharded is closed; create another one")
        call = self.compiled._call((*resident, *more), {})
        if call.given.has_values:
            raise TypeError("a Sharded function takes numbers, not Values; for Values call the function itself")
        return call

    def _indices(self, rows: Any) -> np.ndarray:
        """Return the indices of a batch."""
        found = np.asarray(rows)
        if found.dtype == bool:
            if found.shape != (self.rows,):
                raise ValueError(f"a mask of rows must have shape ({self.rows},), not {found.shape}")
            return np.flatnonzero(found)
        if found.ndim != 1 or (found.size and found.dtype.kind not in "iu"):
            text = f"rows must be a list of indices or a mask of bools, not {rows!r:.40}; for a slice pass np.arange(i, j)"
            raise TypeError(text)
        wrong = found[(found < -self.rows) | (found >= self.rows)]
        if wrong.size:
            raise IndexError(f"rows must be from 0 to {self.rows - 1}, not {wrong[0]}")
        return found.astype(np.intp)

    def _rows_of_arguments(self, batch: np.ndarray) -> tuple[Any, ...]:
        return tuple([_with_arrays(argument, lambda array: array[batch]) for argument in self._arguments])


def _with_arrays(argument: Any, change: Callable[[np.ndarray], np.ndarray]) -> Any:
    """Return an argument with ``change`` applied to each of its arrays."""
    leaves: list[Any] = []

    def add(item: Any, _: str) -> Tree:
        leaves.append(change(item) if isinstance(item, np.ndarray) and item.ndim else item)
        return NUMBER

    tree = walk(argument, "", add)
    rest = iter(leaves)
    return rebuild(tree, lambda _: next(rest))


def _as_floats(array: np.ndarray) -> np.ndarray:
    """Return an array of floats, once for all steps. Other arrays are refused later."""
    return np.require(array, np.float64, ["C", "A"]) if array.dtype.kind in "biuf" and type(array) is np.ndarray else array


def _as_bits(tables: list[np.ndarray], more: tuple[Any, ...]) -> list[np.ndarray]:
    """Return the tables of the last arguments, with arrays of bools as they were given."""
    given: list[np.ndarray] = []
    for argument in more:
        _with_arrays(argument, lambda array: given.append(array) or array)  # type: ignore[func-returns-value]
    start = len(tables) - len(given)
    for k, array in enumerate(given, start):
        if array.dtype == bool:
            tables[k] = array.reshape(tables[k].shape)
    return tables
