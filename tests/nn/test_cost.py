"""The cost of using a model is proportional to its size. See ``work_counts``."""

from __future__ import annotations

import copy
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from work_counts import assert_proportional

import nn
from nn import MLP, SGD, Adam, Linear, Sequential, fit, predict, summary

MODELS: dict[str, Callable[[int], tuple[Any, int, int]]] = {  # the model, its number of inputs, and of outputs
    "wide": lambda n: (MLP(2, [n, 1], seed=0), 2, 1),
    "many inputs": lambda n: (MLP(n, [2, 1], seed=0), n, 1),
    "many outputs": lambda n: (MLP(2, [2, n], seed=0), 2, n),
    "deep": lambda n: (MLP(2, [2] * n + [1], seed=0), 2, 1),
    "sequential": lambda n: (Sequential(*(Linear(2, 2, seed=0) for _ in range(n))), 2, 2),
}


def save_and_load(model: Any, path: Path) -> None:
    nn.save_checkpoint(path, model=model.state_dict(), optimizer=Adam(model.parameters(), lr=0.1).state_dict())
    model.load_state_dict(nn.load_checkpoint(path)["model"])


def watch(model: Any, row: list[float]) -> None:
    with warnings.catch_warnings(), nn.find_mistakes(model, SGD(model.parameters(), lr=0.1)):
        warnings.simplefilter("ignore")
        nn.mse_loss([model(row)], [[1.0] * len(model(row))]).backward()


def half_frozen(model: Any) -> list[Any]:
    parameters = model.parameters()
    return model.parameters(exclude=parameters[: len(parameters) // 2])


USES: dict[str, Callable[[Any, list[float], list[Any], Path], object]] = {
    "parameters": lambda model, row, targets, folder: half_frozen(model),
    "summary": lambda model, row, targets, folder: str(summary(model)),
    "checkpoint": lambda model, row, targets, folder: save_and_load(model, folder / "checkpoint.npz"),
    "copy": lambda model, row, targets, folder: copy.deepcopy(model).zero_grad(),
    "optimizer": lambda model, row, targets, folder: Adam(model.parameters(), lr=0.1).step(),
    "penalty": lambda model, row, targets, folder: (nn.l2_penalty(model, 0.1), nn.clip_grad_norm(model.parameters(), 1.0)),
    "fit": lambda model, row, targets, folder: fit(model, [row] * 2, targets * 2, loss="mse", epochs=1),
    "predict": lambda model, row, targets, folder: predict(model, [row]),
    "mistakes": lambda model, row, targets, folder: watch(model, row),
}


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("use", USES)
def test_the_work_is_proportional_to_the_number_of_parameters(model: str, use: str, tmp_path: Path) -> None:
    def make(n: int) -> Callable[[], object]:
        made, inputs, outputs = MODELS[model](n)
        targets: list[Any] = [1.0 if outputs == 1 else [1.0] * outputs]
        return lambda: USES[use](made, [0.5] * inputs, targets, tmp_path)

    assert_proportional(make, 8)
