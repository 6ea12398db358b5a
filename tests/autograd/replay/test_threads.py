"""The thread pool."""

from __future__ import annotations

import os

import pytest
from fresh import run_python

from autograd.replay.threads import cores, thread_pool


def test_the_pool_is_created_once_with_at_least_two_threads() -> None:
    assert thread_pool() is thread_pool()
    assert thread_pool()._max_workers >= 2
    assert thread_pool().submit(lambda: 3).result() == 3


def test_cores_counts_the_cores_available_to_this_process() -> None:
    assert 1 <= cores() <= (os.cpu_count() or 1)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
def test_a_forked_process_creates_its_own_pool() -> None:
    printed = run_python(
        """
import os
from autograd.replay.threads import thread_pool
mine = thread_pool()
mine.submit(int).result()
child = os.fork()
if child == 0:
    os._exit(0 if thread_pool() is not mine and thread_pool().submit(int).result() == 0 else 1)
print(os.waitpid(child, 0)[1], thread_pool() is mine)
"""
    )
    assert printed == "0 True"


def test_importing_starts_no_threads() -> None:
    assert run_python("import threading, autograd, autograd.replay.threads; print(threading.active_count())") == "1"


def test_without_available_threads_the_calling_thread_runs_everything() -> None:
    printed = run_python(
        """
import atexit, threading
import numpy as np
import autograd
f = autograd.compile(lambda x: autograd.sum([(x + i).sin() for i in range(40)]), threads=2)
X = np.linspace(-1.0, 1.0, 40_000)
wanted = f(X).tobytes(), f.backward(X)
def late():
    print((f(X).tobytes(), f.backward(X)) == wanted)
atexit.register(late)
def outlive():
    threading.main_thread().join()
    late()
threading.Thread(target=outlive).start()
"""
    )
    assert printed.split() == ["True", "True"]
