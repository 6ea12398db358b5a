"""``compile``, the entry point: it checks the options and creates a ``Compiled``, which does the work."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, overload

from autograd.compiler.compiled import Compiled
from autograd.compiler.static import Static
from autograd.shared import suggesting

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any


@overload
def compile(  # noqa: A001 - autograd.compile
    function: Callable[..., Any],
    *,
    static_argnums: int | Sequence[int] = (),
    static_argnames: Sequence[str] = (),
    threads: int | None = None,
    check: bool = True,
    exact: bool = True,
    by_row: bool = True,
) -> Compiled: ...
@overload
def compile(  # noqa: A001
    function: None = None,
    *,
    static_argnums: int | Sequence[int] = (),
    static_argnames: Sequence[str] = (),
    threads: int | None = None,
    check: bool = True,
    exact: bool = True,
    by_row: bool = True,
) -> Callable[[Callable[..., Any]], Compiled]: ...
@suggesting()
def compile(  # noqa: A001
    function: Callable[..., Any] | None = None,
    *,
    static_argnums: int | Sequence[int] = (),
    static_argnames: Sequence[str] = (),
    threads: int | None = None,
    check: bool = True,
    exact: bool = True,
    by_row: bool = True,
) -> Compiled | Callable[[Callable[..., Any]], Compiled]:
    """Record a function of Values once and replay it on floats or on arrays of rows.

    If ``f`` returns a number, ``compile(f)(X, y)`` is bit for bit the array of ``[f(x, t) for x, t in zip(X, y)]``. Arrays are
    split along their first axis, and ``f`` receives one row. Plain numbers, including those in lists, tuples and dicts, are
    shared by all rows. If ``f`` returns a list, the result is a list of such arrays; return ``np.array([...])`` for one table
    with a line for each row. ``by_row=False`` passes arrays whole.

    ``f`` must be pure: a function of its arguments and of the Values it reads. The Values it reads are its parameters. They
    are read at each call, and ``backward`` accumulates into their ``.grad``. A Value that ``f`` creates is a constant.

    ``compile`` is also a decorator, with or without options: ``@compile`` and ``@compile(threads=2)``, for functions and
    methods, also together with ``@staticmethod`` or ``@classmethod``. Each object has its own recordings of a compiled method,
    so the method may read attributes of the object.

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

    A list is a list also within ``f``: ``x * 3`` repeats it. Pass an array to compute with each number. If ``f`` returns a list
    that it only repeated or joined, a warning says so.

    Side effects, such as printing or ``self.hidden = ...``, happen while ``f`` is recorded, but not in a replay.

    Within ``detect_anomaly()`` and ``find_mistakes()``, ``f`` also runs node by node so that these tools can observe it.

    Args:
        function: Accepts numbers, arrays, and lists, tuples and dicts of them, and computes with autograd's functions. If it
            is omitted, a decorator is returned.
        static_argnums: Positions of static arguments: flags, counts, names and other objects that can be hashed. The function
            receives them as they are, and is recorded once for each of their values.
        static_argnames: Names of static arguments. Whether one of them is passed by position or by name does not matter.
        threads: Number of threads that share the rows. By default, 1 for small calls and the number of cores for large ones.
            Results do not depend on it.
        check: Whether to record the function twice and compare. Without the check, the first call takes half the time.
        exact: Whether results are bit for bit equal to the results of the function. With ``exact=False``, vector instructions
            compute ``exp``, ``log``, ``tanh``, ``sigmoid``, ``erf``, ``sin``, ``cos`` and ``pow``, and all operations and
            derivatives that use them. This is faster for arrays of rows. The errors of these functions are at most 1 unit in
            the last place (``pow``: 1.5). Results are still equal for any number of threads and any vector width. Without a
            compiled core, ``exact=False`` has no effect.
        by_row: Whether an array has one row per call of ``f``. With ``by_row=False``, ``f`` is called once and receives arrays
            whole, as a function of JAX does. Its array results, gradients and Hessians are arrays.

    Raises:
        TypeError: If ``function`` is not callable, ``check``, ``exact`` or ``by_row`` is not a bool, ``static_argnums`` are not
            positions, or ``static_argnames`` are not names.
        ValueError: If ``threads`` is not a positive integer, or the function has no argument of a static name or position.
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
    >>> @compile(static_argnames="n")
    ... def power(x, n):
    ...     return 1.0 if n == 0 else x * power(x, n=n - 1)
    >>> power(X, n=3)
    array([ 1.,  8., 27.])
    >>> compile(lambda p: p[0] ** 2 * p[1], by_row=False).hessian(np.array([2.0, 3.0]))
    array([[6., 4.],
           [4., 0.]])
    """
    if function is None:
        static = {"static_argnums": static_argnums, "static_argnames": static_argnames}
        return functools.partial(compile, **static, threads=threads, check=check, exact=exact, by_row=by_row)
    if not callable(function) and not isinstance(function, classmethod):
        kind = type(function).__name__
        raise TypeError(
            f"compile() takes a function of Values, not {kind} ({function!r:.40}); pass the function itself, not its result"
        )
    if threads is not None and (isinstance(threads, bool) or not isinstance(threads, int) or threads < 1):
        raise ValueError(f"threads must be a positive integer, or None to choose automatically, not {threads!r}")
    for name, flag in (("check", check), ("exact", exact), ("by_row", by_row)):
        if not isinstance(flag, bool):
            raise TypeError(f"{name} must be True or False, not {flag!r:.40}")
    return Compiled(function, Static(function, static_argnums, static_argnames), threads, check, exact, by_row)
