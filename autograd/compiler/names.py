"""What a function uses without being given it: the objects behind the names in its code, and whether they are the same still.

Looked at are global names, those of enclosing functions, defaults, and attributes of objects so named (``model.w``,
``model.layer.w``), be they of the object or of its class; in the function, in functions inside it, and in the functions,
methods and properties that it calls by such names, also if they are in a list or a dict. What else is changed inside of these
is not seen here.
"""

from __future__ import annotations

import dis
import functools
from collections import Counter
from types import FunctionType, MemberDescriptorType, MethodType, ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import CodeType
    from typing import Any

    Look = Callable[[], Any]

# Nobody changes their functions; and that no numbers are drawn from ``random`` is seen to in repeatable.py.
_OTHERS = ("autograd", "nn", "visualize", "numpy", "random", "builtins")
_WITH_NAMES = frozenset(dis.hasname + dis.hasfree)


def captured(function: Any) -> list[tuple[Look, Any]]:
    """How to look up each object that the function knows by a name of its own, and what is there now."""
    search = _Search()
    search.add_function(function)
    while search.waiting:
        search.waiting.pop()()
    return search.found


class _Search:
    """From names to what is there, and on to the names that are used there."""

    def __init__(self) -> None:
        self.found: list[tuple[Look, Any]] = []
        self.waiting: list[Callable[[], None]] = []
        self._met: set[tuple[int, ...]] = set()

    def add_function(self, thing: Any, owner: Any = None, given: tuple[Any, ...] = ()) -> None:
        """Look into a function, or whatever else is called as one does.

        Args:
            thing: what may be a function.
            owner: the object that it would be a method of.
            given: the arguments that ``functools.partial`` adds.
        """
        if isinstance(thing, functools.partial):
            self.add_function(thing.func, None, (*given, *thing.args, *thing.keywords.values()))
            return
        own = getattr(thing, "__dict__", None)
        if isinstance(own, dict) and "__wrapped__" in own:  # compile(f), or a function with a decorator
            self.add_function(own["__wrapped__"], owner)
        if isinstance(thing, MethodType):
            thing, owner = thing.__func__, thing.__self__
        elif isinstance(thing, property | staticmethod | classmethod):
            thing = thing.fget if isinstance(thing, property) else thing.__func__
        elif isinstance(getattr(type(thing), "__call__", None), FunctionType):  # noqa: B004 - the function is wanted, not whether there is one
            thing, owner = type(thing).__call__, thing
        if isinstance(thing, FunctionType) and self._is_new(thing, owner, *given):
            if _is_of_others(thing.__module__):  # such as hessian(f), or an nn.Sequential of modules of the user's own
                inner = closure_of(thing) + list(getattr(owner, "__dict__", {}).values())
                inner += [part for there in inner for part in _parts(there)]
                self.waiting += [functools.partial(self.add_function, there) for there in inner if callable(there)]
                self._watch_attributes(thing, owner)
            else:
                self.waiting.append(lambda: self._look_into_function(thing, (owner, *given)))

    def _watch_attributes(self, method: FunctionType, owner: Any) -> None:
        """Those that a method of nn reads and that can be replaced, as ``layers`` and ``training``."""
        own = getattr(owner, "__dict__", None)
        if isinstance(own, dict) and not _is_fixed(owner):
            for name in _names(method.__code__):
                if name in own or not callable(getattr(type(owner), name, callable)):
                    self.found.append((functools.partial(attribute_of, name, own), own.get(name)))

    def _look_into_function(self, function: Any, holders: tuple[Any, ...]) -> None:
        names = _names(function.__code__)
        spaces = function.__globals__
        looks: list[Look] = [functools.partial(spaces.get, name) for name in names if name in spaces]
        cells = zip(function.__code__.co_freevars, function.__closure__ or (), strict=True)
        looks += [functools.partial(_contents, name, cell) for name, cell in cells if name in names]
        holders += tuple([self._add(look) for look in looks])
        holders += self._add(functools.partial(getattr, function, "__defaults__", None)) or ()
        holders += tuple((self._add(functools.partial(getattr, function, "__kwdefaults__", None)) or {}).values())
        for holder in holders:
            self._add_holder(holder, names)

    def _add(self, look: Look, owner: Any = None) -> Any:
        there = look()
        self.found.append((look, there))
        self.add_function(there, owner)
        for part in _parts(there):
            self.add_function(part)
        return there

    def _add_holder(self, holder: Any, names: frozenset[str]) -> None:
        """Look for the names among the attributes of an object."""
        of_others = isinstance(holder, ModuleType) and _is_of_others(holder.__name__)
        if not of_others and not isinstance(holder, FunctionType) and self._is_new(holder, *sorted(names)):
            self.waiting.append(lambda: self._look_into_holder(holder, names))

    def _look_into_holder(self, holder: Any, names: frozenset[str]) -> None:
        own = getattr(holder, "__dict__", None)
        classes = holder.__mro__ if isinstance(holder, type) else type(holder).__mro__
        spaces = [vars(there) for there in classes if not _is_of_others(there.__module__)]
        for name in names:
            of_classes = [space for space in spaces if name in space]  # also those behind the first, for super()
            looks: list[Look] = [functools.partial(space.get, name) for space in of_classes]
            if isinstance(own, dict) and (name in own or any(name in vars(there) for there in classes)):
                looks.append(functools.partial(own.get, name))
            if of_classes and isinstance(of_classes[0][name], MemberDescriptorType):  # one of __slots__
                looks.append(functools.partial(getattr, holder, name, None))
            for look in looks:
                self._add_holder(self._add(look, holder), names)

    def _is_new(self, *things: Any) -> bool:
        key = tuple([hash(thing) if type(thing) is str else id(thing) for thing in things])
        if key in self._met:
            return False
        self._met.add(key)
        return True


