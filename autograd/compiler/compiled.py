"""``compile``: record a function once, and replay it on whole tables of numbers.

A call consists of these passes. The passes from trace to lower run only once for each structure of the arguments.

    arguments   read the arrays and numbers               arguments.py
    trace       call the function on Values, twice        tracer.py
    compare     the two traces must be equal              purity.py
    graph       number the operations                     graph.py
    fuse        turn sums of products into dots           fusing.py
    lower       turn the graph into a Program             lowering.py
    execute     run the Program on all rows               replay/executor.py
    results     restore the structure of the results      this file
"""

from __future__ import annotations

import functools
import operator
import sys
from typing import TYPE_CHECKING

import numpy as np

from autograd.base.modes import WATCHERS
from autograd.compiler.arguments import Arguments, unflatten_columns
from autograd.compiler.recording import record
from autograd.compiler.tracer import flatten_results
from autograd.nodes.sums import sum as _sum
from autograd.replay.threads import cores
from autograd.transforms.derivatives import gradients as gradients_of
from autograd.value import Value

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, NoReturn

    from autograd.compiler.names import Names
    from autograd.compiler.recording import Recording, Wanted
    from autograd.replay.program import Program
    from autograd.transforms.pytrees import Leaf

MIN_THREADED_WORK = 2_000_000  # loop steps in a call; below this, one thread is faster


