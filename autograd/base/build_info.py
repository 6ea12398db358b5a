"""Choose between the compiled core and its Python sources, and detect a compiled core that is out of date.

Python prefers a compiled ``value.*.so`` to ``value.py`` in the same folder, even if ``value.py`` was edited later. Therefore
the build writes a hash of each of its sources to ``value.*.so.txt``, and the package compares the hashes on import.
"""

from __future__ import annotations

import _imp  # always loaded, because Python checks .pyc files with it; its hash function is fast
import os
import sys

from autograd.errors import StaleBuildWarning
from autograd.shared import warn

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

# The modules that Cython compiles, in the order of import.
MODULES = (
    "base.modes", "base.operand_lists", "value", "topology", "backward", "nodes.sums", "nodes.parts", "nodes.elementwise",
    "nodes.copying", "nodes.bulk", "transforms.sweeps", "replay.interpreter", "replay.job", "replay.executor",
    "base.int_arrays", "compiler.tape", "compiler.snapshot", "compiler.graph", "compiler.fusing", "compiler.identities",
    "compiler.analysis", "compiler.layout", "compiler.dot_runs", "compiler.layer_groups",
    "compiler.adjoint_slots", "compiler.lowering",
)  # fmt: skip
HEADERS = (
    "base/int_arrays.pxd", "compiler/tape.pxd", "compiler/snapshot.pxd", "compiler/graph.pxd", "compiler/identities.pxd",
    "compiler/analysis.pxd", "compiler/layout.pxd",
    "base/modes.pxd", "base/operand_lists.pxd", "value.pxd", "topology.pxd", "base/_capi.pxd", "base/_capi.h",
    "base/_memory.pxd", "base/_memory.h", "base/_node.pxd", "base/_node.h", "replay/interpreter.pxd", "replay/job.pxd",
    "replay/executor.pxd", "replay/_lanes.pxd", "replay/_lanes.h", "replay/_lanes_body.h", "replay/_lanes_few.h",
    "replay/_lanes_layers.h", "replay/_vector_math.h",
)  # fmt: skip
SOURCES = tuple(f"{module.replace('.', '/')}.py" for module in MODULES)
COMPILED = f"value{_imp.extension_suffixes()[0]}"  # the name contains Python's version: each version has a separate build
BUILD_INFO = f"{COMPILED}.txt"
COMPILED_FROM = (
    *SOURCES, *HEADERS, "ops.py", "base/real.py", "base/operation.py", "base/special.py", "base/coefficients.py",
    "export/c_source.py", "export/vector_rows.py", "export/kernel_files.py", "export/expressions.py",
    "replay/instructions.py",
)  # fmt: skip


def source_hash(path: str) -> str:
    """Return a hash of the contents of a file, or ``""`` if it does not exist, for example in an earlier revision."""
    if not os.path.exists(path):
        return ""
    with open(path, "rb") as file:
        return _imp.source_hash(0, file.read()).hex()


def write_build_info(folder: Path, sources: Path, others: tuple[str, ...] = ()) -> None:
    """Write ``BUILD_INFO`` to ``folder``, with one line "hash name" for each source file.

    Args:
        folder: The folder of autograd's compiled files.
        sources: The folder of autograd's sources.
        others: Sources of other packages compiled by the same build, relative to ``sources``: ``"../nn/optim/name.py"``.
    """
    lines = [f"{source_hash(str(sources / name))} {name}\n" for name in (*COMPILED_FROM, *others)]
    (folder / BUILD_INFO).write_text("".join(lines))


def changed_since_build(folder: str) -> list[str] | None:
    """Return the names of the source files changed since they were compiled, or None if there is no compiled core."""
    path = os.path.join(folder, BUILD_INFO)  # not imported, because an import could find the file of another installation
    if not (os.path.exists(path) and os.path.exists(os.path.join(folder, COMPILED))):
        return None
    changed = []
    for old, name in _read_build_info(path):
        source = os.path.join(folder, name)
        is_absent_package = name.startswith("../") and not os.path.exists(source)
        if not is_absent_package and source_hash(source) != old:
            changed.append(name)
    return changed


def _read_build_info(path: str) -> list[list[str]]:
    with open(path) as file:
        return [line.split() for line in file]


def choose_backend(wanted: str | None) -> None:
    """Load the Python sources of the core instead of its compiled files, if requested or if the compiled files are out of date.

    Args:
        wanted: The value of the environment variable ``AUTOGRAD_BACKEND``: ``"python"``, ``"compiled"``, or None or ``""`` for
            the compiled core if it exists and is up to date.

    Raises:
        ValueError: If ``wanted`` is any other string.
        ImportError: If ``wanted`` is ``"compiled"`` and no up-to-date compiled core exists.
    """
    if wanted not in (None, "", "python", "compiled"):
        raise ValueError(f"unknown AUTOGRAD_BACKEND: {wanted!r} (must be 'python', 'compiled' or unset)")
    folder = os.path.dirname(os.path.dirname(__file__))
    changed = changed_since_build(folder)
    if wanted == "compiled" and changed != []:
        why = f"{', '.join(changed)} changed since it was compiled" if changed else "it was never compiled"
        why = why_never_compiled() or f"{why}; reinstall the project"
        raise ImportError(f"AUTOGRAD_BACKEND is 'compiled', but the compiled core is not usable: {why}")
    if changed and not wanted:
        files = ", ".join(_from_root(name) for name in changed)
        warn(
            f"{files} changed since the core was compiled, so it runs as Python, with the same results but slowly; "
            "reinstall the project (`make install`) to compile it",
            StaleBuildWarning,
        )
    if changed or (wanted == "python" and changed is not None):
        names = [name for _, name in _read_build_info(os.path.join(folder, BUILD_INFO)) if name.endswith(".py")]
        sys.meta_path.insert(0, _SourceFinder(os.path.dirname(folder), [_from_root(name) for name in names]))


def why_never_compiled() -> str | None:
    """Return why the core is never compiled for this interpreter, and the remedy; None if it can be compiled."""
    import sysconfig  # only needed here, and slow

    name = sys.implementation.name
    if name != "cpython":
        return f"{name} runs the Python source faster than C extensions; use CPython for a compiled core"
    if sys.platform in ("emscripten", "wasi"):
        return f"{sys.platform} has no C compiler; use Python outside of the browser for a compiled core"
    if sysconfig.get_config_var("Py_GIL_DISABLED"):
        return "the compiled core needs the GIL, which free-threaded Python lacks; use the standard build of Python instead"
    return None


def _from_root(name: str) -> str:
    """Return the path of a source relative to the folder that contains the packages, such as ``"autograd/value.py"``."""
    return os.path.normpath(os.path.join("autograd", name)).replace(os.sep, "/")


class _SourceFinder:
    """Finds the .py file of a module even if a compiled file with the same name exists."""

    def __init__(self, root: str, sources: list[str]) -> None:
        self.paths = {source.removesuffix(".py").replace("/", "."): os.path.join(root, source) for source in sources}

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        """Return the import specification of a module, or None to leave it to Python."""
        if name not in self.paths:
            return None
        from importlib.util import spec_from_file_location

        return spec_from_file_location(name, self.paths[name])
