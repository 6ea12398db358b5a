"""Functions of arrays: NumPy, JAX and PyTorch compute what the engine computes, on a thousand rows."""

from __future__ import annotations

import importlib
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from replayed import SPECIAL

import autograd
import nn
from autograd import Value, derivative_program, ops, to_jax, to_numpy, to_python, to_torch

pytest.importorskip("scipy", reason="erf needs SciPy")
WRITERS = {"numpy": to_numpy, "jax": to_jax, "torch": to_torch}
# Relative to the size of the numbers: NumPy's own functions differ from libm by a few units in the last place.
TOLERANCE = {"numpy": 1e-15, "jax": 1e-12, "torch": 1e-12}
ROWS = [row for row in ops.TABLE if not row.variadic and row.name != "gate"]
# Their formulas multiply roundings of a power or an exponential, whose last bits differ between libraries.
FORMULAS = {"digamma", "trigamma", "polygamma", "zeta"}


@pytest.fixture(params=list(WRITERS))
def library(request: pytest.FixtureRequest) -> Any:
    """Skip a library that is absent. JAX computes in double precision within the test."""
    name = request.param
    if name != "numpy":
        pytest.importorskip(name)
    if name == "jax":
        config: Any = importlib.import_module("jax").config
        before = config.jax_enable_x64
        config.update("jax_enable_x64", True)
        yield name
        config.update("jax_enable_x64", before)
    else:
        yield name


def assert_close(found: Any, wanted: np.ndarray, tolerance: float) -> None:
    found = np.broadcast_to(np.asarray(found, dtype=float), len(wanted))
    np.testing.assert_allclose(found, wanted, rtol=tolerance, atol=1e-300)


def columns(row: ops.Operation, count: int) -> list[np.ndarray]:
    """Draw operands inside the domain of a row, and some at its edges."""
    rng = np.random.default_rng(row.code)
    found = []
    for low, high in row.domain:
        inner = rng.normal(size=count) * 3
        if math.isfinite(low) and math.isfinite(high):
            inner = low + (high - low) * rng.uniform(0.02, 0.98, size=count)
        elif math.isfinite(low):
            inner = low + rng.uniform(0.1, 8, size=count)
        elif math.isfinite(high):
            inner = high - rng.uniform(0.1, 8, size=count)
        found.append(inner)
    return found


def eager(f: Callable[..., Any], row: tuple[float, ...]) -> list[float]:
    inputs = [Value(x) for x in row]
    y = f(*inputs)
    y.backward()
    return [y.data, *[x.grad for x in inputs]]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_each_operation_on_a_thousand_rows(row: ops.Operation, library: str) -> None:
    f = getattr(autograd, row.name)
    given = columns(row, 1000)
    if row.name == "polygamma":
        given[0] = np.arange(1000.0) % 4
    xs = [Value(float(column[0])) for column in given]
    wanted = np.array([eager(f, tuple(map(float, numbers))) for numbers in zip(*given, strict=True)])
    tolerance = max(TOLERANCE[library] * 20, 2e-13 if row.name in FORMULAS else 0)
    assert_close(WRITERS[library](f(*xs), xs)(*given), wanted[:, 0], tolerance)
    value, derivatives = derivative_program(f(*xs), xs, library)(*given)
    assert_close(value, wanted[:, 0], tolerance)
    for k, derivative in enumerate(derivatives):
        assert_close(derivative, wanted[:, k + 1], tolerance)


def price(x: Value, y: Value) -> Value:
    """A function with branches, powers, error functions and shared parts."""
    z = autograd.where(x > y, (x - y).exp(), (x * y).sin())
    return autograd.logsumexp([z, x * 0.3, y.erf()]) * (z * z + 1).log() + autograd.maximum(x, y) ** 3 / (1 + x * x)


def test_a_composed_function_on_a_thousand_rows(library: str) -> None:
    xs, ys = np.random.default_rng(0).normal(size=(2, 1000))
    wanted = np.array([eager(price, (float(a), float(b))) for a, b in zip(xs, ys, strict=True)])
    value, (dx, dy) = WRITERS[library](price, 0.3, 0.8, derivatives=True)(xs, ys)
    for found, expected in zip((value, dx, dy), wanted.T, strict=True):
        assert np.max(np.abs(np.asarray(found) - expected)) <= TOLERANCE[library] * np.abs(expected).max()
    np.testing.assert_allclose(np.asarray(WRITERS[library](price, 0.3, 0.8)(xs, ys)), wanted[:, 0], rtol=1e-12)


