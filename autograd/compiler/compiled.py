"""``compile``: record a function once, and run it on a whole table of numbers at the speed of the hardware."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

import numpy as np

from autograd.base.modes import WATCHERS
from autograd.compiler.arguments import Arguments, arranged_like, in_rows, rows_of
from autograd.compiler.purity import record_repeatable
from autograd.compiler.recording import results_of
from autograd.nodes.sums import sum as _sum
from autograd.replay.threads import cores
from autograd.transforms.derivatives import gradients as gradients_of
from autograd.value import Value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    from autograd.compiler.recording import Recording
    from autograd.replay.program import Program
    from autograd.transforms.structure import Structure

LARGE = 2_000_000  # steps of loops in a call, from which on it is worth while to use all cores


def compile(function: Callable[..., Any], *, threads: int | None = None) -> Compiled:  # noqa: A001 - autograd.compile
    """Record what a function of Values does, once, and replay it on floats and on arrays with a row for each lane.

    ``compile(f)(X, y)`` gives what ``[f(x, t) for x, t in zip(X, y)]`` gives, to the bit: an array's first axis is the
    rows, and f sees one row of it; plain numbers, also those in lists, tuples and dicts, are the same in all rows.

    Values that f uses and was not given (parameters) are read at each call, and ``backward`` adds to their ``.grad``. Where f
    reads another thing by a name, it is recorded anew once something else is there; what is changed inside a list or an array
    is not seen, nor an attribute that there is only later, for ``getattr(thing, "name", None)``.

    To record it, f is called twice, and must do the same both times. What it only writes, as ``self.hidden = ...``, is written
    then, and not by a replay.

    Within ``detect_anomaly()`` and ``find_mistakes()`` the function is also run node by node, so that these see it.

    Args:
        function: takes numbers, arrays, and lists, tuples and dicts of such, and computes with autograd's functions.
        threads: over how many threads the rows are spread; by default one for small calls and as many as there are
            cores for large ones. Results are the same for any number.

    Raises:
        RecordingError: when it is first called, if the function does something that depends on a recorded number other
            than by operations: a branch (``if x > 0``; use ``where``), an index (use ``take``), ``x.data``. And if a replay
            would not do what a call does: the function draws random numbers (draw outside, and pass the numbers as an
            argument) from a generator that can be reached by names, attributes and items, and these are then put back; or
            two calls are not the same, as it counts them or reads the time. What shows in neither is not found.

    >>> import numpy as np
    >>> from autograd import Value, compile
    >>> w = Value(2.0)
    >>> f = compile(lambda x, t: (w * x - t) ** 2)
    >>> X, t = np.array([1.0, 2.0, 3.0]), np.array([3.0, 5.0, 7.0])
    >>> f(X, t)
    array([1., 1., 1.])
    >>> f.backward(X, t), w.grad
    (1.0, -4.0)
    """
    if not callable(function):
        raise TypeError(f"compile() takes a function of Values, not {type(function).__name__} ({function!r:.40})")
    if threads is not None and (isinstance(threads, bool) or not isinstance(threads, int) or threads < 1):
        raise ValueError(f"threads must be a whole number from 1, or None for as many as are worth while, not {threads!r}")
    return Compiled(function, threads)


class Compiled:
    """A function that is recorded when first called, and again for arguments arranged in another way."""

    def __init__(self, function: Callable[..., Any], threads: int | None) -> None:
        functools.update_wrapper(self, function)
        self.function = function
        self.threads = threads
        self._recordings: dict[Any, Recording] = {}
        self._seen: list[tuple[Callable[[], Any], Any]] = []

    def __call__(self, *arguments: Any, **keywords: Any) -> Any:
        """What the function gives: in each row, if there are arrays among the arguments.

        Numbers become arrays with an element for each row; an array of shape (k,) becomes one of (rows, k). With Values
        among the arguments the function itself is called, row by row, and arrays are of Values: so compiled functions can be
        differentiated and composed.
        """
        self._check_keywords(keywords)
        given = Arguments(arguments)
        if given.has_values:
            return self._call_function(arguments, given.rows)
        if WATCHERS.get():
            for row in rows_of(arguments, given.rows):
                self.function(*row)
        recording, parameters = self._recording(arguments, given)
        replay = recording.replay("values")
        rows = given.rows
        results = np.empty((len(recording.graph.results), max(rows, 1) if rows < 0 else rows))
        replay.run(given.arrays, given.scalars, parameters, rows, 1.0, results, None, self._threads(recording, rows))
        if rows < 0:
            return recording.structure.build(results[:, 0].tolist())
        return recording.structure.rebuild(lambda leaf: _rows_of(leaf, results))

    def _check_keywords(self, keywords: dict[str, Any]) -> None:
        if keywords:
            raise TypeError(
                f"the arguments of a compiled function are given by position, not as {', '.join(keywords)}=...; "
                "compile a lambda that passes them on by name"
            )

    def backward(self, *arguments: Any, reduce: str = "mean", **keywords: Any) -> float:
        """The mean (or the sum) over all rows, and its gradient, added to ``.grad`` of the parameters.

        Args:
            arguments: as in a call.
            reduce: ``"mean"`` or ``"sum"``.

        Raises:
            ValueError: for any other ``reduce``; the mean of no rows.
            TypeError: if the function gives something else than one number.
        """
        self._check_keywords(keywords)
        if reduce not in ("mean", "sum"):
            raise ValueError(f"unknown reduce: {reduce!r} (must be 'mean' or 'sum')")
        given = Arguments(arguments)
        if given.has_values:
            raise TypeError("backward() of a compiled function takes numbers, not Values; call f(...).backward() for these")
        rows = given.rows
        if reduce == "mean" and rows == 0:
            raise ValueError("the mean of no rows: all arrays among the arguments are empty; reduce='sum' gives 0.0")
        count = 1 if rows < 0 or reduce == "sum" else rows
        recording, parameters = self._recording(arguments, given)
        if WATCHERS.get():
            return self._backward_watched(rows_of(arguments, rows), count)
        total, found = recording.replay("parameters").run(
            given.arrays, given.scalars, parameters, rows, 1.0 / count, None, None, self._threads(recording, rows), True
        )
        for computed, gradient in found:  # before the call, from other Values: on to these
            computed.backward(gradient)
        return total / count

    def _call_function(self, arguments: tuple[Any, ...], rows: int) -> Any:
        """What ``__call__`` gives, node by node."""
        if rows < 0:
            return self.function(*arguments)
        if rows == 0:
            raise ValueError(
                "Values, and arrays without rows, are among the arguments: there is nothing to call the function for"
            )
        found = [results_of(self.function(*row), self.function) for row in rows_of(arguments, rows)]
        table = np.empty((len(found[0][0]), rows), dtype=object)
        for i, (numbers, _) in enumerate(found):
            table[:, i] = numbers
        return found[0][1].rebuild(lambda leaf: _rows_of(leaf, table))

    def _backward_watched(self, rows: Iterable[tuple[Any, ...]], count: int) -> float:
        """``backward`` node by node, so that ``detect_anomaly`` and the like see each with the line of its code."""
        result = _sum([self.function(*row) for row in rows]) * (1.0 / count)
        if isinstance(result, Value):
            result.backward()
        return float(result.data if isinstance(result, Value) else result)

    def value_and_grad(self, *arguments: Any, argnums: int | tuple[int, ...] = 0, **keywords: Any) -> tuple[Any, Any]:
        """The value, and its gradient by an argument (or a tuple of gradients), in each row.

        Args:
            arguments: as in a call.
            argnums: by which argument, or a tuple of positions.

        Raises:
            TypeError: if the function gives something else than one number, or an argument is asked for that there is not.
        """
        self._check_keywords(keywords)
        positions = argnums if isinstance(argnums, tuple) else (argnums,)
        for position in positions:
            if isinstance(position, bool) or not isinstance(position, int) or not 0 <= position < len(arguments):
                raise TypeError(f"argnums must be positions of the {len(arguments)} arguments, from 0, not {position!r}")
        given = Arguments(arguments)
        if given.has_values:
            raise TypeError("value_and_grad() of a compiled function takes numbers; use autograd.value_and_grad for Values")
        if given.rows >= 0:  # a number that is the same in all rows has a gradient of its own in each
            arguments = tuple([in_rows(x, given.rows) if i in positions else x for i, x in enumerate(arguments)])
            given = Arguments(arguments)
        recording, parameters = self._recording(arguments, given)
        replay = recording.replay(positions)
        if WATCHERS.get():
            for row in rows_of(arguments, given.rows):
                result = self.function(*row)
                if isinstance(result, Value):
                    gradients_of(result, [row[position] for position in positions])
        rows = given.rows
        values = np.empty((1, max(rows, 1) if rows < 0 else rows))
        wanted = sorted({k for position in positions for k in recording.inputs_of[position]})
        gradients = np.zeros((len(wanted), values.shape[1]))
        _, found = replay.run(
            given.arrays, given.scalars, parameters, rows, 1.0, values, gradients, self._threads(recording, rows)
        )
        if rows < 0:
            gradients[:, 0] = found
        places = {k: i for i, k in enumerate(wanted)}
        built = []
        for position in positions:
            numbers = [gradients[places[k]] for k in recording.inputs_of[position]]
            built.append(arranged_like(arguments[position], iter(numbers)))
        value = values[0] if rows >= 0 else float(values[0, 0])
        return value, tuple(built) if isinstance(argnums, tuple) else built[0]

    def program(self, *arguments: Any, gradient: bool = False) -> Program:
        """The program for arguments arranged like these: to print, to count, to pickle.

        Args:
            arguments: as in a call; only how they are arranged matters.
            gradient: whether to give the one that ``backward`` runs.
        """
        recording, _ = self._recording(arguments, Arguments(arguments))
        return recording.program("parameters" if gradient else "values")

    def _threads(self, recording: Recording, rows: int) -> int:
        if self.threads is not None:
            return self.threads
        return cores() if recording.work * rows > LARGE else 1

    def _recording(self, arguments: tuple[Any, ...], given: Arguments) -> tuple[Recording, tuple[Value, ...]]:
        """What was recorded for such arguments; recorded now, if that is not so or a captured Value was replaced."""
        for look, before in self._seen:
            if look() is not before:
                self._recordings.clear()
                break
        recording = self._recordings.get(given.signature)
        if recording is None or recording.lost_a_parameter():
            recording, self._seen = record_repeatable(self.function, arguments)
            self._recordings[given.signature] = recording
        return recording, recording.parameters

    def __getstate__(self) -> dict[str, Any]:
        """What is pickled: the function, not what was recorded."""
        return {"function": self.function, "threads": self.threads}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__init__(**state)  # type: ignore[misc]

    def __repr__(self) -> str:
        return f"<compiled {getattr(self.function, '__name__', self.function)}, recorded {len(self._recordings)} times>"


def _rows_of(leaf: Structure, results: np.ndarray) -> np.ndarray:
    """Of one number a row of results; of an array in each row, one array with the rows first."""
    if leaf.is_array:
        return results[leaf.start : leaf.start + leaf.size].T.reshape(results.shape[1], *leaf.shape)
    wanted: np.ndarray = results[leaf.start]
    return wanted
