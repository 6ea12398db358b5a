"""NumPy's functions of a Value, such as ``np.arctan2(1.0, x)``.

NumPy calls two methods of its arguments, if they exist: ``__array_ufunc__`` for ufuncs, its functions of single elements, and
``__array_function__`` for others. The methods of Value call the row of the table with the same name, if there is one. Otherwise
NumPy computes as without them. NumPy does not call the methods of Values inside of an array.

This file does not import NumPy before NumPy calls it.
"""

from __future__ import annotations

import operator

from autograd.base.real import as_float, is_real
from autograd.nodes.elementwise import FUNCTIONS
from autograd.ops import LN_2, TABLE
from autograd.value import Value, add_method

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


def _logaddexp2(x: Any, y: Any) -> Any:
    return FUNCTIONS["logaddexp"](x * LN_2, y * LN_2) / LN_2


# NumPy's loop over an object array applies Python's operator to the elements. For these ufuncs that is right, and fast.
OPERATORS: dict[str, Callable[..., Any]] = {
    "absolute": abs, "add": operator.add, "divide": operator.truediv, "equal": operator.eq,
    "floor_divide": operator.floordiv, "greater": operator.gt, "greater_equal": operator.ge, "less": operator.lt,
    "less_equal": operator.le, "multiply": operator.mul, "negative": operator.neg, "not_equal": operator.ne,
    "power": operator.pow, "remainder": operator.mod, "subtract": operator.sub,
}  # fmt: skip
OTHER_NAMES: dict[str, Callable[..., Any]] = {"float_power": FUNCTIONS["pow"], "logaddexp2": _logaddexp2}
QUESTIONS = ("isfinite", "isinf", "isnan", "signbit", "allclose", "isclose")  # about the number: the answers are bools
NOT_ELEMENTWISE = ("round",)  # NumPy's has a second argument, and calls rint

_scalar_functions: dict[Any, Callable[..., Any]] = {}  # for a function of NumPy, the function of Values and numbers
_array_functions: dict[Any, Any] = {}  # for a ufunc that has no right loop over objects, a ufunc that applies the row
_questions: set[Any] = set()
_numpy: Any = None  # the module, once the tables are filled


def _fill_tables() -> None:
    """Look up NumPy's functions. The keys are not names, because other packages have ufuncs with the same names."""
    global _numpy  # noqa: PLW0603 - set at the end, when other threads can use the tables
    import numpy as np

    _questions.update(getattr(np, name) for name in QUESTIONS)
    _scalar_functions.update({getattr(np, name): function for name, function in OPERATORS.items()})
    functions = {name: FUNCTIONS[row.name] for row in TABLE if not row.variadic for name in (row.name, *row.aliases)}
    for name, function in (functions | OTHER_NAMES).items():
        theirs = getattr(np, name, None)
        if theirs is not None and theirs not in _scalar_functions and name not in NOT_ELEMENTWISE:
            _scalar_functions[theirs] = function
            if isinstance(theirs, np.ufunc):
                _array_functions[theirs] = np.frompyfunc(function, theirs.nin, 1)
    _numpy = np


def _scalar(item: Any) -> Any:
    """Return a Value as it is, a real number or an array without axes as a float, and None for anything else."""
    if type(item) is Value:
        return item
    if isinstance(item, float):
        return float(item)
    if isinstance(item, _numpy.generic | _numpy.ndarray):
        return float(item) if item.ndim == 0 and item.dtype.kind in "biuf" else None
    return as_float(item, "an argument of a function of NumPy") if is_real(item) else None


def _number(item: Any) -> Any:
    """Return the number of a Value, and anything else as it is."""
    return item.data if type(item) is Value else item


def _boxed(item: Any) -> Any:
    """Return a Value as the element of an object array without axes, and anything else as it is."""
    if type(item) is not Value:
        return item
    box = _numpy.empty((), object)
    box[()] = item
    return box


def _array_ufunc(self: Value, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
    """Apply a ufunc of NumPy to arguments of which at least one is a Value.

    >>> import numpy as np
    >>> np.arctan2(0.0, Value(1.0))
    Value(0.0, grad=0.0, op='atan2')
    """
    if _numpy is None:
        _fill_tables()
    if method == "__call__" and not options and (function := _scalar_functions.get(ufunc)) is not None:
        if len(inputs) == 1:
            return function(self)
        x, y = _scalar(inputs[0]), _scalar(inputs[1])
        if x is not None and y is not None:
            return function(x, y)
    if ufunc in _questions:
        return getattr(ufunc, method)(*map(_number, inputs), **options)
    return getattr(_array_functions.get(ufunc, ufunc), method)(*map(_boxed, inputs), **options)


def _array_function(self: Value, function: Any, types: Any, arguments: tuple[Any, ...], options: dict[str, Any]) -> Any:
    """Apply another function of NumPy to arguments of which at least one is a Value.

    >>> import numpy as np
    >>> np.allclose(Value(0.1) + 0.2, 0.3)
    True
    """
    if _numpy is None:
        _fill_tables()
    default = _numpy.ndarray.__array_function__
    if any(type_ is not Value and type_.__array_function__ is not default for type_ in types):
        return NotImplemented  # the other class may know the function
    if function in _scalar_functions:  # of one argument: sinc, i0
        return _scalar_functions[function](*arguments, *options.values())
    if function in _questions:
        arguments, options = tuple(map(_number, arguments)), {name: _number(item) for name, item in options.items()}
    return function._implementation(*arguments, **options)


add_method("__array_ufunc__", _array_ufunc)
add_method("__array_function__", _array_function)
