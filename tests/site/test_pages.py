"""Every page in a browser: no errors, no request to another host, no sideways scrolling, and nothing that axe-core finds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from javascript import axe_source
from site_pages import pages

# Preloading reads style sheets a second time, which browsers refuse for files. The pages in frames have tests of their own.
OPTIONS = "resultTypes: ['violations'], preload: false, iframes: false"
# The words of code and signatures, the parts of formulas and the links of lists are thousands of elements, and alike on all
# pages, so that a few pages check them. On the others they become plain text. (Excluding so many elements takes long.)
SIMPLIFY = """() => {
  for (const part of document.querySelectorAll('.katex')) part.replaceChildren();
  const words = '.highlight pre, dt.sig > :not(ul), dt.sig li, code';
  for (const part of document.querySelectorAll(words)) part.textContent = part.textContent;
  for (const part of document.querySelectorAll('.genindextable li + li, .bd-sidebar-primary li + li + li')) part.remove();
}"""
SAMPLES = (
    "index.html",
    "search.html",
    "tutorial/02_first_graph.html",
    "reference/api/compiling.html",
    "reference/operations/arithmetic.html",
)
# A while after a change of the width, the theme lets the keyboard reach exactly those blocks that can be scrolled sideways.
REACHABLE = """[...document.querySelectorAll('pre, .nboutput > .output_area, .cell_output > .output, .jp-RenderedHTMLCommon, ' +
  '.pst-scrollable-table-container')].every((block) => block.scrollWidth <= block.clientWidth || block.tabIndex === 0)"""
# Most rules are about elements and their names, which do not depend on the width of the page and its colors.
VISUAL = "runOnly: ['color-contrast', 'target-size', 'scrollable-region-focusable', 'link-in-text-block']"


class Reader:
    """One page of a browser, in which all tests open their pages, because a new one takes longer than most checks."""

    def __init__(self, browser: Any) -> None:
        self.problems: list[str] = []
        self.context = browser.new_context(reduced_motion="reduce")
        self.context.add_init_script(f"if (self === top) {{{axe_source()}}}")
        self.page = self.context.new_page()
        self.page.on("pageerror", lambda error: self.problems.append(f"error: {error}"))
        self.page.on("console", lambda message: self.read(message.type, message.text))
        self.page.on("request", lambda request: self.request(request.url))

    def read(self, kind: str, text: str) -> None:
        if kind in ("error", "warning"):
            self.problems.append(text)

    def request(self, url: str) -> None:
        if url.startswith("http"):
            self.problems.append(url)

    def look(self, width: int, scheme: str) -> None:
        """Set the width of the page and its colors."""
        self.page.set_viewport_size({"width": width, "height": 900})
        self.page.emulate_media(color_scheme=scheme)

    def show(self, width: int, scheme: str) -> None:
        """Set the width and the colors of the open page, and check its width."""
        self.look(width, scheme)
        self.page.wait_for_function(f"document.documentElement.dataset.theme === '{scheme}'")
        self.page.wait_for_function(REACHABLE)
        if self.page.evaluate("document.documentElement.scrollWidth") > width:
            self.problems.append(f"wider than {width} pixels")

    def violations(self, rules: str = "") -> Iterator[str]:
        """Yield the faults that axe-core finds."""
        for found in self.page.evaluate(f"axe.run({{{OPTIONS}, {rules}}}).then((result) => result.violations)"):
            node = found["nodes"][0]
            yield f"{found['id']}: {node['html'][:200]}: {node['failureSummary'][:300]}"


@pytest.fixture(scope="module")
def reader(browser: Any) -> Iterator[Reader]:
    found = Reader(browser)
    yield found
    found.context.close()


@pytest.mark.parametrize("name", pages() or ["index.html"])
def test_a_page_is_readable_on_a_telephone_and_on_a_desk(site: Path, reader: Reader, name: str) -> None:
    """The page is opened in the dark on 400 pixels, then seen in the light on 1,400, and then in the dark again."""
    reader.problems.clear()
    reader.look(400, "dark")
    reader.page.goto((site / name).as_uri())
    reader.show(400, "dark")
    reader.show(1400, "light")
    if name not in SAMPLES:
        reader.page.evaluate(SIMPLIFY)
    reader.problems += [f"1400 light: {violation}" for violation in reader.violations()]
    reader.show(400, "dark")
    reader.problems += [f"400 dark: {violation}" for violation in reader.violations("" if name in SAMPLES else VISUAL)]
    assert reader.problems == []


def test_the_samples_exist(site: Path) -> None:
    assert all((site / name).is_file() for name in SAMPLES)


@pytest.mark.parametrize(
    ("body", "rule"),
    [
        ("<dl><dd>text</dd></dl>", "definition-list"),
        ("<p style='color: #aaa; background: #fff'>text</p>", "color-contrast"),
        ("<img src='data:,'>", "image-alt"),
    ],
)
def test_a_planted_fault_is_found(reader: Reader, body: str, rule: str, tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text(f"<!doctype html><html lang='en'><title>page</title><main><h1>page</h1>{body}</main></html>")
    reader.page.goto(path.as_uri())
    assert [found.partition(":")[0] for found in reader.violations()] == [rule]


def test_the_search_finds_pages_without_a_server(site: Path, browser: Any) -> None:
    page = browser.new_page()
    page.goto(f"{(site / 'search.html').as_uri()}?q=backward")
    page.locator("#search-results li").nth(5).wait_for(timeout=20_000)
    page.close()
