"""Metrics: ``accuracy``, ``confusion_matrix`` and ``r2_score``."""

from __future__ import annotations

import inspect
import math
import random
import re
import warnings
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograd import Value, exp, hardsigmoid, log, log_sigmoid, log_softmax, sigmoid, softmax, sum, tanh  # noqa: A004
from nn import (
    METRICS,
    MLP,
    Linear,
    Module,
    Neuron,
    Sequential,
    accuracy,
    binary_cross_entropy,
    confusion_matrix,
    fit,
    huber_loss,
    load_checkpoint,
    mse_loss,
    predict,
    r2_score,
    save_checkpoint,
)  # fmt: skip

OUTPUTS, CLASSES = [[1.0, 2.0, 0.0], [4.0, 3.0, 0.0], [5.0, 6.0, 0.0], [0.0, 0.0, 1.0]], [1, 0, 0, 2]


def random_tables(seed: int, columns: int) -> tuple[list[list[float]], list[list[float]]]:
    rng = random.Random(seed)
    rows = [[[rng.gauss(0, 1) for _ in range(columns)] for _ in range(20)] for _ in range(2)]
    return rows[0], rows[1]


# ---- all metrics ----


@pytest.mark.parametrize("name", METRICS)
def test_the_metric_of_a_model_is_the_metric_of_its_predictions(name: str) -> None:
    model, X = MLP(2, [1], seed=0), [[0.5, -1.0], [2.0, 3.0], [-1.0, 0.0]]
    targets = [1, -1, -1]
    assert METRICS[name](model, X, targets) == METRICS[name](predict(model, X), targets)
    assert METRICS[name](model, np.array(X), np.array(targets)) == METRICS[name](predict(model, X), targets)


@pytest.mark.parametrize("name", METRICS)
def test_outputs_and_targets_may_be_keywords_and_are_in_the_signature(name: str) -> None:
    assert METRICS[name](targets=[1, 1], outputs=[3.0, -2.0]) == METRICS[name]([3.0, -2.0], [1, 1])
    assert list(inspect.signature(METRICS[name]).parameters)[:3] == ["outputs", "targets", "y"]


@pytest.mark.parametrize("name", METRICS)
def test_a_model_without_targets_is_rejected(name: str) -> None:
    message = rf"{name} needs outputs and targets, or a model, X and y, but there is no y with MLP\(1, \[1\]\)"
    with pytest.raises(TypeError, match=message):
        METRICS[name](MLP(1, [1]), [[1.0]])


@pytest.mark.parametrize("name", METRICS)
@pytest.mark.parametrize(
    ("given", "message"),
    [
        ((), "missing 2 .* 'outputs' and 'targets'"),
        (([[1.0]],), "missing 1 .*'targets'"),
        ((1, 2, 3, 4), "from 2 to 3 .* 4 were"),
    ],
)
def test_the_error_for_a_wrong_number_of_arguments_names_the_missing_ones(
    name: str, given: tuple[Any, ...], message: str
) -> None:
    with pytest.raises(TypeError, match=rf"{name}\(\) .*{message}"):
        METRICS[name](*given)


@pytest.mark.parametrize("name", METRICS)
def test_outputs_and_targets_must_be_lists_of_the_same_length(name: str) -> None:
    with pytest.raises(ValueError, match=f"{name} needs at least one row, and one target per row, not 2 rows and 1 target"):
        METRICS[name]([[1.0], [2.0]], [1])
    with pytest.raises(ValueError, match=f"{name} needs at least one row, and one target per row, not 0 rows and 0 targets"):
        METRICS[name]([], [])
    with pytest.raises(TypeError, match=rf"the outputs of {name} must be a list or an array, not float \(1.0\)"):
        METRICS[name](1.0, [1])
    with pytest.raises(TypeError, match="model must be callable with one row, not float"):
        METRICS[name](1.0, [[1.0]], [1])
    with pytest.raises(ValueError, match="X and y must have the same number of rows, but X has 1 and y has 2"):
        METRICS[name](MLP(1, [1]), [[1.0]], [1, 1])


