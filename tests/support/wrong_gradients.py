"""Faults in a gradient, by name: functions of the gradient and the entry to change."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Gradient = list[Any]  # floats, or numbers of another library


def _scaled(factor: float) -> Callable[[Gradient, int], Gradient]:
    return lambda gradient, i: [factor * g if i == k else g for k, g in enumerate(gradient)]


def _swapped(gradient: Gradient, i: int) -> Gradient:
    gradient = list(gradient)
    j = (i + 1) % len(gradient)
    gradient[i], gradient[j] = gradient[j], gradient[i]
    return gradient


WRONG_GRADIENTS: dict[str, Callable[[Gradient, int], Gradient]] = {
    "sign": _scaled(-1.0),
    "factor 2": _scaled(2.0),
    "zero": _scaled(0.0),
    "1 %": _scaled(1.01),
    "1e-4": _scaled(1 + 1e-4),
    "1e-8": _scaled(1 + 1e-8),
    "swapped": _swapped,
}
