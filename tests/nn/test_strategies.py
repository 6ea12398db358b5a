"""Strategies for networks and data sets."""

from __future__ import annotations

import copy
import math
import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import Phase, find, given, settings

from autograd import gradcheck
from nn import LOSSES, MLP, fit
from nn.data.rows import check_data
from nn.strategies import data_sets, networks

Data = tuple[list[list[float]], list[float]]
QUIETLY = settings(max_examples=2000, database=None, derandomize=True)


@given(networks(2, 3, max_layers=2, max_neurons=4))
def test_a_network_has_the_requested_shape(model: MLP) -> None:
    assert model.layers[0].n_inputs == 2
    assert len(model.layers[-1].neurons) == 3
    assert len(model.layers) <= 2
    assert all(len(layer.neurons) <= 4 for layer in model.layers)
    assert len(model([1.0, -1.0])) == 3


@pytest.mark.parametrize("loss", LOSSES)
def test_a_data_set_is_valid_for_its_loss(loss: str) -> None:
    @given(data_sets(loss, n_inputs=2), networks(2, 3 if loss == "cross_entropy" else 1, max_layers=2))
    def check(data: Data, model: MLP) -> None:
        X, y = check_data(*data)
        assert all(len(row) == 2 for row in X)
        outputs = [model(row) for row in X]
        scores = outputs if loss == "cross_entropy" else [row[0] for row in outputs]
        value = LOSSES[loss](scores, y)
        assert math.isfinite(value.data)
        assert fit(copy.deepcopy(model), X, y, loss=loss, lr=1e-3, epochs=1).losses == [pytest.approx(value.data)]

    check()


@given(
    networks(2, 1, activations=["tanh", "sigmoid", "softplus"], max_layers=2, max_neurons=3), data_sets("mse", 2, max_rows=3)
)
def test_gradcheck_finds_no_error_in_the_gradient_of_a_loss(model: MLP, data: Data) -> None:
    def loss(*numbers: Any) -> Any:
        own = copy.deepcopy(model)
        return LOSSES["mse"]([own([x, y])[0] for x, y in zip(numbers[::2], numbers[1::2], strict=True)], data[1])

    inputs = [x for row in data[0] for x in row]
    wrong = [entry for entry in gradcheck(loss, tuple(inputs)).entries if entry.verdict == "WRONG"]
    assert all(abs(entry.analytic) < 1e-10 for entry in wrong)  # too small to survive rounding in the sum of the loss


def test_networks_and_data_sets_shrink_to_minimal_examples() -> None:
    assert (
        repr(find(networks(), lambda model: len(model.layers) > 2, settings=QUIETLY))
        == "MLP(1, [1, 1, 1], activation='linear')"
    )
    assert find(data_sets("mse"), lambda data: max(data[1]) > 1, settings=QUIETLY) == ([[0.0]], [2.0])
    assert find(data_sets("cross_entropy", n_inputs=1, n_classes=1), lambda _: True) == ([[0.0]], [0])


def test_a_failing_test_notes_the_call_that_recreates_the_network() -> None:
    # Without the phase that explains: Hypothesis 6.100 then reports the last example that this phase tried.
    @settings(database=None, phases=[Phase.generate, Phase.shrink])
    @given(networks(activations=["linear"]))
    def check(model: MLP) -> None:
        raise RuntimeError

    with pytest.raises(RuntimeError) as caught:
        check()
    assert "MLP(1, [1], activation='linear', seed=0)" in caught.value.__notes__


INVALID_CALLS: list[tuple[Callable[[], Any], type[Exception], str]] = [
    (lambda: networks(0), ValueError, "n_inputs must be at least 1, not 0"),
    (lambda: networks(n_outputs=1.5), TypeError, "n_outputs must be an integer, not float (1.5)"),  # type: ignore[arg-type]
    (lambda: networks(max_layers=0), ValueError, "max_layers must be at least 1, not 0"),
    (lambda: networks(activations=["tahn"]), ValueError, "unknown activation: 'tahn' (must be one of 'linear'"),
    (
        lambda: data_sets("l1"),
        ValueError,
        "unknown loss: 'l1' (must be one of 'mse', 'mae', ",
    ),
    (lambda: data_sets("mse", max_rows=0), ValueError, "max_rows must be at least 1, not 0"),
]


@pytest.mark.parametrize(("call", "error", "text"), INVALID_CALLS, ids=[text for _, _, text in INVALID_CALLS])
def test_invalid_arguments_are_rejected(call: Callable[[], Any], error: type[Exception], text: str) -> None:
    with pytest.raises(error, match=re.escape(text)):
        call()
