"""Programs written for micrograd run with its names from ``autograd.micrograd``. The programs are retold in our words."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from fresh import run_python
from graphviz import Digraph
from sklearn.datasets import make_moons

import autograd
import visualize
from autograd import Value
from autograd.micrograd.engine import Value as EngineValue
from autograd.micrograd.nn import MLP, Layer, Module, Neuron


def build_graph() -> tuple[Value, Value, Value]:
    """The expression in the README of micrograd."""
    a, b = Value(-4.0), Value(2.0)
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
    return a, b, g


# ---- draw_dot, as in the lecture "The spelled-out intro to neural networks and backpropagation" ----


def trace(root: Value) -> tuple[set[Any], set[Any]]:
    nodes, edges = set(), set()

    def build(v: Any) -> None:
        if v not in nodes:
            nodes.add(v)
            for child in v._prev:
                edges.add((child, v))
                build(child)

    build(root)
    return nodes, edges


def draw_dot(root: Value) -> Digraph:
    dot = Digraph(format="svg", graph_attr={"rankdir": "LR"})
    nodes, edges = trace(root)
    for n in nodes:
        uid = str(id(n))
        dot.node(name=uid, label="{ %s | data %.4f | grad %.4f }" % (n.label, n.data, n.grad), shape="record")  # noqa: UP031
        if n._op:
            dot.node(name=uid + n._op, label=n._op)
            dot.edge(uid + n._op, uid)
    for n1, n2 in edges:
        dot.edge(str(id(n1)), str(id(n2)) + n2._op)
    return dot


def lecture_neuron() -> Value:
    """The neuron of the lecture, whose output is 0.7071 and whose gradients are published: 1.0, -1.5, 0.0, 0.5."""
    x1, x2 = Value(2.0, label="x1"), Value(0.0, label="x2")
    w1, w2 = Value(-3.0, label="w1"), Value(1.0, label="w2")
    b = Value(6.8813735870195432, label="b")
    x1w1 = x1 * w1
    x2w2 = x2 * w2
    n = x1w1 + x2w2 + b
    o = n.tanh()
    o.label = "o"
    return o


def test_the_names_are_those_of_micrograd_and_the_class_is_ours() -> None:
    assert EngineValue is autograd.micrograd.Value is Value
    assert set(autograd.micrograd.__all__) == {"MLP", "Layer", "Module", "Neuron", "Value"}


def test_autograd_does_not_import_micrograd_by_itself() -> None:
    found = run_python("import autograd, sys; print('autograd.micrograd' in sys.modules, hasattr(autograd.Value, '_prev'))")
    assert found == "False False"


def test_draw_dot_of_the_lecture_draws_the_published_numbers() -> None:
    o = lecture_neuron()
    o.backward()
    source = draw_dot(o).source
    for label, data, grad in (("o", "0.7071", "1.0000"), ("x1", "2.0000", "-1.5000"), ("w1", "-3.0000", "1.0000"),
                              ("x2", "0.0000", "0.5000"), ("w2", "1.0000", "0.0000"), ("", "0.8814", "0.5000")):  # fmt: skip
        assert f"{{ {label} | data {data} | grad {grad} }}" in source
    assert source.count("shape=record") == 10
    assert source.count("->") == 9 + 5  # an edge per operand, and one from each of the five operations to its result
    assert "None" not in source


def test_draw_dot_of_the_readme_expression_has_the_nodes_of_the_graph() -> None:
    _, _, g = build_graph()
    nodes, edges = trace(g)
    constants = [node for node in nodes if node.op == "const"]
    assert len(nodes) - len(constants) == autograd.count_nodes(g)
    assert sorted(node.data for node in constants) == [1.0, 1.0, 2.0, 2.0, 3.0, 10.0]  # without the exponents 3 and 2
    assert {node._op for node in nodes} == {"", "+", "*", "-", "/", "**2", "**3", "ReLU", "neg"}
    assert len(edges) == sum(len(node._prev) for node in nodes)
    assert draw_dot(g).source.count("->") == len(edges) + sum(bool(node._op) for node in nodes)


def test_an_exponent_that_is_a_value_is_an_operand() -> None:
    x: Any = Value(2.0)
    y: Any = Value(3.0)
    assert ((x**y)._op, (x**y)._prev) == ("**", {x, y})
    assert ((2**y)._op, {child.data for child in (2**y)._prev}) == ("**", {2.0, 3.0})
    assert ((x**0.5)._op, (x**0.5)._prev) == ("**0.5", {x})


def test_labels_of_the_graph_remain_blank_in_repr_and_pictures() -> None:
    x = Value(2.0)
    y: Any = x * x
    assert y._prev == {x}
    assert repr(y) == "Value(4.0, grad=0.0, op='*')"
    assert list(autograd.node_names(y).values()) == ["v1", "v2"]


@pytest.mark.parametrize("build", [build_graph, lambda: (None, None, lecture_neuron())], ids=["readme", "lecture"])
def test_the_backward_pass_of_the_lecture_equals_backward(build: Any) -> None:
    """The lecture sorts the nodes itself and calls ``_backward`` of each, from the result to the leaves."""
    _, _, root = build()
    nodes, _ = trace(root)
    root.backward()
    expected = {node: node.grad for node in nodes if node.op != "const"}
    root.zero_grad()
    order: list[Value] = []
    visited = set()

    def build_topo(v: Any) -> None:
        if v not in visited:
            visited.add(v)
            for child in v._prev:
                build_topo(child)
            order.append(v)

    build_topo(root)
    root.grad = 1.0
    for node in reversed(order):
        node._backward()
    for node, gradient in expected.items():
        assert node.grad == pytest.approx(gradient, rel=1e-14)


def test_backward_by_hand_passes_nothing_where_a_path_is_blocked() -> None:
    x = Value(-1.0)
    root: Any = x.sqrt()
    gate: Any = autograd.where(x > 0, root, 0.0)
    relu: Any = x.relu()
    for y in (gate, relu):
        y.grad = float("inf")
    for node in [gate, *gate.operands, root, relu]:
        node._backward()
    assert (root.grad, x.grad) == (0.0, 0.0)
    leaf: Any = x
    leaf._backward()  # of a leaf does nothing
    assert x.grad == 0.0


def test_the_moons_demo_has_the_published_losses() -> None:
    """github.com/karpathy/micrograd, demo.ipynb: an SVM hinge loss with L2 regularization on two moons."""
    random.seed(1337)
    X, y = make_moons(n_samples=100, noise=0.1, random_state=1337)
    y = y * 2 - 1
    model = MLP(2, [16, 16, 1])
    assert len(model.parameters()) == 337
    found = []
    for step in range(3):
        scores = [model(list(map(Value, row))) for row in X]
        losses = [(1 + -yi * score).relu() for yi, score in zip(y, scores, strict=True)]
        total: Any = sum(losses) * (1.0 / len(losses)) + 1e-4 * sum(p * p for p in model.parameters())
        found.append((total.data, sum((yi > 0) == (score.data > 0) for yi, score in zip(y, scores, strict=True))))
        model.zero_grad()
        total.backward()
        for p in model.parameters():
            p.data -= (1.0 - 0.9 * step / 100) * p.grad
    assert [accuracy for _, accuracy in found] == [50, 81, 77]
    assert [loss for loss, _ in found] == pytest.approx([0.8958441028683222, 1.7235905336972022, 0.7429006313851131], rel=1e-13)


def test_the_lecture_trains_a_network_with_three_inputs() -> None:
    random.seed(0)
    n = MLP(3, [4, 4, 1])
    xs = [[2.0, 3.0, -1.0], [3.0, -1.0, 0.5], [0.5, 1.0, 1.0], [1.0, 1.0, -1.0]]
    ys = [1.0, -1.0, -1.0, 1.0]
    losses = []
    for _ in range(50):
        ypred = [n(x) for x in xs]
        loss: Any = sum((yout - ygt) ** 2 for ygt, yout in zip(ys, ypred, strict=True))
        for p in n.parameters():
            p.grad = 0.0
        loss.backward()
        for p in n.parameters():
            p.data += -0.01 * p.grad
        losses.append(loss.data)
    assert losses[-1] < 0.2 * losses[0]


def test_a_neuron_has_the_names_and_the_formula_of_micrograd() -> None:
    neuron, linear = Neuron(2), Neuron(2, nonlin=False)
    assert (len(neuron.w), neuron.b.data, neuron.nonlin) == (2, 0.0, True)
    assert all(-1 <= w.data <= 1 for w in neuron.w)
    assert neuron.parameters() == [*neuron.w, neuron.b]
    formula = linear.b.data + linear.w[0].data * 0.5 + linear.w[1].data * -2.0
    assert linear([0.5, -2.0]).data == formula
    linear.w[0].data, linear.w[1].data = -1.0, 1.0
    neuron.w[0].data, neuron.w[1].data = -1.0, 1.0
    assert (linear([1.0, 0.5]).data, neuron([1.0, 0.5]).data) == (-0.5, 0.0)
    assert [repr(neuron), repr(linear), repr(Layer(2, 2))] == [
        "ReLUNeuron(2)", "LinearNeuron(2)", "Layer of [ReLUNeuron(2), ReLUNeuron(2)]",
    ]  # fmt: skip


def test_one_output_is_a_value_and_several_are_a_list() -> None:
    assert isinstance(MLP(2, [3, 1])([1.0, 2.0]), Value)
    assert [type(out) for out in MLP(2, [3, 2])([1.0, 2.0])] == [Value, Value]
    assert isinstance(MLP(2, [1, 1])(np.array([1.0, 2.0])), Value)  # a hidden layer of one neuron
    assert isinstance(Layer(2, 1)([1.0, 2.0]), Value)


def test_zero_grad_resets_the_parameters() -> None:
    model = MLP(2, [2, 1])
    for p in model.parameters():
        p.grad = 3.0
    model.zero_grad()
    assert [p.grad for p in model.parameters()] == [0.0] * 9
    assert Module().parameters() == []


def test_a_row_of_the_wrong_length_is_an_error() -> None:
    with pytest.raises(ValueError, match=r"^x must have 2 numbers, one per weight, not 3; pass one row$"):
        MLP(2, [3, 1])([1.0, 2.0, 3.0])


networks: Any = autograd.micrograd  # without the types, for wrong arguments


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda: networks.MLP(2, [1])(1.0, 2.0), TypeError,
         "x must be one row, a list of numbers, not 1.0, 2.0; write model([1.0, 2.0])"),
        (lambda: networks.MLP(2, [1])(Value(1.0)), TypeError,
         "x must be one row, a list of numbers, not 1.0; write model([1.0])"),
        (lambda: networks.Neuron(3)(3), TypeError,
         "x must be one row, a list of numbers, not 3; write model([3])"),
        (lambda: networks.Layer(2, 2)(1.0), TypeError,
         "x must be one row, a list of numbers, not 1.0; write model([1.0])"),
        (lambda: networks.MLP(2, [1])([[1.0, 2.0], [3.0, 4.0]]), TypeError,
         "x must be one row, a list of numbers, not a table of 2 rows; write [model(row) for row in X]"),
        (lambda: networks.MLP(2, 1), TypeError, "nouts must be a list with the size of each layer, not 1; write MLP(2, [1])"),
        (lambda: networks.MLP(2, []), ValueError, "nouts must have at least one layer, not []; write MLP(2, [1])"),
        (lambda: networks.MLP(0, [1]), ValueError, "nin must be at least 1, not 0"),
        (lambda: networks.MLP(2, [0]), ValueError, "nout must be at least 1, not 0"),
        (lambda: networks.Neuron("2"), TypeError, "nin must be a whole number, not str ('2')"),
        (lambda: networks.Neuron(2)([1.0]), ValueError, "x must have 2 numbers, one per weight, not 1; pass one row"),
    ],
)  # fmt: skip
def test_wrong_arguments_have_a_remedy(call: Callable[[], Any], error: type[Exception], text: str) -> None:
    with pytest.raises(error) as caught:
        call()
    assert str(caught.value) == text


def test_the_parameters_have_names_for_pictures() -> None:
    model = MLP(2, [2, 1])
    named = model.named_parameters()
    assert [name for name, _ in named][2:5] == [
        "layers.0.neurons.0.bias", "layers.0.neurons.1.weights.0", "layers.0.neurons.1.weights.1",
    ]  # fmt: skip
    assert all(a is b for (_, a), b in zip(named, model.parameters(), strict=True))
    y = model([1.0, 2.0])
    assert "W1[1,0] * 1 =" in visualize.draw(y, model=model).to_text()
    assert "layer 1" in visualize.draw(model).to_text()
