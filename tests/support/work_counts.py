"""Count the work of an action, to test that it grows in proportion to the size of its input. Time is not measured."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any


def work(action: Callable[[], object], package: str = "") -> int:
    """Return the number of bytecode instructions of an action, or only of those in the modules of ``package``.

    Loops inside C functions, such as a search in a list, are not counted. Neither is the compiled core.
    """
    count = 0

    def trace(frame: Any, event: str, _: object) -> Any:
        nonlocal count
        if not frame.f_globals.get("__name__", "").startswith(package):
            return None
        frame.f_trace_opcodes = True
        count += event == "opcode"
        return trace

    before = sys.gettrace()
    sys._getframe().f_trace_opcodes = True  # Python 3.12 needs one such request before settrace
    sys.settrace(trace)
    try:
        action()
    finally:
        sys.settrace(before)
    return count


def assert_proportional(make: Callable[[int], Callable[[], object]], size: int, tolerance: float = 1.1) -> None:
    """Compare the work at ``size`` and at four times this size. ``make(n)`` prepares an action, which is not counted.

    Raises:
        AssertionError: If the work grows by more than a factor of four, times ``tolerance``.
    """
    make(size)()  # fills caches
    small, large = work(make(size)), work(make(4 * size))
    assert large < 4 * tolerance * small, f"{small:,} instructions at size {size}, {large:,} at size {4 * size}"
