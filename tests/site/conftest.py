"""The built documentation. The tests are skipped if it does not exist; ``make docs`` builds it."""

from __future__ import annotations

from pathlib import Path

import pytest
from site_pages import SITE


@pytest.fixture(scope="session")
def site() -> Path:
    """The folder of the site."""
    if not (SITE / "index.html").exists():
        pytest.skip("the site is not built; run make docs")
    return SITE
