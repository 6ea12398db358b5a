"""Symbolic evaluation of a graph: its result and its derivatives as expressions.

The value and the partial derivatives of an operation are obtained by calling its row of the table with expressions. Therefore
a derivative is valid on both sides of a kink, unlike a recorded derivative: the derivative of relu is
``1.0 if x > 0.0 else ...``. Custom operations are an exception. Their partial derivatives are written for Values, so they are
recorded at the current operands, with the branches taken there.
"""

from __future__ import annotations

import functools
import math
import operator

from autograd import ops
from autograd.base.modes import refuse_if_tracing
from autograd.base.real import refusal
from autograd.export.expressions import ROW, VARIABLE, Expr, constant, partial
from autograd.inspection.contents import check_size
from autograd.nodes.parts import row_and_operands
from autograd.shared import refuse_non_value
from autograd.topology import reached_nodes, topological_order
from autograd.transforms.calls import recording_enabled
from autograd.transforms.sweeps import partial_of
from autograd.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, TypeAlias

    from autograd.export.expressions import Term

    # The condition that a gradient passes, which may be known, and the term, which is 0 otherwise.
    Contribution: TypeAlias = tuple[Expr | bool, Term]


def check_result(function: str, y: Any, max_nodes: int, remedy: str) -> None:
    """Check the first argument of an export function.

    Raises:
        TypeError: If ``y`` is not a Value.
        autograd.GraphTooLargeError: If its graph has more than ``max_nodes`` nodes.
        autograd.RecordingError: If ``compile`` is recording.
    """
    if not isinstance(y, Value):
        rule = f"the first argument of {function}() must be a Value"
        refuse_non_value(y, rule)
        raise TypeError(refusal(y, rule))
    check_size(y, max_nodes, f"{function}()", remedy)
    refuse_if_tracing("it is exported")


def to_expressions(y: Value, given: Mapping[int, Term]) -> dict[int, Term]:
    """Return the expression of each node below ``y``, by ``id``.

    Args:
        y: The result.
        given: The expressions of some nodes, by ``id``. All other leaves are constants.
    """
    expressions: dict[int, Term] = dict(given)
    for node in topological_order(y):
        if id(node) not in expressions:
            operands = _operands(node, expressions)
            expressions[id(node)] = _labelled(_value(node, operands) if operands else constant(node.data), node.label)
    return expressions


def derivatives(y: Value, inputs: list[Value], expressions: dict[int, Term], prefix: str) -> list[Term]:
    """Return the derivative of ``y`` with respect to each input, by a backward pass on expressions.

    Args:
        y: The result.
        inputs: Values that do not depend on each other.
        expressions: The expression of each node.
        prefix: The derivative with respect to a computed node is labelled with this prefix and the label of the node.
    """
    nodes = reached_nodes(y)
    wanted = {id(node) for node in inputs}
    active = _active(nodes, wanted)
    contributions: dict[int, list[Contribution]] = {id(y): [(True, constant(1.0))]}
    adjoints: dict[int, Term] = {}
    for node in reversed(nodes):
        if id(node) not in active or id(node) not in contributions:
            continue
        received = contributions.pop(id(node))
        adjoint = _sum([term for _, term in received])
        if id(node) in wanted:
            adjoints[id(node)] = adjoint
            continue
        is_open = functools.reduce(operator.or_, [condition for condition, _ in received])
        adjoint = _labelled(adjoint, f"{prefix}{node.label}" if node.label else None)
        operands = _operands(node, expressions)
        for position, operand in _edges(node):
            if id(operand) in active:
                contribution = _contribution(node, position, (is_open, adjoint), expressions[id(node)], operands)
                if contribution[0] is not False:
                    contributions.setdefault(id(operand), []).append(contribution)
    return [adjoints.get(id(node), constant(0.0)) for node in inputs]


def _active(nodes: list[Value], wanted: set[int]) -> set[int]:
    """Return the ids of the nodes that are an input or depend on one, not counting dependencies through closed gates."""
    active = set(wanted)
    for node in nodes:
        if any(id(operand) in active for _, operand in _edges(node)):
            active.add(id(node))
    return active


