"""Training runs with a checkpoint, and a function that kills them at random moments."""

from __future__ import annotations

import os
import random
import signal
import time
from pathlib import Path
from typing import Any

import numpy as np

from nn import MLP, Adam, History, ReduceLROnPlateau, StepLR, fit, l2_penalty, make_moons

MOONS = make_moons(60, noise=0.2, seed=0)
X, Y = MOONS.X, MOONS.y


def dropout_and_adam(path: Path | None, **options: Any) -> tuple[Any, History]:
    """Train by replay, with every feature that draws random numbers or keeps state between epochs."""
    model = MLP(2, [6, 1], dropout=0.2, seed=1)
    history = fit(
        model, X, Y, loss="binary_cross_entropy", optimizer="adam", lr=0.05, schedule=lambda adam: StepLR(adam, 4, 0.7),
        batch_size=16, seed=2, validation_split=0.25, metrics=["accuracy"], patience=30, checkpoint=path,
        compile=True, **{"epochs": 24, **options},
    )  # fmt: skip
    return model, history


def plateau_and_numpy(path: Path | None, **options: Any) -> tuple[Any, History]:
    """Train node by node, shuffled by a NumPy generator, with a schedule that depends on the loss."""
    model = MLP(2, [3, 1], seed=1)
    optimizer = Adam(model.parameters(), lr=0.1)
    history = fit(
        model, X[:20], Y[:20], loss="binary_cross_entropy", optimizer=optimizer, batch_size=7, seed=np.random.default_rng(3),
        schedule=lambda adam: ReduceLROnPlateau(adam, patience=1, factor=0.5), penalty=lambda: l2_penalty(model, 1e-3),
        clip_norm=0.5, checkpoint=path, compile=False, **{"epochs": 24, **options},
    )  # fmt: skip
    return model, history


def bits(run: tuple[Any, History]) -> str:
    """Return all numbers of a run as text, except for times."""
    model, history = run
    columns = {name: column for name, column in history.columns.items() if name != "seconds"}
    return repr(([parameter.data for parameter in model.parameters()], columns, history.stopped))


def kill(name: str, path: Path, kills: int, seed: int) -> None:
    """Run the named training in processes that are killed at random moments, until ``kills`` of them were killed.

    Some processes finish before they are killed.

    Raises:
        AssertionError: If a process that finishes has a different result from an uninterrupted run.
    """
    run, rng = {"dropout_and_adam": dropout_and_adam, "plateau_and_numpy": plateau_and_numpy}[name], random.Random(seed)
    wanted = bits(run(None))  # this also loads all modules, before the process forks
    began = time.perf_counter()
    assert bits(run(path)) == wanted, "a checkpoint changes the result"
    duration = patience = time.perf_counter() - began
    path.unlink()
    killed, found, finished = 0, 0, 0
    while killed < kills or not finished:
        child = os.fork()
        if not child:
            os._exit(0 if bits(run(path)) == wanted else 1)
        time.sleep(rng.uniform(0, patience))
        os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        if os.WIFSIGNALED(status):
            killed += 1
            found += path.exists()
            patience *= 1.1  # lets a run finish even if the machine becomes slower
        else:
            assert os.WEXITSTATUS(status) == 0, f"after {killed} kills, the result is different"
            finished += 1
            patience = duration
            path.unlink()
    print(f"killed {killed} times, of which {found} left a checkpoint; finished {finished} times")
