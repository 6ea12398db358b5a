"""``examples/microgpt.py`` for any ``Value`` class: its model is written with a few functions that can be replaced.

So the example itself is measured, not a copy. With the functions below, every operation is a scalar ``+``, ``*``, ``exp`` and
so on, as in A. Karpathy's "microgpt". With the functions of autograd, a neuron is one node.
"""

from __future__ import annotations

import functools
import importlib.util
import random
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from moons_problem import Step
from moons_scalar import scalar_step, set_to

import autograd

EXAMPLE = Path(__file__).parent.parent / "examples" / "microgpt.py"


def dot(ws: Sequence[Any], xs: Sequence[Any]) -> Any:
    """Return the inner product."""
    total = ws[0] * xs[0]
    for i in range(1, len(ws)):
        total = total + ws[i] * xs[i]
    return total


def affine(weights: Sequence[Sequence[Any]], x: Sequence[Any], biases: Sequence[float]) -> list[Any]:
    """Return a matrix times a vector. The model has no biases."""
    assert not any(biases)
    return [dot(row, x) for row in weights]


def softmax(scores: Sequence[Any]) -> list[Any]:
    """Return the exponentials divided by their sum."""
    maximum = max(score.data for score in scores)
    powers = [(score - maximum).exp() for score in scores]
    total = sum(powers[1:], powers[0])
    return [power / total for power in powers]


def logsumexp(scores: Sequence[Any]) -> Any:
    """Return the logarithm of the sum of exponentials."""
    maximum = max(score.data for score in scores)
    powers = [(score - maximum).exp() for score in scores]
    return sum(powers[1:], powers[0]).log() + maximum


def take(items: Sequence[Any], index: int) -> Any:
    """Return the item at ``index``."""
    return items[index]


def mean(values: Sequence[Any]) -> Any:
    """Return the arithmetic mean."""
    return sum(values[1:], values[0]) * (1.0 / len(values))


def relu(x: Any) -> Any:
    """Return the maximum of x and 0."""
    return x.relu()


PLAIN = {function.__name__: function for function in (dot, affine, softmax, logsumexp, take, mean, relu)}


def load_example(**names: Any) -> ModuleType:
    """Import the example as a separate module, and replace these names in it."""
    spec = importlib.util.spec_from_file_location("microgpt_example", EXAMPLE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    vars(module).update(names)
    return module


def tokens_of(name: str) -> list[int]:
    """Return the tokens of a name."""
    end = 26
    return [end, *(ord(letter) - ord("a") for letter in name), end]


def matrices_of(model: Any) -> dict[str, list[list[Any]]]:
    """Return the parameters of the example, by name."""
    return {key: rows for key, rows in vars(model).items() if isinstance(rows, list)}


def eager_step(name: str, example: ModuleType) -> Step:
    """Return the step of the example, without its optimizer."""
    model = example.GPT(random.Random(0))
    tokens = tokens_of(name)
    return scalar_step(flatten(matrices_of(model)), lambda: model.loss(tokens))


def compiled_step(name: str, example: ModuleType) -> Step:
    """Return the step recorded once for all names of this length, and replayed."""
    model = example.GPT(random.Random(0))
    parameters = flatten(matrices_of(model))
    tokens = tokens_of(name)
    step = autograd.compile(model.loss)
    load = functools.partial(set_to, parameters)
    return Step(lambda: step.backward(tokens), load, lambda: [p.grad for p in parameters])


def flatten(matrices: dict[str, list[list[Any]]]) -> list[Any]:
    """Return all parameters as one list."""
    return [p for rows in matrices.values() for row in rows for p in row]


def initial_matrices() -> dict[str, list[list[float]]]:
    """Return the initial parameters."""
    matrices = matrices_of(load_example().GPT(random.Random(0)))
    return {key: [[p.data for p in row] for row in rows] for key, rows in matrices.items()}
