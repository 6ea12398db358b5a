"""Functions composed of operations of the table. Their derivatives follow from the table; none is defined here.

Each function accepts numbers and Values. It returns a float if all arguments are numbers, and otherwise a Value. It raises a
TypeError if an argument is neither. Where an obvious formula would have a wrong value or gradient, a comment says so.
"""

from __future__ import annotations

import math

from autograd.base.modes import is_tracing
from autograd.base.real import is_real, refusal
from autograd.nodes.elementwise import FUNCTIONS
from autograd.nodes.sums import dot, record_take, sum  # noqa: A004 - autograd's sum; Python's is not used here
from autograd.shared import counted
from autograd.value import Value, add_method

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import Any

    from autograd.value import Number

_exp, _log1p, _expm1 = FUNCTIONS["exp"], FUNCTIONS["log1p"], FUNCTIONS["expm1"]
_erfc, _div = FUNCTIONS["erfc"], FUNCTIONS["div"]
_gate, _hypot, _sigmoid, _sqrt = FUNCTIONS["gate"], FUNCTIONS["hypot"], FUNCTIONS["sigmoid"], FUNCTIONS["sqrt"]
_equal, _maximum = FUNCTIONS["equal"], FUNCTIONS["maximum"]


def where(condition: Any, x: Number | float, y: Number | float) -> Number:
    """Return ``x`` if the condition holds, else ``y``. The other argument contributes no gradient, not even nan.

    Both arguments are computed before the call, and both are part of the graph. The other argument is behind a closed gate.

    Args:
        condition: A bool, or a comparison of Values.
        x: The result if the condition is true.
        y: The result if the condition is false.

    Raises:
        TypeError: If the condition is not a bool, a comparison or a number, or ``x`` or ``y`` is not a number.

    >>> x = Value(0.0)
    >>> y = where(x > 0, x.sqrt(), 0.0)
    >>> y.backward()
    >>> y.data, x.grad
    (0.0, 0.0)
    """
    if not (isinstance(condition, Value) or is_real(condition) or hasattr(condition, "as_number")):
        rule = "the condition of autograd.where() must be a bool or a comparison of Values"
        raise TypeError(refusal(condition, rule, "apply it to each element: [where(c, x, y) for c in conditions]"))
    # Not condition * x + (1 - condition) * y: 0 * inf is nan.
    taken = condition.as_number() if hasattr(condition, "as_number") else 1.0 if condition else 0.0
    several = "apply it to each element: [where(condition, x, y) for x, y in zip(xs, ys)]"
    return _gate(_number(x, "where", several), taken) + _gate(_number(y, "where", several), 1.0 - taken)


def square(x: Number) -> Number:
    """Return the square ``x * x``.

    >>> square(3.0)
    9.0
    """
    return _number(x, "square") * x


def reciprocal(x: Number) -> Number:
    """Return the reciprocal ``1 / x``.

    >>> reciprocal(Value(4.0))
    Value(0.25, grad=0.0, op='/')
    """
    return FUNCTIONS["div"](1.0, x)


def clip(x: Number, low: float = -math.inf, high: float = math.inf) -> Number:
    """Return ``x`` limited to the interval from ``low`` to ``high``.

    The derivative is 1 inside the interval and at its bounds, and 0 outside.

    Args:
        x: The number to limit.
        low: The lower bound.
        high: The upper bound.

    Raises:
        ValueError: If ``low`` is greater than ``high``, or either is nan.

    >>> clip(Value(1.7), 0.0, 1.0).data
    1.0
    """
    in_order = _number(low, "clip") <= _number(high, "clip")
    if isinstance(in_order, bool) and not in_order:  # also for nan
        raise ValueError(f"low must be less than or equal to high in clip(), not low = {low!r} and high = {high!r}")
    return FUNCTIONS["clamp_max"](FUNCTIONS["clamp_min"](_number(x, "clip"), low), high)


def leaky_relu(x: Number, slope: float = 0.01) -> Number:
    """Return ``x`` if it is positive, else ``slope * x``: the leaky rectified linear unit (Maas, Hannun, Ng 2013).

    Args:
        x: The argument.
        slope: The derivative for ``x <= 0``.

    >>> leaky_relu(-2.0)
    -0.02
    """
    return FUNCTIONS["leaky_relu"](_number(x, "leaky_relu"), slope)


def elu(x: Number, alpha: float = 1.0) -> Number:
    """Return ``x`` if it is positive, else ``alpha * (exp(x) - 1)``.

    This is the exponential linear unit (Clevert, Unterthiner, Hochreiter 2015).

    Args:
        x: The argument.
        alpha: The negative of the limit for large negative ``x``.

    >>> elu(-1000.0)
    -1.0
    """
    return FUNCTIONS["elu"](_number(x, "elu"), alpha)


