"""Text labels, weights of classes and rows, and stratified splits."""

from __future__ import annotations

import copy
import math
import pickle
import re
import warnings
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.utils.class_weight import compute_class_weight

from autograd import Value, sigmoid, softmax
from nn import (
    MLP,
    Dataset,
    Linear,
    Neuron,
    Sequential,
    accuracy,
    binary_cross_entropy,
    confusion_matrix,
    cross_entropy,
    fit,
    hinge_loss,
    load_checkpoint,
    load_iris,
    make_moons,
    predict,
    r2_score,
    save_checkpoint,
    train_test_split,
)
from nn.data.rows import minibatches, split_indices
from nn.training.labels import weights_by_class

IRIS, MOONS = load_iris(), make_moons(60, seed=0)
SPECIES = [IRIS.class_names[k] for k in IRIS.y]
SIDES = [MOONS.class_names[k] for k in MOONS.y]  # "upper" is class 0 in the data set, and class 1 in alphabetical order
X, Y = [[0.0, 1.0], [1.0, 0.5], [2.0, -1.0], [-1.0, 0.25], [0.5, 0.5]], [0, 2, 1, 1, 2]


def flowers(y: Any = SPECIES, **options: Any) -> MLP:
    model = MLP(4, [6, 3], seed=0)
    defaults: dict[str, Any] = {"loss": "cross_entropy", "optimizer": "adam", "lr": 0.05, "epochs": 30, "seed": 0}
    fit(model, IRIS.X, y, **defaults | options)
    return model


def sides(loss: Any = "binary_cross_entropy", last: str = "linear", y: Any = SIDES) -> Sequential:
    model = Sequential(Linear(2, 6, seed=0), "tanh", Linear(6, 1, seed=1), last)
    fit(model, MOONS.X, y, loss=loss, optimizer="adam", lr=0.05, epochs=60)
    return model


# ---- text labels ----


def test_text_labels_train_as_their_class_numbers() -> None:
    named, numbered = flowers(), flowers(IRIS.y)
    assert named.state_dict() == numbered.state_dict()
    assert (named.class_names, numbered.class_names) == (["setosa", "versicolor", "virginica"], ())
    assert predict(named, IRIS.X) == predict(numbered, IRIS.X)


@pytest.mark.parametrize(
    "kind", [list, np.array, pd.Series, lambda y: pd.Series(y).astype("category"), lambda y: np.array(y, object)]
)
def test_labels_may_be_a_list_an_array_or_a_series(kind: Callable[[Any], Any]) -> None:
    assert flowers(kind(SPECIES), epochs=1).class_names == ["setosa", "versicolor", "virginica"]


def test_predict_answers_with_labels() -> None:
    model = flowers()
    labels = predict(model, IRIS.X, labels=True)
    assert (
        sum(map(str.__eq__, labels, SPECIES)) / 150 == accuracy(model, IRIS.X, SPECIES) == accuracy(model, IRIS.X, IRIS.y) > 0.9
    )
    assert [IRIS.class_names.index(label) for label in labels] == predict(flowers(IRIS.y), IRIS.X, labels=True)


def test_predict_answers_with_the_probability_of_each_class() -> None:
    model = flowers()
    probabilities = predict(model, IRIS.X, probabilities=True)
    assert probabilities == [list(softmax(row)) for row in predict(model, IRIS.X)]
    assert [model.class_names[row.index(max(row))] for row in probabilities] == predict(model, IRIS.X, labels=True)
    assert all(math.isclose(sum(row), 1) for row in probabilities)


@pytest.mark.parametrize(
    ("loss", "last"), [("binary_cross_entropy", "linear"), (partial(binary_cross_entropy, from_logits=False), "sigmoid")]
)
def test_a_single_output_has_two_labels_and_two_probabilities(loss: Any, last: str) -> None:
    model = sides(loss, last)
    outputs = predict(model, MOONS.X)
    expected = [x if last == "sigmoid" else sigmoid(x) for [x] in outputs]
    assert predict(model, MOONS.X, probabilities=True) == [[1 - p, p] for p in expected]
    assert predict(model, MOONS.X, labels=True) == [["lower", "upper"][p > 0.5] for p in expected]
    assert accuracy(model, MOONS.X, SIDES) > 0.8


