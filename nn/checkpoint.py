"""Checkpoints: a model, its optimizer and whatever else belongs to a training, in one file.

The file is an npz archive, so that ``numpy.load(path)`` lists its arrays, with a ``metadata.json`` that says what they are;
nothing in it is a pickle, so that loading runs no code of the file. Its last 64 characters are the SHA-256 checksum of
all before them: a file that was cut short or changed in any bit is noticed before anything is read from it.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nn.modules import Module
from nn.state import all_or_nothing

VERSION = 1  # of the format: higher, once files are written that this code could not read
ZIP_START = b"PK\x03\x04"
METADATA = "metadata.json"  # the first in the archive, so that its name stands at byte 30
CHECKSUM_LENGTH = 64


def save_checkpoint(path: str | os.PathLike[str], /, **parts: Any) -> Path:
    """Write ``parts`` to a file, from which ``load_checkpoint`` has them back, each number to the bit.

    The file appears whole or not at all: it is written under another name and then moved into place.

    Args:
        path: where to; folders that are missing are made.
        parts: what to keep, by name. What has a ``state_dict()`` (a Module, an optimizer, a schedule) is kept as that, together
            with its repr; all else must be None, text, numbers, NumPy arrays of numbers, or lists, tuples and dicts of these
            with text as keys. The state of a random generator, ``rng.getstate()``, is such a thing.

    Raises:
        TypeError: if a part holds something else; the message says where. Then nothing is written.

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
    state, made_by = {}, {}
    for name, part in parts.items():
        if hasattr(part, "state_dict") and not isinstance(part, type):
            made_by[name] = repr(part)
        state[name] = _pack(part.state_dict() if name in made_by else part, name, arrays)
    metadata = {"format": "scalar-autograd checkpoint", "version": VERSION, "made_by": made_by, "state": state}
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.comment = b"0" * CHECKSUM_LENGTH  # the very end of the file: room for the checksum
        archive.writestr(zipfile.ZipInfo(METADATA), json.dumps(metadata, indent=1))
        for name, array in arrays.items():
            with archive.open(zipfile.ZipInfo(f"{name}.npy"), "w") as member:
                np.lib.format.write_array(member, np.asarray(array), allow_pickle=False)
    content = buffer.getvalue()[:-CHECKSUM_LENGTH]
    return write_whole(path, content + _checksum(content))


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
        ValueError: if the file is of another kind, damaged, cut short, or of a newer version; if it has no part of that name,
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
    content = Path(path).read_bytes()
    _check(content, path)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        metadata = json.loads(archive.read(METADATA))
        if metadata["version"] > VERSION:
            raise ValueError(
                f"{path} has version {metadata['version']} of the format, and this is an older nn, which reads those up to "
                f"{VERSION}; load it with a newer one"
            )
        state: dict[str, Any] = {name: _unpack(packed, archive) for name, packed in metadata["state"].items()}
    for name, part in parts.items():
        if name not in state:
            raise ValueError(f"{path} holds no {name!r}, only {', '.join(map(repr, state)) or 'nothing'}")
        if not hasattr(part, "load_state_dict"):
            raise TypeError(
                f"{name} must have a load_state_dict(), as a Module has, not be {type(part).__name__} ({part!r:.40}); "
                f"what load_checkpoint(path) returns has the state of {name!r}"
            )
    try:
        with all_or_nothing(parts):
            for name, part in parts.items():
                part.load_state_dict(state[name])
                if isinstance(part, Module) and metadata["made_by"].get(name, repr(part)) != repr(part):
                    raise ValueError(
                        f"this is {part!r}; if it is to have these numbers, give its load_state_dict() what was saved"
                    )
    except (ValueError, TypeError) as problem:
        made_by = metadata["made_by"].get(name, "something without a state_dict()")
        error = TypeError if isinstance(problem, TypeError) else ValueError
        raise error(f"{path}: {name!r} was saved from {made_by} and cannot be loaded here: {problem}") from None
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


