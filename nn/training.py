"""``fit``: the training loop."""

from __future__ import annotations

import math
import os
import warnings
import zlib
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from autograd import Value, read_grads
from nn import options
from nn.batches import BatchLoss, Penalty, batch_loss
from nn.callbacks import Callback, EarlyStopping, ModelCheckpoint
from nn.choices import Seed, choose, generator, name_of, positive_int, switch
from nn.data import check_data, cut
from nn.evaluation import Diverged, Evaluate, check_finite, checked, evaluation
from nn.history import History
from nn.losses import LOSSES, Loss
from nn.metrics import Metric
from nn.modules import Module
from nn.prediction import mode, modules_of
from nn.progress import Show, progress_bar
from nn.regularization import clip_grad_norm, clip_grad_value
from nn.schedules import Schedule
from nn.training_state import Training

Batches = Callable[[], list[list[int]]]
Limits = Mapping[str, float]


def fit(
    model: Any,
    X: Any,
    y: Any,
    *,
    loss: str | Loss,
    optimizer: Any = None,
    lr: float | None = None,
    schedule: Any = None,
    epochs: int = 100,
    batch_size: int | None = None,
    seed: Seed = None,
    validation_data: tuple[Any, Any] | None = None,
    validation_split: float | None = None,
    metrics: Sequence[str | Metric] = (),
    callbacks: Sequence[Callback] = (),
    patience: int | None = None,
    min_delta: float = 0.0,
    penalty: Penalty | None = None,
    clip_norm: float | None = None,
    clip_value: float | None = None,
    tolerance: float | None = None,
    loss_tolerance: float | None = None,
    max_seconds: float | None = None,
    checkpoint: str | os.PathLike[str] | None = None,
    progress: bool | None = None,
    compile: bool | None = None,  # noqa: A002 - as in autograd.compile
) -> History:
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
            ``lambda optimizer: StepLR(optimizer, 10)``. Its ``step`` is given the validation loss, or the loss if there are
            no validation rows.
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
            least before by more than ``min_delta``. The weights of the best epoch are put back at the end.
        tolerance: stop after an epoch in which the gradient of every batch had a norm (its Euclidean length) below this: "until
            convergence".
        loss_tolerance: stop after an epoch whose loss differs by less than this from that of the epoch before.
        max_seconds: stop after the epoch in which the training has taken so long.
        checkpoint: a file to which the whole training is written after each epoch. If it is there already, training goes on
            from it, and ends with the same bits as one that was never stopped: a run that was killed is simply run again, with
            the same arguments. With more ``epochs``, one that had come to its end goes on.
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
    stepper = options.choose_optimizer(optimizer, parameters, lr, model)
    changer = options.choose_schedule(schedule, stepper)
    rng = generator(seed)
    numbers, parts = options.split_rows(all_rows, all_targets, validation_data, validation_split, rng)
    rows, targets = parts[""]
    size = len(all_rows) if batch_size is None else positive_int(batch_size, "batch_size")
    chosen = options.choose_metrics(metrics)
    called = options.check_callbacks(callbacks)
    if patience is not None:
        called.append(EarlyStopping(patience, min_delta))
    elif min_delta != 0.0:
        raise ValueError(f"min_delta = {min_delta!r} says what is better for patience, which is not given; give both")
    if progress is not None:
        switch(progress, "progress")
    limits = options.check_limits(
        clip_norm=clip_norm, clip_value=clip_value, tolerance=tolerance, loss_tolerance=loss_tolerance, max_seconds=max_seconds
    )
    settings = {
        "model": repr(model) if isinstance(model, Module) else type(model).__name__,
        "loss": name_of(loss_function, LOSSES),
        "penalty": None if penalty is None else name_of(penalty, {}),
        "batch_size": batch_size,
        "lr": None if lr is None else float(lr),
        "clip_norm": limits.get("clip_norm"),
        "clip_value": limits.get("clip_value"),
        "optimizer": type(stepper).__name__,
        "schedule": repr(changer) if isinstance(changer, Schedule) else type(changer).__name__,
        "metrics": list(chosen),
        "callbacks": [type(callback).__name__ for callback in called],
    }
    if checkpoint is not None:
        options.check_savable(checkpoint, model=model, optimizer=stepper, schedule=changer)
        settings["checksum of the rows"] = zlib.crc32(repr(parts).encode())
        called.append(ModelCheckpoint(checkpoint, save_best_only=False))
    training = Training(model, parameters, stepper, changer, rng, called, positive_int(epochs, "epochs"), settings)

    def batches() -> list[list[int]]:
        order = list(range(len(rows)))
        if size < len(rows):  # else one batch takes all
            rng.shuffle(order)
        return cut(order, size)

    with mode(modules_of(model), training=True):
        try:
            loss_of = batch_loss(model, rows, targets, loss_function, epochs, compile, penalty)
            loss_of = checked(loss_of, training, loss_function, rows, targets, numbers)
            evaluate = evaluation(model, loss_function, chosen, parts, epochs, compile)
            with suppress(Diverged):
                evaluate()  # targets that do not fit are told before anything is trained
            if checkpoint is not None and Path(checkpoint).exists():
                training.load(checkpoint)  # last, as finding out what can be replayed may draw random numbers
            with progress_bar(training, progress) as show:
                _train(training, batches, loss_of, evaluate, limits, show)
        except KeyboardInterrupt:
            training.stopped = "interrupted"
        except Diverged as problem:
            training.stopped = "diverged"
            training.put_back(training.good)
            warnings.warn(
                f"training stopped: {problem}; the parameters are set back to those before the last step; "
                "try a smaller lr, or standardize X",
                RuntimeWarning,
                stacklevel=2,
            )
        training.finish()
    return training.history


