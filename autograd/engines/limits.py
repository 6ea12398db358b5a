"""Limits for code that may hang or crash: a thread with a time limit, and a separate process."""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
import threading

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

START_UP = 60.0  # seconds for a new process to import everything, on a busy machine


class TimeLimitError(BaseException):
    """Stops a thread. It is not an Exception, so that engines that catch all exceptions do not catch it."""


def run_limited(task: Callable[[], None], seconds: float) -> None:
    """Run a task in a thread, and raise its errors here.

    A thread works in notebooks, on all systems and below any other thread, which is not true of signals. Its stack is empty,
    so the depth of the caller does not count against the engine, and modes such as ``no_grad`` are not inherited.

    Raises:
        TimeLimitError: If the task takes longer. A loop in Python is stopped; a loop in C continues in the background.
    """
    problems: list[BaseException] = []

    def work() -> None:
        try:
            task()
        except BaseException as problem:  # noqa: BLE001 - also SystemExit; it is raised again below
            problems.append(problem)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    thread.join(seconds)
    if thread.is_alive():
        ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread.ident or 0), ctypes.py_object(TimeLimitError))
        thread.join(1.0)
        raise TimeLimitError
    if problems:
        raise problems[0]


def run_process(arguments: list[str], seconds: float) -> subprocess.CompletedProcess[str]:
    """Run ``python -m autograd`` with these arguments and the import path of this process.

    Raises:
        TimeoutExpired: If it takes longer. The process is ended.
    """
    return subprocess.run(
        [sys.executable, "-m", "autograd", *arguments],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(path or os.getcwd() for path in sys.path)},
        capture_output=True, text=True, encoding="utf-8", errors="replace", check=False, timeout=seconds + START_UP,
    )  # fmt: skip
