"""A tiny expression, its value and both derivatives: what a call costs when there is next to nothing to compute.

    python benchmarks/tiny.py             (peers that are not installed are left out; the extra `bench` has them)

Tensors are not meant for this; it shows what recording, and calling what was recorded, cost by themselves.
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
CALLS = 100  # in each call of a way, so that the clock does not count
Answer = tuple[float, float, float]


def expression(a: Any, b: Any) -> Any:
    """Five operations."""
    return (a * b + 5.0).relu() + a**2.0


def eager(Value: Callable[[float], Any]) -> Callable[[], Answer]:  # noqa: N803 - a class
    """For any class of values."""

    def run() -> Answer:
        a, b = Value(A), Value(B)
        y = expression(a, b)
        y.backward()
        return y.data, a.grad, b.grad

    return run


def transformed(value_and_grad: Callable[..., Any]) -> Callable[[], Answer]:
    """For what returns a value and a pair of derivatives."""

    def run() -> Answer:
        y, (da, db) = value_and_grad(A, B)
        return y, da, db

    return run


def torch_way() -> Callable[[], Answer]:
    """Tensors of no dimension."""
    torch = peer("torch")
    torch.set_num_threads(1)

    def run() -> Answer:
        a, b = (torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in (A, B))
        y = expression(a, b)
        y.backward()
        return y.item(), a.grad.item(), b.grad.item()

    return run


def jax_way() -> Callable[[], Answer]:
    """Compiled by ``jit``."""
    jax = peer("jax")
    jax.config.update("jax_enable_x64", True)
    return transformed(jax.jit(jax.value_and_grad(lambda a, b: jax.nn.relu(a * b + 5.0) + a**2.0, argnums=(0, 1))))


def repeated(way: Callable[[], Answer], times: int) -> Callable[[], None]:
    """The way so many times."""

    def run() -> None:
        for _ in range(times):
            way()

    return run


def main() -> int:
    """Check that all agree, then measure."""
    report = Report("tiny", f"A tiny expression, (a * b + 5).relu() + a**2, and both derivatives, {CALLS} times")
    step = autograd.compile(expression)
    factories: dict[str, Callable[[], Callable[[], Answer]]] = {
        "micrograd": lambda: eager(peer("micrograd.engine").Value),
        "plain Python": lambda: eager(PlainValue),
        "PyTorch, tensors of no dimension": torch_way,
        "JAX jit": jax_way,
        "Value": lambda: eager(autograd.Value),
        "Value, value_and_grad": lambda: transformed(autograd.value_and_grad(expression, argnums=(0, 1))),
        "Value, compiled": lambda: transformed(lambda a, b: step.value_and_grad(a, b, argnums=(0, 1))),
    }
    ways: dict[str, Callable[[], Answer]] = {}
    for name, factory in factories.items():
        try:
            ways[name] = factory()
        except ImportError as problem:
            print(f"without {name}: {problem}")
    wanted = (A * B + 5 + A**2, B + 2 * A, A)
    for name, way in ways.items():
        assert all(math.isclose(float(a), b, rel_tol=1e-9) for a, b in zip(way(), wanted, strict=True)), (name, way())
    report.say("All ways agree on the value and both derivatives.\n")
    calls, rounds, turn = (1, 1, 0.0) if report.quick else (CALLS, 9, 0.1)
    seconds = side_by_side({name: repeated(way, calls) for name, way in ways.items()}, rounds, turn)
    report.times(seconds, "plain Python")
    report.bars(seconds, f"a tiny expression, {CALLS} times: value and derivatives")
    return report.finish()


if __name__ == "__main__":
    sys.exit(main())
