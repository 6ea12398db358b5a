"""The facts about a graph: nodes, groups and the scene that holds both. ``scene.describe`` makes them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from autograd import Value

MAX_VALUES = 40  # of a graph that is shown whole
MAX_NODES = 80  # of such a graph, with its plain numbers


@dataclass(slots=True)
class Node:
    """One number of the graph.

    Attributes:
        name: Unique name; ``""`` for a constant. A Value without a given name has the same name as in ``explain`` and
            ``backward_steps``.
        label: Label of the Value, or ``""``.
        kind: ``"parameter"``, ``"input"``, ``"constant"``, ``"target"``, ``"operation"`` or ``"output"``.
        op: Symbol of the operation, ``""`` for a leaf, ``"const"`` for a plain number.
        data: The number.
        gradient: Derivative of a root with respect to this node, or None if it is not known or does not exist.
        operands: Indices of the operands, in order.
        partials: Partial derivative with respect to each operand; None if no gradient passes.
        group: Index of the innermost group, or None.
        stale: Whether the number or a partial derivative would differ if it were computed again.
        source: Origin of ``gradient``: ``""`` (not known), ``"pass"`` (this root), ``"several"`` (accumulated over several
            passes) or ``"other"`` (a pass of another result).
        origin: If ``data`` is nan or infinite, the index of the node where it began.
        gradient_origin: If ``gradient`` is nan or infinite, the index of the node whose rule made it so.
        dead: Whether this is a relu that passes no gradient.
    """

    name: str
    label: str
    kind: str
    op: str
    data: float
    gradient: float | None = None
    operands: list[int] = field(default_factory=list)
    partials: list[float | None] = field(default_factory=list)
    group: int | None = None
    stale: bool = False
    source: str = ""
    origin: int | None = None
    gradient_origin: int | None = None
    dead: bool = False


@dataclass(slots=True)
class Group:
    """Nodes that may be folded into one box.

    Attributes:
        title: Text of the folded box, such as ``"layer 1"`` or ``"64 terms"``.
        kind: ``"module"``, ``"row"``, ``"rows"``, ``"parameters"``, ``"loss"``, ``"terms"``, ``"chain"`` or ``"part"``.
        parent: Index of the group that contains this one, or None. Parents come first.
        path: Name for ``fold=``: unique, and stable while the graph has the same structure.
    """

    title: str
    kind: str
    parent: int | None
    path: str


@dataclass(slots=True)
class Scene:
    """All facts about a graph.

    Attributes:
        nodes: The nodes, each after its operands.
        roots: Indices of the results that were passed to ``describe``.
        groups: The groups, parents first.
        caption: The result that the gradients belong to, and warnings about them, in one line.
        keys: Index of each Value, by ``id``. Only for use while the Values are alive.
    """

    nodes: list[Node]
    roots: list[int]
    groups: list[Group] = field(default_factory=list)
    caption: str = ""
    keys: dict[int, int] = field(default_factory=dict)

    def is_large(self) -> bool:
        """Return whether the graph is folded by default.

        Plain numbers hardly count: the same row of numbers is one node for each neuron without ``model``, and one with it.
        """
        values = sum(node.op != "const" for node in self.nodes)
        return values > MAX_VALUES or len(self.nodes) > MAX_NODES

    def index(self, value: Value) -> int:
        """Return the index of the node of ``value``.

        Raises:
            KeyError: If it is not in the graph.
        """
        return self.keys[id(value)]
