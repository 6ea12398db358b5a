"""``fit``: learning, stopping, progress and errors."""

from __future__ import annotations

import math
import sys
import time
import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

import autograd
from autograd import Value
from nn import MLP, SGD, History, Module, Neuron, Training, accuracy, cross_entropy, fit, hinge_loss, mse_loss

LINE_X, LINE_Y = [[0.0], [1.0], [2.0], [3.0]], [1.0, 3.0, 5.0, 7.0]
XOR_X, XOR_Y = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], [-1, 1, 1, -1]


class Holder(Module):
    """A module with the given attributes."""

    def __init__(self, **attributes: Any) -> None:
        vars(self).update(attributes)


class Line(Holder):
    """A callable module that uses its attributes ``w`` and ``b``."""

    output: Value

    def __call__(self, row: list[float]) -> Any:
        return vars(self)["w"] * row[0] + vars(self)["b"]


def line(**options: Any) -> tuple[Neuron, History]:
    """Return a linear neuron trained on points of y = 2 x + 1, and its history."""
    neuron = Neuron(1, seed=0)
    return neuron, fit(neuron, LINE_X, LINE_Y, **{"loss": "mse", "lr": 0.1, **options})


def numbers(model: Any) -> list[float]:
    return [p.data for p in model.parameters()]


# ---- learning ----


def test_a_linear_neuron_fits_points_on_a_line() -> None:
    neuron, history = line(epochs=5000, tolerance=1e-12)
    assert history.stopped == "tolerance"
    assert numbers(neuron) == pytest.approx([2.0, 1.0], abs=1e-11)


def test_a_hidden_layer_learns_exclusive_or() -> None:
    model = MLP(2, [4, 1], seed=1)
    fit(model, XOR_X, XOR_Y, loss="hinge", lr=0.2, epochs=300, seed=0)
    assert accuracy(model, XOR_X, XOR_Y) == 1.0


def test_a_step_on_all_rows_is_gradient_descent() -> None:
    model, twin = MLP(2, [3, 1], seed=0), MLP(2, [3, 1], seed=0)
    fit(model, XOR_X, XOR_Y, loss="mse", lr=0.1, epochs=3)
    for _ in range(3):
        twin.zero_grad()
        mse_loss([twin(row) for row in XOR_X], XOR_Y).backward()
        for p in twin.parameters():
            p.data -= 0.1 * p.grad
    assert numbers(model) == numbers(twin)


def test_gradients_from_before_fit_are_ignored() -> None:
    neuron = Neuron(1, seed=0)
    neuron([5.0]).backward()
    fit(neuron, LINE_X, LINE_Y, loss="mse", lr=0.1, epochs=1)
    assert numbers(neuron) == numbers(line(epochs=1)[0])


@pytest.mark.parametrize("batch_size", [None, 1, 3, 4])
def test_the_same_seed_gives_bit_for_bit_identical_results(batch_size: int | None) -> None:
    results = []
    for _ in range(2):
        model = MLP(2, [3, 1], seed=0)
        history = fit(model, XOR_X, XOR_Y, loss="mse", lr=0.1, epochs=20, batch_size=batch_size, seed=7)
        results.append((numbers(model), history.losses))
    assert results[0] == results[1]


def test_a_seed_must_be_an_integer() -> None:
    assert numbers(line(epochs=3, batch_size=1, seed=np.int64(1))[0]) == numbers(line(epochs=3, batch_size=1, seed=1)[0])
    with pytest.raises(TypeError, match=r"seed must be an integer, .*, a NumPy Generator or None, not float \(1.5\)"):
        line(seed=1.5)


def test_the_seed_determines_the_order_of_rows() -> None:
    assert numbers(line(epochs=3, batch_size=1, seed=1)[0]) != numbers(line(epochs=3, batch_size=1, seed=2)[0])