def _pack(thing: Any, where: str, arrays: dict[str, Any]) -> Any:
    """``thing`` as JSON has it. Arrays and lists of floats go into ``arrays``.

    A dict stays a dict; a JSON list begins with what it stands for: ``["list", 1, 2]``, ``["array", name]`` and so on.
    """
    if hasattr(thing, "dtype") and not thing.shape:
        thing = thing.item()
    if thing is None or isinstance(thing, bool | int | float | str):
        return thing
    if hasattr(thing, "dtype") and thing.dtype.kind in "biuf":
        return ["array", _add(thing, where, arrays)]
    if isinstance(thing, Mapping):
        for key in thing:
            if not isinstance(key, str):
                raise TypeError(f"{where} has the key {key!r}, {type(key).__name__}; in a checkpoint, keys must be text")
        if _all_floats(values := list(thing.values())):
            return ["dict of floats", _add(values, where, arrays), *thing]
        return {key: _pack(item, f"{where}/{key}", arrays) for key, item in thing.items()}
    if isinstance(thing, list | tuple):
        kind = "tuple" if isinstance(thing, tuple) else "list"
        if _all_floats(thing):
            return [f"{kind} of floats", _add(thing, where, arrays)]
        return [kind, *(_pack(item, f"{where}/{i}", arrays) for i, item in enumerate(thing))]
    raise TypeError(
        f"{where} is {type(thing).__name__} ({thing!r:.40}), which a checkpoint cannot hold; give its state_dict(), or "
        "numbers, text, arrays of numbers, and lists and dicts of these"
    )


def _unpack(packed: Any, archive: zipfile.ZipFile) -> Any:
    """What ``_pack`` was given."""
    import numpy as np

    if isinstance(packed, dict):
        return {key: _unpack(item, archive) for key, item in packed.items()}
    if not isinstance(packed, list):
        return packed
    kind, *items = packed
    if kind in ("list", "tuple"):
        things = [_unpack(item, archive) for item in items]
        return tuple(things) if kind == "tuple" else things
    array = np.lib.format.read_array(io.BytesIO(archive.read(f"{items[0]}.npy")), allow_pickle=False)
    if kind == "array":
        return array
    if kind == "dict of floats":
        return dict(zip(items[1:], array.tolist(), strict=True))
    return tuple(array.tolist()) if kind == "tuple of floats" else array.tolist()


def _all_floats(things: list[Any] | tuple[Any, ...]) -> bool:
    return all(isinstance(thing, float) for thing in things)


def _add(array: Any, name: str, arrays: dict[str, Any]) -> str:
    name = re.sub(r"[^\w/]", "_", name)  # a file name may not hold everything that a key may
    while name in arrays:  # as in {"a": {"b": ...}, "a/b": ...}
        name += "_"
    arrays[name] = array
    return name


def _checksum(content: bytes) -> bytes:
    return hashlib.sha256(content).hexdigest().encode()


def _check(content: bytes, path: str | os.PathLike[str]) -> None:
    """Raise a ValueError unless ``content`` is what ``save_checkpoint`` wrote, to the last bit."""
    if not content.startswith(ZIP_START):
        raise ValueError(
            f"{path} is not a checkpoint: it begins with {content[:8]!r}, and what save_checkpoint writes with {ZIP_START!r}"
        )
    if content[30 : 30 + len(METADATA)] != METADATA.encode():
        raise ValueError(f"{path} is not a checkpoint: it is a zip archive, but one that does not begin with {METADATA}")
    stated, computed = content[-CHECKSUM_LENGTH:], _checksum(content[:-CHECKSUM_LENGTH])
    if stated != computed:
        raise ValueError(
            f"{path} is damaged or was cut short: its {len(content)} bytes have the checksum {computed[:8].decode()}..., and "
            f"where that should stand is {stated[:8]!r}...; take another copy"
        )
