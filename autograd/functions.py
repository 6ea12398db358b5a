"""Functions composed of the operations of the table. No derivative is stated here: it follows.

Each takes numbers and Values alike, and returns a float if it was given only numbers. Where a tempting spelling would
have the wrong value or gradient, a comment says so.
"""

from __future__ import annotations

import functools
import math

from autograd.base.modes import is_tracing
from autograd.base.real import is_real
from autograd.nodes.elementwise import FUNCTIONS
from autograd.nodes.sums import record_take, sum  # noqa: A004 - the sum of Values; this file has no use for Python's
from autograd.value import Value, add_method

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any

    from autograd.ops import Number

_exp, _log, _expm1, _erfc = FUNCTIONS["exp"], FUNCTIONS["log"], FUNCTIONS["expm1"], FUNCTIONS["erfc"]
_gate, _hypot, _sigmoid, _sqrt = FUNCTIONS["gate"], FUNCTIONS["hypot"], FUNCTIONS["sigmoid"], FUNCTIONS["sqrt"]


def where(condition: Any, x: Number | float, y: Number | float) -> Number:
    """``x`` where the condition holds, else ``y``; no gradient, not even nan, comes from the one not taken.

    Both are computed before ``where`` is called, and both appear in the graph, one behind a closed gate.

    >>> x = Value(0.0)
    >>> y = where(x > 0, x.sqrt(), 0.0)
    >>> y.backward()
    >>> y.data, x.grad
    (0.0, 0.0)
    """
    # Not condition * x + (1 - condition) * y: 0 * inf is nan.
    taken = condition.as_number() if hasattr(condition, "as_number") else 1.0 if condition else 0.0
    return _gate(_number(x, "where"), taken) + _gate(_number(y, "where"), 1.0 - taken)


def square(x: Number) -> Number:
    """``x * x``.

    >>> square(3.0)
    9.0
    """
    return _number(x, "square") * x


def reciprocal(x: Number) -> Number:
    """``1 / x``.

    >>> reciprocal(Value(4.0))
    Value(0.25, grad=0.0, op='/')
    """
    return FUNCTIONS["div"](1.0, x)


def clip(x: Number, low: float = -math.inf, high: float = math.inf) -> Number:
    """``x``, or the nearer bound if it lies outside; derivative 1 inside and at the bounds, 0 outside.

    Raises:
        ValueError: if ``low`` is greater than ``high``.

    >>> clip(Value(1.7), 0.0, 1.0).data
    1.0
    """
    in_order = _number(low, "clip") <= _number(high, "clip")
    if isinstance(in_order, bool) and not in_order:  # nor nan
        raise ValueError(f"clip() needs low <= high, not low = {low!r} and high = {high!r}")
    # Not minimum(maximum(x, low), high): at a bound that has half the derivative.
    return where(_number(x, "clip") < low, low, where(x > high, high, x))


def leaky_relu(x: Number, slope: float = 0.01) -> Number:
    """``x`` where it is positive, else ``slope * x``.

    >>> leaky_relu(-2.0)
    -0.02
    """
    return where(_number(x, "leaky_relu") > 0, x, slope * x)


def elu(x: Number, alpha: float = 1.0) -> Number:
    """``x`` where it is positive, else ``alpha * (exp(x) - 1)`` (Clevert, Unterthiner, Hochreiter 2015).

    >>> elu(-1000.0)
    -1.0
    """
    return where(_number(x, "elu") > 0, x, alpha * _expm1(x))


def silu(x: Number) -> Number:
    """``x * sigmoid(x)``, also called swish.

    >>> silu(0.0)
    0.0
    """
    return _number(x, "silu") * _sigmoid(x)


def gelu(x: Number) -> Number:
    """``x`` times the probability that a standard normal variable is less than ``x`` (Hendrycks, Gimpel 2016).

    >>> round(gelu(1.0), 6)
    0.841345
    """
    # Not 1 + erf(x / sqrt(2)), which is 0 below -8, where the true value still has all its digits.
    return 0.5 * _number(x, "gelu") * _erfc(x * -math.sqrt(0.5))


def mean(values: Iterable[Any]) -> Any:
    """The arithmetic mean.

    >>> mean([1.0, 2.0, 6.0])
    3.0
    """
    items = _items(values, "mean")
    return sum(items) / len(items)


def var(values: Iterable[Any], ddof: int = 0) -> Any:
    """The variance: the mean squared distance from the mean, with ``len(values) - ddof`` as the divisor, as in NumPy.

    >>> var([1.0, 2.0, 6.0])
    4.666666666666667
    """
    items = _items(values, "var", at_least=ddof + 1)
    # Not mean(x*x) - mean(x)**2, which can even be negative.
    middle = mean(items)
    return sum([square(item - middle) for item in items]) / (len(items) - ddof)


def prod(values: Iterable[Any]) -> Any:
    """The product of all elements; 1.0 if there are none.

    >>> prod([Value(2.0), 3.0, 4.0]).data
    24.0
    """
    # Not exp(sum(log(x))), which fails for what is not positive.
    return functools.reduce(lambda left, right: left * right, _items(values, "prod", at_least=0), 1.0)


