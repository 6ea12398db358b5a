"""What ``fit`` looks at beside the gradient: metrics, the validation loss, and whether all of it is finite."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from autograd import Value, no_grad
from nn.batches import BatchLoss
from nn.choices import shown
from nn.data import Row
from nn.losses import Loss
from nn.modules import Module
from nn.prediction import mode, modules_of, outputs_of
from nn.training_state import Training

Parts = Mapping[str, tuple[list[Row], list[Any]]]
Evaluate = Callable[[], dict[str, Any]]


class Diverged(Exception):  # noqa: N818 - it ends a training, and fit tells it as a warning
    """Raised, with the cause, where a training cannot go on."""


def evaluation(
    model: Any, loss: Loss, metrics: Mapping[str, Callable[..., Any]], parts: Parts, times: int, replay: bool | None
) -> Evaluate:
    """A function that finds, after an epoch, the loss of the validation rows and the metrics of all rows, by name.

    It raises Diverged if the model gives nan, or the validation loss is not finite.

    Args:
        parts: rows and targets, those trained on under ``""`` and those for validation under ``"val_"``.
    """
    programs = {
        prefix: (outputs_of(model, rows, times, replay), targets)
        for prefix, (rows, targets) in parts.items()
        if prefix or metrics
    }

    def evaluate() -> dict[str, Any]:
        losses, others = {}, {}
        for prefix, (outputs_now, targets) in programs.items():
            outputs = outputs_now()
            for i, row in enumerate(outputs):
                if any(map(math.isnan, row if isinstance(row, list) else [row])):
                    which = "of the validation data" if prefix else "of the rows that are trained on"
                    raise Diverged(f"the model gives nan for row {i} {which}")
            if prefix:
                with no_grad():  # a loss may call methods of Values
                    values = [[Value(x) for x in row] if isinstance(row, list) else Value(row) for row in outputs]
                    losses["val_loss"] = float(loss(values, targets))
                if not math.isfinite(losses["val_loss"]):
                    raise Diverged(f"the loss of the validation data became {losses['val_loss']}")
            for name, metric in metrics.items():
                number = metric(outputs, targets)
                number = number.tolist() if hasattr(number, "tolist") else number  # without types of NumPy
                if not isinstance(number, int | float | list):
                    raise TypeError(f"the metric {name!r} must give a number, or a list of such, not {shown(number)}")
                others[prefix + name] = number
        return losses | others

    return evaluate


def check_finite(training: Training, when: str) -> None:
    """Raise Diverged if a parameter is nan or infinite."""
    import numpy as np

    bad = np.flatnonzero(~np.isfinite(training.numbers()))
    if len(bad):
        parameter = training.parameters[bad[0]]
        named = training.model.named_parameters() if isinstance(training.model, Module) else []
        name = next((name for name, other in named if other is parameter), bad[0])
        raise Diverged(f"the parameter {name} became {parameter.data} {when}")


def checked(
    loss_of: BatchLoss, training: Training, loss: Loss, rows: list[Any], targets: list[Any], names: Sequence[int]
) -> BatchLoss:
    """``loss_of``, but it raises Diverged if the loss of a batch is nan or infinite.

    Args:
        names: for each row its number in what the user gave.
    """

    def is_bad(i: int) -> bool:
        try:
            return not math.isfinite(float(loss([training.model(rows[i])], [targets[i]])))
        except Exception:  # noqa: BLE001 - a loss of one's own may need more rows
            return False

    def finite_loss(batch: Sequence[int]) -> float:
        value = loss_of(batch)
        if not math.isfinite(value):
            where = f"epoch {training.epoch + 1}, batch {training.batch}"
            check_finite(training, f"in the step before {where}")
            with no_grad(), mode(modules_of(training.model), training=False):
                bad = [names[i] for i in batch if is_bad(i)]
            others = f" and {len(bad) - 1} more of its {len(batch)} rows" if len(bad) > 1 else ""
            raise Diverged(
                f"the loss became {value} in {where}" + (f", where that of row {bad[0]} of X{others} is so" if bad else "")
            )
        return value

    return finite_loss
