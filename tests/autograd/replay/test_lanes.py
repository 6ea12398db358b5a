"""The replay kernels in Python: sums over lanes, dot products and closed gates."""

from __future__ import annotations

import functools
import math
import operator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from replayed import bits

from autograd import ops
from autograd.replay._lanes import choose_lanes, passed_on
from autograd.replay.instructions import NEURON

lanes = choose_lanes(8, True)


def test_an_adjoint_of_minus_zero_contributes_nothing() -> None:
    """-0.0 marks a node that no gradient reaches; 0.0 is a gradient that happens to be 0."""
    assert bits(passed_on(-0.0, math.inf)) == bits(-0.0)
    assert math.isnan(passed_on(0.0, math.inf))
    assert bits(passed_on(0.0, -1.0)) == bits(0.0)
    assert bits(passed_on(-1.0, 0.0)) == bits(0.0)
    assert passed_on(2.0, 3.0) == 6.0


def test_a_closed_gate_contributes_nothing_and_an_open_gate_everything() -> None:
    a, v = [math.nan, 2.0, 9.0, 9.0], [5.0, 5.0, 0.0, 1.0, -0.0, 5.0]
    lanes.give2x(ops.gate.code, a, v, 2 * 2 + 1, 0, 4, 0, 2, 2)
    assert [bits(x) for x in a[2:]] == [bits(-0.0), bits(2.0)]


@pytest.mark.parametrize("count", range(20))
def test_lanes_are_summed_in_eight_partial_sums_and_a_tree(count: int) -> None:
    numbers = [0.1 * (i + 1) ** 3 for i in range(count)]
    s = [functools.reduce(operator.add, numbers[k::8], -0.0) for k in range(8)]  # from Python 3.12, sum() rounds differently
    assert lanes.sum_lanes([7.0, *numbers], 1, count) == ((s[0] + s[4]) + (s[2] + s[6])) + ((s[1] + s[5]) + (s[3] + s[7]))


def test_the_sum_of_no_lanes_is_minus_zero() -> None:
    assert bits(lanes.sum_lanes([], 0, 0)) == bits(-0.0)


@given(st.lists(st.floats(-10, 10), min_size=4, max_size=4), st.floats(-10, 10))
def test_a_neuron_is_a_dot_with_scalar_weights(numbers: list[float], bias: float) -> None:
    v = [bias, *numbers, 0.0, 0.0, 0.0, 0.0]  # weights at 1 and 2; both inputs are the two lanes at 3
    lanes.neuron(v, [1, 2, 3, 3], 0, 2, 5, 0, 2)
    lanes.dot(v, [1, 2, 3, 3], 0, 2, 7, 0, 2, 3)
    assert v[5:7] == v[7:9] == [bias + numbers[0] * x + numbers[1] * x for x in numbers[2:]]


def test_a_layer_is_its_neurons() -> None:
    v = [float(i) for i in range(1, 5)] + [0.5, 0.25] + [10.0, 20.0] + [0.0] * 4  # weights, biases, an input of 2 lanes
    code = [[9] * 8, [NEURON, 0, 8, 4, 2, 0, 0, 0], [NEURON, 0, 10, 5, 2, 4, 0, 2]]
    lanes.layer(v, [0, 1, 6, 6, 2, 3, 6, 6], [number for instruction in code for number in instruction], 1, 2, 2)
    assert v[8:] == [30.5, 60.5, 70.25, 140.25]
