"""Activation functions by name, and by name how the weights before them are first drawn. Biases begin at 0.

Drawn too small, what a network computes fades from layer to layer, and so do the gradients on the way back; too large, both
swell. ``fan_in`` is how many inputs a neuron has, ``fan_out`` how many neurons there are in its layer.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, TypeAlias

from autograd import Value, elu, gelu, leaky_relu, relu, sigmoid, silu, softplus, tanh
from nn.base.checks import Generator, choose, name_of, normal

Activation: TypeAlias = Callable[[Value], Value]
Init: TypeAlias = Callable[[int, int, Generator], float]  # of fan_in, fan_out and what to draw from: one weight


def linear(x: Any) -> Any:
    """``x`` itself: what a neuron without an activation function applies.

    >>> linear(3.0)
    3.0
    """
    return x


def _even(rng: Generator, bound: float) -> float:
    return rng.uniform(-bound, bound)


_LIKE_RELU = relu, leaky_relu, elu, silu, gelu
ACTIVATIONS: dict[str, Activation] = {name_of(f, {}): f for f in (linear, tanh, sigmoid, *_LIKE_RELU, softplus)}

# xavier: weights with the variance 2 / (fan_in + fan_out) (Glorot & Bengio 2010, Understanding the difficulty of training deep
# feedforward neural networks, eq. 12 and 16); he: 2 / fan_in, as relu lets through half of what comes (He et al. 2015, Delving
# deep into rectifiers, eq. 10). Evenly between -b and b the variance is b**2 / 3. "uniform": as in torch.nn.Linear.
INITS: dict[str, Init] = {
    "xavier_uniform": lambda fan_in, fan_out, rng: _even(rng, math.sqrt(6 / (fan_in + fan_out))),
    "xavier_normal": lambda fan_in, fan_out, rng: math.sqrt(2 / (fan_in + fan_out)) * normal(rng),
    "he_uniform": lambda fan_in, _, rng: _even(rng, math.sqrt(6 / fan_in)),
    "he_normal": lambda fan_in, _, rng: math.sqrt(2 / fan_in) * normal(rng),
    "uniform": lambda fan_in, _, rng: _even(rng, 1 / math.sqrt(fan_in)),
    "zeros": lambda _fan_in, _fan_out, _rng: 0.0,
}


def activation_function(activation: str | Activation) -> Activation:
    """The function of that name, or the function itself if one was given.

    Raises:
        ValueError: for a name that is not in ``ACTIVATIONS``; the message lists them.
        TypeError: for what is neither a name nor a function.

    >>> activation_function("relu")(-2.0)
    0.0
    """
    return choose(activation, ACTIVATIONS, "activation", "a function of one Value")


def init_function(init: str | Init | None, activation: Activation) -> Init:
    """What draws weights: by name, or the function itself if one was given; by None, what fits ``activation``.

    That is ``"he_uniform"`` for relu and its like, and ``"xavier_uniform"`` for all others.

    Raises:
        ValueError: for a name that is not in ``INITS``; the message lists them.
        TypeError: for what is neither a name nor a function.

    >>> init_function(None, relu) is INITS["he_uniform"], init_function(None, tanh) is INITS["xavier_uniform"]
    (True, True)
    """
    fitting = "he_uniform" if activation in _LIKE_RELU else "xavier_uniform"
    return choose(fitting if init is None else init, INITS, "init", "a function of fan_in, fan_out and a generator")


def arguments(*given: Any, **options: tuple[Any, Any]) -> str:
    """As they are written in a call: of the options, each with its default, only the others; functions by their names.

    >>> arguments(2, activation=(tanh, "linear"), bias=(True, True))
    "2, activation='tanh'"
    """
    shown = [*map(repr, given)]
    for name, (value, default) in options.items():
        told = name_of(value, {**ACTIVATIONS, **INITS}) if callable(value) else value
        shown += [f"{name}={told!r}"] if told != default else []
    return ", ".join(shown)
