"""Results of compiled functions: whole arrays at one point (``by_row=False``), and arrays to write to (``out``)."""

from __future__ import annotations

import copy
import pickle
from collections import namedtuple
from typing import Any

import numpy as np
import pytest
from replayed import same

import autograd
from autograd import Sharded, Value, grad, hessian, jacobian, value_and_grad

X = np.array([1.0, 2.0, 3.0])
TABLE = np.arange(1.0, 7.0).reshape(3, 2)
Pair = namedtuple("Pair", ["first", "second"])


def bowl(p: Any) -> Any:
    return (p[0] - 1) ** 2 + 3 * p[0] * p[1] ** 2 + p[1].exp()


def at_point(function: Any, **options: Any) -> Any:
    return autograd.compile(function, by_row=False, **options)


# ---- by_row=False ----


def test_without_rows_the_function_receives_arrays_whole() -> None:
    seen: list[Any] = []

    def total(table: Any, factor: Any) -> Any:
        seen.append(table.shape)
        return factor * table.sum()

    f = at_point(total)
    assert f(TABLE, 2.0) == 42.0
    assert type(f(TABLE, 2.0)) is float
    assert f(TABLE.astype(int), 3) == 63.0
    assert f(np.asfortranarray(TABLE), 2.0) == f(TABLE.astype(">f4"), 2.0) == 42.0
    assert set(seen) == {(3, 2)}
    assert f(TABLE[:2], 1.0) == 10.0  # another shape is another recording
    assert seen[-1] == (2, 2)


def test_without_rows_results_are_what_the_function_returns() -> None:
    f = at_point(lambda x: (x * 2, [x[0], x[1]], {"sum": x.sum()}, np.array(x[2])))
    double, items, named, scalar = f(X)
    assert same(double, 2 * X)
    assert (items, named) == ([1.0, 2.0], {"sum": 6.0})
    assert type(items[0]) is type(named["sum"]) is float
    assert (scalar.shape, scalar.tolist()) == ((), 3.0)
    assert at_point(lambda x: x.reshape(3, 2))(TABLE.ravel()).tolist() == TABLE.tolist()
    assert at_point(lambda x: x)(np.empty((0, 2))).shape == (0, 2)


def test_without_rows_results_do_not_share_memory() -> None:
    f = at_point(lambda x: (x + 1, x + 2))
    first, second = f(X)
    third, _ = f(X)
    first[:] = 0.0
    assert (second.tolist(), third.tolist()) == ([3.0, 4.0, 5.0], [2.0, 3.0, 4.0])


def test_without_rows_derivatives_equal_those_of_the_function() -> None:
    p = np.array([0.7, -1.3])
    f = at_point(bowl)
    for found, wanted in [
        (f.value_and_grad(p), value_and_grad(bowl)(p)),
        ((f.hessian(p),), (hessian(bowl)(p),)),
        ((f.jacobian(p),), (grad(bowl)(p),)),
        (f.vjp((p,), 2.0), (f(p), (2.0 * grad(bowl)(p),))),
        (f.jvp((p,), (np.array([1.0, 0.0]),)), (f(p), grad(bowl)(p)[0])),
    ]:
        for a, b in zip(found, wanted, strict=True):
            assert same(np.array(a), np.array(b))
    assert f(p) == bowl(np.array([Value(0.7), Value(-1.3)])).data
    polar = at_point(lambda q: q[0] * np.array([q[1].cos(), q[1].sin()]))
    assert same(polar.jacobian(p), jacobian(polar.function)(p))
    assert polar.jacobian(p).shape == (2, 2)


def test_without_rows_gradients_of_several_arguments_keep_their_order() -> None:
    f = at_point(lambda x, y, z: (x * x).sum() * y["a"] + z)
    value, gradients = f.value_and_grad(X, {"a": 2.0}, 1.0, argnums=(2, 0, 0, 1))
    assert value == 29.0
    assert gradients[0] == 1.0
    assert same(gradients[1], 4 * X)
    assert same(gradients[2], 4 * X)
    assert gradients[3] == {"a": 14.0}
    assert f.value_and_grad(X, {"a": 2.0}, 1.0, argnums=2) == (29.0, 1.0)


def test_without_rows_parameters_receive_gradients() -> None:
    w = Value(3.0)
    f = at_point(lambda x: w * x.sum())
    assert (f.backward(X), w.grad) == (18.0, 6.0)
    assert f.parameters(X) == (w,)
    assert f.program(X).run([1.0, 2.0, 3.0], parameters=[1.0]).tolist() == [6.0]


def test_without_rows_arrays_of_values_are_passed_as_they_are() -> None:
    x = np.array([Value(1.0), Value(2.0)])
    result = at_point(lambda x: (x * x).sum())(x)
    result.backward()
    assert [v.grad for v in x] == [2.0, 4.0]
    assert hessian(at_point(bowl))(X[:2]).shape == (2, 2)


