"""``fit``: the training loop."""

from __future__ import annotations

import math
import os
import sys
import warnings
import zlib
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from nn.base.checks import Seed, choose, generator, name_of, positive_int
from nn.data.rows import check_data, cut
from nn.losses import LOSSES, Loss
from nn.modules import Module
from nn.optim.schedules import Schedule
from nn.training import options
from nn.training.batches import BatchLoss, Penalty, batch_loss
from nn.training.callbacks import Callback, ModelCheckpoint, check_monitors
from nn.training.evaluation import Diverged, Evaluate, evaluation
from nn.training.history import History
from nn.training.metrics import Metric
from nn.training.prediction import mode, modules_of
from nn.training.progress import Show, progress_bar
from nn.training.regularization import clip_grad_norm, clip_grad_value
from nn.training.training import Training


def fit(
    model: Any, X: Any, y: Any, *, loss: str | Loss, optimizer: Any = None, lr: float | None = None, schedule: Any = None,
    epochs: int = 100, batch_size: int | None = None, seed: Seed = None,
    validation_data: tuple[Any, Any] | None = None, validation_split: float | None = None,
    metrics: Sequence[str | Metric] = (), callbacks: Sequence[Callback] = (),
    penalty: Penalty | None = None, clip_norm: float | None = None, clip_value: float | None = None,
    patience: int | None = None, tolerance: float | None = None, loss_tolerance: float | None = None,
    max_seconds: float | None = None, checkpoint: str | os.PathLike[str] | None = None,
    progress: bool | None = None, compile: bool | None = None,  # noqa: A002 - as in autograd.compile
) -> History:  # fmt: skip
    """Train ``model`` to give ``y`` for the rows of ``X``. Ctrl-C ends it early and keeps what was learnt.

    Args:
        model: a Module that can be called with one row.
        X: N rows of numbers: nested lists, a NumPy array or a DataFrame of pandas.
        y: N targets, as the loss needs them.
        loss: a name in ``nn.LOSSES``, one with options as ``functools.partial(cross_entropy, label_smoothing=0.1)``, or a
            function of your own of the model's outputs (N lists) and the targets.
        optimizer: such as ``SGD(model.parameters(), lr=0.1)``, or a name in ``nn.OPTIMIZERS`` (``"sgd"`` if None), made here.
        lr: the learning rate for an optimizer made here; that optimizer's own default if None.
        schedule: changes the rate after each epoch: a schedule made for that optimizer, or a function that makes one:
            ``lambda optimizer: StepLR(optimizer, 10)``; or a list of these, as a warm-up and a decay, each of which changes the
            rate in its turn. Its ``step`` is given the validation loss, or the loss if there are no validation rows.
        epochs: how many times, at most, to go through the rows.
        batch_size: how many rows to make each step from, in an order shuffled anew each epoch; None for all rows.
        seed: of the split and the shuffling: an int gives the same order each time; None, different ones.
        validation_data: ``(X, y)``, rows that are not trained on, whose loss and metrics are found after each epoch.
        validation_split: or the share of the rows to set aside for that, between 0 and 1, drawn at random.
        metrics: to be found after each epoch: names in ``nn.METRICS`` or ``nn.LOSSES``, or functions of the outputs (N lists
            of floats) and the targets.
        callbacks: functions that are called after each epoch with the ``Training``: see ``nn.callbacks``.
        penalty: what is added to the loss of each batch, as ``lambda: l2_penalty(model, 0.01)``.
        clip_norm: shorten a gradient to this norm (its Euclidean length) if it is longer, before the step.
        clip_value: bring each number of a gradient to within plus and minus this.
        patience: stop when for so many epochs the validation loss (without validation rows, the loss) was not less than the
            least before. The weights of the best epoch are put back at the end. ``EarlyStopping`` in ``callbacks`` has more
            options.
        tolerance: stop after an epoch in which the gradient of every batch had a norm (its Euclidean length) below this: "until
            convergence".
        loss_tolerance: stop after an epoch whose loss differs by less than this from that of the epoch before.
        max_seconds: stop after the epoch in which the training has taken so long.
        checkpoint: a file to which the whole training is written after each epoch. If it is there already, training goes on
            from it, and ends with the same bits as one that was never stopped: a run that was killed is simply run again, with
            the same arguments. With more ``epochs``, or another of the limits that ended it, one that had come to its end
            goes on.
        progress: show a live bar: True, False, or None for "if there is a terminal or a notebook to show it".
        compile: whether to record the model once, with ``autograd.compile``, and replay it, which is much quicker: True,
            False, or None for "if there is enough to do that this saves time". With the losses of ``nn`` only, as these
            are means or sums over rows: a function of yours may be anything, so with one training runs node by node.

    Replayed or not, the loss of each row is the same to the bit; the sums over rows are taken in another order, so that
    losses and weights differ in the last digits. The masks of Dropout are the same. Where a model cannot be replayed,
    because it branches on its numbers, draws other random ones or changes what it uses in its next call, it is run node by
    node, and a warning says why. To find that out, it is called a few times before training. What a call only writes
    (``self.hidden = ...``, ``self.calls += 1``) a replay does not write; what is changed inside of lists or arrays of the model
    during training, other than ``data``, it does not see.

    While a batch is trained on, the model is in training mode; for validation and metrics, in evaluation mode; and afterwards
    as it was before.

    Returns:
        the History. If the loss became nan or infinite, training stops there with a RuntimeWarning, and the parameters are
        set back to what they were when it last was a number.

    Raises:
        ValueError, TypeError: for data, a model or options that cannot be; the message names the row or the option.

    Warns:
        UserWarning: if the model cannot be replayed; and RuntimeWarning, see above.

    >>> from nn import Neuron
    >>> line = Neuron(1, seed=0)
    >>> history = fit(line, [[0.0], [1.0], [2.0]], [1.0, 3.0, 5.0], loss="mse", lr=0.1, epochs=1000, tolerance=1e-6)
    >>> history.stopped, round(line.weights[0].data, 4), round(line.bias.data, 4)
    ('tolerance', 2.0, 1.0)
    """
    all_rows, all_targets = check_data(X, y)
    loss_function = choose(loss, LOSSES, "loss", "a function of outputs and targets")
    parameters = options.parameters_of(model)
    optimizer = options.choose_optimizer(optimizer, parameters, lr, model)
    schedules = options.choose_schedules(schedule, optimizer)
    rng = generator(seed)
    row_numbers, parts = options.split_rows(all_rows, all_targets, validation_data, validation_split, rng)
    chosen = options.choose_metrics(metrics)
    called = options.choose_callbacks(callbacks, patience)
    numbers = options.check_numbers(
        lr=lr, clip_norm=clip_norm, clip_value=clip_value, tolerance=tolerance, loss_tolerance=loss_tolerance,
        max_seconds=max_seconds, batch_size=batch_size,
    )  # fmt: skip
    settings = {
        "loss": name_of(loss_function, LOSSES), "penalty": penalty and name_of(penalty, {}), "metrics": list(chosen),
        "optimizer": type(optimizer).__name__, "callbacks": [type(callback).__name__ for callback in called],
        "schedule": [repr(each) if isinstance(each, Schedule) else type(each).__name__ for each in schedules], **numbers,
        "options of the optimizer": options.fixed_options(optimizer, schedules),
    }  # fmt: skip
    training = Training(
        model, parameters, optimizer, schedules, rng, called, penalty, positive_int(epochs, "epochs"), row_numbers, settings
    )
    if checkpoint is not None:
        options.check_savable(checkpoint, model, optimizer, *schedules)
        settings["checksum of the rows"] = zlib.crc32(repr(parts).encode())
        called.append(ModelCheckpoint(checkpoint, save_best_only=False))

    with mode(modules_of(model), training=True):
        try:
            loss_of = batch_loss(model, *parts[""], loss_function, epochs, compile, penalty)
            evaluate = evaluation(model, loss_function, chosen, parts, epochs, compile)
            with suppress(Diverged):
                check_monitors(called, evaluate())  # that, or targets that do not fit, is told before anything is trained
            if checkpoint is not None and Path(checkpoint).exists():
                training.load(checkpoint)  # last, as finding out what can be replayed may draw random numbers
            with progress_bar(training, progress) as show:
                _train(training, loss_of, evaluate, show)
        except KeyboardInterrupt:
            training.stopped = "interrupted"
        except Diverged as problem:
            training.stopped = "diverged"
            training.put_back(training.good)
            way = "the parameters are set back to those before the last step; try a smaller lr, or standardize X"
            warnings.warn(f"training stopped: {problem}; {way}", RuntimeWarning, stacklevel=2)
        training.finish()
    return training.history


