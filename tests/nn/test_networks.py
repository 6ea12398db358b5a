"""Networks: ``Sequential`` and the multi-layer perceptron."""

from __future__ import annotations

import copy
import math
import pickle
import re
import warnings
from typing import Any

import numpy as np
import pytest

import autograd
from autograd import Value
from nn import MLP, Dropout, Layer, Linear, Neuron, Sequential, fit


def square(z: Value) -> Value:
    return z * z


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


@pytest.mark.parametrize("activation", ["tanh", "relu"])
def test_a_signal_neither_explodes_nor_vanishes_through_ten_layers(activation: str) -> None:
    model = MLP(30, [30] * 10, activation=activation, seed=0)
    size = math.sqrt(sum(out.data**2 for out in model([(-1.0) ** i for i in range(30)])) / 30)
    assert 0.03 < size < 30


@pytest.mark.parametrize(
    ("n_outputs", "error"), [(16, TypeError), ([], ValueError), ((), ValueError), ("16", TypeError), (None, TypeError)]
)
def test_layer_sizes_must_be_a_list_with_at_least_one_size(n_outputs: Any, error: type[Exception]) -> None:
    with pytest.raises(error, match=r"n_outputs must list the number of neurons in each layer, as in MLP\(4, \[16, 3\]\), "):
        MLP(4, n_outputs)


# ---- dropout in an MLP ----


def test_an_mlp_has_dropout_after_each_layer_except_the_last() -> None:
    model = MLP(3, [4, 5, 2], dropout=0.25, seed=0)
    assert list(map(repr, model.layers)) == [
        "Layer(3, 4, activation='tanh')", "Dropout(0.25)", "Layer(4, 5, activation='tanh')", "Dropout(0.25)", "Layer(5, 2)",
    ]  # fmt: skip
    assert len(MLP(3, [2], dropout=0.25).layers) == 1


def test_dropout_changes_neither_the_initial_weights_nor_the_outputs_in_evaluation_mode() -> None:
    with_dropout, without = MLP(3, [4, 2], dropout=0.5, seed=0), MLP(3, [4, 2], seed=0)
    row = [1.0, 2.0, -1.0]
    assert [p.data for p in with_dropout.parameters()] == [p.data for p in without.parameters()]
    assert [z.data for z in with_dropout.eval()(row)] == [z.data for z in without(row)]
    outputs = {with_dropout.train()(row)[0].data for _ in range(50)}
    assert 2 < len(outputs) <= 2**4


def test_the_mean_output_over_dropout_masks_is_the_output_in_evaluation_mode() -> None:
    """This holds for one hidden layer, within six standard errors of the mean."""
    model, row, n = MLP(2, [8, 1], dropout=0.5, seed=0), [1.0, -0.5], 2000
    outputs = np.array([model(row)[0].data for _ in range(n)])
    assert abs(outputs.mean() - model.eval()(row)[0].data) < 6 * outputs.std() / math.sqrt(n)


# ---- Sequential ----


def test_parts_are_applied_in_order() -> None:
    first, last = Linear(2, 3, seed=0), Linear(3, 1, seed=1)
    model = Sequential(first, "tanh", square, last)
    z = [autograd.tanh(z) for z in first([1.0, -2.0])]
    assert model([1.0, -2.0])[0].data == last([x * x for x in z])[0].data


def test_separate_layers_and_activations_equal_an_mlp_bit_for_bit() -> None:
    model = MLP(3, [5, 4, 2], "gelu", seed=3)
    apart = Sequential(Linear(3, 5), "gelu", Linear(5, 4), autograd.gelu, Linear(4, 2))
    apart.load_state_dict(dict(zip(apart.state_dict(), model.state_dict().values(), strict=True)))
    assert [z.data for z in apart([1.0, 2.0, 3.0])] == [z.data for z in model([1.0, 2.0, 3.0])]


def test_sequentials_may_be_nested_and_parameters_are_named_by_their_path() -> None:
    model = Sequential(Sequential(Linear(1, 1, bias=False)), "relu", Neuron(1, bias=False))
    assert [name for name, _ in model.named_parameters()] == ["layers.0.layers.0.neurons.0.weights.0", "layers.2.weights.0"]
    assert isinstance(model([1.0]), Value)  # as a neuron returns it