@pytest.mark.parametrize("name", METRICS)
def test_outputs_that_are_not_numbers_are_rejected(name: str) -> None:
    with pytest.raises(TypeError, match=rf"{name} needs Values or numbers as outputs, but row 1 has 'b' \(str\)"):
        METRICS[name]([[1.0], ["b"]], [1, 0])


@pytest.mark.parametrize("name", ["accuracy", "confusion_matrix"])
def test_rows_with_different_numbers_of_outputs_are_rejected(name: str) -> None:
    with pytest.raises(ValueError, match=f"{name} needs 2 outputs and 1 target per row, but row 1 has 1 and 1"):
        METRICS[name]([[1.0, 2.0], [1.0]], [1, 0])


# ---- classes ----


def test_with_several_outputs_accuracy_uses_the_largest() -> None:
    assert accuracy(OUTPUTS, CLASSES) == 3 / 4
    assert accuracy(lambda row: [Value(x) for x in row], OUTPUTS, CLASSES) == 3 / 4


@pytest.mark.parametrize("other", [-1, 0])
def test_with_one_output_accuracy_uses_its_sign(other: int) -> None:
    assert accuracy([[1.0], [-2.0], [3.0], [-4.0]], [1, other, other, other]) == 3 / 4
    assert accuracy([1.0, -2.0], np.array([1.0, 1.0])) == 1 / 2
    assert accuracy(lambda row: Value(row[0]), [[1.0], [-2.0]], [1, 1]) == 1 / 2


@pytest.mark.parametrize("zero", [0.0, -0.0])
def test_an_output_of_0_does_not_predict_class_1(zero: float) -> None:
    assert accuracy([[zero]], [-1]) == accuracy([[zero]], [0]) == 1.0
    assert accuracy([[zero]], [1]) == 0.0


def test_accuracy_accepts_plain_numbers_tuples_and_infinite_outputs() -> None:
    assert accuracy(lambda row: (row[0], 0.0), [[1.0], [-1.0]], [0, 0]) == 1 / 2
    assert accuracy(lambda row: [math.inf, Value(-math.inf)], [[1.0]], [0]) == 1.0


def test_a_confusion_matrix_has_a_row_for_each_true_class() -> None:
    assert confusion_matrix(OUTPUTS, CLASSES) == [[1, 1, 0], [0, 1, 0], [0, 0, 1]]
    assert confusion_matrix([[1.0], [-2.0], [3.0]], [-1, -1, 1]) == [[1, 1], [0, 1]]
    assert confusion_matrix([1.0, -2.0, 3.0], [0, 0, 1]) == [[1, 1], [0, 1]]


@pytest.mark.parametrize("seed", range(5))
def test_the_confusion_matrix_matches_scikit_learn(seed: int) -> None:
    sklearn = pytest.importorskip("sklearn.metrics")
    outputs, _ = random_tables(seed, 4)
    targets = random.Random(seed).choices(range(4), k=20)
    found = [row.index(max(row)) for row in outputs]
    assert confusion_matrix(outputs, targets) == sklearn.confusion_matrix(targets, found, labels=range(4)).tolist()
    assert accuracy(outputs, targets) == sklearn.accuracy_score(targets, found)


@pytest.mark.parametrize("outputs", [[math.nan], [1.0, math.nan], [Value(math.nan), Value(1.0)], math.nan, Value(math.nan)])
def test_the_error_for_an_output_of_nan_names_the_row(outputs: Any) -> None:
    fine = [0.0] * len(outputs) if isinstance(outputs, list) else 0.0
    target = 0 if isinstance(outputs, list) and len(outputs) > 1 else 1
    with pytest.raises(ValueError, match=r"accuracy needs numbers, but row 1 has nan, which has no class; try a lower lr"):
        accuracy(lambda row: outputs if row[0] > 0 else fine, [[-1.0], [1.0]], [target, target])


