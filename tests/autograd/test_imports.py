"""The imports of the package: it loads quickly, and imports follow the order of its folders."""

from __future__ import annotations

import builtins
import json
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from fresh import PACKAGE, run_python
from import_graph import import_cycle, imported_modules, module_name

import autograd

HEAVY = {
    "numpy",
    "graphviz",
    "matplotlib",
    "rich",
    "hypothesis",
    "pytest",
    "torch",
    "inspect",
    "dataclasses",
    "fractions",
    "mpmath",
}
if autograd.backend() == "compiled" or find_spec("Cython") is None:  # uncompiled, the module `cython` imports it
    HEAVY.add("typing")

# A file may import from its own part and from earlier parts. A part is a folder of autograd, or a file at the top level.
ORDER = (
    "errors", "shared", "base", "ops", "value", "topology", "backward", "no_grad", "nodes", "functions", "transforms",
    "inspection", "export", "replay", "distribution", "compiler", "checking", "strategies", "engines", "micrograd",
    "__init__", "__main__",
)  # fmt: skip
FILES = sorted(path for path in PACKAGE.rglob("*.py"))


def test_import_does_not_load_slow_modules() -> None:
    """Modules that Python itself has already loaded do not count."""
    loaded = json.loads(run_python("import sys, json; import autograd; print(json.dumps(sorted(sys.modules)))"))
    bare = json.loads(run_python("import sys, json; print(json.dumps(sorted(sys.modules)))"))
    assert not {name.split(".")[0] for name in set(loaded) - set(bare)} & HEAVY


def test_a_star_import_needs_no_numpy_and_the_tool_that_needs_it_says_so() -> None:
    code = "import sys; sys.modules['numpy'] = None\nfrom autograd import *\nfrom autograd import compile\n"
    code += "print(backward_steps.__name__)\n"
    found = run_python(code + "try:\n    compile(sin)\nexcept ImportError as problem:\n    print(problem)")
    assert found.splitlines() == ["backward_steps", "autograd.compile needs numpy; install it: pip install numpy"]


def test_a_star_import_leaves_the_functions_of_python_as_they_are() -> None:
    names: dict[str, Any] = {}
    exec("from autograd import *", names)
    hidden = set(dir(builtins)) & set(dir(autograd)) - {"__doc__", "__name__"}
    assert hidden == {"abs", "compile", "pow", "round", "sum"}
    assert not hidden & set(names)
    code = "from autograd import *; x = Value(3.0); "
    code += "print(round(3.14159, 2), sum([[1], [2]], []), abs(-x).data, sum([x, x]).data)"
    assert run_python(code) == "3.14 [1, 2] 3.0 6.0"


def test_dir_lists_only_public_names() -> None:
    assert dir(autograd) == sorted([*autograd.__all__, "abs", "compile", "pow", "round", "sum", "__version__"])
    assert all(hasattr(autograd, name) for name in dir(autograd))
    for name in ("annotations", "os", "choose_backend", "TYPE_CHECKING", "modes"):
        assert name not in dir(autograd)


def part_of(module: str) -> str:
    """Return ``part`` for ``autograd.part.file``, and ``__init__`` for the package itself, which is the last part."""
    _, _, inside = module.partition(".")
    return inside.split(".")[0] or "__init__"


def wrong_imports(module: str, source: str) -> list[str]:
    """Return the imports of a module that violate the order of the parts, or import nn or visualize."""
    mine = part_of(module)
    assert mine in ORDER, f"{module} is in a new part; add the part to ORDER, in this file"
    wrong = []
    for name in imported_modules(source):
        leaves_the_package = name.split(".")[0] in ("nn", "visualize")
        is_later = name.startswith("autograd.") and part_of(name) in ORDER and ORDER.index(part_of(name)) > ORDER.index(mine)
        if leaves_the_package or is_later:
            wrong.append(name)
    return sorted(wrong)


@pytest.mark.parametrize("path", FILES, ids=module_name)
def test_a_file_imports_only_from_earlier_folders(path: Path) -> None:
    assert wrong_imports(module_name(path), path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("module", "statement"),
    [
        ("autograd.ops", "from autograd.backward import backward"),
        ("autograd.ops", "TYPE_CHECKING = False\nif TYPE_CHECKING:\n    from autograd.value import Value"),
        ("autograd.base.real", "from autograd import ops"),
        ("autograd.nodes.sums", "def f():\n    from autograd.transforms.derivatives import grad"),
        ("autograd.replay.executor", "from cython.cimports.autograd.compiler.graph import Graph"),
        ("autograd.distribution.tasks", "from autograd.compiler.compiled import Compiled"),
        ("autograd.replay.job", "def f():\n    from autograd.distribution.tasks import Task"),
        ("autograd.compiler.graph", "import autograd.checking.gradcheck"),
        ("autograd.compiler.graph", "import nn.layers"),
        ("autograd.inspection.paths", "from visualize import draw"),
        ("autograd.export.formulas", "TYPE_CHECKING = False\nif TYPE_CHECKING:\n    from autograd.compiler import tracer"),
    ],
)
def test_a_planted_wrong_import_is_found(module: str, statement: str) -> None:
    assert wrong_imports(module, statement)
    path = PACKAGE / f"{module.partition('.')[2].replace('.', '/')}.py"
    assert path.is_file(), "the planted import is in a module that does not exist"
    assert wrong_imports(module, path.read_text(encoding="utf-8") + statement)


def test_no_modules_import_each_other() -> None:
    assert import_cycle(PACKAGE) == []


def test_every_row_of_the_table_is_a_function_and_a_method() -> None:
    from autograd.nodes.elementwise import FUNCTIONS
    from autograd.ops import TABLE

    for row in TABLE:
        function = getattr(autograd, row.name)
        assert function.__name__ == row.name
        if not row.variadic:
            has_defaults = function.__module__ == "autograd.functions"
            assert has_defaults or (function is FUNCTIONS[row.name] and (function.__doc__ or "").startswith(row.__doc__ or ""))
            assert all(hasattr(autograd.Value, name) for name in (row.name, *row.aliases))


def test_version_and_backend() -> None:
    assert autograd.backend() in ("compiled", "python")
    assert autograd.__version__.count(".") == 2


def test_the_import_finder_finds_imports() -> None:
    source = "if TYPE_CHECKING:\n    import a\nelse:\n    pass\ndef f():\n    from b.c import d\nimport e.f\n"
    assert imported_modules(source) == {"a", "b.c", "b.c.d", "e.f"}


def test_the_cycle_finder_finds_cycles(tmp_path: Path) -> None:
    package = tmp_path / "package"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "one.py").write_text("from package import two\n")
    (package / "two.py").write_text("def f():\n    from package.one import g\n")
    (package / "three.py").write_text("import json\n")
    assert import_cycle(package) == ["package.one", "package.two"]
    (package / "two.py").write_text("")
    assert import_cycle(package) == []
