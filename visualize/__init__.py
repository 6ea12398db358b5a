"""Draw computation graphs, explore them in a page, and plot the course of training. No function changes its arguments.

The modules, in the order in which ``draw`` uses them:

==============  ======================================================================
``drawing``     ``draw`` and ``Drawing``: check the arguments, run the steps below
``boxes``       graph -> boxes: one ``Box`` per Value
``dot``         boxes -> DOT, the source that Graphviz reads
``formats``     the table of picture formats, and the programs that write each format
``geometry``    boxes -> sizes and positions, with ``layout``: the layered layout
``svg``         positions -> SVG text
``style``       texts, colors and outlines of boxes, shared by ``dot`` and ``svg``
``animation``   moving pictures: SVG moved by CSS, GIF, APNG
``page``        ``explore``: a page that plays backpropagation, in a folder of its own
``training``    ``plot_losses``
==============  ======================================================================

Example:
    >>> from autograd import Value
    >>> from visualize import draw
    >>> a, b = Value(2.0, label="a"), Value(3.0, label="b")
    >>> y = a * b
    >>> y.backward()
    >>> picture = draw(y)  # displayed if it is the last line of a notebook cell; picture.write("y.png") writes a file
    >>> print(picture.source.splitlines()[-2].strip())
    n1 -> n2:b:w
"""

from __future__ import annotations

from visualize.drawing import Drawing, draw
from visualize.formats import RenderingError
from visualize.page.explore import Page, explore
from visualize.training import plot_losses

__all__ = ["Drawing", "Page", "RenderingError", "draw", "explore", "plot_losses"]
