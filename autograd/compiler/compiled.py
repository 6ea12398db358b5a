"""A compiled function: it is recorded once, and replayed on whole tables of numbers.

A call consists of these passes. The passes from trace to lower run only once for each structure of the arguments.

    arguments   read static arguments, arrays, numbers    static.py, arguments.py
    trace       call the function on Values, twice        tracer.py
    compare     the two traces must be equal              purity.py
    graph       number the operations                     graph.py
    fuse        turn sums of products into dots           fusing.py
    lower       turn the graph into a Program             lowering.py
    execute     run the Program on all rows               replay/executor.py
    results     restore the structure of the results      results.py
"""

from __future__ import annotations

import functools
import operator
import sys
from types import FunctionType, MethodType
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from autograd.base.modes import WATCHERS
from autograd.compiler import node_by_node, products
from autograd.compiler.recording import record
from autograd.compiler.results import Out, empty_table, restore
from autograd.compiler.static import Call, argument_names, required_arguments
from autograd.replay.threads import cores
from autograd.shared import OtherNames, counted, warn
from autograd.transforms import derivatives

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Sequence
    from typing import Any

    import numpy as np

    from autograd.compiler.arguments import Arguments
    from autograd.compiler.recording import Recording, Wanted
    from autograd.compiler.static import Static
    from autograd.replay.program import Program
    from autograd.value import Value

# Remedies for attributes that a compiled function does not have, by name.
_GRADIENT = "use f.value_and_grad(...), or compile(grad(f))"
_EXPORT = "use f.program(...).to_c('f.c') for C, autograd.to_numpy(f, ...) or autograd.derivative_program"
_REMEDIES = {
    **dict.fromkeys(("grad", "gradient", "gradients", "derivative"), _GRADIENT),
    **dict.fromkeys(("to_c", "source", "code", "c_source"), _EXPORT),
    **{name: f"use autograd.{name}(f, ...), where f is the function itself" for name in ("to_numpy", "to_jax", "to_torch")},
    **dict.fromkeys(("run", "call", "evaluate", "forward"), "call it: f(...), or use f.program(...).run(...)"),
    **dict.fromkeys(("lower", "graph", "instructions", "print", "show", "draw"), "use print(f.program(...))"),
    **dict.fromkeys(("cache_clear", "clear_cache", "reset"), "use f.clear()"),
    "hess": "use f.hessian(...)",
    "jac": "use f.jacobian(...)",
}

MIN_THREADED_WORK = 2_000_000  # loop steps in a call; below this, one thread is faster


