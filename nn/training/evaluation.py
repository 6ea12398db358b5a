"""What ``fit`` finds after an epoch: the validation loss and the metrics."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from autograd import Value, no_grad
from nn.base.checks import shown
from nn.data.rows import Row
from nn.losses import Loss
from nn.training.metrics import Metric
from nn.training.prediction import outputs_of

Parts = Mapping[str, tuple[list[Row], list[Any]]]
Evaluate = Callable[[], dict[str, Any]]


class Diverged(Exception):  # noqa: N818 - it ends a training, and fit tells it as a warning
    """Raised, with the cause, where a training cannot go on."""


def evaluation(
    model: Any, loss: Loss, metrics: Mapping[str, Metric], parts: Parts, times: int, replay: bool | None
) -> Evaluate:
    """A function that finds, after an epoch, the loss of the validation rows and the metrics of all rows, by name.

    It raises Diverged if the model gives nan, or the validation loss is not finite.

    Args:
        parts: rows and targets, those trained on under ``""`` and those for validation under ``"val_"``.
        times, replay: as of ``outputs_of``.
    """

    def validation_loss(outputs: list[Any], targets: list[Any]) -> float:
        with no_grad():  # a loss may call methods of Values
            value = float(loss([[*map(Value, row)] if isinstance(row, list) else Value(row) for row in outputs], targets))
        if not math.isfinite(value):
            raise Diverged(f"the loss of the validation data became {value}")
        return value

    programs = {prefix: outputs_of(model, rows, times, replay) for prefix, (rows, _) in parts.items() if prefix or metrics}
    columns: list[tuple[str, str, Metric]] = [("val_", "loss", validation_loss)] if "val_" in parts else []
    columns += [(prefix, name, metric) for name, metric in metrics.items() for prefix in parts]

    def evaluate() -> dict[str, Any]:
        outputs = {prefix: run() for prefix, run in programs.items()}
        for prefix, rows in outputs.items():
            for i, row in enumerate(rows):
                if any(map(math.isnan, row if isinstance(row, list) else [row])):
                    which = "of the validation data" if prefix else "of the rows that are trained on"
                    raise Diverged(f"the model gives nan for row {i} {which}")
        found = {}
        for prefix, name, measure in columns:
            number = measure(outputs[prefix], parts[prefix][1])
            number = number.tolist() if hasattr(number, "tolist") else number  # without types of NumPy
            if not isinstance(number, int | float | list):
                raise TypeError(f"the metric {name!r} must give a number, or a list of such, not {shown(number)}")
            found[prefix + name] = number
        return found

    return evaluate
