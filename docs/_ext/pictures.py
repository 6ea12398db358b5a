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


def words(svg: str) -> str:
    """Describe a picture of a graph in words."""
    titles = [html.unescape(title).splitlines() for title in re.findall(r"<title>(.*?)</title>", svg, flags=re.DOTALL)]
    boxes = [dict(line.split(": ", 1) for line in lines[1:] if ": " in line) for lines in titles if len(lines) > 1]
    if not boxes:
        return "Picture of a graph"
    parts = []
    for box in boxes[:12]:
        name = box.get("label", "")
        name = f"{name} ({box['op']})" if name and "op" in box else name or box.get("op", "number")
        parts.append(f"{name} = {box['data']}" if "data" in box else name)
    more = f", and {len(boxes) - 12} more" if len(boxes) > 12 else ""
    return f"Graph with {len(boxes)} boxes: {', '.join(parts)}{more}"


def embedded(svg: str, label: str, number: int) -> str:
    """Return a picture as a part of a page.

    Args:
        svg: The picture.
        label: A description in words, or "" to derive it from the picture.
        number: A number that no other picture of the page has.
    """
    svg = svg[svg.index("<svg") :].replace(DARK, 'html[data-theme="dark"] {')
    for name in set(re.findall(r'\bid="([^"]+)"', svg)):
        new = f"picture{number}-{name}"
        svg = re.sub(rf'(\bid="|url\(#|href="#){re.escape(name)}(?=["\)])', rf"\g<1>{new}", svg)
    label = html.escape(label or words(svg), quote=True)
    head, rest = svg.split(">", 1)
    head = re.sub(r' (role|aria-label)="[^"]*"', "", head)
    width = re.search(r'\bwidth="([\d.]+)', head)
    style = f' style="min-width:{SMALLEST * float(width[1]):.0f}px"' if width else ""
    # Empty lines would end the block where a page is Markdown.
    body = re.sub(r"\n\s*\n", "\n", rest)
    picture = f'{head} role="img" aria-label="{label}"{style}>{body}'
    return f'<div class="graph" tabindex="0" role="group" aria-label="Graph">{picture}</div>'


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
