"""Time of ``gradcheck`` per derivative, and for all parameters of a network. The checks must pass.

    python benchmarks/gradcheck_speed.py

The targets are 1.5 ms per derivative of an expression of ten operations, and 2 s for a network of 337 parameters on 8 rows.
"""

from __future__ import annotations

import random
import statistics
import sys
from collections.abc import Callable
from typing import Any

from report import Report
from timing import side_by_side

import autograd
import nn
from autograd import GradcheckReport, gradcheck

PER_ENTRY, PER_MODEL = 1.5, 2000.0  # milliseconds, at most
EXPRESSION, SECOND, CANCELLING, MODEL = "ten operations", "its second derivatives", "logsumexp of three", "a network"


def expression(x: Any, y: Any) -> Any:
    """Apply ten operations."""
    return autograd.log(1 + autograd.exp(x * y)) * autograd.tanh(y) - autograd.sqrt(x * x + y * y)


def check_model(model: nn.MLP, rows: list[list[float]], targets: list[float]) -> GradcheckReport:
    """Check all parameters."""
    return gradcheck(model, rows, targets, loss=nn.mse_loss)


def main() -> int:
    """Measure four checks in turns."""
    report = Report("gradcheck_speed", "The time of gradcheck")
    generator = random.Random(0)
    rows = [[generator.gauss(0, 1), generator.gauss(0, 1)] for _ in range(8)]
    targets = [generator.gauss(0, 1) for _ in rows]
    model = nn.MLP(2, [16, 16, 1], seed=0)
    checks: dict[str, Callable[[], GradcheckReport]] = {
        EXPRESSION: lambda: gradcheck(expression, (0.7, 1.3)),
        SECOND: lambda: gradcheck(expression, (0.7, 1.3), order=2),
        CANCELLING: lambda: gradcheck(autograd.logsumexp, [0.0, -8.0, -8.0]),
        MODEL: lambda: check_model(model, rows, targets),
    }
    counts = {}
    for name, check in checks.items():
        found = check()
        found.raise_unless_passed()
        counts[name] = len(found.entries)
    seconds = side_by_side(checks, 1 if report.quick else 9, 0.0 if report.quick else 0.3)
    medians = {name: 1e3 * statistics.median(times) for name, times in seconds.items()}
    heading = ("check", "derivatives", "ms in all", "ms per derivative")
    lines = [(name, f"{counts[name]:,}", f"{ms:.2f}", f"{ms / counts[name]:.2f}") for name, ms in medians.items()]
    report.table(heading, lines)
    report.target("one derivative of ten operations", medians[EXPRESSION] / counts[EXPRESSION], PER_ENTRY, at_most="ms")
    report.target("a network of 337 parameters on 8 rows", medians[MODEL], PER_MODEL, at_most="ms")
    return report.finish()


if __name__ == "__main__":
    sys.exit(main())
