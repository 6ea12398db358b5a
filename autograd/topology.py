"""The order of a graph: every node after its operands; and what else can be asked without calculus.

The order is found depth first, without recursion and without a table of visited nodes: a node waits on a stack while
its operands are put in order, then comes itself. Its ``_place`` says how far that has got: 0 for a node that was not
met yet (so it is for all nodes outside of a walk), ``WAITING``, or its place in the order, from 1.

Compiled by Cython; ``value.py`` explains how, and what the fields of a node mean.
"""

# Type checkers read the uncompiled branches.
# mypy: always-false=compiled
from __future__ import annotations

import functools
import gc
from _thread import RLock

try:
    import cython
except ImportError:
    from autograd.base import _cython as cython

from autograd.errors import GraphTooLargeError

if cython.compiled:
    from cython.cimports.autograd.base._capi import CUT, LEAF, ROW, TERMS, has_type, item_of
    from cython.cimports.autograd.base.operand_lists import Rows, Terms
    from cython.cimports.autograd.value import Value
    from cython.cimports.cpython.mem import PyMem_Free, PyMem_Realloc
else:
    from autograd.base._cython import CUT, LEAF, ROW, TERMS, has_type, item_of
    from autograd.base.operand_lists import Rows, Terms
    from autograd.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


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


@cython.final
@cython.cclass
class Stack:
    """Values waiting for their turn. It holds no references: whoever walks holds the root, and that all the rest."""

    __slots__ = ("capacity", "items", "size")  # their types in C are in topology.pxd

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


@cython.annotation_typing(False)  # so that a wrong type gets our error instead of Cython's
def topological_order(root: Value) -> list[Value]:
    """Return ``root`` and all Values below it, each after its operands. Plain numbers among the operands are omitted.

    Takes time proportional to the number of nodes, and no recursion.

    Raises:
        TypeError: If ``root`` is not a Value.

    >>> from autograd import Value
    >>> x = Value(3.0, label="x")
    >>> [node.op or node.label for node in topological_order(x * x + 2)]
    ['x', '*', '+']
    """
    _check(root)
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


if not cython.compiled:
    topological_order = one_at_a_time(topological_order)


@cython.annotation_typing(False)
def leaves(root: Value) -> list[Value]:
    """Return the inputs and parameters below ``root``: the Values that were not computed, in the order of the formula.

    Raises:
        TypeError: If ``root`` is not a Value.

    >>> from autograd import Value
    >>> x, y = Value(3.0, label="x"), Value(4.0, label="y")
    >>> leaves(x * y + x * 2)
    [Value(3.0, label='x'), Value(4.0, label='y')]
    """
    _check(root)
    found = []
    waiting, met = [root], set()
    while waiting:
        node = waiting.pop()
        if id(node) not in met:
            met.add(id(node))
            if not node.op:
                found.append(node)
            waiting += [operand for operand in reversed(node.operands) if operand.op != "const"]
    return found


@cython.annotation_typing(False)
def count_nodes(root: Value) -> int:
    """Return the number of Values in the graph of ``root``, including ``root``.

    Raises:
        TypeError: If ``root`` is not a Value.

    >>> from autograd import Value
    >>> x = Value(3.0)
    >>> count_nodes(x * x + 2)
    3
    """
    return len(topological_order(root))


def label(**values: Any) -> None:
    """Name several Values at once, by keyword.

    Raises:
        TypeError: If one of them is not a Value.

    >>> from autograd import Value
    >>> a, b = Value(1.0), Value(2.0)
    >>> label(a=a, b=b)
    >>> a
    Value(1.0, label='a')
    """
    for name, value in values.items():
        if not isinstance(value, Value):
            raise TypeError(f"label() names Values, but {name} is {type(value).__name__} ({value!r:.40})")
        value.label = name


@cython.annotation_typing(False)
def refuse_large(root: Value, limit: int, function: str, way_out: str) -> None:
    """Raise GraphTooLargeError if the graph of ``root`` has more than ``limit`` nodes."""
    nodes = count_nodes(root)
    if nodes > limit:
        raise GraphTooLargeError(f"the graph has {nodes:,} nodes, and {function} takes at most {limit:,}; {way_out}")


def _check(root: object) -> None:
    if not isinstance(root, Value):
        raise TypeError(f"a graph belongs to a Value, not to {type(root).__name__} ({root!r:.40})")