class Compiled(OtherNames):
    """A function that is recorded once for each structure of its arguments, on the first call. Created by ``compile``."""

    _remedies = _REMEDIES

    def __init__(
        self, function: Callable[..., Any], static: Static, threads: int | None, check: bool, exact: bool = True,
        by_row: bool = True,
    ) -> None:  # fmt: skip
        self.is_classmethod: bool = isinstance(function, classmethod)
        self.is_staticmethod: bool = isinstance(function, staticmethod)
        function = function.__func__ if isinstance(function, classmethod | staticmethod) else function
        # The attributes of a callable object, such as the layers of a model, stay with the object.
        functools.update_wrapper(self, function, updated=("__dict__",) if isinstance(function, FunctionType) else ())
        self.function: Callable[..., Any] = function
        self.static: Static = static
        self.threads: int | None = threads
        self.check: bool = check
        self.exact: bool = exact
        self.by_row: bool = by_row
        self._attribute: str = ""  # the name in a class, if this is a method
        self._classes: WeakKeyDictionary[Any, Compiled] = WeakKeyDictionary()  # the methods of classes
        self.clear()

    def _instead_of(self, name: str) -> str:
        found = super()._instead_of(name)
        if not found and not name.startswith("_") and hasattr(self.__dict__.get("function"), name):
            return f"; it is an attribute of the function itself: f.function.{name}"
        return found

    def clear(self) -> None:
        """Discard all recordings. The next call records the function again.

        Call ``clear()`` after an object that the function reads, such as a list, was changed in place.

        >>> from autograd import compile
        >>> scales = [2.0]
        >>> f = compile(lambda x: scales[0] * x)
        >>> f(1.0)
        2.0
        >>> scales[0] = 3.0
        >>> f.clear()
        >>> f(1.0)
        3.0
        """
        self._recordings: dict[Hashable, Recording] = {}
        self._derivatives: dict[Hashable, Compiled] = {}

    def __call__(self, *arguments: Any, out: Any = None, **keywords: Any) -> Any:
        """Return the results of the function, for each row if the arguments contain arrays.

        For arrays of rows, a result that is a number becomes an array with one element per row, and a result of shape (k,)
        becomes an array of shape (rows, k). If the arguments contain Values, the function itself is called row by row, and
        the resulting arrays contain Values. Therefore compiled functions can be differentiated and composed.

        Args:
            arguments: The arguments of the function.
            out: Arrays of float64 to write the results to, in the structure of the results. A list of k numbers is one array:
                its shape is (rows, k), or (k,) if the function is called once. A list of lists of the same length has one
                more axis. The arrays need not be contiguous. By default, new arrays are returned.
            keywords: Arguments that are passed by name.

        Returns:
            The results, or ``out``.

        Raises:
            TypeError: If the arguments or ``out`` contain anything except numbers and arrays, or both Values and ``out`` are
                given.
            ValueError: If two arrays have different numbers of rows, or the structure of ``out``, or the shape of an array in
                it, is wrong, or an array is not writable.

        >>> import numpy as np
        >>> from autograd import compile
        >>> polar = compile(lambda r, angle: [r * angle.cos(), r * angle.sin()])
        >>> points = np.empty((3, 2))
        >>> polar(np.array([1.0, 2.0, 3.0]), 0.0, out=points)
        array([[1., 0.],
               [2., 0.],
               [3., 0.]])
        """
        if arguments and isinstance(arguments[0], type) and 0 not in self.static.positions:
            # From Python 3.13 on, classmethod passes the class in this way.
            return self._of_class(arguments[0])(*arguments[1:], out=out, **keywords)
        call = self._call(arguments, keywords)
        given = call.given
        if given.has_values:
            _check_no_out(out)
            return node_by_node.call_function(call)
        if WATCHERS.get():
            node_by_node.watch(call)
        recording = self._recording(call)
        structure, rows = recording.structure, given.rows
        place = None if out is None else Out(out, structure, rows)
        table = empty_table(structure.size, rows) if place is None else place.table(given.arrays)
        self._execute(recording, "values", given, 1.0, table, None)
        if recording.joined:
            warn(f"{recording.joined} of rows: np.array(...)")
        if place is None:
            return restore(structure, table, rows)
        place.write(table)
        return out

    def backward(
        self, *arguments: Any, reduce: str = "mean", executor: Any = None, deadline: float | None = None, **keywords: Any
    ) -> float:
        """Return the mean (or the sum) of the result over all rows, and add its gradient to the parameters' ``.grad``.

        Args:
            arguments: The arguments of the function.
            reduce: ``"mean"`` or ``"sum"``.
            executor: Workers that share the rows, as a ``concurrent.futures.Executor`` or a function that creates one. The
                result is the same. The rows are sent in each call; ``Sharded`` sends them once.
            deadline: With an executor: see ``Sharded``.
            keywords: Arguments that are passed by name.

        Raises:
            ValueError: If ``reduce`` is unknown, or is ``"mean"`` and there are no rows.
            TypeError: If the function does not return exactly one number, or an argument contains a Value.
            autograd.WorkerError: If the executor does not accept tasks, or a task was lost ten times.
        """
        if "reduction" in keywords and "reduction" not in (argument_names(self.function)[1] or keywords):
            raise TypeError("backward() of a compiled function got an unknown argument 'reduction'; did you mean 'reduce'?")
        call = self._call(arguments, keywords)
        given = call.given
        if reduce not in ("mean", "sum"):
            raise ValueError(f"unknown reduce: {reduce!r} (must be 'mean' or 'sum')")
        if deadline is not None and executor is None:
            raise ValueError(f"deadline must be None without an executor, not {deadline!r}; pass executor=, or omit it")
        if given.has_values:
            raise TypeError("backward() of a compiled function takes numbers, not Values; for Values call f(...).backward()")
        rows = given.rows
        if reduce == "mean" and rows == 0:
            raise ValueError("the mean of no rows is undefined: all arrays are empty; pass reduce='sum' to get 0.0")
        count = 1 if rows < 0 or reduce == "sum" else rows
        recording = self._recording(call)
        if WATCHERS.get():
            return node_by_node.backward(call, count)
        if executor is not None and rows > 0:
            from autograd.distribution.table import backward_on_workers  # not loaded without an executor

            program = recording.program("parameters")
            total, found = backward_on_workers(
                executor, deadline, program, given.arrays, given.scalars, recording.parameters, rows, 1.0 / count
            )
        else:
            total, found = self._execute(recording, "parameters", given, 1.0 / count, None, None, True)
        for computed, gradient in found:  # parameters that were computed from other Values before the call
            computed.backward(gradient)
        return total / count

    def value_and_grad(
        self, *arguments: Any, argnums: int | Sequence[int] = 0, out: Any = None, **keywords: Any
    ) -> tuple[Any, Any]:
        """Return the value and its gradient with respect to an argument, for each row.

        Args:
            arguments: The arguments of the function.
            argnums: The position of the argument; -1 is the last one. For several positions, a tuple of gradients is returned.
            out: A pair of arrays to write the value and the gradient to. See ``__call__``.
            keywords: Arguments that are passed by name.

        Raises:
            TypeError: If the function does not return exactly one number, ``argnums`` is not a position of an argument, or
                an argument contains a Value. For ``out``, see ``__call__``.
            ValueError: If the structure of ``out``, or the shape of an array in it, is wrong.
        """
        call = self._call(arguments, keywords)
        positions = _positions(argnums, call)
        if call.given.has_values:
            raise TypeError("value_and_grad() of a compiled function takes numbers; for Values use autograd.value_and_grad")
        given = call.given = call.given.broadcast(positions)  # a number shared by all rows has one gradient per row
        recording = self._recording(call)
        program = recording.program(positions)  # raises an error if the result is not one number
        pair, rows = recording.value_and_gradient(positions, isinstance(argnums, tuple | list)), given.rows
        place = None if out is None else Out(out, pair.structure, rows)
        if WATCHERS.get():
            node_by_node.differentiate(call, positions)
        table = empty_table(pair.size, rows)
        if rows < 0 or program.root_adjoint < program.wide_adjoints:  # the result does not depend on the row, or on no input
            table[1:] = 0.0
        self._execute(recording, positions, given, 1.0, table[:1], table[1:], found=table[1:, 0] if rows < 0 else None)
        if pair.order is not None:
            table = table[pair.order]
        if place is None:
            found: tuple[Any, Any] = restore(pair.structure, table, rows)
            return found
        place.write(table)
        return out  # type: ignore[no-any-return]

    def jacobian(self, *arguments: Any, argnums: int | Sequence[int] = 0, out: Any = None, **keywords: Any) -> Any:
        """Return the derivative of every result with respect to every number of an argument, for each row.

        This is ``compile(autograd.jacobian(f, argnums))``. For a result of shape S and an argument of shape T in each row, the
        result is an array of shape (rows,) + S + T. For ``out``, see ``__call__``.

        >>> import numpy as np
        >>> from autograd import compile
        >>> polar = compile(lambda p: np.array([p[0] * p[1].cos(), p[0] * p[1].sin()]))
        >>> polar.jacobian(np.array([[1.0, 0.0], [2.0, 0.0]])).tolist()
        [[[1.0, 0.0], [0.0, 1.0]], [[1.0, 0.0], [0.0, 2.0]]]
        """
        return self._derivative(derivatives.jacobian, argnums)(*arguments, out=out, **keywords)

    def hessian(self, *arguments: Any, argnums: int | Sequence[int] = 0, out: Any = None, **keywords: Any) -> Any:
        """Return the second derivatives with respect to an argument, for each row: ``compile(autograd.hessian(f, argnums))``.

        For ``out``, see ``__call__``.

        >>> import numpy as np
        >>> from autograd import compile
        >>> compile(lambda x: x**3).hessian(np.array([1.0, 2.0]))
        array([ 6., 12.])
        """
        return self._derivative(derivatives.hessian, argnums)(*arguments, out=out, **keywords)

    def vjp(self, primals: Sequence[Any], seed: Any, /, *, out: Any = None, **keywords: Any) -> tuple[Any, tuple[Any, ...]]:
        """Return the results and their derivatives times a vector, in one backward sweep: ``seed`` times the Jacobian.

        Bit for bit, each row is ``value, pull_back = autograd.vjp(f, *primals)`` and ``value, pull_back(seed)``.

        Args:
            primals: The positional arguments of the function, as a tuple or list.
            seed: One factor per result, in the structure of the results. Arrays have one row per row of the arguments.
                Numbers and lists are shared by all rows; a list may stand for an array.
            out: Arrays to write the results and the gradients to. See ``__call__``.
            keywords: Arguments that are passed by name. They are not differentiated.

        Returns:
            A pair: the results, and a tuple of gradients with one item per argument that is not static. For rows, a gradient
            with respect to an argument of shape T in each row is an array of shape (rows,) + T.

        Raises:
            TypeError: If ``primals`` is not a tuple or list.
            ValueError: If ``seed`` does not have the structure of the results.

        >>> import numpy as np
        >>> from autograd import compile
        >>> f = compile(lambda x, y: [x * y, x + y])
        >>> f.vjp((2.0, 3.0), [1.0, 10.0])
        ([6.0, 5.0], (13.0, 12.0))
        >>> values, (by_x, by_y) = f.vjp((np.array([2.0, 4.0]), 3.0), [np.array([1.0, 0.0]), 10.0])
        >>> by_x, by_y
        (array([13., 10.]), array([12., 10.]))
        """
        return self._product(products.vjp, primals, {**keywords, products.SEED: seed}, out)

    def jvp(self, primals: Sequence[Any], vectors: Sequence[Any], /, *, out: Any = None, **keywords: Any) -> tuple[Any, Any]:
        """Return the results and their derivatives along a direction, in one forward sweep: the Jacobian times a vector.

        Bit for bit, each row is ``autograd.jvp(f, primals, vectors)``, with one exception: a direction of 0 times an infinite
        derivative is nan, not 0.

        Args:
            primals: The positional arguments of the function, as a tuple or list.
            vectors: One direction per argument that is not static, in the structure of the argument. Numbers and lists are
                shared by all rows; a list may stand for an array.
            out: Arrays to write the results and their derivatives to. See ``__call__``.
            keywords: Arguments that are passed by name. They are not differentiated.

        Returns:
            A pair: the results, and their derivatives in the same structure.

        Raises:
            TypeError: If ``primals`` or ``vectors`` is not a tuple or list.
            ValueError: If the structures of ``primals`` and ``vectors`` differ.

        >>> import numpy as np
        >>> from autograd import compile
        >>> f = compile(lambda x, y: [x * y, x + y])
        >>> f.jvp((2.0, 3.0), (1.0, 0.0))
        ([6.0, 5.0], [3.0, 1.0])
        >>> f.jvp((np.array([2.0, 4.0]), 3.0), (1.0, 0.0))[1]
        [array([3., 3.]), array([1., 1.])]
        """
        _check_tuple(vectors, "vectors")
        return self._product(products.jvp, primals, {**keywords, products.VECTORS: tuple(vectors)}, out)

    def program(self, *arguments: Any, gradient: bool = False, **keywords: Any) -> Program:
        """Return the program for arguments of this structure, to print it, count its operations or pickle it.

        Args:
            arguments: The arguments of the function. Only their structure matters.
            gradient: Whether to return the program that ``backward`` runs.
            keywords: Arguments that are passed by name.

        Raises:
            TypeError: If the arguments of the function are missing.
        """
        if not arguments and not keywords and (missing := required_arguments(self.function)):
            raise TypeError(
                f"program() needs arguments, as in program({', '.join(missing)}), because each structure of arguments has its "
                "own program"
            )
        recording = self._recording(self._call(arguments, keywords))
        return recording.program("parameters" if gradient else "values")

    def parameters(self, *arguments: Any, **keywords: Any) -> tuple[Value, ...]:
        """Return the Values that the function reads for arguments of this structure, in the order of ``Program.run``.

        >>> from autograd import Value, compile
        >>> slope, start = Value(2.0, label="slope"), Value(1.0, label="start")
        >>> line = compile(lambda x: slope * x + start)
        >>> line.parameters(0.0)
        (Value(2.0, label='slope'), Value(1.0, label='start'))
        >>> line.program(0.0).run(3.0, parameters=line.parameters(0.0))
        array([7.])
        """
        return self._recording(self._call(arguments, keywords)).parameters

    def _derivative(self, transform: Callable[..., Any], argnums: int | Sequence[int]) -> Compiled:
        """Return the compiled derivative of the function. It is created on the first call."""
        key = transform, repr(argnums)  # a list of positions cannot be a key, and True must differ from 1
        if key not in self._derivatives:
            self._derivatives[key] = self._like(transform(self.function, argnums), self.static)
        return self._derivatives[key]

    def _product(self, product: Callable[..., Any], primals: Any, keywords: dict[str, Any], out: Any) -> tuple[Any, Any]:
        """Return the results, and a product of the Jacobian and a vector. The function is compiled on the first call."""
        _check_tuple(primals, "primals")
        if product not in self._derivatives:
            self._derivatives[product] = self._like(product(self.function, self.static), self.static)
        found: tuple[Any, Any] = self._derivatives[product](*primals, out=out, **keywords)
        return found

    def _like(self, function: Callable[..., Any], static: Static) -> Compiled:
        """Return another function, compiled with the same options."""
        return Compiled(function, static, self.threads, self.check, self.exact, self.by_row)

    # ---- the passes ----

    def _call(self, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Call:
        """Return the arguments of a call."""
        return Call(self.function, self.static, arguments, keywords, self.by_row)

    def _recording(self, call: Call) -> Recording:
        """Return the recording for a call. Record if none exists, or if a name has changed."""
        key = call.key
        recording = self._recordings.get(key)
        if recording is None or recording.read.changed():
            recording = self._recordings[key] = record(call, self.check, self.exact)
        return recording

    def _execute(
        self, recording: Recording, wanted: Wanted, given: Arguments, seed: float, results: np.ndarray | None,
        gradients: np.ndarray | None, add: bool = False, found: np.ndarray | None = None,
    ) -> tuple[float, list[Any]]:  # fmt: skip
        """Run the program that computes the wanted numbers on all rows. See ``Executor.run``."""
        replay = recording.replay(wanted)  # lowers the graph to a Program on the first call
        rows = given.rows
        threads = self.threads
        if threads is None:
            threads = cores() if recording.work * rows > MIN_THREADED_WORK else 1
        return replay.run(
            given.arrays, given.scalars, recording.parameters, rows, seed, results, gradients, threads, add, found
        )

    # ---- methods ----

    def __set_name__(self, owner: type, name: str) -> None:
        self._attribute = name

    def __get__(self, instance: Any, owner: type | None = None) -> Compiled:
        """Return the compiled method of an object. The object keeps it, and with it the recordings.

        The method of a class is kept here. ``classmethod`` passes the class as the object, too.

        Raises:
            TypeError: If the object has no ``__dict__`` to keep it in.
        """
        if isinstance(instance, type) or self.is_classmethod:
            return self._of_class(instance if isinstance(instance, type) else owner)
        if instance is None or self.is_staticmethod or not hasattr(type(self.function), "__get__"):
            return self
        method = self.function.__get__(instance, owner)
        if not isinstance(method, MethodType):
            return self
        key = f"_compiled {self.__qualname__}"  # type: ignore[attr-defined]
        try:
            attributes = object.__getattribute__(instance, "__dict__")
            kept: Compiled | None = attributes.get(key)
            if kept is None or getattr(kept.function, "__self__", None) is not instance:  # or a copy of its object
                kept = self._like(method, self.static.without_first())
                attributes[key] = kept
                kept._attribute = self._attribute
            return kept
        except (AttributeError, TypeError):  # slots; a class
            kind = type(instance).__name__
            raise TypeError(
                f"a compiled method needs an object with a __dict__, which keeps the recordings, not {kind}; compile a "
                "function that calls the method"
            ) from None

    def _of_class(self, owner: Any) -> Compiled:
        """Return the compiled method of a class."""
        if owner not in self._classes:
            self._classes[owner] = self._like(MethodType(self.function, owner), self.static.without_first())
            self._classes[owner]._attribute = self._attribute or getattr(self.function, "__name__", "")
        return self._classes[owner]

    def __reduce_ex__(self, protocol: Any) -> Any:
        """Pickle a function decorated with ``@compile`` by its name, as Python does with functions and methods."""
        if isinstance(self.function, MethodType) and self._attribute:
            return getattr, (self.function.__self__, self._attribute)
        try:
            if operator.attrgetter(self.__qualname__)(sys.modules[self.__module__]) is self:  # type: ignore[attr-defined]
                return self.__qualname__
        except (AttributeError, KeyError):  # a local function, a lambda, an object
            pass
        return super().__reduce_ex__(protocol)

    def __getstate__(self) -> dict[str, Any]:
        """Return the state to pickle: the function and the options, without the recordings."""
        function: Any = self.function
        if self.is_classmethod or self.is_staticmethod:
            function = (classmethod if self.is_classmethod else staticmethod)(function)
        names = ("static", "threads", "check", "exact", "by_row")
        return {"function": function, **{name: getattr(self, name) for name in names}}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__init__(**state)  # type: ignore[misc]

    def __repr__(self) -> str:
        return (
            f"<compiled {getattr(self.function, '__name__', self.function)}, recorded {counted(len(self._recordings), 'time')}>"
        )


def _check_tuple(arguments: Any, name: str) -> None:
    """Raise TypeError if ``arguments`` is not a tuple or list."""
    if not isinstance(arguments, tuple | list):
        kind = type(arguments).__name__
        raise TypeError(
            f"{name} must be a tuple with one item per argument, not {kind} ({arguments!r:.40}); for one, write (x,)"
        )


def _check_no_out(out: Any) -> None:
    """Raise TypeError if ``out`` is given in a call on Values, whose results are Values."""
    if out is not None:
        raise TypeError("out must be None in a call on Values, because its results are Values, not floats; omit it")


def _positions(argnums: int | Sequence[int], call: Call) -> tuple[int, ...]:
    """Return the position of each argument among the arguments that are not static."""
    found = []
    for argnum in argnums if isinstance(argnums, tuple | list) else (argnums,):
        index = _index(argnum, max(call.positions, default=-1) + 1)
        if index is None or index not in call.positions:
            given = counted(len(call.positions), "argument")
            raise TypeError(f"argnums must be positions of the {given} of the call, counted from 0, not {argnum!r}")
        position = call.positions[index]
        if position is None:
            raise TypeError(f"argnums must be positions of numbers, but argument {argnum} is static")
        found.append(position)
    return tuple(found)


def _index(argnum: Any, count: int) -> int | None:
    """Return the position, counted from 0, or None if it is not an integer."""
    if isinstance(argnum, bool) or not hasattr(argnum, "__index__") or hasattr(argnum, "__len__"):
        return None
    index = operator.index(argnum)
    return index + count if index < 0 else index
