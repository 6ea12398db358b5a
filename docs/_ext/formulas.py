"""Formulas become HTML while the site is built: with KaTeX if it is installed, and as MathML otherwise.

A page therefore needs no script for its formulas. KaTeX runs once, in Node, for all formulas of all pages. Without it,
the Python package latex2mathml writes MathML, which browsers display. An invalid formula is a warning that names the page.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import logging

logger = logging.getLogger(__name__)
Formula = tuple[str, bool]  # LaTeX, and whether it is displayed on a separate line
RENDERED: dict[Formula, str] = {}

KATEX = """
const katex = require(process.argv[1]);
const formulas = JSON.parse(require("fs").readFileSync(0, "utf8"));
console.log(JSON.stringify(formulas.map(([tex, displayMode]) => {
  try { return [katex.renderToString(tex, {displayMode, strict: "error", throwOnError: true}), ""]; }
  catch (error) { return ["", error.message]; }
})));
"""


def with_katex(formulas: list[Formula], folder: str) -> list[tuple[str, str]]:
    """Return the HTML of each formula, or an error message."""
    command = ["node", "-e", KATEX, str(Path(folder) / "katex.min.js")]
    done = subprocess.run(command, input=json.dumps(formulas), capture_output=True, encoding="utf-8", check=True)
    return [(html, error) for html, error in json.loads(done.stdout)]


def with_mathml(formulas: list[Formula]) -> list[tuple[str, str]]:
    """Return the MathML of each formula, or an error message."""
    from latex2mathml.converter import convert

    results = []
    for tex, display in formulas:
        try:
            results.append((convert(tex, display="block" if display else "inline"), ""))
        except Exception as error:  # noqa: BLE001 - the package raises many types, some of them without a common base
            results.append(("", f"{type(error).__name__}: {error}"))
    return results


def render(app: Sphinx, env: Any) -> list[str]:
    """Render the formulas of all pages before the pages are written."""
    if app.builder.format != "html":
        return []
    places: dict[Formula, nodes.Node] = {}
    for page in sorted(env.found_docs):
        doctree = env.get_doctree(page)
        for node in doctree.findall(lambda node: isinstance(node, nodes.math | nodes.math_block)):
            places.setdefault((node.astext(), isinstance(node, nodes.math_block)), node)
    formulas = list(places)
    results = with_katex(formulas, app.config.katex_folder) if app.config.katex_folder else with_mathml(formulas)
    for formula, (html, error) in zip(formulas, results, strict=True):
        if error:
            logger.warning("formula %s: %s", formula[0], error, location=places[formula])
        RENDERED[formula] = html
    return []


def visit(self: Any, node: nodes.Element) -> None:
    """Write a formula in a line of text."""
    self.body.append(RENDERED.get((node.astext(), False)) or f"<code>{self.encode(node.astext())}</code>")
    raise nodes.SkipNode


def visit_block(self: Any, node: nodes.Element) -> None:
    """Write a displayed formula. A long one scrolls, also with the keys."""
    html = RENDERED.get((node.astext(), True)) or f"<code>{self.encode(node.astext())}</code>"
    self.body.append(f'<div class="formula" tabindex="0" role="group" aria-label="Formula">{html}</div>')
    raise nodes.SkipNode


def add_katex(app: Sphinx) -> None:
    """Add the style and the fonts of KaTeX to the site, or say that it is missing."""
    if app.config.katex_folder and not shutil.which("node"):
        app.config.katex_folder = ""
    folder = app.config.katex_folder
    if not folder:
        logger.info("KaTeX is not installed (it needs Node and npm): formulas are written as MathML")
        return
    target = Path(app.outdir) / "_static" / "katex"
    (target / "fonts").mkdir(parents=True, exist_ok=True)
    shutil.copy(Path(folder) / "katex.min.css", target)
    for font in (Path(folder) / "fonts").glob("*.woff2"):
        shutil.copy(font, target / "fonts")
    app.add_css_file("katex/katex.min.css")


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension."""
    app.add_config_value("katex_folder", "", "html", types=frozenset({str}))
    app.add_html_math_renderer("formulas", (visit, None), (visit_block, None))
    app.connect("builder-inited", add_katex)
    app.connect("env-updated", render)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
