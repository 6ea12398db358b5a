"""``predict``: outputs, replay, modes and errors."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autograd import Value
from nn import MLP, Dropout, Layer, Module, Neuron, Sequential, predict
from nn.training.prediction import MIN_ROWS, outputs_of

X = np.random.default_rng(0).normal(size=(40, 2))


class Line(Module):
    """The base class of the models below."""

    def __init__(self) -> None:
        self.w, self.calls = Value(0.5), 0

    def __call__(self, row: list[Any]) -> Any:
        return self.w * row[0] + row[1]


class Branching(Line):
    def __call__(self, row: list[Any]) -> Any:
        return [self.w * row[0] if row[0] > 0 else self.w]


class Counting(Line):
    def __call__(self, row: list[Any]) -> Any:
        self.calls += 1
        return [self.w * self.calls]


class Tuple(Line):
    def __call__(self, row: list[Any]) -> Any:
        return self.w * row[0], self.w


class Array(Line):
    def __call__(self, row: list[Any]) -> Any:
        return np.array([self.w * row[0], self.w])


MODELS: list[Callable[[], Any]] = [
    lambda: MLP(2, [5, 3], seed=0), lambda: Neuron(2, "tanh", seed=0), Line, Branching, Tuple, Array,
    lambda: Sequential(MLP(2, [5], seed=0), Dropout(0.5, seed=0), Neuron(5, seed=1)),
]  # fmt: skip


def expected(model: Any) -> list[Any]:
    """Return the outputs of the model in evaluation mode, row by row."""
    model.eval()
    outputs = [model(row) for row in X.tolist()]
    model.train()
    return [
        output.data if isinstance(output, Value) else [getattr(number, "data", number) for number in list(output)]
        for output in outputs
    ]


@pytest.mark.parametrize("replay", [True, False])
@pytest.mark.parametrize("make", MODELS)
def test_outputs_equal_the_outputs_of_the_model_bit_for_bit_with_and_without_replay(
    make: Callable[[], Any], replay: bool
) -> None:
    assert outputs_of(make(), X.tolist(), 1, replay)() == expected(make())


@pytest.mark.parametrize("make", MODELS)
def test_many_rows_are_replayed_with_the_same_outputs(make: Callable[[], Any], monkeypatch: pytest.MonkeyPatch) -> None:
    found = predict(make(), X)
    monkeypatch.setattr("nn.training.prediction.MIN_ROWS", 1)
    assert predict(make(), X) == predict(make(), X.tolist()) == found == expected(make())
    assert len(X) < MIN_ROWS


def test_a_replay_reads_the_parameters_at_each_call() -> None:
    model = MLP(2, [2, 1], seed=0)
    outputs = outputs_of(model, X.tolist(), 1, True)
    before = outputs()
    model.parameters()[0].data += 1.0
    assert outputs() == expected(model) != before


def test_replacing_a_parameter_triggers_a_new_recording_in_evaluation_mode() -> None:
    class Dropping(Line):
        def __init__(self) -> None:
            super().__init__()
            self.dropout = Dropout(0.5, seed=0)

        def __call__(self, row: list[Any]) -> Any:
            return self.dropout([self.w * row[0], self.w * row[1]])

    model = Dropping()
    outputs = outputs_of(model, X.tolist(), 1, True)
    assert outputs() == (0.5 * X).tolist()
    model.w = Value(2.0)
    assert outputs() == (2.0 * X).tolist()


def test_a_model_is_called_only_twice_to_record_it() -> None:
    calls = []

    class Watched(Line):
        def __call__(self, row: list[Any]) -> Any:
            calls.append(row)
            return super().__call__(row)

    outputs = outputs_of(Watched(), X.tolist(), 1, True)
    outputs()
    assert len(calls) == 2


def test_a_model_that_counts_its_calls_is_not_replayed() -> None:
    model = Counting()
    predict(model, X)
    assert model.calls == len(X)
    model.calls = 0
    outputs = outputs_of(model, X.tolist(), 1, True)
    before = model.calls
    assert outputs() == [[0.5 * (before + i)] for i in range(1, 41)]


def test_predict_drops_and_draws_nothing_and_restores_the_mode_of_each_module() -> None:
    rng = random.Random(0)
    layer = Layer(2, 3, "tanh", seed=0)
    frozen = Dropout(0.5, rng).eval()
    model = Sequential(layer, Dropout(0.5, rng), frozen)
    before = rng.getstate(), [module.training for module in model.modules()]
    assert predict(model, X) == [[output.data for output in layer(row)] for row in X.tolist()]
    assert (rng.getstate(), [module.training for module in model.modules()]) == before
    assert not frozen.training


def test_predict_restores_the_mode_after_an_error() -> None:
    model = MLP(2, [1], dropout=0.5, seed=0)
    with pytest.raises(ValueError, match="needs 2 inputs, not 3"):
        predict(model, [[1.0, 2.0, 3.0]])
    assert all(module.training for module in model.modules())


def test_a_function_can_be_the_model() -> None:
    assert predict(lambda row: row[0] * 2, [[1.0], [2.0]]) == [2.0, 4.0]
    assert predict(lambda row: [Value(row[0]), 1], [[1.5]]) == [[1.5, 1.0]]


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (MLP, "model must be an instance, not the class MLP; create one"),
        ("mlp", r"model must be callable with one row, not str \('mlp'\)"),
        (lambda row: "a", r"a model must return one Value or a list of Values; row 0: .* str"),
        (lambda row: [1.0, [2.0]], r"a model must return one Value or a list of Values; row 0: .* list"),
        (lambda row: None, "a model must return one Value or a list of Values; row 0: .* NoneType"),
    ],
)
def test_invalid_models_are_rejected(model: Any, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        predict(model, [[1.0]])


def test_invalid_data_is_rejected() -> None:
    with pytest.raises(ValueError, match="X must have at least one row of numbers"):
        predict(MLP(2, [1]), [])
    with pytest.raises(ValueError, match="rows of X must have the same length, but row 1 has 1 number and row 0 has 2"):
        predict(MLP(2, [1]), [[1.0, 2.0], [1.0]])
    with pytest.raises(TypeError, match=r"row 0 of X must be a list or an array, not float \(1.0\)"):
        predict(MLP(2, [1]), [1.0, 2.0])
