"""Cost per node of recording a function, by number of nodes and by the shape of its graph: the first call of ``compile``.

    python benchmarks/cost_per_node.py

There is no peer. The question is whether the cost per node stays the same, also where many operations share an operand.
"""

from __future__ import annotations

import os
import random
import sys
import time
from collections.abc import Callable, Iterable
from typing import Any

from report import Report
from timing import digits

import autograd
from autograd import Value

NODES = [10**3, 10**4, 10**5, 10**6, 10**7]
BYTES = 3_000  # maximum number of bytes per node that recording needs
WEIGHTS = [Value(random.Random(i).uniform(-0.1, 0.1)) for i in range(1000)]


def weights(count: int) -> Iterable[Value]:
    """Yield parameters, again and again from the first one."""
    return (WEIGHTS[i % len(WEIGHTS)] for i in range(count))


def chain(x: Any, nodes: int) -> Any:
    """Each operation uses the result of the previous one."""
    y = 0.3 * x
    for _ in range(nodes // 2):
        y = (x - y).relu()
    return y


def neurons(x: Any, nodes: int) -> Any:
    """Layers of 32 neurons written as loops: sums of products, which become dots."""
    inputs = [x * w for w in WEIGHTS[:32]]
    while nodes > 0:
        outputs = []
        for j in range(32):
            total = WEIGHTS[j] * 1.0
            for w, y in zip(WEIGHTS[j : j + 32], inputs, strict=True):
                total = total + w * y
            outputs.append(total.tanh())
        inputs, nodes = outputs, nodes - 32 * 66
    return autograd.sum(inputs)


def penalty(x: Any, nodes: int) -> Any:
    """A sum of squares of parameters that other operations use as well."""
    total = x
    for w in weights(nodes // 4):
        total = total + w * w
    for w in weights(nodes // 4):
        total = total + w * x
    return total


def one_square(x: Any, nodes: int) -> Any:
    """A sum in which every product is the square of the same number."""
    total = x
    for _ in range(nodes // 2):
        total = total + x * x
    return total


def long_sum(x: Any, nodes: int) -> Any:
    """One sum of many products."""
    return autograd.sum([w * x for w in weights(nodes - 1)])


SHAPES: dict[str, Callable[[Any, int], Any]] = {
    "chain": chain, "neurons": neurons, "penalty": penalty, "one square": one_square, "long sum": long_sum,
}  # fmt: skip


def first_call(shape: Callable[[Any, int], Any], nodes: int) -> float:
    """Return the microseconds per node of recording a function, with the check, and lowering its gradient."""
    step = autograd.compile(lambda x: shape(x, nodes), threads=1)
    start = time.perf_counter()
    step.backward(1.0)
    return 1e6 * (time.perf_counter() - start) / nodes


def main() -> int:
    """Print the table, and whether the cost per node grows."""
    report = Report("cost_per_node", "Cost per node of the first call")
    sizes = [100, 1000] if report.quick else [n for n in NODES if BYTES * n < available_memory()]
    curves: dict[str, dict[int, float]] = {}
    for name, shape in SHAPES.items():
        repeats = {n: 1 if report.quick else max(1, min(5, 10**5 // n)) for n in sizes}
        curves[name] = {n: min(first_call(shape, n) for _ in range(repeats[n])) for n in sizes}
    report.say("Microseconds per node to record a function twice, compare, fuse, lower its gradient, and replay it once.\n")
    rows = [[name, *[digits(cost) for cost in costs.values()]] for name, costs in curves.items()]
    report.table(["nodes", *[f"{n:,}" for n in sizes]], rows)
    report.lines(curves, "nodes", "us per node", "the first call of a compiled function")
    if not report.quick:
        for name, costs in curves.items():
            growth = costs[10**5] / costs[10**3]
            report.target(f"{name}: cost per node for 100,000 nodes, relative to 1,000", growth, 1.5, at_most="times")
    return report.finish()


def available_memory() -> float:
    """Return the number of bytes of free memory, or infinity if the system does not tell."""
    if not hasattr(os, "sysconf"):
        return float("inf")
    return float(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_AVPHYS_PAGES"))


if __name__ == "__main__":
    sys.exit(main())
