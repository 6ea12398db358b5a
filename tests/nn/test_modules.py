"""Modules: where parameters are found, what neurons, layers and networks compute, and what they refuse."""

from __future__ import annotations

import copy
import math
import pickle
import random
import re
from typing import Any

import numpy as np
import pytest

import autograd
from autograd import Value
from nn import ACTIVATIONS, MLP, Layer, Module, Neuron


class Holder(Module):
    """A module with the given attributes."""

    def __init__(self, **attributes: Any) -> None:
        vars(self).update(attributes)


def names(module: Module) -> list[str]:
    return [name for name, _ in module.named_parameters()]


# ---- parameters ----


def test_parameters_are_named_by_where_they_are() -> None:
    found = dict(MLP(2, [4, 1], seed=0).named_parameters())
    assert list(found)[:4] == [
        "layers.0.neurons.0.weights.0", "layers.0.neurons.0.weights.1", "layers.0.neurons.0.bias",
        "layers.0.neurons.1.weights.0",
    ]  # fmt: skip
    assert list(found)[-1] == "layers.1.neurons.0.bias"
    assert "layers.0.neurons.3.weights.1" in found


def test_a_name_leads_to_its_parameter() -> None:
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


def test_a_shared_parameter_is_listed_once_by_its_first_name() -> None:
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
def test_two_parameters_of_one_name_are_refused_where_names_count(attributes: dict[str, Any], name: str) -> None:
    module = Holder(**attributes)
    assert [p.data for p in module.parameters()] == [1.0, 2.0]
    for ask in (module.named_parameters, module.state_dict, lambda: module.load_state_dict({name: 1.0})):
        with pytest.raises(ValueError, match=rf"two parameters of Holder\(2 parameters\) have the name '{name}', .*; give an"):
            ask()


def test_one_parameter_twice_under_one_name_is_no_collision() -> None:
    w = Value(1.0)
    assert names(Holder(d={1: w, "1": w})) == ["d.1"]


def test_an_array_without_axes_holds_one_parameter() -> None:
    array = np.empty((), dtype=object)
    array[()] = Value(1.0)
    assert names(Holder(array=array)) == ["array.0"]


def test_a_module_that_leads_back_to_itself_is_searched_once() -> None:
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


def test_state_goes_from_one_model_to_another_of_the_same_shape() -> None:
    one, other = MLP(2, [3, 1], seed=0), MLP(2, [3, 1], seed=1)
    other.load_state_dict(one.state_dict())
    assert other.state_dict() == one.state_dict()
    assert other([1.0, 2.0])[0].data == one([1.0, 2.0])[0].data


@pytest.mark.parametrize(
    ("n_outputs", "message"),
    [
        ([4, 1], r"has 13 parameters and cannot take these 17 numbers: 'layers.0.neurons.3.bias' is unknown \(one of 4\)"),
        ([2, 1], r"has 13 parameters and cannot take these 9 numbers: 'layers.0.neurons.2.bias' is missing \(one of 4\)"),
    ],
)
def test_a_state_of_another_shape_is_refused_and_changes_nothing(n_outputs: list[int], message: str) -> None:
    model = MLP(2, [3, 1], seed=0)
    before = model.state_dict()
    with pytest.raises(ValueError, match=message):
        model.load_state_dict(MLP(2, n_outputs, seed=1).state_dict())
    assert model.state_dict() == before


def test_a_state_with_something_else_than_a_number_is_refused_and_changes_nothing() -> None:
    neuron = Neuron(1, seed=0)
    before = neuron.state_dict()
    with pytest.raises(TypeError, match=r"^'bias' in the state for Neuron\(1\): .* not str \('x'\)"):
        neuron.load_state_dict({"weights.0": 5.0, "bias": "x"})  # type: ignore[dict-item]
    assert neuron.state_dict() == before


@pytest.mark.parametrize("state", [None, "w.json", [1.0, 2.0]])
def test_a_state_that_is_no_dict_is_refused(state: Any) -> None:
    kind = type(state).__name__
    with pytest.raises(TypeError, match=rf"takes what state_dict gave, a dict .*, not {kind} \(.*; a file is read by load_che"):
        Neuron(1).load_state_dict(state)


