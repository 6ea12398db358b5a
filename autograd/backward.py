"""Backpropagation: the chain rule, applied from the result down to the leaves.

Backpropagation puts the computed nodes in order and then goes through them from the end, so that each comes after all
of its users: its adjoint (the derivative of the root by it) is complete when it is passed on to its operands. The
leaves need no place in the order, as nothing is passed on from them; each is put on a list when it first gets
something. What is behind a closed gate is not entered.

Compiled by Cython; ``value.py`` explains how, and what the fields of a node mean.
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
    from cython.cimports.autograd.base._capi import CUT, LEAF, ROW, TERMS, has_type, item_of
    from cython.cimports.autograd.base._kernels import DOT, partial2x, partial2y
    from cython.cimports.autograd.base.operand_lists import Rows, Terms
    from cython.cimports.autograd.topology import Stack, forget, put_in_order
    from cython.cimports.autograd.value import Value
else:
    from autograd import ops
    from autograd.base._cython import CUT, LEAF, ROW, TERMS, has_type, item_of
    from autograd.base.operand_lists import Rows, Terms
    from autograd.ops import partial2x, partial2y
    from autograd.topology import Stack, forget, one_at_a_time, put_in_order
    from autograd.value import Value

    DOT = ops.dot.code

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


@cython.cfunc
@cython.inline
@cython.exceptval(-1, check=False)
def _give(child: Value, contribution: cython.double, leaves: Stack) -> cython.int:
    """Add to the adjoint of an operand."""
    if child._place == 0:  # only a leaf: computed nodes below the root are in order
        _list_leaf(child, leaves)
    child._grad += contribution
    return 0


@cython.cfunc
@cython.exceptval(-1, check=False)
def _list_leaf(child: Value, leaves: Stack) -> cython.int:
    child._partial_a = child._grad  # kept until this pass has succeeded
    if cython.compiled and leaves.size < leaves.capacity:  # what `push` does, without a call into another module
        leaves.items[leaves.size] = cython.cast(cython.p_void, child)
        leaves.size += 1
    else:
        leaves.push(child)
    child._grad = 0.0
    child._place = leaves.size
    return 0


@cython.cfunc
@cython.inline
@cython.exceptval(-1, check=False)
def _give_to_terms(terms: Terms, adjoint: cython.double, leaves: Stack) -> cython.int:
    i: cython.Py_ssize_t
    for i in range(len(terms.items)):
        item: cython.p_void = item_of(terms.items, i)
        if has_type(item, Value):
            _give(cython.cast(Value, item), adjoint * terms.partials[i], leaves)
    return 0


@cython.cfunc
@cython.inline
@cython.exceptval(-1, check=False)
def _give_to_row(rows: Rows, row: cython.Py_ssize_t, adjoint: cython.double, leaves: Stack) -> cython.int:
    """To the weights of a dot, then to its inputs."""
    inputs: tuple = rows.inputs
    weights: tuple = rows.weights[row]
    numbers: cython.p_double = rows.numbers
    size: cython.Py_ssize_t = len(inputs)
    offset: cython.Py_ssize_t = (1 + row) * size
    item: cython.p_void
    w: cython.double
    x: cython.double
    i: cython.Py_ssize_t
    for i in range(size):
        item = item_of(weights, i)
        if rows.only_values or has_type(item, Value):
            w, x = numbers[offset + i], numbers[i]
            _give(cython.cast(Value, item), adjoint * partial2x(DOT, w * x, w, x), leaves)
    if rows.fixed_inputs:
        return 0
    for i in range(size):
        item = item_of(inputs, i)
        if has_type(item, Value):
            w, x = numbers[offset + i], numbers[i]
            _give(cython.cast(Value, item), adjoint * partial2y(DOT, w * x, w, x), leaves)
    return 0


@cython.cfunc
@cython.inline
@cython.exceptval(-1, check=False)
def _hand_down(node: Value, leaves: Stack) -> cython.int:
    """The chain rule: each operand gets the adjoint of the node times the partial by that operand."""
    node._place = 0  # what `forget` does, but here the node is at hand
    if node._kind == CUT:
        return 0
    adjoint: cython.double = node._grad
    if node._kind == TERMS:
        return _give_to_terms(node._b, adjoint, leaves)
    if node._kind == ROW:
        _give_to_row(node._b, cython.cast(cython.Py_ssize_t, node._partial_b), adjoint, leaves)
    if node._a is not None:
        _give(node._a, adjoint * node._partial_a, leaves)
    if node._kind != ROW and node._b is not None:
        _give(cython.cast(Value, node._b), adjoint * node._partial_b, leaves)
    return 0


def backward(root: Value, seed: Any = 1.0) -> None:
    """Find the derivative of this Value by every Value below it, times ``seed``.

    Leaves add it to their ``.grad``, so two calls give twice the gradient; computed nodes show that of this call.
    Takes time proportional to the number of nodes, and no recursion.

    Raises:
        TypeError: if ``seed`` is not a real number.

    >>> from autograd import Value
    >>> a, b = Value(2.0), Value(3.0)
    >>> (a * b).backward()
    >>> a.grad, b.grad
    (3.0, 2.0)
    """
    start: cython.double = as_float(seed, "the seed of backward()")
    modes.announce_backward(root, start, True)
    leaves: Stack = Stack()
    _sweep(root, start, leaves)
    i: cython.Py_ssize_t
    for i in range(leaves.size):
        node: Value = cython.cast(Value, leaves.items[i])
        node._grad = node._partial_a + node._grad
        node._place = 0


def adjoints(root: Value, inputs: list, seed: Any = 1.0) -> list[float]:
    """The derivative of ``root`` by each of the inputs, times ``seed``; 0.0 for one that is not below it.

    As a pass of ``backward``, but the ``.grad`` of leaves stays as it was.
    """
    start: cython.double = as_float(seed, "the seed of a gradient")
    modes.announce_backward(root, start, False)
    leaves: Stack = Stack()
    found: list = []  # made before the walk: see `put_in_order`
    node: Value
    for node in inputs:
        if node._kind != LEAF:
            node._grad = 0.0  # and so it stays if the sweep does not get there
    _sweep(root, start, leaves)
    try:
        for node in inputs:
            found.append(node._grad if node._kind != LEAF or node._place != 0 else 0.0)  # noqa: PERF401 - likewise
        return found
    finally:
        _undo(leaves)


@cython.cfunc
@cython.inline
@cython.exceptval(-1, check=False)
def _sweep(root: Value, start: cython.double, leaves: Stack) -> cython.int:
    """Find all adjoints. Those of the leaves, which are then on the list, have what ``.grad`` was in ``_partial_a``."""
    order: Stack = Stack()
    i: cython.Py_ssize_t
    try:
        put_in_order(root, order, True)
        _give(root, start, leaves)
        for i in range(order.size - 1, -1, -1):
            _hand_down(cython.cast(Value, order.items[i]), leaves)
    except BaseException:  # out of memory or, uncompiled, Ctrl-C: the leaves stay as they were before this call
        _undo(leaves)
        forget(order)
        raise
    return 0


@cython.cfunc
def _undo(leaves: Stack) -> cython.int:
    """Give the leaves back the gradient that they had."""
    i: cython.Py_ssize_t
    for i in range(leaves.size):
        node: Value = cython.cast(Value, leaves.items[i])
        node._grad = node._partial_a
        node._place = 0
    return 0


def zero_grad(root: Value) -> None:
    """Set ``.grad`` to 0.0, here and in every Value below."""
    for node in topological_order(root):
        cython.cast(Value, node)._grad = 0.0


if not cython.compiled:
    backward, adjoints = map(one_at_a_time, (backward, adjoints))

add_method("backward", backward)
add_method("zero_grad", zero_grad)
