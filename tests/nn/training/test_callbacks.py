"""Callbacks, which ``fit`` calls after each epoch."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest

from nn import (
    MLP,
    CSVLogger,
    EarlyStopping,
    History,
    ModelCheckpoint,
    Neuron,
    Training,
    fit,
    load_checkpoint,
)  # fmt: skip

X, Y = [[0.0], [1.0], [2.0], [3.0]], [1.0, 3.0, 5.0, 7.0]


class Script:
    """A metric that returns the given numbers, one per epoch. The first is also returned for the check before training."""

    __name__ = "script"

    def __init__(self, *numbers: Any) -> None:
        self.numbers = [numbers[0], *numbers]

    def __call__(self, outputs: Any, targets: Any) -> Any:
        return self.numbers.pop(0)


def line(**options: Any) -> tuple[Neuron, History]:
    neuron = Neuron(1, seed=0)
    return neuron, fit(neuron, X, Y, **{"loss": "mse", "lr": 0.1, "epochs": 6, **options})


def numbers(model: Any) -> list[float]:
    return [p.data for p in model.parameters()]


# ---- functions ----


def test_a_callback_receives_the_training_after_each_epoch() -> None:
    seen = []

    def look(training: Training) -> None:
        seen.append((training.epoch, training.epochs, training.latest["loss"], numbers(training.model), training.stopped))

    _, history = line(callbacks=[look], epochs=3)
    assert [epoch for epoch, *_ in seen] == [1, 2, 3]
    assert [loss for _, _, loss, _, _ in seen] == history.losses
    assert [weights for *_, weights, _ in seen] == [numbers(line(epochs=n)[0]) for n in (1, 2, 3)]
    assert all(row[1] == 3 and row[4] is None for row in seen)


def test_a_callback_can_stop_training_and_give_a_reason() -> None:
    def stop(training: Training) -> None:
        if training.epoch == 2:
            training.stop("enough")
            training.stop("too late")

    _, history = line(callbacks=[stop])
    assert (len(history), history.stopped) == (2, "enough")
    _, history = line(callbacks=[lambda training: training.stop()])
    assert (len(history), history.stopped) == (1, "callback")


def test_the_reason_to_stop_must_be_text() -> None:
    with pytest.raises(TypeError, match=r"reason must be a string, not int \(3\)"):
        line(callbacks=[lambda training: training.stop(3)])


def test_a_callback_may_change_the_learning_rate() -> None:
    def halve(training: Training) -> None:
        training.optimizer.lr /= 2

    assert line(callbacks=[halve], epochs=3)[1]["lr"] == [0.1, 0.05, 0.025]


def test_an_error_in_a_callback_propagates_and_the_mode_of_the_model_is_restored() -> None:
    model = MLP(1, [2, 1], dropout=0.5, seed=0).eval()

    def fail(training: Training) -> None:
        assert training.model.training
        raise RuntimeError("mine")

    with pytest.raises(RuntimeError, match="mine"):
        fit(model, X, Y, loss="mse", callbacks=[fail])
    assert not any(module.training for module in model.modules())


@pytest.mark.parametrize(
    ("callbacks", "message"),
    [
        (EarlyStopping(3), r"callbacks must be a list or an array, not EarlyStopping \(Earl"),
        ([print, EarlyStopping], "callback 1 must be a function of the Training, or an instance of a callback class, not type"),
        (["csv"], r"callback 0 must be a function of the Training, or an instance of a callback class, not str \('csv'\)"),
        ("csv", r"callbacks must be a list or an array, not str \('csv'\)"),
    ],
)
def test_callbacks_must_be_a_list_of_functions(callbacks: Any, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        line(callbacks=callbacks)


# ---- early stopping ----


def test_early_stopping_waits_and_restores_the_best_weights() -> None:
    model, history = line(
        metrics=[Script(5.0, 3.0, 4.0, 3.0, 9.0, 9.0)], callbacks=[EarlyStopping(2, monitor="script", mode="min")], epochs=100
    )
    assert (len(history), history.stopped) == (4, "patience")
    assert numbers(model) == numbers(line(epochs=2)[0])


def test_mode_max_treats_larger_numbers_as_better() -> None:
    early = EarlyStopping(1, monitor="script", mode="max")
    model, history = line(metrics=[Script(0.5, 0.7, 0.7, 0.9)], callbacks=[early])
    assert (len(history), history.stopped) == (3, "patience")
    assert numbers(model) == numbers(line(epochs=2)[0])


def test_an_improvement_of_at_most_min_delta_does_not_count() -> None:
    script = Script(5.0, 4.5, 4.0, 3.5, 1.0)
    model, history = line(
        metrics=[script], callbacks=[EarlyStopping(2, min_delta=1.0, monitor="script", mode="min")], epochs=100
    )
    assert (len(history), history.stopped) == (3, "patience")  # 4.5 and 4.0 are not better, 3.5 would have been
    assert numbers(model) == numbers(line(epochs=1)[0])


@pytest.mark.parametrize("end", ["epochs", "interrupted", "callback"])
def test_the_best_weights_are_restored_for_every_reason_to_stop(end: str) -> None:
    def finish(training: Training) -> None:
        if training.epoch == 5 and end == "interrupted":
            raise KeyboardInterrupt
        if training.epoch == 5 and end == "callback":
            training.stop()

    script = Script(5.0, 1.0, 2.0, 3.0, 4.0, 5.0)
    model, history = line(metrics=[script], callbacks=[EarlyStopping(50, monitor="script", mode="min"), finish])
    assert history.stopped == end
    assert numbers(model) == numbers(line(epochs=2)[0])


def test_one_instance_can_be_used_for_two_training_runs() -> None:
    early = EarlyStopping(2, monitor="script", mode="min")
    for _ in range(2):
        model, history = line(metrics=[Script(3.0, 2.0, 5.0, 5.0, 5.0)], callbacks=[early])
        assert len(history) == 4
        assert numbers(model) == numbers(line(epochs=2)[0])


def test_patience_monitors_the_validation_loss_if_it_exists() -> None:
    targets = [1.0, 3.0, 5.0, 0.0]  # the fitted line gets worse on these after a while
    model, history = line(validation_data=(X, targets), patience=3, epochs=200, lr=0.05)
    assert history.stopped == "patience"
    best = history.best["epoch"]
    assert len(history) == best + 3
    assert numbers(model) == numbers(line(epochs=best, lr=0.05)[0])
    assert history["loss"][-1] < history["loss"][best - 1]


def test_without_validation_patience_monitors_the_loss() -> None:
    model, history = line(lr=0.25, patience=2, epochs=50)  # at this learning rate the loss keeps increasing
    assert (len(history), history.stopped) == (3, "patience")
    assert numbers(model) == numbers(line(lr=0.25, epochs=1)[0])


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: EarlyStopping(0), ValueError, "patience must be at least 1, not 0"),
        (lambda: EarlyStopping(2.5), TypeError, r"patience must be an integer, not float \(2.5\)"),  # type: ignore[arg-type]
        (lambda: EarlyStopping(2, -0.1), ValueError, "min_delta must be non-negative and finite, not -0.1"),
        (lambda: EarlyStopping(2, mode="best"), ValueError, r"unknown mode: 'best' \(must be 'min', if lower is better, or"),
        (lambda: ModelCheckpoint("a", mode="up"), ValueError, r"unknown mode: 'up' \(must be 'min'"),
        (lambda: ModelCheckpoint("a", save_best_only=1), TypeError, "save_best_only must be True or False, not int"),  # type: ignore[arg-type]
        (lambda: ModelCheckpoint(3), TypeError, r"path must be a file path, not int \(3\)"),  # type: ignore[arg-type]
        (lambda: CSVLogger(None), TypeError, r"path must be a file path, not NoneType \(None\)"),  # type: ignore[arg-type]
        (lambda: line(patience=0), ValueError, "patience must be at least 1, not 0"),
        (lambda: line(progress="yes"), TypeError, r"progress must be True or False, not str \('yes'\)"),
        (
            lambda: line(callbacks=[EarlyStopping(monitor="val_loss")]),
            KeyError,
            r"unknown column: 'val_loss' \(must be one of 'loss', 'lr', 'seconds'\)",
        ),
        (
            lambda: line(callbacks=[EarlyStopping(monitor="script", mode="min")], metrics=[Script([[1]], [[1]])]),
            TypeError,
            r"monitor must be a column of numbers, but 'script' has list \(\[\[1\]\]\)",
        ),
    ],
)
def test_invalid_options_are_rejected(make: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        make()


def test_an_unknown_column_is_rejected_before_training_and_the_error_lists_the_columns() -> None:
    model = Neuron(1, seed=0)
    before = numbers(model)
    columns = r"'loss', 'val_loss', 'r2_score', 'val_r2_score', 'lr', 'seconds'"
    for stopper in (EarlyStopping(monitor="val_acuracy"), ModelCheckpoint("a.npz", monitor="val_acuracy")):
        with pytest.raises(KeyError, match=rf"unknown column: 'val_acuracy' \(must be one of {columns}\)"):
            fit(model, X, Y, loss="mse", metrics=["r2_score"], validation_data=(X, Y), callbacks=[print, stopper])
    assert numbers(model) == before


@pytest.mark.parametrize("column", ["loss", "val_loss", "r2_score", "val_r2_score", "lr", "seconds"])
def test_every_numeric_column_can_be_monitored(column: str) -> None:
    _, history = line(
        metrics=["r2_score"], validation_data=(X, Y), callbacks=[EarlyStopping(5, monitor=column, mode="max")], epochs=2
    )
    assert list(history.columns) == ["loss", "val_loss", "r2_score", "val_r2_score", "lr", "seconds"]


def test_the_repr_of_a_callback_shows_its_options() -> None:
    assert repr(EarlyStopping()) == "EarlyStopping()"
    shown = "EarlyStopping(patience=5, min_delta=0.1, monitor='script', mode='max')"
    assert repr(EarlyStopping(5, 0.1, monitor="script", mode="max")) == shown
    assert repr(ModelCheckpoint("a.npz", False)) == "ModelCheckpoint(path='a.npz', save_best_only=False)"
    assert repr(CSVLogger(Path("a.csv"))) == "CSVLogger(path='a.csv')"


@pytest.mark.parametrize(
    ("column", "epoch"),
    [("accuracy", 2), ("r2_score", 2), ("partial(accuracy, threshold=0.5)", 2), ("mse", 3), ("mse_loss", 3), ("hinge", 3)],
)
def test_the_direction_of_losses_and_of_metrics_of_nn_is_known(column: str, epoch: int, tmp_path: Path) -> None:
    script, path = Script(2.0, 3.0, 1.0, 2.0), tmp_path / "best.npz"
    script.__name__ = column  # which is the name of the column, as for a function
    model, history = line(
        metrics=[script], callbacks=[EarlyStopping(9, monitor=column), ModelCheckpoint(path, monitor=column)], epochs=4
    )
    assert numbers(model) == numbers(line(epochs=epoch)[0])
    assert len(load_checkpoint(path)["history"]["loss"]) == history.best_by(column)["epoch"] == epoch


@pytest.mark.parametrize("callback", [EarlyStopping(monitor="script"), ModelCheckpoint("a.npz", monitor="val_script")])
def test_mode_is_required_for_other_metrics_before_training(callback: Any) -> None:
    seen: list[Any] = []
    with pytest.raises(ValueError, match=r"mode must be given for the column '(val_)?script', which is .*; pass mode='min' if"):
        line(metrics=[Script(*[1.0] * 9)], validation_data=(X, Y), callbacks=[seen.append, callback])
    assert seen == []


# ---- files ----


def test_csv_logger_writes_one_line_per_epoch_with_every_digit(tmp_path: Path) -> None:
    path = tmp_path / "new" / "log.csv"
    lines = []
    logger = CSVLogger(path)
    _, history = line(callbacks=[logger, lambda training: lines.append(len(path.read_text().splitlines()))], epochs=3)
    assert lines == [2, 3, 4]
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["epoch", "loss", "lr", "seconds"]
    assert [int(row["epoch"]) for row in rows] == [1, 2, 3]
    for name in ("loss", "lr", "seconds"):
        assert [float(row[name]) for row in rows] == history[name]
    line(callbacks=[logger], epochs=2)
    assert len(path.read_text().splitlines()) == 3


def test_model_checkpoint_saves_the_best_weights(tmp_path: Path) -> None:
    path = tmp_path / "best.npz"
    line(metrics=[Script(5.0, 1.0, 2.0, 3.0, 4.0, 5.0)], callbacks=[ModelCheckpoint(path, monitor="script", mode="min")])
    neuron = Neuron(1, seed=5)
    state = load_checkpoint(path, model=neuron)
    assert numbers(neuron) == numbers(line(epochs=2)[0])
    assert len(state["history"]["loss"]) == 2


def test_model_checkpoint_can_save_the_last_weights(tmp_path: Path) -> None:
    path = tmp_path / "last.npz"
    model, _ = line(callbacks=[ModelCheckpoint(path, save_best_only=False)], lr=0.25)
    neuron = Neuron(1, seed=5)
    load_checkpoint(path, model=neuron)
    assert numbers(neuron) == numbers(model)


def test_early_stopping_can_start_after_a_later_epoch() -> None:
    stopper = EarlyStopping(2)
    history = fit(
        Neuron(1, seed=0), [[0.0], [1.0]], [1.0, 3.0], loss="mse", lr=3.0, epochs=9,
        callbacks=[lambda training: stopper(training) if training.epoch > 3 else None],
    )  # fmt: skip
    assert (len(history), history.stopped) == (6, "patience")
