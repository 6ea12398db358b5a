"""HIPS autograd as a peer. It has the same import name as this package, so it runs in a separate environment and process.

``HIPS_PYTHON`` is the path of the Python of this environment; ``make bench`` creates one. The measured times include the
communication through a pipe, some tens of microseconds per call.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from moons_problem import Problem, Step
from moons_tensor import arrays, flatten


class Hips:
    """The process that runs HIPS autograd.

    Args:
        worker: File name of the program.

    Raises:
        ImportError: If ``HIPS_PYTHON`` is not set.
    """

    def __init__(self, worker: str = "hips_worker.py") -> None:
        if "HIPS_PYTHON" not in os.environ:
            raise ImportError("HIPS_PYTHON is not set to the Python of an environment that has HIPS autograd")
        command = [os.environ["HIPS_PYTHON"], str(Path(__file__).with_name(worker))]
        environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment, cwd=Path(__file__).parent
        )

    def ask(self, *command: Any) -> Any:
        """Send a command, and return the answer."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(command) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        if not answer:
            raise ImportError("the process with HIPS autograd has ended")
        return json.loads(answer)


def hips_step(problem: Problem) -> Step:
    """Return the moons step written with arrays of HIPS autograd."""
    worker = Hips()

    def load(numbers: Sequence[float]) -> None:
        worker.ask("load", problem.X, problem.y, [array.tolist() for array in arrays(problem, numbers)])

    load(problem.numbers)
    return Step(lambda: worker.ask("run"), load, lambda: flatten(worker.ask("gradients")))
