"""One training step of ``examples/microgpt.py`` on one name: the loss and all gradients, float64.

    python benchmarks/microgpt.py         (skips peers that are not installed; the extra `bench` installs them)

The plain-Python ``Value`` classes and ours run the same code.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable

from microgpt_scalar import PLAIN, compiled_step, eager_step, flatten, initial_matrices, load_example
from microgpt_tensor import jax_step, torch_step
from moons_problem import Step, assert_all_agree, load_all
from plain_value import MicrogptValue
from plain_value import Value as PlainValue
from report import Report
from timing import ratio, side_by_side

NAME = "matilda"


def factories(name: str) -> dict[str, Callable[[], Step]]:
    """Return the implementations by name. A factory raises ImportError if its package is missing."""
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
    """Check that all implementations agree, then measure."""
    report = Report("microgpt", "One training step of a small GPT on one name: loss and all gradients")
    name = "ab" if report.quick else NAME
    steps = load_all(factories(name))
    numbers = flatten(initial_matrices())
    loss = assert_all_agree(steps, numbers)
    report.say(
        f"All implementations agree on the loss of {name!r}, {loss:.6f}, and on all {len(numbers):,} gradients, to 9 digits.\n"
    )

    rounds, turn = (1, 0.0) if report.quick else (9, 0.3)
    seconds = side_by_side({name: step.run for name, step in steps.items()}, rounds, turn)
    report.times(seconds, "plain Python")
    report.bars(seconds, f"microgpt, {NAME!r}: loss and all gradients")

    prepared = factories(name)
    available = [peer for peer in ("JAX jit", "Value, compiled") if peer in steps]
    report.say("The first call for each length of name: recording, compiling and one step.\n")
    first: dict[str, Callable[[], object]] = {
        peer: functools.partial(lambda peer: prepared[peer]().run(), peer) for peer in available
    }
    report.times(side_by_side(first, 1 if report.quick else 3, 0.0), "Value, compiled")

    for peer in ("plain Python, as in microgpt", "plain Python"):
        report.target(f"plain operators against {peer}", ratio(seconds, peer, "Value, plain operators"), 25)
    report.target("compiled against PyTorch", ratio(seconds, "PyTorch", "Value, compiled"), 2)
    report.target("compiled against JAX", ratio(seconds, "JAX jit", "Value, compiled"), 1, stretch=True)
    return report.finish()


if __name__ == "__main__":
    sys.exit(main())
