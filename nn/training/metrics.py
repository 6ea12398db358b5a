"""Metrics: measure the quality of a model's outputs in terms that people use.

Each metric is a function of outputs and targets, one item per row, in the same order as in the losses. Metrics also accept a
model: ``accuracy(model, X, y)`` is ``accuracy(outputs=predict(model, X), targets=y)``. To add a metric, define a function
here and add it to ``METRICS``.
"""

import math
from collections.abc import Callable
from typing import Any

from autograd import Value
from nn.data.rows import check_data
from nn.data.targets import CLASS_OR_SIGN, NUMBER, Requirement, Table, as_batch
from nn.training.prediction import predict

Metric = Callable[..., Any]


def accuracy(outputs: Any, targets: Any, y: Any = None) -> float:
    """Return the fraction of rows that are assigned to the correct class.

    With several outputs, the predicted class is the index of the largest one, and targets are class numbers from 0. With one
    output, the predicted class is 1 if the output is positive; otherwise it is the other class, which targets name -1 or 0.

    Args:
        outputs: N rows of numbers; or a model that computes them.
        targets: N classes; or, with a model, its input rows ``X``.
        y: With a model, the N classes.

    Raises:
        ValueError: If outputs and targets do not match, or an output is nan.
        TypeError: If an output or a target is not a number.

    >>> accuracy([[0.2, 0.8], [0.6, 0.4]], [1, 1]), accuracy([[-3.0], [0.5]], [-1, 1]), accuracy([-3.0, 0.5], [0, 1])
    (0.5, 1.0, 1.0)
    """
    matrix = _confusion("accuracy", outputs, targets, y)
    return sum(row[k] for k, row in enumerate(matrix)) / sum(map(sum, matrix))


def confusion_matrix(outputs: Any, targets: Any, y: Any = None) -> list[list[int]]:
    """Return the number of rows of each class (a row of the matrix) that are assigned to each class (a column).

    Args:
        outputs, targets, y: See ``accuracy``. With one output, the class named -1 or 0 comes first.

    Raises:
        ValueError, TypeError: See ``accuracy``.

    >>> confusion_matrix([[0.2, 0.8], [0.6, 0.4], [0.1, 0.9]], [1, 1, 0])
    [[0, 1], [1, 1]]
    """
    return _confusion("confusion_matrix", outputs, targets, y)


def r2_score(outputs: Any, targets: Any, y: Any = None) -> float:
    """Return the coefficient of determination: 1 minus the sum of squared errors divided by the sum of squares of the targets.

    The sum of squares of the targets is taken around their mean. A score of 1.0 is perfect, 0.0 is as good as always
    predicting the mean, and the score can be negative. With several outputs, the result is the mean of their scores. If all
    targets are equal, the score is 1.0 if the outputs are equal to them, and 0.0 otherwise, as in scikit-learn.

    Args:
        outputs: N rows of K numbers; or a model that computes them.
        targets: N rows of K numbers, or N numbers if K is 1; or, with a model, its input rows ``X``.
        y: With a model, the targets.

    Raises:
        ValueError: If outputs and targets do not match.
        TypeError: If an output or a target is not a number.

    >>> r2_score([[1.0], [2.0], [4.0]], [1.0, 2.0, 3.0])
    0.5
    """
    rows, goals = _read("r2_score", outputs, targets, y, NUMBER)
    scores = []
    for predicted, actual in zip(zip(*rows, strict=True), zip(*goals, strict=True), strict=True):
        mean = math.fsum(actual) / len(actual)
        # Not **2 and not fsum, which raise an OverflowError if training diverges; fit handles infinite numbers.
        errors = sum((p - a) * (p - a) for p, a in zip(predicted, actual, strict=True))
        spread = sum((a - mean) * (a - mean) for a in actual) if min(actual) < max(actual) else 0.0  # the mean is rounded
        scores.append(1 - errors / spread if spread else float(not errors))
    return sum(scores) / len(scores)


METRICS: dict[str, Metric] = {metric.__name__: metric for metric in (accuracy, confusion_matrix, r2_score)}


def _confusion(who: str, outputs: Any, targets: Any, y: Any) -> list[list[int]]:
    """Return the confusion matrix. A single output is treated as the second of two, of which the first is 0."""
    rows, classes = _read(who, outputs, targets, y, CLASS_OR_SIGN)
    n_classes = max(len(rows[0]), 2)
    matrix = [[0] * n_classes for _ in range(n_classes)]
    for i, (row, [target]) in enumerate(zip(rows, classes, strict=True)):
        if any(map(math.isnan, row)):
            raise ValueError(f"{who} needs numbers, but row {i} has nan, which has no class; try a lower lr, or standardize X")
        scores = row if len(row) > 1 else [0.0, *row]
        matrix[max(int(target), 0)][scores.index(max(scores))] += 1
    if {0, -1} <= {target for [target] in classes}:
        raise ValueError(f"{who} with one output needs two classes, but the targets have three: 1, 0 and -1")
    return matrix


def _read(who: str, outputs: Any, targets: Any, y: Any, required: Requirement) -> tuple[Table, Table]:
    """Return outputs and targets as rows. If ``outputs`` is a model, the outputs are its predictions for ``targets``."""
    if y is not None:
        X, targets = check_data(targets, y)
        outputs = predict(outputs, X)
    elif callable(outputs):
        raise TypeError(f"{who} needs outputs and targets, or a model, X and y, but there is no y with {outputs!r:.60}")
    rows, goals = as_batch(who, outputs, targets, required)
    return [[x.data if isinstance(x, Value) else x for x in row] for row in rows], goals
