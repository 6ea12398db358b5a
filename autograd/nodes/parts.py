"""The operands of a node and the partial derivatives with respect to them, for every kind of node.

Compiled by Cython; ``value.py`` explains how, and the names of the fields of a node.
"""

# Type checkers read the uncompiled branches.
# mypy: always-false=compiled
from __future__ import annotations

try:
    import cython
except ImportError:
    from autograd.base import _cython as cython

from autograd import ops
from autograd.base import modes
from autograd.value import add_method

if cython.compiled:
    from cython.cimports.autograd.base._capi import BLOCKS, BLOCKS_A, BLOCKS_B, CUT, LEAF, NODE, ROW, TERMS
    from cython.cimports.autograd.base._kernels import DOT, blocks, partial2x, partial2y
    from cython.cimports.autograd.base.operand_lists import Rows, Terms
    from cython.cimports.autograd.value import CONSTANT, Value, new_node
else:
    from autograd.base._cython import BLOCKS, BLOCKS_A, BLOCKS_B, CUT, LEAF, NODE, ROW, TERMS
    from autograd.base.operand_lists import Rows, Terms
    from autograd.ops import blocks, partial2x, partial2y
    from autograd.value import CONSTANT, Value, new_node

    DOT = ops.dot.code

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def operands_of(node: Value) -> tuple[Any, ...]:
    """Return the operands in order. Constants are floats."""
    if node._kind == LEAF:
        return ()
    first = node._partial_a if node._a is None else node._a
    if node._kind == TERMS:
        terms: Terms = node._b
        return terms.items if node._a is None else (*terms.items, node._a)  # the index of a take
    if node._kind == ROW:
        rows: Rows = node._b
        return (*rows.weights[int(node._partial_b)], *rows.inputs, first)
    if len(ops.ROWS[node._code].partials) == 1:
        return (first,)
    return first, node._partial_b if node._b is None else node._b


def row_and_operands(node: Value) -> tuple[int, bool, tuple[Any, ...]]:
    """Return the code of a computed node, whether it is a closed gate, and its operands. Constants are floats."""
    return node._code, node._kind == CUT, operands_of(node)


def unblock(node: Value) -> None:
    """Let gradients pass an operand that is not selected now, because it may be selected in a replay."""
    if node._kind != LEAF and blocks(node._code):
        node._kind = NODE


def blocks_operand(node: Value, i: cython.Py_ssize_t) -> bool:
    """Return whether no gradient passes from the node to its operand ``i``, because the operand is not selected."""
    kind = node._kind
    return kind in (CUT, BLOCKS) or (kind == BLOCKS_A and i == 0) or (kind == BLOCKS_B and i == 1)


def make_leaf(node: Value) -> None:
    """Turn a computed node into a leaf with the same number: what ``no_grad`` returns."""
    node._kind, node._code = LEAF, -1
    node._a = node._b = None
    node._partial_a = node._partial_b = 0.0


def partials_of(node: Value) -> tuple[float | None, ...]:
    """Return the partial derivative with respect to each operand, None for constants."""
    if node._kind == LEAF:
        return ()
    partial_a = None if node._a is None else node._partial_a
    if node._kind == TERMS:
        terms: Terms = node._b
        partials = tuple([terms.partials[i] if isinstance(item, Value) else None for i, item in enumerate(terms.items)])
        return partials if node._a is None else (*partials, partial_a)
    if node._kind == ROW:
        rows: Rows = node._b
        return (*_partials_of_row(rows, int(node._partial_b)), partial_a)
    if len(ops.ROWS[node._code].partials) == 1:
        return (partial_a,)
    return partial_a, None if node._b is None else node._partial_b


def _partials_of_row(rows: Rows, row: cython.Py_ssize_t) -> list[float | None]:
    weights, size = rows.weights[row], len(rows.inputs)
    partials: list[float | None] = [None] * (2 * size)
    for i in range(size):
        x: cython.double = rows.numbers[i]
        w: cython.double = rows.numbers[(1 + row) * size + i]
        if isinstance(weights[i], Value):
            partials[i] = partial2x(DOT, w * x, w, x)
        if isinstance(rows.inputs[i], Value):
            partials[size + i] = partial2y(DOT, w * x, w, x)
    return partials


def _constant(number: float) -> Value:
    node: Value = new_node(number)
    node._code = CONSTANT
    return node


def operands(self: Value) -> tuple[Value, ...]:
    """The Values that this node was computed from, in order. A constant is a Value whose ``op`` is ``"const"``."""
    return tuple([item if isinstance(item, Value) else _constant(item) for item in operands_of(self)])


def partials(self: Value) -> tuple[float | None, ...]:
    """The partial derivative with respect to each operand, as saved when the node was recorded; None for constants."""
    modes.refuse_if_tracing("its partials are read")
    return partials_of(self)


add_method("operands", property(operands))
add_method("partials", property(partials))
