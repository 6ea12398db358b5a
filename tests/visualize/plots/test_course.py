"""Pictures of the course of training, and of a trained model."""

from __future__ import annotations

import itertools
import re
import sys
from typing import Any

import numpy as np
import pytest

from autograd import Value
from nn import MLP, History, confusion_matrix, cross_entropy, fit, make_moons, predict
from visualize import (
    plot_confusion_matrix,
    plot_decision_boundary,
    plot_gradients,
    plot_history,
    plot_learning_rate,
    plot_loss_landscape,
    plot_losses,
    plot_metrics,
    plot_weights,
)  # fmt: skip
from visualize.plots.course import shown_classes
from visualize.plots.models import grid, outputs_of


def test_the_curve_has_every_epoch_and_labeled_axes() -> None:
    pytest.importorskip("matplotlib")
    axes = plot_losses({"loss": [4.0, 2.0, 1.0]})
    curve = axes.lines[0]
    assert list(curve.get_xdata()) == [1, 2, 3]
    assert list(curve.get_ydata()) == [4.0, 2.0, 1.0]
    assert (axes.get_xlabel(), axes.get_ylabel(), axes.get_title()) == ("epoch", "mean loss", "Training loss: 4 to 1")


@pytest.mark.parametrize(
    ("losses", "scale"), [([4.0, 1.0], "log"), ([4.0, 0.0], "linear"), ([1.0, -1.0], "linear"), ([4.0, 3.0], "linear")]
)
def test_the_scale_is_logarithmic_if_positive_losses_fall_to_less_than_a_third(losses: list[float], scale: str) -> None:
    pytest.importorskip("matplotlib")
    assert plot_losses({"loss": losses}).get_yscale() == scale


@pytest.mark.parametrize("losses", [[0.7, 0.02], [1.0, 0.3], [1e6, 1e-3], [3.0, 2.9]])
def test_the_axis_has_at_least_two_numbers_and_they_do_not_overlap(losses: list[float]) -> None:
    pytest.importorskip("matplotlib")
    axes = plot_losses({"loss": losses})
    axes.figure.draw_without_rendering()
    axis = axes.yaxis
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
    assert curves == {"loss": [4.0, 2.0, 1.0], "val_loss": [5.0, 3.0, 3.5], "lowest val_loss: 3 in epoch 2": [3.0]}
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


def test_a_history_may_be_given_in_place_of_its_columns() -> None:
    history = fit(MLP(1, [1], seed=0), [[0.0], [1.0]], [0.0, 1.0], loss="mse", epochs=3)
    assert plot_losses(history).get_title() == plot_losses(history.columns).get_title()
    assert len(plot_history(history).axes) == len(plot_history(history.columns).axes)


@pytest.mark.parametrize("given", [[2.0, 1.0], None])
def test_losses_without_names_are_rejected(given: Any) -> None:
    kind = type(given).__name__
    with pytest.raises(TypeError, match=rf"must be a mapping, such as history.columns or \{{'loss': losses\}}, not {kind} \("):
        plot_losses(given)


def test_without_matplotlib_the_error_has_the_command_that_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    shown_classes.cache_clear()
    with pytest.raises(ImportError, match=r"plots need matplotlib: pip install scalar-autograd\[plots\]"):
        plot_losses({"loss": [1.0]})


# ---- axes and notebooks --------------------------------------------------------------------------------------------------

ROWS = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]
MODEL = MLP(2, [3, 2], seed=1)
PLOTS: dict[str, Any] = {
    "losses": lambda **ax: plot_losses({"loss": [2.0, 1.0]}, **ax),
    "metrics": lambda **ax: plot_metrics({"loss": [2.0, 1.0], "accuracy": [0.5, 1.0]}, **ax),
    "learning rate": lambda **ax: plot_learning_rate({"loss": [2.0, 1.0], "lr": [0.1, 0.05]}, **ax),
    "confusion matrix": lambda **ax: plot_confusion_matrix([[3, 1], [0, 2]], **ax),
    "boundary": lambda **ax: plot_decision_boundary(MODEL, ROWS, [0, 1, 1, 0], resolution=10, **ax),
    "weights": lambda **ax: plot_weights(MODEL, **ax),
    "gradients": lambda **ax: plot_gradients(MODEL, **ax),
    "landscape": lambda **ax: plot_loss_landscape(
        lambda: cross_entropy([MODEL(row) for row in ROWS], [0, 1, 1, 0]), MODEL.parameters(), resolution=4, **ax
    ),
}


