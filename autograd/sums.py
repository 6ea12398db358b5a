"""The two operations of any number of operands: ``sum`` and ``dot``, of which networks are made.

One node for a neuron of 16 inputs instead of 32 is what makes training quick. The node's operands and partials are in
its ``Terms``; what a term and its partials are is stated, as for all operations, in the table.

Compiled by Cython, like ``value.py``, which explains the names.
"""

from __future__ import annotations

try:
    import cython
except ImportError:
    from autograd import _cython as cython

from autograd import ops
from autograd.real import as_float

if cython.compiled:
    from cython.cimports.autograd._capi import TERMS, has_type, item_of
    from cython.cimports.autograd._kernels import DOT, SUM, forward1, forward2, partial1, partial2x, partial2y
    from cython.cimports.autograd.value import Terms, Value, is_recording, new_node
    from cython.cimports.cpython.mem import PyMem_Malloc
else:
    from autograd._cython import TERMS, has_type, item_of
    from autograd.ops import forward1, forward2, partial1, partial2x, partial2y
    from autograd.value import Terms, Value, is_recording, new_node

    SUM, DOT = ops.sum.code, ops.dot.code

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any


def new_terms(left: tuple, right: tuple | None) -> Terms:
    """Terms with these operands, and room for their partials."""
    terms: Terms = Terms.__new__(Terms)
    terms.left = left
    terms.right = right
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
def _gather(items: tuple, numbers: cython.p_double, offset: cython.Py_ssize_t) -> cython.Py_ssize_t:
    """Write the numbers of the items into an array. Returns how many are Values; -1 if any is not even a float."""
    values: cython.Py_ssize_t = 0
    i: cython.Py_ssize_t
    for i in range(len(items)):
        item: cython.p_void = item_of(items, i)
        if has_type(item, Value):
            numbers[offset + i] = cython.cast(Value, item)._data
            values += 1
        elif has_type(item, float):
            numbers[offset + i] = cython.cast(object, item)
        else:
            return -1
    return values


@cython.cfunc
def _as_tuple(values: object, what: str) -> tuple:
    try:
        return tuple(values)
    except TypeError:
        raise TypeError(f"{what} must be a sequence of numbers and Values, not one {type(values).__name__}") from None


@cython.cfunc
def _as_items(items: tuple, what: str) -> tuple:
    """The items, each exactly a Value or exactly a float."""
    return tuple([item if type(item) is Value else as_float(item, f"an element of {what}") for item in items])


def sum(values: Iterable[Any]) -> Any:  # noqa: A001 - as autograd.sum; this file has no use for Python's
    """The sum of any number of Values and numbers, from left to right, as one node.

    Returns a Value, or a float if there is no Value among them.

    Raises:
        TypeError: if ``values`` is not a sequence, or an element neither a Value nor a real number.

    >>> sum([Value(1.0), 2, 3.5])
    Value(6.5, grad=0.0, op='sum')
    """
    what = "the argument of autograd.sum()"
    items: tuple = _as_tuple(values, what)
    terms: Terms = new_terms(items, None)
    count: cython.Py_ssize_t = _gather(items, terms.partials, 0)
    if count < 0:
        terms.left = items = _as_items(items, what)
        count = _gather(items, terms.partials, 0)
    total: cython.double = 0.0
    i: cython.Py_ssize_t
    for i in range(len(items)):
        total += forward1(SUM, terms.partials[i])
    if count == 0:
        return total
    node: Value = new_node(total)
    if is_recording():
        for i in range(len(items)):
            terms.partials[i] = partial1(SUM, total, terms.partials[i])
        node._kind = TERMS
        node._code = SUM
        node._b = terms
    return node


def dot(weights: Iterable[Any], inputs: Iterable[Any], bias: Any = 0.0) -> Any:
    """``bias + weights[0] * inputs[0] + weights[1] * inputs[1] + ...``, as one node: what a neuron is made of.

    Args:
        weights, inputs: equally many Values and numbers each.
        bias: a Value or number, added first.

    Returns a Value, or a float if there is no Value among them.

    Raises:
        ValueError: if there are not as many inputs as weights.
        TypeError: if anything is neither a Value nor a real number.

    >>> w, x = [Value(1.0), Value(-2.0)], [3.0, 4.0]
    >>> dot(w, x, bias=0.5)
    Value(-4.5, grad=0.0, op='dot')
    """
    left: tuple = _as_tuple(weights, "the weights of autograd.dot()")
    right: tuple = _as_tuple(inputs, "the inputs of autograd.dot()")
    size: cython.Py_ssize_t = len(left)
    if len(right) != size:
        raise ValueError(f"autograd.dot() needs as many inputs as weights, not {len(right)} inputs for {size} weights")
    terms: Terms = new_terms(left, right)
    numbers: cython.p_double = terms.partials  # first the operands, then in their place the partials
    left_values: cython.Py_ssize_t = _gather(left, numbers, 0)
    if left_values < 0:
        terms.left = left = _as_items(left, "the weights of autograd.dot()")
        left_values = _gather(left, numbers, 0)
    right_values: cython.Py_ssize_t = _gather(right, numbers, size)
    if right_values < 0:
        terms.right = right = _as_items(right, "the inputs of autograd.dot()")
        right_values = _gather(right, numbers, size)
    a: Value | None = bias if type(bias) is Value else None
    start: cython.double = a._data if a is not None else as_float(bias, "the bias of autograd.dot()")
    total: cython.double = start
    i: cython.Py_ssize_t
    for i in range(size):
        total += forward2(DOT, numbers[i], numbers[size + i])
    if a is None and left_values + right_values == 0:
        return total
    node: Value = new_node(total)
    if is_recording():
        for i in range(size):
            w: cython.double = numbers[i]
            x: cython.double = numbers[size + i]
            numbers[i] = partial2x(DOT, total, w, x)
            numbers[size + i] = partial2y(DOT, total, w, x)
        node._kind = TERMS
        node._code = DOT
        node._a = a
        node._partial_a = start if a is None else partial1(SUM, total, start)  # the bias is one more term of a sum
        node._b = terms
    return node
