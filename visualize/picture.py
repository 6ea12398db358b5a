"""What a picture shows, before anything is known of how: one ``Box`` for each Value, in order, and their operands.

All renderers start from this list, so they all show the same.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from autograd import GraphTooLargeError, backward_steps
from autograd.topology import refuse_large

if TYPE_CHECKING:
    from autograd import Value

FEW_TERMS = 4  # sums of at most this many terms are expanded by themselves
EDGES_PER_NODE = 4  # a graph is refused as well if it has more than this times `max_nodes` edges
WAY_OUT = "draw a Value further down, such as one of its .operands, or raise draw(..., max_nodes=...)"


@dataclass(slots=True)
class Box:
    """One box of a picture.

    Attributes:
        kind: ``"leaf"``, ``"constant"`` (a plain number), ``"computed"``, or ``"product"``: one w * x of an expanded
            ``dot``, which is no Value of its own and is shown only to explain the sum.
        label: the Value's label, or ``""``.
        op: what the box shows as its operation.
        data: the number.
        grad: the gradient, None for a constant.
        operands: the indices of the boxes it is computed from, in order.
        products: for an expanded ``dot``, the indices of its products.
        is_root: whether this is the Value the picture was asked for.
        marked: which of the edges from the operands is drawn in red, counted as they are; None if none is.
        caption: of the root: a line below the picture.
    """

    kind: str
    label: str
    op: str
    data: float
    grad: float | None
    operands: list[int] = field(default_factory=list)
    products: list[int] = field(default_factory=list)
    is_root: bool = False
    marked: int | None = None
    caption: str = ""


def make_picture(root: Value, expand: bool | None, max_nodes: int, steps: int | None = None) -> list[Box]:
    """The boxes of the graph of ``root``, each after its operands, the root last.

    Args:
        root: the Value.
        expand: whether ``sum`` and ``dot`` are shown as ``+`` and ``*``; None: those of few terms.
        max_nodes: the greatest number of boxes.
        steps: show the gradients after so many of the contributions of ``backward_steps``, the last of them marked; None:
            those that the Values have.

    Raises:
        GraphTooLargeError: if there would be more boxes than ``max_nodes``, or 4 times as many edges.
        ValueError: if backpropagation has fewer contributions than ``steps``.
    """
    refuse_large(root, max_nodes, "draw", WAY_OUT)
    boxes: list[Box] = []
    index: dict[int, int] = {}  # id of a Value -> index of its box
    edges = 0
    # Depth first, operands in order: Graphviz starts from the order of the boxes, and so keeps that of the operands.
    # An entry with operands is a node whose operands are done. It also keeps alive the Values made for plain numbers.
    stack: list[tuple[Value, list[Value] | None]] = [(root, None)]
    while stack:
        node, operands = stack.pop()
        if operands is not None:
            index[id(node)] = _add_computed(boxes, node, [index[id(operand)] for operand in operands], expand)
        elif node.op == "const":  # never shared: each has a box of its own
            index[id(node)] = _add(boxes, Box("constant", node.label or "", "", node.data, None))
        elif not node.op and id(node) not in index:
            index[id(node)] = _add(boxes, Box("leaf", node.label or "", "", node.data, node.grad))
        elif id(node) not in index:
            edges += len(node.partials)  # before .operands, which would make millions of Values for a sum of millions
            _refuse("edges", edges, EDGES_PER_NODE * max_nodes)
            operands = _shown_operands(node, expand)
            stack.append((node, operands))
            stack += [(operand, None) for operand in reversed(operands)]
        _refuse("boxes", len(boxes), max_nodes)
    boxes[-1].is_root = True
    if steps is not None:
        _show_steps(boxes, index, root, steps)
    return boxes


def _show_steps(boxes: list[Box], index: dict[int, int], root: Value, count: int) -> None:
    """Replace the gradients by those after the first ``count`` contributions, and mark the last of these."""
    steps = list(backward_steps(root))
    if len(steps) < count:
        raise ValueError(f"steps = {count}, but backpropagation from here has only {len(steps)} contributions")
    for step in steps:  # the boxes are called as in the caption
        for node, name in zip((root, step.node, step.operand), step.names, strict=True):
            boxes[index[id(node)]].label = name
    for box in boxes:
        box.grad = None if box.grad is None else 0.0
    boxes[-1].grad = 1.0
    for step in steps[:count]:
        boxes[index[id(step.operand)]].grad = step.gradient
    for box in boxes:
        for product in box.products:
            boxes[product].grad = box.grad
    if count:
        last = steps[count - 1]
        boxes[-1].caption = str(last)
        _mark(boxes, boxes[index[id(last.node)]], last.position)


def _mark(boxes: list[Box], box: Box, position: int) -> None:
    """Mark the edge from an operand of the Value that is shown as ``box``."""
    terms = len(box.products)
    if position < 2 * terms:  # one of the w0, w1, ..., x0, x1, ... of an expanded dot
        boxes[box.products[position % terms]].marked = position // terms
    else:
        box.marked = position - terms  # as two operands have become one product


def _is_expanded(node: Value, expand: bool | None) -> bool:
    """Whether a ``sum`` or ``dot`` is shown as what it is short for."""
    if node.op not in ("sum", "dot") or expand is False:
        return False
    terms = len(node.partials) // 2 if node.op == "dot" else len(node.partials)
    return terms > 0 and (expand or terms <= FEW_TERMS)


def _shown_operands(node: Value, expand: bool | None) -> list[Value]:
    """The operands in order; those of an expanded ``dot``, which are w0, w1, ..., x0, x1, ..., bias, in pairs."""
    operands = list(node.operands)
    if node.op != "dot" or not _is_expanded(node, expand):
        return operands
    terms = len(operands) // 2
    pairs = [operand for pair in zip(operands[:terms], operands[terms : 2 * terms], strict=True) for operand in pair]
    bias = operands[-1]
    return pairs if bias.op == "const" and bias.data == 0.0 else [*pairs, bias]  # a bias of 0 is one that nobody wrote


def _add_computed(boxes: list[Box], node: Value, operands: list[int], expand: bool | None) -> int:
    expanded = _is_expanded(node, expand)
    products: list[int] = []
    if expanded and node.op == "dot":
        pairs = len(operands) // 2 * 2
        for w, x in zip(operands[0:pairs:2], operands[1:pairs:2], strict=True):
            # The derivative of a sum by each of its terms is 1, so a product would have the gradient of the sum.
            products.append(_add(boxes, Box("product", "", "*", boxes[w].data * boxes[x].data, node.grad, [w, x])))
        operands = [*products, *operands[pairs:]]
    op = "+" if expanded else node.op
    return _add(boxes, Box("computed", node.label or "", op, node.data, node.grad, operands, products))


def _add(boxes: list[Box], box: Box) -> int:
    boxes.append(box)
    return len(boxes) - 1


def _refuse(what: str, count: int, limit: int) -> None:
    if count > limit:
        raise GraphTooLargeError(
            f"the picture would have {count:,} {what} or more, and draw takes at most {limit:,}; {WAY_OUT}"
        )
