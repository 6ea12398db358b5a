"""Checkpoints: a model, its optimizer and any other training state in one file.

The file is an npz archive: ``numpy.load(path)`` lists its arrays, and ``metadata.json`` contains everything else. JSON
preserves every bit of a float. The file contains no pickles, so loading it never runs code. Its last 64 characters are the
SHA-256 checksum of everything before them, which detects truncated and damaged files before anything is read from them.
"""

from __future__ import annotations

import io
import math
import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Never

from autograd.shared import write_atomically
from nn.base.checks import describe, file_path
from nn.base.names import did_you_mean, tidy_signature
from nn.base.options import all_or_nothing
from nn.base.tables import html_table
from nn.modules import Module

# Modules that take long to import are imported where they are used.
if TYPE_CHECKING:
    from pathlib import Path

VERSION = 2  # of the format; increase it if the same bytes would have another meaning
FORMAT = "scalar-autograd checkpoint"
METADATA = "metadata.json"
ARRAY = "array of this archive"  # key of a dict that represents an array
CHECKSUM_LENGTH = 64
NOTES = {
    "class_names",
    "trained_with",
    "class_threshold",
}  # attributes that fit assigns to a Module, saved together with its state


class Checkpoint(dict[str, Any]):
    """The parts of a file by name. The repr shows an object as the call that creates it, instead of its numbers.

    Attributes:
        made_by: The reprs of the saved objects by name.
    """

    def __init__(self, parts: Mapping[str, Any], made_by: Mapping[str, str]) -> None:
        super().__init__(parts)
        self.made_by: dict[str, str] = dict(made_by)

    def __missing__(self, name: str) -> Any:
        raise KeyError(f"the checkpoint has no part {name!r}, only {', '.join(map(repr, self))}{did_you_mean(name, self)}")

    def _shown(self) -> dict[str, str]:
        return {name: self.made_by.get(name) or f"{part!r:.60}" for name, part in self.items()}

    def __repr__(self) -> str:
        return f"Checkpoint({', '.join(f'{name}={text}' for name, text in self._shown().items())})"

    def _repr_html_(self) -> str:
        """Return a table of the parts for Jupyter."""
        return html_table([("part", "content"), *self._shown().items()])


@tidy_signature
def save_checkpoint(path: str | os.PathLike[str], /, *unnamed: Never, **parts: Any) -> Path:
    """Write ``parts`` to a file, from which ``load_checkpoint`` restores them, bit for bit.

    The file is written atomically: under a temporary name first, which then replaces ``path``.

    Args:
        path: The file. Missing folders are created.
        parts: The objects to save, by name. An object with ``state_dict()`` (a Module, an optimizer or a schedule) is saved as
            its state, together with its repr. Other parts must consist of None, strings, numbers, NumPy arrays of numbers,
            lists, and dicts with string keys. As in any JSON, tuples become lists, and numeric keys become strings.

    Returns:
        The path.

    Raises:
        TypeError: If there are no parts, or a part contains anything else. The message contains the name of the part. Nothing
            is written.
        ValueError: If two keys of a dict are equal as strings, such as 1 and "1". Nothing is written.

    >>> from pathlib import Path
    >>> from tempfile import mkdtemp
    >>> from nn import MLP
    >>> model, same_shape = MLP(2, [3, 1], seed=0), MLP(2, [3, 1], seed=1)
    >>> path = save_checkpoint(Path(mkdtemp()) / "moons.npz", model=model, epoch=7, losses=[0.5, 0.25])
    >>> load_checkpoint(path, model=same_shape)["losses"]
    [0.5, 0.25]
    >>> same_shape.state_dict() == model.state_dict()
    True
    """
    import json

    _check_names("save_checkpoint", path, unnamed)
    if not parts:
        raise TypeError(
            f"save_checkpoint needs a name for each part, such as save_checkpoint({path!r}, model=model), not no part"
        )
    arrays: dict[str, Any] = {}

    def as_json(item: Any) -> Any:
        """Convert types unknown to JSON: NumPy scalars to Python numbers, and arrays to their names in the archive."""
        if hasattr(item, "dtype") and item.dtype.kind in "biuf":
            if not item.shape:
                return item.item()
            arrays[name := f"array {len(arrays)}"] = item
            return {ARRAY: name}
        rule = "a saved part must consist of numbers, strings, arrays, lists and dicts"
        raise TypeError(f"{rule}, not {describe(item)}; save its state_dict()")

    made_by = {name: repr(part) for name, part in parts.items() if hasattr(type(part), "state_dict")}
    modules = {name: part for name, part in parts.items() if isinstance(part, Module)}
    state = {}
    for name, part in parts.items():
        try:
            text = json.dumps(part.state_dict() if name in made_by else part, default=as_json)
            state[name] = json.loads(text, object_pairs_hook=_unique)
        except (TypeError, ValueError, RecursionError) as problem:
            raise type(problem)(f"{name!r} cannot be saved: {problem}") from None
    notes = {name: {key: vars(part)[key] for key in NOTES & vars(part).keys()} for name, part in modules.items()}
    metadata = {"format": FORMAT, "version": VERSION, "made_by": made_by, "notes": notes, "state": state}
    content = _packed(json.dumps(metadata), arrays)
    return write_file(path, content + _checksum(content))


