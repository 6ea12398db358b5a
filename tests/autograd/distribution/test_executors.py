"""Bit-for-bit identical results on every executor, for any number of workers, also if workers are killed or stopped."""

from __future__ import annotations

import functools
import multiprocessing
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import executors
import numpy as np
import pytest
from executors import ALL, IN_PROCESSES, THOROUGH, children, executor, is_alive, kill, wait_until_ready
from fresh import PACKAGE

import autograd
from autograd import Sharded, Value, WorkerError

# Sockets of dask may be closed late.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning")
RNG = np.random.default_rng(0)
X, T = RNG.normal(size=(2500, 3)), RNG.normal(size=2500)  # 16 leaves
START = RNG.normal(size=9).tolist()
p = [Value(x) for x in START]
lock = threading.Lock()  # cannot be pickled; see f


def f(row: Any, t: Any) -> Any:
    with lock:
        hidden = [autograd.dot(p[3 * i : 3 * i + 3], row).tanh() for i in range(3)]
    return (autograd.sum(hidden) * p[0].exp() - t) ** 2


loss = autograd.compile(f)


def descend(
    backward: Any, steps: int, before: Any = lambda i: None, start: Sequence[float] = START
) -> tuple[float, list[float]]:
    """Return the last loss and the parameters after this number of steps."""
    autograd.write_data(p, start)
    value = 0.0
    for i in range(steps):
        before(i)
        autograd.write_grads(p, 0.0)
        value = backward()
        autograd.write_data(p, autograd.read_data(p) - 0.01 * autograd.read_grads(p))
    return value, autograd.read_data(p).tolist()


def local(steps: int) -> tuple[float, list[float]]:
    return descend(functools.partial(loss.backward, X, T), steps)


# The default is short: dask, which starts slowly, is only in the test of killed workers.
EACH = (1, 2, 3, 5)
SHORT = [*[("threads", n) for n in EACH], ("fork", 2), ("spawn", 2), ("forkserver", 3), ("loky", 3)]
CASES = [(name, n) for name in ALL for n in EACH] if THOROUGH else SHORT


@pytest.mark.parametrize(("name", "workers"), CASES)
def test_results_are_bit_for_bit_those_of_a_local_run(name: str, workers: int) -> None:
    """The function needs a lock, which cannot be pickled. Only its recording is sent."""
    autograd.write_data(p, START)
    wanted = loss(X, T)
    with executor(name, workers) as given, Sharded(f, X, T, executor=given) as shards:
        assert descend(shards.backward, 5) == local(5)
        autograd.write_data(p, START)
        assert (shards() == wanted).all()
        batch = np.arange(2400)[::-1]
        assert descend(functools.partial(shards.backward, rows=batch), 2) == descend(
            functools.partial(loss.backward, X[batch], T[batch]), 2
        )
        if name in ("threads", "spawn", "dask"):
            assert descend(functools.partial(loss.backward, X, T, executor=given), 1) == local(1)


def survive(name: str, number: signal.Signals, count: int, deadline: float | None) -> None:
    """Send a signal to ``count`` workers at random moments of a descent. Its result must not change."""
    rng, hit, steps = random.Random(1), list[int](), 0
    with executor(name, 2) as given, Sharded(f, X, T, executor=given, deadline=deadline) as shards:

        def strike(_: int) -> None:
            wait_until_ready(given)
            victims = [pid for pid in shards._coordinator.processes if pid not in hit and is_alive(pid)]
            if len(hit) < count and victims:
                hit.append(rng.choice(victims))
                threading.Timer(rng.uniform(0.0, 0.01), kill, [hit[-1], number]).start()

        def backward() -> float:
            nonlocal steps
            steps += 1
            return shards.backward()

        found = descend(backward, 1)
        while len(hit) < count or steps % 3:
            found = descend(backward, 1, strike, found[1])
    try:
        assert found == local(steps)
        assert os.getpid() not in hit
    finally:
        for pid in hit:
            kill(pid)


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system has no SIGKILL")
@pytest.mark.parametrize(
    ("name", "count"), [(name, 20) for name in IN_PROCESSES] if THOROUGH else [("forkserver", 20), ("dask", 3)]
)
def test_killed_workers_make_no_difference(name: str, count: int) -> None:
    survive(name, signal.SIGKILL, count, None)


@pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="this system has no SIGSTOP")
@pytest.mark.parametrize("name", IN_PROCESSES if THOROUGH else ["forkserver"])
def test_stopped_workers_are_passed_over(name: str) -> None:
    """They hold the queue of a pool, so only another pool helps. Dask restarts a worker that does not report."""
    survive(name, signal.SIGSTOP, 3 if THOROUGH else 1, 10.0 if name == "dask" else 3.0)


PROGRAM = """
import sys
import numpy as np
import autograd
from executors import executor

def main():
    w = autograd.Value(0.0)
    X = np.linspace(-1, 1, 3000)
    try:
        with (
            executor(sys.argv[1], 2) as given,
            autograd.Sharded(lambda x: (w * x - 1).tanh() ** 2, X, executor=given) as shards,
        ):
            shards.backward()
            print("ready", *shards._coordinator.processes, flush=True)
            while True:
                shards.backward()
    except KeyboardInterrupt:
        print("interrupted", flush=True)

if __name__ == "__main__":
    main()
"""


@pytest.mark.skipif(os.name != "posix", reason="only POSIX has process groups")
@pytest.mark.parametrize("to_group", [False, True], ids=["to the process", "to the group, as a terminal does"])
@pytest.mark.parametrize("name", IN_PROCESSES if THOROUGH else ["spawn"])
def test_ctrl_c_ends_all_processes(name: str, to_group: bool, tmp_path: Path) -> None:
    pytest.importorskip("psutil", reason="psutil is not installed: pip install 'scalar-autograd[distributed]'")
    script = tmp_path / "program.py"
    script.write_text(PROGRAM)
    path = os.pathsep.join([str(PACKAGE.parent), str(Path(executors.__file__).parent)])
    variables = {**os.environ, "PYTHONPATH": path, "AUTOGRAD_BACKEND": autograd.backend()}
    with subprocess.Popen(
        [sys.executable, str(script), name], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=variables,
        start_new_session=True,
    ) as process:  # fmt: skip
        try:
            assert process.stdout is not None
            first = process.stdout.readline()
            workers = {*map(int, first.split()[1:]), *children(process.pid)}
            (os.killpg if to_group else os.kill)(process.pid, signal.SIGINT)
            output, errors = process.communicate(timeout=60)
        finally:
            kill(process.pid)
    assert first.startswith("ready"), errors
    assert output == "interrupted\n", errors
    end = time.monotonic() + 10
    while (left := [pid for pid in workers if is_alive(pid)]) and time.monotonic() < end:
        time.sleep(0.05)  # the forkserver and the resource tracker end on their own when their parent has ended
    for pid in left:
        kill(pid)
    assert len(workers) >= 2
    assert left == []


def test_a_pool_of_processes_that_breaks_and_cannot_be_created_again_is_an_error() -> None:
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("forkserver")) as pool:
        pid = pool.submit(os.getpid).result()
        kill(pid)
        while is_alive(pid):
            time.sleep(0.01)
        with pytest.raises(WorkerError, match=r"lost its workers: .*; pass a function that creates an executor"):
            loss.backward(X, T, executor=pool)
