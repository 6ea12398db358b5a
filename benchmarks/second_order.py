"""The Hessian of Rosenbrock's function in 50 variables, and the cost of a forward sweep compared with ``backward``.

    python benchmarks/second_order.py     (skips peers that are not installed; for HIPS autograd, see hips.py)

All implementations run the same scalar code, in Python loops.
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
    """Return PyTorch's Hessian of the same code."""
    torch = peer("torch")
    torch.set_num_threads(1)
    x = torch.tensor(START, dtype=torch.float64)
    return lambda: torch.autograd.functional.hessian(rosenbrock, x)


def hips_hessian() -> Callable[[], Any]:
    """Return the Hessian of HIPS autograd."""
    worker = Hips()
    worker.ask("hessian", START)
    return lambda: worker.ask("hessian", START)


def hessians() -> dict[str, Callable[[], Any]]:
    """Return the installed implementations of the Hessian, after checking that they agree."""
    found: dict[str, Callable[[], Any]] = {OURS: lambda: hessian(rosenbrock)(START)}
    expected = found[OURS]()
    for name, factory in (("PyTorch", torch_hessian), ("HIPS autograd", hips_hessian)):
        try:
            found[name] = factory()
        except (ImportError, OSError) as error:
            print(f"without {name}: {error}")
            continue
        result = found[name]()
        difference = max(abs(float(result[i][j]) - expected[i][j]) for i in range(SIZE) for j in range(SIZE))
        assert difference < 1e-9, (name, difference)
    return found


def chain(nodes: int) -> tuple[Value, Value]:
    """Return an input and a result with this number of operations between them."""
    x = Value(0.3)
    y = x
    for _ in range(nodes // 4):
        y = (y * x).sin() + 0.1 / y
    return x, y


def main() -> int:
    """Print the tables and targets."""
    report = Report("second_order", "The Hessian of Rosenbrock's function in 50 variables, and a forward sweep")
    rounds, turn, size = (1, 0.0, 100) if report.quick else (5, 0.2, 10_000)
    seconds = side_by_side(hessians(), rounds, turn)
    report.times(seconds, OURS)
    for name in ("PyTorch", "HIPS autograd"):
        report.target(f"Hessian against {name}", ratio(seconds, name, OURS), 5)

    x, y = chain(size)
    sweeps = side_by_side({"backward": y.backward, "forward": lambda: tangents([y], [x], [1.0])}, rounds, turn)
    report.say(f"\nOne sweep over a chain of {size:,} nodes.\n")
    report.times(sweeps, "backward")
    report.target("forward sweep against backward", ratio(sweeps, "forward", "backward"), 1.5, at_most="times")

    for nodes in (size, 2 * size):
        x, y = chain(nodes)
        start = time.perf_counter()
        first = gradients(y, x, create_graph=True)
        second = gradients(first, x, create_graph=True)
        elapsed = time.perf_counter() - start
        count = autograd.count_nodes(second)
        report.say(f"- gradient of the gradient of {nodes:,} nodes: {count:,} nodes, {elapsed * 1e3:.0f} ms")
    return report.finish()


if __name__ == "__main__":
    sys.exit(main())
