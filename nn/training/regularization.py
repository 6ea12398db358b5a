"""Penalties on large weights, against overfitting; and clipping of gradients, against too large steps.

A penalty is added to the loss: ``fit(..., penalty=lambda: l1_penalty(model, 0.01))``, or ``loss + l1_penalty(model, 0.01)`` in
your own training loop. There, call ``clip_grad_norm`` between ``backward`` and the step of the optimizer.
"""

import math
from collections.abc import Iterable
from typing import Any

from autograd import Value, dot, read_grads, sum, write_grads  # noqa: A004 - the sum of Values
from nn.base.checks import NOT_LISTS, describe, non_negative_float, positive_float
from nn.modules import Module


def l1_penalty(parameters: Module | Iterable[Value], strength: float) -> Value:
    """Return ``strength * (|w1| + |w2| + ...)``, which drives unimportant weights to zero (Tibshirani 1996, the lasso).

    The pull towards zero does not depend on the size of a weight. Therefore the weights of uninformative inputs end close to
    zero, where steps of gradient descent alternate between both signs.

    Args:
        parameters: A Module, whose weights are used but not its biases (the parameters with "bias" in their names); or a list
            of Values, which are all used. A list is faster, because no search is needed.
        strength: Non-negative factor.

    Raises:
        TypeError: If ``parameters`` contains anything except Values, or ``strength`` is not a number.
        ValueError: If there are no parameters, or ``strength`` is negative, infinite or nan.

    >>> l1_penalty([Value(3.0), Value(-4.0)], 0.1).data
    0.7000000000000001
    """
    weights = _values(parameters, "l1_penalty", biases=False)
    return non_negative_float(strength, "strength") * sum([abs(weight) for weight in weights])


def l2_penalty(parameters: Module | Iterable[Value], strength: float) -> Value:
    """Return ``strength * (w1**2 + w2**2 + ...)``, which keeps all weights small (Hoerl & Kennard 1970, ridge regression).

    Its gradient is ``2 * strength * w``. For ``SGD``, this equals a ``weight_decay`` of ``2 * strength``, except that
    ``weight_decay`` affects biases too.

    Args and errors: See ``l1_penalty``.

    >>> l2_penalty([Value(3.0), Value(-4.0)], 0.1).data
    2.5
    """
    weights = _values(parameters, "l2_penalty", biases=False)
    return non_negative_float(strength, "strength") * dot(weights, weights)


def clip_grad_norm(parameters: Module | Iterable[Value], max_norm: float) -> float:
    """Scale the gradient of all parameters, as one vector, to a Euclidean norm of at most ``max_norm``.

    The direction of the gradient does not change. This limits the effect of a single bad batch (Pascanu, Mikolov & Bengio
    2013). If the norm is nan or infinite, the gradients are not changed.

    Args:
        parameters: A Module or a list of Values.
        max_norm: The maximum, positive.

    Returns:
        The norm before clipping.

    Raises:
        TypeError: If ``parameters`` contains anything except Values, or ``max_norm`` is not a number.
        ValueError: If there are no parameters, or ``max_norm`` is not positive and finite.

    >>> x, y = Value(0.0), Value(0.0)
    >>> (30 * x + 40 * y).backward()
    >>> clip_grad_norm([x, y], max_norm=5.0), round(x.grad, 6), round(y.grad, 6)
    (50.0, 3.0, 4.0)
    """
    values, limit = _values(parameters, "clip_grad_norm"), positive_float(max_norm, "max_norm")
    gradient = read_grads(values).tolist()
    norm = math.hypot(*gradient)
    if limit < norm + 1e-6 < math.inf:  # as in PyTorch
        factor = limit / (norm + 1e-6)
        write_grads(values, [factor * g for g in gradient])
    return norm


def clip_grad_value(parameters: Module | Iterable[Value], limit: float) -> None:
    """Clip the gradient of each parameter to the interval from ``-limit`` to ``limit``.

    Args:
        parameters: A Module or a list of Values.
        limit: The maximum magnitude, positive.

    Raises:
        TypeError, ValueError: See ``clip_grad_norm``.

    >>> x, y = Value(0.0), Value(0.0)
    >>> (30 * x - 0.5 * y).backward()
    >>> clip_grad_value([x, y], limit=1.0)
    >>> x.grad, y.grad
    (1.0, -0.5)
    """
    values, maximum = _values(parameters, "clip_grad_value"), positive_float(limit, "limit")
    write_grads(values, [min(max(g, -maximum), maximum) for g in read_grads(values).tolist()])


def _values(parameters: Any, who: str, biases: bool = True) -> list[Value]:
    if isinstance(parameters, Module):
        values = [p for name, p in parameters.named_parameters() if biases or "bias" not in name]
    else:
        is_list = isinstance(parameters, Iterable) and not isinstance(parameters, NOT_LISTS)
        values = list(parameters) if is_list else [parameters]
    for value in values:
        if not isinstance(value, Value):
            raise TypeError(f"{who} needs a Module or a list of Values, not {describe(value)}; pass model.parameters()")
    if not values:
        raise ValueError(f"{who} needs at least one {'parameter' if biases else 'weight'}, but {parameters!r:.60} has none")
    return values
