"""Every page in a browser: no errors, no request to another host, no sideways scrolling, and nothing that axe-core finds."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from site_pages import pages

# The words of code and the parts of formulas are thousands of elements, and alike on all pages, so one page checks them.
# Preloading reads style sheets a second time, which browsers refuse for files.
# Sphinx writes some entries of the reference as lists that are not complete in the sense of this rule.
RULES = "{'definition-list': {enabled: false}}"
AXE = (
    "axe.run({exclude: %s}, {resultTypes: ['violations'], preload: false, rules: "
    f"{RULES}}}).then((result) => result.violations)"
)
SMALL = "[['.highlight pre span'], ['.katex']]"
SAMPLE = "reference/operations/arithmetic.html"


def axe_source() -> str:
    spec = find_spec("axe_playwright_python")
    if spec is None or spec.origin is None:
        pytest.skip("axe-core is not installed: pip install 'scalar-autograd[browser]'")
    return (Path(spec.origin).parent / "axe.min.js").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", pages() or ["index.html"])
def test_a_page_is_readable_on_a_telephone_and_on_a_desk(site: Path, browser: Any, name: str) -> None:
    """The page is opened in the dark on 400 pixels, and then seen in the light on 1,400."""
    source = axe_source()
    problems: list[str] = []
    page = browser.new_page(viewport={"width": 400, "height": 900}, color_scheme="dark", reduced_motion="reduce")
    page.on("pageerror", lambda error: problems.append(f"error: {error}"))
    page.on("console", lambda message: problems.append(message.text) if message.type in ("error", "warning") else None)
    page.on("request", lambda request: problems.append(request.url) if request.url.startswith("http") else None)
    page.goto((site / name).as_uri())
    page.evaluate(source)
    for width, scheme in ((400, "dark"), (1400, "light")):
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme)
        page.wait_for_function(f"document.documentElement.dataset.theme === '{scheme}'")
        if page.evaluate("document.documentElement.scrollWidth") > width:
            problems.append(f"wider than {width} pixels")
        for violation in page.evaluate(AXE % ("[]" if name == SAMPLE else SMALL)):
            node = violation["nodes"][0]
            problems.append(f"{width} {scheme}: {violation['id']}: {node['html'][:200]}: {node['failureSummary'][:300]}")
    page.close()
    assert problems == []


def test_the_search_finds_pages_without_a_server(site: Path, browser: Any) -> None:
    page = browser.new_page()
    page.goto(f"{(site / 'search.html').as_uri()}?q=backward")
    page.locator("#search-results li").first.wait_for(timeout=20_000)
    assert page.locator("#search-results li").count() > 5
    page.close()
