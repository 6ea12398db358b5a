"""A path that is blocked contributes 0, even if a derivative on it is infinite or nan: eager, compiled, and at every order."""

from __future__ import annotations

import math
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from replayed import assert_same_as_eager, bits

import autograd
from autograd import Value, backward_steps, compile, explain, grad, jvp, maximum, minimum, relu, where  # noqa: A004
from autograd.export.kernel_files import lanes_rows
from autograd.replay.instructions import DOT_BACK, NEURON_BACK

# Functions of x, and a point where an operand is not selected while the derivative behind it is infinite or nan.
BLOCKED: dict[str, tuple[Callable[[Any], Any], float]] = {
    "sqrt(relu)": (lambda x: autograd.sqrt(relu(x)), -1.0),
    "relu(sqrt)": (lambda x: relu(-autograd.sqrt(x)), 0.0),
    "relu**.5": (lambda x: relu(x) ** 0.5, -1.0),
    "sqrt(maximum)": (lambda x: autograd.sqrt(maximum(x, 0)), -1.0),
    "maximum(sqrt)": (lambda x: maximum(autograd.sqrt(x), 1.0), 0.0),
    "maximum(1, sqrt)": (lambda x: maximum(1.0, autograd.sqrt(x)), 0.0),
    "log(maximum)": (lambda x: autograd.log(maximum(x, 0)), -1.0),
    "acos(minimum)": (lambda x: autograd.acos(minimum(x, 1)), 2.0),
    "clip": (lambda x: autograd.sqrt(autograd.clip(x, 0.0, 1.0)), -1.0),
    "where": (lambda x: where(x > 0, x.sqrt(), 0.0), 0.0),
    "sqrt(floor)": (lambda x: autograd.sqrt(autograd.floor(x)), 0.5),
    "sqrt(sign)": (lambda x: autograd.sqrt(autograd.sign(x) + 1.0), -3.0),
    "sqrt(//)": (lambda x: autograd.sqrt(x // 4.0), 3.0),
    "two in a row": (lambda x: relu(relu(-1.0 / x) * 0.0 + autograd.cbrt(x) - 1.0), 0.0),
    "a chain": (lambda x: autograd.log(relu(x * x.sin() - 1.0) * 2.0 - 0.0), 0.5),
    "shared": (lambda x: maximum(autograd.sqrt(x) + 0.0, 1.0) + maximum(autograd.sqrt(x), 2.0), 0.0),
}


@pytest.fixture(params=BLOCKED)
def blocked(request: pytest.FixtureRequest) -> tuple[Callable[[Any], Any], float]:
    return BLOCKED[request.param]


def test_a_blocked_path_contributes_0_at_every_order(blocked: Any) -> None:
    f, x = blocked
    leaf = Value(x)
    f(leaf).backward()
    assert leaf.grad == 0.0
    assert jvp(f, (x,), (1.0,))[1] == 0.0
    assert jvp(grad(f), (x,), (1.0,))[1] == 0.0
    assert [grad(f)(x), grad(grad(f))(x), grad(grad(grad(f)))(x)] == [0.0, 0.0, 0.0]


@pytest.mark.parametrize("rows", [1, 9])
def test_compiled_functions_block_the_same_paths(blocked: Any, rows: int) -> None:
    f, x = blocked
    points = np.array([x, 0.3, 0.7, 1.5, 3.0, -0.2, 2.0, 9.0, x][-rows:])
    assert_same_as_eager(f, [points])
    derived = f
    for _ in range(2):
        derived = grad(derived)
        assert list(map(bits, compile(derived)(points))) == [bits(derived(number)) for number in points.tolist()]

    def forward(x: Any) -> Any:
        return jvp(f, (x,), (1.0,))[1]

    assert list(map(bits, compile(forward)(points))) == [bits(forward(number)) for number in points.tolist()]


def test_steps_and_paths_do_not_pass(blocked: Any) -> None:
    f, x = blocked
    leaf = Value(x)
    y = f(leaf)
    assert all(step.contribution == 0.0 for step in backward_steps(y) if step.operand is leaf)
    assert explain(y, leaf).gradient == 0.0


def test_the_operand_that_is_selected_gets_everything() -> None:
    x, y = Value(4.0), Value(0.0)
    maximum(x.sqrt(), y.sqrt()).backward()
    assert (x.grad, y.grad) == (0.25, 0.0)
    x, y = Value(4.0), Value(0.0)
    minimum(y.sqrt(), x.sqrt()).backward()
    assert (x.grad, y.grad) == (0.0, math.inf)


@pytest.mark.parametrize("x", [-1.0, 0.0])
def test_an_open_gate_passes_nothing_to_its_condition(x: float) -> None:
    def f(x: Any) -> Any:
        return autograd.gate(x, autograd.log(x))

    leaf = Value(x)
    f(leaf).backward()
    compiled = compile(f)
    assert [leaf.grad, grad(f)(x), jvp(f, (x,), (1.0,))[1], compiled.value_and_grad(x)[1], compile(grad(f))(x)] == [1.0] * 5
    assert grad(grad(f))(x) == 0.0


def test_a_node_behind_a_blocked_path_has_the_gradient_0_of_the_latest_pass() -> None:
    x = Value(4.0)
    root = x.sqrt()
    root.backward()
    maximum(root, 3.0).backward()
    assert root.grad == 0.0


def test_a_zero_from_arithmetic_does_not_block() -> None:
    assert math.isnan(grad(lambda x: 0.0 * autograd.sqrt(x))(0.0))
    assert math.isnan(grad(lambda x: autograd.sqrt(abs(x)))(0.0))
    x = np.array([0.0, 4.0])
    assert np.isnan(compile(lambda x: 0.0 * x.sqrt()).value_and_grad(x)[1]).tolist() == [True, False]


def test_nan_is_not_blocked() -> None:
    for f in (relu, autograd.floor, autograd.sign, lambda x: maximum(x, 1.0), lambda x: minimum(1.0, x), abs):
        derived: Any = f
        for _ in range(3):
            derived = grad(derived)
            assert math.isnan(derived(math.nan))
            assert math.isnan(compile(derived)(math.nan))


def test_copies_block_the_same_paths() -> None:
    x, y = Value(0.0), Value(3.0)
    root = maximum(x.sqrt(), y) + relu(-x.sqrt())
    copy = pickle.loads(pickle.dumps(root))
    copy.backward()
    leaves = [leaf.grad for leaf in autograd.leaves(copy)]
    assert sorted(leaves) == [0.0, 1.0]


def test_a_network_of_relus_runs_the_fast_kernels() -> None:
    """Marking the lanes that no gradient reaches would cost time where no partial is infinite."""

    weights = [[Value(0.5), Value(-0.3)], [Value(0.2), Value(0.8)]]

    def network(x: Any) -> Any:
        for _ in range(2):
            x = [relu(autograd.dot(row, x)) for row in weights]
        return autograd.dot(x, x)

    kinds = compile(network).program(np.ones((40, 2)), gradient=True).code[::8].tolist()
    assert kinds.count(NEURON_BACK) == 4
    assert DOT_BACK in kinds  # of the last dot, whose weights are different in each row
    assert "passed_if(froms[i], relu_dx(" in lanes_rows()


@pytest.mark.parametrize("rows", [1, 9])
@pytest.mark.parametrize("weight", [autograd.acosh, autograd.log, lambda p: autograd.sqrt(p) + 1, lambda p: p * math.inf])
def test_the_weight_of_a_blocked_dot_may_be_infinite_or_nan(weight: Callable[[Any], Any], rows: int) -> None:
    p = Value(-0.8)
    points = np.linspace(0.1, 0.9, rows)

    def f(x: Any, s: Any) -> Any:
        return autograd.less(autograd.dot([weight(p), 0.7], [s, x]), x)

    assert_same_as_eager(f, [points, -2.4])
    assert_same_as_eager(lambda x: maximum(autograd.dot([autograd.floor(weight(p) * 0.0 + 0.5), x], [x, x]), 9.0), [points])


def test_a_hinge_loss_keeps_the_fast_kernels_of_its_network() -> None:
    """The product in the loss may have an infinite partial, but no partial below it may."""
    weights = [[Value(0.5), Value(-0.3)], [Value(0.2), Value(0.8)]]

    def loss(x: Any, t: Any) -> Any:
        hidden = [relu(autograd.dot(row, x)) for row in weights]
        return relu(1.0 - t * autograd.dot(weights[0], hidden))

    kinds = compile(loss).program(np.ones((40, 2)), np.ones(40), gradient=True).code[::8].tolist()
    assert (kinds.count(NEURON_BACK), DOT_BACK in kinds) == (3, False)


@pytest.mark.parametrize("rows", [1, 20])
def test_a_number_between_two_blocking_rows_may_have_an_infinite_derivative(rows: int) -> None:
    """The dot is guarded for the sake of the square root below it."""
    w = [Value(0.5), Value(-0.3)]

    def f(x: Any) -> Any:
        return relu(autograd.dot(w, [autograd.sqrt(x), x]) - 0.1)

    points = np.array([0.0, 0.3, 0.0, 4.0, 9.0] * 4)[:rows]
    assert_same_as_eager(f, [points], w)
    assert compile(f).value_and_grad(points)[1][0] == 0.0
