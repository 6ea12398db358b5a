"""Every number of a page is the engine's: when it opens, at each step, and after an edit."""

from __future__ import annotations

import math
import random
import re
from collections.abc import Callable
from typing import Any

import pytest
from page_graphs import GRAPHS, functions, micrograd, network, softmax_loss

import autograd
from autograd import Value, backward_steps
from visualize.scene.scene import describe

Load = Callable[..., Any]
TOLERANCE = 1e-12


def same(found: float | str, expected: float) -> bool:
    number = float(str(found).replace("Infinity", "inf"))
    return (
        (math.isnan(number) and math.isnan(expected)) or number == expected or math.isclose(number, expected, rel_tol=TOLERANCE)
    )


def numbers_of(page: Any) -> dict[str, Any]:
    """The numbers in the page, by name; text for those that JSON does not have."""
    pairs = "nodes.filter((n) => n.kind !== 'constant').map((n) => [n.name, [value[n.i], gradient[n.i]].map(String)])"
    numbers: dict[str, Any] = page.evaluate(f"() => Object.fromEntries({pairs})")
    return numbers


def engine(root: Value, **names: Any) -> dict[str, tuple[float, float]]:
    """The numbers of the engine, by the same names."""
    order = autograd.topological_order(root)
    root.backward()
    scene = describe([root], **names)
    return {scene.nodes[scene.index(value)].name: (value.data, value.grad) for value in order}


@pytest.mark.parametrize("graph", GRAPHS.values(), ids=GRAPHS)
def test_an_opened_page_has_the_numbers_of_the_engine(load: Load, graph: Callable[[], Value]) -> None:
    page, expected = load(graph()), engine(graph())
    found = numbers_of(page)
    assert found.keys() >= expected.keys()
    assert [name for name, pair in expected.items() if not all(map(same, found[name], pair))] == []


def edit(page: Any, name: str, x: float) -> None:
    page.evaluate("([name, x]) => { const n = nodes.find((n) => n.name === name); change(n, x, moment(n)); }", [name, x])


@pytest.mark.parametrize(("graph", "names"), [(micrograd, "ab"), (functions, "xz")], ids=["micrograd", "functions"])
@pytest.mark.parametrize("seed", range(4))
def test_edited_numbers_give_the_numbers_of_the_engine(load: Load, graph: Callable[..., Value], names: str, seed: int) -> None:
    generator = random.Random(seed)
    page = load(graph())
    for _ in range(10):
        point = [generator.uniform(0.1, 3.0), generator.uniform(-3.0, 3.0)]
        for name, x in zip(names, point, strict=True):
            edit(page, name, x)
        found = numbers_of(page)
        expected = engine(graph(*point))
        if found.keys() != expected.keys():
            continue  # `where` recorded another branch
        assert [name for name, pair in expected.items() if not all(map(same, found[name], pair))] == []


def test_all_parameters_of_a_network_edited(load: Load) -> None:
    loss, model = network()
    page = load(loss, model=model)
    generator = random.Random(0)
    changes = {}
    scene = describe([loss], model)
    for parameter in model.parameters():
        changes[scene.index(parameter)] = generator.gauss(0.0, 0.7)
    page.evaluate("(changes) => { for (const [i, x] of Object.entries(changes)) value[i] = x; compute(); refresh(); }", changes)
    found = {i: page.evaluate("(i) => gradient[i]", i) for i in list(changes)[:20]}
    for parameter in model.parameters():
        parameter.data = changes[scene.index(parameter)]
    again = network(model=model)[0]
    again.backward()
    assert math.isclose(page.evaluate("value[ROOT]"), again.data, rel_tol=1e-11)
    by_index = {scene.index(parameter): parameter.grad for parameter in model.parameters()}
    assert all(math.isclose(x, by_index[i], rel_tol=1e-10, abs_tol=1e-14) for i, x in found.items())


def test_each_step_adds_the_contribution_of_the_engine(load: Load) -> None:
    page, root = load(micrograd()), micrograd()
    steps = list(backward_steps(root))
    assert page.evaluate("steps.filter((s) => s.kind === 'backward').length") == len(steps)
    found = page.evaluate(
        "steps.flatMap((s, k) => s.kind !== 'backward' ? [] : s.uses.map(([n, p]) => [n.name, nodes[n.operands[p]].name,"
        " gradientAt(n.operands[p], k)]))"
    )
    assert found == [[*step.names[1:], step.gradient] for step in steps]


