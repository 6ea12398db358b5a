"""The benchmarks compare like with like: all ways of a training step compute the same losses. No times are asserted."""

from __future__ import annotations

import runpy
import sys
from pathlib import Path
from typing import Any

import pytest

import autograd

FOLDER = Path(__file__).parent.parent / "benchmarks"


@pytest.fixture
def moons(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What benchmarks/moons.py defines."""
    monkeypatch.setattr(sys, "path", [str(FOLDER), *sys.path])
    return runpy.run_path(str(FOLDER / "moons.py"))


def test_all_ways_of_a_training_step_compute_the_same_losses(moons: dict[str, Any]) -> None:
    steps = [moons["loop_step"](moons["PlainValue"]), moons["loop_step"](autograd.Value), moons["mlp_step"]()]
    losses = [[step() for _ in range(3)] for step in steps]
    assert losses[1] == pytest.approx(losses[0], rel=1e-12)
    assert losses[2] == pytest.approx(losses[0], rel=1e-12)
    assert losses[0][2] < losses[0][1] < losses[0][0]
