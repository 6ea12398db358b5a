"""Loss functions: one number that measures the error of a model's outputs for a batch. They agree with PyTorch.

| prediction                       | loss                     | outputs per row       | target of a row                |
|----------------------------------|--------------------------|-----------------------|--------------------------------|
| numbers                          | ``mse_loss``             | one per number        | the numbers                    |
| numbers, with outliers           | ``mae_loss``             | one per number        | the numbers                    |
| the same, smooth at the minimum  | ``huber_loss``           | one per number        | the numbers                    |
| two classes, with a margin       | ``hinge_loss``           | usually one           | +1 or -1 per output            |
| two classes, with a probability  | ``binary_cross_entropy`` | usually one, a logit  | 0, 1 or a number between them  |
| K classes, with probabilities    | ``cross_entropy``        | K logits              | the class: 0, 1, ... or K - 1  |

Each function takes ``outputs``, one list of Values per row (or a single Value), and ``targets``, the desired outputs. A logit
is any number, not a probability: sigmoid or softmax is part of the loss, which avoids overflow. For a model that ends in a
sigmoid, use ``binary_cross_entropy(..., from_logits=False)``. ``reduction`` is ``"mean"``,
the mean over rows (over outputs, if each has a target), or ``"sum"``. A target that is a Value, as in a function passed to
``compile``, is not validated.

To add a loss, define a function here and add it to ``LOSSES``.
"""

import math
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from autograd import Value, dot, log_softmax, minimum, relu, softplus, sum, take, xlogy  # noqa: A004 - the sum of Values
from autograd.shared import counted, warn
from nn.base.checks import boolean, positive_float, probability
from nn.base.endings import PROBABILITIES, ending
from nn.data.rows import as_list
from nn.data.targets import CLASS, PROBABILITY, SIGN, as_batch, as_pairs, pairs_of

Loss = Callable[..., Value]  # takes outputs and targets, and options by keyword
Items = Sequence[Any]  # one item per row, or per class


def mse_loss(outputs: Items, targets: Items, *, reduction: str = "mean") -> Value:
    """Return the mean squared error: ``(output - target)**2``, averaged over all rows and outputs.

    Args:
        outputs: N rows of K Values.
        targets: N rows of K numbers, or N numbers if K is 1.
        reduction: ``"mean"`` or ``"sum"``.

    Raises:
        ValueError: If there is not one target per output, or no output at all, or ``reduction`` is unknown.
        TypeError: If an output or a target is not a number.

    >>> mse_loss([[Value(1.0)], [Value(2.0)]], [1.0, 4.0])
    Value(2.0, grad=0.0, op='/')
    """
    errors = [output - target for output, target in as_pairs("mse_loss", outputs, targets)]
    return _reduced(dot(errors, errors), len(errors), reduction)


def mae_loss(outputs: Items, targets: Items, *, reduction: str = "mean") -> Value:
    """Return the mean absolute error: ``|output - target|``. Outliers have no more influence than other rows.

    Args and errors: See ``mse_loss``. Where an error is 0, the gradient is 0.

    >>> mae_loss([[Value(1.0)], [Value(2.0)]], [1.0, 4.0]).data
    1.0
    """
    losses = [abs(output - target) for output, target in as_pairs("mae_loss", outputs, targets)]
    return _reduced(sum(losses), len(losses), reduction)


def huber_loss(outputs: Items, targets: Items, *, delta: float = 1.0, reduction: str = "mean") -> Value:
    """Return the Huber loss: ``error**2 / 2`` for errors up to ``delta``, and linear beyond it (Huber 1964).

    Args:
        outputs, targets, reduction: See ``mse_loss``.
        delta: Error at which the loss becomes linear, and the slope of the linear part.

    Raises:
        ValueError, TypeError: See ``mse_loss``. Also if ``delta`` is not positive and finite.

    >>> huber_loss([[Value(0.5)], [Value(5.0)]], [0.0, 0.0], reduction="sum").data  # 0.5 * 0.5**2 + (5 - 0.5)
    4.625
    """
    bound = positive_float(delta, "delta")
    sizes = [abs(output - target) for output, target in as_pairs("huber_loss", outputs, targets)]
    # Beyond delta, near is delta and the loss is delta * (size - delta / 2). Otherwise it is size**2 / 2.
    losses = [near * (size - 0.5 * near) for size in sizes for near in [minimum(size, bound)]]
    return _reduced(sum(losses), len(losses), reduction)


def hinge_loss(outputs: Items, targets: Items, *, reduction: str = "mean") -> Value:
    """Return the hinge loss: ``relu(1 - target * output)`` (Cortes & Vapnik 1995).

    It is 0 if every output has the sign of its target and a magnitude of at least 1.

    Args:
        outputs: N rows of K Values, each for a separate question; K is usually 1.
        targets: N rows of K numbers +1 or -1, or N such numbers if K is 1.
        reduction: ``"mean"`` or ``"sum"``.

    Raises:
        ValueError: If there is not one target per output, or no output at all, or a target or ``reduction`` is invalid.
        TypeError: If an output or a target is not a number.

    Warns:
        UserWarning: If the outputs are results of ``sigmoid`` or a similar function, which have only one sign.

    >>> hinge_loss([[Value(0.25)], [Value(-3.0)]], [1, -1])
    Value(0.375, grad=0.0, op='/')
    """
    rows, signs = as_batch("hinge_loss", outputs, targets, SIGN)
    _warn_of_ending("hinge_loss", rows[0])
    losses = [relu(1.0 - sign * output) for output, sign in pairs_of(rows, signs)]
    return _reduced(sum(losses), len(losses), reduction)


