"""The cost of training is proportional to its number of rows, batches, epochs and parameter groups. See ``work_counts``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from work_counts import assert_proportional

from autograd import Value
from nn import MLP, SGD, CSVLogger, EarlyStopping, ModelCheckpoint, accuracy, confusion_matrix, cross_entropy, fit


def train(n_rows: int, **options: Any) -> None:
    X, y = [[i / 10, i % 7] for i in range(n_rows)], [i % 3 for i in range(n_rows)]
    fit(MLP(2, [3], seed=0), X, y, loss="cross_entropy", **({"epochs": 1} | options))


TRAININGS: dict[str, Callable[[int, Path], object]] = {
    "rows": lambda n, folder: train(4 * n, validation_split=0.5, metrics=["accuracy"]),
    "batches": lambda n, folder: train(n, batch_size=4, class_weights="balanced"),
    "epochs": lambda n, folder: train(6, epochs=n, validation_split=0.5, callbacks=callbacks(folder, n)),
    "checkpoints": lambda n, folder: train(6, epochs=n, checkpoint=folder / f"{n}.npz"),
}


def callbacks(folder: Path, n: int) -> list[Any]:
    stop = EarlyStopping(monitor="val_loss", patience=1_000_000)
    return [stop, CSVLogger(folder / f"{n}.csv"), ModelCheckpoint(folder / "best.npz", monitor="loss")]


@pytest.mark.parametrize("training", TRAININGS)
def test_the_work_is_proportional_to_the_length_of_the_training(training: str, tmp_path: Path) -> None:
    def make(n: int) -> Callable[[], object]:
        for path in tmp_path.iterdir():
            path.unlink()  # no training resumes
        return lambda: TRAININGS[training](n, tmp_path)

    assert_proportional(make, 4)


USES: dict[str, Callable[[int], Callable[[], object]]] = {
    "accuracy": lambda n: lambda: accuracy([[0.1, 0.7, 0.2]] * n, [i % 3 for i in range(n)]),
    "confusion matrix": lambda n: lambda: confusion_matrix([[0.1, 0.7, 0.2]] * n, [i % 3 for i in range(n)]),
    "rows of a loss": lambda n: lambda: cross_entropy([[Value(0.1), Value(0.2)]] * n, [i % 2 for i in range(n)]),
    "classes of a loss": lambda n: lambda: cross_entropy([[Value(0.1) for _ in range(n)]], [n - 1]),
    "parameter groups": lambda n: lambda: SGD([{"params": [Value(1.0)]} for _ in range(n)], lr=0.1).step(),
}


@pytest.mark.parametrize("use", USES)
def test_the_work_of_metrics_losses_and_optimizers_is_proportional_to_their_size(use: str) -> None:
    assert_proportional(USES[use], 16)
