"""Minimize Rosenbrock's function of ten variables with SciPy, using our gradient and Hessian.

    python examples/scipy_minimize.py     (needs SciPy)

With ``jac=True``, SciPy expects a function that returns value and gradient, as ``value_and_grad`` does. Some methods need the
Hessian too.
"""

from __future__ import annotations

from typing import Any

from scipy.optimize import OptimizeResult, minimize

import autograd
from autograd import hessian, value_and_grad

START = [0.0] * 10


def rosenbrock(x: Any) -> Any:
    """Return a sum whose minimum is 0 at (1, 1, ..., 1), in a long curved valley."""
    return autograd.sum(100 * (x[i + 1] - x[i] ** 2) ** 2 + (1 - x[i]) ** 2 for i in range(len(x) - 1))


def minimize_rosenbrock(method: str) -> OptimizeResult:
    """Minimize from ``START``, with the Hessian if the method needs it."""
    second = {"hess": hessian(rosenbrock)} if method.startswith("trust") else {}
    return minimize(value_and_grad(rosenbrock), START, jac=True, method=method, tol=1e-10, **second)


def main() -> None:
    """Print the result of a method without and a method with the Hessian."""
    for method in ("L-BFGS-B", "trust-exact"):
        found = minimize_rosenbrock(method)
        distance = max(abs(found.x - 1))
        print(f"{method:12} {found.nit:3} iterations, minimum {found.fun:.1e}, largest distance from 1: {distance:.1e}")


if __name__ == "__main__":
    main()
