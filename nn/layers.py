"""What networks are made of: a neuron, a layer of neurons, and dropout."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from autograd import Value, affine, dot, elementwise
from nn.activations import Activation, activation_function, activation_name, linear
from nn.choices import NO_LISTS, Seed, generator, positive_int, probability, switch
from nn.init import Init, init_function, init_name
from nn.modules import Fixed, Module

Options = dict[str, tuple[Any, Any]]  # what was given, and the default


class Neuron(Fixed):
    """``activation(weights[0] * inputs[0] + weights[1] * inputs[1] + ... + bias)``.

    Args:
        n_inputs: how many inputs it takes.
        activation: a name in ``nn.ACTIVATIONS`` or a function of one Value.
        seed: what the first weights are drawn by: an int gives the same each time; None, others; or a ``random.Random`` or a
            NumPy Generator to draw them from.
        bias: False for none; ``bias`` is then the number 0.0, and no parameter.
        init: how they are drawn: a name in ``nn.INITS`` or a function of ``fan_in`` (here ``n_inputs``), ``fan_out`` and a
            generator; None for what fits the activation.
        fan_out: how many neurons there are in its layer, for ``init``.

    >>> neuron = Neuron(2, "relu", seed=0)
    >>> neuron([1.0, -2.0])
    Value(0.0, grad=0.0, op='relu')
    """

    n_outputs = 1

    def __init__(
        self,
        n_inputs: int,
        activation: str | Activation = "linear",
        seed: Seed = None,
        *,
        bias: bool = True,
        init: str | Init | None = None,
        fan_out: int = 1,
    ) -> None:
        rng = generator(seed)
        self.n_inputs = positive_int(n_inputs, "n_inputs")
        self.activation = activation_function(activation)
        draw = init_function(init, self.activation)
        positive_int(fan_out, "fan_out")
        # A tuple, which dot() takes as it is; a list it would have to copy each time.
        self.weights = tuple([Value(draw(n_inputs, fan_out, rng)) for _ in range(n_inputs)])
        self.bias: Any = Value(0.0) if switch(bias, "bias") else 0.0
        self._options = _options(self.activation, bias, init)

    def __call__(self, inputs: Iterable[Any]) -> Value:
        """One Value, from ``n_inputs`` Values or numbers.

        Raises:
            ValueError: for any other number of inputs.
            TypeError: for what is no list, or has something else in it.
        """
        row = inputs if type(inputs) is list else as_row(inputs, self)
        if len(row) != self.n_inputs:
            raise ValueError(_wrong_length(row, self))
        return self.activation(dot(self.weights, row, self.bias))

    def __repr__(self) -> str:
        return call_of(self, self.n_inputs, options=self._options)


class Layer(Fixed):
    """``n_outputs`` neurons with the same inputs: ``z = W a + b``, one weighted sum a neuron, and ``activation(z)`` of each.

    Args:
        n_inputs: how many inputs it takes.
        n_outputs: how many neurons it has.
        activation, seed, bias, init: as of each ``Neuron``.

    >>> layer = Layer(2, 3, seed=0)
    >>> len(layer([1.0, -2.0]))
    3
    """

    def __init__(
        self,
        n_inputs: int,
        n_outputs: int,
        activation: str | Activation = "linear",
        seed: Seed = None,
        *,
        bias: bool = True,
        init: str | Init | None = None,
    ) -> None:
        rng = generator(seed)
        self.n_inputs, self.n_outputs = positive_int(n_inputs, "n_inputs"), positive_int(n_outputs, "n_outputs")
        self.activation = activation_function(activation)
        self.neurons = tuple(
            [Neuron(n_inputs, activation, rng, bias=bias, init=init, fan_out=n_outputs) for _ in range(n_outputs)]
        )
        weights = tuple([neuron.weights for neuron in self.neurons])
        biases = tuple([neuron.bias for neuron in self.neurons])
        self._parts = self.n_inputs, weights, biases, self.activation
        self._options = _options(self.activation, bias, init)

    def __call__(self, inputs: Iterable[Any]) -> list[Value]:
        """A list of ``n_outputs`` Values, from ``n_inputs`` Values or numbers.

        Raises:
            ValueError: for any other number of inputs.
            TypeError: for what is no list, or has something else in it.
        """
        # Training spends its time here: hence all neurons at once, and from one attribute.
        n_inputs, weights, biases, activation = self._parts
        row = inputs if type(inputs) is list else as_row(inputs, self)
        if len(row) != n_inputs:
            raise ValueError(_wrong_length(row, self))
        sums: list[Value] = affine(weights, row, biases)
        return sums if activation is linear else elementwise(activation, sums)

    def __repr__(self) -> str:
        return call_of(self, self.n_inputs, self.n_outputs, options=self._options)


class Linear(Layer):
    """A Layer without an activation function, ``z = W a + b``; its arguments are in the order of ``torch.nn.Linear``.

    >>> linear = Linear(2, 1, bias=False, init="zeros")
    >>> [z.data for z in linear([1.0, -2.0])], len(linear.parameters())
    ([0.0], 2)
    """

    def __init__(
        self, n_inputs: int, n_outputs: int, bias: bool = True, init: str | Init | None = None, seed: Seed = None
    ) -> None:
        super().__init__(n_inputs, n_outputs, seed=seed, bias=bias, init=init)


class Dropout(Module):
    """In training, sets each number to 0 with probability ``p``, and divides those kept by ``1 - p``, so that the mean stays.

    A network then cannot rely on any single neuron, which helps against overfitting. After ``eval()`` all numbers stay what
    they are (Srivastava et al. 2014, Dropout, section 10: inverted dropout).

    Args:
        p: from 0, without 1.
        seed: of what is drawn: an int gives the same each time; None, different; or a ``random.Random`` or a NumPy Generator.

    >>> dropout = Dropout(0.5, seed=1)
    >>> dropout([1.0, 1.0, 1.0, 1.0])
    [0.0, 2.0, 2.0, 0.0]
    >>> dropout.eval()([1.0, 1.0, 1.0, 1.0])
    [1.0, 1.0, 1.0, 1.0]
    """

    def __init__(self, p: float = 0.5, seed: Seed = None) -> None:
        self.p = probability(p, "p")
        self._rng = generator(seed)
        # While a call is recorded, to be replayed with other masks: what gives them instead of ``draw``. See nn/masks.py.
        self._masks: Callable[[int], Sequence[Any]] | None = None

    def draw(self, n: int) -> list[float]:
        """A mask: what each of ``n`` numbers is to be multiplied by, 0.0 or 1 / (1 - p)."""
        p, kept, random = self.p, 1 / (1 - self.p), self._rng.random  # looked up once: most of a replay's time goes by here
        return [0.0 if random() < p else kept for _ in range(n)]

    def __call__(self, inputs: Iterable[Any]) -> list[Any]:
        """A list of as many Values or numbers.

        Raises:
            TypeError: for what is no list.
        """
        row = list(as_row(inputs, self))
        if not self.training:
            return row
        mask = (self._masks or self.draw)(len(row))
        return [number * factor for number, factor in zip(row, mask, strict=True)]

    def __repr__(self) -> str:
        return f"Dropout({self.p})"


def as_row(inputs: Any, module: Module) -> Sequence[Any]:
    """What ``module`` was called with, as a list or a tuple.

    Raises:
        TypeError: if it is nothing with items in an order.
    """
    if hasattr(inputs, "tolist"):
        inputs = inputs.tolist()  # NumPy's own numbers would be slow
    if not isinstance(inputs, Iterable) or isinstance(inputs, NO_LISTS):
        raise TypeError(f"{module!r} takes a list of numbers or Values, not {type(inputs).__name__} ({inputs!r:.40})")
    return inputs if isinstance(inputs, list) else tuple(inputs)


def call_of(module: Module, *arguments: Any, options: Options) -> str:
    """How ``module`` is made; of its options, those that are not default."""
    shown = [f"{name}={value!r}" for name, (value, default) in options.items() if value != default]
    return f"{type(module).__name__}({', '.join([*map(repr, arguments), *shown])})"


def _options(activation: Activation, bias: bool, init: str | Init | None) -> Options:
    return {"activation": (activation_name(activation), "linear"), "bias": (bias, True), "init": (init_name(init), None)}


def _wrong_length(row: Sequence[Any], module: Neuron | Layer) -> str:
    return (
        f"{module!r} takes {module.n_inputs} inputs, not {len(row)}; a module takes one row at a time: "
        "[model(row) for row in X]"
    )
