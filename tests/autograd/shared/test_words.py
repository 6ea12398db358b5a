"""Objects of another class named Value, and names of Values, are refused with a remedy that helps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import autograd

OTHER = type("Value", (), {"__module__": "engine", "data": 2.0, "grad": 0.0, "__repr__": lambda self: "Value(data=2.0)"})()
Y = autograd.Value(2.0)

OF_A_VALUE: list[Callable[[Any], Any]] = [
    lambda y: autograd.gradients(y, [Y]),
    lambda y: autograd.backward_steps(y),
    lambda y: autograd.explain(y, Y),
    lambda y: autograd.to_latex(y),
    lambda y: autograd.to_sympy(y),
    lambda y: autograd.to_python(y),
    lambda y: autograd.to_numpy(y),
    lambda y: autograd.derivative_program(y, Y),
    lambda y: autograd.derivative_program(Y * Y, y),
    lambda y: autograd.derivative_program(Y * Y, [y]),
    lambda y: autograd.find_mistakes([y]).__enter__(),
]
OF_NUMBERS: list[Callable[[Any], Any]] = [
    lambda x: autograd.gradients(Y * Y, [x]),
    lambda x: autograd.grad(lambda x: x)(x),
    lambda x: autograd.grad(lambda x: x[0])([x]),
    lambda x: autograd.jvp(lambda x: x, (x,), (1.0,)),
    lambda x: autograd.compile(lambda x: x)(x),
    lambda x: autograd.label(x=x),
]


@pytest.mark.parametrize("call", [*OF_A_VALUE, *OF_NUMBERS])
def test_the_remedy_for_another_value_class_is_to_use_this_one(call: Callable[[Any], Any]) -> None:
    with pytest.raises(
        TypeError, match=r"not engine\.Value \(Value\(data=2\.0\)\); record the expression with autograd\.Value"
    ):
        call(OTHER)


@pytest.mark.parametrize("call", OF_A_VALUE)
def test_the_remedy_for_a_name_is_to_pass_the_value(call: Callable[[Any], Any]) -> None:
    with pytest.raises(TypeError, match=r"must be a .*Value.*, not str \('y'\); pass the Value itself") as error:
        call("y")
    assert "float(" not in str(error.value)
