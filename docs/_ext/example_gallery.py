"""The examples as a gallery: each script is shown, run, and its printed text and pictures are added.

Sphinx-Gallery expects a title at the top of each script, and runs a script in its folder. So it works on copies in `out`, whose
title is the beginning of the docstring; the scripts themselves stay ordinary programs. They run in separate processes.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx
from sphinx.config import Config

ROOT = Path(__file__).parents[2]
COPIES = ROOT / "out" / "docs-examples"
NOT_RUN = ("gallery", "microgpt")  # one writes a page of this documentation, the other takes minutes


def with_title(source: str) -> str:
    """Return a script with a title in reStructuredText. Indented paragraphs of the docstring become literal blocks."""
    head, docstring, rest = source.split('"""', 2)
    title = re.split(r"[.:?,] |[.?]?\n", docstring, maxsplit=1)[0]
    title += "?" * docstring.startswith(f"{title}?")
    body = re.sub(r"\n\n(?=    )", "\n\n::\n\n", docstring)
    return f'{head}r"""\n{title}\n{"=" * len(title)}\n\n{body}"""{rest}'


def copy_examples(app: Sphinx, config: Config) -> None:
    """Write the copies. A copy that is up to date keeps its time, so that the script is not run again."""
    COPIES.mkdir(parents=True, exist_ok=True)
    for path in sorted((ROOT / "examples").glob("*.*")):
        if path.suffix == ".py":
            text = with_title(path.read_text(encoding="utf-8"))
            copy = COPIES / path.name
            if not copy.exists() or copy.read_text(encoding="utf-8") != text:
                copy.write_text(text, encoding="utf-8")
        elif path.suffix in (".rst", ".txt"):
            shutil.copy(path, COPIES)


def pictures(block: Any, variables: dict[str, Any], configuration: dict[str, Any]) -> str:
    """Return the pictures that a script wrote under its own name, for Sphinx-Gallery."""
    script = Path(variables["src_file"])
    rst = ""
    for path in sorted(script.parent.glob(f"**/{script.stem}.svg")):
        target = Path(next(variables["image_path_iterator"])).with_suffix(".svg")
        shutil.move(path, target)
        place = target.relative_to(configuration["src_dir"]).as_posix()
        rst += f"\n.. image:: /{place}\n   :alt: Picture written by {script.name}\n"
    return rst


CONFIGURATION = {
    "examples_dirs": str(COPIES),
    "gallery_dirs": "examples",
    "filename_pattern": rf"/(?!{'|'.join(NOT_RUN)})\w+\.py$",
    "within_subsection_order": "ExampleTitleSortKey",
    "image_scrapers": ("example_gallery.pictures",),
    "abort_on_example_error": True,
    "download_all_examples": False,
    "show_memory": False,
    "show_signature": False,
    "write_computation_times": False,
    "min_reported_time": 10_000,
    "parallel": 2,
}


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension."""
    app.connect("config-inited", copy_examples, priority=100)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
