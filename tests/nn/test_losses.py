"""Losses: values and gradients compared with PyTorch, NumPy and mpmath, extreme inputs, and errors."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable
from functools import partial
from typing import Any

import mpmath
import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import autograd
from autograd import Value, sigmoid
from autograd.shared import counted
from nn import LOSSES, binary_cross_entropy, cross_entropy, hinge_loss, huber_loss, mae_loss, mse_loss

Rows = list[list[float]]

LOGITS = st.lists(st.lists(st.floats(-50, 50), min_size=3, max_size=3), min_size=1, max_size=6)
EXTREME = st.sampled_from([-1000.0, 1000.0, 0.0, -40.0, 40.0]) | st.floats(-1000, 1000)
REDUCTIONS = st.sampled_from(["mean", "sum"])
NUMBERS = st.floats(-100, 100)


def values(rows: Rows) -> list[list[Value]]:
    return [[Value(x) for x in row] for row in rows]


def gradients(rows: list[list[Value]]) -> Rows:
    return [[v.grad for v in row] for row in rows]


def tables(numbers: st.SearchStrategy[float], targets: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[Rows, Any]]:
    """Return outputs and targets of equal shape, with one to four rows of one to three numbers."""

    def of_width(width: int) -> st.SearchStrategy[tuple[Rows, Any]]:
        row = st.tuples(*[st.lists(kind, min_size=width, max_size=width) for kind in (numbers, targets)])
        return st.lists(row, min_size=1, max_size=4).map(lambda pairs: ([x for x, _ in pairs], [t for _, t in pairs]))

    return st.integers(1, 3).flatmap(of_width)


def check_against_pytorch(
    ours: Callable[..., Value], rows: Rows, targets: Any, theirs: Callable[..., Any], heaviest: float = 1.0
) -> None:
    """Assert equal values and gradients in both reductions, up to rounding of the loss of the heaviest row."""
    torch = pytest.importorskip("torch")
    goals = torch.tensor(targets, dtype=torch.float64 if isinstance(targets[0], list) else torch.int64)
    for reduction in ("mean", "sum"):
        logits = torch.tensor(rows, dtype=torch.float64, requires_grad=True)
        expected = theirs(logits, goals, reduction=reduction)
        expected.backward()
        outputs = values(rows)
        loss = ours(outputs, targets, reduction=reduction)
        loss.backward()
        size = 1 + max(abs(x) for row in rows for x in row)
        assert loss.data == pytest.approx(expected.item(), rel=1e-12, abs=1e-14 * size * heaviest)
        np.testing.assert_allclose(gradients(outputs), logits.grad.numpy(), rtol=1e-12, atol=1e-14 * heaviest)


def functional() -> Any:
    return pytest.importorskip("torch").nn.functional


@given(tables(NUMBERS, NUMBERS))
@example(([[0.5]], [[0.5]]))
def test_mse_and_mae_match_pytorch(data: tuple[Rows, Any]) -> None:
    check_against_pytorch(mse_loss, *data, functional().mse_loss)
    check_against_pytorch(mae_loss, *data, functional().l1_loss)


@given(tables(NUMBERS, NUMBERS), st.sampled_from([0.1, 1.0, 7.5]))
@example(([[0.0, 1.0, -1.0]], [[0.0, 0.0, 0.0]]), 1.0)
def test_huber_matches_pytorch(data: tuple[Rows, Any], delta: float) -> None:
    check_against_pytorch(partial(huber_loss, delta=delta), *data, partial(functional().huber_loss, delta=delta))


@given(tables(EXTREME, st.sampled_from([0.0, 1.0]) | st.floats(0, 1)))
@example(([[1000.0, -1000.0, 0.0]], [[1.0, 1.0, 0.5]]))
def test_binary_cross_entropy_of_logits_matches_pytorch(data: tuple[Rows, Any]) -> None:
    check_against_pytorch(binary_cross_entropy, *data, functional().binary_cross_entropy_with_logits)


@given(st.data(), st.integers(2, 4), st.integers(1, 5), st.sampled_from([0.0, 0.1, 0.9]), st.booleans())
def test_cross_entropy_with_class_weights_and_label_smoothing_matches_pytorch(
    data: st.DataObject, n_classes: int, n_rows: int, smoothing: float, weighted: bool
) -> None:
    torch = pytest.importorskip("torch")

    def draw(kind: Any, size: int) -> Any:
        return data.draw(st.lists(kind, min_size=size, max_size=size))

    rows = [draw(EXTREME, n_classes) for _ in range(n_rows)]
    classes = draw(st.integers(0, n_classes - 1), n_rows)
    weights = draw(st.floats(0.01, 100), n_classes) if weighted else None
    theirs = partial(functional().cross_entropy, label_smoothing=smoothing)
    if weighted:
        theirs = partial(theirs, weight=torch.tensor(weights, dtype=torch.float64))
    ours = partial(cross_entropy, class_weights=weights, label_smoothing=smoothing)
    check_against_pytorch(ours, rows, classes, theirs, heaviest=max(weights or [], default=1.0))


@given(tables(EXTREME, st.sampled_from([-1, 1])))
def test_hinge_matches_pytorch(data: tuple[Rows, Any]) -> None:
    def theirs(logits: Any, goals: Any, reduction: str) -> Any:
        return getattr(functional().relu(1 - goals * logits), reduction)()

    check_against_pytorch(hinge_loss, *data, theirs)


# ---- definitions ----


def test_mse_is_the_mean_of_the_squared_errors_over_rows_and_outputs() -> None:
    assert mse_loss(values([[1.0, 2.0], [3.0, 4.0]]), [[1.0, 0.0], [0.0, 4.0]]).data == (0 + 4 + 9 + 0) / 4


def test_hinge_is_zero_beyond_the_margin_and_linear_before_it() -> None:
    assert [hinge_loss([[Value(x)]], [1]).data for x in (2.0, 1.0, 0.25, 0.0, -3.0)] == [0.0, 0.0, 0.75, 1.0, 4.0]
    assert [hinge_loss([[Value(x)]], [-1]).data for x in (-2.0, -1.0, -0.25, 0.0, 3.0)] == [0.0, 0.0, 0.75, 1.0, 4.0]


def test_huber_is_quadratic_up_to_delta_and_linear_beyond_without_overflow() -> None:
    assert [huber_loss([Value(x)], [0.0], delta=2.0).data for x in (0.0, -1.0, 2.0, 3.0)] == [0.0, 0.5, 2.0, 4.0]
    assert huber_loss([Value(1e200)], [0.0]).data == 1e200


@given(LOGITS)
@example([[0.0, 0.0, 0.0]])
def test_cross_entropy_is_the_mean_negative_log_probability(rows: Rows) -> None:
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


def test_cross_entropy_of_two_classes_equals_binary_cross_entropy_of_the_logit_difference() -> None:
    two = cross_entropy(values([[0.3, 1.5], [2.0, -1.0]]), [1, 0]).data
    assert two == pytest.approx(binary_cross_entropy(values([[1.2], [-3.0]]), [1, 0]).data, rel=1e-14)


def test_equal_class_weights_do_not_change_the_mean() -> None:
    rows, classes = values([[0.3, 1.5], [2.0, -1.0], [0.0, 0.5]]), [1, 0, 1]
    weighted = cross_entropy(rows, classes, class_weights=[5.0, 5.0]).data
    assert weighted == pytest.approx(cross_entropy(rows, classes).data, rel=1e-14)


@pytest.mark.parametrize("name", LOSSES)
def test_the_mean_is_the_sum_divided_by_the_number_of_targets(name: str) -> None:
    outputs, targets = (values([[0.5, -1.0]] * 3), [0, 1, 0]) if name == "cross_entropy" else (values([[0.5]] * 3), [1, 1, 1])
    total = LOSSES[name](outputs, targets, reduction="sum").data
    assert LOSSES[name](outputs, targets).data == pytest.approx(total / 3, rel=1e-15)
    assert total > 0


def test_a_single_value_per_row_is_equivalent_to_a_list_of_one() -> None:
    assert mse_loss([Value(1.0), Value(2.0)], [0.0, [0.0]]).data == 2.5
    assert hinge_loss([Value(0.5)], [1]).data == 0.5


@pytest.mark.parametrize("loss", [mse_loss, hinge_loss])
def test_targets_may_be_an_array(loss: Callable[..., Value]) -> None:
    assert loss(values([[1.0], [2.0]]), np.array([1, -1])).data == loss(values([[1.0], [2.0]]), [1, -1]).data


def test_outputs_and_targets_may_be_lists_of_arrays() -> None:
    rows = [np.array([Value(1.0), Value(2.0)]), np.array([Value(3.0), Value(4.0)])]
    assert mse_loss(rows, [np.array([1.0, 0.0]), np.array([0, 4])]).data == (0 + 4 + 9 + 0) / 4
    assert cross_entropy(rows, list(np.array([0, 1]))).data == cross_entropy([[1.0, 2.0], [3.0, 4.0]], [0, 1])


@pytest.mark.parametrize("name", LOSSES)
def test_every_compiled_loss_is_bit_for_bit_equal_for_each_row(name: str) -> None:
    """The targets are arguments of the compiled function."""
    loss = LOSSES[name]
    if name == "cross_entropy":
        loss = partial(loss, class_weights=[0.5, 3.0], label_smoothing=0.1)
    rows = np.array([[0.3, -0.7], [1000.0, -1000.0], [-2.0, 5.0]])
    targets = np.array([1.0, 1.0, -1.0] if name == "hinge" else [1.0, 0.0, 1.0])

    def of_row(row: list[Any], target: Any) -> Value:
        return loss([row] if name == "cross_entropy" else [row[0] - row[1]], [target])

    expected = [of_row([Value(x) for x in row], int(t)).data for row, t in zip(rows.tolist(), targets, strict=True)]
    assert autograd.compile(lambda row, t: of_row(list(row), t))(rows, targets).tolist() == expected


# ---- extreme inputs ----


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


@given(EXTREME, st.sampled_from([0, 1, 0.25]))
@example(-40.0, 0)
@example(700.0, 1)
@example(-1000.0, 1)
def test_binary_cross_entropy_has_full_precision_even_if_it_is_tiny(logit: float, target: float) -> None:
    output = Value(logit)
    loss = binary_cross_entropy([output], [target])
    loss.backward()
    with mpmath.workdps(500):
        x, t = mpmath.mpf(logit), mpmath.mpf(target)
        expected = t * mpmath.log1p(mpmath.exp(-x)) + (1 - t) * mpmath.log1p(mpmath.exp(x))
        slope = 1 / (1 + mpmath.exp(-x)) - t
        assert loss.data == pytest.approx(float(expected), rel=1e-14, abs=1e-320)
        assert output.grad == pytest.approx(float(slope), rel=1e-14, abs=1e-320 if target in (0, 1) else 1e-16)


@given(st.lists(EXTREME, min_size=2, max_size=4), st.sampled_from([0.0, 0.1]), st.data())
def test_cross_entropy_is_correct_up_to_the_rounding_of_its_logits(
    logits: list[float], smoothing: float, data: st.DataObject
) -> None:
    target = data.draw(st.integers(0, len(logits) - 1))
    weights = data.draw(st.lists(st.floats(0.1, 10), min_size=len(logits), max_size=len(logits)))
    loss = cross_entropy(values([logits]), [target], class_weights=weights, label_smoothing=smoothing, reduction="sum").data
    with mpmath.workdps(500):
        total = mpmath.log(mpmath.fsum(mpmath.exp(x) for x in logits))
        each = [weight * (total - x) for weight, x in zip(weights, logits, strict=True)]
        expected = (1 - mpmath.mpf(smoothing)) * each[target] + mpmath.mpf(smoothing) / len(logits) * mpmath.fsum(each)
    assert loss == pytest.approx(float(expected), rel=1e-14, abs=1e-14 * max(weights) * (1 + max(map(abs, logits))))


# ---- errors ----


@pytest.mark.parametrize("loss", LOSSES.values())
def test_an_empty_batch_is_rejected(loss: Callable[..., Value]) -> None:
    with pytest.raises(
        ValueError, match=rf"{loss.__name__} needs at least one row, and one target per row, not 0 rows and 0 targets"
    ):
        loss([], [])


@pytest.mark.parametrize("loss", LOSSES.values())
def test_a_different_number_of_outputs_and_targets_is_rejected(loss: Callable[..., Value]) -> None:
    message = rf"{loss.__name__} needs at least one row, and one target per row, not 2 rows and 3 targets"
    with pytest.raises(ValueError, match=message):
        loss(values([[1.0], [2.0]]), [1, 1, 1])


@pytest.mark.parametrize("loss", LOSSES.values())
def test_outputs_or_targets_that_are_not_a_list_are_rejected(loss: Callable[..., Value]) -> None:
    with pytest.raises(
        TypeError, match=rf"the outputs of {loss.__name__} must be a list or an array, not Value \(Value\(1.0\)\)"
    ):
        loss(Value(1.0), [1])
    with pytest.raises(TypeError, match=rf"the targets of {loss.__name__} must be a list or an array, not int \(1\)"):
        loss(values([[1.0]]), 1)


@pytest.mark.parametrize("loss", LOSSES.values())
@pytest.mark.parametrize("targets", [{1, -1}, {1: 0, -1: 0}])
def test_unordered_targets_are_rejected(loss: Callable[..., Value], targets: Any) -> None:
    with pytest.raises(
        TypeError, match=rf"the targets of {loss.__name__} must be a list or an array, not {type(targets).__name__} \("
    ):
        loss(values([[1.0], [2.0]]), targets)


@pytest.mark.parametrize("loss", LOSSES.values())
@pytest.mark.parametrize("reduction", ["none", None, 1, ["mean"]])
def test_a_reduction_other_than_mean_and_sum_is_rejected(loss: Callable[..., Value], reduction: Any) -> None:
    outputs = values([[1.0, 2.0]] if loss is cross_entropy else [[1.0]])
    with pytest.raises(ValueError, match=r"unknown reduction: .* \(must be 'mean' or 'sum'\)"):
        loss(outputs, [1], reduction=reduction)


@pytest.mark.parametrize("loss", LOSSES.values())
def test_options_are_keyword_only(loss: Callable[..., Value]) -> None:
    """The third positional argument has another meaning in PyTorch."""
    kinds = [parameter.kind for parameter in list(inspect.signature(loss).parameters.values())[2:]]
    assert set(kinds) == {inspect.Parameter.KEYWORD_ONLY}


@pytest.mark.parametrize("loss", LOSSES.values())
def test_rows_with_different_numbers_of_outputs_are_rejected(loss: Callable[..., Value]) -> None:
    targets: list[Any] = [1, 1] if loss is cross_entropy else [[1, 1], [1, 1]]
    with pytest.raises(ValueError, match=rf"{loss.__name__} needs 2 outputs and . targets? per row, but row 1 has 3 and ."):
        loss(values([[1.0, 2.0], [1.0, 2.0, 3.0]]), targets)


@pytest.mark.parametrize("loss", LOSSES.values())
@pytest.mark.parametrize(("targets", "given"), [([1, [1, 1, 1]], 3), ([1, []], 0)])
def test_rows_with_different_numbers_of_targets_are_rejected(
    loss: Callable[..., Value], targets: list[Any], given: int
) -> None:
    n = 2 if loss is cross_entropy else 1
    message = rf"{loss.__name__} needs {counted(n, 'output')} and 1 target per row, but row 1 has {n} and {given}"
    with pytest.raises(ValueError, match=message):
        loss(values([[1.0] * n] * 2), targets)


@pytest.mark.parametrize("loss", LOSSES.values())
def test_rows_without_outputs_are_rejected(loss: Callable[..., Value]) -> None:
    with pytest.raises(ValueError, match=rf"{loss.__name__} needs 1 output and 1 target per row, but row 0 has 0 and 1"):
        loss([[], []], [1, 1])


@pytest.mark.parametrize("loss", LOSSES.values())
@pytest.mark.parametrize("target", ["setosa", None, 1j, [[1.0]]])
def test_targets_that_are_not_numbers_are_rejected(loss: Callable[..., Value], target: Any) -> None:
    outputs = values([[1.0, 2.0] if loss is cross_entropy else [1.0]] * 2)
    with pytest.raises(TypeError, match=rf"{loss.__name__} needs .*, but row 1 has .*\((str|NoneType|complex|list)\)"):
        loss(outputs, [1.0, target])


@pytest.mark.parametrize("loss", LOSSES.values())
@pytest.mark.parametrize("output", ["1", None, 1j, [1.0]])
def test_the_error_for_outputs_that_are_not_numbers_names_the_row(loss: Callable[..., Value], output: Any) -> None:
    kind = type(output).__name__
    targets: list[Any] = [1, 1] if loss is cross_entropy else [[1, 1], [1, 1]]
    with pytest.raises(TypeError, match=rf"{loss.__name__} needs Values or numbers as outputs, but row 1 has .*\({kind}\)"):
        loss([[1.0, 2.0], [1.0, output]], targets)


@pytest.mark.parametrize("target", [-1, 1.5, math.nan, 2])
def test_binary_cross_entropy_rejects_targets_outside_0_to_1(target: float) -> None:
    message = rf"targets in \[0, 1\] \(convert -1 and \+1 with \(y \+ 1\) / 2\), but row 1 has {target} \("
    with pytest.raises(ValueError, match=message):
        binary_cross_entropy(values([[1.0], [1.0]]), [1, target])


@pytest.mark.parametrize(
    ("delta", "error", "message"),
    [(0.0, ValueError, "positive and finite, not 0.0"), (-1, ValueError, "not -1.0"), ("1", TypeError, "number, not str")],
)
def test_huber_rejects_a_delta_that_is_not_positive(delta: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=f"delta must be .*{message}"):
        huber_loss([Value(1.0)], [0.0], delta=delta)


@pytest.mark.parametrize("target", [0, 2, 0.5, math.nan])
def test_hinge_rejects_targets_other_than_plus_and_minus_one(target: Any) -> None:
    message = rf"hinge_loss needs targets \+1 and -1 \(convert 0 and 1 with 2 \* y - 1\), but row 1 has {target} \("
    with pytest.raises(ValueError, match=message):
        hinge_loss(values([[1.0], [1.0]]), [1, target])


@pytest.mark.parametrize("target", [3, -1, 100, 0.5, math.nan])
def test_cross_entropy_rejects_a_target_that_is_not_a_class(target: float) -> None:
    message = rf"cross_entropy needs class numbers from 0 to K - 1 as .* K > 1 outputs \(here 3; .*, but row 1 has {target} \("
    with pytest.raises(ValueError, match=message):
        cross_entropy(values([[1.0, 2.0, 3.0]] * 2), [0, target])


def test_cross_entropy_accepts_floats_with_integer_values_as_classes() -> None:
    rows = [[1.0, 2.0, 3.0], [0.5, 0.0, -1.0]]
    assert cross_entropy(values(rows), [2.0, 0.0]).data == cross_entropy(values(rows), [2, 0]).data


def test_cross_entropy_rejects_a_single_output() -> None:
    with pytest.raises(
        ValueError,
        match=r"class numbers from 0 .* for K > 1 outputs \(here 1; use binary_cross_entropy for 1\), but row 0 has 0 \(int\)",
    ):
        cross_entropy(values([[1.0]]), [0])


@pytest.mark.parametrize(
    ("weights", "error", "message"),
    [
        ([1.0, 2.0], ValueError, r"class_weights must have one number for each of the 3 classes, not 2 numbers"),
        ([1.0, 2.0, 0.0], ValueError, r"class_weights\[2\] must be positive and finite, not 0.0"),
        ([1.0, math.nan, 1.0], ValueError, r"class_weights\[1\] must be positive and finite, not nan"),
        (["1", 2, 3], TypeError, r"class_weights\[0\] must be a number, not str \('1'\)"),
        ({0: 1.0, 1: 1.0, 2: 2.0}, TypeError, r"class_weights must be a list or an array, not dict \("),
        (2.0, TypeError, r"class_weights must be a list or an array, not float \(2.0\)"),
    ],
)
def test_cross_entropy_requires_one_positive_weight_per_class(weights: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        cross_entropy(values([[1.0, 2.0, 3.0]] * 2), [0, 1], class_weights=weights)


@pytest.mark.parametrize(
    ("smoothing", "error", "message"),
    [(1.0, ValueError, r"in \[0, 1\), not 1.0"), (-0.1, ValueError, "not -0.1"), (None, TypeError, "number, not NoneType")],
)
def test_cross_entropy_rejects_a_label_smoothing_outside_0_to_1(smoothing: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=f"label_smoothing must be .*{message}"):
        cross_entropy(values([[1.0, 2.0, 3.0]]), [0], label_smoothing=smoothing)


@pytest.mark.parametrize("single", [np.float64(1.0), np.array(1.0)])
def test_a_numpy_scalar_instead_of_a_list_is_rejected(single: Any) -> None:
    with pytest.raises(TypeError, match=r"the outputs of mse_loss must be a list or an array, not (float64|ndarray)"):
        mse_loss(single, single)


# ---- probabilities instead of logits ----

PROBABILITIES = partial(binary_cross_entropy, from_logits=False)


@given(tables(st.floats(1e-3, 1 - 1e-3), st.sampled_from([0.0, 1.0]) | st.floats(0, 1)))
@example(([[0.25, 0.5, 0.75]], [[0.0, 1.0, 0.5]]))
def test_binary_cross_entropy_of_probabilities_matches_pytorch(data: tuple[Rows, Any]) -> None:
    check_against_pytorch(PROBABILITIES, *data, functional().binary_cross_entropy)


@pytest.mark.parametrize(("p", "target", "loss"), [(0.0, 0, 0.0), (1.0, 1, 0.0), (0.0, 1, math.inf), (1.0, 0, math.inf)])
def test_a_certain_prediction_costs_nothing_if_right_and_infinitely_much_if_wrong(p: float, target: int, loss: float) -> None:
    assert float(PROBABILITIES([p], [target])) == PROBABILITIES([Value(p)], [target]).data == loss


@pytest.mark.parametrize("p", [-0.1, 1.1, math.nan])
@pytest.mark.parametrize("target", [0, 0.5, 1])
def test_the_loss_of_a_number_that_is_no_probability_is_nan(p: float, target: float) -> None:
    assert math.isnan(PROBABILITIES([Value(0.5), Value(p)], [1, target]).data)


def test_sigmoid_outputs_are_not_taken_as_logits_without_a_warning() -> None:
    outputs = [[sigmoid(Value(2.0))], [sigmoid(Value(-2.0))]]
    with pytest.warns(
        UserWarning, match=r"applies sigmoid to the outputs, which are already .*; end the model without sigmoid, "
    ):
        binary_cross_entropy(outputs, [1, 0])
    assert PROBABILITIES(outputs, [1, 0]).data == pytest.approx(math.log1p(math.exp(-2)), rel=1e-14)


def test_from_logits_must_be_true_or_false() -> None:
    with pytest.raises(TypeError, match=r"from_logits must be True or False, not int \(0\)"):
        binary_cross_entropy([Value(0.5)], [1], from_logits=0)  # type: ignore[arg-type]
