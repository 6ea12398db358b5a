"""Warnings of what is seldom meant: gradients that add up, data changed too late, parameters that are not trained."""

from __future__ import annotations

import math
import re
import warnings

from autograd.base.real import refusal
from autograd.errors import MistakeWarning
from autograd.inspection.stepping import reached
from autograd.inspection.watching import Watcher, in_words, users_line
from autograd.topology import topological_order
from autograd.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any, Protocol, TypeAlias

    from autograd.inspection.watching import Place

    class HasParameters(Protocol):
        """As the Modules of ``nn`` are."""

        def named_parameters(self) -> Iterable[tuple[str, Value]]:
            """All of them, each with its name."""

    Parameters: TypeAlias = HasParameters | Iterable[Value] | Mapping[str, Value]


class find_mistakes(Watcher):  # noqa: N801 - used like a function
    """Within ``with find_mistakes():``, a warning points to each line of your code that does what is seldom meant.

    - A second ``backward`` adds to the gradients of the first, as nothing set them to 0.0 in between.
    - The ``data`` of a leaf was changed between an operation on it and ``backward``, which goes by the number that it was.
    - One of the ``parameters`` gets no gradient from a ``backward``.
    - Every relu of a layer gives 0 for all rows of a ``backward``: nothing below it gets a gradient, and it may stay so. Which
      relus are of one layer, the names tell of the parameters that go in; without names, they are taken together.
    - The ``optimizer`` holds a parameter that is no longer in the model, as its attribute was given another Value.

    Each is told once for each leaf or layer. Everything takes longer and is kept in memory until the block ends. It is for
    the thread or task that enters it.

    Args:
        parameters: the leaves that each ``backward`` should reach: a Module, or anything else with ``named_parameters()``; a
            dict with their names; or a list of them. By default those of the optimizer.
        optimizer: what trains them, with a list of ``parameters``; None to leave that out.

    Warns:
        MistakeWarning: at the line. ``warnings.simplefilter("error")`` makes errors of them, raised before a ``.grad`` changes.

    Raises:
        TypeError: if the parameters are not Values, or the optimizer has no list of parameters.
        ValueError: if one of the parameters was computed from others.

    >>> import warnings
    >>> from autograd import Value
    >>> x = Value(3.0, label="x")
    >>> with warnings.catch_warnings(record=True) as told, find_mistakes():
    ...     (x * x).backward()
    ...     (x * x).backward()
    >>> print(told[0].message)  # doctest: +ELLIPSIS
    this backward() adds to the gradients of an earlier one: x.grad is 6.0 already; if they are not meant to add up, ...

    >>> from nn import MLP, SGD
    >>> model = MLP(1, [2, 1], "relu", seed=0)
    >>> optimizer = SGD(model.parameters(), lr=0.1)
    >>> for neuron in model.layers[0].neurons:
    ...     neuron.bias.data = -10.0
    >>> with warnings.catch_warnings(record=True) as told, find_mistakes(model, optimizer):
    ...     model([1.0])[0].backward()
    >>> print(told[0].message)  # doctest: +ELLIPSIS
    every relu of layers.0 is 0 in this backward() (2 of them), so no gradient gets through; ...
    """

    def __init__(self, parameters: Parameters = (), optimizer: Any = None) -> None:
        super().__init__()
        self._changed: Any = [] if optimizer is None else getattr(optimizer, "parameters", None)
        if not isinstance(self._changed, list):
            raise TypeError(f"the optimizer must have a list of its parameters, as those of nn do, not be {optimizer!r:.60}")
        self._model: Any = parameters  # which is read again in each pass, as what is in it may change
        if hasattr(parameters, "__next__"):
            self._model = list(parameters)  # type: ignore[arg-type]  # an iterator can be read but once
        if not _named(self._model):
            self._model = self._changed
        self._parameters = _checked(_named(self._model))
        self._given: dict[int, list[tuple[int, float]]] = {}  # by node: which operands are leaves, and their numbers then
        self._reached: dict[int, Value] = {}  # the leaves that got gradients
        self._told: set[tuple[str, str | int]] = set()

    def recorded(self, node: Value) -> None:
        """Remember what went in."""
        super().recorded(node)
        given = [(index, operand.data) for index, operand in enumerate(node.operands) if not operand.op]
        if given:
            self._given[id(node)] = given

    def before_backward(self, root: Value, seed: float, adds: bool) -> None:
        """Look for all mistakes that can be seen when a pass begins."""
        order = reached(root)
        leaves = [node for node in order if not node.op]
        self._check_data(order)
        if adds:
            names = {id(parameter): name for name, parameter in self._parameters}
            self._check_optimizer(names)
            self._check_relus(topological_order(root), names)
            self._check_sums(leaves)
            self._check_parameters({id(leaf) for leaf in leaves})
            self._reached.update({id(leaf): leaf for leaf in leaves})

    def forget(self) -> None:
        """Let go of what was kept, as the block has ended."""
        super().forget()
        self._given.clear()
        self._reached.clear()

    def warn(self, kind: str, about: Value | str, message: str, place: Place | None = None) -> None:
        """Point to a line, else to the one that is running; once for each kind and what it is about."""
        key = kind, about if isinstance(about, str) else id(about)
        if key not in self._told:
            self._told.add(key)
            file, line = place or users_line()
            warnings.warn_explicit(message, MistakeWarning, file, line)

    def _check_sums(self, leaves: list[Value]) -> None:
        adding = [leaf for leaf in leaves if leaf.grad != 0.0 and id(leaf) in self._reached]
        if adding:
            more = f" (and {len(adding) - 1} more)" if len(adding) > 1 else ""
            self.warn(
                "sums",
                adding[0],
                f"this backward() adds to the gradients of an earlier one: {in_words(adding[0])}.grad is {adding[0].grad!r} "
                f"already{more}; if they are not meant to add up, call zero_grad() before each backward()",
            )

    def _check_data(self, order: list[Value]) -> None:
        for node in order:
            for index, number in self._given.get(id(node), ()):
                leaf = node.operands[index]
                if not _same(leaf.data, number):
                    self.warn(
                        "data",
                        leaf,
                        f"{in_words(leaf)} was {number!r} when this line computed {node.op!r} of it, and was changed to "
                        f"{leaf.data!r} before backward(), whose gradients are those at {number!r}; compute the result again "
                        "after a change",
                        self.place_of(node),
                    )

    def _check_parameters(self, leaves: set[int]) -> None:
        missing = [(name, parameter) for name, parameter in self._parameters if id(parameter) not in leaves]
        for name, parameter in missing:
            self.warn(
                "parameter",
                parameter,
                f"{name} gets no gradient from this backward() ({len(missing)} of {len(self._parameters)} parameters): the "
                "result was not computed from it; was it computed within no_grad(), or from .data, or is this another Value?",
            )

    def _check_relus(self, nodes: list[Value], names: dict[int, str]) -> None:
        layers: dict[str, list[Value]] = {}
        for node in nodes:
            known = [names[id(x)] for x in node.operands[0].operands if id(x) in names] if node.op == "relu" else []
            if known:  # of the layer "layers.0" is "layers.0.neurons.3.weights.1", of "w" is "w.2.1"
                layer = re.split(r"\.neurons\.|(?:\.\d+)+$", known[0])[0] if _has_names(self._model) else "the parameters"
                layers.setdefault(layer, []).append(node)
        for layer, relus in layers.items():
            if not any(relu.data for relu in relus):
                way = "if that lasts, the layer is dead: try a smaller learning rate, standardized inputs, or leaky_relu"
                dead = f"every relu of {layer} is 0 in this backward() ({len(relus):,} of them), so no gradient gets through"
                self.warn("relu", layer, f"{dead}; {way}", self.place_of(relus[0]))

    def _check_optimizer(self, names: dict[int, str]) -> None:
        """Whether what the optimizer changes is what the model has."""
        in_model = {id(parameter) for _, parameter in _named(self._model)}
        for parameter in self._changed:
            if id(parameter) not in in_model:
                name = names.get(id(parameter), "")
                what = f"was {name} of {self._model!r:.60}" if name else f"is {parameter!r}"
                way = "to change a parameter, assign to its data, and make the optimizer after the model"
                message = f"the optimizer changes a Value that {what}, but is not in the model now; {way}"
                present = _at(self._model, name)
                self.warn("optimizer", parameter, message, self.place_of(present) if isinstance(present, Value) else None)


