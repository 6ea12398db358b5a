"""Time of ``python -c "import autograd"`` minus the time of ``python -c pass``. The target is at most 15 ms.

    python benchmarks/import_time.py

The bytecode is compiled first, as an installer does. Without it, an import takes several times as long.
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
TARGET = 15.0  # milliseconds, at most


def run(code: str) -> None:
    """Run ``code`` in a new Python process."""
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


def main() -> int:
    """Measure Python without imports and two imports, in turns."""
    report = Report("import_time", "A new Python process that imports autograd")
    compileall.compile_dir(ROOT / "autograd", quiet=1)
    codes = ["pass", "import autograd", "import numpy"]
    seconds = side_by_side({code: functools.partial(run, code) for code in codes}, 1 if report.quick else 21, 0.0)
    report.times(seconds, "pass")
    extra = 1e3 * (statistics.median(seconds["import autograd"]) - statistics.median(seconds["pass"]))
    report.target("import autograd, in addition to starting Python", extra, TARGET, at_most="ms")
    return report.finish()


if __name__ == "__main__":
    sys.exit(main())
