"""The benchmarks run, and compare implementations that agree. Times are not asserted.

The benchmarks themselves skip peers that are not installed.
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

import numpy as np
import pytest

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "benchmarks"
BENCHMARKS: list[str] = runpy.run_path(str(FOLDER / "__main__.py"))["ALL"]


@pytest.fixture
def load(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], ModuleType]:
    """Return a function that imports a module of the benchmarks, which import each other by file name."""
    monkeypatch.syspath_prepend(FOLDER)
    return importlib.import_module


def test_make_bench_runs_every_benchmark() -> None:
    runnable = {path.stem for path in FOLDER.glob("*.py") if "sys.exit(main())" in path.read_text(encoding="utf-8")}
    assert runnable - {"__main__"} == set(BENCHMARKS)


@pytest.mark.parametrize("name", BENCHMARKS)
def test_a_benchmark_runs_and_all_implementations_agree(name: str) -> None:
    """An implementation that disagrees ends the process with an AssertionError."""
    command = [sys.executable, str(FOLDER / f"{name}.py"), "--quick"]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    assert run.stdout.startswith("# ")
    if found := re.search("^This needs .*$", run.stdout, flags=re.MULTILINE):
        pytest.skip(found[0])
    assert re.search(r"^\|.*\d.*\|$", run.stdout, flags=re.MULTILINE), "no table"


def test_an_implementation_with_a_different_result_raises_an_error_with_its_name(load: Callable[[str], ModuleType]) -> None:
    moons, scalar = load("moons_problem"), load("moons_scalar")
    problem = moons.Problem(3, (4, 4))
    right = scalar.mlp_step(problem)
    moons.assert_all_agree({"right": right, "also": right}, problem.numbers)
    scaled = moons.Step(lambda: right.run() * 1.001, right.load, right.gradients)
    with pytest.raises(AssertionError, match=r"scaled: loss \d"):
        moons.assert_all_agree({"right": right, "scaled": scaled}, problem.numbers)
    shifted = moons.Step(right.run, right.load, lambda: [1e-6 + g for g in right.gradients()])
    with pytest.raises(AssertionError, match="shifted: a gradient differs by"):
        moons.assert_all_agree({"right": right, "shifted": shifted}, problem.numbers)


def test_an_implementation_that_ignores_new_parameters_raises_an_error_with_its_name(load: Callable[[str], ModuleType]) -> None:
    moons, scalar = load("moons_problem"), load("moons_scalar")
    problem = moons.Problem(3, (4, 4))
    right = scalar.mlp_step(problem)
    loss, frozen = right.run(), right.gradients()
    frozen_step = moons.Step(lambda: loss, lambda numbers: None, lambda: frozen)
    with pytest.raises(AssertionError, match="frozen_step: loss"):
        moons.assert_all_agree({"right": right, "frozen_step": frozen_step}, problem.numbers)


@pytest.mark.parametrize(
    ("result", "message"),
    [
        (np.array([1.0, 2.0 + 1e-8]), "wrong: gradient differs from ours by 5e-09"),
        (np.array([1.0, np.nan]), "wrong: gradient is not finite"),
        (np.array([[1.0, 2.0]]), r"wrong: gradient has shape \(1, 2\), not \(2,\)"),
    ],
)
def test_a_workload_with_a_different_result_raises_an_error_with_its_name(
    load: Callable[[str], ModuleType], result: np.ndarray, message: str
) -> None:
    compare = load("workloads.workload").assert_results_agree
    ours = [3.0, np.array([1.0, 2.0])]
    compare(["value", "gradient"], {"ours": ours, "same": [3.0, [1.0, 2.0 + 1e-10]]})
    with pytest.raises(AssertionError, match=message):
        compare(["value", "gradient"], {"ours": ours, "wrong": [3.0, result]})
    with pytest.raises(AssertionError, match="short: 1 results, not 2"):
        compare(["value", "gradient"], {"ours": ours, "short": [3.0]})


@pytest.mark.parametrize(
    ("seconds", "text"), [(2.0, "2.00 s"), (0.0123, "12.3 ms"), (1e-3, "1.00 ms"), (45.6e-6, "45.6 us"), (78.9e-9, "78.9 ns")]
)
def test_times_are_formatted_with_three_digits(load: Callable[[str], ModuleType], seconds: float, text: str) -> None:
    assert load("timing").duration(seconds) == text


def test_a_ratio_compares_within_rounds_and_is_nan_without_a_measurement(load: Callable[[str], ModuleType]) -> None:
    timing = load("timing")
    seconds = {"slow": [3.0, 30.0, 4.0], "fast": [1.0, 10.0, 2.0]}  # ratios 3, 3 and 2; the medians are 4 and 2
    assert timing.ratio(seconds, "slow", "fast") == 3.0
    assert math.isnan(timing.ratio(seconds, "slow", "missing"))


TWO_EDGES = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 200 100" font-size="18">
<g class="edge"><title>n0:e-&gt;n2:w</title><path fill="none" d="M0,0 L100,100"/></g>
<g class="edge"><title>n1-&gt;{head}</title><path fill="none" d="M0,{start}C30,{start} 70,{end} 100,{end}"/></g>
<g class="node"><text>a | grad -2.0000</text><text>b = 1.5</text></g></svg>"""


@pytest.mark.parametrize(
    ("start", "end", "head", "crossings"),
    [(100, 0, "n3", 1), (50, 50, "n3", 1), (10, 90, "n3", 3), (20, 120, "n3", 0), (100, 0, "n2", 0)],
)
def test_crossings_are_counted_on_the_curves_between_edges_without_a_common_end(
    load: Callable[[str], ModuleType], start: int, end: int, head: str, crossings: int
) -> None:
    assert load("svg_measures").Picture(TWO_EDGES.format(start=start, end=end, head=head)).crossings() == crossings


def test_boxes_width_names_and_gradients_are_read_from_a_picture(load: Callable[[str], ModuleType]) -> None:
    picture = load("svg_measures").Picture(TWO_EDGES.format(start=0, end=0, head="n3"))
    assert (picture.boxes, len(picture.edges)) == (1, 2)
    assert picture.width == 100.0  # 200 with texts of 18 px
    assert picture.names(["a", "b", "c"]) == 2
    assert picture.gradients([1.5], [-2.00004, 1.5]) == 1  # 1.5 is shown once, as data
