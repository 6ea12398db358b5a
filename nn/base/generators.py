"""Random number generators: Python's ``random.Random`` and NumPy's ``Generator``, used alike."""

import math
import operator
import random
from typing import TYPE_CHECKING, Any, TypeAlias

from nn.base.checks import describe, is_integer

if TYPE_CHECKING:
    import numpy as np

Generator: TypeAlias = "random.Random | np.random.Generator"  # a string, so that NumPy is not imported
Seed: TypeAlias = "int | Generator | None"


def generator(seed: Seed) -> Generator:
    """Return a random number generator.

    Args:
        seed: An int, for the same numbers on every run; None, for different ones; or a generator, which is returned.

    Raises:
        TypeError: If ``seed`` is anything else.

    >>> generator(3).random() == generator(3).random()
    True
    """
    if is_generator(seed):
        return seed  # type: ignore[return-value]
    if seed is None:
        return random.Random()
    if not is_integer(seed):
        raise TypeError(f"seed must be an integer, a random.Random, a NumPy Generator or None, not {describe(seed)}")
    return random.Random(operator.index(seed))


def is_generator(value: Any) -> bool:
    """Return whether ``value`` is a random number generator of Python or NumPy."""
    return isinstance(value, random.Random) or hasattr(getattr(value, "bit_generator", None), "state")


def get_state(rng: Generator) -> Any:
    """Return the state of a generator: numbers and strings in tuples or dicts."""
    return rng.getstate() if isinstance(rng, random.Random) else rng.bit_generator.state


def set_state(rng: Generator, state: Any) -> None:
    """Restore a state returned by ``get_state``."""
    if isinstance(rng, random.Random):
        version, numbers, rest = state
        rng.setstate((version, tuple(numbers), rest))  # a checkpoint stores tuples as lists
    else:
        rng.bit_generator.state = state


def normal(rng: Generator) -> float:
    """Draw from the standard normal distribution (Box & Muller 1958), with the same formula for every generator.

    >>> round(normal(random.Random(0)), 3)
    0.096
    """
    return math.sqrt(-2 * math.log(1 - rng.random())) * math.cos(2 * math.pi * rng.random())
