"""Calls of a compiled function that run the function itself, without a replay: node by node, one row after the other.

This happens if the arguments contain Values, and for watchers such as ``detect_anomaly``, which must see the line of each node.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from autograd.compiler.results import of_rows
from autograd.compiler.tracer import flatten_results
from autograd.nodes.sums import sum as _sum
from autograd.transforms.derivatives import gradients
from autograd.value import Value

if TYPE_CHECKING:
    from typing import Any

    from autograd.compiler.static import Call


def call_function(call: Call) -> Any:
    """Return the results of a call whose arguments contain Values."""
    given = call.given
    if given.rows < 0:
        return call.function(*given.given)
    if given.rows == 0:
        raise ValueError("the arguments contain Values and arrays without rows, so there is no row to call the function on")
    found = [flatten_results(call.function(*row), call.function) for row in given.as_values()]
    table = np.empty((len(found[0][0]), given.rows), dtype=object)
    for i, (numbers, _) in enumerate(found):
        table[:, i] = numbers
    return found[0][1].rebuild(lambda leaf: of_rows(leaf, table))


def watch(call: Call) -> None:
    """Call the function on each row."""
    for row in call.given.as_values():
        call.function(*row)


def backward(call: Call, count: int) -> float:
    """Add the gradient of the sum over all rows, divided by ``count``, to the parameters. Return the divided sum."""
    result = _sum([call.function(*row) for row in call.given.as_values()]) * (1.0 / count)
    if isinstance(result, Value):
        result.backward()
    return float(result.data if isinstance(result, Value) else result)


def differentiate(call: Call, positions: tuple[int, ...]) -> None:
    """Compute the gradient of each row with respect to the arguments at these positions."""
    for row in call.given.as_values():
        result = call.function(*row)
        if isinstance(result, Value):
            gradients(result, [row[position] for position in positions])
