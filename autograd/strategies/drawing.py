"""The strategies of ``autograd.strategies``: numbers, operands, Values, arrays, parameters of models and random expressions."""

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
from autograd.shared import did_you_mean, suggesting
from autograd.strategies.expression import Application, Expression, assemble
from autograd.value import Value

__all__ = ["Expression", "arrays", "expressions", "numbers", "operands", "parameters", "values"]

MIN_EXPONENT, MAX_EXPONENT = -1022, 1023  # of normal floats
# Operations with jumps, or whose derivative is 0 nearly everywhere.
STEP_FUNCTIONS = {
    "sign", "floor", "ceil", "trunc", "round", "mod", "fmod", "floor_div", "copysign", "heaviside", "gate", "less",
    "less_equal", "equal",
}  # fmt: skip
# Operations that random expressions contain only on request.
SPECIAL_FUNCTIONS = {
    "rsqrt", "log1mexp", "logit", "logaddexp", "xlogy", "entr", "degrees", "radians", "sinc", "log_sigmoid", "softsign",
    "hardtanh", "relu6", "hardsigmoid", "hardswish", "selu", "leaky_relu", "hardshrink", "softshrink", "elu", "clamp_min",
    "clamp_max", "tanhshrink", "erfcx", "erfinv", "ndtr", "ndtri", "log_ndtr",
    "lgamma", "digamma", "polygamma", "betaln", "beta", "i0", "i1", "j0", "j1",
}  # fmt: skip
# Remedies for bounds of the elements of an array, by name.
_DEPTH = {"max_depth": "write max_operations=, the number of operations", "max_leaves": "write max_inputs="}
_BOUNDS = {
    name: f"write arrays(shape, number=numbers({name}={example}))"
    for name, example in (("min_value", 0.5), ("max_value", 2.0), ("low", 0.0), ("high", 1.0))
}
MAX_OPERATIONS = 60  # Python cannot parse expressions that are nested more deeply
# Operands by position; see ``Application``. The first operand is usually the latest unused result, which makes the last result
# depend on most operations. The other operands are often results that are already used, which makes operations share results.
FIRST_OPERAND = (*[0] * 9, 1, 2, -1)
OTHER_OPERAND = (0, -1, -2, -3, 1, 2)


@suggesting()
def numbers(
    low: float = -math.inf, high: float = math.inf, *, min_value: float = -math.inf, max_value: float = math.inf
) -> st.SearchStrategy[float]:
    """Return a strategy for normal floats strictly between ``low`` and ``high``, from ``min_value`` to ``max_value``.

    It combines four strategies, because none of them covers all cases: numbers of moderate size, Hypothesis' own choice of
    floats, exponents that are uniformly distributed, and numbers very close to the bounds, to 0 and to 1 or -1.

    Args:
        low: Lower bound, may be infinite. It is not drawn itself, like the end of the domain of ``log``.
        high: Upper bound, may be infinite. It is not drawn itself.
        min_value: Smallest number that may be drawn, as in Hypothesis.
        max_value: Largest number that may be drawn.

    Raises:
        ValueError: If no float is between the bounds.
        TypeError: If a bound is not a real number.

    >>> from hypothesis import find
    >>> find(numbers(2.0, 4.0), lambda x: True)
    3.0
    >>> find(numbers(min_value=0.5), lambda x: x < 1)
    0.5
    """
    low, high = as_float(low, "low"), as_float(high, "high")
    smallest, largest = as_float(min_value, "min_value"), as_float(max_value, "max_value")
    if not smallest <= largest:
        raise ValueError(f"min_value must be at most max_value, not min_value = {smallest!r} and max_value = {largest!r}")
    low, high = max(low, math.nextafter(smallest, -math.inf)), min(high, math.nextafter(largest, math.inf))
    if not math.nextafter(low, math.inf) < high:
        raise ValueError(f"low must be less than high, with a float between them, not low = {low!r} and high = {high!r}")

    def inside(x: float) -> bool:
        return low < x < high

    choices = [st.floats(low, high, exclude_min=True, exclude_max=True, allow_nan=False, allow_subnormal=False)]
    if max(low, -40.0) < min(high, 40.0):
        choices.insert(0, st.floats(max(low, -40.0), min(high, 40.0), allow_subnormal=False).filter(inside))
    fractions = st.floats(1.0, 2.0, exclude_max=True)
    signs = [sign for sign in (1.0, -1.0) if inside(sign * 0.75) or inside(sign * 1.5)]
    if signs:
        exponents = st.integers(MIN_EXPONENT, MAX_EXPONENT)
        choices.append(st.builds(_times_power, st.sampled_from(signs), fractions, exponents).filter(inside))
    ends = [end for end in (low, high, 0.0, 1.0, -1.0) if math.isfinite(end) and low <= end <= high]
    if ends:
        sides, exponents = st.sampled_from([1.0, -1.0]), st.integers(-52, -1)
        choices.append(st.builds(_next_to, st.sampled_from(ends), sides, fractions, exponents).filter(inside))
    return st.one_of(choices)


