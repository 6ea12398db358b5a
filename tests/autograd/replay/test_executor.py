"""Executor: results are bit for bit the same for all vector widths and threads, and invalid arguments raise errors."""

from __future__ import annotations

import functools
import hashlib
import itertools
import os
import random
import time
import weakref
from typing import Any

import numpy as np
import pytest
from fresh import run_python
from hypothesis import given
from hypothesis import strategies as st
from replayed import BINARY, SMOOTH, SPECIAL, UNARY, bits, random_function, random_number, same

import autograd
from autograd import LeafTuple, Value
from autograd.ops import Operation
from autograd.replay.executor import Executor
from autograd.replay.job import MAX_LEAVES, MIN_LEAF_ROWS, count_leaves, leaf_start

WIDTHS = [2, 4, 8]


def run_all(
    program: Any, rows: int, parameters: tuple[float, ...], width: int, threads: int = 1, earlier: float | None = None
) -> bytes:
    """Return the bytes of all results of a program. An ``earlier`` call has more rows of this number."""
    rng = np.random.default_rng(rows)
    replay = Executor(program)
    replay.use_vectors(width)
    if earlier is not None:
        array, scalars = np.full((rows + 16, program.n_wide_inputs), earlier), [earlier] * program.n_scalar_inputs
        replay.run([array], scalars, parameters, rows + 16, threads=threads)
    array = rng.normal(size=(rows, program.n_wide_inputs))
    results = np.zeros((len(program.outputs), rows))
    gradients = np.zeros((len(program.input_adjoints), rows))
    scalars = rng.normal(size=program.n_scalar_inputs).tolist()
    total, found = replay.run([array], scalars, parameters, rows, 0.5, results, gradients, threads)
    return np.array([total, *found]).tobytes() + results.tobytes() + gradients.tobytes()


def layered(row: Any, s: Any, p: Any) -> Any:
    hidden = [h.tanh() for h in autograd.affine([[*p[:3]], [*p[3:6]], [*p[6:9]], [*p[2:5]], [*p[4:7]]], row, p[:5])]
    return autograd.dot(p[:5], hidden, s) * autograd.where(row[0] > 0, row[1], s).sin() + autograd.take([*row, s], 1)


P = [Value(x) for x in np.random.default_rng(0).normal(size=9)]


@pytest.mark.parametrize("rows", [1, 2, 3, 4, 7, 8, 9, 31, 64, 249, 1000])
def test_results_do_not_depend_on_the_vector_width(rows: int) -> None:
    compiled = autograd.compile(lambda row, s: layered(row, s, P))
    compiled.value_and_grad(np.zeros((rows, 3)), 0.5)
    recording = next(iter(compiled._recordings.values()))
    numbers = tuple([p.data for p in recording.parameters])
    for what in ("parameters", (0,)):
        program = recording.program(what)
        found = {run_all(program, rows, numbers, width) for width in WIDTHS}
        found |= {run_all(program, rows, numbers, 8, threads) for threads in (2, 3, 4)}
        assert len(found) == 1


@pytest.mark.parametrize("row", [*UNARY, *BINARY], ids=lambda row: row.name)
def test_every_operation_is_the_same_for_all_vector_widths(row: Operation) -> None:
    function = getattr(autograd, row.name)
    pairs = np.array([(x, y)[: len(row.partials)] for x in SPECIAL for y in SPECIAL])
    compiled = autograd.compile(lambda row: function(*row) * -2.0)
    compiled(pairs)
    program = next(iter(compiled._recordings.values())).program((0,))
    found = []
    for width in WIDTHS:
        replay = Executor(program)
        replay.use_vectors(width)
        results, gradients = np.empty((1, len(pairs))), np.empty((pairs.shape[1], len(pairs)))
        total, _ = replay.run([pairs], [], (), len(pairs), 1.0, results, gradients)
        found.append([bits(x) for x in (total, *results.ravel(), *gradients.ravel())])
    assert found[0] == found[1] == found[2]


