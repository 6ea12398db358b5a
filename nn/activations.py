"""Activation functions by name: what a neuron applies to its weighted sum."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import autograd
from autograd import Value
from nn.choices import choose, name_of

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
    return name_of(function, ACTIVATIONS)