def test_the_steps_of_a_folded_graph_end_with_the_gradients(load: Load) -> None:
    loss, model = network(rows=2)
    page = load(loss, model=model)
    found = page.evaluate("nodes.filter((n) => !n.plain).map((n) => [gradientAt(n.i, lastStep), gradient[n.i]])")
    assert all(math.isclose(a, b, rel_tol=TOLERANCE, abs_tol=1e-15) for a, b in found)
    assert page.evaluate("steps.filter((s) => s.kind === 'inside').length") > 0


def test_the_texts_show_the_numbers_with_four_digits(load: Load) -> None:
    page, expected = load(micrograd()), engine(micrograd())
    page.keyboard.press("End")
    shown = page.evaluate("boxes.map((box) => [box.name, box.parts.value.textContent, box.parts.grad.textContent])")
    assert len(shown) == len(expected)
    for name, *texts in shown:
        for text, number in zip(texts, expected[name], strict=True):
            assert math.isclose(float(text.replace("−", "-")), number, rel_tol=6e-4), (name, text, number)


def test_the_panel_shows_all_digits(load: Load) -> None:
    page, expected = load(micrograd()), engine(micrograd())
    for name in ("a", "b", "g", "v16"):
        page.evaluate("(name) => openPanel(boxes.find((box) => box.name === name))", name)
        texts = page.locator("#panel table").first.locator("code").all_inner_texts()
        assert [repr(x) for x in expected[name]] == texts


@pytest.mark.parametrize(
    "x", [0.1, -0.0, 1.0, 1e16, 1.5e-7, 123456789.125, -1e22, 5e-324, 1e15, 1e-5, 0.0001, math.inf, -math.inf, math.nan]
)
def test_numbers_are_written_as_python_writes_them(load: Load, x: float) -> None:
    page = load(Value(x, label="x") * 1.0)
    assert page.evaluate("repr(value[0])") == repr(x)


def test_paths_are_those_of_explain(load: Load) -> None:
    page = load(micrograd())
    page.evaluate("openPanel(boxes.find((box) => box.name === 'a'))")
    text = page.locator("#panel").inner_text()
    root = micrograd()
    root.backward()
    a = next(v for v in autograd.topological_order(root) if v.label == "a")
    count = autograd.explain(root, a).count
    assert f"{count} paths from g" in text
    products = page.evaluate("pathsTo(nodes.findIndex((n) => n.name === 'a'), 1000).paths.map((path) => path.product)")
    assert len(products) == count
    assert math.isclose(math.fsum(products), a.grad, rel_tol=1e-12)
    assert products == sorted(products, key=abs, reverse=True)
    chosen = page.locator("#panel .path[aria-pressed=true]")
    assert chosen.count() == 1
    assert page.locator(".edge.best").count() == len(re.findall("←", chosen.inner_text()))


def test_a_copied_number_does_not_follow_an_edit_and_the_page_says_so(load: Load) -> None:
    z0, z1 = Value(2.0, label="z0"), Value(1.0, label="z1")
    largest = z0 * 1.5
    page = load(((largest - 3.0).exp() + (z1 * 1.5 - largest.data).exp()).log() + largest.data)
    edit(page, "z0", 2.5)
    assert math.isclose(page.evaluate("value[ROOT]"), math.log(math.exp(3.75) + math.exp(1.5)), rel_tol=1e-12)
    assert "The constant 3 was copied from v2 and stays as it was recorded." in page.locator("#words").inner_text()


def test_the_largest_logit_of_softmax_follows_an_edit(load: Load) -> None:
    page = load(softmax_loss(2.0, 1.0, 0.1))
    for z0 in (2.5, -3.0):  # then another logit is the largest
        edit(page, "z0", z0)
        assert math.isclose(page.evaluate("value[ROOT]"), softmax_loss(z0, 1.0, 0.1).data, rel_tol=1e-12)
        assert "copied" not in page.locator("#words").inner_text()


def test_a_closed_gate_passes_no_gradient(load: Load) -> None:
    x = Value(0.0, label="x")
    page = load(autograd.where(x > -1.0, x * 2.0, x.log()))
    leaf = page.evaluate("nodes.findIndex((n) => n.name === 'x')")
    assert page.evaluate("(i) => gradient[i]", leaf) == 2.0
