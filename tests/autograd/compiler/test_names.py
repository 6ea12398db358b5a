"""A name that a compiled function reads may be bound to another object. The next call uses that object."""

from __future__ import annotations

import functools
import json
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import autograd
import nn
from autograd import Value
from autograd.compiler.names import Names

X = np.array([1.0, 2.0, 3.0])
KEPT: list[Any] = []  # keeps replaced objects alive, so that only their names can show the replacement
number: Any = 2.0
weight: Any = None


@pytest.fixture(autouse=True)
def _restored() -> Any:
    global number, weight
    number, weight = 2.0, Value(2.0)
    yield
    KEPT.clear()


def assert_detects(function: Any, change: Any) -> None:
    """Assert that the compiled function multiplies by 3 after ``change()`` has replaced 2 by 3."""
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


def test_a_replaced_global_number_is_detected() -> None:
    assert_detects(lambda x: number * x, set_number)


def test_a_replaced_global_value_is_detected() -> None:
    assert_detects(lambda x: weight * x, set_weight)


def test_a_replaced_global_in_a_comprehension_is_detected() -> None:
    assert_detects(lambda x: autograd.sum([weight * y for y in [x]]), set_weight)


def helper(x: Any) -> Any:
    return weight * x


def test_a_replaced_global_of_a_called_function_is_detected() -> None:
    assert_detects(lambda x: helper(x), set_weight)


@pytest.mark.parametrize("make", [float, Value])
def test_a_replaced_variable_of_the_enclosing_function_is_detected(make: Any) -> None:
    w = make(2.0)

    def change() -> None:
        nonlocal w
        KEPT.append(w)
        w = make(3.0)

    def inner(x: Any) -> Any:
        return w * x

    assert_detects(inner, change)
    w = make(2.0)
    assert_detects(lambda x: inner(x), change)


@pytest.mark.parametrize("make", [float, Value])
def test_a_replaced_attribute_is_detected(make: Any) -> None:
    model = SimpleNamespace(w=make(2.0))

    def change() -> None:
        KEPT.append(model.w)
        model.w = make(3.0)

    assert_detects(lambda x: model.w * x, change)


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


def test_a_replaced_attribute_of_the_object_of_a_method_is_detected() -> None:
    model = Model()
    assert_detects(model.loss, model.change)
    model = Model()
    assert_detects(model, model.change)


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


def test_a_replaced_attribute_of_a_class_is_detected() -> None:
    def change() -> None:
        KEPT.append(ByClass.w)
        ByClass.w = Value(3.0)

    model = ByClass()
    for function in (model, ByClass.of_class, ByClass.static, lambda x: ByClass.w * x, lambda x: model.static(x)):
        ByClass.w = Value(2.0)
        assert_detects(function, change)


def test_a_new_attribute_that_hides_a_class_attribute_is_detected() -> None:
    ByClass.w = Value(2.0)
    model = ByClass()
    assert_detects(model, lambda: setattr(model, "w", Value(3.0)))


class Slotted:
    __slots__ = ("w",)

    def __init__(self) -> None:
        self.w: Any = Value(2.0)

    def change(self) -> None:
        KEPT.append(self.w)
        self.w = Value(3.0)


def test_a_replaced_attribute_in_slots_is_detected() -> None:
    model = Slotted()
    assert_detects(lambda x: model.w * x, model.change)
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


def test_replaced_attributes_used_by_methods_properties_and_attributes_are_detected() -> None:
    for name in ("by_method", "by_property", "loss"):
        model = Deeper()
        assert_detects(getattr(model, name), model.change)
        model = Deeper()
        assert_detects(lambda x, model=model, name=name: getattr(type(model), name)(model, x) + model.w * 0, model.change)
    for name in ("by_attribute", "by_call"):
        model = Deeper()
        assert_detects(getattr(model, name), model.inner.change)
        model = Deeper()
        assert_detects(lambda x, model=model: model.by_attribute(x), model.inner.change)


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
def test_a_replaced_global_behind_a_derivative_or_a_decorator_is_detected(function: Any) -> None:
    compiled = autograd.compile(function)
    assert compiled(X).tolist() == (2 * X).tolist()
    set_weight()
    assert compiled(X).tolist() == (3 * X).tolist()


