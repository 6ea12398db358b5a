"""Modules: discovery of parameters and submodules, states, and training mode."""

from __future__ import annotations

import copy
import re
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import Value
from nn import MLP, Dropout, Layer, Linear, Module, Neuron, Sequential, fit
from nn.strategies import networks


class Holder(Module):
    """A module with the given attributes."""

    def __init__(self, **attributes: Any) -> None:
        vars(self).update(attributes)


def names(module: Module) -> list[str]:
    return [name for name, _ in module.named_parameters()]


# ---- parameters ----


def test_parameters_are_named_by_their_path() -> None:
    found = dict(MLP(2, [4, 1], seed=0).named_parameters())
    assert list(found)[:4] == [
        "layers.0.neurons.0.weights.0", "layers.0.neurons.0.weights.1", "layers.0.neurons.0.bias",
        "layers.0.neurons.1.weights.0",
    ]  # fmt: skip
    assert list(found)[-1] == "layers.1.neurons.0.bias"
    assert "layers.0.neurons.3.weights.1" in found


def test_a_name_maps_to_its_parameter() -> None:
    model = MLP(2, [4, 1], seed=0)
    assert dict(model.named_parameters())["layers.0.neurons.3.weights.1"] is model.layers[0].neurons[3].weights[1]


def test_an_mlp_has_a_weight_for_each_connection_and_a_bias_for_each_neuron() -> None:
    assert len(MLP(2, [16, 16, 1]).parameters()) == (2 * 16 + 16) + (16 * 16 + 16) + (16 + 1)


def test_parameters_are_found_in_lists_tuples_dicts_arrays_and_modules_in_order_of_assignment() -> None:
    v = [Value(float(i)) for i in range(7)]
    array = np.array([[v[4], v[5]]], dtype=object)
    module = Holder(z=v[0], a=[v[1], (v[2],)], d={"key": v[3]}, array=array, inner=Holder(x=v[6]))
    assert names(module) == ["z", "a.0", "a.1.0", "d.key", "array.0.0", "array.0.1", "inner.x"]
    assert [p.data for p in module.parameters()] == [0, 1, 2, 3, 4, 5, 6]


def test_a_shared_parameter_is_listed_once_under_its_first_name() -> None:
    shared = Value(1.0)
    inner = Holder(w=shared)
    assert names(Holder(a=inner, b=inner, c=[shared, Value(2.0)])) == ["a.w", "c.1"]


@pytest.mark.parametrize(
    ("attributes", "name"),
    [
        ({"d": {1: Value(1.0), "1": Value(2.0)}}, "d.1"),
        ({"e": {"a.b": Value(1.0), "a": {"b": Value(2.0)}}}, "e.a.b"),
        ({"a.b": Value(1.0), "a": Holder(b=Value(2.0))}, "a.b"),
    ],
)
def test_two_parameters_with_the_same_name_are_rejected_where_names_matter(attributes: dict[str, Any], name: str) -> None:
    module = Holder(**attributes)
    assert [p.data for p in module.parameters()] == [1.0, 2.0]
    for ask in (module.named_parameters, module.state_dict, lambda: module.load_state_dict({name: 1.0})):
        with pytest.raises(
            ValueError, match=rf"two parameters of Holder\(2 parameters\) have the name '{name}'; rename an attribute"
        ):
            ask()


def test_the_same_parameter_twice_under_one_name_is_not_a_collision() -> None:
    w = Value(1.0)
    assert names(Holder(d={1: w, "1": w})) == ["d.1"]


def test_a_zero_dimensional_array_holds_one_parameter() -> None:
    array = np.empty((), dtype=object)
    array[()] = Value(1.0)
    assert names(Holder(array=array)) == ["array.0"]


def test_a_module_that_contains_itself_is_searched_once() -> None:
    module = Holder(w=Value(1.0))
    module.parent = module  # type: ignore[attr-defined]
    assert names(module) == ["w"]


def test_computed_values_plain_numbers_and_private_attributes_are_not_parameters() -> None:
    x = Value(1.0)
    assert names(Holder(output=x * 2, rate=0.1, text="w", _cache=Value(3.0), w=x)) == ["w"]


def test_zero_grad_clears_every_parameter() -> None:
    model = MLP(2, [3, 1], seed=0)
    model([1.0, 2.0])[0].backward()
    assert any(p.grad for p in model.parameters())
    model.zero_grad()
    assert [p.grad for p in model.parameters()] == [0.0] * len(model.parameters())


def test_a_state_can_be_loaded_into_another_model_of_the_same_shape() -> None:
    one, other = MLP(2, [3, 1], seed=0), MLP(2, [3, 1], seed=1)
    other.load_state_dict(one.state_dict())
    assert other.state_dict() == one.state_dict()
    assert other([1.0, 2.0])[0].data == one([1.0, 2.0])[0].data


