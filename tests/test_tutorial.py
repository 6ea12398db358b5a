"""The pages of the tutorial run from top to bottom, and have the parts that a learner expects.

A page is run without Jupyter: its cells and the sessions of its solutions, in order, in one namespace. Cells with the tag
``remove-cell`` assert the facts that the prose states.
"""

from __future__ import annotations

import ast
import doctest
import re
import sys
from importlib import import_module
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple
from xml.etree.ElementTree import fromstring

import pytest

FOLDER = Path(__file__).parent.parent / "docs" / "tutorial"
PAGES = sorted(FOLDER.glob("[0-9]*.md"))
TEXTS = {page: page.read_text(encoding="utf-8") for page in PAGES}
BLOCK = re.compile(
    r"^```(?P<kind>\{code-cell\} python|python)\n(?P<options>(?::[^\n]*\n)*)(?P<source>.*?)^```", re.DOTALL | re.MULTILINE
)


class Block(NamedTuple):
    """A cell, or the session of a solution."""

    is_cell: bool
    tags: str
    source: str
    line: int


def blocks(page: Path) -> list[Block]:
    """Return the cells and sessions of a page, in order."""
    text = TEXTS[page]
    return [
        Block(match["kind"] != "python", match["options"], match["source"], text[: match.start("source")].count("\n"))
        for match in BLOCK.finditer(text)
    ]


def display(value: Any) -> None:
    """Do what a notebook does with the last line of a cell: make its picture or its text."""
    for name in ("_repr_mimebundle_", "_repr_html_", "_repr_svg_", "_repr_latex_"):
        if hasattr(value, name) and getattr(value, name)():
            return
    assert repr(value)


def run_cell(source: str, file: str, line: int, namespace: dict[str, Any]) -> None:
    """Run a cell, and display the value of its last line."""
    tree = ast.increment_lineno(ast.parse(source), line)
    last = tree.body[-1]
    if isinstance(last, ast.Expr):
        tree.body.pop()
    exec(compile(tree, file, "exec"), namespace)
    if isinstance(last, ast.Expr):
        display(eval(compile(ast.Expression(last.value), file, "eval"), namespace))


def run_session(source: str, file: str, line: int, namespace: dict[str, Any]) -> None:
    """Run a session, and compare its outputs."""
    test = doctest.DocTestParser().get_doctest(source, {}, file, file, line)
    test.globs = namespace  # not a copy: later cells see the names
    report: list[str] = []
    assert doctest.DocTestRunner().run(test, out=report.append, clear_globs=False).failed == 0, "".join(report)


@pytest.fixture
def namespace(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> dict[str, Any]:
    """The names of a page. As in Jupyter, they are the names of a module."""
    module = ModuleType("tutorial_page")
    monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.syspath_prepend(FOLDER)  # Jupyter runs a page in its folder, where figures.py is
    monkeypatch.chdir(tmp_path)
    return vars(module)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_page_runs_and_its_facts_are_true(
    page: Path, namespace: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    if "plot" in TEXTS[page] and find_spec("matplotlib") is None:
        pytest.skip("matplotlib is not installed")
    for block in blocks(page):
        if not block.is_cell:
            run_session(block.source, str(page), block.line, namespace)
        else:
            run_cell(block.source, str(page), block.line, namespace)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_page_has_its_parts(page: Path) -> None:
    text = TEXTS[page]
    cells = [block for block in blocks(page) if block.is_cell]
    assert re.search(rf"^# {int(page.stem[:2])}\. .+\n\nYou will ", text, flags=re.MULTILINE)
    assert ":::{admonition} Predict before you run" in text
    assert any("hide-output" in cell.tags for cell in cells)
    assert ":::{dropdown} Answer" in text
    assert any("remove-cell" in cell.tags and "assert" in cell.source for cell in cells)
    exercises = text.partition("\n## Exercises\n")[2]
    assert len(re.findall(r"^\*\*\d\.\*\* ", exercises, flags=re.MULTILINE)) >= 2
    assert exercises.count("\n**") == exercises.count(":::{dropdown} Solution")
    assert exercises.count("```python\n>>> ") >= 2


def test_the_pages_follow_each_other_and_the_index_lists_them() -> None:
    listed = re.findall(r"^\d\d_\w+$", (FOLDER / "index.md").read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert listed == [page.stem for page in PAGES]
    assert len(listed) == 15
    for page, following in pairwise(PAGES):
        assert f"]({following.name})" in TEXTS[page].rpartition("Next: ")[2]


def test_the_engine_of_the_last_page_has_at_most_50_lines() -> None:
    (engine,) = [block.source for block in blocks(PAGES[-1]) if "def relu" in block.source]
    assert len([line for line in engine.splitlines() if line.strip()]) <= 50


def test_pictures_of_curves_are_readable_and_stay_inside_their_axes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(FOLDER)
    figures = import_module("figures")
    assert doctest.testmod(figures) == (0, 2)
    figure = figures.Figure("<hill>", x=(0, 1), y=(0, 10)).curve(lambda x: 10 * x, "rise").points([(0.5, 5)], texts=["middle"])
    svg = fromstring(figure._repr_html_())
    assert (svg.get("role"), svg.get("aria-label")) == ("img", "<hill>")
    assert {"rise", "middle", "0.2", "0.8", "2", "10"} <= {text.text for text in svg.iter("text")}
    (plane,) = svg.findall("svg")
    left, top, width, height = (float(plane.get(name, "")) for name in ("x", "y", "width", "height"))
    (line,) = plane.findall("polyline")
    corners = [tuple(map(float, pair.split(","))) for pair in line.get("points", "").split()]
    assert (corners[0], corners[-1]) == ((left, top + height), (left + width, top))
    (dot,) = plane.findall("circle")
    assert float(dot.get("cx", "")) == left + width / 2
    assert float(dot.get("cy", "")) == top + height / 2


def test_a_false_fact_or_a_wrong_solution_fails(namespace: dict[str, Any]) -> None:
    with pytest.raises(AssertionError):
        run_cell("y = 2\nassert y == 3", "page", 0, namespace)
    with pytest.raises(AssertionError, match="Expected"):
        run_session(">>> y\n3\n", "page", 0, namespace)