def binary_cross_entropy(outputs: Items, targets: Items, *, from_logits: bool = True, reduction: str = "mean") -> Value:
    """Return ``-log`` of the probability of the target, where ``sigmoid(output)`` is the probability of 1.

    A target between 0 and 1 is itself a probability: ``-target * log(p) - (1 - target) * log(1 - p)``. In PyTorch, this
    function is ``binary_cross_entropy_with_logits``, or ``binary_cross_entropy`` with ``from_logits=False``.

    Args:
        outputs: N rows of K logits, each for a separate question; K is usually 1.
        targets: N rows of K numbers in [0, 1], or N such numbers if K is 1.
        from_logits: If False, the outputs are probabilities, for example of a model that ends in a sigmoid. Prefer logits: a
            probability is rounded to 0 or 1 for logits beyond 37, and then a wrong prediction has an infinite loss. The loss
            is nan if an output is outside [0, 1].
        reduction: ``"mean"`` over all rows and outputs, or ``"sum"``.

    Raises:
        ValueError: If there is not one target per output, or no output at all, or a target or ``reduction`` is invalid.
        TypeError: If an output or a target is not a number, or ``from_logits`` is not True or False.

    Warns:
        UserWarning: If the outputs are results of ``sigmoid``, ``softmax`` or a similar function and ``from_logits`` is True,
            so that both are applied.

    >>> binary_cross_entropy([[Value(0.0)], [Value(1000.0)]], [1, 0]).data  # (log(2) + 1000) / 2
    500.34657359027995
    >>> binary_cross_entropy([[Value(0.5)], [Value(0.0)]], [1, 0], from_logits=False).data  # log(2) / 2
    0.34657359027997264
    """
    rows, goals = as_batch("binary_cross_entropy", outputs, targets, PROBABILITY)
    pairs = pairs_of(rows, goals)
    if not boolean(from_logits, "from_logits"):
        losses = [_negative_log(p, target) for p, target in pairs]
        return _reduced(sum(losses), len(losses), reduction)
    _warn_of_ending("binary_cross_entropy", rows[0])
    # Not softplus(x) - target * x, which loses all digits of a small loss to cancellation.
    losses = [target * softplus(-logit) + (1.0 - target) * softplus(logit) for logit, target in pairs]
    return _reduced(sum(losses), len(losses), reduction)


def cross_entropy(
    outputs: Items, targets: Items, *, class_weights: Items | None = None, label_smoothing: float = 0.0, reduction: str = "mean"
) -> Value:
    """Return ``-log(softmax(outputs)[target])``, without overflow for outputs of any magnitude.

    Args:
        outputs: N rows of K >= 2 logits.
        targets: N class numbers, each from 0 to K - 1.
        class_weights: K positive numbers. The loss of a row is multiplied by the weight of its class: use larger weights for
            rare classes. The mean is then weighted too: the sum is divided by the weights of the N targets.
        label_smoothing: Fraction of the target's probability that is spread evenly over all K classes, in [0, 1). This
            prevents overconfidence, which rarely generalizes to new rows (Szegedy et al. 2016, section 7).
        reduction: ``"mean"`` or ``"sum"``.

    Raises:
        ValueError: If there is not one target per row, or no row at all; if there are fewer than two outputs (use
            ``binary_cross_entropy`` for one) or rows of different lengths; if a class, a weight or an option is out of range;
            or if the number of weights is not K.
        TypeError: If an output, a class, a weight or ``label_smoothing`` is not a number.

    Warns:
        UserWarning: If the outputs are results of ``softmax``, ``sigmoid`` or a similar function, so that both are applied.

    >>> cross_entropy([[Value(0.0), Value(0.0)], [Value(1000.0), Value(-1000.0)]], [0, 0]).data  # log(2) / 2
    0.34657359027997264
    """
    rows, classes = as_batch("cross_entropy", outputs, targets, CLASS)
    _warn_of_ending("cross_entropy", rows[0])
    smoothing = probability(label_smoothing, "label_smoothing")
    weights = None if class_weights is None else _as_weights(class_weights, len(rows[0]))
    losses = []
    for row, [target] in zip(rows, classes, strict=True):
        logs = log_softmax(row)
        loss = -take(logs, target)  # -log(probability of the target)
        if weights is not None:
            loss = take(weights, target) * loss
        if smoothing:
            per_class = [-log for log in logs]
            spread = sum(per_class) if weights is None else dot(weights, per_class)
            loss = (1.0 - smoothing) * loss + smoothing / len(row) * spread
        losses.append(loss)
    count = len(rows) if weights is None else sum([take(weights, target) for [target] in classes])
    return _reduced(sum(losses), count, reduction)