def test_a_state_with_names_that_are_no_text_is_refused() -> None:
    with pytest.raises(ValueError, match=r"cannot take these 2 numbers: 'bias' is missing \(one of 2\)"):
        Neuron(1).load_state_dict({0: 1.0, "x": 2.0})  # type: ignore[dict-item]
    with pytest.raises(ValueError, match=r"cannot take these 4 numbers: 0 is unknown \(one of 2\)"):
        Neuron(1).load_state_dict({"weights.0": 1.0, "bias": 1.0, 0: 1.0, "x": 2.0})  # type: ignore[dict-item]


# ---- what is computed ----


def test_a_neuron_is_the_activation_of_the_weighted_sum_plus_bias() -> None:
    neuron = Neuron(2, "tanh", seed=0)
    neuron.bias.data = 0.25
    u, w = (weight.data for weight in neuron.weights)
    assert neuron([3.0, -2.0]).data == pytest.approx(math.tanh(3 * u - 2 * w + 0.25), rel=1e-15)


def test_a_layer_gives_what_its_neurons_give() -> None:
    layer, x = Layer(3, 4, "sigmoid", seed=0), [0.5, -1.0, 2.0]
    assert [out.data for out in layer(x)] == [neuron(x).data for neuron in layer.neurons]


@pytest.mark.parametrize(
    ("module", "name"), [(Neuron(1), "weights"), (Neuron(1), "bias"), (Layer(1, 1), "neurons"), (Layer(1, 1), "activation")]
)
def test_what_a_layer_was_made_of_cannot_be_replaced_behind_its_back(module: Module, name: str) -> None:
    before = getattr(module, name)
    with pytest.raises(
        AttributeError, match=rf"^{name} of {re.escape(repr(module))} is fixed .* assign to its data; for weights"
    ):
        setattr(module, name, [Value(1.0)])
    assert getattr(module, name) is before


def test_a_copied_layer_computes_from_its_own_parameters() -> None:
    layer = Layer(1, 1, seed=0)
    for other in (copy.deepcopy(layer), pickle.loads(pickle.dumps(layer))):
        other.neurons[0].weights[0].data = 10.0
        assert other([2.0])[0].data == 20.0
        assert layer([2.0])[0].data == 2.0 * layer.neurons[0].weights[0].data != 20.0


def test_a_layer_of_one_neuron_also_returns_a_list() -> None:
    outputs = Layer(2, 1)([1.0, 2.0])
    assert isinstance(outputs, list)
    assert len(outputs) == 1
    assert len(MLP(2, [3, 1, 3])([1.0, 2.0])) == 3


@pytest.mark.parametrize("activation", ["tanh", "relu", "sigmoid"])
def test_an_mlp_equals_the_matrix_formula_and_its_last_layer_is_linear(activation: str) -> None:
    model = MLP(3, [5, 4, 2], activation=activation, seed=3)
    functions: dict[str, Any] = {"tanh": np.tanh, "relu": lambda z: np.maximum(z, 0), "sigmoid": lambda z: 1 / (1 + np.exp(-z))}
    x = np.array([0.3, -1.2, 2.0])
    a = x
    for depth, layer in enumerate(model.layers):
        W = np.array([[w.data for w in neuron.weights] for neuron in layer.neurons])
        z = W @ a + [neuron.bias.data for neuron in layer.neurons]
        a = z if depth == 2 else functions[activation](z)
    assert [out.data for out in model(x)] == pytest.approx(list(a), rel=1e-13)


@pytest.mark.parametrize("kind", [list, tuple, np.array, lambda row: (x for x in row)])
def test_a_row_may_be_a_list_a_tuple_an_array_or_any_iterable(kind: Any) -> None:
    model = MLP(2, [3, 1], seed=0)
    assert model(kind([1.5, -2.0]))[0].data == model([1.5, -2.0])[0].data


def test_gradients_reach_inputs_that_are_values() -> None:
    neuron, x = Neuron(2, seed=0), [Value(1.0), Value(2.0)]
    neuron(x).backward()
    assert [v.grad for v in x] == [w.data for w in neuron.weights]


def test_code_written_for_micrograd_trains() -> None:
    model = MLP(2, [16, 16, 1], seed=0)
    xs, ys = [[2.0, 3.0], [3.0, -1.0], [0.5, 1.0], [1.0, 1.0]], [1.0, -1.0, -1.0, 1.0]
    losses = []
    for _ in range(200):
        loss: Any = sum((model(x)[0] - y) ** 2 for x, y in zip(xs, ys, strict=True))
        model.zero_grad()
        loss.backward()
        for p in model.parameters():
            p.data -= 0.02 * p.grad
        losses.append(loss.data)
    assert losses[-1] < 0.1 * losses[0]


