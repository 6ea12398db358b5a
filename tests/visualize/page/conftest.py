"""Open pages in Chromium. Without playwright or Chromium, the tests are skipped."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from autograd import Value
from visualize import explore


@pytest.fixture
def show(browser: Any, tmp_path: Path) -> Iterator[Callable[..., Any]]:
    """Return a function that opens a page, or what else writes one. In the end, there were no errors, one request per page."""
    opened: list[Any] = []
    errors: list[str] = []
    requests: list[str] = []

    def show(subject: Any, context: dict[str, Any] | None = None) -> Any:
        path = subject.write(tmp_path / f"page{len(opened)}.html")
        page = browser.new_page(**{"viewport": {"width": 1400, "height": 900}} | (context or {}))
        page.set_default_timeout(20_000)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda message: errors.append(message.text) if message.type in ("error", "warning") else None)
        page.on("dialog", lambda dialog: errors.append(f"a dialog: {dialog.message}"))
        page.on("request", lambda request: requests.append(request.url))
        page.goto(path.as_uri())
        opened.append(page)
        return page

    yield show
    for page in opened:
        page.close()
    assert errors == []
    assert [url for url in requests if not url.startswith("data:")] == [
        f"{(tmp_path / f'page{i}.html').as_uri()}" for i in range(len(opened))
    ]


@pytest.fixture
def load(show: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that opens the page of a Value. See ``show``."""

    def load(root: Value | list[Value], *, context: dict[str, Any] | None = None, **options: Any) -> Any:
        return show(explore(root, **options), context)

    return load