BLOCKED: dict[str, Callable[[Any], Any]] = {
    "leaky_relu": autograd.leaky_relu,
    "sqrt of relu": lambda x: autograd.sqrt(autograd.relu(x)),
    "power of relu": lambda x: autograd.relu(x) ** 0.5,
    "log behind where": lambda x: autograd.where(x > 0, autograd.log(x), 0 * x),
    "sqrt behind where": lambda x: autograd.where(x > 0, autograd.sqrt(x), 0 * x),
    "clipped reciprocal": lambda x: autograd.clip(1 / x, 0, 1),
    "reciprocal behind where": lambda x: autograd.where(x > 0, 1 / x, 0 * x),
    "elu": autograd.elu,
    "maximum": lambda x: autograd.maximum(x, autograd.log(x)),
    "product behind where": lambda x: autograd.where(x < 0, x, x * autograd.log(x)),
    "nested": lambda x: autograd.exp(autograd.where(x > 1, -autograd.sqrt(x - 1), autograd.relu(-x))),
    "item": lambda x: autograd.take([autograd.sqrt(x), x * x], autograd.where(x > 0, 0.0, 1.0)),
}


@pytest.mark.parametrize("name", BLOCKED)
def test_a_blocked_path_contributes_nothing(name: str, library: str) -> None:
    """Behind an operand that is not selected, an infinite slope or nan is not multiplied by 0."""
    f = BLOCKED[name]
    points = [-1.3, -1.0, -0.0, 0.0, 0.3, 2.0, 1e300]
    value, (derivative,) = WRITERS[library](f, 0.3, derivatives=True)(points)
    value, derivative = np.broadcast_to(value, len(points)), np.broadcast_to(derivative, len(points))
    for i, x in enumerate(points):
        wanted = eager(f, (x,)) if name != "item" else eager(lambda x: f(x) if x.data > 0 else x * x, (x,))
        np.testing.assert_allclose([value[i], derivative[i]], wanted, rtol=1e-14, err_msg=f"at {x}")


def test_functions_of_lists_have_one_argument_per_number() -> None:
    program = to_numpy(lambda p, scale: autograd.sum(p) * scale, [1.0, 2.0], 3.0)
    assert "def f(p0, p1, scale):" in program.source
    assert program([1.0, 2.0], 10.0, 2.0).tolist() == [22.0, 24.0]


def test_values_that_the_function_reads_are_defaults() -> None:
    w = Value(3.0, label="w")
    program = to_numpy(lambda x: w * x, 1.0)
    assert program([2.0]).tolist() == [6.0]
    assert program([2.0], 5.0).tolist() == [10.0]
    assert program([2.0], w=5.0).tolist() == program(x=[2.0], w=5.0).tolist() == [10.0]


def test_a_network_of_nn_on_rows(library: str) -> None:
    model = nn.MLP(2, [5, 1], seed=0)
    rows = np.random.default_rng(1).normal(size=(1000, 2))
    program = WRITERS[library](lambda x: model(x)[0], [0.0, 0.0])
    wanted = [model([float(a), float(b)])[0].data for a, b in rows]
    np.testing.assert_allclose(np.asarray(program(rows[:, 0], rows[:, 1])), wanted, rtol=1e-12)


