"""A trace as columns of numbers, so that two traces are compared, and turned into a graph, without looking at Values.

A snapshot has one item per node that the results depend on, operands first:

    rows        the code of the operation's row in the table, or one of ``kinds.py``
    numbers     for an input, a parameter or a constant: its index among the inputs, parameters or constants
    cuts        whether the node blocks gradients
    starts      where the operands of a node begin in ``operands``. They end where the operands of the next node begin
    operands    positions in the snapshot. -1, -2, ... are the first constant, the second constant, ...
    results     like operands

A traversal numbers the Values in their field ``_place``, see ``topology.py``. Therefore no table of Values is needed.

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
from autograd.compiler import kinds

if cython.compiled:
    from cython.cimports.autograd.base._capi import CUT, ROW, TERMS, bits_of
    from cython.cimports.autograd.base._node import data_of
    from cython.cimports.autograd.base.int_arrays import Ints
    from cython.cimports.autograd.base.operand_lists import Rows, Terms
    from cython.cimports.autograd.topology import ALL, Stack, reset_places, sort_nodes
    from cython.cimports.autograd.value import Value
else:
    from autograd.base._cython import CUT, ROW, TERMS, bits_of, data_of
    from autograd.base.int_arrays import Ints
    from autograd.base.operand_lists import Rows, Terms
    from autograd.topology import ALL, Stack, one_at_a_time, reset_places, sort_nodes
    from autograd.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

INPUT = cython.declare(cython.int, kinds.INPUT)
PARAMETER = cython.declare(cython.int, kinds.PARAMETER)
CONSTANT = cython.declare(cython.int, kinds.CONSTANT)
# For each row of the table, whether it has one operand.
_IS_UNARY = cython.declare(Ints, Ints(len(ops.ROWS)))
for _row in ops.ROWS:
    _IS_UNARY.items[_row.code] = len(_row.partials) == 1


@cython.final
@cython.cclass
class Snapshot:
    """The nodes that the results of a trace depend on, as columns. See the top of this file.

    Attributes:
        constants: The numbers used as constants, each bit pattern once.
        parameters: The Values that existed before the call.
        inputs: The Values passed in place of arguments.
    """

    __slots__ = (  # their C types are in snapshot.pxd
        "_constant_numbers", "constants", "cuts", "inputs", "numbers", "operands", "parameters", "results", "rows", "starts",
    )  # fmt: skip

    def __init__(self, inputs: list) -> None:
        self.inputs = inputs
        self.rows, self.numbers, self.cuts, self.starts = Ints(), Ints(), Ints(), Ints()
        self.operands, self.results = Ints(), Ints()
        self.constants: list[float] = []
        self.parameters: list[Any] = []
        self._constant_numbers: dict[int, int] = {}  # by the bits of the number

    @cython.cfunc
    @cython.exceptval(0, check=False)
    def constant(self, x: cython.double) -> cython.int:
        """Return the operand for a plain number: -1 - its index among the constants."""
        number = self._constant_numbers.get(bits_of(x))
        if number is None:
            number = self._constant_numbers[bits_of(x)] = len(self.constants)
            self.constants.append(x)
        return -1 - cython.cast(cython.int, number)

    @cython.cfunc
    @cython.exceptval(-2147483648, check=False)
    def operand(self, x: Any) -> cython.int:
        """Return the operand for a Value of the trace, or for a float."""
        if type(x) is Value:
            return cython.cast(cython.int, cython.cast(Value, x)._place) - 1
        return self.constant(x)

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def add_operand(self, x: Any) -> cython.int:
        """Add a Value or a float to the operands."""
        self.operands.append(self.operand(x))
        return 0

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def add_operands(self, items: tuple) -> cython.int:
        """Add the items to the operands."""
        i: cython.Py_ssize_t
        start: cython.Py_ssize_t = self.operands.size
        self.operands.resize(start + len(items))
        for i in range(len(items)):
            self.operands.items[start + i] = self.operand(items[i])
        return 0

    def equals(self, other: Snapshot) -> bool:
        """Return whether all columns are equal, and the parameters are the same Values."""
        i: cython.Py_ssize_t
        if not (
            _equal(self.rows, other.rows) and _equal(self.numbers, other.numbers) and _equal(self.cuts, other.cuts)
            and _equal(self.starts, other.starts) and _equal(self.operands, other.operands)
            and _equal(self.results, other.results) and len(self.parameters) == len(other.parameters)
        ):  # fmt: skip
            return False
        for i in range(len(self.parameters)):
            if self.parameters[i] is not other.parameters[i]:
                return False
        return list(self._constant_numbers) == list(other._constant_numbers)


@cython.cfunc
def _equal(one: Ints, two: Ints) -> cython.bint:
    return one.size == two.size and one.equal(0, two, 0, one.size)


def take_snapshot(root: Value | None, results: list, inputs: list, nodes: list, created: list) -> Snapshot:
    """Return the snapshot of a trace.

    Args:
        root: A node that all results depend on: the result, or a sum of all results. None if no result is a Value.
        results: The results, Values and numbers.
        inputs: The Values passed in place of arguments.
        nodes: The Values computed during the call.
        created: The leaves created during the call. They are constants.
    """
    snapshot: Snapshot = Snapshot(inputs)
    results = [x if type(x) is Value else float(x) for x in results]
    order: Stack = Stack()
    try:
        if root is not None:
            sort_nodes(root, order, ALL)
        _set_rows(snapshot, order.size, nodes, created)
        _add_nodes(snapshot, order, order.size - (root is not None and len(results) > 1))
        _add_results(snapshot, results)
    finally:
        reset_places(order)
    return snapshot


if not cython.compiled:
    take_snapshot = one_at_a_time(take_snapshot)


@cython.cfunc
def _set_rows(snapshot: Snapshot, n: cython.Py_ssize_t, nodes: list, created: list) -> None:
    """Set the row of each node in the order. A node that is in none of the lists is a parameter."""
    i: cython.Py_ssize_t
    rows: Ints = snapshot.rows
    rows.resize(n)
    snapshot.numbers.resize(n)
    for i in range(n):
        rows.items[i] = PARAMETER
        snapshot.numbers.items[i] = 0
    node: Value
    for node in nodes:
        if node._place:
            rows.items[node._place - 1] = node._code
    for i in range(len(snapshot.inputs)):
        node = snapshot.inputs[i]
        if node._place:
            rows.items[node._place - 1] = INPUT
            snapshot.numbers.items[node._place - 1] = i
    for node in created:
        if node._place:
            rows.items[node._place - 1] = CONSTANT


@cython.cfunc
def _add_nodes(snapshot: Snapshot, order: Stack, n: cython.Py_ssize_t) -> None:
    """Add the first ``n`` nodes of the order."""
    i: cython.Py_ssize_t
    row: cython.int
    node: Value
    snapshot.rows.resize(n)
    snapshot.numbers.resize(n)
    snapshot.cuts.resize(n)
    snapshot.starts.resize(n)
    for i in range(n):
        node = cython.cast(Value, order.items[i])
        row = snapshot.rows.items[i]
        snapshot.starts.items[i] = snapshot.operands.size
        snapshot.cuts.items[i] = row >= 0 and node._kind == CUT
        if row >= 0:
            _add_operands(snapshot, node)
        elif row == PARAMETER:
            snapshot.numbers.items[i] = len(snapshot.parameters)
            snapshot.parameters.append(node)
        elif row == CONSTANT:
            snapshot.numbers.items[i] = -1 - snapshot.constant(data_of(node))
    snapshot.starts.append(snapshot.operands.size)


@cython.cfunc
def _add_operands(snapshot: Snapshot, node: Value) -> None:
    """Add the operands of a computed node. ``nodes/parts.py`` lists them in the same order."""
    if node._kind == TERMS:
        snapshot.add_operands(cython.cast(Terms, node._b).items)
        if node._a is not None:  # the index of a take
            snapshot.add_operand(node._a)
        return
    if node._kind == ROW:
        rows: Rows = node._b
        snapshot.add_operands(rows.weights[cython.cast(cython.int, node._partial_b)])
        snapshot.add_operands(rows.inputs)
    if node._a is None:
        snapshot.operands.append(snapshot.constant(node._partial_a))
    else:
        snapshot.add_operand(node._a)
    if node._kind == ROW or _IS_UNARY.items[node._code]:
        return
    if node._b is None:
        snapshot.operands.append(snapshot.constant(node._partial_b))
    else:
        snapshot.add_operand(node._b)


@cython.cfunc
def _add_results(snapshot: Snapshot, results: list) -> None:
    for x in results:
        snapshot.results.append(snapshot.operand(x))
