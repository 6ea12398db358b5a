"""Neurons, layers and dropout: results and errors."""

from __future__ import annotations

import copy
import math
import pickle
import random
import re
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd
from autograd import Value
from nn import ACTIVATIONS, MLP, Dropout, Layer, Linear, Module, Neuron

seeds = st.integers(0, 2**32)
rates = st.floats(0, 1, exclude_max=True)


def test_a_neuron_computes_the_activation_of_the_weighted_sum_plus_bias() -> None:
    neuron = Neuron(2, "tanh", seed=0)
    neuron.bias.data = 0.25
    u, w = (weight.data for weight in neuron.weights)
    assert neuron([3.0, -2.0]).data == pytest.approx(math.tanh(3 * u - 2 * w + 0.25), rel=1e-15)


def test_a_layer_returns_the_outputs_of_its_neurons() -> None:
    layer, x = Layer(3, 4, "sigmoid", seed=0), [0.5, -1.0, 2.0]
    assert [out.data for out in layer(x)] == [neuron(x).data for neuron in layer.neurons]


@pytest.mark.parametrize(
    ("module", "name"), [(Neuron(1), "weights"), (Neuron(1), "bias"), (Layer(1, 1), "neurons"), (Layer(1, 1), "activation")]
)
def test_the_parts_of_a_layer_cannot_be_reassigned(module: Module, name: str) -> None:
    before = getattr(module, name)
    with pytest.raises(
        AttributeError,
        match=rf"^{name} of {re.escape(repr(module))} cannot be replaced; assign to the data of its parameters, or write",
    ):
        setattr(module, name, [Value(1.0)])
    assert getattr(module, name) is before


def test_a_copied_layer_uses_its_own_parameters() -> None:
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


@pytest.mark.parametrize("kind", [list, tuple, np.array, lambda row: (x for x in row)])
def test_a_row_may_be_a_list_a_tuple_an_array_or_any_iterable(kind: Any) -> None:
    model = MLP(2, [3, 1], seed=0)
    assert model(kind([1.5, -2.0]))[0].data == model([1.5, -2.0])[0].data


def test_gradients_reach_inputs_that_are_values() -> None:
    neuron, x = Neuron(2, seed=0), [Value(1.0), Value(2.0)]
    neuron(x).backward()
    assert [v.grad for v in x] == [w.data for w in neuron.weights]


# ---- activations ----


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_an_activation_by_name_is_the_function_of_that_name(name: str) -> None:
    neuron = Neuron(1, name, seed=0)
    z = 2.0 * neuron.weights[0].data
    assert neuron([2.0]).data == (z if name == "linear" else getattr(autograd, name)(z))


def test_an_activation_may_be_any_function_of_a_value() -> None:
    neuron = Neuron(1, lambda z: z * z, seed=0)
    assert neuron([2.0]).data == (2.0 * neuron.weights[0].data) ** 2


def test_the_error_for_an_unknown_activation_lists_the_known_ones() -> None:
    with pytest.raises(ValueError, match=r"unknown activation: 'swish' \(must be one of 'linear', 'tanh', .*'softplus', or"):
        MLP(2, [2, 1], activation="swish")
    with pytest.raises(TypeError, match=r"unknown activation: None \(must be one of 'linear'"):
        Neuron(2, None)  # type: ignore[arg-type]


@pytest.mark.parametrize("activation", ["tahn", None])
def test_an_unknown_activation_is_rejected_even_if_a_single_layer_would_not_use_it(activation: Any) -> None:
    with pytest.raises((ValueError, TypeError), match=rf"unknown activation: {activation!r} \(must be one of"):
        MLP(2, [3], activation=activation)


# ---- errors ----


@pytest.mark.parametrize("module", [Neuron(3), Layer(3, 2), MLP(3, [2, 1])], ids=["Neuron", "Layer", "MLP"])
@pytest.mark.parametrize("row", [[1.0, 2.0], [1.0] * 4, [], np.zeros(5)], ids=["2", "4", "0", "array of 5"])
def test_the_error_for_a_wrong_number_of_inputs_names_both_numbers(module: Any, row: Any) -> None:
    with pytest.raises(ValueError, match=rf"\(3.*\) needs 3 inputs, not {len(row)}; pass rows of 3 numbers"):
        module(row)


