"""A reader steps, folds, searches and edits, with the mouse and with the keyboard."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
from page_graphs import HOSTILE, functions, hostile, lattice, micrograd, network

import autograd
from autograd import Value
from nn import MLP
from visualize import diff, explore

Load = Callable[..., Any]


def product() -> Value:
    a, b, c = Value(2.0, label="a"), Value(-3.0, label="b"), Value(10.0, label="c")
    d = a * b
    d.label = "d"
    y = d + c
    y.label = "y"
    return y


def texts(page: Any, name: str) -> list[str]:
    """The value and gradient of a box."""
    box = page.locator(f'#graph .box[aria-label*=" {name},"]')
    return [box.locator(f".{kind}").text_content() for kind in ("value", "grad")]


# ---- stepping ----


def test_gradients_are_unknown_then_accumulate(load: Load) -> None:
    x = Value(3.0, label="x")
    page = load(x * x + x)
    seen = [texts(page, "x")[1]]
    for _ in range(page.evaluate("lastStep")):
        page.keyboard.press("ArrowRight")
        if texts(page, "x")[1] != seen[-1]:
            seen.append(texts(page, "x")[1])
    assert seen == ["–", "1", "4", "7"]
    assert page.locator("#count").inner_text() == f"{page.evaluate('lastStep')} / {page.evaluate('lastStep')}"


def test_values_are_unknown_before_they_are_computed(load: Load) -> None:
    page = load(product())
    assert texts(page, "d") == ["?", "–"]
    assert texts(page, "a")[0] == "2"
    page.keyboard.press("ArrowRight")
    assert texts(page, "d")[0] == "−6"
    assert texts(page, "y")[0] == "?"


def test_a_step_shows_its_rule_and_marks_the_edge_and_the_boxes(load: Load) -> None:
    page = load(product())
    page.evaluate("show(steps.findIndex((s) => s.kind === 'backward' && s.port.from.name === 'a'))")
    assert page.locator("#rule").inner_text().replace("\n", "").replace(" ", "") == "∂y∂a+=∂y∂d·∂d∂a=1·(−3)=−3"
    assert page.locator(".edge.now").count() == 1
    assert page.locator(".box.now").get_attribute("aria-label").startswith("operation d")
    assert page.locator(".box.to").get_attribute("aria-label").startswith("input a")


def test_keys_and_buttons_move_between_steps(load: Load) -> None:
    page = load(product())
    last = page.evaluate("lastStep")
    for key, button, expected in [
        ("End", "end", last),
        ("ArrowLeft", "back", last - 1),
        ("Home", "home", 0),
        ("ArrowRight", "next", 1),
    ]:
        before = page.evaluate("at")
        page.keyboard.press(key)
        assert page.evaluate("at") == expected
        page.evaluate("(k) => show(k)", before)
        page.locator(f"[data-do={button}]").click()
        assert page.evaluate("at") == expected
    page.locator("#at").fill("3")
    assert page.evaluate("at") == 3


def test_play_runs_to_the_end_and_stops(load: Load) -> None:
    page = load(product())
    page.locator("#speed").select_option("60")
    page.locator("h1").click()
    page.keyboard.press("Space")
    assert page.locator("[data-do=play]").get_attribute("aria-label") == "pause"
    page.wait_for_function("at === lastStep")
    page.wait_for_function("!playing")
    assert page.locator("[data-do=play]").get_attribute("aria-label") == "play"


def test_every_step_of_a_graph_with_all_kinds_of_boxes_can_be_shown(load: Load) -> None:
    loss, model = network(rows=2)
    page = load(loss, model=model)
    for _ in range(4):
        page.evaluate("for (let k = 0; k <= lastStep; k++) show(k)")
        assert "undefined" not in page.locator("body").inner_text()
        page.evaluate("{ const box = boxes.find((b) => !b.node); if (box) unfold(box); }")


# ---- folding ----


def test_modules_unfold_and_fold(load: Load) -> None:
    loss, model = network()
    page = load(loss, model=model)
    at_first = page.locator("#graph .box").count()
    assert at_first <= 12
    page.locator('#graph .box[aria-label*="layer 2"] .fold').click()
    page.wait_for_timeout(600)
    assert page.locator("#graph .box").count() > at_first
    assert page.locator(".around").count() == 1
    page.locator('.head[aria-label="fold layer 2"]').press("Enter")
    page.wait_for_timeout(600)
    assert page.locator("#graph .box").count() == at_first
    assert page.locator(".around").count() == 0
    page.locator('#graph .box[aria-label*="layer 1"]').press("Enter")
    page.locator("#unfolded").click()
    assert page.locator("#graph .box").count() == at_first


@pytest.mark.parametrize("seed", range(8))
def test_boxes_do_not_overlap_and_frames_contain_exactly_their_boxes(load: Load, seed: int) -> None:
    loss, model = network(rows=1 + seed % 3)
    page = load(loss, model=model)
    generator = random.Random(seed)
    for _ in range(1 + seed):
        page.evaluate(
            "(k) => { const some = boxes.filter((b) => b.kind === 'group'); if (some.length) unfold(some[k % some.length]); }",
            generator.randrange(100),
        )
    boxes = page.evaluate("boxes.map((b) => [b.x, b.y, b.x + b.item.width, b.y + b.item.height, b.path])")
    for i, (left, top, right, bottom, _) in enumerate(boxes):
        for other in boxes[:i]:
            assert right <= other[0] or other[2] <= left or bottom <= other[1] or other[3] <= top
    frames: dict[int, list[Any]] = {}  # a group may be in several bands
    for group, piece in page.evaluate("size.frames"):
        frames.setdefault(group, []).extend(piece)
    for group, columns in frames.items():
        for left, top, right, bottom, path in boxes:
            overlaps = [
                c for c in columns if c["left"] < right and left < c["right"] and c["top"] < bottom and top < c["bottom"]
            ]
            assert bool(overlaps) == (group in path), (group, path)
            if overlaps:
                assert overlaps[0]["top"] < top
                assert overlaps[0]["bottom"] > bottom


def test_a_sum_of_5000_terms_unfolds_in_parts(load: Load) -> None:
    xs = [Value(i / 1000, label=f"x{i}") for i in range(5000)]
    page = load(autograd.sum([x * x for x in xs]))
    counts = [page.evaluate("boxes.length")]
    for _ in range(12):
        page.evaluate("{ const box = boxes.find((b) => !b.node); if (box) unfold(box); }")
        counts.append(page.evaluate("boxes.length"))
    assert counts[0] <= 4
    assert max(b - a for a, b in pairwise(counts)) <= 60
    assert page.evaluate("boxes.some((b) => b.node && b.node.op === '*')")


# ---- searching ----


def test_search_finds_names_and_operations_and_unfolds_what_hides_them(load: Load) -> None:
    loss, model = network()
    page = load(loss, model=model)
    page.keyboard.press("/")
    page.keyboard.type("W2[1,3]")
    assert page.locator("#found").inner_text() == "1 match"
    page.keyboard.press("Enter")
    assert page.locator("#panel h2").inner_text().replace("\n", "") in ("W2[1,3]", "W2[1, 3]")
    assert page.evaluate("hostOf[nodes.findIndex((n) => n.name === 'W2[1,3]')].node.name") == "W2[1,3]"
    page.locator("#find").fill("tanh")
    assert page.locator("#found").inner_text() == "16 matches"
    page.locator("#find").fill("no such node")
    assert page.locator("#found").inner_text() == "0 matches"


# ---- editing ----


def test_a_typed_number_is_computed_again(load: Load) -> None:
    page = load(product())
    page.keyboard.press("End")
    page.locator('#graph .box[aria-label*=" b,"] .value').click()
    page.keyboard.type("4.5")
    page.keyboard.press("Enter")
    assert texts(page, "y") == ["19", "1"]
    assert texts(page, "a") == ["2", "4.5"]
    assert "predicted a change of y by 15; the actual change is 15." in page.locator("#words").inner_text()
    page.locator("#reset").click()
    assert texts(page, "y") == ["4", "1"]
    assert page.locator("#reset").is_hidden()


def test_text_that_is_not_a_number_is_not_accepted(load: Load) -> None:
    page = load(product())
    page.locator('#graph .box[aria-label*=" b,"]').press("Enter")
    page.keyboard.type("four")
    page.keyboard.press("Enter")
    assert page.locator(".type").get_attribute("aria-invalid") == "true"
    page.keyboard.press("Escape")
    assert page.locator(".type").count() == 0
    assert page.evaluate("value[nodes.findIndex((n) => n.name === 'b')]") == -3.0


def test_dragging_and_arrow_keys_change_a_number(load: Load) -> None:
    page = load(product())
    number = page.locator('#graph .box[aria-label*=" a,"] .value').bounding_box()
    page.mouse.move(number["x"] + 4, number["y"] + 8)
    page.mouse.down()
    page.mouse.move(number["x"] + 44, number["y"] + 8, steps=5)
    page.mouse.up()
    assert math.isclose(page.evaluate("value[nodes.findIndex((n) => n.name === 'a')]"), 3.0)
    page.locator('#graph .box[aria-label*=" a,"]').press("ArrowUp")
    assert math.isclose(page.evaluate("value[nodes.findIndex((n) => n.name === 'a')]"), 3.1)


def test_the_live_region_is_quiet_while_a_number_is_dragged(load: Load) -> None:
    page = load(product())
    page.wait_for_timeout(600)
    page.evaluate(
        "window.spoken = [];"
        "new MutationObserver(() => spoken.push($('live').textContent)).observe($('live'), {childList: true})"
    )
    page.evaluate("for (let k = 1; k < 20; k++) change(nodes[0], 2 + k / 10, {x: 2, y: 4, slope: -3})")
    assert page.evaluate("spoken") == []
    page.wait_for_function("spoken.length > 0")
    assert page.evaluate("spoken.length") == 1


def test_a_constant_can_be_edited_and_has_no_gradient(load: Load) -> None:
    page = load(Value(3.0, label="x") ** 2.0)
    page.locator(".constant").click()
    page.keyboard.type("3")
    page.keyboard.press("Enter")
    assert page.evaluate("[value[ROOT], gradient[0]]") == [27, 27]
    assert "a plain number without a gradient" in page.locator("#words").inner_text()


def test_step_downhill_is_gradient_descent(load: Load) -> None:
    page = load(product())
    page.locator("#descend").click()
    assert page.evaluate("nodes.filter((n) => !n.op).map((n) => [n.name, value[n.i]]).sort()") == [
        ["a", 2.03],
        ["b", -3.02],
        ["c", 9.99],
    ]
    assert "predicted change −0.14, actual change" in page.locator("#words").inner_text()


# ---- hostile labels, large graphs, notebooks ----


def test_hostile_labels_are_shown_as_text(load: Load) -> None:
    page = load(hostile(), title="</title><script>alert(1)</script>@@JS@@")
    assert page.title() == "</title><script>alert(1)</script>@@JS@@"
    assert page.locator("script").count() == 2
    assert page.locator("img, b b, #graph b").count() == 0
    assert {label for label in HOSTILE if label.strip()} <= set(page.evaluate("nodes.map((n) => n.name)"))
    page.evaluate("for (let k = 0; k <= lastStep; k++) show(k); for (const box of boxes) openPanel(box)")
    page.locator("#find").fill("<img")
    page.locator("#find").press("Enter")
    assert page.locator("#panel h2").inner_text() == "<img src=x onerror=alert(1)>"


def test_names_are_cut_to_their_box(load: Load) -> None:
    page = load(hostile())
    wide = page.evaluate(
        "boxes.filter((b) => b.node).map((b) => [b.name, b.el.querySelector('.name').getBBox(), b.item.width - b.item.stub])"
        ".filter(([, r, w]) => r.x + r.width > w).map(([name]) => name)"
    )
    assert wide == []


def test_names_of_nodes_and_operations_are_whole(load: Load) -> None:
    texts = load(functions()).locator("#graph .box > g > :is(.name, .sign)").all_text_contents()
    assert {"softplus", "maximum", "v19", "x"} <= set(texts)
    assert not [text for text in texts if "…" in text]


def test_numbers_of_all_steps_fit_into_their_boxes(load: Load) -> None:
    x = Value(-1.2345e-7, label="x")
    page = load((x * 123456.0 + x.exp()) ** 3 * 1e-9)
    for k in range(page.evaluate("lastStep") + 1):
        page.evaluate("(k) => show(k)", k)
        left = page.evaluate("boxes.flatMap((b) => [b.parts.value, b.parts.grad].map((t) => t.getBBox().x))")
        assert min(left) >= 0


def test_a_large_graph_has_elements_only_for_boxes_on_the_screen(load: Load) -> None:
    page = load(lattice(3000))
    page.evaluate(
        "for (let i = 0; i < 3 && boxes.length < 900; i++) { for (const g of groups) folded.delete(g.id); rebuild(); }"
    )
    assert page.evaluate("boxes.length") > 2000
    page.wait_for_timeout(500)
    assert page.evaluate("!canvas.hidden && pen.getImageData(0, 0, canvas.width, canvas.height).data.some((x) => x)")
    assert 0 < page.locator("#graph .box").count() <= page.evaluate("MAX_NEAR")
    page.evaluate("look(700 - boxes[500].x * 0.1, 300 - boxes[500].y * 0.1, 0.1)")  # from afar, on the canvas
    page.wait_for_timeout(500)
    page.evaluate("at = seedStep; paint()")
    colors = """(i) => {
      const box = boxes[i], copy = new OffscreenCanvas(1, 1).getContext("2d", {willReadFrequently: true});
      const x = box.x + (box.item.stub + box.item.width) / 2, y = box.y + 30;
      copy.drawImage(canvas, (painted.left - x) * camera.k, (painted.top - y) * camera.k);
      return [[...copy.getImageData(0, 0, 1, 1).data.slice(0, 3)], color(box.kind === "op" ? "--white" : `--${box.kind}`)];
    }"""
    for kind in ("op", "input"):
        found = page.evaluate(f"boxes.findIndex((b) => b.kind === '{kind}' && isOnScreen(b, -80))")
        if found >= 0:
            pixel, wanted = page.evaluate(colors, found)
            digits = wanted[1:] if len(wanted) == 7 else "".join(2 * digit for digit in wanted[1:])
            assert pixel == pytest.approx([int(digits[i : i + 2], 16) for i in (0, 2, 4)], abs=8), kind
    assert page.locator("#graph .box").count() == 0
    box = page.evaluate(
        "[boxes[500]].map((b) => [(b.x + b.item.width - 40) * 0.1 + camera.x, (b.y + 40) * 0.1 + camera.y, b.name])[0]"
    )
    stage = page.locator("#stage").bounding_box()
    page.mouse.click(stage["x"] + box[0], stage["y"] + box[1])
    assert page.evaluate("panelBox.name") == box[2]
    page.evaluate("show(seedStep + 100)")


def test_a_notebook_shows_the_page_in_a_frame(load: Load, browser: Any) -> None:
    outer = browser.new_page()
    outer.set_content(f"<!doctype html><title>notebook</title>{explore(hostile())._repr_html_()}")
    frame = outer.frame_locator("iframe")
    frame.locator("#graph .box").first.wait_for()
    assert frame.locator("#graph .box").count() == len(HOSTILE) * 2 + 1
    outer.close()


def test_several_roots_have_the_gradient_of_their_sum(load: Load) -> None:
    x = Value(3.0, label="x")
    a, b = x * x, x * 5.0
    a.label, b.label = "a", "b"
    page = load([a, b])
    page.keyboard.press("End")
    assert texts(page, "x")[1] == "11"


def test_a_custom_operation_keeps_the_numbers_of_python(load: Load) -> None:
    @autograd.primitive(lambda out, x: 2 * x)
    def squared_on_a_page(x: float) -> float:
        return x * x

    page = load(squared_on_a_page(Value(3.0, label="x")) + 1.0)
    assert page.evaluate("[value[ROOT], gradient[0]]") == [10, 6]
    page.locator('#graph .box[aria-label*="squared"]').click(position={"x": 60, "y": 10})
    assert "A custom operation" in page.locator("#panel").inner_text()


def test_hovering_shows_the_formula_and_the_rule(load: Load) -> None:
    page = load(Value(0.5, label="x").tanh())
    page.locator("#graph .box.output").hover(position={"x": 60, "y": 10})
    page.locator("#tip").wait_for()
    assert page.locator("#tip").inner_text() == "v2 = tanh(x)\ndx = sech_squared(x)"


def test_a_micrograd_page_is_small(load: Load) -> None:
    page = load(micrograd())
    assert len(page.content()) < 150_000


# ---- shape and numbers of the page ----


def test_the_layout_follows_the_width_of_a_frame(load: Load) -> None:
    a, b = Value(2.0), Value(-3.0)
    page = load((a * b + 5).tanh() + a**2)
    first = page.evaluate("({width: size.width})")
    page.set_viewport_size({"width": 400, "height": 800})
    page.wait_for_function("(first) => placedFor === svg.clientWidth && size.width < first.width", arg=first)
    page.set_viewport_size({"width": 1400, "height": 900})
    page.wait_for_function("(first) => placedFor === svg.clientWidth && size.width === first.width", arg=first)


def test_long_labels_do_not_widen_the_page(load: Load) -> None:
    page = load(hostile())
    page.set_viewport_size({"width": 400, "height": 800})
    page.keyboard.press("End")
    assert page.evaluate("document.documentElement.scrollWidth") <= 400


def test_a_nan_is_traced_and_a_dead_relu_is_stated(load: Load) -> None:
    page = load((Value(0.0, label="x").log() * 0.0) + Value(-2.0, label="w").relu())
    page.keyboard.press("End")
    assert page.locator("#words").inner_text() == "−∞ began at v2. From there on, numbers are not finite."
    page.locator('#graph .box[aria-label*=" v3,"]').click()
    assert "−∞ began at v2." in page.locator("#panel").inner_text()
    relu = page.locator('#graph .box[aria-label*="relu"]')
    relu.click()
    assert "No gradient passes to an operand that relu does not select." in page.locator("#panel").inner_text()
    colorless = page.locator("#graph .bar:not(.plus, .minus)").all()  # of the gradients that are nan or 0
    assert {bar.get_attribute("width") for bar in colorless} == {"0"}


def test_a_folded_layer_counts_its_parameters_and_the_text_fits_the_box(load: Load) -> None:
    model = MLP(64, [200, 1], seed=0)
    page = load(model([0.1] * 64)[0] ** 2, model=model)
    note = page.locator("#graph .note", has_text="200 values · 13,000 parameters")
    room = page.evaluate("boxes.find((box) => box.name === 'layer 1').item.width")
    assert note.evaluate("(note) => note.getComputedTextLength()") < room


def test_a_node_behind_a_dead_relu_is_explained(load: Load) -> None:
    """The result depends on it, but passes it no gradient."""
    x = Value(2.0, label="x")
    page = load((-x).relu() + x * x)
    page.evaluate("openPanel(boxes.find(box => box.name === 'v2'))")
    assert "depends on it only through operations that pass no gradient" in page.locator("#panel").inner_text()


def test_the_names_of_leaves_are_not_cut(load: Load) -> None:
    page = load(Value(2.0, label="petal_length") * Value(3.0, label="petal_width"))
    assert page.locator("#graph .name").all_text_contents()[:2] == ["petal_length", "petal_width"]


def test_a_graph_that_nearly_fits_is_shown_whole(load: Load) -> None:
    """The expression in micrograd's README, on a screen of 1,280 pixels."""
    page = load(micrograd())
    page.set_viewport_size({"width": 1280, "height": 800})
    page.evaluate("fit(false)")
    width = page.evaluate("innerWidth")
    edges = page.evaluate("[...document.querySelectorAll('#graph .box')].map(e => e.getBoundingClientRect().right)")
    assert max(edges) <= width


