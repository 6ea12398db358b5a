"""Small graphs that several tests draw."""

from __future__ import annotations

from autograd import Value, dot, tanh


def square() -> Value:
    """x * x."""
    x = Value(3.0, "x")
    return x * x


def product_plus_tanh() -> Value:
    """y = a * b + tanh(c), after ``backward``."""
    a, b, c = Value(2.0, "a"), Value(-3.0, "b"), Value(0.0, "c")
    y = a * b + tanh(c)
    y.label = "y"
    y.backward()
    return y


def neuron(terms: int) -> Value:
    """dot(w, x, b) = 1 * 10 + 2 * 10 + ... + 0.5, after ``backward``."""
    w = [Value(i + 1.0, f"w{i}") for i in range(terms)]
    x = [Value(10.0, f"x{i}") for i in range(terms)]
    y = dot(w, x, Value(0.5, "b"))
    y.backward(2.0)
    return y


def chain(length: int) -> Value:
    """A chain of ``length`` nodes."""
    y = Value(1.0)
    for _ in range(length - 1):
        y = tanh(y)
    return y
