"""Configuration shared by the whole test suite: Hypothesis profiles and the backend under test.

``HYPOTHESIS_PROFILE=thorough`` runs many more examples. With ``CI`` set in the environment, the examples are the same
in every run, so a failing build can be reproduced.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from javascript import chromium_path

import autograd

SHARED: dict[str, Any] = {
    "deadline": None,  # the first example includes import time, and a shared machine may stall
    "derandomize": bool(os.environ.get("CI")),
    "suppress_health_check": [HealthCheck.too_slow],
}
settings.register_profile("quick", max_examples=40, **SHARED)
settings.register_profile("thorough", max_examples=10_000, **SHARED)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))


def pytest_report_header() -> str:
    """Name the core under test at the top of the report."""
    return f"autograd: {autograd.backend()} core"


@pytest.fixture
def compiled() -> bool:
    """Return whether the compiled core is under test.

    Pure Python is too slow, and needs too much memory, for the largest graphs.
    """
    return autograd.backend() == "compiled"


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """The Chromium of the distribution, without a window. All tests share it, as playwright runs once per process."""
    api = pytest.importorskip(
        "playwright.sync_api", reason="playwright is not installed: pip install 'scalar-autograd[browser]'"
    )
    path = chromium_path()
    if path is None:
        pytest.skip("Chromium is not installed; install the package chromium of the distribution")
    with api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()
