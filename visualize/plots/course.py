"""Pictures of the course of training, made with matplotlib, which is imported only when a picture is made.

Each function draws into ``ax`` and returns it. Without ``ax``, it makes a new figure; ``returned.figure.savefig("loss.svg")``
writes it to a file. Returned axes and figures display themselves in a notebook, without ``%matplotlib inline``.
"""

from __future__ import annotations

import functools
import io
import os
from collections.abc import Callable, Mapping
from typing import Any

from autograd.shared import suggesting

# Colors that differ for color-blind readers, too (M. Okabe and K. Ito, Color Universal Design, 2008).
COLORS = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#d55e00", "#56b4e9", "#f0e442", "#000000")
_SAVE = "omit it, and write a file with .figure.savefig('plot.png')"
# Remedies for arguments of other libraries, by name.
REMEDIES = {
    **dict.fromkeys(("filename", "path", "file", "fname", "save", "savefig", "dpi"), _SAVE),
    **dict.fromkeys(("figsize", "size"), "pass ax=, axes of a figure of that size"),
    **dict.fromkeys(("axes", "axis"), "write ax="),
    **dict.fromkeys(("log", "logy", "log_scale", "yscale", "scale"), "use .set_yscale('log') of the returned axes"),
    **dict.fromkeys(("title", "label", "xlabel", "ylabel", "legend"), "use .set_title() or .set_ylabel() of the returned axes"),
    **dict.fromkeys(("show", "block"), "omit it: the last line of a notebook cell displays the plot"),
    **dict.fromkeys(("color", "colors", "style", "cmap"), "omit it: the colors are fixed, and differ for color-blind readers"),
}
# Of a whole figure.
FIGURE_REMEDIES = REMEDIES | {
    **dict.fromkeys(("filename", "path", "file", "fname", "save", "savefig", "dpi"), _SAVE.replace(".figure", "")),
    **dict.fromkeys(("log", "logy", "log_scale", "yscale", "scale"), "use .axes[0].set_yscale('log') of the returned figure"),
    **dict.fromkeys(("title", "label", "xlabel", "ylabel", "legend"), "use .suptitle() of the returned figure"),
    **dict.fromkeys(("figsize", "size"), "use .set_size_inches(8, 6) of the returned figure"),
    **dict.fromkeys(("ax", "axes", "axis"), "plot_losses, plot_metrics and plot_learning_rate draw into ax="),
    **dict.fromkeys(("metrics", "columns", "names"), "plot_metrics draws the metrics alone, plot_losses the losses"),
}
NOT_METRICS = ("loss", "val_loss", "lr", "seconds")


@suggesting("plot_history(history).savefig('plot.png')", FIGURE_REMEDIES)
def plot_history(columns: Any) -> Any:
    """Plot losses, metrics and the learning rate below each other. For a History, ``history.plot()`` is the same.

    Args:
        columns: A History, or a dict of lists with one number per epoch: ``"loss"``, and optionally ``"val_loss"``,
            metrics and ``"lr"``.

    Returns:
        A matplotlib Figure. It shows metrics only if ``columns`` has any, and the learning rate only if it changes.

    Raises:
        ImportError: If matplotlib is not installed. The message includes the command that installs it.
        ValueError: If there are no epochs.
        TypeError: If ``columns`` is not a mapping.

    Example:
        >>> figure = plot_history({"loss": [2.0, 1.0, 0.5], "accuracy": [0.5, 0.75, 1.0], "lr": [0.1, 0.1, 0.1]})
        >>> [axes.get_ylabel() for axes in figure.axes]
        ['mean loss', 'metrics']
    """
    columns = _check_columns(columns)
    plots: list[Callable[..., Any]] = [plot_losses]
    if _metrics(columns):
        plots.append(plot_metrics)
    if len(set(columns.get("lr", ()))) > 1:
        plots.append(plot_learning_rate)
    figure_class, axes_class = shown_classes()
    figure = figure_class(figsize=(7, 2 + 2 * len(plots)), layout="constrained")
    all_axes = figure.subplots(len(plots), sharex=True, squeeze=False, subplot_kw={"axes_class": axes_class})[:, 0]
    for plot, axes in zip(plots, all_axes, strict=True):
        plot(columns, axes)
        axes.set_xlabel("")
    all_axes[-1].set_xlabel("epoch")
    return figure


@suggesting(remedies=REMEDIES)
def plot_losses(columns: Any, ax: Any = None) -> Any:
    """Plot the loss per epoch, and mark the best epoch of the validation loss, or else of the loss.

    Args:
        columns: See ``plot_history``.
        ax: Matplotlib axes to draw into. By default, a new figure.

    Raises:
        ImportError, ValueError, TypeError: See ``plot_history``.

    Example:
        >>> axes = plot_losses({"loss": [2.0, 1.0, 0.5], "val_loss": [2.5, 1.5, 1.75]})
        >>> axes.get_title(), axes.get_legend_handles_labels()[1]
        ('Training loss: 2 to 0.5', ['loss', 'val_loss', 'lowest val_loss: 1.5 in epoch 2'])
    """
    columns = _check_columns(columns)
    axes = new_axes(ax)
    from matplotlib.ticker import LogLocator

    losses = {name: columns[name] for name in ("loss", "val_loss") if name in columns}
    _plot_columns(axes, losses)
    axes.set(ylabel="mean loss", title=f"Training loss: {columns['loss'][0]:.3g} to {columns['loss'][-1]:.3g}")
    low, high = min(map(min, losses.values())), max(map(max, losses.values()))
    if 0 < 3 * low < high:
        axes.set_yscale("log")  # a loss falls by factors, and late progress is invisible on a linear scale
        axes.yaxis.set_major_formatter("{x:g}")  # 0.1, not a power of ten
        axes.yaxis.set_minor_locator(LogLocator(subs=(2, 5)))
        axes.yaxis.set_minor_formatter("{x:g}")
    name = list(losses)[-1]
    best = min(losses[name])
    epoch = losses[name].index(best) + 1
    axes.plot(epoch, best, "o", color=COLORS[4], label=f"lowest {name}: {best:.3g} in epoch {epoch}")
    axes.legend()
    return axes


