"""``gradcheck`` calls no row of the table wrong at ordinary points, nor inconclusive."""

from __future__ import annotations

import functools
import math
import random

import pytest

import autograd
from autograd import gradcheck
from autograd.ops import TABLE, Operation

POINTS = {1: 50, 2: 15}  # by the order of differentiation


def draw(rng: random.Random, low: float, high: float) -> float:
    """Return an ordinary number of an interval: near its lower end, of size 1, or large."""
    if math.isfinite(high):
        return rng.uniform(low, high)
    size = rng.uniform(0, 10) if rng.random() < 0.6 else 10 ** rng.uniform(-6, 2.5)
    return low + size if math.isfinite(low) else rng.choice((-1, 1)) * size


@pytest.mark.parametrize("order", POINTS)
@pytest.mark.parametrize("row", [row for row in TABLE if not row.variadic], ids=lambda row: row.name)
def test_gradcheck_passes_every_row_at_ordinary_points(row: Operation, order: int) -> None:
    rng = random.Random(f"{row.name} {order}")
    checked, failed = 0, []
    while checked < POINTS[order]:
        f, point = getattr(autograd, row.name), tuple(draw(rng, *domain) for domain in row.domain)
        if row.name == "polygamma":  # it has no derivative with respect to its order
            f, point = functools.partial(f, float(rng.randrange(6))), point[1:]
        if not math.isfinite(f(*point)):
            continue
        checked += 1
        report = gradcheck(f, point, order=order)
        failed += [f"{point}: {entry}" for entry in report.entries if entry.verdict not in ("agrees", "rounded")]
    assert not failed, "\n".join(failed)
