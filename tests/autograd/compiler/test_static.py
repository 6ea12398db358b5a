"""Static arguments, arguments by name, and ``compile`` as a decorator of functions and methods."""

from __future__ import annotations

import copy
import gc
import pickle
import weakref
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from replayed import same

import autograd
import nn
from autograd import Value, detect_anomaly

X = np.array([1.0, 2.0, 3.0])


def scaled(x: Any, mode: Any = "once", count: int = 1) -> Any:
    """Use the options in a branch, as a number of steps and as a key."""
    factors = {"once": 1.0, "twice": 2.0}
    for _ in range(count):
        x = x * (factors[mode] if mode else 0.5)
    return x


# ---- static arguments ----


@pytest.mark.parametrize("static", [
    {"static_argnums": (1, 2)}, {"static_argnums": [1, 2]}, {"static_argnames": ("mode", "count")},
    {"static_argnames": ["mode", "count"]}, {"static_argnums": 1, "static_argnames": "count"},
])  # fmt: skip
def test_static_arguments_are_passed_as_they_are_by_position_or_name(static: Any) -> None:
    f = autograd.compile(scaled, **static)
    for _ in range(2):
        assert f(X).tolist() == X.tolist()
        assert f(X, "twice", 2).tolist() == (4 * X).tolist()
        assert f(X, "twice", count=2).tolist() == (4 * X).tolist()
        assert f(X, count=2, mode="twice").tolist() == (4 * X).tolist()
        assert f(mode=None, x=X).tolist() == (0.5 * X).tolist()
        assert f(2.0, None) == 1.0
    assert f.value_and_grad(X, "twice", count=3)[1].tolist() == [8.0] * 3
    assert f.backward(X, mode="twice") == 4.0
    assert f.program(X, "twice", 3).counts()["mul"] == 3
    with detect_anomaly():
        assert f(X, "twice").tolist() == (2 * X).tolist()
        assert f.value_and_grad(X, mode="twice")[1].tolist() == [2.0] * 3
        assert f.backward(X, mode="twice") == 4.0
    x = Value(3.0)
    f(x, "twice", 2).backward()
    assert x.grad == 4.0


def test_a_function_is_recorded_once_for_each_value_of_a_static_argument() -> None:
    def f(x: Any, option: Any) -> Any:
        return x * (2.0 if option else 3.0) * (option if isinstance(option, float) else 1.0)

    g = autograd.compile(f, static_argnums=1, check=False)
    options: list[Any] = [
        True,
        1,
        1.0,
        np.True_,
        0.0,
        -0.0,
        "a",
        (1, 2),
        (1, 2.0),
        (True, 2),
        float("nan"),
        None,
        frozenset({1}),
    ]
    for _ in range(3):
        for option in options:
            assert same(g(X, option), f(X, option))
    assert repr(g) == f"<compiled f, recorded {len(options)} times>"


def test_objects_of_classes_may_be_static() -> None:
    @dataclass(frozen=True)
    class Options:
        slope: float

    f = autograd.compile(lambda x, options: x * options.slope, static_argnames="options")
    found = [f(X, Options(slope)).tolist() for slope in (2.0, 3.0, 2.0)]
    assert found == [(2 * X).tolist(), (3 * X).tolist(), (2 * X).tolist()]
    assert "recorded 2 times" in repr(f)


def test_a_static_model_is_watched_and_its_values_are_parameters() -> None:
    model = nn.MLP(2, [3, 1], seed=0)
    rows = np.array([[1.0, 2.0], [3.0, 4.0]])
    f = autograd.compile(lambda model, row: model(list(row))[0], static_argnums=0)
    assert f(model, rows).tolist() == [model(row)[0].data for row in rows.tolist()]
    f.backward(model, rows)
    assert any(p.grad for p in model.parameters())
    model.layers[0] = nn.Layer(2, 3, "relu", seed=5)
    assert f(model, rows).tolist() == [model(row)[0].data for row in rows.tolist()]
    assert f.value_and_grad(model, rows, argnums=1)[1].shape == (2, 2)
    with pytest.raises(TypeError, match="argnums must be positions of numbers, but argument 0 is static"):
        f.value_and_grad(model, rows)