@pytest.mark.parametrize(
    ("f", "message"),
    [
        (3.0, r"the first argument of to_numpy\(\) must be a function of Values or a Value, not float"),
        (lambda x: [x, x], r"to_numpy\(\) needs a function that returns one number computed from its arguments, not"),
        (lambda x: 2.0, r"to_numpy\(\) needs a function that returns one number computed from its arguments, not a constant"),
    ],
)
def test_what_cannot_be_written_is_refused(f: Any, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        to_numpy(f, 1.0)


def test_a_function_without_numbers_to_record_it_with_is_refused() -> None:
    def wave(x: Any, y: Any) -> Any:
        return (x * y).sin()

    with pytest.raises(TypeError, match=r"^to_jax\(\) needs numbers to record the function with, as in to_jax\(wave, x, y\)$"):
        autograd.to_jax(wave)
    with pytest.raises(TypeError, match=r"as in to_numpy\(f, x\)$"):
        autograd.to_numpy(lambda x: x)


def test_a_branch_is_refused() -> None:
    with pytest.raises(autograd.RecordingError, match="where"):
        to_numpy(lambda x: x if x > 0 else -x, 1.0)


def test_special_values_give_no_warning_in_numpy() -> None:
    x = Value(1.0)
    for row in ROWS:
        if len(row.partials) != 1:
            continue
        f = getattr(autograd, row.name)
        with np.errstate(all="raise"):
            value, _ = derivative_program(f(x), [x], "numpy")(np.array(SPECIAL))
        wanted = np.array([f(Value(s)).data for s in SPECIAL])
        found = np.broadcast_to(value, len(SPECIAL))
        assert np.array_equal(np.isnan(found), np.isnan(wanted)), row.name
        assert np.array_equal(np.isinf(found), np.isinf(wanted)), row.name


def test_jax_differentiates_and_compiles_the_function() -> None:
    jax = pytest.importorskip("jax")
    x = Value(0.5, label="x")
    program = to_jax((x.sin() * x).exp(), x)
    y = (x.sin() * x).exp()
    y.backward()
    assert float(jax.jit(jax.grad(program.function))(0.5)) == pytest.approx(x.grad, rel=1e-6)


def test_pytorch_differentiates_the_function() -> None:
    torch = pytest.importorskip("torch")
    x = Value(0.5, label="x")
    y = (x.sin() * x).cbrt()
    t = torch.tensor([0.5], dtype=torch.float64, requires_grad=True)
    to_torch(y, x)(t).sum().backward()
    y.backward()
    assert float(t.grad[0]) == pytest.approx(x.grad, rel=1e-12)


def test_other_leaves_are_defaults() -> None:
    x, w = Value(2.0, label="x"), Value(math.inf, label="w")
    program = to_numpy(x.hypot(w), x)
    assert "def f(x, w=np.inf)" in program.source
    assert program([1.0, 2.0]).tolist() == [math.inf, math.inf]
    assert program([3.0], [4.0]).tolist() == [5.0]


def test_names_of_modules_are_not_used_for_variables() -> None:
    x = Value(2.0, label="np")
    y = Value(3.0, label="special")
    assert to_numpy((x * y).erf(), [x, y])(2.0, 3.0) == 1.0


def test_a_custom_operation_is_refused() -> None:
    @autograd.primitive(lambda out, x: 0.5)
    def half_of_it(x: float) -> float:
        return x / 2

    x = Value(2.0)
    with pytest.raises(ValueError, match=r"the custom operation 'half_of_it' cannot be written for arrays.*to_python\(\)"):
        to_numpy(half_of_it(x), x)
    assert to_python(half_of_it(x), x)(3.0) == 1.5


def test_an_unknown_library_is_refused() -> None:
    x = Value(2.0)
    with pytest.raises(ValueError, match=r"library must be None, 'numpy', 'jax', 'torch', not 'tensorflow'"):
        derivative_program(x * x, x, library="tensorflow")


@pytest.mark.parametrize("library", ["numpy", "jax", "torch"])
def test_derivatives_have_the_shape_of_the_result_so_that_sums_over_rows_are_right(library: str) -> None:
    pytest.importorskip(library)
    write = {"numpy": autograd.to_numpy, "jax": autograd.to_jax, "torch": autograd.to_torch}[library]
    program = write(lambda p, x: p[0] * x + p[1] + 2.0, [3.0, 5.0], 1.0, derivatives=True)
    assert program.source.partition("def f(")[2].startswith("p0, p1, x):")
    x = np.array([1.0, 2.0, 4.0])
    value, gradient = program(3.0, 5.0, x)
    assert np.asarray(value).tolist() == [10.0, 13.0, 19.0]
    assert [np.asarray(part).tolist() for part in gradient] == [[1.0, 2.0, 4.0], [1.0] * 3, [3.0] * 3]
    assert [float(part.sum()) for part in gradient] == [7.0, 3.0, 9.0]
    value, gradient = program(3.0, 5.0, 1.0)
    assert [float(number) for number in (value, *gradient)] == [10.0, 1.0, 1.0, 3.0]
    identity = write(lambda x, y: x, 1.0, 2.0, derivatives=True)
    assert [np.asarray(part).tolist() for part in identity(x, 2.0)[1]] == [[1.0] * 3, [0.0] * 3]