def test_an_attribute_that_a_function_only_assigns_is_ignored() -> None:
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
    """Stores its result in an attribute and reads it again."""

    def __init__(self) -> None:
        super().__init__()
        self.hidden: Any = None

    def __call__(self, x: Any) -> Any:
        KEPT.append(self)
        self.hidden = [{"w": self.w * x}]
        return self.hidden[0]["w"] + 0.0


def test_a_result_that_the_function_stores_does_not_trigger_a_recording() -> None:
    model = Keeping()
    compiled = autograd.compile(model)
    assert [compiled(X).tolist() for _ in range(4)] == [[2.0, 4.0, 6.0]] * 4
    assert len(KEPT) == 2  # both for recording; not again, although the stored object is a different one then
    assert_detects(model, model.change)


def test_a_replaced_default_is_detected() -> None:
    def f(x: Any, w: Any = weight) -> Any:
        return w * x

    f.__defaults__ = (Value(2.0),)

    def change() -> None:
        KEPT.append(f.__defaults__)
        f.__defaults__ = (Value(3.0),)

    assert_detects(f, change)


def test_a_replaced_default_of_a_keyword_is_detected() -> None:
    def f(x: Any, *, w: Any = None) -> Any:
        return w * x

    f.__kwdefaults__ = {"w": Value(2.0)}

    def change() -> None:
        KEPT.append(f.__kwdefaults__)
        f.__kwdefaults__ = {"w": Value(3.0)}

    assert_detects(f, change)


def test_replaced_objects_in_partial_functions_are_detected() -> None:
    assert_detects(functools.partial(lambda y, x: weight * x * y, 1.0), set_weight)
    model = Model()
    assert_detects(functools.partial(lambda model, x: model.w * x, model), model.change)
    model = Model()
    assert_detects(functools.partial(lambda x, model: model.w * x, model=model), model.change)
    model = Model()
    assert_detects(lambda x, model=model: model.w * x, model.change)


def test_an_object_that_raises_an_error_for_unknown_attributes_is_supported() -> None:
    class Refusing(Model):
        def __getattr__(self, name: str) -> Any:
            raise RuntimeError(name)

    model = Refusing()
    assert_detects(lambda x: model(x), model.change)


def test_a_replaced_item_of_a_list_is_used_after_clear() -> None:
    items = [Value(2.0)]
    f = autograd.compile(lambda x: items[0] * x)
    assert f(X).tolist() == [2.0, 4.0, 6.0]
    items[0] = Value(3.0)
    assert f(X).tolist() == [2.0, 4.0, 6.0]
    f.clear()
    assert f(X).tolist() == [3.0, 6.0, 9.0]


def test_two_compiled_functions_that_share_a_parameter_both_detect_its_replacement() -> None:
    model = SimpleNamespace(w=Value(2.0))
    f, g = autograd.compile(lambda x: model.w * x), autograd.compile(lambda x: model.w + x)
    assert (f(X).tolist(), g(X).tolist(), f(1.0)) == ([2.0, 4.0, 6.0], [3.0, 4.0, 5.0], 2.0)
    model.w = Value(3.0)
    assert (f(X).tolist(), g(X).tolist(), f(1.0)) == ([3.0, 6.0, 9.0], [4.0, 5.0, 6.0], 3.0)


def test_the_error_for_a_deleted_name_states_the_name() -> None:
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
        self.w: Any = 2.0  # a number, so that only the attribute can show the replacement

    def __call__(self, row: Any) -> Any:
        return [self.w * row[0]]


@pytest.mark.parametrize("wrap", [lambda model: [model], lambda model: {0: model}, lambda model: [nn.Sequential(model)]])
def test_a_replaced_attribute_of_a_model_in_a_container_is_detected(wrap: Any) -> None:
    model = OfRows()
    parts = wrap(model)
    assert_detects(lambda x: parts[0]([x])[0], lambda: setattr(model, "w", 3.0))


def test_counters_that_are_only_incremented_are_ignored() -> None:
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


def test_globals_that_are_not_used_are_ignored() -> None:
    compiled = autograd.compile(lambda x: weight * x)
    compiled(X)
    set_number()
    compiled(X)
    assert repr(compiled) == "<compiled <lambda>, recorded 1 time>"


def test_functions_of_libraries_and_builtins_are_not_searched() -> None:
    for function in (autograd.tanh, abs, 3, json.dumps):
        assert Names(function).bound == []
    assert len(Names(lambda x: autograd.tanh(json.loads(x))).bound) < 5


