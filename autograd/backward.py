"""Backpropagation: the chain rule, applied from the result to the leaves.

``topology.sort_nodes`` sorts the computed nodes, and they are processed from the end, so that each node comes after all nodes
that use it. Its adjoint (the derivative of the root with respect to it) is then complete, and is propagated to its operands.
Leaves are not sorted, because nothing is propagated from them. A leaf is added to a list when it receives its first
contribution. Nodes behind a closed gate are skipped. A node that receives no contribution, because the nodes that use it block
gradients (a maximum that selects its other operand), propagates nothing either: 0 times an infinite partial would be nan.

Compiled by Cython; ``value.py`` explains how, and the names of the fields of a node.
"""

# Type checkers read the uncompiled branches.
# mypy: always-false=compiled
from __future__ import annotations

try:
    import cython
except ImportError:
    from autograd.base import _cython as cython

from autograd.base import modes
from autograd.base.real import as_float
from autograd.topology import topological_order
from autograd.value import add_method

if cython.compiled:
    from cython.cimports.autograd.base import modes
    from cython.cimports.autograd.base._capi import (
        BLOCKS,
        BLOCKS_A,
        CUT,
        HAS_ADJOINT,
        LEAF,
        NODE,
        ROW,
        TERMS,
        clear_flags,
        has_type,
        item_of,
    )
    from cython.cimports.autograd.base._kernels import DOT, partial2x, partial2y
    from cython.cimports.autograd.base._node import add_to_grad, grad_of, set_grad
    from cython.cimports.autograd.base.operand_lists import Rows, Terms
    from cython.cimports.autograd.topology import BACKWARD, Stack, reset_places, sort_nodes
    from cython.cimports.autograd.value import Value
else:
    from autograd import ops
    from autograd.base._cython import (
        BLOCKS,
        BLOCKS_A,
        CUT,
        HAS_ADJOINT,
        LEAF,
        NODE,
        ROW,
        TERMS,
        add_to_grad,
        clear_flags,
        grad_of,
        has_type,
        item_of,
        set_grad,
    )
    from autograd.base.operand_lists import Rows, Terms
    from autograd.ops import partial2x, partial2y
    from autograd.topology import BACKWARD, Stack, one_at_a_time, reset_places, sort_nodes
    from autograd.value import Value

    DOT = ops.dot.code

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


@cython.cfunc
@cython.inline
@cython.exceptval(-1, check=False)
def _accumulate(child: Value, contribution: cython.double, leaves: Stack) -> cython.int:
    """Add a contribution to the adjoint of an operand."""
    if child._place != HAS_ADJOINT:
        if child._place == 0:  # a leaf: computed nodes have a place since they were sorted
            _register_leaf(child, leaves)
        child._place = HAS_ADJOINT
    add_to_grad(child, contribution)
    return 0


@cython.cfunc
@cython.exceptval(-1, check=False)
def _register_leaf(child: Value, leaves: Stack) -> cython.int:
    """Add a leaf to the list, and save its gradient until the pass has succeeded."""
    child._partial_a = grad_of(child)
    if cython.compiled and leaves.size < leaves.capacity:  # the same as `push`, without a call into another module
        leaves.items[leaves.size] = cython.cast(cython.p_void, child)
        leaves.size += 1
    else:
        leaves.push(child)
    set_grad(child, 0.0)
    return 0


@cython.cfunc
@cython.inline
@cython.exceptval(-1, check=False)
def _accumulate_terms(terms: Terms, adjoint: cython.double, leaves: Stack) -> cython.int:
    """Add the contributions of a sum or a take to its terms."""
    i: cython.Py_ssize_t
    for i in range(len(terms.items)):
        item: cython.p_void = item_of(terms.items, i)
        if has_type(item, Value):
            _accumulate(cython.cast(Value, item), adjoint * terms.partials[i], leaves)
    return 0


@cython.cfunc
@cython.inline
@cython.exceptval(-1, check=False)
def _accumulate_row(rows: Rows, row: cython.Py_ssize_t, adjoint: cython.double, leaves: Stack) -> cython.int:
    """Add the contributions of a dot to its weights, then to its inputs."""
    inputs: tuple = rows.inputs
    weights: tuple = rows.weights[row]
    numbers: cython.p_double = rows.numbers
    only_values: cython.bint = rows.only_values
    size: cython.Py_ssize_t = len(inputs)
    offset: cython.Py_ssize_t = (1 + row) * size
    item: cython.p_void
    w: cython.double
    x: cython.double
    i: cython.Py_ssize_t
    for i in range(size):
        item = item_of(weights, i)
        if only_values or has_type(item, Value):
            w, x = numbers[offset + i], numbers[i]
            _accumulate(cython.cast(Value, item), adjoint * partial2x(DOT, w * x, w, x), leaves)
    if rows.fixed_inputs:
        return 0
    for i in range(size):
        item = item_of(inputs, i)
        if has_type(item, Value):
            w, x = numbers[offset + i], numbers[i]
            _accumulate(cython.cast(Value, item), adjoint * partial2y(DOT, w * x, w, x), leaves)
    return 0


@cython.cfunc
@cython.inline
@cython.exceptval(-1, check=False)
def _propagate(node: Value, leaves: Stack) -> cython.int:
    """Apply the chain rule: add the adjoint of the node, times the partial, to the adjoint of each operand."""
    reached: cython.bint = node._place == HAS_ADJOINT
    node._place = 0  # instead of a call of `reset_places` at the end
    if not reached:
        return 0
    if node._kind != NODE:
        return _propagate_special(node, leaves)
    adjoint: cython.double = grad_of(node)
    if node._a is not None:
        _accumulate(node._a, adjoint * node._partial_a, leaves)
    if node._b is not None:
        _accumulate(cython.cast(Value, node._b), adjoint * node._partial_b, leaves)
    return 0