@pytest.mark.parametrize(("target", "error"), [(2, ValueError), (0.5, ValueError), (math.nan, ValueError), (None, TypeError)])
def test_with_one_output_a_target_that_is_not_a_class_is_rejected(target: Any, error: type[Exception]) -> None:
    with pytest.raises(error, match=rf"accuracy needs .* for one output 1 and 0, or 1 and -1, but row 1 has {target!r} \("):
        accuracy([[1.0], [2.0]], [1, target])


def test_targets_may_be_a_column() -> None:
    assert accuracy([[1.0], [-2.0]], [[1], [1]]) == accuracy([[1.0, 2.0], [2.0, 1.0]], np.array([[1], [1]])) == 1 / 2


def test_three_classes_for_one_output_are_rejected() -> None:
    with pytest.raises(ValueError, match="with one output needs two classes, but the targets have three: 1, 0 and -1"):
        confusion_matrix([1.0, 2.0, 3.0], [1.0, (0,), [-1.0]])


def test_with_several_outputs_a_target_that_is_not_a_class_is_rejected() -> None:
    message = r"accuracy needs class numbers from 0 to K - 1 as targets for K > 1 outputs \(here 2\), .*, but row 0 has "
    with pytest.raises(ValueError, match=rf"{message}2 \(int\)"):
        accuracy(MLP(1, [2]), [[1.0]], [2])
    with pytest.raises(ValueError, match=rf"{message}-1 \(int\)"):
        accuracy([[1.0, 2.0]], [-1])
    with pytest.raises(ValueError, match=rf"{message}0.5 \(float\)"):
        accuracy([[1.0, 2.0]], [0.5])


def test_accuracy_rejects_a_class_instead_of_a_model() -> None:
    with pytest.raises(TypeError, match="model must be an instance, not the class MLP; create one"):
        accuracy(MLP, [[1.0]], [0])


# ---- r2 ----


@pytest.mark.parametrize("columns", [1, 3])
@pytest.mark.parametrize("seed", range(5))
def test_r2_matches_scikit_learn(seed: int, columns: int) -> None:
    sklearn = pytest.importorskip("sklearn.metrics")
    outputs, targets = random_tables(seed, columns)
    assert r2_score(outputs, targets) == pytest.approx(sklearn.r2_score(targets, outputs), rel=1e-12)


def test_r2_is_1_for_exact_outputs_and_0_for_the_mean() -> None:
    assert r2_score([1.0, 2.0, 6.0], [1.0, 2.0, 6.0]) == 1.0
    assert r2_score([3.0, 3.0, 3.0], [1.0, 2.0, 6.0]) == 0.0


def test_r2_of_equal_targets_is_1_or_0() -> None:
    assert r2_score([2.0, 2.0], [2.0, 2.0]) == 1.0
    assert r2_score([2.0, 2.5], [2.0, 2.0]) == 0.0
    assert r2_score([0.2] * 3, [0.1] * 3) == 0.0  # the rounded mean is not 0.1


def test_metrics_accept_the_values_that_a_model_returns() -> None:
    model = MLP(1, [2], seed=0)
    X, y = [[0.5], [-1.0]], [0, 1]
    outputs = [model(row) for row in X]
    assert accuracy(outputs, y) == accuracy(model, X, y)
    assert confusion_matrix(outputs, y) == confusion_matrix(model, X, y)
    assert type(r2_score(outputs, [[1.0, 2.0], [3.0, 5.0]])) is float


def test_r2_needs_one_target_per_output() -> None:
    with pytest.raises(ValueError, match="r2_score needs 2 outputs and 2 targets per row, but row 0 has 2 and 1"):
        r2_score([[1.0, 2.0]], [1.0])


