"""The check that a function is pure: it is recorded twice, and the two recordings must be equal.

Equal recordings have the same operations in the same order, constants that are equal bit for bit, results of the same
structure, and the same Values as parameters. Therefore functions that count their calls, read the time or draw random numbers
are rejected if their two recordings differ. Side effects such as ``self.hidden = ...`` are not compared, and a replay does not
repeat them.
"""

from __future__ import annotations

import contextlib
import struct
from typing import TYPE_CHECKING

from autograd.base.typesetting import printable
from autograd.compiler.tracer import Trace, Tracer
from autograd.errors import RecordingError
from autograd.inspection.watching import users_line
from autograd.nodes.parts import row_and_operands
from autograd.value import Value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from autograd.compiler.arguments import Arguments


def are_equal(one: Trace, two: Trace) -> bool:
    """Return whether two traces are equal in every column. Others are equal if ``first_difference`` finds no difference."""
    return one.structure.outline() == two.structure.outline() and one.snapshot.equals(two.snapshot)


def first_difference(one: Trace, two: Trace) -> tuple[Any, Any] | None:
    """Return the first pair of nodes (operands first) or results that differ, or None if the traces are equal."""
    if are_equal(one, two):
        return None
    if one.structure.outline() != two.structure.outline():
        return one.structure.outline(), two.structure.outline()
    orders = one.order, two.order
    shared = set(map(id, orders[0])).intersection(map(id, orders[1]))
    length = max(map(len, orders))
    entries = [_entries(trace, order, shared, length) for trace, order in zip((one, two), orders, strict=True)]
    pairs = zip(*entries, strict=True)
    return next(((a, b) for (a, key), (b, other) in pairs if key != other), None)


def _entries(trace: Trace, order: list[Value], shared: set[int], length: int) -> Iterator[tuple[Any, Any]]:
    """Yield each node, operands first, and each result, together with its key. Equal traces have equal keys.

    The key of a constant is its bits, the key of a Value that existed before the call is its id. The key of an operation
    consists of its row and the positions of its operands.

    Args:
        trace: The trace.
        order: Its nodes.
        shared: The ids of the Values that are in both traces. They are not constants.
        length: Number of nodes in the longer trace. None follows the nodes of the shorter one.
    """
    keys: dict[int, Any] = {id(x): ("input", i) for i, x in enumerate(trace.inputs)}
    nodes, created = trace.nodes, trace.created
    for position, node in enumerate(order):
        if id(node) in nodes:
            row, cut, operands = row_and_operands(node)
            yield node, (row, cut, *[_key(x, keys) for x in operands])
            keys[id(node)] = position
        else:
            is_constant = id(node) in created and id(node) not in shared
            yield node, keys.setdefault(id(node), _key(node.data, keys) if is_constant else ("Value", id(node)))
    yield from [(None, None)] * (length - len(order))
    yield from [(x, _key(x, keys)) for x in trace.results]


def _key(x: Any, keys: dict[int, Any]) -> Any:
    return keys[id(x)] if isinstance(x, Value) else struct.pack("d", x)  # the bits of the number


# ---- the error ---------------------------------------------------------------------------------------------------


class _LineTracer(Tracer):
    """A slower tracer that also stores the line of the user's code for each node."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: dict[int, str] = {}

    def recorded(self, node: Value) -> None:
        """Store a node and its line."""
        super().recorded(node)
        self.lines[id(node)] = f"{users_line()}: "


def check_pure(function: Callable[..., Any], arguments: Arguments, first: Trace, second: Trace) -> None:
    """Raise a RecordingError if two traces of the same call differ. To find the line, call the function once more."""
    if first_difference(first, second) is None:
        return
    traces = [first, second]
    tracer = _LineTracer()
    with contextlib.suppress(Exception):
        traces.append(Trace(function, arguments, tracer))
    *others, last = traces
    other, (a, b) = next((other, pair) for other in others if (pair := first_difference(other, last)))
    users = [x for x in last.order if id(x) in tracer.lines and any(y is b for y in (x, *row_and_operands(x)[2]))]
    where = tracer.lines[id(users[0])] if users else ""
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