@given(st.integers(0, 2**32))
def test_random_functions_are_the_same_for_all_widths_and_threads(seed: int) -> None:
    rng = random.Random(seed)
    f = random_function(rng, 5, SMOOTH)
    p = [Value(random_number(rng)) for _ in range(2)]
    compiled = autograd.compile(lambda x, y, s: f(x, y, s, *p))
    rows = rng.choice([1, 3, 8, 20, 300])
    compiled(np.zeros(rows), np.zeros(rows), 1.0)
    recording = next(iter(compiled._recordings.values()))
    numbers = tuple([q.data for q in recording.parameters])
    program = recording.program("parameters")
    found = {run_all(program, rows, numbers, width, threads) for width in WIDTHS for threads in (1, 2)}
    assert len({np.nan_to_num(np.frombuffer(x), nan=12345.0).tobytes() for x in found}) == 1


@pytest.mark.parametrize("earlier", [np.nan, np.inf, 3.0])
@pytest.mark.parametrize("rows", [1, 3, 7, 9, 15, 130])
def test_numbers_of_an_earlier_call_do_not_reach_the_results(rows: int, earlier: float) -> None:
    """The lanes of a block that do not count may contain them."""
    compiled = autograd.compile(lambda row, s: layered(row, s, P) + random_function(random.Random(7), 4, SMOOTH)(*row, s))
    compiled.value_and_grad(np.zeros((rows, 3)), 0.5)
    recording = next(iter(compiled._recordings.values()))
    numbers = tuple([p.data for p in recording.parameters])
    for what in ("parameters", (0, 1)):
        program = recording.program(what)
        for width in WIDTHS:
            assert run_all(program, rows, numbers, width, earlier=earlier) == run_all(program, rows, numbers, width)


def test_use_vectors_returns_the_width_in_use() -> None:
    replay = Executor(autograd.compile(lambda x: x * 2).program(np.ones(2)))
    found = [replay.use_vectors(width) for width in WIDTHS]
    if autograd.backend() == "compiled":
        assert found[0] == 2
        assert found == sorted(found)
        assert set(found) <= set(WIDTHS)
    else:
        assert found == [1, 1, 1]


HASHED = """
import hashlib, random
import numpy as np
import autograd
from autograd import LeafTuple, Value
from replayed import GATED, random_function
print(autograd.backend())
digest = hashlib.sha256()
arithmetic = ["arithmetic", "sum", "dot", "where", "take", "clip", "detach"]
for seed in range(25):
    rng = random.Random(seed)
    f = random_function(rng, 5, arithmetic)
    p, q = Value(rng.gauss(0, 1)), Value(rng.gauss(0, 1))
    compiled = autograd.compile(lambda x, y, s: f(x, y, s, p, q))
    x, y = (np.array([rng.gauss(0, 1) for _ in range(41)]) for _ in range(2))
    value, by = compiled.value_and_grad(x, y, 0.5, argnums=(0, 1, 2))
    numbers = [*value, *np.ravel(by), compiled.backward(x, y, 0.5), p.grad, q.grad]
    digest.update(np.nan_to_num(np.array(numbers) + 0.0, nan=12345.0).tobytes())
print(digest.hexdigest())
"""


def test_compiled_and_python_results_are_bit_for_bit_equal() -> None:
    """25 random functions of arithmetic, which does not depend on the C library, over 41 rows."""
    import replayed

    folder = str(replayed.__file__).rpartition("/")[0]
    code = f"import sys; sys.path.insert(0, {folder!r})\n{HASHED}"
    printed = [run_python(code, AUTOGRAD_BACKEND=backend).split() for backend in ("python", autograd.backend())]
    assert [backend for backend, _ in printed] == ["python", autograd.backend()]
    assert printed[0][1] == printed[1][1]
    assert len(printed[0][1]) == len(hashlib.sha256().hexdigest())


# ---- invalid arguments ----


def valid_call() -> tuple[Executor, list[Any]]:
    w = Value(2.0)
    compiled = autograd.compile(lambda row, s: w * row[0] + row[1] * s)
    program = compiled.program(np.ones((3, 2)), 1.0)
    return Executor(program), [[np.ones((3, 2))], [1.0], (2.0,), 3, 1.0, np.empty((1, 3))]