def test_r2_of_diverging_training_is_minus_infinity_and_fit_stops() -> None:
    assert r2_score([1e200, 1e200], [0.0, 1.0]) == -math.inf
    model = Neuron(1, seed=0)
    with pytest.warns(RuntimeWarning, match="training stopped: the loss became inf"):
        history = fit(model, [[1e3], [2e3]], [1.0, 3.0], loss="mse", lr=10.0, epochs=99, metrics=["r2_score"])
    assert history.stopped == "diverged"
    assert all(map(math.isfinite, model.state_dict().values()))


# ---- probabilities of a single output ----


class Ending(Module):
    """A layer, and a function of its outputs."""

    def __init__(self, function: Any, n_outputs: int = 2) -> None:
        self.layer, self._function = Linear(1, n_outputs, seed=0), function

    def __call__(self, row: Any) -> Any:
        return self._function(self.layer(row))


def classifier(last: str) -> Module:
    """Return a model with one output, which is positive for positive numbers only, except with softmax."""
    if last == "softmax":
        return Ending(softmax, n_outputs=1)
    linear = Linear(1, 1, bias=False)
    linear.neurons[0].weights[0].data = 1.0
    return Sequential(linear, last)


def test_numbers_that_may_be_probabilities_are_not_judged_by_their_sign_without_a_warning() -> None:
    message = r"accuracy takes single outputs above 0 as class 1, but all of these are in \[0, 1\], .*; use threshold=0\.5 for "
    with pytest.warns(UserWarning, match=message):
        assert accuracy([[0.9], [0.1]], [1, 0]) == 0.5
    assert accuracy([[0.9], [0.1]], [1, 0], threshold=0.5) == 1.0
    assert accuracy([0.9, 0.1], [1, 0], threshold=0) == 0.5
    assert confusion_matrix([[0.9], [0.1], [0.5]], [1, 0, 1], threshold=0.5) == [[1, 0], [1, 1]]
    assert accuracy([[0.9], [0.6]], [1, 0]) == 0.5  # without a warning, because both thresholds lead to it


def test_the_threshold_of_sigmoid_outputs_is_one_half() -> None:
    X = [[2.0], [-2.0], [0.0]]
    model = classifier("sigmoid")
    assert accuracy(model, X, [1, 0, 0]) == accuracy([model(row) for row in X], [1, 0, 0]) == 1.0
    assert confusion_matrix(lambda row: sigmoid(Value(row[0])), X, [1, 0, 1]) == [[1, 0], [1, 1]]


def test_a_threshold_must_be_a_finite_number_and_needs_a_single_output() -> None:
    with pytest.raises(ValueError, match=r"threshold must be None for 2 outputs, not 0\.5; the largest output is the class"):
        accuracy([[0.9, 0.1]], [1], threshold=0.5)
    with pytest.raises(ValueError, match="threshold must be finite, not nan"):
        accuracy([[0.9]], [1], threshold=math.nan)


@pytest.mark.parametrize(
    ("last", "loss", "targets"),
    [
        ("linear", "binary_cross_entropy", [1, 0, 0]),
        ("sigmoid", partial(binary_cross_entropy, from_logits=False), [1, 0, 0]),
        ("linear", "hinge", [1, -1, -1]),
        ("linear", "mse", [1, -1, -1]),
        ("sigmoid", "mse", [[1], [0], [0]]),
        ("sigmoid", partial(huber_loss, delta=0.5), [1, 0, 0]),
        ("sigmoid", lambda outputs, targets: mse_loss(outputs, targets), [1, 0, 0]),
    ],
)
def test_fit_uses_the_threshold_that_fits_the_loss(last: str, loss: Any, targets: list[Any]) -> None:
    X = [[1.0], [-1.0], [-0.1]]  # the outputs are 1, -1, -0.1; or 0.73, 0.27, 0.475
    options: dict[str, Any] = {"loss": loss, "epochs": 1, "lr": 1e-9, "metrics": ["accuracy", "confusion_matrix"]}
    model = classifier(last)
    history = fit(model, X, targets, **options)
    assert (history["accuracy"], history["confusion_matrix"]) == ([1.0], [[[2, 0], [0, 1]]])
    assert (accuracy(model, X, targets), confusion_matrix(model, X, targets)) == (1.0, [[2, 0], [0, 1]])


