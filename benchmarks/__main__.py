"""All benchmarks, one after the other, each in a process of its own; then which aims are reached.

    python benchmarks [--quick] [--save] [moons threads ...]

With --save, each writes its tables, its plot and the machine's description to benchmarks/results/.
"""

from __future__ import annotations

import re
import subprocess
import sys
import time
from pathlib import Path

FOLDER = Path(__file__).parent
ALL = [
    "import_time",
    "tiny",
    "moons",
    "microgpt",
    "wide_layer",
    "sweep_layers",
    "sweep_nodes",
    "threads",
    "optimizers",
    "second_order",
]


def main() -> int:
    """Run them; return 1 if one failed or an aim was missed."""
    options = [word for word in sys.argv[1:] if word.startswith("--")]
    names = [word for word in sys.argv[1:] if not word.startswith("--")] or ALL
    aims: list[str] = []
    failed = False
    for name in names:
        began = time.perf_counter()
        run = subprocess.Popen([sys.executable, FOLDER / f"{name}.py", *options], stdout=subprocess.PIPE, text=True)
        assert run.stdout is not None
        for line in run.stdout:
            print(line, end="", flush=True)
            if re.match("- (reached|MISSED|short|not measured): ", line):
                aims.append(f"{name}: {line[2:].strip()}")
        status = run.wait()
        failed = failed or bool(status)
        if status and not any(line.startswith(f"{name}: MISSED") for line in aims):
            aims.append(f"{name}: FAILED, exit status {status}")
        print(f"\n({name}: {time.perf_counter() - began:.0f} s)\n", flush=True)
    print("\n".join(["Aims:", *aims]))
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
