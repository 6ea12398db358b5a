"""The objects that a function reads by name. When a name is bound to another object, ``compile`` records the function again.

``Names`` watches the global names, the variables of enclosing functions and the attributes that the code reads (``self.w``,
``model.layer.w``), and the defaults of arguments. The search continues in the functions, methods and properties that these
names are bound to. It omits the standard library and installed packages, except the package of the function itself. Objects
inside lists and arrays are not watched.

A module is an object with a method ``parameters()``, such as a layer of ``nn``. It is watched as a whole: its parameters,
compared by identity, and the ``training`` mode of each module inside it.
"""

from __future__ import annotations

import dis
import functools
import sys
from operator import is_
from pathlib import PurePath
from types import FunctionType, MemberDescriptorType, MethodType, ModuleType
from typing import TYPE_CHECKING

from autograd.nodes.bulk import same_items
from autograd.value import Value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from types import CodeType
    from typing import Any

    Lookup = Callable[[], Any]  # returns the object that a name is bound to

_LIBRARIES = frozenset({"autograd", "nn", "visualize", "numpy"} | sys.stdlib_module_names)  # their code is not searched
_PLAIN = frozenset({float, int, bool, str})
_MAX_DEPTH = 10  # of nested data
_WITH_NAMES = frozenset(dis.hasname + dis.hasfree)


class Names:
    """The names that a function reads, and the modules among the objects that the names are bound to.

    Create it before a call of the function, and call ``drop_rebound`` after the call.
    """

    def __init__(self, function: Any) -> None:
        search = _Search(_package(getattr(function, "__module__", None)))
        search.add_callable(function)
        while search.waiting:
            search.waiting.pop()()
        self.bound: list[tuple[Lookup, Any]] = search.found
        self.modules: list[_WatchedModule] = [_WatchedModule(module) for module in search.modules]

    def drop_rebound(self) -> None:
        """Stop watching names that the function itself rebinds, for example ``self.hidden = ...``."""
        self.bound = [(lookup, thing) for lookup, thing in self.bound if lookup() is thing]
        for module in self.modules:
            module.update()

    def changed(self) -> bool:
        """Return whether a name is now bound to another object."""
        for lookup, thing in self.bound:
            if lookup() is not thing:
                return True
        for module in self.modules:
            same = module.is_complete and same_items(module.containers, module.items)  # usually True, and fast
            if not same and module.changed():
                return True
        return False


# ---- modules ------------------------------------------------------------------------------------------------------


class _WatchedModule:
    """The parameters of a module and the modes of the modules in it.

    Calling ``parameters()`` is slow. Therefore the attributes, lists and dicts of the module are compared first, and
    ``parameters()`` is called only if one of them holds another object.

    Attributes:
        state: The parameters and modes.
        containers: The lists and dicts in the module, and the attributes of each module.
        items: For each container, the objects that it held.
        is_complete: Whether every change of ``state`` also changes an item of a container.
    """

    def __init__(self, module: Any) -> None:
        self.module = module

    def update(self) -> None:
        """Store the current state."""
        try:
            parameters = [p for p in self.module.parameters() if type(p) is Value]
            modules = list(self.module.modules()) if hasattr(type(self.module), "modules") else [self.module]
            self.state = [*parameters, *[getattr(module, "training", None) for module in modules]]
        except Exception:  # noqa: BLE001 - the methods may mean something else, and take arguments
            parameters, modules, self.state = [], [], []
        tree = _tree(self.module)
        met = {id(item) for thing in tree for item in (thing, *_items(thing))}
        # If False, some are stored elsewhere, for example in slots, and comparing the containers is not enough.
        self.is_complete = met.issuperset(map(id, [*parameters, *modules]))
        mutable = [thing for thing in tree if type(thing) is not tuple]
        self.containers = [thing if type(thing) in (list, dict) else _attributes(thing) for thing in mutable]
        self.items = [tuple(_items(thing)) for thing in mutable]

    def changed(self) -> bool:
        """Return whether a parameter or a mode has changed since the last update."""
        before = self.state
        self.update()
        return len(before) != len(self.state) or not all(map(is_, before, self.state))


