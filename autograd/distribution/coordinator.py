"""The coordinator: it sends the tasks of a step to an executor, and repeats those that are lost."""

from __future__ import annotations

import hashlib
import pickle
import time
import weakref
from collections import Counter
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, wait
from contextlib import suppress
from threading import TIMEOUT_MAX
from typing import TYPE_CHECKING

from autograd.base.real import as_float
from autograd.distribution import worker
from autograd.distribution.pools import EXIT_SECONDS, Pool
from autograd.distribution.tasks import Kept
from autograd.errors import WorkerError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from concurrent.futures import Future
    from typing import Any

    import numpy as np

    from autograd.distribution.tasks import Packed, Task
    from autograd.replay.program import Program

MAX_ATTEMPTS = 10  # per task and step
MAX_TIMEOUTS = 4  # per step; the deadline doubles each time, so with 60 s it ends after 30 minutes without any answer
MIN_DEADLINE = 60.0  # seconds
DEADLINE_FACTOR = 20.0
SLOWEST_RATE = 1e6  # loop steps per second that a worker is expected to compute at least, also without a compiled core
_pickled: weakref.WeakKeyDictionary[Program, tuple[bytes, bytes]] = weakref.WeakKeyDictionary()


def token_of(program: Program) -> tuple[bytes, bytes]:
    """Return the token of a program, which depends on its content only, and the pickled program."""
    if program not in _pickled:
        data = pickle.dumps(program, protocol=pickle.HIGHEST_PROTOCOL)
        _pickled[program] = hashlib.blake2b(data, digest_size=16).digest(), data
    return _pickled[program]


class Coordinator:
    """Computes tasks on an executor, until each has an answer.

    A task is repeated if its worker dies, or if no answer arrives within the deadline. The answers are stored by task, and a
    second answer to a task is ignored. It would be identical.

    Args:
        executor: An executor, or a function that creates one. Only the latter can be replaced if it breaks.
        deadline: Seconds without any answer after which tasks are submitted again. The second time, the executor is replaced.
            By default, 20 times the duration of the slowest step so far, and at least 60.

    Attributes:
        stats: Number of tasks, repetitions, replaced executors, and bytes of arrays and parameters sent and received.
        processes: The processes that answered in the latest step.
    """

    def __init__(self, executor: Any, deadline: float | None = None) -> None:
        self.pool = Pool(executor)
        if deadline is not None and not as_float(deadline, "deadline") > 0:
            raise ValueError(f"deadline must be positive, not {deadline!r}; omit it to choose automatically")
        self.deadline = deadline
        self.stats: Counter[str] = Counter()
        self.processes: set[int] = set()
        self._slowest = 0.0
        self._has_abandoned = False

    def close(self) -> None:
        """Close the executor if it was created here."""
        self.pool.close(0.0 if self._has_abandoned else EXIT_SECONDS)

    def compute(self, program: Program, tasks: Sequence[Task], rows: Mapping[Kept, np.ndarray | Packed]) -> list[bytes]:
        """Return the answer to each task, as the bytes of floats.

        Args:
            program: The program of all tasks.
            tasks: The tasks.
            rows: The arrays that workers keep.

        Raises:
            WorkerError: If the executor does not accept tasks, a task was lost ten times, or no task had an answer within
                the deadline for the eighth time.
            Exception: An error of the computation, as raised in a worker.
        """
        slowest = self._slowest or program.work * tasks[0].rows / len(tasks) / SLOWEST_RATE
        start = time.monotonic()
        step = _Step(self, program, tasks, rows, self.deadline or max(MIN_DEADLINE, DEADLINE_FACTOR * slowest))
        try:
            found = step.run()
        except BaseException:
            self._has_abandoned = True  # workers may be computing, or may hang
            raise
        finally:
            for future in step.pending:
                future.cancel()
        self._slowest, self.processes = max(self._slowest, time.monotonic() - start), step.processes
        return found


