"""``LBFGS``: minima, errors, and training with it."""

from __future__ import annotations

import re
import sys
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.optimize import minimize

from autograd import Value, read_data, write_data
from nn import (
    LBFGS,
    MLP,
    Adam,
    Layer,
    Neuron,
    StepLR,
    clip_grad_norm,
    cross_entropy,
    fit,
    l2_penalty,
    load_checkpoint,
    load_iris,
    mse_loss,
    predict,
    save_checkpoint,
    standardize,
)

IRIS = load_iris()
X = standardize(IRIS.X)


def network() -> MLP:
    return MLP(4, [5, 3], seed=0)


def penalized(model: MLP) -> Any:
    return cross_entropy([model(row) for row in X], IRIS.y) + l2_penalty(model.parameters(), 0.01)


# ---- steps ----


def test_a_random_loss_is_refused_by_name() -> None:
    model = MLP(4, [5, 3], seed=0, dropout=0.5)
    message = "optimizer must not be LBFGS for a model with Dropout(0.5), which makes the loss random, while its line search"
    for optimizer in ("lbfgs", LBFGS(model.parameters())):
        with pytest.raises(ValueError, match=re.escape(message)):
            fit(model, X, IRIS.y, loss="cross_entropy", optimizer=optimizer)
    before = read_data(model.parameters()).tolist()
    optimizer = LBFGS(model.parameters())
    with pytest.raises(ValueError, match=r"the loss of LBFGS must be the same in each call, but two calls .* returned"):
        optimizer.step(partial(loss_of, model))
    assert read_data(model.parameters()).tolist() == before
    assert (optimizer.step_count, optimizer.converged) == (0, False)
    optimizer.step(partial(loss_of, model.eval()))
    fit(MLP(4, [5, 3], dropout=0.0), X, IRIS.y, loss="cross_entropy", optimizer="lbfgs", epochs=1)


def loss_of(model: MLP) -> Value:
    loss = cross_entropy([model(row) for row in X[45:55]], IRIS.y[45:55])
    loss.backward()
    return loss


def test_a_step_is_a_call_of_scipy() -> None:
    model, twin = network(), network()

    def closure() -> Value:
        loss: Value = penalized(model)
        loss.backward()
        return loss

    def function(numbers: Any) -> tuple[float, Any]:
        write_data(twin.parameters(), numbers)
        twin.zero_grad()
        loss = penalized(twin)
        loss.backward()
        return loss.data, np.array([p.grad for p in twin.parameters()])

    optimizer = LBFGS(model.parameters(), max_iter=15, history_size=4)
    first = optimizer.step(closure)
    options = {"maxiter": 15, "maxcor": 4, "gtol": 1e-7, "ftol": 64 * sys.float_info.epsilon}
    found = minimize(function, read_data(network().parameters()), jac=True, method="L-BFGS-B", options=options)
    assert read_data(model.parameters()).tolist() == found.x.tolist()
    assert (first, optimizer.converged, optimizer.step_count) == (penalized(network()).data, False, 1)


def test_the_minimum_is_that_of_pytorch() -> None:
    torch = pytest.importorskip("torch")
    layer = Layer(4, 3, init="zeros")
    fit(layer, X, IRIS.y, loss="cross_entropy", optimizer="lbfgs", penalty=lambda: l2_penalty(layer.parameters(), 0.01))
    W = torch.zeros((3, 5), dtype=torch.float64, requires_grad=True)
    rows, classes = torch.tensor([[*row, 1.0] for row in X], dtype=torch.float64), torch.tensor(IRIS.y)
    other = torch.optim.LBFGS([W], max_iter=500, tolerance_grad=1e-9, tolerance_change=1e-14, line_search_fn="strong_wolfe")

    def closure() -> Any:
        other.zero_grad()
        loss = torch.nn.functional.cross_entropy(rows @ W.T, classes) + 0.01 * (W**2).sum()
        loss.backward()
        return loss

    other.step(closure)
    ours = [[*(w.data for w in neuron.weights), neuron.bias.data] for neuron in layer.neurons]
    np.testing.assert_allclose(ours, W.detach().numpy(), atol=1e-5)


def test_an_error_in_the_closure_changes_no_parameter() -> None:
    x, calls = Value(3.0), [0]

    def closure() -> Value:
        calls[0] += 1
        if calls[0] > 2:
            raise KeyboardInterrupt
        loss = (x - 1) ** 4
        loss.backward()
        return loss

    optimizer = LBFGS([x])
    with pytest.raises(KeyboardInterrupt):
        optimizer.step(closure)
    assert (x.data, optimizer.step_count) == (3.0, 0)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: LBFGS([]), ValueError, "parameters must not be empty"),
        (lambda: LBFGS([{"params": [Value(1.0)]}]), ValueError, "LBFGS must have a list of parameters, not groups"),
        (lambda: LBFGS([Value(1.0)], max_iter=0), ValueError, "max_iter must be at least 1, not 0"),
        (lambda: LBFGS([Value(1.0)], 5, 10, -1.0), ValueError, "tolerance_grad must be non-negative and finite, not -1.0"),
        (
            lambda: StepLR(LBFGS([Value(1.0)]), 3),  # type: ignore[arg-type]
            TypeError,
            "the first argument of StepLR must be an optimizer",
        ),
    ],
)
def test_the_error_for_an_invalid_argument_states_the_rule(call: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        call()


def test_without_scipy_the_error_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "scipy.optimize", None)
    with pytest.raises(ImportError, match=r"^LBFGS needs SciPy: pip install 'scalar-autograd\[scipy\]'$"):
        LBFGS([Value(1.0)]).step(lambda: 0.0)


