"""Expressions as Python source, as LaTeX and in SymPy."""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from on_engine import assume_smooth, run

import autograd
from autograd import (
    GraphTooLargeError,
    Value,
    derivative_program,
    dot,
    exp,
    grad,
    log,
    maximum,
    primitive,
    relu,
    sin,
    to_latex,
    to_python,
    to_sympy,
    where,
)
from autograd.ops import TABLE, Operation
from autograd.strategies.drawing import Expression, expressions, operands


def bits(numbers: list[float]) -> list[str]:
    """As text; of a zero not its sign, as a gradient that begins with 0.0 never is -0.0."""
    return ["nan" if math.isnan(x) else (0.0 + x).hex() for x in numbers]


def fresh(source: str, name: str = "f") -> Callable[..., Any]:
    """The function that the text defines, with nothing else at hand."""
    namespace: dict[str, Any] = {}
    exec(source, namespace)
    function: Callable[..., Any] = namespace[name]
    return function


@pytest.mark.parametrize("row", [row for row in TABLE if not row.variadic], ids=lambda row: row.name)
def test_the_source_of_every_row_and_of_its_derivative_gives_the_same_bits(row: Operation) -> None:
    at_one = [Value(1.0 if low >= -1 else 0.5, label=f"x{i}") for i, (low, _) in enumerate(row.domain)]
    y = getattr(autograd, row.name)(*at_one)
    value, both = fresh(to_python(y, at_one).source), fresh(derivative_program(y, at_one).source)

    @given(operands(row))
    @example((1.2711610061536462e308, 1.2711610061536464e308)[: len(row.domain)])  # whose hypot is infinite, atan2 is not
    def check(operands: tuple[float, ...]) -> None:
        inputs = [Value(x) for x in operands]
        result = getattr(autograd, row.name)(*inputs)
        result.backward()
        wanted = [result.data, *(x.grad for x in inputs)]
        try:
            found = value(*operands), both(*operands)
        except (ValueError, ArithmeticError):
            assert not all(map(math.isfinite, wanted)) or 0.0 in operands  # Python has no 1 / 0
            return
        assert bits([found[0]]) == bits(wanted[:1])
        assert bits([found[1][0], *found[1][1]]) == bits(wanted)

    check()


@given(expressions())
def test_the_source_of_a_random_graph_gives_the_bits_of_backward(expression: Expression) -> None:
    values, y = run(expression)
    assume_smooth(y)
    y.backward()
    program = derivative_program(y, values)
    found, derivatives = fresh(program.source)(*expression.inputs)
    assert bits([found, *derivatives]) == bits([y.data, *(x.grad for x in values)])
    assert bits([fresh(to_python(y, values).source)(*expression.inputs)]) == bits([y.data])
    assert program(*expression.inputs) == (found, derivatives)


@given(expressions(), st.randoms(use_true_random=False))
def test_the_source_is_right_at_other_inputs_too(expression: Expression, rng: Any) -> None:
    values, y = run(expression)
    program = derivative_program(y, values)
    others = [round(rng.uniform(-3, 3), 3) for _ in values]
    again = [Value(x) for x in others]
    result = expression(*again)
    assume_smooth(result)
    result.backward()
    found, derivatives = program(*others)
    assert bits([found, *derivatives]) == bits([result.data, *(x.grad for x in again)])


def test_a_derivative_holds_on_both_sides_of_a_kink() -> None:
    x, y = Value(1.0, "x"), Value(2.0, "y")
    program = derivative_program(relu(x) * y + maximum(x, y), [x, y])
    assert program(1.0, 2.0) == (4.0, [2.0, 2.0])
    assert program(-1.0, -2.0) == (-1.0, [1.0, 0.0])
    assert program(5.0, 2.0) == (15.0, [3.0, 5.0])


