"""What ``fit`` is given, checked: the model, the optimizer, schedules, validation data, metrics, callbacks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from autograd import Value
from nn.base.checks import Generator, choose, file_path, name_of, positive_float, positive_int, shown
from nn.data.rows import Row, as_list, check_data, deal, pick
from nn.losses import LOSSES
from nn.modules import Module, check_computed
from nn.optim.optimizers import OPTIMIZERS, Optimizer
from nn.training.callbacks import Callback, EarlyStopping
from nn.training.metrics import METRICS, Metric
from nn.training.prediction import check_callable


def parameters_of(model: Any) -> list[Value]:
    """What to train."""
    check_callable(model)
    must_be("a Module, whose parameters() can be trained", hasattr(model, "parameters"), "model", model)
    if isinstance(model, Module):
        check_computed(model)
    parameters = list(model.parameters())
    if not parameters:
        raise ValueError(f"{model!r} has no parameters to train; Values in the attributes of a Module are its parameters")
    return parameters


def choose_optimizer(optimizer: Any, parameters: list[Value], lr: float | None, model: Any) -> Any:
    """The one that was given, or one of that name with the rate."""
    way = "an instance: SGD(model.parameters(), lr=0.1)"
    if isinstance(optimizer, str | None):
        make = choose("sgd" if optimizer is None else optimizer, OPTIMIZERS, "optimizer", way)
        return make(parameters) if lr is None else make(parameters, lr)
    is_instance = hasattr(optimizer, "step") and not isinstance(optimizer, type)
    must_be(f"one of {', '.join(map(repr, OPTIMIZERS))}, or {way}", is_instance, "optimizer", optimizer)
    if lr is not None:
        raise ValueError(f"lr = {lr!r} was given besides {optimizer!r}, which has its own; give only one of the two")
    changed = getattr(optimizer, "parameters", None)  # in another's optimizer it may be missing, or a method
    if isinstance(changed, list) and {id(p) for p in changed}.isdisjoint(map(id, parameters)):
        raise ValueError(f"{optimizer!r} has none of the parameters of {model!r}, which would stay as it is; make one for it")
    return optimizer


def fixed_options(optimizer: Any, schedules: list[Any]) -> list[str]:
    """Those of the optimizer, if it is one of nn, but for a rate that schedules change."""
    all_options = optimizer.options() if isinstance(optimizer, Optimizer) else []
    return [option for option in all_options if not (schedules and option.startswith("lr="))]


def choose_schedules(schedule: Any, optimizer: Any) -> list[Any]:
    """The schedules that were given, or that the functions given make for this optimizer, in this order."""
    given = [] if schedule is None else schedule if isinstance(schedule, list | tuple) else [schedule]
    rule = "a schedule, a function that makes one, as lambda optimizer: StepLR(optimizer, 10), or a list of these"
    schedules = [each(optimizer) if callable(each) else each for each in given]
    for made in schedules:
        must_be(rule, hasattr(made, "step"), "schedule", schedule)
        if getattr(made, "optimizer", optimizer) is not optimizer:
            raise ValueError(f"{made!r} is for another optimizer than the one in use, {optimizer!r}; make it for that one")
    return schedules


def split_rows(
    rows: list[Row], targets: list[Any], data: Any, share: float | None, rng: Generator
) -> tuple[Sequence[int], dict[str, tuple[list[Row], list[Any]]]]:
    """The numbers of the rows to train on; and X and y of these by the name ``""``, of those to validate on by ``"val_"``."""
    if share is not None and data is not None:
        raise ValueError("validation_data and validation_split were given; one of the two says what to validate on")
    if share is not None:
        train, rest = deal(len(rows), share, "validation_split", "validate", rng)
        train.sort()
        return train, {"": pick(rows, targets, train), "val_": pick(rows, targets, rest)}
    parts = {"": (rows, targets)}
    if data is not None:
        must_be("a pair (X, y)", isinstance(data, tuple | list) and len(data) == 2, "validation_data", data)
        try:
            parts["val_"] = check_data(*data)
        except (TypeError, ValueError) as problem:
            raise type(problem)(f"validation_data: {problem}") from None
        if (n := len(parts["val_"][0][0])) != len(rows[0]):
            raise ValueError(f"validation_data has rows of {n} numbers, but those to train on have {len(rows[0])}")
    return range(len(rows)), parts


def choose_metrics(metrics: Any) -> dict[str, Metric]:
    """The metrics by name."""
    chosen: dict[str, Metric] = {}
    for metric in as_list(metrics, "metrics"):
        function = choose(metric, METRICS | LOSSES, "metric", "a function of outputs and targets")
        name = metric if isinstance(metric, str) else name_of(metric, {})
        if name in chosen or name in ("loss", "lr", "seconds", "epoch"):
            way = "give each metric a name of its own: def name(outputs, targets)"
            raise ValueError(f"there are two columns called {name!r}; {way}")
        chosen[name] = function
    return chosen


def choose_callbacks(callbacks: Any, patience: int | None) -> list[Callback]:
    """A list of what can be called, with what waits for so many epochs at its end."""
    rule = "a function of the Training, or an instance of such a class"
    for i, callback in enumerate(chosen := as_list(callbacks, "callbacks")):
        must_be(rule, callable(callback) and not isinstance(callback, type), f"callback {i}", callback)
    return chosen if patience is None else [*chosen, EarlyStopping(patience)]


def check_numbers(batch_size: int | None, **numbers: float | None) -> dict[str, float]:
    """Those that were given, each above 0."""
    checked: dict[str, float] = {name: positive_float(x, name) for name, x in numbers.items() if x is not None}
    return checked if batch_size is None else {**checked, "batch_size": positive_int(batch_size, "batch_size")}


def check_savable(path: Any, *parts: Any) -> None:
    """Raise a TypeError unless ``path`` can name a file, and all parts of a training can be saved to it."""
    file_path(path, "checkpoint")
    for part in parts:
        if not hasattr(part, "load_state_dict"):
            raise TypeError(f"for a checkpoint, {shown(part)} must have state_dict() and load_state_dict(), as in nn")


def must_be(rule: str, fits: bool, name: str, given: Any) -> None:
    """Raise a TypeError, with the rule, unless what was given fits."""
    if not fits:
        raise TypeError(f"{name} must be {rule}, not {shown(given)}")
