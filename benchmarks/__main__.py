"""Run all benchmarks, one after the other, each in a separate process. Then list which targets are reached.

    python benchmarks [--quick] [--save] [moons threads ...]

With --save, each benchmark writes its tables, its plots and a description of the machine to benchmarks/results/.
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
    "cost_per_node",
    "threads",
    "scaling",
    "optimizers",
    "second_order",
    "real_workloads",
    "vector_math",
    "gradient_checkers",
    "gradcheck_speed",
    "drawing",
    "playground",
    "sklearn_networks",
]


def main() -> int:
    """Run the benchmarks. Return 1 if one failed or a target was missed, else 0."""
    options = [word for word in sys.argv[1:] if word.startswith("--")]
    names = [word for word in sys.argv[1:] if not word.startswith("--")] or ALL
    targets: list[str] = []
    failed = False
    for name in names:
        start = time.perf_counter()
        run = subprocess.Popen([sys.executable, FOLDER / f"{name}.py", *options], stdout=subprocess.PIPE, text=True)
        assert run.stdout is not None
        for line in run.stdout:
            print(line, end="", flush=True)
            if re.match("- (reached|MISSED|short|not measured): ", line):
                targets.append(f"{name}: {line[2:].strip()}")
        status = run.wait()
        failed = failed or bool(status)
        if status and not any(line.startswith(f"{name}: MISSED") for line in targets):
            targets.append(f"{name}: FAILED, exit status {status}")
        print(f"\n({name}: {time.perf_counter() - start:.0f} s)\n", flush=True)
    print("\n".join(["Targets:", *targets]))
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
