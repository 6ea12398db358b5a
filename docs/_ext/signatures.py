"""Signatures with one parameter per line. Sphinx writes them as definition lists without terms, which is invalid HTML."""

from __future__ import annotations

import re
from typing import Any

from sphinx.application import Sphinx
from sphinx.writers.html5 import HTML5Translator

TAGS = {"dl": "ul", "dd": "li"}


class Translator(HTML5Translator):
    """Writes the parameters as an unordered list."""

    def _visit_sig_parameter_list(self, node: Any, *arguments: Any, **options: Any) -> None:
        self._start = len(self.body)
        super()._visit_sig_parameter_list(node, *arguments, **options)

    def _depart_sig_parameter_list(self, node: Any) -> None:
        super()._depart_sig_parameter_list(node)
        self.body[self._start :] = [as_list(part) for part in self.body[self._start :]]


def as_list(html: str) -> str:
    """Return HTML with the tags of unordered lists in place of those of definition lists.

    >>> as_list('<dl class="a">'), as_list("x</dd>")
    ('<ul class="a">', 'x</li>')
    """
    return re.sub(r"<(/?)(dl|dd)\b", lambda found: f"<{found[1]}{TAGS[found[2]]}", html)


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension."""
    app.set_translator("html", Translator)  # the theme extends it
    return {"parallel_read_safe": True, "parallel_write_safe": True}
