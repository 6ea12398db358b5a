"""The colors of a picture, for light and dark pages.

Text has a contrast of at least 4.5 with its background, lines and frames at least 3 (WCAG 2.2, criteria 1.4.3 and 1.4.11), and
the current step at least 3 with ordinary edges. Blue and orange mean the sign of a number only, and crimson the current step.
"""

from __future__ import annotations

from typing import NamedTuple


class Theme(NamedTuple):
    """Colors of one theme. ``kinds`` holds the fill and the frame of each kind of box."""

    background: str
    text: str
    muted: str
    edge: str
    mark: str
    warning: str
    partial: str
    highlight: str
    positive: str
    negative: str
    kinds: dict[str, tuple[str, str]]


LIGHT = Theme(
    background="#ffffff", text="#1f2933", muted="#55606c", edge="#8a929c", mark="#84001f", warning="#8a3b00",
    partial="#6b2fa0", highlight="#0b5cad", positive="#0b5cad", negative="#a34700",
    kinds={
        "input": ("#e6f0f9", "#2f6da8"),
        "parameter": ("#e8f4e6", "#35752f"),
        "target": ("#fbefe2", "#935410"),
        "operation": ("#ffffff", "#6b7785"),
        "product": ("#ffffff", "#6b7785"),
        "output": ("#fdf4d6", "#735600"),
        "folded": ("#f0edf8", "#66559b"),
        "frame": ("#f6f7f9", "#7d8793"),
    },
)  # fmt: skip
DARK = Theme(
    background="#12161c", text="#e8ebf0", muted="#a9b3bf", edge="#666e79", mark="#ffb3bf", warning="#ffb870",
    partial="#cfa8f5", highlight="#7cc0ff", positive="#7cc0ff", negative="#ffae6b",
    kinds={
        "input": ("#16283b", "#6ea8dc"),
        "parameter": ("#172d19", "#74bd6d"),
        "target": ("#33260f", "#d79a4b"),
        "operation": ("#1b212a", "#8b96a3"),
        "product": ("#1b212a", "#8b96a3"),
        "output": ("#332a0c", "#d8b44a"),
        "folded": ("#241f38", "#a394dc"),
        "frame": ("#171c24", "#78828e"),
    },
)  # fmt: skip


def dark_rules() -> str:
    """Return the CSS rules that change the colors on a dark page. The attributes of the SVG are the light colors."""
    rules = [
        f".sa-bg{{fill:{DARK.background}}}.sa,.sa-t{{fill:{DARK.text}}}.sa-m{{fill:{DARK.muted}}}.sa-w{{fill:{DARK.warning}}}",
        f".sa-d{{fill:{DARK.partial}}}.sa-e{{stroke:{DARK.edge}}}.sa-h{{fill:{DARK.edge}}}.sa-em{{stroke:{DARK.mark}}}",
        f".sa-hm{{fill:{DARK.mark}}}.sa-eh{{stroke:{DARK.highlight}}}.sa-hh{{fill:{DARK.highlight}}}",
        f".sa-pos{{stroke:{DARK.positive}}}.sa-neg{{stroke:{DARK.negative}}}",
        *(f".sa-{kind}{{fill:{fill};stroke:{frame}}}" for kind, (fill, frame) in DARK.kinds.items()),
        *(f".sa-l-{kind}{{stroke:{frame}}}" for kind, (_, frame) in DARK.kinds.items()),
    ]
    return f"@media (prefers-color-scheme:dark){{{''.join(rules)}}}"