def test_a_trained_model_keeps_the_threshold_of_its_loss_also_in_a_checkpoint(tmp_path: Path) -> None:
    X, y = [[0.0], [1.0], [2.0], [3.0]], [0, 0, 1, 1]
    model, loaded = Linear(1, 1, seed=0), Linear(1, 1)
    history = fit(model, X, y, loss="mse", lr=0.1, epochs=300, metrics=["accuracy"])
    load_checkpoint(save_checkpoint(tmp_path / "m.npz", model=model), model=loaded)
    assert history["accuracy"][-1] == accuracy(model, X, y) == accuracy(loaded, X, y) == 1.0
    assert confusion_matrix(loaded, X, y) == [[2, 0], [0, 2]]
    assert accuracy(model, X, y, threshold=-9.0) == 0.5  # an argument has priority
    fit(model, X, [-1, -1, 1, 1], loss="hinge", epochs=1, lr=1e-9)
    assert model.class_threshold == 0.0


@pytest.mark.parametrize("outputs", [[1.1, 0.1], [[1.2], [0.3]], [1.0, -0.1, 0.2]])
def test_outputs_around_0_and_1_are_not_judged_by_their_sign_without_a_warning(outputs: list[Any]) -> None:
    with pytest.warns(UserWarning, match="around 0 and 1, and 0.5 divides them better; use threshold=0.5 for") as caught:
        assert accuracy(outputs, [1, 0, 0][: len(outputs)]) < 1.0
    assert caught[0].filename == __file__