class _Step:
    """One call of ``Coordinator.compute``."""

    def __init__(
        self, coordinator: Coordinator, program: Program, tasks: Sequence[Task], rows: Mapping[Kept, Any], deadline: float
    ) -> None:
        self.coordinator, self.tasks, self.rows, self.deadline = coordinator, tasks, rows, deadline
        self.stats, self.pool = coordinator.stats, coordinator.pool
        self.program = token_of(program)[1]
        self.found: list[bytes | None] = [None] * len(tasks)
        self.attempts = [0] * len(tasks)
        self.pending: dict[Future[Any], int] = {}
        self.wanted: dict[int, set[Any]] = {i: set() for i in range(len(tasks))}  # and the tokens to send along
        self.processes: set[int] = set()
        self.late: set[int] = set()  # tasks that were submitted again because of the deadline
        self.timeouts = 0  # number of times that this did not help

    def run(self) -> list[bytes]:
        """Submit and wait until all tasks have an answer."""
        while None in self.found:
            problem = self._submit()
            if problem is None:
                done, _ = wait(self.pending, timeout=min(self.deadline, TIMEOUT_MAX), return_when=FIRST_COMPLETED)
                problem = self._collect(done) if done else self._repeat_late()
            if problem is not None:
                self._replace(problem)
        return [numbers for numbers in self.found if numbers is not None]

    def _submit(self) -> Exception | None:
        """Submit the wanted tasks. Return the exception of an executor that does not accept them."""
        from autograd import __version__

        while self.wanted:
            i, missing = next(iter(self.wanted.items()))
            task = self.tasks[i]
            program = self.program if task.program in missing else None
            rows = {name: self.rows[name] for name in missing if isinstance(name, Kept)}
            try:
                future = self.pool.submit(worker.answer, __version__, task, program, rows)
            except (TypeError, ValueError):
                raise
            except Exception as problem:  # noqa: BLE001 - shut down or broken, in the words of any library
                return problem
            self.pending[future] = i
            del self.wanted[i]
            self.stats["tasks"] += 1
            self.stats["bytes sent"] += len(task.parameters) + len(program or b"")
            self.stats["bytes sent"] += sum(_size(array) for array in [*task.arrays, *rows.values()])
        return None

    def _collect(self, done: set[Future[Any]]) -> Exception | None:
        """Store the answers. Return the exception of a broken executor."""
        broken = None
        for future in done:
            i = self.pending.pop(future)
            # A worker's KeyboardInterrupt is not one of this process, so it is not raised.
            problem = CancelledTask("the executor cancelled a task") if future.cancelled() else future.exception()
            if problem is not None:
                self.stats["tasks lost"] += 1
                if isinstance(problem, BrokenExecutor):
                    broken = problem
                elif self.found[i] is None:
                    self._want(i, set(), problem)
                continue
            kind, process, content = future.result()
            if self.found[i] is not None:
                continue
            if kind == "error":
                raise content
            if kind == "missing":
                self.stats["tasks without data"] += 1
                self.wanted[i] = self.wanted.get(i, set()) | set(content)
            else:
                self.found[i] = content
                self.processes.add(process)
                self.stats["bytes received"] += len(content)
        return broken

    def _repeat_late(self) -> Exception | None:
        """Submit tasks without an answer again. If this has happened before, return a TimeoutError; if four times, raise it."""
        self.stats["deadlines passed"] += 1
        late = {i for i in self.pending.values() if self.found[i] is None}
        if late - self.late:
            self.late |= late
            for i in late:
                self.wanted[i] = self._everything(i)
            return None
        self.late.clear()
        problem = TimeoutError(f"{len(late)} of {len(self.tasks)} tasks had no answer in {self.deadline:.3g} s, twice")
        self.timeouts += 1
        if self.timeouts == MAX_TIMEOUTS:
            raise WorkerError(f"{problem}; check that workers of the executor run, or pass a longer deadline=") from problem
        self.deadline *= 2  # they may be healthy, but slow
        return problem

    def _replace(self, problem: Exception) -> None:
        """Replace a broken executor, and submit the tasks without an answer again."""
        self.stats["executors that failed"] += 1
        if not self.pool.is_ours and not isinstance(problem, TimeoutError):
            raise WorkerError(
                f"the executor does not accept tasks or lost its workers: {problem}; pass a function that creates an executor, "
                "such as functools.partial(ProcessPoolExecutor, 4), which is called again if the executor breaks"
            ) from problem
        self.pool.close(0.0)
        for future in self.pending:
            future.cancel()
        self.pending = {}
        for i, numbers in enumerate(self.found):
            if numbers is None:
                self._want(i, set(), problem)

    def _want(self, i: int, missing: set[Any], problem: BaseException) -> None:
        """Submit a task again, unless it was lost too often."""
        self.attempts[i] += 1
        if self.attempts[i] >= MAX_ATTEMPTS:
            raise WorkerError(
                f"task {i + 1} of {len(self.tasks)} was lost {MAX_ATTEMPTS} times; the last time: {problem!r}"
            ) from problem
        self.wanted[i] = missing

    def _everything(self, i: int) -> set[Any]:
        """Return the tokens of everything that a worker needs for a task."""
        task = self.tasks[i]
        return {task.program, *[item for item in task.arrays if isinstance(item, Kept)]}


class CancelledTask(RuntimeError):  # noqa: N818 - it names the event, and is raised only as a cause
    """The executor cancelled a task."""


def _size(array: Any) -> int:
    """Return the number of bytes that are sent for an array of a task."""
    if isinstance(array, Kept):
        return 0
    with suppress(AttributeError):
        return int(array.nbytes)
    return len(array.bits)
