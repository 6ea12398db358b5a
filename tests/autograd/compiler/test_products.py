"""``vjp`` and ``jvp`` of compiled functions of several results equal the eager transforms in each row, bit for bit."""

from __future__ import annotations

import math
import random
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from replayed import SMOOTH, random_function, random_number, same

import autograd
from autograd import Value, cos, dot, exp, sin, tanh

X = np.array([[1.0, 2.0, -0.5], [0.5, -1.0, 3.0], [0.0, 0.25, 1e-3], [7.0, 0.0, -2.0]])
Y = np.array([0.5, -2.0, 1.5, 0.0])
w = Value(0.75, label="w")


def several(x: Any, y: Any) -> dict[str, Any]:
    """Return results of several structures: an array, a list and a number."""
    return {"a": np.array([x[0] * y, sin(x[1]) + w * x[2]]), "b": [exp(x[0] * 0.1), (y * x[2], 2.0)], "c": dot(x, x) / 3}


SEEDS = {"a": np.arange(8.0).reshape(4, 2) - 3, "b": [Y * 2, (np.ones(4), 5.0)], "c": -Y}


def row_of(structure: Any, i: int) -> Any:
    """Return row ``i`` of every array in a structure."""
    if isinstance(structure, dict):
        return {name: row_of(item, i) for name, item in structure.items()}
    if isinstance(structure, list | tuple):
        return type(structure)(row_of(item, i) for item in structure)
    return structure[i] if isinstance(structure, np.ndarray) else structure


def flat(structure: Any) -> list[Any]:
    """Return all numbers in a structure as a list."""
    if isinstance(structure, dict):
        structure = list(structure.values())
    if isinstance(structure, list | tuple):
        return [number for item in structure for number in flat(item)]
    return list(np.ravel(structure))


@pytest.mark.parametrize("threads", [1, 2])
def test_each_row_of_vjp_is_the_eager_vjp(threads: int) -> None:
    values, gradients = autograd.compile(several, threads=threads).vjp((X, Y), SEEDS)
    assert values["a"].shape == (4, 2)
    assert [gradient.shape for gradient in gradients] == [(4, 3), (4,)]
    for i in range(len(X)):
        value, pull_back = autograd.vjp(several, X[i], Y[i])
        assert same(flat(row_of(values, i)), flat(value))
        assert same(flat(row_of(gradients, i)), flat(pull_back(row_of(SEEDS, i))))


def test_each_row_of_jvp_is_the_eager_jvp() -> None:
    directions = (X[::-1] * 0.5, 2.0)
    values, tangents = autograd.compile(several).jvp((X, Y), directions)
    for i in range(len(X)):
        value, tangent = autograd.jvp(several, (X[i], Y[i]), row_of(directions, i))
        assert same(flat(row_of(values, i)), flat(value))
        assert same(flat(row_of(tangents, i)), flat(tangent))


def test_at_one_point_the_results_are_plain_numbers_in_the_same_structures() -> None:
    point, direction = ([1.0, 2.0, -0.5], 0.5), ([0.0, 1.0, 0.0], 0.0)
    seed = {"a": [0.5, -1.0], "b": [2.0, (0.0, 5.0)], "c": 3.0}
    compiled = autograd.compile(several)
    value, pull_back = autograd.vjp(several, *point)
    assert compiled.vjp(point, seed)[1] == pull_back({**seed, "a": np.array(seed["a"])})
    assert flat(compiled.vjp(point, seed)[0]) == flat(value)
    assert flat(list(compiled.jvp(point, direction))) == flat(list(autograd.jvp(several, point, direction)))