def test_invalid_static_arguments_are_rejected() -> None:
    f: Any = lambda x, mode: x  # noqa: E731
    with pytest.raises(
        TypeError, match=r"argument 1 is static and must be hashable, not list \(\[1\]\); pass a tuple, a string"
    ):
        autograd.compile(f, static_argnums=1)(X, [1])
    with pytest.raises(TypeError, match=r"argument 'mode' is static and must be hashable, not dict"):
        autograd.compile(f, static_argnames="mode")(X, mode={})
    with pytest.raises(ValueError, match=r"static_argnames must be names of arguments \(x, mode\), not 'model'"):
        autograd.compile(f, static_argnames="model")
    for count, text in (("x, mode", "0: x, 1: mode"), ("x", "0: x"), ("", "there are none")):
        with pytest.raises(ValueError, match=rf"^static_argnums must be positions of arguments \({text}\), not 5$"):
            autograd.compile(eval(f"lambda {count}: 1.0"), static_argnums=(0, 5) if count else 5)
    assert autograd.compile(lambda *x: x[0] * len(x[1]), static_argnums=1)(X, "ab").tolist() == (2 * X).tolist()
    wrong: list[Any] = [-1, "mode", (0, True), 1.0]
    for argnums in wrong:
        with pytest.raises(TypeError, match="static_argnums must be positions of arguments, counted from 0, not"):
            autograd.compile(f, static_argnums=argnums)
    wrong = [1, (1,), {"mode": 1}]
    for argnames in wrong:
        with pytest.raises(TypeError, match="static_argnames must be names of arguments, not"):
            autograd.compile(f, static_argnames=argnames)


def test_functions_without_names_of_arguments_may_have_static_arguments() -> None:
    f = autograd.compile(lambda x, **options: x * options["scale"], static_argnames="scale")
    assert f(X, scale=2).tolist() == (2 * X).tolist()
    g = autograd.compile(lambda *xs: xs[0] * len(xs[1]), static_argnums=1)
    assert g(X, "abc").tolist() == (3 * X).tolist()


# ---- arguments by name ----


def test_arguments_may_be_passed_by_name_in_any_order() -> None:
    w = Value(2.0)

    def f(x: Any, y: Any, *, z: Any = 1.0) -> Any:
        return w * x - y * z

    g = autograd.compile(f)
    expected = [2.0 * x - y * 3.0 for x, y in zip(X.tolist(), X[::-1].tolist(), strict=True)]
    assert g(X, X[::-1], z=3.0).tolist() == g(X, z=3.0, y=X[::-1]).tolist() == g(z=3.0, y=X[::-1], x=X).tolist() == expected
    assert g.backward(X, y=X, reduce="sum") == 6.0
    assert w.grad == 6.0
    assert [by.tolist() for by in g.value_and_grad(X, X, argnums=(1, 0), z=5.0)[1]] == [[-5.0] * 3, [2.0] * 3]
    assert g.program(X, y=1.0).n_wide_inputs == 1
    with pytest.raises(TypeError, match="argument 'z' must be a number"):
        g(X, X, z="a")
    with pytest.raises(ValueError, match="argument 0 has 3 and argument 'y' has 2; "):
        g(X, y=X[:2])
    assert g.value_and_grad(x=X, y=X)[1].tolist() == [2.0] * 3


def test_program_without_arguments_says_what_to_pass() -> None:
    f = autograd.compile(lambda x, t, z=3.0: x * t * z)
    with pytest.raises(
        TypeError, match=r"program\(\) needs arguments, as in program\(x, t\), because each structure of arguments"
    ):
        f.program()
    assert len(f.program(1.0, 2.0)) == 2
    assert len(autograd.compile(lambda: 1.0).program()) == 0


# ---- derivatives of functions with several results ----


def test_jacobian_and_hessian_are_the_compiled_transforms() -> None:
    points = np.array([[1.0, 2.0], [0.5, -1.0]])
    pair = autograd.compile(lambda p, k: [p[0] * p[1] * k, p[0].exp()])
    found = pair.jacobian(points, 2.0)
    for i, point in enumerate(points):
        assert same([row[i] for row in found], autograd.jacobian(lambda p: [p[0] * p[1] * 2.0, p[0].exp()])(point))
    assert same(pair.jacobian(points, 2.0, argnums=1)[0], points[:, 0] * points[:, 1])
    cubic = autograd.compile(lambda x, n: x**n, static_argnums=1)
    assert cubic.hessian(X, 3).tolist() == (6 * X).tolist()
    assert cubic.hessian(X, n=2).tolist() == [2.0] * 3