def test_a_valid_call_runs() -> None:
    replay, arguments = valid_call()
    replay.run(*arguments)
    assert arguments[-1].tolist() == [[3.0, 3.0, 3.0]]


@pytest.mark.parametrize(("place", "thing", "message"), [
    (0, [], "this program needs 1 parameter, 1 number shared by all rows, and 2 columns of 3 rows, not 1, 1, and arrays"),
    (0, [np.ones((3, 1))], r"arrays of shape \(3, 1\)"),
    (0, [np.ones((2, 2))], r"arrays of shape \(2, 2\)"),
    (0, [np.ones((3, 2)), np.ones((3, 1))], r"arrays of shape \(3, 2\), \(3, 1\)"),
    (1, [], "not 1, 0, and"),
    (1, [1.0, 2.0], "not 1, 2, and"),
    (2, (), "not 0, 1, and"),
    (2, (1.0, 2.0), "not 2, 1, and"),
    (3, 4, r"2 columns of 4 rows, not 1, 1, and arrays of shape \(3, 2\)"),
    (5, np.empty((1, 2)), r"must have shape \(1, 3\), not \(1, 2\)"),
    (5, np.empty((2, 3)), r"must have shape \(1, 3\), not \(2, 3\)"),
    (5, np.empty(3), r"must have shape \(1, 3\), not \(3,\)"),
])  # fmt: skip
def test_arguments_that_do_not_fit_the_program_raise_an_error(place: int, thing: Any, message: str) -> None:
    replay, arguments = valid_call()
    arguments[place] = thing
    with pytest.raises(ValueError, match=message):
        replay.run(*arguments)


def test_the_array_for_results_of_a_call_on_numbers_must_fit() -> None:
    replay = Executor(autograd.compile(lambda x, y: [x * y, x]).program(1.0, 2.0))
    found = np.zeros((2, 1))
    replay.run([], [3.0, 4.0], (), -1, 1.0, found)
    assert found.tolist() == [[12.0], [3.0]]
    with pytest.raises(ValueError, match=r"must have shape \(2, 1\), not \(1, 1\)"):
        replay.run([], [3.0, 4.0], (), -1, 1.0, np.zeros((1, 1)))


def test_parameters_are_numbers_or_values() -> None:
    replay, arguments = valid_call()
    arguments[2] = (Value(5.0),)
    replay.run(*arguments)
    assert arguments[-1][0, 0] == 6.0
    arguments[2] = ("5",)
    with pytest.raises(TypeError, match="a parameter must be a real number, not str"):
        replay.run(*arguments)


@pytest.mark.skipif(autograd.backend() == "python", reason="Python does not access the memory of an array directly")
@pytest.mark.parametrize("dtype", ["f4", "i8", "i4", "c16"])
def test_arrays_of_other_dtypes_raise_an_error(dtype: str) -> None:
    replay, arguments = valid_call()
    arguments[0] = [np.ones((3, 2), dtype=dtype)]
    with pytest.raises(TypeError, match="the array must have dtype float64, not format "):
        replay.run(*arguments)


# ---- take ----


@pytest.mark.parametrize("bad", [3.0, -1.0, 0.5, float("nan"), float("inf"), -float("inf"), 1e300, -0.5])
@pytest.mark.parametrize("place", [0, 1, 299])
def test_an_invalid_index_raises_an_error_in_any_row(bad: float, place: int) -> None:
    index = np.zeros(300)
    index[place] = bad
    select = autograd.compile(lambda i: autograd.take([1.0, 2.0, 3.0], i))
    for method in (select, select.backward, select.value_and_grad):
        with pytest.raises(IndexError, match=r"index of autograd.take\(\) must be an integer from 0 to 2 in every row, not"):
            method(index)
    assert select(np.array([0.0, -0.0, 2.0, 1.0])).tolist() == [1.0, 1.0, 3.0, 2.0]