def test_what_where_decided_stays_decided() -> None:
    x = Value(4.0, "x")
    program = derivative_program(where(x > 0, x.sqrt(), x * x), x)
    assert "x * x" not in program.source
    assert program(9.0) == (3.0, 1 / 6)


def test_a_division_by_what_comes_through_a_closed_gate_is_infinite_in_the_program_too() -> None:
    x = Value(2.0, "x")
    program = derivative_program(where(x < 3, 1.0, x / where(x > 3, x, 0.0)) + x / where(x > 3, x, 0.0), x)
    assert "dy_dx = math.inf" in program.source


def test_an_infinite_gradient_does_not_become_nan_at_a_gate_that_the_program_finds_closed() -> None:
    x, g = Value(2.0, "x"), Value(1.0, "g")
    program = derivative_program(autograd.gate(x * x, g) * math.inf, [x, g])
    for is_open in (1.0, 0.0):
        wanted = grad(lambda x, g: autograd.gate(x * x, g) * math.inf, (0, 1))(2.0, is_open)
        assert [repr(number) for number in program(2.0, is_open)[1]] == [repr(number) for number in wanted]


def test_leaves_that_are_no_inputs_have_their_numbers_as_defaults() -> None:
    x, w = Value(2.0, "x"), Value(3.0, "w")
    source = to_python(w * x + 0.5, x)
    assert repr(source) == "def f(x, w=3.0):\n    return w * x + 0.5"
    assert (source(10.0), source(10.0, 2.0)) == (30.5, 20.5)


def test_computed_values_may_be_inputs() -> None:
    x = Value(2.0, "x")
    u = x * x
    assert repr(to_python(exp(u) + u, u)).splitlines()[-2:] == ["def f(x1):", "    return math.exp(x1) + x1"]
    assert derivative_program(u * 3, u)(5.0) == (15.0, 3.0)


def test_derivatives_by_one_input_are_a_number_and_by_several_a_list() -> None:
    x, y = Value(2.0, "x"), Value(3.0, "y")
    assert derivative_program(x * y, x)(2.0) == (6.0, 3.0)
    assert derivative_program(x * y, [x])(2.0) == (6.0, [3.0])
    assert derivative_program(x * y, (y, x))(3.0, 2.0) == (6.0, [2.0, 3.0])
    assert derivative_program(x * 1, [x, y])(2.0, 3.0) == (2.0, [1.0, 0.0])
    assert derivative_program(x, x)(7.0) == (7.0, 1.0)


@pytest.mark.parametrize("label", ["lambda", "math", "f", "2x", "", "a b", "sigmoid", "t1", "µ", "None"])
def test_any_label_gives_a_program_that_runs(label: str) -> None:
    x, same = Value(2.0, label), Value(3.0, label)
    y = (x * same).sigmoid() * (x * same)
    y.label = label
    assert derivative_program(y, [x, same])(2.0, 3.0)[0] == y.data
    assert to_python(y)(2.0, 3.0) == y.data


def test_labels_of_computed_values_are_kept() -> None:
    x = Value(2.0, "x")
    wave = sin(x)
    wave.label = "wave"
    assert repr(derivative_program(wave * wave, x)) == (
        "import math\n\n\n"
        "def f(x):\n"
        "    wave = math.sin(x)\n"
        "    y = wave * wave\n"
        "    dy_dwave = wave + wave\n"
        "    dy_dx = dy_dwave * math.cos(x)\n"
        "    return y, dy_dx"
    )


def test_an_operation_of_ones_own_is_called_and_its_partial_recorded() -> None:
    @primitive(lambda out, x: 3 * x * x)
    def cubed(x: float) -> float:
        return x**3

    x = Value(2.0, "x")
    program = derivative_program(cubed(x) + x, x)
    assert program.source.splitlines()[0] == "# cubed is an operation of your own, defined elsewhere"
    assert program(3.0) == (30.0, 28.0)


