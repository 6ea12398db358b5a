"""The colors of the page, which pictures share: ``page.css`` is the only place where they are stated."""

from __future__ import annotations

import re
from pathlib import Path

FILE = Path(__file__).parent / "page.css"


def theme() -> tuple[dict[str, str], dict[str, str]]:
    """Return the colors by name, for light and for dark backgrounds.

    Example:
        >>> light, dark = theme()
        >>> light["paper"], dark["paper"]
        ('#fdfcfa', '#14171c')
    """
    blocks = re.findall(r":root \{(.*?)\}", FILE.read_text(encoding="utf-8"), re.DOTALL)
    light, dark = (dict(re.findall(r"--([\w-]+): (#\w+)", block)) for block in blocks)
    return light, light | dark
