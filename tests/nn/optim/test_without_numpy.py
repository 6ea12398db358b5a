"""Optimizers work without NumPy, as in the playground of the documentation, and give the same results bit for bit."""

from __future__ import annotations

import math
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from autograd.base.float_lists import FloatList, zeros

ROOT = Path(__file__).parents[3]
PROGRAM = """
import sys
if sys.argv[1] == "without":
    sys.modules["numpy"] = None  # its import raises ModuleNotFoundError
from autograd import Value, read_data, read_grads
from nn import Adagrad, Adam, AdamW, MLP, Optimizer, RMSprop, SGD, StepLR, clip_grad_norm, clip_grad_value, mse_loss

class Own(Optimizer):
    def update(self, p, g):
        return p - self.lr * g / (abs(g) ** 0.5 + 1.0) - 0.01 * (g > 0) + 0.01 * (g < 0)

def show(model):
    print([p.data.hex() for p in model.parameters()])

kinds = [
    lambda p: SGD(p, lr=0.1), lambda p: SGD(p, lr=0.1, momentum=0.9, nesterov=True, weight_decay=0.01),
    lambda p: Adagrad(p, lr=0.1), lambda p: RMSprop(p, lr=0.1, momentum=0.5), lambda p: Adam(p, lr=0.1, weight_decay=0.1),
    lambda p: AdamW(p, lr=0.1), lambda p: Own(p, lr=0.1),
    lambda p: SGD([{"params": p[:3], "lr": 0.2}, {"params": p[3:]}], lr=0.1),
    lambda p: SGD(p, lr=1e200),  # diverges
]
for kind in kinds:
    model = MLP(2, [2, 1], seed=3)
    optimizer = kind(model.parameters())
    schedule = StepLR(optimizer, step_size=2)
    for _ in range(4):
        loss = mse_loss([model([1.0, 2.0]), model([0.5, -1.0])], [0.5, -2.0])
        optimizer.zero_grad()
        loss.backward()
        clip_grad_norm(model.parameters(), 3.0)
        clip_grad_value(model.parameters(), 2.0)
        optimizer.step()
        schedule.step()
    show(model)
print([float(x).hex() for x in read_data([Value(0.1), Value(2.0)])], [float(x) for x in read_grads([Value(0.1)])])
print("numpy" in sys.modules and sys.modules["numpy"] is not None)
"""


def run(numpy: str) -> list[str]:
    environment = {**os.environ, "AUTOGRAD_BACKEND": "python", "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", PROGRAM, numpy]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout.splitlines()


def test_every_optimizer_gives_the_same_results_without_numpy() -> None:
    *results, loaded = run("without")
    *expected, loaded_there = run("with")
    assert (loaded, loaded_there) == ("False", "True")
    assert results == expected
    assert len(set(results)) == len(results) == 10


@pytest.mark.parametrize("power", [0.5, 2, -1, 1.5])
def test_a_float_list_computes_as_an_array(power: float) -> None:
    numbers = [0.1, 3.0, 0.0, math.inf, -math.inf, -2.0, math.nan, 1e300, 7e-320]
    a, b = FloatList(numbers), FloatList(reversed(numbers))
    x, y = np.array(numbers), np.array(numbers[::-1])
    with np.errstate(all="ignore"):
        for result, expected in [
            (a + b, x + y), (a - b, x - y), (a * b, x * y), (a / b, x / y), (1.0 - a, 1.0 - x), (3 / a, 3 / x), (2 * a, 2 * x),
            (-a, -x), (abs(-a), abs(-x)), (a**power, x**power), (a[1:3], x[1:3]), (zeros(2), np.zeros(2)), (a.copy(), x.copy()),
            (a > 0, x > 0), (a < b, x < y), (a >= b, x >= y), (a <= 3, x <= 3), (a.clip(-1.0, 2.0), x.clip(-1.0, 2.0)),
        ]:  # fmt: skip
            assert isinstance(result, FloatList)
            assert np.array_equal(result.tolist(), expected, equal_nan=True)
            assert (result.shape, result.size) == (expected.shape, expected.size)


def test_a_float_list_refuses_another_length_and_other_objects() -> None:
    with pytest.raises(ValueError, match="must have the same length, not 1 and 2"):
        FloatList([1.0]) * [1.0, 2.0]
    with pytest.raises(TypeError):
        FloatList([1.0]) * "a"