def _train(training: Training, batches: Batches, loss_of: BatchLoss, evaluate: Evaluate, limits: Limits, show: Show) -> None:
    """The training loop: in each epoch, for each batch of rows, the loss, its gradient, and a step of the optimizer."""
    optimizer, parameters, history = training.optimizer, training.parameters, training.history
    while training.epoch < training.epochs and training.stopped is None:
        losses, steepest = [], 0.0
        for training.batch, batch in enumerate(todo := batches(), 1):
            optimizer.zero_grad()
            losses.append(loss_of(batch) * len(batch))  # which adds its gradient to that of each parameter
            training.good = training.numbers()
            steepest = max(steepest, _clip(parameters, limits))
            optimizer.step()
            show(training.epoch + training.batch / len(todo))
        check_finite(training, f"in the last step of epoch {training.epoch + 1}")

        mean_loss = sum(losses) / sum(map(len, todo))
        rate = {"lr": optimizer.lr} if hasattr(optimizer, "lr") else {}
        history.append({"loss": mean_loss, **evaluate(), **rate, "seconds": training.seconds()})
        if training.schedule is not None:
            training.schedule.step(history[history.monitor][-1])
        _stop_if_reached(training, steepest, limits)
        for callback in training.callbacks:
            callback(training)
        show(training.epoch)


def _clip(parameters: list[Value], limits: Limits) -> float:
    """Clip the gradient, if that was asked for; the norm that it had, if anybody wants to know."""
    norm = 0.0
    if "clip_norm" in limits:
        norm = clip_grad_norm(parameters, limits["clip_norm"])
    elif "tolerance" in limits:
        norm = math.hypot(*read_grads(parameters).tolist())
    if "clip_value" in limits:
        clip_grad_value(parameters, limits["clip_value"])
    return norm


def _stop_if_reached(training: Training, steepest: float, limits: Limits) -> None:
    """Stop the training if a limit is reached."""
    losses = training.history.losses
    change = abs(losses[-1] - losses[-2]) if len(losses) > 1 else math.inf
    if steepest < limits.get("tolerance", 0.0):
        training.stop("tolerance")
    if change < limits.get("loss_tolerance", 0.0):
        training.stop("loss_tolerance")
    if training.history["seconds"][-1] >= limits.get("max_seconds", math.inf):
        training.stop("max_seconds")
