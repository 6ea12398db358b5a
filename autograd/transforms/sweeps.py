"""Forward sweeps, and differentiable sweeps in both directions. The ordinary backward sweep is in ``backward.py``.

A sweep on floats uses the partials saved when the nodes were recorded. A recorded sweep evaluates the rules of the table on
Values instead. Therefore its result is a graph. The size of the graph is a constant times the size of the original graph.

    seed, vector    the start of a sweep: a number for the result, or one number per input
    adjoint         the derivative of the result with respect to a node, times the seed
    tangent         the derivative of a node along the vector
    active          a node is active if it depends on one of the inputs

Compiled by Cython; ``value.py`` explains how, and the names of the fields of a node.
"""

# Type checkers read the uncompiled branches.
# mypy: always-false=compiled
from __future__ import annotations

import functools
from math import copysign

try:
    import cython
except ImportError:
    from autograd.base import _cython as cython

from autograd import ops
from autograd.base.modes import is_tracing
from autograd.base.real import Ieee, same_number
from autograd.errors import ChangedLeafError
from autograd.nodes.parts import blocks_operand, operands_of, partials_of
from autograd.nodes.sums import dot, sum  # noqa: A004 - autograd's sum; Python's is not used here
from autograd.topology import topological_order

if cython.compiled:
    from cython.cimports.autograd.base._capi import (
        BLOCKS,
        BLOCKS_A,
        BLOCKS_B,
        CUT,
        LEAF,
        ROW,
        TERMS,
        has_type,
        item_of,
    )  # fmt: skip
    from cython.cimports.autograd.base._kernels import DOT, partial2x, partial2y
    from cython.cimports.autograd.base._node import data_of
    from cython.cimports.autograd.base.operand_lists import Rows, Terms
    from cython.cimports.autograd.topology import ALL, Stack, reset_places, sort_nodes
    from cython.cimports.autograd.value import Value
    from cython.cimports.cpython.mem import PyMem_Calloc, PyMem_Free
else:
    from autograd.base._cython import BLOCKS, BLOCKS_A, BLOCKS_B, CUT, LEAF, ROW, TERMS, data_of, has_type, item_of
    from autograd.base.operand_lists import Rows, Terms
    from autograd.ops import partial2x, partial2y
    from autograd.topology import ALL, Stack, one_at_a_time, reset_places, sort_nodes
    from autograd.value import Value

    DOT = ops.dot.code

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

_TAME = frozenset([row.code for row in ops.TAME])
_NOT_NEGATIVE = frozenset([row.code for row in (ops.gate, ops.take, ops.relu, ops.maximum, ops.minimum)])  # their partials


def tangents(outputs: list[Any], inputs: list[Any], vector: list[Any]) -> list[float]:
    """Return the derivative of each output along ``vector``, which has one number per input, in a single sweep."""
    together = sum(outputs)
    if not isinstance(together, Value):
        return [0.0] * len(outputs)
    order: Stack = Stack()
    results: list = []  # created before the traversal, see `sort_nodes`
    found: cython.p_double = cython.NULL
    try:
        sort_nodes(together, order, ALL)
        if not cython.compiled:
            found = [0.0] * order.size
        else:
            found = cython.cast(cython.p_double, PyMem_Calloc(order.size, cython.sizeof(cython.double)))
            if found == cython.NULL:
                raise MemoryError
        _sweep_forward(order, inputs, vector, found)
        for item in outputs:
            tangent = found[cython.cast(Value, item)._place - 1] if isinstance(item, Value) else 0.0
            results.append(tangent)
        return results
    finally:
        reset_places(order)
        if cython.compiled:
            PyMem_Free(found)


@cython.cfunc
@cython.exceptval(-1, check=False)
def _sweep_forward(order: Stack, inputs: list, vector: list, found: cython.p_double) -> cython.int:
    """Compute the tangent of every node. ``_place`` is the position of a node in ``order``, from 1; 0 for any other node."""
    node: Value
    i: cython.Py_ssize_t
    for i in range(len(inputs)):
        node = inputs[i]
        if node._place:
            found[node._place - 1] += cython.cast(cython.double, vector[i])
    for i in range(order.size):
        node = cython.cast(Value, order.items[i])
        if node._kind != LEAF and node._kind != CUT:
            found[i] += _tangent(node, found)
    return 0


