"""Adjoints share slots, and no number changes."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from replayed import GATED, bits, random_function

import autograd
from autograd import Value, ops
from autograd.compiler import lowering
from autograd.replay import instructions

X = np.linspace(-1.0, 1.0, 21)
w, b = Value(0.5), Value(-0.25)


def slots(f: Callable[..., Any], *arguments: Any) -> int:
    """Return the number of slots for wide adjoints."""
    program = autograd.compile(f).program(*arguments, gradient=True)
    return (program.n_adjoints - program.wide_adjoints) // program.lanes


def results(f: Callable[..., Any], *arguments: Any) -> list[bytes]:
    """Return the value and the gradients with respect to the arguments and the parameters, as bytes of each number."""
    compiled = autograd.compile(f, threads=1)
    value, gradients = compiled.value_and_grad(*arguments, argnums=tuple(range(len(arguments))))
    w.grad = b.grad = 0.0
    total = compiled.backward(*arguments)
    return [bits(x) for array in (value, *gradients, total, w.grad, b.grad) for x in np.ravel(array)]


def without_sharing(f: Callable[..., Any], *arguments: Any) -> list[bytes]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lowering, "share_slots", lambda *_: None)
        return results(f, *arguments)


def chain(x: Any) -> Any:
    for _ in range(50):
        x = (w * x).sin()
    return x


def wide_sum(x: Any) -> Any:
    return autograd.sum([(w * x * (k + 0.5)).sin() for k in range(20)])


def network(x: Any) -> Any:
    hidden = [x, x * x, w * x]
    for _ in range(4):
        hidden = [autograd.dot([w, b, 0.5], [*hidden[k:], *hidden[:k]], b).tanh() for k in range(3)]
    return autograd.sum(hidden)


def selected(x: Any) -> Any:
    return autograd.take([x.sin(), w * x, x * x], autograd.floor(x + 1.5)) * x


def test_the_adjoints_of_a_chain_need_three_slots() -> None:
    """One that is read, one that is written, and one of the copies of w in all lanes, which is summed at the end."""
    assert slots(chain, X) == 3


def test_adjoints_that_are_needed_together_have_slots_of_their_own() -> None:
    assert slots(wide_sum, X) > 20
    assert slots(network, X) < 15


@pytest.mark.parametrize(("f", "expected"), [
    (lambda x: (w * x).sin() + (b * x).cos(), 1),  # the first operand gets a copy, and the second takes over the adjoint
    (lambda x: (w * x).sin() - (b * x).cos(), 1),  # the second operand gets the negative
    (lambda x: (w * x).sin() + 0.5, 0),
    (lambda x: 0.5 - (w * x).sin(), 1),
    (lambda x: (y := (w * x).sin()) + y, 2),
    (lambda x: (y := (w * x).sin()) * (y + 1.0), 1),  # the contribution to y is not the first
])  # fmt: skip
def test_an_operand_takes_over_the_adjoint_of_a_sum(f: Callable[..., Any], expected: int) -> None:
    program = autograd.compile(f).program(X, gradient=True)
    kinds = instructions.BINARY_BACK_X, instructions.BINARY_BACK_Y
    rows = [program.code[8 * i + 1] for i in range(len(program)) if program.code[8 * i] in kinds]
    assert sum(row in (ops.add.code, ops.sub.code) for row in rows) == expected
    assert results(f, X) == without_sharing(f, X)


@pytest.mark.parametrize("f", [chain, wide_sum, network, selected, lambda x: x, lambda x: w * 2.0, lambda x: w * x + b])
def test_no_number_changes(f: Callable[..., Any]) -> None:
    assert results(f, X) == without_sharing(f, X)


@settings(max_examples=200)
@given(st.integers(0, 10**9))
def test_no_number_of_a_random_function_changes(seed: int) -> None:
    f = random_function(random.Random(seed), 2, GATED, 60)
    arguments = np.random.default_rng(seed % 2**32).normal(size=(2, 19))
    assert results(f, *arguments) == without_sharing(f, *arguments)
