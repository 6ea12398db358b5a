"""Register strategies with Hypothesis. They let ``@given(...)`` draw an argument annotated ``Value``.

Autograd and Hypothesis may be imported in either order. The import of the second package triggers the registration: autograd
registers at the end of its import, Hypothesis calls the entry point in ``scalar_autograd_hypothesis.py``. Neither package
imports the other. Therefore neither import becomes slower, or fails because of a problem in the other package.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

_STRATEGIES: dict[type, Callable[[Any], Any]] = {}  # for each type, a function that returns the strategy


def add_strategy(drawn: type, strategy: Callable[[Any], Any]) -> None:
    """Register a type. Hypothesis calls ``strategy(drawn)`` when it first draws an object of the type."""
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
    except Exception:  # noqa: BLE001 - Hypothesis may be partly loaded or replaced by a mock; autograd works without it
        return
