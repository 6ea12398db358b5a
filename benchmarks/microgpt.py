"""One training step of ``examples/microgpt.py`` on one name: the loss and all gradients, float64.

    python benchmarks/microgpt.py         (peers that are not installed are left out; the extra `bench` has them)

The plain-Python ``Value`` and ours are given the same code.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable

from microgpt_scalar import PLAIN, compiled_step, eager_step, flat, initial_matrices, load_example
from microgpt_tensor import jax_step, torch_step
from moons_problem import Step, assert_all_agree, load_all
from plain_value import MicrogptValue
from plain_value import Value as PlainValue
from report import Report
from timing import ratio, side_by_side

NAME = "matilda"


def factories(name: str) -> dict[str, Callable[[], Step]]:
    """All ways by name; each factory raises ImportError if what it needs is not installed."""
    return {
        "plain Python, as in microgpt": lambda: eager_step(name, load_example(Value=MicrogptValue, **PLAIN)),
        "plain Python": lambda: eager_step(name, load_example(Value=PlainValue, **PLAIN)),
        "Value, plain operators": lambda: eager_step(name, load_example(**PLAIN)),
        "Value, affine and dot": lambda: eager_step(name, load_example()),
        "PyTorch": lambda: torch_step(name),
        "JAX jit": lambda: jax_step(name),
        "Value, compiled": lambda: compiled_step(name, load_example()),
    }


def main() -> int:
    """Check that all agree, then measure."""
    report = Report("microgpt", "One training step of a small GPT on one name: loss and all gradients")
    name = "ab" if report.quick else NAME
    steps = load_all(factories(name))
    numbers = flat(initial_matrices())
    loss = assert_all_agree(steps, numbers)
    report.say(f"All ways agree on the loss of {name!r}, {loss:.6f}, and on all {len(numbers):,} gradients, to 9 digits.\n")

    rounds, turn = (1, 0.0) if report.quick else (9, 0.3)
    seconds = side_by_side({name: step.run for name, step in steps.items()}, rounds, turn)
    report.times(seconds, "plain Python")
    report.bars(seconds, f"microgpt, {NAME!r}: loss and all gradients")

    made = factories(name)
    ready = [way for way in ("JAX jit", "Value, compiled") if way in steps]
    report.say("The first call for a length: recording, compiling and one step.\n")
    firsts: dict[str, Callable[[], object]] = {way: functools.partial(lambda way: made[way]().run(), way) for way in ready}
    report.times(side_by_side(firsts, 1 if report.quick else 3, 0.0), "Value, compiled")

    for way in ("plain Python, as in microgpt", "plain Python"):
        report.aim(f"plain operators against {way}", ratio(seconds, way, "Value, plain operators"), 25)
    report.aim("compiled against PyTorch", ratio(seconds, "PyTorch", "Value, compiled"), 2)
    report.aim("compiled against JAX", ratio(seconds, "JAX jit", "Value, compiled"), 1, stretch=True)
    return report.finish()


if __name__ == "__main__":
    sys.exit(main())