def _edges(node: Value) -> list[tuple[int, Value]]:
    """Return the operands, except constants and those that never receive a gradient, such as the condition of a gate.

    An operand that is not selected here is included, because it may be selected later.
    """
    if row_and_operands(node)[1]:
        return []
    row = _row(node)
    if row is ops.take:
        return list(enumerate(node.operands[:-1]))  # without the index
    never = [partial == 0.0 for partial in row.partials] if row.blocks else []
    edges = [(i, operand) for i, operand in enumerate(row_and_operands(node)[2]) if isinstance(operand, Value)]
    return [(i, operand) for i, operand in edges if not (never and never[i])]


def _contribution(
    node: Value, position: int, received: Contribution, out: Term, operands: tuple[Term, ...]
) -> Contribution:  # fmt: skip
    """Return the contribution of ``node`` to the derivative with respect to one of its operands.

    Args:
        node: The node.
        position: The position of the operand.
        received: The derivative with respect to the node, and the condition that a gradient reaches the node.
        out, operands: The expressions of the node and of all its operands.
    """
    row, (is_open, adjoint) = _row(node), received
    partial: Term = constant(1.0)
    passes: Expr | bool = operands[-1] == float(position)
    if row is not ops.take:
        partial = _partial(node, position, out, operands)
        passes = partial != 0.0 if row.blocks else True
    product = _product(adjoint, partial)
    # The product of a blocked adjoint, which is 0, and an infinite partial would be nan. So would the product of an infinite
    # adjoint and the partial 0 of a row that blocks.
    guard = passes if row in ops.TAME or row is ops.take else is_open & passes
    if isinstance(guard, Expr) and (isinstance(adjoint, Expr) or passes is True):
        product = ops.pick(guard, product, 0.0)
    return is_open & passes, product


def _row(node: Value) -> ops.Operation:
    return ops.ROWS[row_and_operands(node)[0]]


def _operands(node: Value, expressions: dict[int, Term]) -> tuple[Term, ...]:
    return tuple([expressions[id(x)] if isinstance(x, Value) else constant(x) for x in row_and_operands(node)[2]])


def _value(node: Value, operands: tuple[Term, ...]) -> Term:
    row = _row(node)
    if row is ops.sum:
        return _sum([constant(0.0), *operands])  # starts from 0.0, which makes the sum of a single -0.0 equal 0.0
    if row is ops.dot:
        half = len(operands) // 2
        return _sum([operands[-1], *map(row.forward, operands[:half], operands[half:-1])])
    if row is ops.take:
        return _item(operands[:-1], operands[-1])
    if row.function is not None and any(isinstance(operand, Expr) for operand in operands):
        return Expr(ROW, operands, row)
    result = row(*operands)
    return result if isinstance(result, Expr) else constant(result)  # such as the -0.0 of a closed gate


def _item(items: tuple[Term, ...], index: Term) -> Term:
    """Return the item at an index as nested conditions; nan if the index is not valid."""
    found: Term = constant(math.nan)
    for position, item in reversed(list(enumerate(items))):
        found = ops.pick(index == float(position), item, found)
    return found


def _partial(node: Value, position: int, out: Term, operands: tuple[Term, ...]) -> Term:
    row = _row(node)
    if row.variadic:
        return partial_of(node, out, position, operands)  # type: ignore[no-any-return]
    if row.function is not None:
        return _custom_partial(node, position, out, operands)
    return partial(row, position, out, operands)  # type: ignore[no-any-return]


def _custom_partial(node: Value, position: int, out: Term, operands: tuple[Term, ...]) -> Term:
    """Record the partial derivative of a custom operation on Values, and replace the Values with the expressions."""
    values = [Value(number) for number in (node.data, *(x.data for x in node.operands))]
    with recording_enabled():
        result = _row(node).partial(position, *values)
    if not isinstance(result, Value):
        return constant(result)
    given = {id(value): term for value, term in zip(values, (out, *operands), strict=True)}
    return to_expressions(result, given)[id(result)]


def _labelled(term: Term, label: str | None) -> Term:
    """Label an expression, unless it is a variable or has a label."""
    if isinstance(term, Expr) and term.kind != VARIABLE and term.label is None and label:
        term.label = label
    return term


def _sum(terms: list[Term]) -> Term:
    """Return the sum, added from left to right."""
    return functools.reduce(operator.add, terms)


def _product(adjoint: Term, factor: Term) -> Term:
    """Return the product. A multiplication by 1 or -1 is omitted, which does not change the result."""
    for one, other in ((adjoint, factor), (factor, adjoint)):
        if not isinstance(one, Expr) and one in (1.0, -1.0):
            return other if one == 1.0 else -other
    return adjoint * factor  # type: ignore[operator]  # at least one of them defines the operator
