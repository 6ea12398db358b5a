"""Walking through a graph: the topological order, and backpropagation.

The order is found depth first, without recursion and without a table of visited nodes: a node waits on a stack while
its operands are put in order, then comes itself. Its ``_place`` says how far that has got: 0 for a node that was not
met yet (so it is for all nodes outside of a walk), ``WAITING``, or its place in the order, from 1.

Backpropagation puts the computed nodes in order and then goes through them from the end, so that each comes after all
of its users: its adjoint (the derivative of the root by it) is complete when it is passed on to its operands. The
leaves need no place in the order, as nothing is passed on from them; each is put on a list when it first gets
something. What is behind a closed gate is not entered.

Compiled by Cython, like ``value.py``, which explains the names.
"""

# Type checkers, also those of users, are to read what runs uncompiled.
# mypy: always-false=compiled
from __future__ import annotations

import functools
import gc
from _thread import RLock

try:
    import cython
except ImportError:
    from autograd import _cython as cython

from autograd.real import as_float
from autograd.value import WATCHERS, add_method

if cython.compiled:
    from cython.cimports.autograd._capi import CUT, LEAF, ROW, TERMS, has_type, item_of
    from cython.cimports.autograd._kernels import DOT, partial2x, partial2y
    from cython.cimports.autograd.value import Rows, Terms, Value
    from cython.cimports.cpython.contextvars import get_value
    from cython.cimports.cpython.mem import PyMem_Free, PyMem_Realloc
else:
    from autograd import ops
    from autograd._cython import CUT, LEAF, ROW, TERMS, get_value, has_type, item_of
    from autograd.ops import partial2x, partial2y
    from autograd.value import Rows, Terms, Value

    DOT = ops.dot.code

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


@cython.final
@cython.cclass
class Stack:
    """Values waiting for their turn. It holds no references: whoever walks holds the root, and that all the rest."""

    __slots__ = ("capacity", "items", "size")  # their types in C are in walk.pxd

    def __init__(self) -> None:
        self.size = self.capacity = 0
        if not cython.compiled:
            self.items = []  # type: ignore[var-annotated]  # in C an array of pointers

    @cython.cfunc
    @cython.inline
    @cython.exceptval(-1, check=False)
    def push(self, node: Value) -> cython.int:
        """Put a node on top."""
        if cython.compiled:
            if self.size == self.capacity:
                self.grow()
            self.items[self.size] = cython.cast(cython.p_void, node)
        else:
            self.items.append(node)
        self.size += 1
        return 0

    @cython.cfunc
    @cython.inline
    def pop(self) -> Value:
        """Take off the node on top."""
        self.size -= 1
        return cython.cast(Value, self.items[self.size]) if cython.compiled else self.items.pop()

    @cython.cfunc
    @cython.inline
    @cython.exceptval(-1, check=False)
    def drop(self) -> cython.int:
        """Take off the node on top, without looking at it."""
        self.size -= 1
        if not cython.compiled:
            self.items.pop()
        return 0

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def grow(self) -> cython.int:
        """Make room for twice as many."""
        capacity: cython.Py_ssize_t = max(64, 2 * self.capacity)
        items: cython.pp_void = cython.cast(
            cython.pp_void,
            PyMem_Realloc(self.items, capacity * cython.sizeof(cython.p_void)),  # type: ignore[name-defined]  # only compiled
        )
        if items == cython.NULL:
            raise MemoryError
        self.items = items
        self.capacity = capacity
        return 0

    def __dealloc__(self) -> None:
        PyMem_Free(self.items)  # type: ignore[name-defined]  # likewise


# The place of a node that waits for its operands.
WAITING = cython.declare(cython.uint, 0xFFFFFFFF)

# How many walks there were. The dots of a layer have the same inputs: the first one that a walk comes to has them put in
# order, and notes the number of the walk, so that the others need not look.
_walk = cython.declare(cython.Py_ssize_t, 0)


@cython.cfunc
@cython.inline
@cython.exceptval(-1, check=False)
def _meet(child: Value, waiting: Stack, leaves: Stack | None) -> cython.int:
    """See an operand, perhaps not for the first time. It waits for its own operands; a leaf, with none, is listed."""
    if child._place == 0:
        if child._kind != LEAF:
            waiting.push(child)
        elif leaves is not None:
            leaves.push(child)
            child._place = leaves.size
    return 0


@cython.cfunc
@cython.inline
@cython.exceptval(-1, check=False)
def _meet_all(items: tuple, waiting: Stack, leaves: Stack | None) -> cython.int:
    i: cython.Py_ssize_t
    for i in range(len(items) - 1, -1, -1):
        item: cython.p_void = item_of(items, i)
        if has_type(item, Value):
            _meet(cython.cast(Value, item), waiting, leaves)
    return 0


