"""The pool of threads."""

from __future__ import annotations

import os

import pytest
from fresh import run_python

from autograd.replay.threads import cores, thread_pool


def test_there_is_one_pool_of_two_threads_at_least() -> None:
    assert thread_pool() is thread_pool()
    assert thread_pool()._max_workers >= 2
    assert thread_pool().submit(lambda: 3).result() == 3


def test_cores_are_those_that_this_process_may_use() -> None:
    assert 1 <= cores() <= (os.cpu_count() or 1)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_a_forked_process_makes_a_pool_of_its_own() -> None:
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


def test_importing_makes_no_threads() -> None:
    assert run_python("import threading, autograd, autograd.replay.threads; print(threading.active_count())") == "1"


def test_where_no_thread_is_to_be_had_the_call_is_served_by_its_own() -> None:
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
