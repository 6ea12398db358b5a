"""Why a network needs an activation function: exclusive or (XOR), with and without one.

    python examples/activations.py

XOR is 1 if exactly one of two inputs is 1. No straight line in the plane separates the inputs with output 1 from the inputs
with output 0. A layer without an activation function is z = W a + b, which separates by straight lines only. Two such layers
are equal to one:

    W2 (W1 a + b1) + b2 = (W2 W1) a + (W2 b1 + b2)

So more layers do not help. With an activation function between them, a = f(z), two layers can learn XOR.
"""

from __future__ import annotations

import numpy as np

from nn import ACTIVATIONS, Layer, Linear, Sequential, Training, fit

X = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]
y = [0.0, 1.0, 1.0, 0.0]


def train(activation: str, seed: int = 0) -> tuple[Sequential, float]:
    """Train a network with eight hidden neurons. Return it and its error; ``"linear"`` means no activation."""
    model = Sequential(Linear(2, 8, seed=seed), activation, Linear(8, 1, seed=seed + 1))
    if activation == "hardsigmoid":  # a straight line from -3 to 3; small weights would never leave it
        for weight in model.layers[0].parameters():
            weight.data *= 8.0
    history = fit(model, X, y, loss="mse", lr=0.1, epochs=3000, callbacks=[stop_when_learned])
    return model, history.losses[-1]


def stop_when_learned(training: Training) -> None:
    """End training when the error is small."""
    if training.history.losses[-1] < 1e-3:
        training.stop("learned")


def as_one_layer(model: Sequential) -> tuple[np.ndarray, np.ndarray]:
    """Return W2 W1 and W2 b1 + b2, the single layer equal to two layers without an activation function between them."""
    (W1, b1), (W2, b2) = matrices(model.layers[0]), matrices(model.layers[2])
    return W2 @ W1, W2 @ b1 + b2


def matrices(layer: Layer) -> tuple[np.ndarray, np.ndarray]:
    """Return the weights of a layer, one row per neuron, and its biases."""
    W = [[weight.data for weight in neuron.weights] for neuron in layer.neurons]
    return np.array(W), np.array([neuron.bias.data for neuron in layer.neurons])


def main() -> None:
    """Train with each activation function, and print the outputs for the four rows."""
    print("activation   loss     0 xor 0  0 xor 1  1 xor 0  1 xor 1")
    for activation in ACTIVATIONS:
        model, loss = train(activation)
        outputs = "  ".join(f"{model(row)[0].data:7.2f}" for row in X)
        print(f"{activation:10}  {loss:.3f}    {outputs}")
    W, b = as_one_layer(train("linear")[0])
    print(f"linear equals one layer: {W[0, 0]:+.2f} a1 {W[0, 1]:+.2f} a2 {b[0]:+.2f}, the best that a straight line can do")


if __name__ == "__main__":
    main()
