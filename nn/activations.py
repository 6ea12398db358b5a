"""Activation functions and weight initializers, by name.

To add an activation function of autograd, add its name to ``_INIT_OF``. To add another one, define it here as a function of one
Value, and add an entry to ``_TABLE``. To add an initializer, add a row to ``INITS``.
"""

import math
from collections.abc import Callable
from typing import Any, TypeAlias

import autograd
from autograd import Value
from nn.base.checks import Generator, normal
from nn.base.names import choose, name_of

Activation: TypeAlias = Callable[[Value], Value]
Init: TypeAlias = Callable[[int, int, Generator], float]  # takes fan_in, fan_out and a generator; returns one weight


def linear(x: Any) -> Any:
    """Return ``x``: the identity, for neurons without an activation function.

    >>> linear(3.0)
    3.0
    """
    return x


# Functions of autograd, with the initializer of the weights in front of them.
_INIT_OF = {
    "tanh": "xavier_uniform", "sigmoid": "xavier_uniform", "relu": "he_uniform", "leaky_relu": "he_uniform",
    "elu": "he_uniform", "silu": "he_uniform", "gelu": "he_uniform", "celu": "he_uniform", "selu": "he_uniform",
    "mish": "he_uniform", "relu6": "he_uniform", "hardswish": "he_uniform", "hardtanh": "xavier_uniform",
    "hardsigmoid": "xavier_uniform", "log_sigmoid": "xavier_uniform", "softsign": "xavier_uniform",
    "tanhshrink": "xavier_uniform", "hardshrink": "xavier_uniform", "softshrink": "xavier_uniform",
    "softplus": "xavier_uniform",
}  # fmt: skip
_TABLE: dict[str, tuple[Activation, str]] = {"linear": (linear, "xavier_uniform")} | {
    name: (getattr(autograd, name), init) for name, init in _INIT_OF.items()
}
ACTIVATIONS: dict[str, Activation] = {name: function for name, (function, _) in _TABLE.items()}


def _uniform(rng: Generator, bound: float) -> float:
    return rng.uniform(-bound, bound)


# If weights are too small, activations and gradients shrink from layer to layer; if they are too large, both grow. fan_in is
# the number of inputs of a neuron, fan_out the number of neurons in its layer. Biases start at 0.
#
# xavier: variance 2 / (fan_in + fan_out) (Glorot & Bengio 2010, Understanding the difficulty of training deep feedforward
# neural networks, eq. 12 and 16). he: variance 2 / fan_in, because relu blocks half of its inputs (He et al. 2015, Delving
# deep into rectifiers, eq. 10). The uniform distribution on [-b, b] has variance b**2 / 3. "uniform" is the default of
# torch.nn.Linear.
INITS: dict[str, Init] = {
    "xavier_uniform": lambda fan_in, fan_out, rng: _uniform(rng, math.sqrt(6 / (fan_in + fan_out))),
    "xavier_normal": lambda fan_in, fan_out, rng: math.sqrt(2 / (fan_in + fan_out)) * normal(rng),
    "he_uniform": lambda fan_in, _, rng: _uniform(rng, math.sqrt(6 / fan_in)),
    "he_normal": lambda fan_in, _, rng: math.sqrt(2 / fan_in) * normal(rng),
    "uniform": lambda fan_in, _, rng: _uniform(rng, 1 / math.sqrt(fan_in)),
    "zeros": lambda _fan_in, _fan_out, _rng: 0.0,
}


def activation_function(activation: str | Activation) -> Activation:
    """Return the activation function named ``activation``, or ``activation`` itself if it is a function.

    Raises:
        ValueError: If the name is not in ``ACTIVATIONS``. The message lists the valid names.
        TypeError: If it is neither a name nor a function.

    >>> activation_function("relu")(-2.0)
    0.0
    """
    return choose(activation, ACTIVATIONS, "activation", "a function of one Value")


def init_function(init: str | Init | None, activation: Activation) -> Init:
    """Return the initializer named ``init``, or ``init`` itself if it is a function.

    If ``init`` is None, the initializer depends on ``activation``. It is ``"xavier_uniform"`` for custom functions.

    Raises:
        ValueError: If the name is not in ``INITS``. The message lists the valid names.
        TypeError: If it is neither a name nor a function.

    >>> from autograd import relu, tanh
    >>> init_function(None, relu) is INITS["he_uniform"], init_function(None, tanh) is INITS["xavier_uniform"]
    (True, True)
    """
    suitable = next((name for function, name in _TABLE.values() if function is activation), "xavier_uniform")
    return choose(suitable if init is None else init, INITS, "init", "a function of fan_in, fan_out and a generator")


def arguments(*positional: Any, **options: tuple[Any, Any]) -> str:
    """Format arguments as in a call. ``options`` are pairs of a value and its default, which is omitted.

    >>> arguments(2, activation=(autograd.tanh, "linear"), bias=(True, True))
    "2, activation='tanh'"
    """
    texts = [*map(repr, positional)]
    for name, (value, default) in options.items():
        named = name_of(value, {**ACTIVATIONS, **INITS}) if callable(value) else value
        named = named.lower() if isinstance(value, str) else named  # the case of a name does not matter
        texts += [f"{name}={named!r}"] if named != default else []
    return ", ".join(texts)
