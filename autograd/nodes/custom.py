"""Custom operations: a decorator that adds a row to the table of operations.

>>> import math
>>> from autograd import Value, grad, primitive
>>> @primitive(lambda out, x: out * (1 - out))
... def logistic(x):
...     return 1 / (1 + math.exp(-x))
>>> logistic(Value(0.0))
Value(0.5, grad=0.0, op='logistic')
>>> grad(logistic)(0.0), grad(grad(grad(logistic)))(0.0)
(0.25, -0.125)
"""

from __future__ import annotations

import functools

from autograd import ops
from autograd.base.modes import TRACER, WATCHERS, change_watchers, is_recording, notify_watchers
from autograd.base.real import as_float, is_real, refusal
from autograd.base.signatures import accepts
from autograd.no_grad import no_grad
from autograd.nodes.copying import restore
from autograd.shared import counted, refuse_other_value
from autograd.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

_MAX_ROWS = 2**15 - 1  # a node stores the index of its row as a C short


def primitive(*partials: Callable[..., Any] | float) -> Callable[[Callable[..., float]], Callable[..., Any]]:
    """Turn a function of one or two numbers into an operation with the derivatives that you specify.

    Use it for operations that autograd lacks, or if composing existing operations makes the derivative slow or inaccurate.
    Compose a function of more than two operands from several operations.

    Args:
        *partials: The partial derivative with respect to each operand: a function of the result and the operands,
            ``lambda out, x: ...`` or ``lambda out, x, y: ...``, or a number if the partial is constant. The function receives
            Values. It must use operators and autograd's functions, because it may itself be differentiated.

    Returns:
        A decorator. The decorated function receives floats and returns a float. The resulting operation accepts Values and
        numbers, and supports derivatives of any order, forward mode and pictures. Graphs that contain the operation can be
        pickled if the function is defined at the top level of a module.

    Raises:
        TypeError: If the number of partials differs from the number of operands, or a partial is neither a function nor a
            number. Also when the operation is used, if the function or a partial does not return a number.

    >>> from autograd import Value, primitive
    >>> @primitive(lambda out, x, y: 2 * x * y, lambda out, x, y: x * x)
    ... def volume(x, y):
    ...     return x * x * y
    >>> x = Value(3.0)
    >>> volume(x, 2.0).backward()
    >>> x.grad
    12.0
    """
    if not 1 <= len(partials) <= 2:
        raise TypeError(
            f"primitive() takes one partial derivative for each of one or two operands, not {len(partials)}, as in "
            "@primitive(lambda out, x: ...); compose a function of more operands from several operations"
        )
    if len(partials) == 1 and not is_real(partials[0]) and accepts(partials[0], 1) and not accepts(partials[0], 2):
        raise TypeError(
            "primitive() takes partial derivatives and returns a decorator, as in @primitive(lambda out, x: ...); a partial "
            f"takes the result and the operands, but {_name(partials[0])}() takes one argument"
        )

    def decorate(forward: Callable[..., float]) -> Callable[..., Any]:
        name = _name(forward)
        size = len(partials)
        if not callable(forward) or not accepts(forward, size):
            raise TypeError(
                f"{name} must be a function of {counted(size, 'number')}, because primitive() received "
                f"{counted(size, 'partial derivative')}, one per operand"
            )
        rules = tuple(_rule(partial, index, size, name) for index, partial in enumerate(partials))
        return _operation(name, forward, rules)

    return decorate


def _operation(name: str, forward: Callable[..., float], rules: tuple[Any, ...]) -> Callable[..., Any]:
    """Add the row, and return the function that users call."""
    if len(ops.ROWS) >= _MAX_ROWS:
        raise RuntimeError(
            f"the maximum of {len(ops.ROWS):,} operations is reached; use @primitive once per operation, not in a loop"
        )

    def number(*operands: float) -> float:
        return as_float(forward(*operands), f"the result of {name}()")

    # The name of a row of the table in a picture would claim that the node is an operation of the table.
    symbol = f"{name} (custom)" if any(name in (row.name, row.symbol) for row in ops.TABLE) else name
    row = ops.Operation(name, number, rules, (ops.REAL,) * len(rules), forward.__doc__ or "", symbol=symbol)
    row.source = forward

    @functools.wraps(forward)
    def operation(*operands: Any) -> Any:
        if len(operands) != len(rules):
            raise TypeError(f"{name}() takes {counted(len(rules), 'operand')}, not {len(operands)}")
        if not any(isinstance(operand, Value) for operand in operands):
            return row(*operands)
        if (tracer := TRACER.get()) is not None:
            tracer.refuse_primitive(name)
        items = [x if isinstance(x, Value) else as_float(x, f"an argument of {name}()") for x in operands]
        numbers = [x.data if isinstance(x, Value) else x for x in items]
        out = row(*numbers)
        if not is_recording():
            return Value(out)
        saved = [row.partial(i, out, *numbers) if isinstance(x, Value) else None for i, x in enumerate(items)]
        node = restore((), operation, out, 0.0, None, tuple(items), tuple(saved))
        notify_watchers(node)
        return node

    operation.operation = row  # type: ignore[attr-defined]  # used by copying.py
    row.function = operation
    return operation


def _rule(partial: Any, index: int, size: int, name: str) -> Any:
    """Return the partial as a rule of the table. A rule maps numbers to a number, and Values to a Value."""
    role = f"the partial derivative of {name}() with respect to operand {index}"
    if is_real(partial):
        return as_float(partial, role)
    if not callable(partial) or not accepts(partial, size + 1):
        arguments = ", ".join(["out", "x", "y"][: size + 1])
        raise TypeError(f"{role} must be a number or a function of the result and the operands: lambda {arguments}: ...")

    def rule(*numbers: Any) -> Any:
        values = [x if isinstance(x, Value) else Value(x) for x in numbers]
        if any(x is value for x, value in zip(numbers, values, strict=True)):
            return _number(partial(*values), role)
        watchers = WATCHERS.get()
        change_watchers(())  # the operations of a rule are not operations of the user's function
        try:
            with no_grad():
                derivative = _number(partial(*values), role)
        finally:
            change_watchers(watchers)
        return derivative.data if isinstance(derivative, Value) else float(derivative)

    rule.source = partial  # type: ignore[attr-defined]  # used by gradcheck
    return rule


def _number(thing: Any, role: str) -> Any:
    if isinstance(thing, Value) or is_real(thing):
        return thing
    rule = f"{role} must be a Value or a real number"
    refuse_other_value(thing, rule)
    raise TypeError(refusal(thing, rule))


def _name(function: Any) -> str:
    return getattr(function, "__name__", type(function).__name__)