@cython.cfunc
@cython.inline
@cython.exceptval(check=False)
def _tangent(node: Value, found: cython.p_double) -> cython.double:
    """Apply the chain rule in forward mode. A tangent of 0 contributes 0, even if the partial is infinite.

    The order of additions is the order of the operands, as in ``recorded_tangents``; of a dot: weights, inputs, bias.
    """
    total: cython.double = 0.0
    if node._kind == BLOCKS:
        return total
    if node._kind == TERMS:
        total = _tangent_of_terms(node._b, found)
    elif node._kind == ROW:
        total = _tangent_of_row(node._b, cython.cast(cython.Py_ssize_t, node._partial_b), found)
    if node._a is not None and node._kind != BLOCKS_A:
        total += _times(node._partial_a, found[node._a._place - 1])
    if node._b is not None and node._kind != BLOCKS_B and node._kind != TERMS and node._kind != ROW:
        total += _times(node._partial_b, found[cython.cast(Value, node._b)._place - 1])
    return total


@cython.cfunc
@cython.exceptval(check=False)
def _tangent_of_terms(terms: Terms, found: cython.p_double) -> cython.double:
    total: cython.double = 0.0
    i: cython.Py_ssize_t
    for i in range(len(terms.items)):
        item: cython.p_void = item_of(terms.items, i)
        if has_type(item, Value):
            total += _times(terms.partials[i], found[cython.cast(Value, item)._place - 1])
    return total


@cython.cfunc
@cython.exceptval(check=False)
def _tangent_of_row(rows: Rows, row: cython.Py_ssize_t, found: cython.p_double) -> cython.double:
    total: cython.double = 0.0
    weights: tuple = rows.weights[row]
    count: cython.Py_ssize_t = len(rows.inputs)
    i: cython.Py_ssize_t
    for i in range(2 * count):
        x: cython.double = rows.numbers[i % count]
        w: cython.double = rows.numbers[(1 + row) * count + i % count]
        item: cython.p_void = item_of(weights, i) if i < count else item_of(rows.inputs, i - count)
        if has_type(item, Value):
            partial: cython.double = partial2x(DOT, w * x, w, x) if i < count else partial2y(DOT, w * x, w, x)
            total += _times(partial, found[cython.cast(Value, item)._place - 1])
    return total


@cython.cfunc
@cython.inline
@cython.exceptval(check=False)
def _times(partial: cython.double, tangent: cython.double) -> cython.double:
    return partial * tangent if tangent != 0.0 else 0.0


if not cython.compiled:
    tangents = one_at_a_time(tangents)


# ---- recorded sweeps ---------------------------------------------------------------------------------------------


def recorded_adjoints(root: Value, inputs: list[Any], seed: Any = 1.0) -> list[Any]:
    """Return the derivative of ``root`` with respect to each input, times ``seed``, as Values.

    Raises:
        ChangedLeafError: If the data of a leaf changed after it was used.
    """
    order = topological_order(root)
    active = _active(order, inputs)
    contributions: dict = {id(root): [(seed, None)]}
    wanted = {id(node) for node in inputs}
    found: dict = {}
    for node in reversed(order):
        key = id(node)
        if key not in contributions or key not in active:
            continue
        adjoint, reached = _combine(contributions.pop(key))
        if key in wanted:
            found[key] = _drop_negative_zero(adjoint)
        for operand, partial, gate in _active_partials(node, active):
            contributions.setdefault(id(operand), []).append(_contribution(node, adjoint, reached, partial, gate))
    return [_as_value(found.get(id(node), 0.0)) for node in inputs]