def test_derivatives_are_recorded_once_and_again_after_clear() -> None:
    scales, calls = [2.0], []

    def f(x: Any) -> Any:
        calls.append(1)
        return scales[0] * x * x

    g = autograd.compile(f)
    assert g.hessian(X).tolist() == g.hessian(X).tolist() == [4.0] * 3
    assert len(calls) == 2
    scales[0] = 3.0
    g.clear()
    assert g.hessian(X).tolist() == [6.0] * 3


# ---- decorators ----


@autograd.compile(static_argnames="n", threads=2)
def power(x: Any, n: int) -> Any:
    """Multiply x by itself."""
    return 1.0 if n == 0 else x * power(x, n - 1)


def test_compile_is_a_decorator_with_options() -> None:
    assert power(X, n=3).tolist() == (X * (X * X)).tolist()
    assert (power.threads, power.__doc__, power.__name__) == (2, "Multiply x by itself.", "power")  # type: ignore[attr-defined]
    assert pickle.loads(pickle.dumps(power)) is power
    assert callable(autograd.compile())


class Line:
    def __init__(self, slope: float) -> None:
        self.slope: Any = Value(slope)

    @autograd.compile
    def loss(self, x: Any, t: Any) -> Any:
        return (self.slope * x - t) ** 2

    @autograd.compile(static_argnums=2)
    def scaled(self, x: Any, twice: bool) -> Any:
        return self.slope * x * 2.0 if twice else self.slope * x

    @staticmethod
    @autograd.compile
    def double(x: Any) -> Any:
        return 2.0 * x

    @autograd.compile
    @staticmethod
    def triple(x: Any) -> Any:
        return 3.0 * x


class Steeper(Line):
    @autograd.compile
    def loss(self, x: Any, t: Any) -> Any:
        return super().loss(x, t) * 2.0


def test_methods_are_recorded_for_each_object() -> None:
    line, other = Line(2.0), Line(3.0)
    assert [line.loss(X, X).tolist(), other.loss(X, X).tolist()] == [(X**2).tolist(), ((2 * X) ** 2).tolist()]
    assert (line.loss.backward(X, 0.0 * X, reduce="sum"), line.slope.grad, other.slope.grad) == (56.0, 56.0, 0.0)
    assert line.loss is line.loss
    assert line.scaled(X, True).tolist() == line.scaled(X, twice=True).tolist() == (4 * X).tolist()
    assert line.scaled(X, False).tolist() == (2 * X).tolist()
    assert line.double(X).tolist() == Line.double(X).tolist() == (2 * X).tolist()
    assert line.triple(X).tolist() == Line.triple(X).tolist() == (3 * X).tolist()
    line.slope = Value(1.0)
    assert line.loss(X, X).tolist() == [0.0] * 3


def test_a_compiled_method_may_call_the_method_that_it_overrides() -> None:
    steeper = Steeper(2.0)
    for _ in range(2):
        assert steeper.loss(X, X).tolist() == (2 * X**2).tolist()


def test_a_compiled_method_of_a_module_is_not_one_of_its_parts() -> None:
    class Model(nn.Module):
        def __init__(self) -> None:
            self.w = Value(2.0)

        @autograd.compile
        def loss(self, x: Any) -> Any:
            return self.w * x

    model = Model()
    assert model.loss(X).tolist() == (2 * X).tolist()
    assert list(model.state_dict()) == ["w"]
    assert len(model.modules()) == 1


def test_a_copy_of_an_object_has_recordings_of_its_own() -> None:
    line = Line(2.0)
    line.loss(X, X)
    for copied in (copy.deepcopy(line), pickle.loads(pickle.dumps(line))):
        copied.slope.data = 4.0
        assert copied.loss is not line.loss
        assert copied.loss(X, X).tolist() == ((3 * X) ** 2).tolist()
    shallow = copy.copy(line)
    shallow.slope = Value(4.0)
    assert shallow.loss(X, X).tolist() == ((3 * X) ** 2).tolist()
    assert line.loss(X, X).tolist() == (X**2).tolist()


def test_an_object_is_released_with_its_recordings() -> None:
    line = Line(2.0)
    line.loss(X, X)
    gone = weakref.ref(line)
    del line
    gc.collect()
    assert gone() is None


def test_a_compiled_method_needs_a_dict() -> None:
    class Slotted:
        __slots__ = ()

        @autograd.compile
        def f(self, x: Any) -> Any:
            return x

    with pytest.raises(
        TypeError, match="a compiled method needs an object with a __dict__, which keeps the recordings, not Slotted"
    ):
        Slotted().f(X)
