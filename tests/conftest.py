"""What the whole test-suite shares: how many examples Hypothesis tries, and a fresh Python for what needs one.

``HYPOTHESIS_PROFILE=thorough`` tries many more examples; with ``CI`` set in the environment the examples are the same
in every run, so that a red build can be repeated.
"""

from __future__ import annotations

import os
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

import autograd

SHARED: dict[str, Any] = {
    "deadline": None,  # the first example pays for imports, and a shared machine stalls
    "derandomize": bool(os.environ.get("CI")),
    "suppress_health_check": [HealthCheck.too_slow],
}
settings.register_profile("quick", max_examples=40, **SHARED)
settings.register_profile("thorough", max_examples=2_000, **SHARED)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))


def pytest_report_header() -> str:
    """Say at the top which of the two cores is under test."""
    return f"autograd: {autograd.backend()} core"


@pytest.fixture
def compiled() -> bool:
    """Whether the compiled core is under test; Python's own is too slow, and too large, for the largest graphs."""
    return autograd.backend() == "compiled"
