"""Training that is stopped at any moment and resumed from its checkpoint gives bit-for-bit identical results."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fresh import run_python
from resumable import bits, dropout_and_adam, plateau_and_numpy

from autograd import Value
from nn import (
    MLP,
    SGD,
    Adam,
    CSVLogger,
    EarlyStopping,
    History,
    LinearLR,
    ModelCheckpoint,
    Module,
    Neuron,
    ReduceLROnPlateau,
    Schedule,
    StepLR,
    Training,
    fit,
    huber_loss,
    load_checkpoint,
    mse_loss,
    save_checkpoint,
)  # fmt: skip

RUNS = [dropout_and_adam, plateau_and_numpy]
X, Y = [[0.0], [1.0], [2.0], [3.0]], [1.0, 3.0, 5.0, 7.0]


def line(path: Any, **options: Any) -> tuple[Neuron, History]:
    neuron = options.pop("model", None) or Neuron(1, seed=0)
    return neuron, fit(neuron, X, Y, **{"loss": "mse", "lr": 0.05, "epochs": 8, "checkpoint": path, **options})


def stopping_after(epochs: int, how: str) -> Callable[[Training], None]:
    def stop(training: Training) -> None:
        if training.epoch == epochs:
            raise KeyboardInterrupt if how == "interrupted" else RuntimeError(how)

    return stop


class Line(Module):
    """A linear model whose parameters have the given name."""

    def __init__(self, n: int, name: str = "w") -> None:
        setattr(self, name, [Value(1.0) for _ in range(n)])

    def __call__(self, row: list[float]) -> Value:
        return self.parameters()[0] * row[0] + self.parameters()[1]


@pytest.mark.parametrize("run", RUNS)
def test_training_killed_at_25_random_moments_and_resumed_gives_identical_results(run: Any, tmp_path: Path) -> None:
    support = str(Path(__file__).parents[2] / "support")
    code = f"import sys, pathlib; sys.path.append({support!r}); from resumable import kill\n"
    printed = run_python(code + f"kill({run.__name__!r}, pathlib.Path({str(tmp_path / 'run.npz')!r}), kills=25, seed=0)")
    assert "killed 25 times" in printed


@pytest.mark.parametrize("run", RUNS)
def test_a_checkpoint_does_not_change_training(run: Any, tmp_path: Path) -> None:
    assert bits(run(tmp_path / "run.npz")) == bits(run(None))


@pytest.mark.parametrize("epochs", [1, 5, 23])
@pytest.mark.parametrize("run", RUNS)
def test_more_epochs_resume_from_the_completed_ones(run: Any, epochs: int, tmp_path: Path) -> None:
    run(tmp_path / "run.npz", epochs=epochs)
    assert bits(run(tmp_path / "run.npz")) == bits(run(None))


@pytest.mark.parametrize("run", RUNS)
def test_completed_training_is_not_repeated(run: Any, tmp_path: Path) -> None:
    first = run(tmp_path / "run.npz")
    written = (tmp_path / "run.npz").stat().st_mtime_ns
    again = run(tmp_path / "run.npz")
    assert bits(first) == bits(again)
    assert again[1]["seconds"] == first[1]["seconds"]
    assert (tmp_path / "run.npz").stat().st_mtime_ns == written


def test_training_interrupted_within_an_epoch_resumes_from_the_previous_one(tmp_path: Path) -> None:
    path, calls = tmp_path / "run.npz", 0

    def loss(outputs: Any, targets: Any) -> Value:
        nonlocal calls
        calls += 1
        if calls == 6:
            raise KeyboardInterrupt
        return mse_loss(outputs, targets)

    options: dict[str, Any] = {"batch_size": 2, "seed": 0, "epochs": 5, "loss": loss}
    assert line(path, **options)[1].stopped == "interrupted"
    ended = line(path, **options)
    assert calls == 6 + 2 * 3
    assert bits(ended) == bits(line(None, **options))


def test_another_process_can_resume_with_a_loss_and_a_metric_that_have_options(tmp_path: Path) -> None:
    """The description by which training is recognized must not contain the address of a function."""
    code = (
        "import sys; from functools import partial; from nn import *\n"
        f"history = fit(Neuron(1, seed=0), {X}, {Y}, loss=partial(huber_loss, delta=2.0), lr=0.05, epochs=int(sys.argv[1]), "
        f"metrics=[partial(huber_loss, delta=3.0)], checkpoint={str(tmp_path / 'run.npz')!r})\n"
        "print(len(history), list(history.columns)[1])"
    )
    for epochs in (2, 4):
        assert run_python(f"import sys; sys.argv = ['', '{epochs}']; {code}") == f"{epochs} partial(huber_loss, delta=3.0)"


def test_lr_may_be_any_real_number(tmp_path: Path) -> None:
    rate: Any = Fraction(1, 20)
    (halted, _), (whole, _) = (line(path, lr=rate, epochs=2) for path in (tmp_path / "run.npz", None))
    assert halted.state_dict() == whole.state_dict()


def test_several_schedules_resume_where_they_stopped(tmp_path: Path) -> None:
    path = tmp_path / "run.npz"
    options: dict[str, Any] = {
        "schedule": [lambda sgd: LinearLR(sgd, total_iters=4), lambda sgd: ReduceLROnPlateau(sgd, patience=0, factor=0.5)],
        "lr": 0.2,
    }
    whole = line(None, **options)
    for epochs in (2, 3, 6):
        line(path, **options, epochs=epochs)
    assert bits(line(path, **options)) == bits(whole)
    assert len(set(whole[1]["lr"])) > 4


def test_patience_resumes_its_count_and_restores_the_best_weights(tmp_path: Path) -> None:
    path = tmp_path / "run.npz"
    options: dict[str, Any] = {"validation_data": (X, [1.0, 3.0, 5.0, 0.0]), "patience": 4, "epochs": 100}
    whole = line(None, **options)
    assert whole[1].stopped == "patience"
    for epochs in range(1, len(whole[1]) + 1, 3):
        line(path, **{**options, "epochs": epochs})
    assert bits(line(path, **options)) == bits(line(path, **options)) == bits(whole)


def test_a_csv_log_is_complete_again_after_a_crash(tmp_path: Path) -> None:
    logs = []
    for crash in (False, True):
        path, log = tmp_path / f"{crash}.npz", tmp_path / f"{crash}.csv"
        if crash:  # after the line of epoch 4 was written and before its checkpoint
            with pytest.raises(RuntimeError):
                line(path, callbacks=[CSVLogger(log), stopping_after(4, "crash")])
            assert len(log.read_text().splitlines()) == 5
        line(path, callbacks=[CSVLogger(log), lambda training: None])
        logs.append([row.rsplit(",", 1)[0] for row in log.read_text().splitlines()])  # without the seconds
    assert logs[0] == logs[1]
    assert len(logs[0]) == 9


def test_the_time_before_resuming_counts(tmp_path: Path) -> None:
    path = tmp_path / "run.npz"
    first = line(path, epochs=3)[1]
    second = line(path, epochs=6)[1]
    assert second["seconds"][:3] == first["seconds"]
    assert second["seconds"] == sorted(second["seconds"])


def test_a_model_can_load_its_weights_from_a_checkpoint_of_fit(tmp_path: Path) -> None:
    model, _ = line(tmp_path / "run.npz")
    other = Neuron(1, seed=9)
    load_checkpoint(tmp_path / "run.npz", model=other)
    assert other.state_dict() == model.state_dict()


def test_a_model_with_another_activation_cannot_load_weights_from_a_checkpoint_of_fit(tmp_path: Path) -> None:
    line(tmp_path / "run.npz")
    with pytest.raises(
        ValueError, match=r"'model' was saved from Neuron\(1\) and cannot be loaded: it differs from Neuron\(1, act"
    ):
        load_checkpoint(tmp_path / "run.npz", model=Neuron(1, "relu"))


def test_model_checkpoint_saves_the_history_too(tmp_path: Path) -> None:
    path = tmp_path / "best.npz"
    line(None, callbacks=[ModelCheckpoint(path)], epochs=3)
    assert len(load_checkpoint(path)["history"]["loss"]) == 3


# ---- errors ----


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"batch_size": 3}, "batch_size must be None, as in the checkpoint, not 3"),
        ({"loss": "mae"}, "loss must be 'mse', as in the checkpoint, not 'mae'"),
        ({"optimizer": "adam"}, "optimizer must be 'SGD', as in the checkpoint, not 'Adam'"),
        ({"metrics": ["mse"]}, r"metrics must be \[\], as in the checkpoint, not \['mse'\]"),
        ({"patience": 3}, r"callbacks must be \[\], as in the checkpoint, not \['EarlyStopping'\]"),
        ({"validation_split": 0.25, "seed": 0}, r"checksum of the rows must be \d+, as in the checkpoint, not \d+"),
        ({"lr": 0.1}, "lr must be 0.05, as in the checkpoint, not 0.1"),
        ({"clip_norm": 1.0}, "clip_norm must be None, as in the checkpoint, not 1.0"),
        ({"clip_value": 1.0}, "clip_value must be None, as in the checkpoint, not 1.0"),
        ({"penalty": lambda: Value(1.0) * 0.0}, "penalty must be None, as in the checkpoint, not '<lambda>'"),
        ({"schedule": lambda o: StepLR(o, 5)}, r"schedule must be \[\], as in the checkpoint, not \['StepLR\(step_size=5\)'\]"),
        (
            {"loss": partial(huber_loss, delta=2.0)},
            r"loss must be 'mse', as in the checkpoint, not 'partial\(huber, delta=2.0\)'",
        ),
    ],
)
def test_a_checkpoint_of_different_training_is_rejected_and_nothing_changes(
    options: dict[str, Any], message: str, tmp_path: Path
) -> None:
    path = tmp_path / "run.npz"
    line(path, epochs=2)
    written = path.read_bytes()
    model = Neuron(1, seed=3)
    before = model.state_dict()
    match = rf"run.npz: 'training' was saved from Training\(.*, epoch 2 of 2\) and cannot be loaded: {message}; use another"
    with pytest.raises(ValueError, match=match):
        line(path, model=model, **options)
    assert model.state_dict() == before
    assert path.read_bytes() == written


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (
            MLP(1, [2, 1], seed=0),
            r"MLP\(1, \[2, 1\]\) has 7 parameters and cannot load these 2: .*; create the module with",
        ),
        (
            Neuron(1, "relu", seed=0),
            r"it differs from Neuron\(1, activation='relu'\); call load_state_dict\(\) to load the numbers",
        ),
        (
            Line(2),
            r"Line\(2 parameters\) has 2 parameters and cannot load these 2: .*; create the module with the shape",
        ),
    ],
)
def test_a_checkpoint_of_another_model_is_rejected_and_nothing_changes(model: Any, message: str, tmp_path: Path) -> None:
    path = tmp_path / "run.npz"
    line(path, epochs=2)
    written, before = path.read_bytes(), model.state_dict()
    with pytest.raises(ValueError, match=rf"run.npz: 'model' was saved from Neuron\(1\) and cannot be loaded: {message}"):
        line(path, model=model)
    assert model.state_dict() == before
    assert path.read_bytes() == written


def test_resuming_without_an_option_of_the_first_run_is_rejected(tmp_path: Path) -> None:
    path = tmp_path / "run.npz"
    line(path, epochs=2, clip_norm=1.0)
    with pytest.raises(
        ValueError, match=r"clip_norm must be 1.0, as in the checkpoint, not None; use another file, or delete this one"
    ):
        line(path)


def test_limits_may_change_when_training_resumes(tmp_path: Path) -> None:
    path = tmp_path / "run.npz"
    line(path, epochs=2, tolerance=1e-3, loss_tolerance=1e-3, max_seconds=1000.0)
    assert len(line(path, max_seconds=2000.0)[1]) == 8


def test_a_schedule_with_different_options_is_rejected(tmp_path: Path) -> None:
    path = tmp_path / "run.npz"
    line(path, epochs=2, schedule=lambda optimizer: StepLR(optimizer, 5))
    with pytest.raises(
        ValueError, match=r"schedule must be \['StepLR\(step_size=5\)'\], as in the checkpoint, not \['StepLR\(step_size=6\)'\]"
    ):
        line(path, schedule=lambda optimizer: StepLR(optimizer, 6))


def test_a_module_of_the_same_class_with_other_parameters_is_rejected_and_nothing_changes(tmp_path: Path) -> None:
    path, model = tmp_path / "run.npz", Line(2, "other")
    line(path, epochs=2, model=Line(2))
    with pytest.raises(ValueError, match=r"run.npz: 'model' was saved from .* cannot be loaded: .*'other.0' is missing"):
        line(path, model=model)
    assert model.state_dict() == {"other.0": 1.0, "other.1": 1.0}


def test_an_optimizer_with_different_options_is_rejected_and_the_model_is_unchanged(tmp_path: Path) -> None:
    path, model = tmp_path / "run.npz", Neuron(1, seed=3)
    first = Neuron(1, seed=0)
    line(path, model=first, optimizer=SGD(first.parameters(), lr=0.05), lr=None, epochs=2)
    before = model.state_dict()
    for optimizer, options in (
        (SGD(model.parameters(), lr=0.05, momentum=0.9), "'lr=0.05', 'momentum=0.9'"),
        (SGD(model.parameters(), lr=0.05, weight_decay=0.1), "'lr=0.05', 'weight_decay=0.1'"),
        (SGD(model.parameters(), lr=0.1), "'lr=0.1'"),
    ):
        with pytest.raises(
            ValueError, match=rf"options of the optimizer must be \['lr=0.05'\], as in the checkpoint, not \[{options}\]; use"
        ):
            line(path, model=model, optimizer=optimizer, lr=None)
    assert model.state_dict() == before


def test_the_lr_changed_by_a_schedule_is_restored_from_the_checkpoint(tmp_path: Path) -> None:
    path, model = tmp_path / "run.npz", Neuron(1, seed=0)
    optimizer = SGD(model.parameters(), lr=0.05)
    for epochs in (2, 4):
        line(path, model=model, optimizer=optimizer, lr=None, epochs=epochs, schedule=lambda o: StepLR(o, 1, 0.5))
    assert optimizer.lr == 0.05 * 0.5**4


@pytest.mark.parametrize("limit", ["max_seconds", "tolerance", "loss_tolerance"])
def test_training_stopped_by_a_limit_resumes_only_with_another_limit(limit: str, tmp_path: Path) -> None:
    tight, loose = (1e-9, 1e9) if limit == "max_seconds" else (1e9, 1e-300)
    first = 2 if limit == "loss_tolerance" else 1
    for number, stopped, epochs in ((tight, limit, first), (tight, limit, first), (loose, "epochs", 5)):
        _, history = line(tmp_path / "run.npz", epochs=5, **{limit: number})
        assert (history.stopped, len(history)) == (stopped, epochs)


def test_options_of_a_schedule_that_are_not_numbers_are_kept(tmp_path: Path) -> None:
    class Named(Schedule):
        kind: str = "slow"
        floor: float | None = None

        def __attrs_post_init__(self) -> None:
            super().__attrs_post_init__()
            self.rates: list[float] = []

        def next_lr(self, lr: float) -> float:
            self.rates.append(lr)
            return 0.9 * lr

    made: list[Named] = []

    def make(optimizer: Any) -> Named:
        made.append(Named(optimizer))
        return made[-1]

    path = tmp_path / "run.npz"
    line(path, schedule=make, epochs=2)
    line(path, schedule=make, epochs=4)
    assert [len(schedule.rates) for schedule in made] == [2, 4]
    assert (made[1].kind, made[1].floor) == ("slow", None)


def test_a_file_that_is_not_a_checkpoint_of_fit_is_rejected(tmp_path: Path) -> None:
    path = tmp_path / "run.npz"
    path.write_text("loss,lr\n")
    with pytest.raises(ValueError, match=r"run\.npz is not a checkpoint"):
        line(path)
    save_checkpoint(path, model=Neuron(1, seed=0))
    with pytest.raises(ValueError, match=r"run\.npz does not contain 'training', only 'model'"):
        line(path)


@pytest.mark.parametrize("path", [3, True, ["a"]])
def test_checkpoint_must_be_a_path(path: Any) -> None:
    with pytest.raises(TypeError, match=rf"checkpoint must be a file path, not {type(path).__name__} \("):
        line(path)


def test_an_optimizer_that_cannot_be_saved_is_rejected_before_training(tmp_path: Path) -> None:
    class Mine:
        def step(self) -> None:
            raise AssertionError

        zero_grad = step

    message = r"^Mine \(<.*\) needs state_dict\(\) and load_state_dict\(\) for a checkpoint$"
    with pytest.raises(TypeError, match=message):
        line(tmp_path / "run.npz", optimizer=Mine(), lr=None)
    assert list(tmp_path.iterdir()) == []


def test_early_stopping_is_restored_from_its_state() -> None:
    early, other = EarlyStopping(3), EarlyStopping(3)
    line(None, callbacks=[early], epochs=2)
    other.load_state_dict(early.state_dict())
    assert other.state_dict()["best"] == early.state_dict()["best"]


@pytest.mark.parametrize(("before", "now"), [("Random", "PCG64"), ("PCG64", "Random"), ("PCG64", "MT19937")])
def test_another_kind_of_generator_is_rejected_and_nothing_changes(before: str, now: str, tmp_path: Path) -> None:
    seeds: Any = {"Random": 0, "PCG64": np.random.default_rng(0), "MT19937": np.random.Generator(np.random.MT19937(0))}
    line(tmp_path / "run.npz", seed=seeds[before])
    model = Neuron(1, seed=5)
    state = model.state_dict()
    message = rf"run\.npz: .*: generators must be {{'shuffling': '{before}'}}, as in the .*, not {{'shuffling': '{now}'}}; use"
    with pytest.raises(ValueError, match=message):
        line(tmp_path / "run.npz", seed=seeds[now], model=model)
    assert model.state_dict() == state


def test_groups_of_parameters_and_frozen_ones_resume_bit_for_bit(tmp_path: Path) -> None:
    def run(epochs: int, checkpoint: Path | None) -> tuple[list[float], list[float]]:
        model = MLP(1, [3, 2, 1], seed=0)
        hidden, output = (model[i].parameters() for i in (1, 2))
        optimizer = Adam([{"params": hidden, "weight_decay": 0.1}, {"params": output, "lr": 0.05}], lr=0.01)
        history = fit(
            model, X, Y, loss="mse", optimizer=optimizer, frozen=model[0], schedule=lambda adam: StepLR(adam, 2), epochs=epochs,
            batch_size=2, seed=0, checkpoint=checkpoint,
        )  # fmt: skip
        return [p.data for p in model.parameters()], history.losses

    whole = run(6, None)
    run(3, tmp_path / "c.npz")
    assert run(6, tmp_path / "c.npz") == whole
    model = MLP(1, [3, 2, 1], seed=0)
    with pytest.raises(ValueError, match=r"frozen must be '6 parameters \(layers\.0\..*\)', as in the checkpoint, not None"):
        fit(model, X, Y, loss="mse", optimizer="adam", epochs=6, batch_size=2, seed=0, checkpoint=tmp_path / "c.npz")