def compile(function: Callable[..., Any], *, threads: int | None = None, check: bool = True) -> Compiled:  # noqa: A001 - autograd.compile
    """Record a function of Values once and replay it on floats or on arrays of rows.

    ``compile(f)(X, y)`` is bit for bit ``[f(x, t) for x, t in zip(X, y)]``. Arrays are split along their first axis, and
    ``f`` receives one row. Plain numbers, including those in lists, tuples and dicts, are shared by all rows.

    ``f`` must be pure: a function of its arguments and of the Values it reads. The Values it reads are its parameters. They
    are read at each call, and ``backward`` accumulates into their ``.grad``. A Value that ``f`` creates is a constant.

    On the first call with arguments of a new structure, ``f`` is recorded twice, and the two recordings must be equal:
    the same operations, constants, results and parameters. If a name that ``f`` reads is later bound to another object, ``f``
    is recorded again. This covers global names, variables of enclosing functions, defaults, attributes, and, for a module of
    ``nn``, its parameters and its training mode. ``clear()`` discards all recordings.

    The following is not detected:

    - A list, dict or array that ``f`` reads is changed in place. Call ``clear()`` after such a change.
    - ``f`` draws random numbers, counts its calls or reads a file, but both recordings are equal.
    - ``f`` reads an attribute with ``getattr(thing, "name", None)``, and the attribute is created later.
    - ``f`` rebinds a name itself, and other code rebinds it later.
    - The code of an installed package reads the name.
    - With ``check=False``, any difference between two calls.

    Side effects, such as printing or ``self.hidden = ...``, happen while ``f`` is recorded, but not in a replay.

    Within ``detect_anomaly()`` and ``find_mistakes()``, ``f`` also runs node by node so that these tools can observe it.

    Args:
        function: Accepts numbers, arrays, and lists, tuples and dicts of them, and computes with autograd's functions.
        threads: Number of threads that share the rows. By default, 1 for small calls and the number of cores for large ones.
            Results do not depend on it.
        check: Whether to record the function twice and compare. Without the check, the first call takes half the time.

    Raises:
        TypeError: If ``function`` is not callable, or ``check`` is not a bool.
        ValueError: If ``threads`` is not a positive integer.
        RecordingError: On the first call, if ``f`` uses a recorded number other than in operations: in a branch
            (``if x > 0``; use ``where``), as an index (``int(x)``; use ``take``) or through ``x.data``. Also if ``f`` uses a
            custom primitive, or if the two recordings differ. The message states the line.

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
        kind = type(function).__name__
        raise TypeError(
            f"compile() takes a function of Values, not {kind} ({function!r:.40}); pass the function itself, not its result"
        )
    if threads is not None and (isinstance(threads, bool) or not isinstance(threads, int) or threads < 1):
        raise ValueError(f"threads must be a positive integer, or None to choose automatically, not {threads!r}")
    if not isinstance(check, bool):
        raise TypeError(f"check must be True or False, not {check!r:.40}")
    return Compiled(function, threads, check)


class Compiled:
    """A function that is recorded once for each structure of its arguments, on the first call. Created by ``compile``."""

    def __init__(self, function: Callable[..., Any], threads: int | None, check: bool) -> None:
        functools.update_wrapper(self, function)
        self.function = function
        self.threads = threads
        self.check = check
        self.clear()

    def clear(self) -> None:
        """Discard all recordings. The next call records the function again.

        Call ``clear()`` after an object that the function reads, such as a list, was changed in place.

        >>> scales = [2.0]
        >>> f = compile(lambda x: scales[0] * x)
        >>> f(1.0)
        2.0
        >>> scales[0] = 3.0
        >>> f.clear()
        >>> f(1.0)
        3.0
        """
        self._recordings: dict[Any, Recording] = {}
        self._names: Names | None = None

    def __call__(self, *arguments: Any, **keywords: Any) -> Any:
        """Return the results of the function, for each row if the arguments contain arrays.

        For arrays of rows, a result that is a number becomes an array with one element per row, and a result of shape (k,)
        becomes an array of shape (rows, k). If the arguments contain Values, the function itself is called row by row, and
        the resulting arrays contain Values. Therefore compiled functions can be differentiated and composed.
        """
        if keywords:
            _refuse_keywords(keywords)
        given = Arguments(arguments)
        if given.has_values:
            return self._call_function(given)
        if WATCHERS.get():
            for row in given.as_values():
                self.function(*row)
        recording = self._recording(given)
        rows = given.rows
        results = np.empty((len(recording.graph.results), max(rows, 1) if rows < 0 else rows))
        self._execute(recording, "values", given, 1.0, results, None)
        if recording.structure.is_number:
            return results[0] if rows >= 0 else float(results[0, 0])
        if rows < 0:
            return recording.structure.unflatten(results[:, 0].tolist())
        return recording.structure.rebuild(lambda leaf: _rows_of(leaf, results))

    def backward(self, *arguments: Any, reduce: str = "mean", **keywords: Any) -> float:
        """Return the mean (or the sum) of the result over all rows, and add its gradient to the parameters' ``.grad``.

        Args:
            arguments: The arguments of the function.
            reduce: ``"mean"`` or ``"sum"``.
            keywords: Not accepted.

        Raises:
            ValueError: If ``reduce`` is unknown, or is ``"mean"`` and there are no rows.
            TypeError: If the function does not return exactly one number, or an argument contains a Value.
        """
        if keywords:
            _refuse_keywords(keywords)
        given = Arguments(arguments)
        if reduce not in ("mean", "sum"):
            raise ValueError(f"unknown reduce: {reduce!r} (must be 'mean' or 'sum')")
        if given.has_values:
            raise TypeError("backward() of a compiled function takes numbers, not Values; for Values call f(...).backward()")
        rows = given.rows
        if reduce == "mean" and rows == 0:
            raise ValueError("the mean of no rows is undefined: all arrays are empty; pass reduce='sum' to get 0.0")
        count = 1 if rows < 0 or reduce == "sum" else rows
        recording = self._recording(given)
        if WATCHERS.get():
            return self._backward_node_by_node(given, count)
        total, found = self._execute(recording, "parameters", given, 1.0 / count, None, None, True)
        for computed, gradient in found:  # parameters that were computed from other Values before the call
            computed.backward(gradient)
        return total / count

    def value_and_grad(self, *arguments: Any, argnums: int | tuple[int, ...] = 0, **keywords: Any) -> tuple[Any, Any]:
        """Return the value and its gradient with respect to an argument, for each row.

        Args:
            arguments: The arguments of the function.
            argnums: The position of the argument. For a tuple of positions, a tuple of gradients is returned.
            keywords: Not accepted.

        Raises:
            TypeError: If the function does not return exactly one number, ``argnums`` is not a position of an argument, or
                an argument contains a Value.
        """
        if keywords:
            _refuse_keywords(keywords)
        given = Arguments(arguments)
        positions = _positions(argnums, len(arguments))
        if given.has_values:
            raise TypeError("value_and_grad() of a compiled function takes numbers; for Values use autograd.value_and_grad")
        given = given.broadcast(positions)  # a number that is shared by all rows has one gradient per row
        recording = self._recording(given)
        inputs = recording.inputs_at(positions)
        values = np.empty((1, 1 if given.rows < 0 else given.rows))
        gradients = np.zeros((len(inputs), values.shape[1]))
        if WATCHERS.get():
            self._differentiate_node_by_node(given, positions)
        _, found = self._execute(recording, positions, given, 1.0, values, gradients)
        if given.rows < 0:
            gradients[:, 0] = found
        columns = dict(zip(inputs, gradients, strict=True))
        built = []
        for position in positions:
            of_argument = iter([columns[k] for k in recording.inputs_of[position]])
            built.append(unflatten_columns(given.signature[position], of_argument, given.rows))
        value = values[0] if given.rows >= 0 else float(values[0, 0])
        return value, tuple(built) if isinstance(argnums, tuple) else built[0]

    def program(self, *arguments: Any, gradient: bool = False) -> Program:
        """Return the program for arguments of this structure, to print it, count its operations or pickle it.

        Args:
            arguments: The arguments of the function. Only their structure matters.
            gradient: Whether to return the program that ``backward`` runs.
        """
        return self._recording(Arguments(arguments)).program("parameters" if gradient else "values")

    # ---- the passes ----

    def _recording(self, given: Arguments) -> Recording:
        """Return the recording for this structure of arguments. Record if none exists, or if a name has changed."""
        names = self._names  # another thread may call clear()
        if names is not None and names.changed():
            self.clear()
        recording = self._recordings.get(given.signature)
        if recording is None:
            recording, self._names = record(self.function, given, self.check)
            self._recordings[given.signature] = recording
        return recording

    def _execute(
        self, recording: Recording, wanted: Wanted, given: Arguments, seed: float, results: np.ndarray | None,
        gradients: np.ndarray | None, add: bool = False,
    ) -> tuple[float, list[Any]]:  # fmt: skip
        """Run the program that computes the wanted numbers on all rows. See ``Executor.run``."""
        replay = recording.replay(wanted)  # lowers the graph to a Program on the first call
        rows = given.rows
        threads = self.threads
        if threads is None:
            threads = cores() if recording.work * rows > MIN_THREADED_WORK else 1
        return replay.run(given.arrays, given.scalars, recording.parameters, rows, seed, results, gradients, threads, add)

    # ---- node by node, without a replay ----

    def _call_function(self, given: Arguments) -> Any:
        """Return the results of a call whose arguments contain Values."""
        if given.rows < 0:
            return self.function(*given.given)
        if given.rows == 0:
            raise ValueError("the arguments contain Values and arrays without rows, so there is no row to call the function on")
        found = [flatten_results(self.function(*row), self.function) for row in given.as_values()]
        table = np.empty((len(found[0][0]), given.rows), dtype=object)
        for i, (numbers, _) in enumerate(found):
            table[:, i] = numbers
        return found[0][1].rebuild(lambda leaf: _rows_of(leaf, table))

    def _backward_node_by_node(self, given: Arguments, count: int) -> float:
        """Run ``backward`` without a replay, so that ``detect_anomaly`` and other watchers see the line of each node."""
        result = _sum([self.function(*row) for row in given.as_values()]) * (1.0 / count)
        if isinstance(result, Value):
            result.backward()
        return float(result.data if isinstance(result, Value) else result)

    def _differentiate_node_by_node(self, given: Arguments, positions: tuple[int, ...]) -> None:
        """Differentiate without a replay, for watchers."""
        for row in given.as_values():
            result = self.function(*row)
            if isinstance(result, Value):
                gradients_of(result, [row[position] for position in positions])

    def __reduce_ex__(self, protocol: Any) -> Any:
        """Pickle a function decorated with ``@compile`` by its name, as Python does with functions."""
        try:
            if operator.attrgetter(self.__qualname__)(sys.modules[self.__module__]) is self:  # type: ignore[attr-defined]
                return self.__qualname__
        except (AttributeError, KeyError):  # a local function, a lambda, an object
            pass
        return super().__reduce_ex__(protocol)

    def __getstate__(self) -> dict[str, Any]:
        """Return the state to pickle: the function and the options, without the recordings."""
        return {"function": self.function, "threads": self.threads, "check": self.check}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__init__(**state)  # type: ignore[misc]

    def __repr__(self) -> str:
        return f"<compiled {getattr(self.function, '__name__', self.function)}, recorded {len(self._recordings)} times>"


def _refuse_keywords(keywords: dict[str, Any]) -> NoReturn:
    raise TypeError(
        f"a compiled function takes its arguments by position, not as {', '.join(keywords)}=...; "
        "compile a lambda that passes them on by name"
    )


def _positions(argnums: int | tuple[int, ...], count: int) -> tuple[int, ...]:
    positions = argnums if isinstance(argnums, tuple) else (argnums,)
    for position in positions:
        if isinstance(position, bool) or not isinstance(position, int) or not 0 <= position < count:
            raise TypeError(f"argnums must be positions of the {count} arguments, counted from 0, not {position!r}")
    return positions


def _rows_of(leaf: Leaf, results: np.ndarray) -> np.ndarray:
    """Return the results that belong to one leaf, as an array whose first axis is the rows."""
    if leaf.is_array:
        return results[leaf.start : leaf.start + leaf.size].T.reshape(results.shape[1], *leaf.shape)
    row: np.ndarray = results[leaf.start]
    return row
