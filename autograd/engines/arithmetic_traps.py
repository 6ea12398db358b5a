"""Traps of operators and functions: their values, and their local derivatives at ordinary points."""

from __future__ import annotations

from autograd.engines.engine import Engine, NotOffered
from autograd.engines.trap import trap


@trap(
    "operators",
    "the value or a local derivative of this operator is wrong",
    {AttributeError: "a number is taken for a node; turn operands that are numbers into nodes first"},
)
def operators(engine: Engine) -> None:
    """Operators on two nodes, and on a node and a number, have the right value and gradient."""
    for code in ("x + y", "x * y", "x - y", "x / y"):
        engine.check(f"lambda x, y: {code}", 3.0, 2.0)
    for code in ("-x", "x + 2", "x * 2", "x - 2", "x / 2"):
        engine.check(f"lambda x: {code}", 3.0)


@trap(
    "reflected operators",
    "a reflected operator (`__rsub__`, `__rtruediv__`) computes `x - 2` or `x / 2` instead of `2 - x` or `2 / x`",
    {TypeError: "the reflected operator is missing; Python calls `__radd__`, `__rmul__`, `__rsub__`, `__rtruediv__`"},
)
def reflected_operators(engine: Engine) -> None:
    """Operators with a number on the left are those with the number on the right, where the engine offers these."""
    for symbol in "+*-/":
        if engine.passes(f"lambda x: x {symbol} 2", 3.0):
            engine.check(f"lambda x: 2 {symbol} x", 3.0)
        else:
            engine.skipped.append(f"x {symbol} 2")


@trap("sum", "`sum` computes `0 + x` first", {TypeError: "`sum` starts with `0 + x`, which needs `__radd__`"})
def built_in_sum(engine: Engine) -> None:
    """The built-in sum accepts nodes."""
    engine.check("lambda x, y: sum([x, y])", 3.0, 2.0)


@trap(
    "powers",
    "the local derivative of the power is wrong, for this exponent or this sign",
    {ValueError: "the power is computed from a logarithm, which fails for negative numbers"},
)
def powers(engine: Engine) -> None:
    """Powers with a constant exponent, also of negative numbers."""
    for exponent, x in ((2, 3.0), (-1, 2.0), (0.5, 4.0), (3, -2.0)):
        engine.check(f"lambda x: x ** {exponent}", x)


def _offers_exponents(engine: Engine) -> None:
    """Raise NotOffered if the exponent of a power must be a number."""
    x, y = engine.create(2.0), engine.create(3.0)
    try:
        x**y
    except Exception as problem:  # noqa: BLE001 - engines refuse by TypeError, AssertionError or NotImplementedError
        raise NotOffered(f"an exponent that is a node raises {type(problem).__name__}") from None


@trap("x ** y", "the gradient with respect to the exponent is missing or wrong; it contains the logarithm of the base")
def power_of_nodes(engine: Engine) -> None:
    """Powers whose exponent is a node."""
    _offers_exponents(engine)
    engine.check("lambda x, y: x ** y", 2.0, 3.0)


@trap(
    "2 ** x",
    "`__rpow__` computes x**2 instead of 2**x, or the logarithm of the base is missing in the gradient",
    {TypeError: "the reflected operator is missing; Python calls `__rpow__`"},
)
def power_of_a_number(engine: Engine) -> None:
    """Powers of a number, where the engine accepts exponents that are nodes."""
    if not hasattr(type(engine.create(1.0)), "__rpow__"):
        _offers_exponents(engine)
    engine.check("lambda x: 2 ** x", 3.0)


@trap("functions", "the local derivative of this function is wrong")
def functions(engine: Engine) -> None:
    """The usual functions, as methods or as functions of the module, at ordinary points."""
    for name in ("exp", "tanh", "relu", "sigmoid", "log", "sqrt", "sin", "cos"):
        for x in (2.0, 0.5) if name in ("log", "sqrt") else (2.0, -0.5):
            engine.check(f"lambda x: {name}(x)", x)
