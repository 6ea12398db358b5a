"""Checking of arguments: a choice by name, a count, a number within limits, a switch, a seed.

``positive_float`` and the like are rules: functions of what was given and the name of the argument. At the end are kinds of
options, such as ``Positive``, which say the rule of an attribute where it is declared: ``nn.state`` applies it.
"""

from __future__ import annotations

import math
import operator
import os
import random
from collections.abc import Callable, Mapping, Set
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, SupportsIndex, TypeAlias, TypeGuard, TypeVar

from autograd import Value

if TYPE_CHECKING:
    import numpy as np

Function = TypeVar("Function", bound=Callable[..., Any])
Generator: TypeAlias = "random.Random | np.random.Generator"  # as text, so that NumPy is not loaded
Seed: TypeAlias = "int | Generator | None"

# What can be iterated but is no list of numbers: a set has no order, a dict gives its keys, bytes the codes of letters.
NO_LISTS = (Set, Mapping, str, bytes)


def shown(thing: Any) -> str:
    """Of what type it is, and the beginning of its repr: how messages show what somebody gave.

    >>> shown("abc")
    "str ('abc')"
    """
    return f"{type(thing).__name__} ({thing!r:.40})"


def choose(choice: str | Function, known: Mapping[str, Function], kind: str, other: str) -> Function:
    """The entry of ``known`` by that name; anything callable, but for a class, is returned as it is.

    Raises:
        ValueError: for an unknown name; the message lists the known ones and says what else (``other``) may be given.
        TypeError: for what is neither a name nor callable.
    """
    if callable(choice) and not isinstance(choice, type):
        return choice
    if isinstance(choice, str) and choice in known:
        return known[choice]
    error = ValueError if isinstance(choice, str) else TypeError
    raise error(f"unknown {kind}: {choice!r} (must be one of {', '.join(map(repr, known))}, or {other})")


def positive_int(number: Any, name: str, least: int = 1) -> int:
    """``number``, if it is a whole number of 1 (or ``least``) or more.

    Raises:
        TypeError: if it is not an int.
        ValueError: if it is less than that.

    >>> positive_int(0, "epochs")
    Traceback (most recent call last):
        ...
    ValueError: epochs must be 1 or more, not 0
    """
    if not _is_whole(number):
        raise TypeError(f"{name} must be a whole number, not {shown(number)}")
    whole = operator.index(number)
    if whole < least:
        raise ValueError(f"{name} must be {least} or more, not {whole}")
    return whole


def positive_float(number: Any, name: str) -> float:
    """``number`` as a float, if it is above 0 and finite.

    Raises:
        TypeError: if it is not a number.
        ValueError: if it is not above 0, or infinite, or nan.

    >>> positive_float(-0.1, "lr")
    Traceback (most recent call last):
        ...
    ValueError: lr must be a finite number above 0, not -0.1
    """
    return any_float(number, name, "a finite number above 0", lambda x: 0 < x < math.inf)


def not_negative(number: Any, name: str) -> float:
    """``number`` as a float, if it is 0 or more and finite.

    Raises:
        TypeError: if it is not a number.
        ValueError: if it is below 0, or infinite, or nan.

    >>> not_negative(-0.1, "eps")
    Traceback (most recent call last):
        ...
    ValueError: eps must be a finite number of 0 or more, not -0.1
    """
    return any_float(number, name, "a finite number of 0 or more", lambda x: 0 <= x < math.inf)


def probability(number: Any, name: str) -> float:
    """``number`` as a float, if it is 0 or more and below 1.

    Raises:
        TypeError: if it is not a number.
        ValueError: if it is below 0, 1 or more, or nan.

    >>> probability(1.0, "p")
    Traceback (most recent call last):
        ...
    ValueError: p must be 0 or more and below 1, not 1.0
    """
    return any_float(number, name, "0 or more and below 1", lambda x: 0 <= x < 1)


def any_float(number: Any, name: str, rule: str = "", fits: Callable[[float], bool] | None = None) -> float:
    """``number`` as a float, also if it is infinite or nan, unless it must be of a kind: ``rule`` says which, ``fits`` whether.

    Raises:
        TypeError: if it is not a number.
        ValueError: if it does not fit.

    >>> any_float("0.1", "lr")
    Traceback (most recent call last):
        ...
    TypeError: lr must be a number, not str ('0.1')
    """
    if isinstance(number, str | bool | Value) or getattr(number, "ndim", False) or not hasattr(number, "__float__"):
        raise TypeError(f"{name} must be a number, not {shown(number)}")
    converted = float(number)
    if fits and not fits(converted):
        raise ValueError(f"{name} must be {rule}, not {converted!r}")
    return converted