def test_the_option_by_row_is_kept() -> None:
    class Model:
        @autograd.compile(by_row=False)
        def total(self, x: Any) -> Any:
            return x.sum()

    assert Model().total(X) == 6.0
    for kept in (pickle.loads(pickle.dumps(at_point(bowl))), copy.deepcopy(at_point(bowl))):
        assert kept.by_row is False
        assert kept(X[:2]) == at_point(bowl)(X[:2])
    with pytest.raises(TypeError, match=r"by_row must be True or False, not 1"):
        autograd.compile(bowl, by_row=1)  # type: ignore[call-overload]
    with pytest.raises(TypeError, match="at least one array of rows"):
        Sharded(at_point(bowl), X, executor=None)


def test_notes_of_errors_state_the_shape_of_whole_arrays() -> None:
    with pytest.raises(IndexError) as problem:
        at_point(lambda x, y: x[9] + y[0])(X, [1.0])
    assert "argument 0 was an array of shape (3,); argument 1 was a list" in problem.value.__notes__[0]


# ---- out ----


def test_results_are_written_to_given_arrays() -> None:
    f = autograd.compile(lambda x: x * x)
    out = np.full(3, 7.0)
    assert f(X, out=out) is out
    assert out.tolist() == [1.0, 4.0, 9.0]
    number = np.empty(())
    assert f(5.0, out=number) is number
    assert number == 25.0
    assert f(X[:0], out=np.empty(0)).shape == (0,)


def test_out_has_the_structure_of_the_results() -> None:
    f = autograd.compile(lambda x: (x, {"a": 2 * x}, Pair(3 * x, np.array([x, 4 * x]))))
    out = np.empty(3), {"a": np.empty(3)}, Pair(np.empty(3), np.empty((3, 2)))
    assert f(X, out=out) is out
    assert same(out[0], X)
    assert same(out[1]["a"], 2 * X)
    assert same(out[2].first, 3 * X)
    assert same(out[2].second, np.stack([X, 4 * X], axis=1))


def test_a_list_of_numbers_or_of_equal_lists_is_one_array_in_out() -> None:
    f = autograd.compile(lambda x: [[x, 2 * x, 3 * x], [4 * x, 5 * x, 6 * x]])
    assert same(f(X, out=np.empty((3, 2, 3))), X[:, None, None] * np.arange(1.0, 7.0).reshape(2, 3))
    assert f(1.0, out=np.empty((2, 3))).tolist() == f(1.0)
    ragged = autograd.compile(lambda x: [[x, x], [x]])
    found = ragged(2.0, out=[np.empty(2), np.empty(1)])
    assert [array.tolist() for array in found] == [[2.0, 2.0], [2.0]]
    stacked = at_point(lambda x: [x, 2 * x])
    assert same(stacked(X, out=np.empty((2, 3))), np.array([X, 2 * X]))


@pytest.mark.parametrize("make", [
    lambda shape: np.empty(shape),
    lambda shape: np.empty(shape, order="F"),
    lambda shape: np.empty([2 * length for length in shape])[tuple([slice(None, None, 2)] * len(shape))],
    lambda shape: np.empty(shape)[::-1],
])  # fmt: skip
def test_out_may_have_any_layout(make: Any) -> None:
    f = autograd.compile(lambda row: [row[0] + row[1], row[0] * row[1]])
    g = autograd.compile(lambda row: row[0] + row[1])
    assert same(f(TABLE, out=make((3, 2))), np.stack(f(TABLE), axis=1))
    assert same(g(TABLE, out=make((3,))), g(TABLE))
    assert same(at_point(lambda x: 2 * x)(TABLE, out=make((3, 2))), 2 * TABLE)


def test_out_may_be_an_argument_or_overlap_it() -> None:
    x = np.arange(600.0)
    f = autograd.compile(lambda x: x + 1)
    f(x, out=x)
    assert same(x, np.arange(1.0, 601.0))
    f(x[:-1], out=x[1:])
    assert same(x, np.array([1.0, *np.arange(2.0, 601.0)]))
    point = at_point(lambda x: x[::-1] + 0)
    small = X.copy()
    point(small, out=small)
    assert small.tolist() == [3.0, 2.0, 1.0]


def test_derivatives_are_written_to_given_arrays() -> None:
    f = autograd.compile(lambda x, y: x**2 * y)
    value, by_x, by_y = np.empty(3), np.empty(3), np.empty(3)
    assert f.value_and_grad(X, 2.0, argnums=(1, 0), out=(value, (by_y, by_x)))[0] is value
    assert same(value, 2 * X**2)
    assert same(by_x, 4 * X)
    assert same(by_y, X**2)
    assert f.value_and_grad(3.0, 2.0, out=(np.empty(()), np.empty(())))[1] == 12.0
    assert same(f.hessian(X, 2.0, out=value), np.full(3, 4.0))
    assert same(f.jacobian(X, 2.0, out=value), 4 * X)
    results = f.vjp((X, 2.0), 1.0, out=(value, (by_x, by_y)))
    assert results[1][1] is by_y
    assert same(by_y, X**2)
    f.jvp((X, 2.0), (1.0, 0.0), out=(value, by_x))
    assert same(by_x, 4 * X)
    found = at_point(bowl).value_and_grad(X[:2], out=(np.empty(()), np.empty(2)))
    assert same(found[1], at_point(bowl).value_and_grad(X[:2])[1])


