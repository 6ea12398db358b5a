"""Copies of graphs: ``copy``, ``deepcopy`` and ``pickle``, for graphs of any depth.

A node is decomposed into its operation, numbers, label, operands and saved partials, and restored from them. The gradients
computed from a copy are therefore the same as from the original.

Compiled by Cython; ``value.py`` explains how.
"""

# Type checkers read the uncompiled branches.
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
    from cython.cimports.autograd.base._capi import LEAF, NODE, ROW, TERMS
    from cython.cimports.autograd.base._node import data_of, grad_of, set_grad
    from cython.cimports.autograd.value import Value, kind_of, new_node
else:
    from autograd.base._cython import LEAF, NODE, ROW, TERMS, data_of, grad_of, set_grad
    from autograd.value import Value, kind_of, new_node

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

CONSTANT = cython.declare(cython.short, -2)


def node_state(node: Value) -> tuple[Any, ...]:
    """Return the complete state of a node: operation, data, grad, label, operands, partials."""
    refuse_if_tracing("it is copied or pickled")
    row = ops.ROWS[node._code] if node._kind != LEAF else None
    name = node.op if row is None else row.function or row.name  # a custom operation is identified by its function
    return name, data_of(node), grad_of(node), node._label, operands_of(node), partials_of(node)


def restore(
    _before: Any, name: Any, data: Any, grad: Any, label: Any, operands: Any, partials: Any,
) -> Any:  # fmt: skip
    """Create a node from its state. ``_before`` contains the operands, because pickle restores it first."""
    node: Value = new_node(data)
    set_grad(node, grad)
    node._label = label
    if not operands:
        node._code = CONSTANT if name == "const" else -1
        return node
    operation = getattr(ops, name) if isinstance(name, str) else name.operation
    node._code = operation.code
    node._kind = NODE
    if operation.variadic:
        groups = len(operation.partials)  # 2 for a dot: weights and inputs
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
    if operation.blocks:
        node._kind = kind_of(node._code, node._a, node._partial_a, node._b, node._partial_b)
    return node


def copy_node(self: Value) -> Value:
    """Return a new node with the same state and the same operands."""
    return restore((), *node_state(self))


def copy_graph(self: Value, memo: dict[int, Any]) -> Value:
    """Return a copy of the node and of all nodes it depends on."""
    for node in topological_order(self):  # operands first, which avoids recursion
        if id(node) not in memo:
            name, data, grad, label, operands, partials = node_state(node)
            copies = [memo[id(item)] if isinstance(item, Value) else item for item in operands]
            memo[id(node)] = restore((), name, data, grad, label, tuple(copies), partials)
    return memo[id(self)]


# Pickle recurses into operands that it has not seen. To avoid deep recursion, the first node to be pickled puts all nodes it
# depends on in a queue, operands first, and pickle processes the queue. A node that pickle reaches in queue order starts no
# queue. A node that pickle reaches out of order, for example after an error interrupted a queue, starts a new queue.
_queue_position: dict[int, int] = {}
_last_reduced = [-1]


class _EndOfQueue:
    """The last item of the queue. When pickle reaches it, all nodes in the queue are pickled."""

    def __reduce__(self) -> tuple[Any, ...]:
        _queue_position.clear()
        return tuple, ()


def reduce_node(self: Value) -> tuple[Any, ...]:
    """Return a function that recreates the node, and its arguments, for pickle."""
    position = _queue_position.get(id(self), -1)
    if position > _last_reduced[0]:
        _last_reduced[0] = position
        return restore, ((), *node_state(self))
    queue = topological_order(self)
    queue.pop()  # self
    _queue_position.clear()
    _queue_position.update({id(node): position for position, node in enumerate(queue)})
    _last_reduced[0] = -1
    return restore, ((*queue, _EndOfQueue()), *node_state(self))


add_method("__copy__", copy_node)
add_method("__deepcopy__", copy_graph)
add_method("__reduce__", reduce_node)