@pytest.mark.parametrize(
    ("n_outputs", "message"),
    [
        ([4, 1], r"has 13 parameters and cannot load these 17: 'layers.0.neurons.3.bias' is unknown \(one of 4\)"),
        ([2, 1], r"has 13 parameters and cannot load these 9: 'layers.0.neurons.2.bias' is missing \(one of 4\)"),
    ],
)
def test_a_state_of_another_shape_is_rejected_and_changes_nothing(n_outputs: list[int], message: str) -> None:
    model = MLP(2, [3, 1], seed=0)
    before = model.state_dict()
    with pytest.raises(ValueError, match=message):
        model.load_state_dict(MLP(2, n_outputs, seed=1).state_dict())
    assert model.state_dict() == before


def test_a_state_with_an_entry_that_is_not_a_number_is_rejected_and_changes_nothing() -> None:
    neuron = Neuron(1, seed=0)
    before = neuron.state_dict()
    with pytest.raises(TypeError, match=r"^'bias' in the state must be a number, not str \('x'\)"):
        neuron.load_state_dict({"weights.0": 5.0, "bias": "x"})  # type: ignore[dict-item]
    assert neuron.state_dict() == before


@pytest.mark.parametrize("state", [None, "w.json", [1.0, 2.0]])
def test_a_state_that_is_not_a_dict_is_rejected(state: Any) -> None:
    kind = type(state).__name__
    with pytest.raises(
        TypeError, match=rf"state must be a dict from state_dict\(\), not {kind} \(.*; see load_checkpoint for files"
    ):
        Neuron(1).load_state_dict(state)


def test_a_state_with_names_that_are_not_text_is_rejected() -> None:
    with pytest.raises(ValueError, match=r"cannot load these 2: 0 is unknown \(one of 4\); create the module with"):
        Neuron(1).load_state_dict({0: 1.0, "x": 2.0})  # type: ignore[dict-item]
    with pytest.raises(ValueError, match=r"cannot load these 4: 0 is unknown \(one of 2\)"):
        Neuron(1).load_state_dict({"weights.0": 1.0, "bias": 1.0, 0: 1.0, "x": 2.0})  # type: ignore[dict-item]


@given(networks(), networks(), st.data())
def test_a_state_is_loaded_completely_or_not_at_all(model: MLP, other: MLP, data: st.DataObject) -> None:
    """It is copied bit for bit between networks of the same shape. Otherwise nothing changes."""
    numbers = st.floats(allow_nan=False)
    for parameter in model.parameters():
        parameter.data = data.draw(numbers)
    state, before = model.state_dict(), other.state_dict()
    if state.keys() == before.keys():
        other.load_state_dict(state)
        assert other.state_dict() == state
    else:
        with pytest.raises(ValueError, match=r"is (missing|unknown)"):
            other.load_state_dict(state)
        assert other.state_dict() == before


def test_the_repr_of_a_custom_module_shows_its_number_of_parameters() -> None:
    assert repr(Holder(w=Value(1.0))) == "Holder(1 parameter)"


def test_the_state_of_a_layer_without_a_bias_has_no_bias() -> None:
    model = Sequential(Linear(2, 1, bias=False), "relu", Dropout(0.5), Linear(1, 1))
    assert list(model.state_dict()) == [
        "layers.0.neurons.0.weights.0", "layers.0.neurons.0.weights.1",
        "layers.3.neurons.0.weights.0", "layers.3.neurons.0.bias",
    ]  # fmt: skip


# ---- submodules and training mode ----


def test_modules_are_named_by_their_path_and_the_first_is_the_module_itself() -> None:
    inner = Holder(w=Value(1.0))
    module = Holder(a=inner, parts=[(Dropout(),), {"key": Neuron(1)}], again=inner, _hidden=Dropout())
    assert [name for name, _ in module.named_modules()] == ["", "a", "parts.0.0", "parts.1.key"]
    assert module.modules() == [module, inner, module.parts[0][0], module.parts[1]["key"]]  # type: ignore[attr-defined]


def test_module_names_match_torch() -> None:
    torch = pytest.importorskip("torch")

    def parts(*layers: Any) -> Any:
        return torch.nn.ModuleDict({"layers": torch.nn.ModuleList(layers)})

    theirs = parts(torch.nn.Dropout(), parts(torch.nn.Dropout(), torch.nn.Dropout()), torch.nn.Tanh())
    ours = Sequential(Dropout(), Sequential(Dropout(), Dropout()), "tanh")
    lists = {name for name, module in theirs.named_modules() if isinstance(module, torch.nn.ModuleList)}
    assert [name for name, _ in ours.named_modules()] == [name for name, _ in theirs.named_modules() if name not in lists]


def test_a_module_that_contains_itself_is_listed_once() -> None:
    module = Holder(inner=Holder())
    module.inner.parent = module  # type: ignore[attr-defined]
    assert [name for name, _ in module.named_modules()] == ["", "inner"]
    assert not module.eval().inner.training  # type: ignore[attr-defined]


def test_train_and_eval_set_the_mode_of_all_submodules() -> None:
    model = Sequential(Layer(2, 3), Holder(parts=[MLP(3, [2, 3], dropout=0.5)]))
    assert all(module.training for module in model.modules())
    assert model.eval() is model
    assert not any(module.training for module in model.modules())
    assert not copy.deepcopy(model).layers[1].parts[0].training
    assert model.train() is model
    assert all(module.training for module in model.modules())
    assert model.train(False) is model
    assert not any(module.training for module in model.modules())


