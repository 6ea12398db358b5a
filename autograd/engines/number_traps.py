"""Traps of numbers: NumPy scalars, infinities, saturation, kinks, wrong types; and output."""

from __future__ import annotations

import math

from autograd.engines.engine import Engine, Fault
from autograd.engines.trap import trap

NOT_A_NUMBER = "a NumPy scalar is not recognized as a number; test for `numbers.Real`, not for int and float"


@trap(
    "NumPy scalars",
    NOT_A_NUMBER,
    {
        TypeError: NOT_A_NUMBER,
        AssertionError: NOT_A_NUMBER,
        AttributeError: "a NumPy scalar is taken for a node; test for the class of nodes, not for an attribute",
        ValueError: "NumPy's integers have no negative powers; convert numbers by `float`",
    },
)
def numpy_scalars(engine: Engine) -> None:
    """NumPy's numbers work on both sides of the operators that work with Python's numbers."""
    for name in ("float64", "float32", "int64"):
        for code in ("x * 2", "2 * x", "x - 2", "2 - x", "x / 2", "2 / x"):
            if engine.passes(f"lambda x: {code}", 3.0):
                engine.check(f"lambda x: {code.replace('2', f'{name}(2)')}", 3.0)
            else:
                engine.skipped.append(code)


@trap(
    "exp(1000)",
    "the result of exp(1000) and its derivative are infinite; exp(-1000) and its derivative are 0",
    {OverflowError: "`math.exp` raises an error from 710 on; return infinity, as IEEE-754 and NumPy do"},
)
def exp_of_large_numbers(engine: Engine) -> None:
    """An overflow is infinity, not an error."""
    engine.check("lambda x: exp(x)", 1000.0)
    engine.check("lambda x: exp(x)", -1000.0)


@trap(
    "large arguments",
    "the formula divides infinity by infinity; use a formula that never computes exp of a large positive number",
    {OverflowError: "the formula computes exp of a large number; use `math.tanh`, and exp(-abs(x)) for sigmoid"},
)
def large_arguments(engine: Engine) -> None:
    """Tanh and sigmoid saturate: their values are 1, -1 or 0, and their derivatives 0."""
    for name in ("tanh", "sigmoid"):
        for x in (1000.0, -1000.0):
            engine.check(f"lambda x: {name}(x)", x)


@trap(
    "log(0)",
    "the result of log(0) is -inf, and its derivative inf",
    {
        ValueError: "`math.log` raises an error at 0; return -inf, as IEEE-754 and NumPy do",
        ZeroDivisionError: "the derivative 1 / x raises an error at 0; use infinity, as IEEE-754 and NumPy do",
    },
)
def log_of_zero(engine: Engine) -> None:
    """A logarithm of 0 is minus infinity, not an error."""
    engine.check("lambda x: log(x)", 0.0, expected=(-math.inf, math.inf))


@trap("relu(0)", "the test is `>= 0` instead of `> 0`; the convention of PyTorch, TensorFlow and JAX is the derivative 0")
def relu_at_zero(engine: Engine) -> None:
    """The derivative of relu at 0 is 0 by convention."""
    engine.check("lambda x: relu(x)", 0.0, expected=(0.0, 0.0))
    engine.check("lambda x: relu(x)", -0.0, expected=(0.0, 0.0))


@trap("wrong data", "the constructor does not check its argument; raise a TypeError if it is not a real number")
def wrong_data(engine: Engine) -> None:
    """Data that is not a number raises an error when the node is created."""
    for data in ("one", 1j, None, [1.0]):
        try:
            node = engine.create(data)
        except Exception:  # noqa: BLE001 - any error is a refusal
            continue
        raise Fault(f"a node with the data {data!r}", "an error, such as TypeError", f"data = {node.data!r:.40}")


@trap("no output", "a call of `print` is left over")
def no_output(engine: Engine) -> None:
    """The engine prints nothing."""
    engine.passes("lambda x, y: x * y + x", 3.0, 2.0)
    if text := engine.output.getvalue().strip():
        raise Fault("all expressions of the report", "no output", f"{text.splitlines()[0]!r:.60}")