def test_functions_that_call_each_other_are_searched_once() -> None:
    def one(x: Any) -> Any:
        return other(x) if number else weight

    def other(x: Any) -> Any:
        return one(x) if weight else number

    found = [thing for _, thing in Names(one).bound]
    assert [sum(thing is wanted for thing in found) for wanted in (number, weight)] == [2, 2]


# ---- modules ------------------------------------------------------------------------------------------------------

ROWS = np.array([[1.0, 2.0], [3.0, 4.0]])


class Affine(nn.Module):
    """A module of a user, with its parameters in an attribute, a list and a dict."""

    def __init__(self) -> None:
        self.bias, self.weights, self.more = Value(1.0), [Value(2.0), Value(3.0)], {"scale": Value(4.0)}

    def __call__(self, row: Any) -> Any:
        return autograd.dot(self.weights, list(row)[: len(self.weights)], self.bias) * self.more["scale"]


def outputs(model: Any) -> list[float]:
    return [model(row).data for row in ROWS]


@pytest.mark.parametrize("change", [
    lambda model: setattr(model, "bias", Value(5.0)),
    lambda model: setattr(model, "weights", [Value(5.0), Value(6.0)]),
    lambda model: model.weights.__setitem__(1, Value(5.0)),
    lambda model: model.weights.pop(),
    lambda model: model.more.__setitem__("scale", Value(5.0)),
])  # fmt: skip
@pytest.mark.parametrize("wrap", [lambda model: model, lambda model: lambda row: model(row), lambda model: model.__call__])
def test_a_replaced_parameter_of_a_module_is_detected(wrap: Any, change: Any) -> None:
    model = Affine()
    compiled = autograd.compile(wrap(model))
    assert compiled(ROWS).tolist() == outputs(model)
    KEPT.extend(model.parameters())
    change(model)
    assert compiled(ROWS).tolist() == outputs(model)


def test_a_replaced_parameter_in_an_array_of_a_module_is_detected() -> None:
    class InArray(nn.Module):
        def __init__(self) -> None:
            self.weights = np.array([Value(2.0), Value(3.0)], dtype=object)

        def __call__(self, row: Any) -> Any:
            return autograd.dot(list(self.weights), list(row))

    model = InArray()
    compiled = autograd.compile(model)
    assert compiled(ROWS).tolist() == outputs(model)
    model.weights[1] = Value(5.0)
    assert compiled(ROWS).tolist() == outputs(model)


def test_a_replaced_or_added_layer_is_detected() -> None:
    model = nn.MLP(2, [3, 1], seed=0)
    compiled = autograd.compile(lambda row: model(list(row))[0])
    wanted = [model(row)[0].data for row in ROWS.tolist()]
    assert compiled(ROWS).tolist() == wanted
    changes: list[Any] = [
        lambda: setattr(model, "layers", [*model.layers[:1], nn.Linear(3, 1, seed=1)]),
        lambda: model.layers.__setitem__(0, nn.Layer(2, 3, "relu", seed=2)),
        lambda: model.layers.append(nn.Linear(1, 1, seed=3)),
        lambda: model.layers.pop(),
    ]
    for change in changes:
        KEPT.append(list(model.layers))
        change()
        assert compiled(ROWS).tolist() != wanted
        wanted = [model(row)[0].data for row in ROWS.tolist()]
        assert compiled(ROWS).tolist() == wanted


def test_a_switch_between_training_and_evaluation_is_detected() -> None:
    model = nn.Sequential(nn.Linear(2, 1, seed=0), nn.Dropout(0.5, seed=0)).eval()
    compiled = autograd.compile(lambda row: autograd.sum([model([*row])[0] for _ in range(9)]))
    compiled(ROWS)
    model.train()
    with pytest.raises(autograd.RecordingError, match="must do the same on every call"):
        compiled(ROWS)
    model.eval()
    assert compiled(ROWS).shape == (2,)


def test_the_mode_of_a_custom_module_is_checked_in_each_call() -> None:
    class Doubling(nn.Module):
        def __call__(self, x: Any) -> Any:
            return 2.0 * x if self.training else x

    model = Doubling()
    for function in (model, nn.Sequential(model), lambda x: model(x)):
        model.train()
        compiled = autograd.compile(function)
        assert [compiled(X).tolist(), (model.eval(), compiled(X).tolist())[1]] == [(2 * X).tolist(), X.tolist()]