@pytest.mark.parametrize(("out", "error", "message"), [
    (np.empty(2), ValueError, r"out must have the structure of the results, array of shape \(3, 2\), not .* \(2,\)"),
    (np.empty((2, 3)), ValueError, r"array of shape \(3, 2\), not array of shape \(2, 3\)"),
    (np.empty((3, 2, 1)), ValueError, r"not array of shape \(3, 2, 1\)"),
    ([np.empty(3), np.empty(3)], ValueError, r"not \[array of shape \(3,\), array of shape \(3,\)\]"),
    ((), ValueError, r"not \(\)"),
    (np.empty((3, 2), dtype=np.float32), TypeError, r"out must be an array of float64, not of float32; use np.empty\(shape\)"),
    (np.empty((3, 2), dtype=">f8"), TypeError, "not of >f8"),
    (np.ma.zeros((3, 2)), TypeError, "out must be an array of float64, not MaskedArray"),
    (np.broadcast_to(0.0, (3, 2)), ValueError, "out must be writable, but this array is read-only"),
    ([1.0], TypeError, r"out\[0\] must be an array of float64, not float \(1.0\)"),
    ("x", TypeError, r"out must be an array of float64, not str \('x'\)"),
])  # fmt: skip
def test_wrong_arrays_are_refused(out: Any, error: Any, message: str) -> None:
    calls = []
    f = autograd.compile(lambda x: calls.append(x) or [x, 2 * x])  # type: ignore[func-returns-value]
    with pytest.raises(error, match=message):
        f(X, out=out)
    assert same(f(X, out=np.empty((3, 2))), np.stack([X, 2 * X], axis=1))


def test_out_is_refused_in_a_call_on_values() -> None:
    with pytest.raises(TypeError, match="out must be None in a call on Values"):
        autograd.compile(lambda x: x)(Value(1.0), out=np.empty(()))
    with pytest.raises(TypeError, match=r"out must be an array of float64, not float"):
        autograd.compile(lambda x, out=1.0: x + out)(1.0, out=2.0)
    assert autograd.compile(lambda x, out: x + out)(1.0, 2.0) == 3.0


def test_value_and_grad_refuses_a_function_of_several_results_before_out() -> None:
    with pytest.raises(TypeError, match="a gradient needs a function that returns one number"):
        autograd.compile(lambda x: [x, x]).value_and_grad(X, out=np.empty(3))


def test_a_single_array_is_written_without_a_copy(monkeypatch: pytest.MonkeyPatch) -> None:
    f = autograd.compile(lambda x: x + 1)
    f(X)
    monkeypatch.setattr("autograd.compiler.results.empty_table", None)
    assert f(X, out=np.empty(3)).tolist() == [2.0, 3.0, 4.0]
    with pytest.raises(TypeError):
        f(X, out=np.empty(6)[::2])  # not contiguous, so it needs a table


def test_each_result_needs_memory_of_its_own_in_out() -> None:
    pair = autograd.compile(lambda x: (x * 2, x * 3))
    x, one, table = np.arange(3.0), np.empty(3), np.empty((3, 2))
    for out in ((one, one), (one, one[::-1]), (table[:, 0], table.ravel()[:3])):
        with pytest.raises(ValueError, match="the arrays in out must not share memory: each result needs its own"):
            pair(x, out=out)
    with pytest.raises(ValueError, match="out must have memory for each element, but this one repeats elements"):
        autograd.compile(lambda x: x * 2)(x, out=np.lib.stride_tricks.as_strided(np.empty(1), (3,), (0,)))
    pair(x, out=(table[:, 0], table[:, 1]))  # interleaved
    assert table.tolist() == [[0.0, 0.0], [2.0, 3.0], [4.0, 6.0]]


@pytest.mark.parametrize("rows", [-1, 0, 1, 20, 300])
@pytest.mark.parametrize(("f", "gradient"), [
    (lambda x, y: 2 * x + 3 * y, (2.0, 3.0)), (lambda x, y: 2 * x, (2.0, 0.0)), (lambda x, y: 3.0, (0.0, 0.0)),
    (lambda x, y: Value(3.0) * 2, (0.0, 0.0)), (lambda x, y: autograd.floor(x) + y, (0.0, 1.0)),
])  # fmt: skip
def test_every_gradient_is_written(monkeypatch: pytest.MonkeyPatch, f: Any, gradient: tuple[float, float], rows: int) -> None:
    """The table of results is new memory, which may hold any numbers."""
    monkeypatch.setattr("autograd.compiler.compiled.empty_table", lambda size, rows: np.full((size, abs(rows)), np.nan))
    arguments = (0.5, 2.0) if rows < 0 else np.random.default_rng(0).uniform(1, 2, (2, rows))
    _, found = autograd.compile(f).value_and_grad(*arguments, argnums=(0, 1))
    assert [np.shape(numbers) for numbers in found] == [np.shape(argument) for argument in arguments]
    assert [set(np.ravel(numbers).tolist()) for numbers in found] == [{number} if rows else set() for number in gradient]
