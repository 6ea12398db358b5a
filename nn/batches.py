"""How ``fit`` gets the loss of a batch and its gradient: by replaying what was recorded for one row, or node by node.

Replayed, a model runs many times as fast. What it does must then be the same for each row and at each call, but for the
masks of Dropout; this is looked at in ``recording.py``, and where it is not so, training goes on node by node, which is
right for any model.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from autograd import RecordingError, Value
from nn.choices import shown
from nn.losses import LOSSES, Loss
from nn.recording import Masks, record

# Of the rows with the numbers in a batch, the loss; its gradient is added to that of each parameter.
BatchLoss = Callable[[Sequence[int]], float]
Penalty = Callable[[], Value]

FEW = 1_000  # rows, counted each time they are met, that take less time than recording does (and than loading NumPy)


def batch_loss(
    model: Any, rows: list[Any], targets: list[Any], loss: Loss, times: int, replay: bool | None, penalty: Penalty | None = None
) -> BatchLoss:
    """The quickest way for this model and loss; with a warning that says why, if that could only be node by node.

    Finding out calls the model three times. The global generators of random numbers are then put back.

    Args:
        model, rows, targets, penalty: as of ``fit``. The penalty is called for each batch, not replayed.
        loss: a function. Those in ``LOSSES`` are replayed, also as ``functools.partial(cross_entropy, label_smoothing=0.1)``.
        times: how often the rows will be gone through.
        replay: ``compile`` as of ``fit``.
    """
    if replay not in (None, True, False):
        raise TypeError(f"compile must be True, False, or None for what is quicker, not {shown(replay)}")
    if not (penalty is None or callable(penalty)):
        way = "as lambda: l2_penalty(model, 0.01)"
        raise TypeError(f"penalty must be a function without arguments, {way}, not {shown(penalty)}")

    def node_by_node(batch: Sequence[int]) -> float:
        value = _computed(loss([model(rows[i]) for i in batch], [targets[i] for i in batch]), "loss", loss)
        if math.isfinite(value.data):
            value.backward()
        return value.data

    loss_of: BatchLoss = node_by_node
    if _options(loss) is not None and replay is not False and (replay or len(rows) * times >= FEW):
        masks = Masks(model, rows[0])
        # This checks all targets, which nobody can while a loss is recorded.
        _computed(loss([masks.outputs] * len(targets), targets), "loss", loss)
        try:
            loss_of = _replayed(model, rows, targets, loss, masks)
        except Exception as problem:  # noqa: BLE001 - whatever the model does while it is recorded
            warnings.warn(
                f"fit runs {model!r} node by node, which is right but slow, as it cannot be replayed: {problem} "
                "(compile=False does so without this warning)",
                stacklevel=3,
            )
    if penalty is None:
        return loss_of

    def with_penalty(batch: Sequence[int]) -> float:
        value = _computed(penalty(), "penalty", penalty)
        value.backward()
        return loss_of(batch) + value.data

    return with_penalty


def _replayed(model: Any, rows: list[Any], targets: list[Any], loss: Loss, masks: Masks) -> BatchLoss:
    """By a program for one row. A loss of ``LOSSES`` for a batch is the sum of those of its rows, or their mean.

    Raises:
        RecordingError: if what the model does depends on its numbers or on chance, or if a call changes the model.
    """
    import numpy as np

    X, y = np.array(rows, dtype=float), np.array(targets, dtype=float)
    options = _options(loss) or {}
    reduction = options.get("reduction", "mean")
    weights = options.get("class_weights") if reduction == "mean" else None
    if weights is not None:  # a weighted mean: the sum of the rows' losses, divided by the weights of their targets
        loss, reduction = partial(loss, reduction="sum"), "sum"
        weights = np.array(weights, dtype=float)[y.astype(int)]

    def of_row(row: Any, target: Any, mask: Sequence[Any] = (), divisor: float | Value = 1.0) -> Value:
        with masks.given(mask):
            outputs = model(row.tolist())
        value = loss([outputs], [target.tolist() if isinstance(target, np.ndarray) else target])
        return value if weights is None else value / divisor

    more = masks.size > 0 or weights is not None  # arguments that are only given if needed, as each takes some time

    def arguments(batch: Any) -> list[Any]:
        if not more:
            return [X[batch], y[batch]]
        drawn = np.array([masks.draw() for _ in X[batch]])
        return [X[batch], y[batch], drawn, 1.0 if weights is None else weights[batch].sum()]

    example = [X, y, np.ones((len(X), masks.size)), 1.0] if more else [X, y]
    recorded = record(model, of_row, *example)
    if not recorded.program(*example).n_parameters:
        raise RecordingError("its outputs do not depend on any Value")

    def loss_of(batch: Sequence[int]) -> float:
        chosen = slice(None) if len(batch) == len(X) else np.array(batch)  # all are in their order
        return float(recorded.backward(*arguments(chosen), reduce=reduction))

    return loss_of


def _options(loss: Loss) -> dict[str, Any] | None:
    """Those of a loss in ``LOSSES``; None for any other function, which may do with a batch whatever it likes."""
    if isinstance(loss, partial) and not loss.args and loss.func in LOSSES.values():
        return loss.keywords
    return {} if loss in LOSSES.values() else None


def _computed(value: Any, what: str, source: Any) -> Value:
    """``value``, if it is a Value that was recorded."""
    if not isinstance(value, Value):
        raise TypeError(f"the {what} must return one Value, but {source!r} returned {shown(value)}")
    if not value.op:
        raise ValueError(
            f"{source!r} returned {value!r}, which was not computed from the model; is fit called within no_grad()?"
        )
    return value
