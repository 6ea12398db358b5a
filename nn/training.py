"""``fit``: the training loop."""

from __future__ import annotations

import math
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Protocol

from autograd import Value, no_grad
from nn.batches import Penalty, batch_loss
from nn.choices import Generator, Seed, choose, generator, positive_float, positive_int
from nn.data import check_data
from nn.losses import LOSSES, Loss
from nn.modules import Module, check_computed
from nn.optim import OPTIMIZERS
from nn.progress import progress_bar
from nn.targets import check_class, check_sign


class Optimizer(Protocol):
    """What ``fit`` needs of an optimizer."""

    def step(self) -> None:
        """Change the parameters by their gradients."""

    def zero_grad(self) -> None:
        """Set the gradients to 0.0."""


@dataclass
class History:
    """How a training went.

    Attributes:
        losses: one number an epoch: the mean loss of its rows, each taken when its batch was met, before the step.
        seconds: how long all of it took.
        stopped: why it ended: ``"epochs"`` (all done), ``"tolerance"``, ``"diverged"`` or ``"interrupted"``.
    """

    losses: list[float] = field(default_factory=list)
    seconds: float = 0.0
    stopped: str = "epochs"

    def to_dict(self) -> dict[str, Any]:
        """The same as a dict, ready for JSON."""
        return asdict(self)

    def __repr__(self) -> str:
        """One line, however many epochs."""
        course = f", loss {self.losses[0]:.4g} -> {self.losses[-1]:.4g}" if self.losses else ""
        return f"History({len(self.losses)} epochs{course}, {self.seconds:.2f} s, stopped={self.stopped!r})"


