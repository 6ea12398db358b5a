"""``fit``: the training loop.

The steps, in order: validate the arguments (``options.py``); record the model, to compute the loss of a batch (``batches.py``);
resume from a checkpoint, if there is one; train, and compute the validation loss and the metrics after each epoch.
"""

import math
import os
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from typing import Any, Never

from autograd import Value, no_grad, write_grads
from autograd.shared import warn
from nn.base.checks import Seed, describe
from nn.base.names import suggesting, tidy_signature
from nn.data.rows import Dataset, cut
from nn.losses import Loss, note_lists, unwrapped, weighted
from nn.modules import Module
from nn.optim.lbfgs import LBFGS
from nn.training.batches import BatchLoss, Penalty, batch_loss
from nn.training.callbacks import Callback, EarlyStopping, ModelCheckpoint, check_monitors, stop_at_limits
from nn.training.history import History
from nn.training.metrics import METRICS, Metric, suited
from nn.training.prediction import mode, modules_of, outputs_of
from nn.training.progress import Show, progress_bar
from nn.training.regularization import clip_grad_norm, clip_grad_value
from nn.training.training import Training
from nn.training.workers import Workers

SECOND_INTERRUPT = 2.0  # seconds in which a second Ctrl-C is raised
_latest_interrupt = [-math.inf]  # when fit was interrupted most recently


# Remedies for arguments that fit does not have, by name.
REMEDIES = {
    "shuffle": "with batch_size=, the rows are shuffled in each epoch, in an order that seed= determines",
    "weight_decay": "pass it to an optimizer: fit(..., optimizer=AdamW(model.parameters(), weight_decay=0.01))",
    "momentum": "pass it to an optimizer: fit(..., optimizer=SGD(model.parameters(), lr=0.1, momentum=0.9))",
    "nesterov": "pass it to an optimizer: fit(..., optimizer=SGD(model.parameters(), momentum=0.9, nesterov=True))",
    "betas": "pass it to an optimizer: fit(..., optimizer=Adam(model.parameters(), betas=(0.9, 0.999)))",
    "val_split": "write validation_split=",
    **dict.fromkeys(("device", "use_gpu"), "omit it: nn computes on the processor; executor= shares the rows between workers"),
    "workers": "pass executor=, such as functools.partial(ProcessPoolExecutor, 4)",
}


class Diverged(Exception):  # noqa: N818 - it ends training, and fit converts it to a warning
    """Raised, with the cause, if training cannot continue because a number is nan or infinite."""


