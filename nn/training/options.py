"""``FitOptions``: validates every argument of ``fit`` before training."""

import zlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from autograd import Value
from autograd.shared import counted, warn
from nn.base.checks import Generator, boolean, describe, file_path, generator, positive_float, positive_int
from nn.base.names import choose, library_of, name_of
from nn.base.options import Configurable, option
from nn.data.rows import Dataset, Row, as_list, check_data, pick, rows_and_targets, split_indices
from nn.layers import Dropout
from nn.losses import LOSSES, QUANTITIES, Loss, unwrapped
from nn.modules import Module, check_computed, identities
from nn.optim.lbfgs import LBFGS
from nn.optim.optimizers import OPTIMIZERS, WithParameters
from nn.optim.schedules import Schedule
from nn.training.batches import Penalty
from nn.training.labels import (
    check_features,
    class_of,
    named,
    names_of_classes,
    numbered,
    sample_weight_list,
    weights_by_class,
)
from nn.training.metrics import METRICS, Metric
from nn.training.prediction import check_callable, modules_of

BY_NAME: dict[str, Any] = {**OPTIMIZERS, "lbfgs": LBFGS}
Parts = dict[str, tuple[list[Row], list[Any]]]


def trainable(model: Any, name: str) -> Any:
    """Return ``model`` if it is callable and has parameters."""
    check_callable(model)
    if isinstance(getattr(model, "function", None), Module):
        raise TypeError(f"{name} must be a Module, not {describe(model)}; pass the model itself: fit compiles it")
    require(hasattr(model, "parameters"), name, "a Module, whose parameters() can be trained", model)
    if isinstance(model, Module):
        check_computed(model)
    return model


def loss_function(loss: str | Loss | None, name: str) -> Loss:
    """Return the loss function named ``loss``, or ``loss`` itself if it is a function."""
    if loss is None:
        rule = f"one of {', '.join(map(repr, LOSSES))}, or a function of outputs and targets"
        raise TypeError(f"loss must be {rule}; pass it, as in fit(..., loss='mse')")
    return choose(loss, LOSSES, name, "a function of outputs and targets")


def metrics_by_name(metrics: Any, name: str) -> dict[str, Metric]:
    """Return metrics, which are names or functions, in a dict with the names of their columns in the History."""
    chosen: dict[str, Metric] = {}
    for metric in as_list(metrics, name):
        function = choose(metric, METRICS | LOSSES, "metric", "a function of outputs and targets")
        column = metric.lower() if isinstance(metric, str) else name_of(metric, {})
        if column in chosen or column in ("loss", "lr", "seconds", "epoch"):
            raise ValueError(f"there are two columns named {column!r}; use metrics with different names")
        chosen[column] = function
    return chosen


def callback_list(callbacks: Any, name: str) -> list[Callable[[Any], object]]:
    """Return a list of callable objects."""
    rule = "a function of the Training, or an instance of a callback class"
    for i, callback in enumerate(chosen := as_list(callbacks, name)):
        require(callable(callback) and not isinstance(callback, type), f"callback {i}", rule, callback)
    return chosen


def penalty_function(penalty: Penalty, name: str) -> Penalty:
    """Return ``penalty`` if it is a function."""
    require(callable(penalty), name, "a function without arguments, such as lambda: l2_penalty(model, 0.01)", penalty)
    return penalty


def executor_or_function(executor: Any, name: str) -> Any:
    """Return ``executor`` if it is an executor, or a function that creates one."""
    rule = "a concurrent.futures.Executor, or a function that creates one"
    require(hasattr(executor, "submit") or callable(executor), name, rule, executor)
    return executor


