"""A wide layer: the moons step for one point with MLP(2, [1000, 100, 1]), in which 100 neurons have 1,000 inputs each.

    python benchmarks/wide_layer.py       (skips peers that are not installed; the extra `bench` installs them)

Every weight is used once per step, so reading parameters and writing gradients dominate the cost.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

from moons_problem import Problem, Step, assert_all_agree, load_all
from moons_scalar import compiled_step, loops_step, mlp_model, mlp_step
from moons_tensor import jax_step, numpy_step, torch_step
from plain_value import Value as PlainValue
from report import Report
from timing import side_by_side

import autograd


def factories(problem: Problem) -> dict[str, Callable[[], Step]]:
    """Return the implementations by name."""
    return {
        "plain Python": lambda: loops_step(problem, PlainValue),
        "Value, loops": lambda: loops_step(problem, autograd.Value),
        "Value, nn.MLP": lambda: mlp_step(problem),
        "PyTorch": lambda: torch_step(problem),
        "NumPy by hand": lambda: numpy_step(problem),
        "JAX jit": lambda: jax_step(problem),
        "Value, nn.MLP, compiled": lambda: compiled_step(problem, *mlp_model(problem)),
    }


def main() -> int:
    """Check that all implementations agree, then measure."""
    report = Report("wide_layer", "A wide layer: the loss and all gradients of one point with MLP(2, [1000, 100, 1])")
    problem = Problem(1, (20, 5) if report.quick else (1000, 100))
    steps = load_all(factories(problem))
    loss = assert_all_agree(steps, problem.numbers)
    report.say(
        f"All implementations agree on the loss, {loss:.6f}, and on all {len(problem.numbers):,} gradients, to 9 digits.\n"
    )
    rounds, turn = (1, 0.0) if report.quick else (5, 0.2)
    seconds = side_by_side({name: step.run for name, step in steps.items()}, rounds, turn)
    report.times(seconds, "plain Python")
    report.bars(seconds, "a wide layer: loss and all gradients")
    return report.finish()


if __name__ == "__main__":
    sys.exit(main())
