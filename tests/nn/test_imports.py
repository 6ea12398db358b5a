"""What ``import nn`` loads."""

from __future__ import annotations

from fresh import run_python


def test_importing_nn_loads_nothing_that_takes_long() -> None:
    loaded = run_python("import sys, nn; print(*{'numpy', 'rich', 'matplotlib', 'graphviz', 'visualize'} & set(sys.modules))")
    assert loaded == ""


def test_training_quietly_loads_none_of_them_either() -> None:
    code = "import sys, nn; nn.fit(nn.Neuron(1), [[1]], [2], loss='mse'); print(*{'numpy', 'rich'} & set(sys.modules))"
    assert run_python(code) == ""