class FitOptions(Configurable):
    """The arguments of ``fit``, validated and converted. See ``fit`` for their meaning."""

    model: Any = option(trainable)
    X: Any
    y: Any
    loss: Loss = option(loss_function)
    optimizer: Any
    lr: float | None = option(positive_float, optional=True)
    schedule: Any
    epochs: int = option(positive_int)
    batch_size: int | None = option(positive_int, optional=True)
    seed: Any
    validation_data: Any
    validation_split: float | None
    metrics: dict[str, Metric] = option(metrics_by_name)
    frozen: Any
    class_weights: Any
    sample_weights: Any
    callbacks: list[Callable[[Any], object]] = option(callback_list)
    penalty: Penalty | None = option(penalty_function, optional=True)
    clip_norm: float | None = option(positive_float, optional=True)
    clip_value: float | None = option(positive_float, optional=True)
    patience: int | None = option(positive_int, optional=True)
    tolerance: float | None = option(positive_float, optional=True)
    loss_tolerance: float | None = option(positive_float, optional=True)
    max_seconds: float | None = option(positive_float, optional=True)
    checkpoint: str | None = option(file_path, optional=True)
    progress: bool | None = option(boolean, optional=True)
    compile: bool | None = option(boolean, optional=True)
    exact: bool = option(boolean)
    executor: Any = option(executor_or_function, optional=True)
    deadline: float | None = option(positive_float, optional=True)

    def __attrs_post_init__(self) -> None:
        """Validate options that depend on each other."""
        if self.executor is not None and self.compile is False:
            raise ValueError("executor must be None with compile=False, because workers replay a recording; omit one of them")
        if self.deadline is not None and self.executor is None:
            raise ValueError(f"deadline must be None without an executor, not {self.deadline!r}; pass executor=, or omit it")
        columns: Sequence[str] = getattr(self.model, "feature_names", ())
        check_features(columns, self.X, "create a new model, or assign model.feature_names = () to forget the names")
        self.feature_names: list[str] = list(self.X.feature_names if isinstance(self.X, Dataset) else columns)
        names = named(self.X) if isinstance(self.X, Dataset) and self.y is None else None
        own: list[str] = self.X.class_names if names else []
        self.X, self.y = rows_and_targets("fit", self.X, self.y)
        labels = names or as_list(self.y, "y")
        known = getattr(self.model, "class_names", ())
        self.class_names: list[str] = names_of_classes(labels, self.loss, known, own)
        X, y = check_data(self.X, numbered(labels, self.class_names, self.loss))
        self.parameters: list[Value] = list(self.model.parameters())
        if not self.parameters:
            raise ValueError(f"model must have parameters to train, but {self.model!r} has none; add Values as its attributes")
        frozen = identities(self.frozen, self.parameters, "frozen", self.model)
        self.optimizer = self._optimizer(frozen)
        divided = self._divided(frozen)
        self.trained: list[Value] = divided[0]
        self.untrained: list[Value] = divided[1]
        self.schedules: list[Any] = self._schedules()
        self.generator: Generator = generator(self.seed)
        self.rows: Sequence[int] = range(len(X))
        self.parts: Parts = {}
        self.weights: dict[str, list[float]] = {}
        self.missing: set[Any] = set()  # classes that are only in validation rows
        classes = [class_of(label) for label in labels]
        self._split(X, y, numbered(classes, self.class_names) if own else classes)
        self.settings: dict[str, Any] = self._settings()
        if self.checkpoint is not None:
            for part in (self.model, self.optimizer, *self.schedules):
                if not hasattr(part, "load_state_dict"):
                    raise TypeError(f"{describe(part)} needs state_dict() and load_state_dict() for a checkpoint")

    def _settings(self) -> dict[str, Any]:
        """Return the options by which a checkpoint is recognized as part of the same training run."""
        names = ("lr", "clip_norm", "clip_value", "tolerance", "loss_tolerance", "max_seconds", "batch_size")
        numbers = {name: getattr(self, name) for name in names if getattr(self, name) is not None}
        callbacks = [type(callback).__name__ for callback in self.callbacks]
        all_options = self.optimizer.options() if isinstance(self.optimizer, WithParameters) else []
        return {
            "loss": name_of(self.loss, LOSSES), "penalty": self.penalty and name_of(self.penalty, {}), **numbers,
            "frozen": self._names(self.untrained) if self.untrained else None,
            "metrics": list(self.metrics), "optimizer": type(self.optimizer).__name__,
            "callbacks": callbacks if self.patience is None else [*callbacks, "EarlyStopping"],
            "schedule": [repr(each) if isinstance(each, Schedule) else type(each).__name__ for each in self.schedules],
            # Schedules change the learning rate.
            "options of the optimizer": [text for text in all_options if not (self.schedules and text.startswith("lr="))],
            "checksum of the rows": zlib.crc32(repr((self.parts, self.weights)).encode()) if self.checkpoint else None,
        }  # fmt: skip

    def _optimizer(self, frozen: set[int]) -> Any:
        """Return the given optimizer, or a new one of the given name."""
        optimizer, lr = self.optimizer, self.lr
        name = optimizer.__name__ if isinstance(optimizer, type) and issubclass(optimizer, WithParameters) else "SGD"
        remedy = f"an instance: {name}(model.parameters(){'' if name == 'LBFGS' else ', lr=0.1'})"
        by_name = isinstance(optimizer, str | None)
        if by_name:
            create = choose("sgd" if optimizer is None else optimizer, BY_NAME, "optimizer", remedy)
            parameters = [p for p in self.parameters if id(p) not in frozen]
            if not parameters:
                raise ValueError(f"frozen must leave parameters to train, but contains all of {self.model!r}; omit some")
            optimizer = create(parameters) if lr is None or create is LBFGS else create(parameters, lr)
        if isinstance(optimizer, type) and issubclass(optimizer, WithParameters):
            raise TypeError(f"optimizer must not be the class {name}; pass {name.lower()!r}, or {remedy}")
        is_instance = hasattr(optimizer, "step") and not library_of(optimizer) and not isinstance(optimizer, type)
        require(is_instance, "optimizer", f"one of {', '.join(map(repr, BY_NAME))}, or {remedy}", optimizer)
        if isinstance(optimizer, LBFGS):
            dropouts = [module for module in modules_of(self.model) if isinstance(module, Dropout) and module.p]
            if dropouts:
                rule = f"optimizer must not be LBFGS for a model with {dropouts[0]!r}, which makes the loss random"
                raise ValueError(f"{rule}, while its line search needs the same loss in each call; use optimizer='adam'")
            for option_name in ("lr", "clip_norm", "clip_value"):
                if (value := getattr(self, option_name)) is not None:
                    raise ValueError(
                        f"{option_name} must be None with LBFGS, whose line search chooses the steps, not {value!r}"
                    )
        elif lr is not None and not by_name:
            raise ValueError(f"lr must be None with an optimizer instance, not {lr!r}; pass lr to {type(optimizer).__name__}")
        return optimizer

    def _divided(self, frozen: set[int]) -> tuple[list[Value], list[Value]]:
        """Return the parameters of the model that the optimizer updates, and all others, which are expected to be frozen."""
        optimized = getattr(self.optimizer, "parameters", None)  # a custom optimizer may not have it, or it may be a method
        ids = {id(p) for p in optimized} if isinstance(optimized, list) else set(map(id, self.parameters)) - frozen
        trained = [p for p in self.parameters if id(p) in ids]
        if not trained:
            raise ValueError(f"{self.optimizer!r} has no parameter of {self.model!r}; create it with model.parameters()")
        if frozen & ids:
            names = self._names([p for p in trained if id(p) in frozen])
            raise ValueError(f"frozen must not contain {names}, which {self.optimizer!r} updates; create it without them")
        untrained = [p for p in self.parameters if id(p) not in ids]
        if missing := [p for p in untrained if id(p) not in frozen]:
            found = f"{self.optimizer!r} does not update {self._names(missing)} of {self.model!r}"
            warn(f"{found}; create it with model.parameters(), or pass frozen= if this is intended")
        return trained, untrained

    def _names(self, parameters: list[Value]) -> str:
        """Return the number of parameters, and the first names."""
        ids = set(map(id, parameters))
        named = self.model.named_parameters() if isinstance(self.model, Module) else list(enumerate(self.parameters))
        names = [str(name) for name, p in named if id(p) in ids]
        return f"{counted(len(ids), 'parameter')} ({', '.join(names[:4])}{', ...' * (len(names) > 4)})"

    def _schedules(self) -> list[Any]:
        """Return the given schedules, and the schedules created by the given functions, in order."""
        given = self.schedule if isinstance(self.schedule, list | tuple) else [] if self.schedule is None else [self.schedule]
        rule = "a schedule, a function that creates one, such as lambda optimizer: StepLR(optimizer, 10), or a list of them"
        schedules = [each(self.optimizer) if callable(each) else each for each in given]
        for each in schedules:
            require(hasattr(each, "step") and not library_of(each), "schedule", rule, self.schedule)
            if getattr(each, "optimizer", self.optimizer) is not self.optimizer:
                raise ValueError(f"{each!r} must be created with the optimizer of this training run, {self.optimizer!r}")
        return schedules

    def _split(self, X: list[Row], y: list[Any], classes: list[Any]) -> None:
        """Set the indices of the rows to train on, and the rows, targets and weights of both parts."""
        data, fraction, function = self.validation_data, self.validation_split, unwrapped(self.loss)[0]
        if fraction is not None and data is not None:
            raise ValueError("validation_data and validation_split must not both be given; omit one of them")
        has_classes = function in LOSSES.values() and function not in QUANTITIES and None not in classes
        indices: dict[str, Sequence[int]] = {"": self.rows}
        if fraction is not None:
            groups = classes if has_classes else None
            train, rest = split_indices(len(X), fraction, "validation_split", "validate", self.generator, groups)
            self.rows = sorted(train)
            indices = {"": self.rows, "val_": rest}
        given = None if self.sample_weights is None else sample_weight_list(self.sample_weights, len(X))
        samples = {part: [1.0 if given is None else given[i] for i in rows] for part, rows in indices.items()}
        groups_of = {part: [classes[i] for i in rows] for part, rows in indices.items()}
        self.parts = {part: pick(X, y, rows) for part, rows in indices.items()}
        if data is not None:
            self.parts["val_"], groups = self._validation(data, len(X[0]))
            as_text = any(isinstance(group, str) for group in classes)
            groups_of["val_"] = groups if as_text else numbered(groups, self.class_names)
            samples["val_"] = [1.0] * len(groups_of["val_"])
        if has_classes:
            self.missing = set(groups_of.get("val_", ())) - set(groups_of[""])
        if self.class_weights is None and given is None:
            return
        if self.class_weights is not None and function in QUANTITIES:
            rule = f"class_weights must be None with {name_of(function, LOSSES)!r}, a loss of quantities, not of classes"
            raise ValueError(f"{rule}; use a loss of classes, such as 'cross_entropy', or sample_weights")
        if self.class_weights is not None and "class_weights" in unwrapped(self.loss)[1]:
            raise ValueError("class_weights must be given to fit or to the loss, not to both; omit one of them")
        factors = {} if self.class_weights is None else weights_by_class(self._class_weights(classes), classes, groups_of[""])
        for part, weights in samples.items():
            pairs = zip(weights, groups_of[part], strict=True)
            self.weights[part] = [weight * factors.get(group, 1.0) for weight, group in pairs]

    def _class_weights(self, classes: list[Any]) -> Any:
        """Return ``class_weights``, by number if the classes of a Dataset were given by name."""
        given, names = self.class_weights, self.class_names
        if not isinstance(given, Mapping) or any(isinstance(label, str) for label in classes):
            return given
        return {names.index(label) if label in names else label: weight for label, weight in given.items()}

    def _validation(self, data: Any, n: int) -> tuple[tuple[list[Row], list[Any]], list[Any]]:
        """Return the rows and targets of ``validation_data``, and the class of each row. Rows must have ``n`` numbers."""
        require(isinstance(data, tuple | list | Dataset) and len([*data]) == 2, "validation_data", "a pair (X, y)", data)
        X, y = data
        names = self.class_names or list(getattr(self.model, "class_names", ()))
        try:
            if isinstance(data, Dataset):
                X, y = data, (named(data) if names else None) or data.y
            check_features(self.feature_names, X)
            rows, targets = check_data(X, numbered(y, names, self.loss))
        except (TypeError, ValueError) as problem:
            raise type(problem)(f"validation_data: {problem}") from None
        if len(rows[0]) != n:
            raise ValueError(
                f"rows of validation_data must have {counted(n, 'number')}, like the rows of X, not {len(rows[0])}"
            )
        return (rows, targets), [class_of(label) for label in as_list(y, "y")]


def require(condition: bool, name: str, rule: str, given: Any) -> None:
    """Raise a TypeError that states the rule and the given value, unless the condition is met."""
    if not condition:
        raise TypeError(f"{name} must be {rule}, not {describe(given)}")
