"""Plots of a training, made with matplotlib, which is imported only when one is made."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def plot_losses(columns: Mapping[str, list[Any]]) -> Any:
    """The losses by epoch, as a matplotlib Figure: shows in a notebook; ``.savefig("loss.svg")`` writes it.

    The best epoch is marked if there is a validation loss, and metrics have axes of their own below. ``history.plot()``, of
    what ``nn.fit`` returns, is ``plot_losses(history.columns)``.

    Args:
        columns: for each name a list with a number an epoch: ``"loss"``; ``"val_loss"``, if there is one; and metrics.

    Raises:
        ImportError: if matplotlib is not installed; the message says how to get it.
        ValueError: if there is no epoch.
        TypeError: if there are no columns with names.

    >>> figure = plot_losses({"loss": [2.0, 1.0, 0.5], "val_loss": [2.5, 1.5, 1.75]})
    >>> figure.axes[0].get_title()
    'Training loss: 2 to 0.5'
    """
    if not isinstance(columns, Mapping):
        kind = type(columns).__name__
        raise TypeError(
            f"plot_losses takes columns by name, as history.columns or {{'loss': losses}}, not {kind} ({columns!r:.40})"
        )
    if not columns.get("loss"):
        raise ValueError("there is no loss to plot: the training ended before its first epoch did")
    try:
        from matplotlib.figure import Figure  # not pyplot, which takes half a second and keeps every figure alive
        from matplotlib.ticker import LogLocator
    except ImportError:
        raise ImportError("plots need matplotlib: pip install scalar-autograd[plots]") from None

    losses = {name: columns[name] for name in ("loss", "val_loss") if name in columns}
    metrics = {name: column for name, column in columns.items() if _is_metric(name, column)}
    figure = Figure(figsize=(7, 6 if metrics else 4), layout="constrained")
    axes, *below = figure.subplots(2 if metrics else 1, sharex=True, squeeze=False)[:, 0]
    _draw(axes, losses)
    axes.set(ylabel="mean loss", title=f"Training loss: {columns['loss'][0]:.3g} to {columns['loss'][-1]:.3g}")
    least, most = min(map(min, losses.values())), max(map(max, losses.values()))
    if 0 < 3 * least < most:
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
        _draw(other, metrics)
        other.legend()
    figure.axes[-1].set_xlabel("epoch")
    return figure


def _is_metric(name: str, column: list[Any]) -> bool:
    return name not in ("loss", "val_loss", "lr", "seconds") and all(isinstance(number, int | float) for number in column)


def _draw(axes: Any, columns: Mapping[str, list[float]]) -> None:
    for name, column in columns.items():
        axes.plot(range(1, len(column) + 1), column, label=name)
    axes.grid(alpha=0.3)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
