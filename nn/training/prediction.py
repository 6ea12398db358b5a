"""``predict``: what a model gives for many rows, by replaying it where that is quicker."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from autograd import Value, no_grad
from nn.base.checks import Generator, is_generator, shown
from nn.data.rows import Row, check_rows
from nn.modules import Module

FEW = 1_000  # rows, counted each time they are met, that take less time than recording does (and than loading NumPy)


def predict(model: Any, X: Any) -> list[Any]:
    """What ``model`` gives for each row of ``X``, as floats; without Dropout and the like (in evaluation mode).

    Many rows are run through a recording of the model, if it can be recorded; the numbers are the same.

    Args:
        model: a Module, or any function of one row.
        X: N rows of numbers: nested lists, a NumPy array or a DataFrame of pandas.

    Returns:
        N lists of numbers; of a model that gives one Value and no list, N numbers.

    Raises:
        ValueError, TypeError: for rows that are none; if the model gives anything else.

    >>> predict(lambda row: [row[0] + row[1], row[0] * row[1]], [[2.0, 3.0], [4.0, 5.0]])
    [[5.0, 6.0], [9.0, 20.0]]
    """
    check_callable(model)
    rows = check_rows(X)
    return outputs_of(model, rows, 1, None)()


def outputs_of(model: Any, rows: list[Row], times: int, compile: bool | None) -> Callable[[], list[Any]]:  # noqa: A002
    """A function that gives what ``predict`` would for these rows, quickly if it is called so many ``times``."""
    modules = modules_of(model)

    def node_by_node() -> list[Any]:
        with no_grad(), mode(modules, training=False):
            return [_floats(model(row), i) for i, row in enumerate(rows)]

    of_nn = isinstance(model, Module) and callable(model)  # any other function may depend on anything
    if not of_nn or not replay_pays(compile, len(rows) * times):
        return node_by_node
    import numpy as np

    X = np.array(rows)
    try:
        with mode(modules, training=False):
            replay = recorded(lambda row: model(row.tolist()), X)
    except Exception:  # noqa: BLE001 - whatever the model does while it is recorded
        return node_by_node

    def replayed() -> list[Any]:
        with mode(modules, training=False):  # in which it is recorded anew if a parameter was replaced
            outputs = replay(X)
        listed: list[Any] = (np.column_stack(outputs) if isinstance(outputs, list | tuple) else outputs).tolist()
        return listed

    return replayed


def replay_pays(compile: bool | None, n_rows: int) -> bool:  # noqa: A002
    """Whether to try; by itself (None) where so many rows, counted each time they are met, take more time than recording."""
    return n_rows >= FEW if compile is None else compile


def recorded(function: Callable[..., Any], *arguments: Any) -> Any:
    """``autograd.compile(function)``, recorded for such arguments already, so that it says now if that cannot be."""
    from autograd import compile  # noqa: A004 - of functions of Values; loads NumPy

    replay = compile(function)
    replay.program(*arguments)
    return replay


def modules_of(model: Any) -> list[Module]:
    """All modules in it, itself included; none in a function."""
    return model.modules() if isinstance(model, Module) else []


def generators_of(model: Any) -> dict[str, Generator]:
    """The generators of random numbers in the attributes of its modules, as of Dropout, by name."""
    modules = model.named_modules() if hasattr(model, "named_modules") else []
    return {f"{name}.{key}": thing for name, module in modules for key, thing in vars(module).items() if is_generator(thing)}


@contextmanager
def mode(modules: list[Module], *, training: bool) -> Iterator[None]:
    """Within the block, the modules are in training or in evaluation mode; afterwards each as it was."""
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
        raise TypeError(f"model is the class {model.__name__}; make one of it first, as in MLP(4, [16, 3])")
    if not callable(model):
        raise TypeError(f"model must be callable with one row, not {shown(model)}; give it a __call__")


def _floats(outputs: Any, row: int) -> Any:
    outputs = outputs.tolist() if hasattr(outputs, "tolist") else outputs
    try:
        if isinstance(outputs, list | tuple):
            return [output.data if isinstance(output, Value) else Value(output).data for output in outputs]
        return outputs.data if isinstance(outputs, Value) else Value(outputs).data
    except TypeError as problem:
        raise TypeError(f"a model must give one Value or a list of Values, but for row {row}: {problem}") from None