# ---- first weights ----


def test_the_same_seed_gives_the_same_numbers_and_another_seed_others() -> None:
    assert MLP(4, [16, 3], seed=5).state_dict() == MLP(4, [16, 3], seed=5).state_dict()
    assert MLP(4, [16, 3], seed=5).state_dict() != MLP(4, [16, 3], seed=6).state_dict()


@pytest.mark.parametrize("make", [lambda s: Neuron(2, seed=s), lambda s: Layer(2, 2, seed=s), lambda s: MLP(2, [2], seed=s)])
def test_a_seed_is_any_whole_number_or_a_generator_and_nothing_else(make: Any) -> None:
    assert make(np.int64(3)).state_dict() == make(random.Random(3)).state_dict() == make(3).state_dict()
    for seed in (1.5, "3", [3]):
        kind = type(seed).__name__
        with pytest.raises(TypeError, match=rf"seed must be a whole number, .*, a NumPy Generator or None, not {kind} \(.*"):
            make(seed)


def test_without_a_seed_every_model_is_different() -> None:
    assert MLP(4, [16, 3]).state_dict() != MLP(4, [16, 3]).state_dict()


def test_the_first_numbers_of_seed_0_are_these_on_every_machine() -> None:
    assert [w.data for w in Neuron(3, seed=0).weights] == [0.8436577925009958, 0.6318566641080297, -0.194559098040328]


@pytest.mark.parametrize(
    ("activation", "bound"),
    [("tanh", math.sqrt(6 / 90)), ("linear", math.sqrt(6 / 90)), ("relu", math.sqrt(6 / 50)), ("gelu", math.sqrt(6 / 50))],
)
def test_weights_fill_the_interval_of_xavier_or_he_and_biases_are_zero(activation: str, bound: float) -> None:
    layer = Layer(50, 40, activation, seed=1)
    sizes = [abs(w.data) for neuron in layer.neurons for w in neuron.weights]
    assert 0.99 * bound < max(sizes) <= bound
    assert all(neuron.bias.data == 0.0 for neuron in layer.neurons)


@pytest.mark.parametrize("activation", ["tanh", "relu"])
def test_a_signal_neither_swells_nor_fades_through_ten_layers(activation: str) -> None:
    model = MLP(30, [30] * 10, activation=activation, seed=0)
    size = math.sqrt(sum(out.data**2 for out in model([(-1.0) ** i for i in range(30)])) / 30)
    assert 0.03 < size < 30


# ---- activations ----


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_an_activation_by_name_is_the_function_of_that_name(name: str) -> None:
    neuron = Neuron(1, name, seed=0)
    z = 2.0 * neuron.weights[0].data
    assert neuron([2.0]).data == (z if name == "linear" else getattr(autograd, name)(z))


def test_an_activation_may_be_any_function_of_a_value() -> None:
    neuron = Neuron(1, lambda z: z * z, seed=0)
    assert neuron([2.0]).data == (2.0 * neuron.weights[0].data) ** 2


def test_an_unknown_activation_is_refused_with_a_list_of_the_known() -> None:
    with pytest.raises(ValueError, match=r"unknown activation: 'swish' \(must be one of 'linear', 'tanh', .*'softplus', or"):
        MLP(2, [2, 1], activation="swish")
    with pytest.raises(TypeError, match=r"unknown activation: None \(must be one of 'linear'"):
        Neuron(2, None)  # type: ignore[arg-type]


@pytest.mark.parametrize("activation", ["tahn", None])
def test_an_unknown_activation_is_refused_by_a_single_layer_that_would_not_use_it(activation: Any) -> None:
    with pytest.raises((ValueError, TypeError), match=rf"unknown activation: {activation!r} \(must be one of"):
        MLP(2, [3], activation=activation)


# ---- refusals ----


