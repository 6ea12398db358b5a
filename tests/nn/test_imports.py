"""Modules that ``import nn`` loads."""

from __future__ import annotations

from pathlib import Path

import pytest
from fresh import run_python
from import_graph import import_cycle, imported_modules, module_name

import autograd
import nn

FOLDER = Path(nn.__file__).parent
PUBLIC = {"autograd", "autograd.shared", "autograd.strategies", *(f"autograd.{name}" for name in dir(autograd))}
PUBLIC |= {f"autograd.shared.{name}" for name in autograd.shared.__all__}


def private_imports(source: str) -> set[str]:
    """Return the names of autograd that a source imports although they are not public."""
    return {name for name in imported_modules(source) if name.split(".")[0] == "autograd"} - PUBLIC


def test_importing_nn_loads_no_slow_module() -> None:
    slow = {"numpy", "pandas", "scipy", "matplotlib", "graphviz", "visualize"}
    assert run_python(f"import sys, nn; print(*{slow} & set(sys.modules))") == ""


def test_training_without_progress_loads_neither_ipython_nor_matplotlib() -> None:
    code = "import sys, nn; nn.fit(nn.Neuron(1), [[1]], [2], loss='mse'); print(*{'IPython', 'matplotlib'} & set(sys.modules))"
    assert run_python(code) == ""


def test_no_modules_import_each_other() -> None:
    assert import_cycle(FOLDER) == []


@pytest.mark.parametrize("path", sorted(FOLDER.rglob("*.py")), ids=module_name)
def test_a_module_uses_only_public_names_of_autograd(path: Path) -> None:
    assert private_imports(path.read_text(encoding="utf-8")) == set()


@pytest.mark.parametrize(
    "wrong",
    [
        "from autograd.value import Value",
        "from autograd import topology",
        "import autograd.ops",
        "from autograd import _backward",
    ],
)
def test_a_planted_private_import_is_found(wrong: str) -> None:
    assert private_imports(wrong)