def test_an_epoch_uses_every_row_once_and_the_last_batch_may_be_smaller() -> None:
    batches: list[list[float]] = []

    def loss(outputs: Sequence[Any], targets: Sequence[float]) -> Value:
        batches.append(list(targets))
        return mse_loss(outputs, targets)

    line(loss=loss, epochs=2, batch_size=3, seed=0, lr=0.01)
    assert [len(batch) for batch in batches] == [3, 1, 3, 1]
    assert sorted(batches[0] + batches[1]) == sorted(batches[2] + batches[3]) == LINE_Y


def test_without_a_batch_size_every_step_uses_all_rows_in_order() -> None:
    batches: list[list[float]] = []

    def loss(outputs: Sequence[Any], targets: Sequence[float]) -> Value:
        batches.append(list(targets))
        return mse_loss(outputs, targets)

    line(loss=loss, epochs=2)
    assert batches == [LINE_Y, LINE_Y]


def test_arrays_train_like_lists() -> None:
    neuron = Neuron(1, seed=0)
    fit(neuron, np.array(LINE_X), np.array(LINE_Y), loss="mse", lr=0.1, epochs=5)
    assert numbers(neuron) == numbers(line(epochs=5)[0])


@pytest.mark.parametrize(("name", "function"), [("mse", mse_loss), ("hinge", hinge_loss), ("cross_entropy", cross_entropy)])
def test_a_loss_may_be_given_by_name_or_as_a_function(name: str, function: Any) -> None:
    results = []
    for loss in (name, function):
        model = MLP(2, [2], seed=0) if name == "cross_entropy" else MLP(2, [1], seed=0)
        targets = [0, 1, 1, 0] if name == "cross_entropy" else XOR_Y
        results.append(fit(model, XOR_X, targets, loss=loss, epochs=3).losses)
    assert results[0] == results[1]


def test_an_optimizer_may_be_a_name_or_an_instance_or_omitted() -> None:
    results = [numbers(line(epochs=3)[0]), numbers(line(epochs=3, optimizer="sgd")[0])]
    neuron = Neuron(1, seed=0)
    fit(neuron, LINE_X, LINE_Y, loss="mse", optimizer=SGD(neuron.parameters(), lr=0.1), epochs=3)
    results.append(numbers(neuron))
    assert results[0] == results[1] == results[2]


# ---- stopping ----


def test_history_has_the_loss_before_each_step() -> None:
    neuron = Neuron(1, seed=0)
    first = mse_loss([neuron(row) for row in LINE_X], LINE_Y).data
    history = fit(neuron, LINE_X, LINE_Y, loss="mse", lr=0.05, epochs=10)
    assert (len(history.losses), history.losses[0], history.stopped) == (10, first, "epochs")
    assert history.losses == sorted(history.losses, reverse=True)


def test_history_weights_batches_by_their_number_of_rows() -> None:
    _, history = line(loss=lambda outputs, targets: mse_loss(outputs, outputs) + float(len(targets)), epochs=1, batch_size=3)
    assert history.losses == [(3 * 3.0 + 1 * 1.0) / 4]


def test_tolerance_stops_once_every_gradient_is_smaller() -> None:
    neuron, history = line(epochs=10_000, tolerance=0.01)
    assert history.stopped == "tolerance"
    assert len(history.losses) < 10_000
    neuron.zero_grad()
    mse_loss([neuron(row) for row in LINE_X], LINE_Y).backward()
    assert max(abs(p.grad) for p in neuron.parameters()) < 0.01


def test_an_infinite_loss_stops_training_with_a_warning_and_finite_parameters() -> None:
    neuron = Neuron(1, seed=0)
    with pytest.warns(
        RuntimeWarning,
        match=r"training stopped: the loss became (inf|nan) in epoch \d+, batch 1, because of .*; try a smaller lr",
    ):
        history = fit(neuron, LINE_X, LINE_Y, loss="mse", lr=1e6, epochs=1000)
    assert history.stopped == "diverged"
    assert all(math.isfinite(loss) for loss in history.losses)
    assert math.isfinite(mse_loss([neuron(row) for row in LINE_X], LINE_Y).data)


