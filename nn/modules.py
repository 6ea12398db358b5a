"""Networks made of ``Value``s: a neuron, a layer of neurons, layers on top of each other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from autograd import Value, affine, dot, elementwise, leaves
from nn.activations import Activation, activation_function, activation_name, linear, weight_bound
from nn.choices import NO_LISTS, Seed, generator, positive_int


class Module:
    """Something with parameters. Derive from it, and the parameters are found by themselves.

    They are the Values (not those computed from others) in its attributes, and in lists, tuples, dicts, NumPy object
    arrays and Modules in its attributes, however nested; in the order in which the attributes were first assigned. One
    that is reachable in several ways is listed once. Attributes whose name begins with ``_`` are not searched: results to be
    kept belong there. ``0.1 * Value(2.0)`` is computed, and so no parameter; ``(0.1 * Value(2.0)).detach()`` is one.

    >>> class Line(Module):
    ...     def __init__(self):
    ...         self.slope, self.intercept = Value(2.0), Value(1.0)
    ...     def __call__(self, x):
    ...         return self.slope * x + self.intercept
    >>> Line().named_parameters()
    [('slope', Value(2.0)), ('intercept', Value(1.0))]
    """

    def named_parameters(self) -> list[tuple[str, Value]]:
        """The parameters with names such as ``layers.0.neurons.3.weights.1``, by which the attribute is found.

        Raises:
            ValueError: if two have the same name, as ``{1: ..., "1": ...}`` would give; ``parameters`` has both.
        """
        named: dict[str, Value] = {}
        for prefix, key, parameter in self._find():
            if named.setdefault(name := f"{prefix}{key}", parameter) is not parameter:
                raise ValueError(
                    f"two parameters of {self!r} have the name {name!r}, so that one would be lost where names are kept; "
                    "give an attribute, or a key of a dict, another name"
                )
        return list(named.items())

    def parameters(self) -> list[Value]:
        """The parameters, in the order of ``named_parameters``."""
        return [parameter for _, _, parameter in self._find()]

    def zero_grad(self) -> None:
        """Set the gradient of every parameter to 0.0."""
        for parameter in self.parameters():
            parameter.grad = 0.0

    def state_dict(self) -> dict[str, float]:
        """The number of each parameter by its name."""
        return {name: parameter.data for name, parameter in self.named_parameters()}

    def load_state_dict(self, state: Mapping[str, float]) -> None:
        """Take the numbers from what ``state_dict`` gave for a module of the same shape.

        Raises:
            ValueError: if a name is missing or unknown; then nothing has been changed.
            TypeError: if it is no such dict, or one of them is not a number; likewise.
        """
        if not isinstance(state, Mapping):
            raise TypeError(
                "load_state_dict takes what state_dict gave, a dict with the number of each parameter by its name, not "
                f"{type(state).__name__} ({state!r:.40}); a file is read by load_checkpoint(path, model=model)"
            )
        own = dict(self.named_parameters())
        for names, what in ((own.keys() - state.keys(), "missing"), (state.keys() - own.keys(), "unknown")):
            if names:
                raise ValueError(
                    f"{self!r} has {len(own)} parameters and cannot take these {len(state)} numbers: "
                    f"{min(names, key=str)!r} is {what} (one of {len(names)}); build the module with the shape "
                    "it had when they were saved"
                )
        numbers = {}
        for name, number in state.items():
            try:
                numbers[name] = Value(number).data
            except TypeError as problem:
                raise TypeError(f"{name!r} in the state for {self!r}: {problem}") from None
        for name, parameter in own.items():
            parameter.data = numbers[name]

    def _find(self, computed: bool = False) -> Iterable[tuple[str, Any, Value]]:
        found: dict[int, tuple[str, Any, Value]] = {}
        _search("", self, found, {})
        return [place for place in found.values() if bool(place[2].op) is computed]

    def __repr__(self) -> str:
        """One line: the class and how many parameters it has."""
        return f"{type(self).__name__}({len(self.parameters())} parameters)"


class _Fixed(Module):
    """A module whose attributes stay the objects that they were first."""

    def __setattr__(self, name: str, value: Any) -> None:
        if hasattr(self, name):
            raise AttributeError(
                f"{name} of {self!r} is fixed when the {type(self).__name__} is made, and cannot be replaced; to change a "
                "parameter, assign to its data; for weights of your own, write a Module that calls autograd.affine"
            )
        super().__setattr__(name, value)


class Neuron(_Fixed):
    """``activation(weights[0] * inputs[0] + weights[1] * inputs[1] + ... + bias)``.

    Args:
        n_inputs: how many inputs it takes.
        activation: a name in ``nn.ACTIVATIONS`` or a function of one Value.
        seed: an int makes the first weights the same each time; None, different.

    >>> neuron = Neuron(2, "relu", seed=0)
    >>> neuron([1.0, -2.0])
    Value(0.0, grad=0.0, op='relu')
    """

    def __init__(self, n_inputs: int, activation: str | Activation = "linear", seed: Seed = None) -> None:
        rng = generator(seed)
        self.n_inputs = positive_int(n_inputs, "n_inputs")
        self.activation = activation_function(activation)
        bound = weight_bound(n_inputs, self.activation)
        # A tuple, which dot() takes as it is; a list it would have to copy each time.
        self.weights = tuple([Value(rng.uniform(-bound, bound)) for _ in range(n_inputs)])
        self.bias = Value(0.0)

    def __call__(self, inputs: Iterable[Any]) -> Value:
        """One Value, from ``n_inputs`` Values or numbers.

        Raises:
            ValueError: for any other number of inputs.
        """
        row = inputs if type(inputs) is list else _as_tuple(inputs, self)
        if len(row) != self.n_inputs:
            raise ValueError(_wrong_length(row, self))
        return self.activation(dot(self.weights, row, self.bias))

    def __repr__(self) -> str:
        return f"Neuron({self.n_inputs}{_unless(self.activation, 'linear')})"


class Layer(_Fixed):
    """``n_outputs`` neurons with the same inputs and the same activation function.

    >>> layer = Layer(2, 3, seed=0)
    >>> len(layer([1.0, -2.0]))
    3
    """

    def __init__(self, n_inputs: int, n_outputs: int, activation: str | Activation = "linear", seed: Seed = None) -> None:
        rng = generator(seed)
        self.n_inputs = positive_int(n_inputs, "n_inputs")
        self.activation = activation_function(activation)
        self.neurons = tuple([Neuron(n_inputs, activation, rng) for _ in range(positive_int(n_outputs, "n_outputs"))])
        weights = tuple([neuron.weights for neuron in self.neurons])
        biases = tuple([neuron.bias for neuron in self.neurons])
        self._parts = self.n_inputs, weights, biases, self.activation

    def __call__(self, inputs: Iterable[Any]) -> list[Value]:
        """A list of ``n_outputs`` Values, from ``n_inputs`` Values or numbers.

        Raises:
            ValueError: for any other number of inputs.
        """
        # Training spends its time here: hence all neurons at once, and from one attribute.
        n_inputs, weights, biases, activation = self._parts
        row = inputs if type(inputs) is list else _as_tuple(inputs, self)
        if len(row) != n_inputs:
            raise ValueError(_wrong_length(row, self))
        sums: list[Value] = affine(weights, row, biases)
        return sums if activation is linear else elementwise(activation, sums)

    def __repr__(self) -> str:
        return f"Layer({self.n_inputs}, {len(self.neurons)}{_unless(self.activation, 'linear')})"


class MLP(Module):
    """A multi-layer perceptron: layers in which each takes the outputs of the one before. The last one is linear.

    Args:
        n_inputs: how many numbers a row of data has.
        n_outputs: how many neurons each layer has, as ``[16, 3]``: 16 hidden neurons, 3 outputs.
        activation: of all layers but the last: a name in ``nn.ACTIVATIONS`` or a function of one Value.
        seed: an int makes the first weights the same each time, bit for bit; None, different.

    >>> model = MLP(2, [16, 16, 1], seed=0)
    >>> len(model([1.0, -2.0])), len(model.parameters())
    (1, 337)
    """

    def __init__(
        self, n_inputs: int, n_outputs: Sequence[int], activation: str | Activation = "tanh", seed: Seed = None
    ) -> None:
        if not isinstance(n_outputs, Sequence) or isinstance(n_outputs, str) or not n_outputs:
            raise ValueError(f"n_outputs must list how many neurons each layer has, as in MLP(4, [16, 3]), not {n_outputs!r}")
        self._activation = activation_function(activation)  # also where there is only one layer, which does not use it
        rng = generator(seed)
        sizes = [n_inputs, *n_outputs]
        last = len(n_outputs) - 1
        self.layers = [Layer(sizes[i], sizes[i + 1], "linear" if i == last else activation, rng) for i in range(len(n_outputs))]

    def __call__(self, inputs: Iterable[Any]) -> list[Value]:
        """A list of as many Values as the last layer has neurons, from ``n_inputs`` Values or numbers.

        Raises:
            ValueError: for any other number of inputs.
        """
        row: list[Value] = inputs  # type: ignore[assignment]  # there is a layer
        for layer in self.layers:
            row = layer(row)
        return row

    def __repr__(self) -> str:
        sizes = [len(layer.neurons) for layer in self.layers]
        return f"MLP({self.layers[0].n_inputs}, {sizes}{_unless(self._activation, 'tanh')})"


def check_computed(module: Module) -> None:
    """Raise a ValueError if a computed Value is where a parameter was meant, as in ``self.w = 0.1 * Value(2.0)``.

    One that a parameter of the module went into is taken for a result that was kept.
    """
    parameters = {id(parameter) for parameter in module.parameters()}
    for prefix, key, value in module._find(computed=True):
        if parameters.isdisjoint(map(id, leaves(value))):
            raise ValueError(
                f"{prefix}{key} of {module!r} is {value!r}, computed from others and so no parameter: it would not be trained; "
                "keep its .detach() if it is to be, and otherwise its .data"
            )


def _search(prefix: str, thing: Any, found: dict[int, tuple[str, Any, Value]], seen: dict[int, Any]) -> None:
    """Add the Values in ``thing`` to ``found``, by id: where they are, and the Value.

    ``seen`` has what was searched: once is enough, and ids stay unique only as long as the objects are kept.
    """
    children: Iterable[tuple[Any, Any]]
    if isinstance(thing, Module):
        children = [(key, child) for key, child in vars(thing).items() if not key.startswith("_")]
    elif isinstance(thing, dict):
        children = thing.items()
    elif isinstance(thing, list | tuple):
        children = enumerate(thing)
    elif getattr(thing, "dtype", None) == "object":  # a NumPy array
        children = enumerate(thing.tolist() if thing.ndim else [thing.item()])
    else:
        return
    if id(thing) in seen:
        return
    seen[id(thing)] = thing
    for key, child in children:
        if not isinstance(child, Value):
            _search(f"{prefix}{key}.", child, found, seen)
        elif id(child) not in found:
            found[id(child)] = (prefix, key, child)


def _as_tuple(inputs: Any, module: Neuron | Layer) -> tuple[Any, ...]:
    if hasattr(inputs, "tolist"):
        inputs = inputs.tolist()  # NumPy's own numbers would be slow
    if not isinstance(inputs, Iterable) or isinstance(inputs, NO_LISTS):
        raise TypeError(
            f"{module!r} takes a list of {module.n_inputs} numbers or Values, not {type(inputs).__name__} ({inputs!r:.40})"
        )
    return tuple(inputs)


def _wrong_length(row: Sequence[Any], module: Neuron | Layer) -> str:
    return (
        f"{module!r} takes {module.n_inputs} inputs, not {len(row)}; a module takes one row at a time: "
        "[model(row) for row in X]"
    )


def _unless(activation: Activation, *defaults: str) -> str:
    name = activation_name(activation)
    return "" if name in defaults else f", activation={name!r}"
