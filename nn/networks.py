"""Networks: a sequence of layers, the multi-layer perceptron, and ``summary``, which lists the layers of a model."""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any, Never

from autograd import elementwise
from autograd.shared import counted
from nn.activations import ACTIVATIONS, Activation, Init, activation_function, arguments
from nn.base.checks import Seed, describe, generator, positive_int, probability
from nn.base.names import choose, library_of, name_of, suggesting
from nn.base.tables import Summary
from nn.layers import Dropout, Layer, as_row, not_one_row, one_argument
from nn.modules import Module


class Sequential(Module):
    """A sequence of layers. Each layer receives the output of the previous one.

    Args:
        parts: Modules, or activation functions, which are applied to each number: names in ``nn.ACTIVATIONS`` or functions
            of one Value.

    Attributes:
        layers: The parts, all as Modules. ``model[0]`` is the first one, and ``len(model)`` is their number.

    Raises:
        ValueError: If there are no parts, or a name is unknown.
        TypeError: If a part is anything else.

    >>> from nn import Linear
    >>> model = Sequential(Linear(2, 8, seed=0), "tanh", Linear(8, 1, seed=1))
    >>> len(model([1.0, -2.0])), len(model.parameters())
    (1, 33)
    >>> model[-1], len(model)
    (Linear(8, 1), 3)
    """

    @suggesting(remedies={"seed": "pass it to each part, such as Linear(2, 8, seed=0)"})
    def __init__(self, *parts: Module | str | Activation) -> None:
        if not parts:
            raise ValueError("Sequential needs at least one part, as in Sequential(Linear(2, 8), 'tanh', Linear(8, 1))")
        if len(parts) == 1 and isinstance(parts[0], list | tuple):
            raise TypeError(f"{type(self).__name__} needs its layers one by one, not in a list; write Sequential(*layers)")
        self.layers: list[Any] = [part if isinstance(part, Module) else _Elementwise(part) for part in parts]

    @one_argument
    def __call__(self, inputs: Iterable[Any], *more: Never) -> Any:
        """Return the output of the last part, usually a list of Values, for the inputs of the first one.

        Raises:
            ValueError, TypeError: Raised by a part, for example if the number of inputs is wrong.
        """
        if more:
            raise not_one_row(self, inputs, *more)
        row: Any = inputs
        for i, layer in enumerate(self.layers):
            try:
                row = layer(row)
            except ValueError:
                if i and (problems := self._misfits()):
                    raise ValueError(f"the layers of {self!r:.200} do not fit: {problems[0]}") from None
                raise
        return row

    def _misfits(self, prefix: str = "") -> list[str]:
        problems, n, before = [], 0, ""
        for i, layer in enumerate(self.layers):
            name, sizes = f"{prefix}layers.{i}", layer._sizes()
            if sizes:
                if n and sizes[0] != n:
                    found = f"{name} needs {counted(sizes[0], 'input')}, but {before} returns {counted(n, 'number')}"
                    problems.append(f"{found}; change one of them")
                n, before = sizes[-1], name
            elif not isinstance(layer, Dropout | _Elementwise):  # which keep the number
                n = 0
        return problems

    def _sizes(self) -> list[int]:
        return [size for layer in self.layers for size in layer._sizes()]

    def __len__(self) -> int:
        return len(self.layers)

    def __getitem__(self, index: int) -> Any:
        return self.layers[index]

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._arguments or ', '.join(map(repr, self.layers))})"


class MLP(Sequential):
    """A multi-layer perceptron: fully connected layers, of which the last one is linear.

    Args:
        n_inputs: Number of inputs.
        n_outputs: Number of neurons in each layer. ``[16, 3]`` means 16 hidden neurons and 3 outputs.
        activation: Activation of all layers except the last: a name in ``nn.ACTIVATIONS`` or a function of one Value.
        seed: Determines the initial weights. An int results in bit for bit the same weights each time. See ``Neuron``.
        init: Initializer of the weights: a name in ``nn.INITS`` or a function. By default, it depends on the activation.
        dropout: Probability ``p`` of a Dropout layer after each layer except the last. If 0, there is no Dropout layer.

    >>> model = MLP(2, [16, 16, 1], seed=0)
    >>> len(model([1.0, -2.0])), len(model.parameters())
    (1, 337)
    """

    @suggesting()
    def __init__(
        self, n_inputs: int, n_outputs: Sequence[int], activation: str | Activation = "tanh", seed: Seed = None,
        *, init: str | Init | None = None, dropout: float = 0.0,
    ) -> None:  # fmt: skip
        if isinstance(n_inputs, list | tuple) and n_inputs:
            raise TypeError(f"n_inputs must be an integer, not {n_inputs!r:.40}{self._instead(n_inputs)}")
        if not isinstance(n_outputs, Sequence) or isinstance(n_outputs, str) or not n_outputs:
            error = ValueError if isinstance(n_outputs, list | tuple) else TypeError
            raise error(f"n_outputs must list the number of neurons in each layer, as in MLP(4, [16, 3]), not {n_outputs!r}")
        sizes = [positive_int(n_inputs, "n_inputs"), *[positive_int(size, "n_outputs") for size in n_outputs]]
        activation_function(activation)  # validated even if there is only the last layer, which does not use it
        p, rng = probability(dropout, "dropout"), generator(seed)
        parts: list[Module] = []
        for fan_in, fan_out in pairwise(sizes[:-1]):
            parts += [Layer(fan_in, fan_out, activation, rng, init=init), *([Dropout(p, rng)] if p else [])]
        super().__init__(*parts, Layer(sizes[-2], sizes[-1], seed=rng, init=init))
        self._arguments = arguments(sizes[0], sizes[1:], activation=(activation, "tanh"), init=(init, None), dropout=(p, 0.0))

    @staticmethod
    def _instead(*given: Any) -> str:
        """Return what to write instead of ``MLP(*given)``, which lacks an argument."""
        sizes = [*given[0]] if given and isinstance(given[0], list | tuple) else []
        return f"; write MLP({sizes[0]!r}, {sizes[1:]!r})" if len(sizes) > 1 else "; write, for example, MLP(2, [3, 1])"


class _Elementwise(Module):
    """A function of one Value, applied to each number of a row."""

    def __init__(self, function: str | Activation) -> None:
        self.function = choose(function, ACTIVATIONS, "part", "a Module or a function of one Value")

    def __call__(self, inputs: Iterable[Any]) -> list[Any]:
        return elementwise(self.function, as_row(inputs, self))

    def __repr__(self) -> str:
        return repr(name_of(self.function, ACTIVATIONS))


def summary(model: Module) -> Summary:
    """Return the modules in ``model``, except single neurons of layers, with their shapes and numbers of parameters.

    Raises:
        TypeError: If ``model`` is not a Module.

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
        remedy = "; convert it with nn.from_torch(model)" if library_of(model) == "torch" else ""
        raise TypeError(f"model must be a Module, not {describe(model)}{remedy}")
    return model.summary()
