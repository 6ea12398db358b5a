"""``nn`` without NumPy, as in a browser."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import attr
import attrs
from fresh import PACKAGE, run_python

import autograd

CODE = """
import importlib.util, json, sys, nn
found = importlib.util.find_spec("numpy") is not None

OPTIMIZERS = {
    "sgd": lambda p: nn.SGD(p, lr=0.1),
    "nesterov": lambda p: nn.SGD(p, lr=0.1, momentum=0.9, nesterov=True, weight_decay=0.1),
    "adagrad": lambda p: nn.Adagrad(p, lr=0.1),
    "rmsprop": lambda p: nn.RMSprop(p, lr=0.1, momentum=0.5),
    "adam": lambda p: nn.Adam(p, lr=0.1, weight_decay=0.1),
    "amsgrad": lambda p: nn.Adam(p, lr=0.1, amsgrad=True),
    "adamw": lambda p: nn.AdamW(p, lr=0.1),
    "groups": lambda p: nn.SGD([{"params": p[:3], "weight_decay": 0.1}, {"params": p[3:]}], lr=0.1),
}
results = {}
for name, create in OPTIMIZERS.items():
    model = nn.MLP(2, [3, 1], seed=0)
    optimizer = create(model.parameters())
    for _ in range(4):
        optimizer.zero_grad()
        nn.mse_loss([model(row) for row in ([0.0, 1.0], [1.0, 0.5])], [1.0, 2.0]).backward()
        optimizer.step()
    results[name] = list(model.state_dict().values())
moons = nn.make_moons(600, seed=0)
model = nn.MLP(2, [3, 1], seed=0)
options = {"batch_size": 50, "seed": 0, "validation_split": 0.2, "epochs": 2, "compile": False if found else None}
history = nn.fit(model, *moons, loss="mse", **options)
results["fit"] = list(model.state_dict().values()) + history["val_loss"]
results["predict"] = nn.predict(model, moons.X)
assert ("numpy" in sys.modules) is found
print(json.dumps([found, results]))
"""


def test_optimizers_and_fit_give_the_same_bits_without_numpy(tmp_path: Path) -> None:
    for module in (attr, attrs):  # all that nn needs; -S hides the other packages
        folder = Path(str(module.__file__)).parent
        (tmp_path / folder.name).symlink_to(folder)
    found, expected = json.loads(run_python(CODE))
    variables = {"PYTHONPATH": f"{PACKAGE.parent}{os.pathsep}{tmp_path}", "AUTOGRAD_BACKEND": autograd.backend()}
    command = [sys.executable, "-S", "-P", "-c", CODE]
    done = subprocess.run(command, env=os.environ | variables, capture_output=True, text=True, check=True, timeout=600)
    without = json.loads(done.stdout)
    assert (found, without[0]) == (True, False)
    assert without[1] == expected
