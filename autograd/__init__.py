"""Scalar reverse-mode automatic differentiation.

Write ordinary Python with ``Value`` objects. Every operation on them is recorded. ``backward`` then computes the gradient of
the result with respect to every Value it depends on.

>>> from autograd import Value
>>> x = Value(2.0)
>>> y = x**3 + x.exp()
>>> y.backward()
>>> x.grad  # 3 * x**2 + exp(x)
19.389056098930652

The names by purpose. ``help(autograd.grad)`` describes one of them:

===============  ====================================================================================================
build a graph    ``Value``; operators; functions such as ``exp``, ``tanh``, ``where``, ``sum``, ``dot``; ``no_grad``
differentiate    ``y.backward()``; ``grad``, ``value_and_grad``, ``jacobian``, ``hessian``, ``hvp``, ``jvp``, ``vjp``
look at it       ``y.draw()``, ``y.explain(x)``, ``leaves``, ``backward_steps``; the package ``visualize``
check            ``gradcheck`` for gradients, ``check_engine`` for engines
find mistakes    ``find_mistakes``, ``detect_anomaly``
run on arrays    ``compile``; ``to_numpy``, ``to_jax``, ``to_torch``
export           ``to_python``, ``to_latex``, ``to_sympy``, ``derivative_program``
train            the package ``nn``
===============  ====================================================================================================

To read the source, start with ``ops.py``, ``value.py``, ``topology.py``, ``backward.py`` and ``functions.py``.
"""

from __future__ import annotations

import os

from autograd.base.build_info import choose_backend
from autograd.base.installation import check_folders

check_folders()
choose_backend(os.environ.get("AUTOGRAD_BACKEND"))

from autograd import backward as _backward  # noqa: F401 - adds the methods for backpropagation to Value
from autograd.base.registration import add_strategy as _add_strategy
from autograd.errors import (
    AnomalyError,
    AutogradError,
    ChangedLeafError,
    GraphTooLargeError,
    MistakeWarning,
    RecordingError,
    StaleBuildWarning,
    WorkerError,
)
from autograd.export import display as _display  # noqa: F401 - adds the methods `draw` and `explain`, and those for notebooks
from autograd.functions import (
    celu,
    clip,
    elu,
    entropy,
    fma,
    gelu,
    hardshrink,
    leaky_relu,
    log_softmax,
    logsumexp,
    mean,
    mish,
    norm,
    prod,
    reciprocal,
    silu,
    softmax,
    softshrink,
    square,
    std,
    take,
    var,
    where,
)
from autograd.no_grad import no_grad
from autograd.nodes import copying as _copying  # noqa: F401 - adds the methods for copy and pickle to Value
from autograd.nodes import numpy_functions as _numpy_functions  # noqa: F401 - adds the methods that NumPy calls
from autograd.nodes import other_names as _other_names  # noqa: F401 - adds the names that other libraries use, as errors
from autograd.nodes.elementwise import FUNCTIONS as _FUNCTIONS
from autograd.nodes.elementwise import elementwise
from autograd.nodes.sums import affine, dot
from autograd.nodes.sums import sum as sum  # noqa: A004 - autograd.sum accepts Values
from autograd.topology import topological_order
from autograd.value import COMPILED as _COMPILED
from autograd.value import Value

