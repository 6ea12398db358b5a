"""The classes of workloads and implementations, and the comparison of their results."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

OURS = "ours"
TOLERANCE = 1e-9  # relative to the largest number of the same result
Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Implementation:
    """One library's way to compute the results.

    Args:
        run: Computes the results. This is measured.
        read: Converts the return value of ``run`` to NumPy arrays, one per result of the workload. This is not measured.
    """

    run: Callable[[], Any]
    read: Callable[[Any], Sequence[Any]] = tuple


@dataclass(frozen=True)
class Workload:
    """A computation, and the libraries that do it.

    Args:
        name: Short name.
        text: Description: the results and the size of the input.
        results: Names of the results, in the order in which ``Implementation.read`` returns them.
        factories: Functions that return the implementations, by name. ``OURS`` comes first. A factory raises ImportError or
            OSError if a library or a program is missing.
    """

    name: str
    text: str
    results: Sequence[str]
    factories: Mapping[str, Callable[[], Implementation]]


def assert_results_agree(results: Sequence[str], found: Mapping[str, Sequence[Any]]) -> None:
    """Compare the results of all implementations with the results of the first.

    Raises:
        AssertionError: If a result has another shape, is not finite, or differs by more than ``TOLERANCE`` times the largest
            number of the result. The message states the implementation and the result.
    """
    first, *_ = found
    wanted = [np.asarray(result, dtype=float) for result in found[first]]
    for name, arrays in found.items():
        assert len(arrays) == len(results), f"{name}: {len(arrays)} results, not {len(results)}"
        for title, expected, result in zip(results, wanted, arrays, strict=True):
            array = np.asarray(result, dtype=float)
            assert array.shape == expected.shape, f"{name}: {title} has shape {array.shape}, not {expected.shape}"
            assert np.isfinite(array).all(), f"{name}: {title} is not finite"
            worst = np.abs(array - expected).max() / np.abs(expected).max()
            assert worst <= TOLERANCE, f"{name}: {title} differs from {first} by {worst:.1g}"
