"""Saving and loading: round trips, rejected files, and that an operation succeeds completely or changes nothing."""

from __future__ import annotations

import hashlib
import io
import json
import math
import os
import random
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import nn
from autograd import Value
from nn import MLP, CSVLogger, ModelCheckpoint, Module, Neuron, fit, load_checkpoint, load_csv, save_checkpoint, to_onnx

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


@given(state=st.dictionaries(st.sampled_from(["epoch", "history", "a/b", "a"]), NESTED, min_size=1))
@example(state={"a": {"\0": [1.0], "\0\0": [2.0], "\ud800": [3.0]}})
@example(state={"a": [math.nan, -0.0, math.inf, 5e-324], "epoch": 10**30})
def test_a_round_trip_preserves_types_and_every_bit(state: dict[str, Any], tmp_path_factory: Any) -> None:
    assert same(dict(load_checkpoint(save_checkpoint(tmp_path_factory.mktemp("state") / "c.npz", **state))), state)


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
    assert same(dict(load_checkpoint(save_checkpoint(tmp_path / "c.npz", **state))), state)


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
            rf"cut.npz is not a checkpoint, or is damaged: {f'it has {length} b' if length > 1 else 'it is not a .npz file'}",
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
        (b"", "it is not a .npz file, because it is empty; use another copy"),
        (b"\x89PNG\r\n\x1a\n" * 9, r"it is not a .npz file, because it begins with b'\x89PNG\r\n\x1a\n'; use another copy"),
        (npz(), rf"it has {len(npz())} bytes, begins with b'PK\x03\x04"),
    ],
)
def test_a_file_of_another_format_is_rejected(content: bytes, begin: str, tmp_path: Path) -> None:
    assert_rejected(tmp_path / "c.npz", content, re.escape(f"c.npz is not a checkpoint, or is damaged: {begin}"))


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
    with pytest.raises(ValueError, match=r"'epoch' was saved from an object without state_dict\(\) and cannot be loaded"):
        load_checkpoint(path, epoch=Scale())


def test_a_part_that_is_missing_from_the_file_is_rejected(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"c.npz does not contain 'optimiser', only 'model', 'optimizer'"):
        load_checkpoint(save_checkpoint(tmp_path / "c.npz", model=Scale(), optimizer={}), optimiser=Scale())


def test_saving_no_parts_is_an_error_and_keeps_the_old_file(tmp_path: Path) -> None:
    path = save_checkpoint(tmp_path / "c.npz", epoch=3)
    message = f"save_checkpoint needs a name for each part, such as save_checkpoint({str(path)!r}, model=model), not no part"
    with pytest.raises(TypeError, match=re.escape(message)):
        save_checkpoint(str(path))
    assert load_checkpoint(path) == {"epoch": 3}


def test_a_path_in_the_home_folder_is_refused_with_the_call_that_expands_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    message = "must not begin with ~, which is not expanded, not '~/c.npz'; write os.path.expanduser('~/c.npz')"
    calls: list[Callable[[], Any]] = [
        lambda: save_checkpoint("~/c.npz", epoch=3), lambda: load_checkpoint("~/c.npz"),
        lambda: ModelCheckpoint(Path("~/c.npz")), lambda: CSVLogger("~/c.npz"), lambda: load_csv("~/c.npz"),
        lambda: to_onnx(Neuron(1), "~/c.npz"),
        lambda: fit(Neuron(1), [[1.0]], [1.0], loss="mse", checkpoint="~/c.npz"),
    ]  # fmt: skip
    for call in calls:
        with pytest.raises(ValueError, match=re.escape(message)):
            call()
    assert list(tmp_path.iterdir()) == []
    save_checkpoint("./~/c.npz", epoch=3)
    assert load_checkpoint("./~/c.npz") == {"epoch": 3}
    assert save_checkpoint("~c.npz", epoch=3).name == "~c.npz"