@pytest.mark.parametrize("inputs", [1.0, None, Value(2.0), {1.0}, {1.0: 2.0}, {1.0: 2.0}.keys(), b"a", "a", np.array(1.0)])
def test_inputs_that_are_not_an_ordered_list_are_rejected(inputs: Any) -> None:
    kind = "float" if isinstance(inputs, np.ndarray) else type(inputs).__name__
    for module in (Neuron(1), Layer(1, 2)):
        with pytest.raises(TypeError, match=rf"{re.escape(repr(module))} needs a list of numbers or Values, not {kind} \("):
            module(inputs)
    with pytest.raises(TypeError, match=r"Layer\(1, 2\) needs a list of numbers or Values, not "):
        MLP(1, [2])(inputs)


def test_an_error_in_a_generator_of_inputs_propagates_unchanged() -> None:
    def row() -> Any:
        raise TypeError("of the caller")
        yield 1.0

    with pytest.raises(TypeError, match="of the caller"):
        Layer(1, 2)(row())


def test_a_data_set_instead_of_a_row_is_rejected() -> None:
    for model, rows in ((MLP(4, [3]), 150), (MLP(2, [3]), 2)):
        with pytest.raises(TypeError, match=r"needs one row of numbers, not a table; .* \[model\(row\) for row in X\]"):
            model(np.zeros((rows, model.layers[0].n_inputs)))


@pytest.mark.parametrize("number", [0, -1])
def test_a_module_without_inputs_or_outputs_is_rejected(number: int) -> None:
    for make in (lambda: Neuron(number), lambda: Layer(number, 2), lambda: MLP(number, [2])):
        with pytest.raises(ValueError, match=f"n_inputs must be at least 1, not {number}"):
            make()
    for make in (lambda: Layer(2, number), lambda: MLP(2, [2, number])):
        with pytest.raises(ValueError, match=f"n_outputs must be at least 1, not {number}"):
            make()


def test_sizes_must_be_integers() -> None:
    with pytest.raises(TypeError, match=r"n_inputs must be an integer, not float \(2.5\)"):
        Neuron(2.5)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"n_outputs must be an integer, not str \('3'\)"):
        Layer(2, "3")  # type: ignore[arg-type]


# ---- repr and copies ----


def test_the_repr_is_one_line_with_the_options_that_are_not_default() -> None:
    assert repr(Neuron(2)) == "Neuron(2)"
    assert repr(Neuron(2, "tanh")) == "Neuron(2, activation='tanh')"
    assert repr(Layer(2, 3, math.sin)) == "Layer(2, 3, activation='sin')"  # type: ignore[arg-type]  # returns a float
    assert repr(MLP(4, [16, 3])) == "MLP(4, [16, 3])"
    assert repr(MLP(4, [16, 3], activation="relu")) == "MLP(4, [16, 3], activation='relu')"
    assert repr(MLP(4, [3])) == "MLP(4, [3])"
    assert repr(Layer(2, 3, bias=False, init="zeros")) == "Layer(2, 3, bias=False, init='zeros')"
    assert repr(Linear(2, 3)) == "Linear(2, 3)"
    assert repr(Linear(2, 3, bias=False, init=lambda *_: 1.0)) == "Linear(2, 3, bias=False, init='<lambda>')"
    assert repr(Dropout()) == "Dropout(0.5)"
    sizes: Any = np.array([4, 16])
    assert repr(MLP(sizes[0], (sizes[1], 3), init="he_normal")) == "MLP(4, [16, 3], init='he_normal')"
    assert repr(MLP(4, [16, 3], dropout=0.2)) == "MLP(4, [16, 3], dropout=0.2)"
    assert repr(MLP(4, [16, 3], activation="linear")) == "MLP(4, [16, 3], activation='linear')"


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda model: pickle.loads(pickle.dumps(model))], ids=["copy", "pickle"])
def test_a_copy_of_a_model_is_independent_and_has_the_same_outputs(copied: Any) -> None:
    model = MLP(2, [3, 1], activation="relu", seed=0)
    other = copied(model)
    assert other([1.0, 2.0])[0].data == model([1.0, 2.0])[0].data
    other.parameters()[0].data = 99.0
    assert model.parameters()[0].data != 99.0