class _Gates:
    """A number that is 0 in the rows that no gradient reaches, while ``compile`` records. It is recorded when it is needed.

    Args:
        operation: ``ops.gate`` if a gradient must pass both gates, ``ops.maximum`` if one of them is enough. A product would be
            wrong: 0 times a gate that is nan is nan, which is open.
        gates: Numbers that are not negative, and ``_Gates``.

    Attributes:
        is_strict: Whether the gradient passes a gate or a take. Then every product is gated. Behind other rows that block,
            products with partials that are finite are 0 without a gate.
    """

    def __init__(self, operation: Any, gates: Sequence[Any], is_strict: bool) -> None:
        self.operation = operation
        self.gates = gates
        self.is_strict = is_strict

    def number(self) -> Any:
        """Return the number as a Value."""
        if len(self.gates) > 1:
            self.gates = [functools.reduce(self.operation, [gate.number() for gate in self.gates])]
        gate = self.gates[0]
        return gate.number() if isinstance(gate, _Gates) else gate


def _contribution(node: Value, adjoint: Any, reached: Any, partial: Any, gate: Any) -> tuple[Any, Any]:
    """Return the product of an adjoint (or a tangent) and a partial, and whether a gradient gets there.

    ``reached`` and ``gate`` are None if the gradient always reaches the node, and passes its operand.
    """
    product = _product(adjoint, partial)
    through = reached
    if gate is not None:
        is_strict = node._code == ops.gate.code or node._code == ops.take.code
        own = _Gates(None, [gate if node._code in _NOT_NEGATIVE else ops.abs(gate)], is_strict)
        through = own if reached is None else _Gates(ops.gate, [reached, own], is_strict or reached.is_strict)
    if through is not None and (gate is not None or through.is_strict or node._code not in _TAME):
        product = ops.gate(product, through.number())
    return product, through


def _combine(contributions: list) -> tuple[Any, Any]:
    """Return the sum of the contributions, and whether a gradient reaches the node: None if it always does."""
    reached = [gate for _, gate in contributions]
    adjoint = _total([product for product, _ in contributions])
    if None in reached:
        return adjoint, None
    return adjoint, _Gates(ops.maximum, reached, True in [gate.is_strict for gate in reached])


def recorded_tangents(outputs: list[Any], inputs: list[Any], vector: list[Any]) -> list[Any]:
    """Return the derivative of each output along ``vector``, as Values.

    Raises:
        ChangedLeafError: If the data of a leaf changed after it was used.
    """
    together = sum(outputs)
    if not isinstance(together, Value):
        return [Value(0.0) for _ in outputs]
    order = topological_order(together)
    active = _active(order, inputs)
    given: dict = {}
    for node, number in zip(inputs, vector, strict=True):
        given.setdefault(id(node), []).append(number)
    found: dict = {}
    for node in order:
        terms: list = [(number, None) for number in given.get(id(node), ())]
        for operand, partial, gate in _active_partials(node, active):
            if id(operand) in found:
                tangent, reached = found[id(operand)]
                terms.append(_contribution(node, tangent, reached, partial, gate))
        if terms:
            found[id(node)] = _combine(terms)
    return [_as_value(_drop_negative_zero(found[id(item)][0]) if id(item) in found else 0.0) for item in outputs]


def _active(order: list, inputs: list) -> set:
    """Return the ids of the inputs and of all nodes that depend on one, except through closed gates."""
    active = {id(node) for node in inputs}
    node: Value
    for node in order:
        if node._kind != LEAF and node._kind != CUT and id(node) not in active:
            for i, operand in enumerate(operands_of(node)):
                if id(operand) in active and not blocks_operand(node, i):
                    active.add(id(node))
                    break
    return active


