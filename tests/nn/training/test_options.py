"""``fit``: validation, metrics, schedules, penalties, clipping and stopping rules."""

from __future__ import annotations

import linecache
import math
import os
import random
import signal
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
import pytest

from autograd import Value
from nn import (
    MLP,
    SGD,
    Dropout,
    History,
    Layer,
    LinearLR,
    Module,
    Neuron,
    ReduceLROnPlateau,
    Sequential,
    StepLR,
    Training,
    accuracy,
    cross_entropy,
    fit,
    l2_penalty,
    mae_loss,
    mse_loss,
    predict,
)  # fmt: skip

RNG = np.random.default_rng(0)
X = RNG.normal(size=(40, 2))
SIGNS = np.where(X[:, 0] + 0.3 * X[:, 1] > 0, 1, -1)
LINE_X, LINE_Y = [[0.0], [1.0], [2.0], [3.0]], [1.0, 3.0, 5.0, 7.0]


def numbers(model: Any) -> list[float]:
    return [p.data for p in model.parameters()]


def line(**options: Any) -> tuple[Neuron, History]:
    neuron = Neuron(1, seed=0)
    return neuron, fit(neuron, LINE_X, LINE_Y, **{"loss": "mse", "lr": 0.1, "epochs": 5, **options})


def signs(model: Any = None, **options: Any) -> tuple[Any, History]:
    model = model or MLP(2, [4, 1], seed=0)
    return model, fit(model, X, SIGNS, **{"loss": "hinge", "lr": 0.1, "epochs": 5, "seed": 0, **options})


# ---- validation and metrics ----


@pytest.mark.parametrize("compile", [True, False])
@pytest.mark.parametrize("loss", ["hinge", "mse", lambda outputs, targets: mse_loss(outputs, targets).sqrt()])
def test_the_validation_loss_is_computed_after_each_epoch(loss: Any, compile: bool) -> None:  # noqa: A002
    seen: list[float] = []

    def look(training: Training) -> None:
        seen.append(mse_loss([training.model(row) for row in X[:9]], SIGNS[:9].tolist()).data)

    data = X[:9], SIGNS[:9]
    _, history = signs(loss=loss, validation_data=data, metrics=["mse"], callbacks=[look], compile=compile)
    assert history["val_mse"] == pytest.approx(seen, rel=1e-13)
    if loss == "mse":
        assert history["val_loss"] == history["val_mse"]
    if callable(loss):
        assert history["val_loss"] == pytest.approx([math.sqrt(number) for number in seen], rel=1e-13)
    assert list(history.columns) == ["loss", "val_loss", "mse", "val_mse", "lr", "seconds"]


@pytest.mark.parametrize("compile", [True, False])
def test_validation_and_metrics_do_not_change_training(compile: bool) -> None:  # noqa: A002
    def net() -> Any:
        return MLP(2, [6, 1], dropout=0.3, seed=0)

    one, alone = signs(net(), compile=compile, batch_size=8)
    other, watched = signs(
        net(), compile=compile, batch_size=8, validation_data=(X, SIGNS), metrics=["accuracy", "mae", "confusion_matrix"]
    )
    assert numbers(one) == numbers(other)
    assert alone.losses == watched.losses


def test_validation_runs_in_evaluation_mode_and_training_does_not() -> None:
    class Watched(Dropout):
        def __call__(self, inputs: Any) -> list[Any]:
            modes.append(self.training)
            return super().__call__(inputs)

    modes: list[bool] = []
    model = Sequential(Layer(2, 3, seed=0), Watched(0.5, seed=0), Layer(3, 1, seed=1)).eval()
    signs(model, epochs=2, compile=False, validation_data=(X[:3], SIGNS[:3]))
    assert modes == [False] * 3 + ([True] * 40 + [False] * 3) * 2
    assert not any(module.training for module in model.modules())


def test_validation_split_reserves_its_share_of_rows_and_trains_on_the_rest() -> None:
    rows = [[float(i)] for i in range(10)]
    trained: set[float] = set()
    validated: set[float] = set()

    def metric(outputs: Any, targets: list[float]) -> float:
        (validated if len(targets) == 3 else trained).update(targets)
        return 0.0

    fit(Neuron(1, seed=0), rows, list(range(10)), loss="mse", lr=1e-4, epochs=1, validation_split=0.3, metrics=[metric], seed=1)
    assert (len(trained), len(validated)) == (7, 3)
    assert trained | validated == set(range(10))


