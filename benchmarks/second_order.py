"""The Hessian of Rosenbrock's function in 50 variables, and what the other sweeps cost beside ``backward``.

    python benchmarks/second_order.py     (compares with PyTorch if it is installed, and with HIPS autograd if
                                           HIPS_PYTHON names the Python of an environment that has it: the two packages
                                           have one import name)

All are given the same scalar code, in Python loops.
"""

from __future__ import annotations

import inspect
import os
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

from timing import check, describe_machine, pin_to_one_core, ratio, side_by_side, table

import autograd
from autograd import Value, gradients, hessian
from autograd.sweeps import tangents

SIZE = 50
START = [0.5 + 0.01 * i for i in range(SIZE)]


def rosenbrock(x: Any) -> Any:
    """The sum of ``100 * (x[i+1] - x[i]**2)**2 + (1 - x[i])**2``, in a loop."""
    total = 0.0
    for i in range(len(x) - 1):
        total = total + 100 * (x[i + 1] - x[i] ** 2) ** 2 + (1 - x[i]) ** 2
    return total


# What the other package runs in its own environment: a Hessian for each line that it is sent.
HIPS_WORKER = f"""
import sys
from typing import Any
import autograd.numpy as np
from autograd import hessian
{inspect.getsource(rosenbrock)}
H = hessian(rosenbrock)
for _ in sys.stdin:
    H(np.array({START}))
    print(flush=True)
"""


def hessians() -> dict[str, Callable[[], object]]:
    """All ways of computing the Hessian that can be had here."""
    ways: dict[str, Callable[[], object]] = {"scalar-autograd": lambda: hessian(rosenbrock)(START)}
    try:
        import torch
    except ImportError:
        print("PyTorch is not installed: pip install torch")
    else:
        torch.set_num_threads(1)
        x = torch.tensor(START, dtype=torch.float64)
        of_torch: Any = torch.autograd.functional.hessian
        ways["PyTorch"] = lambda: of_torch(rosenbrock, x)
        difference = abs(torch.tensor(hessian(rosenbrock)(START), dtype=torch.float64) - of_torch(rosenbrock, x)).max()
        assert difference < 1e-9, difference
    if "HIPS_PYTHON" in os.environ:
        worker = subprocess.Popen(
            [os.environ["HIPS_PYTHON"], "-P", "-c", HIPS_WORKER],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

        def ask() -> str:
            assert worker.stdin is not None
            assert worker.stdout is not None
            worker.stdin.write("\n")
            worker.stdin.flush()
            return worker.stdout.readline()

        assert ask(), "the worker for HIPS autograd failed"
        ways["HIPS autograd"] = ask
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
    pin_to_one_core()
    print(f"{describe_machine()}; core: {autograd.backend()}\n")
    seconds = side_by_side(hessians(), rounds=5)
    print(table(seconds, baseline="scalar-autograd"), "\n")
    reached = [check(f"Hessian against {name}", ratio(seconds, name, "scalar-autograd"), 5) for name in list(seconds)[1:]]

    x, y = chain(10_000)
    sweeps = side_by_side({"backward": y.backward, "forward": lambda: tangents([y], [x], [1.0])})
    print(table(sweeps, baseline="backward"), "\n")
    reached.append(check("forward against backward (1 / 1.5 is wanted)", ratio(sweeps, "backward", "forward"), 1 / 1.5))

    for nodes in (10_000, 20_000):
        x, y = chain(nodes)
        start = time.perf_counter()
        first = gradients(y, x, create_graph=True)
        second = gradients(first, x, create_graph=True)
        elapsed = time.perf_counter() - start
        print(f"gradient of the gradient of {nodes:,} nodes: {autograd.count_nodes(second):,} nodes, {elapsed * 1e3:.0f} ms")
    return 0 if all(reached) else 1


if __name__ == "__main__":
    sys.exit(main())
