"""Warnings of what is seldom meant in training a network."""

from __future__ import annotations

import re
from typing import Any

import autograd
from autograd import Value, topological_order
from nn.modules import Module


class find_mistakes(autograd.find_mistakes):  # noqa: N801 - used like a function
    """As ``autograd.find_mistakes(model.parameters())``, and within the block two more mistakes are told.

    - The optimizer holds a parameter that is no longer in the model, as its attribute was given another Value.
    - Every relu of a layer gives 0 for all rows of a ``backward``: nothing below it gets a gradient, and it may stay so.

    Args:
        model: a Module.
        optimizer: what trains it, with a list of ``parameters``; None to leave that out.

    Warns:
        MistakeWarning: at the line of your code.

    Raises:
        TypeError: if the model is not a Module, or the optimizer has no list of parameters.

    >>> import warnings
    >>> from nn import MLP, SGD
    >>> model = MLP(1, [2, 1], "relu", seed=0)
    >>> optimizer = SGD(model.parameters(), lr=0.1)
    >>> for neuron in model.layers[0].neurons:
    ...     neuron.bias.data = -10.0
    >>> with warnings.catch_warnings(record=True) as told, find_mistakes(model, optimizer):
    ...     model([1.0])[0].backward()
    >>> print(told[0].message)  # doctest: +ELLIPSIS
    every relu of layers.0 is 0 in this backward() (2 of them), so no gradient gets through; ...
    """

    def __init__(self, model: Module, optimizer: Any = None) -> None:
        if not isinstance(model, Module):
            raise TypeError(f"find_mistakes takes a Module, not {type(model).__name__} ({model!r:.40})")
        if optimizer is not None and not isinstance(getattr(optimizer, "parameters", None), list):
            raise TypeError(f"the optimizer must have a list of its parameters, as those of nn do, not be {optimizer!r:.60}")
        super().__init__(dict(model.named_parameters()))
        self._model = model
        self._optimizer = optimizer

    def before_backward(self, root: Value, seed: float, adds: bool) -> None:
        """Look for all mistakes that can be seen when a pass begins."""
        if adds:
            self._check_optimizer()
            self._check_relus(root)
        super().before_backward(root, seed, adds)

    def _check_optimizer(self) -> None:
        """Whether what the optimizer changes is what the model has."""
        values = {f"{prefix}{key}": value for computed in (False, True) for prefix, key, value in self._model._find(computed)}
        in_model = {id(value) for value in values.values()}
        names = {id(parameter): name for name, parameter in self._parameters}
        for parameter in [] if self._optimizer is None else self._optimizer.parameters:
            if id(parameter) not in in_model:
                name = names.get(id(parameter), "")
                now = values.get(name)
                what = f"was {name} of {self._model!r}" if name else f"is {parameter!r}"
                self.warn(
                    "optimizer",
                    parameter,
                    f"the optimizer changes a Value that {what}, but is not in the model now; to change a parameter, assign to "
                    "its data, and make the optimizer after the model",
                    self.place_of(now) if now else None,
                )

    def _check_relus(self, root: Value) -> None:
        names = {id(parameter): name for name, parameter in self._parameters}
        layers: dict[str, list[Value]] = {}
        for node in topological_order(root):
            if node.op == "relu":
                inputs = [names[id(x)] for x in node.operands[0].operands if id(x) in names]
                if inputs:
                    layers.setdefault(_layer(inputs[0]), []).append(node)
        for layer, relus in layers.items():
            if all(relu.data == 0.0 for relu in relus):
                self.warn(
                    "relu",
                    layer,
                    f"every relu of {layer} is 0 in this backward() ({len(relus):,} of them), so no gradient gets through; "
                    "if that lasts, the layer is dead: try a smaller learning rate, standardized inputs, or leaky_relu",
                    self.place_of(relus[0]),
                )


def _layer(name: str) -> str:
    """Of which layer a parameter is: ``layers.0`` for ``layers.0.neurons.3.weights.1``, ``w`` for ``w.2.1``."""
    return re.split(r"\.neurons\.|(?:\.\d+)+$", name)[0]
