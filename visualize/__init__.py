"""Pictures of computation graphs, and of how a training went. Reads, changes nothing.

>>> from autograd import Value
>>> from visualize import draw
>>> a, b = Value(2.0, label="a"), Value(3.0, label="b")
>>> y = a * b
>>> y.backward()
>>> picture = draw(y)  # as the last line of a notebook cell, this shows it; picture.write("y.png") makes a file
>>> print(picture.source.splitlines()[-2].strip())
n1 -> n2:b:w
"""

from __future__ import annotations

from visualize.drawing import Drawing, draw
from visualize.rendering import RenderingError
from visualize.training import plot_losses

__all__ = ["Drawing", "RenderingError", "draw", "plot_losses"]
