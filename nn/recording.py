"""Recording what a model does for one row, to replay it for others; and noticing where that would not be the same."""

from __future__ import annotations

import random
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from autograd import RecordingError
from nn.choices import get_state, is_generator
from nn.modules import Module


def record(model: Any, function: Callable[..., Any], *arguments: Any) -> Any:
    """``autograd.compile(function)``, recorded for such arguments; the function calls ``model`` and changes nothing itself.

    Args:
        model: what may not change, nor draw random numbers.
        function: of a row of each array.
        arguments: arrays with a row each, and lists of numbers that are the same for all.

    Raises:
        RecordingError: if what the model does depends on its numbers or on chance, or if a call changes the model.
    """
    import numpy as np

    from autograd import compile  # noqa: A004 - of functions of Values; loads NumPy

    def part(rows: slice) -> list[Any]:
        return [thing[rows] if isinstance(thing, np.ndarray) else thing for thing in arguments]

    recorded, before = compile(function), _Contents(model)
    with random_states_kept():
        # Recorded twice, from two rows: what draws random numbers or counts its calls gives two programs.
        programs = recorded.program(*part(slice(1))), compile(function).program(*part(slice(-1, None)))
        changed = before.difference(_Contents(model))
    if changed:
        raise RecordingError(f"a call of it changes {changed}, which a replay would not")
    one, other = ((p.code, p.terms, p.constants.tobytes(), p.n_parameters) for p in programs)
    if one != other:
        raise RecordingError("two calls of it do not compute the same, as if it drew random numbers")
    return recorded


@contextmanager
def random_states_kept() -> Iterator[None]:
    """Afterwards the global generators, of Python and, if it is loaded, of NumPy, are in the state that they were in before."""
    state, numpys = random.getstate(), sys.modules.get("numpy.random")
    numpy_state = None if numpys is None else numpys.get_state()
    try:
        yield
    finally:
        random.setstate(state)
        if numpys is not None:
            numpys.set_state(numpy_state)


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
            elif is_generator(thing):
                self._found[name] = repr(get_state(thing))
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
