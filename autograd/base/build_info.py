"""Choose between the compiled core and its Python sources, and detect a compiled core that is out of date.

Python prefers a compiled ``value.*.so`` to ``value.py`` in the same folder, even if ``value.py`` was edited later. Therefore
the build writes a hash of each of its sources to ``value.*.so.txt``, and the package compares the hashes on import.
"""

from __future__ import annotations

import _imp  # its hash is fast, and always loaded: Python checks .pyc files with it
import os
import sys
import warnings

from autograd.errors import StaleBuildWarning

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pathlib import Path

# The modules that Cython compiles, in the order of import.
MODULES = (
    "base.modes", "base.operand_lists", "value", "topology", "backward", "nodes.sums", "nodes.parts", "nodes.elementwise",
    "nodes.copying", "nodes.bulk", "transforms.sweeps", "replay.interpreter", "replay.job", "replay.executor", "rules",
)  # fmt: skip
HEADERS = (
    "base/modes.pxd", "base/operand_lists.pxd", "value.pxd", "topology.pxd", "base/_capi.pxd", "base/_capi.h",
    "base/_memory.pxd", "base/_memory.h", "replay/interpreter.pxd", "replay/job.pxd", "replay/executor.pxd",
    "replay/_lanes.pxd", "replay/_lanes.h", "replay/_lanes_body.h",
)  # fmt: skip
SOURCES = tuple(f"{module.replace('.', '/')}.py" for module in MODULES)
COMPILED = f"value{_imp.extension_suffixes()[0]}"  # the name contains Python's version: each version has a separate build
BUILD_INFO = f"{COMPILED}.txt"
COMPILED_FROM = (*SOURCES, *HEADERS, "ops.py", "base/real.py", "export/c_source.py", "export/expressions.py")


def source_hash(path: str) -> str:
    """Return a hash of the contents of a file, or ``""`` if it does not exist, for example in an earlier revision."""
    if not os.path.exists(path):
        return ""
    with open(path, "rb") as file:
        return _imp.source_hash(0, file.read()).hex()


def write_build_info(folder: Path, sources: Path) -> None:
    """Write ``BUILD_INFO`` to ``folder``, with one line "hash name" for each source file in ``sources``."""
    lines = [f"{source_hash(str(sources / name))} {name}\n" for name in COMPILED_FROM]
    (folder / BUILD_INFO).write_text("".join(lines))


def changed_since_build(folder: str) -> list[str] | None:
    """Return the names of the source files changed since they were compiled, or None if there is no compiled core."""
    path = os.path.join(folder, BUILD_INFO)  # not a module, because an import could find another installation's file
    if not (os.path.exists(path) and os.path.exists(os.path.join(folder, COMPILED))):
        return None
    with open(path) as file:
        lines = [line.split() for line in file]
    return [name for old, name in lines if source_hash(os.path.join(folder, name)) != old]


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
        raise ImportError(f"AUTOGRAD_BACKEND is 'compiled', but the compiled core is not usable: {why}; reinstall the project")
    if changed and not wanted:
        warnings.warn(
            f"autograd/{', autograd/'.join(changed)} changed since the core was compiled, so it runs as Python, with the same "
            "results but slowly; reinstall the project (`make install`) to compile it",
            StaleBuildWarning,
            stacklevel=3,
        )
    if changed or (wanted == "python" and changed is not None):
        for module, source in zip(MODULES, SOURCES, strict=True):
            _load_source(f"autograd.{module}", os.path.join(folder, source))


def _load_source(name: str, path: str) -> None:
    """Import a module from its .py file, even if a compiled file with the same name exists."""
    from importlib.util import module_from_spec, spec_from_file_location

    spec = spec_from_file_location(name, path)
    assert spec is not None  # a path that ends in .py has a spec and a loader
    assert spec.loader is not None
    module = module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
