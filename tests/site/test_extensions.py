"""The extensions of the site: formulas agree with the table, kinks are found, pictures are described, links are rewritten."""

from __future__ import annotations

import importlib
import re
import sys
from pathlib import Path
from typing import Any

import pytest

from autograd import Value, ops
from visualize import draw

EXTENSIONS = Path(__file__).parents[2] / "docs" / "_ext"
ROWS = ops.TABLE


def extension(name: str, *needs: str) -> Any:
    """Import an extension, or skip the test if a library is missing."""
    for library in needs:
        pytest.importorskip(library, reason=f"{library} is not installed: pip install 'scalar-autograd[docs]'")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "path", [str(EXTENSIONS), *sys.path])
        return importlib.import_module(name)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_the_textbook_derivative_is_the_derivative_of_the_table(row: ops.Operation) -> None:
    module = extension("row_formulas", "sympy")
    letters = module.symbols(row, module.operands(row))
    place = [
        3.0 if letter.name == "n" else low + 0.6 if low > float("-inf") else 0.6
        for letter, (low, _) in zip(letters, row.domain, strict=True)
    ]
    for index in range(len(letters)):
        formula = module.derivative(row, index)
        if formula is not None and not (row.name == "polygamma" and index == 0):
            expected = float(formula.subs(dict(zip(letters, place, strict=True))).evalf(20))
            assert row.partial(index, row(*place), *place) == pytest.approx(expected, rel=1e-12)


def test_most_derivatives_are_shown_as_in_textbooks() -> None:
    module = extension("row_formulas", "sympy")
    shown = [row.name for row in ROWS if module.textbook(row, 0)]
    assert len(shown) > 50
    assert module.textbook(ops.tanh, 0) == r"1 - \tanh^{2}{\left(x \right)}"
    assert module.computed(ops.tan, 0) == r"1 + f \cdot f"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("relu", ["Kink at 0: the slope is 0 before and 1 after it, and the derivative there is 0."]),
        ("abs", ["Kink at 0: the slope is -1 before and 1 after it, and the derivative there is 0."]),
        (
            "maximum",
            ["Kink where both operands are equal: the slope is 0 before and 1 after it, and the derivative there is 0.5."],
        ),
        ("sign", ["The value jumps at 0, from -1 to 1; there it is 0 and the derivative 0."]),
        ("tanh", []),
        ("cbrt", []),
    ],
)
def test_kinks_are_found_with_the_numbers_of_the_row(name: str, words: list[str]) -> None:
    assert extension("row_plots", "sympy").kinks(getattr(ops, name)) == words


@pytest.mark.parametrize("row", [row for row in ROWS if not row.variadic], ids=lambda row: row.name)
def test_a_plot_has_two_curves_inside_of_its_axes(row: ops.Operation) -> None:
    module = extension("row_plots", "sympy")
    curves = re.findall(r'<path class="(value|derivative)" d="([^"]*)"', module.plot(row))
    assert [name for name, _ in curves] == ["value", "derivative"]
    assert curves[0][1]
    for x, y in re.findall(r"[ML]([\d.]+),([\d.]+)", curves[0][1] + curves[1][1]):
        assert module.LEFT <= float(x) <= module.WIDTH
        assert 0 <= float(y) <= module.HEIGHT


def test_a_picture_in_a_page_has_words_and_ids_of_its_own() -> None:
    module = extension("pictures", "sphinx")
    y = Value(2.0, label="a") * 3
    y.label = "y"
    svg = draw(y).pipe("svg", encoding="utf-8").replace("<rect", '<rect id="here"', 1)
    first, second = (module.embedded(svg, "", number) for number in (1, 2))
    assert 'aria-label="computation graph of y = 6, 3 boxes; no gradients yet' in first
    assert 'aria-label="a &lt; b"' in module.embedded(svg, "a < b", 3)
    assert 'id="picture1-here"' in first
    assert 'id="picture2-here"' in second
    assert 'html[data-theme="dark"] {' in first
    assert "prefers-color-scheme" not in first


def test_formulas_become_mathml_without_katex() -> None:
    module = extension("formulas", "sphinx", "latex2mathml")
    (html, error), (nothing, problem) = module.with_mathml([(r"\frac{x}{2}", False), (r"\frac{x}", True)])
    assert "<mfrac>" in html
    assert error == ""
    assert (nothing, problem) != ("", "")


def test_an_example_becomes_a_page_with_a_title() -> None:
    module = extension("example_gallery", "sphinx")
    text = module.with_title('"""Learning rates: too large, and decaying.\n\n    python x.py\n\nMore.\n"""\nprint(1)\n')
    assert text.startswith('r"""\nLearning rates\n==============\n\nLearning rates: too large')
    assert "\n\n::\n\n    python x.py" in text
    assert text.endswith('"""\nprint(1)\n')