def test_where_python_raises_so_does_the_program() -> None:
    x = Value(2.0, "x")
    with pytest.raises(ValueError, match="math domain error"):
        to_python(log(x))(0.0)
    with pytest.raises(ZeroDivisionError):
        to_python(1 / x)(0.0)


def test_a_long_chain_is_written_without_recursion() -> None:
    x = y = Value(0.5, "x")
    for _ in range(20_000):
        y = y * 1.0001
    y.backward()
    assert derivative_program(y, x)(0.5) == (y.data, x.grad)


def test_exporting_changes_nothing() -> None:
    x = Value(2.0, "x")
    y = x.sigmoid() * dot([x], [x], x)
    y.backward()
    before = [(node.grad, node.label) for node in autograd.topological_order(y)]
    derivative_program(y, x)
    to_python(y)
    to_latex(y)
    assert [(node.grad, node.label) for node in autograd.topological_order(y)] == before


# ---- formulas ----

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
    (dot([w], [x], y), r"y + w_{1} \cdot x"),
    (maximum(x, y) % 2, r"\left(\max\left(x, y\right) \bmod 2\right)"),
    (Value(1.0) * x, r"x_{1} \cdot x"),
    (x, "x"),
]


@pytest.mark.parametrize(("value", "latex"), FORMULAS, ids=[latex for _, latex in FORMULAS])
def test_latex(value: Value, latex: str) -> None:
    assert to_latex(value) == latex


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.name)
def test_every_row_has_a_formula(row: Operation) -> None:
    a, b = Value(0.5, "a"), Value(0.25, "b")
    operands = ([a, b],) if row.name == "sum" else ([a], [b]) if row.name == "dot" else (a, b)[: len(row.partials)]
    latex = to_latex(getattr(autograd, row.name)(*operands))
    assert "a" in latex
    assert latex.count("{") == latex.count("}")
    assert latex.count(r"\left") == latex.count(r"\right")