def test_labels_of_a_hinge_loss_are_a_margin_apart() -> None:
    model = sides("hinge")
    assert predict(model, MOONS.X, labels=True) == [["lower", "upper"][x > 0] for [x] in predict(model, MOONS.X)]
    signs = sides("hinge", y=[2 * k - 1 for k in MOONS.y])
    assert set(predict(signs, MOONS.X, labels=True)) == {-1, 1}


def test_without_fit_the_labels_are_numbers_and_a_final_sigmoid_is_recognized() -> None:
    assert predict(lambda row: [row[0], 0.5], [[1.0], [0.25]], labels=True) == [0, 1]
    assert predict(lambda row: sigmoid(Value(row[0])), [[1.0], [-1.0]], labels=True) == [1, 0]
    assert predict(lambda row: Value(row[0]), [[1.0], [-1.0]], labels=True) == [1, 0]


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (
            lambda: predict(sides("hinge"), X, probabilities=True), ValueError,
            "probabilities must be False for a model trained with 'hinge'; train with 'cross_entropy', or use its outputs",
        ),
        (
            lambda: predict(sides("mse", y=MOONS.y), X, labels=True), ValueError,
            "labels must be False for a model trained with 'mse'",
        ),
        (lambda: predict(MLP(2, [3]), X, labels=True, probabilities=True), ValueError, "must not both be True"),
        (lambda: predict(MLP(2, [3]), X, labels=1), TypeError, r"labels must be True or False, not int \(1\)"),  # type: ignore[arg-type]
        (lambda: sides("mse"), TypeError, r"row 0 of y must be a number, not a string \('upper'\); number the classes"),
        (
            lambda: fit(MLP(4, [1]), IRIS.X, SPECIES, loss="binary_cross_entropy"), ValueError,
            r"y must have two classes for binary_cross_entropy, not 3 \('setosa', 'versicolor', 'virginica'\); use loss='cross",
        ),
        (lambda: flowers([*SPECIES[:-1], None]), TypeError, r"row 149 of y must be a string, like other labels, not NoneType"),
        (
            lambda: flowers(validation_data=(IRIS.X[:1], ["rose"])), ValueError,
            r"validation_data: row 0 of y must be one of \['setosa', .*\], not 'rose'; train with rows of all classes",
        ),
        (lambda: accuracy(flowers(epochs=1), IRIS.X[:1], ["rose"]), ValueError, "row 0 of y must be one of"),
        (lambda: accuracy(MLP(4, [3]), IRIS.X, SPECIES), TypeError, "row 0 of y must be a number, not a string"),
        (lambda: fit(MLP(4, [2]), IRIS.X, SPECIES, loss="cross_entropy"), ValueError, "2 outputs for 3 classes"),
    ],
)  # fmt: skip
def test_an_error_says_what_does_not_fit_together(call: Callable[[], Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        call()


def test_several_separate_answers_have_no_classes() -> None:
    model = MLP(2, [2], seed=0)
    fit(model, X, [[0, 1]] * 5, loss="binary_cross_entropy", epochs=1)
    with pytest.raises(
        ValueError, match="labels and probabilities of classes need one output, or 'cross_entropy', not 2 separ"
    ):
        predict(model, X, probabilities=True)


def test_names_are_kept_by_copies_pickles_and_checkpoints(tmp_path: Path) -> None:
    model = flowers(checkpoint=str(tmp_path / "run.npz"), epochs=2)
    other, resumed = MLP(4, [6, 3]), MLP(4, [6, 3])
    load_checkpoint(save_checkpoint(tmp_path / "m.npz", model=model), model=other)
    load_checkpoint(tmp_path / "run.npz", model=resumed)
    for copied in (other, resumed, copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        assert (copied.class_names, copied.trained_with) == (["setosa", "versicolor", "virginica"], "cross_entropy")
        assert predict(copied, IRIS.X, labels=True) == predict(model, IRIS.X, labels=True)


def test_a_second_run_keeps_the_numbers_of_the_names() -> None:
    model = flowers(epochs=1)
    some = [i for i, name in enumerate(SPECIES) if name != "setosa"]
    fit(model, [IRIS.X[i] for i in some], [SPECIES[i] for i in some], loss="cross_entropy", epochs=1)
    assert model.class_names == ["setosa", "versicolor", "virginica"]
    assert confusion_matrix(model, IRIS.X, SPECIES).class_names == model.class_names


def test_a_second_run_with_other_names_is_refused() -> None:
    model = flowers()
    message = (
        "y must have labels of the earlier training run ('setosa', 'versicolor', 'virginica'), not 'rose'; create a new mod"
    )
    with pytest.raises(ValueError, match=re.escape(message)):
        fit(model, [[0.0] * 4] * 2, ["setosa", "rose"], loss="cross_entropy", epochs=1)
    assert list(model.class_names) == sorted(set(SPECIES))
    model.class_names = ()
    fit(model, [[0.0] * 4] * 3, ["rose", "daisy", "tulip"], loss="cross_entropy", epochs=1)
    assert list(model.class_names) == ["daisy", "rose", "tulip"]


@pytest.mark.parametrize("n_outputs", [2, 4])
def test_a_model_needs_one_output_per_name(n_outputs: int) -> None:
    model = MLP(1, [n_outputs], seed=0)
    rule = f"MLP(1, [{n_outputs}]) must have one output per class, but has {n_outputs} outputs for 3 classes ('a', 'b', 'c'); "
    with pytest.raises(ValueError, match=re.escape(f"{rule}end it with 3 outputs")):
        fit(model, [[0.0], [1.0], [2.0]], ["a", "b", "c"], loss="cross_entropy", epochs=1)
    model.class_names = ["a", "b", "c"]
    with pytest.raises(ValueError, match=re.escape(rule)):
        predict(model, [[0.0]], labels=True)


def test_metrics_compare_the_labels_that_predict_returns() -> None:
    model = flowers()
    X, names = load_iris().X, predict(model, load_iris().X, labels=True)
    assert accuracy(names, SPECIES) == accuracy(model, X, SPECIES)
    assert confusion_matrix(names, SPECIES) == confusion_matrix(model, X, SPECIES)
    assert str(confusion_matrix(names, SPECIES)) == str(confusion_matrix(model, X, SPECIES))
    model.class_names = ()
    numbers = predict(model, X, labels=True)
    assert accuracy(numbers, load_iris().y) == accuracy(np.array(numbers), np.array(load_iris().y)) == accuracy(names, SPECIES)
    assert confusion_matrix([0, 2], [0, 1]) == [[1, 0, 0], [0, 0, 1], [0, 0, 0]]
    assert accuracy([1, 0, 1], [1, 0, 0]) == pytest.approx(2 / 3)  # the same whether they are labels or logits
    assert accuracy([-1, 1], [-1, 1]) == 1.0


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: accuracy(["a", "b"], [0, 1]),
            "accuracy of labels needs labels as targets, not int (0) in row 0; compare predict(",
        ),
        (
            lambda: accuracy([0, 2], ["a", "b"]),
            "accuracy of labels needs labels as targets, not str ('a') in row 0; compare predict",
        ),
        (lambda: accuracy(["a"], ["a", "b"]), "accuracy needs one target per row, not 1 row and 2 targets"),
        (
            lambda: accuracy([[0.5, 1.0]], ["a"]),
            "accuracy needs numbers as targets of numeric outputs, not the label 'a' in row 0; use accuracy(model, X, y), or",
        ),
    ],
)
def test_labels_and_numbers_are_not_compared(call: Callable[[], Any], message: str) -> None:
    with pytest.raises((TypeError, ValueError), match=re.escape(message)):
        call()