@suggesting("fit(model, X, y, loss='mse')", REMEDIES)
@tidy_signature
def fit(
    model: Any, X: Any, y: Any = None, *unnamed: Never, loss: str | Loss | None = None, optimizer: Any = None,
    lr: float | None = None, schedule: Any = None,
    epochs: int = 100, batch_size: int | None = None, seed: Seed = None,
    validation_data: tuple[Any, Any] | Dataset | None = None, validation_split: float | None = None,
    class_weights: Any = None, sample_weights: Any = None,
    metrics: Sequence[str | Metric] = (), callbacks: Sequence[Callback] = (), frozen: Any = (),
    penalty: Penalty | None = None, clip_norm: float | None = None, clip_value: float | None = None,
    patience: int | None = None, tolerance: float | None = None, loss_tolerance: float | None = None,
    max_seconds: float | None = None, checkpoint: str | os.PathLike[str] | None = None,
    progress: bool | None = None, compile: bool | None = None, exact: bool = True,  # noqa: A002 - as in autograd.compile
    executor: Any = None, deadline: float | None = None,
) -> History:  # fmt: skip
    """Train ``model`` to predict ``y`` from the rows of ``X``. Ctrl-C ends training early and keeps the results so far.

    In a loop of several runs, Ctrl-C ends only the current one. A second Ctrl-C within two seconds raises KeyboardInterrupt,
    which ends the loop. ``history.stopped == "interrupted"`` tells the program about the first.

    Args:
        model: A Module that can be called with one row.
        X: N rows of numbers: nested lists, a NumPy array or a pandas DataFrame. Or a Dataset, without ``y``: its names of
            classes and columns are kept in ``model.class_names`` and ``model.feature_names``, and other data must match.
        y: N targets, in the form that the loss requires. Classes may be text labels, except for losses of quantities. Then
            ``model.class_names`` has the label of each class number, in alphabetical order.
        loss: Required: a name in ``nn.LOSSES``; a loss with options, such as
            ``functools.partial(cross_entropy, label_smoothing=0.1)``; or a function of the model's outputs (N lists) and the
            targets.
        optimizer: An optimizer instance, such as ``SGD(model.parameters(), lr=0.1)``; or a name in ``nn.OPTIMIZERS``, by
            default ``"sgd"``; or ``"lbfgs"``, which takes up to 20 steps per epoch, with all rows and without ``lr``.
        lr: Learning rate of an optimizer given by name. By default, the optimizer's own default.
        schedule: Changes the learning rate after each epoch: a schedule of that optimizer; a function that creates one, such
            as ``lambda optimizer: StepLR(optimizer, 10)``; or a list of them, such as a warm-up and a decay, which are applied
            in order. Its ``step`` receives the validation loss, or the loss if there are no validation rows.
        epochs: Maximum number of passes over the rows.
        batch_size: Number of rows per step. The rows are shuffled in each epoch. By default, each step uses all rows.
        seed: Seed of the split and the shuffling. An int results in the same order each time, None in different ones.
        validation_data: ``(X, y)`` or a Dataset, rows that are not trained on. Their loss and metrics are computed after
            each epoch.
        validation_split: Alternatively, the fraction of the rows, in (0, 1), to hold out for validation. They are chosen at
            random, with nearly the same fraction of each class.
        class_weights: Weights of the classes in the loss: ``"balanced"``, which gives rare classes larger weights so that all
            classes have the same influence; a dict by class; or a list with one positive number per class.
        sample_weights: Weight of each row in the loss: N non-negative numbers. The loss is the weighted mean of the losses of
            the rows, so a weight of 2 has the effect of a second copy of the row. With class weights, both are multiplied.
        metrics: Metrics to compute after each epoch: names in ``nn.METRICS`` or ``nn.LOSSES``, or functions of the outputs (N
            lists of floats) and the targets.
        frozen: Parameters that do not change: a Value or a Module inside the model, or a list of them. An optimizer given by
            name does not receive them. Without ``frozen``, an optimizer that lacks parameters of the model gets a warning.
        callbacks: Functions that are called after each epoch with the ``Training``, such as ``nn.EarlyStopping``.
        penalty: A function whose result is added to the loss of each batch, such as ``lambda: l2_penalty(model, 0.01)``.
        clip_norm: Maximum Euclidean norm of the gradient. Longer gradients are scaled before the step.
        clip_value: Maximum magnitude of each component of the gradient.
        patience: Stop if the validation loss (or the loss, without validation rows) has not improved for this number of
            epochs. The weights of the best epoch are restored at the end. ``EarlyStopping`` has more options.
        tolerance: Stop after an epoch in which the gradient of every batch had a Euclidean norm below this number.
        loss_tolerance: Stop after an epoch whose loss differs by less than this number from the previous one.
        max_seconds: Stop after the epoch in which this time has passed.
        checkpoint: File to which a checkpoint is saved after each epoch. Missing folders are created. If the file exists,
            training resumes from it, and the result is bit for bit the same as without the interruption: to continue a killed
            run, run it again with the same arguments. A completed run continues if ``epochs`` is larger, or the limit that
            ended it has changed.
        progress: Whether to show a live progress bar. By default, it is shown in a terminal or a notebook.
        compile: Whether to record the model once with ``autograd.compile`` and replay it, which is much faster. By default,
            the model is replayed if this saves time. Only losses of ``nn`` are replayed, because they are means or sums over
            rows. With any other loss, training runs node by node.
        exact: Whether a replay computes ``exp``, ``tanh`` and other functions as the model itself does, bit for bit. With
            ``exact=False``, training is faster for many activations, and losses and weights differ in the last digits. See
            ``autograd.compile``.
        executor: Workers that share the rows of large batches and of validation: a ``concurrent.futures.Executor``, or a
            function that creates one, such as ``functools.partial(ProcessPoolExecutor, 4)``. Lost workers are replaced; see
            ``autograd.Sharded``. The result is bit for bit the result of a replay without workers. Small batches are computed
            in this process, which is faster. Shuffling, masks of Dropout, penalties, clipping and the optimizer stay here, too.
        deadline: Seconds without any answer after which the tasks of workers are repeated. See ``autograd.Sharded``.

    Replaying does not change the loss of a row. It changes the order of summation over rows, so losses and weights differ in
    the last digits. The masks of Dropout are the same.

    A model that branches on its numbers, draws other random numbers, or changes attributes that it uses in its next call,
    cannot be replayed. It is run node by node, and a warning states the reason. To find out, the model is called a few times
    before training. A replay does not execute assignments such as ``self.hidden = ...`` or ``self.calls += 1``. It does not
    detect changes inside lists or arrays of the model during training, except changes of ``data``.

    The model is in training mode while a batch is trained on, and in evaluation mode for validation and metrics. Afterwards,
    its previous mode is restored.

    Returns:
        The History. If the loss became nan or infinite, training stops with a RuntimeWarning, and the parameters are set to
        the latest ones with a finite loss.

    Raises:
        KeyboardInterrupt: If Ctrl-C is pressed within two seconds after it ended a training run, in this run or the next one.
        ValueError, TypeError: If the data, the model or an option is invalid. The message contains the row or the option.
        autograd.WorkerError: If the executor does not accept tasks, or a task was lost ten times.

    Warns:
        UserWarning: If the model cannot be replayed, or the executor is not used because of a custom loss, or the optimizer
            lacks parameters that are not ``frozen``, or only validation rows have a class, or the model or the penalty uses a
            result that was computed from the parameters before training.
        RuntimeWarning: If the loss became nan or infinite.

    >>> from nn import Neuron
    >>> line = Neuron(1, seed=0)
    >>> history = fit(line, [[0.0], [1.0], [2.0]], [1.0, 3.0, 5.0], loss="mse", lr=0.1, epochs=1000, tolerance=1e-6)
    >>> history.stopped, round(line.weights[0].data, 4), round(line.bias.data, 4)
    ('tolerance', 2.0, 1.0)
    """
    given = locals()
    for item in given.pop("unnamed"):
        name = "loss" if isinstance(item, str) or callable(item) else "name"
        text = repr(item) if isinstance(item, str) else getattr(item, "__name__", "...")
        raise TypeError(
            f"fit() takes model, X and y, and options by name, not {item!r:.40}; write fit(model, X, y, {name}={text})"
        )
    run = Training(**given)  # validates all arguments
    second = False
    if run.patience is not None:
        run.callbacks.append(EarlyStopping(run.patience))
    if run.checkpoint is not None:
        run.callbacks.append(ModelCheckpoint(run.checkpoint, save_best_only=False))
    with mode(modules_of(model), training=True), Workers(run.executor, run.deadline) as workers:
        try:
            data, weights = run.parts[""], run.weights.get("")
            loss_of = batch_loss(
                model, *data, run.loss, run.epochs, run.compile, run.penalty, weights, workers, run.exact, run.trained
            )  # fmt: skip
            evaluate = _evaluation(run, workers)
            with suppress(Diverged):
                check_monitors(run.callbacks, evaluate())  # raises errors, such as unsuitable targets, before training
            if missing := sorted((name for name in run.missing if isinstance(name, str) or name == int(name)), key=str):
                found = f"no row to train on has the class {missing[0]!r}, but validation rows have it"
                warn(f"{found}; add rows of this class, or use another seed")
            if run.checkpoint is not None and os.path.exists(run.checkpoint):
                run.load(run.checkpoint)  # last, because recording the model may draw random numbers
            with progress_bar(run, run.progress) as show:
                _train(run, loss_of, evaluate, show)
        except KeyboardInterrupt:
            run.stopped = "interrupted"
            second = time.monotonic() - _latest_interrupt[0] < SECOND_INTERRUPT
            _latest_interrupt[0] = time.monotonic()
        except Diverged as problem:
            run.stopped = "diverged"
            run.put_back(run.good)
            remedy = "the parameters are reset to their values before the last step; try a smaller lr, or standardize X"
            warn(f"training stopped: {problem}; {remedy}", RuntimeWarning)
        run.finish()
    if second:
        raise KeyboardInterrupt("a second Ctrl-C, which also ends the program that called fit")
    return run.history


