"""``to_sympy``: the formula of a graph as a SymPy expression."""

from __future__ import annotations

import re
import sys

import pytest
from hypothesis import example, given
from on_engine import assume_smooth

import autograd
from autograd import GraphTooLargeError, Value, primitive, to_sympy
from autograd.ops import TABLE, Operation
from autograd.strategies.drawing import Expression, expressions

STEPS = ("floor", "ceil", "trunc", "round", "floor_div", "mod", "fmod")  # SymPy does not evaluate their derivatives


@given(expressions(max_operations=8))
@example(Expression("lambda x: atan2((t1 := tan(0.9 * sin(exp(0.9 * sin(x))))), 1 + square(t1))", 0.0))  # 0.43 + 0e-32*I
def test_sympy_has_the_same_value(expression: Expression) -> None:
    sympy = pytest.importorskip("sympy")
    values = [Value(x, f"x{i}") for i, x in enumerate(expression.inputs)]
    result = expression(*values)
    assume_smooth(result)
    formula = to_sympy(result)
    point = {sympy.Symbol(value.label, real=True): value.data for value in values}
    assert complex(formula.evalf(30, subs=point)) == pytest.approx(result.data, rel=1e-9, abs=1e-9)


# The order of polygamma must be a whole number: it has a separate test.
@pytest.mark.parametrize(
    "row", [row for row in TABLE if row.name not in ("gate", "sum", "dot", "polygamma")], ids=lambda row: row.name
)
def test_sympy_differentiates_every_row_to_the_same_number(row: Operation) -> None:
    sympy = pytest.importorskip("sympy")
    a, b = Value(1.25 if row.domain[0][0] >= 1 else 0.75, "a"), Value(0.3, "b")
    operands = (a, b)[: len(row.partials)]
    y = getattr(autograd, row.name)(*operands)
    y.backward()
    formula = to_sympy(y)
    point = {sympy.Symbol(value.label, real=True): sympy.Float(value.data, 30) for value in operands}
    assert float(formula.subs(point).evalf()) == pytest.approx(y.data, rel=1e-12)
    if row.name not in STEPS:
        for operand in operands:
            slope = formula.diff(sympy.Symbol(operand.label, real=True)).subs(point).evalf()
            assert float(slope) == pytest.approx(operand.grad, rel=1e-12), operand.label


def test_polygamma_is_differentiated_by_sympy_to_the_same_number() -> None:
    sympy = pytest.importorskip("sympy")
    x = Value(0.75, "x")
    y = autograd.polygamma(2, x)
    y.backward()
    formula = to_sympy(y)
    symbol = sympy.Symbol("x", real=True)
    assert float(formula.subs(symbol, 0.75).evalf()) == pytest.approx(y.data, rel=1e-12)
    assert float(formula.diff(symbol).subs(symbol, 0.75).evalf()) == pytest.approx(x.grad, rel=1e-12)


def test_a_gate_becomes_piecewise_in_sympy() -> None:
    sympy = pytest.importorskip("sympy")
    x, is_open = Value(2.0, "x"), Value(1.0, "g")
    formula = to_sympy(autograd.gate(x, is_open) * 3)
    g = sympy.Symbol("g", real=True)
    assert [float(formula.subs({"x": 2, g: number, sympy.Symbol("x", real=True): 2})) for number in (1, 0)] == [6.0, 0.0]


def test_an_expression_nested_too_deeply_for_sympy_raises_graph_too_large_error() -> None:
    pytest.importorskip("sympy")
    y = Value(0.5, "x")
    for _ in range(900):
        y = y.sin()
    with pytest.raises(GraphTooLargeError, match="nested too deeply for SymPy"):
        to_sympy(y)


def test_without_sympy_the_error_explains_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sympy", None)
    with pytest.raises(ImportError, match=re.escape("pip install 'scalar-autograd[symbolic]'")):
        to_sympy(Value(2.0, "x"))


def test_a_custom_operation_is_rejected() -> None:
    pytest.importorskip("sympy")

    @primitive(lambda out, x: 3 * x * x)
    def cubed(x: float) -> float:
        return x**3

    with pytest.raises(ValueError, match="SymPy does not know the custom operation cubed; write it with"):
        to_sympy(cubed(Value(2.0)) * 2)


def test_leaves_with_the_same_label_are_different_symbols() -> None:
    sympy = pytest.importorskip("sympy")
    formula = to_sympy(Value(2.0, "w") * Value(3.0, "w") + Value(4.0, "w_1") * Value(5.0) - Value(6.0, "x1") * Value(7.0, "w"))
    w, w1, w2, w3, x1, x2 = (sympy.Symbol(name, real=True) for name in ("w", "w_1", "w_2", "w_3", "x1", "x2"))
    assert formula == w * w2 + w1 * x2 - x1 * w3
    x = Value(2.0, "x")
    assert str(to_sympy(x * x)) == "x**2"
