"""How much longer ``python -c "import autograd"`` takes than ``python -c pass``: at most 15 ms is the aim.

    python benchmarks/import_time.py

Compiles the bytecode first, as an installer does; without that, an import takes several times as long.
"""

from __future__ import annotations

import compileall
import statistics
import subprocess
import sys
import time
from pathlib import Path

from timing import describe_machine, pin_to_one_core

ROOT = Path(__file__).parent.parent
ROUNDS = 41
MOST = 15.0  # milliseconds


def run(code: str) -> float:
    """Milliseconds that a new Python takes for ``code``."""
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)
    return (time.perf_counter() - start) * 1e3


def main() -> int:
    """Measure bare Python and three imports in turn; print medians."""
    pin_to_one_core()
    compileall.compile_dir(ROOT / "autograd", quiet=1)
    codes = {"pass": "pass", "import autograd": "import autograd", "import numpy": "import numpy"}
    times: dict[str, list[float]] = {name: [] for name in codes}
    for _ in range(ROUNDS):
        for name, code in codes.items():
            times[name].append(run(code))
    print(f"{describe_machine()}; {ROUNDS} runs of each in turn, medians")
    bare = statistics.median(times["pass"])
    for name, found in times.items():
        extra = statistics.median(found) - bare
        print(f"{name:16} {statistics.median(found):6.1f} ms   ({extra:+.1f} ms)")
    extra = statistics.median(times["import autograd"]) - bare
    print(f"{'reached' if extra <= MOST else 'MISSED'}: import autograd takes {extra:.1f} ms (wanted: at most {MOST:g} ms)")
    return 0 if extra <= MOST else 1


if __name__ == "__main__":
    sys.exit(main())
