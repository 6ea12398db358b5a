"""How ``fit`` gets the loss of a batch and its gradient: by replaying what was recorded for one row, or node by node.

Replayed, a model runs many times as fast. What it does must then be the same for each row and at each call; this is
looked at here, and where it is not so, training goes on node by node, which is right for any model.
"""

from __future__ import annotations

import math
import random
import sys
import warnings
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from autograd import RecordingError, Value
from nn.losses import LOSSES, Loss
from nn.modules import Module

# Of the rows with the numbers in a batch, the mean loss; its gradient is added to that of each parameter.
BatchLoss = Callable[[Sequence[int]], float]

FEW = 1_000  # rows, counted each time they are met, that take less time than recording does (and than loading NumPy)


def batch_loss(
    model: Any,
    rows: list[Any],
    targets: list[Any],
    loss: str | Loss,
    function: Loss,
    epochs: int,
    compile: bool | None,  # noqa: A002
) -> BatchLoss:
    """The quickest way for this model and loss; with a warning that says why, if that could only be node by node.

    Finding out calls the model three times. The global generators of random numbers are then put back.
    """
    if compile not in (None, True, False):
        raise TypeError(
            f"compile must be True, False, or None for what is quicker, not {type(compile).__name__} ({compile!r:.40})"
        )
    if function not in LOSSES.values() or compile is False or (compile is None and len(rows) * epochs < FEW):
        return node_by_node(model, rows, targets, loss, function)
    states = _random_states()
    try:
        function([model(rows[0])] * len(targets), targets)  # checks all targets, which nobody can while it is recorded
    finally:
        _put_back(states)
    try:
        return replayed(model, rows, targets, function)
    except Exception as problem:  # noqa: BLE001 - whatever the model does while it is recorded
        warnings.warn(
            f"fit runs {model!r} node by node, which is right but slow, as it cannot be replayed: {problem} "
            "(compile=False does so without this warning)",
            stacklevel=3,
        )
        return node_by_node(model, rows, targets, loss, function)


def _random_states() -> tuple[Any, Any]:
    """Those of the global generators, of Python and, if it is loaded, of NumPy."""
    return random.getstate(), sys.modules["numpy.random"].get_state() if "numpy.random" in sys.modules else None


def _put_back(states: tuple[Any, Any]) -> None:
    random.setstate(states[0])
    if states[1] is not None:
        sys.modules["numpy.random"].set_state(states[1])


def node_by_node(model: Any, rows: list[Any], targets: list[Any], loss: str | Loss, function: Loss) -> BatchLoss:
    """By a graph made anew for each batch. If the loss is nan or infinite, no gradient is added."""

    def mean_loss(batch: Sequence[int]) -> float:
        value = function([model(rows[i]) for i in batch], [targets[i] for i in batch])
        _check_loss(value, loss)
        if math.isfinite(value.data):
            value.backward()
        return value.data

    return mean_loss


def replayed(model: Any, rows: list[Any], targets: list[Any], function: Loss) -> BatchLoss:
    """By a program for one row, recorded here.

    Args:
        function: one whose loss of a batch is the mean over its rows.

    Raises:
        RecordingError: if what the model does depends on its numbers or on chance, or if a call changes the model.
    """
    import numpy as np

    def of_row(row: Any, target: Any) -> Value:
        return function([model(row.tolist())], [target.tolist() if isinstance(target, np.ndarray) else target])

    X, y = np.array(rows, dtype=float), np.array(targets, dtype=float)
    recorded = record(model, of_row, X, y)
    if not recorded.program(X, y).n_parameters:
        raise RecordingError("its outputs do not depend on any Value")

    def mean_loss(batch: Sequence[int]) -> float:
        if len(batch) == len(X):  # in their order
            return float(recorded.backward(X, y))
        numbers = np.array(batch)
        return float(recorded.backward(X[numbers], y[numbers]))

    return mean_loss


def record(model: Any, function: Callable[..., Any], *arrays: Any) -> Any:
    """``autograd.compile(function)``, recorded for arrays with a row each; the function does nothing but call ``model``.

    Raises:
        RecordingError: if what the model does depends on its numbers or on chance, or if a call changes the model.
    """
    from autograd import compile  # noqa: A004 - of functions of Values; loads NumPy

    recorded, before, states = compile(function), _Contents(model), _random_states()
    try:  # twice, from two rows: what draws random numbers or counts its calls gives two programs
        programs = recorded.program(*[a[:1] for a in arrays]), compile(function).program(*[a[-1:] for a in arrays])
        changed = before.difference(_Contents(model))
    finally:
        _put_back(states)
    if changed:
        raise RecordingError(f"a call of it changes {changed}, which a replay would not")
    one, other = ((p.code, p.terms, p.constants.tobytes(), p.n_parameters) for p in programs)
    if one != other:
        raise RecordingError("two calls of it do not compute the same, as if it drew random numbers")
    return recorded


def _check_loss(value: Any, loss: str | Loss) -> None:
    """Raise an error unless ``value`` is a Value that was recorded."""
    if not isinstance(value, Value):
        raise TypeError(f"the loss must return one Value, but {loss!r} returned {type(value).__name__} ({value!r:.40})")
    if not value.op:
        raise ValueError(f"{loss!r} returned {value!r}, which was not computed from the model; is fit called within no_grad()?")


class _Contents:
    """What is in the attributes of a model, and the states of generators of random numbers: to be compared."""

    def __init__(self, model: Any) -> None:
        self._found: dict[str, Any] = {"the state of random": random.getstate()}
        self._kept: dict[int, Any] = {}  # by id, which is an object's own as long as that is kept
        if "numpy.random" in sys.modules:
            self._found["the state of numpy.random"] = repr(sys.modules["numpy.random"].get_state())
        self._add_all("", vars(model).items())

    def difference(self, other: _Contents) -> str:
        """The name of something that is not the same in both, or nothing."""
        mine, others = self._found, other._found
        return min((name for name in mine.keys() | others.keys() if mine.get(name) != others.get(name)), default="")

    def _add_all(self, prefix: str, items: Iterable[tuple[Any, Any]]) -> None:
        for key, thing in items:
            name = f"{prefix}{key}"
            if isinstance(thing, int | float | str):
                self._found[name] = repr(thing)
            elif isinstance(thing, random.Random):
                self._found[name] = thing.getstate()
            elif hasattr(thing, "bit_generator"):  # of NumPy
                self._found[name] = repr(thing.bit_generator.state)
            elif hasattr(thing, "tobytes"):
                self._found[name] = thing.tobytes()
            else:
                self._found[name] = id(thing)
                if id(thing) not in self._kept:
                    self._kept[id(thing)] = thing
                    self._add_all(f"{name}.", _items(thing))


def _items(thing: Any) -> Iterable[tuple[Any, Any]]:
    if isinstance(thing, Module):
        return vars(thing).items()
    return thing.items() if isinstance(thing, dict) else enumerate(thing) if isinstance(thing, list | tuple) else ()
