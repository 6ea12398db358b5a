"""Strategies for Hypothesis: numbers in the domain of an operation, Values, and random expressions.

With them one tests gradients: those of this engine, or of code of one's own.

>>> from hypothesis import given
>>> from autograd import gradcheck, strategies
>>> @given(strategies.expressions(["*", "sin"]))
... def test_my_gradient(f):
...     gradcheck(f, f.inputs).raise_if_wrong()
>>> test_my_gradient()

An argument annotated ``Value`` gets one without being told how: ``@given(...)`` on ``def test(x: Value)``. Networks and
data sets are in ``nn.strategies``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

try:
    from hypothesis import strategies as st
except ImportError:
    raise ImportError("autograd.strategies needs Hypothesis: pip install 'scalar-autograd[strategies]'") from None

from autograd import ops
from autograd.base.real import as_float
from autograd.ops import Operation
from autograd.strategies.expression import Expression, Step, assemble
from autograd.value import Value

__all__ = ["Expression", "expressions", "numbers", "operands", "values"]

MIN_EXPONENT, MAX_EXPONENT = -1022, 1023  # of normal floats
# Nearly everywhere without a derivative worth the name.
STEPS = {"sign", "floor", "ceil", "mod", "floor_div", "gate", "less", "less_equal", "equal"}
MOST_OPERATIONS = 60  # nested deeper, Python cannot read them
FIRST = (*[0] * 9, 1, 2, -1)  # which earlier result the first operand is: mostly the latest that nothing uses, so that most
OTHER = (0, -1, -2, -3, 1, 2)  # steps lead to the last one; and the others: often one that is used already, and so shared


def numbers(low: float = -math.inf, high: float = math.inf) -> st.SearchStrategy[float]:
    """Normal floats strictly between two numbers, which may be infinite.

    Four ways to choose one, as no single way reaches all of what matters: numbers as people write them, Hypothesis' own
    favourites, sizes evenly distributed over all exponents, and numbers very close to the ends, to 0 and to 1.

    Raises:
        ValueError: if there is no number between the two.
        TypeError: if one of them is not a real number.
    """
    low, high = as_float(low, "low"), as_float(high, "high")
    if not math.nextafter(low, math.inf) < high:
        raise ValueError(f"there is no number between low = {low!r} and high = {high!r}; low must be less than high")

    def inside(x: float) -> bool:
        return low < x < high

    ways = [st.floats(low, high, exclude_min=True, exclude_max=True, allow_nan=False, allow_subnormal=False)]
    if max(low, -40.0) < min(high, 40.0):
        ways.insert(0, st.floats(max(low, -40.0), min(high, 40.0), allow_subnormal=False).filter(inside))
    fractions = st.floats(1.0, 2.0, exclude_max=True)
    signs = [sign for sign in (1.0, -1.0) if inside(sign * 0.75) or inside(sign * 1.5)]
    if signs:
        exponents = st.integers(MIN_EXPONENT, MAX_EXPONENT)
        ways.append(st.builds(_times_power, st.sampled_from(signs), fractions, exponents).filter(inside))
    ends = [end for end in (low, high, 0.0, 1.0, -1.0) if math.isfinite(end) and low <= end <= high]
    if ends:
        sides, exponents = st.sampled_from([1.0, -1.0]), st.integers(-52, -1)
        ways.append(st.builds(_beside, st.sampled_from(ends), sides, fractions, exponents).filter(inside))
    return st.one_of(ways)


def _times_power(sign: float, fraction: float, exponent: int) -> float:
    return sign * math.ldexp(fraction, exponent)


def _beside(end: float, sign: float, fraction: float, exponent: int) -> float:
    return end + sign * math.ldexp(fraction, exponent)


def operands(operation: str | Callable[..., Any]) -> st.SearchStrategy[tuple[float, ...]]:
    """Tuples of floats from the domain of an operation, one for each operand.

    Args:
        operation: a name (``"log"``, ``"*"``), a function of autograd's, or an operation of your own.

    Raises:
        ValueError: if there is no such operation, the message lists those that exist; or it takes any number of operands.

    >>> from hypothesis import find
    >>> find(operands("log"), lambda t: t[0] < 1)[0] > 0
    True
    """
    row = _row(operation)
    if row.variadic:
        raise ValueError(f"{row.name} takes any number of operands, of any size: use st.lists(numbers())")
    return st.tuples(*(numbers(low, high) for low, high in row.domain))


def values(number: st.SearchStrategy[float] | None = None) -> st.SearchStrategy[Value]:
    """Leaves, each a new Value; their numbers from ``number``, any finite ones by default.

    >>> from hypothesis import find
    >>> find(values(), lambda x: x > 2)
    Value(3.0)
    """
    return st.builds(Value, numbers() if number is None else number)


def expressions(
    operations: Sequence[str | Callable[..., Any]] | None = None,
    *,
    max_inputs: int = 3,
    max_operations: int = 25,
    number: st.SearchStrategy[float] | None = None,
) -> st.SearchStrategy[Expression]:
    """Random expressions: functions with inputs to call them with, in which results are shared and operations nested.

    Every operation is kept inside its domain by what it is applied to, ``log(1 + square(x))``, ``exp(0.9 * sin(x))``, and
    no result is larger than a million at the inputs; so value and gradient are finite. Some operations have kinks
    (``relu``, ``maximum``).

    Args:
        operations: which: names (``"log"``, ``"*"``), functions of autograd's, or operations of your own. By default all
            that are not steps. The first ones are the simplest: what is drawn shrinks towards them.
        max_inputs: the greatest number of arguments.
        max_operations: the greatest number of operations, not counting what keeps them inside their domains.
        number: for inputs and constants, finite; by default numbers from -3 to 3 of three decimals.

    Raises:
        ValueError: if there is no such operation, an operation of your own has no name that can be written in code, or
            one of autograd's; or a maximum is less than 1, or of operations more than 60.

    >>> from hypothesis import find
    >>> find(expressions(), lambda f: "log(" in f.code)
    Expression('lambda x: log(1 + square(x))', 0.0)
    """
    rows = _default_operations() if operations is None else [_row(operation) for operation in operations]
    if not rows:
        raise ValueError("expressions() needs at least one operation; None stands for all")
    _check_own(rows)
    for name, maximum, most in (("max_inputs", max_inputs, 250), ("max_operations", max_operations, MOST_OPERATIONS)):
        if not 1 <= maximum <= most:
            raise ValueError(f"{name} must be from 1 to {most}, not {maximum!r}")
    constant = (st.floats(-3, 3).map(lambda x: round(x, 3)) if number is None else number).map(lambda x: x + 0.0)
    first, other = st.sampled_from(FIRST), st.sampled_from(OTHER) | st.integers(-max_operations, max_operations)
    step = st.one_of([_steps(row, first, other | constant, constant) for row in rows])
    inputs = st.lists(constant, min_size=1, max_size=max_inputs)
    return st.builds(assemble, inputs, _some(step, max_operations))


@st.composite
def _some(draw: st.DrawFn, step: st.SearchStrategy[Step], most: int) -> list[Step]:
    """A list of steps, longer than those that ``st.lists`` makes, and such that one in the middle can shrink away."""

    @st.composite
    def another(draw: st.DrawFn) -> Step | None:
        return draw(step) if draw(st.sampled_from([False] + most * [True])) else None

    steps: list[Step] = []
    while len(steps) < most and (one := draw(another())) is not None:
        steps.append(one)
    return steps or [draw(step)]


def _steps(
    row: Operation, first: st.SearchStrategy[int], other: st.SearchStrategy[int | float], constant: st.SearchStrategy[float]
) -> st.SearchStrategy[Step]:
    """An application of the operation, in which not all operands are constants."""
    if row is ops.sum:
        return st.tuples(st.just(row), st.builds(lambda x, more: [x, *more], first, st.lists(other, max_size=4)))
    if row is ops.dot:
        pairs = st.lists(st.tuples(other, other), min_size=1, max_size=4)
        return st.tuples(st.just(row), st.builds(lambda ps, b: [p[i] for i in (0, 1) for p in ps] + [b], pairs, first))
    if len(row.partials) == 1:
        return st.tuples(st.just(row), st.tuples(first))
    return st.tuples(st.just(row), st.tuples(first, other) | st.tuples(constant, first) | st.tuples(other, first))


def _default_operations() -> list[Operation]:
    return [row for row in ops.TABLE if row.name not in STEPS]


def _row(operation: Any) -> Operation:
    found = getattr(operation, "operation", operation)  # of one's own
    if isinstance(found, Operation):
        return found
    name = operation if isinstance(operation, str) else getattr(operation, "__name__", None)
    for row in ops.TABLE:
        if name in (row.name, row.symbol, *row.aliases):
            return row
    known = ", ".join(row.name for row in ops.TABLE)
    raise ValueError(f"unknown operation: {operation!r} (must be one of {known}, or one made by @primitive)")


def _check_own(rows: list[Operation]) -> None:
    import autograd

    seen: dict[str, Operation] = {}
    for row in rows:
        if row.function is None:
            continue
        if not row.name.isidentifier() or hasattr(autograd, row.name) or seen.setdefault(row.name, row) is not row:
            raise ValueError(
                f"an expression cannot call your own operation {row.name!r}, as that is no name of its own; define it with "
                "`def`, and a name that no other operation has"
            )
