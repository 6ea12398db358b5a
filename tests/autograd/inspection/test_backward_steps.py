"""``backward_steps``: backpropagation one contribution at a time."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st
from on_engine import run

import autograd
from autograd import Value, backward_steps, dot, topological_order, where
from autograd.strategies.drawing import Expression, expressions

# The operations that do not depend on an operand at all where the partial is 0.
SELECTING = {"gate", "relu", "maximum", "minimum", "sign", "floor", "ceil", "//", "less", "less_equal", "equal"}


@given(expressions(), st.floats(-4, 4))
def test_the_steps_add_up_to_the_gradients_of_backward_bit_for_bit(expression: Expression, seed: float) -> None:
    _, root = run(expression)
    last = {id(step.operand): step for step in backward_steps(root, seed=seed)}
    root.backward(seed)
    for step in last.values():
        assert float.hex(step.gradient + 0.0) == float.hex(step.operand.grad + 0.0)


def sends(node: Value) -> bool:
    """Return whether an operand receives a contribution: not all of them are blocked."""
    return bool(node.operands) and not (node.op in SELECTING and all(partial in (None, 0.0) for partial in node.partials))


@given(expressions())
def test_an_adjoint_is_propagated_only_when_it_is_complete(expression: Expression) -> None:
    _, root = run(expression)
    steps = list(backward_steps(root))
    for before, after in itertools.combinations(steps[:60], 2):
        assert after.operand is not before.node
    reached = {id(root), *(id(step.operand) for step in steps)}
    senders = list(dict.fromkeys(id(step.node) for step in steps))
    assert senders == [id(node) for node in reversed(topological_order(root)) if id(node) in reached and sends(node)]
    for step in steps:
        assert step.operand is step.node.operands[step.position]
        assert step.partial == step.node.partials[step.position] or step.partial != step.partial
        assert step.contribution == step.adjoint * step.partial or step.contribution != step.contribution


def test_iterating_over_steps_changes_nothing_and_may_stop_anywhere() -> None:
    x = Value(2.0)
    y = x.exp() * x
    y.backward()
    before = (x.grad, y.grad, y.operands[0].grad)
    next(backward_steps(y))
    list(backward_steps(y, seed=7))
    assert (x.grad, y.grad, y.operands[0].grad) == before


def test_a_step_prints_as_one_line_of_the_chain_rule() -> None:
    x, w = Value(3.0, label="x"), Value(-2.0, label="w")
    y = dot([w, 2.0], [x, x], w)
    y.label = "loss"
    assert [str(step) for step in backward_steps(y)] == [
        "dloss/dw += dloss/dloss * dloss/dw = 1.0 * 3.0 = 3.0, now 3.0",
        "dloss/dx += dloss/dloss * dloss/dx = 1.0 * -2.0 = -2.0, now -2.0",
        "dloss/dx += dloss/dloss * dloss/dx = 1.0 * 2.0 = 2.0, now 0.0",
        "dloss/dw += dloss/dloss * dloss/dw = 1.0 * 1.0 = 1.0, now 4.0",
    ]


def test_no_step_passes_to_an_operand_that_is_not_selected() -> None:
    x, y = Value(2.0, label="x"), Value(3.0, label="y")
    steps = list(backward_steps(autograd.maximum(x.sqrt(), y) + (-x).relu()))
    assert [step.operand.label for step in steps if step.operand.label] == ["y"]


def test_no_step_passes_a_closed_gate() -> None:
    x = Value(0.0, label="x")
    y = where(x > 0, x.sqrt(), x * 5)
    assert [step.gradient for step in backward_steps(y) if step.operand is x] == [5.0]


def test_a_leaf_has_no_steps() -> None:
    assert list(backward_steps(Value(1.0))) == []


def test_the_steps_of_a_long_chain_can_be_iterated() -> None:
    x = y = Value(1.0)
    for _ in range(50_000):
        y = y + 1e-3
    *_, last = backward_steps(y)
    assert last.operand is x
    assert last.gradient == 1.0


@pytest.mark.parametrize(
    ("root", "seed", "message"),
    [
        (2.0, 1.0, r"the root of backward_steps\(\) must be a Value, not float \(2\.0\)"),
        (Value(1.0), "1", r"the seed of backward_steps\(\) must be a real number, not str"),
    ],
)
def test_an_invalid_argument_is_rejected_immediately(root: Value, seed: float, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        backward_steps(root, seed=seed)


def test_printing_all_steps_does_not_consume_them() -> None:
    x = Value(3.0, label="x")
    y = x * x
    y.label = "y"
    steps = backward_steps(y, seed=2.0)
    line = "dy/dx += dy/dy * dy/dx = 2.0 * 3.0 = 6.0, now "
    assert str(steps) == f"{line}6.0\n{line}12.0"
    assert next(steps).gradient == 6.0
    assert repr(steps) == f"{line}6.0\n{line}12.0"
    assert [step.gradient for step in steps] == [12.0]
    assert str(backward_steps(x)) == "<no steps: Value(3.0, label='x') has no operand that receives a gradient>"


def test_only_the_first_of_many_steps_are_printed() -> None:
    y = x = Value(1.0)
    for _ in range(60):
        y = y + x
    lines = str(backward_steps(y)).splitlines()
    assert len(lines) == 51
    assert lines[-1] == "and 70 more"


def test_nodes_behind_a_closed_gate_do_not_change_the_order_of_the_sum() -> None:
    """Three contributions to one gradient are rounded differently in another order."""
    x = Value(0.7)
    a, b, c = x * 0.1, x * 0.2, x * 0.3
    y = where(x < 0, c * 2, 0.0) + ((a + b) + c)
    last = {id(step.operand): step.gradient for step in backward_steps(y)}[id(x)]
    y.backward()
    assert last == x.grad == (0.3 + 0.2) + 0.1
    assert x.grad != (0.2 + 0.1) + 0.3


def test_the_seed_is_named_and_the_repr_of_a_step_is_its_rule() -> None:
    x = Value(3.0, label="x")
    with pytest.raises(TypeError):
        backward_steps(x * 2, 2)  # type: ignore[call-arg]
    assert repr(list(backward_steps(x * 2))) == "[dv2/dx += dv2/dv2 * dv2/dx = 1.0 * 2.0 = 2.0, now 2.0]"
