"""Whatever a compiled function uses without being given it may be replaced: the next call uses what is there then."""

from __future__ import annotations

import functools
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import autograd
import nn
from autograd import Value
from autograd.compiler.names import captured

X = np.array([1.0, 2.0, 3.0])
KEPT: list[Any] = []  # so that what was replaced lives on, and only its place can say that it was
number: Any = 2.0
weight: Any = None


@pytest.fixture(autouse=True)
def _restored() -> Any:
    global number, weight
    number, weight = 2.0, Value(2.0)
    yield
    KEPT.clear()


def assert_notices(function: Any, change: Any) -> None:
    """That after ``change()``, which puts 3 in the place of 2, it is 3 that the compiled function multiplies by."""
    compiled = autograd.compile(function)
    assert compiled(X).tolist() == (2 * X).tolist()
    change()
    assert compiled(X).tolist() == (3 * X).tolist()
    assert compiled.backward(X) == 6.0
    assert compiled.value_and_grad(X)[1].tolist() == [3.0] * 3


def set_number() -> None:
    global number  # noqa: PLW0603
    number = 3.0


def set_weight() -> None:
    global weight  # noqa: PLW0603
    KEPT.append(weight)
    weight = Value(3.0)


def test_a_global_number() -> None:
    assert_notices(lambda x: number * x, set_number)


def test_a_global_value() -> None:
    assert_notices(lambda x: weight * x, set_weight)


def test_a_global_in_a_comprehension() -> None:
    assert_notices(lambda x: autograd.sum([weight * y for y in [x]]), set_weight)


def helper(x: Any) -> Any:
    return weight * x


def test_a_global_of_a_function_that_is_called() -> None:
    assert_notices(lambda x: helper(x), set_weight)


@pytest.mark.parametrize("make", [float, Value])
def test_a_variable_of_the_enclosing_function(make: Any) -> None:
    w = make(2.0)

    def change() -> None:
        nonlocal w
        KEPT.append(w)
        w = make(3.0)

    def inner(x: Any) -> Any:
        return w * x

    assert_notices(inner, change)
    w = make(2.0)
    assert_notices(lambda x: inner(x), change)


@pytest.mark.parametrize("make", [float, Value])
def test_an_attribute(make: Any) -> None:
    model = SimpleNamespace(w=make(2.0))

    def change() -> None:
        KEPT.append(model.w)
        model.w = make(3.0)

    assert_notices(lambda x: model.w * x, change)


class Model:
    def __init__(self) -> None:
        self.w: Any = Value(2.0)

    def __call__(self, x: Any) -> Any:
        return self.w * x

    def loss(self, x: Any) -> Any:
        return self.w * x

    def change(self) -> None:
        KEPT.append(self.w)
        self.w = Value(3.0)


def test_an_attribute_of_the_object_that_a_method_belongs_to() -> None:
    model = Model()
    assert_notices(model.loss, model.change)
    model = Model()
    assert_notices(model, model.change)


class ByClass:
    w: Any = None

    def __call__(self, x: Any) -> Any:
        return self.w * x

    @classmethod
    def of_class(cls, x: Any) -> Any:
        return cls.w * x

    @staticmethod
    def static(x: Any) -> Any:
        return ByClass.w * x


def test_an_attribute_of_a_class() -> None:
    def change() -> None:
        KEPT.append(ByClass.w)
        ByClass.w = Value(3.0)

    model = ByClass()
    for function in (model, ByClass.of_class, ByClass.static, lambda x: ByClass.w * x, lambda x: model.static(x)):
        ByClass.w = Value(2.0)
        assert_notices(function, change)


def test_an_attribute_of_an_object_that_hides_that_of_its_class() -> None:
    ByClass.w = Value(2.0)
    model = ByClass()
    assert_notices(model, lambda: setattr(model, "w", Value(3.0)))


class Slotted:
    __slots__ = ("w",)

    def __init__(self) -> None:
        self.w: Any = Value(2.0)

    def change(self) -> None:
        KEPT.append(self.w)
        self.w = Value(3.0)


