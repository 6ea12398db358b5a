"""Base classes of objects with validated options and a state: optimizers, schedules and callbacks."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from copy import copy
from typing import Any, dataclass_transform

from attrs import NOTHING, Attribute, Converter, define, field, fields

from autograd.shared import counted
from nn.base.checks import describe
from nn.base.names import did_you_mean, suggesting

# Attributes that are not part of an object's own state. They are saved separately, as part of the model and the optimizer.
NOT_STATE = ("parameters", "optimizer", "groups", "_checked", "_rates")

Check = Callable[[Any, str], Any]  # takes a value and the name of the option; returns the value, or raises an error


def option(
    check: Check, *, default: Any = NOTHING, later: Check | None = None, kw_only: bool = False, optional: bool = False
) -> Any:
    """Declare an option that is validated at construction and whenever it is assigned.

    Args:
        check: Function of a value and a name, which returns the value to store. See ``nn.base.checks``.
        default: The default value. Without one, the option is required.
        later: Check of later assignments, if it differs.
        kw_only: Whether the option can only be passed by keyword.
        optional: Whether None is accepted too.

    >>> from nn.base.checks import positive_int
    >>> class Countdown(Configurable):
    ...     start: int = option(positive_int, default=10)
    >>> countdown = Countdown(3)
    >>> countdown.start = 0
    Traceback (most recent call last):
        ...
    ValueError: start must be at least 1, not 0
    """

    def convert(value: Any, attribute: Attribute[Any]) -> Any:
        return value if optional and value is None else check(value, attribute.name)

    def assign(owner: Any, attribute: Attribute[Any], value: Any) -> Any:
        if vars(owner).get("groups") and attribute.name != "lr":
            rule = f"{attribute.name} of an optimizer with groups must be assigned to a group"
            raise AttributeError(f"{rule}: optimizer.groups[0].{attribute.name} = {value!r:.40}")
        return later(value, attribute.name) if later else convert(value, attribute)

    kind = check.__annotations__["return"]
    convert.__annotations__ = {"value": f"{kind} | None" if optional else kind}  # which the signature of the class shows
    return field(default=default, kw_only=kw_only, converter=Converter(convert, takes_field=True), on_setattr=assign)


@contextmanager
def all_or_nothing(parts: Mapping[str, Any]) -> Iterator[None]:
    """Restore the states of all ``parts`` if the ``with`` block raises an error."""
    before = {name: part.state_dict() for name, part in parts.items()}
    try:
        yield
    except BaseException:
        for name, part in parts.items():
            part.load_state_dict(before[name])
        raise


@dataclass_transform(eq_default=False, field_specifiers=(option, field))
class Configurable:
    """Base of classes whose annotated attributes are their options, as in a class decorated with ``attrs.define``.

    Subclasses need no decorator. A class that defines ``__init__`` keeps it. As in a dataclass, an option that a subclass
    declares again keeps its position, and ``Adam.lr`` is a default value.
    """

    def __init_subclass__(cls) -> None:
        """Generate ``__init__`` from the annotated attributes."""
        super().__init_subclass__()
        if hasattr(cls, "__post_init__"):
            raise TypeError(f"{cls.__name__} must not define __post_init__, which is not called; name it __attrs_post_init__")
        if cls.__annotations__:
            own = "__init__" in vars(cls)
            define(cls, slots=False, eq=False, repr=False, auto_attribs=True, field_transformer=_as_declared)
            if not own:
                setattr(cls, "__init__", suggesting()(cls.__init__))  # noqa: B010 - for type checkers, it is generated
            for attribute in fields(cls):  # type: ignore[arg-type]
                if attribute.default is not NOTHING and not hasattr(attribute.default, "factory"):
                    setattr(cls, attribute.name, attribute.default)

    def options(self) -> list[str]:
        """Return the options that differ from their defaults, and always the learning rate, as written in a call."""
        defaults = {name: option.default for name, option in inspect.signature(type(self)).parameters.items()}
        now = {name: vars(self).get(name, default) for name, default in defaults.items() if name not in NOT_STATE}
        return [f"{name}={value!r}" for name, value in now.items() if name == "lr" or value != defaults[name]]

    def __repr__(self) -> str:
        """Return the call that creates an equal object."""
        parameters = [counted(len(self.parameters), "parameter")] if hasattr(self, "parameters") else []
        return f"{type(self).__name__}({', '.join(parameters + self.options())})"


class Stateful(Configurable):
    """An object whose state is its attributes: numbers, strings, tuples of numbers, and arrays.

    Other attributes may be assigned too, unless their names resemble options: ``optimizer.momentun = 0.9`` is
    an AttributeError.
    """

    def __init_subclass__(cls) -> None:
        """Generate ``__init__``, and check the names of attributes that are assigned."""
        super().__init_subclass__()
        if not cls.__annotations__:
            return
        assign, declared = cls.__setattr__, [attribute.name for attribute in fields(cls)]  # type: ignore[arg-type]

        def checked(self: Any, name: str, value: Any) -> None:
            if name not in declared and not hasattr(self, name) and (hint := did_you_mean(name, declared, exact=True)):
                raise AttributeError(f"{type(self).__name__} has no option {name!r}{hint}")
            assign(self, name, value)

        setattr(cls, "__setattr__", checked)  # noqa: B010 - attrs generated the present one

    def state_dict(self) -> dict[str, Any]:
        """Return everything that is needed to resume from here: options, counters, and copies of arrays, by name.

        All entries except arrays can be written as JSON.
        """
        attributes = {name: copy(value) for name, value in vars(self).items() if name not in NOT_STATE}
        return {"class": type(self).__name__, **attributes}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Restore the state returned by ``state_dict``. Arrays and tuples may be lists, as they are after reading JSON.

        Raises:
            TypeError: If ``state`` is not a mapping.
            ValueError: If it is the state of another class, of other options, or of another number of parameters.
                The message states the difference. After an error, nothing is changed.
        """
        if not isinstance(state, Mapping):
            raise TypeError(f"state must be a dict from state_dict(), not {describe(state)}")
        mine = self.state_dict()
        if state.get("class") != mine.pop("class"):
            raise ValueError(f"the state of {state.get('class')!r:.40} cannot be loaded into {self!r}")
        for verb, odd in (("lacks", mine.keys() - state), ("has", state.keys() - mine - {"class"})):
            if odd:
                raise ValueError(f"the state {verb} {', '.join(sorted(odd))}, unlike {self!r}; create it with the same options")
        values = {name: _like(value, state[name], name) for name, value in mine.items() if not isinstance(value, dict)}
        validated = copy(self)
        vars(validated).pop("groups", None)  # which have their own states
        for name, value in values.items():
            setattr(validated, name, value)
        vars(self).update(vars(validated))