@pytest.mark.parametrize("threads", [1, 2, 5])
@pytest.mark.parametrize("place", [0, 4_999, 9_999])
def test_the_error_shows_the_index_in_any_thread(threads: int, place: int) -> None:
    index = np.zeros(10_000)
    index[place] = 17.25
    select = autograd.compile(lambda i: autograd.take([1.0, 2.0, 3.0], i), threads=threads)
    with pytest.raises(IndexError, match=r"in every row, not 17\.25$"):
        select(index)


def test_an_index_shared_by_all_rows() -> None:
    w = Value(3.0)
    select = autograd.compile(lambda x, i: autograd.take([x, w, x * 2], i))
    x = np.array([1.0, 5.0])
    assert [select(x, i).tolist() for i in (0, 1, 2)] == [[1.0, 5.0], [3.0, 3.0], [2.0, 10.0]]
    assert (select.backward(x, 1), w.grad) == (3.0, 1.0)
    assert select.value_and_grad(x, 2)[1].tolist() == [2.0, 2.0]
    with pytest.raises(IndexError, match="must be an integer from 0 to 2"):
        select(x, 3)
    assert [select(7.0, i) for i in (0, 1, 2)] == [7.0, 3.0, 14.0]


def test_gradients_are_added_to_the_item_selected_in_each_row() -> None:
    table = [Value(float(i)) for i in range(4)]
    index = np.array([0, 2, 2, 3, 0, 2])
    compiled = autograd.compile(lambda i, x: autograd.take(table, i) * x)
    compiled.backward(index, np.arange(6.0), reduce="sum")
    assert [v.grad for v in table] == [4.0, 0.0, 8.0, 3.0]


# ---- leaves ----


ONE, ALL = MIN_LEAF_ROWS, MIN_LEAF_ROWS * MAX_LEAVES  # rows of the smallest leaf, and of the maximum number of them
ROWS = [1, 2 * ONE - 1, 2 * ONE, 2 * ONE + 1, 1000, ALL - 1, ALL, ALL + 7, ALL * 2 + 5]


@pytest.mark.parametrize("rows", ROWS)
def test_leaves_cover_all_rows_once(rows: int) -> None:
    leaves = count_leaves(rows)
    starts = [leaf_start(rows, leaves, i) for i in range(leaves + 1)]
    sizes = np.diff(starts)
    assert (starts[0], starts[-1]) == (0, rows)
    assert leaves & (leaves - 1) == 0
    assert min(sizes) >= min(rows, ONE - 8)
    assert max(sizes) - min(sizes) <= 16
    assert all(start % 8 == 0 for start in starts[:-1])


def layered_program(rows: int) -> tuple[Any, list[np.ndarray], list[float], tuple[float, ...]]:
    """Return a program with a gradient, its arrays, its shared number and its parameters."""
    p = [Value(x) for x in np.random.default_rng(2).normal(size=9)]
    f = autograd.compile(lambda row, s: layered(row, s, p))
    x = np.random.default_rng(3).normal(size=(rows, 3))
    return f.program(x, 0.25, gradient=True), [x], [0.25], tuple(q.data for q in p)


def tree(parts: list[np.ndarray]) -> np.ndarray:
    """Add neighbours until one is left: the definition of the sum over rows."""
    while len(parts) > 1:
        parts = [left + right for left, right in zip(parts[::2], parts[1::2], strict=True)]
    return parts[0]


@pytest.mark.parametrize("rows", [1, 300, 1000, ALL + 7])
@pytest.mark.parametrize("size", [1, 2, 4, 64])
def test_subtrees_add_up_to_the_bits_of_one_run(rows: int, size: int) -> None:
    program, (x,), scalars, parameters = layered_program(rows)
    executor, seed = Executor(program), 1 / rows
    wanted = executor.run([x], scalars, parameters, rows, seed)
    leaves = count_leaves(rows)
    size = min(size, leaves)
    parts = []
    for first in range(0, leaves, size):
        own = x[leaf_start(rows, leaves, first) : leaf_start(rows, leaves, first + size)]
        found = Executor(program).run_leaves([np.ascontiguousarray(own)], scalars, parameters, rows, seed, first, size)
        parts.append(np.frombuffer(found))
    total, gradients = executor.finish(tree(parts), scalars, parameters, rows, seed)
    assert same([total, *gradients], [wanted[0], *wanted[1]])


