"""Links between pages and other files of the repository work in both places: on the site, and where the Markdown is read.

On the site, a link to a file that is not a page, such as the source, leads to the repository on the web. Some pages consist of
a Markdown file outside of this folder, such as the changelog; links to this file lead to the page.
"""

from __future__ import annotations

import os
import re
import tomllib
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
HOME = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["urls"]["Homepage"]
INCLUDE = re.compile(r"```\{include\} (\S+)\n```\s*")
PAGES = {  # the pages that consist of a file, by file
    (path.parent / match[1]).resolve(): path
    for path in DOCS.rglob("*.md")
    if "node_modules" not in path.parts and (match := INCLUDE.fullmatch(path.read_text(encoding="utf-8")))
}
FILES = {page: file for file, page in PAGES.items()}


def rewrite(app: Sphinx, name: str, source: list[str]) -> None:
    """Replace the source of a page by the file that it consists of, and its links by links that work on the site."""
    page = DOCS / f"{name}.md"
    if not page.exists():
        return
    file = FILES.get(page, page)
    if file != page:
        app.env.note_dependency(str(file))
        source[0] = file.read_text(encoding="utf-8")

    def link(match: re.Match[str]) -> str:
        name, hash_, anchor = match[2].partition("#")
        target = Path(os.path.normpath(file.parent / name))
        if not target.exists():
            return match[0]  # Sphinx warns
        if match[1] == "!" or target.is_relative_to(DOCS) or target in PAGES:
            return f"{match[1]}[{match[3]}]({os.path.relpath(PAGES.get(target, target), page.parent)}{hash_}{anchor})"
        kind = "tree" if target.is_dir() else "blob"
        return f"[{match[3]}]({HOME}/{kind}/main/{target.relative_to(ROOT).as_posix()}{hash_}{anchor})"

    source[0] = re.sub(r"(!?)(?=\[[^][]*\]\(((?!https?:|#)[^()\s]+)\))\[([^][]*)\]\([^()\s]+\)", link, source[0])


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension."""
    app.connect("source-read", rewrite)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
