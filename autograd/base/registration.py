"""Tells Hypothesis how to draw a Value, so that ``@given(...)`` understands an argument annotated ``Value``.

Either package may be imported first. The one imported second finds the other loaded and registers: autograd at the end of
its import, Hypothesis through the entry point in ``scalar_autograd_hypothesis.py``. Neither imports the other, so neither
becomes slower, and neither fails because of a problem in the other.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

_STRATEGIES: dict[type, Callable[[Any], Any]] = {}  # for each type, a function that returns the strategy


def add_strategy(drawn: type, strategy: Callable[[Any], Any]) -> None:
    """Register a type. Hypothesis calls ``strategy(type)`` when it first draws one."""
    _STRATEGIES[drawn] = strategy
    register()


def register() -> None:
    """Register all types with Hypothesis, if it is loaded."""
    hypothesis = sys.modules.get("hypothesis.strategies")
    if hypothesis is None:
        return
    try:
        for drawn, strategy in _STRATEGIES.items():
            hypothesis.register_type_strategy(drawn, strategy)
    except Exception:  # noqa: BLE001 - Hypothesis may be partly loaded, or replaced by a stand-in; autograd works without
        return
