"""Saving a model's parameters to a JSON file, and loading them."""

from __future__ import annotations

import json
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
        notes: anything else that JSON can hold and that is worth keeping, such as ``seed=0``.

    Raises:
        ValueError: if a parameter is nan or infinite, which JSON cannot hold.
    """
    content = {"model": repr(model), **notes, "parameters": model.state_dict()}
    try:
        text = json.dumps(content, indent=1, allow_nan=False)
    except ValueError:
        raise ValueError(
            f"{path} was not written: a number in it is nan or infinite, which JSON cannot hold; "
            "has training diverged? Look at model.state_dict()"
        ) from None
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