def test_the_seed_determines_the_validation_split() -> None:
    runs = [signs(validation_split=0.25, seed=seed)[1]["val_loss"] for seed in (1, 1, 2)]
    assert runs[0] == runs[1] != runs[2]


def test_metrics_by_name_or_function_are_computed_on_training_and_validation_rows() -> None:
    def worst(outputs: list[list[float]], targets: list[Any]) -> float:
        return max(abs(row[0] - target) for row, target in zip(outputs, targets, strict=True))

    model, history = signs(metrics=["accuracy", "confusion_matrix", mae_loss, worst], validation_data=(X[:9], SIGNS[:9]))
    assert history["accuracy"][-1] == accuracy(model, X, SIGNS)
    assert history["val_accuracy"][-1] == accuracy(model, X[:9], SIGNS[:9])
    assert sum(map(sum, history["val_confusion_matrix"][-1])) == 9
    assert history["mae_loss"][-1] == pytest.approx(mae_loss(predict(model, X), SIGNS.tolist()))
    assert history["worst"][-1] >= history["mae_loss"][-1]
    assert {"val_mae_loss", "val_worst"} < set(history.columns)


def test_without_validation_metrics_are_computed_on_training_rows_only() -> None:
    assert list(signs(metrics=["accuracy"])[1].columns) == ["loss", "accuracy", "lr", "seconds"]


def test_row_numbers_in_messages_refer_to_the_given_data() -> None:
    rows, targets = [[1.0] for _ in range(10)], [1.0] * 10
    rows[7] = [1e200]
    with pytest.warns(RuntimeWarning, match=r"the loss became inf in epoch 1, batch \d+, because of row 7 of X; "):
        fit(Neuron(1, seed=0), rows, targets, loss="mse", lr=0.01, batch_size=2, validation_split=0.2, seed=3)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        (
            {"validation_split": 0.5, "validation_data": (X, SIGNS)},
            ValueError,
            "validation_data and validation_split must not both be g",
        ),
        (
            {"validation_split": 0.01},
            ValueError,
            "validation_split = 0.01 of 40 rows leaves 0 rows to validate on and 40 to train",
        ),
        (
            {"validation_split": 1.0},
            ValueError,
            "validation_split = 1.0 of 40 rows leaves 40 rows to validate on and 0 to train on",
        ),
        ({"validation_split": -0.1}, ValueError, "validation_split must be positive and finite, not -0.1"),
        ({"validation_split": "half"}, TypeError, r"validation_split must be a number, not str \('half'\)"),
        ({"validation_data": X}, TypeError, r"validation_data must be a pair \(X, y\), not ndarray"),
        ({"validation_data": (X,)}, TypeError, r"validation_data must be a pair \(X, y\), not tuple"),
        (
            {"validation_data": (X, SIGNS[1:])},
            ValueError,
            "validation_data: X and y must have the same number of rows, but X has 40",
        ),
        ({"validation_data": ([], [])}, ValueError, "validation_data: X must have at least one row of numbers"),
        ({"validation_data": ([["a", 1]], [1])}, TypeError, "validation_data: row 0 of X: "),
        (
            {"validation_data": ([[1.0]], [1])},
            ValueError,
            "rows of validation_data must have 2 numbers, like the rows of X, not 1",
        ),
        ({"validation_data": (X[:2], [1, 0])}, ValueError, r"hinge_loss needs targets \+1 and -1 .*, but row 1 has 0"),
        ({"metrics": "accuracy"}, TypeError, r"metrics must be a list or an array, not str \('accuracy'\)"),
        (
            {"metrics": ["f1"]},
            ValueError,
            r"unknown metric: 'f1' \(must be one of 'accuracy', .*, or a function of out",
        ),
        ({"metrics": [3]}, TypeError, r"unknown metric: 3 \(must be one of"),
        ({"metrics": ["mse", "mse"]}, ValueError, "there are two columns named 'mse'; use metrics with different names"),
        ({"metrics": [lambda outputs, targets: 0.0] * 2}, ValueError, "there are two columns named '<lambda>'"),
        ({"metrics": [partial(accuracy)]}, None, ""),
    ],
)
def test_invalid_validation_data_and_metrics_are_rejected_before_training(
    options: dict[str, Any], error: type[Exception] | None, message: str
) -> None:
    model = MLP(2, [4, 1], seed=0)
    if error is None:
        signs(model, **options)
        return
    with pytest.raises(error, match=message):
        signs(model, **options)
    assert numbers(model) == numbers(MLP(2, [4, 1], seed=0))