def _train(training: Training, loss_of: BatchLoss, evaluate: Evaluate, show: Show) -> None:
    """The training loop: in each epoch, for each batch of rows, the loss, its gradient, and a step of the optimizer."""
    optimizer, history = training.optimizer, training.history
    while training.epoch < training.epochs and training.stopped is None:
        order = list(range(len(training.rows)))
        size = training.settings.get("batch_size", len(order))
        if size < len(order):  # else one batch takes all
            training.generator.shuffle(order)
        batches = cut(order, size)
        losses, steepest = [], 0.0
        for training.batch, batch in enumerate(batches, 1):
            optimizer.zero_grad()
            losses.append(_finite_loss(training, loss_of, batch) * len(batch))  # its gradient is now that of the parameters
            training.good = training.numbers()
            steepest = max(steepest, _clip(training))
            optimizer.step()
            show(training.epoch + training.batch / len(batches))
        _check_finite(training, f"in the last step of epoch {training.epoch + 1}")

        rate = {"lr": optimizer.lr} if hasattr(optimizer, "lr") else {}
        history.append({"loss": sum(losses) / len(order), **evaluate(), **rate, "seconds": training.seconds()})
        for schedule in training.schedules:
            schedule.step(history[history.monitor][-1])
        _stop_if_reached(training, steepest)
        for callback in training.callbacks:
            callback(training)
        show(training.epoch)


