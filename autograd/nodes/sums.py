"""The operations with any number of operands: ``sum``, ``dot``, and ``affine``, which computes all dots of a layer.

A neuron with 16 inputs is one node instead of 32, which makes training fast. A ``sum`` stores its operands and partials in
``Terms``. The dots of a layer share one ``Rows`` object, which stores the inputs once. Only the node itself is allocated for
each neuron. The table defines the value and the partials of a term, as for every operation.

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
from autograd.base.real import as_float
from autograd.shared import counted

if cython.compiled:
    from cython.cimports.autograd.base._capi import LEAF, ROW, TERMS, WATCHED, has_type, item_of
    from cython.cimports.autograd.base._kernels import DOT, SUM, forward1, forward2, partial1
    from cython.cimports.autograd.base._node import data_at, data_of
    from cython.cimports.autograd.base.modes import is_recording, notify_watchers
    from cython.cimports.autograd.base.operand_lists import Rows, Terms
    from cython.cimports.autograd.value import Value, new_computed, new_node
    from cython.cimports.cpython.mem import PyMem_Malloc
else:
    from autograd.base._cython import LEAF, ROW, TERMS, WATCHED, data_at, data_of, has_type, item_of
    from autograd.base.modes import is_recording, notify_watchers
    from autograd.base.operand_lists import Rows, Terms
    from autograd.ops import forward1, forward2, partial1
    from autograd.value import Value, new_computed, new_node

    SUM, DOT = ops.sum.code, ops.dot.code

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any, overload

    from autograd.value import Number


@cython.cfunc
def _allocate(count: cython.Py_ssize_t) -> cython.p_double:
    """Return an array for ``count`` numbers."""
    if not cython.compiled:
        return [0.0] * count
    size: cython.Py_ssize_t = count * cython.sizeof(cython.double)
    numbers: cython.p_double = cython.cast(cython.p_double, PyMem_Malloc(size))  # type: ignore[name-defined]  # only compiled
    if numbers == cython.NULL:
        raise MemoryError
    return numbers


@cython.ccall
def new_terms(items: tuple) -> Terms:
    """Return Terms with these operands, and space for their partials."""
    terms: Terms = Terms.__new__(Terms)
    terms.items = items
    terms.partials = _allocate(len(items))
    return terms


@cython.ccall
def new_rows(weights: tuple, inputs: tuple) -> Rows:
    """Return Rows with these weights and inputs, and space for their numbers."""
    rows: Rows = Rows.__new__(Rows)
    rows.weights = weights
    rows.inputs = inputs
    rows.traversal = 0
    rows.only_leaves = rows.only_values = rows.fixed_inputs = False  # False also means unknown
    rows.numbers = _allocate((1 + len(weights)) * len(inputs))
    return rows


def set_partials(node: Value, partials: tuple[float | None, ...]) -> None:
    """Set the partials of a ``sum``, or all but the last partial of a ``dot``. None stands for a constant."""
    if node._kind == TERMS:
        terms: Terms = node._b
        for i in range(len(partials)):
            terms.partials[i] = partials[i] or 0.0
        return
    rows: Rows = node._b
    size = len(rows.inputs)
    for i in range(size):  # the partial with respect to one factor is the other factor
        rows.numbers[i] = partials[i] or 0.0
        rows.numbers[size + i] = partials[size + i] or 0.0


# Flags returned by _read_numbers: the kinds of items that it found.
VALUES = cython.declare(cython.int, 1)
NUMBERS = cython.declare(cython.int, 2)
COMPUTED = cython.declare(cython.int, 4)


@cython.cfunc
@cython.inline
@cython.exceptval(check=False)
def _read_numbers(items: tuple, numbers: cython.p_double, offset: cython.Py_ssize_t) -> cython.int:
    """Copy the items' numbers to an array. Return flags, or -1 if an item is neither a Value nor a float."""
    found: cython.int = 0
    i: cython.Py_ssize_t
    for i in range(len(items)):
        item: cython.p_void = item_of(items, i)
        if has_type(item, Value):
            numbers[offset + i] = data_at(item)
            found |= VALUES if cython.cast(Value, item)._kind == LEAF else VALUES | COMPUTED
        elif has_type(item, float):
            numbers[offset + i] = cython.cast(object, item)
            found |= NUMBERS
        else:
            return -1
    return found


@cython.cfunc
def _has_value(items: tuple) -> cython.bint:
    """Return whether any item is a Value."""
    i: cython.Py_ssize_t
    for i in range(len(items)):  # noqa: SIM110 - any(...) would be a generator instead of a C loop
        if has_type(item_of(items, i), Value):
            return True
    return False