def norm(values: Iterable[Any]) -> Any:
    """The Euclidean length, without overflow; all derivatives are 0 where it is 0.

    >>> norm([3.0, 4.0])
    5.0
    """
    # Not sqrt(sum(x*x)), whose derivative at zero is nan. The largest comes first: of hypot(0, 0) nothing would be
    # known, and so the second derivatives of norm([0, 0, 1]) would be lost.
    items = _items(values, "norm", at_least=0)
    if is_tracing():
        return functools.reduce(_hypot, _largest_first(items), 0.0)
    sizes = [math.fabs(item.data if isinstance(item, Value) else item) for item in items]
    first = sizes.index(max(sizes)) if sizes else 0
    return functools.reduce(_hypot, [*items[first:], *items[:first]], 0.0)


def logsumexp(values: Iterable[Any]) -> Any:
    """``log(exp(x1) + exp(x2) + ...)``, without overflow.

    >>> logsumexp([1000.0, 1000.0])
    1000.6931471805599
    """
    items, largest = _shifted(values, "logsumexp")
    return _log(sum([_exp(item - largest) for item in items])) + largest


def softmax(values: Iterable[Any]) -> list[Any]:
    """``exp(x) / (exp(x1) + exp(x2) + ...)`` for each: positive numbers that add up to 1; without overflow.

    >>> softmax([0.0, 1000.0])
    [0.0, 1.0]
    """
    items, largest = _shifted(values, "softmax")
    powers = [_exp(item - largest) for item in items]
    total = sum(powers)
    return [power / total for power in powers]


def log_softmax(values: Iterable[Any]) -> list[Any]:
    """The logarithms of ``softmax``, also where that underflows to 0.

    >>> log_softmax([0.0, 1000.0])
    [-1000.0, 0.0]
    """
    items = _items(values, "log_softmax")
    total = logsumexp(items)
    return [item - total for item in items]


def _shifted(values: Iterable[Any], function: str) -> tuple[Sequence[Any], float]:
    """The values and the number to take off before ``exp``: any would do, and with the largest nothing overflows."""
    items = _items(values, function)
    if is_tracing():
        largest = _greatest([item.detach() if isinstance(item, Value) else item for item in items])
        return items, where(largest * 0.0 == 0.0, largest, 0.0)
    numbers = [item.data if isinstance(item, Value) else float(item) for item in items]
    largest = max(numbers)
    return items, largest if math.isfinite(largest) else 0.0


def _greatest(items: Sequence[Any]) -> Any:
    """The same as max(items), in a form that can be recorded; but nan if there is one, with which all results are nan."""
    return functools.reduce(FUNCTIONS["maximum"], items)


def _largest_first(items: list[Any]) -> list[Any]:
    """What norm() does to its items, in a form that can be recorded: they are rotated until the largest in size leads."""
    if not any(isinstance(item, Value) for item in items):
        return items
    sizes = [FUNCTIONS["abs"](item.detach() if isinstance(item, Value) else item) for item in items]
    most, first = sizes[0], 0.0
    for i, size in enumerate(sizes):
        first, most = where(size > most, float(i), first), where(size > most, size, most)
    return [take(items, (first + i) % len(items)) for i in range(len(items))]


def take(items: Sequence[Any], index: Any) -> Any:
    """``items[index]``, where the index may also be a Value: a number that a compiled function is given.

    Args:
        items: Values and numbers: logits, of which one is that of the class; a column of a table, with a number for each token.
        index: a whole number from 0 to ``len(items) - 1``. There is no gradient by it.

    Raises:
        IndexError: if there is no such item, or the index is not a whole number.

    >>> take([Value(1.0), Value(2.0)], 1)
    Value(2.0)
    """
    found = _items(items, "take")
    if isinstance(index, Value) and is_tracing():
        return record_take(tuple(found), index)
    place = index.data if isinstance(index, Value) else _number(index, "take")
    if not 0 <= place < len(found) or place != int(place):
        raise IndexError(
            f"autograd.take() was given {len(found)} items, so the index must be a whole number from 0 to {len(found) - 1}, "
            f"not {place!r}"
        )
    return found[int(place)]


def _number(x: Any, function: str) -> Any:
    if isinstance(x, Value) or is_real(x):
        return x
    raise TypeError(
        f"the argument of autograd.{function}() must be a real number or a Value, not {type(x).__name__} ({x!r:.40})"
    )


def _items(values: Iterable[Any], function: str, at_least: int = 1) -> list[Any]:
    if isinstance(values, Value) or is_real(values):
        raise TypeError(
            f"autograd.{function}() takes a sequence of numbers and Values, not one {type(values).__name__}; use [x]"
        )
    items = [_number(item, function) for item in values]
    if len(items) < at_least:
        raise ValueError(f"autograd.{function}() needs at least {at_least} value{'s' * (at_least > 1)}, not {len(items)}")
    return items


for _function in (square, reciprocal, clip, leaky_relu, elu, silu, gelu):
    add_method(_function.__name__, _function)
