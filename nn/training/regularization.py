"""Against overfitting: penalties on large weights; and against steps that are too long: clipping of gradients.

A penalty is added to the loss: ``fit(..., penalty=lambda: l1_penalty(model, 0.01))``, or ``loss + l1_penalty(model, 0.01)`` in
a loop of your own, which calls ``clip_grad_norm`` between ``backward`` and the step of the optimizer.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

from autograd import Value, dot, read_grads, sum, write_grads  # noqa: A004 - the sum of Values
from nn.base.checks import NO_LISTS, not_negative, positive_float, shown
from nn.modules import Module


def l1_penalty(parameters: Module | Iterable[Value], strength: float) -> Value:
    """``strength * (|w1| + |w2| + ...)``: drives the weights that help little to zero (Tibshirani 1996, the lasso).

    The pull towards zero is as strong for a small weight as for a large one, so that those of inputs that tell nothing
    end close to zero, where steps of gradient descent go to and fro over it.

    Args:
        parameters: a Module, of which the weights are meant but not the biases (those with "bias" in their names); or a list
            of Values, all of which are, which is quicker, as they need not be found first.
        strength: 0 or more.

    Raises:
        TypeError: if they are neither, or ``strength`` is not a number.
        ValueError: if there are none, or ``strength`` is negative, infinite or nan.

    >>> l1_penalty([Value(3.0), Value(-4.0)], 0.1).data
    0.7000000000000001
    """
    weights = _values(parameters, "l1_penalty", biases=False)
    return not_negative(strength, "strength") * sum([abs(weight) for weight in weights])


def l2_penalty(parameters: Module | Iterable[Value], strength: float) -> Value:
    """``strength * (w1**2 + w2**2 + ...)``: keeps all weights small (Hoerl & Kennard 1970, ridge regression).

    Its gradient is ``2 * strength * w``: for ``SGD``, the same as a ``weight_decay`` of ``2 * strength``, which pulls at the
    biases as well.

    Args and errors: as for ``l1_penalty``.

    >>> l2_penalty([Value(3.0), Value(-4.0)], 0.1).data
    2.5
    """
    weights = _values(parameters, "l2_penalty", biases=False)
    return not_negative(strength, "strength") * dot(weights, weights)


def clip_grad_norm(parameters: Module | Iterable[Value], max_norm: float) -> float:
    """Shorten the gradient, all those of the parameters taken as one vector, to a length of at most ``max_norm``.

    Its direction stays. So one bad batch cannot throw the weights far away (Pascanu, Mikolov & Bengio 2013). A length that
    is nan or infinite cannot be mended: all gradients stay as they are.

    Args:
        parameters: a Module or a list of Values.
        max_norm: above 0.

    Returns:
        the length before.

    Raises:
        TypeError: if they are neither, or ``max_norm`` is not a number.
        ValueError: if there are none, or ``max_norm`` is not a finite number above 0.

    >>> x, y = Value(0.0), Value(0.0)
    >>> (30 * x + 40 * y).backward()
    >>> clip_grad_norm([x, y], max_norm=5.0), round(x.grad, 6), round(y.grad, 6)
    (50.0, 3.0, 4.0)
    """
    values, limit = _values(parameters, "clip_grad_norm"), positive_float(max_norm, "max_norm")
    gradient = read_grads(values)
    norm = math.hypot(*gradient.tolist())
    if limit < norm + 1e-6 < math.inf:  # as PyTorch has it
        write_grads(values, limit / (norm + 1e-6) * gradient)
    return norm


def clip_grad_value(parameters: Module | Iterable[Value], limit: float) -> None:
    """Bring each gradient that is outside ``-limit`` to ``limit`` to the nearer of the two.

    Args:
        parameters: a Module or a list of Values.
        limit: above 0.

    Raises:
        TypeError, ValueError: as ``clip_grad_norm``.

    >>> x, y = Value(0.0), Value(0.0)
    >>> (30 * x - 0.5 * y).backward()
    >>> clip_grad_value([x, y], limit=1.0)
    >>> x.grad, y.grad
    (1.0, -0.5)
    """
    values, most = _values(parameters, "clip_grad_value"), positive_float(limit, "limit")
    write_grads(values, read_grads(values).clip(-most, most))


def _values(parameters: Any, who: str, biases: bool = True) -> list[Value]:
    if isinstance(parameters, Module):
        values = [p for name, p in parameters.named_parameters() if biases or "bias" not in name]
    else:
        values = list(parameters) if isinstance(parameters, Iterable) and not isinstance(parameters, NO_LISTS) else [parameters]
    for value in values:
        if not isinstance(value, Value):
            raise TypeError(f"{who} takes a Module or a list of Values, not {shown(value)}; give model.parameters()")
    if not values:
        raise ValueError(f"{who} needs at least one {'parameter' if biases else 'weight'}, but {parameters!r:.60} has none")
    return values
