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

# isort: off
# It would make a statement of each `x as x`, which tells type checkers that a name is for the users of the package.
from autograd import copying as _copying  # noqa: F401 - gives Value its methods for copy and pickle
from autograd import sums as _sums
from autograd import value as _value
from autograd.errors import (
    AutogradError as AutogradError, GraphTooLargeError as GraphTooLargeError,
    InterruptedBackwardError as InterruptedBackwardError, StaleBuildWarning as StaleBuildWarning,
)  # fmt: skip
from autograd.functions import (
    clip as clip, elu as elu, gelu as gelu, leaky_relu as leaky_relu, log_softmax as log_softmax, logsumexp as logsumexp,
    mean as mean, norm as norm, prod as prod, reciprocal as reciprocal, silu as silu, softmax as softmax, square as square,
    var as var, where as where,
)  # fmt: skip
from autograd.graph import (
    count_nodes as count_nodes, label as label, leaves as leaves, topological_order as topological_order,
)  # fmt: skip
from autograd.no_grad import no_grad as no_grad
from autograd.sums import affine as affine, dot as dot, sum as sum  # noqa: A004 - autograd.sum is for Values
from autograd.value import Value as Value

# For readers and type checkers; the next line puts functions in the place of the rows, compiled where the core is.
from autograd.ops import *  # type: ignore[no-redef]  # noqa: F403 - sum and dot, which stay those of sums.py
# isort: on

globals().update(_value.FUNCTIONS, sum=_sums.sum, dot=_sums.dot)

__version__ = "0.1.0"


def backend() -> str:
    """``"compiled"`` if the core was compiled by Cython, ``"python"`` if the same files run as Python."""
    return "compiled" if _value.COMPILED else "python"
