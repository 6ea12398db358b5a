"""How values flow forward and gradients flow back through y = a * b + c, as a moving picture.

    python examples/animated_graph.py

The program writes ``animated_graph.svg`` into the current folder. The README and the documentation show this picture.
"""

from __future__ import annotations

from autograd import Value
from visualize import draw


def expression() -> Value:
    """Return y = a * b + c, with labels."""
    a, b, c = Value(2.0, label="a"), Value(-3.0, label="b"), Value(10.0, label="c")
    d = a * b
    d.label = "d"
    y = d + c
    y.label = "y"
    return y


def main() -> None:
    """Write the picture."""
    path = draw(expression()).write("animated_graph.svg", animate=True)
    print(f"wrote {path}")


if __name__ == "__main__":
    main()