def test_a_part_used_twice_shares_its_parameters() -> None:
    shared = Linear(2, 2, seed=0)
    model = Sequential(shared, "tanh", shared)
    assert len(model.parameters()) == 6
    assert [z.data for z in model([1.0, 2.0])] == [z.data for z in shared([autograd.tanh(z) for z in shared([1.0, 2.0])])]


@pytest.mark.parametrize("kind", [list, tuple, np.array, iter])
@pytest.mark.parametrize("part", ["tanh", square, Dropout(0), Linear(2, 1)], ids=["name", "function", "Dropout", "Linear"])
def test_the_first_part_accepts_a_row_of_any_type(part: Any, kind: Any) -> None:
    assert len(Sequential(part, "relu")(kind([1.5, -2.0]))) in (1, 2)


def test_the_repr_of_a_sequential_shows_its_parts() -> None:
    model = Sequential(Linear(2, 3, bias=False), "relu", autograd.sin, Dropout(0.1), MLP(3, [2]))
    assert repr(model) == "Sequential(Linear(2, 3, bias=False), 'relu', 'sin', Dropout(0.1), MLP(3, [2]))"
    assert repr(eval(repr(Sequential(Linear(2, 3), "relu")))) == "Sequential(Linear(2, 3), 'relu')"


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda model: pickle.loads(pickle.dumps(model))], ids=["copy", "pickle"])
def test_a_copy_of_a_sequential_has_the_same_outputs_and_draws_the_same_masks(copied: Any) -> None:
    model = Sequential(Linear(2, 8, seed=0), "relu", square, Dropout(0.5, seed=0), Linear(8, 1, seed=1))
    other = copied(model)
    assert [other([1.0, 2.0])[0].data for _ in range(9)] == [model([1.0, 2.0])[0].data for _ in range(9)]


def test_a_sequential_is_trained_by_replay_bit_for_bit_like_an_mlp_without_a_warning() -> None:
    X, y = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], [-1.0, 1.0, 1.0, -1.0]
    model = MLP(2, [4, 1], seed=1)
    apart = Sequential(Linear(2, 4), "tanh", Linear(4, 1))
    apart.load_state_dict(dict(zip(apart.state_dict(), model.state_dict().values(), strict=True)))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        losses = [fit(m, X, y, loss="mse", lr=0.2, epochs=300, compile=True).losses for m in (model, apart)]
    assert losses[0] == losses[1]
    assert losses[0][-1] < 1e-3


def test_a_network_with_dropout_is_replayed_bit_for_bit_in_evaluation_mode() -> None:
    model = MLP(2, [8, 1], dropout=0.5, seed=0).eval()
    X = np.random.default_rng(0).normal(size=(20, 2))
    assert autograd.compile(lambda row: model(row)[0])(X).tolist() == [model(row)[0].data for row in X]


@pytest.mark.parametrize(
    ("parts", "error", "message"),
    [
        ((), ValueError, "Sequential needs at least one part, as in Sequential(Linear(2, 8), 'tanh', Linear(8, 1))"),
        (("tahn",), ValueError, "unknown part: 'tahn' (must be one of 'linear', 'tanh'"),
        ((Linear(1, 1), None), TypeError, "unknown part: None (must be one of 'linear', 'tanh'"),
        ((Dropout,), TypeError, "unknown part: <class 'nn.layers.Dropout'> (must be one of 'linear', 'tanh'"),
    ],
)
def test_invalid_parts_are_rejected(parts: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=re.escape(message)) as caught:
        Sequential(*parts)
    assert not parts or "or a Module or a function of one Value)" in str(caught.value)


def test_parts_that_do_not_fit_raise_an_error_in_the_second() -> None:
    with pytest.raises(ValueError, match=r"do not fit: layers.2 needs 4 inputs, but layers.0 returns 3 numbers;"):
        Sequential(Linear(2, 3), "tanh", Linear(4, 1))([1.0, 2.0])
    with pytest.raises(TypeError, match=r"'tanh' needs a list of numbers or Values, not Value \("):
        Sequential(Neuron(2), "tanh")([1.0, 2.0])
    assert Layer(2, 1)  # a valid part