LOSSES: dict[str, Loss] = {
    loss.__name__.removesuffix("_loss"): loss
    for loss in (mse_loss, mae_loss, huber_loss, hinge_loss, binary_cross_entropy, cross_entropy)
}

QUANTITIES = (mse_loss, mae_loss, huber_loss)  # losses whose targets are not classes


def unwrapped(loss: Loss) -> tuple[Loss, dict[str, Any]]:
    """Return the function and the options of a loss, such as ``functools.partial(cross_entropy, label_smoothing=0.1)``.

    >>> unwrapped(partial(hinge_loss, reduction="sum"))[1], unwrapped(hinge_loss)[1]
    ({'reduction': 'sum'}, {})
    """
    return (loss.func, loss.keywords) if isinstance(loss, partial) and not loss.args else (loss, {})


def weighted(loss: Loss, outputs: Items, targets: Items, weights: Sequence[float] | None) -> Value:
    """Return the loss of a batch. If there are weights, it is the weighted mean, or sum, of the losses of the rows.

    Args:
        loss: The loss function. With weights, it is called for each row.
        outputs, targets: N outputs and targets.
        weights: N non-negative numbers, or None.

    >>> weighted(mse_loss, [Value(1.0), Value(2.0)], [0.0, 0.0], [3.0, 1.0]).data  # (3 * 1 + 1 * 4) / 4
    1.75
    """
    try:
        if weights is None:
            return loss(outputs, targets)
        losses = [loss([output], [target]) for output, target in zip(outputs, targets, strict=True)]
    except (TypeError, AttributeError) as problem:
        if unwrapped(loss)[0] not in LOSSES.values():
            note_lists(problem, "loss", outputs)
        raise
    total = dot(weights, losses)
    return total if unwrapped(loss)[1].get("reduction") == "sum" else total / (math.fsum(weights) or 1.0)


def note_lists(problem: Exception, kind: str, outputs: Items) -> None:
    """Add a note to an error of an operation on a list in a loss or metric, which receives lists.

    >>> try:
    ...     [[1.0]] - [2.0]
    ... except TypeError as problem:
    ...     note_lists(problem, "loss", [[1.0]])
    ...     print(problem.__notes__[0])
    a loss receives lists: the outputs of each row, and the targets; return one mean, such as
    sum((row[0] - target) ** 2 for row, target in zip(outputs, targets)) / len(targets)
    """
    if "'list'" in str(problem) and not getattr(problem, "__notes__", ()):
        row, number = ("row", "row[0]") if outputs and isinstance(outputs[0], list | tuple) else ("output", "output")
        problem.add_note(
            f"a {kind} receives lists: the outputs of each row, and the targets; return one mean, such as\n"
            f"sum(({number} - target) ** 2 for {row}, target in zip(outputs, targets)) / len(targets)"
        )


def _warn_of_ending(who: str, row: Items) -> None:
    """Warn if the outputs are results of a function that the loss applies, or that contradicts it."""
    last = ending(row)
    if not last:
        return
    own = {"binary_cross_entropy": "sigmoid", "cross_entropy": "softmax"}.get(who)
    problem = f"{who} applies {own} to the outputs, which are already results of {last}"
    remedy = "predict(model, X, probabilities=True) returns probabilities"
    if who == "hinge_loss":
        problem = f"hinge_loss needs outputs of both signs, but these are results of {last}, which all have the same sign"
        remedy = "the sign of an output is its class"
    elif who == "cross_entropy" and last == "log_softmax":
        problem += ", which does not change them"
    elif last == "softmax" and len(row) == 1:
        problem += " and always 1"
    elif who == "binary_cross_entropy" and last in PROBABILITIES:
        remedy = "or use fit(..., loss=functools.partial(binary_cross_entropy, from_logits=False))"
    elif who == "binary_cross_entropy" and last.endswith("softmax"):
        remedy = "and use cross_entropy, because softmax answers one question, not a separate one per output"
    warn(f"{problem}; end the model without {last}{',' if remedy.startswith(('or ', 'and ')) else ';'} {remedy}")


def _negative_log(p: Any, target: Any) -> Any:
    """Return ``-target * log(p) - (1 - target) * log(1 - p)``, where ``0 * log(0)`` is 0; nan if ``p`` is not in [0, 1]."""
    return -xlogy(target, p) - xlogy(1.0 - target, 1.0 - p)  # one of the logarithms is nan outside of the interval


def _reduced(total: Value, count: Any, reduction: str) -> Value:
    """Return the sum of all losses, or their mean."""
    if reduction not in ("mean", "sum"):
        raise ValueError(f"unknown reduction: {reduction!r} (must be 'mean' or 'sum')")
    return total if reduction == "sum" else total / count


def _as_weights(class_weights: Any, n_classes: int) -> list[float]:
    weights = as_list(class_weights, "class_weights")
    if len(weights) != n_classes:
        raise ValueError(
            f"class_weights must have one number for each of the {n_classes} classes, not {counted(len(weights), 'number')}"
        )
    return [positive_float(weight, f"class_weights[{k}]") for k, weight in enumerate(weights)]
