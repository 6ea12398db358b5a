"""Pictures of a trained model, made with matplotlib: predictions, parameters and the loss around them.

Like the functions of ``plots``, each function draws into ``ax`` and returns it, and makes a new figure without ``ax``.
"""

from __future__ import annotations

import contextlib
import math
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from autograd import Value, compile, no_grad, read_data, read_grads, write_data  # noqa: A004 - records a model
from autograd.shared import suggesting
from visualize.plots.course import COLORS, REMEDIES, new_axes

if TYPE_CHECKING:
    import numpy as np

MARKERS = "osD^vPX*"


@suggesting(remedies=REMEDIES)
def plot_confusion_matrix(matrix: Sequence[Sequence[int]], class_names: Sequence[str] | None = None, ax: Any = None) -> Any:
    """Draw a confusion matrix: one row per actual class, one column per predicted class.

    Args:
        matrix: K rows of K numbers of rows, as ``nn.confusion_matrix`` returns them.
        class_names: K names. By default, the numbers from 0.
        ax: See ``plot_losses``.

    Raises:
        ImportError: If matplotlib is not installed.
        TypeError: If the matrix is not a list of rows.
        ValueError: If the matrix is not square, or there is not one name per class.

    Example:
        >>> axes = plot_confusion_matrix([[9, 1], [0, 5]], ["cat", "dog"])
        >>> [text.get_text() for text in axes.texts], axes.get_title()
        (['9', '1', '0', '5'], '14 of 15 correct')
    """
    if callable(matrix):
        raise TypeError(
            f"matrix must be a confusion matrix, not a model ({matrix!r:.40}); write "
            "plot_confusion_matrix(confusion_matrix(model, X, y))"
        )
    if not all(hasattr(part, "__len__") for part in (matrix, *(matrix if hasattr(matrix, "__iter__") else ()))):
        raise TypeError(f"matrix must be a list of rows, as nn.confusion_matrix returns it, not {type(matrix).__name__}")
    rows = [list(map(int, row)) for row in matrix]
    k = len(rows)
    if not k or any(len(row) != k for row in rows):
        raise ValueError(f"matrix must have as many columns as rows, not rows of lengths {[len(row) for row in rows]}")
    names = list(map(str, range(k) if class_names is None else class_names))
    if len(names) != k:
        raise ValueError(f"class_names must have one name for each of the {k} classes, not {len(names)} names")
    axes = new_axes(ax)
    shares = [[number / max(sum(row), 1) for number in row] for row in rows]
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    for i, row in enumerate(rows):
        for j, number in enumerate(row):
            axes.text(j, i, f"{number:,}", ha="center", va="center", color="white" if shares[i][j] > 0.5 else "black")
    turned = {"rotation": 30, "ha": "right", "rotation_mode": "anchor"} if max(map(len, names)) > 6 else {}
    axes.set_xticks(range(k), names, **turned)
    axes.set_yticks(range(k), names)
    correct = sum(row[i] for i, row in enumerate(rows))
    axes.set(xlabel="predicted class", ylabel="actual class", title=f"{correct:,} of {sum(map(sum, rows)):,} correct")
    return axes


@suggesting(remedies=REMEDIES)
def plot_decision_boundary(
    model: Callable[..., Any], X: Any, y: Any, ax: Any = None, *, threshold: float | None = None, resolution: int = 150
) -> Any:
    """Draw the class that a model predicts at each point of the plane, and the rows of a data set.

    Args:
        model: Function of one row of two numbers, such as an ``nn.MLP(2, ...)``. It returns one number per class, or one
            number. It is called in evaluation mode.
        X: N rows of two numbers.
        y: N class numbers; for a model with one output, 1 and 0, or 1 and -1.
        ax: See ``plot_losses``.
        threshold: For a model with one output: class 1 is predicted above this number. By default, it is the one that
            ``nn.fit`` stored as ``model.class_threshold``; or else 0.5 for a result of ``sigmoid``, and 0 otherwise.
        resolution: Number of points per axis at which the model is computed.

    Raises:
        ImportError: If matplotlib is not installed.
        ValueError: If the rows do not have two numbers, or ``X`` and ``y`` have different lengths.

    Example:
        >>> axes = plot_decision_boundary(lambda row: row[0] - row[1], [[0.0, 1.0], [1.0, 0.0]], [0, 1], resolution=20)
        >>> axes.get_legend_handles_labels()[1]
        ['class 0', 'class 1']
    """
    import numpy as np

    rows, classes = np.asarray(X, dtype=float), np.asarray(y)
    if rows.ndim != 2 or rows.shape[1] != 2:
        raise ValueError(f"X must have rows of two numbers, not shape {rows.shape}; a plane has two coordinates")
    if len(rows) != len(classes):
        raise ValueError(f"X and y must have the same number of rows, not {len(rows)} and {len(classes)}")
    axes = new_axes(ax)
    x1, x2, points = grid(rows, resolution)
    outputs = outputs_of(model, points)
    if outputs.shape[1] == 1:
        predicted = (outputs[:, 0] > (_threshold(model, rows) if threshold is None else threshold)).astype(int)
    else:
        predicted = outputs.argmax(axis=1)
    image = predicted.reshape(resolution, resolution)
    n = int(max(predicted.max(), classes.max())) + 1
    axes.contourf(x1, x2, image, levels=np.arange(n + 1) - 0.5, colors=[COLORS[i % len(COLORS)] for i in range(n)], alpha=0.25)
    for i, kind in enumerate(sorted(set(classes.tolist()))):
        chosen = rows[classes == kind]
        number = max(int(kind), 0)  # -1 is the other name of class 0
        color, marker = COLORS[number % len(COLORS)], MARKERS[i % len(MARKERS)]
        axes.plot(chosen[:, 0], chosen[:, 1], marker, color=color, mec="black", mew=0.4, ms=4, label=f"class {kind:g}")
    axes.set(xlabel="x[0]", ylabel="x[1]", title="Predicted class")
    axes.legend()
    return axes