@given(st.integers(0, 10**9))
@example(26)  # a gate that is nan
@example(959)  # the order of the additions in a dot
@example(927)  # a gate that is negative
@example(92656)  # a blocked dot of 1e200 * 1e200
def test_random_functions_equal_the_eager_transforms(seed: int) -> None:
    rng = random.Random(seed)
    pair = [random_function(rng, 2, SMOOTH, largest=8) for _ in range(2)]

    def f(x: Any, y: Any) -> list[Any]:
        return [part(x, y) for part in pair]

    rows, seeds, directions = (np.array([[random_number(rng) for _ in range(2)] for _ in range(3)]) for _ in range(3))
    compiled = autograd.compile(f)
    values, gradients = compiled.vjp(tuple(rows.T), list(seeds.T))
    _, tangents = compiled.jvp(tuple(rows.T), tuple(directions.T))
    for i in range(3):
        value, pull_back = autograd.vjp(f, *map(float, rows[i]))
        assert same([v[i] for v in values], value)
        for g, number in zip(gradients, pull_back(list(map(float, seeds[i]))), strict=True):
            assert same(g[i], number) or math.isnan(g[i])  # a blocked gradient times an infinite number, which eager calls 0
        wanted = autograd.jvp(f, tuple(map(float, rows[i])), tuple(map(float, directions[i])))[1]
        for k, found in enumerate(tangents):
            assert same(found[i], wanted[k]) or math.isnan(found[i])  # 0 times an infinite derivative, which eager calls 0


def test_products_agree_with_jax() -> None:
    jax = pytest.importorskip("jax", reason="JAX is not installed")
    jax.config.update("jax_enable_x64", True)
    jnp = jax.numpy

    def g(x: Any, sin: Any, tanh: Any) -> list[Any]:
        return [sin(x[0]) * x[1] * x[2], tanh(x[1] - x[2]), x[0] ** 3]

    compiled = autograd.compile(lambda x: g(x, sin, tanh))
    seeds, directions = X[:, ::-1] + 1, X * X - 1
    _, (gradients,) = compiled.vjp((X,), list(seeds.T))
    _, tangents = compiled.jvp((X,), (directions,))

    def at(x: Any) -> Any:
        return jnp.stack(g(x, jnp.sin, jnp.tanh))

    wanted = jax.vmap(lambda x, seed: jax.vjp(at, x)[1](seed)[0])(X, seeds)
    assert gradients == pytest.approx(np.asarray(wanted), rel=1e-13, abs=1e-13)
    wanted = jax.vmap(lambda x, v: jax.jvp(at, (x,), (v,))[1])(X, directions)
    assert np.transpose(tangents) == pytest.approx(np.asarray(wanted), rel=1e-13, abs=1e-13)


def test_products_agree_with_torch() -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is not installed")
    compiled = autograd.compile(lambda x: [exp(x[0]) * x[1], cos(x[1]) / (1 + x[2] ** 2)])
    seeds = np.array([[1.0, -2.0], [0.0, 3.0], [0.5, 0.5], [2.0, 0.0]])
    _, (gradients,) = compiled.vjp((X,), list(seeds.T))

    def at(x: Any) -> Any:
        return torch.stack([torch.exp(x[0]) * x[1], torch.cos(x[1]) / (1 + x[2] ** 2)])

    for i in range(len(X)):
        _, wanted = torch.autograd.functional.vjp(at, torch.tensor(X[i]), torch.tensor(seeds[i]))
        assert gradients[i] == pytest.approx(wanted.numpy(), rel=1e-14)


def test_a_list_in_a_seed_or_direction_is_shared_by_all_rows() -> None:
    compiled = autograd.compile(several)
    shared = {"a": [1.0, -2.0], "b": [0.5, (3.0, 5.0)], "c": 1.0}
    wide = {"a": np.tile([1.0, -2.0], (4, 1)), "b": [np.full(4, 0.5), (np.full(4, 3.0), 5.0)], "c": np.ones(4)}
    assert same(flat(list(compiled.vjp((X, Y), shared)[1])), flat(list(compiled.vjp((X, Y), wide)[1])))
    tangents = [compiled.jvp((X, Y), (direction, 1.0))[1] for direction in ([1.0, 0.0, 2.0], np.tile([1.0, 0.0, 2.0], (4, 1)))]
    assert same(flat(tangents[0]), flat(tangents[1]))


def test_static_arguments_and_arguments_passed_by_name_are_not_differentiated() -> None:
    @autograd.compile(static_argnums=1)
    def f(x: Any, n: int, y: Any, scale: Any = 1.0) -> list[Any]:
        return [x**n * scale, x * y]

    values, gradients = f.vjp((Y, 3, 2.0), [1.0, Y], scale=10.0)
    assert same(values[0], (Y**3) * 10)
    assert len(gradients) == 2
    assert gradients[0] == pytest.approx(30 * Y**2 + 2 * Y)
    assert same(gradients[1], Y * Y)
    assert same(f.jvp((Y, 2, 2.0), (1.0, 0.0), scale=0.5)[1][0], Y)


