"""``summary``: the parts of a model as a table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from nn.layers import Layer
from nn.modules import Module
from nn.networks import Sequential


class Part(NamedTuple):
    """A row of a Summary.

    Attributes:
        name: by which it is found in the model.
        module: its repr, which shows what is not default; just ``Sequential`` for one.
        shape: how many inputs and outputs it has, as ``2 -> 16``; nothing if it takes any number.
        parameters: how many, all in it included.
    """

    name: str
    module: str
    shape: str
    parameters: int


@dataclass(frozen=True)
class Summary:
    """The parts of a model, and last the model itself; printed, it is a table.

    Attributes:
        parts: the rows, each with ``name``, ``module``, ``shape`` and ``parameters``.

    >>> from nn import MLP
    >>> summary(MLP(2, [16, 1])).parts[0]
    Part(name='layers.0', module="Layer(2, 16, activation='tanh')", shape='2 -> 16', parameters=48)
    """

    parts: list[Part]

    def __repr__(self) -> str:
        table = [Part._fields, *[(*part[:3], f"{part.parameters:,}") for part in self.parts]]
        name, module, shape, number = (max(map(len, column)) for column in zip(*table, strict=True))
        lines = [f"{a:<{name}}  {b:<{module}}  {c:>{shape}}  {d:>{number}}" for a, b, c, d in table]
        return "\n".join(lines)


def summary(model: Module) -> Summary:
    """The modules in ``model``, but for the neurons of layers: names, shapes, and how many parameters each has.

    Raises:
        TypeError: if ``model`` is not a Module.

    >>> from nn import MLP
    >>> summary(MLP(2, [16, 16, 1], dropout=0.2))
    name      module                               shape  parameters
    layers.0  Layer(2, 16, activation='tanh')    2 -> 16          48
    layers.1  Dropout(0.2)                                         0
    layers.2  Layer(16, 16, activation='tanh')  16 -> 16         272
    layers.3  Dropout(0.2)                                         0
    layers.4  Layer(16, 1)                       16 -> 1          17
    total     MLP(2, [16, 16, 1], dropout=0.2)    2 -> 1         337
    """
    if not isinstance(model, Module):
        raise TypeError(f"summary takes a Module, not {type(model).__name__} ({model!r:.40})")
    (_, itself), *named = model.named_modules()
    in_layers = {id(neuron) for module in model.modules() if isinstance(module, Layer) for neuron in module.neurons}
    shown = [(name, module) for name, module in named if id(module) not in in_layers]
    return Summary([_part(name, module) for name, module in [*shown, ("total", itself)]])


def _part(name: str, module: Module) -> Part:
    # The repr of a Sequential would tell again, in one long line, what has rows of its own.
    text = "Sequential" if type(module) is Sequential else repr(module)
    return Part(name, text, _shape(module), len(module.parameters()))


def _shape(module: Module) -> str:
    sizes = _sizes(module)
    return f"{sizes[0]} -> {sizes[-1]}" if sizes else ""


def _sizes(module: Module) -> list[int]:
    """How many inputs and outputs each layer has, one after another."""
    if isinstance(module, Sequential):
        return [size for layer in module.layers for size in _sizes(layer)]
    n_inputs, n_outputs = getattr(module, "n_inputs", None), getattr(module, "n_outputs", None)
    return [n_inputs, n_outputs] if isinstance(n_inputs, int) and isinstance(n_outputs, int) else []
