"""Whether a replay does what a call does; if not, ``compile`` refuses the function while it records it.

A replay does not draw random numbers, count its calls or read the clock. So a function is recorded twice, and refused if

    the two recordings are not the same;
    a generator was drawn from, though the two may be the same for once: that of ``random``, that of ``numpy.random``, or one
    that can be reached from what the function uses;
    it changed a number that it reads by a name, though nothing may have come of that yet.

What it only writes, such as ``self.hidden = ...`` or ``self.calls += 1``, is no reason: a replay does not do that either.
"""

from __future__ import annotations

import contextlib
import functools
import pickle
import random
import struct
import sys
from collections import deque
from itertools import zip_longest
from types import BuiltinMethodType, FunctionType, MethodType, ModuleType
from typing import TYPE_CHECKING

import numpy as np

from autograd.compiler.names import attribute_of, captured, closure_of, name_of
from autograd.compiler.recording import Recording, Trace
from autograd.compiler.tracer import Tracer
from autograd.errors import RecordingError
from autograd.inspection.watching import users_line
from autograd.nodes.parts import row_and_operands
from autograd.value import Value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any, NoReturn

    Seen = list[tuple[Callable[[], Any], Any]]
    _Path = tuple[Any, str, Any]  # that of the thing in which it is, or None; how it is in there; its name or key there

_NUMBERS = (float, int, bool, str, type(None))
_NOTHING_WITHIN = {*_NUMBERS, Value, np.ndarray, Recording}  # no generators, and no numbers that are counted up
_MANY = 100  # items of a list; one that begins with a number is data


def record_repeatable(function: Callable[..., Any], arguments: tuple[Any, ...]) -> tuple[Recording, Seen]:
    """What the function does with such arguments, and what it uses (see ``captured``), to see when that is replaced.

    Raises:
        RecordingError: if a replay would not do what a call does. All generators are then as they were before.
    """
    traces: list[Trace] = []
    for _ in range(2):
        seen = captured(function)  # anew, as the first call may have made what it then keeps
        numbers = [_numbers_in(name_of(look), thing) for look, thing in seen]
        with _nothing_drawn(function, seen):
            traces.append(Trace(function, arguments, Tracer()))
    renewed: set[int] = set()
    first, second = traces
    if _first_difference(first, second, renewed):
        _refuse_difference(function, arguments, seen, traces)
    _refuse_changes(seen, numbers)
    before = {id(x) for x in first.order}.difference(first.nodes, renewed, map(id, first.inputs))
    seen = _settled(seen, before)  # which lets go of what only the first call had
    recording = Recording(first)
    for parameter in recording.parameters:
        if id(parameter) in renewed:
            _refuse(f"uses {_in_words(parameter, first)} in one call and a new one in the next")
    return recording, seen


def _refuse(what: str, where: str = "") -> NoReturn:
    raise RecordingError(
        f"{where}a function that is compiled must do the same at each call, but this one {what}. A replay would not do so. "
        "Draw, count or look it up outside and pass the numbers as an argument; or do not compile"
    )


# ---- two recordings ------------------------------------------------------------------------------------------------


def _first_difference(one: Trace, two: Trace, renewed: set[int]) -> tuple[Any, Any] | None:
    """The first nodes (operands first) or results that are not the same in both; None if all are.

    ``renewed`` gets the ids of leaves in whose place the other has a new one with the same number: that is right for a
    constant, which the function makes itself, but not for a parameter.
    """
    outlines = one.structure.outline(), two.structure.outline()
    if outlines[0] != outlines[1]:
        return outlines
    partners = {id(a): id(b) for a, b in zip(one.inputs, two.inputs, strict=True)}
    for a, b in zip_longest(one.order, two.order):
        recorded = id(a) in one.nodes
        if a is None or b is None or recorded != (id(b) in two.nodes):
            return a, b
        if recorded:
            (row, cut, operands), (other_row, other_cut, others) = row_and_operands(a), row_and_operands(b)
            if row != other_row or cut != other_cut or _marks(operands, partners) != _marks(others, {}):
                return a, b
        elif partners.get(id(a), id(a)) != id(b):
            if a.op or b.op or id(a) in partners or struct.pack("d", a.data) != struct.pack("d", b.data):
                return a, b
            renewed.add(id(a))
        partners[id(a)] = id(b)
    pairs = zip(one.results, two.results, strict=True)
    return next((pair for pair in pairs if _marks(pair[:1], partners) != _marks(pair[1:], {})), None)


