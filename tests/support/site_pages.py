"""The pages of the built documentation."""

from __future__ import annotations

from pathlib import Path

SITE = Path(__file__).parents[2] / "out" / "docs"


def pages(everything: bool = False) -> list[str]:
    """Return the pages of the site, without the copies of source files if not ``everything``."""
    found = sorted(path.relative_to(SITE).as_posix() for path in SITE.rglob("*.html"))
    left_out = ("_static/",) if everything else ("_static/", "_modules/")
    return [page for page in found if not page.startswith(left_out)]
