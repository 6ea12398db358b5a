"""Loss functions: one number for how wrong the outputs for a batch of rows are. Values and gradients equal PyTorch's.

| to predict                           | loss                     | outputs a row  | target of a row       |
|--------------------------------------|--------------------------|----------------|-----------------------|
| numbers                              | ``mse_loss``             | as many        | the numbers           |
| numbers, some of them far off        | ``mae_loss``             | as many        | the numbers           |
| likewise, but smooth at the minimum  | ``huber_loss``           | as many        | the numbers           |
| one of two classes, by a margin      | ``hinge_loss``           | often one      | +1 or -1 for each     |
| yes or no, with a probability        | ``binary_cross_entropy`` | one logit each | 0 or 1, or in between |
| one of K classes, with probabilities | ``cross_entropy``        | K logits       | 0, 1, ... or K - 1    |

Each takes ``outputs``, for every row the list of Values that the model gave (of a single output, the Value alone will
do), and ``targets``, for every row what it should have given (likewise). A logit is any number, not a probability: the
sigmoid or softmax is part of the loss, so that nothing overflows. ``reduction`` is ``"mean"``, the mean loss of a row (of
an output, where each has a target), or ``"sum"``. A target that is a Value, as in a function that is being compiled,
cannot be checked.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from autograd import Value, dot, logsumexp, minimum, relu, softplus, sum, take  # noqa: A004 - the sum of Values
from nn.base.checks import positive_float, probability
from nn.data.rows import as_list
from nn.data.targets import CLASS, PROBABILITY, SIGN, as_batch, as_pairs

Loss = Callable[..., Value]  # of outputs and targets, and options by keyword
Items = Sequence[Any]  # one for each row, or for each class


def mse_loss(outputs: Items, targets: Items, *, reduction: str = "mean") -> Value:
    """The mean squared error: ``(output - target)**2``, the mean over all rows and all outputs.

    Args:
        outputs: N rows of K Values.
        targets: N numbers if K is 1, else N rows of K numbers.
        reduction: ``"mean"`` or ``"sum"``.

    Raises:
        ValueError: if there are not as many targets as outputs, or none; for any other reduction.
        TypeError: if an output or a target is not a number.

    >>> mse_loss([[Value(1.0)], [Value(2.0)]], [1.0, 4.0])
    Value(2.0, grad=0.0, op='/')
    """
    errors = [output - target for output, target in as_pairs("mse_loss", outputs, targets)]
    return _reduced(dot(errors, errors), len(errors), reduction)


def mae_loss(outputs: Items, targets: Items, *, reduction: str = "mean") -> Value:
    """The mean absolute error, ``|output - target|``: one row that is far off pulls no more than any other.

    Args and errors: as for ``mse_loss``. Where an error is 0, so is the gradient.

    >>> mae_loss([[Value(1.0)], [Value(2.0)]], [1.0, 4.0]).data
    1.0
    """
    losses = [abs(output - target) for output, target in as_pairs("mae_loss", outputs, targets)]
    return _reduced(sum(losses), len(losses), reduction)


def huber_loss(outputs: Items, targets: Items, *, delta: float = 1.0, reduction: str = "mean") -> Value:
    """``error**2 / 2`` up to an error of ``delta``, and from there on a straight line (Huber 1964).

    Args:
        outputs, targets, reduction: as for ``mse_loss``.
        delta: where the line begins; its slope too.

    Raises:
        ValueError, TypeError: as ``mse_loss``; also if ``delta`` is not a finite number above 0.

    >>> huber_loss([[Value(0.5)], [Value(5.0)]], [0.0, 0.0], reduction="sum").data  # 0.5 * 0.5**2 + (5 - 0.5)
    4.625
    """
    bound = positive_float(delta, "delta")
    sizes = [abs(output - target) for output, target in as_pairs("huber_loss", outputs, targets)]
    # Of a size beyond delta, near is delta, and this is delta * (size - delta / 2); otherwise it is size**2 / 2.
    losses = [near * (size - 0.5 * near) for size in sizes for near in [minimum(size, bound)]]
    return _reduced(sum(losses), len(losses), reduction)


def hinge_loss(outputs: Items, targets: Items, *, reduction: str = "mean") -> Value:
    """``relu(1 - target * output)``: 0 once every output is beyond 1 on the side of its target (Cortes & Vapnik 1995).

    Args:
        outputs: N rows of K Values, each for a question of its own; often K is 1.
        targets: N numbers, each +1 or -1, if K is 1; else N rows of K such numbers.
        reduction: ``"mean"`` or ``"sum"``.

    Raises:
        ValueError: if there are not as many targets as outputs, or none; for any other target or reduction.
        TypeError: if an output or a target is not a number.

    >>> hinge_loss([[Value(0.25)], [Value(-3.0)]], [1, -1])
    Value(0.375, grad=0.0, op='/')
    """
    losses = [relu(1.0 - sign * output) for output, sign in as_pairs("hinge_loss", outputs, targets, SIGN)]
    return _reduced(sum(losses), len(losses), reduction)


def binary_cross_entropy(outputs: Items, targets: Items, *, reduction: str = "mean") -> Value:
    """``-log`` of the probability of the target, where ``sigmoid(output)`` is that of 1; PyTorch's "with logits".

    A target between 0 and 1 is a probability itself: ``-target * log(p) - (1 - target) * log(1 - p)``.

    Args:
        outputs: N rows of K Values, the logits, each of a question of its own; often K is 1.
        targets: N numbers from 0 to 1 if K is 1, else N rows of K such numbers.
        reduction: ``"mean"`` over all rows and all outputs, or ``"sum"``.

    Raises:
        ValueError: if there are not as many targets as outputs, or none; for any other target or reduction.
        TypeError: if an output or a target is not a number.

    >>> binary_cross_entropy([[Value(0.0)], [Value(1000.0)]], [1, 0]).data  # (log(2) + 1000) / 2
    500.34657359027995
    """
    pairs = as_pairs("binary_cross_entropy", outputs, targets, PROBABILITY)
    # Not softplus(x) - target * x, in which all digits of a small loss cancel.
    losses = [target * softplus(-logit) + (1.0 - target) * softplus(logit) for logit, target in pairs]
    return _reduced(sum(losses), len(losses), reduction)


def cross_entropy(
    outputs: Items, targets: Items, *, class_weights: Items | None = None, label_smoothing: float = 0.0, reduction: str = "mean"
) -> Value:
    """``-log(softmax(outputs)[target])``, without overflow for outputs however large.

    Args:
        outputs: N rows of K >= 2 Values, the logits.
        targets: N class numbers, each from 0 to K - 1.
        class_weights: K numbers above 0, by which the loss of a row is multiplied, according to its class: larger ones
            for rare classes. The mean is then the weighted one: divided by the weights of the N targets.
        label_smoothing: from 0, without 1: how much of the target's probability is spread evenly over all K classes, as
            what a model is too sure of seldom holds for new rows (Szegedy et al. 2016, section 7).
        reduction: ``"mean"`` or ``"sum"``.

    Raises:
        ValueError: if there are not as many targets as rows, or none; fewer than two outputs (``binary_cross_entropy`` takes
            one), or not as many in each row; a class, a weight or an option out of range; not one weight a class.
        TypeError: if an output, a class, a weight or ``label_smoothing`` is not a number.

    >>> cross_entropy([[Value(0.0), Value(0.0)], [Value(1000.0), Value(-1000.0)]], [0, 0]).data  # log(2) / 2
    0.34657359027997264
    """
    rows, classes = as_batch("cross_entropy", outputs, targets, CLASS)
    smoothing = probability(label_smoothing, "label_smoothing")
    weights = None if class_weights is None else _as_weights(class_weights, len(rows[0]))
    losses = []
    for row, [target] in zip(rows, classes, strict=True):
        total = logsumexp(row)
        loss = total - take(row, target)  # -log(probability of the target)
        if weights is not None:
            loss = take(weights, target) * loss
        if smoothing:
            of_each = [total - logit for logit in row]
            spread = sum(of_each) if weights is None else dot(weights, of_each)
            loss = (1.0 - smoothing) * loss + smoothing / len(row) * spread
        losses.append(loss)
    count = len(rows) if weights is None else sum([take(weights, target) for [target] in classes])
    return _reduced(sum(losses), count, reduction)


LOSSES: dict[str, Loss] = {
    loss.__name__.removesuffix("_loss"): loss
    for loss in (mse_loss, mae_loss, huber_loss, hinge_loss, binary_cross_entropy, cross_entropy)
}


def _reduced(total: Value, count: Any, reduction: str) -> Value:
    """The sum of all losses, or that divided by how many there are."""
    if reduction not in ("mean", "sum"):
        raise ValueError(f"unknown reduction: {reduction!r} (must be 'mean' or 'sum')")
    return total if reduction == "sum" else total / count


def _as_weights(class_weights: Any, n_classes: int) -> list[float]:
    weights = as_list(class_weights, "class_weights")
    if len(weights) != n_classes:
        raise ValueError(f"class_weights must have a number for each of {n_classes} classes, but has {len(weights)}")
    return [positive_float(weight, f"class_weights[{k}]") for k, weight in enumerate(weights)]
