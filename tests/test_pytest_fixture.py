"""The fixture ``gradcheck`` of the pytest plugin, as users see it: in another process, outside of this project."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

TESTS = """
from autograd import primitive, sin, strategies
from hypothesis import Phase, given, settings

@primitive(lambda y, x: 2.5 * x**2)
def cube(x):
    return x**3

def test_right(gradcheck):
    report = gradcheck(lambda x: sin(x), 0.5)
    assert report.entries[0].verdict == "agrees"

def test_wrong(gradcheck):
    gradcheck(lambda x: x**3, 2.0, gradient=lambda x: x**2)  # this line

@settings(database=None, derandomize=True, deadline=None, phases=[Phase.generate, Phase.shrink])
@given(strategies.numbers(min_value=0.5, max_value=4))
def test_property(gradcheck, x):
    gradcheck(lambda x: x**3, x, gradient=lambda x: 3 * x**2 if x < 2 else x**2)

@settings(database=None, derandomize=True, deadline=None, phases=[Phase.generate, Phase.shrink])
@given(strategies.expressions(["sin", cube], max_inputs=1, number=strategies.numbers(min_value=1, max_value=2)))
def test_row(gradcheck, f):
    gradcheck(f, f.inputs)
"""


def run(test: str, folder: Path) -> str:
    """Return the output of pytest for a test file with this content."""
    (folder / "test_users.py").write_text(test)
    options = ["-p", "scalar_autograd_pytest", "-p", "no:cacheprovider", "-q", "--color=no"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *options, "test_users.py"], cwd=folder, env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def failures(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The output for each failing test of ``TESTS``, by its name."""
    output = run(TESTS, tmp_path_factory.mktemp("users"))
    assert "3 failed, 1 passed" in output
    parts = re.split(r"^_+ (\w+) _+$", output, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def test_a_failure_shows_the_line_of_the_test_and_the_report(failures: dict[str, str]) -> None:
    shown = failures["test_wrong"]
    assert ">       gradcheck(lambda x: x**3, 2.0, gradient=lambda x: x**2)  # this line" in shown
    assert re.search("AssertionError.*WRONG", shown, flags=re.DOTALL)
    assert "test_users.py:" in shown
    assert "scalar_autograd_pytest.py" not in shown


def test_a_property_test_shrinks_to_the_smallest_point(failures: dict[str, str]) -> None:
    assert ">       gradcheck(lambda x: x**3, x, gradient=" in failures["test_property"]
    assert "x=2.0,\n" in failures["test_property"]


def test_a_property_test_shrinks_to_the_smallest_expression_and_names_the_wrong_row(failures: dict[str, str]) -> None:
    assert "f=Expression('lambda x: cube(x)', 1.0, cube=cube)," in failures["test_row"]
    assert "cube at 1: its partial with respect to x is 2.5, differences say 3" in failures["test_row"]


def test_the_plugin_imports_nothing_before_the_fixture_is_used(tmp_path: Path) -> None:
    modules = "{'autograd', 'numpy', 'scalar_autograd_pytest'} & set(sys.modules)"
    test = f"import sys\ndef test_modules():\n    assert {modules} == {{'scalar_autograd_pytest'}}"
    assert "1 passed" in run(test, tmp_path)


def test_the_entry_point_is_installed() -> None:
    names = [point.value for point in entry_points(group="pytest11") if point.name == "scalar_autograd_pytest"]
    assert names == ["scalar_autograd_pytest"]