@pytest.mark.parametrize("loss", ["mse", "mae", "huber"])
@pytest.mark.parametrize("weights", ["balanced", {0: 2.0}, [1.0, 2.0]])
def test_class_weights_are_refused_for_losses_of_quantities(loss: str, weights: Any) -> None:
    rule = f"class_weights must be None with '{loss}', a loss of quantities, not of classes; use a loss of classes, such as"
    with pytest.raises(ValueError, match=re.escape(rule)):
        fit(MLP(1, [1]), [[0.0], [1.0]], [0, 1], loss=loss, class_weights=weights)


def test_a_single_neuron_learns_names_twice() -> None:
    neuron = Neuron(2, seed=0)
    for names in (["a", "b"], ["b", "a"]):
        fit(neuron, X[:2], names, loss="binary_cross_entropy", epochs=1)
        assert neuron.class_names == ["a", "b"]
    with pytest.raises(ValueError, match="y must have labels of the earlier training run"):
        fit(neuron, X[:2], ["b", "c"], loss="binary_cross_entropy", epochs=1)


def test_validation_rows_and_metrics_use_the_names() -> None:
    model = MLP(4, [6, 3], seed=0)
    history = fit(
        model, IRIS.X, SPECIES, loss="cross_entropy", validation_data=(IRIS.X, SPECIES), metrics=["accuracy"], epochs=3
    )
    assert history["val_accuracy"][-1] == accuracy(model, IRIS.X, SPECIES)
    assert math.isclose(history["val_loss"][-1], cross_entropy(predict(model, IRIS.X), IRIS.y))