def name_of(look: Look) -> str:
    """The name by which an object was found."""
    return next(name for name in look.args if isinstance(name, str))  # type: ignore[attr-defined]


def attribute_of(name: str, own: dict[str, Any]) -> Any:
    """An attribute of an object of nn, which is reached by another name besides."""
    return own.get(name)


def _is_fixed(thing: Any) -> bool:
    """Whether it has a say in what is assigned to its attributes, as layers have, which refuse it."""
    return any("__setattr__" in vars(there) for there in type(thing).__mro__[:-1])


def _contents(_name: str, cell: Any) -> Any:
    """What a variable of an enclosing function is now."""
    return getattr(cell, "cell_contents", None)


def closure_of(function: Any) -> list[Any]:
    """What the variables of the enclosing functions are now."""
    return [_contents("", cell) for cell in function.__closure__ or ()]


def _parts(thing: Any) -> list[Any]:
    """What is in a list, a tuple or a dict of things that can be called, such as layers."""
    items = list(thing.values()) if isinstance(thing, dict) else thing if isinstance(thing, list | tuple) else []
    return [item for item in items if callable(item)] if items and callable(items[0]) else []


def _is_of_others(module: Any) -> bool:
    return str(module).partition(".")[0] in _OTHERS


@functools.lru_cache(maxsize=1000)
def _names(code: CodeType) -> frozenset[str]:
    """Those that are read, not those that are only assigned to, nor those that are only counted up (``self.calls += 1``)."""
    reads: Counter[str] = Counter()
    in_place = False  # whether the next name assigned to is that which an operation such as += has read
    for instruction in dis.get_instructions(code):
        operation, name = instruction.opname, instruction.argval
        if operation == "SWAP":
            continue
        if instruction.opcode in _WITH_NAMES:
            if operation.startswith("STORE"):
                reads[name] -= in_place
            elif operation.startswith(("LOAD", "IMPORT")) and operation != "LOAD_CLOSURE":
                reads[name] += 1
        in_place = operation == "BINARY_OP" and instruction.argrepr.endswith("=")
    inner = [_names(constant) for constant in code.co_consts if hasattr(constant, "co_names")]
    return frozenset(name for name, count in reads.items() if count > 0).union(*inner)