def test_an_attribute_in_slots() -> None:
    model = Slotted()
    assert_notices(lambda x: model.w * x, model.change)
    compiled = autograd.compile(lambda x: model.w * x)
    compiled(X)
    del model.w
    with pytest.raises(AttributeError, match="w"):
        compiled(X)


class Deeper(Model):
    def __init__(self) -> None:
        super().__init__()
        self.inner = Model()

    @property
    def weight(self) -> Any:
        return self.w

    def by_method(self, x: Any) -> Any:
        return self.loss(x)

    def by_property(self, x: Any) -> Any:
        return self.weight * x

    def by_attribute(self, x: Any) -> Any:
        return self.inner.w * x

    def by_call(self, x: Any) -> Any:
        return self.inner(x)

    def loss(self, x: Any) -> Any:
        return super().loss(x)


def test_what_methods_and_properties_use_and_attributes_of_attributes() -> None:
    for name in ("by_method", "by_property", "loss"):
        model = Deeper()
        assert_notices(getattr(model, name), model.change)
        model = Deeper()
        assert_notices(lambda x, model=model, name=name: getattr(type(model), name)(model, x) + model.w * 0, model.change)
    for name in ("by_attribute", "by_call"):
        model = Deeper()
        assert_notices(getattr(model, name), model.inner.change)
        model = Deeper()
        assert_notices(lambda x, model=model: model.by_attribute(x), model.inner.change)


def by_weight(x: Any) -> Any:
    return weight * x * x / 2


@pytest.mark.parametrize(
    "function",
    [
        autograd.grad(by_weight),
        lambda x: autograd.jacobian(lambda y: [by_weight(y)])(x)[0],
        autograd.hessian(lambda x: by_weight(x) * x / 3),
        lambda x: autograd.hvp(by_weight)(x, x),
        autograd.compile(lambda x: weight * x),
        functools.lru_cache(lambda x: weight * x),
    ],
    ids=["grad", "jacobian", "hessian", "hvp", "compile", "decorator"],
)
def test_what_is_behind_a_derivative_or_a_decorator(function: Any) -> None:
    compiled = autograd.compile(function)
    assert compiled(X).tolist() == (2 * X).tolist()
    set_weight()
    assert compiled(X).tolist() == (3 * X).tolist()


def test_what_a_function_only_assigns_to_does_not_count() -> None:
    model = SimpleNamespace(w=Value(2.0), out=None)

    def f(x: Any) -> Any:
        model.out = model.w * x
        return 1.0 * x

    compiled = autograd.compile(f)
    compiled(X)
    recorded = model.out
    compiled(X)
    assert model.out is recorded


class Keeping(Model):
    """Keeps what it computed, to be looked at, and reads it again."""

    def __init__(self) -> None:
        super().__init__()
        self.hidden: Any = None

    def __call__(self, x: Any) -> Any:
        KEPT.append(self)
        self.hidden = [{"w": self.w * x}]
        return self.hidden[0]["w"] + 0.0


def test_a_result_that_the_function_keeps_is_no_reason_to_record_again() -> None:
    model = Keeping()
    compiled = autograd.compile(model)
    assert [compiled(X).tolist() for _ in range(4)] == [[2.0, 4.0, 6.0]] * 4
    assert len(KEPT) == 2  # to record it; not again, though what is kept is another thing then
    assert_notices(model, model.change)


def test_a_default() -> None:
    def f(x: Any, w: Any = weight) -> Any:
        return w * x

    f.__defaults__ = (Value(2.0),)

    def change() -> None:
        KEPT.append(f.__defaults__)
        f.__defaults__ = (Value(3.0),)

    assert_notices(f, change)


def test_a_default_of_a_keyword() -> None:
    def f(x: Any, *, w: Any = None) -> Any:
        return w * x

    f.__kwdefaults__ = {"w": Value(2.0)}

    def change() -> None:
        KEPT.append(f.__kwdefaults__)
        f.__kwdefaults__ = {"w": Value(3.0)}

    assert_notices(f, change)


