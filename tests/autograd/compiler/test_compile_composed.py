"""Compiled functions called with Values, inside other compiled functions, and within ``detect_anomaly`` and similar blocks."""

from __future__ import annotations

import numpy as np
import pytest

import autograd
from autograd import AnomalyError, MistakeWarning, Value, detect_anomaly, find_mistakes, grad, mean

ROWS = np.array([-1.0, 0.25, 2.0])
scaled = autograd.compile(lambda x, w: (w * x).tanh())


def test_with_a_value_among_the_arguments_a_compiled_function_returns_values_row_by_row() -> None:
    results = scaled(ROWS, Value(2.0))
    assert [r.data for r in results] == scaled(ROWS, 2.0).tolist()
    assert results.dtype == object


def test_a_compiled_function_can_be_differentiated() -> None:
    def f(w: Value) -> Value:
        result: Value = mean(scaled(ROWS, w))
        return result

    assert grad(f)(0.5) == pytest.approx(np.mean(ROWS * (1 - np.tanh(0.5 * ROWS) ** 2)), rel=1e-14)


def test_a_compiled_function_inside_another_one_is_part_of_its_recording() -> None:
    outer = autograd.compile(lambda x: 2 * scaled(x, 3.0))
    assert outer(ROWS).tolist() == (2 * scaled(ROWS, 3.0)).tolist()


def test_structured_results_keep_their_structure_with_values() -> None:
    f = autograd.compile(lambda x, w: {"sum": x @ w, "twice": x * 2})
    weights = np.array([[Value(1.0), Value(2.0)]] * 3, dtype=object)
    results = f(np.ones((3, 2)), weights)
    assert [v.data for v in results["sum"]] == [3.0] * 3
    assert results["twice"].tolist() == [[2.0, 2.0]] * 3


def test_a_call_with_values_and_no_rows_raises_an_error() -> None:
    with pytest.raises(ValueError, match="there is no row to call the function on"):
        scaled(np.zeros(0), Value(1.0))


@pytest.mark.parametrize("call", [lambda f: f(ROWS), lambda f: f.backward(ROWS)], ids=["values", "backward"])
def test_an_anomaly_in_a_row_is_found_with_its_line(call: object) -> None:
    w = Value(0.0, label="w")
    f = autograd.compile(lambda x: (w * x).log())  # here
    line = f.function.__code__.co_firstlineno
    with (
        pytest.raises(AnomalyError, match=rf"'log' returned -inf; recorded at .*test_compile_composed\.py, line {line}"),
        detect_anomaly(),
    ):
        call(f)  # type: ignore[operator]


def test_an_anomaly_in_the_gradient_of_a_row_is_found() -> None:
    f = autograd.compile(lambda p: autograd.sum([p["x"].sqrt(), *p["more"]]))
    x = np.array([1.0, 0.0])
    table = {"x": x, "more": [1.0, np.zeros((2, 3)).T[0]]}
    f.value_and_grad(table)
    with detect_anomaly(), pytest.raises(AnomalyError, match="which becomes inf"):
        f.value_and_grad(table)
    x += 1.0
    with detect_anomaly():
        assert f.value_and_grad(table)[1]["x"].tolist() == [0.5 / 2**0.5, 0.5]


def test_a_second_backward_is_reported_as_a_mistake() -> None:
    w = Value(1.0, label="w")
    f = autograd.compile(lambda x: w * x)
    f.backward(ROWS)
    with find_mistakes():
        f.backward(ROWS)
        with pytest.warns(MistakeWarning, match="adds to the gradients of an earlier one: w.grad"):
            f.backward(ROWS)


def test_detect_anomaly_does_not_change_results() -> None:
    w = Value(0.5)
    f = autograd.compile(lambda x: (w * x).exp())
    plain, values = f.backward(ROWS), f(ROWS)
    gradient, w.grad = w.grad, 0.0
    with detect_anomaly():
        assert f.backward(ROWS) == pytest.approx(plain, rel=1e-15)
        assert w.grad == pytest.approx(gradient, rel=1e-15)
        assert f(ROWS).tolist() == values.tolist()
