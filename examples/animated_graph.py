"""Write the moving pictures of the documentation: the forward and the backward pass through a small expression."""

from __future__ import annotations

import sys
from pathlib import Path

from autograd import Value
from visualize import draw


def main(folder: Path) -> None:
    """Write ``animated_graph.svg`` into a folder."""
    a, b, c = Value(2.0, label="a"), Value(-3.0, label="b"), Value(10.0, label="c")
    d = a * b
    d.label = "d"
    y = d + c
    y.label = "y"
    print(draw(y).write(folder / "animated_graph.svg", animate=True))


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
