"""Copies of graphs: ``copy``, ``deepcopy`` and ``pickle``, however deep the graph is.

A node is taken apart into its operation, numbers, label, operands and saved partials, and put together from them; so
the copy backpropagates exactly as the original does.

Compiled by Cython, like ``value.py``, which explains the names.
"""

# Type checkers, also those of users, are to read what runs uncompiled.
# mypy: always-false=compiled
from __future__ import annotations

try:
    import cython
except ImportError:
    from autograd.base import _cython as cython

from autograd import ops
from autograd.base.modes import refuse_if_tracing
from autograd.nodes.parts import operands_of, partials_of
from autograd.nodes.sums import new_rows, new_terms, set_partials
from autograd.topology import topological_order
from autograd.value import add_method

if cython.compiled:
    from cython.cimports.autograd.base._capi import CUT, LEAF, NODE, ROW, TERMS
    from cython.cimports.autograd.base._kernels import GATE
    from cython.cimports.autograd.value import Value, new_node
else:
    from autograd.base._cython import CUT, LEAF, NODE, ROW, TERMS
    from autograd.value import Value, new_node

    GATE = ops.gate.code

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

CONSTANT = cython.declare(cython.short, -2)


def parts(node: Value) -> tuple[Any, ...]:
    """All there is to a node: operation, data, grad, label, operands, partials."""
    refuse_if_tracing("it is copied or pickled")
    row = ops.ROWS[node._code] if node._kind != LEAF else None
    name = node.op if row is None else row.function or row.name  # an operation of the user's own goes by its function
    return name, node._data, node._grad, node._label, operands_of(node), partials_of(node)


def restore(
    _before: Any, name: Any, data: Any, grad: Any, label: Any, operands: Any, partials: Any,
) -> Any:  # fmt: skip
    """The node with these parts; ``_before`` only made pickle restore its operands first."""
    node: Value = new_node(data)
    node._grad = grad
    node._label = label
    if not operands:
        node._code = CONSTANT if name == "const" else -1
        return node
    operation = getattr(ops, name) if isinstance(name, str) else name.operation
    node._code = operation.code
    node._kind = NODE
    if operation.variadic:
        groups = len(operation.partials)  # of terms: the weights and the inputs of a dot
        size = len(operands) // groups
        if groups == 1:
            node._kind = TERMS
            node._b = new_terms(operands)
        else:
            node._kind = ROW
            node._b = new_rows((operands[:size],), operands[size : 2 * size])
        set_partials(node, partials[: groups * size])
        operands, partials = operands[groups * size :] or (0.0,), partials[groups * size :] or (None,)
    elif len(operands) == 2:
        node._b = operands[1] if isinstance(operands[1], Value) else None
        node._partial_b = operands[1] if partials[1] is None else partials[1]
    node._a = operands[0] if isinstance(operands[0], Value) else None
    node._partial_a = operands[0] if partials[0] is None else partials[0]
    if node._code == GATE and node._partial_a == 0.0:
        node._kind = CUT
    return node


def copy_node(self: Value) -> Value:
    """A node of its own with the same operands."""
    return restore((), *parts(self))


def copy_graph(self: Value, memo: dict[int, Any]) -> Value:
    """A copy of the node and of everything below it."""
    for node in topological_order(self):  # operands first, so that no recursion is needed
        if id(node) not in memo:
            name, data, grad, label, operands, partials = parts(node)
            copies = [memo[id(item)] if isinstance(item, Value) else item for item in operands]
            memo[id(node)] = restore((), name, data, grad, label, tuple(copies), partials)
    return memo[id(self)]


# Pickle recurses into operands that it has not seen. So the node that is asked first puts all nodes below it in line,
# operands first; one that is asked in its turn puts nothing more in line. Only a line that an error has cut off can be
# asked out of turn; then a new one is made.
_place_in_line: dict[int, int] = {}
_last_asked = [-1]


class _EndOfLine:
    """Comes last in the line: when pickle gets to it, all the others are done."""

    def __reduce__(self) -> tuple[Any, ...]:
        _place_in_line.clear()
        return tuple, ()


def reduce_node(self: Value) -> tuple[Any, ...]:
    """What pickle asks for: the function that makes the node again, and its arguments."""
    place = _place_in_line.get(id(self), -1)
    if place > _last_asked[0]:
        _last_asked[0] = place
        return restore, ((), *parts(self))
    below = topological_order(self)
    below.pop()  # itself
    _place_in_line.clear()
    _place_in_line.update({id(node): place for place, node in enumerate(below)})
    _last_asked[0] = -1
    return restore, ((*below, _EndOfLine()), *parts(self))


add_method("__copy__", copy_node)
add_method("__deepcopy__", copy_graph)
add_method("__reduce__", reduce_node)
