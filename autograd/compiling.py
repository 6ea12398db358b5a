"""``compile``: record a function once, and run it on a whole table of numbers at the speed of the hardware."""

from __future__ import annotations

import functools
from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

from autograd.arguments import Arguments, first_row, replace, rows_of
from autograd.captured import captured
from autograd.errors import RecordingError
from autograd.lowering import lower
from autograd.real import is_real
from autograd.replay import Replay, find_unowned
from autograd.steps import CONSTANT, PARAMETER, Graph, Step, fuse
from autograd.structure import Structure, take_apart
from autograd.sums import sum as _sum
from autograd.threads import cores
from autograd.tracing import Tracer
from autograd.value import WATCHERS, Value
from autograd.walk import topological_order

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    from autograd.program import Program

LARGE = 2_000_000  # steps of loops in a call, from which on it is worth while to use all cores


def compile(function: Callable[..., Any], *, threads: int | None = None) -> Compiled:  # noqa: A001 - autograd.compile
    """Record what a function of Values does, once, and replay it on floats and on arrays with a row for each lane.

    ``compile(f)(X, y)`` gives what ``[f(x, t) for x, t in zip(X, y)]`` gives, to the bit: an array's first axis is the
    rows, and f sees one row of it; plain numbers, also those in lists, tuples and dicts, are the same in all rows.

    Values that f uses and was not given (parameters) are read at each call, and ``backward`` adds to their ``.grad``.
    Other things that it uses are those of the recording: random numbers, and what is changed inside a list or an object.
    Within ``detect_anomaly()`` and ``find_mistakes()`` the function is also run node by node, so that these see it.

    Args:
        function: takes numbers, arrays, and lists, tuples and dicts of such, and computes with autograd's functions.
        threads: over how many threads the rows are spread; by default one for small calls and as many as there are
            cores for large ones. Results are the same for any number.

    Raises:
        RecordingError: when it is first called, if the function does something that depends on a recorded number other
            than by operations: a branch (``if x > 0``; use ``where``), an index (use ``take``), ``x.data``.

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
        self._recordings: dict[Any, _Recording] = {}
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
        found = [_results(self.function(*row), self.function) for row in rows_of(arguments, rows)]
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
            arguments = tuple([_in_rows(x, given.rows) if i in positions else x for i, x in enumerate(arguments)])
            given = Arguments(arguments)
        recording, parameters = self._recording(arguments, given)
        replay = recording.replay(positions)
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
            built.append(_like(arguments[position], iter(numbers), rows))
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

    def _threads(self, recording: _Recording, rows: int) -> int:
        if self.threads is not None:
            return self.threads
        return cores() if recording.work * rows > LARGE else 1

    def _recording(self, arguments: tuple[Any, ...], given: Arguments) -> tuple[_Recording, tuple[Value, ...]]:
        """What was recorded for such arguments; recorded now, if that is not so or a captured Value was replaced."""
        for look, before in self._seen:
            if look() is not before:
                self._recordings.clear()
                break
        recording = self._recordings.get(given.signature)
        if recording is None or recording.lost_a_parameter():
            self._seen = captured(self.function)
            recording = self._recordings[given.signature] = _Recording(self.function, arguments, given)
        return recording, recording.parameters

    def __getstate__(self) -> dict[str, Any]:
        """What is pickled: the function, not what was recorded."""
        return {"function": self.function, "threads": self.threads}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__init__(**state)  # type: ignore[misc]

    def __repr__(self) -> str:
        return f"<compiled {getattr(self.function, '__name__', self.function)}, recorded {len(self._recordings)} times>"


_HOLDERS: Counter[int] = Counter()  # by the id of a parameter: how many recordings there are that keep it
_changes = [0]  # how often _HOLDERS was changed


class _Recording:
    """A function as it was recorded for arguments of one arrangement."""

    def __init__(self, function: Callable[..., Any], arguments: tuple[Any, ...], given: Arguments) -> None:
        inputs: list[Value] = []
        self.is_wide: list[bool] = []
        self.inputs_of: list[range] = []
        stand_ins = _stand_ins(arguments, inputs, self.is_wide, self.inputs_of)
        with Tracer() as tracer:
            try:
                result = function(*stand_ins)
            except Exception as problem:
                if not isinstance(problem, RecordingError):
                    problem.add_note(_what_it_was_given(arguments))
                raise
            if tracer.refused is not None:  # and the function caught it
                raise tracer.refused
            results, self.structure = _results(result, function)
            root = results[0] if len(results) == 1 else _sum(results)
        order = topological_order(root) if isinstance(root, Value) else []
        self.graph = Graph(order, results, inputs, set(tracer.nodes))
        del stand_ins, result, results, root, order, tracer, inputs
        self._make_constants()
        fuse(self.graph)
        self.parameters = tuple(self.graph.parameters)
        self.graph.parameters = list(range(len(self.parameters)))  # type: ignore[arg-type]  # only their number counts
        self.names = [p.label or f"p{k}" for k, p in enumerate(self.parameters)]
        self.work = 1
        self._replays: dict[Any, Replay] = {}
        self._programs: dict[Any, Program] = {}
        _HOLDERS.update([id(p) for p in self.parameters])
        _changes[0] += 1
        self._limits: list[int] = []
        self._limits_as_of = -1

    def _make_constants(self) -> None:
        """What f made itself, as Value(2.0), nobody else can change: it is a constant."""
        kept: list[Value] = []
        unowned = set(find_unowned(tuple(self.graph.parameters), [2] * len(self.graph.parameters)))
        steps = self.graph.steps
        # In the order of their use, so that the weights of a neuron lie side by side.
        used = [x for step in steps if step is not None for x in step.operands]
        for i in dict.fromkeys(used + self.graph.results):
            step = steps[i]
            if step is None or step.row != PARAMETER:
                continue
            k = int(step.number)
            if k in unowned:
                self.graph.steps[i] = Step(CONSTANT, number=self.graph.parameters[k].data)
            else:
                step.number = len(kept)
                kept.append(self.graph.parameters[k])
        self.graph.parameters = kept

    def lost_a_parameter(self) -> bool:
        """Whether there is a parameter that nobody has any more but recordings: it was deleted, or another put in its place."""
        if self._limits_as_of != _changes[0]:
            self._limits = [_HOLDERS[id(p)] for p in self.parameters]
            self._limits_as_of = _changes[0]
        return bool(find_unowned(self.parameters, self._limits))

    def __del__(self) -> None:
        if hasattr(self, "_limits") and _HOLDERS is not None:  # when Python ends, it may be gone already
            _HOLDERS.subtract([id(p) for p in self.parameters])
            _changes[0] += 1

    def program(self, what: Any) -> Program:
        """For ``"values"``, the gradient by the ``"parameters"``, or that by some arguments."""
        if what not in self._programs:
            if what != "values" and (self.structure.make is not None or self.structure.is_array):
                raise TypeError(
                    f"a gradient needs a function that gives one number, not {self.structure.outline()}; "
                    "compile a function of its own that picks or adds them up"
                )
            inputs = None if what == "values" else () if what == "parameters" else {k for i in what for k in self.inputs_of[i]}
            gradients = None if inputs is None else sorted(inputs)
            self._programs[what] = lower(self.graph, self.is_wide, gradients, what == "parameters", self.names)
        return self._programs[what]

    def replay(self, what: Any) -> Replay:
        """The same, ready to run."""
        if what not in self._replays:
            program = self.program(what)
            self.work = max(self.work, program.work)
            self._replays[what] = Replay(program)
        return self._replays[what]


def _what_it_was_given(arguments: tuple[Any, ...]) -> str:
    """For whoever wonders at an error in a function while it is recorded."""
    given = []
    for i, thing in enumerate(arguments):
        if not isinstance(thing, np.ndarray) or not thing.ndim:
            what = "a Value" if is_real(thing) else f"a {type(thing).__name__}"
        elif thing.ndim == 1:
            what = f"one Value for each of the {len(thing)} rows of an array (a vector that is the same in all rows is a list)"
        else:
            what = f"an array of shape {thing.shape[1:]} for each of {len(thing)} rows"
        given.append(f"argument {i} was {what}")
    return (
        f"autograd.compile called the function on Values, to record it: {'; '.join(given)}. "
        "Options (flags, counts, names) do not belong among the arguments: bind them with a lambda"
    )


def _stand_ins(arguments: tuple[Any, ...], inputs: list[Value], is_wide: list[bool], inputs_of: list[range]) -> list[Any]:
    """The arguments with Values in the place of numbers. Fills the three lists."""
    numbers = first_row(arguments)

    def leaf(wide: bool) -> Value:
        inputs.append(Value(next(numbers)))
        is_wide.append(wide)
        return inputs[-1]

    stand_ins = []
    for thing in arguments:
        first = len(inputs)
        stand_ins.append(replace(thing, leaf))
        inputs_of.append(range(first, len(inputs)))
    return stand_ins


def _results(result: Any, function: Any) -> tuple[list[Any], Structure]:
    try:
        return take_apart(result, "what it gives")
    except TypeError as problem:
        raise TypeError(f"{getattr(function, '__name__', function)} cannot be compiled: {problem}") from None


def _rows_of(leaf: Structure, results: np.ndarray) -> np.ndarray:
    """Of one number a row of results; of an array in each row, one array with the rows first."""
    if leaf.is_array:
        return results[leaf.start : leaf.start + leaf.size].T.reshape(results.shape[1], *leaf.shape)
    wanted: np.ndarray = results[leaf.start]
    return wanted


def _in_rows(thing: Any, rows: int) -> Any:
    """Plain numbers as arrays with an element a row."""
    if isinstance(thing, np.ndarray) and thing.ndim:
        return thing
    if isinstance(thing, dict):
        return {key: _in_rows(item, rows) for key, item in thing.items()}
    if isinstance(thing, list | tuple):
        items = [_in_rows(item, rows) for item in thing]
        return type(thing)(*items) if hasattr(thing, "_fields") else type(thing)(items)
    return np.full(rows, float(thing))


def _like(thing: Any, numbers: Any, rows: int) -> Any:
    """A gradient by an argument, arranged as that."""
    if isinstance(thing, np.ndarray) and thing.ndim:
        size = int(np.prod(thing.shape[1:]))
        return np.stack([next(numbers) for _ in range(size)], axis=1).reshape(thing.shape) if size else np.zeros(thing.shape)
    if isinstance(thing, dict):
        return {key: _like(item, numbers, rows) for key, item in thing.items()}
    if isinstance(thing, list | tuple):
        items = [_like(item, numbers, rows) for item in thing]
        return type(thing)(*items) if hasattr(thing, "_fields") else type(thing)(items)
    return float(next(numbers)[0])
