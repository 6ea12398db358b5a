"""``stale_nodes``: the computed nodes of a graph that no longer follow from the data of its leaves."""

from __future__ import annotations

from math import copysign

from autograd import ops
from autograd.base.real import Ieee, same_number
from autograd.nodes.parts import row_and_operands
from autograd.nodes.sums import dot, sum  # noqa: A004 - autograd's sum; Python's is not used here
from autograd.topology import topological_order
from autograd.transforms.sweeps import partial_of
from autograd.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def stale_nodes(root: Value) -> list[Value]:
    """Return the computed nodes whose number or partial derivatives would differ if they were computed again.

    A node stores its number and its partial derivatives when it is recorded. They become stale if the ``data`` of a leaf
    below it is changed afterwards. ``backward`` still uses the stored numbers. Nothing is changed.

    Args:
        root: Any Value.

    Returns:
        The stale nodes, each after its operands. The list is empty if a new computation would have the same numbers.

    Raises:
        TypeError: If ``root`` is not a Value.

    Example:
        >>> from autograd import Value, stale_nodes
        >>> x = Value(3.0)
        >>> y = x * x + 1.0
        >>> stale_nodes(y)
        []
        >>> x.data = 4.0
        >>> [node.op for node in stale_nodes(y)]
        ['*', '+']
    """
    found = []
    current: dict[int, float] = {}  # by id: the number that a new computation would have, if its bits differ
    for node in topological_order(root):
        code, _, operands = row_and_operands(node) if node.op else (-1, False, ())
        # Only a leaf can be assigned a number. Therefore a node is recomputed only above leaves and above changed numbers.
        if not any(isinstance(x, Value) and (not x.op or id(x) in current) for x in operands):
            continue
        numbers = [Ieee(current.get(id(x), x.data) if isinstance(x, Value) else x) for x in operands]
        number = _value(ops.ROWS[code], numbers)
        changed = not same_number(number, node.data)
        if changed or copysign(1.0, number) != copysign(1.0, node.data):  # 1 / x differs for 0.0 and -0.0
            current[id(node)] = number
        if changed or not _same_partials(node, number, numbers):
            found.append(node)
    return found


def _value(row: Any, numbers: list[Any]) -> float:
    if row is ops.sum:
        return float(sum(numbers))
    if row is ops.dot:
        half = len(numbers) // 2
        return float(dot(numbers[:half], numbers[half:-1], numbers[-1]))
    return float(row(*numbers))


def _same_partials(node: Value, number: float, numbers: list[Any]) -> bool:
    out, row = Ieee(number), ops.ROWS[row_and_operands(node)[0]]
    rule = partial_of if row.variadic else _rule_of_row
    return all(saved is None or same_number(saved, rule(node, out, i, numbers)) for i, saved in enumerate(node.partials))


def _rule_of_row(node: Value, out: Any, index: int, numbers: list[Any]) -> Any:
    """Return the partial derivative of an ordinary row. Unlike ``partial_of``, it accepts a closed gate."""
    return ops.ROWS[row_and_operands(node)[0]].partial(index, out, *numbers)
