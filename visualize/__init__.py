"""Draw computation graphs, explore them in a page, and plot the course of training. No function changes its arguments.

The modules at the door are ``pictures`` (``draw``), ``drawing`` (``Drawing``, the result of ``draw``), ``arguments`` (their
checks), ``network`` (``draw(model)``) and ``comparison`` (``diff``). ``draw`` runs through the folders in this order:

===========  ==========================================================================================================
``scene``    graph -> facts: names, kinds, numbers, gradients; groups of nodes, and which of them are folded
``boxes``    facts -> boxes, one per Value or folded group: their texts, sizes and colors, and the step that they show
``layout``   boxes -> positions and curves: the layered layout, and bands, which wrap a wide picture
``writers``  positions -> SVG, DOT, text and moving pictures; ``formats`` has the table of formats
``page``     pages: ``explore`` plays backpropagation, ``TrainingRecorder`` a training run
``plots``    pictures of the course of training and of trained models, with matplotlib
===========  ==========================================================================================================

Example:
    >>> from autograd import Value
    >>> from visualize import draw
    >>> a, b = Value(2.0, label="a"), Value(3.0, label="b")
    >>> y = a * b
    >>> y.backward()
    >>> picture = draw(y)  # displayed if it is the last line of a notebook cell; picture.write("y.png") writes a file
    >>> print(picture.to_text())
    v3 = a * b = 6, grad 1
    |- a = 2, grad 3
    `- b = 3, grad 2
    gradients of v3
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scalar_autograd_installation import check_autograd

check_autograd("visualize")

from visualize.comparison import diff
from visualize.drawing import Drawing
from visualize.page.explore import Page, explore
from visualize.page.training import TrainingRecorder
from visualize.page.widget import widget
from visualize.pictures import draw
from visualize.plots.course import plot_history, plot_learning_rate, plot_losses, plot_metrics
from visualize.plots.models import (
    plot_confusion_matrix,
    plot_decision_boundary,
    plot_gradients,
    plot_loss_landscape,
    plot_weights,
)
from visualize.writers.formats import RenderingError

__all__ = [
    "Drawing", "Page", "RenderingError", "TrainingRecorder", "diff", "draw", "explore", "plot_confusion_matrix",
    "plot_decision_boundary", "plot_gradients", "plot_history", "plot_learning_rate", "plot_loss_landscape", "plot_losses",
    "plot_metrics", "plot_weights", "widget",
]  # fmt: skip

# Remedies for names of other libraries.
_REMEDIES = {
    **dict.fromkeys(
        ("plot", "show", "render", "graph", "draw_dot", "make_dot", "draw_graph", "plot_graph", "view", "display", "visualize",
         "to_dot", "to_svg", "trace"), "draw(y)"
    ),
    **dict.fromkeys(("draw_model", "plot_model", "draw_network", "model_to_dot", "draw_nn", "summary"), "draw(model)"),
    **dict.fromkeys(("animate", "gif", "to_gif", "save", "write", "savefig"), "draw(y).write('y.png'), or 'y.gif'"),
    **dict.fromkeys(("page", "html", "to_html", "show_trace", "play", "interactive"), "explore(y)"),
    **dict.fromkeys(("compare", "difference"), "diff(y1, y2)"),
    **dict.fromkeys(("plot_loss", "plot_loss_curve", "loss_curve"), "plot_losses(history)"),
    **dict.fromkeys(("plot_accuracy", "plot_metric"), "plot_metrics(history)"),
    **dict.fromkeys(("plot_training", "plot_curves", "plot_learning_curve", "learning_curve"), "plot_history(history)"),
    **dict.fromkeys(("plot_boundary", "decision_boundary", "plot_decision_regions"), "plot_decision_boundary(model, X, y)"),
}  # fmt: skip

if not TYPE_CHECKING:  # type checkers would accept every name

    def __getattr__(name: str) -> Any:
        """Raise the error for a name that does not exist, with a remedy."""
        from autograd.shared import did_you_mean, missing_name

        remedy = f"; use {_REMEDIES[name]}" if name in _REMEDIES else did_you_mean(name, __all__)
        raise missing_name("visualize", name, remedy)


def __dir__() -> list[str]:
    """Return the public names only."""
    return __all__
