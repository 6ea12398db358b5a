"""The threads that compiled programs run on: made when first needed, and made anew in a process that was forked."""

from __future__ import annotations

import os
from concurrent.futures import Future, ThreadPoolExecutor

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

_executors: list[ThreadPoolExecutor] = []


def cores() -> int:
    """How many threads can run at the same time here."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def executor() -> ThreadPoolExecutor:
    """The threads, as many as there are cores, at least two."""
    if not _executors:
        _executors.append(ThreadPoolExecutor(max(2, os.cpu_count() or 1), thread_name_prefix="autograd"))
    return _executors[0]


def submit(function: Callable[..., Any], *arguments: Any) -> Future[Any] | None:
    """Run a function on one of the threads; None where there is none to be had, as when Python is about to end."""
    try:
        return executor().submit(function, *arguments)
    except RuntimeError:
        return None


if hasattr(os, "register_at_fork"):  # a forked process has the pool, but none of its threads
    os.register_at_fork(after_in_child=_executors.clear)
