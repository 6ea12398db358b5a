"""Pictures of graphs become part of the page, so that they follow its theme and can be read aloud.

A picture written by ``draw`` has a dark style for browsers that prefer dark colors. In a page, this style follows the theme
that the reader has chosen. Each picture has a label in words. The ids in several pictures of a page are different.
"""

from __future__ import annotations

import html
import re
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform

DARK = "@media (prefers-color-scheme:dark){"
SMALLEST = 0.7  # on narrow screens, a picture shrinks to this part of its width, and then scrolls


def embedded(svg: str, label: str, number: int) -> str:
    """Return a picture as a part of a page.

    Args:
        svg: The picture.
        label: A description in words, or "" for the description that ``draw`` wrote.
        number: A number that no other picture of the page has.
    """
    svg = svg[svg.index("<svg") :].replace(DARK, 'html[data-theme="dark"] {')
    for name in set(re.findall(r'\bid="([^"]+)"', svg)):
        svg = re.sub(rf'(\bid="|url\(#|href="#){re.escape(name)}(?=["\)])', rf"\g<1>picture{number}-{name}", svg)
    head, rest = svg.split(">", 1)
    if label:
        head = re.sub(r' aria-label="[^"]*"', "", head) + f' aria-label="{html.escape(label, quote=True)}"'
    width = re.search(r'\bwidth="([\d.]+)', head)
    style = f' style="min-width:{SMALLEST * float(width[1]):.0f}px"' if width else ""
    body = re.sub(r"\n\s*\n", "\n", rest)  # an empty line would end the block where a page is Markdown
    return f'<div class="graph" tabindex="0" role="group" aria-label="Graph">{head}{style}>{body}</div>'


class EmbedPictures(SphinxPostTransform):
    """Replace images that ``draw`` wrote by the pictures themselves."""

    default_priority = 5  # before images are copied
    formats = ("html",)

    def run(self, **options: Any) -> None:
        """Replace the images of one page."""
        number = 0
        for image in list(self.document.findall(nodes.image)):
            path = Path(self.env.srcdir) / image["uri"]
            if path.suffix != ".svg" or not path.is_file():
                continue
            svg = path.read_text(encoding="utf-8")
            if 'class="sa' in svg:
                number += 1
                image.replace_self(nodes.raw("", embedded(svg, image.get("alt", ""), number), format="html"))


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension."""
    app.add_post_transform(EmbedPictures)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