@tidy_signature
def load_checkpoint(path: str | os.PathLike[str], /, *unnamed: Never, **parts: Any) -> Checkpoint:
    """Return the content of a file written by ``save_checkpoint``, and restore the states of the given ``parts``.

    Args:
        path: The file.
        parts: Modules, optimizers and other objects of the same shape as those saved under these names. Modules must also
            have the same repr, which shows the activation; for any other module, use its ``load_state_dict``.

    Returns:
        The saved parts, by name. Objects with ``state_dict()`` are returned as their states.

    Raises:
        FileNotFoundError: If the file does not exist.
        ValueError: If the file is not a checkpoint, is damaged or has another version; or if it has no part with this name, or
            a part of another shape, or weights that are nan or infinite. The message states the difference, and no part is
            changed.
        TypeError: If a part has no ``load_state_dict()``.

    >>> from pathlib import Path
    >>> from tempfile import mkdtemp
    >>> from nn import MLP, Adam
    >>> model = MLP(2, [3, 1], seed=0)
    >>> optimizer = Adam(model.parameters(), lr=0.1)
    >>> path = save_checkpoint(Path(mkdtemp()) / "run.npz", model=model, optimizer=optimizer, epoch=7)
    >>> model, optimizer = MLP(2, [3, 1]), Adam(model.parameters())
    >>> load_checkpoint(path, model=model, optimizer=optimizer)["epoch"], optimizer.lr
    (7, 0.1)
    """
    _check_names("load_checkpoint", path, unnamed)
    with open(path, "rb") as file:
        content = file.read(8)
        if not content.startswith(b"PK"):  # another file may be long, or a device without an end
            found = f"it begins with {content!r}" if content else "it is empty"
            raise ValueError(
                f"{path} is not a checkpoint, or is damaged: it is not a .npz file, because {found}; use another copy"
            )
        content += file.read()
    if content[-CHECKSUM_LENGTH:] != _checksum(content[:-CHECKSUM_LENGTH]):
        found = f"it has {len(content)} bytes, begins with {content[:8]!r} and does not end with its checksum"
        raise ValueError(f"{path} is not a checkpoint, or is damaged: {found}; use another copy")
    try:
        metadata = _unpacked(content[:-CHECKSUM_LENGTH])
    except Exception as problem:  # noqa: BLE001 - the modules that read it raise errors of any kind, also MemoryError
        found = f"{type(problem).__name__}: {problem!s:.200}"
        raise ValueError(f"{path} is not a checkpoint, or is damaged: {found}; use another copy") from None
    if (version := metadata["version"]) != VERSION:
        raise ValueError(f"{path} must have version {VERSION}, not {version}; read it with the version of nn that wrote it")
    state: dict[str, Any] = metadata["state"]
    for name, part in parts.items():
        if isinstance(part, type) or not hasattr(part, "load_state_dict"):
            raise TypeError(f"{name} must have load_state_dict(), like a Module, but is {describe(part)}")
    with all_or_nothing(parts):
        for name, part in parts.items():
            if name not in state:
                raise ValueError(f"{path} does not contain {name!r}, only {', '.join(map(repr, state)) or 'nothing'}")
            made_by = metadata["made_by"].get(name)
            try:
                _restore(part, state[name], made_by, metadata.get("notes", {}).get(name, {}))
            except (ValueError, TypeError, LookupError, AttributeError, ArithmeticError, RecursionError) as problem:
                found = f"{problem}" if isinstance(problem, ValueError | TypeError) else f"{type(problem).__name__}: {problem}"
                source = made_by or "an object without state_dict()"
                raise ValueError(f"{path}: {name!r} was saved from {source} and cannot be loaded: {found}") from None
    return Checkpoint(state, metadata["made_by"])