def _is_module(thing: Any) -> bool:
    return callable(getattr(type(thing), "parameters", None))


def _items(thing: Any) -> Iterable[Any]:
    """Return the attributes of a module, or the items of a list, tuple or dict."""
    if type(thing) in (list, tuple):
        return thing  # type: ignore[no-any-return]
    return (thing if type(thing) is dict else _attributes(thing)).values()


def _attributes(thing: Any) -> dict[str, Any]:
    """Return the attributes of an object without calling its methods. For a class, return a read-only mapping."""
    try:
        return object.__getattribute__(thing, "__dict__")  # type: ignore[no-any-return]
    except AttributeError:
        return {}


def _tree(module: Any) -> list[Any]:
    """Return the module and, each once, the modules, lists, tuples and dicts in it that are not data."""
    tree, met = [module], {id(module)}
    for thing in tree:
        for item in tuple(_items(thing)):  # a copy, because another thread may add attributes
            is_container = type(item) in (list, tuple, dict) and not _is_data(item)
            if (is_container or _is_module(item)) and id(item) not in met:
                met.add(id(item))
                tree.append(item)
    return tree


def _is_data(thing: Any, depth: int = 0) -> bool:
    """Return whether ``thing`` is a list, tuple or dict of plain things, at any depth. Quicker than a search."""
    is_container = type(thing) in (list, tuple, dict) and depth < _MAX_DEPTH
    return is_container and all(type(item) in _PLAIN or _is_data(item, depth + 1) for item in _items(thing))


# ---- names --------------------------------------------------------------------------------------------------------


