"""What has parameters: the base of all layers and networks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Self, TypeVar

from autograd import Value, leaves
from nn.base.checks import any_float, shown, switch

Kind = TypeVar("Kind")


class Module:
    """Something with parameters. Derive from it, and the parameters are found by themselves.

    They are the Values (not those computed from others) in its attributes, and in lists, tuples, dicts, NumPy object
    arrays and Modules in its attributes, however nested; in the order in which the attributes were first assigned. One
    that is reachable in several ways is listed once. Attributes whose name begins with ``_`` are not searched: results to be
    kept belong there. ``0.1 * Value(2.0)`` is computed, and so no parameter; ``(0.1 * Value(2.0)).detach()`` is one.

    >>> class Line(Module):
    ...     def __init__(self):
    ...         self.slope, self.intercept = Value(2.0), Value(1.0)
    ...     def __call__(self, x):
    ...         return self.slope * x + self.intercept
    >>> Line().named_parameters()
    [('slope', Value(2.0)), ('intercept', Value(1.0))]

    Attributes:
        training: whether it is being trained, as by ``train()``, or used, as by ``eval()``. Only some modules, such as
            Dropout, look at it.
    """

    training: bool = True
    _arguments = ""  # of the call that makes it, as text, where that is more telling than how many parameters it has

    def named_parameters(self) -> list[tuple[str, Value]]:
        """The parameters with names such as ``layers.0.neurons.3.weights.1``, by which the attribute is found.

        Raises:
            ValueError: if two have the same name, as ``{1: ..., "1": ...}`` would give; ``parameters`` has both.
        """
        named: dict[str, Value] = {}
        for name, parameter in self._find(Value):
            if not parameter.op and named.setdefault(name, parameter) is not parameter:
                raise ValueError(f"two parameters of {self!r} have the name {name!r}; give an attribute or key another name")
        return list(named.items())

    def parameters(self) -> list[Value]:
        """The parameters, in the order of ``named_parameters``."""
        return [value for _, value in self._find(Value) if not value.op]

    def named_modules(self) -> list[tuple[str, Module]]:
        """The module itself, under the name ``""``, and all modules in it, with names such as ``layers.0``.

        They are found where parameters are, in the same order, and each once.
        """
        return self._find(Module)

    def modules(self) -> list[Module]:
        """The module itself and all modules in it, in the order of ``named_modules``."""
        return [module for _, module in self._find(Module)]

    def train(self, mode: bool = True) -> Self:
        """Set ``training`` of this module and of all in it to ``mode``; returns the module.

        Raises:
            TypeError: if ``mode`` is not True or False.

        >>> from nn import Dropout
        >>> Dropout(0.5).train(False).training
        False
        """
        switch(mode, "mode")
        for module in self.modules():
            module.training = mode
        return self

    def eval(self) -> Self:
        """The same as ``train(False)``."""
        return self.train(False)

    def zero_grad(self) -> None:
        """Set the gradient of every parameter to 0.0."""
        for parameter in self.parameters():
            parameter.grad = 0.0

    def state_dict(self) -> dict[str, float]:
        """The number of each parameter by its name.

        >>> from nn import Neuron
        >>> Neuron(2, init="zeros").state_dict()
        {'weights.0': 0.0, 'weights.1': 0.0, 'bias': 0.0}
        """
        return {name: parameter.data for name, parameter in self.named_parameters()}

    def load_state_dict(self, state: Mapping[str, float]) -> None:
        """Take the numbers from what ``state_dict`` gave for a module of the same shape.

        Raises:
            ValueError: if a name is missing or unknown; then nothing has been changed.
            TypeError: if it is no such dict, or one of them is not a number; likewise.
        """
        if not isinstance(state, Mapping):
            raise TypeError(f"load_state_dict takes what state_dict gave, not {shown(state)}; load_checkpoint reads a file")
        own = dict(self.named_parameters())
        differing = sorted(own.keys() ^ state.keys(), key=str)
        if differing:
            kind = "missing" if differing[0] in own else "unknown"
            what = f"cannot take these {len(state)} numbers: {differing[0]!r} is {kind} (one of {len(differing)})"
            raise ValueError(f"{self!r} has {len(own)} parameters and {what}; build the module with the shape it had then")
        numbers = {name: any_float(number, f"{name!r} in the state") for name, number in state.items()}
        for name, parameter in own.items():
            parameter.data = numbers[name]

    def _find(self, kind: type[Kind]) -> list[tuple[str, Kind]]:
        """The module and what is in it, if it is of this kind, Module or Value (also computed): each once, with its name."""
        found: dict[int, tuple[str, Any]] = {id(self): ("", self)}
        _walk("", self, found)
        return [(name, thing) for name, thing in found.values() if isinstance(thing, kind)]

    def __repr__(self) -> str:
        """One line: the call that makes it, or the class and how many parameters it has."""
        return f"{type(self).__name__}({self._arguments or f'{len(self.parameters())} parameters'})"


def check_computed(module: Module) -> None:
    """Raise a ValueError if a computed Value is where a parameter was meant, as in ``self.w = 0.1 * Value(2.0)``.

    One that a parameter of the module went into is taken for a result that was kept.
    """
    values = module._find(Value)
    parameters = {id(value) for _, value in values if not value.op}
    for name, value in values:
        if value.op and parameters.isdisjoint(map(id, leaves(value))):
            way = "would not be trained; keep its .detach() if it is to be, and otherwise its .data"
            raise ValueError(f"{name} of {module!r} is {value!r}, computed from others and so no parameter: it {way}")


def _walk(prefix: str, thing: Any, found: dict[int, tuple[str, Any]]) -> None:
    """Add what is in ``thing`` to ``found``: its name, and itself, so that its id stays its own."""
    for key, child in _items(thing):
        if isinstance(child, Value):  # most are, and have nothing in them
            found.setdefault(id(child), (f"{prefix}{key}", child))
        elif id(child) not in found:
            found[id(child)] = f"{prefix}{key}", child
            _walk(f"{prefix}{key}.", child, found)


def _items(thing: Any) -> Iterable[tuple[Any, Any]]:
    """What is in it, by attribute, key or index; nothing in what is not searched."""
    if isinstance(thing, Module):
        return [(name, child) for name, child in vars(thing).items() if not name.startswith("_")]
    if getattr(thing, "dtype", None) == "object":  # a NumPy array
        thing = thing.tolist() if thing.ndim else [thing.item()]
    if isinstance(thing, dict):
        return thing.items()
    return enumerate(thing) if isinstance(thing, list | tuple) else ()
