"""How a Value shows itself in a terminal, a picture and a notebook."""

from __future__ import annotations

from typing import Any

import pytest
from fresh import run_python

import autograd
import visualize
from autograd import Value, explain
from autograd.export import display


def graph() -> tuple[Value, Value]:
    x = Value(3.0, label="x")
    y = (x * x + 2 * x).tanh()
    y.label = "y"
    return x, y


def test_draw_and_explain_are_the_functions() -> None:
    x, y = graph()
    assert y.draw().to_text() == visualize.draw(y).to_text()
    assert y.draw(digits=2).to_text() == visualize.draw(y, digits=2).to_text()
    assert str(y.explain(x)) == str(explain(y, x))
    assert str(y.explain(x, limit=1)) == str(explain(y, x, limit=1))


def test_drawing_is_imported_on_request_only() -> None:
    code = "import sys, autograd; y = autograd.Value(2.0) * 3; repr(y); print('visualize' in sys.modules)"
    assert run_python(f"{code}; y.draw(); print('visualize' in sys.modules)").split() == ["False", "True"]


def test_a_leaf_is_its_repr_in_a_notebook() -> None:
    x: Any = Value(3.0, label="x")
    assert x._repr_html_() == "<code>Value(3.0, label=&#x27;x&#x27;)</code>"
    assert x._repr_latex_() == "$x = 3$"
    constant: Any = (x * 2).operands[1]
    assert constant._repr_html_() == "<code>Value(2.0, op=&#x27;const&#x27;)</code>"


def test_a_computed_value_is_its_repr_with_the_formula_on_a_click() -> None:
    _, y = graph()
    shown: Any = y
    assert shown._repr_html_() == (
        "<details><summary><code>Value(0.9999999999998128, grad=0.0, op=&#x27;tanh&#x27;, label=&#x27;y&#x27;)</code></summary>"
        r"$\displaystyle y = \tanh\left(x \cdot x + 2 \cdot x\right)$ with x = 3</details>"
    )
    assert shown._repr_latex_() == "$y = 1$"
    assert (Value(2.0) / 3.0)._repr_latex_() == "$0.666667$"


def test_labels_are_escaped() -> None:
    x: Any = Value(3.0, label="<script>alert(1)</script>")
    for value in (x, x * 2):
        assert "<script" not in value._repr_html_()
        assert "&lt;script&gt;" in value._repr_html_()


@pytest.mark.parametrize("times", [15, 2_000])
def test_a_large_formula_is_not_written(times: int) -> None:
    y: Any = Value(0.5)
    for _ in range(times):
        y = y * y if times == 15 else y + 0.1
    assert y._repr_html_().endswith(
        "</summary>The formula is too long for a notebook. y.draw() shows the graph, and autograd.to_python(y) returns a "
        "program.</details>"
    )


def test_many_leaves_are_not_all_listed() -> None:
    y: Any = autograd.sum([Value(float(i), label=f"x{i}") for i in range(20)])
    assert y._repr_html_().endswith("with x0 = 0, x1 = 1, x2 = 2, x3 = 3, x4 = 4, x5 = 5, x6 = 6, x7 = 7</details>")


def test_a_value_may_be_shown_while_compile_records() -> None:
    shown = []

    def f(x: Any) -> Any:
        shown.append(x._repr_html_())
        return x * x

    autograd.compile(f)(2.0)
    assert shown[0].startswith("<code>Value(recorded, ")


def test_a_hidden_package_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    (tmp_path / "visualize.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ImportError, match=r"visualize\.py hides the package visualize of scalar-autograd; rename "):
        graph()[1].draw()
    assert display.PICTURES == "visualize"


def test_the_formula_names_unlabeled_leaves_as_pictures_do() -> None:
    x = Value(2.0, label="x")
    y: Any = x * x + Value(3.0)
    assert y._repr_html_().endswith(r"</summary>$\displaystyle x \cdot x + v_{3}$ with x = 2, v3 = 3</details>")
    assert " v3 = " in str(y.explain(x))


def test_draw_passes_its_arguments_on() -> None:
    y: Any = Value(2.0, label="a") * 2
    assert y.draw("png") is not None
    with pytest.raises(TypeError, match=r"^value must be alone or a function, not followed by 1; "):
        y.draw(1, 2, 3)
