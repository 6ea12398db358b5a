"""``backward`` and the gradients it stores in ``.grad``."""

from __future__ import annotations

import math
import sys
import threading
from collections.abc import Callable
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd
from autograd import Value, dot, no_grad
from autograd import sum as add_up


def test_micrograds_example_runs_unchanged() -> None:
    a = Value(-4.0)
    b = Value(2.0)
    c = a + b
    d = a * b + b**3
    c += c + 1
    c += 1 + c + (-a)
    d += d * 2 + (b + a).relu()
    d += 3 * d + (b - a).relu()
    e = c - d
    f = e**2
    g = f / 2.0
    g += 10.0 / f
    assert f"{g.data:.4f}" == "24.7041"
    g.backward()
    assert f"{a.grad:.4f}" == "138.8338"
    assert f"{b.grad:.4f}" == "645.5773"


def test_a_second_backward_doubles_the_gradient() -> None:
    x = Value(2.0)
    y = x**3
    y.backward()
    assert x.grad == 12.0
    y.backward()
    assert x.grad == 24.0


@given(st.floats(-10, 10), st.integers(1, 5))
def test_k_backward_passes_accumulate_k_gradients(number: float, k: int) -> None:
    x = Value(number)
    y = (x * 1.7).tanh() * x + x
    y.backward()
    once, total = x.grad, x.grad
    for _ in range(k):
        y.backward()
        total += once
    assert x.grad == total


def test_gradients_of_two_roots_that_share_a_node_accumulate() -> None:
    x = Value(3.0)
    shared = x * x
    (shared * 2).backward()
    (shared * 5).backward()
    assert x.grad == 2 * 6.0 + 5 * 6.0


def test_an_interior_node_holds_the_gradient_of_the_most_recent_pass() -> None:
    x = Value(3.0)
    shared = x * x
    first, second = shared * 2, shared * 5
    first.backward()
    assert shared.grad == 2.0
    second.backward()
    assert shared.grad == 5.0
    assert first.grad == 1.0


def test_backward_from_an_interior_node_does_not_change_the_nodes_that_use_it() -> None:
    x = Value(3.0)
    middle = x * 2
    top = middle * 10
    top.backward()
    middle.backward()
    assert (x.grad, middle.grad, top.grad) == (20.0 + 2.0, 1.0, 1.0)


def test_the_seed_multiplies_every_gradient() -> None:
    x = Value(3.0)
    y = x * x
    y.backward(0.5)
    assert (x.grad, y.grad) == (3.0, 0.5)
    y.backward(seed=Fraction(1, 2))  # type: ignore[arg-type]
    assert x.grad == 6.0
    with pytest.raises(TypeError) as caught:
        y.backward("1")  # type: ignore[arg-type]
    assert str(caught.value) == "the seed of backward() must be a real number, not str ('1'); convert it first: float(text)"


def test_backward_on_a_leaf_adds_the_seed() -> None:
    x = Value(3.0)
    x.backward()
    x.backward(2.0)
    assert x.grad == 3.0


@pytest.mark.parametrize(("expression", "gradient"), [
    (lambda x: x + x, 2.0),
    (lambda x: x - x, 0.0),
    (lambda x: x * x, 6.0),
    (lambda x: x / x, 0.0),
    (lambda x: x**x, 27 * (1 + math.log(3))),
    (lambda x: (x + x) * (x + x), 24.0),
    (lambda x: x * x * x, 27.0),
    (lambda x: add_up([x, x, x * x]), 8.0),
    (lambda x: dot([x, x], [x, 1.0], x), 8.0),
])  # fmt: skip
def test_an_operand_used_twice_receives_both_contributions(expression: Callable[[Value], Value], gradient: float) -> None:
    x = Value(3.0)
    expression(x).backward()
    assert x.grad == pytest.approx(gradient, rel=1e-15, abs=1e-15)


def test_partials_are_saved_at_the_time_of_recording() -> None:
    """An update of a parameter between forward and backward does not change the gradient."""
    x, y = Value(3.0), Value(5.0)
    z = x * y
    x.data, y.data = 100.0, 200.0
    z.backward()
    assert (x.grad, y.grad) == (5.0, 3.0)


def test_zero_grad_resets_all_nodes_of_the_graph() -> None:
    x = Value(3.0)
    y = x * x
    z = y * 2
    above = z + 1
    above.backward()
    z.zero_grad()
    assert (x.grad, y.grad, z.grad, above.grad) == (0.0, 0.0, 0.0, 1.0)


def test_gradients_can_be_assigned_as_numbers() -> None:
    x = Value(1.0)
    x.grad = 2
    assert (type(x.grad), x.grad) == (float, 2.0)
    with pytest.raises(TypeError) as caught:
        x.grad = None
    assert str(caught.value) == "a gradient must be a real number, not NoneType; pass a number, for example 0.0"


def test_detach_stops_the_gradient() -> None:
    x = Value(3.0, label="x")
    y = x * x
    z = y.detach() * x
    z.backward()
    assert x.grad == 9.0
    assert (y.detach().operands, y.detach().data, y.grad) == ((), 9.0, 0.0)


def test_assigning_data_updates_a_leaf_only() -> None:
    x = Value(1.0)
    x.data = np.float32(2.5)
    assert (type(x.data), x.data) == (float, 2.5)
    with pytest.raises(AttributeError, match=r"^the data of a Value computed by 'tanh' is read-only, "):
        x.tanh().data = 1.0


def test_data_of_a_result_computed_in_no_grad_can_be_assigned() -> None:
    """The result is a leaf."""
    with no_grad():
        y = Value(2.0) * 3
    y.data = 7.0
    assert y.data == 7.0


def test_backward_in_several_threads_accumulates_in_shared_leaves() -> None:
    leaves = [Value(1.0) for _ in range(50)]
    graphs = [[autograd.sum([leaf * 2.0 for leaf in leaves]) * 0.5 for _ in range(20)] for _ in range(8)]
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        threads = [threading.Thread(target=lambda own: [y.backward() for y in own], args=(own,)) for own in graphs]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(interval)
    assert [leaf.grad for leaf in leaves] == [8 * 20.0] * 50
