"""``to_numpy``, ``to_jax`` and ``to_torch``: a function of Values as a function of arrays, without a loop over the rows.

The three have the same arguments, rules and errors, which the docstring of ``to_numpy`` describes.
"""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING

from autograd.base.real import refusal
from autograd.compiler.arguments import Arguments
from autograd.compiler.purity import check_pure
from autograd.compiler.static import required_arguments
from autograd.compiler.tracer import Trace, Tracer
from autograd.export.array_writer import ArrayWriter
from autograd.export.programs import MAX_NODES, REMEDY, check_inputs, write_derivatives, write_value
from autograd.export.symbolic import check_result
from autograd.inspection.contents import leaves
from autograd.shared import refuse_non_value, suggesting
from autograd.value import Value

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from autograd.export.programs import PythonSource


@suggesting()
def to_numpy(f: Callable[..., Any] | Value, *arguments: Any, derivatives: bool = False) -> PythonSource:
    """Return ``f`` as a function of NumPy arrays, computed element by element.

    The function is recorded as ``compile`` does it, so the same rules hold: it must be pure, and ``where`` takes the place of
    ``if``. The code has no branches: both branches of a condition are computed, and ``np.where`` selects one. Arrays broadcast
    as usual. Values that ``f`` reads become arguments with their current data as the default. The error functions ``erf``
    and ``erfc`` need SciPy. NumPy's functions may differ from those of ``math`` in the last bits.

    Args:
        f: A function of Values that returns one number, or a Value that was computed. Such a Value holds only the branch that
            ``where`` selected at its data, for all rows. Pass the function to keep both branches.
        *arguments: For a function, numbers with which it is recorded, or lists and dicts of numbers. A list or dict becomes
            one argument of the result for each of its numbers: ``to_numpy(lambda w, x: w[0] * x + w[1], [2.0, 1.0], 3.0)`` has
            the arguments ``w0``, ``w1`` and ``x``. For a Value, its inputs; by default, all leaves.
        derivatives: Whether the function also returns the list of derivatives with respect to the arguments. Each has the
            shape of the result, also if it is constant, so that a sum over rows is right.

    Returns:
        The function as a ``PythonSource``, which can be printed and called.

    Raises:
        TypeError: If ``f`` is neither a function nor a Value, or does not return one number that depends on an argument.
        ValueError: If an input is given twice, or a custom operation is used.
        autograd.RecordingError: If ``f`` cannot be recorded.
        autograd.GraphTooLargeError: If there are more than 100,000 nodes.

    Example:
        >>> from autograd import to_numpy, where
        >>> program = to_numpy(lambda x, y: where(x > y, x * y, -y), 1.0, 2.0)
        >>> program([1.0, 3.0], 2.0)
        array([-2.,  6.])
        >>> to_numpy(lambda x: x.sin() * x, 1.0, derivatives=True)
        import numpy as np
        <BLANKLINE>
        <BLANKLINE>
        @np.errstate(all='ignore')
        def f(x):
            x = np.asarray(x, dtype=float)
            t1 = np.sin(x)
            y = t1 * x
            dy_dx = t1 + x * np.cos(x)
            return y, [dy_dx]
    """
    return _write("numpy", f, arguments, derivatives)


@suggesting()
def to_jax(f: Callable[..., Any] | Value, *arguments: Any, derivatives: bool = False) -> PythonSource:
    """Return ``f`` as a function of JAX arrays, computed element by element. See ``to_numpy``.

    ``.function`` of the result is a function that JAX can compile, differentiate and run on a GPU or TPU. JAX computes in
    single precision unless ``jax.config.update("jax_enable_x64", True)`` is called first.

    Args:
        f, arguments, derivatives: See ``to_numpy``.

    Raises:
        TypeError, ValueError, autograd.RecordingError, autograd.GraphTooLargeError: See ``to_numpy``.

    Example:
        >>> from autograd import to_jax
        >>> to_jax(lambda x: x.sin() * x, 1.0)
        import jax.numpy as jnp
        <BLANKLINE>
        <BLANKLINE>
        def f(x):
            x = jnp.asarray(x, dtype=float)
            return jnp.sin(x) * x
    """
    return _write("jax", f, arguments, derivatives)


@suggesting()
def to_torch(f: Callable[..., Any] | Value, *arguments: Any, derivatives: bool = False) -> PythonSource:
    """Return ``f`` as a function of PyTorch tensors, computed element by element in double precision. See ``to_numpy``.

    PyTorch can differentiate the function itself, too.

    Args:
        f, arguments, derivatives: See ``to_numpy``.

    Raises:
        TypeError, ValueError, autograd.RecordingError, autograd.GraphTooLargeError: See ``to_numpy``.

    Example:
        >>> from autograd import to_torch
        >>> to_torch(lambda x: x.sin() * x, 1.0)
        import torch
        <BLANKLINE>
        <BLANKLINE>
        def f(x):
            x = torch.as_tensor(x, dtype=torch.float64)
            return torch.sin(x) * x
    """
    return _write("torch", f, arguments, derivatives)


def _write(library: str, f: Any, arguments: Sequence[Any], derivatives: bool) -> PythonSource:
    name = f"to_{library}"
    if isinstance(f, Value):
        one_list = len(arguments) == 1 and isinstance(arguments[0], list | tuple)
        y, inputs = f, check_inputs(name, arguments[0] if one_list else list(arguments)) if arguments else leaves(f)
    elif callable(f):
        y, inputs = _record(name, f, Arguments(tuple(arguments)))
    else:
        rule = f"the first argument of {name}() must be a function of Values or a Value"
        refuse_non_value(f, rule)
        raise TypeError(refusal(f, rule))
    check_result(name, y, MAX_NODES, REMEDY)
    writer = ArrayWriter(library)
    return write_derivatives(y, inputs, writer) if derivatives else write_value(y, inputs, writer)


def _record(name: str, f: Callable[..., Any], arguments: Arguments) -> tuple[Any, list[Value]]:
    """Return the result of a function that was called on Values, and these Values, labelled with the names of parameters."""
    if not arguments.given and (missing := required_arguments(f)):
        example = ", ".join([getattr(f, "__name__", "f"), *missing]).replace("<lambda>", "f")
        raise TypeError(f"{name}() needs numbers to record the function with, as in {name}({example})")
    traces = [Trace(f, arguments, Tracer()) for _ in range(2)]
    check_pure(f, arguments, *traces)
    trace = traces[1]
    if not trace.structure.is_number or not isinstance(trace.results[0], Value):
        found = trace.structure.outline() if not trace.structure.is_number else "a constant"
        raise TypeError(f"{name}() needs a function that returns one number computed from its arguments, not {found}")
    for parameter, inputs in zip(_parameter_names(f, len(arguments.given)), arguments.inputs(), strict=True):
        for i, k in enumerate(inputs):
            trace.inputs[k].label = f"{parameter}{i}" if len(inputs) > 1 else parameter
    return trace.results[0], trace.inputs


def _parameter_names(f: Callable[..., Any], count: int) -> list[str]:
    """Return the names of the first ``count`` positional parameters."""
    try:
        parameters = inspect.signature(f).parameters.values()
    except (TypeError, ValueError):
        parameters = {}.values()
    names = [p.name for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)][:count]
    return [*names, *[f"x{i}" for i in range(len(names), count)]]
