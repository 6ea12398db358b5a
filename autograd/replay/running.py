"""``Program.run``: bind plain numbers and arrays of rows to the inputs of a program, and run it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from autograd.base.real import as_float, is_real, refusal
from autograd.replay.rows import as_table, check_array
from autograd.shared import counted
from autograd.transforms.pytrees import NUMBER, walk
from autograd.value import Value

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from autograd.transforms.pytrees import Tree

    Program = Any  # the class imports this file, so this file does not import the class


class Inputs:
    """The numbers in the arguments of ``Program.run``.

    Attributes:
        arrays: The arrays, as tables of floats.
        scalars: The plain numbers.
        rows: The number of rows of all arrays; -1 if there is no array.
        order: The positions of the inputs in the flattened arguments, plain numbers first.

    Raises:
        TypeError: If an argument contains anything except numbers, arrays of numbers, lists, tuples and dicts.
        ValueError: If two arrays have different numbers of rows.
    """

    def __init__(self, arguments: tuple[Any, ...]) -> None:
        self.arrays: list[np.ndarray] = []
        self.scalars: list[float] = []
        self.rows = -1
        self._scalar_positions: list[int] = []
        self._wide_positions: list[int] = []
        for i, argument in enumerate(arguments):
            walk(argument, f"argument {i}", self._add_leaf)

    @property
    def order(self) -> list[int]:
        """The positions of the inputs in the flattened arguments, plain numbers first."""
        return self._scalar_positions + self._wide_positions

    def _add_leaf(self, item: Any, name: str) -> Tree:
        position = len(self._scalar_positions) + len(self._wide_positions)
        if isinstance(item, np.ndarray) and item.ndim:
            check_array(item, name)
            table = as_table(item)
            if self.rows not in (-1, len(table)):
                raise ValueError(
                    f"all arrays must have the same number of rows, but {name} has {len(table)}, and another {self.rows}"
                )
            self.rows = len(table)
            self.arrays.append(table)
            self._wide_positions += range(position, position + table.shape[1])
            return NUMBER
        item = item[()] if isinstance(item, np.ndarray) else item
        if not is_real(item):
            raise TypeError(refusal(item, f"{name} must be a number, an array of rows, or a list, tuple or dict of them"))
        self.scalars.append(as_float(item, name))
        self._scalar_positions.append(position)
        return NUMBER


def run_program(
    program: Program, arguments: tuple[Any, ...], parameters: Iterable[Any] | None, reduce: str, threads: int,
    gradient: np.ndarray | None,
) -> Any:  # fmt: skip
    """Run a program on all rows. ``Program.run`` describes the arguments, results and errors."""
    if reduce not in ("mean", "sum"):
        raise ValueError(f"unknown reduce: {reduce!r} (must be 'mean' or 'sum')")
    if isinstance(threads, bool) or not isinstance(threads, int) or threads < 1:
        raise ValueError(f"threads must be a positive integer, not {threads!r}")
    given, numbers = Inputs(arguments), _parameters(program, parameters)
    rows = given.rows
    if given.order != program.inputs or len(given.scalars) != program.n_scalar_inputs:
        raise ValueError(
            "the arguments must have the structure that the program was recorded for: plain numbers at the positions "
            f"{program.inputs[: program.n_scalar_inputs]} of the flattened arguments and columns of arrays at "
            f"{program.inputs[program.n_scalar_inputs :]}, not {given.order[: len(given.scalars)]} and "
            f"{given.order[len(given.scalars) :]}"
        )
    execute = program.executor.run
    if program.root < 0:
        if gradient is not None or reduce != "mean":
            raise ValueError(
                "gradient= and reduce= need a program that computes a gradient, and this one returns the result of each row; "
                "create it by compile(f).program(..., gradient=True)"
            )
        results = np.empty((len(program.outputs), 1 if rows < 0 else rows))
        execute(given.arrays, given.scalars, numbers, rows, 1.0, results, None, threads)
        return results[:, 0] if rows < 0 else results
    if reduce == "mean" and rows == 0:
        raise ValueError("the mean of no rows is undefined: all arrays are empty; pass reduce='sum' to get 0.0")
    found = np.empty(program.n_scalar_gradients) if gradient is None else gradient
    if not isinstance(found, np.ndarray) or found.dtype != float or not (found.flags.carray and found.ndim == 1):
        kind = f"one of {found.dtype}, shape {found.shape}" if isinstance(found, np.ndarray) else type(found).__name__
        raise TypeError(
            f"gradient must be a contiguous, writable, one-dimensional array of float64, not {kind}; pass "
            f"np.zeros({program.n_scalar_gradients})"
        )
    count = 1 if rows < 0 or reduce == "sum" else rows
    total, _ = execute(given.arrays, given.scalars, numbers, rows, 1.0 / count, None, None, threads, False, found)
    return total / count, found


def _parameters(program: Program, given: Iterable[Any] | None) -> Any:
    """Return the parameters as an array of floats, or as a tuple of Values and floats."""
    numbers: Any = () if given is None else given
    if isinstance(numbers, dict):
        raise TypeError("parameters must be a sequence, not dict; pass [numbers[name] for name in program.names]")
    if isinstance(numbers, np.ndarray) and numbers.dtype.kind in "biuf":
        numbers = np.require(numbers, np.float64, ["C", "A"])
    else:
        numbers = tuple(numbers)
        for i, number in enumerate(numbers):
            if not isinstance(number, Value) and not is_real(number):
                raise TypeError(refusal(number, f"parameter {i} must be a number or a Value"))
    if np.shape(numbers)[:1] != (program.n_parameters,) or getattr(numbers, "ndim", 1) != 1:
        names = ", ".join(program.names[:6]) + ", ..." * (len(program.names) > 6)
        raise ValueError(
            f"parameters must be {counted(program.n_parameters, 'number')}, in the order of program.names ({names}), not "
            + ("omitted; pass parameters=[...]" if given is None else f"an array of shape {np.shape(numbers)}")
        )
    return numbers
