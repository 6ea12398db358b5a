"""What the losses ask of outputs and targets: as many of the one as of the other, and targets that mean something.

A target that is a Value, as in a function that is being compiled, may be another number at each call: it is not checked.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from numbers import Real
from typing import Any

from autograd import Value
from nn.choices import NO_LISTS, positive_float

NUMBERS = (Value, float, int, Real)  # the last one is slow to ask


def as_batch(who: str, outputs: Any, targets: Any) -> tuple[list[Sequence[Any]], list[Any]]:
    """Both as lists of equal length, with a list of outputs for every row.

    Raises:
        TypeError: if one of them is not a list, with an item a row; if an output is not a Value or a number.
        ValueError: if they are of different lengths, or empty.
    """
    for what, given in (("outputs", outputs), ("targets", targets)):
        if isinstance(given, NO_LISTS) or not hasattr(given, "__len__"):
            kind = type(given).__name__
            raise TypeError(f"{who} takes the {what} of a batch as a list, one item a row, not {kind} ({given!r:.60})")
    outputs, targets = (list(given.tolist() if hasattr(given, "tolist") else given) for given in (outputs, targets))
    if len(outputs) != len(targets):
        raise ValueError(f"{who} needs one target a row, but got {len(outputs)} rows of outputs and {len(targets)} targets")
    if not outputs:
        raise ValueError(f"{who} needs at least one row; the batch is empty")
    rows = [as_items(row) for row in outputs]
    for i, row in enumerate(rows):
        for output in row:
            if not isinstance(output, NUMBERS):
                raise TypeError(
                    f"{who} needs Values or numbers as outputs, but one of row {i} is {output!r:.40} ({type(output).__name__})"
                )
    return rows, targets


def check_width(row: Sequence[Any], n_classes: int, i: int, who: str) -> None:
    """Raise a ValueError unless ``row``, the outputs with the number ``i``, has one for each class."""
    if len(row) != n_classes:
        raise ValueError(f"{who} needs equally many outputs in all rows, but row {i} has {len(row)} and row 0 has {n_classes}")


def as_pairs(
    who: str, outputs: Any, targets: Any, check: Callable[[Any, int, str], None] | None = None
) -> list[tuple[Any, Any]]:
    """Each output with its target, of all rows one after the other.

    Args:
        who: the name of the loss, for messages.
        outputs, targets: as a loss takes them.
        check: what else to ask of each target, such as ``check_probability``.

    Raises:
        TypeError, ValueError: as ``as_batch``; also if a row has not as many targets as outputs, or one is not a number.
    """
    rows, goals = as_batch(who, outputs, targets)
    pairs: list[tuple[Any, Any]] = []
    for i, (row, goal) in enumerate(zip(rows, goals, strict=True)):
        wanted = as_items(goal)
        if len(row) != len(wanted):
            raise ValueError(f"{who} needs a target an output, but row {i} has {len(row)} outputs and {len(wanted)} targets")
        for target in wanted:
            if not isinstance(target, NUMBERS):
                raise TypeError(
                    f"{who} needs numbers as targets, but one of row {i} is {target!r:.40} ({type(target).__name__})"
                )
            if check is not None:
                check(target, i, who)
        pairs += zip(row, wanted, strict=True)
    return pairs


def check_sign(sign: Any, row: int, who: str) -> None:
    """Raise a ValueError unless ``sign`` is +1 or -1."""
    if isinstance(sign, Value):
        return
    if isinstance(sign, list | tuple) or sign not in (1, -1):
        raise ValueError(f"{who} needs targets +1 and -1, but that of row {row} is {sign!r}; from 0 and 1 make 2 * y - 1")


def check_probability(target: Any, row: int, who: str) -> None:
    """Raise a ValueError unless ``target`` is from 0 to 1."""
    if not isinstance(target, Value) and not 0 <= target <= 1:
        raise ValueError(
            f"{who} needs targets from 0 to 1, but one of row {row} is {target!r}; from -1 and +1 make (y + 1) / 2, and for "
            "the numbers of several classes use cross_entropy"
        )


def check_class(target: Any, n_classes: int, row: int, who: str) -> None:
    """Raise a TypeError unless ``target`` is an int, a ValueError unless it is from 0 to ``n_classes`` - 1."""
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


def as_class_weights(weights: Any, n_classes: int) -> list[float]:
    """The weights of the classes as floats.

    Raises:
        TypeError: if they are not a list of numbers.
        ValueError: if there is not one for each class, or one is not above 0.
    """
    if isinstance(weights, NO_LISTS) or not hasattr(weights, "__len__"):
        kind = type(weights).__name__
        raise TypeError(f"class_weights must be a list with a number for each class, not {kind} ({weights!r:.40})")
    if len(weights) != n_classes:
        raise ValueError(f"class_weights needs a number for each of {n_classes} classes, but has {len(weights)}")
    return [positive_float(weight, f"class_weights[{k}]") for k, weight in enumerate(weights)]


def as_items(thing: Any) -> Sequence[Any]:
    """A list or tuple; a single number or Value becomes a list of one."""
    items = thing.tolist() if hasattr(thing, "tolist") else thing
    return items if isinstance(items, list | tuple) else [items]
