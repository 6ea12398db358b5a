"""Saving and loading: round trips, rejected files, and that an operation succeeds completely or changes nothing."""

from __future__ import annotations

import io
import json
import math
import os
import random
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from autograd import Value
from nn import MLP, Module, Neuron, load_checkpoint, save_checkpoint

TEXT = st.text()
NUMBERS = st.floats() | st.integers() | st.booleans()
NESTED = st.recursive(
    st.none() | TEXT | NUMBERS | st.lists(st.floats()),
    lambda inner: st.lists(inner) | st.dictionaries(TEXT, inner),
)


class Scale(Module):
    """A module of another class."""

    def __init__(self) -> None:
        self.factor = Value(2.0)


def same(one: Any, other: Any) -> bool:
    """Return whether both have the same type and value, where nan equals nan and -0.0 differs from 0.0."""
    return type(one) is type(other) and repr(one) == repr(other)


# ---- round trips ----


@given(state=st.dictionaries(st.sampled_from(["epoch", "history", "a/b", "a"]), NESTED))
@example(state={"a": {"\0": [1.0], "\0\0": [2.0], "\ud800": [3.0]}})
@example(state={"a": [math.nan, -0.0, math.inf, 5e-324], "epoch": 10**30})
def test_a_round_trip_preserves_types_and_every_bit(state: dict[str, Any], tmp_path_factory: Any) -> None:
    assert same(load_checkpoint(save_checkpoint(tmp_path_factory.mktemp("state") / "c.npz", **state)), state)


@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.int64, np.uint8, np.bool_])
def test_a_round_trip_preserves_the_shape_and_dtype_of_arrays(dtype: Any, tmp_path: Path) -> None:
    array = np.arange(6).reshape(2, 3).astype(dtype)
    loaded = load_checkpoint(save_checkpoint(tmp_path / "c.npz", a={"b": array}))["a"]["b"]
    assert (loaded.dtype, loaded.tolist()) == (array.dtype, array.tolist())


def test_numpy_scalars_are_loaded_as_python_numbers(tmp_path: Path) -> None:
    path = save_checkpoint(tmp_path / "c.npz", a=[np.float64(0.1), np.int64(3), np.bool_(True), np.array(2.5)])
    assert same(load_checkpoint(path)["a"], [0.1, 3, True, 2.5])


def test_nested_arrays_are_loaded_at_their_original_positions(tmp_path: Path) -> None:
    state = {"a": {"b": np.ones(2)}, "a/b": [np.zeros(1), {"array": np.arange(3)}], "\0": {"\ud800": np.array([math.nan])}}
    assert same(load_checkpoint(save_checkpoint(tmp_path / "c.npz", **state)), state)


def test_tuples_are_loaded_as_lists_as_in_json(tmp_path: Path) -> None:
    assert load_checkpoint(save_checkpoint(tmp_path / "c.npz", a=(1, (2.0,)))) == {"a": [1, [2.0]]}


@pytest.mark.parametrize("seed", [0, 1])
def test_a_restored_random_generator_continues_its_sequence(seed: int, tmp_path: Path) -> None:
    rng, generator = random.Random(seed), np.random.default_rng(seed)
    rng.gauss()  # keeps a second number for the next call
    path = save_checkpoint(tmp_path / "c.npz", rng=rng.getstate(), generator=generator.bit_generator.state)
    expected = rng.gauss(), rng.random(), generator.random()
    state = load_checkpoint(path)
    version, numbers, second = state["rng"]
    rng.setstate((version, tuple(numbers), second))
    generator.bit_generator.state = state["generator"]
    assert (rng.gauss(), rng.random(), generator.random()) == expected


def test_loading_restores_the_model_and_returns_the_state(tmp_path: Path) -> None:
    model, other = MLP(3, [5, 2], seed=0), MLP(3, [5, 2], seed=1)
    model.parameters()[0].data = 5e-324
    model.parameters()[1].data = -1.7976931348623157e308
    state = load_checkpoint(save_checkpoint(tmp_path / "c.npz", model=model, epoch=3), model=other)
    assert other.state_dict() == model.state_dict() == state["model"]
    assert state["epoch"] == 3


def test_numpy_can_read_the_arrays_and_the_metadata_is_json(tmp_path: Path) -> None:
    path = save_checkpoint(tmp_path / "c.npz", model=Neuron(1, seed=0), mean=np.ones(2))
    archive = np.load(path)  # without pickle
    assert archive["array 0"].tolist() == [1.0, 1.0]
    metadata = json.loads(archive["metadata.json"])
    assert (metadata["format"], metadata["version"]) == ("scalar-autograd checkpoint", 2)
    assert metadata["made_by"] == {"model": "Neuron(1)"}
    assert metadata["state"] == {"model": Neuron(1, seed=0).state_dict(), "mean": {"array of this archive": "array 0"}}


