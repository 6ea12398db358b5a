"""The error messages of the functions of the package."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd
from autograd import Value, clip, var
from autograd.nodes.elementwise import FUNCTIONS
from autograd.ops import TABLE

SEQUENCE_FUNCTIONS = ["mean", "var", "logsumexp", "softmax", "log_softmax"]
ERRORS: list[tuple[Callable[[], Any], type[Exception], str]] = [
    *((lambda name=name: getattr(autograd, name)([]), ValueError, f"autograd.{name}() needs at least 1 value, not 0")
      for name in SEQUENCE_FUNCTIONS),
    (lambda: var([1.0], ddof=1), ValueError, "autograd.var() needs at least 2 values, not 1"),
    *((lambda name=name: getattr(autograd, name)(Value(1.0)), TypeError,
       f"autograd.{name}() takes a sequence of numbers and Values, not a single Value; use [x]")
      for name in [*SEQUENCE_FUNCTIONS, "prod", "norm"]),
    (lambda: autograd.mean(3.0), TypeError,  # type: ignore[arg-type]
     "autograd.mean() takes a sequence of numbers and Values, not a single float; use [x]"),
    (lambda: autograd.mean(["a"]), TypeError,
     "the argument of autograd.mean() must be a real number or a Value, not str ('a'); convert it first: float(text)"),
    (lambda: clip(Value(1.0), 3.0, 2.0), ValueError,
     "low must be less than or equal to high in clip(), not low = 3.0 and high = 2.0"),
    (lambda: autograd.clip(Value(2.0), math.nan, 1.0), ValueError,
     "low must be less than or equal to high in clip(), not low = nan and high = 1.0"),
    (lambda: autograd.clip(Value(2.0), None, 1.0), TypeError,  # type: ignore[arg-type]
     "the argument of autograd.clip() must be a real number or a Value, not NoneType; pass a number, for example 0.0"),
    (lambda: autograd.where(True, "a", 1.0), TypeError,  # type: ignore[type-var]
     "the argument of autograd.where() must be a real number or a Value, not str ('a'); convert it first: float(text)"),
    (lambda: autograd.where(True, [1.0], 1.0), TypeError,  # type: ignore[type-var]
     ("the argument of autograd.where() must be a real number or a Value, not list ([1.0]); apply it to each element: "
      "[where(condition, x, y) for x, y in zip(xs, ys)]")),
    (lambda: autograd.where([True, False], 1.0, 2.0), TypeError,
     ("the condition of autograd.where() must be a bool or a comparison of Values, not list ([True, False]); apply it to each "
      "element: [where(c, x, y) for c in conditions]")),
    (lambda: autograd.where(None, 1.0, 2.0), TypeError,
     ("the condition of autograd.where() must be a bool or a comparison of Values, not NoneType; pass a number, for example "
      "0.0")),
    *((lambda name=name: getattr(autograd, name)("a"), TypeError,
       f"the argument of autograd.{name}() must be a real number or a Value, not str ('a'); convert it first: float(text)")
      for name in ["square", "leaky_relu", "elu", "silu", "gelu", "clip"]),
    (lambda: autograd.exp("a"), TypeError,
     "the argument of autograd.exp() must be a real number, not str ('a'); convert it first: float(text)"),
    (lambda: autograd.hypot(1.0, None), TypeError,
     "an argument of autograd.hypot() must be a real number, not NoneType; pass a number, for example 0.0"),
    (lambda: autograd.hypot(Value(1.0), object), TypeError,
     ("an argument of autograd.hypot() must be a Value or a real number, not type (<class 'object'>); "
     "convert it to a float first")),
    (lambda: autograd.sum(3.0), TypeError,  # type: ignore[call-overload]
     "the argument of autograd.sum() must be a sequence of numbers and Values, not a single float; use [x]"),
    (lambda: autograd.sum([1.0, "a"]), TypeError,
     "an element of the argument of autograd.sum() must be a real number, not str ('a'); convert it first: float(text)"),
    (lambda: autograd.dot([1.0], [1.0, 2.0]), ValueError,
     "autograd.dot() needs one input per weight, not 2 inputs for 1 weight"),
    (lambda: autograd.dot(1.0, [1.0]), TypeError,  # type: ignore[call-overload]
     "the weights of autograd.dot() must be a sequence of numbers and Values, not a single float; use [x]"),
    (lambda: autograd.dot([1.0], [None]), TypeError,
     "an element of the inputs of autograd.dot() must be a real number, not NoneType; pass a number, for example 0.0"),
    (lambda: autograd.dot([1.0], [1.0], "a"), TypeError,
     "a bias of autograd.dot() must be a real number, not str ('a'); convert it first: float(text)"),
    (lambda: autograd.affine([[1.0], [1.0, 2.0]], [1.0], [0.0, 0.0]), ValueError,
     "autograd.affine() needs one weight per input in each row, not 2 weights for 1 input (row 1)"),
    (lambda: autograd.affine([[1.0]], [1.0], [0.0, 0.0]), ValueError,
     "autograd.affine() needs one bias per row of weights, not 2 for 1 row"),
    (lambda: autograd.affine([[1.0]], [1.0], 0.0), TypeError,  # type: ignore[call-overload]
     "the biases of autograd.affine() must be a sequence of numbers and Values, not a single float; use [x]"),
    (lambda: autograd.affine([1.0], [1.0], [0.0]), TypeError,  # type: ignore[list-item]
     "a row of the weights of autograd.affine() must be a sequence of numbers and Values, not a single float; use [x]"),
    (lambda: autograd.affine([["a"]], [1.0], [0.0]), TypeError,
     "an element of the weights of autograd.affine() must be a real number, not str ('a'); convert it first: float(text)"),
    (lambda: autograd.affine([[1.0]], [None], [0.0]), TypeError,
     "an element of the inputs of autograd.affine() must be a real number, not NoneType; pass a number, for example 0.0"),
    (lambda: autograd.affine([[1.0]], [1.0], ["a"]), TypeError,
     "a bias of autograd.affine() must be a real number, not str ('a'); convert it first: float(text)"),
    (lambda: autograd.elementwise(autograd.relu, 3.0), TypeError,  # type: ignore[arg-type]
     "autograd.elementwise() takes a sequence of numbers and Values, not a single float; use [x]"),
    (lambda: autograd.elementwise(autograd.relu, [Value(1.0), "a"]), TypeError,
     "the argument of autograd.relu() must be a real number, not str ('a'); convert it first: float(text)"),
]  # fmt: skip


@pytest.mark.parametrize(("expression", "error", "text"), ERRORS, ids=lambda a: a[:60] if isinstance(a, str) else "")
def test_error_message(expression: Callable[[], Any], error: type[Exception], text: str) -> None:
    with pytest.raises(error) as caught:
        expression()
    assert str(caught.value) == text


# The others have default arguments, which `functions.py` adds.
PLAIN = [row for row in TABLE if not row.variadic and getattr(autograd, row.name) is FUNCTIONS[row.name]]


def test_a_list_is_answered_with_a_comprehension_by_every_function() -> None:
    for row in PLAIN:
        unary = len(row.partials) == 1
        each = f"apply it to each element: [{row.name}(x) for x in xs]"
        pairs = f"apply it to each pair: [{row.name}(x, y) for x, y in zip(xs, ys)]"
        for xs in ([1.0, 2.0], (1.0,), np.array([1.0, 2.0]), range(2)):
            with pytest.raises(TypeError, match=f"{row.name}.*not {type(xs).__name__} ") as caught:
                getattr(autograd, row.name)(*[xs] * len(row.partials))
            assert str(caught.value).endswith(f"; {each if unary else pairs}")


@pytest.mark.parametrize("name", ["square", "clip", "gelu", "elu", "mish", "softshrink"])
def test_a_list_is_answered_with_a_comprehension_by_compositions(name: str) -> None:
    with pytest.raises(TypeError, match=rf"; apply it to each element: \[{name}\(x\) for x in xs\]$"):
        getattr(autograd, name)([1.0, 2.0])


@pytest.mark.parametrize("name", ["sum", "mean", "softmax", "norm", "prod"])
def test_a_table_is_answered_with_rows(name: str) -> None:
    with pytest.raises(TypeError, match=r"not list \(\[1.0, 2.0\]\); pass one row at a time, or a flat list$"):
        getattr(autograd, name)([[1.0, 2.0], [3.0]])
    with pytest.raises(TypeError, match=rf"autograd\.{name}\(\) .*a sequence of numbers and Values, not .*NoneType; "):
        getattr(autograd, name)(None)


@pytest.mark.parametrize("name", [row.name for row in PLAIN])
def test_wrong_arguments_are_reported_with_the_name_of_the_function(name: str) -> None:
    function, count = getattr(autograd, name), len(next(row for row in TABLE if row.name == name).partials)
    more = name == "round"  # accepts a number of digits
    for arguments in ([], [1.0] * (count + 1 + more), [Value(1.0)] * (count + 2)):
        with pytest.raises(TypeError, match=rf"{name}\(\) (takes|missing) (from )?{count} .*argument"):
            function(*arguments)
    with pytest.raises(TypeError, match=rf"{name}\(\) .*x"):
        function(x=1.0)
    with pytest.raises(TypeError, match=rf"{name}\(\) takes (from )?{count} .*positional argument"):
        getattr(Value(1.0), name)(*[1.0] * (count + more))


def test_the_messages_for_wrong_arguments_have_a_remedy() -> None:
    functions: Any = autograd
    takes = "takes 1 positional argument, not"
    messages: dict[Callable[[], Any], str] = {
        lambda: functions.log(8, 2):
            f"autograd.log() {takes} 2 arguments; for another base use log(x) / log(base), log2(x) or log10(x)",
        lambda: functions.sin(1, 2, 3):
            f"autograd.sin() {takes} 3 arguments; write sin(x), or [sin(x) for x in xs] for several numbers",
        lambda: functions.sin(): f"autograd.sin() {takes} 0 arguments; write sin(x)",
        lambda: functions.pow(1.0): "autograd.pow() takes 2 positional arguments, not 1 argument; write pow(x, y)",
        lambda: functions.pow(1.0, y=2.0):
            "autograd.pow() takes 2 positional arguments, not 1 argument and y=; write pow(x, y)",
        lambda: functions.Value(1.0).relu(0.1):
            f"autograd.relu() {takes} 2 arguments; for a slope below 0 use leaky_relu(x, slope)",
        lambda: functions.Value(1.0).sqrt(2): f"autograd.sqrt() {takes} 2 arguments; for another root use x ** (1 / n)",
        lambda: functions.Value(1.0).exp(2): f"autograd.exp() {takes} 2 arguments; for another base use base**x",
        lambda: functions.Value(1.0).tanh(2): f"autograd.tanh() {takes} 2 arguments; write tanh(x) or x.tanh()",
        lambda: functions.maximum(1, 2, 3):
            "autograd.maximum() takes 2 positional arguments, not 3 arguments; write maximum(x, y), or max(values) for a list "
            "of numbers and Values",
        lambda: functions.minimum([1, 2]):
            "autograd.minimum() takes 2 positional arguments, not 1 argument; write minimum(x, y), or min(values) for a list "
            "of numbers and Values",
        lambda: functions.round(1, 2, 3): "autograd.round() takes 1 or 2 positional arguments, not 3 arguments; write "
            "round(x), or [round(x) for x in xs] for several numbers",
    }  # fmt: skip
    for call, text in messages.items():
        with pytest.raises(TypeError) as caught:
            call()
        assert str(caught.value) == text


def test_operators_have_remedies_too() -> None:
    with pytest.raises(TypeError, match=r"^pow\(\) with a modulus is for ints only; use \(x \*\* y\) % modulus$"):
        pow(Value(2.0), 2, 3)
    with pytest.raises(TypeError, match=r"; apply it to each element: \[v \+ x for x in xs\]$"):
        operator.add(Value(2.0), [1.0])
    create: Any = Value
    operands = (Value(2.0),)
    calls: list[Any] = [(1.0, operands), (1.0, set()), (1.0, list(operands))]
    calls += [(1.0, operands, "+"), (1.0, (), "", "x"), (1.0, None, None)]
    for arguments in calls:
        with pytest.raises(TypeError, match=r"^Value\(\) takes a number and a label, .* autograd\.primitive defines "):
            create(*arguments)


@pytest.mark.parametrize(
    ("symbol", "remedy"),
    [
        ("^", "use ** for a power: x ** 2"),
        ("@", "use autograd.dot(xs, ys) for lists of Values, or * for two of them"),
        ("&", "put comparisons in parentheses: (x > 0) & (y > 0)"),
        ("|", "put comparisons in parentheses: (x > 0) | (y > 0)"),
    ],
)
def test_operators_with_another_meaning_name_the_right_one(symbol: str, remedy: str) -> None:
    x = Value(2.0)
    for left, right, kinds in ((x, 2, "'Value' and 'int'"), (2, x, "'int' and 'Value'"), (x, x, "'Value' and 'Value'")):
        with pytest.raises(TypeError) as caught:
            eval(f"left {symbol} right", {"left": left, "right": right})
        assert str(caught.value) == f"unsupported operand type(s) for {symbol}: {kinds}; {remedy}"


def test_percent_formatting_is_answered_with_an_f_string() -> None:
    with pytest.raises(TypeError, match=r"use v\.data for the number, .*, f'\{v:\.2f\}' for text, "):
        operator.mod("%.2f", Value(2.0))
    assert f"{Value(2.0):.2f}" == "2.00"
    with autograd.no_grad():
        assert operator.mod("%.2f", Value(2.0)) == "2.00"


def test_round_accepts_a_number_of_digits_as_in_python() -> None:
    functions: Any = autograd
    assert functions.round(3.14159, 2) == 3.14
    assert functions.round(1234, -2) == 1200.0
    assert isinstance(functions.round(2.7, None), float)
    x = Value(3.14159)
    for y in (functions.round(x, 2), functions.Value.round(x, 2), round(x, 2)):
        assert isinstance(y, Value)
        assert y.data == 3.14
    for number in (1.0, x):
        with pytest.raises(TypeError, match=r"^ndigits must be an int, a number of digits, not float \(0.5\)$"):
            functions.round(number, 0.5)
    with pytest.raises(
        TypeError, match=r"not list \(\[1.5\]\); apply it to each element: \[round\(x, ndigits\) for x in xs\]$"
    ):
        functions.round([1.5], 2)


def test_sum_accepts_a_start_as_in_python() -> None:
    assert autograd.sum([1.0, 2.0], 3.0) == 6.0
    x = Value(1.0)
    y = autograd.sum([x, x], start=x)
    y.backward()
    assert (y.data, x.grad) == (3.0, 3.0)
    with pytest.raises(TypeError, match="must be a real number, not str"):
        autograd.sum([1.0], "a")


def test_the_mean_of_several_arguments_is_answered_with_a_list() -> None:
    with pytest.raises(TypeError, match=r"takes one sequence of numbers and Values, not 2 arguments; write mean\(\[x, y\]\)$"):
        autograd.mean(1, 2)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["entropy", "logsumexp", "log_softmax", "mean", "norm", "prod", "softmax"])
def test_functions_of_a_list_state_the_remedy_for_separate_arguments(name: str) -> None:
    message = rf"^autograd\.{name}\(\) takes one sequence of numbers and Values, not 3 arguments; write {name}\(\[x, y\]\)$"
    with pytest.raises(TypeError, match=message):
        getattr(autograd, name)(Value(1.0), 2.0, Value(3.0))
