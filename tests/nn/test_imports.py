"""Modules that ``import nn`` loads."""

from __future__ import annotations

from fresh import run_python


def test_importing_nn_loads_no_slow_module() -> None:
    slow = {"numpy", "pandas", "rich", "matplotlib", "graphviz", "visualize"}
    assert run_python(f"import sys, nn; print(*{slow} & set(sys.modules))") == ""


def test_training_without_progress_loads_neither_rich_nor_matplotlib() -> None:
    code = "import sys, nn; nn.fit(nn.Neuron(1), [[1]], [2], loss='mse'); print(*{'rich', 'matplotlib'} & set(sys.modules))"
    assert run_python(code) == ""