def celu(x: Number, alpha: float = 1.0) -> Number:
    """Return ``x`` if it is positive, else ``alpha * (exp(x / alpha) - 1)``: an ELU with a continuous derivative (Barron 2017).

    Args:
        x: The argument.
        alpha: The negative of the limit for large negative ``x``.

    >>> celu(-1000.0, 0.5)
    -0.5
    """
    return FUNCTIONS["relu"](_number(x, "celu")) + alpha * _expm1(_div(FUNCTIONS["clamp_max"](x, 0.0), alpha))


def hardshrink(x: Number, threshold: float = 0.5) -> Number:
    """Return ``x``, or 0 if ``-threshold <= x <= threshold``. The derivative at the threshold is 0, as in PyTorch.

    Args:
        x: The argument.
        threshold: The largest absolute value that is replaced with 0.

    >>> hardshrink(0.25), hardshrink(0.75)
    (0.0, 0.75)
    """
    return FUNCTIONS["hardshrink"](_number(x, "hardshrink"), threshold)


def softshrink(x: Number, threshold: float = 0.5) -> Number:
    """Return ``x`` moved towards 0 by ``threshold``, or 0 if ``-threshold <= x <= threshold``.

    The derivative at the threshold is 0, as in PyTorch.

    Args:
        x: The argument.
        threshold: The largest absolute value that is replaced with 0.

    >>> softshrink(-0.75)
    -0.25
    """
    return FUNCTIONS["softshrink"](_number(x, "softshrink"), threshold)


def fma(x: Number, y: Number, z: Number) -> Number:
    """Return ``x * y + z`` as one node, a ``dot`` with one term. The product and the sum are rounded separately.

    >>> fma(2.0, 3.0, 4.0)
    10.0
    """
    return dot([_number(x, "fma")], [_number(y, "fma")], _number(z, "fma"))


def silu(x: Number) -> Number:
    """Return ``x * sigmoid(x)``: the sigmoid linear unit, also called swish (Ramachandran, Zoph, Le 2017).

    >>> silu(0.0)
    0.0
    """
    return _number(x, "silu") * _sigmoid(x)


def mish(x: Number) -> Number:
    """Return ``x * tanh(softplus(x))`` (Misra 2019).

    >>> mish(0.0)
    0.0
    """
    return _number(x, "mish") * FUNCTIONS["tanh"](FUNCTIONS["softplus"](x))


def gelu(x: Number) -> Number:
    """Return ``x`` times the probability that a standard normal variable is less than ``x``.

    This is the Gaussian error linear unit (Hendrycks, Gimpel 2016), in its exact form.

    >>> round(gelu(1.0), 6)
    0.841345
    """
    # Not 1 + erf(x / sqrt(2)), which rounds to 0 for x < -8, where erfc still has all its digits.
    return 0.5 * _number(x, "gelu") * _erfc(x * -math.sqrt(0.5))


def mean(values: Iterable[Any], *more: Any) -> Any:
    """Return the arithmetic mean.

    Args:
        values: A sequence of at least one number or Value.

    Raises:
        ValueError: If ``values`` is empty.

    >>> mean([1.0, 2.0, 6.0])
    3.0
    """
    items = _items(values, "mean", more=more)
    return sum(items) / len(items)


def var(values: Iterable[Any], ddof: int = 0) -> Any:
    """Return the variance: the sum of squared deviations from the mean, divided by ``len(values) - ddof``.

    Args:
        values: A sequence of more than ``ddof`` numbers and Values.
        ddof: Delta degrees of freedom, as in NumPy; 1 for an unbiased estimate from a sample.

    Raises:
        ValueError: If there are too few values.

    >>> var([1.0, 2.0, 6.0])
    4.666666666666667
    """
    items = _items(values, "var", at_least=ddof + 1)
    # Not mean(x*x) - mean(x)**2, which loses digits and can even be negative.
    center = mean(items)
    return sum([square(item - center) for item in items]) / (len(items) - ddof)


def std(values: Iterable[Any], ddof: int = 0) -> Any:
    """Return the standard deviation, the square root of ``var(values, ddof)``. Its derivatives are 0 if all values are equal.

    Args:
        values: A sequence of more than ``ddof`` numbers and Values.
        ddof: Delta degrees of freedom, as in NumPy; 1 for an unbiased variance estimated from a sample.

    Raises:
        ValueError: If there are too few values.

    >>> std([1.0, 2.0, 6.0])
    2.160246899469287
    """
    items = _items(values, "std", at_least=ddof + 1)
    # Not sqrt(var(values)), whose derivative at 0 is nan.
    center = mean(items)
    return norm([item - center for item in items]) / math.sqrt(len(items) - ddof)


