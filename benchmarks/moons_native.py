"""The moons step in compiled code of others: dense loops in C, and CasADi's tape of the scalar graph."""

from __future__ import annotations

import ctypes
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from moons_problem import L2, Problem, Step
from moons_scalar import loops_model
from report import peer


def c_step(problem: Problem, *flags: str) -> Step:
    """Compile ``dense_moons.c`` with the system's ``cc``, and return its step. Requires widths (16, 16) and at most 128 points.

    Args:
        problem: Problem to solve.
        flags: Options of the compiler.

    Raises:
        OSError: If compilation fails, for example because there is no compiler.
    """
    assert problem.sizes == [2, 16, 16, 1], problem.sizes
    max_points = 128
    assert len(problem.y) <= max_points
    with tempfile.TemporaryDirectory() as folder:
        library = Path(folder) / "dense_moons.so"
        source = Path(__file__).with_name("dense_moons.c")
        command = ["cc", *flags, "-shared", "-fPIC", "-o", str(library), str(source)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise OSError(f"{' '.join(command)} failed: {done.stderr}")
        function = ctypes.CDLL(str(library)).moons_step
    function.restype = ctypes.c_double
    numbers = list(problem.numbers)

    def doubles(values: Sequence[float]) -> Any:
        return (ctypes.c_double * len(values))(*values)

    padding = [0.0] * (max_points - len(problem.y))
    X, y = doubles([x for column in zip(*problem.X) for x in (*column, *padding)]), doubles([*problem.y, *padding])
    parameters, gradients = doubles(numbers), doubles([0.0] * len(numbers))
    arguments = (parameters, X, y, ctypes.c_long(len(problem.y)), ctypes.c_double(L2), gradients)

    def load(numbers: Sequence[float]) -> None:
        parameters[:] = numbers

    return Step(lambda: function(*arguments), load, lambda: list(gradients))


def casadi_function(problem: Problem) -> Any:
    """Return the loss of all points and its gradients, built from SX scalars, as a CasADi function of the parameters."""
    casadi = peer("casadi")
    symbols = casadi.SX.sym("p", len(problem.numbers))
    unused = iter(range(len(problem.numbers)))
    _, score = loops_model(problem, lambda _: _Symbol(symbols[next(unused)]))
    losses = [casadi.fmax(1 - label * score(point).x, 0) for point, label in zip(problem.X, problem.y)]
    loss = sum(losses) / len(losses) + L2 * casadi.dot(symbols, symbols)
    return casadi.Function("step", [symbols], [loss, casadi.gradient(loss, symbols)])


class _Symbol:
    """A CasADi SX with a ``relu`` method, as the loops need it."""

    __slots__ = ("x",)

    def __init__(self, x: Any) -> None:
        self.x = x

    def __add__(self, other: _Symbol) -> _Symbol:
        return _Symbol(self.x + other.x)

    def __mul__(self, other: Any) -> _Symbol:
        return _Symbol(self.x * (other.x if isinstance(other, _Symbol) else other))

    def relu(self) -> _Symbol:
        # not fmax, which has a different derivative where its operands are equal
        return _Symbol((self.x > 0) * self.x)


def casadi_step(problem: Problem) -> Step:
    """Return the step of CasADi's tape, called through buffers, without conversions."""
    np = peer("numpy")
    function = casadi_function(problem)
    buffer, evaluate = function.buffer()
    parameters, loss, gradients = np.array(problem.numbers), np.zeros(1), np.zeros(len(problem.numbers))
    buffer.set_arg(0, memoryview(parameters))
    buffer.set_res(0, memoryview(loss))
    buffer.set_res(1, memoryview(gradients))

    owners = (function, buffer)  # ``evaluate`` does not keep them alive

    def run() -> float:
        assert owners
        evaluate()
        return float(loss[0])

    def load(numbers: Sequence[float]) -> None:
        parameters[:] = numbers

    return Step(run, load, gradients.tolist)
