"""``state_dict`` and ``load_state_dict``, as optimizers and schedules have them: to stop, and to go on with the same bits."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from copy import copy
from typing import Any

from nn.choices import shown

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

        All but the arrays can be written as JSON; of arrays and tuples, lists can be loaded, too.
        """
        attributes = {name: copy(value) for name, value in vars(self).items() if name not in ELSEWHERE}
        return {"class": type(self).__name__, **attributes}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from where ``state_dict`` was called.

        Raises:
            TypeError: if it is no dict.
            ValueError: if it is the state of something else: of another class, other options, another number of parameters.
                The message says what differs; after an error nothing is changed.
        """
        if not isinstance(state, Mapping):
            raise TypeError(f"load_state_dict takes what state_dict gave, a dict, not {shown(state)}")
        mine = self.state_dict()
        if state.get("class") != mine.pop("class"):
            raise ValueError(f"this is a state of {state.get('class')!r:.40}, and cannot be loaded into {self!r}")
        for kind, names in (("lacks", mine.keys() - state), ("has", state.keys() - mine - {"class"})):
            if names:
                raise ValueError(f"the state {kind} {', '.join(sorted(names))}, unlike {self!r}; make it with the same options")
        vars(self).update({name: _like(value, state[name], name) for name, value in mine.items()})

    def __repr__(self) -> str:
        """With the options that are not as by default; with the rate always."""
        shown = [f"{len(self.parameters)} parameters"] if hasattr(self, "parameters") else []
        for name, option in inspect.signature(type(self)).parameters.items():
            value = vars(self).get(name, option.default)
            if name not in ELSEWHERE and (name == "lr" or value != option.default):
                shown.append(f"{name}={value!r}")
        return f"{type(self).__name__}({', '.join(shown)})"


def _like(present: Any, given: Any, name: str) -> Any:
    """``given``, if it is of the kind and shape of what is there now."""
    import numpy as np

    numbers = np.array(given)
    if numbers.dtype.kind not in {bool: "b", int: "iu"}.get(type(present), "fiu") or numbers.shape != np.shape(present):
        what = f"{name} of the state is {given!r:.40} of shape {numbers.shape}"
        raise ValueError(f"{what}, unlike {present!r:.40} of shape {np.shape(present)}; is it that of another model?")
    return numbers.astype(float) if isinstance(present, np.ndarray) else type(present)(numbers.tolist())
