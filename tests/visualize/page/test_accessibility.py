"""The page is usable by everyone: axe-core finds nothing, contrast is sufficient, motion can be off, keys are enough."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from javascript import axe_source
from page_graphs import micrograd, network, not_finite

from autograd import Value
from nn import MLP, fit
from visualize import TrainingRecorder, diff, explore
from visualize.page.theme import theme

Load = Callable[..., Any]


def violations(page: Any) -> list[Any]:
    """The violations that axe-core finds in a page and its frames."""
    for frame in page.frames:
        frame.evaluate(axe_source())
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']}).then((r) => r.violations)")
    return [(v["id"], v["nodes"][0]["html"], v["nodes"][0].get("failureSummary")) for v in found]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("state", ["start", "end", "panel", "group panel", "unfolded", "typing", "search"])
def test_axe_finds_no_violation(load: Load, scheme: str, state: str) -> None:
    loss, model = network()
    page = load(loss, model=model, context={"color_scheme": scheme, "reduced_motion": "reduce"})
    if state != "start":
        page.keyboard.press("End")
    if state in ("unfolded", "panel", "typing"):
        page.evaluate("unfold(boxes.find((b) => b.name === 'layer 2')); unfold(boxes.find((b) => b.name === 'neuron 0'));")
    if state == "panel":
        page.evaluate("openPanel(boxes.find((b) => b.node?.op))")
    if state == "group panel":
        page.evaluate("openPanel(boxes.find((b) => b.kind === 'group'))")
    if state == "typing":
        page.locator(".value.edit").first.click()
    if state == "search":
        page.locator("#find").fill("W1")
        page.keyboard.press("Enter")
    assert violations(page) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("kind", ["comparison", "training", "not finite", "several results"])
def test_axe_finds_no_violation_in_other_pages(show: Load, scheme: str, kind: str) -> None:
    x = Value(3.0, "x")
    if kind == "training":
        subject: Any = TrainingRecorder()
        fit(MLP(2, [3, 2], seed=0), [[0.0, 1.0], [1.0, 0.0]], [0, 1], loss="cross_entropy", epochs=2, callbacks=[subject])
    else:
        both = {"comparison": lambda: diff(x * 2.0, x * 3.0), "several results": lambda: explore([x * x, x * 2.0])}
        subject = both.get(kind, lambda: explore(not_finite()))()
    page = show(subject, {"color_scheme": scheme, "reduced_motion": "reduce"})
    page.keyboard.press("End")
    assert violations(page) == []


def contrast(a: str, b: str) -> float:
    """The contrast ratio of WCAG 2.2."""

    def luminance(color: str) -> float:
        digits = color[1:] if len(color) == 7 else "".join(c * 2 for c in color[1:])
        channels = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    high, low = sorted((luminance(a), luminance(b)), reverse=True)
    return (high + 0.05) / (low + 0.05)


FILLS = ("paper", "white", "input", "parameter", "target", "output", "group")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_and_lines_have_enough_contrast(scheme: str) -> None:
    of = theme()[scheme == "dark"]
    pairs = {(text, fill): 4.5 for text in ("ink", "soft", "plus", "minus") for fill in FILLS}
    pairs |= {("local", "paper"): 4.5, ("now", "paper"): 4.5, ("paper", "ink"): 4.5, ("local", "white"): 4.5}
    pairs |= {(f"{kind}-line", fill): 3.0 for kind in FILLS[2:] for fill in ("paper", kind)}
    pairs |= {(line, "paper"): 3.0 for line in ("line", "now", "local", "ink", "plus", "minus")}
    pairs |= {("line", "white"): 3.0, ("now", "white"): 3.0}
    low = {
        pair: round(contrast(of[pair[0]], of[pair[1]]), 2)
        for pair, least in pairs.items()
        if contrast(of[pair[0]], of[pair[1]]) < least
    }
    assert low == {}


def test_the_mark_of_the_current_step_differs_from_an_ordinary_edge_without_color(load: Load) -> None:
    page = load(micrograd())
    page.evaluate("show(40)")
    width = "(e) => parseFloat(getComputedStyle(e).strokeWidth)"
    assert page.locator(".edge.now").evaluate(width) >= 2 * page.locator(".edge:not(.now)").first.evaluate(width)


def test_readers_who_prefer_no_motion_see_none(load: Load) -> None:
    page = load(micrograd(), context={"reduced_motion": "reduce"})
    page.evaluate("show(40)")
    assert page.locator(".spark").count() == 0
    assert page.evaluate("document.getAnimations().length") == 0


def test_with_motion_a_spark_runs_along_the_edge(load: Load) -> None:
    page = load(micrograd())
    page.evaluate("show(40)")
    assert page.locator(".spark").count() == 1


def test_tab_follows_the_order_on_the_screen(load: Load) -> None:
    page = load(micrograd())
    found = page.evaluate("[...boxLayer.children].map((el) => boxes.find((b) => b.el === el)).map((b) => [b.x, b.y])")
    assert found == sorted(found)
    page.locator("#graph .box").first.focus()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement === boxLayer.children[1]")


def test_a_screen_reader_hears_names_numbers_and_steps(load: Load) -> None:
    a, b = Value(2.0, label="a"), Value(-3.0, label="b")
    page = load(a * b)
    assert page.locator("#graph .box").first.get_attribute("aria-label") == "input a, value 2, gradient not known yet"
    page.keyboard.press("End")
    assert page.locator("#graph .box").last.get_attribute("aria-label") == "result v3, \u00d7, value −6, gradient 1"
    page.wait_for_function("$('live').textContent.startsWith('Done')")
    assert page.locator("#at").get_attribute("aria-valuetext").startswith("step 5 of 5: Done")


def test_everything_works_with_keys_alone(load: Load) -> None:
    loss, model = network()
    page = load(loss, model=model)
    page.locator('#graph .box[aria-label*="layer 1"]').focus()
    page.keyboard.press("i")
    assert page.locator("#panel").is_visible()
    page.keyboard.press("Escape")
    assert page.locator("#panel").is_hidden()
    assert page.evaluate("document.activeElement.dataset.key") == page.evaluate("boxes.find((b) => b.name === 'layer 1').key")
    page.keyboard.press("Enter")
    assert page.locator(".around").count() == 1
