"""``fit``: which models are replayed, and that replaying does not change the results."""

from __future__ import annotations

import math
import random
import re
import warnings
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest

import autograd
from autograd import Value
from nn import (
    LOSSES,
    MLP,
    SGD,
    Dropout,
    Linear,
    Module,
    Neuron,
    Sequential,
    cross_entropy,
    find_mistakes,
    fit,
    hinge_loss,
    huber_loss,
    l1_penalty,
    l2_penalty,
    mse_loss,
)
from nn.losses import Loss
from nn.training.batches import batch_loss
from nn.training.prediction import MIN_ROWS

RNG = np.random.default_rng(0)
X = RNG.normal(size=(20, 2))
SIGNS = np.where(X[:, 0] * X[:, 1] > 0, 1, -1)
CLASSES = (X > 0).sum(axis=1)
EPOCHS = 60  # more than MIN_ROWS rows

TASKS: list[tuple[str, int, Any]] = [
    ("mse", 1, X[:, 0] ** 2),
    ("mse", 2, X[:, ::-1]),
    ("mse", 1, X[:, 1].tolist()),
    ("hinge", 1, SIGNS),
    ("cross_entropy", 3, CLASSES),
    ("cross_entropy", 3, CLASSES.tolist()),
    ("mae", 2, X[:, ::-1]),
    ("huber", 1, X[:, 0] ** 2),
    ("binary_cross_entropy", 1, SIGNS > 0),
    ("binary_cross_entropy", 2, 1 / (1 + np.exp(X))),
]

WEIGHTS: Any = np.array([1.0, 20.0, 0.5])
WITH_OPTIONS: list[tuple[Loss, int, Any]] = [
    (partial(mse_loss, reduction="sum"), 2, X[:, ::-1]),
    (partial(huber_loss, delta=0.2), 1, X[:, 0] ** 2),
    (partial(hinge_loss, reduction="sum"), 1, SIGNS),
    (partial(cross_entropy, label_smoothing=0.1), 3, CLASSES),
    (partial(cross_entropy, class_weights=[1.0, 20.0, 0.5]), 3, CLASSES),
    (partial(cross_entropy, class_weights=WEIGHTS, label_smoothing=0.3), 3, CLASSES.tolist()),
    (partial(cross_entropy, class_weights=[1.0, 20.0, 0.5], label_smoothing=0.3, reduction="sum"), 3, CLASSES),
]


def numbers(model: Any) -> list[float]:
    return [p.data for p in model.parameters()]


def trained(compile: bool | None, model: Any, y: Any = SIGNS, **options: Any) -> tuple[list[float], list[float]]:  # noqa: A002
    history = fit(model, X, y, **{"loss": "hinge", "lr": 0.1, "epochs": 5, "seed": 1, "compile": compile, **options})
    return history.losses, numbers(model)


@autograd.primitive(lambda out, x: 3 * x * x)
def cube(x: float) -> float:
    return x * x * x


CALLS: list[Any] = []


class Watched(MLP):
    """A model that appends each input row to ``CALLS`` and keeps no state."""

    def __call__(self, inputs: Any) -> Any:
        CALLS.append(inputs)
        return super().__call__(inputs)


def check_replayed(make: Callable[[], Any], y: Any = SIGNS, **options: Any) -> None:
    """Assert that ``fit`` uses a replay and matches node-by-node execution up to the order of summation."""
    CALLS.clear()
    replayed = trained(True, make(), y, **options)
    assert 0 < len(CALLS) < 5
    by_nodes = trained(False, make(), y, **options)
    assert len(CALLS) > 5 * len(X)
    np.testing.assert_allclose(replayed[0], by_nodes[0], rtol=1e-12)
    np.testing.assert_allclose(replayed[1], by_nodes[1], rtol=1e-9, atol=1e-13)


class Line(Module):
    """A model of one neuron, and the base class of the models below."""

    def __init__(self) -> None:
        self.w = [Value(0.3), Value(-0.2)]
        self.b = Value(0.1)

    def __call__(self, row: list[Any]) -> Any:
        return self.w[0] * row[0] + self.w[1] * row[1] + self.b


# ---- replayed ----