def test_the_same_state_is_saved_as_the_same_bytes(tmp_path: Path) -> None:
    paths = [save_checkpoint(tmp_path / name, model=Neuron(1, seed=0), a=np.ones(3)) for name in ("one", "two")]
    assert paths[0].read_bytes() == paths[1].read_bytes()


# ---- state that cannot be saved ----


@pytest.mark.parametrize(
    ("part", "message"),
    [
        (
            [0, {"x": Value(1.0)}],
            r"^'a' cannot be saved: a saved part must .*, not Value \(Value\(1.0\)\); save its state_dict",
        ),
        ({1, 2}, r"^'a' cannot be saved: a saved part must consist of numbers, strings, .*, not set \(\{1, 2\}\)"),
        (1j, r"^'a' cannot be saved: a saved part must consist of numbers, strings, .*, not complex \(1j\)"),
        ({(1, 2): 2.0}, "keys must be str, int, float, bool or None, not tuple"),
        (np.array([1.0, None]), r"^'a' cannot be saved: .*, not ndarray \(array\(\[1.0, None\]"),
        (np.array([1j]), r"^'a' cannot be saved: .*, not ndarray \(array\("),
    ],
)
def test_an_unsupported_type_is_rejected_and_nothing_is_written(part: Any, message: str, tmp_path: Path) -> None:
    with pytest.raises(TypeError, match=message):
        save_checkpoint(tmp_path / "c.npz", epoch=1, a=part)
    assert os.listdir(tmp_path) == []


def test_a_model_with_duplicate_parameter_names_is_not_saved(tmp_path: Path) -> None:
    class Holder(Module):
        def __init__(self) -> None:
            self.d = {1: Value(1.0), "1": Value(2.0)}

    with pytest.raises(ValueError, match=r"two parameters of Holder\(2 parameters\) have the name 'd.1'"):
        save_checkpoint(tmp_path / "c.npz", model=Holder())
    assert os.listdir(tmp_path) == []


def test_missing_folders_are_created(tmp_path: Path) -> None:
    assert save_checkpoint(tmp_path / "a" / "b" / "c.npz", epoch=1).exists()


def test_a_failed_write_leaves_only_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = save_checkpoint(tmp_path / "c.npz", epoch=1)

    def fail(*names: object) -> None:
        raise OSError("disk full")

    for function in ("replace", "fsync"):
        with monkeypatch.context() as patch:
            patch.setattr(os, function, fail)
            with pytest.raises(OSError, match="disk full"):
                save_checkpoint(path, epoch=2)
        assert load_checkpoint(path) == {"epoch": 1}
        assert os.listdir(tmp_path) == ["c.npz"]


# ---- rejected files ----


def assert_rejected(path: Path, content: bytes, message: str) -> None:
    """Assert that a file with this content is rejected with this message, and that a model is unchanged."""
    model = Neuron(1, seed=1)
    before = model.state_dict()
    path.write_bytes(content)
    with pytest.raises(ValueError, match=message):
        load_checkpoint(path, model=model)
    assert model.state_dict() == before


def test_a_truncated_file_is_rejected(tmp_path: Path) -> None:
    whole = save_checkpoint(tmp_path / "whole.npz", model=Neuron(1, seed=0)).read_bytes()
    for length in range(len(whole)):
        assert_rejected(
            tmp_path / "cut.npz",
            whole[:length],
            rf"cut.npz is not a checkpoint, or is damaged: it has {length} b",
        )


def test_a_file_with_a_changed_byte_is_rejected(tmp_path: Path) -> None:
    whole = save_checkpoint(tmp_path / "whole.npz", model=Neuron(1, seed=0)).read_bytes()
    for place in range(len(whole)):
        changed = bytes([*whole[:place], whole[place] ^ 1, *whole[place + 1 :]])
        assert_rejected(tmp_path / "changed.npz", changed, "changed.npz is not a checkpoint, or is damaged")
    assert_rejected(tmp_path / "longer.npz", whole + b"0", "longer.npz is not a checkpoint, or is damaged")


def npz() -> bytes:
    """Return the content of a file that NumPy wrote."""
    buffer = io.BytesIO()
    np.savez(buffer, model=np.ones(2))
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("content", "begin"),
    [
        (b"", r"0 bytes, begins with b''"),
        (b"weights", "7 bytes, begins with b'weights'"),
        (npz(), r"begins with b'PK"),
    ],
)
def test_a_file_of_another_format_is_rejected(content: bytes, begin: str, tmp_path: Path) -> None:
    message = f"c.npz is not a checkpoint, or .*{begin}.* and does not end with its checksum; use another copy"
    assert_rejected(tmp_path / "c.npz", content, message)


