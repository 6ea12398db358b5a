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
from itertools import zip_longest
from types import BuiltinMethodType, FunctionType, MethodType, ModuleType
from typing import TYPE_CHECKING

import numpy as np

from autograd import ops
from autograd.captured import captured, name_of
from autograd.errors import RecordingError
from autograd.recording import LineTracer, Recording, Trace
from autograd.steps import CONSTANT, INPUT, PARAMETER
from autograd.tracing import Tracer
from autograd.value import Value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any, NoReturn

    from autograd.steps import Graph, Step

    Seen = list[tuple[Callable[[], Any], Any]]

_NUMBERS = (float, int, bool, str, type(None))
_NOTHING_WITHIN = {*_NUMBERS, Value, np.ndarray, Recording}  # no generators, and no numbers that are counted up
_MANY = 100  # items of a list; one that begins with a number is data


def record_repeatable(function: Callable[..., Any], arguments: tuple[Any, ...]) -> tuple[Recording, Seen]:
    """What the function does with such arguments, and what it uses (see ``captured``), to see when that is replaced.

    Raises:
        RecordingError: if a replay would not do what a call does. All generators are then as they were before.
    """
    with _nothing_drawn(function, captured(function)):
        trace = Trace(function, arguments, Tracer())
    seen = captured(function)  # now, as the first call may have made what it then keeps
    with _nothing_drawn(function, seen):
        numbers = [dict(_numbers_in(name_of(look), thing)) for look, thing in seen]
        again = Trace(function, arguments, Tracer())
        if not _is_same(trace, again):
            _refuse_difference(function, arguments, trace, again)
        for before, (look, _) in zip(numbers, seen, strict=True):
            for name, now in _numbers_in(name_of(look), look()):
                if name in before and repr(now) != repr(before[name]):
                    _refuse(f"changes {name}, which it reads, from {before[name]!r} to {now!r}")
    del again
    recording = Recording(trace)
    return recording, _settled(seen, recording)


def _refuse(what: str, where: str = "") -> NoReturn:
    raise RecordingError(
        f"{where}a function that is compiled must do the same at each call, but this one {what}. A replay would not do so. "
        "Draw, count or look it up outside and pass the numbers as an argument; or do not compile"
    )


# ---- two recordings ------------------------------------------------------------------------------------------------


def _refuse_difference(function: Callable[..., Any], arguments: tuple[Any, ...], one: Trace, two: Trace) -> NoReturn:
    """Say what differs, and where: the function is called once more to find the line."""
    where = ""
    with contextlib.suppress(Exception):
        located = Trace(function, arguments, LineTracer())
        one, two = (two if _is_same(one, located) else one), located
        where = _line_of(two, _first_difference(one, two))
    i = _first_difference(one, two)
    _refuse(f"uses {_in_words(one.graph, i)} in one call and {_in_words(two.graph, i)} in the next", where)


def _is_same(one: Trace, two: Trace) -> bool:
    same = one.graph.results == two.graph.results and one.structure.outline() == two.structure.outline()
    return same and _first_difference(one, two) == len(one.graph.steps)


def _first_difference(one: Trace, two: Trace) -> int:
    """The number of the first step that is not the same; that after the last one, if there is none."""
    unowned = one.unowned()
    for i, (a, b) in enumerate(zip_longest(one.graph.steps, two.graph.steps)):
        if a is None or b is None or a.operands != b.operands or a.cut != b.cut or not _same_leaf(a, b, one, two, unowned):
            return i
    return len(one.graph.steps)


def _same_leaf(a: Step, b: Step, one: Trace, two: Trace, unowned: set[int]) -> bool:
    """Whether they are of the same row; and if they are leaves, the same ones."""
    if a.row != b.row:
        return False
    if a.row == PARAMETER:
        k, other = int(a.number), two.graph.parameters[int(b.number)]
        parameter = one.graph.parameters[k]
        return parameter is other or (k in unowned and _bits(parameter.data) == _bits(other.data))
    return a.row >= 0 or _bits(a.number) == _bits(b.number)


def _bits(number: float) -> bytes:
    return struct.pack("d", number)


def _line_of(trace: Trace, i: int) -> str:
    """Where step i was recorded; a leaf, the first step that uses it."""
    steps = trace.graph.steps
    for j in range(i, len(steps)):
        step = steps[j]
        if step is not None and step.row >= 0 and (j == i or i in step.operands):
            place = trace.lines[sum(other is not None and other.row != CONSTANT for other in steps[:j])]
            return f"{place.in_words()}: " if place else ""
    return ""


def _in_words(graph: Graph, i: int) -> str:
    step = graph.steps[i] if i < len(graph.steps) else None
    if step is None:
        return "nothing more"
    if step.row == PARAMETER:
        parameter = graph.parameters[int(step.number)]
        return f"the Value {parameter.label or parameter.data!r}"
    kind = {CONSTANT: f"the number {step.number!r}", INPUT: f"number {step.number:.0f} of its arguments"}
    return kind.get(step.row) or f"the operation {ops.ROWS[step.row].symbol!r}"


