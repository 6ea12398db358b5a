"""``detect_anomaly``: the first nan or infinity, and its origin."""

from __future__ import annotations

import math
import re
import threading

import numpy as np
import pytest

from autograd import AnomalyError, Value, detect_anomaly, dot, grad, where


def line_of(text: str) -> int:
    """Return the number of the only line of this file that ends with ``text``."""
    with open(__file__) as file:
        (number,) = [number for number, line in enumerate(file, 1) if line.rstrip().endswith(text)]
    return number


def test_the_first_operation_with_result_nan_is_named_with_its_operands_and_both_lines() -> None:
    x = Value(-1.0, label="x")
    with detect_anomaly():
        y = x * 2  # the operand
        with pytest.raises(AnomalyError) as caught:
            (y.log() + 1).exp()  # the culprit
    message = str(caught.value)
    assert message.startswith("'log' returned nan; recorded at ")
    assert f"test_anomaly.py, line {line_of('# the culprit')}; its operands:" in message
    assert re.search(rf"'\*' = -2.0, recorded at .*test_anomaly.py, line {line_of('# the operand')}$", message)


def test_an_operand_that_was_already_not_finite_is_reported_as_the_cause() -> None:
    with (
        pytest.raises(AnomalyError, match=r"'\+' returned inf; its operand start was already inf; .*\n +start = inf, a leaf"),
        detect_anomaly(),
    ):
        Value(math.inf, label="start") + Value(1.0)
    y = Value(0.0).log()
    with pytest.raises(AnomalyError, match="'log' = -inf, recorded before the block"), detect_anomaly():
        y + Value(1.0)


def test_an_infinite_gradient_is_traced_to_the_operation_and_along_the_path() -> None:
    x = Value(0.0, label="x")
    with detect_anomaly():
        root = x.sqrt()
        y = root * 3
        y.label = "y"
        with pytest.raises(AnomalyError) as caught:
            y.backward()
    lines = str(caught.value).split("\n")
    assert lines[0].startswith(
        "the backward pass of 'sqrt'(0.0) = 0.0 adds 3.0 * inf = inf (its gradient times the partial derivative) to the "
        "gradient of x, which becomes inf; recorded at "
    )
    assert [line.split(",")[0] for line in lines[1:]] == ["    y = 0.0", "    'sqrt' = 0.0"]
    assert (x.grad, root.grad) == (0.0, 0.0)  # the error is raised before anything changes


def test_a_sum_of_finite_contributions_that_overflows_is_found() -> None:
    x = Value(1.0)
    with pytest.raises(AnomalyError, match=r"to the gradient of Value\(1.0\), which becomes inf"), detect_anomaly():
        (x * 1e9).backward(1e300)
    with pytest.raises(AnomalyError, match=r"= 1e\+308 \(.*which becomes inf"), detect_anomaly():
        (x * 1.0 + x * 1.0).backward(1e308)


def test_an_anomaly_in_grad_is_found() -> None:
    with pytest.raises(AnomalyError, match="which becomes inf"), detect_anomaly():
        grad(lambda x: x.sqrt())(0.0)


def test_a_branch_that_is_not_taken_is_not_an_anomaly_in_the_backward_pass() -> None:
    x = Value(1.0)
    with detect_anomaly():
        y = where(x > 0, x.sqrt(), 0.0)
        y.backward()
    assert x.grad == 0.5


def test_the_reported_line_is_in_user_code_if_a_function_of_the_package_records() -> None:
    with pytest.raises(AnomalyError, match=rf"test_anomaly.py, line {line_of('# in dot')};"), detect_anomaly():
        dot([Value(1e200)], [Value(1e200)])  # in dot


def test_other_threads_and_code_after_the_block_are_not_affected() -> None:
    results: list[float] = []
    with detect_anomaly():
        thread = threading.Thread(target=lambda: results.append(Value(0.0).log().data))
        thread.start()
        thread.join()
    assert results == [-math.inf]
    assert Value(0.0).log().data == -math.inf


def test_nodes_recorded_before_the_error_stay_usable() -> None:
    x = Value(4.0)
    with detect_anomaly():
        y = x.sqrt()
        with pytest.raises(AnomalyError):
            (x - 4).log()
    y.backward()
    assert x.grad == 0.25


def test_blocks_may_be_nested_and_reused() -> None:
    block = detect_anomaly()
    for _ in range(2):
        with block, detect_anomaly():
            Value(1.0).exp()
        assert Value(0.0).log().data == -math.inf


def test_a_block_may_be_entered_within_itself() -> None:
    block = detect_anomaly()
    with block:
        with block:
            pass
        with pytest.raises(AnomalyError, match=r"'log' returned -inf; recorded at .*test_anomaly"):
            Value(0.0).log()
    assert Value(0.0).log().data == -math.inf


def test_operations_recorded_by_numpy_point_to_the_line_that_called_numpy() -> None:
    x = Value(0.0)
    with detect_anomaly(), pytest.raises(AnomalyError) as caught:
        np.sum(np.array([x.sqrt(), x], dtype=object)).backward()
    assert str(caught.value).count("test_anomaly.py, line") == 3
    assert "numpy" not in str(caught.value)