@suggesting(remedies=REMEDIES)
def plot_weights(model: Any, ax: Any = None) -> Any:
    """Draw the distribution of the parameters, with one histogram per layer.

    Args:
        model: Object with ``named_parameters()``, such as an ``nn.Module``.
        ax: See ``plot_losses``.

    Raises:
        ImportError: If matplotlib is not installed.
        TypeError: If ``model`` has no ``named_parameters``.
        ValueError: If it has no parameters.

    Example:
        >>> from nn import MLP
        >>> plot_weights(MLP(2, [3, 1], seed=0)).get_legend_handles_labels()[1]
        ['layer 1: 9 parameters', 'layer 2: 4 parameters']
    """
    return _plot_distribution(model, read_data, "parameter", ax)


@suggesting(remedies=REMEDIES)
def plot_gradients(model: Any, ax: Any = None) -> Any:
    """Draw the distribution of the gradients of the parameters, with one histogram per layer.

    Args and errors: See ``plot_weights``.

    Example:
        >>> from nn import MLP
        >>> model = MLP(2, [3, 1], seed=0)
        >>> model([1.0, 2.0])[0].backward()
        >>> plot_gradients(model).get_xlabel()
        'gradient'
    """
    return _plot_distribution(model, read_grads, "gradient", ax)


@suggesting(remedies=REMEDIES)
def plot_loss_landscape(
    loss: Callable[[], Any],
    parameters: Sequence[Value],
    ax: Any = None,
    *,
    radius: float = 1.0,
    resolution: int = 25,
    seed: int = 0,
) -> Any:
    """Draw the loss on a plane through the current parameters, spanned by two random directions.

    Each direction is scaled to the length of the parameters, taken as one vector, so that a radius of 1 means a change as
    large as the parameters themselves (H. Li et al., Visualizing the Loss Landscape of Neural Nets, 2018).

    Args:
        loss: Function without arguments that returns the loss as a Value or a number, such as
            ``lambda: cross_entropy([model(row) for row in X], y)``.
        parameters: The parameters that the loss depends on. They are changed while the loss is computed, and restored.
        ax: See ``plot_losses``.
        radius: Half the side of the square, in lengths of the parameters.
        resolution: Number of points per side: the loss is computed ``resolution**2`` times.
        seed: Seed of the directions.

    Raises:
        ImportError: If matplotlib is not installed.
        TypeError: If ``loss`` is not a function.
        ValueError: If there are no parameters.

    Example:
        >>> w, b = Value(3.0), Value(1.0)
        >>> axes = plot_loss_landscape(lambda: (w - 2) ** 2 + b**2, [w, b], resolution=5)
        >>> axes.get_title(), w.data
        ('Loss around the current parameters: 2', 3.0)
    """
    import numpy as np

    if not callable(loss) or hasattr(loss, "named_parameters"):
        raise TypeError(
            f"loss must be a function without arguments, not {type(loss).__name__} ({loss!r:.40}); write "
            "plot_loss_landscape(lambda: mse_loss([model(row) for row in X], y), model.parameters())"
        )
    if hasattr(parameters, "named_parameters") or not all(isinstance(item, Value) for item in parameters):
        raise TypeError(f"parameters must be a list of Values, not {type(parameters).__name__}; pass model.parameters()")
    if not parameters:
        raise ValueError("parameters must not be empty; pass model.parameters()")
    axes = new_axes(ax)
    centre = read_data(parameters)
    rng = np.random.default_rng(seed)
    directions = rng.standard_normal((2, len(centre)))
    directions *= (np.linalg.norm(centre) or 1.0) / np.linalg.norm(directions, axis=1, keepdims=True)
    steps = np.linspace(-radius, radius, resolution)
    try:
        with no_grad():
            here = _number(loss())
            losses = np.empty((resolution, resolution))
            for i, j in np.ndindex(losses.shape):
                write_data(parameters, centre + steps[j] * directions[0] + steps[i] * directions[1])
                losses[i, j] = _number(loss())
    finally:
        write_data(parameters, centre)
    finite = np.ma.masked_invalid(losses)
    image = axes.contourf(steps, steps, finite, levels=20, cmap="viridis")
    axes.figure.colorbar(image, ax=axes, label="loss")
    axes.plot(0.0, 0.0, "x", color="white", mew=2, ms=8)
    axes.set(xlabel="direction 1", ylabel="direction 2", title=f"Loss around the current parameters: {here:.4g}")
    return axes


