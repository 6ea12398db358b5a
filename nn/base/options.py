"""Objects with options and a state, as optimizers, schedules and callbacks are.

``Declared`` checks what is assigned to an option; ``Stateful`` has ``state_dict`` and ``load_state_dict`` besides: to stop, and
to go on with the same bits.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from copy import copy
from dataclasses import dataclass, field
from typing import Any, ClassVar, dataclass_transform

from nn.base.checks import shown

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


@dataclass_transform(eq_default=False, field_specifiers=(field,))
class Declared:
    """A class whose annotated attributes are its options: those with which objects are made, as of a dataclass.

    What is assigned to an option, at first or later, must keep the rule of its kind: a kind is ``Annotated`` with a rule, as
    those in ``nn.choices`` are; if with two, the second one is for later. A class with an ``__init__`` of its own keeps that.

    >>> from autograd import Value
    >>> from nn import SGD, StepLR
    >>> schedule = StepLR(SGD([Value(0.0)]), step_size=3)
    >>> schedule.step_size = 0
    Traceback (most recent call last):
        ...
    ValueError: step_size must be 1 or more, not 0
    """

    rules: ClassVar[dict[str, tuple[Callable[[Any, str], Any], ...]]] = {}

    def __init_subclass__(cls) -> None:
        """Find the rules, and make the ``__init__``."""
        super().__init_subclass__()
        cls.rules = dict(cls.rules)
        for name, kind in cls.__annotations__.items():
            if isinstance(kind, str):  # as it is after `from __future__ import annotations`
                with suppress(Exception):  # of what only type checkers know
                    kind = eval(kind, vars(sys.modules[cls.__module__]))  # noqa: PLW2901
            cls.rules[name] = tuple(filter(callable, getattr(kind, "__metadata__", ())))
        if cls.__annotations__ and "__init__" not in vars(cls):
            dataclass(eq=False, repr=False)(cls)

    def __setattr__(self, name: str, value: Any) -> None:
        super().__setattr__(name, self.checked(name, value) if name in self.rules else value)

    def checked(self, name: str, value: Any) -> Any:
        """``value`` as it may be assigned to the attribute of that name; of any other than an option, as it is."""
        rules = self.rules.get(name)
        return rules[-1 if name in vars(self) else 0](value, name) if rules else value

    def options(self) -> list[str]:
        """Those that are not as by default, as in a call; the rate always."""
        defaults = {name: option.default for name, option in inspect.signature(type(self)).parameters.items()}
        now = {name: vars(self).get(name, default) for name, default in defaults.items() if name not in ELSEWHERE}
        return [f"{name}={value!r}" for name, value in now.items() if name == "lr" or value != defaults[name]]

    def __repr__(self) -> str:
        """With its options."""
        shown = [f"{len(self.parameters)} parameters"] if hasattr(self, "parameters") else []
        return f"{type(self).__name__}({', '.join(shown + self.options())})"


class Stateful(Declared):
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
        vars(self).update({name: self.checked(name, _like(value, state[name], name)) for name, value in mine.items()})


def _like(present: Any, given: Any, name: str) -> Any:
    """``given``, if it is of the kind and shape of what is there now."""
    import numpy as np

    if isinstance(present, str | list | dict | None):
        return given  # anything: only numbers have a shape
    numbers = np.array(given)
    if numbers.dtype.kind not in {bool: "b", int: "iu"}.get(type(present), "fiu") or numbers.shape != np.shape(present):
        what = f"{name} of the state is {given!r:.40} of shape {numbers.shape}"
        raise ValueError(f"{what}, unlike {present!r:.40} of shape {np.shape(present)}; is it that of another model?")
    return numbers.astype(float) if isinstance(present, np.ndarray) else type(present)(numbers.tolist())
