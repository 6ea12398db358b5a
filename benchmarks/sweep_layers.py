"""Time of the moons step by width of the layers and number of points, compared with tensor code.

    python benchmarks/sweep_layers.py     (skips peers that are not installed; the extra `bench` installs them)

The report also states where tensor code is faster.
"""

from __future__ import annotations

import statistics
import sys
from collections.abc import Callable
from typing import Any

from moons_problem import Problem, Step, assert_all_agree, load_all
from moons_scalar import compiled_step, mlp_model
from moons_tensor import jax_step, numpy_step, torch_step
from report import Report
from timing import Seconds, digits, duration, ratio, side_by_side

WIDTHS = [16, 32, 64, 128, 256]
POINTS = [1, 4, 16, 64, 256, 1024, 4096]
OURS = "Value, compiled"


def factories(problem: Problem) -> dict[str, Callable[[], Step]]:
    """Return the implementations that are fast enough for large layers."""
    return {
        OURS: lambda: compiled_step(problem, *mlp_model(problem)),
        "PyTorch": lambda: torch_step(problem),
        "JAX jit": lambda: jax_step(problem),
        "NumPy by hand": lambda: numpy_step(problem),
    }


def main() -> int:
    """Check that all implementations agree at each size, then measure them."""
    report = Report(
        "sweep_layers", "The moons step with MLP(2, [width, width, 1]) by width and number of points, compared with tensor code"
    )
    widths, all_points = ([4, 8], [1, 5]) if report.quick else (WIDTHS, POINTS)
    found: dict[tuple[int, int], Seconds] = {}
    for width in widths:
        for points in all_points:
            problem = Problem(points, (width, width))
            steps = load_all(factories(problem))
            assert_all_agree(steps, problem.numbers)
            rounds, turn = (1, 0.0) if report.quick else (5, 0.02)
            found[width, points] = side_by_side({name: step.run for name, step in steps.items()}, rounds, turn)
    report.say("All implementations agree on the loss and all gradients at every size, to 9 digits. Medians:\n")
    names = list(next(iter(found.values())))
    rows = []
    for (width, points), seconds in found.items():
        times = [duration(statistics.median(seconds[name])) for name in names]
        rows.append([f"{width}", f"{points:,}", *times, *(f"{digits(ratio(seconds, name, OURS))}x" for name in names[1:])])
    report.table(["width", "points", *names, *(f"against {name}" for name in names[1:])], rows)
    for name in names[1:]:
        add_comparison(report, found, widths, name)
    plot(report, found, widths)
    return report.finish()


def add_comparison(report: Report, found: dict[tuple[int, int], Seconds], widths: list[int], name: str) -> None:
    """Add a line that states, for each width, where ours is faster than the peer."""
    parts = []
    for width in widths:
        faster = [points for (w, points), seconds in found.items() if w == width and ratio(seconds, name, OURS) > 1]
        every = [points for w, points in found if w == width]
        some = f"for {', '.join(map('{:,}'.format, faster))} points"
        where = "everywhere" if faster == every else some if faster else "nowhere"
        parts.append(f"width {width} {where}")
    report.say(f"- {OURS} is faster than {name}: {'; '.join(parts)}")


def plot(report: Report, found: dict[tuple[int, int], Seconds], widths: list[int]) -> None:
    """Add a plot of the speed relative to PyTorch and JAX by number of points, with one color per width."""

    def draw(axes: Any) -> None:
        axes.axhline(1.0, color="black", linewidth=0.8)
        for name, dashes in (("PyTorch", "-"), ("JAX jit", "--")):
            for i, width in enumerate(widths):
                ratios = {n: ratio(seconds, name, OURS) for (w, n), seconds in found.items() if w == width}
                axes.plot(list(ratios), list(ratios.values()), f"C{i}.{dashes}", label=f"{name}, width {width}")
        axes.set(xscale="log", yscale="log", xlabel="points", ylabel=f"speed of {OURS}, relative")
        axes.set(title="the moons step: above the line, scalars are faster than tensor code")
        axes.legend(fontsize=7, loc="center left", bbox_to_anchor=(1.0, 0.5))

    report.plot(draw, "speed relative to tensor code, by width and points", (7.5, 4.0))


if __name__ == "__main__":
    sys.exit(main())
