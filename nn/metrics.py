"""Metrics: how good the outputs of a model are, in terms that people use.

Each is a function of ``outputs``, for every row the list of numbers that the model gave, and ``targets``, for every row what
it should have given: outputs first, as in the losses. Each can also be called with a model: ``accuracy(model, X, y)`` is
``accuracy(predict(model, X), y)``. A metric is added by one such function and its name in ``METRICS``.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any, TypeVar

from nn.data import check_data
from nn.prediction import predict
from nn.targets import as_batch, as_items, as_pairs, check_class, check_width

Result = TypeVar("Result")
Metric = Callable[..., Any]


def metric(function: Callable[[list[list[float]], list[Any]], Result]) -> Callable[..., Result]:
    """Make a function of outputs and targets one that also takes a model, ``X`` and ``y``; both checked."""

    @functools.wraps(function)
    def of_outputs_or_model(*given: Any) -> Result:
        name = function.__name__
        if len(given) == 3:
            X, targets = check_data(*given[1:])
            given = predict(given[0], X), targets
        if len(given) != 2 or callable(given[0]):
            raise TypeError(f"{name} takes outputs and targets, or a model, X and y, not {len(given)} arguments {given!r:.60}")
        outputs, targets = as_batch(name, *given)
        return function([list(row) for row in outputs], targets)

    return of_outputs_or_model


@metric
def accuracy(outputs: list[list[float]], targets: list[Any]) -> float:
    """The share of rows that are put in the right class, from 0 to 1.

    With several outputs, the class is the number of the largest, and the targets are class numbers from 0. With one output,
    it is its sign: above 0 it is class 1, and else the other, which the targets call -1 or 0.

    Args:
        outputs: N rows of numbers; or a model and ``X``.
        targets: N classes.

    Raises:
        ValueError, TypeError: for data that cannot be; ValueError if an output is nan, which is in no class.

    >>> accuracy([[0.2, 0.8], [0.6, 0.4]], [1, 1]), accuracy([[-3.0], [0.5]], [-1, 1]), accuracy([-3.0, 0.5], [0, 1])
    (0.5, 1.0, 1.0)
    """
    found, wanted, _ = _classes(outputs, targets, "accuracy")
    return sum(f == w for f, w in zip(found, wanted, strict=True)) / len(wanted)


@metric
def confusion_matrix(outputs: list[list[float]], targets: list[Any]) -> list[list[int]]:
    """How many rows of each class (a row of the matrix) were put into each (a column).

    Args:
        outputs, targets: as for ``accuracy``. With one output, the class that its targets call -1 or 0 comes first.

    Raises:
        ValueError, TypeError: as ``accuracy``.

    >>> confusion_matrix([[0.2, 0.8], [0.6, 0.4], [0.1, 0.9]], [1, 1, 0])
    [[0, 1], [1, 1]]
    """
    found, wanted, n_classes = _classes(outputs, targets, "confusion_matrix")
    matrix = [[0] * n_classes for _ in range(n_classes)]
    for f, w in zip(found, wanted, strict=True):
        matrix[w][f] += 1
    return matrix


@metric
def r2_score(outputs: list[list[float]], targets: list[Any]) -> float:
    """The coefficient of determination: 1 less the squared errors, as a share of those of always saying the mean.

    1.0 is perfect, 0.0 no better than the mean of the targets; it can be negative. With several outputs, the mean of that of
    each. For targets that are all the same it is 1.0 if the outputs are so too, and else 0.0, as in scikit-learn.

    Args:
        outputs: N rows of K numbers; or a model and ``X``.
        targets: N numbers if K is 1, else N rows of K numbers.

    Raises:
        ValueError, TypeError: for data that cannot be.

    >>> r2_score([[1.0], [2.0], [4.0]], [1.0, 2.0, 3.0])
    0.5
    """
    as_pairs("r2_score", outputs, targets)  # checks that there is a target an output
    goals = [as_items(target) for target in targets]
    scores = []
    for found, wanted in zip(zip(*outputs, strict=True), zip(*goals, strict=True), strict=True):
        mean = math.fsum(wanted) / len(wanted)
        errors = math.fsum((f - w) ** 2 for f, w in zip(found, wanted, strict=True))
        spread = math.fsum((w - mean) ** 2 for w in wanted)
        scores.append(1 - errors / spread if spread else float(not errors))
    return sum(scores) / len(scores)


METRICS: dict[str, Metric] = {"accuracy": accuracy, "confusion_matrix": confusion_matrix, "r2_score": r2_score}


def _classes(outputs: list[list[float]], targets: list[Any], who: str) -> tuple[list[int], list[int], int]:
    """The classes found and those wanted, numbered from 0, and how many there are."""
    n = len(outputs[0])
    for i, (row, target) in enumerate(zip(outputs, targets, strict=True)):
        check_width(row, n, i, who)
        if any(map(math.isnan, row)):
            raise ValueError(
                f"the model gives nan for row {i}, which is in no class; has training diverged? Make the model anew and "
                "try a smaller lr, or standardize X"
            )
        if n > 1:
            check_class(target, n, i, f"{who} with several outputs")
        elif isinstance(target, list | tuple) or target not in (1, 0, -1):
            raise ValueError(f"{who} with one output needs targets 1 and -1, or 1 and 0, but that of row {i} is {target!r}")
    if n > 1:
        return [row.index(max(row)) for row in outputs], [int(target) for target in targets], n
    if 0 in targets and -1 in targets:
        raise ValueError(
            f"{who} with one output needs two classes, but the targets are of three: 1, 0 and -1; give one of them up"
        )
    return [int(row[0] > 0) for row in outputs], [int(target == 1) for target in targets], 2
