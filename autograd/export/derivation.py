"""From a graph of Values to symbols: its result, and its derivatives by the reverse sweep that ``backward`` does on floats.

What an operation's value and partials are is read off the table, by calling its rows on symbols. So, unlike a recorded
derivative, these hold on both sides of a kink: relu's is ``1.0 if x > 0.0 else ...``. Only the partials of an operation of
the user's own, which are made for Values, are recorded where the operands are now, and take the branches taken there.
"""

from __future__ import annotations

import functools
import operator

from autograd import ops
from autograd.export.expressions import NAME, ROW, Symbol, known, partial
from autograd.inspection.stepping import passed_on, reached
from autograd.nodes.copying import parts
from autograd.nodes.parts import operands_of
from autograd.topology import topological_order
from autograd.transforms.calls import Recording
from autograd.transforms.sweeps import partial_of
from autograd.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from autograd.export.expressions import Term


def to_symbols(y: Value, given: dict[int, Term], leaf: Callable[[Value], Term]) -> dict[int, Term]:
    """The symbol of each node below ``y``, by ``id``; some are ``given``, and ``leaf`` makes those of other leaves."""
    found = dict(given)
    for node in topological_order(y):
        if id(node) not in found:
            operands = _operands(node, found)
            symbol = _value(node, operands) if node.op else leaf(node)
            if isinstance(symbol, Symbol) and symbol.kind != NAME and symbol.label is None:
                symbol.label = node.label
            found[id(node)] = symbol
    return found


def derivatives(y: Value, inputs: list[Value], symbols: dict[int, Term], name: Callable[[Value], str | None]) -> list[Term]:
    """The derivative of ``y`` by each of the inputs, none of which is computed from another.

    Args:
        symbols: those of the nodes.
        name: what to call the derivative by a node, if anything.
    """
    order = reached(y)
    wanted = {id(node) for node in inputs}
    active = set(wanted)
    for node in order:
        if any(id(operand) in active for _, (operand, _) in passed_on(node)):
            active.add(id(node))
    contributions: dict[int, list[Term]] = {id(y): [known(1.0)]}
    found: dict[int, Term] = {}
    for node in reversed(order):
        if id(node) not in active or id(node) not in contributions:
            continue
        adjoint = _total(contributions.pop(id(node)))
        if isinstance(adjoint, Symbol) and adjoint.label is None and adjoint.kind != NAME:
            adjoint.label = name(node)
        if id(node) in wanted:
            found[id(node)] = adjoint
            continue
        operands = _operands(node, symbols)
        for index, (operand, _) in passed_on(node):
            if id(operand) in active:
                term = _times(adjoint, _partial(node, index, symbols[id(node)], operands))
                if row_of(node) is ops.gate and isinstance(
                    operands[0], Symbol
                ):  # through a closed one comes nothing, not nan either
                    term = ops.pick(operands[1] != 0, term, 0.0)
                contributions.setdefault(id(operand), []).append(term)
    return [found.get(id(node), known(0.0)) for node in inputs]


def _operands(node: Value, symbols: dict[int, Term]) -> tuple[Term, ...]:
    return tuple([symbols[id(x)] if isinstance(x, Value) else known(x) for x in operands_of(node)])


def row_of(node: Value) -> ops.Operation:
    """The row of the table, or of the user's own, by which a node was computed."""
    name = parts(node)[0]
    return getattr(ops, name) if isinstance(name, str) else name.operation  # type: ignore[no-any-return]


def _value(node: Value, operands: tuple[Term, ...]) -> Term:
    row = row_of(node)
    if row is ops.sum:
        return _total([known(0.0), *operands])  # from 0.0, so that the sum of one -0.0 is 0.0
    if row is ops.dot:
        half = len(operands) // 2
        return _total([operands[-1], *map(row.forward, operands[:half], operands[half:-1])])
    if row.function is not None and any(isinstance(operand, Symbol) for operand in operands):
        return Symbol(ROW, operands, row)
    found = row(*operands)
    return found if isinstance(found, Symbol) else known(found)  # such as the -0.0 of a closed gate


def _partial(node: Value, index: int, out: Term, operands: tuple[Term, ...]) -> Term:
    row = row_of(node)
    if row.variadic:
        return partial_of(node, out, index, list(operands))  # type: ignore[no-any-return]
    return _own_partial(node, index, out, operands) if row.function is not None else partial(row, index, out, operands)


def _own_partial(node: Value, index: int, out: Term, operands: tuple[Term, ...]) -> Term:
    """Of an operation of the user's own: recorded on Values that stand for the symbols."""
    stand_ins = [Value(number) for number in (node.data, *(x.data for x in node.operands))]
    with Recording():
        found = row_of(node).partial(index, *stand_ins)
    if not isinstance(found, Value):
        return known(found)
    given = {id(stand_in): symbol for stand_in, symbol in zip(stand_ins, (out, *operands), strict=True)}
    return to_symbols(found, given, lambda leaf: known(leaf.data))[id(found)]


def _total(terms: list[Term]) -> Term:
    """From left to right."""
    return functools.reduce(operator.add, terms)


def _times(adjoint: Term, factor: Term) -> Term:
    """Their product, to the bit, without a multiplication by 1."""
    for one, other in ((adjoint, factor), (factor, adjoint)):
        if not isinstance(one, Symbol) and one in (1.0, -1.0):
            return other if one == 1.0 else -other
    return adjoint * factor  # type: ignore[operator]  # whichever is a Symbol knows how
