"""How does draw() show typical graphs? Draws thirteen of them, and writes a page in Markdown that shows the pictures.

``python examples/gallery.py docs/gallery`` writes the gallery of the documentation. The pictures are the same in every run.
With ``--others``, micrograd, torchviz, torchview and torchvista draw two of the graphs, too, as far as they are installed.
"""

from __future__ import annotations

import itertools
import math
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from autograd import Value, sum  # noqa: A004 - autograd's sum
from nn import MLP, column_statistics, cross_entropy, load_iris, mse_loss, standardize
from visualize import diff, draw

COMPARED = {"five_nodes": "five nodes", "micrograd": "micrograd's README"}  # graphs that other libraries draw, and their names
Graph = tuple[Value, dict[str, Any]]  # a result, and the arguments of draw


def five_nodes() -> Graph:
    """``a * b + c``."""
    a, b, c = Value(2.0, "a"), Value(-3.0, "b"), Value(10.0, "c")
    y = a * b + c
    y.label = "y"
    return y, {"partials": True}


def neuron() -> Graph:
    """A neuron with two inputs, written with operators."""
    x1, x2, w1, w2 = Value(2.0, "x1"), Value(0.0, "x2"), Value(-3.0, "w1"), Value(1.0, "w2")
    n = x1 * w1 + x2 * w2 + Value(6.8813735870195432, "b")
    n.label = "n"
    o = n.tanh()
    o.label = "o"
    return o, {"partials": True}


def micrograd() -> Graph:
    """The expression in the README of micrograd (github.com/karpathy/micrograd)."""
    a, b = Value(-4.0, "a"), Value(2.0, "b")
    c = a + b
    d = a * b + b**3
    c += c + 1
    c += 1 + c + (-a)
    d += d * 2 + (b + a).relu()
    d += 3 * d + (b - a).relu()
    e = c - d
    f = e**2
    g = f / 2.0
    g += 10.0 / f
    g.label = "g"
    return g, {}


def _row(sizes: list[int]) -> Graph:
    model, x = MLP(2, sizes, seed=0), [Value(0.5, "x1"), Value(-1.0, "x2")]
    loss = (model(x)[0] - 1.0) ** 2
    loss.label = "loss"
    return loss, {"model": model, "targets": [1.0]}


def small_network() -> Graph:
    """``MLP(2, [3, 1])`` on one row: every weight is visible."""
    return _row([3, 1])


def deeper_network() -> Graph:
    """``MLP(2, [4, 4, 1])`` on one row: each neuron is one box."""
    return _row([4, 4, 1])


def iris_row() -> Graph:
    """``MLP(4, [16, 3])`` on one row of iris: each layer is one box."""
    data = load_iris()
    X = standardize(data.X, *column_statistics(data.X))
    model = MLP(4, [16, 3], seed=0)
    loss = cross_entropy([model(list(X[0]))], [int(data.y[0])])
    loss.label = "loss"
    return loss, {"model": model, "inputs": dict(zip(data.feature_names, X[0], strict=True))}


def xor() -> Graph:
    """``MLP(2, [3, 1])`` on the four rows of XOR: each row is one box."""
    model = MLP(2, [3, 1], seed=0)
    rows = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]
    loss = mse_loss([model(row) for row in rows], [0.0, 1.0, 1.0, 0.0])
    loss.label = "loss"
    return loss, {"model": model}


def chain() -> Graph:
    """A chain of 30 operations."""
    y = Value(0.5, "x")
    for i in range(30):
        y = y.sin() if i % 2 else y.tanh()
    y.label = "y"
    return y, {}


def long_sum() -> Graph:
    """A sum of 64 terms."""
    s = sum([Value(i / 10, f"x{i}") for i in range(64)])
    s.label = "s"
    return s, {}


def lattice() -> Graph:
    """Each node is used twice."""
    row = [Value(1.0 + i / 10, f"x{i}") for i in range(6)]
    while len(row) > 1:
        row = [p * q for p, q in itertools.pairwise(row)]
    row[0].label = "y"
    return row[0], {}


