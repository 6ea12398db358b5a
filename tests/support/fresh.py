"""Running Python code in a process of its own, for what cannot be tried in this one."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import autograd

PACKAGE = Path(autograd.__file__).parent


def run_python(code: str, path: Path = PACKAGE.parent, **environment: str) -> str:
    """What a new Python prints for ``code``, with ``autograd`` imported from ``path`` and the backend of this run.

    Raises:
        AssertionError: if it fails; the message is what it wrote to stderr.
    """
    done = start_python(code, path, **environment)
    assert done.returncode == 0, f"exit code {done.returncode}:\n{done.stderr}"
    return done.stdout.strip()


def start_python(code: str, path: Path = PACKAGE.parent, **environment: str) -> subprocess.CompletedProcess[str]:
    """The same, returning the finished process however it ended."""
    variables = {"AUTOGRAD_BACKEND": autograd.backend(), **os.environ, "PYTHONPATH": str(path), **environment}
    command = [sys.executable, "-P", "-c", code]  # -P: not from the current folder, which may hold another autograd
    return subprocess.run(command, env=variables, capture_output=True, text=True, check=False, timeout=600)
