"""Walking through a graph: backpropagation, and the topological order.

Both make two passes, without recursion and without a table of visited nodes. The first counts, in each node's
``_uses``, how many nodes below the root use it as an operand; the second takes nodes in an order in which every node
comes after all of its users, by counting down. Outside of a walk every ``_uses`` is 0. Only the leaves are not counted,
as nothing is passed on from them: the second pass puts each on a list, once.

In a backward walk the passes also zero and add up the adjoints (the derivative of the root by a node, as far as it is
known), and do not enter what is behind a closed gate.

Compiled by Cython, like ``value.py``, which explains the names.
"""

# Type checkers, also those of users, are to read what runs uncompiled.
# mypy: always-false=compiled
from __future__ import annotations

import functools
from _thread import RLock

try:
    import cython
except ImportError:
    from autograd import _cython as cython

from autograd.errors import InterruptedBackwardError
from autograd.real import as_float
from autograd.value import WATCHERS, add_method, operands_of

if cython.compiled:
    from cython.cimports.autograd._capi import CUT, LEAF, TERMS, has_type, item_of
    from cython.cimports.autograd.value import Terms, Value
    from cython.cimports.cpython.contextvars import get_value
    from cython.cimports.cpython.mem import PyMem_Free, PyMem_Realloc
else:
    from autograd._cython import CUT, LEAF, TERMS, get_value, has_type, item_of
    from autograd.value import Terms, Value

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


@cython.cfunc
@cython.inline
@cython.exceptval(-1, check=False)
def _meet(child: Value, stack: Stack, backward: cython.bint) -> cython.int:
    """First pass, at one operand. Returns 1 if it is a computed node met for the first time, else 0."""
    if child._kind == LEAF:
        return 0
    child._uses += 1
    if child._uses > 1:
        return 0
    if backward:
        child._grad = 0.0
    stack.push(child)
    return 1


@cython.cfunc
@cython.inline
@cython.exceptval(-1, check=False)
def _meet_all(items: tuple, stack: Stack, backward: cython.bint) -> cython.Py_ssize_t:
    nodes: cython.Py_ssize_t = 0
    i: cython.Py_ssize_t
    for i in range(len(items)):
        item: cython.p_void = item_of(items, i)
        if has_type(item, Value):
            nodes += _meet(cython.cast(Value, item), stack, backward)
    return nodes


@cython.cfunc
@cython.inline
@cython.exceptval(-1, check=False)
def _count_uses(root: Value, backward: cython.bint) -> cython.Py_ssize_t:
    """First pass: sets ``_uses`` of all computed nodes and returns how many they are."""
    nodes: cython.Py_ssize_t = 1
    stack: Stack = Stack()
    stack.push(root)
    while stack.size:
        node: Value = stack.pop()
        if backward and node._kind == CUT:
            continue
        if node._a is not None:
            nodes += _meet(node._a, stack, backward)
        if node._kind == TERMS:
            terms: Terms = node._b
            if not terms.left_is_leaves:
                nodes += _meet_all(terms.left, stack, backward)
            if terms.right is not None:
                nodes += _meet_all(terms.right, stack, backward)
        elif node._b is not None:
            nodes += _meet(cython.cast(Value, node._b), stack, backward)
    return nodes


@cython.cfunc
@cython.inline
@cython.exceptval(-1, check=False)
def _give(child: Value, contribution: cython.double, ready: Stack, leaves: Stack, backward: cython.bint) -> cython.int:
    """Second pass, at one operand: add to its adjoint; its turn comes when its last user has done so."""
    if child._kind != LEAF:
        child._uses -= 1
        if child._uses == 0:
            ready.push(child)
    elif child._uses == 0:
        _list_leaf(child, leaves, backward)
    if backward:
        child._grad += contribution
    return 0


@cython.cfunc
@cython.exceptval(-1, check=False)
def _list_leaf(child: Value, leaves: Stack, backward: cython.bint) -> cython.int:
    leaves.push(child)
    child._uses = 1
    if backward:
        child._partial_a = child._grad
        child._grad = 0.0
    return 0


@cython.cfunc
@cython.inline
@cython.exceptval(-1, check=False)
def _give_all(
    items: tuple, partials: cython.p_double, offset: cython.Py_ssize_t, adjoint: cython.double, ready: Stack,
    leaves: Stack, backward: cython.bint,
) -> cython.int:  # fmt: skip
    i: cython.Py_ssize_t
    for i in range(len(items)):
        item: cython.p_void = item_of(items, i)
        if has_type(item, Value):
            _give(cython.cast(Value, item), adjoint * partials[offset + i], ready, leaves, backward)
    return 0


@cython.cfunc
@cython.inline
@cython.exceptval(-1, check=False)
def _hand_down(node: Value, ready: Stack, leaves: Stack, backward: cython.bint) -> cython.int:
    """The chain rule: each operand gets the adjoint of the node times the partial by that operand."""
    if backward and node._kind == CUT:
        return 0
    adjoint: cython.double = node._grad
    if node._a is not None:
        _give(node._a, adjoint * node._partial_a, ready, leaves, backward)
    if node._kind == TERMS:
        terms: Terms = node._b
        _give_all(terms.left, terms.partials, 0, adjoint, ready, leaves, backward)
        if terms.right is not None:
            _give_all(terms.right, terms.partials, len(terms.left), adjoint, ready, leaves, backward)
    elif node._b is not None:
        _give(cython.cast(Value, node._b), adjoint * node._partial_b, ready, leaves, backward)
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
    _warn_watchers(root, start)
    if root._kind == LEAF:
        root._grad += start
        return
    leaves: Stack = Stack()
    _sweep(root, start, leaves)
    while leaves.size:
        node: Value = leaves.pop()
        node._grad = node._partial_a + node._grad
        node._uses = 0


