"""Assign the nodes of a graph to the modules of a model, and to the calls of these modules.

Nothing was recorded about modules, so they are found from the parameters: a node that uses the weights of a neuron belongs to
this neuron. A module that is called several times, once per row of a batch or once per step of a recurrent network, uses each
of its parameters as many times. The n-th use belongs to the n-th call.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from autograd import Value, topological_order
from visualize.scene.naming import parameter_paths

if TYPE_CHECKING:
    from collections.abc import Iterable

MAX_ROWS = 6  # more rows have a common group
MIN_LOSS = 4  # nodes of a loss that become a group

Level = tuple[str, int]  # the path of a module, and the number of a call; -1 for parameters of several calls


@dataclass(slots=True)
class Modules:
    """The result of ``module_groups``.

    Attributes:
        groups: Title, kind, parent and path of each group. See ``facts.Group``.
        group_of: Innermost group of each node, by ``id`` of its Value.
        layers: For each node that uses weights: its layer and call, by ``id``.
        rows: Number of the row of each node, by ``id``, if the model is called for several rows.
        row_group_of: The group of this row, by ``id``.
    """

    groups: list[tuple[str, str, int | None, str]] = field(default_factory=list)
    group_of: dict[int, int] = field(default_factory=dict)
    layers: dict[int, Level] = field(default_factory=dict)
    rows: dict[int, int] = field(default_factory=dict)
    row_group_of: dict[int, int] = field(default_factory=dict)


def module_groups(order: list[Value], names: dict[int, str], model: Any) -> Modules:
    """Return the groups of a model: rows, modules, parameters and the loss.

    Args:
        order: All nodes in topological order.
        names: Names of the parameters, by ``id``.
        model: See ``describe``.

    Example:
        >>> w, x = Value(2.0), Value(3.0)
        >>> found = module_groups([x, w, y := w * x], {id(w): "line.w"}, {"line.w": w})
        >>> found.groups, found.group_of == {id(w): 0, id(y): 0}
        ([('line', 'module', None, 'line')], True)
    """
    result = Modules()
    present = {id(node) for node in order}
    paths = {key: path for key, path in parameter_paths(model).items() if key in present}
    if not paths:
        return result
    finder = _Finder(order, paths, model)
    chains = finder.chains()
    _number_groups(result, order, paths, finder, chains)
    return result


class _Finder:
    """Find the chain of levels of each node: the model, and the modules inside it, outermost first, each with its call."""

    def __init__(self, order: list[Value], paths: dict[int, str], model: Any) -> None:
        self.order, self.model = order, model
        self.modules: dict[int, list[str]] = {key: _prefixes(path) for key, path in paths.items()}
        self.parameters: dict[int, list[Value]] = {}  # of each node that uses parameters
        uses: dict[tuple[int, str], int] = {}
        self.ordinal: dict[int, int] = {}  # number of the earlier uses of the node's first parameter by the same operation
        for node in order:
            used = [x for x in node.operands if id(x) in paths]
            if used:
                self.parameters[id(node)] = used
                self.ordinal[id(node)] = uses.get((id(used[0]), node.op), 0)
                for key in {(id(x), node.op) for x in used}:
                    uses[key] = uses.get(key, 0) + 1
        self.uses = uses
        self.calls: dict[str, int] = {}  # number of calls of each module: the minimum number of uses of its parameters
        for (parameter, _), count in uses.items():
            for module in self.modules[parameter]:
                self.calls[module] = min(self.calls.get(module, count), count)

    def chains(self) -> dict[int, list[Level]]:
        """Return the chain of each node that belongs to the model."""
        found: dict[int, list[Level]] = {}
        for node in self.order:
            if id(node) in self.parameters:
                found[id(node)] = self._chain_of_use(node)
        before = self._before_modules()
        activations: dict[str, set[str]] = {}
        for node in self.order:
            if not node.op or id(node) in found:
                continue
            computed = [x for x in node.operands if x.op and x.op != "const"]
            below = [found.get(id(x)) for x in computed]
            if not below or None in below:
                continue
            common = _common([chain for chain in below if chain is not None])
            if not common:
                continue
            path = common[-1][0]
            if path not in activations:
                activations[path] = _activation(self.model, path)
            only_computed = all(x.op for x in node.operands)
            if id(node) in before or (node.op in activations[path] and only_computed):
                found[id(node)] = common
            elif self.calls[""] > 1:  # a node after the model that depends on one row only
                found[id(node)] = common[:1]
        return found

    def _chain_of_use(self, node: Value) -> list[Level]:
        used = self.parameters[id(node)]
        path = _common([[(module, 0) for module in self.modules[id(x)]] for x in used])
        ordinal, count = self.ordinal[id(node)], self.uses[id(used[0]), node.op]
        return [(module, ordinal * self.calls[module] // count) for module, _ in path]

    def _before_modules(self) -> set[int]:
        """Return the nodes that a later use of parameters depends on."""
        before: set[int] = set()
        for node in reversed(self.order):
            if id(node) in before or id(node) in self.parameters:
                before.update(id(x) for x in node.operands)
        return before


def _prefixes(path: str) -> list[str]:
    """Return the modules of a parameter, outermost first; the model itself is ``""``.

    Example:
        >>> _prefixes("layers.0.neurons.3.weights.1")
        ['', 'layers.0', 'layers.0.neurons.3']
    """
    module = re.sub(r"\.?[^.]+(\.\d+)*$", "", path)
    parts = re.findall(r"[^.]+(?:\.\d+)*", module)
    return ["", *(".".join(parts[: i + 1]) for i in range(len(parts)))]


def _common(chains: Iterable[list[Level]]) -> list[Level]:
    first, *others = chains
    for other in others:
        size = next((i for i, (a, b) in enumerate(zip(first, other, strict=False)) if a != b), min(len(first), len(other)))
        first = first[:size]
    return first


def _activation(model: Any, path: str) -> set[str]:
    """Return the operations of the activation function of a module."""
    module = model
    for part in filter(None, path.split(".")):
        try:
            module = module[int(part)] if part.isdigit() else getattr(module, part)
        except (AttributeError, TypeError, LookupError):
            return set()
    function = getattr(module, "activation", None)
    if not callable(function):
        return set()
    try:
        return {node.op for node in topological_order(function(Value(0.3))) if node.op}
    except Exception:  # noqa: BLE001 - a function of the user, perhaps of another kind of argument
        return set()


class _Groups:
    """Create the groups of chains, in the order in which the graph uses them."""

    def __init__(self, result: Modules, finder: _Finder, kind: str) -> None:
        self.result, self.finder, self.kind = result, finder, kind
        self.numbers: dict[tuple[Level, ...], int] = {}
        self.all_rows: int | None = None
        layers: dict[str, list[tuple[int, str]]] = {}  # by the prefix of the network: its layers with parameters
        for module in finder.calls:
            if match := re.fullmatch(r"(?:.+\.)?layers\.(\d+)", module):
                layers.setdefault(module.rpartition("layers.")[0], []).append((int(match[1]), module))
        # Textbooks count layers from 1.
        self.layers = {module: number for found in layers.values() for number, (_, module) in enumerate(sorted(found), 1)}

    def add(self, title: str, kind: str, parent: int | None) -> int:
        """Add a group. Its path is the path of its parent and its title."""
        prefix = "" if parent is None or parent == self.all_rows else f"{self.result.groups[parent][3]}/"
        self.result.groups.append((title, kind, parent, prefix + title))
        return len(self.result.groups) - 1

    def of(self, chain: tuple[Level, ...]) -> int | None:
        """Return the number of the group of a chain, or None if this is the whole model."""
        if not chain or (chain == (("", 0),) and self.finder.calls[""] == 1):
            return None
        if chain not in self.numbers:
            self.numbers[chain] = self._new_row(chain[0][1]) if len(chain) == 1 else self._new_module(chain)
        return self.numbers[chain]

    def _new_row(self, call: int) -> int:
        if call < 0:
            return self.add("parameters", "parameters", None)
        rows = self.finder.calls[""]
        if rows > MAX_ROWS and self.all_rows is None:
            self.all_rows = self.add(f"{rows:,} {self.kind}s", "rows", None)
        return self.add(f"{self.kind} {call}", "row", self.all_rows)

    def _new_module(self, chain: tuple[Level, ...]) -> int:
        parent = self.of(chain[:-1])
        module, call = chain[-1]
        calls = self.finder.calls.get(module, 1) // max(self.finder.calls.get(chain[-2][0], 1), 1)
        title = _title(module, self.layers) + (f", call {call % calls}" if calls > 1 and call >= 0 else "")
        return self.add(title, "parameters" if call < 0 else "module", parent)


def _number_groups(
    result: Modules, order: list[Value], paths: dict[int, str], finder: _Finder, chains: dict[int, list[Level]]
) -> None:
    """Set the group of each node."""
    rows = finder.calls[""]
    groups = _Groups(result, finder, "step" if _depends_on_earlier_call(order, chains) else "row")
    for node in order:
        key = id(node)
        found = None
        if key in chains:
            found = groups.of(tuple(chains[key]))
            row = groups.of(tuple(chains[key][:1]))
            if rows > 1 and row is not None:
                result.rows[key], result.row_group_of[key] = chains[key][0][1], row
            if key in finder.parameters:
                result.layers[key] = [level for level in chains[key] if "neurons." not in level[0]][-1]
        elif key in paths:
            call = -1 if any(finder.calls.get(module, 1) > 1 for module in finder.modules[key]) else 0
            found = groups.of(tuple((module, call) for module in finder.modules[key]))
        if found is not None:
            result.group_of[key] = found
    after = [node for node in order if node.op and id(node) not in chains]
    if len(after) >= MIN_LOSS:
        loss = groups.add("loss", "loss", None)
        result.group_of.update((id(node), loss) for node in after)


def _depends_on_earlier_call(order: list[Value], chains: dict[int, list[Level]]) -> bool:
    """Return whether a call of the model uses a result of another call, as the steps of a recurrent network do."""
    return any(
        id(x) in chains and chains[id(x)][0] != chains[id(node)][0]
        for node in order
        if id(node) in chains
        for x in node.operands
    )


def _title(module: str, layers: dict[str, int]) -> str:
    """Return the text of a module: ``layer 1`` for ``layers.0`` if ``layers`` has this number for it."""
    last: str = re.findall(r"[^.]+(?:\.\d+)*", module)[-1]
    name, _, index = last.partition(".")
    if name == "layers" and index.isdigit():
        return f"layer {layers[module]}"
    if index:
        return f"{name.removesuffix('s')} {index}"
    return name
