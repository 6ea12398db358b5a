"""Draw computation graphs, explore them in a page, and plot the course of training. No function changes its arguments.

The modules, in the order in which ``draw`` uses them:

==============  =======================================================================================
``pictures``    ``draw``: run the steps below, with ``arguments``, which checks the arguments
``drawing``     ``Drawing``, the result of ``draw``: show and write it
``scene``       graph -> facts: names, kinds, numbers, gradients, groups; see ``facts`` for the result
``naming``      names of parameters, inputs and targets
``modules``     groups of nodes: the modules of a model, and rows
``structure``   groups of nodes: long sums, chains, parts of large graphs
``steps``       gradients in the middle of a backward pass
``folding``     which groups are folded
``boxes``       facts -> boxes: one ``Box`` per Value or folded group
``geometry``    boxes -> sizes and positions, with ``layout``, the layered layout, and ``bands``, which wraps it
``svg``         positions -> SVG text, with ``curves``
``dot``         boxes -> DOT, the source that Graphviz reads
``text``        boxes -> a tree for the terminal
``style``       texts of boxes and their sizes; ``colors``: light and dark
``network``     ``draw(model)``: neurons and weights
``panels``      several pictures in one; ``comparison``: ``diff``
``formats``     the table of picture formats, and the programs that write each format
``page``        pages, in a separate folder: ``explore`` plays backpropagation, ``TrainingRecorder`` a training run
``animation``   moving pictures, with ``mathtext``, which writes names and formulas
``plots``       pictures of the course of training: losses, metrics, learning rate
``model_plots`` pictures of a trained model: predictions, parameters, the loss around them
==============  =======================================================================================

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

from visualize.comparison import diff
from visualize.drawing import Drawing
from visualize.formats import RenderingError
from visualize.model_plots import (
    plot_confusion_matrix,
    plot_decision_boundary,
    plot_gradients,
    plot_loss_landscape,
    plot_weights,
)
from visualize.page.explore import Page, explore
from visualize.page.training import TrainingRecorder
from visualize.pictures import draw
from visualize.plots import plot_history, plot_learning_rate, plot_losses, plot_metrics

__all__ = [
    "Drawing", "Page", "RenderingError", "TrainingRecorder", "diff", "draw", "explore", "plot_confusion_matrix",
    "plot_decision_boundary", "plot_gradients", "plot_history", "plot_learning_rate", "plot_loss_landscape", "plot_losses",
    "plot_metrics", "plot_weights",
]  # fmt: skip
