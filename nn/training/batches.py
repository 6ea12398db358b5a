"""How ``fit`` gets the loss of a batch and its gradient: by replaying what was recorded for one row, or node by node.

Replayed, a model runs many times as fast. What it does must then be the same for each row and at each call, which
``autograd.compile`` finds out, but for the masks of Dropout, which are drawn here and given to the replay with each row. Where
it is not the same, training goes on node by node, which is right for any model.
"""

from __future__ import annotations

import math
import random
import sys
import warnings
from collections.abc import Callable, Sequence
from functools import partial
from itertools import islice
from typing import Any

from autograd import Value
from nn.base.checks import get_state, set_state, shown
from nn.layers import Dropout, drawing
from nn.losses import LOSSES, Loss
from nn.training.prediction import generators_of, modules_of, recorded, replay_pays

# Of the rows with the numbers in a batch, the loss; its gradient is added to that of each parameter.
BatchLoss = Callable[[Sequence[int]], float]
Penalty = Callable[[], Value]
Draws = list[tuple[Dropout, int]]  # which Dropouts are called, one after the other, and for how many numbers


def batch_loss(
    model: Any, rows: list[Any], targets: list[Any], loss: Loss, times: int, replay: bool | None, penalty: Penalty | None = None
) -> BatchLoss:
    """The quickest way for this model and loss; with a warning that says why, if that could only be node by node.

    Finding out calls the model a few times. The global generators of random numbers are then put back.

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
    if _options(loss) is not None and replay_pays(replay, len(rows) * times):
        outputs, draws = _outputs_and_draws(model, rows[0])
        # This checks all targets, which nobody can while a loss is recorded.
        _computed(loss([outputs] * len(targets), targets), "loss", loss)
        try:
            loss_of = _replayed(model, rows, targets, loss, draws)
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


def _outputs_and_draws(model: Any, row: Any) -> tuple[Any, Draws]:
    """What the model gives for a row without dropping or drawing anything; the draws are those of any row."""
    draws: Draws = []

    def drop_nothing(dropout: Dropout, n: int) -> list[float]:
        draws.append((dropout, n))
        return [1.0] * n

    state, numpys = random.getstate(), sys.modules.get("numpy.random")
    numpy_state = numpys and numpys.get_state()
    own = [(generator, get_state(generator)) for generator in generators_of(model).values()]
    try:
        with drawing(modules_of(model), drop_nothing):
            return model(row), draws
    finally:
        random.setstate(state)
        if numpys:
            numpys.set_state(numpy_state)
        for generator, before in own:
            set_state(generator, before)


def _replayed(model: Any, rows: list[Any], targets: list[Any], loss: Loss, draws: Draws) -> BatchLoss:
    """By a program for one row. A loss of ``LOSSES`` for a batch is the sum of those of its rows, or their mean.

    Raises:
        RecordingError: if a replay would not do what a call of the model does.
    """
    import numpy as np

    X, y = np.array(rows, dtype=float), np.array(targets, dtype=float)
    options = _options(loss) or {}
    reduction = options.get("reduction", "mean")
    weights = options.get("class_weights") if reduction == "mean" else None
    if weights is not None:  # a weighted mean: the sum of the rows' losses, divided by the weights of their targets
        loss, reduction = partial(loss, reduction="sum"), "sum"
        weights = np.array(weights, dtype=float)[y.astype(int)]

    def of_row(row: Any, target: Any, masks: Sequence[Any] = (), divisor: float | Value = 1.0) -> Value:
        rest = iter(masks)
        with drawing(modules_of(model), lambda _, n: list(islice(rest, n))):
            outputs = model(row.tolist())
        value = loss([outputs], [target.tolist() if isinstance(target, np.ndarray) else target])
        return value if weights is None else value / divisor

    def arguments(batch: Any, draw: Callable[[Dropout, int], list[float]]) -> list[Any]:
        if not draws and weights is None:
            return [X[batch], y[batch]]  # no others, as each takes some time
        masks = np.array([[factor for dropout, n in draws for factor in draw(dropout, n)] for _ in X[batch]])
        return [X[batch], y[batch], masks, 1.0 if weights is None else weights[batch].sum()]

    replay = recorded(of_row, *arguments(slice(1), lambda _, n: [1.0] * n))

    def loss_of(batch: Sequence[int]) -> float:
        chosen = slice(None) if len(batch) == len(X) else np.array(batch)  # all are in their order
        return float(replay.backward(*arguments(chosen, lambda dropout, n: dropout.draw(n)), reduce=reduction))

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
