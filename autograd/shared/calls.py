"""Errors of calls with wrong arguments, which end with a remedy."""

from __future__ import annotations

from autograd.shared.words import did_you_mean

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any, TypeVar

    Function = TypeVar("Function", bound=Callable[..., Any])

# The attributes that a decorated function keeps, as with functools.wraps, whose module is slow to import.
_COPIED = ("__module__", "__name__", "__qualname__", "__doc__", "__annotations__")


def suggesting(
    example: str = "", remedies: Mapping[str, str] | None = None, synonyms: Mapping[str, Sequence[str]] | None = None
) -> Callable[[Function], Function]:
    """Return a decorator that adds a remedy to Python's error for a call with unknown, missing or too many arguments.

    For an unknown argument, the remedy is an entry of ``remedies``, or a similar argument, or the list of all. For missing or
    too many arguments, it is a correct call. The decorated function keeps its signature, which ``help`` shows.

    Args:
        example: A correct call. By default, the name of the function with its required arguments; if there are too many
            arguments, with all that may be given by position.
        remedies: For the name of an unknown argument, the advice that follows the error.
        synonyms: See ``did_you_mean``.

    >>> @suggesting(remedies={"height": "a point has no height"})
    ... def point(x, y=0.0, *, width=1.0): ...
    >>> point(1.0, widht=2.0)
    Traceback (most recent call last):
        ...
    TypeError: point() got an unexpected keyword argument 'widht'; did you mean 'width'?
    >>> point()
    Traceback (most recent call last):
        ...
    TypeError: point() missing 1 required positional argument: 'x'; write point(x)
    """

    def decorate(function: Function) -> Function:
        def checked(*arguments: Any, **options: Any) -> Any:
            try:
                return function(*arguments, **options)
            except TypeError as problem:
                if problem.__traceback__ is None or problem.__traceback__.tb_next is not None:
                    raise  # from inside the function
                remedy = _remedy(function, arguments, options, example, remedies or {}, synonyms)
                text = str(problem).partition(". Did you mean")[0]  # from Python 3.13 on
                if function.__name__ == "__init__":  # perhaps inherited from a class that users do not know
                    text = text.replace(function.__qualname__, f"{type(arguments[0]).__name__}.__init__", 1)
                raise TypeError(f"{text}{remedy}") from None

        for name in _COPIED:
            setattr(checked, name, getattr(function, name))
        checked.__wrapped__ = function  # type: ignore[attr-defined]
        return checked  # type: ignore[return-value]

    return decorate


def _remedy(
    function: Callable[..., Any], arguments: tuple[Any, ...], options: dict[str, Any], example: str,
    remedies: Mapping[str, str], synonyms: Mapping[str, Sequence[str]] | None,
) -> str:  # fmt: skip
    """Return the remedy for the call, after a semicolon."""
    from inspect import Parameter, signature  # slow to import

    of_class = function.__name__ == "__init__"
    parameters = list(signature(function).parameters.values())
    of_object = bool(parameters) and parameters[0].name == "self"  # which the caller does not pass
    parameters = parameters[of_object:]
    known = [p.name for p in parameters if p.kind not in (Parameter.VAR_POSITIONAL, Parameter.VAR_KEYWORD)]
    for name in options:
        if name not in known:
            hint = f"; {remedies[name]}" if name in remedies else did_you_mean(name, known, synonyms)
            return hint or (f"; the arguments are {', '.join(known)}" if known else "")
    own = getattr(type(arguments[0]), "_instead", None) if of_class else None
    if own is not None:
        return str(own(*arguments[1:]))
    by_position = [p for p in parameters if p.kind in (Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD)]
    if len(arguments) - of_object <= len(by_position):  # some are missing
        by_position = [p for p in by_position if p.default is Parameter.empty]
    call = f"{function.__qualname__.removesuffix('.__init__')}({', '.join(p.name for p in by_position)})"
    return f"; write {example or call}"
