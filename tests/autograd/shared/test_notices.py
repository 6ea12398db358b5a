"""Warnings: the line that they name, and the number of times that they are shown."""

from __future__ import annotations

import code
import sys
import warnings
from pathlib import Path
from typing import Any

import pytest
from fresh import run_python

import autograd
import nn
import visualize
from autograd.shared import users_frame, warn

SETUP = "from nn import accuracy"
MISTAKE = "accuracy([[0.9], [0.1]], [1, 0])"


def typed(statements: list[str], name: str) -> list[list[str]]:
    """Run statements as they are run at a prompt, and return the warnings that each one shows, as ``file:line: text``."""
    console = code.InteractiveConsole({"__name__": "__main__"}, filename=name)
    shown: list[list[str]] = []
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("default")
        for statement in statements:
            more = [console.push(line) for line in statement.split("\n")]
            assert not more[-1]
            shown.append([f"{found.filename}:{found.lineno}: {found.message}" for found in caught])
            caught.clear()
    return shown


@pytest.mark.parametrize(
    "name", ["<stdin>", "<python-input-0>", "<console>", "<ipython-input-1-abc>", "/tmp/ipykernel_12/34.py"]
)
def test_a_repeated_mistake_is_reported_in_each_typed_statement(name: str) -> None:
    loop = f"for _ in range(3):\n    _ = {MISTAKE}\n"
    found = typed([SETUP, f"_ = {MISTAKE}", f"_ = {MISTAKE}", loop, loop], name)
    assert [len(texts) for texts in found] == [0, 1, 1, 1, 1]
    assert found[1][0].startswith(f"{name}:1: accuracy takes single outputs above 0 as class 1, but ")
    assert found[3][0].startswith(f"{name}:2: accuracy takes ")


def test_the_statement_counts_also_if_the_line_is_in_a_function_typed_earlier() -> None:
    function = f"def f():\n    return {MISTAKE}\n"
    found = typed([SETUP, function, "_ = f(), f()", "_ = f()"], "<stdin>")
    assert [len(texts) for texts in found] == [0, 0, 1, 1]


def test_a_filter_still_decides() -> None:
    ignore = "import warnings; warnings.simplefilter('ignore')"
    assert typed([SETUP, ignore, f"_ = {MISTAKE}"], "<stdin>") == [[], [], []]


def test_a_program_shows_a_warning_once_per_line(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(f"{SETUP}\nfor _ in range(3):\n    {MISTAKE}\n{MISTAKE}\n")
    script = f"import contextlib, runpy, sys\nwith contextlib.redirect_stderr(sys.stdout): runpy.run_path({str(program)!r})"
    lines = [line for line in run_python(script).splitlines() if "UserWarning" in line]
    assert [line.partition(": UserWarning")[0] for line in lines] == [f"{program}:3", f"{program}:4"]


def test_the_line_is_outside_the_packages() -> None:
    x = autograd.Value(1.0)
    calls: list[Any] = [
        lambda: nn.accuracy([[0.9], [0.1]], [1, 0]),
        lambda: visualize.draw(x * 2, names={"y": autograd.Value(3.0)}),
        lambda: warn("text"),
    ]
    for call in calls:
        with pytest.warns(UserWarning, match=".") as caught:
            call()
        assert {(found.filename, found.lineno) for found in caught} == {(__file__, call.__code__.co_firstlineno)}
    assert users_frame() is sys._getframe()


def test_a_warning_may_have_another_category() -> None:
    with pytest.warns(RuntimeWarning, match="^text$"):
        warn("text", RuntimeWarning)
