"""The topological order of a graph, in which every node comes after its operands.

The order is found by a depth-first search without recursion and without a table of visited nodes. A node waits on a stack
while its operands are sorted, and is appended to the order after them. The field ``_place`` of a node records its state: 0
before it is visited (and outside of a traversal), ``WAITING`` while it waits, and then its position in the order, from 1.

Compiled by Cython; ``value.py`` explains how, and the names of the fields of a node.
"""

# Type checkers read the uncompiled branches.
# mypy: always-false=compiled
from __future__ import annotations

try:
    import cython
except ImportError:
    from autograd.base import _cython as cython

if cython.compiled:
    from cython.cimports.autograd.base._capi import CUT, LEAF, ROW, TERMS, has_type, item_of
    from cython.cimports.autograd.base._node import set_grad
    from cython.cimports.autograd.base.operand_lists import Rows, Terms
    from cython.cimports.autograd.value import Value
    from cython.cimports.cpython.mem import PyMem_Free, PyMem_Realloc
else:
    from autograd.base._cython import CUT, LEAF, ROW, TERMS, has_type, item_of, set_grad
    from autograd.base.operand_lists import Rows, Terms
    from autograd.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


if not cython.compiled:
    import functools  # slow to import
    import gc
    from _thread import RLock

    # Another thread may run in the middle of a traversal. So may the garbage collector, which may call a __del__ that starts
    # another traversal. Both would use the same places. Compiled, a traversal holds the global interpreter lock to its end.
    _LOCK = RLock()

    def one_at_a_time(function: Any) -> Any:
        """Return a wrapper that runs one traversal at a time, with garbage collection disabled."""

        @functools.wraps(function)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            with _LOCK:
                collects = gc.isenabled()
                gc.disable()
                try:
                    return function(*args, **kwargs)
                finally:
                    if collects:
                        gc.enable()

        return guarded


@cython.final
@cython.cclass
class Stack:
    """A stack of Values, without references to them: the caller holds the root, which holds all other nodes."""

    __slots__ = ("capacity", "items", "size")  # their C types are in topology.pxd

    def __init__(self) -> None:
        self.size = self.capacity = 0
        if not cython.compiled:
            self.items = []  # type: ignore[var-annotated]  # in C an array of pointers

    @cython.cfunc
    @cython.inline
    @cython.exceptval(-1, check=False)
    def push(self, node: Value) -> cython.int:
        """Add a node on top."""
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
    @cython.exceptval(-1, check=False)
    def drop(self) -> cython.int:
        """Remove the node on top."""
        self.size -= 1
        if not cython.compiled:
            self.items.pop()
        return 0

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def grow(self) -> cython.int:
        """Double the capacity."""
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
        PyMem_Free(self.items)  # type: ignore[name-defined]  # only compiled


# The place of a node that waits for its operands.
WAITING = cython.declare(cython.uint, 0xFFFFFFFF)

# The nodes that a traversal covers. ALL: every node that the root depends on. BACKWARD: the computed nodes that a gradient
# reaches, which excludes nodes that are only behind a closed gate. REACHED: these and the leaves that a gradient reaches.
ALL = cython.declare(cython.int, 0)
BACKWARD = cython.declare(cython.int, 1)
REACHED = cython.declare(cython.int, 2)

# The number of the current traversal. All dots of a layer share their inputs, which are visited only once: the first dot
# that a traversal visits stores this number in the shared Rows, and the other dots then skip the inputs.
_traversal = cython.declare(cython.Py_ssize_t, 0)


@cython.cfunc
@cython.inline
@cython.exceptval(-1, check=False)
def _visit(child: Value, waiting: Stack, leaves: Stack | None) -> cython.int:
    """Push an operand that was not visited yet. A leaf has no operands to wait for, so it is added to ``leaves`` at once."""
    if child._place == 0:
        if child._kind != LEAF:
            waiting.push(child)
        elif leaves is not None:
            leaves.push(child)
            if leaves is not waiting:  # otherwise it waits for its turn, like a computed node
                child._place = leaves.size
    return 0


@cython.cfunc
@cython.inline
@cython.exceptval(-1, check=False)
def _visit_items(items: tuple, waiting: Stack, leaves: Stack | None) -> cython.int:
    """Visit the Values among the items, the last one first."""
    i: cython.Py_ssize_t
    for i in range(len(items) - 1, -1, -1):
        item: cython.p_void = item_of(items, i)
        if has_type(item, Value):
            _visit(cython.cast(Value, item), waiting, leaves)
    return 0


