"""SciPy minimises a function with our gradient and Hessian: Rosenbrock's, in ten variables.

python examples/scipy_minimize.py     (needs SciPy)
"""

from __future__ import annotations

from typing import Any

from scipy.optimize import OptimizeResult, minimize

import autograd
from autograd import hessian, value_and_grad

START = [0.0] * 10


def rosenbrock(x: Any) -> Any:
    """Its minimum is 0, at (1, 1, ..., 1), down a long curved valley."""
    return autograd.sum(100 * (x[i + 1] - x[i] ** 2) ** 2 + (1 - x[i]) ** 2 for i in range(len(x) - 1))


def minimise(method: str) -> OptimizeResult:
    """``value_and_grad`` is what ``jac=True`` asks for; only some methods also want the Hessian."""
    second = {"hess": hessian(rosenbrock)} if method.startswith("trust") else {}
    return minimize(value_and_grad(rosenbrock), START, jac=True, method=method, tol=1e-10, **second)


if __name__ == "__main__":
    for method in ("L-BFGS-B", "trust-exact"):
        found = minimise(method)
        print(f"{method:12} {found.nit:3} iterations, minimum {found.fun:.1e}, farthest from 1: {max(abs(found.x - 1)):.1e}")