@pytest.mark.parametrize("name", ["loss", "lr", "seconds"])
def test_a_metric_must_not_have_the_name_of_another_column(name: str) -> None:
    def metric(outputs: Any, targets: Any) -> float:
        return 0.0

    metric.__name__ = name
    with pytest.raises(ValueError, match=f"there are two columns named '{name}'"):
        signs(metrics=[metric])


def test_a_metric_that_does_not_fit_the_targets_is_rejected_before_training() -> None:
    neuron = Neuron(1, seed=0)
    with pytest.raises(ValueError, match=r"accuracy needs .* for one output 1 and 0, or 1 and -1, but row 1 has 3"):
        fit(neuron, LINE_X, LINE_Y, loss="mse", metrics=["accuracy"])
    assert numbers(neuron) == numbers(Neuron(1, seed=0))


@pytest.mark.parametrize(
    ("number", "kept"), [(np.float64(0.5), 0.5), (np.int64(3), 3), (np.array([[1, 2]]), [[1, 2]]), (True, True), (2, 2)]
)
def test_results_of_metrics_are_stored_as_plain_numbers(number: Any, kept: Any) -> None:
    def metric(outputs: Any, targets: Any) -> Any:
        return number

    (found, *_) = line(metrics=[metric])[1]["metric"]
    assert (found, type(found)) == (kept, type(kept))


@pytest.mark.parametrize("number", [None, "0.5", Value(0.5)])
def test_a_metric_that_does_not_return_a_number_is_rejected_before_training(number: Any) -> None:
    def metric(outputs: Any, targets: Any) -> Any:
        return number

    neuron = Neuron(1, seed=0)
    message = rf"the metric 'metric' must return a number or a list of numbers, not {type(number).__name__} \("
    with pytest.raises(TypeError, match=message):
        fit(neuron, LINE_X, LINE_Y, loss="mse", metrics=[metric])
    assert numbers(neuron) == numbers(Neuron(1, seed=0))


# ---- schedules, penalties, clipping ----


def test_a_schedule_changes_the_learning_rate_after_each_epoch() -> None:
    _, history = line(schedule=lambda optimizer: StepLR(optimizer, 2, 0.5), epochs=5)
    assert history["lr"] == [0.1, 0.1, 0.05, 0.05, 0.025]
    model = Neuron(1, seed=0)
    optimizer = SGD(model.parameters(), lr=0.1)
    history = fit(
        model, LINE_X, LINE_Y, loss="mse", optimizer=optimizer, schedule=StepLR(optimizer, 2, 0.5), epochs=5, batch_size=2
    )
    assert history["lr"] == [0.1, 0.1, 0.05, 0.05, 0.025]


def test_several_schedules_all_change_the_learning_rate() -> None:
    def warm_up(optimizer: Any) -> LinearLR:
        return LinearLR(optimizer, start_factor=0.5, total_iters=2)

    def decay(optimizer: Any) -> StepLR:
        return StepLR(optimizer, 3, 0.5)

    model, rates = Neuron(1, seed=0), [0.05, 0.075, 0.1, 0.05, 0.05, 0.05, 0.025]
    optimizer = SGD(model.parameters(), lr=0.1)
    for schedule in ([warm_up, decay], (decay, warm_up)):
        assert line(schedule=schedule, epochs=7)[1]["lr"] == pytest.approx(rates)
    history = fit(
        model, LINE_X, LINE_Y, loss="mse", optimizer=optimizer, schedule=[warm_up(optimizer), decay(optimizer)], epochs=7
    )
    assert history["lr"] == pytest.approx(rates)
    assert line(schedule=[])[1]["lr"] == [0.1] * 5


def test_a_schedule_that_depends_on_the_loss_receives_the_validation_loss() -> None:
    seen: list[float | None] = []

    class Watched(ReduceLROnPlateau):
        def step(self, loss: float | None = None) -> float:
            seen.append(loss)
            return super().step(loss)

    _, history = line(schedule=Watched)
    assert seen == history.losses
    seen.clear()
    _, history = line(schedule=Watched, validation_data=([[5.0]], [0.0]))
    assert seen == history["val_loss"] != history.losses