def _active_partials(node: Value, active: set) -> list[tuple[Any, Any, Any]]:
    """Return a triple for each active operand: the operand, the partial derivative with respect to it, and its gate.

    The partial is a float if it is constant, and otherwise a Value. The gate is None or a number, which is 0 if no gradient
    passes: while ``compile`` records, a gate may be open in one row and closed in another.
    """
    if node._kind == LEAF or node._kind == CUT or id(node) not in active:
        return []
    if is_tracing() and (node._code == ops.gate.code or node._code == ops.take.code):
        *items, opens = operands_of(node)
        if node._code == ops.gate.code:
            return [(items[0], 1.0, opens)] if id(items[0]) in active else []
        return [(items[i], 1.0, ops.equal(opens, float(i))) for i in range(len(items)) if id(items[i]) in active]
    operands = operands_of(node)
    wanted = [i for i, operand in enumerate(operands) if id(operand) in active and not blocks_operand(node, i)]
    if not wanted:
        return []
    for operand in operands:
        if isinstance(operand, Value) and cython.cast(Value, operand)._kind == LEAF:
            _check_unchanged(node, operands)
            break
    # Divisions of two constants must follow IEEE-754 as well.
    numbers = [operand if isinstance(operand, Value) else Ieee(operand) for operand in operands]
    partials = [partial_of(node, node, i, numbers) for i in wanted]
    if not (is_tracing() and ops.ROWS[node._code].blocks):
        return [(operands[i], partial, None) for i, partial in zip(wanted, partials, strict=True)]
    return [
        (operands[i], partial, partial if isinstance(partial, Value) else None)
        for i, partial in zip(wanted, partials, strict=True)
        if isinstance(partial, Value) or partial != 0.0
    ]


def partial_of(node: Value, out: object, i: cython.Py_ssize_t, operands: Sequence[Any]) -> Any:
    """Apply the rule of the table for operand ``i`` to the given value and operands, which are Values or numbers."""
    row = ops.ROWS[node._code]
    if not row.variadic:
        return row.partial(i, out, *operands)
    if row is ops.sum or i == len(operands) - 1:  # the bias of a dot is treated as a term of a sum
        return ops.sum.partial(0, None, operands[i])
    size: cython.Py_ssize_t = len(operands) // 2  # the partials of a variadic row do not use the value
    return row.partial(i // size, None, operands[i % size], operands[i % size + size])


def _as_value(number: object) -> Value:
    return number if isinstance(number, Value) else Value(number)


def _total(terms: list) -> Any:
    return terms[0] if len(terms) == 1 else sum(terms)


def _drop_negative_zero(derivative: Any) -> Any:
    """Return 0.0 for -0.0. A sweep on floats starts at 0.0 and never returns -0.0, so a recorded sweep must not either."""
    number: cython.double = data_of(derivative) if isinstance(derivative, Value) else derivative
    return derivative + 0.0 if is_tracing() or (number == 0.0 and copysign(1.0, number) < 0) else derivative


def _product(adjoint: Any, partial: Any) -> Any:
    """Return the product. Create no node if a factor is 1."""
    if isinstance(partial, float) and partial == 1.0:
        return adjoint
    if isinstance(adjoint, float) and adjoint == 1.0:
        return partial
    return adjoint * partial


def _check_unchanged(node: Value, operands: tuple) -> None:
    """Raise ChangedLeafError if the value or a partial would be different with the current data of the operands."""
    row = ops.ROWS[node._code]
    data = [Ieee(data_of(operand) if isinstance(operand, Value) else operand) for operand in operands]
    if not row.variadic:
        value = row(*data)
    elif row is ops.sum:
        value = sum(data)
    else:
        value = dot(data[: len(data) // 2], data[len(data) // 2 : -1], data[-1])
    now = [partial_of(node, Ieee(data_of(node)), i, data) for i in range(len(data))]
    saved = partials_of(node)
    if same_number(value, data_of(node)) and all(same_number(a, b) for a, b in zip(saved, now, strict=True) if a is not None):
        return
    names = [repr(operand) for operand in operands if isinstance(operand, Value) and not operand.op]
    raise ChangedLeafError(
        f"{node!r} was computed before the data of {' or '.join(names[:3])} was changed, so its derivative can no longer be "
        "differentiated; compute the result again with the new numbers (backward() still works, because it uses saved numbers)"
    )
