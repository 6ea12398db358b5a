"""The Hessian of Rosenbrock's function in 50 variables, and what the other sweeps cost beside ``backward``.

    python benchmarks/second_order.py     (peers that are not installed are left out; hips.py tells of HIPS autograd)

All are given the same scalar code, in Python loops.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Any

from hips import Hips
from report import Report, peer
from rosenbrock import SIZE, START, rosenbrock
from timing import ratio, side_by_side

import autograd
from autograd import Value, gradients, hessian
from autograd.transforms.sweeps import tangents

OURS = "scalar-autograd"


def torch_hessian() -> Callable[[], Any]:
    """PyTorch's, of the same code."""
    torch = peer("torch")
    torch.set_num_threads(1)
    x = torch.tensor(START, dtype=torch.float64)
    return lambda: torch.autograd.functional.hessian(rosenbrock, x)


def hips_hessian() -> Callable[[], Any]:
    """The other autograd's."""
    worker = Hips()
    worker.ask("hessian", START)
    return lambda: worker.ask("hessian", START)


def hessians() -> dict[str, Callable[[], Any]]:
    """All ways of computing the Hessian that can be had here; they agree."""
    ways: dict[str, Callable[[], Any]] = {OURS: lambda: hessian(rosenbrock)(START)}
    wanted = ways[OURS]()
    for name, factory in (("PyTorch", torch_hessian), ("HIPS autograd", hips_hessian)):
        try:
            ways[name] = factory()
        except (ImportError, OSError) as problem:
            print(f"without {name}: {problem}")
            continue
        found = ways[name]()
        difference = max(abs(float(found[i][j]) - wanted[i][j]) for i in range(SIZE) for j in range(SIZE))
        assert difference < 1e-9, (name, difference)
    return ways


def chain(nodes: int) -> tuple[Value, Value]:
    """An input and a result with so many operations between."""
    x = Value(0.3)
    y = x
    for _ in range(nodes // 4):
        y = (y * x).sin() + 0.1 / y
    return x, y


def main() -> int:
    """Print the tables, and whether each aim is reached."""
    report = Report("second_order", "The Hessian of Rosenbrock's function in 50 variables, and other sweeps")
    rounds, turn, size = (1, 0.0, 100) if report.quick else (5, 0.2, 10_000)
    seconds = side_by_side(hessians(), rounds, turn)
    report.times(seconds, OURS)
    for name in ("PyTorch", "HIPS autograd"):
        report.aim(f"Hessian against {name}", ratio(seconds, name, OURS), 5)

    x, y = chain(size)
    sweeps = side_by_side({"backward": y.backward, "forward": lambda: tangents([y], [x], [1.0])}, rounds, turn)
    report.say(f"\nOne sweep over a chain of {size:,} nodes.\n")
    report.times(sweeps, "backward")
    report.aim("a forward sweep costs, against backward", ratio(sweeps, "forward", "backward"), 1.5, most="times")

    for nodes in (size, 2 * size):
        x, y = chain(nodes)
        start = time.perf_counter()
        first = gradients(y, x, create_graph=True)
        second = gradients(first, x, create_graph=True)
        elapsed = time.perf_counter() - start
        found = autograd.count_nodes(second)
        report.say(f"- gradient of the gradient of {nodes:,} nodes: {found:,} nodes, {elapsed * 1e3:.0f} ms")
    return report.finish()


if __name__ == "__main__":
    sys.exit(main())