@pytest.mark.parametrize("schedule", ["step", 0.5, lambda optimizer: 0.5])
def test_invalid_schedules_are_rejected(schedule: Any) -> None:
    rule = r"schedule must be a schedule, a function that creates one, such as .*: StepLR\(optimizer, 10\), or a list of th"
    for given in (schedule, [lambda optimizer: StepLR(optimizer, 10), schedule], (schedule,)):
        with pytest.raises(TypeError, match=rf"{rule}em, not {type(given).__name__} \("):
            line(schedule=given)


def test_a_schedule_of_another_optimizer_is_rejected() -> None:
    other = SGD([Value(1.0)], lr=0.5)
    for schedule in (StepLR(other, 2), [StepLR(other, 2)]):
        with pytest.raises(
            ValueError, match=r"StepLR\(.*\) must be created with the optimizer of this training run, SGD\(2 parameters, lr=0"
        ):
            line(schedule=schedule)


def test_a_penalty_is_added_to_the_loss_of_each_batch() -> None:
    model = Neuron(1, seed=0)
    first = mse_loss([model(row) for row in LINE_X], LINE_Y).data + l2_penalty(model, 0.5).data
    history = fit(model, LINE_X, LINE_Y, loss="mse", penalty=lambda: l2_penalty(model, 0.5), lr=0.1, epochs=500)
    assert history.losses[0] == pytest.approx(first)
    x = np.array(LINE_X)[:, 0] - 1.5  # the best slope of a ridge regression
    assert model.weights[0].data == pytest.approx(2 * (x @ x) / (x @ x + 4 * 0.5))


def test_clip_norm_limits_the_length_of_a_step() -> None:
    model, before = Neuron(1, seed=0), numbers(Neuron(1, seed=0))
    fit(model, LINE_X, LINE_Y, loss="mse", lr=1.0, clip_norm=0.25, epochs=1)
    assert math.dist(numbers(model), before) == pytest.approx(0.25, rel=1e-5)


def test_clip_value_limits_each_component_of_a_step() -> None:
    model, before = Neuron(1, seed=0), numbers(Neuron(1, seed=0))
    fit(model, LINE_X, LINE_Y, loss="mse", lr=1.0, clip_value=0.25, epochs=1)
    assert [after - number for after, number in zip(numbers(model), before, strict=True)] == pytest.approx([0.25, 0.25])


def test_clipping_does_not_make_training_look_converged() -> None:
    _, history = line(lr=1e-6, clip_norm=1e-3, tolerance=0.1, epochs=3)
    assert history.stopped == "epochs"


def test_a_tolerance_alone_does_not_clip() -> None:
    assert numbers(line(tolerance=1e-9)[0]) == numbers(line()[0])


def test_clipping_does_not_change_small_gradients() -> None:
    assert numbers(line(clip_norm=1e6, clip_value=1e6)[0]) == numbers(line()[0])


# ---- stopping ----


def test_tolerance_applies_to_the_euclidean_norm_of_the_gradient() -> None:
    def loss(outputs: Sequence[Any], targets: Any) -> Any:
        return 3.0 * outputs[0]  # the gradients of weight and bias are 3 * 4 / 3 = 4 and 3

    def run(tolerance: float) -> str:
        return fit(Neuron(1, seed=0), [[4 / 3]], [0.0], loss=loss, lr=0.1, epochs=1, tolerance=tolerance).stopped

    assert (run(4.999), run(5.001)) == ("epochs", "tolerance")


def test_loss_tolerance_stops_once_the_loss_changes_by_less_than_it() -> None:
    _, history = line(epochs=10_000, loss_tolerance=1e-3)
    assert history.stopped == "loss_tolerance"
    changes = [abs(a - b) for a, b in zip(history.losses, history.losses[1:], strict=False)]
    assert changes[-1] < 1e-3 <= min(changes[:-1])


def test_max_seconds_stops_after_the_epoch_in_which_it_is_reached() -> None:
    _, history = line(epochs=10**9, max_seconds=0.05)
    assert history.stopped == "max_seconds"
    assert history["seconds"][-1] >= 0.05 > max(history["seconds"][:-1], default=0.0)


@pytest.mark.parametrize("name", ["tolerance", "loss_tolerance", "max_seconds", "clip_norm", "clip_value"])
def test_limits_must_be_positive(name: str) -> None:
    with pytest.raises(ValueError, match=f"{name} must be positive and finite, not 0.0"):
        line(**{name: 0.0})
    with pytest.raises(TypeError, match=rf"{name} must be a number, not str \('1'\)"):
        line(**{name: "1"})


