"""Metrics: measure the quality of a model's outputs in terms that people use.

Each metric is a function of outputs and targets, one item per row, in the same order as in the losses. Metrics also accept a
model: ``accuracy(model, X, y)`` is ``accuracy(outputs=predict(model, X), targets=y)``. To add a metric, define a function
here and add it to ``METRICS``.
"""

import math
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from typing import Any

from autograd import Value
from autograd.shared import counted, warn
from nn.base.checks import any_float
from nn.base.endings import LIMITS, ending
from nn.base.names import suggesting
from nn.base.tables import html_table, text_table
from nn.data.rows import Dataset, as_list, check_data, check_rows
from nn.data.targets import CLASS_OR_SIGN, NUMBER, Requirement, Table, as_batch, as_items
from nn.losses import QUANTITIES, Loss, binary_cross_entropy, cross_entropy, hinge_loss, unwrapped
from nn.training.labels import check_features, compared, numbered, targets_for
from nn.training.prediction import first_outputs, predict

Metric = Callable[..., Any]


class ConfusionMatrix(list[list[int]]):
    """The rows of a confusion matrix. Printing it shows a table, with the names of the classes if they are known.

    Attributes:
        class_names: The name of each class: the classes of the model if it was trained on named classes, or numbers.

    >>> print(confusion_matrix([[0.2, 0.8], [0.6, 0.4], [0.1, 0.9]], [1, 1, 0]))
    true / predicted  0  1
    0                 0  1
    1                 1  1
    """

    def __init__(self, rows: list[list[int]], class_names: Sequence[Any] = ()) -> None:
        super().__init__(rows)
        self.class_names: list[Any] = list(class_names) if len(class_names) == len(rows) else list(range(len(rows)))

    def __str__(self) -> str:
        return text_table(self._table(), left=1)

    def _repr_html_(self) -> str:
        """Return the table for Jupyter."""
        return html_table(self._table())

    def _table(self) -> list[list[Any]]:
        rows = [[name, *row] for name, row in zip(self.class_names, self, strict=True)]
        return [["true / predicted", *self.class_names], *rows]


@suggesting()
def accuracy(outputs: Any, targets: Any, y: Any = None, *, threshold: float | None = None) -> float:
    """Return the fraction of rows that are assigned to the correct class.

    With several outputs, the predicted class is the index of the largest one, and targets are class numbers from 0. With one
    output, the predicted class is 1 if the output exceeds ``threshold``; otherwise it is the other class, which targets name -1
    or 0.

    Args:
        outputs: N rows of numbers; or a model that computes them; or N labels, as ``predict(..., labels=True)`` returns them.
        targets: N classes, or N labels; or, with a model, its input rows ``X``, or a Dataset.
        y: With a model and its input rows, the N classes.
        threshold: Limit between both classes for a single output: 0 for a logit, 0.5 for a probability. By default, it is
            ``model.class_threshold``, which ``fit`` sets to suit its loss and targets; or else the limit where the
            probability is 0.5 if the outputs are results of ``sigmoid``, ``hardsigmoid`` or ``log_sigmoid``, and 0 otherwise.

    Raises:
        ValueError: If outputs and targets do not match, or an output is nan, or there is a ``threshold`` for several outputs.
        TypeError: If an output, a target or ``threshold`` is not a number.

    Warns:
        UserWarning: If all outputs are in [0, 1], or around 0 and 1 with targets 0 and 1, the result depends on whether they
            are logits. Or if single outputs are results of ``softmax``, which are always 1.

    >>> accuracy([[0.2, 0.8], [0.6, 0.4]], [1, 1]), accuracy([[-3.0], [0.5]], [-1, 1]), accuracy([-3.0, 0.5], [0, 1])
    (0.5, 1.0, 1.0)
    >>> accuracy([[0.9], [0.1]], [1, 0], threshold=0.5)
    1.0
    """
    _, matrix = _confusion("accuracy", outputs, targets, y, threshold)
    return sum(row[k] for k, row in enumerate(matrix)) / sum(map(sum, matrix))