@pytest.mark.parametrize(("batch_size", "steps"), [(None, 4), (2, 8)])
def test_divergence_undoes_only_the_last_step(batch_size: int | None, steps: int) -> None:
    calls = 0

    def loss(outputs: Sequence[Any], targets: Sequence[float]) -> Value:
        nonlocal calls
        calls += 1
        return mse_loss(outputs, targets) * (math.nan if calls == steps + 2 else 1.0)

    with pytest.warns(RuntimeWarning, match="reset to their values before the last step"):
        neuron, history = line(loss=loss, epochs=100, batch_size=batch_size, seed=0)
    assert (history.stopped, len(history.losses)) == ("diverged", 4 if batch_size else 5)
    assert numbers(neuron) == numbers(line(epochs=4, batch_size=batch_size, seed=0)[0])


def test_tolerance_applies_to_every_batch_of_an_epoch() -> None:
    def loss(outputs: Sequence[Any], targets: Sequence[float]) -> Value:
        return outputs[0] * targets[0]

    # The gradient is 0 for one row and 1 for the other, and each row is the last in about half of the epochs.
    history = fit(
        Neuron(1, seed=0), [[1.0], [1.0]], [0.0, 1.0], loss=loss, lr=1e-6, epochs=20, batch_size=1, seed=0, tolerance=0.5
    )
    assert (history.stopped, len(history.losses)) == ("epochs", 20)


def test_the_warning_about_divergence_points_at_the_line_that_called_fit() -> None:
    with pytest.warns(RuntimeWarning) as caught:
        fit(Neuron(1, seed=0), LINE_X, LINE_Y, loss="mse", lr=1e6, epochs=1000)
    assert caught[0].filename == __file__


def test_a_parameter_that_becomes_infinite_in_the_last_step_is_restored() -> None:
    neuron = Neuron(1, seed=0)
    before = numbers(neuron)
    with pytest.warns(RuntimeWarning, match=r"the parameter weights\.0 became -?inf in the last step of epoch 1; "):
        history = fit(neuron, [[1e200]], [0.0], loss=lambda outputs, targets: outputs[0], lr=1e200, epochs=1)
    assert (history.stopped, numbers(neuron)) == ("diverged", before)


def test_ctrl_c_returns_the_completed_steps() -> None:
    calls = 0

    def loss(outputs: Sequence[Any], targets: Sequence[float]) -> Value:
        nonlocal calls
        calls += 1
        if calls == 4:
            raise KeyboardInterrupt
        return mse_loss(outputs, targets)

    neuron, history = line(loss=loss, epochs=100)
    assert (len(history.losses), history.stopped) == (3, "interrupted")
    assert numbers(neuron) == numbers(line(epochs=3)[0])


def press_ctrl_c(outputs: Any, targets: Any) -> Value:
    raise KeyboardInterrupt


def test_a_second_ctrl_c_ends_a_loop_of_training_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    for pause in (0.0, 2.5):
        now[0] += pause
        assert line(loss=press_ctrl_c)[1].stopped == "interrupted"
    now[0] += 1.5
    with pytest.raises(KeyboardInterrupt, match="a second Ctrl-C"):
        line(loss=press_ctrl_c)


def test_a_second_ctrl_c_restores_the_best_weights_first() -> None:
    ends: list[str | None] = []

    class Ends:
        def __call__(self, training: Training) -> None:
            raise KeyboardInterrupt

        def finish(self, training: Training) -> None:
            ends.append(training.stopped)

    line(callbacks=[Ends()])
    with pytest.raises(KeyboardInterrupt):
        line(callbacks=[Ends()])
    assert ends == ["interrupted"] * 2


