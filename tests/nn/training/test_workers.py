"""Training on workers has bit for bit the results of training in this process."""

from __future__ import annotations

import functools
import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from executors import executor

import autograd
import nn
from nn import MLP, Dropout, Linear, Sequential, fit
from nn.training import batches, masks, prediction
from nn.training.masks import Masks

RNG = np.random.default_rng(0)
X = RNG.normal(size=(600, 3))
CLASSES = (X[:, 0] * X[:, 1] > 0).astype(int)
VALIDATION = RNG.normal(size=(300, 3)), RNG.integers(2, size=300)


@pytest.fixture
def always(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let workers compute batches of any size."""
    for module in (batches, prediction):
        monkeypatch.setattr(module, "MIN_WORK", 0)


def trained(model: Any, **options: Any) -> tuple[list[float], list[dict[str, Any]]]:
    """Return the parameters and the columns of the history, except the time."""
    options = {"loss": "cross_entropy", "lr": 0.1, "epochs": 3, "seed": 0, "compile": True, **options}
    history = fit(model, X, CLASSES, **options)
    columns = [{name: x for name, x in history.row(i).items() if name != "seconds"} for i in range(len(history))]
    return autograd.read_data(model.parameters()).tolist(), columns


def plain() -> Any:
    return MLP(3, [4, 2], "tanh", seed=0)


def dropping(seed: Any = 1) -> Any:
    return MLP(3, [8, 8, 2], "tanh", dropout=0.3, seed=random.Random(seed))


class OneOfThree(Dropout):
    """Draws its masks in its own way."""

    def draw(self, n: int) -> list[float]:
        kept = int(n * self._rng.random())
        return [float(n) if i == kept else 0.0 for i in range(n)]


def own_masks() -> Any:
    return Sequential(Linear(3, 3, seed=0), OneOfThree(seed=1), Linear(3, 2, seed=2))


@pytest.mark.usefixtures("always")
@pytest.mark.parametrize(("make", "options"), [
    (plain, {}),
    (plain, {"batch_size": 256, "validation_data": VALIDATION, "metrics": ["accuracy"]}),
    (plain, {"batch_size": 599, "validation_split": 0.2, "class_weights": "balanced", "clip_norm": 0.1}),
    (plain, {"sample_weights": np.linspace(0, 1, 600), "optimizer": "adam", "lr": None, "clip_value": 0.01}),
    (plain, {"optimizer": "lbfgs", "lr": None, "epochs": 1}),
    (dropping, {}),
    (dropping, {"batch_size": 300, "class_weights": [1.0, 2.0], "validation_data": VALIDATION}),
    (lambda: MLP(3, [8, 2], dropout=0.5, seed=np.random.default_rng(1)), {}),
    (own_masks, {"batch_size": 300}),
    (plain, {"loss": functools.partial(nn.cross_entropy, label_smoothing=0.1, reduction="sum"), "lr": 1e-4}),
])  # fmt: skip
def test_training_on_workers_equals_training_here(make: Callable[[], Any], options: dict[str, Any]) -> None:
    with ThreadPoolExecutor(3) as pool:
        assert trained(make(), executor=pool, **options) == trained(make(), **options)


@pytest.mark.usefixtures("always")
def test_penalties_are_computed_here() -> None:
    def with_penalty(**options: Any) -> Any:
        model = dropping()
        return trained(model, penalty=lambda: nn.l2_penalty(model, 0.01), **options)

    assert with_penalty(executor=ThreadPoolExecutor) == with_penalty()


@pytest.mark.usefixtures("always")
def test_training_on_processes() -> None:
    with executor("forkserver", 2) as given:
        found = trained(dropping(), executor=given, deadline=120, validation_data=VALIDATION)
    assert found == trained(dropping(), validation_data=VALIDATION)


class Counting(ThreadPoolExecutor):
    """Counts the tasks, and raises an exception at one of them."""

    made: list[Counting]

    def __init__(self, raises_at: int = -1) -> None:
        super().__init__(2)
        self.count, self.raises_at, self.is_shut_down = 0, raises_at, False

    def submit(self, *arguments: Any, **keywords: Any) -> Any:
        self.count += 1
        if self.count == self.raises_at:
            raise KeyboardInterrupt
        return super().submit(*arguments, **keywords)

    def shutdown(self, *arguments: Any, **options: Any) -> None:
        self.is_shut_down = True
        super().shutdown(*arguments, **options)


def test_small_batches_are_computed_here() -> None:
    with Counting() as pool:
        trained(plain(), executor=pool, batch_size=32, validation_data=VALIDATION)
        assert pool.count == 0


@pytest.mark.usefixtures("always")
def test_one_executor_is_created_and_closed_also_after_ctrl_c() -> None:
    for raises_at in (-1, 20):
        made: list[Counting] = []

        def create(at: int = raises_at, made: list[Counting] = made) -> Counting:
            made.append(Counting(at))
            return made[-1]

        history = fit(plain(), X, CLASSES, loss="cross_entropy", lr=0.1, epochs=5, executor=create, validation_data=VALIDATION)
        assert history.stopped == ("interrupted" if raises_at > 0 else "epochs")
        assert len(made) == 1
        assert made[0].count >= 10
        assert made[0].is_shut_down


def test_a_loss_that_workers_cannot_compute_is_a_warning() -> None:
    def custom(outputs: Any, targets: Any) -> Any:
        return nn.cross_entropy(outputs, targets)

    with pytest.warns(UserWarning, match=r"executor is not used, because only losses of nn are .*; use a name in nn.LOSSES"):
        trained(plain(), loss=custom, executor=ThreadPoolExecutor, epochs=1, compile=None)


@pytest.mark.parametrize(("options", "error", "message"), [
    ({"executor": 3}, TypeError, "executor must be a concurrent.futures.Executor, or a function that creates one, not "),
    ({"executor": ThreadPoolExecutor, "compile": False}, ValueError, "executor must be None with compile=False"),
    ({"executor": ThreadPoolExecutor, "deadline": 0}, ValueError, "deadline must be"),
    ({"deadline": 5.0}, ValueError, "deadline must be None without an executor, not 5.0; pass executor=, or omit it"),
])  # fmt: skip
def test_wrong_options_are_refused(options: dict[str, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        trained(plain(), **options)


# ---- masks ----


class Scaled(random.Random):
    """A generator that is not the Mersenne Twister of Python."""

    def random(self) -> float:
        return super().random() ** 2


@pytest.mark.parametrize("rows", [0, 1, 7, 300])
@pytest.mark.parametrize(
    "make", [lambda: random.Random(1), lambda: np.random.default_rng(1), lambda: Scaled(1)], ids=["Python", "NumPy", "custom"]
)
@pytest.mark.parametrize("shared", [True, False])
def test_masks_drawn_in_bulk_are_those_of_row_by_row_calls(rows: int, make: Callable[[], Any], shared: bool) -> None:
    """Also the state of the generators afterwards, of layers that share one and of a layer that is called twice."""

    def layers() -> list[tuple[Dropout, int]]:
        rng = make()
        one, two = Dropout(0.3, rng), Dropout(0.8, rng if shared else make())
        return [(one, 5), (two, 3), (one, 2)]

    bulk, single = layers(), layers()
    bulk[0][0]._rng.random(), single[0][0]._rng.random()  # from the middle of the state
    drawn = Masks(bulk)
    found = drawn.factors(rows)
    assert found.shape == (rows, 10)
    assert found.tolist() == [[x for dropout, n in single for x in dropout.draw(n)] for _ in range(rows)]
    bits = drawn.bits(rows)
    assert (bits * np.array(drawn.kept)).tolist() == [
        [x for dropout, n in single for x in dropout.draw(n)] for _ in range(rows)
    ]
    assert [layer.draw(4) for layer, _ in bulk] == [layer.draw(4) for layer, _ in single]


def test_few_and_many_numbers_come_from_the_same_stream(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = random.Random(5)
    rng.gauss(0, 1)  # keeps a second number
    found = [*masks._uniform(rng, 999), *masks._uniform(rng, 1001), rng.gauss(0, 1)]
    rng = random.Random(5)
    rng.gauss(0, 1)
    assert found == [*[rng.random() for _ in range(2000)], rng.gauss(0, 1)]
