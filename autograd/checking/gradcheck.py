"""``gradcheck``: compare derivatives with the true ones, which come from values of the function alone.

It checks functions of Values, whose derivatives come from this package, and any pair of a function and its gradient on plain
numbers. ``gradcheck`` is one pipeline:

    inputs      the arguments as one flat list of floats                        ``checked_function.py``
    stated      the derivatives under check, at these inputs                    ``checked_function.py``
    shadow      the function once more, each node in high precision             ``shadow.py``, ``exact.py``
    truth       the slopes of these exact values                                ``truth.py``, ``slopes.py``
    verdict     one table: agrees, one-sided, rounded, WRONG, inconclusive      ``verdicts.py``, ``causes.py``
    report      a table, likely mistakes, code that reproduces a failure        ``report.py``, ``diagnosis.py``, ``snippets.py``

A function that accepts no Values has no shadow. Its truth is measured with differences of floats (``measured_check.py``,
``differences.py``).
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any

from autograd.base.real import as_float, is_real
from autograd.checking.checked_function import CheckedFunction
from autograd.checking.checked_model import CheckedModel
from autograd.checking.differences import measure
from autograd.checking.entry import Entry
from autograd.checking.measured_check import MeasuredCheck
from autograd.checking.report import GradcheckReport
from autograd.checking.shadow_check import ShadowCheck
from autograd.checking.snippets import snippet
from autograd.checking.verdicts import INCONCLUSIVE, WRONG, Finding
from autograd.shared import suggesting
from autograd.value import Value

# Remedies for arguments of other checkers, by name.
_REMEDIES = {
    **dict.fromkeys(("eps", "epsilon", "h", "step", "delta"), "omit it: the check needs no step size"),
    **dict.fromkeys(("tol", "tolerance", "nondet_tol"), "write rtol= and atol=, or omit it"),
    **dict.fromkeys(("grad", "derivative", "fprime", "jac"), "write gradient=, a function of the inputs"),
    "raise_exception": "omit it: gradcheck returns a report; gradcheck(f, x).raise_if_wrong() raises an error",
    "modes": "omit it: derivatives are computed in reverse mode",
}


@suggesting("gradcheck(f, x)", _REMEDIES)
def gradcheck(
    f: Callable[..., Any],
    inputs: Any,
    targets: Any = None,
    *,
    order: int = 1,
    gradient: Callable[..., Any] | None = None,
    loss: Callable[..., Any] | None = None,
    rtol: float | None = None,
    atol: float | None = None,
) -> GradcheckReport:
    """Compare the derivatives of ``f`` with the true derivatives.

    ``f`` runs a second time in high precision, and the truth is the slope of these exact values. Therefore a verdict
    WRONG means that the derivative is wrong, and the report names the operation. A function that accepts no Values is measured
    with differences of floats instead.

    Args:
        f: Function that returns a Value, or a structure of Values. With ``gradient``, a function of plain numbers, which may
            also accept Values. Or a model: an object with the method ``named_parameters``, such as an ``nn.Module``, whose
            parameters are checked.
        inputs: The point to check. A tuple contains the arguments of ``f``; anything else is its only argument. An argument
            is a number, a NumPy array, or a list, tuple or dict of them. A Value is replaced by its number. Instead of numbers,
            inputs may be PyTorch tensors, JAX arrays, or objects of a class with ``data``, ``grad`` and ``backward()``: ``f``
            is then a function of these, and its gradient comes from them. For a model, the rows to pass to it, which may be a
            DataFrame.
        targets: For a model, the second argument of ``loss``.
        order: 1, or 2 to check second derivatives too.
        gradient: The gradient to check if it is not this package's. It is called like ``f`` and returns numbers in the
            structure of the only argument, or a tuple or list with one such item per argument. If ``f`` returns a structure,
            ``gradient`` returns the same structure with a gradient in place of each number. If ``f`` applies a function to
            each element of an array, as ``numpy.sin``, ``gradient`` may return one number per element, as ``numpy.cos``.
        loss: For a model, a function of the list of its outputs and of ``targets``, such as ``nn.mse_loss``. Without it, the
            derivatives of all outputs are checked.
        rtol, atol: If given, a derivative agrees if and only if it differs from the true one by at most
            ``atol + rtol * abs(true derivative)``. By default, the bounds follow from the rounding errors of each operation.

    Returns:
        A report that is true if every derivative agrees with the true derivative, to the digits shown. At a kink or a jump,
        one of the one-sided derivatives or a number between them is also accepted. If the truth cannot be determined, the
        entry is inconclusive, and the report false. ``print`` shows all entries; ``raise_if_wrong()`` is for tests.

    Raises:
        TypeError: If ``f``, ``gradient`` or ``loss`` is not a function, an input is not a number, ``f`` cannot be called with
            the inputs, or it does not return Values.
        ValueError: If ``order`` is not 1 or 2, ``order=2`` is combined with ``gradient``, with several outputs or with another
            library, there are no inputs, a tolerance is negative, ``f`` assigns to its arguments, or the result of ``gradient``
            does not have the structure of the inputs.

    >>> from autograd import sin
    >>> report = gradcheck(lambda x, y: sin(x) * y, (1e4, 2.0), order=2)
    >>> bool(report), len(report.entries)
    (True, 6)
    >>> bad = gradcheck(lambda x, y: x / y, (3.0, 2.0), gradient=lambda x, y: (1 / y, x / y**2))
    >>> [entry.verdict for entry in bad.entries], bad.diagnosis
    (['agrees', 'WRONG'], ['the sign looks wrong (y)'])
    """
    is_model = _is_model(f)
    _check_options(f, order, gradient, rtol, atol)
    _check_model_options(is_model, targets, loss, gradient)
    function = CheckedModel(f, inputs, targets, loss) if is_model else CheckedFunction(f, inputs, gradient)
    if order == 2 and function.adapter is not None:
        raise ValueError("order must be 1 for a function of another library, not 2; check its gradient as another function")
    values = function.value(function.numbers)
    if order == 2 and len(values) > 1:
        raise ValueError(f"order must be 1 for a function with {len(values)} outputs, not 2; check one output at a time")
    stated = function.gradient(function.numbers)
    problem = function.find_inconsistency(values, stated)
    check = None if problem else _shadow_check(function, values, rtol, atol)
    first = check or MeasuredCheck(function, rtol, atol)
    entries = []
    for k, row in enumerate(stated):
        findings = [Finding(INCONCLUSIVE, why=problem)] * len(row) if problem else first.first_order(k, row)
        for i, (number, finding) in enumerate(zip(row, findings, strict=True)):
            by = ", ".join(filter(None, (function.output_name(k), function.names[i])))
            entries.append(Entry(by, (i,), number, finding, functools.partial(snippet, function, i=i, output=k)))
    if order == 2:
        entries += _second_order(function, check, problem)
    return GradcheckReport(function.name, entries, [*first.notes, *_stale(function, entries)])


def _is_model(f: Any) -> bool:
    """Return whether f is a model whose parameters are Values. A module of PyTorch is checked as a function of tensors."""
    named = getattr(f, "named_parameters", None)
    if not callable(named) or isinstance(f, type):
        return False
    parameters = [value for _, value in named()]
    return all(isinstance(value, Value) for value in parameters) and (bool(parameters) or "torch" not in _modules(f))


def _modules(f: Any) -> set[str]:
    """Return the packages in which the classes of an object are defined."""
    return {kind.__module__.split(".")[0] for kind in type(f).__mro__}


def _shadow_check(function: CheckedFunction, values: list[float], rtol: float | None, atol: float | None) -> ShadowCheck | None:
    """Return the check in high precision, or None if the function does not accept Values."""
    if function.adapter is not None:
        return None
    if function.stated_gradient is None:
        return ShadowCheck(function, values, rtol, atol)
    try:
        check = ShadowCheck(function, values, rtol, atol)
    except Exception:  # noqa: BLE001 - a function of plain numbers may raise anything for Values
        return None
    return check if check.computes(values) else None


def _second_order(function: CheckedFunction, check: ShadowCheck | None, problem: str) -> list[Entry]:
    """Check the derivative of partial derivative i with respect to input j, for each pair of inputs."""
    entries = []
    for i, row in enumerate(function.hessian()):
        for j, number in enumerate(row):
            finding = check.second_order(i, j, number) if check else Finding(INCONCLUSIVE, why=problem)
            make_snippet = functools.partial(snippet, function, i=i, j=j)
            entries.append(Entry(f"{function.names[i]}, {function.names[j]}", (i, j), number, finding, make_snippet))
    return entries


def _stale(function: CheckedFunction, entries: list[Entry]) -> list[str]:
    """Return a note if a wrong gradient of the user stays the same when the inputs move, although the true one changes."""
    wrong = [e for e in entries if e.verdict == WRONG and len(e.numbers) == 1 and math.isfinite(e.analytic)]
    if not wrong or function.stated_gradient is None:
        return []
    moved = [number + 0.01 * (abs(number) or 1.0) for number in function.numbers]
    try:
        if function.gradient(moved) != function.gradient(function.numbers):
            return []
        i = wrong[0].numbers[0]
        there = measure(lambda x: function.value([*moved[:i], x, *moved[i + 1 :]])[0], moved[i])
    except (ArithmeticError, ValueError):
        return []
    changes = abs(there.value - wrong[0].numeric) > 1e-3 * abs(wrong[0].numeric) + there.error + wrong[0].error
    return ["the stated gradient does not change with the inputs: it looks like the gradient at another point"] * changes


# ---- arguments ---------------------------------------------------------------------------------------------------------


def _check_options(f: Any, order: Any, gradient: Any, rtol: Any, atol: Any) -> None:
    for name, function in (("f", f), ("gradient", gradient)):
        if not callable(function) and not (function is None and name == "gradient"):
            given = f"{type(function).__name__} ({function!r:.40})"
            raise TypeError(f"{name} must be a function, not {given}; pass the function itself, not its result")
    if type(order) is not int or order not in (1, 2):
        raise ValueError(f"order must be 1 or 2, not {order!r}")
    if gradient is not None and order == 2:
        raise ValueError(
            "order must be 1 with gradient=, which has no second derivatives, not 2; check the derivatives of one partial "
            "derivative at a time: gradcheck(lambda x: gradient(x)[0], inputs, gradient=lambda x: hessian(x)[0])"
        )
    for name, tolerance in (("rtol", rtol), ("atol", atol)):
        if tolerance is not None and not as_float(tolerance, name) >= 0:
            raise ValueError(f"{name} must be non-negative, not {tolerance!r}; use None for bounds that follow from rounding")


def _check_model_options(is_model: bool, targets: Any, loss: Any, gradient: Any) -> None:
    if not is_model:
        if targets is not None:
            kind = "a number" if is_real(targets) or isinstance(targets, Value) else type(targets).__name__
            raise TypeError(
                f"targets must be None unless f is a model, not {kind}; pass the arguments of f as one tuple: "
                "gradcheck(f, (x, y))"
            )
        if loss is not None:
            raise TypeError("loss must be None unless f is a model with named_parameters(); compose f and the loss instead")
    elif gradient is not None:
        raise TypeError("gradient must be None for a model; pass a function of its parameters to check your own gradient")
    elif (loss is None) != (targets is None):
        missing = "loss" if loss is None else "targets"
        raise TypeError(f"{missing} must be given for a model with a loss: gradcheck(model, X, y, loss=nn.mse_loss)")
    elif loss is not None and not callable(loss):
        raise TypeError(f"loss must be a function of outputs and targets, not {loss!r:.40}; pass nn.LOSSES[name] for a name")
