"""Rosenbrock's function as a loop, for any type of number."""

from __future__ import annotations

from typing import Any

SIZE = 50
START = [0.5 + 0.01 * i for i in range(SIZE)]


def rosenbrock(x: Any) -> Any:
    """Return the sum of ``100 * (x[i+1] - x[i]**2)**2 + (1 - x[i])**2``."""
    total = 0.0
    for i in range(len(x) - 1):
        total = total + 100 * (x[i + 1] - x[i] ** 2) ** 2 + (1 - x[i]) ** 2
    return total
