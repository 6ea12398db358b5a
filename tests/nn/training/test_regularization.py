"""Penalties and gradient clipping, compared with formulas and PyTorch, and their errors."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from autograd import Value
from nn import MLP, Module, clip_grad_norm, clip_grad_value, l1_penalty, l2_penalty

NUMBERS = st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=8)
LIMITS = st.floats(1e-3, 1e4)


def with_gradients(numbers: list[float]) -> list[Value]:
    values = [Value(0.0) for _ in numbers]
    for value, number in zip(values, numbers, strict=True):
        value.grad = number
    return values


def gradients(values: list[Value]) -> list[float]:
    return [value.grad for value in values]


@given(NUMBERS, st.floats(0, 10))
@example([0.0, -1.0], 0.5)
def test_the_l1_penalty_is_strength_times_the_sum_of_magnitudes_with_gradients_of_equal_size(
    numbers: list[float], strength: float
) -> None:
    values = [Value(x) for x in numbers]
    penalty = l1_penalty(values, strength)
    penalty.backward()
    assert penalty.data == pytest.approx(strength * np.abs(numbers).sum(), rel=1e-14, abs=1e-300)
    assert gradients(values) == (strength * np.sign(numbers)).tolist()


@given(NUMBERS, st.floats(0, 10))
def test_the_l2_penalty_is_strength_times_the_sum_of_squares_with_proportional_gradients(
    numbers: list[float], strength: float
) -> None:
    values = [Value(x) for x in numbers]
    penalty = l2_penalty(values, strength)
    penalty.backward()
    assert penalty.data == pytest.approx(strength * np.square(numbers).sum(), rel=1e-14, abs=1e-300)
    np.testing.assert_allclose(gradients(values), 2 * strength * np.array(numbers), rtol=1e-14, atol=1e-300)


@pytest.mark.parametrize(("penalty", "power"), [(l1_penalty, 1), (l2_penalty, 2)])
def test_penalties_of_a_module_include_weights_but_not_biases(penalty: Callable[..., Value], power: int) -> None:
    model = MLP(2, [3, 1], seed=0)
    for parameter in model.parameters():
        parameter.data += 1.0
    weights = [weight for layer in model.layers for neuron in layer.neurons for weight in neuron.weights]
    assert len(weights) == 9
    assert penalty(model, 0.5).data == pytest.approx(0.5 * sum(abs(w.data) ** power for w in weights), rel=1e-14)
    penalty(model, 0.5).backward()
    assert [p.grad != 0.0 for p in model.parameters()] == ["bias" not in name for name, _ in model.named_parameters()]


def test_a_list_may_hold_computed_values_such_as_the_outputs_of_a_layer() -> None:
    w = Value(3.0)
    l1_penalty([w * w, -w], 0.5).backward()
    assert w.grad == 0.5 * (2 * 3.0) + 0.5


def clipped(
    clip: Callable[..., Any], torch_name: str, numbers: list[float], limit: float
) -> tuple[list[float], list[float], Any, Any]:
    """Return the clipped gradients of nn and PyTorch, and the results of both functions."""
    torch = pytest.importorskip("torch")
    values = with_gradients(numbers)
    tensor = torch.zeros(len(numbers), dtype=torch.float64)
    tensor.grad = torch.tensor(numbers, dtype=torch.float64)
    returned = clip(values, limit)
    theirs = getattr(torch.nn.utils, torch_name)([tensor], limit)
    return gradients(values), tensor.grad.tolist(), returned, theirs


@given(NUMBERS, LIMITS)
@example([0.0, 0.0], 1.0)
@example([3.0, 4.0], 5.0)
@example([3.0, 4.0], 4.999)
def test_clipping_by_norm_matches_pytorch(numbers: list[float], max_norm: float) -> None:
    ours, theirs, norm, their_norm = clipped(clip_grad_norm, "clip_grad_norm_", numbers, max_norm)
    np.testing.assert_allclose(ours, theirs, rtol=1e-13)
    assert norm == pytest.approx(their_norm.item(), rel=1e-13)


@given(NUMBERS, LIMITS)
@example([-2.0, math.nan, math.inf, 0.5], 1.0)
def test_clipping_by_value_matches_pytorch(numbers: list[float], limit: float) -> None:
    ours, theirs, _, _ = clipped(clip_grad_value, "clip_grad_value_", numbers, limit)
    np.testing.assert_array_equal(ours, theirs)


@given(NUMBERS, LIMITS)
def test_clipping_by_norm_limits_the_norm_and_preserves_the_direction(numbers: list[float], max_norm: float) -> None:
    values = with_gradients(numbers)
    before = clip_grad_norm(values, max_norm)
    after = np.array(gradients(values))
    assert np.linalg.norm(after) <= max_norm * (1 + 1e-12)
    if before <= max_norm / 2:
        assert after.tolist() == numbers
    np.testing.assert_allclose(after * before, np.array(numbers) * np.linalg.norm(after), rtol=1e-9, atol=1e-300)


def test_the_norm_of_a_gradient_does_not_overflow() -> None:
    values = with_gradients([3e200, 4e200])
    assert clip_grad_norm(values, 1.0) == pytest.approx(5e200)
    assert gradients(values) == pytest.approx([0.6, 0.8])


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_a_gradient_that_is_not_finite_is_unchanged_and_its_norm_is_returned(bad: float) -> None:
    values = with_gradients([1.0, bad])
    assert not math.isfinite(clip_grad_norm(values, 1.0))
    np.testing.assert_equal(gradients(values), [1.0, bad])


@pytest.mark.parametrize("clip", [clip_grad_norm, clip_grad_value])
def test_clipping_a_module_includes_the_gradients_of_its_biases(clip: Callable[..., Any]) -> None:
    model = MLP(1, [1], seed=0)
    for parameter in model.parameters():
        parameter.grad = 7.0
    clip(model, 1.0)
    assert all(0 < abs(parameter.grad) <= 1.0 for parameter in model.parameters())


# ---- errors ----

FUNCTIONS = [l1_penalty, l2_penalty, clip_grad_norm, clip_grad_value]


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize("parameters", [3.0, "weights", {"w": Value(1.0)}, None])
def test_parameters_must_be_a_module_or_a_list(function: Callable[..., Any], parameters: Any) -> None:
    message = (
        rf"{function.__name__} needs a Module or a list of Values, not {type(parameters).__name__} \(.*pass model.parameters"
    )
    with pytest.raises(TypeError, match=message):
        function(parameters, 1.0)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_list_with_an_item_that_is_not_a_value_is_rejected(function: Callable[..., Any]) -> None:
    values = with_gradients([5.0])
    with pytest.raises(TypeError, match=rf"{function.__name__} needs a Module or a list of Values, not float \(2.0\); pass"):
        function([*values, 2.0], 1.0)
    assert gradients(values) == [5.0]


@pytest.mark.parametrize("function", FUNCTIONS)
def test_an_empty_list_is_rejected(function: Callable[..., Any]) -> None:
    with pytest.raises(ValueError, match=rf"{function.__name__} needs at least one (weight|parameter), but \[\] has none"):
        function([], 1.0)


def test_a_module_with_only_biases_has_no_weights_to_penalise() -> None:
    class Shift(Module):
        def __init__(self) -> None:
            self.bias = Value(1.0)

    with pytest.raises(ValueError, match=r"l2_penalty needs at least one weight, but Shift\(1 parameter\) has none"):
        l2_penalty(Shift(), 1.0)
    assert clip_grad_norm(Shift(), 1.0) == 0.0


@pytest.mark.parametrize(
    ("strength", "error", "message"),
    [
        (-0.1, ValueError, "strength must be non-negative and finite, not -0.1"),
        (math.nan, ValueError, "strength must be non-negative and finite, not nan"),
        ("0.1", TypeError, r"strength must be a number, not str \('0.1'\)"),
    ],
)
@pytest.mark.parametrize("penalty", [l1_penalty, l2_penalty])
def test_a_strength_that_is_negative_or_not_a_number_is_rejected(
    penalty: Callable[..., Value], strength: Any, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        penalty([Value(1.0)], strength)


@pytest.mark.parametrize(("clip", "name"), [(clip_grad_norm, "max_norm"), (clip_grad_value, "limit")])
@pytest.mark.parametrize(
    ("limit", "error", "message"),
    [
        (0.0, ValueError, "must be positive and finite, not 0.0"),
        (-1, ValueError, "must be positive and finite, not -1.0"),
        (math.inf, ValueError, "must be positive and finite, not inf"),
        ("1", TypeError, r"must be a number, not str \('1'\)"),
        (None, TypeError, r"must be a number, not NoneType \(None\)"),
    ],
)
def test_a_limit_must_be_a_positive_number(
    clip: Callable[..., Any], name: str, limit: Any, error: type[Exception], message: str
) -> None:
    values = with_gradients([5.0])
    with pytest.raises(error, match=f"{name} {message}"):
        clip(values, limit)
    assert gradients(values) == [5.0]