# ---- linear layers, and layers without a bias ----


@pytest.mark.parametrize("bias", [True, False])
def test_a_linear_layer_matches_torch(bias: bool) -> None:
    torch = pytest.importorskip("torch")
    ours, theirs = Linear(3, 4, bias, seed=0), torch.nn.Linear(3, 4, bias, dtype=torch.float64)
    with torch.no_grad():
        weights = [[w.data for w in neuron.weights] for neuron in ours.neurons]
        theirs.weight.copy_(torch.tensor(weights, dtype=torch.float64))
        if bias:
            for i, neuron in enumerate(ours.neurons):
                neuron.bias.data = i - 1.5
                theirs.bias[i] = i - 1.5
    x = [0.5, -2.0, 3.0]
    assert [z.data for z in ours(x)] == pytest.approx(theirs(torch.tensor(x, dtype=torch.float64)).tolist(), rel=1e-14)
    assert len(ours.parameters()) == sum(p.numel() for p in theirs.parameters())


@pytest.mark.parametrize(
    "make",
    [
        lambda: Neuron(2, "tanh", 0, bias=False),
        lambda: Layer(2, 1, "tanh", 0, bias=False),
        lambda: Linear(2, 1, False, None, 0),
    ],
)
def test_without_a_bias_zeros_give_zero_and_only_weights_are_parameters(make: Any) -> None:
    module = make()
    output = module([0.0, 0.0])
    assert (output[0] if isinstance(output, list) else output).data == 0.0
    assert [name.split(".")[-2] for name, _ in module.named_parameters()] == ["weights"] * 2


def test_a_linear_layer_equals_a_layer_without_activation_of_the_same_seed() -> None:
    linear, layer = Linear(3, 2, seed=7), Layer(3, 2, seed=7)
    assert linear.state_dict() == layer.state_dict()
    assert [z.data for z in linear([1.0, 2.0, 3.0])] == [z.data for z in layer([1.0, 2.0, 3.0])]


def test_a_layer_without_a_bias_is_replayed_bit_for_bit() -> None:
    layer = Layer(3, 2, "tanh", 0, bias=False)
    X = np.random.default_rng(0).normal(size=(20, 3))
    replayed = np.array(autograd.compile(layer)(X)).reshape(2, 20)
    assert replayed.T.tolist() == [[z.data for z in layer(row)] for row in X]


@pytest.mark.parametrize("bias", [None, 1, 0.0, "no"])
def test_bias_must_be_a_bool(bias: Any) -> None:
    message = re.escape(f"bias must be True or False, not {type(bias).__name__} ({bias!r})")
    for make in (lambda: Neuron(1, bias=bias), lambda: Layer(1, 1, bias=bias), lambda: Linear(1, 1, bias)):
        with pytest.raises(TypeError, match=message):
            make()


def test_an_invalid_fan_out_is_rejected() -> None:
    with pytest.raises(ValueError, match="fan_out must be at least 1, not 0"):
        Neuron(1, fan_out=0)


@pytest.mark.parametrize("activation", [Dropout, Value, int])
def test_a_class_as_an_activation_is_rejected(activation: Any) -> None:
    with pytest.raises(TypeError, match=rf"unknown activation: <class '.*{activation.__name__}'> \(must be one of"):
        Neuron(1, activation)


# ---- dropout ----


@given(st.lists(st.floats(-1e6, 1e6)), rates, seeds)
def test_dropout_returns_zero_or_the_number_divided_by_one_minus_p(row: list[float], p: float, seed: int) -> None:
    outputs = Dropout(p, seed)(row)
    assert len(outputs) == len(row)
    for number, output in zip(row, outputs, strict=True):
        assert output == 0.0 or output == pytest.approx(number / (1 - p), rel=1e-15)


@given(st.floats(0.01, 0.99), seeds)
def test_dropout_drops_a_fraction_of_p_and_preserves_the_mean(p: float, seed: int) -> None:
    """Both hold within six standard deviations of the binomial distribution."""
    n = 2000
    outputs = Dropout(p, seed)([1.0] * n)
    share = outputs.count(0.0) / n
    deviation = math.sqrt(p * (1 - p) / n)
    assert abs(share - p) < 6 * deviation
    assert abs(sum(outputs) / n - 1) < 6 * deviation / (1 - p)