# ---- marks and comparisons ----


def frames(page: Any) -> list[Any]:
    """The frames of a comparison, after their scripts have run."""
    for frame in page.frames[1:]:
        frame.wait_for_function("boxes.length && placedFor === svg.clientWidth && placedFor > 0")
    return list(page.frames[1:])


def test_both_pages_of_a_comparison_mark_the_first_difference(show: Load) -> None:
    x = Value(3.0, "x")
    page = show(diff((x * 2.0).tanh() + x, (x * 4.0).tanh() + x))
    for frame in frames(page):
        assert frame.evaluate("boxes.filter((b) => b.el.matches('.differs')).map((b) => b.name)") == ["v2"]
        assert frame.locator(".differs .mark").text_content() == "differs"
        assert frame.locator(".differs").get_attribute("aria-label").endswith("gradient not known yet, differs")
    said = "first difference: v2 = x * 2.0 = 6.0 on the left, and v2 = x * 4.0 = 12.0 on the right"
    assert page.locator("header p").inner_text() == said
    assert page.locator("figure svg text", has_text="first difference: ").count() == 0  # said once


def test_a_difference_in_a_folded_group_is_marked_and_on_the_screen(show: Load) -> None:
    def chain(change: float) -> Value:
        y = Value(0.5, "x")
        for i in range(60):
            y = y.sin() + (change if i == 50 else 1.0)
        return y

    for frame in frames(show(diff(chain(1.0), chain(1.5)))):
        frame.wait_for_function("!flight || camera.k === goal.k")
        (box,) = frame.evaluate("boxes.filter((b) => b.el.matches('.differs')).map((b) => [b.kind, isOnScreen(b, 0)])")
        assert box == ["group", True]
        for _ in range(3):
            frame.evaluate("{ const box = hostOf[GRAPH.different]; if (!box.node) unfold(box); }")
        assert frame.evaluate("hostOf[GRAPH.different].el.matches('.differs')")