def _train(training: Training, loss_of: BatchLoss, evaluate: Callable[[], dict[str, Any]], show: Show) -> None:
    """Run the training loop: for each batch of each epoch, compute the loss and its gradient, and take an optimizer step."""
    optimizer, history = training.optimizer, training.history
    weights = training.weights.get("", [1.0] * len(training.rows))

    def reset() -> None:
        optimizer.zero_grad()
        if training.untrained:
            write_grads(training.untrained, 0.0)  # the optimizer does not reset them

    def again(batch: Sequence[int]) -> float:
        reset()
        return loss_of(batch)

    while training.epoch < training.epochs and training.stopped is None:
        order = list(range(len(training.rows)))
        size = training.batch_size or len(order)
        if size < len(order):  # a single batch is not shuffled
            training.generator.shuffle(order)
        batches = cut(order, size)
        losses, norm = [], 0.0
        for number, batch in enumerate(batches, 1):
            reset()
            loss = _finite_loss(training, loss_of, batch, number)  # this also computes the gradient
            losses.append(loss * sum(weights[i] for i in batch))
            training.good[:] = training.numbers()
            norm = max(norm, _clip(training))
            if isinstance(optimizer, LBFGS):
                optimizer.step(partial(again, batch))
                losses[-1] = optimizer.loss * sum(weights[i] for i in batch)  # a later epoch would show it, but may not follow
            else:
                optimizer.step()
            show(training.epoch + number / len(batches))
        training.batch, training.gradient_norm = len(batches), norm
        _check_finite(training, f"in the last step of epoch {training.epoch + 1}")

        rate = {"lr": optimizer.lr} if hasattr(optimizer, "lr") else {}
        history.append({"loss": sum(losses) / (sum(weights) or 1.0), **evaluate(), **rate, "seconds": training.seconds()})
        for schedule in training.schedules:
            schedule.step(history[history.monitor][-1])
        for callback in (stop_at_limits, *training.callbacks):
            callback(training)
        show(training.epoch)