# ---- generators ----------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def _nothing_drawn(function: Callable[..., Any], seen: Seen) -> Iterator[None]:
    """Refuse what the function draws in the block. After any error, all generators that it can reach are as they were."""
    roots: list[tuple[str, Any]] = [("random", random.random)]
    if "numpy.random" in sys.modules:
        roots.append(("numpy.random", np.random.random))
    roots += [(getattr(function, "__name__", type(function).__name__), function)]
    roots += [(name_of(look), thing) for look, thing in seen]
    states = []
    for name, generator in _generators(roots):
        with contextlib.suppress(NotImplementedError):  # of SystemRandom, which has none
            read, write = _state_of(generator)
            states.append((name, read, write, read()))
    try:
        yield
        drawn = [name for name, read, _, before in states if pickle.dumps(read()) != pickle.dumps(before)]
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
    waiting, met = list(roots), set()
    for name, thing in waiting:  # breadth first, so that the shortest name comes first
        if type(thing) in _NOTHING_WITHIN or id(thing) in met:
            continue
        met.add(id(thing))
        if isinstance(thing, kinds):
            yield name, thing
        else:
            waiting += _within(name, thing)


def _within(name: str, thing: Any) -> list[tuple[str, Any]]:
    """The items of a thing, its attributes, and what a function or a method holds."""
    if isinstance(thing, FunctionType):
        contents = [getattr(cell, "cell_contents", None) for cell in thing.__closure__ or ()]
        defaults = [(name, thing.__defaults__), (name, thing.__kwdefaults__)]
        return [*zip(thing.__code__.co_freevars, contents, strict=True), *defaults]
    if isinstance(thing, MethodType | BuiltinMethodType):
        return [(name, thing.__self__)]
    if isinstance(thing, functools.partial):
        return [(name, there) for there in (thing.func, *thing.args, *thing.keywords.values())]
    if isinstance(thing, dict | list | tuple | set | frozenset):
        return [(f"{name}[{key!r}]", item) for key, item in _items(thing) if type(item) not in _NOTHING_WITHIN]
    if isinstance(thing, ModuleType | type):
        return []
    attributes = getattr(thing, "__dict__", {})
    return [(f"{name}.{key}", there) for key, there in attributes.items() if type(there) not in _NOTHING_WITHIN]


def _items(thing: Any) -> Iterable[tuple[Any, Any]]:
    """Of a dict, a list or the like, but not of data."""
    if isinstance(thing, dict):
        return thing.items()
    if isinstance(thing, list | tuple) and len(thing) > _MANY and type(thing[0]) in _NOTHING_WITHIN:
        return []
    return enumerate(thing)


def _state_of(generator: Any) -> tuple[Callable[[], Any], Callable[[Any], Any]]:
    """How to read from where on it draws, and how to have it draw from there."""
    if isinstance(generator, random.Random):
        return generator.getstate, generator.setstate
    if isinstance(generator, np.random.RandomState):
        return functools.partial(generator.get_state, legacy=False), generator.set_state
    bits = getattr(generator, "bit_generator", generator)
    return lambda: bits.state, lambda state: setattr(bits, "state", state)


# ---- what a function changes ---------------------------------------------------------------------------------------


def _numbers_in(name: str, thing: Any, depth: int = 3) -> Iterator[tuple[str, Any]]:
    """The thing, if it is a number or a text; or those in short lists and dicts, by name."""
    if type(thing) in _NUMBERS:
        yield name, thing
    elif isinstance(thing, np.ndarray) and thing.size <= _MANY and thing.dtype != object:
        yield name, thing.tolist()
    elif isinstance(thing, dict | list | tuple) and len(thing) <= _MANY and depth:
        for key, item in _items(thing):
            yield from _numbers_in(f"{name}[{key!r}]", item, depth - 1)


def _settled(seen: Seen, recording: Recording) -> Seen:
    """What was seen before the last call, but for results that this itself put in the place of earlier ones.

    ``self.hidden = ...`` is no change of what it uses, unless it also uses the one before.
    """
    used = {id(parameter) for parameter in recording.parameters}
    settled = []
    for look, before in seen:
        now = look()
        if now is not before:
            earlier = [id(x) for x in _values_in(before)]
            if type(now) in _NUMBERS or (earlier and used.isdisjoint(earlier) and any(_values_in(now))):
                before = now  # noqa: PLW2901
        settled.append((look, before))
    return settled


def _values_in(thing: Any) -> Iterator[Value]:
    """A Value, or those in lists, tuples and dicts."""
    if isinstance(thing, Value):
        yield thing
    elif isinstance(thing, list | tuple | dict):
        for item in thing.values() if isinstance(thing, dict) else thing:
            yield from _values_in(item)
