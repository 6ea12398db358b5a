"""``has_aux``: functions that return their result and something else."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import autograd
from autograd import Value, grad, hessian, jacobian, value_and_grad


def f(x: Any) -> Any:
    return x**3, {"square": x * x, "text": "a", "numbers": [x, 1]}


AUX = {"square": 4.0, "text": "a", "numbers": [2.0, 1]}


def test_the_results_are_those_of_jax() -> None:
    assert grad(f, has_aux=True)(2.0) == (12.0, AUX)
    assert value_and_grad(f, has_aux=True)(2.0) == ((8.0, AUX), 12.0)
    assert jacobian(lambda x: ([x * x, x], "a"), has_aux=True)(2.0) == ([4.0, 1.0], "a")
    assert hessian(f, has_aux=True)(2.0) == (12.0, AUX)


def test_aux_contains_floats_unless_the_graph_is_created() -> None:
    _, aux = grad(f, has_aux=True)(2.0)
    assert type(aux["square"]) is float
    _, aux = grad(f, has_aux=True, create_graph=True)(2.0)
    assert isinstance(aux["square"], Value)
    x = Value(2.0)
    _, aux = grad(f, has_aux=True)(x)
    aux["square"].backward()
    assert x.grad == 4.0


def test_a_derivative_of_a_derivative_passes_aux_on() -> None:
    assert grad(lambda x: grad(f, has_aux=True)(x)[0])(2.0) == 12.0
    assert grad(lambda x: grad(f, has_aux=True)(x)[1]["square"])(2.0) == 4.0


def test_it_compiles() -> None:
    both = autograd.compile(value_and_grad(lambda x, y: (x * y, [x + y]), argnums=(0, 1), has_aux=True))
    (value, aux), gradient = both(np.array([1.0, 2.0]), 3.0)
    assert (value.tolist(), aux[0].tolist()) == ([3.0, 6.0], [4.0, 5.0])
    assert [g.tolist() for g in gradient] == [[3.0, 3.0], [1.0, 2.0]]


@pytest.mark.parametrize("transform", [grad, value_and_grad, jacobian, hessian])
@pytest.mark.parametrize("result", [lambda x: x, lambda x: [x, x], lambda x: (x, x, x)])
def test_a_result_that_is_not_a_pair_is_an_error(transform: Any, result: Any) -> None:
    with pytest.raises(
        TypeError, match=r"must return a pair \(result, aux\) with has_aux=True, not .*; omit has_aux otherwise$"
    ):
        transform(result, has_aux=True)(2.0)


def test_a_pair_without_has_aux_is_an_error_that_names_it() -> None:
    with pytest.raises(TypeError, match=r"must return one Value .*, not tuple; .* or has_aux=True for a pair$"):
        grad(f)(2.0)
