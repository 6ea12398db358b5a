"""The networks of micrograd: multi-layer perceptrons of neurons with relu.

The weights are drawn by ``random.uniform``, in the same order as in micrograd, so ``random.seed`` leads to the same network.
"""

from __future__ import annotations

import random

from autograd.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
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

    def named_parameters(self) -> list[tuple[str, Value]]:
        """Return the parameters with the names of ``nn``: ``layers.0.neurons.3.weights.1``. ``draw`` uses them."""
        return list(_named(self, ""))


def _named(thing: Any, path: str) -> Iterator[tuple[str, Value]]:
    """Yield the Values in the attributes of modules and in lists, with their paths."""
    if isinstance(thing, Value):
        yield path, thing
    items = vars(thing) if isinstance(thing, Module) else dict(enumerate(thing)) if isinstance(thing, list) else {}
    for attribute, item in items.items():
        key = {"w": "weights", "b": "bias"}.get(str(attribute), str(attribute))
        yield from _named(item, f"{path}.{key}" if path else key)


def _row(x: Any, *more: Any) -> list[Any]:
    """Return the inputs of one call as a list.

    Raises:
        TypeError: If they are not one row of numbers.
    """
    if more or isinstance(x, Value) or not hasattr(x, "__iter__"):
        numbers = ", ".join(f"{number.data if isinstance(number, Value) else number!r:.20}" for number in (x, *more))
        raise TypeError(f"x must be one row, a list of numbers, not {numbers}; write model([{numbers}])")
    return list(x)


def _check_row(x: list[Any], size: int) -> None:
    if x and not isinstance(x[0], Value) and hasattr(x[0], "__iter__"):
        raise TypeError(f"x must be one row, a list of numbers, not a table of {len(x)} rows; write [model(row) for row in X]")
    if len(x) != size:
        raise ValueError(f"x must have {size} numbers, one per weight, not {len(x)}; pass one row")


def _check_size(name: str, size: Any) -> None:
    if isinstance(size, bool) or not isinstance(size, int):
        raise TypeError(f"{name} must be a whole number, not {type(size).__name__} ({size!r:.40})")
    if size < 1:
        raise ValueError(f"{name} must be at least 1, not {size}")


class Neuron(Module):
    """The weighted sum of the inputs plus a bias, followed by relu.

    Args:
        nin: Number of inputs.
        nonlin: Whether relu is applied.

    Raises:
        TypeError: If ``nin`` is not an int.
        ValueError: If ``nin`` is less than 1.

    Attributes:
        w: The weights, one per input.
        b: The bias.
    """

    def __init__(self, nin: int, nonlin: bool = True) -> None:
        _check_size("nin", nin)
        self.w: list[Value] = [Value(random.uniform(-1, 1)) for _ in range(nin)]
        self.b: Value = Value(0.0)
        self.nonlin: bool = nonlin

    def __call__(self, x: Iterable[Any], *more: Any) -> Value:
        """Return the output for one row of inputs.

        Raises:
            TypeError: If the inputs are not one row of numbers.
            ValueError: If the number of inputs is not the number of weights. micrograd ignores the surplus silently.
        """
        x = _row(x, *more)
        _check_row(x, len(self.w))
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

    Raises:
        TypeError: If a size is not an int.
        ValueError: If a size is less than 1.

    Attributes:
        neurons: The neurons.
    """

    def __init__(self, nin: int, nout: int, **kwargs: Any) -> None:
        _check_size("nout", nout)
        self.neurons: list[Neuron] = [Neuron(nin, **kwargs) for _ in range(nout)]

    def __call__(self, x: Iterable[Any], *more: Any) -> Any:
        """Return the outputs of the neurons: a Value if there is one neuron, and otherwise a list. Errors as for a neuron."""
        x = _row(x, *more)
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

    Raises:
        TypeError: If ``nouts`` is not a list, or a size is not an int.
        ValueError: If ``nouts`` is empty, or a size is less than 1.

    Attributes:
        layers: The layers.
    """

    def __init__(self, nin: int, nouts: Sequence[int]) -> None:
        if isinstance(nouts, str) or not hasattr(nouts, "__iter__"):
            raise TypeError(
                f"nouts must be a list with the size of each layer, not {nouts!r:.40}; write MLP({nin!r:.40}, [{nouts!r:.40}])"
            )
        if not len(nouts):
            raise ValueError(f"nouts must have at least one layer, not []; write MLP({nin!r:.40}, [1])")
        sizes = [nin, *nouts]
        self.layers: list[Layer] = [Layer(sizes[i], sizes[i + 1], nonlin=i != len(nouts) - 1) for i in range(len(nouts))]

    def __call__(self, x: Iterable[Any], *more: Any) -> Any:
        """Return the outputs of the last layer: a Value if it has one neuron, and otherwise a list. Errors as for a neuron."""
        x = _row(x, *more)
        for layer in self.layers:
            out = layer(x)
            x = out if isinstance(out, list) else [out]  # a hidden layer may have one neuron
        return out

    def parameters(self) -> list[Value]:
        """Return the parameters of all layers."""
        return [p for layer in self.layers for p in layer.parameters()]

    def __repr__(self) -> str:
        return f"MLP of [{', '.join(map(str, self.layers))}]"
