"""The entry point for pytest named in ``pyproject.toml``: the fixture ``gradcheck``.

pytest imports this module at its start. It is not part of the package ``autograd``, which it imports on first use of the
fixture. A test suite that does not use the fixture therefore starts as fast as before.
"""

from __future__ import annotations

from typing import Any

import pytest


@pytest.fixture(scope="session", name="gradcheck")  # one for all examples of a property test
def checker() -> Any:
    """Check a gradient, and fail the test unless it agrees.

    ``gradcheck(f, inputs)`` has the arguments of ``autograd.gradcheck`` and returns its report. If a derivative is wrong or
    inconclusive, it raises an AssertionError that contains the report, at the line of the test.
    """
    from autograd import gradcheck

    def check(*arguments: Any, **options: Any) -> Any:
        __tracebackhide__ = True
        report = gradcheck(*arguments, **options)
        report.raise_unless_passed()
        return report

    return check
