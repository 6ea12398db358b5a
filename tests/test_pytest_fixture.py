"""The fixture ``gradcheck`` of the pytest plugin, as users see it: in another process, outside of this project."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

ROOT = Path(__file__).parent.parent

TESTS = """
from autograd import sin, strategies
from hypothesis import given, settings

def test_right(gradcheck):
    report = gradcheck(lambda x: sin(x), 0.5)
    assert report.entries[0].verdict == "agrees"

def test_wrong(gradcheck):
    gradcheck(lambda x: x**3, 2.0, gradient=lambda x: x**2)  # this line

@settings(database=None, derandomize=True, deadline=None)
@given(strategies.numbers(min_value=0.5, max_value=4))
def test_property(gradcheck, x):
    gradcheck(lambda x: x**3, x, gradient=lambda x: 3 * x**2 if x < 2 else x**2)
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


def test_a_failure_shows_the_line_of_the_test_and_the_report(tmp_path: Path) -> None:
    output = run(TESTS, tmp_path)
    assert "2 failed, 1 passed" in output
    wrong = output.partition("_ test_wrong _")[2].partition("_ test_property _")[0]
    assert ">       gradcheck(lambda x: x**3, 2.0, gradient=lambda x: x**2)  # this line" in wrong
    assert "AssertionError" in wrong
    assert "WRONG" in wrong
    assert "test_users.py:" in wrong
    assert "scalar_autograd_pytest.py" not in wrong


def test_a_property_test_shrinks_to_the_smallest_point(tmp_path: Path) -> None:
    output = run(TESTS, tmp_path).partition("_ test_property _")[2]
    assert ">       gradcheck(lambda x: x**3, x, gradient=" in output
    assert "x=2.0,\n" in output


def test_the_plugin_imports_nothing_before_the_fixture_is_used(tmp_path: Path) -> None:
    modules = "{'autograd', 'numpy', 'scalar_autograd_pytest'} & set(sys.modules)"
    test = f"import sys\ndef test_modules():\n    assert {modules} == {{'scalar_autograd_pytest'}}"
    assert "1 passed" in run(test, tmp_path)


def test_the_entry_point_is_installed() -> None:
    names = [point.value for point in entry_points(group="pytest11") if point.name == "scalar_autograd_pytest"]
    assert names == ["scalar_autograd_pytest"]