@given(expressions(max_operations=8))
def test_sympy_has_the_same_value_and_derivative(expression: Expression) -> None:
    sympy = pytest.importorskip("sympy")
    values = [Value(x, f"x{i}") for i, x in enumerate(expression.inputs)]
    result = expression(*values)
    assume_smooth(result)
    formula = to_sympy(result)
    point = {sympy.Symbol(value.label, real=True): value.data for value in values}
    assert float(formula.evalf(30, subs=point)) == pytest.approx(result.data, rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("row", [row for row in TABLE if row.name not in ("gate", "sum", "dot")], ids=lambda row: row.name)
def test_sympy_differentiates_every_row_to_the_same_number(row: Operation) -> None:
    sympy = pytest.importorskip("sympy")
    a, b = Value(1.25 if row.domain[0][0] >= 1 else 0.75, "a"), Value(0.3, "b")
    operands = (a, b)[: len(row.partials)]
    y = getattr(autograd, row.name)(*operands)
    y.backward()
    formula = to_sympy(y)
    point = {sympy.Symbol(value.label, real=True): sympy.Float(value.data, 30) for value in operands}
    assert float(formula.subs(point).evalf()) == pytest.approx(y.data, rel=1e-12)
    if row.name not in ("floor", "ceil", "floor_div", "mod"):  # SymPy leaves derivatives of steps as they are
        for operand in operands:
            slope = formula.diff(sympy.Symbol(operand.label, real=True)).subs(point).evalf()
            assert float(slope) == pytest.approx(operand.grad, rel=1e-12), operand.label


def test_labels_that_python_reads_as_one_name_are_told_apart() -> None:
    """The ligature is the same to Python as its two letters."""
    x, y = Value(2.0, "fi"), Value(3.0, "\N{LATIN SMALL LIGATURE FI}")
    program = to_python(x - y, [x, y])
    assert program(2.0, 3.0) == -1.0


def test_roots_of_negative_numbers_do_not_become_complex_in_a_program() -> None:
    x = Value(4.0, "x")
    with pytest.raises(ValueError, match="math domain error"):
        to_python(x**0.5)(-4.0)
    assert to_python(x**3)(-4.0) == -64.0


@pytest.mark.parametrize(("operation", "x"), [(autograd.floor, -0.0), (autograd.ceil, -0.0), (autograd.ceil, -0.5)])
def test_a_rounded_number_keeps_the_sign_of_its_zero(operation: Callable[..., Any], x: float) -> None:
    y = operation(Value(x))
    assert repr(to_python(y)(x)) == repr(y.data) == "-0.0"


def test_adding_a_positive_zero_is_not_left_out_as_it_changes_a_negative_one() -> None:
    x = Value(-0.0, "x")
    assert [repr(to_python(y)(-0.0)) for y in (x + 0.0, 0.0 + x, x + -0.0)] == ["0.0", "0.0", "-0.0"]


def test_a_gate_is_piecewise_in_sympy() -> None:
    sympy = pytest.importorskip("sympy")
    x, is_open = Value(2.0, "x"), Value(1.0, "g")
    formula = to_sympy(autograd.gate(x, is_open) * 3)
    g = sympy.Symbol("g", real=True)
    assert [float(formula.subs({"x": 2, g: number, sympy.Symbol("x", real=True): 2})) for number in (1, 0)] == [6.0, 0.0]


def test_what_is_nested_too_deeply_for_sympy_is_an_error_of_ours() -> None:
    pytest.importorskip("sympy")
    y = Value(0.5, "x")
    for _ in range(900):
        y = y.sin()
    with pytest.raises(GraphTooLargeError, match="nested too deeply for SymPy"):
        to_sympy(y)


def test_without_sympy_the_error_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sympy", None)
    with pytest.raises(ImportError, match=re.escape("pip install 'scalar-autograd[symbolic]'")):
        to_sympy(x)


# ---- refusals ----


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


u = x * 2
REFUSALS: list[tuple[Callable[[], Any], type[Exception], str]] = [
    (lambda: to_python(3.0), TypeError, "to_python() writes down how a Value was computed, not float (3.0)"),  # type: ignore[arg-type]
    (lambda: to_latex("x"), TypeError, "to_latex() writes down how a Value was computed, not str ('x')"),  # type: ignore[arg-type]
    (lambda: derivative_program(x, 3.0), TypeError,  # type: ignore[arg-type]
     "derivative_program() needs a Value or a list of Values to be the arguments, not float (3.0)"),
    (lambda: derivative_program(x, [x, 1.0]), TypeError,  # type: ignore[list-item]
     "the inputs of derivative_program() must be Values, but number 1 is 1.0"),
    (lambda: to_python(x, [x, x]), ValueError, "input 1 of to_python() (counted from 0), Value(2.0"),
    (lambda: derivative_program(u * x, [x, u]), ValueError, "input 1 of derivative_program() (counted from 0), Value(4.0"),
    (lambda: to_latex(doubled(100)), GraphTooLargeError, "the formula would have about 2**"),
    (lambda: to_latex(doubled(12)), GraphTooLargeError, "parts, as shared Values are written out each time"),
    (lambda: to_latex(chain(2000)), GraphTooLargeError, "the graph has 2,001 nodes, and to_latex() takes at most 1,000"),
    (lambda: to_python(chain(100_000)), GraphTooLargeError, "nodes, and to_python() takes at most 100,000"),
    (lambda: derivative_program(x * x, x)(1.0, 2.0), TypeError, "takes 1 positional argument but 2 were given"),
    (lambda: to_python(x * x)("a"), TypeError, "argument 0 of the function must be a real number, not str ('a')"),  # type: ignore[arg-type]
]  # fmt: skip


@pytest.mark.parametrize(("call", "error", "text"), REFUSALS, ids=[text[:50] for _, _, text in REFUSALS])
def test_refusal(call: Callable[[], Any], error: type[Exception], text: str) -> None:
    with pytest.raises(error, match=re.escape(text)):
        call()