def switch(value: Any, name: str) -> bool:
    """``value``, if it is True or False.

    Raises:
        TypeError: if it is anything else.

    >>> switch(1, "bias")
    Traceback (most recent call last):
        ...
    TypeError: bias must be True or False, not int (1)
    """
    if not isinstance(value, bool):
        raise TypeError(f"{name} must be True or False, not {shown(value)}")
    return value


def file_path(path: Any, name: str) -> str:
    """``path`` as text, if it can name a file.

    Raises:
        TypeError: if it is neither text nor a path.

    >>> file_path(3, "checkpoint")
    Traceback (most recent call last):
        ...
    TypeError: checkpoint must be the path of a file, not int (3)
    """
    if not isinstance(path, str | os.PathLike):
        raise TypeError(f"{name} must be the path of a file, not {shown(path)}")
    return os.fspath(path)


def name_of(function: Callable[..., Any], known: Mapping[str, Callable[..., Any]]) -> str:
    """The name by which ``choose`` finds this function; of any other, its own: the same in every process, without addresses.

    >>> name_of(partial(round, ndigits=2), {})
    'partial(round, ndigits=2)'
    """
    for name, other in known.items():
        if other is function:
            return name
    if isinstance(function, partial):
        options = [*map(repr, function.args), *(f"{name}={value!r}" for name, value in function.keywords.items())]
        return f"partial({', '.join([name_of(function.func, known), *options])})"
    return str(getattr(function, "__name__", type(function).__name__))


def generator(seed: Seed) -> Generator:
    """A generator of random numbers: by an int always the same, by None always another; or the one that was given.

    Raises:
        TypeError: if ``seed`` is anything else.

    >>> generator(3).random() == generator(3).random()
    True
    """
    if is_generator(seed):
        return seed  # type: ignore[return-value]
    if seed is None:
        return random.Random()
    if not _is_whole(seed):
        kinds = "a whole number, a random.Random, a NumPy Generator or None"
        raise TypeError(f"seed must be {kinds}, not {shown(seed)}")
    return random.Random(operator.index(seed))


def is_generator(thing: Any) -> bool:
    """Whether it is a generator of random numbers: of Python, or of NumPy."""
    return isinstance(thing, random.Random) or hasattr(getattr(thing, "bit_generator", None), "state")


def get_state(rng: Generator) -> Any:
    """From where on a generator draws; numbers and text, in tuples or dicts."""
    return rng.getstate() if isinstance(rng, random.Random) else rng.bit_generator.state


def set_state(rng: Generator, state: Any) -> None:
    """Have a generator go on from where ``get_state`` was called."""
    if isinstance(rng, random.Random):
        version, numbers, rest = state
        rng.setstate((version, tuple(numbers), rest))  # a list, if it comes from a checkpoint
    else:
        rng.bit_generator.state = state


def normal(rng: Generator) -> float:
    """A number from the normal distribution with mean 0 and deviation 1 (Box & Muller 1958), the same way by any generator.

    >>> round(normal(random.Random(0)), 3)
    0.096
    """
    return math.sqrt(-2 * math.log(1 - rng.random())) * math.cos(2 * math.pi * rng.random())


def _is_whole(number: Any) -> TypeGuard[SupportsIndex]:
    """Whether it is a whole number of any kind, but no bool, and no array, of which one with a single number would pass."""
    return hasattr(number, "__index__") and not isinstance(number, bool) and not getattr(number, "ndim", False)


Count: TypeAlias = Annotated[int, positive_int]
CountFrom0: TypeAlias = Annotated[int, partial(positive_int, least=0)]
Positive: TypeAlias = Annotated[float, positive_float]
NotNegative: TypeAlias = Annotated[float, not_negative]
Share: TypeAlias = Annotated[float, probability]
Switch: TypeAlias = Annotated[bool, switch]
FilePath: TypeAlias = Annotated["str | os.PathLike[str]", file_path]
