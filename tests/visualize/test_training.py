"""The plot of losses and metrics per epoch."""

from __future__ import annotations

import itertools
import sys
from typing import Any

import pytest

from nn import History
from visualize import plot_losses


def test_the_curve_has_every_epoch_and_labeled_axes() -> None:
    pytest.importorskip("matplotlib")
    axes = plot_losses({"loss": [4.0, 2.0, 1.0]}).axes[0]
    (curve,) = axes.lines
    assert list(curve.get_xdata()) == [1, 2, 3]
    assert list(curve.get_ydata()) == [4.0, 2.0, 1.0]
    assert (axes.get_xlabel(), axes.get_ylabel(), axes.get_title()) == ("epoch", "mean loss", "Training loss: 4 to 1")


@pytest.mark.parametrize(
    ("losses", "scale"), [([4.0, 1.0], "log"), ([4.0, 0.0], "linear"), ([1.0, -1.0], "linear"), ([4.0, 3.0], "linear")]
)
def test_the_scale_is_logarithmic_if_positive_losses_fall_to_less_than_a_third(losses: list[float], scale: str) -> None:
    pytest.importorskip("matplotlib")
    assert plot_losses({"loss": losses}).axes[0].get_yscale() == scale


@pytest.mark.parametrize("losses", [[0.7, 0.02], [1.0, 0.3], [1e6, 1e-3], [3.0, 2.9]])
def test_the_axis_has_at_least_two_numbers_and_they_do_not_overlap(losses: list[float]) -> None:
    pytest.importorskip("matplotlib")
    figure = plot_losses({"loss": losses})
    figure.draw_without_rendering()
    axis = figure.axes[0].yaxis
    low, high = axis.get_view_interval()
    ticks = [tick for tick in (*axis.get_major_ticks(), *axis.get_minor_ticks()) if low <= tick.get_loc() <= high]
    boxes = sorted(tick.label1.get_window_extent().extents[1::2].tolist() for tick in ticks if tick.label1.get_text())
    assert len(boxes) >= 2
    assert all(above[0] > below[1] for below, above in itertools.pairwise(boxes))


HISTORY = History({"loss": [4.0, 2.0, 1.0], "val_loss": [5.0, 3.0, 3.5], "lr": [0.1] * 3, "seconds": [1.0, 2.0, 3.0]})


def test_the_validation_loss_is_drawn_and_its_best_epoch_marked() -> None:
    pytest.importorskip("matplotlib")
    (axes,) = HISTORY.plot().axes
    curves = {curve.get_label(): list(curve.get_ydata()) for curve in axes.lines}
    assert curves == {"loss": [4.0, 2.0, 1.0], "val_loss": [5.0, 3.0, 3.5], "best: 3 in epoch 2": [3.0]}
    assert [text.get_text() for text in axes.get_legend().get_texts()] == list(curves)


def test_metrics_have_separate_axes_below() -> None:
    pytest.importorskip("matplotlib")
    metrics: dict[str, list[Any]] = {
        "accuracy": [0.5, 0.6, 0.7],
        "val_accuracy": [0.4, 0.5, 0.6],
        "confusion_matrix": [[[1]]] * 3,
    }
    above, below = History({**HISTORY.columns, **metrics}).plot().axes
    assert [curve.get_label() for curve in below.lines] == ["accuracy", "val_accuracy"]
    assert (above.get_xlabel(), below.get_xlabel(), above.get_ylabel()) == ("", "epoch", "mean loss")


def test_a_history_without_epochs_is_rejected() -> None:
    message = "columns must have a loss of at least one epoch; training ended before the first epoch was complete"
    with pytest.raises(ValueError, match=message):
        plot_losses({})


@pytest.mark.parametrize("given", [[2.0, 1.0], None])
def test_losses_without_names_are_rejected(given: Any) -> None:
    kind = type(given).__name__
    with pytest.raises(TypeError, match=rf"must be a mapping, such as history.columns or \{{'loss': losses\}}, not {kind} \("):
        plot_losses(given)


def test_without_matplotlib_the_error_has_the_command_that_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(ImportError, match=r"plots need matplotlib: pip install scalar-autograd\[plots\]"):
        plot_losses({"loss": [1.0]})
