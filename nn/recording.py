"""Recording what a model does for one row, to replay it for others; and noticing where that would not be the same."""

from __future__ import annotations

import random
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from itertools import islice
from typing import Any

from autograd import RecordingError
from nn.choices import get_state, is_generator
from nn.layers import Dropout
from nn.modules import Module


def record(model: Any, function: Callable[..., Any], *arguments: Any) -> Any:
    """``autograd.compile(function)``, recorded for such arguments; the function calls ``model`` and changes nothing itself.

    Args:
        model: what may not change, nor draw random numbers.
        function: of a row of each array.
        arguments: arrays with a row each, and numbers that are the same for all.

    Raises:
        RecordingError: if what the model does depends on its numbers or on chance, or if a call changes the model.
    """
    import numpy as np

    from autograd import compile  # noqa: A004 - of functions of Values; loads NumPy

    recorded, before, programs = compile(function), _contents(model), []
    with random_states_kept():
        # Recorded twice, from two rows: what draws random numbers or counts its calls gives two programs.
        for made, rows in ((recorded, slice(1)), (compile(function), slice(-1, None))):
            program = made.program(*(thing[rows] if isinstance(thing, np.ndarray) else thing for thing in arguments))
            programs.append((program.code, program.terms, program.constants.tobytes(), program.n_parameters))
        after = _contents(model)
    changed = [name for name in before.keys() | after.keys() if before.get(name, (0,))[0] != after.get(name, (0,))[0]]
    if changed:
        raise RecordingError(f"a call of it changes {min(changed)}, which a replay would not")
    if programs[0] != programs[1]:
        raise RecordingError("two calls of it do not compute the same, as if it drew random numbers")
    return recorded


@contextmanager
def random_states_kept() -> Iterator[None]:
    """Afterwards the global generators, of Python and, if it is loaded, of NumPy, are in the state that they were in before."""
    state, numpys = random.getstate(), sys.modules.get("numpy.random")
    numpy_state = numpys and numpys.get_state()
    try:
        yield
    finally:
        random.setstate(state)
        if numpys:
            numpys.set_state(numpy_state)


def _contents(model: Any) -> dict[str, tuple[Any, Any]]:
    """What is in the attributes of a model, and the states of the global generators, by name.

    The first of each pair is to be compared. The second is the object, kept so that nothing else gets its id.
    """
    numpys = sys.modules.get("numpy.random")
    found: dict[str, tuple[Any, Any]] = {"the state of random": (random.getstate(), None)}
    found["the state of numpy.random"] = repr(numpys and numpys.get_state()), None
    seen: set[int] = set()

    def add(prefix: str, items: Iterable[tuple[Any, Any]]) -> None:
        for key, thing in items:
            if isinstance(thing, int | float | str):
                same: Any = repr(thing)
            elif is_generator(thing):
                same = repr(get_state(thing))
            else:
                same = thing.tobytes() if hasattr(thing, "tobytes") else id(thing)
            found[f"{prefix}{key}"] = same, thing
            if isinstance(thing, Module | dict | list | tuple) and id(thing) not in seen:
                seen.add(id(thing))
                within = vars(thing) if isinstance(thing, Module) else thing
                add(f"{prefix}{key}.", within.items() if isinstance(within, dict) else enumerate(within))

    add("", vars(model).items())
    return found


class Masks:
    """The masks of all Dropouts in a model: in a replay they are numbers of each row, and nothing is drawn.

    >>> from nn import MLP
    >>> model = MLP(2, [3, 1], dropout=0.5, seed=0)
    >>> masks = Masks(model, [1.0, 1.0])
    >>> masks.draw(), masks.draw()
    ([2.0, 2.0, 2.0], [0.0, 2.0, 2.0])
    >>> with masks.given([0.0, 0.0, 2.0]):
    ...     outputs = model([1.0, 1.0])  # as if it had drawn these
    """

    def __init__(self, model: Any, row: Any) -> None:
        """Call the model once, drawing nothing: the order of its Dropouts, and for how many numbers, are those of any row."""
        found = model.modules() if isinstance(model, Module) else []
        self._dropouts = [module for module in found if isinstance(module, Dropout)]
        self._calls: list[tuple[Dropout, int]] = []

        def note(dropout: Dropout, n: int) -> list[float]:
            self._calls.append((dropout, n))
            return [1.0] * n

        with random_states_kept(), self._answering(note):
            self.outputs = model(row)
        self.size = sum(n for _, n in self._calls)

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
            vars(dropout)["draw"] = partial(answer, dropout)  # instead of the method
        try:
            yield
        finally:
            for dropout in self._dropouts:
                del vars(dropout)["draw"]
