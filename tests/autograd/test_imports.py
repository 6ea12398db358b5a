"""What imports what: the package is quick to load, and its layers point one way."""

from __future__ import annotations

import ast
import json
from importlib.util import find_spec
from pathlib import Path

import pytest
from fresh import PACKAGE, run_python

import autograd

HEAVY = {"numpy", "graphviz", "matplotlib", "rich", "hypothesis", "pytest", "torch", "inspect", "dataclasses", "fractions"}
if autograd.backend() == "compiled" or find_spec("Cython") is None:  # uncompiled, Cython's stand-in for itself needs it
    HEAVY.add("typing")

# Each file may import from those above it only.
LAYERS = [
    ["_cython", "captured", "errors", "instructions", "threads"],
    ["build_info", "real", "ridders"],
    ["ops", "judge"],
    ["_lanes", "codegen", "layers", "rules", "value"],
    ["arguments", "bulk", "machine", "program", "steps", "sums", "walk"],
    ["copying", "graph", "no_grad", "functions", "replay", "runs", "structure", "sweeps"],
    ["calls", "lowering", "stepping", "report", "typesetting", "watching"],
    ["custom", "expression", "symbols", "paths", "tracing", "transforms"],
    ["recording", "derivation", "python_source"],
    ["repeatable"],
    ["compiling"],
    ["checking", "strategies", "explaining", "exporting", "notation", "anomaly", "mistakes"],
    ["registration"],
    ["__init__"],
]
HEIGHT = {name: height for height, names in enumerate(LAYERS) for name in names}
FILES = sorted(path for path in PACKAGE.glob("*.py"))


def test_import_loads_nothing_that_takes_long() -> None:
    """Only the names that a bare Python has not loaded already count."""
    loaded = json.loads(run_python("import sys, json; import autograd; print(json.dumps(sorted(sys.modules)))"))
    bare = json.loads(run_python("import sys, json; print(json.dumps(sorted(sys.modules)))"))
    assert not {name.split(".")[0] for name in set(loaded) - set(bare)} & HEAVY


def imported_modules(source: str) -> set[str]:
    """The modules that some Python code imports anywhere, those for type checkers only left out."""
    found: set[str] = set()
    tree = ast.parse(source)
    for_checkers = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        if id(node) in for_checkers:
            continue
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(node.module or "")
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_file_imports_only_from_the_layers_above_it(path: Path) -> None:
    assert path.stem in HEIGHT, f"{path.name} is new: say in LAYERS, in this file, which layer it belongs to"
    for module in imported_modules(path.read_text()):
        package, _, name = module.partition(".")
        if package == "autograd" and name in HEIGHT:
            assert HEIGHT[name] < HEIGHT[path.stem], f"{path.name} imports {name}, which is not above it"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_autograd_imports_neither_nn_nor_visualize(path: Path) -> None:
    assert not {module.split(".")[0] for module in imported_modules(path.read_text())} & {"nn", "visualize"}


def test_the_import_finder_finds_imports() -> None:
    source = "if TYPE_CHECKING:\n    import a\nelse:\n    pass\ndef f():\n    from b.c import d\nimport e.f\n"
    assert imported_modules(source) == {"b.c", "b.c.d", "e.f"}


def test_every_row_of_the_table_is_a_function_and_a_method() -> None:
    from autograd.ops import TABLE

    for row in TABLE:
        function = getattr(autograd, row.name)
        assert function.__name__ == row.name
        if not row.variadic:
            assert function.__doc__.startswith(row.__doc__)
            assert all(hasattr(autograd.Value, name) for name in (row.name, *row.aliases))


def test_version_and_backend() -> None:
    assert autograd.backend() in ("compiled", "python")
    assert autograd.__version__.count(".") == 2
