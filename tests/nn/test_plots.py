"""The loss curve."""

from __future__ import annotations

import sys
from itertools import pairwise
from typing import Any

import pytest

from nn import History, plot_losses


def test_the_curve_has_every_epoch_and_says_what_it_shows() -> None:
    pytest.importorskip("matplotlib")
    axes = plot_losses(History({"loss": [4.0, 2.0, 1.0]})).axes[0]
    (curve,) = axes.lines
    assert list(curve.get_xdata()) == [1, 2, 3]
    assert list(curve.get_ydata()) == [4.0, 2.0, 1.0]
    assert (axes.get_xlabel(), axes.get_ylabel(), axes.get_title()) == ("epoch", "mean loss", "Training loss: 4 to 1")


@pytest.mark.parametrize(("losses", "scale"), [([4.0, 1.0], "log"), ([4.0, 0.0], "linear"), ([1.0, -1.0], "linear")])
def test_the_scale_is_logarithmic_where_all_losses_are_above_zero(losses: list[float], scale: str) -> None:
    pytest.importorskip("matplotlib")
    assert plot_losses(History({"loss": losses})).axes[0].get_yscale() == scale


HISTORY = History({"loss": [4.0, 2.0, 1.0], "val_loss": [5.0, 3.0, 3.5], "lr": [0.1] * 3, "seconds": [1.0, 2.0, 3.0]})


def test_the_validation_loss_is_drawn_too_and_its_best_epoch_marked() -> None:
    pytest.importorskip("matplotlib")
    (axes,) = HISTORY.plot().axes
    curves = {curve.get_label(): list(curve.get_ydata()) for curve in axes.lines}
    assert curves == {"loss": [4.0, 2.0, 1.0], "val_loss": [5.0, 3.0, 3.5], "best: 3 in epoch 2": [3.0]}
    assert [text.get_text() for text in axes.get_legend().get_texts()] == list(curves)


def test_metrics_have_axes_of_their_own_below() -> None:
    pytest.importorskip("matplotlib")
    metrics: dict[str, list[Any]] = {
        "accuracy": [0.5, 0.6, 0.7],
        "val_accuracy": [0.4, 0.5, 0.6],
        "confusion_matrix": [[[1]]] * 3,
    }
    above, below = History({**HISTORY.columns, **metrics}).plot().axes
    assert [curve.get_label() for curve in below.lines] == ["accuracy", "val_accuracy"]
    assert (above.get_xlabel(), below.get_xlabel(), above.get_ylabel()) == ("", "epoch", "mean loss")


@pytest.mark.parametrize("least", [0.015, 0.1, 2.0, 30.0])
@pytest.mark.parametrize("ratio", [1.5, 2.0, 3.9, 4.1, 9.0, 50.0, 99.0, 101.0, 1e4])
def test_the_numbers_beside_the_loss_do_not_run_into_one_another(least: float, ratio: float) -> None:
    pytest.importorskip("matplotlib")
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    figure = History({"loss": [least * ratio, least], "accuracy": [0.5, 0.6]}).plot()
    canvas: Any = FigureCanvasAgg(figure)
    canvas.draw()
    axis = figure.axes[0].yaxis
    low, high = sorted(axis.get_view_interval())
    ticks = [*axis.get_major_ticks(), *axis.get_minor_ticks()]
    shown = [tick.label1 for tick in ticks if low <= tick.get_loc() <= high and tick.label1.get_text()]
    boxes = sorted((label.get_window_extent(canvas.get_renderer()) for label in shown), key=lambda box: box.y0)
    assert all(lower.y1 <= upper.y0 for lower, upper in pairwise(boxes))
    assert boxes


def test_a_history_without_epochs_is_refused() -> None:
    with pytest.raises(ValueError, match="there is no loss to plot: the training ended before its first epoch did"):
        plot_losses(History())


@pytest.mark.parametrize("given", [[2.0, 1.0], None])
def test_losses_that_are_no_history_are_refused(given: Any) -> None:
    kind = type(given).__name__
    with pytest.raises(
        TypeError, match=rf"takes the History that fit returned, not {kind} \(.*\); or History\(\{{'loss': losses\}}\)"
    ):
        plot_losses(given)


def test_without_matplotlib_the_error_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(ImportError, match=r"plots need matplotlib: pip install scalar-autograd\[plots\]"):
        plot_losses(History({"loss": [1.0]}))
