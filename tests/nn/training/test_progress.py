"""The progress of ``fit`` in a terminal, which is a pseudo-terminal here, and in a notebook."""

from __future__ import annotations

import io
import os
import select
import subprocess
import sys
import time
import types
from pathlib import Path
from typing import Any

import pytest

import autograd
from nn import Neuron, fit
from nn.training.progress import Bar

CODE = """
import fcntl, termios, time, nn
fcntl.ioctl(0, termios.TIOCSCTTY, 0)  # this process gets the Ctrl-C of the terminal
model = nn.MLP(2, [4, 1], seed=0)
def slow(training):
    time.sleep(0.05)
    {callback}
print("start", flush=True)
history = nn.fit(model, *nn.make_moons(20, seed=0), loss="mse", epochs={epochs}, metrics=["accuracy", "r2_score"],
                 validation_split=0.2, seed=0, callbacks=[slow])
print("stopped:", history.stopped)
"""


def screen(text: str, width: int) -> list[str]:
    """Return the lines that a terminal of this width shows after receiving ``text``."""
    lines, row, column = [[" "] * width], 0, 0
    for character in text:
        if character == "\r":
            column = 0
        elif character == "\n":
            row += 1
            lines += [[" "] * width] * (row == len(lines))
        else:
            if column == width:  # the terminal wraps
                row, column = row + 1, 0
                lines += [[" "] * width] * (row == len(lines))
            lines[row] = [*lines[row][:column], character, *lines[row][column + 1 :]]
            column += 1
    return ["".join(line).rstrip() for line in lines]


def run_in_terminal(width: int, epochs: int = 4, callback: str = "", interrupt: bool = False) -> list[str]:
    """Run CODE in a pseudo-terminal, press Ctrl-C after a second if requested, and return what the screen shows."""
    termios = pytest.importorskip("termios")
    master, slave = os.openpty()
    termios.tcsetwinsize(slave, (24, width))
    environment = {"PYTHONPATH": str(Path(autograd.__file__).parent.parent), "AUTOGRAD_BACKEND": autograd.backend()}
    kept = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES")}
    process = subprocess.Popen(
        [sys.executable, "-c", CODE.format(callback=callback, epochs=epochs)],
        stdin=slave, stdout=slave, stderr=slave, env=kept | environment, start_new_session=True,
    )  # fmt: skip
    os.close(slave)
    received, pressed, deadline = b"", not interrupt, time.monotonic() + 120
    while time.monotonic() < deadline:
        if not pressed and received.count(b"epoch") > 3:
            os.write(master, b"\x03")
            pressed = True
        if select.select([master], [], [], 0.1)[0]:
            try:
                data = os.read(master, 65536)
            except OSError:  # the process has closed the terminal
                break
            if not data:
                break
            received += data
    os.close(master)
    assert process.wait(60) == 0, received.decode()
    return screen(received.decode(), width)


# ---- terminals ----


@pytest.mark.parametrize("width", [20, 40, 120])
def test_the_progress_is_one_line_that_fits_the_terminal(width: int) -> None:
    start, line, stopped, *rest = run_in_terminal(width)
    assert (start, stopped, rest) == ("start", "stopped: epochs", [""])
    assert line.startswith("epoch 4/4")
    assert len(line) < width
    if width > 20:
        assert "loss 0." in line
    assert ("[##########]" in line and "val_r2_score" in line) is (width == 120)


def test_ctrl_c_leaves_one_line() -> None:
    start, line, stopped, *rest = run_in_terminal(40, epochs=100_000, interrupt=True)
    assert (start, stopped, rest) == ("start", "stopped: interrupted", [""])
    assert line.startswith("epoch ")
    assert "^C" not in line


def test_the_output_of_callbacks_appears_above_the_line() -> None:
    shown = run_in_terminal(60, callback="print('done with', training.epoch)")
    assert shown[:5] == ["start", *(f"done with {i}" for i in (1, 2, 3, 4))]
    assert shown[5].startswith("epoch 4/4")
    assert shown[6:] == ["stopped: epochs", ""]


def test_an_imported_kernel_is_no_notebook(monkeypatch: pytest.MonkeyPatch, capfd: Any) -> None:
    monkeypatch.setitem(sys.modules, "ipykernel", types.ModuleType("ipykernel"))
    monkeypatch.setitem(sys.modules, "IPython", types.SimpleNamespace(get_ipython=lambda: None))
    fit(Neuron(1, seed=0), [[1.0], [2.0]], [1.0, 2.0], loss="mse", epochs=3)
    assert capfd.readouterr().out == ""


def test_only_ascii_is_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    out = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", out)
    fit(Neuron(1, seed=0), [[1.0], [2.0]], [1.0, 2.0], loss="mse", epochs=3, progress=True)
    out.seek(0)
    assert out.read().endswith("\n")


# ---- notebooks ----


class Handle:
    """What ``IPython.display.display`` returns."""

    def __init__(self, shown: list[str]) -> None:
        self.shown = shown

    def update(self, bar: Bar) -> None:
        self.shown.append(bar._repr_html_())


def test_a_notebook_without_widgets_shows_a_bar_that_is_updated(monkeypatch: pytest.MonkeyPatch, capfd: Any) -> None:
    shown: list[str] = []

    def display(bar: Bar, display_id: bool) -> Handle:
        assert display_id
        shown.append(bar._repr_html_())
        return Handle(shown)

    shell = types.SimpleNamespace(kernel=None)
    monkeypatch.setitem(sys.modules, "IPython", types.SimpleNamespace(get_ipython=lambda: shell))
    monkeypatch.setitem(sys.modules, "IPython.display", types.SimpleNamespace(display=display))
    history = fit(Neuron(1, seed=0), [[1.0], [2.0]], [1.0, 2.0], loss="mse", epochs=3)
    assert shown[0] == '<progress max="3" value="0">epoch 0/3</progress> epoch 0/3  '
    assert shown[-1].startswith('<progress max="3" value="3">epoch 3/3</progress> epoch 3/3  ')
    assert shown[-1].endswith(f"loss {history.losses[-1]:.4g}")
    assert "style" not in shown[-1]
    assert capfd.readouterr().out == ""