def test_partial_functions_are_looked_into() -> None:
    assert_notices(functools.partial(lambda y, x: weight * x * y, 1.0), set_weight)
    model = Model()
    assert_notices(functools.partial(lambda model, x: model.w * x, model), model.change)
    model = Model()
    assert_notices(functools.partial(lambda x, model: model.w * x, model=model), model.change)
    model = Model()
    assert_notices(lambda x, model=model: model.w * x, model.change)


def test_an_object_that_refuses_unknown_attributes_is_no_trouble() -> None:
    class Refusing(Model):
        def __getattr__(self, name: str) -> Any:
            raise RuntimeError(name)

    model = Refusing()
    assert_notices(lambda x: model(x), model.change)


def test_an_item_of_a_list_if_nobody_else_has_the_old_one() -> None:
    items = [Value(2.0)]
    assert_notices(lambda x: items[0] * x, lambda: items.__setitem__(0, Value(3.0)))
    items = [Value(2.0), Value(1.0)]
    g = autograd.compile(lambda x: autograd.sum([w * x for w in items]))
    assert g(X).tolist() == [3.0, 6.0, 9.0]
    del items[1]
    assert g(X).tolist() == [2.0, 4.0, 6.0]


def test_two_compiled_functions_that_share_a_parameter_both_notice() -> None:
    items = [Value(2.0)]
    f, g = autograd.compile(lambda x: items[0] * x), autograd.compile(lambda x: items[0] + x)
    assert (f(X).tolist(), g(X).tolist(), f(1.0)) == ([2.0, 4.0, 6.0], [3.0, 4.0, 5.0], 2.0)
    items[0] = Value(3.0)
    assert (f(X).tolist(), g(X).tolist(), f(1.0)) == ([3.0, 6.0, 9.0], [4.0, 5.0, 6.0], 3.0)


def test_a_name_that_is_deleted_is_an_error_that_says_which() -> None:
    global weight  # noqa: PLW0603
    compiled = autograd.compile(lambda x: weight * x)
    compiled(X)
    KEPT.append(weight)
    del weight
    with pytest.raises(NameError, match="'weight'"):
        compiled(X)
    weight = Value(4.0)
    assert compiled(X).tolist() == [4.0, 8.0, 12.0]


class OfRows(nn.Module):
    def __init__(self) -> None:
        self.w: Any = 2.0  # a number, of which only its place can say that it was replaced

    def __call__(self, row: Any) -> Any:
        return [self.w * row[0]]


@pytest.mark.parametrize("wrap", [lambda model: [model], lambda model: {0: model}, lambda model: [nn.Sequential(model)]])
def test_models_in_a_list_a_dict_or_an_nn_sequential_are_looked_into(wrap: Any) -> None:
    model = OfRows()
    parts = wrap(model)
    assert_notices(lambda x: parts[0]([x])[0], lambda: setattr(model, "w", 3.0))


def test_what_is_only_counted_up_does_not_count() -> None:
    total = 0

    def f(x: Any) -> Any:
        global number  # noqa: PLW0603
        nonlocal total
        total += 1
        number += 1
        KEPT[0].total += 1
        return 2.0 * x

    KEPT.append(SimpleNamespace(total=0))
    compiled = autograd.compile(f)
    for _ in range(3):
        assert compiled(X).tolist() == (2 * X).tolist()
    assert (total, number, KEPT[0].total) == (2, 4.0, 2)


def test_what_is_not_used_does_not_count() -> None:
    compiled = autograd.compile(lambda x: weight * x)
    compiled(X)
    set_number()
    compiled(X)
    assert repr(compiled) == "<compiled <lambda>, recorded 1 times>"


def test_functions_of_this_package_and_builtins_are_not_looked_into() -> None:
    assert captured(autograd.tanh) == captured(abs) == captured(3) == []
    assert len(captured(lambda x: autograd.tanh(x))) < 5


def test_functions_that_call_each_other_are_looked_into_once() -> None:
    def one(x: Any) -> Any:
        return other(x) if number else weight

    def other(x: Any) -> Any:
        return one(x) if weight else number

    there = [thing for _, thing in captured(one)]
    assert [sum(thing is wanted for thing in there) for wanted in (number, weight)] == [2, 2]
