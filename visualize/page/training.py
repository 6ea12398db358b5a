"""A page about a training run, with a slider over its epochs: predictions, weights, their distribution, and the losses."""

from __future__ import annotations

import base64
import html
import json
import math
import re
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from autograd import read_data, write_data
from autograd.shared import counted
from visualize.page.explore import FOLDER, Page
from visualize.plots.models import grid, layer_titles, outputs_of

if TYPE_CHECKING:
    import os

    import numpy as np

RESOLUTION = 32  # points per axis of the picture of predictions
MAX_EDGES = 1_500  # a larger network is shown only by its histograms


class TrainingRecorder:
    """Callback for ``nn.fit`` that keeps the parameters after each epoch, for a page with a slider over the epochs.

    If there are more than ``max_frames`` epochs, every second, then every fourth epoch is kept, and always the last one.

    Args:
        max_frames: Maximum number of epochs to keep.

    Attributes:
        epochs: The recorded epochs, counted from 1.
        frames: For each of them, an array with the number in each parameter.

    Raises:
        ValueError: If ``max_frames`` is less than 2.

    Example:
        >>> from nn import MLP, fit, make_moons
        >>> moons, recorder = make_moons(20, seed=0), TrainingRecorder()
        >>> model = MLP(2, [3, 2], seed=0)
        >>> history = fit(model, moons.X, moons.y, loss="cross_entropy", epochs=3, callbacks=[recorder])
        >>> recorder.epochs
        [1, 2, 3]
        >>> recorder.page().html.startswith("<!doctype html>")
        True
    """

    def __init__(self, *, max_frames: int = 200) -> None:
        if max_frames < 2:
            raise ValueError(f"max_frames must be at least 2, for the first and the last epoch, not {max_frames}")
        self.max_frames = max_frames
        self.epochs: list[int] = []
        self.frames: list[np.ndarray] = []
        self._training: Any = None
        self._every = 1

    def __call__(self, training: Any) -> None:
        """Keep the parameters after an epoch. ``fit`` calls this."""
        if training is not self._training:  # a new training run
            self.epochs, self.frames, self._training, self._every = [], [], training, 1
        if self.epochs and self.epochs[-1] % self._every:  # it was kept only as the latest epoch
            del self.epochs[-1], self.frames[-1]
        self.epochs.append(training.epoch)
        self.frames.append(read_data(training.parameters))
        if len(self.epochs) > self.max_frames:
            self._every *= 2
            kept = [i for i, epoch in enumerate(self.epochs) if epoch % self._every == 0 or i == len(self.epochs) - 1]
            self.epochs, self.frames = [self.epochs[i] for i in kept], [self.frames[i] for i in kept]

    def page(self, title: str = "Training, epoch by epoch") -> Page:
        """Return the page, which displays itself in a notebook.

        It shows the predictions in the plane if the rows have two numbers, the network if its layers consist of neurons, a
        histogram of the parameters of each layer, and the columns of the History. The parameters of the model are changed
        while the predictions are computed, and restored.

        Raises:
            ValueError: If no epoch has been recorded.
        """
        if not self.epochs:
            raise ValueError("the recorder must have at least one epoch; pass it to fit: fit(..., callbacks=[recorder])")
        data = {
            "epochs": self.epochs,
            "columns": _columns(self._training.history.columns),
            "weights": [[float(f"{x:.5g}") if math.isfinite(x) else None for x in frame.tolist()] for frame in self.frames],
            "layers": _histogram_layers(self._training.model),
            "network": _network(self._training.model),
            "plane": self._plane(),
        }
        texts = {
            "TITLE": html.escape(title),
            "DATA": json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c"),
            **{kind.upper(): (FOLDER / f"training.{kind}").read_text(encoding="utf-8").strip() for kind in ("css", "js")},
        }
        template = (FOLDER / "training.html").read_text(encoding="utf-8").strip()
        return Page(re.sub("@@([A-Z]+)@@", lambda mark: texts[mark[1]], template))

    def __repr__(self) -> str:
        """Return how to see the recorded epochs: a terminal shows this text, and a notebook shows the page."""
        if not self.epochs:
            return "<TrainingRecorder without epochs: pass it to fit(..., callbacks=[recorder])>"
        count = len(self.epochs)
        return (
            f"<TrainingRecorder of {counted(count, 'epoch')}: .page().show() opens the page in a browser, "
            '.write("training.html") writes a file>'
        )

    def _repr_html_(self) -> str | None:
        """Return the page for a notebook, or None before the first epoch."""
        return self.page()._repr_html_() if self.epochs else None

    def write(self, path: str | os.PathLike[str], title: str = "Training, epoch by epoch") -> Any:
        """Write the page to a file ending in .html, and return its path. See ``page``."""
        return self.page(title).write(path)

    def _plane(self) -> dict[str, Any] | None:
        """Return the rows, and the predictions of each frame on a grid; None if rows are not points of a plane."""
        import numpy as np

        training = self._training
        X, y = training.parts[""]
        if len(X[0]) != 2 or not all(isinstance(target, int | float) and float(target).is_integer() for target in y):
            return None
        rows = np.array(X)
        x1, x2, points = grid(rows, RESOLUTION)
        before = read_data(training.parameters)
        frames = []
        try:
            for frame in self.frames:
                write_data(training.parameters, frame)
                frames.append(base64.b64encode(_predictions(outputs_of(training.model, points), training.threshold)).decode())
        finally:
            write_data(training.parameters, before)
        return {
            "size": RESOLUTION, "x": [x1[0], x1[-1]], "y": [x2[0], x2[-1]],
            "rows": np.round(rows, 4).tolist(), "classes": [int(target) for target in y], "frames": frames,
        }  # fmt: skip