@given(st.lists(st.floats()), rates)
def test_dropout_in_evaluation_mode_returns_its_inputs_and_draws_nothing(row: list[float], p: float) -> None:
    rng = random.Random(0)
    before = rng.getstate()
    outputs = Dropout(p, rng).eval()(row)
    assert outputs is not row
    assert all(output is number for output, number in zip(outputs, row, strict=True))
    assert rng.getstate() == before


def test_dropout_with_p_0_changes_no_number() -> None:
    row = [Value(1.5), -2.0, math.inf]
    assert [float(getattr(x, "data", x)) for x in Dropout(0, seed=0)(row)] == [1.5, -2.0, math.inf]


def test_gradients_of_inputs_equal_the_mask() -> None:
    row, dropout = [Value(float(i)) for i in range(20)], Dropout(0.75, seed=1)
    mask = copy.deepcopy(dropout).draw(20)
    autograd.sum(dropout(row)).backward()
    assert set(mask) == {0.0, 4.0}
    assert [x.grad for x in row] == mask


def test_p_may_be_changed_and_is_shown_in_the_repr() -> None:
    dropout = Dropout(0.5, seed=0)
    dropout.p = 0.0
    assert dropout([1.0] * 9) == [1.0] * 9
    assert repr(dropout) == "Dropout(0.0)"


def test_a_replaced_draw_function_provides_the_mask_and_nothing_else_is_drawn() -> None:
    rng = random.Random(0)
    dropout, before = Dropout(0.5, rng), rng.getstate()
    vars(dropout)["draw"] = lambda n: [Value(2.0), 0.0][:n]
    assert [float(x.data) for x in dropout([Value(3.0), Value(5.0)])] == [6.0, 0.0]
    assert rng.getstate() == before


@pytest.mark.parametrize("seed", [3, random.Random(3), np.random.default_rng(3)], ids=["int", "Random", "NumPy"])
def test_dropout_draws_a_new_mask_per_call_and_equal_seeds_give_equal_masks(seed: Any) -> None:
    ones = [1.0] * 50
    one, other = Dropout(0.5, copy.deepcopy(seed)), Dropout(0.5, copy.deepcopy(seed))
    first = one(ones)
    assert one(ones) != first
    assert other(ones) == first


@pytest.mark.parametrize(
    ("p", "error", "message"),
    [
        (1, ValueError, "p must be in [0, 1), not 1.0"),
        (-0.1, ValueError, "p must be in [0, 1), not -0.1"),
        (math.nan, ValueError, "p must be in [0, 1), not nan"),
        ("0.5", TypeError, "p must be a number, not str ('0.5')"),
        (True, TypeError, "p must be a number, not bool (True)"),
        (None, TypeError, "p must be a number, not NoneType (None)"),
        (["a"], TypeError, "p must be a number, not list (['a'])"),
    ],
)
def test_p_must_be_a_probability_less_than_1(p: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        Dropout(p)
    with pytest.raises(error, match=f"^{re.escape(message.replace('p', 'dropout', 1))}$"):
        MLP(2, [2, 1], dropout=p)


def test_dropout_accepts_and_rejects_the_same_inputs_as_a_layer() -> None:
    dropout = Dropout(0.5).eval()
    for row in ((1.0, 2.0), np.array([1.0, 2.0]), iter([1.0, 2.0])):
        assert dropout(row) == [1.0, 2.0]
    with pytest.raises(TypeError, match=r"Dropout\(0.5\) needs a list of numbers or Values, not Value \("):
        dropout(Value(1.0))
    wrong: Any
    for wrong in (["a"], [1.0, None]):
        message = f"Dropout(0.5) needs a list of numbers or Values, not list ({wrong})"
        with pytest.raises(TypeError, match=re.escape(message)):
            Dropout(0.5)(wrong)
    with pytest.raises(TypeError, match=r"Dropout\(0.5\) needs one row of numbers, not a table; use predict"):
        Dropout(0.5)([[1.0, 2.0]])
    with pytest.raises(TypeError, match=r"seed must be an integer, .*, a NumPy Generator or None, not str \('x'\)"):
        Dropout(0.5, "x")  # type: ignore[arg-type]
