"""Calls of compiled functions: lists for arrays, objects of other libraries, arguments by name, methods of classes."""

from __future__ import annotations

import pickle
from types import MethodType
from typing import Any

import numpy as np
import pytest

from autograd import compile, grad, jacobian, jvp, value_and_grad  # noqa: A004 - autograd.compile
from autograd import sum as sum_of

X = np.array([1.0, 2.0])


# ---- lists in the place of arrays ----

TO_COMPUTE = "to compute with each number, pass an array of rows: np.array(...)"
JOINED: list[tuple[Any, tuple[Any, ...], Any, str]] = [
    (lambda x: x * 3, ([1.0, 2.0],), [1.0, 2.0] * 3,
     f"<lambda> returns the list of argument 0 3 times, as * of Python's lists does; {TO_COMPUTE}"),
    (lambda x: 2 * x, ((1.0, 2.0),), (1.0, 2.0, 1.0, 2.0),
     f"<lambda> returns the tuple of argument 0 twice, as * of Python's tuples does; {TO_COMPUTE}"),
    (lambda x, y: x + y, ([1.0, 2.0], [3.0]), [1.0, 2.0, 3.0],
     ("<lambda> returns the lists of argument 0 and argument 1 joined, as + of Python's lists does; "
      "to compute with each number, pass arrays of rows: np.array(...)")),
    (lambda p: {"w": p["w"] * 2, "b": p["b"] * 2.0}, ({"w": [1.0, 2.0], "b": 3.0},), {"w": [1.0, 2.0, 1.0, 2.0], "b": 6.0},
     f"<lambda> returns the list of argument 0['w'] twice, as * of Python's lists does; {TO_COMPUTE}"),
    (lambda x: x * 2, ([[1.0], [2.0]],), [[1.0], [2.0], [1.0], [2.0]],
     f"<lambda> returns the list of argument 0 twice, as * of Python's lists does; {TO_COMPUTE}"),
]  # fmt: skip


@pytest.mark.parametrize(("function", "arguments", "result", "text"), JOINED)
def test_a_list_that_is_only_repeated_or_joined_is_reported_at_each_call(
    function: Any, arguments: Any, result: Any, text: str
) -> None:
    f = compile(function)
    for _ in range(2):
        with pytest.warns(UserWarning, match="^<lambda> returns the ") as caught:
            assert f(*arguments) == result
        assert [str(found.message) for found in caught] == [text]
        assert caught[0].filename == __file__


@pytest.mark.parametrize(
    ("function", "arguments"),
    [
        (lambda x: x, ([1.0, 2.0],)),
        (lambda x: x[::-1], ([1.0, 2.0],)),
        (lambda x: [x, x], (1.0,)),
        (lambda x: [x[0], x[0]], ([1.0],)),
        (lambda x: [2.0 * v for v in x] * 2, ([1.0, 2.0],)),
        (lambda x, y: [x, y], ([1.0, 2.0], [3.0])),
        (lambda x, y: sum_of(x + y), ([1.0, 2.0], [3.0])),
        (lambda x: np.array(x) * 3, ([1.0, 2.0],)),
        (lambda x: x * 3, (X,)),
    ],
)
def test_other_lists_are_not_reported(function: Any, arguments: Any) -> None:
    compile(function)(*arguments)  # warnings are errors


def test_transforms_report_the_same_mistake() -> None:
    found: Any
    text = r"^<lambda> returns the list of argument 0 twice, .* pass an array: np\.array\(\.\.\.\)$"
    with pytest.warns(UserWarning, match=text):
        found = jacobian(lambda x: x * 2)([3.0, 4.0])
    assert found == [[1.0, 0.0], [0.0, 1.0], [1.0, 0.0], [0.0, 1.0]]
    with pytest.warns(UserWarning, match=text):
        found = jvp(lambda x: x * 2, ([3.0, 4.0],), ([1.0, 0.0],))
    assert found == ([3.0, 4.0, 3.0, 4.0], [1.0, 0.0, 1.0, 0.0])
    assert jacobian(lambda x: x * 2)(np.array([3.0, 4.0])).tolist() == [[2.0, 0.0], [0.0, 2.0]]


# ---- objects of other libraries ----


