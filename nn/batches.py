"""How ``fit`` gets the loss of a batch and its gradient: by replaying what was recorded for one row, or node by node.

Replayed, a model runs many times as fast. What it does must then be the same for each row and at each call, but for the
masks of Dropout; this is looked at here, and where it is not so, training goes on node by node, which is right for any
model.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from autograd import RecordingError, Value
from nn.losses import LOSSES, Loss
from nn.masks import Masks
from nn.recording import random_states_kept, record

# Of the rows with the numbers in a batch, the loss; its gradient is added to that of each parameter.
BatchLoss = Callable[[Sequence[int]], float]
Penalty = Callable[[], Value]

FEW = 1_000  # rows, counted each time they are met, that take less time than recording does (and than loading NumPy)


def batch_loss(
    model: Any,
    rows: list[Any],
    targets: list[Any],
    loss: str | Loss,
    function: Loss,
    epochs: int,
    compile: bool | None,  # noqa: A002
    penalty: Penalty | None = None,
) -> BatchLoss:
    """The quickest way for this model and loss; with a warning that says why, if that could only be node by node.

    Finding out calls the model three times. The global generators of random numbers are then put back.

    Args:
        model, rows, targets, epochs, compile: as of ``fit``.
        loss: as ``fit`` was given it, for messages.
        function: the loss. Those in ``LOSSES`` are replayed, also as ``functools.partial(cross_entropy, label_smoothing=0.1)``.
        penalty: what is added to the loss of each batch, as ``lambda: l2_penalty(model, 0.01)``; called for each, not replayed.
    """
    if compile not in (None, True, False):
        raise TypeError(
            f"compile must be True, False, or None for what is quicker, not {type(compile).__name__} ({compile!r:.40})"
        )
    if not (penalty is None or callable(penalty)):
        raise TypeError(
            "penalty must be a function without arguments, called for each batch, as lambda: l2_penalty(model, 0.01), not "
            f"{type(penalty).__name__} ({penalty!r:.40})"
        )
    found = node_by_node(model, rows, targets, loss, function)
    if _options(function) is not None and compile is not False and (compile or len(rows) * epochs >= FEW):
        masks = Masks(model)
        with random_states_kept(), masks.counted():
            outputs = model(rows[0])
        first = function([outputs] * len(targets), targets)  # checks all targets, which nobody can while it is recorded
        _check_computed(first, "loss", loss)
        try:
            found = replayed(model, rows, targets, function, masks)
        except Exception as problem:  # noqa: BLE001 - whatever the model does while it is recorded
            warnings.warn(
                f"fit runs {model!r} node by node, which is right but slow, as it cannot be replayed: {problem} "
                "(compile=False does so without this warning)",
                stacklevel=3,
            )
    return found if penalty is None else _with_penalty(found, penalty)


def node_by_node(model: Any, rows: list[Any], targets: list[Any], loss: str | Loss, function: Loss) -> BatchLoss:
    """By a graph made anew for each batch. If the loss is nan or infinite, no gradient is added."""

    def loss_of(batch: Sequence[int]) -> float:
        value = function([model(rows[i]) for i in batch], [targets[i] for i in batch])
        _check_computed(value, "loss", loss)
        if math.isfinite(value.data):
            value.backward()
        return value.data

    return loss_of


def replayed(model: Any, rows: list[Any], targets: list[Any], function: Loss, masks: Masks) -> BatchLoss:
    """By a program for one row, recorded here.

    Args:
        function: one of ``LOSSES``, maybe with options: so the loss of a batch is the sum of those of its rows, or their mean.
        masks: counted in a call of the model.

    Raises:
        RecordingError: if what the model does depends on its numbers or on chance, or if a call changes the model.
    """
    import numpy as np

    X, y = np.array(rows, dtype=float), np.array(targets, dtype=float)
    options = _options(function) or {}
    reduction = options.get("reduction", "mean")
    weights = options.get("class_weights") if reduction == "mean" else None
    if weights is not None:  # a weighted mean: the sum of the rows' losses, divided by the weights of their targets
        function, reduction = partial(function, reduction="sum"), "sum"
        weights = np.array(weights, dtype=float)[y.astype(int)]

    more = bool(masks.size) or weights is not None  # arguments that are only given if needed, as each takes some time

    def of_row(row: Any, target: Any, mask: Sequence[Any] = (), divisor: float | Value = 1.0) -> Value:
        with masks.given(mask):
            outputs = model(row.tolist())
        value = function([outputs], [target.tolist() if isinstance(target, np.ndarray) else target])
        return value if weights is None else value / divisor

    def arguments(batch: Sequence[int]) -> list[Any]:
        chosen = slice(None) if len(batch) == len(X) else np.array(batch)  # all are in their order
        given: list[Any] = [X[chosen], y[chosen]]
        if more:
            given += [np.array([masks.draw() for _ in batch]), 1.0 if weights is None else weights[chosen].sum()]
        return given

    example = [X, y, np.ones((len(X), masks.size)), 1.0] if more else [X, y]
    recorded = record(model, of_row, *example)
    if not recorded.program(*example).n_parameters:
        raise RecordingError("its outputs do not depend on any Value")
    return lambda batch: float(recorded.backward(*arguments(batch), reduce=reduction))


def _options(function: Loss) -> dict[str, Any] | None:
    """Those of a loss in ``LOSSES``; None for any other function, which may do with a batch whatever it likes."""
    if isinstance(function, partial) and not function.args and function.func in LOSSES.values():
        return function.keywords
    return {} if function in LOSSES.values() else None


def _with_penalty(loss_of: BatchLoss, penalty: Penalty) -> BatchLoss:
    def both(batch: Sequence[int]) -> float:
        value = penalty()
        _check_computed(value, "penalty", penalty)
        value.backward()
        return loss_of(batch) + value.data

    return both


def _check_computed(value: Any, what: str, source: Any) -> None:
    """Raise an error unless ``value`` is a Value that was recorded."""
    if not isinstance(value, Value):
        raise TypeError(f"the {what} must return one Value, but {source!r} returned {type(value).__name__} ({value!r:.40})")
    if not value.op:
        raise ValueError(
            f"{source!r} returned {value!r}, which was not computed from the model; is fit called within no_grad()?"
        )
