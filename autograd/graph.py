"""Walking over computation graphs: what is below a Value, in which order, how much of it. No calculus."""

from __future__ import annotations

from autograd.errors import GraphTooLargeError
from autograd.value import Value, operands_of
from autograd.walk import topological_order as walk


def topological_order(root: Value) -> list[Value]:
    """``root`` and all Values below it, each after its operands; plain numbers among the operands are left out.

    Takes time proportional to the number of nodes, and no recursion.

    >>> x = Value(3.0, label="x")
    >>> [node.op or node.label for node in topological_order(x * x + 2)]
    ['x', '*', '+']
    """
    return walk(_value(root))


def leaves(root: Value) -> list[Value]:
    """The Values below ``root`` that were not computed, inputs and parameters, in the order in which the formula has them.

    >>> x, y = Value(3.0, label="x"), Value(4.0, label="y")
    >>> leaves(x * y + x * 2)
    [Value(3.0, label='x'), Value(4.0, label='y')]
    """
    found = []
    waiting, met = [_value(root)], set()
    while waiting:
        node = waiting.pop()
        if id(node) not in met:
            met.add(id(node))
            if not node.op:
                found.append(node)
            waiting += [operand for operand in reversed(operands_of(node)) if isinstance(operand, Value)]
    return found


def count_nodes(root: Value) -> int:
    """How many Values there are in the graph of ``root``, itself included.

    >>> x = Value(3.0)
    >>> count_nodes(x * x + 2)
    3
    """
    return len(walk(_value(root)))


def label(**values: Value) -> None:
    """Name several Values at once, by keyword.

    >>> a, b = Value(1.0), Value(2.0)
    >>> label(a=a, b=b)
    >>> a
    Value(1.0, label='a')
    """
    for name, value in values.items():
        if not isinstance(value, Value):
            raise TypeError(f"label() names Values, but {name} is {type(value).__name__} ({value!r:.40})")
        value.label = name


def refuse_large(root: Value, limit: int, function: str, way_out: str) -> None:
    """Raise GraphTooLargeError if the graph of ``root`` has more than ``limit`` nodes."""
    nodes = count_nodes(root)
    if nodes > limit:
        raise GraphTooLargeError(f"the graph has {nodes:,} nodes, and {function} takes at most {limit:,}; {way_out}")


def _value(root: object) -> Value:
    if not isinstance(root, Value):
        raise TypeError(f"a graph belongs to a Value, not to {type(root).__name__} ({root!r:.40})")
    return root
