"""``find_mistakes`` with a Module and its optimizer: likely mistakes in training a network."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

import autograd
from autograd import Value, gradients
from nn import MLP, SGD, Layer, Module, Neuron, find_mistakes, mse_loss


@contextmanager
def recorded_warnings(model: Module, optimizer: Any = None) -> Iterator[list[warnings.WarningMessage]]:
    with warnings.catch_warnings(record=True) as messages, find_mistakes(model, optimizer):
        warnings.simplefilter("always")
        yield messages


class Line(Module):
    def __init__(self) -> None:
        self.slope, self.intercept = Value(2.0), Value(1.0)

    def __call__(self, x: float) -> Value:
        return self.slope * x + self.intercept


def line_number(text: str) -> int:
    with open(__file__) as file:
        (number,) = [number for number, line in enumerate(file, 1) if line.rstrip().endswith(text)]
    return number


def test_correct_training_has_no_mistakes() -> None:
    model = MLP(2, [3, 1], "relu", seed=1)
    optimizer = SGD(model.parameters(), lr=0.1)
    with recorded_warnings(model, optimizer) as messages:
        for _ in range(3):
            loss = mse_loss([model(row) for row in ([1.0, 2.0], [-1.0, 3.0], [2.0, -1.0])], [1.0, 0.0, 1.0])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    assert [str(message.message) for message in messages] == []


def test_a_recomputed_parameter_is_reported_at_the_line_that_computed_it() -> None:
    model = Line()
    optimizer = SGD(model.parameters(), lr=0.1)
    with recorded_warnings(model, optimizer) as messages:
        model(1.0).backward()
        model.slope = model.slope - 0.1 * model.slope.grad  # rebound
        optimizer.zero_grad()
        model(1.0).backward()
    (message,) = [m for m in messages if "optimizer" in str(m.message)]
    assert (message.filename, message.lineno) == (__file__, line_number("# rebound"))
    assert str(message.message) == (
        "the optimizer updates a Value that was slope of Line(1 parameter), which is not in the model now; to change a "
        "parameter, assign to its data, and create the optimizer after the model"
    )


def test_a_parameter_replaced_before_the_block_is_reported_at_the_backward_call() -> None:
    model = Line()
    optimizer = SGD(model.parameters(), lr=0.1)
    model.slope = Value(5.0)
    with recorded_warnings(model, optimizer) as messages:
        model(1.0).backward()  # after replacement
    (message,) = messages
    assert (message.filename, message.lineno) == (__file__, line_number("# after replacement"))
    assert "the optimizer updates Value(2.0), which is not in the model now" in str(message.message)


def make_dead(*layers: Layer) -> None:
    for layer in layers:
        for neuron in layer.neurons:
            neuron.bias.data = -100.0


def test_a_dead_relu_layer_is_reported_at_the_line_that_called_the_model() -> None:
    model = MLP(2, [3, 4, 1], "relu", seed=1)
    make_dead(model.layers[1])
    with recorded_warnings(model) as messages:
        outputs = [model(row)[0] for row in ([1.0, 2.0], [-1.0, 3.0])]  # called
        gradients(outputs[0] + outputs[1], model.parameters())
        assert messages == []  # a pass that accumulates no gradients is not training
        (outputs[0] + outputs[1]).backward()
    (message,) = messages
    assert (message.filename, message.lineno) == (__file__, line_number("# called"))
    assert str(message.message).startswith("every relu of layers.1 is 0 in this backward() (8 of them), so no gradient")


def test_a_layer_with_a_relu_active_for_one_row_is_not_dead() -> None:
    model = Neuron(1, "relu", seed=0)
    model.weights[0].data, model.bias.data = 1.0, 0.0
    with recorded_warnings(model) as messages:
        (model([-1.0]) + model([-2.0]) + model([1.0])).backward()
    assert messages == []
    with recorded_warnings(model) as messages:
        (model([-1.0]) + model([-2.0])).backward()
    assert len([m for m in messages if "every relu" in str(m.message)]) == 1


def test_custom_layers_are_distinguished_by_the_names_of_their_weights() -> None:
    class Two(Module):
        def __init__(self) -> None:
            self.first = [[Value(1.0)], [Value(2.0)]]
            self.second = [Value(-1.0), Value(-1.0)]

        def __call__(self, x: float) -> Value:
            hidden = [(w * x).relu() for (w,) in self.first]
            return (self.second[0] * hidden[0]).relu() + (self.second[1] * hidden[1]).relu()

    with recorded_warnings(Two()) as messages:
        pass
    model = Two()
    with recorded_warnings(model) as messages:
        model(1.0).backward()
    assert [str(m.message).split(" is 0")[0] for m in messages] == ["every relu of second"]


def test_arguments_must_be_a_module_and_an_optimizer() -> None:
    for model in (MLP, None):
        with pytest.raises(TypeError, match=rf"parameter 0 of find_mistakes\(\) must be a Value, not {type(model).__name__}"):
            find_mistakes(model)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="optimizer must be an object with a list named parameters"):
        find_mistakes(Line(), "sgd")


def test_find_mistakes_is_the_function_of_autograd() -> None:
    assert find_mistakes is autograd.find_mistakes


UNCHANGED = "backward() ran 3 times in this block, but no parameter changed; if this is training, call optimizer.step(), with "


@pytest.mark.parametrize(
    "body", ["loss.backward(); optimizer.step", "loss.backward(); optimizer.zero_grad(); optimizer.step()"]
)
def test_a_loop_that_changes_no_parameter_is_reported(body: str) -> None:
    model = MLP(2, [4, 1], seed=0)
    names = {"model": model, "optimizer": SGD(model.parameters(), lr=0.1), "mse_loss": mse_loss}
    with recorded_warnings(model, names["optimizer"]) as messages:
        for _ in range(3):
            exec(f"loss = mse_loss([model([1.0, 2.0])], [1.0]); optimizer.zero_grad(); {body}", names)
    (message,) = messages
    assert str(message.message).startswith(UNCHANGED)


def test_a_loss_computed_in_no_grad_is_one_warning() -> None:
    model = MLP(2, [4, 1], seed=0)
    with recorded_warnings(model) as messages:
        with autograd.no_grad():
            loss = mse_loss([model([1.0, 2.0])], [1.0])
        loss.backward()
    (message,) = messages
    assert str(message.message).startswith(
        "layers.0.neurons.0.weights.0 and 16 more parameters receive no gradient from this backward() (17 of 17 parameters), "
    )
