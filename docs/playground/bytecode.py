"""Compile the modules that a program imports. This runs in Pyodide, when the site is built: see ``bytecode.mjs``.

A browser would compile them at each visit, which took longer than everything else before the first result.
"""

from __future__ import annotations

import py_compile
import sys
import tempfile
from pathlib import Path
from typing import Any

OWN = ("autograd/", "nn/", "visualize/")  # whose docstrings are kept: help() shows them
UNCHECKED = py_compile.PycInvalidationMode.UNCHECKED_HASH  # the sources are not in the archives


def compile_imported(roots: tuple[str, ...]) -> dict[str, bytes]:
    """Return the bytecode of each imported module, by its path in the archive, as in ``json/decoder.pyc``.

    Args:
        roots: The archives and folders from which modules are imported.
    """
    compiled = {}
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder, "source.py"), Path(folder, "source.pyc")
        for name, module in list(sys.modules.items()):
            file, loader = getattr(module, "__file__", None) or "", getattr(module, "__loader__", None)
            root = next((root for root in roots if file.startswith(f"{root}/")), None)
            if root is None or not file.endswith(".py") or is_frozen(module):
                continue
            path = file.removeprefix(f"{root}/")
            source.write_text(loader.get_source(name), encoding="utf-8")  # type: ignore[union-attr]
            optimize = 0 if path.startswith(OWN) else 2
            py_compile.compile(str(source), str(target), file, doraise=True, optimize=optimize, invalidation_mode=UNCHECKED)
            compiled[f"{path}c"] = target.read_bytes()
    return compiled


def is_frozen(module: Any) -> bool:
    """Return whether the code of a module is part of the interpreter."""
    return getattr(getattr(module, "__spec__", None), "origin", None) == "frozen"