def test_arrays_of_parameters_and_gradients_have_the_numbers_of_tuples_and_lists() -> None:
    program, (x,), scalars, parameters = layered_program(300)
    wanted = Executor(program).run([x], scalars, parameters, 300, 0.5)
    numbers, found = np.array(parameters), np.zeros(len(wanted[1]))
    total, listed = Executor(program).run([x], scalars, numbers, 300, 0.5, None, None, 1, False, found)
    assert same([total, *found], [wanted[0], *wanted[1]])
    assert listed == []
    leaves = LeafTuple([Value(number) for number in parameters])
    assert same(Executor(program).run([x], scalars, leaves, 300, 0.5)[1], wanted[1])
    with pytest.raises(ValueError, match=f"the array for gradients must have length {len(found)}, not 1"):
        Executor(program).run([x], scalars, numbers, 300, 0.5, None, None, 1, False, np.zeros(1))
    with pytest.raises(ValueError, match=f"needs {len(numbers)} parameters"):
        Executor(program).run([x], scalars, numbers[1:].copy(), 300)
    with pytest.raises(ValueError, match=rf"needs {len(numbers)} parameters, .* and \d+ sums, not {len(numbers)}, 1 and 1"):
        Executor(program).finish(np.zeros(1), scalars, numbers, 300, 0.5)


def test_the_sum_over_rows_is_the_tree_of_the_sums_of_leaves() -> None:
    rows = 1000
    program, (x,), scalars, parameters = layered_program(rows)
    starts = [leaf_start(rows, 4, i) for i in range(5)]
    parts = []
    for first, last in itertools.pairwise(starts):  # a table of one leaf each
        total, gradients = Executor(program).run([x[first:last]], scalars, parameters, last - first, 0.5)
        parts.append(np.array([total, *gradients]))
    total, gradients = Executor(program).run([x], scalars, parameters, rows, 0.5)
    np.testing.assert_allclose([total, *gradients], tree(parts), rtol=1e-13)
    assert total == tree(parts)[0]


@pytest.mark.parametrize(("first", "count"), [(0, 3), (1, 2), (0, 8), (-1, 1), (4, 1), (0, 0)])
def test_leaves_that_are_no_subtree_are_refused(first: int, count: int) -> None:
    program, (x,), scalars, parameters = layered_program(1000)
    with pytest.raises(ValueError, match=r"leaves .* of 4 are not a subtree"):
        Executor(program).run_leaves([x], scalars, parameters, 1000, 1.0, first, count)


def test_rows_of_other_leaves_are_refused() -> None:
    program, (x,), scalars, parameters = layered_program(1000)
    with pytest.raises(ValueError, match="this program needs"):
        Executor(program).run_leaves([x], scalars, parameters, 1000, 1.0, 0, 1)


@pytest.mark.parametrize("rows", [ONE - 1, ONE, ONE + 1, ALL, ALL * 2 + 5])
def test_any_number_of_leaves_covers_all_rows(rows: int) -> None:
    w = Value(1.0)
    f = autograd.compile(lambda x: w * x)
    x = np.ones(rows)
    for threads in (1, 2, 5):
        f.threads, w.grad = threads, 0.0
        assert (f(x).sum(), f.backward(x, reduce="sum"), w.grad) == (rows, rows, rows)


def test_leaves_do_not_depend_on_the_number_of_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    p = [Value(x) for x in np.random.default_rng(2).normal(size=9)]
    found = set()
    for threads in (1, 2, 3, 4, 7):
        f = autograd.compile(lambda row, s: layered(row, s, p), threads=threads)
        for q in p:
            q.grad = 0.0
        total = f.backward(np.random.default_rng(3).normal(size=(5000, 3)), 0.25)
        found.add((total, *[q.grad for q in p]))
    assert len(found) == 1