@cython.cfunc
@cython.inline
@cython.exceptval(-1, check=False)
def _meet_operands(node: Value, waiting: Stack, leaves: Stack | None) -> cython.int:
    """See all operands, the last one first, so that the first one is on top and has its turn first."""
    if node._kind == TERMS:
        if node._a is not None:  # the index of a take
            _meet(node._a, waiting, leaves)
        return _meet_all(cython.cast(Terms, node._b).items, waiting, leaves)
    if node._kind != ROW:
        if node._b is not None:
            _meet(cython.cast(Value, node._b), waiting, leaves)
        if node._a is not None:
            _meet(node._a, waiting, leaves)
        return 0
    if node._a is not None:
        _meet(node._a, waiting, leaves)
    rows: Rows = node._b
    if rows.walk != _walk:
        rows.walk = _walk
        _meet_all(rows.inputs, waiting, leaves)
    if leaves is not None or not rows.only_leaves:
        _meet_all(rows.weights[cython.cast(cython.Py_ssize_t, node._partial_b)], waiting, leaves)
    return 0


@cython.cfunc
@cython.inline
@cython.exceptval(-1, check=False)
def _visit(node: Value, waiting: Stack, order: Stack, leaves: Stack | None, backward: cython.bint) -> cython.int:
    """See the node that is on top of the waiting ones: for the first time, or when its operands are in order."""
    if node._place == 0:
        node._place = WAITING
        count: cython.Py_ssize_t = waiting.size
        if backward:
            node._grad = 0.0
        if not backward or node._kind != CUT:
            _meet_operands(node, waiting, leaves)
        if waiting.size > count:
            return 0
    if node._place == WAITING:  # otherwise it was met more than once, and is in order already
        order.push(node)
        node._place = order.size
    waiting.drop()
    return 0


@cython.cfunc
@cython.exceptval(-1, check=False)
def put_in_order(root: Value, order: Stack, backward: cython.bint) -> cython.int:
    """Put the root and all nodes below it on the empty stack, each after its operands.

    In a backward walk only the computed nodes that a gradient reaches, with adjoint 0. ``_place`` of each is then its
    place, from 1; whoever calls this sets it back to 0, also after an exception: ``forget`` does. Until then no list or
    other container may be made: that can start Python's garbage collector, and this a ``__del__`` that walks here, too.
    """
    global _walk  # noqa: PLW0603 - one number for all walks, and a variable of C
    _walk += 1
    leaves: Stack | None = None if backward else order
    waiting: Stack = Stack()
    try:
        _meet(root, waiting, leaves)
        while waiting.size:
            _visit(cython.cast(Value, waiting.items[waiting.size - 1]), waiting, order, leaves, backward)
    except BaseException:  # out of memory or, uncompiled, Ctrl-C
        forget(waiting)
        raise
    return 0


@cython.cfunc
def forget(order: Stack) -> cython.int:
    """Set the places of these nodes back to 0."""
    i: cython.Py_ssize_t
    for i in range(order.size):
        cython.cast(Value, order.items[i])._place = 0
    return 0


def topological_order(root: Value) -> list[Value]:
    """The root and all nodes below it, operands before what is computed from them."""
    order: Stack = Stack()
    nodes: list = []  # made before the walk: see `put_in_order`
    i: cython.Py_ssize_t
    try:
        put_in_order(root, order, False)
        for i in range(order.size):
            nodes.append(cython.cast(Value, order.items[i]))  # noqa: PERF401 - a generator would be a container, too
        return nodes
    finally:
        forget(order)


# ---- backpropagation ---------------------------------------------------------------------------------------------


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
    _warn_watchers(root, start, True)
    leaves: Stack = Stack()
    _sweep(root, start, leaves)
    while leaves.size:
        node: Value = leaves.pop()
        node._grad = node._partial_a + node._grad
        node._place = 0


def adjoints(root: Value, inputs: list, seed: Any = 1.0) -> list[float]:
    """The derivative of ``root`` by each of the inputs, times ``seed``; 0.0 for one that is not below it.

    As a pass of ``backward``, but the ``.grad`` of leaves stays as it was.
    """
    start: cython.double = as_float(seed, "the seed of a gradient")
    _warn_watchers(root, start, False)
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
@cython.exceptval(-1, check=False)
def _warn_watchers(root: Value, seed: cython.double, adds: cython.bint) -> cython.int:
    for watcher in get_value(WATCHERS, ()):
        watcher.before_backward(root, seed, bool(adds))
    return 0


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
    while leaves.size:
        node: Value = leaves.pop()
        node._grad = node._partial_a
        node._place = 0
    return 0


def zero_grad(root: Value) -> None:
    """Set ``.grad`` to 0.0, here and in every Value below."""
    for node in topological_order(root):
        cython.cast(Value, node)._grad = 0.0


if not cython.compiled:
    # Threads may take turns anywhere, also within a walk, and so may the garbage collector, with a __del__ that walks, too:
    # the marks of two walks would mix. Compiled, a walk runs through: it holds Python's global lock.
    _LOCK = RLock()

    def one_at_a_time(walk: Any) -> Any:
        """The same function, for one thread at a time, and without garbage collection meanwhile."""

        @functools.wraps(walk)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            with _LOCK:
                collects = gc.isenabled()
                gc.disable()
                try:
                    return walk(*args, **kwargs)
                finally:
                    if collects:
                        gc.enable()

        return guarded

    backward, adjoints, topological_order = map(one_at_a_time, (backward, adjoints, topological_order))

add_method("backward", backward)
add_method("zero_grad", zero_grad)
