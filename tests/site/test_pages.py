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
# axe-core takes most of its time for the contrast of texts. The contrast follows from the colors, the size and the weight of a
# text, and from the backgrounds and opacities around it, so a few texts of each combination are marked and checked. On the
# samples, all texts are checked.
MARK = """() => {
  const around = new Map([[document.documentElement, '']]);
  const look = (element) => {
    if (!around.has(element)) {
      const { opacity, backgroundColor, backgroundImage, filter } = getComputedStyle(element);
      const own = [opacity, backgroundColor, backgroundImage, filter].join();
      around.set(element, look(element.parentElement) + (own === '1,rgba(0, 0, 0, 0),none,none' ? '' : `/${own}`));
    }
    return around.get(element);
  };
  for (const element of document.querySelectorAll('[data-checked]')) element.removeAttribute('data-checked');
  const count = new Map();
  for (const element of document.body.querySelectorAll('*')) {
    const { width, height } = element.getBoundingClientRect();
    if (width <= 1 || height <= 1 || !element.checkVisibility({ visibilityProperty: true })) continue;  // read aloud only
    const isText = [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim());
    const isOther = element.shadowRoot || element.matches('input, select, textarea, button');
    if (!isText && !isOther) continue;
    const { color, fontSize, fontWeight, textShadow } = getComputedStyle(element);
    const enabled = !element.closest('[disabled], [aria-disabled="true"]');
    const key = [color, fontSize, fontWeight, textShadow, enabled, look(element)].join();
    count.set(key, (count.get(key) ?? 0) + 1);
    if (isOther || count.get(key) <= 3) element.setAttribute('data-checked', '');
    for (const inner of element.shadowRoot?.querySelectorAll('*') ?? []) inner.setAttribute('data-checked', '');
  }
  axe.configure({ rules: [{ id: 'color-contrast', selector: '[data-checked]' }] });
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

    def measure(self, width: int, scheme: str) -> None:
        """Set the width and the colors of the open page, and check its width."""
        self.look(width, scheme)
        if self.page.evaluate("document.documentElement.scrollWidth") > width:
            self.problems.append(f"wider than {width} pixels")

    def show(self, width: int, scheme: str) -> None:
        """Set the width and the colors of the open page, and wait until the theme has followed."""
        self.look(width, scheme)
        self.page.wait_for_function(f"document.documentElement.dataset.theme === '{scheme}'")
        self.page.wait_for_function(REACHABLE)

    def violations(self, rules: str = "", *, all_texts: bool = False) -> Iterator[str]:
        """Yield the faults that axe-core finds.

        Args:
            rules: The rules to check; by default, all.
            all_texts: Whether the contrast of all texts is checked.
        """
        self.page.evaluate("axe.reset()" if all_texts else MARK)
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
    reader.measure(400, "dark")
    reader.measure(1400, "light")
    is_sample = name in SAMPLES
    if not is_sample:
        reader.page.evaluate(SIMPLIFY)
    reader.show(1400, "light")
    reader.problems += [f"1400 light: {violation}" for violation in reader.violations(all_texts=is_sample)]
    reader.show(400, "dark")
    rules = "" if is_sample else VISUAL
    reader.problems += [f"400 dark: {violation}" for violation in reader.violations(rules, all_texts=is_sample)]
    assert reader.problems == []


def test_the_samples_exist(site: Path) -> None:
    assert all((site / name).is_file() for name in SAMPLES)


@pytest.mark.parametrize(
    ("body", "rule"),
    [
        ("<dl><dd>text</dd></dl>", "definition-list"),
        ("<p style='color: #aaa; background: #fff'>text</p>", "color-contrast"),
        (f"{'<p>text</p>' * 9}<div style='background: #555'><p>text</p></div>", "color-contrast"),
        (f"{'<p>text</p>' * 9}<div style='opacity: 0.4'><p>text</p></div>", "color-contrast"),
        (
            "<div style='width: 1px; overflow: hidden; color: #aaa'>read aloud</div><p style='color: #aaa'>text</p>",
            "color-contrast",
        ),
        ("<input aria-label='name' value='text' style='color: #aaa; background: #fff'>", "color-contrast"),
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
