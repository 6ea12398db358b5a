"""Networks: parts one after another, and the multi-layer perceptron; and ``summary``, the parts of a model as a table."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from autograd import elementwise
from nn.activations import ACTIVATIONS, Activation, Init, activation_function, arguments
from nn.base.checks import Seed, choose, generator, name_of, positive_int, probability, shown
from nn.layers import Dropout, Layer, Neuron, as_row
from nn.modules import Module


class Sequential(Module):
    """Parts one after another: each takes what the one before gives.

    Args:
        parts: Modules, or names in ``nn.ACTIVATIONS`` or functions of one Value, which are applied to each number of a row.

    Attributes:
        layers: the parts, all as Modules; ``model[0]`` is the first, and ``len(model)`` says how many there are.

    >>> from nn import Linear
    >>> model = Sequential(Linear(2, 8, seed=0), "tanh", Linear(8, 1, seed=1))
    >>> len(model([1.0, -2.0])), len(model.parameters())
    (1, 33)
    >>> model[-1], len(model)
    (Linear(8, 1), 3)
    """

    def __init__(self, *parts: Module | str | Activation) -> None:
        if not parts:
            raise ValueError("Sequential needs at least one part, as in Sequential(Linear(2, 8), 'tanh', Linear(8, 1))")
        self.layers: list[Any] = [part if isinstance(part, Module) else _Elementwise(part) for part in parts]

    def __call__(self, inputs: Iterable[Any]) -> Any:
        """What the last part gives, which mostly is a list of Values, from what the first takes.

        Raises:
            ValueError, TypeError: what its parts raise, as for a wrong number of inputs.
        """
        row: Any = inputs
        for layer in self.layers:
            row = layer(row)
        return row

    def __len__(self) -> int:
        return len(self.layers)

    def __getitem__(self, index: int) -> Any:
        return self.layers[index]

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._arguments or ', '.join(map(repr, self.layers))})"


class MLP(Sequential):
    """A multi-layer perceptron: layers in which each takes the outputs of the one before. The last one is linear.

    Args:
        n_inputs: how many numbers a row of data has.
        n_outputs: how many neurons each layer has, as ``[16, 3]``: 16 hidden neurons, 3 outputs.
        activation: of all layers but the last: a name in ``nn.ACTIVATIONS`` or a function of one Value.
        seed: an int makes the first weights the same each time, bit for bit; None, different; see ``Neuron``.
        init: how the weights are drawn: a name in ``nn.INITS`` or a function; None for what fits the activation.
        dropout: the ``p`` of a Dropout after each layer but the last; 0 for none.

    >>> model = MLP(2, [16, 16, 1], seed=0)
    >>> len(model([1.0, -2.0])), len(model.parameters())
    (1, 337)
    """

    def __init__(
        self, n_inputs: int, n_outputs: Sequence[int], activation: str | Activation = "tanh", seed: Seed = None,
        *, init: str | Init | None = None, dropout: float = 0.0,
    ) -> None:  # fmt: skip
        if not isinstance(n_outputs, Sequence) or isinstance(n_outputs, str) or not n_outputs:
            error = ValueError if isinstance(n_outputs, list | tuple) else TypeError
            raise error(f"n_outputs must list how many neurons each layer has, as in MLP(4, [16, 3]), not {n_outputs!r}")
        sizes = [positive_int(n_inputs, "n_inputs"), *[positive_int(size, "n_outputs") for size in n_outputs]]
        activation_function(activation)  # to be known also where one layer, the last, does not use it
        p, rng = probability(dropout, "dropout"), generator(seed)
        parts: list[Module] = []
        for fan_in, fan_out in pairwise(sizes[:-1]):
            parts += [Layer(fan_in, fan_out, activation, rng, init=init), *([Dropout(p, rng)] if p else [])]
        super().__init__(*parts, Layer(sizes[-2], sizes[-1], seed=rng, init=init))
        self._arguments = arguments(sizes[0], sizes[1:], activation=(activation, "tanh"), init=(init, None), dropout=(p, 0.0))


class _Elementwise(Module):
    """A function of one Value, applied to each number of a row."""

    def __init__(self, function: str | Activation) -> None:
        self.function = choose(function, ACTIVATIONS, "part", "a Module or a function of one Value")

    def __call__(self, inputs: Iterable[Any]) -> list[Any]:
        return elementwise(self.function, as_row(inputs, self))

    def __repr__(self) -> str:
        return repr(name_of(self.function, ACTIVATIONS))


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


class Summary(list[Part]):
    """The parts of a model, and last the model itself, each with ``name``, ``module``, ``shape``, ``parameters``: a list.

    Printed, it is a table.

    >>> summary(MLP(2, [16, 1]))[0]
    Part(name='layers.0', module="Layer(2, 16, activation='tanh')", shape='2 -> 16', parameters=48)
    """

    def __repr__(self) -> str:
        table = [Part._fields, *[(*part[:3], f"{part.parameters:,}") for part in self]]
        name, module, shape, number = (max(map(len, column)) for column in zip(*table, strict=True))
        return "\n".join(f"{a:<{name}}  {b:<{module}}  {c:>{shape}}  {d:>{number}}" for a, b, c, d in table)


def summary(model: Module) -> Summary:
    """The modules in ``model``, but for the neurons of layers: names, shapes, and how many parameters each has.

    Raises:
        TypeError: if ``model`` is not a Module.

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
        raise TypeError(f"summary takes a Module, not {shown(model)}")
    neurons = {id(neuron) for layer in model.modules() if isinstance(layer, Layer) for neuron in layer.neurons}
    parts = Summary()
    for name, module in [*model.named_modules()[1:], ("total", model)]:
        if id(module) not in neurons:
            # The repr of a Sequential would tell again, in one long line, what has rows of its own.
            text = "Sequential" if type(module) is Sequential else repr(module)
            sizes = _sizes(module)
            parts.append(Part(name, text, f"{sizes[0]} -> {sizes[-1]}" if sizes else "", len(module.parameters())))
    return parts


def _sizes(module: Module) -> list[int]:
    """How many inputs and outputs each layer has, one after another."""
    if isinstance(module, Sequential):
        return [size for layer in module.layers for size in _sizes(layer)]
    return [module.n_inputs, module.n_outputs] if isinstance(module, Neuron | Layer) else []
