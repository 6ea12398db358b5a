"""Executors of several libraries, for tests: functions that create one, and the processes of their workers."""

from __future__ import annotations

import functools
import multiprocessing
import os
import signal
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from typing import Any

import pytest

IN_PROCESSES = ("spawn", "forkserver", "loky", "dask")
ALL = ("threads", *IN_PROCESSES)
THOROUGH = os.environ.get("HYPOTHESIS_PROFILE") == "thorough"  # `make thorough`


@contextmanager
def executor(name: str, workers: int) -> Iterator[Any]:
    """Yield an argument ``executor=`` with this number of workers: a function that creates one, or an executor of dask."""
    if name == "threads":
        yield functools.partial(ThreadPoolExecutor, workers)
    elif name in ("spawn", "forkserver", "fork"):
        if name not in multiprocessing.get_all_start_methods():
            pytest.skip(f"this system cannot start processes by {name}")
        context = multiprocessing.get_context(name)
        if name == "forkserver":
            context.set_forkserver_preload(["autograd.distribution.worker"])  # so that workers start quickly
        yield functools.partial(ProcessPoolExecutor, workers, mp_context=context)
    elif name == "loky":
        loky = pytest.importorskip("loky", reason="loky is not installed: pip install 'scalar-autograd[distributed]'")
        yield functools.partial(loky.ProcessPoolExecutor, workers)
    else:
        yield from _dask(workers)


def _dask(workers: int) -> Iterator[Any]:
    """Yield an executor of a dask cluster of processes on the loopback interface."""
    if not find_spec("distributed"):
        pytest.skip("dask is not installed: pip install 'scalar-autograd[distributed]'")
    import dask
    from distributed import Client, LocalCluster

    # A killed worker must not end its tasks, and the test kills 20.
    with (
        dask.config.set({"distributed.scheduler.allowed-failures": 100, "distributed.scheduler.worker-ttl": "5s"}),
        LocalCluster(
            n_workers=workers, threads_per_worker=1, dashboard_address=None, silence_logs=60, host="127.0.0.1", processes=True
        ) as cluster,
        Client(cluster) as client,
    ):
        yield client.get_executor(pure=False)


def kill(pid: int, number: signal.Signals = signal.SIGKILL) -> None:
    """Send a signal to a process, which may end at this moment."""
    with suppress(ProcessLookupError):
        os.kill(pid, number)


def children(of: int) -> set[int]:
    """Return the processes below a process that have not ended."""
    psutil = pytest.importorskip("psutil", reason="psutil is not installed: pip install 'scalar-autograd[distributed]'")
    return {process.pid for process in psutil.Process(of).children(recursive=True)}


def is_alive(pid: int) -> bool:
    """Return whether a process exists and has not ended."""
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
