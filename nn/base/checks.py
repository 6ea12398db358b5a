"""Checks of arguments, and random number generators.

Most checks are functions of a value and the name of the argument. They return the value, converted to a plain Python type,
or raise an error that states the name, the rule and the value. Random numbers are drawn from Python's ``random.Random`` or
NumPy's ``Generator``, used alike.
"""

import math
import operator
import os
import random
from collections.abc import Callable, Mapping, Set
from typing import TYPE_CHECKING, Any, SupportsIndex, TypeAlias, TypeGuard

from autograd import Value

if TYPE_CHECKING:
    import numpy as np

Generator: TypeAlias = "random.Random | np.random.Generator"  # a string, so that NumPy is not imported
Seed: TypeAlias = "int | Generator | None"

# Iterables that are not lists of numbers: sets have no order, iterating a dict yields keys, and bytes yield character codes.
NOT_LISTS = (Set, Mapping, str, bytes)


def describe(value: Any) -> str:
    """Return the type of ``value`` and the beginning of its repr, for error messages.

    >>> describe("abc")
    "str ('abc')"
    """
    return f"{type(value).__name__} ({value!r:.40})"


def positive_int(number: Any, name: str, least: int = 1) -> int:
    """Return ``number`` if it is an integer of at least ``least``.

    Raises:
        TypeError: If it is not an integer.
        ValueError: If it is less than ``least``.

    >>> positive_int(0, "epochs")
    Traceback (most recent call last):
        ...
    ValueError: epochs must be at least 1, not 0
    """
    if not is_integer(number):
        raise TypeError(f"{name} must be an integer, not {describe(number)}")
    integer = operator.index(number)
    if integer < least:
        raise ValueError(f"{name} must be at least {least}, not {integer}")
    return integer


def non_negative_int(number: Any, name: str) -> int:
    """Return ``number`` if it is a non-negative integer. Raises errors like ``positive_int``.

    >>> non_negative_int(0, "patience")
    0
    """
    return positive_int(number, name, least=0)


def positive_float(number: Any, name: str) -> float:
    """Return ``number`` as a float if it is positive and finite.

    Raises:
        TypeError: If it is not a number.
        ValueError: If it is zero, negative, infinite or nan.

    >>> positive_float(-0.1, "lr")
    Traceback (most recent call last):
        ...
    ValueError: lr must be positive and finite, not -0.1
    """
    return any_float(number, name, "positive and finite", lambda x: 0 < x < math.inf)


def non_negative_float(number: Any, name: str) -> float:
    """Return ``number`` as a float if it is non-negative and finite.

    Raises:
        TypeError: If it is not a number.
        ValueError: If it is negative, infinite or nan.

    >>> non_negative_float(-0.1, "eps")
    Traceback (most recent call last):
        ...
    ValueError: eps must be non-negative and finite, not -0.1
    """
    return any_float(number, name, "non-negative and finite", lambda x: 0 <= x < math.inf)


def probability(number: Any, name: str) -> float:
    """Return ``number`` as a float if it is in [0, 1).

    Raises:
        TypeError: If it is not a number.
        ValueError: If it is outside [0, 1) or nan.

    >>> probability(1.0, "p")
    Traceback (most recent call last):
        ...
    ValueError: p must be in [0, 1), not 1.0
    """
    return any_float(number, name, "in [0, 1)", lambda x: 0 <= x < 1)


def any_float(number: Any, name: str, rule: str = "", satisfies: Callable[[float], bool] | None = None) -> float:
    """Return ``number`` as a float, which may be infinite or nan unless ``satisfies`` rejects it.

    Args:
        number: Any real number, such as an int, a Fraction or a NumPy scalar.
        name: The name of the argument.
        rule: The condition in words, for the error message.
        satisfies: The condition as a function of the float.

    Raises:
        TypeError: If it is not a number.
        ValueError: If the condition is not met.

    >>> any_float("0.1", "lr")
    Traceback (most recent call last):
        ...
    TypeError: lr must be a number, not str ('0.1')
    """
    if isinstance(number, str | bool | Value) or getattr(number, "ndim", False) or not hasattr(number, "__float__"):
        raise TypeError(f"{name} must be a number, not {describe(number)}")
    converted = float(number)
    if satisfies and not satisfies(converted):
        raise ValueError(f"{name} must be {rule}, not {converted!r}")
    return converted


def boolean(value: Any, name: str) -> bool:
    """Return ``value`` if it is True or False.

    Raises:
        TypeError: If it is anything else.

    >>> boolean(1, "bias")
    Traceback (most recent call last):
        ...
    TypeError: bias must be True or False, not int (1)
    """
    if not isinstance(value, bool):
        raise TypeError(f"{name} must be True or False, not {describe(value)}")
    return value


def file_path(path: Any, name: str) -> str:
    """Return ``path`` as a string if it is a string or a path.

    Raises:
        TypeError: If it is neither.
        ValueError: If it begins with ``~``, which Python does not expand.

    >>> file_path(3, "checkpoint")
    Traceback (most recent call last):
        ...
    TypeError: checkpoint must be a file path, not int (3)
    """
    if not isinstance(path, str | os.PathLike):
        raise TypeError(f"{name} must be a file path, not {describe(path)}")
    text = os.fspath(path)
    if os.path.expanduser(text) != text:
        raise ValueError(
            f"{name} must not begin with ~, which is not expanded, not {text!r}; write os.path.expanduser({text!r})"
        )
    return text


def is_integer(number: Any) -> TypeGuard[SupportsIndex]:
    """Return whether ``number`` is an integer of any type, except a bool or an array, even one with a single element."""
    return hasattr(number, "__index__") and not isinstance(number, bool) and not getattr(number, "ndim", False)


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
