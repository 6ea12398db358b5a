"""What losses and metrics ask of outputs and targets: as many of the one as of the other, and targets that mean something.

A target that is a Value, as in a function that is being compiled, may be another number at each call: it is not checked.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from numbers import Real
from typing import Any, NamedTuple

from autograd import Value
from nn.data.rows import as_list

NUMBERS = (float, int, Real)  # the last one is slow to ask
Table = list[Sequence[Any]]


class Rule(NamedTuple):
    """What outputs or targets must be.

    Attributes:
        words: for messages; ``{n}`` is how many outputs a row has.
        holds: whether it is so for a number, and that ``n``.
        each: whether there is one for each output; otherwise there is one for each row.
    """

    words: str
    holds: Callable[[Any, int], bool] = lambda number, n: True
    each: bool = True


OUTPUT = Rule("Values or numbers as outputs")
NUMBER = Rule("numbers as targets")
SIGN = Rule("targets +1 and -1 (of 0 and 1 make 2 * y - 1)", lambda target, n: target in (1, -1))
PROBABILITY = Rule("targets from 0 to 1 (of -1 and +1 make (y + 1) / 2)", lambda target, n: 0 <= target <= 1)
CLASS = Rule(
    "class numbers from 0 to K - 1 for K > 1 outputs (here {n}; binary_cross_entropy takes 1)",
    lambda target, n: n > 1 and target in range(n),
    each=False,
)
CLASS_OR_SIDE = Rule(
    "class numbers from 0 to K - 1 for K > 1 outputs (here {n}), or for one output 1 and 0, or 1 and -1",
    lambda target, n: target in (range(n) if n > 1 else (1, 0, -1)),
    each=False,
)


def as_batch(who: str, outputs: Any, targets: Any, rule: Rule) -> tuple[Table, Table]:
    """Both as N rows: of K outputs, and of as many targets or one, as the rule has it.

    Raises:
        TypeError: if one of them is not a list with an item a row; if an output or a target is not a Value or a number.
        ValueError: if they are of different lengths, or empty; if a row is not as long as it must be; if a target breaks the
            rule.
    """
    rows = [as_items(row) for row in as_list(outputs, f"the outputs of {who}")]
    goals = [as_items(goal) for goal in as_list(targets, f"the targets of {who}")]
    if not len(rows) == len(goals) > 0:
        raise ValueError(f"{who} needs a row at least, and a target a row, but got {len(rows)} rows and {len(goals)} targets")
    n = len(rows[0]) or 1
    width = n if rule.each else 1
    for i, (row, goal) in enumerate(zip(rows, goals, strict=True)):
        if (len(row), len(goal)) != (n, width):
            raise ValueError(
                f"{who} needs {n} outputs and {width} targets in each row, but row {i} has {len(row)} and {len(goal)}"
            )
        for numbers, asked in ((row, OUTPUT), (goal, rule)):
            for number in numbers:
                if not (isinstance(number, Value) or (isinstance(number, NUMBERS) and asked.holds(number, n))):
                    error = ValueError if isinstance(number, NUMBERS) else TypeError
                    found = f"{number!r:.40} ({type(number).__name__})"
                    raise error(f"{who} needs {asked.words.format(n=n)}, but row {i} has {found}")
    return rows, goals


def as_pairs(who: str, outputs: Any, targets: Any, rule: Rule = NUMBER) -> list[tuple[Any, Any]]:
    """Each output with its target, of all rows one after the other; checked as by ``as_batch``."""
    rows, goals = as_batch(who, outputs, targets, rule)
    return [pair for row, goal in zip(rows, goals, strict=True) for pair in zip(row, goal, strict=True)]


def as_items(thing: Any) -> Sequence[Any]:
    """A list; a single number or Value becomes a list of one."""
    if isinstance(thing, list | tuple):
        return thing
    return as_items(thing.tolist()) if hasattr(thing, "tolist") else [thing]
