"""The masks of Dropout for all rows of a batch, drawn in bulk.

The numbers are those that each row would draw in turn, from the same generators, so training with a replay equals training node
by node. Only the order of the work differs: one call per generator and batch instead of one per number.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

from nn.layers import Dropout

if TYPE_CHECKING:
    import numpy as np

    from nn.base.checks import Generator

Draws = list[tuple[Dropout, int]]  # the Dropout layers in the order in which they are called, with the sizes of their masks
MIN_BULK = 1_000  # numbers; for fewer, copying the state of a generator of Python takes longer than drawing them


class Masks:
    """Draws the masks of a batch.

    Args:
        draws: The masks of one row.

    Attributes:
        size: Number of factors in each row.
        kept: The factor of each number that is kept; None if a layer draws its masks in its own way.

    >>> Masks([(Dropout(0.5, seed=1), 4)]).factors(1).tolist() == [Dropout(0.5, seed=1).draw(4)]
    True
    """

    def __init__(self, draws: Draws) -> None:
        self.draws = draws
        self.size = sum(n for _, n in draws)
        plain = all(type(dropout).draw is Dropout.draw and "draw" not in vars(dropout) for dropout, _ in draws)
        self.kept: list[float] | None = [1 / (1 - dropout.p) for dropout, n in draws for _ in range(n)] if plain else None
        self._dropped = [dropout.p for dropout, n in draws for _ in range(n)]
        self._columns: dict[int, tuple[Generator, list[int]]] = {}  # the columns that each generator fills
        start = 0
        for dropout, n in draws:
            self._columns.setdefault(id(dropout._rng), (dropout._rng, []))[1].extend(range(start, start + n))
            start += n

    def factors(self, rows: int) -> np.ndarray:
        """Return the factors as an array of shape (rows, size)."""
        import numpy as np

        if self.kept is None:
            return np.array([[x for dropout, n in self.draws for x in dropout.draw(n)] for _ in range(rows)])
        return np.where(self.bits(rows), self.kept, 0.0)

    def bits(self, rows: int) -> np.ndarray:
        """Return whether each number is kept, as an array of shape (rows, size). ``kept`` must not be None."""
        import numpy as np

        numbers = np.empty((rows, self.size))
        for rng, columns in self._columns.values():
            numbers[:, columns] = _uniform(rng, rows * len(columns)).reshape(rows, len(columns))
        return numbers >= self._dropped


def _uniform(rng: Generator, count: int) -> np.ndarray:
    """Return the numbers of ``count`` calls of ``rng.random()``, and leave the generator in the state after them."""
    import numpy as np

    if isinstance(rng, np.random.Generator):
        return rng.random(count)
    if type(rng) is not random.Random or count < MIN_BULK:
        return np.array([rng.random() for _ in range(count)], dtype=float)
    version, state, gauss = rng.getstate()  # of the Mersenne Twister, which NumPy has as well
    twin: Any = np.random.RandomState(0)
    twin.set_state(("MT19937", np.array(state[:-1], dtype=np.uint32), state[-1]))
    numbers: np.ndarray = twin.random_sample(count)
    _, key, position, *_ = twin.get_state()
    rng.setstate((version, (*key.tolist(), int(position)), gauss))
    return numbers