# Tools and the module of each. They are loaded on first use, so that importing the package stays quick.
_TOOLS = {
    "EngineReport": "engines.report",
    "GradcheckReport": "checking.report",
    "LeafTuple": "nodes.bulk",
    "Program": "replay.program",
    "PythonSource": "export.programs",
    "Sharded": "compiler.sharded",
    "backward_steps": "inspection.backward_steps",
    "check_engine": "engines.check_engine",
    "compile": "compiler.entry",
    "count_nodes": "inspection.contents",
    "derivative_program": "export.programs",
    "detect_anomaly": "inspection.anomaly",
    "explain": "inspection.explanation",
    "find_mistakes": "inspection.mistakes",
    "grad": "transforms.derivatives",
    "gradcheck": "checking.gradcheck",
    "gradients": "transforms.derivatives",
    "hessian": "transforms.derivatives",
    "hvp": "transforms.derivatives",
    "jacobian": "transforms.derivatives",
    "javascript_rows": "export.javascript_writer",
    "jvp": "transforms.derivatives",
    "label": "inspection.contents",
    "leaves": "inspection.contents",
    "node_names": "inspection.names",
    "primitive": "nodes.custom",
    "read_data": "nodes.bulk",
    "read_grads": "nodes.bulk",
    "read_leaves": "nodes.bulk",
    "same_items": "nodes.bulk",
    "stale_nodes": "inspection.staleness",
    "to_jax": "compiler.array_functions",
    "to_latex": "export.latex_writer",
    "to_numpy": "compiler.array_functions",
    "to_python": "export.programs",
    "to_sympy": "export.sympy_writer",
    "to_torch": "compiler.array_functions",
    "value_and_grad": "transforms.derivatives",
    "vjp": "transforms.derivatives",
    "write_data": "nodes.bulk",
    "write_grads": "nodes.bulk",
}

TYPE_CHECKING = False
if TYPE_CHECKING:  # for readers and type checkers: the tools above, and a function for each row of the table
    from collections.abc import Callable
    from typing import Any

    from autograd.checking.gradcheck import gradcheck
    from autograd.checking.report import GradcheckReport
    from autograd.compiler.array_functions import to_jax, to_numpy, to_torch
    from autograd.compiler.entry import compile as compile  # noqa: A004 - the name of the public function
    from autograd.compiler.sharded import Sharded
    from autograd.engines.check_engine import check_engine
    from autograd.engines.report import EngineReport
    from autograd.export.javascript_writer import javascript_rows
    from autograd.export.latex_writer import to_latex
    from autograd.export.programs import PythonSource, derivative_program, to_python
    from autograd.export.sympy_writer import to_sympy
    from autograd.inspection.anomaly import detect_anomaly
    from autograd.inspection.backward_steps import backward_steps
    from autograd.inspection.contents import count_nodes, label, leaves
    from autograd.inspection.explanation import explain
    from autograd.inspection.mistakes import find_mistakes
    from autograd.inspection.names import node_names
    from autograd.inspection.staleness import stale_nodes
    from autograd.nodes.bulk import LeafTuple, read_data, read_grads, read_leaves, same_items, write_data, write_grads
    from autograd.nodes.custom import primitive
    from autograd.ops import *  # type: ignore[no-redef,assignment]  # noqa: F403
    from autograd.replay.program import Program
    from autograd.transforms.derivatives import grad, gradients, hessian, hvp, jacobian, jvp, value_and_grad, vjp
if TYPE_CHECKING:  # these functions are not the rows of the same name
    from autograd.functions import elu, hardshrink, leaky_relu, softshrink, take
    from autograd.nodes.sums import dot
    from autograd.nodes.sums import sum as sum  # noqa: A004
globals().update({**_FUNCTIONS, **globals()})  # one for each row of the table, unless functions.py adds default arguments