def _times_power(sign: float, fraction: float, exponent: int) -> float:
    """Return a float with this sign, significand and exponent."""
    return sign * math.ldexp(fraction, exponent)


def _next_to(end: float, sign: float, fraction: float, exponent: int) -> float:
    """Return a float close to ``end``, on the side given by ``sign``."""
    return end + sign * math.ldexp(fraction, exponent)


def operands(operation: str | Callable[..., Any]) -> st.SearchStrategy[tuple[float, ...]]:
    """Return a strategy for tuples of floats in the domain of an operation, one per operand.

    Args:
        operation: A name (``"log"``, ``"*"``), a function of autograd, or a custom operation.

    Raises:
        ValueError: If the operation is unknown (the message lists the known ones) or takes any number of operands.

    >>> from hypothesis import find
    >>> find(operands("log"), lambda t: t[0] < 1)[0] > 0
    True
    """
    row = _row(operation)
    if row.variadic:
        raise ValueError(
            f"operation must have one or two operands, but {row.name} takes any number of them; use st.lists(numbers())"
        )
    return st.tuples(*(numbers(low, high) for low, high in row.domain))


def values(number: st.SearchStrategy[float] | None = None) -> st.SearchStrategy[Value]:
    """Return a strategy for new leaves.

    Args:
        number: Strategy for the data of the leaves; by default, normal floats.

    >>> from hypothesis import find
    >>> find(values(), lambda x: x > 2)
    Value(3.0)
    """
    return st.builds(Value, numbers() if number is None else number)


@suggesting(remedies=_BOUNDS)
def arrays(
    shape: int | tuple[int, ...] | st.SearchStrategy[tuple[int, ...]], number: st.SearchStrategy[float] | None = None
) -> st.SearchStrategy[Any]:
    """Return a strategy for NumPy arrays of floats, for example as arguments of the function that ``gradcheck`` checks.

    Args:
        shape: The shape, or a strategy for it, such as ``hypothesis.extra.numpy.array_shapes()``.
        number: Strategy for the elements, such as ``numbers(min_value=0.5)``; by default, numbers from -3 to 3 with three
            decimals.

    >>> from hypothesis import find
    >>> find(arrays((2, 2)), lambda x: x.shape == (2, 2))
    array([[0., 0.],
           [0., 0.]])
    """
    from hypothesis.extra import numpy

    return numpy.arrays(float, shape, elements=_moderate_numbers() if number is None else number)


def parameters(model: Any, number: st.SearchStrategy[float] | None = None) -> st.SearchStrategy[list[float]]:
    """Return a strategy for the parameters of a model: a list with one float for each of them.

    ``write_data(model.parameters(), drawn)`` assigns a drawn list to the model. A failing test shows the list.

    Args:
        model: An object with a method ``parameters`` that returns a sequence of Values, such as ``nn.MLP``.
        number: Strategy for a parameter; by default, numbers from -3 to 3 with three decimals.

    Raises:
        TypeError: If ``model`` has no method ``parameters``.

    >>> from hypothesis import find
    >>> from nn import MLP
    >>> find(parameters(MLP(1, [1])), lambda drawn: drawn[1] > 2)
    [0.0, 3.0]
    """
    if not callable(getattr(model, "parameters", None)):
        raise TypeError(f"model must have a method parameters(), not {type(model).__name__} ({model!r:.40}); use st.lists(...)")
    count = len(model.parameters())
    return st.lists(_moderate_numbers() if number is None else number, min_size=count, max_size=count)


def _moderate_numbers() -> st.SearchStrategy[float]:
    """Return a strategy for numbers from -3 to 3 with three decimals."""
    return st.floats(-3, 3).map(lambda x: round(x, 3) + 0.0)


