"""Losses: their values and gradients against NumPy and PyTorch, their extremes, and what they refuse."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from autograd import Value
from nn import LOSSES, cross_entropy, hinge_loss, mse_loss

LOGITS = st.lists(st.lists(st.floats(-50, 50), min_size=3, max_size=3), min_size=1, max_size=6)


def values(rows: list[list[float]]) -> list[list[Value]]:
    return [[Value(x) for x in row] for row in rows]


def gradients(rows: list[list[Value]]) -> list[list[float]]:
    return [[v.grad for v in row] for row in rows]


def test_mse_is_the_mean_of_the_squared_errors_over_rows_and_outputs() -> None:
    assert mse_loss(values([[1.0, 2.0], [3.0, 4.0]]), [[1.0, 0.0], [0.0, 4.0]]).data == (0 + 4 + 9 + 0) / 4


@given(LOGITS)
def test_the_gradient_of_mse_is_twice_the_error_over_the_number_of_outputs(rows: list[list[float]]) -> None:
    outputs, targets = values(rows), [[0.5, -1.0, 2.0]] * len(rows)
    mse_loss(outputs, targets).backward()
    expected = 2 * (np.array(rows) - np.array(targets)) / (3 * len(rows))
    np.testing.assert_allclose(gradients(outputs), expected, rtol=1e-14, atol=0)


def test_hinge_is_zero_beyond_the_margin_and_rises_by_the_distance_before_it() -> None:
    assert [hinge_loss([[Value(x)]], [1]).data for x in (2.0, 1.0, 0.25, 0.0, -3.0)] == [0.0, 0.0, 0.75, 1.0, 4.0]
    assert [hinge_loss([[Value(x)]], [-1]).data for x in (-2.0, -1.0, -0.25, 0.0, 3.0)] == [0.0, 0.0, 0.75, 1.0, 4.0]


def test_the_gradient_of_hinge_is_minus_the_target_over_the_number_of_rows_within_the_margin() -> None:
    outputs = values([[0.5], [-0.5], [2.0], [-2.0]])
    hinge_loss(outputs, [1, -1, 1, 1]).backward()
    assert gradients(outputs) == [[-0.25], [0.25], [0.0], [-0.25]]


@given(LOGITS)
@example([[0.0, 0.0, 0.0]])
def test_cross_entropy_is_the_mean_negative_log_probability(rows: list[list[float]]) -> None:
    targets = [i % 3 for i in range(len(rows))]
    outputs = values(rows)
    loss = cross_entropy(outputs, targets)
    loss.backward()
    powers = np.exp(rows)
    probabilities = powers / powers.sum(axis=1, keepdims=True)
    expected = -np.log(probabilities[range(len(rows)), targets]).mean()
    assert loss.data == pytest.approx(expected, rel=1e-12, abs=1e-13)
    one_hot = np.eye(3)[targets]
    np.testing.assert_allclose(gradients(outputs), (probabilities - one_hot) / len(rows), rtol=1e-9, atol=1e-14)


@pytest.mark.parametrize(
    ("logits", "target", "loss", "gradient"),
    [
        ([1000.0, -1000.0], 0, 0.0, [0.0, 0.0]),
        ([1000.0, -1000.0], 1, 2000.0, [1.0, -1.0]),
        ([1000.0, 1000.0], 0, math.log(2), [-0.5, 0.5]),
        ([-1000.0, -1000.0], 1, math.log(2), [0.5, -0.5]),
    ],
)
def test_cross_entropy_is_exact_for_logits_of_1000(
    logits: list[float], target: int, loss: float, gradient: list[float]
) -> None:
    outputs = values([logits])
    result = cross_entropy(outputs, [target])
    result.backward()
    assert result.data == pytest.approx(loss, rel=1e-12)
    assert gradients(outputs) == [gradient]


@pytest.mark.parametrize("name", ["mse", "hinge", "cross_entropy"])
def test_losses_and_gradients_equal_those_of_pytorch(name: str) -> None:
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(0)
    columns = 3 if name == "cross_entropy" else 1
    rows = rng.normal(size=(7, columns)) * 3
    targets: Any = {"mse": rng.normal(size=7), "hinge": rng.choice([-1, 1], 7), "cross_entropy": rng.integers(0, 3, 7)}[name]
    logits = torch.tensor(rows, requires_grad=True)
    goal = torch.tensor(targets)
    theirs = {
        "mse": lambda: torch.nn.functional.mse_loss(logits[:, 0], goal),
        "hinge": lambda: torch.relu(1 - goal * logits[:, 0]).mean(),
        "cross_entropy": lambda: torch.nn.functional.cross_entropy(logits, goal),
    }[name]()
    theirs.backward()
    outputs = values(rows.tolist())
    ours = LOSSES[name](outputs, targets)
    ours.backward()
    assert ours.data == pytest.approx(theirs.item(), rel=1e-14)
    np.testing.assert_allclose(gradients(outputs), logits.grad.numpy(), rtol=1e-13)


def test_a_single_value_a_row_is_as_good_as_a_list_of_one() -> None:
    assert mse_loss([Value(1.0), Value(2.0)], [0.0, 0.0]).data == 2.5
    assert hinge_loss([Value(0.5)], [1]).data == 0.5


@pytest.mark.parametrize("loss", [mse_loss, hinge_loss])
def test_targets_may_be_an_array(loss: Callable[..., Value]) -> None:
    assert loss(values([[1.0], [2.0]]), np.array([1, -1])).data == loss(values([[1.0], [2.0]]), [1, -1]).data


# ---- refusals ----


@pytest.mark.parametrize("loss", LOSSES.values())
def test_an_empty_batch_is_refused(loss: Callable[..., Value]) -> None:
    with pytest.raises(ValueError, match=rf"{loss.__name__} needs at least one row; the batch is empty"):
        loss([], [])


@pytest.mark.parametrize("loss", LOSSES.values())
def test_a_different_number_of_outputs_and_targets_is_refused(loss: Callable[..., Value]) -> None:
    message = rf"{loss.__name__} needs one target a row, but got 2 rows of outputs and 3 targets"
    with pytest.raises(ValueError, match=message):
        loss(values([[1.0], [2.0]]), [1, 1, 1])


@pytest.mark.parametrize("loss", LOSSES.values())
def test_outputs_or_targets_of_a_single_row_without_a_list_are_refused(loss: Callable[..., Value]) -> None:
    with pytest.raises(TypeError, match=rf"{loss.__name__} takes the outputs of a batch as a list, one item a row, not Value"):
        loss(Value(1.0), [1])
    with pytest.raises(TypeError, match=rf"{loss.__name__} takes the targets of a batch as a list, one item a row, not int"):
        loss(values([[1.0]]), 1)


@pytest.mark.parametrize("loss", LOSSES.values())
@pytest.mark.parametrize("targets", [{1, -1}, {1: 0, -1: 0}])
def test_targets_without_an_order_are_refused(loss: Callable[..., Value], targets: Any) -> None:
    with pytest.raises(TypeError, match=rf"takes the targets of a batch as a list, .*, not {type(targets).__name__} \("):
        loss(values([[1.0], [2.0]]), targets)


def test_mse_refuses_rows_with_another_number_of_targets() -> None:
    with pytest.raises(ValueError, match=r"a target an output, but row 1 has 2 outputs and 1 targets"):
        mse_loss(values([[1.0], [1.0, 2.0]]), [0.0, 0.0])


@pytest.mark.parametrize("target", [0, 2, 0.5, "1", [1], None])
def test_hinge_refuses_targets_other_than_plus_and_minus_one(target: Any) -> None:
    with pytest.raises(ValueError, match=r"needs targets \+1 and -1, but that of row 1 is .*; from 0 and 1 make 2 \* y - 1"):
        hinge_loss(values([[1.0], [1.0]]), [1, target])


def test_hinge_refuses_several_outputs() -> None:
    with pytest.raises(ValueError, match=r"hinge_loss needs one output a row, but row 0 has 2; cross_entropy takes several"):
        hinge_loss(values([[1.0, 2.0]]), [1])


@pytest.mark.parametrize("target", [3, -1, 100])
def test_cross_entropy_refuses_a_class_out_of_range(target: int) -> None:
    with pytest.raises(ValueError, match=rf"row 1 is class {target}, but the model has 3 outputs, for classes 0 to 2"):
        cross_entropy(values([[1.0, 2.0, 3.0]] * 2), [0, target])


@pytest.mark.parametrize("target", [1.0, 0.5, "setosa", [0, 1, 0], None, math.nan])
def test_cross_entropy_refuses_a_class_that_is_no_whole_number(target: Any) -> None:
    with pytest.raises(TypeError, match=r"needs class numbers, but the target of row 1 is .*; number the classes 0 to 2 and"):
        cross_entropy(values([[1.0, 2.0, 3.0]] * 2), [0, target])


def test_cross_entropy_refuses_a_single_output() -> None:
    with pytest.raises(ValueError, match=r"needs an output for each class, but row 0 has 1; hinge_loss takes one"):
        cross_entropy(values([[1.0]]), [0])
