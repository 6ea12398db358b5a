"""The arithmetic of the steps of gradient descent and its relatives: what optimizers are made of, for all parameters at once.

Each rule takes NumPy arrays with one float a parameter. It changes ``p``, the parameters, and what is remembered from step to
step, and returns ``p``; ``g`` are the gradients. The formulas are those of PyTorch; ``nn/optim.py`` says whose they are.

Compiled by Cython, like ``value.py``, which explains the names. Then a rule is a loop. Uncompiled its text is the same, but
``i`` stands for all parameters, and NumPy goes through them. What diverges becomes inf or nan: uncompiled, with a warning.
"""

# Type checkers, also those of users, are to read what runs uncompiled.
# mypy: always-false=compiled
from __future__ import annotations

try:
    import cython
except ImportError:
    from autograd.base import _cython as cython

if cython.compiled:
    from cython.cimports.autograd.base._capi import numbers_to_change
    from cython.cimports.libc.math import sqrt
else:
    from autograd.base._cython import every as range  # noqa: A004 - the places of so many numbers, all at once
    from autograd.base._cython import numbers_to_change, sqrt

TYPE_CHECKING = False
if TYPE_CHECKING:
    import numpy as np


def descend(p: np.ndarray, g: np.ndarray, lr: cython.double) -> np.ndarray:
    """Plain gradient descent.

    Args:
        p, g: parameters and gradients.
        lr: the learning rate.

    Raises:
        ValueError: if the arrays are not of the same length, or cannot be written to.
        TypeError: if one is not of floats.

    >>> import numpy as np
    >>> from autograd import rules
    >>> rules.descend(np.array([1.0, 2.0]), np.array([2.0, -4.0]), 0.25)
    array([0.5, 3. ])
    """
    count: cython.Py_ssize_t = len(p)
    ps: cython.p_double = numbers_to_change(p, count)
    gs: cython.p_double = numbers_to_change(g, count)
    i: cython.Py_ssize_t
    for i in range(count):
        ps[i] = ps[i] - lr * gs[i]
    return p


def momentum(
    p: np.ndarray, g: np.ndarray, velocity: np.ndarray, lr: cython.double, momentum: cython.double, nesterov: cython.bint
) -> np.ndarray:
    """Descent by the velocity, a sum of all gradients in which older ones count less and less; or by what it will be next.

    Args, Raises: as ``descend``.

    >>> import numpy as np
    >>> from autograd import rules
    >>> velocity = np.array([2.0])
    >>> rules.momentum(np.array([1.0]), np.array([4.0]), velocity, lr=0.25, momentum=0.5, nesterov=False)
    array([-0.25])
    >>> velocity
    array([5.])
    """
    count: cython.Py_ssize_t = len(p)
    ps: cython.p_double = numbers_to_change(p, count)
    gs: cython.p_double = numbers_to_change(g, count)
    vs: cython.p_double = numbers_to_change(velocity, count)
    i: cython.Py_ssize_t
    for i in range(count):
        vs[i] = momentum * vs[i] + gs[i]
        ps[i] = ps[i] - lr * (gs[i] + momentum * vs[i] if nesterov else vs[i])
    return p


def adagrad(p: np.ndarray, g: np.ndarray, squares: np.ndarray, lr: cython.double, eps: cython.double) -> np.ndarray:
    """Divide by the root of the sum of all squared gradients.

    Args, Raises: as ``descend``; ``eps`` is against division by 0.

    >>> import numpy as np
    >>> from autograd import rules
    >>> squares = np.array([9.0])
    >>> rules.adagrad(np.array([1.0]), np.array([4.0]), squares, lr=0.5, eps=0.0)
    array([0.6])
    >>> squares
    array([25.])
    """
    count: cython.Py_ssize_t = len(p)
    ps: cython.p_double = numbers_to_change(p, count)
    gs: cython.p_double = numbers_to_change(g, count)
    squared: cython.p_double = numbers_to_change(squares, count)
    i: cython.Py_ssize_t
    for i in range(count):
        squared[i] = squared[i] + gs[i] * gs[i]
        ps[i] = ps[i] - lr * gs[i] / (sqrt(squared[i]) + eps)
    return p


def rmsprop(
    p: np.ndarray, g: np.ndarray, squares: np.ndarray, velocity: np.ndarray,
    lr: cython.double, alpha: cython.double, eps: cython.double, momentum: cython.double,
) -> np.ndarray:  # fmt: skip
    """Divide by the root of the mean square, hence the name.

    Args, Raises: as ``adagrad``; ``alpha`` is how much of the mean is kept, ``momentum`` how much of the velocity.

    >>> import numpy as np
    >>> from autograd import rules
    >>> squares, velocity = np.array([8.0]), np.array([2.0])
    >>> rules.rmsprop(np.array([1.0]), np.array([4.0]), squares, velocity, lr=0.1, alpha=0.0, eps=0.0, momentum=0.5)
    array([0.8])
    >>> squares, velocity
    (array([16.]), array([2.]))
    """
    count: cython.Py_ssize_t = len(p)
    ps: cython.p_double = numbers_to_change(p, count)
    gs: cython.p_double = numbers_to_change(g, count)
    squared: cython.p_double = numbers_to_change(squares, count)
    vs: cython.p_double = numbers_to_change(velocity, count)
    i: cython.Py_ssize_t
    for i in range(count):
        squared[i] = alpha * squared[i] + (1 - alpha) * gs[i] * gs[i]
        vs[i] = momentum * vs[i] + gs[i] / (sqrt(squared[i]) + eps)
        ps[i] = ps[i] - lr * vs[i]
    return p


def adam(
    p: np.ndarray, g: np.ndarray, m: np.ndarray, v: np.ndarray,
    lr: cython.double, beta1: cython.double, beta2: cython.double, eps: cython.double, step: cython.int,
) -> np.ndarray:  # fmt: skip
    """Means of the gradients and of their squares, corrected for starting at 0. The names are those of the paper.

    Args, Raises: as ``adagrad``; ``beta1`` and ``beta2`` are how much of ``m`` and ``v`` is kept, ``step`` is 1 at first.

    >>> import numpy as np
    >>> from autograd import rules
    >>> m, v = np.array([0.0]), np.array([0.0])
    >>> rules.adam(np.array([1.0]), np.array([4.0]), m, v, lr=0.25, beta1=0.5, beta2=0.75, eps=0.0, step=1)
    array([0.75])
    >>> m, v
    (array([2.]), array([4.]))
    """
    count: cython.Py_ssize_t = len(p)
    ps: cython.p_double = numbers_to_change(p, count)
    gs: cython.p_double = numbers_to_change(g, count)
    ms: cython.p_double = numbers_to_change(m, count)
    vs: cython.p_double = numbers_to_change(v, count)
    rate: cython.double = lr / (1 - beta1**step)
    root: cython.double = sqrt(1 - beta2**step)
    i: cython.Py_ssize_t
    for i in range(count):
        ms[i] = beta1 * ms[i] + (1 - beta1) * gs[i]
        vs[i] = beta2 * vs[i] + (1 - beta2) * gs[i] * gs[i]
        ps[i] = ps[i] - rate * ms[i] / (sqrt(vs[i]) / root + eps)
    return p
