"""Describe a graph as facts: the one source of every picture, page and text.

``describe`` reads the graph once. It decides nothing about appearance: which boxes are folded, where they are and how they
look is decided by later modules. Nodes come after their operands, so a pass visits the list in its order.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from autograd import Value, backward_steps, node_names, stale_nodes, topological_order
from visualize.scene.facts import Group, Node, Scene
from visualize.scene.modules import Modules, module_groups
from visualize.scene.naming import Given, given_names, parameter_names
from visualize.scene.structure import structural_groups

if TYPE_CHECKING:
    from collections.abc import Sequence


NO_GRADIENTS = "no gradients yet"


def describe(
    roots: Value | Sequence[Value], model: Any = None, inputs: Any = None, names: Any = None, targets: Any = None
) -> Scene:
    """Return the facts about the graphs of one or several results. Nothing is changed.

    Args:
        roots: A Value, or several.
        model: Object with ``named_parameters()``, such as a ``nn.Module``: its parameters get textbook names, ``W1[2,0]`` and
            ``b1[2]``, or the name of their attribute, and its modules and rows become groups.
        inputs: Values or numbers: a dict by name, or a list, which become ``x[0]``, ``x[1]``, ...
        names: Dict of further names and their Values.
        targets: Like ``inputs``. A list becomes ``t[0]``, ``t[1]``, ...

    Warns:
        UserWarning: If ``inputs``, ``names`` or ``targets`` has entries that are not in the graph.

    Raises:
        TypeError: If an argument has another form.
        ValueError: If no parameter of ``model`` is in the graph.

    Example:
        >>> x, w = Value(3.0, label="x"), Value(2.0, label="w")
        >>> y = (w * x).tanh()
        >>> [(node.name, node.kind, node.op) for node in describe(y).nodes]
        [('x', 'input', ''), ('w', 'input', ''), ('v3', 'operation', '*'), ('v4', 'output', 'tanh')]
        >>> describe(y).caption
        'no gradients yet: v4.backward() computes them'
    """
    listed = [roots] if isinstance(roots, Value) else list(roots)
    order = _merged_order(listed)
    known = node_names(*listed)
    parameters = parameter_names(model)
    given = given_names(inputs=inputs, targets=targets, names=names)
    scene = Scene([], [])
    stale = {id(node) for root in listed for node in stale_nodes(root)}
    own = _unique(
        {id(v): known[v] for v in order}, {id(v) for v in order if v.label and not v.label.isspace()}, given.names, parameters
    )
    if parameters and len(order) > 1 and not any(id(value) in parameters for value in order):
        raise ValueError(
            "model must be the model that computed the graph, not another one; none of its parameters is in the graph"
        )
    modules = module_groups(order, parameters, model)
    has_numbers = given.inputs.has_numbers()
    layer_of, inputs_of = _layers(order, modules, bool(parameters)) if parameters or has_numbers else ({}, {})
    named_layers = given.inputs.name_layers(inputs_of) if has_numbers else {}
    constants = _Constants(scene, modules, layer_of, named_layers, by_place=bool(parameters))
    rooted = {id(root) for root in listed}
    for value in order:
        key = id(value)
        if not value.op:
            kind = "parameter" if key in parameters else given.kinds.get(key, "input")
            node = Node(own[key], value.label or "", kind, "", value.data)
        else:
            kind = "output" if key in rooted else "operation"
            node = Node(own[key], value.label or "", kind, value.op, value.data, stale=key in stale)
            node.partials = _open_partials(value)
            operands = value.operands
            node.operands = [
                scene.keys[id(x)] if x.op != "const" else constants.add(value, place, x.data)
                for place, x in enumerate(operands, start=-(len(operands) // 2))
            ]
            node.dead = value.op == "relu" and node.partials == [0.0]
        scene.keys[key] = len(scene.nodes)
        scene.nodes.append(node)
        node.group = modules.group_of.get(key)
    if len(listed) == 1 and listed[0].op == "const":
        scene.nodes[-1].kind, scene.nodes[-1].name = "constant", ""
    scene.roots = [scene.keys[id(root)] for root in listed]
    scene.groups = [Group(*group) for group in modules.groups]
    _find_targets(scene, given, {scene.keys[key] for key in given.kinds if key in scene.keys})
    if has_numbers and not named_layers:
        _find_inputs(scene, given)
    structural_groups(scene)
    passes = [_run_pass(scene, root) for root in listed]
    outer = [value for _, _, value in given.values if id(value) not in scene.keys and not rooted.isdisjoint(_ids(value))]
    sources = _read_gradients(scene, listed, order, outer, passes)
    _trace_origins(scene)
    scene.caption = _caption(scene, listed, [given.names[id(value)] for value in sources])
    given.warn_unused(scene.keys.keys() | set(map(id, outer)))
    return scene


def _merged_order(roots: list[Value]) -> list[Value]:
    """Return the nodes of all graphs, each after its operands."""
    found = {id(node): node for root in roots for node in topological_order(root)}
    return list(found.values())


class _Constants:
    """Add the plain numbers of a graph to a scene. A number that goes into a layer is one input, not one for each neuron.

    Args:
        scene, modules: See ``describe``.
        layer_of: See ``_layers``.
        names: The given names of the inputs of each layer.
        by_place: Whether the input of a layer without a given name has a name such as ``x[1]``.
    """

    def __init__(
        self, scene: Scene, modules: Modules, layer_of: dict[int, Any], names: dict[Any, list[str]], *, by_place: bool
    ) -> None:
        self.scene, self.modules, self.layer_of, self.names, self.by_place = scene, modules, layer_of, names, by_place
        self.shared: dict[tuple[Any, int], int] = {}

    def add(self, user: Value, place: int, number: float) -> int:
        """Return the index of the node of a plain number: an operand of ``user``.

        ``place`` counts the operands from the middle: of a neuron ``dot(weights, inputs, bias)``, it is the number of the
        input. The number of the bias is not found among the inputs.
        """
        nodes, key = self.scene.nodes, id(user)
        layer = self.layer_of.get(key)
        if layer is not None and 0 <= place < len(layer) - 2:  # a layer is a call, a module and the inputs
            if (layer, place) in self.shared:
                return self.shared[layer, place]
            row = f"{self.modules.rows[key]}," if key in self.modules.rows else ""
            name = self.names[layer][place] if layer in self.names else ""
            name = name or (f"x[{row}{place}]" if self.by_place else "")
            if name:
                self.shared[layer, place] = len(nodes)
                nodes.append(Node(name, "", "input", "const", number, group=self.modules.row_group_of.get(key)))
                return len(nodes) - 1
        nodes.append(Node("", "", "constant", "const", number, group=self.modules.group_of.get(key)))
        return len(nodes) - 1


def _layers(order: list[Value], modules: Modules, has_parameters: bool) -> tuple[dict[int, Any], dict[Any, list[Value]]]:
    """Return the layer of each neuron with plain numbers among its inputs, by ``id``, and the inputs of each layer.

    Neurons are the ``dot`` nodes that use parameters of the model, or without such parameters all ``dot`` nodes. Neurons of one
    module and call with equal inputs are a layer.
    """
    layer_of: dict[int, Any] = {}
    inputs: dict[Any, list[Value]] = {}
    for value in order:
        if value.op == "dot" and (id(value) in modules.layers or not has_parameters):
            items = value.operands[len(value.operands) // 2 : -1]
            if any(x.op == "const" for x in items):
                module, call = modules.layers.get(id(value), ("", 0))
                layer = (call, module, *(repr(x.data) if x.op == "const" else id(x) for x in items))
                layer_of[id(value)] = layer
                inputs.setdefault(layer, list(items))
    return layer_of, inputs


def _ids(root: Value) -> list[int]:
    return [id(value) for value in topological_order(root)]


def _open_partials(value: Value) -> list[float | None]:
    """Return the partials. No gradient passes a closed gate, see ``where``."""
    partials = list(value.partials)
    return [None] * len(partials) if value.op == "gate" and partials[0] == 0.0 else partials


def _unique(known: dict[int, str], labeled: set[int], given: dict[int, str], parameters: dict[int, str]) -> dict[int, str]:
    """Return the name of each Value: a given name, its label, the name of the parameter, or ``v2``; never the same twice."""
    wanted = {key: given.get(key) or (name if key in labeled else parameters.get(key, name)) for key, name in known.items()}
    used = {wanted[key] for key in known if wanted[key] == known[key]}
    result = {}
    for key, name in wanted.items():
        unique, count = name, 1
        while unique != known[key] and unique in used:
            count += 1
            unique = f"{name}_{count}"
        used.add(unique)
        result[key] = unique
    return result


def _find_targets(scene: Scene, given: Given, explicit: set[int]) -> None:
    """Find the targets: leaves that only the loss uses, and plain numbers that were given as targets."""
    nodes = scene.nodes
    in_model: set[int] = set()  # nodes that the model is computed from
    with_parameters = any(node.kind == "parameter" for node in nodes)
    for i in range(len(nodes) - 1, -1, -1) if with_parameters else ():
        if i in in_model or any(nodes[k].kind == "parameter" for k in nodes[i].operands):
            in_model.update(nodes[i].operands)
    for i, node in enumerate(nodes if with_parameters else ()):
        if node.kind == "input" and i not in in_model and i not in explicit:
            node.kind = "target"
    for op in ("-", "*"):  # a target is subtracted from a prediction, or else multiplied, as in binary cross-entropy
        for i, node in enumerate(nodes if given.targets.has_numbers() else ()):
            if node.op == op and i not in in_model:
                for k in node.operands:
                    free = nodes[k].kind == "constant" and (op == "-" or k not in in_model)
                    if free and (name := given.targets.take(nodes[k].data)):
                        nodes[k].name, nodes[k].kind = name, "target"


def _find_inputs(scene: Scene, given: Given) -> None:
    """Name the plain numbers of a graph without layers that were given as inputs. Exponents are not inputs."""
    nodes = scene.nodes
    for node in nodes:
        for position, k in enumerate(node.operands):
            if nodes[k].kind == "constant" and (node.op, position) != ("**", 1) and (name := given.inputs.take(nodes[k].data)):
                nodes[k].name, nodes[k].kind = name, "input"


def _run_pass(scene: Scene, root: Value) -> dict[int, float]:
    """Return the gradients that a backward pass from ``root`` sets, by ``id``, and remove the partials of blocked operands.

    A node with a gradient may pass nothing to an operand, such as the smaller one of a maximum.
    """
    nodes, keys = scene.nodes, scene.keys
    found: dict[int, float] = {}
    edges: list[tuple[int, int, float]] = []
    seed = found[id(root)] = root.grad if _has_pass(root) else 1.0
    for step in backward_steps(root, seed=seed):
        found[id(step.operand)] = step.gradient
        edges.append((keys[id(step.node)], step.position, step.partial))
    for key in found:
        node = nodes[keys[key]]
        node.partials = [None] * len(node.operands)
    for i, position, partial in edges:
        nodes[i].partials[position] = partial
    return found


# ---- gradients: whose, and whether they are known --------------------------------------------------------------------


def _read_gradients(
    scene: Scene, roots: list[Value], order: list[Value], outer: list[Value], gradients: list[dict[int, float]]
) -> list[Value]:
    """Set the known gradients and their sources.

    Values do not store which pass their gradients came from. But a pass can be repeated from the saved partials, bit for
    bit, without a change of the Values. A gradient belongs to the pass of a root if it is the number that this pass computes.

    Args:
        scene, roots, order: See ``describe``.
        outer: Results that are computed from the roots.
        gradients: The result of ``_run_pass`` for each root.

    Returns:
        The results in ``outer`` whose pass set the gradients of the roots.
    """
    passes = [dict.fromkeys(_ids(root), 0.0) | found for root, found in zip(roots, gradients, strict=True) if _has_pass(root)]
    sources = []
    for root in filter(_has_pass, outer):
        found = _repeat_pass(root)
        if all(_same(inner.grad, found.get(id(inner), inner.grad)) for inner in roots):
            passes.append(found)
            sources.append(root)
    for value in order if passes else ():
        node = scene.nodes[scene.keys[id(value)]]
        if node.kind == "constant":
            continue
        if any(_same(value.grad, found.get(id(value), math.inf)) for found in passes):
            node.gradient, node.source = value.grad, "pass"
        elif value.op and (value.grad != 0.0 or any(id(value) in found for found in passes)):
            node.gradient, node.source = value.grad, "other"
        elif not value.op and value.grad != 0.0:  # a leaf adds up the gradients of all passes; 0.0 after zero_grad()
            node.gradient, node.source = value.grad, "several"
    return sources


def _has_pass(root: Value) -> bool:
    return root.grad != 0.0 and root.op != "const"


def _repeat_pass(root: Value) -> dict[int, float]:
    """Return the gradients that a pass from ``root`` sets, by ``id`` of the Value."""
    found = dict.fromkeys(_ids(root), 0.0)  # not those of another root, which it never reaches
    found[id(root)] = root.grad
    for step in backward_steps(root, seed=root.grad):
        found[id(step.operand)] = step.gradient
    return found


def _same(a: float, b: float) -> bool:
    return a == b or (math.isnan(a) and math.isnan(b))


def _caption(scene: Scene, roots: list[Value], outer: list[str]) -> str:
    names = [scene.nodes[i].name for i in scene.roots]
    nodes = scene.nodes
    if all(node.op == "const" for node in nodes):
        return ""
    running = [(name, root.grad) for name, root in zip(names, roots, strict=True) if root.grad != 0.0]
    if not running:
        call = f"{names[0]}.backward() computes them" if len(names) == 1 else "call backward()"
        parts = [f"{NO_GRADIENTS}: {call}"]
    elif any(node.source == "other" for node in nodes):
        count = sum(node.source == "other" for node in nodes)
        differ = f"{count:,} node{' differs' if count == 1 else 's differ'}"
        parts = [f"gradients of another result, not of {' and '.join(names)} ({differ})"]
    elif outer:
        parts = [f"gradients of {' and '.join(outer)}, not of {' and '.join(names)}"]
    else:
        unscaled = [name for name, gradient in running if gradient == 1.0]
        parts = [f"gradients of {' and '.join(unscaled)}"] if unscaled else []
        parts += [f"gradients of a result r with dr/d{name} = {grad:.5g}" for name, grad in running if grad != 1.0]
    several = sum(node.source == "several" for node in nodes)
    stale = sum(node.stale for node in nodes)
    if several:
        parts.append(f"{several:,} accumulated over several passes")
    if stale:
        parts.append(f"{stale:,} stale: data changed since" + (", so the gradients are out of date" if running else ""))
    return "; ".join(parts)


def _trace_origins(scene: Scene) -> None:
    """For each nan or infinity, find where it began: the first node whose operands are finite."""
    nodes = scene.nodes
    for i, node in enumerate(nodes):
        if not math.isfinite(node.data):
            before = [nodes[k].origin for k in node.operands if nodes[k].origin is not None]
            node.origin = before[0] if before else i
    for i in reversed(range(len(nodes))):
        node = nodes[i]
        if node.gradient is None:
            continue
        if not math.isfinite(node.gradient) and node.gradient_origin is None:
            node.gradient_origin = i
        for k, partial in zip(node.operands, node.partials, strict=True):
            operand = nodes[k]
            if partial is not None and not math.isfinite(node.gradient * partial) and operand.gradient_origin is None:
                operand.gradient_origin = node.gradient_origin if node.gradient_origin is not None else i
