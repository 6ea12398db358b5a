"""SGD."""

from __future__ import annotations

from typing import Any

import pytest

from autograd import Value
from nn import SGD, Neuron


def test_a_step_takes_rate_times_gradient_off_each_parameter() -> None:
    p, q = Value(1.0), Value(-2.0)
    optimizer = SGD([p, q], lr=0.5)
    (3 * p + q * q).backward()
    optimizer.step()
    assert (p.data, q.data) == (1.0 - 0.5 * 3.0, -2.0 - 0.5 * -4.0)


def test_zero_grad_clears_the_gradients() -> None:
    p = Value(1.0)
    optimizer = SGD([p])
    (3 * p).backward()
    optimizer.zero_grad()
    assert p.grad == 0.0


def test_parameters_may_come_from_a_generator() -> None:
    assert len(SGD(p for p in Neuron(3).parameters()).parameters) == 4


@pytest.mark.parametrize("lr", [0, -0.1, float("nan"), float("inf")])
def test_a_rate_that_is_not_above_zero_is_refused(lr: float) -> None:
    with pytest.raises(ValueError, match=r"lr must be a finite number above 0, not "):
        SGD([Value(1.0)], lr)


@pytest.mark.parametrize("lr", ["0.1", None, [0.1], True])
def test_a_rate_that_is_no_number_is_refused(lr: Any) -> None:
    with pytest.raises(TypeError, match=rf"lr must be a number, not {type(lr).__name__} \("):
        SGD([Value(1.0)], lr)


def test_no_parameters_are_refused() -> None:
    with pytest.raises(ValueError, match=r"no parameters to optimize; give model.parameters\(\)"):
        SGD([])


@pytest.mark.parametrize("given", [Neuron(1), 0.1, Value(1.0), Neuron(1).parameters, None])
def test_a_model_or_a_rate_in_place_of_parameters_is_refused(given: Any) -> None:
    kind = type(given).__name__
    with pytest.raises(TypeError, match=rf"SGD takes the parameters as a list, not {kind} \(.*\); give model.parameters\(\)"):
        SGD(given)


def test_a_parameter_that_is_no_value_is_refused() -> None:
    with pytest.raises(TypeError, match=r"parameter 1 is not a Value but float; give model.parameters\(\)"):
        SGD([Value(1.0), 2.0])  # type: ignore[list-item]


def test_a_computed_value_is_refused() -> None:
    with pytest.raises(ValueError, match=r"parameter 0 \(Value\(6.0, .*\) was computed from others; only leaves can be"):
        SGD([Value(2.0) * 3])


def test_a_parameter_listed_twice_is_refused() -> None:
    p = Value(1.0)
    with pytest.raises(ValueError, match="a parameter is listed twice and would be changed twice"):
        SGD([p, p])


def test_repr_is_one_line() -> None:
    assert repr(SGD([Value(1.0)], lr=0.5)) == "SGD(1 parameters, lr=0.5)"
