"""The benchmarks compare like with like: before anything is timed, all ways must agree. No times are asserted.

Peers that are not installed are left out, by the benchmarks themselves.
"""

from __future__ import annotations

import importlib
import math
import re
import runpy
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "benchmarks"
BENCHMARKS: list[str] = runpy.run_path(str(FOLDER / "__main__.py"))["ALL"]


@pytest.fixture
def load(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], ModuleType]:
    """Imports a file of the benchmarks, which find each other in their own folder."""
    monkeypatch.syspath_prepend(FOLDER)
    return importlib.import_module


def test_every_file_that_can_be_run_is_run_by_make_bench() -> None:
    runnable = {path.stem for path in FOLDER.glob("*.py") if "sys.exit(main())" in path.read_text(encoding="utf-8")}
    assert runnable - {"__main__"} == set(BENCHMARKS)


@pytest.mark.parametrize("name", BENCHMARKS)
def test_a_benchmark_runs_and_all_its_ways_agree(name: str) -> None:
    """A way that computes something else ends the process with an AssertionError that names it."""
    command = [sys.executable, str(FOLDER / f"{name}.py"), "--quick"]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    assert run.stdout.startswith("# ")
    assert re.search(r"^\|.*\d.*\|$", run.stdout, flags=re.MULTILINE), "no table"


def test_a_way_that_computes_something_else_is_named(load: Callable[[str], ModuleType]) -> None:
    problem_of, scalar = load("moons_problem"), load("moons_scalar")
    problem = problem_of.Problem(3, (4, 4))
    right = scalar.mlp_step(problem)
    problem_of.assert_all_agree({"right": right, "also": right}, problem.numbers)
    louder = problem_of.Step(lambda: right.run() * 1.001, right.load, right.gradients)
    with pytest.raises(AssertionError, match=r"louder: loss \d"):
        problem_of.assert_all_agree({"right": right, "louder": louder}, problem.numbers)
    bent = problem_of.Step(right.run, right.load, lambda: [1e-6 + g for g in right.gradients()])
    with pytest.raises(AssertionError, match="bent: a gradient differs by"):
        problem_of.assert_all_agree({"right": right, "bent": bent}, problem.numbers)


def test_a_way_that_has_frozen_the_parameters_is_named(load: Callable[[str], ModuleType]) -> None:
    problem_of, scalar = load("moons_problem"), load("moons_scalar")
    problem = problem_of.Problem(3, (4, 4))
    right = scalar.mlp_step(problem)
    loss, frozen = right.run(), right.gradients()
    stiff = problem_of.Step(lambda: loss, lambda numbers: None, lambda: frozen)
    with pytest.raises(AssertionError, match="stiff: loss"):
        problem_of.assert_all_agree({"right": right, "stiff": stiff}, problem.numbers)


@pytest.mark.parametrize(
    ("seconds", "text"), [(2.0, "2.00 s"), (0.0123, "12.3 ms"), (1e-3, "1.00 ms"), (45.6e-6, "45.6 us"), (78.9e-9, "78.9 ns")]
)
def test_times_are_written_with_three_digits(load: Callable[[str], ModuleType], seconds: float, text: str) -> None:
    assert load("timing").duration(seconds) == text


def test_a_ratio_compares_within_rounds_and_is_nan_if_a_way_was_not_measured(load: Callable[[str], ModuleType]) -> None:
    timing = load("timing")
    seconds = {"slow": [3.0, 30.0, 4.0], "fast": [1.0, 10.0, 2.0]}  # 3, 3 and 2 times; the medians are 4 and 2
    assert timing.ratio(seconds, "slow", "fast") == 3.0
    assert math.isnan(timing.ratio(seconds, "slow", "missing"))