def adjoints(root: Value, inputs: list, seed: Any = 1.0) -> list[float]:
    """The derivative of ``root`` by each of the inputs, times ``seed``; 0.0 for one that is not below it.

    As a pass of ``backward``, but the ``.grad`` of leaves stays as it was.
    """
    start: cython.double = as_float(seed, "the seed of a gradient")
    _warn_watchers(root, start)
    leaves: Stack = Stack()
    node: Value
    for node in inputs:
        if node._kind != LEAF:
            node._grad = 0.0  # and so it stays if the sweep does not get there
    if root._kind == LEAF:
        return [start if node is root else 0.0 for node in inputs]
    _sweep(root, start, leaves)
    try:
        return [node._grad if node._kind != LEAF or node._uses == 1 else 0.0 for node in inputs]
    finally:
        _undo(leaves)


@cython.cfunc
def _warn_watchers(root: Value, seed: cython.double) -> object:
    for watcher in get_value(WATCHERS, ()):
        watcher.before_backward(root, seed)


@cython.cfunc
@cython.inline
@cython.exceptval(-1, check=False)
def _sweep(root: Value, start: cython.double, leaves: Stack) -> cython.int:
    """Find all adjoints. Those of the leaves, which are then on the list, have what ``.grad`` was in ``_partial_a``."""
    try:
        to_come: cython.Py_ssize_t = _count_uses(root, True)
        root._grad = start
        ready: Stack = Stack()
        ready.push(root)
        while ready.size:
            node: Value = ready.pop()
            _hand_down(node, ready, leaves, True)
            to_come -= 1
        if to_come:
            raise InterruptedBackwardError(_INTERRUPTED)
    except BaseException:  # out of memory or, uncompiled, Ctrl-C: the leaves stay as they were before this call
        _undo(leaves)
        _repair(root)
        raise
    return 0


@cython.cfunc
def _undo(leaves: Stack) -> cython.int:
    """Give the leaves back the gradient that they had."""
    while leaves.size:
        node: Value = leaves.pop()
        node._grad = node._partial_a
        node._uses = 0
    return 0


@cython.cfunc
@cython.exceptval(-1, check=False)
def list_reversed(root: Value, order: Stack) -> cython.int:
    """Put the root and all nodes below it on the empty stack, each before its operands.

    ``_uses`` of each is then its place on the stack, from 1; whoever calls this sets it back to 0.
    """
    if root._kind == LEAF:
        order.push(root)
        root._uses = 1
        return 0
    leaves: Stack = Stack()
    try:
        to_come: cython.Py_ssize_t = _count_uses(root, False)
        ready: Stack = Stack()
        ready.push(root)
        while ready.size:
            node: Value = ready.pop()
            _hand_down(node, ready, leaves, False)
            order.push(node)
            node._uses = order.size
        if order.size != to_come:
            raise InterruptedBackwardError(_INTERRUPTED)
        while leaves.size:
            node = leaves.pop()
            order.push(node)
            node._uses = order.size
    except BaseException:
        _repair(root)
        raise
    return 0


def topological_order(root: Value) -> list[Value]:
    """The root and all nodes below it, operands before what is computed from them."""
    reverse: Stack = Stack()
    list_reversed(root, reverse)
    order: list = []
    try:
        while reverse.size:
            node: Value = reverse.pop()
            node._uses = 0
            order.append(node)
    except BaseException:
        _repair(root)
        raise
    return order


_INTERRUPTED = (
    "an earlier walk through this graph was interrupted before it could clean up; "
    "that is now done, and no gradient has changed: call again"
)


def _repair(root: Value) -> None:
    """Set every ``_uses`` below the root back to 0. Slow but needs nothing to be in order."""
    waiting, seen = [root], {id(root)}
    while waiting:
        node = waiting.pop()
        cython.cast(Value, node)._uses = 0
        for item in operands_of(node):
            if type(item) is Value and id(item) not in seen:
                seen.add(id(item))
                waiting.append(item)


def zero_grad(root: Value) -> None:
    """Set ``.grad`` to 0.0, here and in every Value below."""
    for node in topological_order(root):
        cython.cast(Value, node)._grad = 0.0


if not cython.compiled:
    # Threads may take turns anywhere, also within a walk, and the marks of two walks would mix. Compiled, a walk runs
    # through: it holds Python's global lock.
    _LOCK = RLock()

    def one_at_a_time(walk: Any) -> Any:
        """The same function, for one thread at a time."""

        @functools.wraps(walk)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            with _LOCK:
                return walk(*args, **kwargs)

        return guarded

    backward, adjoints, topological_order = map(one_at_a_time, (backward, adjoints, topological_order))

add_method("backward", backward)
add_method("zero_grad", zero_grad)