def test_a_dead_relu_and_the_origin_of_a_nan_are_marked_in_their_boxes(load: Load) -> None:
    w = Value(-2.0, label="w")
    page = load(Value(0.0, label="x").log() * 0.0 + w.relu())
    mark = "(name) => boxes.find((b) => b.name === name).parts.mark?.textContent ?? ''"
    assert [page.evaluate(mark, name) for name in ("v2", "v5")] == ["", ""]  # not computed yet
    page.keyboard.press("End")
    assert [page.evaluate(mark, name) for name in ("x", "v2", "v3", "w", "v5")] == ["", "began here", "", "", "dead"]
    page.evaluate("change(nodes.find((n) => n.name === 'w'), 2, {x: -2, y: 0, slope: 0})")
    page.evaluate("change(nodes.find((n) => n.name === 'x'), 1, {x: 0, y: 0, slope: 0})")
    assert {page.evaluate(mark, name) for name in ("x", "v2", "v3", "w", "v5")} == {""}


def test_marks_do_not_touch_the_number_beside_them(load: Load) -> None:
    page = load((Value(0.0, label="x").log() - 1e-5).relu() * Value(-1.0, label="w").relu())
    page.keyboard.press("End")
    overlaps = page.evaluate(
        "boxes.filter((b) => b.parts.mark?.textContent)"
        ".map(({parts: {mark, value}}) => [mark.getBBox(), value.getBBox()])"
        ".filter(([mark, value]) => mark.x + mark.width > value.x)"
    )
    assert overlaps == []