def entropy(probabilities: Iterable[Any], *more: Any) -> Any:
    """Return the entropy ``-(p1 * log(p1) + p2 * log(p2) + ...)`` in nats, where 0 * log(0) is 0.

    Args:
        probabilities: A sequence of numbers and Values. They are not divided by their sum. Negative numbers give nan.

    >>> entropy([0.5, 0.5])
    0.6931471805599453
    """
    return sum([FUNCTIONS["entr"](p) for p in _items(probabilities, "entropy", more=more)])


def prod(values: Iterable[Any], *more: Any) -> Any:
    """Return the product of all elements, or 1.0 if ``values`` is empty.

    Args:
        values: A sequence of numbers and Values.

    >>> prod([Value(2.0), 3.0, 4.0]).data
    24.0
    """
    # Not exp(sum(log(x))), which fails for numbers that are not positive.
    return _reduce(lambda left, right: left * right, _items(values, "prod", at_least=0, more=more), 1.0)


def norm(values: Iterable[Any], *more: Any) -> Any:
    """Return the Euclidean norm ``sqrt(x1*x1 + x2*x2 + ...)``, without overflow. Its derivatives at 0 are 0.

    Args:
        values: A sequence of numbers and Values. The norm of an empty sequence is 0.

    >>> norm([3.0, 4.0])
    5.0
    """
    # Not sqrt(sum(x*x)), whose derivative at 0 is nan. The largest item comes first. Otherwise norm([0, 0, 1]) would contain
    # hypot(0, 0), which has no second derivatives.
    items = _items(values, "norm", at_least=0, more=more)
    if is_tracing():
        return _reduce(_hypot, _largest_first(items), 0.0)
    sizes = [math.fabs(item.data if isinstance(item, Value) else item) for item in items]
    first = sizes.index(max(sizes)) if sizes else 0
    return _reduce(_hypot, [*items[first:], *items[:first]], 0.0)


def logsumexp(values: Iterable[Any], *more: Any) -> Any:
    """Return ``log(exp(x1) + exp(x2) + ...)``, without overflow.

    Args:
        values: A sequence of at least one number or Value.

    Raises:
        ValueError: If ``values`` is empty.

    >>> logsumexp([1000.0, 1000.0])
    1000.6931471805599
    """
    differences, drops, one, largest = _below_largest(values, "logsumexp", more)
    return _log1p(_rest(differences, drops, one)[0]) + largest


def softmax(values: Iterable[Any], *more: Any) -> list[Any]:
    """Return ``exp(x) / (exp(x1) + exp(x2) + ...)`` for each ``x``, without overflow. The results sum to 1.

    Args:
        values: A sequence of at least one number or Value.

    Raises:
        ValueError: If ``values`` is empty.

    >>> softmax([0.0, 1000.0])
    [0.0, 1.0]
    """
    differences, drops, one, _ = _below_largest(values, "softmax", more)
    rest, powers = _rest(differences, drops, one)
    total = 1.0 + rest
    return [_div(power, total) for power in powers]


def log_softmax(values: Iterable[Any], *more: Any) -> list[Any]:
    """Return the logarithms of ``softmax(values)``, accurate even where ``softmax`` underflows to 0.

    Args:
        values: A sequence of at least one number or Value.

    Raises:
        ValueError: If ``values`` is empty.

    >>> log_softmax([0.0, 1000.0])
    [-1000.0, 0.0]
    """
    # Not item - logsumexp(values), which loses all digits if the values are large.
    differences, drops, one, _ = _below_largest(values, "log_softmax", more)
    total = _log1p(_rest(differences, drops, one)[0])
    return [difference - total for difference in differences]


def _below_largest(
    values: Iterable[Any], function: str, more: tuple[Any, ...]
) -> tuple[list[Any], list[Any], Any, Any]:  # fmt: skip
    """Return each value minus the largest, which of these is dropped from sums, whether one is, and the largest.

    Subtracting the largest prevents overflow of ``exp``. The largest minus itself is multiplied by 0, and its exponential 1 is
    dropped. Then the derivative with respect to the largest is a sum of the small derivatives of the others, and keeps all
    digits. With a constant subtracted from each it would be 1 - p. If the largest is not finite, 0.0 is subtracted.
    """
    items = _items(values, function, more=more)
    places = range(len(items))
    if is_tracing():
        numbers = [item.detach() if isinstance(item, Value) else item for item in items]
        found = _reduce(_maximum, numbers[1:], numbers[0])
        place = _reduce(_maximum, [_equal(numbers[i], found) * float(i) for i in places[1:]], 0.0)
        finite = _equal(found * 0.0, 0.0)
        largest = _gate(take(items, place), finite)
        dropped = place - (1.0 - finite) * len(items)  # negative if nothing is dropped
        drops = [_equal(dropped, float(i)) for i in places]
        return [(items[i] - largest) * (1.0 - drops[i]) for i in places], drops, finite, largest
    numbers = [item.data if isinstance(item, Value) else float(item) for item in items]
    found = max(numbers)
    if not math.isfinite(found):
        return [item - 0.0 for item in items], [0.0] * len(items), 0.0, 0.0
    place = max([i for i in places if numbers[i] == found])
    # A node of its own that has all items as operands, so that compiled functions add the derivatives in the same order.
    largest = dot(items, [float(i == place) for i in places]) if all(map(math.isfinite, numbers)) else _gate(items[place], 1.0)
    drops = [float(i == place) for i in places]
    zero = (items[place] - largest) * 0.0  # no derivative passes, but the nodes are in the order of a compiled function
    return [zero if i == place else items[i] - largest for i in places], drops, 1.0, largest


