"""How a model ends: the function that computed its outputs, where it turns numbers into probabilities."""

import math
from collections.abc import Sequence
from typing import Any

from autograd import Value

PROBABILITIES = ("sigmoid", "hardsigmoid")  # functions of one number whose results are probabilities
# The limit above which the result of a function means class 1: where the probability is 0.5.
LIMITS = {"sigmoid": 0.5, "hardsigmoid": 0.5, "log_sigmoid": math.log(0.5)}


def ending(row: Sequence[Any]) -> str:
    """Return the name of the function that computed a row of outputs, or ``""``.

    Args:
        row: Outputs of a model for one row: Values or numbers.

    Returns:
        ``"softmax"``, ``"log_softmax"``, ``"sigmoid"``, ``"hardsigmoid"``, ``"log_sigmoid"`` or ``""``. softmax is recognized
        by its operations, so one that is written out by hand is found too.

    >>> from autograd import sigmoid, softmax
    >>> ending(softmax([Value(1.0), Value(2.0)])), ending([sigmoid(Value(1.0))]), ending([Value(0.5)])
    ('softmax', 'sigmoid', '')
    """
    if not row or not all(isinstance(output, Value) and output.op for output in row):
        return ""
    ops = {output.op for output in row}
    if len(ops) > 1:
        return ""
    (op,) = ops
    if op in LIMITS:
        return str(op)
    if op == "/" and _share(row) and all(_op(output.operands[0]) == "exp" for output in row):
        return "softmax"
    if op == "-" and _share(row) and _op(row[0].operands[1]) in ("log1p", "log"):
        return "log_softmax"
    if op == "log" and ending([output.operands[0] for output in row]) == "softmax":
        return "log_softmax"
    return ""


def _share(row: Sequence[Any]) -> bool:
    """Return whether all outputs have the same second operand, such as the sum of the exponentials."""
    return len({id(output.operands[-1]) for output in row}) == 1


def _op(operand: Any) -> str:
    return operand.op if isinstance(operand, Value) else ""
