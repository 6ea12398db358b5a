"""How the first weights are drawn, by name. Biases begin at 0.

Drawn too small, what a network computes fades from layer to layer, and so do the gradients on the way back; too large, both
swell. ``fan_in`` is how many inputs a neuron has, ``fan_out`` how many neurons there are in its layer.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from nn.activations import Activation, activation_name
from nn.choices import Generator, choose, name_of, normal

Init = Callable[[int, int, Generator], float]  # of fan_in, fan_out and what to draw from: one weight

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
_LIKE_RELU = {"relu", "leaky_relu", "elu", "silu", "gelu"}


def init_function(init: str | Init | None, activation: Activation) -> Init:
    """What draws weights: by name, or the function itself if one was given; by None, what fits ``activation``.

    That is ``"he_uniform"`` for relu and its like, and ``"xavier_uniform"`` for all others.

    Raises:
        ValueError: for a name that is not in ``INITS``; the message lists them.
        TypeError: for what is neither a name nor a function.

    >>> from autograd import relu, tanh
    >>> init_function(None, relu) is INITS["he_uniform"], init_function(None, tanh) is INITS["xavier_uniform"]
    (True, True)
    """
    if init is None:
        init = "he_uniform" if activation_name(activation) in _LIKE_RELU else "xavier_uniform"
    return choose(init, INITS, "init", "a function of fan_in, fan_out and a generator")


def init_name(init: str | Init | None) -> str | None:
    """The name of what ``init_function`` takes; None for None."""
    return init if init is None or isinstance(init, str) else name_of(init, INITS)


def _even(rng: Generator, bound: float) -> float:
    return rng.uniform(-bound, bound)
