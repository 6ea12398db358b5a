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
_NOTHING_INSIDE = _PLAIN | {Value}
_CONTAINERS = (list, tuple, dict)
_MAX_DEPTH = 10  # of nested data
_READS = frozenset([code for code in dis.hasname + dis.hasfree if dis.opname[code].startswith(("LOAD", "IMPORT"))])


class Names:
    """The names that a function reads, and the modules among the objects that the names are bound to.

    Create it before a call of the function, and call ``drop_rebound`` after the call.

    Attributes:
        bound: A lookup for each name, and the object that it returned.
        modules: The modules found.
    """

    def __init__(self, function: Any) -> None:
        self.bound: list[tuple[Lookup, Any]] = []
        self.modules: list[_WatchedModule] = []
        self._package = str(getattr(function, "__module__", None)).partition(".")[0]  # searched even if it is installed
        self._met: set[tuple[Any, ...]] = set()
        self._waiting: list[tuple[Any, frozenset[str], tuple[Any, ...]]] = [(function, frozenset(), ())]
        while self._waiting:
            self._search(*self._waiting.pop())

    def drop_rebound(self) -> None:
        """Stop watching names that the function itself rebinds, for example ``self.hidden = ...``."""
        self.bound = [(lookup, thing) for lookup, thing in self.bound if lookup() is thing]
        for module in self.modules:
            module.update()

    def changed(self) -> bool:
        """Return whether a name is now bound to another object."""
        for lookup, thing in self.bound:  # a loop, because this runs in each call
            if lookup() is not thing:
                return True
        return any(module.changed() for module in self.modules) if self.modules else False

    # ---- the search ----

    def _search(self, thing: Any, names: frozenset[str], given: tuple[Any, ...]) -> None:
        """Search an object.

        Args:
            thing: Any object.
            names: The attributes that the code may read from it.
            given: If the object is called: the object whose method it is, and the arguments that ``functools.partial`` adds.
        """
        if self._is_new(thing, *given):
            if _is_module(thing) and self._is_new(thing, _WatchedModule):
                self.modules.append(_WatchedModule(thing))
                tree = _tree(thing)
                for inside in filter(_is_module, tree):
                    self._is_new(inside, _WatchedModule)  # modules inside it are watched with it
                self._wait([item for inside in tree for item in _items(inside) if callable(item)])
            elif type(thing) in _CONTAINERS and callable(next(iter(_items(thing)), None)):  # otherwise it is data
                self._wait(_items(thing))
            elif type(thing) is FunctionType:
                self._search_function(thing, given)
            for inner, more in _called(thing):
                self._wait([inner], given=(*more, *given))
        of_library = type(thing) is ModuleType and self._of_library(thing.__name__)
        if names and not of_library and type(thing) not in (*_PLAIN, FunctionType, Value) and self._is_new(thing, names):
            self._search_attributes(thing, names)

    def _wait(self, things: Iterable[Any], names: frozenset[str] = frozenset(), given: tuple[Any, ...] = ()) -> None:
        """Search objects later, because a recursion might become too deep."""
        self._waiting += [(thing, names, given) for thing in things]

    def _watch(self, lookup: Lookup) -> Any:
        """Watch a name, and return the object that it is bound to."""
        self.bound.append((lookup, lookup()))
        return self.bound[-1][1]

    def _search_function(self, function: Any, given: tuple[Any, ...]) -> None:
        cells = dict(zip(function.__code__.co_freevars, function.__closure__ or (), strict=True))
        if self._of_library(function.__module__):  # for example grad(f), whose closure contains f
            self._wait([*given, *map(_contents, cells.values())])
            return
        names, spaces = _names(function.__code__), function.__globals__
        lookups: list[Lookup] = [functools.partial(spaces.get, name) for name in names if name in spaces]
        lookups += [functools.partial(_contents, cell) for name, cell in cells.items() if name in names]
        defaults = [name for name in ("__defaults__", "__kwdefaults__") if getattr(function, name)]
        lookups += [functools.partial(getattr, function, name) for name in defaults]
        keywords = function.__kwdefaults__ or {}
        lookups += [functools.partial(keywords.get, name) for name in keywords]
        self._wait([*given, *(function.__defaults__ or ()), *map(self._watch, lookups)], names)

    def _search_attributes(self, holder: Any, names: frozenset[str]) -> None:
        own = _attributes(holder)
        classes = holder.__mro__ if issubclass(type(holder), type) else type(holder).__mro__
        spaces = [vars(there) for there in classes if not self._of_library(there.__module__)]
        inherited = frozenset().union(*map(vars, classes))
        for name in names:
            if name not in inherited and (type(own) is not dict or name not in own):
                continue  # most names are attributes of other objects
            of_classes = [space for space in spaces if name in space]  # not only the first one, because of super()
            lookups: list[Lookup] = [functools.partial(space.get, name) for space in of_classes]
            if type(own) is dict:
                lookups.append(functools.partial(own.get, name))
            if of_classes and isinstance(of_classes[0][name], MemberDescriptorType):  # one of __slots__
                lookups.append(functools.partial(getattr, holder, name, None))
            self._wait(map(self._watch, lookups), names, (holder,))

    def _of_library(self, module: Any) -> bool:
        """Return whether a module, given by name, is part of Python, of this project or of another installed package."""
        package = str(module).partition(".")[0]
        file = getattr(sys.modules.get(package), "__file__", None)
        is_installed = type(file) is str and ("site-packages" in file or "dist-packages" in file)
        return package in _LIBRARIES or (is_installed and package != self._package)

    def _is_new(self, *things: Any) -> bool:
        key = tuple([thing if type(thing) is frozenset else id(thing) for thing in things])
        is_new = key not in self._met
        self._met.add(key)
        return is_new


