"""The contents of a graph: its leaves, the number of its nodes, and the labels of Values."""

from __future__ import annotations

from autograd.errors import GraphTooLargeError
from autograd.nodes.parts import operands_of
from autograd.shared import counted, refuse_other_value
from autograd.topology import check_root, topological_order
from autograd.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def leaves(root: Value) -> list[Value]:
    """Return the inputs and parameters that ``root`` depends on: the Values that were not computed.

    Args:
        root: Any Value.

    Returns:
        The leaves, in the order in which they first appear in the formula, read from left to right.

    Raises:
        TypeError: If ``root`` is not a Value.

    >>> from autograd import Value
    >>> x, y = Value(3.0, label="x"), Value(4.0, label="y")
    >>> leaves(x * y + x * 2)
    [Value(3.0, label='x'), Value(4.0, label='y')]
    """
    check_root(root)
    found = []
    waiting, visited = [root], set()
    while waiting:
        node = waiting.pop()
        if id(node) not in visited:
            visited.add(id(node))
            if not node.op:
                found.append(node)
            waiting += [operand for operand in reversed(operands_of(node)) if isinstance(operand, Value)]
    return found


def count_nodes(root: Value) -> int:
    """Return the number of Values in the graph of ``root``, including ``root`` and without constants.

    Args:
        root: Any Value.

    Returns:
        The length of ``topological_order(root)``.

    Raises:
        TypeError: If ``root`` is not a Value.

    >>> from autograd import Value
    >>> x = Value(3.0)
    >>> count_nodes(x * x + 2)
    3
    """
    return len(topological_order(root))


def label(*unnamed: Any, **values: Any) -> None:
    """Set the labels of several Values at once.

    Args:
        *unnamed: Must be empty. An argument without a name raises an error.
        **values: The Values to label, by the name each is to have.

    Raises:
        TypeError: If an argument is not a Value, or has no name.

    >>> from autograd import Value
    >>> a, b = Value(1.0), Value(2.0)
    >>> label(a=a, b=b)
    >>> a
    Value(1.0, label='a')
    """
    if unnamed:
        names = [item for item in unnamed if isinstance(item, str) and item.isidentifier()] or ["x"]
        example = ", ".join(f"{name}={name}" for name in names)
        raise TypeError(f"label() takes Values by the names they are to have; write label({example})")
    for name, value in values.items():
        if not isinstance(value, Value):
            kind = type(value).__name__
            refuse_other_value(value, f"{name} must be a Value")
            raise TypeError(f"{name} must be a Value, not {kind} ({value!r:.40}); convert it first: {name} = Value(...)")
        value.label = name


def check_size(root: Value, limit: int, function: str, remedy: str) -> None:
    """Raise GraphTooLargeError if the graph of ``root`` has more than ``limit`` nodes."""
    nodes = count_nodes(root)
    if nodes > limit:
        raise GraphTooLargeError(f"the graph has {counted(nodes, 'node')}, and {function} takes at most {limit:,}; {remedy}")