def test_methods_have_products_and_a_replaced_name_is_read_again() -> None:
    class Scaled:
        factor = 2.0

        @autograd.compile
        def pair(self, x: Any) -> list[Any]:
            return [self.factor * x, x * x]

    scaled = Scaled()
    assert scaled.pair.vjp((3.0,), [1.0, 1.0])[1] == (8.0,)
    scaled.factor = 10.0
    assert scaled.pair.vjp((3.0,), [1.0, 1.0])[1] == (16.0,)
    assert scaled.pair.jvp((3.0,), (1.0,))[1] == [10.0, 6.0]


def test_values_are_read_at_each_call_and_products_of_values_can_be_differentiated() -> None:
    f = autograd.compile(lambda x: [w * x, x * x])
    w.data = 3.0
    assert f.vjp((Y,), [1.0, 0.0])[1][0].tolist() == [3.0] * 4
    w.data = 0.75
    assert f.vjp((Y,), [1.0, 0.0])[1][0].tolist() == [0.75] * 4
    x = Value(3.0)
    _, (gradient,) = f.vjp((x,), [1.0, 2.0])
    gradient.backward()
    assert (gradient.data, x.grad) == (12.75, 4.0)


def test_zero_rows_give_arrays_without_rows() -> None:
    values, gradients = autograd.compile(lambda x: [x[0], x[1] * x[0]]).vjp((np.empty((0, 2)),), [1.0, 1.0])
    assert [value.shape for value in values] == [(0,), (0,)]
    assert gradients[0].shape == (0, 2)


@pytest.mark.parametrize(("call", "error", "message"), [
    (lambda f: f.vjp(2.0, [1.0]), TypeError, r"primals must be a tuple .*, not float \(2.0\); for one, write"),
    (lambda f: f.jvp((2.0,), 1.0), TypeError, "vectors must be a tuple with one item per argument"),
    (lambda f: f.vjp((2.0,), 1.0), ValueError, r"the same structure as .*: \[number, number\], not number"),
    (lambda f: f.jvp((2.0,), (1.0, 2.0)), ValueError, "vectors must have the same structure as primals"),
    (lambda f: f.vjp((Y,), [np.ones(3), 0.0]), ValueError, r"'the seed'\[0\] has 3"),
    (lambda f: f.vjp((2.0,), ["a", 1.0]), TypeError, "the seed"),
])  # fmt: skip
def test_invalid_arguments_are_named(call: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        call(autograd.compile(lambda x: [x, x * 2]))


# ---- blocked paths, while compile records a derivative ----


def test_a_blocked_path_stays_blocked_behind_a_derivative_that_is_nan() -> None:
    """The derivative of ``// 0`` is nan. It must not open the path to the operand that ``minimum`` does not select."""
    found = autograd.compile(autograd.grad(lambda x, y: autograd.minimum(x, y) // 0.0, argnums=(0, 1)))(0.0, 1.5)
    assert math.isnan(found[0])
    assert found[1] == 0.0


def test_a_path_through_a_negative_derivative_is_open() -> None:
    """The derivative of ``copysign(x, y)`` is -1 if the signs differ. A second path of derivative 0 must not block it."""

    def f(x: Any, y: Any) -> Any:
        return exp(autograd.copysign(x, y) + autograd.relu(x - 5.0))

    assert autograd.compile(f).jvp((-1.0, 2.0), (1.0, 2.0))[1] == -exp(1.0)
    assert autograd.compile(autograd.hessian(f, argnums=0))(-1.0, 2.0) == exp(1.0)


def test_two_small_derivatives_of_rows_that_block_do_not_underflow_to_a_closed_gate() -> None:
    def f(x: Any) -> Any:
        tiny = autograd.where(x > 0.0, x, 0.0) * 1e-200
        return autograd.maximum(tiny * 1e-200, -1.0) * 1e300 * 1e100

    assert autograd.compile(autograd.grad(f))(2.0) == autograd.grad(f)(2.0) > 0
