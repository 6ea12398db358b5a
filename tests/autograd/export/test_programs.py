"""``to_python`` and ``derivative_program``: graphs and their derivatives as Python functions."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from on_engine import assume_smooth, run

import autograd
from autograd import (
    GraphTooLargeError,
    RecordingError,
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
    where,
)
from autograd.ops import TABLE, Operation
from autograd.strategies.drawing import Expression, expressions, operands


def bits(numbers: list[float]) -> list[str]:
    """Return numbers as text without the sign of zero, because a gradient accumulated from 0.0 is never -0.0."""
    return ["nan" if math.isnan(x) else (0.0 + x).hex() for x in numbers]


def fresh(source: str, name: str = "f") -> Callable[..., Any]:
    """Return the function defined by ``source`` in an empty namespace."""
    namespace: dict[str, Any] = {}
    exec(source, namespace)
    function: Callable[..., Any] = namespace[name]
    return function


@pytest.mark.parametrize("row", [row for row in TABLE if not row.variadic], ids=lambda row: row.name)
def test_the_source_of_every_row_and_of_its_derivative_is_bit_for_bit_exact(row: Operation) -> None:
    at_one = [Value(1.0 if low >= -1 else 0.5, label=f"x{i}") for i, (low, _) in enumerate(row.domain)]
    y = getattr(autograd, row.name)(*at_one)
    value, both = fresh(to_python(y, at_one).source), fresh(derivative_program(y, at_one).source)

    @given(operands(row))
    @example((1.2711610061536462e308, 1.2711610061536464e308)[: len(row.domain)])  # hypot is infinite here, atan2 is not
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
def test_the_source_of_a_random_graph_equals_backward_bit_for_bit(expression: Expression) -> None:
    values, y = run(expression)
    assume_smooth(y)
    y.backward()
    program = derivative_program(y, values)
    found, derivatives = fresh(program.source)(*expression.inputs)
    assert bits([found, *derivatives]) == bits([y.data, *(x.grad for x in values)])
    assert bits([fresh(to_python(y, values).source)(*expression.inputs)]) == bits([y.data])
    assert program(*expression.inputs) == (found, derivatives)


@given(expressions(), st.randoms(use_true_random=False))
def test_the_source_is_correct_for_other_inputs(expression: Expression, rng: Any) -> None:
    values, y = run(expression)
    program = derivative_program(y, values)
    others = [round(rng.uniform(-3, 3), 3) for _ in values]
    again = [Value(x) for x in others]
    result = expression(*again)
    assume_smooth(result)
    result.backward()
    found, derivatives = program(*others)
    assert bits([found, *derivatives]) == bits([result.data, *(x.grad for x in again)])


def test_a_derivative_program_is_valid_on_both_sides_of_a_kink() -> None:
    x, y = Value(1.0, "x"), Value(2.0, "y")
    program = derivative_program(relu(x) * y + maximum(x, y), [x, y])
    assert program(1.0, 2.0) == (4.0, [2.0, 2.0])
    assert program(-1.0, -2.0) == (-1.0, [1.0, 0.0])
    assert program(5.0, 2.0) == (15.0, [3.0, 5.0])


def test_arguments_may_be_passed_by_name() -> None:
    x, y = Value(3.0, label="x"), Value(2.0, label="y")
    program = to_python(x * y + x, x)  # y is an argument with a default
    assert program(x=1.0) == program(1, y=2.0) == 3.0
    assert program(1.0, y=5) == 6.0
    with pytest.raises(TypeError, match="argument 'y' of the function must be a real number, not str"):
        program(1.0, y="5")
    with pytest.raises(TypeError, match="unexpected keyword argument 'z'"):
        program(1.0, z=5)


def test_arrays_are_refused_with_the_remedy() -> None:
    x = Value(3.0, label="x")
    for program in (to_python(x * x), derivative_program(x * x, x)):
        with pytest.raises(TypeError, match=r"not ndarray .*; for arrays write it by to_numpy\(\), or .*, library='numpy'\)$"):
            program(np.array([1.0, 2.0]))
    assert derivative_program(x * x, x, library="numpy")(np.array([1.0, 2.0]))[1].tolist() == [2.0, 4.0]


def test_the_choice_of_where_is_fixed_in_the_program() -> None:
    x = Value(4.0, "x")
    program = derivative_program(where(x > 0, x.sqrt(), x * x), x)
    assert "x * x" not in program.source
    assert program(9.0) == (3.0, 1 / 6)


def test_dividing_by_the_result_of_a_closed_gate_is_infinite_in_the_program() -> None:
    x = Value(2.0, "x")
    program = derivative_program(where(x < 3, 1.0, x / where(x > 3, x, 0.0)) + x / where(x > 3, x, 0.0), x)
    assert "dy_dx = math.inf" in program.source


def test_an_infinite_gradient_does_not_become_nan_at_a_gate_that_is_closed_in_the_program() -> None:
    x, g = Value(2.0, "x"), Value(1.0, "g")
    program = derivative_program(autograd.gate(x * x, g) * math.inf, [x, g])
    for is_open in (1.0, 0.0):
        wanted = grad(lambda x, g: autograd.gate(x * x, g) * math.inf, (0, 1))(2.0, is_open)
        assert [repr(number) for number in program(2.0, is_open)[1]] == [repr(number) for number in wanted]


def test_leaves_that_are_not_inputs_become_default_arguments() -> None:
    x, w = Value(2.0, "x"), Value(3.0, "w")
    source = to_python(w * x + 0.5, x)
    assert repr(source) == "def f(x, w=3.0):\n    return w * x + 0.5"
    assert (source(10.0), source(10.0, 2.0)) == (30.5, 20.5)


def test_computed_values_may_be_inputs() -> None:
    x = Value(2.0, "x")
    u = x * x
    assert repr(to_python(exp(u) + u, u)).splitlines()[-2:] == ["def f(x1):", "    return math.exp(x1) + x1"]
    assert derivative_program(u * 3, u)(5.0) == (15.0, 3.0)


def test_the_derivative_is_a_number_for_one_input_and_a_list_for_several() -> None:
    x, y = Value(2.0, "x"), Value(3.0, "y")
    assert derivative_program(x * y, x)(2.0) == (6.0, 3.0)
    assert derivative_program(x * y, [x])(2.0) == (6.0, [3.0])
    assert derivative_program(x * y, (y, x))(3.0, 2.0) == (6.0, [2.0, 3.0])
    assert derivative_program(x * 1, [x, y])(2.0, 3.0) == (2.0, [1.0, 0.0])
    assert derivative_program(x, x)(7.0) == (7.0, 1.0)


@pytest.mark.parametrize("label", ["lambda", "math", "f", "2x", "", "a b", "sigmoid", "t1", "µ", "None"])
def test_every_label_results_in_a_valid_program(label: str) -> None:
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


def test_a_custom_operation_is_called_and_its_partial_is_recorded() -> None:
    @primitive(lambda out, x: 3 * x * x)
    def cubed(x: float) -> float:
        return x**3

    x = Value(2.0, "x")
    program = derivative_program(cubed(x) + x, x)
    assert program.source.splitlines()[0] == "# cubed is a custom operation, defined elsewhere"
    assert program(3.0) == (30.0, 28.0)


def test_the_program_raises_the_errors_of_python() -> None:
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


def test_labels_that_python_treats_as_the_same_name_are_distinguished() -> None:
    """Python treats the ligature as its two letters."""
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


def test_adding_a_positive_zero_is_kept_because_it_changes_a_negative_zero() -> None:
    x = Value(-0.0, "x")
    assert [repr(to_python(y)(-0.0)) for y in (x + 0.0, 0.0 + x, x + -0.0)] == ["0.0", "0.0", "-0.0"]


def test_a_value_that_represents_a_plain_number_is_a_constant() -> None:
    y = (Value(2.0) * 3.0).operands[1]
    assert repr(to_python(y)) == "def f():\n    return 3.0"


def test_a_graph_cannot_be_exported_while_compile_records() -> None:
    def f(x: Value) -> Value:
        to_python(x * 2)
        return x * 2

    with pytest.raises(RecordingError, match="it is exported"):
        autograd.compile(f)(3.0)


# ---- errors ----


def chain(length: int) -> Value:
    y = Value(1.0)
    for _ in range(length):
        y = y * 1.0
    return y


x = Value(2.0, "x")
u = x * 2
INVALID_CALLS: list[tuple[Callable[[], Any], type[Exception], str]] = [
    (lambda: to_python(3.0), TypeError, "the first argument of to_python() must be a Value, not float (3.0)"),  # type: ignore[arg-type]
    (lambda: derivative_program(x, 3.0), TypeError,  # type: ignore[arg-type]
     "the inputs of derivative_program() must be a Value or a list of Values, not float (3.0)"),
    (lambda: derivative_program(x, [x, 1.0]), TypeError,  # type: ignore[list-item]
     "input 1 of derivative_program() must be a Value, not float (1.0)"),
    (lambda: to_python(x, [x, x]), ValueError, "the inputs of to_python() must differ, but input 1, Value(2.0"),
    (lambda: derivative_program(u * x, [x, u]), ValueError,
     "the inputs of derivative_program() must be independent, but input 1, Value(4.0"),
    (lambda: to_python(chain(100_000)), GraphTooLargeError, "nodes, and to_python() takes at most 100,000"),
    (lambda: derivative_program(x * x, x)(1.0, 2.0), TypeError, "takes 1 positional argument but 2 were given"),
    (lambda: to_python(x * x)("a"), TypeError, "argument 0 of the function must be a real number, not str ('a')"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "error", "text"), INVALID_CALLS, ids=[text[:50] for _, _, text in INVALID_CALLS])
def test_invalid_calls_raise_errors(call: Callable[[], Any], error: type[Exception], text: str) -> None:
    with pytest.raises(error, match=re.escape(text)):
        call()


# ---- both sides of a kink ----

COMPOSED: dict[str, Callable[[Any], Any]] = {
    "leaky_relu": autograd.leaky_relu,
    "leaky_relu with slope": lambda x: autograd.leaky_relu(x, 0.3),
    "elu": autograd.elu,
    "celu": lambda x: autograd.celu(x, 0.7),
    "softshrink": autograd.softshrink,
    "hardshrink": autograd.hardshrink,
    "clip": lambda x: autograd.clip(x, -0.5, 1.5),
    "clip of a product": lambda x: autograd.clip(x * x, 0.25, 1.5) * x,
    "norm": lambda x: autograd.norm([x, 0.5, x * x]),
    "softplus of relu": lambda x: autograd.softplus(relu(x)) * relu(1 - x),
    "std": lambda x: autograd.std([x, 0.25, 1.0]),
}
SIDES = [-3.0, -1.0, -0.75, -0.5, -0.25, 0.0, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0]


@pytest.mark.parametrize("name", COMPOSED)
@pytest.mark.parametrize("recorded_at", [-2.0, 0.1, 2.5])
def test_the_source_of_a_composition_is_right_on_both_sides_of_a_kink(name: str, recorded_at: float) -> None:
    f, x = COMPOSED[name], Value(recorded_at, label="x")
    value, both = fresh(to_python(f(x), [x]).source), fresh(derivative_program(f(x), x).source)
    arrays = derivative_program(f(x), x, library="numpy")
    for number in SIDES:
        expected, slope = float(f(number)), grad(f)(number)
        assert value(number) == pytest.approx(expected, rel=1e-15, abs=1e-300)
        for program in (both, arrays):
            found, derivative = program(number)
            assert found == pytest.approx(expected, rel=1e-15, abs=1e-300)
            assert float(derivative) == pytest.approx(slope, rel=1e-14, abs=1e-300), number


@pytest.mark.parametrize("name", COMPOSED)
@pytest.mark.parametrize("recorded_at", [-2.0, 0.1, 2.5])
def test_the_formula_of_a_composition_is_right_on_both_sides_of_a_kink(name: str, recorded_at: float) -> None:
    pytest.importorskip("sympy")
    f = COMPOSED[name]
    formula = autograd.to_sympy(f(Value(recorded_at, label="x")))
    assert float(formula.subs(dict.fromkeys(formula.free_symbols, 0.8125))) == pytest.approx(f(0.8125), rel=1e-12)


# Functions of x, and a point where the derivative behind an operand that is not selected is infinite or nan.
BLOCKED: list[tuple[Callable[[Any], Any], float]] = [
    (lambda x: autograd.sqrt(relu(x)), -1.0),
    (lambda x: autograd.sqrt(autograd.clip(x, 0.0, 1.0)), -1.0),
    (lambda x: maximum(1.0, autograd.sqrt(x)), 0.0),
    (lambda x: maximum(1.0, autograd.cbrt(x) * 2.0 + autograd.sqrt(x)), 0.0),
    (lambda x: relu(x) ** 0.5, -1.0),
    (lambda x: log(autograd.clamp_min(x, 0.5)) + autograd.hardshrink(autograd.sqrt(x + 1.0)), -1.0),
]


@pytest.mark.parametrize(("f", "number"), BLOCKED)
@pytest.mark.parametrize("recorded_at", [0.75, 1.5])
def test_a_blocked_operand_contributes_0_to_an_exported_derivative(
    f: Callable[[Any], Any], number: float, recorded_at: float
) -> None:
    x = Value(recorded_at, label="x")
    assert grad(f)(number) == 0.0
    assert derivative_program(f(x), x)(number)[1] == 0.0
    assert float(derivative_program(f(x), x, library="numpy")(number)[1]) == 0.0
