"""``find_mistakes``: warnings about likely mistakes, such as accumulated gradients, changed data and untrained parameters."""

from __future__ import annotations

import re
import warnings

from autograd.base.modes import WATCHERS
from autograd.base.real import refusal, same_number
from autograd.errors import MistakeWarning
from autograd.inspection.watching import Watcher, describe, users_line
from autograd.shared import counted, refuse_non_value, users_frame
from autograd.topology import reached_nodes, topological_order
from autograd.transforms.derivatives import gradients
from autograd.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from types import CodeType
    from typing import Any, Protocol, TypeAlias

    from autograd.inspection.watching import SourceLine

    class HasParameters(Protocol):
        """An object with named parameters, such as a Module of ``nn``."""

        def named_parameters(self) -> Iterable[tuple[str, Value]]:
            """Return all parameters with their names."""

    Parameters: TypeAlias = HasParameters | Iterable[Value] | Mapping[str, Value]


class find_mistakes(Watcher):  # noqa: N801 - used like a function
    """Warn about likely mistakes at their line of code within ``with find_mistakes():``.

    - A second ``backward`` adds to the gradients of the first, because they were not reset to 0.0 in between.
    - An update computed a new Value, ``w -= lr * w.grad``, instead of changing the number, ``w.data -= lr * w.grad``.
    - The ``data`` of a leaf changed between an operation on it and ``backward``, which uses the earlier number.
    - One of the ``parameters`` receives no gradient from a ``backward``.
    - Results were computed from the ``parameters``, but no ``backward`` ran. Or it ran more than once, with gradients reset to
      0.0 in between, but no parameter changed. Both are reported at the end of the block.
    - Every relu of a layer is 0 for all rows of a ``backward``. No gradient passes the layer, and this may not change
      during training. Relus are assigned to layers by the names of the parameters that they use. Without names, all relus
      count as one layer.
    - The ``optimizer`` updates a parameter that is no longer in the model, because its attribute was assigned another Value.

    Each mistake is reported once per leaf or layer. Computations in the block take longer and are kept in memory until it
    ends. The block applies to the thread or task that enters it.

    Args:
        parameters: Leaves that each ``backward`` should reach: a Module or another object with ``named_parameters()``, a
            dict of names and leaves, or a list of leaves. By default, the parameters of the optimizer.
        optimizer: Object that trains the parameters and has a list of ``parameters``. None skips this check.

    Warns:
        MistakeWarning: At the line of the mistake. After ``warnings.simplefilter("error")`` it is raised as an error before
            any ``.grad`` changes.

    Raises:
        TypeError: If a parameter is not a Value, or the optimizer has no list of parameters.
        ValueError: If a parameter is not a leaf.

    Example:
        >>> import warnings
        >>> from autograd import Value
        >>> x = Value(3.0, label="x")
        >>> with warnings.catch_warnings(record=True) as caught, find_mistakes():
        ...     (x * x).backward()
        ...     (x * x).backward()
        >>> print(caught[0].message)  # doctest: +ELLIPSIS
        this backward() adds to the gradients of an earlier one: x.grad is already 6.0; call zero_grad() before each ...

        >>> from nn import MLP, SGD
        >>> model = MLP(1, [2, 1], "relu", seed=0)
        >>> optimizer = SGD(model.parameters(), lr=0.1)
        >>> for neuron in model.layers[0].neurons:
        ...     neuron.bias.data = -10.0
        >>> with warnings.catch_warnings(record=True) as caught, find_mistakes(model, optimizer):
        ...     model([1.0])[0].backward()
        >>> print(caught[0].message)  # doctest: +ELLIPSIS
        every relu of layers.0 is 0 in this backward() (2 of them), so no gradient passes; if this persists, the layer is ...
    """

    def __init__(self, parameters: Parameters = (), optimizer: Any = None) -> None:
        super().__init__()
        self._optimized: Any = [] if optimizer is None else getattr(optimizer, "parameters", None)
        if not isinstance(self._optimized, list):
            rule = "an object with a list named parameters, such as SGD(model.parameters())"
            raise TypeError(f"optimizer must be {rule}, not {optimizer!r:.60}")
        self._model: Any = parameters  # read again in each pass, because its parameters may be replaced
        if hasattr(parameters, "__next__"):
            self._model = list(parameters)  # type: ignore[arg-type]  # an iterator can be read only once
        if not _named_parameters(self._model):
            self._model = self._optimized
        self._parameters: list[tuple[str, Value]] = _check_leaves(_named_parameters(self._model))
        # By id of a node: the index of each operand that is a leaf, and its number when the node was recorded.
        self._leaf_data: dict[int, list[tuple[int, float]]] = {}
        # By id: the leaves that received a gradient in this block, with their data in the latest pass.
        self._reached_leaves: dict[int, tuple[Value, float]] = {}
        # By id of a leaf: the instructions of user code that added a number to the leaf before its first pass.
        self._sums: dict[int, set[tuple[CodeType, int]]] = {}
        self._sites: dict[int, tuple[CodeType, int]] = {}  # by id of a node ``leaf + number``: its instruction
        self._updates: dict[int, Value] = {}  # nodes that may be updates, by the id of the parameter
        self._roots: list[Value] = []  # the latest root of a pass that reached a parameter
        self._clear_counts()
        self._reported: set[tuple[str, str | int]] = set()

    def recorded(self, node: Value) -> None:
        """Store the data of the leaves that ``node`` was computed from."""
        super().recorded(node)
        data = [(index, operand.data) for index, operand in enumerate(node.operands) if not operand.op]
        if data:
            self._leaf_data[id(node)] = data
        if _subtracted(node) and not (leaf := node.operands[0]).op:
            frame = users_frame()
            site = self._sites[id(node)] = frame.f_code, frame.f_lasti
            if id(leaf) not in self._reached_leaves:
                self._sums.setdefault(id(leaf), set()).add(site)
            elif self._is_update(node, leaf):
                self._updates[id(leaf)] = node

    def before_backward(self, root: Value, seed: float, adds: bool) -> None:
        """Look for the mistakes that are visible before a backward pass."""
        nodes = reached_nodes(root)
        leaves = [node for node in nodes if not node.op]
        self._check_data(nodes)
        self._any_pass = True
        if adds:
            names = {id(parameter): name for name, parameter in self._parameters}
            self._check_optimizer(names)
            self._check_relus(topological_order(root), names)
            self._check_accumulation(leaves, nodes)
            self._check_parameters({id(leaf) for leaf in leaves})
            self._reached_leaves.update({id(leaf): (leaf, leaf.data) for leaf in leaves})
            self._count(root)

    def __exit__(self, *exception: object) -> None:
        ends = WATCHERS.get().count(self) == 1 and not any(exception)
        warning = self._unfinished_training() if ends and self._parameters else None
        super().__exit__(*exception)
        if warning:
            self.warn(*warning)

    def clear(self) -> None:
        """Release the recorded nodes at the end of the block."""
        super().clear()
        for kept in (self._leaf_data, self._reached_leaves, self._sums, self._sites, self._updates, self._roots):
            kept.clear()
        self._clear_counts()

    def _clear_counts(self) -> None:
        self._any_pass = False  # whether a pass of any kind ran
        self._passes = self._fresh_passes = 0  # those that reached a parameter, and those that began with gradients of 0.0
        self._first_data: list[float] = []  # the data of the parameters in the first pass

    def warn(self, kind: str, subject: Value | str, message: str, line: SourceLine | None = None) -> None:
        """Warn at ``line``, by default the line that is running, once for each kind and subject."""
        key = kind, subject if isinstance(subject, str) else id(subject)
        if key not in self._reported:
            self._reported.add(key)
            file, number = line or users_line()
            warnings.warn_explicit(message, MistakeWarning, file, number)

    def _check_accumulation(self, leaves: list[Value], nodes: list[Value]) -> None:
        adding = [leaf for leaf in leaves if leaf.grad != 0.0 and id(leaf) in self._reached_leaves]
        if adding:
            self._check_rebinding({id(leaf): leaf for leaf in adding if self._is_unchanged(leaf)}, nodes)
        adding = [leaf for leaf in adding if ("rebinding", id(leaf)) not in self._reported]
        if adding:
            more = f" (and {len(adding) - 1} more)" if len(adding) > 1 else ""
            self.warn(
                "accumulation",
                adding[0],
                f"this backward() adds to the gradients of an earlier one: {describe(adding[0])}.grad is already "
                f"{adding[0].grad!r}{more}; call zero_grad() before each backward(), unless gradients should accumulate",
            )

    def _check_rebinding(self, adding: dict[int, Value], nodes: list[Value]) -> None:
        """Look for ``w = w - lr * w.grad`` or ``w -= lr * w.grad``, which makes ``w`` a new Value that was computed."""
        for node in nodes:
            leaf = adding.get(id(node.operands[0])) if id(node) in self._sites else None
            if leaf is not None and self._is_update(node, leaf):
                name = describe(leaf)
                self.warn(
                    "rebinding",
                    leaf,
                    f"this line looks like an update that computes a new Value from {name} and {name}.grad. The new Value "
                    f"depends on the old one, so each backward() passes all earlier steps and adds to the gradient of the old "
                    f"{name}; change the number in place, x.data -= lr * x.grad, and call zero_grad() before each backward()",
                    self.line_of(node),
                )

    def _is_unchanged(self, leaf: Value) -> bool:
        """Return whether ``leaf`` has the data of the latest pass. Otherwise it was updated in place."""
        return same_number(leaf.data, self._reached_leaves[id(leaf)][1])

    def _is_update(self, node: Value, leaf: Value) -> bool:
        """Return whether ``node``, a sum of ``leaf`` and a number, looks like ``leaf - lr * leaf.grad``.

        An instruction that computed such a sum before the first pass belongs to the function, not to the update.
        """
        new = self._sites[id(node)] not in self._sums.get(id(leaf), ())
        return new and leaf.grad != 0.0 and _is_short(_subtracted(node) / leaf.grad)

    def _count(self, root: Value) -> None:
        """Count a pass that reached a parameter."""
        parameters = [parameter for _, parameter in self._parameters]
        if any(id(parameter) in self._reached_leaves for parameter in parameters):
            self._first_data = self._first_data or [parameter.data for parameter in parameters]
            self._passes += 1
            self._fresh_passes += not any(parameter.grad for parameter in parameters)
            self._roots[:] = [root]

    def _unfinished_training(self) -> tuple[str, Value | str, str, SourceLine | None] | None:
        """Return the arguments of ``warn`` if a training loop lacks its backward pass or its update."""
        parameters = [parameter for _, parameter in self._parameters]
        ids = {id(parameter) for parameter in parameters}
        if not self._any_pass:
            if not any(id(x) in ids for node, _ in self._recorded.values() for x in node.operands):
                return None
            message = (
                "no backward() ran in this block, but results were computed from the parameters; if this is training, call "
                "loss.backward(), with the parentheses"
            )
            return "no backward", "", message, None
        update = next((node for key, node in self._updates.items() if key in ids), None)
        if self._passes < 2 or (self._fresh_passes < 2 and update is None):
            return None
        if [id(parameter) for _, parameter in _named_parameters(self._model)] != [id(parameter) for parameter in parameters]:
            return None  # another check reports replaced parameters
        changed = any(not same_number(p.data, number) for p, number in zip(parameters, self._first_data, strict=True))
        if changed or not any(gradients(self._roots[0], parameters)):
            return None
        text = f"backward() ran {self._passes:,} times in this block, but no parameter changed"
        if update is None:
            remedy = (
                "if this is training, call optimizer.step(), with the parentheses, after backward() and before zero_grad(), or "
                "change each number in place, p.data -= lr * p.grad"
            )
            return "unchanged", "", f"{text}; {remedy}", None
        name = next(name for name, parameter in self._parameters if parameter is update.operands[0])
        cause = f"this line looks like an update that computes a new Value from {name} and {name}.grad"
        remedy = "change each number in place, p.data -= lr * p.grad"
        return "unchanged", "", f"{text}, because {cause}; {remedy}", self.line_of(update)

    def _check_data(self, nodes: list[Value]) -> None:
        for node in nodes:
            recorded = self._leaf_data.get(id(node), ())
            operands = node.operands if recorded else ()  # once per node, because a dot node makes a new tuple at each access
            for index, number in recorded:
                leaf = operands[index]
                if not same_number(leaf.data, number):
                    self.warn(
                        "data",
                        leaf,
                        f"{describe(leaf)} was {number!r} when this line computed {node.op!r} from it, and was changed to "
                        f"{leaf.data!r} before backward(), which computes the gradients at {number!r}; compute the result "
                        "again after a change",
                        self.line_of(node),
                    )

    def _check_parameters(self, leaves: set[int]) -> None:
        missing = [(name, parameter) for name, parameter in self._parameters if id(parameter) not in leaves]
        new = [(name, parameter) for name, parameter in missing if ("parameter", id(parameter)) not in self._reported]
        if new:
            (name, first), more = new[0], len(new) - 1
            names = f"{name} and {counted(more, 'more parameter')} receive" if more else f"{name} receives"
            self._reported.update(("parameter", id(parameter)) for _, parameter in new[1:])
            self.warn(
                "parameter",
                first,
                f"{names} no gradient from this backward() ({len(missing):,} of {len(self._parameters):,} parameters), "
                f"because the result does not depend on {'them' if more else 'it'}; "
                f"{'were they' if more else 'was it'} used within no_grad() or through .data, or "
                f"{'are other Values' if more else 'is another Value'} used instead?",
            )

    def _check_relus(self, nodes: list[Value], names: dict[int, str]) -> None:
        for layer, relus in self._relus_by_layer(nodes, names).items():
            if not any(relu.data for relu in relus):
                message = (
                    f"every relu of {layer} is 0 in this backward() ({len(relus):,} of them), so no gradient passes; if this "
                    "persists, the layer is dead: try a smaller learning rate, standardized inputs, or leaky_relu"
                )
                self.warn("relu", layer, message, self.line_of(relus[0]))

    def _relus_by_layer(self, nodes: list[Value], names: dict[int, str]) -> dict[str, list[Value]]:
        """Return the relus that use a parameter directly, by the name of the layer of their first parameter."""
        layers: dict[str, list[Value]] = {}
        for node in nodes:
            used = [names[id(x)] for x in node.operands[0].operands if id(x) in names] if node.op == "relu" else []
            if used:  # "layers.0.neurons.3.weights.1" is in the layer "layers.0", and "w.2.1" in "w"
                layer = re.split(r"\.neurons\.|(?:\.\d+)+$", used[0])[0] if _has_names(self._model) else "the parameters"
                layers.setdefault(layer, []).append(node)
        return layers

    def _check_optimizer(self, names: dict[int, str]) -> None:
        """Check that the model still contains the Values that the optimizer updates."""
        in_model = {id(parameter) for _, parameter in _named_parameters(self._model)}
        for parameter in self._optimized:
            if id(parameter) not in in_model:
                name = names.get(id(parameter), "")
                was = f"a Value that was {name} of {self._model!r:.60}" if name else f"{parameter!r}"
                remedy = "to change a parameter, assign to its data, and create the optimizer after the model"
                message = f"the optimizer updates {was}, which is not in the model now; {remedy}"
                present = _lookup(self._model, name)
                self.warn("optimizer", parameter, message, self.line_of(present) if isinstance(present, Value) else None)