@pytest.mark.parametrize("plot", PLOTS.values(), ids=PLOTS)
def test_every_picture_is_drawn_into_the_given_axes_which_are_returned(plot: Any) -> None:
    pytest.importorskip("matplotlib")
    from matplotlib.figure import Figure

    axes = Figure().add_subplot()
    assert plot(ax=axes) is axes
    assert axes.has_data()


@pytest.mark.parametrize("plot", PLOTS.values(), ids=PLOTS)
def test_every_picture_displays_itself_in_a_notebook_with_the_same_bytes_each_time(plot: Any) -> None:
    pytest.importorskip("matplotlib")
    picture = plot()._repr_svg_()
    assert picture.startswith("<?xml")
    assert "<svg" in picture
    assert plot()._repr_svg_() == picture


def test_a_history_displays_its_picture_in_a_notebook() -> None:
    pytest.importorskip("matplotlib")
    assert "<svg" in HISTORY.plot()._repr_svg_()


def test_the_learning_rate_is_shown_only_if_it_changes() -> None:
    pytest.importorskip("matplotlib")
    columns = {"loss": [3.0, 2.0, 1.0], "lr": [0.1, 0.05, 0.025]}
    (_, rates) = History(columns).plot().axes
    assert rates.get_ylabel() == "learning rate"
    assert list(rates.lines[0].get_ydata()) == [0.1, 0.05, 0.025]
    assert len(History({**columns, "lr": [0.1] * 3}).plot().axes) == 1


# ---- pictures of a model -------------------------------------------------------------------------------------------------


def test_the_confusion_matrix_shows_every_number_of_the_matrix() -> None:
    pytest.importorskip("matplotlib")
    matrix = confusion_matrix([[0.2, 0.8, 0.0], [0.6, 0.4, 0.0], [0.1, 0.9, 0.0], [0.0, 0.1, 0.2]], [1, 1, 0, 2])
    axes = plot_confusion_matrix(matrix, ["a", "b", "c"])
    shown = {(int(text.get_position()[1]), int(text.get_position()[0])): int(text.get_text()) for text in axes.texts}
    assert shown == {(i, j): matrix[i][j] for i in range(3) for j in range(3)}
    assert [label.get_text() for label in axes.get_xticklabels()] == ["a", "b", "c"]
    assert (axes.get_ylabel(), axes.get_xlabel()) == ("actual class", "predicted class")


