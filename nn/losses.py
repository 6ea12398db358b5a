"""Loss functions: one number for how wrong the outputs for a batch of rows are, the mean over its rows.

Each takes ``outputs``, for every row the list of Values that the model gave (of a single output, the Value alone will
do), and ``targets``, for every row what it should have given. A target that is a Value, as in a function that is being
compiled, cannot be checked.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from typing import Any

from autograd import Value, dot, logsumexp, mean, relu, take
from nn.choices import NO_LISTS

Loss = Callable[[Sequence[Any], Sequence[Any]], Value]


def mse_loss(outputs: Sequence[Any], targets: Sequence[Any]) -> Value:
    """The mean squared error: the mean of ``(output - target)**2`` over all rows and all outputs.

    Args:
        outputs: N rows of K Values.
        targets: N numbers if K is 1, else N rows of K numbers.

    Raises:
        ValueError: if there are not as many targets as outputs, or none.

    >>> mse_loss([[Value(1.0)], [Value(2.0)]], [1.0, 4.0])
    Value(2.0, grad=0.0, op='/')
    """
    rows, goals = _batch("mse_loss", outputs, targets)
    errors: list[Value] = []
    for i, (row, goal) in enumerate(zip(rows, goals, strict=True)):
        wanted = goal if isinstance(goal, list | tuple) else [goal]
        if len(row) != len(wanted):
            raise ValueError(f"mse_loss needs a target an output, but row {i} has {len(row)} outputs and {len(wanted)} targets")
        errors += [output - target for output, target in zip(row, wanted, strict=True)]
    return dot(errors, errors) / len(errors)


def hinge_loss(outputs: Sequence[Any], targets: Sequence[Any]) -> Value:
    """The mean of ``relu(1 - target * output)``: 0 once every output is beyond 1 on the side of its target.

    Args:
        outputs: N rows of one Value.
        targets: N numbers, each +1 or -1.

    Raises:
        ValueError: if there are not as many targets as rows, or none; more than one output; any other target.

    >>> hinge_loss([[Value(0.25)], [Value(-3.0)]], [1, -1])
    Value(0.375, grad=0.0, op='/')
    """
    rows, signs = _batch("hinge_loss", outputs, targets)
    for i, (row, sign) in enumerate(zip(rows, signs, strict=True)):
        if len(row) != 1:
            raise ValueError(f"hinge_loss needs one output a row, but row {i} has {len(row)}; cross_entropy takes several")
        check_sign(sign, i, "hinge_loss")
    loss: Value = mean([relu(1.0 - sign * row[0]) for row, sign in zip(rows, signs, strict=True)])
    return loss


def cross_entropy(outputs: Sequence[Any], targets: Sequence[Any]) -> Value:
    """The mean of ``-log(softmax(outputs)[target])``, without overflow for outputs however large.

    Args:
        outputs: N rows of K >= 2 Values, the logits: any numbers, not probabilities.
        targets: N class numbers, each from 0 to K - 1.

    Raises:
        ValueError: if there are not as many targets as rows, or none; fewer than two outputs; a class out of range.
        TypeError: if a class is not a whole number.

    >>> cross_entropy([[Value(0.0), Value(0.0)], [Value(1000.0), Value(-1000.0)]], [0, 0]).data  # log(2) / 2
    0.34657359027997264
    """
    rows, classes = _batch("cross_entropy", outputs, targets)
    for i, (row, target) in enumerate(zip(rows, classes, strict=True)):
        if len(row) < 2:
            raise ValueError(f"cross_entropy needs an output for each class, but row {i} has {len(row)}; hinge_loss takes one")
        check_class(target, len(row), i, "cross_entropy")
    loss: Value = mean([logsumexp(row) - take(row, target) for row, target in zip(rows, classes, strict=True)])
    return loss


LOSSES: dict[str, Loss] = {"mse": mse_loss, "hinge": hinge_loss, "cross_entropy": cross_entropy}


def check_sign(sign: Any, row: int, who: str) -> None:
    """Raise a ValueError unless ``sign`` is +1 or -1; or a Value, which may be another number when it is replayed."""
    if isinstance(sign, Value):
        return
    if isinstance(sign, list | tuple) or sign not in (1, -1):
        raise ValueError(f"{who} needs targets +1 and -1, but that of row {row} is {sign!r}; from 0 and 1 make 2 * y - 1")


def check_class(target: Any, n_classes: int, row: int, who: str) -> None:
    """Raise a TypeError unless ``target`` is an int, a ValueError unless it is from 0 to ``n_classes`` - 1, or a Value."""
    if isinstance(target, Value):
        return
    try:
        index = operator.index(target)
    except TypeError:
        raise TypeError(
            f"{who} needs class numbers, but the target of row {row} is {target!r} ({type(target).__name__}); "
            f"number the classes 0 to {n_classes - 1} and make each an int"
        ) from None
    if not 0 <= index < n_classes:
        raise ValueError(
            f"the target of row {row} is class {index}, but the model has {n_classes} outputs, for classes 0 to {n_classes - 1}"
        )


def _batch(who: str, outputs: Any, targets: Any) -> tuple[list[Any], list[Any]]:
    """Both as lists of equal length, with a list of outputs for every row."""
    for what, given in (("outputs", outputs), ("targets", targets)):
        if isinstance(given, NO_LISTS) or not hasattr(given, "__len__"):
            kind = type(given).__name__
            raise TypeError(f"{who} takes the {what} of a batch as a list, one item a row, not {kind} ({given!r:.60})")
    outputs, targets = (list(given.tolist() if hasattr(given, "tolist") else given) for given in (outputs, targets))
    if len(outputs) != len(targets):
        raise ValueError(f"{who} needs one target a row, but got {len(outputs)} rows of outputs and {len(targets)} targets")
    if not outputs:
        raise ValueError(f"{who} needs at least one row; the batch is empty")
    return [row if isinstance(row, list | tuple) else [row] for row in outputs], targets
