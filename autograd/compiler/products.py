"""Products of the Jacobian of a compiled function and a vector, as functions that can be compiled."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

import numpy as np

from autograd.transforms import derivatives

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from autograd.compiler.static import Static

SEED, VECTORS = "the seed", "the vectors"  # names of arguments; no function has arguments with these names


def vjp(function: Callable[..., Any], static: Static) -> Callable[..., Any]:
    """Return a function of the arguments of ``function`` and of a seed: the result, and the seed times the Jacobian."""

    def results_and_gradients(*arguments: Any, **keywords: Any) -> tuple[Any, tuple[Any, ...]]:
        seed = keywords.pop(SEED)
        of_numbers, numbers = _without_static(function, static, arguments, keywords)
        results, pull_back = derivatives.vjp(of_numbers, *numbers)
        return results, pull_back(_with_arrays(seed, results))

    return results_and_gradients


def jvp(function: Callable[..., Any], static: Static) -> Callable[..., Any]:
    """Return a function of the arguments of ``function`` and of vectors: the result, and the Jacobian times the vectors."""

    def results_and_tangents(*arguments: Any, **keywords: Any) -> tuple[Any, Any]:
        vectors = keywords.pop(VECTORS)
        of_numbers, numbers = _without_static(function, static, arguments, keywords)
        return derivatives.jvp(of_numbers, numbers, _with_arrays(vectors, numbers))

    return results_and_tangents


def _without_static(
    function: Callable[..., Any], static: Static, arguments: tuple[Any, ...], keywords: dict[str, Any]
) -> tuple[Callable[..., Any], tuple[Any, ...]]:
    """Return a function of the positional arguments that are not static, and these arguments."""
    varying = [i for i in range(len(arguments)) if i not in static.positions]

    @functools.wraps(function, updated=())
    def of_numbers(*numbers: Any) -> Any:
        placed = dict(zip(varying, numbers, strict=True))
        return function(*[placed.get(i, argument) for i, argument in enumerate(arguments)], **keywords)

    return of_numbers, tuple([arguments[i] for i in varying])


def _with_arrays(vector: Any, like: Any) -> Any:
    """Return a vector with arrays in place of lists where ``like`` has arrays. Arrays in a call would be rows."""
    if isinstance(like, np.ndarray) and isinstance(vector, list):
        found = np.array(vector, dtype=object)
        return found if found.shape == like.shape else vector
    if type(vector) is dict and isinstance(like, dict):
        return {key: _with_arrays(item, like.get(key)) for key, item in vector.items()}
    if type(vector) in (list, tuple) and isinstance(like, list | tuple) and len(like) == len(vector):
        return type(vector)(_with_arrays(*pair) for pair in zip(vector, like, strict=True))
    return vector
