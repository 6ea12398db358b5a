"""Warnings of what is seldom meant in training a network."""

from __future__ import annotations

import re
from typing import Any

import autograd
from autograd import Value, topological_order
from nn.choices import shown
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
            raise TypeError(f"find_mistakes takes a Module, not {shown(model)}")
        self._changed: Any = [] if optimizer is None else getattr(optimizer, "parameters", None)
        if not isinstance(self._changed, list):
            raise TypeError(f"the optimizer must have a list of its parameters, as those of nn do, not be {optimizer!r:.60}")
        super().__init__(dict(model.named_parameters()))
        self._model = model

    def before_backward(self, root: Value, seed: float, adds: bool) -> None:
        """Look for all mistakes that can be seen when a pass begins."""
        if adds:
            names = {id(parameter): name for name, parameter in self._parameters}
            self._check_optimizer(names)
            self._check_relus(root, names)
        super().before_backward(root, seed, adds)

    def _check_optimizer(self, names: dict[int, str]) -> None:
        """Whether what the optimizer changes is what the model has."""
        present = dict(self._model._find(Value))
        in_model = set(map(id, present.values()))
        for parameter in self._changed:
            if id(parameter) not in in_model:
                name = names.get(id(parameter), "")
                what = f"was {name} of {self._model!r}" if name else f"is {parameter!r}"
                way = "to change a parameter, assign to its data, and make the optimizer after the model"
                message = f"the optimizer changes a Value that {what}, but is not in the model now; {way}"
                self.warn("optimizer", parameter, message, self.place_of(present[name]) if name in present else None)

    def _check_relus(self, root: Value, names: dict[int, str]) -> None:
        layers: dict[str, list[Value]] = {}
        for node in topological_order(root):
            known = [names[id(x)] for x in node.operands[0].operands if id(x) in names] if node.op == "relu" else []
            if known:  # of the layer "layers.0" is "layers.0.neurons.3.weights.1", of "w" is "w.2.1"
                layers.setdefault(re.split(r"\.neurons\.|(?:\.\d+)+$", known[0])[0], []).append(node)
        for layer, relus in layers.items():
            if not any(relu.data for relu in relus):
                way = "if that lasts, the layer is dead: try a smaller learning rate, standardized inputs, or leaky_relu"
                dead = f"every relu of {layer} is 0 in this backward() ({len(relus):,} of them), so no gradient gets through"
                self.warn("relu", layer, f"{dead}; {way}", self.place_of(relus[0]))
