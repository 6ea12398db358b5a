"""Lowering a graph to a program: wide and scalar values, gradients, and the layout of memory."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from replayed import assert_same_as_eager

import autograd
from autograd import Value
from autograd.compiler.layout import BLOCK, LARGE_BLOCK, MAX_LANES, MAX_SUMMED_LANES, MIN_LANES
from autograd.replay import instructions
from autograd.replay.program import Program

X = np.array([1.0, 2.0, 3.0])
w, b = Value(0.5), Value(-0.25)


def kinds(program: Program, first: int, last: int) -> list[int]:
    return [program.code[8 * i] for i in range(program.sections[first], program.sections[last])]


def program(function: Any, *arguments: Any, gradient: bool = False) -> Program:
    return autograd.compile(function).program(*arguments, gradient=gradient)


def test_operations_that_do_not_depend_on_the_row_are_done_once() -> None:
    made = program(lambda x, y: (w * y).exp() * x, X, 2.0)
    assert len(kinds(made, 0, 1)) == 2
    assert kinds(made, 2, 3) == [instructions.BINARY]


def test_scalars_combined_with_wide_numbers_are_copied_to_all_lanes_once() -> None:
    made = program(lambda x: (w * x) + w / x, X)
    assert kinds(made, 1, 2) == [instructions.BROADCAST]


def test_scalars_in_a_dot_are_not_copied_to_lanes() -> None:
    made = program(lambda x: autograd.dot([w, b], [x, x * x], b), X, gradient=True)
    assert kinds(made, 1, 2) == []
    assert kinds(made, 2, 3) == [instructions.BINARY, instructions.NEURON]
    assert kinds(made, 3, 4)[0] == instructions.NEURON_BACK
    swapped = program(lambda x: autograd.dot([x, x * x], [w, b], b), X)
    assert kinds(swapped, 2, 3) == [instructions.BINARY, instructions.NEURON]


@pytest.mark.parametrize("function", [
    lambda x: autograd.dot([w, x], [x, x], b), lambda x: autograd.dot([w, b], [x, x], x),
    lambda x: autograd.dot([w, 2.0], [x, b], b),
])  # fmt: skip
def test_other_dots_use_the_general_instruction(function: Any) -> None:
    assert kinds(program(function, X), 2, 3) == [instructions.DOT]
    assert_same_as_eager(function, [X], [w, b])


@pytest.mark.parametrize(("function", "reached"), [
    (lambda x: (w * x).sin(), True),
    (lambda x: (y := w * x).sin() + autograd.relu(y), True),  # the sine sends a gradient in every row
    (lambda x: autograd.relu(w * x), False),
    (lambda x: autograd.where(x > 0.0, w / x * x, 0.0), False),
])  # fmt: skip
def test_products_that_a_gradient_reaches_in_every_row_are_marked(function: Any, reached: bool) -> None:
    made = program(function, X, gradient=True)
    back = instructions.BINARY_BACK_X, instructions.BINARY_BACK_Y
    starts = [8 * i for i in range(len(made)) if made.code[8 * i] in back and made.code[8 * i + 1] == autograd.ops.mul.code]
    assert {made.code[at + 7] for at in starts} == {int(reached)}
    assert_same_as_eager(function, [np.array([0.0, -0.0, 1.0, -2.0, np.inf, np.nan])], [w])


def test_behind_a_gate_the_backward_pass_of_a_neuron_is_a_general_dot() -> None:
    """Only the general instruction checks in each lane whether a gradient reaches it."""
    f = lambda x: autograd.where(x > 2, autograd.dot([w, b], [x, x], b), 0.0)  # noqa: E731
    made = program(f, X, gradient=True)
    assert instructions.NEURON in kinds(made, 2, 3)
    assert instructions.NEURON_BACK not in kinds(made, 3, 4)
    assert instructions.DOT_BACK in kinds(made, 3, 4)
    assert_same_as_eager(f, [X], [w, b])


def test_neurons_with_the_same_inputs_become_a_layer() -> None:
    weights = [[Value(0.1 * k), Value(1.0 - k)] for k in range(9)]

    def f(row: Any) -> Any:
        return autograd.sum([y.tanh() for y in autograd.affine(weights, row, [0.5] * 9)])

    made = program(f, np.ones((3, 2)), gradient=True)
    pairs = {2: (instructions.LAYER, instructions.NEURON), 3: (instructions.LAYER_BACK, instructions.NEURON_BACK)}
    for first, (kind, neuron) in pairs.items():
        found = kinds(made, first, first + 1)
        at = found.index(kind)
        assert found.count(kind) == 1
        assert made.code[8 * (made.sections[first] + at) + 2] == 9
        assert found[at + 1 : at + 10] == [neuron] * 9
    assert_same_as_eager(lambda x, y: f([x, y]), [X, -X], weights[0])


def neuron(x: Any) -> Any:
    return autograd.dot([w, b], [x, x * x], b)


@pytest.mark.parametrize(("function", "keeps"), [
    (lambda x: neuron(x).tanh(), True),
    (lambda x: neuron(x).tanh() * x, True),
    (lambda x: (z := neuron(x)).tanh() * z, False),
    (lambda x: neuron(x).tanh() * neuron(x).exp(), False),  # the neuron is computed once
    (lambda x: neuron(x).tanh() * neuron(x).tanh(), False),
    (lambda x: (neuron(x) * x).tanh(), True),
    (lambda x: (neuron(x) - x).erf(), True),
    (lambda x: (neuron(x) / x).tanh(), False),  # the derivative of a quotient uses its value
    (lambda x: autograd.tanh(x) * w, False),  # an input
])  # fmt: skip
def test_an_operation_may_keep_its_partial_in_place_of_an_operand_that_nothing_else_reads(function: Any, keeps: bool) -> None:
    def flags(made: Program) -> set[int]:
        places = {instructions.UNARY: 4, instructions.UNARY_BACK: 6}
        return {made.code[8 * i + places[kind]] for i in range(len(made)) if (kind := made.code[8 * i]) in places}

    assert flags(program(function, X, gradient=True)) == {int(keeps)}
    assert flags(program(function, X)) == {0}
    for exact in (True, False):
        w.grad = b.grad = 0.0
        autograd.compile(function, exact=exact).backward(X, reduce="sum")
        found = [w.grad, b.grad]
        w.grad = b.grad = 0.0
        autograd.sum([function(x) for x in X.tolist()]).backward()
        assert found == pytest.approx([w.grad, b.grad], rel=1e-14)


def test_no_gradient_is_computed_where_none_is_needed() -> None:
    f = autograd.compile(lambda x, y: x.sin() * w + y.exp())
    made = f.program(X, X, gradient=True)
    assert made.n_scalar_gradients == 1
    assert kinds(made, 3, 4) == [instructions.BINARY_BACK_Y, instructions.REDUCE] or len(kinds(made, 3, 4)) == 3
    no_parameters = program(lambda x: x.sin(), X, gradient=True)
    assert kinds(no_parameters, 3, 5) == []
    assert no_parameters.root_adjoint == -1
    assert kinds(f.program(X, X), 3, 5) == []


def test_step_functions_propagate_the_same_gradients_as_eager() -> None:
    assert_same_as_eager(lambda x: autograd.floor(x) * x + autograd.sign(x), [[0.5, np.inf, np.nan, -0.0]])


@pytest.mark.parametrize("count", [1, 3, 10, 100, 2000, 8000])
def test_a_block_is_an_odd_multiple_of_8_lanes_and_fits_the_cache(count: int) -> None:
    made = program(lambda x: autograd.sum([(x * (0.5 + k)).sin() for k in range(count)]), X, gradient=True)
    assert made.lanes % 16 == 8
    assert 8 <= made.lanes <= MAX_SUMMED_LANES
    size = 8 * (made.n_values - made.wide_values + made.n_adjoints - made.wide_adjoints)
    assert made.lanes == 8 or size <= (BLOCK if made.lanes > MIN_LANES else LARGE_BLOCK * BLOCK)
    size = 2 * 8 * (made.n_values - made.wide_values)  # lanes are counted before adjoints share slots
    assert made.lanes >= MIN_LANES or size + 16 * size // made.lanes > LARGE_BLOCK * BLOCK  # no room for 16 lanes more
    assert made.wide_values % 8 == made.wide_adjoints % 8 == 0


def test_a_block_has_more_lanes_if_nothing_is_summed_over_lanes() -> None:
    f = autograd.compile(lambda x, y: w * x * y)
    f.value_and_grad(X, 2.0, argnums=(0, 1))
    (recording,) = f._recordings.values()
    assert recording.program((0, 1)).lanes == f.program(X, X).lanes == MAX_LANES
    assert f.program(X, X, gradient=True).lanes == MAX_SUMMED_LANES


def test_all_offsets_are_within_the_arrays() -> None:
    f = lambda x, y, s: (autograd.dot([w, b], [x, y], s).tanh() + autograd.take([x, w, s], y)) * autograd.where(x > s, w, y)  # noqa: E731
    made = program(f, X, X, 1.0, gradient=True)
    assert made.work > 0
    assert all(0 <= place < made.n_values for place in [*made.terms, *made.outputs])
    assert all(-1 <= target < 2 * made.n_adjoints for target in made.targets)
    assert len(made.code) == 8 * made.sections[-1]
    assert made.sections == sorted(made.sections)


def test_a_function_whose_offsets_would_not_fit_is_rejected(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("autograd.compiler.lowering.MAX_SIZE", 9)
    assert program(lambda x: x * x + x, 1.0) is not None
    with pytest.raises(autograd.GraphTooLargeError, match="has 13 operations and operands, and compile takes at most 9"):
        program(lambda x: x * x * x * x + x, 1.0)


def test_unused_arguments_have_gradient_0() -> None:
    f = autograd.compile(lambda x, y, z: x * 2)
    _, by = f.value_and_grad(X, X, 1.0, argnums=(0, 1, 2))
    assert [g.tolist() for g in by] == [[2.0] * 3, [0.0] * 3, [0.0] * 3]
    assert f.value_and_grad(1.0, 2.0, 3.0, argnums=(2, 0)) == (2.0, (0.0, 2.0))
    assert f.program(X, X, 1.0).n_wide_inputs == 2
