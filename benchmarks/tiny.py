"""A tiny expression, its value and both derivatives: the overhead of a call with almost no computation.

    python benchmarks/tiny.py             (skips peers that are not installed; the extra `bench` installs them)

Tensors are not designed for this. The benchmark shows the overhead of recording, and of calling a recorded function.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from typing import Any

from plain_value import Value as PlainValue
from report import Report, peer
from timing import side_by_side

import autograd

A, B = 2.0, 3.0
CALLS = 100  # evaluations per measured call, so that the resolution of the clock does not matter
Result = tuple[float, float, float]


def expression(a: Any, b: Any) -> Any:
    """Return the result of five operations."""
    return (a * b + 5.0).relu() + a**2.0


def eager(Value: Callable[[float], Any]) -> Callable[[], Result]:  # noqa: N803 - a class
    """Return the evaluation with any ``Value`` class."""

    def run() -> Result:
        a, b = Value(A), Value(B)
        y = expression(a, b)
        y.backward()
        return y.data, a.grad, b.grad

    return run


def transformed(value_and_grad: Callable[..., Any]) -> Callable[[], Result]:
    """Return the evaluation with a function that returns a value and a pair of derivatives."""

    def run() -> Result:
        y, (da, db) = value_and_grad(A, B)
        return y, da, db

    return run


def torch_evaluation() -> Callable[[], Result]:
    """Return the evaluation with zero-dimensional tensors."""
    torch = peer("torch")
    torch.set_num_threads(1)

    def run() -> Result:
        a, b = (torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in (A, B))
        y = expression(a, b)
        y.backward()
        return y.item(), a.grad.item(), b.grad.item()

    return run


def jax_evaluation() -> Callable[[], Result]:
    """Return the evaluation compiled by ``jit``."""
    jax = peer("jax")
    jax.config.update("jax_enable_x64", True)
    return transformed(jax.jit(jax.value_and_grad(lambda a, b: jax.nn.relu(a * b + 5.0) + a**2.0, argnums=(0, 1))))


def repeated(function: Callable[[], Result], times: int) -> Callable[[], None]:
    """Return a function that calls ``function`` repeatedly."""

    def run() -> None:
        for _ in range(times):
            function()

    return run


def main() -> int:
    """Check that all implementations agree, then measure."""
    report = Report("tiny", f"A tiny expression, (a * b + 5).relu() + a**2, and both derivatives, {CALLS} times")
    step = autograd.compile(expression)
    factories: dict[str, Callable[[], Callable[[], Result]]] = {
        "micrograd": lambda: eager(peer("micrograd.engine").Value),
        "plain Python": lambda: eager(PlainValue),
        "PyTorch, zero-dimensional tensors": torch_evaluation,
        "JAX jit": jax_evaluation,
        "Value": lambda: eager(autograd.Value),
        "Value, value_and_grad": lambda: transformed(autograd.value_and_grad(expression, argnums=(0, 1))),
        "Value, compiled": lambda: transformed(lambda a, b: step.value_and_grad(a, b, argnums=(0, 1))),
    }
    functions: dict[str, Callable[[], Result]] = {}
    for name, factory in factories.items():
        try:
            functions[name] = factory()
        except ImportError as error:
            print(f"without {name}: {error}")
    expected = (A * B + 5 + A**2, B + 2 * A, A)
    for name, function in functions.items():
        found = function()
        assert all(math.isclose(float(a), b, rel_tol=1e-9) for a, b in zip(found, expected, strict=True)), (name, found)
    report.say("All implementations agree on the value and both derivatives.\n")
    calls, rounds, turn = (1, 1, 0.0) if report.quick else (CALLS, 9, 0.1)
    seconds = side_by_side({name: repeated(function, calls) for name, function in functions.items()}, rounds, turn)
    report.times(seconds, "plain Python")
    report.bars(seconds, f"a tiny expression, {CALLS} times: value and derivatives")
    return report.finish()


if __name__ == "__main__":
    sys.exit(main())