@suggesting(remedies=REMEDIES)
def plot_metrics(columns: Any, ax: Any = None) -> Any:
    """Plot the metrics per epoch: all columns of numbers except losses, the learning rate and the time.

    Args:
        columns, ax: See ``plot_losses``.

    Raises:
        ImportError, TypeError: See ``plot_history``.
        ValueError: If there are no epochs or no metrics.

    Example:
        >>> plot_metrics({"loss": [2.0, 1.0], "accuracy": [0.5, 0.75]}).get_legend_handles_labels()[1]
        ['accuracy']
    """
    columns = _check_columns(columns)
    metrics = _metrics(columns)
    if not metrics:
        raise ValueError(f"columns must have a metric, not only {', '.join(columns)}; fit with metrics=['accuracy']")
    axes = new_axes(ax)
    _plot_columns(axes, metrics)
    axes.set_ylabel("metrics")
    axes.legend()
    return axes


@suggesting(remedies=REMEDIES)
def plot_learning_rate(columns: Any, ax: Any = None) -> Any:
    """Plot the learning rate per epoch.

    Args:
        columns, ax: See ``plot_losses``.

    Raises:
        ImportError, TypeError: See ``plot_history``.
        ValueError: If there are no epochs, or no column ``"lr"``.

    Example:
        >>> plot_learning_rate({"loss": [2.0, 1.0], "lr": [0.1, 0.05]}).get_ylabel()
        'learning rate'
    """
    columns = _check_columns(columns)
    if "lr" not in columns:
        raise ValueError(f"columns must have the column 'lr', not only {', '.join(columns)}; the optimizer has no attribute lr")
    axes = new_axes(ax)
    _plot_columns(axes, {"lr": columns["lr"]})
    axes.set_ylabel("learning rate")
    return axes


# ---- parts ---------------------------------------------------------------------------------------------------------------


@functools.cache
def shown_classes() -> tuple[type[Any], type[Any]]:
    """Return subclasses of matplotlib's Figure and Axes that display themselves in a notebook."""
    try:
        import matplotlib as mpl
        from matplotlib.axes import Axes
        from matplotlib.figure import Figure  # not pyplot, which takes half a second to import and keeps every figure alive
    except ImportError:
        raise ImportError("plots need matplotlib: pip install scalar-autograd[plots]") from None

    class ShownFigure(Figure):
        """A figure that displays itself in a notebook."""

        def _repr_svg_(self) -> str:
            with mpl.rc_context({"svg.hashsalt": "scalar-autograd"}):  # the same picture is the same text
                buffer = io.StringIO()
                self.savefig(buffer, format="svg", metadata={"Date": None})
            return buffer.getvalue()

    class ShownAxes(Axes):
        """Axes that display their figure in a notebook."""

        def _repr_svg_(self) -> str:
            return self.figure._repr_svg_()  # type: ignore[no-any-return, union-attr]

    return ShownFigure, ShownAxes


def new_axes(ax: Any) -> Any:
    """Return the given axes, or the axes of a new figure."""
    if ax is not None:
        if not hasattr(ax, "plot") or not hasattr(ax, "figure"):
            raise TypeError(f"ax must be axes of matplotlib, not {type(ax).__name__} ({ax!r:.40}); {_instead_of(ax)}")
        return ax
    figure_class, axes_class = shown_classes()
    return figure_class(figsize=(7, 4), layout="constrained").add_subplot(axes_class=axes_class)


def _instead_of(ax: Any) -> str:
    if isinstance(ax, str | os.PathLike):
        return f"write the file with .figure.savefig({os.fspath(ax)!r:.40})"
    return "pass ax=plt.subplots()[1], or ax=axes[0] of several, or omit it"


def _check_columns(columns: Any) -> Mapping[str, list[Any]]:
    """Return the columns, also of a ``History``."""
    columns = getattr(columns, "columns", columns)
    if not isinstance(columns, Mapping):
        kind = type(columns).__name__
        raise TypeError(
            f"columns must be a mapping, such as history.columns or {{'loss': losses}}, not {kind} ({columns!r:.40})"
        )
    if "loss" not in columns and columns:
        names = ", ".join(map(repr, list(columns)[:3]))
        remedy = "name the column of losses: {'loss': losses}"
        if all(isinstance(getattr(run, "columns", run), Mapping) for run in columns.values()):
            remedy = "to compare runs, plot each into the same axes: ax = plot_losses(first); plot_losses(second, ax=ax)"
        raise ValueError(f"columns must be a History or a dict of columns with 'loss', not a dict with {names}; {remedy}")
    if not columns.get("loss"):
        raise ValueError("columns must have a loss of at least one epoch; training ended before the first epoch was complete")
    return columns


def _metrics(columns: Mapping[str, list[Any]]) -> dict[str, list[float]]:
    """Return the columns of numbers that are neither losses nor the learning rate nor the time."""
    kept = {name: column for name, column in columns.items() if name not in NOT_METRICS}
    return {name: column for name, column in kept.items() if all(isinstance(number, int | float) for number in column)}


def _plot_columns(axes: Any, columns: Mapping[str, list[float]]) -> None:
    for name, column in columns.items():
        axes.plot(range(1, len(column) + 1), column, label=name)
    axes.grid(alpha=0.3)
    axes.set_xlabel("epoch")
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
