"""One training step on two moons: 100 points, MLP(2, [16, 16, 1]), hinge loss with L2; the loss and all gradients, float64.

    python benchmarks/moons.py            (skips peers that are not installed; the extra `bench` installs them)

Implementations: scalars with ``+`` and ``*`` in Python loops, the same code for every ``Value`` class, 65,614 nodes per step;
``nn.MLP``, in which a neuron is one node; both compiled; and peers without scalars.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from hips import hips_step
from moons_native import c_step, casadi_function, casadi_step
from moons_problem import Problem, Step, assert_all_agree, load_all
from moons_scalar import compiled_step, loops_model, loops_step, mlp_model, mlp_step
from moons_tensor import jax_step, numpy_step, torch_step
from plain_value import MicrogptValue
from plain_value import Value as PlainValue
from report import Report, peer
from timing import ratio, side_by_side

import autograd


def factories(problem: Problem) -> dict[str, Callable[[], Step]]:
    """Return the implementations by name, slowest first. A factory raises ImportError or OSError if its package is missing."""
    return {
        "micrograd": lambda: loops_step(problem, peer("micrograd.engine").Value),
        "plain Python, as in microgpt": lambda: loops_step(problem, MicrogptValue),
        "plain Python": lambda: loops_step(problem, PlainValue),
        "Value, loops": lambda: loops_step(problem, autograd.Value),
        "Value, nn.MLP": lambda: mlp_step(problem),
        "HIPS autograd": lambda: hips_step(problem),
        "CasADi SX": lambda: casadi_step(problem),
        "PyTorch": lambda: torch_step(problem),
        "NumPy by hand": lambda: numpy_step(problem),
        "JAX jit": lambda: jax_step(problem),
        "Value, loops, compiled": lambda: compiled_step(problem, *loops_model(problem, autograd.Value)),
        "Value, nn.MLP, compiled": lambda: compiled_step(problem, *mlp_model(problem)),
        "Value, nn.MLP, compiled, zeroing": lambda: compiled_step(problem, *mlp_model(problem), zeroing=True),
        "C, dense, -O3": lambda: c_step(problem, "-O3"),
        "C, dense, -O3 -march=native": lambda: c_step(problem, "-O3", "-march=native"),
    }


def first_calls(problem: Problem) -> dict[str, Callable[[], object]]:
    """Return functions that prepare an implementation, by recording or compiling, and run one step."""
    loops, mlp = loops_model(problem, autograd.Value), mlp_model(problem)
    functions: dict[str, Callable[[], Any]] = {
        "CasADi SX": lambda: casadi_function(problem),
        "JAX jit": lambda: jax_step(problem).run(),
        "Value, loops, compiled": lambda: compiled_step(problem, *loops).run(),
        "Value, nn.MLP, compiled": lambda: compiled_step(problem, *mlp).run(),
    }
    for name, function in list(functions.items()):
        try:
            function()
        except ImportError:
            del functions[name]
    return functions


def main() -> int:
    """Check that all implementations agree, then measure."""
    report = Report("moons", "One training step on two moons, 100 points: loss and all gradients")
    problem = Problem(10 if report.quick else 100)
    steps = load_all(factories(problem))
    loss = assert_all_agree(steps, problem.numbers)
    report.say(
        f"All implementations agree on the loss, {loss:.6f}, and on all {len(problem.numbers)} gradients, to 9 digits.\n"
    )

    functions = {name: step.run for name, step in steps.items()}
    if "micrograd" in functions:
        functions["micrograd, no garbage collection"] = without_collection(functions["micrograd"])
    functions = dict(sorted(functions.items(), key=lambda item: not item[0].startswith("micrograd")))
    rounds, turn = (1, 0.0) if report.quick else (9, 0.3)
    seconds = side_by_side(functions, rounds, turn)
    report.times(seconds, "plain Python")
    report.bars(seconds, "moons, 100 points: loss and all gradients")

    report.say("The first call: recording, compiling and one step.\n")
    first = side_by_side(first_calls(problem), 1 if report.quick else 3, 0.0)
    report.times(first, "Value, loops, compiled")

    compiled, mlp = "Value, loops, compiled", "Value, nn.MLP"
    for name, wanted in (("JAX jit", 1.5), ("NumPy by hand", 2), ("PyTorch", 10), ("micrograd", 30_000)):
        report.target(f"compiled against {name}", ratio(seconds, name, compiled), wanted)
    for name in ("C, dense, -O3", "C, dense, -O3 -march=native"):
        report.target(f"compiled against {name}", ratio(seconds, name, compiled), 1 / 1.5, stretch=True)
    report.target("loops, recording and compiling", max(first["Value, loops, compiled"]) * 1e3, 50, at_most="ms")
    report.target("loops against micrograd", ratio(seconds, "micrograd", "Value, loops"), 250)
    for name, stretch in (("plain Python, as in microgpt", False), ("plain Python", True)):
        report.target(f"loops against {name}", ratio(seconds, name, "Value, loops"), 30, stretch=stretch)
        report.target(f"nn.MLP against {name}", ratio(seconds, name, mlp), 200, stretch=stretch)
    report.target("nn.MLP against micrograd", ratio(seconds, "micrograd", mlp), 1500)
    report.target("nn.MLP against PyTorch", ratio(seconds, "PyTorch", mlp), 1 / 2.5)
    return report.finish()


def without_collection(function: Callable[[], object]) -> Callable[[], None]:
    """Return the function with Python's garbage collector disabled during the call."""
    import gc

    def run() -> None:
        gc.disable()
        function()
        gc.enable()

    return run


if __name__ == "__main__":
    sys.exit(main())
