"""The cost of an export is proportional to the size of the graph. See ``work_counts`` and ``compiler/test_cost.py``."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from work_counts import assert_proportional

import autograd
from autograd import Value, derivative_program, dot, to_jax, to_latex, to_numpy, to_python, to_torch, where


def chain(n: int) -> tuple[Value, Value]:
    x = Value(0.5)
    y = x
    for i in range(n):
        y = where(y > i, y.tanh() * x, y / 1.5)
    return y, x


def layers(n: int) -> tuple[Value, Value]:
    x = Value(0.5)
    row = [x, x * 2, x * 3]
    weights = [[Value(0.1 * i + j) for i in range(3)] for j in range(3)]
    for _ in range(n // 4):
        row = [dot(w, row, 0.1).sigmoid() for w in weights]
    return autograd.sum(row), x


EXPORTS: dict[str, Callable[[Value, Value], object]] = {
    "Python": lambda y, x: str(to_python(y)),
    "NumPy": lambda y, x: str(derivative_program(y, x, library="numpy")),
    "JAX": lambda y, x: str(derivative_program(y, x, library="jax")),
    "PyTorch": lambda y, x: str(derivative_program(y, x, library="torch")),
    "pickle": lambda y, x: pickle.loads(pickle.dumps(y)),
    "copy": lambda y, x: copy.deepcopy(y),
}


@pytest.mark.parametrize("graph", [chain, layers])
@pytest.mark.parametrize("export", EXPORTS)
def test_the_work_to_export_a_result_is_proportional_to_the_number_of_nodes(
    graph: Callable[[int], tuple[Value, Value]], export: str
) -> None:
    def make(n: int) -> Callable[[], object]:
        y, x = graph(n)
        return lambda: EXPORTS[export](y, x)

    assert_proportional(make, 12)


def test_the_work_to_write_latex_is_proportional_to_the_length_of_a_formula_without_shared_values() -> None:
    def make(n: int) -> Callable[[], object]:
        y = Value(0.5)
        for i in range(n):
            y = (y + i).tanh()
        return lambda: to_latex(y)

    assert_proportional(make, 12)


@pytest.mark.parametrize("to_arrays", [to_numpy, to_jax, to_torch])
def test_the_work_to_write_a_function_for_arrays_is_proportional_to_the_number_of_inputs(to_arrays: Any) -> None:
    def squares(xs: Any) -> Any:
        return autograd.sum([x * x for x in xs])

    assert_proportional(lambda n: lambda: str(to_arrays(squares, [1.0] * n)), 16)


def test_the_work_to_write_a_program_as_c_is_proportional_to_the_number_of_instructions(tmp_path: Path) -> None:
    def make(n: int) -> Callable[[], object]:
        def function(x: Any) -> Any:
            for i in range(n):
                x = x.sin() * (1.5 + i)
            return x

        program = autograd.compile(function).program(np.array([1.5]))
        return lambda: program.to_c(tmp_path / "function.c")

    assert_proportional(make, 12)
