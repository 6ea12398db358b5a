"""The check that a function is pure: it is recorded twice, and the two recordings must be equal.

Equal recordings have the same operations in the same order, constants that are equal bit for bit, results of the same
structure, and the same Values as parameters. Therefore functions that count their calls, read the time or draw random numbers
are rejected if their two recordings differ. Side effects such as ``self.hidden = ...`` are not compared, and a replay does not
repeat them.
"""

from __future__ import annotations

import contextlib
import struct
from itertools import zip_longest
from typing import TYPE_CHECKING

from autograd.base.typesetting import printable
from autograd.compiler.tracer import Trace, Tracer
from autograd.errors import RecordingError
from autograd.inspection.watching import users_line
from autograd.nodes.parts import row_and_operands
from autograd.value import Value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any, NoReturn

    from autograd.compiler.arguments import Arguments


def check_pure(function: Callable[..., Any], arguments: Arguments, first: Trace, second: Trace) -> None:
    """Raise a RecordingError if two traces of the same call differ."""
    if first_difference(first, second):
        _refuse(function, arguments, [first, second])


def first_difference(one: Trace, two: Trace) -> tuple[Any, Any] | None:
    """Return the first pair of nodes (operands first) or results that differ, or None if the traces are equal."""
    outlines = one.structure.outline(), two.structure.outline()
    if outlines[0] != outlines[1]:
        return outlines
    partners = {id(a): id(b) for a, b in zip(one.inputs, two.inputs, strict=True)}
    for a, b in zip_longest(one.order, two.order):
        recorded = id(a) in one.nodes
        if a is None or b is None or recorded != (id(b) in two.nodes):
            return a, b
        if recorded:
            (row, cut, operands), (other_row, other_cut, others) = row_and_operands(a), row_and_operands(b)
            if row != other_row or cut != other_cut or _keys(operands, partners) != _keys(others, {}):
                return a, b
        elif id(a) in one.created and id(b) in two.created:  # a constant
            if _bits(a.data) != _bits(b.data):
                return a, b
        elif partners.get(id(a), id(a)) != id(b):
            return a, b
        partners[id(a)] = id(b)
    pairs = zip(one.results, two.results, strict=True)
    return next((pair for pair in pairs if _keys(pair[:1], partners) != _keys(pair[1:], {})), None)


def _keys(things: Iterable[Any], partners: dict[int, int]) -> list[Any]:
    """Return a key for each operand: the bits of a number; for a Value, the id of its partner or its own id."""
    return [partners.get(id(x), id(x)) if isinstance(x, Value) else _bits(x) for x in things]


def _bits(number: float) -> bytes:
    return struct.pack("d", number)


# ---- the error message --------------------------------------------------------------------------------------------


class _LineTracer(Tracer):
    """A slower tracer that also stores the line of the user's code for each node."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: dict[int, str] = {}

    def recorded(self, node: Value) -> None:
        """Store a node and its line."""
        super().recorded(node)
        self.lines[id(node)] = f"{users_line()}: "


def _refuse(function: Callable[..., Any], arguments: Arguments, traces: list[Trace]) -> NoReturn:
    """Raise a RecordingError that includes the line. To find the line, call the function once more."""
    tracer = _LineTracer()
    with contextlib.suppress(Exception):
        traces.append(Trace(function, arguments, tracer))
    *others, last = traces
    other, (a, b) = next((other, pair) for other in others if (pair := first_difference(other, last)))
    where = ""
    for node in last.order:
        if id(node) in tracer.lines and (node is b or any(x is b for x in row_and_operands(node)[2])):
            where = tracer.lines[id(node)]
            break
    if isinstance(a, Value) and isinstance(b, Value) and a.op and a.op == b.op:  # then a number differs
        pairs = zip(row_and_operands(a)[2], row_and_operands(b)[2], strict=False)
        a, b = next(((x, y) for x, y in pairs if isinstance(x, float) and repr(x) != repr(y)), (a, b))
    raise RecordingError(
        f"{where}a compiled function must do the same on every call, but this one uses {_describe(a, other)} in one call and "
        f"{_describe(b, last)} in another; compute it outside and pass it as an argument, or do not compile"
    )


def _describe(thing: Any, trace: Trace) -> str:
    if isinstance(thing, Value) and thing.op:
        return f"the operation {thing.op!r}" if id(thing) in trace.nodes else "a Value computed before it"
    if isinstance(thing, Value):
        return f"the Value {printable(thing.label or repr(thing.data))}"
    return "nothing more" if thing is None else thing if isinstance(thing, str) else f"the number {thing!r}"
