"""A program that uses the packages passes the type checker."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from fresh import PACKAGE

PROGRAM = """
from typing import assert_type

import autograd
from autograd import Value, no_grad, where
from nn import MLP, SGD, mse_loss
from visualize import Drawing, draw

x = Value(2, label="x")
y = x.tanh() * 2 + autograd.exp(x)
assert_type(y, Value)
y.backward()
z: float = y.grad
x.zero_grad()

assert_type(2 * x**2 - x / 3 % 2, Value)
assert_type(abs(-x), Value)
assert_type(x > 1, bool)
assert_type(x.clip(0.0, 1.0).square(), Value)
assert_type(x.operands, tuple[Value, ...])
assert_type(max(x, y), Value)

assert_type(autograd.exp(1), float)
assert_type(autograd.hypot(3.0, 4.0), float)
assert_type(autograd.hypot(x, 4.0), Value)
assert_type(autograd.hypot(3, x), Value)
assert_type(autograd.tanh(x), Value)
assert_type(autograd.tanh(1.0), float)
assert_type(autograd.maximum(x, 1.0), Value)
assert_type(autograd.maximum(1.0, x), Value)
assert_type(autograd.maximum(x, y), Value)
assert_type(autograd.maximum(1.0, 2.0), float)
assert_type(autograd.gelu(x), Value)
assert_type(autograd.gelu(1.0), float)
assert_type(where(x > 0, x.sqrt(), 0.0), Value)

assert_type(autograd.sum([x, y]), Value)
assert_type(autograd.sum(x * i for i in range(3)), Value)
assert_type(autograd.sum([1.0, 2]), float)
total: Value = autograd.sum([x, 2, 3.5])
assert_type(autograd.dot([x, y], [1.0, 2.0], 0.5), Value)
assert_type(autograd.dot([1.0], [2.0]), float)
assert_type(autograd.affine([[x, y]], [1.0, 2.0], [x]), list[Value])
rectified: list[Value] = autograd.elementwise(autograd.relu, [x, y])

x.label = 3  # the setters check the value at run time
x.tahn  # any name may be an operation of the table
autograd.sum(3.0)  # type: ignore[call-overload]
x.data.backward()  # type: ignore[attr-defined]
where(x > 0, "a", x)  # type: ignore[type-var]


@no_grad()
def predict(model: MLP, row: list[float]) -> float:
    return float(model(row)[0])


@no_grad
def half(v: Value) -> Value:
    return v / 2


model = MLP(2, [4, 1])
assert_type(predict(model, [1.0, 2.0]), float)
assert_type(half(x), Value)
predict(model)  # type: ignore[call-arg]
mse_loss([model([0.0, 1.0])], [1.0]).backward()
SGD(model.parameters(), lr=0.1).step()
assert_type(draw(y), Drawing)
"""


@pytest.mark.skipif(find_spec("mypy") is None, reason="mypy is not installed")
def test_a_program_that_uses_the_packages_passes_the_type_checker(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(PROGRAM)
    options = ["--strict", "--follow-imports=silent", "--ignore-missing-imports", "--config-file=", f"--cache-dir={tmp_path}"]
    done = subprocess.run(
        [sys.executable, "-m", "mypy", *options, str(program)], env=os.environ | {"MYPYPATH": str(PACKAGE.parent)},
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("package", ["autograd", "nn", "visualize"])
def test_each_package_declares_its_types(package: str) -> None:
    assert (PACKAGE.parent / package / "py.typed").is_file()
