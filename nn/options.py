"""What ``fit`` is given, checked: the model, the optimizer, the schedule, validation data, metrics, callbacks."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from typing import Any

from autograd import Value
from nn.choices import NO_LISTS, Generator, choose, name_of, positive_float, shown
from nn.data import Row, check_data, deal, pick
from nn.losses import LOSSES
from nn.metrics import METRICS, Metric
from nn.modules import Module, check_computed
from nn.optim import OPTIMIZERS
from nn.prediction import check_callable


def parameters_of(model: Any) -> list[Value]:
    """What to train."""
    check_callable(model)
    if not hasattr(model, "parameters"):
        raise TypeError(f"model must be a Module, whose parameters() can be trained, not {shown(model)}")
    if isinstance(model, Module):
        check_computed(model)
    parameters = list(model.parameters())
    if not parameters:
        raise ValueError(f"{model!r} has no parameters to train; Values in the attributes of a Module are its parameters")
    return parameters


def choose_optimizer(optimizer: Any, parameters: list[Value], lr: float | None, model: Any) -> Any:
    """The one that was given, or one of that name with the rate."""
    way = "an instance: SGD(model.parameters(), lr=0.1)"
    if isinstance(optimizer, type) or not hasattr(optimizer, "step"):
        make = choose("sgd" if optimizer is None else optimizer, OPTIMIZERS, "optimizer", way)
        if make not in OPTIMIZERS.values():
            raise TypeError(f"unknown optimizer: {optimizer!r:.60} (a function is none; give {way})")
        return make(parameters) if lr is None else make(parameters, lr)
    if lr is not None:
        raise ValueError(f"lr = {lr!r} was given besides {optimizer!r}, which has its own; give only one of the two")
    changed = getattr(optimizer, "parameters", None)  # in another's optimizer it may be missing, or a method
    if isinstance(changed, list) and {id(p) for p in changed}.isdisjoint(map(id, parameters)):
        raise ValueError(
            f"{optimizer!r} has none of the parameters of {model!r}, which would stay as it is; make one for this model"
        )
    return optimizer


def choose_schedule(schedule: Any, optimizer: Any) -> Any:
    """The schedule that was given, or the one that the function makes for this optimizer; None for none."""
    made = schedule(optimizer) if callable(schedule) else schedule
    if not (made is None or hasattr(made, "step")):
        raise TypeError(
            "schedule must be a schedule, or a function that makes one for an optimizer, as "
            f"lambda optimizer: StepLR(optimizer, 10), not {schedule!r:.60}"
        )
    if getattr(made, "optimizer", optimizer) is not optimizer:
        raise ValueError(f"{made!r} is for another optimizer than the one in use, {optimizer!r}; make it for that one")
    return made


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
        if not isinstance(data, tuple | list) or len(data) != 2:
            raise TypeError(f"validation_data must be a pair (X, y), not {shown(data)}")
        try:
            parts["val_"] = check_data(*data)
        except (TypeError, ValueError) as problem:
            raise type(problem)(f"validation_data: {problem}") from None
        n, wanted = len(parts["val_"][0][0]), len(rows[0])
        if n != wanted:
            raise ValueError(f"validation_data has rows of {n} numbers, but those to train on have {wanted}")
    return range(len(rows)), parts


def choose_metrics(metrics: Any) -> dict[str, Metric]:
    """The metrics by name."""
    chosen: dict[str, Metric] = {}
    for metric in check_list(metrics, "metrics", '["accuracy"]'):
        function = choose(metric, METRICS | LOSSES, "metric", "a function of outputs and targets")
        name = metric if isinstance(metric, str) else name_of(metric, {})
        if name in chosen or name in ("loss", "lr", "seconds", "epoch"):
            raise ValueError(
                f"there are two columns called {name!r}; give each metric a name of its own: def name(outputs, targets)"
            )
        chosen[name] = function
    return chosen


def check_callbacks(callbacks: Any) -> list[Any]:
    """A list of what can be called."""
    for i, callback in enumerate(checked := check_list(callbacks, "callbacks", "[EarlyStopping(10)]")):
        if isinstance(callback, type) or not callable(callback):
            raise TypeError(
                f"callback {i} must be a function of the Training, or an instance of such a class, not {callback!r:.60}"
            )
    return checked


def check_limits(**limits: float | None) -> dict[str, float]:
    """Those that were given, each a number above 0."""
    return {name: positive_float(limit, name) for name, limit in limits.items() if limit is not None}


def check_savable(path: Any, **parts: Any) -> None:
    """Raise a TypeError unless ``path`` can name a file, and all parts of a training can be saved to it."""
    if not isinstance(path, str | os.PathLike):
        raise TypeError(f"checkpoint must be the path of a file, not {shown(path)}")
    for name, part in parts.items():
        if part is not None and not (hasattr(part, "state_dict") and hasattr(part, "load_state_dict")):
            way = "must have state_dict() and load_state_dict(), as those of nn do"
            raise TypeError(f"for a checkpoint, the {name} {way}, not be {shown(part)}")


def check_list(given: Any, name: str, example: str) -> list[Any]:
    """``given`` as a list."""
    if isinstance(given, NO_LISTS) or not isinstance(given, Iterable):
        raise TypeError(f"{name} must be a list, as {name}={example}, not {shown(given)}")
    return list(given)
