"""Graphs that the tests of the page show."""

from __future__ import annotations

import math
import random
from typing import Any

import autograd
import nn
from autograd import Value


def micrograd(a: float = -4.0, b: float = 2.0) -> Value:
    """The expression in the README of micrograd, which uses + * ** / - and relu."""
    first, second = Value(a, label="a"), Value(b, label="b")
    c = first + second
    d = first * second + second**3
    c += c + 1
    c += 1 + c + (-first)
    d += d * 2 + (second + first).relu()
    d += 3 * d + (second - first).relu()
    f = (c - d) ** 2
    g: Value = f / 2.0 + 10.0 / f
    g.label = "g"
    return g


def functions(x: float = 0.5, z: float = 2.0) -> Value:
    """Many different operations."""
    a, b = Value(x, label="x"), Value(z, label="z")
    y: Value = autograd.where(a > 0, a.log() * b, a.exp() / b) + autograd.maximum(a, b) % 0.7 + (a * b).erf() + b.gelu()
    y = y + a.softplus().hypot(b.atan2(a)) + autograd.dot([a, b], [b, 3.0], 0.25) + autograd.sum([a, b, a.tanh(), b // 0.3])
    y.label = "y"
    return y


def softmax_loss(*logits: float) -> Value:
    """A cross entropy, which subtracts the largest logit."""
    values = [Value(x, label=f"z{i}") for i, x in enumerate(logits)]
    loss = nn.cross_entropy([[x * 1.5 for x in values]], [0])
    loss.label = "loss"
    return loss


def not_finite() -> Value:
    """nan and inf."""
    x, y = Value(0.0, label="x"), Value(math.inf, label="big")
    z = x.log() * x + y - y
    z.label = "z"
    return z


def network(rows: int = 1, model: Any = None) -> tuple[Value, Any]:
    """The loss of an MLP with two layers, and the model."""
    model = model or nn.MLP(4, [16, 3], activation="tanh", seed=0)
    generator = random.Random(0)
    inputs = [[generator.gauss(0.0, 1.0) for _ in range(4)] for _ in range(rows)]
    loss = nn.cross_entropy([model(row) for row in inputs], [i % 3 for i in range(rows)])
    loss.label = "loss"
    return loss, model


def lattice(n: int) -> Value:
    """A graph of about n nodes in layers of ten."""
    generator = random.Random(0)
    layer, count = [Value(generator.uniform(-1.0, 1.0), label=f"x{i}") for i in range(10)], 10
    while count < n:
        pairs = [generator.sample(layer, 2) for _ in range(10)]
        layer = [(a * b).tanh() + a for a, b in pairs]
        count += 30
    y = autograd.sum(layer)
    y.label = "y"
    return y


HOSTILE = [
    'say "hi"', "it's", "a<b & c>d", "</script><script>alert(1)</script>", "<img src=x onerror=alert(1)>", "@@JS@@",
    "${alert(1)}", "line1\nline2", "👩‍🔬🚀", "משקולת אחת", "\u202eevil", "back\\slash \\n", "\u2028",
    "a very long label that goes on and on and on", "--><!--", "]]>",
]  # fmt: skip


def hostile() -> Value:
    """A product of Values with labels that could break HTML, scripts or the layout."""
    y = Value(1.0, label="start")
    for i, label in enumerate(HOSTILE):
        y = y * Value(i + 1.0, label=label)
    y.label = "<b>y</b>"
    return y


GRAPHS = {
    "square": lambda: Value(3.0, label="x") ** 2,
    "leaf": lambda: Value(3.0, label="x"),
    "micrograd": micrograd,
    "functions": functions,
    "softmax": lambda: softmax_loss(2.0, 1.0, 0.1),
    "not finite": not_finite,
    "hostile": hostile,
    "lattice": lambda: lattice(400),
    "network": lambda: network()[0],
}