@pytest.mark.parametrize("batch_size", [None, 1, 7])
@pytest.mark.parametrize(("loss", "outputs", "y"), TASKS)
def test_a_replay_changes_only_the_order_of_summation(loss: str, outputs: int, y: Any, batch_size: int | None) -> None:
    results = [trained(replay, MLP(2, [5, outputs], seed=0), y, loss=loss, batch_size=batch_size) for replay in (True, False)]
    np.testing.assert_allclose(results[0][0], results[1][0], rtol=1e-12)
    np.testing.assert_allclose(results[0][1], results[1][1], rtol=1e-9, atol=1e-13)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("batch_size", [None, 1, 7])
@pytest.mark.parametrize(("loss", "outputs", "y"), WITH_OPTIONS)
def test_losses_with_options_are_replayed(loss: Loss, outputs: int, y: Any, batch_size: int | None) -> None:
    def make() -> Watched:
        return Watched(2, [5, outputs], seed=0)

    check_replayed(make, y, loss=loss, batch_size=batch_size, lr=0.01)


@pytest.mark.parametrize(("loss", "outputs", "y"), TASKS)
def test_a_replay_does_not_change_any_bit_of_the_loss_of_a_row(loss: str, outputs: int, y: Any) -> None:
    model, function = MLP(2, [5, outputs], "relu", seed=0), LOSSES[loss]
    step = autograd.compile(lambda row, target: function([model(row)], [list(target) if outputs == 2 else target]))
    expected = [function([model(row)], [list(y[i]) if outputs == 2 else y[i]]).data for i, row in enumerate(X.tolist())]
    assert step(X, np.array(y, dtype=float)).tolist() == expected


