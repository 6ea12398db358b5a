"""The thirteen graphs of the gallery, shared with ``examples/gallery.py``."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

GALLERY: dict[str, Any] = runpy.run_path(str(Path(__file__).parents[2] / "examples" / "gallery.py"))["GRAPHS"]