def _named_parameters(parameters: Any) -> list[tuple[str, Any]]:
    """Return the current parameters with their names. In a list without names, labels or indices serve as names."""
    if hasattr(parameters, "named_parameters") and not isinstance(parameters, type):
        return list(parameters.named_parameters())
    if hasattr(parameters, "items"):
        return [(str(key), parameter) for key, parameter in parameters.items()]
    listed = list(parameters) if hasattr(parameters, "__iter__") else [parameters]
    return [(describe(p) if isinstance(p, Value) else str(i), p) for i, p in enumerate(listed)]


def _check_leaves(named: list[tuple[str, Any]]) -> list[tuple[str, Value]]:
    for name, parameter in named:
        if not isinstance(parameter, Value):
            rule = f"parameter {name} of find_mistakes() must be a Value"
            refuse_non_value(parameter, rule)
            raise TypeError(refusal(parameter, rule))
        if parameter.op:
            raise ValueError(
                f"parameter {name} of find_mistakes() must be a leaf, but {parameter!r} was computed from other Values"
            )
    return named


def _subtracted(node: Value) -> float:
    """Return the number c of a node ``x - c`` or ``x + -c``, or 0.0 for any other node."""
    if node.op not in ("-", "+") or node.operands[1].op != "const":
        return 0.0
    number = node.operands[1].data
    return number if node.op == "-" else -number


def _is_short(ratio: float) -> bool:
    """Return whether a number is positive and has at most three digits, as most learning rates."""
    return ratio > 0 and abs(float(f"{ratio:.3g}") - ratio) <= 1e-12 * ratio


def _has_names(parameters: Any) -> bool:
    return hasattr(parameters, "named_parameters") or hasattr(parameters, "items")


def _lookup(container: Any, path: str) -> Any:
    """Return the current object at a path such as ``layers.0.weights.1``, or None if the path does not exist."""
    for key in path.split("."):
        items = getattr(container, "__dict__", container)
        if hasattr(items, "__iter__") and not hasattr(items, "items"):
            items = dict(enumerate(items))
        container = {str(each): item for each, item in items.items()}.get(key) if hasattr(items, "items") else None
    return container
