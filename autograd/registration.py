"""Tells Hypothesis how to make a Value, so that ``@given(...)`` knows it for an argument annotated ``Value``.

Whichever of the two packages is imported second finds the other one loaded, and registers: autograd at the end of its
import, Hypothesis through the entry point in ``scalar_autograd_hypothesis.py``. Neither imports the other, and so neither
becomes slower by it, or can fail by what is wrong with the other.
"""

from __future__ import annotations

import sys

from autograd.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def register() -> None:
    """Name the strategy for Values to Hypothesis if it is loaded; what it is is only looked up when it is used."""
    hypothesis = sys.modules.get("hypothesis.strategies")
    if hypothesis is None:
        return
    try:
        hypothesis.register_type_strategy(Value, _values)
    except Exception:  # noqa: BLE001 - Hypothesis may be loaded in part only, or be a stand-in; autograd works without
        return


def _values(_: Any) -> Any:
    from autograd.strategies import values

    return values()
