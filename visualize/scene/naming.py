"""Names of parameters, inputs and targets."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Mapping
from typing import Any, NamedTuple

from autograd import Value
from autograd.shared import warn

MAX_LISTED = 3  # names in a warning
_REMEDY = "pass a dict of names and Values, or a list of them"
_THESE = ("this name", "these names")


def parameter_names(model: Any) -> dict[int, str]:
    """Return the name of each parameter of a model, by ``id``.

    Weights and biases of layers get the names of textbooks: ``W1[2,0]`` is the weight of neuron 2 of the first layer for
    input 0, and ``b1[2]`` is the bias of the same neuron. All other parameters keep the names of their attributes.

    Args:
        model: An object with ``named_parameters()``, a dict of names and Values, or None.

    Raises:
        TypeError: If ``model`` is anything else.

    Example:
        >>> w = Value(0.5)
        >>> parameter_names({"layers.0.neurons.2.weights.1": w}) == {id(w): "W1[2,1]"}
        True
    """
    paths = parameter_paths(model)
    layers: dict[str, set[int]] = {}  # by the name of the network: the layers that have parameters
    for path in paths.values():
        match = re.match(r"(?:(.+)\.)?layers\.(\d+)\.", path)
        if match:
            layers.setdefault(match[1] or "", set()).add(int(match[2]))
    numbers = {(network, layer): number for network in layers for number, layer in enumerate(sorted(layers[network]), 1)}
    return {key: _textbook_name(path, numbers) for key, path in paths.items()}


def parameter_paths(model: Any) -> dict[int, str]:
    """Return the name of each parameter by ``id``, as the model calls it. See ``parameter_names``."""
    if model is None:
        return {}
    if isinstance(model, Mapping):
        named = list(model.items())
    elif hasattr(model, "named_parameters") and not isinstance(model, type):
        named = list(model.named_parameters())
    else:
        raise TypeError(
            f"model must be an object with named_parameters(), such as a Module, not {type(model).__name__} ({model!r:.40}); "
            "pass the model itself, not its class, its output or its parameters"
        )
    paths: dict[int, str] = {}
    for name, value in named:
        if not isinstance(value, Value):
            raise TypeError(f"the parameter {name} of the model must be a Value, not {type(value).__name__} ({value!r:.40})")
        paths.setdefault(id(value), str(name))
    return paths


def _textbook_name(path: str, numbers: dict[tuple[str, int], int]) -> str:
    parts = re.fullmatch(r"(?:(.+\.)?layers\.(\d+)\.)?(?:neurons\.(\d+)\.)?(weights\.(\d+)|bias)", path)
    if not parts:
        return path
    network, layer, neuron, last, weight = parts.groups()
    number = str(numbers[(network or "").rstrip("."), int(layer)]) if layer else ""
    indices = [index for index in (neuron, weight) if index is not None]
    letter = "b" if last == "bias" else "W" if neuron or layer else "w"
    return f"{network or ''}{letter}{number}{'[' + ','.join(indices) + ']' if indices else ''}"


class Given(NamedTuple):
    """Names and kinds that the caller gave.

    Attributes:
        names, kinds: By ``id`` of a Value.
        values: Triples of argument, name and Value.
        inputs: Pairs of name and Value or number, in the order of the argument ``inputs``.
        targets: Pairs of name and number for targets that are plain numbers. A name is removed when it is used.
        used: Positions in ``inputs`` of the plain numbers that are used.
        places: Name of each plain number of a layer, by the key of the layer. See ``name_layers``.
    """

    names: dict[int, str]
    kinds: dict[int, str]
    values: list[tuple[str, str, Value]]
    inputs: list[tuple[str, Value | float]]
    targets: list[tuple[str, float]]
    used: set[int]
    places: dict[Any, list[str]]

    def has_numbers(self) -> bool:
        """Return whether some inputs are plain numbers."""
        return any(not isinstance(item, Value) for _, item in self.inputs)

    def name_layers(self, layers: Mapping[Any, list[Value]]) -> None:
        """Choose the names of the plain numbers that go into layers: the names of inputs with the same number.

        A layer whose inputs are in the list, in this order, gets the names of these. Of any other layer, each number gets the
        first unused name with this number. Each name is used for one layer only, or for several modules with the same inputs.

        Args:
            layers: The inputs of each layer, by a key that begins with the number of the call.
        """
        named: dict[Any, Any] = {}  # places of the names, by call and inputs
        keys = [_key(item) for _, item in self.inputs]
        starts: dict[Any, list[int]] = {}
        for i, key in enumerate(keys):
            starts.setdefault(key, []).append(i)
        others = []
        for layer, items in layers.items():
            wanted = [_key(item) for item in items]
            same = (layer[0], *wanted)
            for start in starts.get(wanted[0], ()):
                found = range(start, start + len(wanted))
                if same not in named and keys[start : start + len(wanted)] == wanted and self.used.isdisjoint(found):
                    named[same] = found
                    self.used.update(i for i, item in zip(found, items, strict=True) if item.op == "const")
                    break
            if same not in named:
                others.append((same, wanted))
        for same, wanted in others:
            if same not in named:
                named[same] = [self._take(starts.get(key, ())) for key in wanted]
        for layer, items in layers.items():
            places = named[(layer[0], *map(_key, items))]
            self.places[layer] = [self.inputs[i][0] if i >= 0 else "" for i in places]

    def _take(self, places: Iterable[int]) -> int:
        """Return the first of these positions in ``inputs`` whose name is unused, and use it; -1 if there is none."""
        place = next((i for i in places if i not in self.used), -1)
        if place >= 0 and not isinstance(self.inputs[place][1], Value):
            self.used.add(place)
        return place

    def input(self, number: float) -> str:
        """Return the first unused name of an input that is this plain number, or ``""``. Each name is used once."""
        for i, (name, item) in enumerate(self.inputs):
            if i not in self.used and not isinstance(item, Value) and _key(item) == _key(number):
                self.used.add(i)
                return name
        return ""

    def target(self, number: float) -> str | None:
        """Return the next name of a target that is this plain number, or None. Each name is used once."""
        for i, (name, target) in enumerate(self.targets):
            if _key(target) == _key(number):
                del self.targets[i]
                return name
        return None

    def warn_unused(self, known: Container[int]) -> None:
        """Warn about each argument with entries that name nothing in the graph.

        Args:
            known: The ``id`` of each Value in the graph, and of others that may have names.
        """
        unused = [(role, name) for role, name, value in self.values if id(value) not in known]
        plain = [(i, name) for i, (name, item) in enumerate(self.inputs) if not isinstance(item, Value)]
        unused += [("inputs", name) for i, name in plain if i not in self.used]
        unused += [("targets", name) for name, _ in self.targets]
        for role in dict.fromkeys(role for role, _ in unused):
            found = [repr(name) for place, name in unused if place == role]
            listed = ", ".join(found[:MAX_LISTED]) + (f" and {len(found) - MAX_LISTED} more" if found[MAX_LISTED:] else "")
            warn(f"{role} must be in the graph, not {listed}; nothing in the picture has {_THESE[len(found) > 1]}")


def given_names(inputs: Any = None, targets: Any = None, names: Any = None) -> Given:
    """Return the names in the arguments of ``draw``.

    Raises:
        TypeError: If an argument is not a dict or a list of Values and numbers.

    Example:
        >>> x = Value(1.0)
        >>> [name for name, _ in given_names(inputs=[x, 2.0]).inputs]
        ['x[0]', 'x[1]']
    """
    given = Given({}, {}, [], [], [], set(), {})
    if names is not None and not isinstance(names, Mapping):
        raise TypeError(f"names must be a dict of names and Values, not {type(names).__name__} ({names!r:.40})")
    for role, default, items in (("inputs", "x", inputs), ("targets", "t", targets), ("names", "", names)):
        for name, item in _flat(default, items, role) if items is not None else ():
            if role == "inputs":
                given.inputs.append((name, item))
            if isinstance(item, Value):
                given.names[id(item)] = name
                given.values.append((role, name, item))
                if role != "names":
                    given.kinds[id(item)] = role[:-1]
            elif role == "targets":
                given.targets.append((name, item))
            elif role == "names":
                raise TypeError(
                    f"names must be a dict of names and Values, but {name!r} is {type(item).__name__} ({item!r:.40})"
                )
    return given


def _key(item: Value | float) -> Any:
    """Return a key that is equal for the same Value and for equal numbers. A plain number of a graph is a number."""
    if isinstance(item, Value):
        if item.op != "const":
            return ("Value", id(item))
        item = item.data
    return item if item == item else "nan"


def _flat(name: str, item: Any, role: str, indices: tuple[int, ...] = ()) -> Iterable[tuple[str, Any]]:
    """Return pairs of a name and a Value or number; in lists, the name has indices: ``x[0,2]``."""
    full = f"{name}[{','.join(map(str, indices))}]" if indices else name
    if hasattr(item, "tolist"):
        item = item.tolist()
    if isinstance(item, Value | float | int):
        yield full, item
    elif isinstance(item, Mapping) and not indices:
        for key, value in item.items():
            yield from _flat(str(key), value, role)
    elif isinstance(item, list | tuple):
        for i, value in enumerate(item):
            yield from _flat(name, value, role, (*indices, i))
    else:
        raise TypeError(f"{role} must consist of Values and numbers, not {type(item).__name__} ({item!r:.40}); {_REMEDY}")