@cython.cfunc
@cython.inline
@cython.exceptval(-1, check=False)
def _visit_operands(node: Value, waiting: Stack, leaves: Stack | None) -> cython.int:
    """Visit all operands in reverse order, so that the first one is on top of the stack and sorted first."""
    if node._kind == TERMS:
        if node._a is not None:  # the index of a take
            _visit(node._a, waiting, leaves)
        return _visit_items(cython.cast(Terms, node._b).items, waiting, leaves)
    if node._kind != ROW:
        if node._b is not None:
            _visit(cython.cast(Value, node._b), waiting, leaves)
        if node._a is not None:
            _visit(node._a, waiting, leaves)
        return 0
    if node._a is not None:
        _visit(node._a, waiting, leaves)
    rows: Rows = node._b
    if rows.traversal != _traversal:
        rows.traversal = _traversal
        _visit_items(rows.inputs, waiting, leaves)
    if leaves is not None or not rows.only_leaves:
        _visit_items(rows.weights[cython.cast(cython.Py_ssize_t, node._partial_b)], waiting, leaves)
    return 0


@cython.cfunc
@cython.inline
@cython.exceptval(-1, check=False)
def _process_top(node: Value, waiting: Stack, order: Stack, leaves: Stack | None) -> cython.int:
    """Process the node on top of the stack: push its operands, or append it to the order if they are sorted."""
    if node._place == 0:
        node._place = WAITING
        count: cython.Py_ssize_t = waiting.size
        if leaves is None:  # a backward pass
            set_grad(node, 0.0)
        if leaves is order or node._kind != CUT:
            _visit_operands(node, waiting, leaves)
        if waiting.size > count:
            return 0
    if node._place == WAITING:  # otherwise it was pushed more than once, and is already in the order
        order.push(node)
        node._place = order.size
    waiting.drop()
    return 0


@cython.cfunc
@cython.exceptval(-1, check=False)
def sort_nodes(root: Value, order: Stack, mode: cython.int) -> cython.int:
    """Append the root and all nodes it depends on to the empty stack ``order``, each after its operands.

    ``mode`` is ALL, BACKWARD or REACHED. BACKWARD also sets the adjoint of each node to 0. Afterwards ``_place`` of each node
    is its position, counted from 1. The caller must reset the places with ``reset_places``, also after an exception. Until
    then, the caller must not create a list or another container, because this could start the garbage collector. The
    collector could call a ``__del__`` that starts another traversal.
    """
    global _traversal  # noqa: PLW0603 - one number for all traversals, and a C variable
    _traversal += 1
    waiting: Stack = Stack()
    # The stack to which a visited leaf is pushed: none, the waiting nodes, or the order itself.
    leaves: Stack | None = None if mode == BACKWARD else waiting if mode == REACHED else order
    try:
        _visit(root, waiting, leaves)
        while waiting.size:
            _process_top(cython.cast(Value, waiting.items[waiting.size - 1]), waiting, order, leaves)
    except BaseException:  # out of memory or, uncompiled, Ctrl-C
        reset_places(waiting)
        raise
    return 0


@cython.cfunc
def reset_places(order: Stack) -> cython.int:
    """Reset the places of these nodes to 0."""
    i: cython.Py_ssize_t
    for i in range(order.size):
        cython.cast(Value, order.items[i])._place = 0
    return 0


@cython.annotation_typing(False)  # so that a wrong type raises our error instead of Cython's
def topological_order(root: Value) -> list[Value]:
    """Return ``root`` and all Values it depends on, each after its operands. Constants are omitted.

    The time is proportional to the number of nodes, and there is no recursion.

    Args:
        root: Any Value.

    Returns:
        The nodes of the graph, from the leaves to ``root``.

    Raises:
        TypeError: If ``root`` is not a Value.

    >>> from autograd import Value
    >>> x = Value(3.0, label="x")
    >>> [node.op or node.label for node in topological_order(x * x + 2)]
    ['x', '*', '+']
    """
    check_root(root)
    return _list_nodes(root, ALL)


def reached_nodes(root: Value) -> list[Value]:
    """Return ``root`` and the Values that its gradient reaches, each after its operands.

    Computed nodes are in the order of a backward pass. Nodes that are only behind a closed gate are omitted.
    """
    return _list_nodes(root, REACHED)


def _list_nodes(root: Value, mode: cython.int) -> list[Value]:
    order: Stack = Stack()
    nodes: list = []  # created before the traversal, see `sort_nodes`
    i: cython.Py_ssize_t
    try:
        sort_nodes(root, order, mode)
        for i in range(order.size):
            nodes.append(cython.cast(Value, order.items[i]))  # noqa: PERF401 - a comprehension would create a container
        return nodes
    finally:
        reset_places(order)


if not cython.compiled:
    _list_nodes = one_at_a_time(_list_nodes)


def check_root(root: object) -> None:
    """Raise a TypeError if ``root`` is not a Value."""
    if not isinstance(root, Value):
        kind = type(root).__name__
        raise TypeError(f"the root of a graph must be a Value, not {kind} ({root!r:.40}); pass one result of a computation")