def _named(parameters: Any) -> list[tuple[str, Any]]:
    """What there is now, with names; in a list, what to call each."""
    if hasattr(parameters, "named_parameters") and not isinstance(parameters, type):
        return list(parameters.named_parameters())
    if hasattr(parameters, "items"):
        return [(str(key), parameter) for key, parameter in parameters.items()]
    listed = list(parameters) if hasattr(parameters, "__iter__") else [parameters]
    return [(in_words(p) if isinstance(p, Value) else str(i), p) for i, p in enumerate(listed)]


def _checked(named: list[tuple[str, Any]]) -> list[tuple[str, Value]]:
    for name, parameter in named:
        if not isinstance(parameter, Value):
            raise TypeError(refusal(parameter, f"parameter {name} of find_mistakes() must be a Value"))
        if parameter.op:
            raise ValueError(f"parameter {name} of find_mistakes() must be a leaf, but is {parameter!r}, computed from others")
    return named


def _has_names(parameters: Any) -> bool:
    return hasattr(parameters, "named_parameters") or hasattr(parameters, "items")


def _at(thing: Any, name: str) -> Any:
    """What is at a place such as ``layers.0.weights.1`` now; None if nothing is."""
    for key in name.split("."):
        items = getattr(thing, "__dict__", thing)
        if hasattr(items, "__iter__") and not hasattr(items, "items"):
            items = dict(enumerate(items))
        thing = {str(each): item for each, item in items.items()}.get(key) if hasattr(items, "items") else None
    return thing


def _same(one: float, other: float) -> bool:
    return one == other or (math.isnan(one) and math.isnan(other))
