"""Plot the course of training with matplotlib, which is imported only when a plot is made."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def plot_losses(columns: Mapping[str, list[Any]]) -> Any:
    """Plot the loss per epoch.

    If there is a validation loss, its best epoch is marked. Metrics are shown below, with separate axes. For the history
    returned by ``nn.fit``, ``history.plot()`` is ``plot_losses(history.columns)``.

    Args:
        columns: Lists with one number per epoch, by name: ``"loss"``, and optionally ``"val_loss"`` and metrics.

    Returns:
        A matplotlib Figure. A notebook displays it, and ``.savefig("loss.svg")`` writes it to a file.

    Raises:
        ImportError: If matplotlib is not installed. The message includes the command that installs it.
        ValueError: If there are no epochs.
        TypeError: If ``columns`` is not a mapping.

    Example:
        >>> figure = plot_losses({"loss": [2.0, 1.0, 0.5], "val_loss": [2.5, 1.5, 1.75]})
        >>> figure.axes[0].get_title()
        'Training loss: 2 to 0.5'
    """
    if not isinstance(columns, Mapping):
        kind = type(columns).__name__
        raise TypeError(
            f"columns must be a mapping, such as history.columns or {{'loss': losses}}, not {kind} ({columns!r:.40})"
        )
    if not columns.get("loss"):
        raise ValueError("columns must have a loss of at least one epoch; training ended before the first epoch was complete")
    try:
        from matplotlib.figure import Figure  # not pyplot, which takes half a second to import and keeps every figure alive
        from matplotlib.ticker import LogLocator
    except ImportError:
        raise ImportError("plots need matplotlib: pip install scalar-autograd[plots]") from None

    losses = {name: columns[name] for name in ("loss", "val_loss") if name in columns}
    metrics = {name: column for name, column in columns.items() if _is_metric(name, column)}
    figure = Figure(figsize=(7, 6 if metrics else 4), layout="constrained")
    axes, *below = figure.subplots(2 if metrics else 1, sharex=True, squeeze=False)[:, 0]
    _plot_columns(axes, losses)
    axes.set(ylabel="mean loss", title=f"Training loss: {columns['loss'][0]:.3g} to {columns['loss'][-1]:.3g}")
    low, high = min(map(min, losses.values())), max(map(max, losses.values()))
    if 0 < 3 * low < high:
        axes.set_yscale("log")  # a loss falls by factors, and late progress is invisible on a linear scale
        axes.yaxis.set_major_formatter("{x:g}")  # 0.1, not a power of ten
        axes.yaxis.set_minor_locator(LogLocator(subs=(2, 5)))
        axes.yaxis.set_minor_formatter("{x:g}")
    if "val_loss" in losses:
        best = min(losses["val_loss"])
        epoch = losses["val_loss"].index(best) + 1
        axes.plot(epoch, best, "o", label=f"best: {best:.3g} in epoch {epoch}")
        axes.legend()
    for other in below:
        _plot_columns(other, metrics)
        other.legend()
    figure.axes[-1].set_xlabel("epoch")
    return figure


def _is_metric(name: str, column: list[Any]) -> bool:
    return name not in ("loss", "val_loss", "lr", "seconds") and all(isinstance(number, int | float) for number in column)


def _plot_columns(axes: Any, columns: Mapping[str, list[float]]) -> None:
    for name, column in columns.items():
        axes.plot(range(1, len(column) + 1), column, label=name)
    axes.grid(alpha=0.3)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
