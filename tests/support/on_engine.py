"""Evaluate random expressions with the engine, and estimate the accuracy of their gradients."""

from __future__ import annotations

import math
from collections.abc import Callable

from hypothesis import assume

from autograd import Value, topological_order
from autograd.strategies.drawing import Expression


def run(expression: Expression) -> tuple[list[Value], Value]:
    """Return the inputs as Values, and the result."""
    values = [Value(x) for x in expression.inputs]
    return values, expression(*values)


def gradient(expression: Expression, inputs: list[float] | None = None) -> tuple[Value, list[float]]:
    """Return the result and its gradient from ``backward``."""
    values = [Value(x) for x in (expression.inputs if inputs is None else inputs)]
    result = expression(*values)
    result.backward()
    return result, [value.grad for value in values]


def near_a_kink(result: Value) -> bool:
    """Return whether an operand is so close to a kink that rounding decides its side.

    Derivatives exactly at a kink are defined by convention and tested elsewhere.
    """
    for node in topological_order(result):
        operands = [operand.data for operand in node.operands]
        if node.op in ("relu", "abs") and abs(operands[0]) < 1e-6:
            return True
        if node.op in ("maximum", "minimum") and abs(operands[0] - operands[1]) < 1e-6 * (1 + abs(operands[0])):
            return True
        if node.op == "hypot" and math.hypot(*operands) < 1e-6:
            return True
    return False


def assume_smooth(result: Value) -> None:
    """Discard examples computed at a kink, or too close to one."""
    assume(not near_a_kink(result))


def tolerances(
    expression: Expression, gradients: list[float], compute: Callable[[list[float]], list[float]] | None = None
) -> list[float]:
    """Return a tolerance for each gradient, based on its sensitivity to rounding of the inputs.

    All inputs are moved by a few units in the last place, and the largest change of each gradient is multiplied by 100.
    ``compute`` replaces the gradient by another function of the inputs.
    """
    compute = compute or (lambda inputs: gradient(expression, inputs)[1])
    largest = max(1.0, *(abs(g) for g in gradients))
    spread = [0.0] * len(gradients)
    for unit in (-8, -3, 5, 8):
        moved = [x + unit * math.ulp(x or 1e-3) for x in expression.inputs]
        for i, g in enumerate(compute(moved)):
            spread[i] = max(spread[i], abs(g - gradients[i]))
    return [100 * s + 1e-11 * largest for s in spread]
