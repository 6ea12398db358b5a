"""``summary``: the table of the modules of a model."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given

from autograd import Value
from nn import MLP, Dropout, Layer, Linear, Module, Neuron, Sequential, summary
from nn.strategies import networks


class Line(Module):
    """A module with one parameter and a shared layer."""

    def __init__(self, shared: Layer) -> None:
        self.slope, self.shared = Value(1.0), shared


def test_a_summary_lists_modules_shapes_and_numbers_of_parameters() -> None:
    model = Sequential(Linear(4, 16, bias=False), "relu", Dropout(0.2), MLP(16, [8, 3]))
    assert repr(summary(model)).splitlines() == [
        "name               module                             shape  parameters",
        "layers.0           Linear(4, 16, bias=False)        4 -> 16          64",
        "layers.1           'relu'                                             0",
        "layers.2           Dropout(0.2)                                       0",
        "layers.3           MLP(16, [8, 3])                  16 -> 3         163",
        "layers.3.layers.0  Layer(16, 8, activation='tanh')  16 -> 8         136",
        "layers.3.layers.1  Layer(8, 3)                       8 -> 3          27",
        "total              Sequential                        4 -> 3         227",
    ]


@given(networks())
def test_the_layers_of_a_network_have_all_its_parameters(model: MLP) -> None:
    *layers, total = summary(model)
    assert [part.name for part in layers] == [f"layers.{i}" for i in range(len(layers))]
    assert [part.shape for part in layers] == [f"{layer.n_inputs} -> {layer.n_outputs}" for layer in model.layers]
    assert sum(part.parameters for part in layers) == total.parameters == len(model.parameters())
    assert total.module == repr(model)
    assert total.shape == f"{model.layers[0].n_inputs} -> {model.layers[-1].n_outputs}"


def test_the_summary_of_a_single_layer_has_only_a_total() -> None:
    assert summary(Layer(2, 3)) == [("total", "Layer(2, 3)", "2 -> 3", 9)]
    assert summary(Neuron(2)) == [("total", "Neuron(2)", "2 -> 1", 3)]
    assert summary(Dropout()) == [("total", "Dropout(0.5)", "", 0)]


def test_a_shared_layer_counts_once_in_the_total_and_custom_modules_are_listed() -> None:
    shared = Layer(1, 1)
    parts = summary(Sequential(shared, Line(shared), Neuron(1)))
    assert [(part.name, part.shape, part.parameters) for part in parts] == [
        ("layers.0", "1 -> 1", 2), ("layers.1", "", 3), ("layers.2", "1 -> 1", 2), ("total", "1 -> 1", 5),
    ]  # fmt: skip


def test_large_numbers_have_thousands_separators() -> None:
    assert repr(summary(Layer(40, 30))).endswith(" 1,230")


@pytest.mark.parametrize("model", [None, "MLP", MLP])
def test_a_model_that_is_not_a_module_is_rejected(model: Any) -> None:
    with pytest.raises(TypeError, match=rf"model must be a Module, not {type(model).__name__} \("):
        summary(model)
