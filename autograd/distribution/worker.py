"""The part that runs in a worker: ``answer``, a function of an importable module that never raises.

An exception that a future raises therefore belongs to the executor: a dead worker, a broken pool, a lost connection. The
coordinator repeats such a task, and does not need to know the exceptions of any library.

A worker keeps programs and rows between calls. If one is missing, the answer names it, and the repeated task includes it. So a
worker that replaces another one obtains its data by itself.
"""

from __future__ import annotations

import os
import pickle
import threading
from collections import OrderedDict
from typing import TYPE_CHECKING

import numpy as np

from autograd.distribution.tasks import Kept, Packed, Task
from autograd.replay.job import count_leaves, leaf_start
from autograd.replay.rows import as_table

if TYPE_CHECKING:
    from typing import Any, Literal

    from autograd.replay.program import Program

    # What happened, the process, and the numbers as bytes, the missing tokens, or the exception
    Answer = tuple[Literal["ok", "missing", "error"], int, Any]

MAX_PROGRAMS = 16
MAX_SESSIONS = 4
_lock = threading.Lock()
_programs: OrderedDict[bytes, Program] = OrderedDict()  # by token
_rows: OrderedDict[bytes, dict[tuple[int, ...], np.ndarray]] = OrderedDict()  # by session and part


def answer(version: str, task: Task, program: bytes | None, rows: dict[Kept, np.ndarray | Packed]) -> Answer:
    """Compute a task with one thread.

    Args:
        version: The version of autograd that created the task.
        task: The task.
        program: The pickled program, if the worker may not have it.
        rows: The arrays to keep, if the worker may not have them.

    Returns:
        ``("ok", process, numbers)``, ``("missing", process, tokens)`` or ``("error", process, exception)``. The numbers are the
        bytes of floats: the sums of the leaves, or the results in each row.
    """
    process = os.getpid()
    try:
        from autograd import __version__

        if version != __version__:
            raise RuntimeError(
                f"a worker has version {__version__} of autograd, and the process that sends tasks has version {version}; "
                "install the same version in both"
            )
        executable = _program(task.program, program)
        arrays = [_array(item, rows) for item in task.arrays]
        missing = [name for name, array in zip(task.arrays, arrays, strict=True) if array is None]
        if executable is None:
            missing.append(task.program)
        if executable is None or missing:
            return "missing", process, missing
        return "ok", process, _compute(executable, task, arrays)
    except Exception as problem:  # noqa: BLE001 - the computation raises the same error on any worker
        return "error", process, _as_sendable(problem)


def forget(session: bytes) -> None:
    """Release the rows of a session in this process."""
    with _lock:
        _rows.pop(session, None)


def _compute(program: Program, task: Task, arrays: list[Any]) -> bytes:
    parameters = np.frombuffer(task.parameters)
    if task.sums:
        return program.executor.run_leaves(arrays, task.scalars, parameters, task.rows, task.seed, task.first, task.count)
    leaves = count_leaves(task.rows)
    rows = leaf_start(task.rows, leaves, task.first + task.count) - leaf_start(task.rows, leaves, task.first)
    results = np.empty((len(program.outputs), rows))
    program.executor.run(arrays, task.scalars, parameters, rows, 1.0, results)
    return results.tobytes()


def _program(token: bytes, pickled: bytes | None) -> Program | None:
    with _lock:
        found = _programs.get(token)
        if found is not None:
            _programs.move_to_end(token)
            return found
    if pickled is None:
        return None
    loaded: Program = pickle.loads(pickled)
    with _lock:
        _programs[token] = loaded
        while len(_programs) > MAX_PROGRAMS:
            _programs.popitem(last=False)
    return loaded


def _array(item: np.ndarray | Packed | Kept, rows: dict[Kept, np.ndarray | Packed]) -> np.ndarray | None:
    """Return an array of a task. Arrays may arrive unaligned in memory."""
    if not isinstance(item, Kept):
        return as_table(item.unpack() if isinstance(item, Packed) else item)
    with _lock:
        session = _rows.setdefault(item.session, {})
        _rows.move_to_end(item.session)
        while len(_rows) > MAX_SESSIONS:
            _rows.popitem(last=False)
        found = session.get(item.part)
    if found is None and item in rows:
        found = session[item.part] = _array(rows[item], {})  # type: ignore[assignment]  # not a name
    return found


def _as_sendable(problem: Exception) -> Exception:
    """Return the exception, or a RuntimeError with its text if it cannot be pickled."""
    try:
        return problem if isinstance(pickle.loads(pickle.dumps(problem)), type(problem)) else RuntimeError(repr(problem))
    except Exception:  # noqa: BLE001 - the constructor of any exception may need more arguments
        return RuntimeError(repr(problem))
