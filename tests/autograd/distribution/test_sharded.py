"""``Sharded`` and ``Compiled.backward(executor=)`` accept the arguments of compiled functions."""

from __future__ import annotations

import functools
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

import autograd
from autograd import Sharded, Value

RNG = np.random.default_rng(0)
X, T, MASKS = RNG.normal(size=(1000, 3)), RNG.normal(size=1000), RNG.random((1000, 2)) < 0.5
w = [Value(x, label=f"w{i}") for i, x in enumerate([0.5, -1.0, 2.0])]
scale = Value(3.0)
threads = functools.partial(ThreadPoolExecutor, 2)


def gradient(backward: Any, *arguments: Any, **options: Any) -> list[float]:
    """Return the loss and the gradients."""
    autograd.write_grads([*w, scale], 0.0)
    return [backward(*arguments, **options), *autograd.read_grads([*w, scale]).tolist()]


def nested(pair: Any, t: Any, k: Any, mask: Any = (1.0, 1.0), noise: Any = 0.0) -> Any:
    return (autograd.dot(w, pair["x"][0]) * k * mask[0] + mask[1] * scale + noise - t) ** 2


@pytest.mark.parametrize("reduce", ["mean", "sum"])
@pytest.mark.parametrize("dtype", ["f8", "f4", ">f8"])
def test_arguments_may_be_nested_and_of_any_type(reduce: str, dtype: str) -> None:
    f, x = autograd.compile(nested), X.astype(dtype)
    arguments: list[Any] = [{"x": [x, 7]}, T, 2]
    with Sharded(f, *arguments, executor=threads, reduce=reduce) as shards:
        assert gradient(shards.backward) == gradient(f.backward, *arguments, reduce=reduce)
        assert (shards() == f(*arguments)).all()
        assert f.backward(*arguments, reduce=reduce, executor=threads) == f.backward(*arguments, reduce=reduce)


def test_later_arguments_may_differ_in_each_step() -> None:
    f = autograd.compile(nested)
    with Sharded(f, {"x": [X]}, T, 2.0, executor=threads) as shards:
        for masks in (MASKS, ~MASKS, MASKS.astype(float), 0.5 * MASKS):
            assert gradient(shards.backward, masks, 0.1) == gradient(f.backward, {"x": [X]}, T, 2.0, masks, 0.1)
            assert (shards(masks, T) == f({"x": [X]}, T, 2.0, masks, T)).all()
        assert shards.stats["bytes sent"] > 0
        batch = RNG.permutation(1000)[:700]
        here = {"x": [X[batch]]}, T[batch], 2.0, MASKS[batch]
        assert gradient(shards.backward, MASKS[batch], rows=batch) == gradient(f.backward, *here)


def test_bools_are_sent_as_bits() -> None:
    sizes = []
    for masks in (MASKS, MASKS.astype(float)):
        with Sharded(nested, {"x": [X]}, T, 2.0, executor=threads) as shards:
            shards.backward(masks)
            before = shards.stats["bytes sent"]
            shards.backward(masks)
            sizes.append(shards.stats["bytes sent"] - before)
    assert sizes[1] - sizes[0] == 2000 * 8 - 2000 / 8


def test_static_arguments_and_results_of_any_structure() -> None:
    f = autograd.compile(lambda n, x: {"a": [n * x[0], x[1]], "b": x * w[0]} if n > 1 else 0.0, static_argnums=0)
    with Sharded(f, 3, X, executor=threads) as shards:
        found, wanted = shards(), f(3, X)
    assert (found["a"][0] == wanted["a"][0]).all()
    assert (found["b"] == wanted["b"]).all()
    assert found["b"].shape == (1000, 3)


def test_parameters_may_be_computed_and_names_may_be_bound_again() -> None:
    base = Value(2.0)
    factor = base * 3.0
    f = autograd.compile(lambda x: x * factor)
    base.grad = 0.0
    with Sharded(f, T, executor=threads) as shards:
        wanted = f.backward(T)
        once, base.grad = base.grad, 0.0
        assert shards.backward() == wanted
        assert base.grad == once
        factor = Value(5.0)
        assert shards.backward() == f.backward(T)
        assert factor.grad != 0.0


def test_watchers_see_the_nodes() -> None:
    nan = autograd.compile(lambda x: (x - 10.0).log() * scale)
    with Sharded(nan, T, executor=threads) as shards, autograd.detect_anomaly(), pytest.raises(autograd.AnomalyError):
        shards.backward()


