"""The thread pool that runs programs. It is created on first use, and again in a forked process."""

from __future__ import annotations

import os
from concurrent.futures import Future, ThreadPoolExecutor

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

_pools: list[ThreadPoolExecutor] = []


def cores() -> int:
    """Return the number of processor cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def thread_pool() -> ThreadPoolExecutor:
    """Return the pool: one thread per core, at least two."""
    if not _pools:
        _pools.append(ThreadPoolExecutor(max(2, os.cpu_count() or 1), thread_name_prefix="autograd"))
    return _pools[0]


def submit(function: Callable[..., Any], *arguments: Any) -> Future[Any] | None:
    """Run a function on a thread of the pool. Return None if no thread can start, for example at interpreter shutdown."""
    try:
        return thread_pool().submit(function, *arguments)
    except RuntimeError:
        return None


if hasattr(os, "register_at_fork"):  # a forked process inherits the pool, but not its threads
    os.register_at_fork(after_in_child=_pools.clear)
