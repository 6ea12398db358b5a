"""Why the loss of a training became nan or infinite."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from autograd import no_grad
from nn.batches import BatchLoss
from nn.losses import Loss
from nn.modules import Module
from nn.prediction import mode
from nn.training_state import Training


class Diverged(Exception):  # noqa: N818 - it ends a training, and fit tells it as a warning
    """Raised, with the cause, where a training cannot go on."""


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
        loss_of: of the numbers of the rows in a batch, the loss.
        names: for each row its number in what the user gave.
    """

    def finite_loss(batch: Sequence[int]) -> float:
        value = loss_of(batch)
        if not math.isfinite(value):
            where = f"epoch {training.epoch + 1}, batch {training.batch}"
            check_finite(training, f"in the step before {where}")
            bad = _bad_rows(training.model, loss, rows, targets, batch)
            others = f" and {len(bad) - 1} more of its {len(batch)} rows" if len(bad) > 1 else ""
            row = f", where that of row {names[bad[0]]} of X{others} is so" if bad else ""
            raise Diverged(f"the loss became {value} in {where}{row}")
        return value

    return finite_loss


def _bad_rows(model: Any, loss: Loss, rows: list[Any], targets: list[Any], batch: Sequence[int]) -> list[int]:
    """Those whose loss is nan or infinite by itself; none, if the loss cannot be found for single rows."""
    with no_grad(), mode(model.modules() if isinstance(model, Module) else [], training=False):
        try:
            return [i for i in batch if not math.isfinite(float(loss([model(rows[i])], [targets[i]])))]
        except Exception:  # noqa: BLE001 - a loss of one's own may need more rows
            return []
