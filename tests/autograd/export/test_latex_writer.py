"""``to_latex``: the formula of a graph in LaTeX."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

import autograd
from autograd import GraphTooLargeError, Value, dot, exp, hypot, log, maximum, norm, sin, to_latex
from autograd.ops import TABLE, Operation

x, y, w = Value(2.0, "x"), Value(3.0, "y"), Value(0.5, "w_1")
FORMULAS = [
    (x + y - 1, "x + y - 1"),
    (x - (y - 1), r"x - \left(y - 1\right)"),
    (x * (y + 1), r"x \cdot \left(y + 1\right)"),
    (x + -y, r"x + \left(-y\right)"),
    (-(x + y), r"-\left(x + y\right)"),
    (-(x * y), r"-x \cdot y"),
    (x / (y + 1) ** 2, r"\frac{x}{\left(y + 1\right)^{2}}"),
    ((x**2) ** y, r"\left(x^{2}\right)^{y}"),
    (exp(-x) ** 2, r"\left(e^{-x}\right)^{2}"),
    (x.sqrt() * log(w), r"\sqrt{x} \cdot \ln\left(w_{1}\right)"),
    (sin(x).erf(), r"\operatorname{erf}\left(\sin\left(x\right)\right)"),
    (1e-20 * x, r"1 \cdot 10^{-20} \cdot x"),
    (autograd.sum([x, y]), "x + y"),
    (hypot(x, y + 1), r"\sqrt{x^{2} + \left(y + 1\right)^{2}}"),
    (hypot(x, -2.5), r"\sqrt{x^{2} + \left(-2.5\right)^{2}}"),
    (hypot(x.cbrt(), y**2), r"\sqrt{\sqrt[3]{x}^{2} + \left(y^{2}\right)^{2}}"),
    (norm([x, y, w]), r"\sqrt{y^{2} + w_{1}^{2} + x^{2}}"),
    (dot([w], [x], y), r"y + w_{1} \cdot x"),
    (maximum(x, y) % 2, r"\left(\max\left(x, y\right) \bmod 2\right)"),
    (Value(1.0) * x, r"x_{1} \cdot x"),
    (x, "x"),
]


@pytest.mark.parametrize(("value", "latex"), FORMULAS, ids=[latex for _, latex in FORMULAS])
def test_formulas_are_written_as_latex(value: Value, latex: str) -> None:
    assert to_latex(value) == latex


@pytest.mark.parametrize(
    ("label", "latex"),
    [
        ("θ", r"\theta"),
        ("theta", r"\theta"),
        (r"\theta", r"\theta"),
        ("β₁", r"\beta_{1}"),
        ("x₁₂", "x_{12}"),
        (r"\beta_1", r"\beta_{1}"),
        (r"\x", r"\mathrm{\backslash{}x}"),
        ("thetas", r"\mathrm{thetas}"),
    ],
)
def test_greek_letters_and_indices_become_latex_commands(label: str, latex: str) -> None:
    assert to_latex(Value(2.0, label) * 3.0).removesuffix(r" \cdot 3") == latex


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.name)
def test_every_row_can_be_written_as_latex(row: Operation) -> None:
    a, b = Value(0.5, "a"), Value(0.25, "b")
    operands = ([a, b],) if row.name == "sum" else ([a], [b]) if row.name == "dot" else (a, b)[: len(row.partials)]
    latex = to_latex(getattr(autograd, row.name)(*operands))
    assert "a" in latex
    assert latex.count("{") == latex.count("}")
    assert latex.count(r"\left") == latex.count(r"\right")


@pytest.mark.parametrize("row", [row for row in TABLE if row.name != "take"], ids=lambda row: row.name)
def test_the_latex_of_every_row_can_be_typeset(row: Operation) -> None:
    mathtext = pytest.importorskip("matplotlib.mathtext", reason="the check needs matplotlib")
    parser = mathtext.MathTextParser("agg")
    for a, b in ((x, y), (x + y - 1, -w), (-x, x * y)):
        operands = ([a, b],) if row.name == "sum" else ([a], [b]) if row.name == "dot" else (a, b)[: len(row.partials)]
        latex = to_latex(getattr(autograd, row.name)(*operands))
        parser.parse(f"${latex.replace(chr(92) + 'bmod', '+')}$")  # mathtext has no command for mod


def test_operands_that_the_notation_does_not_delimit_are_in_parentheses() -> None:
    assert to_latex((x + y).log1mexp()) == r"\ln\left(1 - e^{-\left(x + y\right)}\right)"
    assert to_latex((-x).log1p()) == r"\ln\left(1 + \left(-x\right)\right)"
    assert to_latex((x + y) % (x - 1)) == r"\left(\left(x + y\right) \bmod \left(x - 1\right)\right)"
    assert to_latex(x.floor() + x.ceil()) == r"\left\lfloor x\right\rfloor + \left\lceil x\right\rceil"


def doubled(times: int) -> Value:
    y = Value(1.0, "x")
    for _ in range(times):
        y = (y + 1) * (y + 2)
    return y


def chain(length: int) -> Value:
    y = Value(1.0)
    for _ in range(length):
        y = y * 1.0
    return y


INVALID_CALLS: list[tuple[Callable[[], Any], type[Exception], str]] = [
    (lambda: to_latex("x"), TypeError, "the first argument of to_latex() must be a Value, not str ('x')"),  # type: ignore[arg-type]
    (lambda: to_latex(doubled(100)), GraphTooLargeError, "the formula would have about 2**"),
    (lambda: to_latex(doubled(12)), GraphTooLargeError, "parts, because shared Values are written out each time"),
    (lambda: to_latex(chain(2000)), GraphTooLargeError, "the graph has 2,001 nodes, and to_latex() takes at most 1,000"),
]


@pytest.mark.parametrize(("call", "error", "text"), INVALID_CALLS, ids=[text[:50] for _, _, text in INVALID_CALLS])
def test_invalid_calls_raise_errors(call: Callable[[], Any], error: type[Exception], text: str) -> None:
    with pytest.raises(error, match=re.escape(text)):
        call()


def test_leaves_that_would_be_written_alike_have_different_names() -> None:
    assert to_latex(Value(2.0, "w") * Value(3.0, "w")) == r"w \cdot w_{1}"
    assert to_latex(Value(2.0, "x1") * Value(3.0, "x_1")) == r"x_{1} \cdot \mathrm{x\_1\_1}"
    assert to_latex(Value(2.0) * Value(3.0, "x_1")) == r"x_{2} \cdot x_{1}"
    many = [Value(1.0, "w") for _ in range(400)]
    assert len(set(to_latex(autograd.sum(many)).split(" + "))) == 400