def test_one_executor_may_be_shared() -> None:
    with ThreadPoolExecutor(2) as pool, Sharded(nested, {"x": [X]}, T, 2.0, executor=pool) as one:
        with Sharded(autograd.compile(lambda t: t * w[0]), T, executor=one) as two:
            assert two.backward() == autograd.compile(lambda t: t * w[0]).backward(T)
        one.backward()
        assert repr(two).startswith("<Sharded <lambda>, 1000 rows>")


def test_after_closing_it_is_an_error() -> None:
    shards = Sharded(nested, {"x": [X]}, T, 2.0, executor=threads)
    other = Sharded(nested, {"x": [X]}, T, 2.0, executor=shards)
    shards.close()
    shards.close()
    for closed in (shards, other):
        with pytest.raises(RuntimeError, match="this Sharded is closed; create another one"):
            closed.backward()


def test_no_rows_and_one_row() -> None:
    for count in (0, 1):
        with Sharded(nested, {"x": [X[:count]]}, T[:count], 2.0, executor=threads, reduce="sum") as shards:
            assert gradient(shards.backward) == gradient(
                autograd.compile(nested).backward, {"x": [X[:count]]}, T[:count], 2.0, reduce="sum"
            )
            assert shards().shape == (count,)
    assert autograd.compile(nested).backward({"x": [[1.0, 2.0, 3.0]]}, 1.0, 2.0, executor=threads) == 121.0
    with Sharded(nested, {"x": [X[:0]]}, T[:0], 2.0, executor=threads) as shards, pytest.raises(ValueError, match="no rows"):
        shards.backward()


@pytest.mark.parametrize(("arguments", "options", "error", "message"), [
    ((1.0,), {}, TypeError, "at least one array of rows"),
    ((X, w[0]), {}, TypeError, "no Values among the arguments"),
    ((X, "name"), {}, TypeError, "argument 1 must be a number"),
    ((X,), {"reduce": "max"}, ValueError, "unknown reduce: 'max'"),
    ((X,), {"tasks": 0}, ValueError, "tasks must be a positive integer, not 0"),
    ((X,), {"deadline": -1}, ValueError, "deadline must be positive, not -1"),
    ((X,), {"executor": None}, TypeError, "executor must be a concurrent.futures.Executor, or a function that creates one"),
])  # fmt: skip
def test_wrong_arguments_are_refused(arguments: Any, options: dict[str, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        Sharded(lambda *x: x[0], *arguments, **{"executor": threads, **options})


def test_values_are_refused_in_steps_too() -> None:
    with (
        Sharded(nested, {"x": [X]}, T, executor=threads) as shards,
        pytest.raises(TypeError, match="takes numbers, not Values"),
    ):
        shards.backward(Value(2.0))


def test_a_batch_is_a_list_of_indices_or_a_mask() -> None:
    f, mask = autograd.compile(nested), T > 0
    arguments = {"x": [X]}, T, 2.0
    wanted = gradient(f.backward, {"x": [X[mask]]}, T[mask], 2.0)
    with Sharded(f, *arguments, executor=threads) as shards:
        assert gradient(shards.backward, rows=mask) == wanted
        assert gradient(shards.backward, rows=np.flatnonzero(mask).tolist()) == wanted
        assert gradient(shards.backward, rows=np.flatnonzero(mask).astype(np.uint16)) == wanted
        assert gradient(shards.backward, rows=[-1]) == gradient(shards.backward, rows=[999])


@pytest.mark.parametrize(("rows", "error", "message"), [
    ([0.5], TypeError, r"rows must be a list of indices or a mask of bools, not \[0.5\]; for a slice pass np.arange\(i, j\)"),
    (slice(0, 5), TypeError, r"not slice\(0, 5, None\); for a slice pass np.arange"),
    ([[0, 1]], TypeError, "rows must be a list of indices"),
    (3, TypeError, "rows must be a list of indices or a mask of bools, not 3"),
    ("ab", TypeError, "rows must be a list of indices or a mask of bools, not 'ab'"),
    ([0, 1000], IndexError, "rows must be from 0 to 999, not 1000"),
    ([-1001], IndexError, "rows must be from 0 to 999, not -1001"),
    (T[:10] > 0, ValueError, r"a mask of rows must have shape \(1000,\), not \(10,\)"),
    ([], ValueError, "the mean of no rows is undefined"),
])  # fmt: skip
def test_other_batches_are_refused(rows: Any, error: type[Exception], message: str) -> None:
    """Before, a mask was taken for the rows 0 and 1, and 0.5 for row 0."""
    with Sharded(nested, {"x": [X]}, T, 2.0, executor=threads) as shards, pytest.raises(error, match=message):
        shards.backward(rows=rows)