def _predictions(outputs: np.ndarray, threshold: float | None) -> bytes:
    """Return one byte per row: the predicted class modulo 8, times 32, plus its probability from 0 to 31.

    A single output is the logit of class 1, or its probability if the threshold is 0.5, as in ``nn.accuracy``.
    """
    import numpy as np

    if outputs.shape[1] == 1 and threshold == 0.5:
        p = np.clip(np.nan_to_num(outputs[:, 0]), 0.0, 1.0)
        return bytes(((p > 0.5) * 32 + np.round(31 * np.maximum(p, 1.0 - p)).astype(int)).tolist())
    logits = np.hstack([np.zeros((len(outputs), 1)), outputs]) if outputs.shape[1] == 1 else outputs
    with np.errstate(all="ignore"):
        shares = np.exp(logits - logits.max(axis=1, keepdims=True))
        probability = np.nan_to_num(shares.max(axis=1) / shares.sum(axis=1))
    return bytes((logits.argmax(axis=1) % 8 * 32 + np.round(31 * probability).astype(int)).tolist())


def _columns(columns: dict[str, list[Any]]) -> dict[str, list[float | None]]:
    """Return the columns of numbers. Numbers that are not finite become None, as JSON has no nan."""
    numeric = {name: column for name, column in columns.items() if all(isinstance(x, int | float) for x in column)}
    return {name: [x if math.isfinite(x) else None for x in column] for name, column in numeric.items()}


def _histogram_layers(model: Any) -> dict[str, list[int]]:
    """Return the positions of the parameters of each layer."""
    layers: dict[str, list[int]] = {}
    for position, title in enumerate(layer_titles(name for name, _ in _named(model))):
        layers.setdefault(title, []).append(position)
    return layers


def _network(model: Any) -> list[dict[str, Any]] | None:
    """Return each layer of neurons: the positions of the weights and the bias of each neuron.

    None if there are no such layers, a layer does not fit its predecessor, or the network is too large for a picture.
    """
    layers: dict[str, dict[int, dict[str, Any]]] = {}
    for position, (name, _) in enumerate(_named(model)):
        found = re.fullmatch(r"(.*?)\.?neurons\.(\d+)\.(?:weights\.(\d+)|(bias))", name)
        if found:
            neuron = layers.setdefault(found[1], {}).setdefault(int(found[2]), {"weights": [], "bias": None})
            if found[4]:
                neuron["bias"] = position
            else:
                neuron["weights"].append(position)
    edges = sum(len(neuron["weights"]) for neurons in layers.values() for neuron in neurons.values())
    pairs = pairwise(layers.values())
    fits = all(len(neuron["weights"]) == len(before) for before, neurons in pairs for neuron in neurons.values())
    if not layers or not fits or edges > MAX_EDGES:
        return None
    return [{"name": f"layer {i}", "neurons": list(neurons.values())} for i, neurons in enumerate(layers.values(), 1)]


def _named(model: Any) -> list[tuple[str, Any]]:
    if hasattr(model, "named_parameters"):
        return model.named_parameters()  # type: ignore[no-any-return]
    return [(f"parameters.{i}", parameter) for i, parameter in enumerate(model.parameters())]