def test_objects_of_other_libraries_are_answered_with_their_conversion_to_an_array() -> None:
    pandas, torch = pytest.importorskip("pandas"), pytest.importorskip("torch")
    remedies = {
        "pass an array: series.to_numpy()": pandas.Series([1.0, 2.0]),
        "pass an array: index.to_numpy()": pandas.Index([1.0, 2.0]),
        "pass an array: frame.to_numpy(), or one for each column: frame['name'].to_numpy()": pandas.DataFrame({"a": [1.0]}),
        "pass an array: tensor.detach().numpy()": torch.tensor([1.0, 2.0], requires_grad=True),
        "use its number: tensor.item()": torch.tensor(1.0),
        "convert it to a list, which has an order: list(...)": {1.0, 2.0},
        "convert it to a list: list(...)": range(3),
    }
    for remedy, thing in remedies.items():
        for function in (compile(lambda x: x), grad(lambda x: x)):
            with pytest.raises(TypeError, match=r"^argument 0 must be a number, .* not \w+ ") as caught:
                function(thing)
            assert str(caught.value).endswith(f"; {remedy}")


# ---- arguments by name ----


def scaled(x: Any, k: Any, *, more: Any = 1.0) -> Any:
    """Return a product."""
    return x**2 * k * more


def test_arguments_to_differentiate_may_be_passed_by_name() -> None:
    f = compile(scaled)
    assert f.value_and_grad(3.0, k=5.0) == f.value_and_grad(x=3.0, k=5.0) == f.value_and_grad(k=5.0, x=3.0) == (45.0, 30.0)
    assert f.value_and_grad(3.0, k=5.0, argnums=1) == (45.0, 9.0)
    assert f.value_and_grad(k=5.0, x=3.0, more=2.0, argnums=(1, 0)) == (90.0, (18.0, 60.0))
    value, gradient = f.value_and_grad(x=X, k=5.0)
    assert (value.tolist(), gradient.tolist()) == ([5.0, 20.0], [10.0, 20.0])
    assert f.jacobian(x=3.0, k=5.0) == 30.0
    assert f.hessian(k=5.0, x=3.0) == 10.0
    assert value_and_grad(scaled)(x=3.0, k=5.0) == (45.0, 30.0)
    assert grad(scaled, (0, 1))(3.0, k=5.0, more=2.0) == (60.0, 18.0)
    with pytest.raises(TypeError, match=r"^argnums must be positions of the 1 argument of the call, counted from 0, not 1$"):
        compile(lambda x, k=2.0: x * k).value_and_grad(x=3.0, argnums=1)
    with pytest.raises(ValueError, match="argnums = 1, but scaled was called with 0 positional arguments"):
        grad(scaled, 1)(k=5.0)


# ---- methods of classes ----


class Scaler:
    """Methods of a class, compiled in both orders of the decorators."""

    factor = 2.0

    @classmethod
    @compile
    def inner_class(cls, x: Any) -> Any:
        """Read an attribute of the class."""
        return x * cls.factor

    @compile
    @classmethod
    def outer_class(cls, x: Any) -> Any:
        """Read an attribute of the class."""
        return x * cls.factor

    @staticmethod
    @compile
    def inner_static(x: Any) -> Any:
        """Need no class."""
        return x * 2.0

    @compile
    @staticmethod
    def outer_static(x: Any) -> Any:
        """Need no class."""
        return x * 2.0

    @compile(static_argnames="n")
    @classmethod
    def power(cls, x: Any, n: int) -> Any:
        """Take an option."""
        return cls.factor * x**n


class Tripler(Scaler):
    """A subclass with another attribute."""

    factor = 3.0


@pytest.mark.parametrize("name", ["inner_class", "outer_class", "inner_static", "outer_static"])
def test_methods_of_classes_can_be_compiled_in_either_order(name: str) -> None:
    for owner in (Scaler, Scaler()):
        method = getattr(owner, name)
        assert method(X).tolist() == [2.0, 4.0]
        assert method(1.5) == 3.0
    assert getattr(Tripler, name)(X).tolist() == ([3.0, 6.0] if "class" in name else [2.0, 4.0])
    found = pickle.loads(pickle.dumps(getattr(Scaler, name)))
    assert found(X).tolist() == [2.0, 4.0]


@pytest.mark.parametrize("name", ["outer_class", "outer_static"])
def test_compiled_methods_of_classes_have_gradients_and_see_changes(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    method = getattr(Scaler, name)
    assert method.value_and_grad(X)[1].tolist() == [2.0, 2.0]
    assert method is getattr(Scaler, name)
    assert method.__name__ == name
    if "class" in name:
        monkeypatch.setattr(Scaler, "factor", 5.0)
        assert method(X).tolist() == [5.0, 10.0]
    assert Scaler.power(X, n=2).tolist() == [2.0 * 1.0, 2.0 * 4.0] if name == "outer_static" else True
    assert Scaler.power(X, 3).tolist() == [Scaler.factor * 1.0, Scaler.factor * 8.0]


def test_a_class_as_the_first_argument_is_the_class_of_a_method() -> None:
    method = MethodType(Scaler.__dict__["inner_class"].__func__, Tripler)  # as classmethod does from Python 3.13 on
    assert method(X).tolist() == [3.0, 6.0]
