"""The two operations of any number of operands: ``sum`` and ``dot``, and ``affine``, a layer of dots.

One node for a neuron of 16 inputs instead of 32 is what makes training quick. The node's operands and partials are in
its ``Terms``; what a term and its partials are is stated, as for all operations, in the table.

Compiled by Cython, like ``value.py``, which explains the names.
"""

# Type checkers, also those of users, are to read what runs uncompiled.
# mypy: always-false=compiled
from __future__ import annotations

try:
    import cython
except ImportError:
    from autograd import _cython as cython

from autograd import ops
from autograd.real import as_float

if cython.compiled:
    from cython.cimports.autograd._capi import LEAF, TERMS, has_type, item_of
    from cython.cimports.autograd._kernels import DOT, SUM, forward1, forward2, partial1, partial2x, partial2y
    from cython.cimports.autograd.value import WATCHED, Terms, Value, is_recording, new_node, show_to_watchers
    from cython.cimports.cpython.mem import PyMem_Malloc
else:
    from autograd._cython import LEAF, TERMS, has_type, item_of
    from autograd.ops import forward1, forward2, partial1, partial2x, partial2y
    from autograd.value import WATCHED, Terms, Value, is_recording, new_node, show_to_watchers

    SUM, DOT = ops.sum.code, ops.dot.code

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any, overload

    from autograd.ops import Number


@cython.ccall
def new_terms(left: tuple, right: tuple | None) -> Terms:
    """Terms with these operands, and room for their partials."""
    terms: Terms = Terms.__new__(Terms)
    terms.left = left
    terms.right = right
    terms.left_is_leaves = False  # or not known
    count: cython.Py_ssize_t = len(left) if right is None else 2 * len(left)
    if cython.compiled:
        terms.partials = cython.cast(cython.p_double, PyMem_Malloc(count * cython.sizeof(cython.double)))
        if terms.partials == cython.NULL:
            raise MemoryError
    else:
        terms.partials = [0.0] * count
    return terms


def set_partials(terms: Terms, partials: tuple[float | None, ...]) -> None:
    """Take the partials from a tuple; None, for plain numbers, becomes 0.0."""
    for i in range(len(partials)):
        terms.partials[i] = partials[i] or 0.0


@cython.cfunc
def _gather(items: tuple, numbers: cython.p_double) -> cython.int:
    """Write the numbers of the items into an array. Returns 0; or -1 if one is neither a Value nor a float."""
    i: cython.Py_ssize_t
    for i in range(len(items)):
        item: cython.p_void = item_of(items, i)
        if has_type(item, Value):
            numbers[i] = cython.cast(Value, item)._data
        elif has_type(item, float):
            numbers[i] = cython.cast(object, item)
        else:
            return -1
    return 0


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
    terms: Terms = _read(_as_tuple(values, "the argument of autograd.sum()"), "the argument of autograd.sum()")
    items: tuple = terms.left
    total: cython.double = 0.0
    i: cython.Py_ssize_t
    for i in range(len(items)):
        total += forward1(SUM, terms.partials[i])
    if not _any_value(items):
        return total
    node: Value = new_node(total)
    recording: cython.int = is_recording()
    if recording:
        for i in range(len(items)):
            terms.partials[i] = partial1(SUM, terms.partials[i], terms.partials[i])
        node._kind = TERMS
        node._code = SUM
        node._b = terms
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
    read: Terms = _read(right, "the inputs of autograd.dot()")
    return _dot(left, read, bias, "dot")


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
    read: Terms = _read(right, "the inputs of autograd.affine()")
    results: list = [None] * len(rows)
    i: cython.Py_ssize_t
    for i in range(len(rows)):
        left: tuple = _as_tuple(rows[i], "a row of the weights of autograd.affine()")
        if len(left) != len(right):
            raise ValueError(
                f"autograd.affine() needs as many weights in each row as inputs, not {len(left)} weights for {len(right)} "
                f"inputs (row {i})"
            )
        results[i] = _dot(left, read, starts[i], "affine")
    return results


@cython.cfunc
def _read(items: tuple, what: str) -> Terms:
    """The items, with their numbers where the partials will be."""
    terms: Terms = new_terms(items, None)
    if _gather(items, terms.partials) < 0:
        terms.left = _as_items(items, what)
        _gather(terms.left, terms.partials)
    return terms


@cython.cfunc
def _dot(left: tuple, inputs: Terms, bias: object, caller: str) -> object:
    """One node. Reads the weights in the loop that uses them: ``_gather`` before it would cost a tenth of a layer's time."""
    right: tuple = inputs.left
    size: cython.Py_ssize_t = len(left)
    terms: Terms = new_terms(left, right)
    a: Value | None = bias if type(bias) is Value else None
    start: cython.double = a._data if a is not None else as_float(bias, f"a bias of autograd.{caller}()")
    total: cython.double = start
    leaves: cython.bint = True
    i: cython.Py_ssize_t
    for i in range(size):
        item: cython.p_void = item_of(left, i)
        w: cython.double
        if has_type(item, Value):
            w = cython.cast(Value, item)._data
            if cython.cast(Value, item)._kind != LEAF:
                leaves = False
        elif has_type(item, float):
            w = cython.cast(object, item)
        else:
            return _dot(_as_items(left, f"the weights of autograd.{caller}()"), inputs, bias, caller)
        x: cython.double = inputs.partials[i]
        term: cython.double = forward2(DOT, w, x)
        total += term
        terms.partials[i] = partial2x(DOT, term, w, x)
        terms.partials[size + i] = partial2y(DOT, term, w, x)
    if a is None and not _any_value(left) and not _any_value(right):
        return total
    node: Value = new_node(total)
    recording: cython.int = is_recording()
    if recording:
        node._kind = TERMS
        node._code = DOT
        node._a = a
        node._partial_a = start if a is None else partial1(SUM, start, start)  # the bias is one more term of a sum
        node._b = terms
        terms.left_is_leaves = leaves
        if recording == WATCHED:
            show_to_watchers(node)
    return node


def record_take(items: tuple, index: Value) -> Value:
    """A node for the item that ``index`` says, of which there is one; for ``compile``."""
    terms: Terms = _read(items, "the items of autograd.take()")
    chosen: cython.Py_ssize_t = int(index._data)
    node: Value = new_node(terms.partials[chosen])
    i: cython.Py_ssize_t
    for i in range(len(items)):
        terms.partials[i] = 1.0 if i == chosen else 0.0
    node._kind = TERMS
    node._code = ops.take.code
    node._a = index
    node._b = terms
    show_to_watchers(node)
    return node
