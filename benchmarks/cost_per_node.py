"""Cost per node of recording a function, by number of nodes and by the shape of its graph: the first call of ``compile``.

    python benchmarks/cost_per_node.py

There is no peer. The question is whether the cost per node stays the same, also where many operations share an operand. Each
number is measured in a new process, which also measures the memory. The times are processor times, because one thread does
all the work.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import random
import sys
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from typing import Any

from report import Report
from timing import digits

import autograd
from autograd import Value

NODES = [1_000, 8_000, 64_000, 10**6, 10**7]
SMALL, LARGE = 1_000, 64_000  # sizes whose costs are compared
BYTES = 1_000  # maximum number of bytes per node that recording needs
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


def first_call(function: Callable[..., Any], arguments: tuple[Any, ...], repeats: int) -> float:
    """Return the seconds of recording a function, with the check, lowering its gradient, and one replay: the best of all."""
    best = float("inf")
    gc.collect()
    gc.freeze()  # otherwise each collection visits all objects, and the next call finds none of its data in the caches
    try:
        for _ in range(repeats):
            step = autograd.compile(function, threads=1)
            gc.collect()
            start = time.process_time()
            step.backward(*arguments)
            best = min(best, time.process_time() - start)
    finally:
        gc.unfreeze()
    return best


def measure(name: str, nodes: int, repeats: int) -> tuple[float, float]:
    """Return the microseconds and the peak of the memory in bytes, both per operation, of the first call for a shape.

    Both are nan if the graph is larger than ``compile`` takes: its offsets must fit into 32 bits.
    """
    function: Callable[[Value], Value] = lambda x: SHAPES[name](x, nodes)  # noqa: E731
    count = sum(bool(node.op) for node in autograd.topological_order(function(Value(1.0))))  # about ``nodes``
    autograd.compile(lambda x: SHAPES[name](x, 10)).backward(1.0)  # imports everything
    before = peak_memory()
    try:
        first_call(function, (1.0,), 1)
    except autograd.GraphTooLargeError:
        return float("nan"), float("nan")
    peak = peak_memory() - before
    return 1e6 * first_call(function, (1.0,), repeats) / count, peak / count


def measure_model(name: str, repeats: int) -> float:
    """Return the milliseconds of the first call of a model."""
    from first_calls import CASES

    function, arguments = CASES[name]()
    return 1e3 * first_call(function, arguments, repeats)


def peak_memory() -> float:
    """Return the largest memory that the process has had, in bytes, or nan if the system does not tell."""
    try:
        import resource
    except ImportError:
        return float("nan")
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1.0 if sys.platform == "darwin" else 1024.0)


def apart(function: Callable[..., Any], *arguments: Any) -> Any:
    """Return the result of a function that is called in a new process."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return pool.submit(function, *arguments).result()


def main() -> int:
    """Print the tables, and whether the cost per node grows."""
    from first_calls import CASES, LIMITS

    report = Report("cost_per_node", "Cost per node of the first call")
    sizes = [100, 1000] if report.quick else [n for n in NODES if BYTES * n < available_memory()]
    costs: dict[str, dict[int, float]] = {name: {} for name in SHAPES}
    peaks: dict[str, dict[int, float]] = {name: {} for name in SHAPES}
    for name in SHAPES:
        for n in sizes:
            repeats = 1 if report.quick else max(1, min(200, 10**6 // n))
            costs[name][n], peaks[name][n] = apart(measure, name, n, repeats)
    report.say("Microseconds per node to record a function twice, compare, fuse, lower its gradient, and replay it once.\n")
    heading = ["nodes", *[f"{n:,}" for n in sizes]]
    report.table(heading, [[name, *map(digits, row.values())] for name, row in costs.items()])
    report.lines(costs, "nodes", "us per node", "the first call of a compiled function")
    large = [n for n in sizes if n >= LARGE]
    report.say("Peak of the memory during the first call, in bytes per node.\n")
    rows = [[name, *[digits(row[n]) for n in large]] for name, row in peaks.items()]
    report.table(["nodes", *[f"{n:,}" for n in large]], rows)
    models = {name: apart(measure_model, name, 1 if report.quick else 200 if name == "small function" else 9) for name in CASES}
    report.say("Milliseconds of the first call of a model.\n")
    report.table(["", "ms"], [[name, digits(time)] for name, time in models.items()])
    if not report.quick:
        for name, row in costs.items():
            report.target(f"{name}: microseconds per node for {LARGE:,} nodes", row[LARGE], 1.0, at_most="us")
            growth = row[LARGE] / row[SMALL]
            report.target(f"{name}: cost per node for {LARGE:,} nodes, relative to {SMALL:,}", growth, 1.3, at_most="times")
            report.target(f"{name}: peak of the memory for {LARGE:,} nodes", peaks[name][LARGE], 500, at_most="bytes per node")
        for name, limit in LIMITS.items():
            report.target(f"first call of {name}", models[name], limit, at_most="ms")
    return report.finish()


def available_memory() -> float:
    """Return the number of bytes of free memory, or infinity if the system does not tell."""
    if not hasattr(os, "sysconf"):
        return float("inf")
    return float(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_AVPHYS_PAGES"))


if __name__ == "__main__":
    sys.exit(main())