def test_the_state_is_saved(tmp_path: Path) -> None:
    x = Value(3.0)
    optimizer, other = LBFGS([x], max_iter=50), LBFGS([x])

    def closure() -> Value:
        loss = (x - 1) ** 2
        loss.backward()
        return loss

    optimizer.step(closure)
    load_checkpoint(save_checkpoint(tmp_path / "o.npz", optimizer=optimizer), optimizer=other)
    assert (other.max_iter, other.converged, other.step_count, repr(other)) == (50, True, 1, "LBFGS(1 parameter, max_iter=50)")


# ---- training ----


@pytest.mark.parametrize("replay", [False, True])
def test_training_converges_in_a_few_epochs_of_many_iterations(replay: bool) -> None:
    model = network()
    options: dict[str, Any] = {"penalty": lambda: l2_penalty(model.parameters(), 0.001), "metrics": ["accuracy"]}
    history = fit(model, X, IRIS.y, loss="cross_entropy", optimizer="lbfgs", compile=replay, **options)
    assert history.stopped == "converged"
    assert len(history) < 30
    assert list(history) == ["loss", "accuracy", "seconds"]  # no learning rate
    assert history["accuracy"][-1] > 0.97
    model.zero_grad()
    (cross_entropy([model(row) for row in X], IRIS.y) + l2_penalty(model.parameters(), 0.001)).backward()
    assert clip_grad_norm(model, 1.0) < 1e-4


def test_a_line_is_found_at_once_and_frozen_parameters_stay() -> None:
    line = Neuron(1, seed=0)
    line.bias.data = 0.5
    fit(
        line,
        [[0.0], [1.0], [2.0]],
        [1.0, 3.0, 5.0],
        loss="mse",
        optimizer=LBFGS(line.parameters(exclude=line.bias)),
        frozen=line.bias,
    )
    assert line.bias.data == 0.5
    assert line.weights[0].data == pytest.approx(2.3)  # sum of x (y - 0.5) / sum of x**2
    fit(line, [[0.0], [1.0], [2.0]], [1.0, 3.0, 5.0], loss="mse", optimizer="LBFGS", lr=None)
    assert predict(line, [[3.0]]) == pytest.approx([7.0])


def test_training_is_resumed_bit_for_bit(tmp_path: Path) -> None:
    models = [network() for _ in range(2)]
    run = partial(fit, X=X, y=IRIS.y, loss="cross_entropy", optimizer="lbfgs")
    run(models[0], epochs=4)
    for epochs in (2, 4):
        run(models[1], epochs=epochs, checkpoint=tmp_path / "c.npz")
    assert models[0].state_dict() == models[1].state_dict()


def test_batches_are_minimized_one_after_another_and_training_goes_on() -> None:
    history = fit(network(), X, IRIS.y, loss="cross_entropy", optimizer="lbfgs", batch_size=75, epochs=3, seed=0)
    assert (len(history), history.stopped) == (3, "epochs")


def test_a_loss_that_overflows_in_the_line_search_does_not_end_training() -> None:
    neuron = Neuron(1, init="zeros")

    def steep(outputs: Any, targets: Any) -> Any:
        return sum((output - target) ** 2 for output, target in zip(outputs, targets, strict=True)).exp()

    history = fit(neuron, [[1.0], [2.0]], [3.0, 5.0], loss=steep, optimizer="lbfgs", epochs=20)
    assert 1.0 <= history.losses[-1] < 1.5  # from exp(9 + 25) at first


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"lr": 0.1}, "lr must be None with LBFGS, whose line search chooses the steps, not 0.1"),
        ({"clip_norm": 1.0}, "clip_norm must be None with LBFGS"),
        ({"clip_value": 1.0}, "clip_value must be None with LBFGS"),
    ],
)
def test_options_that_do_not_fit_are_refused(options: Any, message: str) -> None:
    for optimizer in ("lbfgs", LBFGS(Neuron(1).parameters())):
        with pytest.raises(ValueError, match=message):
            fit(Neuron(1), [[1.0]], [1.0], loss="mse", optimizer=optimizer, **options)


def test_the_class_gets_the_message_for_classes() -> None:
    with pytest.raises(
        TypeError, match=r"must not be the class LBFGS; pass 'lbfgs', or an instance: LBFGS\(model.parameters\(\)\)"
    ):
        fit(Neuron(1), [[1.0]], [1.0], loss="mse", optimizer=LBFGS)


def test_amsgrad_may_be_switched_on_later_and_is_saved(tmp_path: Path) -> None:
    p = Value(1.0)
    optimizer, other = Adam([p], amsgrad=True), Adam([p], amsgrad=True)
    assert not hasattr(Adam([p]), "v_max")
    (3 * p).backward()
    optimizer.step()
    load_checkpoint(save_checkpoint(tmp_path / "o.npz", optimizer=optimizer), optimizer=other)
    assert other.v_max.tolist() == optimizer.v_max.tolist() == optimizer.v.tolist() != [0.0]
    later = Adam([p])
    later.amsgrad = True
    later.step()
    assert later.v_max.tolist() == later.v.tolist()
    assert repr(later) == "Adam(1 parameter, lr=0.001, amsgrad=True)"


def test_the_history_has_the_loss_after_the_steps() -> None:
    X, y = [[0.0], [1.0], [2.0], [3.0]], [1.0, 3.0, 5.5, 7.0]
    neuron = Neuron(1, init="zeros")
    history = fit(neuron, X, y, loss="mse", optimizer="lbfgs", epochs=3, progress=False)
    assert history.stopped == "converged"
    assert history.losses[-1] == pytest.approx(float(mse_loss([neuron(row) for row in X], y).data), rel=1e-12)
    assert history.losses[-1] == pytest.approx(min(np.polyfit([0, 1, 2, 3], y, 1, full=True)[1]) / 4, rel=1e-9)