@suggesting()
def confusion_matrix(outputs: Any, targets: Any, y: Any = None, *, threshold: float | None = None) -> ConfusionMatrix:
    """Return the number of rows of each class (a row of the matrix) that are assigned to each class (a column).

    Args:
        outputs, targets, y, threshold: See ``accuracy``. With one output, the class named -1 or 0 comes first.

    Raises:
        ValueError, TypeError: See ``accuracy``.

    >>> confusion_matrix([[0.2, 0.8], [0.6, 0.4], [0.1, 0.9]], [1, 1, 0])
    [[0, 1], [1, 1]]
    """
    names, matrix = _confusion("confusion_matrix", outputs, targets, y, threshold)
    return ConfusionMatrix(matrix, names)


@suggesting()
def r2_score(outputs: Any, targets: Any, y: Any = None) -> float:
    """Return the coefficient of determination: 1 minus the sum of squared errors divided by the sum of squares of the targets.

    The sum of squares of the targets is taken around their mean. A score of 1.0 is perfect, 0.0 is as good as always
    predicting the mean, and the score can be negative. With several outputs, the result is the mean of their scores. If all
    targets are equal, the score is 1.0 if the outputs are equal to them, and 0.0 otherwise, as in scikit-learn.

    Args:
        outputs: N rows of K numbers; or a model that computes them.
        targets: N rows of K numbers, or N numbers if K is 1; or, with a model, its input rows ``X``, or a Dataset.
        y: With a model and its input rows, the targets.

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


def suited(metric: Metric, loss: Loss, threshold: float | None) -> Metric:
    """Return ``metric`` with the options that fit the outputs of a model trained with ``loss``.

    >>> from nn import mse_loss
    >>> suited(accuracy, mse_loss, 0.5).keywords["threshold"]
    0.5
    """
    function, options = unwrapped(loss)
    if metric is binary_cross_entropy and function is metric:
        return partial(metric, from_logits=options.get("from_logits", True))
    return partial(metric, threshold=threshold) if metric in (accuracy, confusion_matrix) and threshold is not None else metric


def threshold_of(model: Any, rows: list[Any], loss: Loss, targets: list[Any]) -> float | None:
    """Return the limit above which a single output of a model means class 1, or None if it is unknown.

    Losses of quantities train a single output to equal its target. Then the threshold is in the middle of both classes.

    Args:
        model, rows: The model and its input rows, of which the first shows whether the model ends in ``sigmoid``.
        loss, targets: The loss function of the training run, and its targets.

    >>> from nn import mse_loss
    >>> threshold_of(abs, [[0.0]], mse_loss, [0, 1]), threshold_of(abs, [[0.0]], mse_loss, [-1, 1])
    (0.5, 0.0)
    """
    function, options = unwrapped(loss)
    if function is hinge_loss:
        return 0.0
    if function in QUANTITIES:
        return 0.5 if 0 in targets or [0] in targets else 0.0
    if function is cross_entropy:
        return None
    with suppress(Exception):  # fit runs the model later, and reports errors with more details
        last = ending(first_outputs(model, rows))
        if last in LIMITS:
            return LIMITS[last]
    return (0.0 if options.get("from_logits", True) else 0.5) if function is binary_cross_entropy else None


def _confusion(who: str, outputs: Any, targets: Any, y: Any, threshold: float | None) -> tuple[Sequence[Any], list[list[int]]]:
    """Return the names of the classes, if they are known, and the confusion matrix.

    A single output is treated as the second of two, of which the first is the threshold.
    """
    if y is None and callable(outputs) and isinstance(targets, Dataset):
        y = targets_for(outputs, targets)
    if y is None and not callable(outputs) and (found := compared(who, outputs, targets)):
        return found
    rows, classes = _read(who, outputs, targets, y, CLASS_OR_SIGN)
    n_classes = max(len(rows[0]), 2)
    matrix = [[0] * n_classes for _ in range(n_classes)]
    limit = 0.0 if threshold is None else any_float(threshold, "threshold", "finite", math.isfinite)
    if threshold is not None and len(rows[0]) > 1:
        raise ValueError(
            f"threshold must be None for {counted(len(rows[0]), 'output')}, not {threshold!r}; the largest output is the class"
        )
    for i, row in enumerate(rows):
        if any(map(math.isnan, row)):
            raise ValueError(f"{who} needs numbers, but row {i} has nan, which has no class; try a lower lr, or standardize X")
    if threshold is None and len(rows[0]) == 1:
        limit = _limit(who, [x for [x] in rows], [int(t) for [t] in classes], outputs, None if y is None else targets)
    for row, [target] in zip(rows, classes, strict=True):
        scores = row if len(row) > 1 else [limit, *row]
        matrix[max(int(target), 0)][scores.index(max(scores))] += 1
    if {0, -1} <= {target for [target] in classes}:
        raise ValueError(f"{who} with one output needs two classes, but the targets have three: 1, 0 and -1")
    return getattr(outputs, "class_names", ()), matrix


def _limit(who: str, numbers: list[float], classes: list[int], outputs: Any, X: Any) -> float:
    """Return the threshold for single outputs: the one stored by ``fit``, or 0.5 for results of ``sigmoid``, and otherwise 0.

    Args:
        who: Name of the metric.
        numbers: The outputs as floats.
        classes: The targets.
        outputs, X: The outputs as given; or a model and its input rows.
    """

    def last() -> str:
        return ending(as_items(next(iter(outputs))) if X is None else first_outputs(outputs, check_rows(X)))

    if all(x == 1 for x in numbers) and last() == "softmax":
        warn(f"{who} has one class for all rows, because softmax of one output is always 1; end the model without softmax")
    stored = None if X is None else getattr(outputs, "class_threshold", None)
    if stored is not None:
        return float(stored)
    if all(x <= 0 for x in numbers) and last() == "log_sigmoid":
        return LIMITS["log_sigmoid"]
    if not any(0 < x <= 0.5 for x in numbers):
        return 0.0  # both thresholds lead to the same classes
    within = all(0 <= x <= 1 for x in numbers)
    # Quantities trained to equal 0 and 1 lie around both, and 0.5 divides them better.
    around = (
        -1 not in classes
        and all(-0.5 <= x <= 1.5 for x in numbers)
        and _hits(numbers, classes, 0.5) > _hits(numbers, classes, 0.0)
    )
    if not within and not around:
        return 0.0  # they are logits
    if last() in LIMITS:
        return LIMITS[last()]
    found = "in [0, 1], like probabilities" if within else "around 0 and 1, and 0.5 divides them better"
    problem = f"{who} takes single outputs above 0 as class 1, but all of these are {found}"
    warn(f"{problem}; use threshold=0.5 for probabilities, threshold=0 for logits")
    return 0.0


def _hits(numbers: list[float], classes: list[int], limit: float) -> int:
    """Return the number of outputs on the side of ``limit`` that their class requires."""
    return sum((x > limit) == (target == 1) for x, target in zip(numbers, classes, strict=True))


def _read(who: str, outputs: Any, targets: Any, y: Any, required: Requirement) -> tuple[Table, Table]:
    """Return outputs and targets as rows. If ``outputs`` is a model, the outputs are its predictions for ``targets``."""
    if y is None and callable(outputs) and isinstance(targets, Dataset):
        y = targets_for(outputs, targets)
    if y is not None:
        check_features(getattr(outputs, "feature_names", ()), targets)
        X, targets = check_data(targets, numbered(y, getattr(outputs, "class_names", [])))
        outputs = predict(outputs, X)
    elif callable(outputs):
        raise TypeError(f"{who} needs outputs and targets, or a model, X and y, but there is no y with {outputs!r:.60}")
    for i, target in enumerate(as_list(targets, f"the targets of {who}") if y is None else []):
        if isinstance(target, str):
            found = f"{who} needs numbers as targets of numeric outputs, not the label {target!r:.40} in row {i}"
            raise TypeError(f"{found}; use {who}(model, X, y), or predict(model, X, labels=True) as outputs")
    rows, goals = as_batch(who, outputs, targets, required)
    return [[x.data if isinstance(x, Value) else x for x in row] for row in rows], goals
