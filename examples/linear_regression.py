"""Fit a straight line to five points with one linear neuron, and compare its gradients with the matrix formula.

    python examples/linear_regression.py

The points are X = 1..5, y = 1.2, 2.4, 3.6, 4.8, 5.0. Their least-squares line has slope 1.0, intercept 0.4 and a mean squared
error of 0.08. Gradient descent must converge to it.
"""

from __future__ import annotations

from nn import History, Neuron, fit, mse_loss

X = [[1.0], [2.0], [3.0], [4.0], [5.0]]
y = [1.2, 2.4, 3.6, 4.8, 5.0]


def train(model: Neuron, tolerance: float = 1e-9) -> History:
    """Run gradient descent on all points, with learning rate 0.01, until the gradient is smaller than ``tolerance``."""
    return fit(model, X, y, loss="mse", lr=0.01, epochs=100_000, tolerance=tolerance)


def gradients(model: Neuron) -> tuple[float, float]:
    """Return the derivatives of the loss with respect to weight and bias, by backpropagation."""
    model.zero_grad()
    mse_loss([model(row) for row in X], y).backward()
    return model.weights[0].grad, model.bias.grad


def matrix_gradients(model: Neuron) -> tuple[float, float]:
    """Return the same derivatives by the formulas dW = 2/N X'(XW + b - y) and db = 2/N sum(XW + b - y)."""
    w, b = model.weights[0].data, model.bias.data
    errors = [row[0] * w + b - target for row, target in zip(X, y, strict=True)]
    return 2 / len(X) * sum(row[0] * e for row, e in zip(X, errors, strict=True)), 2 / len(X) * sum(errors)


def main() -> None:
    """Train in four stages, and print the gradients after each."""
    model = Neuron(1, seed=0)
    print("                       dW, db by backpropagation        dW, db by the matrix formula")
    for tolerance in (1.0, 0.1, 0.001, 1e-9):
        epochs = len(train(model, tolerance).losses)
        numbers = "  ".join(f"{gradient:+.12f}" for gradient in gradients(model) + matrix_gradients(model))
        print(f"after {epochs:4} more epochs  {numbers}")
    loss = mse_loss([model(row) for row in X], y)
    print(f"slope {model.weights[0].data:.6f}, intercept {model.bias.data:.6f}, loss {loss.data:.6f}")


if __name__ == "__main__":
    main()
