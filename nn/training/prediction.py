"""``predict``: the outputs of a model for many rows, computed by replaying the model where that is faster."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from importlib.util import find_spec
from typing import Any

from autograd import Value, exp, no_grad, sigmoid, softmax
from nn.base.checks import Generator, boolean, describe, is_generator
from nn.base.endings import LIMITS, ending
from nn.base.names import library_of, suggesting
from nn.data.rows import Row, check_rows
from nn.data.targets import as_items
from nn.losses import LOSSES
from nn.modules import Module
from nn.training.labels import check_features, check_outputs
from nn.training.workers import MIN_WORK, Workers

MIN_ROWS = 1_000  # rows times epochs; with fewer, recording a model (and importing NumPy) takes longer than running it


@suggesting()
def predict(model: Any, X: Any, *, labels: bool = False, probabilities: bool = False) -> list[Any]:
    """Return the outputs of ``model`` for each row of ``X`` as floats, in evaluation mode (without Dropout).

    For many rows, the model is recorded and replayed, if possible. The result is the same.

    Args:
        model: A Module, or any other function of one row.
        X: N rows of numbers: nested lists, a NumPy array, a pandas DataFrame or a Dataset.
        labels: Whether to return the class of each row: a name in ``model.class_names`` if ``fit`` was called with text labels
            or a Dataset, and otherwise a number. A single output means class 1 if it is above 0, or above 0.5 if it is a
            probability.
        probabilities: Whether to return the probability of each class, in the order of ``model.class_names``, for models
            trained with ``cross_entropy`` or ``binary_cross_entropy``. They are the softmax of the outputs. With one output,
            they are ``1 - p`` and ``p``, where ``p`` is its sigmoid. A ``softmax`` or ``sigmoid`` that the model itself ends in
            is not applied again.

    Returns:
        N lists of numbers, or N numbers if the model returns a single Value. With ``labels``, N names or numbers. With
        ``probabilities``, N lists with one number per class.

    Raises:
        ValueError: If ``X`` is empty, or rows have different lengths or contain nan or infinity. Or if both options are True,
            or the model was trained with a loss that does not lead to probabilities or classes.
        TypeError: If ``X`` contains anything except numbers, or the model returns anything except Values or numbers.

    >>> predict(lambda row: [row[0] + row[1], row[0] * row[1]], [[2.0, 3.0], [4.0, 5.0]])
    [[5.0, 6.0], [9.0, 20.0]]
    >>> predict(lambda row: [row[0], 0.0], [[0.0], [-1.0]], probabilities=True)[0]
    [0.5, 0.5]
    """
    check_callable(model)
    check_features(getattr(model, "feature_names", ()), X)
    rows = check_rows(X)
    outputs = outputs_of(model, rows, 1, None)()
    if not boolean(labels, "labels") | boolean(probabilities, "probabilities"):
        return outputs
    if labels and probabilities:
        raise ValueError("labels and probabilities must not both be True; call predict once for each")
    loss, items = getattr(model, "trained_with", ""), [as_items(row) for row in outputs]
    suitable = ("cross_entropy", *(["hinge"] if labels else []))
    if loss in LOSSES and not loss.endswith(suitable):
        option = "labels" if labels else "probabilities"
        raise ValueError(
            f"{option} must be False for a model trained with {loss!r}; train with 'cross_entropy', or use its outputs"
        )
    if loss == "binary_cross_entropy" and len(items[0]) > 1:
        rule = f"labels and probabilities of classes need one output, or 'cross_entropy', not {len(items[0])} separate answers"
        raise ValueError(f"{rule} trained with {loss!r}; apply sigmoid to the outputs")
    single = len(items[0]) == 1
    last = ending(first_outputs(model, rows))
    if probabilities:
        return _probabilities(items, "sigmoid" if single and "from_logits=False" in loss else last)
    limit = 0.5 if "from_logits=False" in loss else LIMITS.get(last, 0.0)
    scores = [[limit, x] for [x] in items] if single else items
    numbers = [row.index(max(row)) for row in scores]
    names = getattr(model, "class_names", [])
    if names:
        check_outputs(model, max(len(items[0]), 2), list(names))
    return [names[k] for k in numbers] if names else [2 * k - 1 for k in numbers] if loss == "hinge" else numbers


def _probabilities(outputs: list[Any], last: str) -> list[Any]:
    """Return the probability of each class for each row of outputs, which are results of the function named ``last``."""
    if len(outputs[0]) > 1:
        return outputs if last == "softmax" else [list(softmax(row)) for row in outputs]
    functions: dict[str, Callable[..., Any]] = {"sigmoid": float, "hardsigmoid": float, "log_sigmoid": exp}
    of_class_1 = functions.get(last, sigmoid)
    return [[1 - p, p] for [x] in outputs for p in [of_class_1(x)]]


def first_outputs(model: Any, rows: list[Row]) -> list[Any]:
    """Return the outputs for the first row, in evaluation mode."""
    with mode(modules_of(model), training=False):
        return list(as_items(model(rows[0])))


def outputs_of(
    model: Any,
    rows: list[Row],
    times: int,
    compile: bool | None,  # noqa: A002
    workers: Workers | None = None,
    exact: bool = True,
) -> Callable[[], list[Any]]:
    """Return a function that computes the outputs for ``rows``, optimized for being called ``times`` times.

    If replaying all rows is a lot of work, ``workers`` do it.
    """
    modules = modules_of(model)

    def node_by_node() -> list[Any]:
        with no_grad(), mode(modules, training=False):
            return [as_numbers(model(row), i) for i, row in enumerate(rows)]

    is_module = isinstance(model, Module) and callable(model)  # any other function may depend on anything
    if not is_module or (workers is None and not replay_pays(compile, len(rows) * times)):
        return node_by_node
    import numpy as np

    X = np.array(rows)
    try:
        with mode(modules, training=False):
            replay = recorded(lambda row: model(row.tolist()), X, exact=exact)
            work = replay.program(X).work * len(rows)
    except Exception:  # noqa: BLE001 - a model may raise anything while it is recorded
        return node_by_node
    outputs_of_rows: Callable[[], Any] = partial(replay, X)
    if workers is not None and work >= MIN_WORK:
        outputs_of_rows = workers.share(replay, X)

    def replayed() -> list[Any]:
        with mode(modules, training=False):  # a new recording is made in this mode if a parameter was replaced
            outputs = outputs_of_rows()
        listed: list[Any] = (np.column_stack(outputs) if isinstance(outputs, list | tuple) else outputs).tolist()
        return listed

    return replayed


def replay_pays(compile: bool | None, n_rows: int) -> bool:  # noqa: A002
    """Return whether to record and replay. None means: if running ``n_rows`` rows takes longer, and NumPy is installed."""
    return n_rows >= MIN_ROWS and find_spec("numpy") is not None if compile is None else compile


def recorded(function: Callable[..., Any], *arguments: Any, exact: bool = True) -> Any:
    """Return ``autograd.compile(function)`` after recording it for ``arguments``, which raises an error if it is impossible."""
    from autograd import compile  # noqa: A004 - records functions of Values; imports NumPy

    replay = compile(function, exact=exact)
    replay.program(*arguments)
    return replay


def modules_of(model: Any) -> list[Module]:
    """Return all modules in a model, itself included; an empty list for a function."""
    return model.modules() if isinstance(model, Module) else []


def generators_of(model: Any) -> dict[str, Generator]:
    """Return the random number generators in the attributes of the model's modules, such as Dropout, by name."""
    modules = model.named_modules() if hasattr(model, "named_modules") else []
    return {f"{name}.{key}": item for name, module in modules for key, item in vars(module).items() if is_generator(item)}


