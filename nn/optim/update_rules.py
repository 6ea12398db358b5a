"""The arithmetic of one optimizer step, for all parameters at once. Each rule is stated once; the formulas are PyTorch's.

A rule takes arrays with one float per parameter: of NumPy, or without it, of Python's module ``array``. It updates ``p``, the
parameters, and the optimizer's state in place, and returns ``p``. ``g`` holds the gradients. The papers are named in
``optimizers.py``.

Cython compiles this file, taking the annotations as C types; a rule is then a loop. Uncompiled, ``range(count)`` gives one
index that stands for all parameters, so NumPy does the loop; without NumPy, it is Python's ``range``. Parameters that diverge
become inf or nan; only NumPy warns.
"""

# Type checkers read the uncompiled branches.
# mypy: always-false=compiled
from __future__ import annotations

try:
    import cython
except ImportError:
    from nn.optim import _arrays as cython

if cython.compiled:
    from cython.cimports.libc.math import sqrt
    from cython.cimports.nn.optim._arrays import larger, writable_floats
else:
    from nn.optim._arrays import all_indices as range  # noqa: A004 - one index for all elements
    from nn.optim._arrays import larger, sqrt, writable_floats

TYPE_CHECKING = False
if TYPE_CHECKING:
    import numpy as np


def descend(p: np.ndarray, g: np.ndarray, lr: cython.double) -> np.ndarray:
    """Update by plain gradient descent: ``p - lr * g``.

    Args:
        p: Parameters, an array of shape (number of parameters,) and dtype float64.
        g: Gradients, an array like ``p``.
        lr: Learning rate.

    Returns:
        ``p``, updated in place.

    Raises:
        ValueError: If the arrays have different lengths, or an array is read-only.
        TypeError: If an array does not have dtype float64.

    Example:
        >>> import numpy as np
        >>> from nn.optim import update_rules
        >>> update_rules.descend(np.array([1.0, 2.0]), np.array([2.0, -4.0]), 0.25)
        array([0.5, 3. ])
    """
    count: cython.Py_ssize_t = len(p)
    ps: cython.p_double = writable_floats(p, count)
    gs: cython.p_double = writable_floats(g, count)
    i: cython.Py_ssize_t
    for i in range(count):
        ps[i] = ps[i] - lr * gs[i]
    return p


def decay(p: np.ndarray, g: np.ndarray, strength: cython.double) -> np.ndarray:
    """Add the gradient of the penalty ``strength / 2 * p**2`` to ``g``, in place, and return ``g``.

    See `descend` for the other arguments and the errors.

    Example:
        >>> import numpy as np
        >>> from nn.optim import update_rules
        >>> update_rules.decay(np.array([1.0, 2.0]), np.array([2.0, -4.0]), 0.5)
        array([ 2.5, -3. ])
    """
    count: cython.Py_ssize_t = len(p)
    ps: cython.p_double = writable_floats(p, count)
    gs: cython.p_double = writable_floats(g, count)
    i: cython.Py_ssize_t
    for i in range(count):
        gs[i] = gs[i] + strength * ps[i]
    return g


def shrink(p: np.ndarray, factor: cython.double) -> np.ndarray:
    """Multiply the parameters by ``factor``, in place. See `descend` for the other arguments and the errors.

    Example:
        >>> import numpy as np
        >>> from nn.optim import update_rules
        >>> update_rules.shrink(np.array([1.0, 2.0]), 0.5)
        array([0.5, 1. ])
    """
    count: cython.Py_ssize_t = len(p)
    ps: cython.p_double = writable_floats(p, count)
    i: cython.Py_ssize_t
    for i in range(count):
        ps[i] = ps[i] * factor
    return p


def momentum(
    p: np.ndarray, g: np.ndarray, velocity: np.ndarray, lr: cython.double, momentum: cython.double, nesterov: cython.bint
) -> np.ndarray:
    """Update by gradient descent with momentum, or with Nesterov's momentum.

    The velocity is a sum of all gradients in which the weight of a gradient decays by the factor ``momentum`` at each step.
    Nesterov's variant uses the velocity of the next step. See `descend` for the other arguments and the errors.

    Args:
        velocity: State, an array like ``p``.
        momentum: Decay of the velocity, in [0, 1).
        nesterov: Whether to use Nesterov's variant.

    Example:
        >>> import numpy as np
        >>> from nn.optim import update_rules
        >>> velocity = np.array([2.0])
        >>> update_rules.momentum(np.array([1.0]), np.array([4.0]), velocity, lr=0.25, momentum=0.5, nesterov=False)
        array([-0.25])
        >>> velocity
        array([5.])
    """
    count: cython.Py_ssize_t = len(p)
    ps: cython.p_double = writable_floats(p, count)
    gs: cython.p_double = writable_floats(g, count)
    vs: cython.p_double = writable_floats(velocity, count)
    i: cython.Py_ssize_t
    for i in range(count):
        vs[i] = momentum * vs[i] + gs[i]
        ps[i] = ps[i] - lr * (gs[i] + momentum * vs[i] if nesterov else vs[i])
    return p


