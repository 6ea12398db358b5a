"""Scalar reverse-mode automatic differentiation.

Write ordinary Python on ``Value``s; every operation is recorded; ``backward`` gives the derivative of the result by
everything it was computed from.

>>> from autograd import Value
>>> x = Value(2.0)
>>> y = x**3 + x.exp()
>>> y.backward()
>>> x.grad  # 3 * x**2 + exp(x)
19.389056098930652
"""

from __future__ import annotations

import os

from autograd.build_info import choose_backend

choose_backend(os.environ.get("AUTOGRAD_BACKEND"))

from autograd import copying as _copying  # noqa: E402, F401 - gives Value its methods for copy and pickle
from autograd import value as _value  # noqa: E402
from autograd.errors import AutogradError, GraphTooLargeError, InterruptedBackwardError, StaleBuildWarning  # noqa: E402
from autograd.functions import (  # noqa: E402
    clip, elu, gelu, leaky_relu, log_softmax, logsumexp, mean, norm, prod, reciprocal, silu, softmax, square, var, where,
)  # fmt: skip
from autograd.graph import count_nodes, label, leaves, topological_order  # noqa: E402
from autograd.no_grad import no_grad  # noqa: E402
from autograd.ops import *  # noqa: E402, F403 - for readers and type checkers; replaced by the next but one line
from autograd.sums import affine, dot, sum  # noqa: E402, A004
from autograd.value import Value  # noqa: E402

globals().update(_value.FUNCTIONS)  # each row of the table as a function, compiled where the core is

__version__ = "0.1.0"


def backend() -> str:
    """``"compiled"`` if the core was compiled by Cython, ``"python"`` if the same files run as Python."""
    return "compiled" if _value.COMPILED else "python"