def _as_declared(cls: type, attributes: list[Attribute[Any]]) -> list[Attribute[Any]]:
    """Return the attributes in the order in which they were first declared. Each has the same name in ``__init__``.

    Raises:
        TypeError: If a default would be shared by all objects, or is a field of a dataclass.
    """
    for attribute in attributes:
        if isinstance(attribute.default, list | dict | set) or type(attribute.default).__module__ == "dataclasses":
            found = f"{cls.__name__}.{attribute.name} must be an immutable default, not {describe(attribute.default)}"
            raise TypeError(f"{found}; use attrs.field(factory=...), or attrs.field(init=False)")
    order = [attribute.name for attribute in getattr(cls, "__attrs_attrs__", ())]  # of the base class
    attributes.sort(key=lambda attribute: order.index(attribute.name) if attribute.name in order else len(order))
    own = "__init__" in vars(cls)  # then the order of required and other attributes does not matter
    return [attribute.evolve(alias=attribute.name, kw_only=attribute.kw_only or own) for attribute in attributes]


def _like(present: Any, given: Any, name: str) -> Any:
    """Return ``given`` if it has the type and shape of the present value."""
    import numpy as np

    if isinstance(present, str | list | dict | None):
        return given  # only numbers have a shape to compare
    numbers = np.array(given)
    if numbers.dtype.kind not in {bool: "b", int: "iu"}.get(type(present), "fiu") or numbers.shape != np.shape(present):
        found = f"{name} in the state is {given!r:.40} of shape {numbers.shape}"
        raise ValueError(f"{found}, unlike {present!r:.40} of shape {np.shape(present)}; was it saved from another model?")
    return numbers.astype(float) if isinstance(present, np.ndarray) else type(present)(numbers.tolist())
