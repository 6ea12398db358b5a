"""Time from opening the playground in Chromium to its first result, at most 2.4 s. ``make docs`` must have built the site.

    python benchmarks/playground.py [--quick] [--save]

Each visit is made twice: by a new browser, whose cache is empty, and again. The stages are: the editor is there, Python is
ready and the first example starts, and its result is there.
"""

from __future__ import annotations

import functools
import http.server
import math
import shutil
import statistics
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from report import Report, peer
from timing import duration

SITE = Path(__file__).parent.parent / "out" / "docs"
TARGET = 2.4  # seconds, at most
STAGES = {"editor": "the editor", "Running…": "Python is ready", "Finished": "the first result"}
# Notes the time of each stage, in seconds since the page was opened. A stage is the first word of the text that the page shows.
OBSERVE = """addEventListener("DOMContentLoaded", () => {
  const state = document.getElementById("pg-state");
  window.stages = { editor: performance.now() / 1000 };  // this event follows the scripts of the page
  new MutationObserver(() => { window.stages[state.textContent.split(" ")[0]] ??= performance.now() / 1000; })
    .observe(state, { childList: true, characterData: true, subtree: true });
});"""


class Handler(http.server.SimpleHTTPRequestHandler):
    """Serves files without a log."""

    def log_message(self, *_: Any) -> None:
        """Print nothing."""


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve a folder, and yield its address."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Handler, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def visit(page: Any, address: str) -> dict[str, float]:
    """Open the playground, wait for its first result, and return the time of each stage."""
    page.goto("about:blank")
    page.goto(f"{address}/playground/index.html")
    page.wait_for_function("window.stages?.Finished", timeout=120_000)
    if not page.locator("#pg-results svg[role=img]").count():
        raise RuntimeError("the first example has no picture")
    stages = page.evaluate("window.stages")
    return {text: stages[word] for word, text in STAGES.items()}


def main() -> int:
    """Measure visits with an empty cache and visits with a full one, in turns."""
    report = Report("playground", "The playground, from opening its page to the first result", one_core=False)
    try:
        sync_playwright = peer("playwright.sync_api").sync_playwright
    except ImportError:
        sync_playwright = None
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if sync_playwright is None or chromium is None or not (SITE / "_static" / "playground").is_dir():
        report.say("This needs playwright, Chromium, and the site with its playground: make docs\n")
        report.target("first result with an empty cache", math.nan, TARGET, at_most="s")
        return report.finish()
    found: dict[str, list[dict[str, float]]] = {"empty cache": [], "again": []}
    with served(SITE) as address, sync_playwright() as playwright:
        for _ in range(1 if report.quick else 9):
            browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
            page = browser.new_page(viewport={"width": 1400, "height": 900})
            page.add_init_script(OBSERVE)
            for times in found.values():
                times.append(visit(page, address))
            version = browser.version
            browser.close()
    report.say(f"Chromium {version}, files from the same machine, uncompressed\n")
    middle = {
        name: [statistics.median(stages[text] for stages in times) for text in STAGES.values()] for name, times in found.items()
    }
    report.table(["", *STAGES.values()], [[name, *map(duration, medians)] for name, medians in middle.items()])
    report.target("first result with an empty cache", middle["empty cache"][-1], TARGET, at_most="s")
    return report.finish()


if __name__ == "__main__":
    sys.exit(main())
