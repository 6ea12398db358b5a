"""What a function uses without being given it: the objects behind the names in its code, and whether they are the same still.

Looked at are global names, those of enclosing functions, defaults, and attributes of objects so named (``model.w``); in
the function, in functions inside it, and in the functions that it calls by such names. What is changed deeper down, in a
list or in an attribute of an attribute, is not seen here.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import CodeType
    from typing import Any

    Look = Callable[[], Any]

_OURS = ("autograd", "nn", "visualize", "numpy")  # nobody changes their functions


def captured(function: Any) -> list[tuple[Look, Any]]:
    """How to look up each object that the function knows by a name of its own, and what is there now."""
    found: list[tuple[Look, Any]] = []
    met: set[int] = set()
    waiting = [function]
    while waiting:
        thing = waiting.pop()
        if id(thing) in met:
            continue
        met.add(id(thing))
        if isinstance(thing, functools.partial):
            waiting.append(thing.func)
        elif _is_function(thing):
            looks = list(_looks(thing))
            found += [(look, look()) for look in looks]
            waiting += [there for _, there in found[len(found) - len(looks) :] if _is_function(there)]
        elif _is_function(getattr(type(thing), "__call__", None)):  # noqa: B004 - the function is wanted, not whether there is one
            waiting.append(thing.__call__)
    return found


def _is_function(thing: Any) -> bool:
    return hasattr(thing, "__code__") and (thing.__module__ or "").partition(".")[0] not in _OURS


def _looks(function: Any) -> Iterator[Look]:
    names = set(_names(function.__code__))
    spaces = function.__globals__
    yield from [functools.partial(spaces.get, name) for name in names if name in spaces]
    yield from [functools.partial(getattr, cell, "cell_contents", None) for cell in function.__closure__ or ()]
    yield functools.partial(getattr, function, "__defaults__", None)
    holders = [getattr(function, "__self__", None), *[spaces[name] for name in names if name in spaces]]
    holders += [getattr(cell, "cell_contents", None) for cell in function.__closure__ or ()]
    for holder in holders:
        attributes = getattr(holder, "__dict__", None)
        if isinstance(attributes, dict) and not _is_function(holder):
            yield from [functools.partial(attributes.get, name) for name in names if name in attributes]


def _names(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for constant in code.co_consts:
        if hasattr(constant, "co_names"):
            yield from _names(constant)
