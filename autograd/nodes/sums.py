"""The two operations of any number of operands: ``sum`` and ``dot``, and ``affine``, a layer of dots.

One node for a neuron of 16 inputs instead of 32 is what makes training quick. A ``sum`` keeps its operands and partials
in ``Terms``. The dots of a layer share ``Rows``: the inputs are saved once for all of them, and nothing has to be
allocated for a neuron but its node. What a term and its partials are is stated, as for all operations, in the table.

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
from autograd.base.real import as_float

if cython.compiled:
    from cython.cimports.autograd.base._capi import LEAF, ROW, TERMS, has_type, item_of
    from cython.cimports.autograd.base._kernels import DOT, SUM, forward1, forward2, partial1
    from cython.cimports.autograd.base.modes import WATCHED, is_recording, show_to_watchers
    from cython.cimports.autograd.base.operand_lists import Rows, Terms
    from cython.cimports.autograd.value import Value, new_computed, new_node
    from cython.cimports.cpython.mem import PyMem_Malloc
else:
    from autograd.base._cython import LEAF, ROW, TERMS, has_type, item_of
    from autograd.base.modes import WATCHED, is_recording, show_to_watchers
    from autograd.base.operand_lists import Rows, Terms
    from autograd.ops import forward1, forward2, partial1
    from autograd.value import Value, new_computed, new_node

    SUM, DOT = ops.sum.code, ops.dot.code

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any, overload

    from autograd.ops import Number


@cython.cfunc
def _room_for(count: cython.Py_ssize_t) -> cython.p_double:
    if not cython.compiled:
        return [0.0] * count
    size: cython.Py_ssize_t = count * cython.sizeof(cython.double)
    numbers: cython.p_double = cython.cast(cython.p_double, PyMem_Malloc(size))  # type: ignore[name-defined]  # only compiled
    if numbers == cython.NULL:
        raise MemoryError
    return numbers


@cython.ccall
def new_terms(items: tuple) -> Terms:
    """Terms with these operands, and room for their partials."""
    terms: Terms = Terms.__new__(Terms)
    terms.items = items
    terms.partials = _room_for(len(items))
    return terms


@cython.ccall
def new_rows(weights: tuple, inputs: tuple) -> Rows:
    """Rows with these weights and inputs, and room for their numbers."""
    rows: Rows = Rows.__new__(Rows)
    rows.weights = weights
    rows.inputs = inputs
    rows.walk = 0
    rows.only_leaves = rows.only_values = rows.fixed_inputs = False  # or not known
    rows.numbers = _room_for((1 + len(weights)) * len(inputs))
    return rows


def set_partials(node: Value, partials: tuple[float | None, ...]) -> None:
    """Take the partials of a ``sum``, or those of a ``dot`` but the last, from a tuple; None is for plain numbers."""
    if node._kind == TERMS:
        terms: Terms = node._b
        for i in range(len(partials)):
            terms.partials[i] = partials[i] or 0.0
        return
    rows: Rows = node._b
    size = len(rows.inputs)
    for i in range(size):  # the partial by one factor is the other factor
        rows.numbers[i] = partials[i] or 0.0
        rows.numbers[size + i] = partials[size + i] or 0.0


# What _gather found among the items.
VALUES = cython.declare(cython.int, 1)
NUMBERS = cython.declare(cython.int, 2)
COMPUTED = cython.declare(cython.int, 4)


@cython.cfunc
@cython.inline
@cython.exceptval(check=False)
def _gather(items: tuple, numbers: cython.p_double, offset: cython.Py_ssize_t) -> cython.int:
    """Write the numbers of the items into an array. Returns what there is, or -1 if one is neither a Value nor a float."""
    found: cython.int = 0
    i: cython.Py_ssize_t
    for i in range(len(items)):
        item: cython.p_void = item_of(items, i)
        if has_type(item, Value):
            numbers[offset + i] = cython.cast(Value, item)._data
            found |= VALUES if cython.cast(Value, item)._kind == LEAF else VALUES | COMPUTED
        elif has_type(item, float):
            numbers[offset + i] = cython.cast(object, item)
            found |= NUMBERS
        else:
            return -1
    return found


@cython.cfunc
def _any_value(items: tuple) -> cython.bint:
    i: cython.Py_ssize_t
    for i in range(len(items)):  # noqa: SIM110 - any(...) would make it a generator, no loop of C
        if has_type(item_of(items, i), Value):
            return True
    return False


@cython.cfunc
def _as_tuple(values: object, what: str) -> tuple:
    try:
        return tuple(values)  # type: ignore[arg-type]  # it may fail
    except TypeError:
        raise TypeError(f"{what} must be a sequence of numbers and Values, not one {type(values).__name__}") from None


@cython.cfunc
def _as_items(items: tuple, what: str) -> tuple:
    """The items, each exactly a Value or exactly a float."""
    return tuple([item if type(item) is Value else as_float(item, f"an element of {what}") for item in items])


if not cython.compiled and TYPE_CHECKING:

    @overload
    def sum(values: Iterable[Number]) -> Number: ...
    @overload
    def sum(values: Iterable[Any]) -> Any: ...


def sum(values: Iterable[Any]) -> Any:
    """The sum of any number of Values and numbers, from left to right, as one node.

    Returns a Value, or a float if there is no Value among them.

    Raises:
        TypeError: if ``values`` is not a sequence, or an element neither a Value nor a real number.

    >>> from autograd import Value, sum
    >>> sum([Value(1.0), 2, 3.5])
    Value(6.5, grad=0.0, op='sum')
    """
    items: tuple = _as_tuple(values, "the argument of autograd.sum()")
    terms: Terms = new_terms(items)
    if _gather(items, terms.partials, 0) < 0:
        terms.items = items = _as_items(items, "the argument of autograd.sum()")
        _gather(items, terms.partials, 0)
    total: cython.double = 0.0
    i: cython.Py_ssize_t
    for i in range(len(items)):
        total += forward1(SUM, terms.partials[i])
    if not _any_value(items):
        return total
    recording: cython.int = is_recording()
    if not recording:
        return new_node(total)
    for i in range(len(items)):
        terms.partials[i] = partial1(SUM, terms.partials[i], terms.partials[i])
    node: Value = new_computed(total, SUM, TERMS, None, 0.0, terms, 0.0)
    if recording == WATCHED:
        show_to_watchers(node)
    return node


if not cython.compiled and TYPE_CHECKING:

    @overload
    def dot(weights: Iterable[Number | float], inputs: Iterable[Number | float], bias: Number | float = 0.0) -> Number: ...
    @overload
    def dot(weights: Iterable[Any], inputs: Iterable[Any], bias: Any = 0.0) -> Any: ...


def dot(weights: Iterable[Any], inputs: Iterable[Any], bias: Any = 0.0) -> Any:
    """``bias + weights[0] * inputs[0] + weights[1] * inputs[1] + ...``, as one node: what a neuron is made of.

    Args:
        weights, inputs: equally many Values and numbers each.
        bias: a Value or number, added first.

    Returns a Value, or a float if there is no Value among them.

    Raises:
        ValueError: if there are not as many inputs as weights.
        TypeError: if anything is neither a Value nor a real number.

    >>> from autograd import Value, dot
    >>> w, x = [Value(1.0), Value(-2.0)], [3.0, 4.0]
    >>> dot(w, x, bias=0.5)
    Value(-4.5, grad=0.0, op='dot')
    """
    left: tuple = _as_tuple(weights, "the weights of autograd.dot()")
    right: tuple = _as_tuple(inputs, "the inputs of autograd.dot()")
    if len(right) != len(left):
        raise ValueError(f"autograd.dot() needs as many inputs as weights, not {len(right)} inputs for {len(left)} weights")
    return _row(_read((left,), right, "dot"), 0, bias, is_recording(), "dot")


if not cython.compiled and TYPE_CHECKING:

    @overload
    def affine(
        weights: Iterable[Iterable[Number | float]], inputs: Iterable[Number | float], biases: Iterable[Number | float]
    ) -> list[Number]: ...
    @overload
    def affine(weights: Iterable[Iterable[Any]], inputs: Iterable[Any], biases: Iterable[Any]) -> list[Any]: ...


def affine(weights: Iterable[Iterable[Any]], inputs: Iterable[Any], biases: Iterable[Any]) -> list[Any]:
    """``[dot(row, inputs, bias) for row, bias in zip(weights, biases)]``: a layer, in less time.

    Args:
        weights: any number of rows, each with as many Values and numbers as there are inputs.
        inputs: Values and numbers.
        biases: as many Values and numbers as there are rows.

    Returns a list with a Value, or a float, for each row.

    Raises:
        ValueError: if a row has another length than the inputs, or there are not as many biases as rows.
        TypeError: if anything is neither a Value nor a real number.

    >>> from autograd import Value, affine
    >>> affine([[Value(1.0), Value(-2.0)], [0.5, 0.5]], [3.0, 4.0], [0.5, 0.0])
    [Value(-4.5, grad=0.0, op='dot'), 3.5]
    """
    rows: tuple = _as_tuple(weights, "the weights of autograd.affine()")
    starts: tuple = _as_tuple(biases, "the biases of autograd.affine()")
    if len(starts) != len(rows):
        raise ValueError(f"autograd.affine() needs a bias for each row of weights, not {len(starts)} for {len(rows)} rows")
    right: tuple = _as_tuple(inputs, "the inputs of autograd.affine()")
    size: cython.Py_ssize_t = len(right)
    i: cython.Py_ssize_t
    for i in range(len(rows)):
        if type(rows[i]) is not tuple:
            rows = tuple([_as_tuple(row, "a row of the weights of autograd.affine()") for row in rows])
        if len(cython.cast(tuple, rows[i])) != size:
            raise ValueError(
                f"autograd.affine() needs as many weights in each row as inputs, not {len(rows[i])} weights for {size} "
                f"inputs (row {i})"
            )
    layer: Rows = _read(rows, right, "affine")
    recording: cython.int = is_recording()
    results: list = [None] * len(rows)
    for i in range(len(rows)):
        results[i] = _row(layer, i, starts[i], recording, "affine")
    return results


@cython.cfunc
def _read(weights: tuple, inputs: tuple, caller: str) -> Rows:
    """The Rows, with their numbers."""
    size: cython.Py_ssize_t = len(inputs)
    rows: Rows = new_rows(weights, inputs)
    found: cython.int = _gather(inputs, rows.numbers, 0)
    if found < 0:
        rows.inputs = _as_items(inputs, f"the inputs of autograd.{caller}()")
        found = _gather(rows.inputs, rows.numbers, 0)
    rows.fixed_inputs = not found & VALUES
    found = 0
    i: cython.Py_ssize_t
    for i in range(len(weights)):
        in_row: cython.int = _gather(weights[i], rows.numbers, (1 + i) * size)
        if in_row < 0:
            what = f"the weights of autograd.{caller}()"
            return _read(tuple([_as_items(row, what) for row in weights]), rows.inputs, caller)
        found |= in_row
    rows.only_leaves = not found & COMPUTED
    rows.only_values = not found & NUMBERS
    return rows


@cython.cfunc
def _row(rows: Rows, i: cython.Py_ssize_t, bias: object, recording: cython.int, caller: str) -> object:
    """One node; a float if there is no Value in it."""
    a: Value | None = bias if type(bias) is Value else None
    start: cython.double = a._data if a is not None else as_float(bias, f"a bias of autograd.{caller}()")
    size: cython.Py_ssize_t = len(rows.inputs)
    offset: cython.Py_ssize_t = (1 + i) * size
    total: cython.double = start
    k: cython.Py_ssize_t
    for k in range(size):
        total += forward2(DOT, rows.numbers[offset + k], rows.numbers[k])
    if a is None and rows.fixed_inputs and not _any_value(rows.weights[i]):
        return total
    if not recording:
        return new_node(total)
    # The bias is one more term of a sum.
    node: Value = new_computed(total, DOT, ROW, a, start if a is None else partial1(SUM, start, start), rows, i)
    if recording == WATCHED:
        show_to_watchers(node)
    return node


def record_take(items: tuple, index: Value) -> Value:
    """A node for the item that ``index`` says, of which there is one; for ``compile``."""
    terms: Terms = new_terms(_as_items(items, "the items of autograd.take()"))
    # The number does not matter, it is only recorded; replay says so if there is no such item.
    chosen: cython.Py_ssize_t = int(index._data) if 0 <= index._data < len(items) else 0
    i: cython.Py_ssize_t
    for i in range(len(items)):
        terms.partials[i] = 1.0 if i == chosen else 0.0
    item: object = terms.items[chosen]
    number: cython.double = cython.cast(Value, item)._data if isinstance(item, Value) else item
    node: Value = new_computed(number, ops.take.code, TERMS, index, 0.0, terms, 0.0)
    show_to_watchers(node)
    return node