__all__ = [
    "AnomalyError", "AutogradError", "ChangedLeafError", "EngineReport", "GradcheckReport", "GraphTooLargeError", "LeafTuple",
    "MistakeWarning", "Program", "PythonSource", "RecordingError", "Sharded", "StaleBuildWarning", "Value", "WorkerError",
    "affine", "backend",
    "backward_steps", "celu", "check_engine", "clip", "count_nodes", "derivative_program", "detect_anomaly", "dot",
    "elementwise", "elu", "entropy", "explain", "find_mistakes", "fma", "gelu", "grad", "gradcheck", "gradients",
    "hardshrink", "hessian", "hvp", "jacobian", "javascript_rows", "jvp", "label", "leaky_relu", "leaves", "log_softmax",
    "logsumexp", "mean", "mish", "no_grad", "node_names", "norm", "primitive", "prod", "read_data", "read_grads",
    "read_leaves", "reciprocal", "same_items", "silu", "softmax", "softshrink", "square", "stale_nodes", "std", "take",
    "to_jax", "to_latex", "to_numpy", "to_python", "to_sympy", "to_torch", "topological_order", "value_and_grad", "var", "vjp",
    "where", "write_data", "write_grads",
]  # fmt: skip
# Public as well, but `from autograd import *` leaves Python's own functions of these names as they are.
_BUILTINS = ("abs", "compile", "pow", "round", "sum")
__all__ += [name for name in _FUNCTIONS if name not in (*_BUILTINS, *__all__)]
__version__ = "0.1.0"


def backend() -> str:
    """Return ``"compiled"`` if the core was compiled by Cython, and ``"python"`` if the same files run as Python.

    >>> backend() in ("compiled", "python")
    True
    """
    return "compiled" if _COMPILED else "python"


def __getattr__(name: str) -> Any:
    """Load a tool on first use."""
    if name not in _TOOLS:
        from autograd.shared import missing_name

        raise missing_name("autograd", name, _remedy(name))
    from importlib import import_module

    try:
        tool = getattr(import_module(f"autograd.{_TOOLS[name]}"), name)
    except ModuleNotFoundError as problem:  # a library such as NumPy, which may be absent in a browser
        return _missing(name, problem)
    globals()[name] = tool
    return tool


_OF_NN = ("MLP", "Layer", "Linear", "Neuron", "Module", "Sequential", "Dropout", "SGD", "Adam", "AdamW", "fit", "predict")
_IN_OTHER_LIBRARIES = {
    **dict.fromkeys(("Tensor", "tensor", "Variable", "variable", "Scalar", "Node", "Parameter"), "use Value, one number"),
    **dict.fromkeys(("numpy", "scipy"), "that is of the package autograd by HIPS; this one has its own functions, such as sin"),
    "elementwise_grad": "use [grad(f)(x) for x in xs], or compile(grad(f)) for arrays",
    "backward": "use y.backward()",
    "zero_grad": "use y.zero_grad()",
    **dict.fromkeys(("max", "min"), "use Python's own function of this name, also for Values; or maximum(x, y), minimum(x, y)"),
    "to_c": "use compile(f).program(...).to_c('model.c')",
    **dict.fromkeys(("draw", "plot", "show"), "use y.draw(), or visualize.draw(y)"),
    **dict.fromkeys(("engine", "micrograd"), "import autograd.micrograd; Value is in autograd itself"),
    "strategies": "write import autograd.strategies, which needs Hypothesis",
    **{name: f"it is in the package nn: from nn import {name}" for name in _OF_NN},
    **dict.fromkeys(("nn", "optim"), "import it as a package of its own: import nn"),
}


def _remedy(name: str) -> str:
    """Return the remedy for a name that does not exist, after a semicolon, or ``""``."""
    from autograd.shared import did_you_mean

    remedy = _IN_OTHER_LIBRARIES.get(name)
    return f"; {remedy}" if remedy else did_you_mean(name, __dir__())


def _missing(name: str, problem: ModuleNotFoundError) -> Callable[..., Any]:
    """Return a function for a tool that cannot be loaded, so that ``from autograd import *`` works without its library."""

    def missing(*arguments: Any, **options: Any) -> Any:
        raise ImportError(f"autograd.{name} needs {problem.name}; install it: pip install {problem.name}") from problem

    return missing


def __dir__() -> list[str]:
    return sorted([*__all__, *_BUILTINS, "__version__"])


def _strategy(_: Any) -> Any:
    """Return the Hypothesis strategy that draws a Value; loaded on first use."""
    from autograd.strategies import values

    return values()


_add_strategy(Value, _strategy)