def _evaluation(run: Training, workers: Workers | None) -> Callable[[], dict[str, Any]]:
    """Return a function that computes the loss of the validation rows and the metrics of all rows, by name.

    The function raises Diverged if the model returns nan or the validation loss is not finite.
    """
    loss, parts = run.loss, run.parts

    def validation_loss(outputs: list[Any], targets: list[Any]) -> float:
        with no_grad():  # the loss may call methods of Values
            rows = [[*map(Value, row)] if isinstance(row, list) else Value(row) for row in outputs]
            value = float(weighted(loss, rows, targets, run.weights.get("val_")))
        if not math.isfinite(value):
            raise Diverged(f"the loss of the validation data became {value}")
        return value

    used = {prefix: rows for prefix, (rows, _) in parts.items() if prefix or run.metrics}
    programs = {
        prefix: outputs_of(run.model, rows, run.epochs, run.compile, workers, run.exact) for prefix, rows in used.items()
    }
    columns: list[tuple[str, str, Metric]] = [("val_", "loss", validation_loss)] if "val_" in parts else []
    metrics = {name: suited(metric, loss, run.threshold) for name, metric in run.metrics.items()}
    columns += [(prefix, name, metric) for name, metric in metrics.items() for prefix in parts]

    def evaluate() -> dict[str, Any]:
        outputs = {prefix: program() for prefix, program in programs.items()}
        for prefix, rows in outputs.items():
            for i, row in enumerate(rows):
                if any(map(math.isnan, row if isinstance(row, list) else [row])):
                    raise Diverged(f"the model returned nan for row {i} of the {'validation' if prefix else 'training'} data")
        results = {}
        for prefix, name, measure in columns:
            results[prefix + name] = _measured(name, measure, outputs[prefix], parts[prefix][1])
        return results

    return evaluate


def _measured(name: str, measure: Metric, outputs: list[Any], targets: list[Any]) -> Any:
    """Return a metric as a number or a list of numbers."""
    try:
        number = measure(outputs, targets)
    except (TypeError, AttributeError) as problem:
        if unwrapped(measure)[0] not in METRICS.values():
            note_lists(problem, "metric", outputs)
        raise
    number = number.tolist() if hasattr(number, "tolist") else number  # convert NumPy types to Python types
    if not isinstance(number, int | float | list):
        raise TypeError(f"the metric {name!r} must return a number or a list of numbers, not {describe(number)}")
    return number


def _clip(training: Training) -> float:
    """Clip the gradient if requested. Return its norm before clipping if it is needed, and 0.0 otherwise."""
    norm = 0.0
    if training.clip_norm or training.tolerance:
        norm = clip_grad_norm(training.trained, training.clip_norm or sys.float_info.max)
    if training.clip_value:
        clip_grad_value(training.trained, training.clip_value)
    return norm


def _check_finite(training: Training, when: str) -> None:
    """Raise Diverged if a parameter is nan or infinite."""
    bad = [i for i, number in enumerate(training.numbers().tolist()) if not math.isfinite(number)]
    if bad:
        model, parameters = training.model, training.parameters
        named = model.named_parameters() if isinstance(model, Module) else list(enumerate(parameters))
        raise Diverged(f"the parameter {named[bad[0]][0]} became {parameters[bad[0]].data} {when}")


def _finite_loss(training: Training, loss_of: BatchLoss, batch: Sequence[int], number: int) -> float:
    """Return the loss of a batch, or raise Diverged if it is nan or infinite. Name the parameter or rows."""
    loss = loss_of(batch)
    if math.isfinite(loss):
        return loss
    where = f"epoch {training.epoch + 1}, batch {number}"
    _check_finite(training, f"in the step before {where}")
    if training.penalty is not None and not math.isfinite(penalty := training.penalty().data):
        raise Diverged(f"the penalty became {penalty} in {where}")
    bad: list[int] = []
    with suppress(Exception):  # a custom loss may need more than one row
        bad = [training.rows[i] for i in batch if not math.isfinite(loss_of([i]))]
    others = f" and {len(bad) - 1} more of its {len(batch)} rows" if len(bad) > 1 else ""
    raise Diverged(f"the loss became {loss} in {where}" + (f", because of row {bad[0]} of X{others}" if bad else ""))