@pytest.mark.parametrize(("outputs", "targets"), [([-0.3, 0.2], [0, 1]), ([0.4, -0.2], [-1, 1]), ([3.0, 0.1], [1, 0])])
def test_logits_get_no_warning(outputs: list[float], targets: list[int]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        accuracy(outputs, targets)


def test_the_loss_as_a_metric_has_the_options_of_the_loss() -> None:
    loss = partial(binary_cross_entropy, from_logits=False)
    history = fit(classifier("sigmoid"), [[1.0]], [1], loss=loss, metrics=["binary_cross_entropy"], lr=1e-12, epochs=1)
    assert history["binary_cross_entropy"] == pytest.approx(history["loss"])


@pytest.mark.parametrize("compile", [True, False])
@pytest.mark.parametrize(
    ("last", "loss", "message"),
    [
        ("sigmoid", "binary_cross_entropy", "sigmoid; end the model without sigmoid, or use fit(..., loss=functools.partial("),
        ("hardsigmoid", "binary_cross_entropy", "hardsigmoid; end the model without hardsigmoid, or use fit(..., loss="),
        ("log_sigmoid", "binary_cross_entropy", "log_sigmoid; end the model without log_sigmoid; predict(model, X, prob"),
        ("softmax", "binary_cross_entropy", "softmax and always 1; end the model without softmax; predict(model, X, prob"),
        ("sigmoid", "hinge", "hinge_loss needs outputs of both signs, but these are results of sigmoid, which all have the "),
    ],
)
def test_fit_warns_about_an_ending_that_does_not_fit_its_loss(last: str, loss: str, message: str, compile: bool) -> None:  # noqa: A002
    problem = "" if loss == "hinge" else "binary_cross_entropy applies sigmoid to the outputs, which are already results of "
    with pytest.warns(UserWarning, match=re.escape(f"{problem}{message}")) as caught:
        fit(classifier(last), [[1.0]], [1], loss=loss, epochs=1, compile=compile)
    assert {warning.filename for warning in caught} == {__file__}


def by_hand(row: list[Any]) -> list[Any]:
    powers = [exp(x) for x in row]
    total = sum(powers)
    return [power / total for power in powers]


@pytest.mark.parametrize("compile", [True, False])
@pytest.mark.parametrize(
    ("function", "name"),
    [
        (softmax, "softmax"), (by_hand, "softmax"), (lambda row: [*map(sigmoid, row)], "sigmoid"),
        (lambda row: [*map(hardsigmoid, row)], "hardsigmoid"), (lambda row: [*map(log_sigmoid, row)], "log_sigmoid"),
        (log_softmax, "log_softmax, which does not change them"),
        (lambda row: [log(p) for p in softmax(row)], "log_softmax, which does not change them"),
    ],
)  # fmt: skip
def test_fit_warns_about_an_ending_that_cross_entropy_applies_again(function: Any, name: str, compile: bool) -> None:  # noqa: A002
    message = f"cross_entropy applies softmax to the outputs, which are already results of {name}; end the model without "
    with pytest.warns(UserWarning, match=re.escape(message)) as caught:
        fit(Ending(function), [[1.0], [-1.0]], [1, 0], loss="cross_entropy", epochs=1, compile=compile)
    assert {warning.filename for warning in caught} == {__file__}
    remedy = "and use cross_entropy, because" if "softmax" in name else ""
    with pytest.warns(UserWarning, match=f"binary_cross_entropy applies sigmoid .*{remedy}"):
        fit(Ending(function), [[1.0]], [[0.0, 1.0]], loss="binary_cross_entropy", epochs=1, compile=compile)


def test_other_endings_get_no_warning() -> None:
    endings: list[Any] = [
        lambda row: row, lambda row: [x / 2.0 for x in row], lambda row: [exp(row[0]) / row[1], row[1] / row[0]],
        lambda row: [x - row[0] for x in row], lambda row: [tanh(x) for x in row],
    ]  # fmt: skip
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for function in endings:
            fit(Ending(function), [[1.0], [-1.0]], [1, 0], loss="cross_entropy", epochs=1, lr=1e-3)


def test_an_ending_of_the_model_is_not_applied_again_by_predict() -> None:
    rows, own = [[0.5], [-2.0]], Ending(softmax)
    assert predict(own, rows, probabilities=True) == predict(own, rows)
    for last, probability in (("sigmoid", lambda x: x), ("hardsigmoid", lambda x: x), ("log_sigmoid", math.exp)):
        model = classifier(last)
        outputs = [output for [output] in predict(model, rows)]
        assert [p for _, p in predict(model, rows, probabilities=True)] == pytest.approx([probability(x) for x in outputs])
        expected = [int(probability(x) > 0.5) for x in outputs]
        assert predict(model, rows, labels=True) == expected
        assert accuracy(model, rows, expected) == 1.0
        assert sorted(expected) == [0, 1]


def test_accuracy_warns_about_softmax_of_one_output() -> None:
    with pytest.warns(UserWarning, match="accuracy has one class for all rows, because softmax of one output is always 1; end"):
        assert accuracy(classifier("softmax"), [[1.0], [-1.0]], [1, 0]) == 0.5


def test_the_remedy_for_a_second_sigmoid_works() -> None:
    remedy = "fit(..., loss=functools.partial(binary_cross_entropy, from_logits=False))"
    with pytest.warns(UserWarning, match=re.escape(remedy)):
        binary_cross_entropy([sigmoid(Value(2.0))], [1])
    options: dict[str, Any] = {"loss": partial(binary_cross_entropy, from_logits=False), "metrics": ["accuracy"]}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        history = fit(classifier("sigmoid"), [[1.0], [-1.0]], [1, 0], epochs=1, **options)
    assert history["accuracy"] == [1.0]