@contextmanager
def mode(modules: list[Module], *, training: bool) -> Iterator[None]:
    """Set the modules to training or evaluation mode within the ``with`` block, and restore their modes afterwards."""
    before = [module.training for module in modules]
    for module in modules:
        module.training = training
    try:
        yield
    finally:
        for module, was_training in zip(modules, before, strict=True):
            module.training = was_training


def check_callable(model: Any) -> None:
    """Raise a TypeError unless ``model`` can be called with a row."""
    if isinstance(model, type):
        raise TypeError(f"model must be an instance, not the class {model.__name__}; create one, as in MLP(4, [16, 3])")
    if library := library_of(model):
        remedy = "convert it with nn.from_torch(model)" if library == "torch" else "create one, as in MLP(4, [16, 3])"
        remedy = "pass its network, model.model_" if isinstance(getattr(model, "model_", None), Module) else remedy
        raise TypeError(f"model must be a Module of nn, not {type(model).__name__} of {library}; {remedy}")
    if not callable(model):
        is_data = hasattr(model, "__len__") or isinstance(model, Iterable)
        remedy = "pass the model first, and then the rows" if is_data else "define __call__"
        raise TypeError(f"model must be callable with one row, not {describe(model)}; {remedy}")


def as_numbers(outputs: Any, row: int = 0) -> Any:
    """Return the outputs of a model for a row as floats.

    Raises:
        TypeError: If they are not Values or numbers. The message has the number of the row.
    """
    outputs = outputs.tolist() if hasattr(outputs, "tolist") else outputs
    try:
        if isinstance(outputs, list | tuple):
            return [output.data if isinstance(output, Value) else Value(output).data for output in outputs]
        return outputs.data if isinstance(outputs, Value) else Value(outputs).data
    except TypeError as problem:
        raise TypeError(f"a model must return one Value or a list of Values; row {row}: {problem}") from None
