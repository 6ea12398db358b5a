"""The coordinator repeats lost tasks, replaces broken executors, and reports errors with their cause."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Executor, Future, ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import autograd
from autograd import Sharded, Value, WorkerError
from autograd.distribution import coordinator, worker
from autograd.distribution.coordinator import Coordinator, token_of
from autograd.distribution.tasks import Kept, Packed, subtrees, sum_tree

X = np.random.default_rng(0).normal(size=(2100, 2))  # 16 leaves
p = [Value(x, label=f"p{i}") for i, x in enumerate([0.5, -1.0, 2.0])]


def f(row: Any) -> Any:
    return ((p[0] * row[0] + p[1] * row[1]).tanh() - p[2].exp()) ** 2


class Serial(Executor):
    """Runs each call at once, unless ``lose`` returns an exception for it: the sequence number of the call, from 0."""

    def __init__(self, lose: Callable[[int], BaseException | None] = lambda i: None) -> None:
        self.lose = lose
        self.count = 0
        self.is_shut_down = False

    def submit(self, function: Any, /, *arguments: Any, **keywords: Any) -> Future[Any]:
        future: Future[Any] = Future()
        problem = self.lose(self.count)
        self.count += 1
        if problem is None:
            future.set_result(function(*arguments, **keywords))
        else:
            future.set_exception(problem)
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        self.is_shut_down = True


class Silent(Serial):
    """Never answers."""

    def submit(self, function: Any, /, *arguments: Any, **keywords: Any) -> Future[Any]:
        return Future()


def gradient(executor: Any, steps: int = 1, **options: Any) -> list[float]:
    """Return the loss and the gradient of the last step."""
    with Sharded(f, X, executor=executor, **options) as shards:
        for _ in range(steps):
            autograd.write_grads(p, 0.0)
            loss = shards.backward()
    return [loss, *autograd.read_grads(p).tolist()]


def local() -> list[float]:
    autograd.write_grads(p, 0.0)
    loss = autograd.compile(f, threads=1).backward(X)
    return [loss, *autograd.read_grads(p).tolist()]


@pytest.mark.parametrize("tasks", [1, 2, 3, 8, 16, 1000])
def test_the_number_of_tasks_does_not_change_the_bits(tasks: int) -> None:
    assert gradient(Serial(), tasks=tasks) == local()


@pytest.mark.parametrize("rows", [0, 1, 255, 256, 1000, 2100, 10**6])
@pytest.mark.parametrize("tasks", [1, 3, 16, 64])
def test_tasks_are_equal_subtrees_that_cover_all_rows(rows: int, tasks: int) -> None:
    parts = subtrees(rows, tasks)
    assert len(parts) <= tasks
    assert len({count for _, count, _ in parts}) <= 1
    covered = [part for _, _, part in parts]
    assert [part.start for part in covered] + [rows] == ([0] if rows else []) + [part.stop for part in covered] + [0] * (
        not rows
    )


def test_a_sum_tree_adds_neighbors() -> None:
    numbers = [np.array([x]) for x in (1e16, 1.0, -1e16, 1.0)]
    assert sum_tree(numbers)[0] == (1e16 + 1.0) + (-1e16 + 1.0)


def test_every_third_call_may_be_lost() -> None:
    executor = Serial(lambda i: ConnectionError("lost") if i % 3 == 1 else None)
    assert gradient(executor, steps=5) == local()


@pytest.mark.parametrize("problem", [ConnectionError("no route"), KeyboardInterrupt(), MemoryError()])
def test_a_task_that_is_always_lost_is_an_error_with_the_last_cause(problem: BaseException) -> None:
    with pytest.raises(WorkerError, match=r"task \d+ of 16 was lost 10 times; the last time: ") as caught:
        gradient(Serial(lambda i: problem))
    assert caught.value.__cause__ is problem


def test_a_broken_executor_is_replaced_if_it_can_be_created_again() -> None:
    made: list[Serial] = []

    def create() -> Serial:
        made.append(Serial(lambda i: BrokenExecutor("a worker died") if i == 20 and len(made) < 4 else None))
        return made[-1]

    assert gradient(create, steps=3) == local()
    assert len(made) >= 3
    assert all(executor.is_shut_down for executor in made)
    with pytest.raises(WorkerError, match=r"lost its workers: a worker died; pass a function that creates an executor"):
        gradient(Serial(lambda i: BrokenExecutor("a worker died")))


def test_an_executor_that_always_breaks_is_an_error_with_the_last_cause() -> None:
    with pytest.raises(WorkerError, match="was lost 10 times") as caught:
        gradient(lambda: Serial(lambda i: BrokenExecutor("out of memory")))
    assert str(caught.value.__cause__) == "out of memory"


def test_an_executor_that_is_shut_down_is_named() -> None:
    pool = ThreadPoolExecutor(1)
    pool.shutdown()
    with pytest.raises(WorkerError, match="does not accept tasks or lost its workers: cannot schedule new futures"):
        gradient(pool)


def test_executors_of_the_caller_are_not_shut_down() -> None:
    executor = Serial()
    gradient(executor)
    assert not executor.is_shut_down


@pytest.mark.parametrize(("executor", "message"), [
    (4, "executor must be a concurrent.futures.Executor, or a function that creates one, not int"),
    (None, r"not NoneType \(None\); pass functools.partial\(.*, 4\), or client.get_executor\(pure=False\) of dask"),
    ("dask", r"not str \('dask'\); pass functools"),
    (lambda: 3, "executor must be a function that returns a concurrent.futures.Executor, not int"),
    (SimpleNamespace(submit=lambda *_: "key"), r"executor.submit must return a concurrent.futures.Future, not str \('key'\)"),
])  # fmt: skip
def test_anything_else_is_refused_as_an_executor(executor: Any, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        gradient(executor)


def test_a_class_of_executors_is_a_function_that_creates_one() -> None:
    assert gradient(ThreadPoolExecutor) == local()


def test_an_error_of_the_computation_is_raised_once_and_not_repeated() -> None:
    executor = Serial()
    take = autograd.compile(lambda x: autograd.take(p, x))
    with pytest.raises(IndexError, match=r"must be an integer from 0 to 2 in every row, not 3.0"):
        take.backward(np.array([0.0, 3.0]), executor=executor)
    assert executor.count == 2  # the first answer was that the program is missing


def test_a_worker_of_another_version_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    class Elsewhere(Serial):
        def submit(self, function: Any, /, *arguments: Any, **keywords: Any) -> Future[Any]:
            return super().submit(function, "0.0.9", *arguments[1:])

    ours = autograd.__version__
    with pytest.raises(RuntimeError, match=f"a worker has version {ours} .* sends tasks has version 0.0.9; install the same"):
        gradient(Elsewhere())


class Unpicklable(Exception):  # noqa: N818 - any exception
    def __init__(self, first: int, second: int) -> None:
        super().__init__(first)


def test_an_exception_that_cannot_be_pickled_is_sent_as_its_text() -> None:
    assert repr(worker._as_sendable(Unpicklable(1, 2))) == "RuntimeError('Unpicklable(1)')"
    problem = ValueError("x")
    assert worker._as_sendable(problem) is problem


def test_a_hung_worker_is_passed_over_after_the_deadline() -> None:
    """The first task never ends. It is submitted again, and another thread computes it."""
    release = threading.Event()
    hung: list[int] = []

    class Hanging(ThreadPoolExecutor):
        def submit(self, function: Any, /, *arguments: Any, **keywords: Any) -> Future[Any]:
            if not hung:
                hung.append(1)
                return super().submit(release.wait)
            return super().submit(function, *arguments, **keywords)

    with Hanging(2) as pool:
        assert gradient(pool, deadline=0.2) == local()
        release.set()


def test_an_executor_without_any_answer_is_replaced_after_two_deadlines() -> None:
    made: list[Any] = []

    def create() -> Executor:
        made.append(Silent() if len(made) < 2 else Serial())
        return made[-1]

    with Sharded(f, X, executor=create, deadline=0.02) as shards:
        autograd.write_grads(p, 0.0)
        assert shards.backward() == local()[0]
        assert shards.stats["deadlines passed"] == 4


def test_an_executor_that_stays_silent_is_an_error_after_eight_deadlines() -> None:
    """The deadline doubles after each pair: from 60 s, they take 30 minutes. Dask restarts a hung worker after 5."""
    with Sharded(f, X, executor=Silent(), deadline=0.001) as shards:
        with pytest.raises(
            WorkerError, match=r"16 of 16 tasks had no answer in 0\.008 s, twice; check that .* run, or pass a longer deadline="
        ) as caught:
            shards.backward()
        assert shards.stats["deadlines passed"] == 8
    assert isinstance(caught.value.__cause__, TimeoutError)


def test_the_default_deadline_follows_the_slowest_step(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[float] = []
    create = coordinator._Step

    def watched(*arguments: Any) -> Any:
        seen.append(arguments[-1])
        return create(*arguments)

    monkeypatch.setattr(coordinator, "_Step", watched)
    with Sharded(f, X, executor=Serial()) as shards:
        shards.backward()
        shards._coordinator._slowest = 7.0
        shards.backward()
    assert seen == [60.0, 140.0]


def test_an_infinite_deadline_means_none() -> None:
    with ThreadPoolExecutor(1) as pool:
        assert gradient(pool, deadline=float("inf")) == local()


@pytest.mark.parametrize("deadline", [0, -1.0, float("nan")])
def test_the_deadline_must_be_positive(deadline: float) -> None:
    with pytest.raises(ValueError, match="deadline must be positive"):
        Coordinator(Serial(), deadline)


def test_a_deadline_without_an_executor_is_an_error() -> None:
    with pytest.raises(ValueError, match=r"deadline must be None without an executor, not 5; pass executor=, or omit it"):
        autograd.compile(f).backward(X, deadline=5)


def test_workers_keep_rows_and_programs_and_release_the_oldest() -> None:
    sessions = [Sharded(f, X, executor=Serial()) for _ in range(worker.MAX_SESSIONS + 1)]
    for shards in sessions:
        shards.backward()
        shards.backward()
        assert shards.stats["tasks without data"] == 16
    assert len(worker._rows) == worker.MAX_SESSIONS
    sessions[0].backward()  # its rows were released; they are sent again
    assert sessions[0].stats["tasks without data"] == 32
    for shards in sessions:
        shards.close()
    assert not set(worker._rows) & {shards._table._session for shards in sessions}


def test_the_token_of_a_program_depends_on_its_content() -> None:
    one, two = (autograd.compile(f).program(X, gradient=True) for _ in range(2))
    assert token_of(one)[0] == token_of(two)[0]
    assert token_of(one)[0] != token_of(autograd.compile(f).program(X))[0]


def test_bools_are_packed_eight_per_byte() -> None:
    array = np.random.default_rng(1).random((5, 3)) < 0.5
    packed = Packed.pack(array)
    assert len(packed.bits) == 2
    assert packed.unpack().tolist() == array.astype(float).tolist()
    assert Kept(b"x", (0, 1, 2)) in {Kept(b"x", (0, 1, 2)): 1}


def test_several_threads_may_share_one_executor() -> None:
    wanted = local()[0]
    with ThreadPoolExecutor(3) as pool, ThreadPoolExecutor(4) as users:
        losses = list(users.map(functools.partial(autograd.compile(f).backward, executor=pool), [X] * 8))
    assert losses == [wanted] * 8