@pytest.mark.parametrize("compile", [True, False])
def test_sigint_stops_training_and_keeps_the_completed_epochs(compile: bool) -> None:  # noqa: A002
    def press(training: Training) -> None:
        if training.epoch == 4:
            os.kill(os.getpid(), signal.SIGINT)

    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # a background process may ignore SIGINT
    try:
        _, history = signs(callbacks=[press], epochs=10**6, compile=compile)
    finally:
        signal.signal(signal.SIGINT, before)
    assert history.stopped == "interrupted"
    assert len(history) >= 4
    assert len({len(column) for column in history.columns.values()}) == 1


def test_a_parameter_that_became_infinite_is_reported_as_the_cause() -> None:
    class Own(SGD):
        def step(self) -> None:
            super().step()
            self.parameters[1].data = math.inf

    model = Neuron(1, seed=0)
    message = "training stopped: the parameter bias became inf in the step before epoch 1, batch 2; the parameters are reset"
    with pytest.warns(RuntimeWarning, match=message):
        history = fit(model, LINE_X, LINE_Y, loss="mse", optimizer=Own(model.parameters(), lr=0.1), batch_size=2)
    assert (history.stopped, len(history)) == ("diverged", 0)
    assert numbers(model) == numbers(Neuron(1, seed=0))


def test_the_rows_whose_loss_is_not_finite_are_counted() -> None:
    rows = [[1.0], [1e200], [1.0], [-1e200]]
    message = r"the loss became inf in epoch 1, batch 1, because of row 1 of X and 1 more of its 4 rows; "
    with pytest.warns(RuntimeWarning, match=message):
        fit(Neuron(1, seed=0), rows, LINE_Y, loss="mse")


def test_a_penalty_that_is_not_finite_is_reported_as_the_cause() -> None:
    message = "training stopped: the penalty became inf in epoch 1, batch 1; the parameters are reset"
    with pytest.warns(RuntimeWarning, match=message):
        line(penalty=lambda: (Value(1.0) * 1e200) ** 2)


@pytest.mark.filterwarnings("ignore:overflow")
def test_nan_for_a_validation_row_stops_training_and_restores_the_parameters() -> None:
    class Root(Neuron):
        def __call__(self, inputs: Any) -> Value:
            return (super().__call__(inputs)).sqrt()

    model = Root(1, seed=0)
    model.bias.data, model.weights[0].data = 4.0, 0.0
    data = ([[0.0], [-60.0]], [1.0, 1.0])  # the weight increases until the second row gives nan
    with pytest.warns(
        RuntimeWarning, match="training stopped: the model returned nan for row 1 of the validation data; the para"
    ):
        history = fit(model, [[1.0], [2.0]], [3.0, 4.0], loss="mse", lr=0.05, validation_data=data, epochs=50)
    assert history.stopped == "diverged"
    assert not any(math.isnan(number) for number in predict(model, data[0]))


def test_an_infinite_validation_loss_stops_training() -> None:
    class Exponential(Neuron):
        def __call__(self, inputs: Any) -> Value:
            return (super().__call__(inputs)).exp()

    model = Exponential(1, seed=0)
    with pytest.warns(RuntimeWarning, match="training stopped: the loss of the validation data became inf; "):
        history = fit(model, [[1.0]], [20.0], loss="mse", lr=0.01, validation_data=([[400.0]], [1.0]), epochs=100)
    assert history.stopped == "diverged"


def test_warnings_point_at_the_line_that_called_fit() -> None:
    class Branching(Module):
        def __init__(self) -> None:
            self.w = Value(1e300)

        def __call__(self, row: list[Any]) -> Any:
            return self.w * row[0] if row[0] > 0 else self.w

    with pytest.warns((UserWarning, RuntimeWarning)) as caught:
        fit(Branching(), LINE_X, LINE_Y, loss="mse", compile=True)
    assert len(caught) == 2
    for warning in caught:
        assert linecache.getline(warning.filename, warning.lineno).strip().startswith("fit(Branching()")


def test_ctrl_c_while_an_epoch_is_recorded_drops_it(monkeypatch: pytest.MonkeyPatch) -> None:
    append = History.append

    def interrupted(history: History, row: dict[str, Any]) -> None:
        if len(history) == 2:
            append(history, {"loss": row["loss"]})
            raise KeyboardInterrupt
        append(history, row)

    monkeypatch.setattr(History, "append", interrupted)
    _, history = line()
    assert {name: len(column) for name, column in history.columns.items()} == {"loss": 2, "lr": 2, "seconds": 2}


