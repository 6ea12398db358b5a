"""Dropout in a replay: its masks are drawn for each row, and given to what was recorded as numbers of that row."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from itertools import islice
from typing import Any

from nn.layers import Dropout
from nn.modules import Module


class Masks:
    """The masks of all Dropouts in a model, for one call after the other.

    >>> from nn import MLP
    >>> model = MLP(2, [3, 1], dropout=0.5, seed=0)
    >>> masks = Masks(model)
    >>> with masks.counted():
    ...     outputs = model([1.0, 1.0])
    >>> masks.draw(), masks.draw()
    ([2.0, 2.0, 2.0], [0.0, 2.0, 2.0])
    >>> with masks.given([0.0, 0.0, 2.0]):
    ...     outputs = model([1.0, 1.0])  # as if it had drawn these
    """

    def __init__(self, model: Any) -> None:
        found = model.modules() if isinstance(model, Module) else []
        self._dropouts = [module for module in found if isinstance(module, Dropout)]
        self._calls: list[tuple[Dropout, int]] = []  # of one call of the model, in their order: with how many numbers

    @contextmanager
    def counted(self) -> Iterator[None]:
        """Within it, call the model once: how many numbers each Dropout is given is noted. None is dropped, nothing drawn."""
        self._calls = []

        def note(dropout: Dropout, n: int) -> list[float]:
            self._calls.append((dropout, n))
            return [1.0] * n

        with self._answering(note):
            yield

    @property
    def size(self) -> int:
        """How many numbers the masks for a call of the model have, taken together."""
        return sum(n for _, n in self._calls)

    def draw(self) -> list[float]:
        """The masks for a call of the model, one after the other: the same that this would draw itself."""
        return [number for dropout, n in self._calls for number in dropout.draw(n)]

    @contextmanager
    def given(self, numbers: Sequence[Any]) -> Iterator[None]:
        """Within it, the Dropouts do not draw, but take their masks from these numbers or Values."""
        rest = iter(numbers)
        with self._answering(lambda _, n: list(islice(rest, n))):
            yield

    @contextmanager
    def _answering(self, answer: Callable[[Dropout, int], list[Any]]) -> Iterator[None]:
        for dropout in self._dropouts:
            dropout._masks = partial(answer, dropout)
        try:
            yield
        finally:
            for dropout in self._dropouts:
                dropout._masks = None