@cython.cfunc
def _as_tuple(values: object, role: str) -> tuple:
    try:
        return tuple(values)  # type: ignore[arg-type]  # it may fail
    except TypeError:
        kind = type(values).__name__
        raise TypeError(f"{role} must be a sequence of numbers and Values, not a single {kind}; use [x]") from None


_FLAT = "pass one row at a time, or a flat list"


@cython.cfunc
def _as_items(items: tuple, role: str) -> tuple:
    """Return the items, with all numbers converted to float."""
    return tuple([item if type(item) is Value else as_float(item, f"an element of {role}", _FLAT) for item in items])


if not cython.compiled and TYPE_CHECKING:

    @overload
    def sum(values: Iterable[Number], start: None = None) -> Number: ...
    @overload
    def sum(values: Iterable[Any], start: Any = None) -> Any: ...


def sum(values: Iterable[Any], start: Any = None) -> Any:
    """Return the sum of any number of Values and numbers, added from left to right, as one node.

    Args:
        values: A sequence of Values and numbers.
        start: A Value or number that comes first, as in Python's ``sum``.

    Returns:
        A Value, or a float if no item is a Value.

    Raises:
        TypeError: If ``values`` is not a sequence, or an item is neither a Value nor a real number.

    >>> from autograd import Value, sum
    >>> sum([Value(1.0), 2, 3.5])
    Value(6.5, grad=0.0, op='sum')
    """
    items: tuple = _as_tuple(values, "the argument of autograd.sum()")
    if start is not None:
        items = (start, *items)
    terms: Terms = new_terms(items)
    if _read_numbers(items, terms.partials, 0) < 0:
        terms.items = items = _as_items(items, "the argument of autograd.sum()")
        _read_numbers(items, terms.partials, 0)
    total: cython.double = 0.0
    i: cython.Py_ssize_t
    for i in range(len(items)):
        total += forward1(SUM, terms.partials[i])
    if not _has_value(items):
        return total
    recording: cython.int = is_recording()
    if not recording:
        return new_node(total)
    for i in range(len(items)):
        terms.partials[i] = partial1(SUM, terms.partials[i], terms.partials[i])
    node: Value = new_computed(total, SUM, TERMS, None, 0.0, terms, 0.0)
    if recording == WATCHED:
        notify_watchers(node)
    return node


if not cython.compiled and TYPE_CHECKING:

    @overload
    def dot(weights: Iterable[Number | float], inputs: Iterable[Number | float], bias: Number | float = 0.0) -> Number: ...
    @overload
    def dot(weights: Iterable[Any], inputs: Iterable[Any], bias: Any = 0.0) -> Any: ...


def dot(weights: Iterable[Any], inputs: Iterable[Any], bias: Any = 0.0) -> Any:
    """Return ``bias + weights[0] * inputs[0] + weights[1] * inputs[1] + ...`` as one node: the pre-activation of a neuron.

    Args:
        weights: A sequence of Values and numbers.
        inputs: A sequence of Values and numbers, of the same length.
        bias: A Value or number. The sum starts with it.

    Returns:
        A Value, or a float if no argument contains a Value.

    Raises:
        ValueError: If the number of inputs differs from the number of weights.
        TypeError: If an item or the bias is neither a Value nor a real number.

    >>> from autograd import Value, dot
    >>> w, x = [Value(1.0), Value(-2.0)], [3.0, 4.0]
    >>> dot(w, x, bias=0.5)
    Value(-4.5, grad=0.0, op='dot')
    """
    left: tuple = _as_tuple(weights, "the weights of autograd.dot()")
    right: tuple = _as_tuple(inputs, "the inputs of autograd.dot()")
    if len(right) != len(left):
        raise ValueError(
            f"autograd.dot() needs one input per weight, not {counted(len(right), 'input')} for {counted(len(left), 'weight')}"
        )
    return _make_dot(_make_rows((left,), right, "dot"), 0, bias, is_recording(), "dot")


if not cython.compiled and TYPE_CHECKING:

    @overload
    def affine(
        weights: Iterable[Iterable[Number | float]], inputs: Iterable[Number | float], biases: Iterable[Number | float]
    ) -> list[Number]: ...
    @overload
    def affine(weights: Iterable[Iterable[Any]], inputs: Iterable[Any], biases: Iterable[Any]) -> list[Any]: ...