# ---- other options ----


@pytest.mark.parametrize("compile", [True, False])
def test_training_matches_pytorch(compile: bool) -> None:  # noqa: A002
    """Losses and validation losses agree in every epoch, with Adam, a schedule, clipping and a penalty."""
    torch = pytest.importorskip("torch")
    model = MLP(2, [4, 1], seed=0)
    twin = torch.nn.Sequential(torch.nn.Linear(2, 4), torch.nn.Tanh(), torch.nn.Linear(4, 1)).double()
    for layer, theirs in zip(model.layers, (twin[0], twin[2]), strict=True):
        theirs.weight.data = torch.tensor([[w.data for w in neuron.weights] for neuron in layer.neurons], dtype=torch.float64)
        theirs.bias.data = torch.tensor([neuron.bias.data for neuron in layer.neurons], dtype=torch.float64)
    targets = X[:, 0] * X[:, 1]
    history = fit(
        model, X[:30], targets[:30], loss="mse", optimizer="adam", lr=0.05, epochs=40, validation_data=(X[30:], targets[30:]),
        schedule=lambda adam: StepLR(adam, 15, 0.3), clip_norm=0.2, penalty=lambda: l2_penalty(model, 1e-3), compile=compile,
    )  # fmt: skip

    rows, goals = torch.tensor(X), torch.tensor(targets)[:, None]
    adam = torch.optim.Adam(twin.parameters(), lr=0.05)
    schedule = torch.optim.lr_scheduler.StepLR(adam, 15, 0.3)
    losses, validation = [], []
    for _ in range(40):
        adam.zero_grad()
        weights = (twin[0].weight, twin[2].weight)
        loss = torch.nn.functional.mse_loss(twin(rows[:30]), goals[:30]) + 1e-3 * sum((w**2).sum() for w in weights)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(twin.parameters(), 0.2)
        adam.step()
        schedule.step()
        losses.append(loss.item())
        validation.append(torch.nn.functional.mse_loss(twin(rows[30:]), goals[30:]).item())
    assert history["loss"] == pytest.approx(losses, rel=1e-9)
    assert history["val_loss"] == pytest.approx(validation, rel=1e-9)


def test_the_validation_loss_uses_the_options_of_the_loss() -> None:
    smooth = partial(cross_entropy, label_smoothing=0.2)
    model, classes = MLP(2, [3], seed=0), [0, 1, 2, 0]
    history = fit(model, X[:4], classes, loss=smooth, validation_data=(X[:4], classes), epochs=1)
    assert history["val_loss"][-1] == pytest.approx(smooth([model(row) for row in X[:4]], classes).data)


@pytest.mark.parametrize("seed", [3, random.Random(3), np.random.default_rng(3)])
def test_any_kind_of_generator_can_shuffle(seed: Any) -> None:
    assert len(signs(batch_size=7, seed=seed, validation_split=0.2)[1]) == 5


def test_progress_shows_losses_and_prefers_validation_metrics(capsys: pytest.CaptureFixture[str]) -> None:
    _, history = signs(progress=True, metrics=["accuracy"], validation_data=(X, SIGNS))
    shown = capsys.readouterr().out
    assert "epoch 5/5" in shown
    assert f"loss {history['loss'][-1]:.4g}  val_loss {history['val_loss'][-1]:.4g}  val_accuracy 0" in shown
    assert "seconds" not in shown


MODES: list[Callable[[], Any]] = [lambda: MLP(2, [4, 1], dropout=0.2, seed=0), lambda: MLP(2, [4, 1], seed=0)]


@pytest.mark.parametrize("make", MODES)
@pytest.mark.parametrize("training", [True, False])
def test_fit_restores_the_mode_of_the_model(make: Callable[[], Any], training: bool) -> None:
    model, _ = signs(make().train(training))
    assert all(module.training is training for module in model.modules())


@pytest.mark.parametrize("optimizer", [lambda parameters: SGD(parameters, lr=0.1), lambda parameters: 5])
def test_a_function_as_an_optimizer_is_rejected(optimizer: Any) -> None:
    with pytest.raises(
        TypeError, match=r"optimizer must be one of 'sgd', .*, or an instance: SGD\(.*, not function \(<function"
    ):
        line(optimizer=optimizer)
