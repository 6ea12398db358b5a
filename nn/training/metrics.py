"""Metrics: how good the outputs of a model are, in terms that people use.

Each is a function of the outputs, for every row the list of numbers that the model gave, and the targets, for every row what
it should have given: outputs first, as in the losses. Each can also be called with a model: ``accuracy(model, X, y)`` is
``accuracy(outputs=predict(model, X), targets=y)``. A metric is added by one such function and its name in ``METRICS``.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from autograd import Value
from nn.data.rows import check_data
from nn.data.targets import CLASS_OR_SIDE, NUMBER, Rule, Table, as_batch
from nn.training.prediction import predict

Metric = Callable[..., Any]


def accuracy(outputs: Any, targets: Any, y: Any = None) -> float:
    """The share of rows that are put in the right class, from 0 to 1.

    With several outputs, the class is the number of the largest, and the targets are class numbers from 0. With one output,
    it is its sign: above 0 it is class 1, and else the other, which the targets call -1 or 0.

    Args:
        outputs: N rows of numbers; or a model, that finds them.
        targets: N classes; or, after a model, its ``X``.
        y: after a model, the targets.

    Raises:
        ValueError, TypeError: for data that cannot be; ValueError if an output is nan, which is in no class.

    >>> accuracy([[0.2, 0.8], [0.6, 0.4]], [1, 1]), accuracy([[-3.0], [0.5]], [-1, 1]), accuracy([-3.0, 0.5], [0, 1])
    (0.5, 1.0, 1.0)
    """
    matrix = _confusion("accuracy", outputs, targets, y)
    return sum(row[k] for k, row in enumerate(matrix)) / sum(map(sum, matrix))


def confusion_matrix(outputs: Any, targets: Any, y: Any = None) -> list[list[int]]:
    """How many rows of each class (a row of the matrix) were put into each (a column).

    Args:
        outputs, targets, y: as for ``accuracy``. With one output, the class that its targets call -1 or 0 comes first.

    Raises:
        ValueError, TypeError: as ``accuracy``.

    >>> confusion_matrix([[0.2, 0.8], [0.6, 0.4], [0.1, 0.9]], [1, 1, 0])
    [[0, 1], [1, 1]]
    """
    return _confusion("confusion_matrix", outputs, targets, y)


def r2_score(outputs: Any, targets: Any, y: Any = None) -> float:
    """The coefficient of determination: 1 less the squared errors, as a share of those of always saying the mean.

    1.0 is perfect, 0.0 no better than the mean of the targets; it can be negative. With several outputs, the mean of that of
    each. For targets that are all the same it is 1.0 if the outputs are so too, and else 0.0, as in scikit-learn.

    Args:
        outputs: N rows of K numbers; or a model, that finds them.
        targets: N such rows, or N numbers if K is 1; or, after a model, its ``X``.
        y: after a model, the targets.

    Raises:
        ValueError, TypeError: for data that cannot be.

    >>> r2_score([[1.0], [2.0], [4.0]], [1.0, 2.0, 3.0])
    0.5
    """
    rows, goals = _read("r2_score", outputs, targets, y, NUMBER)
    scores = []
    for found, wanted in zip(zip(*rows, strict=True), zip(*goals, strict=True), strict=True):
        mean = math.fsum(wanted) / len(wanted)
        # Not **2 and not fsum, which raise an OverflowError where a training diverges; of inf, fit says what to do.
        errors = sum((f - w) * (f - w) for f, w in zip(found, wanted, strict=True))
        spread = sum((w - mean) * (w - mean) for w in wanted) if min(wanted) < max(wanted) else 0.0  # a mean is rounded
        scores.append(1 - errors / spread if spread else float(not errors))
    return sum(scores) / len(scores)


METRICS: dict[str, Metric] = {"accuracy": accuracy, "confusion_matrix": confusion_matrix, "r2_score": r2_score}


def _confusion(who: str, outputs: Any, targets: Any, y: Any) -> list[list[int]]:
    """The confusion matrix. One output is as two, of which the first is 0."""
    rows, classes = _read(who, outputs, targets, y, CLASS_OR_SIDE)
    n_classes = max(len(rows[0]), 2)
    matrix = [[0] * n_classes for _ in range(n_classes)]
    for i, (row, [target]) in enumerate(zip(rows, classes, strict=True)):
        if any(map(math.isnan, row)):
            raise ValueError(f"{who} got nan for row {i}, which is in no class; try a smaller lr, or standardize X")
        scores = row if len(row) > 1 else [0.0, *row]
        matrix[max(int(target), 0)][scores.index(max(scores))] += 1
    if {0, -1} <= {target for [target] in classes}:
        raise ValueError(f"{who} with one output needs two classes, but the targets are of three: 1, 0 and -1")
    return matrix


def _read(who: str, outputs: Any, targets: Any, y: Any, rule: Rule) -> tuple[Table, Table]:
    """Outputs and targets; of a model, those it predicts for ``X``, which is in the place of the targets."""
    if y is not None:
        X, targets = check_data(targets, y)
        outputs = predict(outputs, X)
    elif callable(outputs):
        raise TypeError(f"{who} takes outputs and targets, or a model, X and y, but no y came with {outputs!r:.60}")
    rows, goals = as_batch(who, outputs, targets, rule)
    return [[x.data if isinstance(x, Value) else x for x in row] for row in rows], goals
