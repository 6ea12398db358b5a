"""Lists of Python in the place of arrays: ``x * 3`` repeats a list, and ``x + y`` joins two, without any arithmetic.

A function that returns such a list was probably written for arrays. Its result is what Python computes, so this is a warning.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any


def describe_joined(result: Any, arguments: Iterable[tuple[str, Any]], function: Callable[..., Any]) -> str:
    """Return a text for a warning if the result contains a list that repeats or joins lists of the arguments, or else ``""``.

    Args:
        result: The result of the function, with the objects that it received.
        arguments: The name and the structure of each argument, as the function received it.
        function: The function.

    >>> x, y = [object(), object()], [object()]
    >>> print(describe_joined(x * 2, [("x", x)], len))
    len returns the list of x twice, as * of Python's lists does; to compute with each number, pass an array
    >>> print(describe_joined({"a": x + y}, [("x", x), ("y", y)], len))
    len returns the lists of x and y joined, as + of Python's lists does; to compute with each number, pass arrays
    >>> describe_joined([x[1], x[0]], [("x", x)], len), describe_joined([x[0], x[0]], [("x", x)], len)
    ('', '')
    """
    lists = [pair for name, thing in arguments for pair in _lists(name, thing)]
    if lists:
        for _, found in _lists("", result):
            names = _pieces(found, lists)
            if len(names) > 1:
                return _text(names, type(found).__name__, getattr(function, "__name__", "the function"))
    return ""


def _text(names: list[str], kind: str, function: str) -> str:
    distinct = list(dict.fromkeys(names))
    if len(distinct) == 1:
        times = "twice" if len(names) == 2 else f"{len(names)} times"
        did = f"the {kind} of {names[0]} {times}, as * of Python's {kind}s does"
    else:
        did = f"the {kind}s of {', '.join(distinct[:-1])} and {distinct[-1]} joined, as + of Python's {kind}s does"
    return f"{function} returns {did}; to compute with each number, pass {'an array' if len(distinct) == 1 else 'arrays'}"


def _lists(name: str, thing: Any) -> Iterator[tuple[str, list[Any] | tuple[Any, ...]]]:
    """Yield the name and the items of each list and tuple in a structure."""
    if type(thing) in (list, tuple):
        yield name, thing
        for i, item in enumerate(thing):
            yield from _lists(f"{name}[{i}]", item)
    elif type(thing) is dict:
        for key, item in thing.items():
            yield from _lists(f"{name}[{key!r}]", item)


def _pieces(found: list[Any] | tuple[Any, ...], lists: list[tuple[str, Any]]) -> list[str]:
    """Return the names of the lists that make up ``found``, whole and in order, or ``[]``. The first has several items."""
    names: list[str] = []
    start = 0
    while start < len(found):
        for name, items in lists:
            same = zip(items, found[start : start + len(items)], strict=False)
            if len(items) > (not names) and len(items) <= len(found) - start and all(a is b for a, b in same):
                names.append(name)
                start += len(items)
                break
        else:
            return []
    return names
