"""The update rules of the optimizers. test_optimizers_as_pytorch.py compares the optimizers with PyTorch."""

from __future__ import annotations

import math
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fresh import PACKAGE, run_python, start_python
from hypothesis import given
from hypothesis import strategies as st

import autograd
from nn.optim import update_rules

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
    root = math.sqrt(1 - SQUARED**STEP)
    return p - LR / (1 - KEPT**STEP) * root * m / (math.sqrt(v) + EPS * root), m, v


def amsgrad(p: Number, g: Number, m: Number, v: Number, v_max: Number) -> tuple[Number, ...]:
    _, m, v = adam(p, g, m, v)
    v_max = max(v_max, v)
    root = math.sqrt(1 - SQUARED**STEP)
    return p - LR / (1 - KEPT**STEP) * root * m / (math.sqrt(v_max) + EPS * root), m, v, v_max


# For each rule: the function, its options, and the same formula for one parameter.
RULES: dict[str, tuple[Callable[..., Any], tuple[Any, ...], Callable[..., tuple[Number, ...]]]] = {
    "descend": (update_rules.descend, (LR,), lambda p, g: (p - LR * g,)),
    "momentum": (update_rules.momentum, (LR, KEPT, False), momentum),
    "nesterov": (update_rules.momentum, (LR, KEPT, True), nesterov),
    "adagrad": (update_rules.adagrad, (LR, EPS), adagrad),
    "rmsprop": (update_rules.rmsprop, (LR, SQUARED, EPS, KEPT), rmsprop),
    "adam": (update_rules.adam, (LR, KEPT, SQUARED, EPS, STEP), adam),
    "amsgrad": (
        lambda p, g, m, v, v_max, *options: update_rules.adam(p, g, m, v, *options, v_max=v_max),  # type: ignore[misc]
        (LR, KEPT, SQUARED, EPS, STEP),
        amsgrad,
    ),
}
# The numbers that a rule needs per parameter: two of any sign, and three non-negative ones, under a root.
tuples = st.tuples(*[st.floats(-1e9, 1e9)] * 2, *[st.floats(0, 1e9)] * 3)


def arrays(count: int, length: int = 3) -> list[np.ndarray]:
    return [np.linspace(1.0, 2.0 + i, length) for i in range(count)]


def operands(name: str) -> int:
    return RULES[name][2].__code__.co_argcount


@pytest.mark.parametrize("name", RULES)
@given(rows=st.lists(tuples, max_size=11))
def test_parameters_and_state_follow_the_formula_bit_for_bit(name: str, rows: list[tuple[float, ...]]) -> None:
    rule, options, formula = RULES[name]
    count = operands(name)
    given_arrays = list(np.array([row[:count] for row in rows]).reshape(-1, count).T.copy())
    p, g, *state = given_arrays
    gradients = g.copy()
    assert rule(*given_arrays, *options) is p
    wanted = [formula(*row[:count]) for row in rows]
    assert list(zip(*(a.tolist() for a in (p, *state)), strict=True)) == wanted
    assert g.tolist() == gradients.tolist()


@pytest.mark.parametrize("name", RULES)
def test_arrays_of_another_length_are_rejected_and_nothing_changes(name: str) -> None:
    rule, options, _ = RULES[name]
    for place in range(1, operands(name)):
        for length in (1, 2, 4):
            given_arrays = arrays(operands(name))
            given_arrays[place] = np.ones(length)
            with pytest.raises(
                ValueError, match=f"array must have one number per parameter, here 3, not {length}; create a new opt"
            ):
                rule(*given_arrays, *options)
            assert given_arrays[0].tolist() == arrays(1)[0].tolist()


@pytest.mark.parametrize("bad", [np.ones(3, dtype=np.float32), np.ones(3, dtype=np.int64), np.ones(6)[::2], [1.0, 1.0, 1.0]])
def test_compiled_code_rejects_anything_but_contiguous_arrays_of_floats(bad: Any) -> None:
    """Uncompiled, NumPy handles these."""
    if autograd.backend() == "compiled":
        for place in range(3):
            given_arrays: list[Any] = arrays(3)
            given_arrays[place] = bad
            with pytest.raises((TypeError, ValueError), match=r"must have dtype float64|contiguous|bytes-like object"):
                RULES["adagrad"][0](*given_arrays, LR, EPS)


def test_a_read_only_array_is_rejected() -> None:
    for place in (0, 2):
        given_arrays = arrays(3)
        given_arrays[place].flags.writeable = False
        with pytest.raises(ValueError, match="read-only"):
            RULES["adagrad"][0](*given_arrays, LR, EPS)


def test_an_edited_source_of_the_rules_is_never_shadowed_by_its_compiled_file(tmp_path: Path) -> None:
    if autograd.backend() != "compiled":
        pytest.skip("there is no compiled file")
    for package in ("autograd", "nn"):
        shutil.copytree(PACKAGE.parent / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(PACKAGE.parent / "scalar_autograd_installation.py", tmp_path)  # which both packages import
    show = "from nn.optim import update_rules; print(update_rules.__file__)"
    assert not run_python(show, tmp_path).endswith(".py")
    assert run_python(show, tmp_path, AUTOGRAD_BACKEND="python").endswith(".py")
    with (tmp_path / "nn" / "optim" / "update_rules.py").open("a") as file:
        file.write("\n# an edit\n")
    done = start_python(show, tmp_path, AUTOGRAD_BACKEND="")
    assert done.stdout.strip().endswith("update_rules.py")
    assert "StaleBuildWarning: nn/optim/update_rules.py changed since the core was compiled" in done.stderr


def test_make_reinstalls_after_a_change_of_the_rules() -> None:
    makefile = PACKAGE.parent / "Makefile"
    if not makefile.exists():
        pytest.skip("the package is installed without its Makefile")
    assert {"update_rules.py", "_arrays.pxd", "_arrays.h"} <= set(makefile.read_text(encoding="utf-8").split())


def test_weight_decay_changes_the_gradients_or_the_parameters_in_place() -> None:
    p, g = np.array([1.5, -2.0]), np.array([0.25, 3.0])
    assert update_rules.decay(p, g, 0.1) is g
    assert (p.tolist(), g.tolist()) == ([1.5, -2.0], [0.25 + 0.1 * 1.5, 3.0 + 0.1 * -2.0])
    assert update_rules.shrink(p, 0.9) is p
    assert p.tolist() == [1.5 * 0.9, -2.0 * 0.9]


def test_the_larger_of_a_number_and_nan_is_nan() -> None:
    v_max, v = np.array([1.0, math.nan]), np.array([math.nan, 1.0])
    update_rules.adam(np.ones(2), np.zeros(2), np.zeros(2), v, LR, KEPT, 1.0, EPS, STEP, v_max)
    assert np.isnan(v_max).all()
