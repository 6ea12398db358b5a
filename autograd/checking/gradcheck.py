"""``gradcheck``: compare derivatives with numerical derivatives, which are computed from values of the function.

It checks functions of Values, whose derivatives come from this package (order 1 and 2), and any pair of a function and its
gradient on plain numbers. ``gradcheck`` is one pipeline:

    inputs      the arguments as one flat list of floats                        ``checked_function.py``
    analytic    the stated derivatives at these inputs                          ``checked_function.py``
    numeric     differences at many steps, extrapolated                         ``ridders.py``
    verdict     agrees, one-sided, negligible, WRONG or inconclusive            ``verdicts.py``
    report      a table, likely mistakes, code that reproduces a failure        ``report.py``, ``snippets.py``
"""

from __future__ import annotations

import functools
import math

from autograd.checking.checked_function import CheckedFunction
from autograd.checking.float_verdicts import check
from autograd.checking.report import Entry, GradcheckReport
from autograd.checking.snippets import snippet
from autograd.checking.verdicts import INCONCLUSIVE, WRONG, Finding, judge
from autograd.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


def gradcheck(
    f: Callable[..., Any], inputs: Any, order: int = 1, *, gradient: Callable[..., Any] | None = None
) -> GradcheckReport:
    """Compare the derivatives of ``f`` with numerical derivatives.

    The numerical derivatives are central differences from many initial steps, extrapolated by Ridders' method, which also
    estimates their error (C. J. F. Ridders, Advances in Engineering Software 4(2), 1982).

    Args:
        f: Function that returns one Value. With ``gradient``, a function that accepts and returns plain numbers.
        inputs: The point to check. A tuple contains the arguments of ``f``; anything else is its only argument. An argument
            is a number, a NumPy array, or a list, tuple or dict of them. A Value is replaced by its number. Instead of numbers,
            inputs may be PyTorch tensors, JAX arrays, or objects of a class with ``data``, ``grad`` and ``backward()``: ``f``
            is then a function of these, and its gradient comes from them.
        order: 1, or 2 to check second derivatives too.
        gradient: The gradient to check if ``f`` is not written with Values. It is called like ``f`` and returns numbers in
            the structure of the only argument, or a tuple or list with one such item per argument.

    Returns:
        A report that is true if every derivative agrees with the numerical derivative, to the digits shown. At a kink or a
        jump, one of the one-sided derivatives or a number between them is also accepted. A numerical derivative that is not
        reliable makes the report inconclusive, and false. ``print`` shows all entries; ``raise_if_wrong()`` is for tests.

    Raises:
        TypeError: If ``f`` or ``gradient`` is not a function, an input is not a number, ``f`` cannot be called with the
            inputs, or it does not return one number.
        ValueError: If ``order`` is not 1 or 2, ``order=2`` is combined with ``gradient``, there are no inputs, or the result
            of ``gradient`` does not have the structure of the inputs.

    >>> from autograd import sin
    >>> report = gradcheck(lambda x, y: sin(x) * y, (1e4, 2.0), order=2)
    >>> bool(report), len(report.entries)
    (True, 6)
    >>> bad = gradcheck(lambda x, y: x / y, (3.0, 2.0), gradient=lambda x, y: (1 / y, x / y**2))
    >>> [entry.verdict for entry in bad.entries], bad.diagnosis
    (['agrees', 'WRONG'], ['the sign is wrong (argument 1)'])
    """
    _check_options(f, order, gradient)
    function = CheckedFunction(f, inputs, gradient)
    value = function.value(function.numbers)
    analytic = function.gradient(function.numbers)
    problem = function.find_inconsistency(value, analytic)
    entries = _check_first_order(function, analytic, problem)
    if order == 2:
        entries += _check_second_order(function, function.hessian(), problem)
    is_stale = _is_stale(function, entries)
    return GradcheckReport(function.name, entries, ["the gradient was computed at another point"] if is_stale else [])