# ---- progress ----


def test_nothing_is_printed_without_a_terminal_or_with_progress_false(capfd: pytest.CaptureFixture[str]) -> None:
    line(epochs=3)
    line(epochs=3, progress=False)
    assert capfd.readouterr() == ("", "")


def test_progress_shows_the_epoch_and_the_loss(capsys: pytest.CaptureFixture[str]) -> None:
    _, history = line(epochs=3, progress=True)
    shown = capsys.readouterr().out
    assert "epoch 3/3" in shown
    assert f"loss {history.losses[-1]:.4g}" in shown


def test_progress_is_shown_in_a_terminal(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    line(epochs=3)
    assert "3/3" in capsys.readouterr().out


# ---- errors ----


def test_the_error_for_an_unknown_loss_lists_the_known_ones() -> None:
    with pytest.raises(ValueError, match=r"unknown loss: 'l1' \(must be one of 'mse', 'mae', .*'cross_entropy', or a f"):
        line(loss="l1")


def test_the_error_for_an_unknown_optimizer_lists_the_known_ones() -> None:
    with pytest.raises(ValueError, match=r"unknown optimizer: '' \(must be one of 'sgd'"):
        line(optimizer="")
    with pytest.raises(ValueError, match=r"unknown optimizer: 'adamax' \(must be one of 'sgd', .*, or an instance: SGD\(model"):
        line(optimizer="adamax")
    with pytest.raises(
        TypeError, match=r"must not be the class SGD; pass 'sgd', or an instance: SGD\(model.parameters\(\), lr"
    ):
        line(optimizer=SGD)


def test_lr_with_an_optimizer_instance_is_rejected() -> None:
    with pytest.raises(ValueError, match=r"lr must be None with an optimizer instance, not 0.1; pass lr to SGD"):
        line(optimizer=SGD([Value(1.0)], lr=0.5), lr=0.1)


def test_an_optimizer_of_another_model_is_rejected() -> None:
    other = SGD(Neuron(1).parameters(), lr=0.5)
    with pytest.raises(ValueError, match=r"^SGD\(2 parameters, lr=0.5\) has no parameter of Neuron\(1\); create it with"):
        line(optimizer=other, lr=None)


def test_an_optimizer_of_some_parameters_leaves_the_others_unchanged() -> None:
    neuron = Neuron(1, seed=0)
    weight = neuron.weights[0].data
    fit(neuron, LINE_X, LINE_Y, loss="mse", optimizer=SGD([neuron.bias], lr=0.1), frozen=neuron.weights, epochs=3)
    assert neuron.weights[0].data == weight
    assert neuron.bias.data != 0.0


def test_an_optimizer_that_lacks_parameters_is_named_unless_they_are_frozen() -> None:
    model = MLP(1, [3, 1], seed=0)
    message = (
        r"SGD\(4 parameters, lr=0\.1\) does not update 6 parameters \(layers\.0\.neurons\.0\.weights\.0, "
        r".*, \.\.\.\) of MLP\(1, \[3, 1\]\); create it with model\.parameters\(\), or pass frozen= if this is intended"
    )
    optimizer = SGD(model[1].parameters(), lr=0.1)
    with pytest.warns(UserWarning, match=message) as caught:
        fit(model, LINE_X, LINE_Y, loss="mse", optimizer=optimizer, epochs=1)
    assert caught[0].filename == __file__
    fit(model, LINE_X, LINE_Y, loss="mse", optimizer=optimizer, frozen=[model[0]], epochs=1)


def test_frozen_parameters_do_not_change_and_do_not_limit_the_steps_of_others() -> None:
    model, twin = (MLP(1, [3, 1], seed=0) for _ in range(2))
    before = numbers(model[0])
    options: dict[str, Any] = {"loss": "mse", "epochs": 5, "clip_norm": 0.01}
    fit(model, LINE_X, LINE_Y, frozen=model[0], lr=0.5, **options)
    assert numbers(model[0]) == before
    hidden = [[h.data for h in twin[0](row)] for row in LINE_X]
    fit(twin[1], hidden, LINE_Y, lr=0.5, **options)
    assert numbers(model[1]) == pytest.approx(numbers(twin[1]), rel=1e-12)
    assert numbers(model[1]) != numbers(MLP(1, [3, 1], seed=0)[1])


def test_gradients_of_frozen_parameters_are_not_summed_over_steps() -> None:
    one, five = (MLP(1, [3, 1], seed=0) for _ in range(2))
    for model, epochs in ((one, 1), (five, 5)):
        fit(model, LINE_X, LINE_Y, loss="mse", frozen=model[0], lr=1e-12, epochs=epochs)
    assert [p.grad for p in five[0].parameters()] == pytest.approx([p.grad for p in one[0].parameters()], rel=1e-6)


def test_frozen_parameters_must_be_inside_the_model_outside_of_the_optimizer_and_leave_some() -> None:
    model = MLP(1, [3, 1], seed=0)
    with pytest.raises(ValueError, match=r"frozen must contain parameters or Modules inside MLP\(1, \[3, 1\]\), not Value "):
        fit(model, LINE_X, LINE_Y, loss="mse", frozen=[Value(0.0)])
    with pytest.raises(ValueError, match=r"frozen must contain parameters or Modules inside MLP\(1, \[3, 1\]\), not str "):
        fit(model, LINE_X, LINE_Y, loss="mse", frozen="bias")
    with pytest.raises(ValueError, match=r"frozen must not contain 4 parameters \(layers\.1\..*\), which SGD\(10 parameters, "):
        fit(model, LINE_X, LINE_Y, loss="mse", frozen=model[1], optimizer=SGD(model.parameters(), lr=0.1))
    with pytest.raises(ValueError, match=r"frozen must leave parameters to train, but contains all of MLP\(1, \[3, 1\]\)"):
        fit(model, LINE_X, LINE_Y, loss="mse", frozen=model)


def test_an_optimizer_needs_only_step_and_zero_grad() -> None:
    neuron = Neuron(1, seed=0)

    class Mine:
        def __init__(self) -> None:
            self.inner = SGD(neuron.parameters(), lr=0.1)

        def parameters(self) -> None:
            raise AssertionError

        def step(self) -> None:
            self.inner.step()

        def zero_grad(self) -> None:
            self.inner.zero_grad()

    fit(neuron, LINE_X, LINE_Y, loss="mse", optimizer=Mine(), epochs=3)
    assert numbers(neuron) == numbers(line(epochs=3)[0])


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (lambda row: Value(row[0]), r"model must be a Module, whose parameters\(\) can be trained, not function \(<function"),
        (MLP, r"model must be an instance, not the class MLP; create one, as in MLP\(4, \[16, 3\]\)"),
        (
            Holder(w=Value(1.0)),
            r"model must be callable with one row, not Holder \(Holder\(1 parameter\)\); define __call__",
        ),
        ("mlp", r"model must be callable with one row, not str \('mlp'\)"),
    ],
    ids=["function", "class", "without __call__", "text"],
)
def test_invalid_models_are_rejected(model: Any, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        fit(model, LINE_X, LINE_Y, loss="mse")


def test_a_model_without_parameters_is_rejected() -> None:
    with pytest.raises(
        ValueError,
        match=r"model must have parameters to train, but Line\(0 parameters\) has none; add Values as its attributes",
    ):
        fit(Line(rate=0.1), LINE_X, LINE_Y, loss="mse")


@pytest.mark.parametrize(
    ("attributes", "name"),
    [
        ({"w": Value(1.0) * 0.1, "b": Value(0.0)}, "w"),
        ({"b": Value(0.0), "w": [Value(1.0), 0.1 * Value(1.0)]}, r"w\.1"),
        ({"w": Value(1.0) * 0.1}, "w"),
    ],
)
def test_a_computed_value_instead_of_a_parameter_is_rejected_before_training(attributes: Any, name: str) -> None:
    model = Line(**attributes)
    before = numbers(model)
    message = (
        rf"^{name} of Line\(\d parameters?\) must be a parameter, not Value\(0.1, .*, which is computed; store its \.detach\(\)"
    )
    with pytest.raises(ValueError, match=message):
        fit(model, LINE_X, LINE_Y, loss="mse")
    assert numbers(model) == before


def test_outputs_that_a_model_stores_are_not_treated_as_parameters() -> None:
    class Keeping(Line):
        def __call__(self, row: list[float]) -> Any:
            self.output = super().__call__(row)
            return self.output

    model = Keeping(w=(Value(1.0) * 0.1).detach(), b=Value(0.0), _scale=2.0 * Value(3.0))
    for _ in range(2):  # in the second run, the output of the first is stored
        assert fit(model, LINE_X, LINE_Y, loss="mse", lr=0.05, epochs=3).stopped == "epochs"
    assert model.output.op
    assert len(model.parameters()) == 2


@pytest.mark.parametrize("name", ["epochs", "batch_size"])
def test_counts_must_be_positive_integers(name: str) -> None:
    with pytest.raises(ValueError, match=f"{name} must be at least 1, not 0"):
        line(**{name: 0})
    with pytest.raises(TypeError, match=rf"{name} must be an integer, not float \(1.5\)"):
        line(**{name: 1.5})


@pytest.mark.parametrize("name", ["lr", "tolerance"])
def test_lr_and_tolerance_must_be_positive(name: str) -> None:
    with pytest.raises(ValueError, match=f"{name} must be positive and finite, not -1.0"):
        line(**{name: -1})


def test_empty_data_is_rejected() -> None:
    with pytest.raises(ValueError, match="X must have at least one row of numbers"):
        fit(Neuron(1), [], [], loss="mse")


def test_a_row_with_nan_is_rejected_before_training() -> None:
    neuron = Neuron(1, seed=0)
    with pytest.raises(ValueError, match="row 1 of X must contain finite numbers, not nan"):
        fit(neuron, [[1.0], [math.nan]], [1.0, 2.0], loss="mse")
    assert numbers(neuron) == numbers(Neuron(1, seed=0))


def test_rows_of_the_wrong_length_for_the_model_are_rejected() -> None:
    with pytest.raises(ValueError, match=r"Layer\(4, 3\) needs 4 inputs, not 2"):
        fit(MLP(4, [3]), XOR_X, [0, 1, 1, 0], loss="cross_entropy")


def test_a_loss_that_does_not_return_a_value_is_rejected() -> None:
    with pytest.raises(TypeError, match=r"the loss must return one Value, but .* returned float \(1.0\)"):
        line(loss=lambda outputs, targets: 1.0)


@pytest.mark.parametrize("compile", [True, False])
def test_a_model_that_returns_plain_numbers_is_rejected(compile: bool) -> None:  # noqa: A002
    class Data(Neuron):
        def __call__(self, row: Any) -> Any:
            return super().__call__(row).data

    with pytest.raises(TypeError, match=r"output of the model must depend on its parameters, .* does the model read \.data\?"):
        fit(Data(1, seed=0), LINE_X, LINE_Y, loss="mse", compile=compile)


@pytest.mark.parametrize("compile", [True, False])
def test_training_within_no_grad_is_rejected(compile: bool) -> None:  # noqa: A002
    with (
        autograd.no_grad(),
        pytest.raises(ValueError, match=r"which is not computed from the model; use its outputs, and do not call fit within"),
    ):
        line(compile=compile)


def test_ordinary_training_emits_no_warning() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        _, history = line(epochs=3, progress=True)
    assert history.stopped == "epochs"