def _marks(things: Iterable[Any], partners: dict[int, int]) -> list[Any]:
    """What they are compared by: numbers by their bits, Values by the ids of their partners, or by their own."""
    return [partners.get(id(x), id(x)) if isinstance(x, Value) else struct.pack("d", x) for x in things]


class _LineTracer(Tracer):
    """It also notes which line of the user's code recorded each node, which takes longer."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: dict[int, str] = {}

    def recorded(self, node: Value) -> None:
        super().recorded(node)
        self.lines[id(node)] = f"{users_line().in_words()}: "


def _refuse_difference(function: Callable[..., Any], arguments: tuple[Any, ...], seen: Seen, traces: list[Trace]) -> NoReturn:
    """Say what differs, and where: the function is called once more to find the line."""
    tracer = _LineTracer()
    with contextlib.suppress(Exception), _nothing_drawn(function, seen):
        traces.append(Trace(function, arguments, tracer))
    *others, last = traces
    other, (a, b) = next((other, pair) for other in others if (pair := _first_difference(other, last, set())))
    where = ""
    for node in last.order:
        if id(node) in tracer.lines and (node is b or any(x is b for x in row_and_operands(node)[2])):
            where = tracer.lines[id(node)]
            break
    if isinstance(a, Value) and isinstance(b, Value) and a.op and a.op == b.op:  # then it is a number that differs
        pairs = zip(row_and_operands(a)[2], row_and_operands(b)[2], strict=False)
        a, b = next(((x, y) for x, y in pairs if isinstance(x, float) and repr(x) != repr(y)), (a, b))
    _refuse(f"uses {_in_words(a, other)} in one call and {_in_words(b, last)} in another", where)


def _in_words(thing: Any, trace: Trace) -> str:
    if isinstance(thing, Value) and thing.op:
        return f"the operation {thing.op!r}" if id(thing) in trace.nodes else "a Value computed before that"
    if isinstance(thing, Value):
        return f"the Value {thing.label or repr(thing.data)}"
    return "nothing more" if thing is None else thing if isinstance(thing, str) else f"the number {thing!r}"


# ---- generators ----------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def _nothing_drawn(function: Callable[..., Any], seen: Seen) -> Iterator[None]:
    """Refuse what the function draws in the block. After any error, all generators that it can reach are as they were."""
    roots: list[tuple[str, Any]] = [("the module random", random.random)]
    if "numpy.random" in sys.modules:
        roots.append(("the module numpy.random", np.random.random))
    roots += [(getattr(function, "__name__", type(function).__name__), function)]
    roots += [(name_of(look), thing) for look, thing in seen if getattr(look, "func", None) is not attribute_of]
    states = []
    for name, generator in _generators(roots):
        with contextlib.suppress(NotImplementedError):  # of SystemRandom, which has none
            read, write = _state_of(generator)
            states.append((name, read, write, read()))
    try:
        yield
        drawn = [name for name, read, _, before in states if not _same_state(read(), before)]
        if drawn:
            _refuse(f"draws random numbers from {drawn[0]}")
    except BaseException:
        for _, _, write, before in states:
            write(before)
        raise


def _generators(roots: Iterable[tuple[str, Any]]) -> Iterator[tuple[str, Any]]:
    """All generators of random numbers that can be reached, with a name for each."""
    kinds: tuple[type, ...] = (random.Random,)
    if "numpy.random" in sys.modules:
        kinds += (np.random.Generator, np.random.RandomState, np.random.BitGenerator)
    waiting: list[tuple[_Path, Any]] = [((None, "", name), thing) for name, thing in roots]
    met = set()
    for path, thing in waiting:  # breadth first, so that the shortest name comes first
        if type(thing) in _NOTHING_WITHIN or id(thing) in met:
            continue
        met.add(id(thing))
        if issubclass(type(thing), kinds):
            yield _in_python(path), thing
        else:
            with contextlib.suppress(Exception):  # an object may do anything when it is looked into
                waiting += [((path, kind, key), there) for kind, key, there in _within(thing)]


def _in_python(path: _Path) -> str:
    """How one would write it: ``model.parts['a']``. Made only when it is asked for, as most are not."""
    text = ""
    at: _Path | None = path
    while at is not None:
        at, kind, key = at
        text = {"[]": f"[{key!r}]", "=": ""}.get(kind, f"{kind}{key}") + text
        if not kind:  # a name of its own
            break
    return text


def _within(thing: Any) -> list[tuple[str, Any, Any]]:
    """The items of a thing (``[]`` and the key), its attributes (``.``), and what a function or a method holds (``=``)."""
    if isinstance(thing, FunctionType):
        named = [("", name, there) for name, there in zip(thing.__code__.co_freevars, closure_of(thing), strict=True)]
        return [*named, ("=", "", thing.__defaults__), ("=", "", thing.__kwdefaults__)]
    if isinstance(thing, MethodType | BuiltinMethodType):
        return [("=", "", thing.__self__)]
    if isinstance(thing, functools.partial):
        return [("=", "", there) for there in (thing.func, *thing.args, *thing.keywords.values())]
    if isinstance(thing, dict | list | tuple | set | frozenset | deque):
        return [("[]", key, item) for key, item in _items(thing) if type(item) not in _NOTHING_WITHIN]
    if isinstance(thing, ModuleType | type):
        return []
    attributes = dict(getattr(thing, "__dict__", {}))
    for there in type(thing).__mro__:
        slots = vars(there).get("__slots__", ())
        attributes |= {name: getattr(thing, name, None) for name in ([slots] if isinstance(slots, str) else slots)}
    return [(".", name, there) for name, there in attributes.items() if type(there) not in _NOTHING_WITHIN]


def _items(thing: Any) -> Iterable[tuple[Any, Any]]:
    """Of a dict, a list or the like, but not of data."""
    if isinstance(thing, dict):
        return dict.items(thing)
    if isinstance(thing, list | tuple) and len(thing) > _MANY and type(thing[0]) in _NOTHING_WITHIN:
        return []
    return enumerate(thing)


def _same_state(one: Any, other: Any) -> bool:
    if isinstance(one, tuple):
        return bool(one == other)
    return pickle.dumps(one) == pickle.dumps(other)  # dicts with arrays in them, which == compares number by number


def _state_of(generator: Any) -> tuple[Callable[[], Any], Callable[[Any], Any]]:
    """How to read from where on it draws, and how to have it draw from there."""
    if isinstance(generator, random.Random):
        return generator.getstate, generator.setstate
    if isinstance(generator, np.random.RandomState):
        return functools.partial(generator.get_state, legacy=False), generator.set_state
    bits = getattr(generator, "bit_generator", generator)
    return lambda: bits.state, lambda state: setattr(bits, "state", state)


# ---- what a function changes ---------------------------------------------------------------------------------------


def _numbers_in(name: str, thing: Any, depth: int = 3) -> dict[str, Any]:
    """The thing, if it is a number or a text; or those in short lists and dicts, by name."""
    if type(thing) in _NUMBERS:
        return {name: thing}
    kind = type(thing)  # not isinstance, which asks the thing itself, and that may fail
    if issubclass(kind, np.ndarray) and thing.size <= _MANY and thing.dtype != object:
        return {name: thing.tolist()}
    found: dict[str, Any] = {}
    if issubclass(kind, dict | list | tuple) and len(thing) <= _MANY and depth:
        for key, item in _items(thing):
            if type(key) in _NUMBERS:  # others may be anything, also without a name
                found |= _numbers_in(f"{name}[{key!r}]", item, depth - 1)
    return found


def _refuse_changes(seen: Seen, numbers: list[dict[str, Any]]) -> None:
    """Refuse a function that has changed the numbers that were in what it uses."""
    for before, (look, _) in zip(numbers, seen, strict=True):
        for name, number in _numbers_in(name_of(look), look()).items():
            if repr(number) != repr(before.get(name, number)):
                _refuse(f"changes {name}, which it reads, from {before[name]!r} to {number!r}")


def _settled(seen: Seen, used: set[int]) -> Seen:
    """What was seen before the last call, but for results that this itself put in the place of earlier ones.

    ``self.hidden = ...`` is no change of what it uses, unless it also uses the one before.
    """
    settled = []
    for look, before in seen:
        now = look()
        if now is not before:
            earlier = [id(x) for x in _values_in(before)]
            kept = bool(earlier) and used.isdisjoint(earlier) and next(_values_in(now), None) is not None
            if kept or type(now) in _NUMBERS:  # the same number, as it would have been refused otherwise
                before = now  # noqa: PLW2901
        settled.append((look, before))
    return settled


def _values_in(thing: Any) -> Iterator[Value]:
    """A Value, or those in lists, tuples and dicts, however nested."""
    waiting, met = [thing], set()
    for there in waiting:
        if isinstance(there, Value):
            yield there
        elif isinstance(there, list | tuple | dict) and id(there) not in met:
            met.add(id(there))
            waiting += dict.values(there) if isinstance(there, dict) else there