def _clip(training: Training) -> float:
    """Clip the gradient, if that was asked for; the norm that it had, if anybody wants to know."""
    settings, norm = training.settings, 0.0
    if "clip_norm" in settings or "tolerance" in settings:
        norm = clip_grad_norm(training.parameters, settings.get("clip_norm", sys.float_info.max))
    if "clip_value" in settings:
        clip_grad_value(training.parameters, settings["clip_value"])
    return norm


def _stop_if_reached(training: Training, steepest: float) -> None:
    """Stop the training if a limit is reached; ``steepest`` is the greatest norm of a gradient in this epoch."""
    losses, settings = training.history.losses, training.settings
    if steepest < settings.get("tolerance", 0.0):
        training.stop("tolerance")
    if len(losses) > 1 and abs(losses[-1] - losses[-2]) < settings.get("loss_tolerance", 0.0):
        training.stop("loss_tolerance")
    if training.history["seconds"][-1] >= settings.get("max_seconds", math.inf):
        training.stop("max_seconds")


def _check_finite(training: Training, when: str) -> None:
    """Raise Diverged if a parameter is nan or infinite."""
    import numpy as np

    bad = np.flatnonzero(~np.isfinite(training.numbers()))
    if len(bad):
        model, parameters = training.model, training.parameters
        named = model.named_parameters() if isinstance(model, Module) else list(enumerate(parameters))
        raise Diverged(f"the parameter {named[bad[0]][0]} became {parameters[bad[0]].data} {when}")


def _finite_loss(training: Training, loss_of: BatchLoss, batch: Sequence[int]) -> float:
    """The loss of a batch; raises Diverged if that is nan or infinite, with the parameter or the rows that it comes from."""
    loss = loss_of(batch)
    if math.isfinite(loss):
        return loss
    where = f"epoch {training.epoch + 1}, batch {training.batch}"
    _check_finite(training, f"in the step before {where}")
    if training.penalty is not None and not math.isfinite(number := training.penalty().data):
        raise Diverged(f"the penalty became {number} in {where}")
    bad: list[int] = []
    with suppress(Exception):  # a loss of one's own may need more rows
        bad = [training.rows[i] for i in batch if not math.isfinite(loss_of([i]))]
    others = f" and {len(bad) - 1} more of its {len(batch)} rows" if len(bad) > 1 else ""
    raise Diverged(f"the loss became {loss} in {where}" + (f", where that of row {bad[0]} of X{others} is so" if bad else ""))
