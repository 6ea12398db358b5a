"""Chooses between the compiled core and its Python sources, and notices when the two do not match.

Python prefers a compiled ``value.*.so`` to the ``value.py`` beside it, even if the latter has been edited since. So the
build writes down, beside it in ``value.*.so.txt``, a hash of every file it was made from, and the package compares on
import.
"""

from __future__ import annotations

import _imp  # the hash that Python itself uses to check its .pyc files: nothing to import, and quick
import os
import sys
import warnings

from autograd.errors import StaleBuildWarning

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pathlib import Path

# What Cython compiles, in the order of import.
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
COMPILED = f"value{_imp.extension_suffixes()[0]}"  # its name has the version of Python in it: each has a build of its own
BUILD_INFO = f"{COMPILED}.txt"
COMPILED_FROM = (*SOURCES, *HEADERS, "ops.py", "base/real.py", "export/c_source.py")


def source_hash(path: str) -> str:
    """A hash of the contents of a file; nothing if there is no such file, as after going back to an earlier version."""
    if not os.path.exists(path):
        return ""
    with open(path, "rb") as file:
        return _imp.source_hash(0, file.read()).hex()


def write_build_info(folder: Path, sources: Path) -> None:
    """Write ``BUILD_INFO`` into ``folder``, about the files in ``sources``: a line "hash name" for each."""
    lines = [f"{source_hash(str(sources / name))} {name}\n" for name in COMPILED_FROM]
    (folder / BUILD_INFO).write_text("".join(lines))


def changed_since_build(folder: str) -> list[str] | None:
    """The names of the source files that differ from what was compiled; None if nothing was compiled."""
    path = os.path.join(folder, BUILD_INFO)  # not a module: the import of one would also find that of an editable install
    if not (os.path.exists(path) and os.path.exists(os.path.join(folder, COMPILED))):
        return None
    with open(path) as file:
        lines = [line.split() for line in file]
    return [name for old, name in lines if source_hash(os.path.join(folder, name)) != old]


def choose_backend(wanted: str | None) -> None:
    """Load the Python source of the core in place of its compiled file, if that is asked for or if that is stale.

    ``wanted`` is the environment variable ``AUTOGRAD_BACKEND``: ``"python"``, ``"compiled"``, or None or empty for
    whichever there is.

    Raises:
        ValueError: for any other name.
        ImportError: if ``"compiled"`` is asked for and there is no compiled core that matches its sources.
    """
    if wanted not in (None, "", "python", "compiled"):
        raise ValueError(f"unknown AUTOGRAD_BACKEND: {wanted!r} (must be 'python', 'compiled' or unset)")
    folder = os.path.dirname(os.path.dirname(__file__))
    changed = changed_since_build(folder)
    if wanted == "compiled" and changed != []:
        why = f"{', '.join(changed)} changed since" if changed else "it was never compiled"
        raise ImportError(f"AUTOGRAD_BACKEND is 'compiled', but the core is not: {why}; install the project again")
    if changed and not wanted:
        warnings.warn(
            f"autograd/{', autograd/'.join(changed)} changed since the core was compiled, so it runs as Python: right, "
            "but slow; install the project again (`make install`) to compile it",
            StaleBuildWarning,
            stacklevel=3,
        )
    if changed or (wanted == "python" and changed is not None):
        for module, source in zip(MODULES, SOURCES, strict=True):
            _load_source(f"autograd.{module}", os.path.join(folder, source))


def _load_source(name: str, path: str) -> None:
    """Import a module from its .py file, although a compiled file of that name is there."""
    from importlib.util import module_from_spec, spec_from_file_location

    spec = spec_from_file_location(name, path)
    assert spec is not None  # a path that ends in .py always has both
    assert spec.loader is not None
    module = module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