def test_a_part_without_load_state_dict_is_rejected(tmp_path: Path) -> None:
    path = save_checkpoint(tmp_path / "c.npz", epoch=3)
    with pytest.raises(TypeError, match=r"epoch must have load_state_dict\(\), like a Module, but is int \(4\)"):
        load_checkpoint(path, epoch=4)


# ---- content that is wrong although the checksum is right ----


def crafted(metadata: Any = None, arrays: dict[str, bytes] | None = None, compression: int = zipfile.ZIP_STORED) -> bytes:
    """Return a file with any content and a valid checksum."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        for name, content in (arrays or {}).items():
            archive.writestr(f"{name}.npy", content)
        if metadata is not None:
            archive.writestr("metadata.json", metadata if isinstance(metadata, str) else json.dumps(metadata))
    return signed(buffer.getvalue())


def signed(content: bytes) -> bytes:
    return content + hashlib.sha256(content).hexdigest().encode()


def metadata_of(state: Any, **other: Any) -> dict[str, Any]:
    return {"format": "scalar-autograd checkpoint", "version": 2, "made_by": {}, "state": state, **other}


def npy(shape: str) -> bytes:
    """Return the header of an array of any shape, followed by 16 bytes."""
    header = f"{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}, }}".ljust(117) + "\n"
    return b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header.encode() + bytes(16)


WEIGHTS = {"weights.0": 1.0, "bias": 0.0}
ONE_ARRAY = {"model": {"array of this archive": "array 0"}}
TWICE = {"model": WEIGHTS, **{name: {"array of this archive": "array 0"} for name in "ab"}}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (crafted("[" * 100_000), "damaged: RecursionError"),
        (
            crafted(metadata_of(ONE_ARRAY), {"array 0": npy("(10000000000000,)")}),
            "damaged: .*(MemoryError|ValueError)",
        ),
        (crafted(metadata_of(ONE_ARRAY), {"array 0": npy("(10**99,)")}), "damaged: ValueError"),
        (crafted(metadata_of(TWICE), {"array 0": npy("(2,)")}), "damaged: KeyError: 'array 0'"),
        (crafted(metadata_of(ONE_ARRAY)), "damaged: KeyError: 'array 0'"),
        (signed(b"PK" + bytes(100)), "damaged: BadZipFile: File is not a zip file"),
        (crafted(metadata_of({"a": "0" * 10**8}), None, zipfile.ZIP_DEFLATED), "its entries must not be compressed"),
        (crafted(), "damaged: KeyError: 'metadata.json'"),
        (crafted("{"), "damaged: JSONDecodeError"),
        (crafted([]), "damaged: TypeError"),
        (crafted({"format": "sklearn"}), "its format must be 'scalar-autograd checkpoint', not 'sklearn'"),
        (crafted(metadata_of([])), "damaged: TypeError: its parts must be in a dict"),
        (crafted(metadata_of({}, version="3")), "must have version 2, not 3"),
        (crafted(metadata_of({"model": WEIGHTS | {"bias": math.nan}})), "cannot be loaded: bias is nan; call load_state_dict"),
        (crafted(metadata_of({"model": WEIGHTS | {"bias": "zero"}})), "cannot be loaded: 'bias' in the state must be a number"),
        (crafted(metadata_of({"model": WEIGHTS | {"bias": 10**400}})), "cannot be loaded: OverflowError"),
        (crafted(metadata_of({"model": None})), "cannot be loaded: state must be a dict"),
    ],
    ids=map(str, range(17)),
)
def test_wrong_content_is_one_clear_error(content: bytes, message: str, tmp_path: Path) -> None:
    assert_rejected(tmp_path / "c.npz", content, message)


@pytest.mark.skipif(not os.path.exists("/dev/zero"), reason="there is no such device")
def test_a_device_without_an_end_is_no_checkpoint() -> None:
    with pytest.raises(ValueError, match=r"/dev/zero is not a checkpoint, or is damaged: it is not a .npz file"):
        load_checkpoint("/dev/zero")


def test_the_state_of_a_part_may_be_nested_too_deeply_to_save(tmp_path: Path) -> None:
    nested: list[Any] = []
    for _ in range(100_000):
        nested = [nested]
    with pytest.raises(RecursionError, match="'a' cannot be saved"):
        save_checkpoint(tmp_path / "c.npz", a=nested)


@pytest.mark.parametrize("history", [None, [], {}, {"loss": 1.0}, {"loss": [1.0], "lr": []}, {"lr": [0.1]}])
def test_a_training_run_is_not_resumed_from_another_history(history: Any, tmp_path: Path) -> None:
    path, options = tmp_path / "c.npz", dict[str, Any](loss="mse", epochs=1)
    fit(Neuron(1, seed=0), [[1.0]], [2.0], checkpoint=path, **options)
    saved = load_checkpoint(path)
    path.write_bytes(crafted(metadata_of({**saved, "history": history})))
    model = Neuron(1, seed=3)
    before = model.state_dict()
    with pytest.raises(ValueError, match=r"c\.npz must have the history of a training run, not "):
        fit(model, [[1.0]], [2.0], checkpoint=path, **options)
    assert model.state_dict() == before


# ---- writing ----


def test_threads_that_save_to_one_path_do_not_collide(tmp_path: Path) -> None:
    path = tmp_path / "c.npz"
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda number: save_checkpoint(path, number=number), range(160)))
    assert load_checkpoint(path)["number"] in range(160)
    assert os.listdir(tmp_path) == ["c.npz"]


def test_the_next_save_removes_what_a_killed_one_left_behind(tmp_path: Path) -> None:
    path = tmp_path / "c[1].npz"
    killed = (
        "import os, sys, nn; os.replace = lambda *_: os.kill(os.getpid(), 9); "
        "os.rename = os.replace; nn.save_checkpoint(sys.argv[1], a=1)"
    )
    subprocess.run([sys.executable, "-c", killed, path], check=False, cwd=Path(nn.__file__).parents[1])
    (leftover,) = os.listdir(tmp_path)
    others = [f".other.{leftover}", f".c[1].npz.{os.getppid()}-0.unfinished", ".c[1].npz.mine.unfinished"]
    own = f".c[1].npz.{os.getpid()}-x.unfinished".replace("-x", "-999999")  # of an earlier process with this number
    for name in [*others, own]:
        (tmp_path / name).write_bytes(b"")
    save_checkpoint(path, a=2)
    assert sorted(os.listdir(tmp_path)) == sorted([*others, path.name])


@pytest.mark.skipif(os.name != "posix", reason="files have no such modes")
def test_the_mode_of_the_file_and_symbolic_links_are_kept(tmp_path: Path) -> None:
    path, link = tmp_path / "real" / "c.npz", tmp_path / "link.npz"
    save_checkpoint(path, a=1)
    link.symlink_to(path)
    for mode in (0o600, 0o664):
        path.chmod(mode)
        assert save_checkpoint(link, a=mode) == link
        assert (link.is_symlink(), load_checkpoint(path)["a"], path.stat().st_mode & 0o777) == (True, mode, mode)
    assert sorted(os.listdir(tmp_path)) == ["link.npz", "real"]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # of zipfile, from Python 3.13 on
def test_ctrl_c_inside_a_save_is_a_keyboard_interrupt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def press(*_: Any) -> None:
        raise KeyboardInterrupt

    path = save_checkpoint(tmp_path / "c.npz", a=np.ones(2))
    entry: Any = zipfile._ZipWriteFile  # type: ignore[attr-defined]
    for owner, name in ((entry, "close"), (entry, "write"), (zipfile.ZipFile, "_write_end_record"), (os, "fsync")):
        with monkeypatch.context() as patch:
            patch.setattr(owner, name, press)
            with pytest.raises(KeyboardInterrupt):
                save_checkpoint(path, a=np.ones(3))
    assert load_checkpoint(path)["a"].tolist() == [1.0, 1.0]
    assert os.listdir(tmp_path) == ["c.npz"]