class Foreign:
    """Not a module of nn: it only has a method ``parameters()``, and keeps its parameter in a slot."""

    __slots__ = ("calls", "held")

    def __init__(self) -> None:
        self.calls, self.held = 0, [Value(2.0)]

    def parameters(self) -> list[Value]:
        self.calls += 1
        return self.held


def test_any_object_with_parameters_is_a_module() -> None:
    model = Foreign()
    assert_detects(lambda x: model.parameters()[0] * x, lambda: KEPT.append(model.held) or setattr(model, "held", [Value(3.0)]))  # type: ignore[func-returns-value]


def test_a_method_parameters_that_takes_arguments_is_ignored() -> None:
    class Odd:
        def parameters(self, count: int) -> list[int]:
            return [count]

    odd = Odd()
    assert autograd.compile(lambda x: x * len(odd.parameters(3)))(X).tolist() == X.tolist()


class Counted(nn.MLP):
    calls = 0

    def parameters(self, *, exclude: Any = ()) -> list[Value]:
        Counted.calls += 1
        return super().parameters(exclude=exclude)


def test_parameters_is_not_called_unless_an_attribute_changes() -> None:
    """It takes much longer than a small replay."""
    model = Counted(2, [3, 1], seed=0)
    compiled = autograd.compile(lambda row: model(list(row))[0])
    compiled(ROWS)
    calls = Counted.calls
    for parameter in model.layers[0].neurons[0].weights:
        parameter.data += 1.0
    for _ in range(10):
        compiled(ROWS)
    assert Counted.calls == calls
    model.name = "a"  # type: ignore[attr-defined]
    for _ in range(10):
        compiled(ROWS)
    assert Counted.calls == calls + 1
    assert repr(compiled) == "<compiled <lambda>, recorded 1 time>"


def test_a_module_that_stores_its_result_is_not_recorded_again_by_another_recording() -> None:
    class Storing(Affine):
        calls = 0

        def __call__(self, row: Any) -> Any:
            Storing.calls += 1
            self.hidden = super().__call__(row)
            return self.hidden

    model = Storing()
    losses = [autograd.compile(lambda row: model(row)), autograd.compile(lambda row: model(row) * 2.0)]
    for _ in range(3):
        for loss in losses:
            loss(ROWS)
        model(ROWS[0])
    assert Storing.calls == 2 * 2 + 3


def test_a_default_of_a_keyword_replaced_in_place_is_detected() -> None:
    def f(x: Any, *, w: float = 2.0) -> Any:
        return w * x

    assert f.__kwdefaults__ is not None
    assert_detects(f, lambda: f.__kwdefaults__.update(w=3.0))


def test_a_subclass_of_property_is_searched() -> None:
    class Special(property): ...

    class Thing:
        kept = 2.0

        @Special
        def w(self) -> float:
            return self.kept

    thing = Thing()
    assert_detects(lambda x: thing.w * x, lambda: setattr(thing, "kept", 3.0))


def test_a_function_that_wraps_itself_is_supported() -> None:
    def f(x: Any) -> Any:
        return 2.0 * x

    f.__wrapped__ = f  # type: ignore[attr-defined]
    assert autograd.compile(f)(X).tolist() == (2 * X).tolist()


def test_installed_packages_are_not_searched() -> None:
    """Searching Hypothesis took seconds."""
    hypothesis = pytest.importorskip("hypothesis")
    assert len(Names(lambda x: hypothesis.given(hypothesis.strategies.floats(), x)).bound) < 5


def test_a_variable_of_the_enclosing_function_may_be_assigned_later() -> None:
    ready = False

    def f(x: Any) -> Any:
        return (w if ready else 2.0) * x

    compiled = autograd.compile(f)
    assert compiled(X).tolist() == (2 * X).tolist()
    w = 3.0
    ready = True
    assert compiled(X).tolist() == (3 * X).tolist()


def test_a_class_that_cannot_be_hashed_is_supported() -> None:
    class Meta(type):
        __hash__ = None  # type: ignore[assignment]

    class Thing(metaclass=Meta):
        w = 2.0

    assert_detects(lambda x: Thing.w * x, lambda: setattr(Thing, "w", 3.0))
