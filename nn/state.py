"""``state_dict`` and ``load_state_dict``, as optimizers and schedules have them: to stop, and to go on with the same bits."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from nn.choices import any_float, positive_int, switch

# Attributes that are no numbers of the object's own: they are saved elsewhere, with the model and the optimizer.
ELSEWHERE = ("parameters", "optimizer")


@contextmanager
def all_or_nothing(parts: Mapping[str, Any]) -> Iterator[None]:
    """Within it, ``parts`` are given states; if that ends with an error, all have those again that they had before."""
    before = {name: part.state_dict() for name, part in parts.items()}
    try:
        yield
    except BaseException:
        for name, part in parts.items():
            part.load_state_dict(before[name])
        raise


class Stateful:
    """An object whose attributes are its state: numbers, True or False, tuples of numbers, and arrays."""

    def state_dict(self) -> dict[str, Any]:
        """All that is needed to go on from here: options, counters, and copies of arrays, by name.

        All but the arrays can be written as JSON; of arrays, lists (``.tolist()``) can be loaded, too.
        """
        state: dict[str, Any] = {"class": type(self).__name__}
        for name, value in self._attributes().items():
            state[name] = list(value) if isinstance(value, tuple) else value.copy() if hasattr(value, "shape") else value
        return state

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from where ``state_dict`` was called.

        Raises:
            TypeError: if it is no dict, or what should be a number is none.
            ValueError: if it is the state of something else: of another class, other options, another number of parameters.
                The message says what differs; after an error nothing is changed.
        """
        mine = type(self).__name__
        if not isinstance(state, Mapping):
            raise TypeError(f"load_state_dict takes what state_dict gave, a dict, not {type(state).__name__} ({state!r:.40})")
        if state.get("class") != mine:
            raise ValueError(f"this is a state of {state.get('class')!r:.40}, and cannot be loaded into {self!r}")
        attributes = self._attributes()
        for kind, names in (("lacks", attributes.keys() - state), ("has", state.keys() - attributes - {"class"})):
            if names:
                listed = ", ".join(sorted(map(str, names)))
                raise ValueError(f"the state {kind} {listed}, unlike {self!r}; make the {mine} with the same options as before")
        self.__dict__.update({name: _like(value, state[name], name) for name, value in attributes.items()})

    def _attributes(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if name not in ELSEWHERE}

    def _options(self) -> str:
        """The options that it was made with, but for those that are as by default."""
        parameters = inspect.signature(type(self)).parameters
        options = {name: vars(self)[name] for name in parameters if name in self._attributes()}
        shown = {name: value for name, value in options.items() if name == "lr" or value != parameters[name].default}
        return ", ".join(f"{name}={value!r}" for name, value in shown.items())

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._options()})"


def _like(present: Any, given: Any, name: str) -> Any:
    """``given``, if it is of the kind of what is there now."""
    if isinstance(present, bool):
        return switch(given, name)
    if isinstance(present, int):
        return positive_int(given, name, least=0)
    if isinstance(present, float):
        return any_float(given, name)
    import numpy as np

    try:
        array = np.array(given, dtype=np.float64)
    except (TypeError, ValueError):
        raise TypeError(f"{name} of the state must hold numbers, not {given!r:.40}") from None
    if array.shape != np.shape(present):
        raise ValueError(
            f"{name} of the state has the shape {array.shape}, not {np.shape(present)}; is it that of another model?"
        )
    return tuple(array.tolist()) if isinstance(present, tuple) else array
