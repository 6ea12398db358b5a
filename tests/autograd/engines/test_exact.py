"""Exact values and gradients, against closed forms."""

from __future__ import annotations

import math

import pytest

from autograd.engines.exact import exact_results


@pytest.mark.parametrize(
    ("code", "inputs", "values", "gradient"),
    [
        ("lambda x: x * x", [3.0], [9.0], [6.0]),
        ("lambda x, y: x / y", [3.0, 2.0], [1.5], [0.5, -0.75]),
        ("lambda x: ((h := x * x) * 3, h * 5)", [2.0], [12.0, 20.0], [32.0]),
        ("lambda x: 2 ** x", [3.0], [8.0], [8 * math.log(2)]),
        ("lambda x, y: x ** y", [2.0, 3.0], [8.0], [12.0, 8 * math.log(2)]),
        ("lambda x: tanh(x)", [0.5], [math.tanh(0.5)], [1 / math.cosh(0.5) ** 2]),
        ("lambda x: sigmoid(x)", [-1000.0], [0.0], [0.0]),
        ("lambda x: relu(x)", [-0.5], [0.0], [0.0]),
        ("lambda x: exp(x)", [1000.0], [math.inf], [math.inf]),
        ("lambda x: float32(2) - x", [3.0], [-1.0], [-1.0]),
        ("lambda x, y: sum([x, y, x])", [3.0, 2.0], [8.0], [2.0, 1.0]),
    ],
)
def test_results_are_those_of_the_closed_form(
    code: str, inputs: list[float], values: list[float], gradient: list[float]
) -> None:
    found = exact_results(code, inputs)
    assert found[0] == pytest.approx(values, rel=1e-15)
    assert found[1] == pytest.approx(gradient, rel=1e-15)
