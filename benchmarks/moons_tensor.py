"""The moons step written with NumPy arrays and with PyTorch and JAX tensors, for any widths and any number of points."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from moons_problem import L2, Problem, Step
from report import peer


def arrays(problem: Problem, numbers: Sequence[float]) -> list[Any]:
    """Return the parameters as NumPy arrays: per layer, weights of shape (outputs, inputs) and biases of shape (outputs,)."""
    np = peer("numpy")
    found, start = [], 0
    for weights, biases in problem.layers:
        for shape in ((len(weights), len(weights[0])), (len(biases),)):
            size = int(np.prod(shape))
            found.append(np.array(numbers[start : start + size], dtype=np.float64).reshape(shape))
            start += size
    return found


def flatten(gradients: Sequence[Any]) -> list[float]:
    """Return all elements of the arrays as one list."""
    np = peer("numpy")
    return [float(number) for array in gradients for number in np.asarray(array).ravel()]


def numpy_step(problem: Problem) -> Step:
    """Return the step with forward and backward pass written by hand."""
    np = peer("numpy")
    X, y = np.array(problem.X), np.array(problem.y, dtype=np.float64)
    parameters = arrays(problem, problem.numbers)
    gradients = [np.zeros_like(p) for p in parameters]
    last = len(parameters) - 2

    def run() -> float:
        inputs = [X]
        for i in range(0, last, 2):
            inputs.append(np.maximum(inputs[-1] @ parameters[i].T + parameters[i + 1], 0.0))
        margins = 1.0 - y * (inputs[-1] @ parameters[last].T + parameters[last + 1])[:, 0]
        squares = 0.0
        for p in parameters:
            squares += np.vdot(p, p)
        loss = np.maximum(margins, 0.0).mean() + L2 * squares
        upstream = (-y / len(y) * (margins > 0))[:, None]
        for i in range(last, -1, -2):
            x = inputs[i // 2]
            gradients[i] = upstream.T @ x + 2 * L2 * parameters[i]
            gradients[i + 1] = upstream.sum(0) + 2 * L2 * parameters[i + 1]
            if i:
                upstream = (upstream @ parameters[i]) * (x > 0)
        return float(loss)

    def load(numbers: Sequence[float]) -> None:
        parameters[:] = arrays(problem, numbers)

    return Step(run, load, lambda: flatten(gradients))


def torch_step(problem: Problem) -> Step:
    """Return the step with PyTorch tensors, on one thread."""
    torch = peer("torch")
    torch.set_num_threads(1)
    X, y = torch.tensor(problem.X, dtype=torch.float64), torch.tensor(problem.y, dtype=torch.float64)
    parameters = [torch.tensor(p, requires_grad=True) for p in arrays(problem, problem.numbers)]
    layers = list(zip(parameters[::2], parameters[1::2]))

    def run() -> Any:
        for p in parameters:
            p.grad = None
        x = X
        for W, bias in layers[:-1]:
            x = torch.relu(torch.nn.functional.linear(x, W, bias))
        scores = torch.nn.functional.linear(x, *layers[-1])[:, 0]
        loss = torch.relu(1 - y * scores).mean() + L2 * sum((p * p).sum() for p in parameters)
        loss.backward()
        return loss.detach()

    def load(numbers: Sequence[float]) -> None:
        for p, new in zip(parameters, arrays(problem, numbers)):
            p.data.copy_(torch.tensor(new))

    return Step(run, load, lambda: flatten([p.grad for p in parameters]))


def jax_step(problem: Problem, activation: str = "relu") -> Step:
    """Return the step with JAX arrays, compiled by ``jit`` at the first call."""
    jax = peer("jax")
    jax.config.update("jax_enable_x64", True)
    jnp = peer("jax.numpy")
    X, y = jnp.array(problem.X), jnp.array(problem.y, dtype=jnp.float64)
    state: list[Any] = [None, None]

    def loss(parameters: Any, X: Any, y: Any) -> Any:
        layers = list(zip(parameters[::2], parameters[1::2]))
        x = X
        for W, bias in layers[:-1]:
            x = getattr(jax.nn, activation)(x @ W.T + bias)
        scores = (x @ layers[-1][0].T + layers[-1][1])[:, 0]
        return jax.nn.relu(1 - y * scores).mean() + L2 * sum((p * p).sum() for p in parameters)

    value_and_grad = jax.jit(jax.value_and_grad(loss))

    def run() -> Any:
        value, state[1] = jax.block_until_ready(value_and_grad(state[0], X, y))
        return value

    def load(numbers: Sequence[float]) -> None:
        state[0] = [jnp.array(p) for p in arrays(problem, numbers)]

    load(problem.numbers)
    return Step(run, load, lambda: flatten(state[1]))
