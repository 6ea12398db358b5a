"""Saving a model's parameters to a JSON file, and loading them."""

from __future__ import annotations

import json
import math
import os
from pathlib import Path
from typing import Any

from nn.modules import Module


def save_weights(model: Module, path: str | os.PathLike[str], **notes: Any) -> Path:
    """Write the parameters of ``model``, by name, to a JSON file. Every float is kept exactly.

    The file appears whole or not at all: it is written under another name and then moved into place.

    Args:
        model: any Module.
        path: where to; folders that are missing are made.
        notes: anything else that JSON can hold and that is worth keeping, such as ``seed=0``; under any name but ``model``
            and ``parameters``, which the file has for the model's repr and its numbers.

    Raises:
        ValueError: if a number in it is nan or infinite, which JSON cannot hold, or a note has a name that is taken; the
            message names the parameter or the note.
        TypeError: if a note is something else that JSON cannot hold; likewise.
    """
    if "parameters" in notes:  # Python itself refuses another `model`
        raise ValueError(
            f"a note cannot be called 'parameters' ({notes['parameters']!r:.40}), under which the file has the numbers of the "
            "model; give it another name"
        )
    parameters = model.state_dict()
    for name, number in parameters.items():
        if not math.isfinite(number):
            raise ValueError(
                f"{path} was not written: the parameter {name!r} is {number}, which JSON cannot hold; has training diverged? "
                "Make the model anew and try a smaller lr"
            )
    for name, note in notes.items():
        try:
            json.dumps(note, allow_nan=False)
        except (ValueError, TypeError) as problem:
            raise type(problem)(
                f"{path} was not written: JSON cannot hold the note {name!r} ({note!r:.40}): {problem}; "
                "give finite numbers, text, or lists and dicts of them"
            ) from None
    text = json.dumps({"model": repr(model), **notes, "parameters": parameters}, indent=1, allow_nan=False)
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = target.with_name(f".{target.name}.{os.getpid()}.unfinished")
    try:
        unfinished.write_text(text + "\n", encoding="utf-8")
        unfinished.replace(target)
    finally:
        unfinished.unlink(missing_ok=True)
    return target


def load_weights(model: Module, path: str | os.PathLike[str]) -> dict[str, Any]:
    """Set the parameters of ``model`` to those in a file of ``save_weights``, and return the notes in it.

    Raises:
        ValueError: if it is not such a file, or belongs to a model of another shape; then nothing has been changed.
    """
    try:
        content: dict[str, Any] = json.loads(Path(path).read_text(encoding="utf-8"))
        parameters = dict(content.pop("parameters").items())
    except (ValueError, KeyError, TypeError, AttributeError):
        raise ValueError(f"{path} is not a file written by save_weights: JSON with the numbers under 'parameters'") from None
    model.load_state_dict(parameters)
    return content
