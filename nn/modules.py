"""What has parameters: the base of all layers and networks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Self

from autograd import Value, leaves
from nn.choices import switch


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

    def named_parameters(self) -> list[tuple[str, Value]]:
        """The parameters with names such as ``layers.0.neurons.3.weights.1``, by which the attribute is found.

        Raises:
            ValueError: if two have the same name, as ``{1: ..., "1": ...}`` would give; ``parameters`` has both.
        """
        named: dict[str, Value] = {}
        for prefix, key, parameter in self._find():
            if named.setdefault(name := f"{prefix}{key}", parameter) is not parameter:
                raise ValueError(
                    f"two parameters of {self!r} have the name {name!r}, so that one would be lost where names are kept; "
                    "give an attribute, or a key of a dict, another name"
                )
        return list(named.items())

    def parameters(self) -> list[Value]:
        """The parameters, in the order of ``named_parameters``."""
        return [parameter for _, _, parameter in self._find()]

    def named_modules(self) -> list[tuple[str, Module]]:
        """The module itself, under the name ``""``, and all modules in it, with names such as ``layers.0``.

        They are found where parameters are, in the same order, and each once.
        """
        seen: dict[int, tuple[str, Any]] = {}
        _search("", self, {}, seen)
        return [(prefix.removesuffix("."), thing) for prefix, thing in seen.values() if isinstance(thing, Module)]

    def modules(self) -> list[Module]:
        """The module itself and all modules in it, in the order of ``named_modules``."""
        return [module for _, module in self.named_modules()]

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
            raise TypeError(
                "load_state_dict takes what state_dict gave, a dict with the number of each parameter by its name, not "
                f"{type(state).__name__} ({state!r:.40}); a file is read by load_checkpoint(path, model=model)"
            )
        own = dict(self.named_parameters())
        for names, what in ((own.keys() - state.keys(), "missing"), (state.keys() - own.keys(), "unknown")):
            if names:
                raise ValueError(
                    f"{self!r} has {len(own)} parameters and cannot take these {len(state)} numbers: "
                    f"{min(names, key=str)!r} is {what} (one of {len(names)}); build the module with the shape "
                    "it had when they were saved"
                )
        numbers = {}
        for name, number in state.items():
            try:
                numbers[name] = Value(number).data
            except TypeError as problem:
                raise TypeError(f"{name!r} in the state for {self!r}: {problem}") from None
        for name, parameter in own.items():
            parameter.data = numbers[name]

    def _find(self, computed: bool = False) -> Iterable[tuple[str, Any, Value]]:
        found: dict[int, tuple[str, Any, Value]] = {}
        _search("", self, found, {})
        return [place for place in found.values() if bool(place[2].op) is computed]

    def __repr__(self) -> str:
        """One line: the class and how many parameters it has."""
        return f"{type(self).__name__}({len(self.parameters())} parameters)"


class Fixed(Module):
    """A module whose attributes, but for ``training``, stay the objects that they were first."""

    def __setattr__(self, name: str, value: Any) -> None:
        if hasattr(self, name) and name != "training":
            raise AttributeError(
                f"{name} of {self!r} is fixed when the {type(self).__name__} is made, and cannot be replaced; to change a "
                "parameter, assign to its data; for weights of your own, write a Module that calls autograd.affine"
            )
        super().__setattr__(name, value)


def check_computed(module: Module) -> None:
    """Raise a ValueError if a computed Value is where a parameter was meant, as in ``self.w = 0.1 * Value(2.0)``.

    One that a parameter of the module went into is taken for a result that was kept.
    """
    parameters = {id(parameter) for parameter in module.parameters()}
    for prefix, key, value in module._find(computed=True):
        if parameters.isdisjoint(map(id, leaves(value))):
            raise ValueError(
                f"{prefix}{key} of {module!r} is {value!r}, computed from others and so no parameter: it would not be trained; "
                "keep its .detach() if it is to be, and otherwise its .data"
            )


def _search(prefix: str, thing: Any, found: dict[int, tuple[str, Any, Value]], seen: dict[int, tuple[str, Any]]) -> None:
    """Add the Values in ``thing`` to ``found``, by id: where they are, and the Value.

    ``seen`` has what was searched, likewise: once is enough, and ids stay unique only as long as the objects are kept.
    """
    children: Iterable[tuple[Any, Any]]
    if isinstance(thing, Module):
        children = [(key, child) for key, child in vars(thing).items() if not key.startswith("_")]
    elif isinstance(thing, dict):
        children = thing.items()
    elif isinstance(thing, list | tuple):
        children = enumerate(thing)
    elif getattr(thing, "dtype", None) == "object":  # a NumPy array
        children = enumerate(thing.tolist() if thing.ndim else [thing.item()])
    else:
        return
    if id(thing) in seen:
        return
    seen[id(thing)] = prefix, thing
    for key, child in children:
        if not isinstance(child, Value):
            _search(f"{prefix}{key}.", child, found, seen)
        elif id(child) not in found:
            found[id(child)] = (prefix, key, child)
