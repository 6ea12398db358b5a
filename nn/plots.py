"""Plots of a training, made with matplotlib, which is imported only when one is made."""

from __future__ import annotations

from typing import Any

from nn.training import History


def plot_losses(history: History) -> Any:
    """The loss by epoch, as a matplotlib Figure: shows in a notebook; ``.savefig("loss.svg")`` writes it.

    Raises:
        ImportError: if matplotlib is not installed; the message says how to get it.
        ValueError: if the history has no epoch.
        TypeError: if it is no History.
    """
    if not isinstance(history, History):
        kind = type(history).__name__
        raise TypeError(f"plot_losses takes the History that fit returned, not {kind} ({history!r:.40}); or History(losses)")
    if not history.losses:
        raise ValueError("there is no loss to plot: the training ended before its first epoch did")
    try:
        from matplotlib.figure import Figure  # not pyplot, which takes half a second and keeps every figure alive
        from matplotlib.ticker import NullFormatter
    except ImportError:
        raise ImportError("plots need matplotlib: pip install scalar-autograd[plots]") from None

    figure = Figure(figsize=(7, 4), layout="constrained")
    axes = figure.subplots()
    axes.plot(range(1, len(history.losses) + 1), history.losses)
    axes.set(xlabel="epoch", ylabel="mean loss", title=f"Training loss: {history.losses[0]:.3g} to {history.losses[-1]:.3g}")
    if min(history.losses) > 0:
        axes.set_yscale("log")  # a loss falls by factors, and late progress is invisible on a linear scale
        axes.yaxis.set_major_formatter("{x:g}")  # 0.1, not a power of ten
        axes.yaxis.set_minor_formatter("{x:g}" if max(history.losses) < 100 * min(history.losses) else NullFormatter())
    axes.grid(alpha=0.3)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    return figure
