"""The building blocks of networks: a neuron, a layer of neurons, and dropout."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any, Never, TypeVar

from autograd import Value, affine, dot, elementwise
from autograd.shared import counted
from nn.activations import Activation, Init, activation_function, arguments, init_function, linear
from nn.base.checks import NOT_LISTS, Seed, boolean, describe, generator, positive_int, probability
from nn.base.names import suggesting, tidy_signature
from nn.modules import Module

Result = TypeVar("Result")


def one_argument(method: Callable[..., Result]) -> Callable[[Any, Iterable[Any]], Result]:
    """Return ``method``, which for type checkers and readers has one argument.

    Others are accepted only to raise a clear error.
    """
    return tidy_signature(method)


class Fixed(Module):
    """A module whose public attributes, except those of ``Module`` such as ``training``, cannot be replaced."""

    n_inputs: int
    n_outputs: int

    def __setattr__(self, name: str, value: Any) -> None:
        if hasattr(self, name) and name not in Module.__annotations__ and not name.startswith("_"):
            remedy = "assign to the data of its parameters, or write a Module that calls autograd.affine"
            raise AttributeError(f"{name} of {self!r} cannot be replaced; {remedy}")
        super().__setattr__(name, value)

    def _sizes(self) -> list[int]:
        return [self.n_inputs, self.n_outputs]


class Neuron(Fixed):
    """A neuron: ``activation(weights[0] * inputs[0] + weights[1] * inputs[1] + ... + bias)``.

    Args:
        n_inputs: Number of inputs.
        activation: A name in ``nn.ACTIVATIONS`` or a function of one Value.
        seed: Determines the initial weights. An int results in the same weights each time, None in different ones. A
            ``random.Random`` or a NumPy Generator is used to draw them.
        bias: Whether there is a bias. If False, ``bias`` is the number 0.0 and not a parameter.
        init: Initializer of the weights: a name in ``nn.INITS`` or a function of ``fan_in`` (here ``n_inputs``), ``fan_out``
            and a generator. By default, it depends on the activation.
        fan_out: Number of neurons in the layer, for ``init``.

    >>> neuron = Neuron(2, "relu", seed=0)
    >>> neuron([1.0, -2.0])
    Value(0.0, grad=0.0, op='relu')
    """

    n_outputs: int = 1

    @suggesting()
    def __init__(
        self, n_inputs: int, activation: str | Activation = "linear", seed: Seed = None,
        *, bias: bool = True, init: str | Init | None = None, fan_out: int = 1,
    ) -> None:  # fmt: skip
        rng, fan_out = generator(seed), positive_int(fan_out, "fan_out")
        self.n_inputs: int = positive_int(n_inputs, "n_inputs")
        self.activation: Activation = activation_function(activation)
        draw = init_function(init, self.activation)
        # A tuple, which dot() uses directly; it would copy a list in each call.
        self.weights: tuple[Value, ...] = tuple([Value(draw(self.n_inputs, fan_out, rng)) for _ in range(self.n_inputs)])
        self.bias: Any = Value(0.0) if boolean(bias, "bias") else 0.0
        self._arguments = arguments(self.n_inputs, activation=(activation, "linear"), bias=(bias, True), init=(init, None))

    @one_argument
    def __call__(self, inputs: Iterable[Any], *more: Never) -> Value:
        """Return the output for ``n_inputs`` Values or numbers.

        Raises:
            ValueError: If the number of inputs is wrong.
            TypeError: If ``inputs`` is not a list of Values or numbers.
        """
        if more:
            raise not_one_row(self, inputs, *more)
        row = inputs if type(inputs) is list and len(inputs) == self.n_inputs else as_row(inputs, self, self.n_inputs)
        try:
            total = dot(self.weights, row, self.bias)
        except TypeError:
            as_row(row, self)  # has a clearer message for a table
            raise
        return self.activation(total)


class Layer(Fixed):
    """A layer of ``n_outputs`` neurons with the same inputs: ``activation(W a + b)``.

    Args:
        n_inputs: Number of inputs.
        n_outputs: Number of neurons.
        activation, seed, bias, init: See ``Neuron``.

    >>> layer = Layer(2, 3, seed=0)
    >>> len(layer([1.0, -2.0]))
    3
    """

    @suggesting()
    def __init__(
        self, n_inputs: int, n_outputs: int, activation: str | Activation = "linear", seed: Seed = None,
        *, bias: bool = True, init: str | Init | None = None,
    ) -> None:  # fmt: skip
        n, rng = positive_int(n_outputs, "n_outputs"), generator(seed)
        neurons = [Neuron(n_inputs, activation, rng, bias=bias, init=init, fan_out=n) for _ in range(n)]
        self.neurons: tuple[Neuron, ...] = tuple(neurons)
        self.n_inputs: int = self.neurons[0].n_inputs
        self.n_outputs: int = n
        self.activation: Activation = self.neurons[0].activation
        weights, biases = zip(*[(neuron.weights, neuron.bias) for neuron in self.neurons], strict=True)
        self._parts = self.n_inputs, weights, biases, self.activation
        self._arguments = arguments(self.n_inputs, n, activation=(activation, "linear"), bias=(bias, True), init=(init, None))

    @one_argument
    def __call__(self, inputs: Iterable[Any], *more: Never) -> list[Value]:
        """Return ``n_outputs`` Values for ``n_inputs`` Values or numbers.

        Raises:
            ValueError: If the number of inputs is wrong.
            TypeError: If ``inputs`` is not a list of Values or numbers.
        """
        # Most of the training time is spent here, hence one call for all neurons, and one attribute lookup.
        if more:
            raise not_one_row(self, inputs, *more)
        n_inputs, weights, biases, activation = self._parts
        row = inputs if type(inputs) is list and len(inputs) == n_inputs else as_row(inputs, self, n_inputs)
        try:
            sums: list[Value] = affine(weights, row, biases)
        except TypeError:
            as_row(row, self)  # has a clearer message for a table
            raise
        return sums if activation is linear else elementwise(activation, sums)


class Linear(Layer):
    """A layer without an activation function: ``W a + b``. The arguments are in the order of ``torch.nn.Linear``.

    >>> linear = Linear(2, 1, bias=False, init="zeros")
    >>> [z.data for z in linear([1.0, -2.0])], len(linear.parameters())
    ([0.0], 2)
    """

    @suggesting(remedies={"activation": "write Layer(2, 3, activation='relu')"})
    def __init__(
        self, n_inputs: int, n_outputs: int, bias: bool = True, init: str | Init | None = None, seed: Seed = None
    ) -> None:
        super().__init__(n_inputs, n_outputs, seed=seed, bias=bias, init=init)


class Dropout(Module):
    """Set each number to 0 with probability ``p`` during training, and divide the others by ``1 - p`` to preserve the mean.

    This prevents a network from relying on single neurons, which reduces overfitting. In evaluation mode, numbers do not
    change (Srivastava et al. 2014, Dropout, section 10: inverted dropout).

    Args:
        p: Probability in [0, 1).
        seed: An int results in the same random numbers each time, None in different ones. A ``random.Random`` or a NumPy
            Generator is used directly.

    >>> dropout = Dropout(0.5, seed=1)
    >>> dropout([1.0, 1.0, 1.0, 1.0])
    [0.0, 2.0, 2.0, 0.0]
    >>> dropout.eval()([1.0, 1.0, 1.0, 1.0])
    [1.0, 1.0, 1.0, 1.0]
    """

    @suggesting()
    def __init__(self, p: float = 0.5, seed: Seed = None) -> None:
        self.p: float = probability(p, "p")
        self._rng = generator(seed)

    def draw(self, n: int) -> list[float]:
        """Return a random mask: ``n`` factors, each 0.0 or ``1 / (1 - p)``."""
        p, kept, random = self.p, 1 / (1 - self.p), self._rng.random  # local names: this loop dominates the time of a replay
        return [0.0 if random() < p else kept for _ in range(n)]

    def __call__(self, inputs: Iterable[Any]) -> list[Any]:
        """Return a list of the same length.

        Raises:
            TypeError: If ``inputs`` is not a list, or, during training, not a list of Values or numbers.
        """
        row = list(as_row(inputs, self))
        if not self.training:
            return row
        try:
            return [number * factor for number, factor in zip(row, self.draw(len(row)), strict=True)]
        except TypeError:
            raise not_numbers(row, self) from None

    def __repr__(self) -> str:
        return f"Dropout({self.p})"


@contextmanager
def replaced_masks(modules: Iterable[Module], draw: Callable[[Dropout, int], Sequence[Any]]) -> Iterator[None]:
    """Within the ``with`` block, let the Dropout layers among ``modules`` use masks from ``draw(dropout, n)``.

    >>> dropout = Dropout(0.5)
    >>> with replaced_masks([dropout], lambda dropout, n: [0.0] * (n - 1) + [2.0]):
    ...     dropout([1.0, 1.0, 1.0])
    [0.0, 0.0, 2.0]
    """
    dropouts = [module for module in modules if isinstance(module, Dropout)]
    for dropout in dropouts:
        vars(dropout)["draw"] = partial(draw, dropout)  # hides the method
    try:
        yield
    finally:
        for dropout in dropouts:
            del vars(dropout)["draw"]


def as_row(inputs: Any, module: Module, n_inputs: int | None = None) -> Sequence[Any]:
    """Return the inputs of ``module`` as a list or tuple.

    Raises:
        TypeError: If they are not an ordered collection.
        ValueError: If there are not exactly ``n_inputs`` of them.
    """
    is_table = getattr(inputs, "ndim", 1) > 1 or hasattr(inputs, "columns")  # a DataFrame
    if hasattr(inputs, "tolist") and not is_table:
        inputs = inputs.tolist()  # NumPy scalars are slow
    if not isinstance(inputs, Iterable) or isinstance(inputs, NOT_LISTS):
        raise not_numbers(inputs, module)
    row = inputs if isinstance(inputs, list) else tuple(inputs)
    if is_table or (row and isinstance(row[0], list | tuple)):
        remedy = "use predict(model, X) for the outputs as floats, or [model(row) for row in X]"
        raise TypeError(f"{module!r} needs one row of numbers, not a table; {remedy}") from None
    if n_inputs not in (None, len(row)):
        n = len(row) if n_inputs is None else n_inputs
        remedy = f"pass rows of {counted(n, 'number')}, one at a time: [model(row) for row in X]"
        raise ValueError(f"{module!r} needs {counted(n, 'input')}, not {len(row)}; {remedy}")
    return row


def not_one_row(module: Module, *inputs: Any) -> TypeError:
    """Return the error for numbers that are passed as separate arguments."""
    return TypeError(f"{module!r} needs one list of numbers, not {len(inputs)} arguments; use model({list(inputs)!r:.60})")


def not_numbers(inputs: Any, module: Module) -> TypeError:
    """Return the error for inputs that are not a list of numbers."""
    return TypeError(f"{module!r} needs a list of numbers or Values, not {describe(inputs)}")
