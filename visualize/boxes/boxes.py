"""Turn a scene into boxes: the content of a picture, before any decision on its appearance.

Each box comes after its operands. DOT, SVG and text are all written from this list, so they show the same content.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from autograd.shared import counted

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from visualize.scene.facts import Node, Scene

MAX_EXPANDED_TERMS = 4  # by default, a sum or dot of at most this many terms is expanded


@dataclass(slots=True)
class Box:
    """One box of a picture.

    Attributes:
        kind: A kind of ``facts.Node``; ``"product"``: one w * x of an expanded ``dot``, which is not a Value of the graph; or
            ``"folded"``: several nodes.
        name: Name of the node, or title of the group.
        op: Operation shown in the box, or ``""``.
        data: The number; for a folded box, the number of its only result, or None if it has several.
        grad: Gradient, or None if it is not known; for a folded box, the norm of the gradient.
        shows_grad: Whether there is a line for the gradient.
        operands: Indices of the boxes of the operands, in order.
        partials: Partial derivative with respect to each operand, or None.
        blocked: Positions of the operands that receive no gradient, such as the operand of a relu of a negative number.
        products: For an expanded ``dot``, the indices of its products.
        is_root: Whether this is a result passed to ``draw``.
        marks: Warnings, such as ``"stale"``.
        marked: Position of the operand whose edge is drawn as the current step, or None.
        step: Text at the marked edge.
        counts: Texts of a folded box, such as ``"16 results"``.
        highlighted: Whether the caller asked to highlight it.
        nodes: Indices of the nodes in the scene.
    """

    kind: str
    name: str
    op: str
    data: float | None
    grad: float | None
    shows_grad: bool = False
    operands: list[int] = field(default_factory=list)
    partials: list[float | None] = field(default_factory=list)
    blocked: list[int] = field(default_factory=list)
    products: list[int] = field(default_factory=list)
    is_root: bool = False
    marks: list[str] = field(default_factory=list)
    marked: int | None = None
    step: str = ""
    counts: list[str] = field(default_factory=list)
    highlighted: bool = False
    nodes: list[int] = field(default_factory=list)


def make_boxes(
    scene: Scene, folded: Sequence[int | None], expand: bool | None = None, highlight: Collection[int] = (),
    step: tuple[int, int, str] | None = None,
) -> list[Box]:  # fmt: skip
    """Return the boxes of a scene, each after its operands.

    Args:
        scene: The graph.
        folded: For each node, the group whose box it is in, or None. See ``folding.folded_groups``.
        expand: Whether ``sum`` and ``dot`` are shown as ``+`` and ``*``. None: only if they have at most 4 terms.
        highlight: Indices of nodes to highlight.
        step: The current step of backpropagation: index of a node, position of its operand, and the text at their edge.

    Example:
        >>> from autograd import Value
        >>> from visualize.scene.scene import describe
        >>> x = Value(3.0, label="x")
        >>> boxes = make_boxes(describe(x * x + 2), [None] * 4)
        >>> [(box.kind, box.name or box.data, box.operands) for box in boxes]
        [('input', 'x', []), ('operation', 'v2', [0, 0]), ('constant', 2.0, []), ('output', 'v3', [1, 2])]
    """
    maker = _Maker(scene, folded, expand, highlight)
    if step is not None:
        maker.mark(*step)
    return maker.boxes


class _Maker:
    def __init__(self, scene: Scene, folded: Sequence[int | None], expand: bool | None, highlight: Collection[int]) -> None:
        self.scene, self.folded, self.expand, self.highlight = scene, folded, expand, highlight
        self.grads = any(node.gradient is not None for node in scene.nodes)
        self.boxes: list[Box] = []
        self.box_of: dict[int, int] = {}  # index of a node -> index of its box
        self.members: dict[int, list[int]] = {}
        for i, group in enumerate(folded):
            if group is not None:
                self.members.setdefault(group, []).append(i)
        self.used_outside = {
            k for i, node in enumerate(scene.nodes) for k in node.operands if folded[k] is not None and folded[k] != folded[i]
        }
        self._make()

    def _make(self) -> None:
        """Add the boxes, depth first and operands in order: the layout starts from this order."""
        nodes = self.scene.nodes
        stack: list[tuple[int, list[int] | None]] = [(root, None) for root in reversed(self.scene.roots)]
        visited: set[int] = set()
        while stack:
            i, operands = stack.pop()
            if operands is not None:
                self._append(i, operands)
                continue
            if self._key(i) in visited:
                continue
            visited.add(self._key(i))
            group = self.folded[i]
            inside = [i] if group is None else self.members[group]
            operands = [nodes[j].operands[p] for j in inside for p in self._positions(nodes[j])]
            if group is not None:
                operands = [k for k in dict.fromkeys(operands) if self.folded[k] != group]
            stack.append((i, operands))
            stack += [(k, None) for k in reversed(operands)]

    def _key(self, i: int) -> int:
        group = self.folded[i]
        return i if group is None else ~group

    def _is_expanded(self, node: Node) -> bool:
        if node.op not in ("sum", "dot") or self.expand is False:
            return False
        terms = len(node.operands) // 2 if node.op == "dot" else len(node.operands)
        return terms > 0 and (bool(self.expand) or terms <= MAX_EXPANDED_TERMS)

    def _positions(self, node: Node) -> list[int]:
        """Return the positions of the operands to draw. A ``dot`` has w0, w1, ..., x0, x1, ..., bias; drawn: w0, x0, w1, ..."""
        count = len(node.operands)
        if node.op != "dot":
            return list(range(count))
        pairs = [p for k in range(count // 2) for p in (k, count // 2 + k)]
        bias = self.scene.nodes[node.operands[-1]]
        # 0 is the default bias, shown without a box
        return pairs if bias.op == "const" and bias.data == 0.0 else [*pairs, count - 1]

    def _append(self, i: int, operands: list[int]) -> None:
        group = self.folded[i]
        if group is not None:
            self._append_folded(group, operands)
            return
        node = self.scene.nodes[i]
        box = self._box(node.kind, node, [i])
        own = [self.box_of[k] for k in operands]
        partials = [node.partials[p] for p in self._positions(node)]
        if self._is_expanded(node):
            box.op = "+"
            if node.op == "dot" and all(self.folded[k] is None for k in operands):
                pairs = len(operands) // 2 * 2
                for p in range(0, pairs, 2):
                    product = Box(
                        "product", "", "*", self._data(own[p]) * self._data(own[p + 1]), node.gradient, box.shows_grad
                    )
                    product.operands, product.partials = own[p : p + 2], partials[p : p + 2]
                    box.products.append(self._put(product))
                own, partials = [*box.products, *own[pairs:]], [*[1.0] * (pairs // 2), *partials[pairs:]]
        box.operands, box.partials = _merged(own, partials, self.boxes)
        box.blocked = [p for p, partial in enumerate(box.partials) if partial is None and self._is_value(box.operands[p])]
        self.box_of[i] = self._put(box)

    def _is_value(self, box: int) -> bool:
        """Return whether a box is one Value, not a constant or a group."""
        nodes = self.boxes[box].nodes
        return self.boxes[box].kind != "folded" and bool(nodes) and self.scene.nodes[nodes[0]].op != "const"

    def _data(self, box: int) -> float:
        data = self.boxes[box].data
        return math.nan if data is None else data

    def _box(self, kind: str, node: Node, nodes: list[int]) -> Box:
        box = Box(kind, node.name, "" if node.op == "const" else node.op, node.data, node.gradient, nodes=nodes)
        box.shows_grad = self.grads and node.op != "const"
        box.is_root = any(i in self.scene.roots for i in nodes)
        box.highlighted = any(i in self.highlight for i in nodes)
        for i in nodes:
            box.marks += [mark for mark in self._marks(i) if mark not in box.marks]
        return box

    def _append_folded(self, group: int, operands: list[int]) -> None:
        nodes, members = self.scene.nodes, self.members[group]
        results = [i for i in members if i in self.used_outside or i in self.scene.roots]
        box = self._box("folded", nodes[results[-1] if results else members[-1]], members)
        box.name, box.op = self.scene.groups[group].path.replace("/", ", "), ""
        parameters = [i for i in members if nodes[i].kind == "parameter"]
        computed = [i for i in members if nodes[i].op not in ("", "const")]
        box.counts = [
            counted(len(found), what)
            for found, what in ((computed, "operation"), (parameters, "parameter"))
            if found and not (len(found) == len(members) and self.scene.groups[group].title.startswith(f"{len(found):,}"))
        ]
        if len(results) != 1:
            box.data = None
        known = [nodes[i].gradient for i in parameters or [i for i in members if nodes[i].op != "const"]]
        found = [gradient for gradient in known if gradient is not None]
        box.shows_grad = self.grads and bool(known)
        box.grad = math.hypot(*found) if found and len(found) == len(known) else None
        own = list(dict.fromkeys(self.box_of[k] for k in operands))
        box.operands, box.partials = own, [None] * len(own)
        number = self._put(box)
        self.box_of.update(dict.fromkeys(members, number))

    def mark(self, i: int, position: int, text: str) -> None:
        """Mark the edge from the operand at ``position`` of node ``i``; inside a folded box, mark the box."""
        node = self.scene.nodes[i]
        user, operand = self.boxes[self.box_of[i]], self.box_of[node.operands[position]]
        if user is self.boxes[operand]:
            user.step = text
            return
        shown = self._positions(node).index(position)
        if user.products and shown < 2 * len(user.products):  # mark the edge to the product
            user, shown = self.boxes[user.products[shown // 2]], shown % 2
        elif user.products:
            shown -= len(user.products)  # two operands have become one product
        if user.kind == "folded" or len(user.operands) <= shown or user.operands[shown] != operand:  # merged edges
            shown = user.operands.index(operand)
        user.marked, user.step = shown, text

    def _put(self, box: Box) -> int:
        self.boxes.append(box)
        return len(self.boxes) - 1

    def _marks(self, i: int) -> list[str]:
        node, nodes = self.scene.nodes[i], self.scene.nodes
        marks = ["stale"] * node.stale + ["several passes"] * (node.source == "several")
        marks += ["other pass"] * (node.source == "other") + ["dead"] * node.dead
        if node.origin is not None:
            word = "nan" if math.isnan(node.data) else "inf"
            marks.append(f"{word} began here" if node.origin == i else f"{word} from {nodes[node.origin].name or 'a number'}")
        if node.gradient_origin is not None and node.gradient is not None and not math.isfinite(node.gradient):
            word = "nan" if math.isnan(node.gradient) else "inf"
            marks.append(f"grad {word} from {'here' if node.gradient_origin == i else nodes[node.gradient_origin].name}")
        return marks


def _merged(operands: list[int], partials: list[float | None], boxes: list[Box]) -> tuple[list[int], list[float | None]]:
    """Merge the edges from one folded box into one edge."""
    first = {k: p for p, k in reversed(list(enumerate(operands)))}
    kept = [p for p, k in enumerate(operands) if boxes[k].kind != "folded" or p == first[k]]
    single = [boxes[operands[p]].kind != "folded" for p in kept]
    return [operands[p] for p in kept], [partials[p] if alone else None for p, alone in zip(kept, single, strict=True)]
