"""What networks are made of: a neuron, a layer of neurons, and dropout."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

from autograd import Value, affine, dot, elementwise
from nn.activations import Activation, Init, activation_function, arguments, init_function, linear
from nn.base.checks import NO_LISTS, Seed, generator, positive_int, probability, shown, switch
from nn.modules import Module


class Fixed(Module):
    """A module whose public attributes, but for ``training``, stay the objects that they were first."""

    def __setattr__(self, name: str, value: Any) -> None:
        if hasattr(self, name) and name != "training" and not name.startswith("_"):
            way = "to change a parameter, assign to its data; for weights of your own, a Module can call autograd.affine"
            raise AttributeError(f"{name} of {self!r} is fixed when it is made, and cannot be replaced; {way}")
        super().__setattr__(name, value)


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
        self, n_inputs: int, activation: str | Activation = "linear", seed: Seed = None,
        *, bias: bool = True, init: str | Init | None = None, fan_out: int = 1,
    ) -> None:  # fmt: skip
        rng, fan_out = generator(seed), positive_int(fan_out, "fan_out")
        self.n_inputs = positive_int(n_inputs, "n_inputs")
        self.activation = activation_function(activation)
        draw = init_function(init, self.activation)
        # A tuple, which dot() takes as it is; a list it would have to copy each time.
        self.weights = tuple([Value(draw(self.n_inputs, fan_out, rng)) for _ in range(self.n_inputs)])
        self.bias: Any = Value(0.0) if switch(bias, "bias") else 0.0
        self._arguments = arguments(self.n_inputs, activation=(activation, "linear"), bias=(bias, True), init=(init, None))

    def __call__(self, inputs: Iterable[Any]) -> Value:
        """One Value, from ``n_inputs`` Values or numbers.

        Raises:
            ValueError: for any other number of inputs.
            TypeError: for what is no list, or has something else in it.
        """
        row = inputs if type(inputs) is list and len(inputs) == self.n_inputs else as_row(inputs, self, self.n_inputs)
        return self.activation(dot(self.weights, row, self.bias))


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
        self, n_inputs: int, n_outputs: int, activation: str | Activation = "linear", seed: Seed = None,
        *, bias: bool = True, init: str | Init | None = None,
    ) -> None:  # fmt: skip
        n, rng = positive_int(n_outputs, "n_outputs"), generator(seed)
        self.neurons = tuple([Neuron(n_inputs, activation, rng, bias=bias, init=init, fan_out=n) for _ in range(n)])
        first = self.neurons[0]
        self.n_inputs, self.n_outputs, self.activation = first.n_inputs, n, first.activation
        weights, biases = zip(*[(neuron.weights, neuron.bias) for neuron in self.neurons], strict=True)
        self._parts = self.n_inputs, weights, biases, self.activation
        self._arguments = arguments(first.n_inputs, n, activation=(activation, "linear"), bias=(bias, True), init=(init, None))

    def __call__(self, inputs: Iterable[Any]) -> list[Value]:
        """A list of ``n_outputs`` Values, from ``n_inputs`` Values or numbers.

        Raises:
            ValueError: for any other number of inputs.
            TypeError: for what is no list, or has something else in it.
        """
        # Training spends its time here: hence all neurons at once, and from one attribute.
        n_inputs, weights, biases, activation = self._parts
        row = inputs if type(inputs) is list and len(inputs) == n_inputs else as_row(inputs, self, n_inputs)
        sums: list[Value] = affine(weights, row, biases)
        return sums if activation is linear else elementwise(activation, sums)


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
        self.p, self._rng = probability(p, "p"), generator(seed)

    def draw(self, n: int) -> list[float]:
        """A mask: what each of ``n`` numbers is to be multiplied by, 0.0 or 1 / (1 - p)."""
        p, kept, random = self.p, 1 / (1 - self.p), self._rng.random  # looked up once: most of a replay's time goes by here
        return [0.0 if random() < p else kept for _ in range(n)]

    def __call__(self, inputs: Iterable[Any]) -> list[Any]:
        """A list of as many Values or numbers.

        Raises:
            TypeError: for what is no list, or, in training, has something else in it.
        """
        row = list(as_row(inputs, self))
        if not self.training:
            return row
        try:
            return [number * factor for number, factor in zip(row, self.draw(len(row)), strict=True)]
        except TypeError:
            raise no_numbers(row, self) from None

    def __repr__(self) -> str:
        return f"Dropout({self.p})"


@contextmanager
def drawing(modules: Iterable[Module], draw: Callable[[Dropout, int], Sequence[Any]]) -> Iterator[None]:
    """Within it, the Dropouts among some modules take a mask for n numbers from ``draw(dropout, n)``: numbers or Values.

    >>> dropout = Dropout(0.5)
    >>> with drawing([dropout], lambda dropout, n: [0.0] * (n - 1) + [2.0]):
    ...     dropout([1.0, 1.0, 1.0])
    [0.0, 0.0, 2.0]
    """
    dropouts = [module for module in modules if isinstance(module, Dropout)]
    for dropout in dropouts:
        vars(dropout)["draw"] = partial(draw, dropout)  # instead of the method
    try:
        yield
    finally:
        for dropout in dropouts:
            del vars(dropout)["draw"]


def as_row(inputs: Any, module: Module, n_inputs: int | None = None) -> Sequence[Any]:
    """What ``module`` was called with, as a list or a tuple.

    Raises:
        TypeError: if it is nothing with items in an order.
        ValueError: if there are not ``n_inputs`` of them.
    """
    if hasattr(inputs, "tolist"):
        inputs = inputs.tolist()  # NumPy's own numbers would be slow
    if not isinstance(inputs, Iterable) or isinstance(inputs, NO_LISTS):
        raise no_numbers(inputs, module)
    row = inputs if isinstance(inputs, list) else tuple(inputs)
    if n_inputs not in (None, len(row)):
        way = "a module takes one row at a time: [model(row) for row in X]"
        raise ValueError(f"{module!r} takes {n_inputs} inputs, not {len(row)}; {way}")
    return row


def no_numbers(inputs: Any, module: Module) -> TypeError:
    """The error to raise."""
    return TypeError(f"{module!r} takes a list of numbers or Values, not {shown(inputs)}")
