"""The same graphs, drawn by this library, by micrograd's ``draw_dot``, and by torchviz, torchview and torchvista.

Each library gets the graph as its users write it: numbers in micrograd, ``torch.nn`` in the three libraries for PyTorch. All
results must agree. Networks have the same weights, and ``relu``, because micrograd has no other activation.
"""

from __future__ import annotations

import contextlib
import io
import shutil
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from report import peer

from autograd import Value, leaves
from nn import MLP, column_statistics, load_iris, standardize
from visualize import draw

SEED = 0


class Drawn(NamedTuple):
    """A picture, and the texts that it could show.

    Attributes:
        svg: The picture.
        seconds: Time from the result to the picture.
        result: Result of the graph.
        names: Names of the inputs and parameters.
        data, gradients: Their numbers.
    """

    svg: str
    seconds: float
    result: float
    names: list[str]
    data: list[float]
    gradients: list[float]


class Expression(NamedTuple):
    """A function of scalars."""

    function: Callable[..., Any]
    inputs: dict[str, float]


class Network(NamedTuple):
    """The sum of squared errors of a network with ``relu``."""

    sizes: list[int]
    rows: list[list[float]]
    targets: list[list[float]]


def _micrograd_readme(a: Any, b: Any) -> Any:
    """The expression in the README of micrograd (github.com/karpathy/micrograd)."""
    c = a + b
    d = a * b + b**3
    c = c + c + 1
    c = c + 1 + c + (-a)
    d = d + d * 2 + (b + a).relu()
    d = d + 3 * d + (b - a).relu()
    f = (c - d) ** 2
    return f / 2.0 + 10.0 / f


def graphs() -> dict[str, Expression | Network]:
    """Return the graphs by name."""
    data = load_iris()
    row = [float(x) for x in standardize(data.X[:1], *column_statistics(data.X))[0]]
    corners = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]
    weights = {"x1": 2.0, "x2": 0.5, "w1": -3.0, "w2": 1.0, "b": 6.8}
    return {
        "five nodes": Expression(lambda a, b, c: a * b + c, {"a": 2.0, "b": -3.0, "c": 10.0}),
        "neuron": Expression(lambda x1, x2, w1, w2, b: (x1 * w1 + x2 * w2 + b).relu(), weights),
        "micrograd's README": Expression(_micrograd_readme, {"a": -4.0, "b": 2.0}),
        "MLP(2, [3, 1]), a row": Network([3, 1], [[0.5, -1.0]], [[1.0]]),
        "MLP(4, [16, 3]), a row": Network([16, 3], [row], [[1.0, 0.0, 0.0]]),
        "MLP(2, [3, 1]), XOR": Network([3, 1], corners, [[0.0], [1.0], [1.0], [0.0]]),
    }


def _loss(model: Callable[[Any], Any], network: Network, number: type) -> Any:
    """Return the sum of squared errors, with Values of ``number`` as inputs."""
    total: Any = None
    for row, targets in zip(network.rows, network.targets):
        outputs = model([number(x) for x in row])
        for output, target in zip(outputs if isinstance(outputs, list) else [outputs], targets):
            error = (output - target) ** 2
            total = error if total is None else total + error
    return total


def _model(network: Network) -> MLP:
    return MLP(len(network.rows[0]), network.sizes, activation="relu", seed=SEED)


def ours(graph: Expression | Network, **options: Any) -> Drawn:
    """Draw with this library."""
    model, inputs = None, []
    if isinstance(graph, Expression):
        result = graph.function(*[Value(x, name) for name, x in graph.inputs.items()])
    else:
        model = _model(graph)
        result = _loss(model, graph, float)
    result.backward()
    start = time.perf_counter()
    drawing = draw(result, model=model, **options)
    svg = drawing.pipe("svg", encoding="utf-8")
    seconds = time.perf_counter() - start
    if model is not None and drawing.scene is not None:
        names = [node.name for node in drawing.scene.nodes if node.kind == "parameter"]
        inputs = model.parameters()
    else:
        inputs = list(leaves(result))
        names = [str(leaf.label) for leaf in inputs]
    return Drawn(svg, seconds, result.data, names, [x.data for x in inputs], [x.grad for x in inputs])


def micrograd(graph: Expression | Network) -> Drawn:
    """Draw as ``draw_dot`` of micrograd does: a record with data and gradient per Value, an ellipse per operation."""
    number = peer("micrograd.engine").Value
    if isinstance(graph, Expression):
        inputs = [number(x) for x in graph.inputs.values()]
        result = graph.function(*inputs)
    else:
        model = peer("micrograd.nn").MLP(len(graph.rows[0]), graph.sizes)
        inputs = model.parameters()
        for parameter, value in zip(inputs, _model(graph).parameters()):
            parameter.data = value.data
        result = _loss(model, graph, number)
    result.backward()
    start = time.perf_counter()
    dot = peer("graphviz").Digraph(format="svg", graph_attr={"rankdir": "LR"})
    seen, stack = {id(result): result}, [result]
    while stack:
        node = stack.pop()
        name = str(id(node))
        dot.node(name, f"{{ data {node.data:.4f} | grad {node.grad:.4f} }}", shape="record")
        if node._op:
            dot.node(name + node._op, node._op)
            dot.edge(name + node._op, name)
        for child in node._prev:
            dot.edge(str(id(child)), name + node._op)
            if id(child) not in seen:
                seen[id(child)] = child
                stack.append(child)
    svg = dot.pipe(encoding="utf-8")
    seconds = time.perf_counter() - start
    names = list(graph.inputs) if isinstance(graph, Expression) else [f"w{i}" for i in range(len(inputs))]
    return Drawn(svg, seconds, float(result.data), names, [x.data for x in inputs], [x.grad for x in inputs])


