"""Backpropagation through two sigmoid layers, node by node and by matrices: both give the same gradients.

    python examples/two_layers.py

A layer computes z = W a + b and a = f(z). The backward pass starts from dL/da, the gradient of the loss L with respect to the
output a. With dz = dL/dz and the input a_in: dz = dL/da * f'(z), dW = dz a_in', db = dz, dL/da_in = W' dz. This example
writes these formulas with NumPy and compares them with ``backward``.
"""

from __future__ import annotations

import numpy as np

from autograd import Value
from nn import Layer, Module, mse_loss


class TwoLayers(Module):
    """A network of three inputs, four hidden sigmoid neurons and two sigmoid outputs."""

    def __init__(self, seed: int) -> None:
        self.hidden = Layer(3, 4, "sigmoid", seed)
        self.output = Layer(4, 2, "sigmoid", seed + 1)

    def __call__(self, inputs: list[float]) -> list[Value]:
        """Return the two outputs."""
        return self.output(self.hidden(inputs))


def matrices(layer: Layer) -> tuple[np.ndarray, np.ndarray]:
    """Return the weights of a layer, one row per neuron, and its biases."""
    W = [[weight.data for weight in neuron.weights] for neuron in layer.neurons]
    return np.array(W), np.array([neuron.bias.data for neuron in layer.neurons])


def matrix_gradients(model: TwoLayers, x: list[float], target: list[float]) -> list[np.ndarray]:
    """Return the gradients of the mean squared error with respect to W1, b1, W2 and b2, by the formulas."""
    (W1, b1), (W2, b2) = matrices(model.hidden), matrices(model.output)
    a0 = np.array(x)
    a1 = 1 / (1 + np.exp(-(W1 @ a0 + b1)))
    a2 = 1 / (1 + np.exp(-(W2 @ a1 + b2)))
    da2 = 2 / len(a2) * (a2 - np.array(target))
    dz2 = da2 * a2 * (1 - a2)
    dz1 = (W2.T @ dz2) * a1 * (1 - a1)
    return [np.outer(dz1, a0), dz1, np.outer(dz2, a1), dz2]


def node_gradients(model: TwoLayers, x: list[float], target: list[float]) -> list[np.ndarray]:
    """Return the same gradients by backpropagation."""
    model.zero_grad()
    mse_loss([model(x)], [target]).backward()
    found = []
    for layer in (model.hidden, model.output):
        found.append(np.array([[weight.grad for weight in neuron.weights] for neuron in layer.neurons]))
        found.append(np.array([neuron.bias.grad for neuron in layer.neurons]))
    return found


def main() -> None:
    """Print the largest difference for each matrix."""
    model, x, target = TwoLayers(seed=0), [0.5, -1.0, 2.0], [1.0, 0.0]
    pairs = zip(node_gradients(model, x, target), matrix_gradients(model, x, target), strict=True)
    for name, (by_nodes, by_matrices) in zip(("W1", "b1", "W2", "b2"), pairs, strict=True):
        print(f"{name}: {by_nodes.size:2} gradients, largest difference {np.abs(by_nodes - by_matrices).max():.1e}")


if __name__ == "__main__":
    main()