@pytest.mark.parametrize("module", [Neuron(3), Layer(3, 2), MLP(3, [2, 1])], ids=["Neuron", "Layer", "MLP"])
@pytest.mark.parametrize("row", [[1.0, 2.0], [1.0] * 4, [], np.zeros(5)], ids=["2", "4", "0", "array of 5"])
def test_a_wrong_number_of_inputs_is_refused_naming_both(module: Any, row: Any) -> None:
    with pytest.raises(ValueError, match=rf"\(3.*\) takes 3 inputs, not {len(row)}; a module takes one row at a time"):
        module(row)


@pytest.mark.parametrize("inputs", [1.0, None, Value(2.0), {1.0}, {1.0: 2.0}, {1.0: 2.0}.keys(), b"a", "a", np.array(1.0)])
def test_an_input_that_is_no_list_or_has_no_order_is_refused(inputs: Any) -> None:
    kind = "float" if isinstance(inputs, np.ndarray) else type(inputs).__name__
    for module in (Neuron(1), Layer(1, 2)):
        with pytest.raises(TypeError, match=rf"{re.escape(repr(module))} takes a list of numbers or Values, not {kind} \("):
            module(inputs)
    with pytest.raises(TypeError, match=r"Layer\(1, 2\) takes a list of numbers or Values, not "):
        MLP(1, [2])(inputs)


def test_an_error_in_a_generator_of_inputs_stays_what_it_is() -> None:
    def row() -> Any:
        raise TypeError("of the caller")
        yield 1.0

    with pytest.raises(TypeError, match="of the caller"):
        Layer(1, 2)(row())


def test_a_whole_data_set_in_place_of_a_row_is_refused() -> None:
    with pytest.raises(ValueError, match=r"takes 4 inputs, not 150; .* \[model\(row\) for row in X\]"):
        MLP(4, [3])(np.zeros((150, 4)))
    with pytest.raises(TypeError, match=r"must be a real number, not list \(\[0.0, 0.0\]\)"):
        MLP(2, [3])(np.zeros((2, 2)))


@pytest.mark.parametrize("number", [0, -1])
def test_a_module_without_inputs_or_outputs_is_refused(number: int) -> None:
    for make in (lambda: Neuron(number), lambda: Layer(number, 2), lambda: MLP(number, [2])):
        with pytest.raises(ValueError, match=f"n_inputs must be 1 or more, not {number}"):
            make()
    for make in (lambda: Layer(2, number), lambda: MLP(2, [2, number])):
        with pytest.raises(ValueError, match=f"n_outputs must be 1 or more, not {number}"):
            make()


def test_sizes_that_are_no_whole_numbers_are_refused() -> None:
    with pytest.raises(TypeError, match=r"n_inputs must be a whole number, not float \(2.5\)"):
        Neuron(2.5)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"n_outputs must be a whole number, not str \('3'\)"):
        Layer(2, "3")  # type: ignore[arg-type]


@pytest.mark.parametrize("n_outputs", [16, [], "16"])
def test_layer_sizes_that_are_no_list_are_refused(n_outputs: Any) -> None:
    with pytest.raises(ValueError, match=r"n_outputs must list how many neurons each layer has, as in MLP\(4, \[16, 3\]\), "):
        MLP(4, n_outputs)


# ---- as objects ----


def test_repr_is_one_line_with_what_is_not_default() -> None:
    assert repr(Neuron(2)) == "Neuron(2)"
    assert repr(Neuron(2, "tanh")) == "Neuron(2, activation='tanh')"
    assert repr(Layer(2, 3, math.sin)) == "Layer(2, 3, activation='sin')"  # type: ignore[arg-type]  # gives a float
    assert repr(MLP(4, [16, 3])) == "MLP(4, [16, 3])"
    assert repr(MLP(4, [16, 3], activation="relu")) == "MLP(4, [16, 3], activation='relu')"
    assert repr(MLP(4, [3])) == "MLP(4, [3])"
    assert repr(MLP(4, [16, 3], activation="linear")) == "MLP(4, [16, 3], activation='linear')"
    assert repr(Holder(w=Value(1.0))) == "Holder(1 parameters)"


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda model: pickle.loads(pickle.dumps(model))], ids=["copy", "pickle"])
def test_a_copy_of_a_model_is_independent_and_computes_the_same(copied: Any) -> None:
    model = MLP(2, [3, 1], activation="relu", seed=0)
    other = copied(model)
    assert other([1.0, 2.0])[0].data == model([1.0, 2.0])[0].data
    other.parameters()[0].data = 99.0
    assert model.parameters()[0].data != 99.0