class _Search:
    """The search from names to the objects that they are bound to, and to the names that these objects read."""

    def __init__(self, package: str) -> None:
        self.package = package  # searched even if it is installed
        self.found: list[tuple[Lookup, Any]] = []
        self.modules: list[Any] = []
        self.waiting: list[Callable[[], None]] = []
        self._met: set[tuple[int, ...]] = set()

    def add_callable(self, thing: Any, owner: Any = None, given: tuple[Any, ...] = ()) -> None:
        """Search a function or another callable object.

        Args:
            thing: Any object.
            owner: The object that ``thing`` is a method of.
            given: The arguments that ``functools.partial`` adds.
        """
        kind = type(thing)  # isinstance would look up the attribute __class__, which may raise an error
        if issubclass(kind, functools.partial):
            self.add_callable(thing.func, None, (*given, *thing.args, *thing.keywords.values()))
            return
        wrapped = _attributes(thing).get("__wrapped__")  # of compile(f), or of a decorated function
        if wrapped is not None and self._is_new(wrapped, thing):  # a function may wrap itself
            self.add_callable(wrapped, owner)
        if issubclass(kind, MethodType):
            thing, owner = thing.__func__, thing.__self__
        elif issubclass(kind, property | staticmethod | classmethod):
            thing = thing.fget if issubclass(kind, property) else thing.__func__
        elif isinstance(getattr(kind, "__call__", None), FunctionType):  # noqa: B004 - the function itself is needed
            thing, owner = kind.__call__, thing
        for holder in (thing, owner, *given):
            if _is_module(holder):
                self._add_module(holder)
        if type(thing) is FunctionType and self._is_new(thing, owner, *given):
            if self._of_library(thing.__module__):  # for example grad(f), whose closure contains f
                self._add_items([_contents(cell) for cell in thing.__closure__ or ()])
            else:
                self.waiting.append(lambda: self._search_function(thing, (owner, *given)))

    def _add_module(self, module: Any) -> None:
        """Watch a module, and search the functions and modules in it."""
        if self._is_new(module):
            self.modules.append(module)
            for thing in _tree(module):
                self._met.add((id(thing),))  # modules inside it are watched with it
                self.waiting += [functools.partial(self.add_callable, item) for item in _items(thing) if callable(item)]

    def _add_items(self, things: Iterable[Any]) -> None:
        """Search the callable objects among ``things``, and the callable items of the lists, tuples and dicts among them."""
        for thing in things:
            items = _items(thing) if type(thing) in (list, tuple, dict) else ()
            # The first item decides. This avoids searching data.
            inside = [item for item in items if callable(item)] if callable(next(iter(items), None)) else []
            self.waiting += [functools.partial(self.add_callable, item) for item in (thing, *inside) if callable(item)]

    def _search_function(self, function: Any, holders: tuple[Any, ...]) -> None:
        names, spaces = _names(function.__code__), function.__globals__
        lookups: list[Lookup] = [functools.partial(spaces.get, name) for name in names if name in spaces]
        cells = zip(function.__code__.co_freevars, function.__closure__ or (), strict=True)
        lookups += [functools.partial(_contents, cell) for name, cell in cells if name in names]
        holders += tuple([self._add(lookup) for lookup in lookups])
        if function.__defaults__ is not None:
            holders += self._add(functools.partial(getattr, function, "__defaults__"))
        if function.__kwdefaults__ is not None:
            defaults = self._add(functools.partial(getattr, function, "__kwdefaults__"))
            holders += tuple([self._add(functools.partial(defaults.get, name)) for name in defaults])
        for holder in holders:
            self._add_holder(holder, names)

    def _add(self, lookup: Lookup, owner: Any = None) -> Any:
        """Watch a name, and search the object that it is bound to. Return the object."""
        thing = lookup()
        self.found.append((lookup, thing))
        self.add_callable(thing, owner)
        self._add_items([thing])
        return thing

    def _add_holder(self, holder: Any, names: frozenset[str]) -> None:
        """Search an object for attributes of these names."""
        of_library = type(holder) is ModuleType and self._of_library(holder.__name__)
        if of_library or type(holder) in (*_PLAIN, FunctionType, Value, type(None)):
            return
        if self._is_new(holder, *sorted(names)):
            self.waiting.append(lambda: self._search_holder(holder, names))

    def _search_holder(self, holder: Any, names: frozenset[str]) -> None:
        own = _attributes(holder)
        classes = holder.__mro__ if issubclass(type(holder), type) else type(holder).__mro__
        spaces = [vars(there) for there in classes if not self._of_library(there.__module__)]
        for name in names:
            of_classes = [space for space in spaces if name in space]  # not only the first one, because of super()
            lookups: list[Lookup] = [functools.partial(space.get, name) for space in of_classes]
            if type(own) is dict and (name in own or any(name in vars(there) for there in classes)):
                lookups.append(functools.partial(own.get, name))
            if of_classes and isinstance(of_classes[0][name], MemberDescriptorType):  # one of __slots__
                lookups.append(functools.partial(getattr, holder, name, None))
            for lookup in lookups:
                self._add_holder(self._add(lookup, holder), names)

    def _of_library(self, module: Any) -> bool:
        """Return whether a module, given by name, is part of Python, of this project or of another installed package."""
        package = _package(module)
        return package in _LIBRARIES or (package != self.package and _is_installed(package))

    def _is_new(self, *things: Any) -> bool:
        key = tuple([hash(thing) if type(thing) is str else id(thing) for thing in things])
        is_new = key not in self._met
        self._met.add(key)
        return is_new


def _contents(cell: Any) -> Any:
    """Return the variable of an enclosing function, or None if it is not assigned."""
    try:
        return cell.cell_contents
    except ValueError:
        return None


def _package(module: Any) -> str:
    """Return the name of the package that a module, given by name, belongs to."""
    return str(module).partition(".")[0]


@functools.lru_cache(maxsize=1000)
def _is_installed(package: str) -> bool:
    """Return whether a package was installed by a package manager, unlike the files of a user's project."""
    file = getattr(sys.modules.get(package), "__file__", None)
    return type(file) is str and not {"site-packages", "dist-packages"}.isdisjoint(PurePath(file).parts)


@functools.lru_cache(maxsize=1000)
def _names(code: CodeType) -> frozenset[str]:
    """Return the names that a code object reads: globals, variables of enclosing functions, and attributes."""
    read = {
        instruction.argval
        for instruction in dis.get_instructions(code)
        if instruction.opcode in _WITH_NAMES and instruction.opname.startswith(("LOAD", "IMPORT"))
    }
    return frozenset(read).union(*[_names(inner) for inner in code.co_consts if hasattr(inner, "co_names")])