def test_a_thread_may_continue_after_the_call_was_interrupted(monkeypatch: pytest.MonkeyPatch) -> None:
    """The arrays that it reads and writes stay alive."""
    jobs: list[Any] = []

    class BrokenPool:
        def submit(self, *job: Any) -> None:
            jobs.append(job)
            raise KeyboardInterrupt

    monkeypatch.setattr("autograd.replay.threads.thread_pool", BrokenPool)
    deep = autograd.compile(lambda x: functools.reduce(lambda y, _: y.sin(), range(100), x), threads=1)
    arrays, results = [np.linspace(0, 1, 5_000).reshape(-1, 1)], np.zeros((1, 5_000))
    expected = deep(arrays[0][:, 0])
    read, written = weakref.ref(arrays[0]), weakref.ref(results)
    with pytest.raises(KeyboardInterrupt):
        Executor(deep.program(arrays[0][:, 0])).run(arrays, [], (), 5_000, results=results, threads=2)
    del arrays, results
    still = written()
    assert read() is not None
    assert still is not None
    ((function, *arguments),) = jobs
    function(*arguments)
    assert same(still, expected)
    jobs.clear()
    del function, arguments, still
    assert read() is written() is None


def test_a_call_does_not_wait_for_a_thread_without_work(monkeypatch: pytest.MonkeyPatch) -> None:
    """If other programs keep the cores busy, a thread may start late. It then changes nothing."""
    jobs: list[Any] = []

    class BrokenPool:
        def submit(self, *job: Any) -> Any:
            jobs.append(job)
            return "not a future, so waiting for it would be an error"

    monkeypatch.setattr("autograd.replay.threads.thread_pool", BrokenPool)
    w = Value(0.5)
    x = np.linspace(0, 1, 5_000)

    def deep(x: Value) -> Value:
        return functools.reduce(lambda y, _: y.sin(), range(100), w * x)

    expected = autograd.compile(deep, threads=1)(x)
    f = autograd.compile(deep, threads=3)
    found = f(x)
    assert same(found, expected)
    total, grad = f.backward(x, reduce="sum"), w.grad
    assert len(jobs) == 4
    for function, *arguments in jobs:
        function(*arguments)
    assert same(found, expected)
    w.grad = 0.0
    assert f.backward(x, reduce="sum") == total
    assert w.grad == grad


@pytest.mark.parametrize("threads", [2, 3, 5])
def test_consecutive_calls_are_bit_for_bit_equal_with_and_without_a_pause(threads: int) -> None:
    """A thread without work polls for a short time, and joins the next call if it starts in that time."""
    table = [Value(float(i)) for i in range(3)]

    def deep(x: Value, i: Value) -> Value:
        return functools.reduce(lambda y, _: y.sin(), range(100), autograd.take(table, i) * x)

    alone, together = autograd.compile(deep, threads=1), autograd.compile(deep, threads=threads)
    x, indices = np.linspace(0, 1, 3_000), np.arange(3_000) % 3.0
    bad = indices.copy()
    bad[2_000] = 3.5
    for trial in range(60 if autograd.backend() == "compiled" else 2):
        rows = 3_000 - 7 * trial
        assert same(together(x[:rows], indices[:rows]), alone(x[:rows], indices[:rows]))
        if trial % 3 == 0:
            with pytest.raises(IndexError, match=r"in every row, not 3\.5$"):
                together(x, bad)
        if trial % 20 == 0:
            time.sleep(0.01)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
def test_threads_work_in_a_process_that_was_forked_while_a_thread_polled() -> None:
    code = """if True:
        import os
        import numpy as np
        import autograd
        f = autograd.compile(lambda x: (x * 2).sin().cos().tanh(), threads=2)
        x = np.linspace(0, 1, 500_000)
        expected = f(x)
        for _ in range(3):
            f(x)
        child = os.fork()
        right = all((f(x) == expected).all() for _ in range(3))
        if not child:
            os._exit(0 if right else 1)
        print(right, os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
    """
    assert run_python(code).split() == ["True", "0"]