@suggesting(remedies=_DEPTH)
def expressions(
    operations: Sequence[str | Callable[..., Any]] | None = None,
    *,
    max_inputs: int = 3,
    max_operations: int = 25,
    number: st.SearchStrategy[float] | None = None,
) -> st.SearchStrategy[Expression]:
    """Return a strategy for random expressions: functions with inputs, nested operations and shared results.

    Operands are transformed so that they are inside the domain of their operation, for example ``log(1 + square(x))`` and
    ``exp(0.9 * sin(x))``. At the inputs, the absolute value of every result is at most a million. Therefore the value and the
    gradient are finite. Some operations have kinks (``relu``, ``maximum``).

    Args:
        operations: Names (``"log"``, ``"*"``), functions of autograd, or custom operations. By default, all operations
            except step functions such as ``floor`` and special functions such as ``lgamma``. Examples shrink towards the
            first operations in the list.
        max_inputs: Maximum number of arguments, from 1 to 250.
        max_operations: Maximum number of operations, from 1 to 60, not counting the operations that transform operands.
        number: Strategy for finite inputs and constants; by default, numbers from -3 to 3 with three decimals.

    Raises:
        TypeError: If ``operations`` is a single operation.
        ValueError: If an operation is unknown, no operation is given, a maximum is out of range, or a custom operation has a
            name that is not an identifier, or is used by autograd or by another operation.

    >>> from hypothesis import find
    >>> find(expressions(), lambda f: "log(" in f.code)
    Expression('lambda x: log(1 + square(x))', 0.0)
    """
    if isinstance(operations, str) or (operations is not None and not hasattr(operations, "__iter__")):
        shown = repr(operations) if isinstance(operations, str) else getattr(operations, "__name__", "...")
        raise TypeError(f"operations must be a list of operations, not {type(operations).__name__}; pass [{shown}]")
    rows = _default_operations() if operations is None else [_row(operation) for operation in operations]
    if not rows:
        raise ValueError("operations must contain at least one operation; pass None for all")
    _check_custom(rows)
    for name, maximum, most in (("max_inputs", max_inputs, 250), ("max_operations", max_operations, MAX_OPERATIONS)):
        if not 1 <= maximum <= most:
            raise ValueError(f"{name} must be from 1 to {most}, not {maximum!r}")
    constant = _moderate_numbers() if number is None else number.map(lambda x: x + 0.0)
    first, other = st.sampled_from(FIRST_OPERAND), st.sampled_from(OTHER_OPERAND) | st.integers(-max_operations, max_operations)
    application = st.one_of([_applications(row, first, other | constant, constant) for row in rows])
    inputs = st.lists(constant, min_size=1, max_size=max_inputs)
    return _assembled(inputs, _application_lists(application, max_operations))


@st.composite  # st.builds would let a failing test show the call of assemble, instead of the expression
def _assembled(
    draw: st.DrawFn, inputs: st.SearchStrategy[list[float]], applications: st.SearchStrategy[list[Application]]
) -> Expression:
    return assemble(draw(inputs), draw(applications))


@st.composite
def _application_lists(draw: st.DrawFn, application: st.SearchStrategy[Application], most: int) -> list[Application]:
    """Draw a list that is longer than lists from ``st.lists``, and that shrinks by removing any of its items."""

    @st.composite
    def another(draw: st.DrawFn) -> Application | None:
        return draw(application) if draw(st.sampled_from([False] + most * [True])) else None

    drawn: list[Application] = []
    while len(drawn) < most and (one := draw(another())) is not None:
        drawn.append(one)
    return drawn or [draw(application)]


def _applications(
    row: Operation, first: st.SearchStrategy[int], other: st.SearchStrategy[int | float], constant: st.SearchStrategy[float]
) -> st.SearchStrategy[Application]:
    """Return a strategy for applications of the operation in which at least one operand is not a constant."""
    if row is ops.sum:
        return st.tuples(st.just(row), st.builds(lambda x, more: [x, *more], first, st.lists(other, max_size=4)))
    if row is ops.dot:
        pairs = st.lists(st.tuples(other, other), min_size=1, max_size=4)
        return st.tuples(st.just(row), st.builds(lambda ps, b: [p[i] for i in (0, 1) for p in ps] + [b], pairs, first))
    if len(row.partials) == 1:
        return st.tuples(st.just(row), st.tuples(first))
    return st.tuples(st.just(row), st.tuples(first, other) | st.tuples(constant, first) | st.tuples(other, first))


def _default_operations() -> list[Operation]:
    """Return all operations of the table except the step functions and the special functions."""
    return [row for row in ops.TABLE if row.name not in STEP_FUNCTIONS | SPECIAL_FUNCTIONS]


def _row(operation: Any) -> Operation:
    """Return the row of the table for an operation given by name or function, or the custom operation itself."""
    found = getattr(operation, "operation", operation)  # a custom operation
    if isinstance(found, Operation):
        return found
    name = operation if isinstance(operation, str) else getattr(operation, "__name__", None)
    for row in ops.TABLE:
        if name in (row.name, row.symbol, *row.aliases):
            return row
    known = ", ".join(row.name for row in ops.TABLE)
    hint = did_you_mean(name, [row.name for row in ops.TABLE]) if name else ""
    raise ValueError(f"unknown operation: {operation!r} (must be one of {known}, or created by @primitive){hint}")


def _check_custom(rows: list[Operation]) -> None:
    """Raise ValueError if an expression cannot call a custom operation by its name."""
    import autograd

    seen: dict[str, Operation] = {}
    for row in rows:
        if row.function is None:
            continue
        if not row.name.isidentifier() or hasattr(autograd, row.name) or seen.setdefault(row.name, row) is not row:
            raise ValueError(
                f"a custom operation must have a unique name that is an identifier, not {row.name!r}; define it with `def`, "
                "with a name that differs from all other operations and functions of autograd"
            )
