"""Names of parameters, inputs and targets."""

from __future__ import annotations

import re
from collections import deque
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


class Named:
    """Values and plain numbers of an argument, each with a name. The name of a plain number is used once.

    Attributes:
        items: Pairs of name and Value or number, in the order of the argument.
        used: Positions in ``items`` of the plain numbers whose names are used.
    """

    def __init__(self) -> None:
        self.items: list[tuple[str, Value | float]] = []
        self.used: set[int] = set()
        self._waiting: dict[Any, deque[int]] = {}  # positions in `items`, by key

    def add(self, name: str, item: Value | float) -> None:
        """Add a Value or number."""
        self._waiting.setdefault(_key(item), deque()).append(len(self.items))
        self.items.append((name, item))

    def has_numbers(self) -> bool:
        """Return whether some items are plain numbers."""
        return any(not isinstance(item, Value) for _, item in self.items)

    def take(self, item: Value | float) -> str:
        """Return the first unused name of this Value or number, and use it; ``""`` if all are used."""
        waiting = self._waiting.get(_key(item), deque())
        while waiting and waiting[0] in self.used:
            waiting.popleft()
        if not waiting:
            return ""
        place = waiting[0]
        self._use(place)
        return self.items[place][0]

    def name_layers(self, layers: Mapping[Any, list[Value]]) -> dict[Any, list[str]]:
        """Return the name of each input of each layer, or ``""``: the names of the items that are the same number.

        A layer whose inputs are a row of the items, in this order, gets the names of this row. Of any other layer, each number
        gets the first unused name of this number. Modules that are called with the same inputs get the same names.

        Args:
            layers: The inputs of each layer, by a key that begins with the number of the call.
        """
        wanted = {(layer[0], *map(_key, items)): items for layer, items in layers.items()}
        rows: dict[tuple[Any, ...], deque[range]] = {}
        keys = [_key(item) for _, item in self.items]
        for size in {len(items) for items in wanted.values()}:
            for start in range(0, len(keys) - size + 1, size):
                rows.setdefault(tuple(keys[start : start + size]), deque()).append(range(start, start + size))
        named: dict[tuple[Any, ...], list[str]] = {}
        for same in wanted:
            waiting = rows.get(same[1:], deque())
            while waiting and not self.used.isdisjoint(waiting[0]):
                waiting.popleft()
            if waiting:
                named[same] = [self.items[place][0] for place in waiting[0]]
                self._use(*waiting.popleft())
        for same, items in wanted.items():
            if same not in named:
                named[same] = [self.take(item) for item in items]
        return {layer: named[(layer[0], *map(_key, items))] for layer, items in layers.items()}

    def unused(self) -> list[str]:
        """Return the names of plain numbers that are not used."""
        return [name for place, (name, item) in enumerate(self.items) if not isinstance(item, Value) and place not in self.used]

    def _use(self, *places: int) -> None:
        self.used.update(place for place in places if not isinstance(self.items[place][1], Value))


class Given(NamedTuple):
    """Names and kinds that the caller gave.

    Attributes:
        names, kinds: By ``id`` of a Value.
        values: Triples of argument, name and Value.
        inputs, targets: The items of these arguments.
    """

    names: dict[int, str]
    kinds: dict[int, str]
    values: list[tuple[str, str, Value]]
    inputs: Named
    targets: Named

    def warn_unused(self, known: Container[int]) -> None:
        """Warn about each argument with entries that name nothing in the graph.

        Args:
            known: The ``id`` of each Value in the graph, and of others that may have names.
        """
        unused = [(role, name) for role, name, value in self.values if id(value) not in known]
        unused += [("inputs", name) for name in self.inputs.unused()]
        unused += [("targets", name) for name in self.targets.unused()]
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
        >>> [name for name, _ in given_names(inputs=[x, 2.0]).inputs.items]
        ['x[0]', 'x[1]']
    """
    given = Given({}, {}, [], Named(), Named())
    if names is not None and not isinstance(names, Mapping):
        raise TypeError(f"names must be a dict of names and Values, not {type(names).__name__} ({names!r:.40})")
    for role, default, items in (("inputs", "x", inputs), ("targets", "t", targets), ("names", "", names)):
        for name, item in _flat(default, items, role) if items is not None else ():
            if role != "names":
                (given.inputs if role == "inputs" else given.targets).add(name, item)
            if isinstance(item, Value):
                given.names[id(item)] = name
                given.values.append((role, name, item))
                if role != "names":
                    given.kinds[id(item)] = role[:-1]
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
