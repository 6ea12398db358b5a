"""Executors of several libraries, for tests: functions that create one, and the processes of their workers."""

from __future__ import annotations

import functools
import importlib
import multiprocessing
import os
import signal
import time
import warnings
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from typing import Any

import pytest

IN_PROCESSES = ("fork", "spawn", "forkserver", "loky", "dask")
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
        if name == "forkserver":
            _preload()
        yield functools.partial(ProcessPoolExecutor, workers, mp_context=multiprocessing.get_context(name))
    elif name == "loky":
        loky = pytest.importorskip("loky", reason="loky is not installed: pip install 'scalar-autograd[distributed]'")
        yield functools.partial(loky.ProcessPoolExecutor, workers)
    else:
        yield from _dask(workers)


def _preload() -> None:
    """Make the server of the start method forkserver import what workers need, so that they start quickly."""
    dask = ["distributed.nanny", "distributed.worker"] if find_spec("distributed") else []
    multiprocessing.get_context("forkserver").set_forkserver_preload(["autograd.distribution.worker", *dask])


def _dask(workers: int) -> Iterator[Any]:
    """Yield an executor of a dask cluster of processes on the loopback interface."""
    if not find_spec("distributed"):
        pytest.skip("dask is not installed: pip install 'scalar-autograd[distributed]'")
    import dask

    distributed: Any = importlib.import_module("distributed")  # untyped
    settings = {
        "distributed.scheduler.allowed-failures": 100,  # a killed worker must not end its tasks, and a test kills 20
        # The cluster closes the supervisor of a worker that has no connection at the end of this time after it lost one. After
        # the default of 15 s, the worker may be lost again and about to restart, and all workers would be gone in the end.
        "distributed.deploy.lost-worker-timeout": "1 hour",
        "distributed.scheduler.worker-ttl": "15 s",  # then a stopped worker is restarted; the default is 5 minutes
    }
    if "forkserver" in multiprocessing.get_all_start_methods():  # dask imports itself in the server; see _preload
        settings["distributed.worker.multiprocessing-method"] = "forkserver"
    # Warnings in dask's threads must not be errors, because they would end the supervisors of its workers.
    with (
        warnings.catch_warnings(action="ignore"),
        dask.config.set(settings),
        distributed.LocalCluster(
            n_workers=workers, threads_per_worker=1, dashboard_address=":0", silence_logs=50, host="127.0.0.1", processes=True
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        yield client.get_executor(pure=False)


def wait_until_ready(given: Any) -> None:
    """Wait until all workers of a dask cluster run. Other executors are always ready."""
    cluster = getattr(getattr(given, "_client", None), "cluster", None)
    end = time.monotonic() + 300
    while cluster is not None and not (
        len(cluster.scheduler.workers) == len(cluster.worker_spec)
        and all(nanny.process is not None and nanny.process.status.name == "running" for nanny in cluster.workers.values())
    ):
        assert time.monotonic() < end, f"only {list(cluster.scheduler.workers)} of {list(cluster.worker_spec)} run"
        time.sleep(0.05)


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