class _Torch:
    """A graph in PyTorch: a module, its inputs, its result after ``backward``, and its named tensors."""

    def __init__(self, graph: Expression | Network) -> None:
        torch = peer("torch")
        torch.set_default_dtype(torch.float64)
        nn = torch.nn

        class Module(nn.Module):  # type: ignore[name-defined, misc]  # the base class is known at run time only
            def __init__(self, function: Callable[..., Any], network: Any = None) -> None:
                super().__init__()
                self.network = network
                self.function = function

            def forward(self, *inputs: Any) -> Any:
                return self.function(*inputs)

        if isinstance(graph, Expression):
            self.inputs = [torch.tensor(x, requires_grad=True) for x in graph.inputs.values()]
            self.module = Module(graph.function)
            named = dict(zip(graph.inputs, self.inputs))
        else:
            sizes = [len(graph.rows[0]), *graph.sizes]
            layers = [nn.Linear(m, n) for m, n in zip(sizes, graph.sizes)]
            network = nn.Sequential(layers[0], nn.ReLU(), layers[1])
            numbers = iter([p.data for p in _model(graph).parameters()])
            with torch.no_grad():
                for layer in layers:  # our parameters are in the order of neurons: weights, bias
                    for weights, i in zip(layer.weight, range(len(layer.bias))):
                        weights.copy_(torch.tensor([next(numbers) for _ in weights]))
                        layer.bias[i] = next(numbers)
            targets = torch.tensor(graph.targets)
            self.inputs = [torch.tensor(graph.rows)]
            self.module = Module(lambda X: ((network(X) - targets) ** 2).sum(), network)
            named = dict(self.module.named_parameters())
        self.result = self.module(*self.inputs)
        self.result.backward(retain_graph=True)
        self.named: dict[str, Any] = named

    def drawn(self, svg: str, seconds: float) -> Drawn:
        """Return the picture with the names and numbers of the tensors."""
        data = [x for tensor in self.named.values() for x in tensor.detach().reshape(-1).tolist()]
        gradients = [x for tensor in self.named.values() for x in tensor.grad.reshape(-1).tolist()]
        return Drawn(svg, seconds, self.result.item(), list(self.named), data, gradients)


def torchviz(graph: Expression | Network) -> Drawn:
    """Draw with torchviz: the functions of PyTorch's backward pass."""
    made, library = _Torch(graph), peer("torchviz")
    start = time.perf_counter()
    svg = library.make_dot(made.result, params=made.named).pipe("svg", encoding="utf-8")
    return made.drawn(svg, time.perf_counter() - start)


def torchview(graph: Expression | Network) -> Drawn:
    """Draw with torchview: modules, functions and shapes."""
    made, library = _Torch(graph), peer("torchview")
    start = time.perf_counter()
    picture = library.draw_graph(made.module, input_data=made.inputs, graph_dir="LR").visual_graph
    return made.drawn(picture.pipe("svg", encoding="utf-8"), time.perf_counter() - start)


# torchvista names its groups node_<id>, moves and scales them by a transform, and sets colors and sizes by a style sheet.
_READ_TORCHVISTA = """() => {
  const svg = [...document.querySelectorAll("svg")].find(s => s.querySelector("g[class^=node_]"))
  const group = svg.querySelector("g"), box = group.getBBox()
  group.removeAttribute("transform")
  svg.setAttribute("viewBox", [box.x, box.y, box.width, box.height].join(" "))
  svg.setAttribute("width", box.width)
  svg.setAttribute("height", box.height)
  svg.removeAttribute("style")
  for (const shape of svg.querySelectorAll("path, rect, polygon, circle, ellipse, text")) {
    const style = getComputedStyle(shape)
    for (const name of ["fill", "stroke", "stroke-width"]) shape.setAttribute(name, style.getPropertyValue(name))
  }
  for (const text of svg.querySelectorAll("text")) text.setAttribute("font-size", getComputedStyle(text).fontSize)
  for (const group of svg.querySelectorAll("g[class^=node_]")) group.setAttribute("class", "node")
  svg.setAttribute("xmlns", "http://www.w3.org/2000/svg")
  return new XMLSerializer().serializeToString(svg)
}"""


def torchvista(graph: Expression | Network) -> Drawn:
    """Draw with torchvista: a page that draws itself in a browser. The time includes the start of the browser."""
    made, library, browser = _Torch(graph), peer("torchvista"), peer("playwright.sync_api")
    program = shutil.which("chromium") or shutil.which("google-chrome")
    if program is None:
        raise ImportError("torchvista needs a browser, Chromium or Chrome")
    made.module.eval()
    start = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()):
        page = Path(folder, "graph.html")
        library.trace_model(made.module, tuple(made.inputs), export_path=str(page), collapse_modules_after_depth=9)
        with browser.sync_playwright() as playwright:
            chromium = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
            tab = chromium.new_page()
            tab.goto(page.as_uri())
            tab.wait_for_selector("g[class^=node_]", state="attached")
            svg = tab.evaluate(_READ_TORCHVISTA)
            chromium.close()
    return made.drawn(svg, time.perf_counter() - start)


PEERS: Sequence[Callable[[Any], Drawn]] = (micrograd, torchviz, torchview, torchvista)
