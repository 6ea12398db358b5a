"""Turn the graph of a Value into a list of boxes: the content of a picture, before any decision on its appearance.

Each box comes after its operands, and the root is last. DOT and SVG are both written from this list, so they show the same
content.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from autograd import GraphTooLargeError, backward_steps, count_nodes

if TYPE_CHECKING:
    from autograd import Value

MAX_EXPANDED_TERMS = 4  # by default, a sum or dot of at most this many terms is expanded
MAX_EDGES_PER_NODE = 4  # a picture may have at most this number times `max_nodes` edges
REMEDY = "draw a Value closer to the leaves, such as one of its .operands, or raise draw(..., max_nodes=...)"


@dataclass(slots=True)
class Box:
    """One box of a picture.

    Attributes:
        kind: ``"leaf"``, ``"constant"`` (a plain number), ``"computed"``, or ``"product"``: one w * x of an expanded
            ``dot``. A product is not a Value of the graph; it is shown only to explain the sum.
        label: Label of the Value, or ``""``.
        op: Operation shown in the box, or ``""``.
        data: Number of the Value.
        grad: Gradient, or None for a constant.
        operands: Indices of the boxes of the operands, in order.
        products: For an expanded ``dot``, the indices of its products.
        is_root: Whether this is the Value passed to ``draw``.
        marked: Position of the operand whose edge is drawn in red, or None.
        caption: Line of text below the picture; only the root has one.
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


def make_boxes(root: Value, expand: bool | None, max_nodes: int, steps: int | None = None) -> list[Box]:
    """Return the boxes of the graph of ``root``, each after its operands, the root last.

    Args:
        root: Value whose graph is drawn.
        expand: Whether ``sum`` and ``dot`` are shown as ``+`` and ``*``. None: only if they have at most 4 terms.
        max_nodes: Maximum number of boxes.
        steps: Show the gradients after this number of contributions of ``backward_steps``, and mark the last of these
            contributions. None: show the current gradients.

    Raises:
        GraphTooLargeError: If there would be more than ``max_nodes`` boxes, or more than 4 edges per allowed box.
        ValueError: If backpropagation has fewer than ``steps`` contributions.

    Example:
        >>> from autograd import Value
        >>> x = Value(3.0, label="x")
        >>> [(box.kind, box.label or box.op or box.data, box.operands) for box in make_boxes(x * x + 2, None, 10)]
        [('leaf', 'x', []), ('computed', '*', [0, 0]), ('constant', 2.0, []), ('computed', '+', [1, 2])]
    """
    _check_size("the graph has {:,} nodes", count_nodes(root), max_nodes)
    boxes: list[Box] = []
    index: dict[int, int] = {}  # id of a Value -> index of its box
    edges = 0
    # Depth first, operands in order: Graphviz starts from the order of the boxes, which preserves the order of the operands.
    # A stack entry with operands is a node whose operands already have boxes. It also keeps the Values created for plain
    # numbers alive. Therefore their ids stay unique.
    stack: list[tuple[Value, list[Value] | None]] = [(root, None)]
    while stack:
        node, operands = stack.pop()
        if operands is not None:
            index[id(node)] = _append_computed(boxes, node, [index[id(operand)] for operand in operands], expand)
        elif node.op == "const":  # never shared: each use has its own box
            index[id(node)] = _append(boxes, Box("constant", node.label or "", "", node.data, None))
        elif not node.op and id(node) not in index:
            index[id(node)] = _append(boxes, Box("leaf", node.label or "", "", node.data, node.grad))
        elif id(node) not in index:
            edges += len(node.partials)  # checked before .operands, which would create a Value per term of a huge sum
            _check_size("the picture would have at least {:,} edges", edges, MAX_EDGES_PER_NODE * max_nodes)
            operands = _operands(node, expand)
            stack.append((node, operands))
            stack += [(operand, None) for operand in reversed(operands)]
        _check_size("the picture would have at least {:,} boxes", len(boxes), max_nodes)
    boxes[-1].is_root = True
    if steps is not None:
        _show_steps(boxes, index, root, steps)
    return boxes


def _check_size(fact: str, count: int, limit: int) -> None:
    if count > limit:
        raise GraphTooLargeError(f"{fact.format(count)}, but draw accepts at most {limit:,}; {REMEDY}")


def _is_expanded(node: Value, expand: bool | None) -> bool:
    """Return whether a ``sum`` or ``dot`` is shown as ``+`` and ``*``."""
    if node.op not in ("sum", "dot") or expand is False:
        return False
    terms = len(node.partials) // 2 if node.op == "dot" else len(node.partials)
    return terms > 0 and (expand or terms <= MAX_EXPANDED_TERMS)


def _operands(node: Value, expand: bool | None) -> list[Value]:
    """Return the operands to draw, in order.

    The operands of a ``dot`` are w0, w1, ..., x0, x1, ..., bias. An expanded ``dot`` has them in pairs: w0, x0, w1, x1, ...
    """
    operands = list(node.operands)
    if node.op != "dot" or not _is_expanded(node, expand):
        return operands
    terms = len(operands) // 2
    pairs = [operand for pair in zip(operands[:terms], operands[terms : 2 * terms], strict=True) for operand in pair]
    bias = operands[-1]
    return pairs if bias.op == "const" and bias.data == 0.0 else [*pairs, bias]  # 0 is the default bias, shown without a box


def _append_computed(boxes: list[Box], node: Value, operands: list[int], expand: bool | None) -> int:
    expanded = _is_expanded(node, expand)
    products: list[int] = []
    if expanded and node.op == "dot":
        pairs = len(operands) // 2 * 2
        for w, x in zip(operands[0:pairs:2], operands[1:pairs:2], strict=True):
            # The derivative of a sum with respect to each term is 1, so each product has the gradient of the sum.
            products.append(_append(boxes, Box("product", "", "*", boxes[w].data * boxes[x].data, node.grad, [w, x])))
        operands = [*products, *operands[pairs:]]
    op = "+" if expanded else node.op
    return _append(boxes, Box("computed", node.label or "", op, node.data, node.grad, operands, products))


def _append(boxes: list[Box], box: Box) -> int:
    boxes.append(box)
    return len(boxes) - 1


def _show_steps(boxes: list[Box], index: dict[int, int], root: Value, count: int) -> None:
    """Replace the gradients with the gradients after the first ``count`` contributions, and mark the last contribution."""
    steps = list(backward_steps(root))
    if len(steps) < count:
        raise ValueError(f"steps must be at most {len(steps)}, the number of contributions to gradients here, not {count}")
    for step in steps:  # the boxes get the names used in the caption
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
    """Mark the edge to ``box`` from the operand at ``position`` of its Value."""
    terms = len(box.products)
    if position < 2 * terms:  # w0, w1, ..., x0, x1, ... of an expanded dot: mark the edge to the product
        boxes[box.products[position % terms]].marked = position // terms
    else:
        box.marked = position - terms  # two operands have become one product