def test_a_model_is_replayed_by_default_if_there_is_enough_work() -> None:
    for epochs, few in ((EPOCHS, True), ((MIN_ROWS - 1) // len(X), False)):
        CALLS.clear()
        trained(None, Watched(2, [1]), epochs=epochs)
        assert (len(CALLS) < 5) is few
    trained(False, Watched(2, [1]), epochs=EPOCHS)
    assert len(CALLS) > EPOCHS * len(X)


@pytest.mark.filterwarnings("error")
def test_a_custom_loss_is_called_with_each_batch() -> None:
    batches = []

    def loss(outputs: Any, targets: Any) -> Value:
        batches.append(len(targets))
        worst: Value = max(mse_loss([output], [target]) for output, target in zip(outputs, targets, strict=True))
        return worst

    trained(None, Line(), loss=loss, epochs=EPOCHS, batch_size=15)
    assert batches == [15, 5] * EPOCHS


@pytest.mark.parametrize(("loss", "outputs", "y"), TASKS[3:5])
def test_losses_can_be_compiled_with_their_targets(loss: str, outputs: int, y: Any) -> None:
    model, function = MLP(2, [outputs], seed=0), {"hinge": hinge_loss, "cross_entropy": cross_entropy}[loss]
    step = autograd.compile(lambda row, target: function([model(list(row))], [target]))
    assert step.backward(X, y) == pytest.approx(function([model(row) for row in X], list(y)).data, rel=1e-13)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    ("loss", "outputs", "y", "message"),
    [
        ("hinge", 1, [*SIGNS[:7], 0, *SIGNS[8:]], r"needs targets \+1 and -1 .*, but row 7 has 0"),
        (
            "cross_entropy",
            3,
            [*CLASSES[:19], 3],
            r"needs class numbers .* \(here 3; use binary_cross_entropy for 1\), but row 19 has 3 ",
        ),
        (
            "cross_entropy",
            3,
            [*CLASSES[:19], 1.5],
            r"needs class numbers .* \(here 3; use binary_cross_entropy for 1\), but row 19 has 1.5 ",
        ),
        ("mse", 1, [[0.0, 1.0]] * 20, "needs 1 output and 1 target per row, but row 0 has 1 and 2"),
    ],
)
def test_all_targets_are_checked_before_a_replay(loss: str, outputs: int, y: Any, message: str) -> None:
    model = MLP(2, [outputs], seed=0)
    before = numbers(model)
    with pytest.raises((ValueError, TypeError), match=message):
        trained(True, model, y, loss=loss, batch_size=3)
    assert numbers(model) == before


def test_a_diverging_replay_stops_with_finite_parameters() -> None:
    model = MLP(2, [3, 1], seed=0)
    with pytest.warns(RuntimeWarning, match=r"training stopped: the loss became (inf|nan) in epoch \d+") as caught:
        history = fit(model, X, X[:, 0], loss="mse", lr=1e6, epochs=EPOCHS)
    assert caught[0].filename == __file__
    assert history.stopped == "diverged"
    assert all(math.isfinite(number) for number in [*history.losses, *numbers(model)])


def test_ctrl_c_during_a_replay_keeps_the_completed_steps() -> None:
    model = Line()

    class Interrupted(SGD):
        steps = 0

        def step(self) -> None:
            self.steps += 1
            if self.steps > 3:
                raise KeyboardInterrupt
            super().step()

    history = fit(model, X, SIGNS, loss="hinge", optimizer=Interrupted(model.parameters(), lr=0.1), compile=True)
    assert (history.stopped, len(history.losses)) == ("interrupted", 3)
    np.testing.assert_allclose(numbers(model), trained(False, Line(), epochs=3)[1], rtol=1e-12)


def test_tolerance_stops_a_replay() -> None:
    model = Line()
    history = fit(model, X, 2 * X[:, 0] + 1, loss="mse", lr=0.2, epochs=10_000, tolerance=1e-9)
    assert history.stopped == "tolerance"
    assert numbers(model) == pytest.approx([2.0, 0.0, 1.0], abs=1e-8)


def test_find_mistakes_reports_a_dead_layer_during_a_replay() -> None:
    model = MLP(2, [3, 1], "relu", seed=0)
    for neuron in model.layers[0].neurons:
        neuron.bias.data = -100.0
    with pytest.warns(autograd.MistakeWarning, match=r"every relu of layers.0 is 0") as caught, find_mistakes(model):
        trained(True, model)
    assert caught[0].filename == __file__


# ---- dropout ----


class Twice(Watched):
    """Applies the same Dropout to its inputs and to its outputs."""

    def __init__(self, seed: Any) -> None:
        super().__init__(2, [3], seed=0)
        self.dropout = Dropout(0.3, seed)

    def __call__(self, inputs: Any) -> Any:
        return [autograd.sum(self.dropout(super().__call__(self.dropout(inputs))))]


class OneOfThree(Dropout):
    """A custom dropout that keeps exactly one number."""

    def draw(self, n: int) -> list[float]:
        kept = int(n * self._rng.random())
        return [float(n) if i == kept else 0.0 for i in range(n)]


class Stacked(Watched):
    def __init__(self) -> None:
        super().__init__(2, [1], seed=0)
        self.hidden = Sequential(Dropout(0.1, seed=3), Linear(2, 3, seed=0), "tanh", OneOfThree(seed=4), Linear(3, 2, seed=1))

    def __call__(self, inputs: Any) -> Any:
        return super().__call__(self.hidden(inputs))


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("batch_size", [None, 1, 7])
@pytest.mark.parametrize(
    "make",
    [
        lambda: Watched(2, [5, 4, 1], dropout=0.5, seed=0),
        lambda: Watched(2, [5, 4, 1], dropout=0.5, seed=np.random.default_rng(0)),
        lambda: Twice(1),
        lambda: Twice(np.random.default_rng(1)),
        Stacked,
    ],
)
def test_a_replay_uses_the_dropout_masks_of_node_by_node_training(make: Callable[[], Any], batch_size: int | None) -> None:
    check_replayed(make, batch_size=batch_size)


@pytest.mark.parametrize("replay", [True, False])
def test_training_draws_one_mask_per_row_and_nothing_else(replay: bool) -> None:
    """Checking whether a model can be replayed draws no mask."""
    model = Twice(random.Random(5))
    trained(replay, model, epochs=3)
    rng = random.Random(5)
    for _ in range(3 * len(X) * (2 + 3)):
        rng.random()
    assert model.dropout.draw(4) == Dropout(0.3, rng).draw(4)


@pytest.mark.parametrize("replay", [True, False])
def test_in_eval_mode_dropout_drops_nothing_and_draws_nothing(replay: bool) -> None:
    model = Twice(random.Random(5)).eval()
    assert batch_loss(model, X.tolist(), SIGNS.tolist(), hinge_loss, 1, replay)(range(20)) == pytest.approx(
        hinge_loss([model(row) for row in X], SIGNS.tolist()).data, rel=1e-14
    )
    assert model.dropout.draw(4) == Dropout(0.3, 5).draw(4)


def test_after_a_replay_the_model_draws_its_own_masks_again() -> None:
    model = Watched(2, [5, 1], dropout=0.5, seed=0)
    trained(True, model)
    assert len({tuple(out.data for out in model([1.0, 2.0])) for _ in range(10)}) > 1
    failing = Twice(1)
    failing.dropout = Failing(0.5)
    with pytest.raises(ZeroDivisionError):
        trained(True, failing)
    assert "draw" not in vars(failing.dropout)


class Failing(Dropout):
    def __call__(self, inputs: Any) -> Any:
        super().__call__(inputs)
        raise ZeroDivisionError


@pytest.mark.filterwarnings("error")
def test_dropouts_that_share_a_generator_draw_in_the_order_of_their_calls() -> None:
    def make() -> Watched:
        model, rng = Watched(2, [5, 5, 1], dropout=0.5, seed=0), random.Random(9)
        for module in model.modules():
            if isinstance(module, Dropout):
                module._rng = rng
        return model

    check_replayed(make)


# ---- penalties ----


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("batch_size", [None, 7])
@pytest.mark.parametrize("penalise", [l1_penalty, l2_penalty])
def test_a_penalty_is_added_to_the_loss_of_each_batch_with_and_without_replay(
    penalise: Callable[..., Value], batch_size: int | None
) -> None:
    results = []
    for replay in (True, False):
        model = MLP(2, [5, 1], seed=0)
        results.append(trained(replay, model, batch_size=batch_size, penalty=partial(penalise, model, 0.01)))
    np.testing.assert_allclose(results[0][0], results[1][0], rtol=1e-12)
    np.testing.assert_allclose(results[0][1], results[1][1], rtol=1e-9, atol=1e-13)


@pytest.mark.parametrize("replay", [True, False])
def test_a_penalty_is_added_to_the_loss_and_to_its_gradient(replay: bool) -> None:
    model = MLP(2, [5, 1], seed=0)
    with_it, without = (
        batch_loss(model, X.tolist(), SIGNS.tolist(), hinge_loss, 1, replay, penalty)
        for penalty in (lambda: l2_penalty(model, 0.1), None)
    )
    total = without(range(20))
    l2_penalty(model, 0.1).backward()
    expected = [p.grad for p in model.parameters()]
    model.zero_grad()
    assert with_it(range(20)) == pytest.approx(total + l2_penalty(model, 0.1).data, rel=1e-15)
    assert [p.grad for p in model.parameters()] == pytest.approx(expected, rel=1e-14)


def test_a_penalty_is_called_for_each_batch_and_may_change() -> None:
    model, strengths = MLP(2, [1], seed=0), iter([1.0, 2.0, 3.0])
    losses, _ = trained(True, model, lr=1e-9, epochs=3, penalty=lambda: l2_penalty(model, next(strengths)))
    steps = np.diff(losses)
    assert steps == pytest.approx([l2_penalty(model, 1.0).data] * 2, rel=1e-6)


def test_a_penalty_that_becomes_infinite_stops_training() -> None:
    model = MLP(2, [1], seed=0)
    with pytest.warns(RuntimeWarning, match=r"training stopped: .* in epoch 1"):
        trained(True, model, penalty=lambda: l2_penalty(model, 1.0) * math.inf)


@pytest.mark.parametrize(
    ("penalty", "error", "message"),
    [
        (Value(1.0) * 2, TypeError, r"penalty must be a function without arguments, .*\(model, 0.01\), not Value \("),
        (0.01, TypeError, r"penalty must be a function without arguments, .*, not float \(0.01\)"),
        (lambda: 0.0, TypeError, r"the penalty must return one Value, but <function .*> returned float \(0.0\)"),
        (lambda: Value(0.0), ValueError, r"returned Value\(0.0\), which is not computed from the model"),
    ],
)
def test_a_penalty_must_be_a_function_that_returns_a_computed_value(penalty: Any, error: type[Exception], message: str) -> None:
    model = MLP(2, [1], seed=0)
    before = numbers(model)
    with pytest.raises(error, match=message):
        trained(True, model, penalty=penalty)
    assert numbers(model) == before


# ---- not replayed ----


@pytest.mark.filterwarnings("error")
def test_a_custom_loss_with_options_is_called_with_each_batch() -> None:
    def loss(outputs: Any, targets: Any, power: int) -> Value:
        return autograd.mean([(output - target) ** power for (output,), target in zip(outputs, targets, strict=True)])

    assert trained(None, MLP(2, [1], seed=0), loss=partial(loss, power=2)) == trained(False, MLP(2, [1], seed=0), loss="mse")


class Branching(Line):
    def __call__(self, row: list[Any]) -> Any:
        z = super().__call__(row)
        return z if z > 0 else 0.1 * z


class Drawing(Line):
    """Draws from a new generator in each call, which cannot be found by inspecting the model."""

    def __call__(self, row: list[Any]) -> Any:
        return random.Random().random() * super().__call__(row)


class Owning(Line):
    def __init__(self, generator: Any) -> None:
        super().__init__()
        self.generator = generator

    def __call__(self, row: list[Any]) -> Any:
        return super().__call__(row) * self.generator.random()


class Counting(Line):
    def __init__(self) -> None:
        super().__init__()
        self.state = {"calls": 0}

    def __call__(self, row: list[Any]) -> Any:
        self.state["calls"] += 1
        return super().__call__(row) / self.state["calls"]


class Averaging(Line):
    """Subtracts a running mean of its outputs."""

    def __init__(self) -> None:
        super().__init__()
        self._mean: Any = 0.0

    def __call__(self, row: list[Any]) -> Any:
        z = super().__call__(row)
        mean, self._mean = self._mean, 0.9 * self._mean + 0.1 * z.detach()
        return z - mean


class Listing(Line):
    """Adds the output for the previous row to the output."""

    def __init__(self) -> None:
        super().__init__()
        self._states: list[Any] = [0.0]

    def __call__(self, row: list[Any]) -> Any:
        z = super().__call__(row)
        self._states.append(z.detach())
        return z + self._states[-2]


class Rounding(Line):
    def __call__(self, row: list[Any]) -> Any:
        return super().__call__([int(row[0]), row[1]])


NOT_REPLAYED: list[tuple[Callable[[], Any], str]] = [
    (Branching, r"test_batches.py, line \d+: .* a branch depends on it"),
    (Drawing, r"test_batches.py, line \d+: .* uses the number 0.\d+ in one call and the number 0.\d+ in another"),
    (lambda: Owning(random.Random(1)), r"uses the number 0.\d+ in one call and the number 0.\d+ in another"),
    (lambda: Owning(np.random.default_rng(1)), r"uses the number 0.\d+ in one call and the number 0.\d+ in another"),
    (lambda: Sequential(Owning(random.Random(1))), r"uses the number 0.\d+ in one call and the number 0.\d+ in another"),
    (Counting, r"uses the number \d.0 in one call and the number \d.0 in another"),
    (lambda: Sequential(Counting()), r"uses the number \d.0 in one call and the number \d.0 in another"),
    (Averaging, "but this one uses the operation .* in one call and a Value computed before it in another"),
    (Listing, "must do the same on every call, but this one uses .* in one call and .* in another"),
    (Rounding, "int"),
]


@pytest.mark.parametrize(("make", "reason"), NOT_REPLAYED)
def test_a_model_that_cannot_be_replayed_trains_node_by_node_and_warns_why(make: Callable[[], Any], reason: str) -> None:
    random.seed(0)
    with pytest.warns(UserWarning, match=r"fit runs [\w(]+\(3 parameters\)+ node by node, .* replayed: ") as caught:
        losses, weights = trained(None, make(), epochs=EPOCHS)
    (warning,) = caught
    assert warning.filename == __file__
    assert re.search(reason, str(warning.message))
    if make in (Branching, Rounding):
        assert (losses, weights) == trained(False, make(), epochs=EPOCHS)
    assert weights != numbers(make())


class Keeping(Watched):
    """Stores its outputs and its number of calls, and does not use them."""

    def __init__(self) -> None:
        super().__init__(2, [1], seed=0)
        self._calls = 0
        self._log: list[Any] = []

    def __call__(self, row: Any) -> Any:
        self._calls += 1
        self._outputs = [super().__call__(row)]
        self._log.append(self._outputs)
        return self._outputs[0]


@pytest.mark.filterwarnings("error")
def test_a_model_that_stores_state_without_using_it_is_replayed() -> None:
    check_replayed(Keeping)


@pytest.mark.filterwarnings("error")
def test_a_model_that_raises_an_error_does_so_without_a_warning() -> None:
    with pytest.raises(ValueError, match=r"Layer\(4, 3\) needs 4 inputs, not 2"):
        fit(MLP(4, [3]), X, CLASSES, loss="cross_entropy", epochs=EPOCHS)


def test_a_model_with_a_custom_operation_is_trained_correctly() -> None:
    class Own(Line):
        def __call__(self, row: list[Any]) -> Any:
            return cube(super().__call__(row))

    with pytest.warns(UserWarning, match=r"test_batches.py, line \d+: compile cannot record the custom primitive cube"):
        found = trained(None, Own(), epochs=EPOCHS)
    assert found == trained(False, Own(), epochs=EPOCHS)


def test_compile_must_be_a_flag_or_none() -> None:
    with pytest.raises(TypeError, match=r"compile must be True or False, not str \('yes'\)"):
        fit(Neuron(1, seed=0), [[0.0], [1.0]], [1.0, 3.0], loss="mse", compile="yes")  # type: ignore[arg-type]


class Noisy(Module):
    """A model with random noise in its output."""

    def __init__(self) -> None:
        self.w = Value(1.0)

    def __call__(self, row: Any) -> Value:
        return self.w * row[0] + random.random()


def test_checking_whether_a_model_can_be_replayed_draws_no_random_numbers() -> None:
    losses = []
    for compile_it in (None, False):
        random.seed(7)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            losses.append(
                fit(Noisy(), [[0.0], [1.0]] * 300, [1.0, 3.0] * 300, loss="mse", lr=0.1, epochs=2, compile=compile_it).losses
            )
    assert losses[0] == losses[1]


def test_checking_whether_a_model_can_be_replayed_does_not_draw_from_its_generator() -> None:
    class Own(Module):
        def __init__(self) -> None:
            self.w, self.generator = Value(1.0), random.Random(3)

        def __call__(self, row: Any) -> Value:
            return self.w * row[0] + self.generator.random()

    losses = []
    for compile_it in (True, False):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            losses.append(fit(Own(), [[0.0], [1.0]], [1.0, 3.0], loss="mse", lr=0.1, epochs=2, compile=compile_it).losses)
    assert losses[0] == losses[1]


def test_exact_false_changes_only_the_last_digits() -> None:
    losses = []
    for exact in (True, False):
        model = MLP(2, [4, 1], activation="tanh", seed=0)
        history = fit(model, X, SIGNS, loss="hinge", lr=0.1, epochs=5, seed=1, compile=True, exact=exact)
        losses.append([*history["loss"], *[p.data for p in model.parameters()]])
    assert losses[0] == pytest.approx(losses[1], rel=1e-9)


def test_exact_must_be_a_flag() -> None:
    with pytest.raises(TypeError, match="exact must be True or False, not None"):
        fit(Neuron(1, seed=0), [[0.0], [1.0]], [1.0, 3.0], loss="mse", exact=None)  # type: ignore[arg-type]


class Doubled(Module):
    """Computes its slope from its parameter before training."""

    def __init__(self) -> None:
        self.w = Value(1.0)
        self.slope = self.w * 2

    def __call__(self, row: list[Any]) -> Any:
        return self.slope * row[0]


@pytest.mark.parametrize("replay", [True, False])
def test_a_result_that_was_computed_before_training_is_reported(replay: bool) -> None:
    outer = Sequential(Doubled())
    for model, name in ((Doubled(), "slope"), (outer, f"{outer.named_modules()[1][0]}.slope")):
        with pytest.warns(UserWarning, match="uses a result") as caught:
            trained(replay, model, epochs=5)
        (warning,) = caught
        assert warning.filename == __file__
        assert str(warning.message).startswith(
            f"{model!r} uses a result that was computed from the parameters before this step: "
        )
        assert f" step: {name} = Value(2.0" in str(warning.message)
        assert str(warning.message).endswith(". It keeps its number while they change; compute it inside __call__")


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("replay", [True, False])
def test_a_result_of_frozen_parameters_may_be_computed_before_training(replay: bool) -> None:
    class Scaled(Doubled):
        def __init__(self) -> None:
            super().__init__()
            self.bias = Value(0.0)

        def __call__(self, row: list[Any]) -> Any:
            return super().__call__(row) + self.bias

    model = Scaled()
    fit(model, X, SIGNS, loss="hinge", epochs=5, compile=replay, optimizer=SGD([model.bias], lr=0.1), frozen=[model.w])


@pytest.mark.parametrize("replay", [True, False])
def test_a_penalty_that_was_computed_before_training_is_reported(replay: bool) -> None:
    model = MLP(2, [1], seed=0)
    penalty = l2_penalty(model, 0.1)
    with pytest.warns(
        UserWarning, match=r"^the penalty uses a result .* change; compute it inside the function penalty$"
    ) as caught:
        trained(replay, model, epochs=5, penalty=lambda: penalty)
    assert len(caught) == 1