def softmax_cross_entropy() -> Graph:
    """The cross-entropy of a softmax, written with exp, / and log."""
    z = [Value(number, f"z{i}") for i, number in enumerate([2.0, 1.0, 0.1])]
    e = [number.exp() for number in z]
    loss = -(e[0] / (e[0] + e[1] + e[2])).log()
    loss.label = "loss"
    return loss, {}


def hostile_labels() -> Graph:
    """Labels with quotes, markup, escapes of terminals, and scripts of both directions."""
    labels = [
        'say "hi"', "<script>alert(1)</script>", "a<b & c>d", "p|q{r}", "line1\nline2", "red \x1b[31m", "emoji \U0001f680",
        "a label that is far too long for a box", "重み", "משקולת", "back\\slash \\n", "$x^2$ \\input{y}", "\u202eabc",
    ]  # fmt: skip
    y = Value(1.0, labels[0])
    for i, label in enumerate(labels[1:], 2):
        y = y * Value(float(i), label)
    y.label = 'y "root" <é>'
    return y, {}


def nan_and_inf() -> Graph:
    """A nan, traced to the logarithm of 0."""
    x = Value(0.0, "x")
    z = x.log() * x + Value(math.inf, "huge") - 1
    z.label = "z"
    return z, {}


GRAPHS: dict[str, Callable[[], Graph]] = {
    function.__name__: function
    for function in (
        five_nodes, neuron, micrograd, small_network, deeper_network, iris_row, xor, chain, long_sum, lattice,
        softmax_cross_entropy, hostile_labels, nan_and_inf,
    )
}  # fmt: skip


def draw_with_others(folder: Path) -> None:
    """Draw the first graphs with the other libraries that are installed."""
    sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks"))
    from peer_drawings import PEERS, graphs

    folder.mkdir(exist_ok=True)
    for name, title in COMPARED.items():
        for drawer in PEERS:
            try:
                svg = drawer(graphs()[title]).svg
            except (ImportError, OSError) as error:  # a library, or a program that it needs
                print(f"without {drawer.__name__}: {str(error).splitlines()[0]}")
                continue
            path = folder / f"{name}_{drawer.__name__}.svg"
            path.write_text(svg, encoding="utf-8")
            print(f"{path}: {path.stat().st_size:,} bytes")


def main(folder: Path) -> None:
    """Write all pictures, and the page."""
    folder.mkdir(exist_ok=True)
    page = ["# Gallery", ""]
    page += ["Written by `python examples/gallery.py docs/gallery`. See [Drawing graphs](../how-to/drawing.md).", ""]
    page += ["[A table](../../benchmarks/results/drawing.md) compares the pictures with other libraries.", ""]

    def add(name: str, text: str, drawing: Any) -> None:
        path = drawing.write(folder / f"{name}.svg")
        print(f"{path}: {len(drawing.picture)} boxes, {path.stat().st_size:,} bytes")
        page.extend([f"## {name.replace('_', ' ').capitalize()}", "", text, "", f"![{text}]({name}.svg)", ""])
        for other in sorted((folder / "others").glob(f"{name}_*.svg")):
            library = other.stem.removeprefix(f"{name}_")
            page.extend([f"By {library}:", "", f"![The same graph, drawn by {library}](others/{other.name})", ""])

    for name, graph in GRAPHS.items():
        root, options = graph()
        root.backward()
        add(name, (graph.__doc__ or "").replace("``", "`"), draw(root, **options))
    y, _ = neuron()
    add("step", "The neuron after six contributions of its backward pass.", draw(y, steps=6, partials=True))
    x = Value(3.0, "x")
    y = x * x + 1
    y.backward()
    x.data = 4.0
    add("stale", "A picture after the data of a leaf was changed.", draw(y))
    add("model", "A network: `draw(model, inputs=names)`.", draw(MLP(4, [8, 3], seed=0), inputs=load_iris().feature_names))
    add("difference", "`diff(y1, y2)` marks the first node that differs.", diff((x * 2).tanh() + x, (x * 3).tanh() + x))
    (folder / "README.md").write_text("\n".join(page), encoding="utf-8")


if __name__ == "__main__":
    arguments = [argument for argument in sys.argv[1:] if argument != "--others"]
    target = Path(arguments[0] if arguments else "gallery")
    if "--others" in sys.argv:
        draw_with_others(target / "others")
    main(target)
