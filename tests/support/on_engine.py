"""Random expressions on the engine: how they are evaluated, and how exactly their gradients are determined."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from hypothesis import assume
from naive import UNARY, Expression

import autograd
from autograd import Value

ENGINE: dict[str, Callable[..., Any]] = {
    **{name: getattr(autograd, name) for name in [*UNARY, "maximum", "minimum", "hypot"]},
    "add": lambda x, y: x + y,
    "sub": lambda x, y: x - y,
    "mul": lambda x, y: x * y,
    "div": lambda x, y: x / (1 + y * y),
    "log": lambda x: autograd.log(1 + x * x),
    "sqrt": lambda x: autograd.sqrt(1 + x * x),
    "exp": lambda x: autograd.exp(-x * x),
    "pow": lambda x: (1 + x * x) ** 0.3,
    "sum": lambda *terms: autograd.sum(terms),
    "dot": lambda *terms: autograd.dot(terms[: len(terms) // 2], terms[len(terms) // 2 : -1], terms[-1]),
}


def run(expression: Expression, inputs: list[Value]) -> list[Any]:
    return expression.evaluate(ENGINE, inputs)


def gradient(expression: Expression, inputs: list[float]) -> tuple[list[Any], list[float]]:
    values = [Value(x) for x in inputs]
    results = run(expression, values)
    if isinstance(results[-1], Value):
        results[-1].backward()
    return results, [value.grad for value in values]


def number(thing: Any) -> float:
    return thing.data if isinstance(thing, Value) else float(thing)


def near_a_kink(expression: Expression, results: list[Any]) -> bool:
    """Whether rounding decides which side of a kink an operand is on; exact ties are policy, and are tested elsewhere."""
    for step in expression.steps:
        operands = [number(results[x]) if isinstance(x, int) else x for x in step.operands]
        if step.name in ("relu", "abs") and abs(operands[0]) < 1e-6:
            return True
        if step.name in ("maximum", "minimum") and abs(operands[0] - operands[1]) < 1e-6 * (1 + abs(operands[0])):
            return True
        if step.name == "hypot" and math.hypot(*operands) < 1e-6:
            return True
    return False


def assume_well_behaved(expression: Expression, results: list[Any]) -> None:
    assume(all(abs(number(result)) < 1e8 for result in results))  # beyond, sin and cos tell nothing
    assume(not near_a_kink(expression, results))


def tolerances(
    expression: Expression, gradients: list[float], compute: Callable[[list[float]], list[float]] | None = None
) -> list[float]:
    """For each gradient, what moving all inputs and constants by some last places does to it, and some more.

    Or for what else ``compute`` makes of the inputs.
    """
    compute = compute or (lambda inputs: gradient(expression, inputs)[1])
    largest = max(1.0, *(abs(g) for g in gradients))
    spread = [0.0] * len(gradients)
    for unit in (-8, -3, 5, 8):
        moved = [x + unit * math.ulp(x or 1e-3) for x in expression.inputs]
        for i, g in enumerate(compute(moved)):
            spread[i] = max(spread[i], abs(g - gradients[i]))
    return [100 * s + 1e-11 * largest for s in spread]