def test_eval_changes_no_other_modules() -> None:
    model, other = MLP(2, [2, 1], dropout=0.5), MLP(2, [2, 1], dropout=0.5)
    model.layers[1].eval()
    assert [module.training for module in model.modules() if not isinstance(module, Neuron)] == [True, True, False, True]
    assert all(module.training for module in other.modules())


def test_the_training_mode_is_not_part_of_the_state() -> None:
    model = MLP(2, [2, 1], dropout=0.5)
    state = model.state_dict()
    assert model.eval().state_dict() == state


@pytest.mark.parametrize("mode", [None, 1, "yes"])
def test_a_mode_that_is_not_a_bool_is_rejected_and_changes_nothing(mode: Any) -> None:
    model = Dropout(0.5)
    with pytest.raises(TypeError, match=re.escape(f"mode must be True or False, not {type(mode).__name__} ({mode!r})")):
        model.train(mode)
    assert model.training


PLAIN = st.sampled_from([0.5, 1, True, None, "text", b"bytes"])
LONG = st.sampled_from([0, 101])


@given(
    st.recursive(
        PLAIN | st.builds(lambda: Value(1.0)),
        lambda inner: st.builds(
            lambda kind, items, count: kind(items) if kind is not dict else dict(enumerate(items * (1 + count))),
            st.sampled_from([list, tuple, dict]),
            st.builds(lambda first, many, last: [*first * (1 + many), *last], st.lists(inner), LONG, st.lists(inner)),
            LONG,
        ),
        max_leaves=8,
    )
)
def test_parameters_in_and_after_much_data_are_found(data: Any) -> None:
    def walk(thing: Any) -> list[Value]:
        if isinstance(thing, Value):
            return [thing]
        items = thing.values() if isinstance(thing, dict) else thing if isinstance(thing, list | tuple) else ()
        return [value for item in items for value in walk(item)]

    module = Module()
    module.data = data  # type: ignore[attr-defined]
    assert list(map(id, module.parameters())) == list(dict.fromkeys(map(id, walk(data))))


def test_parameters_and_modules_after_long_nested_data_are_found() -> None:
    module, rows = Module(), [(0.0, 1.0)] * 200
    w, inner = Value(1.0), Dropout(0.5)
    for last in (w, [w], {"w": (w,)}, inner, [[[[[[w]]]]]]):
        module.data = [*rows, last]  # type: ignore[attr-defined]
        assert module.parameters() == ([] if last is inner else [w])
        assert module.modules() == ([module, inner] if last is inner else [module])
    cyclic: list[Any] = [0.0] * 200
    cyclic.append(cyclic)
    module.data = cyclic  # type: ignore[attr-defined]
    assert module.parameters() == []


def test_large_data_is_not_searched_item_by_item() -> None:
    module = Module()
    module.rows = [(0.0, 1.0)] * 300_000  # type: ignore[attr-defined]
    assert len(module._find(object)) == 1  # the search would list the tuple and the list


# ---- selection of parameters ----


def test_parameters_are_excluded_by_identity_and_not_by_value() -> None:
    model = MLP(2, [3, 1], seed=0)
    hidden, output = model[0], model[1]
    assert {p.data for p in hidden.parameters()} & {0.0} == {output.neurons[0].bias.data}  # biases start at 0.0
    rest = [id(p) for p in output.parameters()]
    for exclude in (hidden, [hidden], hidden.parameters(), hidden.neurons, iter(hidden.parameters())):
        assert [id(p) for p in model.parameters(exclude=exclude)] == rest
    assert len(model.parameters(exclude=output.neurons[0].bias)) == 12
    assert len(model.parameters(exclude=[])) == len(model.parameters(exclude=Dropout())) == 13
    assert model.parameters(exclude=model) == []


@pytest.mark.parametrize("exclude", [Value(0.0), [0.0], "bias", None, Neuron(2), [[]]])
def test_excluded_parameters_must_be_inside_the_module(exclude: Any) -> None:
    with pytest.raises(
        ValueError, match=r"exclude must contain parameters or Modules inside Neuron\(2\), not .*; take them from"
    ):
        Neuron(2).parameters(exclude=exclude)


def test_forward_without_call_gets_a_remedy() -> None:
    class Line(Module):
        def __init__(self) -> None:
            self.slope = Value(2.0)

        def forward(self, x: Any) -> Any:
            return self.slope * x

    class Callable(Line):
        def __call__(self, x: Any) -> Any:
            return self.forward(x)

    message = "^a Line cannot be called; define __call__ instead of forward$"
    with pytest.raises(TypeError, match=message):
        Line()(1.0)  # type: ignore[operator]
    with pytest.raises(TypeError, match=message):
        fit(Line(), [[1.0]], [1.0], loss="mse", lr=0.1, epochs=1)
    assert Callable()(3.0).data == 6.0
