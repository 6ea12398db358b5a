"""Validation of the outputs and targets that losses and metrics receive.

A target that is a Value, as in a function passed to ``compile``, can be a different number in each call. It is not validated.
"""

from collections.abc import Callable, Sequence
from numbers import Real
from typing import Any, NamedTuple

from autograd import Value
from autograd.shared import counted
from nn.data.rows import as_list

NUMBERS = (float, int, Real)  # the check for Real is slow, hence last
Table = list[Sequence[Any]]


class Requirement(NamedTuple):
    """The numbers that are accepted as outputs or targets.

    Attributes:
        text: Description for error messages. ``{n}`` is replaced by the number of outputs per row.
        accepts: Function of a number and ``n``.
        per_output: Whether there is one target per output; otherwise there is one per row.
    """

    text: str
    accepts: Callable[[Any, int], bool] = lambda number, n: True
    per_output: bool = True


OUTPUT = Requirement("Values or numbers as outputs")
NUMBER = Requirement("numbers as targets")
SIGN = Requirement("targets +1 and -1 (convert 0 and 1 with 2 * y - 1)", lambda target, n: target in (1, -1))
PROBABILITY = Requirement("targets in [0, 1] (convert -1 and +1 with (y + 1) / 2)", lambda target, n: 0 <= target <= 1)
CLASS = Requirement(
    "class numbers from 0 to K - 1 as targets for K > 1 outputs (here {n}; use binary_cross_entropy for 1)",
    lambda target, n: n > 1 and target in range(n), per_output=False,
)  # fmt: skip
CLASS_OR_SIGN = Requirement(
    "class numbers from 0 to K - 1 as targets for K > 1 outputs (here {n}), or for one output 1 and 0, or 1 and -1",
    lambda target, n: target in (range(n) if n > 1 else (1, 0, -1)), per_output=False,
)  # fmt: skip


def as_batch(who: str, outputs: Any, targets: Any, required: Requirement) -> tuple[Table, Table]:
    """Return N rows of K outputs, and N rows of targets: K or one, as required.

    Args:
        who: Name of the loss or metric, for error messages.
        outputs: One row, Value or number per row of data.
        targets: One row or number per row of data.
        required: The requirement of the targets.

    Raises:
        TypeError: If ``outputs`` or ``targets`` is not a list, or an output or target is not a Value or a number.
        ValueError: If they are empty or have different lengths, a row has the wrong length, or a target is not accepted.
    """
    rows = [as_items(row) for row in as_list(outputs, f"the outputs of {who}")]
    goals = [as_items(goal) for goal in as_list(targets, f"the targets of {who}")]
    if not len(rows) == len(goals) > 0:
        found = f"{counted(len(rows), 'row')} and {counted(len(goals), 'target')}"
        raise ValueError(f"{who} needs at least one row, and one target per row, not {found}")
    n = len(rows[0]) or 1
    width = n if required.per_output else 1
    for i, (row, goal) in enumerate(zip(rows, goals, strict=True)):
        if width == 1 < n == len(row) == len(goal) and (list(goal).count(0), list(goal).count(1)) == (n - 1, 1):
            rule, remedy = (
                f"class numbers from 0 to {n - 1} as targets",
                "convert one-hot rows with [list(row).index(1) for row in y]",
            )
            raise ValueError(f"{who} needs {rule}, not {list(goal)!r:.60} in row {i}; {remedy}")
        if (len(row), len(goal)) != (n, width):
            rule = f"{who} needs {counted(n, 'output')} and {counted(width, 'target')} per row"
            raise ValueError(f"{rule}, but row {i} has {len(row)} and {len(goal)}")
        for numbers, requirement in ((row, OUTPUT), (goal, required)):
            for number in numbers:
                if not (isinstance(number, Value) or (isinstance(number, NUMBERS) and requirement.accepts(number, n))):
                    error = ValueError if isinstance(number, NUMBERS) else TypeError
                    found = f"{number!r:.40} ({type(number).__name__})"
                    raise error(f"{who} needs {requirement.text.format(n=n)}, but row {i} has {found}")
    return rows, goals


def as_pairs(who: str, outputs: Any, targets: Any, required: Requirement = NUMBER) -> list[tuple[Any, Any]]:
    """Return all outputs of all rows, each with its target. See ``as_batch`` for arguments and errors."""
    return pairs_of(*as_batch(who, outputs, targets, required))


def pairs_of(rows: Table, goals: Table) -> list[tuple[Any, Any]]:
    """Return all numbers of all rows, each with its target."""
    return [pair for row, goal in zip(rows, goals, strict=True) for pair in zip(row, goal, strict=True)]


def as_items(row: Any) -> Sequence[Any]:
    """Return a list or tuple; a single number or Value becomes a list of length 1."""
    if isinstance(row, list | tuple):
        return row
    return as_items(row.tolist()) if hasattr(row, "tolist") else [row]