def fit(
    model: Any,
    X: Any,
    y: Any,
    *,
    loss: str | Loss,
    optimizer: str | Optimizer | None = None,
    lr: float | None = None,
    epochs: int = 100,
    batch_size: int | None = None,
    seed: Seed = None,
    tolerance: float | None = None,
    penalty: Penalty | None = None,
    progress: bool | None = None,
    compile: bool | None = None,  # noqa: A002 - as in autograd.compile
) -> History:
    """Train ``model`` to give ``y`` for the rows of ``X``. Ctrl-C ends it early and keeps what was learnt.

    Args:
        model: a Module that can be called with one row.
        X: N rows of numbers: nested lists or a NumPy array.
        y: N targets, as the loss needs them.
        loss: a name in ``nn.LOSSES``, one with options as ``functools.partial(cross_entropy, label_smoothing=0.1)``, or a
            function of your own of the model's outputs (N lists) and the targets.
        optimizer: such as ``SGD(model.parameters(), lr=0.1)``, or ``"sgd"`` (also the default), made here with ``lr``.
        lr: the learning rate for an optimizer made here; that optimizer's own default if None.
        epochs: how many times, at most, to go through the rows.
        batch_size: how many rows to make each step from, in an order shuffled anew each epoch; None for all rows.
        seed: of the shuffling: an int gives the same order each time; None, different ones.
        tolerance: stop after an epoch in which no parameter had a gradient of this size or more: "until convergence".
        penalty: what is added to the loss of each batch, as ``lambda: l2_penalty(model, 0.01)``.
        progress: show a live bar: True, False, or None for "if there is a terminal or a notebook to show it".
        compile: whether to record the model once, with ``autograd.compile``, and replay it, which is much quicker: True,
            False, or None for "if there is enough to do that this saves time". With the losses of ``nn`` only, as these
            are means or sums over rows: a function of yours may be anything, so with one training runs node by node.

    Replayed or not, the loss of each row is the same to the bit; the sums over rows are taken in another order, so that
    losses and weights differ in the last digits. The masks of Dropout are the same. Where a model cannot be replayed,
    because it branches on its numbers, draws other random ones or changes itself, it is run node by node, and a warning says
    why. To find that out, it is called a few times before training. What is changed in the model during training, other
    than ``data``, a replay does not see.

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
    rows, targets = check_data(X, y)
    loss_function = choose(loss, LOSSES, "loss", "a function of outputs and targets")
    parameters = _parameters(model)
    stepper = _optimizer(optimizer, parameters, lr, model)
    positive_int(epochs, "epochs")
    size = len(rows) if batch_size is None else positive_int(batch_size, "batch_size")
    limit = 0.0 if tolerance is None else positive_float(tolerance, "tolerance")
    rng = generator(seed)
    history = History()
    began = time.perf_counter()

    def run(show: Callable[[int, float], None]) -> str:
        mean_loss = batch_loss(model, rows, targets, loss, loss_function, epochs, compile, penalty)
        before = [parameter.data for parameter in parameters]
        for epoch in range(1, epochs + 1):
            total, steepest = 0.0, 0.0
            for batch in _batches(len(rows), size, rng):
                stepper.zero_grad()
                value = mean_loss(batch)
                if not math.isfinite(value):
                    _put_back(parameters, before, f"the loss became {value} in epoch {epoch}")
                    return "diverged"
                before = [parameter.data for parameter in parameters]
                stepper.step()
                total += value * len(batch)
                if limit:
                    steepest = max(steepest, *(abs(parameter.grad) for parameter in parameters))
            history.losses.append(total / len(rows))
            show(epoch, history.losses[-1])
            if steepest < limit:
                return "tolerance"
        if not all(math.isfinite(parameter.data) for parameter in parameters):
            _put_back(parameters, before, "a parameter became nan or infinite in the last step")
            return "diverged"
        return "epochs"

    with progress_bar(epochs, progress) as show:
        try:
            history.stopped = run(show)
        except KeyboardInterrupt:
            history.stopped = "interrupted"
    history.seconds = time.perf_counter() - began
    return history


def accuracy(model: Any, X: Any, y: Any) -> float:
    """The share of rows that ``model`` puts in the right class, from 0 to 1.

    With several outputs, the class is the number of the largest, and ``y`` holds class numbers; with one output, it is
    its sign (of 0, -1), and ``y`` holds +1 and -1.

    Raises:
        ValueError, TypeError: as ``fit``; ValueError if the model gives nan, which is in no class.
    """
    rows, targets = check_data(X, y)
    _check_callable(model)
    right = 0
    with no_grad():
        for i, (row, target) in enumerate(zip(rows, targets, strict=True)):
            outputs = model(row)
            outputs = list(outputs) if isinstance(outputs, list | tuple) else [outputs]
            if not all(output <= math.inf for output in outputs):  # a number or a Value, either is so unless it is nan
                raise ValueError(
                    f"the model gives nan for row {i}, which is in no class; has training diverged? Make the model anew and "
                    "try a smaller lr, or standardize X"
                )
            if len(outputs) == 1:
                check_sign(target, i, "accuracy with one output")
                right += target == (1 if outputs[0] > 0 else -1)
            else:
                check_class(target, len(outputs), i, "accuracy with several outputs")
                right += target == outputs.index(max(outputs))
    return right / len(rows)


def _batches(rows: int, size: int, rng: Generator) -> Iterator[Sequence[int]]:
    """The numbers of the rows, batch by batch."""
    order = list(range(rows))
    if size < rows:
        rng.shuffle(order)
    for start in range(0, rows, size):
        yield order[start : start + size]


def _check_callable(model: Any) -> None:
    """Raise a TypeError unless ``model`` can be called with a row."""
    if isinstance(model, type):
        raise TypeError(f"model is the class {model.__name__}; make one of it first, as in MLP(4, [16, 3])")
    if not callable(model):
        raise TypeError(f"model must be callable with one row, not {type(model).__name__} ({model!r:.40}); give it a __call__")


def _parameters(model: Any) -> list[Value]:
    """What to train."""
    _check_callable(model)
    if not hasattr(model, "parameters"):
        raise TypeError(
            f"model must be a Module, whose parameters() can be trained, not {type(model).__name__} ({model!r:.40}); "
            "derive a class from Module"
        )
    if isinstance(model, Module):
        check_computed(model)
    parameters = list(model.parameters())
    if not parameters:
        raise ValueError(f"{model!r} has no parameters to train; Values in the attributes of a Module are its parameters")
    return parameters


def _optimizer(optimizer: str | Optimizer | None, parameters: list[Value], lr: float | None, model: Any) -> Optimizer:
    if hasattr(optimizer, "step") and not isinstance(optimizer, type):
        if lr is not None:
            raise ValueError(f"lr = {lr!r} was given besides {optimizer!r}, which has its own; give only one of the two")
        changed = getattr(optimizer, "parameters", None)  # in another's optimizer it may be missing, or a method
        if isinstance(changed, list) and not {id(p) for p in changed} & {id(p) for p in parameters}:
            raise ValueError(
                f"{optimizer!r} has none of the parameters of {model!r}, which would stay as it is; make one for this model, "
                "as SGD(model.parameters(), lr=0.1)"
            )
        return optimizer  # type: ignore[return-value]  # what has a step() is taken at its word
    name = "sgd" if optimizer is None else optimizer
    if not isinstance(name, str) or name not in OPTIMIZERS:
        known = ", ".join(map(repr, OPTIMIZERS))
        error = ValueError if isinstance(name, str) else TypeError
        raise error(f"unknown optimizer: {name!r} (must be one of {known}, or an instance: SGD(model.parameters(), lr=0.1))")
    return OPTIMIZERS[name](parameters) if lr is None else OPTIMIZERS[name](parameters, lr)


def _put_back(parameters: list[Value], numbers: list[float], why: str) -> None:
    for parameter, number in zip(parameters, numbers, strict=True):
        parameter.data = number
    warnings.warn(
        f"training stopped: {why}; the parameters are set back to those before the last step; "
        "try a smaller lr, or standardize X",
        RuntimeWarning,
        stacklevel=4,
    )
