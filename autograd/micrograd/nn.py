"""The networks of micrograd: multi-layer perceptrons of neurons with relu.

The weights are drawn by ``random.uniform``, in the same order as in micrograd, so ``random.seed`` leads to the same network.
"""

from __future__ import annotations

import random

from autograd.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any


class Module:
    """Base class of neurons, layers and networks."""

    def zero_grad(self) -> None:
        """Set the gradients of all parameters to 0."""
        for p in self.parameters():
            p.grad = 0.0

    def parameters(self) -> list[Value]:
        """Return the weights and biases."""
        return []


class Neuron(Module):
    """The weighted sum of the inputs plus a bias, followed by relu.

    Args:
        nin: Number of inputs.
        nonlin: Whether relu is applied.

    Attributes:
        w: The weights, one per input.
        b: The bias.
    """

    def __init__(self, nin: int, nonlin: bool = True) -> None:
        self.w: list[Value] = [Value(random.uniform(-1, 1)) for _ in range(nin)]
        self.b: Value = Value(0.0)
        self.nonlin: bool = nonlin

    def __call__(self, x: Iterable[Any]) -> Value:
        """Return the output for one row of inputs.

        Raises:
            ValueError: If the number of inputs is not the number of weights. micrograd ignores the surplus silently.
        """
        x = list(x)
        if len(x) != len(self.w):
            raise ValueError(f"x must have {len(self.w)} numbers, one per weight, not {len(x)}; pass one row")
        act: Value = sum((wi * xi for wi, xi in zip(self.w, x, strict=True)), self.b)
        return act.relu() if self.nonlin else act

    def parameters(self) -> list[Value]:
        """Return the weights, then the bias."""
        return [*self.w, self.b]

    def __repr__(self) -> str:
        return f"{'ReLU' if self.nonlin else 'Linear'}Neuron({len(self.w)})"


class Layer(Module):
    """Neurons that have the same inputs.

    Args:
        nin: Number of inputs of each neuron.
        nout: Number of neurons.
        **kwargs: Options of the neurons: ``nonlin``.

    Attributes:
        neurons: The neurons.
    """

    def __init__(self, nin: int, nout: int, **kwargs: Any) -> None:
        self.neurons: list[Neuron] = [Neuron(nin, **kwargs) for _ in range(nout)]

    def __call__(self, x: Iterable[Any]) -> Any:
        """Return the outputs of the neurons: a Value if there is one neuron, and otherwise a list."""
        x = list(x)
        out = [n(x) for n in self.neurons]
        return out[0] if len(out) == 1 else out

    def parameters(self) -> list[Value]:
        """Return the parameters of all neurons."""
        return [p for n in self.neurons for p in n.parameters()]

    def __repr__(self) -> str:
        return f"Layer of [{', '.join(map(str, self.neurons))}]"


class MLP(Module):
    """A multi-layer perceptron. All layers but the last apply relu.

    Args:
        nin: Number of inputs.
        nouts: Number of neurons in each layer.

    Attributes:
        layers: The layers.
    """

    def __init__(self, nin: int, nouts: Sequence[int]) -> None:
        sizes = [nin, *nouts]
        self.layers: list[Layer] = [Layer(sizes[i], sizes[i + 1], nonlin=i != len(nouts) - 1) for i in range(len(nouts))]

    def __call__(self, x: Iterable[Any]) -> Any:
        """Return the outputs of the last layer: a Value if it has one neuron, and otherwise a list."""
        for layer in self.layers:
            out = layer(x)
            x = out if isinstance(out, list) else [out]  # a hidden layer may have one neuron
        return out

    def parameters(self) -> list[Value]:
        """Return the parameters of all layers."""
        return [p for layer in self.layers for p in layer.parameters()]

    def __repr__(self) -> str:
        return f"MLP of [{', '.join(map(str, self.layers))}]"