def _plot_distribution(model: Any, read: Callable[[list[Value]], Any], noun: str, ax: Any) -> Any:
    """Draw one histogram per layer of the numbers that ``read`` returns for its parameters."""
    import numpy as np

    if not hasattr(model, "named_parameters"):
        raise TypeError(f"model must have named_parameters(), like a Module, not {type(model).__name__} ({model!r:.40})")
    layers: dict[str, list[Value]] = {}
    named = list(model.named_parameters())
    for title, (_, parameter) in zip(layer_titles(name for name, _ in named), named, strict=True):
        layers.setdefault(title, []).append(parameter)
    if not layers:
        raise ValueError(f"model must have parameters, but {model!r:.60} has none")
    axes = new_axes(ax)
    numbers = {layer: np.asarray(read(values)) for layer, values in layers.items()}
    finite = {layer: array[np.isfinite(array)] for layer, array in numbers.items()}
    bins = np.histogram_bin_edges(np.concatenate(list(finite.values())), bins=30)
    for i, (layer, array) in enumerate(finite.items()):
        lost = len(numbers[layer]) - len(array)
        label = f"{layer}: {len(array):,} {noun}s" + (f", {lost} not finite" if lost else "")
        axes.hist(
            array, bins=bins, histtype="stepfilled", alpha=0.5, edgecolor=COLORS[i % 8], facecolor=COLORS[i % 8], label=label
        )
    axes.set(xlabel=noun, ylabel="number of parameters")
    axes.legend()
    return axes


# ---- helpers, also of the page about training ---------------------------------------------------------------------------


def grid(rows: np.ndarray, resolution: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the coordinates along both axes of a square grid around the rows, and the points of the grid, row by row."""
    import numpy as np

    low, high = rows.min(axis=0), rows.max(axis=0)
    margin = 0.1 * (high - low) + 1e-9
    x1, x2 = (np.linspace(low[k] - margin[k], high[k] + margin[k], resolution) for k in (0, 1))
    return x1, x2, np.stack(np.meshgrid(x1, x2), axis=-1).reshape(-1, 2)


def outputs_of(model: Callable[..., Any], rows: np.ndarray) -> np.ndarray:
    """Return the outputs of a model for each row, in evaluation mode: an array of shape (N, K)."""
    import numpy as np

    with evaluation_mode(model):
        try:
            outputs = compile(lambda row: model(row.tolist()))(rows)
            columns = outputs if isinstance(outputs, list | tuple) else [outputs]
            return np.stack([np.broadcast_to(column, len(rows)) for column in columns], axis=1)
        except Exception:  # noqa: BLE001 - a model may raise anything while it is recorded
            with no_grad():
                listed = [model(row) for row in rows.tolist()]
    nested = [output if isinstance(output, list | tuple) else [output] for output in listed]
    return np.array([[_number(number) for number in output] for output in nested])


def _threshold(model: Callable[..., Any], rows: np.ndarray) -> float:
    """Return the limit above which a single output of a model means class 1. See ``plot_decision_boundary``."""
    stored = getattr(model, "class_threshold", None)
    if stored is not None:
        return float(stored)
    with evaluation_mode(model):
        output = model(rows[0].tolist())
    first = output[0] if isinstance(output, list | tuple) else output
    limits = {"sigmoid": 0.5, "hardsigmoid": 0.5, "log_sigmoid": math.log(0.5)}  # where the probability is 0.5
    return limits.get(first.op, 0.0) if isinstance(first, Value) else 0.0


@contextlib.contextmanager
def evaluation_mode(model: Any) -> Iterator[None]:
    """Set all modules of a model to evaluation mode, and restore their modes afterwards."""
    modules = model.modules() if hasattr(model, "modules") else []
    before = [module.training for module in modules]
    for module in modules:
        module.training = False
    try:
        yield
    finally:
        for module, was_training in zip(modules, before, strict=True):
            module.training = was_training


def layer_titles(parameters: Iterable[str]) -> list[str]:
    """Return the title of the layer of each parameter: ``layer 1`` for ``layers.0``, as in the pictures of ``draw``.

    Layers without parameters, such as a dropout, are not counted.

    Example:
        >>> layer_titles(["layers.0.neurons.3.weights.1", "layers.2.neurons.0.bias", "encoder.w", "w"])
        ['layer 1', 'layer 2', 'encoder', 'w']
    """
    found = [re.match(r"layers\.(\d+)\.|([^.]+\.\d+)(?=\.)|([^.]+)", name) for name in parameters]
    layers = sorted({int(match[1]) for match in found if match and match[1]})
    numbers = {layer: number for number, layer in enumerate(layers, 1)}
    return [f"layer {numbers[int(match[1])]}" if match[1] else match[2] or match[3] for match in found if match]


def _number(result: Any) -> float:
    return result.data if isinstance(result, Value) else float(result)
