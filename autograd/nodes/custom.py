"""Operations of your own: a row of the table, written as a decorator.

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
from autograd.base.modes import NO_GRAD_DEPTH, TRACER, WATCHERS
from autograd.base.real import as_float, is_real, refusal
from autograd.base.signatures import accepts
from autograd.no_grad import no_grad
from autograd.nodes.copying import restore
from autograd.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

_MOST_ROWS = 2**15 - 1  # a node keeps the number of its row in a C short


def primitive(*partials: Callable[..., Any] | float) -> Callable[[Callable[..., float]], Callable[..., Any]]:
    """Make a function of one or two numbers an operation: one node, with the derivative that you state.

    Use it for what autograd has no operation for, or where the derivative that follows from the operations is slow or
    loses digits. Of more than two operands, compose it from several.

    Args:
        partials: the partial derivative by each operand: a function of the result and the operands,
            ``lambda out, x: ...`` or ``lambda out, x, y: ...``, or a number where it is constant. It is given Values,
            and written with operators and autograd's functions, so that it can itself be differentiated.

    Returns:
        A decorator. The function that it decorates is called with floats and returns a float; afterwards it takes
        Values and numbers, as all operations do, and works in derivatives of any order, in forward mode and in
        pictures. Graphs with it can be pickled if the function can, that is, if it stands in a module.

    Raises:
        TypeError: if there are not as many partials as operands, or a partial is neither a function nor a number;
            and when the operation is used, if the function or a partial returns something else than a number.

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
            f"primitive() takes the partial derivative by each of one or two operands, not {len(partials)} of them: "
            "@primitive(lambda out, x: ...); a function of more operands is composed from several"
        )
    if len(partials) == 1 and not is_real(partials[0]) and accepts(partials[0], 1) and not accepts(partials[0], 2):
        raise TypeError(
            "primitive() is given the partial derivatives, as in @primitive(lambda out, x: ...), and then decorates the "
            f"function; {_name(partials[0])}() takes one argument, but a partial takes the result and the operands"
        )

    def decorate(forward: Callable[..., float]) -> Callable[..., Any]:
        name = _name(forward)
        size = len(partials)
        if not callable(forward) or not accepts(forward, size):
            raise TypeError(
                f"{name} must be a function of {_counted(size, 'number')}, as primitive() was given "
                f"{_counted(size, 'partial derivative')}: one for each operand"
            )
        rules = tuple(_rule(partial, index, size, name) for index, partial in enumerate(partials))
        return _operation(name, forward, rules)

    return decorate


def _operation(name: str, forward: Callable[..., float], rules: tuple[Any, ...]) -> Callable[..., Any]:
    """Add the row, and make the function that users call."""
    if len(ops.ROWS) >= _MOST_ROWS:
        raise RuntimeError(f"there are {len(ops.ROWS):,} operations already; use @primitive once for each, not in a loop")

    def number(*operands: float) -> float:
        return as_float(forward(*operands), f"the result of {name}()")

    row = ops.Operation(name, number, rules, (ops.REAL,) * len(rules), forward.__doc__ or "")

    @functools.wraps(forward)
    def operation(*operands: Any) -> Any:
        if len(operands) != len(rules):
            raise TypeError(f"{name}() takes {_counted(len(rules), 'operand')}, not {len(operands)}")
        if not any(isinstance(operand, Value) for operand in operands):
            return row(*operands)
        if (tracer := TRACER.get()) is not None:
            tracer.refuse_primitive(name)
        items = [x if isinstance(x, Value) else as_float(x, f"an argument of {name}()") for x in operands]
        numbers = [x.data if isinstance(x, Value) else x for x in items]
        out = row(*numbers)
        if NO_GRAD_DEPTH.get():
            return Value(out)
        saved = [row.partial(i, out, *numbers) if isinstance(x, Value) else None for i, x in enumerate(items)]
        node = restore((), operation, out, 0.0, None, tuple(items), tuple(saved))
        for watcher in WATCHERS.get():
            watcher.recorded(node)
        return node

    operation.operation = row  # type: ignore[attr-defined]  # by which copying.py knows it
    row.function = operation
    return operation


def _rule(partial: Any, index: int, size: int, name: str) -> Any:
    """A partial as a row has it: of numbers a number, of Values a Value."""
    what = f"the partial derivative by operand {index} of {name}()"
    if is_real(partial):
        return as_float(partial, what)
    if not callable(partial) or not accepts(partial, size + 1):
        arguments = ", ".join(["out", "x", "y"][: size + 1])
        raise TypeError(f"{what} must be a number or a function of the result and the operands: lambda {arguments}: ...")

    def rule(*numbers: Any) -> Any:
        values = [x if isinstance(x, Value) else Value(x) for x in numbers]
        if any(x is value for x, value in zip(numbers, values, strict=True)):
            return _number(partial(*values), what)
        with no_grad():
            derivative = _number(partial(*values), what)
        return derivative.data if isinstance(derivative, Value) else float(derivative)

    return rule


def _number(thing: Any, what: str) -> Any:
    if isinstance(thing, Value) or is_real(thing):
        return thing
    raise TypeError(refusal(thing, f"{what} must be a Value or a real number"))


def _name(function: Any) -> str:
    return getattr(function, "__name__", type(function).__name__)


def _counted(count: int, what: str) -> str:
    return f"{count} {what}{'s' * (count != 1)}"
