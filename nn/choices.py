"""Checking of arguments: a choice by name, a count, a positive number, a seed."""

from __future__ import annotations

import math
import operator
import random
from collections.abc import Callable, Mapping, Set
from typing import Any, TypeVar

Function = TypeVar("Function", bound=Callable[..., Any])
Seed = int | random.Random | None

# What can be iterated but is no list of numbers: a set has no order, a dict gives its keys, bytes the codes of letters.
NO_LISTS = (Set, Mapping, str, bytes)


def choose(choice: str | Function, known: Mapping[str, Function], kind: str, other: str) -> Function:
    """The entry of ``known`` by that name; anything callable is returned as it is.

    Raises:
        ValueError: for an unknown name; the message lists the known ones and says what else (``other``) may be given.
        TypeError: for what is neither a name nor callable.
    """
    if callable(choice):
        return choice
    if isinstance(choice, str) and choice in known:
        return known[choice]
    error = ValueError if isinstance(choice, str) else TypeError
    raise error(f"unknown {kind}: {choice!r} (must be one of {', '.join(map(repr, known))}, or {other})")


def positive_int(number: Any, name: str) -> int:
    """``number``, if it is a whole number of 1 or more.

    Raises:
        TypeError: if it is not an int.
        ValueError: if it is less than 1.

    >>> positive_int(0, "epochs")
    Traceback (most recent call last):
        ...
    ValueError: epochs must be 1 or more, not 0
    """
    if isinstance(number, bool) or not hasattr(number, "__index__"):
        raise TypeError(f"{name} must be a whole number, not {type(number).__name__} ({number!r:.40})")
    whole: int = number.__index__()
    if whole < 1:
        raise ValueError(f"{name} must be 1 or more, not {whole}")
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
    converted = any_float(number, name)
    if not 0 < converted < math.inf:
        raise ValueError(f"{name} must be a finite number above 0, not {converted!r}")
    return converted


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
    converted = any_float(number, name)
    if not 0 <= converted < math.inf:
        raise ValueError(f"{name} must be a finite number of 0 or more, not {converted!r}")
    return converted


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
    converted = any_float(number, name)
    if not 0 <= converted < 1:
        raise ValueError(f"{name} must be 0 or more and below 1, not {converted!r}")
    return converted


def any_float(number: Any, name: str) -> float:
    """``number`` as a float, also if it is infinite or nan.

    Raises:
        TypeError: if it is not a number.

    >>> any_float("0.1", "lr")
    Traceback (most recent call last):
        ...
    TypeError: lr must be a number, not str ('0.1')
    """
    if isinstance(number, str | bool) or not hasattr(number, "__float__"):
        raise TypeError(f"{name} must be a number, not {type(number).__name__} ({number!r:.40})")
    return float(number)


def generator(seed: Seed) -> random.Random:
    """A generator of random numbers: by an int always the same, by None always another; or the one that was given.

    Raises:
        TypeError: if ``seed`` is anything else.

    >>> generator(3).random() == generator(3).random()
    True
    """
    if isinstance(seed, random.Random):
        return seed
    try:
        return random.Random(None if seed is None else operator.index(seed))
    except TypeError:
        raise TypeError(
            f"seed must be a whole number, a random.Random or None, not {type(seed).__name__} ({seed!r:.40})"
        ) from None
