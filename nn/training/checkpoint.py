"""Checkpoints: a model, its optimizer and whatever else belongs to a training, in one file.

The file is an npz archive, of which ``numpy.load(path)`` lists the arrays, with all else in ``metadata.json``; JSON keeps a
float to the bit. Nothing in it is a pickle, so that loading runs no code of the file. Its last 64 characters are the SHA-256
checksum of all before them: a file that was cut short or changed in any bit is noticed before anything is read from it.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import zipfile
from pathlib import Path
from typing import Any

from nn.base.checks import shown
from nn.base.options import all_or_nothing
from nn.modules import Module

VERSION = 2  # of the format: another one for each in which the same bytes would mean something else
METADATA = "metadata.json"
ARRAY = "array of this archive"  # the key of a dict that stands for an array
CHECKSUM_LENGTH = 64


def save_checkpoint(path: str | os.PathLike[str], /, **parts: Any) -> Path:
    """Write ``parts`` to a file, from which ``load_checkpoint`` has them back, each number to the bit.

    The file appears whole or not at all: it is written under another name and then moved into place.

    Args:
        path: where to; folders that are missing are made.
        parts: what to keep, by name. What has a ``state_dict()`` (a Module, an optimizer, a schedule) is kept as that, together
            with its repr; all else must be None, text, numbers, NumPy arrays of numbers, or lists and dicts of these with
            text as keys; as in all JSON, tuples become lists, and numbers that are keys become text.

    Raises:
        TypeError: if a part holds something else; the message names the part and shows that. Then nothing is written.
        ValueError: if two keys of a dict are the same as text, as 1 and "1"; likewise.

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
    import numpy as np

    arrays: dict[str, Any] = {}

    def as_json(thing: Any) -> Any:
        """What JSON does not know: a number of NumPy as one of Python, an array as its name in the archive."""
        if hasattr(thing, "dtype") and thing.dtype.kind in "biuf":
            if not thing.shape:
                return thing.item()
            arrays[name := f"array {len(arrays)}"] = thing
            return {ARRAY: name}
        raise TypeError(f"{shown(thing)} is no number, text, array, list or dict of these; save its state_dict()")

    made_by = {name: repr(part) for name, part in parts.items() if hasattr(type(part), "state_dict")}
    state = {}
    for name, part in parts.items():
        try:
            text = json.dumps(part.state_dict() if name in made_by else part, default=as_json)
            state[name] = json.loads(text, object_pairs_hook=_unique)
        except (TypeError, ValueError) as problem:
            raise type(problem)(f"{name!r} cannot be saved: {problem}") from None
    metadata = {"format": "scalar-autograd checkpoint", "version": VERSION, "made_by": made_by, "state": state}
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    with zipfile.ZipFile(buffer, "a") as archive:
        archive.writestr(zipfile.ZipInfo(METADATA), json.dumps(metadata))
    return write_whole(path, buffer.getvalue() + _checksum(buffer.getvalue()))


def load_checkpoint(path: str | os.PathLike[str], /, **parts: Any) -> dict[str, Any]:
    """Everything in a file of ``save_checkpoint``, by name; the state of the ``parts`` given is put back into them.

    Args:
        path: the file.
        parts: modules, optimizers and so on of the same shape as those saved under the same names, and modules with the same
            repr, which tells of the activation and so on; to any other, ``load_state_dict`` gives the numbers.

    Returns:
        what was saved, by name: for what had a ``state_dict()``, what that gave.

    Raises:
        FileNotFoundError: if there is no such file.
        ValueError: if the file is of another kind, damaged, cut short, or of another version; if it has no part of that name,
            or the part is of another shape. The message says what differs, and no part is changed.
        TypeError: if a part cannot take a state.

    >>> from tempfile import mkdtemp
    >>> from nn import MLP, Adam
    >>> model = MLP(2, [3, 1], seed=0)
    >>> optimizer = Adam(model.parameters(), lr=0.1)
    >>> path = save_checkpoint(Path(mkdtemp()) / "run.npz", model=model, optimizer=optimizer, epoch=7)
    >>> model, optimizer = MLP(2, [3, 1]), Adam(model.parameters())
    >>> load_checkpoint(path, model=model, optimizer=optimizer)["epoch"], optimizer.lr
    (7, 0.1)
    """
    import numpy as np

    content = Path(path).read_bytes()
    if content[-CHECKSUM_LENGTH:] != _checksum(content[:-CHECKSUM_LENGTH]):
        begin = f"of its {len(content)} bytes, which begin with {content[:8]!r}, the last {CHECKSUM_LENGTH}"
        why = f"{begin} are not the checksum of the others"
        raise ValueError(f"{path} is not a checkpoint, or was damaged or cut short: {why}; take another copy")
    with np.load(io.BytesIO(content)) as archive:
        metadata = json.loads(archive[METADATA], object_hook=lambda made: archive[made[ARRAY]] if ARRAY in made else made)
    if (version := metadata["version"]) != VERSION:
        raise ValueError(f"{path} is of version {version}, and this nn reads {VERSION}; read it with the nn that wrote it")
    state: dict[str, Any] = metadata["state"]
    for name, part in parts.items():
        if isinstance(part, type) or not hasattr(part, "load_state_dict"):
            raise TypeError(f"{name} must have load_state_dict(), as a Module, not be {shown(part)}")
    with all_or_nothing(parts):
        for name, part in parts.items():
            if name not in state:
                raise ValueError(f"{path} holds no {name!r}, only {', '.join(map(repr, state)) or 'nothing'}")
            made_by = metadata["made_by"].get(name, "something without a state_dict()")
            try:
                part.load_state_dict(state[name])
                if isinstance(part, Module) and repr(part) != metadata["made_by"].get(name, repr(part)):
                    raise ValueError(f"this is {part!r}; if it is to have these numbers, give them to its load_state_dict()")
            except (ValueError, TypeError) as problem:
                raise type(problem)(f"{path}: {name!r} was saved from {made_by} and cannot be loaded here: {problem}") from None
    return state


def write_whole(path: str | os.PathLike[str], content: bytes) -> Path:
    """Write a file that appears whole or not at all, even if the process is killed meanwhile."""
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = target.with_name(f".{target.name}.{os.getpid()}.unfinished")
    try:
        with unfinished.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())  # else a power cut may keep the new name without what was written
        unfinished.replace(target)
    finally:
        unfinished.unlink(missing_ok=True)
    return target


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A dict of these; a ValueError if one of two items would be lost, as they have the same key."""
    if len(made := dict(pairs)) < len(pairs):
        raise ValueError(f"keys that become the same text, of which one would be lost: {[key for key, _ in pairs]!r:.60}")
    return made


def _checksum(content: bytes) -> bytes:
    return hashlib.sha256(content).hexdigest().encode()