def _check_names(who: str, path: Any, unnamed: tuple[Any, ...]) -> None:
    """Raise a TypeError if ``path`` is not a file name, or parts are not passed by keyword."""
    if not isinstance(path, str | os.PathLike):
        found = next((part for part in unnamed if isinstance(part, str | os.PathLike)), "m.npz")
        rule = f"path must be a file name, not {type(path).__name__}"
        raise TypeError(f"{rule}; write {who}({os.fspath(found)!r}, model=model)")
    file_path(path, "path")
    for part in unnamed:
        raise TypeError(f"{who} needs a name for each part, such as {who}({path!r}, model=model), not only {describe(part)}")


def _restore(part: Any, state: Any, made_by: str | None, notes: Mapping[str, Any]) -> None:
    """Load ``state``, which was saved from an object with the repr ``made_by`` and with ``notes``, into ``part``."""
    part.load_state_dict(state)
    if not isinstance(part, Module):
        return
    if made_by is not None and repr(part) != made_by:
        raise ValueError(f"it differs from {part!r}; call load_state_dict() to load the numbers anyway")
    for name, parameter in part.named_parameters():
        if not math.isfinite(parameter.data):
            raise ValueError(f"{name} is {parameter.data}; call load_state_dict() to load the numbers anyway")
    vars(part).update({name: notes[name] for name in NOTES & notes.keys()})


def _packed(metadata: str, arrays: dict[str, Any]) -> bytes:
    """Return an npz archive of the metadata and the arrays."""
    import zipfile

    import numpy as np

    buffer = io.BytesIO()
    archive = zipfile.ZipFile(buffer, "w")
    try:
        for name, array in arrays.items():
            np.lib.format.write_array(entry := io.BytesIO(), array, allow_pickle=False)
            archive.writestr(zipfile.ZipInfo(f"{name}.npy"), entry.getvalue())
        archive.writestr(zipfile.ZipInfo(METADATA), metadata)
        archive.close()
    except BaseException:
        archive.fp = None  # a with block would close the archive, which after Ctrl-C may raise a ValueError instead
        raise
    return buffer.getvalue()


def _unpacked(content: bytes) -> dict[str, Any]:
    """Return the metadata of an npz archive, with its arrays in their places. Raise any error if it is invalid."""
    import json
    import zipfile

    import numpy as np

    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        entries = archive.infolist()
        stored = all(entry.compress_type == zipfile.ZIP_STORED for entry in entries)
        if not stored or sum(entry.file_size for entry in entries) > len(content):
            raise ValueError("its entries must not be compressed, and together not be larger than the file")
        texts = {entry.filename.removesuffix(".npy"): archive.read(entry) for entry in entries}
    text = texts.pop(METADATA)
    arrays = {name: np.lib.format.read_array(io.BytesIO(array), allow_pickle=False) for name, array in texts.items()}
    # Each array is used once. A short text that repeats a large one would not fit into memory when parts copy it.
    metadata = json.loads(text, object_hook=lambda read: arrays.pop(read[ARRAY]) if ARRAY in read else read)
    if metadata["format"] != FORMAT:
        raise ValueError(f"its format must be {FORMAT!r}, not {metadata['format']!r:.60}")
    named = (metadata["made_by"], metadata["state"], metadata.get("notes", {}))
    if not all(isinstance(part, dict) for part in named) or "version" not in metadata:
        raise TypeError("its parts must be in a dict, and it must have a version")
    return dict(metadata)


def write_file(path: str | os.PathLike[str], content: bytes) -> Path:
    """Write a file with ``write_atomically``, and create its folder if it does not exist. Return the path."""
    from pathlib import Path

    Path(os.path.realpath(path)).parent.mkdir(parents=True, exist_ok=True)
    write_atomically({path: content})
    return Path(path)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return a dict of the pairs, or raise a ValueError if two of them have the same key."""
    if len(unique := dict(pairs)) < len(pairs):
        raise ValueError(f"keys must be distinct as strings, or items are lost: {[key for key, _ in pairs]!r:.60}; rename one")
    return unique


def _checksum(content: bytes) -> bytes:
    import hashlib

    return hashlib.sha256(content).hexdigest().encode()