def test_rows_with_text_labels_are_split_and_batched() -> None:
    _, X_test, _, y_test = train_test_split(IRIS.X, SPECIES, seed=0)
    assert all(SPECIES[IRIS.X.index(row)] == label for row, label in zip(X_test, y_test, strict=True) if IRIS.X.count(row) == 1)
    assert sorted(label for _, labels in minibatches(IRIS.X, SPECIES, 16) for label in labels) == SPECIES


# ---- weights ----


def losses(model: Any, **options: Any) -> list[float]:
    defaults: dict[str, Any] = {"loss": "cross_entropy", "epochs": 3, "lr": 0.1}
    history = fit(copy.deepcopy(model), X, Y, **defaults | options)
    return [float(loss) for loss in history["loss"]]


@pytest.mark.parametrize("replay", [False, True])
@pytest.mark.parametrize("batch_size", [None, 2])
def test_class_weights_of_fit_are_those_of_the_loss(replay: bool, batch_size: int | None) -> None:
    weights: list[float] = [0.5, 2.0, 3.0]
    options: dict[str, Any] = {"compile": replay, "batch_size": batch_size, "seed": 0, "epochs": 3, "lr": 0.1}

    def trained(loss: Any, **more: Any) -> dict[str, float]:
        model = MLP(2, [4, 3], seed=0)
        fit(model, X, Y, loss=loss, **options, **more)
        return model.state_dict()

    expected = pytest.approx(trained(partial(cross_entropy, class_weights=weights)), rel=1e-13)
    for given_weights in (weights, np.array(weights), dict(enumerate(weights))):
        assert trained("cross_entropy", class_weights=given_weights) == expected


@pytest.mark.parametrize("replay", [False, True])
@pytest.mark.parametrize(
    ("loss", "targets"),
    [("cross_entropy", Y), ("mse", [[1.0, 0.0, 0.5]] * 5), (partial(cross_entropy, label_smoothing=0.1, reduction="sum"), Y)],
)
def test_a_weight_of_2_is_a_second_copy_of_the_row(replay: bool, loss: Any, targets: Any) -> None:
    models = [MLP(2, [4, 3], seed=0) for _ in range(2)]
    options: dict[str, Any] = {"loss": loss, "epochs": 5, "lr": 0.05, "compile": replay}
    fit(models[0], X, targets, sample_weights=[2, 1, 1, 0, 1], **options)
    kept = [0, 0, 1, 2, 4]
    fit(models[1], [X[i] for i in kept], [targets[i] for i in kept], **options)
    assert models[0].state_dict() == pytest.approx(models[1].state_dict(), rel=1e-12)


