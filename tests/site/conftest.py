"""The built documentation. The tests are skipped if it does not exist; ``make docs`` builds it."""

from __future__ import annotations

from pathlib import Path

import pytest
from site_pages import SITE


@pytest.fixture(scope="session")
def site() -> Path:
    """The folder of the site."""
    sources = [path for path in (SITE.parents[1] / "docs").rglob("*.*") if path.suffix in (".md", ".py", ".css")]
    edited = max(path.stat().st_mtime for path in sources if not {"examples", "node_modules"} & set(path.parts))
    built = SITE / "searchindex.js"
    if not built.exists() or built.stat().st_mtime < edited:
        pytest.skip("the site is not built, or older than its sources; run make docs")
    return SITE
