"""The validation loss and the metrics, which ``fit`` computes after each epoch."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from autograd import Value, no_grad
from nn.base.checks import describe
from nn.data.rows import Row
from nn.losses import Loss
from nn.training.metrics import Metric
from nn.training.prediction import outputs_of

Parts = Mapping[str, tuple[list[Row], list[Any]]]
Evaluate = Callable[[], dict[str, Any]]


class Diverged(Exception):  # noqa: N818 - it ends training, and fit converts it to a warning
    """Raised, with the cause, if training cannot continue because a number is nan or infinite."""


def evaluation(
    model: Any, loss: Loss, metrics: Mapping[str, Metric], parts: Parts, times: int, replay: bool | None
) -> Evaluate:
    """Return a function that computes the loss of the validation rows and the metrics of all rows, by name.

    The function raises Diverged if the model returns nan or the validation loss is not finite.

    Args:
        model: The model.
        loss: The loss function.
        metrics: Metrics by name.
        parts: Rows and targets: the training part under ``""``, and the validation part, if any, under ``"val_"``.
        times, replay: See ``outputs_of``.
    """

    def validation_loss(outputs: list[Any], targets: list[Any]) -> float:
        with no_grad():  # the loss may call methods of Values
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
                    raise Diverged(f"the model returned nan for row {i} of the {'validation' if prefix else 'training'} data")
        results = {}
        for prefix, name, measure in columns:
            number = measure(outputs[prefix], parts[prefix][1])
            number = number.tolist() if hasattr(number, "tolist") else number  # convert NumPy types to Python types
            if not isinstance(number, int | float | list):
                raise TypeError(f"the metric {name!r} must return a number or a list of numbers, not {describe(number)}")
            results[prefix + name] = number
        return results

    return evaluate