def adagrad(p: np.ndarray, g: np.ndarray, squares: np.ndarray, lr: cython.double, eps: cython.double) -> np.ndarray:
    """Update by Adagrad: divide the gradient by the square root of the sum of all squared gradients.

    See `descend` for the other arguments and the errors.

    Args:
        squares: State, an array like ``p``: the sum of the squared gradients.
        eps: Added to the root, to avoid a division by 0.

    Example:
        >>> import numpy as np
        >>> from nn.optim import update_rules
        >>> squares = np.array([9.0])
        >>> update_rules.adagrad(np.array([1.0]), np.array([4.0]), squares, lr=0.5, eps=0.0)
        array([0.6])
        >>> squares
        array([25.])
    """
    count: cython.Py_ssize_t = len(p)
    ps: cython.p_double = writable_floats(p, count)
    gs: cython.p_double = writable_floats(g, count)
    squared: cython.p_double = writable_floats(squares, count)
    i: cython.Py_ssize_t
    for i in range(count):
        squared[i] = squared[i] + gs[i] * gs[i]
        ps[i] = ps[i] - lr * gs[i] / (sqrt(squared[i]) + eps)
    return p


def rmsprop(
    p: np.ndarray, g: np.ndarray, squares: np.ndarray, velocity: np.ndarray,
    lr: cython.double, alpha: cython.double, eps: cython.double, momentum: cython.double,
) -> np.ndarray:  # fmt: skip
    """Update by RMSprop: divide the gradient by the root of a running mean of its square.

    See `descend` and `adagrad` for the other arguments and the errors.

    Args:
        squares: State, an array like ``p``: the running mean of the squared gradients.
        velocity: State, an array like ``p``.
        alpha: Decay of the running mean, in [0, 1).
        momentum: Decay of the velocity, in [0, 1).

    Example:
        >>> import numpy as np
        >>> from nn.optim import update_rules
        >>> squares, velocity = np.array([8.0]), np.array([2.0])
        >>> update_rules.rmsprop(np.array([1.0]), np.array([4.0]), squares, velocity, lr=0.1, alpha=0.0, eps=0.0, momentum=0.5)
        array([0.8])
        >>> squares, velocity
        (array([16.]), array([2.]))
    """
    count: cython.Py_ssize_t = len(p)
    ps: cython.p_double = writable_floats(p, count)
    gs: cython.p_double = writable_floats(g, count)
    squared: cython.p_double = writable_floats(squares, count)
    vs: cython.p_double = writable_floats(velocity, count)
    i: cython.Py_ssize_t
    for i in range(count):
        squared[i] = alpha * squared[i] + (1 - alpha) * gs[i] * gs[i]
        vs[i] = momentum * vs[i] + gs[i] / (sqrt(squared[i]) + eps)
        ps[i] = ps[i] - lr * vs[i]
    return p


def adam(
    p: np.ndarray, g: np.ndarray, m: np.ndarray, v: np.ndarray,
    lr: cython.double, beta1: cython.double, beta2: cython.double, eps: cython.double, step: cython.int,
    v_max: np.ndarray | None = None,
) -> np.ndarray:  # fmt: skip
    """Update by Adam: running means of the gradient and of its square, corrected for their start at 0.

    The names are the names in the paper. See `descend` and `adagrad` for the other arguments and the errors.

    Args:
        m: State, an array like ``p``: the running mean of the gradients.
        v: State, an array like ``p``: the running mean of the squared gradients.
        beta1: Decay of ``m``, in [0, 1).
        beta2: Decay of ``v``, in [0, 1).
        step: Number of this step, from 1.
        v_max: State, an array like ``p``: the largest ``v`` so far, which replaces ``v`` in AMSGrad. None: use ``v``.

    Example:
        >>> import numpy as np
        >>> from nn.optim import update_rules
        >>> m, v = np.array([0.0]), np.array([0.0])
        >>> update_rules.adam(np.array([1.0]), np.array([4.0]), m, v, lr=0.25, beta1=0.5, beta2=0.75, eps=0.0, step=1)
        array([0.75])
        >>> m, v
        (array([2.]), array([4.]))
    """
    count: cython.Py_ssize_t = len(p)
    ps: cython.p_double = writable_floats(p, count)
    gs: cython.p_double = writable_floats(g, count)
    ms: cython.p_double = writable_floats(m, count)
    vs: cython.p_double = writable_floats(v, count)
    largest: cython.p_double = writable_floats(v if v_max is None else v_max, count)
    rate: cython.double = lr / (1 - beta1**step)
    root: cython.double = sqrt(1 - beta2**step)
    rate, eps = rate * root, eps * root  # instead of dividing each root by this one, as the paper says at the end of section 2
    i: cython.Py_ssize_t
    # Separate loops, because compilers use vectors only if the arrays of a loop do not overlap, and largest may be vs.
    for i in range(count):
        ms[i] = beta1 * ms[i] + (1 - beta1) * gs[i]
        vs[i] = beta2 * vs[i] + (1 - beta2) * gs[i] * gs[i]
    if v_max is not None:
        for i in range(count):
            largest[i] = larger(largest[i], vs[i])
    for i in range(count):
        ps[i] = ps[i] - rate * ms[i] / (sqrt(largest[i]) + eps)
    return p