@pytest.mark.parametrize(
    ("matrix", "names", "message"),
    [
        ([[1, 2]], None, "as many columns as rows, not rows of lengths [2]"),
        ([], None, "as many columns as rows"),
        ([[1]], ["a", "b"], "one name for each of the 1 classes, not 2 names"),
    ],
)
def test_a_matrix_that_is_not_square_or_has_other_names_is_rejected(matrix: Any, names: Any, message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        plot_confusion_matrix(matrix, names)


@pytest.mark.parametrize("bad", [3, [1, 2]])
def test_a_matrix_that_is_no_list_of_rows_is_rejected(bad: Any) -> None:
    with pytest.raises(TypeError, match=r"matrix must be a list of rows, as nn\.confusion_matrix returns it"):
        plot_confusion_matrix(bad)


def test_the_loss_of_a_landscape_must_be_a_function() -> None:
    with pytest.raises(TypeError, match=r"loss must be a function without arguments, not float \(0\.5\)"):
        plot_loss_landscape(0.5, [Value(1.0)])  # type: ignore[arg-type]


@pytest.mark.parametrize("n_outputs", [1, 2, 3])
def test_the_boundary_shows_the_class_that_predict_predicts_at_each_point(n_outputs: int) -> None:
    pytest.importorskip("matplotlib")
    model = MLP(2, [4, n_outputs], seed=3)
    X, y = make_moons(20, seed=0)
    found = {}

    def spy(row: list[Any]) -> Any:
        found["called"] = True
        return model(row)

    axes = plot_decision_boundary(spy, X, y, resolution=15)
    assert found
    points = grid(np.asarray(X), 15)[2]
    outputs = np.array(predict(model, points.tolist()))
    np.testing.assert_array_equal(outputs_of(model, points), outputs)
    classes = (outputs[:, 0] > 0).astype(int) if n_outputs == 1 else outputs.argmax(axis=1)
    areas = axes.collections[0].get_paths()
    image = classes.reshape(15, 15)
    for i, j in itertools.product(range(1, 14), repeat=2):
        if len(set(image[i - 1 : i + 2, j - 1 : j + 2].ravel())) == 1:  # not at a boundary
            point = points[15 * i + j]
            assert [area.contains_point(point) for area in areas].index(True) == image[i, j]


def test_outputs_are_computed_in_evaluation_mode_and_the_mode_is_restored() -> None:
    model = MLP(2, [8, 1], seed=0, dropout=0.5)
    rows = np.array(ROWS)
    np.testing.assert_array_equal(outputs_of(model, rows), predict(model, ROWS))
    assert all(module.training for module in model.modules())


def test_a_model_that_cannot_be_recorded_is_computed_row_by_row() -> None:
    def branches(row: list[Any]) -> Any:
        return row[0] if row[0] > 0.5 else 0.0 * row[1]

    np.testing.assert_array_equal(outputs_of(branches, np.array(ROWS)), [[0.0], [0.0], [1.0], [1.0]])


def test_a_plane_needs_rows_of_two_numbers() -> None:
    with pytest.raises(ValueError, match=re.escape("rows of two numbers, not shape (1, 3)")):
        plot_decision_boundary(MODEL, [[1.0, 2.0, 3.0]], [0])
    with pytest.raises(ValueError, match="the same number of rows, not 1 and 2"):
        plot_decision_boundary(MODEL, [[1.0, 2.0]], [0, 1])


@pytest.mark.parametrize(
    ("plot", "arguments", "message"),
    [
        (plot_confusion_matrix, (MODEL, ROWS, [0, 1, 1, 0]), "write plot_confusion_matrix(confusion_matrix(model, X, y))"),
        (
            plot_loss_landscape,
            (MODEL, ROWS),
            "write plot_loss_landscape(lambda: mse_loss([model(row) for row in X], y), model.p",
        ),
        (plot_loss_landscape, (3.0, []), "not float (3.0); write plot_loss_landscape(lambda: "),
        (plot_loss_landscape, (lambda: 1.0, MODEL), "parameters must be a list of Values, not MLP; pass model.parameters()"),
        (plot_loss_landscape, (lambda: 1.0, ROWS), "parameters must be a list of Values, not list; pass model.parameters()"),
    ],
)
def test_a_plot_of_the_wrong_thing_says_what_to_write(plot: Any, arguments: Any, message: str) -> None:
    with pytest.raises(TypeError, match=re.escape(message)):
        plot(*arguments)


def test_histograms_count_every_parameter_and_every_gradient() -> None:
    pytest.importorskip("matplotlib")
    model = MLP(2, [5, 3], seed=0)
    sum(model([1.0, 2.0])).backward()
    data, gradients = [p.data for p in model.parameters()], [p.grad for p in model.parameters()]
    for plot, numbers in ((plot_weights, data), (plot_gradients, gradients)):
        axes = plot(model)
        noun = axes.get_xlabel()
        assert axes.get_legend_handles_labels()[1] == [f"layer 1: 15 {noun}s", f"layer 2: 18 {noun}s"]
        vertices = np.concatenate([patch.get_path().vertices for patch in axes.patches])
        assert vertices[:, 0].min() == pytest.approx(min(numbers))
        assert vertices[:, 0].max() == pytest.approx(max(numbers))
    model.parameters()[0].grad = float("nan")
    assert "1 not finite" in plot_gradients(model).get_legend_handles_labels()[1][0]


def test_a_histogram_needs_named_parameters() -> None:
    with pytest.raises(TypeError, match="like a Module, not function"):
        plot_weights(lambda row: row)


def test_the_landscape_restores_the_parameters_even_after_an_error() -> None:
    pytest.importorskip("matplotlib")
    w, calls = Value(3.0), [0]

    def loss() -> Value:
        calls[0] += 1
        if calls[0] == 5:
            raise RuntimeError("stop")
        return w * w

    with pytest.raises(RuntimeError):
        plot_loss_landscape(loss, [w], resolution=4)
    assert w.data == 3.0


def test_the_landscape_is_the_loss_at_the_points_of_the_plane() -> None:
    pytest.importorskip("matplotlib")
    w = Value(2.0)  # with one parameter, each direction is +-2
    seen = []

    def loss() -> Value:
        seen.append(w.data)
        return w * w

    plot_loss_landscape(loss, [w], resolution=3, radius=1.0)
    assert seen[0] == 2.0
    assert len(seen) == 10
    assert {round(x, 9) for x in seen} <= {-2.0, 0.0, 2.0, 4.0, 6.0}
    assert seen[5] == 2.0  # the centre of the square


def test_columns_without_a_loss_are_rejected_with_a_remedy() -> None:
    message = (
        "columns must be a History or a dict of columns with 'loss', not a dict with 'run a', 'run b'; to compare runs, plot"
    )
    for run in (HISTORY, HISTORY.columns):
        with pytest.raises(ValueError, match=message):
            plot_losses({"run a": run, "run b": run})
    with pytest.raises(ValueError, match=r"not a dict with 'val_loss'; name the column of losses: \{'loss': losses\}"):
        plot_losses({"val_loss": [1.0]})
