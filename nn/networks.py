"""Networks: parts one after another, and the multi-layer perceptron."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from autograd import elementwise
from nn.activations import ACTIVATIONS, Activation, activation_function, activation_name
from nn.choices import Seed, choose, generator, positive_int, probability
from nn.init import Init, init_name
from nn.layers import Dropout, Layer, Options, as_row, call_of
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
        return f"{type(self).__name__}({', '.join(map(repr, self.layers))})"


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
        self,
        n_inputs: int,
        n_outputs: Sequence[int],
        activation: str | Activation = "tanh",
        seed: Seed = None,
        *,
        init: str | Init | None = None,
        dropout: float = 0.0,
    ) -> None:
        listed = isinstance(n_outputs, Sequence) and not isinstance(n_outputs, str)
        if not (listed and n_outputs):
            error = ValueError if listed else TypeError
            raise error(f"n_outputs must list how many neurons each layer has, as in MLP(4, [16, 3]), not {n_outputs!r}")
        sizes = [positive_int(n_inputs, "n_inputs"), *[positive_int(size, "n_outputs") for size in n_outputs]]
        name = activation_name(activation_function(activation))  # known also where one layer, the last, does not use it
        self._options: Options = {"activation": (name, "tanh"), "init": (init_name(init), None)}
        self._options["dropout"] = probability(dropout, "dropout"), 0.0
        rng = generator(seed)
        parts: list[Module] = []
        for i in range(len(sizes) - 2):
            parts.append(Layer(sizes[i], sizes[i + 1], activation, rng, init=init))
            if dropout:
                parts.append(Dropout(dropout, rng))
        super().__init__(*parts, Layer(sizes[-2], sizes[-1], seed=rng, init=init))

    def __repr__(self) -> str:
        sizes = [layer.n_outputs for layer in self.layers if isinstance(layer, Layer)]
        return call_of(self, self.layers[0].n_inputs, sizes, options=self._options)


class _Elementwise(Module):
    """A function of one Value, applied to each number of a row."""

    def __init__(self, function: str | Activation) -> None:
        self.function = choose(function, ACTIVATIONS, "part", "a Module or a function of one Value")

    def __call__(self, inputs: Iterable[Any]) -> list[Any]:
        return elementwise(self.function, as_row(inputs, self))

    def __repr__(self) -> str:
        return repr(activation_name(self.function))
