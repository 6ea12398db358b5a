"""The rules of optimizers; tests/nn/test_optim_as_pytorch.py compares them with PyTorch."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import rules

Number = Any
LR, KEPT, SQUARED, EPS, STEP = 0.3, 0.9, 0.75, 1e-8, 3


def momentum(p: Number, g: Number, velocity: Number) -> tuple[Number, ...]:
    velocity = KEPT * velocity + g
    return p - LR * velocity, velocity


def nesterov(p: Number, g: Number, velocity: Number) -> tuple[Number, ...]:
    velocity = KEPT * velocity + g
    return p - LR * (g + KEPT * velocity), velocity


def adagrad(p: Number, g: Number, squares: Number) -> tuple[Number, ...]:
    squares = squares + g * g
    return p - LR * g / (math.sqrt(squares) + EPS), squares


def rmsprop(p: Number, g: Number, squares: Number, velocity: Number) -> tuple[Number, ...]:
    squares = SQUARED * squares + (1 - SQUARED) * g * g
    velocity = KEPT * velocity + g / (math.sqrt(squares) + EPS)
    return p - LR * velocity, squares, velocity


def adam(p: Number, g: Number, m: Number, v: Number) -> tuple[Number, ...]:
    m = KEPT * m + (1 - KEPT) * g
    v = SQUARED * v + (1 - SQUARED) * g * g
    return p - LR / (1 - KEPT**STEP) * m / (math.sqrt(v) / math.sqrt(1 - SQUARED**STEP) + EPS), m, v


# A rule with its options, and the same for one parameter.
RULES: dict[str, tuple[Callable[..., Any], tuple[Any, ...], Callable[..., tuple[Number, ...]]]] = {
    "descend": (rules.descend, (LR,), lambda p, g: (p - LR * g,)),
    "momentum": (rules.momentum, (LR, KEPT, False), momentum),
    "nesterov": (rules.momentum, (LR, KEPT, True), nesterov),
    "adagrad": (rules.adagrad, (LR, EPS), adagrad),
    "rmsprop": (rules.rmsprop, (LR, SQUARED, EPS, KEPT), rmsprop),
    "adam": (rules.adam, (LR, KEPT, SQUARED, EPS, STEP), adam),
}
# As many as any rule needs for each parameter: two of any sign, and two that a root is taken of.
quadruples = st.tuples(st.floats(-1e9, 1e9), st.floats(-1e9, 1e9), st.floats(0, 1e9), st.floats(0, 1e9))


def arrays(count: int, length: int = 3) -> list[np.ndarray]:
    return [np.linspace(1.0, 2.0 + i, length) for i in range(count)]


def operands(name: str) -> int:
    return RULES[name][2].__code__.co_argcount


@pytest.mark.parametrize("name", RULES)
@given(rows=st.lists(quadruples, max_size=11))
def test_each_parameter_and_what_is_remembered_of_it_change_by_the_formula_to_the_bit(
    name: str, rows: list[tuple[float, ...]]
) -> None:
    rule, options, formula = RULES[name]
    count = operands(name)
    given_arrays = list(np.array([row[:count] for row in rows]).reshape(-1, count).T.copy())
    p, g, *remembered = given_arrays
    gradients = g.copy()
    assert rule(*given_arrays, *options) is p
    wanted = [formula(*row[:count]) for row in rows]
    assert list(zip(*(a.tolist() for a in (p, *remembered)), strict=True)) == wanted
    assert g.tolist() == gradients.tolist()


@pytest.mark.parametrize("name", RULES)
def test_arrays_that_do_not_fit_are_refused_and_nothing_is_changed(name: str) -> None:
    rule, options, _ = RULES[name]
    for place in range(1, operands(name)):
        for length in (1, 2, 4):
            given_arrays = arrays(operands(name))
            given_arrays[place] = np.ones(length)
            with pytest.raises(
                ValueError, match=f"array must have 3 numbers, one per parameter, not {length}; create a new opt"
            ):
                rule(*given_arrays, *options)
            assert given_arrays[0].tolist() == arrays(1)[0].tolist()


@pytest.mark.parametrize("bad", [np.ones(3, dtype=np.float32), np.ones(3, dtype=np.int64), np.ones(6)[::2], [1.0, 1.0, 1.0]])
def test_what_is_no_array_of_floats_in_a_row_is_refused_by_compiled_code(bad: Any) -> None:
    """Uncompiled, NumPy takes care of these."""
    import autograd

    if autograd.backend() == "compiled":
        for place in range(3):
            given_arrays: list[Any] = arrays(3)
            given_arrays[place] = bad
            with pytest.raises((TypeError, ValueError), match=r"must have dtype float64|contiguous|bytes-like object"):
                RULES["adagrad"][0](*given_arrays, LR, EPS)


def test_an_array_that_is_not_to_be_written_to_is_refused() -> None:
    for place in (0, 2):
        given_arrays = arrays(3)
        given_arrays[place].flags.writeable = False
        with pytest.raises(ValueError, match="read-only"):
            RULES["adagrad"][0](*given_arrays, LR, EPS)