def _called(thing: Any) -> Iterable[tuple[Any, tuple[Any, ...]]]:
    """Yield the objects that run when ``thing`` is called or read as an attribute, and the arguments that it adds."""
    kind = type(thing)  # isinstance would look up the attribute __class__, which may raise an error
    if "__wrapped__" in _attributes(thing):  # of compile(f), or of a decorated function
        yield _attributes(thing)["__wrapped__"], ()
    if issubclass(kind, functools.partial):
        yield thing.func, (*thing.args, *thing.keywords.values())
    elif issubclass(kind, MethodType):
        yield thing.__func__, (thing.__self__,)
    elif issubclass(kind, property | staticmethod | classmethod):
        yield thing.fget if issubclass(kind, property) else thing.__func__, ()
    elif isinstance(getattr(kind, "__call__", None), FunctionType):  # noqa: B004 - the function itself is needed
        yield kind.__call__, (thing,)


def _contents(cell: Any) -> Any:
    """Return the variable of an enclosing function, or None if it is not assigned."""
    try:
        return cell.cell_contents
    except ValueError:
        return None


@functools.lru_cache(maxsize=1000)
def _names(code: CodeType) -> frozenset[str]:
    """Return the names that a code object reads: globals, variables of enclosing functions, and attributes."""
    read = [instruction.argval for instruction in dis.get_instructions(code) if instruction.opcode in _READS]
    return frozenset(read).union(*[_names(inner) for inner in code.co_consts if hasattr(inner, "co_names")])


# ---- modules ------------------------------------------------------------------------------------------------------


class _WatchedModule:
    """The parameters of a module and the modes of the modules in it.

    Calling ``parameters()`` is slow. Therefore the attributes, lists and dicts of the module are compared first, and
    ``parameters()`` is called only if one of them holds another object.

    Attributes:
        state: The parameters and modes.
        containers: The lists and dicts in the module, and the attributes of each module.
        items: For each container, the objects that it held, as ``same_items`` compares them.
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
        self.containers = [thing if type(thing) in _CONTAINERS else _attributes(thing) for thing in mutable]
        self.items = [
            tuple([part for item in thing.items() for part in item] if isinstance(thing, dict) else thing)
            for thing in self.containers
        ]

    def changed(self) -> bool:
        """Return whether a parameter or a mode has changed since the last update."""
        if self.is_complete and same_items(self.containers, self.items):  # usually True, and fast
            return False
        before = self.state
        self.update()
        return list(map(id, before)) != list(map(id, self.state))


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
            if type(item) in _NOTHING_INSIDE:  # the most frequent case
                continue
            is_container = type(item) in _CONTAINERS and not _is_data(item)
            if (is_container or _is_module(item)) and id(item) not in met:
                met.add(id(item))
                tree.append(item)
    return tree


def _is_data(thing: Any, depth: int = 0) -> bool:
    """Return whether ``thing`` is a list, tuple or dict of plain things, at any depth. Quicker than a search."""
    if type(thing) not in _CONTAINERS or depth == _MAX_DEPTH:
        return False
    for item in _items(thing):  # noqa: SIM110 - for few items, a generator would be slow
        if type(item) not in _PLAIN and not _is_data(item, depth + 1):
            return False
    return True
