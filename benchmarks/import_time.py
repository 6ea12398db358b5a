"""How much longer ``python -c "import autograd"`` takes than ``python -c pass``: at most 15 ms is the aim.

    python benchmarks/import_time.py

Compiles the bytecode first, as an installer does; without that, an import takes several times as long.
"""

from __future__ import annotations

import compileall
import functools
import statistics
import subprocess
import sys
from pathlib import Path

from report import Report
from timing import side_by_side

ROOT = Path(__file__).parent.parent
MOST = 15.0  # milliseconds


def run(code: str) -> None:
    """What a new Python does."""
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


def main() -> int:
    """Measure bare Python and two imports in turn."""
    report = Report("import_time", "A new Python process that imports autograd")
    compileall.compile_dir(ROOT / "autograd", quiet=1)
    codes = ["pass", "import autograd", "import numpy"]
    seconds = side_by_side({code: functools.partial(run, code) for code in codes}, 1 if report.quick else 21, 0.0)
    report.times(seconds, "pass")
    extra = 1e3 * (statistics.median(seconds["import autograd"]) - statistics.median(seconds["pass"]))
    report.aim("import autograd takes, besides Python", extra, MOST, most="ms")
    return report.finish()


if __name__ == "__main__":
    sys.exit(main())
