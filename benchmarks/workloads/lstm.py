"""An LSTM that predicts characters: loss and gradient, as in ADBench.

Two layers read 100 characters of 14 bits each. In this benchmark a gate multiplies numbers one by one, not by matrices:
``weight * x + bias``. The objective is from F. Srajer, Z. Kukelova and A. Fitzgibbon (2018), see ``gmm.py``, with this
change by its authors (github.com/microsoft/ADBench, docs). The parameters and the text are random.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np

import autograd
from autograd import dot, exp, log, sigmoid, tanh
from workloads.peers import jax_implementation, load_jax, load_torch
from workloads.workload import OURS, Array, Implementation, Workload

GATES = 4  # forget, ingate, outgate, change


def problem(layers: int, characters: int, bits: int) -> list[Array]:
    """Return the parameters of the gates and of the two ends, the initial state, and the text.

    The shapes are (layers, 2, 4, bits): weights and biases; (3, bits): scale of the input, scale and offset of the output;
    (layers, 2, bits): hidden and cell state; and (characters, bits).
    """
    rng = np.random.default_rng(0)
    text = rng.integers(0, 2, (characters, bits)).astype(float)
    return [rng.normal(size=(layers, 2, GATES, bits)), rng.normal(size=(3, bits)), rng.normal(size=(layers, 2, bits)), text]


def ours(gates: Array, ends: Array, state: Array, text: Array) -> Implementation:
    """Return the loss in scalars. The whole text is one row of a compiled function."""
    bits = text.shape[1]
    each = range(bits)

    def loss(parameters: Any, state: Any, text: Any) -> Any:
        gates, (scale_in, scale_out, offset) = parameters
        states = [list(layer) for layer in state]
        total: Any = 0.0
        for character, target in itertools.pairwise(text):
            x = [character[i] * scale_in[i] for i in each]
            for layer, (weights, biases) in enumerate(gates):
                hidden, cell = states[layer]
                inputs = (x, hidden, x, hidden)
                z = [[inputs[g][i] * weights[g][i] + biases[g][i] for i in each] for g in range(GATES)]
                cell = [cell[i] * sigmoid(z[0][i]) + sigmoid(z[1][i]) * tanh(z[3][i]) for i in each]
                x = [sigmoid(z[2][i]) * tanh(cell[i]) for i in each]
                states[layer] = [x, cell]
            y = [x[i] * scale_out[i] + offset[i] for i in each]
            normalizer = log(autograd.sum([exp(yi) for yi in y]) + 2)
            total = total + dot(target, [yi - normalizer for yi in y])
        return -total / (bits * (len(text) - 1))

    step = autograd.compile(loss, threads=1)
    arguments = ([gates[None], ends[None]], state[None], text[None])

    def read(result: Any) -> tuple[Any, Any]:
        value, (by_gates, by_ends) = result
        return value[0], np.concatenate([by_gates.ravel(), by_ends.ravel()])

    return Implementation(lambda: step.value_and_grad(*arguments), read)


def by_jax(gates: Array, ends: Array, state: Array, text: Array) -> Implementation:
    """Return the loss with ``scan`` over the characters. Without it, JAX compiles for minutes."""
    jax, jnp = load_jax()

    def step(parameters: Any, states: Any, pair: Any) -> Any:
        (gates, ends), (character, target) = parameters, pair
        x = character * ends[0]
        new = []
        for (weights, biases), (hidden, cell) in zip(gates, states, strict=True):
            z = jnp.stack([x, hidden, x, hidden]) * weights + biases
            new_cell = cell * jax.nn.sigmoid(z[0]) + jax.nn.sigmoid(z[1]) * jnp.tanh(z[3])
            x = jax.nn.sigmoid(z[2]) * jnp.tanh(new_cell)
            new.append(jnp.stack([x, new_cell]))
        y = x * ends[1] + ends[2]
        return jnp.stack(new), target @ (y - jnp.log(jnp.exp(y).sum() + 2))

    def loss(parameters: Any, state: Any, text: Any) -> Any:
        _, terms = jax.lax.scan(lambda states, pair: step(parameters, states, pair), state, (text[:-1], text[1:]))
        return -terms.sum() / text[1:].size

    def run(gates: Any, ends: Any, state: Any, text: Any) -> Any:
        value, gradients = jax.value_and_grad(loss)((gates, ends), state, text)
        return value, jnp.concatenate([gradient.ravel() for gradient in gradients])

    return jax_implementation(run, gates, ends, state, text)


def by_torch(gates: Array, ends: Array, state: Array, text: Array) -> Implementation:
    """Return the loss with PyTorch tensors, in a loop over the characters."""
    torch = load_torch()
    parameters = [torch.tensor(array, requires_grad=True) for array in (gates, ends)]
    start, sequence = torch.tensor(state), torch.tensor(text)

    def run() -> tuple[Any, Any]:
        gates, ends = parameters
        states = list(map(list, start))
        total: Any = 0.0
        for character, target in itertools.pairwise(sequence):
            x = character * ends[0]
            for layer, (weights, biases) in enumerate(gates):
                hidden, cell = states[layer]
                z = torch.stack([x, hidden, x, hidden]) * weights + biases
                cell = cell * torch.sigmoid(z[0]) + torch.sigmoid(z[1]) * torch.tanh(z[3])
                x = torch.sigmoid(z[2]) * torch.tanh(cell)
                states[layer] = [x, cell]
            y = x * ends[1] + ends[2]
            total = total + target @ (y - torch.log(torch.exp(y).sum() + 2))
        value = -total / sequence[1:].numel()
        gradients = torch.autograd.grad(value, parameters)
        return value.detach(), torch.cat([gradient.ravel() for gradient in gradients])

    return Implementation(run)


def lstm(layers: int, characters: int, bits: int) -> Workload:
    """Return the workload."""
    data = problem(layers, characters, bits)
    factories: dict[str, Callable[[], Implementation]] = {
        OURS: lambda: ours(*data),
        "JAX": lambda: by_jax(*data),
        "PyTorch": lambda: by_torch(*data),
    }
    text = f"Loss over {characters} characters and its gradient with respect to {data[0].size + data[1].size} parameters"
    return Workload(f"LSTM l{layers} c{characters} b{bits}", text, ("loss", "gradient"), factories)
