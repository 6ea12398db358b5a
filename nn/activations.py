"""Activation functions by name, and how large the first weights before each of them should be."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import autograd
from autograd import Value
from nn.choices import choose

Activation = Callable[[Value], Value]


def linear(x: Any) -> Any:
    """``x`` itself: what a neuron without an activation function applies.

    >>> linear(3.0)
    3.0
    """
    return x


ACTIVATIONS: dict[str, Activation] = {
    "linear": linear,
    "tanh": autograd.tanh,
    "sigmoid": autograd.sigmoid,
    "relu": autograd.relu,
    "leaky_relu": autograd.leaky_relu,
    "elu": autograd.elu,
    "silu": autograd.silu,
    "gelu": autograd.gelu,
    "softplus": autograd.softplus,
}
_LIKE_RELU = {"relu", "leaky_relu", "elu", "silu", "gelu"}


def activation_function(activation: str | Activation) -> Activation:
    """The function of that name, or the function itself if one was given.

    Raises:
        ValueError: for a name that is not in ``ACTIVATIONS``; the message lists them.

    >>> activation_function("relu")(-2.0)
    0.0
    """
    return choose(activation, ACTIVATIONS, "activation", "a function of one Value")


def activation_name(function: Activation) -> str:
    """The name by which ``activation_function`` finds this function; of any other, its own name.

    >>> activation_name(autograd.tanh)
    'tanh'
    """
    for name, known in ACTIVATIONS.items():
        if known is function:
            return name
    return str(getattr(function, "__name__", repr(function)))


def weight_bound(n_inputs: int, activation: Activation) -> float:
    """The first weights of a neuron are drawn evenly from -bound to bound, so that its output neither swells nor fades.

    ``sqrt(6 / n_inputs)`` before functions like relu, which let through half of what comes (He et al. 2015, Delving deep
    into rectifiers, eq. 10); ``sqrt(3 / n_inputs)`` before all others (LeCun et al. 1998, Efficient BackProp, eq. 16; as
    "Xavier" in Caffe).

    >>> weight_bound(3, autograd.tanh)
    1.0
    """
    return math.sqrt((6.0 if activation_name(activation) in _LIKE_RELU else 3.0) / n_inputs)
