"""The calls of a compiled function: the numbers, which may differ from call to call, and the static arguments.

A static argument is a Python object that the function may use in any way: in a branch, as an index or as a name. It is not
recorded. Instead, the function is recorded once for each value of its static arguments.
"""

from __future__ import annotations

import functools
import inspect
from typing import TYPE_CHECKING

from autograd.compiler.arguments import Arguments

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Sequence
    from typing import Any

    Key = int | str  # the position of an argument, or its name if it is passed by name


_POSITIONAL = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)


class Static:
    """The positions and names of the static arguments of a function.

    Raises:
        TypeError: If ``argnums`` are not positions, or ``argnames`` are not names.
        ValueError: If the function has no argument of this name, or at this position.
    """

    def __init__(self, function: Any, argnums: int | Sequence[int], argnames: Sequence[str]) -> None:
        positions = argnums if isinstance(argnums, tuple | list) else (argnums,)
        names = (argnames,) if isinstance(argnames, str) else argnames
        if not all(type(position) is int and position >= 0 for position in positions):
            raise TypeError(f"static_argnums must be positions of arguments, counted from 0, not {argnums!r:.40}")
        if not isinstance(names, tuple | list) or not all(isinstance(name, str) for name in names):
            raise TypeError(f"static_argnames must be names of arguments, not {argnames!r:.40}")
        self.positions: frozenset[int] = frozenset(positions)
        self.names: frozenset[str] = frozenset(names)
        if not self:
            return
        by_position, by_name = argument_names(function)
        beyond = [i for i in positions if i >= len(by_position)]
        if beyond and not _accepts_any_number(function):
            listed = ", ".join(f"{i}: {name}" for i, name in enumerate(by_position))
            raise ValueError(f"static_argnums must be positions of arguments ({listed or 'there are none'}), not {beyond[0]}")
        unknown = [name for name in names if name not in by_name] if by_name is not None else []
        if unknown:
            raise ValueError(f"static_argnames must be names of arguments ({', '.join(by_position)}), not {unknown[0]!r}")
        self.names |= {by_position[i] for i in positions if i < len(by_position)}
        self.positions |= {i for i, name in enumerate(by_position) if name in names}

    def __bool__(self) -> bool:
        return bool(self.positions or self.names)

    def without_first(self) -> Static:
        """Return the static arguments of a method, whose first argument is already given."""
        found = Static(None, (), ())
        found.positions, found.names = frozenset([i - 1 for i in self.positions if i]), self.names
        return found


class Call:
    """One call of a compiled function.

    Args:
        function: The function.
        static: Its static arguments.
        arguments, keywords: All arguments of the call.
        by_row: See ``Arguments``.

    Attributes:
        function: A function of the arguments that are not static, all passed by position.
        given: These arguments.
        positions: For each position in the signature of an argument of the call, also if it was passed by name, the position
            in ``given``, or None for a static argument.
        watched: The function, for the search for the names that it reads.
    """

    def __init__(
        self, function: Callable[..., Any], static: Static, arguments: tuple[Any, ...], keywords: dict[str, Any],
        by_row: bool = True,
    ) -> None:  # fmt: skip
        self.function = self.watched = function
        self.positions: dict[int, int | None] | range = range(len(arguments))
        if not keywords and not static:
            self.given: Arguments = Arguments(arguments, None, by_row)
            self._static: Hashable = None
            return
        everything: dict[Key, Any] = {**dict(enumerate(arguments)), **{name: keywords[name] for name in sorted(keywords)}}
        fixed = {key: thing for key, thing in everything.items() if key in static.positions or key in static.names}
        varying = [key for key in everything if key not in fixed]
        indices = {key: index for index, key in enumerate(varying)}
        places = {i: indices.get(i) for i in range(len(arguments))}
        if keywords:
            places |= {i: indices.get(name) for i, name in enumerate(argument_names(function)[0]) if name in keywords}
        self.positions = places
        self.given = Arguments(tuple([everything[key] for key in varying]), varying, by_row)
        self._static = tuple(varying), *[(key, _key(thing, key)) for key, thing in fixed.items()]

        def of_numbers(*numbers: Any) -> Any:
            placed = {**fixed, **dict(zip(varying, numbers, strict=True))}
            return function(*[placed[i] for i in range(len(arguments))], **{name: placed[name] for name in keywords})

        of_numbers.__name__ = getattr(function, "__name__", repr(function))
        self.function, self.watched = of_numbers, functools.partial(function, *fixed.values())

    @property
    def key(self) -> Hashable:
        """The structure of the numbers, and the static arguments. Calls with equal keys share a recording."""
        return self.given.signature, self._static


def required_arguments(function: Any) -> list[str]:
    """Return the names of the positional arguments without a default."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return []
    return [p.name for p in parameters if p.default is p.empty and p.kind in _POSITIONAL]


def argument_names(function: Any) -> tuple[list[str], list[str] | None]:
    """Return the names of the arguments that can be passed by position, and by name; None if any name is accepted."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):  # many builtin functions have no signature
        return [], None
    positional = [p.name for p in parameters if p.kind in _POSITIONAL]
    if any(p.kind == p.VAR_KEYWORD for p in parameters):
        return positional, None
    return positional, positional + [p.name for p in parameters if p.kind == p.KEYWORD_ONLY]


def _accepts_any_number(function: Any) -> bool:
    """Return whether a function has an argument like ``*args``, or its arguments are unknown."""
    try:
        return any(p.kind == p.VAR_POSITIONAL for p in inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        return True


def _key(thing: Any, key: Key) -> Hashable:
    """Return a key for a static argument. Unlike ``==``, it distinguishes 1, 1.0 and True, and 0.0 and -0.0.

    Raises:
        TypeError: If the argument cannot be hashed.
    """
    if isinstance(thing, tuple):
        return type(thing), *[_key(item, key) for item in thing]
    try:
        hash(thing)
    except TypeError:
        kind = type(thing).__name__
        raise TypeError(
            f"argument {key!r} is static and must be hashable, not {kind} ({thing!r:.40}); pass a tuple, a string or a number"
        ) from None
    return type(thing), repr(thing) if isinstance(thing, float) else thing
