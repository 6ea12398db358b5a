"""The rows of the table as functions and methods, such as ``tanh(x)`` and ``x.tanh()``, and ``elementwise`` for lists.

Compiled by Cython; ``value.py`` explains how.
"""

# Type checkers read the uncompiled branches.
# mypy: always-false=compiled
from __future__ import annotations

try:
    import cython
except ImportError:
    from autograd.base import _cython as cython

from autograd import ops
from autograd.base import modes
from autograd.base.real import as_float
from autograd.value import add_method

if cython.compiled:
    from cython.cimports.autograd.base import modes
    from cython.cimports.autograd.base._capi import BLOCKS, NODE, WATCHED, check_arguments, clear_flags
    from cython.cimports.autograd.base._kernels import blocks, forward1, partial1
    from cython.cimports.autograd.base._node import data_of
    from cython.cimports.autograd.value import Value, apply2, new_computed, new_node
else:
    from autograd.base._cython import BLOCKS, NODE, WATCHED, check_arguments, clear_flags, data_of
    from autograd.ops import blocks, forward1, partial1
    from autograd.value import Value, apply2, new_computed, new_node

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any


@cython.cfunc
@cython.inline
def record1(code: cython.int, a: Value, recording: cython.int) -> Value:
    """Apply a row with one operand. It repeats a helper of value.py, because a call into another module is slow."""
    data: cython.double = forward1(code, data_of(a))
    if not recording:
        return new_node(data)
    partial: cython.double = partial1(code, data, data_of(a))
    kind: cython.int = BLOCKS if partial == 0.0 and blocks(code) else NODE
    clear_flags()  # after the comparison, which may set a flag
    node: Value = new_computed(data, code, kind, a, partial, None, 0.0)
    if recording == WATCHED:
        modes.notify_watchers(node)
    return node


def _apply(self: Value, operation: ops.Operation, operands: tuple[Any, ...]) -> Any:
    """Apply a row of the table to Values; ``Operation.__call__`` calls this."""
    if len(operands) == 1:
        return record1(operation.code, self, modes.is_recording())
    return apply2(operation.code, operands[0], operands[1])


# The remedies for a second argument of a function of one number, as other libraries have it.
_SECOND = {
    "log": "for another base use log(x) / log(base), log2(x) or log10(x)",
    "relu": "for a slope below 0 use leaky_relu(x, slope)",
    "sqrt": "for another root use x ** (1 / n)",
    "exp": "for another base use base**x",
}


def _complain(function: Callable[..., Any], count: int, arguments: tuple[Any, ...], keywords: Iterable[str]) -> Any:
    """Handle a call of a function of ``count`` operands with other arguments: raise an error, or round to digits."""
    name = function.__name__
    if name == "round" and len(arguments) == 2 and not keywords:
        return _round_to_digits(*arguments)
    remedy = f"write {name}(x{', y' * (count - 1)})"
    is_alike = len({isinstance(argument, Value) for argument in arguments}) == 1
    if count == 1 and len(arguments) == 2 and name in _SECOND:
        remedy = _SECOND[name]
    elif count == 1 and len(arguments) > 1:
        remedy += f", or [{name}(x) for x in xs] for several numbers" if is_alike else f" or x.{name}()"
    elif name in ("maximum", "minimum") and arguments:
        remedy += f", or {name[:3]}(values) for a list of numbers and Values"
    found = f"{len(arguments)} argument{'s' * (len(arguments) != 1)}" + "".join(f" and {key}=" for key in keywords)
    takes = "1 or 2 positional arguments" if name == "round" else f"{count} positional argument{'s' * (count - 1)}"
    raise TypeError(f"autograd.{name}() takes {takes}, not {found}; {remedy}")


def _round_to_digits(x: Any, ndigits: Any) -> Any:
    """Return ``round(x, ndigits)`` of Python, which calls ``__round__`` of a Value."""
    if ndigits is None:  # Python's round would return an int
        return FUNCTIONS["round"](x)
    if not hasattr(ndigits, "__index__"):
        raise TypeError(f"ndigits must be an int, a number of digits, not {type(ndigits).__name__} ({ndigits!r:.40})")
    several = "apply it to each element: [round(x, ndigits) for x in xs]"
    return round(x if isinstance(x, Value) else as_float(x, "the argument of autograd.round()", several), ndigits)


def _function(operation: ops.Operation) -> Callable[..., Any]:
    """Return a row as a function of Values and numbers. It is also the method: ``x.tanh()`` calls ``tanh(x)``."""
    code: cython.int = operation.code
    name: str = operation.name
    several = f"apply it to each element: [{name}(x) for x in xs]"

    def unary(x: Any, /) -> Any:
        if isinstance(x, Value):
            return record1(code, x, modes.is_recording() if modes.is_special else 1)
        return forward1(code, x if type(x) is float else as_float(x, f"the argument of autograd.{name}()", several))

    def binary(x: Any, y: Any, /) -> Any:
        return apply2(code, x, y)

    count = len(operation.partials)
    function = check_arguments(unary if count == 1 else binary, count, _complain)
    function.__name__ = function.__qualname__ = name
    function.__module__ = "autograd"
    annotations = {**dict.fromkeys(("x", "y")[:count], "Value | float"), "return": "Value | float"}
    function.__annotations__ = annotations
    if not cython.compiled:
        function.__wrapped__.__annotations__ = annotations
    function.__doc__ = (
        f"{operation.__doc__}\n\nReturns a Value if an argument is a Value, and otherwise a float. Also available as a method: "
        f"x.{name}({'' if count == 1 else 'y'}).\n\n"
        "Raises:\n    TypeError: If an argument is neither a Value nor a real number."
    )
    return function


FUNCTIONS: dict[str, Callable[..., Any]] = {row.name: _function(row) for row in ops.TABLE if not row.variadic}


# The codes of the functions of one operand, by identity, because not every callable is hashable.
_UNARY_CODES: dict = {
    id(FUNCTIONS[row.name]): row.code for row in ops.TABLE if row.name in FUNCTIONS and len(row.partials) == 1
}


def elementwise(function: Callable[[Any], Any], values: Iterable[Any]) -> list[Any]:
    """Return ``[function(value) for value in values]``, faster if the function is an operation. Layers use it for activations.

    Args:
        function: A function of one Value, such as ``autograd.relu``.
        values: A sequence of Values and numbers.

    Returns:
        A list of the results.

    Raises:
        TypeError: If ``values`` is not a sequence. Exceptions of the function are not caught.

    >>> from autograd import Value, elementwise, relu
    >>> elementwise(relu, [Value(-1.0), 2.0])
    [Value(0.0, grad=0.0, op='relu'), 2.0]
    """
    if type(values) is not list:
        try:
            values = list(values)
        except TypeError:
            raise TypeError(
                f"autograd.elementwise() takes a sequence of numbers and Values, not a single {type(values).__name__}; use [x]"
            ) from None
    items: list = values
    results: list = [None] * len(items)
    code: cython.int = _UNARY_CODES.get(id(function), -1)
    recording: cython.int = modes.is_recording()
    i: cython.Py_ssize_t
    for i in range(len(items)):
        item: object = items[i]
        if code >= 0 and type(item) is Value:
            results[i] = record1(code, cython.cast(Value, item), recording)
        else:
            results[i] = function(item)
    return results


add_method("_apply", _apply)
for _row in ops.TABLE:
    if not _row.variadic:
        for _name in (_row.name, *_row.aliases):
            add_method(_name, FUNCTIONS[_row.name])