@cython.cfunc
@cython.exceptval(-1, check=False)
def _propagate_special(node: Value, leaves: Stack) -> cython.int:
    """The same for nodes with a list of operands, and for nodes that block the gradient of an operand."""
    kind: cython.int = node._kind
    adjoint: cython.double = grad_of(node)
    if kind in (CUT, BLOCKS):
        return 0
    if kind == TERMS:
        return _accumulate_terms(cython.cast(Terms, node._b), adjoint, leaves)
    if kind == BLOCKS_A:
        return _accumulate(cython.cast(Value, node._b), adjoint * node._partial_b, leaves)
    if kind == ROW:
        _accumulate_row(cython.cast(Rows, node._b), cython.cast(cython.Py_ssize_t, node._partial_b), adjoint, leaves)
    if node._a is not None:  # the bias of a row, or the operand that is not blocked
        _accumulate(node._a, adjoint * node._partial_a, leaves)
    return 0


# What to write instead of arguments of other libraries.
_REMEDIES = {
    "retain_graph": "omit it: a graph exists as long as its result, and each call adds to the gradients of the leaves",
    "create_graph": "use gradients(y, x, create_graph=True) for a gradient that can be differentiated, or grad(grad(f))",
    "inputs": "use gradients(y, inputs) for the derivatives with respect to some Values",
    **dict.fromkeys(("gradient", "grad", "grad_tensors", "grad_outputs"), "write backward(seed=...), one number"),
}


def backward(root: Value, seed: Any = 1.0, **unknown: Any) -> None:
    """Compute the gradient of this Value with respect to every Value it depends on, scaled by ``seed``.

    Leaves accumulate it in ``.grad``, so a second call doubles their gradients. Computed nodes hold the gradient of the most
    recent call. The time is proportional to the number of nodes, and there is no recursion.

    Args:
        seed: The derivative of this Value with respect to itself, a factor of all gradients.

    Raises:
        TypeError: If ``seed`` is not a real number.

    >>> from autograd import Value
    >>> a, b = Value(2.0), Value(3.0)
    >>> (a * b).backward()
    >>> a.grad, b.grad
    (3.0, 2.0)
    """
    for name in unknown:
        remedy = _REMEDIES.get(name, "the only argument is seed")
        raise TypeError(f"backward() got an unexpected keyword argument {name!r}; {remedy}")
    start: cython.double = as_float(seed, "the seed of backward()")
    modes.notify_backward(root, start, True)
    leaves: Stack = Stack()
    _sweep(root, start, leaves)
    i: cython.Py_ssize_t
    for i in range(leaves.size):
        node: Value = cython.cast(Value, leaves.items[i])
        set_grad(node, node._partial_a + grad_of(node))
        node._place = 0


def adjoints(root: Value, inputs: list[Any], seed: Any = 1.0) -> list[float]:
    """Return the derivative of ``root`` with respect to each input, scaled by ``seed``; 0.0 if it does not depend on it.

    This is a pass like ``backward``, but the ``.grad`` of leaves does not change.
    """
    start: cython.double = as_float(seed, "the seed of a gradient")
    modes.notify_backward(root, start, False)
    leaves: Stack = Stack()
    found: list = []  # created before the traversal, see `sort_nodes`
    node: Value
    for node in inputs:
        if node._kind != LEAF:
            set_grad(node, 0.0)  # remains 0 if the sweep does not reach it
    _sweep(root, start, leaves)
    try:
        for node in inputs:
            found.append(grad_of(node) if node._kind != LEAF or node._place != 0 else 0.0)  # noqa: PERF401 - a comprehension would create a container
        return found
    finally:
        _restore_gradients(leaves)


@cython.cfunc
@cython.inline
@cython.exceptval(-1, check=False)
def _sweep(root: Value, start: cython.double, leaves: Stack) -> cython.int:
    """Compute all adjoints. Afterwards ``leaves`` lists the leaves reached; ``_partial_a`` of each is its previous gradient."""
    order: Stack = Stack()
    i: cython.Py_ssize_t
    try:
        sort_nodes(root, order, BACKWARD)
        _accumulate(root, start, leaves)
        for i in range(order.size - 1, -1, -1):
            _propagate(cython.cast(Value, order.items[i]), leaves)
        clear_flags()
    except BaseException:  # out of memory or, uncompiled, Ctrl-C: restore the leaves
        _restore_gradients(leaves)
        reset_places(order)
        raise
    return 0


@cython.cfunc
def _restore_gradients(leaves: Stack) -> cython.int:
    """Restore the previous gradients of the leaves."""
    i: cython.Py_ssize_t
    for i in range(leaves.size):
        node: Value = cython.cast(Value, leaves.items[i])
        set_grad(node, node._partial_a)
        node._place = 0
    return 0


def zero_grad(root: Value) -> None:
    """Set ``.grad`` to 0.0 in this Value and in every Value it depends on."""
    for node in topological_order(root):
        set_grad(node, 0.0)


if not cython.compiled:
    backward, adjoints = map(one_at_a_time, (backward, adjoints))

add_method("backward", backward)
add_method("zero_grad", zero_grad)