def _rest(differences: list[Any], drops: list[Any], one: Any) -> tuple[Any, list[Any]]:
    """Return exp(d1) + exp(d2) + ... - 1, without adding the exponential 1 that is dropped, and the list of exponentials.

    Adding it would lose the digits of a small sum. If none is dropped, the sum still has to be less by 1.
    """
    powers = [_exp(d) for d in differences]
    rest = sum([power - drop if isinstance(drop, Value) or drop else power for power, drop in zip(powers, drops, strict=True)])
    return rest + (one - 1.0) if isinstance(one, Value) or not one else rest, powers


def _largest_first(items: list[Any]) -> list[Any]:
    """Rotate the items so that the largest in magnitude comes first, as recorded operations."""
    if not any(isinstance(item, Value) for item in items):
        return items
    sizes = [FUNCTIONS["abs"](item.detach() if isinstance(item, Value) else item) for item in items]
    largest, first = sizes[0], 0.0
    for i, size in enumerate(sizes):
        first, largest = where(size > largest, float(i), first), where(size > largest, size, largest)
    return [take(items, (first + i) % len(items)) for i in range(len(items))]


def take(items: Sequence[Any], index: Any) -> Any:
    """Return ``items[index]``, where the index may be a Value, such as an argument of a compiled function.

    Args:
        items: A sequence of Values and numbers, such as the logits of all classes, or one embedding column.
        index: An integer from 0 to ``len(items) - 1``. It receives no gradient.

    Raises:
        IndexError: If the index is out of range or not an integer.

    >>> take([Value(1.0), Value(2.0)], 1)
    Value(2.0)
    """
    found = _items(items, "take")
    if isinstance(index, Value) and is_tracing():
        return record_take(tuple(found), index)
    place = index.data if isinstance(index, Value) else _number(index, "take")
    if not 0 <= place < len(found) or place != int(place):
        raise IndexError(
            f"the index of autograd.take() must be an integer from 0 to {len(found) - 1} for {counted(len(found), 'item')}, "
            f"not {place!r}"
        )
    return found[int(place)]


def _number(x: Any, function: str, several: str = "") -> Any:
    if isinstance(x, Value) or is_real(x):
        return x
    rule = f"the argument of autograd.{function}() must be a real number or a Value"
    raise TypeError(refusal(x, rule, several or f"apply it to each element: [{function}(x) for x in xs]"))


def _items(values: Iterable[Any], function: str, at_least: int = 1, more: tuple[Any, ...] = ()) -> list[Any]:
    if more:
        rule = f"autograd.{function}() takes one sequence of numbers and Values, not {1 + len(more)} arguments"
        raise TypeError(f"{rule}; write {function}([x, y])")
    if type(values) is not list and (isinstance(values, Value) or is_real(values)):  # is_real is slow
        raise TypeError(
            f"autograd.{function}() takes a sequence of numbers and Values, not a single {type(values).__name__}; use [x]"
        )
    if not hasattr(values, "__iter__"):
        kind = type(values).__name__
        raise TypeError(f"autograd.{function}() takes a sequence of numbers and Values, not {kind}; pass a list")
    flat = "pass one row at a time, or a flat list"
    items = [item if type(item) is Value else _number(item, function, flat) for item in values]  # a call would be slow
    if len(items) < at_least:
        raise ValueError(f"autograd.{function}() needs at least {counted(at_least, 'value')}, not {len(items)}")
    return items


for _function in (square, reciprocal, clip, leaky_relu, elu, celu, silu, mish, gelu, hardshrink, softshrink, fma):
    add_method(_function.__name__, _function)


def _reduce(function: Callable[[Any, Any], Any], items: Iterable[Any], start: Any) -> Any:
    """Combine the items from left to right, as ``functools.reduce`` does, whose module is slow to import."""
    for item in items:
        start = function(start, item)
    return start
