"""Run JavaScript in Node, or in Chromium if Node is not installed."""

from __future__ import annotations

import json
import math
import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest


def chromium_path() -> str | None:
    """Return the path of the Chromium of the distribution, or None."""
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


def axe_source() -> str:
    """Return the source of axe-core, which finds faults of accessibility in a page."""
    spec = find_spec("axe_playwright_python")
    if spec is None or spec.origin is None:
        pytest.skip("axe-core is not installed: pip install 'scalar-autograd[browser]'")
    return (Path(spec.origin).parent / "axe.min.js").read_text(encoding="utf-8")


def run_javascript(code: str) -> Any:
    """Return the value of an expression. It must be JSON; see ``number`` for numbers that JSON does not have."""
    if shutil.which("node"):
        command = ["node", "-e", f"console.log(JSON.stringify({code}))"] if len(code) < 50_000 else ["node", "-"]
        done = subprocess.run(
            command, input=f"console.log(JSON.stringify({code}))", capture_output=True, text=True, check=True, timeout=120
        )
        return json.loads(done.stdout)
    api = pytest.importorskip("playwright.sync_api", reason="neither Node nor playwright is installed")
    if chromium_path() is None:
        pytest.skip("neither Node nor Chromium is installed")
    with api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=["--no-sandbox"])
        try:
            return browser.new_page().evaluate(f"() => ({code})")
        finally:
            browser.close()


def written(number: float) -> str:
    """Return a float as JavaScript."""
    return "NaN" if math.isnan(number) else f"{'-' * (number < 0)}Infinity" if math.isinf(number) else repr(number)