def test_a_frame_that_gets_its_size_late_is_laid_out_again(browser: Any) -> None:
    x = Value(3.0, "x")
    outer = browser.new_page(viewport={"width": 900, "height": 700})
    outer.set_content(f"<!doctype html><title>n</title><div hidden>{explore(x * x * x + 1.0)._repr_html_()}</div>")
    frame = outer.wait_for_selector("iframe", state="attached").content_frame()
    outer.evaluate("document.querySelector('iframe').loading = 'eager'")
    frame.wait_for_function("typeof sizeAtFit === 'string' && boxes.length")
    assert frame.evaluate("placedFor") == 0
    outer.evaluate("document.querySelector('div').hidden = false")
    frame.wait_for_function(
        "placedFor === svg.clientWidth && placedFor > 700 && boxes.every((b) => isOnScreen(b, 0)) && camera.k > 1"
    )
    outer.close()


def test_on_a_phone_an_unfolded_layer_is_cut_into_bands_that_fit_the_screen(load: Load) -> None:
    loss, model = network()
    page = load(loss, model=model, context={"viewport": {"width": 400, "height": 800}, "reduced_motion": "reduce"})
    page.evaluate("unfold(boxes.find((b) => b.name === 'layer 2'))")
    assert page.evaluate("boxes.every((b) => b.x * camera.k + camera.x >= 0)")
    assert page.evaluate("boxes.every((b) => (b.x + b.item.width) * camera.k + camera.x <= svg.clientWidth)")
    assert page.evaluate("Math.max(...boxes.map((b) => b.y)) > boxes.find((b) => b.name === 'layer 1').y + 100")
    assert page.locator(".around").count() == 1
    wrong = page.evaluate(  # boxes of the group that its frame does not contain, and other boxes that it touches
        "size.frames.flatMap(([group, columns]) => boxes.filter((b) => b.path.includes(group) !== columns.some((c) =>"
        "c.left < b.x + b.item.width && b.x < c.right && c.top < b.y + b.item.height && b.y < c.bottom))).map((b) => b.name)"
    )
    assert wrong == []
    page.evaluate("unfold(boxes.find((b) => b.name === 'loss'))")  # its frame is cut in two, and each piece has a button
    pieces = page.evaluate("size.frames.map(([group, columns]) => [groups[group].title, columns.length])")
    assert [title for title, _ in pieces].count("loss") == page.locator('.head[aria-label="fold loss"]').count() >= 1