@pytest.mark.parametrize("version", [1, 3])
def test_a_file_of_another_version_is_rejected(version: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("nn.training.checkpoint.VERSION", version)
        content = save_checkpoint(tmp_path / "c.npz", model=Neuron(1)).read_bytes()
    message = f"c.npz must have version 2, not {version}; read it with the version of nn that wrote it"
    assert_rejected(tmp_path / "c.npz", content, message)


def test_a_class_instead_of_a_module_is_rejected(tmp_path: Path) -> None:
    path = save_checkpoint(tmp_path / "c.npz", model=Neuron(1))
    with pytest.raises(TypeError, match=r"model must have load_state_dict\(\), like a Module, but is type"):
        load_checkpoint(path, model=Neuron)


def test_keys_that_would_become_equal_are_rejected_and_nothing_is_written(tmp_path: Path) -> None:
    with pytest.raises(
        ValueError, match=r"^'kept' cannot be saved: keys must be distinct as strings, .* lost: \['1', '1', 'b'\]"
    ):
        save_checkpoint(tmp_path / "c.npz", kept=[{1: "a", "1": "b", "b": {}}])
    with pytest.raises(
        TypeError, match=r"^'model' cannot be saved: a saved part must .*, not type \(<class 'nn.layers.Neuron'>\)"
    ):
        save_checkpoint(tmp_path / "c.npz", model=Neuron)
    assert not list(tmp_path.iterdir())


def test_the_error_for_a_missing_file_names_it(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"c\.npz"):
        load_checkpoint(tmp_path / "c.npz")


def test_loading_runs_no_code_from_the_file(tmp_path: Path) -> None:
    path = save_checkpoint(tmp_path / "c.npz", a=np.ones(2))
    with zipfile.ZipFile(path) as archive:
        assert all(b"pickle" not in archive.read(name) for name in archive.namelist())
    with pytest.raises(TypeError, match=r"^'a' cannot be saved: .*, not ndarray"):
        save_checkpoint(path, a=np.array([print]))


# ---- rejected parts ----


def test_a_model_of_another_shape_is_rejected_and_unchanged(tmp_path: Path) -> None:
    path = save_checkpoint(tmp_path / "c.npz", model=MLP(3, [5, 2], seed=0))
    model = MLP(3, [4, 2], seed=1)
    before = model.state_dict()
    with pytest.raises(
        ValueError,
        match=r"c.npz: 'model' was saved from MLP\(3, \[5, 2\]\) and cannot be loaded: MLP\(3, \[4, 2\]\) has 26 "
        r"parameters and cannot load these 32",
    ):
        load_checkpoint(path, model=model)
    assert model.state_dict() == before


def test_a_model_with_another_activation_is_rejected_but_can_load_the_state_dict(tmp_path: Path) -> None:
    path = save_checkpoint(tmp_path / "c.npz", model=MLP(2, [3, 1], seed=0))
    model = MLP(2, [3, 1], "relu", seed=1)
    before = model.state_dict()
    message = (
        r"'model' was saved from MLP\(2, \[3, 1\]\) and cannot be loaded: it differs from MLP\(2, \[3, 1\], activation='relu'\)"
    )
    with pytest.raises(ValueError, match=message):
        load_checkpoint(path, model=model)
    assert model.state_dict() == before
    model.load_state_dict(load_checkpoint(path)["model"])
    assert model.state_dict() == MLP(2, [3, 1], seed=0).state_dict()


def test_if_one_part_is_rejected_no_part_changes(tmp_path: Path) -> None:
    path = save_checkpoint(tmp_path / "c.npz", one=Scale(), two=Neuron(2, seed=0))
    one, two = Scale(), Neuron(3, seed=0)
    one.factor.data = 7.0
    with pytest.raises(ValueError, match=r"'two' was saved from Neuron\(2\) and cannot be loaded: Neuron\(3\) has 4"):
        load_checkpoint(path, one=one, two=two)
    assert one.factor.data == 7.0


def test_a_part_that_was_not_saved_from_a_module_is_rejected(tmp_path: Path) -> None:
    path = save_checkpoint(tmp_path / "c.npz", epoch=3)
    with pytest.raises(TypeError, match=r"'epoch' was saved from an object without state_dict\(\) and cannot be loaded"):
        load_checkpoint(path, epoch=Scale())


def test_a_part_that_is_missing_from_the_file_is_rejected(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"c.npz does not contain 'optimiser', only 'model', 'optimizer'"):
        load_checkpoint(save_checkpoint(tmp_path / "c.npz", model=Scale(), optimizer={}), optimiser=Scale())
    with pytest.raises(ValueError, match=r"c.npz does not contain 'model', only nothing"):
        load_checkpoint(save_checkpoint(tmp_path / "c.npz"), model=Scale())


def test_a_part_without_load_state_dict_is_rejected(tmp_path: Path) -> None:
    path = save_checkpoint(tmp_path / "c.npz", epoch=3)
    with pytest.raises(TypeError, match=r"epoch must have load_state_dict\(\), like a Module, but is int \(4\)"):
        load_checkpoint(path, epoch=4)
