"""Check with pyright that the public names of each package have complete types.

    python .ci/type_completeness.py

Prints the percentage per package and the names without complete types. Exits with 1 if a percentage is below ``MINIMUM``.
pyright downloads its own code on first use; without network access the check is skipped with a notice.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
MINIMUM = 97.0  # percent


def main() -> int:
    """Check each package; return the exit code."""
    failed = False
    for package in ("autograd", "nn", "visualize"):
        command = [sys.executable, "-m", "pyright", "--pythonpath", sys.executable, "--verifytypes", package]
        done = subprocess.run(
            [*command, "--ignoreexternal", "--outputjson"],
            cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False,
        )  # fmt: skip
        try:
            report = json.loads(done.stdout)["typeCompleteness"]
        except (json.JSONDecodeError, KeyError):
            print(f"pyright is not available here, so type completeness is not checked: {done.stdout}{done.stderr}")
            return 0
        score = 100 * report["completenessScore"]
        print(f"{package}: {score:.1f} % of the public names have complete types")
        incomplete = [symbol for symbol in report["symbols"] if symbol["isExported"] and not symbol["isTypeKnown"]]
        if score < MINIMUM:
            failed = True
            print("\n".join(f"  {symbol['name']}" for symbol in incomplete))
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