@pytest.mark.parametrize("replay", [False, True])
@pytest.mark.parametrize("loss", ["binary_cross_entropy", "cross_entropy"])
def test_weighted_losses_and_gradients_are_those_of_pytorch(replay: bool, loss: str) -> None:
    torch = pytest.importorskip("torch")
    functional, samples = torch.nn.functional, [0.5, 2.0, 1.0, 0.0, 3.0]
    single = loss == "binary_cross_entropy"
    y = [min(k, 1) for k in Y] if single else Y
    by_class = {0: 1.5, 1: 0.25, 2: 4.0} if not single else {0: 1.5, 1: 0.25}
    model = MLP(2, [1 if single else 3], seed=0)
    neurons = model[0].neurons
    W = torch.tensor([[w.data for w in neuron.weights] for neuron in neurons], dtype=torch.float64, requires_grad=True)
    logits = torch.tensor(X, dtype=torch.float64) @ W.T
    weights = torch.tensor([s * by_class[k] for s, k in zip(samples, y, strict=True)], dtype=torch.float64)
    if single:
        rows = functional.binary_cross_entropy_with_logits(logits[:, 0], torch.tensor(y, dtype=torch.float64), reduction="none")
    else:
        rows = functional.cross_entropy(logits, torch.tensor(y), reduction="none")
    expected = (weights * rows).sum() / weights.sum()
    expected.backward()
    before = [w.data for neuron in neurons for w in neuron.weights]
    history = fit(model, X, y, loss=loss, lr=1.0, epochs=1, class_weights=by_class, sample_weights=samples, compile=replay)
    steps = [b - w.data for b, w in zip(before, [w for neuron in neurons for w in neuron.weights], strict=True)]
    assert history["loss"] == pytest.approx([expected.item()], rel=1e-12)
    assert steps == pytest.approx(W.grad.flatten().tolist(), rel=1e-12, abs=1e-14)


def test_class_weights_in_the_loss_and_sample_weights_are_those_of_pytorch() -> None:
    torch = pytest.importorskip("torch")
    weights, model = [0.5, 2.0, 3.0], MLP(2, [3], seed=0)
    logits = torch.tensor(predict(model, X), dtype=torch.float64)
    for smoothing in (0.0, 0.2):
        options: dict[str, Any] = {"weight": torch.tensor(weights, dtype=torch.float64), "label_smoothing": smoothing}
        expected = torch.nn.functional.cross_entropy(logits, torch.tensor(Y), **options).item()
        loss = partial(cross_entropy, class_weights=weights, label_smoothing=smoothing)
        for replay in (False, True):
            assert losses(model, loss=loss, epochs=1, compile=replay) == pytest.approx([expected], rel=1e-12)
            assert losses(model, loss=loss, epochs=1, compile=replay, sample_weights=[3.0] * 5) == pytest.approx(
                [expected], rel=1e-12
            )


def test_balanced_weights_are_those_of_scikit_learn() -> None:
    labels = ["b", "a", "b", "c", "b", "c"]
    expected = compute_class_weight("balanced", classes=np.array(["a", "b", "c"]), y=labels)
    assert weights_by_class("balanced", labels, labels) == dict(zip("abc", expected, strict=True))


def test_balanced_weights_use_the_rows_to_train_on_and_weigh_validation_rows_too() -> None:
    model = MLP(2, [2], seed=0)
    seen: list[Any] = []
    fit(
        model, X[:3], ["a", "b", "b"], loss="cross_entropy", class_weights="balanced", epochs=1, callbacks=[seen.append],
        validation_data=(X[:2], ["a", "b"]),
    )  # fmt: skip
    assert seen[0].weights == {"": [1.5, 0.75, 0.75], "val_": [1.5, 0.75]}


def test_the_loss_of_an_epoch_is_weighted_by_the_weights_of_the_batches() -> None:
    weights = [1.0, 5.0, 2.0, 4.0, 3.0]
    model = MLP(2, [3], seed=0)
    whole = losses(model, lr=1e-12, epochs=1, sample_weights=weights)
    assert losses(model, lr=1e-12, epochs=1, sample_weights=weights, batch_size=2) == pytest.approx(whole, rel=1e-9)


