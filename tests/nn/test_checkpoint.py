"""Saving and loading weights."""

from __future__ import annotations

import json
import math
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograd import Value
from nn import MLP, Module, Neuron, load_weights, save_weights


def test_every_number_comes_back_exactly(tmp_path: Path) -> None:
    model, other = MLP(3, [5, 2], seed=0), MLP(3, [5, 2], seed=1)
    model.parameters()[0].data = 5e-324
    model.parameters()[1].data = -1.7976931348623157e308
    load_weights(other, save_weights(model, tmp_path / "w.json"))
    assert other.state_dict() == model.state_dict()


def test_notes_are_kept_besides_the_model_and_its_parameters(tmp_path: Path) -> None:
    path = save_weights(Neuron(1, seed=0), tmp_path / "w.json", seed=0, classes=["a", "b"])
    content = json.loads(path.read_text())
    assert list(content) == ["model", "seed", "classes", "parameters"]
    assert list(content["parameters"]) == ["weights.0", "bias"]
    assert load_weights(Neuron(1), path) == {"model": "Neuron(1)", "seed": 0, "classes": ["a", "b"]}


def test_missing_folders_are_made(tmp_path: Path) -> None:
    assert save_weights(Neuron(1), tmp_path / "a" / "b" / "w.json").exists()


def test_a_number_that_is_not_finite_is_refused_and_the_old_file_stays(tmp_path: Path) -> None:
    neuron = Neuron(1, seed=0)
    path = save_weights(neuron, tmp_path / "w.json")
    before = path.read_text()
    neuron.bias.data = math.nan
    with pytest.raises(
        ValueError, match=r"w.json was not written: the parameter 'bias' is nan, which .* has training diverged"
    ):
        save_weights(neuron, path)
    assert path.read_text() == before
    assert os.listdir(tmp_path) == ["w.json"]


@pytest.mark.parametrize(
    ("note", "error"), [(math.nan, ValueError), ([1.0, {"b": -math.inf}], ValueError), (np.zeros(2), TypeError)]
)
def test_a_note_that_json_cannot_hold_is_refused_by_its_name_and_not_blamed_on_training(
    tmp_path: Path, note: Any, error: type[Exception]
) -> None:
    with pytest.raises(error, match=r"w.json was not written: JSON cannot hold the note 'a' \(.*\): .*; give finite") as caught:
        save_weights(Neuron(1), tmp_path / "w.json", seed=0, a=note)
    assert "training" not in str(caught.value)
    assert os.listdir(tmp_path) == []


def test_a_note_whose_name_is_taken_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"a note cannot be called 'parameters' \(3\), under which .* give it another name"):
        save_weights(Neuron(1), tmp_path / "w.json", parameters=3)
    with pytest.raises(TypeError, match="multiple values for argument 'model'"):
        save_weights(Neuron(1), tmp_path / "w.json", model="mine")  # type: ignore[misc, arg-type]
    assert os.listdir(tmp_path) == []


def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = save_weights(Neuron(1, seed=0), tmp_path / "w.json")
    before = path.read_text()

    def fail(*names: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(OSError, match="disk full"):
        save_weights(Neuron(1, seed=1), path)
    assert path.read_text() == before
    assert os.listdir(tmp_path) == ["w.json"]


@pytest.mark.parametrize("text", ["", "not JSON", "[1, 2]", '{"model": "MLP"}', '{"parameters": 3}', '{"parameters": [1.0]}'])
def test_a_file_of_another_kind_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "w.json"
    path.write_text(text)
    with pytest.raises(ValueError, match=r"w.json is not a file written by save_weights: JSON with the numbers under 'par"):
        load_weights(Neuron(1), path)


def test_weights_of_another_model_are_refused(tmp_path: Path) -> None:
    path = save_weights(MLP(3, [5, 2]), tmp_path / "w.json")
    with pytest.raises(ValueError, match=r"MLP\(3, \[4, 2\]\) has 26 parameters and cannot take these 32 numbers"):
        load_weights(MLP(3, [4, 2]), path)


def test_a_model_with_two_parameters_of_one_name_is_not_saved(tmp_path: Path) -> None:
    class Holder(Module):
        def __init__(self) -> None:
            self.d = {1: Value(1.0), "1": Value(2.0)}

    with pytest.raises(ValueError, match=r"two parameters of Holder\(2 parameters\) have the name 'd.1'"):
        save_weights(Holder(), tmp_path / "w.json")
    assert os.listdir(tmp_path) == []
