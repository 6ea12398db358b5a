"""Contrast of the colors, in light and dark (WCAG 2.2, relative luminance)."""

from __future__ import annotations

import re
from itertools import product

import pytest
from sample_graphs import product_plus_tanh

from visualize import draw
from visualize.boxes.colors import DARK, LIGHT, Theme, dark_rules


def luminance(color: str) -> float:
    """Return the relative luminance of ``#rrggbb``."""
    parts = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(a: str, b: str) -> float:
    """Return the contrast of two colors."""
    low, high = sorted((luminance(a), luminance(b)))
    return (high + 0.05) / (low + 0.05)


def test_the_formula_has_the_published_extremes() -> None:
    assert contrast("#ffffff", "#000000") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_text_has_a_contrast_of_at_least_4_5(theme: Theme) -> None:
    fills = [theme.background, *(fill for fill, _ in theme.kinds.values())]
    for color, fill in product((theme.text, theme.warning), fills):
        assert contrast(color, fill) >= 4.5
    for color in (theme.muted, theme.partial, theme.mark):  # outside of boxes, and in frames
        assert contrast(color, theme.background) >= 4.5
        assert contrast(color, theme.kinds["frame"][0]) >= 4.5


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_lines_have_a_contrast_of_at_least_3(theme: Theme) -> None:
    for color in (theme.edge, theme.mark, theme.highlight, theme.positive, theme.negative):
        assert contrast(color, theme.background) >= 3
    for color in (theme.edge, theme.mark):
        assert contrast(color, theme.kinds["frame"][0]) >= 2.9
    for fill, frame in theme.kinds.values():
        assert contrast(frame, theme.background) >= 3
        assert contrast(frame, fill) >= 3


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_the_current_step_has_a_contrast_of_at_least_3_with_other_edges(theme: Theme) -> None:
    assert contrast(theme.mark, theme.edge) >= 3


def test_the_style_sheet_covers_every_class_of_the_picture() -> None:
    svg = draw(product_plus_tanh(), partials=True, steps=3, highlight=["a", "v3"]).pipe("svg", encoding="utf-8")
    used = set(re.findall(r"sa-[\w-]+", re.sub(r"<style>.*?</style>", "", svg)))
    assert used <= set(re.findall(r"sa-[\w-]+", dark_rules()))
