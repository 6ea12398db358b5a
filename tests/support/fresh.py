"""Run Python code in a separate process, for tests that cannot run in this one."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import autograd

PACKAGE = Path(autograd.__file__).parent


def run_python(code: str, path: Path = PACKAGE.parent, **environment: str) -> str:
    """Return the output of ``code`` in a new Python process.

    The process imports ``autograd`` from ``path`` and uses the backend of this run.

    Raises:
        AssertionError: If the process fails. The message contains its stderr.
    """
    done = start_python(code, path, **environment)
    assert done.returncode == 0, f"exit code {done.returncode}:\n{done.stderr}"
    return done.stdout.strip()


def start_python(code: str, path: Path = PACKAGE.parent, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run ``code`` as ``run_python`` does, and return the finished process even if it failed."""
    variables = {"AUTOGRAD_BACKEND": autograd.backend(), **os.environ, "PYTHONPATH": str(path), **environment}
    command = [sys.executable, "-P", "-c", code]  # -P: ignore the current folder, which may contain another autograd
    return subprocess.run(command, env=variables, capture_output=True, text=True, check=False, timeout=600)