def _check_options(f: Any, order: Any, gradient: Any) -> None:
    for name, function in (("f", f), ("gradient", gradient)):
        if not callable(function) and not (function is None and name == "gradient"):
            given = f"{type(function).__name__} ({function!r:.40})"
            raise TypeError(f"{name} must be a function, not {given}; pass the function itself, not its result")
    if type(order) is not int or order not in (1, 2):
        hint = "; pass the arguments of f as one tuple: gradcheck(f, (x, y))" if isinstance(order, float | Value) else ""
        raise ValueError(f"order must be 1 or 2, not {order!r}{hint}")
    if gradient is not None and order == 2:
        raise ValueError(
            "order must be 1 with gradient=, which has no second derivatives, not 2; check the derivatives of one partial "
            "derivative at a time: gradcheck(lambda x: gradient(x)[0], inputs, gradient=lambda x: hessian(x)[0])"
        )


def _check_first_order(function: CheckedFunction, analytic: list[float], problem: str) -> list[Entry]:
    """Check the derivative with respect to each input. A ``problem`` makes all of them inconclusive."""
    entries = []
    for i, stated in enumerate(analytic):
        finding = Finding(INCONCLUSIVE, why=problem) if problem else _judge_along(function, function.value, i, stated)
        make_snippet = functools.partial(snippet, function, i=i)
        entries.append(Entry(function.input_name(i), (i,), stated, finding, make_snippet))
    return entries


def _check_second_order(function: CheckedFunction, analytic: list[list[float]], problem: str) -> list[Entry]:
    """Check the derivative of partial derivative i with respect to input j, for each pair of inputs."""
    size = range(len(function.numbers))
    entries: dict[tuple[int, int], Entry] = {}
    for j in size:
        gradients: dict[float, list[float]] = {}  # by the number at input j: one gradient serves all partial derivatives

        def partial(moved: list[float], i: int, j: int = j, gradients: dict[float, list[float]] = gradients) -> float:
            if moved[j] not in gradients:
                gradients[moved[j]] = function.gradient(moved)
            return gradients[moved[j]][i]

        for i in size:
            stated = analytic[i][j]
            along = functools.partial(partial, i=i)
            finding = Finding(INCONCLUSIVE, why=problem) if problem else _judge_along(function, along, j, stated)
            name = f"{function.input_name(i)}, {function.input_name(j)}"
            entries[i, j] = Entry(name, (i, j), stated, finding, functools.partial(snippet, function, i=i, j=j))
    return [entries[i, j] for i in size for j in size]


def _judge_along(function: CheckedFunction, f: Callable[[list[float]], float], i: int, stated: float) -> Finding:
    """Compare the stated derivative of ``f`` with respect to input ``i`` with the numerical one."""
    if function.adapter is not None:
        verdict, why, found = check(
            lambda number: f(function.moved(i, number)),
            function.numbers[i],
            stated,
            lambda number: function.gradient(function.moved(i, number))[i],
        )
        return Finding(verdict, found, why)
    return judge(lambda number: f(function.moved(i, number)), function.numbers[i], stated)


def _is_stale(function: CheckedFunction, entries: list[Entry]) -> bool:
    """Return whether a wrong gradient stays the same when the inputs move, although the numerical derivative changes."""
    wrong = [e for e in entries if e.verdict == WRONG and len(e.numbers) == 1 and math.isfinite(e.analytic)]
    if not wrong:
        return False
    moved = [number + 0.01 * (abs(number) or 1.0) for number in function.numbers]
    try:
        if function.gradient(moved) != function.gradient(function.numbers):
            return False
        i = wrong[0].numbers[0]
        there = judge(lambda number: function.value([*moved[:i], number, *moved[i + 1 :]]), moved[i], wrong[0].analytic)
    except (ArithmeticError, ValueError):
        return False
    return abs(there.numeric - wrong[0].numeric) > there.error + wrong[0].error
