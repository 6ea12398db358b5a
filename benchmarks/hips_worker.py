"""The process that runs HIPS autograd, in a separate environment: answers each line of JSON with a line of JSON.

Commands: ``["hessian", start]``, ``["load", X, y, parameters]`` (arrays as nested lists), ``["run"]``, ``["gradients"]``.
"""

from __future__ import annotations

import importlib
import json
import sys
from typing import Any

from moons_problem import L2
from rosenbrock import rosenbrock

np: Any = importlib.import_module("autograd.numpy")
hips: Any = importlib.import_module("autograd")


def moons_loss(parameters: Any, X: Any, y: Any) -> Any:
    """Return the loss of the moons step, written with arrays."""
    layers = list(zip(parameters[::2], parameters[1::2]))
    x = X
    for W, bias in layers[:-1]:
        x = np.maximum(np.dot(x, W.T) + bias, 0.0)
    scores = (np.dot(x, layers[-1][0].T) + layers[-1][1])[:, 0]
    return np.mean(np.maximum(1 - y * scores, 0.0)) + L2 * sum(np.sum(p * p) for p in parameters)


def main() -> None:
    """Answer commands until the input ends."""
    value_and_grad, hessian = hips.value_and_grad(moons_loss), hips.hessian(rosenbrock)
    parameters: list[Any] = []
    gradients: list[Any] = []
    X = y = None
    for line in sys.stdin:
        command, *arguments = json.loads(line)
        answer: Any = None
        if command == "hessian":
            answer = hessian(np.array(arguments[0])).tolist()
        elif command == "load":
            X, y, *parameters = (np.array(array, dtype=float) for array in (*arguments[:2], *arguments[2]))
        elif command == "run":
            loss, gradients = value_and_grad(parameters, X, y)
            answer = float(loss)
        else:
            answer = [array.tolist() for array in gradients]
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