def test_a_batch_without_weight_has_no_loss() -> None:
    for replay in (False, True):
        assert losses(MLP(2, [3]), batch_size=1, sample_weights=[0, 0, 0, 0, 1], compile=replay)[0] > 0


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"class_weights": "balance"}, ValueError, "must be 'balanced', a dict by class, or a list, not 'balance'"),
        ({"class_weights": [1, 2]}, ValueError, "class_weights must have one number for each of the 3 classes, not 2 numbers"),
        ({"class_weights": {0: 1, 7: 2}}, ValueError, r"class_weights must have classes of y as keys \(\[0, 1, 2\]\), not 7"),
        ({"class_weights": {0: -1}}, ValueError, r"class_weights\[0\] must be positive and finite, not -1.0"),
        ({"class_weights": 2}, TypeError, r"class_weights must be a list or an array, not int \(2\)"),
        (
            {"class_weights": "balanced", "loss": partial(cross_entropy, class_weights=[1, 1, 1])}, ValueError,
            "class_weights must be given to fit or to the loss, not to both; omit one of them",
        ),
        ({"sample_weights": [1, 2]}, ValueError, "one number for each of the 5 rows, and not all 0, but has 2 numbers"),
        ({"sample_weights": [0] * 5}, ValueError, "one number for each of the 5 rows, and not all 0, but has only zeros"),
        ({"sample_weights": [1, 1, -1, 1, 1]}, ValueError, r"sample_weights\[2\] must be non-negative and finite, not -1.0"),
        ({"sample_weights": "balanced"}, TypeError, r"sample_weights must be a list or an array, not str \('balanced'\)"),
    ],
)  # fmt: skip
def test_the_error_for_invalid_weights_states_the_rule(options: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        losses(MLP(2, [3]), **options)


def test_weights_of_rows_with_several_targets_are_refused() -> None:
    with pytest.raises(TypeError, match="class_weights need one class per row of y, but row 0 has several targets"):
        fit(MLP(2, [2]), X, [[0, 1]] * 5, loss="binary_cross_entropy", class_weights="balanced")


def test_a_checkpoint_of_other_weights_is_refused(tmp_path: Path) -> None:
    options: dict[str, Any] = {"checkpoint": str(tmp_path / "c.npz")}
    losses(MLP(2, [3], seed=0), sample_weights=[1, 2, 3, 4, 5], **options)
    with pytest.raises(ValueError, match="checksum of the rows must be"):
        losses(MLP(2, [3], seed=0), sample_weights=[1, 2, 3, 4, 6], **options)


# ---- splits ----


@given(st.lists(st.sampled_from("abc"), min_size=4, max_size=60), st.floats(0.2, 0.8), st.integers(0, 9))
def test_a_stratified_split_has_the_fraction_of_each_class(classes: list[str], fraction: float, seed: int) -> None:
    import random

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about classes with one row
        train, rest = split_indices(len(classes), fraction, "f", "test", random.Random(seed), classes)
    assert sorted(train + rest) == list(range(len(classes)))
    assert len(rest) == round(len(classes) * fraction)
    total, held, rate = Counter(classes), Counter(classes[i] for i in rest), len(rest) / len(classes)
    assert {classes[i] for i in train} == set(classes) or len(train) < len(total)
    small = sum(n * (1 - rate) < 1 for n in total.values())  # classes that need a larger fraction in training
    for name, n in total.items():
        assert abs(held[name] - n * rate) < (1 if small < 2 else 1 + small)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("fraction", [0.2, 0.5, 0.6])
def test_the_only_row_of_a_class_is_trained_on_and_named(seed: int, fraction: float) -> None:
    classes = ["a"] * 6 + ["b"] + ["c"] * 3
    rows = [[float(i)] for i in range(10)]
    message = "the only row of class 'b' is trained on, so no row of this class is left to {} on; add rows of the class"
    with pytest.warns(UserWarning, match=message.format("test")) as caught:
        _, _, trained, tested = train_test_split(rows, classes, fraction, seed, stratify=classes)
    assert {warning.filename for warning in caught} == {__file__}
    assert (trained.count("b"), tested.count("b"), len(tested)) == (1, 0, round(10 * fraction))
    with pytest.warns(UserWarning, match=message.format("validate")):
        fit(MLP(1, [3]), rows, classes, loss="cross_entropy", epochs=1, validation_split=fraction, seed=seed)
    with pytest.warns(UserWarning, match="'b' is trained on.*; the same applies to 1 more class; add rows"):
        train_test_split(rows, [*classes[:-1], "d"], fraction, seed, stratify=[*classes[:-1], "d"])


def test_the_validation_split_of_classes_is_stratified() -> None:
    seen: list[Any] = []
    flowers(validation_split=0.2, epochs=1, callbacks=[seen.append])
    assert Counter(seen[0].parts["val_"][1]) == {0: 10, 1: 10, 2: 10}
    X_train, _, y_train, _ = train_test_split(IRIS.X, SPECIES, 0.4, seed=1, stratify=SPECIES)
    assert (len(X_train), set(Counter(y_train).values())) == (90, {30})
    with pytest.raises(ValueError, match="stratify must have one class for each of the 150 rows, such as y, not 2 items"):
        train_test_split(IRIS.X, SPECIES, stratify=[0, 1])


@pytest.mark.parametrize(("y", "name"), [([0, 0, 0, 1, 0], "1"), (["a", "a", "a", "b", "a"], "'b'")])
def test_a_class_without_rows_to_train_on_is_named(y: Any, name: str) -> None:
    some: dict[str, Any] = {"loss": "cross_entropy", "epochs": 1}
    model = MLP(2, [2])
    if isinstance(y[0], str):
        fit(model, X, y, **some)
    with pytest.warns(UserWarning, match=f"no row to train on has the class {name}, but validation rows have it; add rows"):
        fit(model, X[:3], y[:3], validation_data=(X[3:], y[3:]), **some)


def test_hinge_loss_still_takes_signs() -> None:
    assert fit(Neuron(2, seed=0), X, [1, -1, 1, 1, -1], loss=hinge_loss, epochs=1, class_weights={-1: 2.0}).losses[0] > 0


# ---- classes and columns of a Dataset ----

PETS = Dataset([[0.0, 1.0], [1.0, 0.0], [0.0, 2.0], [2.0, 0.0]], [0, 1, 0, 1], ["a", "b"], ["cat", "dog"], {})
OTHER_CLASSES = Dataset([[0.0, 1.0], [1.0, 0.0]], [0, 1], ["a", "b"], ["ant", "cat"], {})
OTHER_COLUMNS = Dataset([[0.0, 1.0], [1.0, 0.0]], [0, 1], ["b", "a"], ["cat", "dog"], {})
ONLY_DOGS = Dataset([[2.0, 0.0]], [0], ["a", "b"], ["dog"], {})
REVERSED = Dataset(PETS.X, [1, 0, 1, 0], ["a", "b"], ["dog", "cat"], {})


def pets(n_outputs: int = 2, loss: str = "cross_entropy", **options: Any) -> MLP:
    model = MLP(2, [3, n_outputs], seed=0)
    fit(model, PETS, loss=loss, optimizer="adam", lr=0.1, epochs=40, **options)
    return model


@pytest.mark.parametrize(("n_outputs", "loss"), [(2, "cross_entropy"), (1, "binary_cross_entropy"), (1, "hinge")])
def test_a_model_keeps_the_names_of_a_dataset_and_maps_other_data_by_name(n_outputs: int, loss: str) -> None:
    model = pets(n_outputs, loss)
    assert (model.class_names, model.feature_names) == (["cat", "dog"], ["a", "b"])
    assert predict(model, PETS, labels=True) == predict(model, PETS.X, labels=True) == ["cat", "dog", "cat", "dog"]
    for data in (PETS, ONLY_DOGS, REVERSED):
        assert accuracy(model, data) == 1.0
    assert str(confusion_matrix(model, REVERSED)).splitlines()[0] == "true / predicted  cat  dog"
    history = fit(model, REVERSED, loss=loss, epochs=1, validation_data=ONLY_DOGS, metrics=["accuracy"])
    assert (history["accuracy"], history["val_accuracy"], model.class_names) == ([1.0], [1.0], ["cat", "dog"])


@pytest.mark.parametrize("loss", ["mse", "mae", "huber"])
def test_losses_of_quantities_also_map_the_classes_of_datasets_by_name(loss: str) -> None:
    model = pets(1, loss)
    assert accuracy(model, PETS) == accuracy(model, REVERSED) == 1.0
    with pytest.raises(ValueError, match="row 0 of y must be one of \\['cat', 'dog'\\], not 'ant'"):
        r2_score(model, OTHER_CLASSES)


def test_other_classes_and_columns_of_a_dataset_are_refused() -> None:
    model = pets()
    classes = "row 0 of y must be one of ['cat', 'dog'], not 'ant'; train with rows of all classes"
    columns = "the features must be ['a', 'b'], as in training, not ['b', 'a']"
    for data, rule in ((OTHER_CLASSES, classes), (OTHER_COLUMNS, f"{columns}; read it with load_csv(..., like=train)")):
        for function in (accuracy, confusion_matrix, r2_score):
            with pytest.raises(ValueError, match=re.escape(rule)):
                function(model, data)
        with pytest.raises(ValueError, match=re.escape(f"validation_data: {rule}")):
            fit(MLP(2, [3, 2]), PETS, loss="cross_entropy", validation_data=data)
    for call in (lambda: predict(model, OTHER_COLUMNS), lambda: accuracy(model, OTHER_COLUMNS, OTHER_COLUMNS.y)):
        with pytest.raises(ValueError, match=re.escape(columns)):
            call()
    remedy = "create a new model, or assign model.feature_names = () to forget the names"
    with pytest.raises(ValueError, match=re.escape(f"{columns}; {remedy}")):
        fit(model, OTHER_COLUMNS, loss="cross_entropy")
    with pytest.raises(ValueError, match=re.escape("y must have labels of the earlier training run ('cat', 'dog'), not 'ant'")):
        fit(model, OTHER_CLASSES, loss="cross_entropy")
    model.class_names, model.feature_names = (), ()
    fit(model, OTHER_CLASSES, loss="cross_entropy", epochs=1)
    assert [list(model.class_names), list(model.feature_names)] == [["ant", "cat"], ["a", "b"]]


def test_weights_of_the_classes_of_a_dataset_are_given_by_number_or_by_name() -> None:
    weights: list[Any] = [{0: 3.0, 1: 1.0}, {"cat": 3.0, "dog": 1.0}, [3.0, 1.0]]
    states = [pets(class_weights=each, validation_data=REVERSED).state_dict() for each in weights]
    assert states[0] == states[1] == states[2] != pets().state_dict()


def test_a_dataset_and_its_unpacked_rows_train_the_same_model() -> None:
    named, numbered = MLP(4, [6, 3], seed=0), MLP(4, [6, 3], seed=0)
    for model, data in ((named, (IRIS,)), (numbered, IRIS)):
        fit(model, *data, loss="cross_entropy", epochs=2, validation_split=0.2, seed=0)
    assert named.state_dict() == numbered.state_dict()
    assert (named.class_names, *numbered.class_names, *numbered.feature_names) == (IRIS.class_names,)
    assert confusion_matrix(named, IRIS).class_names == ["setosa", "versicolor", "virginica"]


def test_targets_of_a_dataset_that_are_not_numbers_of_its_classes_stay_as_they_are() -> None:
    signs = Dataset(PETS.X, [-1, 1, -1, 1], ["a", "b"], ["cat", "dog"], {})
    model = MLP(2, [3, 1], seed=0)
    fit(model, signs, loss="hinge", epochs=1)
    assert list(model.class_names) == []
    texts = Dataset(PETS.X, ["cat", "dog", "cat", "dog"], ["a", "b"], [], {})
    fit(model, texts, loss="hinge", epochs=1)
    assert model.class_names == ["cat", "dog"]


def test_numbers_beside_predicted_labels_are_refused_with_the_call_that_works() -> None:
    text = "compare predict(model, X, labels=True) with y if y has labels, or write accuracy(model, X, y)"
    with pytest.raises(TypeError, match=re.escape(text)):
        accuracy(predict(pets(), PETS, labels=True), PETS.y)
