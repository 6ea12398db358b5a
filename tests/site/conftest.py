"""The built documentation. The tests are skipped if it does not exist; ``make docs`` builds it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from javascript import chromium_path
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


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """The Chromium of the distribution, without a window."""
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