def affine(weights: Iterable[Iterable[Any]], inputs: Iterable[Any], biases: Iterable[Any]) -> list[Any]:
    """Return ``[dot(row, inputs, bias) for row, bias in zip(weights, biases)]``, faster: the pre-activations of a layer.

    Args:
        weights: A sequence of rows. Each row is a sequence of Values and numbers, of the same length as ``inputs``.
        inputs: A sequence of Values and numbers.
        biases: A sequence of Values and numbers, one per row.

    Returns:
        A list with a Value for each row, or a float if neither the row, the inputs nor the bias contain a Value.

    Raises:
        ValueError: If the length of a row differs from the number of inputs, or the number of biases from the number of rows.
        TypeError: If an item is neither a Value nor a real number.

    >>> from autograd import Value, affine
    >>> affine([[Value(1.0), Value(-2.0)], [0.5, 0.5]], [3.0, 4.0], [0.5, 0.0])
    [Value(-4.5, grad=0.0, op='dot'), 3.5]
    """
    rows: tuple = _as_tuple(weights, "the weights of autograd.affine()")
    starts: tuple = _as_tuple(biases, "the biases of autograd.affine()")
    if len(starts) != len(rows):
        raise ValueError(
            f"autograd.affine() needs one bias per row of weights, not {len(starts)} for {counted(len(rows), 'row')}"
        )
    right: tuple = _as_tuple(inputs, "the inputs of autograd.affine()")
    size: cython.Py_ssize_t = len(right)
    i: cython.Py_ssize_t
    for i in range(len(rows)):
        if type(rows[i]) is not tuple:
            rows = tuple([_as_tuple(row, "a row of the weights of autograd.affine()") for row in rows])
        if len(cython.cast(tuple, rows[i])) != size:
            raise ValueError(
                f"autograd.affine() needs one weight per input in each row, not {counted(len(rows[i]), 'weight')} for "
                f"{counted(size, 'input')} (row {i})"
            )
    layer: Rows = _make_rows(rows, right, "affine")
    recording: cython.int = is_recording()
    results: list = [None] * len(rows)
    for i in range(len(rows)):
        results[i] = _make_dot(layer, i, starts[i], recording, "affine")
    return results


@cython.cfunc
def _make_rows(weights: tuple, inputs: tuple, caller: str) -> Rows:
    """Return Rows with these weights and inputs, and copy their numbers."""
    size: cython.Py_ssize_t = len(inputs)
    rows: Rows = new_rows(weights, inputs)
    found: cython.int = _read_numbers(inputs, rows.numbers, 0)
    if found < 0:
        rows.inputs = _as_items(inputs, f"the inputs of autograd.{caller}()")
        found = _read_numbers(rows.inputs, rows.numbers, 0)
    rows.fixed_inputs = not found & VALUES
    found = 0
    i: cython.Py_ssize_t
    for i in range(len(weights)):
        in_row: cython.int = _read_numbers(weights[i], rows.numbers, (1 + i) * size)
        if in_row < 0:
            role = f"the weights of autograd.{caller}()"
            return _make_rows(tuple([_as_items(row, role) for row in weights]), rows.inputs, caller)
        found |= in_row
    rows.only_leaves = not found & COMPUTED
    rows.only_values = not found & NUMBERS
    return rows


@cython.cfunc
def _make_dot(rows: Rows, i: cython.Py_ssize_t, bias: object, recording: cython.int, caller: str) -> object:
    """Return the dot of row ``i`` as a node, or as a float if it contains no Value."""
    if type(bias) is not Value and type(bias) is not float:
        bias = as_float(bias, f"a bias of autograd.{caller}()")
    a: Value | None = bias if type(bias) is Value else None
    start: cython.double = bias if a is None else data_of(a)
    size: cython.Py_ssize_t = len(rows.inputs)
    offset: cython.Py_ssize_t = (1 + i) * size
    total: cython.double = start
    k: cython.Py_ssize_t
    for k in range(size):
        total += forward2(DOT, rows.numbers[offset + k], rows.numbers[k])
    if a is None and rows.fixed_inputs and not _has_value(rows.weights[i]):
        return total
    if not recording:
        return new_node(total)
    # The bias is treated as a term of a sum.
    node: Value = new_computed(total, DOT, ROW, a, start if a is None else partial1(SUM, start, start), rows, i)
    if recording == WATCHED:
        notify_watchers(node)
    return node


def record_take(items: tuple[Any, ...], index: Value) -> Value:
    """Return a node for the item at ``index``, for ``compile``."""
    terms: Terms = new_terms(_as_items(items, "the items of autograd.take()"))
    # The index is only recorded here, and may be out of range. A replay raises an error for an index out of range.
    chosen: cython.Py_ssize_t = int(data_of(index)) if 0 <= data_of(index) < len(items) else 0
    i: cython.Py_ssize_t
    for i in range(len(items)):
        terms.partials[i] = 1.0 if i == chosen else 0.0
    item: object = terms.items[chosen]
    number: cython.double = data_of(item) if isinstance(item, Value) else item
    node: Value = new_computed(number, ops.take.code, TERMS, index, 0.0, terms, 0.0)
    notify_watchers(node)
    return node
